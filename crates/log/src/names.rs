//! The names of files in a partition's directory, and of partitions' directories.

use std::fmt;

/// Suffix of a file that will be removed later.
pub(crate) const DELETED: &str = ".deleted";
/// Suffix of a file that the cleaner is writing.
pub(crate) const CLEANED: &str = ".cleaned";
/// Suffix of a cleaned file that is replacing others.
pub(crate) const SWAP: &str = ".swap";

/// The kinds of files that belong to an offset.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// Record batches.
    Log,
    /// Offset index.
    Index,
    /// Time index.
    TimeIndex,
    /// Aborted transactions.
    TxnIndex,
    /// Producer state.
    Snapshot,
}

impl Kind {
    pub(crate) const SEGMENT: [Self; 4] = [Self::Log, Self::Index, Self::TimeIndex, Self::TxnIndex];

    const fn extension(self) -> &'static str {
        match self {
            Self::Log => ".log",
            Self::Index => ".index",
            Self::TimeIndex => ".timeindex",
            Self::TxnIndex => ".txnindex",
            Self::Snapshot => ".snapshot",
        }
    }

    /// The file's name for `offset`.
    pub(crate) fn name(self, offset: i64) -> String {
        format!("{offset:020}{}", self.extension())
    }
}

/// A file name taken apart: offset, kind, and suffix (`""`, `.deleted`, `.cleaned` or `.swap`).
pub(crate) fn parse(name: &str) -> Option<(i64, Kind, &'static str)> {
    let dot = name.find('.')?;
    let digits = &name[..dot];
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let offset = digits.parse().ok()?;
    let rest = &name[dot..];
    let (rest, suffix) = [DELETED, CLEANED, SWAP]
        .into_iter()
        .find_map(|suffix| Some((rest.strip_suffix(suffix)?, suffix)))
        .unwrap_or((rest, ""));
    let kind = [
        Kind::Log,
        Kind::Index,
        Kind::TimeIndex,
        Kind::TxnIndex,
        Kind::Snapshot,
    ]
    .into_iter()
    .find(|kind| kind.extension() == rest)?;
    Some((offset, kind, suffix))
}

/// Whether a file that seems to belong to an offset is named as such files are: with 20 digits.
pub(crate) fn is_canonical(name: &str) -> bool {
    parse(name).is_none_or(|(offset, kind, _)| name.starts_with(&kind.name(offset)))
}

/// What a partition's directory is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DirectoryState {
    /// The partition's log.
    Current,
    /// To be removed.
    Delete,
    /// A replica that is being copied from another log directory.
    Future,
    /// A replica that the cluster does not know here.
    Stray,
}

impl DirectoryState {
    const fn suffix(self) -> &'static str {
        match self {
            Self::Current => "",
            Self::Delete => "-delete",
            Self::Future => "-future",
            Self::Stray => "-stray",
        }
    }
}

/// The name of a partition's directory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartitionName {
    /// The topic (cut short by a long suffix: see [`PartitionName::renamed`]).
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// What the directory is for.
    pub state: DirectoryState,
    /// The part between `.` and the suffix; empty for [`DirectoryState::Current`].
    pub unique: String,
}

impl PartitionName {
    /// The directory of a partition's log.
    pub fn new(topic: &str, partition: i32) -> Self {
        Self {
            topic: topic.to_owned(),
            partition,
            state: DirectoryState::Current,
            unique: String::new(),
        }
    }

    /// Reads a directory's name; `None` if it is not a partition's.
    pub fn parse(name: &str) -> Option<Self> {
        let state = [
            DirectoryState::Delete,
            DirectoryState::Future,
            DirectoryState::Stray,
        ]
        .into_iter()
        .find(|state| name.ends_with(state.suffix()))
        .unwrap_or(DirectoryState::Current);
        let (name, unique) = match state {
            DirectoryState::Current => (name, ""),
            _ => name
                .strip_suffix(state.suffix())?
                .rsplit_once('.')
                .filter(|(_, unique)| !unique.is_empty())?,
        };
        let (topic, partition) = name.rsplit_once('-')?;
        let number: i32 = partition.parse().ok()?;
        // A sign or leading zeros would name the same partition and another directory.
        if topic.is_empty() || number < 0 || number.to_string() != partition {
            return None;
        }
        Some(Self {
            topic: topic.to_owned(),
            partition: number,
            state,
            unique: unique.to_owned(),
        })
    }

    /// The name of the same partition in another state. `unique` makes it unlike any other: 32 hexadecimal digits.
    /// The topic is cut so that the name fits into 255 bytes (not for [`DirectoryState::Future`]).
    #[must_use]
    pub fn renamed(&self, state: DirectoryState, unique: u128) -> Self {
        let unique = format!("{unique:032x}");
        let mut topic = self.topic.clone();
        if matches!(state, DirectoryState::Delete | DirectoryState::Stray) {
            let rest = format!("-{}.{unique}{}", self.partition, state.suffix()).len();
            topic.truncate(255 - rest);
        }
        Self {
            topic,
            partition: self.partition,
            state,
            unique,
        }
    }
}

impl fmt::Display for PartitionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)?;
        match self.state {
            DirectoryState::Current => Ok(()),
            state => write!(f, ".{}{}", self.unique, state.suffix()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_as_kafka_names_them() {
        assert_eq!(Kind::Log.name(33), "00000000000000000033.log");
        for (name, expected) in [
            ("00000000000000000033.log", Some((33, Kind::Log, ""))),
            (
                "00000000000000000033.timeindex.deleted",
                Some((33, Kind::TimeIndex, DELETED)),
            ),
            (
                "00000000000000000007.index.swap",
                Some((7, Kind::Index, SWAP)),
            ),
            (
                "00000000000000000000.snapshot",
                Some((0, Kind::Snapshot, "")),
            ),
            ("00000000000000000299-0000000001.checkpoint", None),
            ("leader-epoch-checkpoint", None),
            ("partition.metadata", None),
            (".lock", None),
        ] {
            assert_eq!(parse(name), expected, "{name}");
        }
    }

    #[test]
    fn directories_are_named_as_kafka_names_them() {
        let name = PartitionName::new("a.b-c", 12);
        assert_eq!(name.to_string(), "a.b-c-12");
        assert_eq!(PartitionName::parse("a.b-c-12"), Some(name.clone()));
        let doomed = name.renamed(DirectoryState::Delete, 0xabc);
        assert_eq!(
            doomed.to_string(),
            "a.b-c-12.00000000000000000000000000000abc-delete"
        );
        assert_eq!(
            PartitionName::parse(&doomed.to_string()),
            Some(doomed.clone())
        );
        let long =
            PartitionName::new(&"t".repeat(249), 1_000_000).renamed(DirectoryState::Stray, 1);
        assert_eq!(long.to_string().len(), 255);
        for bad in [
            "",
            "-",
            "a",
            "a-",
            "-1",
            "a-x",
            "a-1-delete",
            "a-1.-delete",
            "a--1x",
            "a-01",
            "a-+1",
        ] {
            assert_eq!(PartitionName::parse(bad), None, "{bad}");
        }
        // A topic may itself end in a suffix's word.
        assert_eq!(
            PartitionName::parse("x-delete-3"),
            Some(PartitionName::new("x-delete", 3))
        );
    }
}
