//! DescribeGroups (key 15, versions 0-6): classic groups with their members.
//!
//! Versions: 3 what the caller may do with each; 4 static members; 6 `GROUP_ID_NOT_FOUND`, with a text. Before, a group
//! that is not there is in state `Dead`.
//!
//! Refuses, per group: `GROUP_ID_NOT_FOUND`; what its coordinator's being elsewhere or not ready gives.
//!
//! Not yet: authorization.

use ottla_coordinator::group::{Input, Reply as Answer};
use ottla_wire::messages::{
    DescribeGroupsRequest, DescribeGroupsResponse, describe_groups_response::DescribedGroup,
};

use super::{Each, ask_each};
use crate::{
    api::{Cx, operations},
    reply::Reply,
};

/// Serves the request.
pub(crate) async fn handle(
    cx: &Cx,
    request: DescribeGroupsRequest,
) -> Reply<DescribeGroupsResponse> {
    let described = ask_each(
        cx,
        request.groups,
        Each {
            input: Input::DescribeGroups,
            take: |answer| match answer {
                Answer::DescribeGroups(groups) => Some(groups),
                _ => None,
            },
            refused: |group_id, refusal| DescribedGroup {
                group_id,
                error_code: refusal.code.0,
                ..DescribedGroup::default()
            },
        },
    );
    let with_operations = request.include_authorized_operations;
    described.map(move |mut groups| {
        let answered = groups.iter_mut().filter(|group| group.error_code == 0);
        if with_operations {
            answered.for_each(|group| group.authorized_operations = operations::GROUP);
        }
        DescribeGroupsResponse {
            groups,
            ..DescribeGroupsResponse::default()
        }
    })
}
