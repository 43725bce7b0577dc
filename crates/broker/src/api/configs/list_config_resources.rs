//! ListConfigResources (key 74, versions 0-1): what has configurations of its own, by kind.
//!
//! Versions: 0 lists client metrics subscriptions only; 1 the kinds that are asked for, or all of them.
//!
//! Refuses: `UNSUPPORTED_VERSION` for a kind that Kafka does not have.
//!
//! Differs from Apache Kafka: nothing known.
//!
//! Not yet: authorization.

use ottla_metadata::{Image, image::ResourceType};
use ottla_wire::{
    errors::Code,
    messages::{
        ListConfigResourcesRequest, ListConfigResourcesResponse,
        list_config_resources_response::ConfigResource,
    },
};

use crate::{
    api::{Cx, nodes},
    reply::Reply,
};

/// In the order of the answer.
const ALL: [ResourceType; 5] = [
    ResourceType::GROUP,
    ResourceType::CLIENT_METRICS,
    ResourceType::BROKER_LOGGER,
    ResourceType::BROKER,
    ResourceType::TOPIC,
];

/// Serves the request.
pub(crate) async fn handle(
    cx: &Cx,
    request: ListConfigResourcesRequest,
) -> Reply<ListConfigResourcesResponse> {
    Reply::Now(list(
        &cx.broker.image(),
        &cx.endpoint.name,
        &request.resource_types,
        cx.version,
    ))
}

fn list(image: &Image, listener: &str, asked: &[i8], version: i16) -> ListConfigResourcesResponse {
    let known: &[ResourceType] = if version == 0 {
        &[ResourceType::CLIENT_METRICS]
    } else {
        &ALL
    };
    if asked
        .iter()
        .any(|kind| !known.contains(&ResourceType(*kind)))
    {
        return ListConfigResourcesResponse {
            error_code: Code::UNSUPPORTED_VERSION.0,
            ..ListConfigResourcesResponse::default()
        };
    }
    let is_asked = |kind: &&ResourceType| asked.is_empty() || asked.contains(&kind.0);
    let resources = known.iter().filter(is_asked).flat_map(|kind| {
        let resource = |resource_name| ConfigResource {
            resource_name,
            resource_type: kind.0,
            ..ConfigResource::default()
        };
        names(image, listener, *kind).into_iter().map(resource)
    });
    ListConfigResourcesResponse {
        config_resources: resources.collect(),
        ..ListConfigResourcesResponse::default()
    }
}

fn names(image: &Image, listener: &str, kind: ResourceType) -> Vec<String> {
    match kind {
        ResourceType::BROKER | ResourceType::BROKER_LOGGER => nodes::all(image, listener)
            .map(|node| node.id.to_string())
            .collect(),
        ResourceType::TOPIC => image.topics().map(|topic| topic.name.to_string()).collect(),
        _ => {
            let of_kind = image
                .all_configs()
                .filter(|(resource, configs)| resource.kind == kind && !configs.is_empty());
            of_kind.map(|(resource, _)| resource.name.clone()).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use ottla_wire::messages::config_record::ConfigRecord;

    use super::*;
    use crate::api::nodes::tests;

    fn listed(asked: &[i8], version: i16) -> Result<Vec<(i8, String)>, i16> {
        let mut image = tests::image();
        for (kind, name) in [(16, "s"), (32, "g"), (2, "a")] {
            let record = ConfigRecord {
                resource_type: kind,
                resource_name: name.to_owned(),
                name: "interval.ms".to_owned(),
                value: Some("1000".to_owned()),
                ..ConfigRecord::default()
            };
            tests::apply(&mut image, record);
        }
        let answer = list(&image, "OUTSIDE", asked, version);
        let resources = answer.config_resources.into_iter();
        match answer.error_code {
            0 => Ok(resources
                .map(|resource| (resource.resource_type, resource.resource_name))
                .collect()),
            code => Err(code),
        }
    }

    #[test]
    fn kinds_of_resources() {
        let list = |pairs: &[(i8, &str)]| {
            Ok(pairs
                .iter()
                .map(|(kind, name)| (*kind, (*name).to_owned()))
                .collect())
        };
        assert_eq!(listed(&[], 0), list(&[(16, "s")]));
        assert_eq!(listed(&[16, 32], 1), list(&[(32, "g"), (16, "s")]));
        assert_eq!(listed(&[4], 1), list(&[(4, "1"), (4, "2")]));
        assert_eq!(listed(&[], 1).unwrap().len(), 2 + 2 + 2 + 3);
        assert_eq!(listed(&[2, 3], 1), Err(35));
    }
}
