//! FindCoordinator (key 10, versions 0-6): which broker coordinates a group, a transactional id, or a share partition.
//!
//! The coordinator of a key is the leader of a partition of the brokers' own topic for that kind of key; the partition
//! follows from Java's hash of the key. The topic is created when it is first asked for.
//!
//! Versions: 0 knows groups only; 1 a key type and an error text; 4 takes many keys, each with its own outcome; 6 share
//! partitions.
//!
//! Refuses (before version 4 the whole request, from then on per key): `COORDINATOR_NOT_AVAILABLE` while there is no
//! topic, no leader, or no listener of this name on it; `INVALID_REQUEST` for an unknown key type (every key), share
//! partitions before version 6, and a share key that is not `group:topic id:partition`.
//!
//! Differs from Apache Kafka: a partition is found by the number of partitions that the topic has now, not that it had
//! when the broker started.
//!
//! Not yet: authorization.

use ottla_metadata::Image;
use ottla_wire::{
    Uuid,
    errors::{Code, Refusal},
    messages::{
        FindCoordinatorRequest, FindCoordinatorResponse, find_coordinator_response::Coordinator,
    },
};

use crate::{
    api::{
        Cx,
        nodes::{self, Node},
        topics::{
            auto_create,
            name::{CONSUMER_OFFSETS, SHARE_GROUP_STATE, TRANSACTION_STATE},
        },
    },
    reply::Reply,
};

/// Serves the request.
pub(crate) async fn handle(
    cx: &Cx,
    request: FindCoordinatorRequest,
) -> Reply<FindCoordinatorResponse> {
    let image = cx.broker.image_arc();
    let find = |key: &str| {
        let topic = topic_of(request.key_type, cx.version)?;
        let key = partition_key(request.key_type, key)?;
        if image.topic(topic).is_none() {
            auto_create::ask_for(cx, vec![topic]);
        }
        coordinator(&image, topic, &key, &cx.endpoint.name)
    };
    if cx.version < 4 {
        return Reply::Now(single(find(&request.key)));
    }
    Reply::Now(FindCoordinatorResponse {
        coordinators: request
            .coordinator_keys
            .iter()
            .map(|key| one_of_many(key, find(key)))
            .collect(),
        ..FindCoordinatorResponse::default()
    })
}

const GROUP: i8 = 0;
const TRANSACTION: i8 = 1;
const SHARE: i8 = 2;

fn topic_of(key_type: i8, version: i16) -> Result<&'static str, Refusal> {
    match key_type {
        GROUP => Ok(CONSUMER_OFFSETS),
        TRANSACTION => Ok(TRANSACTION_STATE),
        SHARE if version >= 6 => Ok(SHARE_GROUP_STATE),
        SHARE => Err(Code::INVALID_REQUEST
            .because("coordinators of share partitions are found from version 6 on")),
        other => {
            Err(Code::INVALID_REQUEST
                .because(format!("there are no coordinators of key type {other}")))
        }
    }
}

/// The text whose hash chooses the partition.
fn partition_key(key_type: i8, key: &str) -> Result<String, Refusal> {
    if key_type != SHARE {
        return Ok(key.to_owned());
    }
    share_key(key).ok_or_else(|| {
        Code::INVALID_REQUEST.because(format!(
            "the key {key:?} of a share partition is not group:topic id:partition"
        ))
    })
}

/// A share partition's key as the brokers write it: colons at its end are dropped, the numbers are plain.
fn share_key(key: &str) -> Option<String> {
    let (rest, partition) = key.trim_end_matches(':').rsplit_once(':')?;
    let (group, topic) = rest.rsplit_once(':')?;
    if group.trim().is_empty() {
        return None;
    }
    let (topic, partition): (Uuid, i32) = (Uuid::parse(topic)?, partition.parse().ok()?);
    Some(format!("{group}:{topic}:{partition}"))
}

fn coordinator<'a>(
    image: &'a Image,
    topic: &str,
    key: &str,
    listener: &str,
) -> Result<Node<'a>, Refusal> {
    let unavailable = |why: String| Code::COORDINATOR_NOT_AVAILABLE.because(why);
    let Some(topic) = image
        .topic(topic)
        .filter(|topic| !topic.partitions.is_empty())
    else {
        return Err(unavailable(format!("the topic {topic} is being created")));
    };
    let index = partition_of(key, topic.partitions.len());
    let leader = topic
        .partitions
        .get(&index)
        .map_or(-1, |partition| partition.leader);
    nodes::alive(image, leader, listener).ok_or_else(|| {
        let name = &topic.name;
        unavailable(format!(
            "{name}-{index} has no leader that can be reached through the listener {listener}"
        ))
    })
}

/// The partition of a key among so many.
pub(crate) fn partition_of(key: &str, partitions: usize) -> i32 {
    let hash = java_hash(key);
    let positive = if hash == i32::MIN { 0 } else { hash.abs() };
    positive.checked_rem(partitions as i32).unwrap_or(0)
}

/// The hash of Java's `String`: over UTF-16.
fn java_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0_i32, |hash, unit| {
        hash.wrapping_mul(31).wrapping_add(unit.into())
    })
}

fn single(found: Result<Node<'_>, Refusal>) -> FindCoordinatorResponse {
    let all = one_of_many("", found);
    FindCoordinatorResponse {
        error_code: all.error_code,
        // Apache Kafka says so in words when all is well.
        error_message: if all.error_code == 0 {
            Some("NONE".to_owned())
        } else {
            all.error_message
        },
        node_id: all.node_id,
        host: all.host,
        port: all.port,
        ..FindCoordinatorResponse::default()
    }
}

fn one_of_many(key: &str, found: Result<Node<'_>, Refusal>) -> Coordinator {
    let key = key.to_owned();
    match found {
        Ok(node) => Coordinator {
            key,
            node_id: node.id,
            host: node.host.to_owned(),
            port: node.port,
            ..Coordinator::default()
        },
        Err(refusal) => Coordinator {
            key,
            node_id: -1,
            host: String::new(),
            port: -1,
            error_code: refusal.code.0,
            error_message: Some(refusal.text().to_owned()),
            ..Coordinator::default()
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::nodes::tests::image;

    #[test]
    fn javas_hash() {
        // As printed by Java's String.hashCode.
        for (text, hash) in [
            ("", 0),
            ("a", 97),
            ("my-group", -1_906_497_762),
            ("polygenelubricants", i32::MIN),
            ("ä😀", 1_992_007),
        ] {
            assert_eq!(java_hash(text), hash, "{text}");
        }
        assert_eq!(partition_of("polygenelubricants", 50), 0);
        assert_eq!(partition_of("a", 50), 47);
        assert_eq!(partition_of("a", 0), 0);
    }

    #[test]
    fn key_types() {
        assert_eq!(topic_of(0, 0).unwrap(), "__consumer_offsets");
        assert_eq!(topic_of(1, 1).unwrap(), "__transaction_state");
        assert_eq!(topic_of(2, 6).unwrap(), "__share_group_state");
        for (key_type, version) in [(2, 5), (3, 6), (-1, 6)] {
            assert_eq!(
                topic_of(key_type, version).unwrap_err().code,
                Code::INVALID_REQUEST
            );
        }
    }

    #[test]
    fn keys_of_share_partitions() {
        let id = Uuid::from_u128(7);
        assert_eq!(share_key(&format!("g:{id}:3")), Some(format!("g:{id}:3")));
        assert_eq!(
            share_key(&format!("a:b:{id}:+3::")),
            Some(format!("a:b:{id}:3"))
        );
        for bad in [
            "",
            "g",
            &format!("{id}:3"),
            &format!(" :{id}:3"),
            "g:x:3",
            &format!("g:{id}:x"),
        ] {
            assert_eq!(share_key(bad), None, "{bad}");
        }
    }

    #[test]
    fn who_coordinates() {
        let image = image();
        let found = coordinator(&image, CONSUMER_OFFSETS, "g", "OUTSIDE").unwrap();
        assert_eq!((found.id, found.port), (1, 9093));
        let none = coordinator(&image, TRANSACTION_STATE, "g", "OUTSIDE").unwrap_err();
        assert_eq!(none.code, Code::COORDINATOR_NOT_AVAILABLE);
        let none = coordinator(&image, CONSUMER_OFFSETS, "g", "NOWHERE").unwrap_err();
        assert_eq!(none.code, Code::COORDINATOR_NOT_AVAILABLE);
    }

    #[test]
    fn an_answer_can_be_written_in_every_version() {
        use ottla_wire::Message;
        let image = image();
        for version in FindCoordinatorResponse::VERSIONS {
            let found = || coordinator(&image, CONSUMER_OFFSETS, "g", "INSIDE");
            let answer = match version {
                ..4 => single(found()),
                _ => FindCoordinatorResponse {
                    coordinators: vec![one_of_many("g", found())],
                    ..FindCoordinatorResponse::default()
                },
            };
            assert!(answer.encode(version).is_ok(), "{version}");
        }
    }
}
