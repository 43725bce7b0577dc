//! The ring that the journal is: bounded in entries and bytes, and no client may fill it alone.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use super::Entry;

/// Entries in the ring.
const ENTRIES_MAX: usize = 2048;
/// Entries of one client.
const OF_ONE_CLIENT_MAX: usize = ENTRIES_MAX / 4;
/// Bytes of all entries.
const BYTES_MAX: usize = 1 << 20;

/// What makes two refusals the same but for their time: who, what, about what, and which code.
type Sameness = u64;

/// Refusals, the latest last.
#[derive(Debug, Default)]
pub(super) struct Ring {
    entries: BTreeMap<u64, Arc<Entry>>,
    same: HashMap<Sameness, u64>,
    by_client: HashMap<u64, BTreeSet<u64>>,
    bytes: usize,
    last: u64,
    dropped: u64,
}

impl Ring {
    /// The number of the last entry.
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    /// Entries that had to make room.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Entries after number `after`, oldest first.
    pub(super) fn after(&self, after: u64) -> impl Iterator<Item = &Arc<Entry>> {
        let from = after.saturating_add(1);
        self.entries.range(from..).map(|(_, entry)| entry)
    }

    /// Adds an entry, or what it repeats counts once more. Its numbers are given here. How often it was seen by now.
    pub(super) fn put(&mut self, mut entry: Entry) -> u64 {
        self.last += 1;
        entry.number = self.last;
        let sameness = sameness(&entry);
        if let Some(number) = self.same.get(&sameness)
            && let Some(before) = self.take(*number)
        {
            entry.first_ms = before.first_ms;
            entry.count = before.count.saturating_add(1);
        }
        let (client, count) = (client(&entry), entry.count);
        self.bytes += size(&entry);
        self.same.insert(sameness, self.last);
        let of_client = self.by_client.entry(client).or_default();
        of_client.insert(self.last);
        let excess = (of_client.len() > OF_ONE_CLIENT_MAX).then(|| of_client.first().copied());
        self.entries.insert(self.last, Arc::new(entry));
        if let Some(Some(oldest)) = excess {
            self.make_room(oldest);
        }
        while self.entries.len() > ENTRIES_MAX || self.bytes > BYTES_MAX {
            let Some((oldest, _)) = self.entries.first_key_value() else {
                break;
            };
            self.make_room(*oldest);
        }
        count
    }

    fn make_room(&mut self, number: u64) {
        if self.take(number).is_some() {
            self.dropped += 1;
        }
    }

    fn take(&mut self, number: u64) -> Option<Arc<Entry>> {
        let entry = self.entries.remove(&number)?;
        self.bytes -= size(&entry);
        self.same.remove(&sameness(&entry));
        let client = client(&entry);
        if let Some(of_client) = self.by_client.get_mut(&client) {
            of_client.remove(&number);
            if of_client.is_empty() {
                self.by_client.remove(&client);
            }
        }
        Some(entry)
    }
}

fn hash(of: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

/// A client is its address and what it calls itself: ports change with every connection.
fn client(entry: &Entry) -> u64 {
    hash((&entry.client_id, &entry.principal, entry.peer.ip()))
}

fn sameness(entry: &Entry) -> Sameness {
    hash((client(entry), entry.request, entry.code, &entry.about))
}

/// What an entry takes, roughly: its texts, and a little for the rest.
fn size(entry: &Entry) -> usize {
    let about = entry.about.iter().map(|(_, which)| which.len() + 40);
    let client_id = entry.client_id.as_ref().map_or(0, |id| id.len());
    256 + about.sum::<usize>() + client_id + entry.principal.len() + entry.reason.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(client: &str, topic: usize) -> Entry {
        Entry {
            client_id: Some(client.into()),
            about: vec![("topic", topic.to_string())],
            ..Entry::example()
        }
    }

    #[test]
    fn the_same_of_the_same_client_is_one_entry() {
        let mut ring = Ring::default();
        for at in 1..=5 {
            let again = Entry {
                first_ms: at,
                last_ms: at,
                ..entry("a", 0)
            };
            assert_eq!(ring.put(again), at as u64);
            ring.put(entry("b", 0));
        }
        let all: Vec<_> = ring.after(0).collect();
        assert_eq!(all.len(), 2);
        assert_eq!((all[0].first_ms, all[0].last_ms, all[0].count), (1, 5, 5));
        assert_eq!((all[0].number, all[1].number, ring.last()), (9, 10, 10));
        assert_eq!(ring.after(9).count(), 1);
        assert_eq!(ring.dropped(), 0);
    }

    #[test]
    fn one_client_cannot_push_out_the_others() {
        let mut ring = Ring::default();
        ring.put(entry("quiet", 0));
        for topic in 0..3 * ENTRIES_MAX {
            ring.put(entry("loud", topic));
        }
        assert_eq!(ring.entries.len(), OF_ONE_CLIENT_MAX + 1);
        assert_eq!(ring.dropped() as usize, 3 * ENTRIES_MAX - OF_ONE_CLIENT_MAX);
        let first = ring.after(0).next().unwrap();
        assert_eq!(first.client_id.as_deref(), Some("quiet"));
    }

    #[test]
    fn entries_and_bytes_are_bounded_and_nothing_is_left_behind() {
        let mut ring = Ring::default();
        for at in 0..4 * ENTRIES_MAX {
            let long = Entry {
                reason: "x".repeat(at % 4_000),
                ..entry(&format!("client {}", at % 1_000), at)
            };
            ring.put(long);
            assert!(ring.entries.len() <= ENTRIES_MAX && ring.bytes <= BYTES_MAX);
        }
        let bytes: usize = ring.entries.values().map(|entry| size(entry)).sum();
        assert_eq!(bytes, ring.bytes);
        assert_eq!(ring.same.len(), ring.entries.len());
        let of_clients: usize = ring.by_client.values().map(BTreeSet::len).sum();
        assert_eq!(of_clients, ring.entries.len());
    }
}
