//! Requests about configurations.

use ottla_wire::{
    Request,
    messages::{
        AlterConfigsRequest, DescribeConfigsRequest, IncrementalAlterConfigsRequest,
        ListConfigResourcesRequest, alter_configs_request, describe_configs_request,
        incremental_alter_configs_request,
    },
};

use crate::both::{Both, strings};

pub(crate) fn configs(both: &mut Both) {
    use describe_configs_request::DescribeConfigsResource;
    let tidy = |answer: &mut <DescribeConfigsRequest as Request>::Response| {
        for result in &mut answer.results {
            if result.resource_type == 8 {
                result.configs.clear();
            }
            result.configs.sort_by(|a, b| a.name.cmp(&b.name));
            // Where the two differ by where they run.
            const PLACES: &[&str] = &[
                "log.dir",
                "listeners",
                "controller.quorum",
                "advertised.listeners",
                "metadata.log.dir",
            ];
            for entry in &mut result.configs {
                if PLACES.iter().any(|place| entry.name.starts_with(place)) {
                    entry.value = None;
                    entry.synonyms.clear();
                }
            }
        }
    };
    for (what, kind, name) in [
        ("topic", 2, "t7"),
        ("unknown topic", 2, "nope"),
        ("bad topic", 2, "no pe"),
        ("broker", 4, "1"),
        ("all brokers", 4, ""),
        ("another broker", 4, "2"),
        ("no broker", 4, "x"),
        ("loggers", 8, "1"),
        ("loggers of nobody", 8, ""),
        ("subscription", 16, "sub"),
        ("no subscription", 16, ""),
        ("group", 32, "g"),
        ("no group", 32, ""),
        ("unknown kind", 3, "x"),
    ] {
        for full in [false, true] {
            let request = |version: i16| DescribeConfigsRequest {
                resources: vec![DescribeConfigsResource {
                    resource_type: kind,
                    resource_name: name.to_owned(),
                    configuration_keys: None,
                    ..Default::default()
                }],
                include_synonyms: full,
                include_documentation: full && version >= 3,
                ..Default::default()
            };
            both.ask(what, 1..=4, request, tidy);
        }
    }
    let named = |_| DescribeConfigsRequest {
        resources: vec![DescribeConfigsResource {
            resource_type: 2,
            resource_name: "t7".to_owned(),
            configuration_keys: Some(strings(&["retention.ms", "nope"])),
            ..Default::default()
        }],
        ..Default::default()
    };
    both.ask("named keys", 4..=4, named, tidy);
}

pub(crate) fn changes(both: &mut Both) {
    use incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig};
    let tidy = |answer: &mut <IncrementalAlterConfigsRequest as Request>::Response| {
        answer.responses.sort_by(|a, b| {
            (a.resource_type, &a.resource_name).cmp(&(b.resource_type, &b.resource_name))
        });
    };
    type Entry = (&'static str, i8, Option<&'static str>);
    type Case = (&'static str, i8, &'static str, &'static [Entry]);
    let resource = |kind: i8, name: &str, entries: &[Entry]| AlterConfigsResource {
        resource_type: kind,
        resource_name: name.to_owned(),
        configs: entries
            .iter()
            .map(|(key, operation, value)| AlterableConfig {
                name: (*key).to_owned(),
                config_operation: *operation,
                value: value.map(str::to_owned),
                ..Default::default()
            })
            .collect(),
        ..Default::default()
    };
    let cases: &[Case] = &[
        ("set", 2, "t7", &[("retention.ms", 0, Some("99999"))]),
        ("append", 2, "t7", &[("cleanup.policy", 2, Some("compact"))]),
        (
            "subtract",
            2,
            "t7",
            &[("cleanup.policy", 3, Some("compact"))],
        ),
        (
            "append to what is no list",
            2,
            "t7",
            &[("retention.ms", 2, Some("1"))],
        ),
        ("delete", 2, "t7", &[("retention.ms", 1, None)]),
        (
            "unknown topic",
            2,
            "nope",
            &[("retention.ms", 0, Some("1"))],
        ),
        ("bad topic", 2, "no pe", &[("retention.ms", 0, Some("1"))]),
        ("unknown key", 2, "t7", &[("no.such", 0, Some("1"))]),
        ("bad value", 2, "t7", &[("retention.ms", 0, Some("soon"))]),
        ("null", 2, "t7", &[("retention.ms", 0, None)]),
        (
            "a key twice",
            2,
            "t7",
            &[
                ("retention.ms", 0, Some("1")),
                ("retention.ms", 0, Some("1")),
            ],
        ),
        (
            "broker",
            4,
            "1",
            &[("message.max.bytes", 0, Some("1048576"))],
        ),
        (
            "all brokers",
            4,
            "",
            &[("message.max.bytes", 0, Some("1048577"))],
        ),
        (
            "another broker",
            4,
            "2",
            &[("message.max.bytes", 0, Some("1048577"))],
        ),
        (
            "no broker",
            4,
            "x",
            &[("message.max.bytes", 0, Some("1048577"))],
        ),
        ("read-only key", 4, "1", &[("node.id", 0, Some("2"))]),
        (
            "bad broker value",
            4,
            "1",
            &[("message.max.bytes", 0, Some("much"))],
        ),
        (
            "append to a number",
            4,
            "1",
            &[("message.max.bytes", 2, Some("1"))],
        ),
        (
            "append to nothing known",
            4,
            "1",
            &[("no.such", 2, Some("1"))],
        ),
        (
            "broker operation",
            4,
            "1",
            &[("message.max.bytes", 9, Some("1"))],
        ),
        (
            "unknown logger",
            8,
            "1",
            &[("no.such.logger", 0, Some("INFO"))],
        ),
        ("logger append", 8, "1", &[("root", 2, Some("INFO"))]),
        ("loggers elsewhere", 8, "2", &[("root", 0, Some("INFO"))]),
        ("loggers of nobody", 8, "", &[("root", 0, Some("INFO"))]),
        (
            "subscription",
            16,
            "sub",
            &[
                ("interval.ms", 0, Some("5000")),
                ("metrics", 0, Some("a,b")),
            ],
        ),
        (
            "bad subscription",
            16,
            "sub",
            &[("interval.ms", 0, Some("1"))],
        ),
        ("bad match", 16, "sub", &[("match", 0, Some("client_id=("))]),
        (
            "group",
            32,
            "g",
            &[("consumer.session.timeout.ms", 0, Some("50000"))],
        ),
        (
            "bad group",
            32,
            "g",
            &[("consumer.session.timeout.ms", 0, Some("1"))],
        ),
        ("unknown group key", 32, "g", &[("no.such", 0, Some("1"))]),
        (
            "nameless group",
            32,
            "",
            &[("consumer.session.timeout.ms", 0, Some("50000"))],
        ),
        ("unknown kind", 3, "x", &[("a", 0, Some("1"))]),
        ("nothing", 2, "t7", &[]),
    ];
    for (what, kind, name, entries) in cases {
        let request = |_| IncrementalAlterConfigsRequest {
            resources: vec![resource(*kind, name, entries)],
            ..Default::default()
        };
        both.ask(what, 0..=1, request, tidy);
        let only_checked = |_| IncrementalAlterConfigsRequest {
            resources: vec![resource(*kind, name, entries)],
            validate_only: true,
            ..Default::default()
        };
        both.ask(
            &format!("{what}, only validated"),
            1..=1,
            only_checked,
            tidy,
        );
    }
    let twice = |_| IncrementalAlterConfigsRequest {
        resources: vec![
            resource(2, "t7", &[]),
            resource(2, "t6", &[("retention.ms", 0, Some("7"))]),
            resource(2, "t7", &[]),
        ],
        ..Default::default()
    };
    both.ask("a resource twice", 1..=1, twice, tidy);
    replaced(both);
    let listed = |answer: &mut <ListConfigResourcesRequest as Request>::Response| {
        answer.config_resources.sort_by(|a, b| {
            (a.resource_type, &a.resource_name).cmp(&(b.resource_type, &b.resource_name))
        });
    };
    both.ask(
        "all",
        0..=1,
        |_| ListConfigResourcesRequest::default(),
        listed,
    );
    for kinds in [&[2][..], &[16, 32], &[4, 8], &[3], &[2, 3]] {
        let request = |_| ListConfigResourcesRequest {
            resource_types: kinds.to_vec(),
            ..Default::default()
        };
        both.ask(&format!("{kinds:?}"), 1..=1, request, listed);
    }
    // What was changed is described alike.
    configs(both);
}

pub(crate) fn replaced(both: &mut Both) {
    use alter_configs_request::{AlterConfigsResource, AlterableConfig};
    type Case<'a> = (&'a str, i8, &'a str, &'a [(&'a str, Option<&'a str>)]);
    let cases: &[Case<'_>] = &[
        ("topic", 2, "t6", &[("retention.ms", Some("99999"))]),
        ("unknown topic", 2, "nope", &[("retention.ms", Some("1"))]),
        ("unknown key", 2, "t6", &[("no.such", Some("1"))]),
        ("null", 2, "t6", &[("retention.ms", None)]),
        (
            "twice",
            2,
            "t6",
            &[("retention.ms", Some("1")), ("retention.ms", Some("1"))],
        ),
        ("read-only", 4, "1", &[("node.id", Some("1"))]),
        (
            "another broker",
            4,
            "7",
            &[("message.max.bytes", Some("1"))],
        ),
        ("loggers", 8, "1", &[("root", Some("INFO"))]),
        ("unknown kind", 3, "x", &[("root", Some("INFO"))]),
    ];
    for (what, kind, name, entries) in cases {
        let entry = |(key, value): &(&str, Option<&str>)| AlterableConfig {
            name: (*key).to_owned(),
            value: value.map(str::to_owned),
            ..Default::default()
        };
        let request = |_| AlterConfigsRequest {
            resources: vec![AlterConfigsResource {
                resource_type: *kind,
                resource_name: (*name).to_owned(),
                configs: entries.iter().map(entry).collect(),
                ..Default::default()
            }],
            ..Default::default()
        };
        both.ask(what, 0..=2, request, |_| {});
    }
}
