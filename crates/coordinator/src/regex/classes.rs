//! Named character classes of RE2, as far as they are ASCII: topics have no other characters.

/// ASCII characters, a bit each.
pub(super) type Set = u128;

pub(super) const ALL: Set = !0;
const UPPER: Set = range(b'A', b'Z');
const LOWER: Set = range(b'a', b'z');
const DIGIT: Set = range(b'0', b'9');
const LETTER: Set = UPPER | LOWER;
const CONTROL: Set = range(0, 0x1F) | of(b"\x7F");
const PUNCTUATION: Set = of(b"!\"#%&'()*,-./:;?@[\\]_{}");

pub(super) const fn range(first: u8, last: u8) -> Set {
    (!0 >> (127 - (last - first))) << first
}

pub(super) const fn of(characters: &[u8]) -> Set {
    let (mut set, mut at) = (0, 0);
    while at < characters.len() {
        set |= 1 << characters[at];
        at += 1;
    }
    set
}

/// Letters of either case where there are letters of one.
pub(super) const fn fold(set: Set) -> Set {
    set | (set & UPPER) << 32 | (set & LOWER) >> 32
}

/// The code points from `first` to `last`, and those that differ in case from one of them if `folds`.
pub(super) fn span(first: u32, last: u32, folds: bool) -> Set {
    let mut set = match u8::try_from(first) {
        Ok(first) if first < 128 => range(first, last.min(127) as u8),
        _ => 0,
    };
    if folds {
        set = fold(set);
        for (other, ascii) in [('\u{17F}', of(b"Ss")), ('\u{212A}', of(b"Kk"))] {
            if (first..=last).contains(&other.into()) {
                set |= ascii;
            }
        }
    }
    set
}

/// `\d` and the like, by the letter after the backslash.
pub(super) fn perl(letter: char) -> Option<Set> {
    let set = match letter.to_ascii_lowercase() {
        'd' => DIGIT,
        's' => of(b"\t\n\x0C\r "),
        'w' => LETTER | DIGIT | of(b"_"),
        _ => return None,
    };
    Some(if letter.is_ascii_uppercase() {
        !set
    } else {
        set
    })
}

/// `[:name:]`, by its name; with `^` before it, the others.
pub(super) fn posix(name: &str, folds: bool) -> Option<Set> {
    if let Some(name) = name.strip_prefix('^') {
        // The name must be there: of `^^` there is none.
        return (!name.starts_with('^'))
            .then(|| posix(name, folds))?
            .map(|set| !set);
    }
    let set = match name {
        "alnum" => LETTER | DIGIT,
        "alpha" => LETTER,
        "ascii" => ALL,
        "blank" => of(b"\t "),
        "cntrl" => CONTROL,
        "digit" => DIGIT,
        "graph" => range(b'!', b'~'),
        "lower" => LOWER,
        "print" => range(b' ', b'~'),
        "punct" => range(b'!', b'/') | range(b':', b'@') | range(b'[', b'`') | range(b'{', b'~'),
        "space" => range(b'\t', b'\r') | of(b" "),
        "upper" => UPPER,
        "word" => LETTER | DIGIT | of(b"_"),
        "xdigit" => DIGIT | range(b'A', b'F') | range(b'a', b'f'),
        _ => return None,
    };
    Some(if folds { fold(set) } else { set })
}

/// `\p{name}`: a general category or a script, exactly as written.
pub(super) fn unicode(name: &str, folds: bool) -> Option<Set> {
    let set = match name {
        "Any" => ALL,
        "C" | "Cc" => CONTROL,
        "L" | "Latin" => LETTER,
        "Ll" if folds => LOWER | of(b"KS"), // RE2/J: those with a third form only.
        "Ll" => LOWER,
        "Lu" if folds => LETTER,
        "Lu" => UPPER,
        "N" | "Nd" => DIGIT,
        "P" => PUNCTUATION,
        "Pc" => of(b"_"),
        "Pd" => of(b"-"),
        "Pe" => of(b")]}"),
        "Ps" => of(b"([{"),
        "Po" => PUNCTUATION & !of(b"_-)]}([{"),
        "S" => of(b"$+<=>^`|~"),
        "Sc" => of(b"$"),
        "Sk" => of(b"^`"),
        "Sm" => of(b"+<=>|~"),
        "Z" | "Zs" => of(b" "),
        "Common" => ALL & !LETTER,
        _ => return NOT_ASCII.contains(&name).then_some(0),
    };
    Some(set)
}

/// Categories and scripts without ASCII characters that RE2/J 1.8 knows.
pub(super) const NOT_ASCII: &[&str] = &[
    "Cf",
    "Co",
    "Cs",
    "Lm",
    "Lo",
    "Lt",
    "M",
    "Mc",
    "Me",
    "Mn",
    "Nl",
    "No",
    "Pf",
    "Pi",
    "So",
    "Zl",
    "Zp",
    "Arabic",
    "Armenian",
    "Avestan",
    "Balinese",
    "Bamum",
    "Batak",
    "Bengali",
    "Bopomofo",
    "Brahmi",
    "Braille",
    "Buginese",
    "Buhid",
    "Canadian_Aboriginal",
    "Carian",
    "Cham",
    "Cherokee",
    "Coptic",
    "Cuneiform",
    "Cypriot",
    "Cyrillic",
    "Deseret",
    "Devanagari",
    "Egyptian_Hieroglyphs",
    "Ethiopic",
    "Georgian",
    "Glagolitic",
    "Gothic",
    "Greek",
    "Gujarati",
    "Gurmukhi",
    "Han",
    "Hangul",
    "Hanunoo",
    "Hebrew",
    "Hiragana",
    "Imperial_Aramaic",
    "Inherited",
    "Inscriptional_Pahlavi",
    "Inscriptional_Parthian",
    "Javanese",
    "Kaithi",
    "Kannada",
    "Katakana",
    "Kayah_Li",
    "Kharoshthi",
    "Khmer",
    "Lao",
    "Lepcha",
    "Limbu",
    "Linear_B",
    "Lisu",
    "Lycian",
    "Lydian",
    "Malayalam",
    "Mandaic",
    "Meetei_Mayek",
    "Mongolian",
    "Myanmar",
    "New_Tai_Lue",
    "Nko",
    "Ogham",
    "Ol_Chiki",
    "Old_Italic",
    "Old_Persian",
    "Old_South_Arabian",
    "Old_Turkic",
    "Oriya",
    "Osmanya",
    "Phags_Pa",
    "Phoenician",
    "Rejang",
    "Runic",
    "Samaritan",
    "Saurashtra",
    "Shavian",
    "Sinhala",
    "Sundanese",
    "Syloti_Nagri",
    "Syriac",
    "Tagalog",
    "Tagbanwa",
    "Tai_Le",
    "Tai_Tham",
    "Tai_Viet",
    "Tamil",
    "Telugu",
    "Thaana",
    "Thai",
    "Tibetan",
    "Tifinagh",
    "Ugaritic",
    "Unknown",
    "Vai",
    "Yi",
];
