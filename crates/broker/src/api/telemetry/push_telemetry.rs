//! PushTelemetry (key 72, version 0): a client's metrics (KIP-714). The last of each client is kept, if there is a
//! receiver: `metric.reporters=ottla.ClientTelemetry`.
//!
//! Refuses: `INVALID_REQUEST` (no instance id, or after the client's last push), `THROTTLING_QUOTA_EXCEEDED` (before the
//! interval is over, unless it is the last), `UNKNOWN_SUBSCRIPTION_ID` (the subscription has changed),
//! `UNSUPPORTED_COMPRESSION_TYPE`, `TELEMETRY_TOO_LARGE` (above `telemetry.max.bytes`), `INVALID_RECORD` (what cannot be
//! decompressed, or to more than that).

use ottla_wire::{
    Uuid,
    errors::{Code, Refusal},
    messages::{PushTelemetryRequest, PushTelemetryResponse},
};

use super::instances::Push;
use crate::{api::Cx, clock, reply::Reply};

/// Serves the request.
pub(crate) async fn handle(cx: &Cx, request: PushTelemetryRequest) -> Reply<PushTelemetryResponse> {
    let code = match push(cx, request) {
        Ok(()) => Code::NONE,
        Err(refusal) => {
            tracing::debug!(why = refusal.text(), "metrics of a client were refused");
            refusal.code
        }
    };
    Reply::Now(PushTelemetryResponse {
        error_code: code.0,
        ..PushTelemetryResponse::default()
    })
}

fn push(cx: &Cx, request: PushTelemetryRequest) -> Result<(), Refusal> {
    let client = request.client_instance_id;
    if client.is_zero() || client == Uuid::METADATA_TOPIC {
        return Err(
            Code::INVALID_REQUEST.because(format!("{client} is no id of a client instance"))
        );
    }
    let push = Push {
        subscription_id: request.subscription_id,
        terminating: request.terminating,
        compression: request.compression_type,
        metrics: request.metrics,
    };
    cx.broker.telemetry.push(cx, client, push, clock::now().0)
}
