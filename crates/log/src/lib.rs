//! A partition's log in Apache Kafka's own on-disk format.
