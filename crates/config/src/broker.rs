//! The effective configuration of a broker: layers of text merged, resolved, checked, and read by type.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;

use crate::checks;
use crate::endpoint::Voter;
use crate::key::{Effect, Invalid, Key, Kind};
use crate::listener::{Listeners, read_overrides};
use crate::provider::{self, Resolve};
use crate::rows::{broker_key_of_any_origin, dynamic_only};
use crate::rule::Rule;
use crate::settings::Settings;
use crate::synonym::{Unit, broker_synonyms, split_listener_prefix};

/// Keys and values as text, in the order they were given; the last of a name counts.
pub type Pairs = Vec<(String, String)>;

/// A broker's checked configuration. Reads as [`Settings`] of its effective values.
#[derive(Clone, PartialEq)]
pub struct BrokerConfig {
    /// What `server.properties`, environment and overrides say, references replaced.
    pub(crate) statics: BTreeMap<String, String>,
    /// Dynamic configuration of all brokers.
    pub(crate) dynamic_default: BTreeMap<String, String>,
    /// Dynamic configuration of this broker.
    pub(crate) dynamic_broker: BTreeMap<String, String>,
    settings: Settings,
    listeners: Listeners,
}

/// A configuration that may start, and what its owner should know about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// The configuration.
    pub config: BrokerConfig,
    /// Sentences for the log: unknown keys, doubtful values.
    pub warnings: Vec<String>,
}

/// Leaves out the texts as given, which hold passwords.
impl fmt::Debug for BrokerConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("BrokerConfig");
        shown
            .field("settings", &self.settings)
            .field("listeners", &self.listeners)
            .finish_non_exhaustive()
    }
}

impl Deref for BrokerConfig {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.settings
    }
}

/// The pairs of a node that was started without any: broker and controller on 9092 and 9093 of the loopback address.
pub fn zero_configuration() -> Pairs {
    [
        ("node.id", "1"),
        ("process.roles", "broker,controller"),
        (
            "listeners",
            "PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093",
        ),
        ("controller.listener.names", "CONTROLLER"),
        ("controller.quorum.bootstrap.servers", "127.0.0.1:9093"),
        ("log.dirs", "./ottla-data"),
        ("offsets.topic.replication.factor", "1"),
        ("transaction.state.log.replication.factor", "1"),
        ("transaction.state.log.min.isr", "1"),
        ("share.coordinator.state.topic.replication.factor", "1"),
        ("share.coordinator.state.topic.min.isr", "1"),
        ("group.initial.rebalance.delay.ms", "0"),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into()
}

impl BrokerConfig {
    /// Merges layers, the weakest first (file, environment, overrides), and checks the result.
    ///
    /// `lookup` reads what `${provider:path:key}` refers to. Every refused key is reported.
    pub fn load(layers: &[Pairs], lookup: &mut Resolve<'_>) -> Result<Loaded, Vec<Invalid>> {
        let mut statics: BTreeMap<_, _> = layers.iter().flatten().cloned().collect();
        let mut errors = provider::resolve(&mut statics, lookup);
        name_node(&mut statics);
        let (settings, mut refused) = effective_values(&statics);
        errors.append(&mut refused);
        if !errors.is_empty() {
            return Err(errors);
        }
        let listeners = Listeners::read(&settings, |key| statics.contains_key(key))
            .map_err(|error| vec![error])?;
        let mut warnings = unknown_keys(&statics);
        warnings.extend(repeated_items(&statics, &settings));
        let config = Self {
            statics,
            dynamic_default: BTreeMap::new(),
            dynamic_broker: BTreeMap::new(),
            settings,
            listeners,
        };
        checks::check(&config)?;
        warnings.extend(checks::doubts(&config));
        Ok(Loaded { config, warnings })
    }

    /// This configuration with other dynamic values. Values that do not fit are left out and reported.
    pub fn with_dynamic(
        &self,
        all_brokers: &BTreeMap<String, String>,
        this_broker: &BTreeMap<String, String>,
    ) -> (Self, Vec<Invalid>) {
        let (dynamic_default, mut ignored) = fitting(all_brokers);
        let (dynamic_broker, more) = fitting(this_broker);
        ignored.extend(more);
        let mut merged = self.statics.clone();
        override_with(&mut merged, &dynamic_default);
        override_with(&mut merged, &dynamic_broker);
        let (settings, refused) = effective_values(&merged);
        ignored.extend(refused);
        let listeners =
            Listeners::read(&settings, |key| merged.contains_key(key)).unwrap_or_else(|error| {
                ignored.push(error);
                self.listeners.clone()
            });
        let statics = self.statics.clone();
        (
            Self {
                statics,
                dynamic_default,
                dynamic_broker,
                settings,
                listeners,
            },
            ignored,
        )
    }

    /// Whether anyone gave the key a value.
    pub fn is_set(&self, name: &str) -> bool {
        [&self.statics, &self.dynamic_default, &self.dynamic_broker]
            .iter()
            .any(|layer| layer.contains_key(name))
    }

    /// The text given for a key, known or not, by the strongest that gave one.
    pub fn given(&self, name: &str) -> Option<&str> {
        let layers = [&self.dynamic_broker, &self.dynamic_default, &self.statics];
        layers
            .iter()
            .find_map(|layer| layer.get(name))
            .map(String::as_str)
    }

    /// The text of a key for one listener: `listener.name.NAME.KEY`, else the key's effective value.
    ///
    /// Passwords are returned as they are: not for showing.
    pub fn for_listener(&self, listener: &str, key: &str) -> Option<String> {
        let name = format!("listener.name.{}.{key}", listener.to_lowercase());
        self.given(&name)
            .map(|text| text.trim().to_owned())
            .or_else(|| {
                self.password(key)
                    .map(|secret| secret.reveal().to_owned())
                    .or_else(|| Some(self.get(key)?.to_string()))
            })
    }

    /// Set keys that Ottla knows and does not act on yet, sorted.
    pub fn set_without_effect(&self) -> Vec<&'static str> {
        let keys = Kind::Broker.keys();
        let idle =
            |key: &&&Key| self.is_set(key.name) && key.effect(Kind::Broker) == Effect::NotYet;
        keys.iter().filter(idle).map(|key| key.name).collect()
    }

    /// What this node listens on and advertises.
    pub fn listeners(&self) -> &Listeners {
        &self.listeners
    }

    /// `node.id`.
    pub fn node_id(&self) -> i32 {
        self.int("node.id")
    }

    /// Whether the node serves clients.
    pub fn is_broker(&self) -> bool {
        self.list("process.roles")
            .iter()
            .any(|role| role == "broker")
    }

    /// Whether the node takes part in the quorum.
    pub fn is_controller(&self) -> bool {
        self.list("process.roles")
            .iter()
            .any(|role| role == "controller")
    }

    /// `log.dirs`, or `log.dir`.
    pub fn log_dirs(&self) -> &[String] {
        match self.list("log.dirs") {
            [] => self.list("log.dir"),
            dirs => dirs,
        }
    }

    /// `metadata.log.dir`, or the first log directory.
    pub fn metadata_log_dir(&self) -> &str {
        match self.opt_text("metadata.log.dir") {
            Some(dir) => dir,
            // The rules of both keys ask for an item.
            None => self.log_dirs().first().map_or("", String::as_str),
        }
    }

    /// `cordoned.log.dirs`, `*` replaced by all.
    pub fn cordoned_log_dirs(&self) -> &[String] {
        match self.list("cordoned.log.dirs") {
            [all] if all == "*" => self.log_dirs(),
            dirs => dirs,
        }
    }

    /// `controller.quorum.voters`; empty when the quorum is dynamic.
    pub fn quorum_voters(&self) -> Vec<Voter> {
        crate::endpoint::parse_voters(self.list("controller.quorum.voters")).unwrap_or_default()
    }

    /// `controller.quorum.bootstrap.servers` as hosts and ports.
    pub fn quorum_bootstrap_servers(&self) -> Vec<(String, u16)> {
        let servers = self.list("controller.quorum.bootstrap.servers").iter();
        servers
            .filter_map(|server| crate::endpoint::parse_host_port(server).ok())
            .collect()
    }

    /// Age at which segments go: `log.retention.ms`, `.minutes` or `.hours`; `None` for never.
    pub fn log_retention_ms(&self) -> Option<i64> {
        let millis = self
            .opt_long("log.retention.ms")
            .or_else(|| Some(Unit::Minutes.to_millis(self.opt_long("log.retention.minutes")?)))
            .unwrap_or_else(|| Unit::Hours.to_millis(self.long("log.retention.hours")));
        (millis >= 0).then_some(millis)
    }

    /// Age at which a segment ends: `log.roll.ms` or `.hours`.
    pub fn log_roll_ms(&self) -> i64 {
        self.opt_long("log.roll.ms")
            .unwrap_or_else(|| Unit::Hours.to_millis(self.long("log.roll.hours")))
    }

    /// Random part taken off that age: `log.roll.jitter.ms` or `.hours`.
    pub fn log_roll_jitter_ms(&self) -> i64 {
        self.opt_long("log.roll.jitter.ms")
            .unwrap_or_else(|| Unit::Hours.to_millis(self.long("log.roll.jitter.hours")))
    }

    /// Age of an unflushed record that forces a flush.
    pub fn log_flush_interval_ms(&self) -> i64 {
        self.opt_long("log.flush.interval.ms")
            .unwrap_or_else(|| self.long("log.flush.scheduler.interval.ms"))
    }

    /// `max.connections.per.ip.overrides` by host name or address.
    pub fn max_connections_per_ip_overrides(&self) -> BTreeMap<String, i32> {
        read_overrides(self.text("max.connections.per.ip.overrides")).unwrap_or_default()
    }
}

/// `broker.id` and `node.id` are two names of one number.
fn name_node(statics: &mut BTreeMap<String, String>) {
    for (one, other) in [("broker.id", "node.id"), ("node.id", "broker.id")] {
        if let (Some(id), false) = (statics.get(one), statics.contains_key(other)) {
            let id = id.clone();
            statics.insert(other.to_owned(), id);
        }
    }
}

/// Puts stronger pairs over weaker ones; a key goes when one that says the same in another unit is put.
fn override_with(merged: &mut BTreeMap<String, String>, stronger: &BTreeMap<String, String>) {
    for (name, text) in stronger {
        if split_listener_prefix(name).is_none() {
            for synonym in broker_synonyms(name) {
                merged.remove(synonym);
            }
        }
        merged.insert(name.clone(), text.clone());
    }
}

/// The value of every broker key; also checks values of listeners.
fn effective_values(given: &BTreeMap<String, String>) -> (Settings, Vec<Invalid>) {
    let (mut settings, mut errors) = (Settings::default(), Vec::new());
    for key in Kind::Broker.keys().into_iter().chain(dynamic_only()) {
        let value = match given.get(key.name) {
            Some(text) => key.parse(text).map(Some),
            None => key.default_value(),
        };
        match value {
            Ok(value) => settings.set(key.name, value),
            Err(error) => errors.push(error),
        }
    }
    for (name, text) in given {
        if let Some(key) = split_listener_prefix(name).and_then(|(_, base)| Kind::Broker.key(base))
        {
            errors.extend(key.parse_as(name, text).err());
        }
    }
    (settings, errors)
}

/// The dynamic pairs whose value fits their key.
fn fitting(pairs: &BTreeMap<String, String>) -> (BTreeMap<String, String>, Vec<Invalid>) {
    let (mut fit, mut ignored) = (BTreeMap::new(), Vec::new());
    for (name, text) in pairs {
        let base = split_listener_prefix(name).map_or(name.as_str(), |(_, base)| base);
        match broker_key_of_any_origin(base).map(|key| key.parse_as(name, text)) {
            Some(Err(error)) => ignored.push(error),
            Some(Ok(_)) | None => {
                fit.insert(name.clone(), text.clone());
            }
        }
    }
    (fit, ignored)
}

fn repeated_items(statics: &BTreeMap<String, String>, settings: &Settings) -> Vec<String> {
    let lists = Kind::Broker
        .keys()
        .into_iter()
        .filter(|key| matches!(key.rule, Rule::List { .. }));
    let repeats = lists.filter(|key| {
        let given = statics
            .get(key.name)
            .map_or(0, |text| text.split(',').count());
        given > 1 && given != settings.list(key.name).len()
    });
    repeats
        .map(|key| {
            settings
                .refuse(key.name, "an item was given twice and counts once")
                .to_string()
        })
        .collect()
}

/// Prefixes under which plugins have keys of their own.
const OPEN_PREFIXES: [&str; 3] = ["config.providers.", "rlmm.config.", "rsm.config."];

fn unknown_keys(statics: &BTreeMap<String, String>) -> Vec<String> {
    let is_known = |name: &str| {
        let base = split_listener_prefix(name).map_or(name, |(_, base)| base);
        Kind::Broker.key(base).is_some()
            || OPEN_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    };
    let unknown = statics.keys().filter(|name| !is_known(name));
    unknown
        .map(|name| format!("{name} is not a key of Kafka 4.4's brokers and has no effect"))
        .collect()
}
