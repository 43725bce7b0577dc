//! The leader epoch checkpoint against the epochs of batches.

use std::path::{Path, PathBuf};

use ottla_wire::records::batch::MAGIC_V2;

use super::finding::{Finding, Findings, Kind};
use crate::checkpoint;
use crate::error::LogError;
use crate::scan::Head;

/// What the checkpoint says, and what the walk has met of it.
pub(super) struct Epochs {
    path: PathBuf,
    entries: Vec<(i32, i64)>,
    /// Something was found: what follows would be the same.
    is_wrong: bool,
    /// The newest epoch that the walk has met.
    latest: i32,
}

impl Epochs {
    pub(super) fn read(dir: &Path, findings: &mut Findings) -> Result<Self, LogError> {
        let path = dir.join(checkpoint::LEADER_EPOCHS);
        let mut epochs = Self {
            path,
            entries: Vec::new(),
            is_wrong: false,
            latest: -1,
        };
        match checkpoint::read_epochs(&epochs.path) {
            Ok(entries) => epochs.entries = entries,
            Err(LogError::Line { line, problem, .. }) => {
                epochs.wrong(findings, format!("a checkpoint in line {line}"), problem);
            }
            Err(error) => return Err(error),
        }
        let ascending = |pair: &&[(i32, i64)]| pair[1].0 <= pair[0].0 || pair[1].1 <= pair[0].1;
        let negative = |(epoch, start): &&(i32, i64)| *epoch < 0 || *start < 0;
        if let Some(pair) = epochs.entries.windows(2).find(ascending) {
            let ((a, b), (c, d)) = (pair[0], pair[1]);
            let expected = format!("epochs and offsets above those of \"{a} {b}\"");
            epochs.wrong(findings, expected, format!("\"{c} {d}\""));
        } else if let Some((epoch, start)) = epochs.entries.iter().find(negative).copied() {
            epochs.wrong(
                findings,
                "numbers from 0 on",
                format!("\"{epoch} {start}\""),
            );
        }
        Ok(epochs)
    }

    fn wrong(&mut self, findings: &mut Findings, expected: impl Into<String>, found: String) {
        if !self.is_wrong {
            findings.push(Finding::new(
                Kind::EpochCheckpoint,
                &self.path,
                expected,
                found,
            ));
        }
        self.is_wrong = true;
    }

    fn of(&self, offset: i64) -> Option<i32> {
        let after = self.entries.partition_point(|(_, start)| *start <= offset);
        self.entries[..after].last().map(|(epoch, _)| *epoch)
    }

    /// The walk meets a batch. The checkpoint says nothing of offsets below `told`, the log start; above, it may be behind,
    /// because a start reads these batches again.
    pub(super) fn meet(
        &mut self,
        path: &Path,
        head: &Head,
        told: std::ops::Range<i64>,
        findings: &mut Findings,
    ) {
        let epoch = head.leader_epoch;
        // Old formats have none.
        if head.magic < MAGIC_V2 {
            return;
        }
        let least = match self.of(head.base_offset) {
            // A log whose leaders never told their epochs.
            None => self.latest,
            Some(_) => self.latest.max(0),
        };
        if epoch < least {
            let expected = format!("leader epoch {least} or above");
            let finding = Finding::new(Kind::EpochOrder, path, expected, epoch.to_string());
            findings.push(finding.at(head.position).offset(head.base_offset));
            return;
        }
        self.latest = epoch;
        if self.is_wrong || epoch < 0 || head.base_offset < told.start {
            return;
        }
        for offset in [head.base_offset, head.last_offset] {
            let said = self.of(offset);
            let is_behind = offset >= told.end && said.is_none_or(|said| said < epoch);
            if said != Some(epoch) && !is_behind {
                let found = said.map_or("no epoch".to_owned(), |said| format!("epoch {said}"));
                let expected = format!("epoch {epoch} at offset {offset}, as its batch says");
                self.wrong(findings, expected, found);
                break;
            }
        }
    }

    /// The log ends before `log_end`.
    pub(super) fn finish(&mut self, log_end: i64, findings: &mut Findings) {
        if let Some((epoch, start)) = self.entries.last().copied()
            && start > log_end
        {
            let expected = format!("epochs that begin up to the log end, {log_end}");
            self.wrong(findings, expected, format!("\"{epoch} {start}\""));
        }
    }
}
