//! The small files of a log directory.

use std::{fs, path::Path};

use ottla_log::{
    checkpoint::{self, PartitionOffset},
    directory::{self, LogDirectory, MetaProperties},
    names::PartitionName,
};
use ottla_wire::{Uuid, random::Random};

use super::{Choices, folder, pick, put_piece};
use crate::Target;

/// An offset checkpoint.
pub(super) static CHECKPOINT: Target = Target {
    name: "checkpoint",
    valid: |source| {
        let folder = folder();
        let path = folder.path().join("x");
        let offsets: Vec<_> = (0..source.below(9))
            .map(|n| PartitionOffset {
                topic: format!("topic-{n}"),
                partition: source.below(100) as i32,
                offset: source.below(1 << 40) as i64,
            })
            .collect();
        checkpoint::write_offsets(&path, &offsets).expect("it is written");
        fs::read(path).expect("it is there")
    },
    check: |input| {
        let folder = folder();
        let path = folder.path().join("x");
        fs::write(&path, input).expect("it is written");
        let Ok(offsets) = checkpoint::read_offsets(&path) else {
            return false;
        };
        checkpoint::write_offsets(&path, &offsets).expect("it is written");
        let again = checkpoint::read_offsets(&path);
        assert_eq!(again.ok(), Some(offsets));
        true
    },
};

/// `meta.properties`, `.kafka_cleanshutdown`, `partition.metadata`, and names of partitions' directories.
pub(super) static DIRECTORY: Target = Target {
    name: "log_directory",
    valid: |source| {
        let folder = folder();
        let partition = folder.path();
        MetaProperties {
            version: 1,
            cluster_id: Some("5L6g3nShT-eMCtK--X86sw".to_owned()),
            node_id: Some(source.below(9) as i32),
            directory_id: Some(id(source)),
        }
        .write(partition, 0)
        .expect("it is written");
        directory::write_topic_id(partition, &id(source)).expect("it is written");
        let mut input = Vec::new();
        let read = |name: &str| fs::read(partition.join(name)).expect("it is there");
        put_piece(&mut input, &read("meta.properties"));
        put_piece(&mut input, &read("partition.metadata"));
        put_piece(&mut input, b"{\"version\":0,\"brokerEpoch\":7}");
        let names = [
            "t-0",
            "a-b-12",
            "t-1.0123456789abcdef0123456789abcdef-delete",
        ];
        put_piece(&mut input, pick(source, &names).as_bytes());
        input
    },
    check: |input| {
        let mut choices = Choices(input);
        let folder = folder();
        let path = folder.path();
        for name in [
            "meta.properties",
            "partition.metadata",
            ".kafka_cleanshutdown",
        ] {
            fs::write(path.join(name), choices.piece()).expect("it is written");
        }
        let name = String::from_utf8_lossy(choices.piece()).into_owned();
        let partition = PartitionName::parse(&name);
        if let Some(partition) = &partition {
            assert_eq!(partition.to_string(), name);
        }
        let sound = reads(path);
        sound && partition.is_some()
    },
};

/// An id that no other meaning is reserved for.
fn id(source: &mut Random) -> Uuid {
    Uuid::from_u128(u128::from(source.next()) << 64 | 7)
}

fn reads(path: &Path) -> bool {
    let directory = LogDirectory::open(path).expect("nobody else has it");
    let clean = directory.clean_shutdown();
    let topic = directory::read_topic_id(path);
    let meta = directory.meta();
    if let Ok(Some(meta)) = &meta {
        meta.write(path, 0).expect("it is written");
        let again = directory.meta().expect("as it was written");
        assert_eq!(again.as_ref(), Some(meta));
    }
    let _ = directory.partitions().expect("it can be listed");
    meta.is_ok() && topic.is_ok() && clean.is_ok()
}
