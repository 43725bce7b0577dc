//! AllocateProducerIds (key 67, version 0): a broker gets a block of producer ids to give away.
//!
//! The active controller decides.
//!
//! Refuses: `STALE_BROKER_EPOCH`, `NOT_CONTROLLER`.
//!
//! Differs from Apache Kafka: nothing known.
//!
//! Not yet: authorization.

use ottla_wire::messages::{AllocateProducerIdsRequest, AllocateProducerIdsResponse};

use crate::{
    api::{
        Cx,
        controller::{self, Caller},
    },
    reply::Reply,
};

/// Serves the request.
pub(crate) async fn handle(
    cx: &Cx,
    request: AllocateProducerIdsRequest,
) -> Reply<AllocateProducerIdsResponse> {
    let answer = controller::allocate_producer_ids(&cx.broker, Caller::of(cx), request).await;
    Reply::Now(
        answer.unwrap_or_else(|refusal| AllocateProducerIdsResponse {
            error_code: refusal.code.0,
            ..AllocateProducerIdsResponse::default()
        }),
    )
}
