//! What the automation and the interop tests share: where Apache Kafka is installed, and how it starts and stops.

pub mod oracle;
