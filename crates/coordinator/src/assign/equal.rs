//! The uniform assignor for members that subscribe to the same topics.
//!
//! Each member has a quota: as many partitions as any other, or one more for some. It keeps what it has within its quota;
//! what that leaves, and what nobody had, fills up those below theirs. Nothing else moves.

use std::collections::BTreeMap;

use ottla_wire::Uuid;

use super::{AssignError, Assignment, GroupSpec, MemberId, Topics, partitions};

/// The topics and which of their partitions somebody has.
struct Owned(BTreeMap<Uuid, Vec<bool>>);

impl Owned {
    /// Takes a partition for its first owner; `false` if it does not exist or has one.
    fn claim(&mut self, topic: Uuid, partition: i32) -> bool {
        let place = usize::try_from(partition)
            .ok()
            .and_then(|at| self.0.get_mut(&topic)?.get_mut(at));
        place.is_some_and(|owned| !std::mem::replace(owned, true))
    }

    /// What nobody has, in order.
    fn free(&self) -> impl Iterator<Item = (Uuid, i32)> {
        self.0.iter().flat_map(|(&topic, owned)| {
            let free = owned.iter().enumerate().filter(|(_, owned)| !**owned);
            free.map(move |(at, _)| (topic, at as i32))
        })
    }
}

/// How many partitions each member may have.
struct Quotas {
    least: usize,
    /// Members that get one more.
    extra: usize,
    /// Members that have no quota yet.
    members: usize,
}

impl Quotas {
    /// What the next member may keep of the `has` partitions it has, and how many more it gets.
    ///
    /// A member that does not use up the larger quota gets it only if enough members cannot follow that might.
    fn next(&mut self, has: usize) -> (usize, usize) {
        let larger = self.extra > 0;
        let kept = has.min(self.least + usize::from(larger));
        let takes = larger && (kept > self.least || self.members <= self.extra);
        self.extra -= usize::from(takes);
        self.members -= 1;
        (kept, self.least + usize::from(takes) - kept)
    }
}

pub(super) fn assign(
    group: &GroupSpec<'_>,
    topics: &impl Topics,
) -> Result<BTreeMap<MemberId, Assignment>, AssignError> {
    let mut owned = Owned(BTreeMap::new());
    // All subscribe to what the first does.
    for &topic in group.members.values().take(1).flat_map(|it| it.subscribed) {
        owned
            .0
            .insert(topic, vec![false; partitions(topics, topic)?]);
    }
    let total: usize = owned.0.values().map(Vec::len).sum();
    let mut kept: Vec<Assignment> = Vec::with_capacity(group.members.len());
    for member in group.members.values() {
        let mut assignment = member.assigned.clone();
        assignment.retain(|&topic, partitions| {
            partitions.retain(|&partition| owned.claim(topic, partition));
            !partitions.is_empty()
        });
        kept.push(assignment);
    }
    let mut free: Vec<(Uuid, i32)> = owned.free().collect();
    let mut quotas = Quotas {
        least: total / group.members.len(),
        extra: total % group.members.len(),
        members: group.members.len(),
    };
    let mut missing = Vec::with_capacity(kept.len());
    for assignment in &mut kept {
        let (mut keeps, more) = quotas.next(assignment.values().map(|set| set.len()).sum());
        missing.push(more);
        assignment.retain(|&topic, partitions| {
            partitions.retain(|&partition| {
                let within = keeps > 0;
                if within {
                    keeps -= 1;
                } else {
                    free.push((topic, partition));
                }
                within
            });
            !partitions.is_empty()
        });
    }
    let mut free = free.into_iter();
    for (assignment, more) in kept.iter_mut().zip(missing) {
        for (topic, partition) in free.by_ref().take(more) {
            assignment.entry(topic).or_default().insert(partition);
        }
    }
    debug_assert!(
        free.next().is_none(),
        "the quotas are as many as partitions"
    );
    Ok(group.members.keys().cloned().zip(kept).collect())
}
