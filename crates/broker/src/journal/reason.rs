//! Reasons for codes whose answers have no text: found after the fact, from what the code is about.

use ottla_wire::{
    Request, Uuid, apis,
    errors::Code,
    messages::{InitProducerIdRequest, JoinGroupRequest},
};

use super::Asked;
use crate::broker::Broker;

type About<'a> = &'a [(&'static str, String)];

fn which<'a>(about: About<'a>, noun: &str) -> Option<&'a str> {
    let found = about.iter().find(|(of, _)| *of == noun);
    found.map(|(_, which)| which.as_str())
}

/// Why, as far as it can be seen from what there is.
pub(super) fn of(asked: &Asked, about: About<'_>, code: i16) -> String {
    let (broker, code) = (&*asked.broker, Code(code));
    let found = match code {
        Code::UNKNOWN_TOPIC_OR_PARTITION => unknown_topic_or_partition(broker, about),
        Code::UNKNOWN_TOPIC_ID => which(about, "topic_id").map(|id| {
            format!("no topic has the id {id}: it was deleted, or deleted and created again")
        }),
        Code::INVALID_TOPIC_EXCEPTION => which(about, "topic").map(invalid_topic),
        Code::NOT_LEADER_OR_FOLLOWER => {
            let (id, partition) = (broker.settings.node_id, partition(about));
            Some(match unserved(broker, about) {
                Some(why) => format!("broker {id} does not serve {partition}: {why}"),
                None => format!("broker {id} does not host {partition}"),
            })
        }
        Code::KAFKA_STORAGE_ERROR => Some(format!(
            "the log directory of {} has failed: the broker's log says how",
            partition(about)
        )),
        Code::UNSUPPORTED_VERSION => apis::api(asked.key).map(|api| {
            format!(
                "this node serves versions {} to {} of {}, and was asked in {}",
                api.first, api.last, api.name, asked.version
            )
        }),
        Code::INVALID_TRANSACTION_TIMEOUT => transaction_timeout(asked),
        Code::INCONSISTENT_GROUP_PROTOCOL => inconsistent_protocol(asked),
        code => membership(code).map(str::to_owned),
    };
    found.unwrap_or_else(|| {
        code.info()
            .map_or("an unknown code", |info| info.meaning)
            .to_owned()
    })
}

/// What members of groups are told, which have no text for it.
fn membership(code: Code) -> Option<&'static str> {
    Some(match code {
        Code::ILLEGAL_GENERATION => {
            "the group has rebalanced since: the member took longer than max.poll.interval.ms or session.timeout.ms, \
             or others joined; its partitions may be another's by now"
        }
        Code::UNKNOWN_MEMBER_ID => {
            "the group has no such member: it left, or was removed because it was silent for session.timeout.ms or \
             did not poll for max.poll.interval.ms"
        }
        Code::FENCED_INSTANCE_ID => {
            "another member has joined with the same group.instance.id: each running consumer needs its own"
        }
        Code::MEMBER_ID_REQUIRED => "a new member is given an id and joins again with it",
        Code::REBALANCE_IN_PROGRESS => "the group is rebalancing: the member is to join again",
        Code::INVALID_PRODUCER_EPOCH | Code::PRODUCER_FENCED => {
            "another producer with the same transactional.id has started since, or the transaction timed out: this \
             one must not write any more"
        }
        _ => return None,
    })
}

fn request<R: Request>(asked: &Asked) -> Option<R> {
    let body = asked.body.clone().filter(|_| asked.key == R::KEY)?;
    R::decode(body, asked.version).ok()
}

fn transaction_timeout(asked: &Asked) -> Option<String> {
    let request: InitProducerIdRequest = request(asked)?;
    let max = asked.broker.config().int("transaction.max.timeout.ms");
    Some(format!(
        "transaction.timeout.ms of the client is {}, and transaction.max.timeout.ms of the broker {max}",
        request.transaction_timeout_ms
    ))
}

fn inconsistent_protocol(asked: &Asked) -> Option<String> {
    let request: JoinGroupRequest = request(asked)?;
    let names: Vec<_> = request
        .protocols
        .iter()
        .map(|of| of.name.as_str())
        .collect();
    Some(format!(
        "the member is of type {:?} with the protocols {}: the group is of another type or protocol (classic, \
         consumer, share, streams, connect), or none of these is supported by all of its members",
        request.protocol_type,
        names.join(", ")
    ))
}

fn invalid_topic(name: &str) -> String {
    format!(
        "{name:?} is not the name of a topic that clients may use: 1 to 249 of a-z A-Z 0-9 . _ - and no internal topic"
    )
}

fn partition(about: About<'_>) -> String {
    let topic = which(about, "topic").unwrap_or("the topic");
    match which(about, "partition") {
        Some(partition) => format!("{topic}-{partition}"),
        None => topic.to_owned(),
    }
}

fn unserved(broker: &Broker, about: About<'_>) -> Option<&'static str> {
    let image = broker.image();
    let topic = image.topic(which(about, "topic")?)?;
    let index = which(about, "partition")?.parse().ok()?;
    broker.partitions.why_unserved(topic.id, index)
}

fn unknown_topic_or_partition(broker: &Broker, about: About<'_>) -> Option<String> {
    let image = broker.image();
    let name = which(about, "topic")?;
    let Some(topic) = image.topic(name) else {
        let creates = broker.settings.auto_create_topics_enable;
        return Some(match creates {
            true => format!("there is no topic {name}"),
            false => format!(
                "there is no topic {name}, and auto.create.topics.enable is false: create it first"
            ),
        });
    };
    let asked = which(about, "partition")?.parse::<i32>().ok()?;
    match topic.partitions.contains_key(&asked) {
        true => Some(format!(
            "{name}-{asked} was not there when it was asked for"
        )),
        false => Some(format!(
            "topic {name} has {} partitions, 0 to {}; {asked} is none of them",
            topic.partitions.len(),
            topic.partitions.len().saturating_sub(1)
        )),
    }
}

/// The name of a topic, where only its id is known.
pub(super) fn topic_name(broker: &Broker, id: Uuid) -> Option<String> {
    let image = broker.image();
    image.topic_by_id(id).map(|topic| topic.name.to_string())
}
