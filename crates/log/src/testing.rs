//! Batches for tests.

use ottla_wire::records::{Batch, BatchBuilder, Codec, ControlType};

fn fill(mut builder: BatchBuilder, records: i32, timestamp: i64, bytes: usize) -> Batch {
    for n in 0..records {
        let value = vec![b'v'; if n == 0 { bytes } else { 3 }];
        builder
            .append(timestamp + i64::from(n), Some(b"key"), Some(&value), &[])
            .unwrap();
    }
    builder.build().unwrap()
}

/// `records` records, one millisecond apart from `timestamp` on, the first with a value of `bytes` bytes.
pub(crate) fn batch(records: i32, timestamp: i64, bytes: usize) -> Batch {
    fill(BatchBuilder::new(Codec::None), records, timestamp, bytes)
}

/// The same, of a producer.
pub(crate) fn produced(
    records: i32,
    timestamp: i64,
    producer_id: i64,
    epoch: i16,
    sequence: i32,
    transactional: bool,
) -> Batch {
    let builder = BatchBuilder::new(Codec::None)
        .producer(producer_id, epoch, sequence)
        .transactional(transactional);
    fill(builder, records, timestamp, 20)
}

/// The marker that ends a transaction.
pub(crate) fn marker(
    producer_id: i64,
    epoch: i16,
    commit: bool,
    coordinator_epoch: i32,
    timestamp: i64,
) -> Batch {
    let mut value = vec![0, 0];
    value.extend_from_slice(&coordinator_epoch.to_be_bytes());
    let kind = if commit {
        ControlType::Commit
    } else {
        ControlType::Abort
    };
    let mut builder = BatchBuilder::new(Codec::None)
        .producer(producer_id, epoch, -1)
        .transactional(true)
        .control(true);
    builder.append_control(timestamp, kind, &value).unwrap();
    builder.build().unwrap()
}

/// A message of format v1, as old logs have them.
pub(crate) fn old_message(offset: i64, timestamp: i64, value: &[u8]) -> Vec<u8> {
    let mut body = vec![1, 0];
    body.extend_from_slice(&timestamp.to_be_bytes());
    body.extend_from_slice(&(-1_i32).to_be_bytes());
    body.extend_from_slice(&(value.len() as i32).to_be_bytes());
    body.extend_from_slice(value);
    let crc = crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32IsoHdlc, &body) as u32;
    let mut message = offset.to_be_bytes().to_vec();
    message.extend_from_slice(&(body.len() as i32 + 4).to_be_bytes());
    message.extend_from_slice(&crc.to_be_bytes());
    message.extend_from_slice(&body);
    message
}

/// A temporary directory, in memory if there is one there: these tests wait for many fsyncs.
pub(crate) fn tempdir() -> tempfile::TempDir {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    }
}
