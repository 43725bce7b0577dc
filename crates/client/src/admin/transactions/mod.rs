//! Transactions: list and describe them, the producers of partitions, what hangs and what holds readers back, and ending
//! them by force.

mod describe;
mod end;
mod hanging;
mod list;
mod producers;

use std::fmt;

pub use describe::TransactionDescription;
pub use end::AbortTransaction;
pub use hanging::{Holder, OpenTransaction, StuckPartition};
pub use list::{ListedTransactions, TransactionFilter, TransactionListing};
pub use producers::ProducerState;

/// Where a transaction is, as its coordinator says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum TransactionState {
    /// One of a newer broker.
    Unknown,
    /// The producer has begun none yet.
    Empty,
    /// It is open.
    Ongoing,
    /// It is committed, and its partitions are being told.
    PrepareCommit,
    /// It is aborted, and its partitions are being told.
    PrepareAbort,
    /// It is committed.
    CompleteCommit,
    /// It is aborted.
    CompleteAbort,
    /// Its producer was fenced, and it will be aborted.
    PrepareEpochFence,
}

impl TransactionState {
    /// All that have a name.
    pub const ALL: [Self; 7] = [
        Self::Empty,
        Self::Ongoing,
        Self::PrepareCommit,
        Self::PrepareAbort,
        Self::CompleteCommit,
        Self::CompleteAbort,
        Self::PrepareEpochFence,
    ];

    /// From its name.
    pub fn parse(name: &str) -> Self {
        let named = |state: &&Self| state.name() == name;
        let found = Self::ALL.iter().find(named);
        found.copied().unwrap_or(Self::Unknown)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "Unknown",
            Self::Empty => "Empty",
            Self::Ongoing => "Ongoing",
            Self::PrepareCommit => "PrepareCommit",
            Self::PrepareAbort => "PrepareAbort",
            Self::CompleteCommit => "CompleteCommit",
            Self::CompleteAbort => "CompleteAbort",
            Self::PrepareEpochFence => "PrepareEpochFence",
        }
    }
}

impl fmt::Display for TransactionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for state in TransactionState::ALL {
            assert_eq!(TransactionState::parse(state.name()), state);
        }
        assert_eq!(TransactionState::parse("Dead"), TransactionState::Unknown);
    }
}
