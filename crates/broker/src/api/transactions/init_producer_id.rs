//! InitProducerId: key 22, versions 0-5 (6, two-phase commit, is unstable and not served).
//!
//! Gives an id to an idempotent producer.
//!
//! Versions: 2 flexible; 3 the producer's last id and epoch; 4 `PRODUCER_FENCED`; 5 transactions of version 2.
//!
//! Refuses: `INVALID_REQUEST` (an id without an epoch, or the other way round; an empty transactional id),
//! `COORDINATOR_NOT_AVAILABLE` (all).
//!
//! Differs from Apache Kafka: nothing known for idempotent producers.
//! Not yet: transactional ids, which are answered `COORDINATOR_NOT_AVAILABLE`.

use ottla_wire::{
    errors::Code,
    messages::{InitProducerIdRequest, InitProducerIdResponse},
};

use crate::{api::Cx, reply::Reply};

/// See the top of this file.
pub(crate) async fn handle(
    cx: &Cx,
    request: InitProducerIdRequest,
) -> Reply<InitProducerIdResponse> {
    let mut response = InitProducerIdResponse {
        producer_id: -1,
        producer_epoch: -1,
        ..InitProducerIdResponse::default()
    };
    match init(cx, &request).await {
        Ok(producer_id) => {
            response.producer_id = producer_id;
            response.producer_epoch = 0;
        }
        Err(code) => response.error_code = code.0,
    }
    response.into()
}

async fn init(cx: &Cx, request: &InitProducerIdRequest) -> Result<i64, Code> {
    if (request.producer_id == -1) != (request.producer_epoch == -1) {
        return Err(Code::INVALID_REQUEST);
    }
    match request.transactional_id.as_deref() {
        // An idempotent producer that bumps its epoch gets a new id instead, as in Kafka.
        None => cx
            .broker
            .next_producer_id()
            .await
            .map_err(|refusal| refusal.code),
        Some("") => Err(Code::INVALID_REQUEST),
        Some(_) => Err(Code::COORDINATOR_NOT_AVAILABLE),
    }
}
