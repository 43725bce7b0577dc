//! `cargo xtask oracle walk`: the same bytes to Apache Kafka and to ottla in the same prepared state, every case or one.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::Path,
    process::Command,
};

use super::{checkout, process::print};

const USAGE: &str = "usage: cargo xtask oracle walk [TEST] [--list | --case NAME]
  (nothing)    ask all cases of all prepared states, and print which requests were answered with which codes
  TEST         only the cases of one prepared state, e.g. answers_are_the_same
  --list       print the names of all cases as well
  --case NAME  send one case, in the state that those before it left: print its bytes and both answers, field by field";

/// Where the tests leave what they asked.
const FOLDER: &str = "target/walk";

/// Requests that one node never answers without an error, or that need what other tests have.
const GAPS: &[(&str, i16)] = &[
    // Only a broker that knows its own epoch is given ids.
    ("AllocateProducerIdsRequest", 0),
    // Versions to come: the answer has those that there are.
    ("ApiVersionsRequest", 77),
    ("ApiVersionsRequest", i16::MAX),
    // Versions that cannot say log directories, which 4.4 wants.
    ("BrokerRegistrationRequest", 0),
    ("BrokerRegistrationRequest", 1),
    // Another controller would be one more of the cluster: it is asked where it is refused.
    ("ControllerRegistrationRequest", 0),
    // The only controller is the active one.
    ("UnregisterControllerRequest", 0),
];

/// Of each request and version: how often it was answered with each code.
type Matrix = BTreeMap<(String, i16), BTreeMap<String, u32>>;

/// What is asked for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Options {
    test: Option<String>,
    list: bool,
    case: Option<String>,
}

/// Runs the command.
pub(super) fn run(args: &[String]) -> Result<(), String> {
    let options = options(args)?;
    let folder = checkout().join(FOLDER);
    let whole = options.test.is_none() && options.case.is_none();
    if whole {
        // What an earlier walk left would hide what this one does not ask.
        let _ = fs::remove_dir_all(&folder);
    }
    let status = command(&options)
        .status()
        .map_err(|error| format!("cargo: {error}"))?;
    if options.case.is_none() && folder.exists() {
        let matrix = read(&folder)?;
        print(&report(&matrix));
        let missing = missing(&matrix);
        if whole && !missing.is_empty() {
            return Err(format!(
                "never answered without an error:\n{}",
                missing.join("\n")
            ));
        }
    }
    match status.success() {
        true => Ok(()),
        false => Err("the answers are not the same".to_owned()),
    }
}

fn options(args: &[String]) -> Result<Options, String> {
    let mut options = Options::default();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--list" => options.list = true,
            "--case" => options.case = Some(args.next().ok_or(USAGE)?.clone()),
            test if !test.starts_with('-') && options.test.is_none() => {
                options.test = Some(test.to_owned());
            }
            _ => return Err(USAGE.to_owned()),
        }
    }
    Ok(options)
}

fn command(options: &Options) -> Command {
    let cargo = env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut command = Command::new(cargo);
    command.args([
        "test",
        "-p",
        "ottla-interop",
        "--test",
        "same_answers",
        "--",
    ]);
    command.arg("--nocapture").current_dir(checkout());
    if let Some(test) = &options.test {
        command.args(["--exact", test]);
    }
    if options.list {
        command.env("OTTLA_WALK_LIST", "1");
    }
    if let Some(case) = &options.case {
        command.env("OTTLA_WALK_CASE", case);
    }
    command
}

fn read(folder: &Path) -> Result<Matrix, String> {
    let why = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut matrix = Matrix::new();
    for entry in fs::read_dir(folder).map_err(why)? {
        let text = fs::read_to_string(entry.map_err(why)?.path()).map_err(why)?;
        add(&mut matrix, &text)?;
    }
    Ok(matrix)
}

/// Adds what one test left.
fn add(matrix: &mut Matrix, text: &str) -> Result<(), String> {
    for line in text.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let [request, version, code, count] = cells[..] else {
            return Err(format!("no cell of the walk: {line}"));
        };
        // Bytes that are no request have no version.
        let Some(Ok(version)) = version.strip_prefix('v').map(str::parse) else {
            continue;
        };
        let count: u32 = count.parse().map_err(|_| format!("no count: {line}"))?;
        let row = matrix.entry((request.to_owned(), version)).or_default();
        *row.entry(code.to_owned()).or_default() += count;
    }
    Ok(())
}

/// A line for each request and version: codes, each with how often it was the answer.
fn report(matrix: &Matrix) -> String {
    let mut lines = Vec::new();
    let mut asked = 0;
    for ((request, version), codes) in matrix {
        asked += codes.values().sum::<u32>();
        let codes: Vec<String> = codes
            .iter()
            .map(|(code, count)| format!("{code} x {count}"))
            .collect();
        lines.push(format!("{request} {version}: {}", codes.join(", ")));
    }
    lines.push(format!(
        "{} requests and versions, {asked} codes in answers",
        matrix.len()
    ));
    lines.join("\n")
}

/// Requests that were never answered without an error in some version that others were answered in.
fn missing(matrix: &Matrix) -> Vec<String> {
    let served: BTreeSet<&(String, i16)> = matrix
        .iter()
        // Of versions that nobody knows nothing but the end of the connection is heard.
        .filter(|(_, codes)| codes.keys().any(|code| code.parse::<i16>().is_ok()))
        .map(|(cell, _)| cell)
        .collect();
    let bad = |cell: &&&(String, i16)| !matrix[**cell].contains_key("0");
    let known = |(request, version): &(String, i16)| GAPS.contains(&(request.as_str(), *version));
    let missing = served.iter().filter(bad).filter(|cell| !known(cell));
    missing
        .map(|(request, version)| format!("{request} {version}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(args: &[&str]) -> Vec<String> {
        args.iter().map(|arg| (*arg).to_owned()).collect()
    }

    #[test]
    fn one_case_or_all_are_asked_for() {
        assert_eq!(options(&[]), Ok(Options::default()));
        let one = options(&words(&["some_test", "--case", "Fetch v4, all"])).unwrap();
        assert_eq!(one.test.as_deref(), Some("some_test"));
        assert_eq!(one.case.as_deref(), Some("Fetch v4, all"));
        assert!(options(&words(&["--list"])).unwrap().list);
        for wrong in [&["--case"][..], &["--what"], &["a", "b"]] {
            assert!(options(&words(wrong)).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn what_tests_left_is_added_up_and_gaps_are_found() {
        let mut matrix = Matrix::new();
        let text = "FetchRequest\tv4\t0\t2\nFetchRequest\tv5\t6\t1\nbytes\tkey 3\tclosed\t1\n";
        add(&mut matrix, text).unwrap();
        let other = "FetchRequest\tv4\t0\t3\nFetchRequest\tv99\tclosed\t1\n";
        add(&mut matrix, other).unwrap();
        assert!(add(&mut matrix, "what").is_err());
        assert_eq!(matrix[&("FetchRequest".to_owned(), 4)]["0"], 5);
        assert_eq!(missing(&matrix), ["FetchRequest 5"]);
        assert!(report(&matrix).starts_with("FetchRequest 4: 0 x 5\nFetchRequest 5: 6 x 1\n"));
    }
}
