//! Which subscription expressions a coordinator takes and what they match: as the library that Apache Kafka's has.

use std::{collections::BTreeSet, fmt::Write as _, fs};

use bytes::{Buf, BufMut, Bytes};
use ottla_coordinator::regex::SubscriptionRegex;
use ottla_interop::oracle::{Home, compile, output};
use ottla_wire::random::Random;

/// `OTTLA_EXPRESSION_CASES` asks for more, `OTTLA_EXPRESSION_SEED` for others.
const CASES: u64 = 60_000;
const SEED: u64 = 848;

/// What is put next to each other at random.
#[rustfmt::skip]
const TOKENS: &[&str] = &[
    "a", "b", "A", "k", "K", "s", "1", "-", "_", ".", "é", "ſ", "(", "(", ")", ")", ")", "(?:", "(?i)", "(?i:",
    "(?-i)", "(?s)", "(?m)", "(?U)", "(?is-m:", "(?<n>", "(?P<m>", "(?P<n>", "(?=", "(?", "(?i-)", "(?-)", "|", "|",
    "*", "+", "?", "*?", "{2}", "{1,}", "{0,1}", "{2,3}?", "{,2}", "{01}", "{0}", "{", "}", "{1001}", "{3,2}",
    "{123456789}", "[", "]", "]", "[^", "[ab]", "[^a]", "[a-k]", "[[:word:]]", "[[:^alpha:]b]", "[[:x:]]",
    "[[:^^alpha:]]", "[:alpha:]", ":]", r"[\d-]", r"[\w.]", r"[^\W]", "[a&&b]", "[&&a]", "[+--]", "[a-]", "[]a]",
    "[^]a]", "[a[b]", "[~~a]", "[-a]", "[k-m]", r"[\x{41}-\x{43}]", r"[\141-\143]", r"[^\x{0}-\x{10ffff}]", r"\d",
    r"\D", r"\s", r"\S", r"\w", r"\W", r"\pN", r"\p{Lu}", r"\p{Ll}", r"\PL", r"\P{Ll}", r"\p{^Nd}", r"\p^L",
    r"\p{Foo}", r"\p{", r"\p", r"\p{Greek}", r"\p{lu}", r"\b", r"\B", r"\A", r"\z", r"\Z", r"\C", r"\h", r"\G", r"\Q",
    r"\E", r"\Qa.\E", r"\Q\E", r"\.", r"\-", r"\_", r"\é", r"\0", r"\07", r"\101", r"\1412", r"\1", r"\8", r"\x61",
    r"\x{61}", r"\x{}", r"\x6", r"\x{110000}", r"\x{17f}", r"\n", r"\a", "\\", "^", "$", ".", ".*", "&&", "--", "~~",
    "-", ",", ":", "=", "!", " ", "\n", "#", "<", ">",
];
#[rustfmt::skip]
const CHARACTERS: &[char] = &[
    'a', 'b', 'A', 'k', 'K', 's', 'S', '1', '-', '_', '.', '&', '\n', ']', '{', '2', '}',
];
/// What drawing is unlikely to find. RE2/J does not end on classes that span U+1C80 without regard to case.
#[rustfmt::skip]
const FIXED: &[&str] = &[
    "(?i)\u{212A}", r"(?i)[\x{212a}]", "(?i)[^k\u{17F}]", r"(?i)\P{Lu}", r"(?i)[^\p{Ll}]", "(?i)[[:^upper:]]",
    "(?i)[[:lower:]]", r"(?i)\W", r"[\x{d800}-\x{dfff}a]", r"[\x{d900}-\x{d800}]", r"[\x{d900}-\x{e000}]", "(|a)*",
    "(|a)+", "(a|b|)+k", "(^a)*", "(?:$)*a", "(?m)^a$", "(?m)a$\n^b", r"(?:\b)*a", r"(?:a|\b)+", "(a*)+", "(a*)*",
    "(?:a?){3}", "((a{2}){2}){2}", "a{1000}", "(?:a{0})", "a{0}b", "[a-b]|1|[A-K]", "a|.", "(?s)a|.", "(?s).|\n",
    "abc|abd|ab", "ab|ac(?i)|aS", "x{2}{3}", "{*", "{a", "a{", "}{*", "a(?i)*", "a*(?i)*", "(?i)*", "()*", "()", "(",
    ")", "(?:)", "(?i)", "*", "", r"[a-\d]", r"[\d-a]", r"[[:word:]-a]", "[[:a]x:]", "[[:a", "[[.a.]]", "[[=a=]]",
    "[", "[^", "[a-", "[]", "[^]", r"[\]", r"[\b]", r"[\Qa\E]", r"\pé", r"\p{^}", r"\p{^^L}", "(?P<", "(?<", "(?<>a)",
    "(?<a-b>a)", "(?<1>a)", "(?<n>a)|(?<n>b)", "(?P=n)", "(?#a)", "(?x)a b", "(?u)a", "(?R)", "(?>a)", "(?|a)",
    "(?<=a)b", "a++", "a*+", r"\x{000000061}", r"\0141", r"\00141", r"topic-[0-9]+", r"orders\..*", "(?i)ORDERS.*",
    "^(?:a|b)-.+$", "[^_].*", r"\p{L}[\w.-]*",
];

fn setting(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().expect(name),
        Err(_) => default,
    }
}

fn one<T: Copy>(random: &mut Random, of: &[T]) -> T {
    of[random.below(of.len() as u64) as usize]
}

/// Anything, most often not an expression.
fn tokens(random: &mut Random) -> String {
    (0..1 + random.below(6))
        .map(|_| one(random, TOKENS))
        .collect()
}

/// An expression that most often is sound.
fn expression(random: &mut Random, depth: u64) -> String {
    match random.below(if depth == 0 { 4 } else { 11 }) {
        0 => one(random, CHARACTERS).escape_default().to_string(),
        1 => one(
            random,
            &[
                "[ab]",
                "[^a]",
                "[a-k1]",
                r"[\d-]",
                "[[:word:]]",
                r"[^\W_]",
                "[[:^alpha:]b]",
                "[k-m&&s]",
            ],
        )
        .to_owned(),
        2 => one(
            random,
            &[
                r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", ".", r"\pN", r"\p{Ll}", r"\P{Lu}",
                r"\Qa.\E",
            ],
        )
        .to_owned(),
        3 => one(
            random,
            &["^", "$", r"\b", r"\B", r"\A", r"\z", "", "a", "b", "k"],
        )
        .to_owned(),
        4 | 5 => {
            let part = expression(random, depth - 1);
            let operator = one(
                random,
                &[
                    "*", "+", "?", "*?", "+?", "??", "{2}", "{1,}", "{0,2}", "{0}", "{3}?",
                ],
            );
            format!("(?:{part}){operator}")
        }
        6 | 7 => expression(random, depth - 1) + &expression(random, depth - 1),
        8 => {
            let flags = one(
                random,
                &[
                    "(", "(?:", "(?i:", "(?s:", "(?m:", "(?-i:", "(?i-s:", "(?U:", "(?i)(",
                    "(?-m)(",
                ],
            );
            format!("{flags}{})", expression(random, depth - 1))
        }
        _ => {
            let parts = (0..2 + random.below(3)).map(|_| expression(random, depth - 1));
            format!("({})", parts.collect::<Vec<_>>().join("|"))
        }
    }
}

struct Case {
    pattern: String,
    topics: Vec<String>,
}

fn case(random: &mut Random, pattern: String) -> Case {
    let mut topics: Vec<String> = (0..8)
        .map(|_| {
            (0..random.below(6))
                .map(|_| one(random, CHARACTERS))
                .collect()
        })
        .collect();
    topics.push(String::new());
    topics.push("a".repeat(1 + random.below(12) as usize));
    Case { pattern, topics }
}

fn put_text(file: &mut Vec<u8>, text: &str) {
    file.put_i32(text.len() as i32);
    file.put_slice(text.as_bytes());
}

fn answers(home: &Home, cases: &[Case]) -> Bytes {
    let dir = tempfile::tempdir().expect("temporary folder");
    let (cases_file, answers_file) = (dir.path().join("cases"), dir.path().join("answers"));
    let mut file = Vec::new();
    for case in cases {
        put_text(&mut file, &case.pattern);
        file.put_i32(case.topics.len() as i32);
        for topic in &case.topics {
            put_text(&mut file, topic);
        }
    }
    fs::write(&cases_file, file).expect("cases");
    let mut java = home.class("Expressions").expect("java");
    java.args([&cases_file, &answers_file]);
    output(&mut java).expect("Expressions");
    Bytes::from(fs::read(&answers_file).expect("answers"))
}

#[test]
fn expressions_are_taken_and_match_as_in_apache_kafka() {
    let home = Home::find();
    compile(&home).expect("compile");
    let seed = setting("OTTLA_EXPRESSION_SEED", SEED);
    let mut random = Random::new(seed);
    let mut cases: Vec<Case> = FIXED
        .iter()
        .map(|pattern| case(&mut random, (*pattern).to_owned()))
        .collect();
    for drawn in 0..setting("OTTLA_EXPRESSION_CASES", CASES) {
        let pattern = if drawn % 2 == 0 {
            tokens(&mut random)
        } else {
            expression(&mut random, 4)
        };
        cases.push(case(&mut random, pattern));
    }
    let mut theirs = answers(&home, &cases);
    let (mut report, mut differ) = (String::new(), 0);
    let (mut taken, mut matched) = (0, 0);
    for Case { pattern, topics } in &cases {
        let theirs = (theirs.get_u8() == 1).then(|| {
            topics
                .iter()
                .map(|_| theirs.get_u8() == 1)
                .collect::<Vec<_>>()
        });
        let compiled = SubscriptionRegex::compile(pattern);
        let ours = compiled.as_ref().ok().map(|regex| {
            let matches = topics.iter().map(|topic| regex.matches(topic));
            matches.collect::<Vec<_>>()
        });
        if let Some(theirs) = &theirs {
            taken += 1;
            matched += theirs.iter().filter(|matched| **matched).count();
        }
        if ours != theirs {
            differ += 1;
            if differ <= 30 {
                let why = compiled.err().map(|error| error.to_string());
                let _ = writeln!(
                    report,
                    "{pattern:?} on {topics:?}: ours {ours:?} {why:?}, theirs {theirs:?}"
                );
            }
        }
    }
    assert!(theirs.is_empty());
    let all = cases.len();
    assert!(
        taken > all / 2 && matched > all / 2,
        "of {all}: {taken} taken, {matched} topics matched"
    );
    assert_eq!(differ, 0, "of {all} (seed {seed})\n{report}");
}

#[test]
fn unicode_classes_are_those_of_apache_kafka() {
    let home = Home::find();
    compile(&home).expect("compile");
    let mut java = home.class("Expressions").expect("java");
    let names = output(java.arg("names")).expect("Expressions");
    let names = String::from_utf8(names).expect("names");
    let names: BTreeSet<&str> = names.lines().chain(["Any"]).collect();
    assert!(names.contains("Greek") && names.contains("Lu"));
    // Each name, as it is and almost, with and without regard to case, on each character of ASCII.
    let ascii: Vec<String> = (0..128u8).map(|it| char::from(it).to_string()).collect();
    let mut cases = Vec::new();
    for name in names {
        for flag in ["", "(?i)"] {
            for class in [
                format!(r"\p{{{name}}}"),
                format!(r"[^\P{{{name}}}]"),
                format!(r"[a\P{{{name}}}]"),
                format!(r"\p{{{name}x}}"),
                format!(r"\p{{{}}}", &name[1..]),
            ] {
                cases.push(Case {
                    pattern: format!("{flag}{class}"),
                    topics: ascii.clone(),
                });
            }
        }
    }
    let mut theirs = answers(&home, &cases);
    for Case { pattern, topics } in &cases {
        let ours = SubscriptionRegex::compile(pattern);
        assert_eq!(theirs.get_u8() == 1, ours.is_ok(), "{pattern}");
        for (topic, ours) in topics
            .iter()
            .filter_map(|topic| Some((topic, ours.as_ref().ok()?)))
        {
            assert_eq!(
                theirs.get_u8() == 1,
                ours.matches(topic),
                "{pattern} on {topic:?}"
            );
        }
    }
    assert!(theirs.is_empty());
}
