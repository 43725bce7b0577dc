//! ConsumerGroupDescribe (key 69, versions 0-1): groups of KIP-848 with their members and assignments.
//!
//! Versions: 1 which protocol a member speaks.
//!
//! Refuses, per group: `UNSUPPORTED_VERSION` (consumer groups are off in this cluster or on this broker),
//! `INVALID_GROUP_ID` (empty), `GROUP_ID_NOT_FOUND`; what its coordinator's being elsewhere or not ready gives.
//!
//! Not yet: authorization.

use ottla_coordinator::group::{Input, Reply as Answer};
use ottla_wire::{
    errors::{Code, Refusal},
    messages::{
        ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse,
        consumer_group_describe_response::DescribedGroup,
    },
};

use super::{Each, ask_each, has_consumer_groups};
use crate::{
    api::{Cx, operations},
    reply::Reply,
};

/// Serves the request.
pub(crate) async fn handle(
    cx: &Cx,
    request: ConsumerGroupDescribeRequest,
) -> Reply<ConsumerGroupDescribeResponse> {
    if let Err(refusal) = has_consumer_groups(cx, &cx.broker.image_arc()) {
        let all = request.group_ids.into_iter();
        return Reply::Now(answer(all.map(|id| refused(id, &refusal)).collect()));
    }
    let (empty, ids): (Vec<_>, Vec<_>) = request.group_ids.into_iter().partition(String::is_empty);
    let empty = empty
        .into_iter()
        .map(|id| refused(id, &Code::INVALID_GROUP_ID.into()));
    let mut groups: Vec<_> = empty.collect();
    let described = ask_each(
        cx,
        ids,
        Each {
            input: Input::ConsumerGroupDescribe,
            take: |answer| match answer {
                Answer::ConsumerGroupDescribe(groups) => Some(groups),
                _ => None,
            },
            refused,
        },
    );
    let with_operations = request.include_authorized_operations;
    described.map(move |mut described| {
        let answered = described.iter_mut().filter(|group| group.error_code == 0);
        if with_operations {
            answered.for_each(|group| group.authorized_operations = operations::GROUP);
        }
        groups.extend(described);
        answer(groups)
    })
}

fn answer(groups: Vec<DescribedGroup>) -> ConsumerGroupDescribeResponse {
    ConsumerGroupDescribeResponse {
        groups,
        ..ConsumerGroupDescribeResponse::default()
    }
}

fn refused(group_id: String, refusal: &Refusal) -> DescribedGroup {
    DescribedGroup {
        group_id,
        error_code: refusal.code.0,
        ..DescribedGroup::default()
    }
}
