//! More load than the node takes: latency grows, nothing that was acknowledged is lost, doubled or out of order, memory stays
//! bounded, and as soon as the load ends all is as it was.
#![allow(clippy::disallowed_methods, clippy::print_stdout)] // A load has a clock, and tells what it measured.

use std::{
    fs,
    io::{BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    sync::{
        Barrier,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use bytes::Bytes;
use ottla_interop::{
    clients::create_topic,
    load::{
        Gauge,
        link::{Link, decode, frame},
    },
    oracle::wait_until,
    server::{Kind, Node, Server},
};
use ottla_wire::{
    Records, Uuid,
    messages::{
        ApiVersionsRequest, InitProducerIdRequest, MetadataRequest, ProduceRequest,
        metadata_request::MetadataRequestTopic,
        produce_request::{PartitionProduceData, TopicProduceData},
    },
    records::{Batch, BatchBuilder, Codec, batch::crc32c},
};

/// Connections that send as much as they can, each to a partition of its own.
const SENDERS: usize = 24;
/// Their partitions, that of one who never reads, and that of one who measures.
const MUTE: i32 = SENDERS as i32;
const PROBE: i32 = MUTE + 1;
/// Connections that send half a request.
const HALVES: usize = 8;
/// How long it goes on, and how many times what the node takes it is.
const SECONDS: f64 = 4.0;
const TIMES: f64 = 10.0;
/// The most memory meanwhile, in MB.
const MOST_MEMORY: u64 = 100;
/// What is normal again: a tail a few times that of before, or what a busy machine does to anybody.
const NORMAL_TIMES: u32 = 5;
const NORMAL: Duration = Duration::from_millis(20);
/// How soon.
const BACK: Duration = Duration::from_secs(10);
/// A node that answers nothing for so long has stopped.
const STUCK: Duration = Duration::from_secs(60);
/// Requests that are written at once.
const TOGETHER: u64 = 64;
/// A client's own queue is short: what waits, waits for the node.
const SEND_BUFFER: usize = 32 << 10;
const PRODUCE: i16 = 13;
const MB: u64 = 1_000_000;

#[test]
fn nothing_is_lost_above_capacity_and_all_is_well_when_the_load_ends() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let node = Node::new(&dir.path().join("node"), &["log.retention.ms=-1"]);
    let server = node.start(Kind::under_test());
    create_topic(&server.address(), "load", PROBE as u32 + 1, &[]);
    let topic = topic(&server, PROBE as usize + 1);
    let gauge = Gauge::of(server.pid());
    let mut probe = Client::new(&server, topic, PROBE);
    let calm = (0..4).map(|_| probe.tail()).min();
    let calm = calm.expect("a tail");
    let mut senders: Vec<Client> = (0..SENDERS)
        .map(|partition| Client::new(&server, topic, partition as i32))
        .collect();

    // All that it takes, and then more than that.
    let takes = load(&mut senders, f64::INFINITY, 1.0).per_second;
    gauge.forget_peak().expect("the peak of the memory");
    let mute = Client::new(&server, topic, MUTE).send_and_never_read();
    let halves: Vec<TcpStream> = (0..HALVES).map(|_| half_a_request(&server)).collect();
    let loaded = load(&mut senders, takes * TIMES / SENDERS as f64, SECONDS);
    let peak = gauge.peak().expect("the peak of the memory") / MB;
    println!(
        "takes {takes:.0} requests a second; of {:.0} a second {} were sent, p99 {:?} after {calm:?}, {peak} MB",
        takes * TIMES,
        loaded.sent,
        loaded.tail
    );
    let offered = (takes * TIMES * SECONDS) as u64;
    assert!(loaded.sent < offered, "that was not more than it takes");
    assert!(loaded.tail > calm * 5, "{:?}: nobody waited", loaded.tail);
    assert!(peak <= MOST_MEMORY, "{peak} MB of memory");

    // Clients that misbehave are still there.
    let mut last = Duration::ZERO;
    let normal = (calm * NORMAL_TIMES).max(NORMAL);
    let back = wait_until(BACK, || {
        last = probe.tail();
        last <= normal
    });
    assert!(back, "p99 is {last:?} still, and was {calm:?}");
    drop((mute, halves));

    let sent: Vec<(i32, i32)> = senders
        .iter()
        .chain([&probe])
        .map(|of| (of.partition, of.next))
        .collect();
    drop((senders, probe));
    server.stop();
    for (partition, sent) in sent {
        let written = numbers(&node.data().join(format!("load-{partition}")));
        assert_eq!(written, sent, "records of partition {partition}");
    }
    // Nobody knows how many these are.
    let written = numbers(&node.data().join(format!("load-{MUTE}")));
    assert!(written > 0, "nothing came of one who never reads");
}

/// How much memory may be kept of a burst, in MB.
const KEPT: u64 = 30;
/// Connections with a request of 1 MiB each, all at once.
const BURST: usize = 200;
/// The requests themselves, and half as much again.
const MOST_IN_BURST: u64 = BURST as u64 * 3 / 2;

#[test]
fn buffers_come_back_after_a_burst() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let properties = ["log.retention.ms=-1", "message.max.bytes=2000000"];
    let node = Node::new(&dir.path().join("node"), &properties);
    let server = node.start(Kind::under_test());
    create_topic(&server.address(), "load", 8, &[]);
    let topic = topic(&server, 8);
    let gauge = Gauge::of(server.pid());
    let memory = || gauge.read().expect("its memory").rss / MB;
    let request = request(topic, 0, &[b'x'; 1 << 20]);
    let mut links: Vec<Link> = (0..BURST).map(|_| open(&server)).collect();
    links[0].exchange(&request).expect("an answer");
    let before = memory();
    // Of the second one the node knows what is usual on these connections.
    for burst in [1, 2] {
        gauge.forget_peak().expect("the peak of the memory");
        let together = Barrier::new(BURST);
        thread::scope(|scope| {
            for link in &mut links {
                scope.spawn(|| {
                    together.wait();
                    let answer = link.exchange(&request).expect("an answer");
                    let answer = decode::<ProduceRequest>(PRODUCE, answer).expect("an answer");
                    assert_eq!(answer.responses[0].partition_responses[0].error_code, 0);
                });
            }
        });
        let peak = gauge.peak().expect("the peak of the memory") / MB;
        let mut after = 0;
        let back = wait_until(BACK, || {
            after = memory();
            after <= before + KEPT
        });
        println!("burst {burst}: {before} MB before, {peak} MB at most, {after} MB after");
        assert!(peak <= before + MOST_IN_BURST, "{peak} MB for the burst");
        assert!(back, "{after} MB are kept of {before}");
    }
    // They were open all the time, and serve still.
    links[BURST - 1].exchange(&request).expect("an answer");
    drop(links);
    server.stop();
}

/// Connections that are there for a while.
const GUESTS: usize = 2000;

#[test]
fn memory_comes_back_when_connections_are_gone() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let node = Node::new(&dir.path().join("node"), &["max.connections=10000"]);
    let server = node.start(Kind::under_test());
    create_topic(&server.address(), "load", 1, &[]);
    topic(&server, 1);
    let gauge = Gauge::of(server.pid());
    let memory = || gauge.read().expect("its memory").rss as f64 / MB as f64;
    let before = memory();
    let mut guests: Vec<Link> = (0..GUESTS).map(|_| open(&server)).collect();
    // Those that the node has not met yet take nothing.
    for guest in &mut guests {
        let answer = guest.ask(0, &ApiVersionsRequest::default());
        answer.expect("an answer");
    }
    let with = memory();
    drop(guests);
    let mut after = 0.0;
    let back = wait_until(BACK, || {
        after = memory();
        after <= before + (with - before) / 3.0
    });
    println!("{before:.1} MB before, {with:.1} MB with {GUESTS} connections, {after:.1} MB after");
    // Otherwise there is nothing that could come back.
    assert!(with > before + 5.0, "{before} MB, {with} MB");
    assert!(back, "{after} MB are kept of {with}");
    server.stop();
}

fn open(server: &Server) -> Link {
    Link::open(&server.address()).expect("a connection")
}

/// The topic's id, as soon as each of its partitions has a leader.
fn topic(server: &Server, partitions: usize) -> Uuid {
    let mut link = open(server);
    let ask = MetadataRequest {
        topics: Some(vec![MetadataRequestTopic {
            name: Some("load".to_owned()),
            ..MetadataRequestTopic::default()
        }]),
        ..MetadataRequest::default()
    };
    let mut id = None;
    let led = wait_until(STUCK, || {
        let answer = link.ask(12, &ask).expect("metadata");
        let of = answer.topics.first().filter(|of| of.error_code == 0);
        let led = of.iter().flat_map(|of| &of.partitions);
        let led = led.filter(|of| of.error_code == 0).count();
        id = of.filter(|_| led == partitions).map(|of| of.topic_id);
        id.is_some()
    });
    assert!(led, "not every partition has a leader");
    id.expect("an id")
}

/// A produce request with a batch of one record.
fn request(topic: Uuid, partition: i32, value: &[u8]) -> Bytes {
    let mut builder = BatchBuilder::new(Codec::None);
    builder.append(1, None, Some(value), &[]).expect("a record");
    let batch = builder.build().expect("a batch").to_bytes();
    let request = ProduceRequest {
        acks: -1,
        timeout_ms: 30_000,
        topic_data: vec![TopicProduceData {
            topic_id: topic,
            partition_data: vec![PartitionProduceData {
                index: partition,
                records: Some(Records::Bytes(batch)),
                ..PartitionProduceData::default()
            }],
            ..TopicProduceData::default()
        }],
        ..ProduceRequest::default()
    };
    frame(PRODUCE, 0, &request).expect("a frame")
}

/// Says that a megabyte comes, and sends a thousand bytes of it.
fn half_a_request(server: &Server) -> TcpStream {
    let mut stream = open(server).stream;
    stream
        .write_all(&(1_i32 << 20).to_be_bytes())
        .expect("sent");
    let start = request(Uuid::default(), 0, &[b'x'; 1000]);
    stream.write_all(&start[4..1000]).expect("sent");
    stream
}

/// An idempotent producer of numbered requests: the sequence of the only record in each is its number.
struct Client {
    link: Link,
    partition: i32,
    request: Bytes,
    /// Where the batch begins in the request.
    batch: usize,
    next: i32,
}

impl Client {
    fn new(server: &Server, topic: Uuid, partition: i32) -> Self {
        let mut link = open(server);
        let init = InitProducerIdRequest {
            transactional_id: None,
            transaction_timeout_ms: 60_000,
            producer_id: -1,
            producer_epoch: -1,
            ..InitProducerIdRequest::default()
        };
        let given = link.ask_until(4, &init, |answer| answer.error_code);
        let given = given.expect("a producer id");
        let stream = &link.stream;
        socket2::SockRef::from(stream)
            .set_send_buffer_size(SEND_BUFFER)
            .expect("a short queue");
        stream.set_read_timeout(Some(STUCK)).expect("a limit");
        stream.set_write_timeout(Some(STUCK)).expect("a limit");
        let value = [b'v'; 100];
        let mut request = request(topic, partition, &value).to_vec();
        let batch = (0..request.len() - 61)
            .find(|at| {
                Batch::first(&Bytes::copy_from_slice(&request[*at..]))
                    .is_ok_and(|of| of.check_crc().is_ok())
            })
            .expect("the batch in its request");
        request[batch + 43..batch + 51].copy_from_slice(&given.producer_id.to_be_bytes());
        request[batch + 51..batch + 53].copy_from_slice(&given.producer_epoch.to_be_bytes());
        Self {
            link,
            partition,
            request: request.into(),
            batch,
            next: 0,
        }
    }

    /// Adds the next request to some.
    fn add_next(&mut self, to: &mut Vec<u8>) {
        let start = to.len();
        to.extend_from_slice(&self.request);
        let number = self.next.to_be_bytes();
        to[start + 8..start + 12].copy_from_slice(&number);
        // What follows the only batch is no part of it: its length says where it ends.
        let batch = &mut to[start + self.batch..];
        let length = i32::from_be_bytes(batch[8..12].try_into().expect("4 bytes"));
        let batch = &mut batch[..12 + length as usize];
        batch[53..57].copy_from_slice(&number);
        let crc = crc32c(&batch[21..]);
        batch[17..21].copy_from_slice(&crc.to_be_bytes());
        self.next += 1;
    }

    /// The tail of 100 requests, one after the other.
    fn tail(&mut self) -> Duration {
        let mut took = Vec::new();
        for _ in 0..100 {
            let mut bytes = Vec::new();
            self.add_next(&mut bytes);
            let from = Instant::now();
            let answer = self.link.exchange(&bytes).expect("an answer");
            took.push(from.elapsed());
            accepted(&answer, self.next - 1);
        }
        took.sort_unstable();
        took[98]
    }

    /// Sends until the node takes no more.
    fn send_and_never_read(mut self) -> TcpStream {
        const AT_MOST: usize = 200_000;
        let limit = Some(Duration::from_millis(500));
        self.link.stream.set_write_timeout(limit).expect("a limit");
        for _ in 0..AT_MOST / TOGETHER as usize {
            let mut bytes = Vec::new();
            (0..TOGETHER).for_each(|_| self.add_next(&mut bytes));
            if self.link.stream.write_all(&bytes).is_err() {
                return self.link.stream;
            }
        }
        panic!("the node takes {AT_MOST} requests of one who reads no answer");
    }
}

/// Fails unless an answer, without its size, says that the record of this number was taken, at its place.
fn accepted(answer: &[u8], number: i32) {
    // Decoding each would make the client the slow one: correlation id, tags, one topic (its id), one partition (its index).
    const CODE: usize = 4 + 1 + 1 + 16 + 1 + 4;
    let four = |at: usize| i32::from_be_bytes(answer[at..at + 4].try_into().expect("4 bytes"));
    let code = i16::from_be_bytes(answer[CODE..CODE + 2].try_into().expect("2 bytes"));
    let offset = i64::from_be_bytes(answer[CODE + 2..CODE + 10].try_into().expect("8 bytes"));
    assert_eq!(
        (four(0), code, offset),
        (number, 0, number.into()),
        "number, code and offset of an answer"
    );
}

struct Loaded {
    sent: u64,
    /// Answers, until the last one came.
    per_second: f64,
    /// From when a request was due to its answer.
    tail: Duration,
}

/// Each client sends so many requests a second, whether they are answered or not; then all answers are waited for.
fn load(clients: &mut [Client], rate: f64, seconds: f64) -> Loaded {
    let start = Instant::now();
    let mut took: Vec<Duration> = thread::scope(|scope| {
        let each = |client| scope.spawn(move || client_load(client, start, rate, seconds));
        let all: Vec<_> = clients.iter_mut().map(each).collect();
        all.into_iter()
            .flat_map(|thread| thread.join().expect("all answers"))
            .collect()
    });
    let elapsed = start.elapsed().as_secs_f64();
    took.sort_unstable();
    Loaded {
        sent: took.len() as u64,
        per_second: took.len() as f64 / elapsed,
        tail: took[took.len() * 99 / 100],
    }
}

fn client_load(client: &mut Client, start: Instant, rate: f64, seconds: f64) -> Vec<Duration> {
    let reading = client.link.stream.try_clone().expect("a connection");
    let first = client.next;
    // Known just before the last one is sent.
    let count = AtomicU64::new(u64::MAX);
    thread::scope(|scope| {
        let reader = scope.spawn(|| answers(reading, first, start, rate, &count));
        let mut sent = 0;
        loop {
            let elapsed = start.elapsed().as_secs_f64();
            let over = elapsed >= seconds;
            let due = (elapsed * rate).min(u64::MAX as f64) as u64;
            let together = match over {
                true => 1,
                false => due.saturating_sub(sent).min(TOGETHER),
            };
            if together == 0 {
                thread::sleep(Duration::from_millis(1));
                continue;
            }
            let mut bytes = Vec::new();
            (0..together).for_each(|_| client.add_next(&mut bytes));
            sent += together;
            if over {
                count.store(sent, Ordering::Release);
            }
            client.link.stream.write_all(&bytes).expect("sent");
            if over {
                break;
            }
        }
        reader.join().expect("all answers")
    })
}

/// How long each answer took from when its request was due.
fn answers(
    stream: TcpStream,
    first: i32,
    start: Instant,
    rate: f64,
    count: &AtomicU64,
) -> Vec<Duration> {
    let mut reader = BufReader::new(stream);
    let mut took = Vec::new();
    let mut answer = Vec::new();
    while (took.len() as u64) < count.load(Ordering::Acquire) {
        let mut size = [0; 4];
        reader.read_exact(&mut size).expect("an answer");
        answer.resize(u32::from_be_bytes(size) as usize, 0);
        reader.read_exact(&mut answer).expect("an answer");
        accepted(&answer, first + took.len() as i32);
        let due = start + Duration::from_secs_f64(took.len() as f64 / rate);
        took.push(due.elapsed());
    }
    took
}

/// How many batches a log has: one after the other, whole, and none twice.
fn numbers(dir: &Path) -> i32 {
    let entries = fs::read_dir(dir).expect("the log").flatten();
    let names = entries.map(|entry| entry.path());
    let mut segments: Vec<_> = names
        .filter(|path| path.extension().is_some_and(|of| of == "log"))
        .collect();
    segments.sort();
    let mut next = 0;
    for segment in segments {
        let mut rest = Bytes::from(fs::read(segment).expect("a segment"));
        while !rest.is_empty() {
            let batch = Batch::first(&rest).expect("a batch");
            batch.check_crc().expect("the bytes that were sent");
            let place = (batch.base_offset(), batch.base_sequence());
            assert_eq!(place, (next.into(), next), "offset and number");
            next += 1;
            rest = rest.slice(batch.size_in_bytes()..);
        }
    }
    next
}
