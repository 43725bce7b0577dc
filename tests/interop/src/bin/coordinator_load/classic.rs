//! Members of the classic protocol: they join until their group is complete.

use std::{
    sync::{
        Barrier,
        atomic::{AtomicI32, Ordering},
    },
    thread,
    time::Duration,
};

use bytes::{BufMut, Bytes, BytesMut};
use ottla_wire::{
    errors::Code,
    messages::{
        HeartbeatRequest, JoinGroupRequest, JoinGroupResponse, SyncGroupRequest,
        join_group_request::JoinGroupRequestProtocol,
        sync_group_request::SyncGroupRequestAssignment,
    },
};

use super::{
    Plan,
    gauge::now,
    link::{Link, decode, expect, frame},
    volley::Shot,
};

/// The most that `group.max.session.timeout.ms` lets: members are there to the end.
const SESSION_MS: i32 = 1_800_000;
const REBALANCE_MS: i32 = 60_000;
const PROTOCOL: &str = "range";
/// A member waits in a thread of its own.
const STACK: usize = 128 << 10;

/// A member that has its assignment.
pub(crate) struct Member {
    pub(crate) group: String,
    pub(crate) id: String,
    pub(crate) generation: i32,
}

/// A group that is being joined.
struct Group<'a> {
    id: String,
    topic: &'a str,
    size: usize,
    /// The generation in which all are there.
    complete: &'a AtomicI32,
    /// How often a settled member asks whether others came.
    pause: Duration,
}

/// `groups` groups of `members` members each.
pub(crate) fn settle(plan: &Plan) -> Result<Vec<Member>, String> {
    let (groups, size) = (plan.number("groups")?, plan.number("members")?);
    let topic = plan.text("topic")?;
    Link::open(&plan.address)?.prepare(topic, plan.number("partitions")?)?;
    let teams = (plan.number("joining")? / size).clamp(1, groups.max(1));
    let complete: Vec<AtomicI32> = (0..groups).map(|_| AtomicI32::new(-1)).collect();
    let prefix = plan.text("prefix")?;
    let work = |team: usize| {
        let mut link = Link::open(&plan.address)?;
        let mine = (team..groups).step_by(teams);
        let members = mine.map(|number| {
            let group = Group {
                id: format!("{prefix}-{number}"),
                topic,
                size,
                complete: &complete[number],
                pause: Duration::from_millis(5),
            };
            group.join(&mut link)
        });
        members.collect::<Result<Vec<Member>, String>>()
    };
    let members = on_threads(teams * size, |thread| work(thread % teams))?;
    Ok(members.into_iter().flatten().collect())
}

/// `members` members join a group, each on its connection: until all have their assignment.
pub(crate) fn join_at_once(plan: &Plan) -> Result<Duration, String> {
    let size = plan.number("members")?;
    let topic = plan.text("topic")?;
    Link::open(&plan.address)?.prepare(topic, plan.number("partitions")?)?;
    let pause = Duration::from_millis(plan.number("pause_ms")? as u64);
    let complete = AtomicI32::new(-1);
    let start_line = Barrier::new(size);
    let times = on_threads(size, |_| {
        let link = Link::open(&plan.address);
        start_line.wait();
        let start = now();
        let group = Group {
            id: plan.text("prefix")?.to_owned(),
            topic,
            size,
            complete: &complete,
            pause,
        };
        group.join(&mut link?)?;
        Ok((start, now()))
    })?;
    let first = times.iter().map(|(start, _)| *start).min();
    let last = times.iter().map(|(_, end)| *end).max();
    match (first, last) {
        (Some(first), Some(last)) => Ok(last - first),
        _ => Err("no members".to_owned()),
    }
}

/// What each of so many threads came to.
pub(crate) fn on_threads<T: Send>(
    count: usize,
    work: impl Fn(usize) -> Result<T, String> + Sync,
) -> Result<Vec<T>, String> {
    thread::scope(|scope| {
        let mut threads = Vec::with_capacity(count);
        for number in 0..count {
            let work = &work;
            let builder = thread::Builder::new().stack_size(STACK);
            let started = builder.spawn_scoped(scope, move || work(number));
            threads.push(started.map_err(|error| format!("a thread: {error}"))?);
        }
        let panicked = |_| Err("a thread panicked".to_owned());
        let done = threads
            .into_iter()
            .map(|of| of.join().unwrap_or_else(panicked));
        // All have ended before one error is told.
        let done: Vec<_> = done.collect();
        done.into_iter().collect()
    })
}

impl Group<'_> {
    /// Joins, again and again, until the group is complete.
    fn join(&self, link: &mut Link) -> Result<Member, String> {
        let mut id = String::new();
        loop {
            let joined = self.ask_to_join(link, &id)?;
            match Code(joined.error_code) {
                Code::NONE => {}
                Code::MEMBER_ID_REQUIRED => {
                    id = joined.member_id;
                    continue;
                }
                Code::REBALANCE_IN_PROGRESS => continue,
                other => return Err(format!("JoinGroup: {other:?}")),
            }
            id.clone_from(&joined.member_id);
            if self.sync(link, &joined)? {
                if self.complete.load(Ordering::SeqCst) == joined.generation_id {
                    return Ok(Member {
                        group: self.id.clone(),
                        id,
                        generation: joined.generation_id,
                    });
                }
                self.wait_for_others(link, &id, joined.generation_id)?;
            }
        }
    }

    fn ask_to_join(&self, link: &mut Link, id: &str) -> Result<JoinGroupResponse, String> {
        let request = JoinGroupRequest {
            group_id: self.id.clone(),
            session_timeout_ms: SESSION_MS,
            rebalance_timeout_ms: REBALANCE_MS,
            member_id: id.to_owned(),
            protocol_type: "consumer".to_owned(),
            protocols: vec![JoinGroupRequestProtocol {
                name: PROTOCOL.to_owned(),
                metadata: subscription(self.topic),
                ..JoinGroupRequestProtocol::default()
            }],
            ..JoinGroupRequest::default()
        };
        link.ask_until(9, &request, |answer| answer.error_code)
    }

    /// Whether the generation that was joined became stable.
    fn sync(&self, link: &mut Link, joined: &JoinGroupResponse) -> Result<bool, String> {
        let leads = joined.leader == joined.member_id;
        if leads && joined.members.len() == self.size {
            self.complete.store(joined.generation_id, Ordering::SeqCst);
        }
        let all = joined.members.iter().zip(0..);
        let assignments = all.map(|(member, number)| SyncGroupRequestAssignment {
            member_id: member.member_id.clone(),
            assignment: assignment(self.topic, number),
            ..SyncGroupRequestAssignment::default()
        });
        let request = SyncGroupRequest {
            group_id: self.id.clone(),
            generation_id: joined.generation_id,
            member_id: joined.member_id.clone(),
            protocol_type: Some("consumer".to_owned()),
            protocol_name: Some(PROTOCOL.to_owned()),
            assignments: assignments.collect(),
            ..SyncGroupRequest::default()
        };
        let answer = link.ask(5, &request)?;
        match Code(answer.error_code) {
            Code::NONE if answer.assignment.is_empty() => Err("an empty assignment".to_owned()),
            Code::NONE => Ok(true),
            Code::REBALANCE_IN_PROGRESS => Ok(false),
            other => Err(format!("SyncGroup: {other:?}")),
        }
    }

    /// Sends heartbeats until the group rebalances.
    fn wait_for_others(&self, link: &mut Link, id: &str, generation: i32) -> Result<(), String> {
        let request = heartbeat(&self.id, id, generation);
        loop {
            let answer = link.ask(4, &request)?;
            match Code(answer.error_code) {
                Code::NONE => thread::sleep(self.pause),
                Code::REBALANCE_IN_PROGRESS => return Ok(()),
                other => return Err(format!("Heartbeat: {other:?}")),
            }
        }
    }
}

fn heartbeat(group: &str, member: &str, generation: i32) -> HeartbeatRequest {
    HeartbeatRequest {
        group_id: group.to_owned(),
        generation_id: generation,
        member_id: member.to_owned(),
        ..HeartbeatRequest::default()
    }
}

/// The heartbeat of a settled member.
pub(crate) fn heartbeat_shot(member: &Member) -> Result<Shot, String> {
    let request = heartbeat(&member.group, &member.id, member.generation);
    Ok(Shot {
        frame: frame(4, 0, &request)?,
        check: Box::new(|answer| {
            let answer = decode::<HeartbeatRequest>(4, answer.clone())?;
            expect(Code::NONE, answer.error_code, "Heartbeat")
        }),
    })
}

/// What a consumer of a topic says of itself: version 0, one topic, no user data.
fn subscription(topic: &str) -> Bytes {
    let mut to = BytesMut::new();
    to.put_i16(0);
    to.put_i32(1);
    put_text(&mut to, topic);
    to.put_i32(-1);
    to.freeze()
}

/// One partition of a topic: version 0, no user data.
fn assignment(topic: &str, partition: i32) -> Bytes {
    let mut to = BytesMut::new();
    to.put_i16(0);
    to.put_i32(1);
    put_text(&mut to, topic);
    to.put_i32(1);
    to.put_i32(partition);
    to.put_i32(-1);
    to.freeze()
}

fn put_text(to: &mut BytesMut, text: &str) {
    to.put_u16(text.len() as u16);
    to.put_slice(text.as_bytes());
}
