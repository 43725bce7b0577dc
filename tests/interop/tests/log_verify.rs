//! `ottla log verify` finds nothing in what Apache Kafka wrote, whatever way it was stopped; it finds what is damaged; and
//! after `ottla log repair` Apache Kafka serves what is left.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use ottla_interop::{
    clients::{self, CODECS, assert_same, create_topic, kcat_consume, kcat_produce, ottla},
    lines::log_lines,
    oracle::{Home, compile, wait_until},
    server::{Kind, Node},
    transactional::{Client, Program},
};
use serde_json::Value;

const LINES: usize = 4000;
const PROPERTIES: &[&str] = &[
    "log.segment.bytes=1048576",
    "log.index.interval.bytes=1000",
    "offsets.topic.num.partitions=2",
    "transaction.state.log.num.partitions=2",
    "metadata.log.max.record.bytes.between.snapshots=10000",
    "log.cleaner.backoff.ms=200",
];

/// What `ottla log verify --json` says, and its exit code.
fn verify(dir: &Path) -> (i32, Value) {
    let output = ottla(&["log", "verify", "--json"])
        .arg(dir)
        .output()
        .expect("ottla");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let value = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said}\n{errors}"));
    (output.status.code().expect("it ended"), value)
}

/// The kinds of findings, with the name of the file each is about.
fn findings(value: &Value) -> Vec<(String, String, String)> {
    let text = |it: &Value, name: &str| it[name].as_str().expect("text").to_owned();
    let all = value["findings"].as_array().expect("an array");
    all.iter()
        .map(|it| (text(it, "severity"), text(it, "kind"), text(it, "path")))
        .collect()
}

/// A command that is run to its end: exit code, and both outputs.
fn end_of(mut command: Command) -> (i32, String) {
    let output = command.output().expect("ottla");
    let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
    said += &String::from_utf8_lossy(&output.stderr);
    (output.status.code().expect("it ended"), said)
}

/// Records of all codecs, an idempotent producer, transactions of either outcome, and keys that are compacted.
fn write(address: &str, dir: &Path, day: usize) {
    let input = log_lines(70 + day as u64, LINES);
    let file = clients::file(dir, "lines", &input);
    let keyed = input
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    let keyed: Vec<u8> = keyed
        .zip(0..)
        .flat_map(|(line, n)| [format!("{}\t", n % 50).as_bytes(), line, b"\n"].concat())
        .collect();
    let keyed = clients::file(dir, "keyed", &keyed);
    if day == 0 {
        let compacted = [
            "cleanup.policy=compact",
            "segment.bytes=1048576",
            "min.cleanable.dirty.ratio=0.01",
        ];
        create_topic(address, "compacted", 1, &compacted);
        create_topic(address, "transactions", 1, &[]);
        create_topic(address, "idempotent", 1, &[]);
    }
    for codec in CODECS {
        let topic = format!("mixed-{codec}");
        if day == 0 {
            create_topic(address, &topic, 1, &[]);
        }
        kcat_produce(address, &topic, codec, &file);
    }
    for _ in 0..3 {
        let mut kcat = Command::new("kcat");
        kcat.args([
            "-P",
            "-b",
            address,
            "-t",
            "compacted",
            "-p",
            "0",
            "-K",
            "\t",
            "-l",
        ]);
        clients::run(kcat.arg(&keyed));
    }
    let mut kcat = Command::new("kcat");
    kcat.args(["-P", "-b", address, "-t", "idempotent", "-p", "0", "-X"]);
    clients::run(kcat.args(["enable.idempotence=true", "-l"]).arg(&file));
    let mut producer = Program::start(Client::Java, address, dir, &format!("producer{day}"));
    producer.must(&["open a verify lz4 60000", "init a"]);
    for n in 0..12 {
        let send = format!("send a transactions 0 day{day}.{n} 200 700");
        let end = if n % 3 == 1 { "abort a" } else { "commit a" };
        producer.must(&["begin a", &send, "flush a", end]);
    }
    producer.end();
}

fn compacted(node: &Node) -> bool {
    let path = node.data().join("cleaner-offset-checkpoint");
    wait_until(Duration::from_secs(60), || {
        fs::read_to_string(&path).is_ok_and(|text| text.contains("compacted 0 "))
    })
}

/// The last segment of a partition but so many.
fn segment(node: &Node, partition: &str, from_end: usize) -> PathBuf {
    let entries = fs::read_dir(node.data().join(partition)).expect("a partition");
    let mut logs: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
        .collect();
    logs.sort();
    logs.swap_remove(logs.len() - 1 - from_end)
}

fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).expect("a file");
    change(&mut bytes);
    fs::write(path, bytes).expect("a file");
}

#[test]
fn what_apache_kafka_wrote_is_clean_and_damage_is_found_and_repaired() {
    compile(&Home::find()).expect("compile");
    let dir = tempfile::tempdir().expect("temporary folder");
    let node = Node::new(&dir.path().join("node"), PROPERTIES);
    let address = node.address();
    let server = node.start(Kind::Kafka);
    write(&address, dir.path(), 0);
    assert!(compacted(&node), "Apache Kafka does not compact");
    in_use(&node);
    server.stop();
    nothing_found(&node);

    // Another day, which is not ended as it should be.
    let server = node.start(Kind::Kafka);
    write(&address, dir.path(), 1);
    let expected = kcat_consume(&address, "mixed-lz4", 0, "%o %s\n");
    server.kill();
    let (code, said) = verify(&node.data());
    assert_eq!(code, 1);
    for (severity, kind, path) in findings(&said) {
        assert_ne!(severity, "damage", "{kind} {path}: {said:#}");
    }
    assert_eq!(findings(&said)[0].1, "unclean-stop", "{said:#}");
    repaired(&node, &["--dry-run"], "would do: ");
    assert_eq!(
        verify(&node.data()),
        (code, said),
        "a dry run changes nothing"
    );
    repaired(&node, &[], "marked as left properly");
    let (code, said) = verify(&node.data());
    assert_eq!(code, 0, "{said:#}");

    let server = node.start(Kind::Kafka);
    let found = kcat_consume(&address, "mixed-lz4", 0, "%o %s\n");
    assert_same("after the repair", &expected, &found);
    server.stop();
    damages(&node, &expected);
}

/// All is well. What compaction replaced may wait for `file.delete.delay.ms`.
fn nothing_found(node: &Node) {
    let (code, said) = verify(&node.data());
    let waits = |it: &(String, String, String)| it.1 == "leftover" && it.2.ends_with(".deleted");
    let mut found = findings(&said);
    found.retain(|it| !waits(it));
    assert_eq!((code, found), (0, Vec::new()), "{said:#}");
    assert!(said["batches"].as_u64() > Some(100), "{said:#}");
    assert!(said["segments"].as_u64() > Some(8), "{said:#}");
}

/// A directory that a live node holds is not looked at.
fn in_use(node: &Node) {
    let mut busy = ottla(&["log", "verify"]);
    busy.arg(node.data());
    let (code, said) = end_of(busy);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains(".lock"), "{said}");
}

fn repaired(node: &Node, arguments: &[&str], expected: &str) {
    let mut repair = ottla(&["log", "repair"]);
    repair.arg(node.data()).args(arguments);
    let (code, said) = end_of(repair);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains(expected), "{said}");
    // The next one has a folder of its own.
    std::thread::sleep(Duration::from_millis(1100));
}

/// Damages this and that: each is found, and repaired; Apache Kafka serves what is left.
fn damages(node: &Node, expected: &[u8]) {
    let address = node.address();
    // Its batches are small, so that some are indexed.
    let log = segment(node, "transactions-0", 0);
    let (index, times) = (log.with_extension("index"), log.with_extension("timeindex"));
    change(&index, |bytes| bytes[7] ^= 1);
    fs::remove_file(times).expect("a time index");
    let aborted = segment(node, "transactions-0", 0)
        .parent()
        .map(Path::to_owned);
    let aborted = fs::read_dir(aborted.expect("a folder")).expect("a folder");
    let aborted = aborted
        .map(|entry| entry.expect("an entry").path())
        .find(|path| {
            path.extension()
                .is_some_and(|extension| extension == "txnindex")
        });
    change(&aborted.expect("an aborted transaction"), |bytes| {
        bytes[17] ^= 1
    });
    fs::write(
        node.data().join("mixed-gzip-0/leader-epoch-checkpoint"),
        "0\n1\n0 3\n",
    )
    .expect("epochs");
    fs::write(node.data().join("recovery-point-offset-checkpoint"), "9\n").expect("a checkpoint");
    fs::write(node.data().join("mixed-gzip-0/notes.txt"), "").expect("a file");
    let (code, said) = verify(&node.data());
    let mut kinds: Vec<_> = findings(&said).into_iter().map(|it| it.1).collect();
    // What compaction replaced may wait for its time.
    kinds.retain(|kind| kind != "leftover");
    kinds.sort();
    let all = [
        "checkpoint",
        "epoch-checkpoint",
        "index-missing",
        "offset-index",
        "transaction-index",
        "unexpected-file",
    ];
    assert_eq!(
        (code, &kinds[..]),
        (1, &all.map(str::to_owned)[..]),
        "{said:#}"
    );
    repaired(node, &[], "leader-epoch-checkpoint: rebuilt");
    let (code, said) = verify(&node.data());
    assert_eq!(code, 0, "{said:#}");

    // A flipped bit in the middle of a log.
    let log = segment(node, "mixed-lz4-0", 0);
    let length = fs::metadata(&log).expect("a segment").len() as usize;
    change(&log, |bytes| bytes[length / 2] ^= 4);
    let (code, said) = verify(&node.data());
    assert_eq!(code, 1);
    let all = said["findings"].as_array().expect("an array");
    let damage: Vec<_> = all.iter().filter(|it| it["severity"] == "damage").collect();
    assert_eq!(damage.len(), 1, "{said:#}");
    assert_eq!(damage[0]["path"], log.to_string_lossy().as_ref());
    let offset = damage[0]["offset"].as_i64().expect("an offset");
    let mut refused = ottla(&["log", "repair"]);
    refused.arg(node.data());
    let (code, text) = end_of(refused);
    assert!(code == 1 && text.contains("--truncate"), "{code}: {text}");
    repaired(node, &["--truncate"], "cut off");
    let (code, said) = verify(&node.data());
    assert_eq!(code, 0, "{said:#}");
    let server = node.start(Kind::Kafka);
    let lines = expected.split_inclusive(|byte| *byte == b'\n');
    let left: Vec<u8> = lines.take(offset as usize).flatten().copied().collect();
    let found = kcat_consume(&address, "mixed-lz4", 0, "%o %s\n");
    assert_same("what is left", &left, &found);
    server.stop();
    let (code, said) = verify(&node.data());
    assert_eq!(code, 0, "{said:#}");
}

#[test]
fn what_ottla_wrote_is_clean() {
    compile(&Home::find()).expect("compile");
    let dir = tempfile::tempdir().expect("temporary folder");
    let node = Node::new(&dir.path().join("node"), PROPERTIES);
    let server = node.start(Kind::under_test());
    write(&node.address(), dir.path(), 0);
    assert!(compacted(&node), "it does not compact");
    in_use(&node);
    server.stop();
    nothing_found(&node);
    let server = node.start(Kind::under_test());
    write(&node.address(), dir.path(), 1);
    server.kill();
    let (code, said) = verify(&node.data());
    assert_eq!(code, 1);
    for (severity, kind, path) in findings(&said) {
        assert_ne!(severity, "damage", "{kind} {path}: {said:#}");
    }
    repaired(&node, &[], "marked as left properly");
    let (code, said) = verify(&node.data());
    assert_eq!(code, 0, "{said:#}");

    // Files that say what the cluster's metadata knows are written again; what nothing knows is not made up.
    let (known, unknown) = ("idempotent-0/partition.metadata", "meta.properties");
    let before = fs::read(node.data().join(known)).expect("a file");
    fs::remove_file(node.data().join(known)).expect("a file");
    repaired(&node, &[], "the topic's id in the cluster's metadata");
    assert_eq!(fs::read(node.data().join(known)).expect("a file"), before);
    let meta = fs::read(node.data().join(unknown)).expect("a file");
    fs::write(node.data().join(unknown), "version=1\n").expect("a file");
    let mut refused = ottla(&["log", "repair"]);
    refused.arg(node.data());
    let (code, text) = end_of(refused);
    assert!(
        code == 1 && text.contains("directory.id is the one"),
        "{code}: {text}"
    );
    fs::write(node.data().join(unknown), meta).expect("a file");
    let server = node.start(Kind::under_test());
    let found = kcat_consume(&node.address(), "idempotent", 0, "%o\n");
    assert!(found.starts_with(b"0\n1\n2\n"), "{found:?}");
    server.stop();
}
