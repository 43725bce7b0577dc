//! The markers that end a transaction on its partitions: what is to be written, what is to be tried again, and the
//! record that says that all are written.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    Marked, Markers, TransactionCoordinator,
    partitions::Partitions,
    state::{State, Transaction},
    timer::Timer,
    turn::Turn,
};

/// After so many ms, partitions that could not be marked are tried again; each time in a row after twice as many.
const FIRST_PAUSE_MS: u64 = 50;
/// The longest such pause.
const LONGEST_PAUSE_MS: u64 = 1_000;

/// The transactions that are being ended.
#[derive(Debug, Default)]
pub(super) struct Ending {
    by_id: BTreeMap<Arc<str>, Progress>,
    /// Those with markers to hand out.
    ready: BTreeSet<Arc<str>>,
}

/// How far the end of a transaction is. Nothing of it is in the log: who takes over begins anew, and partitions that get
/// the same marker twice do not mind.
#[derive(Debug)]
struct Progress {
    /// The partitions that have no marker yet.
    left: Partitions,
    /// Those of them that are to be handed out.
    due: Partitions,
    /// How often in a row some had to be tried again.
    retries: u32,
    /// A newer coordinator is at it, or the partitions refuse for good.
    is_fenced: bool,
}

impl Ending {
    /// Markers are to be written: to these partitions.
    pub(super) fn begin(&mut self, id: &Arc<str>, partitions: &Partitions) {
        let progress = Progress {
            left: partitions.clone(),
            due: partitions.clone(),
            retries: 0,
            is_fenced: false,
        };
        self.by_id.insert(id.clone(), progress);
        self.ready.insert(id.clone());
    }

    /// There is nothing to be marked (any more).
    pub(super) fn forget(&mut self, id: &str) {
        if self.by_id.remove(id).is_some() {
            self.ready.remove(id);
        }
    }

    /// The partitions without a marker; `None` if the transaction is not being ended.
    pub(super) fn left(&self, id: &str) -> Option<&Partitions> {
        self.by_id.get(id).map(|progress| &progress.left)
    }

    pub(super) fn clear(&mut self) {
        self.by_id.clear();
        self.ready.clear();
    }
}

impl TransactionCoordinator {
    pub(super) fn take_markers(&mut self) -> Vec<Markers> {
        let Ending { by_id, ready } = &mut self.ending;
        let mut all = Vec::new();
        while let Some(id) = ready.pop_first() {
            let (Some(progress), Some(of)) = (by_id.get_mut(&id), self.transactions.get(&id))
            else {
                continue;
            };
            let due = std::mem::take(&mut progress.due);
            all.push(Markers {
                producer_id: of.producer_id,
                producer_epoch: of.epoch,
                committed: of.state == State::PrepareCommit,
                transaction_version: of.client_version,
                partitions: due
                    .iter()
                    .map(|(topic, number)| (topic.clone(), number))
                    .collect(),
                transactional_id: id,
            });
        }
        all
    }

    pub(super) fn marked(&mut self, turn: &mut Turn<'_>, marked: &Marked) {
        let id = &marked.transactional_id;
        let (Some(progress), Some(of)) = (self.ending.by_id.get_mut(id), self.transactions.get(id))
        else {
            return;
        };
        // What became of the markers of another transaction of the same id.
        if (of.producer_id, of.epoch) != (marked.producer_id, marked.producer_epoch) {
            return;
        }
        for (topic, partition) in &marked.done {
            if progress.left.remove(topic, *partition) {
                progress.due.remove(topic, *partition);
                progress.retries = 0;
            }
        }
        if marked.fenced {
            progress.is_fenced = true;
        }
        if progress.is_fenced {
            self.timers.disarm(&Timer::Of(id.clone()));
            return;
        }
        for (topic, partition) in &marked.again {
            if progress.left.contains(topic, *partition) {
                progress.due.insert(topic, *partition);
            }
        }
        if progress.left.is_empty() {
            let id = id.clone();
            self.complete(turn, &id);
        } else if !marked.again.is_empty() {
            let pause = FIRST_PAUSE_MS << progress.retries.min(8);
            progress.retries += 1;
            let at = turn.now().after(pause.min(LONGEST_PAUSE_MS));
            self.timers.arm(Timer::Of(id.clone()), at);
        }
    }

    /// Goes on with the end of a transaction after a pause.
    pub(super) fn go_on_ending(&mut self, turn: &mut Turn<'_>, id: &Arc<str>) {
        match self.ending.by_id.get(id) {
            Some(progress) if progress.is_fenced => {}
            Some(progress) if !progress.left.is_empty() => {
                self.ending.ready.insert(id.clone());
            }
            _ => self.complete(turn, id),
        }
    }

    /// All markers are written. Should the record not be, this comes again after a pause.
    fn complete(&mut self, turn: &mut Turn<'_>, id: &Arc<str>) {
        let Some(of) = self
            .transactions
            .get(id)
            .filter(|of| of.state.is_prepared())
        else {
            return;
        };
        let completed: Transaction = of.completed(turn.now_ms());
        self.emit(turn, id, &completed);
        let at = turn.now().after(LONGEST_PAUSE_MS);
        self.timers.arm(Timer::Of(id.clone()), at);
    }
}
