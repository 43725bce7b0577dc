//! Clients that others wrote against a broker: Kafka's own tools for its producer, its consumer and from end to end, and librdkafka.

use std::process::Command;

use xtask::oracle::{Home, checkout, output};

use super::{
    load::{Loaded, Numbers, RECORD_LOAD, load_by, number, numbers},
    node::processor_seconds,
    records::delete,
    table::Better,
};
use crate::test::say;

type Told = Vec<(String, Better, f64)>;

/// The sizes of batches: that of Java's producer if nobody says another, and one that a fast one has.
const BATCHES: [(&str, usize); 2] = [("16 KiB", 16_384), ("128 KiB", 131_072)];

/// How many times as many records Java writes and reads: it compiles for some seconds, and what it does until then says
/// nothing about a broker.
const OF_JAVA: usize = 5;
/// How often librdkafka's consumer reads all records, so that it has something to do too.
const LAPS: usize = 5;

/// Records of 1 KB in batches of two sizes; then all of them read; by Java then one at a time.
pub(crate) fn run(loaded: &Loaded, topic: &str, records: usize) -> Result<Told, String> {
    let mut told = java(loaded, topic, records * OF_JAVA)?;
    let other = format!("{topic}-librdkafka");
    told.extend(librdkafka(loaded, &other, records)?);
    delete(loaded, &other)?;
    Ok(told)
}

fn librdkafka(loaded: &Loaded, topic: &str, records: usize) -> Result<Told, String> {
    let mut told = Told::new();
    let gigabytes = records as f64 * 1e3 / 1e9;
    for (name, batch) in BATCHES {
        let of = format!("librdkafka's producer, batches of {name}");
        settle(loaded, records)?;
        let shape = format!("produce {} {topic} {records} {batch}", loaded.address);
        let (line, cpu) = script(loaded, &shape)?;
        for (name, unit, better) in [
            ("records_s", "records/s", Better::More),
            ("p99_ms", "p99 ms", Better::Less),
            ("p999_ms", "p99.9 ms", Better::Less),
        ] {
            told.push((format!("{of}, {unit}"), better, number(&line, name)?));
        }
        told.push((format!("{of}, CPU s a GB"), Better::Less, cpu / gigabytes));
    }
    settle(loaded, records)?;
    let all = records * 2;
    let shape = format!("consume {} {topic} {all} {LAPS}", loaded.address);
    let (line, cpu) = script(loaded, &shape)?;
    let of = "librdkafka's consumer";
    told.push((format!("{of}, MB/s"), Better::More, number(&line, "mb_s")?));
    let cpu = cpu / (gigabytes * 2.0 * LAPS as f64);
    told.push((format!("{of}, CPU s a GB"), Better::Less, cpu));
    Ok(told)
}

/// Otherwise it is what ran before that decides how fast a tool is: what it wrote and the disk has yet to take, and the
/// memory that it left.
fn settle(loaded: &Loaded, records: usize) -> Result<(), String> {
    output(&mut Command::new("sync"))?;
    let megabytes = records * 5 / 4 / 1000;
    load_by(
        RECORD_LOAD,
        loaded,
        "touch",
        &format!("megabytes={megabytes}"),
    )
    .map(|_| ())
}

/// What librdkafka's script says, and the broker's processor time meanwhile.
fn script(loaded: &Loaded, options: &str) -> Result<(Numbers, f64), String> {
    let mut python = Home::find().python()?;
    python.arg(checkout().join("tests/interop/python/perf_librdkafka.py"));
    python.args(options.split_whitespace());
    let (text, cpu) = told_by(loaded, "librdkafka", &mut python)?;
    let line = numbers(&text).ok_or_else(|| format!("librdkafka, {options}: {text}"))?;
    Ok((line, cpu))
}

fn java(loaded: &Loaded, topic: &str, records: usize) -> Result<Told, String> {
    let mut told = Told::new();
    for (name, batch) in BATCHES {
        let of = format!("Java's producer, batches of {name}");
        let shape = format!(
            "--topic {topic} --num-records {records} --record-size 1000 --throughput -1 --producer-props \
             bootstrap.servers={} batch.size={batch} linger.ms=5",
            loaded.address
        );
        settle(loaded, records)?;
        let (text, cpu) = tool(loaded, "ProducerPerformance", &shape)?;
        let line = text.lines().rev().find(|line| line.contains("99th"));
        let line = line.ok_or_else(|| format!("{of}: {text}"))?;
        let rate = before(line, " records/sec").ok_or_else(|| line.to_owned())?;
        let tail = before(line, " ms 99th").ok_or_else(|| line.to_owned())?;
        told.push((format!("{of}, records/s"), Better::More, rate));
        told.push((format!("{of}, p99 ms"), Better::Less, tail));
        let tail = before(line, " ms 99.9th").ok_or_else(|| line.to_owned())?;
        told.push((format!("{of}, p99.9 ms"), Better::Less, tail));
        let gigabytes = records as f64 * 1e3 / 1e9;
        told.push((format!("{of}, CPU s a GB"), Better::Less, cpu / gigabytes));
    }
    let all = records * 2;
    let shape = format!(
        "--bootstrap-server {} --topic {topic} --num-records {all} --timeout 60000",
        loaded.address
    );
    settle(loaded, records)?;
    let (text, cpu) = tool(loaded, "ConsumerPerformance", &shape)?;
    let line = text.lines().last().unwrap_or_default();
    let rate = line.split(',').nth(3).and_then(|of| of.trim().parse().ok());
    let rate: f64 = rate.ok_or_else(|| format!("Java's consumer: {text}"))?;
    let gigabytes = all as f64 * 1e3 / 1e9;
    told.push(("Java's consumer, MB/s".to_owned(), Better::More, rate));
    told.push((
        "Java's consumer, CPU s a GB".to_owned(),
        Better::Less,
        cpu / gigabytes,
    ));
    let times = (records / 100).clamp(100, 2000);
    let shape = format!("{} {topic} {times} all 1000", loaded.address);
    let (text, _) = tool(loaded, "EndToEndLatency", &shape)?;
    let line = text.lines().find(|line| line.contains("99th"));
    let line = line.ok_or_else(|| format!("end to end: {text}"))?;
    let all = percentiles(line).ok_or_else(|| format!("end to end: {text}"))?;
    for (of, value) in ["p50 ms", "p99 ms", "p99.9 ms"].into_iter().zip(all) {
        let what = format!("Java, end to end, one at a time, {of}");
        told.push((what, Better::Less, value));
    }
    Ok(told)
}

/// What a tool of Kafka says, and the broker's processor time meanwhile.
fn tool(loaded: &Loaded, class: &str, options: &str) -> Result<(String, f64), String> {
    let mut command = Home::find().tool(&format!("org.apache.kafka.tools.{class}"))?;
    command.args(options.split_whitespace());
    told_by(loaded, class, &mut command)
}

fn told_by(loaded: &Loaded, name: &str, command: &mut Command) -> Result<(String, f64), String> {
    let before = processor_seconds(loaded.pid)?;
    let told = output(command)?;
    let cpu = processor_seconds(loaded.pid)? - before;
    let text = String::from_utf8_lossy(&told).trim().to_owned();
    say(&format!(
        "{:<6} {name}: {}",
        loaded.kind.name(),
        text.lines().last().unwrap_or_default()
    ));
    Ok((text, cpu))
}

/// Of a line like `Percentiles: 50th = 1, 99th = 3, 99.9th = 8`.
fn percentiles(line: &str) -> Option<[f64; 3]> {
    let of = |name: &str| {
        let (_, rest) = line.split_once(&format!("{name} = "))?;
        rest.split([',', ' ']).next()?.parse().ok()
    };
    Some([of(" 50th")?, of(" 99th")?, of(" 99.9th")?])
}

/// The number before some words.
fn before(line: &str, words: &str) -> Option<f64> {
    let (text, _) = line.split_once(words)?;
    text.rsplit([' ', ',']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_by_the_words_behind_them() {
        let line =
            "5 records sent, 9.5 records/sec (1.0 MB/sec), 3 ms 95th, 7 ms 99th, 8 ms 99.9th.";
        assert_eq!(before(line, " records/sec"), Some(9.5));
        assert_eq!(before(line, " ms 99th"), Some(7.0));
        assert_eq!(before(line, " apples"), None);
        let line = "Percentiles: 50th = 1, 99th = 3.5, 99.9th = 8";
        assert_eq!(percentiles(line), Some([1.0, 3.5, 8.0]));
        assert_eq!(percentiles("Percentiles: 50th = 1"), None);
    }
}
