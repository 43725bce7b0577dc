//! Apache Kafka's own program for this: it copies a partition by transactions, some of which it aborts, and is killed.

use std::{
    fmt::Write as _,
    fs,
    path::PathBuf,
    process::{Child, Command},
    time::Duration,
};

use ottla_interop::{
    clients::{self, assert_same, file, kcat_consume},
    members::{complaints, start},
    offsets::create_topic,
    oracle::{Home, wait_until},
    raw::Connection,
};

use crate::{Place, isolation::settle_all};

const RECORDS: usize = 1500;
/// Of a transaction.
const SIZE: &str = "20";
/// How many transactions it goes for before it is killed, of each life.
const LIVES: [usize; 2] = [8, 25];
const LIMIT: Duration = Duration::from_secs(120);
const INPUT: &str = "copier-input";
const OUTPUT: &str = "copier-output";

/// The topics, and so many records for each partition.
pub(crate) fn prepare(place: Place<'_>, partitions: u32) {
    let mut connection = Connection::new(place.address);
    for topic in [INPUT, OUTPUT] {
        create_topic(&mut connection, topic, partitions);
    }
    for partition in 0..partitions {
        let mut lines = String::new();
        for number in 0..RECORDS {
            let _ = writeln!(lines, "{partition} {number} {}", "x".repeat(number % 50));
        }
        let file = file(place.dir, &format!("input-{partition}"), lines.as_bytes());
        let mut kcat = Command::new("kcat");
        kcat.args(["-P", "-b", place.address, "-t", INPUT, "-l"]);
        kcat.args(["-p", &partition.to_string()]).arg(file);
        clients::run(&kcat);
    }
}

/// One partition is copied, by several lives of a copier. With `aborts`, it aborts every third transaction or so.
pub(crate) fn copy(place: Place<'_>, partition: u32, aborts: bool) {
    for (life, transactions) in LIVES.into_iter().enumerate() {
        let (mut copier, out) = begin(place, partition, aborts, life);
        let got_on = wait_until(LIMIT, || {
            let loops = said(&out).matches("ProcessLoop").count();
            loops >= transactions || copier.try_wait().expect("a status").is_some()
        });
        let ended = copier.try_wait().expect("a status");
        let why = || format!("life {life}: {ended:?} {}{}", said(&out), complaints(&out));
        assert!(got_on && ended.is_none(), "{}", why());
        copier.kill().expect("kill");
        copier.wait().expect("a status");
    }
    let (mut copier, out) = begin(place, partition, aborts, LIVES.len());
    let mut ended = None;
    wait_until(LIMIT, || {
        ended = copier.try_wait().expect("a status");
        ended.is_some()
    });
    let _ = copier.kill();
    let _ = copier.wait();
    let why = || format!("{ended:?} {}{}", said(&out), complaints(&out));
    assert!(ended.is_some_and(|status| status.success()), "{}", why());
    assert!(said(&out).contains("\"remaining\":0"), "{}", why());
    let input = fs::read(place.dir.join(format!("input-{partition}"))).expect("the input");
    settle_all(&mut Connection::new(place.address), OUTPUT, partition + 1);
    // kcat reads what is committed, unless told otherwise.
    let output = kcat_consume(place.address, OUTPUT, partition, "%s\n");
    assert_same(&format!("copy of partition {partition}"), &input, &output);
}

fn begin(place: Place<'_>, partition: u32, aborts: bool, life: usize) -> (Child, PathBuf) {
    let tool = Home::find().tool("org.apache.kafka.tools.TransactionalMessageCopier");
    let mut copier = tool.unwrap_or_else(|why| panic!("{why}"));
    copier.args(["--broker-list", place.address, "--input-topic", INPUT]);
    copier.args(["--output-topic", OUTPUT, "--consumer-group", "copiers"]);
    copier.args(["--transaction-size", SIZE, "--use-group-metadata"]);
    // Offsets that the one before left pending are there once its transaction has timed out: it asks for them first.
    copier.args(["--transaction-timeout", "3000"]);
    copier.args(["--transactional-id", &format!("copier-{partition}")]);
    copier.args(["--input-partition", &partition.to_string()]);
    if aborts {
        copier.arg("--enable-random-aborts");
    }
    start(
        &mut copier,
        place.dir,
        &format!("copier-{partition}-{life}"),
    )
}

fn said(out: &PathBuf) -> String {
    fs::read_to_string(out).expect("its output")
}
