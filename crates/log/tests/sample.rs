//! A data directory that Apache Kafka wrote: every log opens with the offsets that Apache Kafka says it has, as it was
//! left and as after a crash, and its files keep their bytes.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ottla_log::checkpoint::{self, PartitionOffset};
use ottla_log::directory::{LogDirectory, read_topic_id};
use ottla_log::verify::{self, DataDirectory};
use ottla_log::{Log, LogConfig, Opening, UpperBound, timestamps};
use ottla_wire::records::Batches;

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/fixtures/kafka-4.3.1")
        .join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Unpacks the data directory.
fn unpack() -> (tempfile::TempDir, PathBuf) {
    let mut tar = Vec::new();
    zstd::Decoder::new(&fixture("data.tar.zst")[..])
        .unwrap()
        .read_to_end(&mut tar)
        .unwrap();
    let dir = tempfile::tempdir().unwrap();
    let text = |at: usize, len: usize| {
        let field = tar[at..at + len].split(|byte| *byte == 0).next().unwrap();
        String::from_utf8(field.to_vec()).unwrap()
    };
    let mut at = 0;
    while tar[at] != 0 {
        let size = usize::from_str_radix(text(at + 124, 12).trim(), 8).unwrap();
        let path = dir.path().join(text(at, 100));
        if tar[at + 156] == b'0' {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, &tar[at + 512..at + 512 + size]).unwrap();
        }
        at += 512 + size.next_multiple_of(512);
    }
    let data = dir.path().join("data");
    (dir, data)
}

/// A row of `logs.tsv`.
struct Expected {
    name: String,
    start: i64,
    end: i64,
    stable: i64,
}

fn expected() -> Vec<Expected> {
    let text = String::from_utf8(fixture("expected/logs.tsv")).unwrap();
    let rows: Vec<Expected> = text
        .lines()
        .skip(1)
        .map(|line| {
            let columns: Vec<&str> = line.split('\t').collect();
            Expected {
                name: format!("{}-{}", columns[0], columns[1]),
                start: columns[2].parse().unwrap(),
                end: columns[3].parse().unwrap(),
                stable: columns[4].parse().unwrap(),
            }
        })
        .collect();
    assert!(rows.len() >= 20);
    rows
}

/// The offsets of a checkpoint file, by directory name.
fn offsets(data: &Path, file: &str) -> BTreeMap<String, i64> {
    checkpoint::read_offsets(&data.join(file))
        .unwrap()
        .into_iter()
        .map(
            |PartitionOffset {
                 topic,
                 partition,
                 offset,
             }| (format!("{topic}-{partition}"), offset),
        )
        .collect()
}

/// A time at which Apache Kafka's producers are still remembered.
const NOW: i64 = 1_795_223_000_000;

fn open(data: &Path, name: &str, clean: bool) -> Log {
    let opening = Opening {
        clean,
        recovery_point: if clean {
            offsets(data, checkpoint::RECOVERY_POINTS)[name]
        } else {
            0
        },
        log_start_offset: offsets(data, checkpoint::LOG_START_OFFSETS)
            .get(name)
            .copied()
            .unwrap_or(0),
        now_ms: NOW,
        producer_expiry_ms: i64::MAX,
    };
    let (log, recovered) =
        Log::open(&data.join(name), Arc::new(LogConfig::default()), &opening).unwrap();
    assert_eq!(recovered.bytes_truncated, 0, "{name}");
    assert_eq!(recovered.removal.segments, 0, "{name}");
    if clean {
        assert_eq!(recovered.segments_scanned, 0, "{name}");
    }
    log
}

/// All files of a partition's directory.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(dir)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read(path).unwrap())
        })
        .collect()
}

#[test]
fn a_check_finds_nothing() {
    let (_guard, data) = unpack();
    let found = DataDirectory::open(&data).unwrap();
    let mut findings = found.findings.clone();
    let mut batches = 0;
    for name in &found.partitions {
        let subject = found.subject(name);
        let checked = verify::partition(&subject, &mut |_, _| Ok(())).unwrap();
        findings.extend(&checked.findings);
        batches += checked.batches;
    }
    let lines: Vec<String> = findings.kept().iter().map(ToString::to_string).collect();
    assert_eq!(lines, Vec::<String>::new());
    assert!(batches > 100, "{batches}");
}

#[test]
fn every_log_has_the_offsets_that_kafka_says() {
    let (_guard, data) = unpack();
    for row in expected() {
        for clean in [true, false] {
            let name = &row.name;
            let mut log = open(&data, name, clean);
            let high_watermark = offsets(&data, checkpoint::HIGH_WATERMARKS)[name];
            log.update_high_watermark(high_watermark);
            let found = log.offsets();
            assert_eq!(found.log_start, row.start, "{name}");
            assert_eq!(found.log_end, row.end, "{name}");
            assert_eq!(found.high_watermark, row.end, "{name}");
            assert_eq!(found.last_stable, row.stable, "{name}");
            assert_eq!(
                log.log_start_to_checkpoint(),
                (name == "fx-trimmed-0").then_some(33)
            );
            log.close(NOW).unwrap();
        }
    }
}

#[test]
fn a_clean_start_and_stop_changes_no_byte() {
    let (_guard, data) = unpack();
    let dir = LogDirectory::open(&data).unwrap();
    assert!(dir.clean_shutdown().unwrap().is_some());
    assert!(dir.meta().unwrap().unwrap().directory_id.is_some());
    for name in dir.partitions().unwrap() {
        let name = name.to_string();
        if name == "__cluster_metadata-0" {
            continue;
        }
        let path = data.join(&name);
        assert!(read_topic_id(&path).unwrap().is_some());
        let mut before = files(&path);
        if name == "fx-epochs-0" {
            // Of the first of two clean stops: Apache Kafka removes it at the next start, too.
            before.remove("00000000000000000020.snapshot").unwrap();
        }
        let log = open(&data, &name, true);
        assert_eq!(log.recovery_point(), log.offsets().log_end.max(0));
        log.close(NOW).unwrap();
        let after = files(&path);
        assert_eq!(
            before.keys().collect::<Vec<_>>(),
            after.keys().collect::<Vec<_>>(),
            "{name}"
        );
        for (file, bytes) in &before {
            assert!(*bytes == after[file], "{name}/{file} changed");
        }
    }
}

#[test]
fn recovery_rebuilds_kafkas_own_files() {
    let (_guard, data) = unpack();
    for row in expected() {
        let name = &row.name;
        let path = data.join(name);
        let before = files(&path);
        for file in before.keys() {
            if file.ends_with("index") {
                // What a crash leaves: zeros to the preallocated end, or nothing at all.
                let mut bytes = before[file].clone();
                bytes.resize(bytes.len() + 960, 0);
                fs::write(path.join(file), bytes).unwrap();
            }
        }
        open(&data, name, false).close(NOW).unwrap();
        let after = files(&path);
        for (file, bytes) in before.iter().filter(|(file, _)| file.ends_with("index")) {
            // Each clean stop ends the time index with an entry, and this log had two; a rebuilt one has the last.
            if name == "fx-epochs-0" && file.ends_with(".timeindex") {
                assert_eq!(after[file], bytes[12..]);
                continue;
            }
            assert!(*bytes == after[file], "{name}/{file} is rebuilt otherwise");
        }
        for (file, bytes) in before.iter().filter(|(file, _)| file.ends_with(".log")) {
            assert!(*bytes == after[file], "{name}/{file} changed");
        }
    }
}

#[test]
fn every_batch_is_fetched_from_every_offset() {
    let (_guard, data) = unpack();
    for row in expected() {
        let mut log = open(&data, &row.name, true);
        log.update_high_watermark(row.end);
        let reader = log.reader();
        for from in row.start..row.end {
            let fetched = reader
                .read(from, 1, true, UpperBound::HighWatermark)
                .unwrap();
            let Some(slice) = fetched.slice else {
                // Compaction removed what was there, and all after it.
                assert_eq!(row.name, "fx-compact-0");
                continue;
            };
            let (head, _) = Batches::new(slice.read().unwrap()).next().unwrap().unwrap();
            assert!(head.last_offset >= from, "{} at {from}", row.name);
            assert!(
                head.base_offset <= from || row.name == "fx-compact-0",
                "{} at {from}",
                row.name
            );
        }
        let nothing = reader
            .read(row.end, 1000, true, UpperBound::LogEnd)
            .unwrap();
        assert!(nothing.slice.is_none());
        assert!(
            reader
                .read(row.end + 1, 1, true, UpperBound::LogEnd)
                .is_err()
        );
        assert!(
            reader
                .read(row.start - 1, 1, true, UpperBound::LogEnd)
                .is_err()
        );
    }
}

#[test]
fn aborted_transactions_are_those_that_kafka_noted() {
    let (_guard, data) = unpack();
    let mut log = open(&data, "fx-txn-0", true);
    log.update_high_watermark(26);
    let aborted = |from: i64| -> Vec<(i64, i64)> {
        let fetched = log
            .reader()
            .read(from, 1 << 20, true, UpperBound::LastStable)
            .unwrap();
        let found = fetched.aborted_transactions.unwrap();
        found
            .iter()
            .map(|t| (t.first_offset, t.last_offset))
            .collect()
    };
    assert_eq!(aborted(0), []);
    assert_eq!(aborted(11), [(11, 18), (23, 25)]);
    assert_eq!(aborted(19), [(23, 25)]);
}

#[test]
fn times_are_found_as_kafka_finds_them() {
    let (_guard, data) = unpack();
    let start = 1_750_000_000_000;
    for name in [
        "fx-none-0",
        "fx-gzip-0",
        "fx-snappy-0",
        "fx-lz4-0",
        "fx-zstd-0",
    ] {
        let log = open(&data, name, true);
        let reader = log.reader();
        for (target, expected) in [
            (start - 5, Some(0)),
            (start + 37_000, Some(37)),
            (start + 37_001, Some(38)),
            (start + 99_000, Some(99)),
            (start + 99_001, None),
            (timestamps::LATEST, Some(100)),
            (timestamps::EARLIEST, Some(0)),
            (timestamps::MAX_TIMESTAMP, Some(99)),
            (timestamps::EARLIEST_LOCAL, Some(0)),
            (timestamps::LATEST_TIERED, Some(-1)),
        ] {
            let found = reader.offset_for_timestamp(target).unwrap();
            assert_eq!(found.map(|f| f.offset), expected, "{name} at {target}");
        }
    }
    let segments = open(&data, "fx-segments-0", true);
    let max = segments
        .reader()
        .offset_for_timestamp(timestamps::MAX_TIMESTAMP)
        .unwrap()
        .unwrap();
    assert_eq!(max.offset, 39);
    let trimmed = open(&data, "fx-trimmed-0", true);
    let found = trimmed.reader().offset_for_timestamp(0).unwrap().unwrap();
    assert_eq!(found.offset, 33, "what is deleted is not found");
    let epochs = open(&data, "fx-epochs-0", true);
    let reader = epochs.reader();
    assert_eq!(reader.offset_for_leader_epoch(0), Some((0, 20)));
    assert_eq!(reader.offset_for_leader_epoch(1), Some((0, 20)));
    assert_eq!(reader.offset_for_leader_epoch(2), Some((2, 35)));
    let found = reader
        .offset_for_timestamp(start + 25_000)
        .unwrap()
        .unwrap();
    assert_eq!((found.offset, found.leader_epoch), (25, Some(2)));
}

#[test]
fn producers_go_on_where_kafka_left_them() {
    let (_guard, data) = unpack();
    let log = open(&data, "fx-txn-open-0", true);
    let producers: Vec<_> = log.active_producers().collect();
    assert_eq!(producers.len(), 1);
    assert_eq!(producers[0].producer_id, 1001);
    assert_eq!(producers[0].transaction_first_offset, Some(0));
    assert_eq!(producers[0].last_sequence(), 4);
    assert!(log.has_ongoing_transaction(1001, producers[0].producer_epoch));
}
