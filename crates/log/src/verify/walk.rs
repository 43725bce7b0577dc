//! The walk over all batches of a partition.

use std::fs::File;
use std::path::PathBuf;

use bytes::Bytes;
use ottla_wire::records::batch::MAGIC_V2;
use ottla_wire::records::{BatchError, BatchHead, DECOMPRESSED_LIMIT, scan};

use super::epochs::Epochs;
use super::finding::{Finding, Findings, Kind};
use super::indexes::{Aborted, Indexes};
use super::partition::Subject;
use super::snapshots::{self, Known, Snapshots};
use crate::error::LogError;
use crate::file;
use crate::producers::{Appending, Checks, Completed, Prepared, Producers};
use crate::record::Marker;
use crate::scan::{Head, Scan, Step};
use crate::txn_index::AbortedTransaction;

/// The records of larger batches are not looked at, their checksums are.
const LARGEST: usize = 64 << 20;
/// Bytes of checksums that looking for a sound batch after damage may cost.
const SEARCH: u64 = 256 << 20;

/// Shown every sound batch in order: head and all bytes, unless they are more than 64 MiB.
pub type Visit<'a> = dyn FnMut(&BatchHead, &Bytes) -> Result<(), String> + 'a;

/// One segment's files.
#[derive(Clone, Debug)]
pub(super) struct Files {
    pub(super) base: i64,
    pub(super) log: PathBuf,
    pub(super) index: Option<PathBuf>,
    pub(super) time_index: Option<PathBuf>,
    pub(super) transactions: Option<PathBuf>,
    /// Where the index of transactions is or would be.
    pub(super) transactions_path: PathBuf,
}

/// What a segment must be like because of those around it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Around {
    /// Where the next segment begins.
    pub(super) next_base: Option<i64>,
    /// A start reads it anyway, and makes its indexes anew.
    pub(super) is_recovered: bool,
}

/// Where a walk is.
pub(super) struct Walk<'a, 'v> {
    pub(super) subject: &'a Subject,
    pub(super) findings: Findings,
    pub(super) epochs: Epochs,
    pub(super) snapshots: Snapshots,
    pub(super) known: Known,
    pub(super) producers: Producers,
    /// Everything up to here was sound.
    pub(super) is_sound: bool,
    /// The offset after the last batch; `None`: unknown after damage.
    pub(super) next: Option<i64>,
    /// The offset after the last sound batch.
    pub(super) end: i64,
    pub(super) batches: u64,
    pub(super) bytes: u64,
    pub(super) visit: &'a mut Visit<'v>,
}

/// What the walk needs of the segment that it is in.
struct Within<'a> {
    files: &'a Files,
    around: Around,
    size: u64,
    indexes: Indexes,
}

impl Walk<'_, '_> {
    /// Reads a segment from its beginning to its end.
    pub(super) fn segment(&mut self, files: &Files, around: Around) -> Result<(), LogError> {
        let opened: File = file::open_to_read(&files.log)?;
        let size = file::length(&opened, &files.log)?;
        if size > i32::MAX as u64 {
            let found = format!("{size} bytes");
            let finding = Finding::new(
                Kind::BatchStructure,
                &files.log,
                "up to 2147483647 bytes",
                found,
            );
            self.damage(finding.at(i32::MAX as u64));
        }
        let indexes = Indexes::open(
            files.base,
            files.index.as_deref(),
            files.time_index.as_deref(),
            files.transactions.as_deref(),
        )?;
        let mut within = Within {
            files,
            around,
            size,
            indexes,
        };
        self.begin(files);
        let mut scan = Scan::many(&opened, &files.log, 0, size);
        let mut position = 0;
        loop {
            match scan.next()? {
                Step::End => break,
                Step::Bad(problem) => {
                    match self.pass_damage(&mut within, &mut scan, position, &problem)? {
                        Some(sound) => position = sound,
                        None => break,
                    }
                    scan.resume_at(position);
                }
                Step::Batch(head) => match self.batch(&mut within, &mut scan, &head)? {
                    Some(next) => {
                        position = next;
                        scan.resume_at(position);
                    }
                    None => break,
                },
            }
        }
        self.bytes += size;
        self.end_segment(within);
        Ok(())
    }

    fn begin(&mut self, files: &Files) {
        if let Some(next) = self.next
            && next < files.base
            && !self.known.is_compacted
        {
            let finding = Finding::new(
                Kind::OffsetGap,
                &files.log,
                format!("offset {next}"),
                format!("a segment that begins at {}", files.base),
            );
            self.damage(finding.at(0).offset(next));
        }
        self.next = Some(files.base);
    }

    fn end_segment(&mut self, within: Within<'_>) {
        let Within {
            around,
            size,
            indexes,
            ..
        } = within;
        let is_active = around.next_base.is_none();
        for finding in indexes.finish(size, is_active, around.is_recovered, self.is_sound) {
            self.findings.push(finding);
        }
    }

    /// Something is wrong with the log itself.
    fn damage(&mut self, finding: Finding) {
        self.findings.push(finding);
        self.is_sound = false;
    }

    /// Says that no batch is at `position`; where the next sound one is.
    fn pass_damage(
        &mut self,
        within: &mut Within<'_>,
        scan: &mut Scan<'_>,
        position: u64,
        problem: &BatchError,
    ) -> Result<Option<u64>, LogError> {
        let left = within.size - position;
        let next = self.next_sound(within, scan, position + 1)?;
        let expected = "a batch";
        let path = &within.files.log;
        let offset = self.next.unwrap_or(self.end);
        let is_end = next.is_none() && within.around.next_base.is_none();
        let is_torn = is_end && !self.subject.clean && offset >= self.subject.flushed();
        let (kind, found) = match &next {
            Some(head) => (
                Kind::BatchStructure,
                format!(
                    "{problem}; the next sound batch is at position {}, offset {}",
                    head.position, head.base_offset
                ),
            ),
            None if is_torn => (Kind::TornTail, format!("{problem} ({left} bytes)")),
            None => (
                Kind::BatchStructure,
                format!("{problem}; no sound batch follows in the {left} bytes up to the end"),
            ),
        };
        let finding = Finding::new(kind, path, expected, found)
            .at(position)
            .offset(offset);
        self.damage(finding);
        self.lose(within);
        Ok(next.map(|head| head.position))
    }

    /// What is said of offsets and entries from here on would only repeat that the log is damaged.
    fn lose(&mut self, within: &mut Within<'_>) {
        within.indexes.give_up();
        self.next = None;
    }

    fn next_sound(
        &mut self,
        within: &Within<'_>,
        scan: &mut Scan<'_>,
        from: u64,
    ) -> Result<Option<Head>, LogError> {
        let least = self.next.unwrap_or(self.end).max(within.files.base);
        let most = within.files.base.saturating_add(i64::from(i32::MAX));
        scan.find_sound(from, least..=most, SEARCH)
    }

    /// Checks a batch; where to go on.
    fn batch(
        &mut self,
        within: &mut Within<'_>,
        scan: &mut Scan<'_>,
        head: &Head,
    ) -> Result<Option<u64>, LogError> {
        let crcs = scan.crcs(head)?;
        if crcs.is_none_or(|(stored, of_bytes)| stored != of_bytes) {
            return self.wrong_crc(within, scan, head, crcs);
        }
        let files = within.files;
        let path = &files.log;
        self.batches += 1;
        let wrong = |kind, expected: String, found: String| {
            let finding = Finding::new(kind, path, expected, found);
            finding.at(head.position).offset(head.base_offset)
        };
        let is_ordered = self.check_offsets(within, head, &wrong);
        if !is_ordered {
            self.lose(within);
        }
        if head.size <= LARGEST {
            let bytes = scan.whole(head)?;
            if let Err(problem) = check_records(head, &bytes) {
                self.damage(wrong(
                    Kind::Records,
                    "records as the header says".to_owned(),
                    problem,
                ));
            } else if let Err(problem) = (self.visit)(head, &bytes) {
                self.findings.push(wrong(
                    Kind::MetadataRecord,
                    "a record of this version".to_owned(),
                    problem,
                ));
            }
        }
        let before = self.end.max(within.files.base);
        if is_ordered {
            let told_to = match self.subject.clean {
                true => i64::MAX,
                false => self.subject.flushed(),
            };
            let told = self.known.log_start..told_to;
            self.epochs.meet(path, head, told, &mut self.findings);
            self.meet_snapshots(head.base_offset, Some(head.last_offset))?;
            within.indexes.meet(head, before)?;
            self.replay(within, scan, head)?;
            self.end = head.next_offset();
            self.next = Some(self.end);
        }
        Ok(Some(head.end()))
    }

    fn wrong_crc(
        &mut self,
        within: &mut Within<'_>,
        scan: &mut Scan<'_>,
        head: &Head,
        crcs: Option<(u32, u32)>,
    ) -> Result<Option<u64>, LogError> {
        let (stored, of_bytes) = crcs.unwrap_or_default();
        let at_end = head.end() >= within.size;
        let next = if at_end {
            self.next_sound(within, scan, head.position + 1)?
        } else {
            // Most often it ends where it says, and the next one follows.
            let next = self.next_sound(within, scan, head.end())?;
            match next.filter(|next| next.position == head.end()) {
                Some(next) => Some(next),
                None => self.next_sound(within, scan, head.position + 1)?,
            }
        };
        let offset = self.next.unwrap_or(self.end);
        let is_end = next.is_none() && within.around.next_base.is_none();
        let is_torn = is_end && !self.subject.clean && offset >= self.subject.flushed();
        let kind = if is_torn {
            Kind::TornTail
        } else {
            Kind::BatchCrc
        };
        let mut found = format!("bytes with checksum {of_bytes:#010x}");
        match &next {
            Some(next) if next.position == head.end() => {}
            Some(next) => found.push_str(&format!(
                "; the next sound batch is at position {}, offset {}",
                next.position, next.base_offset
            )),
            None if at_end => {}
            None => found.push_str("; no sound batch follows in this segment"),
        }
        let finding = Finding::new(
            kind,
            &within.files.log,
            format!("checksum {stored:#010x}"),
            found,
        );
        self.damage(finding.at(head.position).offset(offset));
        self.lose(within);
        Ok(next.map(|next| next.position))
    }

    /// Whether the batch follows the one before it.
    fn check_offsets(
        &mut self,
        within: &Within<'_>,
        head: &Head,
        wrong: &impl Fn(Kind, String, String) -> Finding,
    ) -> bool {
        let base = within.files.base;
        let least = self.next.unwrap_or(self.end.max(base));
        // Formats 0 and 1 say the last offset only.
        let first = head.base_offset;
        let found = || format!("offsets {first} to {}", head.last_offset);
        if first < least {
            self.damage(wrong(
                Kind::OffsetOrder,
                format!("offset {least} or above"),
                found(),
            ));
            return false;
        }
        if head.last_offset - base > i64::from(i32::MAX) {
            let expected = format!("offsets up to {}", base.saturating_add(i64::from(i32::MAX)));
            self.damage(wrong(Kind::OffsetRange, expected, found()));
            return false;
        }
        if let Some(next) = within.around.next_base
            && head.last_offset >= next
        {
            let expected = format!("offsets below {next}, where the next segment begins");
            self.damage(wrong(Kind::SegmentOverlap, expected, found()));
            return false;
        }
        if first > least
            && self.next.is_some()
            && !self.known.is_compacted
            && head.magic == MAGIC_V2
        {
            self.damage(wrong(Kind::OffsetGap, format!("offset {least}"), found()));
        }
        true
    }

    /// Compares the snapshots up to `offset`. `inside`: the last offset of the batch that begins there.
    pub(super) fn meet_snapshots(
        &mut self,
        offset: i64,
        inside: Option<i64>,
    ) -> Result<(), LogError> {
        let producers = self.is_sound.then_some(&self.producers);
        while let Some(at) = self.snapshots.next(offset) {
            snapshots::check(
                &self.subject.dir,
                at,
                producers,
                &self.known,
                &mut self.findings,
            )?;
        }
        while let Some(at) = inside.and_then(|last| self.snapshots.next(last)) {
            let path = crate::snapshot::path(&self.subject.dir, at);
            let expected = "the offset of a batch's beginning";
            let found = format!("offset {at}, inside of a batch");
            self.findings
                .push(Finding::new(Kind::ProducerSnapshot, &path, expected, found).offset(at));
        }
        Ok(())
    }

    fn replay(
        &mut self,
        within: &mut Within<'_>,
        scan: &Scan<'_>,
        head: &Head,
    ) -> Result<(), LogError> {
        if !head.has_producer_id() {
            return Ok(());
        }
        let marker = if Marker::possible(head) {
            Marker::parse(&scan.whole(head)?)
        } else {
            None
        };
        let appending = Appending::of_head(head, marker);
        let Ok(Prepared::Update(update)) = self.producers.prepare(&[appending], &Checks::REPLAY)
        else {
            return Ok(());
        };
        let completed = self.producers.apply(update);
        if marker.is_some_and(|marker| !marker.commit) && self.is_sound {
            let aborted = self.aborted(head, completed.first());
            let path = &within.files.transactions_path;
            within.indexes.meet_abort(path, &aborted)?;
        }
        for transaction in &completed {
            self.producers.complete(transaction);
        }
        // Nobody asks for the last stable offset here.
        self.producers.replicated(i64::MAX);
        Ok(())
    }

    fn aborted(&self, head: &Head, completed: Option<&Completed>) -> Aborted {
        let transaction = match completed {
            Some(completed) => self.producers.aborted(completed),
            None => AbortedTransaction {
                producer_id: head.producer_id,
                first_offset: -1,
                last_offset: head.base_offset,
                last_stable_offset: head.next_offset(),
            },
        };
        Aborted {
            transaction,
            is_known: completed.is_some(),
            is_compacted: self.known.is_compacted,
            others_are_known: self.known.first_base == 0,
            first_base: self.known.first_base,
        }
    }
}

/// Compares the records of a batch with its header.
fn check_records(head: &Head, batch: &Bytes) -> Result<(), String> {
    let records = scan::records(batch, DECOMPRESSED_LIMIT).map_err(|error| error.to_string())?;
    let (mut count, mut last) = (0_i64, None);
    for record in records {
        let record = record.map_err(|error| error.to_string())?;
        let is_inside =
            head.magic < MAGIC_V2 || (head.base_offset..=head.last_offset).contains(&record.offset);
        if !is_inside {
            return Err(format!("a record of offset {}", record.offset));
        }
        if last.is_some_and(|last| record.offset <= last) {
            return Err(format!(
                "offset {} after offset {}",
                record.offset,
                last.unwrap_or_default()
            ));
        }
        last = Some(record.offset);
        count += 1;
    }
    match head.count {
        Some(said) if i64::from(said) != count => Err(format!("{count} records of {said}")),
        _ => Ok(()),
    }
}
