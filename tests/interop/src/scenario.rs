//! One group from its first member to its last, with a producer that runs throughout.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read as _,
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::{
    clients::python,
    journal::{self, Life},
    members::{Client, Group, Member},
    offsets::{committed, ends},
    oracle::wait_until,
    raw::Connection,
};

/// Of the topic.
pub const PARTITIONS: u32 = 6;
/// Records a second for each partition.
const RATE: &str = "25";
/// How long the members may take to share the partitions anew, on a slow machine.
const LIMIT: Duration = Duration::from_secs(120);
/// What each member processes before something else happens.
const PROGRESS: usize = 25;

/// A group with its producer.
#[derive(Debug)]
pub struct Run {
    /// What its members are told.
    pub group: Group,
    client: Client,
    /// Of members that join from now on.
    pub protocol: &'static str,
    producer: Producer,
    /// Those that run, the longest first.
    pub members: Vec<Member>,
    ended: Vec<Life>,
    started: usize,
}

impl Run {
    /// Members will be of `client`.
    pub fn new(group: Group, client: Client, protocol: &'static str) -> Self {
        Self {
            producer: Producer::start(&group),
            group,
            client,
            protocol,
            members: Vec::new(),
            ended: Vec::new(),
            started: 0,
        }
    }

    /// A member joins.
    pub fn join(&mut self, instance: Option<&str>) {
        let name = format!("member-{}", self.started);
        self.started += 1;
        let member = self.group.join(self.client, self.protocol, &name, instance);
        self.members.push(member);
    }

    /// SIGKILL to the one that runs longest but `skip`.
    pub fn crash(&mut self, skip: usize) {
        let member = self.members.remove(skip);
        self.ended.push(member.crash());
    }

    /// SIGTERM to the one that runs longest but `skip`.
    pub fn leave(&mut self, skip: usize) {
        let member = self.members.remove(skip);
        self.ended.push(member.leave());
    }

    /// Waits until every member has partitions, all are shared out, and everybody gets on.
    ///
    /// # Panics
    /// If that takes too long.
    pub fn settle(&mut self, after: &str) {
        let members = &mut self.members;
        let shared = wait_until(LIMIT, || {
            let owned: Vec<BTreeSet<i32>> = members.iter_mut().map(Member::owned).collect();
            let all: BTreeSet<i32> = owned.iter().flatten().copied().collect();
            all.len() == PARTITIONS as usize
                && owned.iter().map(BTreeSet::len).sum::<usize>() == all.len()
                && owned.iter().all(|some| !some.is_empty())
        });
        assert!(shared, "{after}: not shared out: {}", self.state());
        let before: Vec<usize> = self.members.iter_mut().map(Member::processed).collect();
        let members = &mut self.members;
        let got_on = wait_until(LIMIT, || {
            let mut pairs = members.iter_mut().zip(&before);
            pairs.all(|(member, before)| member.processed() >= before + PROGRESS)
        });
        assert!(got_on, "{after}: nobody gets on: {}", self.state());
    }

    fn state(&mut self) -> String {
        let said = self.members.iter_mut().map(|member| {
            let (owned, processed) = (member.owned(), member.processed());
            format!("{} has {owned:?}, processed {processed}", member.name())
        });
        let said = said.collect::<Vec<_>>().join("; ");
        let (id, topic) = (&self.group.id, &self.group.topic);
        let mut connection = Connection::new(&self.group.address);
        let found = committed(&mut connection, id, topic, PARTITIONS);
        let ends = ends(&mut connection, topic, PARTITIONS);
        format!("{id}: {said}; committed {found:?} of {ends:?}")
    }

    /// Ends the producer, lets the members process everything and leave, and checks it all.
    ///
    /// # Panics
    /// With what a group does not promise, if that happened.
    pub fn finish(mut self) {
        let ends = self.producer.finish();
        let mut found = BTreeMap::new();
        let (address, group) = (self.group.address.clone(), self.group.clone());
        let mut connection = Connection::new(&address);
        let caught_up = wait_until(LIMIT, || {
            found = committed(&mut connection, &group.id, &group.topic, PARTITIONS);
            found == ends
        });
        assert!(
            caught_up,
            "committed {found:?} of {ends:?}; {}",
            self.state()
        );
        for member in self.members.drain(..) {
            self.ended.push(member.leave());
        }
        let seen = journal::check(&self.ended, &ends).unwrap_or_else(|why| panic!("{why}"));
        eprintln!("{}: {seen:?}", self.group.id);
        let found = committed(&mut connection, &group.id, &group.topic, PARTITIONS);
        assert_eq!(found, ends, "after all left");
        assert_eq!(
            seen.lost, 0,
            "a member lost partitions without having crashed"
        );
    }
}

/// A program that produces until it is told to stop.
#[derive(Debug)]
struct Producer(Child);

impl Producer {
    fn start(group: &Group) -> Self {
        let partitions = PARTITIONS.to_string();
        let arguments = [&group.address, &group.topic, &partitions, RATE];
        let script = python("produce_steadily.py", &arguments);
        let child = Command::new(script.get_program())
            .args(script.get_args())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python");
        Self(child)
    }

    /// How many records each partition has.
    fn finish(&mut self) -> BTreeMap<i32, i64> {
        drop(self.0.stdin.take());
        let mut said = String::new();
        let mut out = self.0.stdout.take().expect("piped");
        out.read_to_string(&mut said).expect("UTF-8");
        let status = self.0.wait().expect("a status");
        assert!(status.success(), "the producer: {status}\n{said}");
        let ends: BTreeMap<i32, i64> = said
            .lines()
            .filter_map(|line| line.strip_prefix("end ")?.split_once(' '))
            .map(|(partition, count)| {
                (
                    partition.parse().expect("a number"),
                    count.parse().expect("a number"),
                )
            })
            .collect();
        assert!(
            ends.len() == PARTITIONS as usize && ends.values().all(|&count| count > 100),
            "{ends:?}"
        );
        ends
    }
}

impl Drop for Producer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
