//! The group coordinator: the machine of one partition of `__consumer_offsets`.
//!
//! It answers with Kafka's messages. Durable state (what is in the log) changes in [`Machine::replay`] and nowhere else:
//! a decision emits records, and what follows from them happens when they come back as a replay. So a failed append
//! leaves the state as it was, and those who asked are told by the shard. Soft state (who is waiting, deadlines, members
//! of a classic group before their generation is written) changes while deciding.

mod admin;
mod classic;
mod consumer;
mod groups;
mod input;
mod offsets;
mod record;
#[cfg(test)]
mod scripts;
mod settings;
#[cfg(test)]
mod testing;
mod timer;
mod turn;

use std::sync::Arc;

pub use consumer::check_heartbeat;
pub use input::{Caller, DeletedTopic, FetchOffsets, Input, MetadataChange, Reply};
use ottla_machine::{Machine, Moment, Out, Ticket, Time, Timers};
use ottla_metadata::Image;
pub use record::{Entry, Producer, Record, RecordError};
pub use settings::{GroupSettings, MigrationPolicy, Settings};

use self::{consumer::ConsumerTopics, groups::Groups, offsets::Offsets, timer::Timer, turn::Turn};

/// The coordinator of the groups of one partition of `__consumer_offsets`.
#[derive(Debug)]
pub struct GroupCoordinator {
    settings: Arc<Settings>,
    image: Arc<Image>,
    groups: Groups,
    consumer_topics: ConsumerTopics,
    offsets: Offsets,
    timers: Timers<Timer>,
}

impl GroupCoordinator {
    /// Without groups: they come with the records of its partition, by [`Machine::replay`]. `version` is the offset of
    /// the last metadata record in `image`.
    pub fn new(settings: Arc<Settings>, image: Arc<Image>, version: i64) -> Self {
        Self {
            settings,
            image,
            groups: Groups::default(),
            consumer_topics: ConsumerTopics::new(version),
            offsets: Offsets::default(),
            timers: Timers::default(),
        }
    }

    /// Everything in the log was replayed: arms the deadlines of the members that were loaded, and says what must be
    /// written because of what was found (as [`Machine::handle`]).
    pub fn loaded(&mut self, moment: &mut Moment<'_>, out: &mut Out<Record, Reply>) {
        let mut turn = Turn::new(moment, out);
        self.classic_loaded(&mut turn);
        self.consumer_loaded(&mut turn);
        self.offsets_loaded(&mut turn);
    }

    /// The coordinator moves away: the answers that those who wait for a rebalance get.
    pub fn unload(&mut self) -> Vec<(Ticket, Reply)> {
        self.classic_unload()
    }

    fn metadata_changed(&mut self, turn: &mut Turn<'_, '_>, change: MetadataChange) {
        let before = std::mem::replace(&mut self.image, change.image);
        self.consumer_metadata_changed(&before, change.version, &change.changed_topics);
        self.offsets_topics_deleted(turn, change.deleted_topics);
    }
}

impl Machine for GroupCoordinator {
    type Input = Input;
    type Record = Record;
    type Reply = Reply;

    fn handle(
        &mut self,
        moment: &mut Moment<'_>,
        ticket: Ticket,
        input: Input,
        out: &mut Out<Record, Reply>,
    ) {
        let mut turn = Turn::new(moment, out);
        self.abandon_founding(&mut turn);
        match input {
            Input::JoinGroup(caller, request) => {
                self.join_group(&mut turn, ticket, &caller, request)
            }
            Input::SyncGroup(caller, request) => {
                self.sync_group(&mut turn, ticket, &caller, request)
            }
            Input::Heartbeat(caller, request) => {
                self.heartbeat(&mut turn, ticket, &caller, request)
            }
            Input::LeaveGroup(caller, request) => {
                self.leave_group(&mut turn, ticket, &caller, request)
            }
            Input::ConsumerGroupHeartbeat(caller, request) => {
                self.consumer_group_heartbeat(&mut turn, ticket, &caller, request)
            }
            Input::OffsetCommit(caller, request) => {
                self.offset_commit(&mut turn, ticket, &caller, request)
            }
            Input::TxnOffsetCommit(caller, producer, request) => {
                self.txn_offset_commit(&mut turn, ticket, &caller, producer, request)
            }
            Input::OffsetFetch(caller, request) => {
                let answer = self.offset_fetch(&turn, &caller, request);
                turn.answer(ticket, Reply::OffsetFetch(answer));
            }
            Input::OffsetDelete(_, request) => self.offset_delete(&mut turn, ticket, request),
            Input::ListGroups(_, request) => {
                let answer = self.list_groups(&request);
                turn.answer(ticket, Reply::ListGroups(answer));
            }
            Input::DescribeGroups(caller, ids) => {
                let answer = self.describe_groups(&caller, &ids);
                turn.answer(ticket, Reply::DescribeGroups(answer));
            }
            Input::ConsumerGroupDescribe(_, ids) => {
                let answer = self.consumer_group_describe(&ids);
                turn.answer(ticket, Reply::ConsumerGroupDescribe(answer));
            }
            Input::DeleteGroups(_, ids) => self.delete_groups(&mut turn, ticket, &ids),
            Input::Metadata(change) => self.metadata_changed(&mut turn, change),
            Input::Settings(settings) => self.settings = settings,
        }
    }

    fn replay(&mut self, offset: i64, record: &Record) {
        self.replay_record(offset, record);
    }

    fn wake_at(&self) -> Option<Time> {
        self.timers.next()
    }

    /// Runs what is due, up to the first decision that writes or answers: each is a batch of its own.
    fn wake(&mut self, moment: &mut Moment<'_>, out: &mut Out<Record, Reply>) {
        let mut turn = Turn::new(moment, out);
        self.abandon_founding(&mut turn);
        while turn.is_empty() {
            let Some(timer) = self.timers.pop_due(turn.now()) else {
                return;
            };
            match timer {
                Timer::Classic(group, timer) => self.classic_timer(&mut turn, &group, timer),
                Timer::Consumer(group, timer) => self.consumer_timer(&mut turn, &group, timer),
                Timer::ExpireOffsets => self.expire_offsets(&mut turn),
                Timer::DeleteOffsets => self.delete_offsets_of_deleted_topics(&mut turn),
            }
        }
    }
}
