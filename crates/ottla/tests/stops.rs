//! However a node stops, what it acknowledged is there when it starts again.

mod node;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use node::{
    Connection, Home,
    data::{batch, create_topic, produce, read_all},
    wait_until,
};
use ottla_wire::records::Codec;

const TOPIC: &str = "kept";
const WRITERS: i32 = 4;

#[test]
fn an_idle_node_stops_cleanly_within_a_second() {
    let home = Home::new(&[]);
    for _ in 0..3 {
        let node = home.start(&[]);
        // A client that waits for something does not hold the stop up.
        let mut waiting = node.connect();
        assert!(waiting.send(&[0, 0, 0, 50, 0, 3]));
        let took = node.stop();
        assert!(took < Duration::from_secs(1), "{took:?}");
        assert!(home.data().join(".kafka_cleanshutdown").exists());
        assert!(!home.data().join(".lock").exists());
    }
    assert_eq!(home.log().matches("shut down cleanly").count(), 3);
    assert_eq!(
        home.log().matches("was not a clean one").count(),
        0,
        "{}",
        home.log()
    );
}

#[test]
fn a_stop_that_comes_at_once_leaves_a_node_that_starts() {
    let home = Home::new(&[]);
    for _ in 0..8 {
        home.start(&[]).stop();
    }
}

/// What one writer was told: at which offset each value is.
struct Writer(JoinHandle<Vec<(i64, Vec<u8>)>>);

impl Writer {
    /// Writes values one after the other until told to stop or the node is gone.
    fn start(address: String, partition: i32, round: usize, stop: &Arc<AtomicBool>) -> Self {
        let stop = stop.clone();
        Self(thread::spawn(move || {
            let mut connection = Connection::to(&address);
            let mut acked = Vec::new();
            for number in 0.. {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                let filling = "x".repeat(number * 37 % 9000);
                let value = format!("{round}:{number}:{filling}").into_bytes();
                let codec = [Codec::None, Codec::Lz4, Codec::Zstd][number % 3];
                let records = batch(codec, &[&value]).to_bytes();
                match produce(&mut connection, TOPIC, partition, records) {
                    Ok(answer) if answer.error_code == 0 => {
                        acked.push((answer.base_offset, value));
                    }
                    Ok(_) => {}
                    Err(_) => break,
                }
            }
            acked
        }))
    }
}

/// Lets writers write, ends the node by `end`, and checks each time that everything acknowledged is there.
fn write_and_end(rounds: usize, end: impl Fn(node::Node)) {
    // Small segments, so that rolling is hit too.
    let home = Home::new(&["log.segment.bytes=1048576"]);
    let mut acked: Vec<Vec<(i64, Vec<u8>)>> = vec![Vec::new(); WRITERS as usize];
    for round in 0..=rounds {
        let mut node = home.start(&[]);
        if round == 0 {
            assert_eq!(create_topic(&mut node.connect(), TOPIC, WRITERS), 0);
        }
        for (partition, acked) in acked.iter().enumerate() {
            let found = read_all(&mut node.connect(), TOPIC, partition as i32);
            for (offset, value) in acked {
                let there = found.get(*offset as usize);
                assert_eq!(
                    there.map(|value| &value[..]),
                    Some(&value[..]),
                    "{partition}:{offset}"
                );
            }
        }
        if round == rounds {
            node.check();
            node.stop();
            break;
        }
        let stop = Arc::new(AtomicBool::new(false));
        let writers: Vec<_> = (0..WRITERS)
            .map(|partition| Writer::start(home.address(), partition, round, &stop))
            .collect();
        thread::sleep(Duration::from_millis(250 + 70 * round as u64));
        end(node);
        stop.store(true, Ordering::Relaxed);
        for (writer, acked) in writers.into_iter().zip(&mut acked) {
            let news = writer.0.join().expect("a writer");
            assert!(news.len() > 5, "only {} records: no load", news.len());
            acked.extend(news);
        }
    }
}

#[test]
fn what_was_acknowledged_outlives_a_stop_under_load() {
    write_and_end(3, |node| {
        let took = node.stop();
        assert!(took < Duration::from_secs(5), "{took:?}");
    });
}

#[test]
fn what_was_acknowledged_outlives_the_process() {
    write_and_end(3, node::Node::kill);
}

#[test]
fn a_second_signal_does_not_wait() {
    let home = Home::new(&[]);
    let mut node = home.start(&[]);
    node.terminate();
    // One Ctrl-C often comes twice: this one is no second thought.
    node.terminate();
    node.wait_for_end();
    assert!(home.data().join(".kafka_cleanshutdown").exists());
    assert!(wait_until(Duration::from_secs(1), || {
        std::net::TcpListener::bind(home.address()).is_ok()
    }));
}
