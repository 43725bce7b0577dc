//! Offsets of a coordinator with a log and a clock.

use std::sync::Arc;

use ottla_machine::Machine;
use ottla_wire::{
    Uuid,
    errors::Code,
    messages::{
        ListGroupsRequest, OffsetCommitRequest, OffsetDeleteRequest,
        offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic},
        offset_delete_request::{OffsetDeleteRequestPartition, OffsetDeleteRequestTopic},
        offset_fetch_request::{OffsetFetchRequestGroup, OffsetFetchRequestTopics},
    },
};

use crate::group::{
    DeletedTopic, Entry, FetchOffsets, GroupCoordinator, Input, MetadataChange, Producer, Record,
    Reply,
    testing::{World, caller},
};

const TOPIC: Uuid = Uuid::from_u128(77);
const MINUTE: u64 = 60_000;
const WEEK: u64 = 7 * 24 * 60 * MINUTE;

fn commit(group: &str, topic: &str, offsets: &[(i32, i64)]) -> OffsetCommitRequest {
    let partition = |&(partition_index, committed_offset): &(i32, i64)| {
        let committed_leader_epoch = 4;
        OffsetCommitRequestPartition {
            partition_index,
            committed_offset,
            committed_leader_epoch,
            committed_metadata: None,
            ..OffsetCommitRequestPartition::default()
        }
    };
    OffsetCommitRequest {
        group_id: group.to_owned(),
        topics: vec![OffsetCommitRequestTopic {
            name: topic.to_owned(),
            topic_id: TOPIC,
            partitions: offsets.iter().map(partition).collect(),
            ..OffsetCommitRequestTopic::default()
        }],
        ..OffsetCommitRequest::default()
    }
}

fn committed(world: &mut World, version: i16, request: OffsetCommitRequest) -> Vec<Code> {
    let reply = world.reply(Input::OffsetCommit(caller("c", version), request));
    let Reply::OffsetCommit(answer) = reply else {
        panic!("{reply:?}");
    };
    let topics = answer.topics.into_iter();
    let partitions = topics.flat_map(|topic| topic.partitions);
    partitions.map(|of| Code(of.error_code)).collect()
}

/// Commits what must be taken.
fn commits(world: &mut World, group: &str, topic: &str, offsets: &[(i32, i64)]) {
    let codes = committed(world, 9, commit(group, topic, offsets));
    assert!(codes.iter().all(|code| *code == Code::NONE), "{codes:?}");
}

fn fetch_of(group: &str, topics: Option<&[(&str, Uuid, &[i32])]>) -> OffsetFetchRequestGroup {
    let topic = |&(name, topic_id, indexes): &(&str, Uuid, &[i32])| OffsetFetchRequestTopics {
        name: name.to_owned(),
        topic_id,
        partition_indexes: indexes.to_vec(),
        ..OffsetFetchRequestTopics::default()
    };
    OffsetFetchRequestGroup {
        group_id: group.to_owned(),
        topics: topics.map(|topics| topics.iter().map(topic).collect()),
        ..OffsetFetchRequestGroup::default()
    }
}

/// Topic, partition, offset, error.
type Fetched = Vec<(String, i32, i64, Code)>;

fn fetched(world: &mut World, group: OffsetFetchRequestGroup, require_stable: bool) -> Fetched {
    let input = FetchOffsets {
        group,
        require_stable,
    };
    let reply = world.reply(Input::OffsetFetch(caller("c", 9), input));
    let Reply::OffsetFetch(answer) = reply else {
        panic!("{reply:?}");
    };
    assert_eq!(answer.error_code, 0);
    let topics = answer.topics.into_iter().flat_map(|topic| {
        let partitions = topic.partitions.into_iter();
        partitions.map(move |of| {
            let code = Code(of.error_code);
            (
                topic.name.clone(),
                of.partition_index,
                of.committed_offset,
                code,
            )
        })
    });
    topics.collect()
}

fn all(world: &mut World, group: &str) -> Fetched {
    fetched(world, fetch_of(group, None), false)
}

fn one(topic: &str, partition: i32, offset: i64) -> (String, i32, i64, Code) {
    (topic.to_owned(), partition, offset, Code::NONE)
}

fn groups(world: &mut World) -> Vec<String> {
    let reply = world.reply(Input::ListGroups(
        caller("c", 5),
        ListGroupsRequest::default(),
    ));
    let Reply::ListGroups(groups) = reply else {
        panic!("{reply:?}");
    };
    groups.into_iter().map(|group| group.group_id).collect()
}

#[test]
fn an_offset_that_is_committed_is_read() {
    let mut world = World::new();
    commits(&mut world, "g", "t", &[(0, 5), (3, 7)]);
    assert_eq!(groups(&mut world), ["g"]);
    for reloaded in [false, true] {
        if reloaded {
            world.reload();
        }
        assert_eq!(all(&mut world, "g"), [one("t", 0, 5), one("t", 3, 7)]);
        let asked = [("t", TOPIC, &[3, 4][..]), ("u", TOPIC, &[0])];
        assert_eq!(
            fetched(&mut world, fetch_of("g", Some(&asked)), true),
            [one("t", 3, 7), one("t", 4, -1), one("u", 0, -1)]
        );
    }
    // A topic of this name with another id was never read.
    let other = [("t", Uuid::from_u128(78), &[0][..])];
    let of = fetch_of("g", Some(&other));
    assert_eq!(fetched(&mut world, of, false), [one("t", 0, -1)]);
    assert_eq!(all(&mut world, "nobody"), []);
    let of = fetch_of("nobody", Some(&[("t", TOPIC, &[0][..])]));
    assert_eq!(fetched(&mut world, of, true), [one("t", 0, -1)]);
}

#[test]
fn who_claims_a_generation_of_a_group_that_is_not_there_is_refused() {
    let mut world = World::new();
    for (version, code) in [(8, Code::ILLEGAL_GENERATION), (9, Code::GROUP_ID_NOT_FOUND)] {
        let request = OffsetCommitRequest {
            generation_id_or_member_epoch: 1,
            member_id: "m".to_owned(),
            ..commit("g", "t", &[(0, 1), (1, 1)])
        };
        assert_eq!(committed(&mut world, version, request), [code, code]);
    }
    assert!(groups(&mut world).is_empty() && world.log.is_empty());
}

#[test]
fn metadata_has_a_limit() {
    let mut world = World::new();
    let mut request = commit("g", "t", &[(0, 1), (1, 1), (2, 1)]);
    let partitions = &mut request.topics[0].partitions;
    // In UTF-16 units: what looks longer in bytes may fit.
    for (at, metadata) in ["ü".repeat(4096), "x".repeat(4096), "x".repeat(4097)]
        .into_iter()
        .enumerate()
    {
        partitions[at].committed_metadata = Some(metadata);
    }
    assert_eq!(
        committed(&mut world, 9, request),
        [Code::NONE, Code::NONE, Code::OFFSET_METADATA_TOO_LARGE]
    );
    assert_eq!(all(&mut world, "g"), [one("t", 0, 1), one("t", 1, 1)]);
}

#[test]
fn an_append_that_fails_changes_nothing() {
    let mut world = World::new();
    world.append_fails = true;
    let input = Input::OffsetCommit(caller("c", 9), commit("g", "t", &[(0, 1)]));
    let (ticket, entries) = world.ask(input);
    assert!(entries.is_empty() && world.failed.contains(&ticket));
    assert!(groups(&mut world).is_empty());
}

#[test]
fn offsets_are_deleted_on_request_and_with_their_group() {
    let mut world = World::new();
    commits(&mut world, "g", "t", &[(0, 5), (1, 5)]);
    let delete = |group: &str, partitions: &[i32]| {
        let partition = |&partition_index: &i32| OffsetDeleteRequestPartition { partition_index };
        let request = OffsetDeleteRequest {
            group_id: group.to_owned(),
            topics: vec![OffsetDeleteRequestTopic {
                name: "t".to_owned(),
                partitions: partitions.iter().map(partition).collect(),
            }],
        };
        Input::OffsetDelete(caller("c", 0), request)
    };
    let Reply::OffsetDelete(answer) = world.reply(delete("h", &[0])) else {
        panic!();
    };
    assert_eq!(Code(answer.error_code), Code::GROUP_ID_NOT_FOUND);
    let (_, entries) = world.ask(delete("g", &[0, 9]));
    assert_eq!(entries, [super::tombstone("g", "t", 0)]);
    assert_eq!(all(&mut world, "g"), [one("t", 1, 5)]);
    let ids = ["g", "h"].map(str::to_owned).to_vec();
    let (ticket, entries) = world.ask(Input::DeleteGroups(caller("c", 2), ids));
    assert_eq!(entries[0], super::tombstone("g", "t", 1));
    assert!(matches!(&entries[1..], [Entry::GroupMetadata(_, None)]));
    let Some(Reply::DeleteGroups(results)) = world.answer(ticket) else {
        panic!();
    };
    let codes: Vec<_> = results.iter().map(|of| Code(of.error_code)).collect();
    assert_eq!(codes, [Code::NONE, Code::GROUP_ID_NOT_FOUND]);
    assert!(groups(&mut world).is_empty() && world.machine.durable().is_empty());
}

#[test]
fn what_nobody_needs_expires() {
    let mut world = World::new();
    commits(&mut world, "old", "t", &[(0, 5)]);
    commits(&mut world, "both", "t", &[(0, 5)]);
    world.pass(WEEK - 30 * MINUTE);
    commits(&mut world, "both", "t", &[(1, 6)]);
    assert_eq!(groups(&mut world), ["both", "old"]);
    let entries = world.pass(40 * MINUTE);
    assert_eq!(entries.len(), 3, "{entries:?}");
    assert_eq!(groups(&mut world), ["both"]);
    assert_eq!(all(&mut world, "both"), [one("t", 1, 6)]);
    world.pass(WEEK);
    assert!(world.machine.durable().is_empty());
}

#[test]
fn an_offset_may_say_when_it_expires() {
    let mut world = World::new();
    let request = OffsetCommitRequest {
        retention_time_ms: 60 * MINUTE as i64,
        ..commit("g", "t", &[(0, 5)])
    };
    assert_eq!(committed(&mut world, 4, request), [Code::NONE]);
    world.pass(50 * MINUTE);
    assert_eq!(all(&mut world, "g"), [one("t", 0, 5)]);
    world.pass(20 * MINUTE);
    assert!(world.machine.durable().is_empty());
}

#[test]
fn much_expires_in_slices() {
    let mut world = World::new();
    let partitions: Vec<_> = (0..super::AT_ONCE as i32).map(|at| (at, 1)).collect();
    for group in ["a", "b", "c"] {
        commits(&mut world, group, "t", &partitions);
    }
    world.now = world.now.after(WEEK + MINUTE);
    let mut sizes = Vec::new();
    while !world.machine.durable().is_empty() {
        world.now = world.now.max(world.machine.wake_at().expect("more is due"));
        sizes.push(world.decide(GroupCoordinator::wake).len());
    }
    assert_eq!(sizes.iter().sum::<usize>(), 3 * (super::AT_ONCE + 1));
    let most = super::AT_ONCE + 1;
    assert!(
        sizes.len() >= 3 && sizes.iter().all(|size| *size <= most),
        "{sizes:?}"
    );
}

#[test]
fn expiry_that_cannot_be_written_waits_for_the_next_time() {
    let mut world = World::new();
    let partitions: Vec<_> = (0..super::AT_ONCE as i32 + 1).map(|at| (at, 1)).collect();
    commits(&mut world, "g", "t", &partitions);
    world.append_fails = true;
    world.now = world.now.after(WEEK + MINUTE);
    for _ in 0..3 {
        let before = world.now;
        world.decide(GroupCoordinator::wake);
        world.now = world.machine.wake_at().expect("a next time");
        // A slice that was cut short goes on soon, finds that it failed, and gives up.
        if world.now.0 - before.0 <= super::PAUSE_MS {
            world.decide(GroupCoordinator::wake);
            world.now = world.machine.wake_at().expect("a next time");
        }
        assert!(world.now.0 - before.0 >= 10 * MINUTE);
    }
    world.append_fails = false;
    world.pass(MINUTE);
    assert!(world.machine.durable().is_empty());
}

fn deleted(name: &str, id: Uuid, image: &Arc<ottla_metadata::Image>) -> Input {
    Input::Metadata(MetadataChange {
        image: image.clone(),
        version: 1,
        changed_topics: vec![name.into()],
        deleted_topics: vec![DeletedTopic {
            name: name.into(),
            id,
        }],
    })
}

#[test]
fn offsets_go_with_their_topic() {
    let mut world = World::new();
    commits(&mut world, "g", "t", &[(0, 5), (1, 6)]);
    commits(&mut world, "g", "u", &[(0, 5)]);
    commits(&mut world, "h", "t", &[(0, 5)]);
    let image = world.image.clone();
    let entries = world.tell(deleted("t", Uuid::from_u128(1), &image));
    assert_eq!(entries, [], "of another topic of this name");
    assert_eq!(world.tell(deleted("none", TOPIC, &image)), []);
    assert_eq!(world.tell(deleted("t", TOPIC, &image)).len(), 3);
    assert_eq!(all(&mut world, "g"), [one("u", 0, 5)]);
    assert_eq!(all(&mut world, "h"), []);
}

fn transactional(group: &str, producer: i64, partition: i32, offset: i64) -> Input {
    let request = OffsetCommitRequest {
        group_id: group.to_owned(),
        topics: vec![OffsetCommitRequestTopic {
            name: "t".to_owned(),
            topic_id: TOPIC,
            partitions: vec![OffsetCommitRequestPartition {
                partition_index: partition,
                committed_offset: offset,
                ..OffsetCommitRequestPartition::default()
            }],
            ..OffsetCommitRequestTopic::default()
        }],
        ..OffsetCommitRequest::default()
    };
    let producer = Producer {
        id: producer,
        epoch: 2,
    };
    Input::TxnOffsetCommit(caller("c", 5), producer, request)
}

fn end(producer: i64, committed: bool) -> Record {
    Record {
        producer: Some(Producer {
            id: producer,
            epoch: 2,
        }),
        entry: Entry::EndTransaction { committed },
    }
}

#[test]
fn an_offset_of_a_transaction_counts_when_that_is_committed() {
    let mut world = World::new();
    commits(&mut world, "g", "t", &[(0, 5)]);
    world.reply(transactional("g", 1, 0, 10));
    world.reply(transactional("g", 2, 1, 20));
    world.reload();
    let ask = || fetch_of("g", Some(&[("t", TOPIC, &[0, 1, 2][..])]));
    let unstable = |at| ("t".to_owned(), at, -1, Code::UNSTABLE_OFFSET_COMMIT);
    assert_eq!(
        fetched(&mut world, ask(), true),
        [unstable(0), unstable(1), one("t", 2, -1)]
    );
    assert_eq!(
        fetched(&mut world, ask(), false),
        [one("t", 0, 5), one("t", 1, -1), one("t", 2, -1)]
    );
    world.append(vec![end(1, true), end(2, false), end(3, true)]);
    world.reload();
    assert_eq!(
        fetched(&mut world, ask(), true),
        [one("t", 0, 10), one("t", 1, -1), one("t", 2, -1)]
    );
}

#[test]
fn what_was_committed_after_it_is_younger_than_a_transaction() {
    let mut world = World::new();
    world.reply(transactional("g", 1, 0, 10));
    commits(&mut world, "g", "t", &[(0, 5)]);
    world.append(vec![end(1, true)]);
    assert_eq!(all(&mut world, "g"), [one("t", 0, 5)]);
    world.reload();
    assert_eq!(all(&mut world, "g"), [one("t", 0, 5)]);
}

#[test]
fn open_transactions_keep_a_group_until_its_offsets_are_deleted() {
    let mut world = World::new();
    world.reply(transactional("g", 1, 0, 10));
    world.pass(2 * WEEK);
    assert_eq!(groups(&mut world), ["g"]);
    let ids = vec!["g".to_owned()];
    let (_, entries) = world.ask(Input::DeleteGroups(caller("c", 2), ids));
    assert_eq!(entries[0], super::tombstone("g", "t", 0));
    world.append(vec![end(1, true)]);
    assert!(world.machine.durable().is_empty());
}

#[test]
fn groups_are_listed_by_state_and_type() {
    let mut world = World::new();
    commits(&mut world, "g", "t", &[(0, 5)]);
    let text = |list: &[&str]| list.iter().map(|&of| of.to_owned()).collect::<Vec<_>>();
    for (states, types, is_listed) in [
        (&[][..], &[][..], true),
        (&[" eMPTY "], &[], true),
        (&["Stable"], &[], false),
        (&["Stable", "Empty"], &["CLASSIC"], true),
        (&[""], &[], false),
        (&[], &["consumer"], false),
        (&[], &["nonsense"], false),
        (&[], &[" classic"], false),
        (&[], &["consumer", "Classic"], true),
    ] {
        let request = ListGroupsRequest {
            states_filter: text(states),
            types_filter: text(types),
            ..ListGroupsRequest::default()
        };
        let Reply::ListGroups(listed) = world.reply(Input::ListGroups(caller("c", 5), request))
        else {
            panic!();
        };
        assert_eq!(listed.len() == 1, is_listed, "{states:?} {types:?}");
    }
}

#[test]
fn a_group_that_is_not_there_is_described() {
    let mut world = World::new();
    for (version, code) in [(5, Code::NONE), (6, Code::GROUP_ID_NOT_FOUND)] {
        let input = Input::DescribeGroups(caller("c", version), vec!["g".to_owned()]);
        let Reply::DescribeGroups(groups) = world.reply(input) else {
            panic!();
        };
        let group = &groups[0];
        assert_eq!(
            (&*group.group_state, Code(group.error_code)),
            ("Dead", code)
        );
        assert_eq!(group.error_message.is_some(), version >= 6);
    }
    commits(&mut world, "g", "t", &[(0, 5)]);
    let input = Input::ConsumerGroupDescribe(caller("c", 0), vec!["g".to_owned()]);
    let Reply::ConsumerGroupDescribe(groups) = world.reply(input) else {
        panic!();
    };
    assert_eq!(Code(groups[0].error_code), Code::GROUP_ID_NOT_FOUND);
    assert!(
        groups[0]
            .error_message
            .as_ref()
            .unwrap()
            .contains("classic")
    );
}
