//! What one request uses, and how long its connection rests for it.
//!
//! A request's time is that of the thread while it decodes, serves and encodes it, without its waiting. (Kafka counts its
//! request handler's time and its network thread's; here one thread is both. Sending is not counted.)

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use ottla_metadata::quotas::{
    CONSUMER_BYTE_RATE, CONTROLLER_MUTATION_RATE, PRODUCER_BYTE_RATE, REQUEST_PERCENTAGE, Who,
};
use ottla_wire::{
    Request,
    messages::{FetchRequest, ProduceRequest},
};

use super::user;
use crate::{
    api::{Caller, Cx},
    broker::Broker,
    clock,
    net::Rest,
};

/// Percent of a second, for each nanosecond.
const PERCENT_PER_NANO: f64 = 100.0 / 1e9;

/// Brokers' and controllers' own requests, whose time is not limited.
const EXEMPT: &[i16] = &[27, 56, 62, 63, 67, 70, 73];

/// One request's account.
pub(crate) struct Meter {
    broker: Arc<Broker>,
    rest: Arc<Rest>,
    caller: Arc<Caller>,
    /// The request's key and version.
    request: (i16, i16),
    exempt: bool,
    spent_nanos: AtomicU64,
    /// When its future was last begun to be polled.
    polled_at: AtomicU64,
    charged: AtomicBool,
}

impl Meter {
    /// For the request that the context is at; none if nothing is limited.
    pub(crate) fn of(cx: &Cx) -> Option<Arc<Self>> {
        cx.broker.quotas.any().then(|| {
            Arc::new(Self {
                broker: cx.broker.clone(),
                rest: cx.rest.clone(),
                caller: cx.caller().clone(),
                request: (cx.key, cx.version),
                exempt: EXEMPT.contains(&cx.key),
                spent_nanos: AtomicU64::new(0),
                polled_at: AtomicU64::new(clock::nanos()),
                charged: AtomicBool::new(false),
            })
        })
    }

    fn who(&self) -> Who<'_> {
        Who {
            user: user(&self.caller.principal),
            client_id: self.caller.client_id.as_deref().unwrap_or(""),
        }
    }

    /// The request is a broker's after all: its time is not limited.
    pub(crate) fn exempt(&self) {
        self.charged.store(true, Ordering::Relaxed);
    }

    /// Counts the bytes of a Produce request; how many ms its producer is to wait.
    pub(crate) fn produced(&self, bytes: usize) -> u64 {
        self.broker.quotas.produce.record(self.who(), bytes as f64)
    }

    /// The most bytes that an answer to a Fetch may have.
    pub(crate) fn fetch_at_most(&self) -> Option<usize> {
        let most = self.broker.quotas.fetch.most(self.who())?;
        Some(most as usize)
    }

    /// Counts the bytes of an answer to a Fetch, and the time so far. If the consumer is to wait, it does not get them,
    /// and they are not counted.
    pub(crate) fn fetched(&self, bytes: usize) -> u64 {
        let quota = &self.broker.quotas.fetch;
        let for_time = self.charge();
        let wait_ms = for_time.max(quota.record(self.who(), bytes as f64));
        if wait_ms > 0 {
            quota.note(self.who(), -(bytes as f64));
        }
        wait_ms
    }

    /// The answer is there, and says already that its client is to wait so long: how long it is in the end. The
    /// connection rests from now on.
    pub(crate) fn answered(&self, wait_ms: i32) -> i32 {
        let told_ms = u64::try_from(wait_ms).unwrap_or(0);
        let for_time = self.charge();
        let wait_ms = told_ms.max(for_time);
        self.rest(wait_ms);
        self.note(wait_ms, for_time > told_ms);
        i32::try_from(wait_ms).unwrap_or(i32::MAX)
    }

    /// Notes in the journal that the client waits, which nothing but its slowness tells it.
    pub(crate) fn note(&self, wait_ms: u64, for_time: bool) {
        if wait_ms == 0 {
            return;
        }
        let (who, quotas) = (self.who(), &self.broker.quotas);
        let (key, limit) = match self.request.0 {
            _ if for_time => (REQUEST_PERCENTAGE, quotas.request.limit(who)),
            ProduceRequest::KEY => (PRODUCER_BYTE_RATE, quotas.produce.limit(who)),
            FetchRequest::KEY => (CONSUMER_BYTE_RATE, quotas.fetch.limit(who)),
            _ => (CONTROLLER_MUTATION_RATE, None),
        };
        let limit = limit.map_or(String::new(), |limit| format!(" of {limit} a second"));
        let (user, id) = (who.user, who.client_id);
        let mut entry = self.caller.entry();
        entry.request = Some(self.request);
        entry.about = vec![("throttled", key.to_owned())];
        entry.reason = format!(
            "the client used more than its quota {key}{limit} allows, so its connection rests for {wait_ms} ms, without an \
             error: `ottla quotas describe --user {user} --client-id {id}` shows the quotas, `ottla quotas set` changes them"
        );
        self.broker.journal.put(entry);
    }

    /// The connection rests from now on for so long.
    pub(crate) fn rest(&self, wait_ms: u64) {
        if wait_ms > 0 {
            self.rest.until(clock::now().after(wait_ms));
        }
    }

    /// Counts the time so far, once.
    fn charge(&self) -> u64 {
        if self.exempt || self.charged.swap(true, Ordering::Relaxed) {
            return 0;
        }
        let polled = clock::nanos().saturating_sub(self.polled_at.load(Ordering::Relaxed));
        let nanos = self.spent_nanos.load(Ordering::Relaxed) + polled;
        let quotas = &self.broker.quotas;
        quotas
            .request
            .record(self.who(), nanos as f64 * PERCENT_PER_NANO)
            .min(quotas.request_wait_max_ms)
    }
}

/// A future whose polls are counted.
pub(crate) struct Timed<F> {
    meter: Option<Arc<Meter>>,
    inner: F,
}

impl<F: Future + Unpin> Timed<F> {
    pub(crate) fn new(meter: Option<Arc<Meter>>, inner: F) -> Self {
        Self { meter, inner }
    }
}

impl<F: Future + Unpin> Future for Timed<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<F::Output> {
        let began = self.meter.as_ref().map(|meter| {
            let now = clock::nanos();
            meter.polled_at.store(now, Ordering::Relaxed);
            now
        });
        let polled = Pin::new(&mut self.inner).poll(task);
        if let (Some(meter), Some(began)) = (&self.meter, began) {
            let now = clock::nanos();
            meter.spent_nanos.fetch_add(now - began, Ordering::Relaxed);
            meter.polled_at.store(now, Ordering::Relaxed);
        }
        polled
    }
}
