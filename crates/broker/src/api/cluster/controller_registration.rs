//! ControllerRegistration (key 70, version 0): a controller tells where it listens and what it supports.
//!
//! The active controller decides.
//!
//! Refuses: `UNSUPPORTED_VERSION`, `NOT_CONTROLLER`.
//!
//! Differs from Apache Kafka: nothing known.
//!
//! Not yet: authorization.

use ottla_wire::messages::{ControllerRegistrationRequest, ControllerRegistrationResponse};

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
    request: ControllerRegistrationRequest,
) -> Reply<ControllerRegistrationResponse> {
    let answer = controller::controller_registration(&cx.broker, Caller::of(cx), request).await;
    Reply::Now(
        answer.unwrap_or_else(|refusal| ControllerRegistrationResponse {
            error_code: refusal.code.0,
            error_message: Some(refusal.text().to_owned()),
            ..ControllerRegistrationResponse::default()
        }),
    )
}
