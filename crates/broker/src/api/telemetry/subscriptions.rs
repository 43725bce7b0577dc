//! Subscriptions: which metrics which clients should send, how often. They are configurations of the resource type
//! `client-metrics`, with the keys `metrics`, `interval.ms` and `match`.

use std::collections::{BTreeMap, BTreeSet};

use ottla_metadata::image::Configs;
use ottla_wire::Uuid;
use regex::{Regex, RegexBuilder};

use crate::api::Cx;

/// How often a client sends when no subscription says so.
const DEFAULT_INTERVAL_MS: i32 = 300_000;
/// A subscription to all metrics.
const ALL: &str = "*";
/// The most bytes that a compiled pattern may take.
const PATTERN_LIMIT: usize = 1 << 20;

/// What is known of a client, by the names that patterns use.
pub(super) type Attributes = BTreeMap<&'static str, String>;

/// The attributes of the client that asks.
pub(super) fn attributes(cx: &Cx, client: Uuid) -> Attributes {
    let software = cx.software();
    [
        ("client_instance_id", client.to_string()),
        ("client_id", cx.client_id.clone().unwrap_or_default()),
        ("client_software_name", software.name),
        ("client_software_version", software.version),
        ("client_source_address", cx.peer.ip().to_string()),
        ("client_source_port", cx.peer.port().to_string()),
    ]
    .into()
}

/// What one client should send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Subscription {
    /// Names this very set of metrics, for this client.
    pub(super) id: i32,
    /// Prefixes of metrics; `*` is all.
    pub(super) metrics: Vec<String>,
    /// How often.
    pub(super) interval_ms: i32,
}

/// All subscriptions, in a version that rises with each change.
#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    version: u64,
    source: Vec<(String, Configs)>,
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    metrics: Vec<String>,
    interval_ms: i32,
    matches: Vec<(String, Regex)>,
}

impl Subscriptions {
    /// Rises with each change.
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    /// Takes over what the configurations say now.
    pub(super) fn follow(&mut self, now: &[(&str, &Configs)]) {
        let same = now.iter().copied().eq(self
            .source
            .iter()
            .map(|(name, configs)| (name.as_str(), configs)));
        if same {
            return;
        }
        self.source = now
            .iter()
            .map(|(name, configs)| ((*name).to_owned(), (*configs).clone()))
            .collect();
        self.rules = self
            .source
            .iter()
            .filter_map(|(name, configs)| rule(name, configs))
            .collect();
        self.version += 1;
    }

    /// What a client should send: the union of what it is subscribed to, at the shortest of the intervals.
    pub(super) fn of(&self, client: Uuid, attributes: &Attributes) -> Subscription {
        let mut metrics = BTreeSet::new();
        let mut interval_ms = DEFAULT_INTERVAL_MS;
        for rule in self.rules.iter().filter(|rule| rule.is_for(attributes)) {
            metrics.extend(rule.metrics.iter().map(String::as_str));
            interval_ms = interval_ms.min(rule.interval_ms);
        }
        if metrics.contains(ALL) {
            metrics = [ALL].into();
        }
        let metrics: Vec<String> = metrics.into_iter().map(str::to_owned).collect();
        Subscription {
            id: id(&metrics, interval_ms, client),
            metrics,
            interval_ms,
        }
    }
}

impl Rule {
    fn is_for(&self, attributes: &Attributes) -> bool {
        let fits = |(name, pattern): &(String, Regex)| {
            attributes
                .get(name.as_str())
                .is_some_and(|value| pattern.is_match(value))
        };
        self.matches.iter().all(fits)
    }
}

/// A resource as a rule; `None`, with a line in the log, for one that the controller should not have let in.
fn rule(name: &str, configs: &Configs) -> Option<Rule> {
    let list = |key: &str| {
        let items = configs
            .get(key)
            .map_or("", String::as_str)
            .split(',')
            .map(str::trim);
        items
            .filter(|item| !item.is_empty())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let interval_ms = match configs.get("interval.ms") {
        None => Some(DEFAULT_INTERVAL_MS),
        Some(text) => text.trim().parse().ok(),
    };
    let matches: Option<Vec<_>> = list("match").iter().map(|text| pattern(text)).collect();
    let (Some(interval_ms), Some(matches)) = (interval_ms, matches) else {
        tracing::warn!(
            name,
            "a subscription to client metrics cannot be read and is left out"
        );
        return None;
    };
    Some(Rule {
        metrics: list("metrics"),
        interval_ms,
        matches,
    })
}

/// Whether this chooses clients.
pub(in crate::api) fn is_pattern(text: &str) -> bool {
    pattern(text).is_some()
}

/// `selector=regular expression`, for the whole value.
fn pattern(text: &str) -> Option<(String, Regex)> {
    let (name, pattern) = text.split_once('=')?;
    let whole = format!("^(?:{})$", pattern.trim());
    let regex = RegexBuilder::new(&whole)
        .size_limit(PATTERN_LIMIT)
        .build()
        .ok()?;
    Some((name.trim().to_owned(), regex))
}

/// Another id for every other set of metrics, interval or client.
fn id(metrics: &[String], interval_ms: i32, client: Uuid) -> i32 {
    let text = format!("[{}]{interval_ms}", metrics.join(", "));
    let crc = crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32Iscsi, text.as_bytes()) as u32;
    let parts = client.0.chunks_exact(4);
    let client = parts.fold(0, |hash, part| {
        hash ^ part
            .iter()
            .fold(0, |word, byte| word << 8 | u32::from(*byte))
    });
    (crc ^ client).cast_signed()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    const CLIENT: Uuid = Uuid::from_u128(7);

    /// Subscriptions as resources with their keys.
    pub(in super::super) fn subscriptions(resources: &[(&str, &[(&str, &str)])]) -> Subscriptions {
        let mut subscriptions = Subscriptions::default();
        change(&mut subscriptions, resources);
        subscriptions
    }

    /// Other resources.
    pub(in super::super) fn change(
        subscriptions: &mut Subscriptions,
        resources: &[(&str, &[(&str, &str)])],
    ) {
        let own = |pairs: &[(&str, &str)]| {
            pairs
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect::<Configs>()
        };
        let configs: Vec<(&str, Configs)> = resources
            .iter()
            .map(|(name, pairs)| (*name, own(pairs)))
            .collect();
        subscriptions.follow(
            &configs
                .iter()
                .map(|(name, configs)| (*name, configs))
                .collect::<Vec<_>>(),
        );
    }

    fn client(name: &str) -> Attributes {
        [
            ("client_id", name.to_owned()),
            ("client_software_version", "4.4.0".to_owned()),
        ]
        .into()
    }

    #[test]
    fn a_client_gets_the_union_at_the_shortest_interval() {
        let subscriptions = subscriptions(&[
            (
                "one",
                &[
                    ("metrics", "b, a"),
                    ("interval.ms", "60000"),
                    ("match", "client_id=x.*"),
                ],
            ),
            (
                "two",
                &[
                    ("metrics", "a,c"),
                    ("interval.ms", "1000"),
                    ("match", "client_id=xy,client_software_version=4\\..*"),
                ],
            ),
            ("three", &[("metrics", "d"), ("match", "client_id=nobody")]),
        ]);
        let of = |name| {
            let found = subscriptions.of(CLIENT, &client(name));
            (found.metrics.join(" "), found.interval_ms)
        };
        assert_eq!(of("xy"), ("a b c".to_owned(), 1000));
        assert_eq!(of("xyz"), ("a b".to_owned(), 60_000));
        assert_eq!(of("y"), (String::new(), 300_000));
    }

    #[test]
    fn a_pattern_is_for_the_whole_value() {
        let subscriptions =
            subscriptions(&[("one", &[("metrics", "a"), ("match", "client_id=x|y")])]);
        let count = |name| subscriptions.of(CLIENT, &client(name)).metrics.len();
        assert_eq!([count("x"), count("y"), count("xy")], [1, 1, 0]);
        assert!(pattern("client_id").is_none() && pattern("client_id=(").is_none());
    }

    #[test]
    fn all_is_all() {
        let subscriptions =
            subscriptions(&[("one", &[("metrics", "a")]), ("two", &[("metrics", "*")])]);
        assert_eq!(subscriptions.of(CLIENT, &client("x")).metrics, ["*"]);
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        let subscriptions = subscriptions(&[
            ("one", &[("metrics", "a"), ("match", "client_id=(")]),
            ("two", &[("metrics", "b"), ("interval.ms", "often")]),
            ("three", &[("metrics", "c")]),
        ]);
        assert_eq!(subscriptions.of(CLIENT, &client("x")).metrics, ["c"]);
    }

    #[test]
    fn an_id_is_of_metrics_interval_and_client() {
        let of = |metrics: &[&str], interval_ms, client| {
            let metrics: Vec<String> = metrics.iter().map(|name| (*name).to_owned()).collect();
            id(&metrics, interval_ms, client)
        };
        assert_eq!(
            of(&["*"], 300_000, CLIENT) ^ of(&["*"], 300_000, Uuid::ZERO),
            7
        );
        assert_ne!(of(&["*"], 300_000, CLIENT), of(&["*"], 300_001, CLIENT));
        assert_ne!(of(&["a"], 300_000, CLIENT), of(&["b"], 300_000, CLIENT));
    }

    #[test]
    fn the_version_rises_only_with_a_change() {
        let mut subscriptions = subscriptions(&[("one", &[("metrics", "a")])]);
        let before = subscriptions.version();
        change(&mut subscriptions, &[("one", &[("metrics", "a")])]);
        assert_eq!(subscriptions.version(), before);
        change(
            &mut subscriptions,
            &[("one", &[("metrics", "a"), ("interval.ms", "100")])],
        );
        assert_eq!(subscriptions.version(), before + 1);
        change(&mut subscriptions, &[]);
        assert!(subscriptions.of(CLIENT, &client("x")).metrics.is_empty());
    }
}
