//! One decision of the group coordinator: its moment, and what it wants done.

use ottla_machine::{Entropy, Moment, Out, Ticket, Time};

use super::{Entry, Producer, Record, Reply};

/// What a decision knows, and where it puts its records and answers.
#[derive(Debug)]
pub(crate) struct Turn<'t, 'm> {
    moment: &'t mut Moment<'m>,
    out: &'t mut Out<Record, Reply>,
}

impl<'t, 'm> Turn<'t, 'm> {
    pub(crate) fn new(moment: &'t mut Moment<'m>, out: &'t mut Out<Record, Reply>) -> Self {
        Self { moment, out }
    }

    /// Now.
    pub(crate) fn now(&self) -> Time {
        self.moment.now
    }

    /// Now, as records and requests have it.
    pub(crate) fn now_ms(&self) -> i64 {
        i64::try_from(self.moment.now.0).unwrap_or(i64::MAX)
    }

    /// For member ids.
    pub(crate) fn entropy(&mut self) -> &mut Entropy {
        self.moment.entropy
    }

    /// Writes an entry, of no producer.
    pub(crate) fn emit(&mut self, entry: Entry) {
        self.out.records.push(Record {
            producer: None,
            entry,
        });
    }

    /// Writes an entry as part of a producer's transaction. All entries of a decision have one producer or none.
    pub(crate) fn emit_of(&mut self, producer: Producer, entry: Entry) {
        self.out.records.push(Record {
            producer: Some(producer),
            entry,
        });
    }

    /// How many records were emitted so far.
    pub(crate) fn emitted(&self) -> usize {
        self.out.records.len()
    }

    /// Answers: once the records of this decision are committed.
    pub(crate) fn answer(&mut self, ticket: Ticket, reply: Reply) {
        self.out.replies.push((ticket, reply));
    }

    /// Whether nothing was decided yet that must be written or answered.
    pub(crate) fn is_empty(&self) -> bool {
        self.out.records.is_empty() && self.out.replies.is_empty()
    }
}
