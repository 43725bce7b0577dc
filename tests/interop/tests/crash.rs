//! kill -9 under load, again and again: every acknowledged record is there, once, in order, where the answer said.

use std::{
    collections::BTreeMap,
    fs,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use ottla_interop::{
    clients::{self, create_topic, kcat_consume, python},
    oracle::wait_until,
    server::{Kind, Node},
};

const PARTITIONS: u32 = 3;
/// How often it is killed, unless `OTTLA_KILLS` says otherwise.
const KILLS: u64 = 50;
/// The producer must get on between two kills.
const PROGRESS_LIMIT: Duration = Duration::from_secs(60);

#[test]
fn nothing_acknowledged_is_lost_or_doubled() {
    let kills = match std::env::var("OTTLA_KILLS") {
        Ok(text) => text.parse().expect("OTTLA_KILLS"),
        Err(_) => KILLS,
    };
    let dir = tempfile::tempdir().expect("temporary folder");
    // Small segments, so that rolling is hit too.
    let node = Node::new(&dir.path().join("node"), &["log.segment.bytes=1048576"]);
    let mut server = node.start(Kind::under_test());
    create_topic(&node.address(), "crash", PARTITIONS, &[]);
    let acked_file = dir.path().join("acked");
    let mut producer = Producing::start(&node.address(), &acked_file);
    for kill in 0..kills {
        let before = file_len(&acked_file);
        let got_on = wait_until(PROGRESS_LIMIT, || {
            file_len(&acked_file) > before || producer.ended()
        });
        assert!(
            got_on && !producer.ended(),
            "kill {kill}: the producer does not get on: {}",
            producer.said()
        );
        // Another moment each time: in the middle of starting, of load, of a checkpoint.
        thread::sleep(Duration::from_millis(kill * 137 % 900));
        server.kill();
        server = node.start(Kind::under_test());
    }
    let sent = producer.finish(&acked_file);
    let acked = acked(&acked_file);
    check(&node.address(), &acked, sent);
    server.stop();
    // What was read from memory must also be on disk.
    let server = node.start(Kind::under_test());
    check(&node.address(), &acked, sent);
    server.stop();
}

/// Each acknowledged record: partition and offset, and its number.
fn acked(file: &std::path::Path) -> BTreeMap<(u32, u64), u64> {
    let text = fs::read_to_string(file).expect("acked");
    let rows = text.lines().filter_map(|line| line.strip_prefix("acked "));
    rows.map(|row| {
        let cells: Vec<u64> = row
            .split(' ')
            .map(|cell| cell.parse().expect("a number"))
            .collect();
        ((cells[0] as u32, cells[1]), cells[2])
    })
    .collect()
}

fn check(address: &str, acked: &BTreeMap<(u32, u64), u64>, sent: u64) {
    assert!(acked.len() > 1000, "only {} records: no load", acked.len());
    let mut found = BTreeMap::new();
    for partition in 0..PARTITIONS {
        let text = kcat_consume(address, "crash", partition, "%o %s\n");
        let mut before = None;
        for line in String::from_utf8(text).expect("UTF-8").lines() {
            let (offset, value) = line.split_once(' ').expect("offset and value");
            let (number, filling) = value.split_once(':').expect("number and filling");
            let (offset, number): (u64, u64) = (
                offset.parse().expect("offset"),
                number.parse().expect("number"),
            );
            assert_eq!(
                filling.len() as u64,
                number % 300,
                "record {number} is damaged"
            );
            assert_eq!(
                number % u64::from(PARTITIONS),
                u64::from(partition),
                "record {number} is elsewhere"
            );
            // One after the other: none twice, none out of order.
            assert!(
                before < Some(number),
                "{number} after {before:?} at {partition}:{offset}"
            );
            before = Some(number);
            found.insert((partition, offset), number);
        }
    }
    for (place, number) in acked {
        assert_eq!(found.get(place), Some(number), "acknowledged at {place:?}");
    }
    // The producer ended with nothing left to acknowledge.
    assert_eq!(
        (acked.len(), found.len()),
        (sent as usize, sent as usize),
        "acknowledged, found; sent"
    );
}

struct Producing(Child, std::path::PathBuf);

impl Producing {
    fn start(address: &str, acked: &std::path::Path) -> Self {
        let script = python(
            "produce_until_told.py",
            &[address, "crash", &PARTITIONS.to_string()],
        );
        let errors = acked.with_extension("errors");
        let child = Command::new(script.get_program())
            .args(["-u"])
            .args(script.get_args())
            .stdin(Stdio::piped())
            .stdout(fs::File::create(acked).expect("acked"))
            .stderr(fs::File::create(&errors).expect("errors"))
            .spawn()
            .expect("python");
        Self(child, errors)
    }

    fn ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }

    fn said(&self) -> String {
        fs::read_to_string(&self.1).unwrap_or_default()
    }

    /// Lets it send what it has: how many it sent in all.
    fn finish(mut self, acked: &std::path::Path) -> u64 {
        drop(self.0.stdin.take());
        let in_time = wait_until(Duration::from_secs(150), || self.ended());
        assert!(in_time, "the producer does not end: {}", self.said());
        let text = fs::read_to_string(acked).expect("acked");
        let done = text
            .lines()
            .find_map(|line| line.strip_prefix("done ")?.parse().ok());
        done.unwrap_or_else(|| panic!("the producer failed: {}", self.said()))
    }
}

impl Drop for Producing {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn file_len(path: &std::path::Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

/// The tests' own client is there: a crash test whose producer never ran would prove nothing.
#[test]
fn the_producer_says_what_it_cannot_do() {
    let script = python("produce_until_told.py", &["127.0.0.1:1"]);
    assert!(clients::try_run(&script).is_err());
}
