//! A node and the command that asks it why.

use std::{path::Path, process::Command, time::Duration};

use ottla_interop::{
    oracle::wait_until,
    raw::Connection,
    server::{Kind, Node, Server, ottla_binary},
};
use ottla_wire::{
    Request,
    messages::{
        CreateTopicsRequest,
        create_topics_request::{CreatableTopic, CreatableTopicConfig},
    },
};
use serde_json::Value;

pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// A running node of Ottla.
pub(crate) struct Site {
    pub(crate) server: Server,
}

impl Site {
    pub(crate) fn start(dir: &Path, properties: &[&str]) -> Self {
        let mut lines = vec![
            "auto.create.topics.enable=false",
            "offsets.topic.num.partitions=1",
            "transaction.state.log.num.partitions=1",
            "group.initial.rebalance.delay.ms=0",
            "log.retention.ms=-1",
        ];
        lines.extend(properties);
        Self::of(&Node::new(dir, &lines))
    }

    /// The node, started.
    pub(crate) fn of(node: &Node) -> Self {
        let server = node.start(Kind::Ottla);
        let site = Self { server };
        // It listens before it is wholly there.
        let tells = || site.why(&["--counts"]).0.starts_with("REQUEST");
        assert!(wait_until(LIMIT, tells), "the node does not tell why");
        site
    }

    /// A connection whose client calls itself `interop`.
    pub(crate) fn connect(&self) -> Connection {
        Connection::new(&self.server.address())
    }

    /// Standard output and error of `ottla why` with these words.
    pub(crate) fn why(&self, words: &[&str]) -> (String, String) {
        run(&[
            &["why", "--bootstrap-server", &self.server.address()],
            words,
        ]
        .concat())
    }

    /// What it prints with `--json`, which ends well.
    pub(crate) fn entries(&self, words: &[&str]) -> Vec<Value> {
        let (out, _) = self.why(&[&["--json", "-n", "1000"], words].concat());
        out.lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|why| panic!("{why}: {line}")))
            .collect()
    }

    /// The one command, until it shows all of the words; what it shows then.
    #[track_caller]
    pub(crate) fn shows(&self, command: &[&str], words: &[&str]) -> String {
        let mut shown = String::new();
        let found = wait_until(LIMIT, || {
            shown = self.why(command).0;
            words.iter().all(|word| shown.contains(word))
        });
        assert!(
            found,
            "ottla why {command:?} does not say {words:?}, but:\n{shown}"
        );
        shown
    }

    pub(crate) fn create(&self, name: &str, partitions: i32, configs: &[(&str, &str)]) {
        let request = CreateTopicsRequest {
            topics: vec![topic(name, partitions, 1, configs)],
            timeout_ms: 10_000,
            ..CreateTopicsRequest::default()
        };
        let answer = self.connect().ask(7, &request).expect("an answer");
        assert_eq!(answer.topics[0].error_code, 0, "{answer:?}");
    }
}

/// A topic to create.
pub(crate) fn topic(
    name: &str,
    partitions: i32,
    replicas: i16,
    configs: &[(&str, &str)],
) -> CreatableTopic {
    let config = |(name, value): &(&str, &str)| CreatableTopicConfig {
        name: (*name).to_owned(),
        value: Some((*value).to_owned()),
        ..CreatableTopicConfig::default()
    };
    CreatableTopic {
        name: name.to_owned(),
        num_partitions: partitions,
        replication_factor: replicas,
        configs: configs.iter().map(config).collect(),
        ..CreatableTopic::default()
    }
}

/// Runs the binary; what it wrote to standard output and error.
pub(crate) fn run(words: &[&str]) -> (String, String) {
    let binary = ottla_binary().unwrap_or_else(|why| panic!("{why}"));
    let done = Command::new(binary).args(words).output().expect("runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&done.stdout), text(&done.stderr))
}

/// The answer.
#[track_caller]
pub(crate) fn ask<R: Request>(to: &mut Connection, version: i16, request: &R) -> R::Response {
    let answer = to.ask(version, request);
    answer.unwrap_or_else(|why| panic!("{} {version}: {why:?}", R::NAME))
}
