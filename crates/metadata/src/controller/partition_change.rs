//! What becomes of a partition when brokers come, go or catch up: its new leader, in-sync replicas, eligible leader
//! replicas and assignment, as one record.

use std::collections::{BTreeMap, BTreeSet};

use ottla_wire::{Uuid, messages::PartitionChangeRecord};

use crate::{
    MetadataVersion, Record,
    image::{Image, LeaderRecoveryState, NO_LEADER, NO_LEADER_CHANGE, Partition, directory},
};

/// Who may be elected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Election {
    /// The preferred leader if it is in sync, else as [`Election::Online`].
    Preferred,
    /// The leader stays if it can; else the first replica that is in sync, or eligible.
    Online,
    /// As [`Election::Online`]; as a last resort any replica that lives, even if records are lost.
    Unclean,
}

/// A broker that is coming or going with the very change that is being decided: the image does not show it yet.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Turn {
    /// No longer in sync, and must not lead.
    pub(super) leaves: Option<i32>,
    /// May lead, though still fenced.
    pub(super) joins: Option<i32>,
    /// Stopped without a clean shutdown: what it had may be gone, so it is not eligible either.
    pub(super) lost: Option<i32>,
}

/// A change of one partition, being worked out.
pub(super) struct PartitionChange<'a> {
    image: &'a Image,
    topic: Uuid,
    index: i32,
    old: &'a Partition,
    /// The `min.insync.replicas` that counts for it.
    min_isr: usize,
    turn: Turn,
    /// How to elect.
    pub(super) election: Election,
    /// The in-sync replicas wanted.
    pub(super) isr: Vec<i32>,
    /// The replicas wanted.
    pub(super) replicas: Vec<i32>,
    /// Of those, the ones to remove.
    pub(super) removing: Vec<i32>,
    /// Of those, the ones being added.
    pub(super) adding: Vec<i32>,
    /// The recovery state wanted.
    pub(super) recovery: LeaderRecoveryState,
    /// Directories by replica.
    pub(super) directories: BTreeMap<i32, Uuid>,
    elr: Vec<i32>,
}

struct Elected {
    leader: i32,
    unclean: bool,
}

impl<'a> PartitionChange<'a> {
    /// No change yet.
    pub(super) fn new(
        image: &'a Image,
        (topic, index): (Uuid, i32),
        old: &'a Partition,
        min_isr: usize,
        turn: Turn,
    ) -> Self {
        let directories = old.replicas.iter().zip(&old.directories);
        Self {
            image,
            topic,
            index,
            old,
            min_isr,
            turn,
            election: Election::Online,
            isr: old.isr.to_vec(),
            replicas: old.replicas.to_vec(),
            removing: old.removing_replicas.to_vec(),
            adding: old.adding_replicas.to_vec(),
            recovery: old.leader_recovery_state,
            directories: directories.map(|(id, of)| (*id, *of)).collect(),
            elr: old.elr.to_vec(),
        }
    }

    fn version(&self) -> MetadataVersion {
        self.image.metadata_version_or_minimum()
    }

    /// The record of the change, if anything changes.
    pub(super) fn build(mut self) -> Option<Record> {
        let mut record = PartitionChangeRecord {
            partition_id: self.index,
            topic_id: self.topic,
            ..PartitionChangeRecord::default()
        };
        let nothing = record.clone();
        self.complete_reassignment();
        self.update_elr();
        self.elect(&mut record);
        if record.leader == NO_LEADER_CHANGE && !includes(&self.replicas, &self.old.replicas) {
            // Replicas that go away must notice.
            record.leader = self.old.leader;
        }
        self.record_isr(&mut record);
        self.record_last_leader(&mut record);
        self.record_assignment(&mut record);
        if self.recovery != self.old.leader_recovery_state {
            record.leader_recovery_state = self.recovery.code();
        }
        (record != nothing).then(|| Record::new(record, self.version().partition_record()))
    }

    /// A reassignment ends once all that is added is in sync.
    fn complete_reassignment(&mut self) {
        if self.removing.is_empty() && self.adding.is_empty() {
            return;
        }
        let stays = |id: &&i32| !self.removing.contains(id);
        let isr: Vec<i32> = self.isr.iter().filter(stays).copied().collect();
        let replicas: Vec<i32> = self.replicas.iter().filter(stays).copied().collect();
        let none_left = !self.removing.is_empty() && (isr.is_empty() || replicas.is_empty());
        if none_left || !includes(&isr, &self.adding) {
            return;
        }
        // When the replication factor shrinks, everything that stays must be in sync.
        if self.adding.len() < self.removing.len() && !includes(&isr, &replicas) {
            return;
        }
        self.isr = isr;
        self.replicas = replicas;
        self.removing = Vec::new();
        self.adding = Vec::new();
    }

    /// Below the minimum, those that fall out of sync stay eligible: nothing is committed without them.
    fn update_elr(&mut self) {
        if !self.image.keeps_elr() {
            return;
        }
        if self.isr.len() >= self.min_isr {
            self.elr = Vec::new();
            return;
        }
        let had_everything: BTreeSet<i32> = self.elr.iter().chain(&self.old.isr).copied().collect();
        // Apache Kafka keeps one that a reassignment has just removed, where it can never lead.
        let is_eligible = |id: &i32| {
            !self.isr.contains(id) && self.replicas.contains(id) && Some(*id) != self.turn.lost
        };
        self.elr = had_everything.into_iter().filter(is_eligible).collect();
    }

    /// Whether a broker lives, as far as this partition is concerned.
    fn can_lead(&self, id: i32) -> bool {
        if Some(id) == self.turn.leaves || Some(id) == self.turn.lost {
            return false;
        }
        let Some(broker) = self.image.broker(id) else {
            return false;
        };
        let lives = Some(id) == self.turn.joins || broker.is_active();
        // Apache Kafka judges by the directory before the change: who comes back to one that is online stays without a leader.
        let directory = self.directories.get(&id).copied();
        lives && broker.has_online_directory(directory.unwrap_or(directory::LOST))
    }

    fn can_lead_cleanly(&self, id: i32) -> bool {
        let has_everything =
            self.isr.contains(&id) || (self.isr.is_empty() && self.elr.contains(&id));
        has_everything && self.can_lead(id)
    }

    fn elected(&self) -> Elected {
        let preferred = self.replicas.first().copied().unwrap_or(NO_LEADER);
        let by_preference = (self.election == Election::Preferred).then_some(preferred);
        let candidates = by_preference
            .into_iter()
            .chain([self.old.leader])
            .chain(self.replicas.iter().copied());
        for leader in candidates {
            if self.can_lead_cleanly(leader) {
                return Elected {
                    leader,
                    unclean: false,
                };
            }
        }
        let last_resort = || match self.election {
            Election::Unclean => self.replicas.iter().copied().find(|id| self.can_lead(*id)),
            Election::Preferred | Election::Online => None,
        };
        let uncleanly = self.last_leader().or_else(last_resort);
        Elected {
            leader: uncleanly.unwrap_or(NO_LEADER),
            unclean: uncleanly.is_some(),
        }
    }

    /// The last leader, if nobody else could have more, and it is back.
    fn last_leader(&self) -> Option<i32> {
        let nobody = self.isr.is_empty() && self.elr.is_empty();
        match *self.old.last_known_elr {
            [last] if self.image.keeps_elr() && nobody && self.can_lead(last) => Some(last),
            _ => None,
        }
    }

    fn elect(&mut self, record: &mut PartitionChangeRecord) {
        let Elected { leader, unclean } = self.elected();
        if leader == self.old.leader {
            return;
        }
        if self.elr.contains(&leader) {
            self.isr = vec![leader];
            self.elr.retain(|id| *id != leader);
        }
        record.leader = leader;
        if unclean {
            record.isr = Some(vec![leader]);
            if self.old.leader_recovery_state != LeaderRecoveryState::Recovering {
                record.leader_recovery_state = LeaderRecoveryState::Recovering.code();
            }
        }
    }

    fn record_isr(&mut self, record: &mut PartitionChangeRecord) {
        let keeps_elr = self.image.keeps_elr();
        if record.isr.is_some() || !keeps_elr {
            self.elr = Vec::new();
        }
        if self.elr != *self.old.elr {
            record.eligible_leader_replicas = Some(self.elr.clone());
        }
        // Without eligible leader replicas the last one in sync stays, so that it can come back and lead.
        let may_set = record.isr.is_none() && (keeps_elr || !self.isr.is_empty());
        if may_set && self.isr != *self.old.isr {
            record.isr = Some(self.isr.clone());
        }
        let isr = record.isr.as_ref();
        let shrinks = isr.is_some_and(|isr| !includes(isr, &self.old.isr));
        let must_bump = self.version().bumps_leader_epoch_on_isr_shrink();
        if must_bump && shrinks && record.leader == NO_LEADER_CHANGE {
            record.leader = self.old.leader;
        }
    }

    fn record_last_leader(&self, record: &mut PartitionChangeRecord) {
        if !self.image.keeps_elr() {
            return;
        }
        let known = !self.old.last_known_elr.is_empty();
        if record.leader == NO_LEADER && !known && self.old.has_leader() {
            record.last_known_elr = Some(vec![self.old.leader]);
        } else if record.leader >= 0 && known {
            record.last_known_elr = Some(Vec::new());
        }
    }

    fn record_assignment(&self, record: &mut PartitionChangeRecord) {
        if !self.replicas.is_empty() {
            if self.version().has_directories() {
                let directory = |id: &i32| {
                    let known = self.directories.get(id).copied();
                    known.unwrap_or_else(|| default_directory(self.image, *id))
                };
                let directories: Vec<Uuid> = self.replicas.iter().map(directory).collect();
                if directories != *self.old.directories {
                    record.directories = Some(directories);
                }
            }
            if self.replicas != *self.old.replicas {
                record.replicas = Some(self.replicas.clone());
            }
        }
        if self.removing != *self.old.removing_replicas {
            record.removing_replicas = Some(self.removing.clone());
        }
        if self.adding != *self.old.adding_replicas {
            record.adding_replicas = Some(self.adding.clone());
        }
    }
}

/// Whether `all` has each of `some`.
pub(super) fn includes(all: &[i32], some: &[i32]) -> bool {
    some.iter().all(|id| all.contains(id))
}

/// The directory of a new replica on a broker.
pub(super) fn default_directory(image: &Image, broker: i32) -> Uuid {
    if !image.metadata_version_or_minimum().has_directories() {
        return directory::MIGRATING;
    }
    image
        .broker(broker)
        .map_or(directory::UNASSIGNED, |broker| broker.default_directory())
}
