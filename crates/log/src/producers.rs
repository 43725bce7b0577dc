//! What a partition knows of the producers that wrote to it: which sequence comes next, which batch is a repetition,
//! which transactions are open. Saved as `.snapshot` files (snapshot.rs), rebuilt from the log.

use std::collections::{BTreeMap, HashMap};

use ottla_wire::Code;
use ottla_wire::records::Batch;
use thiserror::Error;

use crate::record::Marker;
use crate::scan::Head;
use crate::txn_index::AbortedTransaction;

/// So many batches of each producer are remembered, and recognized when they come again.
pub const BATCHES_REMEMBERED: usize = 5;
const NO_EPOCH: i16 = -1;

/// Who appends, which decides what is checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// A follower, or recovery: the leader has checked everything.
    Replication,
    /// A coordinator of this broker: epochs are checked, sequences are not.
    Coordinator,
    /// A client: epochs and sequences are checked.
    Client,
    /// The quorum's leader.
    RaftLeader,
}

/// A batch that is remembered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BatchMetadata {
    /// The sequence of its last record.
    pub last_sequence: i32,
    /// The offset of its last record.
    pub last_offset: i64,
    /// Last offset minus first offset.
    pub offset_delta: i32,
    /// Its largest timestamp.
    pub timestamp: i64,
}

impl BatchMetadata {
    /// The sequence of its first record.
    pub fn first_sequence(&self) -> i32 {
        let first = i64::from(self.last_sequence) - i64::from(self.offset_delta);
        (first & i64::from(i32::MAX)) as i32
    }

    /// The offset of its first record.
    pub fn first_offset(&self) -> i64 {
        self.last_offset - i64::from(self.offset_delta)
    }
}

/// What is known of one producer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProducerState {
    /// Its id.
    pub producer_id: i64,
    /// Its epoch; -1 if it never wrote.
    pub producer_epoch: i16,
    /// The epoch of the coordinator that wrote its last marker; -1 for none.
    pub coordinator_epoch: i32,
    /// The largest timestamp of its last batch.
    pub last_timestamp: i64,
    /// Where its open transaction begins.
    pub transaction_first_offset: Option<i64>,
    /// Its last batches, oldest first; at most [`BATCHES_REMEMBERED`].
    pub batches: Vec<BatchMetadata>,
}

impl ProducerState {
    fn new(producer_id: i64) -> Self {
        Self {
            producer_id,
            producer_epoch: NO_EPOCH,
            coordinator_epoch: -1,
            last_timestamp: -1,
            transaction_first_offset: None,
            batches: Vec::new(),
        }
    }

    /// The last sequence; -1 if no batch is remembered.
    pub fn last_sequence(&self) -> i32 {
        self.batches.last().map_or(-1, |batch| batch.last_sequence)
    }

    /// The last offset; -1 if no batch is remembered.
    pub fn last_offset(&self) -> i64 {
        self.batches.last().map_or(-1, |batch| batch.last_offset)
    }

    fn set_epoch(&mut self, epoch: i16) {
        if self.producer_epoch != epoch {
            self.batches.clear();
            self.producer_epoch = epoch;
        }
    }

    fn add(&mut self, batch: BatchMetadata) {
        if self.batches.len() == BATCHES_REMEMBERED {
            self.batches.remove(0);
        }
        self.batches.push(batch);
    }

    fn repetition(&self, batch: &Appending) -> Option<BatchMetadata> {
        if batch.producer_epoch != self.producer_epoch {
            return None;
        }
        let same = |known: &&BatchMetadata| {
            known.first_sequence() == batch.base_sequence
                && known.last_sequence == batch.last_sequence
        };
        self.batches.iter().find(same).copied()
    }
}

/// Why a producer's batch is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum ProducerError {
    /// OUT_OF_ORDER_SEQUENCE_NUMBER.
    #[error(
        "producer {producer_id} sent sequence {found} where {expected} was due: batches before it are missing"
    )]
    OutOfOrderSequence {
        /// Who.
        producer_id: i64,
        /// The first sequence of the batch.
        found: i32,
        /// The one that would have been right.
        expected: i32,
    },
    /// INVALID_PRODUCER_EPOCH.
    #[error(
        "producer {producer_id} wrote with epoch {found}, but epoch {current} was seen already: a newer instance took over"
    )]
    InvalidEpoch {
        /// Who.
        producer_id: i64,
        /// The epoch of the batch.
        found: i16,
        /// The last one seen.
        current: i16,
    },
    /// INVALID_TXN_STATE.
    #[error("producer {producer_id}: {problem}")]
    InvalidTransactionState {
        /// Who.
        producer_id: i64,
        /// What is wrong.
        problem: &'static str,
    },
    /// TRANSACTION_COORDINATOR_FENCED.
    #[error(
        "a marker for producer {producer_id} comes from coordinator epoch {found}, but epoch {current} wrote one already"
    )]
    CoordinatorFenced {
        /// Whose transaction.
        producer_id: i64,
        /// The epoch in the marker.
        found: i32,
        /// The last one seen.
        current: i32,
    },
}

impl ProducerError {
    /// Its error code.
    pub fn code(&self) -> Code {
        match self {
            Self::OutOfOrderSequence { .. } => Code::OUT_OF_ORDER_SEQUENCE_NUMBER,
            Self::InvalidEpoch { .. } => Code::INVALID_PRODUCER_EPOCH,
            Self::InvalidTransactionState { .. } => Code::INVALID_TXN_STATE,
            Self::CoordinatorFenced { .. } => Code::TRANSACTION_COORDINATOR_FENCED,
        }
    }
}

/// A batch as the producer state sees it.
#[derive(Clone, Copy, Debug)]
pub struct Appending {
    /// Who; -1 for nobody.
    pub producer_id: i64,
    /// The producer's epoch.
    pub producer_epoch: i16,
    /// The sequence of the first record; -1 in what a coordinator writes.
    pub base_sequence: i32,
    /// The sequence of the last record.
    pub last_sequence: i32,
    /// The offset of the first record.
    pub base_offset: i64,
    /// The offset of the last record.
    pub last_offset: i64,
    /// The largest timestamp, in ms.
    pub max_timestamp: i64,
    /// Part of a transaction, or the end of one.
    pub transactional: bool,
    /// A control batch.
    pub control: bool,
    /// What it says if it ends a transaction.
    pub marker: Option<Marker>,
}

impl Appending {
    pub(crate) fn of_batch(batch: &Batch) -> Self {
        let attributes = batch.attributes();
        let marker = attributes
            .is_control()
            .then(|| Marker::parse(&batch.to_bytes()))
            .flatten();
        Self {
            producer_id: batch.producer_id(),
            producer_epoch: batch.producer_epoch(),
            base_sequence: batch.base_sequence(),
            last_sequence: batch.last_sequence(),
            base_offset: batch.base_offset(),
            last_offset: batch.last_offset(),
            max_timestamp: batch.max_timestamp(),
            transactional: attributes.is_transactional(),
            control: attributes.is_control(),
            marker,
        }
    }

    pub(crate) fn of_head(head: &Head, marker: Option<Marker>) -> Self {
        Self {
            producer_id: head.producer_id,
            producer_epoch: head.producer_epoch,
            base_sequence: head.base_sequence,
            last_sequence: head.last_sequence(),
            base_offset: head.base_offset,
            last_offset: head.last_offset,
            max_timestamp: head.max_timestamp,
            transactional: head.attributes.is_transactional(),
            control: head.attributes.is_control(),
            marker,
        }
    }
}

/// A transaction that a marker ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Completed {
    /// Whose.
    pub producer_id: i64,
    /// The offset of its first record.
    pub first_offset: i64,
    /// The offset of its marker.
    pub last_offset: i64,
    /// Aborted, or committed.
    pub aborted: bool,
}

/// Shows that a producer's transaction was verified with its coordinator. The broker asks for one before it asks the
/// coordinator, and gives it back with the append.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct VerificationGuard(u64);

impl VerificationGuard {
    /// Nothing to verify: the transaction is already open here, or the batch is in none.
    pub const NONE: Self = Self(0);
}

#[derive(Clone, Copy, Debug)]
struct Verification {
    guard: VerificationGuard,
    since_ms: i64,
    lowest_sequence: i32,
    epoch: i16,
    supports_epoch_bump: bool,
}

/// How appends are checked.
#[derive(Clone, Copy, Debug)]
pub struct Checks {
    /// Who appends.
    pub origin: Origin,
    /// Shows that the producer's transaction was verified.
    pub guard: VerificationGuard,
    /// With transaction markers: the transaction version of the producer.
    pub transaction_version: i16,
}

impl Checks {
    /// Nothing is refused.
    pub const REPLAY: Self = Self {
        origin: Origin::Replication,
        guard: VerificationGuard::NONE,
        transaction_version: 0,
    };
}

/// What an append changes, once it succeeded.
#[derive(Default, Debug)]
pub struct Update {
    states: Vec<ProducerState>,
    started: Vec<(i64, i64)>,
    completed: Vec<Completed>,
    verified: Vec<i64>,
}

impl Update {
    /// How many transactions it ends by aborting them.
    pub(crate) fn aborts(&self) -> usize {
        self.completed.iter().filter(|it| it.aborted).count()
    }
}

/// The producers of one partition: a state without files, clock or locks. A batch is checked by [`Producers::prepare`],
/// appended by the caller, and taken over by [`Producers::apply`]; each transaction that it ended is then noted as
/// aborted ([`Producers::aborted`]) if it was, and [`Producers::complete`]d.
#[derive(Default, Debug)]
pub struct Producers {
    states: BTreeMap<i64, ProducerState>,
    /// Open transactions: first offset → producer id.
    ongoing: BTreeMap<i64, i64>,
    /// Transactions that ended above the high watermark: first offset → marker's offset.
    unreplicated: BTreeMap<i64, i64>,
    verifications: HashMap<i64, Verification>,
    next_guard: u64,
    /// Up to where the log is in here.
    pub(crate) map_end: i64,
    /// The offset of the last snapshot.
    pub(crate) last_snapshot: i64,
    /// It may not be durable.
    pub(crate) snapshot_unsynced: bool,
}

impl Producers {
    /// All of them, by id.
    pub fn states(&self) -> &BTreeMap<i64, ProducerState> {
        &self.states
    }

    /// Whether nothing is known of anybody.
    pub fn is_empty(&self) -> bool {
        self.states.is_empty() && self.unreplicated.is_empty()
    }

    /// Where the oldest transaction begins that is open, or that ended above the high watermark.
    pub fn first_unstable(&self) -> Option<i64> {
        let first = |map: &BTreeMap<i64, i64>| map.first_key_value().map(|(offset, _)| *offset);
        match (first(&self.ongoing), first(&self.unreplicated)) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// Where the oldest open transaction begins.
    pub fn first_undecided(&self) -> Option<i64> {
        self.ongoing.first_key_value().map(|(offset, _)| *offset)
    }

    /// The timestamp of the last batch of the producer of the oldest open transaction.
    pub fn oldest_transaction_timestamp(&self) -> Option<i64> {
        let (_, producer_id) = self.ongoing.first_key_value()?;
        Some(self.states.get(producer_id)?.last_timestamp)
    }

    /// Whether the producer has a transaction open under this epoch.
    pub fn has_ongoing(&self, producer_id: i64, epoch: i16) -> bool {
        self.states.get(&producer_id).is_some_and(|state| {
            state.transaction_first_offset.is_some() && state.producer_epoch == epoch
        })
    }

    /// Adds a producer from a snapshot.
    pub fn load(&mut self, state: ProducerState) {
        if let Some(first) = state.transaction_first_offset {
            self.ongoing.insert(first, state.producer_id);
        }
        self.states.insert(state.producer_id, state);
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.states.clear();
        self.ongoing.clear();
        self.unreplicated.clear();
    }

    /// A guard for a producer whose transaction must be verified, or [`VerificationGuard::NONE`] if it is open here.
    /// `sequence` and `epoch` are those of the batch to come; `supports_epoch_bump` if the producer raises its
    /// epoch with each transaction (transaction version 2).
    ///
    /// # Errors
    /// If a newer epoch of the producer was seen.
    pub fn start_verification(
        &mut self,
        producer_id: i64,
        sequence: i32,
        epoch: i16,
        supports_epoch_bump: bool,
        now_ms: i64,
    ) -> Result<VerificationGuard, ProducerError> {
        if let Some(state) = self.states.get(&producer_id)
            && epoch < state.producer_epoch
        {
            return Err(ProducerError::InvalidEpoch {
                producer_id,
                found: epoch,
                current: state.producer_epoch,
            });
        }
        if self.has_ongoing(producer_id, epoch) {
            return Ok(VerificationGuard::NONE);
        }
        let next = self.next_guard + 1;
        let entry = self
            .verifications
            .entry(producer_id)
            .or_insert(Verification {
                guard: VerificationGuard(next),
                since_ms: now_ms,
                lowest_sequence: sequence,
                epoch,
                supports_epoch_bump,
            });
        self.next_guard = next;
        if epoch > entry.epoch {
            entry.epoch = epoch;
            entry.lowest_sequence = sequence;
        } else if epoch == entry.epoch {
            entry.lowest_sequence = entry.lowest_sequence.min(sequence);
        }
        Ok(entry.guard)
    }

    /// Checks batches and says what they change, or that the first of them is a repetition. Changes nothing.
    ///
    /// # Errors
    /// If a batch is refused: then all are.
    pub fn prepare(
        &self,
        batches: &[Appending],
        checks: &Checks,
    ) -> Result<Prepared, ProducerError> {
        let mut update = Update::default();
        for batch in batches.iter().filter(|batch| batch.producer_id >= 0) {
            let current = self.states.get(&batch.producer_id);
            if checks.origin == Origin::Client
                && let Some(known) = current.and_then(|state| state.repetition(batch))
            {
                return Ok(Prepared::Repetition(known));
            }
            self.check_verified(batch, current, checks)?;
            let at = match update
                .states
                .iter()
                .position(|state| state.producer_id == batch.producer_id)
            {
                Some(at) => at,
                None => {
                    let state = current
                        .cloned()
                        .unwrap_or_else(|| ProducerState::new(batch.producer_id));
                    update.states.push(state);
                    update.states.len() - 1
                }
            };
            let unknown = current.is_none_or(|state| state.producer_epoch == NO_EPOCH);
            if batch.control {
                if let Some(marker) = batch.marker {
                    let completed = end_transaction(&mut update.states[at], batch, marker, checks)?;
                    update.completed.extend(completed);
                }
            } else {
                if checks.origin == Origin::Client {
                    self.check_sequence(&update.states[at], current, batch, unknown)?;
                }
                let started = add_data(&mut update.states[at], batch, checks.origin)?;
                update
                    .started
                    .extend(started.map(|first| (first, batch.producer_id)));
            }
            if batch.transactional {
                update.verified.push(batch.producer_id);
            }
        }
        Ok(Prepared::Update(update))
    }

    fn check_verified(
        &self,
        batch: &Appending,
        current: Option<&ProducerState>,
        checks: &Checks,
    ) -> Result<(), ProducerError> {
        let checked = matches!(checks.origin, Origin::Client | Origin::Coordinator);
        if !checked
            || !batch.transactional
            || self.has_ongoing(batch.producer_id, batch.producer_epoch)
        {
            return Ok(());
        }
        if let Some(state) = current
            && batch.producer_epoch < state.producer_epoch
        {
            return Err(ProducerError::InvalidEpoch {
                producer_id: batch.producer_id,
                found: batch.producer_epoch,
                current: state.producer_epoch,
            });
        }
        let known = self.verifications.get(&batch.producer_id);
        let verified = known.is_some_and(|v| v.guard == checks.guard);
        if batch.control || verified || checks.guard == VerificationGuard::TRUSTED {
            return Ok(());
        }
        Err(ProducerError::InvalidTransactionState {
            producer_id: batch.producer_id,
            problem: "the records are part of no transaction that was verified with its coordinator",
        })
    }

    fn check_sequence(
        &self,
        updated: &ProducerState,
        current: Option<&ProducerState>,
        batch: &Appending,
        unknown: bool,
    ) -> Result<(), ProducerError> {
        check_epoch(updated, batch, 0, Origin::Client)?;
        let found = batch.base_sequence;
        let refuse = |expected| {
            Err(ProducerError::OutOfOrderSequence {
                producer_id: batch.producer_id,
                found,
                expected,
            })
        };
        if let Some(verification) = self.verifications.get(&batch.producer_id) {
            let nothing_known = current.is_none_or(|state| state.batches.is_empty());
            if verification.supports_epoch_bump && found != 0 && nothing_known {
                return refuse(0);
            }
            if found > verification.lowest_sequence {
                return refuse(verification.lowest_sequence);
            }
        }
        if batch.producer_epoch != updated.producer_epoch {
            // A new epoch begins at 0; a producer that is not known any more may go on where it was.
            if found != 0 && updated.producer_epoch != NO_EPOCH {
                return refuse(0);
            }
            return Ok(());
        }
        let last = updated.last_sequence();
        let expected = if last == i32::MAX { 0 } else { last + 1 };
        if unknown || found == expected {
            Ok(())
        } else {
            refuse(expected)
        }
    }

    /// Takes over what [`Producers::prepare`] said, except that transactions ended, which it returns: see
    /// [`Producers::complete`].
    pub fn apply(&mut self, update: Update) -> Vec<Completed> {
        for state in update.states {
            self.states.insert(state.producer_id, state);
        }
        self.ongoing.extend(update.started);
        for producer_id in update.verified {
            self.verifications.remove(&producer_id);
        }
        update.completed
    }

    /// Takes over the verifications under way in `other`, whose place this state takes.
    pub(crate) fn adopt_verifications(&mut self, other: &mut Self) {
        self.verifications = std::mem::take(&mut other.verifications);
        self.next_guard = self.next_guard.max(other.next_guard);
    }

    /// What the index of aborted transactions says of `completed`: the last stable offset without it.
    pub fn aborted(&self, completed: &Completed) -> AbortedTransaction {
        let next = self
            .ongoing
            .iter()
            .find(|(_, producer_id)| **producer_id != completed.producer_id);
        AbortedTransaction {
            producer_id: completed.producer_id,
            first_offset: completed.first_offset,
            last_offset: completed.last_offset,
            last_stable_offset: next.map_or(completed.last_offset + 1, |(first, _)| *first),
        }
    }

    /// The transaction is over; it stays unstable until its marker is below the high watermark.
    pub fn complete(&mut self, completed: &Completed) {
        self.ongoing.remove(&completed.first_offset);
        self.unreplicated
            .insert(completed.first_offset, completed.last_offset);
    }

    /// The high watermark (or the log start offset) moved.
    pub fn replicated(&mut self, offset: i64) {
        self.unreplicated.retain(|_, last| *last >= offset);
    }

    /// Forgets producers without an open transaction that wrote nothing for so long.
    pub fn expire(&mut self, now_ms: i64, expiry_ms: i64) {
        self.states
            .retain(|_, state| !is_expired(state, now_ms, expiry_ms));
        self.verifications
            .retain(|_, v| now_ms.saturating_sub(v.since_ms) < expiry_ms);
    }
}

impl VerificationGuard {
    /// The broker does not verify transactions (`transaction.partition.verification.enable=false`).
    pub const TRUSTED: Self = Self(u64::MAX);
}

/// Whether a producer has no open transaction and wrote nothing for `expiry_ms`.
pub(crate) fn is_expired(state: &ProducerState, now_ms: i64, expiry_ms: i64) -> bool {
    state.transaction_first_offset.is_none()
        && now_ms.saturating_sub(state.last_timestamp) >= expiry_ms
}

/// The outcome of [`Producers::prepare`].
#[derive(Debug)]
pub enum Prepared {
    /// The batch is in the log already.
    Repetition(BatchMetadata),
    /// It may be appended, which changes this.
    Update(Update),
}

fn check_epoch(
    state: &ProducerState,
    batch: &Appending,
    transaction_version: i16,
    origin: Origin,
) -> Result<(), ProducerError> {
    let (found, current) = (batch.producer_epoch, state.producer_epoch);
    // From transaction version 2 on a marker carries a raised epoch, except when it comes a second time.
    let old = if transaction_version >= 2 {
        let again =
            found == current && (state.transaction_first_offset.is_none() || found == i16::MAX);
        found <= current && !again
    } else {
        found < current
    };
    if !old {
        return Ok(());
    }
    if origin == Origin::Replication {
        tracing::warn!(
            producer_id = batch.producer_id,
            found,
            current,
            "the leader accepted an old producer epoch"
        );
        return Ok(());
    }
    Err(ProducerError::InvalidEpoch {
        producer_id: batch.producer_id,
        found,
        current,
    })
}

/// Adds a data batch; the offset of a transaction that begins with it.
fn add_data(
    state: &mut ProducerState,
    batch: &Appending,
    origin: Origin,
) -> Result<Option<i64>, ProducerError> {
    check_epoch(state, batch, 0, origin)?;
    state.set_epoch(batch.producer_epoch);
    state.add(BatchMetadata {
        last_sequence: batch.last_sequence,
        last_offset: batch.last_offset,
        offset_delta: (batch.last_offset - batch.base_offset) as i32,
        timestamp: batch.max_timestamp,
    });
    state.last_timestamp = batch.max_timestamp;
    match (state.transaction_first_offset, batch.transactional) {
        // What the leader accepted must not stop a replica.
        (Some(_), false) if origin != Origin::Replication => {
            Err(ProducerError::InvalidTransactionState {
                producer_id: batch.producer_id,
                problem: "it has a transaction open, and sent records that are in none",
            })
        }
        (None, true) => {
            state.transaction_first_offset = Some(batch.base_offset);
            Ok(Some(batch.base_offset))
        }
        _ => Ok(None),
    }
}

/// Adds a marker; the transaction that it ends.
fn end_transaction(
    state: &mut ProducerState,
    batch: &Appending,
    marker: Marker,
    checks: &Checks,
) -> Result<Option<Completed>, ProducerError> {
    check_epoch(state, batch, checks.transaction_version, checks.origin)?;
    if state.coordinator_epoch > marker.coordinator_epoch && checks.origin != Origin::Replication {
        return Err(ProducerError::CoordinatorFenced {
            producer_id: batch.producer_id,
            found: marker.coordinator_epoch,
            current: state.coordinator_epoch,
        });
    }
    let completed = state
        .transaction_first_offset
        .take()
        .map(|first_offset| Completed {
            producer_id: batch.producer_id,
            first_offset,
            last_offset: batch.base_offset,
            aborted: !marker.commit,
        });
    state.set_epoch(batch.producer_epoch);
    state.coordinator_epoch = marker.coordinator_epoch;
    state.last_timestamp = marker.timestamp;
    Ok(completed)
}
