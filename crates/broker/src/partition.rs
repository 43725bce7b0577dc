//! A partition that this broker hosts: one log, one high watermark, and those who wait for it to grow.

mod group_commit;
mod in_sync;
mod syncs;

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI32, Ordering},
    },
};

use arc_swap::{ArcSwap, Guard};
use ottla_log::{
    AppendError, Appended, FlushWork, Leading, Log, LogError, LogReader, Origin, VerificationGuard,
};
use ottla_wire::{Uuid, errors::Code, records::Batch};
use parking_lot::Mutex;
pub(crate) use syncs::Syncs;
use tokio::sync::Notify;

use self::group_commit::{AfterAppend, GroupCommit};
use crate::{clock, log_dirs::LogDir, topic_settings::TopicSettings};

/// The leader epoch while this broker does not lead.
const NOT_LEADING: i32 = -1;
/// The epoch in a request that says nothing of it.
const NOT_SAID: i32 = -1;

/// One partition.
pub(crate) struct Partition {
    /// The topic's name.
    pub(crate) topic: Arc<str>,
    /// The topic's id.
    pub(crate) topic_id: Uuid,
    /// The partition's number.
    pub(crate) index: i32,
    dir: ArcSwap<LogDir>,
    leader_epoch: AtomicI32,
    /// The latest that is known, whoever leads in it.
    known_epoch: AtomicI32,
    settings: ArcSwap<TopicSettings>,
    /// `None` once it is closed or deleted.
    log: Mutex<Option<Log>>,
    /// Changed by who has the log's lock, and by a sync that fails: no other is under way then.
    commits: Mutex<GroupCommit>,
    /// That of the log.
    reader: ArcSwap<LogReader>,
    waiters: Waiters,
    touched: AtomicBool,
    rolled: AtomicBool,
}

impl Partition {
    /// Hosts an opened log. Nothing can be appended before [`Partition::lead`].
    pub(crate) fn new(
        topic: Arc<str>,
        topic_id: Uuid,
        index: i32,
        dir: Arc<LogDir>,
        log: Log,
        settings: Arc<TopicSettings>,
    ) -> Self {
        let reader = ArcSwap::from_pointee(log.reader());
        dir.contents.replicas.fetch_add(1, Ordering::Relaxed);
        dir.contents.configured(&settings);
        Self {
            topic,
            topic_id,
            index,
            dir: ArcSwap::new(dir),
            leader_epoch: AtomicI32::new(NOT_LEADING),
            known_epoch: AtomicI32::new(NOT_LEADING),
            settings: ArcSwap::new(settings),
            log: Mutex::new(Some(log)),
            commits: Mutex::default(),
            reader,
            waiters: Waiters::default(),
            touched: AtomicBool::new(true),
            rolled: AtomicBool::new(false),
        }
    }

    /// The log directory that it is in.
    pub(crate) fn log_dir(&self) -> Guard<Arc<LogDir>> {
        self.dir.load()
    }

    /// Whether it is in this log directory.
    pub(crate) fn is_in(&self, dir: &LogDir) -> bool {
        std::ptr::eq(Arc::as_ptr(&self.dir.load()), dir)
    }

    /// Something went wrong with a file of its log: if it is its directory's fault, that fails.
    pub(crate) fn noticed(&self, fault: &LogError) {
        self.dir.load().noticed(fault);
    }

    /// This broker leads from now on, in this epoch; the only replica has everything that is replicated.
    pub(crate) fn lead(&self, epoch: i32) {
        {
            let mut guard = self.log.lock();
            let Some(log) = guard.as_mut() else {
                return;
            };
            let end = log.offsets().log_end;
            log.assign_epoch(epoch, end);
            if self.commits.lock().is_idle() {
                log.update_high_watermark(end);
            }
            self.known_epoch.store(epoch, Ordering::Release);
            self.leader_epoch.store(epoch, Ordering::Release);
        }
        self.waiters.wake();
    }

    /// Nobody leads in this epoch, or another broker does.
    pub(crate) fn follow(&self, epoch: i32) {
        // Under the lock, so that no append is half done with the old epoch.
        let log = self.log.lock();
        self.known_epoch.store(epoch, Ordering::Release);
        self.leader_epoch.store(NOT_LEADING, Ordering::Release);
        drop(log);
        self.waiters.wake();
    }

    /// The epoch in which this broker leads.
    pub(crate) fn leader_epoch(&self) -> Option<i32> {
        Some(self.leader_epoch.load(Ordering::Acquire)).filter(|epoch| *epoch != NOT_LEADING)
    }

    /// Checks what a client believes of the leader (-1: it does not say); the epoch that this broker leads in.
    ///
    /// # Errors
    /// `NOT_LEADER_OR_FOLLOWER`, `FENCED_LEADER_EPOCH` or `UNKNOWN_LEADER_EPOCH`.
    pub(crate) fn check_leader(&self, current_leader_epoch: i32) -> Result<i32, Code> {
        self.check_epoch(current_leader_epoch)?;
        self.leader_epoch().ok_or(Code::NOT_LEADER_OR_FOLLOWER)
    }

    /// Checks the same, whether this broker leads or not.
    ///
    /// # Errors
    /// `FENCED_LEADER_EPOCH` or `UNKNOWN_LEADER_EPOCH`.
    pub(crate) fn check_epoch(&self, current_leader_epoch: i32) -> Result<(), Code> {
        let known = self.known_epoch.load(Ordering::Acquire);
        match current_leader_epoch {
            NOT_SAID => Ok(()),
            believed if believed < known => Err(Code::FENCED_LEADER_EPOCH),
            believed if believed > known => Err(Code::UNKNOWN_LEADER_EPOCH),
            _ => Ok(()),
        }
    }

    /// The settings of its topic.
    pub(crate) fn settings(&self) -> Arc<TopicSettings> {
        self.settings.load_full()
    }

    /// The settings of its topic have changed.
    pub(crate) fn configure(&self, settings: Arc<TopicSettings>) {
        if let Some(log) = self.log.lock().as_mut() {
            log.set_config(settings.log.clone());
        }
        self.dir.load().contents.configured(&settings);
        self.settings.store(settings);
    }

    /// Appends a validated batch in the caller's thread, under a lock that is held for one write. With `flush.messages` it
    /// may have to be synced before it is answered for: see [`Partition::awaits_sync`].
    ///
    /// # Errors
    /// What the log or the producer state refuses, [`Code::NOT_LEADER_OR_FOLLOWER`], or [`Code::KAFKA_STORAGE_ERROR`] if
    /// the log directory has failed.
    pub(crate) fn append(
        self: &Arc<Self>,
        batch: Batch,
        by: Appender,
    ) -> Result<Appended, NotAppended> {
        if self.dir.load().has_failed() {
            return Err(NotAppended::Refused(Code::KAFKA_STORAGE_ERROR));
        }
        let (appended, after) = {
            let mut guard = self.log.lock();
            let log = guard
                .as_mut()
                .ok_or(NotAppended::Refused(Code::NOT_LEADER_OR_FOLLOWER))?;
            let epoch = self
                .leader_epoch()
                .ok_or(NotAppended::Refused(Code::NOT_LEADER_OR_FOLLOWER))?;
            let now_ms = clock::wall_ms();
            let how = Leading {
                transaction_version: by.transaction_version,
                ..Leading::new(epoch, by.origin, now_ms).verified(by.guard)
            };
            let appended = log
                .append_as_leader(vec![batch], &how)
                .inspect_err(|error| {
                    if let AppendError::Log(fault) = error {
                        self.noticed(fault);
                    }
                })?;
            let after = self.commits.lock().appended(appended.flush_due);
            if after == AfterAppend::Covered {
                // One replica: what is in the log is replicated.
                log.update_high_watermark(log.offsets().log_end);
            }
            (appended, after)
        };
        self.touched.store(true, Ordering::Relaxed);
        if appended.rolled {
            self.has_rolled();
        }
        match after {
            AfterAppend::Covered => self.waiters.wake(),
            _ if by.syncs_itself => self.sync_here(after)?,
            AfterAppend::Sync => self.dir.load().syncs.put(self.clone()),
            AfterAppend::Wait => {}
        }
        Ok(appended)
    }

    /// What a batch of a transaction must be appended with: [`VerificationGuard::NONE`] if the transaction is open here,
    /// else a guard that counts once the transaction's coordinator has said that this partition is part of it.
    ///
    /// # Errors
    /// `INVALID_PRODUCER_EPOCH` if a newer epoch was seen, or [`Code::NOT_LEADER_OR_FOLLOWER`].
    pub(crate) fn start_verification(
        &self,
        of: &Unverified,
    ) -> Result<VerificationGuard, NotAppended> {
        let mut guard = self.log.lock();
        let log = guard
            .as_mut()
            .filter(|_| self.leader_epoch().is_some())
            .ok_or(NotAppended::Refused(Code::NOT_LEADER_OR_FOLLOWER))?;
        let guard = log.start_verification(
            of.producer_id,
            of.base_sequence,
            of.producer_epoch,
            of.supports_epoch_bump,
            clock::wall_ms(),
        );
        guard.map_err(|error| NotAppended::Log(AppendError::Producer(error)))
    }

    /// Reads; takes no lock that an append holds while it writes.
    pub(crate) fn reader(&self) -> Guard<Arc<LogReader>> {
        self.reader.load()
    }

    /// Notes that somebody reads, so that the files stay open.
    pub(crate) fn touch(&self) {
        if !self.touched.load(Ordering::Relaxed) {
            self.touched.store(true, Ordering::Relaxed);
        }
    }

    /// Does something to the log that is neither an append nor a read; `None` once it is closed.
    pub(crate) fn with_log<T>(&self, work: impl FnOnce(&mut Log) -> T) -> Option<T> {
        self.log.lock().as_mut().map(work)
    }

    /// Closes the files of a log that nobody has used since the last call.
    pub(crate) fn rest_if_quiet(&self) -> Result<(), LogError> {
        if self.touched.swap(false, Ordering::Relaxed) || self.reader().open_files() == 0 {
            return Ok(());
        }
        self.with_log(Log::rest).unwrap_or(Ok(()))
    }

    /// Makes everything up to now durable, without holding appends up.
    pub(crate) fn flush(&self) -> Result<(), LogError> {
        let work = self.with_log(|log| {
            let work = log.flush_work(i64::MAX)?;
            Some((work, self.reader.load_full()))
        });
        let Some((work, flushed)) = work.flatten() else {
            return Ok(());
        };
        work.run().inspect_err(|fault| self.noticed(fault))?;
        if work.is_held_back() {
            // It is tried again with the next look.
            self.has_rolled();
        }
        self.with_log(|log| {
            // Another log may have taken its place.
            if Arc::ptr_eq(&self.reader.load(), &flushed) {
                log.flushed(&work, clock::wall_ms());
            }
        });
        Ok(())
    }

    /// Syncs in the caller's thread what it has appended.
    fn sync_here(self: &Arc<Self>, after: AfterAppend) -> Result<(), NotAppended> {
        match after {
            AfterAppend::Covered => {}
            AfterAppend::Sync if self.sync()? => self.dir.load().syncs.put(self.clone()),
            AfterAppend::Sync => {}
            AfterAppend::Wait => self.flush().map_err(AppendError::Log)?,
        }
        Ok(())
    }

    /// Syncs the log for those who wait for it; whether others wait for another sync by now.
    ///
    /// # Errors
    /// Why it is not on disk; those who wait have been told.
    fn sync(&self) -> Result<bool, NotAppended> {
        let taken = NotAppended::Refused(Code::NOT_LEADER_OR_FOLLOWER);
        let begun = self.with_log(|log| {
            let work = log.flush_work(i64::MAX);
            (work, self.reader.load_full(), self.dir.load_full())
        });
        let Some((work, of, dir)) = begun else {
            return Err(taken);
        };
        if let Some(Err(fault)) = work.as_ref().map(FlushWork::run) {
            dir.noticed(&fault);
            tracing::error!(topic = %self.topic, partition = self.index, %fault, "could not sync");
            if !Arc::ptr_eq(&self.reader.load(), &of) {
                // That log is not it any more: the one in its place is synced.
                return Ok(true);
            }
            self.sync_failed();
            return Err(AppendError::Log(fault).into());
        }
        let again = self.with_log(|log| {
            let mut durable = log.recovery_point();
            // Another log may have taken its place.
            if let Some(work) = &work
                && Arc::ptr_eq(&self.reader.load(), &of)
            {
                log.flushed(work, clock::wall_ms());
                durable = durable.max(work.upto());
                if work.is_held_back() {
                    self.has_rolled();
                }
            }
            let offsets = log.offsets();
            let durable = durable.min(offsets.log_end);
            let every = log.config().flush_messages;
            let after = self.commits.lock().synced(offsets.log_end, durable, every);
            log.update_high_watermark(after.covered.max(offsets.high_watermark));
            after.again
        });
        self.waiters.wake();
        again.ok_or(taken)
    }

    /// A sync has failed: those who wait for it are told.
    fn sync_failed(&self) {
        self.commits.lock().failed();
        self.waiters.wake();
    }

    /// Whether what was appended up to `last_offset` must be synced before it is answered for.
    pub(crate) fn awaits_sync(&self, last_offset: i64) -> bool {
        !self.commits.lock().is_idle() && self.reader().offsets().high_watermark <= last_offset
    }

    /// Waits until what was appended up to `last_offset` has been synced.
    ///
    /// # Errors
    /// `KAFKA_STORAGE_ERROR` if that failed; `NOT_LEADER_OR_FOLLOWER` if the log was taken away meanwhile.
    pub(crate) async fn synced(self: &Arc<Self>, last_offset: i64) -> Result<(), Code> {
        let waiter = Arc::new(Notify::new());
        let _waiting = self.wait(&waiter);
        loop {
            // In this order: what has been synced stays so.
            if self.reader().offsets().high_watermark > last_offset {
                return Ok(());
            }
            if self.dir.load().has_failed() || self.commits.lock().has_failed() {
                return Err(Code::KAFKA_STORAGE_ERROR);
            }
            if self.with_log(|_| ()).is_none() {
                return Err(Code::NOT_LEADER_OR_FOLLOWER);
            }
            waiter.notified().await;
        }
    }

    /// A segment was begun.
    fn has_rolled(&self) {
        self.rolled.store(true, Ordering::Release);
        self.dir.load().contents.rolled();
    }

    /// Whether a segment was begun since the last call: those before it should be on disk soon.
    pub(crate) fn take_rolled(&self) -> bool {
        self.rolled.load(Ordering::Relaxed) && self.rolled.swap(false, Ordering::Relaxed)
    }

    /// Up to where the log is on disk.
    pub(crate) fn recovery_point(&self) -> Option<i64> {
        self.with_log(|log| log.recovery_point())
    }

    /// The log start offset, if no file's name says it.
    pub(crate) fn log_start_to_checkpoint(&self) -> Option<i64> {
        self.with_log(|log| log.log_start_to_checkpoint()).flatten()
    }

    /// Whether the checkpoints of its directory may say more of it than of a new one.
    pub(crate) fn is_checkpointed(&self) -> bool {
        self.recovery_point() > Some(0) || self.log_start_to_checkpoint().is_some()
    }

    /// Puts `other`, a log in another directory, in the place of the log, if `take_over` says that it has all of it.
    /// Nothing is appended meanwhile; those who read the former log go on.
    ///
    /// # Errors
    /// What `take_over` says; nothing has changed then.
    pub(crate) fn replace_log<E>(
        &self,
        dir: &Arc<LogDir>,
        other: &mut Option<Log>,
        take_over: impl FnOnce(&mut Log, &mut Log) -> Result<bool, E>,
    ) -> Result<Replaced, E> {
        let mut guard = self.log.lock();
        let (Some(current), Some(next)) = (guard.as_mut(), other.as_mut()) else {
            return Ok(Replaced::Closed);
        };
        if !take_over(current, next)? {
            return Ok(Replaced::NotYet);
        }
        self.reader.store(Arc::new(next.reader()));
        let left = self.dir.swap(dir.clone());
        left.contents.replicas.fetch_sub(1, Ordering::Relaxed);
        dir.contents.replicas.fetch_add(1, Ordering::Relaxed);
        dir.contents.configured(&self.settings.load());
        if self.rolled.load(Ordering::Acquire) {
            dir.contents.rolled();
        }
        self.touched.store(true, Ordering::Relaxed);
        let former = std::mem::replace(&mut *guard, other.take());
        Ok(former.map_or(Replaced::Closed, |former| Replaced::Was(Box::new(former))))
    }

    /// Takes the log away: it is about to be closed or deleted.
    pub(crate) fn take_log(&self) -> Option<Log> {
        let log = self.log.lock().take();
        self.leader_epoch.store(NOT_LEADING, Ordering::Release);
        self.waiters.wake();
        log
    }

    /// Wakes those who wait for this partition: its offsets have moved.
    pub(crate) fn moved(&self) {
        self.waiters.wake();
    }

    /// Registers `waiter` until the result is dropped.
    pub(crate) fn wait(self: &Arc<Self>, waiter: &Arc<Notify>) -> Waiting {
        let number = self.waiters.add(waiter.clone());
        Waiting {
            partition: self.clone(),
            number,
        }
    }
}

impl Drop for Partition {
    fn drop(&mut self) {
        let dir = self.dir.load();
        dir.contents.replicas.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What became of an attempt to put another log in a log's place.
#[derive(Debug)]
pub(crate) enum Replaced {
    /// It is there; this is the former log.
    Was(Box<Log>),
    /// It does not have everything yet.
    NotYet,
    /// One of the two is closed.
    Closed,
}

/// Who appends, and what shows that he may.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Appender {
    origin: Origin,
    guard: VerificationGuard,
    transaction_version: i16,
    /// It is told of what is synced already, and waits for it in its thread.
    syncs_itself: bool,
}

impl Appender {
    /// A client.
    pub(crate) const CLIENT: Self = Self::of(Origin::Client);
    /// A coordinator on this broker.
    pub(crate) const COORDINATOR: Self = Self::of(Origin::Coordinator);

    const fn of(origin: Origin) -> Self {
        Self {
            origin,
            guard: VerificationGuard::NONE,
            transaction_version: 0,
            syncs_itself: false,
        }
    }

    /// The same, of a transaction that was verified: see [`Partition::start_verification`].
    pub(crate) fn verified(self, guard: VerificationGuard) -> Self {
        Self { guard, ..self }
    }

    /// A coordinator that ends a transaction of this version. What it does next relies on the marker.
    pub(crate) fn of_marker(transaction_version: i16) -> Self {
        Self {
            transaction_version,
            syncs_itself: true,
            ..Self::COORDINATOR
        }
    }
}

/// A batch of a transaction that may not be open in its partition yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unverified {
    /// The producer.
    pub(crate) producer_id: i64,
    /// Its epoch.
    pub(crate) producer_epoch: i16,
    /// The first sequence of the batch; 0 if it has none.
    pub(crate) base_sequence: i32,
    /// Whether the client raises its epoch with every transaction (transaction version 2).
    pub(crate) supports_epoch_bump: bool,
}

/// Why a batch was not appended.
#[derive(Debug)]
pub(crate) enum NotAppended {
    /// For a reason that the code says.
    Refused(Code),
    /// For a reason that the log knows.
    Log(AppendError),
}

impl From<AppendError> for NotAppended {
    fn from(error: AppendError) -> Self {
        Self::Log(error)
    }
}

/// Fetches that wait for a partition: at most one entry per waiting fetch.
#[derive(Default)]
struct Waiters {
    waiting: Mutex<(u64, HashMap<u64, Arc<Notify>>)>,
}

impl Waiters {
    fn add(&self, waiter: Arc<Notify>) -> u64 {
        let mut waiting = self.waiting.lock();
        waiting.0 += 1;
        let number = waiting.0;
        waiting.1.insert(number, waiter);
        number
    }

    fn wake(&self) {
        for waiter in self.waiting.lock().1.values() {
            waiter.notify_one();
        }
    }
}

/// A fetch's place among those who wait; given up when dropped.
pub(crate) struct Waiting {
    partition: Arc<Partition>,
    number: u64,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut waiting = self.partition.waiters.waiting.lock();
        waiting.1.remove(&self.number);
        if waiting.1.is_empty() {
            // A quiet partition keeps no table.
            waiting.1 = HashMap::new();
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
