//! What is done to the files of a stopped server: states that no client can stop it in.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
};

use bytes::{Bytes, BytesMut};
use ottla_interop::members::milliseconds;
use ottla_wire::{
    Message,
    messages::{TransactionLogKey, TransactionLogValue},
    records::{Batch, BatchBuilder, Batches, DECOMPRESSED_LIMIT, scan::records},
};

use crate::writer::{PARTITIONS_OF_TRANSACTIONS, Style, Writer};

const PREPARE_COMMIT: i8 = 2;
const PREPARE_ABORT: i8 = 3;
const ONGOING: i8 = 1;

/// The segments of a partition.
fn segments(data: &Path, partition: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(data.join(partition)).expect("a partition");
    let mut segments: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|suffix| suffix == "log"))
        .collect();
    segments.sort();
    segments
}

/// Appends what `build` makes of the next offset and the last leader epoch.
fn append(data: &Path, partition: &str, build: impl FnOnce(i64, i32) -> Bytes) {
    let segments = segments(data, partition);
    let (mut next, mut epoch) = (0, 0);
    for segment in &segments {
        let bytes = fs::read(segment).expect("a segment");
        for batch in Batches::new(bytes.into()) {
            let (head, _) = batch.expect("a batch");
            (next, epoch) = (head.last_offset + 1, head.leader_epoch);
        }
    }
    let last = segments.last().expect("a segment");
    let file = OpenOptions::new().append(true).open(last);
    let written = file.and_then(|mut file| file.write_all(&build(next, epoch)));
    written.expect("the segment is written");
}

/// The last record of a transactional id: partition, version, value.
fn last(data: &Path, id: &str) -> (String, Bytes, i16, TransactionLogValue) {
    let mut found = None;
    for partition in 0..PARTITIONS_OF_TRANSACTIONS {
        let partition = format!("__transaction_state-{partition}");
        for segment in segments(data, &partition) {
            let bytes = fs::read(segment).expect("a segment");
            for batch in Batches::new(bytes.into()) {
                let (_, batch) = batch.expect("a batch");
                for record in records(&batch, DECOMPRESSED_LIMIT).expect("records") {
                    let record = record.expect("a record");
                    let key = record.key.expect("a key");
                    let decoded = TransactionLogKey::decode(key.slice(2..), 0);
                    if decoded.expect("a key").transactional_id == id {
                        found = record.value.map(|value| (partition.clone(), key, value));
                    }
                }
            }
        }
    }
    let (partition, key, value) = found.unwrap_or_else(|| panic!("no record of {id}"));
    let version = i16::from_be_bytes([value[0], value[1]]);
    let value = TransactionLogValue::decode(value.slice(2..), version).expect("a value");
    (partition, key, version, value)
}

/// Decides an open transaction as its coordinator does before it writes the first marker.
pub(crate) fn prepare(data: &Path, writer: &mut Writer, commit: bool) {
    let (partition, key, version, mut value) = last(data, &writer.id);
    assert_eq!(value.transaction_status, ONGOING, "{value:?}");
    value.transaction_status = if commit {
        PREPARE_COMMIT
    } else {
        PREPARE_ABORT
    };
    if writer.style == Style::New {
        value.producer_epoch += 1;
        writer.producer.1 += 1;
    }
    let now = i64::try_from(milliseconds()).expect("a time");
    value.transaction_last_update_timestamp_ms = now;
    append(data, &partition, |offset, epoch| {
        let mut bytes = BytesMut::from(&version.to_be_bytes()[..]);
        bytes.extend_from_slice(&value.encode(version).expect("a value"));
        let mut builder = BatchBuilder::default()
            .base_offset(offset)
            .leader_epoch(epoch);
        builder
            .append(now, Some(&key), Some(&bytes), &[])
            .expect("a record");
        builder.build().expect("a batch").to_bytes()
    });
}

/// Records of a transaction that no coordinator knows.
pub(crate) fn hang(data: &Path, partition: &str, batch: &Bytes) {
    append(data, partition, |offset, epoch| {
        let mut batch = Batch::first(batch).expect("a batch");
        batch.set_base_offset(offset);
        batch.set_leader_epoch(epoch);
        batch.to_bytes()
    });
}
