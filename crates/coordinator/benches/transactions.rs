//! What 100,000 transactional ids take: memory, a restart, transactions beside them, and their expiry.
//! `cargo bench -p ottla-coordinator --bench transactions`.
#![allow(clippy::disallowed_methods, clippy::print_stdout)] // It measures, and says what.

use std::{
    fs,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use ottla_config::{BrokerConfig, zero_configuration};
use ottla_coordinator::transaction::{
    AddPartitions, Input, Marked, Record, Reply, Settings, TransactionCoordinator,
};
use ottla_machine::{Entropy, Machine, Moment, Out, Ticket, Time};
use ottla_wire::messages::{
    EndTxnRequest, InitProducerIdRequest, add_partitions_to_txn_request::AddPartitionsToTxnTopic,
};

const IDS: usize = 100_000;
const TRANSACTIONS: usize = 20_000;
const BEGIN: Time = Time(1_700_000_000_000);

struct World {
    machine: TransactionCoordinator,
    now: Time,
    entropy: Entropy,
    log: Vec<(Bytes, Option<Bytes>)>,
    records: usize,
    /// Whether what is written is kept.
    keeps: bool,
}

fn main() {
    let mut world = World::new();
    for id in 0..IDS {
        world.transaction(id, id as i64, 1);
    }
    let log = std::mem::take(&mut world.log);
    // It stays, so that nothing of what is measured is in memory that it has given back.
    let first = std::mem::replace(&mut world, World::new());
    let (before, started) = (resident(), Instant::now());
    for (offset, (key, value)) in log.iter().enumerate() {
        let record = Record::decode(key, value.as_ref());
        let record = record.expect("whole").expect("known");
        world.machine.replay(offset as i64, &record);
    }
    let (records, took) = (log.len(), started.elapsed());
    let size = resident().saturating_sub(before) / IDS as u64;
    println!("{IDS} ids: {size} bytes each; {records} records read and replayed in {took:?}");
    drop(first);
    world.keeps = false;
    world.decide(|machine, moment, out| machine.loaded(moment, out));
    for partitions in [1, 10] {
        let started = Instant::now();
        for n in 0..TRANSACTIONS {
            world.transaction(n, (IDS + n) as i64, partitions);
        }
        let each = started.elapsed() / TRANSACTIONS as u32;
        println!("a transaction of {partitions} partitions with InitProducerId: {each:?}");
    }
    world.expire();
}

impl World {
    fn new() -> Self {
        let loaded = BrokerConfig::load(&[zero_configuration()], &mut |_| Ok(None));
        let settings = Settings::of(&loaded.expect("the defaults").config, 2);
        Self {
            machine: TransactionCoordinator::new(Arc::new(settings)),
            now: BEGIN,
            entropy: Entropy::new(1),
            log: Vec::new(),
            records: 0,
            keeps: true,
        }
    }

    /// InitProducerId, AddPartitionsToTxn, EndTxn, and the markers.
    fn transaction(&mut self, n: usize, fresh: i64, partitions: i32) {
        // Not in the order of the names.
        let id = format!("application-{:06}-producer", n * 7_919 % IDS);
        let request = InitProducerIdRequest {
            transactional_id: Some(id.clone()),
            transaction_timeout_ms: 60_000,
            producer_id: -1,
            producer_epoch: -1,
            ..InitProducerIdRequest::default()
        };
        let Reply::InitProducerId(producer) = self.ask(Input::InitProducerId {
            request,
            fresh: Some(fresh),
        }) else {
            panic!("not an answer to InitProducerId");
        };
        self.ask(Input::AddPartitions(AddPartitions {
            transactional_id: id.clone(),
            producer_id: producer.producer_id,
            producer_epoch: producer.producer_epoch,
            verify_only: false,
            client_transaction_version: 2,
            topics: vec![AddPartitionsToTxnTopic {
                name: "orders".to_owned(),
                partitions: (0..partitions).collect(),
                ..AddPartitionsToTxnTopic::default()
            }],
        }));
        let Reply::EndTransaction(ended) = self.ask(Input::EndTransaction {
            request: EndTxnRequest {
                transactional_id: id,
                producer_id: producer.producer_id,
                producer_epoch: producer.producer_epoch,
                committed: true,
                ..EndTxnRequest::default()
            },
            version: 5,
            fresh: None,
        }) else {
            panic!("not an answer to EndTxn");
        };
        assert_eq!(ended.error_code, 0);
        for markers in self.machine.markers() {
            let marked = Marked {
                transactional_id: markers.transactional_id,
                producer_id: markers.producer_id,
                producer_epoch: markers.producer_epoch,
                done: markers.partitions,
                again: Vec::new(),
                fenced: false,
            };
            self.decide(|machine, moment, out| {
                machine.handle(moment, Ticket::default(), Input::Marked(marked), out);
            });
        }
    }

    /// Nobody uses them for a long time.
    fn expire(&mut self) {
        self.now = BEGIN.after(30 * 24 * 3_600_000);
        let (mut longest, mut slices, started) = (Duration::ZERO, 0, Instant::now());
        while !self.machine.is_empty() {
            let at = self.machine.wake_at().expect("a search");
            self.now = self.now.max(at);
            let slice = Instant::now();
            self.decide(TransactionCoordinator::wake);
            longest = longest.max(slice.elapsed());
            slices += 1;
        }
        let took = started.elapsed();
        println!("all are forgotten in {took:?}, in {slices} slices of at most {longest:?}");
    }

    fn ask(&mut self, input: Input) -> Reply {
        let mut replies = self.decide(|machine, moment, out| {
            machine.handle(moment, Ticket(1), input, out);
        });
        replies.pop().expect("an answer").1
    }

    fn decide(
        &mut self,
        decide: impl FnOnce(&mut TransactionCoordinator, &mut Moment<'_>, &mut Out<Record, Reply>),
    ) -> Vec<(Ticket, Reply)> {
        let mut out = Out::default();
        let mut moment = Moment {
            now: self.now,
            next_offset: self.records as i64,
            entropy: &mut self.entropy,
        };
        decide(&mut self.machine, &mut moment, &mut out);
        for record in &out.records {
            let bytes = record.encode().expect("a record that can be written");
            if self.keeps {
                self.log.push(bytes);
            }
            self.machine.replay(self.records as i64, record);
            self.records += 1;
        }
        out.replies
    }
}

/// The memory of the process, in bytes.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kb = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kb.unwrap_or(0) * 1024
}
