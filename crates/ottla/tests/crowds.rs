//! Many clients at once, and clients that send and never read: memory follows what is really there.
#![allow(clippy::disallowed_methods, clippy::print_stdout)] // A test waits by the clock, and tells what it measured.

mod node;

use std::{
    io::Write,
    net::TcpStream,
    sync::{Mutex, MutexGuard},
    thread,
    time::{Duration, Instant},
};

use node::{
    Connection, Home, NoAnswer,
    data::{FETCH_VERSION, batch, create_topic, fetch_request, produce},
    wait_until,
};
use ottla_wire::{
    messages::{ApiVersionsRequest, MetadataRequest, metadata_request::MetadataRequestTopic},
    records::Codec,
};

const CROWD: usize = 10_000;
/// For each connection, in memory of the node's process.
const IDLE_CONNECTION_MAX_BYTES: u64 = 10_000;
/// With clients that do not read.
const MEMORY_MAX_KIB: u64 = 100 << 10;

/// Each of these tests takes many descriptors: one at a time.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// How many connections the limit of open files admits, with some to spare, up to `wanted`.
fn crowd(wanted: usize) -> usize {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).expect("the limit of open files");
    let may = limit.maximum.unwrap_or(u64::MAX) as usize;
    assert!(may > 2_000, "this machine admits only {may} open files");
    wanted.min(may - 1_000)
}

/// Asks, and measures.
fn answers_within(home: &Home, limit: Duration) {
    let from = Instant::now();
    let answer = Connection::to(&home.address()).ask(0, &ApiVersionsRequest::default());
    assert!(answer.is_ok());
    assert!(from.elapsed() < limit, "{:?}", from.elapsed());
}

#[test]
fn ten_thousand_connections() {
    let _alone = alone();
    let count = crowd(CROWD);
    let home = Home::new(&[]);
    let mut node = home.start(&[]);
    let before = node.memory("VmRSS");
    let mut crowd: Vec<_> = (0..count).map(|_| node.connect()).collect();
    // Each is served once, so that none is only in the queue of the kernel.
    let ask = crowd[0].frame(0, &ApiVersionsRequest::default());
    for some in crowd.chunks_mut(500) {
        for connection in some.iter_mut() {
            assert!(connection.send(&ask));
        }
        for connection in some {
            connection.receive().expect("an answer");
        }
    }
    let each = (node.memory("VmRSS") - before) * 1024 / count as u64;
    println!("{count} connections, {each} bytes each");
    assert!(each < IDLE_CONNECTION_MAX_BYTES, "{each} bytes each");
    answers_within(&home, Duration::from_secs(1));
    drop(crowd);
    answers_within(&home, Duration::from_secs(1));
    node.check();
    assert!(node.stop() < Duration::from_secs(5));
}

#[test]
fn memory_follows_the_bytes_that_came_and_not_those_that_were_claimed() {
    let _alone = alone();
    let home = Home::new(&[]);
    let mut node = home.start(&[]);
    let before = node.memory("VmRSS");
    let claimed: Vec<_> = (0..200)
        .map(|_| {
            let mut connection = node.connect();
            assert!(connection.send(&100_000_000_i32.to_be_bytes()));
            assert!(connection.send(&[0, 0, 0, 9]));
            connection
        })
        .collect();
    thread::sleep(Duration::from_millis(300));
    let grew = node.memory("VmHWM") - before;
    assert!(grew < 20 << 10, "by {grew} KiB for 200 connections");
    answers_within(&home, Duration::from_secs(1));
    drop(claimed);
    node.check();
}

/// Sends the same request until the node takes no more of it, and reads nothing: how many bytes it took.
fn send_without_reading(address: &str, request: &[u8]) -> (TcpStream, usize) {
    let stream = TcpStream::connect(address).expect("a connection");
    let limit = Some(Duration::from_millis(300));
    stream.set_write_timeout(limit).expect("a limit");
    let mut sent = 0;
    for _ in 0..2_000 {
        match (&stream).write_all(request) {
            Ok(()) => sent += request.len(),
            Err(_) => break,
        }
    }
    (stream, sent)
}

#[test]
fn clients_that_never_read_large_metadata() {
    let _alone = alone();
    let home = Home::new(&[]);
    let mut node = home.start(&[]);
    let topic = |n| MetadataRequestTopic {
        name: Some(format!("a-topic-that-is-not-there-{n}")),
        ..MetadataRequestTopic::default()
    };
    let request = MetadataRequest {
        topics: Some((0..4_000).map(topic).collect()),
        allow_auto_topic_creation: false,
        ..MetadataRequest::default()
    };
    let bytes = node.connect().frame(9, &request);
    let address = home.address();
    let deaf: Vec<_> = thread::scope(|scope| {
        let senders: Vec<_> = (0..50)
            .map(|_| scope.spawn(|| send_without_reading(&address, &bytes)))
            .collect();
        senders
            .into_iter()
            .map(|sender| sender.join().expect("sent"))
            .collect()
    });
    let taken: usize = deaf.iter().map(|(_, sent)| sent).sum();
    let highest = node.memory("VmHWM");
    println!(
        "{} MiB of requests taken, at most {} MiB resident",
        taken >> 20,
        highest >> 10
    );
    assert!(highest < MEMORY_MAX_KIB, "{highest} KiB");
    // Each of them may have one request before it, and without optimization each takes long on a
    // busy machine.
    answers_within(&home, Duration::from_secs(30));
    drop(deaf);
    node.check();
}

#[test]
fn clients_that_never_read_what_they_fetch() {
    let _alone = alone();
    let home = Home::new(&[]);
    let mut node = home.start(&[]);
    let mut connection = node.connect();
    assert_eq!(create_topic(&mut connection, "t", 1), 0);
    let value = vec![b'x'; 900_000];
    for _ in 0..8 {
        let records = batch(Codec::None, &[&value]).to_bytes();
        let answer = produce(&mut connection, "t", 0, records).expect("an answer");
        assert_eq!(answer.error_code, 0);
    }
    let bytes = connection.frame(FETCH_VERSION, &fetch_request("t", 0, 0, 50 << 20));
    let address = home.address();
    let deaf: Vec<_> = thread::scope(|scope| {
        let senders: Vec<_> = (0..50)
            .map(|_| scope.spawn(|| send_without_reading(&address, &bytes)))
            .collect();
        senders
            .into_iter()
            .map(|sender| sender.join().expect("sent"))
            .collect()
    });
    let highest = node.memory("VmHWM");
    let descriptors = std::fs::read_dir(format!("/proc/{}/fd", node.pid()))
        .expect("fd")
        .count();
    println!(
        "at most {} MiB resident, {descriptors} open files",
        highest >> 10
    );
    assert!(highest < MEMORY_MAX_KIB, "{highest} KiB");
    assert!(descriptors < 50 * 80, "{descriptors} open files");
    answers_within(&home, Duration::from_secs(2));
    drop(deaf);
    node.check();
}

#[test]
fn a_slow_reader_of_a_large_answer_is_not_idle() {
    let _alone = alone();
    let home = Home::new(&["connections.max.idle.ms=800"]);
    let mut node = home.start(&[]);
    let mut connection = node.connect();
    assert_eq!(create_topic(&mut connection, "t", 1), 0);
    let value = vec![b'x'; 1_000_000];
    for _ in 0..16 {
        let records = batch(Codec::None, &[&value]).to_bytes();
        let answer = produce(&mut connection, "t", 0, records).expect("an answer");
        assert_eq!(answer.error_code, 0);
    }
    let mut slow = node.connect();
    let bytes = slow.frame(FETCH_VERSION, &fetch_request("t", 0, 0, 50 << 20));
    assert!(slow.send(&bytes));
    let mut size = [0; 4];
    std::io::Read::read_exact(&mut slow.stream, &mut size).expect("a size");
    let mut left = u32::from_be_bytes(size) as usize;
    assert!(left > 15_000_000, "{left}");
    let mut buffer = vec![0; 1 << 20];
    while left > 0 {
        thread::sleep(Duration::from_millis(120));
        let some = left.min(buffer.len());
        std::io::Read::read_exact(&mut slow.stream, &mut buffer[..some]).expect("more");
        left -= some;
    }
    node.check();
}

#[test]
fn limits_of_connections() {
    let _alone = alone();
    let home = Home::new(&[]);
    for (key, said) in [
        ("max.connections", "max.connections is reached"),
        (
            "max.connections.per.ip",
            "max.connections.per.ip is reached",
        ),
    ] {
        let mut node = home.start(&[&format!("{key}=5")]);
        // Whoever waited for the start is gone first.
        thread::sleep(Duration::from_millis(100));
        let mut admitted: Vec<_> = (0..5).map(|_| node.connect()).collect();
        for connection in &mut admitted {
            assert!(connection.ask(0, &ApiVersionsRequest::default()).is_ok());
        }
        let mut another = node.connect();
        let asked = thread::spawn(move || another.ask(0, &ApiVersionsRequest::default()).map(drop));
        let is_told = wait_until(Duration::from_secs(10), || node.said().contains(said));
        assert!(is_told, "{}", node.said());
        if key == "max.connections" {
            // It waits until there is a place.
            assert!(!asked.is_finished());
            admitted.pop();
            assert_eq!(asked.join().expect("asked"), Ok(()));
        } else {
            assert_eq!(asked.join().expect("asked"), Err(NoAnswer::Closed));
            admitted.pop();
        }
        let again = wait_until(Duration::from_secs(2), || {
            node.connect()
                .ask(0, &ApiVersionsRequest::default())
                .is_ok()
        });
        assert!(again, "its place is not given back");
        drop(admitted);
        thread::sleep(Duration::from_millis(100));
        node.check();
        node.stop();
    }
}
