//! One decision of the transaction coordinator: its moment, and what it wants done.

use ottla_machine::{Moment, Out, Ticket, Time};

use super::{Record, Reply};

/// What a decision knows, and where it puts its records and answers.
#[derive(Debug)]
pub(super) struct Turn<'t> {
    now: Time,
    out: &'t mut Out<Record, Reply>,
}

impl<'t> Turn<'t> {
    pub(super) fn new(moment: &Moment<'_>, out: &'t mut Out<Record, Reply>) -> Self {
        Self {
            now: moment.now,
            out,
        }
    }

    /// Now.
    pub(super) fn now(&self) -> Time {
        self.now
    }

    /// Now, as records have it.
    pub(super) fn now_ms(&self) -> i64 {
        i64::try_from(self.now.0).unwrap_or(i64::MAX)
    }

    /// Writes a record.
    pub(super) fn emit(&mut self, record: Record) {
        self.out.records.push(record);
    }

    /// Answers: once the records of this decision are committed.
    pub(super) fn answer(&mut self, ticket: Ticket, reply: Reply) {
        self.out.replies.push((ticket, reply));
    }

    /// Whether nothing was decided yet that must be written or answered.
    pub(super) fn is_empty(&self) -> bool {
        self.out.records.is_empty() && self.out.replies.is_empty()
    }
}
