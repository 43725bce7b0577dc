//! What DescribeConfigs answers: each key's value, where it comes from, and everything that could give it one.

use std::collections::{BTreeMap, BTreeSet};

use crate::broker::BrokerConfig;
use crate::group::effective_group;
use crate::key::{Key, Kind, Type, UpdateMode};
use crate::rows::{broker_key_of_any_origin, dynamic_only};
use crate::settings::Settings;
use crate::synonym::{broker_synonyms, group_synonym, split_listener_prefix, topic_synonyms};
use crate::topic::effective_topic;

/// Where a value comes from. The number is DescribeConfigs' ConfigSource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i8)]
pub enum Source {
    /// The topic's own.
    Topic = 1,
    /// Dynamic configuration of the broker.
    DynamicBroker = 2,
    /// Dynamic configuration of all brokers.
    DynamicDefaultBroker = 3,
    /// `server.properties`, environment or overrides.
    StaticBroker = 4,
    /// The table.
    Default = 5,
    /// The level of a logger.
    DynamicBrokerLogger = 6,
    /// The subscription's own.
    ClientMetrics = 7,
    /// The group's own.
    Group = 8,
}

/// A key that could give a described key its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedSynonym {
    /// Its name.
    pub name: String,
    /// Its value as given; absent if sensitive.
    pub value: Option<String>,
    /// Where it is given.
    pub source: Source,
}

/// A key as DescribeConfigs answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// Its name.
    pub name: String,
    /// Its value; absent if null or sensitive.
    pub value: Option<String>,
    /// Where the value comes from.
    pub source: Source,
    /// Whether the value is kept back.
    pub is_sensitive: bool,
    /// Whether it can only change by a restart.
    pub read_only: bool,
    /// Best first; for answers that ask for synonyms.
    pub synonyms: Vec<DescribedSynonym>,
    /// The number of its [`Type`], or [`Type::UNKNOWN`].
    pub config_type: i8,
    /// What it does; for answers that ask for documentation.
    pub documentation: Option<&'static str>,
}

impl Described {
    fn new(name: &str, key: Option<&'static Key>, synonyms: Vec<DescribedSynonym>) -> Self {
        Self {
            name: name.to_owned(),
            value: None,
            source: synonyms
                .first()
                .map_or(Source::Default, |synonym| synonym.source),
            // Nobody can tell whether the value of an unknown key is a secret.
            is_sensitive: key.is_none_or(Key::is_sensitive),
            read_only: false,
            synonyms,
            config_type: key.map_or(Type::UNKNOWN, |key| key.r#type as i8),
            documentation: key.map(|key| key.doc),
        }
    }

    fn with_value(mut self, value: Option<String>) -> Self {
        self.value = value.filter(|_| !self.is_sensitive);
        self
    }
}

/// Every key of a topic with these values of its own.
pub fn describe_topic(broker: &BrokerConfig, own: &BTreeMap<String, String>) -> Vec<Described> {
    let (settings, _) = effective_topic(broker, own);
    let inherited = |key: &'static Key| {
        topic_synonyms(key.name)
            .first()
            .map_or_else(Vec::new, |synonym| {
                synonyms_of(broker, synonym.name, key.is_sensitive())
            })
    };
    describe_owned(Kind::Topic, &settings, own, Source::Topic, inherited)
}

/// As [`describe_topic`], for the answer about a new topic: there a value that the broker has in another unit, as in
/// `log.roll.hours`, is one of the broker's, where DescribeConfigs takes it for a default.
pub fn describe_created_topic(
    broker: &BrokerConfig,
    own: &BTreeMap<String, String>,
) -> Vec<Described> {
    let mut described = describe_topic(broker, own);
    for key in &mut described {
        if key.source == Source::Default {
            let names = topic_synonyms(&key.name);
            let given = layers(broker)
                .into_iter()
                .find(|(layer, _)| names.iter().any(|name| layer.contains_key(name.name)));
            key.source = given.map_or(Source::Default, |(_, source)| source);
        }
    }
    described
}

/// Every key of a group with these values of its own.
pub fn describe_group(broker: &BrokerConfig, own: &BTreeMap<String, String>) -> Vec<Described> {
    let (settings, _) = effective_group(broker, own);
    let inherited = |key: &'static Key| match group_synonym(key.name) {
        Some(name) => synonyms_of(broker, name, key.is_sensitive()),
        None => default_of(key).into_iter().collect(),
    };
    describe_owned(Kind::Group, &settings, own, Source::Group, inherited)
}

/// Every key of a client telemetry subscription with these values.
pub fn describe_client_metrics(own: &BTreeMap<String, String>) -> Vec<Described> {
    let mut settings = Settings::defaults(Kind::ClientMetrics);
    for key in Kind::ClientMetrics.keys() {
        if let Some(Ok(value)) = own.get(key.name).map(|text| key.parse(text)) {
            settings.set(key.name, Some(value));
        }
    }
    describe_owned(
        Kind::ClientMetrics,
        &settings,
        own,
        Source::ClientMetrics,
        |_| Vec::new(),
    )
}

fn describe_owned(
    kind: Kind,
    settings: &Settings,
    own: &BTreeMap<String, String>,
    source: Source,
    inherited: impl Fn(&'static Key) -> Vec<DescribedSynonym>,
) -> Vec<Described> {
    let shown = kind
        .keys()
        .into_iter()
        .filter(|key| !key.internal || own.contains_key(key.name));
    shown
        .map(|key| {
            let value = settings.get(key.name).map(ToString::to_string);
            let mut synonyms = inherited(key);
            if own.contains_key(key.name) {
                let value = value.clone().filter(|_| !key.is_sensitive());
                synonyms.insert(
                    0,
                    DescribedSynonym {
                        name: key.name.to_owned(),
                        value,
                        source,
                    },
                );
            }
            Described::new(key.name, Some(key), synonyms).with_value(value)
        })
        .collect()
}

/// Every key of this broker: all of the table but internal ones nobody set, and whatever else was given.
pub fn describe_broker(broker: &BrokerConfig) -> Vec<Described> {
    let layers = [
        &broker.statics,
        &broker.dynamic_default,
        &broker.dynamic_broker,
    ];
    let given = layers
        .into_iter()
        .flat_map(|layer| layer.keys().map(String::as_str));
    let names = Kind::Broker
        .keys()
        .into_iter()
        .filter(|key| !key.internal)
        .map(|key| key.name);
    let names: BTreeSet<_> = names.chain(given).collect();
    names
        .into_iter()
        .map(|name| describe_broker_key(broker, name, |_| true))
        .collect()
}

/// The dynamic keys that all brokers have.
pub fn describe_all_brokers(broker: &BrokerConfig) -> Vec<Described> {
    let of_all = |synonym: &DescribedSynonym| synonym.source == Source::DynamicDefaultBroker;
    let describe = |(name, text): (&String, &String)| {
        let described = describe_broker_key(broker, name, of_all);
        described.with_value(Some(text.clone()))
    };
    broker.dynamic_default.iter().map(describe).collect()
}

fn describe_broker_key(
    broker: &BrokerConfig,
    name: &str,
    keep: impl Fn(&DescribedSynonym) -> bool,
) -> Described {
    let base = split_listener_prefix(name).map_or(name, |(_, base)| base);
    let key = broker_key_of_any_origin(base);
    let mut synonyms = synonyms_of(broker, name, key.is_none_or(Key::is_sensitive));
    synonyms.retain(keep);
    let exact = key.filter(|key| key.name == name);
    let value = match exact {
        Some(key) if !dynamic_only().iter().any(|other| other.name == key.name) => {
            broker.get(name).map(ToString::to_string)
        }
        _ => broker.given(name).map(str::to_owned),
    };
    let mut described = Described::new(name, key, synonyms).with_value(value);
    described.read_only = exact.is_none_or(|key| key.update == UpdateMode::ReadOnly);
    if exact.is_none() {
        described.documentation = None;
    }
    described
}

/// Where a broker's values are given, best first.
fn layers(broker: &BrokerConfig) -> [(&BTreeMap<String, String>, Source); 3] {
    [
        (&broker.dynamic_broker, Source::DynamicBroker),
        (&broker.dynamic_default, Source::DynamicDefaultBroker),
        (&broker.statics, Source::StaticBroker),
    ]
}

/// Everything that could give a broker key its value, from the key itself on.
fn synonyms_of(broker: &BrokerConfig, name: &str, is_sensitive: bool) -> Vec<DescribedSynonym> {
    let names = broker_synonyms(name);
    let given = layers(broker).into_iter().flat_map(|(layer, source)| {
        names
            .iter()
            .filter_map(move |name| Some((*name, layer.get(*name)?.clone(), source)))
    });
    let defaults = names.iter().filter_map(|name| {
        let value = Kind::Broker.key(name)?.default_value().ok()??;
        Some((*name, value.to_string(), Source::Default))
    });
    given
        .chain(defaults)
        .skip_while(|(synonym, _, _)| *synonym != name)
        .map(|(name, value, source)| DescribedSynonym {
            name: name.to_owned(),
            value: Some(value).filter(|_| !is_sensitive),
            source,
        })
        .collect()
}

fn default_of(key: &'static Key) -> Option<DescribedSynonym> {
    let value = key.default_value().ok()??.to_string();
    Some(DescribedSynonym {
        name: key.name.to_owned(),
        value: Some(value),
        source: Source::Default,
    })
}
