//! The listeners of a node: what it listens on, what it advertises, which of them are the controllers'.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::endpoint::{Endpoint, SecurityProtocol, is_host, parse_listener};
use crate::key::Invalid;
use crate::settings::Settings;

const MAP: &str = "listener.security.protocol.map";
const INTER_BROKER: &str = "inter.broker.listener.name";
const INTER_BROKER_PROTOCOL: &str = "security.inter.broker.protocol";

/// Everything that `listeners` and its companions say, with defaults worked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listeners {
    /// `listeners`, in order.
    pub all: Vec<Endpoint>,
    /// `advertised.listeners`, or `listeners`. An empty host stands for this machine's name.
    pub advertised: Vec<Endpoint>,
    /// `controller.listener.names`, in order.
    pub controller_names: Vec<String>,
    /// The listener among brokers.
    pub inter_broker: String,
    /// How it is secured.
    pub inter_broker_protocol: SecurityProtocol,
    /// Listeners opened before the authorizer is ready.
    pub early_start: Vec<String>,
    /// How each listener name is secured.
    pub protocols: BTreeMap<String, SecurityProtocol>,
    advertised_is_given: bool,
}

impl Listeners {
    /// Works the listeners out; `is_set` tells which keys somebody gave.
    pub(crate) fn read(
        settings: &Settings,
        is_set: impl Fn(&str) -> bool,
    ) -> Result<Self, Invalid> {
        let controller_names = settings.list("controller.listener.names").to_vec();
        let mut protocols = read_protocols(settings)?;
        if !is_set(MAP) {
            add_plain_controllers(
                &mut protocols,
                &controller_names,
                settings.list("listeners"),
            );
        }
        let all = read_endpoints(settings, "listeners", &protocols)?;
        let advertised_is_given = settings.get("advertised.listeners").is_some();
        let advertised = match advertised_is_given {
            true => read_endpoints(settings, "advertised.listeners", &protocols)?,
            false => all.clone(),
        };
        check_ports(&all).map_err(|rule| settings.refuse("listeners", rule))?;
        let (inter_broker, inter_broker_protocol) =
            read_inter_broker(settings, &protocols, is_set)?;
        let early_start = match settings.get("early.start.listeners") {
            None => all
                .iter()
                .map(|e| e.listener.clone())
                .filter(|name| controller_names.contains(name))
                .collect(),
            Some(_) => read_early_start(settings, &all, &controller_names)?,
        };
        Ok(Self {
            all,
            advertised,
            controller_names,
            inter_broker,
            inter_broker_protocol,
            early_start,
            protocols,
            advertised_is_given,
        })
    }

    /// Whether controllers use the listener.
    pub fn is_controller(&self, endpoint: &Endpoint) -> bool {
        self.controller_names.contains(&endpoint.listener)
    }

    /// The listeners for clients and brokers.
    pub fn broker(&self) -> impl Iterator<Item = &Endpoint> {
        self.all
            .iter()
            .filter(|endpoint| !self.is_controller(endpoint))
    }

    /// The listeners for controllers.
    pub fn controller(&self) -> impl Iterator<Item = &Endpoint> {
        self.all
            .iter()
            .filter(|endpoint| self.is_controller(endpoint))
    }

    /// What clients and brokers are told.
    pub fn advertised_broker(&self) -> impl Iterator<Item = &Endpoint> {
        self.advertised
            .iter()
            .filter(|endpoint| !self.is_controller(endpoint))
    }

    /// What the quorum is told, in the order of `controller.listener.names`: the advertised address, else that of
    /// `listeners`, whose 0.0.0.0 becomes an empty host.
    pub fn advertised_controller(&self) -> Vec<Endpoint> {
        let given = self.advertised.iter().filter(|_| self.advertised_is_given);
        let named = |name: &String| {
            let advertised = given
                .clone()
                .find(|endpoint| endpoint.listener == *name)
                .cloned();
            advertised.or_else(|| {
                let mut endpoint = self
                    .all
                    .iter()
                    .find(|endpoint| endpoint.listener == *name)?
                    .clone();
                if endpoint.host == "0.0.0.0" {
                    endpoint.host.clear();
                }
                Some(endpoint)
            })
        };
        self.controller_names.iter().filter_map(named).collect()
    }
}

fn read_protocols(settings: &Settings) -> Result<BTreeMap<String, SecurityProtocol>, Invalid> {
    let mut protocols = BTreeMap::new();
    let text = settings.opt_text(MAP).unwrap_or_default();
    for item in text
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
    {
        let entry = item.rsplit_once(':').and_then(|(name, protocol)| {
            Some((name.trim(), SecurityProtocol::parse(protocol.trim())?))
        });
        match entry {
            Some((name, protocol)) if !name.is_empty() => {
                protocols.insert(name.to_uppercase(), protocol)
            }
            _ => {
                let names = SecurityProtocol::ALL.map(SecurityProtocol::name).join(", ");
                let rule =
                    format!("must be pairs NAME:PROTOCOL, PROTOCOL one of {names}; {item} is not");
                return Err(settings.refuse(MAP, rule));
            }
        };
    }
    Ok(protocols)
}

/// Without a map of one's own, controller listeners are plaintext unless TLS or SASL is named anywhere.
fn add_plain_controllers(
    protocols: &mut BTreeMap<String, SecurityProtocol>,
    controller_names: &[String],
    listeners: &[String],
) {
    let is_secure = |name: &str| {
        SecurityProtocol::parse(name).is_some_and(|p| p != SecurityProtocol::Plaintext)
    };
    let mut names = listeners
        .iter()
        .map(|item| item.split_once("://").map_or("", |(name, _)| name));
    if names.any(is_secure) || controller_names.iter().any(|name| is_secure(name)) {
        return;
    }
    for name in controller_names {
        protocols.insert(name.clone(), SecurityProtocol::Plaintext);
    }
}

fn read_endpoints(
    settings: &Settings,
    key: &str,
    protocols: &BTreeMap<String, SecurityProtocol>,
) -> Result<Vec<Endpoint>, Invalid> {
    let refuse = |rule| settings.refuse(key, rule);
    let mut endpoints: Vec<Endpoint> = Vec::new();
    for item in settings.list(key) {
        let (listener, host, port) = parse_listener(item).map_err(refuse)?;
        let Some(protocol) = protocols.get(&listener).copied() else {
            return Err(refuse(format!(
                "must only name listeners of {MAP}, {listener} is not there"
            )));
        };
        if endpoints.iter().any(|other| other.listener == listener) {
            return Err(refuse(format!("must not have two listeners {listener}")));
        }
        endpoints.push(Endpoint {
            listener,
            host,
            port,
            protocol,
        });
    }
    Ok(endpoints)
}

/// Two listeners share a port only if one is on an IPv4 address and the other on an IPv6 address.
fn check_ports(endpoints: &[Endpoint]) -> Result<(), String> {
    let is_v4 = |host: &str| host.parse::<Ipv4Addr>().is_ok();
    let is_v6 = |host: &str| {
        host.split('%')
            .next()
            .is_some_and(|host| host.parse::<Ipv6Addr>().is_ok())
    };
    for (at, one) in endpoints.iter().enumerate() {
        let mut same = endpoints[..at]
            .iter()
            .filter(|other| other.port == one.port && one.port != 0);
        let pair = |other: &Endpoint| {
            is_v4(&other.host) && is_v6(&one.host) || is_v6(&other.host) && is_v4(&one.host)
        };
        match (same.next(), same.next()) {
            (None, _) => {}
            (Some(other), None) if pair(other) => {}
            (Some(other), _) => {
                return Err(format!(
                    "must not have {} and {} both on port {}, unless one is IPv4 and the other IPv6",
                    other.listener, one.listener, one.port
                ));
            }
        }
    }
    Ok(())
}

fn read_inter_broker(
    settings: &Settings,
    protocols: &BTreeMap<String, SecurityProtocol>,
    is_set: impl Fn(&str) -> bool,
) -> Result<(String, SecurityProtocol), Invalid> {
    match settings.opt_text(INTER_BROKER) {
        Some(_) if is_set(INTER_BROKER_PROTOCOL) => Err(settings.refuse(
            INTER_BROKER,
            format!("must not be given together with {INTER_BROKER_PROTOCOL}"),
        )),
        Some(name) => match protocols.get(&name.to_uppercase()) {
            Some(protocol) => Ok((name.to_uppercase(), *protocol)),
            None => Err(settings.refuse(INTER_BROKER, format!("must be a listener of {MAP}"))),
        },
        None => {
            let protocol = SecurityProtocol::parse(settings.text(INTER_BROKER_PROTOCOL));
            // The rule of the key admits these names only.
            let protocol = protocol.unwrap_or(SecurityProtocol::Plaintext);
            Ok((protocol.name().to_owned(), protocol))
        }
    }
}

fn read_early_start(
    settings: &Settings,
    all: &[Endpoint],
    controller_names: &[String],
) -> Result<Vec<String>, Invalid> {
    let key = "early.start.listeners";
    for name in settings.list(key) {
        if !all.iter().any(|endpoint| endpoint.listener == *name)
            && !controller_names.contains(name)
        {
            let rule = format!(
                "must only name listeners of listeners or controller.listener.names, {name} is not"
            );
            return Err(settings.refuse(key, rule));
        }
    }
    Ok(settings.list(key).to_vec())
}

/// Reads `max.connections.per.ip.overrides`: limits by host name or address.
pub(crate) fn read_overrides(text: &str) -> Result<BTreeMap<String, i32>, String> {
    let mut limits = BTreeMap::new();
    for item in text
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
    {
        let pair = item
            .rsplit_once(':')
            .and_then(|(host, count)| Some((host.trim(), count.trim().parse().ok()?)));
        match pair {
            Some((host, count)) if !host.is_empty() && is_host(host) => {
                limits.insert(host.to_owned(), count)
            }
            _ => return Err(format!("must be pairs host:count, {item} is not")),
        };
    }
    Ok(limits)
}
