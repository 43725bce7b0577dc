//! What a row of the configuration tables is: a key, its type, default, rule and how it may be changed.

use std::fmt;

use crate::rule::Rule;

/// Which table a key belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// `server.properties` and dynamic broker configuration.
    Broker,
    /// A topic's overrides.
    Topic,
    /// A group's overrides.
    Group,
    /// A client telemetry subscription.
    ClientMetrics,
    /// A producer's properties.
    Producer,
    /// A consumer's properties.
    Consumer,
    /// An admin client's properties.
    Admin,
}

impl Kind {
    /// Every table, in the order the reference prints them.
    pub const ALL: [Self; 7] = [
        Self::Broker,
        Self::Topic,
        Self::Group,
        Self::ClientMetrics,
        Self::Producer,
        Self::Consumer,
        Self::Admin,
    ];

    /// Kafka's word for it: `broker`, `topic`, `client-metrics` …
    pub const fn name(self) -> &'static str {
        match self {
            Self::Broker => "broker",
            Self::Topic => "topic",
            Self::Group => "group",
            Self::ClientMetrics => "client-metrics",
            Self::Producer => "producer",
            Self::Consumer => "consumer",
            Self::Admin => "admin",
        }
    }
}

/// The type of a key's value. The number is DescribeConfigs' ConfigType.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i8)]
pub enum Type {
    /// `true` or `false`, in any case.
    Boolean = 1,
    /// Text without surrounding white space.
    String = 2,
    /// 32 bits.
    Int = 3,
    /// 16 bits.
    Short = 4,
    /// 64 bits.
    Long = 5,
    /// IEEE 754 double.
    Double = 6,
    /// Items separated by commas.
    List = 7,
    /// A Java class name, kept as text.
    Class = 8,
    /// Text that is never shown.
    Password = 9,
}

impl Type {
    /// DescribeConfigs' ConfigType of a key that is in no table.
    pub const UNKNOWN: i8 = 0;

    /// Kafka's name: `BOOLEAN`, `STRING` …
    pub const fn name(self) -> &'static str {
        match self {
            Self::Boolean => "BOOLEAN",
            Self::String => "STRING",
            Self::Int => "INT",
            Self::Short => "SHORT",
            Self::Long => "LONG",
            Self::Double => "DOUBLE",
            Self::List => "LIST",
            Self::Class => "CLASS",
            Self::Password => "PASSWORD",
        }
    }
}

/// How much a key matters to most people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Importance {
    /// Look at it before going to production.
    High,
    /// Worth knowing.
    Medium,
    /// Rarely touched.
    Low,
}

impl Importance {
    /// Kafka's name: `HIGH`, `MEDIUM`, `LOW`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::High => "HIGH",
            Self::Medium => "MEDIUM",
            Self::Low => "LOW",
        }
    }
}

/// How a key can change while the process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UpdateMode {
    /// Only by a restart.
    ReadOnly,
    /// By AlterConfigs on one broker; where it concerns a listener, with its prefix.
    PerBroker,
    /// By AlterConfigs on one broker or on the default of all brokers.
    ClusterWide,
    /// By AlterConfigs on the resource it belongs to.
    PerResource,
}

impl UpdateMode {
    /// Kafka's words: `read-only`, `per-broker`, `cluster-wide`; `per-resource` for topics, groups and subscriptions.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReadOnly => "read-only",
            Self::PerBroker => "per-broker",
            Self::ClusterWide => "cluster-wide",
            Self::PerResource => "per-resource",
        }
    }
}

/// What a key's value is when nobody gives one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Preset {
    /// Somebody has to give one.
    Required,
    /// No value.
    Null,
    /// This text.
    Is(&'static str),
}

/// Whether Ottla acts on a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// It does what Kafka's documentation says.
    Effective,
    /// It is read, checked and shown, and changes nothing yet.
    NotYet,
}

/// One row: everything that is known of a key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Key {
    /// The name, as in `server.properties`.
    pub name: &'static str,
    /// The type of its value.
    pub r#type: Type,
    /// Its value when none is given.
    pub preset: Preset,
    /// What a value of the type must also be.
    pub rule: Rule,
    /// How much it matters.
    pub importance: Importance,
    /// How it can change at run time.
    pub update: UpdateMode,
    /// Kafka hides it from its documentation.
    pub internal: bool,
    /// What it does, in one sentence.
    pub doc: &'static str,
}

impl Key {
    /// Whether its value is never shown.
    pub const fn is_sensitive(&self) -> bool {
        matches!(self.r#type, Type::Password)
    }
}

/// A value that a key does not take: `log.segment.bytes=10: must be at least 1048576`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// The key as it was given.
    pub key: String,
    /// The value; absent when there was none, hidden when it is a password.
    pub value: Option<String>,
    /// What the value must be.
    pub rule: String,
}

impl Invalid {
    /// A refusal of `value`, with the rule it breaks.
    pub fn new(key: &str, value: &str, rule: impl Into<String>) -> Self {
        Self {
            key: key.to_owned(),
            value: Some(shortened(value)),
            rule: rule.into(),
        }
    }

    /// A refusal of a key that has no value, or whose value is not shown.
    pub fn without_value(key: &str, rule: impl Into<String>) -> Self {
        Self {
            key: key.to_owned(),
            value: None,
            rule: rule.into(),
        }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{}={value}: {}", self.key, self.rule),
            None => write!(f, "{}: {}", self.key, self.rule),
        }
    }
}

impl std::error::Error for Invalid {}

/// The most characters of a value that an error repeats.
const SHOWN: usize = 200;

fn shortened(value: &str) -> String {
    match value.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &value[..at]),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_key_value_and_rule() {
        let error = Invalid::new("log.segment.bytes", "10", "must be at least 1048576");
        assert_eq!(
            error.to_string(),
            "log.segment.bytes=10: must be at least 1048576"
        );
        let error = Invalid::without_value("node.id", "must be given");
        assert_eq!(error.to_string(), "node.id: must be given");
    }

    #[test]
    fn an_error_repeats_a_bounded_part_of_the_value() {
        let error = Invalid::new("listeners", &"ä".repeat(10_000), "is too long");
        assert_eq!(
            error.value.map(|value| value.chars().count()),
            Some(SHOWN + 1)
        );
    }
}
