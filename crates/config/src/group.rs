//! Group configuration: what a group's own values may be, and the values that count for it.

use std::collections::BTreeMap;

use crate::broker::BrokerConfig;
use crate::key::{Invalid, Kind};
use crate::settings::Settings;
use crate::synonym::group_synonym;
use crate::value::Value;

/// Bounds the broker sets for a group's own values: key, least, most.
const BOUNDS: &[(&str, Option<&str>, Option<&str>)] = &[
    (
        "consumer.assignment.interval.ms",
        Some("group.consumer.min.assignment.interval.ms"),
        Some("group.consumer.max.assignment.interval.ms"),
    ),
    (
        "consumer.heartbeat.interval.ms",
        Some("group.consumer.min.heartbeat.interval.ms"),
        Some("group.consumer.max.heartbeat.interval.ms"),
    ),
    (
        "consumer.session.timeout.ms",
        Some("group.consumer.min.session.timeout.ms"),
        Some("group.consumer.max.session.timeout.ms"),
    ),
    (
        "share.assignment.interval.ms",
        Some("group.share.min.assignment.interval.ms"),
        Some("group.share.max.assignment.interval.ms"),
    ),
    (
        "share.delivery.count.limit",
        Some("group.share.min.delivery.count.limit"),
        Some("group.share.max.delivery.count.limit"),
    ),
    (
        "share.heartbeat.interval.ms",
        Some("group.share.min.heartbeat.interval.ms"),
        Some("group.share.max.heartbeat.interval.ms"),
    ),
    (
        "share.partition.max.record.locks",
        Some("group.share.min.partition.max.record.locks"),
        Some("group.share.max.partition.max.record.locks"),
    ),
    (
        "share.record.lock.duration.ms",
        Some("group.share.min.record.lock.duration.ms"),
        Some("group.share.max.record.lock.duration.ms"),
    ),
    (
        "share.session.timeout.ms",
        Some("group.share.min.session.timeout.ms"),
        Some("group.share.max.session.timeout.ms"),
    ),
    (
        "streams.assignment.interval.ms",
        Some("group.streams.min.assignment.interval.ms"),
        Some("group.streams.max.assignment.interval.ms"),
    ),
    (
        "streams.heartbeat.interval.ms",
        Some("group.streams.min.heartbeat.interval.ms"),
        Some("group.streams.max.heartbeat.interval.ms"),
    ),
    (
        "streams.num.standby.replicas",
        None,
        Some("group.streams.max.standby.replicas"),
    ),
    (
        "streams.num.warmup.replicas",
        None,
        Some("group.streams.max.warmup.replicas"),
    ),
    (
        "streams.session.timeout.ms",
        Some("group.streams.min.session.timeout.ms"),
        Some("group.streams.max.session.timeout.ms"),
    ),
    (
        "streams.task.offset.interval.ms",
        Some("group.streams.min.task.offset.interval.ms"),
        None,
    ),
];

/// The values that count for a group: its own within the broker's bounds, else the broker's, else the defaults.
///
/// Own values that do not fit (they were checked when they were set) are left out and reported.
pub fn effective_group(
    broker: &Settings,
    own: &BTreeMap<String, String>,
) -> (Settings, Vec<Invalid>) {
    let (mut settings, mut refused) = unbounded(broker, own);
    for (key, least, most) in BOUNDS {
        let Some(value) = settings.opt_long(key).filter(|_| own.contains_key(*key)) else {
            continue;
        };
        let at_least = least
            .and_then(|bound| broker.opt_long(bound))
            .map_or(value, |bound| value.max(bound));
        let within = most
            .and_then(|bound| broker.opt_long(bound))
            .map_or(at_least, |bound| at_least.min(bound));
        if within != value {
            refused
                .push(settings.refuse(key, format!("counts as {within}, by the broker's bounds")));
            settings.set(key, i32::try_from(within).ok().map(Value::Int));
        }
    }
    (settings, refused)
}

fn unbounded(broker: &Settings, own: &BTreeMap<String, String>) -> (Settings, Vec<Invalid>) {
    let (mut settings, mut refused) = (Settings::default(), Vec::new());
    for key in Kind::Group.keys() {
        let value = own
            .get(key.name)
            .and_then(|text| key.parse(text).map_err(|error| refused.push(error)).ok());
        let value = value.or_else(|| inherited(broker, key.name));
        settings.set(
            key.name,
            value.or_else(|| key.default_value().ok().flatten()),
        );
    }
    (settings, refused)
}

fn inherited(broker: &Settings, group_key: &str) -> Option<Value> {
    let value = broker.get(group_synonym(group_key)?)?;
    match (group_key, value) {
        ("streams.assignor.name", Value::List(assignors)) => {
            assignors.first().cloned().map(Value::String)
        }
        _ => Some(value.clone()),
    }
}

/// Checks all values a group is to have of its own. Every broken rule is reported, unknown names first.
pub fn check_group(
    broker: &BrokerConfig,
    own: &BTreeMap<String, String>,
) -> Result<(), Vec<Invalid>> {
    let mut errors: Vec<_> = own
        .iter()
        .filter(|(name, _)| Kind::Group.key(name).is_none())
        .map(|(name, value)| Invalid::new(name, value, "is not a key of groups"))
        .collect();
    let (group, refused) = unbounded(broker, own);
    errors.extend(refused);
    if errors.is_empty() {
        check_bounds(broker, &group, own, &mut errors);
        check_sessions(&group, own, &mut errors);
        check_names(broker, &group, own, &mut errors);
    }
    match errors.is_empty() {
        true => Ok(()),
        false => Err(errors),
    }
}

fn check_bounds(
    broker: &Settings,
    group: &Settings,
    own: &BTreeMap<String, String>,
    errors: &mut Vec<Invalid>,
) {
    for (key, least, most) in BOUNDS.iter().filter(|(key, _, _)| own.contains_key(*key)) {
        let Some(value) = group.opt_long(key) else {
            continue;
        };
        if let Some((name, bound)) = bound_of(broker, *least).filter(|(_, bound)| value < *bound) {
            errors.push(group.refuse(key, format!("must be at least the broker's {name}={bound}")));
        }
        if let Some((name, bound)) = bound_of(broker, *most).filter(|(_, bound)| value > *bound) {
            errors.push(group.refuse(key, format!("must be at most the broker's {name}={bound}")));
        }
    }
}

fn bound_of<'a>(broker: &Settings, name: Option<&'a str>) -> Option<(&'a str, i64)> {
    name.and_then(|name| Some((name, broker.opt_long(name)?)))
}

/// A member must be able to miss a heartbeat.
fn check_sessions(group: &Settings, own: &BTreeMap<String, String>, errors: &mut Vec<Invalid>) {
    for (session, heartbeat) in [
        (
            "consumer.session.timeout.ms",
            "consumer.heartbeat.interval.ms",
        ),
        ("share.session.timeout.ms", "share.heartbeat.interval.ms"),
        (
            "streams.session.timeout.ms",
            "streams.heartbeat.interval.ms",
        ),
    ] {
        let is_own = own.contains_key(session) || own.contains_key(heartbeat);
        if is_own && group.long(session) <= group.long(heartbeat) {
            errors.push(group.refuse(
                session,
                format!("must be more than {heartbeat}={}", group.long(heartbeat)),
            ));
        }
    }
}

fn check_names(
    broker: &Settings,
    group: &Settings,
    own: &BTreeMap<String, String>,
    errors: &mut Vec<Invalid>,
) {
    let assignors = broker.list("group.streams.assignors");
    if let Some(name) = own.get("streams.assignor.name").map(|name| name.trim())
        && !assignors.iter().any(|assignor| assignor == name)
    {
        errors.push(group.refuse(
            "streams.assignor.name",
            format!("must be one of {}", assignors.join(", ")),
        ));
    }
    if let Some(tags) = own.get("streams.rack.aware.assignment.tags") {
        let given = tags.split(',').count();
        if given > 1 && given != group.list("streams.rack.aware.assignment.tags").len() {
            errors.push(Invalid::new(
                "streams.rack.aware.assignment.tags",
                tags,
                "must not have a tag twice",
            ));
        }
    }
    if group
        .opt_text("errors.deadletterqueue.topic.name")
        .is_some_and(|name| name.starts_with("__"))
    {
        errors.push(group.refuse(
            "errors.deadletterqueue.topic.name",
            "must not begin with __",
        ));
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

    fn broker() -> BrokerConfig {
        BrokerConfig::load(&[zero_configuration()], &mut |_| Ok(None))
            .unwrap()
            .config
    }

    #[test]
    fn bounds_are_rows() {
        for (key, least, most) in BOUNDS {
            assert!(Kind::Group.key(key).is_some(), "{key}");
            for bound in [least, most].into_iter().flatten() {
                assert!(Kind::Broker.key(bound).is_some(), "{bound}");
            }
        }
    }

    #[test]
    fn own_values_stand_before_the_brokers() {
        let (group, refused) = effective_group(
            &broker(),
            &map(&[("share.isolation.level", "read_committed")]),
        );
        assert_eq!(refused, []);
        assert_eq!(group.text("share.isolation.level"), "read_committed");
        assert_eq!(group.int("consumer.session.timeout.ms"), 45_000);
        assert_eq!(group.text("streams.assignor.name"), "sticky");
    }

    #[test]
    fn values_that_bounds_left_behind_are_moved() {
        let own = map(&[
            ("consumer.session.timeout.ms", "1"),
            ("share.delivery.count.limit", "99"),
        ]);
        let (group, refused) = effective_group(&broker(), &own);
        assert_eq!(group.int("consumer.session.timeout.ms"), 45_000);
        assert_eq!(group.int("share.delivery.count.limit"), 10);
        assert_eq!(refused.len(), 2, "{refused:?}");
    }

    #[test]
    fn values_are_checked_against_the_brokers_bounds() {
        for (own, is_good) in [
            (&[][..], true),
            (&[("consumer.session.timeout.ms", "60000")], true),
            (&[("consumer.session.timeout.ms", "60001")], false),
            (&[("consumer.session.timeout.ms", "44999")], false),
            (&[("consumer.heartbeat.interval.ms", "15000")], true),
            (&[("consumer.heartbeat.interval.ms", "4999")], false),
            (&[("streams.num.standby.replicas", "3")], false),
            (&[("streams.num.standby.replicas", "2")], true),
            (&[("streams.task.offset.interval.ms", "14999")], false),
            (&[("streams.assignor.name", "sticky")], true),
            (&[("streams.assignor.name", "other")], false),
            (&[("streams.rack.aware.assignment.tags", "a,b")], true),
            (&[("streams.rack.aware.assignment.tags", "a,a")], false),
            (&[("errors.deadletterqueue.topic.name", "dlq.a")], true),
            (&[("errors.deadletterqueue.topic.name", "__a")], false),
            (&[("share.auto.offset.reset", "by_duration:PT1H")], true),
            (&[("share.auto.offset.reset", "none")], false),
            (&[("no.such", "1")], false),
        ] {
            assert_eq!(
                check_group(&broker(), &map(own)).is_ok(),
                is_good,
                "{own:?}"
            );
        }
    }
}
