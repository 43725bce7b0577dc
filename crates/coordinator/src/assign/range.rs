//! The range assignor: each topic's partitions in order, cut into one range for each subscriber.
//!
//! Members are ordered by instance id, then by member id, and that order is the same for all topics: members with equal
//! subscriptions get partitions of equal numbers of topics with equally many partitions.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, btree_map::Entry},
};

use ottla_wire::Uuid;

use super::{AssignError, Assignment, GroupSpec, MemberId, MemberSpec, Topics, partitions};

/// A topic that is being dealt out.
struct Deal {
    partitions: usize,
    subscribers: usize,
    /// Partitions and subscribers that have had their share.
    dealt: usize,
    served: usize,
}

impl Deal {
    /// The next subscriber's range: the first `partitions % subscribers` get one more than the others.
    fn next(&mut self) -> std::ops::Range<i32> {
        let more = usize::from(self.served < self.partitions % self.subscribers);
        let start = self.dealt;
        self.dealt += self.partitions / self.subscribers + more;
        self.served += 1;
        start as i32..self.dealt as i32
    }
}

/// Static members first, by instance id; the others by member id.
fn order(a: &(&MemberId, &MemberSpec<'_>), b: &(&MemberId, &MemberSpec<'_>)) -> Ordering {
    // As Java orders strings: by the units of UTF-16.
    let text = |a: &str, b: &str| a.encode_utf16().cmp(b.encode_utf16());
    match (a.1.instance_id, b.1.instance_id) {
        (Some(a), Some(b)) => text(a, b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => text(a.0, b.0),
    }
}

pub(super) fn assign(
    group: &GroupSpec<'_>,
    topics: &impl Topics,
) -> Result<BTreeMap<MemberId, Assignment>, AssignError> {
    let mut deals: BTreeMap<Uuid, Deal> = BTreeMap::new();
    for &topic in group.members.values().flat_map(|member| member.subscribed) {
        match deals.entry(topic) {
            Entry::Occupied(mut deal) => deal.get_mut().subscribers += 1,
            Entry::Vacant(place) => {
                place.insert(Deal {
                    partitions: partitions(topics, topic)?,
                    subscribers: 1,
                    dealt: 0,
                    served: 0,
                });
            }
        }
    }
    let mut members: Vec<_> = group.members.iter().collect();
    members.sort_by(order);
    let assignments = members.into_iter().map(|(id, member)| {
        let ranges = member.subscribed.iter().filter_map(|topic| {
            let range = deals.get_mut(topic)?.next();
            (!range.is_empty()).then(|| (*topic, range.collect()))
        });
        (id.clone(), ranges.collect())
    });
    Ok(assignments.collect())
}
