//! What a value must be beyond its type, as data: ranges, choices, lists, and the few special forms.

use std::collections::HashSet;
use std::fmt;

use crate::endpoint;
use crate::value::Value;

/// The rule of a row. `Display` prints Kafka's notation: `[1,...]`, `[a, b]`, `non-empty string`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// Any value of the type, or none.
    Any,
    /// A number, at least this.
    AtLeast(i64),
    /// A number between the two, both included.
    Between(i64, i64),
    /// A double between the two, both included; the text is how Kafka prints it.
    BetweenReal(f64, f64, &'static str),
    /// A number between the first two, or the third.
    BetweenOr(i64, i64, i64),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// One of these words, in any case.
    OneOfAnyCase(&'static [&'static str]),
    /// One of these words in any case, where Kafka's notation does not say so.
    Word(&'static [&'static str]),
    /// Any text, but some.
    NotNull,
    /// None, or text that is not empty.
    NotEmpty,
    /// A list without empty items; an item given twice counts once.
    List {
        /// Whether no item is fine.
        empty: bool,
        /// Whether no list is fine.
        null: bool,
        /// What an item may be; anything when there is none.
        of: &'static [&'static str],
    },
    /// `*`, or pairs `partition:broker`.
    ThrottledReplicas,
    /// Voters as `id@host:port`.
    QuorumVoters,
    /// Servers as `host:port`.
    BootstrapServers,
    /// Where to begin reading: one of the words, or `by_duration:` and an ISO 8601 duration.
    OffsetReset(&'static [&'static str]),
}

/// A list of any items.
pub(crate) const LIST: Rule = Rule::List {
    empty: true,
    null: false,
    of: &[],
};
/// A list of at least one item.
pub(crate) const SOME_LIST: Rule = Rule::List {
    empty: false,
    null: false,
    of: &[],
};
/// A list of any items, or no list.
pub(crate) const LIST_OR_NULL: Rule = Rule::List {
    empty: true,
    null: true,
    of: &[],
};
/// A list of at least one item, or no list.
pub(crate) const SOME_LIST_OR_NULL: Rule = Rule::List {
    empty: false,
    null: true,
    of: &[],
};

/// A list of items among these; no item is fine.
pub(crate) const fn list_of(of: &'static [&'static str]) -> Rule {
    Rule::List {
        empty: true,
        null: false,
        of,
    }
}

/// A list of items among these, at least one.
pub(crate) const fn some_of(of: &'static [&'static str]) -> Rule {
    Rule::List {
        empty: false,
        null: false,
        of,
    }
}

const BY_DURATION: &str = "by_duration:";

impl Rule {
    /// The value as it counts: what a list repeats goes.
    pub(crate) fn normalize(&self, value: &mut Value) {
        if let (Self::List { .. }, Value::List(items)) = (self, value) {
            let mut seen = HashSet::new();
            items.retain(|item| seen.insert(item.clone()));
        }
    }

    /// Checks a value of the row's type; the error is the broken rule as a sentence without its subject.
    pub fn check(&self, value: Option<&Value>) -> Result<(), String> {
        match (self, value) {
            (Self::Any | Self::NotEmpty | Self::List { null: true, .. }, None) => Ok(()),
            (_, None) => Err("must have a value".to_owned()),
            (Self::Any | Self::NotNull, Some(_)) => Ok(()),
            (rule, Some(Value::List(items))) => rule.check_list(items),
            (rule, Some(Value::String(text) | Value::Class(text))) => rule.check_text(text),
            (rule, Some(value)) => rule.check_number(value),
        }
    }

    fn check_number(&self, value: &Value) -> Result<(), String> {
        let Some(number) = value.as_f64() else {
            return Ok(());
        };
        match *self {
            // Every bound is far below 2^53, except those that the type itself enforces: doubles are exact here.
            // NaN is on neither side of a bound, and passes as it does in Kafka.
            Self::AtLeast(least) if number < least as f64 => {
                Err(format!("must be at least {least}"))
            }
            Self::Between(least, most) if number < least as f64 || number > most as f64 => {
                Err(format!("must be between {least} and {most}"))
            }
            Self::BetweenReal(least, most, _) if number < least || number > most => {
                Err(format!("must be between {least} and {most}"))
            }
            Self::BetweenOr(least, most, other)
                if number != other as f64 && !(least as f64..=most as f64).contains(&number) =>
            {
                Err(format!("must be between {least} and {most}, or {other}"))
            }
            _ => Ok(()),
        }
    }

    fn check_text(&self, text: &str) -> Result<(), String> {
        match self {
            Self::OneOf(words) if !words.contains(&text) => {
                Err(format!("must be one of {}", words.join(", ")))
            }
            Self::OneOfAnyCase(words) | Self::Word(words)
                if !words.iter().any(|word| word.eq_ignore_ascii_case(text)) =>
            {
                Err(format!("must be one of {} (in any case)", words.join(", ")))
            }
            Self::NotEmpty if text.is_empty() => Err("must not be empty".to_owned()),
            Self::OffsetReset(words) if !words.contains(&text) => {
                match text.strip_prefix(BY_DURATION) {
                    Some(duration) if is_duration(duration) => Ok(()),
                    Some(_) => Err(format!(
                        "must have a duration of ISO 8601 that is not negative after {BY_DURATION}, such as PT1H30M"
                    )),
                    None => Err(format!(
                        "must be one of {}, or {BY_DURATION}PnDTnHnMn.nS",
                        words.join(", ")
                    )),
                }
            }
            _ => Ok(()),
        }
    }

    fn check_list(&self, items: &[String]) -> Result<(), String> {
        match self {
            Self::List { empty, of, .. } => check_items(items, *empty, of),
            Self::ThrottledReplicas if !is_throttled_replicas(items) => {
                Err("must be *, or pairs partition:broker separated by commas".to_owned())
            }
            Self::QuorumVoters => endpoint::parse_voters(items).map(drop),
            Self::BootstrapServers => items
                .iter()
                .try_for_each(|item| endpoint::parse_host_port(item).map(drop)),
            _ => Ok(()),
        }
    }
}

fn check_items(items: &[String], empty: bool, of: &[&str]) -> Result<(), String> {
    if items.is_empty() && !empty {
        return Err("must have at least one item".to_owned());
    }
    for item in items {
        if item.is_empty() {
            return Err("must not have an empty item".to_owned());
        }
        if !of.is_empty() && !of.contains(&item.as_str()) {
            return Err(format!("must only have items of {}", of.join(", ")));
        }
    }
    Ok(())
}

fn is_throttled_replicas(items: &[String]) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_pair = |item: &String| {
        item.split_once(':')
            .is_some_and(|(partition, broker)| is_number(partition) && is_number(broker))
    };
    // As in Kafka, empty items say nothing.
    let mut said = items.iter().filter(|item| !item.is_empty()).peekable();
    match said.peek() {
        Some(first) if *first == "*" => said.count() == 1,
        _ => said.all(is_pair),
    }
}

/// `PnDTnHnMn.nS`: at least one part, in this order, none negative; letters in any case.
fn is_duration(text: &str) -> bool {
    let upper = text.strip_prefix('+').unwrap_or(text).to_ascii_uppercase();
    let Some(body) = upper.strip_prefix('P') else {
        return false;
    };
    let (days, time) = match body.split_once('T') {
        Some((days, time)) => (days, Some(time)),
        None => (body, None),
    };
    let days = (days.is_empty()) || parts_are_ordered(days, "D");
    match time {
        None => days && !body.is_empty(),
        Some(time) => days && !time.is_empty() && parts_are_ordered(time, "HMS"),
    }
}

fn parts_are_ordered(text: &str, mut units: &str) -> bool {
    let mut rest = text;
    while let Some(end) = rest.find(|c: char| c.is_ascii_alphabetic()) {
        let (number, unit) = (&rest[..end], &rest[end..=end]);
        let Some(at) = units.find(unit) else {
            return false;
        };
        let (whole, fraction) = match number.split_once(['.', ',']) {
            Some((whole, fraction)) if unit == "S" && fraction.len() <= 9 => (whole, fraction),
            Some(_) => return false,
            None => (number, ""),
        };
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let whole = whole.strip_prefix('+').unwrap_or(whole);
        // 15 digits of any unit stay below what Java's Duration holds.
        if whole.is_empty() || whole.len() > 15 || !digits(whole) || !digits(fraction) {
            return false;
        }
        units = &units[at + 1..];
        rest = &rest[end + 1..];
    }
    rest.is_empty()
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => Ok(()),
            Self::AtLeast(least) => write!(f, "[{least},...]"),
            Self::Between(least, most) => write!(f, "[{least},...,{most}]"),
            Self::BetweenReal(_, _, shown) => f.write_str(shown),
            Self::BetweenOr(least, most, other) => write!(f, "[{least},...,{most}] or {other}"),
            Self::OneOf(words) | Self::Word(words) => write!(f, "[{}]", words.join(", ")),
            Self::OneOfAnyCase(words) => write!(f, "(case insensitive) [{}]", words.join(", ")),
            Self::NotNull => f.write_str("non-null string"),
            Self::NotEmpty => f.write_str("non-empty string"),
            Self::List { of: [], .. } => Ok(()),
            Self::List { of, .. } => write!(f, "[{}]", of.join(", ")),
            Self::ThrottledReplicas => {
                f.write_str("[partitionId]:[brokerId],[partitionId]:[brokerId],...")
            }
            Self::QuorumVoters | Self::BootstrapServers => f.write_str("non-empty list"),
            Self::OffsetReset(words) => {
                write!(f, "[{}, {BY_DURATION}PnDTnHnMn.nS]", words.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Type;

    /// Checks texts against a rule: those that fit, and those that do not.
    #[track_caller]
    fn judge(rule: Rule, r#type: Type, good: &[&str], bad: &[&str]) {
        let check = |text: &str| {
            let mut value = Value::parse(r#type, text).unwrap();
            rule.normalize(&mut value);
            rule.check(Some(&value))
        };
        for text in good {
            assert_eq!(check(text), Ok(()), "{text}");
        }
        for text in bad {
            assert!(check(text).is_err(), "{text}");
        }
    }

    #[test]
    fn numbers_have_bounds() {
        judge(
            Rule::AtLeast(0),
            Type::Int,
            &["0", "1", "2147483647"],
            &["-1"],
        );
        judge(
            Rule::AtLeast(-1),
            Type::Long,
            &["-1", "9223372036854775807"],
            &["-2"],
        );
        judge(
            Rule::AtLeast(1),
            Type::Double,
            &["1", "1.5", "NaN"],
            &["0.9"],
        );
        judge(Rule::Between(1, 17), Type::Int, &["1", "17"], &["0", "18"]);
        judge(
            Rule::Between(0, 1),
            Type::Double,
            &["0", "0.5", "1.0", "NaN"],
            &["-0.1", "1.1"],
        );
        judge(
            Rule::BetweenReal(0.5, 1.0, ""),
            Type::Double,
            &["0.5", "1"],
            &["0.49", "1.01"],
        );
        judge(
            Rule::BetweenOr(1, 9, -1),
            Type::Int,
            &["1", "9", "-1"],
            &["0", "10", "-2"],
        );
        judge(
            Rule::Between(0, 3600),
            Type::Short,
            &["0", "3600"],
            &["-1", "3601"],
        );
    }

    #[test]
    fn words_are_chosen() {
        judge(
            Rule::OneOf(&["a", "b"]),
            Type::String,
            &["a", "b"],
            &["A", "", "c"],
        );
        judge(
            Rule::OneOfAnyCase(&["A", "b"]),
            Type::String,
            &["a", "B"],
            &["", "c"],
        );
        judge(Rule::Word(&["a"]), Type::String, &["a", "A"], &["", "b"]);
        judge(Rule::NotEmpty, Type::String, &["a"], &[""]);
        judge(Rule::NotNull, Type::String, &["a", ""], &[]);
        judge(Rule::Any, Type::String, &["a", ""], &[]);
    }

    #[test]
    fn lists_have_items() {
        judge(LIST, Type::List, &["", "a", "a,b", "a,a"], &["a,,b", ","]);
        judge(SOME_LIST, Type::List, &["a"], &["", "a,"]);
        judge(
            list_of(&["a", "b"]),
            Type::List,
            &["", "a", "b,a", "a,a"],
            &["c", "a,c", "A"],
        );
        judge(some_of(&["a", "b"]), Type::List, &["a"], &["", "c"]);
        judge(
            Rule::ThrottledReplicas,
            Type::List,
            &["", ",", "*", "*,", "0:1", "0:1,2:3,"],
            &["0", "0:", ":1", "*,0:1", "a:1", "-1:1"],
        );
        judge(
            Rule::QuorumVoters,
            Type::List,
            &["", "1@h:1"],
            &["h:1", "1@0.0.0.0:1"],
        );
        judge(
            Rule::BootstrapServers,
            Type::List,
            &["", "h:1,g:2"],
            &["h", "h:1,g"],
        );
    }

    #[test]
    fn what_must_be_is_not_null() {
        for rule in [Rule::Any, Rule::NotEmpty, LIST_OR_NULL, SOME_LIST_OR_NULL] {
            assert_eq!(rule.check(None), Ok(()), "{rule:?}");
        }
        for rule in [
            Rule::AtLeast(0),
            Rule::NotNull,
            Rule::OneOf(&["a"]),
            LIST,
            SOME_LIST,
            Rule::QuorumVoters,
        ] {
            assert!(rule.check(None).is_err(), "{rule:?}");
        }
    }

    #[test]
    fn offsets_reset_to_a_word_or_by_a_duration() {
        let good = [
            "latest",
            "earliest",
            "by_duration:PT1H",
            "by_duration:P1D",
            "by_duration:P2DT3H4M5.123S",
            "by_duration:pt0s",
            "by_duration:P0D",
        ];
        let bad = [
            "Latest",
            "none",
            "",
            "by_duration",
            "by_duration:",
            "by_duration:P",
            "by_duration:PT",
            "by_duration:1H",
            "by_duration:P1H",
            "by_duration:PT1D",
            "by_duration:PT1S1M",
            "by_duration:PT1.5H",
            "by_duration:PT-1H",
            "by_duration:-PT1H",
            "by_duration:P1DT",
            "by_duration:PT1.1234567890S",
            "by_duration:PT1",
            "by_duration:P1M",
        ];
        judge(
            Rule::OffsetReset(&["latest", "earliest"]),
            Type::String,
            &good,
            &bad,
        );
    }

    #[test]
    fn an_error_says_what_a_value_must_be() {
        let error = Rule::OneOf(&["a", "b"]).check(Some(&Value::String("c".into())));
        assert_eq!(error, Err("must be one of a, b".to_owned()));
    }
}
