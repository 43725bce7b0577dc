//! The walk over all cases: where answers may differ, which case is replayed, and which were asked.

use std::{
    collections::BTreeMap,
    env, fs,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use ottla_interop::oracle::checkout;

/// Where answers may differ: see the file's first lines.
const ACCEPTED: &str = include_str!("accepted.txt");

/// The tests; each has both servers in a state of its own.
pub(crate) const TESTS: &[&str] = &[
    "answers_are_the_same",
    "answers_beside_a_broker_that_only_registers_are_the_same",
    "answers_to_damaged_requests_are_the_same",
    "answers_about_rebalances_are_the_same",
    "answers_within_tight_limits_are_the_same",
    "answers_about_transactions_are_the_same",
    "answers_about_odd_transactions_are_the_same",
    "answers_at_other_levels_of_transactions_are_the_same",
    "answers_about_two_phases_are_the_same",
    "answers_about_log_directories_are_the_same",
    "answers_while_coordinators_load_are_the_same",
    "answers_at_an_old_metadata_version_are_the_same",
];

/// A request, a part of what was asked, and why the answers may differ. One that differs no more must go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    pub(crate) request: &'static str,
    pub(crate) part: &'static str,
}

/// The lines of a test.
///
/// # Panics
/// If a line is none, or names a test that there is not.
pub(crate) fn accepted(test: &str) -> Vec<Accepted> {
    let lines = ACCEPTED.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let rows = lines.map(|line| {
        let cells: Vec<&'static str> = line.split(" | ").collect();
        let [of, request, part, why] = cells[..] else {
            panic!("accepted.txt: {line}");
        };
        assert!(TESTS.contains(&of), "accepted.txt: no test {of}");
        assert!(!why.is_empty(), "accepted.txt: no reason: {line}");
        (of, Accepted { request, part })
    });
    let rows: Vec<_> = rows.collect();
    let own = rows.into_iter().filter(|(of, _)| *of == test);
    own.map(|(_, row)| row).collect()
}

/// What the environment asks for beside comparing.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    /// Print one case, and ask nothing after it.
    pub(crate) case: Option<String>,
    /// Print the names of all cases.
    list: bool,
    /// The case was found.
    pub(crate) done: bool,
    /// How often each request was answered in each version with each code.
    cells: BTreeMap<(String, String, String), u32>,
}

impl Walk {
    pub(crate) fn new() -> Self {
        Self {
            case: env::var("OTTLA_WALK_CASE").ok(),
            list: env::var_os("OTTLA_WALK_LIST").is_some(),
            ..Self::default()
        }
    }

    /// Notes a case; `true` if it is the one that is replayed.
    pub(crate) fn note(&mut self, request: &str, what: &str, said: &str) -> bool {
        let name = format!("{request} {what}");
        if self.list {
            eprintln!("case {name}");
        }
        // Not each case begins with one: what stands there may have anything in it, also what divides cells.
        let version = what.split(',').next().unwrap_or_default();
        let version = version.escape_debug().to_string();
        for code in codes(said) {
            let cell = (request.to_owned(), version.clone(), code);
            *self.cells.entry(cell).or_default() += 1;
        }
        let is_it = self.case.as_deref() == Some(&*name);
        self.done |= is_it;
        is_it
    }

    /// Writes what was asked beside that of the other tests: `target/walk/TEST`.
    pub(crate) fn write(&self, test: &str) {
        // Tests of one process do not make the folder at once.
        static FOLDER: Mutex<()> = Mutex::new(());
        let _one = FOLDER.lock().unwrap_or_else(PoisonError::into_inner);
        let folder: PathBuf = checkout().join("target/walk");
        let lines = self.cells.iter().map(|((request, version, code), count)| {
            format!("{request}\t{version}\t{code}\t{count}\n")
        });
        let text: String = lines.collect();
        let written = fs::create_dir_all(&folder).and_then(|()| fs::write(folder.join(test), text));
        written.unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
    }
}

/// The codes of an answer as it is printed, or that there was none.
fn codes(said: &str) -> Vec<String> {
    let fields = said.lines().filter_map(|line| line.trim().split_once(": "));
    let codes = fields.filter(|(field, _)| field.ends_with("error_code"));
    let mut codes: Vec<String> = codes
        .map(|(_, code)| code.trim_end_matches(',').to_owned())
        .collect();
    codes.sort();
    codes.dedup();
    if codes.is_empty() {
        codes.push(match said {
            "Closed" => "closed".to_owned(),
            "Silence" => "silence".to_owned(),
            _ => "0".to_owned(),
        });
    }
    codes
}

#[test]
fn every_accepted_difference_has_a_test_and_a_reason() {
    let count: usize = TESTS.iter().map(|test| accepted(test).len()).sum();
    let lines = ACCEPTED.lines().filter(|line| line.contains(" | "));
    assert_eq!(
        count,
        lines.count() - 1,
        "the first line says what a line is"
    );
}

#[test]
fn codes_of_answers_are_found() {
    assert_eq!(codes("Closed"), ["closed"]);
    assert_eq!(codes("Answer {\n  topics: [],\n}"), ["0"]);
    let answer = "Answer {\n  error_code: 3,\n  x: 9,\n  error_code: 0,\n  error_code: 3,\n}";
    assert_eq!(codes(answer), ["0", "3"]);
}
