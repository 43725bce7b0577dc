//! A producer commits or aborts, or its transaction is aborted for it.

use ottla_machine::Ticket;
use ottla_wire::{
    errors::{Code, Refusal},
    messages::{EndTxnRequest, EndTxnResponse},
};

use super::{
    Record, Reply, TransactionCoordinator,
    state::{EPOCH_BUMP, End, NO_EPOCH, NO_PRODUCER, State, Transaction},
    turn::Turn,
};

/// The last epoch that a producer may have.
const LAST_EPOCH: i16 = i16::MAX - 1;

/// What is missing for a decision.
#[derive(Debug)]
pub(super) enum Missing {
    /// A producer id that nobody has: then it can be decided.
    ProducerId,
    /// The right to have it.
    Right(Refusal),
}

impl<R: Into<Refusal>> From<R> for Missing {
    fn from(refusal: R) -> Self {
        Self::Right(refusal.into())
    }
}

/// What is to be done about a request to end a transaction.
enum Decision {
    /// The transaction is ended: it is prepared now.
    Ended(Transaction),
    /// It was ended before: the producer has this id and this epoch.
    Before(i64, i16),
}

impl TransactionCoordinator {
    /// Writes what is known of a transactional id from now on. If that is an end without partitions, it is complete at
    /// once, for there are no markers to write.
    pub(super) fn emit(&self, turn: &mut Turn<'_>, id: &str, next: &Transaction) {
        let version = self.settings.transaction_version;
        turn.emit(Record::of(id, next, version));
        if next.state.is_prepared() && next.partitions.is_empty() {
            let completed = next.completed(turn.now_ms());
            turn.emit(Record::of(id, &completed, version));
        }
    }

    pub(super) fn end_transaction(
        &self,
        turn: &mut Turn<'_>,
        ticket: Ticket,
        request: &EndTxnRequest,
        version: i16,
        fresh: Option<i64>,
    ) {
        let now = turn.now_ms();
        let raises = version >= 5;
        let decision = match raises {
            true => self.decide_end(request, fresh, now),
            false => self.decide_end_before_2(request, now),
        };
        let (code, producer_id, producer_epoch) = match decision {
            Ok(Decision::Ended(next)) => {
                self.emit(turn, &request.transactional_id, &next);
                let then = next.completed(now);
                (Code::NONE, then.producer_id, then.epoch)
            }
            Ok(Decision::Before(producer_id, epoch)) => (Code::NONE, producer_id, epoch),
            Err(Missing::ProducerId) => {
                turn.answer(ticket, Reply::ProducerIdNeeded);
                return;
            }
            Err(Missing::Right(refusal)) => (refusal.code, NO_PRODUCER, NO_EPOCH),
        };
        let (producer_id, producer_epoch) = match raises {
            true => (producer_id, producer_epoch),
            false => (NO_PRODUCER, NO_EPOCH),
        };
        let answer = EndTxnResponse {
            error_code: code.0,
            producer_id,
            producer_epoch,
            ..EndTxnResponse::default()
        };
        turn.answer(ticket, Reply::EndTransaction(answer));
    }

    fn of_end(&self, request: &EndTxnRequest) -> Result<&Transaction, Code> {
        if request.transactional_id.is_empty() {
            return Err(Code::INVALID_REQUEST);
        }
        self.transaction(&request.transactional_id)
            .ok_or(Code::INVALID_PRODUCER_ID_MAPPING)
    }

    /// As before transaction version 2: the epoch stays, and an end without a transaction is an error.
    fn decide_end_before_2(&self, request: &EndTxnRequest, now: i64) -> Result<Decision, Missing> {
        let of = self.of_end(request)?;
        if of.producer_id != request.producer_id {
            return Err(Code::INVALID_PRODUCER_ID_MAPPING.into());
        }
        if of.epoch != request.producer_epoch {
            return Err(Code::PRODUCER_FENCED.into());
        }
        let code = match (of.state, request.committed) {
            (State::Ongoing, committed) => {
                let end = End {
                    committed,
                    version: 0,
                    next_producer_id: NO_PRODUCER,
                    now,
                };
                let next = of.ended(end).ok_or(Code::UNKNOWN_SERVER_ERROR)?;
                return Ok(Decision::Ended(next));
            }
            (State::CompleteCommit, true) | (State::CompleteAbort, false) => {
                return Ok(Decision::Before(of.producer_id, of.epoch));
            }
            (State::PrepareCommit | State::PrepareAbort, _) => Code::CONCURRENT_TRANSACTIONS,
            (State::Empty | State::CompleteCommit | State::CompleteAbort, _) => {
                Code::INVALID_TXN_STATE
            }
        };
        Err(code.into())
    }

    /// As of transaction version 2: the epoch is raised with each end, so an end with the epoch before is the same end
    /// again, and an abort without a transaction is one that only raises the epoch.
    fn decide_end(
        &self,
        request: &EndTxnRequest,
        fresh: Option<i64>,
        now: i64,
    ) -> Result<Decision, Missing> {
        let of = self.of_end(request)?;
        let epoch = request.producer_epoch;
        if of.state.is_prepared() {
            return Err(Code::CONCURRENT_TRANSACTIONS.into());
        }
        let is_completed = matches!(of.state, State::CompleteCommit | State::CompleteAbort);
        // The end of the producer's last epoch gave it another id.
        let again_by_id =
            of.previous_producer_id == request.producer_id && epoch == LAST_EPOCH && of.epoch == 0;
        let again_by_epoch = epoch.checked_add(1) == Some(of.epoch);
        // An end before version 2 raised no epoch: the one after the asker's is that of a producer which took over.
        // Kafka 4.4 gives it to the asker.
        let raised = of.client_version >= EPOCH_BUMP;
        let again = is_completed && raised && (again_by_epoch || again_by_id);
        if of.producer_id != request.producer_id && !again_by_id {
            return Err(Code::INVALID_PRODUCER_ID_MAPPING.into());
        }
        if of.epoch != epoch && !again {
            return Err(Code::PRODUCER_FENCED.into());
        }
        match (of.state, request.committed) {
            (State::CompleteCommit, true) | (State::CompleteAbort, false) if again => {
                return Ok(Decision::Before(of.producer_id, of.epoch));
            }
            (State::CompleteCommit | State::CompleteAbort, _) if again => {
                return Err(Code::INVALID_TXN_STATE.into());
            }
            // There is no transaction to commit. After an abort there is none to commit, either.
            (State::Empty | State::CompleteCommit | State::CompleteAbort, true) => {
                return Err(Code::INVALID_TXN_STATE.into());
            }
            _ => {}
        }
        self.check_version(EPOCH_BUMP)?;
        let end = End {
            committed: request.committed,
            version: EPOCH_BUMP,
            next_producer_id: next_producer_id(of, fresh)?,
            now,
        };
        let next = of.ended(end).ok_or(Code::UNKNOWN_SERVER_ERROR)?;
        Ok(Decision::Ended(next))
    }

    /// An open transaction, aborted by another than its producer, which is fenced by that.
    pub(super) fn aborted(
        &self,
        of: &Transaction,
        fresh: Option<i64>,
        now: i64,
    ) -> Result<Transaction, Missing> {
        let end = |version, next_producer_id| End {
            committed: false,
            version,
            next_producer_id,
            now,
        };
        let next = if self.settings.transaction_version >= EPOCH_BUMP {
            of.ended(end(EPOCH_BUMP, next_producer_id(of, fresh)?))
        } else {
            of.fenced().ended(end(0, NO_PRODUCER))
        };
        next.ok_or(Code::UNKNOWN_SERVER_ERROR.into())
    }
}

/// The id that a producer has after its transaction, if its epochs are used up by then.
fn next_producer_id(of: &Transaction, fresh: Option<i64>) -> Result<i64, Missing> {
    match of.is_exhausted() {
        true => fresh.ok_or(Missing::ProducerId),
        false => Ok(NO_PRODUCER),
    }
}
