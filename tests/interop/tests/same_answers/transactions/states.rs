//! Transactional ids brought into each state, on both sides, by requests that are not what a test is about.

use std::time::Duration;

use ottla_interop::oracle::wait_until;
use ottla_wire::{
    Request,
    messages::{CreateTopicsRequest, create_topics_request::CreatableTopic},
};

use super::{
    asks::{add, add_offsets, batch, commit_offsets, end, init, produce},
    looks::{offsets, settle},
};
use crate::{
    both::{Both, Producer, READY_LIMIT, Side},
    topics::settle_create,
};

/// Transactions of the tests do not time out by themselves.
pub(super) const LONG: i32 = 600_000;

/// Which requests a client sends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Style {
    /// Of transaction version 0 or 1: partitions are added by AddPartitionsToTxn, the epoch stays.
    Old,
    /// Of version 2: Produce adds partitions, EndTxn raises the epoch.
    New,
}

/// What has happened to a transactional id.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum State {
    /// It has a producer.
    New,
    /// A partition is in a transaction, and nothing written.
    Added,
    /// Records are written.
    Open,
    /// Offsets are committed in it.
    Offsets,
    /// It has ended.
    Committed,
    /// It has ended.
    Aborted,
    /// A second producer has it, the request is the first's.
    Succeeded,
    /// A second transaction is open.
    OpenAgain,
}

pub(super) const STATES: [State; 8] = [
    State::New,
    State::Added,
    State::Open,
    State::Offsets,
    State::Committed,
    State::Aborted,
    State::Succeeded,
    State::OpenAgain,
];

/// A transactional id, whose producer each side knows by the same name.
#[derive(Clone, Debug)]
pub(crate) struct Txn {
    pub(super) id: String,
    pub(super) style: Style,
    pub(super) topic: String,
    pub(super) partition: i32,
    /// Of the producer's next record in the partition.
    pub(super) sequence: i32,
}

/// What coordinators and markers on their way answer.
const NOT_YET: [i16; 4] = [14, 15, 16, 51];
/// Where groups commit.
pub(super) const READ: &str = "read-in-transactions";

/// Asks both until they have a final answer: their codes must be 0.
pub(super) fn must<R: Request>(
    both: &mut Both,
    version: i16,
    build: impl Fn(&mut Side) -> R,
    codes: impl Fn(&R::Response) -> Vec<i16>,
    see: impl Fn(&mut Side, &R::Response),
) {
    for side in both.sides() {
        let request = build(side);
        let mut said = None;
        let done = wait_until(READY_LIMIT, || {
            let answer = side.connection.ask(version, &request);
            let not_yet = |answer| codes(answer).iter().any(|code| NOT_YET.contains(code));
            let done = answer.as_ref().is_ok_and(|answer| !not_yet(answer));
            said = Some(answer);
            done
        });
        match said {
            Some(Ok(answer)) if done && codes(&answer).iter().all(|code| *code == 0) => {
                see(side, &answer);
            }
            other => eprintln!("{:?}: {request:?}: {other:?}", side.connection),
        }
    }
}

/// Topics of these names, with this many partitions each, led by both.
pub(super) fn topics(both: &mut Both, names: &[&str], partitions: i32) {
    let request = |_: &mut Side, _: i16| CreateTopicsRequest {
        topics: names
            .iter()
            .map(|&name| CreatableTopic {
                name: name.to_owned(),
                num_partitions: partitions,
                replication_factor: 1,
                ..CreatableTopic::default()
            })
            .collect(),
        timeout_ms: 30_000,
        ..CreateTopicsRequest::default()
    };
    both.once_then("topics for transactions", 7, request, settle_create);
    for side in both.sides() {
        for (name, index) in names
            .iter()
            .flat_map(|name| (0..partitions).map(move |of| (name, of)))
        {
            let leads = wait_until(READY_LIMIT, || {
                let answer = side.connection.ask(7, &offsets(name, index, -1, 0));
                answer.is_ok_and(|answer| answer.topics[0].partitions[0].error_code == 0)
            });
            if !leads {
                eprintln!("{:?} does not lead {name}-{index}", side.connection);
            }
        }
    }
}

impl Txn {
    /// An id without a producer yet.
    pub(super) fn new(id: &str, style: Style, topic: &str, partition: i32) -> Self {
        Self {
            id: id.to_owned(),
            style,
            topic: topic.to_owned(),
            partition,
            sequence: 0,
        }
    }

    /// The group that commits in the transaction.
    pub(super) fn group(&self) -> String {
        format!("group of {}", self.id)
    }

    /// Brings it from nothing into a state.
    pub(super) fn prepare(&mut self, both: &mut Both, state: State) {
        self.init(both, LONG);
        match state {
            State::New => {}
            State::Added => self.add(both),
            State::Open => self.write(both),
            State::Offsets => self.commit_offsets(both),
            State::Committed | State::Aborted => {
                self.write(both);
                self.end(both, state == State::Committed);
            }
            State::Succeeded => {
                self.write(both);
                let zombies = both.sides().each_ref().map(|side| side.producer(&self.id));
                self.init(both, LONG);
                for (side, zombie) in both.sides().iter_mut().zip(zombies) {
                    side.name(&self.id, zombie);
                }
            }
            State::OpenAgain => {
                self.write(both);
                self.end(both, false);
                self.write(both);
            }
        }
    }

    /// A producer takes the id over, until it has: ends what was open.
    pub(super) fn init(&mut self, both: &mut Both, timeout: i32) {
        self.sequence = 0;
        must(
            both,
            4,
            |_| init(Some(&self.id), timeout, (-1, -1)),
            |answer| vec![answer.error_code],
            |side, answer| side.name(&self.id, (answer.producer_id, answer.producer_epoch)),
        );
    }

    pub(super) fn add(&self, both: &mut Both) {
        let topics = [(&*self.topic, &[self.partition][..])];
        must(
            both,
            3,
            |side| add(3, &self.id, side.producer(&self.id), &topics),
            |answer| {
                let topics = answer.results_by_topic_v3_and_below.iter();
                let partitions = topics.flat_map(|topic| &topic.results_by_partition);
                partitions.map(|of| of.partition_error_code).collect()
            },
            |_, _| {},
        );
    }

    /// Two records, in the transaction.
    pub(super) fn write(&mut self, both: &mut Both) {
        let version = match self.style {
            Style::Old => {
                self.add(both);
                11
            }
            Style::New => 12,
        };
        must(
            both,
            version,
            |side| self.produce(side, side.producer(&self.id)),
            |answer| {
                let partitions = answer
                    .responses
                    .iter()
                    .flat_map(|of| &of.partition_responses);
                partitions.map(|of| of.error_code).collect()
            },
            |_, _| {},
        );
        self.sequence += 2;
    }

    /// Two records that follow what was written.
    pub(super) fn produce(
        &self,
        side: &mut Side,
        producer: Producer,
    ) -> ottla_wire::messages::ProduceRequest {
        let batch = batch(producer, self.sequence, true);
        let places = [(&*self.topic, self.partition, batch)];
        produce(side, Some(&self.id), &places)
    }

    pub(super) fn commit_offsets(&self, both: &mut Both) {
        let version = match self.style {
            Style::Old => {
                must(
                    both,
                    3,
                    |side| add_offsets(&self.id, side.producer(&self.id), &self.group()),
                    |answer| vec![answer.error_code],
                    |_, _| {},
                );
                4
            }
            Style::New => 5,
        };
        must(
            both,
            version,
            |side| {
                let producer = side.producer(&self.id);
                commit_offsets(side, &self.id, producer, &self.group(), &[(READ, &[0])])
            },
            |answer| {
                let partitions = answer.topics.iter().flat_map(|topic| &topic.partitions);
                partitions.map(|of| of.error_code).collect()
            },
            |_, _| {},
        );
    }

    /// Ends the transaction, and waits until its markers are written.
    pub(super) fn end(&mut self, both: &mut Both, committed: bool) {
        let version = if self.style == Style::Old { 4 } else { 5 };
        must(
            both,
            version,
            |side| end(&self.id, side.producer(&self.id), committed),
            |answer| vec![answer.error_code],
            |side, answer| {
                if version == 5 {
                    side.name(&self.id, (answer.producer_id, answer.producer_epoch));
                }
            },
        );
        if version == 5 {
            self.sequence = 0;
        }
        settle(both, &self.id);
    }
}

/// Sets the level of `transaction.version` on both.
pub(super) fn transaction_version(both: &mut Both, level: i16) {
    use ottla_wire::messages::{UpdateFeaturesRequest, update_features_request::FeatureUpdateKey};
    const SAFE_DOWNGRADE: i8 = 2;
    const UPGRADE: i8 = 1;
    for upgrade_type in [SAFE_DOWNGRADE, UPGRADE] {
        let what = format!("transaction.version {level}, type {upgrade_type}");
        both.once(&what, 2, |_, _| UpdateFeaturesRequest {
            timeout_ms: 10_000,
            feature_updates: vec![FeatureUpdateKey {
                feature: "transaction.version".to_owned(),
                max_version_level: level,
                upgrade_type,
                ..FeatureUpdateKey::default()
            }],
            ..UpdateFeaturesRequest::default()
        });
    }
    // Brokers learn of it from the log.
    std::thread::sleep(Duration::from_millis(500));
}
