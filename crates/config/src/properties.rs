//! `.properties` text, as `java.util.Properties` reads and writes it.

use std::fmt;
use std::iter::Peekable;
use std::str::Chars;

use crate::broker::Pairs;

/// The most bytes of a text that is read.
pub const MAX_TEXT: usize = 4 * 1024 * 1024;

/// Why a text is no `.properties`, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadProperties {
    /// The line, counted from 1; of a continued line, its first.
    pub line: usize,
    /// What is wrong there.
    pub what: &'static str,
}

impl fmt::Display for BadProperties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for BadProperties {}

/// The text of a file: UTF-8, or Latin-1 if it is not (Java takes every file for Latin-1).
pub fn decode(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// Reads every pair in order; of a key that comes twice, whoever merges takes the last.
pub fn parse(text: &str) -> Result<Pairs, BadProperties> {
    if text.len() > MAX_TEXT {
        return Err(BadProperties {
            line: 1,
            what: "the text is longer than 4 MiB",
        });
    }
    let mut pairs = Pairs::new();
    for (line, logical) in logical_lines(text) {
        let (key, value) = split_pair(&logical);
        let unescape = |part| unescape(part).map_err(|what| BadProperties { line, what });
        pairs.push((unescape(key)?, unescape(value)?));
    }
    Ok(pairs)
}

/// Writes pairs so that [`parse`] and Java read the same: ASCII, one line each, in the given order.
pub fn write(pairs: &[(String, String)]) -> String {
    let mut out = String::new();
    for (key, value) in pairs {
        escape(&mut out, key, true);
        out.push('=');
        escape(&mut out, value, false);
        out.push('\n');
    }
    out
}

const fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\x0C')
}

/// Lines that are neither blank nor comments, with continuations joined and numbered by their first line.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let (mut lines, mut open): (Vec<(usize, String)>, bool) = (Vec::new(), false);
    for (at, natural) in natural_lines(text).into_iter().enumerate() {
        let natural = natural.trim_start_matches(is_blank);
        if !open && (natural.is_empty() || natural.starts_with(['#', '!'])) {
            continue;
        }
        let backslashes = natural.len() - natural.trim_end_matches('\\').len();
        let continues = backslashes % 2 == 1;
        let content = &natural[..natural.len() - usize::from(continues)];
        match lines.last_mut().filter(|_| open) {
            Some((_, logical)) => logical.push_str(content),
            None => lines.push((at + 1, content.to_owned())),
        }
        // A backslash alone begins nothing yet.
        lines.pop_if(|(_, logical)| logical.is_empty());
        open = continues
            && lines
                .last()
                .is_some_and(|(line, _)| open || *line == at + 1);
    }
    lines
}

/// Splits at LF, CR and CR LF.
fn natural_lines(text: &str) -> Vec<&str> {
    text.split('\n')
        .flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
        .collect()
}

/// The key ends at the first blank, `=` or `:` without a backslash; blanks and one `=` or `:` lie before the value.
fn split_pair(line: &str) -> (&str, &str) {
    let mut escaped = false;
    let end = line.find(|c: char| {
        let ends = !escaped && (is_blank(c) || matches!(c, '=' | ':'));
        escaped = !escaped && c == '\\';
        ends
    });
    let Some(end) = end else {
        return (line, "");
    };
    let rest = line[end..].trim_start_matches(is_blank);
    let value = rest
        .strip_prefix(['=', ':'])
        .map_or(rest, |value| value.trim_start_matches(is_blank));
    (&line[..end], value)
}

fn unescape(text: &str) -> Result<String, &'static str> {
    let (mut out, mut chars) = (String::with_capacity(text.len()), text.chars().peekable());
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('t') => out.push('\t'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('f') => out.push('\x0C'),
            Some('u') => out.push(unescape_unicode(&mut chars)?),
            Some(other) => out.push(other),
            None => {}
        }
    }
    Ok(out)
}

/// What follows `\u`: four hexadecimal digits, and for half of a pair a second `\u`.
fn unescape_unicode(chars: &mut Peekable<Chars<'_>>) -> Result<char, &'static str> {
    let unit = hex_unit(chars)?;
    if let Some(c) = char::from_u32(unit.into()) {
        return Ok(c);
    }
    let mut next =
        || (chars.next() == Some('\\') && chars.next() == Some('u')).then(|| hex_unit(chars));
    let low = next().ok_or("a \\u is half of a surrogate pair")??;
    char::decode_utf16([unit, low])
        .next()
        .and_then(Result::ok)
        .ok_or("a \\u is half of a surrogate pair")
}

fn hex_unit(chars: &mut Peekable<Chars<'_>>) -> Result<u16, &'static str> {
    let mut unit = 0;
    for _ in 0..4 {
        let digit = chars
            .next()
            .and_then(|c| c.to_digit(16))
            .ok_or("a \\u lacks its four hexadecimal digits")?;
        unit = unit << 4 | digit as u16;
    }
    Ok(unit)
}

/// In a key every blank is escaped, in a value only the first character.
fn escape(out: &mut String, text: &str, is_key: bool) {
    for (at, c) in text.chars().enumerate() {
        match c {
            ' ' if is_key || at == 0 => out.push_str("\\ "),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\x0C' => out.push_str("\\f"),
            '\\' | '=' | ':' | '#' | '!' => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04X}"));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        parse(text).unwrap()
    }

    fn pairs(items: &[(&str, &str)]) -> Pairs {
        items
            .iter()
            .map(|(key, value)| (key.to_string(), value.to_string()))
            .collect()
    }

    #[test]
    fn keys_end_at_a_blank_an_equals_sign_or_a_colon() {
        for text in [
            "a=b",
            "a:b",
            "a b",
            "  a  =  b",
            "a\t:\tb",
            "a =b",
            "a\x0Cb",
        ] {
            assert_eq!(read(text), pairs(&[("a", "b")]), "{text:?}");
        }
        assert_eq!(read("a = = b"), pairs(&[("a", "= b")]));
        assert_eq!(read("a b = c"), pairs(&[("a", "b = c")]));
        assert_eq!(read("a"), pairs(&[("a", "")]));
        assert_eq!(read("=b"), pairs(&[("", "b")]));
        assert_eq!(read("a=b  "), pairs(&[("a", "b  ")]));
        assert_eq!(read("a\\ b\\=\\:c=d"), pairs(&[("a b=:c", "d")]));
    }

    #[test]
    fn blank_lines_and_comments_are_left_out() {
        assert_eq!(
            read("# a=b\n\n  ! c=d\\\r\ne=f\r  \rg=h#i"),
            pairs(&[("e", "f"), ("g", "h#i")])
        );
    }

    #[test]
    fn an_odd_backslash_continues_a_line() {
        assert_eq!(read("a=b\\\n   c\\\r\n\td"), pairs(&[("a", "bcd")]));
        assert_eq!(read("a=b\\\\\nc=d"), pairs(&[("a", "b\\"), ("c", "d")]));
        assert_eq!(read("a=b\\\n# c"), pairs(&[("a", "b# c")]));
        assert_eq!(read("a=b\\"), pairs(&[("a", "b")]));
        assert_eq!(read("a=b\n\\\n# c\n\\\nd"), pairs(&[("a", "b"), ("d", "")]));
        assert_eq!(read("a=b\\\n\nc=d"), pairs(&[("a", "b"), ("c", "d")]));
    }

    #[test]
    fn escapes_stand_for_characters() {
        assert_eq!(
            read(r"a=\t\n\r\f\\\q\u00e4\uD83D\uDE00"),
            pairs(&[("a", "\t\n\r\x0C\\qä😀")])
        );
        for (text, line) in [
            (r"a=\u12", 1),
            ("\nb=\\uxxxx", 2),
            (r"a=\uD83D", 1),
            (r"a=\uDE00", 1),
            (r"a=\uD83Dx", 1),
        ] {
            assert_eq!(parse(text).unwrap_err().line, line, "{text}");
        }
    }

    #[test]
    fn a_huge_text_is_refused() {
        assert!(parse(&"a".repeat(MAX_TEXT + 1)).is_err());
    }

    #[test]
    fn bytes_are_utf8_or_else_latin1() {
        assert_eq!(decode("ä".as_bytes()), "ä");
        assert_eq!(decode(&[b'a', 0xE4]), "aä");
    }

    #[test]
    fn writing_escapes_what_reading_would_take_apart() {
        let text = write(&pairs(&[("a b", "  c = d"), ("#k", "é😀\n")]));
        assert_eq!(text, "a\\ b=\\  c \\= d\n\\#k=\\u00E9\\uD83D\\uDE00\\n\n");
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(given in proptest::collection::vec((any::<String>(), any::<String>()), 0..8)) {
            prop_assert_eq!(parse(&write(&given)).unwrap(), given);
        }

        #[test]
        fn any_text_reads_or_is_refused(text in "[ab\\\\u0=: #!\n\r\t]{0,40}") {
            let _ = parse(&text);
        }
    }
}
