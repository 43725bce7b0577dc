//! As many records as the broker gives: each consumer has a connection, reads all partitions, and begins again at the end.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use bytes::Bytes;
use ottla_interop::load::Plan;
use ottla_wire::{
    Records,
    messages::{
        FetchRequest,
        fetch_request::{FetchPartition, FetchTopic},
        fetch_response::PartitionData,
    },
};
use serde_json::Value;

use super::{
    answers::Answers,
    gauge::now,
    link::{self, Link, decode},
    measured::{self, Tally},
    target::{Target, is_floor},
};

/// The version: topics by their id.
pub(crate) const FETCH: i16 = 17;
/// What Java's consumer asks for, unless it is told otherwise.
const MAX_BYTES: usize = 50 << 20;
const PARTITION_BYTES: usize = 1 << 20;
/// Where things are in a batch.
const HEADER: usize = 61;
const LENGTH: usize = 8;
const LENGTH_END: usize = 12;
const LAST_DELTA: usize = 23;
const COUNT: usize = 57;

/// Options: topic, partitions, consumers, max_bytes, partition_bytes, and seconds or laps (from the first to the last record).
pub(crate) fn run(plan: &Plan) -> Result<Value, String> {
    let target = Target::of(plan)?;
    let consumer = |_| {
        let mut consumer = Consumer::of(plan, &target)?;
        // The end is seen at once.
        consumer.request.max_wait_ms = 0;
        Ok::<_, String>(consumer)
    };
    let consumers = (0..plan.number_or("consumers", 1)?).map(consumer);
    let consumers = consumers.collect::<Result<Vec<_>, _>>()?;
    let time = Duration::from_secs(plan.number_or("seconds", 3600)? as u64);
    let laps = plan.number_or("laps", usize::MAX)?;
    let each = |consumer: Consumer| consumer.run(now(), time, laps);
    Ok(measured::run(plan, consumers, each)?.json())
}

/// What asks for records.
pub(crate) struct Consumer {
    link: Link,
    answers: Answers,
    request: FetchRequest,
    /// The bare server gives the same bytes each time.
    floor: bool,
}

/// What a batch's header says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Seen {
    pub(crate) base_offset: i64,
    next_offset: i64,
    count: u64,
    bytes: u64,
}

impl Consumer {
    /// From the first record of each partition.
    pub(crate) fn of(plan: &Plan, target: &Target) -> Result<Self, String> {
        let most = |key, without| {
            let bytes = plan.number_or(key, without)?;
            i32::try_from(bytes).map_err(|_| format!("{key}={bytes}: too large"))
        };
        let partition_bytes = most("partition_bytes", PARTITION_BYTES)?;
        let partition = |partition| FetchPartition {
            partition,
            current_leader_epoch: -1,
            last_fetched_epoch: -1,
            log_start_offset: -1,
            partition_max_bytes: partition_bytes,
            ..FetchPartition::default()
        };
        let request = FetchRequest {
            replica_id: -1,
            max_wait_ms: 500,
            min_bytes: 1,
            max_bytes: most("max_bytes", MAX_BYTES)?,
            session_epoch: -1,
            topics: vec![FetchTopic {
                topic_id: target.id,
                partitions: (0..target.partitions).map(partition).collect(),
                ..FetchTopic::default()
            }],
            ..FetchRequest::default()
        };
        let link = Link::open(&plan.address)?;
        Ok(Self {
            answers: Answers::of(&link.stream)?,
            link,
            request,
            floor: is_floor(plan)?,
        })
    }

    fn run(mut self, start: Instant, time: Duration, laps: usize) -> Result<Tally, String> {
        let mut tally = Tally::default();
        let mut lap = 0;
        while lap < laps && start.elapsed() < time {
            let sent = now();
            let before = tally.bytes;
            if self.floor {
                tally.bytes += self.exchange()?.len() as u64;
            } else {
                self.read(|_, seen| {
                    tally.bytes += seen.bytes;
                    tally.records += seen.count;
                })?;
            }
            if tally.bytes == before {
                // The end of every partition.
                self.partitions().for_each(|of| of.fetch_offset = 0);
                lap += 1;
            }
            let micros = sent.elapsed().as_micros();
            tally.micros.push(u32::try_from(micros).unwrap_or(u32::MAX));
        }
        Ok(tally)
    }

    /// Asks once, tells of every batch, and goes on behind them.
    pub(crate) fn read(&mut self, mut each: impl FnMut(i32, Seen)) -> Result<(), String> {
        let bytes = self.exchange()?;
        let answer = decode::<FetchRequest>(FETCH, bytes.clone())?;
        if answer.error_code != 0 {
            return Err(format!("a fetch was refused: {}", answer.error_code));
        }
        for of in answer.responses.into_iter().flat_map(|of| of.partitions) {
            if of.error_code != 0 {
                return Err(format!("a fetch was refused: {of:?}"));
            }
            self.follow(&of, &mut each);
        }
        self.answers.done(bytes);
        Ok(())
    }

    fn follow(&mut self, of: &PartitionData, each: &mut impl FnMut(i32, Seen)) {
        let Some(Records::Bytes(records)) = &of.records else {
            return;
        };
        let index = of.partition_index;
        for seen in batches(records) {
            if let Some(at) = self.partitions().nth(index as usize) {
                at.fetch_offset = seen.next_offset;
            }
            each(index, seen);
        }
    }

    fn partitions(&mut self) -> impl Iterator<Item = &mut FetchPartition> {
        let topics = self.request.topics.iter_mut();
        topics.flat_map(|topic| &mut topic.partitions)
    }

    fn exchange(&mut self) -> Result<Bytes, String> {
        let frame = link::frame(FETCH, 0, &self.request)?;
        let sent = self.link.stream.write_all(&frame);
        sent.map_err(|error| format!("while sending: {error}"))?;
        self.answers.next()
    }
}

/// The whole batches of some bytes; the last one may be cut.
fn batches(bytes: &[u8]) -> impl Iterator<Item = Seen> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let number = |at: usize| {
            let four = rest.get(at..at + 4)?;
            Some(i32::from_be_bytes(four.try_into().ok()?))
        };
        let size = LENGTH_END + usize::try_from(number(LENGTH)?).ok()?;
        let base_offset = i64::from_be_bytes(rest.get(..8)?.try_into().ok()?);
        let delta = number(LAST_DELTA)?;
        let count = number(COUNT)?.unsigned_abs();
        if size < HEADER || rest.len() < size {
            return None;
        }
        rest = &rest[size..];
        Some(Seen {
            base_offset,
            next_offset: base_offset + i64::from(delta) + 1,
            count: count.into(),
            bytes: size as u64,
        })
    })
}

#[cfg(test)]
mod tests {
    use ottla_wire::records::{BatchBuilder, Codec};

    use super::*;

    #[test]
    fn whole_batches_are_seen() {
        let mut builder = BatchBuilder::new(Codec::None).base_offset(5);
        for _ in 0..3 {
            builder.append(1, None, Some(b"x"), &[]).unwrap();
        }
        let one = builder.build().unwrap().to_bytes();
        let bytes = [&one[..], &one[..one.len() - 1]].concat();
        let seen: Vec<_> = batches(&bytes).collect();
        let expected = Seen {
            base_offset: 5,
            next_offset: 8,
            count: 3,
            bytes: one.len() as u64,
        };
        assert_eq!(seen, [expected]);
        assert_eq!(batches(&[]).count(), 0);
    }
}
