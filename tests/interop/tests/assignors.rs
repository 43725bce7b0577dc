//! Who gets which partitions of a consumer group: as Apache Kafka's own assignors say, over groups that change.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    sync::Arc,
};

use bytes::{Buf, BufMut, Bytes};
use ottla_coordinator::assign::{
    Assignment, Assignor, GroupSpec, MemberSpec, SubscriptionType, Topics,
};
use ottla_interop::oracle::{Home, compile, output};
use ottla_wire::{Uuid, random::Random};

/// `OTTLA_ASSIGNOR_GROUPS` asks for more, `OTTLA_ASSIGNOR_SEED` for others.
const GROUPS: u64 = 400;
const SEED: u64 = 848;
/// How often each group is assigned.
const ROUNDS: usize = 25;

type Targets = BTreeMap<Arc<str>, Assignment>;

fn setting(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().expect(name),
        Err(_) => default,
    }
}

#[derive(Clone, Debug, Default)]
struct Member {
    instance: Option<String>,
    subscribed: BTreeSet<Uuid>,
    assigned: Assignment,
}

#[derive(Clone, Debug, Default)]
struct Sizes(BTreeMap<Uuid, usize>);

impl Topics for Sizes {
    fn partitions(&self, topic: Uuid) -> Option<usize> {
        self.0.get(&topic).copied()
    }
}

/// A group as it is when it is assigned.
#[derive(Clone, Debug)]
struct Case {
    assignor: Assignor,
    heterogeneous: bool,
    /// Kafka iterates over its hash maps, and not in the order of ours.
    hashed: bool,
    topics: Sizes,
    members: BTreeMap<Arc<str>, Member>,
}

impl Case {
    fn new(random: &mut Random) -> Self {
        let heterogeneous = random.below(2) == 0;
        let hashed = random.below(2) == 0;
        // Java has small ids in order in a hash set, and needs no more of them than its smallest one has places.
        let small = !heterogeneous && !hashed;
        let topics = (1..=1 + random.below(9)).map(|n| {
            let id = if small {
                u128::from(n)
            } else {
                u128::from(random.next()) << 64 | u128::from(random.next())
            };
            (Uuid::from_u128(id), size(random))
        });
        Self {
            assignor: Assignor::Uniform,
            heterogeneous,
            hashed,
            topics: Sizes(topics.collect()),
            members: BTreeMap::new(),
        }
    }

    fn subscription(&self, random: &mut Random) -> BTreeSet<Uuid> {
        let all = self.topics.0.keys().copied();
        if self.heterogeneous {
            let one_in = 1 + random.below(4);
            all.filter(|_| random.below(one_in) == 0).collect()
        } else {
            all.collect()
        }
    }

    fn some_member(&self, random: &mut Random) -> Option<Arc<str>> {
        let at = random.below(self.members.len().max(1) as u64) as usize;
        self.members.keys().nth(at).cloned()
    }

    fn some_topic(&self, random: &mut Random) -> Uuid {
        let at = random.below(self.topics.0.len() as u64) as usize;
        *self.topics.0.keys().nth(at).expect("there is a topic")
    }

    fn join(&mut self, random: &mut Random) {
        let instance = match random.below(4) {
            // Java's order of strings is not that of their bytes.
            0 => Some(format!(
                "{}{}",
                ["i", "\u{FFFD}", "🦦"][random.below(3) as usize],
                random.next()
            )),
            _ => None,
        };
        let member = Member {
            instance,
            subscribed: self.subscription(random),
            assigned: Assignment::new(),
        };
        self.members
            .insert(format!("consumer-{:016x}", random.next()).into(), member);
    }

    fn change(&mut self, random: &mut Random) {
        match random.below(10) {
            0..4 => self.join(random),
            4 | 5 => {
                if let Some(id) = self.some_member(random) {
                    self.members.remove(&id);
                }
            }
            6 => {
                // A static member comes back as another.
                if let Some(member) = self
                    .some_member(random)
                    .and_then(|id| self.members.remove(&id))
                {
                    self.members
                        .insert(format!("again-{:016x}", random.next()).into(), member);
                }
            }
            7 => {
                if let Some(id) = self.some_member(random) {
                    let subscribed = self.subscription(random);
                    self.members.get_mut(&id).expect("a member").subscribed = subscribed;
                }
            }
            8 => {
                let topic = self.some_topic(random);
                *self.topics.0.get_mut(&topic).expect("a topic") += 1 + random.below(6) as usize;
            }
            _ if self.topics.0.len() > 1 => {
                let topic = self.some_topic(random);
                self.topics.0.remove(&topic);
                for member in self.members.values_mut() {
                    member.subscribed.remove(&topic);
                }
            }
            _ => {}
        }
    }

    fn ours(&self) -> Targets {
        let members = self.members.iter().map(|(id, member)| {
            let spec = MemberSpec {
                instance_id: member.instance.as_deref(),
                subscribed: &member.subscribed,
                assigned: &member.assigned,
            };
            (id.clone(), spec)
        });
        let spec = GroupSpec {
            members: members.collect(),
            subscription_type: if self.heterogeneous {
                SubscriptionType::Heterogeneous
            } else {
                SubscriptionType::Homogeneous
            },
        };
        self.assignor
            .assign(&spec, &self.topics)
            .expect("all topics exist")
    }

    fn put(&self, file: &mut Vec<u8>) {
        file.put_u8(u8::from(self.assignor == Assignor::Range));
        file.put_u8(u8::from(self.heterogeneous));
        file.put_u8(u8::from(self.hashed));
        file.put_i32(self.topics.0.len() as i32);
        for (topic, partitions) in &self.topics.0 {
            file.put_slice(&topic.0);
            file.put_i32(*partitions as i32);
        }
        file.put_i32(self.members.len() as i32);
        for (id, member) in &self.members {
            for text in [id, member.instance.as_deref().unwrap_or_default()] {
                file.put_i32(text.len() as i32);
                file.put_slice(text.as_bytes());
            }
            file.put_i32(member.subscribed.len() as i32);
            for topic in &member.subscribed {
                file.put_slice(&topic.0);
            }
            file.put_i32(member.assigned.len() as i32);
            for (topic, partitions) in &member.assigned {
                file.put_slice(&topic.0);
                file.put_i32(partitions.len() as i32);
                for partition in partitions {
                    file.put_i32(*partition);
                }
            }
        }
    }

    /// Whether Kafka's answer is one of several that it could give in other orders of its maps.
    fn one_of_several(&self) -> bool {
        self.hashed && self.assignor == Assignor::Uniform
    }

    /// How many partitions each has, and how many of those it had it has no more.
    fn spread_and_moves(&self, targets: &Targets) -> (Vec<usize>, usize) {
        let mut spread: Vec<usize> = targets
            .values()
            .map(|it| it.values().map(BTreeSet::len).sum())
            .collect();
        spread.sort_unstable();
        let moves = self.members.iter().map(|(id, member)| {
            let still = |topic: &Uuid| targets[id].get(topic);
            let lost = member.assigned.iter().map(|(topic, had)| {
                had.iter()
                    .filter(|partition| still(topic).is_none_or(|has| !has.contains(partition)))
                    .count()
            });
            lost.sum::<usize>()
        });
        (spread, moves.sum())
    }
}

fn size(random: &mut Random) -> usize {
    match random.below(8) {
        0 => 1,
        1 => 100 + random.below(200) as usize,
        _ => 1 + random.below(24) as usize,
    }
}

fn take(from: &mut Bytes) -> Targets {
    let text = |from: &mut Bytes| {
        let len = from.get_i32() as usize;
        String::from_utf8(from.split_to(len).to_vec()).expect("an id")
    };
    let members = (0..from.get_i32()).map(|_| {
        let id = text(from).into();
        let topics = (0..from.get_i32()).map(|_| {
            let mut topic = [0; 16];
            from.copy_to_slice(&mut topic);
            (
                Uuid(topic),
                (0..from.get_i32()).map(|_| from.get_i32()).collect(),
            )
        });
        (id, topics.collect())
    });
    members.collect()
}

/// Groups from birth on: what they were before each assignment.
fn histories(random: &mut Random, groups: u64) -> Vec<Case> {
    let mut cases = Vec::new();
    for _ in 0..groups {
        let mut case = Case::new(random);
        // Differing subscriptions, members in another order: neither the spread nor the moves are fixed then.
        case.hashed &= !case.heterogeneous;
        for _ in 0..[1, 3, 12, 40][random.below(4) as usize] {
            case.join(random);
        }
        for _ in 0..ROUNDS {
            case.assignor = if random.below(4) == 0 {
                Assignor::Range
            } else {
                Assignor::Uniform
            };
            cases.push(case.clone());
            for (id, target) in case.ours() {
                case.members.get_mut(&id).expect("a member").assigned = target;
            }
            for _ in 0..1 + random.below(4) {
                case.change(random);
            }
        }
    }
    cases
}

#[test]
fn groups_are_assigned_as_by_apache_kafka() {
    let home = Home::find();
    compile(&home).expect("compile");
    let dir = tempfile::tempdir().expect("temporary folder");
    let (cases_file, answers_file) = (dir.path().join("cases"), dir.path().join("answers"));
    let seed = setting("OTTLA_ASSIGNOR_SEED", SEED);
    let mut random = Random::new(seed);
    let cases = histories(&mut random, setting("OTTLA_ASSIGNOR_GROUPS", GROUPS));
    let mut file = Vec::new();
    cases.iter().for_each(|case| case.put(&mut file));
    fs::write(&cases_file, file).expect("cases");
    let mut java = home.class("Assignors").expect("java");
    java.args([&cases_file, &answers_file]);
    output(&mut java).expect("Assignors");
    let mut answers = Bytes::from(fs::read(&answers_file).expect("answers"));

    let (mut report, mut differ) = (String::new(), 0);
    let (mut equal, mut alike, mut moved) = (0, 0, 0);
    for (index, case) in cases.iter().enumerate() {
        let (ours, theirs) = (case.ours(), take(&mut answers));
        let (spread, moves) = case.spread_and_moves(&ours);
        moved += moves;
        let same = if case.one_of_several() {
            alike += 1;
            (spread, moves) == case.spread_and_moves(&theirs)
        } else {
            equal += 1;
            ours == theirs
        };
        if !same {
            differ += 1;
            if differ <= 5 {
                let _ = writeln!(
                    report,
                    "case {index}: {case:?}\n    ours {ours:?}\n    theirs {theirs:?}"
                );
            }
        }
    }
    assert!(answers.is_empty());
    assert!(
        equal > cases.len() / 3 && alike > cases.len() / 10 && moved > cases.len(),
        "{equal} to be equal, {alike} to be alike, {moved} partitions moved"
    );
    assert_eq!(differ, 0, "of {} (seed {seed})\n{report}", cases.len());
}
