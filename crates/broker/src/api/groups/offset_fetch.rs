//! OffsetFetch (key 9, versions 1-10): how far groups have read.
//!
//! Versions: 2 all topics, and an error of the whole; 5 leader epochs; 7 stable offsets on request; 8 many groups, each
//! with its own outcome; 9 members, with their epoch; 10 topics by id.
//!
//! Refuses, per partition: `UNSTABLE_OFFSET_COMMIT` (a transaction may change it), `UNKNOWN_TOPIC_ID` (from version 10 on);
//! per group: whatever its coordinator refuses (in version 1, which has no place for that, in each partition). What was
//! never committed is no error: offset -1.
//!
//! Not yet: authorization.

use ottla_coordinator::group::{FetchOffsets, Input};
use ottla_metadata::Image;
use ottla_wire::{
    errors::{Code, Refusal},
    messages::{
        OffsetFetchRequest, OffsetFetchResponse,
        offset_fetch_request::{OffsetFetchRequestGroup, OffsetFetchRequestTopics},
        offset_fetch_response::{
            OffsetFetchResponseGroup, OffsetFetchResponsePartition, OffsetFetchResponsePartitions,
            OffsetFetchResponseTopic, OffsetFetchResponseTopics,
        },
    },
};

use super::{ask, caller, gather, only};
use crate::{
    api::{Cx, WithReasons},
    journal::Reasons,
    reply::Reply,
};

/// From this version on, the whole can fail.
const WHOLE_FAILS: i16 = 2;
/// From this version on, there are many groups.
const MANY: i16 = 8;
/// From this version on, topics have ids instead of names.
const BY_ID: i16 = 10;

/// A group whose coordinator was asked.
struct Asked {
    /// As it was asked for, if an answer may need that.
    of: OffsetFetchRequestGroup,
    /// What of it is refused already.
    refused: Vec<OffsetFetchResponseTopics>,
}

/// Serves the request.
pub(crate) async fn handle(
    cx: &Cx,
    request: OffsetFetchRequest,
) -> Reply<WithReasons<OffsetFetchResponse>> {
    let image = cx.broker.image_arc();
    let version = cx.version;
    let require_stable = request.require_stable;
    let groups = groups(request, version).into_iter().map(|mut group| {
        let refused = match (&mut group.topics, version >= BY_ID) {
            (Some(topics), true) => name(&image, topics),
            _ => Vec::new(),
        };
        let of = OffsetFetchRequestGroup {
            group_id: group.group_id.clone(),
            topics: (version < WHOLE_FAILS)
                .then(|| group.topics.clone())
                .flatten(),
            ..OffsetFetchRequestGroup::default()
        };
        let fetch = FetchOffsets {
            group,
            require_stable,
        };
        let input = Input::OffsetFetch(caller(cx), fetch);
        let asked = ask(cx, &of.group_id, input);
        (Asked { of, refused }, asked)
    });
    gather(groups.collect(), move |outcomes| {
        let mut reasons = Reasons::default();
        let groups = outcomes.into_iter().map(|(asked, outcome)| {
            let answered = only!(OffsetFetch, outcome);
            if let Err(refusal) = &answered {
                reasons.of_group(&asked.of.group_id, refusal);
            }
            answer(&image, version, asked, answered)
        });
        WithReasons {
            message: respond(version, groups.collect()),
            reasons,
        }
    })
}

/// The groups that are asked for: in older versions there is one.
fn groups(request: OffsetFetchRequest, version: i16) -> Vec<OffsetFetchRequestGroup> {
    if version >= MANY {
        return request.groups;
    }
    let topics = request.topics.map(|topics| {
        let topics = topics.into_iter().map(|topic| OffsetFetchRequestTopics {
            name: topic.name,
            partition_indexes: topic.partition_indexes,
            ..OffsetFetchRequestTopics::default()
        });
        topics.collect()
    });
    vec![OffsetFetchRequestGroup {
        group_id: request.group_id,
        topics,
        ..OffsetFetchRequestGroup::default()
    }]
}

/// Gives topics their names; those whose id nobody has are taken out, and answered.
fn name(
    image: &Image,
    topics: &mut Vec<OffsetFetchRequestTopics>,
) -> Vec<OffsetFetchResponseTopics> {
    let mut unknown = Vec::new();
    topics.retain_mut(|topic| match image.topic_by_id(topic.topic_id) {
        Some(found) => {
            topic.name = found.name.to_string();
            true
        }
        None => {
            unknown.push(failed(topic, Code::UNKNOWN_TOPIC_ID));
            false
        }
    });
    unknown
}

fn failed(topic: &OffsetFetchRequestTopics, code: Code) -> OffsetFetchResponseTopics {
    let partition = |index: &i32| OffsetFetchResponsePartitions {
        partition_index: *index,
        committed_offset: -1,
        committed_leader_epoch: -1,
        metadata: Some(String::new()),
        error_code: code.0,
        ..OffsetFetchResponsePartitions::default()
    };
    OffsetFetchResponseTopics {
        name: topic.name.clone(),
        topic_id: topic.topic_id,
        partitions: topic.partition_indexes.iter().map(partition).collect(),
        ..OffsetFetchResponseTopics::default()
    }
}

fn answer(
    image: &Image,
    version: i16,
    asked: Asked,
    answered: Result<OffsetFetchResponseGroup, Refusal>,
) -> OffsetFetchResponseGroup {
    let mut group = answered.unwrap_or_else(|refusal| OffsetFetchResponseGroup {
        group_id: asked.of.group_id.clone(),
        error_code: refusal.code.0,
        ..OffsetFetchResponseGroup::default()
    });
    if group.error_code != 0 {
        let code = Code(group.error_code);
        let topics = asked.of.topics.iter().flatten();
        group.topics = topics.map(|topic| failed(topic, code)).collect();
        return group;
    }
    if version >= BY_ID {
        // What all topics gave has names alone; one that is no more has no id.
        group.topics.retain_mut(|topic| {
            if topic.topic_id.is_zero() {
                topic.topic_id = image.topic_id(&topic.name).unwrap_or_default();
            }
            !topic.topic_id.is_zero()
        });
    }
    group.topics.extend(asked.refused);
    group
}

fn respond(version: i16, mut groups: Vec<OffsetFetchResponseGroup>) -> OffsetFetchResponse {
    if version >= MANY {
        return OffsetFetchResponse {
            groups,
            ..OffsetFetchResponse::default()
        };
    }
    let Some(group) = groups.pop() else {
        return OffsetFetchResponse::default();
    };
    let topics = group.topics.into_iter().map(|topic| {
        let partitions = topic
            .partitions
            .into_iter()
            .map(|of| OffsetFetchResponsePartition {
                partition_index: of.partition_index,
                committed_offset: of.committed_offset,
                committed_leader_epoch: of.committed_leader_epoch,
                metadata: of.metadata,
                error_code: of.error_code,
                ..OffsetFetchResponsePartition::default()
            });
        OffsetFetchResponseTopic {
            name: topic.name,
            partitions: partitions.collect(),
            ..OffsetFetchResponseTopic::default()
        }
    });
    OffsetFetchResponse {
        topics: topics.collect(),
        error_code: group.error_code,
        ..OffsetFetchResponse::default()
    }
}

#[cfg(test)]
mod tests {
    use ottla_wire::{Message, messages::offset_fetch_request::OffsetFetchRequestTopic};

    use super::*;

    #[test]
    fn a_group_that_fails() {
        for version in OffsetFetchResponse::VERSIONS {
            let topic = OffsetFetchRequestTopic {
                name: "t".to_owned(),
                partition_indexes: vec![0, 3],
                ..OffsetFetchRequestTopic::default()
            };
            let request = OffsetFetchRequest {
                group_id: "g".to_owned(),
                topics: Some(vec![topic]),
                groups: vec![OffsetFetchRequestGroup {
                    group_id: "g".to_owned(),
                    ..OffsetFetchRequestGroup::default()
                }],
                ..OffsetFetchRequest::default()
            };
            let asked = Asked {
                of: groups(request, version).remove(0),
                refused: vec![],
            };
            let refusal = Err(Code::NOT_COORDINATOR.into());
            let group = answer(&Image::default(), version, asked, refusal);
            let response = respond(version, vec![group]);
            assert!(response.encode(version).is_ok(), "{version}");
            let codes: Vec<_> = match version {
                1 => {
                    let partitions = &response.topics[0].partitions;
                    partitions.iter().map(|of| of.error_code).collect()
                }
                2..=7 => vec![response.error_code],
                _ => vec![response.groups[0].error_code],
            };
            assert!(!codes.is_empty() && codes.iter().all(|code| *code == 16));
        }
    }
}
