//! The checkpoint files: offsets of partitions, and leader epochs. Text: version 0, a count, and so many lines.

use std::path::Path;

use crate::error::LogError;
use crate::file;

/// A log directory's file with the offset up to which each log is on disk.
pub const RECOVERY_POINTS: &str = "recovery-point-offset-checkpoint";
/// A log directory's file with the high watermark of each replica.
pub const HIGH_WATERMARKS: &str = "replication-offset-checkpoint";
/// A log directory's file with the log start offsets that are above their log's first segment.
pub const LOG_START_OFFSETS: &str = "log-start-offset-checkpoint";
/// A log directory's file with the offset up to which each compacted log is clean.
pub const CLEANER_OFFSETS: &str = "cleaner-offset-checkpoint";
/// A partition's file with its leader epochs.
pub const LEADER_EPOCHS: &str = "leader-epoch-checkpoint";

/// No checkpoint is larger: a million partitions of the longest names.
const LIMIT: u64 = 512 << 20;

/// One line of an offset checkpoint.
#[derive(Clone, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub struct PartitionOffset {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
}

fn line(path: &Path, line: usize, problem: impl Into<String>) -> LogError {
    LogError::Line {
        path: path.to_owned(),
        line,
        problem: problem.into(),
    }
}

/// What divides words for Apache Kafka: a vertical tab, too.
fn is_space(of: char) -> bool {
    of.is_ascii_whitespace() || of == '\u{b}'
}

fn read_lines<T>(
    path: &Path,
    expected: &str,
    parse: impl Fn(&[&str]) -> Option<T>,
) -> Result<Vec<T>, LogError> {
    let bytes = match file::read_small(path, LIMIT) {
        Err(e) if e.is_not_found() => return Ok(Vec::new()),
        other => other?,
    };
    // Kafka creates these files empty.
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let text = String::from_utf8(bytes).map_err(|_| line(path, 0, "it is not a text file"))?;
    let mut lines = text.lines();
    match lines.next() {
        Some("0") => {}
        other => {
            let found = other.unwrap_or_default();
            return Err(line(path, 1, format!("version {found:?}, expected 0")));
        }
    }
    // To Kafka that is an empty one, too.
    let Some(count) = lines.next() else {
        return Ok(Vec::new());
    };
    let count: usize = count
        .parse()
        .map_err(|_| line(path, 2, format!("{count:?} is no number of lines")))?;
    let mut entries = Vec::new();
    for (n, text) in lines.enumerate() {
        let words = text.split(is_space).filter(|word| !word.is_empty());
        let words: Vec<&str> = words.collect();
        let entry = parse(&words)
            .ok_or_else(|| line(path, n + 3, format!("{text:?}, expected {expected}")))?;
        entries.push(entry);
    }
    if entries.len() != count {
        return Err(line(
            path,
            2,
            format!("{count} lines announced, {} found", entries.len()),
        ));
    }
    Ok(entries)
}

fn write_lines(
    path: &Path,
    count: usize,
    lines: impl Iterator<Item = String>,
) -> Result<(), LogError> {
    let mut text = format!("0\n{count}\n");
    for line in lines {
        text.push_str(&line);
        text.push('\n');
    }
    file::replace(path, text.as_bytes())
}

/// Reads an offset checkpoint; nothing if there is no file, or an empty one.
pub fn read_offsets(path: &Path) -> Result<Vec<PartitionOffset>, LogError> {
    read_lines(path, "topic partition offset", |words| {
        let [topic, partition, offset] = words else {
            return None;
        };
        Some(PartitionOffset {
            topic: (*topic).to_owned(),
            partition: partition.parse().ok()?,
            offset: offset.parse().ok()?,
        })
    })
}

/// Replaces an offset checkpoint in one step.
pub fn write_offsets(path: &Path, offsets: &[PartitionOffset]) -> Result<(), LogError> {
    let lines = offsets
        .iter()
        .map(|entry| format!("{} {} {}", entry.topic, entry.partition, entry.offset));
    write_lines(path, offsets.len(), lines)
}

/// Reads a leader epoch checkpoint: epochs and their start offsets.
pub(crate) fn read_epochs(path: &Path) -> Result<Vec<(i32, i64)>, LogError> {
    read_lines(path, "epoch start-offset", |words| {
        let [epoch, start] = words else { return None };
        let (epoch, start) = (epoch.parse().ok()?, start.parse().ok()?);
        (epoch >= 0 && start >= 0).then_some((epoch, start))
    })
}

/// Replaces a leader epoch checkpoint in one step.
pub(crate) fn write_epochs(path: &Path, epochs: &[(i32, i64)]) -> Result<(), LogError> {
    let lines = epochs
        .iter()
        .map(|(epoch, start)| format!("{epoch} {start}"));
    write_lines(path, epochs.len(), lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_kafkas_text() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(LOG_START_OFFSETS);
        assert_eq!(read_offsets(&path).unwrap(), []);
        let entry = PartitionOffset {
            topic: "fx-trimmed".to_owned(),
            partition: 0,
            offset: 33,
        };
        write_offsets(&path, std::slice::from_ref(&entry)).unwrap();
        assert_eq!(
            std::fs::read_to_string(&path).unwrap(),
            "0\n1\nfx-trimmed 0 33\n"
        );
        assert_eq!(read_offsets(&path).unwrap(), [entry]);
        assert!(!dir.path().join(format!("{LOG_START_OFFSETS}.tmp")).exists());
        for nothing in ["", "0", "0\n", "0\n0\n"] {
            std::fs::write(&path, nothing).unwrap();
            assert_eq!(read_offsets(&path).unwrap(), [], "{nothing:?}");
        }
    }

    #[test]
    fn an_error_names_file_and_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(RECOVERY_POINTS);
        for (text, expected) in [
            ("1\n0\n", 1),
            ("0\nx\n", 2),
            ("0\n2\na 0 1\n", 2),
            ("0\n1\na 0 1\nb 1\n", 4),
            ("0\n1\na 0 z\n", 3),
        ] {
            std::fs::write(&path, text).unwrap();
            let error = read_offsets(&path).unwrap_err();
            assert!(
                error
                    .to_string()
                    .contains(&format!("{RECOVERY_POINTS} line {expected}: ")),
                "{text:?}: {error}"
            );
        }
        std::fs::write(&path, [0xff, 0xfe]).unwrap();
        assert!(read_offsets(&path).is_err());
    }

    #[test]
    fn an_epoch_and_where_it_starts_are_not_negative() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(LEADER_EPOCHS);
        for (text, epochs) in [
            ("0\n1\n0 0\n", Some(vec![(0, 0)])),
            ("0\n1\n-1 0\n", None),
            ("0\n1\n0 -1\n", None),
        ] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(read_epochs(&path).ok(), epochs, "{text:?}");
        }
    }
}
