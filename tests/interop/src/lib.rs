//! Apache Kafka as oracle and as peer; real clients of other people.
