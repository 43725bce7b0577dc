//! Transactions from their beginning to their end: what readers see meanwhile, timeouts, several at once, and what is listed.

use std::{thread, time::Duration};

use ottla_wire::messages::{
    FetchRequest, ListOffsetsRequest, ListTransactionsRequest, OffsetFetchRequest,
};

use super::{
    asks::{
        add, add_offsets, batch, commit_offsets, end, init, produce, settle_added,
        settle_committed, settle_listed,
    },
    looks::{await_state, describe, fetch, group, offsets, partition, settle},
    matrix::versions,
    states::{LONG, READ, State, Style, Txn, topics},
};
use crate::both::Both;

const TOPIC: &str = "whole-transactions";
/// How many partitions have transactions that end when they are told to.
const FIRST_LATE: i32 = 6;

/// In a cluster at this level of `transaction.version`.
pub(super) fn ask(both: &mut Both, name: &str, level: i16, styles: &[Style]) {
    let topic = format!("{TOPIC}-{name}");
    topics(both, &[&topic], FIRST_LATE);
    for &style in styles {
        readers(both, &format!("{name} {style:?}"), style, &topic);
        interleaved(both, &format!("{name} {style:?}"), style, &topic);
        offsets_of_groups(both, &format!("{name} {style:?}"), style, &topic);
        timeouts(both, &format!("{name} {style:?}"), style, &topic, level);
    }
}

/// What readers of either kind see in every version, with one transaction after the other and some not in any.
fn readers(both: &mut Both, name: &str, style: Style, topic: &str) {
    let index = i32::from(style == Style::New);
    let mut first = Txn::new(&format!("{name} first"), style, topic, index);
    first.prepare(both, State::Open);
    read(both, &format!("{name}, open"), topic, index);
    first.end(both, false);
    read(both, &format!("{name}, aborted"), topic, index);
    first.write(both);
    first.end(both, true);
    let mut second = Txn::new(&format!("{name} second"), style, topic, index);
    second.prepare(both, State::OpenAgain);
    both.once(&format!("{name}, not in a transaction"), 9, |side, _| {
        produce(side, None, &[(topic, index, batch((987_000, 0), 0, false))])
    });
    first.write(both);
    read(both, &format!("{name}, two open"), topic, index);
    first.end(both, true);
    read(both, &format!("{name}, the later one ended"), topic, index);
    second.end(both, false);
    read(both, &format!("{name}, both ended"), topic, index);
}

fn read(both: &mut Both, what: &str, topic: &str, index: i32) {
    for isolation in [0, 1] {
        for timestamp in [
            -1,
            -2,
            -3,
            -4,
            -5,
            1_750_000_000_000,
            1_750_000_000_001,
            1_750_000_000_002,
        ] {
            let what = format!("{what}, at {timestamp}, isolation {isolation}");
            both.each(&what, |_, _| ListOffsetsRequest {
                replica_id: -1,
                ..offsets(topic, index, timestamp, isolation)
            });
        }
        let all = versions::<FetchRequest>();
        for version in all.clone() {
            // What is read from where is the same in every version.
            let offsets: &[i64] = match version == *all.end() {
                true => &[0, 1, 3, 4, 5, 9, 100],
                false => &[0, 4],
            };
            for &offset in offsets {
                let what = format!("{what}, from {offset}, isolation {isolation}");
                fetch(both, &what, version, topic, index, offset, isolation);
            }
        }
    }
    partition(both, what, topic, index);
}

/// Several producers in one partition, several partitions and groups in one transaction.
fn interleaved(both: &mut Both, name: &str, style: Style, topic: &str) {
    let places = [2, 3, 4];
    let ids = ["a", "b", "c"].map(|of| format!("{name} interleaved {of}"));
    let mut txns = ids
        .each_ref()
        .map(|id| Txn::new(id, style, topic, places[0]));
    for txn in &mut txns {
        txn.init(both, LONG);
    }
    for round in 0..3 {
        for (number, txn) in txns.iter_mut().enumerate() {
            for place in places {
                let mut part = txn.clone();
                part.partition = place;
                part.write(both);
            }
            txn.sequence += 2;
            if style == Style::Old {
                let id = &txn.id;
                both.once(&format!("{id}, offsets"), 3, |side, _| {
                    add_offsets(id, side.producer(id), &txn.group())
                });
            }
            txn.commit_offsets(both);
            if number == 0 {
                partition(both, &format!("{name}, round {round}"), topic, places[1]);
            }
        }
        describe(
            both,
            name,
            &[&ids[2], &ids[0], "nobody", &ids[1], &ids[0], ""],
        );
        list(both, &format!("{name}, round {round}"));
        for (number, txn) in txns.iter_mut().enumerate().rev() {
            txn.end(both, (number + round) % 2 == 0);
            for place in places {
                partition(
                    both,
                    &format!("{}, round {round}, ended", txn.id),
                    topic,
                    place,
                );
            }
            group(
                both,
                &format!("{}, ended", txn.id),
                &txn.group(),
                READ,
                &[0, 1],
            );
        }
    }
}

pub(super) fn list(both: &mut Both, what: &str) {
    type Change = fn(&mut ListTransactionsRequest);
    let changes: [(&str, Change); 18] = [
        ("all", |_| {}),
        ("open", |of| of.state_filters = vec!["Ongoing".to_owned()]),
        ("ended", |of| {
            of.state_filters = vec!["CompleteCommit".to_owned(), "CompleteAbort".to_owned()];
        }),
        ("some unknown", |of| {
            of.state_filters = vec!["Empty".to_owned(), "none".to_owned(), String::new()];
        }),
        ("other case", |of| {
            of.state_filters = vec!["ongoing".to_owned()]
        }),
        ("dead", |of| of.state_filters = vec!["Dead".to_owned()]),
        ("all unknown", |of| {
            of.state_filters = vec!["none".to_owned()]
        }),
        ("twice unknown", |of| {
            of.state_filters = vec!["x".to_owned(); 2]
        }),
        ("of nobody", |of| of.producer_id_filters = vec![987_654]),
        ("of a negative producer", |of| {
            of.producer_id_filters = vec![-1]
        }),
        ("longer than nothing", |of| of.duration_filter = 0),
        ("longer than a year", |of| {
            of.duration_filter = 31_536_000_000
        }),
        ("longer than less than nothing", |of| {
            of.duration_filter = -7
        }),
        ("by name", |of| {
            of.transactional_id_pattern = Some(".*interleaved [ab]".to_owned())
        }),
        ("by part of a name", |of| {
            of.transactional_id_pattern = Some("interleaved".to_owned())
        }),
        ("by an empty name", |of| {
            of.transactional_id_pattern = Some(String::new())
        }),
        ("by a pattern that is none", |of| {
            of.transactional_id_pattern = Some("a(".to_owned())
        }),
        ("by all", |of| {
            of.state_filters = vec!["Ongoing".to_owned()];
            of.transactional_id_pattern = Some(".*".to_owned());
            of.duration_filter = 0;
        }),
    ];
    for (asked, change) in changes {
        let build = |_: &mut _, _| {
            let mut request = ListTransactionsRequest::default();
            change(&mut request);
            request
        };
        both.each_then(&format!("{what}, {asked}"), build, settle_listed);
    }
    for name in ["interleaved a", "interleaved b"] {
        let build = |side: &mut crate::both::Side, _| {
            let id = side.producer(&format!("two Old {name}")).0;
            ListTransactionsRequest {
                producer_id_filters: vec![id, id + 1_000_000],
                ..ListTransactionsRequest::default()
            }
        };
        both.each_then(
            &format!("{what}, of a producer {name}"),
            build,
            settle_listed,
        );
    }
}

/// Offsets that are committed in a transaction, and outside of it meanwhile.
fn offsets_of_groups(both: &mut Both, name: &str, style: Style, topic: &str) {
    for committed in [true, false] {
        let id = format!("{name} groups {committed}");
        let mut txn = Txn::new(&id, style, topic, 5);
        txn.prepare(both, State::Offsets);
        let of = txn.group();
        group(both, &format!("{id}, open"), &of, READ, &[0, 1, 7]);
        let simple = |side: &mut crate::both::Side, _: i16| {
            crate::groups::simple_commit(side, &of, &[(READ, &[0, 1])])
        };
        both.once(&format!("{id}, outside"), 8, simple);
        group(both, &format!("{id}, outside"), &of, READ, &[0, 1, 7]);
        txn.end(both, committed);
        group(both, &format!("{id}, ended"), &of, READ, &[0, 1, 7]);
        txn.commit_offsets(both);
        group(both, &format!("{id}, open again"), &of, READ, &[0, 1, 7]);
        both.each_then(
            &format!("{id}, all, of an open transaction"),
            |_, version| {
                use ottla_wire::messages::offset_fetch_request::OffsetFetchRequestGroup;
                OffsetFetchRequest {
                    group_id: if version < 8 {
                        of.clone()
                    } else {
                        String::new()
                    },
                    topics: None,
                    groups: match version {
                        ..8 => vec![],
                        _ => vec![OffsetFetchRequestGroup {
                            group_id: of.clone(),
                            topics: None,
                            ..OffsetFetchRequestGroup::default()
                        }],
                    },
                    require_stable: version > 6,
                    ..OffsetFetchRequest::default()
                }
            },
            |_| {},
        );
        crate::groups::delete_one(both, &format!("{id}, with an open transaction"), &of);
        group(both, &format!("{id}, deleted"), &of, READ, &[0, 1, 7]);
        txn.end(both, committed);
        group(
            both,
            &format!("{id}, deleted, ended"),
            &of,
            READ,
            &[0, 1, 7],
        );
    }
}

/// What a late producer asks, and in which version: see `matrix::is_of_version_2` about level 0.
fn late_asks(level: i16) -> Vec<(&'static str, i16)> {
    let mut asks = Vec::new();
    let all = if level == 0 { 0..=4 } else { 0..=5 };
    asks.extend(all.flat_map(|version| [("commit", version), ("abort", version)]));
    let all = if level == 0 { 10..=11 } else { 10..=13 };
    asks.extend(all.map(|version| ("produce", version)));
    let all = if level == 0 { 3..=3 } else { 3..=5 };
    asks.extend(all.map(|version| ("add", version)));
    asks.extend((3..=4).map(|version| ("add offsets", version)));
    let all = if level == 0 { 3..=4 } else { 3..=6 };
    asks.extend(all.map(|version| ("commit offsets", version)));
    asks.extend((0..=5).map(|version| ("init", version)));
    asks.extend((3..=5).map(|version| ("go on", version)));
    asks
}

/// Transactions that take too long, and producers that learn of it by each request in each version.
fn timeouts(both: &mut Both, name: &str, style: Style, topic: &str, level: i16) {
    let id = |number: usize| format!("{name} late {number}");
    let asks = late_asks(level);
    // Whose time passes first is not the same on both.
    let topic = format!("{topic}-late-{style:?}");
    topics(both, &[&topic], i32::try_from(asks.len()).expect("few"));
    let mut txns: Vec<_> = (0..asks.len())
        .zip(0..)
        .map(|(number, place)| Txn::new(&id(number), style, &topic, place))
        .collect();
    for txn in &mut txns {
        txn.init(both, 700);
        txn.write(both);
    }
    for txn in &txns {
        await_state(both, &txn.id, "CompleteAbort");
    }
    // One that never had a transaction does not time out.
    let idle = format!("{name} idle");
    Txn::new(&idle, style, &topic, 0).init(both, 1);
    thread::sleep(Duration::from_millis(800));
    describe(both, &format!("{name}, idle"), &[&idle]);
    for (txn, (ask, version)) in txns.iter().zip(asks) {
        let id = &*txn.id;
        describe(both, &format!("{id}, late"), &[id]);
        for time in ["once", "twice"] {
            late(both, txn, ask, version, &format!("{id}, {ask} {time}"));
            settle(both, id);
            describe(both, &format!("{id}, {ask} {time}, asked"), &[id]);
        }
    }
    for txn in &mut txns {
        partition(both, &format!("{}, late", txn.id), &topic, txn.partition);
        txn.init(both, LONG);
    }
}

fn late(both: &mut Both, txn: &Txn, ask: &str, version: i16, what: &str) {
    let id = &*txn.id;
    let mine = [(&*txn.topic, &[txn.partition][..])];
    match ask {
        "commit" | "abort" => both.once(what, version, |side, _| {
            end(id, side.producer(id), ask == "commit")
        }),
        "produce" => both.once(what, version, |side, _| {
            let producer = side.producer(id);
            txn.produce(side, producer)
        }),
        "add" => both.once_then(
            what,
            version,
            |side, _| add(version, id, side.producer(id), &mine),
            settle_added,
        ),
        "add offsets" => both.once(what, version, |side, _| {
            add_offsets(id, side.producer(id), "g")
        }),
        "commit offsets" => both.once_then(
            what,
            version,
            |side, _| {
                let producer = side.producer(id);
                commit_offsets(side, id, producer, "g", &[(READ, &[0])])
            },
            settle_committed,
        ),
        "init" => both.once(what, version, |_, _| init(Some(id), LONG, (-1, -1))),
        _ => both.once(what, version, |side, _| {
            init(Some(id), LONG, side.producer(id))
        }),
    }
}
