//! What groups of consumers are: asked as groups of the new protocol first, as Kafka's own client does.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use ottla_wire::{
    Message,
    errors::Code,
    messages::{
        consumer_group_describe_request::ConsumerGroupDescribeRequest,
        consumer_group_describe_response as new,
        consumer_protocol_assignment::ConsumerProtocolAssignment,
        describe_groups_request::DescribeGroupsRequest, describe_groups_response as classic,
    },
};

use super::{
    super::{Admin, Outcomes, coordinators::At, topics::unanswered},
    CONSUMER_PROTOCOL, GroupDescription, GroupState, GroupType, MemberDescription,
};
use crate::{
    ClientError, CoordinatorType, Result, TopicPartition, connection::request_name,
    coordinators::may_pass,
};

/// Groups that are none of the new protocol, with the broker's words about that.
type Classic = Mutex<BTreeMap<String, Option<String>>>;

impl Admin {
    /// Describes groups of consumers, of the classic protocol and of the new one.
    ///
    /// # Errors
    /// Those of asking; each group has its own outcome. A group that does not exist gives GROUP_ID_NOT_FOUND, or with
    /// old brokers a dead group; one that is no group of consumers gives [`ClientError::Config`].
    pub async fn describe_groups(
        &self,
        groups: Vec<String>,
    ) -> Result<Outcomes<String, GroupDescription>> {
        let classic = &Classic::default();
        self.at_coordinators(
            "describing groups",
            CoordinatorType::Group,
            groups,
            may_pass,
            |at, groups| describe(at, groups, classic),
        )
        .await
    }
}

async fn describe(
    at: At,
    groups: Vec<String>,
    classic: &Classic,
) -> Result<Outcomes<String, GroupDescription>> {
    let known = || classic.lock().unwrap_or_else(PoisonError::into_inner);
    let mut outcomes = Vec::with_capacity(groups.len());
    let has_new = at
        .connection
        .version::<ConsumerGroupDescribeRequest>()
        .is_ok();
    let (mut old, new): (Vec<String>, Vec<String>) = {
        let known = known();
        groups
            .into_iter()
            .partition(|group| !has_new || known.contains_key(group))
    };
    if !new.is_empty() {
        for (group, outcome) in describe_new(&at, new).await? {
            match outcome {
                Err(ClientError::Refused {
                    code: Code::GROUP_ID_NOT_FOUND | Code::UNSUPPORTED_VERSION,
                    message,
                    ..
                }) => {
                    known().insert(group.clone(), message);
                    old.push(group);
                }
                outcome => outcomes.push((group, outcome)),
            }
        }
    }
    if !old.is_empty() {
        for (group, mut outcome) in describe_classic(&at, old).await? {
            if let Err(ClientError::Refused { code, message, .. }) = &mut outcome
                && *code == Code::GROUP_ID_NOT_FOUND
                && let Some(Some(first)) = known().get(&group)
            {
                *message = Some(first.clone());
            }
            outcomes.push((group, outcome));
        }
    }
    Ok(outcomes)
}

async fn describe_new(at: &At, groups: Vec<String>) -> Result<Outcomes<String, GroupDescription>> {
    let name = request_name::<ConsumerGroupDescribeRequest>();
    let request = ConsumerGroupDescribeRequest {
        group_ids: groups.clone(),
        ..ConsumerGroupDescribeRequest::default()
    };
    let answer = at.connection.send(&request).await?;
    let answered = answer
        .groups
        .into_iter()
        .map(|one| (one.group_id.clone(), one));
    let mut answered: BTreeMap<_, _> = answered.collect();
    let broker = at.connection.broker();
    let described = groups.into_iter().map(|group| {
        let Some(one) = answered.remove(&group) else {
            let missing = unanswered(name, broker, &group);
            return (group, Err(missing));
        };
        let (what, message) = (format_args!("group {group}"), one.error_message.as_deref());
        let outcome = match ClientError::refusal(name, broker, what, one.error_code, message) {
            Some(refusal) => Err(refusal),
            None => Ok(of_new(at, one)),
        };
        (group, outcome)
    });
    Ok(described.collect())
}

fn of_new(at: &At, group: new::DescribedGroup) -> GroupDescription {
    let member = |member: new::Member| MemberDescription {
        member_id: member.member_id,
        instance_id: member.instance_id,
        rack: member.rack_id,
        client_id: member.client_id,
        host: member.client_host,
        assignment: partitions(&member.assignment),
        target: Some(partitions(&member.target_assignment)),
        epoch: Some(member.member_epoch),
        upgraded: (member.member_type != -1).then_some(member.member_type == 1),
    };
    GroupDescription {
        group: group.group_id,
        group_type: GroupType::Consumer,
        is_simple: false,
        state: GroupState::parse(&group.group_state),
        assignor: group.assignor_name,
        coordinator: at.broker.clone(),
        members: group.members.into_iter().map(member).collect(),
        epoch: Some(group.group_epoch),
        assignment_epoch: Some(group.assignment_epoch),
    }
}

fn partitions(assignment: &new::Assignment) -> Vec<TopicPartition> {
    let topics = assignment.topic_partitions.iter();
    in_order(topics.map(|topic| (topic.topic_name.as_str(), topic.partitions.as_slice())))
}

fn in_order<'a>(topics: impl Iterator<Item = (&'a str, &'a [i32])>) -> Vec<TopicPartition> {
    let mut all = Vec::new();
    for (topic, partitions) in topics {
        let topic: std::sync::Arc<str> = topic.into();
        all.extend(
            partitions
                .iter()
                .map(|&index| TopicPartition::new(topic.clone(), index)),
        );
    }
    all.sort();
    all.dedup();
    all
}

async fn describe_classic(
    at: &At,
    groups: Vec<String>,
) -> Result<Outcomes<String, GroupDescription>> {
    let name = request_name::<DescribeGroupsRequest>();
    let request = DescribeGroupsRequest {
        groups: groups.clone(),
        ..DescribeGroupsRequest::default()
    };
    let answer = at.connection.send(&request).await?;
    let answered = answer
        .groups
        .into_iter()
        .map(|one| (one.group_id.clone(), one));
    let mut answered: BTreeMap<_, _> = answered.collect();
    let broker = at.connection.broker();
    let described = groups.into_iter().map(|group| {
        let Some(one) = answered.remove(&group) else {
            let missing = unanswered(name, broker, &group);
            return (group, Err(missing));
        };
        let (what, message) = (format_args!("group {group}"), one.error_message.as_deref());
        let outcome = match ClientError::refusal(name, broker, what, one.error_code, message) {
            Some(refusal) => Err(refusal),
            None => of_classic(at, one),
        };
        (group, outcome)
    });
    Ok(described.collect())
}

fn of_classic(at: &At, group: classic::DescribedGroup) -> Result<GroupDescription> {
    if !group.protocol_type.is_empty() && group.protocol_type != CONSUMER_PROTOCOL {
        return Err(ClientError::Config(format!(
            "group {} is no group of consumers: its protocol type is `{}`",
            group.group_id, group.protocol_type
        )));
    }
    let mut members = Vec::with_capacity(group.members.len());
    for member in group.members {
        let assignment =
            assigned(&member.member_assignment).map_err(|what| ClientError::Protocol {
                request: request_name::<DescribeGroupsRequest>(),
                broker: at.connection.broker().clone(),
                what: format!(
                    "the assignment of member {} of group {}: {what}",
                    member.member_id, group.group_id
                ),
            })?;
        members.push(MemberDescription {
            member_id: member.member_id,
            instance_id: member.group_instance_id,
            rack: None,
            client_id: member.client_id,
            host: member.client_host,
            assignment,
            target: None,
            epoch: None,
            upgraded: None,
        });
    }
    Ok(GroupDescription {
        is_simple: group.protocol_type.is_empty(),
        group: group.group_id,
        group_type: GroupType::Classic,
        state: GroupState::parse(&group.group_state),
        assignor: group.protocol_data,
        coordinator: at.broker.clone(),
        members,
        epoch: None,
        assignment_epoch: None,
    })
}

/// The partitions of a classic member: a version, then the assignment; none if the member has no assignment yet.
fn assigned(bytes: &bytes::Bytes) -> Result<Vec<TopicPartition>, String> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let Some((version, _)) = bytes.split_first_chunk() else {
        return Err(format!("{} bytes are too few for a version", bytes.len()));
    };
    let (version, last) = (
        i16::from_be_bytes(*version),
        *ConsumerProtocolAssignment::VERSIONS.end(),
    );
    if version < 0 {
        return Err(format!("there is no version {version}"));
    }
    // What a newer version adds comes last.
    let assignment = ConsumerProtocolAssignment::decode(bytes.slice(2..), version.min(last));
    let topics = assignment
        .map_err(|error| error.to_string())?
        .assigned_partitions;
    Ok(in_order(topics.iter().map(|topic| {
        (topic.topic.as_str(), topic.partitions.as_slice())
    })))
}
