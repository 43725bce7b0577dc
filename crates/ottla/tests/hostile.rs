//! Clients that send anything: each gets an error or a closed connection, as from Apache Kafka, and the node goes on.
#![allow(clippy::disallowed_methods)] // A test waits by the clock.

mod node;

use std::{
    io::Write,
    thread,
    time::{Duration, Instant},
};

use bytes::Bytes;
use node::{
    Connection, Home, NoAnswer, Numbers,
    data::{
        FETCH_VERSION, PRODUCE_VERSION, batch, create_topic, fetch, fetch_request, produce,
        produce_request, read_all,
    },
    frame, header,
};
use ottla_wire::{
    apis,
    errors::Code,
    messages::{ApiVersionsRequest, FetchRequest, MetadataRequest, ProduceRequest},
    records::{Batch, Codec},
};

/// How long a closed connection is waited for.
const CLOSED_LIMIT: Duration = Duration::from_secs(5);

/// Sends bytes on a connection of their own, which the node must close without an answer.
#[track_caller]
fn is_closed(address: &str, bytes: &[u8]) {
    let mut connection = Connection::to(address).patience(CLOSED_LIMIT);
    // It may be closed before all of it was sent.
    connection.send(bytes);
    assert_eq!(connection.receive(), Err(NoAnswer::Closed), "{bytes:?}");
}

#[test]
fn frames_of_impossible_length_close_the_connection() {
    let home = Home::new(&["socket.request.max.bytes=10000"]);
    let mut node = home.start(&[]);
    for length in [-1_i32, i32::MIN, i32::MAX, 10_001, 0] {
        is_closed(&home.address(), &length.to_be_bytes());
    }
    is_closed(
        &home.address(),
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    );
    is_closed(&home.address(), &[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]);
    for controller in [1, 7, 100] {
        let listener = format!("127.0.0.1:{}", home.controller_port);
        is_closed(&listener, &frame(&[&vec![0xff; controller]]));
    }
    // The largest that is allowed is read and answered.
    let mut connection = node.connect();
    let names = MetadataRequest {
        topics: Some(Vec::new()),
        ..MetadataRequest::default()
    };
    let mut longest = connection.frame(1, &names).to_vec();
    longest.resize(4 + 10_000, 0);
    longest[..4].copy_from_slice(&10_000_i32.to_be_bytes());
    // It is a request with bytes left over, which Apache Kafka overlooks.
    assert!(connection.send(&longest));
    assert!(connection.receive().is_ok());
    assert!(node.said().contains("socket.request.max.bytes is 10000"));
    node.check();
}

#[test]
fn requests_that_nobody_knows_close_the_connection() {
    let home = Home::new(&[]);
    let mut node = home.start(&[]);
    for key in [-1, 4, 5, 6, 7, 95, 999, i16::MIN, i16::MAX] {
        is_closed(&home.address(), &frame(&[&header(key, 0, 1), &[0; 20]]));
    }
    for (key, version) in [(0, 2), (0, 14), (1, 3), (1, 19), (3, -1), (3, 14), (19, 1)] {
        is_closed(
            &home.address(),
            &frame(&[&header(key, version, 1), &[0; 40]]),
        );
    }
    let api_versions = apis::api(apis::API_VERSIONS).expect("a row");
    for version in [-1, api_versions.last + 1, 99, i16::MAX] {
        let mut connection = node.connect();
        assert!(connection.send(&frame(&[&header(18, version, 9), &[1, 2, 3]])));
        let answer = connection.receive().expect("an answer");
        assert_eq!(&answer[..6], &[0, 0, 0, 9, 0, 35], "{version}: {answer:?}");
        // And it can go on to ask in a version that there is.
        let again = connection.ask(0, &ApiVersionsRequest::default());
        assert_eq!(again.map(|answer| answer.error_code), Ok(0));
    }
    node.check();
}

/// Every request in every version, on both listeners, with a body of random bytes.
#[test]
fn random_bodies_of_every_request() {
    let home = Home::new(&[]);
    let mut node = home.start(&[]);
    let mut numbers = Numbers(0x5eed);
    let mut sent = 0;
    for port in [home.port, home.controller_port] {
        let address = format!("127.0.0.1:{port}");
        for api in apis::all() {
            for version in api.first..=api.last {
                let len = 1 + numbers.below(200);
                for body in [
                    numbers.bytes(len),
                    vec![0; len],
                    vec![0x7f; len],
                    vec![0xff; 1 + len % 16],
                ] {
                    let mut connection = Connection::to(&address);
                    connection.send(&frame(&[&header(api.key, version, 5), &body]));
                    // What would be a valid request may also be answered, late or (acks=0) never.
                    connection.finish();
                    sent += 1;
                    if sent % 50 == 0 {
                        let answer = node.connect().ask(0, &ApiVersionsRequest::default());
                        assert!(answer.is_ok(), "after {}: {}", api.name, node.said());
                    }
                }
            }
        }
    }
    assert!(sent > 2000, "{sent}");
    node.check();
    node.stop();
}

#[test]
fn streams_of_random_bytes() {
    let home = Home::new(&[]);
    let mut node = home.start(&[]);
    let mut numbers = Numbers(77);
    for _ in 0..300 {
        let len = numbers.below(3000);
        let mut bytes = numbers.bytes(len);
        if numbers.below(2) == 0 && bytes.len() > 8 {
            // A length that is true, or nearly.
            let length = (bytes.len() - 4 - numbers.below(3)) as u32;
            bytes[..4].copy_from_slice(&length.to_be_bytes());
            bytes[4] = 0;
            bytes[5] = numbers.below(95) as u8;
        }
        let mut connection = node.connect();
        connection.send(&bytes);
    }
    node.check();
}

#[test]
fn frames_cut_short_leave_nothing_behind() {
    let home = Home::new(&[]);
    let mut node = home.start(&[]);
    for cut in [1, 3, 4, 5, 9, 14, 20] {
        let mut connection = node.connect();
        let whole = connection.frame(9, &MetadataRequest::default());
        assert!(connection.send(&whole[..cut.min(whole.len() - 1)]));
        connection.finish();
        assert_eq!(connection.receive(), Err(NoAnswer::Closed));
    }
    // What came before the cut is answered.
    let mut connection = node.connect();
    let whole = connection.frame(0, &ApiVersionsRequest::default());
    for _ in 0..100 {
        assert!(connection.send(&whole));
    }
    assert!(connection.send(&whole[..7]));
    connection.finish();
    for n in 0..100 {
        assert!(connection.receive().is_ok(), "answer {n}");
    }
    assert_eq!(connection.receive(), Err(NoAnswer::Closed));
    node.check();
}

#[test]
fn what_came_before_a_broken_request_is_answered() {
    let home = Home::new(&[]);
    let mut node = home.start(&[]);
    for broken in [
        frame(&[&header(3, 4, 1), &[0x7f, 0xff, 0xff, 0xff]]),
        frame(&[&header(999, 0, 1)]),
        (-5_i32).to_be_bytes().to_vec(),
    ] {
        let mut connection = node.connect();
        let good = connection.frame(0, &ApiVersionsRequest::default());
        let bytes: Vec<u8> = [&good[..]; 40].concat();
        assert!(connection.send(&bytes) && connection.send(&broken));
        for n in 0..40 {
            assert!(connection.receive().is_ok(), "answer {n}");
        }
        assert_eq!(connection.receive(), Err(NoAnswer::Closed));
    }
    node.check();
}

/// Counts that promise more than is there, in every request that begins with an array or has one soon.
#[test]
fn arrays_that_are_longer_than_their_request() {
    let home = Home::new(&[]);
    let mut node = home.start(&[]);
    let before = node.memory("VmHWM");
    for huge in [i32::MAX, i32::MAX - 1, 1 << 24, 1 << 30] {
        let count = huge.to_be_bytes();
        is_closed(&home.address(), &frame(&[&header(3, 4, 1), &count, &[0]]));
        // CreateTopics 2, with a topic that has as many assignments.
        let topic = [0, 0, 0, 1, 0, 1, b'a', 0, 0, 0, 1, 0, 1];
        is_closed(
            &home.address(),
            &frame(&[&header(19, 2, 1), &topic, &count]),
        );
        // Metadata 12: a compact array, its count in five bytes.
        is_closed(
            &home.address(),
            &frame(&[&header(3, 12, 1), &[0xff, 0xff, 0xff, 0xff, 0x0f, 0]]),
        );
        // As many tagged fields in the header.
        let mut tags = header(3, 12, 1);
        tags.pop();
        is_closed(
            &home.address(),
            &frame(&[&tags, &[0xff, 0xff, 0xff, 0xff, 0x0f, 0]]),
        );
    }
    let grew = node.memory("VmHWM") - before;
    assert!(grew < 16 << 10, "by {grew} KiB");
    node.check();
}

#[test]
fn a_thousand_requests_at_once_are_answered_in_order() {
    let home = Home::new(&[]);
    let mut node = home.start(&[]);
    let mut connection = node.connect();
    let mut bytes = Vec::new();
    for n in 0..1000 {
        bytes.extend(match n % 3 {
            0 => connection.frame(0, &ApiVersionsRequest::default()),
            1 => connection.frame(9, &MetadataRequest::default()),
            _ => connection.frame(FETCH_VERSION, &fetch_request("none", 0, 0, 1)),
        });
    }
    let mut sending = connection.stream.try_clone().expect("a stream");
    let sender = thread::spawn(move || sending.write_all(&bytes).expect("sent"));
    for n in 1..=1000_i32 {
        let answer = connection.receive().expect("an answer");
        assert_eq!(&answer[..4], &n.to_be_bytes());
    }
    sender.join().expect("sent");
    node.check();
}

/// A batch with a number in its header changed, and its checksum made right again.
fn changed(at: usize, number: i32) -> Bytes {
    let mut bytes = batch(Codec::None, &[b"a", b"b", b"c"]).to_bytes().to_vec();
    bytes[at..at + 4].copy_from_slice(&number.to_be_bytes());
    let mut batch = Batch::first(&bytes.into()).expect("a batch");
    batch.seal();
    batch.to_bytes()
}

const LAST_OFFSET_DELTA_AT: usize = 23;
const RECORD_COUNT_AT: usize = 57;

#[test]
fn damaged_batches_are_refused_and_the_log_stays_as_it_was() {
    let home = Home::new(&[]);
    let mut node = home.start(&[]);
    let mut connection = node.connect();
    assert_eq!(create_topic(&mut connection, "t", 1), 0);
    let good = batch(Codec::Lz4, &[b"one", b"two"]).to_bytes();
    let answer = produce(&mut connection, "t", 0, good.clone()).expect("an answer");
    assert_eq!((answer.error_code, answer.base_offset), (0, 0));

    let mut flipped = good.to_vec();
    let last = flipped.len() - 1;
    flipped[last] ^= 1;
    let mut old = good.to_vec();
    old[16] = 1;
    for (what, bytes, code) in [
        (
            "a wrong checksum",
            Bytes::from(flipped),
            Code::CORRUPT_MESSAGE,
        ),
        (
            "cut short",
            good.slice(..good.len() - 1),
            Code::CORRUPT_MESSAGE,
        ),
        (
            "too short for a header",
            good.slice(..20),
            Code::CORRUPT_MESSAGE,
        ),
        ("an old format", Bytes::from(old), Code::CORRUPT_MESSAGE),
        (
            "more records than there are",
            changed(RECORD_COUNT_AT, 1000),
            Code::INVALID_RECORD,
        ),
        (
            "a negative count",
            changed(RECORD_COUNT_AT, -3),
            Code::INVALID_RECORD,
        ),
        (
            "a last offset that is not that of its last record",
            changed(LAST_OFFSET_DELTA_AT, 99),
            Code::INVALID_RECORD,
        ),
        ("no batch", Bytes::new(), Code::INVALID_RECORD),
    ] {
        let answer = produce(&mut connection, "t", 0, bytes).expect(what);
        assert_ne!(answer.error_code, 0, "{what}");
        let is_known = [
            code,
            Code::CORRUPT_MESSAGE,
            Code::INVALID_RECORD,
            Code::UNSUPPORTED_FOR_MESSAGE_FORMAT,
        ];
        assert!(
            is_known.contains(&Code(answer.error_code)),
            "{what}: {answer:?}"
        );
        assert!(
            answer.error_message.is_some_and(|text| !text.is_empty()),
            "{what}: no reason"
        );
    }
    assert_eq!(read_all(&mut connection, "t", 0), [&b"one"[..], b"two"]);
    node.check();
}

/// Little that becomes much when it is uncompressed.
#[test]
fn bombs_are_refused_or_taken_without_much_memory() {
    let home = Home::new(&[]);
    let mut node = home.start(&[]);
    let mut connection = node.connect();
    assert_eq!(create_topic(&mut connection, "t", 1), 0);
    let zeros = vec![0_u8; 32 << 20];
    let before = node.memory("VmHWM");
    for codec in [Codec::Gzip, Codec::Zstd, Codec::Lz4, Codec::Snappy] {
        let bomb = batch(codec, &[&zeros]).to_bytes();
        let answer = produce(&mut connection, "t", 0, bomb).expect("an answer");
        assert!(
            [0, Code::MESSAGE_TOO_LARGE.0].contains(&answer.error_code),
            "{codec:?}: {answer:?}"
        );
    }
    drop(zeros);
    // Four at the same time.
    let grew = node.memory("VmHWM") - before;
    assert!(grew < 100 << 10, "by {grew} KiB");
    // Claims of a size that is not true.
    for codec in [Codec::Gzip, Codec::Zstd, Codec::Lz4, Codec::Snappy] {
        let mut rng = Numbers(5);
        let whole = batch(codec, &[&[7; 5000]]).to_bytes();
        for _ in 0..50 {
            let mut bytes = whole.to_vec();
            let at = 61 + rng.below(bytes.len() - 61);
            bytes[at] = rng.below(256) as u8;
            let mut damaged = Batch::first(&bytes.into()).expect("a batch");
            damaged.seal();
            produce(&mut connection, "t", 0, damaged.to_bytes()).expect("an answer");
        }
    }
    node.check();
}

#[test]
fn fetches_of_impossible_sizes_are_answered() {
    let home = Home::new(&[]);
    let mut node = home.start(&[]);
    let mut connection = node.connect();
    assert_eq!(create_topic(&mut connection, "t", 1), 0);
    let records = batch(Codec::None, &[b"one"]).to_bytes();
    let answer = produce(&mut connection, "t", 0, records).expect("an answer");
    assert_eq!(answer.error_code, 0);
    for max_bytes in [i32::MIN, -1, 0, 1, i32::MAX] {
        let data = fetch(&mut connection, "t", 0, 0, max_bytes);
        assert_eq!(data.error_code, 0, "{max_bytes}");
    }
    for offset in [i64::MIN, -2, -1, 2, i64::MAX] {
        let data = fetch(&mut connection, "t", 0, offset, 1000);
        assert_eq!(data.error_code, Code::OFFSET_OUT_OF_RANGE.0, "{offset}");
    }
    for partition in [i32::MIN, -1, 1, i32::MAX] {
        let data = fetch(&mut connection, "t", partition, 0, 1000);
        assert_eq!(data.error_code, Code::UNKNOWN_TOPIC_OR_PARTITION.0);
    }
    // Waiting for more than there can be ends with what is there.
    let greedy = FetchRequest {
        min_bytes: i32::MAX,
        max_wait_ms: 100,
        ..fetch_request("t", 0, 0, i32::MAX)
    };
    assert!(connection.ask(FETCH_VERSION, &greedy).is_ok());
    let never = FetchRequest {
        min_bytes: i32::MIN,
        max_wait_ms: i32::MIN,
        ..fetch_request("t", 0, 0, i32::MAX)
    };
    assert!(connection.ask(FETCH_VERSION, &never).is_ok());
    node.check();
}

#[test]
fn one_byte_at_a_time_is_a_request_all_the_same() {
    let home = Home::new(&[]);
    let node = home.start(&[]);
    let mut slow: Vec<_> = (0..20).map(|_| node.connect()).collect();
    let bytes = slow[0].frame(0, &ApiVersionsRequest::default());
    for byte in &bytes {
        for connection in &mut slow {
            assert!(connection.send(&[*byte]));
        }
        // Others do not wait for them.
        let from = Instant::now();
        assert!(
            node.connect()
                .ask(0, &ApiVersionsRequest::default())
                .is_ok()
        );
        assert!(from.elapsed() < Duration::from_secs(1));
        thread::sleep(Duration::from_millis(20));
    }
    for connection in &mut slow {
        assert!(connection.receive().is_ok());
    }
}

#[test]
fn idle_connections_are_closed() {
    let home = Home::new(&["connections.max.idle.ms=600"]);
    let mut node = home.start(&[]);
    let mut silent = node.connect();
    let mut half = node.connect();
    assert!(half.send(&[0, 0, 0]));
    let mut busy = node.connect();
    let from = Instant::now();
    while from.elapsed() < Duration::from_millis(1500) {
        assert!(busy.ask(0, &ApiVersionsRequest::default()).is_ok());
        thread::sleep(Duration::from_millis(50));
    }
    let limit = Duration::from_millis(10);
    silent.stream.set_read_timeout(Some(limit)).expect("limit");
    half.stream.set_read_timeout(Some(limit)).expect("limit");
    assert_eq!(silent.receive(), Err(NoAnswer::Closed));
    assert_eq!(half.receive(), Err(NoAnswer::Closed));
    assert!(busy.ask(0, &ApiVersionsRequest::default()).is_ok());
    node.check();
}

#[test]
fn no_answer_and_a_closed_connection_for_what_asks_for_none_and_fails() {
    let home = Home::new(&[]);
    let mut node = home.start(&[]);
    let mut connection = node.connect();
    let request: ProduceRequest =
        produce_request("none", 0, 0, batch(Codec::None, &[b"x"]).to_bytes());
    let bytes = connection.frame(PRODUCE_VERSION, &request);
    assert!(connection.send(&bytes));
    assert_eq!(connection.receive(), Err(NoAnswer::Closed));
    node.check();
}
