//! DescribeConfigs' answers against those of a running Apache Kafka 4.4.0.

use std::collections::BTreeMap;

use ottla_config::{
    BrokerConfig, Described, Source, Type, describe_all_brokers, describe_broker,
    describe_client_metrics, describe_created_topic, describe_group, describe_topic,
};

const KAFKA: &str = include_str!("kafka-4.4-describe.tsv");

fn source(source: Source) -> &'static str {
    match source {
        Source::Topic => "DYNAMIC_TOPIC_CONFIG",
        Source::DynamicBroker => "DYNAMIC_BROKER_CONFIG",
        Source::DynamicDefaultBroker => "DYNAMIC_DEFAULT_BROKER_CONFIG",
        Source::StaticBroker => "STATIC_BROKER_CONFIG",
        Source::Default => "DEFAULT_CONFIG",
        Source::DynamicBrokerLogger => "DYNAMIC_BROKER_LOGGER_CONFIG",
        Source::ClientMetrics => "DYNAMIC_CLIENT_METRICS_CONFIG",
        Source::Group => "DYNAMIC_GROUP_CONFIG",
    }
}

/// A key as a line of the fixture.
fn line(resource: &str, key: &Described) -> String {
    let types = [
        Type::Boolean,
        Type::String,
        Type::Int,
        Type::Short,
        Type::Long,
        Type::Double,
        Type::List,
        Type::Class,
        Type::Password,
    ];
    let r#type = types
        .iter()
        .find(|r#type| **r#type as i8 == key.config_type)
        .map_or("UNKNOWN", |r#type| r#type.name());
    let synonyms: Vec<_> = key
        .synonyms
        .iter()
        .map(|s| {
            format!(
                "{}={}@{}",
                s.name,
                s.value.as_deref().unwrap_or("null"),
                source(s.source)
            )
        })
        .collect();
    let flags = [("sensitive", key.is_sensitive), ("readonly", key.read_only)];
    let flags: String = flags
        .iter()
        .filter(|(_, is_so)| *is_so)
        .map(|(name, _)| *name)
        .collect();
    format!(
        "={resource}\t{}\t{}\t{}\t{flags}\t{type}\t{}",
        key.name,
        key.value.as_deref().unwrap_or("null"),
        source(key.source),
        synonyms.join(";")
    )
}

fn given(layer: &str) -> BTreeMap<String, String> {
    let prefix = format!("{layer}\t");
    let lines = KAFKA
        .lines()
        .filter_map(|line| line.strip_prefix(&prefix)?.split_once('='));
    lines
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

#[test]
fn kafka_describes_the_same() {
    let statics = given("static").into_iter().collect();
    let config = BrokerConfig::load(&[statics], &mut |_| Ok(None))
        .expect("Kafka started with it")
        .config;
    let (config, ignored) = config.with_dynamic(&given("default"), &given("broker"));
    assert_eq!(ignored, []);
    let described = [
        ("topic", describe_topic(&config, &given("topic"))),
        ("group", describe_group(&config, &given("group"))),
        ("metrics", describe_client_metrics(&given("metrics"))),
        ("default", describe_all_brokers(&config)),
        ("broker", describe_broker(&config)),
    ];
    let ours: Vec<_> = described
        .iter()
        .flat_map(|(name, keys)| keys.iter().map(|key| line(name, key)))
        .collect();
    let kafkas: Vec<_> = KAFKA
        .lines()
        .filter(|line| line.starts_with('='))
        .map(str::to_owned)
        .collect();
    assert!(kafkas.len() > 400);
    let missing: Vec<_> = kafkas.iter().filter(|line| !ours.contains(line)).collect();
    let extra: Vec<_> = ours.iter().filter(|line| !kafkas.contains(line)).collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "missing: {missing:#?}\nextra: {extra:#?}"
    );
}

#[test]
fn a_new_topic_has_a_brokers_values_in_any_unit() {
    let statics = [("log.roll.hours", "5"), ("log.retention.minutes", "7")]
        .map(|(key, value)| (key.to_owned(), value.to_owned()));
    let load = [ottla_config::zero_configuration(), statics.into()];
    let loaded = BrokerConfig::load(&load, &mut |_| Ok(None));
    let dynamic = [("log.roll.ms".to_owned(), "900000".to_owned())].into();
    let (config, ignored) = loaded
        .expect("it is valid")
        .config
        .with_dynamic(&dynamic, &BTreeMap::new());
    assert_eq!(ignored, []);
    let own = [("flush.ms".to_owned(), "3".to_owned())].into();
    for (name, value, source, described) in [
        ("segment.ms", "900000", 3, 3),
        ("retention.ms", "420000", 4, 5),
        ("segment.jitter.ms", "0", 5, 5),
        ("flush.ms", "3", 1, 1),
    ] {
        let of = |all: Vec<Described>| all.into_iter().find(|key| key.name == name).unwrap();
        let new = of(describe_created_topic(&config, &own));
        assert_eq!(new.value.as_deref(), Some(value), "{name}");
        let old = of(describe_topic(&config, &own));
        assert_eq!(
            [new.source as i8, old.source as i8],
            [source, described],
            "{name}"
        );
    }
}

#[test]
fn known_keys_are_documented() {
    let config = BrokerConfig::load(&[ottla_config::zero_configuration()], &mut |_| Ok(None))
        .expect("it is valid")
        .config;
    assert!(
        describe_broker(&config)
            .iter()
            .all(|key| key.documentation.is_some())
    );
    assert!(
        describe_topic(&config, &BTreeMap::new())
            .iter()
            .all(|key| key.documentation.is_some())
    );
}
