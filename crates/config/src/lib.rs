//! Every configuration key of Apache Kafka 4.4 as one table: text in, checked values out.
