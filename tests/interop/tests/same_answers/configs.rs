//! Requests that describe and change configurations.

use ottla_wire::messages::{
    AlterConfigsRequest, DescribeConfigsRequest, DescribeConfigsResponse,
    IncrementalAlterConfigsRequest, alter_configs_request as alter,
    describe_configs_request as describe, incremental_alter_configs_request as change,
};

use crate::both::Both;

/// Kafka's numbers of the kinds of resource.
const KINDS: [i8; 6] = [0, 2, 4, 8, 16, 32];

pub(crate) fn ask(both: &mut Both) {
    changes(both);
    replacements(both);
    both.wait_for("made-7", 0);
    for kind in KINDS {
        for name in ["", "1", "7", "made-7", "made-6", "unknown", "a b"] {
            for keys in [
                None,
                Some(&["retention.ms", "log.retention.ms", "no.such.key"][..]),
                Some(&[]),
            ] {
                // What a broker was started with names its own ports and folders.
                if kind == 4 && keys.is_none_or(<[_]>::is_empty) {
                    continue;
                }
                described(both, kind, name, keys);
            }
        }
    }
}

fn settle(answer: &mut DescribeConfigsResponse) {
    for result in &mut answer.results {
        result.configs.sort_by(|a, b| a.name.cmp(&b.name));
        result.configs.retain(|config| {
            !matches!(
                &*config.name,
                "log.dirs" | "listeners" | "advertised.listeners"
            )
        });
    }
}

fn described(both: &mut Both, kind: i8, name: &str, keys: Option<&[&str]>) {
    for include_synonyms in [false, true] {
        let what = format!("kind {kind}, {name:?}, {keys:?}, synonyms {include_synonyms}");
        both.each_then(
            &what,
            |_, _| DescribeConfigsRequest {
                resources: vec![describe::DescribeConfigsResource {
                    resource_type: kind,
                    resource_name: name.to_owned(),
                    configuration_keys: keys
                        .map(|keys| keys.iter().map(|&key| key.to_owned()).collect()),
                    ..describe::DescribeConfigsResource::default()
                }],
                include_synonyms,
                include_documentation: include_synonyms,
                ..DescribeConfigsRequest::default()
            },
            settle,
        );
    }
}

fn changes(both: &mut Both) {
    let changes: &[(i8, &str, &str, i8, Option<&str>)] = &[
        (2, "made-7", "retention.ms", 0, Some("1234")),
        (2, "made-7", "retention.ms", 0, Some("x")),
        (2, "made-7", "retention.ms", 0, None),
        (2, "made-7", "retention.ms", 9, Some("1")),
        (2, "made-7", "no.such.key", 0, Some("1")),
        (2, "made-7", "no.such.key", 1, None),
        (2, "made-7", "retention.ms", 2, Some("1")),
        (2, "made-7", "cleanup.policy", 2, Some("compact")),
        (2, "made-7", "cleanup.policy", 2, Some("nonsense")),
        (2, "made-7", "cleanup.policy", 3, Some("delete")),
        (2, "made-7", "segment.ms", 1, None),
        (2, "unknown", "retention.ms", 0, Some("1234")),
        (2, "a b", "retention.ms", 0, Some("1234")),
        (2, "", "retention.ms", 0, Some("1234")),
        (4, "1", "log.cleaner.threads", 0, Some("2")),
        (4, "", "log.cleaner.threads", 0, Some("2")),
        (4, "1", "log.cleaner.threads", 0, Some("0")),
        (4, "1", "broker.id", 0, Some("2")),
        (4, "7", "log.cleaner.threads", 0, Some("2")),
        (4, "x", "log.cleaner.threads", 0, Some("2")),
        (4, "", "log.retention.ms", 0, Some("86400000")),
        (8, "1", "kafka.cluster.Partition", 0, Some("INFO")),
        (16, "sub", "interval.ms", 0, Some("1000")),
        (16, "sub", "interval.ms", 0, Some("1")),
        (32, "group", "consumer.session.timeout.ms", 0, Some("50000")),
        (32, "group", "consumer.session.timeout.ms", 0, Some("1")),
        (0, "made-7", "retention.ms", 0, Some("1234")),
        (77, "made-7", "retention.ms", 0, Some("1234")),
    ];
    for validate_only in [true, false] {
        for (kind, name, key, operation, value) in changes {
            let what = format!(
                "kind {kind}, {name:?}: {operation} {key}={value:?}, only checked: {validate_only}"
            );
            both.each(&what, |_, _| IncrementalAlterConfigsRequest {
                resources: vec![change::AlterConfigsResource {
                    resource_type: *kind,
                    resource_name: (*name).to_owned(),
                    configs: vec![change::AlterableConfig {
                        name: (*key).to_owned(),
                        config_operation: *operation,
                        value: value.map(str::to_owned),
                        ..change::AlterableConfig::default()
                    }],
                    ..change::AlterConfigsResource::default()
                }],
                validate_only,
                ..IncrementalAlterConfigsRequest::default()
            });
        }
    }
}

fn replacements(both: &mut Both) {
    for (name, key, value) in [
        ("made-6", "retention.ms", Some("5000")),
        ("made-6", "retention.ms", Some("x")),
        ("made-6", "retention.ms", None),
        ("unknown", "retention.ms", Some("5000")),
    ] {
        both.each(&format!("{name}: {key}={value:?}"), |_, _| {
            AlterConfigsRequest {
                resources: vec![alter::AlterConfigsResource {
                    resource_type: 2,
                    resource_name: name.to_owned(),
                    configs: vec![alter::AlterableConfig {
                        name: key.to_owned(),
                        value: value.map(str::to_owned),
                        ..alter::AlterableConfig::default()
                    }],
                    ..alter::AlterConfigsResource::default()
                }],
                ..AlterConfigsRequest::default()
            }
        });
    }
}
