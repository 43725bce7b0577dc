//! Which keys Ottla acts on. Every other key is read, checked and shown, and named in the log when it is set.

use crate::key::{Effect, Key, Kind};

/// The effective keys of a table, sorted. A key enters when code acts on it and a test shows that.
const fn effective(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Broker => &[],
        Kind::Topic => &[],
        Kind::Group => &[],
        Kind::ClientMetrics => &[],
        Kind::Producer => &[],
        Kind::Consumer => &[],
        Kind::Admin => &[],
    }
}

impl Key {
    /// Whether Ottla acts on this key of the table.
    pub fn effect(&self, kind: Kind) -> Effect {
        match effective(kind).binary_search(&self.name) {
            Ok(_) => Effect::Effective,
            Err(_) => Effect::NotYet,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effective_keys_are_sorted_rows() {
        for kind in Kind::ALL {
            assert!(effective(kind).is_sorted_by(|a, b| a < b), "{kind:?}");
            for name in effective(kind) {
                let key = kind
                    .key(name)
                    .unwrap_or_else(|| panic!("{name} is no key of {kind:?}"));
                assert_eq!(key.effect(kind), Effect::Effective);
            }
        }
    }
}
