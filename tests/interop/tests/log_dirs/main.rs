//! Several log directories: one fails, one is full, replicas move between them, beside Apache Kafka.

mod aside;
mod asks;
mod checkpoints;
mod cordoned;
mod damaged;
mod failed;
mod full;
mod full_move;
mod full_start;
mod in_use;
mod load;
mod moves;
mod old;
mod recreated;
mod starts;
mod takeover;
