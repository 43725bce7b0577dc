//! BrokerRegistration (key 62, versions 0-4): a broker joins the cluster, with its listeners, features and log directories.
//!
//! The active controller decides.
//! Versions: 1 brokers from ZooKeeper; 2 log directories; 3 the epoch of the last stop; 4 cordoned directories.
//!
//! Refuses: `DUPLICATE_BROKER_REGISTRATION`, `INCONSISTENT_CLUSTER_ID`, `UNSUPPORTED_VERSION`, `INVALID_REGISTRATION`, `INVALID_REQUEST`,
//! `NOT_CONTROLLER`.
//!
//! Differs from Apache Kafka: nothing known.
//!
//! Not yet: authorization.

use ottla_wire::messages::{BrokerRegistrationRequest, BrokerRegistrationResponse};

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
    request: BrokerRegistrationRequest,
) -> Reply<BrokerRegistrationResponse> {
    let answer = controller::broker_registration(&cx.broker, Caller::of(cx), request).await;
    Reply::Now(answer.unwrap_or_else(|refusal| BrokerRegistrationResponse {
        error_code: refusal.code.0,
        ..BrokerRegistrationResponse::default()
    }))
}
