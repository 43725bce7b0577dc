//! What happens in a turn, by chance: everything that clients do, with the model as its witness.

use ottla_interop::{
    lines::Numbers,
    offsets::{await_coordinator, delete_topic},
    oracle::wait_until,
    raw::Connection,
    takeover::{
        classic::{Classic, commit, commits},
        modern::{Modern, Wants, settle},
        picture::Age,
    },
};
use std::time::Duration;

use crate::{
    asks::{self, Place},
    model::{Committed, Model, Partition, Sort, Topic},
    producers::{self, Idempotent, Transactional},
};

const SORTS: [Sort; 5] = [
    Sort::Plain,
    Sort::AppendTime,
    Sort::Odd,
    Sort::Compact,
    Sort::CompactDelete,
];
/// The most partitions that a topic gets.
const WIDEST: usize = 4;
/// What the names of topics that come and go begin with.
const PASSING: &str = "passing-";
/// Of groups and their offsets; they stay.
pub(crate) const STAYING: [(&str, i32); 2] = [("one", 3), ("two", 2)];
/// A topic some of whose records may be from an old release.
pub(crate) const OLD: &str = "old";
const TOPIC: i8 = 2;
const BROKER: i8 = 4;

/// Everybody who does something.
pub(crate) struct Workload {
    pub(crate) numbers: Numbers,
    age: Age,
    idempotent: Vec<Idempotent>,
    pub(crate) transactional: Vec<Transactional>,
    classic: Classic,
    modern: Option<Modern>,
}

fn configs(sort: Sort) -> &'static [(&'static str, &'static str)] {
    match sort {
        Sort::Plain => &[],
        Sort::AppendTime => &[("message.timestamp.type", "LogAppendTime")],
        Sort::Odd => &[
            ("compression.type", "zstd"),
            ("max.message.bytes", "2000000"),
        ],
        Sort::Compact => &[
            ("cleanup.policy", "compact"),
            ("segment.ms", "200"),
            ("min.cleanable.dirty.ratio", "0.01"),
            ("delete.retention.ms", "0"),
        ],
        Sort::CompactDelete => &[
            ("cleanup.policy", "compact,delete"),
            ("segment.ms", "200"),
            ("min.cleanable.dirty.ratio", "0.01"),
        ],
    }
}

/// Asks who leads: the epochs of all partitions, and of what is new, once it has a leader.
fn learn_epochs(connection: &mut Connection, model: &mut Model, topic: Option<&str>) {
    for found in asks::topics(connection, topic) {
        let Some(topic) = found.name.and_then(|name| model.topics.get_mut(&name)) else {
            continue;
        };
        for (known, of) in topic.partitions.iter_mut().zip(found.partitions) {
            assert!(known.leader_epoch <= of.leader_epoch, "{of:?} {known:?}");
            known.leader_epoch = of.leader_epoch;
        }
    }
}

fn create(connection: &mut Connection, model: &mut Model, name: &str, sort: Sort, partitions: i32) {
    let id = asks::create(connection, name, partitions, configs(sort));
    let configs = configs(sort).iter();
    let topic = Topic {
        id,
        sort,
        configs: configs
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
        partitions: vec![Partition::default(); partitions as usize],
    };
    model.topics.insert(name.to_owned(), topic);
    learn_epochs(connection, model, Some(name));
}

impl Workload {
    /// On a new node: topics of all sorts, groups of both protocols, producers.
    pub(crate) fn begin(
        connection: &mut Connection,
        model: &mut Model,
        age: Age,
        seed: u64,
    ) -> Self {
        await_coordinator(connection);
        producers::await_transactions(connection);
        for (name, partitions) in STAYING {
            create(connection, model, name, Sort::Plain, partitions);
        }
        for sort in SORTS {
            create(connection, model, &format!("{sort:?}"), sort, 2);
        }
        create(connection, model, OLD, Sort::Odd, WIDEST as i32);
        let mut classic = Classic::new("classic", Some("static"));
        classic.join(connection);
        classic.sync(connection);
        let modern = (age == Age::Newer).then(|| {
            let wants = Wants::Names(&["one", "two"]);
            let mut member = [Modern::join(connection, "consumer", "member", None, wants)];
            settle(connection, &mut member, &mut []);
            let [member] = member;
            member
        });
        let idempotent = (0..3).map(|_| Idempotent::new(connection)).collect();
        let transactional = (0..6).map(|number| {
            let newer = age == Age::Newer && number % 2 == 0;
            Transactional::new(connection, &format!("transactional {number}"), newer)
        });
        Self {
            transactional: transactional.collect(),
            numbers: Numbers::new(seed),
            age,
            idempotent,
            classic,
            modern,
        }
    }

    /// Another server has the directory: everybody goes on where they were.
    pub(crate) fn go_on(&mut self, connection: &mut Connection, model: &mut Model) {
        learn_epochs(connection, model, None);
        for producer in &mut self.idempotent {
            for place in producer.places() {
                producer.goes_on(connection, model, &place, &mut self.numbers);
            }
        }
        assert_eq!(self.classic.heartbeat(connection), 0, "{:?}", self.classic);
        let offset = self.numbers.below(1000) as i64;
        self.classic.commit(connection, "one", offset);
        if let Some(member) = &mut self.modern {
            member.idle(connection);
            member.commit(connection, "two", offset);
        }
    }

    /// So many things happen.
    pub(crate) fn happen(&mut self, connection: &mut Connection, model: &mut Model, times: usize) {
        for _ in 0..times {
            match self.numbers.below(100) {
                0..28 => self.write(connection, model),
                28..48 => self.write_idempotently(connection, model),
                48..72 => self.write_in_transaction(connection, model),
                72..80 => self.end_transaction(connection, model),
                80..84 => self.trim(connection, model),
                84..88 => self.come_and_go(connection, model),
                88..90 => self.widen(connection, model),
                90..95 => self.configure(connection, model),
                _ => self.commit(connection, model),
            }
        }
    }

    fn place(&mut self, model: &Model) -> Place {
        let places = model.places();
        places[self.numbers.below(places.len())].clone()
    }

    /// A producer whose records are old is forgotten, so producers write no such.
    fn place_of_now(&mut self, model: &Model) -> Place {
        loop {
            let place = self.place(model);
            if model.sort(&place) != Sort::Odd {
                return place;
            }
        }
    }

    fn write(&mut self, connection: &mut Connection, model: &mut Model) {
        let place = self.place(model);
        let (sort, bulk) = (model.sort(&place), self.numbers.below(5) == 0);
        let records = producers::records(&mut self.numbers, sort, bulk);
        let codec = producers::codec(&mut self.numbers);
        producers::write(connection, model, &place, codec, records);
    }

    fn write_idempotently(&mut self, connection: &mut Connection, model: &mut Model) {
        let place = self.place_of_now(model);
        let records = producers::records(&mut self.numbers, model.sort(&place), false);
        let codec = producers::codec(&mut self.numbers);
        let producer = self.numbers.below(self.idempotent.len());
        self.idempotent[producer].write(connection, model, &place, codec, records);
    }

    fn write_in_transaction(&mut self, connection: &mut Connection, model: &mut Model) {
        let place = self.place_of_now(model);
        let records = producers::records(&mut self.numbers, model.sort(&place), false);
        let codec = producers::codec(&mut self.numbers);
        let producer = self.numbers.below(self.transactional.len());
        let producer = &mut self.transactional[producer];
        producer.write(connection, model, &place, codec, records);
        if self.numbers.below(4) == 0 {
            let (topic, partitions) = STAYING[self.numbers.below(STAYING.len())];
            let place = (
                topic.to_owned(),
                self.numbers.below(partitions as usize) as i32,
            );
            let offset = self.numbers.below(1000) as i64;
            producer.commit_offset(connection, model, &place, offset);
        }
    }

    fn end_transaction(&mut self, connection: &mut Connection, model: &mut Model) {
        let producer = self.numbers.below(self.transactional.len());
        let producer = &mut self.transactional[producer];
        match self.numbers.below(5) {
            0 => producer.begin_anew(connection, model),
            number if producer.open.is_some() => {
                producer.end(connection, model, number > 1);
            }
            _ => {}
        }
    }

    fn trim(&mut self, connection: &mut Connection, model: &mut Model) {
        let place = self.place(model);
        let sort = model.sort(&place);
        let partition = model.partition_mut(&place);
        // Records of topics that are only compacted cannot be deleted.
        let most = partition.last_stable() - partition.start;
        if sort == Sort::Compact || most <= 0 {
            return;
        }
        let offset = partition.start + self.numbers.below(most as usize) as i64 + 1;
        let start = asks::trim(connection, &place, offset);
        assert_eq!(start, offset, "{place:?}");
        partition.start = start;
        partition.is_trimmed = true;
    }

    fn come_and_go(&mut self, connection: &mut Connection, model: &mut Model) {
        // Apache Kafka that starts and reads of a topic's creation and deletion at once keeps its configurations for the
        // next topic of that name: so those are the same.
        let sort = SORTS[self.numbers.below(SORTS.len())];
        let name = format!("{PASSING}{sort:?}");
        if !model.topics.contains_key(&name) {
            let partitions = 1 + self.numbers.below(2) as i32;
            create(connection, model, &name, sort, partitions);
        } else if !model.is_in_use(&name) {
            delete_topic(connection, &name);
            let is_gone = wait_until(Duration::from_secs(60), || {
                let mut topics = asks::topics(connection, None).into_iter();
                topics.all(|topic| topic.name.as_ref() != Some(&name))
            });
            assert!(is_gone, "{name} is still there");
            let topic = model.topics.remove(&name).expect("a topic");
            model.gone.insert(topic.id);
            self.idempotent.iter_mut().for_each(|it| it.forget(&name));
            self.transactional
                .iter_mut()
                .for_each(|it| it.forget(&name));
        }
    }

    fn widen(&mut self, connection: &mut Connection, model: &mut Model) {
        let (name, _) = self.place(model);
        // The members of groups would be told.
        let stays = STAYING.iter().any(|(staying, _)| *staying == name);
        let topic = model.topics.get_mut(&name).expect("a topic");
        if stays || topic.partitions.len() >= WIDEST {
            return;
        }
        topic.partitions.push(Partition::default());
        let count = topic.partitions.len();
        asks::widen(connection, &name, count as i32);
        let is_there = wait_until(Duration::from_secs(60), || {
            let found = asks::topics(connection, Some(&name));
            found[0].partitions.len() == count
        });
        assert!(is_there, "{name} has no {count} partitions");
        learn_epochs(connection, model, Some(&name));
    }

    fn configure(&mut self, connection: &mut Connection, model: &mut Model) {
        let number = 1_100_000 + self.numbers.below(1000);
        let value = (self.numbers.below(4) > 0).then(|| number.to_string());
        let value = value.as_deref();
        if self.numbers.below(2) == 0 {
            let (name, _) = self.place(model);
            let key = [
                "max.message.bytes",
                "flush.messages",
                "index.interval.bytes",
            ][self.numbers.below(3)];
            asks::configure(connection, (TOPIC, &name), key, value);
            let configs = &mut model.topics.get_mut(&name).expect("a topic").configs;
            match value {
                Some(value) => configs.insert(key.to_owned(), value.to_owned()),
                None => configs.remove(key),
            };
        } else {
            // The cluster's default, or the one broker's.
            let name = ["", "1"][self.numbers.below(2)];
            let key = ["message.max.bytes", "log.index.interval.bytes"][self.numbers.below(2)];
            asks::configure(connection, (BROKER, name), key, value);
            let at = (name.to_owned(), key.to_owned());
            match value {
                Some(value) => model.broker_configs.insert(at, value.to_owned()),
                None => model.broker_configs.remove(&at),
            };
        }
    }

    /// By no member.
    fn commit(&mut self, connection: &mut Connection, model: &mut Model) {
        let group = format!("simple {}", self.numbers.below(3));
        let (topic, _) = STAYING[self.numbers.below(STAYING.len())];
        let offset = self.numbers.below(1000) as i64;
        let request = commit(&group, topic, offset);
        commits(connection, 8, &request);
        for (partition, of) in (0..).zip(&request.topics[0].partitions) {
            let committed = Committed {
                offset: of.committed_offset,
                leader_epoch: of.committed_leader_epoch,
                metadata: of.committed_metadata.clone().unwrap_or_default(),
            };
            let at = (group.clone(), (topic.to_owned(), partition));
            model.offsets.insert(at, committed);
        }
    }

    /// Whose answers there are.
    pub(crate) fn age(&self) -> Age {
        self.age
    }

    /// All features are there now: producers of the newer transactions, and members of the newer protocol.
    pub(crate) fn grow_up(&mut self, connection: &mut Connection) {
        self.age = Age::Newer;
        let newer = (6..9)
            .map(|number| Transactional::new(connection, &format!("transactional {number}"), true));
        self.transactional.extend(newer);
        let wants = Wants::Names(&["one", "two"]);
        let mut member = [Modern::join(connection, "consumer", "member", None, wants)];
        settle(connection, &mut member, &mut []);
        let [member] = member;
        self.modern = Some(member);
    }
}
