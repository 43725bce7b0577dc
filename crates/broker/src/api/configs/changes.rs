//! What a broker checks of a change of configurations before it asks the controller: that the request makes sense, and
//! that a broker could live with what it is to have.

use std::collections::{BTreeMap, BTreeSet};

use ottla_config::{BrokerConfig, Kind, Preset, Scope, Type, dynamic_only};
use ottla_metadata::{
    Image,
    image::{ConfigResource, Configs, ResourceType},
};
use ottla_wire::errors::{Code, Refusal};

use super::check_node_id;
use crate::api::telemetry::subscriptions;

/// The operations of IncrementalAlterConfigs.
pub(super) const SET: i8 = 0;
const DELETE: i8 = 1;
const APPEND: i8 = 2;
const SUBTRACT: i8 = 3;

/// A change of one resource.
#[derive(Clone, Debug)]
pub(super) struct Change<'a> {
    /// Of which kind it is.
    pub(super) kind: i8,
    /// Its name.
    pub(super) name: &'a str,
    /// What is to change.
    pub(super) entries: Vec<Entry<'a>>,
}

/// A change of one key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    pub(super) key: &'a str,
    pub(super) operation: i8,
    pub(super) value: Option<&'a str>,
}

/// Whether keys that are not named stay as they are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mode {
    /// They stay: IncrementalAlterConfigs.
    Incremental,
    /// They go: AlterConfigs.
    Replace,
}

/// Per change: its outcome, or `None` if the controller is to decide.
pub(super) fn check(
    changes: &[Change<'_>],
    mode: Mode,
    config: &BrokerConfig,
    image: &Image,
) -> Vec<Option<Result<(), Refusal>>> {
    let mut named: BTreeMap<(i8, &str), u32> = BTreeMap::new();
    for change in changes {
        *named.entry((change.kind, change.name)).or_default() += 1;
    }
    let is_twice = |change: &Change<'_>| {
        named
            .get(&(change.kind, change.name))
            .is_some_and(|count| *count > 1)
    };
    let outcome = |change: &Change<'_>| {
        if is_twice(change) {
            let (kind, name) = (ResourceType(change.kind), change.name);
            return Some(Err(Code::INVALID_REQUEST
                .because(format!("the {kind} {name:?} is in the request twice"))));
        }
        check_one(change, mode, config, image)
            .map_or_else(|refusal| Some(Err(refusal)), |done| done.map(Ok))
    };
    changes.iter().map(outcome).collect()
}

/// The same on the controller's own listener, where nobody's checks come first: only what the controller itself does
/// not know of is checked here, which is loggers and regular expressions.
pub(super) fn check_on_controller(
    changes: &[Change<'_>],
    config: &BrokerConfig,
) -> Vec<Option<Result<(), Refusal>>> {
    let outcome = |change: &Change<'_>| match ResourceType(change.kind) {
        ResourceType::BROKER_LOGGER => Some(change_loggers(change, config.node_id())),
        ResourceType::CLIENT_METRICS => check_patterns(change).err().map(Err),
        _ => None,
    };
    changes.iter().map(outcome).collect()
}

/// Whether a subscription's patterns are regular expressions.
fn check_patterns(change: &Change<'_>) -> Result<(), Refusal> {
    let matches = change
        .entries
        .iter()
        .filter(|entry| entry.key == "match" && entry.operation != DELETE);
    let items = matches
        .filter_map(|entry| entry.value)
        .flat_map(|value| value.split(','));
    let mut patterns = items.map(str::trim).filter(|item| !item.is_empty());
    match patterns.find(|item| !subscriptions::is_pattern(item)) {
        None => Ok(()),
        Some(bad) => Err(Code::INVALID_CONFIG.because(format!(
            "match={bad}: a client is chosen by selector=regular expression"
        ))),
    }
}

/// The controller has not said what became of a resource: a defect.
pub(super) fn unanswered(kind: i8, name: &str) -> Refusal {
    let kind = ResourceType(kind);
    tracing::error!(%kind, name, "the controller left a resource out");
    Code::UNKNOWN_SERVER_ERROR.because(format!("the controller left the {kind} {name:?} out"))
}

/// `Ok(Some(()))` is done, `Ok(None)` is for the controller.
fn check_one(
    change: &Change<'_>,
    mode: Mode,
    config: &BrokerConfig,
    image: &Image,
) -> Result<Option<()>, Refusal> {
    check_entries(&change.entries)?;
    match ResourceType(change.kind) {
        ResourceType::BROKER_LOGGER if mode == Mode::Incremental => {
            change_loggers(change, config.node_id()).map(Some)
        }
        ResourceType::BROKER => check_broker(change, mode, config, image).map(|()| None),
        ResourceType::CLIENT_METRICS | ResourceType::TOPIC | ResourceType::GROUP
            if let Some(entry) = change.entries.iter().find(|entry| !is_operation(entry)) =>
        {
            // Kafka has no code for it here: it fails.
            let why = format!("there is no operation {}", entry.operation);
            Err(Code::UNKNOWN_SERVER_ERROR.because(why))
        }
        ResourceType::CLIENT_METRICS => check_patterns(change).map(|()| None),
        ResourceType::TOPIC | ResourceType::GROUP => Ok(None),
        ResourceType(kind) => Err(Code::INVALID_REQUEST.because(format!(
            "there is no resource type {kind} whose configurations change"
        ))),
    }
}

fn is_operation(entry: &Entry<'_>) -> bool {
    (SET..=SUBTRACT).contains(&entry.operation)
}

fn check_entries(entries: &[Entry<'_>]) -> Result<(), Refusal> {
    let mut keys = BTreeSet::new();
    if let Some(twice) = entries.iter().find(|entry| !keys.insert(entry.key)) {
        return Err(
            Code::INVALID_REQUEST.because(format!("the key {} is in the request twice", twice.key))
        );
    }
    let is_null = |entry: &&Entry<'_>| entry.operation != DELETE && entry.value.is_none();
    let null: Vec<&str> = entries
        .iter()
        .filter(is_null)
        .map(|entry| entry.key)
        .collect();
    if null.is_empty() {
        return Ok(());
    }
    Err(Code::INVALID_REQUEST.because(format!("no value is given for {}", null.join(", "))))
}

fn check_broker(
    change: &Change<'_>,
    mode: Mode,
    config: &BrokerConfig,
    image: &Image,
) -> Result<(), Refusal> {
    if !change.name.is_empty() {
        check_node_id(change.name, config.node_id())?;
    }
    let proposed = match mode {
        Mode::Replace => apply(Configs::new(), &change.entries)?,
        Mode::Incremental => {
            let resource = ConfigResource::new(ResourceType::BROKER, change.name);
            apply(image.configs(&resource).clone(), &change.entries)?
        }
    };
    let scope = if change.name.is_empty() {
        Scope::AllBrokers
    } else {
        Scope::OneBroker
    };
    config.check_change(scope, &proposed).map_err(|broken| {
        let rules: Vec<String> = broken.iter().map(ToString::to_string).collect();
        Code::INVALID_REQUEST.because(rules.join("; "))
    })
}

/// What a broker's dynamic configuration would be.
fn apply(mut to: Configs, entries: &[Entry<'_>]) -> Result<Configs, Refusal> {
    for entry in entries {
        let value = entry.value.unwrap_or_default();
        match entry.operation {
            SET => {
                to.insert(entry.key.to_owned(), value.to_owned());
            }
            DELETE => {
                to.remove(entry.key);
            }
            APPEND | SUBTRACT => {
                let before = list_of(&to, entry.key)?;
                to.insert(
                    entry.key.to_owned(),
                    change_list(&before, value, entry.operation == APPEND),
                );
            }
            other => {
                return Err(Code::INVALID_REQUEST.because(format!("there is no operation {other}")));
            }
        }
    }
    Ok(to)
}

/// The value of a key that is a list.
fn list_of(configs: &Configs, key: &str) -> Result<String, Refusal> {
    let invalid = |why: String| Code::INVALID_CONFIG.because(why);
    let row = Kind::Broker
        .key(key)
        .or_else(|| dynamic_only().iter().find(|row| row.name == key))
        .ok_or_else(|| invalid(format!("there is no key {key}")))?;
    if row.r#type != Type::List {
        return Err(invalid(format!(
            "{key} is no list: nothing can be appended or subtracted"
        )));
    }
    let preset = || match row.preset {
        Preset::Is(text) => text.to_owned(),
        Preset::Required | Preset::Null => String::new(),
    };
    Ok(configs.get(key).cloned().unwrap_or_else(preset))
}

fn change_list(before: &str, value: &str, append: bool) -> String {
    let items = |text: &'_ str| {
        text.split(',')
            .map(str::trim)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let mut list: Vec<String> = items(before)
        .into_iter()
        .filter(|item| !item.is_empty())
        .collect();
    for item in items(value) {
        let at = list.iter().position(|other| *other == item);
        match (append, at) {
            (true, None) => list.push(item),
            (false, Some(at)) => drop(list.remove(at)),
            _ => {}
        }
    }
    list.join(",")
}

/// A broker here has no loggers: what can be asked of them is refused as Kafka refuses it of loggers that do not exist.
fn change_loggers(change: &Change<'_>, node_id: i32) -> Result<(), Refusal> {
    check_node_id(change.name, node_id)?;
    let Some(entry) = change.entries.first() else {
        return Ok(());
    };
    Err(match entry.operation {
        SET | DELETE => Code::INVALID_CONFIG.because(format!(
            "there is no logger {}: set RUST_LOG and restart the broker",
            entry.key
        )),
        APPEND | SUBTRACT => Code::INVALID_REQUEST
            .because("nothing can be appended to or subtracted from a log level"),
        other => Code::INVALID_REQUEST.because(format!("there is no operation {other}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{nodes::tests::image, topics::auto_create::tests::config};

    type Outcome = Option<Result<(), i16>>;
    type Entries<'a> = &'a [(&'a str, i8, Option<&'a str>)];

    fn outcomes(changes: &[(i8, &str, Entries<'_>)], mode: Mode) -> Vec<Outcome> {
        let changes: Vec<Change<'_>> = changes
            .iter()
            .map(|(kind, name, entries)| Change {
                kind: *kind,
                name,
                entries: entries
                    .iter()
                    .map(|(key, operation, value)| Entry {
                        key,
                        operation: *operation,
                        value: *value,
                    })
                    .collect(),
            })
            .collect();
        let checked = check(&changes, mode, &config(&[("node.id", "1")]), &image());
        checked
            .into_iter()
            .map(|outcome| outcome.map(|result| result.map_err(|refusal| refusal.code.0)))
            .collect()
    }

    fn one(kind: i8, name: &str, entry: (&str, i8, Option<&str>)) -> Outcome {
        outcomes(&[(kind, name, &[entry])], Mode::Incremental)[0]
    }

    #[test]
    fn topics_groups_and_subscriptions_are_the_controllers() {
        for kind in [2, 16, 32] {
            assert_eq!(one(kind, "x", ("anything", SET, Some("1"))), None);
        }
        assert_eq!(one(64, "x", ("a", SET, Some("1"))), Some(Err(42)));
        assert_eq!(one(0, "x", ("a", SET, Some("1"))), Some(Err(42)));
    }

    #[test]
    fn nothing_twice_and_nothing_without_a_value() {
        let twice: Entries<'_> = &[("a", SET, Some("1")), ("a", DELETE, None)];
        assert_eq!(
            outcomes(&[(2, "x", twice)], Mode::Incremental),
            [Some(Err(42))]
        );
        assert_eq!(
            outcomes(
                &[(2, "x", &[]), (2, "y", &[]), (2, "x", &[])],
                Mode::Replace
            ),
            [Some(Err(42)), None, Some(Err(42))]
        );
        assert_eq!(one(2, "x", ("a", SET, None)), Some(Err(42)));
        assert_eq!(one(2, "x", ("a", DELETE, None)), None);
    }

    #[test]
    fn brokers_check_what_they_could_live_with() {
        assert_eq!(one(4, "1", ("num.io.threads", SET, Some("9"))), None);
        assert_eq!(one(4, "", ("num.io.threads", SET, Some("9"))), None);
        assert_eq!(
            one(4, "2", ("num.io.threads", SET, Some("9"))),
            Some(Err(42))
        );
        assert_eq!(
            one(4, "x", ("num.io.threads", SET, Some("9"))),
            Some(Err(42))
        );
        assert_eq!(
            one(4, "1", ("num.io.threads", SET, Some("none"))),
            Some(Err(42))
        );
        assert_eq!(one(4, "1", ("node.id", SET, Some("9"))), Some(Err(42)));
        assert_eq!(one(4, "1", ("num.io.threads", 9, Some("9"))), Some(Err(42)));
        assert_eq!(
            one(4, "1", ("num.io.threads", APPEND, Some("9"))),
            Some(Err(40))
        );
        assert_eq!(
            one(4, "1", ("no.such.key", APPEND, Some("9"))),
            Some(Err(40))
        );
        assert_eq!(
            one(4, "1", ("log.cleanup.policy", APPEND, Some("compact"))),
            None
        );
    }

    #[test]
    fn operations_that_kafka_does_not_have() {
        assert_eq!(one(2, "x", ("a", 4, Some("1"))), Some(Err(-1)));
        assert_eq!(one(32, "x", ("a", -1, Some("1"))), Some(Err(-1)));
        assert_eq!(one(2, "x", ("a", SUBTRACT, Some("1"))), None);
    }

    #[test]
    fn patterns_are_regular_expressions() {
        for (value, outcome) in [
            ("client_id=a.*,client_software_name=x", None),
            ("", None),
            ("client_id=(", Some(Err(40))),
            ("client_id", Some(Err(40))),
        ] {
            assert_eq!(
                one(16, "s", ("match", SET, Some(value))),
                outcome,
                "{value}"
            );
        }
        assert_eq!(one(16, "s", ("match", DELETE, Some("("))), None);
    }

    #[test]
    fn loggers_are_changed_here() {
        assert_eq!(one(8, "1", ("kafka", SET, Some("INFO"))), Some(Err(40)));
        assert_eq!(one(8, "1", ("kafka", APPEND, Some("INFO"))), Some(Err(42)));
        assert_eq!(one(8, "2", ("kafka", SET, Some("INFO"))), Some(Err(42)));
        assert_eq!(
            outcomes(&[(8, "1", &[])], Mode::Incremental),
            [Some(Ok(()))]
        );
        assert_eq!(outcomes(&[(8, "1", &[])], Mode::Replace), [Some(Err(42))]);
    }

    #[test]
    fn lists_grow_and_shrink() {
        assert_eq!(change_list("a,b", "b,c", true), "a,b,c");
        assert_eq!(change_list("", "c", true), "c");
        assert_eq!(change_list("a,b,c", "b,x", false), "a,c");
    }
}
