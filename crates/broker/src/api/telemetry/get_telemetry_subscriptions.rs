//! GetTelemetrySubscriptions (key 71, version 0): which metrics a client should send, and how often (KIP-714).
//!
//! A client without an instance id gets one. What it should send follows from the `client-metrics` resources whose
//! patterns fit it. Said in ApiVersions only if there is a receiver, and answered in any case, as by Apache Kafka.
//!
//! Refuses: `THROTTLING_QUOTA_EXCEEDED` for a question before the interval is over.
//!
//! Differs from Apache Kafka: metrics come sorted, so that the subscription's id is another than Kafka's for several
//! metrics (it is for nobody else to interpret); a client is not forgotten when its connection ends, but when it is
//! silent; patterns are those of the regex crate, without look-around and back references.

use ottla_wire::{
    Uuid,
    errors::Refusal,
    messages::{GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse},
};

use super::new_client;
use crate::{api::Cx, clock, reply::Reply};

/// zstd, lz4, gzip, snappy: in the order of preference.
const COMPRESSION_TYPES: [i8; 4] = [4, 3, 1, 2];

/// Serves the request.
pub(crate) async fn handle(
    cx: &Cx,
    request: GetTelemetrySubscriptionsRequest,
) -> Reply<GetTelemetrySubscriptionsResponse> {
    Reply::Now(
        subscribe(cx, request.client_instance_id).unwrap_or_else(|refusal| {
            tracing::debug!(
                why = refusal.text(),
                "a client asked in vain for what to send"
            );
            GetTelemetrySubscriptionsResponse {
                error_code: refusal.code.0,
                ..GetTelemetrySubscriptionsResponse::default()
            }
        }),
    )
}

fn subscribe(cx: &Cx, client: Uuid) -> Result<GetTelemetrySubscriptionsResponse, Refusal> {
    let client = if client.is_zero() {
        new_client(cx)?
    } else {
        client
    };
    let subscription = cx
        .broker
        .telemetry
        .subscription(cx, client, clock::now().0)?;
    Ok(GetTelemetrySubscriptionsResponse {
        client_instance_id: client,
        subscription_id: subscription.id,
        accepted_compression_types: COMPRESSION_TYPES.to_vec(),
        push_interval_ms: subscription.interval_ms,
        telemetry_max_bytes: cx.broker.config().int("telemetry.max.bytes"),
        delta_temporality: true,
        requested_metrics: subscription.metrics,
        ..GetTelemetrySubscriptionsResponse::default()
    })
}
