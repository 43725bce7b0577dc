//! A consumer group as it is described, and what makes it go away.

use std::collections::BTreeMap;

use ottla_metadata::Image;
use ottla_wire::{
    Uuid,
    messages::consumer_group_describe_response::{
        Assignment, DescribedGroup, Member as DescribedMember, TopicPartitions,
    },
};

use super::{group::ConsumerGroup, member::Member, records};
use crate::group::Entry;

/// The types of members.
const CLASSIC: i8 = 0;
const CONSUMER: i8 = 1;

impl ConsumerGroup {
    /// As ConsumerGroupDescribe says it. `default_assignor` counts if no member prefers one.
    pub(crate) fn describe(
        &self,
        id: &str,
        image: &Image,
        default_assignor: &str,
    ) -> DescribedGroup {
        let assignor = self.preferred_assignor(None, None);
        DescribedGroup {
            group_id: id.to_owned(),
            group_state: self.state_name().to_owned(),
            group_epoch: self.epoch,
            assignment_epoch: self.assignment_epoch,
            assignor_name: assignor.unwrap_or(default_assignor).to_owned(),
            members: self
                .all()
                .map(|member| self.described(member, image))
                .collect(),
            ..DescribedGroup::default()
        }
    }

    fn described(&self, member: &Member, image: &Image) -> DescribedMember {
        let mut has: BTreeMap<Uuid, Vec<i32>> = BTreeMap::new();
        for partitions in [&member.assigned, &member.pending_revocation] {
            for (topic, indexes) in &**partitions {
                has.entry(*topic).or_default().extend(indexes.keys());
            }
        }
        let target = self.target(&member.id);
        let target = target.iter();
        let target = target.map(|(topic, indexes)| (*topic, indexes.iter().copied().collect()));
        DescribedMember {
            member_id: member.id.to_string(),
            instance_id: member.instance_id.clone(),
            rack_id: member.rack_id.clone(),
            member_epoch: member.epoch,
            client_id: member.client_id.clone(),
            client_host: member.client_host.clone(),
            subscribed_topic_names: member.topics.iter().map(|name| name.to_string()).collect(),
            subscribed_topic_regex: member.regex.clone(),
            assignment: assignment(has.into_iter(), image),
            target_assignment: assignment(target, image),
            member_type: if member.classic.is_some() {
                CLASSIC
            } else {
                CONSUMER
            },
            ..DescribedMember::default()
        }
    }

    /// All that is in the log of it, and what is counted along.
    #[cfg(test)]
    pub(crate) fn durable(&self, put: &mut dyn FnMut(String, Option<String>)) {
        for member in self.all() {
            put(
                format!(" member {}", member.id),
                Some(format!("{member:?}")),
            );
        }
        put(String::new(), Some(self.text()));
    }

    /// What makes the group go away.
    pub(crate) fn tombstones(&self, id: &str, emit: &mut dyn FnMut(Entry)) {
        let members: Vec<&str> = self.members.keys().map(|member| &**member).collect();
        self.tombstones_of(id, &members, emit);
    }

    /// What makes the group go away if these are its members.
    pub(super) fn tombstones_of(&self, id: &str, members: &[&str], emit: &mut dyn FnMut(Entry)) {
        for member in members {
            emit(records::no_current(id, member));
        }
        for member in members {
            emit(records::no_target(id, member));
        }
        emit(records::no_target_epoch(id));
        for member in members {
            emit(records::no_member(id, member));
        }
        for regex in self.resolved.keys() {
            emit(records::no_regex(id, regex));
        }
        emit(records::no_partition_metadata(id));
        emit(records::no_epoch(id));
    }
}

/// Of the topics that exist.
fn assignment(topics: impl Iterator<Item = (Uuid, Vec<i32>)>, image: &Image) -> Assignment {
    let topics = topics.filter_map(|(id, partitions)| {
        Some(TopicPartitions {
            topic_id: id,
            topic_name: image.topic_by_id(id)?.name.to_string(),
            partitions,
            ..TopicPartitions::default()
        })
    });
    Assignment {
        topic_partitions: topics.collect(),
        ..Assignment::default()
    }
}
