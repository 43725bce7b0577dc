//! The transaction coordinator: the machine of one partition of `__transaction_state`.
//!
//! As in the group coordinator, durable state (what is in the log) changes in [`Machine::replay`] and nowhere else. What
//! a decision wants written to other partitions, the transaction's markers, is handed out by
//! [`TransactionCoordinator::markers`] once it is committed; what became of them comes back as [`Input::Marked`].

mod add_partitions;
#[cfg(test)]
mod codes;
mod describe;
mod end;
mod expire;
mod init_producer_id;
mod input;
mod list;
mod markers;
mod partitions;
#[cfg(test)]
mod random;
mod record;
mod replay;
#[cfg(test)]
mod scripts;
mod settings;
mod state;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod timeouts;
mod timer;
mod turn;

use std::{collections::BTreeMap, sync::Arc};

pub use input::{AddPartitions, Input, Marked, Markers, Reply};
pub use list::ListFilter;
use ottla_machine::{Machine, Moment, Out, Ticket, Time, Timers};
pub use record::Record;
pub use settings::Settings;

use self::{markers::Ending, state::Transaction, timer::Timer, turn::Turn};

/// The coordinator of the transactions of one partition of `__transaction_state`.
#[derive(Debug)]
pub struct TransactionCoordinator {
    settings: Arc<Settings>,
    /// What the log says. Boxed, since many ids in random order leave much room in the map's nodes.
    transactions: BTreeMap<Arc<str>, Box<Transaction>>,
    ending: Ending,
    timers: Timers<Timer>,
    /// Where the search for expired transactional ids goes on: after this one.
    expiring: Option<Arc<str>>,
    /// A producer id that nobody has, for a transaction that times out with its epochs used up.
    spare_producer_id: Option<i64>,
    needs_producer_id: bool,
}

impl TransactionCoordinator {
    /// Without transactions: they come with the records of its partition, by [`Machine::replay`].
    pub fn new(settings: Arc<Settings>) -> Self {
        Self {
            settings,
            transactions: BTreeMap::new(),
            ending: Ending::default(),
            timers: Timers::default(),
            expiring: None,
            spare_producer_id: None,
            needs_producer_id: false,
        }
    }

    /// Everything in the log was replayed. The deadlines of what was loaded are armed by now, and what was being ended is
    /// among the [`TransactionCoordinator::markers`].
    pub fn loaded(&mut self, moment: &mut Moment<'_>, out: &mut Out<Record, Reply>) {
        let turn = Turn::new(moment, out);
        self.expire_later(&turn);
    }

    /// The coordinator moves away: the answers that those who wait get. Nobody does: every question is answered by the
    /// decision that it leads to.
    pub fn unload(&mut self) -> Vec<(Ticket, Reply)> {
        self.ending.clear();
        self.timers = Timers::default();
        Vec::new()
    }

    /// The markers that are to be written now. Each set is handed out once, and again when some of it must be tried
    /// again. To be called after each decision, once what it wrote is committed.
    pub fn markers(&mut self) -> Vec<Markers> {
        self.take_markers()
    }

    /// Whether a transaction has timed out that can only be aborted with a producer id that nobody has, since the epochs
    /// of its producer are used up: [`Input::ProducerId`] brings one. It is asked for once.
    pub fn needs_producer_id(&mut self) -> bool {
        std::mem::take(&mut self.needs_producer_id)
    }

    fn transaction(&self, id: &str) -> Option<&Transaction> {
        self.transactions.get(id).map(|of| &**of)
    }

    /// How many transactional ids it knows.
    pub fn len(&self) -> usize {
        self.transactions.len()
    }

    /// Whether it knows none.
    pub fn is_empty(&self) -> bool {
        self.transactions.is_empty()
    }
}

impl Machine for TransactionCoordinator {
    type Input = Input;
    type Record = Record;
    type Reply = Reply;

    fn handle(
        &mut self,
        moment: &mut Moment<'_>,
        ticket: Ticket,
        input: Input,
        out: &mut Out<Record, Reply>,
    ) {
        let mut turn = Turn::new(moment, out);
        match input {
            Input::InitProducerId { request, fresh } => {
                self.init_producer_id(&mut turn, ticket, &request, fresh);
            }
            Input::AddPartitions(request) => self.add_partitions(&mut turn, ticket, &request),
            Input::EndTransaction {
                request,
                version,
                fresh,
            } => self.end_transaction(&mut turn, ticket, &request, version, fresh),
            Input::Describe(id) => turn.answer(ticket, Reply::Describe(self.describe(id))),
            Input::List(filter) => {
                let states = self.list(&filter, turn.now_ms());
                turn.answer(ticket, Reply::List(states));
            }
            Input::Marked(marked) => self.marked(&mut turn, &marked),
            Input::ProducerId(id) => self.spare_producer_id = Some(id),
            Input::Settings(settings) => self.settings = settings,
        }
    }

    fn replay(&mut self, _offset: i64, record: &Record) {
        self.replay_record(record);
    }

    fn wake_at(&self) -> Option<Time> {
        self.timers.next()
    }

    /// Runs what is due, up to the first decision that writes: each is a batch of its own.
    fn wake(&mut self, moment: &mut Moment<'_>, out: &mut Out<Record, Reply>) {
        let mut turn = Turn::new(moment, out);
        while turn.is_empty() {
            let Some(timer) = self.timers.pop_due(turn.now()) else {
                return;
            };
            match timer {
                Timer::Of(id) => self.transaction_timer(&mut turn, &id),
                Timer::Expire => self.expire(&mut turn),
            }
        }
    }
}
