//! Records: writing, reading, finding and deleting them.

pub(crate) mod delete_records;
pub(crate) mod fetch;
pub(crate) mod list_offsets;
pub(crate) mod offset_for_leader_epoch;
pub(crate) mod produce;

use std::sync::Arc;

use ottla_wire::{Uuid, errors::Code};

use super::Cx;
use crate::partition::Partition;

/// How a request names a topic: by name, or by id in newer versions.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TopicRef<'a> {
    Name(&'a str),
    Id(Uuid),
}

/// The hosted partition that a request names.
///
/// # Errors
/// `UNKNOWN_TOPIC_ID` or `UNKNOWN_TOPIC_OR_PARTITION` if the cluster has none, `NOT_LEADER_OR_FOLLOWER` if this broker
/// has none, `KAFKA_STORAGE_ERROR` if its directory failed.
pub(crate) fn hosted(cx: &Cx, topic: TopicRef<'_>, index: i32) -> Result<Arc<Partition>, Code> {
    let image = cx.broker.image();
    let (topic, unknown) = match topic {
        TopicRef::Name(name) => (image.topic(name), Code::UNKNOWN_TOPIC_OR_PARTITION),
        TopicRef::Id(id) => (image.topic_by_id(id), Code::UNKNOWN_TOPIC_ID),
    };
    let topic = topic.ok_or(unknown)?;
    if !topic.partitions.contains_key(&index) {
        return Err(Code::UNKNOWN_TOPIC_OR_PARTITION);
    }
    match cx.broker.partitions.get(topic.id, index) {
        Some(partition) if partition.log_dir().has_failed() => Err(Code::KAFKA_STORAGE_ERROR),
        Some(partition) => Ok(partition),
        None if cx.broker.partitions.is_offline(topic.id, index) => Err(Code::KAFKA_STORAGE_ERROR),
        None => Err(Code::NOT_LEADER_OR_FOLLOWER),
    }
}
