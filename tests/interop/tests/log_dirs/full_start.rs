//! A start on a disk without a free byte: reads and deletions work, and what cannot be done is said.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use ottla_interop::{
    oracle::wait_until,
    raw::Connection,
    server::{Kind, Node, Server},
};
use ottla_wire::messages::{
    CreateTopicsRequest, DeleteTopicsRequest, create_topics_request::CreatableTopic,
};

use super::{asks::Asks, full::Disk};

const LIMIT: Duration = Duration::from_secs(60);
const STORAGE_ERROR: i16 = 56;

fn start(node: &Node) -> (Server, Asks) {
    let server = node.start(Kind::Ottla);
    let asks = Asks(Connection::new(&server.address()));
    (server, asks)
}

/// Makes a topic; the code and the text.
fn create(asks: &mut Asks, name: &str, partitions: i32) -> (i16, String) {
    let request = CreateTopicsRequest {
        topics: vec![CreatableTopic {
            name: name.to_owned(),
            num_partitions: partitions,
            replication_factor: 1,
            ..Default::default()
        }],
        timeout_ms: 20_000,
        ..Default::default()
    };
    let answer = asks.0.ask(7, &request).expect("an answer");
    let topic = &answer.topics[0];
    (
        topic.error_code,
        topic.error_message.clone().unwrap_or_default(),
    )
}

#[test]
fn a_node_starts_on_a_full_disk_and_serves_what_it_can() {
    let dir = tempfile::tempdir().expect("a folder");
    let node = Node::new(
        dir.path(),
        &[
            "log.retention.ms=-1",
            "offsets.topic.num.partitions=1",
            "log.retention.check.interval.ms=500",
            "log.initial.task.delay.ms=500",
            "log.segment.bytes=1048576",
            "log.segment.delete.delay.ms=0",
        ],
    );
    let test = "full_start::a_node_starts_on_a_full_disk_and_serves_what_it_can";
    let Some(disk) = Disk::at(&node.data(), test) else {
        return;
    };
    let (mut server, mut asks) = start(&node);
    asks.create("old", 1);
    let value = vec![7; 50_000];
    for n in 0..30 {
        let mut produced = Err((0, String::new()));
        wait_until(LIMIT, || {
            produced = asks.produce("old", 0, &value);
            produced.is_ok()
        });
        assert_eq!(produced, Ok(n));
    }
    let mut end = 30;
    for clean in [false, true] {
        match clean {
            true => server.stop(),
            false => server.kill(),
        }
        let filling = disk.fill();
        (server, asks) = start(&node);
        let leads = wait_until(LIMIT, || asks.offset("old", 0, -1) == Ok(end));
        assert!(leads, "clean {clean}: {:?}", asks.offset("old", 0, -1));
        assert!(asks.fetch("old", 0, 29).expect("records").len() > 50_000);
        // What the start needed and gave back is the last room that there is.
        let (code, text) = loop {
            match asks.produce("old", 0, &value) {
                Ok(offset) => assert_eq!(offset, end),
                Err(refusal) => break refusal,
            }
            end += 1;
            assert!(end < 60, "the disk is not full");
        };
        assert_eq!(code, STORAGE_ERROR, "{text}");
        let full = format!("log directory {} is full", node.data().display());
        assert!(text.contains(&full), "{text}");
        fs::remove_file(filling).expect("removed");
    }
    // The controller has room of its own, and when that is used up it says so.
    let filling = disk.fill();
    let (mut refusal, mut made) = (None, 0);
    for n in 0..200 {
        match create(&mut asks, &format!("many-{n}"), 40) {
            (0, _) => made = n + 1,
            refused => {
                refusal = Some(refused);
                break;
            }
        }
    }
    let (code, text) = refusal.expect("the metadata log is never full");
    assert_eq!(code, STORAGE_ERROR, "{text}");
    let full = format!("log directory {} is full", node.data().display());
    assert!(
        text.contains(&full) && text.contains("free at least"),
        "{text}"
    );
    assert!(asks.fetch("old", 0, 3).is_ok());
    // Not a byte is left for an election: the node starts all the same, or says what it lacks.
    server.kill();
    let again = catch_unwind(AssertUnwindSafe(|| start(&node)));
    match again {
        Ok((server, _)) => server.kill(),
        Err(why) => {
            let text = why.downcast_ref::<String>().expect("a text");
            let data = node.data().display().to_string();
            assert!(text.contains(&data), "{text}");
            assert!(text.contains("free at least"), "{text}");
        }
    }
    fs::remove_file(filling).expect("removed");
    let (server, mut asks) = start(&node);
    // Thousands of partitions that found no room would take what there is now.
    for n in 0..made {
        delete(&mut asks, &format!("many-{n}"));
    }
    let resumed = wait_until(LIMIT, || asks.produce("old", 0, b"small").is_ok());
    assert!(resumed, "writing does not go on");
    let created = wait_until(LIMIT, || create(&mut asks, "new", 1).0 == 0);
    assert!(created, "the controller does not go on");
    server.stop();
}

/// Deletes a topic, however long the node is busy with what it finds on its disk.
fn delete(asks: &mut Asks, topic: &str) {
    const UNKNOWN_TOPIC: i16 = 3;
    let request = DeleteTopicsRequest {
        topic_names: vec![topic.to_owned()],
        timeout_ms: 30_000,
        ..Default::default()
    };
    let deleted = wait_until(LIMIT, || match asks.0.ask(5, &request) {
        Ok(answer) => {
            let code = answer.responses.first().map(|of| of.error_code);
            matches!(code, Some(0 | UNKNOWN_TOPIC))
        }
        Err(_) => {
            asks.0 = asks.0.another();
            false
        }
    });
    assert!(deleted, "{topic} is not deleted");
}
