//! ConsumerGroupHeartbeat (key 68, versions 0-1): a member of a group of KIP-848 joins, is alive, or leaves.
//!
//! Versions: 0 the coordinator may give a member its id; 1 it brings one, and may subscribe by a regular expression.
//!
//! Refuses: `UNSUPPORTED_VERSION` (consumer groups are off in this cluster or on this broker), `INVALID_REQUEST` (ids that
//! are empty or missing, a first heartbeat without what a member needs, an epoch below -2), `UNSUPPORTED_ASSIGNOR`;
//! whatever the group's coordinator refuses.
//!
//! Not yet: authorization.

use ottla_coordinator::group::Input;
use ottla_wire::{
    errors::{Code, Refusal},
    messages::{ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse},
};

use super::{ask, caller, has_consumer_groups, only};
use crate::{api::Cx, reply::Reply};

/// The epoch of a member that joins.
const JOINS: i32 = 0;
/// The epoch of a member that leaves.
const LEAVES: i32 = -1;
/// The epoch of a static member that will be back.
const LEAVES_FOR_NOW: i32 = -2;
/// From this version on, members bring their id.
const BRINGS_ID: i16 = 1;

/// Serves the request.
pub(crate) async fn handle(
    cx: &Cx,
    request: ConsumerGroupHeartbeatRequest,
) -> Reply<ConsumerGroupHeartbeatResponse> {
    if let Err(refusal) = has_consumer_groups(cx, &cx.broker.image_arc()) {
        return Reply::Now(ConsumerGroupHeartbeatResponse {
            error_code: refusal.code.0,
            ..ConsumerGroupHeartbeatResponse::default()
        });
    }
    let config = cx.broker.config();
    let assignors = config.list("group.consumer.assignors");
    if let Err(refusal) = check(&request, cx.version, assignors) {
        return Reply::Now(refused(&refusal));
    }
    let group = request.group_id.clone();
    let asked = ask(
        cx,
        &group,
        Input::ConsumerGroupHeartbeat(caller(cx), request),
    );
    asked.reply(|outcome| {
        only!(ConsumerGroupHeartbeat, outcome).unwrap_or_else(|refusal| refused(&refusal))
    })
}

fn check(
    request: &ConsumerGroupHeartbeatRequest,
    version: i16,
    assignors: &[String],
) -> Result<(), Refusal> {
    let invalid = |why: &'static str| Err(Code::INVALID_REQUEST.because(why));
    // As Kafka: blanks are nothing.
    let is_blank = |text: &str| text.chars().all(|of| of <= ' ');
    let is_blank_id = |id: &Option<String>| id.as_deref().is_some_and(is_blank);
    let epoch = request.member_epoch;
    if (version >= BRINGS_ID || epoch > JOINS || epoch == LEAVES) && is_blank(&request.member_id) {
        return invalid("the member id is empty");
    }
    if is_blank(&request.group_id) {
        return invalid("the group id is empty");
    }
    if is_blank_id(&request.instance_id) {
        return invalid("the instance id is empty; a member that is not static has none");
    }
    if is_blank_id(&request.rack_id) {
        return invalid("the rack is empty; a member without one leaves it out");
    }
    if epoch == JOINS {
        if request.rebalance_timeout_ms == -1 {
            return invalid("a member that joins must give its rebalance timeout");
        }
        if !matches!(&request.topic_partitions, Some(owned) if owned.is_empty()) {
            return invalid("a member that joins owns no partitions, and must say so");
        }
        if request.subscribed_topic_names.is_none() && request.subscribed_topic_regex.is_none() {
            return invalid("a member that joins must say what it subscribes to");
        }
    } else if epoch == LEAVES_FOR_NOW {
        if request.instance_id.is_none() {
            return invalid("a static member that leaves for now must give its instance id");
        }
    } else if epoch < LEAVES_FOR_NOW {
        let why = format!("the member epoch {epoch} is below {LEAVES_FOR_NOW}");
        return Err(Code::INVALID_REQUEST.because(why));
    }
    match &request.server_assignor {
        Some(name) if !assignors.contains(name) => {
            let has = assignors.join(", ");
            Err(Code::UNSUPPORTED_ASSIGNOR.because(format!(
                "there is no assignor {name:?}; group.consumer.assignors has {has}"
            )))
        }
        _ => Ok(()),
    }
}

fn refused(refusal: &Refusal) -> ConsumerGroupHeartbeatResponse {
    ConsumerGroupHeartbeatResponse {
        error_code: refusal.code.0,
        error_message: Some(refusal.text().to_owned()),
        ..ConsumerGroupHeartbeatResponse::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joining() -> ConsumerGroupHeartbeatRequest {
        ConsumerGroupHeartbeatRequest {
            group_id: "g".to_owned(),
            member_id: "m".to_owned(),
            rebalance_timeout_ms: 1000,
            subscribed_topic_names: Some(vec![]),
            topic_partitions: Some(vec![]),
            ..ConsumerGroupHeartbeatRequest::default()
        }
    }

    #[test]
    fn what_a_member_must_say() {
        type Change = fn(&mut ConsumerGroupHeartbeatRequest);
        let wrong: &[(i16, Change)] = &[
            (1, |of| of.member_id = String::new()),
            (0, |of| {
                of.member_id = String::new();
                of.member_epoch = 1;
            }),
            (0, |of| {
                of.member_id = String::new();
                of.member_epoch = -1;
            }),
            (0, |of| of.group_id = String::new()),
            (0, |of| of.instance_id = Some(String::new())),
            (0, |of| of.rack_id = Some(String::new())),
            (0, |of| of.rebalance_timeout_ms = -1),
            (0, |of| of.topic_partitions = None),
            (0, |of| of.subscribed_topic_names = None),
            (0, |of| of.member_epoch = -2),
            (0, |of| of.member_epoch = -3),
        ];
        let assignors = ["uniform".to_owned()];
        for version in 0..=1 {
            assert!(check(&joining(), version, &assignors).is_ok());
        }
        for (at, (version, change)) in wrong.iter().enumerate() {
            let mut request = joining();
            change(&mut request);
            let refusal = check(&request, *version, &assignors).unwrap_err();
            assert_eq!(refusal.code, Code::INVALID_REQUEST, "{at}");
        }
        let mut request = joining();
        request.server_assignor = Some("uniform".to_owned());
        assert!(check(&request, 1, &assignors).is_ok());
        request.server_assignor = Some("range".to_owned());
        let refusal = check(&request, 1, &assignors).unwrap_err();
        assert_eq!(refusal.code, Code::UNSUPPORTED_ASSIGNOR);
        // In version 0 a member may come without an id.
        request = joining();
        request.member_id = String::new();
        assert!(check(&request, 0, &assignors).is_ok());
    }
}
