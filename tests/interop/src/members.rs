//! Members of consumer groups by other people's clients: programs that process records, commit
//! every now and then, and say so.
//!
//! Each takes `ADDRESS GROUP TOPIC PROTOCOL SESSION_MS [INSTANCE]`, leaves its group at SIGTERM, and writes a JSON object a
//! line: `assigned`, `revoked` (after committing) and `lost` with `partitions` and `at` in ms since 1970; `record` with
//! `partition`, `offset`, `key`, `value`; `committed` with `partition`, `offset`; `commit_failed`; `left`.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, SystemTime},
};

use crate::{
    clients::python,
    journal::{End, Event, Life, events, owned},
    oracle::{Home, checkout, finish, signal},
};

const LEAVE_LIMIT: Duration = Duration::from_secs(40);

/// Whose client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Client {
    /// Apache Kafka's Java client 4.4.
    Java,
    /// confluent-kafka.
    Librdkafka,
    /// kafka-python.
    KafkaPython,
    /// aiokafka.
    Aiokafka,
    /// KafkaJS.
    KafkaJs,
}

/// What all members of a group are told.
#[derive(Clone, Debug)]
pub struct Group {
    /// `host:port`.
    pub address: String,
    /// `group.id`.
    pub id: String,
    /// The topic it reads.
    pub topic: String,
    /// `session.timeout.ms` of the classic protocol.
    pub session: Duration,
    /// Where its members write what they say.
    pub dir: PathBuf,
}

/// A running member; killed when dropped.
#[derive(Debug)]
pub struct Member {
    name: String,
    child: Child,
    journal: PathBuf,
    /// How much of the journal is in `events`.
    read: usize,
    events: Vec<Event>,
    hears_late: bool,
}

impl Group {
    /// Starts a member. `protocol`: `classic`, `cooperative` or `consumer`.
    ///
    /// # Panics
    /// If the program cannot be started.
    pub fn join(
        &self,
        client: Client,
        protocol: &str,
        name: &str,
        instance: Option<&str>,
    ) -> Member {
        let mut command = program(client);
        let session = self.session.as_millis().to_string();
        command.args([&self.address, &self.id, &self.topic, protocol, &session]);
        command.args(instance);
        let (child, journal) = start(&mut command, &self.dir, name);
        Member {
            name: name.to_owned(),
            child,
            journal,
            read: 0,
            events: Vec::new(),
            hears_late: client == Client::Librdkafka && protocol == "consumer",
        }
    }
}

fn program(client: Client) -> Command {
    let home = Home::find();
    match client {
        Client::Java => home
            .class("GroupMember")
            .unwrap_or_else(|why| panic!("{why}")),
        Client::Librdkafka => python("member_librdkafka.py", &[]),
        Client::KafkaPython => python("member_kafka_python.py", &[]),
        Client::Aiokafka => python("member_aiokafka.py", &[]),
        Client::KafkaJs => {
            let mut node = home.node().unwrap_or_else(|why| panic!("{why}"));
            node.arg(checkout().join("tests/interop/node/member_kafkajs.js"));
            node
        }
    }
}

/// Starts a program that writes lines to `dir/name.out` and complaints to `dir/name.err`.
///
/// # Panics
/// If it cannot be started.
pub fn start(command: &mut Command, dir: &Path, name: &str) -> (Child, PathBuf) {
    fs::create_dir_all(dir).expect("a folder");
    let out = dir.join(format!("{name}.out"));
    let child = command
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(fs::File::create(&out).expect("a file"))
        .stderr(fs::File::create(out.with_extension("err")).expect("a file"))
        .spawn()
        .unwrap_or_else(|why| panic!("{name}: {why}"));
    (child, out)
}

impl Member {
    /// What it was called at [`Group::join`].
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it said until now.
    ///
    /// # Panics
    /// If it ended by itself.
    pub fn events(&mut self) -> &[Event] {
        let ended = self.child.try_wait().expect("a status");
        assert!(
            ended.is_none(),
            "{} ended by itself: {ended:?}\n{}",
            self.name,
            complaints(&self.journal)
        );
        self.catch_up()
    }

    fn catch_up(&mut self) -> &[Event] {
        let bytes = fs::read(&self.journal).expect("a journal");
        let new = &bytes[self.read..];
        // A line that is not written to its end is for the next time.
        let whole = new
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |end| end + 1);
        let text = String::from_utf8_lossy(&new[..whole]);
        let name = &self.name;
        self.events
            .extend(events(&text).unwrap_or_else(|why| panic!("{name}: {why}")));
        self.read += whole;
        &self.events
    }

    /// The partitions that it has now.
    pub fn owned(&mut self) -> BTreeSet<i32> {
        owned(self.events())
    }

    /// How many records it processed until now.
    pub fn processed(&mut self) -> usize {
        let is_record = |event: &&Event| matches!(event, Event::Record { .. });
        self.events().iter().filter(is_record).count()
    }

    /// SIGTERM: it commits, leaves and ends.
    ///
    /// # Panics
    /// If it does not, or says that something failed.
    pub fn leave(mut self) -> Life {
        self.events();
        let status = finish(&mut self.child, LEAVE_LIMIT)
            .unwrap_or_else(|why| panic!("{}: {why}", self.name));
        assert!(
            self.catch_up().last() == Some(&Event::Left),
            "{} ended with {status} and did not leave\n{}",
            self.name,
            complaints(&self.journal)
        );
        self.life(End::Left)
    }

    /// SIGKILL.
    ///
    /// # Panics
    /// If it ended before.
    pub fn crash(mut self) -> Life {
        self.events();
        let at = milliseconds();
        signal(self.child.id(), "KILL").unwrap_or_else(|why| panic!("{}: {why}", self.name));
        self.child.wait().expect("a status");
        self.catch_up();
        self.life(End::Crashed { at })
    }

    fn life(&self, end: End) -> Life {
        Life {
            name: self.name.clone(),
            events: self.events.clone(),
            end,
            hears_late: self.hears_late,
        }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{} said: {}", self.name, complaints(&self.journal));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The end of what the program of `out` wrote to stderr.
pub fn complaints(out: &Path) -> String {
    let text = fs::read_to_string(out.with_extension("err")).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(80)..].join("\n")
}

/// The time since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "compared with what clients say of the same clock"
)]
pub fn milliseconds() -> u64 {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
