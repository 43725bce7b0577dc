//! Bytes as text, as Java shows them.

/// Bytes that are no UTF-8 become replacement characters, as many as Java's `String` has for them: one for a surrogate
/// that is encoded by itself, where Rust has one for each of its bytes.
pub(super) fn text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(chunk) = rest.utf8_chunks().next() {
        text.push_str(chunk.valid());
        rest = &rest[chunk.valid().len()..];
        if !rest.is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
            rest = &rest[surrogate(rest).unwrap_or(chunk.invalid().len())..];
        }
    }
    text
}

/// The length of a surrogate at the beginning, or of what there is of it.
fn surrogate(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [0xED, 0xA0..=0xBF, 0x80..=0xBF, ..] => Some(3),
        [0xED, 0xA0..=0xBF, ..] => Some(2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_has_as_many_replacements_as_in_java() {
        for (bytes, expected) in [
            (&b"plain"[..], "plain"),
            ("\u{e9}\u{1f600}".as_bytes(), "\u{e9}\u{1f600}"),
            (b"a\xED\xA0\x80b", "a\u{fffd}b"),
            (b"a\xED\xBF\xBFb", "a\u{fffd}b"),
            (b"a\xED\xA0b", "a\u{fffd}b"),
            (b"a\xED\xA0", "a\u{fffd}"),
            (b"a\xEDb", "a\u{fffd}b"),
            (b"\xE0\x80\x80", "\u{fffd}\u{fffd}\u{fffd}"),
            (b"\xF0\x90\x41", "\u{fffd}A"),
            (b"\xF4\x90\x80\x80", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
            (b"\xC0\xFF", "\u{fffd}\u{fffd}"),
        ] {
            assert_eq!(text(bytes), expected, "{bytes:x?}");
        }
    }
}
