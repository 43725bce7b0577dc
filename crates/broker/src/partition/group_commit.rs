//! Group commit: with `flush.messages`, when a log is synced, and what may be answered and read meanwhile. No I/O.
//!
//! An append that fills up `flush.messages` waits for a sync, and so does every other one that comes before that sync has
//! ended: they go on into the page cache, and the next sync is for all of them. Apache Kafka syncs within the append, under
//! the log's lock; who asks cannot tell the two apart, but that one sync serves many.

/// The state of one log. An offset that is *covered* was made durable, or need not be: `flush.messages` was not reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum GroupCommit {
    /// No sync is under way.
    #[default]
    Idle,
    /// One is under way, or about to begin.
    Syncing,
    /// One failed: what was not covered by then is not before another has succeeded.
    Failed,
}

/// What an append leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum AfterAppend {
    /// All that is in the log is covered.
    Covered,
    /// A sync must begin; what was appended is covered when it has ended.
    Sync,
    /// What was appended is covered by a later sync than the one that is under way, or by none.
    Wait,
}

/// What the end of a sync leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct AfterSync {
    /// Up to this offset all is covered.
    pub(super) covered: i64,
    /// Another sync must begin, for those who came meanwhile.
    pub(super) again: bool,
}

impl GroupCommit {
    /// Something was appended; `due`: `flush.messages` is reached.
    pub(super) fn appended(&mut self, due: bool) -> AfterAppend {
        match (*self, due) {
            (Self::Idle, false) => AfterAppend::Covered,
            // What is wrong for good (a sync that failed on the disk) is remembered by the log, which will not try again.
            (Self::Idle | Self::Failed, _) => {
                *self = Self::Syncing;
                AfterAppend::Sync
            }
            (Self::Syncing, _) => AfterAppend::Wait,
        }
    }

    /// A sync has ended: the log ends at `end` now and is durable up to `durable`, and is synced every `every` records.
    pub(super) fn synced(&mut self, end: i64, durable: i64, every: i64) -> AfterSync {
        let again = end.saturating_sub(durable) >= every;
        *self = match again {
            true => Self::Syncing,
            false => Self::Idle,
        };
        AfterSync {
            covered: if again { durable } else { end },
            again,
        }
    }

    /// A sync has failed.
    pub(super) fn failed(&mut self) {
        *self = Self::Failed;
    }

    /// Whether all that is in the log is covered.
    pub(super) fn is_idle(self) -> bool {
        self == Self::Idle
    }

    /// Whether a sync has failed.
    pub(super) fn has_failed(self) -> bool {
        self == Self::Failed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_during_a_sync_waits_for_the_next_one_and_shares_it() {
        let mut group = GroupCommit::default();
        assert_eq!(group.appended(true), AfterAppend::Sync);
        // Offsets 1 and 2 come while offset 0 is being synced.
        assert_eq!(group.appended(true), AfterAppend::Wait);
        assert_eq!(group.appended(true), AfterAppend::Wait);
        let first = group.synced(3, 1, 1);
        let (covered, again) = (1, true);
        assert_eq!(first, AfterSync { covered, again });
        assert!(!group.is_idle());
        let (covered, again) = (3, false);
        assert_eq!(group.synced(3, 3, 1), AfterSync { covered, again });
        assert!(group.is_idle());
    }

    #[test]
    fn what_does_not_reach_the_number_is_covered_unless_a_sync_is_under_way() {
        let mut group = GroupCommit::default();
        assert_eq!(group.appended(false), AfterAppend::Covered);
        assert_eq!(group.appended(true), AfterAppend::Sync);
        assert_eq!(group.appended(false), AfterAppend::Wait);
        // Four records came meanwhile, of which five would need a sync.
        let (covered, again) = (9, false);
        assert_eq!(group.synced(9, 5, 5), AfterSync { covered, again });
        assert_eq!(group.appended(false), AfterAppend::Covered);
    }

    #[test]
    fn after_a_failure_nothing_is_covered_before_a_sync_succeeds() {
        let mut group = GroupCommit::default();
        group.appended(true);
        group.failed();
        assert!(group.has_failed() && !group.is_idle());
        for due in [true, false] {
            assert_eq!(group.appended(due), AfterAppend::Sync);
            assert_eq!(group.appended(due), AfterAppend::Wait);
            assert!(!group.has_failed() && !group.is_idle());
            group.failed();
        }
        group.appended(true);
        let (covered, again) = (5, false);
        assert_eq!(group.synced(5, 5, 1), AfterSync { covered, again });
        assert!(group.is_idle());
    }

    /// However appends and syncs interleave: nothing is covered that a sync was needed for and that none has made durable,
    /// at most one sync is under way, and everybody's turn comes.
    #[test]
    fn no_interleaving_covers_what_is_not_durable() {
        for seed in 0..20_000_u64 {
            let every = 1 + (seed % 3) as i64;
            let mut random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
            let mut group = GroupCommit::default();
            let (mut end, mut durable, mut covered) = (0_i64, 0_i64, 0_i64);
            // What the sync that is under way will make durable.
            let mut syncing: Option<i64> = None;
            let mut failed = false;
            for _ in 0..40 {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                match (random % 3, syncing) {
                    (0, Some(_)) if random % 5 == 0 => {
                        group.failed();
                        syncing = None;
                        failed = true;
                    }
                    (0, Some(upto)) => {
                        durable = upto;
                        failed = false;
                        let after = group.synced(end, durable, every);
                        assert!(after.covered >= covered && after.covered >= durable);
                        assert_eq!(after.again, after.covered < end);
                        covered = after.covered;
                        syncing = after.again.then_some(end);
                    }
                    _ => {
                        end += 1 + (random % 2) as i64;
                        match group.appended(end - durable >= every) {
                            AfterAppend::Covered => {
                                assert!(!failed, "seed {seed}");
                                covered = end;
                            }
                            AfterAppend::Sync => assert_eq!(syncing.replace(end), None),
                            AfterAppend::Wait => assert!(syncing.is_some()),
                        }
                    }
                }
                assert!(covered - durable < every, "seed {seed}");
                assert!(covered == end || syncing.is_some() || failed, "seed {seed}");
            }
        }
    }
}
