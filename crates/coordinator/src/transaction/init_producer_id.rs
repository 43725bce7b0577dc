//! A producer takes over a transactional id: it gets an id and an epoch, and whoever had it before is fenced.

use ottla_machine::Ticket;
use ottla_wire::{
    errors::{Code, Refusal},
    messages::{InitProducerIdRequest, InitProducerIdResponse},
};

use super::{
    Reply, TransactionCoordinator,
    end::Missing,
    state::{NO_EPOCH, NO_PRODUCER, State, Transaction, is_exhausted},
    turn::Turn,
};

/// Who the producer says that it is, if it asks for a new epoch only.
#[derive(Clone, Copy, Debug)]
struct Expected {
    producer_id: i64,
    epoch: i16,
}

/// What is to be done.
enum Decision {
    /// The producer is initialized.
    Initialized(Transaction),
    /// The transaction that its predecessor left open is aborted first; the producer is to ask again.
    Aborted(Transaction),
}

impl TransactionCoordinator {
    pub(super) fn init_producer_id(
        &self,
        turn: &mut Turn<'_>,
        ticket: Ticket,
        request: &InitProducerIdRequest,
        fresh: Option<i64>,
    ) {
        let id = request.transactional_id.as_deref().unwrap_or_default();
        let answer = match self.decide_init(id, request, fresh, turn.now_ms()) {
            Ok(Decision::Initialized(next)) => {
                self.emit(turn, id, &next);
                InitProducerIdResponse {
                    producer_id: next.producer_id,
                    producer_epoch: next.epoch,
                    ..InitProducerIdResponse::default()
                }
            }
            Ok(Decision::Aborted(next)) => {
                self.emit(turn, id, &next);
                refused(Code::CONCURRENT_TRANSACTIONS)
            }
            Err(Missing::ProducerId) => {
                turn.answer(ticket, Reply::ProducerIdNeeded);
                return;
            }
            Err(Missing::Right(refusal)) => refused(refusal.code),
        };
        turn.answer(ticket, Reply::InitProducerId(answer));
    }

    fn decide_init(
        &self,
        id: &str,
        request: &InitProducerIdRequest,
        fresh: Option<i64>,
        now: i64,
    ) -> Result<Decision, Missing> {
        let (timeout_ms, expected) = self.check_init(id, request)?;
        let Some(of) = self.transaction(id) else {
            let new = Transaction::new(fresh.ok_or(Missing::ProducerId)?, timeout_ms, now);
            return Ok(Decision::Initialized(
                new.initialized(0, NO_EPOCH, timeout_ms, now),
            ));
        };
        if of.state.is_prepared() {
            return Err(Code::CONCURRENT_TRANSACTIONS.into());
        }
        if expected.is_some_and(|expected| !expected.may_be(of)) {
            return Err(Code::PRODUCER_FENCED.into());
        }
        if of.state == State::Ongoing {
            return self.aborted(of, fresh, now).map(Decision::Aborted);
        }
        let next = match expected {
            None if of.is_exhausted() => {
                let producer_id = fresh.ok_or(Missing::ProducerId)?;
                of.rotated(producer_id, NO_EPOCH, timeout_ms, now)
            }
            Some(expected) if of.is_exhausted() && expected.epoch == of.epoch => {
                let producer_id = fresh.ok_or(Missing::ProducerId)?;
                of.rotated(producer_id, of.epoch, timeout_ms, now)
            }
            // An epoch beyond the last that a producer may get fences somebody. Kafka does not tell him so, either.
            Some(_) if of.is_exhausted() => return Err(Code::UNKNOWN_SERVER_ERROR.into()),
            None => of.initialized(of.epoch + 1, NO_EPOCH, timeout_ms, now),
            Some(expected) if of.epoch == NO_EPOCH || expected.epoch == of.epoch => {
                of.initialized(of.epoch + 1, of.epoch, timeout_ms, now)
            }
            // It asks again: the answer did not reach it.
            Some(expected) if expected.epoch == of.last_epoch => {
                of.initialized(of.epoch, of.last_epoch, timeout_ms, now)
            }
            Some(_) => return Err(Code::PRODUCER_FENCED.into()),
        };
        Ok(Decision::Initialized(next))
    }

    /// What can be said without knowing the transactional id: the timeout that counts, and who asks.
    fn check_init(
        &self,
        id: &str,
        request: &InitProducerIdRequest,
    ) -> Result<(i32, Option<Expected>), Refusal> {
        let expected = match (request.producer_id, request.producer_epoch) {
            (NO_PRODUCER, NO_EPOCH) => None,
            (NO_PRODUCER, _) | (_, NO_EPOCH) => return Err(Code::INVALID_REQUEST.into()),
            (producer_id, epoch) => Some(Expected { producer_id, epoch }),
        };
        if id.is_empty() {
            return Err(Code::INVALID_REQUEST.into());
        }
        if request.enable2_pc && !self.settings.two_phase_commit {
            return Err(Code::TRANSACTIONAL_ID_AUTHORIZATION_FAILED.into());
        }
        if request.keep_prepared_txn {
            // The request has a place for it, but Kafka 4.4 does not do it yet.
            return Err(Code::UNSUPPORTED_VERSION.into());
        }
        let timeout_ms = request.transaction_timeout_ms;
        if request.enable2_pc {
            return Ok((i32::MAX, expected));
        }
        if timeout_ms <= 0 || timeout_ms > self.settings.max_timeout_ms {
            return Err(Code::INVALID_TRANSACTION_TIMEOUT.into());
        }
        Ok((timeout_ms, expected))
    }
}

impl Expected {
    /// Whether it is, or was just before, the producer of this transactional id.
    fn may_be(self, of: &Transaction) -> bool {
        of.epoch == NO_EPOCH
            || self.producer_id == of.producer_id
            || self.producer_id == of.previous_producer_id && is_exhausted(self.epoch)
    }
}

fn refused(code: Code) -> InitProducerIdResponse {
    InitProducerIdResponse {
        error_code: code.0,
        producer_id: NO_PRODUCER,
        producer_epoch: NO_EPOCH,
        ..InitProducerIdResponse::default()
    }
}
