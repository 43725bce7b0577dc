//! InitProducerId: key 22, versions 0-5, and 6 (two-phase commit) with `unstable.api.versions.enable`.
//!
//! Gives an id to an idempotent producer, and id and epoch to a transactional one, which fences whoever had the
//! transactional id before.
//!
//! Versions: 2 flexible; 3 the producer's last id and epoch; 4 `PRODUCER_FENCED`; 5 transactions of version 2; 6
//! two-phase commit.
//!
//! Refuses: `INVALID_REQUEST` (an id without an epoch, or the other way round; an empty transactional id),
//! `INVALID_TRANSACTION_TIMEOUT`, `CONCURRENT_TRANSACTIONS` (an open transaction is being ended first),
//! `PRODUCER_FENCED` (before version 4 `INVALID_PRODUCER_EPOCH`), `COORDINATOR_NOT_AVAILABLE`,
//! `COORDINATOR_LOAD_IN_PROGRESS`, `NOT_COORDINATOR` (all).
//!
//! Differs from Apache Kafka: nothing known.

use ottla_coordinator::transaction::Input;
use ottla_wire::{
    errors::{Code, Refusal},
    messages::{InitProducerIdRequest, InitProducerIdResponse},
};

use super::{ask_with_producer_id, for_older, only};
use crate::{
    api::{Cx, WithReasons},
    reply::Reply,
};

/// From this version on clients know `PRODUCER_FENCED`.
const KNOWS_FENCED: i16 = 4;

/// See the top of this file.
pub(crate) async fn handle(
    cx: &Cx,
    request: InitProducerIdRequest,
) -> Reply<WithReasons<InitProducerIdResponse>> {
    match init(cx, request).await {
        Ok(mut answer) => {
            answer.error_code = for_older(cx, KNOWS_FENCED, answer.error_code);
            WithReasons::from(answer).into()
        }
        Err(mut refusal) => {
            refusal.code = Code(for_older(cx, KNOWS_FENCED, refusal.code.0));
            let message = InitProducerIdResponse {
                producer_id: -1,
                producer_epoch: -1,
                error_code: refusal.code.0,
                ..InitProducerIdResponse::default()
            };
            WithReasons::because(message, &refusal).into()
        }
    }
}

async fn init(cx: &Cx, request: InitProducerIdRequest) -> Result<InitProducerIdResponse, Refusal> {
    if (request.producer_id == -1) != (request.producer_epoch == -1) {
        return Err(Code::INVALID_REQUEST.because(format!(
            "producer id {} and epoch {}: both are given, or both are -1",
            request.producer_id, request.producer_epoch
        )));
    }
    let Some(transactional_id) = request.transactional_id.clone() else {
        // An idempotent producer that bumps its epoch gets a new id instead, as in Kafka.
        return Ok(InitProducerIdResponse {
            producer_id: cx.broker.next_producer_id().await?,
            producer_epoch: 0,
            ..InitProducerIdResponse::default()
        });
    };
    if transactional_id.is_empty() {
        return Err(Code::INVALID_REQUEST.because("the transactional id is empty"));
    }
    let question = |fresh| Input::InitProducerId {
        request: request.clone(),
        fresh,
    };
    let outcome = ask_with_producer_id(&cx.broker, &transactional_id, question).await;
    only!(InitProducerId, outcome)
}
