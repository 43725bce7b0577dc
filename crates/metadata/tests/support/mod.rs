//! Reads the metadata records of Kafka's own files.

#![allow(dead_code, reason = "each test uses a part")]

use std::path::Path;

use bytes::{Buf, Bytes};
use ottla_metadata::{Record, loader::Batch};
use ottla_wire::messages::MetadataRecord;

/// A file of `tests/kafka`.
pub(crate) fn file(name: &str) -> Bytes {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/kafka")
        .join(name);
    std::fs::read(&path).expect("a fixture").into()
}

/// The batches of a log or snapshot; those of control records without their records.
pub(crate) fn batches(mut bytes: Bytes) -> Vec<Batch> {
    let mut batches = Vec::new();
    while !bytes.is_empty() {
        let batch = ottla_wire::records::Batch::first(&bytes).expect("a batch");
        batch.check_crc().expect("an intact batch");
        bytes.advance(batch.size_in_bytes());
        let records = if batch.attributes().is_control() {
            Vec::new()
        } else {
            let records = values(batch.payload().clone()).into_iter();
            records.map(|record| record.value).collect()
        };
        batches.push(Batch {
            base_offset: batch.base_offset(),
            epoch: batch.leader_epoch(),
            timestamp: batch.max_timestamp(),
            records,
            last_offset: batch.last_offset(),
        });
    }
    batches
}

/// The metadata records of a log by offset, in batches, with their versions. Batches of control records are empty.
pub(crate) fn log(name: &str) -> Vec<(i64, Vec<Record>)> {
    let mut bytes = file(name);
    let mut batches = Vec::new();
    while !bytes.is_empty() {
        let batch = ottla_wire::records::Batch::first(&bytes).expect("a batch");
        bytes.advance(batch.size_in_bytes());
        let records = if batch.attributes().is_control() {
            Vec::new()
        } else {
            values(batch.payload().clone())
        };
        batches.push((batch.base_offset(), records));
    }
    batches
}

/// All metadata records of a file.
pub(crate) fn records(name: &str) -> Vec<MetadataRecord> {
    batches(file(name))
        .into_iter()
        .flat_map(|batch| batch.records)
        .collect()
}

/// The values of the records of an uncompressed batch.
fn values(mut payload: Bytes) -> Vec<Record> {
    let mut values = Vec::new();
    while !payload.is_empty() {
        let length = varint(&mut payload);
        let mut record = payload.split_to(length as usize);
        record.advance(1);
        let (_timestamp, _offset) = (varint(&mut record), varint(&mut record));
        let key = varint(&mut record);
        assert_eq!(key, -1, "metadata records have no key");
        let length = varint(&mut record);
        let value = record.split_to(length as usize);
        let (value, version) = MetadataRecord::decode(value.clone()).expect("a metadata record");
        assert!(version <= MetadataRecord::max_version(value.key()).expect("a known type"));
        values.push(Record { value, version });
    }
    values
}

fn varint(bytes: &mut Bytes) -> i64 {
    let mut value = 0_u64;
    for shift in (0..70).step_by(7) {
        let byte = bytes.get_u8();
        value |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            break;
        }
    }
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}
