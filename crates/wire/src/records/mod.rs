//! Record batches: what Produce carries, what Fetch returns, and what a `.log` file is made of.

pub mod batch;
pub mod build;
pub mod compress;
pub mod control;
mod framing;
mod kept;
mod legacy;
pub mod record;
pub mod scan;
pub mod validate;

pub use batch::{Attributes, Batch, BatchError, Codec, TimestampType};
pub use build::{BatchBuilder, BuildError};
pub use compress::{DECOMPRESSED_LIMIT, compress, decompress};
pub use control::ControlType;
pub use record::{Header, Record, RecordIter};
pub use scan::{BatchHead, Batches, check_crc};
pub use validate::{Origin, Refused, Rules, Validated, check_framing, validate};
