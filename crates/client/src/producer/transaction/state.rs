//! What a transactional producer may do next: the phases of a transaction, and what moves it from one to another. It
//! decides only; nothing here waits or sends.
//!
//! **Transaction version 1**: a partition is added to the transaction at the coordinator before the first batch goes to
//! it. **Version 2**: the broker adds it with the first batch, and every end of a transaction raises the epoch.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use ottla_wire::errors::Code;

use crate::{ClientError, Result, TopicPartition};

/// How bad a failure is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::producer) enum Severity {
    /// The transaction cannot be committed, but the producer can go on.
    Abort,
    /// As [`Severity::Abort`] if the epoch can be raised, else as [`Severity::Close`].
    AbortIfPossible,
    /// The producer cannot go on.
    Close,
    /// The call failed and nothing else is changed by it.
    Refuse,
}

/// Where a transactional producer is.
#[derive(Clone, PartialEq, Debug)]
enum Phase {
    Uninitialized,
    Initializing,
    Ready,
    Open,
    Committing,
    Aborting,
    MustAbort(ClientError),
    MustClose(ClientError),
}

impl Phase {
    fn name(&self) -> &'static str {
        match self {
            Self::Uninitialized => "not initialized: call init_transactions first",
            Self::Initializing => "being initialized",
            Self::Ready => "ready: call begin_transaction first",
            Self::Open => "in a transaction: commit or abort it first",
            Self::Committing => "committing a transaction",
            Self::Aborting => "aborting a transaction",
            Self::MustAbort(_) => "in a transaction that must be aborted",
            Self::MustClose(_) => "broken: close it",
        }
    }
}

/// The transactions of one producer.
#[derive(Debug)]
pub(in crate::producer) struct Transaction {
    id: Arc<str>,
    phase: Phase,
    /// Whether the cluster's `transaction.version` is 2 or more, as of the last end of a transaction.
    version2: bool,
    /// Whether the coordinator raises the epoch when it is asked to.
    can_bump: bool,
    /// Whether the epoch is to be raised when the transaction has ended.
    bump: bool,
    /// Whether the coordinator may know of the transaction.
    started: bool,
    /// Partitions with records that the coordinator does not know of yet.
    joining: BTreeSet<TopicPartition>,
    joined: HashSet<TopicPartition>,
    /// Whether partitions are being added now.
    adding: bool,
}

impl Transaction {
    pub(in crate::producer) fn new(id: &str) -> Self {
        Self {
            id: id.into(),
            phase: Phase::Uninitialized,
            version2: false,
            can_bump: false,
            bump: false,
            started: false,
            joining: BTreeSet::new(),
            joined: HashSet::new(),
            adding: false,
        }
    }

    pub(in crate::producer) fn id(&self) -> &Arc<str> {
        &self.id
    }

    pub(in crate::producer) fn is_version2(&self) -> bool {
        self.version2
    }

    /// Whether the coordinator may know of the transaction, so that it must be told of its end.
    pub(in crate::producer) fn is_started(&self) -> bool {
        self.started
    }

    /// Whether a transaction is open that nobody is ending.
    pub(in crate::producer) fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Open | Phase::MustAbort(_))
    }

    /// The failure that stands in the way of everything but an abort, or of everything.
    pub(in crate::producer) fn check(&self) -> Result<()> {
        match &self.phase {
            Phase::MustAbort(why) => Err(ClientError::MustAbort {
                transactional_id: Arc::clone(&self.id),
                why: Box::new(why.clone()),
            }),
            Phase::MustClose(why) => Err(self.closed(why)),
            _ => Ok(()),
        }
    }

    /// The failure that stands in the way of everything.
    pub(in crate::producer) fn check_usable(&self) -> Result<()> {
        match &self.phase {
            Phase::MustClose(why) => Err(self.closed(why)),
            _ => Ok(()),
        }
    }

    fn closed(&self, why: &ClientError) -> ClientError {
        ClientError::MustClose {
            transactional_id: Arc::clone(&self.id),
            why: Box::new(why.clone()),
        }
    }

    fn expect(&self, is_so: bool, what: &str) -> Result<()> {
        self.check()?;
        self.expect_phase(is_so, what)
    }

    fn expect_phase(&self, is_so: bool, what: &str) -> Result<()> {
        if is_so {
            return Ok(());
        }
        let (id, now) = (&self.id, self.phase.name());
        Err(ClientError::Config(format!(
            "{what} of producer `{id}` makes no sense now: it is {now}"
        )))
    }

    pub(in crate::producer) fn begin_init(&mut self) -> Result<()> {
        self.expect(self.phase == Phase::Uninitialized, "init_transactions")?;
        self.phase = Phase::Initializing;
        Ok(())
    }

    /// The coordinator gave a producer id.
    pub(in crate::producer) fn initialized(&mut self, version2: bool, can_bump: bool) {
        if self.phase == Phase::Initializing {
            self.phase = Phase::Ready;
        }
        (self.version2, self.can_bump) = (version2, can_bump);
    }

    pub(in crate::producer) fn begin(&mut self) -> Result<()> {
        self.expect(self.phase == Phase::Ready, "begin_transaction")?;
        self.phase = Phase::Open;
        Ok(())
    }

    pub(in crate::producer) fn may_send(&self) -> Result<()> {
        self.expect(self.phase == Phase::Open, "send")
    }

    /// A record for the partition was accepted; whether the partition must be added first.
    pub(in crate::producer) fn accepted(&mut self, at: &TopicPartition) -> bool {
        if self.version2 {
            self.started = true;
            return false;
        }
        !self.joined.contains(at) && self.joining.insert(at.clone())
    }

    /// Whether batches may go to the partition.
    pub(in crate::producer) fn is_in(&self, at: &TopicPartition) -> bool {
        self.version2 || self.joined.contains(at)
    }

    /// Whether somebody is to add partitions, who is then the only one.
    pub(in crate::producer) fn begin_adding(&mut self) -> bool {
        let begin = !self.adding && !self.joining.is_empty() && self.check().is_ok();
        self.adding |= begin;
        begin
    }

    /// Whether this is the first request that the coordinator gets about the transaction.
    pub(in crate::producer) fn is_first(&self) -> bool {
        self.joined.is_empty()
    }

    pub(in crate::producer) fn joining(&self) -> Vec<TopicPartition> {
        self.joining.iter().cloned().collect()
    }

    /// These partitions were added, or none if that failed.
    pub(in crate::producer) fn added(&mut self, partitions: Vec<TopicPartition>) {
        self.adding = false;
        for at in partitions {
            self.joining.remove(&at);
            self.started = true;
            self.joined.insert(at);
        }
    }

    pub(in crate::producer) fn may_send_offsets(&self) -> Result<()> {
        self.expect(self.phase == Phase::Open, "send_offsets")
    }

    /// The coordinator knows, or will know, of the transaction.
    pub(in crate::producer) fn start(&mut self) {
        self.started = true;
    }

    pub(in crate::producer) fn begin_commit(&mut self) -> Result<()> {
        self.expect(self.phase == Phase::Open, "commit_transaction")?;
        self.phase = Phase::Committing;
        Ok(())
    }

    pub(in crate::producer) fn begin_abort(&mut self) -> Result<()> {
        self.check_usable()?;
        self.expect_phase(self.is_open(), "abort_transaction")?;
        self.phase = Phase::Aborting;
        self.joining.clear();
        Ok(())
    }

    /// The transaction is over; `version2` is what the cluster says by now. Whether the epoch must be raised before
    /// another transaction begins.
    pub(in crate::producer) fn ended(&mut self, version2: bool) -> bool {
        let upgraded = version2 && !self.version2;
        let bump = self.bump || upgraded;
        self.version2 = version2;
        self.bump = false;
        self.started = false;
        self.joining.clear();
        self.joined.clear();
        if !matches!(self.phase, Phase::MustClose(_)) {
            self.phase = if bump {
                Phase::Initializing
            } else {
                Phase::Ready
            };
        }
        bump
    }

    /// A batch of the transaction will never be stored; `lost` if it had its sequence numbers.
    pub(in crate::producer) fn batch_failed(&mut self, error: &ClientError, lost: bool) {
        let severity = if matches!(error, ClientError::Unsupported { .. })
            || error.code().is_some_and(|code| CLOSING.contains(&code))
        {
            Severity::Close
        } else if lost {
            Severity::AbortIfPossible
        } else {
            Severity::Abort
        };
        self.failed(error.clone(), severity);
    }

    /// Takes a failure.
    pub(in crate::producer) fn failed(&mut self, why: ClientError, severity: Severity) {
        if matches!(self.phase, Phase::MustClose(_)) {
            return;
        }
        let can_go_on = self.can_bump || self.version2;
        match severity {
            Severity::Close => self.phase = Phase::MustClose(why),
            Severity::AbortIfPossible if !can_go_on => self.phase = Phase::MustClose(why),
            Severity::Abort | Severity::AbortIfPossible => {
                self.bump |= severity == Severity::AbortIfPossible && !self.version2;
                if matches!(self.phase, Phase::Open | Phase::Committing) {
                    self.phase = Phase::MustAbort(why);
                }
            }
            Severity::Refuse => {
                if self.phase == Phase::Initializing {
                    self.phase = Phase::Uninitialized;
                }
            }
        }
    }
}

/// What a broker answers a batch with that no abort cures.
const CLOSING: [Code; 5] = [
    Code::CLUSTER_AUTHORIZATION_FAILED,
    Code::TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    Code::PRODUCER_FENCED,
    Code::INVALID_PRODUCER_ID_MAPPING,
    Code::UNSUPPORTED_VERSION,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn ready(version2: bool) -> Transaction {
        let mut transaction = Transaction::new("t");
        transaction.begin_init().unwrap();
        transaction.initialized(version2, true);
        transaction
    }

    fn refused(code: Code) -> ClientError {
        ClientError::refusal("Produce", &"b:1".into(), "t-0", code.0, None).unwrap()
    }

    fn at(partition: i32) -> TopicPartition {
        TopicPartition::new("t", partition)
    }

    #[test]
    fn calls_in_the_wrong_order_are_refused_and_change_nothing() {
        let mut transaction = Transaction::new("t");
        let text = transaction.begin().unwrap_err().to_string();
        assert!(text.contains("init_transactions first"), "{text}");
        let mut transaction = ready(true);
        assert!(transaction.begin_init().is_err() && transaction.may_send().is_err());
        assert!(transaction.begin_commit().is_err() && transaction.begin_abort().is_err());
        transaction.begin().unwrap();
        assert!(transaction.begin().is_err());
        assert!(transaction.may_send().is_ok());
        transaction.begin_commit().unwrap();
        assert!(transaction.may_send().is_err() && transaction.begin_abort().is_err());
    }

    #[test]
    fn with_version_1_a_partition_is_added_once_before_its_first_batch() {
        let mut transaction = ready(false);
        transaction.begin().unwrap();
        assert!(transaction.accepted(&at(0)) && !transaction.accepted(&at(0)));
        assert!(transaction.begin_adding() && !transaction.begin_adding());
        assert!(!transaction.is_in(&at(0)) && !transaction.is_started());
        transaction.added(vec![at(0)]);
        assert!(transaction.is_in(&at(0)) && transaction.is_started());
        assert!(!transaction.accepted(&at(0)) && !transaction.begin_adding());
        transaction.begin_commit().unwrap();
        assert!(!transaction.ended(false));
        transaction.begin().unwrap();
        assert!(transaction.accepted(&at(0)), "it is another transaction");
    }

    #[test]
    fn with_version_2_the_first_record_starts_it() {
        let mut transaction = ready(true);
        transaction.begin().unwrap();
        assert!(!transaction.is_started() && !transaction.accepted(&at(0)));
        assert!(transaction.is_in(&at(0)) && transaction.is_started());
    }

    #[test]
    fn after_a_failed_batch_only_an_abort_is_possible_and_then_everything_is() {
        let mut transaction = ready(true);
        transaction.begin().unwrap();
        transaction.batch_failed(&refused(Code::MESSAGE_TOO_LARGE), true);
        let error = transaction.begin_commit().unwrap_err();
        assert!(matches!(error, ClientError::MustAbort { .. }), "{error}");
        assert_eq!(error.code(), Some(Code::MESSAGE_TOO_LARGE));
        assert!(transaction.may_send().is_err());
        transaction.begin_abort().unwrap();
        assert!(!transaction.ended(true), "the end has raised the epoch");
        transaction.begin().unwrap();
    }

    #[test]
    fn with_version_1_lost_sequences_need_a_new_epoch_that_not_every_coordinator_gives() {
        let mut transaction = ready(false);
        transaction.begin().unwrap();
        transaction.batch_failed(&refused(Code::MESSAGE_TOO_LARGE), true);
        transaction.begin_abort().unwrap();
        assert!(transaction.ended(false));
        assert!(transaction.begin().is_err());
        transaction.initialized(false, true);
        transaction.begin().unwrap();

        let mut old = ready(false);
        old.initialized(false, false);
        old.begin().unwrap();
        old.batch_failed(&refused(Code::MESSAGE_TOO_LARGE), true);
        let error = old.begin_abort().unwrap_err();
        assert!(matches!(error, ClientError::MustClose { .. }), "{error}");
    }

    #[test]
    fn a_fenced_producer_stays_so() {
        let mut transaction = ready(true);
        transaction.begin().unwrap();
        transaction.batch_failed(&refused(Code::INVALID_PRODUCER_EPOCH), true);
        transaction.begin_abort().unwrap();
        transaction.failed(refused(Code::PRODUCER_FENCED), Severity::Close);
        transaction.failed(refused(Code::MESSAGE_TOO_LARGE), Severity::Abort);
        let error = transaction.begin_abort().unwrap_err();
        assert!(error.is_fenced(), "{error}");
        assert!(transaction.begin().unwrap_err().is_fenced());
    }

    #[test]
    fn a_cluster_that_was_upgraded_is_met_with_a_new_epoch() {
        let mut transaction = ready(false);
        transaction.begin().unwrap();
        transaction.begin_commit().unwrap();
        assert!(transaction.ended(true));
        transaction.initialized(true, true);
        transaction.begin().unwrap();
        assert!(transaction.is_version2());
    }

    #[test]
    fn failures_while_aborting_do_not_undo_the_abort() {
        let mut transaction = ready(true);
        transaction.begin().unwrap();
        transaction.begin_abort().unwrap();
        transaction.batch_failed(&refused(Code::MESSAGE_TOO_LARGE), true);
        assert!(transaction.check().is_ok());
        transaction.ended(true);
        transaction.begin().unwrap();
    }

    #[test]
    fn an_init_that_was_refused_may_be_tried_again() {
        let mut transaction = Transaction::new("t");
        transaction.begin_init().unwrap();
        let denied = refused(Code::TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
        transaction.failed(denied, Severity::Refuse);
        transaction.begin_init().unwrap();
    }
}
