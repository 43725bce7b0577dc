//! Groups that change their type while they have members.
//!
//! Differs from Apache Kafka: partitions that the classic group had not assigned when it became a consumer group are
//! assigned at once. In Kafka they wait for the next change of members or topics if it was a static member that came.
//! And a group that becomes a classic one always rebalances, also after a restart in between: its members do not know
//! which of them leads, and some may not have got to their targets.

use std::{collections::BTreeSet, sync::Arc};

use bytes::Bytes;
use ottla_metadata::Image;
use ottla_wire::{
    Uuid,
    errors::{Code, Refusal},
    messages::consumer_group_member_metadata_value::{ClassicMemberMetadata, ClassicProtocol},
};

use super::{
    ConsumerTimer,
    classic_member::written,
    decision::{Decision, Downgrade},
    group::{ConsumerGroup, TopicChanges},
    member::{Member, Partitions, sorted},
    records,
    topics::ConsumerTopics,
};
use crate::{
    assign::Assignment,
    group::{
        Entry, Settings,
        classic::{self, ClassicGroup},
    },
    protocol::{read_assignment, read_subscription},
};

/// A classic group as a consumer group.
pub(super) struct Upgrade {
    pub(super) group: ConsumerGroup,
    /// What makes it one, without the end of the classic group.
    pub(super) records: Vec<Entry>,
    /// Its members, and how long each may be silent, in ms.
    pub(super) sessions: Vec<(Arc<str>, i32)>,
}

fn refuse<T>(id: &str, why: impl std::fmt::Display) -> Result<T, Refusal> {
    Err(Code::GROUP_ID_NOT_FOUND.because(format!(
        "classic group {id} cannot become a consumer group: {why}"
    )))
}

/// Makes a consumer group of a classic one with members.
///
/// # Errors
/// `GROUP_ID_NOT_FOUND` if the settings, the group's size or what its members say does not allow it.
pub(super) fn upgrade(
    id: &str,
    of: &ClassicGroup,
    settings: &Settings,
    image: &Image,
    topics: &mut ConsumerTopics,
) -> Result<Upgrade, Refusal> {
    if !settings.migration_policy.upgrades() {
        return refuse(id, "group.consumer.migration.policy does not allow it");
    }
    if !of.uses_consumer_protocol() {
        return refuse(id, "its members are no consumers");
    }
    let (has, max) = (of.members().len(), settings.consumer_max_size);
    if has > max {
        let why = format!("it has {has} members, and may have {max} (group.consumer.max.size)");
        return refuse(id, why);
    }
    let mut members = Vec::with_capacity(has);
    for member in of.members() {
        match upgraded(of, member, image) {
            Ok(member) => members.push(member),
            Err(why) => return refuse(id, why),
        }
    }
    let epoch = of.generation();
    let mut group = ConsumerGroup::default();
    let mut changes = TopicChanges::new();
    let mut records: Vec<Entry> = Vec::new();
    let described = members.iter().map(|member| records::member(id, member));
    records.extend(described);
    for record in &records {
        group.apply(record, &mut changes);
    }
    // What the classic leader left to nobody (it has not assigned yet, or a topic grew since) is assigned with the first
    // heartbeat: a group without a hash of its topics looks at them, and gets to its next epoch.
    // So it is if its members are still to hear what they have.
    let is_settled = of.state_name() == "Stable" && leaves_nothing(&group, &members, image);
    let hash = match is_settled {
        true => topics.group_hash(image, group.subscriptions.keys()),
        false => 0,
    };
    let first = records.len();
    records.push(records::epoch(id, epoch, hash));
    for member in &members {
        let target: Assignment = member
            .assigned
            .iter()
            .map(|(topic, indexes)| (*topic, indexes.keys().copied().collect::<BTreeSet<_>>()))
            .collect();
        records.push(records::target(id, &member.id, &target));
    }
    records.push(records::target_epoch(id, epoch, 0));
    records.extend(members.iter().map(|member| records::current(id, member)));
    for record in &records[first..] {
        group.apply(record, &mut changes);
    }
    let session = |member: &Member| {
        let classic = member.classic.as_deref();
        (
            member.id.clone(),
            classic.map_or(0, |classic| classic.session_timeout_ms),
        )
    };
    Ok(Upgrade {
        group,
        records,
        sessions: members.iter().map(session).collect(),
    })
}

/// Whether every partition of the topics that the group is subscribed to has a member.
fn leaves_nothing(group: &ConsumerGroup, members: &[Member], image: &Image) -> bool {
    let assigned: BTreeSet<(Uuid, i32)> = members
        .iter()
        .flat_map(|member| member.assigned.iter())
        .flat_map(|(topic, indexes)| indexes.keys().map(|index| (*topic, *index)))
        .collect();
    let topics = group.subscriptions.keys();
    let mut topics = topics.filter_map(|name| image.topic(name));
    topics.all(|topic| {
        let mut indexes = topic.partitions.keys();
        indexes.all(|index| assigned.contains(&(topic.id, *index)))
    })
}

/// A classic member as one of a consumer group.
fn upgraded(of: &ClassicGroup, member: &classic::Member, image: &Image) -> Result<Member, String> {
    let chosen = of.protocol().and_then(|protocol| member.metadata(protocol));
    // Of a group that never came to a generation, every member's own choice is as good.
    let chosen = chosen.or_else(|| member.protocols.first().map(|of| &of.metadata));
    let chosen = chosen.ok_or_else(|| format!("member {} has no protocol", member.id))?;
    let malformed = |why| format!("member {}: {why}", member.id);
    let subscription = read_subscription(chosen).map_err(malformed)?;
    let epoch = of.generation();
    let assigned = assigned(member, epoch, image)?;
    let names = sorted(&subscription.topics).into_iter().map(Arc::from);
    let protocols = member.protocols.iter().map(|of| ClassicProtocol {
        name: of.name.clone(),
        metadata: of.metadata.clone(),
        ..ClassicProtocol::default()
    });
    Ok(Member {
        epoch,
        previous_epoch: epoch,
        instance_id: member.instance_id.clone(),
        rack_id: subscription.rack_id.filter(|rack| !rack.is_empty()),
        rebalance_timeout_ms: member.rebalance_timeout_ms,
        client_id: member.client_id.clone(),
        client_host: member.client_host.clone(),
        topics: names.collect(),
        assigned: Arc::new(assigned),
        classic: Some(Arc::new(ClassicMemberMetadata {
            session_timeout_ms: member.session_timeout_ms,
            supported_protocols: protocols.collect(),
            ..ClassicMemberMetadata::default()
        })),
        ..Member::new(member.id.clone())
    })
}

fn assigned(member: &classic::Member, epoch: i32, image: &Image) -> Result<Partitions, String> {
    let mut partitions = Partitions::new();
    if member.assignment.is_empty() {
        return Ok(partitions);
    }
    let assignment = read_assignment(&member.assignment);
    let assignment = assignment.map_err(|why| format!("member {}: {why}", member.id))?;
    if assignment.user_data.is_some_and(|data| !data.is_empty()) {
        return Err("its assignor gives members data of its own, which would be lost".to_owned());
    }
    for topic in assignment.assigned_partitions {
        if let Some(id) = image.topic_id(&topic.topic)
            && !topic.partitions.is_empty()
        {
            let indexes = topic.partitions.into_iter().map(|index| (index, epoch));
            partitions.insert(id, indexes.collect());
        }
    }
    Ok(partitions)
}

impl Decision<'_> {
    /// Removes these members. If only members of the classic protocol stay, the group becomes a classic one.
    ///
    /// # Errors
    /// `GROUP_ID_NOT_FOUND` if it would, and what the members said when they joined is malformed.
    pub(super) fn fence(&mut self, members: &[&Member]) -> Result<(), Refusal> {
        if !self.may_downgrade(members, false) {
            self.remove(members);
            return Ok(());
        }
        let group = self.group;
        let is_leaving = |member: &&Member| members.iter().any(|of| of.id == member.id);
        let stay = group.all().filter(|member| !is_leaving(member));
        let stay = stay.map(|member| (member, group.target(&member.id)));
        let ids: Vec<&str> = group.members.keys().map(|id| &**id).collect();
        self.downgrade(&ids, stay.collect())
    }

    /// Whether the group becomes a classic one when these members leave or, with `replaced`, one of the classic protocol
    /// takes the place of each.
    pub(super) fn may_downgrade(&self, members: &[&Member], replaced: bool) -> bool {
        let group = self.group;
        let stay = group.members.len() - members.len();
        let classic = members
            .iter()
            .filter(|member| member.classic.is_some())
            .count();
        let size = if replaced { group.members.len() } else { stay };
        let is_classic = if replaced {
            classic == 0 && group.classic_members == stay
        } else {
            group.classic_members - classic == stay
        };
        is_classic
            && size > 0
            && self.settings.migration_policy.downgrades()
            && size <= self.settings.classic_max_size
    }

    /// The last member of the consumer protocol comes back as a classic one: the group becomes a classic one.
    pub(super) fn downgrade_with(
        &mut self,
        replaced: &Member,
        joining: &Member,
    ) -> Result<(), Refusal> {
        let group = self.group;
        let others = group.all().filter(|member| member.id != replaced.id);
        let others = others.map(|member| (member, group.target(&member.id)));
        let members = others.chain([(joining, group.target(&replaced.id))]);
        let ids: Vec<&str> = group
            .members
            .keys()
            .map(|id| {
                if *id == replaced.id {
                    &*joining.id
                } else {
                    &**id
                }
            })
            .collect();
        self.downgrade(&ids, members.collect())
    }

    fn downgrade(
        &mut self,
        ids: &[&str],
        members: Vec<(&Member, Arc<Assignment>)>,
    ) -> Result<(), Refusal> {
        let group = self.group;
        let id = self.id.clone();
        let malformed = |why: &dyn std::fmt::Display| {
            let why = format!("consumer group {id} cannot become a classic group: {why}");
            Code::GROUP_ID_NOT_FOUND.because(why)
        };
        let classic = members.iter().map(|(member, _)| downgraded(member));
        let classic = ClassicGroup::of_members(self.now_ms(), group.epoch, classic);
        let Some(mut classic) = classic else {
            return Err(malformed(&"its members have no protocol in common"));
        };
        for (member, target) in &members {
            let metadata = self.metadata(&classic, member);
            let target = target.iter();
            let target = target.map(|(topic, indexes)| (*topic, indexes.iter().copied().collect()));
            let assignment = written(target, &metadata, self.image);
            let assignment = assignment.map_err(|why| malformed(&why))?;
            classic.set_assignment(&member.id, assignment);
        }
        let records = &mut self.records;
        group.tombstones_of(&id, ids, &mut |entry| records.push(entry));
        for member in group.all() {
            self.disarm(ConsumerTimer::Rebalance(member.id.clone(), member.epoch));
            self.disarm(ConsumerTimer::Join(member.id.clone()));
            self.disarm(ConsumerTimer::Sync(member.id.clone()));
        }
        self.downgrade = Some(Downgrade { group: classic });
        Ok(())
    }

    fn metadata(&self, classic: &ClassicGroup, member: &Member) -> Bytes {
        let member = classic.member(&member.id);
        let of = classic.protocol();
        let metadata = member.and_then(|member| member.metadata(of?));
        metadata.cloned().unwrap_or_default()
    }
}

/// A member of the classic protocol as one of a classic group.
fn downgraded(member: &Member) -> classic::Member {
    let mut of = classic::Member::new(member.id.clone(), member.instance_id.clone());
    of.client_id.clone_from(&member.client_id);
    of.client_host.clone_from(&member.client_host);
    of.rebalance_timeout_ms = member.rebalance_timeout_ms;
    if let Some(said) = &member.classic {
        of.session_timeout_ms = said.session_timeout_ms;
        let protocols = said.supported_protocols.iter();
        let protocols = protocols.map(|of| classic::Protocol {
            name: of.name.clone(),
            metadata: of.metadata.clone(),
        });
        of.protocols = protocols.collect();
    }
    of
}
