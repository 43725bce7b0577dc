//! Effective values of a table's keys, read by type.

use std::collections::BTreeMap;

use crate::key::{Invalid, Kind, Preset};
use crate::value::{Password, Value};

/// One value for each key that has one; keys without are null.
///
/// The typed readers take names of the table as constants: a name or type that the table does not have is a mistake
/// in the program and panics; what users wrote was checked before.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    values: BTreeMap<&'static str, Value>,
}

impl Settings {
    /// Every default of a table; required keys are left out.
    pub fn defaults(kind: Kind) -> Self {
        let mut settings = Self::default();
        for key in kind.keys() {
            if let (false, Ok(value)) = (key.preset == Preset::Required, key.default_value()) {
                settings.set(key.name, value);
            }
        }
        settings
    }

    /// Puts a value, or none.
    pub(crate) fn set(&mut self, name: &'static str, value: Option<Value>) {
        match value {
            Some(value) => self.values.insert(name, value),
            None => self.values.remove(name),
        };
    }

    /// The value of a key, `None` if it is null.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// A BOOLEAN. Panics if the key has no such value.
    #[track_caller]
    pub fn boolean(&self, name: &str) -> bool {
        match self.get(name) {
            Some(Value::Boolean(value)) => *value,
            other => mistaken(name, "a BOOLEAN", other),
        }
    }

    /// An INT. Panics if the key has no such value.
    #[track_caller]
    pub fn int(&self, name: &str) -> i32 {
        match self.get(name) {
            Some(Value::Int(value)) => *value,
            other => mistaken(name, "an INT", other),
        }
    }

    /// A SHORT. Panics if the key has no such value.
    #[track_caller]
    pub fn short(&self, name: &str) -> i16 {
        match self.get(name) {
            Some(Value::Short(value)) => *value,
            other => mistaken(name, "a SHORT", other),
        }
    }

    /// A whole number of any width. Panics if the key has none.
    #[track_caller]
    pub fn long(&self, name: &str) -> i64 {
        match self.opt_long(name) {
            Some(value) => value,
            None => mistaken(name, "a whole number", self.get(name)),
        }
    }

    /// A whole number of any width, `None` if the key is null.
    pub fn opt_long(&self, name: &str) -> Option<i64> {
        self.get(name).and_then(Value::as_i64)
    }

    /// A DOUBLE. Panics if the key has no such value.
    #[track_caller]
    pub fn double(&self, name: &str) -> f64 {
        match self.get(name) {
            Some(Value::Double(value)) => *value,
            other => mistaken(name, "a DOUBLE", other),
        }
    }

    /// A STRING or CLASS. Panics if the key has no such value.
    #[track_caller]
    pub fn text(&self, name: &str) -> &str {
        match self.opt_text(name) {
            Some(value) => value,
            None => mistaken(name, "a STRING", self.get(name)),
        }
    }

    /// A STRING or CLASS, `None` if the key is null.
    pub fn opt_text(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(Value::String(value) | Value::Class(value)) => Some(value),
            _ => None,
        }
    }

    /// A LIST; empty if the key is null.
    pub fn list(&self, name: &str) -> &[String] {
        match self.get(name) {
            Some(Value::List(items)) => items,
            _ => &[],
        }
    }

    /// A PASSWORD, `None` if the key is null.
    pub fn password(&self, name: &str) -> Option<&Password> {
        match self.get(name) {
            Some(Value::Password(secret)) => Some(secret),
            _ => None,
        }
    }

    /// A refusal of a key's effective value.
    pub(crate) fn refuse(&self, name: &str, rule: impl Into<String>) -> Invalid {
        match self.get(name) {
            Some(Value::Password(_)) | None => Invalid::without_value(name, rule),
            Some(value) => Invalid::new(name, &value.to_string(), rule),
        }
    }
}

#[track_caller]
fn mistaken(name: &str, what: &str, found: Option<&Value>) -> ! {
    panic!("{name} is no key with {what}: {found:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_typed() {
        let settings = Settings::defaults(Kind::Broker);
        assert!(settings.boolean("auto.create.topics.enable"));
        assert_eq!(settings.int("num.io.threads"), 8);
        assert_eq!(settings.short("offsets.topic.replication.factor"), 3);
        assert_eq!(settings.long("message.max.bytes"), 1_048_588);
        assert_eq!(settings.opt_long("log.retention.ms"), None);
        assert_eq!(settings.double("log.cleaner.min.cleanable.ratio"), 0.5);
        assert_eq!(settings.text("compression.type"), "producer");
        assert_eq!(settings.opt_text("broker.rack"), None);
        assert_eq!(
            settings.list("group.consumer.assignors"),
            ["uniform", "range"]
        );
        assert_eq!(settings.password("ssl.key.password"), None);
        assert_eq!(settings.get("node.id"), None);
    }
}
