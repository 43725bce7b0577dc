//! Record batches: what Produce carries, what Fetch returns, and what a `.log` file is made of.

pub mod batch;

pub use batch::{Attributes, Batch, BatchError, Codec, TimestampType};
