//! What gets into the journal, how it is found, and what it costs to fill it.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    process::{Command, Stdio},
};

use ottla_interop::server::ottla_binary;
use ottla_wire::messages::{
    CreateTopicsRequest, FetchRequest, HeartbeatRequest, MetadataRequest, OffsetFetchRequest,
    fetch_request::{FetchPartition, FetchTopic},
    metadata_request::MetadataRequestTopic,
    offset_fetch_request::OffsetFetchRequestTopic,
};

use crate::site::{Site, ask, run, topic};

fn metadata_of(name: &str) -> MetadataRequest {
    MetadataRequest {
        topics: Some(vec![MetadataRequestTopic {
            name: Some(name.to_owned()),
            ..MetadataRequestTopic::default()
        }]),
        ..MetadataRequest::default()
    }
}

fn fetch(topic: &str, partition: i32, offset: i64) -> FetchRequest {
    FetchRequest {
        max_bytes: 1 << 20,
        session_epoch: -1,
        topics: vec![FetchTopic {
            topic: topic.to_owned(),
            partitions: vec![FetchPartition {
                partition,
                fetch_offset: offset,
                partition_max_bytes: 1 << 20,
                ..FetchPartition::default()
            }],
            ..FetchTopic::default()
        }],
        ..FetchRequest::default()
    }
}

#[test]
fn a_refusal_is_found_by_what_it_is_about() {
    let dir = tempfile::tempdir().expect("a folder");
    let site = Site::start(dir.path(), &[]);
    site.create("orders", 2, &[]);
    let mut client = site.connect();
    for _ in 0..3 {
        ask(&mut client, 8, &metadata_of("payments"));
    }
    ask(&mut client, 11, &fetch("orders", 0, 17));
    ask(&mut client, 11, &fetch("orders", 5, 0));
    let heartbeat = HeartbeatRequest {
        group_id: "readers".to_owned(),
        member_id: "m-1".to_owned(),
        generation_id: 3,
        ..HeartbeatRequest::default()
    };
    ask(&mut client, 4, &heartbeat);
    let (shown, _) = site.why(&[]);
    for word in [
        "UNKNOWN_TOPIC_OR_PARTITION  interop from 127.0.0.1  Metadata v8  topic payments  (3 times since",
        "why: there is no topic payments, and auto.create.topics.enable is false: create it first",
        "OFFSET_OUT_OF_RANGE  interop from 127.0.0.1  Fetch v11  topic orders, partition 0",
        "topic orders has 2 partitions, 0 to 1; 5 is none of them",
    ] {
        assert!(shown.contains(word), "{word}:\n{shown}");
    }
    let only = |words: &[&str], count: usize| {
        let found = site.entries(words);
        assert_eq!(found.len(), count, "{words:?}: {found:#?}");
        found
    };
    only(&["--topic", "orders"], 2);
    only(&["--topic", "orders", "--code", "offset_out_of_range"], 1);
    only(&["--request", "Metadata"], 1);
    only(&["--client", "interop", "--since", "1h"], 3);
    only(&["--client", "somebody"], 0);
    let of_group = only(&["--group", "readers", "--all"], 1);
    assert_eq!(of_group[0]["about"]["member"], "m-1");
    assert_eq!(of_group[0]["principal"], "User:ANONYMOUS");
    // A coordinator that is not there yet is ordinary.
    let fetch_offsets = OffsetFetchRequest {
        group_id: "readers".to_owned(),
        topics: Some(vec![OffsetFetchRequestTopic {
            name: "orders".to_owned(),
            partition_indexes: vec![0],
            ..OffsetFetchRequestTopic::default()
        }]),
        ..OffsetFetchRequest::default()
    };
    let answer = ask(&mut client, 7, &fetch_offsets);
    assert_eq!(answer.error_code, 15, "{answer:?}");
    only(&["--request", "OffsetFetch"], 0);
    let ordinary = only(&["--request", "OffsetFetch", "--all"], 1);
    assert_eq!(ordinary[0]["ordinary"], true);
    site.server.stop();
}

#[test]
fn a_client_that_loops_does_not_push_out_the_others() {
    let dir = tempfile::tempdir().expect("a folder");
    let site = Site::start(dir.path(), &[]);
    site.create("orders", 1, &[]);
    let mut client = site.connect();
    let wrong = CreateTopicsRequest {
        topics: vec![topic("a", 1, 3, &[])],
        timeout_ms: 1_000,
        ..CreateTopicsRequest::default()
    };
    ask(&mut client, 7, &wrong);
    let loud: Vec<_> = (0..5_000)
        .map(|at| MetadataRequestTopic {
            name: Some(format!("loud-{at}")),
            ..MetadataRequestTopic::default()
        })
        .collect();
    for some in loud.chunks(50) {
        let request = MetadataRequest {
            topics: Some(some.to_vec()),
            ..MetadataRequest::default()
        };
        ask(&mut client, 8, &request);
    }
    // The same client's own refusals make room, others' stay.
    let found = site.entries(&["--client", "interop"]);
    assert_eq!(found.len(), 512);
    // One answer with more refusals than the journal takes of it.
    let request = MetadataRequest {
        topics: Some(loud),
        ..MetadataRequest::default()
    };
    ask(&mut client, 8, &request);
    let found = site.entries(&[]);
    let last = found.last().expect("an entry");
    assert_eq!(last["about"]["others"], (5_000 - 64).to_string());
    let (metrics, _) = site.why(&["--prometheus"]);
    let name = "kafka_network_requestmetrics_errors_total";
    let line = format!("{name}{{request=\"Metadata\",error=\"UNKNOWN_TOPIC_OR_PARTITION\"}} 10000");
    assert!(metrics.lines().any(|one| one == line), "{metrics}");
    site.server.stop();
}

#[test]
fn what_comes_is_followed() {
    let dir = tempfile::tempdir().expect("a folder");
    let site = Site::start(dir.path(), &[]);
    let mut client = site.connect();
    ask(&mut client, 8, &metadata_of("before"));
    let mut follower = Command::new(ottla_binary().expect("a binary"))
        .args(["why", "--follow", "--json", "--bootstrap-server"])
        .arg(site.server.address())
        .stdout(Stdio::piped())
        .spawn()
        .expect("runs");
    let mut lines = BufReader::new(follower.stdout.take().expect("a pipe")).lines();
    let mut next = || -> serde_json::Value {
        let line = lines.next().expect("a line").expect("text");
        serde_json::from_str(&line).expect("JSON")
    };
    assert_eq!(next()["about"]["topic"], "before");
    ask(&mut client, 8, &metadata_of("after"));
    assert_eq!(next()["about"]["topic"], "after");
    ask(&mut client, 8, &metadata_of("before"));
    let again = next();
    assert_eq!(
        (&again["about"]["topic"], &again["count"]),
        (&"before".into(), &2.into())
    );
    site.server.stop();
    // With the node, the follower ends.
    let ended = follower.wait().expect("ends");
    assert_eq!(ended.code(), Some(1));
}

#[test]
fn strangers_are_named() {
    let dir = tempfile::tempdir().expect("a folder");
    let site = Site::start(dir.path(), &[]);
    let send = |bytes: &[u8]| {
        let mut stream = TcpStream::connect(site.server.address()).expect("connects");
        stream.write_all(bytes).expect("writes");
    };
    // The beginning of a ClientHello.
    send(&[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]);
    site.shows(
        &[],
        &[
            "connection closed",
            "TLS handshake came to listener PLAINTEXT",
        ],
    );
    send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    site.shows(&[], &["an HTTP request came to listener PLAINTEXT"]);
    // Produce 2, which Kafka 4 does not serve: a client older than 0.11.
    send(&[0, 0, 0, 10, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0]);
    site.shows(
        &["--code", "35"],
        &["so the client is older than Apache Kafka 2.1"],
    );
    site.server.stop();
}

#[test]
fn without_a_node_the_command_says_how_to_find_one() {
    let dir = tempfile::tempdir().expect("a folder");
    let site = Site::start(dir.path(), &[]);
    let (out, error) = run(&["why", "--bootstrap-server", "127.0.0.1:1"]);
    assert_eq!(out, "");
    assert!(
        error.contains("no node of Ottla has port 1 here"),
        "{error}"
    );
    let port = site.server.address().replace("127.0.0.1:", "");
    assert!(error.contains(&port), "{error}");
    let (_, error) = run(&["why", "--bootstrap-server", "here"]);
    assert!(error.contains("write HOST:PORT"), "{error}");
    let (_, empty) = site.why(&[]);
    assert!(
        empty.contains("nothing of this kind was refused"),
        "{empty}"
    );
    site.server.stop();
}
