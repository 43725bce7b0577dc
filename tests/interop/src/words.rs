//! Kafka Streams counts words: an application, its input, and what it must have counted.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command},
    thread,
    time::Duration,
};

use crate::{
    clients,
    members::{complaints, start},
    offsets::create_topic,
    oracle::{Home, finish, signal, wait_until},
    raw::Connection,
};

/// Of each of its topics.
pub const PARTITIONS: u32 = 3;
/// On a slow machine, with several virtual machines at once.
pub const LIMIT: Duration = Duration::from_secs(120);

/// An application.
#[derive(Debug)]
pub struct Application<'a> {
    /// `host:port`.
    address: &'a str,
    /// Where its instances have their state and write what they say.
    dir: &'a Path,
    /// `application.id`.
    pub id: &'a str,
    /// `processing.guarantee`.
    guarantee: &'a str,
    started: usize,
    fed: usize,
    /// How often each word was fed.
    pub expected: BTreeMap<String, u64>,
}

/// A running instance; killed when dropped.
#[derive(Debug)]
pub struct Instance {
    child: Child,
    out: PathBuf,
    name: String,
}

impl<'a> Application<'a> {
    /// Makes its topics; nothing is fed yet.
    ///
    /// # Panics
    /// If the server does not.
    pub fn new(address: &'a str, dir: &'a Path, id: &'a str, guarantee: &'a str) -> Self {
        let app = Self {
            address,
            dir,
            id,
            guarantee,
            started: 0,
            fed: 0,
            expected: BTreeMap::new(),
        };
        let mut connection = Connection::new(address);
        for topic in [app.input(), app.output()] {
            create_topic(&mut connection, &topic, PARTITIONS);
        }
        app
    }

    /// The topic of lines.
    pub fn input(&self) -> String {
        format!("{}-input", self.id)
    }

    /// The topic of counts.
    pub fn output(&self) -> String {
        format!("{}-output", self.id)
    }

    /// Sends so many lines of five words to all partitions of the input.
    ///
    /// # Panics
    /// If they cannot be sent.
    pub fn feed(&mut self, count: usize) {
        let mut lines = String::new();
        for number in self.fed..self.fed + count {
            for place in 0..5 {
                // Some words often, some seldom.
                let word = format!("w{}", (number * 7 + place * 13) % (10 << (place * 2)));
                let _ = write!(lines, "{}{word}", if place > 0 { " " } else { "" });
                *self.expected.entry(word).or_default() += 1;
            }
            lines.push('\n');
        }
        self.fed += count;
        let name = format!("{}-{}", self.id, self.fed);
        let file = clients::file(self.dir, &name, lines.as_bytes());
        let mut kcat = Command::new("kcat");
        kcat.args(["-P", "-b", self.address, "-t", &self.input(), "-l"]);
        kcat.arg(&file)
            .args(["-X", "sticky.partitioning.linger.ms=0"]);
        // What is sent again because an answer was lost is there once.
        kcat.args(["-X", "enable.idempotence=true"]);
        clients::run(&kcat);
    }

    /// Starts an instance and waits until it runs. What an earlier one left in `state` is its own.
    ///
    /// # Panics
    /// If it does not run.
    pub fn start(&mut self, state: &str) -> Instance {
        self.started += 1;
        let name = format!("{}-instance-{}", self.id, self.started);
        let java = Home::find().streams_class("WordCount");
        let mut java = java.unwrap_or_else(|why| panic!("{why}"));
        java.args([self.address, self.id, &self.input(), &self.output()]);
        java.arg(self.dir.join(format!("{}-{state}", self.id)));
        java.arg(self.guarantee);
        let (child, out) = start(&mut java, self.dir, &name);
        let mut instance = Instance { child, out, name };
        let runs = wait_until(LIMIT, || {
            instance.check();
            instance.said().contains("running")
        });
        assert!(runs, "{} does not run", instance.name);
        instance
    }

    /// The last count of each word, of what is committed. With `grow`, counts must only grow: no word is counted again.
    ///
    /// # Panics
    /// If they do not.
    pub fn counted(&self, grow: bool) -> BTreeMap<String, u64> {
        let mut kcat = Command::new("kcat");
        kcat.args(["-C", "-q", "-e", "-b", self.address, "-t", &self.output()]);
        kcat.args(["-o", "beginning", "-X", "isolation.level=read_committed"]);
        kcat.args(["-X", "fetch.wait.max.ms=50", "-f", "%k %s\n"]);
        let text = String::from_utf8(clients::run(&kcat)).expect("UTF-8");
        let mut counted = BTreeMap::new();
        for line in text.lines() {
            let (word, count) = line.split_once(' ').expect("word and count");
            let count: u64 = count.parse().expect("a number");
            let before = counted.insert(word.to_owned(), count);
            assert!(!grow || before < Some(count), "{line} after {before:?}");
        }
        counted
    }
}

impl Instance {
    fn said(&self) -> String {
        fs::read_to_string(&self.out).expect("its output")
    }

    /// Asserts that it runs.
    ///
    /// # Panics
    /// If it ended.
    pub fn check(&mut self) {
        let ended = self.child.try_wait().expect("a status");
        let said = complaints(&self.out);
        assert!(ended.is_none(), "{}: {ended:?}\n{said}", self.name);
    }

    /// Stops it as an operator would.
    ///
    /// # Panics
    /// If it does not leave in order.
    pub fn stop(mut self) {
        let status = finish(&mut self.child, LIMIT);
        let said = self.said();
        let left = said.ends_with("{\"event\":\"left\"}\n");
        let complaints = complaints(&self.out);
        assert!(left, "{}: {status:?}\n{said}{complaints}", self.name);
    }

    /// SIGKILL.
    ///
    /// # Panics
    /// If it ended before.
    pub fn crash(&mut self) {
        self.check();
        signal(self.child.id(), "KILL").unwrap_or_else(|why| panic!("{}: {why}", self.name));
        self.child.wait().expect("a status");
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("{} said: {}", self.name, complaints(&self.out));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
