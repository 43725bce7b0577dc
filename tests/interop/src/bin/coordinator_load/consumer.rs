//! Members of the consumer protocol (KIP-848): they follow the coordinator until everybody has an equal share.

use std::{
    collections::BTreeMap,
    sync::{
        Barrier,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use ottla_wire::{
    Uuid,
    errors::Code,
    messages::{
        ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, ListGroupsRequest,
        consumer_group_heartbeat_request::TopicPartitions,
    },
};

use super::{
    Plan,
    classic::on_threads,
    gauge::now,
    link::{Link, decode, expect, frame, passes},
    volley::Shot,
};

const VERSION: i16 = 1;
const REBALANCE_MS: i32 = 60_000;
/// Rounds of heartbeats after which a group ought to be stable.
const MOST_ROUNDS: usize = 600;
const LOOK: Duration = Duration::from_millis(10);
/// The longest that a group may take to become stable.
const STABLE_LIMIT: Duration = Duration::from_secs(120);

/// A member, and what it knows.
pub(crate) struct Member {
    group: String,
    id: String,
    epoch: i32,
    owned: BTreeMap<Uuid, Vec<i32>>,
    /// It has to say what it owns.
    tells: bool,
}

impl Member {
    fn new(group: &str, number: usize) -> Self {
        Self {
            group: group.to_owned(),
            id: format!("{group}-member-{number}"),
            epoch: 0,
            owned: BTreeMap::new(),
            tells: true,
        }
    }

    fn share(&self) -> usize {
        self.owned.values().map(Vec::len).sum()
    }

    fn request(&self, topic: &str) -> ConsumerGroupHeartbeatRequest {
        let joins = self.epoch == 0;
        let owned = self.owned.iter().map(|(id, partitions)| TopicPartitions {
            topic_id: *id,
            partitions: partitions.clone(),
            ..TopicPartitions::default()
        });
        ConsumerGroupHeartbeatRequest {
            group_id: self.group.clone(),
            member_id: self.id.clone(),
            member_epoch: self.epoch,
            rebalance_timeout_ms: if joins { REBALANCE_MS } else { -1 },
            subscribed_topic_names: joins.then(|| vec![topic.to_owned()]),
            topic_partitions: (joins || self.tells).then(|| owned.collect()),
            ..ConsumerGroupHeartbeatRequest::default()
        }
    }

    /// One heartbeat; whether anything is new.
    fn beat(&mut self, link: &mut Link, topic: &str) -> Result<bool, String> {
        let request = self.request(topic);
        let answer = link.ask_until(VERSION, &request, |answer| answer.error_code)?;
        expect_none(&answer)?;
        let before = self.epoch;
        self.epoch = answer.member_epoch;
        let told = std::mem::take(&mut self.tells);
        if let Some(assignment) = answer.assignment {
            let all = assignment.topic_partitions.into_iter();
            let owned: BTreeMap<_, _> = all.map(|of| (of.topic_id, of.partitions)).collect();
            self.tells = owned != self.owned;
            self.owned = owned;
        }
        Ok(told || self.tells || self.epoch != before)
    }
}

fn expect_none(answer: &ConsumerGroupHeartbeatResponse) -> Result<(), String> {
    let said = answer.error_message.as_deref().unwrap_or("");
    let of = format!("ConsumerGroupHeartbeat ({said})");
    expect(Code::NONE, answer.error_code, &of)
}

/// `groups` groups of `members` members each, all with an equal share.
pub(crate) fn settle(plan: &Plan) -> Result<Vec<Member>, String> {
    let (groups, size) = (plan.number("groups")?, plan.number("members")?);
    let (topic, partitions) = (plan.text("topic")?, plan.number("partitions")?);
    Link::open(&plan.address)?.prepare(topic, partitions)?;
    if partitions % size != 0 {
        return Err(format!(
            "{partitions} partitions are not shared out evenly to {size}"
        ));
    }
    let prefix = plan.text("prefix")?;
    let threads = plan.number("connections")?.clamp(1, groups.max(1));
    let all = on_threads(threads, |thread| {
        let mut link = Link::open(&plan.address)?;
        let mut settled = Vec::new();
        let mut open = Vec::new();
        for number in (thread..groups).step_by(threads) {
            let id = format!("{prefix}-{number}");
            let mut group: Vec<_> = (0..size).map(|member| Member::new(&id, member)).collect();
            for member in &mut group {
                member.beat(&mut link, topic)?;
            }
            open.push(group);
        }
        for _ in 0..MOST_ROUNDS {
            let mut still = Vec::new();
            for mut group in open {
                let mut is_new = false;
                for member in &mut group {
                    is_new |= member.beat(&mut link, topic)?;
                }
                let is_even = group.iter().all(|of| of.share() == partitions / size);
                let is_settled = !is_new && is_even && one_epoch(&group);
                if is_settled { &mut settled } else { &mut still }.push(group);
            }
            open = still;
            if open.is_empty() {
                return Ok(settled);
            }
            thread::sleep(LOOK);
        }
        Err(format!("{} groups do not become stable", open.len()))
    })?;
    Ok(all.into_iter().flatten().flatten().collect())
}

fn one_epoch(group: &[Member]) -> bool {
    group.windows(2).all(|pair| pair[0].epoch == pair[1].epoch)
}

/// `members` members join a group, over `connections` connections: until the coordinator calls it stable, with all of
/// its members' joins answered.
pub(crate) fn join_at_once(plan: &Plan) -> Result<Duration, String> {
    let (size, connections) = (plan.number("members")?, plan.number("connections")?);
    let topic = plan.text("topic")?;
    let mut look = Link::open(&plan.address)?;
    look.prepare(topic, plan.number("partitions")?)?;
    let group = plan.text("prefix")?;
    let pause = Duration::from_millis(plan.number("pause_ms")? as u64);
    let stable = AtomicBool::new(false);
    let (start_line, joined) = (Barrier::new(connections + 1), Barrier::new(connections + 1));
    thread::scope(|scope| {
        let load = scope.spawn(|| {
            on_threads(connections, |thread| {
                let link = Link::open(&plan.address);
                let numbers = (thread..size).step_by(connections);
                let mut mine: Vec<_> = numbers.map(|of| Member::new(group, of)).collect();
                start_line.wait();
                let outcome = link.and_then(|mut link| {
                    let all = mine.iter_mut();
                    let all = all.map(|member| member.beat(&mut link, topic).map(|_| ()));
                    all.collect::<Result<(), _>>().map(|()| link)
                });
                joined.wait();
                let mut link = outcome?;
                while !stable.load(Ordering::SeqCst) {
                    for member in &mut mine {
                        member.beat(&mut link, topic)?;
                    }
                    thread::sleep(pause);
                }
                Ok(())
            })
        });
        start_line.wait();
        let start = now();
        joined.wait();
        let mut outcome = Ok(false);
        while start.elapsed() < STABLE_LIMIT && !load.is_finished() && outcome == Ok(false) {
            thread::sleep(LOOK);
            outcome = is_stable(&mut look, group);
        }
        let took = start.elapsed();
        stable.store(true, Ordering::SeqCst);
        let panicked = |_| Err("a thread panicked".to_owned());
        load.join().unwrap_or_else(panicked)?;
        match outcome? {
            true => Ok(took),
            false => Err("the group does not become stable".to_owned()),
        }
    })
}

fn is_stable(link: &mut Link, group: &str) -> Result<bool, String> {
    let request = ListGroupsRequest {
        types_filter: vec!["consumer".to_owned()],
        ..ListGroupsRequest::default()
    };
    let answer = link.ask(5, &request)?;
    if passes(Code(answer.error_code)) {
        return Ok(false);
    }
    expect(Code::NONE, answer.error_code, "ListGroups")?;
    let mut all = answer.groups.iter();
    Ok(all.any(|of| of.group_id == group && of.group_state == "Stable"))
}

/// The heartbeat of a settled member, which says nothing new.
pub(crate) fn heartbeat_shot(member: &Member) -> Result<Shot, String> {
    let request = member.request("");
    let epoch = member.epoch;
    Ok(Shot {
        frame: frame(VERSION, 0, &request)?,
        check: Box::new(move |answer| {
            let answer = decode::<ConsumerGroupHeartbeatRequest>(VERSION, answer.clone())?;
            expect_none(&answer)?;
            if answer.member_epoch == epoch && answer.assignment.is_none() {
                Ok(())
            } else {
                Err(format!("a settled member was told {answer:?}"))
            }
        }),
    })
}
