//! What is shown of a classic group.

use ottla_wire::messages::{
    GroupMetadataKey,
    describe_groups_response::{DescribedGroup, DescribedGroupMember},
};

use super::{ClassicGroup, group::State, member::Member};
use crate::group::Entry;

impl ClassicGroup {
    pub(crate) fn state_name(&self) -> &'static str {
        self.state.name()
    }

    pub(crate) fn protocol_type(&self) -> &str {
        self.protocol_type.as_deref().unwrap_or("")
    }

    /// What members said and which protocol counts is shown of a stable group alone.
    pub(crate) fn describe(&self, id: &str) -> DescribedGroup {
        let protocol = match self.state {
            State::Stable => Some(self.protocol.as_deref().unwrap_or("")),
            _ => None,
        };
        let members = self.members.values();
        DescribedGroup {
            group_id: id.to_owned(),
            group_state: self.state_name().to_owned(),
            protocol_type: self.protocol_type().to_owned(),
            protocol_data: protocol.unwrap_or("").to_owned(),
            members: members.map(|of| describe_member(of, protocol)).collect(),
            ..DescribedGroup::default()
        }
    }

    pub(crate) fn tombstones(&self, id: &str, emit: &mut dyn FnMut(Entry)) {
        let group = id.to_owned();
        emit(Entry::GroupMetadata(GroupMetadataKey { group }, None));
    }

    /// What is in the log of it: see `testing`. Between two generations that is not what it is.
    #[cfg(test)]
    pub(crate) fn durable(&self, put: &mut dyn FnMut(String, Option<String>)) {
        let is_settled = matches!(self.state, State::Empty | State::Stable);
        let state = || {
            let members = self.members.values();
            let protocol = self.protocol.as_deref().unwrap_or("");
            let members: Vec<_> = members
                .map(|of| of.record(protocol, of.assignment.clone()))
                .collect();
            let of = (&self.protocol_type, &self.protocol, &self.subscribed);
            let leader = (self.generation, &self.leader, &self.instances);
            format!("{of:?} {leader:?} {members:?}")
        };
        put(String::new(), is_settled.then(state));
    }
}

fn describe_member(member: &Member, protocol: Option<&str>) -> DescribedGroupMember {
    let metadata = protocol.and_then(|of| member.metadata(of));
    DescribedGroupMember {
        member_id: member.id.as_ref().to_owned(),
        group_instance_id: member.instance_id.clone(),
        client_id: member.client_id.clone(),
        client_host: member.client_host.clone(),
        member_metadata: metadata.cloned().unwrap_or_default(),
        member_assignment: member.assignment.clone(),
        ..DescribedGroupMember::default()
    }
}
