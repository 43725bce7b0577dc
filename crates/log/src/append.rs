//! Appending to a log, as a leader and as a follower.

use ottla_wire::Code;
use ottla_wire::records::{Batch, BatchError, TimestampType};
use thiserror::Error;

use crate::error::LogError;
use crate::log::Log;
use crate::producers::{
    Appending, BatchMetadata, Checks, Origin, Prepared, ProducerError, Update, VerificationGuard,
};
use crate::segment::{Incoming, Segment};

/// How a leader appends.
#[derive(Clone, Copy, Debug)]
pub struct Leading {
    /// Its epoch, which every batch gets.
    pub leader_epoch: i32,
    /// Who appends.
    pub origin: Origin,
    /// Now.
    pub now_ms: i64,
    /// Shows that the producer's transaction was verified: from [`Log::start_verification`].
    pub guard: VerificationGuard,
    /// With transaction markers: the transaction version of the producer.
    pub transaction_version: i16,
}

impl Leading {
    /// An append that needs no verification.
    pub fn new(leader_epoch: i32, origin: Origin, now_ms: i64) -> Self {
        Self {
            leader_epoch,
            origin,
            now_ms,
            guard: VerificationGuard::NONE,
            transaction_version: 0,
        }
    }

    /// With the guard of a verified transaction.
    #[must_use]
    pub fn verified(self, guard: VerificationGuard) -> Self {
        Self { guard, ..self }
    }
}

/// What became of an append.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Appended {
    /// The offset of the first record; -1 if there was none.
    pub first_offset: i64,
    /// The offset of the last record; -1 if there was none.
    pub last_offset: i64,
    /// When the broker appended it, if that is what its timestamps mean; else -1.
    pub log_append_time: i64,
    /// The log start offset.
    pub log_start_offset: i64,
    /// Nothing was appended: the batch is in the log already, at the offsets above.
    pub duplicate: bool,
    /// A new segment began: the older ones should be flushed soon ([`Log::flush_work`]).
    pub rolled: bool,
    /// As many records as `flush.messages` says are not on disk: who appended makes the log durable ([`Log::flush_work`])
    /// before anybody may rely on them.
    pub flush_due: bool,
}

/// Why nothing was appended.
#[derive(Debug, Error)]
pub enum AppendError {
    /// MESSAGE_TOO_LARGE.
    #[error("the batch has {size} bytes, max.message.bytes allows {limit}")]
    TooLarge {
        /// Of the batch.
        size: usize,
        /// `max.message.bytes`.
        limit: u32,
    },
    /// RECORD_LIST_TOO_LARGE.
    #[error("the batches have {size} bytes together, a segment holds {limit} (segment.bytes)")]
    ListTooLarge {
        /// Of all batches.
        size: u64,
        /// `segment.bytes`.
        limit: u32,
    },
    /// CORRUPT_MESSAGE: a batch from a leader was damaged on the way.
    #[error("a batch is corrupt: {0}")]
    Corrupt(BatchError),
    /// A leader sent offsets that are in the log already.
    #[error("the batch begins at offset {found}, the log ends at {expected}")]
    UnexpectedOffset {
        /// The first offset of the batch.
        found: i64,
        /// The log end offset.
        expected: i64,
    },
    /// A leader sent batches whose offsets do not grow.
    #[error("a batch that ends at offset {found} follows one that ends at {last}")]
    OffsetsOutOfOrder {
        /// The last offset of the batch before it.
        last: i64,
        /// Its own.
        found: i64,
    },
    /// The producer's state forbids it.
    #[error(transparent)]
    Producer(#[from] ProducerError),
    /// The files cannot be written.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl AppendError {
    /// Its error code. What only a leader can do wrong has none.
    pub fn code(&self) -> Code {
        match self {
            Self::TooLarge { .. } => Code::MESSAGE_TOO_LARGE,
            Self::ListTooLarge { .. } => Code::RECORD_LIST_TOO_LARGE,
            Self::Corrupt(_) => Code::CORRUPT_MESSAGE,
            Self::UnexpectedOffset { .. } | Self::OffsetsOutOfOrder { .. } => {
                Code::UNKNOWN_SERVER_ERROR
            }
            Self::Producer(error) => error.code(),
            Self::Log(_) => Code::KAFKA_STORAGE_ERROR,
        }
    }
}

impl Log {
    /// Appends batches that were validated: gives them offsets and the leader's epoch. Nothing is flushed here: see
    /// [`Appended::flush_due`].
    pub fn append_as_leader(
        &mut self,
        mut batches: Vec<Batch>,
        how: &Leading,
    ) -> Result<Appended, AppendError> {
        let limit = self.config.max_message_bytes;
        if let Some(size) = batches
            .iter()
            .map(Batch::size_in_bytes)
            .find(|size| *size > limit as usize)
        {
            return Err(AppendError::TooLarge { size, limit });
        }
        let mut next = self.offsets().log_end;
        for batch in &mut batches {
            batch.set_base_offset(next);
            batch.set_leader_epoch(how.leader_epoch);
            next = batch.next_offset();
        }
        let checks = Checks {
            origin: how.origin,
            guard: how.guard,
            transaction_version: how.transaction_version,
        };
        self.append(&batches, &checks, how.now_ms)
    }

    /// Appends what a leader sent: offsets and epochs are its own. Offsets may have gaps, but grow.
    pub fn append_as_follower(
        &mut self,
        batches: &[Batch],
        now_ms: i64,
    ) -> Result<Appended, AppendError> {
        let expected = self.offsets().log_end;
        let mut last = None;
        for batch in batches {
            batch.check_crc().map_err(AppendError::Corrupt)?;
            match last {
                None if batch.base_offset() < expected => {
                    return Err(AppendError::UnexpectedOffset {
                        found: batch.base_offset(),
                        expected,
                    });
                }
                Some(last) if batch.last_offset() <= last => {
                    let found = batch.last_offset();
                    return Err(AppendError::OffsetsOutOfOrder { last, found });
                }
                _ => last = Some(batch.last_offset()),
            }
        }
        let appended = self.append(batches, &Checks::REPLAY, now_ms)?;
        if appended.flush_due {
            self.flush(now_ms)?;
        }
        Ok(appended)
    }

    fn append(
        &mut self,
        batches: &[Batch],
        checks: &Checks,
        now_ms: i64,
    ) -> Result<Appended, AppendError> {
        let log_start_offset = self.offsets().log_start;
        let (Some(first), Some(last)) = (batches.first(), batches.last()) else {
            return Ok(Appended {
                first_offset: -1,
                last_offset: -1,
                log_append_time: -1,
                log_start_offset,
                duplicate: false,
                rolled: false,
                flush_due: false,
            });
        };
        let size: u64 = batches.iter().map(|b| b.size_in_bytes() as u64).sum();
        let limit = self.config.segment_bytes;
        if size > u64::from(limit) {
            return Err(AppendError::ListTooLarge { size, limit });
        }
        let update = match self.prepare(batches, checks)? {
            Prepared::Repetition(known) => return Ok(duplicate(&known, log_start_offset)),
            Prepared::Update(update) => update,
        };
        let incoming = Incoming {
            size: size as u32,
            max_timestamp: batches.iter().map(Batch::max_timestamp).max().unwrap_or(-1),
            last_offset: last.last_offset(),
            now_ms,
        };
        let rolled = self.roll_if_due(&incoming, first.base_offset())?;
        self.assign_epochs(batches);
        let active = self.view().active().clone();
        match update.aborts() {
            0 => {}
            // Once the marker is in the log, its entry in the index must not fail for want of room.
            count => active.make_room_for_aborted(count)?,
        }
        active.append(batches, self.config.index_interval_bytes)?;
        let noted = self.take_over(update, &active);
        let log_end = last.next_offset();
        self.producers.map_end = log_end;
        self.publish(|view| view.log_end = log_end);
        noted.map_err(|error| error.halfway("the end of a transaction is in the log already"))?;
        let appended_by_broker =
            first.attributes().timestamp_type() == TimestampType::LogAppendTime;
        Ok(Appended {
            first_offset: first.base_offset(),
            last_offset: last.last_offset(),
            log_append_time: if appended_by_broker {
                first.max_timestamp()
            } else {
                -1
            },
            log_start_offset,
            duplicate: false,
            rolled,
            flush_due: log_end - self.recovery_point >= self.config.flush_messages,
        })
    }

    fn prepare(&self, batches: &[Batch], checks: &Checks) -> Result<Prepared, ProducerError> {
        // Most batches have a producer id, and come alone.
        match batches {
            [batch] if !batch.has_producer_id() => Ok(Prepared::Update(Update::default())),
            [batch] => self
                .producers
                .prepare(&[Appending::of_batch(batch)], checks),
            _ => {
                let all: Vec<_> = batches.iter().map(Appending::of_batch).collect();
                self.producers.prepare(&all, checks)
            }
        }
    }

    fn take_over(&mut self, update: Update, active: &Segment) -> Result<(), LogError> {
        for completed in &self.producers.apply(update) {
            if completed.aborted {
                active.add_aborted(self.producers.aborted(completed))?;
            }
            self.producers.complete(completed);
        }
        Ok(())
    }

    fn assign_epochs(&mut self, batches: &[Batch]) {
        for batch in batches {
            self.assign_epoch(batch.leader_epoch(), batch.base_offset());
        }
    }

    /// The leader's epoch `epoch` begins at `start_offset`: at the first append, or when a leader takes over. It is
    /// written down when records of it are flushed.
    pub fn assign_epoch(&mut self, epoch: i32, start_offset: i64) {
        if self.reader.latest_epoch() == Some(epoch) {
            return;
        }
        let before = self.reader.leader_epochs();
        let mut epochs = before.clone();
        epochs.assign(epoch, start_offset);
        if let Some(from) = before.first_difference(&epochs) {
            *self.reader.shared.epochs.write() = epochs;
            self.reader.shared.epochs_file.note(from);
        }
    }

    pub(crate) fn roll_if_due(
        &mut self,
        incoming: &Incoming,
        first_offset: i64,
    ) -> Result<bool, LogError> {
        let due = self.view().active().should_roll(&self.config, incoming)?;
        if due {
            self.roll_at(first_offset, incoming.now_ms)?;
        }
        Ok(due)
    }
}

fn duplicate(known: &BatchMetadata, log_start_offset: i64) -> Appended {
    Appended {
        first_offset: known.first_offset(),
        last_offset: known.last_offset,
        log_append_time: known.timestamp,
        log_start_offset,
        duplicate: true,
        rolled: false,
        flush_due: false,
    }
}
