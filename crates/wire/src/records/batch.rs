//! One record batch of format v2 (magic 2): its header as a view over bytes that are not copied.
//!
//! Layout: `DefaultRecordBatch` of Apache Kafka. All integers are big-endian.
//!
//! | at | field |
//! |---|---|
//! | 0 | base offset, i64 |
//! | 8 | length of what follows this field, i32 |
//! | 12 | partition leader epoch, i32 |
//! | 16 | magic, i8 |
//! | 17 | CRC-32C of everything from 21 on, u32 |
//! | 21 | attributes, i16 |
//! | 23 | last offset delta, i32 |
//! | 27 | base timestamp, i64 |
//! | 35 | max timestamp, i64 |
//! | 43 | producer id, i64 |
//! | 51 | producer epoch, i16 |
//! | 53 | base sequence, i32 |
//! | 57 | record count, i32 |
//! | 61 | records |

use std::fmt;

use bytes::{Bytes, BytesMut};

/// Bytes before the part that `length` counts: base offset and length.
pub const LOG_OVERHEAD: usize = 12;
/// Bytes of a batch before its records.
pub const HEADER_SIZE: usize = 61;
/// Where the magic byte is, in every format.
pub const MAGIC_AT: usize = 16;
/// The format of today.
pub const MAGIC_V2: i8 = 2;
/// The CRC covers everything from here on.
const CRC_FROM: usize = 21;
/// No producer: the batch is not idempotent.
pub const NO_PRODUCER_ID: i64 = -1;
/// No timestamp.
pub const NO_TIMESTAMP: i64 = -1;
/// No sequence.
pub const NO_SEQUENCE: i32 = -1;

/// How the records of a batch are compressed. The number is the wire's.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord, Default)]
#[repr(u8)]
pub enum Codec {
    /// Not at all.
    #[default]
    None = 0,
    /// gzip.
    Gzip = 1,
    /// snappy in Kafka's framing (xerial's).
    Snappy = 2,
    /// lz4 frames.
    Lz4 = 3,
    /// zstd.
    Zstd = 4,
}

impl Codec {
    /// From the low three bits of the attributes.
    pub fn from_id(id: i16) -> Option<Self> {
        Some(match id {
            0 => Self::None,
            1 => Self::Gzip,
            2 => Self::Snappy,
            3 => Self::Lz4,
            4 => Self::Zstd,
            _ => return None,
        })
    }

    /// Kafka's name: `none`, `gzip`, `snappy`, `lz4`, `zstd`.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }

    /// From Kafka's name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::None, Self::Gzip, Self::Snappy, Self::Lz4, Self::Zstd]
            .into_iter()
            .find(|codec| codec.name() == name)
    }
}

/// What a record's timestamp means.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum TimestampType {
    /// When the producer made it.
    #[default]
    CreateTime,
    /// When the broker appended it: the batch's max timestamp, for every record.
    LogAppendTime,
}

/// The attributes of a batch.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Attributes(pub i16);

impl Attributes {
    const CODEC: i16 = 0x07;
    const LOG_APPEND_TIME: i16 = 0x08;
    const TRANSACTIONAL: i16 = 0x10;
    const CONTROL: i16 = 0x20;
    const DELETE_HORIZON: i16 = 0x40;

    /// Compression; `None` for a number that is no codec.
    pub fn codec(self) -> Option<Codec> {
        Codec::from_id(self.0 & Self::CODEC)
    }

    /// Timestamp type.
    pub fn timestamp_type(self) -> TimestampType {
        if self.0 & Self::LOG_APPEND_TIME == 0 {
            TimestampType::CreateTime
        } else {
            TimestampType::LogAppendTime
        }
    }

    /// Part of a transaction.
    pub fn is_transactional(self) -> bool {
        self.0 & Self::TRANSACTIONAL != 0
    }

    /// Written by a broker or controller: transaction markers, quorum records.
    pub fn is_control(self) -> bool {
        self.0 & Self::CONTROL != 0
    }

    /// The base timestamp is the time from which tombstones may be removed.
    pub fn has_delete_horizon(self) -> bool {
        self.0 & Self::DELETE_HORIZON != 0
    }

    /// With another codec.
    #[must_use]
    pub fn with_codec(self, codec: Codec) -> Self {
        Self((self.0 & !Self::CODEC) | codec as i16)
    }

    /// With another timestamp type.
    #[must_use]
    pub fn with_timestamp_type(self, kind: TimestampType) -> Self {
        match kind {
            TimestampType::CreateTime => Self(self.0 & !Self::LOG_APPEND_TIME),
            TimestampType::LogAppendTime => Self(self.0 | Self::LOG_APPEND_TIME),
        }
    }

    /// Marked as part of a transaction, or not.
    #[must_use]
    pub fn with_transactional(self, yes: bool) -> Self {
        if yes {
            Self(self.0 | Self::TRANSACTIONAL)
        } else {
            Self(self.0 & !Self::TRANSACTIONAL)
        }
    }

    /// With a delete horizon as its base timestamp, or not.
    #[must_use]
    pub fn with_delete_horizon(self, yes: bool) -> Self {
        if yes {
            Self(self.0 | Self::DELETE_HORIZON)
        } else {
            Self(self.0 & !Self::DELETE_HORIZON)
        }
    }

    /// Without the bits that have no meaning.
    #[must_use]
    pub fn known(self) -> Self {
        Self(self.0 & 0x7F)
    }

    /// Marked as a control batch, or not.
    #[must_use]
    pub fn with_control(self, yes: bool) -> Self {
        if yes {
            Self(self.0 | Self::CONTROL)
        } else {
            Self(self.0 & !Self::CONTROL)
        }
    }
}

impl fmt::Debug for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attributes")
            .field("codec", &self.codec())
            .field("timestamp_type", &self.timestamp_type())
            .field("transactional", &self.is_transactional())
            .field("control", &self.is_control())
            .finish()
    }
}

/// Why bytes are not a sound batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BatchError {
    /// Fewer bytes than the header or the length say.
    Truncated,
    /// A length below the smallest possible, or negative.
    Length(i32),
    /// A magic byte that is not known here.
    Magic(i8),
    /// The checksum in the header is not that of the bytes.
    Crc {
        /// In the header.
        stored: u32,
        /// Of the bytes.
        computed: u32,
    },
    /// A compression number that is no codec.
    Codec(i16),
    /// Compressed bytes that cannot be read.
    Compression,
    /// Compressed bytes that grow past what their reader allows.
    Grows {
        /// How many decompressed bytes are allowed.
        limit: u64,
    },
    /// A decompressed record that is larger than its reader allows (`max.decompressed.message.bytes`).
    RecordSize {
        /// How many bytes the record says it has.
        size: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// A record that cannot be read, or whose numbers disagree with its batch.
    Record(&'static str),
}

impl fmt::Display for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated => write!(f, "the batch is cut short"),
            Self::Length(length) => write!(f, "a batch cannot have length {length}"),
            Self::Magic(magic) => write!(f, "magic {magic} is not a known batch format"),
            Self::Crc { stored, computed } => {
                write!(
                    f,
                    "the batch says its CRC is {stored:#010x}, its bytes have {computed:#010x}"
                )
            }
            Self::Codec(id) => write!(f, "compression {id} is not known"),
            Self::Compression => write!(f, "the compressed records cannot be read"),
            Self::Grows { limit } => {
                write!(f, "the compressed records are larger than {limit} bytes")
            }
            Self::RecordSize { size, limit } => {
                write!(f, "a record has {size} bytes, and {limit} are allowed")
            }
            Self::Record(what) => write!(f, "a record is malformed: {what}"),
        }
    }
}

impl std::error::Error for BatchError {}

/// A v2 batch: its header in memory of its own, its records shared with the bytes that it came from.
///
/// An appended batch keeps its records as they are; only numbers in its header are assigned. So a batch that came
/// off the wire is changed here and written to its file from these two pieces, and nothing is copied.
#[derive(Clone, PartialEq, Eq)]
pub struct Batch {
    header: [u8; HEADER_SIZE],
    payload: Bytes,
}

macro_rules! header_field {
    ($($(#[$doc:meta])* $name:ident $at:literal $type:ty;)*) => {
        $(
            $(#[$doc])*
            pub fn $name(&self) -> $type {
                <$type>::from_be_bytes(self.field::<$at, { size_of::<$type>() }>())
            }
        )*
    };
}

macro_rules! header_setter {
    ($($(#[$doc:meta])* $name:ident $at:literal $type:ty;)*) => {
        $(
            $(#[$doc])*
            pub fn $name(&mut self, value: $type) {
                self.header[$at..$at + size_of::<$type>()].copy_from_slice(&value.to_be_bytes());
            }
        )*
    };
}

impl Batch {
    /// The size in bytes of the batch (of any format) that `header` begins with, from its first 12 bytes.
    pub fn size(header: &[u8]) -> Result<usize, BatchError> {
        let length = header
            .get(8..12)
            .and_then(|b| b.first_chunk::<4>())
            .ok_or(BatchError::Truncated)?;
        let length = i32::from_be_bytes(*length);
        // The smallest v0 record: CRC, magic, attributes, key length, value length.
        if length < 14 {
            return Err(BatchError::Length(length));
        }
        Ok(LOG_OVERHEAD + length as usize)
    }

    /// The first batch of `bytes`, which must be of v2. Checks size and magic; see [`Batch::check_crc`].
    pub fn first(bytes: &Bytes) -> Result<Self, BatchError> {
        let size = Self::size(bytes)?;
        let magic = *bytes.get(MAGIC_AT).ok_or(BatchError::Truncated)? as i8;
        if magic != MAGIC_V2 {
            return Err(BatchError::Magic(magic));
        }
        if size < HEADER_SIZE {
            return Err(BatchError::Length((size - LOG_OVERHEAD) as i32));
        }
        if bytes.len() < size {
            return Err(BatchError::Truncated);
        }
        let mut header = [0; HEADER_SIZE];
        header.copy_from_slice(&bytes[..HEADER_SIZE]);
        Ok(Self {
            header,
            payload: bytes.slice(HEADER_SIZE..size),
        })
    }

    /// From its two pieces. The header is taken as it is, except its length, magic and checksum, which are computed.
    pub fn from_parts(header: [u8; HEADER_SIZE], payload: Bytes) -> Self {
        let mut batch = Self { header, payload };
        batch.header[MAGIC_AT] = MAGIC_V2 as u8;
        let length = (HEADER_SIZE - LOG_OVERHEAD + batch.payload.len()) as i32;
        batch.header[8..12].copy_from_slice(&length.to_be_bytes());
        batch.seal();
        batch
    }

    /// A batch that is only its header, for reading the header's numbers.
    pub(super) fn peek(header: &[u8; HEADER_SIZE]) -> Self {
        Self {
            header: *header,
            payload: Bytes::new(),
        }
    }

    fn field<const AT: usize, const N: usize>(&self) -> [u8; N] {
        let mut field = [0; N];
        field.copy_from_slice(&self.header[AT..AT + N]);
        field
    }

    header_field! {
        /// The offset of the first record (of the first one that ever was: compaction may have removed it).
        base_offset 0 i64;
        /// Bytes after the length field.
        length 8 i32;
        /// The epoch of the leader that appended it.
        leader_epoch 12 i32;
        /// The checksum in the header.
        crc 17 u32;
        /// Last offset minus base offset.
        last_offset_delta 23 i32;
        /// The timestamp that records' timestamps are relative to (or the delete horizon).
        base_timestamp 27 i64;
        /// The largest timestamp of its records.
        max_timestamp 35 i64;
        /// Who produced it; -1 for nobody.
        producer_id 43 i64;
        /// The producer's epoch.
        producer_epoch 51 i16;
        /// The sequence of the first record.
        base_sequence 53 i32;
        /// How many records are in it now.
        record_count 57 i32;
    }

    header_setter! {
        /// Assigns its place in the log. Not covered by the checksum.
        set_base_offset 0 i64;
        /// Assigns the epoch of the leader that appends it. Not covered by the checksum.
        set_leader_epoch 12 i32;
        /// Sets the largest timestamp; [`Batch::seal`] afterwards.
        set_max_timestamp 35 i64;
        /// Sets the base timestamp; [`Batch::seal`] afterwards.
        set_base_timestamp 27 i64;
    }

    /// The attributes.
    pub fn attributes(&self) -> Attributes {
        Attributes(i16::from_be_bytes(self.field::<21, 2>()))
    }

    /// Sets the attributes; [`Batch::seal`] afterwards.
    pub fn set_attributes(&mut self, attributes: Attributes) {
        self.header[21..23].copy_from_slice(&attributes.0.to_be_bytes());
    }

    /// The offset of the last record.
    pub fn last_offset(&self) -> i64 {
        self.base_offset()
            .wrapping_add(i64::from(self.last_offset_delta()))
    }

    /// The offset after the last record.
    pub fn next_offset(&self) -> i64 {
        self.last_offset().wrapping_add(1)
    }

    /// The sequence of the last record; sequences wrap from 2³¹ − 1 to 0.
    pub fn last_sequence(&self) -> i32 {
        match self.base_sequence() {
            NO_SEQUENCE => NO_SEQUENCE,
            base => {
                ((i64::from(base) + i64::from(self.last_offset_delta())) & i64::from(i32::MAX))
                    as i32
            }
        }
    }

    /// Whether it has a producer id.
    pub fn has_producer_id(&self) -> bool {
        self.producer_id() > NO_PRODUCER_ID
    }

    /// Size in bytes, header and records.
    pub fn size_in_bytes(&self) -> usize {
        HEADER_SIZE + self.payload.len()
    }

    /// Its header.
    pub fn header(&self) -> &[u8; HEADER_SIZE] {
        &self.header
    }

    /// Its records, as they are on the wire (compressed if the attributes say so).
    pub fn payload(&self) -> &Bytes {
        &self.payload
    }

    /// Header and records in one new buffer.
    pub fn to_bytes(&self) -> Bytes {
        let mut whole = BytesMut::with_capacity(self.size_in_bytes());
        whole.extend_from_slice(&self.header);
        whole.extend_from_slice(&self.payload);
        whole.freeze()
    }

    /// The checksum of its bytes.
    pub fn computed_crc(&self) -> u32 {
        let mut digest = crc_fast::Digest::new(crc_fast::CrcAlgorithm::Crc32Iscsi);
        digest.update(&self.header[CRC_FROM..]);
        digest.update(&self.payload);
        digest.finalize() as u32
    }

    /// Compares the checksum in the header with the bytes.
    pub fn check_crc(&self) -> Result<(), BatchError> {
        let (stored, computed) = (self.crc(), self.computed_crc());
        if stored == computed {
            Ok(())
        } else {
            Err(BatchError::Crc { stored, computed })
        }
    }

    /// Writes the checksum of its bytes into the header.
    pub fn seal(&mut self) {
        let crc = self.computed_crc();
        self.header[17..21].copy_from_slice(&crc.to_be_bytes());
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("base_offset", &self.base_offset())
            .field("last_offset", &self.last_offset())
            .field("size", &self.size_in_bytes())
            .field("leader_epoch", &self.leader_epoch())
            .field("attributes", &self.attributes())
            .field("producer_id", &self.producer_id())
            .field("base_sequence", &self.base_sequence())
            .finish_non_exhaustive()
    }
}

/// CRC-32C (Castagnoli), as in batches and producer snapshots.
pub fn crc32c(bytes: &[u8]) -> u32 {
    crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32Iscsi, bytes) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_its_bytes() {
        let mut batch = Batch::from_parts([0; HEADER_SIZE], Bytes::from_static(b"records"));
        batch.set_base_offset(7);
        batch.set_leader_epoch(3);
        assert_eq!(
            batch.check_crc(),
            Ok(()),
            "offset and epoch are not covered"
        );
        let bytes = batch.to_bytes();
        assert_eq!(Batch::size(&bytes), Ok(bytes.len()));
        assert_eq!(Batch::first(&bytes).as_ref(), Ok(&batch));
        assert_eq!(Batch::first(&bytes.slice(..60)), Err(BatchError::Truncated));
        batch.set_max_timestamp(1);
        assert!(matches!(batch.check_crc(), Err(BatchError::Crc { .. })));
        batch.seal();
        assert_eq!(batch.check_crc(), Ok(()));
    }
}
