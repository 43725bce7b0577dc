//! Client metrics (KIP-714): which clients should send what, and what they sent last.

pub(crate) mod get_telemetry_subscriptions;
mod instances;
pub(crate) mod push_telemetry;
pub(in crate::api) mod subscriptions;

use instances::{Instances, Payload, Push};
use ottla_metadata::{
    Image,
    image::{Configs, ResourceType},
};
use ottla_wire::{
    Uuid,
    errors::{Code, Refusal},
};
use parking_lot::Mutex;
use subscriptions::{Subscription, Subscriptions, attributes};

use crate::api::Cx;

/// What is known of the clients that send metrics.
#[derive(Debug, Default)]
pub(crate) struct Telemetry {
    receives: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    subscriptions: Subscriptions,
    instances: Instances,
}

impl Telemetry {
    /// With a receiver, or without: then clients are not told that they could send metrics, and what they send
    /// nevertheless is dropped.
    pub(crate) fn new(receives: bool) -> Self {
        Self {
            receives,
            ..Self::default()
        }
    }

    /// Whether somebody takes metrics in.
    pub(crate) fn receives(&self) -> bool {
        self.receives
    }

    /// The last metrics of every client, by its instance id.
    #[allow(dead_code, reason = "for whoever shows the metrics of clients")]
    pub(crate) fn received(&self) -> Vec<(Uuid, Payload)> {
        self.state.lock().instances.payloads()
    }

    /// What a client should send from now on.
    ///
    /// # Errors
    /// `THROTTLING_QUOTA_EXCEEDED` if it asks too often.
    fn subscription(&self, cx: &Cx, client: Uuid, now_ms: u64) -> Result<Subscription, Refusal> {
        let mut state = self.state.lock();
        let State {
            subscriptions,
            instances,
        } = &mut *state;
        subscriptions.follow(&client_metrics(&cx.broker.image()).collect::<Vec<_>>());
        instances
            .touch(client, now_ms, subscriptions, || attributes(cx, client))
            .get(now_ms)
    }

    /// Takes in what a client sends.
    ///
    /// # Errors
    /// As of PushTelemetry.
    fn push(&self, cx: &Cx, client: Uuid, push: Push, now_ms: u64) -> Result<(), Refusal> {
        let max_bytes = usize::try_from(cx.broker.config().int("telemetry.max.bytes")).unwrap_or(0);
        let mut state = self.state.lock();
        let State {
            subscriptions,
            instances,
        } = &mut *state;
        subscriptions.follow(&client_metrics(&cx.broker.image()).collect::<Vec<_>>());
        let instance = instances.touch(client, now_ms, subscriptions, || attributes(cx, client));
        let Some(payload) = instance.push(push, max_bytes, now_ms)? else {
            return Ok(());
        };
        // Other clients do not wait for it.
        drop(state);
        let readable = payload.check(max_bytes);
        let instances = &mut self.state.lock().instances;
        match readable {
            Ok(()) if self.receives => instances.keep(client, payload),
            Ok(()) => {}
            Err(ref refusal) => instances.refused(client, refusal.code),
        }
        readable
    }
}

/// An id for a client that has none.
fn new_client(cx: &Cx) -> Result<Uuid, Refusal> {
    // One draw in 64 begins with a character that Kafka avoids.
    let drawn = (0..100).find_map(|_| Uuid::from_entropy(cx.broker.unique().to_be_bytes()));
    drawn.ok_or_else(|| Code::UNKNOWN_SERVER_ERROR.because("no id could be drawn for the client"))
}

/// The resources that subscribe to client metrics.
pub(in crate::api) fn client_metrics(image: &Image) -> impl Iterator<Item = (&str, &Configs)> {
    let all = image.all_configs();
    all.filter(|(resource, _)| resource.kind == ResourceType::CLIENT_METRICS)
        .map(|(resource, configs)| (resource.name.as_str(), configs))
}
