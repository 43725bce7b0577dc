//! Bytes ↔ values: the bounded reader, the writer that references records instead of copying them, and the
//! [`Message`] trait that all generated messages implement.

use std::{fmt, mem::size_of, ops::RangeInclusive};

use bytes::{BufMut, Bytes, BytesMut};

use crate::Uuid;

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

    /// Whether `version` is flexible.
    fn is_flexible(version: i16) -> bool {
        Self::FLEXIBLE.is_some_and(|first| version >= first)
    }
}

/// A request: what it is called on the wire, and what answers it.
pub trait Request: Message {
    /// The API key.
    const KEY: i16;
    /// The answer.
    type Response: Message;
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

/// Memory that decoding may take for each byte of input: structures in memory are larger than on the wire.
const MEMORY_PER_BYTE: usize = 64;
/// Memory that any message may take, however short.
const MEMORY_FLOOR: usize = 1 << 16;

/// Reads a message. Every length is checked against the bytes that are there before anything is allocated.
#[derive(Debug)]
pub struct Reader {
    bytes: Bytes,
    at: usize,
    budget: usize,
}

macro_rules! read_number {
    ($($name:ident $type:ty;)*) => {
        $(
            #[doc = concat!("A big-endian `", stringify!($type), "`.")]
            #[inline]
            pub fn $name(&mut self) -> Result<$type, Malformed> {
                const N: usize = size_of::<$type>();
                match self.bytes.get(self.at..self.at + N).and_then(|b| b.first_chunk::<N>()) {
                    Some(bytes) => {
                        self.at += N;
                        Ok(<$type>::from_be_bytes(*bytes))
                    }
                    None => Err(self.malformed(stringify!($type))),
                }
            }
        )*
    };
}

impl Reader {
    /// From the start of `bytes`.
    pub fn new(bytes: Bytes) -> Self {
        let budget = bytes
            .len()
            .saturating_mul(MEMORY_PER_BYTE)
            .saturating_add(MEMORY_FLOOR);
        Self {
            bytes,
            at: 0,
            budget,
        }
    }

    /// Bytes not yet read.
    pub fn remaining(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// Bytes read so far.
    pub fn position(&self) -> usize {
        self.at
    }

    /// The bytes not yet read.
    pub fn rest(&self) -> Bytes {
        self.bytes.slice(self.at..)
    }

    /// The error for `what` at the current position.
    pub fn malformed(&self, what: &'static str) -> Malformed {
        Malformed::new(what, self.at)
    }

    read_number! {
        i8 i8;
        i16 i16;
        i32 i32;
        i64 i64;
        u8 u8;
        u16 u16;
        u32 u32;
        f64 f64;
    }

    /// One byte; anything but zero is true.
    #[inline]
    pub fn bool(&mut self) -> Result<bool, Malformed> {
        Ok(self.i8()? != 0)
    }

    /// 16 bytes.
    pub fn uuid(&mut self) -> Result<Uuid, Malformed> {
        match self
            .bytes
            .get(self.at..self.at + 16)
            .and_then(|b| b.first_chunk::<16>())
        {
            Some(bytes) => {
                self.at += 16;
                Ok(Uuid(*bytes))
            }
            None => Err(self.malformed("uuid")),
        }
    }

    /// An unsigned varint of at most 32 bits.
    #[inline]
    pub fn uvarint(&mut self) -> Result<u32, Malformed> {
        let mut value: u32 = 0;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.u8()?;
            value |= u32::from(byte & 0x7F).wrapping_shl(shift);
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(self.malformed("varint"))
    }

    /// A zigzag varint of at most 32 bits.
    #[inline]
    pub fn varint(&mut self) -> Result<i32, Malformed> {
        let value = self.uvarint()?;
        Ok(((value >> 1) as i32) ^ -((value & 1) as i32))
    }

    /// A zigzag varint of at most 64 bits.
    #[inline]
    pub fn varlong(&mut self) -> Result<i64, Malformed> {
        let mut value: u64 = 0;
        for shift in 0..10 {
            let byte = self.u8()?;
            value |= u64::from(byte & 0x7F).wrapping_shl(7 * shift);
            if byte & 0x80 == 0 {
                return Ok(((value >> 1) as i64) ^ -((value & 1) as i64));
            }
        }
        Err(self.malformed("varlong"))
    }

    /// `len` bytes, shared with the input.
    #[inline]
    pub fn take(&mut self, len: usize, what: &'static str) -> Result<Bytes, Malformed> {
        if len > self.remaining() {
            return Err(self.malformed(what));
        }
        let taken = self.bytes.slice(self.at..self.at + len);
        self.at += len;
        Ok(taken)
    }

    fn text(&mut self, len: usize) -> Result<String, Malformed> {
        if len > self.remaining() {
            return Err(self.malformed("string"));
        }
        match std::str::from_utf8(&self.bytes[self.at..self.at + len]) {
            Ok(text) => {
                let text = text.to_owned();
                self.at += len;
                Ok(text)
            }
            Err(_) => Err(self.malformed("string (not UTF-8)")),
        }
    }

    /// A string; `flexible` chooses the compact length.
    pub fn string(&mut self, flexible: bool) -> Result<String, Malformed> {
        self.nullable_string(flexible)?
            .ok_or_else(|| self.malformed("string (null)"))
    }

    /// A string or null.
    pub fn nullable_string(&mut self, flexible: bool) -> Result<Option<String>, Malformed> {
        let len = if flexible {
            i64::from(self.uvarint()?) - 1
        } else {
            i64::from(self.i16()?)
        };
        match len {
            -1 => Ok(None),
            0..=0x7FFF => self.text(len as usize).map(Some),
            _ => Err(self.malformed("string length")),
        }
    }

    /// Bytes, shared with the input.
    pub fn bytes(&mut self, flexible: bool) -> Result<Bytes, Malformed> {
        self.nullable_bytes(flexible)?
            .ok_or_else(|| self.malformed("bytes (null)"))
    }

    /// Bytes or null, shared with the input.
    pub fn nullable_bytes(&mut self, flexible: bool) -> Result<Option<Bytes>, Malformed> {
        let len = if flexible {
            i64::from(self.uvarint()?) - 1
        } else {
            i64::from(self.i32()?)
        };
        match len {
            -1 => Ok(None),
            0.. => self.take(len as usize, "bytes").map(Some),
            _ => Err(self.malformed("bytes length")),
        }
    }

    /// Records, shared with the input.
    pub fn records(&mut self, flexible: bool) -> Result<Records, Malformed> {
        self.nullable_records(flexible)?
            .ok_or_else(|| self.malformed("records (null)"))
    }

    /// Records or null, shared with the input.
    pub fn nullable_records(&mut self, flexible: bool) -> Result<Option<Records>, Malformed> {
        Ok(self.nullable_bytes(flexible)?.map(Records::Bytes))
    }

    /// The length of an array and an empty vector with room for its start; `None` is the null array.
    ///
    /// An element takes at least one byte, so a longer array than there are bytes is refused.
    pub fn array<T>(&mut self, flexible: bool) -> Result<Option<(usize, Vec<T>)>, Malformed> {
        let len = if flexible {
            i64::from(self.uvarint()?) - 1
        } else {
            i64::from(self.i32()?)
        };
        match len {
            -1 => Ok(None),
            0.. => {
                let len = len as usize;
                let memory = len.saturating_mul(size_of::<T>());
                if len > self.remaining() || memory > self.budget {
                    return Err(self.malformed("array length"));
                }
                self.budget -= memory;
                Ok(Some((len, Vec::with_capacity(len))))
            }
            _ => Err(self.malformed("array length")),
        }
    }

    /// An array, each element by `item`.
    pub fn items<T>(
        &mut self,
        flexible: bool,
        item: impl FnMut(&mut Self) -> Result<T, Malformed>,
    ) -> Result<Vec<T>, Malformed> {
        self.nullable_items(flexible, item)?
            .ok_or_else(|| self.malformed("array (null)"))
    }

    /// An array or null, each element by `item`.
    pub fn nullable_items<T>(
        &mut self,
        flexible: bool,
        mut item: impl FnMut(&mut Self) -> Result<T, Malformed>,
    ) -> Result<Option<Vec<T>>, Malformed> {
        let Some((len, mut items)) = self.array(flexible)? else {
            return Ok(None);
        };
        for _ in 0..len {
            items.push(item(self)?);
        }
        Ok(Some(items))
    }

    /// The tagged fields of one structure: `known` reads a tag it knows from its bytes and says so.
    pub fn tags(
        &mut self,
        mut known: impl FnMut(u32, &mut Self) -> Result<bool, Malformed>,
    ) -> Result<UnknownTags, Malformed> {
        let count = self.uvarint()?;
        let mut unknown = Vec::new();
        let mut last = None;
        for _ in 0..count {
            let tag = self.uvarint()?;
            if last.is_some_and(|last| tag <= last) {
                return Err(self.malformed("tag order"));
            }
            last = Some(tag);
            let len = self.uvarint()? as usize;
            if len > self.remaining() {
                return Err(self.malformed("tagged field"));
            }
            let start = self.at;
            if known(tag, self)? {
                if self.at != start + len {
                    return Err(self.malformed("tagged field length"));
                }
            } else {
                self.at = start;
                unknown.push((tag, self.take(len, "tagged field")?));
            }
        }
        Ok(unknown.into())
    }
}

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
