//! Requests about transactions: where they go, what is asked again, and who is found to hold readers back.

use ottla_client::{
    Admin, ClientError, TopicPartition,
    admin::{AbortTransaction, Holder, ProducerState, TransactionFilter, TransactionState},
};
use ottla_wire::{
    errors::Code,
    messages::{
        describe_producers_request::DescribeProducersRequest,
        describe_producers_response::{
            self as producers, DescribeProducersResponse, PartitionResponse, TopicResponse,
        },
        describe_transactions_request::DescribeTransactionsRequest,
        describe_transactions_response::{
            self as described, DescribeTransactionsResponse, TopicData,
        },
        find_coordinator_request::FindCoordinatorRequest,
        init_producer_id_request::InitProducerIdRequest,
        list_offsets_request::ListOffsetsRequest,
        list_offsets_response::{
            ListOffsetsPartitionResponse, ListOffsetsResponse, ListOffsetsTopicResponse,
        },
        list_transactions_request::ListTransactionsRequest,
        list_transactions_response::{self as listed, ListTransactionsResponse},
        write_txn_markers_request::WriteTxnMarkersRequest,
        write_txn_markers_response::{
            WritableTxnMarkerPartitionResult, WritableTxnMarkerResult,
            WritableTxnMarkerTopicResult, WriteTxnMarkersResponse,
        },
    },
};

use super::{coordinated, given};
use crate::brokers::{Brokers, with};

fn at(partition: i32) -> TopicPartition {
    TopicPartition::new("t", partition)
}

/// The next list has these ids with their producer ids, all ongoing.
fn listed(brokers: &Brokers, code: i16, ids: &'static [(&'static str, i64)]) {
    brokers.then(move |_: ListTransactionsRequest| {
        with(|response: &mut ListTransactionsResponse| {
            response.error_code = code;
            response.transaction_states = ids
                .iter()
                .map(|(id, producer_id)| listed::TransactionState {
                    transactional_id: (*id).into(),
                    producer_id: *producer_id,
                    transaction_state: "Ongoing".into(),
                    ..listed::TransactionState::default()
                })
                .collect();
        })
    });
}

/// The next description: an ongoing transaction of this producer in these partitions of `t`.
fn described(brokers: &Brokers, code: i16, producer_id: i64, partitions: &'static [i32]) {
    brokers.then(move |asked: DescribeTransactionsRequest| {
        let state = |id: String| described::TransactionState {
            error_code: code,
            transactional_id: id,
            transaction_state: "Ongoing".into(),
            transaction_timeout_ms: 60_000,
            transaction_start_time_ms: 5,
            producer_id,
            topics: vec![TopicData {
                topic: "t".into(),
                partitions: partitions.to_vec(),
                ..TopicData::default()
            }],
            ..described::TransactionState::default()
        };
        with(|response: &mut DescribeTransactionsResponse| {
            response.transaction_states = asked.transactional_ids.into_iter().map(state).collect();
        })
    });
}

/// The next answer about producers: of each partition, these ids with the first offset of their transactions.
fn known(brokers: &Brokers, code: i16, ids: &'static [(i64, i64)]) {
    brokers.then(move |asked: DescribeProducersRequest| {
        let partition = |partition_index: i32| PartitionResponse {
            partition_index,
            error_code: code,
            active_producers: ids
                .iter()
                .map(|(producer_id, start)| producers::ProducerState {
                    producer_id: *producer_id,
                    last_timestamp: 1,
                    coordinator_epoch: -1,
                    current_txn_start_offset: *start,
                    ..producers::ProducerState::default()
                })
                .collect(),
            ..PartitionResponse::default()
        };
        with(|response: &mut DescribeProducersResponse| {
            response.topics = asked
                .topics
                .into_iter()
                .map(|topic| TopicResponse {
                    name: topic.name,
                    partitions: topic.partition_indexes.into_iter().map(partition).collect(),
                    ..TopicResponse::default()
                })
                .collect();
        })
    });
}

/// The next offset of each partition.
fn ends(brokers: &Brokers, offset: i64) {
    brokers.then(move |asked: ListOffsetsRequest| {
        with(|response: &mut ListOffsetsResponse| {
            response.topics = asked
                .topics
                .into_iter()
                .map(|topic| ListOffsetsTopicResponse {
                    name: topic.name,
                    partitions: topic
                        .partitions
                        .into_iter()
                        .map(|one| ListOffsetsPartitionResponse {
                            partition_index: one.partition_index,
                            offset,
                            ..ListOffsetsPartitionResponse::default()
                        })
                        .collect(),
                    ..ListOffsetsTopicResponse::default()
                })
                .collect();
        })
    });
}

#[tokio::test]
async fn every_broker_lists_its_own_and_one_that_loads_is_asked_again() {
    let brokers = Brokers::start().await;
    let admin = Admin::new(brokers.cluster());
    listed(&brokers, 0, &[("b", 2)]);
    listed(&brokers, 14, &[]);
    listed(&brokers, 0, &[("a", 1)]);
    let filter = TransactionFilter {
        states: vec![TransactionState::Ongoing],
        duration_ms: Some(3),
        id_pattern: Some(".".into()),
        ..TransactionFilter::default()
    };
    let found = admin.list_transactions(&filter).await.unwrap();
    assert!(found.failures.is_empty(), "{found:?}");
    let ids: Vec<_> = found
        .transactions
        .iter()
        .map(|one| (one.transactional_id.as_str(), one.coordinator))
        .collect();
    assert_eq!(ids, [("b", 1), ("a", 2)]);
    let (_, asked) = &brokers.came::<ListTransactionsRequest>()[0];
    assert_eq!(asked.state_filters, ["Ongoing"]);
    assert_eq!(asked.duration_filter, 3);
    assert_eq!(asked.transactional_id_pattern.as_deref(), Some("."));
}

#[tokio::test]
async fn a_filter_that_a_broker_does_not_know_is_an_error_and_not_ignored() {
    let brokers = Brokers::start().await;
    brokers.knows::<ListTransactionsRequest>(1);
    let admin = Admin::new(brokers.cluster());
    let filter = TransactionFilter {
        id_pattern: Some("x".into()),
        ..TransactionFilter::default()
    };
    let found = admin.list_transactions(&filter).await.unwrap();
    assert_eq!(found.failures.len(), 2);
    let (_, error) = &found.failures[0];
    assert!(matches!(error, ClientError::Unsupported { .. }), "{error}");
    assert!(brokers.came::<ListTransactionsRequest>().is_empty());
}

#[tokio::test]
async fn ids_are_described_at_their_coordinator_wherever_it_moved() {
    let brokers = Brokers::start().await;
    let admin = Admin::new(brokers.cluster());
    coordinated(&brokers, 1);
    described(&brokers, 16, -1, &[]);
    coordinated(&brokers, 2);
    described(&brokers, 0, 9, &[1, 0]);
    let found = admin.describe_transactions(vec!["a".into()]).await.unwrap();
    let one = found[0].1.as_ref().unwrap();
    assert_eq!(
        (one.coordinator.id, one.state),
        (2, TransactionState::Ongoing)
    );
    assert_eq!(one.partitions, [at(1), at(0)]);
    assert_eq!(one.start_ms, Some(5));
    let key_types = brokers.came::<FindCoordinatorRequest>();
    assert!(key_types.iter().all(|(_, asked)| asked.key_type == 1));
    described(&brokers, 105, -1, &[]);
    coordinated(&brokers, 2);
    let found = admin.describe_transactions(vec!["b".into()]).await.unwrap();
    let error = found[0].1.as_ref().unwrap_err();
    assert_eq!(error.code(), Some(Code::TRANSACTIONAL_ID_NOT_FOUND));
}

#[tokio::test]
async fn producers_are_described_by_leaders_or_by_the_broker_that_is_named() {
    let brokers = Brokers::start().await;
    let admin = Admin::new(brokers.cluster());
    known(&brokers, 6, &[]);
    known(&brokers, 0, &[(9, 4), (8, -1)]);
    let found = admin.describe_producers(vec![at(1)], None).await.unwrap();
    let all = found[0].1.as_ref().unwrap();
    let starts: Vec<_> = all.iter().map(|one| one.transaction_start).collect();
    assert_eq!(starts, [Some(4), None]);
    assert_eq!(all[0].coordinator_epoch, None);
    known(&brokers, 6, &[]);
    let found = admin
        .describe_producers(vec![at(1)], Some(1))
        .await
        .unwrap();
    let error = found[0].1.as_ref().unwrap_err();
    assert_eq!(error.code(), Some(Code::NOT_LEADER_OR_FOLLOWER));
    let nodes: Vec<i32> = brokers
        .came::<DescribeProducersRequest>()
        .iter()
        .map(|(node, _)| *node)
        .collect();
    assert_eq!(nodes, [2, 2, 1]);
    let nobody = admin.describe_producers(vec![at(1)], Some(7)).await;
    assert!(nobody.unwrap_err().to_string().contains("no broker 7"));
}

#[tokio::test]
async fn a_marker_goes_to_the_leader_and_a_fence_waits_for_the_end_of_what_was_open() {
    let brokers = Brokers::start().await;
    let admin = Admin::new(brokers.cluster());
    for code in [6, 0] {
        brokers.then(move |asked: WriteTxnMarkersRequest| {
            let marker = &asked.markers[0];
            assert!(!marker.transaction_result);
            let partition = WritableTxnMarkerPartitionResult {
                partition_index: 1,
                error_code: code,
                ..WritableTxnMarkerPartitionResult::default()
            };
            with(|response: &mut WriteTxnMarkersResponse| {
                response.markers = vec![WritableTxnMarkerResult {
                    producer_id: marker.producer_id,
                    topics: vec![WritableTxnMarkerTopicResult {
                        name: "t".into(),
                        partitions: vec![partition],
                        ..WritableTxnMarkerTopicResult::default()
                    }],
                    ..WritableTxnMarkerResult::default()
                }];
            })
        });
    }
    let abort = AbortTransaction {
        at: at(1),
        producer_id: 9,
        producer_epoch: 3,
        coordinator_epoch: 7,
    };
    admin.abort_transaction(&abort).await.unwrap();
    let came = brokers.came::<WriteTxnMarkersRequest>();
    assert!(came.iter().all(|(node, _)| *node == 2));
    let marker = &came[0].1.markers[0];
    assert_eq!((marker.producer_epoch, marker.coordinator_epoch), (3, 7));

    coordinated(&brokers, 2);
    given(&brokers, 51, -1);
    given(&brokers, 0, 4);
    let fenced = admin.fence_producers(vec!["x".into()]).await.unwrap();
    assert_eq!(fenced[0].1, Ok((9, 4)));
    let (_, asked) = &brokers.came::<InitProducerIdRequest>()[0];
    assert_eq!((asked.producer_id, asked.producer_epoch), (-1, -1));
}

#[tokio::test]
async fn what_hangs_is_what_no_coordinator_knows_to_be_open_there() {
    for (listing, partitions, is_hanging) in [
        (&[][..], &[0][..], true),
        (&[("x", 9)], &[1], true),
        (&[("x", 9)], &[1, 0], false),
    ] {
        let brokers = Brokers::start().await;
        let admin = Admin::new(brokers.cluster());
        known(&brokers, 0, &[(9, 4), (8, -1)]);
        listed(&brokers, 0, listing);
        listed(&brokers, 0, &[]);
        if !listing.is_empty() {
            coordinated(&brokers, 1);
            described(&brokers, 0, 9, partitions);
        }
        let found = admin.find_hanging_transactions(vec![at(0)], None, 0).await;
        assert_eq!(found.unwrap().len(), usize::from(is_hanging));
        let (_, asked) = &brokers.came::<ListTransactionsRequest>()[0];
        assert_eq!(asked.producer_id_filters, [9]);
        assert!(brokers.is_done());
    }
}

#[tokio::test]
async fn a_partition_is_stuck_behind_the_first_of_its_open_transactions() {
    let brokers = Brokers::start().await;
    let admin = Admin::new(brokers.cluster());
    ends(&brokers, 4);
    ends(&brokers, 10);
    known(&brokers, 0, &[(7, 6), (9, 4), (8, -1)]);
    listed(&brokers, 0, &[("x", 9)]);
    listed(&brokers, 0, &[]);
    coordinated(&brokers, 1);
    described(&brokers, 0, 9, &[0]);
    let found = admin.find_stuck_partitions(vec![at(0)]).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].last_stable_offset, found[0].high_watermark),
        (4, 10)
    );
    let told = |holder: &Holder| {
        let ProducerState { producer_id, .. } = holder.producer;
        (producer_id, holder.is_hanging(&found[0].at))
    };
    let holders: Vec<_> = found[0].holders.iter().map(told).collect();
    assert_eq!(holders, [(9, false), (7, true)]);
    let isolations = brokers.came::<ListOffsetsRequest>();
    let isolations: Vec<i8> = isolations
        .iter()
        .map(|(_, asked)| asked.isolation_level)
        .collect();
    assert_eq!(isolations, [1, 0]);
    ends(&brokers, 10);
    ends(&brokers, 10);
    let free = admin.find_stuck_partitions(vec![at(0)]).await.unwrap();
    assert!(free.is_empty() && brokers.is_done());
}
