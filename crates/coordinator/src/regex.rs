//! The regular expressions by which members of consumer groups subscribe to topics, and by which transactional ids are
//! looked for.
//!
//! The syntax is that of RE2, as Kafka 4.4's broker understands it (RE2/J 1.8), with its peculiarities. A topic is
//! matched as a whole, and so is a transactional id. Matching takes time linear in the topic's length, whatever the expression.
//!
//! Beyond RE2/J's, there are two limits, since anyone may send an expression: how deep it is nested, and how large it
//! gets when it is compiled (nested counts multiply). Neither is near what anybody writes.

mod beyond;
mod classes;
mod parse;

use std::{fmt, sync::OnceLock};

use ::regex::bytes::{Regex, RegexBuilder};

/// The memory that one compiled expression may take, in bytes.
const MAX_SIZE: usize = 4 << 20;
/// The same for one that is matched with texts beyond ASCII.
const MAX_SIZE_OF_ANY: usize = 16 << 20;
/// What the `regex` crate counts for a set of characters beyond ASCII.
const NESTED_IN_ANY: u32 = 8;
/// What the `regex` crate counts for one level of ours: a group, a repetition, alternatives and a sequence.
const NESTED_AS: u32 = 4;
/// How much of an expression an error repeats, in characters.
const MAX_EXCERPT: usize = 40;

/// Why an expression cannot be used: the text for INVALID_REGULAR_EXPRESSION.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RegexError {
    /// It is not of the syntax.
    Syntax {
        /// What is wrong.
        problem: &'static str,
        /// Where, in characters from the first, which is 1.
        position: usize,
        /// What is there.
        excerpt: String,
    },
    /// It is nested too deep.
    TooDeep,
    /// It gets too large.
    TooLarge,
}

impl RegexError {
    fn syntax(problem: &'static str, pattern: &str, start: usize, end: usize) -> Self {
        let excerpt = &pattern[start..end];
        let shown: String = excerpt.chars().take(MAX_EXCERPT).collect();
        let more = if shown.len() < excerpt.len() {
            "…"
        } else {
            ""
        };
        Self::Syntax {
            problem,
            position: pattern[..start].chars().count() + 1,
            excerpt: shown + more,
        }
    }

    fn too_deep() -> Self {
        Self::TooDeep
    }
}

impl fmt::Display for RegexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax {
                problem,
                position,
                excerpt,
            } => write!(f, "{problem}: `{excerpt}` at character {position}"),
            Self::TooDeep => write!(
                f,
                "groups and repetitions are nested more than {} deep",
                parse::MAX_DEPTH
            ),
            Self::TooLarge => write!(f, "it takes more than {MAX_SIZE} bytes when compiled"),
        }
    }
}

impl std::error::Error for RegexError {}

/// A compiled expression.
#[derive(Clone, Debug)]
pub struct SubscriptionRegex(Regex);

impl SubscriptionRegex {
    /// Compiles an expression.
    ///
    /// # Errors
    /// If RE2 would not, or if it is beyond a limit.
    pub fn compile(pattern: &str) -> Result<Self, RegexError> {
        let language = parse::translate(pattern, false)?;
        RegexBuilder::new(&format!(r"\A(?:{language})\z"))
            .unicode(false)
            .size_limit(MAX_SIZE)
            .dfa_size_limit(MAX_SIZE)
            .nest_limit(parse::MAX_DEPTH as u32 * NESTED_AS + NESTED_AS)
            .build()
            .map(Self)
            .map_err(|error| match error {
                // Our own syntax has no errors; all that is left is depth.
                ::regex::Error::Syntax(_) => RegexError::TooDeep,
                _ => RegexError::TooLarge,
            })
    }

    /// Whether all of `topic` is matched. Only ASCII can be: names of topics are.
    pub fn matches(&self, topic: &str) -> bool {
        topic.is_ascii() && self.0.is_match(topic.as_bytes())
    }
}

/// A compiled expression for texts of any characters, such as transactional ids.
#[derive(Clone, Debug)]
pub struct TextRegex {
    pattern: String,
    ascii: SubscriptionRegex,
    /// For the others: it is made when there is one. None if it is too large then, and matches nothing.
    any: OnceLock<Option<Regex>>,
}

impl TextRegex {
    /// Compiles an expression.
    ///
    /// # Errors
    /// As [`SubscriptionRegex::compile`].
    pub fn compile(pattern: &str) -> Result<Self, RegexError> {
        Ok(Self {
            pattern: pattern.to_owned(),
            ascii: SubscriptionRegex::compile(pattern)?,
            any: OnceLock::new(),
        })
    }

    /// Whether all of `text` is matched.
    pub fn matches(&self, text: &str) -> bool {
        if text.is_ascii() {
            return self.ascii.matches(text);
        }
        let any = self.any.get_or_init(|| {
            let language = parse::translate(&self.pattern, true).ok()?;
            RegexBuilder::new(&format!(r"\A(?:{language})\z"))
                .size_limit(MAX_SIZE_OF_ANY)
                .dfa_size_limit(MAX_SIZE_OF_ANY)
                .nest_limit(parse::MAX_DEPTH as u32 * NESTED_AS + NESTED_AS + NESTED_IN_ANY)
                .build()
                .ok()
        });
        any.as_ref()
            .is_some_and(|any| any.is_match(text.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_text(pattern: &str, yes: &[&str], no: &[&str]) {
        let regex =
            TextRegex::compile(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        for text in yes {
            assert!(regex.matches(text), "{pattern} should match {text}");
        }
        for text in no {
            assert!(!regex.matches(text), "{pattern} should not match {text}");
        }
    }

    #[test]
    fn a_text_may_have_any_characters() {
        check_text(".*", &["größe", "", "abc", "日本"], &["ö\n"]);
        check_text("größe-[0-9]+", &["größe-12"], &["grösse-12", "größe-"]);
        check_text("gr..e", &["größe", "grade"], &["gröe"]);
        check_text("(?i)GRÖßE", &["größe", "GRÖßE"], &["grosse"]);
        check_text("[^a-z]+", &["ÖÄ", "AÖ"], &["aÖ", "Öa"]);
        check_text("[ä-ü]+", &["äöü"], &["äÄ", "a"]);
        check_text(r"\w+", &["abc"], &["größe", "ö"]);
        check_text(r"\W", &["ö", "-"], &["a"]);
        check_text(r"\pL+", &["größe", "日本", "abc"], &["ö1"]);
        check_text(r"\p{Greek}+", &["λόγος"], &["logos", "лог"]);
        check_text(r"\P{Greek}+", &["logos", "лог"], &["λόγος"]);
        check_text(r"[^\p{Lu}\d]+", &["größe"], &["Größe", "ö1", "Ö"]);
        check_text("(?i)[k]s", &["\u{212A}\u{17F}", "KS"], &["ö"]);
        check_text("(?i)[^k]", &["ö", "s"], &["\u{212A}", "k", "K"]);
        check_text(r"(?i)\W", &["ö"], &["\u{212A}", "\u{17F}", "k"]);
        check_text("[[:^alpha:]]", &["ö", "1"], &["a"]);
        check_text(r"\x{F6}\Qß\E", &["öß"], &["oß"]);
        check_text(
            r"[\x{D000}-\x{F000}]",
            &["\u{D7FF}", "\u{E000}"],
            &["ö", "a"],
        );
        check_text(r"\bö", &[], &["ö"]);
        check_text(r"a\bö", &["aö"], &["ö"]);
        check_text(r"ö\Bä", &["öä"], &["öa"]);
        check_text("ö{2}|ä?", &["öö", "ä", ""], &["ö"]);
        let nested = "(".repeat(190) + "ö" + &")".repeat(190);
        check_text(&nested, &["ö"], &["o"]);
        assert!(TextRegex::compile("(ö").is_err());
    }

    fn compile(pattern: &str) -> SubscriptionRegex {
        SubscriptionRegex::compile(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"))
    }

    fn error(pattern: &str) -> String {
        SubscriptionRegex::compile(pattern)
            .expect_err(pattern)
            .to_string()
    }

    #[track_caller]
    fn check(pattern: &str, yes: &[&str], no: &[&str]) {
        let regex = compile(pattern);
        for topic in yes {
            assert!(regex.matches(topic), "{pattern} should match {topic}");
        }
        for topic in no {
            assert!(!regex.matches(topic), "{pattern} should not match {topic}");
        }
    }

    #[test]
    fn a_topic_is_matched_as_a_whole() {
        check("orders", &["orders"], &["orders-1", "my-orders", ""]);
        check(
            "orders|pay.*",
            &["orders", "pay", "payments"],
            &["orders-pay"],
        );
        check("^orders$", &["orders"], &["orders\n"]);
        check("", &[""], &["a"]);
        check("a||b", &["a", "", "b"], &["ab"]);
        check("a*?", &["", "aaa"], &["b"]);
        check(".*", &["anything", ""], &["a\nb", "größe"]);
        check("(?s).*", &["a\nb"], &[]);
    }

    #[test]
    fn classes_are_those_of_re2() {
        check(r"\d+\D", &["1x", "12-"], &["1", "12"]);
        check(r"[[:word:]]+", &["a_1"], &["a-1", ""]);
        check(r"[^[:^digit:]]", &["1"], &["a"]);
        check(r"\pN\p{Lu}\P{Ll}\p{^L}", &["1A--"], &["1a--", "1Aa-"]);
        check(r"\p{Greek}", &[], &["a", ""]);
        // Not operations on sets, and no classes in classes.
        check("[a&&b]", &["a", "&", "b"], &["c"]);
        check("[+--]", &["+", ",", "-"], &["."]);
        check("[a[b]", &["a", "[", "b"], &["]"]);
        check("[a~~b]", &["~"], &[]);
        check("[]a-]+", &["]", "a-]"], &["b"]);
        check("[^]a]", &["b"], &["]", "a"]);
        check(r"[\x41-\x{43}\060]", &["A", "B", "C", "0"], &["D"]);
        check("[^\\x00-\\x{10FFFF}]", &[], &["a", ""]);
    }

    #[test]
    fn flags_hold_until_the_end_of_their_group() {
        check("(?i)Orders", &["ORDERS", "orders"], &["order"]);
        check("(a(?i)b|c)d", &["abd", "aBd", "Cd", "cd"], &["Abd", "abD"]);
        check("(?i:a)b", &["ab", "Ab"], &["aB"]);
        check("(?i)a(?-i)b", &["Ab"], &["AB"]);
        check("(?i)[k-m]", &["K", "l", "M"], &["j"]);
        check("(?i)\u{17F}\u{212A}", &["sk", "SK"], &["ks"]);
        check("(?U)a+?", &["aa"], &[""]);
    }

    #[test]
    fn quotes_names_and_escapes() {
        check(r"\Qa.b*\E+", &["a.b*", "a.b**"], &["axb*", "a.bb"]);
        check(r"\Q(", &["("], &[]);
        check(r"a*\Q\E*", &["aa"], &["b"]);
        check("(?P<x>a)(?<y>b)", &["ab"], &[]);
        check(r"\.\-\_\012", &[".-_\n"], &[]);
        check(r"a{2}b{1,}c{0,2}", &["aab", "aabbcc"], &["ab", "aabccc"]);
        check("a{,2}{01}", &["a{,2}{01}"], &["aa"]);
        check(r"\ba\b-\Ba?", &["a-"], &["a-a"]);
    }

    #[test]
    fn an_error_says_what_and_where() {
        let cases = [
            ("a(b", "not closed: `(b` at character 2"),
            ("größe)", "no group is open here: `)` at character 6"),
            ("a**", "a repetition follows another: `**` at character 2"),
            ("a|*", "nothing to repeat: `*` at character 3"),
            ("(*a)", "nothing to repeat: `*` at character 2"),
            ("{*", "a repetition follows another: `{*` at character 1"),
            (
                "a{1001}",
                "at most 1000, and ascends: `{1001}` at character 2",
            ),
            ("a{2,1}", "at most 1000, and ascends"),
            ("a{1,123456789012}", "at most 1000, and ascends"),
            ("[a", "this class is not closed: `[a` at character 1"),
            ("[b-a]", "this range descends: `b-a` at character 2"),
            (
                "[[:foo:]]",
                "no class has this name: `[:foo:]` at character 2",
            ),
            (
                r"\pX",
                r"no category or script has this name: `\pX` at character 1",
            ),
            (r"\p{Greek", "no category or script has this name"),
            (r"\p", "no category or script has this name"),
            (r"\C", r"no such escape: `\C` at character 1"),
            (r"\1", "no such escape"),
            (r"\8", "no such escape"),
            (r"\h", "no such escape"),
            (r"\Z", "no such escape"),
            (r"\x{110000}", "no such escape"),
            (r"\x4", "no such escape"),
            (r"[\b]", "no such escape"),
            (
                "a\\",
                "a backslash is the last character: `\\` at character 2",
            ),
            ("(?=a)", "no other kind of group: `(?=` at character 1"),
            ("(?x)a", "only the flags i, m, s and U"),
            ("(?i-)a", "only the flags i, m, s and U"),
            ("(?P=n)", "only the flags i, m, s and U"),
            ("(?<n", "the name of this group does not end"),
            ("(?<ö>a)", "letters, digits and underscores"),
            (
                "(?<n>a)(?<n>b)",
                "another group has this name: `(?<n>` at character 8",
            ),
        ];
        for (pattern, expected) in cases {
            let text = error(pattern);
            assert!(text.contains(expected), "{pattern}: {text}");
        }
        assert!(error(&format!("[{}", "ä".repeat(100))).contains("ä…` at"));
    }

    #[test]
    fn what_would_take_much_memory_or_depth_is_refused_quickly() {
        for pattern in ["((a{1000}){1000}){1000}", "((.{0,1000}){0,1000}){0,1000}"] {
            assert_eq!(
                error(pattern),
                "it takes more than 4194304 bytes when compiled"
            );
        }
        let nested = |depth: usize| "(".repeat(depth) + "a" + &")".repeat(depth);
        let repeated = |depth: usize| "a*".to_owned() + &"(?i)+".repeat(depth - 1);
        let both = |depth: usize| "(b|".repeat(depth / 2) + "a" + &")*".repeat(depth / 2);
        for pattern in [nested(199), repeated(199), both(198)] {
            check(&pattern, &["a"], &["-"]);
        }
        for pattern in [nested(200), repeated(200), both(200), nested(30_000)] {
            assert_eq!(
                error(&pattern),
                "groups and repetitions are nested more than 200 deep"
            );
        }
        // The longest that fits into a request.
        let names = |n: usize| format!("{:x}.Topic", n.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let many: Vec<String> = (0..1420).map(names).collect();
        for flags in ["", "(?i)"] {
            let pattern = flags.to_owned() + &many.join("|");
            assert!(
                (31_000..=32_767).contains(&pattern.len()),
                "{}",
                pattern.len()
            );
            check(&pattern, &[&many[0], &many[1419]], &["Topic"]);
        }
        // Of nothing, any number is nothing.
        check("(((((){1000}){1000}){1000}){1000}){1000}", &[""], &["a"]);
        check("(?:(?:a*)*)*b", &["aaaab"], &[&"a".repeat(249)]);
    }
}
