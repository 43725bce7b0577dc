//! Every configuration key equals Apache Kafka's own definition, and takes and refuses the same values.

use std::{collections::BTreeSet, fmt::Write as _, fs};

use ottla_config::{Key, Kind, Preset, Type};
use ottla_interop::oracle::{Home, compile, output};

/// Values of every type, on and beyond the edges that rules have.
const TRIALS: &[&str] = &[
    "",
    " ",
    "0",
    "1",
    "-1",
    "-2",
    "2",
    "3",
    "5",
    "10",
    "12",
    "13",
    "14",
    "22",
    "100",
    "1000",
    "1023",
    "1024",
    "1025",
    "1048575",
    "1048576",
    "1048577",
    "10485760",
    "65535",
    "65536",
    "32767",
    "32768",
    "-32768",
    "-32769",
    "2147483647",
    "2147483648",
    "-2147483648",
    "-2147483649",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    " 7 ",
    "+7",
    "007",
    "1_000",
    "0x10",
    "1e3",
    "0.0",
    "0.5",
    "0.8",
    "1.0",
    "1.5",
    "-0.0",
    "1e-9",
    "1E10",
    "NaN",
    "Infinity",
    ".5",
    "5.",
    "1f",
    "true",
    "TRUE",
    "False",
    " true ",
    "yes",
    "null",
    "none",
    "NONE",
    "all",
    "ALL",
    "-all",
    "*",
    "a",
    "a,b",
    "a,,b",
    ",",
    "a,",
    " a , b ",
    "a,a",
    "gzip",
    "GZIP",
    "snappy",
    "lz4",
    "zstd",
    "producer",
    "uncompressed",
    "brotli",
    "delete",
    "compact",
    "compact,delete",
    "delete,compact",
    "compact,compact",
    "CreateTime",
    "LogAppendTime",
    "createtime",
    "earliest",
    "latest",
    "EARLIEST",
    "by_duration:PT1H",
    "by_duration:P1D",
    "by_duration:1h",
    "by_duration:-PT1H",
    "by_duration:",
    "read_committed",
    "READ_UNCOMMITTED",
    "read_uncommitted",
    "classic",
    "consumer",
    "Consumer",
    "share",
    "streams",
    "uniform",
    "range",
    "INFO",
    "info",
    "DEBUG",
    "TRACE",
    "requested",
    "required",
    "SSL",
    "PLAINTEXT",
    "plaintext",
    "SASL_SSL",
    "SASL_PLAINTEXT",
    "broker",
    "controller",
    "broker,controller",
    "broker,broker",
    "TLSv1.2",
    "TLSv1.3",
    "0:1",
    "0:1,1:2",
    "0:1,1",
    "0:1,",
    "*,",
    "*,0:1",
    "1@localhost:9092",
    "1@localhost:9092,2@host:9093",
    "x@y:z",
    "localhost:9092",
    "localhost:9092,other:9093",
    "localhost",
    "localhost:",
    ":9092",
    "PLAINTEXT://:9092",
    "PLAINTEXT://localhost:9092",
    "PLAINTEXT://:9092,PLAINTEXT://:9093",
    "PLAINTEXT://:9092,CONTROLLER://:9093",
    "disabled",
    "bidirectional",
    "upgrade",
    "downgrade",
    "rebootstrap",
    "batch_optimized",
    "record_limit",
    "use_all_dns_ips",
    "resolve_canonical_bootstrap_servers_only",
    "default",
    "exponential",
    "metrics.a",
    "client_id=a",
    "client_id=.*,b=c",
    "client_source_port=1",
    "äöü",
];

fn kafka() -> Vec<String> {
    let home = Home::find();
    compile(&home).expect("javac");
    let dir = tempfile::tempdir().expect("temporary folder");
    let trials = dir.path().join("trials");
    fs::write(&trials, TRIALS.join("\n")).expect("trials");
    let text = output(home.class("Configs").expect("java").arg(&trials)).expect("Configs");
    String::from_utf8(text)
        .expect("UTF-8")
        .lines()
        .map(str::to_owned)
        .collect()
}

fn row(kind: Kind, key: &Key) -> String {
    let preset = match key.preset {
        Preset::Required => "(required)",
        Preset::Null => "null",
        Preset::Is(text) => text,
    };
    let update = if kind == Kind::Broker {
        key.update.name()
    } else {
        ""
    };
    [
        "row",
        kind.name(),
        key.name,
        key.r#type.name(),
        preset,
        &key.rule.to_string(),
        key.importance.name(),
        &key.internal.to_string(),
        update,
    ]
    .join("\t")
}

fn takes(kind: Kind, key: &Key) -> impl Iterator<Item = String> {
    let trials = if key.r#type == Type::Class {
        &[]
    } else {
        TRIALS
    };
    trials.iter().enumerate().filter_map(move |(at, text)| {
        let value = key.parse(text).ok()?;
        let printed = if key.is_sensitive() {
            String::new()
        } else {
            value.to_string()
        };
        Some(format!(
            "takes\t{}\t{}\t{at}\t{printed}",
            kind.name(),
            key.name
        ))
    })
}

#[test]
fn keys_and_what_they_take() {
    let kafka: BTreeSet<String> = kafka().into_iter().collect();
    assert!(kafka.len() > 10_000, "only {} lines", kafka.len());
    let mut ours = BTreeSet::new();
    for kind in Kind::ALL {
        for key in kind.keys() {
            ours.insert(row(kind, key));
            ours.extend(takes(kind, key));
        }
    }
    let mut report = String::new();
    for (who, these, those) in [("Apache Kafka", &kafka, &ours), ("ours", &ours, &kafka)] {
        for line in these.difference(those) {
            let text = line
                .split('\t')
                .nth(3)
                .and_then(|at| TRIALS.get(at.parse::<usize>().ok()?));
            let _ = writeln!(report, "only {who}: {line} {text:?}");
        }
    }
    assert!(
        report.is_empty(),
        "{} differences\n{report}",
        report.lines().count()
    );
}
