//! Dynamic configurations, and what they are of.

use std::{collections::BTreeMap, fmt};

/// What kind of thing has configurations.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ResourceType(pub i8);

impl ResourceType {
    /// A topic, by name.
    pub const TOPIC: Self = Self(2);
    /// A broker by id; with the empty name, the default of all brokers.
    pub const BROKER: Self = Self(4);
    /// A broker's loggers. Never in the metadata log.
    pub const BROKER_LOGGER: Self = Self(8);
    /// A client metrics subscription.
    pub const CLIENT_METRICS: Self = Self(16);
    /// A group.
    pub const GROUP: Self = Self(32);
}

impl fmt::Display for ResourceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match *self {
            Self::TOPIC => "topic",
            Self::BROKER => "broker",
            Self::BROKER_LOGGER => "broker logger",
            Self::CLIENT_METRICS => "client metrics",
            Self::GROUP => "group",
            Self(other) => return write!(f, "resource type {other}"),
        };
        f.write_str(name)
    }
}

/// Something that has configurations.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ConfigResource {
    /// What it is.
    pub kind: ResourceType,
    /// Its name.
    pub name: String,
}

impl ConfigResource {
    /// A resource.
    pub fn new(kind: ResourceType, name: impl Into<String>) -> Self {
        let name = name.into();
        Self { kind, name }
    }

    /// A topic.
    pub fn topic(name: impl Into<String>) -> Self {
        Self::new(ResourceType::TOPIC, name)
    }

    /// One broker.
    pub fn broker(id: i32) -> Self {
        Self::new(ResourceType::BROKER, id.to_string())
    }

    /// The default of all brokers.
    pub fn all_brokers() -> Self {
        Self::new(ResourceType::BROKER, "")
    }
}

impl fmt::Display for ConfigResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} '{}'", self.kind, self.name)
    }
}

/// The dynamic configurations of one resource: key → value.
pub type Configs = BTreeMap<String, String>;
