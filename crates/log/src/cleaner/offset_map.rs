//! The last offset of each key, in bounded memory: 24 bytes a key, which is known by 128 bits of hash.

use std::hash::{DefaultHasher, Hasher};

/// Bytes of a slot: hash, and offset plus one (0: nobody's).
pub(super) const SLOT: u64 = 24;
/// With how many slots a map begins.
const FEW: usize = 1 << 10;

type Slot = [u64; 3];

/// From keys to offsets. Kafka's `SkimpyOffsetMap`, with a keyed hash instead of MD5: nobody can choose keys that
/// collide. Memory grows with the keys; while it does, the smaller table is there too.
pub(super) struct OffsetMap {
    slots: Vec<Slot>,
    entries: usize,
    /// So many slots fit into the memory.
    most: usize,
    /// With so many entries it is full.
    full_at: usize,
    latest: i64,
    hashers: [DefaultHasher; 2],
}

impl OffsetMap {
    /// A map of at most `bytes` bytes, full when the share `load_factor` of its slots is taken.
    pub(super) fn new(bytes: u64, load_factor: f64, seed: [u64; 2]) -> Self {
        let most = usize::try_from(bytes / SLOT).unwrap_or(usize::MAX);
        let hashers = seed.map(|seed| {
            let mut hasher = DefaultHasher::new();
            hasher.write_u64(seed);
            hasher
        });
        Self {
            slots: vec![[0; 3]; most.min(FEW)],
            entries: 0,
            most,
            full_at: ((most as f64 * load_factor) as usize).min(most),
            latest: -1,
            hashers,
        }
    }

    /// How many keys it takes.
    pub(super) fn capacity(&self) -> usize {
        self.full_at
    }

    /// Whether it takes no more keys.
    pub(super) fn is_full(&self) -> bool {
        self.entries >= self.full_at
    }

    /// The share of all slots that is taken.
    pub(super) fn utilization(&self) -> f64 {
        self.entries as f64 / self.most.max(1) as f64
    }

    /// Up to and including this offset every record was seen; -1 for none.
    pub(super) fn latest(&self) -> i64 {
        self.latest
    }

    /// Every record up to and including `offset` was seen.
    pub(super) fn set_latest(&mut self, offset: i64) {
        self.latest = offset;
    }

    /// Forgets everything, and gives memory back.
    pub(super) fn clear(&mut self) {
        self.slots = vec![[0; 3]; self.most.min(FEW)];
        self.entries = 0;
        self.latest = -1;
    }

    fn hash(&self, key: &[u8]) -> [u64; 2] {
        [0, 1].map(|n| {
            let mut hasher = self.hashers[n].clone();
            hasher.write(key);
            hasher.finish()
        })
    }

    /// The slot of a hash, or the empty one where it belongs; `None` if every slot is another's.
    fn find(slots: &[Slot], hash: [u64; 2]) -> Option<usize> {
        let len = slots.len();
        let mut at = ((u128::from(hash[0]) * len as u128) >> 64) as usize;
        for _ in 0..len {
            let slot = &slots[at];
            if slot[2] == 0 || (slot[0] == hash[0] && slot[1] == hash[1]) {
                return Some(at);
            }
            at = if at + 1 == len { 0 } else { at + 1 };
        }
        None
    }

    /// The last offset of a key.
    pub(super) fn get(&self, key: &[u8]) -> Option<i64> {
        let at = Self::find(&self.slots, self.hash(key))?;
        (self.slots[at][2] as i64)
            .checked_sub(1)
            .filter(|o| *o >= 0)
    }

    /// Notes the offset of a record, which is above all before it. The map must not be full.
    pub(super) fn put(&mut self, key: &[u8], offset: i64) {
        if self.entries * 4 >= self.slots.len() * 3 && self.slots.len() < self.most {
            self.grow();
        }
        let hash = self.hash(key);
        let Some(at) = Self::find(&self.slots, hash) else {
            return;
        };
        if self.slots[at][2] == 0 {
            self.entries += 1;
        }
        self.slots[at] = [hash[0], hash[1], offset as u64 + 1];
        self.latest = offset;
    }

    fn grow(&mut self) {
        let more = self.slots.len().saturating_mul(2).min(self.most);
        let mut slots = vec![[0; 3]; more];
        for slot in self.slots.iter().filter(|slot| slot[2] != 0) {
            if let Some(at) = Self::find(&slots, [slot[0], slot[1]]) {
                slots[at] = *slot;
            }
        }
        self.slots = slots;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_offset_of_a_key_is_found() {
        let mut map = OffsetMap::new(100_000 * SLOT, 0.9, [1, 2]);
        assert_eq!((map.capacity(), map.latest()), (90_000, -1));
        assert_eq!(map.get(b"x"), None);
        let key = |n: i64| n.to_be_bytes();
        for round in 0..2 {
            for n in 0..90_000 {
                assert_eq!(map.is_full(), round > 0);
                map.put(&key(n), round * 90_000 + n);
            }
        }
        assert!(map.is_full());
        assert_eq!(map.latest(), 179_999);
        assert!((map.utilization() - 0.9).abs() < 1e-9);
        for n in 0..90_000 {
            assert_eq!(map.get(&key(n)), Some(90_000 + n));
        }
        assert_eq!(map.get(&key(90_000)), None);
        map.set_latest(200_000);
        assert_eq!(map.latest(), 200_000);
        map.clear();
        assert_eq!((map.get(&key(5)), map.latest()), (None, -1));
        map.put(b"", 0);
        assert_eq!(map.get(b""), Some(0));
    }

    #[test]
    fn a_table_without_an_empty_slot_still_answers() {
        let mut map = OffsetMap::new(7 * SLOT, 5.0, [3, 4]);
        assert_eq!(map.capacity(), 7);
        for n in 0..7_u8 {
            map.put(&[n], i64::from(n));
        }
        assert!(map.is_full());
        assert_eq!(map.get(&[3]), Some(3));
        assert_eq!(map.get(&[9]), None);
    }
}
