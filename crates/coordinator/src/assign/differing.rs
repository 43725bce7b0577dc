//! The uniform assignor for members that do not all subscribe to the same topics.
//!
//! Members keep what they have and still subscribe to. Free partitions go to the least loaded subscribers of their
//! topic, hardest topics first. Then, topic by topic, partitions move from its most to its least loaded subscribers
//! until no topic has subscribers whose loads differ by more than one, or nothing more can be done.

use std::{cmp::Ordering, collections::BTreeMap};

use ottla_wire::Uuid;

use super::{AssignError, Assignment, GroupSpec, MemberId, Topics, partitions};
use balancer::Balancer;

mod balancer;

/// How often all topics are looked at again: moves of one topic can unbalance another.
const ROUNDS: usize = 16;

/// A topic that somebody subscribes to.
struct Topic {
    id: Uuid,
    /// Members, ascending.
    subscribers: Vec<usize>,
    /// The owner of each partition.
    owners: Vec<Option<usize>>,
}

impl Topic {
    fn partitions_per_subscriber(&self) -> f64 {
        self.owners.len() as f64 / self.subscribers.len() as f64
    }

    /// Hardest first: with many partitions for each subscriber, then with few subscribers.
    fn order(&self, other: &Self) -> Ordering {
        // Java compares ids as two signed numbers.
        let halves = |id: &Uuid| {
            let bits = u128::from_be_bytes(id.0);
            ((bits >> 64) as i64, bits as i64)
        };
        other
            .partitions_per_subscriber()
            .total_cmp(&self.partitions_per_subscriber())
            .then_with(|| self.subscribers.len().cmp(&other.subscribers.len()))
            .then_with(|| halves(&self.id).cmp(&halves(&other.id)))
    }

    /// Gives free partitions to the least loaded.
    fn fill(&mut self, loads: &mut [usize]) {
        if self.owners.iter().all(Option::is_some) {
            return;
        }
        let mut balancer = Balancer::new(&self.subscribers, loads);
        for owner in self.owners.iter_mut().filter(|owner| owner.is_none()) {
            let member = balancer.next_least_loaded(loads);
            *owner = Some(member);
            loads[member] += 1;
        }
    }

    /// Moves partitions from the most to the least loaded; whether any moved.
    fn balance(&mut self, loads: &mut [usize]) -> bool {
        let mut balancer = Balancer::new(&self.subscribers, loads);
        if balancer.is_balanced(loads) {
            return false;
        }
        // What each has, ascending: taken from its end.
        let mut owned: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (partition, owner) in self.owners.iter().enumerate() {
            if let Some(owner) = owner {
                owned.entry(*owner).or_default().push(partition);
            }
        }
        let mut moved = false;
        while !balancer.levelled() {
            let Some(from) = balancer.next_most_loaded(loads) else {
                break;
            };
            let Some(partition) = owned.get_mut(&from).and_then(Vec::pop) else {
                balancer.exclude_most_loaded();
                continue;
            };
            let to = balancer.next_least_loaded(loads);
            if balancer.levelled() {
                break;
            }
            self.owners[partition] = Some(to);
            loads[from] -= 1;
            loads[to] += 1;
            moved = true;
        }
        moved
    }
}

/// The topics of the group, by id, free of owners.
fn topics_of(group: &GroupSpec<'_>, topics: &impl Topics) -> Result<Vec<Topic>, AssignError> {
    let mut subscribers: BTreeMap<Uuid, Vec<usize>> = BTreeMap::new();
    for (member, spec) in group.members.values().enumerate() {
        for &topic in spec.subscribed {
            subscribers.entry(topic).or_default().push(member);
        }
    }
    let topics = subscribers.into_iter().map(|(id, subscribers)| {
        let owners = vec![None; partitions(topics, id)?];
        Ok(Topic {
            id,
            subscribers,
            owners,
        })
    });
    topics.collect()
}

/// Leaves partitions with their owners as far as these still subscribe; what each has then. `topics` are by id.
fn keep(group: &GroupSpec<'_>, topics: &mut [Topic]) -> Vec<usize> {
    let mut loads = vec![0; group.members.len()];
    for (member, spec) in group.members.values().enumerate() {
        for (id, has) in spec.assigned {
            let at = topics.binary_search_by_key(id, |topic| topic.id);
            let Some(at) = at.ok().filter(|_| spec.subscribed.contains(id)) else {
                continue;
            };
            for &partition in has {
                let place = usize::try_from(partition)
                    .ok()
                    .and_then(|of| topics[at].owners.get_mut(of));
                if let Some(owner @ None) = place {
                    *owner = Some(member);
                    loads[member] += 1;
                }
            }
        }
    }
    loads
}

/// Balances topics in turn, until a whole turn since the last move changed nothing.
fn balance(topics: &mut [Topic], loads: &mut [usize]) {
    let mut shared: Vec<&mut Topic> = topics
        .iter_mut()
        .filter(|topic| topic.subscribers.len() > 1)
        .collect();
    let mut last = None;
    for _ in 0..ROUNDS {
        for (at, topic) in shared.iter_mut().enumerate() {
            if last == Some(at) {
                return;
            }
            if topic.balance(loads) || last.is_none() {
                last = Some(at);
            }
        }
    }
}

pub(super) fn assign(
    group: &GroupSpec<'_>,
    topics: &impl Topics,
) -> Result<BTreeMap<MemberId, Assignment>, AssignError> {
    let mut topics = topics_of(group, topics)?;
    let mut loads = keep(group, &mut topics);
    topics.sort_by(Topic::order);
    for topic in &mut topics {
        topic.fill(&mut loads);
    }
    balance(&mut topics, &mut loads);
    let mut assignments = vec![Assignment::new(); group.members.len()];
    for topic in &topics {
        let owners = topic.owners.iter().enumerate();
        for (partition, member) in owners.filter_map(|(at, owner)| Some((at, (*owner)?))) {
            let of_topic = assignments[member].entry(topic.id).or_default();
            of_topic.insert(partition as i32);
        }
    }
    Ok(group.members.keys().cloned().zip(assignments).collect())
}
