//! Records of the metadata log, and the control records between them.

use std::sync::LazyLock;

use bytes::Bytes;
use ottla_metadata::Image;
use ottla_raft::Control;
use ottla_wire::{
    messages::{MetadataRecord, random::TABLE},
    records::{Batch, Batches},
};

use super::{Choices, pick, put_piece};
use crate::Target;

/// The records of a log that Apache Kafka wrote.
static WRITTEN: LazyLock<Vec<Bytes>> = LazyLock::new(|| {
    let log = include_bytes!("../../../crates/metadata/tests/kafka/4.3.1.log");
    Batches::new(Bytes::from_static(log))
        .map(|batch| Batch::first(&batch.expect("a sound batch").1).expect("a batch"))
        .filter(|batch| !batch.attributes().is_control())
        .flat_map(|batch| batch.records().expect("records"))
        .filter_map(|record| record.expect("a sound record").value)
        .collect()
});

/// Records, one after the other.
pub(super) static IMAGE: Target = Target {
    name: "image",
    valid: |source| {
        let from = source.below(WRITTEN.len() as u64) as usize;
        let to = from + source.below(40) as usize;
        let mut input = Vec::new();
        // The first ones, without which many of the others have no topic or broker.
        for record in WRITTEN.iter().take(from).take(10) {
            put_piece(&mut input, record);
        }
        for record in WRITTEN.iter().take(to).skip(from) {
            put_piece(&mut input, record);
        }
        input
    },
    check: |input| {
        let mut choices = Choices(input);
        let mut image = Image::default();
        while !choices.0.is_empty() {
            let value = Bytes::copy_from_slice(choices.piece());
            let Ok((record, version)) = MetadataRecord::decode(value) else {
                continue;
            };
            let written = record.encode(version).expect("it was of this version");
            // By their bytes: a quota may be NaN, which is not even equal to itself.
            let again = MetadataRecord::decode(written.clone());
            let (again, _) = again.expect("as it was written");
            assert_eq!(again.encode(version).as_ref(), Ok(&written));
            if let Err(error) = image.apply(&record) {
                assert!(!error.to_string().is_empty());
            }
        }
        makes_itself_again(&image);
        true
    },
};

/// A snapshot of the image is read as the image.
fn makes_itself_again(image: &Image) {
    let mut again = Image::default();
    for record in image.to_records() {
        let bytes = record
            .value
            .encode(record.version)
            .expect("its version has a place for it");
        let (value, _) = MetadataRecord::decode(bytes).expect("as it was written");
        again.apply(&value).expect("it was in an image");
    }
    // By their bytes, for the sake of a quota that is NaN.
    let bytes = |image: &Image| -> Vec<_> {
        let records = image.to_records();
        records
            .map(|record| record.value.encode(record.version))
            .collect()
    };
    assert_eq!(bytes(image), bytes(&again));
}

/// The type of a control record, and its value.
pub(super) static CONTROL: Target = Target {
    name: "control",
    valid: |source| {
        let kinds = [
            (2, "LeaderChangeMessage"),
            (3, "SnapshotHeaderRecord"),
            (4, "SnapshotFooterRecord"),
            (5, "KRaftVersionRecord"),
            (6, "VotersRecord"),
        ];
        let (kind, name) = *pick(source, &kinds);
        let entry = TABLE.iter().find(|entry| entry.name == name);
        let mut input = vec![kind];
        input.extend_from_slice(&(entry.expect("a message").random)(source, 0));
        input
    },
    check: |input| {
        let mut choices = Choices(input);
        let kind = choices.byte();
        let Ok(control) = Control::read(kind.into(), choices.rest()) else {
            return false;
        };
        let value = control.value().expect("it was read from one");
        assert_eq!(Control::read(kind.into(), value), Ok(control));
        true
    },
};
