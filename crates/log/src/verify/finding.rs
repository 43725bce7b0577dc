//! What a check can find: the table of kinds, and one finding.

use std::fmt;
use std::path::{Path, PathBuf};

/// How bad a finding is, the worst first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Severity {
    /// Acknowledged data may be lost or cannot be read.
    Damage,
    /// A start, or a repair, makes it anew from the log.
    Rebuildable,
    /// Nothing is wrong with the data.
    Odd,
}

impl Severity {
    /// As it is printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Damage => "damage",
            Self::Rebuildable => "rebuildable",
            Self::Odd => "odd",
        }
    }
}

macro_rules! kinds {
    ($($kind:ident $name:literal $severity:ident $meaning:literal;)*) => {
        /// What is wrong.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
        pub enum Kind {
            $(#[doc = $meaning] $kind,)*
        }

        impl Kind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// As it is printed.
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }

            /// How bad it is.
            pub fn severity(self) -> Severity {
                match self { $(Self::$kind => Severity::$severity,)* }
            }

            /// What it means.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$kind => $meaning,)* }
            }
        }
    };
}

kinds! {
    BatchCrc "batch-crc" Damage "the checksum of a batch is not that of its bytes";
    BatchStructure "batch-structure" Damage "there is no batch where one must begin, or it is cut short";
    Records "records" Damage "the records of a batch cannot be read, or are not what its header says";
    OffsetOrder "offset-order" Damage "a batch begins before the one before it ends, or before its segment";
    OffsetRange "offset-range" Damage "an offset is too far above the base offset of its segment";
    OffsetGap "offset-gap" Damage "offsets are missing in a log that is not compacted";
    SegmentOverlap "segment-overlap" Damage "a segment goes on beyond the beginning of the next one";
    EpochOrder "epoch-order" Damage "a batch has an older leader epoch than the one before it";
    LogEnd "log-end" Damage "the log ends before an offset that was flushed, replicated or deleted up to";
    TopicId "topic-id" Damage "partition.metadata is missing, unreadable or of another topic: a start sets the partition aside";
    MetaProperties "meta-properties" Damage "meta.properties is missing or unreadable: no node starts on the directory";
    MetadataRecord "metadata-record" Damage "a record of the cluster's metadata cannot be read or applied";
    MetadataSnapshot "metadata-snapshot" Damage "a snapshot of the cluster's metadata cannot be read, or what follows it is missing";
    QuorumState "quorum-state" Damage "quorum-state is unreadable: no controller starts on it";
    UncleanStop "unclean-stop" Rebuildable "the last process was not stopped properly: a start reads again what it had not flushed";
    TornTail "torn-tail" Rebuildable "the end of an unflushed log was not written whole: a start cuts it off";
    OffsetIndex "offset-index" Rebuildable "an .index contradicts its log";
    TimeIndex "time-index" Rebuildable "a .timeindex contradicts its log";
    TransactionIndex "transaction-index" Rebuildable "a .txnindex contradicts the markers in its log";
    IndexMissing "index-missing" Rebuildable "a segment has no .index or no .timeindex";
    IndexWithoutLog "index-without-log" Rebuildable "an index belongs to no segment";
    ProducerSnapshot "producer-snapshot" Rebuildable "a .snapshot is unreadable, or is not what the log says of its producers";
    SnapshotMissing "snapshot-missing" Rebuildable "producers wrote to a log that was closed, and no .snapshot says so";
    EpochCheckpoint "epoch-checkpoint" Rebuildable "leader-epoch-checkpoint is unreadable, or is not what the batches say";
    Checkpoint "checkpoint" Rebuildable "a checkpoint is unreadable, or has an offset that the log cannot have";
    UnfinishedSwap "unfinished-swap" Rebuildable "a compaction was replacing segments: a start finishes it";
    TimeIndexShort "time-index-short" Odd "the largest timestamp is not in the .timeindex, as after some restarts of Apache Kafka";
    CheckpointEntry "checkpoint-entry" Odd "a checkpoint names a partition that is not here";
    Leftover "leftover" Odd "a file or folder that a start removes or ignores";
    SetAside "set-aside" Odd "a replica that is being moved here, or that the cluster does not know";
    UnexpectedFile "unexpected-file" Odd "a file or folder that no node writes";
}

/// One thing that is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// What.
    pub kind: Kind,
    /// In which file or directory.
    pub path: PathBuf,
    /// At which byte of the file.
    pub position: Option<u64>,
    /// At which offset of the log.
    pub offset: Option<i64>,
    /// What would be right.
    pub expected: String,
    /// What is there.
    pub found: String,
}

impl Finding {
    /// A finding about a file as a whole.
    pub fn new(
        kind: Kind,
        path: &Path,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            path: path.to_owned(),
            position: None,
            offset: None,
            expected: expected.into(),
            found: found.into(),
        }
    }

    /// At this byte of the file.
    #[must_use]
    pub fn at(self, position: u64) -> Self {
        Self {
            position: Some(position),
            ..self
        }
    }

    /// At this offset of the log.
    #[must_use]
    pub fn offset(self, offset: i64) -> Self {
        Self {
            offset: Some(offset),
            ..self
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind;
        write!(
            f,
            "{} {}: {}",
            kind.severity().name(),
            kind.name(),
            self.path.display()
        )?;
        if let Some(position) = self.position {
            write!(f, " position {position}")?;
        }
        if let Some(offset) = self.offset {
            write!(f, " offset {offset}")?;
        }
        write!(f, ": expected {}, found {}", self.expected, self.found)
    }
}

/// Findings, of which so many are kept and the rest are counted: so many that say damage, and as many others.
#[derive(Clone, Debug)]
pub struct Findings {
    kept: Vec<Finding>,
    /// How many of those that are kept say damage.
    damage: usize,
    dropped: u64,
    worst: Option<Severity>,
    limit: usize,
}

impl Default for Findings {
    fn default() -> Self {
        Self::up_to(Self::LIMIT)
    }
}

impl Findings {
    /// So many are kept of one partition.
    pub const LIMIT: usize = 1000;

    /// Of which `limit` are kept.
    pub fn up_to(limit: usize) -> Self {
        Self {
            kept: Vec::new(),
            damage: 0,
            dropped: 0,
            worst: None,
            limit,
        }
    }

    /// Adds one.
    pub fn push(&mut self, finding: Finding) {
        let severity = finding.kind.severity();
        self.worst = Some(self.worst.map_or(severity, |worst| worst.min(severity)));
        let is_damage = severity == Severity::Damage;
        let alike = match is_damage {
            true => self.damage,
            false => self.kept.len() - self.damage,
        };
        if alike >= self.limit {
            self.dropped += 1;
            return;
        }
        self.damage += usize::from(is_damage);
        self.kept.push(finding);
    }

    /// Adds all of `others`.
    pub fn extend(&mut self, others: &Self) {
        for finding in &others.kept {
            self.push(finding.clone());
        }
        self.dropped += others.dropped;
        self.worst = match (self.worst, others.worst) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }

    /// Those that were kept, in the order in which they were found.
    pub fn kept(&self) -> &[Finding] {
        &self.kept
    }

    /// How many more there are.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// How bad the worst of all is; `None`: there are none.
    pub fn worst(&self) -> Option<Severity> {
        self.worst
    }

    /// Whether nothing is damaged and nothing must be rebuilt.
    pub fn is_clean(&self) -> bool {
        self.worst.is_none_or(|worst| worst == Severity::Odd)
    }

    /// Keeps no more than `limit` from now on.
    pub fn limit(&mut self, limit: usize) {
        let all = std::mem::replace(self, Self::up_to(limit));
        self.extend(&all);
    }
}
