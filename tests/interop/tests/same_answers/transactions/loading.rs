//! Coordinators with logs so long that everything can be asked while they are read.
//!
//! Apache Kafka and ottla serve the same directory in turn. The logs of both coordinators are short batches of the same
//! records over and over, so that reading them takes a processor long, and little disk.

use std::{fs, path::Path, process::Command, time::Duration};

use bytes::Bytes;
use ottla_interop::{
    offsets,
    oracle::{output, wait_until},
    server::{Kind, Node},
};
use ottla_wire::{
    Request, apis,
    messages::{
        ConsumerGroupDescribeRequest, ConsumerGroupHeartbeatRequest, DeleteGroupsRequest,
        DescribeGroupsRequest, FindCoordinatorRequest, HeartbeatRequest, JoinGroupRequest,
        LeaveGroupRequest, ListGroupsRequest, ListTransactionsRequest, OffsetDeleteRequest,
        OffsetFetchRequest, SyncGroupRequest, leave_group_request::MemberIdentity,
        offset_delete_request as delete, offset_fetch_request as fetch,
    },
    records::{BatchBuilder, Batches, Codec, DECOMPRESSED_LIMIT, scan::records},
};

use super::{
    asks::{
        add, add_offsets, batch, commit_offsets, end, init, marker, markers, produce, settle_added,
        settle_committed, settle_described, settle_listed, settle_markers, settle_produced,
    },
    looks::describing,
    states::{LONG, READ},
};
use crate::{
    both::{Both, Producer, Side},
    groups,
};

const SETTINGS: &[&str] = &[
    "offsets.topic.num.partitions=1",
    "transaction.state.log.num.partitions=1",
    "group.initial.rebalance.delay.ms=0",
    "log.cleaner.enable=false",
    "log.retention.ms=-1",
    "auto.leader.rebalance.enable=false",
    "log.initial.task.delay.ms=3600000",
];
const LIMIT: Duration = Duration::from_secs(120);

/// Of each batch: as many as a decompressor handles with ease.
const RECORDS: usize = 20_000;
/// Batches of each log, at the first attempt. Each further one has twice as many.
const BATCHES: usize = 150;
const ATTEMPTS: u32 = 5;

const LOADING: i16 = 14;
const NOT_ELECTED: [i16; 2] = [15, 16];
const GROUP: &str = "a group";
const ID: &str = "an id";
const NOBODY: Producer = (987_654, 0);

/// A request.
struct Said {
    name: &'static str,
    /// Which of its versions, and when.
    what: String,
    sent: Bytes,
    answer: String,
}

/// Compares what both answer while their coordinators load, and afterwards.
///
/// # Panics
/// If the answers differ, or a coordinator has always loaded before all was asked.
pub(crate) fn compare(test: &str) {
    let dir = tempfile::tempdir().expect("temporary folder");
    let node = Node::new(&dir.path().join("node"), SETTINGS);
    let kept = dir.path().join("kept");
    prepare(&node);
    fs::rename(node.data(), &kept).expect("the directory is kept");
    let mut both = Both::new(&node, &node, test);
    let [kafka, ours] = both.sides();
    let kafka = answers(&node, &kept, Kind::Kafka, kafka);
    let ours = answers(&node, &kept, Kind::under_test(), ours);
    assert_eq!(kafka.len(), ours.len(), "both were asked the same");
    for (kafka, ours) in kafka.into_iter().zip(ours) {
        assert_eq!(kafka.what, ours.what, "both were asked the same");
        let (sent, said) = ([kafka.sent, ours.sent], [kafka.answer, ours.answer]);
        both.compare_sent(kafka.name, &kafka.what, &sent, &said);
    }
    let report = both.report(test);
    assert!(report.is_empty(), "{report}");
}

/// A group that has an offset, and a transactional id that has a producer.
fn prepare(node: &Node) {
    let server = node.start(Kind::under_test());
    let mut both = Both::new(node, node, "");
    offsets::create_topic(&mut both.sides()[0].connection, READ, 1);
    groups::coordinators(&mut both);
    super::coordinators(&mut both);
    let side = &mut both.sides()[0];
    let commit = groups::simple_commit(side, GROUP, &[(READ, &[0])]);
    let (_, code) = side.connection.ask_settled(8, &commit, |answer| {
        let partitions = answer.topics.iter().flat_map(|topic| &topic.partitions);
        partitions.map(|partition| partition.error_code).collect()
    });
    assert_eq!(code, 0, "an offset");
    let init = init(Some(ID), LONG, (-1, -1));
    let (_, code) = side
        .connection
        .ask_settled(4, &init, |answer| vec![answer.error_code]);
    assert_eq!(code, 0, "a producer");
    server.stop();
}

/// What a server says while both of its coordinators load, and when they have loaded.
fn answers(node: &Node, kept: &Path, kind: Kind, side: &mut Side) -> Vec<Said> {
    for attempt in 0..ATTEMPTS {
        let batches = BATCHES << attempt;
        let _ = fs::remove_dir_all(node.data());
        output(Command::new("cp").arg("-a").arg(kept).arg(node.data()))
            .unwrap_or_else(|why| panic!("{why}"));
        for topic in ["__consumer_offsets-0", "__transaction_state-0"] {
            lengthen(&node.data().join(topic), batches);
        }
        let server = node.start(kind);
        side.connection = side.connection.another();
        let said = while_loading(side).map(|mut said| {
            let loaded = wait_until(LIMIT, || !states(side).contains(&LOADING));
            assert!(loaded, "{kind:?}: coordinators load for ever");
            said.extend(all(side, "loaded"));
            said
        });
        server.kill();
        if let Some(said) = said {
            return said;
        }
    }
    panic!("{kind:?} reads the logs of its coordinators before all is asked");
}

/// Adds a log's last record to it again and again.
fn lengthen(log: &Path, batches: usize) {
    let segment = log.join("00000000000000000000.log");
    let mut bytes = fs::read(&segment).expect("a segment");
    let last = Batches::new(Bytes::from(bytes.clone())).last();
    let (head, last) = last.expect("a batch").expect("a whole batch");
    let record = records(&last, DECOMPRESSED_LIMIT).expect("records").last();
    let record = record.expect("a record").expect("a whole record");
    let mut builder = BatchBuilder::new(Codec::Lz4).leader_epoch(head.leader_epoch);
    for _ in 0..RECORDS {
        let (key, value) = (record.key.as_deref(), record.value.as_deref());
        builder
            .append(head.max_timestamp, key, value, &[])
            .expect("a record");
    }
    let again = builder.build().expect("a batch").to_bytes();
    for number in 0..batches {
        let offset = head.next_offset() + (number * RECORDS) as i64;
        // Not covered by the checksum.
        bytes.extend(offset.to_be_bytes());
        bytes.extend(&again[8..]);
    }
    fs::write(&segment, bytes).expect("a longer segment");
    for index in ["index", "timeindex"] {
        let _ = fs::remove_file(segment.with_extension(index));
    }
}

/// What the group's coordinator says of it, and the transactional id's of that.
fn states(side: &mut Side) -> [i16; 2] {
    let groups = DescribeGroupsRequest {
        groups: vec![GROUP.to_owned()],
        ..DescribeGroupsRequest::default()
    };
    let group = side.connection.ask(5, &groups);
    let transaction = side.connection.ask(0, &describing(&[ID]));
    [
        group.map_or(NOT_ELECTED[0], |answer| answer.groups[0].error_code),
        transaction.map_or(NOT_ELECTED[0], |answer| {
            answer.transaction_states[0].error_code
        }),
    ]
}

/// Asks everything; `None` if one of the coordinators had loaded before that was done.
fn while_loading(side: &mut Side) -> Option<Vec<Said>> {
    let mut now = states(side);
    let elected = wait_until(LIMIT, || {
        now = states(side);
        !now.iter().any(|code| NOT_ELECTED.contains(code))
    });
    assert!(
        elected,
        "{:?} coordinates nothing: {now:?}",
        side.connection
    );
    // A coordinator that has loaded does not load again, so what comes before was answered by one that loads.
    let loads = |now: [i16; 2]| now == [LOADING; 2];
    let said = loads(now).then(|| all(side, "loading"))?;
    loads(states(side)).then_some(said)
}

struct Asked<'a> {
    side: &'a mut Side,
    when: &'static str,
    said: Vec<Said>,
}

impl Asked<'_> {
    /// Asks in every version that has a place for the request.
    fn each<R: Request>(
        &mut self,
        build: impl Fn(&mut Side, i16) -> R,
        settle: impl Fn(&mut R::Response),
    ) {
        let api = apis::api(R::KEY).expect("a row");
        for version in api.first..=api.latest(false) {
            let request = build(self.side, version);
            if let Some(answer) = self.side.said(version, &request, &settle) {
                self.said.push(Said {
                    name: R::NAME,
                    what: format!("v{version}, {}", self.when),
                    sent: self.side.connection.sent().clone(),
                    answer,
                });
            }
        }
    }
}

fn all(side: &mut Side, when: &'static str) -> Vec<Said> {
    let mut asked = Asked {
        side,
        when,
        said: Vec::new(),
    };
    of_members(&mut asked);
    of_groups(&mut asked);
    of_offsets(&mut asked);
    of_transactions(&mut asked);
    of_partitions(&mut asked);
    asked.said
}

fn group() -> String {
    GROUP.to_owned()
}

fn of_members(asked: &mut Asked<'_>) {
    let member = || "a stranger".to_owned();
    asked.each(
        |_, _| JoinGroupRequest {
            group_id: group(),
            member_id: member(),
            ..groups::join("consumer")
        },
        groups::settle_join,
    );
    asked.each(
        |_, _| SyncGroupRequest {
            group_id: group(),
            member_id: member(),
            generation_id: 1,
            protocol_type: Some("consumer".to_owned()),
            protocol_name: Some("range".to_owned()),
            ..SyncGroupRequest::default()
        },
        |_| {},
    );
    asked.each(
        |_, _| HeartbeatRequest {
            group_id: group(),
            member_id: member(),
            generation_id: 1,
            ..HeartbeatRequest::default()
        },
        |_| {},
    );
    asked.each(
        |_, version| LeaveGroupRequest {
            group_id: group(),
            member_id: if version < 3 { member() } else { String::new() },
            members: match version {
                ..3 => vec![],
                _ => vec![MemberIdentity {
                    member_id: member(),
                    ..MemberIdentity::default()
                }],
            },
            ..LeaveGroupRequest::default()
        },
        |_| {},
    );
    asked.each(
        |_, _| ConsumerGroupHeartbeatRequest {
            group_id: "a newer group".to_owned(),
            member_id: member(),
            member_epoch: 1,
            ..ConsumerGroupHeartbeatRequest::default()
        },
        |_| {},
    );
}

fn of_groups(asked: &mut Asked<'_>) {
    let names = || vec![group(), "nobody".to_owned()];
    asked.each(
        |_, version| FindCoordinatorRequest {
            key: if version < 4 { group() } else { String::new() },
            coordinator_keys: if version < 4 { vec![] } else { names() },
            ..FindCoordinatorRequest::default()
        },
        |answer| answer.coordinators.sort_by(|a, b| a.key.cmp(&b.key)),
    );
    asked.each(
        |_, _| DescribeGroupsRequest {
            groups: names(),
            ..DescribeGroupsRequest::default()
        },
        |answer| answer.groups.sort_by(|a, b| a.group_id.cmp(&b.group_id)),
    );
    asked.each(
        |_, _| ConsumerGroupDescribeRequest {
            group_ids: names(),
            ..ConsumerGroupDescribeRequest::default()
        },
        |answer| answer.groups.sort_by(|a, b| a.group_id.cmp(&b.group_id)),
    );
    asked.each(
        |_, _| ListGroupsRequest::default(),
        |answer| answer.groups.sort_by(|a, b| a.group_id.cmp(&b.group_id)),
    );
    asked.each(
        |_, _| DeleteGroupsRequest {
            groups_names: vec!["nobody".to_owned(), "nobody else".to_owned()],
            ..DeleteGroupsRequest::default()
        },
        |answer| answer.results.sort_by(|a, b| a.group_id.cmp(&b.group_id)),
    );
}

fn of_offsets(asked: &mut Asked<'_>) {
    asked.each(
        |side, _| groups::simple_commit(side, GROUP, &[(READ, &[0])]),
        |_| {},
    );
    asked.each(
        |side, version| match version {
            ..8 => OffsetFetchRequest {
                group_id: group(),
                topics: Some(vec![fetch::OffsetFetchRequestTopic {
                    name: READ.to_owned(),
                    partition_indexes: vec![0],
                    ..fetch::OffsetFetchRequestTopic::default()
                }]),
                ..OffsetFetchRequest::default()
            },
            _ => OffsetFetchRequest {
                groups: [GROUP, "nobody"]
                    .map(|of| fetch::OffsetFetchRequestGroup {
                        group_id: of.to_owned(),
                        topics: Some(vec![fetch::OffsetFetchRequestTopics {
                            name: READ.to_owned(),
                            topic_id: side.id(READ),
                            partition_indexes: vec![0],
                            ..fetch::OffsetFetchRequestTopics::default()
                        }]),
                        ..fetch::OffsetFetchRequestGroup::default()
                    })
                    .into(),
                ..OffsetFetchRequest::default()
            },
        },
        |answer| answer.groups.sort_by(|a, b| a.group_id.cmp(&b.group_id)),
    );
    asked.each(
        |_, _| OffsetDeleteRequest {
            group_id: group(),
            topics: vec![delete::OffsetDeleteRequestTopic {
                name: READ.to_owned(),
                partitions: vec![delete::OffsetDeleteRequestPartition { partition_index: 0 }],
            }],
        },
        |_| {},
    );
}

fn of_transactions(asked: &mut Asked<'_>) {
    asked.each(
        |_, version| FindCoordinatorRequest {
            key: if version < 4 {
                ID.to_owned()
            } else {
                String::new()
            },
            key_type: i8::from(version > 0),
            coordinator_keys: if version < 4 {
                vec![]
            } else {
                vec![ID.to_owned()]
            },
            ..FindCoordinatorRequest::default()
        },
        |_| {},
    );
    asked.each(|_, _| describing(&[ID, "nobody"]), settle_described);
    asked.each(|_, _| ListTransactionsRequest::default(), settle_listed);
    asked.each(
        |_, version| add(version, ID, NOBODY, &[(READ, &[0])]),
        settle_added,
    );
    asked.each(|_, _| add_offsets(ID, NOBODY, GROUP), |_| {});
    asked.each(
        |side, _| commit_offsets(side, ID, NOBODY, GROUP, &[(READ, &[0])]),
        settle_committed,
    );
    asked.each(|_, _| end(ID, NOBODY, true), |_| {});
    asked.each(|_, _| init(Some(ID), LONG, (-1, -1)), |_| {});
}

/// What partitions ask coordinators about.
fn of_partitions(asked: &mut Asked<'_>) {
    asked.each(
        |side, _| produce(side, Some(ID), &[(READ, 0, batch(NOBODY, 0, true))]),
        settle_produced,
    );
    let places: [(&str, &[i32]); 2] = [("__consumer_offsets", &[0]), (READ, &[0])];
    asked.each(
        |_, _| markers(vec![marker(NOBODY, true, 0, &places)]),
        settle_markers,
    );
}
