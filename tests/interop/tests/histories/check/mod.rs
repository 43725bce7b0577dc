//! Whether a history is what transactions promise: a pure function of what was seen.

mod facts;
mod fencing;
mod groups;
mod logs;
mod reads;
#[cfg(test)]
pub(crate) mod tests;
mod transactions;
mod written;

use std::fmt::{self, Display};

use facts::Facts;

use crate::history::{Act, History};

/// What is promised.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub(crate) enum Rule {
    /// A log is batches without gaps, each as it was sent.
    Sound,
    /// What was acknowledged is there, where the answer said.
    Kept,
    /// Nothing is there twice.
    Once,
    /// What was refused, or never sent, is not there.
    Refused,
    /// What was acknowledged before something else was sent comes before it.
    Order,
    /// A producer's sequences have no gaps, and each epoch begins with 0.
    Sequences,
    /// Whose epoch is over gets nothing in.
    Fenced,
    /// A transaction has one outcome, everywhere, and nothing of another in it.
    Atomic,
    /// The outcome is the one that was answered, or that somebody asked for.
    Outcome,
    /// In the end nothing is open.
    Ended,
    /// Nobody who reads committed records sees one that was aborted, or not committed yet.
    Clean,
    /// Readers see all that is for them.
    Complete,
    /// Readers see what is in the log.
    Faithful,
    /// The last stable offset does not pass a transaction that is open.
    Stable,
    /// High watermark and last stable offset do not go back, and an acknowledged record is below the first.
    Forward,
    /// The last stable offset is held by a transaction, and not for longer than its timeout and 10 s.
    Prompt,
    /// A group's offset is that of its last committed transaction.
    Offsets,
    /// What was committed by a group that copies is its input, each record once.
    Copied,
    /// A restart changes nothing.
    Durable,
    /// A server that runs answers.
    Answers,
}

/// A promise that was not kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Breach {
    pub rule: Rule,
    pub text: String,
}

impl Display for Breach {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{:?}: {}", self.rule, self.text)
    }
}

#[derive(Debug, Default)]
struct Breaches(Vec<Breach>);

impl Breaches {
    fn add(&mut self, rule: Rule, text: String) {
        self.0.push(Breach { rule, text });
    }
}

/// Everything in a history that must not be.
pub(crate) fn check(history: &History) -> Vec<Breach> {
    let mut breaches = Breaches::default();
    let facts = Facts::of(history, &mut breaches);
    logs::check(&facts, &mut breaches);
    written::check(&facts, &mut breaches);
    transactions::check(&facts, &mut breaches);
    fencing::check(&facts, &mut breaches);
    reads::check(&facts, &mut breaches);
    groups::check(&facts, &mut breaches);
    for event in &history.events {
        if let Act::Silence { .. } = event.act {
            breaches.add(Rule::Answers, event.to_string());
        }
    }
    breaches.0
}
