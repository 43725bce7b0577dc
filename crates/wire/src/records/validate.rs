//! What a leader checks of records before it appends them, and what it changes in them.
//!
//! In the order in which Apache Kafka 4.4 finds fault: the shape of a Produce partition (`ProduceRequest`), the batch as
//! a whole (`UnifiedLog`), the batch and each of its records (`LogValidator`). Offsets and leader epoch are the log's to
//! assign, with [`Batch::set_base_offset`] and [`Batch::set_leader_epoch`], which cost nothing.
//!
//! Differs from Apache Kafka: parts of a compressed record that disagree with its size are refused (Kafka looks only at
//! uncompressed ones, and its consumers then fail); a batch may not grow past [`DECOMPRESSED_LIMIT`]; at most
//! [`RECORD_ERRORS`] records are named; names of headers that are not UTF-8 survive being compressed anew; gzip with
//! reserved flags is refused. tests/interop/tests/validation.rs compares the two.

use std::fmt;

use bytes::Bytes;

use super::{
    Attributes, Batch, BatchBuilder, BatchError, Batches, BuildError, Codec, DECOMPRESSED_LIMIT,
    TimestampType,
    batch::{MAGIC_V2, NO_TIMESTAMP},
    compress::Decompressor,
    record::{Feed, Passing, Skimmed, Slice, skim},
};
use crate::{Code, Refusal};

/// How many faulty records are named in a refusal.
pub const RECORD_ERRORS: usize = 1000;

/// Who appends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// A producer, by a Produce request.
    Client {
        /// Whether its version of Produce knows zstd (7 and above).
        zstd: bool,
    },
    /// A coordinator of this broker, to its own topic: offset ranges and control records are its business.
    Coordinator,
    /// The leader of the metadata quorum: offsets are assigned already, and records are not looked at.
    RaftLeader {
        /// The epoch that the batches must have.
        epoch: i32,
    },
}

/// What a topic asks of its records.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rules {
    /// Who appends.
    pub origin: Origin,
    /// `compression.type`; `None` is `producer`: as it comes.
    pub codec: Option<Codec>,
    /// The level if records are compressed here; see [`super::compress`].
    pub level: Option<i32>,
    /// `message.timestamp.type`.
    pub timestamp_type: TimestampType,
    /// `message.timestamp.before.max.ms`.
    pub before_max_ms: i64,
    /// `message.timestamp.after.max.ms`.
    pub after_max_ms: i64,
    /// Whether `cleanup.policy` has `compact`: every record needs a key.
    pub compact: bool,
    /// `max.message.bytes`: of a batch, as it comes and as it is stored.
    pub max_batch: usize,
    /// `max.decompressed.message.bytes`: of a record in a compressed batch.
    pub max_record: usize,
}

/// A batch that may be appended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Validated {
    /// The batch, sealed. Its base offset is 0 or what the origin said.
    pub batch: Batch,
    /// Its largest timestamp; -1 if no record has one. The time index names the offset of the last record for it.
    pub max_timestamp: i64,
    /// Whether the records were written anew: their size changed.
    pub recompressed: bool,
}

/// What is wrong with one record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RecordFault {
    /// No key, in a compacted topic.
    NullKey,
    /// A timestamp that is too far from now.
    Timestamp {
        /// The record's.
        timestamp: i64,
        /// The earliest that is allowed.
        earliest: i64,
        /// The latest that is allowed.
        latest: i64,
    },
    /// A batch with log append time, which only a broker may set.
    LogAppendTime,
}

impl fmt::Display for RecordFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NullKey => write!(f, "the topic is compacted, so a record needs a key"),
            Self::Timestamp {
                timestamp, latest, ..
            } if timestamp > latest => write!(
                f,
                "timestamp {timestamp} (in ms) is after {latest}, the latest that message.timestamp.after.max.ms allows"
            ),
            Self::Timestamp {
                timestamp,
                earliest,
                ..
            } => write!(
                f,
                "timestamp {timestamp} (in ms) is before {earliest}, the earliest that message.timestamp.before.max.ms allows"
            ),
            Self::LogAppendTime => write!(f, "only a broker sets the log append time"),
        }
    }
}

/// A record that cannot be appended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RecordError {
    /// Which record of the batch, from 0.
    pub index: i32,
    /// What is wrong with it.
    pub fault: RecordFault,
}

/// Why records cannot be appended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refused {
    /// There is no whole batch.
    NoBatch,
    /// There is more than one batch.
    SeveralBatches,
    /// The batch is of a format from before Kafka 0.11.
    Magic(i8),
    /// zstd in a version of Produce that is older than it.
    Zstd,
    /// The bytes are no sound batch.
    Corrupt(BatchError),
    /// The batch does not begin at offset 0.
    BaseOffset(i64),
    /// The batch is not of the leader's epoch.
    LeaderEpoch(i32),
    /// The batch has more bytes than the topic allows, as it came or after it was compressed anew.
    TooLarge {
        /// Of the batch.
        size: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// The batch decompresses to more bytes than any may.
    Grows {
        /// How many are allowed.
        limit: u64,
    },
    /// The last offset, relative to the base offset, and the number of records do not fit each other.
    Count {
        /// Last offset minus base offset.
        last_offset_delta: i32,
        /// The number of records in the header.
        count: i32,
    },
    /// A producer may not write control records.
    Control,
    /// A producer id without a sequence.
    Sequence(i32),
    /// A compression that is not known, or compressed bytes that cannot be read.
    Unreadable(BatchError),
    /// A record that is not built as records are.
    Malformed(BatchError),
    /// The offsets inside a compressed batch are not 0, 1, 2 and so on.
    Offsets,
    /// Records that cannot be written as the topic's compression asks.
    Unbuildable(BuildError),
    /// Some records break a rule.
    Records {
        /// The first of them, at most [`RECORD_ERRORS`].
        errors: Vec<RecordError>,
        /// How many there are.
        count: usize,
        /// Whether the timestamp of any is the reason.
        timestamp: bool,
    },
}

impl Refused {
    /// Kafka's error.
    pub fn code(&self) -> Code {
        match self {
            Self::Corrupt(_) => Code::CORRUPT_MESSAGE,
            Self::Zstd => Code::UNSUPPORTED_COMPRESSION_TYPE,
            // Kafka has no such bound. Its producer answers this error by halving the batch, which helps here too.
            Self::TooLarge { .. } | Self::Grows { .. } => Code::MESSAGE_TOO_LARGE,
            // Kafka has no error for what its decompressors and its builder throw, and trips over such offsets.
            Self::Unreadable(_) | Self::Unbuildable(_) | Self::Offsets => {
                Code::UNKNOWN_SERVER_ERROR
            }
            Self::Records {
                timestamp: true, ..
            } => Code::INVALID_TIMESTAMP,
            Self::NoBatch
            | Self::SeveralBatches
            | Self::Magic(_)
            | Self::BaseOffset(_)
            | Self::LeaderEpoch(_)
            | Self::Count { .. }
            | Self::Control
            | Self::Sequence(_)
            | Self::Malformed(_)
            | Self::Records { .. } => Code::INVALID_RECORD,
        }
    }

    /// The records that are at fault, if it is not the whole batch.
    pub fn record_errors(&self) -> &[RecordError] {
        match self {
            Self::Records { errors, .. } => errors,
            _ => &[],
        }
    }

    fn reading(error: BatchError) -> Self {
        match error {
            BatchError::Record(_) | BatchError::RecordSize { .. } => Self::Malformed(error),
            BatchError::Compression | BatchError::Codec(_) => Self::Unreadable(error),
            BatchError::Grows { limit } => Self::Grows { limit },
            BatchError::Truncated
            | BatchError::Length(_)
            | BatchError::Magic(_)
            | BatchError::Crc { .. } => Self::Corrupt(error),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoBatch => write!(f, "there is no whole record batch"),
            Self::SeveralBatches => write!(f, "there may be only one record batch per partition"),
            Self::Magic(magic) => {
                write!(f, "record batches of magic {magic} are no longer accepted")
            }
            Self::Zstd => write!(f, "zstd needs version 7 of Produce or above"),
            Self::Corrupt(error) | Self::Unreadable(error) | Self::Malformed(error) => error.fmt(f),
            Self::BaseOffset(offset) => {
                write!(f, "a batch must have base offset 0, and this has {offset}")
            }
            Self::LeaderEpoch(epoch) => write!(f, "leader epoch {epoch} is not the leader's"),
            Self::TooLarge { size, limit } => write!(
                f,
                "the batch has {size} bytes, and max.message.bytes allows {limit}"
            ),
            Self::Grows { limit } => {
                write!(f, "the batch decompresses to more than {limit} bytes")
            }
            Self::Count {
                last_offset_delta,
                count,
            } => write!(
                f,
                "the batch says it has {count} records and a last offset of {last_offset_delta}"
            ),
            Self::Control => write!(f, "a producer cannot write control records"),
            Self::Sequence(sequence) => {
                write!(f, "a producer id needs a sequence, and this is {sequence}")
            }
            Self::Offsets => {
                write!(
                    f,
                    "the offsets inside a compressed batch do not count up from 0"
                )
            }
            Self::Unbuildable(error) => error.fmt(f),
            Self::Records { errors, count, .. } => {
                write!(f, "{count} records cannot be appended")?;
                match errors.first() {
                    Some(first) => write!(f, "; record {}: {}", first.index, first.fault),
                    None => Ok(()),
                }
            }
        }
    }
}

impl std::error::Error for Refused {}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        Self {
            code: refused.code(),
            detail: Some(refused.to_string().into()),
        }
    }
}

/// Checks `records`, and makes of them the batch to append. `now` is in milliseconds since 1970.
///
/// If compression need not change, the batch's payload is the very memory of `records`. A compressed batch is then decompressed one chunk at a time, and its keys and values are not kept.
/// What follows the batch and is no whole batch is left out.
pub fn validate(records: &Bytes, rules: &Rules, now: i64) -> Result<Validated, Refused> {
    let batch = only_batch(records, rules.origin)?;
    check_whole(&batch, rules)?;
    if let Origin::RaftLeader { .. } = rules.origin {
        return Ok(Validated {
            max_timestamp: batch.max_timestamp(),
            recompressed: false,
            batch,
        });
    }
    let attributes = batch.attributes();
    let source = known_codec(attributes)?;
    check_header(&batch, attributes, rules.origin)?;
    let walked = walk(&batch, source, rules, now)?;
    let target = rules.codec.unwrap_or(source);
    // Control records are compressed only by who writes them.
    let keeps_codec = source == target || (source == Codec::None && attributes.is_control());
    if !keeps_codec {
        return rebuilt(&batch, target, rules, now);
    }
    // The offsets inside an uncompressed batch are not looked at, as in Kafka.
    if source != Codec::None && !walked.in_order {
        return Err(Refused::Offsets);
    }
    Ok(in_place(batch, rules, &walked, now))
}

/// Looks at what Apache Kafka looks at before it asks whether the partition takes writes: that there is one batch, in the
/// format of today.
///
/// # Errors
/// As [`validate`].
pub fn check_framing(records: &Bytes, origin: Origin) -> Result<(), Refused> {
    only_batch(records, origin).map(|_| ())
}

/// The batch that `records` are.
fn only_batch(records: &Bytes, origin: Origin) -> Result<Batch, Refused> {
    let mut batches = Batches::new(records.clone());
    let (head, bytes) = batches
        .next()
        .ok_or(Refused::NoBatch)?
        .map_err(Refused::Corrupt)?;
    if head.magic != MAGIC_V2 {
        return Err(Refused::Magic(head.magic));
    }
    // Only old versions of Produce are asked for their compression before anything else.
    if origin == (Origin::Client { zstd: false }) && known_codec(head.attributes)? == Codec::Zstd {
        return Err(Refused::Zstd);
    }
    match batches.next() {
        None => Batch::first(&bytes).map_err(Refused::Corrupt),
        Some(Ok(_)) => Err(Refused::SeveralBatches),
        Some(Err(error)) => Err(Refused::Corrupt(error)),
    }
}

fn known_codec(attributes: Attributes) -> Result<Codec, Refused> {
    let id = attributes.0 & 7;
    Codec::from_id(id).ok_or(Refused::Unreadable(BatchError::Codec(id)))
}

/// What the log asks of any batch.
fn check_whole(batch: &Batch, rules: &Rules) -> Result<(), Refused> {
    match rules.origin {
        Origin::RaftLeader { epoch } if batch.leader_epoch() != epoch => {
            return Err(Refused::LeaderEpoch(batch.leader_epoch()));
        }
        Origin::Client { .. } if batch.base_offset() != 0 => {
            return Err(Refused::BaseOffset(batch.base_offset()));
        }
        _ => {}
    }
    check_size(batch, rules)?;
    batch.check_crc().map_err(Refused::Corrupt)
}

fn check_size(batch: &Batch, rules: &Rules) -> Result<(), Refused> {
    let (size, limit) = (batch.size_in_bytes(), rules.max_batch);
    if size > limit {
        return Err(Refused::TooLarge { size, limit });
    }
    Ok(())
}

/// What is asked of a producer's batch.
fn check_header(batch: &Batch, attributes: Attributes, origin: Origin) -> Result<(), Refused> {
    let Origin::Client { .. } = origin else {
        return Ok(());
    };
    let (last_offset_delta, count) = (batch.last_offset_delta(), batch.record_count());
    if count <= 0 || i64::from(count) != i64::from(last_offset_delta) + 1 {
        return Err(Refused::Count {
            last_offset_delta,
            count,
        });
    }
    if attributes.is_control() {
        return Err(Refused::Control);
    }
    if batch.has_producer_id() && batch.base_sequence() < 0 {
        return Err(Refused::Sequence(batch.base_sequence()));
    }
    Ok(())
}

/// What a walk over all records found.
struct Walked {
    max_timestamp: i64,
    /// Whether the offset deltas are 0, 1, 2 and so on.
    in_order: bool,
}

fn walk(batch: &Batch, source: Codec, rules: &Rules, now: i64) -> Result<Walked, Refused> {
    let walk = Walk {
        batch,
        append_time: batch.attributes().timestamp_type() == TimestampType::LogAppendTime,
        rules,
        now,
    };
    if source == Codec::None {
        return walk.over(&mut Slice::new(batch.payload()), usize::MAX);
    }
    let from = Decompressor::new(source, batch.payload().clone(), DECOMPRESSED_LIMIT)
        .map_err(Refused::reading)?;
    walk.over(&mut Passing::new(from), rules.max_record)
}

struct Walk<'a> {
    batch: &'a Batch,
    append_time: bool,
    rules: &'a Rules,
    now: i64,
}

impl Walk<'_> {
    fn over(&self, from: &mut impl Feed, most: usize) -> Result<Walked, Refused> {
        let mut walked = Walked {
            max_timestamp: NO_TIMESTAMP,
            in_order: true,
        };
        let (mut errors, mut count, mut of_time) = (Vec::new(), 0, false);
        let base_timestamp = self.batch.base_timestamp();
        let total = self.batch.record_count();
        if total < 0 {
            return Err(Refused::Malformed(BatchError::Record(
                "a batch has a negative number of records",
            )));
        }
        for index in 0..total {
            let record = skim(from, most).map_err(Refused::reading)?;
            let timestamp = if self.append_time {
                self.batch.max_timestamp()
            } else {
                base_timestamp.wrapping_add(record.timestamp_delta)
            };
            walked.max_timestamp = walked.max_timestamp.max(timestamp);
            walked.in_order &= record.offset_delta == index;
            if let Some(fault) = self.fault(record, timestamp) {
                count += 1;
                of_time |= fault != RecordFault::NullKey;
                if errors.len() < RECORD_ERRORS {
                    errors.push(RecordError { index, fault });
                }
            }
        }
        if total > 0 && !from.at_end().map_err(Refused::reading)? {
            return Err(Refused::Malformed(BatchError::Record(
                "there are more than the batch says",
            )));
        }
        if count > 0 {
            return Err(Refused::Records {
                errors,
                count,
                timestamp: of_time,
            });
        }
        Ok(walked)
    }

    fn fault(&self, record: Skimmed, timestamp: i64) -> Option<RecordFault> {
        let rules = self.rules;
        if rules.compact && !record.has_key {
            return Some(RecordFault::NullKey);
        }
        if rules.timestamp_type == TimestampType::CreateTime && timestamp != NO_TIMESTAMP {
            // Wraps as Kafka's does: far from now is far from now.
            let age = self.now.wrapping_sub(timestamp);
            let too_far = age > rules.before_max_ms || age.wrapping_neg() > rules.after_max_ms;
            return too_far.then(|| RecordFault::Timestamp {
                timestamp,
                earliest: self.now.saturating_sub(rules.before_max_ms),
                latest: self.now.saturating_add(rules.after_max_ms),
            });
        }
        self.append_time.then_some(RecordFault::LogAppendTime)
    }
}

/// The batch with its payload as it is.
fn in_place(mut batch: Batch, rules: &Rules, walked: &Walked, now: i64) -> Validated {
    let kind = rules.timestamp_type;
    let max_timestamp = match kind {
        TimestampType::CreateTime => walked.max_timestamp,
        TimestampType::LogAppendTime => now,
    };
    let attributes = batch.attributes();
    if attributes.timestamp_type() != kind || batch.max_timestamp() != max_timestamp {
        batch.set_attributes(attributes.known().with_timestamp_type(kind));
        batch.set_max_timestamp(max_timestamp);
        batch.seal();
    }
    Validated {
        max_timestamp,
        recompressed: false,
        batch,
    }
}

/// A batch of the same records with offsets from 0 on, compressed as the topic asks.
fn rebuilt(batch: &Batch, target: Codec, rules: &Rules, now: i64) -> Result<Validated, Refused> {
    let attributes = batch.attributes();
    let mut builder = BatchBuilder::new(target)
        .level(rules.level)
        .producer(
            batch.producer_id(),
            batch.producer_epoch(),
            batch.base_sequence(),
        )
        .transactional(attributes.is_transactional())
        .control(attributes.is_control());
    if rules.timestamp_type == TimestampType::LogAppendTime {
        builder = builder.log_append_time(now);
    }
    let records = batch
        .records_within(DECOMPRESSED_LIMIT)
        .map_err(Refused::reading)?
        .max_record(rules.max_record);
    for record in records {
        let mut record = record.map_err(Refused::reading)?;
        record.offset = builder.next_offset();
        builder
            .append_record(&record)
            .map_err(Refused::Unbuildable)?;
    }
    let batch = builder.build().map_err(Refused::Unbuildable)?;
    check_size(&batch, rules)?;
    Ok(Validated {
        max_timestamp: batch.max_timestamp(),
        recompressed: true,
        batch,
    })
}

#[cfg(test)]
mod tests;
