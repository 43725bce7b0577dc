//! A sorted map that is small in memory: entries lie side by side, with little room to grow.
//!
//! A `BTreeMap` of few entries takes a node of eleven, and one that was filled in order is half empty. There may be a
//! million offsets, and most of the maps that they are in have a few entries or some hundred.

/// An entry that has its key in it.
pub(super) trait Keyed {
    /// What entries are sorted by.
    type Key: ?Sized + Ord;

    /// Its key. It never changes.
    fn key(&self) -> &Self::Key;
}

/// How many entries a chunk has at most: inserting moves no more than that.
const CHUNK: usize = 128;

/// A sorted map of entries that have their keys in them.
#[derive(Debug)]
pub(super) struct Packed<T> {
    /// None is empty, each is sorted, and they are sorted among each other.
    chunks: Vec<Vec<T>>,
}

impl<T> Default for Packed<T> {
    fn default() -> Self {
        Self { chunks: Vec::new() }
    }
}

impl<T: Keyed> Packed<T> {
    /// Where the entry is, or where it belongs.
    fn place(&self, key: &T::Key) -> (usize, Result<usize, usize>) {
        let after = self
            .chunks
            .partition_point(|chunk| chunk.first().is_some_and(|first| first.key() <= key));
        let at = after.saturating_sub(1);
        let within = self.chunks.get(at).map_or(Err(0), |chunk| {
            chunk.binary_search_by(|entry| entry.key().cmp(key))
        });
        (at, within)
    }

    /// The entry of a key.
    pub(super) fn get(&self, key: &T::Key) -> Option<&T> {
        match self.place(key) {
            (chunk, Ok(at)) => Some(&self.chunks[chunk][at]),
            (_, Err(_)) => None,
        }
    }

    /// The entry of a key.
    pub(super) fn get_mut(&mut self, key: &T::Key) -> Option<&mut T> {
        match self.place(key) {
            (chunk, Ok(at)) => Some(&mut self.chunks[chunk][at]),
            (_, Err(_)) => None,
        }
    }

    /// The entry of a key, made if it is not there.
    pub(super) fn get_or_insert_with(&mut self, key: &T::Key, make: impl FnOnce() -> T) -> &mut T {
        let (chunk, at) = match self.place(key) {
            (chunk, Ok(at)) => (chunk, at),
            (chunk, Err(at)) => self.insert_at(chunk, at, make()),
        };
        &mut self.chunks[chunk][at]
    }

    /// Puts an entry; the one that had its key.
    pub(super) fn insert(&mut self, entry: T) -> Option<T> {
        match self.place(entry.key()) {
            (chunk, Ok(at)) => Some(std::mem::replace(&mut self.chunks[chunk][at], entry)),
            (chunk, Err(at)) => {
                self.insert_at(chunk, at, entry);
                None
            }
        }
    }

    fn insert_at(&mut self, chunk: usize, at: usize, entry: T) -> (usize, usize) {
        let Some(of) = self.chunks.get_mut(chunk) else {
            self.chunks.reserve_exact(1);
            self.chunks.push(vec![entry]);
            return (chunk, 0);
        };
        if of.len() < CHUNK {
            if of.len() == of.capacity() {
                of.reserve_exact((of.len() / 4).max(1).min(CHUNK - of.len()));
            }
            of.insert(at, entry);
            return (chunk, at);
        }
        if at == of.len() {
            // Often they come in order: this one stays full.
            self.chunks.insert(chunk + 1, vec![entry]);
            return (chunk + 1, 0);
        }
        let upper = of.split_off(CHUNK / 2);
        of.shrink_to_fit();
        self.chunks.insert(chunk + 1, upper);
        match at.checked_sub(CHUNK / 2) {
            Some(at) => self.insert_at(chunk + 1, at, entry),
            None => self.insert_at(chunk, at, entry),
        }
    }

    /// Takes an entry away.
    pub(super) fn remove(&mut self, key: &T::Key) -> Option<T> {
        let (chunk, Ok(at)) = self.place(key) else {
            return None;
        };
        let entry = self.chunks[chunk].remove(at);
        if self.chunks[chunk].is_empty() {
            self.chunks.remove(chunk);
        }
        Some(entry)
    }

    /// Whether there is nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// The entries by key.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    impl Keyed for (i32, u64) {
        type Key = i32;
        fn key(&self) -> &i32 {
            &self.0
        }
    }

    #[derive(Clone, Debug)]
    enum Step {
        Insert(i32, u64),
        Ensure(i32, u64),
        Remove(i32),
    }

    fn step() -> impl Strategy<Value = Step> {
        let key = || 0..1000_i32;
        prop_oneof![
            4 => (key(), any::<u64>()).prop_map(|(key, value)| Step::Insert(key, value)),
            1 => (key(), any::<u64>()).prop_map(|(key, value)| Step::Ensure(key, value)),
            2 => key().prop_map(Step::Remove),
        ]
    }

    fn same(packed: &Packed<(i32, u64)>, model: &BTreeMap<i32, u64>) {
        assert!(
            packed
                .iter()
                .copied()
                .eq(model.iter().map(|(k, v)| (*k, *v)))
        );
        assert_eq!(packed.is_empty(), model.is_empty());
        for chunk in &packed.chunks {
            assert!((1..=CHUNK).contains(&chunk.len()));
        }
    }

    proptest! {
        #[test]
        fn it_is_a_map(steps in proptest::collection::vec(step(), 0..2000)) {
            let (mut packed, mut model) = (Packed::default(), BTreeMap::new());
            for step in steps {
                match step {
                    Step::Insert(key, value) => {
                        let old = packed.insert((key, value)).map(|(_, value)| value);
                        prop_assert_eq!(old, model.insert(key, value));
                    }
                    Step::Ensure(key, value) => {
                        let made = packed.get_or_insert_with(&key, || (key, value)).1;
                        prop_assert_eq!(made, *model.entry(key).or_insert(value));
                    }
                    Step::Remove(key) => {
                        let old = packed.remove(&key).map(|(_, value)| value);
                        prop_assert_eq!(old, model.remove(&key));
                    }
                }
            }
            for key in -1..1001 {
                prop_assert_eq!(packed.get(&key).map(|entry| entry.1), model.get(&key).copied());
            }
            same(&packed, &model);
        }
    }

    #[test]
    fn in_order_and_against_it() {
        for keys in [(0..5000).collect::<Vec<i32>>(), (0..5000).rev().collect()] {
            let (mut packed, mut model) = (Packed::default(), BTreeMap::new());
            for key in keys {
                packed.insert((key, 1));
                model.insert(key, 1);
            }
            same(&packed, &model);
        }
    }
}
