//! Listing, describing and deleting groups of any type.

use std::collections::BTreeSet;

use ottla_wire::{
    errors::{Code, Refusal},
    messages::{
        ListGroupsRequest, consumer_group_describe_response,
        delete_groups_response::DeletableGroupResult, describe_groups_response,
        list_groups_response::ListedGroup,
    },
};

use super::{
    Caller, Entry, GroupCoordinator, Reply, Ticket, Turn,
    groups::{Group, GroupType},
};

/// From this version on, a group that is not there is an error of DescribeGroups.
const SAYS_NO_GROUP: i16 = 6;
/// The state of a classic group that is not there.
const DEAD: &str = "Dead";

impl GroupCoordinator {
    pub(super) fn list_groups(&self, request: &ListGroupsRequest) -> Vec<ListedGroup> {
        let states: BTreeSet<String> = request
            .states_filter
            .iter()
            .map(|state| state.to_lowercase().trim_matches(|of| of <= ' ').to_owned())
            .collect();
        // Not trimmed, unlike states. A type that is none lets no group through.
        let types: Vec<String> = request
            .types_filter
            .iter()
            .map(|of| of.to_lowercase())
            .collect();
        let passes = |group: &Group| {
            let of = group.group_type().name();
            (states.is_empty() || states.contains(&group.state_name().to_lowercase()))
                && (types.is_empty() || types.iter().any(|asked| asked == of))
        };
        let groups = self.groups.iter().filter(|(_, group)| passes(group));
        let listed = groups.map(|(id, group)| ListedGroup {
            group_id: id.to_string(),
            protocol_type: group.protocol_type().to_owned(),
            group_state: group.state_name().to_owned(),
            group_type: group.group_type().name().to_owned(),
            ..ListedGroup::default()
        });
        listed.collect()
    }

    pub(super) fn describe_groups(
        &self,
        caller: &Caller,
        ids: &[String],
    ) -> Vec<describe_groups_response::DescribedGroup> {
        let described = ids.iter().map(|id| {
            if let Some(group) = self.groups.classic(id) {
                return group.describe(id);
            }
            let mut none = describe_groups_response::DescribedGroup {
                group_id: id.clone(),
                group_state: DEAD.to_owned(),
                ..describe_groups_response::DescribedGroup::default()
            };
            if caller.version >= SAYS_NO_GROUP {
                let refusal = self.none_of(id, GroupType::Classic);
                none.error_code = refusal.code.0;
                none.error_message = Some(refusal.text().to_owned());
            }
            none
        });
        described.collect()
    }

    pub(super) fn consumer_group_describe(
        &self,
        ids: &[String],
    ) -> Vec<consumer_group_describe_response::DescribedGroup> {
        let assignors = &self.settings.consumer_assignors;
        let default = assignors.first().map_or("", String::as_str);
        let described = ids.iter().map(|id| {
            if let Some(group) = self.groups.consumer(id) {
                return group.describe(id, &self.image, default);
            }
            let refusal = self.none_of(id, GroupType::Consumer);
            consumer_group_describe_response::DescribedGroup {
                group_id: id.clone(),
                error_code: refusal.code.0,
                error_message: Some(refusal.text().to_owned()),
                ..consumer_group_describe_response::DescribedGroup::default()
            }
        });
        described.collect()
    }

    fn none_of(&self, id: &str, asked: GroupType) -> Refusal {
        let asked = asked.name();
        Code::GROUP_ID_NOT_FOUND.because(match self.groups.get(id) {
            Some(is) => format!(
                "the group {id:?} is of type {}, not {asked}",
                is.group_type().name()
            ),
            None => format!("there is no group {id:?}"),
        })
    }

    pub(super) fn delete_groups(
        &mut self,
        turn: &mut Turn<'_, '_>,
        ticket: Ticket,
        ids: &[String],
    ) {
        let results = ids.iter().map(|id| {
            let code = match self.delete_group(id, &mut |entry| turn.emit(entry)) {
                Ok(()) => Code::NONE,
                Err(refusal) => refusal.code,
            };
            DeletableGroupResult {
                group_id: id.clone(),
                error_code: code.0,
                ..DeletableGroupResult::default()
            }
        });
        let results = results.collect();
        turn.answer(ticket, Reply::DeleteGroups(results));
    }

    fn delete_group(&self, id: &str, emit: &mut dyn FnMut(Entry)) -> Result<(), Refusal> {
        let group = self.groups.get(id).ok_or(Code::GROUP_ID_NOT_FOUND)?;
        group.check_delete()?;
        self.offsets.tombstones(id, emit);
        group.tombstones(id, emit);
        Ok(())
    }
}
