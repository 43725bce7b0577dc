//! What Apache Kafka's own tool says of every file of a data directory.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crate::{clients, oracle::Home};

/// Files that were looked at, by kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Checked {
    /// `.log` of topics.
    pub logs: usize,
    /// `.index` and `.timeindex`.
    pub indexes: usize,
    /// `.snapshot`: what producers wrote last.
    pub producer_states: usize,
    /// `.log` and `.checkpoint` of the metadata.
    pub metadata: usize,
    /// `.txnindex`.
    pub transactions: usize,
}

/// Lets DumpLogSegments read every log, index, producer state and metadata snapshot below `data`: how many those are, or
/// each complaint. `compacted` are beginnings of the names of partitions whose offsets may have gaps.
pub fn check(data: &Path, compacted: &[&str]) -> Result<Checked, String> {
    let files = files(data)?;
    let of = |metadata: bool, kinds: &[&str]| -> Vec<PathBuf> {
        let fits = |path: &&PathBuf| {
            let kind = path.extension().and_then(OsStr::to_str).unwrap_or_default();
            let in_metadata = partition(path).starts_with("__cluster_metadata-")
                || path.ends_with("bootstrap.checkpoint");
            in_metadata == metadata && kinds.contains(&kind)
        };
        files.iter().filter(fits).cloned().collect()
    };
    let (dense, gapped): (Vec<_>, Vec<_>) = of(false, &["log"]).into_iter().partition(|path| {
        !compacted
            .iter()
            .any(|name| partition(path).starts_with(name))
    });
    let mut indexes = of(true, &["index", "timeindex"]);
    // Apache Kafka leaves the active ones of the metadata at their full size, filled with zeros, which its tool minds.
    indexes.retain(|path| !fs::read(path).is_ok_and(|bytes| bytes.ends_with(&[0; 12])));
    indexes.extend(of(false, &["index", "timeindex"]));
    let (snapshots, transactions) = (
        [of(false, &["snapshot"]), of(true, &["snapshot"])].concat(),
        of(false, &["txnindex"]),
    );
    let metadata = of(true, &["log", "checkpoint"]);
    let mut complaints = Vec::new();
    let mut run =
        |options: &[&str], files: &[PathBuf], may_have_gaps: bool| -> Result<(), String> {
            if !files.is_empty() {
                let said = said(options, files)?;
                complaints.extend(
                    complain(&said, may_have_gaps)
                        .iter()
                        .map(|line| format!("{options:?} {line}")),
                );
                if options == ["--index-sanity-check"] {
                    let passed = said.out.matches("passed sanity check.").count();
                    let empty = said.out.matches("is empty.").count();
                    if passed + empty != files.len() {
                        complaints.push(format!(
                            "{passed} of {} indexes are sound:\n{}",
                            files.len(),
                            said.out
                        ));
                    }
                }
            }
            Ok(())
        };
    run(&["--deep-iteration"], &dense, false)?;
    run(&["--deep-iteration"], &gapped, true)?;
    run(&["--index-sanity-check"], &indexes, false)?;
    run(&["--verify-index-only"], &indexes, false)?;
    run(&["--cluster-metadata-decoder"], &metadata, false)?;
    run(&[], &snapshots, false)?;
    run(&[], &transactions, false)?;
    if complaints.is_empty() {
        Ok(Checked {
            logs: dense.len() + gapped.len(),
            indexes: indexes.len(),
            producer_states: snapshots.len(),
            metadata: metadata.len(),
            transactions: transactions.len(),
        })
    } else {
        Err(complaints.join("\n"))
    }
}

/// Asserts that `ottla log dump` says the same as Apache Kafka's tool of the files with these suffixes, of all partitions
/// whose names begin so.
///
/// # Panics
/// If it does not, or there are no such files.
pub fn assert_dumps_are_the_same(data: &Path, partition: &str, suffixes: &[&str], option: &str) {
    let mut files = files(data).unwrap_or_else(|why| panic!("{why}"));
    files.retain(|path| {
        let suffix = path.extension().and_then(OsStr::to_str).unwrap_or_default();
        self::partition(path).starts_with(partition) && suffixes.contains(&suffix)
    });
    assert!(!files.is_empty(), "{partition} has no {suffixes:?}");
    let mut ours = clients::ottla(&["log", "dump", option]);
    ours.args(&files);
    let mut java = Home::find()
        .tool("org.apache.kafka.tools.DumpLogSegments")
        .unwrap_or_else(|why| panic!("{why}"));
    let names: Vec<String> = files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    java.arg(option).args(["--files", &names.join(",")]);
    let (ours, theirs) = (ran(&mut ours), ran(&mut java));
    let what = format!("{option} {partition}");
    clients::assert_same(&what, &theirs.stdout, &ours.stdout);
    let said = |output: Output| Said {
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    };
    let (succeeded, ours, theirs) = (ours.status.success(), said(ours), said(theirs));
    // Apache Kafka's tool succeeds when it complains; of gaps, both only speak.
    let complaints = complain(&theirs, true);
    let has_gaps = complain(&theirs, false).len() > complaints.len();
    let says_gaps = ours.err.contains("offsets with gaps");
    assert_eq!(says_gaps, has_gaps, "{what}: {}", ours.err);
    assert_eq!(
        succeeded,
        complaints.is_empty(),
        "{what}: {complaints:?}\n{}",
        ours.err
    );
}

fn ran(command: &mut Command) -> Output {
    let output = command.output();
    output.unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// The name of the folder that a file is in.
fn partition(path: &Path) -> &str {
    let folder = path.parent().and_then(Path::file_name);
    folder.and_then(OsStr::to_str).unwrap_or_default()
}

/// All files of `data` and of the partitions in it, in a fixed order.
fn files(data: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = |dir: &Path| -> Result<Vec<PathBuf>, String> {
        let said = |error: std::io::Error| format!("{}: {error}", dir.display());
        let found = fs::read_dir(dir).map_err(said)?;
        found.map(|entry| Ok(entry.map_err(said)?.path())).collect()
    };
    let mut files = Vec::new();
    for path in entries(data)? {
        // Some of a deleted partition may be gone before it is read.
        if path.is_dir() && !path.to_string_lossy().ends_with("-delete") {
            files.extend(entries(&path)?);
        } else if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

struct Said {
    out: String,
    err: String,
}

fn said(options: &[&str], files: &[PathBuf]) -> Result<Said, String> {
    let java = Home::find().tool("org.apache.kafka.tools.DumpLogSegments")?;
    let names: Vec<String> = files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    let mut limited = Command::new("timeout");
    limited
        .args(["-k", "5", "180"])
        .arg(java.get_program())
        .args(java.get_args())
        .args(options)
        .args(["--files", &names.join(",")]);
    let done = limited
        .output()
        .map_err(|error| format!("timeout: {error}"))?;
    let said = Said {
        out: String::from_utf8_lossy(&done.stdout).into_owned(),
        err: String::from_utf8_lossy(&done.stderr).into_owned(),
    };
    if done.status.success() && said.out.matches("Dumping ").count() == files.len() {
        Ok(said)
    } else {
        Err(format!(
            "{options:?}: {}\n{}{}",
            done.status, said.out, said.err
        ))
    }
}

/// What the tool says that it does not say of sound files.
fn complain(said: &Said, may_have_gaps: bool) -> Vec<String> {
    let wrong = [
        "isvalid: false",
        "invalid bytes at the end",
        "rror at offset",
    ];
    let is_wrong = |line: &&str| wrong.iter().any(|wrong| line.contains(wrong));
    let mut complaints: Vec<String> = said
        .out
        .lines()
        .filter(is_wrong)
        .map(str::to_owned)
        .collect();
    let mut file = "";
    for line in said.err.lines().filter(|line| !line.is_empty()) {
        match line.strip_prefix("Non-consecutive offsets in ") {
            Some(name) => file = name,
            // It takes -1 for the offset before the first, and so complains of every segment but the first.
            None if line.starts_with("  -1 is followed by ") => {}
            None if line.contains(" is followed by ") && may_have_gaps => {}
            None if line.contains(" is followed by ") => complaints.push(format!("{file}:{line}")),
            None => complaints.push(line.to_owned()),
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_are_noticed_and_what_is_none_is_not() {
        let said = Said {
            out: "Dumping a.log\n| offset: 3 isvalid: true\n| offset: 4 isvalid: false\n"
                .to_owned(),
            err: "Non-consecutive offsets in b.log\n  -1 is followed by 33\n\
                  Non-consecutive offsets in c.log\n  4 is followed by 6\nMismatches in :d.index\n"
                .to_owned(),
        };
        assert_eq!(
            complain(&said, false),
            [
                "| offset: 4 isvalid: false",
                "c.log:  4 is followed by 6",
                "Mismatches in :d.index"
            ]
        );
        assert_eq!(complain(&said, true).len(), 2);
    }
}
