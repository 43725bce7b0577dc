//! The hash by which a group notices that its topics changed: it is in the log, so it is Kafka's to the byte.

use ottla_metadata::{Image, image::Topic};
use twox_hash::XxHash3_64;

/// The version of what is hashed.
const MAGIC: u8 = 0;

/// Strings are hashed as UTF-16, then their length in units.
fn put_string(bytes: &mut Vec<u8>, text: &[u16]) {
    for unit in text {
        bytes.extend_from_slice(&unit.to_le_bytes());
    }
    put_length(bytes, text.len());
}

fn put_length(bytes: &mut Vec<u8>, length: usize) {
    let length = i32::try_from(length).unwrap_or(i32::MAX);
    bytes.extend_from_slice(&length.to_le_bytes());
}

fn utf16(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// Of a topic: its id, name, and for each partition the racks of its replicas, ascending.
pub(super) fn topic_hash(topic: &Topic, image: &Image) -> i64 {
    let mut bytes = vec![MAGIC];
    let (high, low) = topic.id.0.split_at(8);
    for half in [high, low] {
        bytes.extend(half.iter().rev());
    }
    put_string(&mut bytes, &utf16(&topic.name));
    put_length(&mut bytes, topic.partitions.len());
    for (index, partition) in (0_i32..).zip(topic.partitions.values()) {
        bytes.extend_from_slice(&index.to_le_bytes());
        let brokers = partition.replicas.iter().filter_map(|id| image.broker(*id));
        let racks = brokers.filter_map(|broker| broker.rack.as_deref());
        let mut racks: Vec<_> = racks.map(utf16).collect();
        racks.sort_unstable();
        for rack in racks {
            put_length(&mut bytes, rack.len());
            put_string(&mut bytes, &rack);
        }
    }
    XxHash3_64::oneshot(&bytes).cast_signed()
}

/// Of a group: those of the topics that it is subscribed to and that exist, by name. Without topics it is 0.
pub(super) fn group_hash(topics: impl Iterator<Item = i64>) -> i64 {
    let bytes: Vec<u8> = topics.flat_map(i64::to_le_bytes).collect();
    if bytes.is_empty() {
        return 0;
    }
    XxHash3_64::oneshot(&bytes).cast_signed()
}
