//! Topic configuration: what a topic's own values may be, and the values that count for it.

use std::collections::BTreeMap;

use crate::broker::BrokerConfig;
use crate::key::{Invalid, Kind};
use crate::settings::Settings;
use crate::synonym::topic_synonyms;
use crate::value::Value;

/// The values that count for a topic: its own, else the broker's, else the defaults.
///
/// Own values that do not fit (they were checked when they were set) are left out and reported.
pub fn effective_topic(
    broker: &Settings,
    own: &BTreeMap<String, String>,
) -> (Settings, Vec<Invalid>) {
    let (mut settings, mut refused) = (Settings::default(), Vec::new());
    for key in Kind::Topic.keys() {
        let given = own.get(key.name).map(|text| key.parse(text));
        let value = match given {
            Some(Ok(value)) => Some(value),
            Some(Err(error)) => {
                refused.push(error);
                inherited(broker, key.name)
            }
            None => inherited(broker, key.name),
        };
        settings.set(
            key.name,
            value.or_else(|| key.default_value().ok().flatten()),
        );
    }
    (settings, refused)
}

/// What the broker's keys say for a topic key, in the key's unit.
fn inherited(broker: &Settings, topic_key: &str) -> Option<Value> {
    topic_synonyms(topic_key).iter().find_map(|synonym| {
        let value = broker.get(synonym.name)?;
        match (Kind::Topic.key(topic_key)?.r#type, value.as_i64()) {
            (crate::key::Type::Long, Some(number)) => {
                let millis = synonym.unit.to_millis(number);
                // The broker takes every negative retention for none.
                Some(Value::Long(if topic_key == "retention.ms" {
                    millis.max(-1)
                } else {
                    millis
                }))
            }
            _ => Some(value.clone()),
        }
    })
}

/// Checks all values a topic is to have of its own, and that they fit together with the broker's.
///
/// `before` are the topic's own values so far, empty for a new topic. Every broken rule is reported, unknown names first.
pub fn check_topic(
    broker: &BrokerConfig,
    before: &BTreeMap<String, String>,
    own: &BTreeMap<String, String>,
) -> Result<(), Vec<Invalid>> {
    let mut errors: Vec<_> = own
        .iter()
        .filter(|(name, _)| Kind::Topic.key(name).is_none())
        .map(|(name, value)| Invalid::new(name, value, "is not a key of topics"))
        .collect();
    let (settings, refused) = effective_topic(broker, own);
    errors.extend(refused);
    if errors.is_empty() {
        check_compaction(&settings, &mut errors);
        match settings.boolean("remote.storage.enable") {
            true => check_tiering(broker, &settings, &mut errors),
            false => check_end_of_tiering(before, &settings, &mut errors),
        }
    }
    match errors.is_empty() {
        true => Ok(()),
        false => Err(errors),
    }
}

fn check_compaction(topic: &Settings, errors: &mut Vec<Invalid>) {
    let most = topic.long("max.compaction.lag.ms");
    if topic.long("min.compaction.lag.ms") > most {
        errors.push(topic.refuse(
            "min.compaction.lag.ms",
            format!("must be at most max.compaction.lag.ms={most}"),
        ));
    }
}

fn check_tiering(broker: &BrokerConfig, topic: &Settings, errors: &mut Vec<Invalid>) {
    if !broker.boolean("remote.log.storage.system.enable") {
        let rule = "must be false, since the brokers' remote.log.storage.system.enable is false";
        errors.push(topic.refuse("remote.storage.enable", rule));
    }
    if !matches!(topic.list("cleanup.policy"), [] | [_])
        || topic.list("cleanup.policy").iter().any(|p| p != "delete")
    {
        errors.push(topic.refuse(
            "cleanup.policy",
            "must be delete or empty, since remote.storage.enable is true",
        ));
    }
    for (whole, local, lag) in [
        (
            "retention.bytes",
            "local.retention.bytes",
            "remote.copy.lag.bytes",
        ),
        ("retention.ms", "local.retention.ms", "remote.copy.lag.ms"),
    ] {
        check_shares(topic, whole, local, lag, errors);
    }
}

/// What is kept locally is a part of what is kept, and what waits for its copy a part of that.
fn check_shares(topic: &Settings, whole: &str, local: &str, lag: &str, errors: &mut Vec<Invalid>) {
    let (kept, kept_locally, waiting) = (topic.long(whole), topic.long(local), topic.long(lag));
    if kept > -1 && kept_locally != -2 && (kept_locally == -1 || kept_locally > kept) {
        errors.push(topic.refuse(
            local,
            format!("must be at most {whole}={kept}, -2 follows it"),
        ));
    }
    let limit = if kept_locally == -2 {
        kept
    } else {
        kept_locally
    };
    if waiting > 0 && limit >= 0 && waiting > limit {
        errors.push(topic.refuse(
            lag,
            format!("must be at most what is kept locally, {limit}"),
        ));
    }
    if topic.boolean("remote.log.copy.disable") && kept_locally != -2 && kept_locally != kept {
        let rule = format!("must be {whole}={kept} or -2, since remote.log.copy.disable is true");
        errors.push(topic.refuse(local, rule));
    }
}

fn check_end_of_tiering(
    before: &BTreeMap<String, String>,
    topic: &Settings,
    errors: &mut Vec<Invalid>,
) {
    let was_tiered = before
        .get("remote.storage.enable")
        .is_some_and(|text| text.trim().eq_ignore_ascii_case("true"));
    if was_tiered && !topic.boolean("remote.log.delete.on.disable") {
        let rule = "must stay true, unless remote.log.delete.on.disable=true gives up what is in remote storage \
                    (remote.log.copy.disable=true keeps it readable and copies nothing more)";
        errors.push(topic.refuse("remote.storage.enable", rule));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::zero_configuration;

    fn map(items: &[(&str, &str)]) -> BTreeMap<String, String> {
        items
            .iter()
            .map(|(key, value)| (key.to_string(), value.to_string()))
            .collect()
    }

    fn broker(changes: &[(&str, &str)]) -> BrokerConfig {
        let layers = [zero_configuration(), map(changes).into_iter().collect()];
        BrokerConfig::load(&layers, &mut |_| Ok(None))
            .unwrap()
            .config
    }

    fn refused(broker: &BrokerConfig, own: &[(&str, &str)]) -> Vec<String> {
        let errors = check_topic(broker, &map(&[]), &map(own))
            .err()
            .unwrap_or_default();
        errors.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_topics_own_value_stands_before_the_brokers() {
        let broker = broker(&[
            ("log.retention.hours", "2"),
            ("message.max.bytes", "77"),
            ("log.retention.bytes", "5"),
        ]);
        let (topic, refused) = effective_topic(&broker, &map(&[("max.message.bytes", "88")]));
        assert_eq!(refused, []);
        assert_eq!(topic.int("max.message.bytes"), 88);
        assert_eq!(topic.long("retention.bytes"), 5);
        assert_eq!(topic.long("retention.ms"), 7_200_000);
        assert_eq!(topic.long("flush.ms"), i64::MAX);
        assert_eq!(topic.long("segment.ms"), 604_800_000);
        assert!(!topic.boolean("remote.storage.enable"));
        assert_eq!(topic.get("internal.segment.bytes"), None);
    }

    #[test]
    fn no_retention_is_minus_one() {
        let broker = broker(&[("log.retention.hours", "-7")]);
        assert_eq!(
            effective_topic(&broker, &map(&[])).0.long("retention.ms"),
            -1
        );
    }

    #[test]
    fn names_and_values_are_checked() {
        assert_eq!(
            refused(
                &broker(&[]),
                &[
                    ("no.such", "1"),
                    ("retention.ms", "-2"),
                    ("cleanup.policy", "compact,squash")
                ]
            ),
            [
                "no.such=1: is not a key of topics",
                "cleanup.policy=compact,squash: must only have items of compact, delete",
                "retention.ms=-2: must be at least -1",
            ]
        );
        assert_eq!(
            refused(
                &broker(&[]),
                &[("cleanup.policy", ""), ("retention.ms", "-1")]
            ),
            Vec::<String>::new()
        );
    }

    #[test]
    fn compaction_lags_are_ordered() {
        let shown = refused(
            &broker(&[]),
            &[
                ("min.compaction.lag.ms", "5"),
                ("max.compaction.lag.ms", "4"),
            ],
        );
        assert_eq!(
            shown,
            ["min.compaction.lag.ms=5: must be at most max.compaction.lag.ms=4"]
        );
    }

    #[test]
    fn tiering_needs_brokers_that_tier() {
        let shown = refused(&broker(&[]), &[("remote.storage.enable", "true")]);
        assert_eq!(shown.len(), 1, "{shown:?}");
        let tiering = broker(&[("remote.log.storage.system.enable", "true")]);
        for (own, is_good) in [
            (&[("cleanup.policy", "")][..], true),
            (&[("cleanup.policy", "delete")], true),
            (&[("cleanup.policy", "compact")], false),
            (&[("cleanup.policy", "compact,delete")], false),
            (
                &[("retention.ms", "10"), ("local.retention.ms", "10")],
                true,
            ),
            (
                &[("retention.ms", "10"), ("local.retention.ms", "11")],
                false,
            ),
            (
                &[("retention.ms", "10"), ("local.retention.ms", "-1")],
                false,
            ),
            (
                &[("retention.ms", "-1"), ("local.retention.ms", "-1")],
                true,
            ),
            (
                &[("retention.bytes", "10"), ("local.retention.bytes", "11")],
                false,
            ),
            (&[("local.retention.bytes", "11")], true),
            (
                &[("retention.ms", "10"), ("remote.copy.lag.ms", "11")],
                false,
            ),
            (
                &[("retention.ms", "10"), ("remote.copy.lag.ms", "10")],
                true,
            ),
            (
                &[
                    ("local.retention.bytes", "9"),
                    ("remote.copy.lag.bytes", "10"),
                ],
                false,
            ),
            (
                &[
                    ("remote.log.copy.disable", "true"),
                    ("local.retention.ms", "10"),
                ],
                false,
            ),
            (
                &[
                    ("remote.log.copy.disable", "true"),
                    ("retention.ms", "10"),
                    ("local.retention.ms", "10"),
                ],
                true,
            ),
        ] {
            let own = [own, &[("remote.storage.enable", "true")]].concat();
            assert_eq!(refused(&tiering, &own).is_empty(), is_good, "{own:?}");
        }
    }

    #[test]
    fn tiering_ends_only_knowingly() {
        let (broker, before) = (broker(&[]), map(&[("remote.storage.enable", "true")]));
        assert!(check_topic(&broker, &before, &map(&[])).is_err());
        assert!(
            check_topic(
                &broker,
                &before,
                &map(&[("remote.log.delete.on.disable", "true")])
            )
            .is_ok()
        );
    }
}
