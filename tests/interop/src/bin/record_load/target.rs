//! The topic that the load is for.

use std::{thread, time::Duration};

use ottla_interop::load::Plan;
use ottla_wire::{
    Uuid,
    errors::Code,
    messages::{
        CreateTopicsRequest, DeleteTopicsRequest, ListOffsetsRequest, MetadataRequest,
        create_topics_request::{CreatableTopic, CreatableTopicConfig},
        list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic},
        metadata_request::MetadataRequestTopic,
    },
};

use serde_json::{Value, json};

use super::link::Link;

const RETRY: Duration = Duration::from_millis(20);
const RETRIES: usize = 6000;
const CREATE: i16 = 7;
const METADATA: i16 = 12;
const LIST_OFFSETS: i16 = 7;
const DELETE: i16 = 5;

/// A topic, as requests name it.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) id: Uuid,
    pub(crate) partitions: i32,
}

impl Target {
    /// The topic of the plan; made, if it is not there. `floor=1` has none: the bare server does not look.
    pub(crate) fn of(plan: &Plan) -> Result<Self, String> {
        let count = plan.number("partitions")?;
        let partitions = i32::try_from(count).map_err(|error| error.to_string())?;
        if is_floor(plan)? {
            let id = Uuid::default();
            return Ok(Self { id, partitions });
        }
        let mut link = Link::open(&plan.address)?;
        let topic = plan.text("topic")?;
        let configs = plan.text("config").ok();
        make(&mut link, topic, partitions, configs)?;
        let id = leaders(&mut link, topic, count)?;
        led(&mut link, topic, partitions)?;
        Ok(Self { id, partitions })
    }
}

/// Waits until the broker itself knows that it leads each partition: Metadata may say so before.
fn led(link: &mut Link, topic: &str, partitions: i32) -> Result<(), String> {
    const LATEST: i64 = -1;
    let of = |partition_index| ListOffsetsPartition {
        partition_index,
        current_leader_epoch: -1,
        timestamp: LATEST,
        ..ListOffsetsPartition::default()
    };
    let ask = ListOffsetsRequest {
        replica_id: -1,
        topics: vec![ListOffsetsTopic {
            name: topic.to_owned(),
            partitions: (0..partitions).map(of).collect(),
            ..ListOffsetsTopic::default()
        }],
        ..ListOffsetsRequest::default()
    };
    for _ in 0..RETRIES {
        let answer = link.ask(LIST_OFFSETS, &ask)?;
        let all = answer.topics.iter().flat_map(|of| &of.partitions);
        if all.filter(|of| of.error_code == 0).count() == partitions as usize {
            return Ok(());
        }
        thread::sleep(RETRY);
    }
    Err(format!("{topic}: not every partition is led"))
}

/// Whether the other side only moves bytes.
pub(crate) fn is_floor(plan: &Plan) -> Result<bool, String> {
    Ok(plan.number_or("floor", 0)? == 1)
}

/// Makes a topic, unless it is there: `configs` is `NAME:VALUE,…`.
pub(crate) fn make(
    link: &mut Link,
    topic: &str,
    partitions: i32,
    configs: Option<&str>,
) -> Result<(), String> {
    let pairs = configs.iter().flat_map(|text| text.split(','));
    let configs = pairs.filter_map(|pair| {
        let (name, value) = pair.split_once(':')?;
        Some(CreatableTopicConfig {
            name: name.to_owned(),
            value: Some(value.to_owned()),
            ..CreatableTopicConfig::default()
        })
    });
    let create = CreateTopicsRequest {
        topics: vec![CreatableTopic {
            name: topic.to_owned(),
            num_partitions: partitions,
            replication_factor: 1,
            configs: configs.collect(),
            ..CreatableTopic::default()
        }],
        timeout_ms: 120_000,
        ..CreateTopicsRequest::default()
    };
    let created = link.ask(CREATE, &create)?;
    match created.topics.first().map(|of| Code(of.error_code)) {
        Some(Code::NONE | Code::TOPIC_ALREADY_EXISTS) => Ok(()),
        other => Err(format!("the topic {topic} is not created: {other:?}")),
    }
}

/// Waits until each partition of a topic has a leader; its id.
pub(crate) fn leaders(link: &mut Link, topic: &str, partitions: usize) -> Result<Uuid, String> {
    let ask = MetadataRequest {
        topics: Some(vec![MetadataRequestTopic {
            name: Some(topic.to_owned()),
            ..MetadataRequestTopic::default()
        }]),
        ..MetadataRequest::default()
    };
    for _ in 0..RETRIES {
        let answer = link.ask(METADATA, &ask)?;
        if let Some(found) = answer.topics.first() {
            let led = found.partitions.iter().filter(|of| of.error_code == 0);
            if found.error_code == 0 && led.count() == partitions {
                return Ok(found.topic_id);
            }
        }
        thread::sleep(RETRY);
    }
    Err(format!(
        "{topic}: not every one of its {partitions} partitions has a leader"
    ))
}

/// Deletes a topic. Options: topic.
pub(crate) fn delete(plan: &Plan) -> Result<Value, String> {
    let delete = DeleteTopicsRequest {
        topic_names: vec![plan.text("topic")?.to_owned()],
        timeout_ms: 60_000,
        ..DeleteTopicsRequest::default()
    };
    let answer = Link::open(&plan.address)?.ask(DELETE, &delete)?;
    match answer.responses.first().map(|of| of.error_code) {
        Some(0) => Ok(json!({"deleted": 1})),
        other => Err(format!("the topic is not deleted: {other:?}")),
    }
}
