//! `ottla why` names what a node refused, to whom and why, and the counters are those of Apache Kafka.

mod counts;
mod journal;
mod mistakes;
mod nodes;
mod site;
