//! Topics made, and committed offsets read, by raw requests.

use std::{collections::BTreeMap, thread, time::Duration};

use ottla_wire::messages::{
    CreateTopicsRequest, DeleteTopicsRequest, FindCoordinatorRequest, ListOffsetsRequest,
    OffsetFetchRequest, OffsetFetchResponse,
    create_topics_request::CreatableTopic,
    list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic},
    offset_fetch_request::{OffsetFetchRequestGroup, OffsetFetchRequestTopics},
};

use crate::{oracle::wait_until, raw::Connection};

/// Makes a topic of one replica.
///
/// # Panics
/// If the server does not.
pub fn create_topic(connection: &mut Connection, topic: &str, partitions: u32) {
    let topic = CreatableTopic {
        name: topic.into(),
        num_partitions: i32::try_from(partitions).unwrap_or(i32::MAX),
        replication_factor: 1,
        ..Default::default()
    };
    let request = CreateTopicsRequest {
        topics: vec![topic],
        timeout_ms: 30_000,
        ..Default::default()
    };
    let answer = connection.ask(7, &request).expect("an answer");
    let code = answer.topics.first().map(|topic| topic.error_code);
    assert_eq!(code, Some(0), "{answer:?}");
}

/// Deletes a topic.
///
/// # Panics
/// If the server does not.
pub fn delete_topic(connection: &mut Connection, topic: &str) {
    let request = DeleteTopicsRequest {
        topic_names: vec![topic.to_owned()],
        timeout_ms: 30_000,
        ..Default::default()
    };
    let answer = connection.ask(5, &request).expect("an answer");
    let code = answer.responses.first().map(|topic| topic.error_code);
    assert_eq!(code, Some(0), "{answer:?}");
}

/// Waits until groups have a coordinator: asking for it makes the topic of their offsets.
///
/// # Panics
/// If that takes too long.
pub fn await_coordinator(connection: &mut Connection) {
    let request = FindCoordinatorRequest {
        coordinator_keys: vec!["a-group".to_owned()],
        ..Default::default()
    };
    let found = wait_until(Duration::from_secs(30), || {
        let answer = connection.ask(4, &request).expect("an answer");
        answer.coordinators[0].error_code == 0
    });
    assert!(found, "no coordinator");
}

/// Where each partition ends.
///
/// # Panics
/// If the server does not tell.
pub fn ends(connection: &mut Connection, topic: &str, partitions: u32) -> BTreeMap<i32, i64> {
    const LATEST: i64 = -1;
    let partition = |partition_index| ListOffsetsPartition {
        partition_index,
        timestamp: LATEST,
        ..Default::default()
    };
    let topic = ListOffsetsTopic {
        name: topic.into(),
        partitions: (0..).take(partitions as usize).map(partition).collect(),
        ..Default::default()
    };
    let request = ListOffsetsRequest {
        replica_id: -1,
        topics: vec![topic],
        ..Default::default()
    };
    let answer = connection.ask(7, &request).expect("an answer");
    let partitions = answer.topics.into_iter().flat_map(|topic| topic.partitions);
    partitions
        .map(|partition| {
            assert_eq!(partition.error_code, 0, "{partition:?}");
            (partition.partition_index, partition.offset)
        })
        .collect()
}

/// What OffsetFetch answers while a coordinator loads, and before there is one.
const NOT_YET: [i16; 3] = [14, 15, 16];

/// The committed offsets of all partitions of a topic, -1 where there is none.
///
/// # Panics
/// If the server does not tell.
pub fn committed(
    connection: &mut Connection,
    group: &str,
    topic: &str,
    partitions: u32,
) -> BTreeMap<i32, i64> {
    let topic = OffsetFetchRequestTopics {
        name: topic.into(),
        partition_indexes: (0..).take(partitions as usize).collect(),
        ..Default::default()
    };
    let asked = OffsetFetchRequestGroup {
        group_id: group.into(),
        topics: Some(vec![topic]),
        ..Default::default()
    };
    let request = OffsetFetchRequest {
        groups: vec![asked],
        ..Default::default()
    };
    for _ in 0..100 {
        let answer: OffsetFetchResponse = connection.ask(9, &request).expect("an answer");
        let group = answer.groups.into_iter().next().expect("the group");
        if NOT_YET.contains(&group.error_code) {
            thread::sleep(Duration::from_millis(100));
            continue;
        }
        assert_eq!(group.error_code, 0, "{group:?}");
        let partitions = group.topics.into_iter().flat_map(|topic| topic.partitions);
        let offset = |partition: ottla_wire::messages::offset_fetch_response::OffsetFetchResponsePartitions| {
            assert_eq!(partition.error_code, 0, "{partition:?}");
            (partition.partition_index, partition.committed_offset)
        };
        return partitions.map(offset).collect();
    }
    panic!("group {group}: its coordinator does not load");
}
