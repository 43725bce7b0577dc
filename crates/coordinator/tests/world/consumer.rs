//! A member of the consumer protocol (KIP-848), as a client behaves.

use std::collections::{BTreeMap, BTreeSet};

use ottla_coordinator::group::{Caller, Input, Reply};
use ottla_wire::{
    Uuid,
    errors::Code,
    messages::{
        ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse,
        consumer_group_heartbeat_request::TopicPartitions,
    },
};

use crate::{
    member::{Member, Partition, Protocol},
    world::{Effect, GROUP, HEARTBEAT_MS, REBALANCE_MS, REQUEST_MS},
};

#[derive(Debug)]
pub(crate) struct Consumer {
    pub(crate) member_id: String,
    pub(crate) epoch: i32,
    target: Option<BTreeSet<Partition>>,
    /// What the coordinator was last told that it owns.
    told: Option<BTreeSet<Partition>>,
    next_at: u64,
    pub(crate) is_leaving: bool,
}

impl Consumer {
    pub(crate) fn new(member_id: Uuid) -> Self {
        Self {
            member_id: member_id.to_string(),
            epoch: 0,
            target: None,
            told: None,
            next_at: 0,
            is_leaving: false,
        }
    }

    pub(crate) fn is_settled(&self) -> bool {
        self.epoch > 0 && self.target.is_none()
    }

    pub(crate) fn disconnected(&mut self, now: u64) {
        // Whether the coordinator heard the last heartbeat is not known: say everything again.
        self.told = None;
        self.next_at = now;
    }

    fn fenced(&mut self) -> Vec<Effect> {
        self.epoch = 0;
        self.target = None;
        self.told = None;
        vec![Effect::DropAll]
    }
}

/// Goes one step towards the assignment: first gives up, then, when that was told, takes.
pub(crate) fn reconcile(member: &mut Member) -> Vec<Effect> {
    let owned: BTreeSet<Partition> = member.positions.keys().copied().collect();
    let Protocol::Consumer(of) = &mut member.protocol else {
        return Vec::new();
    };
    let Some(target) = of.target.clone() else {
        return Vec::new();
    };
    let surplus: BTreeSet<_> = owned.difference(&target).copied().collect();
    of.next_at = 0;
    if !surplus.is_empty() {
        return vec![Effect::Dropped(surplus)];
    }
    of.target = None;
    let missing: BTreeSet<_> = target.difference(&owned).copied().collect();
    vec![Effect::Took(missing)]
}

/// The next request, and how long its answer may take.
pub(crate) fn next(member: &mut Member, now: u64) -> Option<(Input, u64)> {
    let owned: BTreeSet<Partition> = member.positions.keys().copied().collect();
    let Protocol::Consumer(of) = &mut member.protocol else {
        return None;
    };
    if of.next_at > now {
        return None;
    }
    of.next_at = now + HEARTBEAT_MS;
    let mut request = ConsumerGroupHeartbeatRequest {
        group_id: GROUP.to_owned(),
        member_id: of.member_id.clone(),
        member_epoch: of.epoch,
        instance_id: member.instance_id.clone(),
        rebalance_timeout_ms: -1,
        subscribed_topic_names: None,
        topic_partitions: None,
        ..ConsumerGroupHeartbeatRequest::default()
    };
    if of.is_leaving {
        request.member_epoch = if member.instance_id.is_some() { -2 } else { -1 };
    } else if of.told.is_none() || of.epoch == 0 {
        request.rebalance_timeout_ms = REBALANCE_MS as i32;
        if member.by_pattern {
            request.subscribed_topic_regex = Some("t[0-9]".to_owned());
            request.subscribed_topic_names = Some(Vec::new());
        } else {
            let names = member.topics.iter().map(|name| (*name).to_owned());
            request.subscribed_topic_names = Some(names.collect());
        }
        request.topic_partitions = Some(by_topic(&owned));
        of.told = Some(owned);
    } else if of.told.as_ref() != Some(&owned) {
        request.topic_partitions = Some(by_topic(&owned));
        of.told = Some(owned);
    }
    let caller = Caller {
        client_id: "c".to_owned(),
        client_host: "/127.0.0.1".to_owned(),
        version: 1,
    };
    Some((Input::ConsumerGroupHeartbeat(caller, request), REQUEST_MS))
}

fn by_topic(owned: &BTreeSet<Partition>) -> Vec<TopicPartitions> {
    let mut topics: BTreeMap<Uuid, Vec<i32>> = BTreeMap::new();
    for (topic, index) in owned {
        topics.entry(*topic).or_default().push(*index);
    }
    let of = |(topic_id, partitions)| TopicPartitions {
        topic_id,
        partitions,
        ..TopicPartitions::default()
    };
    topics.into_iter().map(of).collect()
}

/// Takes an answer.
pub(crate) fn answer(member: &mut Member, now: u64, outcome: Result<Reply, Code>) -> Vec<Effect> {
    let Protocol::Consumer(of) = &mut member.protocol else {
        return Vec::new();
    };
    let answer = match outcome {
        Ok(Reply::ConsumerGroupHeartbeat(answer)) => answer,
        Ok(other) => panic!("a consumer did not ask for {other:?}"),
        Err(_) => {
            of.disconnected(now + 100);
            return Vec::new();
        }
    };
    if of.is_leaving {
        return vec![Effect::Left];
    }
    match Code(answer.error_code) {
        Code::NONE => {
            beaten(of, &answer);
            Vec::new()
        }
        Code::FENCED_MEMBER_EPOCH
        | Code::UNKNOWN_MEMBER_ID
        | Code::GROUP_ID_NOT_FOUND
        | Code::FENCED_INSTANCE_ID => {
            of.next_at = now + 10;
            of.fenced()
        }
        Code::UNRELEASED_INSTANCE_ID
        | Code::NOT_COORDINATOR
        | Code::COORDINATOR_NOT_AVAILABLE
        | Code::COORDINATOR_LOAD_IN_PROGRESS => {
            of.disconnected(now + 200);
            Vec::new()
        }
        other => panic!("a consumer that did nothing wrong got {other:?}: {answer:?}"),
    }
}

fn beaten(of: &mut Consumer, answer: &ConsumerGroupHeartbeatResponse) {
    assert_eq!(answer.member_id.as_deref(), Some(of.member_id.as_str()));
    assert!(
        answer.member_epoch >= of.epoch,
        "an epoch went back: {answer:?}"
    );
    of.epoch = answer.member_epoch;
    if let Some(assignment) = &answer.assignment {
        let mut target = BTreeSet::new();
        for topic in &assignment.topic_partitions {
            target.extend(
                topic
                    .partitions
                    .iter()
                    .map(|index| (topic.topic_id, *index)),
            );
        }
        of.target = Some(target);
    }
}
