//! The records of a consumer group.

use std::{collections::BTreeSet, sync::Arc};

use ottla_wire::messages::{
    ConsumerGroupCurrentMemberAssignmentKey, ConsumerGroupMemberMetadataKey,
    ConsumerGroupMetadataKey, ConsumerGroupMetadataValue, ConsumerGroupPartitionMetadataKey,
    ConsumerGroupRegularExpressionKey, ConsumerGroupRegularExpressionValue,
    ConsumerGroupTargetAssignmentMemberKey, ConsumerGroupTargetAssignmentMemberValue,
    ConsumerGroupTargetAssignmentMetadataKey, ConsumerGroupTargetAssignmentMetadataValue,
    consumer_group_target_assignment_member_value::TopicPartition,
};

use super::{group::ResolvedRegex, member::Member};
use crate::{assign::Assignment, group::Entry};

/// The group's epoch, and the hash of its topics.
pub(super) fn epoch(group: &str, epoch: i32, metadata_hash: i64) -> Entry {
    let key = ConsumerGroupMetadataKey {
        group_id: group.to_owned(),
    };
    let value = ConsumerGroupMetadataValue {
        epoch,
        metadata_hash,
        ..ConsumerGroupMetadataValue::default()
    };
    Entry::ConsumerGroupMetadata(key, Some(value))
}

pub(super) fn no_epoch(group: &str) -> Entry {
    let key = ConsumerGroupMetadataKey {
        group_id: group.to_owned(),
    };
    Entry::ConsumerGroupMetadata(key, None)
}

/// Takes away what Kafka before 4.1 kept of the topics.
pub(super) fn no_partition_metadata(group: &str) -> Entry {
    let key = ConsumerGroupPartitionMetadataKey {
        group_id: group.to_owned(),
    };
    Entry::ConsumerGroupPartitionMetadata(key, None)
}

/// What the member said.
pub(super) fn member(group: &str, member: &Member) -> Entry {
    let key = ConsumerGroupMemberMetadataKey {
        group_id: group.to_owned(),
        member_id: member.id.to_string(),
    };
    Entry::ConsumerGroupMemberMetadata(key, Some(member.description()))
}

pub(super) fn no_member(group: &str, member: &str) -> Entry {
    let key = ConsumerGroupMemberMetadataKey {
        group_id: group.to_owned(),
        member_id: member.to_owned(),
    };
    Entry::ConsumerGroupMemberMetadata(key, None)
}

/// What the member has.
pub(super) fn current(group: &str, member: &Member) -> Entry {
    let key = ConsumerGroupCurrentMemberAssignmentKey {
        group_id: group.to_owned(),
        member_id: member.id.to_string(),
    };
    Entry::ConsumerGroupCurrentMemberAssignment(key, Some(member.assignment()))
}

pub(super) fn no_current(group: &str, member: &str) -> Entry {
    let key = ConsumerGroupCurrentMemberAssignmentKey {
        group_id: group.to_owned(),
        member_id: member.to_owned(),
    };
    Entry::ConsumerGroupCurrentMemberAssignment(key, None)
}

/// What the member should have.
pub(super) fn target(group: &str, member: &str, target: &Assignment) -> Entry {
    let key = ConsumerGroupTargetAssignmentMemberKey {
        group_id: group.to_owned(),
        member_id: member.to_owned(),
    };
    let topics = target.iter().map(|(topic, indexes)| TopicPartition {
        topic_id: *topic,
        partitions: indexes.iter().copied().collect(),
        ..TopicPartition::default()
    });
    let value = ConsumerGroupTargetAssignmentMemberValue {
        topic_partitions: topics.collect(),
        ..ConsumerGroupTargetAssignmentMemberValue::default()
    };
    Entry::ConsumerGroupTargetAssignmentMember(key, Some(value))
}

pub(super) fn no_target(group: &str, member: &str) -> Entry {
    let key = ConsumerGroupTargetAssignmentMemberKey {
        group_id: group.to_owned(),
        member_id: member.to_owned(),
    };
    Entry::ConsumerGroupTargetAssignmentMember(key, None)
}

/// The epoch that the targets are of, and when they were computed; 0 if nobody was there.
pub(super) fn target_epoch(group: &str, epoch: i32, timestamp_ms: i64) -> Entry {
    let key = ConsumerGroupTargetAssignmentMetadataKey {
        group_id: group.to_owned(),
    };
    let value = ConsumerGroupTargetAssignmentMetadataValue {
        assignment_epoch: epoch,
        assignment_timestamp: timestamp_ms,
        ..ConsumerGroupTargetAssignmentMetadataValue::default()
    };
    Entry::ConsumerGroupTargetAssignmentMetadata(key, Some(value))
}

pub(super) fn no_target_epoch(group: &str) -> Entry {
    let key = ConsumerGroupTargetAssignmentMetadataKey {
        group_id: group.to_owned(),
    };
    Entry::ConsumerGroupTargetAssignmentMetadata(key, None)
}

fn regex_key(group: &str, regex: &str) -> ConsumerGroupRegularExpressionKey {
    ConsumerGroupRegularExpressionKey {
        group_id: group.to_owned(),
        regular_expression: regex.to_owned(),
    }
}

/// The topics that a regular expression stands for.
pub(super) fn regex(group: &str, regex: &str, resolved: &ResolvedRegex) -> Entry {
    let value = ConsumerGroupRegularExpressionValue {
        topics: resolved
            .topics
            .iter()
            .map(|name| name.to_string())
            .collect(),
        version: resolved.version,
        timestamp: resolved.timestamp_ms,
        ..ConsumerGroupRegularExpressionValue::default()
    };
    Entry::ConsumerGroupRegularExpression(regex_key(group, regex), Some(value))
}

pub(super) fn no_regex(group: &str, regex: &str) -> Entry {
    Entry::ConsumerGroupRegularExpression(regex_key(group, regex), None)
}

/// All that a member leaves behind is gone.
pub(super) fn removed(group: &str, member: &str) -> [Entry; 3] {
    [
        no_current(group, member),
        no_target(group, member),
        no_member(group, member),
    ]
}

/// Names as records and groups share them.
pub(super) fn names(topics: &[String]) -> BTreeSet<Arc<str>> {
    topics.iter().map(|name| Arc::from(name.as_str())).collect()
}
