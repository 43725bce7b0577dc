//! `quorum-state`: the durable election state of a voter, as one line of JSON (`QuorumStateData`).

use std::{fs, path::Path};

use ottla_log::{LogError, file};
use ottla_raft::Election;
use ottla_wire::Uuid;
use serde_json::{Value, json};

/// The file's name, in the directory of the metadata log.
pub(crate) const NAME: &str = "quorum-state";

/// It is one line.
const LIMIT: u64 = 1 << 20;

/// Reads it; a missing file is the state before any election.
///
/// # Errors
/// One sentence that names the file and what is wrong with it.
pub(crate) fn read(directory: &Path) -> Result<Election, String> {
    let path = directory.join(NAME);
    let bytes = match file::read_small(&path, LIMIT) {
        Ok(bytes) => bytes,
        Err(fault) if fault.is_not_found() => return Ok(Election::default()),
        Err(fault) => return Err(fault.to_string()),
    };
    parse(&String::from_utf8_lossy(&bytes)).ok_or_else(|| {
        format!("{} is not a quorum state of version 0 or 1; restore it from a copy, or remove it if no other voter exists", path.display())
    })
}

fn parse(text: &str) -> Option<Election> {
    let state: Value = serde_json::from_str(text).ok()?;
    let number = |name: &str| {
        state
            .get(name)
            .and_then(Value::as_i64)
            .and_then(|n| i32::try_from(n).ok())
    };
    if !matches!(number("data_version"), Some(0 | 1)) {
        return None;
    }
    let voted_directory = match state.get("votedDirectoryId").and_then(Value::as_str) {
        Some(text) => Uuid::parse(text)?,
        None => Uuid::ZERO,
    };
    Some(Election {
        epoch: number("leaderEpoch")?,
        leader: number("leaderId").filter(|id| *id >= 0),
        voted: number("votedId")
            .filter(|id| *id >= 0)
            .map(|id| (id, voted_directory)),
    })
}

/// Whether it has every field that Apache Kafka reads it by; a missing file has.
///
/// # Errors
/// As [`read`], and for a field that is missing or has another type.
pub(crate) fn check(directory: &Path) -> Result<(), String> {
    read(directory)?;
    let path = directory.join(NAME);
    let Ok(text) = fs::read_to_string(&path) else {
        return Ok(());
    };
    let state: Value = serde_json::from_str(&text).unwrap_or_default();
    let numbers = ["leaderId", "leaderEpoch", "votedId"];
    let is_missing = |name: &&str| !state.get(*name).is_some_and(Value::is_i64);
    match numbers.into_iter().find(is_missing) {
        Some(name) => Err(format!("{} has no number {name}", path.display())),
        None if state["data_version"] == 1 && !state["votedDirectoryId"].is_string() => {
            Err(format!("{} has no votedDirectoryId", path.display()))
        }
        None => Ok(()),
    }
}

/// Writes it, by way of a temporary file, and flushes file and directory.
///
/// # Errors
/// If the disk refuses.
pub(crate) fn write(
    directory: &Path,
    election: &Election,
    kraft_version: i16,
) -> Result<(), LogError> {
    let text = print(election, kraft_version);
    file::replace(&directory.join(NAME), text.as_bytes())
}

fn print(election: &Election, kraft_version: i16) -> String {
    let leader = election.leader.unwrap_or(-1);
    let (voted, voted_directory) = election.voted.unwrap_or((-1, Uuid::ZERO));
    let epoch = election.epoch;
    if kraft_version == 0 {
        // Kafka leaves these fields of version 0 empty too.
        let state = json!({"clusterId": "", "leaderId": leader, "leaderEpoch": epoch, "votedId": voted,
            "appliedOffset": 0, "currentVoters": [], "data_version": 0});
        return state.to_string();
    }
    // By hand, because readers of this file compare it as text with what Kafka writes.
    format!(
        r#"{{"leaderId":{leader},"leaderEpoch":{epoch},"votedId":{voted},"votedDirectoryId":"{voted_directory}","data_version":1}}"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const OF_KAFKA: &str = r#"{"leaderId":1,"leaderEpoch":2,"votedId":-1,"votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA","data_version":1}"#;

    #[test]
    fn reads_and_writes_what_kafka_does() {
        let election = parse(OF_KAFKA).unwrap();
        assert_eq!(
            election,
            Election {
                epoch: 2,
                leader: Some(1),
                voted: None
            }
        );
        assert_eq!(print(&election, 1), OF_KAFKA);
        assert_eq!(parse(&print(&election, 0)), Some(election));
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(read(directory.path()), Ok(Election::default()));
        let voted = Election {
            epoch: 3,
            leader: None,
            voted: Some((1, Uuid::from_u128(7))),
        };
        write(directory.path(), &voted, 1).unwrap();
        assert_eq!(read(directory.path()), Ok(voted));
    }

    #[test]
    fn says_which_file_is_damaged() {
        let directory = tempfile::tempdir().unwrap();
        for text in [
            "",
            "{",
            "{\"data_version\":7}",
            "{\"data_version\":1,\"leaderEpoch\":\"x\"}",
        ] {
            fs::write(directory.path().join(NAME), text).unwrap();
            assert!(read(directory.path()).unwrap_err().contains("quorum-state"));
        }
        for field in ["leaderId", "votedId", "votedDirectoryId"] {
            fs::write(directory.path().join(NAME), OF_KAFKA).unwrap();
            assert_eq!(check(directory.path()), Ok(()));
            let text = OF_KAFKA.replace(field, "x");
            fs::write(directory.path().join(NAME), text).unwrap();
            assert!(check(directory.path()).unwrap_err().contains(field));
        }
    }
}
