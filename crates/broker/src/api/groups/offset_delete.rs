//! OffsetDelete (key 47, version 0): a group forgets how far it has read.
//!
//! Refuses, per partition: `UNKNOWN_TOPIC_OR_PARTITION`, `GROUP_SUBSCRIBED_TO_TOPIC` (a member reads the topic); for the
//! whole: `INVALID_GROUP_ID` (empty), `GROUP_ID_NOT_FOUND`, `NON_EMPTY_GROUP` (its members do not say what they read);
//! whatever else the group's coordinator refuses.
//!
//! Not yet: authorization.

use std::collections::HashMap;

use ottla_coordinator::group::Input;
use ottla_metadata::Image;
use ottla_wire::{
    errors::{Code, Refusal},
    messages::{
        OffsetDeleteRequest, OffsetDeleteResponse,
        offset_delete_request::OffsetDeleteRequestTopic,
        offset_delete_response::{OffsetDeleteResponsePartition, OffsetDeleteResponseTopic},
    },
};

use super::{ask, caller, only};
use crate::{
    api::{Cx, WithReasons},
    reply::Reply,
};

/// Serves the request.
pub(crate) async fn handle(
    cx: &Cx,
    mut request: OffsetDeleteRequest,
) -> Reply<WithReasons<OffsetDeleteResponse>> {
    if request.group_id.is_empty() {
        return Reply::Now(refused(
            &Code::INVALID_GROUP_ID.because("the group id is empty"),
        ));
    }
    let image = cx.broker.image_arc();
    let mut answer = Answer::default();
    let asked = std::mem::take(&mut request.topics);
    for topic in asked {
        request.topics.extend(known(&image, &mut answer, topic));
    }
    let group = request.group_id.clone();
    let asked = ask(cx, &group, Input::OffsetDelete(caller(cx), request));
    asked.reply(move |outcome| match only!(OffsetDelete, outcome) {
        Ok(given) => answer.merge(given).into(),
        Err(refusal) => refused(&refusal),
    })
}

/// What of a topic there is: its partitions. Those that there are not are answered.
fn known(
    image: &Image,
    answer: &mut Answer,
    mut topic: OffsetDeleteRequestTopic,
) -> Option<OffsetDeleteRequestTopic> {
    let found = image.topic(&topic.name);
    let mut refused = Vec::new();
    topic.partitions.retain(|of| {
        let index = of.partition_index;
        let is_there = found.is_some_and(|topic| topic.partitions.contains_key(&index));
        if !is_there {
            refused.push(OffsetDeleteResponsePartition {
                partition_index: index,
                error_code: Code::UNKNOWN_TOPIC_OR_PARTITION.0,
            });
        }
        is_there
    });
    if found.is_none() || !refused.is_empty() {
        answer.topic(&topic.name).extend(refused);
    }
    (!topic.partitions.is_empty()).then_some(topic)
}

/// The answer while it is made: each topic once.
#[derive(Default)]
struct Answer {
    topics: Vec<OffsetDeleteResponseTopic>,
    places: HashMap<String, usize>,
}

impl Answer {
    fn topic(&mut self, name: &str) -> &mut Vec<OffsetDeleteResponsePartition> {
        let next = self.topics.len();
        let at = *self.places.entry(name.to_owned()).or_insert(next);
        if at == next {
            self.topics.push(OffsetDeleteResponseTopic {
                name: name.to_owned(),
                ..OffsetDeleteResponseTopic::default()
            });
        }
        &mut self.topics[at].partitions
    }

    /// Adds what the coordinator answered, if it was no error of the whole.
    fn merge(mut self, mut given: OffsetDeleteResponse) -> OffsetDeleteResponse {
        if given.error_code != 0 || self.topics.is_empty() {
            return given;
        }
        for topic in std::mem::take(&mut given.topics) {
            self.topic(&topic.name).extend(topic.partitions);
        }
        given.topics = self.topics;
        given
    }
}

fn refused(refusal: &Refusal) -> WithReasons<OffsetDeleteResponse> {
    let message = OffsetDeleteResponse {
        error_code: refusal.code.0,
        ..OffsetDeleteResponse::default()
    };
    WithReasons::because(message, refusal)
}

#[cfg(test)]
mod tests {
    use ottla_wire::messages::offset_delete_request::OffsetDeleteRequestPartition;

    use super::*;
    use crate::api::nodes::tests::image;

    fn asked(name: &str, partitions: &[i32]) -> OffsetDeleteRequestTopic {
        let partition = |index: &i32| OffsetDeleteRequestPartition {
            partition_index: *index,
        };
        OffsetDeleteRequestTopic {
            name: name.to_owned(),
            partitions: partitions.iter().map(partition).collect(),
        }
    }

    #[test]
    fn what_is_not_there_is_answered_without_the_coordinator() {
        let (image, mut answer) = (image(), Answer::default());
        let rest = known(&image, &mut answer, asked("__consumer_offsets", &[-1, 0]));
        assert_eq!(rest, Some(asked("__consumer_offsets", &[0])));
        assert_eq!(known(&image, &mut answer, asked("none", &[4])), None);
        let given = OffsetDeleteResponse {
            topics: vec![OffsetDeleteResponseTopic {
                name: "__consumer_offsets".to_owned(),
                partitions: vec![OffsetDeleteResponsePartition {
                    partition_index: 0,
                    error_code: 86,
                }],
            }],
            ..OffsetDeleteResponse::default()
        };
        let answer = answer.merge(given);
        let of = |topic: &OffsetDeleteResponseTopic| {
            let partitions = topic.partitions.iter();
            let partitions = partitions.map(|of| (of.partition_index, of.error_code));
            partitions.collect::<Vec<_>>()
        };
        assert_eq!(of(&answer.topics[0]), [(-1, 3), (0, 86)]);
        assert_eq!(of(&answer.topics[1]), [(4, 3)]);
    }
}
