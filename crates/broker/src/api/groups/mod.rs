//! Requests about groups.

pub(crate) mod consumer_group_describe;
pub(crate) mod consumer_group_heartbeat;
pub(crate) mod delete_groups;
pub(crate) mod describe_groups;
pub(crate) mod find_coordinator;
pub(crate) mod heartbeat;
pub(crate) mod join_group;
pub(crate) mod leave_group;
pub(crate) mod list_groups;
pub(crate) mod offset_commit;
pub(crate) mod offset_delete;
pub(crate) mod offset_fetch;
pub(crate) mod sync_group;

use std::{collections::BTreeMap, net::IpAddr};

use ottla_coordinator::group::{Caller, Input, Reply as Answer};
use ottla_metadata::Image;
use ottla_wire::errors::{Code, Refusal};

use super::Cx;
use crate::{reply::Reply, shard::Asked};

/// What became of a question to a coordinator.
type Outcome = Result<Answer, Refusal>;

/// Takes the answer of one kind out of an outcome.
macro_rules! only {
    ($kind:ident, $outcome:expr) => {
        match $outcome {
            Ok(ottla_coordinator::group::Reply::$kind(answer)) => Ok(answer),
            Ok(_) => Err(super::another_kind()),
            Err(refusal) => Err(refusal),
        }
    };
}
use only;

fn another_kind() -> Refusal {
    Code::UNKNOWN_SERVER_ERROR.because("the coordinator gave an answer of another kind")
}

/// Who asks, as coordinators want to know it.
pub(crate) fn caller(cx: &Cx) -> Caller {
    Caller {
        client_id: cx.client_id.clone().unwrap_or_default(),
        client_host: java_address(cx.peer.ip()),
        version: cx.version,
    }
}

/// An address as Java writes it: with a slash, and in IPv6 with all eight numbers.
fn java_address(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => format!("/{address}"),
        IpAddr::V6(address) => {
            let numbers = address.segments().map(|number| format!("{number:x}"));
            format!("/{}", numbers.join(":"))
        }
    }
}

/// Asks the coordinator of a group.
fn ask(cx: &Cx, group: &str, input: Input) -> Asked<Answer> {
    cx.broker.groups.ask(&cx.broker, group, input)
}

/// Whether the protocol of KIP-848 is on in this cluster and on this broker.
fn has_consumer_groups(cx: &Cx, image: &Image) -> Result<(), Refusal> {
    let config = cx.broker.config();
    let protocols = config.list("group.coordinator.rebalance.protocols");
    let is_on = protocols
        .iter()
        .any(|protocol| protocol.eq_ignore_ascii_case("consumer"));
    let level = image.feature_level("group.version");
    if !is_on {
        return Err(Code::UNSUPPORTED_VERSION
            .because("group.coordinator.rebalance.protocols does not name consumer"));
    }
    if level < 1 {
        return Err(Code::UNSUPPORTED_VERSION
            .because("the feature group.version is at level 0; consumer groups need 1"));
    }
    Ok(())
}

/// Waits for all, in the connection's turn.
fn gather<P: Send + 'static, T: Send + 'static>(
    asked: Vec<(P, Asked<Answer>)>,
    answer: impl FnOnce(Vec<(P, Outcome)>) -> T + Send + 'static,
) -> Reply<T> {
    let mut outcomes = Vec::with_capacity(asked.len());
    let mut asked = asked.into_iter();
    for (of, asked_one) in asked.by_ref() {
        match asked_one {
            Asked::Now(outcome) => outcomes.push((of, outcome)),
            later @ Asked::Later(_) => {
                return Reply::Later(Box::pin(async move {
                    outcomes.push((of, later.wait().await));
                    for (of, asked_one) in asked {
                        outcomes.push((of, asked_one.wait().await));
                    }
                    answer(outcomes)
                }));
            }
        }
    }
    Reply::Now(answer(outcomes))
}

/// What an answer about several groups is made of.
struct Each<T> {
    /// The question about groups of one coordinator.
    input: fn(Caller, Vec<String>) -> Input,
    /// Its answer, by group.
    take: fn(Answer) -> Option<Vec<T>>,
    /// A group whose coordinator did not answer.
    refused: fn(String, &Refusal) -> T,
}

/// Asks for each group at its coordinator. The results are in the order of the groups.
fn ask_each<T: Send + 'static>(cx: &Cx, ids: Vec<String>, of: Each<T>) -> Reply<Vec<T>> {
    let groups = &cx.broker.groups;
    let image = cx.broker.image_arc();
    let mut results: Vec<Option<T>> = Vec::with_capacity(ids.len());
    let mut by_shard = BTreeMap::new();
    for (at, id) in ids.into_iter().enumerate() {
        match groups.shard_of(&image, &id) {
            Ok(shard) => {
                let key = shard.partition().index;
                let (_, its) = by_shard.entry(key).or_insert_with(|| (shard, Vec::new()));
                its.push((at, id));
                results.push(None);
            }
            Err(refusal) => results.push(Some((of.refused)(id, &refusal))),
        }
    }
    let mut asked = Vec::with_capacity(by_shard.len());
    for (shard, its) in by_shard.into_values() {
        let ids = its.iter().map(|(_, id)| id.clone()).collect();
        let answer = groups.ask_shard(&cx.broker, &shard, (of.input)(caller(cx), ids));
        asked.push((its, answer));
    }
    gather(asked, move |outcomes| {
        for (its, outcome) in outcomes {
            let answered = outcome.and_then(|answer| {
                let all = (of.take)(answer).filter(|all| all.len() == its.len());
                all.ok_or_else(another_kind)
            });
            match answered {
                Ok(all) => {
                    for ((at, _), result) in its.into_iter().zip(all) {
                        results[at] = Some(result);
                    }
                }
                Err(refusal) => {
                    for (at, id) in its {
                        results[at] = Some((of.refused)(id, &refusal));
                    }
                }
            }
        }
        results.into_iter().flatten().collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_javas() {
        for (address, text) in [
            ("127.0.0.1", "/127.0.0.1"),
            ("::ffff:10.0.0.7", "/10.0.0.7"),
            ("::1", "/0:0:0:0:0:0:0:1"),
            ("fe80::1:ab", "/fe80:0:0:0:0:0:1:ab"),
        ] {
            assert_eq!(java_address(address.parse().unwrap()), text);
        }
    }
}
