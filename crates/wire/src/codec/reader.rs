//! Reads messages from bytes that a stranger sent: nothing is believed before the bytes are there.

use std::mem::size_of;

use bytes::Bytes;

use super::{Malformed, Records, UnknownTags};
use crate::Uuid;

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
            // As Kafka: any negative length is null.
            ..0 => Ok(None),
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
            ..0 => Ok(None),
            0.. => self.take(len as usize, "bytes").map(Some),
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
            ..0 => Ok(None),
            0.. => {
                let len = len as usize;
                let memory = len.saturating_mul(size_of::<T>());
                if len > self.remaining() || memory > self.budget {
                    return Err(self.malformed("array length"));
                }
                self.budget -= memory;
                Ok(Some((len, Vec::with_capacity(len))))
            }
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
