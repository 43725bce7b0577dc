//! Which partition a record goes to: by its key as every Kafka client does, or in long runs for records without one.

use crate::view::Topic;

/// The partition of a key among `partitions` (at least 1).
pub fn partition_of_key(key: &[u8], partitions: usize) -> usize {
    (murmur2(key) & 0x7FFF_FFFF) as usize % partitions.max(1)
}

/// MurmurHash2 of 32 bits with the seed that Kafka's clients use.
pub fn murmur2(bytes: &[u8]) -> u32 {
    const SEED: u32 = 0x9747_B28C;
    const MIX: u32 = 0x5BD1_E995;
    // The algorithm is defined on 32-bit lengths.
    let mut hash = SEED ^ bytes.len() as u32;
    let (words, tail) = bytes.as_chunks::<4>();
    for word in words {
        let mut word = u32::from_le_bytes(*word).wrapping_mul(MIX);
        word ^= word >> 24;
        hash = hash.wrapping_mul(MIX) ^ word.wrapping_mul(MIX);
    }
    if !tail.is_empty() {
        for (at, byte) in tail.iter().enumerate() {
            hash ^= u32::from(*byte) << (8 * at);
        }
        hash = hash.wrapping_mul(MIX);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(MIX);
    hash ^ (hash >> 15)
}

/// Stays with one partition of a topic for a batch's worth of bytes, then draws another: records without a key make
/// full batches, and all partitions get the same share.
#[derive(Debug, Default)]
pub(super) struct Sticky {
    current: Option<i32>,
    bytes: usize,
}

impl Sticky {
    /// The partition of a record of `size` bytes; `dice` is any number. Partitions without a leader are passed over
    /// while there are others. `None` for a topic without partitions.
    pub(super) fn next(
        &mut self,
        topic: &Topic,
        size: usize,
        batch_size: usize,
        dice: impl FnOnce() -> u64,
    ) -> Option<i32> {
        let led = |index: i32| {
            topic
                .partition(index)
                .is_some_and(|partition| partition.leader.is_some())
        };
        match self.current {
            Some(current) if self.bytes < batch_size && led(current) => {
                self.bytes += size;
                Some(current)
            }
            current => {
                let mut choices: Vec<i32> = topic
                    .partitions
                    .iter()
                    .filter(|partition| partition.leader.is_some())
                    .map(|partition| partition.index)
                    .collect();
                if choices.is_empty() {
                    choices = topic
                        .partitions
                        .iter()
                        .map(|partition| partition.index)
                        .collect();
                }
                if choices.len() > 1 {
                    choices.retain(|index| Some(*index) != current);
                }
                let drawn = dice() % choices.len().max(1) as u64;
                self.current = choices.get(drawn as usize).copied();
                self.bytes = size;
                self.current
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::Partition;

    #[test]
    fn hashes_are_kafkas() {
        for (key, hash) in [
            (&b"21"[..], -973_932_308),
            (b"foobar", -790_332_482),
            (b"a-little-bit-long-string", -985_981_536),
            (b"a-little-bit-longer-string", -1_486_304_829),
            (
                b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8",
                -58_897_971,
            ),
            (b"abc", 479_470_107),
        ] {
            assert_eq!(murmur2(key), hash as u32);
        }
        assert_eq!(partition_of_key(b"abc", 10), 7);
        assert_eq!(partition_of_key(b"foobar", 1), 0);
    }

    fn topic(leaders: &[Option<i32>]) -> Topic {
        Topic {
            name: "t".into(),
            id: ottla_wire::Uuid::ZERO,
            internal: false,
            partitions: (0..)
                .zip(leaders)
                .map(|(index, leader)| Partition {
                    index,
                    leader: *leader,
                    leader_epoch: 0,
                    replicas: vec![],
                    isr: vec![],
                    offline: vec![],
                })
                .collect(),
            learned_at: crate::runtime::now(),
        }
    }

    #[test]
    fn a_run_has_a_batchs_bytes_and_the_next_goes_elsewhere() {
        let topic = topic(&[Some(1), None, Some(1)]);
        let mut sticky = Sticky::default();
        let runs: Vec<_> = (0..9).map(|_| sticky.next(&topic, 10, 30, || 0)).collect();
        assert_eq!(runs, [0, 0, 0, 2, 2, 2, 0, 0, 0].map(Some));
    }

    #[test]
    fn without_leaders_any_partition_will_do_and_without_partitions_none() {
        let mut sticky = Sticky::default();
        assert_eq!(sticky.next(&topic(&[None, None]), 1, 1, || 1), Some(1));
        assert_eq!(Sticky::default().next(&topic(&[]), 1, 1, || 1), None);
    }
}
