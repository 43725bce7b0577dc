//! A data directory that Apache Kafka wrote: every batch and every record is read as Apache Kafka reads it.

#![allow(clippy::unwrap_used)]

use std::{collections::BTreeMap, fmt::Write, fs, io::Read, path::Path};

use bytes::Bytes;
use ottla_wire::records::{
    Batch, BatchBuilder, Batches, ControlType, DECOMPRESSED_LIMIT, Record, TimestampType,
    check_crc, scan,
};

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/fixtures/kafka-4.3.1")
        .join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files of the archive by path below `data/`.
fn files() -> BTreeMap<String, Bytes> {
    let mut tar = Vec::new();
    zstd::Decoder::new(&fixture("data.tar.zst")[..])
        .unwrap()
        .read_to_end(&mut tar)
        .unwrap();
    let tar = Bytes::from(tar);
    let text = |at: usize, len: usize| {
        let field = tar[at..at + len].split(|byte| *byte == 0).next().unwrap();
        String::from_utf8(field.to_vec()).unwrap()
    };
    let mut files = BTreeMap::new();
    let mut at = 0;
    while tar[at] != 0 {
        let size = usize::from_str_radix(text(at + 124, 12).trim(), 8).unwrap();
        if let Some(name) = text(at, 100).strip_prefix("data/")
            && tar[at + 156] == b'0'
        {
            let content = tar.slice(at + 512..at + 512 + size);
            files.insert(name.to_owned(), content);
        }
        at += 512 + size.next_multiple_of(512);
    }
    files
}

fn rows(name: &str) -> Vec<String> {
    let text = String::from_utf8(fixture(name)).unwrap();
    text.lines().skip(1).map(str::to_owned).collect()
}

fn batches(file: &Bytes) -> Vec<Batch> {
    let mut batches = Batches::new(file.clone());
    let found = batches
        .by_ref()
        .map(|batch| {
            let (head, bytes) = batch.unwrap();
            assert_eq!(check_crc(&bytes), Ok(()));
            let batch = Batch::first(&bytes).unwrap();
            assert_eq!(batch.check_crc(), Ok(()));
            assert_eq!(head.last_offset, batch.last_offset());
            assert_eq!(head.last_sequence(), batch.last_sequence());
            batch
        })
        .collect();
    assert_eq!(batches.whole(), file.len(), "no file has a cut tail");
    found
}

/// As batches.tsv has it.
fn batch_row(file: &str, position: usize, batch: &Batch) -> String {
    let attributes = batch.attributes();
    let flags = [
        (
            attributes.timestamp_type() == TimestampType::LogAppendTime,
            "LogAppendTime",
        ),
        (attributes.is_transactional(), "transactional"),
        (attributes.is_control(), "control"),
        (attributes.has_delete_horizon(), "deleteHorizon"),
    ];
    let flags: Vec<_> = flags.iter().filter(|flag| flag.0).map(|f| f.1).collect();
    format!(
        "{file}\t{position}\t{}\t{}\t{}\t{}\t{}\t{:08x}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
        batch.size_in_bytes(),
        batch.base_offset(),
        batch.last_offset(),
        batch.record_count(),
        batch.leader_epoch(),
        batch.crc(),
        attributes.codec().unwrap().name(),
        flags.join("|"),
        batch.base_timestamp(),
        batch.max_timestamp(),
        batch.producer_id(),
        batch.producer_epoch(),
        batch.base_sequence(),
    )
}

/// As records.tsv has it, without topic and partition.
fn record_row(batch: &Batch, record: &Record) -> String {
    let text = |bytes: &Option<Bytes>| match bytes {
        None => "\\N".to_owned(),
        Some(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
    };
    let mut headers = String::new();
    for header in &record.headers {
        let comma = if headers.is_empty() { "" } else { "," };
        write!(headers, "{comma}{}={}", header.name(), text(&header.value)).unwrap();
    }
    format!(
        "{}\t{}\t{:?}\t{}\t{}\t{}\t{headers}",
        record.offset,
        record.timestamp,
        batch.attributes().timestamp_type(),
        batch.leader_epoch(),
        text(&record.key),
        text(&record.value),
    )
}

#[test]
fn every_batch_is_as_expected() {
    let mut found = Vec::new();
    for (name, file) in files() {
        if name.ends_with(".log") || name.ends_with(".checkpoint") {
            let mut position = 0;
            for batch in batches(&file) {
                found.push(batch_row(&name, position, &batch));
                position += batch.size_in_bytes();
            }
        }
    }
    let mut expected = rows("expected/batches.tsv");
    assert_eq!(expected.len(), 467);
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn every_record_is_as_a_consumer_saw_it() {
    let mut found = Vec::new();
    for (name, file) in files() {
        let (partition, log) = name.split_once('/').unwrap_or_default();
        if !partition.starts_with("fx-") || !log.ends_with(".log") {
            continue;
        }
        let (topic, partition) = partition.rsplit_once('-').unwrap();
        for batch in batches(&file) {
            if batch.attributes().is_control() {
                continue;
            }
            let records: Vec<_> = batch.records().unwrap().map(Result::unwrap).collect();
            assert_eq!(records.len(), batch.record_count() as usize);
            for record in records {
                // The one log that does not start at its first record.
                if topic != "fx-trimmed" || record.offset >= 33 {
                    let row = record_row(&batch, &record);
                    found.push(format!("{topic}\t{partition}\t{row}"));
                }
            }
        }
    }
    let mut expected = rows("expected/records.tsv");
    assert_eq!(expected.len(), 813);
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn all_batches_are_built_again_from_their_records() {
    let (mut same, mut control, mut rebuilt) = (0, 0, 0);
    for (name, file) in files() {
        if !name.ends_with(".log") && !name.ends_with(".checkpoint") {
            continue;
        }
        for batch in batches(&file) {
            let mut builder = BatchBuilder::retaining(&batch);
            let records: Vec<_> = batch.records().unwrap().map(Result::unwrap).collect();
            for record in &records {
                builder.append_record(record).unwrap();
                if batch.attributes().is_control() {
                    let kind = ControlType::of_key(record.key.as_deref()).unwrap();
                    assert!(!matches!(kind, ControlType::Unknown(_)), "{kind:?}");
                    control += 1;
                }
            }
            let built = builder.build().unwrap();
            let again = scan::records(&built.to_bytes(), DECOMPRESSED_LIMIT).unwrap();
            assert_eq!(again.map(Result::unwrap).collect::<Vec<_>>(), records);
            // Compressors differ, and log append time hides the times that were written.
            let attributes = batch.attributes();
            if attributes.codec().unwrap().name() == "none"
                && attributes.timestamp_type() == TimestampType::CreateTime
            {
                assert_eq!(built.to_bytes(), batch.to_bytes(), "{name}");
                same += 1;
            }
            rebuilt += 1;
        }
    }
    assert_eq!((rebuilt, same), (467, 448));
    assert!(
        control >= 15,
        "markers, quorum records, snapshot ends: {control}"
    );
}
