//! Drawn values of every message, for tests that compare with other implementations. Only with the feature
//! `random`: see [`crate::messages::random::TABLE`].

use std::ops::RangeInclusive;

use bytes::Bytes;

use crate::{Message, Records, UnknownTags, Uuid};

/// A small generator (xorshift64*): the same seed gives the same values.
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
    depth: u32,
    /// Of eight fields, how many get a value.
    density: u64,
}

/// Arrays within arrays have at most so many elements, from the outermost.
const ITEMS: [u64; 4] = [5, 3, 2, 2];
/// Unknown tags begin here: above every tag that a schema has.
const FIRST_UNKNOWN_TAG: u32 = 40;
const WORDS: [&str; 8] = [
    "",
    "a",
    "topic-1",
    "__consumer_offsets",
    "Grüße",
    "日本語",
    "🦦 otter",
    "tab\tnew\nline\u{0}",
];

macro_rules! number {
    ($($name:ident)*) => {
        $(
            #[doc = concat!("Any `", stringify!($name), "`; often its least, its greatest, or near zero.")]
            pub fn $name(&mut self) -> $name {
                match self.below(6) {
                    0 => $name::MIN,
                    1 => $name::MAX,
                    2 => 0,
                    3 => self.below(100) as $name,
                    _ => self.next() as $name,
                }
            }
        )*
    };
}

impl Random {
    /// Begins at `seed`.
    pub fn new(seed: u64) -> Self {
        Self {
            state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1,
            depth: 0,
            density: 7,
        }
    }

    /// Like [`Random::new`], but most fields keep their defaults.
    pub fn sparse(seed: u64) -> Self {
        Self {
            density: 2,
            ..Self::new(seed)
        }
    }

    /// 64 bits.
    #[expect(
        clippy::should_implement_trait,
        reason = "not an iterator: it never ends"
    )]
    pub fn next(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number less than `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        (self.next() >> 11) % bound.max(1)
    }

    /// Whether a field gets a value of its own.
    pub fn sets(&mut self) -> bool {
        self.below(8) < self.density
    }

    /// Either.
    pub fn bool(&mut self) -> bool {
        self.below(2) == 1
    }

    number! { i8 i16 i32 i64 u16 u32 }

    /// A finite number.
    pub fn f64(&mut self) -> f64 {
        match self.below(4) {
            0 => 0.0,
            1 => f64::MAX,
            2 => -1.5,
            _ => self.i32().into(),
        }
    }

    /// An id; sometimes zero.
    pub fn uuid(&mut self) -> Uuid {
        if self.below(6) == 0 {
            return Uuid::ZERO;
        }
        Uuid::from_u128((u128::from(self.next()) << 64) | u128::from(self.next()))
    }

    /// Text, of one byte or more a character; sometimes empty or long.
    pub fn string(&mut self) -> String {
        let word = WORDS[self.below(WORDS.len() as u64) as usize];
        match self.below(40) {
            0 => word.repeat(20),
            _ => word.to_owned(),
        }
    }

    /// Up to 40 bytes; sometimes none.
    pub fn bytes(&mut self) -> Bytes {
        let len = if self.below(5) == 0 {
            0
        } else {
            self.below(40)
        };
        (0..len).map(|_| self.next() as u8).collect()
    }

    /// Bytes in the place of records, no batches: sometimes more than are copied.
    pub fn records(&mut self) -> Records {
        if self.below(8) == 0 {
            return Records::Bytes(vec![self.next() as u8; 600].into());
        }
        Records::Bytes(self.bytes())
    }

    /// Tagged fields that no schema knows; mostly none.
    pub fn tags(&mut self) -> UnknownTags {
        let count = self.below(12).saturating_sub(9);
        let mut tag = FIRST_UNKNOWN_TAG;
        let mut tags = Vec::new();
        for _ in 0..count {
            tag += 1 + self.below(200) as u32;
            tags.push((tag, self.bytes()));
        }
        tags.into()
    }

    /// A few elements, fewer the deeper.
    pub fn items<T>(&mut self, mut item: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let most = ITEMS.get(self.depth as usize).copied().unwrap_or(1);
        let len = self.below(most + 1);
        self.depth += 1;
        let items = (0..len).map(|_| item(self)).collect();
        self.depth -= 1;
        items
    }

    /// A value, or sometimes `None` if the version allows null.
    pub fn nullable<T>(&mut self, allowed: bool, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let null = self.below(4) == 0;
        (!(null && allowed)).then(|| value(self))
    }
}

/// What there is of one message.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Kafka's name.
    pub name: &'static str,
    /// The directory of its schema, e.g. `rpc`.
    pub group: &'static str,
    /// The versions that can be written.
    pub versions: RangeInclusive<i16>,
    /// Reads bytes of a version and writes what was read; the error says which step failed.
    pub roundtrip: fn(Bytes, i16) -> Result<Bytes, String>,
    /// Reads bytes of the first version and writes what was read as the second, if it has a place for all of it.
    pub convert: fn(Bytes, i16, i16) -> Result<Bytes, String>,
    /// Draws a value of a version and writes it.
    pub random: fn(&mut Random, i16) -> Bytes,
    /// Writes the value that has all defaults; every version has a place for it.
    pub default: fn(i16) -> Bytes,
}

/// The row of one message.
pub(crate) const fn entry<T: Message>(
    group: &'static str,
    random: fn(&mut Random, i16) -> Bytes,
) -> Entry {
    Entry {
        name: T::NAME,
        group,
        versions: T::VERSIONS,
        roundtrip: |bytes, version| convert::<T>(bytes, version, version),
        convert: convert::<T>,
        random,
        default: |version| encoded(&T::default(), version),
    }
}

fn convert<T: Message>(bytes: Bytes, from: i16, to: i16) -> Result<Bytes, String> {
    let message = T::decode(bytes, from).map_err(|why| why.to_string())?;
    message.encode(to).map_err(|why| why.to_string())
}

/// The bytes of a drawn value.
///
/// # Panics
/// If the value cannot be written or is not read back as it was: the generated code is wrong.
pub(crate) fn encoded<T: Message>(value: &T, version: i16) -> Bytes {
    let bytes = match value.encode(version) {
        Ok(bytes) => bytes,
        Err(why) => panic!("{} version {version}: {why}: {value:?}", T::NAME),
    };
    match T::decode(bytes.clone(), version) {
        Ok(again) => assert_eq!(&again, value, "{} version {version}", T::NAME),
        Err(why) => panic!("{} version {version}: {why}: {value:?}", T::NAME),
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::random::TABLE;

    fn each(mut visit: impl FnMut(&Entry, i16)) {
        for entry in TABLE {
            for version in entry.versions.clone() {
                visit(entry, version);
            }
        }
    }

    #[test]
    fn every_message_is_read_as_it_was_written() {
        let mut count = 0;
        each(|entry, version| {
            (entry.default)(version);
            for seed in 0..50 {
                let mut source = match seed % 4 {
                    0 => Random::sparse(seed),
                    _ => Random::new(seed),
                };
                // Reading back gives the same value: `encoded` sees to it.
                let bytes = (entry.random)(&mut source, version);
                let again = (entry.roundtrip)(bytes.clone(), version);
                assert_eq!(again, Ok(bytes), "{} version {version}", entry.name);
            }
            count += 1;
        });
        assert!(count > 500, "{count} messages and versions");
    }

    #[test]
    fn what_is_cut_short_is_refused_or_read_but_never_a_panic() {
        each(|entry, version| {
            let bytes = (entry.random)(&mut Random::new(3), version);
            let step = 1 + bytes.len() / 64;
            for end in (0..bytes.len()).step_by(step) {
                let cut = (entry.roundtrip)(bytes.slice(..end), version);
                assert_ne!(cut, Ok(bytes.clone()), "{} version {version}", entry.name);
            }
        });
    }

    #[test]
    fn noise_is_never_a_panic() {
        let mut source = Random::new(9);
        each(|entry, version| {
            for _ in 0..20 {
                let _ = (entry.roundtrip)(source.bytes(), version);
                // Damage in one place goes deeper than noise does.
                let mut bytes = (entry.random)(&mut source, version).to_vec();
                if !bytes.is_empty() {
                    let at = source.below(bytes.len() as u64) as usize;
                    bytes[at] = source.next() as u8;
                }
                let _ = (entry.roundtrip)(bytes.into(), version);
            }
        });
    }
}
