//! What coordinators decide: groups, their members, assignments and offsets, and transactions.
//!
//! A coordinator is a ledger machine: its state is a fold of the records in one partition of the brokers' own topic
//! (`__consumer_offsets` for groups, `__transaction_state` for transactions), in Kafka's formats. It names no clock, file, socket or thread; the broker drives
//! it (`broker::shard`).

pub mod assign;
pub mod group;
pub mod protocol;
pub mod regex;
#[cfg(test)]
mod scripts;
pub mod transaction;
