//! `ottla quotas` and Apache Kafka's own tool on one node: each sees what the other has set.

use ottla_interop::{
    clients::{self, ottla},
    oracle::Home,
    server::{Kind, Node, Server},
};
use serde_json::{Value, json};

fn try_ours(address: &str, arguments: &[&str]) -> Result<String, String> {
    let mut command = ottla(&["quotas", "--bootstrap-server", address]);
    command.args(arguments);
    clients::try_run(&command).map(|out| String::from_utf8(out).expect("UTF-8"))
}

fn ours(address: &str, arguments: &[&str]) -> String {
    try_ours(address, arguments).unwrap_or_else(|why| panic!("{why}"))
}

fn listed(address: &str) -> Value {
    serde_json::from_str(&ours(address, &["list", "--json"])).expect("JSON")
}

fn theirs(address: &str, arguments: &[&str]) -> String {
    let mut java = Home::find()
        .tool("kafka.admin.ConfigCommand")
        .unwrap_or_else(|why| panic!("{why}"));
    java.args(["--bootstrap-server", address]).args(arguments);
    String::from_utf8(clients::run(&java)).expect("UTF-8")
}

#[test]
fn quotas_are_the_same_to_both_tools() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let node = Node::new(&dir.path().join("node"), &[]);
    let server = node.start(Kind::under_test());
    let address = &node.address();
    assert_eq!(listed(address), json!([]));

    let pair = ["--user", "alice", "--client-id", "one"];
    let rates = ["producer_byte_rate=1000", "request_percentage=12.5"];
    ours(address, &[&["set"][..], &pair, &rates].concat());
    ours(
        address,
        &["set", "--default-ip", "connection_creation_rate=7"],
    );
    ours(
        address,
        &[
            "set",
            "--user",
            "bob",
            "consumer_byte_rate=1",
            "--validate-only",
        ],
    );
    let expected = json!([
        {"entity": {"client-id": "one", "user": "alice"},
         "quotas": {"producer_byte_rate": 1000.0, "request_percentage": 12.5}},
        {"entity": {"ip": null}, "quotas": {"connection_creation_rate": 7.0}},
    ]);
    assert_eq!(listed(address), expected);
    let said = theirs(
        address,
        &[
            "--describe",
            "--entity-type",
            "users",
            "--entity-name",
            "alice",
            "--entity-type",
            "clients",
            "--entity-name",
            "one",
        ],
    );
    assert!(said.contains("producer_byte_rate=1000.0"), "{said}");
    assert!(said.contains("request_percentage=12.5"), "{said}");
    let said = theirs(address, &["--describe", "--entity-type", "ips"]);
    assert!(said.contains("connection_creation_rate=7.0"), "{said}");

    theirs(
        address,
        &[
            "--alter",
            "--entity-type",
            "clients",
            "--entity-default",
            "--add-config",
            "consumer_byte_rate=2048,controller_mutation_rate=3.5",
        ],
    );
    theirs(
        address,
        &[
            "--alter",
            "--entity-type",
            "users",
            "--entity-name",
            "alice",
            "--entity-type",
            "clients",
            "--entity-name",
            "one",
            "--delete-config",
            "request_percentage",
        ],
    );
    let described = ours(address, &["describe", "--default-client-id"]);
    assert_eq!(
        described,
        "any client-id\n  consumer_byte_rate=2048  bytes fetched per second\n  \
         controller_mutation_rate=3.5  partitions created or deleted per second\n"
    );
    assert_eq!(
        ours(address, &["describe", "--user", "alice"]),
        "user alice, client-id one\n  producer_byte_rate=1000  bytes produced per second\n"
    );
    assert_eq!(
        ours(address, &["describe", "--user", "alice", "--strict"]),
        ""
    );

    for (arguments, why) in [
        (
            &["remove", "--user", "alice"][..],
            "user alice has no quota of its own",
        ),
        (
            &["remove", "--default-ip", "producer_byte_rate"],
            "has no producer_byte_rate",
        ),
        (
            &["set", "--ip", "no address", "connection_creation_rate=1"],
            "no IP address",
        ),
        (
            &["set", "--user", "bob", "producer_byte_rate=0.5"],
            "whole number",
        ),
    ] {
        let said = try_ours(address, arguments).expect_err("a failure");
        assert!(said.contains(why), "{arguments:?}: {said}");
    }
    ours(address, &[&["remove"][..], &pair].concat());
    ours(
        address,
        &["remove", "--default-client-id", "controller_mutation_rate"],
    );
    ours(address, &["remove", "--default-client-id"]);
    ours(address, &["remove", "--default-ip"]);
    assert_eq!(listed(address), json!([]));
    Server::stop(server);
}
