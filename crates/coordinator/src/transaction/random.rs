//! Transactions in random orders, with appends and markers that fail, other levels, and coordinators that come and go.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ottla_machine::Entropy;
use ottla_wire::messages::InitProducerIdRequest;

use super::{
    AddPartitions, Input, Reply,
    state::{State, Transaction},
    testing::{World, add, end, init, settings},
};

const IDS: [&str; 3] = ["a", "b", "c"];

/// Somebody who has, or had, a transactional id.
#[derive(Clone, Copy)]
struct Producer {
    id: &'static str,
    producer: (i64, i16),
    version: i16,
}

struct Schedule {
    world: World,
    entropy: Entropy,
    producers: Vec<Producer>,
}

impl Schedule {
    fn new(seed: u64) -> Self {
        let mut world = World::new(settings());
        world.marks = false;
        Self {
            world,
            entropy: Entropy::new(seed),
            producers: Vec::new(),
        }
    }

    fn chance(&mut self, one_in: u64) -> bool {
        self.entropy.below(one_in) == 0
    }

    fn step(&mut self) {
        match self.entropy.below(16) {
            0..=1 => self.init(),
            2..=5 => self.add(),
            6..=9 => self.end(),
            10..=12 => self.mark(),
            13 => {
                let ms = self.entropy.below(4_000);
                self.world.pass(ms);
            }
            14 => self.world.append_fails = self.chance(3),
            _ => match self.entropy.below(4) {
                0 => {
                    self.world.reload();
                    // What the new coordinator finds is what it goes on with.
                    self.world.append_fails = false;
                }
                1 => {
                    self.world.next_id = match self.chance(2) {
                        true => None,
                        false => Some(10_000 + self.world.log.len() as i64),
                    };
                }
                _ => {
                    let level = 1 + self.entropy.below(2) as i16;
                    self.world
                        .configure(|settings| settings.transaction_version = level);
                }
            },
        }
        self.wear_out();
    }

    /// Now and then a producer's epochs are nearly used up.
    fn wear_out(&mut self) {
        if !self.chance(40) {
            return;
        }
        let id = IDS[self.entropy.below(3) as usize];
        let Some(of) = self.world.machine.transaction(id).cloned() else {
            return;
        };
        if of.state.is_idle() && of.epoch < 32_000 {
            let worn = Transaction {
                epoch: 32_764,
                last_epoch: -1,
                state: State::Empty,
                started: -1,
                ..of
            };
            self.producers.push(Producer {
                id,
                producer: (worn.producer_id, worn.epoch),
                version: 2,
            });
            self.world.append(vec![super::Record::of(id, &worn, 2)]);
        }
    }

    fn init(&mut self) {
        let id = IDS[self.entropy.below(3) as usize];
        let knows = self.chance(3);
        let before = self.some_producer().filter(|_| knows);
        let mut request = InitProducerIdRequest {
            transaction_timeout_ms: 1_000 + self.entropy.below(5_000) as i32,
            ..init(before.map_or(id, |of| of.id))
        };
        if let Some(of) = before {
            (request.producer_id, request.producer_epoch) = of.producer;
        }
        let reply = self.world.ask_with_id(|fresh| Input::InitProducerId {
            request: request.clone(),
            fresh,
        });
        let version = self.entropy.below(2) as i16 * 2;
        if let Some(Reply::InitProducerId(answer)) = reply
            && answer.error_code == 0
        {
            self.producers.push(Producer {
                id: before.map_or(id, |of| of.id),
                producer: (answer.producer_id, answer.producer_epoch),
                version,
            });
        }
    }

    fn some_producer(&mut self) -> Option<Producer> {
        // The last ones more often: the others are zombies.
        let known = self.producers.len() as u64;
        let back = self.entropy.below(known.clamp(1, 4));
        let at = known.checked_sub(1 + back)?;
        self.producers.get(at as usize).copied()
    }

    fn add(&mut self) {
        let Some(of) = self.some_producer() else {
            return;
        };
        let topic = ["t", "u"][self.entropy.below(2) as usize];
        let request = AddPartitions {
            verify_only: self.chance(4),
            client_transaction_version: of.version,
            ..add(of.id, of.producer, topic, &[self.entropy.below(3) as i32])
        };
        self.world.ask(Input::AddPartitions(request));
    }

    fn end(&mut self) {
        let Some(of) = self.some_producer() else {
            return;
        };
        let request = end(of.id, of.producer, self.chance(2));
        let version = if of.version == 2 { 5 } else { 4 };
        let reply = self.world.ask_with_id(|fresh| Input::EndTransaction {
            request: request.clone(),
            version,
            fresh,
        });
        if let Some(Reply::EndTransaction(answer)) = reply
            && answer.error_code == 0
            && version == 5
        {
            self.producers.push(Producer {
                producer: (answer.producer_id, answer.producer_epoch),
                ..of
            });
        }
    }

    fn mark(&mut self) {
        if self.world.markers.is_empty() {
            return;
        }
        let which = self.entropy.below(self.world.markers.len() as u64);
        let markers = self.world.markers.remove(which as usize);
        let mut again = markers.partitions.clone();
        again.retain(|_| self.entropy.below(3) == 0);
        self.world.report(markers, again, false);
    }

    /// All that failed works again.
    fn repair(&mut self) {
        self.world.append_fails = false;
        if self.world.next_id.is_none() {
            self.world.next_id = Some(100_000);
        }
        self.world.marks = true;
        self.world.write_markers();
        self.world.pass(20_000);
    }

    /// The markers of each epoch are those of the transactions that were ended with it (before version 2 there may be
    /// several), on all of their partitions; a producer's epoch never falls; and states follow each other as they may.
    fn check_log(&self) {
        let mut marked = Ends::default();
        for markers in &self.world.marked {
            for (topic, partition) in &markers.partitions {
                let key = (markers.producer_id, markers.producer_epoch);
                let marker = (markers.committed, topic.clone(), *partition);
                marked.entry(key).or_default().insert(marker);
            }
        }
        let mut decided = Ends::default();
        let mut epochs: BTreeMap<i64, i16> = BTreeMap::new();
        let mut states: BTreeMap<&str, State> = BTreeMap::new();
        for record in &self.world.log {
            let id = record.key.transactional_id.as_str();
            let of = record.transaction().unwrap();
            if let Some(before) = states.insert(id, of.state) {
                assert!(of.state.follows(before), "{before:?} to {:?}", of.state);
            }
            let highest = epochs.entry(of.producer_id).or_insert(of.epoch);
            assert!(*highest <= of.epoch, "{record:?}");
            *highest = of.epoch;
            if of.state.is_prepared() {
                let committed = of.state == State::PrepareCommit;
                for (topic, partition) in of.partitions.iter() {
                    let end = decided.entry((of.producer_id, of.epoch)).or_default();
                    end.insert((committed, topic.clone(), partition));
                }
            }
        }
        assert_eq!(marked, decided);
    }
}

/// By producer and epoch: commit or abort, and of which partition.
type Ends = BTreeMap<(i64, i16), BTreeSet<(bool, Arc<str>, i32)>>;

#[test]
fn in_whatever_order_every_transaction_comes_to_its_end() {
    let schedules = std::env::var("OTTLA_SCHEDULES").ok();
    let schedules: u64 = schedules.map_or(100, |of| of.parse().unwrap());
    let (mut ended, mut rotated) = (0, 0);
    for seed in 0..schedules {
        let mut schedule = Schedule::new(seed);
        for _ in 0..80 {
            schedule.step();
        }
        schedule.repair();
        let world = &mut schedule.world;
        for id in IDS {
            let Some(of) = world.machine.transaction(id) else {
                continue;
            };
            assert!(of.state.is_idle(), "seed {seed}: {id} is {:?}", of.state);
        }
        assert!(world.markers.is_empty(), "seed {seed}");
        schedule.check_log();
        let log = &schedule.world.log;
        let all = || log.iter().filter_map(super::Record::transaction);
        ended += all().filter(|of| of.state.is_prepared()).count();
        rotated += all().filter(|of| of.next_producer_id >= 0).count();
    }
    // It is of use only if much happens.
    assert!(ended as u64 > schedules, "{ended}");
    assert!(rotated > 0, "{rotated}");
}
