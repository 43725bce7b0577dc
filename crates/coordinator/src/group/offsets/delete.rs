//! Forgetting offsets: on request, with their group, and with their topic.

use std::sync::Arc;

use ottla_machine::Ticket;
use ottla_wire::{
    Uuid,
    errors::{Code, Refusal},
    messages::{
        OffsetDeleteRequest, OffsetDeleteResponse,
        offset_delete_request::{OffsetDeleteRequestPartition, OffsetDeleteRequestTopic},
        offset_delete_response::{OffsetDeleteResponsePartition, OffsetDeleteResponseTopic},
    },
};

use super::{AT_ONCE, Offsets, PAUSE_MS, tombstone};
use crate::group::{
    DeletedTopic, Entry, GroupCoordinator, Reply, Turn, groups::Group, timer::Timer,
};

/// How many groups are searched for a deleted topic in one decision.
const GROUPS_AT_ONCE: usize = 20_000;

/// The group that the search for a deleted topic goes on with.
#[derive(Debug, Default)]
pub(super) struct Progress {
    from: Arc<str>,
}

impl GroupCoordinator {
    pub(in crate::group) fn offset_delete(
        &mut self,
        turn: &mut Turn<'_, '_>,
        ticket: Ticket,
        request: OffsetDeleteRequest,
    ) {
        let answer = match self.check_offset_delete(&request.group_id) {
            Ok(group) => {
                let topics = request.topics.iter().map(|topic| {
                    let is_subscribed = group.is_subscribed_to(&topic.name);
                    self.offset_delete_topic(turn, &request.group_id, topic, is_subscribed)
                });
                OffsetDeleteResponse {
                    topics: topics.collect(),
                    ..OffsetDeleteResponse::default()
                }
            }
            Err(refusal) => OffsetDeleteResponse {
                error_code: refusal.code.0,
                ..OffsetDeleteResponse::default()
            },
        };
        turn.answer(ticket, Reply::OffsetDelete(answer));
    }

    fn check_offset_delete(&self, id: &str) -> Result<&Group, Refusal> {
        let group = self.groups.get(id).ok_or(Code::GROUP_ID_NOT_FOUND)?;
        group.check_offset_delete()?;
        Ok(group)
    }

    fn offset_delete_topic(
        &self,
        turn: &mut Turn<'_, '_>,
        group: &str,
        topic: &OffsetDeleteRequestTopic,
        is_subscribed: bool,
    ) -> OffsetDeleteResponseTopic {
        let partition = |of: &OffsetDeleteRequestPartition| {
            let index = of.partition_index;
            let code = match is_subscribed {
                true => Code::GROUP_SUBSCRIBED_TO_TOPIC,
                false => Code::NONE,
            };
            if !is_subscribed && self.offsets.has(group, &topic.name, index) {
                turn.emit(tombstone(group, &topic.name, index));
            }
            OffsetDeleteResponsePartition {
                partition_index: index,
                error_code: code.0,
            }
        };
        OffsetDeleteResponseTopic {
            name: topic.name.clone(),
            partitions: topic.partitions.iter().map(partition).collect(),
        }
    }

    /// Topics were deleted, and with them whatever groups had read of them.
    pub(in crate::group) fn offsets_topics_deleted(
        &mut self,
        turn: &mut Turn<'_, '_>,
        topics: Vec<DeletedTopic>,
    ) {
        let topics = topics.into_iter().map(|topic| (topic, Progress::default()));
        self.offsets.deleted.extend(topics);
        self.delete_offsets_of_deleted_topics(turn);
    }

    /// Goes on with that: so much at a time that others are not kept waiting.
    pub(in crate::group) fn delete_offsets_of_deleted_topics(&mut self, turn: &mut Turn<'_, '_>) {
        while let Some((topic, progress)) = self.offsets.deleted.pop_front() {
            if let Some(from) = self.offsets.delete_of_topic(turn, &topic, &progress.from) {
                self.offsets.deleted.push_front((topic, Progress { from }));
                let soon = turn.now().after(PAUSE_MS);
                self.timers.arm(Timer::DeleteOffsets, soon);
                return;
            }
        }
    }
}

impl Offsets {
    fn has(&self, group: &str, topic: &str, partition: i32) -> bool {
        self.committed.get(group, topic, partition).is_some()
            || self.open.has(group, topic, partition)
    }

    /// What makes the offsets of a group go away.
    pub(in crate::group) fn tombstones(&self, group: &str, emit: &mut dyn FnMut(Entry)) {
        for topic in self.committed.topics(group) {
            for of in topic.iter() {
                emit(tombstone(group, topic.name(), of.partition));
            }
        }
        for (topic, partition) in self.open.partitions(group) {
            if self.committed.get(group, topic, partition).is_none() {
                emit(tombstone(group, topic, partition));
            }
        }
    }

    /// Writes what makes the offsets of a topic go away; the group to go on with if there is more.
    fn delete_of_topic(
        &self,
        turn: &mut Turn<'_, '_>,
        topic: &DeletedTopic,
        from: &str,
    ) -> Option<Arc<str>> {
        let is_of = |id: Uuid| id.is_zero() || id == topic.id;
        if self.committed.knows(&topic.name) {
            for (searched, group) in self.committed.groups_from(from).enumerate() {
                if searched == GROUPS_AT_ONCE || turn.emitted() >= AT_ONCE {
                    return Some(group.clone());
                }
                let found = self.committed.topic(group, &topic.name);
                for of in found.into_iter().flat_map(|found| found.iter()) {
                    if is_of(of.topic_id) {
                        turn.emit(tombstone(group, &topic.name, of.partition));
                    }
                }
            }
        }
        for pending in self.pending.values() {
            for (group, name, of) in pending.iter() {
                if *name == topic.name && is_of(of.topic_id) {
                    turn.emit(tombstone(group, name, of.partition));
                }
            }
        }
        None
    }
}
