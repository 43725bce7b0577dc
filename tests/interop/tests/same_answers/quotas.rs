//! Requests that describe and change quotas of clients.

use ottla_wire::messages::{
    AlterClientQuotasRequest, AlterClientQuotasResponse, DescribeClientQuotasRequest,
    DescribeClientQuotasResponse, alter_client_quotas_request as alter,
    describe_client_quotas_request as describe,
};

use crate::both::Both;

type Entity<'a> = &'a [(&'a str, Option<&'a str>)];
/// A key and what it is to be; `None` removes it.
type Ops<'a> = &'a [(&'a str, Option<f64>)];

const PRODUCE: &str = "producer_byte_rate";
const FETCH: &str = "consumer_byte_rate";
const REQUEST: &str = "request_percentage";
const MUTATION: &str = "controller_mutation_rate";
const CONNECTION: &str = "connection_creation_rate";

/// What is set, and then described.
const FINE: &[(Entity<'_>, Ops<'_>)] = &[
    (
        &[("user", Some("alice")), ("client-id", Some("one"))],
        &[(PRODUCE, Some(1e9)), (FETCH, Some(2e9))],
    ),
    (
        &[("user", Some("alice")), ("client-id", None)],
        &[(REQUEST, Some(5000.5))],
    ),
    (
        &[("user", None), ("client-id", Some("one"))],
        &[(MUTATION, Some(1000.25))],
    ),
    (
        &[("user", None), ("client-id", None)],
        &[(PRODUCE, Some(9.2e18))],
    ),
    (&[("user", Some("alice"))], &[(PRODUCE, Some(1.0))]),
    (&[("user", Some("b ö%"))], &[(PRODUCE, Some(3e9))]),
    (&[("user", None)], &[(FETCH, Some(3e9))]),
    (&[("client-id", Some("one"))], &[(FETCH, Some(4e9))]),
    (&[("client-id", None)], &[(FETCH, Some(5e9))]),
    (
        &[("ip", Some("10.1.2.3"))],
        &[(CONNECTION, Some(2_147_483_647.0))],
    ),
    (&[("ip", Some("::1"))], &[(CONNECTION, Some(100.0))]),
    (&[("ip", None)], &[(CONNECTION, Some(1e6))]),
    // Nothing to remove.
    (
        &[("user", Some("carol"))],
        &[(FETCH, None), ("no_such_key", None)],
    ),
    (&[("user", Some("dave"))], &[]),
];

const REFUSED: &[(Entity<'_>, Ops<'_>)] = &[
    (&[], &[(PRODUCE, Some(1.0))]),
    (&[("team", Some("a"))], &[(PRODUCE, Some(1.0))]),
    (&[("User", Some("a"))], &[(PRODUCE, Some(1.0))]),
    (&[("", Some("a"))], &[(PRODUCE, Some(1.0))]),
    (&[("user", Some(""))], &[(PRODUCE, Some(1.0))]),
    (&[("client-id", Some(""))], &[(PRODUCE, Some(1.0))]),
    (&[("ip", Some(""))], &[(CONNECTION, Some(1.0))]),
    (&[("ip", Some("300.1.2.3"))], &[(CONNECTION, Some(1.0))]),
    (&[("ip", Some("a b"))], &[(CONNECTION, Some(1.0))]),
    (&[("ip", None), ("user", None)], &[(CONNECTION, Some(1.0))]),
    (&[("ip", None)], &[(PRODUCE, Some(1.0))]),
    (&[("ip", None)], &[(CONNECTION, Some(3e9))]),
    (&[("ip", None)], &[(CONNECTION, Some(1.5))]),
    (&[("user", None)], &[(CONNECTION, Some(1.0))]),
    (&[("user", None)], &[("", Some(1.0))]),
    (&[("user", None)], &[(PRODUCE, Some(0.0))]),
    (&[("user", None)], &[(PRODUCE, Some(-1.0))]),
    (&[("user", None)], &[(PRODUCE, Some(1.5))]),
    (&[("user", None)], &[(PRODUCE, Some(1e19))]),
    (&[("user", None)], &[(PRODUCE, Some(f64::NAN))]),
    (&[("user", None)], &[(REQUEST, Some(f64::INFINITY))]),
    (&[("user", None)], &[(MUTATION, Some(-0.5))]),
    (
        &[("user", None)],
        &[(PRODUCE, Some(1.0)), (PRODUCE, Some(2.0))],
    ),
    (
        &[("user", None)],
        &[(PRODUCE, Some(1.0)), (FETCH, Some(0.0))],
    ),
];

pub(crate) fn ask(both: &mut Both) {
    describe_all(both, "before");
    for validate_only in [true, false] {
        let request = |_: &mut _, _| changes(FINE, validate_only);
        both.each_then(&format!("only validated: {validate_only}"), request, settle);
        both.pause();
        describe_all(both, "after");
    }
    for one in REFUSED {
        let what = format!("{one:?}");
        both.each_then(&what, |_, _| changes(&[*one], false), settle);
    }
    let mixed: Vec<_> = REFUSED.iter().take(9).chain(&FINE[..3]).copied().collect();
    both.each_then("some refused", |_, _| changes(&mixed, false), settle);
    let twice = [FINE[0], FINE[4], FINE[0]];
    both.each_then("one twice", |_, _| changes(&twice, true), settle);
    both.each_then("none", |_, _| changes(&[], false), settle);
    both.pause();
    describe_all(both, "unchanged by what was refused");
    filters(both);
    let gone: Vec<Vec<_>> = FINE
        .iter()
        .map(|(_, ops)| ops.iter().map(|(key, _)| (*key, None)).collect())
        .collect();
    let removals: Vec<_> = FINE
        .iter()
        .zip(&gone)
        .map(|((entity, _), ops)| (*entity, ops.as_slice()))
        .collect();
    both.each_then("removed", |_, _| changes(&removals, false), settle);
    both.pause();
    describe_all(both, "at the end");
}

fn changes(entries: &[(Entity<'_>, Ops<'_>)], validate_only: bool) -> AlterClientQuotasRequest {
    let entry = |(entity, ops): &(Entity<'_>, Ops<'_>)| alter::EntryData {
        entity: entity
            .iter()
            .map(|(kind, name)| alter::EntityData {
                entity_type: (*kind).to_owned(),
                entity_name: name.map(str::to_owned),
                ..alter::EntityData::default()
            })
            .collect(),
        ops: ops
            .iter()
            .map(|(key, value)| alter::OpData {
                key: (*key).to_owned(),
                value: value.unwrap_or_default(),
                remove: value.is_none(),
                ..alter::OpData::default()
            })
            .collect(),
        ..alter::EntryData::default()
    };
    AlterClientQuotasRequest {
        entries: entries.iter().map(entry).collect(),
        validate_only,
        ..AlterClientQuotasRequest::default()
    }
}

/// Kafka's entities are in no order.
fn settle(answer: &mut AlterClientQuotasResponse) {
    for entry in &mut answer.entries {
        entry
            .entity
            .sort_by(|a, b| a.entity_type.cmp(&b.entity_type));
    }
    answer
        .entries
        .sort_by_key(|entry| format!("{:?}", entry.entity));
}

fn settle_described(answer: &mut DescribeClientQuotasResponse) {
    for entry in answer.entries.iter_mut().flatten() {
        entry
            .entity
            .sort_by(|a, b| a.entity_type.cmp(&b.entity_type));
        entry.values.sort_by(|a, b| a.key.cmp(&b.key));
    }
    if let Some(entries) = &mut answer.entries {
        entries.sort_by_key(|entry| format!("{:?}", entry.entity));
    }
}

fn describe_all(both: &mut Both, when: &str) {
    described(both, when, &[], false);
}

/// An entity type, the kind of match, and a name.
type Component<'a> = (&'a str, i8, Option<&'a str>);

fn described(both: &mut Both, what: &str, components: &[Component<'_>], strict: bool) {
    let component = |(kind, match_type, name): &Component<'_>| describe::ComponentData {
        entity_type: (*kind).to_owned(),
        match_type: *match_type,
        r#match: name.map(str::to_owned),
        ..describe::ComponentData::default()
    };
    both.each_then(
        &format!("{what}: {components:?}, strict {strict}"),
        |_, _| DescribeClientQuotasRequest {
            components: components.iter().map(component).collect(),
            strict,
            ..DescribeClientQuotasRequest::default()
        },
        settle_described,
    );
}

fn filters(both: &mut Both) {
    let users: [Component<'_>; 5] = [
        ("user", 0, Some("alice")),
        ("user", 0, Some("nobody")),
        ("user", 0, Some("")),
        ("user", 1, None),
        ("user", 2, None),
    ];
    let clients: [Component<'_>; 3] = [
        ("client-id", 0, Some("one")),
        ("client-id", 1, None),
        ("client-id", 2, None),
    ];
    let others: [Component<'_>; 13] = [
        ("ip", 0, Some("10.1.2.3")),
        ("ip", 0, Some("nowhere at all")),
        ("ip", 1, None),
        ("ip", 2, None),
        ("", 0, Some("a")),
        ("team", 0, Some("a")),
        ("team", 7, None),
        ("user", 0, None),
        ("user", 1, Some("alice")),
        ("user", 2, Some("alice")),
        ("user", 3, None),
        ("user", -1, None),
        ("client-id", 0, None),
    ];
    for strict in [false, true] {
        described(both, "filter", &[], strict);
        for user in users {
            described(both, "filter", &[user], strict);
            for client in clients {
                described(both, "filter", &[user, client], strict);
                described(both, "filter", &[client], strict);
            }
        }
        for other in others {
            described(both, "filter", &[other], strict);
            described(both, "filter", &[users[0], other], strict);
            described(both, "filter", &[other, clients[2]], strict);
        }
    }
}
