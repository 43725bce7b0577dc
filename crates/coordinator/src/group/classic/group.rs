//! A classic group: its state, its members, and what follows from them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use bytes::Bytes;
use ottla_machine::Ticket;
use ottla_wire::{
    errors::{Code, Refusal},
    messages::{
        GroupMetadataKey, GroupMetadataValue, JoinGroupResponse,
        join_group_response::JoinGroupResponseMember,
    },
};

use super::{
    member::{Member, ParkedJoin, Protocol, join_refusal, sync_refusal},
    pending::Pending,
};
use crate::{
    group::{Entry, Reply, Turn},
    protocol::{PROTOCOL_TYPE, read_topics},
};

/// The states of a classic group. One that is not there is called Dead.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum State {
    /// Without members.
    Empty,
    /// Members are expected to join.
    PreparingRebalance,
    /// All have joined; the leader is expected to assign.
    CompletingRebalance,
    /// Everybody has an assignment.
    Stable,
}

impl State {
    /// Kafka's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::PreparingRebalance => "PreparingRebalance",
            Self::CompletingRebalance => "CompletingRebalance",
            Self::Stable => "Stable",
        }
    }
}

/// The first rebalance of a group waits for more members, so that not each of them begins another one.
#[derive(Clone, Copy, Debug)]
pub(super) struct InitialDelay {
    /// How long it is now being waited, in ms.
    pub(super) delay: u64,
    /// How long it may still be waited after that, in ms.
    pub(super) remaining: u64,
    /// Whether another member has come since.
    pub(super) grew: bool,
}

/// A classic group.
///
/// In the log it is Stable or Empty. What it is between two generations is known here only, and a member that has
/// changed since is in the log as it was.
#[derive(Debug)]
pub(crate) struct ClassicGroup {
    pub(super) state: State,
    /// Since when, in ms since 1970; not known of old records.
    pub(super) since_ms: Option<i64>,
    pub(super) generation: i32,
    /// `None` until it has had a member.
    pub(super) protocol_type: Option<String>,
    /// The protocol that was chosen for the generation.
    pub(super) protocol: Option<String>,
    pub(super) leader: Option<Arc<str>>,
    pub(super) members: BTreeMap<Arc<str>, Member>,
    /// Member ids of static members by their instance id.
    pub(super) instances: BTreeMap<String, Arc<str>>,
    pub(super) pending: Pending,
    /// Members that have their assignment still to ask for.
    pub(super) unsynced: BTreeSet<Arc<str>>,
    /// What members are subscribed to, if that can be known.
    pub(super) subscribed: Option<BTreeSet<String>>,
    /// Of a group that was empty before the rebalance that is being prepared.
    pub(super) initial: Option<InitialDelay>,
    /// Its record names no leader: it was another group until then, and has not rebalanced since.
    pub(super) is_unled: bool,
    /// The static member that takes the place of another once that is written.
    pub(super) successor: Option<Member>,
    /// How many members' JoinGroup waits.
    awaiting_join: usize,
    /// How many members know each protocol.
    support: BTreeMap<String, usize>,
}

impl ClassicGroup {
    /// Without members.
    pub(crate) fn new(now_ms: i64) -> Self {
        Self {
            state: State::Empty,
            since_ms: Some(now_ms),
            generation: 0,
            protocol_type: None,
            protocol: None,
            leader: None,
            members: BTreeMap::new(),
            instances: BTreeMap::new(),
            pending: Pending::default(),
            unsynced: BTreeSet::new(),
            subscribed: None,
            initial: None,
            is_unled: false,
            successor: None,
            awaiting_join: 0,
            support: BTreeMap::new(),
        }
    }

    /// A group that exists because somebody commits offsets in its name.
    pub(crate) fn simple(now_ms: i64) -> Self {
        Self::new(now_ms)
    }

    pub(crate) fn generation(&self) -> i32 {
        self.generation
    }

    /// By id.
    pub(crate) fn members(&self) -> impl ExactSizeIterator<Item = &Member> {
        self.members.values()
    }

    pub(crate) fn member(&self, id: &str) -> Option<&Member> {
        self.members.get(id)
    }

    /// The member id of a static member.
    pub(crate) fn static_member(&self, instance_id: &str) -> Option<&Arc<str>> {
        self.instances.get(instance_id)
    }

    pub(crate) fn is_leader(&self, id: &str) -> bool {
        self.leader.as_deref() == Some(id)
    }

    /// Whether its members are consumers of Kafka's own protocol.
    pub(crate) fn uses_consumer_protocol(&self) -> bool {
        self.protocol_type.as_deref() == Some(PROTOCOL_TYPE)
    }

    pub(super) fn enter(&mut self, state: State, now_ms: i64) {
        self.state = state;
        self.since_ms = Some(now_ms);
    }

    /// Whether the rebalance that is prepared is the first since the group was empty.
    pub(super) fn is_initial(&self) -> bool {
        self.state == State::PreparingRebalance && self.initial.is_some()
    }

    /// The longest that a member asks for, in ms.
    pub(super) fn rebalance_timeout(&self) -> u64 {
        let all = self.members.values().map(|of| of.rebalance_timeout_ms);
        u64::try_from(all.max().unwrap_or(0)).unwrap_or(0)
    }

    pub(super) fn awaiting_join(&self) -> usize {
        self.awaiting_join
    }

    pub(super) fn have_all_joined(&self) -> bool {
        self.awaiting_join == self.members.len() && self.pending.is_empty()
    }

    /// Whether this member is one, as it says: with its instance id if it has one.
    pub(super) fn check_member(&self, id: &str, instance_id: Option<&str>) -> Result<(), Refusal> {
        if let Some(instance_id) = instance_id {
            let Some(known) = self.instances.get(instance_id) else {
                return Err(Code::UNKNOWN_MEMBER_ID.because(format!(
                    "the group has no member of instance id {instance_id}"
                )));
            };
            if **known != *id {
                return Err(Code::FENCED_INSTANCE_ID.because(format!(
                    "instance id {instance_id} belongs to member {known}, not to {id}"
                )));
            }
        }
        if !self.members.contains_key(id) {
            return Err(Code::UNKNOWN_MEMBER_ID.because(format!("the group has no member {id}")));
        }
        Ok(())
    }

    /// Whether a member of this type that knows these protocols could be one of the group.
    pub(super) fn supports<'a>(
        &self,
        protocol_type: &str,
        mut names: impl Iterator<Item = &'a str>,
    ) -> bool {
        if self.state == State::Empty {
            return !protocol_type.is_empty() && names.next().is_some();
        }
        let by_all = |name| self.support.get(name).copied().unwrap_or(0) == self.members.len();
        self.protocol_type.as_deref() == Some(protocol_type) && names.any(by_all)
    }

    /// Adds a member. The first decides of what type the group is; without a leader it leads.
    pub(super) fn add(&mut self, member: Member, protocol_type: &str) {
        if self.members.is_empty() {
            self.protocol_type = Some(protocol_type.to_owned());
        }
        self.leader.get_or_insert_with(|| member.id.clone());
        self.pending.remove(&member.id);
        self.insert(member);
    }

    fn insert(&mut self, member: Member) {
        if let Some(instance_id) = &member.instance_id {
            self.instances
                .insert(instance_id.clone(), member.id.clone());
        }
        self.count(&member.protocols, true);
        self.awaiting_join += usize::from(member.join.is_some());
        self.members.insert(member.id.clone(), member);
    }

    /// Takes a member out, and elects another leader if it led. Its requests are the caller's to answer.
    pub(super) fn take(&mut self, id: &str) -> Option<Member> {
        let member = self.members.remove(id);
        if let Some(member) = &member {
            self.count(&member.protocols, false);
            self.awaiting_join -= usize::from(member.join.is_some());
            if let Some(instance_id) = &member.instance_id {
                self.instances.remove(instance_id);
            }
        }
        if self.is_leader(id) {
            self.leader = self.members.keys().next().cloned();
        }
        self.pending.remove(id);
        self.unsynced.remove(id);
        member
    }

    /// Puts a static member in the place of the one that has its instance id, which is returned.
    pub(super) fn succeed(&mut self, old_id: &str, successor: Member) -> Option<Member> {
        let led = self.is_leader(old_id);
        let was_unsynced = self.unsynced.contains(old_id);
        let old = self.take(old_id);
        if led {
            self.leader = Some(successor.id.clone());
        }
        if was_unsynced {
            self.unsynced.insert(successor.id.clone());
        }
        self.insert(successor);
        old
    }

    /// All members anew, as the log has them.
    pub(super) fn set_members(&mut self, members: impl IntoIterator<Item = Member>) {
        self.members.clear();
        self.instances.clear();
        self.support.clear();
        self.awaiting_join = 0;
        for member in members {
            self.insert(member);
        }
        let members = &self.members;
        self.unsynced.retain(|id| members.contains_key(id));
    }

    pub(super) fn set_protocols(&mut self, id: &str, protocols: Vec<Protocol>) {
        let Some(member) = self.members.get_mut(id) else {
            return;
        };
        let before = std::mem::replace(&mut member.protocols, protocols.clone());
        self.count(&before, false);
        self.count(&protocols, true);
    }

    fn count(&mut self, protocols: &[Protocol], more: bool) {
        for protocol in protocols {
            let count = self.support.entry(protocol.name.clone()).or_default();
            if more {
                *count += 1;
            } else if *count > 1 {
                *count -= 1;
            } else {
                self.support.remove(&protocol.name);
            }
        }
    }

    /// Parks a member's JoinGroup; the one that waited before, if any.
    pub(super) fn park_join(&mut self, id: &str, join: ParkedJoin) -> Option<ParkedJoin> {
        let before = self.members.get_mut(id)?.join.replace(join);
        self.awaiting_join += usize::from(before.is_none());
        before
    }

    /// Answers a member's JoinGroup, if one waits.
    pub(super) fn answer_join(
        &mut self,
        turn: &mut Turn<'_, '_>,
        id: &str,
        answer: JoinGroupResponse,
    ) {
        if let Some(join) = self.members.get_mut(id).and_then(|of| of.join.take()) {
            self.awaiting_join -= 1;
            join.answer(turn, answer);
        }
    }

    /// Refuses all requests that wait: the answers.
    pub(crate) fn refuse_all(&mut self, code: Code) -> Vec<(Ticket, Reply)> {
        let mut replies = Vec::new();
        for member in self.members.values_mut() {
            if let Some(join) = member.join.take() {
                replies.push(join.reply(join_refusal(code, &member.id)));
            }
            if let Some(ticket) = member.sync.take() {
                replies.push((ticket, Reply::SyncGroup(sync_refusal(code))));
            }
        }
        self.awaiting_join = 0;
        replies
    }

    /// The protocol that most members prefer among those that all know. Among equals, the one that Kafka's broker finds
    /// first in its table.
    pub(super) fn select_protocol(&self) -> Option<String> {
        let by_all = |name: &str| self.support.get(name) == Some(&self.members.len());
        let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
        for member in self.members.values() {
            if let Some(choice) = member.protocols.iter().find(|of| by_all(&of.name)) {
                *votes.entry(&choice.name).or_default() += 1;
            }
        }
        let slots = table_size(votes.len());
        let order = |name: &str| std::cmp::Reverse(slot(name, slots));
        let best = votes
            .into_iter()
            .max_by_key(|(name, votes)| (*votes, order(name)))?;
        Some(best.0.to_owned())
    }

    /// The topics that members are subscribed to, if they are consumers and can be understood.
    pub(super) fn compute_subscribed(&self) -> Option<BTreeSet<String>> {
        if !self.uses_consumer_protocol() {
            return None;
        }
        if self.members.is_empty() {
            return Some(BTreeSet::new());
        }
        let protocol = self.protocol.as_deref()?;
        let mut topics = BTreeSet::new();
        for member in self.members.values() {
            topics.extend(read_topics(member.metadata(protocol)?).ok()?);
        }
        Some(topics)
    }

    /// The answer to a member that has joined the generation. Its leader gets everybody's metadata.
    pub(super) fn joined(&self, id: &str) -> JoinGroupResponse {
        let members = if self.is_leader(id) {
            self.metadata_of_all()
        } else {
            Vec::new()
        };
        JoinGroupResponse {
            generation_id: self.generation,
            protocol_type: self.protocol_type.clone(),
            protocol_name: self.protocol.clone(),
            leader: self.leader.as_deref().unwrap_or("").to_owned(),
            member_id: id.to_owned(),
            members,
            ..JoinGroupResponse::default()
        }
    }

    pub(super) fn metadata_of_all(&self) -> Vec<JoinGroupResponseMember> {
        let protocol = self.protocol.as_deref().unwrap_or("");
        let of = |member: &Member| JoinGroupResponseMember {
            member_id: member.id.as_ref().to_owned(),
            group_instance_id: member.instance_id.clone(),
            metadata: member.metadata(protocol).cloned().unwrap_or_default(),
            ..JoinGroupResponseMember::default()
        };
        self.members.values().map(of).collect()
    }

    /// The group as it is written to the log, with this assignment for each member.
    pub(super) fn record(&self, id: &str, assignment: impl Fn(&Member) -> Bytes) -> Entry {
        let protocol = self.protocol.as_deref().unwrap_or("");
        let members = self.members.values();
        entry(
            id,
            GroupMetadataValue {
                protocol_type: self.protocol_type.clone().unwrap_or_default(),
                generation: self.generation,
                protocol: self.protocol.clone(),
                leader: self.leader.as_deref().map(str::to_owned),
                current_state_timestamp: self.since_ms.unwrap_or(-1),
                members: members
                    .map(|of| of.record(protocol, assignment(of)))
                    .collect(),
                ..GroupMetadataValue::default()
            },
        )
    }

    /// A group that nobody has joined, as it is written to the log.
    pub(super) fn empty_record(id: &str, now_ms: i64) -> Entry {
        Self::new(now_ms).record(id, |_| Bytes::new())
    }
}

fn entry(id: &str, value: GroupMetadataValue) -> Entry {
    let group = id.to_owned();
    Entry::GroupMetadata(GroupMetadataKey { group }, Some(value))
}

/// How many slots Java's hash table has for so many entries.
fn table_size(entries: usize) -> u32 {
    let mut size = 16;
    while entries > size * 3 / 4 {
        size *= 2;
    }
    size as u32
}

/// The slot of a text in Java's hash table.
fn slot(name: &str, slots: u32) -> u32 {
    let add = |hash: u32, unit: u16| hash.wrapping_mul(31).wrapping_add(u32::from(unit));
    let hash = name.encode_utf16().fold(0, add);
    (hash ^ hash >> 16) & (slots - 1)
}
