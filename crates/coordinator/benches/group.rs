//! How long the group coordinator takes to decide and to replay. `cargo bench -p ottla-coordinator --bench group -- --quick`.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use criterion::{BatchSize, Criterion, Throughput};
use ottla_config::{BrokerConfig, zero_configuration};
use ottla_coordinator::group::{Caller, Entry, GroupCoordinator, Input, Record, Reply, Settings};
use ottla_machine::{Entropy, Machine, Moment, Out, Ticket, Time};
use ottla_metadata::Image;
use ottla_wire::{
    errors::Code,
    messages::{
        ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, HeartbeatRequest,
        JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest, OffsetCommitKey,
        OffsetCommitRequest, OffsetCommitValue, SyncGroupRequest,
        join_group_request::JoinGroupRequestProtocol,
        leave_group_request::MemberIdentity,
        offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic},
        sync_group_request::SyncGroupRequestAssignment,
    },
};

const MEMBERS: usize = 1000;
const OFFSETS: usize = 1_000_000;

/// A coordinator whose records are always appended.
struct Driven {
    machine: GroupCoordinator,
    entropy: Entropy,
    now: Time,
    next_offset: i64,
    last_ticket: u64,
}

impl Driven {
    fn new() -> Self {
        let loaded = BrokerConfig::load(&[zero_configuration()], &mut |_| Ok(None));
        let config = loaded.expect("no configuration is a valid one").config;
        let settings = Arc::new(Settings::of(Arc::new(config)));
        Self {
            machine: GroupCoordinator::new(settings, Arc::new(Image::default()), 0),
            entropy: Entropy::new(7),
            now: Time(1_700_000_000_000),
            next_offset: 0,
            last_ticket: 0,
        }
    }

    /// Decides and replays: the answers that became due.
    fn decide(
        &mut self,
        decide: impl FnOnce(&mut GroupCoordinator, &mut Moment<'_>, Ticket, &mut Out<Record, Reply>),
    ) -> Vec<(Ticket, Reply)> {
        let mut out = Out::default();
        self.last_ticket += 1;
        let mut moment = Moment {
            now: self.now,
            next_offset: self.next_offset,
            entropy: &mut self.entropy,
        };
        let ticket = Ticket(self.last_ticket);
        decide(&mut self.machine, &mut moment, ticket, &mut out);
        for record in &out.records {
            self.machine.replay(self.next_offset, record);
            self.next_offset += 1;
        }
        out.replies
    }

    fn ask(&mut self, input: Input) -> Vec<(Ticket, Reply)> {
        self.decide(|machine, moment, ticket, out| machine.handle(moment, ticket, input, out))
    }

    /// Lets time pass: the answers that became due.
    fn pass(&mut self, ms: u64) -> Vec<(Ticket, Reply)> {
        let end = self.now.after(ms);
        let mut replies = Vec::new();
        while let Some(at) = self.machine.wake_at().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            replies.extend(self.decide(|machine, moment, _, out| machine.wake(moment, out)));
        }
        self.now = end;
        replies
    }
}

fn caller(version: i16) -> Caller {
    Caller {
        client_id: "bench".to_owned(),
        client_host: "/127.0.0.1".to_owned(),
        version,
    }
}

/// Joins without a member id being required first.
fn join(member_id: &str) -> Input {
    join_in(3, member_id)
}

fn join_in(version: i16, member_id: &str) -> Input {
    let request = JoinGroupRequest {
        group_id: "group".to_owned(),
        session_timeout_ms: 300_000,
        rebalance_timeout_ms: 300_000,
        member_id: member_id.to_owned(),
        protocol_type: "consumer".to_owned(),
        protocols: vec![JoinGroupRequestProtocol {
            name: "range".to_owned(),
            metadata: Bytes::from_static(&[0; 40]),
            ..JoinGroupRequestProtocol::default()
        }],
        ..JoinGroupRequest::default()
    };
    Input::JoinGroup(caller(version), request)
}

fn joined(replies: Vec<(Ticket, Reply)>) -> Vec<JoinGroupResponse> {
    let joined = replies.into_iter().filter_map(|(_, reply)| match reply {
        Reply::JoinGroup(answer) if answer.error_code == Code::NONE.0 => Some(answer),
        _ => None,
    });
    joined.collect()
}

/// The leader brings the assignments: the group is stable.
fn sync(driven: &mut Driven, joined: &[JoinGroupResponse]) {
    let leader = joined.iter().find(|of| of.leader == of.member_id);
    let leader = leader.expect("a leader");
    let assignments = leader.members.iter().map(|of| SyncGroupRequestAssignment {
        member_id: of.member_id.clone(),
        assignment: Bytes::from_static(&[0; 30]),
        ..SyncGroupRequestAssignment::default()
    });
    let request = SyncGroupRequest {
        group_id: "group".to_owned(),
        generation_id: leader.generation_id,
        member_id: leader.member_id.clone(),
        assignments: assignments.collect(),
        ..SyncGroupRequest::default()
    };
    let replies = driven.ask(Input::SyncGroup(caller(4), request));
    assert!(
        matches!(&replies[..], [(_, Reply::SyncGroup(answer))] if answer.error_code == 0),
        "{replies:?}"
    );
}

/// A stable group of so many members: what each was answered.
fn stable(driven: &mut Driven, members: usize) -> Vec<JoinGroupResponse> {
    let mut replies = Vec::new();
    for _ in 0..members {
        replies.extend(driven.ask(join("")));
    }
    // The initial delay begins anew with each that comes.
    replies.extend(driven.pass(10_000));
    let joined = joined(replies);
    assert_eq!(joined.len(), members);
    sync(driven, &joined);
    joined
}

fn classic(c: &mut Criterion) {
    let mut benches = c.benchmark_group(format!("classic group of {MEMBERS}"));
    let mut driven = Driven::new();
    let members = stable(&mut driven, MEMBERS);
    let mut turn = members.iter().cycle();
    benches.bench_function("heartbeat", |b| {
        b.iter(|| {
            let member = turn.next().expect("a cycle has no end");
            let request = HeartbeatRequest {
                group_id: "group".to_owned(),
                generation_id: member.generation_id,
                member_id: member.member_id.clone(),
                ..HeartbeatRequest::default()
            };
            let replies = driven.ask(Input::Heartbeat(caller(4), request));
            assert!(
                matches!(&replies[..], [(_, Reply::Heartbeat(answer))] if answer.error_code == 0)
            );
        });
    });
    benches.throughput(Throughput::Elements(MEMBERS as u64));
    benches.bench_function("rebalance, by member", |b| {
        b.iter(|| {
            let mut replies = Vec::new();
            // The leader first: it begins the rebalance.
            for leads in [true, false] {
                for member in &members {
                    if (member.leader == member.member_id) == leads {
                        replies.extend(driven.ask(join(&member.member_id)));
                    }
                }
            }
            let joined = joined(replies);
            assert_eq!(joined.len(), MEMBERS);
            sync(&mut driven, &joined);
        });
    });
    benches.throughput(Throughput::Elements(1));
    benches.bench_function("one joins and leaves", |b| {
        b.iter(|| {
            let replies = driven.ask(join_in(9, ""));
            let [(_, Reply::JoinGroup(required))] = &replies[..] else {
                panic!("{replies:?}");
            };
            let id = required.member_id.clone();
            let waiting = driven.ask(join_in(9, &id));
            assert!(waiting.is_empty(), "it waits for the others");
            let request = LeaveGroupRequest {
                group_id: "group".to_owned(),
                members: vec![MemberIdentity {
                    member_id: id,
                    ..MemberIdentity::default()
                }],
                ..LeaveGroupRequest::default()
            };
            driven.ask(Input::LeaveGroup(caller(5), request))
        });
    });
    benches.finish();
}

fn beat(driven: &mut Driven, member: usize, epoch: i32) -> ConsumerGroupHeartbeatResponse {
    let joins = epoch == 0;
    let request = ConsumerGroupHeartbeatRequest {
        group_id: "consumers".to_owned(),
        member_id: format!("member-{member:06}"),
        member_epoch: epoch,
        rebalance_timeout_ms: if joins { 60_000 } else { -1 },
        subscribed_topic_names: joins.then(|| vec!["topic".to_owned()]),
        topic_partitions: joins.then(Vec::new),
        ..ConsumerGroupHeartbeatRequest::default()
    };
    let mut replies = driven.ask(Input::ConsumerGroupHeartbeat(caller(1), request));
    let Some((_, Reply::ConsumerGroupHeartbeat(answer))) = replies.pop() else {
        panic!("{replies:?}");
    };
    assert_eq!(answer.error_code, 0, "{answer:?}");
    answer
}

/// The topic does not exist, so that nothing but the protocol is measured: assignors have a benchmark of their own.
fn consumer(c: &mut Criterion) {
    let mut benches = c.benchmark_group(format!("consumer group of {MEMBERS}"));
    let mut driven = Driven::new();
    let mut epochs = vec![0; MEMBERS];
    let mut is_settled = false;
    for _ in 0..20 {
        let before = epochs.clone();
        for (member, epoch) in epochs.iter_mut().enumerate() {
            *epoch = beat(&mut driven, member, *epoch).member_epoch;
        }
        driven.pass(2000);
        is_settled = before == epochs;
    }
    assert!(is_settled, "{epochs:?}");
    let mut turn = (0..MEMBERS).cycle();
    benches.bench_function("heartbeat", |b| {
        b.iter(|| {
            let member = turn.next().expect("a cycle has no end");
            let before = driven.next_offset;
            let answer = beat(&mut driven, member, epochs[member]);
            assert_eq!(
                (answer.member_epoch, driven.next_offset),
                (epochs[member], before)
            );
        });
    });
    benches.bench_function("one joins and leaves", |b| {
        b.iter(|| {
            beat(&mut driven, MEMBERS, 0);
            beat(&mut driven, MEMBERS, -1);
        });
    });
    benches.finish();
}

fn commit(partitions: i32) -> OffsetCommitRequest {
    let partition = |partition_index| OffsetCommitRequestPartition {
        partition_index,
        committed_offset: 7,
        ..OffsetCommitRequestPartition::default()
    };
    OffsetCommitRequest {
        group_id: "offsets".to_owned(),
        topics: vec![OffsetCommitRequestTopic {
            name: "topic".to_owned(),
            partitions: (0..partitions).map(partition).collect(),
            ..OffsetCommitRequestTopic::default()
        }],
        ..OffsetCommitRequest::default()
    }
}

fn commits(c: &mut Criterion) {
    let mut benches = c.benchmark_group("commit");
    for partitions in [1, 10] {
        let mut driven = Driven::new();
        let request = commit(partitions);
        benches.throughput(Throughput::Elements(partitions as u64));
        benches.bench_function(format!("{partitions} offsets"), |b| {
            b.iter(|| {
                let replies = driven.ask(Input::OffsetCommit(caller(9), request.clone()));
                let [(_, Reply::OffsetCommit(answer))] = &replies[..] else {
                    panic!("{replies:?}");
                };
                assert_eq!(answer.topics[0].partitions[0].error_code, 0);
            });
        });
    }
    benches.finish();
}

/// The records of a log, as bytes.
fn log() -> Vec<(Bytes, Option<Bytes>)> {
    let records = (0..OFFSETS).map(|number| {
        let key = OffsetCommitKey {
            group: format!("group-{}", number / 200),
            topic: format!("topic-{}", number / 100 % 2),
            partition: (number % 100) as i32,
        };
        let value = OffsetCommitValue {
            offset: number as i64,
            commit_timestamp: 1_700_000_000_000,
            ..OffsetCommitValue::default()
        };
        let entry = Entry::OffsetCommit(key, Some(value));
        let encoded = entry.encode().expect("short names");
        encoded.expect("no marker")
    });
    records.collect()
}

fn loading(c: &mut Criterion) {
    let log = log();
    let mut benches = c.benchmark_group("loading");
    benches.sample_size(10);
    benches.throughput(Throughput::Elements(OFFSETS as u64));
    benches.bench_function(format!("{OFFSETS} offsets"), |b| {
        b.iter_batched_ref(
            Driven::new,
            |driven| {
                for ((key, value), offset) in log.iter().zip(0..) {
                    let entry = Entry::decode(key, value.as_ref()).expect("as it was encoded");
                    let record = Record {
                        producer: None,
                        entry,
                    };
                    driven.machine.replay(offset, &record);
                }
            },
            BatchSize::PerIteration,
        );
    });
    benches.finish();
}

fn main() {
    let mut c = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    classic(&mut c);
    consumer(&mut c);
    commits(&mut c);
    loading(&mut c);
    c.final_summary();
}
