//! Bytes ↔ values: the bounded reader, the writer that references records instead of copying them, and the
//! [`Message`] trait that all generated messages implement.

mod reader;
mod writer;

use std::{fmt, ops::RangeInclusive};

use bytes::Bytes;
pub use reader::Reader;
pub(crate) use writer::TagWriter;
pub use writer::{Encoded, Segment, Writer};

/// A request or response, a record, or a part of one, in every version it has. Implemented by generated code.
pub trait Message: Sized + Default + Clone + fmt::Debug + PartialEq {
    /// Kafka's name, e.g. `FetchRequest`.
    const NAME: &'static str;
    /// The versions that can be read and written.
    const VERSIONS: RangeInclusive<i16>;
    /// The first flexible version (compact lengths and tagged fields), if any.
    const FLEXIBLE: Option<i16>;

    /// Reads one value of `version`, which must be within [`Message::VERSIONS`].
    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed>;

    /// Writes this value as `version`, which must be within [`Message::VERSIONS`].
    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable>;

    /// Reads a whole body. Bytes after the message are ignored, as Apache Kafka ignores them.
    fn decode(bytes: Bytes, version: i16) -> Result<Self, Malformed> {
        if !Self::VERSIONS.contains(&version) {
            return Err(Malformed::new("version", 0));
        }
        Self::read(&mut Reader::new(bytes), version)
    }

    /// Writes to one buffer. Records that are not in memory cannot be in it.
    fn encode(&self, version: i16) -> Result<Bytes, Unencodable> {
        let mut to = Writer::default();
        if !Self::VERSIONS.contains(&version) {
            return Err(Unencodable {
                message: Self::NAME,
                field: "version",
            });
        }
        self.write(&mut to, version)?;
        to.finish().into_bytes().ok_or(Unencodable {
            message: Self::NAME,
            field: "records",
        })
    }

    /// The field `throttle_time_ms`, if the message has it.
    fn throttle_time_ms(&mut self) -> Option<&mut i32> {
        None
    }

    /// Whether `version` is flexible.
    fn is_flexible(version: i16) -> bool {
        Self::FLEXIBLE.is_some_and(|first| version >= first)
    }
}

/// A request: what it is called on the wire, and what answers it.
pub trait Request: Message + crate::answer::Subject {
    /// The API key.
    const KEY: i16;
    /// The answer.
    type Response: Message + crate::answer::ErrorCodes + crate::answer::AmendTexts;
}

/// The bytes are not a message of this version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Malformed {
    /// What was being read.
    pub what: &'static str,
    /// Where, in bytes from the start of the body.
    pub at: usize,
}

impl Malformed {
    /// For `what` at byte `at`.
    pub const fn new(what: &'static str, at: usize) -> Self {
        Self { what, at }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "malformed {} at byte {}", self.what, self.at)
    }
}

impl std::error::Error for Malformed {}

/// A value that the version has no place for (Kafka's `UnsupportedVersionException` on writing).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unencodable {
    /// The message or nested structure.
    pub message: &'static str,
    /// Its field.
    pub field: &'static str,
}

impl fmt::Display for Unencodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}.{} cannot be written in this version",
            self.message, self.field
        )
    }
}

impl std::error::Error for Unencodable {}

/// Says that `field` of `message` cannot be written unless `fits`.
pub(crate) fn place(
    fits: bool,
    message: &'static str,
    field: &'static str,
) -> Result<(), Unencodable> {
    if fits {
        Ok(())
    } else {
        Err(Unencodable { message, field })
    }
}

/// Tagged fields that this build does not know: kept, and written back.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct UnknownTags(Option<Box<[(u32, Bytes)]>>);

impl UnknownTags {
    /// Tag and value, ascending by tag.
    pub fn iter(&self) -> impl Iterator<Item = &(u32, Bytes)> {
        self.0.iter().flat_map(|tags| tags.iter())
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |tags| tags.len())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

impl From<Vec<(u32, Bytes)>> for UnknownTags {
    fn from(tags: Vec<(u32, Bytes)>) -> Self {
        Self((!tags.is_empty()).then(|| tags.into_boxed_slice()))
    }
}

impl fmt::Debug for UnknownTags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.iter().map(|(tag, value)| (tag, value)))
            .finish()
    }
}

/// Record batches in a message: bytes that are here, or a hole that the connection fills while sending.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Records {
    /// In memory, shared and not copied.
    Bytes(Bytes),
    /// `len` bytes that are elsewhere (a file): `slot` is the sender's name for the place.
    Hole {
        /// The sender's number for the place.
        slot: u32,
        /// How many bytes will be there.
        len: u32,
    },
}

impl Records {
    /// How many bytes.
    pub fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Hole { len, .. } => *len as usize,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes, if they are here.
    pub fn bytes(&self) -> Option<&Bytes> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Hole { .. } => None,
        }
    }
}

impl Default for Records {
    fn default() -> Self {
        Self::Bytes(Bytes::new())
    }
}

impl From<Bytes> for Records {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varints_go_both_ways() {
        for value in [0, 1, -1, 63, 64, -64, -65, i32::MAX, i32::MIN] {
            let mut to = Writer::default();
            to.varint(value);
            to.varlong(i64::from(value) << 31);
            let mut from = Reader::new(to.finish().into_bytes().unwrap());
            assert_eq!(
                (from.varint(), from.varlong()),
                (Ok(value), Ok(i64::from(value) << 31))
            );
        }
    }

    #[test]
    fn lengths_are_checked_before_allocation() {
        let hostile = Bytes::from_static(&[0x7F, 0xFF, 0xFF, 0xFF, 0]);
        assert!(
            Reader::new(hostile.clone())
                .array::<[u64; 8]>(false)
                .is_err()
        );
        assert!(Reader::new(hostile).nullable_bytes(false).is_err());
        assert!(
            Reader::new(Bytes::from_static(&[0xFF; 6]))
                .uvarint()
                .is_err()
        );
        assert!(Reader::new(Bytes::from_static(&[0x80])).i16().is_err());
    }

    #[test]
    fn large_records_are_referenced() {
        let records = Records::Bytes(Bytes::from(vec![7; 4096]));
        let mut to = Writer::default();
        to.i8(1);
        to.records(Some(&records), true);
        to.records(Some(&Records::Hole { slot: 3, len: 9 }), false);
        to.i8(2);
        let encoded = to.finish();
        assert_eq!(encoded.segments.len(), 5);
        assert_eq!(encoded.len(), 1 + 2 + 4096 + 4 + 9 + 1);
        assert!(matches!(&encoded.segments[1], Segment::Bytes(bytes)
            if bytes.as_ptr() == records.bytes().unwrap().as_ptr()));
        assert_eq!(encoded.segments[3], Segment::Hole { slot: 3, len: 9 });
        assert_eq!(encoded.into_bytes(), None);
    }

    #[test]
    fn known_tags_are_written_between_unknown_ones() {
        let unknown = |tag| (tag, Bytes::from_static(&[8]));
        let tags = UnknownTags::from(vec![unknown(0), unknown(2), unknown(5)]);
        let put = |to: &mut Writer| {
            to.i8(7);
            Ok(())
        };
        let mut writer = TagWriter::new(&tags, "X");
        writer.field(1, put).unwrap();
        writer.field(3, put).unwrap();
        assert!(writer.field(5, put).is_err(), "one tag, two values");
        let mut writer = TagWriter::new(&tags, "X");
        writer.field(1, put).unwrap();
        writer.field(3, put).unwrap();
        let mut to = Writer::default();
        writer.finish(&mut to);
        assert_eq!(
            to.finish().into_bytes().unwrap(),
            [5, 0, 1, 8, 1, 1, 7, 2, 1, 8, 3, 1, 7, 5, 1, 8].as_slice()
        );
    }

    #[test]
    fn unknown_tags_are_kept() {
        let bytes = Bytes::from_static(&[2, 1, 1, 9, 4, 2, 8, 8]);
        let mut known = None;
        let tags = Reader::new(bytes)
            .tags(|tag, from| {
                if tag == 1 {
                    known = Some(from.i8()?);
                }
                Ok(tag == 1)
            })
            .unwrap();
        assert_eq!(known, Some(9));
        assert_eq!(
            tags.iter().collect::<Vec<_>>(),
            [&(4, Bytes::from_static(&[8, 8]))]
        );
    }
}
