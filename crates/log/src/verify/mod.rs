//! Checking a directory that no node runs on: what a reader, a start or another broker would stumble over, and where.
//!
//! Nothing here changes a file. Where recovery puts right in silence, a finding says what it would have put right.

mod data_directory;
mod epochs;
mod finding;
mod index_file;
mod indexes;
mod partition;
mod snapshots;
#[cfg(test)]
pub(crate) mod tests;
mod walk;

pub(crate) use data_directory::CHECKPOINTS;
pub use data_directory::{DataDirectory, Target, target};
pub use finding::{Finding, Findings, Kind, Severity};
pub use partition::{Checked, METADATA_PARTITION, Subject, partition};
pub use walk::Visit;
