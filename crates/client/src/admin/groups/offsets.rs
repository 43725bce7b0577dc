//! Offsets that groups have committed: fetch, set and delete them without being a member.

use std::collections::BTreeMap;

use ottla_wire::{
    errors::Code,
    messages::{
        offset_commit_request::{
            OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
        },
        offset_delete_request::{
            OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
        },
        offset_fetch_request::{
            OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopic,
            OffsetFetchRequestTopics,
        },
        offset_fetch_response::{
            OffsetFetchResponse, OffsetFetchResponseGroup, OffsetFetchResponsePartitions,
            OffsetFetchResponseTopic, OffsetFetchResponseTopics,
        },
    },
};

use super::super::{Admin, Outcomes, coordinators::At, outcome, topics::unanswered};
use crate::{
    ClientError, CoordinatorType, Result, TopicPartition, connection::request_name,
    coordinators::may_pass,
};

/// The first version of OffsetFetch that asks about several groups.
const FIRST_BATCHED: i16 = 8;
/// The last versions of OffsetFetch and OffsetCommit in which topics go by name.
const LAST_BY_NAME: i16 = 9;

/// An offset that a group has committed, or is to have.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CommittedOffset {
    /// The offset of the record to read next.
    pub offset: i64,
    /// The leader epoch of the record before it, if known.
    pub leader_epoch: Option<i32>,
    /// Whatever the consumer noted.
    pub metadata: String,
}

impl CommittedOffset {
    /// An offset alone.
    pub fn at(offset: i64) -> Self {
        Self {
            offset,
            ..Self::default()
        }
    }
}

/// The offsets of a group by partition; `None` where it has none.
type GroupOffsets = Outcomes<TopicPartition, Option<CommittedOffset>>;

impl Admin {
    /// The offsets that groups have committed: of these partitions, or of all that have one, in order. With
    /// `require_stable`, an offset that a transaction is about to change is an UNSTABLE_OFFSET_COMMIT.
    ///
    /// # Errors
    /// Those of asking; each group and each partition has its own outcome. A group that does not exist has no offsets.
    pub async fn list_group_offsets(
        &self,
        groups: Vec<(String, Option<Vec<TopicPartition>>)>,
        require_stable: bool,
    ) -> Result<Outcomes<String, GroupOffsets>> {
        let ids = groups.iter().map(|(group, _)| group.clone()).collect();
        let asked: BTreeMap<String, Option<Vec<TopicPartition>>> = groups.into_iter().collect();
        let asked = &asked;
        self.at_coordinators(
            "listing offsets of groups",
            CoordinatorType::Group,
            ids,
            may_pass,
            |at, groups| fetch(at, groups, asked, require_stable),
        )
        .await
    }

    /// Sets offsets of a group that has no members that would be in the way.
    ///
    /// # Errors
    /// Those of asking and of the group as a whole; each partition has its own outcome.
    pub async fn alter_group_offsets(
        &self,
        group: &str,
        offsets: &[(TopicPartition, CommittedOffset)],
    ) -> Result<Outcomes<TopicPartition, ()>> {
        let passes = |error: &ClientError| {
            may_pass(error) || error.code() == Some(Code::REBALANCE_IN_PROGRESS)
        };
        let groups = vec![group.to_owned()];
        let committed = self.at_coordinators(
            "setting offsets",
            CoordinatorType::Group,
            groups,
            passes,
            |at, groups| commit(at, groups, offsets),
        );
        only(committed.await?)
    }

    /// Deletes offsets of a group that is not subscribed to their topics.
    ///
    /// # Errors
    /// Those of asking and of the group as a whole; each partition has its own outcome.
    pub async fn delete_group_offsets(
        &self,
        group: &str,
        partitions: &[TopicPartition],
    ) -> Result<Outcomes<TopicPartition, ()>> {
        let groups = vec![group.to_owned()];
        let deleted = self.at_coordinators(
            "deleting offsets",
            CoordinatorType::Group,
            groups,
            may_pass,
            |at, groups| delete(at, groups, partitions),
        );
        only(deleted.await?)
    }
}

/// The outcome of the one group that was asked about.
pub(super) fn only<V>(outcomes: Outcomes<String, V>) -> Result<V> {
    let one = outcomes.into_iter().next();
    one.map_or(Err(ClientError::Closed("the request")), |(_, outcome)| {
        outcome
    })
}

/// Partitions by topic, as requests have them.
fn by_topic<'a>(
    partitions: impl IntoIterator<Item = &'a TopicPartition>,
) -> BTreeMap<&'a str, Vec<i32>> {
    let mut topics: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for at in partitions {
        topics.entry(&at.topic).or_default().push(at.partition);
    }
    topics
}

async fn fetch(
    at: At,
    groups: Vec<String>,
    asked: &BTreeMap<String, Option<Vec<TopicPartition>>>,
    require_stable: bool,
) -> Result<Outcomes<String, GroupOffsets>> {
    let version = at
        .connection
        .version::<OffsetFetchRequest>()?
        .min(LAST_BY_NAME);
    let of = |group: &String| asked.get(group).and_then(Option::as_ref);
    if version < FIRST_BATCHED {
        let mut outcomes = Vec::with_capacity(groups.len());
        for group in groups {
            let topic = |(name, partition_indexes): (&str, Vec<i32>)| OffsetFetchRequestTopic {
                name: name.to_owned(),
                partition_indexes,
                ..OffsetFetchRequestTopic::default()
            };
            let topics = of(&group).map(|all| by_topic(all).into_iter().map(topic).collect());
            let request = OffsetFetchRequest {
                group_id: group.clone(),
                topics,
                require_stable,
                ..OffsetFetchRequest::default()
            };
            let answer = at.connection.send_as(&request, version).await?;
            outcomes.push((group.clone(), offsets(&at, of_one(group, answer))));
        }
        return Ok(outcomes);
    }
    let topic = |(name, partition_indexes): (&str, Vec<i32>)| OffsetFetchRequestTopics {
        name: name.to_owned(),
        partition_indexes,
        ..OffsetFetchRequestTopics::default()
    };
    let question = |group: &String| OffsetFetchRequestGroup {
        group_id: group.clone(),
        topics: of(group).map(|all| by_topic(all).into_iter().map(topic).collect()),
        ..OffsetFetchRequestGroup::default()
    };
    let request = OffsetFetchRequest {
        groups: groups.iter().map(question).collect(),
        require_stable,
        ..OffsetFetchRequest::default()
    };
    let answer = at.connection.send_as(&request, version).await?;
    let answered = answer
        .groups
        .into_iter()
        .map(|one| (one.group_id.clone(), one));
    let mut answered: BTreeMap<_, _> = answered.collect();
    let outcomes = groups.into_iter().map(|group| {
        let outcome = match answered.remove(&group) {
            Some(one) => offsets(&at, one),
            None => {
                let name = request_name::<OffsetFetchRequest>();
                Err(unanswered(name, at.connection.broker(), &group))
            }
        };
        (group, outcome)
    });
    Ok(outcomes.collect())
}

/// An answer about one group, in the shape of those about several.
fn of_one(group_id: String, answer: OffsetFetchResponse) -> OffsetFetchResponseGroup {
    let topic = |topic: OffsetFetchResponseTopic| OffsetFetchResponseTopics {
        name: topic.name,
        partitions: topic
            .partitions
            .into_iter()
            .map(|one| OffsetFetchResponsePartitions {
                partition_index: one.partition_index,
                committed_offset: one.committed_offset,
                committed_leader_epoch: one.committed_leader_epoch,
                metadata: one.metadata,
                error_code: one.error_code,
                ..OffsetFetchResponsePartitions::default()
            })
            .collect(),
        ..OffsetFetchResponseTopics::default()
    };
    OffsetFetchResponseGroup {
        group_id,
        error_code: answer.error_code,
        topics: answer.topics.into_iter().map(topic).collect(),
        ..OffsetFetchResponseGroup::default()
    }
}

fn offsets(at: &At, group: OffsetFetchResponseGroup) -> Result<GroupOffsets> {
    let name = request_name::<OffsetFetchRequest>();
    let (broker, id) = (at.connection.broker(), &group.group_id);
    let what = format_args!("group {id}");
    if let Some(refusal) = ClientError::refusal(name, broker, what, group.error_code, None) {
        return Err(refusal);
    }
    let mut all = Vec::new();
    for topic in group.topics {
        let topic_name: std::sync::Arc<str> = topic.name.as_str().into();
        for one in topic.partitions {
            let partition = TopicPartition::new(topic_name.clone(), one.partition_index);
            let offset = (one.committed_offset >= 0).then(|| CommittedOffset {
                offset: one.committed_offset,
                leader_epoch: (one.committed_leader_epoch >= 0)
                    .then_some(one.committed_leader_epoch),
                metadata: one.metadata.unwrap_or_default(),
            });
            let what = format_args!("{partition} in group {id}");
            let found = outcome(name, broker, what, one.error_code, None, offset);
            all.push((partition, found));
        }
    }
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(all)
}

async fn commit(
    at: At,
    groups: Vec<String>,
    offsets: &[(TopicPartition, CommittedOffset)],
) -> Result<Outcomes<String, Outcomes<TopicPartition, ()>>> {
    let name = request_name::<OffsetCommitRequest>();
    let version = at
        .connection
        .version::<OffsetCommitRequest>()?
        .min(LAST_BY_NAME);
    let mut topics: BTreeMap<&str, Vec<OffsetCommitRequestPartition>> = BTreeMap::new();
    for (partition, offset) in offsets {
        let partitions = topics.entry(&partition.topic).or_default();
        partitions.push(OffsetCommitRequestPartition {
            partition_index: partition.partition,
            committed_offset: offset.offset,
            committed_leader_epoch: offset.leader_epoch.unwrap_or(-1),
            committed_metadata: Some(offset.metadata.clone()),
            ..OffsetCommitRequestPartition::default()
        });
    }
    let topics = topics
        .into_iter()
        .map(|(topic, partitions)| OffsetCommitRequestTopic {
            name: topic.to_owned(),
            partitions,
            ..OffsetCommitRequestTopic::default()
        });
    let topics: Vec<_> = topics.collect();
    let mut outcomes = Vec::with_capacity(groups.len());
    for group in groups {
        let request = OffsetCommitRequest {
            group_id: group.clone(),
            topics: topics.clone(),
            ..OffsetCommitRequest::default()
        };
        let answer = at.connection.send_as(&request, version).await?;
        let topics = answer.topics.iter().map(|topic| {
            let partitions = topic.partitions.iter();
            let codes = partitions.map(|one| (one.partition_index, one.error_code));
            (topic.name.as_str(), codes.collect())
        });
        let asked = offsets.iter().map(|(partition, _)| partition);
        let partitions = each(&at, name, &group, asked, topics);
        // What the group as a whole must wait for stands at its partitions.
        let passing = partitions.iter().find_map(|(_, outcome)| {
            let passes = |error: &&ClientError| {
                may_pass(error) || error.code() == Some(Code::REBALANCE_IN_PROGRESS)
            };
            outcome.as_ref().err().filter(passes).cloned()
        });
        outcomes.push((group, passing.map_or(Ok(partitions), Err)));
    }
    Ok(outcomes)
}

async fn delete(
    at: At,
    groups: Vec<String>,
    partitions: &[TopicPartition],
) -> Result<Outcomes<String, Outcomes<TopicPartition, ()>>> {
    let name = request_name::<OffsetDeleteRequest>();
    let partition = |partition_index| OffsetDeleteRequestPartition { partition_index };
    let topics =
        by_topic(partitions)
            .into_iter()
            .map(|(topic, partitions)| OffsetDeleteRequestTopic {
                name: topic.to_owned(),
                partitions: partitions.into_iter().map(partition).collect(),
            });
    let topics: Vec<_> = topics.collect();
    let mut outcomes = Vec::with_capacity(groups.len());
    for group in groups {
        let request = OffsetDeleteRequest {
            group_id: group.clone(),
            topics: topics.clone(),
        };
        let answer = at.connection.send(&request).await?;
        let (broker, what) = (at.connection.broker(), format_args!("group {group}"));
        let outcome = match ClientError::refusal(name, broker, what, answer.error_code, None) {
            Some(refusal) => Err(refusal),
            None => {
                let topics = answer.topics.iter().map(|topic| {
                    let partitions = topic.partitions.iter();
                    let codes = partitions.map(|one| (one.partition_index, one.error_code));
                    (topic.name.as_str(), codes.collect())
                });
                Ok(each(&at, name, &group, partitions, topics))
            }
        };
        outcomes.push((group, outcome));
    }
    Ok(outcomes)
}

/// The outcome of each partition from the codes by topic.
fn each<'a>(
    at: &At,
    name: &'static str,
    group: &str,
    asked: impl IntoIterator<Item = &'a TopicPartition>,
    answered: impl Iterator<Item = (&'a str, BTreeMap<i32, i16>)>,
) -> Outcomes<TopicPartition, ()> {
    let answered: BTreeMap<&str, BTreeMap<i32, i16>> = answered.collect();
    let broker = at.connection.broker();
    let outcomes = asked.into_iter().map(|partition| {
        let codes = answered.get(&*partition.topic);
        let outcome = match codes.and_then(|codes| codes.get(&partition.partition)) {
            Some(&code) => {
                let what = format_args!("{partition} in group {group}");
                outcome(name, broker, what, code, None, ())
            }
            None => Err(unanswered(name, broker, &partition.to_string())),
        };
        (partition.clone(), outcome)
    });
    outcomes.collect()
}
