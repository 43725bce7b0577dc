//! Kafka's 128-bit ids: topics, directories, incarnations. Written as unpadded URL-safe base64.

use std::fmt;

/// 16 bytes in network order (`org.apache.kafka.common.Uuid`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Uuid(pub [u8; 16]);

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

impl Uuid {
    /// All zero: "no id".
    pub const ZERO: Self = Self([0; 16]);
    /// The topic id of `__cluster_metadata`.
    pub const METADATA_TOPIC: Self = Self::from_u128(1);

    /// From a number, most significant byte first.
    pub const fn from_u128(value: u128) -> Self {
        Self(value.to_be_bytes())
    }

    /// Whether this is [`Uuid::ZERO`].
    pub fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }

    /// A version 4 id from 16 bytes of entropy.
    ///
    /// `None` where Kafka would draw again: the text of an id never begins with `-`, since a shell would take
    /// it for an option, and the first 100 numbers are reserved.
    pub fn from_entropy(mut bytes: [u8; 16]) -> Option<Self> {
        bytes[6] = (bytes[6] & 0x0F) | 0x40;
        bytes[8] = (bytes[8] & 0x3F) | 0x80;
        let id = Self(bytes);
        (!id.to_string().starts_with('-')).then_some(id)
    }

    /// Reads the text form: 22 characters of URL-safe base64; `=` padding is accepted as Kafka does.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim_end_matches('=');
        if text.len() != 22 {
            return None;
        }
        let mut value: u128 = 0;
        for (at, byte) in text.bytes().enumerate() {
            let digit = ALPHABET.iter().position(|c| *c == byte)? as u128;
            // The last character carries two bits only.
            value = if at == 21 {
                (value << 2) | (digit >> 4)
            } else {
                (value << 6) | digit
            };
        }
        Some(Self::from_u128(value))
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = u128::from_be_bytes(self.0);
        let mut text = [0_u8; 22];
        for (at, out) in text.iter_mut().enumerate() {
            let digit = if at == 21 {
                (value << 4) & 63
            } else {
                (value >> (122 - 6 * at)) & 63
            };
            *out = ALPHABET[digit as usize];
        }
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_kafkas() {
        assert_eq!(Uuid::METADATA_TOPIC.to_string(), "AAAAAAAAAAAAAAAAAAAAAQ");
        assert_eq!(
            Uuid::parse("AAAAAAAAAAAAAAAAAAAAAQ"),
            Some(Uuid::METADATA_TOPIC)
        );
        for text in [
            "mMj3B_fCTu2uOrxhNlujEw",
            "5L6g3nShT-eMCtK--X86sw",
            "YNH90yj7Ryqz4uUBVOqzMg",
        ] {
            assert_eq!(Uuid::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Uuid::parse("short"), None);
        assert_eq!(Uuid::parse("mMj3B!fCTu2uOrxhNlujEw"), None);
    }

    #[test]
    fn entropy_makes_version_four() {
        let id = Uuid::from_entropy([7; 16]).unwrap();
        assert_eq!((id.0[6] >> 4, id.0[8] >> 6), (4, 2));
        assert_eq!(
            Uuid::from_entropy([0xFB; 16]),
            None,
            "would begin with a dash"
        );
    }
}
