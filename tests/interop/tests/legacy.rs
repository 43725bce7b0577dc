//! Message sets of magic 0 and 1 that Apache Kafka wrote are read as Apache Kafka reads them.

use std::fs;

use bytes::{Buf, Bytes};
use ottla_interop::oracle::{Home, compile, output};
use ottla_wire::records::{Batches, DECOMPRESSED_LIMIT, Record, check_crc, scan};

fn sized(from: &mut Bytes) -> Option<Bytes> {
    let len = from.get_i32();
    (len >= 0).then(|| from.split_to(len as usize))
}

fn expected(from: &mut Bytes) -> Vec<Record> {
    (0..from.get_i32())
        .map(|_| Record {
            offset: from.get_i64(),
            timestamp: from.get_i64(),
            sequence: -1,
            key: sized(from),
            value: sized(from),
            headers: Vec::new(),
        })
        .collect()
}

#[test]
fn old_message_sets_are_read_as_apache_kafka_reads_them() {
    let home = Home::find();
    compile(&home).expect("compile");
    let dir = tempfile::tempdir().expect("temporary folder");
    let file = dir.path().join("sets");
    let mut java = home.class("LegacySets").expect("java");
    output(java.arg(&file)).expect("LegacySets");
    let mut sets = Bytes::from(fs::read(&file).expect("sets"));
    let mut count = 0;
    while sets.has_remaining() {
        let set = sized(&mut sets).expect("a set");
        let expected = expected(&mut sets);
        let mut batches = Batches::new(set.clone());
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
        assert_eq!(batches.whole(), set.len());
        assert_eq!(found, expected, "set {count}");
        count += 1;
    }
    // Magic 0 in four codecs, magic 1 in four codecs and two timestamp types.
    assert_eq!(count, 12);
}
