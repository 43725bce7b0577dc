//! UnregisterBroker (key 64, version 0): forgets a broker that is gone for good.
//!
//! The active controller decides.
//!
//! Refuses: `BROKER_ID_NOT_REGISTERED`, `POLICY_VIOLATION` (it is in sync with more partitions than one decision may change),
//! `NOT_CONTROLLER`.
//!
//! Differs from Apache Kafka: nothing known.
//!
//! Not yet: authorization.

use ottla_wire::messages::{UnregisterBrokerRequest, UnregisterBrokerResponse};

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
    request: UnregisterBrokerRequest,
) -> Reply<UnregisterBrokerResponse> {
    let answer = controller::unregister_broker(&cx.broker, Caller::of(cx), request).await;
    Reply::Now(answer.unwrap_or_else(|refusal| UnregisterBrokerResponse {
        error_code: refusal.code.0,
        error_message: Some(refusal.text().to_owned()),
        ..UnregisterBrokerResponse::default()
    }))
}
