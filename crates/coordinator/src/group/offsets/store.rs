//! Committed offsets in memory, small: there may be a million.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ottla_wire::Uuid;

use super::packed::{Keyed, Packed};

/// A committed offset.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Offset<'a> {
    /// The partition's number.
    pub(super) partition: i32,
    /// The offset of the next record to be read.
    pub(super) offset: i64,
    /// The leader epoch of the last one that was; -1 if it is not known.
    pub(super) leader_epoch: i32,
    /// What the committer noted.
    pub(super) metadata: &'a str,
    /// When it was committed, in ms.
    pub(super) timestamp: i64,
    /// When it expires, in ms, whatever the retention; -1 if it says nothing of that.
    pub(super) expires: i64,
    /// The topic's id; zero if it is not known.
    pub(super) topic_id: Uuid,
    /// The offset of its record in the coordinator's log.
    pub(super) record: i64,
}

/// The same, small.
#[derive(Debug)]
pub(super) struct Small {
    partition: i32,
    leader_epoch: i32,
    offset: i64,
    timestamp: i64,
    record: i64,
    more: Option<Box<More>>,
}

/// What few have.
#[derive(Debug)]
struct More {
    metadata: Box<str>,
    expires: i64,
    /// If it is not that of the topic's other offsets.
    topic_id: Option<Uuid>,
}

/// The offsets of a topic.
#[derive(Debug)]
pub(super) struct Topic {
    name: Arc<str>,
    id: Uuid,
    offsets: Packed<Small>,
}

impl Keyed for Small {
    type Key = i32;
    fn key(&self) -> &i32 {
        &self.partition
    }
}

impl Keyed for Topic {
    type Key = str;
    fn key(&self) -> &str {
        &self.name
    }
}

impl Topic {
    /// Its name.
    pub(super) fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The offset of a partition.
    pub(super) fn get(&self, partition: i32) -> Option<Offset<'_>> {
        self.offsets.get(&partition).map(|small| self.offset(small))
    }

    /// All, by partition.
    pub(super) fn iter(&self) -> impl Iterator<Item = Offset<'_>> {
        self.offsets.iter().map(|small| self.offset(small))
    }

    fn offset<'a>(&'a self, small: &'a Small) -> Offset<'a> {
        let more = small.more.as_deref();
        Offset {
            partition: small.partition,
            offset: small.offset,
            leader_epoch: small.leader_epoch,
            metadata: more.map_or("", |more| &more.metadata),
            timestamp: small.timestamp,
            expires: more.map_or(-1, |more| more.expires),
            topic_id: more.and_then(|more| more.topic_id).unwrap_or(self.id),
            record: small.record,
        }
    }

    fn put(&mut self, of: &Offset<'_>) {
        let topic_id = (of.topic_id != self.id).then_some(of.topic_id);
        let has_more = !of.metadata.is_empty() || of.expires != -1 || topic_id.is_some();
        let more = has_more.then(|| {
            Box::new(More {
                metadata: of.metadata.into(),
                expires: of.expires,
                topic_id,
            })
        });
        self.offsets.insert(Small {
            partition: of.partition,
            leader_epoch: of.leader_epoch,
            offset: of.offset,
            timestamp: of.timestamp,
            record: of.record,
            more,
        });
    }
}

/// Offsets by group, topic and partition.
#[derive(Debug, Default)]
pub(super) struct Store {
    by_group: BTreeMap<Arc<str>, Packed<Topic>>,
    /// The names of topics, each once.
    names: BTreeSet<Arc<str>>,
}

impl Store {
    /// The offset of a partition.
    pub(super) fn get(&self, group: &str, topic: &str, partition: i32) -> Option<Offset<'_>> {
        self.topic(group, topic)?.get(partition)
    }

    /// The offsets of a topic.
    pub(super) fn topic(&self, group: &str, topic: &str) -> Option<&Topic> {
        self.by_group.get(group)?.get(topic)
    }

    /// The topics of a group, by name.
    pub(super) fn topics(&self, group: &str) -> impl Iterator<Item = &Topic> {
        self.by_group.get(group).into_iter().flat_map(Packed::iter)
    }

    /// Whether there are offsets of a topic.
    pub(super) fn knows(&self, topic: &str) -> bool {
        self.names.contains(topic)
    }

    /// Whether a group has offsets.
    pub(super) fn has(&self, group: &str) -> bool {
        self.by_group.contains_key(group)
    }

    /// The groups with offsets, by id, from one on.
    pub(super) fn groups_from(&self, from: &str) -> impl Iterator<Item = &Arc<str>> {
        use std::ops::Bound::{Included, Unbounded};
        self.by_group
            .range::<str, _>((Included(from), Unbounded))
            .map(|(id, _)| id)
    }

    /// Puts an offset in the place of the one before.
    pub(super) fn put(&mut self, group: &Arc<str>, topic: &str, of: &Offset<'_>) {
        let names = &mut self.names;
        // Not by entry(): the id is seldom new.
        if !self.by_group.contains_key(group) {
            self.by_group.insert(group.clone(), Packed::default());
        }
        let Some(topics) = self.by_group.get_mut(group) else {
            return;
        };
        let topic = topics.get_or_insert_with(topic, || Topic {
            name: shared(names, topic),
            id: of.topic_id,
            offsets: Packed::default(),
        });
        topic.put(of);
    }

    /// Takes an offset away; whether it was there.
    pub(super) fn remove(&mut self, group: &str, topic: &str, partition: i32) -> bool {
        let Some(topics) = self.by_group.get_mut(group) else {
            return false;
        };
        let Some(of) = topics.get_mut(topic) else {
            return false;
        };
        if of.offsets.remove(&partition).is_none() {
            return false;
        }
        if of.offsets.is_empty() {
            topics.remove(topic);
            if self
                .names
                .get(topic)
                .is_some_and(|name| Arc::strong_count(name) == 1)
            {
                self.names.remove(topic);
            }
        }
        if topics.is_empty() {
            self.by_group.remove(group);
        }
        true
    }

    /// All: group, topic, offset.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<str>, Offset<'_>)> {
        self.by_group.iter().flat_map(|(group, topics)| {
            topics
                .iter()
                .flat_map(move |topic| topic.iter().map(move |offset| (group, &topic.name, offset)))
        })
    }
}

fn shared(names: &mut BTreeSet<Arc<str>>, name: &str) -> Arc<str> {
    if let Some(name) = names.get(name) {
        return name.clone();
    }
    let name: Arc<str> = name.into();
    names.insert(name.clone());
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offset(partition: i32, topic_id: u128, metadata: &str) -> Offset<'_> {
        Offset {
            partition,
            offset: 7,
            leader_epoch: 3,
            metadata,
            timestamp: 99,
            expires: -1,
            topic_id: Uuid::from_u128(topic_id),
            record: 11,
        }
    }

    #[test]
    fn what_is_put_is_there_until_it_is_removed() {
        let group: Arc<str> = "g".into();
        let mut store = Store::default();
        let all = [
            offset(0, 1, ""),
            offset(1, 1, "noted"),
            offset(2, 2, ""),
            Offset {
                expires: 5,
                ..offset(3, 0, "")
            },
        ];
        for of in &all {
            store.put(&group, "t", of);
        }
        store.put(&group, "u", &all[0]);
        assert_eq!(store.iter().count(), 5);
        for of in &all {
            assert_eq!(store.get("g", "t", of.partition), Some(*of));
        }
        let again = Offset {
            offset: 8,
            ..offset(1, 2, "")
        };
        store.put(&group, "t", &again);
        assert_eq!(
            (store.iter().count(), store.get("g", "t", 1)),
            (5, Some(again))
        );
        assert_eq!(store.get("g", "t", 4), None);
        assert_eq!(store.get("h", "t", 0), None);
        assert!(
            !store.remove("g", "t", 4) && !store.remove("g", "v", 0) && !store.remove("h", "t", 0)
        );
        for of in &all {
            assert!(store.remove("g", "t", of.partition));
        }
        assert_eq!(store.names.len(), 1, "a name that nobody needs goes");
        assert!(store.remove("g", "u", 0));
        assert_eq!(
            (store.iter().count(), store.has("g"), store.names.len()),
            (0, false, 0)
        );
    }

    #[test]
    fn an_offset_is_small() {
        assert_eq!(size_of::<Small>(), 40);
    }
}
