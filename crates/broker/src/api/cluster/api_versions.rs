//! ApiVersions (key 18, versions 0-5): which requests this listener serves in which versions, and the cluster's features.
//!
//! Versions: 1 throttling; 3 says what the client is, and gets features (in tagged fields); 4 also features whose lowest
//! level is 0, which older clients cannot read; 5 says which cluster and node the client believes to talk to.
//! A version to come is answered in version 0: how else would a client learn what is supported?
//!
//! Refuses: `UNSUPPORTED_VERSION` (a version to come), `INVALID_REQUEST` (from version 3: a client's name or version that
//! is not letters, digits, `.` and `-`; from version 5: cluster without node or node without cluster),
//! `REBOOTSTRAP_REQUIRED` (from version 5, of brokers: another cluster or node than the client believes).
//!
//! Differs from Apache Kafka: features and their levels come sorted by name.
//!
//! Telemetry (71, 72) is said only if there is a receiver, and on controllers always, as Apache Kafka does.

use ottla_metadata::features::{self, KRAFT_VERSION};
use ottla_wire::{
    apis::{self, API_VERSIONS, GET_TELEMETRY_SUBSCRIPTIONS, Listener, PUSH_TELEMETRY},
    errors::Code,
    messages::{
        ApiVersionsRequest, ApiVersionsResponse,
        api_versions_response::{ApiVersion, FinalizedFeatureKey, SupportedFeatureKey},
    },
};

use crate::{
    api::{Cx, Software, serves},
    reply::Reply,
};

/// The API key.
pub(crate) const KEY: i16 = API_VERSIONS;

/// Serves the request.
pub(crate) async fn handle(cx: &Cx, request: ApiVersionsRequest) -> Reply<ApiVersionsResponse> {
    let settings = &cx.broker.settings;
    if let Err(code) = check(
        &request,
        cx.version,
        &settings.cluster_id,
        settings.node_id,
        cx.endpoint.listener(),
    ) {
        return Reply::Now(refused(code));
    }
    cx.set_software(Software {
        name: request.client_software_name,
        version: request.client_software_version,
    });
    let kraft_version = cx.broker.controller.quorum().kraft_version;
    let image = cx.broker.image_arc();
    let finalized = image.features().chain([(KRAFT_VERSION, kraft_version)]);
    Reply::Now(ApiVersionsResponse {
        api_keys: api_keys(
            cx.endpoint.listener(),
            cx.broker.telemetry.receives(),
            cx.broker.settings.unstable_api_versions_enable,
        ),
        supported_features: supported_features(cx.version),
        finalized_features_epoch: cx.broker.metadata_offset(),
        finalized_features: finalized_features(finalized),
        ..ApiVersionsResponse::default()
    })
}

/// The answer to a version that is not served. It is to be written in version 0.
pub(crate) fn unsupported() -> Reply<ApiVersionsResponse> {
    let mut response = refused(Code::UNSUPPORTED_VERSION);
    let versions = apis::api(KEY).map(|api| (api.first, api.last));
    response
        .api_keys
        .extend(versions.map(|(first, last)| version(KEY, first, last)));
    Reply::Now(response)
}

fn refused(code: Code) -> ApiVersionsResponse {
    ApiVersionsResponse {
        error_code: code.0,
        ..ApiVersionsResponse::default()
    }
}

fn check(
    request: &ApiVersionsRequest,
    version: i16,
    cluster_id: &str,
    node_id: i32,
    listener: Listener,
) -> Result<(), Code> {
    if version >= 3
        && !(is_software_name(&request.client_software_name)
            && is_software_name(&request.client_software_version))
    {
        return Err(Code::INVALID_REQUEST);
    }
    match (&request.cluster_id, request.node_id) {
        (None, -1) => Ok(()),
        (None, _) | (Some(_), -1) => Err(Code::INVALID_REQUEST),
        // Controllers are found by other means than a client's metadata.
        _ if listener == Listener::Controller => Ok(()),
        (Some(cluster), node) if cluster != cluster_id || node != node_id => {
            Err(Code::REBOOTSTRAP_REQUIRED)
        }
        _ => Ok(()),
    }
}

/// Letters and digits, between them also `-` and `.`.
fn is_software_name(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    let ends = [text.bytes().next(), text.bytes().last()];
    ends.iter()
        .all(|end| end.is_some_and(|byte| byte.is_ascii_alphanumeric()))
        && text.bytes().all(inner)
}

fn api_keys(listener: Listener, telemetry: bool, unstable: bool) -> Vec<ApiVersion> {
    let is_said = |key: i16| {
        telemetry
            || listener != Listener::Broker
            || !matches!(key, GET_TELEMETRY_SUBSCRIPTIONS | PUSH_TELEMETRY)
    };
    let served = apis::all()
        .iter()
        .filter(|api| serves(api.key) && is_said(api.key));
    served
        .filter_map(|api| {
            let (first, last) = api.advertised(listener, unstable)?;
            Some(version(api.key, first, last))
        })
        .collect()
}

fn version(key: i16, first: i16, last: i16) -> ApiVersion {
    ApiVersion {
        api_key: key,
        min_version: first,
        max_version: last,
        ..ApiVersion::default()
    }
}

fn supported_features(version: i16) -> Vec<SupportedFeatureKey> {
    let feature = |(name, min, max): (&str, i16, i16)| SupportedFeatureKey {
        name: name.to_owned(),
        min_version: min,
        max_version: max,
        ..SupportedFeatureKey::default()
    };
    features::all_supported()
        .filter(|(_, min, _)| version >= 4 || *min > 0)
        .map(feature)
        .collect()
}

/// A feature at level 0 is one that is not finalized.
fn finalized_features<'a>(
    levels: impl Iterator<Item = (&'a str, i16)>,
) -> Vec<FinalizedFeatureKey> {
    let feature = |(name, level): (&str, i16)| FinalizedFeatureKey {
        name: name.to_owned(),
        max_version_level: level,
        min_version_level: level,
        ..FinalizedFeatureKey::default()
    };
    let mut features: Vec<_> = levels
        .filter(|(_, level)| *level != 0)
        .map(feature)
        .collect();
    features.sort_by(|a, b| a.name.cmp(&b.name));
    features
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(software: [&str; 2], cluster: Option<&str>, node_id: i32) -> ApiVersionsRequest {
        ApiVersionsRequest {
            client_software_name: software[0].to_owned(),
            client_software_version: software[1].to_owned(),
            cluster_id: cluster.map(str::to_owned),
            node_id,
            ..ApiVersionsRequest::default()
        }
    }

    #[test]
    fn clients_say_what_they_are() {
        for good in ["a", "apache-kafka-java", "4.4.0", "1"] {
            assert!(is_software_name(good), "{good}");
        }
        for bad in ["", "-", "a-", ".a", "a b", "ä", "a_b"] {
            assert!(!is_software_name(bad), "{bad}");
        }
        let asked = request(["a b", "1"], None, -1);
        assert_eq!(check(&asked, 2, "c", 1, Listener::Broker), Ok(()));
        assert_eq!(
            check(&asked, 3, "c", 1, Listener::Broker),
            Err(Code::INVALID_REQUEST)
        );
        assert_eq!(
            check(&request(["a", "1."], None, -1), 4, "c", 1, Listener::Broker),
            Err(Code::INVALID_REQUEST)
        );
    }

    #[test]
    fn clients_say_whom_they_believe_to_talk_to() {
        let code = |cluster, node| {
            check(
                &request(["a", "1"], cluster, node),
                5,
                "c",
                1,
                Listener::Broker,
            )
        };
        assert_eq!(code(None, -1), Ok(()));
        assert_eq!(code(Some("c"), 1), Ok(()));
        assert_eq!(code(Some("c"), -1), Err(Code::INVALID_REQUEST));
        assert_eq!(code(None, 1), Err(Code::INVALID_REQUEST));
        assert_eq!(code(Some("d"), 1), Err(Code::REBOOTSTRAP_REQUIRED));
        assert_eq!(code(Some("c"), 2), Err(Code::REBOOTSTRAP_REQUIRED));
        let of_controller = |cluster, node| {
            check(
                &request(["a", "1"], cluster, node),
                5,
                "c",
                1,
                Listener::Controller,
            )
        };
        assert_eq!(of_controller(Some("d"), 2), Ok(()));
        assert_eq!(of_controller(Some("d"), -1), Err(Code::INVALID_REQUEST));
    }

    #[test]
    fn features_from_level_0_are_for_version_4() {
        let names = |version| {
            supported_features(version)
                .into_iter()
                .map(|feature| feature.name)
                .collect::<Vec<_>>()
        };
        assert_eq!(names(3), ["metadata.version"]);
        assert_eq!(names(4).len(), 7);
    }

    #[test]
    fn level_0_is_not_finalized() {
        let levels = [
            ("metadata.version", 33),
            ("group.version", 1),
            ("share.version", 0),
            ("kraft.version", 1),
        ];
        let shown = finalized_features(levels.into_iter());
        let shown: Vec<_> = shown
            .iter()
            .map(|feature| (feature.name.as_str(), feature.max_version_level))
            .collect();
        assert_eq!(
            shown,
            [
                ("group.version", 1),
                ("kraft.version", 1),
                ("metadata.version", 33)
            ]
        );
    }

    #[test]
    fn only_what_is_served_is_said() {
        let keys = |telemetry| api_keys(Listener::Broker, telemetry, false);
        assert_eq!(keys(true).len(), keys(false).len() + 2);
        let produce = keys(false)
            .into_iter()
            .find(|api| api.api_key == 0)
            .unwrap();
        assert_eq!((produce.min_version, produce.max_version), (0, 13));
        assert!(
            api_keys(Listener::Controller, false, false)
                .iter()
                .all(|api| api.api_key != 0)
        );
    }

    #[test]
    fn versions_that_may_still_change() {
        let last = |unstable| {
            let keys = api_keys(Listener::Broker, false, unstable);
            keys.iter()
                .find(|api| api.api_key == 22)
                .map(|api| api.max_version)
        };
        assert_eq!((last(false), last(true)), (Some(5), Some(6)));
    }

    #[test]
    fn a_version_to_come() {
        use ottla_wire::Message;
        let Reply::Now(answer) = unsupported() else {
            panic!()
        };
        assert_eq!(
            answer.encode(0).unwrap(),
            [0, 35, 0, 0, 0, 1, 0, 18, 0, 0, 0, 5].as_slice()
        );
    }
}
