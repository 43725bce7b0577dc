//! What both wrote to `__transaction_state`: record for record the same, but for ids and times.

use std::{collections::BTreeMap, thread};

use ottla_wire::{
    Message, Records,
    messages::{
        FetchRequest, TransactionLogKey, TransactionLogValue,
        fetch_request::{FetchPartition, FetchTopic},
    },
    records::{Batches, DECOMPRESSED_LIMIT, scan::records},
};

use crate::both::{Both, Side};

const TOPIC: &str = "__transaction_state";

/// Compares the records of each transactional id.
pub(super) fn compare(both: &mut Both, partitions: i32) {
    let [kafka, ours] = thread::scope(|scope| {
        let sides = both.sides().each_mut();
        let reading = sides.map(|side| scope.spawn(move || written(side, partitions)));
        reading.map(|of| of.join().expect("its records"))
    });
    let ids = kafka.keys().chain(ours.keys());
    let ids: std::collections::BTreeSet<_> = ids.collect();
    assert!(ids.len() > 20, "only {} transactional ids", ids.len());
    for id in ids {
        let said = [&kafka, &ours].map(|side| side.get(id).cloned().unwrap_or_default());
        both.compare(TOPIC, id, &said);
    }
}

/// By transactional id, a line for each record: with the partition, since both must find it again.
fn written(side: &mut Side, partitions: i32) -> BTreeMap<String, String> {
    let mut written = BTreeMap::new();
    for partition in 0..partitions {
        let mut offset = 0;
        loop {
            let bytes = read(side, partition, offset);
            let before = offset;
            for batch in Batches::new(bytes) {
                let (head, batch) = batch.expect("a batch");
                offset = head.last_offset + 1;
                if head.attributes.is_control() {
                    // A test had one written by hand.
                    continue;
                }
                for record in records(&batch, DECOMPRESSED_LIMIT).expect("records") {
                    let record = record.expect("a record");
                    let key = record.key.expect("a key");
                    let key = TransactionLogKey::decode(key.slice(2..), 0).expect("a key");
                    let value = record.value.map(|value| {
                        let version = i16::from_be_bytes([value[0], value[1]]);
                        let value = TransactionLogValue::decode(value.slice(2..), version);
                        (version, value.expect("a value"))
                    });
                    let lines: &mut String = written.entry(key.transactional_id).or_default();
                    *lines += &format!("in {partition}: {}\n", line(side, value));
                }
            }
            if offset == before {
                break;
            }
        }
    }
    written
}

fn line(side: &mut Side, value: Option<(i16, TransactionLogValue)>) -> String {
    let Some((version, mut value)) = value else {
        return "forgotten".to_owned();
    };
    if let Some(topics) = &mut value.transaction_partitions {
        topics.sort_by(|a, b| a.topic.cmp(&b.topic));
        for topic in topics {
            topic.partition_ids.sort_unstable();
        }
    }
    let ids = [
        value.previous_producer_id,
        value.producer_id,
        value.next_producer_id,
    ]
    .map(|id| side.label(id));
    format!(
        "{version} ids {ids:?} epochs {} {} timeout {} status {} partitions {:?} updated {} started {} client {}",
        value.producer_epoch,
        value.next_producer_epoch,
        value.transaction_timeout_ms,
        value.transaction_status,
        value.transaction_partitions,
        value.transaction_last_update_timestamp_ms.signum(),
        value.transaction_start_timestamp_ms.signum(),
        value.client_transaction_version,
    )
}

fn read(side: &mut Side, partition: i32, offset: i64) -> bytes::Bytes {
    let request = FetchRequest {
        max_wait_ms: 0,
        max_bytes: 1 << 20,
        session_epoch: -1,
        topics: vec![FetchTopic {
            topic: TOPIC.to_owned(),
            partitions: vec![FetchPartition {
                partition,
                current_leader_epoch: -1,
                fetch_offset: offset,
                last_fetched_epoch: -1,
                partition_max_bytes: 1 << 20,
                ..FetchPartition::default()
            }],
            ..FetchTopic::default()
        }],
        ..FetchRequest::default()
    };
    let answer = side.connection.ask(12, &request).expect("an answer");
    let partition = &answer.responses[0].partitions[0];
    assert_eq!(partition.error_code, 0, "{partition:?}");
    match &partition.records {
        Some(Records::Bytes(bytes)) => bytes.clone(),
        _ => bytes::Bytes::new(),
    }
}
