//! Members of the classic protocol by raw requests, and commits with and without a member.

use std::{thread, time::Duration};

use bytes::Bytes;
use ottla_wire::{
    Message,
    messages::{
        HeartbeatRequest, JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest,
        OffsetCommitRequest, SyncGroupRequest,
        consumer_protocol_assignment::{self, ConsumerProtocolAssignment},
        consumer_protocol_subscription::ConsumerProtocolSubscription,
        join_group_request::JoinGroupRequestProtocol,
        leave_group_request::MemberIdentity,
        offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic},
        sync_group_request::SyncGroupRequestAssignment,
    },
};

use super::LONG_MS;
use crate::raw::Connection;

const MEMBER_ID_REQUIRED: i16 = 79;
const REBALANCE_IN_PROGRESS: i16 = 27;

/// A member that has joined.
#[derive(Clone, Debug)]
pub struct Classic {
    /// Its group.
    pub group: String,
    /// Its id.
    pub member: String,
    /// If it is static.
    pub instance: Option<String>,
    /// Of the group.
    pub generation: i32,
    protocol: String,
    leads: bool,
    /// Members and their instances, told to the leader.
    others: Vec<String>,
}

impl Classic {
    /// Not in yet.
    pub fn new(group: &str, instance: Option<&str>) -> Self {
        Self {
            group: group.to_owned(),
            member: String::new(),
            instance: instance.map(str::to_owned),
            generation: -1,
            protocol: String::new(),
            leads: false,
            others: Vec::new(),
        }
    }

    /// JoinGroup until it is in: waits for the others to join again.
    pub fn join(&mut self, connection: &mut Connection) {
        for _ in 0..100 {
            let answer = self.ask_to_join(connection);
            match answer.error_code {
                0 => {
                    self.generation = answer.generation_id;
                    self.leads = answer.leader == answer.member_id;
                    self.member = answer.member_id;
                    self.protocol = answer.protocol_name.unwrap_or_default();
                    self.others = answer
                        .members
                        .into_iter()
                        .map(|one| one.member_id)
                        .collect();
                    return;
                }
                MEMBER_ID_REQUIRED => self.member = answer.member_id,
                // The coordinator is not there yet, or loads.
                14..=16 => thread::sleep(Duration::from_millis(100)),
                code => panic!("JoinGroup of {self:?}: {code}"),
            }
        }
        panic!("{self:?} does not get in");
    }

    fn ask_to_join(&self, connection: &mut Connection) -> JoinGroupResponse {
        let protocol = |name: &str| JoinGroupRequestProtocol {
            name: name.to_owned(),
            metadata: subscription(),
            ..Default::default()
        };
        let request = JoinGroupRequest {
            group_id: self.group.clone(),
            session_timeout_ms: LONG_MS,
            rebalance_timeout_ms: LONG_MS,
            member_id: self.member.clone(),
            group_instance_id: self.instance.clone(),
            protocol_type: "consumer".to_owned(),
            protocols: vec![protocol("range"), protocol("roundrobin")],
            ..Default::default()
        };
        connection.ask(9, &request).expect("an answer")
    }

    /// SyncGroup: partition N of `one` to the Nth member, if it leads. What it got.
    pub fn sync(&self, connection: &mut Connection) -> Bytes {
        let others = if self.leads { &self.others[..] } else { &[] };
        let assignments =
            others
                .iter()
                .zip(0..)
                .map(|(member, partition)| SyncGroupRequestAssignment {
                    member_id: member.clone(),
                    assignment: assignment(partition),
                    ..Default::default()
                });
        let request = SyncGroupRequest {
            group_id: self.group.clone(),
            generation_id: self.generation,
            member_id: self.member.clone(),
            group_instance_id: self.instance.clone(),
            protocol_type: Some("consumer".to_owned()),
            protocol_name: Some(self.protocol.clone()),
            assignments: assignments.collect(),
            ..Default::default()
        };
        let answer = connection.ask(5, &request).expect("an answer");
        assert_eq!(answer.error_code, 0, "{request:?}");
        answer.assignment
    }

    /// The code of the answer.
    pub fn heartbeat(&self, connection: &mut Connection) -> i16 {
        let request = HeartbeatRequest {
            group_id: self.group.clone(),
            generation_id: self.generation,
            member_id: self.member.clone(),
            group_instance_id: self.instance.clone(),
            ..Default::default()
        };
        connection.ask(4, &request).expect("an answer").error_code
    }

    /// Joins again if it is asked to: whether it was.
    pub fn keep_up(&mut self, connection: &mut Connection) -> bool {
        match self.heartbeat(connection) {
            0 => false,
            REBALANCE_IN_PROGRESS => {
                self.join(connection);
                self.sync(connection);
                true
            }
            code => panic!("Heartbeat of {self:?}: {code}"),
        }
    }

    /// Goes for good.
    pub fn leave(self, connection: &mut Connection) {
        let identity = MemberIdentity {
            member_id: self.member.clone(),
            group_instance_id: self.instance.clone(),
            ..Default::default()
        };
        let request = LeaveGroupRequest {
            group_id: self.group.clone(),
            members: vec![identity],
            ..Default::default()
        };
        let answer = connection.ask(5, &request).expect("an answer");
        assert_eq!((answer.error_code, answer.members[0].error_code), (0, 0));
    }

    /// As a member.
    pub fn commit(&self, connection: &mut Connection, topic: &str, offset: i64) {
        let request = OffsetCommitRequest {
            generation_id_or_member_epoch: self.generation,
            member_id: self.member.clone(),
            group_instance_id: self.instance.clone(),
            ..commit(&self.group, topic, offset)
        };
        commits(connection, 9, &request);
    }
}

/// Sends a commit that must be taken.
pub fn commits(connection: &mut Connection, version: i16, request: &OffsetCommitRequest) {
    for _ in 0..100 {
        let answer = connection.ask(version, request).expect("an answer");
        let partitions = answer.topics.iter().flat_map(|topic| &topic.partitions);
        let codes: Vec<i16> = partitions.map(|partition| partition.error_code).collect();
        if codes.iter().any(|code| (14..=16).contains(code)) {
            thread::sleep(Duration::from_millis(100));
            continue;
        }
        assert_eq!(codes, [0, 0], "OffsetCommit {version}: {request:?}");
        return;
    }
    panic!("no coordinator for {request:?}");
}

/// Two partitions of a topic: with epoch and metadata, and without; by no member.
pub fn commit(group: &str, topic: &str, offset: i64) -> OffsetCommitRequest {
    let with = OffsetCommitRequestPartition {
        partition_index: 0,
        committed_offset: offset,
        committed_leader_epoch: 0,
        committed_metadata: Some(format!("räksmörgås {offset}")),
        ..Default::default()
    };
    let without = OffsetCommitRequestPartition {
        partition_index: 1,
        committed_offset: offset + 1,
        committed_metadata: None,
        ..Default::default()
    };
    let topic = OffsetCommitRequestTopic {
        name: topic.to_owned(),
        partitions: vec![with, without],
        ..Default::default()
    };
    OffsetCommitRequest {
        group_id: group.to_owned(),
        generation_id_or_member_epoch: -1,
        topics: vec![topic],
        ..Default::default()
    }
}

/// To both topics.
fn subscription() -> Bytes {
    let message = ConsumerProtocolSubscription {
        topics: vec!["one".to_owned(), "two".to_owned()],
        ..Default::default()
    };
    versioned(1, &message)
}

fn assignment(partition: i32) -> Bytes {
    let one = consumer_protocol_assignment::TopicPartition {
        topic: "one".to_owned(),
        partitions: vec![partition],
    };
    let message = ConsumerProtocolAssignment {
        assigned_partitions: vec![one],
        ..Default::default()
    };
    versioned(1, &message)
}

fn versioned(version: i16, message: &impl Message) -> Bytes {
    let body = message.encode(version).expect("fits the version");
    [&version.to_be_bytes()[..], &body].concat().into()
}
