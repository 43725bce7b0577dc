//! Listing, describing and deleting groups of any type.

use ottla_wire::messages::{
    ListGroupsRequest, consumer_group_describe_response, describe_groups_response,
    list_groups_response::ListedGroup,
};

use super::{Caller, GroupCoordinator, Ticket, Turn};

impl GroupCoordinator {
    pub(super) fn list_groups(
        &self,
        _caller: &Caller,
        _request: &ListGroupsRequest,
    ) -> Vec<ListedGroup> {
        Vec::new()
    }

    pub(super) fn describe_groups(
        &self,
        _caller: &Caller,
        _ids: &[String],
    ) -> Vec<describe_groups_response::DescribedGroup> {
        Vec::new()
    }

    pub(super) fn consumer_group_describe(
        &self,
        _caller: &Caller,
        _ids: &[String],
    ) -> Vec<consumer_group_describe_response::DescribedGroup> {
        Vec::new()
    }

    pub(super) fn delete_groups(
        &mut self,
        _turn: &mut Turn<'_, '_>,
        _ticket: Ticket,
        _caller: &Caller,
        _ids: Vec<String>,
    ) {
    }
}
