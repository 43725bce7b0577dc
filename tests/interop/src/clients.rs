//! Other people's clients as programs: kcat (librdkafka), Apache Kafka's console tools, Python's. Each is given time to end.

use std::{fs, path::Path, process::Command};

use crate::{
    oracle::{Home, checkout, output},
    server::ottla_binary,
};

/// The longest that one client may run, in seconds.
const LIMIT: &str = "120";

/// What compresses, as all clients call it.
pub const CODECS: [&str; 5] = ["none", "gzip", "snappy", "lz4", "zstd"];

/// Runs a client to its end and gives its output.
///
/// # Panics
/// If it fails or does not end: with what it said.
pub fn run(client: &Command) -> Vec<u8> {
    try_run(client).unwrap_or_else(|why| panic!("{why}"))
}

/// As [`run`]; the error says what the client said.
pub fn try_run(client: &Command) -> Result<Vec<u8>, String> {
    let mut limited = Command::new("timeout");
    limited
        .args(["-k", "5", LIMIT])
        .arg(client.get_program())
        .args(client.get_args());
    if let Some(dir) = client.get_current_dir() {
        limited.current_dir(dir);
    }
    output(&mut limited).map_err(|why| format!("{client:?}: {why}"))
}

/// Sends each line of `file` to partition 0.
pub fn kcat_produce(address: &str, topic: &str, codec: &str, file: &Path) {
    let mut kcat = Command::new("kcat");
    kcat.args(["-P", "-b", address, "-t", topic, "-p", "0", "-z", codec]);
    kcat.args(["-X", "acks=all", "-X", "linger.ms=20", "-l"])
        .arg(file);
    run(&kcat);
}

/// Sends each line of `file` to partition 0, all in one transaction.
pub fn kcat_transaction(address: &str, topic: &str, id: &str, file: &Path) {
    let mut kcat = Command::new("kcat");
    kcat.args(["-P", "-b", address, "-t", topic, "-p", "0", "-l"]);
    kcat.args(["-X", &format!("transactional.id={id}")])
        .arg(file);
    run(&kcat);
}

/// All values of partition 0, a line each; `format` in kcat's notation, e.g. `%o %T %s\n`.
pub fn kcat_consume(address: &str, topic: &str, partition: u32, format: &str) -> Vec<u8> {
    let mut kcat = Command::new("kcat");
    kcat.args([
        "-C",
        "-q",
        "-e",
        "-b",
        address,
        "-t",
        topic,
        "-o",
        "beginning",
    ]);
    kcat.args(["-p", &partition.to_string(), "-f", format]);
    run(&kcat)
}

/// `count` values of partition 0 by Apache Kafka's console consumer, a line each.
pub fn java_consume(address: &str, topic: &str, count: usize) -> Vec<u8> {
    let mut java = tool("org.apache.kafka.tools.consumer.ConsoleConsumer");
    java.args(["--bootstrap-server", address, "--topic", topic]);
    java.args(["--partition", "0", "--offset", "earliest"]);
    java.args([
        "--max-messages",
        &count.to_string(),
        "--timeout-ms",
        "20000",
    ]);
    run(&java)
}

/// Sends each line of `file` by Apache Kafka's console producer, which is idempotent by default.
pub fn java_produce(address: &str, topic: &str, codec: &str, file: &Path) {
    let java = tool("org.apache.kafka.tools.ConsoleProducer");
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "file=$1; shift; exec \"$@\" < \"$file\"", "sh"])
        .arg(file);
    shell.arg(java.get_program()).args(java.get_args());
    shell.args(["--bootstrap-server", address, "--topic", topic]);
    shell.args(["--compression-codec", codec]);
    run(&shell);
}

/// Apache Kafka's topic tool: its output.
pub fn java_topics(address: &str, arguments: &[&str]) -> String {
    let mut java = tool("org.apache.kafka.tools.TopicCommand");
    java.args(["--bootstrap-server", address]).args(arguments);
    String::from_utf8(run(&java)).expect("UTF-8")
}

/// One of our Python scripts, by name.
pub fn python(script: &str, arguments: &[&str]) -> Command {
    let mut python = Home::find().python().unwrap_or_else(|why| panic!("{why}"));
    python.arg(checkout().join("tests/interop/python").join(script));
    python.args(arguments);
    python
}

/// A command of the ottla binary.
pub fn ottla(arguments: &[&str]) -> Command {
    let mut ottla = Command::new(ottla_binary().unwrap_or_else(|why| panic!("{why}")));
    ottla.args(arguments);
    ottla
}

/// Apache Kafka's topic tool takes seconds to start; kcat asks for metadata until the partition has a leader.
pub fn create_topic(address: &str, topic: &str, partitions: u32, configs: &[&str]) {
    let partitions = partitions.to_string();
    let mut arguments = vec!["--create", "--topic", topic, "--partitions", &partitions];
    for config in configs {
        arguments.extend(["--config", config]);
    }
    java_topics(address, &arguments);
}

fn tool(class: &str) -> Command {
    Home::find()
        .tool(class)
        .unwrap_or_else(|why| panic!("{why}"))
}

/// Asserts that two outputs are the same, and says where they differ instead of printing both.
///
/// # Panics
/// If they differ.
pub fn assert_same(what: &str, expected: &[u8], actual: &[u8]) {
    if expected == actual {
        return;
    }
    let lines = |bytes: &[u8]| bytes.iter().filter(|&&byte| byte == b'\n').count();
    let mut pairs = expected
        .split(|&byte| byte == b'\n')
        .zip(actual.split(|&byte| byte == b'\n'));
    let first = pairs.position(|(expected, actual)| expected != actual);
    let line = |bytes: &[u8]| {
        let line = bytes.split(|&byte| byte == b'\n').nth(first.unwrap_or(0));
        String::from_utf8_lossy(line.unwrap_or_default())
            .chars()
            .take(300)
            .collect::<String>()
    };
    panic!(
        "{what}: {} lines expected, {} came; first difference in line {first:?}:\n{}\n{}",
        lines(expected),
        lines(actual),
        line(expected),
        line(actual)
    );
}

/// Writes `text` to a file of `dir`, for a client to read.
pub fn file(dir: &Path, name: &str, text: &[u8]) -> std::path::PathBuf {
    let path = dir.join(name);
    fs::write(&path, text).expect("a file");
    path
}
