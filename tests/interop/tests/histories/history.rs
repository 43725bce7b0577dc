//! What was seen of one history: every request of every client with what came back, and the logs at the end.

use std::fmt::{self, Display};

/// Index into [`History::partitions`].
pub(crate) type Part = usize;
/// Index into [`History::ids`].
pub(crate) type Id = usize;
/// Index into [`History::transactions`].
pub(crate) type Txn = usize;

/// Everything about one history. Times in microseconds since its round began.
#[derive(Clone, Debug)]
pub(crate) struct History {
    /// What it was made of.
    pub seed: u64,
    /// All that clients did, in the order in which it was over.
    pub events: Vec<Event>,
    /// What clients meant to be one transaction.
    pub transactions: Vec<Transaction>,
    /// The transactional ids.
    pub ids: Vec<TransactionalId>,
    /// Topics and partitions.
    pub partitions: Vec<(String, i32)>,
    /// Groups whose input is copied.
    pub groups: Vec<Group>,
    /// When the server was away: from, and until.
    pub outages: Vec<(u64, u64)>,
    /// The partitions at the end.
    pub logs: Vec<Log>,
    /// The partitions once more, after the server was killed; empty if that was not tried.
    pub again: Vec<Log>,
}

/// Whose transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Transaction {
    pub id: Id,
    /// Who means it.
    pub actor: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TransactionalId {
    pub name: String,
    /// In ms; the same for all who use it.
    pub timeout: u64,
}

/// A group that copies one partition into another, in transactions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    pub name: String,
    pub from: Part,
    pub to: Part,
}

/// A record's value: its number, unique in the history, and the number of the one that it copies (0 if none).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Value {
    pub number: u32,
    pub copy_of: u32,
}

/// Producer id and epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Producer {
    pub id: i64,
    pub epoch: i16,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome<T> {
    Ok(T),
    /// Kafka's code, of those that say that nothing was done.
    Refused(i16),
    /// Nothing came back, or what says nothing: it may have been done, or be done later.
    Unknown,
    /// There was no server to send it to.
    NotSent,
}

impl<T> Outcome<T> {
    pub(crate) fn ok(&self) -> Option<&T> {
        match self {
            Self::Ok(value) => Some(value),
            _ => None,
        }
    }

    /// Whether it may have been done.
    pub(crate) fn may_be_done(&self) -> bool {
        matches!(self, Self::Ok(_) | Self::Unknown)
    }
}

/// A request of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub actor: String,
    pub invoked: u64,
    pub completed: u64,
    pub act: Act,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// InitProducerId with a transactional id; `resume`: by a producer that has it.
    Init {
        id: Id,
        resume: Option<Producer>,
        outcome: Outcome<Producer>,
    },
    /// AddPartitionsToTxn, or AddOffsetsToTxn without a partition.
    Add {
        txn: Txn,
        producer: Producer,
        partition: Option<Part>,
        outcome: Outcome<()>,
    },
    /// A batch; with a producer, its first sequence. The outcome's offset: -1 if the server only knows that it has it.
    Produce {
        txn: Option<Txn>,
        partition: Part,
        producer: Option<(Producer, i32)>,
        values: Vec<Value>,
        outcome: Outcome<i64>,
    },
    /// TxnOffsetCommit after reading `from` until `to`.
    CommitOffset {
        txn: Txn,
        producer: Producer,
        group: usize,
        from: i64,
        to: i64,
        outcome: Outcome<()>,
    },
    /// EndTxn: the producer to go on as.
    End {
        txn: Txn,
        producer: Producer,
        commit: bool,
        outcome: Outcome<Producer>,
    },
    /// Fetch.
    Read {
        partition: Part,
        committed: bool,
        from: i64,
        outcome: Outcome<Seen>,
    },
    /// ListOffsets of the latest.
    Latest {
        partition: Part,
        committed: bool,
        outcome: Outcome<i64>,
    },
    /// OffsetFetch: -1 without an offset.
    Offset {
        group: usize,
        stable: bool,
        outcome: Outcome<i64>,
    },
    /// DescribeTransactions: whether nothing is open or being ended.
    Settled { id: Id, outcome: Outcome<bool> },
    /// No answer in the time that any answer may take, from a server that runs.
    Silence { request: &'static str },
}

/// What a fetch gave a client, after it took out what was aborted.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Seen {
    pub high_watermark: i64,
    pub last_stable: i64,
    /// Where the client goes on.
    pub next: i64,
    pub records: Vec<(i64, Value)>,
}

/// A partition's log.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Log {
    pub high_watermark: i64,
    pub last_stable: i64,
    pub batches: Vec<Batch>,
    /// What could not be read of it.
    pub trouble: Option<String>,
}

/// A batch as it is in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Batch {
    pub base: i64,
    pub last: i64,
    /// With the first sequence; markers have -1.
    pub producer: Option<(Producer, i32)>,
    pub transactional: bool,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Data(Vec<Value>),
    /// Commit or abort.
    Marker(bool),
}

impl History {
    /// As a person reads it.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("seed {}\n", self.seed);
        let mut line = |one: String| {
            text += &one;
            text.push('\n');
        };
        for (number, (topic, partition)) in self.partitions.iter().enumerate() {
            line(format!("partition {number}: {topic}-{partition}"));
        }
        for (number, id) in self.ids.iter().enumerate() {
            line(format!(
                "transactional id {number}: {}, timeout {} ms",
                id.name, id.timeout
            ));
        }
        for (number, group) in self.groups.iter().enumerate() {
            line(format!(
                "group {number}: {} copies partition {} to partition {}",
                group.name, group.from, group.to
            ));
        }
        for (number, txn) in self.transactions.iter().enumerate() {
            line(format!(
                "transaction {number}: of id {} by {}",
                txn.id, txn.actor
            ));
        }
        for (from, until) in &self.outages {
            line(format!("{from:>10} {until:>10} SERVER AWAY"));
        }
        let mut events: Vec<&Event> = self.events.iter().collect();
        events.sort_by_key(|event| event.invoked);
        for event in events {
            line(event.to_string());
        }
        for (name, logs) in [("log", &self.logs), ("log after a kill", &self.again)] {
            for (partition, log) in logs.iter().enumerate() {
                line(format!(
                    "{name} of partition {partition}: high watermark {}, last stable offset {} {}",
                    log.high_watermark,
                    log.last_stable,
                    log.trouble.as_deref().unwrap_or("")
                ));
                for batch in &log.batches {
                    line(format!("  {batch}"));
                }
            }
        }
        text
    }
}

impl Display for Event {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            to,
            "{:>10} {:>10} {:<12} {}",
            self.invoked, self.completed, self.actor, self.act
        )
    }
}

impl Display for Act {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Init {
                id,
                resume,
                outcome,
            } => {
                write!(to, "init id {id}")?;
                if let Some(producer) = resume {
                    write!(to, " as {producer}")?;
                }
                write!(to, ": {outcome}")
            }
            Self::Add {
                txn,
                producer,
                partition,
                outcome,
            } => match partition {
                Some(partition) => write!(
                    to,
                    "add partition {partition} to t{txn} by {producer}: {outcome:?}"
                ),
                None => write!(to, "add offsets to t{txn} by {producer}: {outcome:?}"),
            },
            Self::Produce {
                txn,
                partition,
                producer,
                values,
                outcome,
            } => {
                write!(to, "produce {} to {partition}", list(values))?;
                if let Some(txn) = txn {
                    write!(to, " in t{txn}")?;
                }
                if let Some((producer, sequence)) = producer {
                    write!(to, " by {producer} sequence {sequence}")?;
                }
                write!(to, ": {outcome}")
            }
            Self::CommitOffset {
                txn,
                producer,
                group,
                from,
                to: until,
                outcome,
            } => write!(
                to,
                "commit offsets {from}..{until} of group {group} in t{txn} by {producer}: {outcome:?}"
            ),
            Self::End {
                txn,
                producer,
                commit,
                outcome,
            } => write!(
                to,
                "{} t{txn} by {producer}: {outcome}",
                if *commit { "commit" } else { "abort" }
            ),
            Self::Read {
                partition,
                committed,
                from,
                outcome,
            } => write!(
                to,
                "read {} {partition} from {from}: {outcome}",
                isolation(*committed)
            ),
            Self::Latest {
                partition,
                committed,
                outcome,
            } => write!(
                to,
                "latest {} of {partition}: {outcome}",
                isolation(*committed)
            ),
            Self::Offset {
                group,
                stable,
                outcome,
            } => write!(
                to,
                "offset of group {group}{}: {outcome}",
                if *stable { ", stable" } else { "" }
            ),
            Self::Settled { id, outcome } => write!(to, "id {id} settled: {outcome}"),
            Self::Silence { request } => write!(to, "no answer to {request}"),
        }
    }
}

fn isolation(committed: bool) -> &'static str {
    if committed {
        "committed"
    } else {
        "uncommitted"
    }
}

fn list(values: &[Value]) -> String {
    let all: Vec<String> = values.iter().map(Value::to_string).collect();
    format!("[{}]", all.join(" "))
}

impl Display for Value {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}", self.number)?;
        if self.copy_of > 0 {
            write!(to, "={}", self.copy_of)?;
        }
        Ok(())
    }
}

impl Display for Producer {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}/{}", self.id, self.epoch)
    }
}

impl Display for Seen {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            to,
            "up to {}, high watermark {}, last stable {}:",
            self.next, self.high_watermark, self.last_stable
        )?;
        for (offset, value) in &self.records {
            write!(to, " {offset}:{value}")?;
        }
        Ok(())
    }
}

impl<T: Display> Display for Outcome<T> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ok(value) => write!(to, "ok {value}"),
            Self::Refused(code) => write!(to, "REFUSED {code}"),
            Self::Unknown => to.write_str("UNKNOWN"),
            Self::NotSent => to.write_str("not sent"),
        }
    }
}

impl Display for Batch {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}..{}", self.base, self.last)?;
        if let Some((producer, sequence)) = self.producer {
            write!(to, " {producer} sequence {sequence}")?;
        }
        if self.transactional {
            to.write_str(" transactional")?;
        }
        match &self.what {
            What::Data(values) => write!(to, " {}", list(values)),
            What::Marker(true) => to.write_str(" COMMIT"),
            What::Marker(false) => to.write_str(" ABORT"),
        }
    }
}
