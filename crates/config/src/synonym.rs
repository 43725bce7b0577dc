//! Names that stand for the same thing: topic and group keys and their broker keys, and broker keys in other units.

/// How a synonym's value becomes the value of the key it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// As it is.
    Same,
    /// Minutes, the key has milliseconds.
    Minutes,
    /// Hours, the key has milliseconds.
    Hours,
}

impl Unit {
    /// Milliseconds of so many of the unit; the ends of the range stop it.
    pub const fn to_millis(self, count: i64) -> i64 {
        match self {
            Self::Same => count,
            Self::Minutes => count.saturating_mul(60_000),
            Self::Hours => count.saturating_mul(3_600_000),
        }
    }
}

/// A broker key that gives a topic key its value, unless the topic has one of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Synonym {
    /// The broker key.
    pub name: &'static str,
    /// Its unit.
    pub unit: Unit,
}

const fn same(name: &'static str) -> Synonym {
    Synonym {
        name,
        unit: Unit::Same,
    }
}

const fn minutes(name: &'static str) -> Synonym {
    Synonym {
        name,
        unit: Unit::Minutes,
    }
}

const fn hours(name: &'static str) -> Synonym {
    Synonym {
        name,
        unit: Unit::Hours,
    }
}

/// Topic keys and their broker keys, the first that has a value wins. Sorted.
pub const TOPIC_SYNONYMS: &[(&str, &[Synonym])] = &[
    ("cleanup.policy", &[same("log.cleanup.policy")]),
    ("compression.gzip.level", &[same("compression.gzip.level")]),
    ("compression.lz4.level", &[same("compression.lz4.level")]),
    ("compression.type", &[same("compression.type")]),
    ("compression.zstd.level", &[same("compression.zstd.level")]),
    (
        "delete.retention.ms",
        &[same("log.cleaner.delete.retention.ms")],
    ),
    (
        "file.delete.delay.ms",
        &[same("log.segment.delete.delay.ms")],
    ),
    ("flush.messages", &[same("log.flush.interval.messages")]),
    (
        "flush.ms",
        &[
            same("log.flush.interval.ms"),
            same("log.flush.scheduler.interval.ms"),
        ],
    ),
    ("index.interval.bytes", &[same("log.index.interval.bytes")]),
    (
        "local.retention.bytes",
        &[same("log.local.retention.bytes")],
    ),
    ("local.retention.ms", &[same("log.local.retention.ms")]),
    (
        "max.compaction.lag.ms",
        &[same("log.cleaner.max.compaction.lag.ms")],
    ),
    (
        "max.decompressed.message.bytes",
        &[same("max.decompressed.message.bytes")],
    ),
    ("max.message.bytes", &[same("message.max.bytes")]),
    (
        "message.timestamp.after.max.ms",
        &[same("log.message.timestamp.after.max.ms")],
    ),
    (
        "message.timestamp.before.max.ms",
        &[same("log.message.timestamp.before.max.ms")],
    ),
    (
        "message.timestamp.type",
        &[same("log.message.timestamp.type")],
    ),
    (
        "min.cleanable.dirty.ratio",
        &[same("log.cleaner.min.cleanable.ratio")],
    ),
    (
        "min.compaction.lag.ms",
        &[same("log.cleaner.min.compaction.lag.ms")],
    ),
    ("min.insync.replicas", &[same("min.insync.replicas")]),
    ("preallocate", &[same("log.preallocate")]),
    (
        "remote.copy.lag.bytes",
        &[same("log.remote.copy.lag.bytes")],
    ),
    ("remote.copy.lag.ms", &[same("log.remote.copy.lag.ms")]),
    ("retention.bytes", &[same("log.retention.bytes")]),
    (
        "retention.ms",
        &[
            same("log.retention.ms"),
            minutes("log.retention.minutes"),
            hours("log.retention.hours"),
        ],
    ),
    ("segment.bytes", &[same("log.segment.bytes")]),
    ("segment.index.bytes", &[same("log.index.size.max.bytes")]),
    (
        "segment.jitter.ms",
        &[same("log.roll.jitter.ms"), hours("log.roll.jitter.hours")],
    ),
    (
        "segment.ms",
        &[same("log.roll.ms"), hours("log.roll.hours")],
    ),
    (
        "unclean.leader.election.enable",
        &[same("unclean.leader.election.enable")],
    ),
];

/// Group keys that have no broker key.
const GROUP_ONLY: &[&str] = &[
    "errors.deadletterqueue.copy.record.enable",
    "errors.deadletterqueue.topic.name",
    "share.auto.offset.reset",
    "share.isolation.level",
    "share.renew.acknowledge.enable",
];

/// The broker keys of a topic key; none for keys only topics have.
pub fn topic_synonyms(topic_key: &str) -> &'static [Synonym] {
    match TOPIC_SYNONYMS.binary_search_by(|(name, _)| (*name).cmp(topic_key)) {
        Ok(at) => TOPIC_SYNONYMS[at].1,
        Err(_) => &[],
    }
}

/// The broker key of a group key; `None` for keys only groups have.
pub fn group_synonym(group_key: &str) -> Option<&'static str> {
    if GROUP_ONLY.contains(&group_key) {
        return None;
    }
    let name = match group_key {
        "streams.assignor.name" => "group.streams.assignors".to_owned(),
        name => format!("group.{name}"),
    };
    crate::key::Kind::Broker.key(&name).map(|key| key.name)
}

/// Broker keys that share a value, the one with the finest unit first.
const BROKER_FAMILIES: &[&[&str]] = &[
    &["log.roll.ms", "log.roll.hours"],
    &["log.roll.jitter.ms", "log.roll.jitter.hours"],
    &[
        "log.retention.ms",
        "log.retention.minutes",
        "log.retention.hours",
    ],
];

/// Keys that a listener may have for each of its SASL mechanisms.
const PER_MECHANISM: &[&str] = &[
    "connections.max.reauth.ms",
    "sasl.jaas.config",
    "sasl.login.callback.handler.class",
    "sasl.login.class",
    "sasl.server.callback.handler.class",
];

/// Every name that gives a broker key its value, best first.
pub fn broker_synonyms(name: &str) -> Vec<&str> {
    if name == "log.flush.interval.ms" {
        return vec![name, "log.flush.scheduler.interval.ms"];
    }
    if let Some(family) = BROKER_FAMILIES.iter().find(|family| family.contains(&name)) {
        return family.to_vec();
    }
    match split_listener_prefix(name) {
        Some((_, base)) => vec![name, base],
        None => vec![name],
    }
}

/// Splits `listener.name.NAME.KEY` and `listener.name.NAME.MECHANISM.KEY` into listener and key.
pub fn split_listener_prefix(name: &str) -> Option<(&str, &str)> {
    let (listener, rest) = name.strip_prefix("listener.name.")?.split_once('.')?;
    let per_mechanism = PER_MECHANISM.iter().find(|key| rest.ends_with(*key));
    Some((listener, per_mechanism.copied().unwrap_or(rest)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Kind;

    #[test]
    fn every_synonym_is_a_row_of_its_table() {
        assert!(TOPIC_SYNONYMS.is_sorted_by(|a, b| a.0 < b.0));
        for (topic, brokers) in TOPIC_SYNONYMS {
            assert!(Kind::Topic.key(topic).is_some(), "{topic}");
            for broker in *brokers {
                assert!(Kind::Broker.key(broker.name).is_some(), "{}", broker.name);
            }
        }
        for key in Kind::Group.keys() {
            assert_eq!(
                group_synonym(key.name).is_none(),
                GROUP_ONLY.contains(&key.name),
                "{}",
                key.name
            );
        }
    }

    #[test]
    fn topic_defaults_are_those_of_their_broker_keys() {
        for key in Kind::Topic.keys() {
            let Some(unit_and_default) = topic_synonyms(key.name).iter().find_map(|synonym| {
                let broker = Kind::Broker.key(synonym.name).unwrap();
                Some((synonym.unit, broker.default_value().unwrap()?))
            }) else {
                continue;
            };
            let expected = key.default_value().unwrap().unwrap();
            let (unit, default) = unit_and_default;
            match default.as_i64() {
                Some(number) => assert_eq!(
                    Some(unit.to_millis(number)),
                    expected.as_i64(),
                    "{}",
                    key.name
                ),
                None => assert_eq!(default, expected, "{}", key.name),
            }
        }
    }

    #[test]
    fn listener_prefixes_are_split_off() {
        assert_eq!(
            split_listener_prefix("listener.name.a.ssl.key.password"),
            Some(("a", "ssl.key.password"))
        );
        assert_eq!(
            split_listener_prefix("listener.name.a.scram-sha-256.sasl.jaas.config"),
            Some(("a", "sasl.jaas.config"))
        );
        assert_eq!(split_listener_prefix("listener.name.a"), None);
        assert_eq!(split_listener_prefix("listeners"), None);
    }

    #[test]
    fn families_share_their_names() {
        assert_eq!(
            broker_synonyms("log.retention.hours"),
            [
                "log.retention.ms",
                "log.retention.minutes",
                "log.retention.hours"
            ]
        );
        assert_eq!(
            broker_synonyms("log.flush.scheduler.interval.ms"),
            ["log.flush.scheduler.interval.ms"]
        );
        assert_eq!(
            broker_synonyms("listener.name.x.ssl.protocol"),
            ["listener.name.x.ssl.protocol", "ssl.protocol"]
        );
    }
}
