//! How fast the messages of the hot path are read and written. `cargo bench -p ottla-wire --bench codec -- --quick`.

use std::{hint::black_box, time::Duration};

use bytes::Bytes;
use criterion::{Criterion, Throughput};
use ottla_wire::{
    Message, Records, Uuid, frame,
    messages::{
        FetchRequest, FetchResponse, MetadataResponse, ProduceRequest,
        fetch_request::{FetchPartition, FetchTopic},
        fetch_response::{FetchableTopicResponse, PartitionData},
        metadata_response::{MetadataResponsePartition, MetadataResponseTopic},
        produce_request::{PartitionProduceData, TopicProduceData},
    },
};

const KIB: usize = 1024;

/// Ten partitions of one topic, each with `size` bytes in the place of records.
fn produce(size: usize) -> ProduceRequest {
    ProduceRequest {
        acks: -1,
        timeout_ms: 30_000,
        topic_data: vec![TopicProduceData {
            topic_id: Uuid::from_u128(7),
            partition_data: (0..10)
                .map(|index| PartitionProduceData {
                    index,
                    records: Some(Bytes::from(vec![7; size]).into()),
                    ..PartitionProduceData::default()
                })
                .collect(),
            ..TopicProduceData::default()
        }],
        ..ProduceRequest::default()
    }
}

/// What a consumer of 100 partitions asks.
fn fetch() -> FetchRequest {
    let partitions = (0..100).map(|partition| FetchPartition {
        partition,
        fetch_offset: 1 << 30,
        partition_max_bytes: 1 << 20,
        ..FetchPartition::default()
    });
    FetchRequest {
        topics: vec![FetchTopic {
            topic_id: Uuid::from_u128(7),
            partitions: partitions.collect(),
            ..FetchTopic::default()
        }],
        ..FetchRequest::default()
    }
}

/// 100 partitions, each with 10 KiB that are in a file.
fn fetched() -> FetchResponse {
    let partitions = (0..100).map(|index| PartitionData {
        partition_index: index,
        high_watermark: 1 << 30,
        records: Some(Records::Hole {
            slot: index as u32,
            len: 10 * KIB as u32,
        }),
        ..PartitionData::default()
    });
    FetchResponse {
        responses: vec![FetchableTopicResponse {
            topic_id: Uuid::from_u128(7),
            partitions: partitions.collect(),
            ..FetchableTopicResponse::default()
        }],
        ..FetchResponse::default()
    }
}

/// 1,000 topics of three partitions with three replicas.
fn metadata() -> MetadataResponse {
    let partition = |index| MetadataResponsePartition {
        partition_index: index,
        leader_id: index,
        replica_nodes: vec![0, 1, 2],
        isr_nodes: vec![0, 1, 2],
        ..MetadataResponsePartition::default()
    };
    MetadataResponse {
        topics: (0..1000)
            .map(|n| MetadataResponseTopic {
                name: Some(format!("orders.by-region.{n}")),
                topic_id: Uuid::from_u128(n),
                partitions: (0..3).map(partition).collect(),
                ..MetadataResponseTopic::default()
            })
            .collect(),
        ..MetadataResponse::default()
    }
}

fn both_ways<M: Message>(c: &mut Criterion, name: &str, message: &M, version: i16) {
    let mut group = c.benchmark_group(name);
    let bytes = message.encode(version).expect("it fits the version");
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("decode", |b| {
        b.iter(|| M::decode(black_box(bytes.clone()), version));
    });
    group.bench_function("encode", |b| {
        b.iter(|| frame::response(0, version, 1, black_box(message)));
    });
    group.finish();
}

fn main() {
    let mut c = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    both_ways(&mut c, "produce request, 10 x 1 KiB", &produce(KIB), 13);
    both_ways(
        &mut c,
        "produce request, 10 x 16 KiB",
        &produce(16 * KIB),
        13,
    );
    both_ways(&mut c, "fetch request, 100 partitions", &fetch(), 17);
    both_ways(&mut c, "metadata response, 1000 topics", &metadata(), 13);

    let fetched = fetched();
    let mut group = c.benchmark_group("fetch response, 100 partitions");
    let len = frame::response(1, 17, 1, &fetched).expect("it fits").len();
    group.throughput(Throughput::Bytes(len as u64));
    group.bench_function("encode with holes", |b| {
        b.iter(|| frame::response(1, 17, 1, black_box(&fetched)));
    });
    group.finish();
    c.final_summary();
}
