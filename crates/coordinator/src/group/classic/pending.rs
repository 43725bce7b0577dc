//! Those who were given a member id and have not come back with it.

use std::{collections::BTreeMap, sync::Arc};

/// Ids that were given out, oldest first. Each ends with the session timeout of its request, and a group keeps so many
/// at most: whoever asks and never comes back displaces others of that kind, not members.
#[derive(Debug, Default)]
pub(super) struct Pending {
    by_id: BTreeMap<Arc<str>, u64>,
    by_age: BTreeMap<u64, Arc<str>>,
    next: u64,
}

/// How many ids a group keeps that were given out and not used.
pub(super) const MAX_PENDING: usize = 10_000;

impl Pending {
    /// Keeps an id; the one that it displaces.
    pub(super) fn insert(&mut self, id: Arc<str>) -> Option<Arc<str>> {
        let displaced = if self.by_id.len() >= MAX_PENDING {
            self.by_age.pop_first().map(|(_, id)| id)
        } else {
            None
        };
        if let Some(id) = &displaced {
            self.by_id.remove(id);
        }
        self.by_id.insert(id.clone(), self.next);
        self.by_age.insert(self.next, id);
        self.next += 1;
        displaced
    }

    pub(super) fn remove(&mut self, id: &str) -> bool {
        let Some(age) = self.by_id.remove(id) else {
            return false;
        };
        self.by_age.remove(&age);
        true
    }

    pub(super) fn contains(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<str>> {
        self.by_age.values()
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_makes_room() {
        let mut pending = Pending::default();
        for n in 0..MAX_PENDING {
            assert_eq!(pending.insert(n.to_string().into()), None);
        }
        assert!(pending.remove("0"));
        assert!(!pending.remove("0"));
        assert_eq!(pending.insert("a".into()), None);
        assert_eq!(pending.insert("b".into()).as_deref(), Some("1"));
        assert_eq!(pending.len(), MAX_PENDING);
        assert_eq!(pending.iter().count(), MAX_PENDING);
        assert!(pending.contains("b") && !pending.contains("1"));
    }
}
