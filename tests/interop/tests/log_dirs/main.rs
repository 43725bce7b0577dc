//! Several log directories: one fails, one is full, replicas move between them, beside Apache Kafka.

mod asks;
mod checkpoints;
mod failed;
mod full;
mod full_start;
mod load;
mod moves;
mod recreated;
mod starts;
mod takeover;
