//! Transactions of members of groups, and transactions whose records or topics are deleted meanwhile.

use ottla_wire::messages::{
    ConsumerGroupHeartbeatRequest, DeleteRecordsRequest, DeleteTopicsRequest, JoinGroupRequest,
    JoinGroupResponse, SyncGroupRequest,
    delete_records_request::{DeleteRecordsPartition, DeleteRecordsTopic},
    delete_topics_request::DeleteTopicState,
};

use super::{
    asks::{commit_offsets, settle_committed},
    looks::{describe, group, partition, settle},
    states::{LONG, READ, State, Style, Txn, topics},
};
use crate::{
    both::{Both, Side},
    groups,
};

const TOPIC: &str = "beside-transactions";

pub(super) fn ask(both: &mut Both) {
    topics(both, &[TOPIC], 4);
    for style in [Style::Old, Style::New] {
        members(both, style);
        deleted_records(both, style);
        deleted_topic(both, style);
    }
}

/// Offsets that are committed by who says to be a member of a group that has one.
fn members(both: &mut Both, style: Style) {
    let versions = if style == Style::Old { 3..=4 } else { 5..=6 };
    let id = format!("of members {style:?}");
    let mut txn = Txn::new(&id, style, TOPIC, 0);
    txn.prepare(both, State::New);
    let of = txn.group();
    let member = format!("member of {of}");
    let join = |_: &mut Side, _: i16| JoinGroupRequest {
        group_id: of.clone(),
        ..groups::join("consumer")
    };
    let learn = |answer: &JoinGroupResponse| Some((member.clone(), answer.member_id.clone()));
    both.once_learn(&id, 3, join, groups::settle_join, learn);
    let told = |both: &mut Both, what: &str| {
        for (who, generation) in [
            (&*member, 1),
            (&member, 0),
            (&member, 2),
            (&member, -1),
            ("a stranger", 1),
            ("", -1),
            ("", 1),
        ] {
            for version in versions.clone() {
                let build = |side: &mut Side, _: i16| {
                    let producer = side.producer(&id);
                    let mut request = commit_offsets(side, &id, producer, &of, &[(READ, &[0])]);
                    request.member_id = side.recall(who);
                    request.generation_id_or_member_epoch = generation;
                    request
                };
                let what = format!("{id}, {what}, {who} in {generation}");
                both.once_then(&what, version, build, settle_committed);
            }
        }
        group(both, &format!("{id}, {what}"), &of, READ, &[0]);
    };
    txn.commit_offsets(both);
    told(both, "rebalancing");
    both.once(&format!("{id}, sync"), 3, |side, _| SyncGroupRequest {
        group_id: of.clone(),
        member_id: side.recall(&member),
        generation_id: 1,
        ..SyncGroupRequest::default()
    });
    told(both, "stable");
    txn.end(both, true);
    group(both, &format!("{id}, ended"), &of, READ, &[0, 1]);
    modern_members(both, style);
    fixed_members(both, style);
}

/// Who takes the name of a static member in vain.
fn fixed_members(both: &mut Both, style: Style) {
    let versions = if style == Style::Old { 3..=4 } else { 5..=6 };
    let id = format!("of static members {style:?}");
    let mut txn = Txn::new(&id, style, TOPIC, 0);
    txn.prepare(both, State::New);
    let of = txn.group();
    let member = format!("static member of {of}");
    let instance = || Some("i".to_owned());
    let join = |_: &mut Side, _: i16| JoinGroupRequest {
        group_id: of.clone(),
        group_instance_id: instance(),
        ..groups::join("consumer")
    };
    let learn = |answer: &JoinGroupResponse| Some((member.clone(), answer.member_id.clone()));
    both.once_learn(&id, 5, join, groups::settle_join, learn);
    both.once(&format!("{id}, sync"), 3, |side, _| SyncGroupRequest {
        group_id: of.clone(),
        member_id: side.recall(&member),
        group_instance_id: instance(),
        generation_id: 1,
        ..SyncGroupRequest::default()
    });
    txn.commit_offsets(both);
    for who in ["x", "", &*member] {
        for version in versions.clone() {
            let build = |side: &mut Side, _: i16| {
                let producer = side.producer(&id);
                let mut request = commit_offsets(side, &id, producer, &of, &[(READ, &[0])]);
                request.member_id = side.recall(who);
                request.group_instance_id = instance();
                request.generation_id_or_member_epoch = 1;
                request
            };
            both.once_then(&format!("{id}, {who:?}"), version, build, settle_committed);
        }
    }
    txn.end(both, true);
}

fn modern_members(both: &mut Both, style: Style) {
    let versions = if style == Style::Old { 3..=4 } else { 5..=6 };
    let id = format!("of newer members {style:?}");
    let mut txn = Txn::new(&id, style, TOPIC, 0);
    txn.prepare(both, State::New);
    let of = txn.group();
    for epoch in [0, 1] {
        let build = |_: &mut Side, _| ConsumerGroupHeartbeatRequest {
            group_id: of.clone(),
            member_id: "newer".to_owned(),
            member_epoch: epoch,
            rebalance_timeout_ms: if epoch == 0 { 60_000 } else { -1 },
            subscribed_topic_names: (epoch == 0).then(|| vec![READ.to_owned()]),
            topic_partitions: (epoch == 0).then(Vec::new),
            ..ConsumerGroupHeartbeatRequest::default()
        };
        both.once_then(&id, 1, build, |answer| answer.assignment = None);
    }
    for (who, epoch) in [
        ("newer", 1),
        ("newer", 0),
        ("newer", 2),
        ("newer", -1),
        ("a stranger", 1),
        ("", -1),
        ("", 1),
    ] {
        for version in versions.clone() {
            let build = |side: &mut Side, _: i16| {
                let producer = side.producer(&id);
                let mut request = commit_offsets(side, &id, producer, &of, &[(READ, &[0])]);
                request.member_id = who.to_owned();
                request.generation_id_or_member_epoch = epoch;
                request
            };
            let what = format!("{id}, {who} in {epoch}");
            both.once_then(&what, version, build, settle_committed);
        }
    }
    group(both, &id, &of, READ, &[0]);
    describe(both, &id, &[&id]);
    txn.init(both, LONG);
    group(both, &format!("{id}, ended"), &of, READ, &[0]);
}

/// Records of an open transaction, and of one before it, are deleted.
fn deleted_records(both: &mut Both, style: Style) {
    let place = if style == Style::Old { 1 } else { 2 };
    let id = format!("deleted records {style:?}");
    let mut txn = Txn::new(&id, style, TOPIC, place);
    txn.prepare(both, State::Aborted);
    txn.write(both);
    for offset in [1, 2, 4, -1] {
        let what = format!("{id}, up to {offset}");
        both.once(&what, 2, |_, _| DeleteRecordsRequest {
            topics: vec![DeleteRecordsTopic {
                name: TOPIC.to_owned(),
                partitions: vec![DeleteRecordsPartition {
                    partition_index: place,
                    offset,
                    ..DeleteRecordsPartition::default()
                }],
                ..DeleteRecordsTopic::default()
            }],
            timeout_ms: 10_000,
            ..DeleteRecordsRequest::default()
        });
        partition(both, &what, TOPIC, place);
    }
    txn.write(both);
    partition(both, &format!("{id}, written on"), TOPIC, place);
    txn.end(both, false);
    partition(both, &format!("{id}, ended"), TOPIC, place);
}

/// A topic goes, with a transaction open in it.
fn deleted_topic(both: &mut Both, style: Style) {
    for committed in [true, false] {
        let id = format!("deleted-topic-{style:?}-{committed}");
        topics(both, &[&id], 2);
        let mut txn = Txn::new(&id, style, &id, 0);
        txn.prepare(both, State::Open);
        let mut other = txn.clone();
        other.topic = TOPIC.to_owned();
        (other.partition, other.sequence) = (3, 0);
        other.write(both);
        both.once(&id, 6, |_, _| DeleteTopicsRequest {
            topics: vec![DeleteTopicState {
                name: Some(id.clone()),
                ..DeleteTopicState::default()
            }],
            timeout_ms: 10_000,
            ..DeleteTopicsRequest::default()
        });
        both.forget(&id);
        describe(both, &format!("{id}, deleted"), &[&id]);
        txn.end(both, committed);
        settle(both, &id);
        describe(both, &format!("{id}, ended"), &[&id]);
        partition(both, &id, TOPIC, 3);
        // One of the same name is another.
        topics(both, &[&id], 2);
        let mut again = Txn::new(&id, style, &id, 0);
        again.prepare(both, State::Open);
        again.end(both, true);
        partition(both, &format!("{id}, again"), &id, 0);
    }
}
