//! Metadata (key 3, versions 0-13): the brokers, who leads which partition, and the cluster's id. Every client's first
//! question.
//!
//! Versions: 0 has no null (an empty list is "all"), and reports replicas that are away by an error; 1 racks,
//! controller, internal topics, empty is "none"; 2 cluster id; 4 may forbid that topics are created; 5 offline replicas;
//! 6 says `LISTENER_NOT_FOUND`; 7 leader epochs; 8 authorized operations (the cluster's up to 10); 10 topic ids in the
//! answer; 12 topics by id; 13 an error of its own, which brokers do not set.
//!
//! Refuses: per topic `UNKNOWN_TOPIC_OR_PARTITION` (also while it is being created), `INVALID_TOPIC_EXCEPTION`,
//! `UNKNOWN_TOPIC_ID`; on every topic of the request `INVALID_REQUEST` (a null name or an id before version 12),
//! `UNKNOWN_SERVER_ERROR` (neither name nor id);
//! per partition `LEADER_NOT_AVAILABLE`, `LISTENER_NOT_FOUND`, and in version 0 `REPLICA_NOT_AVAILABLE`.
//!
//! Differs from Apache Kafka: topics come in the order of the request, and not in that of a hash set.
//!
//! Not yet: authorization.

use std::collections::BTreeSet;

use ottla_metadata::{
    Image,
    image::{Partition, Topic},
};
use ottla_wire::{
    Uuid,
    errors::{Code, Refusal},
    messages::{
        MetadataRequest, MetadataResponse,
        metadata_request::MetadataRequestTopic,
        metadata_response::{
            MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
        },
    },
};

use super::{auto_create, name};
use crate::{
    api::{Cx, WithReasons, nodes, operations},
    reply::Reply,
};

/// Serves the request.
pub(crate) async fn handle(
    cx: &Cx,
    request: MetadataRequest,
) -> Reply<WithReasons<MetadataResponse>> {
    if let Err(refusal) = check(&request, cx.version) {
        let message = refused(&request, refusal.code);
        return Reply::Now(WithReasons::because(message, &refusal));
    }
    let image = cx.broker.image_arc();
    let wanted = wanted(&image, &request, cx.version);
    let view = View {
        image: &image,
        listener: &cx.endpoint.name,
        version: cx.version,
    };
    let mut topics: Vec<MetadataResponseTopic> =
        wanted.iter().map(|wanted| view.topic(wanted)).collect();
    let creates = cx.broker.settings.auto_create_topics_enable && request.allow_auto_topic_creation;
    if creates {
        auto_create::ask_for(cx, missing(&topics));
    }
    if request.include_topic_authorized_operations {
        let known = topics
            .iter_mut()
            .filter(|topic| topic.error_code != Code::UNKNOWN_TOPIC_ID.0);
        known.for_each(|topic| topic.topic_authorized_operations = operations::TOPIC);
    }
    let mut response = MetadataResponse {
        brokers: view.brokers(),
        cluster_id: Some(cx.broker.settings.cluster_id.clone()),
        controller_id: nodes::any_alive(&image, cx.correlation_id),
        topics,
        ..MetadataResponse::default()
    };
    if request.include_cluster_authorized_operations {
        response.cluster_authorized_operations = operations::CLUSTER;
    }
    Reply::Now(response.into())
}

/// What a request asks about.
#[derive(Clone, Debug, PartialEq)]
enum Wanted {
    Name(String),
    Id(Uuid),
}

/// Kafka has no code for a topic without name and id: it fails.
fn check(request: &MetadataRequest, version: i16) -> Result<(), Refusal> {
    let topics = || request.topics.iter().flatten();
    let by_id = topics().any(|topic| !topic.topic_id.is_zero());
    let nameless = topics().any(|topic| topic.name.is_none());
    match version {
        ..12 if by_id || nameless => Err(Code::INVALID_REQUEST
            .because("before version 12, topics are asked for by name, and by nothing else")),
        12.. if nameless && !by_id => Err(Code::UNKNOWN_SERVER_ERROR.because(
            "a topic without name and id: a mistake of the client's, for which Kafka has no code",
        )),
        _ => Ok(()),
    }
}

/// Every topic once. If any has an id, only ids count.
fn wanted(image: &Image, request: &MetadataRequest, version: i16) -> Vec<Wanted> {
    let asked = match &request.topics {
        None => None,
        Some(topics) if topics.is_empty() && version == 0 => None,
        Some(topics) => Some(topics),
    };
    let Some(asked) = asked else {
        return image
            .topics()
            .map(|topic| Wanted::Name(topic.name.to_string()))
            .collect();
    };
    if asked.iter().any(|topic| !topic.topic_id.is_zero()) {
        let ids = asked
            .iter()
            .map(|topic| topic.topic_id)
            .filter(|id| !id.is_zero());
        return once(ids).map(Wanted::Id).collect();
    }
    once(asked.iter().filter_map(|topic| topic.name.as_ref()))
        .map(|name| Wanted::Name(name.clone()))
        .collect()
}

fn once<T: Ord + Clone>(items: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
    let mut seen = BTreeSet::new();
    items.filter(move |item| seen.insert(item.clone()))
}

fn missing(topics: &[MetadataResponseTopic]) -> Vec<&str> {
    let is_missing =
        |topic: &&MetadataResponseTopic| topic.error_code == Code::UNKNOWN_TOPIC_OR_PARTITION.0;
    topics
        .iter()
        .filter(is_missing)
        .filter_map(|topic| topic.name.as_deref())
        .collect()
}

fn refused(request: &MetadataRequest, code: Code) -> MetadataResponse {
    let topic = |asked: &MetadataRequestTopic| MetadataResponseTopic {
        error_code: code.0,
        name: Some(asked.name.clone().unwrap_or_default()),
        topic_id: asked.topic_id,
        ..MetadataResponseTopic::default()
    };
    MetadataResponse {
        topics: request.topics.iter().flatten().map(topic).collect(),
        error_code: code.0,
        ..MetadataResponse::default()
    }
}

/// The image as one version tells it to one listener.
struct View<'a> {
    image: &'a Image,
    listener: &'a str,
    version: i16,
}

impl View<'_> {
    fn brokers(&self) -> Vec<MetadataResponseBroker> {
        let alive = nodes::all(self.image, self.listener).filter(|node| !node.fenced);
        alive
            .map(|node| MetadataResponseBroker {
                node_id: node.id,
                host: node.host.to_owned(),
                port: node.port,
                rack: node.rack.map(str::to_owned),
                ..MetadataResponseBroker::default()
            })
            .collect()
    }

    fn topic(&self, wanted: &Wanted) -> MetadataResponseTopic {
        match wanted {
            Wanted::Name(name) => match self.image.topic(name) {
                Some(topic) => self.known(topic),
                None => MetadataResponseTopic {
                    error_code: name::missing(name).0,
                    name: Some(name.clone()),
                    is_internal: name::is_internal(name),
                    ..MetadataResponseTopic::default()
                },
            },
            Wanted::Id(id) => match self.image.topic_by_id(*id) {
                Some(topic) => self.known(topic),
                None => MetadataResponseTopic {
                    error_code: Code::UNKNOWN_TOPIC_ID.0,
                    name: None,
                    topic_id: *id,
                    ..MetadataResponseTopic::default()
                },
            },
        }
    }

    fn known(&self, topic: &Topic) -> MetadataResponseTopic {
        let partitions = topic.partitions.iter();
        MetadataResponseTopic {
            name: Some(topic.name.to_string()),
            topic_id: topic.id,
            is_internal: name::is_internal(&topic.name),
            partitions: partitions
                .map(|(index, partition)| self.partition(*index, partition))
                .collect(),
            ..MetadataResponseTopic::default()
        }
    }

    fn partition(&self, index: i32, partition: &Partition) -> MetadataResponsePartition {
        let (replicas, isr) = (self.shown(&partition.replicas), self.shown(&partition.isr));
        let leader = nodes::leader(self.image, partition, self.listener);
        let error = match leader {
            None if self.image.broker(partition.leader).is_none() => Code::LEADER_NOT_AVAILABLE,
            None if self.version >= 6 => Code::LISTENER_NOT_FOUND,
            None => Code::LEADER_NOT_AVAILABLE,
            Some(_)
                if replicas.len() < partition.replicas.len() || isr.len() < partition.isr.len() =>
            {
                Code::REPLICA_NOT_AVAILABLE
            }
            Some(_) => Code::NONE,
        };
        MetadataResponsePartition {
            error_code: error.0,
            partition_index: index,
            leader_id: leader.map_or(-1, |node| node.id),
            leader_epoch: partition.leader_epoch,
            replica_nodes: replicas,
            isr_nodes: isr,
            offline_replicas: nodes::offline_replicas(self.image, partition, self.listener),
            ..MetadataResponsePartition::default()
        }
    }

    /// Version 0 leaves out the replicas that it cannot give an address of.
    fn shown(&self, replicas: &[i32]) -> Vec<i32> {
        let is_shown =
            |id: &i32| self.version > 0 || nodes::alive(self.image, *id, self.listener).is_some();
        replicas.iter().copied().filter(is_shown).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::nodes::tests::image;

    fn request(topics: &[(Option<&str>, u128)]) -> MetadataRequest {
        let topic = |(name, id): &(Option<&str>, u128)| MetadataRequestTopic {
            topic_id: Uuid::from_u128(*id),
            name: name.map(str::to_owned),
            ..MetadataRequestTopic::default()
        };
        MetadataRequest {
            topics: Some(topics.iter().map(topic).collect()),
            ..MetadataRequest::default()
        }
    }

    #[test]
    fn all_some_and_none() {
        let image = image();
        let all = MetadataRequest {
            topics: None,
            ..MetadataRequest::default()
        };
        assert_eq!(wanted(&image, &all, 13).len(), 3);
        assert_eq!(wanted(&image, &request(&[]), 0).len(), 3);
        assert_eq!(wanted(&image, &request(&[]), 1).len(), 0);
        let twice = request(&[(Some("b"), 0), (Some("a"), 0), (Some("b"), 0)]);
        assert_eq!(
            wanted(&image, &twice, 9),
            [Wanted::Name("b".into()), Wanted::Name("a".into())]
        );
        let mixed = request(&[(Some("b"), 0), (None, 500), (None, 500)]);
        assert_eq!(
            wanted(&image, &mixed, 12),
            [Wanted::Id(Uuid::from_u128(500))]
        );
    }

    #[test]
    fn ids_and_null_names_need_version_12() {
        let codes = |topic| {
            let asked = request(&[topic]);
            [11, 12].map(|version| check(&asked, version).map_err(|refusal| refusal.code.0))
        };
        assert_eq!(codes((Some("a"), 0)), [Ok(()), Ok(())]);
        assert_eq!(codes((Some("a"), 5)), [Err(42), Ok(())]);
        assert_eq!(codes((None, 5)), [Err(42), Ok(())]);
        assert_eq!(codes((None, 0)), [Err(42), Err(-1)]);
        let answer = refused(
            &request(&[(None, 0), (Some("a"), 1)]),
            Code::INVALID_REQUEST,
        );
        let topics = answer.topics.iter();
        let topics: Vec<_> = topics
            .map(|topic| (topic.error_code, topic.name.as_deref(), topic.topic_id))
            .collect();
        let expected = [
            (42, Some(""), Uuid::ZERO),
            (42, Some("a"), Uuid::from_u128(1)),
        ];
        assert_eq!(topics, expected);
    }

    fn errors(listener: &str, version: i16, topic: &str) -> Vec<(i16, i32)> {
        let image = image();
        let view = View {
            image: &image,
            listener,
            version,
        };
        let topic = view.topic(&Wanted::Name(topic.to_owned()));
        topic
            .partitions
            .iter()
            .map(|partition| (partition.error_code, partition.leader_id))
            .collect()
    }

    #[test]
    fn partitions_without_a_reachable_leader() {
        assert_eq!(errors("OUTSIDE", 13, "b"), [(0, 2), (5, -1), (72, -1)]);
        assert_eq!(errors("OUTSIDE", 5, "b"), [(0, 2), (5, -1), (5, -1)]);
        assert_eq!(errors("INSIDE", 13, "b"), [(0, 2), (5, -1), (0, 3)]);
        assert_eq!(errors("INSIDE", 1, "a"), [(0, 1), (0, 2)]);
        assert_eq!(errors("INSIDE", 0, "a"), [(9, 1), (9, 2)]);
    }

    #[test]
    fn topics_that_are_not_there() {
        let image = image();
        let view = View {
            image: &image,
            listener: "INSIDE",
            version: 13,
        };
        let code = |wanted: Wanted| view.topic(&wanted).error_code;
        assert_eq!(code(Wanted::Name("x".into())), 3);
        assert_eq!(code(Wanted::Name("x y".into())), 17);
        assert_eq!(code(Wanted::Id(Uuid::from_u128(9))), 100);
        assert_eq!(code(Wanted::Id(Uuid::from_u128(500))), 0);
        assert!(
            view.topic(&Wanted::Name("__consumer_offsets".into()))
                .is_internal
        );
    }

    #[test]
    fn an_answer_can_be_written_in_every_version() {
        use ottla_wire::Message;
        let image = image();
        for version in MetadataResponse::VERSIONS {
            let view = View {
                image: &image,
                listener: "INSIDE",
                version,
            };
            let topics = ["a", "b", "nope"].map(|name| view.topic(&Wanted::Name(name.to_owned())));
            let answer = MetadataResponse {
                brokers: view.brokers(),
                cluster_id: Some("c".into()),
                topics: topics.into(),
                ..MetadataResponse::default()
            };
            let bytes = answer.encode(version).unwrap();
            assert_eq!(
                MetadataResponse::decode(bytes, version)
                    .unwrap()
                    .topics
                    .len(),
                3,
                "{version}"
            );
        }
    }
}
