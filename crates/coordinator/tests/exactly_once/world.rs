//! The world: time, a network, clients, brokers, and what goes wrong.

use std::{
    collections::{BTreeMap, BinaryHeap},
    rc::Rc,
    sync::Arc,
};

use ottla_coordinator::transaction::{Markers, Record, Settings};
use ottla_log::VerificationGuard;
use ottla_machine::{Entropy, Machine};
use ottla_wire::messages::{
    TransactionLogKey, TransactionLogValue, transaction_log_value::PartitionsSchema,
};

use crate::{
    broker::{Brokers, Coordinator, Turn, new_group},
    client::Client,
    message::{Answer, DATA, From, IDS, PARTITIONS, Request, name_of},
    partition::{Body, Partition},
    seen::{self, Seen},
    truth::{Status, Truth},
};

pub(crate) const START_MS: u64 = 1_000_000;
/// Faults happen until then...
const TROUBLE_MS: u64 = 15_000;
/// ...the last late message comes so much later...
pub(crate) const LATE_MS: u64 = 4_000;
/// ...and then everything has this long to end: the longest transaction, and ten seconds.
const QUIET_MS: u64 = MAX_TIMEOUT_MS as u64 + 10_000;
pub(crate) const MAX_TIMEOUT_MS: i32 = 5_000;
const CLIENTS: usize = 3;

pub(crate) enum Event {
    /// A client goes on.
    Step {
        slot: usize,
        incarnation: u32,
    },
    /// A client has waited long enough for an answer.
    Patience {
        from: From,
        attempt: u32,
    },
    Arrives {
        from: From,
        request: Rc<Request>,
    },
    /// A verified batch is written.
    Write {
        from: From,
        request: Rc<Request>,
        guard: VerificationGuard,
        generation: u32,
    },
    Answered {
        from: From,
        answer: Answer,
    },
    Markers {
        set: Rc<Markers>,
        epoch: i32,
        which: Vec<usize>,
        is_repeat: bool,
    },
    Read,
    Trouble,
    CoordinatorComes,
    GroupComes,
    AllCome,
}

struct Due {
    at: (u64, u64),
    event: Event,
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    /// The earliest is the greatest: it comes out first.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.at.cmp(&self.at)
    }
}

/// How much goes wrong.
struct Weather {
    /// Faults of messages and appends happen so many times as often as usual.
    faults: u64,
    /// Of a thousand messages, so many come very late.
    late: u64,
    /// Transactional ids and producer ids expire after so many ms.
    expiry_ms: i64,
}

pub(crate) struct World {
    tells: bool,
    pub(crate) now: u64,
    pub(crate) entropy: Entropy,
    pub(crate) settings: Arc<Settings>,
    weather: Weather,
    pub(crate) brokers: Brokers,
    pub(crate) clients: Vec<Client>,
    pub(crate) truth: Truth,
    events: BinaryHeap<Due>,
    sequence: u64,
    /// Where a reader of each partition is, and what it saw.
    reading: [i64; PARTITIONS],
    read: [Vec<(i64, u32)>; PARTITIONS],
    seen: Seen,
}

impl World {
    pub(crate) fn new(seed: u64, tells: bool) -> Self {
        let mut entropy = Entropy::new(seed);
        // The first numbers of neighbours are alike.
        for _ in 0..4 {
            entropy.draw();
        }
        let expires = entropy.below(6) == 0;
        let weather = Weather {
            faults: [0, 1, 1, 1, 2, 4][entropy.below(6) as usize],
            late: [0, 5, 20, 60][entropy.below(4) as usize],
            expiry_ms: if expires { 6_000 } else { 600_000 },
        };
        let settings = Arc::new(Settings {
            max_timeout_ms: MAX_TIMEOUT_MS,
            id_expiration_ms: weather.expiry_ms,
            remove_expired_interval_ms: if expires { 1_000 } else { 3_600_000 },
            abort_timed_out_interval_ms: 10_000,
            two_phase_commit: false,
            transaction_version: [0, 1, 2, 2, 2][entropy.below(5) as usize],
        });
        let brokers = Brokers {
            coordinator: Coordinator {
                machine: None,
                log: Vec::new(),
                next: 0,
                epoch: 0,
            },
            group: Some(new_group()),
            partitions: std::array::from_fn(|_| Partition::default()),
            generation: 0,
            is_up: true,
            next_producer_id: 1_000,
            entropy: Entropy::new(entropy.draw()),
        };
        let mut world = Self {
            tells,
            now: START_MS,
            settings,
            weather,
            brokers,
            clients: Vec::new(),
            truth: Truth::default(),
            events: BinaryHeap::new(),
            sequence: 0,
            reading: [0; PARTITIONS],
            read: std::array::from_fn(|_| Vec::new()),
            seen: Seen::default(),
            entropy,
        };
        world.truth.quiet_at = START_MS + TROUBLE_MS + LATE_MS;
        world.begin();
        world
    }

    fn begin(&mut self) {
        for id in 0..IDS.len() {
            if self.entropy.below(3) == 0 {
                self.takes_over(id);
            }
        }
        self.coordinator_comes();
        for slot in 0..CLIENTS {
            let client = self.new_client(slot);
            self.clients.push(client);
            let at = self.now + self.entropy.below(1_000);
            self.at(
                at,
                Event::Step {
                    slot,
                    incarnation: 0,
                },
            );
        }
        let at = self.now + self.entropy.below(3_000);
        self.at(at, Event::Trouble);
        self.at(START_MS + 1_000, Event::Read);
    }

    /// The coordinator's log knows the transactional id already, from a time with other clients: its epochs are nearly
    /// used up, or a transaction is in its midst.
    fn takes_over(&mut self, id: usize) {
        let all = [
            Status::EMPTY,
            Status::ONGOING,
            Status::PREPARE_COMMIT,
            Status::PREPARE_ABORT,
            Status::COMPLETE_COMMIT,
            Status::COMPLETE_ABORT,
        ];
        let status = all[self.entropy.below(6) as usize];
        let is_old = self.entropy.below(4) != 0;
        let ends = status == Status::PREPARE_COMMIT || status == Status::PREPARE_ABORT;
        let partitions = if ends || status == Status::ONGOING {
            let first = self.entropy.below(DATA as u64) as usize;
            [first, DATA]
                .map(|partition| {
                    let (topic, number) = name_of(partition);
                    PartitionsSchema {
                        topic: topic.to_owned(),
                        partition_ids: vec![number],
                        ..PartitionsSchema::default()
                    }
                })
                .to_vec()
        } else {
            Vec::new()
        };
        let level = self.settings.transaction_version;
        let record = Record {
            key: TransactionLogKey {
                transactional_id: IDS[id].to_owned(),
            },
            value: Some(TransactionLogValue {
                producer_id: 500 + id as i64,
                producer_epoch: if is_old {
                    32_767 - 1 - self.entropy.below(6) as i16
                } else {
                    7
                },
                transaction_timeout_ms: MAX_TIMEOUT_MS,
                transaction_status: status.number(),
                transaction_partitions: (status != Status::EMPTY).then_some(partitions),
                transaction_last_update_timestamp_ms: START_MS as i64 - 10,
                transaction_start_timestamp_ms: START_MS as i64 - 1_000,
                client_transaction_version: if level == 2 && ends { 2 } else { 0 },
                ..TransactionLogValue::default()
            }),
            value_version: level.min(1),
            last_producer_epoch: -1,
        };
        self.truth.decided(&record);
        let offset = self.brokers.coordinator.next;
        self.brokers.coordinator.log.push((offset, record));
        self.brokers.coordinator.next += 1;
    }

    pub(crate) fn saw(&mut self, what: usize) {
        self.seen.0[what] += 1;
    }

    pub(crate) fn tell(&self, what: impl FnOnce() -> String) {
        if self.tells {
            println!("{:>7} {}", self.now - START_MS, what());
        }
    }

    pub(crate) fn at(&mut self, time: u64, event: Event) {
        self.sequence += 1;
        self.events.push(Due {
            at: (time, self.sequence),
            event,
        });
    }

    /// Nothing fails any more, though what is late may still come.
    pub(crate) fn is_quiet(&self) -> bool {
        self.now >= START_MS + TROUBLE_MS
    }

    /// Whether a fault of this chance, in thousandths, happens now.
    pub(crate) fn strikes(&mut self, chance: u64) -> bool {
        !self.is_quiet() && self.entropy.below(1_000) < chance * self.weather.faults
    }

    /// How long something takes: mostly a little, now and then up to `most`.
    pub(crate) fn delay(&mut self, most: u64) -> u64 {
        match self.entropy.below(4) {
            0 if !self.is_quiet() => 1 + self.entropy.below(most),
            _ => 1 + self.entropy.below(10),
        }
    }

    // The network.

    pub(crate) fn send(&mut self, from: From, request: &Rc<Request>) {
        if self.strikes(15) {
            self.saw(seen::REQUEST_LOST);
            return;
        }
        let mut at = self.now + self.delay(80);
        if request.bears_repetition() && !self.is_quiet() {
            if self.entropy.below(1_000) < self.weather.late {
                self.saw(seen::REQUEST_LATE);
                at += self.entropy.below(LATE_MS - 100);
            }
            if self.strikes(15) {
                self.saw(seen::REQUEST_REPEATED);
                let at = at + self.entropy.below(2_000);
                let request = request.clone();
                self.at(at, Event::Arrives { from, request });
            }
        }
        let request = request.clone();
        self.at(at, Event::Arrives { from, request });
    }

    pub(crate) fn answer(&mut self, from: From, answer: Answer) {
        self.tell(|| format!("{from:?} is told {answer:?}"));
        if self.strikes(20) {
            self.saw(seen::ANSWER_LOST);
            return;
        }
        let at = self.now + self.delay(80);
        self.at(at, Event::Answered { from, answer });
    }

    // Time.

    /// Lets everything happen, and checks; what happened how often.
    pub(crate) fn run(mut self) -> Seen {
        let end = START_MS + TROUBLE_MS + LATE_MS + QUIET_MS;
        loop {
            let machine = self.brokers.coordinator.machine.as_ref();
            let wake = machine
                .and_then(Machine::wake_at)
                .map_or(u64::MAX, |at| at.0);
            let next = self.events.peek().map_or(u64::MAX, |due| due.at.0);
            if wake.min(next) > end {
                break;
            }
            self.now = self.now.max(wake.min(next));
            if wake <= next {
                self.decide(Turn::Due);
            } else if let Some(due) = self.events.pop() {
                self.happen(due.event);
            }
        }
        self.now = end;
        self.settled();
        self.seen
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Step { slot, incarnation } => self.step(slot, incarnation),
            Event::Patience { from, attempt } => self.out_of_patience(from, attempt),
            Event::Arrives { from, request } => self.arrive(from, request),
            Event::Write {
                from,
                request,
                guard,
                generation,
            } => {
                if self.brokers.is_up && self.brokers.generation == generation {
                    self.write(from, &request, guard);
                }
            }
            Event::Answered { from, answer } => self.answered(from, answer),
            Event::Markers {
                set,
                epoch,
                which,
                is_repeat,
            } => {
                if is_repeat {
                    // Nobody waits for what became of it.
                    for at in which {
                        let (topic, number) = &set.partitions[at];
                        let partition = crate::message::index_of(topic, *number);
                        let _ = self.write_marker(&set, epoch, partition, true);
                    }
                } else {
                    self.write_markers(&set, epoch, &which);
                }
            }
            Event::Read => self.read_on(),
            Event::Trouble => self.trouble(),
            Event::CoordinatorComes => {
                if self.brokers.is_up {
                    self.coordinator_comes();
                }
            }
            Event::GroupComes => {
                if self.brokers.is_up {
                    self.group_comes();
                }
            }
            Event::AllCome => self.all_come(),
        }
    }

    /// Readers of committed data go on.
    fn read_on(&mut self) {
        if !self.is_quiet() {
            let at = self.now + 500 + self.entropy.below(2_000);
            self.at(at, Event::Read);
        }
        for partition in 0..PARTITIONS {
            let most = 1 + self.entropy.below(6) as usize;
            self.read_from(partition, most);
        }
    }

    fn read_from(&mut self, partition: usize, most: usize) -> bool {
        let from = self.reading[partition];
        let (seen, next) = self.brokers.partitions[partition].read_committed(from, most);
        self.read[partition].extend(seen);
        self.reading[partition] = next;
        next > from
    }

    // What goes wrong.

    fn trouble(&mut self) {
        if self.is_quiet() {
            self.all_come();
            for slot in 0..CLIENTS {
                self.wake_up(slot);
            }
            return;
        }
        let next = self.now + 200 + self.entropy.below(4_000);
        self.at(next.min(START_MS + TROUBLE_MS), Event::Trouble);
        if self.weather.faults == 0 {
            return;
        }
        let slot = self.entropy.below(CLIENTS as u64) as usize;
        match self.entropy.below(12) {
            0..=2 => {
                self.saw(seen::COORDINATOR_WENT);
                self.tell(|| "the transaction coordinator goes".to_owned());
                self.coordinator_goes();
                let at = self.now + self.entropy.below(1_500);
                self.at(at, Event::CoordinatorComes);
            }
            3 => {
                self.saw(seen::GROUP_WENT);
                self.tell(|| "the group coordinator goes".to_owned());
                self.compare_group();
                self.brokers.group = None;
                let at = self.now + self.entropy.below(1_500);
                self.at(at, Event::GroupComes);
            }
            4 | 5 => {
                self.saw(seen::ALL_WENT);
                self.tell(|| "all brokers go".to_owned());
                self.brokers.is_up = false;
                self.brokers.generation += 1;
                self.coordinator_goes();
                self.brokers.group = None;
                let at = self.now + self.entropy.below(1_500);
                self.at(at, Event::AllCome);
            }
            6 | 7 => self.dies(slot),
            8 | 9 => self.sleeps(slot),
            10 => {
                let partition = self.entropy.below(PARTITIONS as u64) as usize;
                self.brokers.partitions[partition].take_snapshot();
            }
            _ => self.expire_producers(),
        }
    }

    fn expire_producers(&mut self) {
        let (now, expiry) = (self.now as i64, self.weather.expiry_ms);
        for partition in 0..PARTITIONS {
            let producers = &mut self.brokers.partitions[partition].producers;
            let before = producers.states().len();
            producers.expire(now, expiry);
            if producers.states().len() < before {
                self.saw(seen::PRODUCER_EXPIRED);
            }
        }
    }

    fn all_come(&mut self) {
        self.tell(|| "all brokers come".to_owned());
        if !self.brokers.is_up {
            self.brokers.is_up = true;
            for partition in &mut self.brokers.partitions {
                partition.reload(self.now as i64, self.weather.expiry_ms);
            }
        }
        self.group_comes();
        self.coordinator_comes();
    }

    // The end.

    fn settled(&mut self) {
        self.compare_with_fold();
        self.compare_group();
        let mut all = BTreeMap::new();
        for partition in 0..PARTITIONS {
            while self.read_from(partition, 4) {}
            let of = &self.brokers.partitions[partition];
            assert_eq!(of.last_stable(), of.end, "partition {partition} is held");
            assert_eq!(self.reading[partition], of.end);
            for batch in &of.log {
                if let Body::Values(values) = &batch.body {
                    all.extend(values.iter().map(|value| (*value, (partition, batch.tag))));
                }
            }
        }
        let read: usize = self.read.iter().map(Vec::len).sum();
        if read < all.len() {
            self.saw(seen::ABORTED_READ);
        }
        self.truth.settled(&self.read, &all);
    }
}
