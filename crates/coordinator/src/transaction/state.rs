//! What the coordinator knows of one transactional id, and how that may change.

use super::partitions::Partitions;

/// No producer has this id.
pub(super) const NO_PRODUCER: i64 = -1;
/// No producer has this epoch.
pub(super) const NO_EPOCH: i16 = -1;
/// From this transaction version on, the epoch is raised with each end of a transaction.
pub(super) const EPOCH_BUMP: i16 = 2;

/// The states, with Kafka's numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(i8)]
pub(super) enum State {
    /// No transaction since the producer was initialized.
    Empty = 0,
    /// Partitions were added.
    Ongoing = 1,
    /// It is decided that the transaction counts; markers are being written.
    PrepareCommit = 2,
    /// It is decided that the transaction does not count; markers are being written.
    PrepareAbort = 3,
    /// All markers of a commit are written.
    CompleteCommit = 4,
    /// All markers of an abort are written.
    CompleteAbort = 5,
}

impl State {
    /// All, by number.
    pub(super) const ALL: [Self; 6] = [
        Self::Empty,
        Self::Ongoing,
        Self::PrepareCommit,
        Self::PrepareAbort,
        Self::CompleteCommit,
        Self::CompleteAbort,
    ];
    /// Those that Kafka has names for beyond [`State::ALL`]: no transaction is ever seen in them.
    pub(super) const NEVER_SEEN: [&'static str; 2] = ["Dead", "PrepareEpochFence"];

    /// By Kafka's number.
    pub(super) fn of(number: i8) -> Option<Self> {
        Self::ALL.get(usize::try_from(number).ok()?).copied()
    }

    /// By Kafka's name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Kafka's number.
    pub(super) fn number(self) -> i8 {
        self as i8
    }

    /// Kafka's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::Ongoing => "Ongoing",
            Self::PrepareCommit => "PrepareCommit",
            Self::PrepareAbort => "PrepareAbort",
            Self::CompleteCommit => "CompleteCommit",
            Self::CompleteAbort => "CompleteAbort",
        }
    }

    /// Whether markers are being written: nothing else can happen until they are.
    pub(super) fn is_prepared(self) -> bool {
        matches!(self, Self::PrepareCommit | Self::PrepareAbort)
    }

    /// Whether no transaction is open or being ended.
    pub(super) fn is_idle(self) -> bool {
        matches!(
            self,
            Self::Empty | Self::CompleteCommit | Self::CompleteAbort
        )
    }

    /// Whether a decision may lead from `before` to this.
    pub(super) fn follows(self, before: Self) -> bool {
        match self {
            Self::Empty => before.is_idle(),
            Self::Ongoing => before.is_idle() || before == Self::Ongoing,
            Self::PrepareCommit => before == Self::Ongoing,
            Self::PrepareAbort => before.is_idle() || before == Self::Ongoing,
            Self::CompleteCommit => before == Self::PrepareCommit,
            Self::CompleteAbort => before == Self::PrepareAbort,
        }
    }
}

/// A transactional id. There are very many of them, and nearly all are idle: it is small then.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Transaction {
    /// The partitions of the open transaction.
    pub(super) partitions: Partitions,
    /// The id of the producer.
    pub(super) producer_id: i64,
    /// Its id before the last change of any kind.
    pub(super) previous_producer_id: i64,
    /// Its id once the transaction that is being ended is; -1 if that stays.
    pub(super) next_producer_id: i64,
    /// When the transaction began, in ms; -1 if there was none.
    pub(super) started: i64,
    /// When anything changed, in ms.
    pub(super) updated: i64,
    /// How long a transaction may take.
    pub(super) timeout_ms: i32,
    /// The epoch of the producer.
    pub(super) epoch: i16,
    /// The epoch that the producer had before it asked for this one. It is not in the log: a coordinator that takes over
    /// does not know it.
    pub(super) last_epoch: i16,
    /// The transaction version that its client speaks.
    pub(super) client_version: i16,
    pub(super) state: State,
}

impl Transaction {
    /// Of a transactional id that is seen for the first time.
    pub(super) fn new(producer_id: i64, timeout_ms: i32, now: i64) -> Self {
        Self {
            partitions: Partitions::default(),
            producer_id,
            previous_producer_id: NO_PRODUCER,
            next_producer_id: NO_PRODUCER,
            started: -1,
            updated: now,
            timeout_ms,
            epoch: NO_EPOCH,
            last_epoch: NO_EPOCH,
            client_version: 0,
            state: State::Empty,
        }
    }

    /// Whether the last epoch that a producer may get is reached: the one after it is for fencing that producer.
    pub(super) fn is_exhausted(&self) -> bool {
        is_exhausted(self.epoch)
    }

    /// Whether its client decides when it ends: a participant in a two-phase commit. It does not time out.
    pub(super) fn is_two_phase(&self) -> bool {
        self.timeout_ms == i32::MAX
    }

    fn enter(&self, state: State) -> Self {
        debug_assert!(
            state.follows(self.state),
            "{} does not follow {}",
            state.name(),
            self.state.name()
        );
        Self {
            previous_producer_id: self.producer_id,
            state,
            ..self.clone()
        }
    }

    fn emptied(self, timeout_ms: i32, now: i64) -> Self {
        Self {
            partitions: Partitions::default(),
            timeout_ms,
            started: -1,
            updated: now,
            ..self
        }
    }

    /// With this epoch, for a producer that begins anew.
    pub(super) fn initialized(
        &self,
        epoch: i16,
        last_epoch: i16,
        timeout_ms: i32,
        now: i64,
    ) -> Self {
        Self {
            epoch,
            last_epoch,
            ..self.enter(State::Empty).emptied(timeout_ms, now)
        }
    }

    /// With another producer id, and the first epoch of that.
    pub(super) fn rotated(
        &self,
        producer_id: i64,
        last_epoch: i16,
        timeout_ms: i32,
        now: i64,
    ) -> Self {
        Self {
            producer_id,
            epoch: 0,
            last_epoch,
            ..self.enter(State::Empty).emptied(timeout_ms, now)
        }
    }

    /// With these partitions in the transaction, which begins if none is open.
    pub(super) fn added<'a>(
        &self,
        added: impl Iterator<Item = (&'a str, i32)>,
        client_version: i16,
        now: i64,
    ) -> Self {
        let mut next = self.enter(State::Ongoing);
        if self.state.is_idle() {
            next.started = now;
        }
        for (topic, partition) in added {
            next.partitions.insert(topic, partition);
        }
        next.updated = now;
        next.client_version = client_version;
        next
    }

    /// Decided: markers are to be written. `None` if there is no epoch left for that.
    pub(super) fn ended(&self, end: End) -> Option<Self> {
        let state = match end.committed {
            true => State::PrepareCommit,
            false => State::PrepareAbort,
        };
        let mut next = self.enter(state);
        if end.version >= EPOCH_BUMP {
            next.last_epoch = self.epoch;
            next.epoch = match self.epoch.checked_add(1) {
                Some(raised) => raised,
                // Kafka aborts with the epoch that there is, and does not commit.
                None if !end.committed => self.epoch,
                None => return None,
            };
        }
        if self.state.is_idle() {
            next.started = end.now;
        }
        next.next_producer_id = end.next_producer_id;
        next.updated = end.now;
        next.client_version = end.version;
        Some(next)
    }

    /// With the epoch after its own, as it is before version 2 ends a transaction that its producer does not end.
    pub(super) fn fenced(&self) -> Self {
        Self {
            epoch: self.epoch.saturating_add(1),
            last_epoch: NO_EPOCH,
            ..self.clone()
        }
    }

    /// All markers are written.
    pub(super) fn completed(&self, now: i64) -> Self {
        let state = match self.state {
            State::PrepareCommit => State::CompleteCommit,
            _ => State::CompleteAbort,
        };
        let mut next = self.enter(state);
        if self.client_version >= EPOCH_BUMP && self.next_producer_id != NO_PRODUCER {
            next.producer_id = self.next_producer_id;
            next.epoch = 0;
        }
        next.next_producer_id = NO_PRODUCER;
        next.partitions = Partitions::default();
        next.updated = now;
        next
    }
}

/// How a transaction ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    /// Whether it counts.
    pub(super) committed: bool,
    /// The transaction version by which it is ended.
    pub(super) version: i16,
    /// The id that the producer has from then on; -1 if it keeps its own.
    pub(super) next_producer_id: i64,
    /// The time in ms.
    pub(super) now: i64,
}

/// Whether this is the last epoch that a producer may get, or beyond.
pub(super) fn is_exhausted(epoch: i16) -> bool {
    epoch >= i16::MAX - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_transactional_id_is_small() {
        // With the name, the nodes of the map, and what the allocator adds, this is below 400 bytes.
        assert!(
            size_of::<Transaction>() <= 88,
            "{}",
            size_of::<Transaction>()
        );
    }

    /// Which states may follow which: rows are the states before, by number; columns those after.
    #[test]
    fn states_follow_each_other_as_in_kafka() {
        let table = [
            "yes yes no  yes no  no ", // Empty
            "no  yes yes yes no  no ", // Ongoing
            "no  no  no  no  yes no ", // PrepareCommit
            "no  no  no  no  no  yes", // PrepareAbort
            "yes yes no  yes no  no ", // CompleteCommit
            "yes yes no  yes no  no ", // CompleteAbort
        ];
        for (before, row) in State::ALL.into_iter().zip(table) {
            for (after, expected) in State::ALL.into_iter().zip(row.split_whitespace()) {
                let follows = after.follows(before);
                assert_eq!(follows, expected == "yes", "{before:?} to {after:?}");
            }
            assert_eq!(State::of(before.number()), Some(before));
            assert_eq!(State::named(before.name()), Some(before));
        }
        assert_eq!(State::of(-1), None);
        assert_eq!(State::of(6), None);
        assert_eq!(State::named("empty"), None);
    }
}
