//! A client for Apache Kafka: producer, consumer and admin.
