//! ConsumerGroupHeartbeat: members join, follow their assignments, and leave.

use std::{borrow::Cow, sync::Arc};

use ottla_machine::Ticket;
use ottla_wire::{
    Uuid,
    errors::{Code, Refusal},
    messages::{
        ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse,
        consumer_group_heartbeat_response::{Assignment, TopicPartitions},
    },
};

use super::{
    Caller, Reply, Turn,
    decision::Decision,
    join::{Arrival, known_static, unknown_member},
    member::{AWAY, JOINING, LEAVING, Member},
    records,
    regular_expressions::RegexChange,
    target::Epoch,
};
use crate::group::GroupCoordinator;

/// What a heartbeat comes to.
struct Beat {
    answer: ConsumerGroupHeartbeatResponse,
    member_id: Arc<str>,
}

impl GroupCoordinator {
    /// A member joins, is alive, or leaves.
    pub(in crate::group) fn consumer_group_heartbeat(
        &mut self,
        turn: &mut Turn<'_, '_>,
        ticket: Ticket,
        caller: &Caller,
        request: ConsumerGroupHeartbeatRequest,
    ) {
        let assignors = &self.settings.consumer_assignors;
        let answer = check_heartbeat(&request, caller.version, assignors);
        let answer = answer.and_then(|()| match request.member_epoch {
            LEAVING | AWAY => self.consumer_leave(turn, &request),
            _ => self.consumer_beat(turn, caller, &request),
        });
        let answer = answer.unwrap_or_else(|refusal| ConsumerGroupHeartbeatResponse {
            error_code: refusal.code.0,
            error_message: Some(refusal.text().to_owned()),
            ..ConsumerGroupHeartbeatResponse::default()
        });
        turn.answer(ticket, Reply::ConsumerGroupHeartbeat(answer));
    }

    fn consumer_beat(
        &mut self,
        turn: &mut Turn<'_, '_>,
        caller: &Caller,
        request: &ConsumerGroupHeartbeatRequest,
    ) -> Result<ConsumerGroupHeartbeatResponse, Refusal> {
        let creates = request.member_epoch == JOINING;
        let mut entered = self.enter_consumer_group(&request.group_id, creates)?;
        let drawn = request.member_id.is_empty().then(|| new_member_id(turn));
        let member_id = drawn.as_deref().unwrap_or(&request.member_id);
        let mut decision = self.decision(&mut entered, turn.now())?;
        let beat = decision.beat(member_id, caller, request)?;
        let timeout_ms = decision.own.session_timeout_ms;
        let outcome = decision.end();
        self.carry_out(turn, &entered.id, outcome);
        self.was_entered(turn, &entered);
        self.renew_session(turn, &entered.id, &beat.member_id, timeout_ms);
        Ok(beat.answer)
    }

    fn consumer_leave(
        &mut self,
        turn: &mut Turn<'_, '_>,
        request: &ConsumerGroupHeartbeatRequest,
    ) -> Result<ConsumerGroupHeartbeatResponse, Refusal> {
        let mut decision = self.consumer_decision(&request.group_id, turn.now())?;
        let group = decision.group;
        let member = match &request.instance_id {
            Some(instance) => {
                known_static(group.static_member(instance), instance, &request.member_id)?
            }
            None => group
                .member(&request.member_id)
                .ok_or_else(|| unknown_member(&request.member_id, &request.group_id))?,
        };
        let mut answer = ConsumerGroupHeartbeatResponse {
            member_id: Some(request.member_id.clone()),
            member_epoch: request.member_epoch,
            ..ConsumerGroupHeartbeatResponse::default()
        };
        if request.instance_id.is_some() && request.member_epoch == AWAY {
            answer.member_id = Some(member.id.to_string());
            decision.step_away(member);
        } else {
            decision.fence(&[member])?;
        }
        let id = decision.id.clone();
        let outcome = decision.end();
        self.carry_out(turn, &id, outcome);
        Ok(answer)
    }
}

impl Decision<'_> {
    /// A member that is there, or comes.
    fn beat(
        &mut self,
        member_id: &str,
        caller: &Caller,
        request: &ConsumerGroupHeartbeatRequest,
    ) -> Result<Beat, Refusal> {
        let instance_id = request.instance_id.as_deref();
        let owned = request.topic_partitions.as_deref();
        self.check_room(member_id, instance_id)?;
        let member = self.subscribe(Arrival {
            member_id,
            instance_id,
            epoch: request.member_epoch,
            owned,
            creates: request.member_epoch == JOINING,
            is_classic: false,
        })?;
        let updated = match member.told(request, caller) {
            Some(told) => Cow::Owned(told),
            None => Cow::Borrowed(&*member),
        };
        let names_changed = self.describe_member(&member, &updated);
        let regex = self.update_regexes(&member, &updated)?;
        let must = names_changed
            || regex == RegexChange::Resolved
            || self.has_preference_changed(&member, &updated);
        let epoch = self.update_epoch_if(must, &member, &updated);
        let target = self.target(epoch, &member, &updated)?;
        let has_changed = names_changed || regex != RegexChange::None;
        let next = self.reconcile(&updated, &target, has_changed, owned)?;
        let next = next.as_ref().unwrap_or(&updated);
        let is_full = request.rebalance_timeout_ms != -1
            && owned.is_some()
            && (request.subscribed_topic_names.is_some()
                || request.subscribed_topic_regex.is_some());
        let says_assignment =
            request.member_epoch == JOINING || is_full || member.assigned != next.assigned;
        Ok(Beat {
            member_id: next.id.clone(),
            answer: ConsumerGroupHeartbeatResponse {
                member_id: Some(next.id.to_string()),
                member_epoch: next.epoch,
                heartbeat_interval_ms: self.own.heartbeat_interval_ms,
                assignment: says_assignment.then(|| assignment(next)),
                ..ConsumerGroupHeartbeatResponse::default()
            },
        })
    }

    /// Writes what the member says, if that is new. Says if it is subscribed to other names.
    pub(super) fn describe_member(&mut self, old: &Member, new: &Member) -> bool {
        if old == new {
            return false;
        }
        self.records.push(records::member(&self.id, new));
        old.topics != new.topics
    }

    /// The group's epoch after this decision.
    pub(super) fn update_epoch_if(&mut self, must: bool, old: &Member, new: &Member) -> Epoch {
        if must || self.group.is_stale(self.now_ms()) {
            return self.update_epoch(must, old, new);
        }
        Epoch {
            number: self.group.epoch,
            subscription_type: None,
        }
    }

    fn has_preference_changed(&self, old: &Member, new: &Member) -> bool {
        if old.assignor == new.assignor {
            return false;
        }
        let default = self.settings.consumer_assignors.first().map(String::as_str);
        let was = self.group.preferred_assignor(None, None).or(default);
        let is = self
            .group
            .preferred_assignor(Some(old), Some(new))
            .or(default);
        was != is
    }
}

/// What can be said of a ConsumerGroupHeartbeat of this version without looking at its group.
///
/// # Errors
/// `INVALID_REQUEST`, or `UNSUPPORTED_ASSIGNOR` if it names one that is not among `assignors`.
pub fn check_heartbeat(
    request: &ConsumerGroupHeartbeatRequest,
    version: i16,
    assignors: &[String],
) -> Result<(), Refusal> {
    let blank = |text: &str| text.chars().all(|c| c <= ' ');
    let invalid = |why: &'static str| Err(Code::INVALID_REQUEST.because(why));
    let epoch = request.member_epoch;
    if (version >= 1 || epoch > 0 || epoch == LEAVING) && blank(&request.member_id) {
        return invalid("the member id is blank");
    }
    if blank(&request.group_id) {
        return invalid("the group id is blank");
    }
    if request.instance_id.as_deref().is_some_and(blank) {
        return invalid("the instance id is blank");
    }
    if request.rack_id.as_deref().is_some_and(blank) {
        return invalid("the rack id is blank");
    }
    match epoch {
        JOINING => {
            if request.rebalance_timeout_ms == -1 {
                return invalid("a member that joins has to say its rebalance timeout");
            }
            if request
                .topic_partitions
                .as_ref()
                .is_none_or(|owned| !owned.is_empty())
            {
                return invalid("a member that joins has to say that it owns no partitions");
            }
            if request.subscribed_topic_names.is_none() && request.subscribed_topic_regex.is_none()
            {
                return invalid(
                    "a member that joins has to subscribe to topic names or to a regular expression",
                );
            }
        }
        AWAY if request.instance_id.is_none() => {
            return invalid("only a member with an instance id can leave for a short time");
        }
        epoch if epoch < AWAY => {
            return Err(Code::INVALID_REQUEST.because(format!("{epoch} is no member epoch")));
        }
        _ => {}
    }
    match &request.server_assignor {
        Some(name) if !assignors.contains(name) => {
            Err(Code::UNSUPPORTED_ASSIGNOR.because(format!(
                "there is no assignor {name} here, but {} (group.consumer.assignors)",
                assignors.join(", ")
            )))
        }
        _ => Ok(()),
    }
}

/// What the member may read now.
fn assignment(member: &Member) -> Assignment {
    let topics = member
        .assigned
        .iter()
        .map(|(topic, indexes)| TopicPartitions {
            topic_id: *topic,
            partitions: indexes.keys().copied().collect(),
            ..TopicPartitions::default()
        });
    Assignment {
        topic_partitions: topics.collect(),
        ..Assignment::default()
    }
}

/// The id of a member that has none.
pub(super) fn new_member_id(turn: &mut Turn<'_, '_>) -> String {
    loop {
        if let Some(id) = Uuid::from_entropy(turn.entropy().bytes16()) {
            return id.to_string();
        }
    }
}
