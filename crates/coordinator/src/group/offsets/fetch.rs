//! Reading committed offsets.

use ottla_wire::{
    Uuid,
    errors::{Code, Refusal},
    messages::{
        offset_fetch_request::{OffsetFetchRequestGroup, OffsetFetchRequestTopics},
        offset_fetch_response::{
            OffsetFetchResponseGroup, OffsetFetchResponsePartitions, OffsetFetchResponseTopics,
        },
    },
};

use super::store::Offset;
use crate::group::{Caller, GroupCoordinator, Turn, input::FetchOffsets};

impl GroupCoordinator {
    pub(in crate::group) fn offset_fetch(
        &self,
        _turn: &Turn<'_, '_>,
        _caller: &Caller,
        request: FetchOffsets,
    ) -> OffsetFetchResponseGroup {
        let FetchOffsets {
            group,
            require_stable,
        } = request;
        let is_there = match self.check_fetch(&group) {
            Ok(()) => true,
            // Without the group there are no offsets, which is no error.
            Err(refusal) if refusal.code == Code::GROUP_ID_NOT_FOUND => false,
            Err(refusal) => {
                return OffsetFetchResponseGroup {
                    group_id: group.group_id,
                    error_code: refusal.code.0,
                    ..OffsetFetchResponseGroup::default()
                };
            }
        };
        let read = Read {
            coordinator: self,
            group: &group.group_id,
            is_there,
            require_stable,
        };
        let topics = match &group.topics {
            Some(topics) => topics.iter().map(|topic| read.topic(topic)).collect(),
            None => read.all(),
        };
        OffsetFetchResponseGroup {
            group_id: group.group_id,
            topics,
            ..OffsetFetchResponseGroup::default()
        }
    }

    fn check_fetch(&self, of: &OffsetFetchRequestGroup) -> Result<(), Refusal> {
        let Some(group) = self.groups.get(&of.group_id) else {
            return Err(Code::GROUP_ID_NOT_FOUND.into());
        };
        group.check_fetch(of.member_id.as_deref(), of.member_epoch)
    }
}

struct Read<'a> {
    coordinator: &'a GroupCoordinator,
    group: &'a str,
    is_there: bool,
    require_stable: bool,
}

impl Read<'_> {
    fn topic(&self, asked: &OffsetFetchRequestTopics) -> OffsetFetchResponseTopics {
        let offsets = &self.coordinator.offsets.committed;
        let found = offsets
            .topic(self.group, &asked.name)
            .filter(|_| self.is_there);
        let partitions = asked.partition_indexes.iter().map(|index| {
            let offset = found
                .and_then(|topic| topic.get(*index))
                .filter(|of| may_be_of(of.topic_id, asked.topic_id));
            self.partition(&asked.name, *index, offset)
        });
        OffsetFetchResponseTopics {
            name: asked.name.clone(),
            topic_id: asked.topic_id,
            partitions: partitions.collect(),
            ..OffsetFetchResponseTopics::default()
        }
    }

    fn all(&self) -> Vec<OffsetFetchResponseTopics> {
        if !self.is_there {
            return Vec::new();
        }
        let topics = self.coordinator.offsets.committed.topics(self.group);
        let topics = topics.map(|topic| {
            let partition = |of: Offset<'_>| self.partition(topic.name(), of.partition, Some(of));
            OffsetFetchResponseTopics {
                name: topic.name().to_string(),
                partitions: topic.iter().map(partition).collect(),
                ..OffsetFetchResponseTopics::default()
            }
        });
        topics.collect()
    }

    fn partition(
        &self,
        topic: &str,
        index: i32,
        offset: Option<Offset<'_>>,
    ) -> OffsetFetchResponsePartitions {
        let open = &self.coordinator.offsets.open;
        let is_unstable = self.require_stable && open.has(self.group, topic, index);
        let code = match is_unstable {
            true => Code::UNSTABLE_OFFSET_COMMIT,
            false => Code::NONE,
        };
        let offset = offset.filter(|_| !is_unstable);
        OffsetFetchResponsePartitions {
            partition_index: index,
            committed_offset: offset.map_or(-1, |of| of.offset),
            committed_leader_epoch: offset.map_or(-1, |of| of.leader_epoch),
            metadata: Some(offset.map_or("", |of| of.metadata).to_owned()),
            error_code: code.0,
            ..OffsetFetchResponsePartitions::default()
        }
    }
}

/// Whether an offset of this topic id is one of the topic that is asked for. Either may not be known.
fn may_be_of(actual: Uuid, asked: Uuid) -> bool {
    actual.is_zero() || asked.is_zero() || actual == asked
}
