//! A partition without files: batches in memory, and the real state of its producers.

use ottla_coordinator::group::Record;
use ottla_log::{
    AbortedTransaction, Marker, Origin, ProducerError, ProducerState, VerificationGuard,
    collect_aborted,
    producers::{Appending, Checks, Prepared, Producers},
};

/// What a batch carries.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    /// Records of a client.
    Values(Vec<u32>),
    /// What the group coordinator wrote.
    Offsets(Vec<Record>),
    /// The end of a transaction.
    Marker(Marker),
}

#[derive(Clone, Debug)]
pub(crate) struct Batch {
    pub(crate) base: i64,
    pub(crate) producer_id: i64,
    pub(crate) epoch: i16,
    /// -1 if it has none.
    pub(crate) sequence: i32,
    /// When, in ms.
    pub(crate) timestamp: i64,
    pub(crate) body: Body,
    /// The transaction that the producer means: what only the world knows. 0 in markers.
    pub(crate) tag: u32,
}

impl Batch {
    fn records(&self) -> i64 {
        match &self.body {
            Body::Values(values) => values.len() as i64,
            Body::Offsets(records) => records.len() as i64,
            Body::Marker(_) => 1,
        }
    }

    pub(crate) fn next(&self) -> i64 {
        self.base + self.records()
    }

    fn appending(&self) -> Appending {
        let last = self.records() as i32 - 1;
        let marker = match &self.body {
            Body::Marker(marker) => Some(*marker),
            _ => None,
        };
        Appending {
            producer_id: self.producer_id,
            producer_epoch: self.epoch,
            base_sequence: self.sequence,
            last_sequence: if self.sequence < 0 {
                -1
            } else {
                self.sequence + last
            },
            base_offset: self.base,
            last_offset: self.next() - 1,
            max_timestamp: self.timestamp,
            transactional: true,
            control: marker.is_some(),
            marker,
        }
    }
}

/// What an append did.
#[derive(PartialEq, Eq, Debug)]
pub(crate) enum Appended {
    /// Nothing: it was there.
    Repetition,
    /// It is in the log.
    Written,
    /// It is in the log, and ends the transaction whose batches have this tag.
    Ended { tag: u32, aborted: bool },
}

#[derive(Default)]
pub(crate) struct Partition {
    pub(crate) producers: Producers,
    pub(crate) log: Vec<Batch>,
    pub(crate) end: i64,
    aborted: Vec<AbortedTransaction>,
    snapshot: Option<(i64, Vec<ProducerState>)>,
}

impl Partition {
    pub(crate) fn last_stable(&self) -> i64 {
        self.producers.first_unstable().unwrap_or(self.end)
    }

    pub(crate) fn append(
        &mut self,
        mut batch: Batch,
        checks: &Checks,
    ) -> Result<Appended, ProducerError> {
        batch.base = self.end;
        let stable = self.last_stable();
        let update = match self.producers.prepare(&[batch.appending()], checks)? {
            Prepared::Repetition(_) => return Ok(Appended::Repetition),
            Prepared::Update(update) => update,
        };
        self.end = batch.next();
        self.log.push(batch);
        let mut done = Appended::Written;
        for completed in self.producers.apply(update) {
            if completed.aborted {
                self.aborted.push(self.producers.aborted(&completed));
            }
            self.producers.complete(&completed);
            let tag = self.tag_of(completed.producer_id, completed.first_offset);
            done = Appended::Ended {
                tag,
                aborted: completed.aborted,
            };
        }
        // It has one replica.
        self.producers.replicated(self.end);
        assert!(
            self.last_stable() >= stable,
            "the last stable offset went back from {stable} to {}",
            self.last_stable()
        );
        Ok(done)
    }

    /// What the producer meant by the batches of its transaction that begins at this offset: one thing.
    fn tag_of(&self, producer_id: i64, first: i64) -> u32 {
        let from = self.log.partition_point(|batch| batch.base < first);
        let mut tags = self.log[from..]
            .iter()
            .filter(|batch| {
                batch.producer_id == producer_id && !matches!(batch.body, Body::Marker(_))
            })
            .map(|batch| batch.tag);
        let tag = tags.next().expect("the batch that began the transaction");
        for other in tags {
            assert_eq!(
                tag, other,
                "two transactions of {producer_id} are mixed from {first} on"
            );
        }
        tag
    }

    /// As a broker does now and then.
    pub(crate) fn take_snapshot(&mut self) {
        let mut states: Vec<_> = self.producers.states().values().cloned().collect();
        for state in &mut states {
            // The file has room for one.
            let keep = state.batches.len().saturating_sub(1);
            state.batches.drain(..keep);
        }
        self.snapshot = Some((self.end, states));
    }

    /// The broker starts anew: producers come from the snapshot, and from the batches after it.
    pub(crate) fn reload(&mut self, now_ms: i64, expiry_ms: i64) {
        let before = std::mem::take(&mut self.producers);
        let (from, states) = self.snapshot.clone().unwrap_or_default();
        let mut forgotten = Vec::new();
        for state in states {
            let expired = state.transaction_first_offset.is_none()
                && now_ms - state.last_timestamp >= expiry_ms;
            match expired {
                true => forgotten.push(state.producer_id),
                false => self.producers.load(state),
            }
        }
        let at = self.log.partition_point(|batch| batch.base < from);
        for batch in &self.log[at..] {
            let prepared = self
                .producers
                .prepare(&[batch.appending()], &Checks::REPLAY);
            let Ok(Prepared::Update(update)) = prepared else {
                panic!("what is in the log is refused: {prepared:?}");
            };
            for completed in self.producers.apply(update) {
                if completed.aborted {
                    let known = self.producers.aborted(&completed);
                    assert!(self.aborted.contains(&known), "{known:?} was not noted");
                }
                self.producers.complete(&completed);
            }
        }
        self.producers.replicated(self.end);
        for (id, old) in before.states() {
            // It may have expired in the snapshot, and been written to the log since, by a marker.
            let is_whole = !forgotten.contains(id);
            let shape = |of: &ProducerState| {
                let sequence = is_whole.then_some(of.last_sequence());
                (of.producer_epoch, of.transaction_first_offset, sequence)
            };
            if old.transaction_first_offset.is_some() || now_ms - old.last_timestamp < expiry_ms {
                let new = self.producers.states().get(id).map(shape);
                assert_eq!(new, Some(shape(old)), "producer {id} after a start");
            }
        }
        assert_eq!(self.producers.first_undecided(), before.first_undecided());
    }

    /// Up to `most` batches from an offset on: what a consumer sees that reads committed data, and where it goes on.
    /// Like a client it drops aborted data by the list that comes with the batches.
    pub(crate) fn read_committed(&self, from: i64, most: usize) -> (Vec<(i64, u32)>, i64) {
        let stable = self.last_stable();
        let at = self.log.partition_point(|batch| batch.next() <= from);
        let batches = self.log[at..]
            .iter()
            .take(most)
            .take_while(|batch| batch.base < stable);
        let upper = batches.clone().last().map_or(from, Batch::next);
        let mut list = Vec::new();
        collect_aborted(&self.aborted, from, upper, &mut list);
        list.sort_by_key(|of| of.first_offset);
        let mut list = list.into_iter().peekable();
        let mut dropped: Vec<i64> = Vec::new();
        let mut seen = Vec::new();
        for batch in batches {
            while let Some(of) = list.next_if(|of| of.first_offset < batch.next()) {
                dropped.push(of.producer_id);
            }
            match &batch.body {
                Body::Marker(marker) if !marker.commit => {
                    dropped.retain(|id| *id != batch.producer_id);
                }
                Body::Values(values) if !dropped.contains(&batch.producer_id) => {
                    let all = (batch.base..).zip(values.iter().copied());
                    seen.extend(all.filter(|(offset, _)| *offset >= from));
                }
                _ => {}
            }
        }
        (seen, upper)
    }
}

/// How a client's append is checked.
pub(crate) fn by_client(guard: VerificationGuard) -> Checks {
    Checks {
        origin: Origin::Client,
        guard,
        transaction_version: 0,
    }
}

/// How a coordinator's append is checked.
pub(crate) fn by_coordinator(guard: VerificationGuard, transaction_version: i16) -> Checks {
    Checks {
        origin: Origin::Coordinator,
        guard,
        transaction_version,
    }
}
