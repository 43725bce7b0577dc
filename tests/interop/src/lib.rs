//! Apache Kafka as oracle and as peer; real clients of other people.
//!
//! Tests need what `cargo xtask oracle install` brings, and the ottla binary; without them they fail.

pub mod clients;
pub mod dump;
pub mod evidence;
pub mod fixture;
pub mod frames;
pub mod journal;
pub mod legacy;
pub mod lines;
pub mod load;
pub mod members;
pub mod offsets;
pub mod own_client;
pub mod plan;
pub mod raw;
pub mod scenario;
pub mod server;
pub mod takeover;
pub mod transactional;
pub mod words;

pub use xtask::oracle;
