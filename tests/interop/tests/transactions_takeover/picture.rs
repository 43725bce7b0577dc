//! All that a server tells of its transactions.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use ottla_interop::{oracle::wait_until, raw::Connection};
use ottla_wire::{
    Records,
    messages::{
        DescribeProducersRequest, DescribeTransactionsRequest, FetchRequest, FetchResponse,
        ListOffsetsRequest, ListTransactionsRequest, OffsetFetchRequest,
        describe_producers_request::TopicRequest,
        fetch_request::{FetchPartition, FetchTopic},
        list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic},
        offset_fetch_request::{OffsetFetchRequestGroup, OffsetFetchRequestTopics},
    },
    records::{Batches, DECOMPRESSED_LIMIT, scan::records},
};

use crate::writer::{TOPIC, ask};

const LIMIT: Duration = Duration::from_secs(30);

/// Answers by what was asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Picture(BTreeMap<String, String>);

impl Picture {
    /// Of these transactional ids and the groups that are called as they, and of these partitions.
    pub(crate) fn of(connection: &mut Connection, ids: &[String], partitions: &[i32]) -> Self {
        let mut all = BTreeMap::new();
        for id in ids {
            all.insert(format!("transaction {id}"), described(connection, id));
            for require_stable in [false, true] {
                let offset = offset_of(connection, id, require_stable);
                all.insert(
                    format!("offset {id} {require_stable}"),
                    format!("{offset:?}"),
                );
            }
        }
        all.insert("list".to_owned(), list(connection, ids));
        for &partition in partitions {
            let producers = producers(connection, partition);
            all.insert(format!("producers {partition}"), producers);
            for isolation in [0, 1] {
                let what = format!("{partition} isolation {isolation}");
                let end = end(connection, partition, isolation);
                all.insert(format!("end {what}"), end.to_string());
                let read = read(connection, partition, isolation);
                all.insert(format!("read {what}"), read.words());
            }
        }
        Self(all)
    }

    /// Asserts that `later` is the same.
    pub(crate) fn is(&self, later: &Self, what: &str) {
        for (name, before) in &self.0 {
            let after = later.0.get(name);
            assert_eq!(Some(before), after, "{what}: {name}");
        }
    }
}

/// What the coordinator says of an id; waits until it has read its log.
fn described(connection: &mut Connection, id: &str) -> String {
    let request = DescribeTransactionsRequest {
        transactional_ids: vec![id.to_owned()],
        ..DescribeTransactionsRequest::default()
    };
    let codes = |answer: &ottla_wire::messages::DescribeTransactionsResponse| {
        answer
            .transaction_states
            .iter()
            .map(|of| of.error_code)
            .collect()
    };
    let (mut answer, code) = ask(connection, 0, &request, codes);
    assert_eq!(code, 0, "{answer:?}");
    let state = &mut answer.transaction_states[0];
    for topic in &mut state.topics {
        topic.partitions.sort_unstable();
    }
    state.topics.sort_by(|a, b| a.topic.cmp(&b.topic));
    format!("{state:?}")
}

/// Waits until a transaction is in a state.
pub(crate) fn await_state(connection: &mut Connection, id: &str, state: &str) {
    let wanted = format!("transaction_state: \"{state}\"");
    let there = wait_until(LIMIT, || described(connection, id).contains(&wanted));
    assert!(there, "not {state}: {}", described(connection, id));
}

fn list(connection: &mut Connection, ids: &[String]) -> String {
    let request = ListTransactionsRequest::default();
    let (mut answer, code) = ask(connection, 1, &request, |answer| vec![answer.error_code]);
    assert_eq!(code, 0, "{answer:?}");
    let states = &mut answer.transaction_states;
    states.retain(|state| ids.contains(&state.transactional_id));
    states.sort_by(|a, b| a.transactional_id.cmp(&b.transactional_id));
    format!("{states:?}")
}

pub(crate) fn producers(connection: &mut Connection, partition: i32) -> String {
    let request = DescribeProducersRequest {
        topics: vec![TopicRequest {
            name: TOPIC.to_owned(),
            partition_indexes: vec![partition],
            ..TopicRequest::default()
        }],
        ..DescribeProducersRequest::default()
    };
    let codes = |answer: &ottla_wire::messages::DescribeProducersResponse| {
        let partitions = answer.topics.iter().flat_map(|topic| &topic.partitions);
        partitions.map(|of| of.error_code).collect()
    };
    let (mut answer, code) = ask(connection, 0, &request, codes);
    assert_eq!(code, 0, "{answer:?}");
    let producers = &mut answer.topics[0].partitions[0].active_producers;
    producers.sort_by_key(|producer| producer.producer_id);
    format!("{producers:#?}")
}

/// Where a partition ends for a reader.
pub(crate) fn end(connection: &mut Connection, partition: i32, isolation: i8) -> i64 {
    let request = ListOffsetsRequest {
        replica_id: -1,
        isolation_level: isolation,
        topics: vec![ListOffsetsTopic {
            name: TOPIC.to_owned(),
            partitions: vec![ListOffsetsPartition {
                partition_index: partition,
                timestamp: -1,
                ..ListOffsetsPartition::default()
            }],
            ..ListOffsetsTopic::default()
        }],
        ..ListOffsetsRequest::default()
    };
    let codes = |answer: &ottla_wire::messages::ListOffsetsResponse| {
        let partitions = answer.topics.iter().flat_map(|topic| &topic.partitions);
        partitions.map(|of| of.error_code).collect()
    };
    let (answer, code) = ask(connection, 7, &request, codes);
    assert_eq!(code, 0, "{answer:?}");
    answer.topics[0].partitions[0].offset
}

/// The committed offset of partition 0 of a group; the code if there is none.
pub(crate) fn offset_of(
    connection: &mut Connection,
    group: &str,
    require_stable: bool,
) -> Result<i64, i16> {
    let request = OffsetFetchRequest {
        groups: vec![OffsetFetchRequestGroup {
            group_id: group.to_owned(),
            topics: Some(vec![OffsetFetchRequestTopics {
                name: TOPIC.to_owned(),
                partition_indexes: vec![0],
                ..OffsetFetchRequestTopics::default()
            }]),
            ..OffsetFetchRequestGroup::default()
        }],
        require_stable,
        ..OffsetFetchRequest::default()
    };
    let codes = |answer: &ottla_wire::messages::OffsetFetchResponse| {
        answer.groups.iter().map(|of| of.error_code).collect()
    };
    let (answer, code) = ask(connection, 8, &request, codes);
    assert_eq!(code, 0, "{answer:?}");
    let partition = &answer.groups[0].topics[0].partitions[0];
    match partition.error_code {
        0 => Ok(partition.committed_offset),
        code => Err(code),
    }
}

/// What a partition gives a reader from its beginning.
#[derive(Debug)]
pub(crate) struct Read {
    bytes: Bytes,
    high_watermark: i64,
    last_stable_offset: i64,
    aborted: Vec<(i64, i64)>,
}

pub(crate) fn read(connection: &mut Connection, partition: i32, isolation: i8) -> Read {
    let request = FetchRequest {
        max_wait_ms: 0,
        max_bytes: 1 << 25,
        isolation_level: isolation,
        session_epoch: -1,
        topics: vec![FetchTopic {
            topic: TOPIC.to_owned(),
            partitions: vec![FetchPartition {
                partition,
                current_leader_epoch: -1,
                last_fetched_epoch: -1,
                partition_max_bytes: 1 << 25,
                ..FetchPartition::default()
            }],
            ..FetchTopic::default()
        }],
        ..FetchRequest::default()
    };
    let codes = |answer: &FetchResponse| {
        let partitions = answer.responses.iter().flat_map(|topic| &topic.partitions);
        partitions.map(|of| of.error_code).collect()
    };
    let (answer, code) = ask(connection, 12, &request, codes);
    assert_eq!(code, 0, "{answer:?}");
    let partition = &answer.responses[0].partitions[0];
    let aborted = partition.aborted_transactions.iter().flatten();
    let mut aborted: Vec<_> = aborted
        .map(|of| (of.first_offset, of.producer_id))
        .collect();
    aborted.sort_unstable();
    Read {
        bytes: match &partition.records {
            Some(Records::Bytes(bytes)) => bytes.clone(),
            _ => Bytes::new(),
        },
        high_watermark: partition.high_watermark,
        last_stable_offset: partition.last_stable_offset,
        aborted,
    }
}

impl Read {
    /// The values of records that a client gives its application: without those of aborted transactions.
    pub(crate) fn values(&self) -> Vec<String> {
        let mut values = Vec::new();
        let mut aborted = self.aborted.clone();
        let mut skipped = Vec::new();
        for batch in Batches::new(self.bytes.clone()) {
            let (head, bytes) = batch.expect("a batch");
            aborted.retain(|(first, producer)| {
                let begins = *first <= head.last_offset;
                if begins {
                    skipped.push(*producer);
                }
                !begins
            });
            if head.attributes.is_control() {
                // Of either kind: what follows is another transaction.
                skipped.retain(|producer| *producer != head.producer_id);
                continue;
            }
            if head.attributes.is_transactional() && skipped.contains(&head.producer_id) {
                continue;
            }
            for record in records(&bytes, DECOMPRESSED_LIMIT).expect("records") {
                let value = record.expect("a record").value.expect("a value");
                values.push(String::from_utf8_lossy(&value).into_owned());
            }
        }
        values
    }

    fn words(&self) -> String {
        let mut words = format!(
            "high watermark {} last stable offset {} aborted {:?}\n",
            self.high_watermark, self.last_stable_offset, self.aborted
        );
        for batch in Batches::new(self.bytes.clone()) {
            let (head, _) = batch.expect("a batch");
            words += &format!("{head:?}\n");
        }
        words
    }
}
