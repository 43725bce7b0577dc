//! Changes of a running broker's configuration: which keys may change, where, and to what.

use std::collections::BTreeMap;

use crate::broker::BrokerConfig;
use crate::checks;
use crate::key::{Invalid, UpdateMode};
use crate::rows::broker_key_of_any_origin;
use crate::synonym::split_listener_prefix;

/// Whose dynamic configuration is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// That of one broker.
    OneBroker,
    /// The default of all brokers.
    AllBrokers,
}

/// Keys that only change for one listener, with its prefix.
const PER_LISTENER: &[&str] = &[
    "ssl.key.password",
    "ssl.keystore.certificate.chain",
    "ssl.keystore.key",
    "ssl.keystore.location",
    "ssl.keystore.password",
    "ssl.keystore.type",
    "ssl.truststore.certificates",
    "ssl.truststore.location",
    "ssl.truststore.password",
    "ssl.truststore.type",
];

/// Keys that, with a listener's prefix, may also be set for all brokers.
const LISTENER_LIMITS: &[&str] = &[
    "max.connection.creation.rate",
    "max.connections",
    "num.network.threads",
];

/// Thread counts: a change at most doubles or halves them.
const THREADS: &[&str] = &[
    "background.threads",
    "num.io.threads",
    "num.network.threads",
    "num.recovery.threads.per.data.dir",
    "num.replica.fetchers",
];

impl BrokerConfig {
    /// Checks all dynamic values a scope is to have, as they would count on this broker.
    ///
    /// Names that no table has are allowed, as plugins read them. Every broken rule is reported.
    pub fn check_change(
        &self,
        scope: Scope,
        proposed: &BTreeMap<String, String>,
    ) -> Result<(), Vec<Invalid>> {
        let mut errors: Vec<_> = proposed
            .iter()
            .filter_map(|(name, text)| check_key(scope, name, text).err())
            .collect();
        if errors.is_empty() {
            let (changed, mut refused) = match scope {
                Scope::OneBroker => self.with_dynamic(&self.dynamic_default, proposed),
                Scope::AllBrokers => self.with_dynamic(proposed, &self.dynamic_broker),
            };
            errors.append(&mut refused);
            errors.extend(checks::check(&changed).err().unwrap_or_default());
            errors.extend(
                THREADS
                    .iter()
                    .filter_map(|name| check_threads(self, &changed, name)),
            );
        }
        match errors.is_empty() {
            true => Ok(()),
            false => Err(errors),
        }
    }
}

fn check_key(scope: Scope, name: &str, text: &str) -> Result<(), Invalid> {
    let prefixed = split_listener_prefix(name);
    let base = prefixed.map_or(name, |(_, base)| base);
    let key = broker_key_of_any_origin(base);
    let update = key.map(|key| key.update);
    let refuse = |rule: &str| Err(Invalid::without_value(name, rule));
    if prefixed.is_none() && update == Some(UpdateMode::ReadOnly) {
        return refuse("can only be changed by a restart");
    }
    if prefixed.is_none() && PER_LISTENER.contains(&base) {
        return refuse("can only be changed for one listener, as listener.name.NAME.KEY");
    }
    let is_for_one = match prefixed {
        Some(_) => !LISTENER_LIMITS.contains(&base),
        None => update == Some(UpdateMode::PerBroker),
    };
    if is_for_one && scope == Scope::AllBrokers {
        return refuse("can only be changed for one broker, not for all");
    }
    key.map_or(Ok(()), |key| key.parse_as(name, text).map(drop))
}

fn check_threads(now: &BrokerConfig, changed: &BrokerConfig, name: &str) -> Option<Invalid> {
    let (before, after) = (now.long(name), changed.long(name));
    let is_small_step = (before / 2..=before.saturating_mul(2)).contains(&after);
    (!is_small_step).then(|| {
        changed.refuse(
            name,
            format!(
                "must be between {} and {}: a change at most halves or doubles",
                before / 2,
                before * 2
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::zero_configuration;
    use crate::key::Kind;

    fn check(scope: Scope, changes: &[(&str, &str)]) -> Result<(), Vec<Invalid>> {
        let config = BrokerConfig::load(&[zero_configuration()], &mut |_| Ok(None))
            .unwrap()
            .config;
        config.check_change(
            scope,
            &changes
                .iter()
                .map(|(k, v)| (k.to_string(), v.to_string()))
                .collect(),
        )
    }

    #[test]
    fn lists_are_rows() {
        for name in PER_LISTENER.iter().chain(LISTENER_LIMITS).chain(THREADS) {
            assert_ne!(
                Kind::Broker.key(name).unwrap().update,
                UpdateMode::ReadOnly,
                "{name}"
            );
        }
    }

    #[test]
    fn changes_are_for_all_or_for_one() {
        use Scope::{AllBrokers, OneBroker};
        for (scope, changes, is_good) in [
            (AllBrokers, &[("message.max.bytes", "7")][..], true),
            (OneBroker, &[("message.max.bytes", "7")], true),
            (AllBrokers, &[("message.max.bytes", "-7")], false),
            (OneBroker, &[("process.roles", "broker")], false),
            (OneBroker, &[("socket.request.max.bytes", "1000000")], false),
            (OneBroker, &[("ssl.key.password", "x")], false),
            (
                OneBroker,
                &[("listener.name.plaintext.ssl.key.password", "x")],
                true,
            ),
            (
                AllBrokers,
                &[("listener.name.plaintext.ssl.key.password", "x")],
                false,
            ),
            (
                AllBrokers,
                &[("listener.name.plaintext.max.connections", "9")],
                true,
            ),
            (
                AllBrokers,
                &[("listener.name.plaintext.max.connections", "x")],
                false,
            ),
            (AllBrokers, &[("sasl.enabled.mechanisms", "PLAIN")], false),
            (OneBroker, &[("sasl.enabled.mechanisms", "PLAIN")], true),
            (
                OneBroker,
                &[("leader.replication.throttled.rate", "1")],
                true,
            ),
            (
                OneBroker,
                &[("leader.replication.throttled.rate", "-1")],
                false,
            ),
            (OneBroker, &[("my.plugin.key", "x")], true),
            (AllBrokers, &[("my.plugin.key", "x")], true),
            (
                OneBroker,
                &[("listener.name.plaintext.my.plugin.key", "x")],
                true,
            ),
            (
                AllBrokers,
                &[("listener.name.plaintext.my.plugin.key", "x")],
                false,
            ),
            (AllBrokers, &[("num.io.threads", "16")], true),
            (AllBrokers, &[("num.io.threads", "4")], true),
            (AllBrokers, &[("num.io.threads", "17")], false),
            (AllBrokers, &[("num.io.threads", "3")], false),
            (AllBrokers, &[("log.cleaner.threads", "200")], false),
        ] {
            assert_eq!(
                check(scope, changes).is_ok(),
                is_good,
                "{scope:?} {changes:?}"
            );
        }
    }
}
