//! A member of the classic protocol, as a client with eager rebalancing behaves.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use ottla_coordinator::{
    group::{Caller, Input, Reply},
    protocol,
};
use ottla_wire::{
    Message,
    errors::Code,
    messages::{
        ConsumerProtocolAssignment, ConsumerProtocolSubscription, HeartbeatRequest,
        JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest, SyncGroupRequest,
        consumer_protocol_assignment::TopicPartition, join_group_request::JoinGroupRequestProtocol,
        leave_group_request::MemberIdentity, sync_group_request::SyncGroupRequestAssignment,
    },
};

use crate::{
    member::{Member, Partition, Protocol},
    topics::{Topics, id_of, name_of},
    world::{Effect, GROUP, HEARTBEAT_MS, REBALANCE_MS, REQUEST_MS, SESSION_MS},
};

/// Where the member is in the protocol.
#[derive(Clone, Debug, PartialEq)]
enum State {
    Unjoined,
    Syncing(Vec<SyncGroupRequestAssignment>),
    Stable,
}

#[derive(Debug)]
pub(crate) struct Classic {
    pub(crate) member_id: String,
    pub(crate) generation: i32,
    state: State,
    next_at: u64,
    /// The metadata that it assigned by, while it leads: when they change, it has the group rebalance.
    assigned_by: Option<i64>,
    pub(crate) is_leaving: bool,
}

impl Classic {
    pub(crate) fn new() -> Self {
        Self {
            member_id: String::new(),
            generation: -1,
            state: State::Unjoined,
            next_at: 0,
            assigned_by: None,
            is_leaving: false,
        }
    }

    pub(crate) fn is_stable(&self) -> bool {
        self.state == State::Stable
    }

    pub(crate) fn disconnected(&mut self, now: u64) {
        self.next_at = now;
    }

    fn rejoin(&mut self, forget: bool) -> Vec<Effect> {
        self.state = State::Unjoined;
        if forget {
            self.member_id.clear();
            self.generation = -1;
        }
        vec![Effect::DropAll]
    }
}

fn caller(version: i16) -> Caller {
    Caller {
        client_id: "c".to_owned(),
        client_host: "/127.0.0.1".to_owned(),
        version,
    }
}

/// The next request, and how long its answer may take.
pub(crate) fn next(member: &mut Member, now: u64, metadata: i64) -> Option<(Input, u64)> {
    let instance = member.instance_id.clone();
    let topics: Vec<String> = member
        .topics
        .iter()
        .map(|name| (*name).to_owned())
        .collect();
    let Protocol::Classic(of) = &mut member.protocol else {
        return None;
    };
    if of.next_at > now {
        return None;
    }
    if of.is_leaving {
        return Some((leave(of, instance), REQUEST_MS));
    }
    if of.is_stable() && of.assigned_by.is_some_and(|by| by != metadata) {
        of.state = State::Unjoined;
        member.positions.clear();
        member.committed.clear();
    }
    match &of.state {
        State::Unjoined => Some((join(of, instance, topics), REBALANCE_MS + REQUEST_MS)),
        State::Syncing(assignments) => {
            let request = SyncGroupRequest {
                group_id: GROUP.to_owned(),
                generation_id: of.generation,
                member_id: of.member_id.clone(),
                group_instance_id: instance,
                protocol_type: Some("consumer".to_owned()),
                protocol_name: Some("range".to_owned()),
                assignments: assignments.clone(),
                ..SyncGroupRequest::default()
            };
            let input = Input::SyncGroup(caller(*SyncGroupRequest::VERSIONS.end()), request);
            Some((input, REBALANCE_MS + REQUEST_MS))
        }
        State::Stable => {
            of.next_at = now + HEARTBEAT_MS;
            let request = HeartbeatRequest {
                group_id: GROUP.to_owned(),
                generation_id: of.generation,
                member_id: of.member_id.clone(),
                group_instance_id: instance,
                ..HeartbeatRequest::default()
            };
            let input = Input::Heartbeat(caller(*HeartbeatRequest::VERSIONS.end()), request);
            Some((input, REQUEST_MS))
        }
    }
}

fn join(of: &Classic, instance: Option<String>, topics: Vec<String>) -> Input {
    let subscription = ConsumerProtocolSubscription {
        topics,
        ..ConsumerProtocolSubscription::default()
    };
    let version = 1;
    let mut metadata = vec![0, version as u8];
    metadata.extend(subscription.encode(version).unwrap());
    let request = JoinGroupRequest {
        group_id: GROUP.to_owned(),
        session_timeout_ms: SESSION_MS as i32,
        rebalance_timeout_ms: REBALANCE_MS as i32,
        member_id: of.member_id.clone(),
        group_instance_id: instance,
        protocol_type: "consumer".to_owned(),
        protocols: vec![JoinGroupRequestProtocol {
            name: "range".to_owned(),
            metadata: metadata.into(),
            ..JoinGroupRequestProtocol::default()
        }],
        ..JoinGroupRequest::default()
    };
    Input::JoinGroup(caller(*JoinGroupRequest::VERSIONS.end()), request)
}

fn leave(of: &Classic, instance: Option<String>) -> Input {
    let request = LeaveGroupRequest {
        group_id: GROUP.to_owned(),
        members: vec![MemberIdentity {
            member_id: of.member_id.clone(),
            group_instance_id: instance,
            ..MemberIdentity::default()
        }],
        ..LeaveGroupRequest::default()
    };
    Input::LeaveGroup(caller(*LeaveGroupRequest::VERSIONS.end()), request)
}

/// Takes an answer.
pub(crate) fn answer(
    member: &mut Member,
    now: u64,
    topics: &Topics,
    outcome: Result<Reply, Code>,
) -> Vec<Effect> {
    let Protocol::Classic(of) = &mut member.protocol else {
        return Vec::new();
    };
    let backoff = now + 100;
    match outcome {
        Ok(Reply::JoinGroup(answer)) => joined(of, backoff, topics, &answer),
        Ok(Reply::SyncGroup(answer)) => match Code(answer.error_code) {
            Code::NONE => {
                of.state = State::Stable;
                of.next_at = now + HEARTBEAT_MS;
                vec![Effect::Took(assigned(&answer.assignment))]
            }
            code => {
                of.next_at = backoff;
                of.rejoin(forgets(code))
            }
        },
        Ok(Reply::Heartbeat(answer)) => match Code(answer.error_code) {
            Code::NONE => Vec::new(),
            code if is_about_the_coordinator(code) => Vec::new(),
            code => of.rejoin(forgets(code)),
        },
        Ok(Reply::LeaveGroup(_)) => vec![Effect::Left],
        Ok(other) => panic!("a classic member did not ask for {other:?}"),
        Err(_) => {
            of.next_at = backoff;
            Vec::new()
        }
    }
}

fn joined(
    of: &mut Classic,
    backoff: u64,
    topics: &Topics,
    answer: &JoinGroupResponse,
) -> Vec<Effect> {
    match Code(answer.error_code) {
        Code::NONE => {
            of.member_id.clone_from(&answer.member_id);
            of.generation = answer.generation_id;
            let leads = answer.leader == answer.member_id && !answer.skip_assignment;
            // A leader that takes over an assignment does not know by which metadata it was made: it makes a new one.
            let assigned_by = if answer.skip_assignment {
                -1
            } else {
                topics.version
            };
            of.assigned_by = (answer.leader == answer.member_id).then_some(assigned_by);
            of.state = State::Syncing(if leads {
                assign(topics, answer)
            } else {
                Vec::new()
            });
            Vec::new()
        }
        Code::MEMBER_ID_REQUIRED => {
            of.member_id.clone_from(&answer.member_id);
            Vec::new()
        }
        code => {
            of.next_at = backoff;
            of.rejoin(forgets(code))
        }
    }
}

fn is_about_the_coordinator(code: Code) -> bool {
    matches!(
        code,
        Code::NOT_COORDINATOR
            | Code::COORDINATOR_NOT_AVAILABLE
            | Code::COORDINATOR_LOAD_IN_PROGRESS
    )
}

/// Whether the member has to begin from nothing.
fn forgets(code: Code) -> bool {
    match code {
        Code::UNKNOWN_MEMBER_ID | Code::ILLEGAL_GENERATION | Code::FENCED_INSTANCE_ID => true,
        Code::REBALANCE_IN_PROGRESS
        | Code::INCONSISTENT_GROUP_PROTOCOL
        | Code::GROUP_ID_NOT_FOUND => false,
        code if is_about_the_coordinator(code) => false,
        other => panic!("a member that did nothing wrong got {other:?}"),
    }
}

/// The leader's assignment: one partition after the other, to whoever subscribed, in turn.
fn assign(topics: &Topics, answer: &JoinGroupResponse) -> Vec<SyncGroupRequestAssignment> {
    let mut parts: BTreeMap<&str, BTreeMap<&'static str, Vec<i32>>> = BTreeMap::new();
    let mut subscribed: BTreeMap<Partition, Vec<&str>> = BTreeMap::new();
    for member in &answer.members {
        parts.entry(&member.member_id).or_default();
        let subscription = protocol::read_subscription(&member.metadata).unwrap();
        for partition in topics.all(subscription.topics.iter().map(String::as_str)) {
            subscribed
                .entry(partition)
                .or_default()
                .push(&member.member_id);
        }
    }
    for (turn, ((id, index), members)) in subscribed.into_iter().enumerate() {
        let to = members[turn % members.len()];
        let topics = parts.entry(to).or_default();
        topics.entry(name_of(id)).or_default().push(index);
    }
    let mut assignments = Vec::new();
    for (member_id, topics) in parts {
        let assignment = ConsumerProtocolAssignment {
            assigned_partitions: topics
                .into_iter()
                .map(|(topic, partitions)| TopicPartition {
                    topic: topic.to_owned(),
                    partitions,
                })
                .collect(),
            user_data: None,
        };
        assignments.push(SyncGroupRequestAssignment {
            member_id: member_id.to_owned(),
            assignment: protocol::write_assignment(1, &assignment).unwrap(),
            ..SyncGroupRequestAssignment::default()
        });
    }
    assignments
}

/// The partitions of an assignment.
pub(crate) fn assigned(bytes: &Bytes) -> BTreeSet<Partition> {
    if bytes.is_empty() {
        return BTreeSet::new();
    }
    let assignment = protocol::read_assignment(bytes).unwrap();
    let mut partitions = BTreeSet::new();
    for topic in &assignment.assigned_partitions {
        partitions.extend(
            topic
                .partitions
                .iter()
                .map(|index| (id_of(&topic.topic), *index)),
        );
    }
    partitions
}
