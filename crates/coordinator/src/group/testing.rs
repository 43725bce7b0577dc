//! A coordinator with a log and a clock, for tests.
//!
//! After every decision a second machine is folded from the bytes of the log, and both must have the same durable
//! state: see [`GroupCoordinator::durable`].

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ottla_config::{BrokerConfig, zero_configuration};
use ottla_machine::{Entropy, Machine, Moment, Out, Ticket, Time};
use ottla_metadata::Image;

use super::{Caller, Entry, GroupCoordinator, Input, Record, Reply, Settings};

/// A broker's settings without a configuration file.
pub(crate) fn settings() -> Settings {
    let loaded = BrokerConfig::load(&[zero_configuration()], &mut |_| Ok(None)).unwrap();
    Settings::of(Arc::new(loaded.config))
}

/// A client of this name that speaks this version.
pub(crate) fn caller(client_id: &str, version: i16) -> Caller {
    Caller {
        client_id: client_id.to_owned(),
        client_host: "/127.0.0.1".to_owned(),
        version,
    }
}

/// A coordinator, its log, its clock, and those who wait for answers.
pub(crate) struct World {
    pub(crate) machine: GroupCoordinator,
    pub(crate) settings: Arc<Settings>,
    pub(crate) image: Arc<Image>,
    pub(crate) now: Time,
    pub(crate) entropy: Entropy,
    /// Every record written, by offset.
    pub(crate) log: Vec<Record>,
    /// Answers that were given and not yet looked at.
    pub(crate) answers: BTreeMap<Ticket, Reply>,
    /// Those whose answer was an append that failed.
    pub(crate) failed: BTreeSet<Ticket>,
    /// While it is set, nothing can be appended.
    pub(crate) append_fails: bool,
    /// Those who asked and have no answer.
    open: BTreeSet<Ticket>,
    last_ticket: u64,
}

impl World {
    /// Without groups and topics, with a broker's defaults.
    pub(crate) fn new() -> Self {
        Self::with(settings(), Image::default())
    }

    /// Without groups.
    pub(crate) fn with(settings: Settings, image: Image) -> Self {
        let (settings, image) = (Arc::new(settings), Arc::new(image));
        let mut world = Self {
            machine: GroupCoordinator::new(settings.clone(), image.clone(), 0),
            settings,
            image,
            now: Time(1_700_000_000_000),
            entropy: Entropy::new(11),
            log: Vec::new(),
            answers: BTreeMap::new(),
            failed: BTreeSet::new(),
            append_fails: false,
            open: BTreeSet::new(),
            last_ticket: 0,
        };
        world.decide(GroupCoordinator::loaded);
        world
    }

    /// The time in ms.
    pub(crate) fn now_ms(&self) -> i64 {
        self.now.0 as i64
    }

    /// Asks, and gives the ticket and what was written. The answer may be there already: see [`World::answer`].
    pub(crate) fn ask(&mut self, input: Input) -> (Ticket, Vec<Entry>) {
        self.last_ticket += 1;
        let ticket = Ticket(self.last_ticket);
        self.open.insert(ticket);
        let entries = self.decide(|machine, moment, out| {
            machine.handle(moment, ticket, input, out);
        });
        (ticket, entries)
    }

    /// Asks what is answered at once.
    pub(crate) fn reply(&mut self, input: Input) -> Reply {
        let (ticket, _) = self.ask(input);
        self.answer(ticket).expect("an answer at once")
    }

    /// Tells what has no answer, and gives what was written.
    pub(crate) fn tell(&mut self, input: Input) -> Vec<Entry> {
        self.decide(|machine, moment, out| {
            machine.handle(moment, Ticket::default(), input, out);
        })
    }

    /// Takes the answer, if it was given.
    pub(crate) fn answer(&mut self, ticket: Ticket) -> Option<Reply> {
        self.answers.remove(&ticket)
    }

    /// Lets time pass, and gives what was written meanwhile.
    pub(crate) fn pass(&mut self, ms: u64) -> Vec<Entry> {
        let end = self.now.after(ms);
        let mut entries = Vec::new();
        let mut wakes = 0;
        while let Some(at) = self.machine.wake_at().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            entries.extend(self.decide(GroupCoordinator::wake));
            wakes += 1;
            assert!(wakes < 100_000, "it wants to be woken again and again");
        }
        self.now = end;
        entries
    }

    /// Another broker takes over: those who wait are told, and a new machine is loaded from the log. Gives what that
    /// one wrote because of what it found.
    pub(crate) fn reload(&mut self) -> Vec<Entry> {
        for (ticket, reply) in self.machine.unload() {
            self.deliver(ticket, reply);
        }
        self.machine = self.fold();
        self.decide(GroupCoordinator::loaded)
    }

    /// How many wait for their answer.
    pub(crate) fn waiting(&self) -> usize {
        self.open.len()
    }

    /// A machine that has replayed the log, as bytes.
    pub(crate) fn fold(&self) -> GroupCoordinator {
        let mut machine = GroupCoordinator::new(self.settings.clone(), self.image.clone(), 0);
        for (offset, record) in self.log.iter().enumerate() {
            let entry = match record.entry.encode().expect("a record that can be written") {
                Some((key, value)) => Entry::decode(&key, value.as_ref()).unwrap(),
                None => record.entry.clone(),
            };
            let record = Record {
                producer: record.producer,
                entry,
            };
            machine.replay(offset as i64, &record);
        }
        machine
    }

    /// Replays records that another wrote.
    pub(crate) fn append(&mut self, records: Vec<Record>) {
        for record in records {
            self.machine.replay(self.log.len() as i64, &record);
            self.log.push(record);
        }
    }

    /// One decision from beginning to end.
    pub(crate) fn decide(
        &mut self,
        decide: impl FnOnce(&mut GroupCoordinator, &mut Moment<'_>, &mut Out<Record, Reply>),
    ) -> Vec<Entry> {
        let mut out = Out::default();
        let mut moment = Moment {
            now: self.now,
            next_offset: self.log.len() as i64,
            entropy: &mut self.entropy,
        };
        decide(&mut self.machine, &mut moment, &mut out);
        let producers: Vec<_> = out.records.iter().map(|record| record.producer).collect();
        assert!(
            producers.windows(2).all(|pair| pair[0] == pair[1]),
            "a batch has one producer"
        );
        if self.append_fails && !out.records.is_empty() {
            for (ticket, _) in out.replies {
                assert!(self.open.remove(&ticket), "{ticket:?} was answered before");
                self.failed.insert(ticket);
            }
            self.check();
            return Vec::new();
        }
        let entries: Vec<_> = out.records.iter().map(|of| of.entry.clone()).collect();
        self.append(out.records);
        for (ticket, reply) in out.replies {
            self.deliver(ticket, reply);
        }
        self.check();
        entries
    }

    fn deliver(&mut self, ticket: Ticket, reply: Reply) {
        assert!(self.open.remove(&ticket), "{ticket:?} was answered before");
        self.answers.insert(ticket, reply);
    }

    /// A machine that is folded from the log has the same durable state.
    fn check(&self) {
        let (live, folded) = (self.machine.durable(), self.fold().durable());
        for (key, live) in &live {
            match (live, folded.get(key)) {
                (_, None) => panic!("{key} is not in the log, but live: {live:?}"),
                // What is about to be written anew has nothing to be compared with.
                (None, Some(_)) => {}
                (Some(live), Some(folded)) => {
                    let folded = folded.as_ref().expect("all of a folded state is settled");
                    assert_eq!(live, folded, "{key}: live, and folded from the log");
                }
            }
        }
        for key in folded.keys() {
            assert!(live.contains_key(key), "{key} is in the log, but not live");
        }
    }
}

impl GroupCoordinator {
    /// What a load of the log must give again: by name of the thing, a text that says all of its durable state; `None`
    /// for what exists durably but is changing (a classic group between two generations).
    pub(crate) fn durable(&self) -> BTreeMap<String, Option<String>> {
        let mut all = BTreeMap::new();
        for (id, group) in self.groups.iter() {
            group.durable(&mut |what, state| {
                let name = format!("{} group {id}{what}", group.group_type().name());
                assert!(all.insert(name, state).is_none(), "a thing has one name");
            });
        }
        self.offsets.durable(&mut |what, state| {
            assert!(all.insert(what, Some(state)).is_none());
        });
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coordinator_without_groups_has_nothing_to_do() {
        let mut world = World::new();
        assert_eq!(world.pass(60_000), vec![]);
        assert_eq!(world.reload(), vec![]);
        assert!(world.machine.durable().is_empty());
        assert_eq!(world.waiting(), 0);
    }
}
