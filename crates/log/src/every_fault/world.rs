//! The storage of a node in small: a log directory with two logs, and everything that a node does with it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use ottla_wire::Uuid;
use ottla_wire::records::{Batch, BatchBuilder, Codec};

use super::model::{LogModel, Model};
use crate::checkpoint::{self, PartitionOffset};
use crate::directory::{self, LogDirectory, MetaProperties};
use crate::names::{DirectoryState, PartitionName};
use crate::testing::marker;
use crate::{
    AppendError, CleanError, CleanedLog, Cleaner, CleanerOptions, DeleteError, Leading, Log,
    LogConfig, LogError, LogToClean, Opening, Origin, ReadError, Removal, UpperBound,
    VerificationGuard,
};

pub(super) const NOW: i64 = 1_000_000;
/// Of the plain log when it is cut by size.
const RETENTION_BYTES: i64 = 900;
/// The log that is compacted.
pub(super) const COMPACTED: &str = "compacted-0";
/// The one that is not.
pub(super) const PLAIN: &str = "plain-0";
/// One that is deleted again; of the same topic.
pub(super) const DOOMED: &str = "plain-1";

/// What a node does.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Create(&'static str),
    Delete(&'static str),
    /// Records without a producer, of a number.
    Append(&'static str, u32),
    /// The same, of an idempotent producer.
    Idempotent(&'static str, u32),
    /// The same, in a transaction.
    Transactional(&'static str, u32),
    /// Ends the transaction: commits it, or aborts it.
    End(&'static str, bool),
    Epoch(&'static str),
    Roll(&'static str),
    Flush(&'static str),
    Rest(&'static str),
    /// All records can be read.
    Read(&'static str),
    /// Deletes all but so many of the last offsets.
    DeleteRecords(&'static str, i64),
    /// Cuts off so many of the last offsets.
    Truncate(&'static str, i64),
    Retention(&'static str, bool),
    Compact,
    /// Removes what was deleted.
    Remove,
    Checkpoints,
    CleanRestart,
    UncleanRestart,
}

/// A running node's storage.
pub(super) struct World {
    root: PathBuf,
    dir: LogDirectory,
    logs: BTreeMap<String, Log>,
    removals: Vec<Removal>,
}

fn config(name: &str) -> Arc<LogConfig> {
    Arc::new(LogConfig {
        segment_bytes: 600,
        index_interval_bytes: 100,
        compact: name == COMPACTED,
        delete: name != COMPACTED,
        retention_ms: -1,
        segment_ms: i64::MAX,
        file_delete_delay_ms: 0,
        ..LogConfig::default()
    })
}

fn id_of(name: &str) -> Uuid {
    let (topic, _) = name.rsplit_once('-').expect("a name");
    Uuid::from_u128(7 + topic.len() as u128)
}

impl World {
    /// Starts on a directory, as a node does: formats it if that was not done.
    pub(super) fn start(root: &Path) -> Result<Self, LogError> {
        let dir = LogDirectory::open(root)?;
        if dir.meta()?.is_none() {
            let meta = MetaProperties {
                version: 1,
                cluster_id: Some("a cluster".to_owned()),
                node_id: Some(1),
                directory_id: Some(Uuid::from_u128(5)),
            };
            meta.write(root, NOW)?;
        }
        let clean = dir.clean_shutdown()?.is_some();
        let read = |file: &str| -> Result<BTreeMap<String, i64>, LogError> {
            let lines = checkpoint::read_offsets(&root.join(file))?;
            let line = |it: PartitionOffset| (format!("{}-{}", it.topic, it.partition), it.offset);
            Ok(lines.into_iter().map(line).collect())
        };
        let points = read(checkpoint::RECOVERY_POINTS)?;
        let starts = read(checkpoint::LOG_START_OFFSETS)?;
        let mut world = Self {
            root: root.to_owned(),
            dir,
            logs: BTreeMap::new(),
            removals: Vec::new(),
        };
        for name in world.dir.partitions()? {
            if name.state == DirectoryState::Delete {
                world.dir.remove(&name)?;
                continue;
            }
            let name = name.to_string();
            world.open(
                &name,
                Opening {
                    clean,
                    recovery_point: points.get(&name).copied().unwrap_or(0),
                    log_start_offset: starts.get(&name).copied().unwrap_or(0),
                    ..Opening::clean(NOW)
                },
            )?;
        }
        world.dir.clear_clean_shutdown()?;
        Ok(world)
    }

    fn open(&mut self, name: &str, opening: Opening) -> Result<(), LogError> {
        let path = self.root.join(name);
        let is_new = !path.is_dir();
        let (mut log, recovered) = Log::open(&path, config(name), &opening)?;
        match directory::read_topic_id(&path)? {
            None if is_new => {
                let plain = self.root.join(PLAIN);
                let sibling = (name == DOOMED).then_some(plain.as_path());
                directory::begin_topic_id(&path, &id_of(name), sibling)?;
            }
            None => directory::write_topic_id(&path, &id_of(name))?,
            Some(id) => assert_eq!(id, id_of(name)),
        }
        log.update_high_watermark(i64::MAX);
        self.removals.push(recovered.removal);
        self.logs.insert(name.to_owned(), log);
        Ok(())
    }

    /// A clean stop.
    pub(super) fn stop(self) -> Result<(), LogError> {
        let mut logs = self.logs;
        for log in logs.values_mut() {
            log.flush(NOW)?;
        }
        checkpoints(&self.root, &logs)?;
        for log in logs.into_values() {
            log.close(NOW)?;
        }
        self.dir.mark_clean_shutdown(3)?;
        self.dir.close()
    }

    /// Its logs by name.
    pub(super) fn logs(&self) -> &BTreeMap<String, Log> {
        &self.logs
    }

    /// Takes a step. What was acknowledged is in the model then; an error is noted there as far as it leaves doubts.
    pub(super) fn take(
        world: &mut Option<Self>,
        root: &Path,
        step: &Step,
        model: &mut Model,
    ) -> Result<(), LogError> {
        match step {
            Step::CleanRestart | Step::UncleanRestart => {
                let mut stopped = Ok(());
                if let Some(before) = world.take()
                    && matches!(step, Step::CleanRestart)
                {
                    // A stop that fails is not clean, and the node ends all the same.
                    stopped = before.stop();
                    model.flushed_all(stopped.is_ok());
                }
                match Self::start(root) {
                    Ok(started) => *world = Some(started),
                    Err(fault) => return Err(stopped.err().unwrap_or(fault)),
                }
                stopped
            }
            step => {
                let world = world.as_mut().expect("a started node");
                world.take_running(step, model)
            }
        }
    }

    fn take_running(&mut self, step: &Step, model: &mut Model) -> Result<(), LogError> {
        match *step {
            Step::Create(name) => {
                model.logs.entry(name.to_owned()).or_default();
                if self.logs.contains_key(name) {
                    return Ok(());
                }
                self.open(name, Opening::clean(NOW))
            }
            Step::Delete(name) => self.delete(name, model),
            Step::Remove => {
                while let Some(removal) = self.removals.last() {
                    removal.run()?;
                    self.removals.pop();
                }
                for name in self.dir.partitions()? {
                    if name.state == DirectoryState::Delete {
                        self.dir.remove(&name)?;
                    }
                }
                Ok(())
            }
            Step::Checkpoints => checkpoints(&self.root, &self.logs),
            Step::Compact => self.compact(),
            ref of_log => {
                let name = name_of(of_log);
                let log = self.logs.get_mut(name).expect("a log");
                let model = model.logs.get_mut(name).expect("a log");
                let removal = take_of_log(log, of_log, model)?;
                self.removals.push(removal);
                if matches!(of_log, Step::Truncate(..)) {
                    checkpoints(&self.root, &self.logs)?;
                }
                Ok(())
            }
        }
    }

    fn delete(&mut self, name: &str, model: &mut Model) -> Result<(), LogError> {
        if let Some(log) = model.logs.get_mut(name) {
            log.is_being_deleted = true;
        }
        let parsed = PartitionName::parse(name).expect("a name");
        let to = parsed.renamed(DirectoryState::Delete, 99);
        match self.dir.rename(&parsed, &to) {
            // Done before, and only not made durable.
            Err(fault) if fault.is_not_found() => {}
            renamed => drop(renamed?),
        }
        self.logs.remove(name);
        model.logs.remove(name);
        checkpoints(&self.root, &self.logs)
    }

    fn compact(&mut self) -> Result<(), LogError> {
        let log = self.logs.remove(COMPACTED).expect("a log");
        let mut owner = Owner {
            log: RefCell::new(log),
            removals: Vec::new(),
        };
        let cleaned = owner.clean();
        self.removals.append(&mut owner.removals);
        self.logs
            .insert(COMPACTED.to_owned(), owner.log.into_inner());
        cleaned
    }
}

fn name_of(step: &Step) -> &'static str {
    match step {
        Step::Append(name, _)
        | Step::Idempotent(name, _)
        | Step::Transactional(name, _)
        | Step::End(name, _)
        | Step::Epoch(name)
        | Step::Roll(name)
        | Step::Flush(name)
        | Step::Rest(name)
        | Step::Read(name)
        | Step::DeleteRecords(name, _)
        | Step::Truncate(name, _)
        | Step::Retention(name, _) => name,
        other => panic!("{other:?} is not about a log"),
    }
}

fn take_of_log(log: &mut Log, step: &Step, model: &mut LogModel) -> Result<Removal, LogError> {
    match *step {
        Step::Append(_, n) => append(log, model, batch(n, None), Origin::Client)?,
        Step::Idempotent(_, n) => {
            let producer = Some((7, next_sequence(log, 7), false));
            append(log, model, batch(n, producer), Origin::Client)?;
        }
        Step::Transactional(_, n) => {
            let producer = Some((9, next_sequence(log, 9), true));
            append(log, model, batch(n, producer), Origin::Client)?;
        }
        Step::End(_, commit) => {
            if log.has_ongoing_transaction(9, 0) {
                append(
                    log,
                    model,
                    marker(9, 0, commit, 1, NOW),
                    Origin::Coordinator,
                )?;
            }
        }
        Step::Epoch(_) => {
            let end = log.offsets().log_end;
            log.assign_epoch(model.epoch + 1, end);
            model.epoch += 1;
        }
        Step::Roll(_) => drop(log.roll(NOW)?),
        Step::Flush(_) => {
            log.flush(NOW)?;
            model.flushed = model.end();
        }
        Step::Rest(_) => log.rest()?,
        Step::Read(_) => drop(read(log)?),
        Step::DeleteRecords(_, keep) => {
            let offset = (log.offsets().log_end - keep).max(0);
            model.start = model.start.max(offset);
            match log.delete_records_before(offset) {
                Err(DeleteError::Log(fault)) => return Err(fault),
                deleted => drop(deleted.expect("an offset of the log")),
            }
        }
        Step::Truncate(_, cut) => {
            let offset = model.beginning_at(model.end() - cut);
            let offset = offset.max(log.offsets().log_start);
            model.cut_to = Some(model.cut_to.unwrap_or(offset).min(offset));
            let (_, removal) = log.truncate_to(offset, NOW)?;
            model.truncated(log.offsets().log_end);
            log.update_high_watermark(i64::MAX);
            return Ok(removal);
        }
        Step::Retention(_, by_size) => {
            let mut settings = (**log.config()).clone();
            settings.retention_bytes = if by_size { RETENTION_BYTES } else { -1 };
            log.set_config(Arc::new(settings));
            model.start = model.start.max(kept_by_size(log, by_size));
            return log.delete_old_segments(NOW);
        }
        ref other => panic!("{other:?} is not about a log"),
    }
    Ok(Removal::default())
}

/// Where the log starts after retention by size: whole segments go while there is enough without them.
fn kept_by_size(log: &Log, by_size: bool) -> i64 {
    let view = log.view();
    let mut total: i64 = view.segments.iter().map(|it| i64::from(it.size())).sum();
    let mut start = 0;
    for (n, segment) in view.segments.iter().enumerate() {
        total -= i64::from(segment.size());
        if !by_size || total < RETENTION_BYTES {
            break;
        }
        start = view
            .segments
            .get(n + 1)
            .map_or(view.log_end, |next| next.base_offset());
    }
    start
}

fn next_sequence(log: &Log, producer: i64) -> i32 {
    log.active_producers()
        .find(|it| it.producer_id == producer)
        .map_or(0, |it| it.last_sequence() + 1)
}

/// Some records with keys that come again.
fn batch(n: u32, producer: Option<(i64, i32, bool)>) -> Batch {
    let mut builder = BatchBuilder::new(Codec::None);
    if let Some((id, sequence, transactional)) = producer {
        builder = builder
            .producer(id, 0, sequence)
            .transactional(transactional);
    }
    for k in 0..=n % 2 {
        let key = format!("key {}", (n + k) % 4);
        let value = format!("value {n} {k} {}", "x".repeat(30));
        builder
            .append(
                NOW + i64::from(n),
                Some(key.as_bytes()),
                Some(value.as_bytes()),
                &[],
            )
            .unwrap();
    }
    builder.build().unwrap()
}

fn append(
    log: &mut Log,
    model: &mut LogModel,
    batch: Batch,
    origin: Origin,
) -> Result<(), LogError> {
    let end = log.offsets().log_end;
    let mut expected = batch.clone();
    expected.set_base_offset(end);
    expected.set_leader_epoch(model.epoch);
    model.tried(&expected);
    let how = Leading::new(model.epoch, origin, NOW).verified(VerificationGuard::TRUSTED);
    match log.append_as_leader(vec![batch], &how) {
        Ok(appended) => {
            assert_eq!(appended.first_offset, end);
            assert!(!appended.duplicate);
            model.acknowledged(expected);
            log.update_high_watermark(i64::MAX);
            Ok(())
        }
        Err(AppendError::Log(fault)) => {
            if fault.is_full() && !fault.fails_directory() {
                assert_eq!(log.offsets().log_end, end, "refused, and there: {fault}");
            }
            Err(fault)
        }
        Err(other) => panic!("{other}"),
    }
}

fn checkpoints(root: &Path, logs: &BTreeMap<String, Log>) -> Result<(), LogError> {
    let line = |(name, offset): (&String, i64)| {
        let name = PartitionName::parse(name).expect("a name");
        PartitionOffset {
            topic: name.topic,
            partition: name.partition,
            offset,
        }
    };
    let points = logs.iter().map(|(name, log)| (name, log.recovery_point()));
    let points: Vec<_> = points.map(line).collect();
    checkpoint::write_offsets(&root.join(checkpoint::RECOVERY_POINTS), &points)?;
    let starts = logs
        .iter()
        .filter_map(|(name, log)| Some((name, log.log_start_to_checkpoint()?)));
    let starts: Vec<_> = starts.map(line).collect();
    checkpoint::write_offsets(&root.join(checkpoint::LOG_START_OFFSETS), &starts)
}

/// All batches of a log, with the offsets of each aborted transaction: producer, first and last.
pub(super) type ReadLog = (Vec<Batch>, Vec<(i64, i64, i64)>);

/// Reads all of a log, and what a reader of committed records is told.
pub(super) fn read(log: &Log) -> Result<ReadLog, LogError> {
    let fault = |error| match error {
        ReadError::Log(fault) => fault,
        other => panic!("{other}"),
    };
    let reader = log.reader();
    let (mut next, mut batches) = (log.offsets().log_start, Vec::new());
    loop {
        let fetched = reader.read(next, 500, true, UpperBound::LogEnd);
        let Some(slice) = fetched.map_err(fault)?.slice else {
            break;
        };
        let mut bytes: Bytes = slice.read()?;
        while let Ok(batch) = Batch::first(&bytes) {
            bytes = bytes.slice(batch.size_in_bytes()..);
            batch.check_crc().expect("a sound batch");
            next = batch.next_offset();
            batches.push(batch);
        }
    }
    let (mut next, mut aborted) = (log.offsets().log_start, Vec::new());
    loop {
        let fetched = reader
            .read(next, 500, true, UpperBound::LastStable)
            .map_err(fault)?;
        for it in fetched.aborted_transactions.into_iter().flatten() {
            let row = (it.producer_id, it.first_offset, it.last_offset);
            if !aborted.contains(&row) {
                aborted.push(row);
            }
        }
        let Some(slice) = fetched.slice else {
            break;
        };
        let mut bytes: Bytes = slice.read()?;
        while let Ok(batch) = Batch::first(&bytes) {
            bytes = bytes.slice(batch.size_in_bytes()..);
            next = batch.next_offset();
        }
    }
    aborted.sort_unstable();
    Ok((batches, aborted))
}

struct Owner {
    log: RefCell<Log>,
    removals: Vec<Removal>,
}

impl CleanedLog for Owner {
    fn with_log<T>(&self, work: impl FnOnce(&mut Log) -> T) -> Option<T> {
        Some(work(&mut self.log.borrow_mut()))
    }

    fn passed(&mut self, _: u64) -> bool {
        true
    }

    fn replaced(&mut self, removal: Removal) {
        self.removals.push(removal);
    }
}

impl Owner {
    fn clean(&mut self) -> Result<(), LogError> {
        let (reader, config) = {
            let log = self.log.borrow();
            (log.reader(), log.config().clone())
        };
        let dirty = LogToClean::of(&reader, &config, None, NOW)?;
        let options = CleanerOptions {
            map_bytes: 1 << 16,
            load_factor: 0.9,
            io_bytes: 300,
            seed: [1, 2],
        };
        match Cleaner::new(options).unwrap().clean(self, &dirty, NOW) {
            Ok(_) => Ok(()),
            Err(CleanError::Log(fault)) => Err(fault),
            Err(CleanError::Aborted) => panic!("nobody stopped it"),
        }
    }
}
