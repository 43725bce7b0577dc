//! Sets of characters beyond ASCII, as items of a class that the `regex` crate understands.

use std::fmt::Write as _;

use super::classes::{Set, of};

/// Characters; those of ASCII that are among them do not count.
#[derive(Clone, Debug, Default)]
pub(super) struct Beyond(String);

/// The first character that is not ASCII.
const FIRST: u32 = 0x80;
/// Code points between these are no characters.
const SURROGATES: (u32, u32) = (0xD800, 0xDFFF);

impl Beyond {
    /// All of them.
    pub(super) fn all() -> Self {
        Self::span(FIRST, char::MAX.into())
    }

    /// The code points from `first` to `last`.
    pub(super) fn span(first: u32, last: u32) -> Self {
        let mut items = String::new();
        for (low, high) in [
            (first.max(FIRST), last.min(SURROGATES.0 - 1)),
            (first.max(SURROGATES.1 + 1), last),
        ] {
            if low <= high {
                let _ = write!(items, r"\x{{{low:X}}}-\x{{{high:X}}}");
            }
        }
        Self(items)
    }

    /// Those that differ only in case from an ASCII character.
    pub(super) fn folded(set: Set) -> Self {
        let mut items = String::new();
        for (ascii, item) in [(of(b"Ss"), r"\x{17F}"), (of(b"Kk"), r"\x{212A}")] {
            if set & ascii != 0 {
                items.push_str(item);
            }
        }
        Self(items)
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those of both.
    pub(super) fn with(mut self, other: Self) -> Self {
        self.0.push_str(&other.0);
        self
    }

    /// The characters that are not among these.
    pub(super) fn others(self) -> Self {
        match self.is_empty() {
            true => Self::all(),
            false => Self(format!("[^{}]", self.0)),
        }
    }

    /// Writes them as a class.
    pub(super) fn write(&self, folds: bool, out: &mut String) {
        let flag = if folds { "i" } else { "" };
        // Not the others of ASCII: if case does not matter, two that are beyond would not be among them.
        let _ = write!(out, r"(?{flag}:[[{}]&&[\x{{80}}-\x{{10FFFF}}]])", self.0);
    }
}

/// `\p{name}`: a general category or a script that RE2/J knows.
pub(super) fn unicode(name: &str) -> Beyond {
    let items = match name {
        "Any" => return Beyond::all(),
        "C" => r"\p{gc=Cc}\p{gc=Cf}\p{gc=Co}".to_owned(),
        // No text has surrogates, and to no script belongs what is no character.
        "Cs" | "Unknown" => String::new(),
        _ if name.len() <= 2 && name != "Yi" => format!(r"\p{{gc={name}}}"),
        _ => format!(r"\p{{sc={name}}}"),
    };
    Beyond(items)
}

#[cfg(test)]
mod tests {
    use super::{super::classes::NOT_ASCII, *};

    #[test]
    fn every_name_is_known() {
        let others = [
            "C", "Cc", "L", "Latin", "Ll", "Lu", "N", "Nd", "P", "Pc", "Pd", "Pe", "Ps", "Po", "S",
            "Sc", "Sk", "Sm", "Z", "Zs", "Common", "Any",
        ];
        for name in NOT_ASCII.iter().chain(&others) {
            let mut text = String::new();
            let beyond = unicode(name);
            if !beyond.is_empty() {
                beyond.write(true, &mut text);
            }
            if let Err(why) = ::regex::bytes::Regex::new(&text) {
                panic!("{name}: {why}");
            }
        }
    }
}
