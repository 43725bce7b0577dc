//! Making groups and members go: deleting groups, removing members.

use std::collections::BTreeMap;

use ottla_wire::messages::{
    delete_groups_request::DeleteGroupsRequest,
    leave_group_request::{LeaveGroupRequest, MemberIdentity},
};

use super::{
    super::{Admin, Outcomes, coordinators::At, outcome, topics::unanswered},
    offsets::only,
};
use crate::{
    ClientError, CoordinatorType, Result, connection::request_name, coordinators::may_pass,
};

/// The first version of LeaveGroup that names several members, or static ones.
const FIRST_BATCHED: i16 = 3;
/// The longest reason that Kafka's own client sends, in characters.
const REASON_LIMIT: usize = 255;

/// A member of a classic group.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum GroupMember {
    /// By member id.
    Dynamic(String),
    /// By `group.instance.id`.
    Static(String),
}

impl GroupMember {
    fn name(&self) -> &str {
        match self {
            Self::Dynamic(id) | Self::Static(id) => id,
        }
    }
}

impl Admin {
    /// Deletes groups that have no members, with their offsets.
    ///
    /// # Errors
    /// Those of asking; each group has its own outcome.
    pub async fn delete_groups(&self, groups: Vec<String>) -> Result<Outcomes<String, ()>> {
        self.at_coordinators(
            "deleting groups",
            CoordinatorType::Group,
            groups,
            may_pass,
            delete,
        )
        .await
    }

    /// Makes members leave a group: these, or all if none is named. They learn of it with their next request, and join
    /// again unless they are stopped.
    ///
    /// # Errors
    /// Those of asking and of the group as a whole; each member has its own outcome.
    pub async fn remove_members(
        &self,
        group: &str,
        members: Vec<GroupMember>,
        reason: &str,
    ) -> Result<Outcomes<GroupMember, ()>> {
        let members = if members.is_empty() {
            self.members_of(group).await?
        } else {
            members
        };
        let reason: String = reason.chars().take(REASON_LIMIT).collect();
        let (members, reason) = (&members, &reason);
        let groups = vec![group.to_owned()];
        let left = self.at_coordinators(
            "removing members",
            CoordinatorType::Group,
            groups,
            may_pass,
            |at, groups| remove(at, groups, members, reason),
        );
        only(left.await?)
    }

    async fn members_of(&self, group: &str) -> Result<Vec<GroupMember>> {
        let description = only(self.describe_groups(vec![group.to_owned()]).await?)?;
        let member = |(instance, member): (Option<String>, String)| match instance {
            Some(id) => GroupMember::Static(id),
            None => GroupMember::Dynamic(member),
        };
        let members = description.members.into_iter();
        Ok(members
            .map(|one| member((one.instance_id, one.member_id)))
            .collect())
    }
}

async fn delete(at: At, groups: Vec<String>) -> Result<Outcomes<String, ()>> {
    let name = request_name::<DeleteGroupsRequest>();
    let request = DeleteGroupsRequest {
        groups_names: groups.clone(),
        ..DeleteGroupsRequest::default()
    };
    let answer = at.connection.send(&request).await?;
    let answered = answer
        .results
        .into_iter()
        .map(|one| (one.group_id.clone(), one));
    let mut answered: BTreeMap<_, _> = answered.collect();
    let broker = at.connection.broker();
    let outcomes = groups.into_iter().map(|group| {
        let outcome = match answered.remove(&group) {
            Some(one) => {
                let (what, message) = (format_args!("group {group}"), one.error_message.as_deref());
                outcome(name, broker, what, one.error_code, message, ())
            }
            None => Err(unanswered(name, broker, &group)),
        };
        (group, outcome)
    });
    Ok(outcomes.collect())
}

async fn remove(
    at: At,
    groups: Vec<String>,
    members: &[GroupMember],
    reason: &str,
) -> Result<Outcomes<String, Outcomes<GroupMember, ()>>> {
    let name = request_name::<LeaveGroupRequest>();
    let version = at.connection.version::<LeaveGroupRequest>()?;
    if version < FIRST_BATCHED {
        return Err(ClientError::Unsupported {
            request: name,
            broker: at.connection.broker().clone(),
            ours: format!("version {FIRST_BATCHED} to remove members of others"),
            theirs: format!("versions up to {version}"),
        });
    }
    let identity = |member: &GroupMember| {
        let (member_id, group_instance_id) = match member {
            GroupMember::Dynamic(id) => (id.clone(), None),
            GroupMember::Static(id) => (String::new(), Some(id.clone())),
        };
        MemberIdentity {
            member_id,
            group_instance_id,
            reason: (!reason.is_empty()).then(|| reason.to_owned()),
            ..MemberIdentity::default()
        }
    };
    let mut outcomes = Vec::with_capacity(groups.len());
    for group in groups {
        let request = LeaveGroupRequest {
            group_id: group.clone(),
            members: members.iter().map(identity).collect(),
            ..LeaveGroupRequest::default()
        };
        let answer = at.connection.send_as(&request, version).await?;
        let (broker, what) = (at.connection.broker(), format_args!("group {group}"));
        if let Some(refusal) = ClientError::refusal(name, broker, what, answer.error_code, None) {
            outcomes.push((group, Err(refusal)));
            continue;
        }
        let codes = answer.members.into_iter().map(|one| {
            let member = match one.group_instance_id {
                Some(id) => GroupMember::Static(id),
                None => GroupMember::Dynamic(one.member_id),
            };
            (member, one.error_code)
        });
        let codes: BTreeMap<GroupMember, i16> = codes.collect();
        let left = members.iter().map(|member| {
            let outcome = match codes.get(member) {
                Some(&code) => {
                    let what = format_args!("member {} of group {group}", member.name());
                    outcome(name, broker, what, code, None, ())
                }
                None => Err(unanswered(name, broker, member.name())),
            };
            (member.clone(), outcome)
        });
        outcomes.push((group.clone(), Ok(left.collect())));
    }
    Ok(outcomes)
}
