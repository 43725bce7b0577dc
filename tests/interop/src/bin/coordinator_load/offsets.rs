//! Commits: of settled members, of as many offsets as a log is to have, and the first one after a restart.

use std::{thread, time::Duration};

use bytes::Bytes;
use ottla_wire::{
    errors::Code,
    messages::{
        OffsetCommitRequest, OffsetCommitResponse, OffsetFetchRequest,
        offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic},
        offset_fetch_request::OffsetFetchRequestGroup,
    },
};
use serde_json::{Value, json};

use super::{
    Plan, classic,
    classic::on_threads,
    gauge::{Gauge, now, wall_ms},
    link::{Link, decode, expect, frame},
    volley::{Shot, once},
};

/// The last version that names topics.
const COMMIT: i16 = 9;
const FETCH: i16 = 9;
const RETRY: Duration = Duration::from_millis(2);
/// The longest that a restart may take.
const RECOVERY_LIMIT: Duration = Duration::from_secs(300);
/// Frames are built for so many groups at a time.
const AT_A_TIME: usize = 100;

/// What is committed for a partition: another number for each.
fn offset_of(group: usize, topic: usize, partition: usize) -> i64 {
    (group * 1_000_003 + topic * 1_009 + partition) as i64
}

fn topic_of(number: usize) -> String {
    format!("offsets-{number}")
}

fn group_of(number: usize) -> String {
    format!("committer-{number}")
}

fn partition(index: usize, offset: i64) -> OffsetCommitRequestPartition {
    OffsetCommitRequestPartition {
        partition_index: index as i32,
        committed_offset: offset,
        committed_metadata: Some(String::new()),
        ..OffsetCommitRequestPartition::default()
    }
}

/// How many offsets were committed.
fn committed(answer: &OffsetCommitResponse) -> Result<usize, String> {
    let all = answer.topics.iter().flat_map(|topic| &topic.partitions);
    let mut count = 0;
    for partition in all {
        expect(Code::NONE, partition.error_code, "OffsetCommit")?;
        count += 1;
    }
    Ok(count)
}

fn shot(request: &OffsetCommitRequest) -> Result<Shot, String> {
    let all = request.topics.iter();
    let expected: usize = all.map(|topic| topic.partitions.len()).sum();
    Ok(Shot {
        frame: frame(COMMIT, 0, request)?,
        check: Box::new(move |answer: &Bytes| {
            let answer = decode::<OffsetCommitRequest>(COMMIT, answer.clone())?;
            match committed(&answer)? {
                count if count == expected => Ok(()),
                count => Err(format!("{count} of {expected} offsets were answered")),
            }
        }),
    })
}

/// A settled member commits offsets of `offsets` partitions.
pub(crate) fn commit_shot(plan: &Plan, member: &classic::Member) -> Result<Shot, String> {
    let partitions = 0..plan.number("offsets")?;
    shot(&OffsetCommitRequest {
        group_id: member.group.clone(),
        generation_id_or_member_epoch: member.generation,
        member_id: member.id.clone(),
        topics: vec![OffsetCommitRequestTopic {
            name: plan.text("topic")?.to_owned(),
            partitions: partitions.map(|index| partition(index, 7)).collect(),
            ..OffsetCommitRequestTopic::default()
        }],
        ..OffsetCommitRequest::default()
    })
}

/// Who commits what, for a log with many offsets.
#[derive(Clone, Copy)]
struct Shape {
    groups: usize,
    topics: usize,
    partitions: usize,
}

impl Shape {
    fn of(plan: &Plan) -> Result<Self, String> {
        Ok(Self {
            groups: plan.number("groups")?,
            topics: plan.number("topics")?,
            partitions: plan.number("partitions")?,
        })
    }

    /// All offsets of a group.
    fn request(self, group: usize) -> OffsetCommitRequest {
        let topics = (0..self.topics).map(|topic| OffsetCommitRequestTopic {
            name: topic_of(topic),
            partitions: (0..self.partitions)
                .map(|index| partition(index, offset_of(group, topic, index)))
                .collect(),
            ..OffsetCommitRequestTopic::default()
        });
        OffsetCommitRequest {
            group_id: group_of(group),
            topics: topics.collect(),
            ..OffsetCommitRequest::default()
        }
    }
}

/// Commits `groups` × `topics` × `partitions` offsets, a request for each group.
pub(crate) fn fill(plan: &Plan) -> Result<Value, String> {
    let shape = Shape::of(plan)?;
    let mut link = Link::open(&plan.address)?;
    for topic in 0..shape.topics {
        link.prepare(&topic_of(topic), shape.partitions)?;
    }
    let one = shape.request(0);
    let ready = link.ask_until(COMMIT, &one, |answer| {
        let mut all = answer.topics.iter().flat_map(|topic| &topic.partitions);
        all.find(|of| of.error_code != 0)
            .map_or(0, |of| of.error_code)
    })?;
    committed(&ready)?;
    let connections = plan.number("connections")?;
    let gauge = Gauge::of(plan.pid);
    let (start, before) = (now(), gauge.read()?);
    on_threads(connections, |thread| {
        let mine: Vec<usize> = (thread..shape.groups).step_by(connections).collect();
        for groups in mine.chunks(AT_A_TIME) {
            let shots = groups.iter().map(|group| shot(&shape.request(*group)));
            let shots = shots.collect::<Result<Vec<_>, _>>()?;
            once(Link::open(&plan.address)?, &shots, 4)?;
        }
        Ok(())
    })?;
    Ok(json!({
        "offsets": shape.groups * shape.topics * shape.partitions,
        "seconds": start.elapsed().as_secs_f64(),
        "cpu_s": gauge.read()?.cpu_s - before.cpu_s,
    }))
}

/// Commits what is committed already, for `sample` groups, each until it is answered: when the first and the last was,
/// in ms since 1970.
pub(crate) fn recover(plan: &Plan) -> Result<Value, String> {
    let shape = Shape::of(plan)?;
    let start = now();
    let mut link: Option<Link> = None;
    let mut first = None;
    for group in 0..plan.number("sample")?.min(shape.groups) {
        let mut request = shape.request(group);
        request.topics.truncate(1);
        request.topics[0].partitions.truncate(1);
        loop {
            if start.elapsed() > RECOVERY_LIMIT {
                return Err("no commit is answered".to_owned());
            }
            let open = link.take().map_or_else(|| Link::open(&plan.address), Ok);
            // Until the broker listens, and while it goes down, there is no answer.
            if let Ok(mut open) = open
                && let Ok(answer) = open.ask(COMMIT, &request)
            {
                link = Some(open);
                if committed(&answer) == Ok(1) {
                    break;
                }
            }
            thread::sleep(RETRY);
        }
        first.get_or_insert_with(wall_ms);
    }
    Ok(json!({"first_at_ms": first, "last_at_ms": wall_ms()}))
}

/// Reads all offsets of all groups back, and counts those that are what was committed.
pub(crate) fn count(plan: &Plan) -> Result<Value, String> {
    let shape = Shape::of(plan)?;
    let connections = plan.number("connections")?;
    let counts = on_threads(connections, |thread| {
        let mut link = Link::open(&plan.address)?;
        let mut count = 0;
        for group in (thread..shape.groups).step_by(connections) {
            count += count_of(&mut link, shape, group)?;
        }
        Ok(count)
    })?;
    Ok(json!({"offsets": counts.iter().sum::<usize>()}))
}

fn count_of(link: &mut Link, shape: Shape, group: usize) -> Result<usize, String> {
    let request = OffsetFetchRequest {
        groups: vec![OffsetFetchRequestGroup {
            group_id: group_of(group),
            topics: None,
            ..OffsetFetchRequestGroup::default()
        }],
        ..OffsetFetchRequest::default()
    };
    let answer = link.ask(FETCH, &request)?;
    let of_group = answer.groups.first().ok_or("OffsetFetch: no group")?;
    expect(Code::NONE, of_group.error_code, "OffsetFetch")?;
    let mut seen = vec![false; shape.topics * shape.partitions];
    for topic in &of_group.topics {
        let number = (0..shape.topics).find(|number| topic_of(*number) == topic.name);
        let number = number.ok_or_else(|| format!("OffsetFetch: the topic {}", topic.name))?;
        for of in &topic.partitions {
            expect(Code::NONE, of.error_code, "OffsetFetch")?;
            let index = of.partition_index as usize;
            if index < shape.partitions && of.committed_offset == offset_of(group, number, index) {
                seen[number * shape.partitions + index] = true;
            }
        }
    }
    Ok(seen.into_iter().filter(|seen| *seen).count())
}
