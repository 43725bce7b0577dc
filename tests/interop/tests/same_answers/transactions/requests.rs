//! Requests that say what cannot be: ids that are none, topics that there are not, timeouts that are too long.

use ottla_interop::raw::NoAnswer;
use ottla_wire::messages::{
    AddOffsetsToTxnRequest, AddPartitionsToTxnRequest, DescribeTransactionsRequest, EndTxnRequest,
    FindCoordinatorRequest, FindCoordinatorResponse, InitProducerIdRequest,
    ListTransactionsRequest, ProduceRequest, TxnOffsetCommitRequest,
    add_partitions_to_txn_request::AddPartitionsToTxnTransaction,
};

use super::{
    asks::{
        Topics, add, add_offsets, batch, commit_offsets, end, init, produce, settle_added,
        settle_committed, settle_listed, settle_produced, transaction,
    },
    looks::{describe, describing, group, partition, settle},
    matrix::versions,
    states::{LONG, READ, State, Style, Txn, topics},
};
use crate::both::{Both, Producer, Side};

const TOPIC: &str = "of-odd-requests";

/// By those whom no coordinator knows.
pub(super) fn strangers(both: &mut Both, what: &str) {
    for id in ["nobody", ""] {
        let what = format!("{what}, id {id:?}");
        for producer in [(987_654, 0), (-1, -1)] {
            let what = format!("{what}, {producer:?}");
            both.each_then(
                &what,
                |_, version| add(version, id, producer, &[(READ, &[0])]),
                settle_added,
            );
            for version in 4..=5 {
                let build = |_: &mut Side, _| AddPartitionsToTxnRequest {
                    transactions: vec![transaction(id, producer, &[(READ, &[0])], true)],
                    ..AddPartitionsToTxnRequest::default()
                };
                both.once_then(&format!("{what}, verify"), version, build, settle_added);
            }
            both.each(&what, |_, _| add_offsets(id, producer, "g"));
            both.each_then(
                &what,
                |side, _| commit_offsets(side, id, producer, "g", &[(READ, &[0])]),
                settle_committed,
            );
            both.each(&what, |_, _| end(id, producer, true));
            both.each(&what, |side, _| {
                produce(side, Some(id), &[(READ, 0, batch(producer, 0, true))])
            });
        }
        for version in 3..=5 {
            both.once(&what, version, |_, _| init(Some(id), LONG, (987_654, 0)));
        }
        describe(both, &what, &[id]);
    }
    let all = |_: &mut Side, _| ListTransactionsRequest::default();
    both.each_then(what, all, settle_listed);
}

pub(super) fn ask(both: &mut Both) {
    topics(both, &[TOPIC], 8);
    find(both);
    takeovers(both);
    partitions(both);
    batches(both);
    offsets(both);
    writes(both);
    unknown_versions(both);
}

fn find(both: &mut Both) {
    for keys in [&["a"][..], &[""], &["a", "b", "a", "", "é"], &[]] {
        both.each_then(
            &format!("of transactions {keys:?}"),
            |_, version| FindCoordinatorRequest {
                key_type: i8::from(version > 0),
                key: match version {
                    ..4 => keys.first().map_or("", |key| *key).to_owned(),
                    _ => String::new(),
                },
                coordinator_keys: match version {
                    ..4 => vec![],
                    _ => keys.iter().map(|&key| key.to_owned()).collect(),
                },
                ..FindCoordinatorRequest::default()
            },
            |answer: &mut FindCoordinatorResponse| {
                answer.coordinators.sort_by(|a, b| a.key.cmp(&b.key));
            },
        );
    }
}

/// InitProducerId in all its ways.
fn takeovers(both: &mut Both) {
    for version in versions::<InitProducerIdRequest>() {
        for (what, timeout) in [
            ("a timeout of 0", 0),
            ("a negative timeout", -1),
            ("the longest timeout", 900_000),
            ("more than the longest", 900_001),
            ("a timeout for ever", i32::MAX),
            ("the shortest timeout", 1),
        ] {
            let id = format!("{what} {version}");
            both.once(&id, version, |_, _| init(Some(&id), timeout, (-1, -1)));
            describe(both, &id, &[&id]);
        }
        for (what, id, timeout) in [
            ("idempotent", None, LONG),
            ("idempotent, a negative timeout", None, -5),
            ("an empty id", Some(""), LONG),
            ("an empty id, a negative timeout", Some(""), -1),
            ("an id with spaces", Some(" a b\t"), LONG),
            ("an id of other letters", Some("räk-☃"), LONG),
        ] {
            both.once(what, version, |_, _| init(id, timeout, (-1, -1)));
        }
        if version < 3 {
            continue;
        }
        let strange: [Producer; 7] = [
            (987_654, -1),
            (-1, 0),
            (987_654, 3),
            (-2, 0),
            (-2, -2),
            (0, i16::MAX),
            (987_654, i16::MAX),
        ];
        for producer in strange {
            for id in [None, Some(format!("strange {version} {producer:?}"))] {
                both.once(&format!("{id:?}, {producer:?}"), version, |_, _| {
                    init(id.as_deref(), LONG, producer)
                });
            }
        }
    }
    both.once("an id as long as may be", 4, |_, _| {
        init(Some(&"x".repeat(32_767)), LONG, (-1, -1))
    });
}

/// AddPartitionsToTxn and AddOffsetsToTxn of what cannot be added.
fn partitions(both: &mut Both) {
    let asked: [(&str, Topics<'_>); 10] = [
        ("no topics", &[]),
        ("no partitions", &[(TOPIC, &[])]),
        ("an unknown topic", &[("none", &[0, 1])]),
        ("unknown partitions", &[(TOPIC, &[-1, 99])]),
        ("some unknown", &[("none", &[0]), (TOPIC, &[1, 99, 0])]),
        ("some of an unknown topic", &[("none", &[0]), (TOPIC, &[1])]),
        ("twice", &[(TOPIC, &[2, 2])]),
        ("an empty name", &[("", &[0])]),
        ("offsets", &[("__consumer_offsets", &[0])]),
        ("transactions", &[("__transaction_state", &[0])]),
    ];
    for (what, topics) in asked {
        // The versions before differ in the code for a fenced producer.
        for version in 3..=*versions::<AddPartitionsToTxnRequest>().end() {
            let id = format!("adds {what} {version}");
            let mut txn = Txn::new(&id, Style::Old, TOPIC, 0);
            txn.prepare(both, State::New);
            let build = |side: &mut Side, version| add(version, &id, side.producer(&id), topics);
            both.once_then(&id, version, build, settle_added);
            describe(both, &id, &[&id]);
            both.once(&id, 4, |side, _| end(&id, side.producer(&id), true));
            settle(both, &id);
            describe(both, &format!("{id}, ended"), &[&id]);
        }
    }
    for group in ["", " ", "g"] {
        for version in versions::<AddOffsetsToTxnRequest>() {
            let id = format!("adds offsets of {group:?} {version}");
            let mut txn = Txn::new(&id, Style::Old, TOPIC, 0);
            txn.prepare(both, State::New);
            both.once(&id, version, |side, _| {
                add_offsets(&id, side.producer(&id), group)
            });
            describe(both, &id, &[&id]);
            txn.init(both, LONG);
        }
    }
    // A transaction in which there is nothing.
    for version in versions::<EndTxnRequest>() {
        for committed in [true, false] {
            let id = format!("empty {version} {committed}");
            let mut txn = Txn::new(&id, Style::Old, TOPIC, 0);
            txn.prepare(both, State::New);
            for time in ["once", "twice"] {
                both.once(&format!("{id} {time}"), version, |side, _| {
                    end(&id, side.producer(&id), committed)
                });
                settle(both, &id);
            }
            describe(both, &id, &[&id]);
        }
    }
}

/// AddPartitionsToTxn of several transactions at once, as brokers send it.
fn batches(both: &mut Both) {
    for version in 4..=5 {
        let ids = ["one", "two", "three"].map(|name| format!("batched {name} {version}"));
        for id in &ids {
            Txn::new(id, Style::Old, TOPIC, 0).prepare(both, State::New);
        }
        let [one, two, three] = &ids;
        type Make = fn(&mut Side, [&str; 3]) -> Vec<AddPartitionsToTxnTransaction>;
        let makes: [(&str, Make); 7] = [
            ("none", |_, _| vec![]),
            ("all verified, of which none is there", |side, ids| {
                let each = |id| transaction(id, side.producer(id), &[(TOPIC, &[3, 4])], true);
                ids.map(each).to_vec()
            }),
            ("two are added", |side, [one, two, _]| {
                let each = |id| transaction(id, side.producer(id), &[(TOPIC, &[3])], false);
                [one, two].map(each).to_vec()
            }),
            ("all verified", |side, ids| {
                let each = |id| transaction(id, side.producer(id), &[(TOPIC, &[3, 4])], true);
                ids.map(each).to_vec()
            }),
            ("some verified, some added", |side, [one, two, three]| {
                vec![
                    transaction(one, side.producer(one), &[(TOPIC, &[3, 77])], true),
                    transaction(two, side.producer(two), &[(TOPIC, &[4])], false),
                    transaction(three, side.producer(three), &[("none", &[0])], true),
                    transaction("nobody", (5, 0), &[(TOPIC, &[3])], true),
                ]
            }),
            ("one twice", |side, [one, ..]| {
                let one = |partition: &[i32], verify| {
                    transaction(one, side.producer(one), &[(TOPIC, partition)], verify)
                };
                vec![one(&[5], false), one(&[6], true)]
            }),
            ("verified by others", |side, [one, two, _]| {
                let (id, epoch) = side.producer(one);
                vec![
                    transaction(one, (id, epoch + 1), &[(TOPIC, &[3])], true),
                    transaction(two, (id, epoch), &[(TOPIC, &[3])], true),
                    transaction("", (id, epoch), &[(TOPIC, &[3])], true),
                ]
            }),
        ];
        for (what, make) in makes {
            let build = |side: &mut Side, _| AddPartitionsToTxnRequest {
                transactions: make(side, [one, two, three]),
                ..AddPartitionsToTxnRequest::default()
            };
            let what = format!("batched, {what}");
            both.once_then(&what, version, build, settle_added);
            describe(both, &what, &[one, two, three]);
        }
        for id in &ids {
            Txn::new(id, Style::Old, TOPIC, 0).init(both, LONG);
        }
    }
}

/// TxnOffsetCommit of what cannot be committed.
fn offsets(both: &mut Both) {
    for (style, versions) in [(Style::Old, 0..=4), (Style::New, 5..=6)] {
        for version in versions {
            let id = format!("odd offsets {version}");
            let mut txn = Txn::new(&id, style, TOPIC, 0);
            txn.prepare(both, State::Offsets);
            odd_offsets(both, &txn, version);
            describe(both, &id, &[&id]);
            group(both, &id, &txn.group(), READ, &[0, 1, 9]);
            txn.end(both, true);
            group(
                both,
                &format!("{id}, ended"),
                &txn.group(),
                READ,
                &[0, 1, 9],
            );
        }
    }
}

fn odd_offsets(both: &mut Both, txn: &Txn, version: i16) {
    let id = &*txn.id;
    let of = |side: &mut Side, topics: Topics<'_>| {
        let producer = side.producer(id);
        commit_offsets(side, id, producer, &txn.group(), topics)
    };
    let asked: [(&str, Topics<'_>); 6] = [
        ("no topics", &[]),
        ("no partitions", &[(READ, &[])]),
        ("an unknown topic", &[("none", &[0, 1])]),
        ("unknown partitions", &[(READ, &[-1, 9])]),
        ("some unknown", &[("none", &[0]), (READ, &[1, 99, 0])]),
        ("twice", &[(READ, &[0, 0])]),
    ];
    for (what, topics) in asked {
        let what = format!("{id}, {what}");
        both.once_then(&what, version, |side, _| of(side, topics), settle_committed);
    }
    type Change = fn(&mut TxnOffsetCommitRequest);
    let changes: [(&str, Change); 11] = [
        ("a member", |of| of.member_id = "m".to_owned()),
        ("a generation", |of| of.generation_id_or_member_epoch = 3),
        ("a member and a generation", |of| {
            of.member_id = "m".to_owned();
            of.generation_id_or_member_epoch = 3;
        }),
        ("a static member", |of| {
            of.group_instance_id = Some("i".to_owned());
        }),
        ("no group", |of| of.group_id = String::new()),
        ("a member of no group", |of| {
            of.group_id = "never was".to_owned();
            of.member_id = "m".to_owned();
            of.generation_id_or_member_epoch = 3;
        }),
        ("another group", |of| of.group_id = "never added".to_owned()),
        ("a negative offset", |of| {
            of.topics[0].partitions[0].committed_offset = -7;
        }),
        ("no metadata", |of| {
            of.topics[0].partitions[0].committed_metadata = None;
        }),
        ("too much metadata", |of| {
            of.topics[0].partitions[0].committed_metadata = Some("x".repeat(4097));
        }),
        ("a leader epoch", |of| {
            of.topics[0].partitions[0].committed_leader_epoch = 7;
        }),
    ];
    for (what, change) in changes {
        let what = format!("{id}, {what}");
        let build = |side: &mut Side, _| {
            let mut request = of(side, &[(READ, &[1])]);
            change(&mut request);
            request
        };
        both.once_then(&what, version, build, settle_committed);
    }
}

/// Produce of what cannot be written.
fn writes(both: &mut Both) {
    for version in 10..=13 {
        let id = format!("odd writes {version}");
        let mut txn = Txn::new(&id, Style::Old, TOPIC, 7);
        txn.prepare(both, State::Added);
        type Make = fn(&mut Side, &str, Producer) -> ProduceRequest;
        let makes: [(&str, Make); 12] = [
            ("no transactional id", |side, _, of| {
                produce(side, None, &[(TOPIC, 7, batch(of, 0, true))])
            }),
            ("another transactional id", |side, _, of| {
                produce(side, Some("nobody"), &[(TOPIC, 7, batch(of, 0, true))])
            }),
            ("an empty transactional id", |side, _, of| {
                produce(side, Some(""), &[(TOPIC, 7, batch(of, 0, true))])
            }),
            ("not transactional, without an id", |side, _, of| {
                produce(side, None, &[(TOPIC, 6, batch(of, 0, false))])
            }),
            ("not transactional, with an id", |side, id, of| {
                produce(side, Some(id), &[(TOPIC, 6, batch(of, 2, false))])
            }),
            ("one acknowledgement", |side, id, of| ProduceRequest {
                acks: 1,
                ..produce(side, Some(id), &[(TOPIC, 7, batch(of, 0, true))])
            }),
            ("an unknown topic", |side, id, of| {
                produce(side, Some(id), &[("none", 0, batch(of, 0, true))])
            }),
            ("an unknown partition", |side, id, of| {
                produce(side, Some(id), &[(TOPIC, 99, batch(of, 0, true))])
            }),
            ("two partitions, one not added", |side, id, of| {
                let each = |partition| (TOPIC, partition, batch(of, 2, true));
                produce(side, Some(id), &[each(7), each(5)])
            }),
            ("two producers", |side, id, of| {
                let other = batch((of.0 + 1, of.1), 0, true);
                produce(
                    side,
                    Some(id),
                    &[(TOPIC, 7, batch(of, 4, true)), (TOPIC, 5, other)],
                )
            }),
            ("to the offsets of groups", |side, id, of| {
                produce(
                    side,
                    Some(id),
                    &[("__consumer_offsets", 0, batch(of, 0, true))],
                )
            }),
            ("to the transactions", |side, id, of| {
                produce(
                    side,
                    Some(id),
                    &[("__transaction_state", 0, batch(of, 0, true))],
                )
            }),
        ];
        for (what, make) in makes {
            let build = |side: &mut Side, _| {
                let producer = side.producer(&id);
                make(side, &id, producer)
            };
            both.once_then(&format!("{id}, {what}"), version, build, settle_produced);
            partition(both, &format!("{id}, {what}"), TOPIC, 7);
        }
        for place in [5, 6] {
            partition(both, &id, TOPIC, place);
        }
        describe(both, &id, &[&id]);
        txn.init(both, LONG);
    }
}

/// Versions that there are not, and the one that may still change.
fn unknown_versions(both: &mut Both) {
    both.once("not yet stable", 6, |_, _| init(Some("x"), LONG, (-1, -1)));
    let described = both.sides().each_mut().map(|side| {
        let request = describing(&["x"]);
        let answer = side.connection.ask(0, &request);
        answer.map_err(|why: NoAnswer| why).is_ok()
    });
    assert_eq!(described, [true; 2], "no server went away");
    both.each("no ids", |_, _| DescribeTransactionsRequest::default());
}
