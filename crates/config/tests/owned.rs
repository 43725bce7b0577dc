//! Values that topics and groups have of their own: what Apache Kafka 4.4.0 accepts and refuses.

use std::collections::BTreeMap;

use ottla_config::{BrokerConfig, check_group, check_topic, zero_configuration};

const CASES: &str = include_str!("kafka-4.4-owned-cases.txt");

fn broker(tiers: bool) -> BrokerConfig {
    let tiering = vec![(
        "remote.log.storage.system.enable".to_owned(),
        tiers.to_string(),
    )];
    let loaded = BrokerConfig::load(&[zero_configuration(), tiering], &mut |_| Ok(None));
    loaded.expect("it is valid").config
}

/// `KEY=VALUE KEY=VALUE`; a word without `=` belongs to the value before it.
fn own(text: &str) -> BTreeMap<String, String> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for word in text.split(' ') {
        match (word.split_once('='), pairs.last_mut()) {
            (Some((key, value)), _) => pairs.push((key.to_owned(), value.to_owned())),
            (None, Some((_, value))) => {
                value.push(' ');
                value.push_str(word);
            }
            (None, None) => panic!("{text} begins without a key"),
        }
    }
    pairs.into_iter().collect()
}

#[test]
fn kafka_accepts_and_refuses_the_same() {
    let (plain, tiering) = (broker(false), broker(true));
    let (mut cases, mut wrong) = (0, Vec::new());
    for line in CASES.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.splitn(3, ' ');
        let (kind, verdict, text) = (words.next(), words.next(), words.next().expect("values"));
        let own = own(text);
        let checked = match kind {
            Some("group") => check_group(&plain, &own),
            _ if own.contains_key("remote.storage.enable") => {
                check_topic(&tiering, &BTreeMap::new(), &own)
            }
            _ => check_topic(&plain, &BTreeMap::new(), &own),
        };
        let ours = if checked.is_ok() { "accept" } else { "refuse" };
        if verdict != Some(ours) {
            wrong.push(format!("{line}: {:?}", checked.err()));
        }
        cases += 1;
    }
    assert!(cases > 100, "only {cases} cases");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
