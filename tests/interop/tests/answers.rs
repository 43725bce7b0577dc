//! The same input to Apache Kafka and to ottla: offsets, timestamps, keys, headers and ListOffsets come out the same.

use std::path::Path;

use ottla_interop::{
    clients::{self, CODECS, assert_same, create_topic, java_topics, python},
    lines::log_lines,
    server::{Kind, Node, Server},
};

const LINES: usize = 3000;

/// What one program makes of the input, as text.
fn answers(dir: &Path, server: &Server) -> String {
    let address = server.address();
    let input = clients::file(dir, "lines", &log_lines(21, LINES));
    let input = input.display().to_string();
    let mut text = String::new();
    for codec in CODECS {
        for (kind, configs) in [
            ("plain", &["segment.bytes=1048576", "retention.ms=-1"][..]),
            (
                "recompressed",
                &["compression.type=zstd", "retention.ms=-1"],
            ),
        ] {
            let topic = format!("{kind}-{codec}");
            create_topic(&address, &topic, 1, configs);
            clients::run(&python(
                "produce.py",
                &[&address, &topic, codec, &input, "numbered"],
            ));
            let read = clients::run(&python("consume.py", &[&address, &topic, "full"]));
            text += &format!("{topic}\n{}", String::from_utf8_lossy(&read));
        }
    }
    text
}

/// A line without the topic's id; configurations come in no order.
fn described_topic(line: &str) -> String {
    let fields = line
        .split('\t')
        .filter(|field| !field.starts_with("TopicId:"));
    let sorted = fields.map(|field| match field.strip_prefix("Configs: ") {
        Some(configs) => {
            let mut configs: Vec<&str> = configs.split(',').collect();
            configs.sort_unstable();
            format!("Configs: {}", configs.join(","))
        }
        None => field.to_owned(),
    });
    sorted.collect::<Vec<_>>().join("\t")
}

/// What the topic tool says of what there is, without the ids.
fn topics(server: &Server) -> String {
    let address = server.address();
    create_topic(
        &address,
        "three",
        3,
        &["retention.ms=12345", "cleanup.policy=compact,delete"],
    );
    let described = java_topics(&address, &["--describe"]);
    let mut lines: Vec<String> = described.lines().map(described_topic).collect();
    lines.sort();
    java_topics(&address, &["--delete", "--topic", "three"]);
    lines.join("\n") + "\n" + &java_topics(&address, &["--list"])
}

#[test]
fn both_give_the_same_answers() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let mut said = Vec::new();
    for (kind, name) in [(Kind::Kafka, "kafka"), (Kind::under_test(), "under-test")] {
        let server = Node::new(&dir.path().join(name), &[]).start(kind);
        said.push((answers(dir.path(), &server), topics(&server)));
        server.stop();
    }
    assert!(
        said[0].0.lines().count() > LINES * CODECS.len() * 2,
        "{}",
        said[0].0
    );
    assert_same(
        "records and offsets",
        said[0].0.as_bytes(),
        said[1].0.as_bytes(),
    );
    assert_same("topics", said[0].1.as_bytes(), said[1].1.as_bytes());
}
