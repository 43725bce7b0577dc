//! BrokerHeartbeat (key 63, versions 0-2): a broker lives, wants to serve, or wants to leave.
//!
//! The active controller decides.
//! Versions: 1 log directories that went offline; 2 cordoned ones.
//!
//! Refuses: `STALE_BROKER_EPOCH`, `NOT_CONTROLLER`, `REQUEST_TIMED_OUT`.
//!
//! Differs from Apache Kafka: nothing known.
//!
//! Not yet: authorization.

use ottla_wire::messages::{BrokerHeartbeatRequest, BrokerHeartbeatResponse};

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
    request: BrokerHeartbeatRequest,
) -> Reply<BrokerHeartbeatResponse> {
    let answer = controller::broker_heartbeat(&cx.broker, Caller::of(cx), request).await;
    Reply::Now(answer.unwrap_or_else(|refusal| BrokerHeartbeatResponse {
        error_code: refusal.code.0,
        ..BrokerHeartbeatResponse::default()
    }))
}
