//! Records of offsets, and the ends of the transactions that some belong to.

use std::sync::Arc;

use ottla_wire::messages::{
    LegacyOffsetCommitKey, LegacyOffsetCommitValue, OffsetCommitKey, OffsetCommitValue,
};

use super::store::Offset;
use crate::group::{GroupCoordinator, Producer, classic::ClassicGroup, groups::Group};

impl GroupCoordinator {
    pub(in crate::group) fn replay_offset(
        &mut self,
        offset: i64,
        producer: Option<Producer>,
        key: &OffsetCommitKey,
        value: Option<&OffsetCommitValue>,
    ) {
        let value = value.map(|value| Offset {
            partition: key.partition,
            offset: value.offset,
            leader_epoch: value.leader_epoch,
            metadata: &value.metadata,
            timestamp: value.commit_timestamp,
            expires: value.expire_timestamp,
            topic_id: value.topic_id,
            record: offset,
        });
        self.replay_committed(producer, &key.group, &key.topic, key.partition, value);
    }

    pub(in crate::group) fn replay_legacy_offset(
        &mut self,
        offset: i64,
        key: &LegacyOffsetCommitKey,
        value: Option<&LegacyOffsetCommitValue>,
    ) {
        let value = value.map(|value| Offset {
            partition: key.partition,
            offset: value.offset,
            leader_epoch: -1,
            metadata: &value.metadata,
            timestamp: value.commit_timestamp,
            expires: -1,
            topic_id: ottla_wire::Uuid::ZERO,
            record: offset,
        });
        self.replay_committed(None, &key.group, &key.topic, key.partition, value);
    }

    fn replay_committed(
        &mut self,
        producer: Option<Producer>,
        group: &str,
        topic: &str,
        partition: i32,
        value: Option<Offset<'_>>,
    ) {
        let Some(value) = value else {
            self.offsets.forget(group, topic, partition);
            return;
        };
        let group = match self.groups.id(group) {
            Some(id) => id,
            None => {
                let id: Arc<str> = group.into();
                let simple = Group::Classic(ClassicGroup::simple(value.timestamp));
                self.groups.insert(id.clone(), simple);
                id
            }
        };
        match producer {
            None => self.offsets.committed.put(&group, topic, &value),
            Some(producer) => {
                let pending = self.offsets.pending.entry(producer.id).or_default();
                pending.put(&group, topic, &value);
                self.offsets.open.add(&group, topic, partition, producer.id);
            }
        }
    }

    pub(in crate::group) fn replay_end_transaction(&mut self, producer: Producer, committed: bool) {
        let Some(pending) = self.offsets.pending.remove(&producer.id) else {
            return;
        };
        for (group, topic, of) in pending.iter() {
            let offsets = &mut self.offsets;
            offsets
                .open
                .remove(group, topic, of.partition, Some(producer.id));
            // One that was committed without a transaction meanwhile is younger.
            let is_newer = offsets
                .committed
                .get(group, topic, of.partition)
                .is_none_or(|is| of.record > is.record);
            if committed && is_newer {
                offsets.committed.put(group, topic, &of);
            }
        }
    }
}

impl super::Offsets {
    fn forget(&mut self, group: &str, topic: &str, partition: i32) {
        self.committed.remove(group, topic, partition);
        if let Some(producers) = self.open.producers(group, topic, partition) {
            for producer in producers {
                if let Some(pending) = self.pending.get_mut(producer) {
                    pending.remove(group, topic, partition);
                }
            }
            self.open.remove(group, topic, partition, None);
        }
    }
}
