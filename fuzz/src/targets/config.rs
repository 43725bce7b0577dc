//! Configuration as text.

use std::{collections::BTreeMap, sync::LazyLock};

use ottla_config::{
    BrokerConfig, Kind, Pairs, check_group, check_topic, effective_group, effective_topic, key_of,
    parse_host_port, parse_voters, properties, read_environment, zero_configuration,
};
use ottla_wire::random::Random;

use super::{Choices, pick};
use crate::Target;

/// The text of a properties file.
pub(super) static PROPERTIES: Target = Target {
    name: "properties",
    valid: |source| {
        let pairs: Pairs = (0..source.below(8))
            .map(|_| (source.string(), source.string()))
            .collect();
        properties::write(&pairs).into_bytes()
    },
    check: |input| {
        let text = properties::decode(input);
        let Ok(pairs) = properties::parse(&text) else {
            return false;
        };
        let again = properties::parse(&properties::write(&pairs));
        assert_eq!(again, Ok(pairs));
        true
    },
};

/// Values that some keys take, and some that none takes.
const VALUES: [&str; 24] = [
    "0",
    "1",
    "-1",
    "9092",
    "3.5",
    "true",
    "false",
    "delete",
    "compact,delete",
    "zstd",
    "producer",
    "LogAppendTime",
    "PLAINTEXT",
    "PLAINTEXT://:9092,CONTROLLER://:9093",
    "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    "1@127.0.0.1:9093",
    "127.0.0.1:9093",
    "[::1]:1",
    "broker,controller",
    "/tmp/a,/tmp/b",
    "${env:HOME}",
    "9223372036854775807",
    "",
    "a:b:c,d=e",
];

/// How many [`pairs`] there may be.
const PAIRS: u8 = 6;

/// Keys that there are, each with any of [`VALUES`]; then the text of a properties file.
fn pairs(kind: Kind, input: &[u8]) -> Pairs {
    let mut choices = Choices(input);
    let keys = kind.keys();
    let mut pairs: Pairs = (0..choices.byte() % PAIRS)
        .map(|_| {
            let key = &keys[usize::from(choices.word()) % keys.len()];
            let value = VALUES[usize::from(choices.byte()) % VALUES.len()];
            (key.name.to_owned(), value.to_owned())
        })
        .collect();
    pairs.extend(parsed(choices.0));
    pairs
}

/// Keys and values that are accepted, if any are found in a few tries, and the text.
fn accepted(source: &mut Random, text: &str, check: fn(&[u8]) -> bool) -> Vec<u8> {
    for count in (0..PAIRS).rev() {
        let mut input = vec![count];
        input.extend((0..3 * count).map(|_| source.next() as u8));
        input.extend_from_slice(text.as_bytes());
        if count == 0 || check(&input) {
            return input;
        }
    }
    Vec::new()
}

fn parsed(input: &[u8]) -> Pairs {
    properties::parse(&properties::decode(input)).unwrap_or_default()
}

/// A broker's properties, on top of the configuration that needs none; and the same as environment variables.
pub(super) static BROKER: Target = Target {
    name: "broker_config",
    valid: |source| {
        let texts = [
            "",
            "log.dirs=/a,/b\nnum.io.threads=4\n",
            "advertised.listeners=PLAINTEXT://a.b:9092\n",
            "config.providers=env\nconfig.providers.env.class=\
             org.apache.kafka.common.config.provider.EnvVarConfigProvider\nlog.retention.ms=${env:X}\n",
        ];
        let text = pick(source, &texts);
        accepted(source, text, check_broker)
    },
    check: check_broker,
};

fn check_broker(input: &[u8]) -> bool {
    let pairs = pairs(Kind::Broker, input);
    for (key, value) in &pairs {
        let _ = (key_of(key), parse_host_port(value));
        let _ = parse_voters(std::slice::from_ref(value));
    }
    let variables = pairs
        .iter()
        .map(|(key, value)| (format!("KAFKA_{key}"), value.clone()));
    let environment = read_environment(variables).pairs;
    let _ = BrokerConfig::load(&[zero_configuration(), environment], &mut |_| Ok(None));
    let _ = BrokerConfig::load(std::slice::from_ref(&pairs), &mut |_| Err("no".to_owned()));
    let loaded = BrokerConfig::load(&[zero_configuration(), pairs], &mut |reference| {
        Ok((!reference.key.is_empty()).then(|| "7".to_owned()))
    });
    match loaded {
        Ok(loaded) => {
            use_all(&loaded.config);
            true
        }
        Err(errors) => {
            assert!(!errors.is_empty());
            false
        }
    }
}

/// All that is worked out from a configuration when it is asked for.
fn use_all(config: &BrokerConfig) {
    let _ = (config.node_id(), config.is_broker(), config.is_controller());
    let _ = (
        config.log_dirs(),
        config.metadata_log_dir(),
        config.cordoned_log_dirs(),
    );
    let _ = (config.quorum_voters(), config.quorum_bootstrap_servers());
    let _ = (
        config.log_retention_ms(),
        config.log_roll_ms(),
        config.log_roll_jitter_ms(),
    );
    let _ = (
        config.log_flush_interval_ms(),
        config.max_connections_per_ip_overrides(),
    );
    let _ = config.set_without_effect();
    let _ = effective_topic(config, &BTreeMap::new());
}

/// A topic's and a group's own values.
pub(super) static OWNED: Target = Target {
    name: "owned_config",
    valid: |source| {
        let texts = [
            "",
            "cleanup.policy=compact\nretention.ms=-1\n",
            "segment.bytes=2000000\ncompression.type=zstd\n",
        ];
        let text = pick(source, &texts);
        accepted(source, text, check_owned)
    },
    check: check_owned,
};

fn check_owned(input: &[u8]) -> bool {
    static BROKER: LazyLock<BrokerConfig> = LazyLock::new(|| {
        let loaded = BrokerConfig::load(&[zero_configuration()], &mut |_| Ok(None));
        loaded.expect("it is a whole configuration").config
    });
    let group: BTreeMap<_, _> = pairs(Kind::Group, input).into_iter().collect();
    let _ = (
        effective_group(&BROKER, &group),
        check_group(&BROKER, &group),
    );
    let broker: BTreeMap<_, _> = pairs(Kind::Broker, input).into_iter().collect();
    let _ = BROKER.with_dynamic(&broker, &broker);
    let topic: BTreeMap<_, _> = pairs(Kind::Topic, input).into_iter().collect();
    let (settings, refused) = effective_topic(&BROKER, &topic);
    let sound = check_topic(&BROKER, &BTreeMap::new(), &topic).is_ok();
    assert!(!sound || refused.is_empty(), "{refused:?}");
    let _ = settings;
    sound
}
