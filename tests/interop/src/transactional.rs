//! Transactional producers and readers by other people's clients: programs that do what they are told, a line each.
//!
//! Each takes `ADDRESS`, and then of stdin, NAME being the program's own word for a producer:
//! - `open NAME TRANSACTIONAL_ID CODEC TIMEOUT_MS`, then `init NAME`, `begin NAME`, `commit NAME`, `abort NAME`;
//! - `send NAME TOPIC PARTITION TEXT COUNT SIZE`: the records `TEXT-0`, `TEXT-1`, …, filled up with dots; `flush NAME`
//!   waits until all are written, and fails as one of them did;
//! - `offsets NAME GROUP TOPIC PARTITION OFFSET`: one offset becomes part of the transaction;
//! - `read FILE TOPIC PARTITIONS ISOLATION`: `PARTITION OFFSET VALUE` a line, up to where the partitions end now;
//! - `loop NAME GROUP INPUT OUTPUT ABORT_EVERY`: what members of a group read becomes upper case in the same partition of
//!   OUTPUT, by transactions of which each so many-th is aborted, until another line comes. Says `committed` and `aborted`.
//!
//! After each line it says `ok` or `error NAME`, by its own name for what went wrong.

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Child,
    time::Duration,
};

use crate::{
    clients::python,
    members::{complaints, start},
    oracle::{Home, finish, wait_until},
};

/// How long anything may take that a program is told: clients wait a minute, for some things twice.
const LIMIT: Duration = Duration::from_secs(150);

/// Whose client.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Client {
    /// Apache Kafka's Java client 4.4: transactions of version 2, where the server has them.
    Java,
    /// Apache Kafka's Java client 3.9: transactions of version 1.
    OlderJava,
    /// confluent-kafka: version 1.
    Librdkafka,
    /// aiokafka: version 1.
    Aiokafka,
}

/// All of them.
pub const CLIENTS: [Client; 4] = [
    Client::Java,
    Client::OlderJava,
    Client::Librdkafka,
    Client::Aiokafka,
];

impl Client {
    /// One word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Java => "java",
            Self::OlderJava => "java39",
            Self::Librdkafka => "rdkafka",
            Self::Aiokafka => "aiokafka",
        }
    }
}

/// How a line was answered.
pub type Outcome = Result<(), String>;

/// Values with their offsets, by partition.
pub type Contents = BTreeMap<i32, Vec<(i64, String)>>;

/// A running program; killed when dropped.
#[derive(Debug)]
pub struct Program {
    name: String,
    child: Child,
    out: PathBuf,
    told: usize,
    answered: usize,
    reads: usize,
}

impl Program {
    /// Starts one; `dir/name.out` and `.err` are what it says.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn start(client: Client, address: &str, dir: &Path, name: &str) -> Self {
        let home = Home::find();
        let class = "TransactionalClient";
        let mut command = match client {
            Client::Java => home.class(class).unwrap_or_else(|why| panic!("{why}")),
            Client::OlderJava => home
                .class_with_older_client(class)
                .unwrap_or_else(|why| panic!("{why}")),
            Client::Librdkafka => python("transactional_librdkafka.py", &[]),
            Client::Aiokafka => python("transactional_aiokafka.py", &[]),
        };
        let (child, out) = start(command.arg(address), dir, name);
        Self {
            name: name.to_owned(),
            child,
            out,
            told: 0,
            answered: 0,
            reads: 0,
        }
    }

    /// Gives it a line, and does not wait.
    ///
    /// # Panics
    /// If it ended.
    pub fn tell(&mut self, line: &str) {
        let mut stdin = self.child.stdin.as_ref().expect("piped");
        let written = stdin.write_all(format!("{line}\n").as_bytes());
        written.unwrap_or_else(|error| {
            panic!("{}: {error}\n{}", self.name, complaints(&self.out));
        });
        self.told += 1;
    }

    /// Waits for the answer to the first line that none was taken of yet.
    ///
    /// # Panics
    /// If it does not come.
    pub fn answer(&mut self) -> Outcome {
        assert!(self.answered < self.told, "nothing was asked");
        let mut answer = None;
        let mut ended = None;
        wait_until(LIMIT, || {
            ended = self.child.try_wait().expect("a status");
            answer = self.answers().get(self.answered).cloned();
            answer.is_some() || ended.is_some()
        });
        self.answered += 1;
        answer.unwrap_or_else(|| {
            let said = complaints(&self.out);
            panic!("{}: no answer, {ended:?}\n{said}", self.name)
        })
    }

    fn answers(&self) -> Vec<Outcome> {
        let whole = self.said();
        let outcomes = whole.lines().filter_map(|line| match line {
            "ok" => Some(Ok(())),
            _ => line.strip_prefix("error ").map(|why| Err(why.to_owned())),
        });
        outcomes.collect()
    }

    /// What it wrote, in whole lines.
    fn said(&self) -> String {
        let mut text = fs::read_to_string(&self.out).expect("its output");
        text.truncate(text.rfind('\n').map_or(0, |end| end + 1));
        text
    }

    /// How often it said that a transaction of its loop was `committed`, or `aborted`.
    pub fn heard(&self, what: &str) -> usize {
        self.said().lines().filter(|line| *line == what).count()
    }

    /// A line and its answer.
    pub fn ask(&mut self, line: &str) -> Outcome {
        assert_eq!(self.told, self.answered, "answers are still to come");
        self.tell(line);
        self.answer()
    }

    /// Lines that must all go well; given at once.
    ///
    /// # Panics
    /// If one does not.
    pub fn must<S: AsRef<str>>(&mut self, lines: &[S]) {
        for line in lines {
            self.tell(line.as_ref());
        }
        for line in lines {
            if let Err(why) = self.answer() {
                let (name, said) = (&self.name, complaints(&self.out));
                panic!("{name}: {}: {why}\n{said}", line.as_ref());
            }
        }
    }

    /// What a reader of that isolation finds.
    ///
    /// # Panics
    /// If it cannot read.
    pub fn read(&mut self, topic: &str, partitions: u32, isolation: &str) -> Contents {
        self.reads += 1;
        let file = self.out.with_extension(format!("read{}", self.reads));
        let line = format!("read {} {topic} {partitions} {isolation}", file.display());
        self.must(&[line]);
        let text = fs::read_to_string(&file).expect("what was read");
        let mut contents: Contents = (0..)
            .take(partitions as usize)
            .map(|partition| (partition, Vec::new()))
            .collect();
        for line in text.lines() {
            let words: Vec<&str> = line.splitn(3, ' ').collect();
            let partition: i32 = words[0].parse().expect("a partition");
            let offset = words[1].parse().expect("an offset");
            let of = contents.get_mut(&partition).expect("of the topic");
            of.push((offset, words[2].to_owned()));
        }
        contents
    }

    /// SIGKILL.
    ///
    /// # Panics
    /// If it ended before.
    pub fn crash(mut self) {
        let ended = self.child.try_wait().expect("a status");
        let said = complaints(&self.out);
        assert!(ended.is_none(), "{}: {ended:?}\n{said}", self.name);
        self.child.kill().expect("kill");
        self.child.wait().expect("a status");
    }

    /// No more lines: it ends, and says goodbye to nobody.
    pub fn end(mut self) {
        drop(self.child.stdin.take());
        let _ = finish(&mut self.child, LIMIT);
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{} said: {}", self.name, complaints(&self.out));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
