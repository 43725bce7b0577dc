//! A partition's log in Apache Kafka's own on-disk format, byte for byte and file for file.
//!
//! A [`Log`] is opened in a partition's directory and owned by one appender. A [`LogReader`] of it reads from any
//! thread without that owner's lock. Directories, their locks and their checkpoints are in [`directory`] and
//! [`checkpoint`].
//!
//! **Invariant:** this crate is synchronous, reads no clock (`now_ms` is an argument), starts no thread, touches no
//! socket and does not know who leads.

mod append;
pub mod checkpoint;
mod cleaner;
pub mod config;
mod copy;
pub mod directory;
mod entries;
pub mod epochs;
mod error;
#[cfg(test)]
mod every_fault;
pub mod file;
mod flush;
mod index;
mod log;
pub mod names;
pub mod producers;
mod reader;
mod record;
mod recovery;
pub mod repair;
mod scan;
mod segment;
mod snapshot;
#[cfg(test)]
mod testing;
mod time_index;
pub mod timestamps;
mod trim;
mod txn_index;
pub mod verify;

pub use append::{AppendError, Appended, Leading};
pub use cleaner::{
    CleanError, Cleaned, CleanedLog, Cleaner, CleanerOptions, CleanerStats, LogToClean,
};
pub use config::LogConfig;
pub use copy::{Copied, CopyError};
pub use epochs::LeaderEpochs;
pub use error::LogError;
pub use file::FileSlice;
pub use flush::FlushWork;
pub use log::Log;
pub use producers::{Origin, ProducerError, ProducerState, VerificationGuard};
pub use reader::{Fetched, LogReader, Offsets, ReadError, UpperBound};
pub use record::Marker;
pub use recovery::{Opening, Recovered};
pub use timestamps::OffsetAtTime;
pub use trim::{DeleteError, Removal};
pub use txn_index::{AbortedTransaction, collect_from as collect_aborted};
