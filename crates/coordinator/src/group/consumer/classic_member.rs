//! Members of a consumer group that speak the classic protocol: the group tells them to rebalance until they have caught
//! up, and gives each its own assignment.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use ottla_machine::Ticket;
use ottla_metadata::Image;
use ottla_wire::{
    errors::{Code, Refusal},
    messages::{
        HeartbeatRequest, JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest,
        LeaveGroupResponse, SyncGroupRequest, SyncGroupResponse,
        consumer_group_heartbeat_request::TopicPartitions as Owned,
        consumer_group_member_metadata_value::{ClassicMemberMetadata, ClassicProtocol},
        consumer_protocol_assignment::{ConsumerProtocolAssignment, TopicPartition},
        consumer_protocol_subscription::ConsumerProtocolSubscription,
    },
};

use super::{
    Caller, ConsumerTimer, Reply, Turn,
    decision::{Decision, Target},
    group::ConsumerGroup,
    heartbeat::new_member_id,
    join::{Arrival, known_static, unknown_member},
    member::{Member, MemberState, sorted},
    regular_expressions::RegexChange,
};
use crate::{
    group::{
        GroupCoordinator, MigrationPolicy,
        classic::{ParkedJoin, beaten, join_refusal, leaving, left, member_left, sync_refusal},
        timer::Timer,
    },
    protocol::{PROTOCOL_TYPE, read_subscription, read_version, write_assignment},
};

/// From this version on a member joins with an id that it was given before.
const JOINS_WITH_ID: i16 = 4;
/// The epoch of one who joins: the classic protocol has none.
const NO_EPOCH: i32 = -1;

/// What a join comes to.
struct Joined {
    answer: JoinGroupResponse,
    /// Whether the group is a classic one from now on.
    is_downgraded: bool,
}

impl GroupCoordinator {
    /// A classic member joins, or joins again.
    pub(in crate::group) fn classic_join_to_consumer_group(
        &mut self,
        turn: &mut Turn<'_, '_>,
        ticket: Ticket,
        caller: &Caller,
        request: JoinGroupRequest,
    ) {
        let version = caller.version;
        let answer = self.join_as_classic(turn, caller, &request);
        let answer = answer.unwrap_or_else(|refusal| join_refusal(refusal.code, ""));
        ParkedJoin { ticket, version }.answer(turn, answer);
    }

    fn join_as_classic(
        &mut self,
        turn: &mut Turn<'_, '_>,
        caller: &Caller,
        request: &JoinGroupRequest,
    ) -> Result<JoinGroupResponse, Refusal> {
        let is_unknown = request.member_id.is_empty();
        let drawn = is_unknown.then(|| new_member_id(turn));
        let member_id = drawn.as_deref().unwrap_or(&request.member_id);
        let mut decision = self.consumer_decision(&request.group_id, turn.now())?;
        decision.check_classic(member_id, request)?;
        let is_dynamic = request.group_instance_id.is_none();
        if is_dynamic && is_unknown && caller.version >= JOINS_WITH_ID {
            return Ok(join_refusal(Code::MEMBER_ID_REQUIRED, member_id));
        }
        let joined = decision.join_as_classic(member_id, caller, request)?;
        let id = decision.id.clone();
        let outcome = decision.end();
        self.carry_out(turn, &id, outcome);
        let member: Arc<str> = Arc::from(joined.answer.member_id.as_str());
        self.disarm(&id, ConsumerTimer::Join(member.clone()));
        if !joined.is_downgraded {
            self.renew_session(turn, &id, &member, request.session_timeout_ms);
            let sync = ConsumerTimer::Sync(member);
            self.arm(turn, &id, sync, request.rebalance_timeout_ms);
        }
        Ok(joined.answer)
    }

    /// A classic member asks for its assignment.
    pub(in crate::group) fn classic_sync_to_consumer_group(
        &mut self,
        turn: &mut Turn<'_, '_>,
        ticket: Ticket,
        _caller: &Caller,
        request: SyncGroupRequest,
    ) {
        let answer = self.sync_as_classic(turn, request);
        let answer = answer.unwrap_or_else(|refusal| sync_refusal(refusal.code));
        turn.answer(ticket, Reply::SyncGroup(answer));
    }

    fn sync_as_classic(
        &mut self,
        turn: &mut Turn<'_, '_>,
        request: SyncGroupRequest,
    ) -> Result<SyncGroupResponse, Refusal> {
        let instance = request.group_instance_id.as_deref();
        let decision = self.consumer_decision(&request.group_id, turn.now())?;
        let (group, id) = (decision.group, decision.id.clone());
        let (member, classic) = group.classic_member(&id, &request.member_id, instance)?;
        check_generation(member, request.generation_id)?;
        check_protocol(member, classic, &request)?;
        if group.assignment_epoch > member.epoch && member.state != MemberState::UnrevokedPartitions
        {
            let why = format!(
                "member {} has to join group {id} again to catch up",
                member.id
            );
            let (member, timeout_ms) = (member.id.clone(), member.rebalance_timeout_ms);
            self.expect_join(turn, &id, member, timeout_ms);
            return Err(Code::REBALANCE_IN_PROGRESS.because(why));
        }
        let answer = SyncGroupResponse {
            protocol_type: request.protocol_type,
            protocol_name: request.protocol_name,
            assignment: assignment(member, classic, decision.image)?,
            ..SyncGroupResponse::default()
        };
        let (member, timeout_ms) = (member.id.clone(), classic.session_timeout_ms);
        self.disarm(&id, ConsumerTimer::Sync(member.clone()));
        self.renew_session(turn, &id, &member, timeout_ms);
        Ok(answer)
    }

    /// A classic member is alive.
    pub(in crate::group) fn classic_heartbeat_to_consumer_group(
        &mut self,
        turn: &mut Turn<'_, '_>,
        ticket: Ticket,
        _caller: &Caller,
        request: HeartbeatRequest,
    ) {
        let outcome = self.beat_as_classic(turn, &request);
        turn.answer(ticket, Reply::Heartbeat(beaten(outcome)));
    }

    fn beat_as_classic(
        &mut self,
        turn: &mut Turn<'_, '_>,
        request: &HeartbeatRequest,
    ) -> Result<(), Refusal> {
        let instance = request.group_instance_id.as_deref();
        let decision = self.consumer_decision(&request.group_id, turn.now())?;
        let (group, id) = (decision.group, decision.id.clone());
        let (member, classic) = group.classic_member(&id, &request.member_id, instance)?;
        check_generation(member, request.generation_id)?;
        let rebalances = member.epoch < group.assignment_epoch
            || match member.state {
                MemberState::UnrevokedPartitions => true,
                MemberState::UnreleasedPartitions => !group.waits_for_others(member),
                MemberState::Stable | MemberState::Unknown => false,
            };
        let rebalance_timeout_ms = member.rebalance_timeout_ms;
        let (member, session_timeout_ms) = (member.id.clone(), classic.session_timeout_ms);
        self.renew_session(turn, &id, &member, session_timeout_ms);
        if !rebalances {
            return Ok(());
        }
        self.expect_join(turn, &id, member, rebalance_timeout_ms);
        Err(Code::REBALANCE_IN_PROGRESS.because("the member has to join again to catch up"))
    }

    /// Members are said to leave, by themselves or by an administrator.
    pub(in crate::group) fn classic_leave_to_consumer_group(
        &mut self,
        turn: &mut Turn<'_, '_>,
        ticket: Ticket,
        caller: &Caller,
        request: LeaveGroupRequest,
    ) {
        let answer = self.leave_as_classic(turn, caller, &request);
        let answer = answer.unwrap_or_else(|refusal| LeaveGroupResponse {
            error_code: refusal.code.0,
            ..LeaveGroupResponse::default()
        });
        turn.answer(ticket, Reply::LeaveGroup(answer));
    }

    fn leave_as_classic(
        &mut self,
        turn: &mut Turn<'_, '_>,
        caller: &Caller,
        request: &LeaveGroupRequest,
    ) -> Result<LeaveGroupResponse, Refusal> {
        let mut decision = self.consumer_decision(&request.group_id, turn.now())?;
        let (group, id) = (decision.group, decision.id.clone());
        let mut answers = Vec::new();
        let mut members = BTreeMap::new();
        for of in leaving(caller.version, request) {
            let member = match of.group_instance_id.as_deref() {
                None => group.known(&id, &of.member_id, None),
                // An administrator knows the instance alone.
                Some(instance) if of.member_id.is_empty() => group
                    .static_member(instance)
                    .ok_or_else(|| Code::UNKNOWN_MEMBER_ID.into()),
                instance => group.known(&id, &of.member_id, instance),
            };
            let code = match member {
                Ok(member) => {
                    members.insert(&member.id, member);
                    Code::NONE
                }
                Err(refusal) => refusal.code,
            };
            answers.push(member_left(&of, code));
        }
        if !members.is_empty() {
            let members: Vec<_> = members.into_values().collect();
            decision.fence(&members)?;
            let outcome = decision.end();
            self.carry_out(turn, &id, outcome);
        }
        Ok(left(caller.version, answers))
    }

    /// A member was told to join again: it has so long.
    fn expect_join(
        &mut self,
        turn: &Turn<'_, '_>,
        id: &Arc<str>,
        member: Arc<str>,
        timeout_ms: i32,
    ) {
        let join = ConsumerTimer::Join(member);
        if !self
            .timers
            .is_armed(&Timer::Consumer(id.clone(), join.clone()))
        {
            self.arm(turn, id, join, timeout_ms);
        }
    }
}

impl Decision<'_> {
    /// # Errors
    /// If groups do not change their type here, if there is no place, or if nobody else knows the member's protocols.
    fn check_classic(&self, member_id: &str, request: &JoinGroupRequest) -> Result<(), Refusal> {
        if self.settings.migration_policy == MigrationPolicy::Disabled {
            return Err(Code::INCONSISTENT_GROUP_PROTOCOL.because(
                "classic members may not join consumer groups (group.consumer.migration.policy)",
            ));
        }
        self.check_room(member_id, request.group_instance_id.as_deref())?;
        let group = self.group;
        let by_all = |name: &String| {
            group.classic_protocols.get(name).copied().unwrap_or(0) == group.classic_members
        };
        let mut names = request.protocols.iter().map(|protocol| &protocol.name);
        if request.protocol_type == PROTOCOL_TYPE && names.any(by_all) {
            return Ok(());
        }
        Err(Code::INCONSISTENT_GROUP_PROTOCOL.because(format!(
            "member {member_id} knows no protocol that all classic members of group {} know",
            self.id
        )))
    }

    fn join_as_classic(
        &mut self,
        member_id: &str,
        caller: &Caller,
        request: &JoinGroupRequest,
    ) -> Result<Joined, Refusal> {
        let group = self.group;
        let instance_id = request.group_instance_id.as_deref();
        let member = self.subscribe(Arrival {
            member_id,
            instance_id,
            epoch: NO_EPOCH,
            owned: Some(&[]),
            creates: instance_id.is_none() || request.member_id.is_empty(),
            is_classic: true,
        })?;
        let replaced = instance_id.and_then(|instance| group.static_member(instance));
        let replaced = replaced.filter(|replaced| self.may_downgrade(&[replaced], true));
        let subscription = subscription(request)?;
        let updated = joined_as(&member, &subscription, caller, request);
        let names_changed = self.describe_member(&member, &updated);
        let regex = self.update_regexes(&member, &updated)?;
        let has_changed = names_changed || regex != RegexChange::None;
        let epoch = self.update_epoch_if(has_changed, &member, &updated);
        let owned = owned(&subscription, self.image);
        let target = match replaced {
            // The classic group that it becomes rebalances: nobody is told anything by this one.
            Some(_) if group.assignment_epoch < epoch.number => None,
            Some(replaced) => Some(Target {
                epoch: group.assignment_epoch,
                assignment: group.target(&replaced.id),
            }),
            None => Some(self.target(epoch, &member, &updated)?),
        };
        let mut next = Cow::Borrowed(&updated);
        if let Some(target) = &target {
            let reconciled = self.reconcile(&updated, target, has_changed, Some(&owned))?;
            next = reconciled.map_or(next, Cow::Owned);
        }
        if let Some(replaced) = replaced {
            self.downgrade_with(replaced, &next)?;
        }
        Ok(Joined {
            is_downgraded: replaced.is_some(),
            answer: JoinGroupResponse {
                member_id: next.id.to_string(),
                generation_id: next.epoch,
                protocol_type: Some(PROTOCOL_TYPE.to_owned()),
                protocol_name: request.protocols.first().map(|of| of.name.clone()),
                ..JoinGroupResponse::default()
            },
        })
    }
}

impl ConsumerGroup {
    /// A member by its id, or by its instance id if it has one.
    fn known(&self, id: &str, member_id: &str, instance: Option<&str>) -> Result<&Member, Refusal> {
        match instance {
            Some(instance) => known_static(self.static_member(instance), instance, member_id),
            None => self
                .member(member_id)
                .ok_or_else(|| unknown_member(member_id, id)),
        }
    }

    /// The same of one that speaks the classic protocol.
    fn classic_member(
        &self,
        id: &str,
        member_id: &str,
        instance: Option<&str>,
    ) -> Result<(&Member, &ClassicMemberMetadata), Refusal> {
        let member = self.known(id, member_id, instance)?;
        let classic = member.classic.as_deref().ok_or_else(|| {
            let why = format!("member {member_id} does not speak the classic protocol");
            Code::UNKNOWN_MEMBER_ID.because(why)
        })?;
        Ok((member, classic))
    }

    /// Whether a partition that the member should have is still somebody else's.
    fn waits_for_others(&self, member: &Member) -> bool {
        self.target(&member.id).iter().any(|(topic, indexes)| {
            let has = member.assigned.get(topic);
            let has = |index| has.is_some_and(|has| has.contains_key(index));
            let is_owned = |index| self.owner_epoch(*topic, index).is_some();
            indexes.iter().any(|index| !has(index) && is_owned(*index))
        })
    }
}

fn check_generation(member: &Member, generation: i32) -> Result<(), Refusal> {
    if member.epoch == generation {
        return Ok(());
    }
    Err(Code::ILLEGAL_GENERATION.because(format!(
        "member {} says generation {generation}, and is at epoch {}",
        member.id, member.epoch
    )))
}

fn check_protocol(
    member: &Member,
    classic: &ClassicMemberMetadata,
    request: &SyncGroupRequest,
) -> Result<(), Refusal> {
    let said = request.protocol_type.as_deref().unwrap_or(PROTOCOL_TYPE);
    let chosen = classic
        .supported_protocols
        .first()
        .map(|of| of.name.as_str());
    let named = request.protocol_name.as_deref();
    if said == PROTOCOL_TYPE && (named.is_none() || named == chosen) {
        return Ok(());
    }
    Err(Code::INCONSISTENT_GROUP_PROTOCOL.because(format!(
        "member {} asks for its assignment in {said}/{}, and joined with {PROTOCOL_TYPE}/{}",
        member.id,
        named.unwrap_or_default(),
        chosen.unwrap_or_default()
    )))
}

fn malformed(why: &dyn std::fmt::Display) -> Refusal {
    Code::INCONSISTENT_GROUP_PROTOCOL.because(format!("the member's subscription: {why}"))
}

fn subscription(request: &JoinGroupRequest) -> Result<ConsumerProtocolSubscription, Refusal> {
    let first = request.protocols.first();
    let first = first.ok_or_else(|| malformed(&"there is none"))?;
    read_subscription(&first.metadata).map_err(|why| malformed(&why))
}

/// The member after what a JoinGroup says of it.
fn joined_as(
    member: &Member,
    subscription: &ConsumerProtocolSubscription,
    caller: &Caller,
    request: &JoinGroupRequest,
) -> Member {
    let rack_id = subscription.rack_id.clone().filter(|rack| !rack.is_empty());
    let timeout_ms = request.rebalance_timeout_ms;
    let protocols = request.protocols.iter().map(|of| ClassicProtocol {
        name: of.name.clone(),
        // No request is kept for them.
        metadata: Bytes::copy_from_slice(&of.metadata),
        ..ClassicProtocol::default()
    });
    let names = sorted(&subscription.topics);
    let same = names
        .iter()
        .copied()
        .eq(member.topics.iter().map(|name| &**name));
    Member {
        instance_id: request
            .group_instance_id
            .clone()
            .or(member.instance_id.clone()),
        rack_id: rack_id.or(member.rack_id.clone()),
        rebalance_timeout_ms: match timeout_ms {
            -1 => member.rebalance_timeout_ms,
            timeout_ms => timeout_ms,
        },
        topics: match same {
            true => member.topics.clone(),
            false => names.into_iter().map(Arc::from).collect(),
        },
        regex: Some(String::new()),
        client_id: caller.client_id.clone(),
        client_host: caller.client_host.clone(),
        classic: Some(Arc::new(ClassicMemberMetadata {
            session_timeout_ms: request.session_timeout_ms,
            supported_protocols: protocols.collect(),
            ..ClassicMemberMetadata::default()
        })),
        ..member.clone()
    }
}

/// The partitions that a member says it has, of topics that exist.
fn owned(subscription: &ConsumerProtocolSubscription, image: &Image) -> Vec<Owned> {
    let topics = subscription.owned_partitions.iter();
    let topics = topics.filter_map(|of| {
        Some(Owned {
            topic_id: image.topic_id(&of.topic)?,
            partitions: of.partitions.clone(),
            ..Owned::default()
        })
    });
    topics.collect()
}

/// Partitions in the words of the classic protocol, for one whose subscription is `metadata`.
pub(super) fn written<'a>(
    topics: impl Iterator<Item = (ottla_wire::Uuid, Vec<i32>)> + 'a,
    metadata: &Bytes,
    image: &Image,
) -> Result<Bytes, Refusal> {
    let topics = topics.filter_map(|(id, partitions)| {
        Some(TopicPartition {
            topic: image.topic_by_id(id)?.name.to_string(),
            partitions,
        })
    });
    let assignment = ConsumerProtocolAssignment {
        assigned_partitions: topics.collect(),
        user_data: None,
    };
    let version = read_version(metadata).map_err(|why| malformed(&why))?;
    write_assignment(version, &assignment).map_err(|why| malformed(&why))
}

fn assignment(
    member: &Member,
    classic: &ClassicMemberMetadata,
    image: &Image,
) -> Result<Bytes, Refusal> {
    let first = classic.supported_protocols.first();
    let first = first.ok_or_else(|| malformed(&"there is none"))?;
    let topics = member.assigned.iter();
    let topics = topics.map(|(topic, indexes)| (*topic, indexes.keys().copied().collect()));
    written(topics, &first.metadata, image)
}
