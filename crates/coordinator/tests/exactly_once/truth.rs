//! What really happened, which only the world knows: who meant what, and what must hold of it at every moment.

use std::collections::BTreeMap;

use ottla_coordinator::transaction::Record;

use crate::message::{IDS, INPUT, OFFSETS, PARTITIONS, Writer, index_of};

/// What a client knows of the end of its transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    /// Not ended, or it never heard.
    Unknown,
    /// It was told that its commit succeeded.
    Committed,
    /// It did not commit, or was told that it could not.
    NotCommitted,
}

/// A transaction as its client means it.
pub(crate) struct Meant {
    pub(crate) writer: Writer,
    pub(crate) timeout_ms: i32,
    pub(crate) outcome: Outcome,
    /// Partition and value, of what was acknowledged.
    pub(crate) acknowledged: Vec<(usize, u32)>,
    /// What a processor read to write this: the offsets of the input, and what it saw there.
    pub(crate) consumed: Option<Consumed>,
    /// How it ended on the first partition that got its marker.
    fate: Option<bool>,
    /// When its first batch was written.
    began: u64,
}

pub(crate) struct Consumed {
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) seen: Vec<(i64, u32)>,
    /// The commit of its offset was acknowledged.
    pub(crate) acknowledged: bool,
}

/// Kafka's numbers of states.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Status(i8);

impl Status {
    pub(crate) const EMPTY: Self = Self(0);
    pub(crate) const ONGOING: Self = Self(1);
    pub(crate) const PREPARE_COMMIT: Self = Self(2);
    pub(crate) const PREPARE_ABORT: Self = Self(3);
    pub(crate) const COMPLETE_COMMIT: Self = Self(4);
    pub(crate) const COMPLETE_ABORT: Self = Self(5);

    pub(crate) fn number(self) -> i8 {
        self.0
    }

    fn is_prepared(self) -> bool {
        self == Self::PREPARE_COMMIT || self == Self::PREPARE_ABORT
    }

    fn is_idle(self) -> bool {
        self != Self::ONGOING && !self.is_prepared()
    }

    fn may_follow(self, before: Self) -> bool {
        match self {
            Self::EMPTY => before.is_idle(),
            Self::ONGOING => before.is_idle() || before == Self::ONGOING,
            Self::PREPARE_COMMIT => before == Self::ONGOING,
            Self::PREPARE_ABORT => before.is_idle() || before == Self::ONGOING,
            Self::COMPLETE_COMMIT => before == Self::PREPARE_COMMIT,
            Self::COMPLETE_ABORT => before == Self::PREPARE_ABORT,
            _ => false,
        }
    }
}

/// What the coordinator's log says of a transactional id.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Decided {
    pub(crate) producer_id: i64,
    pub(crate) epoch: i16,
    pub(crate) status: Status,
    /// A bit for each partition.
    pub(crate) partitions: u32,
    /// The same, of those that have the marker of this end.
    pub(crate) marked: u32,
}

#[derive(Default)]
pub(crate) struct Truth {
    /// By tag, which begins at 1.
    meant: Vec<Meant>,
    pub(crate) decided: [Option<Decided>; IDS.len()],
    /// The largest epoch that a producer id ever had in the coordinator's log.
    epochs: BTreeMap<i64, (usize, i16)>,
    /// Where the group is, by its committed transactions.
    pub(crate) group: i64,
    /// From then on nothing fails.
    pub(crate) quiet_at: u64,
}

impl Truth {
    pub(crate) fn begin(&mut self, writer: Writer, timeout_ms: i32) -> u32 {
        self.meant.push(Meant {
            writer,
            timeout_ms,
            outcome: Outcome::Unknown,
            acknowledged: Vec::new(),
            consumed: None,
            fate: None,
            began: 0,
        });
        self.meant.len() as u32
    }

    pub(crate) fn meant(&mut self, tag: u32) -> &mut Meant {
        &mut self.meant[tag as usize - 1]
    }

    pub(crate) fn committed(&self, tag: u32) -> bool {
        self.meant[tag as usize - 1].fate == Some(true)
    }

    /// A record of the coordinator was written.
    pub(crate) fn decided(&mut self, record: &Record) {
        let name = &record.key.transactional_id;
        let id = IDS.iter().position(|id| id == name).expect("an id of ours");
        let before = self.decided[id];
        let Some(value) = &record.value else {
            let idle = before.is_none_or(|before| before.status.is_idle());
            assert!(
                idle,
                "{name} was forgotten in the midst of a transaction: {before:?}"
            );
            self.decided[id] = None;
            return;
        };
        let mut partitions = 0;
        for topic in value.transaction_partitions.iter().flatten() {
            for number in &topic.partition_ids {
                partitions |= 1 << index_of(&topic.topic, *number);
            }
        }
        let mut now = Decided {
            producer_id: value.producer_id,
            epoch: value.producer_epoch,
            status: Status(value.transaction_status),
            partitions,
            marked: 0,
        };
        if let Some(before) = before {
            self.follows(name, before, &mut now);
        }
        // An id belongs to one transactional id, and its epochs grow.
        let (owner, epoch) = self
            .epochs
            .entry(now.producer_id)
            .or_insert((id, now.epoch));
        assert_eq!(*owner, id, "producer {} has two owners", now.producer_id);
        assert!(
            *epoch <= now.epoch,
            "the epoch of producer {} went back from {epoch} to {}",
            now.producer_id,
            now.epoch
        );
        *epoch = now.epoch;
        self.decided[id] = Some(now);
    }

    fn follows(&self, name: &str, before: Decided, now: &mut Decided) {
        assert!(
            now.status.may_follow(before.status),
            "{name}: {now:?} follows {before:?}"
        );
        if now.status == Status::ONGOING {
            let same = (now.producer_id, now.epoch) == (before.producer_id, before.epoch);
            assert!(
                same,
                "{name}: the producer changed with its partitions: {before:?}, {now:?}"
            );
            if before.status == Status::ONGOING {
                assert_eq!(
                    before.partitions & !now.partitions,
                    0,
                    "{name} forgot partitions"
                );
            }
        }
        if now.status.is_prepared() && before.status == Status::ONGOING {
            assert_eq!(
                before.partitions, now.partitions,
                "{name}: other partitions to end"
            );
        }
        if before.status.is_prepared() {
            assert_eq!(
                before.marked, before.partitions,
                "{name} is complete, but not all partitions have the marker: {before:?}"
            );
        }
    }

    /// A batch that is no repetition was written.
    pub(crate) fn written(&mut self, partition: usize, writer: Writer, tag: u32, now: u64) {
        let bit = 1 << partition;
        let decided = self.decided[writer.id];
        let may = decided.is_some_and(|of| {
            let waits_for_marker = of.partitions & bit != 0 && of.marked & bit == 0;
            let same = of.producer_id == writer.producer_id;
            match of.status {
                Status::ONGOING => same && of.epoch == writer.epoch && of.partitions & bit != 0,
                Status::PREPARE_ABORT => same && waits_for_marker && of.epoch - writer.epoch <= 1,
                // Nothing is left to be written then, but offsets may come again.
                Status::PREPARE_COMMIT => {
                    let raised = of.epoch - i16::from(writer.v2);
                    same && waits_for_marker && raised == writer.epoch && partition == OFFSETS
                }
                _ => false,
            }
        });
        assert!(
            may,
            "{writer:?} wrote to partition {partition} when its id is {decided:?}"
        );
        let is_ongoing = decided.is_some_and(|of| of.status == Status::ONGOING);
        let meant = self.meant(tag);
        // Up to version 1, partitions that are added late open what was aborted once more, to be aborted again.
        let again = meant.fate == Some(false) && !writer.v2;
        assert!(
            !is_ongoing || meant.fate.is_none() || again,
            "transaction {tag} goes on after its end"
        );
        if meant.began == 0 {
            meant.began = now;
        }
    }

    /// A marker of the coordinator that decides was written, or refused for good.
    pub(crate) fn marked(&mut self, id: usize, partition: usize, producer_id: i64, epoch: i16) {
        if let Some(of) = &mut self.decided[id]
            && (of.producer_id, of.epoch) == (producer_id, epoch)
            && of.status.is_prepared()
        {
            of.marked |= 1 << partition;
        }
    }

    /// A marker ended the transaction on a partition.
    pub(crate) fn ended(
        &mut self,
        partition: usize,
        id: usize,
        tag: u32,
        committed: bool,
        now: u64,
    ) {
        let decided = self.decided[id].expect("who ends a transaction is known");
        let expected = match committed {
            true => Status::PREPARE_COMMIT,
            false => Status::PREPARE_ABORT,
        };
        assert_eq!(
            decided.status, expected,
            "partition {partition} ends {tag}, which is not what was decided: {decided:?}"
        );
        assert_ne!(
            decided.partitions & 1 << partition,
            0,
            "a marker at partition {partition}, which is not among {decided:?}"
        );
        let quiet_at = self.quiet_at;
        let meant = self.meant(tag);
        assert_eq!(
            meant.writer.id, id,
            "a marker for somebody else's transaction"
        );
        let fate = *meant.fate.get_or_insert(committed);
        assert_eq!(fate, committed, "{tag} is committed here and aborted there");
        let known = match meant.outcome {
            Outcome::Unknown => true,
            Outcome::Committed => committed,
            Outcome::NotCommitted => !committed,
        };
        assert!(known, "{tag} was {:?}, as its client knows", meant.outcome);
        let held = now - meant.began.max(quiet_at).min(now);
        assert!(
            held <= meant.timeout_ms as u64 + 10_000,
            "partition {partition} was held for {held} ms by {tag}, which may take {} ms",
            meant.timeout_ms
        );
        if partition == OFFSETS && committed {
            let consumed = meant
                .consumed
                .as_ref()
                .expect("who commits offsets has read");
            let (from, to) = (consumed.from, consumed.to);
            assert_eq!(self.group, from, "{tag} goes on where the group is not");
            self.group = to;
        }
    }

    /// Everything is over. `seen`: what a reader of committed data saw in each partition; `all`: what is there.
    pub(crate) fn settled(
        &self,
        seen: &[Vec<(i64, u32)>; PARTITIONS],
        all: &BTreeMap<u32, (usize, u32)>,
    ) {
        for (id, decided) in self.decided.iter().enumerate() {
            let idle = decided.is_none_or(|of| of.status.is_idle());
            assert!(idle, "{} never ended: {decided:?}", IDS[id]);
        }
        let mut visible = BTreeMap::new();
        for (partition, values) in seen.iter().enumerate() {
            for (_, value) in values {
                let twice = visible.insert(*value, partition);
                assert_eq!(twice, None, "{value} was read twice");
            }
        }
        for (value, (partition, tag)) in all {
            let committed = self.committed(*tag);
            let at = visible.get(value);
            assert_eq!(
                at,
                committed.then_some(partition),
                "{value} of {tag}, which ended as {:?}",
                self.meant[*tag as usize - 1].fate
            );
        }
        for (meant, tag) in self.meant.iter().zip(1..) {
            self.ended_rightly(tag, meant, &visible, &seen[INPUT]);
        }
    }

    fn ended_rightly(
        &self,
        tag: u32,
        meant: &Meant,
        visible: &BTreeMap<u32, usize>,
        input: &[(i64, u32)],
    ) {
        let wrote = !meant.acknowledged.is_empty();
        match meant.outcome {
            Outcome::Committed if wrote => assert_eq!(meant.fate, Some(true), "{tag} is lost"),
            Outcome::NotCommitted => assert_ne!(meant.fate, Some(true), "{tag} is there"),
            _ => {}
        }
        if meant.fate != Some(true) {
            return;
        }
        for (partition, value) in &meant.acknowledged {
            assert_eq!(
                visible.get(value),
                Some(partition),
                "{value} of {tag} is lost"
            );
        }
        if let Some(consumed) = &meant.consumed {
            assert!(
                consumed.acknowledged,
                "{tag} is committed without its offset"
            );
            let there: Vec<_> = input
                .iter()
                .filter(|(offset, _)| (consumed.from..consumed.to).contains(offset))
                .copied()
                .collect();
            assert_eq!(there, consumed.seen, "{tag} read what is not there");
        }
    }
}
