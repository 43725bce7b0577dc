//! What a node tells over HTTP: its journal of refusals and its counters, on a socket that only its own user may use.
//!
//! **Invariant:** this crate reads what the broker offers and changes nothing. HTTP is known here and nowhere else.

mod body;
mod client;
mod local;
mod request;
mod server;

pub use client::{Answer, NoAnswer, get, nodes};
pub use server::serve;
