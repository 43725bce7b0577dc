//! Message sets of magic 0 and 1 that Apache Kafka wrote are read as Apache Kafka reads them.

use ottla_interop::legacy;
use ottla_wire::records::{Batches, DECOMPRESSED_LIMIT, Record, check_crc, scan};

#[test]
fn old_message_sets_are_read_as_apache_kafka_reads_them() {
    let dir = tempfile::tempdir().expect("temporary folder");
    for (number, set) in legacy::sets(dir.path()).into_iter().enumerate() {
        let mut batches = Batches::new(set.bytes.clone());
        let mut found = Vec::new();
        for batch in batches.by_ref() {
            let (head, bytes) = batch.expect("a sound batch");
            assert_eq!(check_crc(&bytes), Ok(()), "{head:?}");
            let records = scan::records(&bytes, DECOMPRESSED_LIMIT).expect("records");
            let records: Vec<Record> = records.map(|record| record.expect("a record")).collect();
            let last = records.last().expect("a record");
            assert_eq!(head.last_offset, last.offset, "{head:?}");
            let largest = records.iter().map(|record| record.timestamp).max();
            assert_eq!(Some(head.max_timestamp), largest, "{head:?}");
            found.extend(records);
        }
        assert_eq!(batches.whole(), set.bytes.len());
        assert_eq!(found, set.records, "set {number}");
    }
}
