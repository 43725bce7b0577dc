//! Topics and their partitions.

use std::sync::Arc;

use imbl::OrdMap;
use ottla_wire::{
    Uuid,
    messages::{
        partition_change_record::PartitionChangeRecord, partition_record::PartitionRecord,
        topic_record::TopicRecord,
    },
};

use super::directory;
use crate::{record::Record, version::MetadataVersion};

/// "Nobody leads."
pub const NO_LEADER: i32 = -1;
/// In a `PartitionChangeRecord`: the leader stays, and so does its epoch.
pub const NO_LEADER_CHANGE: i32 = -2;

/// A topic.
#[derive(Clone, PartialEq, Debug)]
pub struct Topic {
    /// Its name.
    pub name: Arc<str>,
    /// Its id.
    pub id: Uuid,
    /// Its partitions by index. A complete topic has the indexes `0..n`.
    pub partitions: OrdMap<i32, Arc<Partition>>,
}

/// What an unclean election leaves behind.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum LeaderRecoveryState {
    /// The leader has all that was committed, or has come to terms with what it has.
    #[default]
    Recovered,
    /// The leader was elected uncleanly and has not yet said that it recovered.
    Recovering,
}

impl LeaderRecoveryState {
    /// From its number in requests and records; `None` for another number.
    pub fn from_code(code: i8) -> Option<Self> {
        match code {
            0 => Some(Self::Recovered),
            1 => Some(Self::Recovering),
            _ => None,
        }
    }

    /// Its number.
    pub fn code(self) -> i8 {
        match self {
            Self::Recovered => 0,
            Self::Recovering => 1,
        }
    }
}

/// A partition, as the controller wants it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Partition {
    /// The brokers that hold it, the preferred leader first.
    pub replicas: Box<[i32]>,
    /// The log directory of each replica, in the same order.
    pub directories: Box<[Uuid]>,
    /// The in-sync replicas.
    pub isr: Box<[i32]>,
    /// Replicas that a reassignment removes.
    pub removing_replicas: Box<[i32]>,
    /// Replicas that a reassignment adds.
    pub adding_replicas: Box<[i32]>,
    /// Replicas out of sync that still hold everything below the high watermark.
    pub elr: Box<[i32]>,
    /// The last leader, while there is none.
    pub last_known_elr: Box<[i32]>,
    /// The leader, or [`NO_LEADER`].
    pub leader: i32,
    /// Whether the leader was elected uncleanly.
    pub leader_recovery_state: LeaderRecoveryState,
    /// Rises with each new leader.
    pub leader_epoch: i32,
    /// Rises with each change.
    pub partition_epoch: i32,
}

fn boxed(list: &[i32]) -> Box<[i32]> {
    list.into()
}

fn boxed_or_empty(list: Option<&Vec<i32>>) -> Box<[i32]> {
    list.map(|list| boxed(list)).unwrap_or_default()
}

impl Partition {
    /// From its record; `None` if it has not one directory for each replica, or an unknown recovery state.
    pub fn from_record(record: &PartitionRecord) -> Option<Self> {
        let directories = directories(&record.directories, record.replicas.len())?;
        Some(Self {
            replicas: boxed(&record.replicas),
            directories,
            isr: boxed(&record.isr),
            removing_replicas: boxed(&record.removing_replicas),
            adding_replicas: boxed(&record.adding_replicas),
            elr: boxed_or_empty(record.eligible_leader_replicas.as_ref()),
            last_known_elr: boxed_or_empty(record.last_known_elr.as_ref()),
            leader: record.leader,
            leader_recovery_state: LeaderRecoveryState::from_code(record.leader_recovery_state)?,
            leader_epoch: record.leader_epoch,
            partition_epoch: record.partition_epoch,
        })
    }

    /// The partition after a change; `None` if it would not have one directory for each replica.
    #[must_use]
    pub fn changed(&self, change: &PartitionChangeRecord) -> Option<Self> {
        let take = |new: &Option<Vec<i32>>, old: &[i32]| boxed(new.as_deref().unwrap_or(old));
        let replicas = take(&change.replicas, &self.replicas);
        let directories = match &change.directories {
            Some(new) => directories(new, replicas.len())?,
            None => directories(&self.directories, replicas.len())?,
        };
        let leader_changes = change.leader != NO_LEADER_CHANGE;
        let recovery = match change.leader_recovery_state {
            -1 => self.leader_recovery_state,
            code => LeaderRecoveryState::from_code(code)?,
        };
        Some(Self {
            replicas,
            directories,
            isr: take(&change.isr, &self.isr),
            removing_replicas: take(&change.removing_replicas, &self.removing_replicas),
            adding_replicas: take(&change.adding_replicas, &self.adding_replicas),
            elr: take(&change.eligible_leader_replicas, &self.elr),
            last_known_elr: take(&change.last_known_elr, &self.last_known_elr),
            leader: if leader_changes {
                change.leader
            } else {
                self.leader
            },
            leader_recovery_state: recovery,
            leader_epoch: self.leader_epoch.wrapping_add(i32::from(leader_changes)),
            partition_epoch: self.partition_epoch.wrapping_add(1),
        })
    }

    /// The record that makes this partition, as `version` writes it. `with_elr`: the cluster keeps eligible
    /// leader replicas.
    pub fn to_record(
        &self,
        topic: Uuid,
        index: i32,
        version: MetadataVersion,
        with_elr: bool,
    ) -> Record {
        // A record of an older version has no place for them, whatever the feature's level is.
        let with_elr = with_elr && version.partition_record() >= 2;
        let elr = |list: &[i32]| (with_elr && !list.is_empty()).then(|| list.to_vec());
        let record = PartitionRecord {
            partition_id: index,
            topic_id: topic,
            replicas: self.replicas.to_vec(),
            isr: self.isr.to_vec(),
            removing_replicas: self.removing_replicas.to_vec(),
            adding_replicas: self.adding_replicas.to_vec(),
            leader: self.leader,
            leader_recovery_state: self.leader_recovery_state.code(),
            leader_epoch: self.leader_epoch,
            partition_epoch: self.partition_epoch,
            directories: if version.has_directories() {
                self.directories.to_vec()
            } else {
                Vec::new()
            },
            eligible_leader_replicas: elr(&self.elr),
            last_known_elr: elr(&self.last_known_elr),
            ..PartitionRecord::default()
        };
        Record::new(record, version.partition_record())
    }

    /// Whether somebody leads.
    pub fn has_leader(&self) -> bool {
        self.leader != NO_LEADER
    }

    /// The replica that should lead if it can.
    pub fn preferred_leader(&self) -> i32 {
        self.replicas.first().copied().unwrap_or(NO_LEADER)
    }

    /// Whether a reassignment is under way.
    pub fn is_reassigning(&self) -> bool {
        !self.removing_replicas.is_empty() || !self.adding_replicas.is_empty()
    }

    /// The log directory of `broker`'s replica.
    pub fn directory(&self, broker: i32) -> Option<Uuid> {
        let at = self.replicas.iter().position(|id| *id == broker)?;
        self.directories.get(at).copied()
    }
}

/// A directory for each replica. None given, or all zero, means that they are not known yet.
fn directories(given: &[Uuid], replicas: usize) -> Option<Box<[Uuid]>> {
    if given.iter().all(|id| *id == directory::MIGRATING) {
        return Some(vec![directory::MIGRATING; replicas].into());
    }
    (given.len() == replicas).then(|| given.into())
}

impl Topic {
    /// A topic without partitions.
    pub fn new(name: impl Into<Arc<str>>, id: Uuid) -> Self {
        Self {
            name: name.into(),
            id,
            partitions: OrdMap::new(),
        }
    }

    /// Its records, the topic's first.
    pub fn to_records(
        &self,
        version: MetadataVersion,
        with_elr: bool,
    ) -> impl Iterator<Item = Record> {
        let topic = TopicRecord {
            name: self.name.to_string(),
            topic_id: self.id,
            ..TopicRecord::default()
        };
        let partitions = self
            .partitions
            .iter()
            .map(move |(index, partition)| partition.to_record(self.id, *index, version, with_elr));
        std::iter::once(Record::from(topic)).chain(partitions)
    }
}
