//! The tables: one row for each of Kafka 4.4's configuration keys, sorted by name within a file.

/// Declares the `ROWS` of a file: `"name" Type default, rule, Importance UpdateMode [internal], "doc";`.
/// A default is text, `null` (no value) or `required`.
macro_rules! rows {
    ($($name:literal $type:ident $preset:tt, $rule:expr, $importance:ident $update:ident $($internal:ident)?, $doc:literal;)*) => {
        #[allow(unused_imports, reason = "few files use every rule")]
        use $crate::rule::Rule::*;

        pub(super) const ROWS: &[$crate::key::Key] = &[$($crate::key::Key {
            name: $name,
            r#type: $crate::key::Type::$type,
            preset: preset!($preset),
            rule: $rule,
            importance: $crate::key::Importance::$importance,
            update: $crate::key::UpdateMode::$update,
            internal: internal!($($internal)?),
            doc: $doc,
        },)*];
    };
}

macro_rules! preset {
    (required) => {
        $crate::key::Preset::Required
    };
    (null) => {
        $crate::key::Preset::Null
    };
    ($text:literal) => {
        $crate::key::Preset::Is($text)
    };
}

macro_rules! internal {
    () => {
        false
    };
    (internal) => {
        true
    };
}

mod admin;
mod client;
mod client_metrics;
mod consumer;
mod coordinators;
mod dynamic;
mod group;
mod logs;
mod producer;
mod security;
mod server;
mod topic;

use crate::key::{Key, Kind};

impl Kind {
    const fn parts(self) -> &'static [&'static [Key]] {
        match self {
            Self::Broker => &[coordinators::ROWS, logs::ROWS, security::ROWS, server::ROWS],
            Self::Topic => &[topic::ROWS],
            Self::Group => &[group::ROWS],
            Self::ClientMetrics => &[client_metrics::ROWS],
            Self::Producer => &[client::ROWS, producer::ROWS],
            Self::Consumer => &[client::ROWS, consumer::ROWS],
            Self::Admin => &[client::ROWS, admin::ROWS],
        }
    }

    /// The row of a key; `None` if the table has none of that name.
    pub fn key(self, name: &str) -> Option<&'static Key> {
        self.parts().iter().find_map(|rows| find(rows, name))
    }

    /// Every row of the table, sorted by name.
    pub fn keys(self) -> Vec<&'static Key> {
        let mut keys: Vec<_> = self.parts().iter().flat_map(|rows| rows.iter()).collect();
        keys.sort_unstable_by_key(|key| key.name);
        keys
    }
}

/// Broker keys that `server.properties` does not have: they are only ever set dynamically.
pub fn dynamic_only() -> &'static [Key] {
    dynamic::ROWS
}

/// The row of a key that a broker can have dynamically, whether or not `server.properties` has it.
pub(crate) fn broker_key_of_any_origin(name: &str) -> Option<&'static Key> {
    Kind::Broker.key(name).or_else(|| find(dynamic::ROWS, name))
}

fn find(rows: &'static [Key], name: &str) -> Option<&'static Key> {
    rows.binary_search_by(|row| row.name.cmp(name))
        .ok()
        .map(|at| &rows[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_sorted_and_no_name_is_in_two() {
        for kind in Kind::ALL {
            for rows in kind.parts() {
                assert!(rows.is_sorted_by(|a, b| a.name < b.name), "{kind:?}");
            }
            let keys = kind.keys();
            assert!(
                keys.is_sorted_by(|a, b| a.name < b.name),
                "{kind:?} has a name twice"
            );
            assert!(keys.iter().all(|key| kind.key(key.name) == Some(*key)));
        }
    }

    #[test]
    fn every_default_is_a_value_of_its_own_row() {
        for kind in Kind::ALL {
            for key in kind.keys() {
                if let Err(error) = key.default_value() {
                    assert_eq!(key.preset, crate::key::Preset::Required, "{error}");
                }
            }
        }
    }

    #[test]
    fn every_row_has_a_sentence() {
        for key in Kind::ALL
            .iter()
            .flat_map(|kind| kind.keys())
            .chain(dynamic_only())
        {
            assert!(key.doc.ends_with('.') && key.doc.len() > 10, "{}", key.name);
        }
    }
}
