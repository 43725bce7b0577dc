//! The wire of Apache Kafka 4.4: messages, record batches, and the two tables that define the protocol's
//! surface (errors and requests).
//!
//! **Invariant:** this crate does no I/O, is never async, knows no broker, and never allocates on behalf of a
//! peer more than the bytes that are there can justify.

pub mod answer;
pub mod apis;
pub mod codec;
pub mod errors;
pub mod frame;
pub mod messages;
#[cfg(any(test, feature = "random"))]
pub mod random;
pub mod records;
pub mod uuid;

pub use codec::{
    Encoded, Malformed, Message, Reader, Records, Request, Segment, Unencodable, UnknownTags,
    Writer,
};
pub use errors::{Code, Refusal};
pub use uuid::Uuid;
