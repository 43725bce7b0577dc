//! The group's epoch and its target assignment.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ottla_metadata::Image;
use ottla_wire::{
    Uuid,
    errors::{Code, Refusal},
};

use super::{
    decision::{Decision, Target},
    group::{By, ConsumerGroup, Refresh, Subscribers, count, count_topic},
    member::Member,
    records,
};
use crate::assign::{Assignment, Assignor, GroupSpec, MemberSpec, SubscriptionType, Topics};

/// How long a group's look at its topics counts if nothing says otherwise, in ms.
const REFRESH_MS: i64 = i32::MAX as i64;

/// The epoch that a group gets to, and how its subscriptions compare then.
#[derive(Clone, Copy)]
pub(super) struct Epoch {
    pub(super) number: i32,
    /// As the group is now, if `None`.
    pub(super) subscription_type: Option<SubscriptionType>,
}

struct ImageTopics<'a>(&'a Image);

impl Topics for ImageTopics<'_> {
    fn partitions(&self, topic: Uuid) -> Option<usize> {
        Some(self.0.topic_by_id(topic)?.partitions.len())
    }
}

impl Decision<'_> {
    /// Looks at the topics: the group's epoch rises if it must, or if they are not what they were.
    pub(super) fn update_epoch(&mut self, must: bool, old: &Member, new: &Member) -> Epoch {
        let (topics, regexes) = self.subscriptions_after(old, new);
        let hash = self.topics.group_hash(self.image, topics.keys());
        let is_new = self.group.member(&new.id).is_none()
            && !new
                .instance_id
                .as_deref()
                .is_some_and(|instance| self.group.static_members.contains_key(instance));
        let members = self.group.members.len() + usize::from(is_new);
        let mut number = self.group.epoch;
        if must || hash != self.group.metadata_hash {
            number = number.saturating_add(1);
            self.records.push(records::epoch(&self.id, number, hash));
        }
        self.refreshed(number);
        if self.group.has_partition_metadata {
            self.records.push(records::no_partition_metadata(&self.id));
        }
        Epoch {
            number,
            subscription_type: Some(subscription_type(&regexes, &topics, members)),
        }
    }

    /// The topics were looked at for this epoch.
    pub(super) fn refreshed(&mut self, epoch: i32) {
        self.refresh = Some(Refresh {
            at_ms: self.now_ms().saturating_add(REFRESH_MS),
            epoch,
        });
    }

    /// The subscriptions once `old` is `new`.
    fn subscriptions_after(
        &self,
        old: &Member,
        new: &Member,
    ) -> (BTreeMap<Arc<str>, Subscribers>, BTreeMap<Arc<str>, usize>) {
        let group = self.group;
        let mut topics = group.subscriptions.clone();
        // Somebody who is not there yet has no subscription that would be counted.
        for topic in old.topics.iter() {
            count_topic(&mut topics, topic, By::Name, false);
        }
        for topic in new.topics.iter() {
            count_topic(&mut topics, topic, By::Name, true);
        }
        let mut regexes = group.regexes.clone();
        if old.regex() != new.regex() {
            if let Some(regex) = old.regex() {
                if regexes.get(regex) == Some(&1)
                    && let Some(resolved) = group.resolved.get(regex)
                {
                    for topic in &resolved.topics {
                        count_topic(&mut topics, topic, By::Regex, false);
                    }
                }
                count(&mut regexes, Arc::from(regex), false);
            }
            if let Some(regex) = new.regex() {
                count(&mut regexes, Arc::from(regex), true);
            }
        }
        (topics, regexes)
    }

    /// The member's target at the group's epoch, computed anew if it is of an older one and it is time.
    pub(super) fn target(
        &mut self,
        epoch: Epoch,
        old: &Member,
        new: &Member,
    ) -> Result<Target, Refusal> {
        let group = self.group;
        let due = group.assignment_timestamp_ms == 0
            || self.own.assignment_interval_ms == 0
            || self.now_ms()
                >= group
                    .assignment_timestamp_ms
                    .saturating_add_unsigned(self.own.assignment_interval_ms);
        if group.assignment_epoch >= epoch.number || !due {
            let assignment = match &new.instance_id {
                None => group.target(&new.id),
                Some(instance) => match group.static_members.get(instance) {
                    Some(id) => group.target(id),
                    None => Arc::default(),
                },
            };
            return Ok(Target {
                epoch: group.assignment_epoch,
                assignment,
            });
        }
        self.compute_target(epoch, old, new)
    }

    fn compute_target(
        &mut self,
        epoch: Epoch,
        old: &Member,
        new: &Member,
    ) -> Result<Target, Refusal> {
        let name = self.group.preferred_assignor(Some(old), Some(new));
        let name = name.or_else(|| self.settings.consumer_assignors.first().map(String::as_str));
        let assignor = name.and_then(Assignor::named).ok_or_else(|| {
            Code::UNKNOWN_SERVER_ERROR.because(format!(
                "group {} wants the assignor {}, which this broker does not have",
                self.id,
                name.unwrap_or_default()
            ))
        })?;
        let (group, image) = (self.group, self.image);
        let compared = epoch.subscription_type.unwrap_or_else(|| {
            subscription_type(&group.regexes, &group.subscriptions, group.members.len())
        });
        let seats = Seats::of(group, image, new);
        let targets = assignor.assign(&seats.spec(compared), &ImageTopics(image));
        let mut targets = targets.map_err(|why| {
            Code::UNKNOWN_SERVER_ERROR.because(format!(
                "group {} has no assignment for epoch {}: {why}",
                self.id, epoch.number
            ))
        })?;
        let mut own = Assignment::new();
        for seat in &seats.all {
            let target = targets.remove(&seat.member.id).unwrap_or_default();
            if seat.old.as_deref() != Some(&target) {
                self.records
                    .push(records::target(&self.id, &seat.member.id, &target));
            }
            if seat.member.id == new.id {
                own = target;
            }
        }
        let now_ms = self.now_ms();
        self.records
            .push(records::target_epoch(&self.id, epoch.number, now_ms));
        Ok(Target {
            epoch: epoch.number,
            assignment: Arc::new(own),
        })
    }
}

/// The members that partitions are assigned to: those of the group, with the one that is just changing.
struct Seats<'a> {
    all: Vec<Seat<'a>>,
    /// The different sets of topics that members are subscribed to.
    subscriptions: Vec<BTreeSet<Uuid>>,
    nothing: Assignment,
}

struct Seat<'a> {
    member: &'a Member,
    old: Option<Arc<Assignment>>,
    subscription: usize,
}

impl<'a> Seats<'a> {
    fn of(group: &'a ConsumerGroup, image: &Image, new: &'a Member) -> Self {
        // A static member that comes back takes the place of the one that it was.
        let instance = new.instance_id.as_deref();
        let was = instance.and_then(|instance| group.static_members.get(instance));
        let replaced = was.filter(|was| **was != new.id);
        let stay = group
            .all()
            .filter(|member| member.id != new.id && Some(&member.id) != replaced);
        let mut seats = Self {
            all: Vec::with_capacity(group.members.len() + 1),
            subscriptions: Vec::new(),
            nothing: Assignment::new(),
        };
        let mut known: BTreeMap<(&[Arc<str>], &str), usize> = BTreeMap::new();
        for member in stay.chain([new]) {
            let key = (&*member.topics, member.regex().unwrap_or_default());
            let subscription = *known.entry(key).or_insert_with(|| {
                seats.subscriptions.push(topic_ids(group, image, member));
                seats.subscriptions.len() - 1
            });
            let old = replaced
                .filter(|_| member.id == new.id)
                .unwrap_or(&member.id);
            seats.all.push(Seat {
                member,
                old: group.targets.get(old).cloned(),
                subscription,
            });
        }
        seats
    }

    fn spec(&self, subscription_type: SubscriptionType) -> GroupSpec<'_> {
        let members = self.all.iter().map(|seat| {
            let spec = MemberSpec {
                instance_id: seat.member.instance_id.as_deref(),
                subscribed: &self.subscriptions[seat.subscription],
                assigned: seat.old.as_deref().unwrap_or(&self.nothing),
            };
            (seat.member.id.clone(), spec)
        });
        GroupSpec {
            members: members.collect(),
            subscription_type,
        }
    }
}

/// How the subscriptions of so many members compare.
fn subscription_type(
    regexes: &BTreeMap<Arc<str>, usize>,
    topics: &BTreeMap<Arc<str>, Subscribers>,
    members: usize,
) -> SubscriptionType {
    let same = match regexes.values().next() {
        None => topics.values().all(|of| of.by_name == members),
        Some(count) => {
            let by_all = |of: &Subscribers| of.by_regex == 1 && of.by_name == 0;
            *count == members && topics.values().all(by_all)
        }
    };
    if same {
        SubscriptionType::Homogeneous
    } else {
        SubscriptionType::Heterogeneous
    }
}

/// The topics that a member is subscribed to and that exist.
fn topic_ids(group: &ConsumerGroup, image: &Image, member: &Member) -> BTreeSet<Uuid> {
    let resolved = member.regex().and_then(|regex| group.resolved.get(regex));
    let by_regex = resolved.iter().flat_map(|resolved| &resolved.topics);
    let names = member.topics.iter().chain(by_regex);
    names.filter_map(|name| image.topic_id(name)).collect()
}
