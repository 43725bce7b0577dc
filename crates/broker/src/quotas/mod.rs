//! What clients may use of this broker in a time: the limits of the image, and what is used of them.
//!
//! Without any quota in the cluster a request costs one load of a flag.

mod meter;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

pub(crate) use meter::{Meter, Timed};
use ottla_config::BrokerConfig;
use ottla_metadata::{
    Image,
    quotas::{CONSUMER_BYTE_RATE, PRODUCER_BYTE_RATE, REQUEST_PERCENTAGE, RateQuota, Who, Window},
};
use parking_lot::Mutex;

use crate::clock;

/// The limits of one key, and what is used of them.
pub(crate) struct Quota {
    is_set: AtomicBool,
    rate: Mutex<RateQuota>,
}

impl Quota {
    fn new(key: &'static str, window: Window) -> Self {
        Self {
            is_set: AtomicBool::new(false),
            rate: Mutex::new(RateQuota::new(key, window)),
        }
    }

    fn is_set(&self) -> bool {
        self.is_set.load(Ordering::Relaxed)
    }

    fn set_limits(&self, image: &Image) {
        let is_set = self.rate.lock().set_limits(image);
        self.is_set.store(is_set, Ordering::Relaxed);
    }

    /// Counts a use; how many ms its user is to wait.
    fn record(&self, who: Who<'_>, value: f64) -> u64 {
        match self.is_set() {
            true => self.rate.lock().record(who, value, clock::now()),
            false => 0,
        }
    }

    /// Counts a use that nobody waits for; less than 0 takes one back.
    fn note(&self, who: Who<'_>, value: f64) {
        if self.is_set() {
            self.rate.lock().note(who, value, clock::now());
        }
    }

    fn limit(&self, who: Who<'_>) -> Option<f64> {
        self.rate.lock().limit(who)
    }

    fn most(&self, who: Who<'_>) -> Option<f64> {
        self.is_set().then(|| self.rate.lock().most(who)).flatten()
    }
}

/// Every quota of clients that a broker watches over.
pub(crate) struct ClientQuotas {
    /// Whether there is any quota of clients.
    any: AtomicBool,
    produce: Quota,
    fetch: Quota,
    request: Quota,
    /// A request's time never makes its client wait longer than a sample lasts.
    request_wait_max_ms: u64,
}

impl ClientQuotas {
    /// Without limits.
    pub(crate) fn new(config: &BrokerConfig) -> Self {
        let window = window(config);
        Self {
            any: AtomicBool::new(false),
            produce: Quota::new(PRODUCER_BYTE_RATE, window),
            fetch: Quota::new(CONSUMER_BYTE_RATE, window),
            request: Quota::new(REQUEST_PERCENTAGE, window),
            request_wait_max_ms: window.sample_ms,
        }
    }

    /// Takes over the limits of an image.
    pub(crate) fn set_limits(&self, image: &Image) {
        let any = image.all_quotas().next().is_some();
        for quota in [&self.produce, &self.fetch, &self.request] {
            quota.set_limits(image);
        }
        self.any.store(any, Ordering::Relaxed);
    }

    /// Whether there is any quota of clients: without, requests are not measured.
    pub(crate) fn any(&self) -> bool {
        self.any.load(Ordering::Relaxed)
    }
}

/// `quota.window.num` samples of `quota.window.size.seconds`.
pub(crate) fn window(config: &BrokerConfig) -> Window {
    let natural = |key| u64::try_from(config.int(key)).unwrap_or(1).max(1);
    Window {
        samples: natural("quota.window.num"),
        sample_ms: natural("quota.window.size.seconds") * 1000,
    }
}

/// The name of a principal like `User:alice`.
fn user(principal: &Arc<str>) -> &str {
    principal
        .split_once(':')
        .map_or(principal, |(_, name)| name)
}
