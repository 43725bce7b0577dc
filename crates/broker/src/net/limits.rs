//! How many connections there may be, in all, of a listener and from one address; and how many may come in a second.
//!
//! As Kafka does: with no place free, or too many in a second, whoever comes waits before it is served, and others of the
//! listener behind it. Too many from one address are closed at once; too fast from one address, after a while, so that
//! the peer does not come again at once.

use std::{
    collections::HashMap,
    net::{IpAddr, ToSocketAddrs},
    sync::Arc,
};

use ottla_config::BrokerConfig;
use ottla_machine::Time;
use ottla_metadata::{
    Image,
    image::QuotaEntity,
    quotas::{CONNECTION_CREATION_RATE, Rate, Window},
};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::{clock, quotas};

/// Addresses whose rates are known at a time. Those beyond share one until others were quiet for a window.
const ADDRESSES_MAX: usize = 20_000;

/// The limits, from the configuration.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionLimits {
    /// `max.connections`.
    pub(crate) all: usize,
    /// `max.connections.per.ip`.
    pub(crate) per_ip: usize,
    /// `max.connections.per.ip.overrides`.
    pub(crate) of_ip: HashMap<IpAddr, usize>,
    /// `max.connection.creation.rate`.
    pub(crate) rate: i32,
    /// By name.
    pub(crate) listeners: HashMap<String, ListenerLimits>,
    /// Brokers come in on this listener: it has places and a rate of its own, if there are others.
    pub(crate) protected: Option<String>,
    /// What a rate is measured over.
    pub(crate) window: Window,
}

/// Those of one listener: what is said of `listener.name.NAME.KEY`, or else of all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ListenerLimits {
    /// `max.connections`.
    pub(crate) connections: usize,
    /// `max.connection.creation.rate`.
    pub(crate) rate: i32,
}

impl ConnectionLimits {
    /// Those of a configuration, for these listeners.
    pub(crate) fn of(config: &BrokerConfig, listeners: &[String]) -> Self {
        let natural = |key| usize::try_from(config.int(key)).unwrap_or(0);
        let of_listener = |name: &String| {
            let own = |key: &str| {
                let key = format!("listener.name.{}.{key}", name.to_lowercase());
                config.given(&key)?.trim().parse::<i32>().ok()
            };
            let limits = ListenerLimits {
                connections: own("max.connections").map_or_else(
                    || natural("max.connections"),
                    |own| usize::try_from(own).unwrap_or(0),
                ),
                rate: own("max.connection.creation.rate")
                    .unwrap_or_else(|| config.int("max.connection.creation.rate")),
            };
            (name.clone(), limits)
        };
        Self {
            all: natural("max.connections"),
            per_ip: natural("max.connections.per.ip"),
            of_ip: config
                .max_connections_per_ip_overrides()
                .into_iter()
                .filter_map(|(host, limit)| {
                    Some((address(&host)?, usize::try_from(limit).unwrap_or(0)))
                })
                .collect(),
            rate: config.int("max.connection.creation.rate"),
            listeners: listeners.iter().map(of_listener).collect(),
            protected: (listeners.len() > 1).then(|| config.listeners().inter_broker.clone()),
            window: quotas::window(config),
        }
    }

    fn of_address(&self, ip: IpAddr) -> usize {
        self.of_ip.get(&ip).copied().unwrap_or(self.per_ip)
    }

    fn is_protected(&self, listener: &str) -> bool {
        self.protected.as_deref() == Some(listener)
    }
}

/// The first address of a host. A limit of one that has none concerns nobody.
fn address(host: &str) -> Option<IpAddr> {
    let mut addresses = (host, 0).to_socket_addrs().ok()?;
    addresses.next().map(|address| address.ip())
}

/// The quotas of addresses, `connection_creation_rate`.
#[derive(Clone, Debug, Default)]
struct AddressRates {
    by_ip: HashMap<IpAddr, f64>,
    default: Option<f64>,
}

impl AddressRates {
    fn of(image: &Image) -> Self {
        let mut rates = Self::default();
        for (QuotaEntity(entity), quotas) in image.all_quotas() {
            // Kafka's are whole numbers here.
            let limit = quotas.get(CONNECTION_CREATION_RATE).map(|of| of.trunc());
            match (entity.get("ip"), limit) {
                (Some(None), Some(limit)) => rates.default = Some(limit),
                (Some(Some(ip)), Some(limit)) => {
                    if let Some(ip) = address(ip) {
                        rates.by_ip.insert(ip, limit);
                    }
                }
                _ => {}
            }
        }
        rates
    }

    fn limit(&self, ip: IpAddr) -> Option<f64> {
        self.by_ip.get(&ip).copied().or(self.default)
    }
}

#[derive(Debug)]
struct Counts {
    limits: ConnectionLimits,
    all: usize,
    by_ip: HashMap<IpAddr, usize>,
    by_listener: HashMap<String, usize>,
    rate: Rate,
    rates: HashMap<String, Rate>,
    address_rates: AddressRates,
    /// By address, with the last time.
    from: HashMap<IpAddr, (Rate, Time)>,
    from_others: Rate,
    sweep_after: Time,
}

impl Counts {
    /// Counts one that comes; how many ms it waits for that.
    fn came(&mut self, listener: &str, now: Time) -> u64 {
        let window = self.limits.window;
        let mut wait_ms = 0;
        if !self.limits.is_protected(listener) {
            wait_ms = recorded(&mut self.rate, window, f64::from(self.limits.rate), now);
        }
        if let Some(own) = self.limits.listeners.get(listener).map(|own| own.rate) {
            let rate = self.rates.entry(listener.to_owned()).or_default();
            wait_ms = wait_ms.max(recorded(rate, window, f64::from(own), now));
        }
        wait_ms
    }

    /// One that came did not come in.
    fn did_not(&mut self, listener: &str, now: Time) {
        let window = self.limits.window;
        if !self.limits.is_protected(listener) {
            self.rate.record(window, -1.0, now);
        }
        if let Some(rate) = self.rates.get_mut(listener) {
            rate.record(window, -1.0, now);
        }
    }

    fn has_place(&self, listener: &str) -> bool {
        let taken = self.by_listener.get(listener).copied().unwrap_or(0);
        let own = self.limits.listeners.get(listener);
        own.is_none_or(|own| taken < own.connections)
            && (self.limits.is_protected(listener) || self.all < self.limits.all)
    }

    /// Counts one from an address that has a limit; how many ms too early it is.
    fn came_from(&mut self, ip: IpAddr, now: Time) -> u64 {
        let Some(limit) = self.address_rates.limit(ip) else {
            return 0;
        };
        let window = self.limits.window;
        if now >= self.sweep_after {
            self.from
                .retain(|_, (_, last)| last.after(window.total_ms()) > now);
            self.sweep_after = now.after(window.total_ms());
        }
        let rate = if self.from.len() >= ADDRESSES_MAX && !self.from.contains_key(&ip) {
            &mut self.from_others
        } else {
            let (rate, last) = self.from.entry(ip).or_default();
            *last = now;
            rate
        };
        let wait_ms = recorded(rate, window, limit, now);
        if wait_ms > 0 {
            rate.record(window, -1.0, now);
        }
        wait_ms
    }
}

/// Counts one; how many ms it waits, never more than a sample lasts.
fn recorded(rate: &mut Rate, window: Window, limit: f64, now: Time) -> u64 {
    rate.record(window, 1.0, now);
    let wait_ms = rate.wait_ms(window, limit, now).unwrap_or(0);
    wait_ms.min(window.sample_ms)
}

/// Why a connection is closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Turned {
    /// As many from its address are there as may be.
    Away {
        /// That many.
        max: usize,
    },
    /// They come too fast from its address: it is closed after so many ms.
    Later {
        /// Milliseconds.
        wait_ms: u64,
    },
}

/// Who is connected. The maps have at most one entry per open connection, listener, or address of late.
#[derive(Debug)]
pub(crate) struct Admission {
    counts: Mutex<Counts>,
    /// A place is free, or limits are others.
    changed: Notify,
}

impl Admission {
    pub(crate) fn new(limits: ConnectionLimits) -> Arc<Self> {
        Arc::new(Self {
            counts: Mutex::new(Counts {
                limits,
                all: 0,
                by_ip: HashMap::new(),
                by_listener: HashMap::new(),
                rate: Rate::default(),
                rates: HashMap::new(),
                address_rates: AddressRates::default(),
                from: HashMap::new(),
                from_others: Rate::default(),
                sweep_after: Time(0),
            }),
            changed: Notify::new(),
        })
    }

    /// Other limits, for those who come from now on.
    pub(crate) fn set_limits(&self, limits: ConnectionLimits) {
        self.counts.lock().limits = limits;
        self.changed.notify_waiters();
    }

    /// Other quotas of addresses.
    pub(crate) fn set_quotas(&self, image: &Image) {
        let rates = AddressRates::of(image);
        let mut counts = self.counts.lock();
        if rates.by_ip.is_empty() && rates.default.is_none() {
            counts.from.clear();
        }
        counts.address_rates = rates;
    }

    /// Admits a connection in its time, unless its address has too many or is too fast.
    pub(crate) async fn admit(
        self: &Arc<Self>,
        listener: &str,
        ip: IpAddr,
    ) -> Result<Admitted, Turned> {
        let ip = ip.to_canonical();
        let came = clock::now();
        let wait_ms = self.counts.lock().came(listener, came);
        let until = clock::instant() + std::time::Duration::from_millis(wait_ms);
        if wait_ms > 0 {
            tokio::time::sleep_until(until).await;
        }
        loop {
            let changed = self.changed.notified();
            let mut changed = std::pin::pin!(changed);
            changed.as_mut().enable();
            if let Some(outcome) = self.enter(listener, ip, clock::now()) {
                return outcome;
            }
            tracing::info!(listener, %ip, "waits: max.connections is reached");
            changed.await;
        }
    }

    /// None if there is no place.
    fn enter(
        self: &Arc<Self>,
        listener: &str,
        ip: IpAddr,
        now: Time,
    ) -> Option<Result<Admitted, Turned>> {
        let mut counts = self.counts.lock();
        if !counts.has_place(listener) {
            return None;
        }
        let wait_ms = counts.came_from(ip, now);
        if wait_ms > 0 {
            counts.did_not(listener, now);
            return Some(Err(Turned::Later { wait_ms }));
        }
        // Who is refused gets no entry.
        let max = counts.limits.of_address(ip);
        if counts.by_ip.get(&ip).copied().unwrap_or(0) >= max {
            return Some(Err(Turned::Away { max }));
        }
        *counts.by_ip.entry(ip).or_default() += 1;
        *counts.by_listener.entry(listener.to_owned()).or_default() += 1;
        counts.all += 1;
        Some(Ok(Admitted {
            admission: self.clone(),
            ip,
            listener: listener.to_owned(),
        }))
    }
}

/// A place among the connections; given back when dropped.
#[derive(Debug)]
pub(crate) struct Admitted {
    admission: Arc<Admission>,
    ip: IpAddr,
    listener: String,
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut counts = self.admission.counts.lock();
        counts.all -= 1;
        if let Some(of_listener) = counts.by_listener.get_mut(&self.listener) {
            *of_listener -= 1;
        }
        if let Some(from_ip) = counts.by_ip.get_mut(&self.ip) {
            *from_ip -= 1;
            if *from_ip == 0 {
                counts.by_ip.remove(&self.ip);
            }
        }
        drop(counts);
        self.admission.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests;
