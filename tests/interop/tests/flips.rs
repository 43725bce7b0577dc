//! One data directory, Apache Kafka and ottla taking turns on it: nothing lost, nothing doubled.

use std::time::Duration;

use ottla_interop::{
    clients::{
        self, CODECS, assert_same, create_topic, kcat_consume, kcat_produce, kcat_transaction,
    },
    lines::log_lines,
    oracle::wait_until,
    server::{Kind, Node},
};

const FLIPS: usize = 10;
const LINES: usize = 2000;

#[test]
fn each_reads_what_the_other_wrote() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let node = Node::new(&dir.path().join("node"), &["log.segment.bytes=1048576"]);
    let (mut expected, mut committed) = (Vec::new(), Vec::new());
    for flip in 0..FLIPS {
        let kind = if flip % 2 == 0 {
            Kind::Kafka
        } else {
            Kind::under_test()
        };
        let server = node.start(kind);
        let address = node.address();
        if flip == 0 {
            create_topic(&address, "flips", 1, &[]);
            create_topic(&address, "transactions", 1, &[]);
        }
        let what = format!("flip {flip}, {kind:?}");
        assert_same(
            &format!("{what}, found"),
            &expected,
            &kcat_consume(&address, "flips", 0, "%o %s\n"),
        );
        let lines = log_lines(100 + flip as u64, LINES);
        let input = clients::file(dir.path(), "lines", &lines);
        kcat_produce(&address, "flips", CODECS[flip % CODECS.len()], &input);
        for (line, number) in std::str::from_utf8(&lines)
            .expect("UTF-8")
            .lines()
            .zip(flip * LINES..)
        {
            expected.extend_from_slice(format!("{number} {line}\n").as_bytes());
        }
        assert_same(
            &format!("{what}, written"),
            &expected,
            &kcat_consume(&address, "flips", 0, "%o %s\n"),
        );
        read_committed(&format!("{what}, transactions found"), &address, &committed);
        // In one transaction, of an id that was the other's before.
        kcat_transaction(&address, "transactions", "flips", &input);
        committed.extend_from_slice(&lines);
        read_committed(
            &format!("{what}, transactions written"),
            &address,
            &committed,
        );
        // A topic that only this turn makes: the other must know it, and be able to go on with it.
        let topic = format!("of-{}", flip / 2);
        if flip % 2 == 0 {
            create_topic(&address, &topic, 2, &["retention.ms=86400000"]);
        } else {
            kcat_produce(&address, &topic, "zstd", &input);
        }
        if flip % 3 == 2 {
            server.kill()
        } else {
            server.stop()
        }
    }
}

/// Asserts what is read of the topic of transactions: markers may be on their way when a commit is answered.
fn read_committed(what: &str, address: &str, expected: &[u8]) {
    let mut read = Vec::new();
    wait_until(Duration::from_secs(20), || {
        read = kcat_consume(address, "transactions", 0, "%s\n");
        read.len() >= expected.len()
    });
    assert_same(what, expected, &read);
}
