//! Produce requests that are built once and sent many times.

use ottla_interop::load::Plan;
use ottla_wire::{
    Records,
    messages::{
        ProduceRequest,
        produce_request::{PartitionProduceData, TopicProduceData},
    },
    records::{BatchBuilder, Codec, batch::crc32c},
};

use super::{
    gauge::wall_ms,
    link::{self, CLIENT},
    target::Target,
};

/// The version: topics by their id, as today's producers ask.
pub(crate) const PRODUCE: i16 = 13;
const TIMEOUT_MS: i32 = 30_000;
/// Where a request's correlation id is: after its size, key and version.
const CORRELATION_ID: usize = 8;
/// Where things are in a batch.
const CRC: usize = 17;
const CHECKED: usize = 21;
const PRODUCER: usize = 43;
const EPOCH: usize = 51;
const SEQUENCE: usize = 53;

/// What records are like.
pub(crate) struct Shape {
    codec: Codec,
    record_bytes: usize,
    /// Records of a batch.
    pub(crate) records: usize,
    acks: i16,
}

impl Shape {
    /// Batches of about `batch_bytes` before compression.
    pub(crate) fn of(plan: &Plan) -> Result<Self, String> {
        let codec = plan.text("codec").unwrap_or("none");
        let codec = Codec::from_name(codec).ok_or_else(|| format!("codec={codec}: unknown"))?;
        let record_bytes = plan.number("record_bytes")?;
        let records = (plan.number("batch_bytes")? / record_bytes.max(1)).max(1);
        let acks = match plan.text("acks").unwrap_or("all") {
            "all" => -1,
            "1" => 1,
            other => return Err(format!("acks={other}: all or 1")),
        };
        Ok(Self {
            codec,
            record_bytes,
            records,
            acks,
        })
    }

    fn batch(&self, seed: u64) -> Result<Vec<u8>, String> {
        let said = |error: &dyn std::fmt::Display| error.to_string();
        let mut letters = Letters(seed.wrapping_mul(2).wrapping_add(1));
        let mut builder = BatchBuilder::new(self.codec);
        let now = wall_ms() as i64;
        for _ in 0..self.records {
            let value = letters.take(self.record_bytes);
            builder
                .append(now, None, Some(&value), &[])
                .map_err(|error| said(&error))?;
        }
        let batch = builder.build().map_err(|error| said(&error))?;
        Ok(batch.to_bytes().to_vec())
    }

    /// A request with one batch for each of `partitions`.
    pub(crate) fn frame(&self, target: &Target, partitions: &[i32]) -> Result<Frame, String> {
        let seed = partitions.first().copied().unwrap_or_default();
        let batch = self.batch(u64::from(seed.unsigned_abs()))?;
        let of_partition = |index: &i32| PartitionProduceData {
            index: *index,
            records: Some(Records::Bytes(batch.clone().into())),
            ..PartitionProduceData::default()
        };
        let request = ProduceRequest {
            acks: self.acks,
            timeout_ms: TIMEOUT_MS,
            topic_data: vec![TopicProduceData {
                topic_id: target.id,
                partition_data: partitions.iter().map(of_partition).collect(),
                ..TopicProduceData::default()
            }],
            ..ProduceRequest::default()
        };
        let bytes = link::frame(PRODUCE, 0, &request)?.to_vec();
        let starts = places(&bytes, &batch);
        if starts.len() != partitions.len() {
            return Err("the batches are not found in their request".to_owned());
        }
        Ok(Frame {
            batches: starts,
            batch_bytes: batch.len(),
            records: self.records,
            bytes,
        })
    }
}

/// A request, and where its batches are.
pub(crate) struct Frame {
    pub(crate) bytes: Vec<u8>,
    batches: Vec<usize>,
    batch_bytes: usize,
    records: usize,
}

impl Frame {
    /// Records of one batch.
    pub(crate) fn records_each(&self) -> usize {
        self.records
    }

    /// Records of the request.
    pub(crate) fn records(&self) -> u64 {
        (self.records * self.batches.len()) as u64
    }

    /// Bytes of its batches.
    pub(crate) fn batch_bytes(&self) -> u64 {
        (self.batch_bytes * self.batches.len()) as u64
    }

    pub(crate) fn set_correlation_id(&mut self, id: i32) {
        self.bytes[CORRELATION_ID..CORRELATION_ID + 4].copy_from_slice(&id.to_be_bytes());
    }

    /// Makes each batch the producer's next one: `sequence` is the first of all of them.
    pub(crate) fn set_producer(&mut self, id: i64, epoch: i16, sequence: i32) {
        for start in &self.batches {
            let batch = &mut self.bytes[*start..*start + self.batch_bytes];
            batch[PRODUCER..PRODUCER + 8].copy_from_slice(&id.to_be_bytes());
            batch[EPOCH..EPOCH + 2].copy_from_slice(&epoch.to_be_bytes());
            batch[SEQUENCE..SEQUENCE + 4].copy_from_slice(&sequence.to_be_bytes());
            let crc = crc32c(&batch[CHECKED..]);
            batch[CRC..CRC + 4].copy_from_slice(&crc.to_be_bytes());
        }
    }
}

/// Where `batch` begins in `bytes`, every time.
fn places(bytes: &[u8], batch: &[u8]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut at = CORRELATION_ID + CLIENT.len();
    while at + batch.len() <= bytes.len() {
        if bytes[at..at + batch.len()] == *batch {
            found.push(at);
            at += batch.len();
        } else {
            at += 1;
        }
    }
    found
}

/// Capital letters that look random, as those of Kafka's own perf tool: they compress to about 60 %.
struct Letters(u64);

impl Letters {
    fn take(&mut self, count: usize) -> Vec<u8> {
        let mut next = || {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            b'A' + (self.0 % 26) as u8
        };
        (0..count).map(|_| next()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_found_and_numbered() {
        let shape = Shape {
            codec: Codec::None,
            record_bytes: 10,
            records: 3,
            acks: 1,
        };
        let target = Target {
            id: ottla_wire::Uuid::default(),
            partitions: 2,
        };
        let mut frame = shape.frame(&target, &[0, 1]).unwrap();
        assert_eq!((frame.records(), frame.batches.len()), (6, 2));
        frame.set_producer(7, 1, 30);
        for start in frame.batches.clone() {
            let bytes = bytes::Bytes::copy_from_slice(&frame.bytes[start..]);
            let batch = ottla_wire::records::Batch::first(&bytes).unwrap();
            batch.check_crc().unwrap();
            assert_eq!((batch.producer_id(), batch.base_sequence()), (7, 30));
        }
    }
}
