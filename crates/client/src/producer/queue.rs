//! The batches of one partition from the first record to the broker's word: what may be sent when, and what becomes
//! of a failure. It decides only; time is an argument, and nothing here waits or sends.
//!
//! **Invariant:** batches reach the log in the order of their ids. With idempotence up to five are on their way, and
//! the sequence numbers keep the order; without it, one.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use bytes::Bytes;
use ottla_wire::{
    errors::Code,
    records::{self, BatchBuilder, BuildError, Codec, Header},
};
use tokio::{sync::watch, time::Instant};

use crate::{ClientError, retry::Backoff};

/// The bit of a batch's attributes that says that it belongs to a transaction; they end with byte 22.
const TRANSACTIONAL: u8 = 1 << 4;

/// What the broker said of a batch: its first offset (-1 if unknown) and its log append time (-1 if the records keep
/// their own).
pub(super) type Outcome = Result<(i64, i64), ClientError>;

/// Rules that all partitions of a producer share.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    pub(super) codec: Codec,
    pub(super) batch_size: usize,
    pub(super) linger: Duration,
    pub(super) delivery_timeout: Duration,
    pub(super) backoff: Backoff,
    /// Whether batches carry a producer id and sequence numbers.
    pub(super) idempotent: bool,
    /// Whether they belong to transactions.
    pub(super) transactional: bool,
    /// Batches of one partition that may be on their way.
    pub(super) max_in_flight: usize,
}

/// Records on their way.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) id: u64,
    body: Body,
    /// Bytes of the buffer that it holds.
    pub(super) held: usize,
    count: i32,
    born: Instant,
    failures: u32,
    last_failure: Option<ClientError>,
    not_before: Instant,
    sequence: Option<Sequence>,
    pub(super) outcome: watch::Sender<Option<Outcome>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Sequence {
    transactional: bool,
    producer_id: i64,
    epoch: i16,
    base: i32,
}

#[derive(Debug)]
enum Body {
    Open(BatchBuilder),
    Built(records::Batch),
}

impl Batch {
    /// The bytes to send: compressed once, with the producer's id and sequence.
    pub(super) fn encode(&mut self) -> Result<Bytes, BuildError> {
        if let Body::Open(builder) = &mut self.body {
            let built = std::mem::take(builder).build()?;
            self.body = Body::Built(built);
        }
        let Body::Built(built) = &self.body else {
            return Err(BuildError::Empty);
        };
        Ok(match self.sequence {
            Some(sequence) => {
                let mut header = *built.header();
                header[43..51].copy_from_slice(&sequence.producer_id.to_be_bytes());
                header[51..53].copy_from_slice(&sequence.epoch.to_be_bytes());
                header[53..57].copy_from_slice(&sequence.base.to_be_bytes());
                if sequence.transactional {
                    header[22] |= TRANSACTIONAL;
                }
                records::Batch::from_parts(header, built.payload().clone()).to_bytes()
            }
            None => built.to_bytes(),
        })
    }

    fn size(&self) -> usize {
        match &self.body {
            Body::Open(builder) => builder.uncompressed_size(),
            Body::Built(built) => built.size_in_bytes(),
        }
    }

    /// Whether a failure of it leaves a gap in the sequence numbers.
    pub(super) fn has_sequence(&self) -> bool {
        self.sequence.is_some()
    }

    pub(super) fn settle(&self, outcome: Outcome) {
        self.outcome.send_replace(Some(outcome));
    }
}

/// What was appended, and where.
#[derive(Debug)]
pub(super) struct Appended {
    pub(super) outcome: watch::Receiver<Option<Outcome>>,
    /// Its place in the batch.
    pub(super) index: i64,
    /// Whether somebody should look for what can be sent: a batch began or became full.
    pub(super) look: bool,
}

/// A record as it is appended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts<'a> {
    pub(super) timestamp: i64,
    pub(super) key: Option<&'a [u8]>,
    pub(super) value: Option<&'a [u8]>,
    pub(super) headers: &'a [Header],
}

impl Parts<'_> {
    /// Bytes that it takes in a batch.
    pub(super) fn size(&self) -> usize {
        BatchBuilder::default().record_size(self.timestamp, self.key, self.value, self.headers)
    }
}

/// The batches of one partition.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// Not yet sent, in order; records are appended to the last.
    fresh: VecDeque<Batch>,
    /// Sent, failed, and to be sent again, in order.
    again: BTreeMap<u64, Batch>,
    /// Sent and unanswered.
    in_flight: BTreeSet<u64>,
    next_sequence: i32,
    /// Epochs that this partition is ahead of the producer's first.
    epochs: i16,
    /// A sequence was given up, so the next batches need a new epoch; it begins when nothing is in flight.
    bump: bool,
    /// In a transaction: a sequence was given up, so nothing more can be stored until the epoch is another.
    broken: bool,
}

impl Queue {
    #[cfg(test)]
    fn is_idle(&self) -> bool {
        self.fresh.is_empty() && self.again.is_empty() && self.in_flight.is_empty()
    }

    /// Appends a record that holds `held` bytes of the buffer. `id` names the batch, should it begin one.
    pub(super) fn append(
        &mut self,
        record: Parts<'_>,
        held: usize,
        id: u64,
        now: Instant,
        rules: &Rules,
    ) -> Result<Appended, BuildError> {
        let fits = self
            .fresh
            .back()
            .is_some_and(|last| last.size() + held <= rules.batch_size);
        if !fits {
            self.fresh.push_back(Batch {
                id,
                body: Body::Open(BatchBuilder::new(rules.codec)),
                held: 0,
                count: 0,
                born: now,
                failures: 0,
                last_failure: None,
                not_before: now,
                sequence: None,
                outcome: watch::Sender::new(None),
            });
        }
        // Fresh batches are open, and one was pushed if there was none.
        let Some(Batch {
            body: Body::Open(builder),
            ..
        }) = self.fresh.back_mut()
        else {
            return Err(BuildError::Empty);
        };
        let appended = builder.append(record.timestamp, record.key, record.value, record.headers);
        if let Err(error) = appended {
            if !fits {
                self.fresh.pop_back();
            }
            return Err(error);
        }
        let Some(batch) = self.fresh.back_mut() else {
            return Err(BuildError::Empty);
        };
        batch.held += held;
        batch.count += 1;
        Ok(Appended {
            outcome: batch.outcome.subscribe(),
            index: i64::from(batch.count) - 1,
            look: !fits || batch.size() >= rules.batch_size,
        })
    }

    /// The next batch that may be sent at `now`. Batches with an id below `flush_below` do not linger. `identity` is the
    /// producer's id and first epoch, if it has one.
    pub(super) fn take(
        &mut self,
        now: Instant,
        flush_below: u64,
        identity: Option<(i64, i16)>,
        rules: &Rules,
    ) -> Option<Batch> {
        if self.next_at(flush_below, rules)? > now {
            return None;
        }
        if self.bump {
            self.begin_epoch(rules);
        }
        let mut batch = match self.again.pop_first() {
            Some((_, batch)) => batch,
            None => self.fresh.pop_front()?,
        };
        if let (None, Some((producer_id, epoch))) = (batch.sequence, identity) {
            batch.sequence = Some(Sequence {
                transactional: rules.transactional,
                producer_id,
                epoch: epoch.saturating_add(self.epochs),
                base: self.next_sequence,
            });
            // Sequences wrap from 2³¹ − 1 to 0.
            self.next_sequence = self.next_sequence.wrapping_add(batch.count) & i32::MAX;
        }
        self.in_flight.insert(batch.id);
        Some(batch)
    }

    /// When [`Queue::take`] will give something, if nothing else happens; `None` if it is for others to happen first.
    pub(super) fn next_at(&self, flush_below: u64, rules: &Rules) -> Option<Instant> {
        // What failed goes alone, so that nothing overtakes it; so does the first batch of a new epoch.
        if (self.bump || !self.again.is_empty()) && !self.in_flight.is_empty() {
            return None;
        }
        if let Some((_, first)) = self.again.first_key_value() {
            return Some(first.not_before);
        }
        if self.in_flight.len() >= rules.max_in_flight {
            return None;
        }
        let first = self.fresh.front()?;
        let full = self.fresh.len() > 1 || first.size() >= rules.batch_size;
        Some(if full || first.id < flush_below {
            first.born
        } else {
            first.born + rules.linger
        })
    }

    fn begin_epoch(&mut self, rules: &Rules) {
        self.bump = false;
        if rules.idempotent {
            self.epochs = self.epochs.saturating_add(1);
            self.next_sequence = 0;
            for batch in self.again.values_mut() {
                batch.sequence = None;
            }
        }
    }

    /// Takes back `batch`, which [`Queue::take`] gave, with its `outcome`: its fate for the producer, or `None` if it
    /// waits for another attempt.
    pub(super) fn settle(
        &mut self,
        mut batch: Batch,
        outcome: Outcome,
        now: Instant,
        dice: u64,
        rules: &Rules,
    ) -> Option<(Batch, Outcome)> {
        self.in_flight.remove(&batch.id);
        let error = match outcome {
            Ok(stored) => return Some((batch, Ok(stored))),
            Err(error) => error,
        };
        let code = error.code();
        if code == Some(Code::DUPLICATE_SEQUENCE_NUMBER) {
            // An earlier attempt was stored; where, nobody says.
            return Some((batch, Ok((-1, -1))));
        }
        let lost_state = code == Some(Code::UNKNOWN_PRODUCER_ID)
            && batch.sequence.is_some()
            && !rules.transactional;
        let followed_a_failure = code == Some(Code::OUT_OF_ORDER_SEQUENCE_NUMBER)
            && (self.bump || self.is_before(batch.id));
        if self.broken || !(error.is_retriable() || lost_state || followed_a_failure) {
            self.give_up(&batch, rules);
            return Some((batch, Err(error)));
        }
        self.bump |= lost_state;
        batch.failures = batch.failures.saturating_add(1);
        batch.not_before = now + rules.backoff.pause(batch.failures, dice);
        let deadline = batch.born + rules.delivery_timeout;
        batch.last_failure = Some(error);
        if batch.not_before < deadline {
            self.again.insert(batch.id, batch);
            return None;
        }
        self.give_up(&batch, rules);
        Some(expired(batch, rules))
    }

    /// The numbers of a batch that will never be stored are missing from now on.
    fn give_up(&mut self, batch: &Batch, rules: &Rules) {
        let gap = if rules.transactional {
            &mut self.broken
        } else {
            &mut self.bump
        };
        *gap |= batch.sequence.is_some();
    }

    /// Takes back what was never sent; with `all`, or if its numbers are worthless now, also what waits to be sent again.
    pub(super) fn drop_unsent(&mut self, all: bool) -> Vec<Batch> {
        let mut dropped: Vec<Batch> = Vec::new();
        if all || self.broken {
            dropped.extend(std::mem::take(&mut self.again).into_values());
        }
        dropped.extend(self.fresh.drain(..));
        dropped
    }

    /// Whether an older batch is not settled yet.
    fn is_before(&self, id: u64) -> bool {
        let older = |first: Option<&u64>| first.is_some_and(|first| *first < id);
        older(self.in_flight.first()) || older(self.again.keys().next())
    }

    /// Batches that waited too long to be sent at all.
    pub(super) fn expire(&mut self, now: Instant, rules: &Rules) -> Vec<(Batch, Outcome)> {
        let is_late = |batch: &Batch| batch.born + rules.delivery_timeout <= now;
        let mut late = Vec::new();
        while let Some((_, batch)) = self.again.pop_first() {
            if !is_late(&batch) {
                self.again.insert(batch.id, batch);
                break;
            }
            self.give_up(&batch, rules);
            late.push(expired(batch, rules));
        }
        while let Some(batch) = self.fresh.pop_front_if(|batch| is_late(batch)) {
            late.push(expired(batch, rules));
        }
        late
    }

    /// When the oldest unsent batch is late.
    pub(super) fn expires_at(&self, rules: &Rules) -> Option<Instant> {
        let oldest = self.again.values().next().or_else(|| self.fresh.front());
        oldest.map(|batch| batch.born + rules.delivery_timeout)
    }
}

/// A batch whose time is up, and what its producer is told: with the failure that kept it, if there was one.
fn expired(mut batch: Batch, rules: &Rules) -> (Batch, Outcome) {
    let error = ClientError::Expired {
        what: "a delivery".into(),
        after: rules.delivery_timeout,
        last: batch.last_failure.take().map(Box::new),
    };
    (batch, Err(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A queue with its rules, a clock that only the test moves, and ids from 0.
    struct World {
        queue: Queue,
        rules: Rules,
        identity: Option<(i64, i16)>,
        now: Instant,
        next_id: u64,
    }

    fn world(idempotent: bool) -> World {
        World {
            queue: Queue::default(),
            rules: Rules {
                codec: Codec::None,
                batch_size: 100,
                linger: Duration::from_millis(5),
                delivery_timeout: Duration::from_secs(10),
                backoff: Backoff {
                    initial: Duration::from_millis(100),
                    max: Duration::from_secs(1),
                },
                idempotent,
                transactional: false,
                max_in_flight: if idempotent { 5 } else { 1 },
            },
            identity: idempotent.then_some((77, 3)),
            now: crate::runtime::now(),
            next_id: 0,
        }
    }

    fn transactional() -> World {
        let mut world = world(true);
        world.rules.transactional = true;
        world
    }

    impl World {
        fn append(&mut self, value: &[u8]) -> Appended {
            let record = Parts {
                timestamp: 0,
                key: None,
                value: Some(value),
                headers: &[],
            };
            let id = self.next_id;
            self.next_id += 1;
            self.queue
                .append(record, record.size(), id, self.now, &self.rules)
                .unwrap()
        }

        fn full_batches(&mut self, count: usize) {
            for _ in 0..count {
                self.append(&[7; 100]);
            }
        }

        fn take(&mut self) -> Option<Batch> {
            self.queue.take(self.now, 0, self.identity, &self.rules)
        }

        fn refuse(&mut self, batch: Batch, code: i16) -> Option<(Batch, Outcome)> {
            let error = ClientError::refusal("Produce", &"b".into(), "t-0", code, None).unwrap();
            self.queue
                .settle(batch, Err(error), self.now, 200, &self.rules)
        }

        fn pass(&mut self, millis: u64) {
            self.now += Duration::from_millis(millis);
        }
    }

    fn sequence(batch: &Batch) -> (i16, i32) {
        let sequence = batch.sequence.unwrap();
        (sequence.epoch, sequence.base)
    }

    #[test]
    fn a_batch_leaves_when_it_lingered_or_is_full_or_is_flushed() {
        let mut world = world(true);
        assert!(world.append(b"a").look);
        let second = world.append(b"b");
        assert!(!second.look);
        assert_eq!(second.index, 1);
        assert!(world.take().is_none());
        assert!(
            world
                .queue
                .take(world.now, 1, world.identity, &world.rules)
                .is_some(),
            "flushed"
        );
        world.append(b"c");
        world.pass(5);
        assert!(world.take().is_some(), "lingered");
        assert!(world.append(&[7; 100]).look);
        assert!(world.take().is_some(), "full");
        assert!(world.take().is_none());
    }

    #[test]
    fn sequences_follow_the_records_and_five_batches_are_on_their_way() {
        let mut world = world(true);
        world.append(b"a");
        world.append(b"b");
        world.full_batches(6);
        let taken: Vec<Batch> = std::iter::from_fn(|| world.take()).collect();
        let sequences: Vec<_> = taken.iter().map(sequence).collect();
        assert_eq!(sequences, [(3, 0), (3, 2), (3, 3), (3, 4), (3, 5)]);
    }

    #[test]
    fn without_idempotence_one_batch_is_on_its_way() {
        let mut world = world(false);
        world.full_batches(2);
        let first = world.take().unwrap();
        assert_eq!(first.sequence, None);
        assert!(world.take().is_none());
        assert!(world.refuse(first, 7).is_none());
        assert!(world.take().is_none(), "the second does not overtake");
        world.pass(100);
        assert_eq!(world.take().unwrap().id, 0);
    }

    #[test]
    fn what_followed_a_failure_is_sent_again_in_order_with_its_sequence() {
        let mut world = world(true);
        world.full_batches(3);
        let [a, b] = [world.take().unwrap(), world.take().unwrap()];
        assert!(world.refuse(a, 6).is_none());
        assert!(world.take().is_none(), "the third waits");
        assert!(world.refuse(b, 45).is_none());
        world.pass(99);
        assert!(world.take().is_none());
        world.pass(1);
        let a = world.take().unwrap();
        assert_eq!((a.id, sequence(&a)), (0, (3, 0)));
        assert!(world.take().is_none(), "alone");
        let verdict = world
            .queue
            .settle(a, Ok((9, -1)), world.now, 0, &world.rules);
        assert!(matches!(verdict, Some((_, Ok((9, -1))))));
        assert_eq!(sequence(&world.take().unwrap()), (3, 1));
    }

    #[test]
    fn after_a_batch_was_given_up_the_rest_begins_a_new_epoch() {
        let mut world = world(true);
        world.full_batches(3);
        let [a, b] = [world.take().unwrap(), world.take().unwrap()];
        assert!(matches!(world.refuse(a, 10), Some((_, Err(_)))));
        assert!(world.take().is_none(), "b is still on its way");
        assert!(world.refuse(b, 45).is_none(), "b did nothing wrong");
        world.pass(100);
        let b = world.take().unwrap();
        assert_eq!((b.id, sequence(&b)), (1, (4, 0)));
    }

    #[test]
    fn a_gap_that_nothing_explains_is_an_error() {
        let mut world = world(true);
        world.full_batches(1);
        let batch = world.take().unwrap();
        assert!(matches!(world.refuse(batch, 45), Some((_, Err(_)))));
    }

    #[test]
    fn a_duplicate_is_a_success_without_an_offset() {
        let mut world = world(true);
        world.full_batches(1);
        let batch = world.take().unwrap();
        assert!(matches!(world.refuse(batch, 46), Some((_, Ok((-1, -1))))));
        assert!(world.queue.is_idle());
    }

    #[test]
    fn nothing_is_tried_past_its_delivery_timeout() {
        let mut world = world(true);
        world.full_batches(2);
        let first = world.take().unwrap();
        world.pass(9_950);
        let Some((_, Err(error))) = world.refuse(first, 6) else {
            panic!("a retry would come too late");
        };
        assert_eq!(error.code(), Some(Code::NOT_LEADER_OR_FOLLOWER));
        assert!(world.queue.expire(world.now, &world.rules).is_empty());
        world.pass(50);
        assert_eq!(world.queue.expires_at(&world.rules), Some(world.now));
        assert_eq!(world.queue.expire(world.now, &world.rules).len(), 1);
        assert!(world.queue.is_idle());
    }

    #[test]
    fn what_expires_while_it_waits_names_its_last_failure() {
        let mut world = world(true);
        world.full_batches(1);
        let batch = world.take().unwrap();
        assert!(world.refuse(batch, 19).is_none());
        world.pass(10_000);
        let late = world.queue.expire(world.now, &world.rules);
        let Some((_, Err(error))) = late.first() else {
            panic!("it is late");
        };
        assert_eq!(error.code(), Some(Code::NOT_ENOUGH_REPLICAS));
    }

    #[test]
    fn the_bytes_carry_producer_and_sequence_and_are_sound() {
        let mut world = world(true);
        world.append(b"a");
        world.append(b"b");
        world.pass(5);
        let mut batch = world.take().unwrap();
        let bytes = batch.encode().unwrap();
        let batch = records::Batch::first(&bytes).unwrap();
        assert_eq!(batch.check_crc(), Ok(()));
        let numbers = (
            batch.producer_id(),
            batch.producer_epoch(),
            batch.base_sequence(),
        );
        assert_eq!(numbers, (77, 3, 0));
        assert_eq!(batch.record_count(), 2);
    }

    #[test]
    fn in_a_transaction_nothing_follows_a_batch_that_was_given_up() {
        let mut world = transactional();
        world.full_batches(3);
        let [mut a, b] = [world.take().unwrap(), world.take().unwrap()];
        let bytes = a.encode().unwrap();
        let encoded = records::Batch::first(&bytes).unwrap();
        assert!(encoded.attributes().is_transactional());
        assert!(matches!(world.refuse(a, 10), Some((_, Err(_)))));
        assert!(
            matches!(world.refuse(b, 45), Some((_, Err(_)))),
            "its number comes too early for ever"
        );
        let dropped = world.queue.drop_unsent(false);
        assert_eq!(dropped.len(), 1);
        assert!(world.queue.is_idle());
    }

    #[test]
    fn in_a_transaction_what_was_sent_keeps_its_place_when_the_rest_is_dropped() {
        let mut world = transactional();
        world.full_batches(3);
        let a = world.take().unwrap();
        assert!(world.refuse(a, 6).is_none());
        assert_eq!(world.queue.drop_unsent(false).len(), 2);
        world.pass(100);
        assert_eq!(sequence(&world.take().unwrap()), (3, 0));
    }

    #[test]
    fn sequences_wrap_to_zero() {
        let mut world = world(true);
        world.queue.next_sequence = i32::MAX;
        world.full_batches(2);
        assert_eq!(sequence(&world.take().unwrap()), (3, i32::MAX));
        assert_eq!(sequence(&world.take().unwrap()), (3, 0));
    }
}
