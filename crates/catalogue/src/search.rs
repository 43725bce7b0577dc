//! Which codes a text speaks of: a number, a name of any client's making, a line of a log, or words.

use std::cmp::Reverse;

use ottla_wire::errors::Code;

use crate::{Page, pages};

/// What a text may stand for, best first.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// This code.
    One(Code),
    /// Any or all of these.
    Several(Vec<Code>),
    /// None; these are the nearest.
    Nothing(Vec<Code>),
}

/// A longer text is searched up to here, in bytes: a line of a log, and not the log.
const LONGEST: usize = 8192;
const MOST: usize = 8;
const NEAREST: usize = 3;
/// Scores are parts of this.
const FULL: u32 = 1000;
const ENOUGH: u32 = 350;
/// The best one is alone if the next is this much worse.
const MARGIN: u32 = 150;
/// Words that every name or log line may have.
const EMPTY: &[&str] = &[
    "a",
    "an",
    "and",
    "api",
    "at",
    "be",
    "been",
    "broker",
    "by",
    "code",
    "err",
    "error",
    "exception",
    "failed",
    "for",
    "from",
    "has",
    "in",
    "is",
    "it",
    "kafka",
    "of",
    "on",
    "or",
    "org",
    "server",
    "that",
    "the",
    "this",
    "to",
    "was",
    "with",
];
/// What exceptions and their like are called beyond their name.
const ENDINGS: &[&str] = &["exception", "error", "code"];

/// Finds what a text stands for: by number, by any name in any case, by names within it, at last by its words.
pub fn find(text: &str) -> Found {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = text[..end].trim();
    if let Ok(number) = text.parse::<i64>() {
        return by_number(number);
    }
    let words = words(text);
    let mut found = named(&words);
    for code in numbered(text) {
        if !found.contains(&code) {
            found.push(code);
        }
    }
    found.truncate(MOST);
    match found[..] {
        [] => by_likeness(&words),
        [code] => Found::One(code),
        _ => Found::Several(found),
    }
}

fn by_number(number: i64) -> Found {
    let known = i16::try_from(number).ok().map(Code);
    if let Some(code) = known.filter(|code| code.info().is_some()) {
        return Found::One(code);
    }
    let mut codes: Vec<Code> = Code::TABLE.iter().map(|row| row.code).collect();
    codes.sort_by_key(|code| i64::from(code.0).abs_diff(number));
    codes.truncate(NEAREST);
    Found::Nothing(codes)
}

/// A word of a text or name, in lower case.
#[derive(Debug)]
struct Word {
    text: String,
    /// Whether it is the first of what was written without a space, and that began with an underscore.
    local: bool,
    /// Whether nothing but it and an ending was written without a space.
    alone: bool,
}

/// `UnknownTopicOrPartitionException`, `UNKNOWN_TOPIC_OR_PARTITION` and `Unknown topic or partition` are the same words.
fn words(text: &str) -> Vec<Word> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut words = Vec::new();
    for token in text
        .split(|c| !is_part(c))
        .filter(|token| !token.is_empty())
    {
        let token = ["RD_KAFKA_RESP_ERR_", "ERR_", "Err"]
            .iter()
            .find_map(|prefix| token.strip_prefix(prefix))
            .unwrap_or(token);
        let first = words.len();
        for part in token.split('_').filter(|part| !part.is_empty()) {
            words.extend(humps(part).map(|hump| Word {
                text: hump.to_ascii_lowercase(),
                local: false,
                alone: false,
            }));
        }
        let own = &mut words[first..];
        let named = own
            .iter()
            .filter(|word| !ENDINGS.contains(&word.text.as_str()))
            .count();
        let has_ending = named < own.len();
        if let Some(word) = own.first_mut() {
            word.local = token.starts_with('_');
            word.alone = named == 1 && has_ending;
        }
    }
    words
}

/// `FooBarBaz` as its words; `FOOBAR` is one.
fn humps(token: &str) -> impl Iterator<Item = &str> {
    let mut rest = token;
    std::iter::from_fn(move || {
        let letters = rest.as_bytes();
        let mut end = 1;
        while end < letters.len() {
            let next = letters.get(end + 1);
            let begins = letters[end].is_ascii_uppercase()
                && (letters[end - 1].is_ascii_lowercase()
                    || next.is_some_and(u8::is_ascii_lowercase));
            if begins {
                break;
            }
            end += 1;
        }
        if rest.is_empty() {
            return None;
        }
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}

/// The names of a code, as words.
fn keys(page: &Page) -> impl Iterator<Item = Vec<Word>> {
    let all = std::iter::once(page.info.name).chain(page.also.iter().map(String::as_str));
    all.map(|name| {
        let mut key = words(name);
        while key.len() > 1 && ENDINGS.contains(&key[key.len() - 1].text.as_str()) {
            key.pop();
        }
        key
    })
}

/// The codes whose names stand in a text, in its order; a name within a longer one does not count.
fn named(text: &[Word]) -> Vec<Code> {
    let mut places: Vec<(usize, usize, Code)> = Vec::new();
    for page in pages() {
        for key in keys(page) {
            let starts = 0..text.len().saturating_sub(key.len() - 1);
            let places_of_key = starts.filter(|start| stands_at(&key, text, *start));
            places.extend(places_of_key.map(|start| (start, start + key.len(), page.info.code)));
        }
    }
    let is_within = |one: &(usize, usize, Code)| {
        let longer = |other: &&(usize, usize, Code)| {
            other.0 <= one.0 && other.1 >= one.1 && other.1 - other.0 > one.1 - one.0
        };
        places.iter().any(|other| longer(&other))
    };
    let mut whole: Vec<_> = places.iter().filter(|place| !is_within(place)).collect();
    whole.sort();
    let mut codes = Vec::new();
    for (.., code) in whole {
        if !codes.contains(code) {
            codes.push(*code);
        }
    }
    codes
}

fn stands_at(key: &[Word], text: &[Word], start: usize) -> bool {
    let here = &text[start..start + key.len()];
    let same = key.iter().zip(here).all(|(a, b)| a.text == b.text);
    match key {
        // A single word is a name only if it is written as one: `_TRANSPORT`, `NetworkException`, or nothing else.
        [word] => {
            let is_all = text.len() == 1;
            same && (is_all
                || if word.local {
                    here[0].local
                } else {
                    here[0].alone
                })
        }
        _ => same,
    }
}

/// The codes that a text gives as numbers, as in `error code: 3` or `errorCode=-1`.
fn numbered(text: &str) -> Vec<Code> {
    let lower = text.to_ascii_lowercase();
    let mut codes = Vec::new();
    for ending in ["code", "error", "err"] {
        for (at, _) in lower.match_indices(ending) {
            let after =
                lower[at + ending.len()..].trim_start_matches([' ', ':', '=', '(', '"', '\'']);
            let end = after
                .char_indices()
                .find(|(at, c)| !(c.is_ascii_digit() || (*c == '-' && *at == 0)))
                .map_or(after.len(), |(at, _)| at);
            let mut next = after[end..].chars();
            let is_number = match next.next() {
                Some('.') => !next.next().is_some_and(|c| c.is_ascii_digit()),
                next => !next.is_some_and(|c| c.is_ascii_alphanumeric()),
            };
            let code = after[..end].parse().ok().map(Code).filter(|_| is_number);
            codes.extend(code.filter(|code| code.info().is_some() && !codes.contains(code)));
        }
    }
    codes
}

fn by_likeness(text: &[Word]) -> Found {
    let mut asked: Vec<&str> = text.iter().map(|word| word.text.as_str()).collect();
    asked.retain(|word| !EMPTY.contains(word));
    asked.truncate(64);
    let there: Vec<Vec<u32>> = pages()
        .iter()
        .map(|page| words_there(page, &asked))
        .collect();
    // A word of many pages says little; one of none says nothing, and should not drown the others.
    let weights: Vec<u32> = (0..asked.len())
        .map(
            |at| match there.iter().filter(|page| page[at] > 0).count() {
                0 => 4,
                pages => 10 - pages.ilog2(),
            },
        )
        .collect();
    let mut scores: Vec<(u32, Code)> = pages()
        .iter()
        .zip(&there)
        .map(|(page, there)| (likeness(page, &asked, there, &weights), page.info.code))
        .collect();
    scores.sort_by_key(|(score, code)| (Reverse(*score), *code));
    let best = scores[0].0;
    if best < ENOUGH {
        return Found::Nothing(scores[..NEAREST].iter().map(|(_, code)| *code).collect());
    }
    let near: Vec<Code> = scores
        .iter()
        .take(MOST)
        .filter(|(score, _)| *score >= ENOUGH && *score + MARGIN > best)
        .map(|(_, code)| *code)
        .collect();
    match near[..] {
        [code] => Found::One(code),
        _ => Found::Several(near),
    }
}

/// How much of each word asked a page has: those of its names count most, then what it means, then all else.
fn words_there(page: &Page, asked: &[&str]) -> Vec<u32> {
    let names: Vec<Word> = keys(page).flatten().collect();
    let meaning = words(&format!("{} {}", page.info.meaning, page.means));
    let mut rest = words(&format!("{} {}", page.client, page.operator));
    rest.extend(page.sent.iter().flat_map(|sent| words(&sent.when)));
    let most = |own: &[Word], word: &str| {
        let all = own.iter().map(|own| alike(&own.text, word));
        all.max().unwrap_or(0)
    };
    let all = asked.iter().map(|word| {
        let meant = most(&meaning, word) * 3 / 4;
        most(&names, word).max(meant).max(most(&rest, word) / 2)
    });
    all.collect()
}

/// How much a page is about what was asked: as one of its names with typing errors, or by the words that it has.
fn likeness(page: &Page, asked: &[&str], there: &[u32], weights: &[u32]) -> u32 {
    let all: u32 = weights.iter().sum();
    let sum: u32 = there
        .iter()
        .zip(weights)
        .map(|(has, weight)| has * weight)
        .sum();
    let common = sum / all.max(1);
    let written: String = asked.concat();
    let mut best = 0;
    for key in keys(page) {
        let mut kept: Vec<&str> = key.iter().map(|word| word.text.as_str()).collect();
        kept.retain(|word| !EMPTY.contains(word));
        let name = kept.concat();
        // Names of a few letters are near to anything.
        if name.len() > 5 && written.len() < 80 {
            let longer = name.len().max(written.len()) as u32;
            let apart = distance(&name, &written) as u32;
            // A third of another name is another name.
            best = best.max(FULL.saturating_sub(apart * 2 * FULL / longer));
        }
        // Of two names with the words asked, the one with fewer others.
        let asked_for = |word: &&str| asked.iter().map(|asked| alike(word, asked)).max();
        let own: u32 = kept.iter().filter_map(asked_for).sum();
        let whole = own / (kept.len() as u32).max(1);
        best = best.max(common * 3 / 4 + common * whole / FULL / 4);
    }
    best
}

/// How much two words are the same, for typing errors and endings.
fn alike(own: &str, asked: &str) -> u32 {
    if own == asked {
        return FULL;
    }
    let (shorter, longer) = match own.len() < asked.len() {
        true => (own, asked),
        false => (asked, own),
    };
    if shorter.len() < 4 {
        return 0;
    }
    let letters = own.bytes().zip(asked.bytes());
    let same = letters.take_while(|(a, b)| a == b).count();
    // Only their endings differ.
    if same >= 4.max(shorter.len() - 2) && longer.len() - same <= 3 {
        return FULL * 9 / 10;
    }
    match distance(own, asked) {
        1 => FULL * 8 / 10,
        2 if shorter.len() >= 8 => FULL * 7 / 10,
        _ => 0,
    }
}

/// How many letters must be put in, left out, changed or swapped with the next.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut this = vec![i + 1; b.len() + 1];
        for j in 0..b.len() {
            let changed = last[j] + usize::from(a[i] != b[j]);
            this[j + 1] = changed.min(last[j + 1] + 1).min(this[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                this[j + 1] = this[j + 1].min(before[j - 1] + 1);
            }
        }
        before = std::mem::replace(&mut last, this);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> Code {
        match find(text) {
            Found::One(code) => code,
            Found::Several(codes) => codes[0],
            Found::Nothing(codes) => panic!("{text:?} is nothing, next to {codes:?}"),
        }
    }

    #[test]
    fn every_code_is_found_by_its_number_and_names() {
        for page in pages() {
            let (code, name) = (page.info.code, page.info.name);
            assert_eq!(find(&code.0.to_string()), Found::One(code));
            for written in [name.to_owned(), name.to_lowercase(), name.replace('_', " ")] {
                assert_eq!(find(&written), Found::One(code), "{written}");
            }
            for also in &page.also {
                let found = find(also);
                match found {
                    Found::One(one) => assert_eq!(one, code, "{also}"),
                    Found::Several(several) => assert!(several.contains(&code), "{also}"),
                    Found::Nothing(_) => panic!("{also}"),
                }
            }
        }
    }

    #[test]
    fn names_of_other_clients_are_understood() {
        for (text, code) in [
            (
                "UnknownTopicOrPartitionException",
                Code::UNKNOWN_TOPIC_OR_PARTITION,
            ),
            (
                "org.apache.kafka.common.errors.RecordTooLargeException",
                Code::MESSAGE_TOO_LARGE,
            ),
            ("_TRANSPORT", Code::NETWORK_EXCEPTION),
            ("RD_KAFKA_RESP_ERR__TRANSPORT", Code::NETWORK_EXCEPTION),
            ("RD_KAFKA_RESP_ERR_NOT_COORDINATOR", Code::NOT_COORDINATOR),
            (
                "Broker: Unknown topic or partition",
                Code::UNKNOWN_TOPIC_OR_PARTITION,
            ),
            ("ErrNotLeaderForPartition", Code::NOT_LEADER_OR_FOLLOWER),
            ("NotLeaderForPartitionError", Code::NOT_LEADER_OR_FOLLOWER),
            ("NetworkException", Code::NETWORK_EXCEPTION),
        ] {
            assert_eq!(find(text), Found::One(code), "{text}");
        }
    }

    #[test]
    fn lines_of_logs_are_read() {
        let line = "[2026-01-02 03:04:05] WARN [Producer clientId=p] Got error produce response, retrying. Error: \
                    NOT_LEADER_OR_FOLLOWER (org.apache.kafka.clients.producer.internals.Sender)";
        assert_eq!(find(line), Found::One(Code::NOT_LEADER_OR_FOLLOWER));
        let two = "first TOPIC_ALREADY_EXISTS, then InvalidPartitionsException";
        let codes = vec![Code::TOPIC_ALREADY_EXISTS, Code::INVALID_PARTITIONS];
        assert_eq!(find(two), Found::Several(codes));
        for text in [
            "error_code: 79,",
            "errorCode=79",
            "failed with error code 79.",
        ] {
            assert_eq!(find(text), Found::One(Code::MEMBER_ID_REQUIRED), "{text}");
        }
        assert_eq!(
            find("error code -1 again"),
            Found::One(Code::UNKNOWN_SERVER_ERROR)
        );
        let long = format!("{}é {}", "qq ".repeat(2730), "NOT_COORDINATOR");
        assert!(
            matches!(find(&long), Found::Nothing(_)),
            "only so much is read"
        );
    }

    #[test]
    fn typing_errors_and_words_lead_to_a_code() {
        for (text, code) in [
            (
                "UNKNOWN_TOPIC_OR_PARTITON",
                Code::UNKNOWN_TOPIC_OR_PARTITION,
            ),
            ("not_coordinater", Code::NOT_COORDINATOR),
            ("unkown member id", Code::UNKNOWN_MEMBER_ID),
            ("rebalancing", Code::REBALANCE_IN_PROGRESS),
            ("message too big", Code::MESSAGE_TOO_LARGE),
            ("batch too large for a segment", Code::RECORD_LIST_TOO_LARGE),
            ("no leader", Code::LEADER_NOT_AVAILABLE),
            ("wrong password", Code::SASL_AUTHENTICATION_FAILED),
            ("the disk failed", Code::KAFKA_STORAGE_ERROR),
            ("too many members", Code::GROUP_MAX_SIZE_REACHED),
            (
                "not authorized to access topics",
                Code::TOPIC_AUTHORIZATION_FAILED,
            ),
            ("Local: Broker transport failure", Code::NETWORK_EXCEPTION),
            (
                "replication factor larger than brokers",
                Code::INVALID_REPLICATION_FACTOR,
            ),
        ] {
            assert_eq!(first(text), code, "{text}: {:?}", find(text));
        }
    }

    #[test]
    fn what_is_no_error_is_nothing_and_has_neighbours() {
        for text in [
            "",
            "  ",
            "xyzzy",
            "a",
            "137",
            "-2",
            "99999999999",
            "99999999999999999999",
            "\u{1F980}",
            "___",
            "hello world",
        ] {
            match find(text) {
                Found::Nothing(nearest) => assert_eq!(nearest.len(), NEAREST, "{text:?}"),
                found => panic!("{text:?}: {found:?}"),
            }
        }
        assert_eq!(
            by_number(137),
            Found::Nothing(vec![Code(136), Code(135), Code(134)])
        );
    }

    #[test]
    fn names_are_taken_apart() {
        let apart = |text| humps(text).collect::<Vec<_>>();
        assert_eq!(apart("FooBarBaz"), ["Foo", "Bar", "Baz"]);
        assert_eq!(apart("FOOBAR"), ["FOOBAR"]);
        assert_eq!(apart("SASLError"), ["SASL", "Error"]);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("ab", "ba"), 1);
        assert_eq!(distance("", "abc"), 3);
    }
}
