//! Writes messages: small values into a buffer, records by reference.

use bytes::{BufMut, Bytes, BytesMut};

use super::{Records, Unencodable, UnknownTags, place};
use crate::Uuid;

/// A frame begins with its size, which does not count itself.
const FRAME_SIZE: usize = 4;
/// Records of at most this many bytes are copied: cheaper than one more piece to send.
const COPY_RECORDS_UP_TO: usize = 512;

/// Between two pieces of records, a response has some 50 bytes.
const LITTLE_ROOM: usize = 64;
/// What is reserved for what is between pieces.
const PIECES_ROOM: usize = 2048;

/// One piece of an encoded message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Segment {
    /// Bytes to send.
    Bytes(Bytes),
    /// Bytes to send from elsewhere: see [`Records::Hole`].
    Hole {
        /// The sender's number for the place.
        slot: u32,
        /// How many bytes.
        len: u32,
    },
}

impl Segment {
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
}

/// An encoded message: its pieces in order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Encoded {
    /// The pieces.
    pub segments: Vec<Segment>,
}

impl Encoded {
    /// How many bytes in all.
    pub fn len(&self) -> usize {
        self.segments.iter().map(Segment::len).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One buffer; `None` if a piece is not in memory.
    pub fn into_bytes(mut self) -> Option<Bytes> {
        if self.segments.len() == 1 {
            return match self.segments.pop() {
                Some(Segment::Bytes(bytes)) => Some(bytes),
                _ => None,
            };
        }
        let mut whole = BytesMut::with_capacity(self.len());
        for segment in self.segments {
            match segment {
                Segment::Bytes(bytes) => whole.put_slice(&bytes),
                Segment::Hole { .. } => return None,
            }
        }
        Some(whole.freeze())
    }
}

/// Writes a message: small values into a buffer, records by reference.
#[derive(Debug, Default)]
pub struct Writer {
    buffer: BytesMut,
    segments: Vec<Segment>,
    /// What comes before the first segment, if there is one: the size of a frame is put into it last.
    head: BytesMut,
    framed: bool,
}

macro_rules! write_number {
    ($($name:ident $put:ident $type:ty;)*) => {
        $(
            #[doc = concat!("A big-endian `", stringify!($type), "`.")]
            #[inline]
            pub fn $name(&mut self, value: $type) {
                self.buffer.$put(value);
            }
        )*
    };
}

impl Writer {
    /// With room for `capacity` bytes.
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            buffer: BytesMut::with_capacity(capacity),
            ..Self::default()
        }
    }

    /// With room for `capacity` bytes, for a frame: begins with the size, which [`Writer::finish`] fills in.
    pub fn frame(capacity: usize) -> Self {
        let mut to = Self::with_capacity(capacity + FRAME_SIZE);
        to.i32(0);
        to.framed = true;
        to
    }

    /// What was written.
    ///
    /// # Panics
    /// If it is a frame of 2 GiB or more.
    pub fn finish(mut self) -> Encoded {
        if self.framed {
            let pieces: usize = self.segments.iter().map(Segment::len).sum();
            let size = self.head.len() + pieces + self.buffer.len() - FRAME_SIZE;
            let size = i32::try_from(size).ok();
            assert!(size.is_some(), "a frame is less than 2 GiB");
            let first = if self.head.is_empty() {
                &mut self.buffer
            } else {
                &mut self.head
            };
            first[..FRAME_SIZE].copy_from_slice(&size.unwrap_or_default().to_be_bytes());
        }
        if !self.head.is_empty() {
            self.segments.insert(0, Segment::Bytes(self.head.freeze()));
        }
        if !self.buffer.is_empty() || self.segments.is_empty() {
            self.segments.push(Segment::Bytes(self.buffer.freeze()));
        }
        Encoded {
            segments: self.segments,
        }
    }

    write_number! {
        i8 put_i8 i8;
        i16 put_i16 i16;
        i32 put_i32 i32;
        i64 put_i64 i64;
        u8 put_u8 u8;
        u16 put_u16 u16;
        u32 put_u32 u32;
        f64 put_f64 f64;
    }

    /// One byte.
    #[inline]
    pub fn bool(&mut self, value: bool) {
        self.buffer.put_u8(u8::from(value));
    }

    /// 16 bytes.
    pub fn uuid(&mut self, value: Uuid) {
        self.buffer.put_slice(&value.0);
    }

    /// An unsigned varint.
    #[inline]
    pub fn uvarint(&mut self, mut value: u32) {
        while value >= 0x80 {
            self.buffer.put_u8(value as u8 | 0x80);
            value >>= 7;
        }
        self.buffer.put_u8(value as u8);
    }

    /// A zigzag varint.
    #[inline]
    pub fn varint(&mut self, value: i32) {
        self.uvarint(((value << 1) ^ (value >> 31)) as u32);
    }

    /// A zigzag varint of 64 bits.
    pub fn varlong(&mut self, value: i64) {
        let mut value = ((value << 1) ^ (value >> 63)) as u64;
        while value >= 0x80 {
            self.buffer.put_u8(value as u8 | 0x80);
            value >>= 7;
        }
        self.buffer.put_u8(value as u8);
    }

    /// Bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.buffer.put_slice(bytes);
    }

    /// A string; `false` if it is longer than the 32,767 bytes that a string may have.
    #[must_use]
    pub fn string(&mut self, value: &str, flexible: bool) -> bool {
        let Ok(len) = i16::try_from(value.len()) else {
            return false;
        };
        if flexible {
            self.uvarint(len as u32 + 1);
        } else {
            self.i16(len);
        }
        self.raw(value.as_bytes());
        true
    }

    /// A string or null; `false` as for [`Writer::string`].
    #[must_use]
    pub fn nullable_string(&mut self, value: Option<&str>, flexible: bool) -> bool {
        match value {
            Some(value) => self.string(value, flexible),
            None if flexible => {
                self.uvarint(0);
                true
            }
            None => {
                self.i16(-1);
                true
            }
        }
    }

    /// The length of an array, bytes or records; `None` is null.
    ///
    /// # Panics
    /// If the length is above what the wire can say (2³¹ − 2); nothing that large fits a frame.
    pub fn length(&mut self, len: Option<usize>, flexible: bool) {
        let len = len.map(|len| i32::try_from(len).ok().filter(|len| *len < i32::MAX));
        assert!(len != Some(None), "a length fits the wire");
        match (len.flatten(), flexible) {
            (Some(len), true) => self.uvarint(len as u32 + 1),
            (Some(len), false) => self.i32(len),
            (None, true) => self.uvarint(0),
            (None, false) => self.i32(-1),
        }
    }

    /// Bytes.
    pub fn bytes(&mut self, value: &[u8], flexible: bool) {
        self.length(Some(value.len()), flexible);
        self.raw(value);
    }

    /// Bytes or null.
    pub fn nullable_bytes(&mut self, value: Option<&[u8]>, flexible: bool) {
        self.length(value.map(<[u8]>::len), flexible);
        self.raw(value.unwrap_or_default());
    }

    /// Records or null, by reference.
    pub fn records(&mut self, value: Option<&Records>, flexible: bool) {
        self.length(value.map(Records::len), flexible);
        match value {
            None => {}
            Some(Records::Bytes(bytes)) if bytes.len() <= COPY_RECORDS_UP_TO => self.raw(bytes),
            Some(Records::Bytes(bytes)) => self.piece(Segment::Bytes(bytes.clone())),
            Some(Records::Hole { len: 0, .. }) => {}
            Some(&Records::Hole { slot, len }) => self.piece(Segment::Hole { slot, len }),
        }
    }

    fn piece(&mut self, segment: Segment) {
        if !self.buffer.is_empty() {
            let written = self.buffer.split();
            if self.segments.is_empty() && self.head.is_empty() {
                self.head = written;
            } else {
                self.segments.push(Segment::Bytes(written.freeze()));
            }
        }
        self.segments.push(segment);
        // What was split off left little room behind: one allocation for many pieces.
        if self.buffer.capacity() < LITTLE_ROOM {
            self.buffer.reserve(PIECES_ROOM);
        }
    }

    /// The tagged fields of a structure that knows none.
    pub fn tags(&mut self, unknown: &UnknownTags) {
        self.uvarint(unknown.len() as u32);
        for (tag, value) in unknown.iter() {
            self.tag(*tag, value);
        }
    }

    fn tag(&mut self, tag: u32, value: &[u8]) {
        self.uvarint(tag);
        self.uvarint(value.len() as u32);
        self.raw(value);
    }

    /// One tagged field: its tag, its size, and what `value` writes (never records).
    pub fn tagged<E>(
        &mut self,
        tag: u32,
        value: impl FnOnce(&mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut inner = Self::default();
        value(&mut inner)?;
        debug_assert!(inner.segments.is_empty(), "records are never tagged");
        self.tag(tag, &inner.buffer);
        Ok(())
    }
}

/// Writes the tagged fields of one structure: the known ones, as they are given in ascending order, and the
/// unknown ones between them.
pub(crate) struct TagWriter<'a> {
    message: &'static str,
    unknown: &'a [(u32, Bytes)],
    count: u32,
    fields: Writer,
}

impl<'a> TagWriter<'a> {
    pub(crate) fn new(unknown: &'a UnknownTags, message: &'static str) -> Self {
        Self {
            message,
            unknown: unknown.0.as_deref().unwrap_or_default(),
            count: 0,
            fields: Writer::default(),
        }
    }

    /// A known field that is not at its default.
    pub(crate) fn field(
        &mut self,
        tag: u32,
        value: impl FnOnce(&mut Writer) -> Result<(), Unencodable>,
    ) -> Result<(), Unencodable> {
        while let [(unknown, bytes), rest @ ..] = self.unknown {
            if *unknown >= tag {
                place(*unknown != tag, self.message, "unknown_tags")?;
                break;
            }
            self.fields.tag(*unknown, bytes);
            self.count += 1;
            self.unknown = rest;
        }
        self.count += 1;
        self.fields.tagged(tag, value)
    }

    pub(crate) fn finish(mut self, to: &mut Writer) {
        for (tag, bytes) in self.unknown {
            self.fields.tag(*tag, bytes);
            self.count += 1;
        }
        to.uvarint(self.count);
        to.raw(&self.fields.buffer);
    }
}
