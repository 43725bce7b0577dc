//! Tests by script: text files of commands, each with what came of it, which are run and compared.
//!
//! A line is a command with its arguments; the indented lines below it are what came of it. With `OTTLA_RECORD=1` in the
//! environment the files are written anew: read the difference before you believe it.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

/// Runs every script of a folder in `tests`, and compares.
pub(crate) fn check_all(folder: &str, run: impl Fn(&str) -> String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(folder);
    let entries = fs::read_dir(&folder).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() > 5, "the scripts are not where they should be");
    let records = std::env::var_os("OTTLA_RECORD").is_some();
    let mut wrong = String::new();
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let result = run(&text);
        if records {
            fs::write(&path, &result).unwrap();
        } else if let Some(line) = first_difference(&text, &result) {
            let name = path.file_name().unwrap();
            writeln!(wrong, "{}:{line}", name.display()).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn first_difference(wanted: &str, got: &str) -> Option<String> {
    let (mut wanted, mut got) = (wanted.lines(), got.lines());
    for number in 1.. {
        let (wanted, got) = (wanted.next(), got.next());
        if wanted != got {
            return Some(format!(
                "{number}\n  recorded: {}\n  now:      {}",
                wanted.unwrap_or("(the end)"),
                got.unwrap_or("(the end)")
            ));
        }
        wanted?;
    }
    None
}

/// The script with what comes of each command now.
pub(crate) fn perform_all(
    script: &str,
    mut perform: impl FnMut(&str, &Arguments<'_>) -> Vec<String>,
) -> String {
    let mut text = String::new();
    for line in script.lines().filter(|line| !line.starts_with("  ")) {
        writeln!(text, "{line}").unwrap();
        let command = line.split('#').next().unwrap_or("").trim();
        let (name, of) = command.split_once(' ').unwrap_or((command, ""));
        if !name.is_empty() {
            for outcome in perform(name, &Arguments::of(of)) {
                writeln!(text, "  {outcome}").unwrap();
            }
        }
    }
    text
}

/// The arguments of a command.
pub(crate) struct Arguments<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Arguments<'a> {
    /// `name=value`, and at most one without a name, which is empty then.
    pub(crate) fn of(words: &'a str) -> Self {
        let mut of = BTreeMap::new();
        for word in words.split_whitespace() {
            let (key, value) = word.split_once('=').unwrap_or(("", word));
            assert!(of.insert(key, value).is_none(), "{words}: {key} twice");
        }
        Self(of)
    }

    pub(crate) fn text(&self, key: &str, otherwise: &'a str) -> &'a str {
        self.0.get(key).copied().unwrap_or(otherwise)
    }

    pub(crate) fn maybe(&self, key: &str) -> Option<&'a str> {
        self.0.get(key).copied()
    }

    pub(crate) fn number<N: std::str::FromStr<Err: std::fmt::Debug>>(
        &self,
        key: &str,
        otherwise: N,
    ) -> N {
        self.0.get(key).map_or(otherwise, |n| n.parse().unwrap())
    }

    pub(crate) fn list(&self, key: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let list = self.text(key, "").split(',').filter(|of| !of.is_empty());
        list.map(|of| of.split_once(':').unwrap_or((of, "")))
    }
}
