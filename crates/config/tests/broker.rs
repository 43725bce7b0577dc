//! Whole broker configurations: what Apache Kafka 4.4.0 accepts and refuses, and how errors read.

use std::collections::BTreeMap;

use ottla_config::{BrokerConfig, Invalid, Loaded, Pairs, SecurityProtocol, zero_configuration};

const CASES: &str = include_str!("kafka-4.4-broker-cases.txt");

fn pairs(items: &[(&str, &str)]) -> Pairs {
    items
        .iter()
        .map(|(key, value)| (key.to_string(), value.to_string()))
        .collect()
}

fn base() -> Pairs {
    pairs(&[
        ("node.id", "1"),
        ("process.roles", "broker,controller"),
        (
            "listeners",
            "PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093",
        ),
        ("controller.listener.names", "CONTROLLER"),
        ("controller.quorum.bootstrap.servers", "127.0.0.1:9093"),
    ])
}

fn load(pairs: Pairs) -> Result<Loaded, Vec<Invalid>> {
    BrokerConfig::load(&[pairs], &mut |_| Ok(None))
}

fn with(changes: &[(&str, &str)]) -> Result<Loaded, Vec<Invalid>> {
    BrokerConfig::load(&[base(), pairs(changes)], &mut |_| Ok(None))
}

/// A case's changes; a word that neither holds `=` nor begins with `-` belongs to the value before it.
fn changed(changes: &str) -> Pairs {
    let mut pairs = base();
    for word in changes.split(' ') {
        match (word.strip_prefix('-'), word.split_once('=')) {
            (Some(gone), None) => pairs.retain(|(key, _)| key != gone),
            (_, Some((key, value))) => pairs.push((key.to_owned(), value.to_owned())),
            _ => {
                let (_, value) = pairs.last_mut().expect("the base has pairs");
                value.push(' ');
                value.push_str(word);
            }
        }
    }
    pairs
}

#[test]
fn kafka_accepts_and_refuses_the_same() {
    let (mut cases, mut wrong) = (0, Vec::new());
    for line in CASES
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let (verdict, changes) = line.split_once(' ').expect("a verdict and changes");
        let loaded = load(changed(changes));
        let ours = if loaded.is_ok() { "accept" } else { "refuse" };
        if verdict != ours && !(verdict == "start" && ours == "refuse") {
            wrong.push(format!("{line}: {:?}", loaded.err()));
        }
        cases += 1;
    }
    assert!(cases > 150, "only {cases} cases");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_zero_configuration_starts_one_node() {
    let loaded = load(zero_configuration()).expect("it is valid");
    let config = loaded.config;
    assert_eq!(loaded.warnings, Vec::<String>::new());
    assert_eq!(config.node_id(), 1);
    assert!(config.is_broker() && config.is_controller());
    assert_eq!(config.log_dirs(), ["./ottla-data"]);
    assert_eq!(config.metadata_log_dir(), "./ottla-data");
    assert_eq!(
        config.quorum_bootstrap_servers(),
        [("127.0.0.1".to_owned(), 9093)]
    );
    assert_eq!(config.quorum_voters(), []);
    let shown: Vec<_> = config
        .listeners()
        .broker()
        .map(ToString::to_string)
        .collect();
    assert_eq!(shown, ["PLAINTEXT://127.0.0.1:9092"]);
    let shown: Vec<_> = config
        .listeners()
        .advertised_controller()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(shown, ["CONTROLLER://127.0.0.1:9093"]);
    assert_eq!(config.listeners().early_start, ["CONTROLLER"]);
    assert_eq!(config.short("offsets.topic.replication.factor"), 1);
}

#[test]
fn every_error_is_reported_with_key_value_and_rule() {
    let errors = with(&[
        ("log.segment.bytes", "10"),
        ("num.io.threads", "many"),
        ("ssl.key.password", "s3cret"),
    ]);
    let shown: Vec<_> = errors
        .expect_err("two are wrong")
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        shown,
        [
            "log.segment.bytes=10: must be at least 1048576",
            "num.io.threads=many: must be a whole number of 32 bits"
        ]
    );
    let errors = with(&[
        ("controller.quorum.voters", "7@h:1"),
        ("log.retention.ms", "0"),
    ]);
    let keys: Vec<_> = errors
        .expect_err("two are wrong")
        .into_iter()
        .map(|error| error.key)
        .collect();
    assert_eq!(keys, ["log.retention.ms", "controller.quorum.voters"]);
}

#[test]
fn the_last_layer_wins() {
    let layers = [
        base(),
        pairs(&[("num.io.threads", "3"), ("num.network.threads", "4")]),
        pairs(&[("num.io.threads", "5")]),
    ];
    let config = BrokerConfig::load(&layers, &mut |_| Ok(None))
        .expect("it is valid")
        .config;
    assert_eq!(
        (
            config.int("num.io.threads"),
            config.int("num.network.threads")
        ),
        (5, 4)
    );
}

#[test]
fn unknown_keys_are_warnings() {
    let loaded = with(&[
        ("zookeeper.connect", "h"),
        ("listener.name.x.ssl.protocol", "TLSv1.3"),
        ("rsm.config.a", "b"),
    ]);
    let warnings = loaded.expect("unknown keys are no errors").warnings;
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(
        warnings[0].starts_with("zookeeper.connect "),
        "{warnings:?}"
    );
}

#[test]
fn retention_and_roll_follow_the_finest_unit() {
    let of = |changes: &[(&str, &str)]| with(changes).expect("it is valid").config;
    assert_eq!(of(&[]).log_retention_ms(), Some(168 * 3_600_000));
    assert_eq!(
        of(&[("log.retention.minutes", "2")]).log_retention_ms(),
        Some(120_000)
    );
    assert_eq!(
        of(&[("log.retention.minutes", "2"), ("log.retention.ms", "7")]).log_retention_ms(),
        Some(7)
    );
    assert_eq!(
        of(&[("log.retention.hours", "-1")]).log_retention_ms(),
        None
    );
    assert_eq!(of(&[("log.roll.hours", "2")]).log_roll_ms(), 7_200_000);
    assert_eq!(of(&[("log.roll.ms", "2")]).log_roll_ms(), 2);
    assert_eq!(
        of(&[("log.roll.jitter.hours", "1")]).log_roll_jitter_ms(),
        3_600_000
    );
    assert_eq!(of(&[]).log_flush_interval_ms(), i64::MAX);
}

#[test]
fn listeners_have_their_own_values() {
    let config = with(&[
        ("ssl.key.password", "base"),
        ("listener.name.controller.ssl.key.password", " own "),
        ("listeners", "PLAINTEXT://:9092,CONTROLLER://:9093"),
    ]);
    let config = config.expect("it is valid").config;
    assert_eq!(
        config
            .for_listener("CONTROLLER", "ssl.key.password")
            .as_deref(),
        Some("own")
    );
    assert_eq!(
        config
            .for_listener("PLAINTEXT", "ssl.key.password")
            .as_deref(),
        Some("base")
    );
    assert_eq!(config.for_listener("PLAINTEXT", "ssl.keystore.key"), None);
    assert_eq!(
        config.listeners().protocols["CONTROLLER"],
        SecurityProtocol::Plaintext
    );
}

#[test]
fn what_is_printed_for_developers_hides_passwords() {
    let config = with(&[
        ("ssl.key.password", "swordfish"),
        ("listener.name.plaintext.ssl.key.password", "swordfish"),
    ]);
    assert!(!format!("{config:?}").contains("swordfish"));
}

#[test]
fn references_are_read_by_the_caller() {
    let layers = [
        base(),
        pairs(&[
            ("config.providers", "env"),
            (
                "config.providers.env.class",
                "org.apache.kafka.common.config.provider.EnvVarConfigProvider",
            ),
            ("num.io.threads", "${env:THREADS}"),
        ]),
    ];
    let loaded = BrokerConfig::load(&layers, &mut |reference| {
        Ok((reference.key == "THREADS").then(|| "6".to_owned()))
    });
    assert_eq!(loaded.expect("it is valid").config.int("num.io.threads"), 6);
}

#[test]
fn dynamic_values_stand_before_static_ones() {
    let config = with(&[("num.io.threads", "3"), ("message.max.bytes", "5")])
        .expect("it is valid")
        .config;
    let map = |items: &[(&str, &str)]| pairs(items).into_iter().collect::<BTreeMap<_, _>>();
    let (config, ignored) = config.with_dynamic(
        &map(&[
            ("num.io.threads", "4"),
            ("message.max.bytes", "6"),
            ("leader.replication.throttled.rate", "9"),
        ]),
        &map(&[("num.io.threads", "5"), ("log.segment.bytes", "1")]),
    );
    assert_eq!(
        (
            config.int("num.io.threads"),
            config.int("message.max.bytes")
        ),
        (5, 6)
    );
    assert_eq!(config.long("leader.replication.throttled.rate"), 9);
    assert_eq!(
        config.int("log.segment.bytes"),
        1 << 30,
        "a value that does not fit is left out"
    );
    let ignored: Vec<_> = ignored.iter().map(ToString::to_string).collect();
    assert_eq!(ignored, ["log.segment.bytes=1: must be at least 1048576"]);
}

#[test]
fn set_keys_without_effect_are_named() {
    let config = with(&[("sasl.kerberos.kinit.cmd", "/x")])
        .expect("it is valid")
        .config;
    assert!(
        config
            .set_without_effect()
            .contains(&"sasl.kerberos.kinit.cmd")
    );
}
