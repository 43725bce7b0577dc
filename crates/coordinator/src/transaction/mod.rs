//! The transaction coordinator: the machine of one partition of `__transaction_state`.
//!
//! As in the group coordinator, durable state (what is in the log) changes in [`Machine::replay`] and nowhere else. What
//! a decision wants written to other partitions, the transaction's markers, is handed out by
//! [`TransactionCoordinator::markers`] once it is committed; what became of them comes back as [`Input::Marked`].

mod input;
mod record;
mod settings;

use std::sync::Arc;

pub use input::{AddPartitions, Input, Marked, Markers, Reply};
use ottla_machine::{Machine, Moment, Out, Ticket, Time};
pub use record::Record;
pub use settings::Settings;

/// The coordinator of the transactions of one partition of `__transaction_state`.
#[derive(Debug)]
pub struct TransactionCoordinator {
    settings: Arc<Settings>,
}

impl TransactionCoordinator {
    /// Without transactions: they come with the records of its partition, by [`Machine::replay`].
    pub fn new(settings: Arc<Settings>) -> Self {
        Self { settings }
    }

    /// Everything in the log was replayed: arms the deadlines of what was loaded, and takes up what was being ended.
    pub fn loaded(&mut self, _moment: &mut Moment<'_>, _out: &mut Out<Record, Reply>) {}

    /// The coordinator moves away: the answers that those who wait get.
    pub fn unload(&mut self) -> Vec<(Ticket, Reply)> {
        Vec::new()
    }

    /// The markers that are to be written now. Each set is handed out once, and again when some of it must be tried
    /// again. To be called after each decision, once what it wrote is committed.
    pub fn markers(&mut self) -> Vec<Markers> {
        Vec::new()
    }
}

impl Machine for TransactionCoordinator {
    type Input = Input;
    type Record = Record;
    type Reply = Reply;

    fn handle(
        &mut self,
        _moment: &mut Moment<'_>,
        _ticket: Ticket,
        input: Input,
        _out: &mut Out<Record, Reply>,
    ) {
        if let Input::Settings(settings) = input {
            self.settings = settings;
        }
    }

    fn replay(&mut self, _offset: i64, _record: &Record) {}

    fn wake_at(&self) -> Option<Time> {
        None
    }

    fn wake(&mut self, _moment: &mut Moment<'_>, _out: &mut Out<Record, Reply>) {}
}
