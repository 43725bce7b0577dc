//! How many connections there may be: in all, and from one address.

use std::{
    collections::HashMap,
    net::{IpAddr, ToSocketAddrs},
    sync::Arc,
};

use ottla_config::BrokerConfig;
use parking_lot::Mutex;

/// The limits, from the configuration.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionLimits {
    /// `max.connections`.
    pub(crate) all: usize,
    /// `max.connections.per.ip`.
    pub(crate) per_ip: usize,
    /// `max.connections.per.ip.overrides`.
    pub(crate) of_ip: HashMap<IpAddr, usize>,
}

impl ConnectionLimits {
    /// Those of a configuration.
    pub(crate) fn of(config: &BrokerConfig) -> Self {
        let natural = |key| usize::try_from(config.int(key)).unwrap_or(0);
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
        }
    }

    fn of_address(&self, ip: IpAddr) -> usize {
        self.of_ip.get(&ip).copied().unwrap_or(self.per_ip)
    }
}

/// The first address of a host. A limit of one that has none concerns nobody.
fn address(host: &str) -> Option<IpAddr> {
    let mut addresses = (host, 0).to_socket_addrs().ok()?;
    addresses.next().map(|address| address.ip())
}

#[derive(Debug)]
struct Counts {
    limits: ConnectionLimits,
    all: usize,
    by_ip: HashMap<IpAddr, usize>,
}

/// Who is connected. The map has at most one entry per open connection.
#[derive(Debug)]
pub(crate) struct Admission {
    counts: Mutex<Counts>,
}

impl Admission {
    pub(crate) fn new(limits: ConnectionLimits) -> Arc<Self> {
        Arc::new(Self {
            counts: Mutex::new(Counts {
                limits,
                all: 0,
                by_ip: HashMap::new(),
            }),
        })
    }

    /// Other limits, for those who come from now on.
    pub(crate) fn set_limits(&self, limits: ConnectionLimits) {
        self.counts.lock().limits = limits;
    }

    /// Admits a connection, unless a limit is reached.
    pub(crate) fn admit(self: &Arc<Self>, ip: IpAddr) -> Result<Admitted, &'static str> {
        let mut counts = self.counts.lock();
        if counts.all >= counts.limits.all {
            return Err("max.connections");
        }
        // Who is refused gets no entry.
        if counts.by_ip.get(&ip).copied().unwrap_or(0) >= counts.limits.of_address(ip) {
            return Err("max.connections.per.ip");
        }
        *counts.by_ip.entry(ip).or_default() += 1;
        counts.all += 1;
        Ok(Admitted {
            admission: self.clone(),
            ip,
        })
    }
}

/// A place among the connections; given back when dropped.
#[derive(Debug)]
pub(crate) struct Admitted {
    admission: Arc<Admission>,
    ip: IpAddr,
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut counts = self.admission.counts.lock();
        counts.all -= 1;
        if let Some(from_ip) = counts.by_ip.get_mut(&self.ip) {
            *from_ip -= 1;
            if *from_ip == 0 {
                counts.by_ip.remove(&self.ip);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(all: usize, per_ip: usize) -> ConnectionLimits {
        ConnectionLimits {
            all,
            per_ip,
            of_ip: HashMap::new(),
        }
    }

    #[test]
    fn an_address_may_have_a_limit_of_its_own() {
        let given =
            [("127.0.0.1", 3), ("::1", 0)].map(|(host, limit)| (address(host).unwrap(), limit));
        let admission = Admission::new(ConnectionLimits {
            of_ip: given.into(),
            ..limits(9, 1)
        });
        let held = [IpAddr::from([127, 0, 0, 1]); 3].map(|ip| admission.admit(ip).unwrap());
        for (ip, admitted) in [("127.0.0.1", false), ("::1", false), ("127.0.0.2", true)] {
            assert_eq!(
                admission.admit(ip.parse().unwrap()).is_ok(),
                admitted,
                "{ip}"
            );
        }
        drop(held);
    }

    #[test]
    fn places_are_limited_and_given_back() {
        let admission = Admission::new(limits(3, 2));
        let (a, b) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([127, 0, 0, 2]));
        let first = admission.admit(a).unwrap();
        let _second = admission.admit(a).unwrap();
        assert_eq!(admission.admit(a).unwrap_err(), "max.connections.per.ip");
        let _third = admission.admit(b).unwrap();
        assert_eq!(admission.admit(b).unwrap_err(), "max.connections");
        drop(first);
        assert!(admission.admit(a).is_ok());
    }

    #[test]
    fn other_limits_count_for_those_who_come() {
        let admission = Admission::new(limits(9, 9));
        let ip = IpAddr::from([127, 0, 0, 1]);
        let held = [ip; 3].map(|ip| admission.admit(ip).unwrap());
        admission.set_limits(limits(9, 2));
        assert_eq!(admission.admit(ip).unwrap_err(), "max.connections.per.ip");
        admission.set_limits(limits(3, 9));
        assert_eq!(admission.admit(ip).unwrap_err(), "max.connections");
        drop(held);
        assert!(admission.admit(ip).is_ok());
        admission.set_limits(limits(9, 0));
        assert!(admission.admit(ip).is_err());
        assert!(admission.counts.lock().by_ip.is_empty());
    }
}
