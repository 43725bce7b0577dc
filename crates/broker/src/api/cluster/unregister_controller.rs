//! UnregisterController (key 94, version 0): forgets a controller that is gone for good.
//!
//! The active controller decides.
//!
//! Refuses: `CONTROLLER_ID_NOT_REGISTERED`, `UNSUPPORTED_VERSION` (below metadata.version 4.4-IV2), `NOT_CONTROLLER`.
//!
//! Differs from Apache Kafka: nothing known.
//!
//! Not yet: authorization.

use ottla_wire::messages::{UnregisterControllerRequest, UnregisterControllerResponse};

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
    request: UnregisterControllerRequest,
) -> Reply<UnregisterControllerResponse> {
    let answer = controller::unregister_controller(&cx.broker, Caller::of(cx), request).await;
    Reply::Now(
        answer.unwrap_or_else(|refusal| UnregisterControllerResponse {
            error_code: refusal.code.0,
            error_message: Some(refusal.text().to_owned()),
            ..UnregisterControllerResponse::default()
        }),
    )
}
