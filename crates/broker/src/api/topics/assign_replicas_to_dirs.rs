//! AssignReplicasToDirs (key 73, version 0): a broker tells in which of its log directories its replicas are.
//!
//! The active controller decides.
//!
//! Refuses: per partition `UNKNOWN_TOPIC_ID`, `UNKNOWN_TOPIC_OR_PARTITION`, `NOT_LEADER_OR_FOLLOWER`; as a whole
//! `STALE_BROKER_EPOCH`, `BROKER_ID_NOT_REGISTERED`, `NOT_CONTROLLER`.
//!
//! Differs from Apache Kafka: nothing known.
//!
//! Not yet: authorization.

use ottla_wire::messages::{AssignReplicasToDirsRequest, AssignReplicasToDirsResponse};

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
    request: AssignReplicasToDirsRequest,
) -> Reply<AssignReplicasToDirsResponse> {
    let answer = controller::assign_replicas_to_dirs(&cx.broker, Caller::of(cx), request).await;
    Reply::Now(
        answer.unwrap_or_else(|refusal| AssignReplicasToDirsResponse {
            error_code: refusal.code.0,
            ..AssignReplicasToDirsResponse::default()
        }),
    )
}
