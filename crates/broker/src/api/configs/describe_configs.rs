//! DescribeConfigs (key 32, versions 1-4): the keys of topics, brokers, groups and client metrics subscriptions: value,
//! where it comes from, what else could give it one, what it does.
//!
//! Versions: 1 sources and synonyms; 3 types and documentation.
//!
//! Refuses, per resource: `UNKNOWN_TOPIC_OR_PARTITION`, `INVALID_TOPIC_EXCEPTION`, `INVALID_REQUEST` (another broker than
//! this one; a group, subscription or broker of loggers without a name; and, on every resource of the request, a type
//! that Kafka does not have).
//!
//! Differs from Apache Kafka: keys come sorted; documentation is in Ottla's words; a broker has no loggers whose level is
//! a configuration.
//!
//! Not yet: authorization.

use ottla_config::{
    BrokerConfig, Described, DescribedSynonym, describe_all_brokers, describe_broker,
    describe_client_metrics, describe_group, describe_topic,
};
use ottla_metadata::{
    Image,
    image::{ConfigResource, ResourceType},
};
use ottla_wire::{
    errors::{Code, Refusal},
    messages::{
        DescribeConfigsRequest, DescribeConfigsResponse,
        describe_configs_request::DescribeConfigsResource,
        describe_configs_response::{
            DescribeConfigsResourceResult, DescribeConfigsResult, DescribeConfigsSynonym,
        },
    },
};

use super::check_node_id;
use crate::{
    api::{Cx, topics::name},
    reply::Reply,
};

/// Serves the request.
pub(crate) async fn handle(
    cx: &Cx,
    request: DescribeConfigsRequest,
) -> Reply<DescribeConfigsResponse> {
    let (image, config) = (cx.broker.image_arc(), cx.broker.config());
    let unknown = request
        .resources
        .iter()
        .map(|resource| resource.resource_type)
        .find(|kind| !is_known(*kind));
    let describe = |resource: &DescribeConfigsResource| {
        let described = match unknown {
            Some(kind) => {
                Err(Code::INVALID_REQUEST.because(format!("there is no resource type {kind}")))
            }
            None => describe(&image, &config, resource),
        };
        answer(&request, resource, described)
    };
    Reply::Now(DescribeConfigsResponse {
        results: request.resources.iter().map(describe).collect(),
        ..DescribeConfigsResponse::default()
    })
}

fn is_known(kind: i8) -> bool {
    matches!(
        ResourceType(kind),
        ResourceType::TOPIC
            | ResourceType::BROKER
            | ResourceType::BROKER_LOGGER
            | ResourceType::CLIENT_METRICS
            | ResourceType::GROUP
    )
}

fn describe(
    image: &Image,
    config: &BrokerConfig,
    resource: &DescribeConfigsResource,
) -> Result<Vec<Described>, Refusal> {
    let (kind, name) = (
        ResourceType(resource.resource_type),
        resource.resource_name.as_str(),
    );
    let own = || image.configs(&ConfigResource::new(kind, name));
    let has_name = || match name {
        "" => Err(Code::INVALID_REQUEST.because(format!("a {kind} resource has a name"))),
        _ => Ok(()),
    };
    match kind {
        ResourceType::TOPIC if image.topic(name).is_none() => {
            Err(name::missing(name).because(format!("there is no topic {name:?}")))
        }
        ResourceType::TOPIC => Ok(describe_topic(config, own())),
        ResourceType::BROKER if name.is_empty() => Ok(describe_all_brokers(config)),
        ResourceType::BROKER => {
            check_node_id(name, config.node_id()).map(|()| describe_broker(config))
        }
        ResourceType::BROKER_LOGGER => {
            has_name()?;
            check_node_id(name, config.node_id()).map(|()| Vec::new())
        }
        ResourceType::CLIENT_METRICS => has_name().map(|()| describe_client_metrics(own())),
        ResourceType::GROUP => has_name().map(|()| describe_group(config, own())),
        ResourceType(other) => {
            Err(Code::INVALID_REQUEST.because(format!("there is no resource type {other}")))
        }
    }
}

fn answer(
    request: &DescribeConfigsRequest,
    resource: &DescribeConfigsResource,
    described: Result<Vec<Described>, Refusal>,
) -> DescribeConfigsResult {
    let mut result = DescribeConfigsResult {
        resource_type: resource.resource_type,
        resource_name: resource.resource_name.clone(),
        ..DescribeConfigsResult::default()
    };
    match described {
        Ok(all) => {
            let asked = all
                .into_iter()
                .filter(|described| is_asked(resource, &described.name));
            result.configs = asked.map(|described| entry(request, described)).collect();
        }
        Err(refusal) => {
            result.error_code = refusal.code.0;
            result.error_message = Some(refusal.text().to_owned());
        }
    }
    result
}

/// No keys, or none of them, means all.
fn is_asked(resource: &DescribeConfigsResource, name: &str) -> bool {
    match &resource.configuration_keys {
        Some(keys) if !keys.is_empty() => keys.iter().any(|key| key == name),
        _ => true,
    }
}

fn entry(request: &DescribeConfigsRequest, described: Described) -> DescribeConfigsResourceResult {
    let synonym = |synonym: DescribedSynonym| DescribeConfigsSynonym {
        name: synonym.name,
        value: synonym.value,
        source: synonym.source as i8,
        ..DescribeConfigsSynonym::default()
    };
    let synonyms = if request.include_synonyms {
        described.synonyms
    } else {
        Vec::new()
    };
    DescribeConfigsResourceResult {
        name: described.name,
        value: described.value,
        read_only: described.read_only,
        config_source: described.source as i8,
        is_sensitive: described.is_sensitive,
        synonyms: synonyms.into_iter().map(synonym).collect(),
        config_type: described.config_type,
        documentation: described
            .documentation
            .filter(|_| request.include_documentation)
            .map(str::to_owned),
        ..DescribeConfigsResourceResult::default()
    }
}

#[cfg(test)]
mod tests {
    use ottla_wire::Message;

    use super::*;
    use crate::api::{nodes::tests::image, topics::auto_create::tests::config};

    fn resource(kind: i8, name: &str, keys: Option<&[&str]>) -> DescribeConfigsResource {
        DescribeConfigsResource {
            resource_type: kind,
            resource_name: name.to_owned(),
            configuration_keys: keys.map(|keys| keys.iter().map(|key| (*key).to_owned()).collect()),
            ..DescribeConfigsResource::default()
        }
    }

    fn described(
        request: &DescribeConfigsRequest,
        resource: &DescribeConfigsResource,
    ) -> DescribeConfigsResult {
        let config = config(&[("node.id", "1"), ("log.segment.bytes", "2097152")]);
        answer(request, resource, describe(&image(), &config, resource))
    }

    #[test]
    fn resources_that_cannot_be_described() {
        let plain = DescribeConfigsRequest::default();
        for (kind, name, code) in [
            (2, "a", 0),
            (2, "nope", 3),
            (2, "no pe", 17),
            (4, "", 0),
            (4, "1", 0),
            (4, "2", 42),
            (4, "x", 42),
            (8, "1", 0),
            (8, "", 42),
            (8, "2", 42),
            (16, "s", 0),
            (16, "", 42),
            (32, "g", 0),
            (32, "", 42),
        ] {
            assert_eq!(
                described(&plain, &resource(kind, name, None)).error_code,
                code,
                "{kind} {name:?}"
            );
        }
        assert!([0, 1, 3, 5, -1, 64].iter().all(|kind| !is_known(*kind)));
    }

    #[test]
    fn keys_synonyms_and_documentation_are_on_request() {
        let plain = DescribeConfigsRequest::default();
        assert!(described(&plain, &resource(2, "a", None)).configs.len() > 30);
        assert!(
            described(&plain, &resource(2, "a", Some(&[])))
                .configs
                .len()
                > 30
        );
        let one = resource(2, "a", Some(&["segment.bytes", "no.such.key"]));
        let short = described(&plain, &one);
        let [entry] = &short.configs[..] else {
            panic!("{short:?}")
        };
        assert_eq!(
            (
                entry.value.as_deref(),
                entry.config_source,
                entry.config_type
            ),
            (Some("2097152"), 4, 3)
        );
        assert_eq!((entry.synonyms.len(), &entry.documentation), (0, &None));
        let full = DescribeConfigsRequest {
            include_synonyms: true,
            include_documentation: true,
            ..plain
        };
        let entry = &described(&full, &one).configs[0];
        assert_eq!(entry.synonyms[0].name, "log.segment.bytes");
        assert!(entry.documentation.is_some());
        let answer = DescribeConfigsResponse {
            results: vec![described(&full, &one)],
            ..Default::default()
        };
        for version in DescribeConfigsResponse::VERSIONS {
            assert!(answer.encode(version).is_ok(), "{version}");
        }
    }
}
