//! The topics of the world: an image of the metadata that grows.

use std::sync::Arc;

use ottla_metadata::Image;
use ottla_wire::{
    Uuid,
    messages::{MetadataRecord, partition_record::PartitionRecord, topic_record::TopicRecord},
};

/// The names that topics may have: all match the pattern that some members subscribe to.
pub(crate) const NAMES: [&str; 3] = ["t0", "t1", "t2"];

/// The topics, as the coordinator is told of them.
#[derive(Clone, Default)]
pub(crate) struct Topics {
    pub(crate) image: Arc<Image>,
    /// Rises with each change: the offset of the last metadata record.
    pub(crate) version: i64,
}

pub(crate) fn id_of(name: &str) -> Uuid {
    let number = NAMES.iter().position(|known| *known == name).unwrap();
    Uuid::from_u128(0x1000 + number as u128)
}

pub(crate) fn name_of(id: Uuid) -> &'static str {
    NAMES
        .iter()
        .find(|name| id_of(name) == id)
        .expect("a topic of ours")
}

impl Topics {
    /// Creates a topic, or adds partitions to it.
    pub(crate) fn grow(&mut self, name: &str, partitions: i32) {
        let mut image = (*self.image).clone();
        let id = id_of(name);
        let there = image
            .topic_by_id(id)
            .map(|topic| topic.partitions.len() as i32);
        if there.is_none() {
            let topic = TopicRecord {
                name: name.to_owned(),
                topic_id: id,
                ..TopicRecord::default()
            };
            image.apply(&MetadataRecord::Topic(topic)).unwrap();
        }
        for index in there.unwrap_or(0)..partitions {
            let partition = PartitionRecord {
                partition_id: index,
                topic_id: id,
                replicas: vec![0],
                isr: vec![0],
                directories: vec![Uuid::from_u128(99)],
                ..PartitionRecord::default()
            };
            image.apply(&MetadataRecord::Partition(partition)).unwrap();
        }
        self.image = Arc::new(image);
        self.version += 1;
    }

    pub(crate) fn partitions(&self, name: &str) -> i32 {
        self.image
            .topic(name)
            .map_or(0, |topic| topic.partitions.len() as i32)
    }

    /// All partitions of these topics.
    pub(crate) fn all<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Vec<(Uuid, i32)> {
        let mut all = Vec::new();
        for name in names {
            all.extend((0..self.partitions(name)).map(|index| (id_of(name), index)));
        }
        all
    }
}
