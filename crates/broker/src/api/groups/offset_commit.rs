//! OffsetCommit (key 8, versions 2-10): a group commits how far it has read.
//!
//! Versions: up to 4 offsets may be given an age to expire at; 6 leader epochs; 7 static members; 9 members of consumer
//! groups (KIP-848); 10 topics by id.
//!
//! Refuses, per partition: `UNKNOWN_TOPIC_OR_PARTITION`, `UNKNOWN_TOPIC_ID` (from version 10 on),
//! `OFFSET_METADATA_TOO_LARGE`; for all of them, whatever the group's coordinator refuses.
//!
//! Differs from Apache Kafka: a group that is only known by its offsets comes to be with the first of them, not with a
//! request of which every partition is refused.
//!
//! Not yet: authorization.

use std::collections::HashMap;

use ottla_coordinator::group::Input;
use ottla_metadata::Image;
use ottla_wire::{
    Uuid,
    errors::{Code, Refusal},
    messages::{
        OffsetCommitRequest, OffsetCommitResponse,
        offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic},
        offset_commit_response::{OffsetCommitResponsePartition, OffsetCommitResponseTopic},
    },
};

use super::{ask, caller, only};
use crate::{
    api::{Cx, WithReasons},
    reply::Reply,
};

/// From this version on topics have ids instead of names.
const BY_ID: i16 = 10;

/// Serves the request.
pub(crate) async fn handle(
    cx: &Cx,
    mut request: OffsetCommitRequest,
) -> Reply<WithReasons<OffsetCommitResponse>> {
    let by_id = cx.version >= BY_ID;
    let image = cx.broker.image_arc();
    let mut answer = Answer::new(by_id);
    let asked = std::mem::take(&mut request.topics);
    for topic in asked {
        request.topics.extend(known(&image, &mut answer, topic));
    }
    if request.topics.is_empty() {
        return Reply::Now(answer.finish().into());
    }
    let group = request.group_id.clone();
    let topics: Vec<_> = request.topics.iter().map(shape).collect();
    let asked = ask(cx, &group, Input::OffsetCommit(caller(cx), request));
    asked.reply(move |outcome| match only!(OffsetCommit, outcome) {
        Ok(given) => {
            answer.merge(given.topics);
            answer.finish().into()
        }
        Err(refusal) => {
            answer.merge(refused(topics, &refusal));
            WithReasons::because(answer.finish(), &refusal)
        }
    })
}

/// What of a topic there is: its partitions. Those that there are not are answered.
pub(crate) fn known(
    image: &Image,
    answer: &mut Answer,
    mut topic: OffsetCommitRequestTopic,
) -> Option<OffsetCommitRequestTopic> {
    let refuse = |answer: &mut Answer, topic: &OffsetCommitRequestTopic, code: Code| {
        let place = answer.topic(topic.topic_id, &topic.name);
        let all = topic.partitions.iter();
        place
            .partitions
            .extend(all.map(|of| partition(of.partition_index, code)));
    };
    if answer.by_id {
        let Some(found) = image.topic_by_id(topic.topic_id) else {
            refuse(answer, &topic, Code::UNKNOWN_TOPIC_ID);
            return None;
        };
        topic.name = found.name.to_string();
    } else {
        topic.topic_id = image.topic_id(&topic.name).unwrap_or_default();
        if topic.topic_id.is_zero() {
            refuse(answer, &topic, Code::UNKNOWN_TOPIC_OR_PARTITION);
            return None;
        }
    }
    let exists =
        |of: &OffsetCommitRequestPartition| image.partition(topic.topic_id, of.partition_index);
    for of in &topic.partitions {
        if exists(of).is_none() {
            let refused = partition(of.partition_index, Code::UNKNOWN_TOPIC_OR_PARTITION);
            let place = answer.topic(topic.topic_id, &topic.name);
            place.partitions.push(refused);
        }
    }
    let mut partitions = std::mem::take(&mut topic.partitions);
    partitions.retain(|of| exists(of).is_some());
    topic.partitions = partitions;
    (!topic.partitions.is_empty()).then_some(topic)
}

fn partition(partition_index: i32, code: Code) -> OffsetCommitResponsePartition {
    OffsetCommitResponsePartition {
        partition_index,
        error_code: code.0,
        ..OffsetCommitResponsePartition::default()
    }
}

/// A topic as it is answered, without outcomes.
pub(crate) fn shape(topic: &OffsetCommitRequestTopic) -> OffsetCommitResponseTopic {
    let all = topic.partitions.iter();
    OffsetCommitResponseTopic {
        name: topic.name.clone(),
        topic_id: topic.topic_id,
        partitions: all
            .map(|of| partition(of.partition_index, Code::NONE))
            .collect(),
        ..OffsetCommitResponseTopic::default()
    }
}

/// The same topics, all refused.
pub(crate) fn refused(
    mut topics: Vec<OffsetCommitResponseTopic>,
    refusal: &Refusal,
) -> Vec<OffsetCommitResponseTopic> {
    let partitions = topics.iter_mut().flat_map(|topic| &mut topic.partitions);
    partitions.for_each(|partition| partition.error_code = refusal.code.0);
    topics
}

/// The answer while it is made: each topic once.
#[derive(Default)]
pub(crate) struct Answer {
    by_id: bool,
    topics: Vec<OffsetCommitResponseTopic>,
    places: HashMap<(Uuid, String), usize>,
}

impl Answer {
    /// Nothing yet; topics are told apart by id, or by name.
    pub(crate) fn new(by_id: bool) -> Self {
        Self {
            by_id,
            ..Self::default()
        }
    }

    fn key(&self, id: Uuid, name: &str) -> (Uuid, String) {
        match self.by_id {
            true => (id, String::new()),
            false => (Uuid::ZERO, name.to_owned()),
        }
    }

    fn topic(&mut self, id: Uuid, name: &str) -> &mut OffsetCommitResponseTopic {
        let next = self.topics.len();
        let at = *self.places.entry(self.key(id, name)).or_insert(next);
        if at == next {
            self.topics.push(OffsetCommitResponseTopic {
                name: name.to_owned(),
                topic_id: id,
                ..OffsetCommitResponseTopic::default()
            });
        }
        &mut self.topics[at]
    }

    /// Adds what the coordinator answered: to the topic if it has an answer, as it is if there is none at all.
    pub(crate) fn merge(&mut self, topics: Vec<OffsetCommitResponseTopic>) {
        if self.topics.is_empty() {
            self.topics = topics;
            return;
        }
        for topic in topics {
            let place = self.topic(topic.topic_id, &topic.name);
            place.partitions.extend(topic.partitions);
        }
    }

    pub(crate) fn finish(self) -> OffsetCommitResponse {
        OffsetCommitResponse {
            topics: self.topics,
            ..OffsetCommitResponse::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use ottla_wire::Message;

    use super::*;
    use crate::api::nodes::tests::image;

    fn asked(name: &str, topic_id: Uuid, partitions: &[i32]) -> OffsetCommitRequestTopic {
        let partition = |index: &i32| OffsetCommitRequestPartition {
            partition_index: *index,
            ..OffsetCommitRequestPartition::default()
        };
        OffsetCommitRequestTopic {
            name: name.to_owned(),
            topic_id,
            partitions: partitions.iter().map(partition).collect(),
            ..OffsetCommitRequestTopic::default()
        }
    }

    fn outcomes(answer: OffsetCommitResponse) -> Vec<(String, Vec<(i32, i16)>)> {
        let topics = answer.topics.into_iter().map(|topic| {
            let partitions = topic.partitions.into_iter();
            let partitions = partitions.map(|of| (of.partition_index, of.error_code));
            (topic.name, partitions.collect())
        });
        topics.collect()
    }

    #[test]
    fn what_is_not_there_is_answered_without_the_coordinator() {
        let image = image();
        let topic = image.topic("__consumer_offsets").unwrap();
        for by_id in [false, true] {
            let mut answer = Answer::new(by_id);
            let (name, id) = match by_id {
                true => ("", topic.id),
                false => ("__consumer_offsets", Uuid::ZERO),
            };
            let rest = known(&image, &mut answer, asked(name, id, &[-1, 0, 999])).unwrap();
            assert_eq!((&*rest.name, rest.topic_id), (&*topic.name, topic.id));
            assert_eq!(rest.partitions.len(), 1);
            let unknown = asked("none", Uuid::from_u128(99), &[4]);
            assert_eq!(known(&image, &mut answer, unknown), None);
            answer.merge(vec![shape(&rest)]);
            let answer = answer.finish();
            for version in OffsetCommitResponse::VERSIONS {
                assert!(answer.encode(version).is_ok(), "{version}");
            }
            let none = match by_id {
                true => Code::UNKNOWN_TOPIC_ID.0,
                false => Code::UNKNOWN_TOPIC_OR_PARTITION.0,
            };
            let known = vec![(-1, 3), (999, 3), (0, 0)];
            assert_eq!(
                outcomes(answer),
                [
                    ("__consumer_offsets".to_owned(), known),
                    ("none".to_owned(), vec![(4, none)])
                ]
            );
        }
    }
}
