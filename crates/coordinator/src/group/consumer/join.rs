//! Which member a heartbeat is of: a known one at a plausible epoch, a new one, or a static one that came back.

use std::{borrow::Cow, sync::Arc};

use ottla_wire::{
    errors::{Code, Refusal},
    messages::consumer_group_heartbeat_request::TopicPartitions as Owned,
};

use super::{
    decision::Decision,
    member::{AWAY, JOINING, Member},
    records,
};

/// Who comes, and as what.
#[derive(Clone, Copy)]
pub(super) struct Arrival<'r> {
    pub(super) member_id: &'r str,
    pub(super) instance_id: Option<&'r str>,
    pub(super) epoch: i32,
    pub(super) owned: Option<&'r [Owned]>,
    /// Whether a member that is not there comes to be.
    pub(super) creates: bool,
    /// Whether it speaks the classic protocol, which has its own epochs.
    pub(super) is_classic: bool,
}

impl<'a> Decision<'a> {
    /// # Errors
    /// `GROUP_MAX_SIZE_REACHED` if there is no place for one more.
    pub(super) fn check_room(&self, member: &str, instance: Option<&str>) -> Result<(), Refusal> {
        let is_known = instance
            .is_some_and(|instance| self.group.static_member(instance).is_some())
            || self.group.member(member).is_some();
        let (has, max) = (self.group.members.len(), self.settings.consumer_max_size);
        if is_known || has < max {
            return Ok(());
        }
        Err(Code::GROUP_MAX_SIZE_REACHED.because(format!(
            "group {} has {has} members, and may have {max} (group.consumer.max.size)",
            self.id
        )))
    }

    /// The member as it is before this decision; of a static one that came back, as it takes over.
    pub(super) fn subscribe(&mut self, by: Arrival<'_>) -> Result<Cow<'a, Member>, Refusal> {
        match by.instance_id {
            Some(instance) => self.subscribe_static(instance, by),
            None => self.subscribe_dynamic(by),
        }
    }

    fn subscribe_dynamic(&self, by: Arrival<'_>) -> Result<Cow<'a, Member>, Refusal> {
        let member = match self.group.member(by.member_id) {
            Some(member) => Cow::Borrowed(member),
            None if by.creates => Cow::Owned(Member::new(Arc::from(by.member_id))),
            None => return Err(unknown_member(by.member_id, &self.id)),
        };
        if !by.is_classic {
            check_epoch(&member, by)?;
        }
        Ok(member)
    }

    fn subscribe_static(
        &mut self,
        instance: &str,
        by: Arrival<'_>,
    ) -> Result<Cow<'a, Member>, Refusal> {
        let existing = self.group.static_member(instance);
        if !by.creates {
            let member = known_static(existing, instance, by.member_id)?;
            if !by.is_classic {
                check_epoch(member, by)?;
            }
            return Ok(Cow::Borrowed(member));
        }
        let Some(existing) = existing else {
            let known = self.group.member(by.member_id);
            return Ok(match known {
                Some(member) => Cow::Borrowed(member),
                None => Cow::Owned(Member::new(Arc::from(by.member_id))),
            });
        };
        if !by.is_classic && existing.classic.is_none() && existing.epoch != AWAY {
            return Err(Code::UNRELEASED_INSTANCE_ID.because(format!(
                "group.instance.id {instance} belongs to member {}, which has not left group {}",
                existing.id, self.id
            )));
        }
        let member = Member {
            id: Arc::from(by.member_id),
            epoch: JOINING,
            previous_epoch: JOINING,
            ..existing.clone()
        };
        self.replace(existing, &member);
        Ok(Cow::Owned(member))
    }

    /// A static member came back under another id: it has what the one before had.
    fn replace(&mut self, old: &Member, new: &Member) {
        let target = self.group.target(&old.id);
        self.records.extend(records::removed(&self.id, &old.id));
        self.records.push(records::member(&self.id, new));
        self.records
            .push(records::target(&self.id, &new.id, &target));
        self.records.push(records::current(&self.id, new));
    }
}

/// # Errors
/// `FENCED_MEMBER_EPOCH` if the member is not at that epoch, and not one answer behind either.
fn check_epoch(member: &Member, by: Arrival<'_>) -> Result<(), Refusal> {
    let is_behind_an_answer = || {
        by.epoch == member.previous_epoch && by.owned.is_some_and(|owned| member.is_assigned(owned))
    };
    if by.epoch == JOINING
        || by.epoch == member.epoch
        || (by.epoch < member.epoch && is_behind_an_answer())
    {
        return Ok(());
    }
    Err(Code::FENCED_MEMBER_EPOCH.because(format!(
        "member {} says that it is at epoch {}, and is at {}: it has to give up its partitions and join again",
        member.id, by.epoch, member.epoch
    )))
}

/// The static member of that instance, if it is who says so.
///
/// # Errors
/// `UNKNOWN_MEMBER_ID` if there is none, `FENCED_INSTANCE_ID` if it is another.
pub(super) fn known_static<'g>(
    existing: Option<&'g Member>,
    instance: &str,
    member_id: &str,
) -> Result<&'g Member, Refusal> {
    let member = existing.ok_or_else(|| {
        Code::UNKNOWN_MEMBER_ID.because(format!("no member has group.instance.id {instance}"))
    })?;
    if &*member.id != member_id {
        return Err(Code::FENCED_INSTANCE_ID.because(format!(
            "group.instance.id {instance} was taken over from member {member_id} by member {}",
            member.id
        )));
    }
    Ok(member)
}

pub(super) fn unknown_member(member_id: &str, group: &str) -> Refusal {
    Code::UNKNOWN_MEMBER_ID.because(format!("group {group} has no member {member_id}"))
}
