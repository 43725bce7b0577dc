//! WriteTxnMarkers: key 27, versions 1-2.
//!
//! Ends transactions in partitions that this broker leads: transaction coordinators ask for it, and operators who free a
//! partition from a hanging transaction.
//!
//! Versions: 1 flexible; 2 the transaction version of the producer.
//!
//! Refuses, per partition: `UNKNOWN_TOPIC_OR_PARTITION` (also where another broker hosts it, or its directory has failed
//! before; the write that meets the failure is `KAFKA_STORAGE_ERROR`), `NOT_LEADER_OR_FOLLOWER`,
//! `INVALID_PRODUCER_EPOCH`, `TRANSACTION_COORDINATOR_FENCED`, `NOT_ENOUGH_REPLICAS`.
//!
//! Differs from Apache Kafka: a request that names a partition twice is answered; Kafka writes the marker, and never answers.

use std::collections::{BTreeMap, BTreeSet};

use ottla_wire::{
    errors::Code,
    messages::{
        WriteTxnMarkersRequest, WriteTxnMarkersResponse,
        write_txn_markers_request::WritableTxnMarker,
        write_txn_markers_response::{
            WritableTxnMarkerPartitionResult, WritableTxnMarkerResult, WritableTxnMarkerTopicResult,
        },
    },
};

use crate::{
    api::Cx,
    markers::{self, Marker},
    reply::Reply,
};

/// See the top of this file.
pub(crate) async fn handle(
    cx: &Cx,
    request: WriteTxnMarkersRequest,
) -> Reply<WriteTxnMarkersResponse> {
    // A producer that is named twice is answered once.
    let mut outcomes: BTreeMap<i64, BTreeMap<String, BTreeMap<i32, Code>>> = BTreeMap::new();
    for requested in request.markers {
        let of_producer = outcomes.entry(requested.producer_id).or_default();
        write(cx, requested, of_producer);
    }
    // What names no partition is left out, as by Kafka.
    outcomes.retain(|_, topics| {
        topics.retain(|_, partitions| !partitions.is_empty());
        !topics.is_empty()
    });
    let markers = outcomes.into_iter().map(|(producer_id, topics)| {
        let topics = topics.into_iter().map(topic_result);
        WritableTxnMarkerResult {
            producer_id,
            topics: topics.collect(),
            ..WritableTxnMarkerResult::default()
        }
    });
    WriteTxnMarkersResponse {
        markers: markers.collect(),
        ..WriteTxnMarkersResponse::default()
    }
    .into()
}

fn write(
    cx: &Cx,
    requested: WritableTxnMarker,
    outcomes: &mut BTreeMap<String, BTreeMap<i32, Code>>,
) {
    let marker = Marker {
        producer_id: requested.producer_id,
        producer_epoch: requested.producer_epoch,
        committed: requested.transaction_result,
        coordinator_epoch: requested.coordinator_epoch,
        transaction_version: i16::from(requested.transaction_version),
    };
    let image = cx.broker.image_arc();
    let hosts = |topic: &str, index| {
        let topic = image.topic(topic);
        topic.is_some_and(|topic| cx.broker.partitions.get(topic.id, index).is_some())
    };
    let mut written = BTreeSet::new();
    for topic in requested.topics {
        let of_topic = outcomes.entry(topic.name.clone()).or_default();
        for index in topic.partition_indexes {
            // Who names a partition twice gets one marker.
            if !written.insert((topic.name.clone(), index)) {
                continue;
            }
            // Asked before: a write that fails takes its directory's partitions away.
            let hosted = hosts(&topic.name, index);
            let outcome = markers::write(&cx.broker, &image, &topic.name, index, &marker);
            let code = match outcome.map_err(|refusal| refusal.code) {
                Ok(()) => Code::NONE,
                Err(Code::NOT_LEADER_OR_FOLLOWER | Code::KAFKA_STORAGE_ERROR) if !hosted => {
                    Code::UNKNOWN_TOPIC_OR_PARTITION
                }
                Err(code) => code,
            };
            of_topic.insert(index, code);
        }
    }
}

fn topic_result((name, partitions): (String, BTreeMap<i32, Code>)) -> WritableTxnMarkerTopicResult {
    let partitions =
        partitions
            .into_iter()
            .map(|(partition_index, code)| WritableTxnMarkerPartitionResult {
                partition_index,
                error_code: code.0,
                ..WritableTxnMarkerPartitionResult::default()
            });
    WritableTxnMarkerTopicResult {
        name,
        partitions: partitions.collect(),
        ..WritableTxnMarkerTopicResult::default()
    }
}
