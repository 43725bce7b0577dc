//! `cargo xtask tidy`: rules of the project that the compiler cannot hold.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use xtask::oracle::checkout;

/// What each crate of ours may depend on: every other arrow is an error.
const ARROWS: &[(&str, &[&str])] = &[
    ("wire", &[]),
    ("machine", &[]),
    ("config", &[]),
    ("catalogue", &["wire"]),
    ("log", &["wire"]),
    ("raft", &["wire", "machine"]),
    ("metadata", &["wire", "machine", "config"]),
    ("coordinator", &["wire", "machine", "config", "metadata"]),
    ("client", &["wire"]),
    (
        "broker",
        &[
            "wire",
            "machine",
            "config",
            "log",
            "raft",
            "metadata",
            "coordinator",
        ],
    ),
    ("rest", &["wire", "broker"]),
    (
        "ottla",
        &[
            "wire",
            "catalogue",
            "config",
            "log",
            "raft",
            "metadata",
            "broker",
            "client",
            "rest",
        ],
    ),
];

/// Words that say nothing about what a type is.
const EMPTY_WORDS: &[&str] = &[
    "Manager", "Helper", "Util", "Utils", "Impl", "Service", "Common",
];

/// Where the pages of the error codes are.
const CATALOGUE: &str = "crates/catalogue/pages";

const MOST_LINES: usize = 1000;
/// Generated: as long as a message needs.
const GENERATED: &str = "crates/wire/src/messages/";

/// Runs the command.
pub(crate) fn run(args: &[String]) -> Result<(), String> {
    if !args.is_empty() {
        return Err("usage: cargo xtask tidy".to_owned());
    }
    let root = checkout();
    let mut broken = Vec::new();
    arrows(root, &mut broken)?;
    for path in rust_files(root)? {
        let text = fs::read_to_string(root.join(&path))
            .map_err(|error| format!("{}: {error}", path.display()))?;
        broken.extend(source(&path.to_string_lossy(), &text));
    }
    evidence(root, &mut broken)?;
    if broken.is_empty() {
        Ok(())
    } else {
        Err(broken.join("\n"))
    }
}

fn arrows(root: &Path, broken: &mut Vec<String>) -> Result<(), String> {
    let crates = root.join("crates");
    for entry in fs::read_dir(&crates).map_err(|error| error.to_string())? {
        let entry = entry.map_err(|error| error.to_string())?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some((_, allowed)) = ARROWS.iter().find(|(from, _)| *from == name) else {
            broken.push(format!(
                "crates/{name}: xtask/src/tidy.rs does not say what it may depend on"
            ));
            continue;
        };
        let manifest = entry.path().join("Cargo.toml");
        let text = fs::read_to_string(&manifest)
            .map_err(|error| format!("{}: {error}", manifest.display()))?;
        for to in dependencies(&text) {
            if !allowed.contains(&to) {
                broken.push(format!("crates/{name}: must not depend on {to}"));
            }
        }
    }
    Ok(())
}

/// The crates of ours that a manifest's code depends on; tests may use any.
fn dependencies(manifest: &str) -> Vec<&str> {
    let mut section = "";
    let mut found = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            section = line.trim_matches(['[', ']']);
            // A table of its own: [dependencies.ottla-x].
            found.extend(section.strip_prefix("dependencies.ottla-"));
        } else if section == "dependencies" || section == "build-dependencies" {
            let name = line.strip_prefix("ottla-");
            found.extend(name.and_then(|name| name.split(['.', ' ', '=']).next()));
        }
    }
    found
}

fn rust_files(root: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = ["crates", "fuzz", "tests", "xtask"]
        .map(PathBuf::from)
        .into();
    while let Some(folder) = folders.pop() {
        let listing = fs::read_dir(root.join(&folder))
            .map_err(|error| format!("{}: {error}", folder.display()))?;
        for entry in listing {
            let entry = entry.map_err(|error| error.to_string())?;
            let path = folder.join(entry.file_name());
            if entry.path().is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Whether the tests are there that the catalogue of errors names.
fn evidence(root: &Path, broken: &mut Vec<String>) -> Result<(), String> {
    let folder = root.join(CATALOGUE);
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut named = BTreeSet::new();
    for entry in fs::read_dir(&folder).map_err(failed)? {
        let text = fs::read_to_string(entry.map_err(failed)?.path()).map_err(failed)?;
        named.extend(shown_tests(&text).map(str::to_owned));
    }
    if named.is_empty() {
        broken.push(format!("{CATALOGUE}: names no test"));
    }
    let files = rust_files(root)?;
    for test in named {
        let there = test.split_once("::").is_some_and(|(place, function)| {
            let file = format!("tests/interop/tests/{place}.rs");
            let folder = format!("tests/interop/tests/{place}/");
            files
                .iter()
                .filter(|path| **path == Path::new(&file) || path.starts_with(&folder))
                .filter_map(|path| fs::read_to_string(root.join(path)).ok())
                .any(|text| has_test(&text, function))
        });
        if !there {
            broken.push(format!("{CATALOGUE}: there is no test {test}"));
        }
    }
    Ok(())
}

/// The tests that a file of the catalogue says to show a code.
fn shown_tests(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter_map(|line| line.strip_prefix("shown: "))
        .map(|shown| shown.split(' ').next().unwrap_or_default())
}

/// Whether a source file has a test of this name that runs unless somebody says otherwise.
fn has_test(text: &str, function: &str) -> bool {
    let head = format!("#[test]\nfn {function}(");
    text.contains(&head)
}

/// The rules that one source file breaks.
fn source(path: &str, text: &str) -> Vec<String> {
    let mut broken = Vec::new();
    if !text.starts_with("//! ") {
        broken.push(format!(
            "{path}:1: must begin with `//!`, what the file is for"
        ));
    }
    let lines = text.lines().count();
    if lines > MOST_LINES && !path.starts_with(GENERATED) {
        broken.push(format!("{path}: {lines} lines; {MOST_LINES} are the most"));
    }
    for (line, number) in text.lines().zip(1..) {
        if let Some(name) = defined_type(line) {
            for word in words(name).filter(|word| EMPTY_WORDS.contains(word)) {
                broken.push(format!(
                    "{path}:{number}: {name}: `{word}` says nothing about a type"
                ));
            }
        }
    }
    for at in unbiased_selects(text) {
        let number = text[..at].lines().count();
        broken.push(format!(
            "{path}:{number}: select! must be `biased`: its order is a decision"
        ));
    }
    broken
}

/// The type that a line defines.
fn defined_type(line: &str) -> Option<&str> {
    let mut words = line
        .split([' ', '<', '(', '{', ';', ':', '='])
        .filter(|word| !word.is_empty());
    let mut word = words.next()?;
    while word.starts_with("pub") || ["crate", "super)", "crate)", "in", "unsafe"].contains(&word) {
        word = words.next()?;
    }
    ["struct", "enum", "trait", "type", "union"]
        .contains(&word)
        .then(|| words.next())?
}

/// `FooBarBaz` as its words.
fn words(name: &str) -> impl Iterator<Item = &str> {
    let mut rest = name;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest
            .char_indices()
            .skip(1)
            .find(|(_, letter)| letter.is_uppercase())
            .map_or(rest.len(), |(at, _)| at);
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}

/// Where a `select!` has no `biased;` before its first branch.
fn unbiased_selects(text: &str) -> Vec<usize> {
    let code = |at: usize| {
        let line = text[..at].rsplit('\n').next().unwrap_or("");
        !line.contains("//") && !line.contains('"')
    };
    text.match_indices(concat!("select", "! {"))
        .filter(|(at, opening)| {
            code(*at)
                && !text[at + opening.len()..]
                    .trim_start()
                    .starts_with("biased;")
        })
        .map(|(at, _)| at)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_names_the_crates_it_depends_on() {
        let manifest = "[package]\nname = \"ottla-log\"\n[dependencies]\nbytes.workspace = true\nottla-wire.workspace = true\n\
                        ottla-config = { path = \"x\" }\n[dependencies.ottla-raft]\n[dev-dependencies]\nottla-broker.workspace = true\n";
        assert_eq!(dependencies(manifest), ["wire", "config", "raft"]);
    }

    #[test]
    fn types_are_found_and_taken_apart() {
        assert_eq!(
            defined_type("pub(crate) struct TopicManager<T> {"),
            Some("TopicManager")
        );
        assert_eq!(defined_type("    enum Kind { A }"), Some("Kind"));
        assert_eq!(defined_type("pub type Utility = u8;"), Some("Utility"));
        assert_eq!(defined_type("pub fn new() -> Self {"), None);
        assert_eq!(
            words("FooBarBaz").collect::<Vec<_>>(),
            ["Foo", "Bar", "Baz"]
        );
    }

    #[test]
    fn tests_that_the_catalogue_names_are_looked_for() {
        let page = "1 X\nmeans: shown: no\nshown: a::b | Fetch\n  Produce\nshown: c::d | Fetch\n";
        assert_eq!(shown_tests(page).collect::<Vec<_>>(), ["a::b", "c::d"]);
        assert!(has_test("#[test]\nfn b() {}\n", "b"));
        for text in [
            "fn b() {}\n",
            "#[test]\n#[ignore]\nfn b() {}\n",
            "#[test]\nfn bc() {}\n",
        ] {
            assert!(!has_test(text, "b"), "{text}");
        }
    }

    #[test]
    fn each_rule_is_noticed() {
        let broken = |text: &str| source("crates/x/src/a.rs", text);
        assert_eq!(broken("//! Fine.\n\npub struct Utility;\n"), [""; 0]);
        assert_eq!(broken("use x;\n").len(), 1);
        assert_eq!(broken("//! A.\nstruct FooImpl;\n").len(), 1);
        assert_eq!(broken(&"//! A.\n".repeat(1001)).len(), 1);
        let select = concat!("tokio::select", "! {\n");
        assert_eq!(
            broken(&format!("//! A.\n{select} biased;\n a = b => {{}}\n")),
            [""; 0]
        );
        assert_eq!(
            broken(&format!("//! A.\n{select} a = b => {{}}\n")).len(),
            1
        );
    }
}
