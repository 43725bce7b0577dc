//! Metadata records in their frame, against bytes worked out by hand from the format.

use bytes::Bytes;
use ottla_wire::{
    Uuid,
    messages::{FeatureLevelRecord, MetadataRecord, NoOpRecord, TopicRecord},
};

#[test]
fn a_frame_is_version_type_and_record_version() {
    let record = MetadataRecord::from(FeatureLevelRecord {
        name: "kraft.version".to_owned(),
        feature_level: 1,
        ..FeatureLevelRecord::default()
    });
    let bytes = record.encode(0).unwrap();
    assert_eq!(&bytes[..4], [1, 12, 0, 14]);
    assert_eq!(&bytes[4..17], b"kraft.version");
    assert_eq!(&bytes[17..], [0, 1, 0]);
    assert_eq!(MetadataRecord::decode(bytes), Ok((record.clone(), 0)));
    assert_eq!((record.key(), record.name()), (12, "FEATURE_LEVEL_RECORD"));
}

#[test]
fn a_topic_is_its_name_and_id() {
    let record = MetadataRecord::from(TopicRecord {
        name: "t".to_owned(),
        topic_id: Uuid([7; 16]),
        ..TopicRecord::default()
    });
    let mut wanted = vec![1, 2, 0, 2, b't'];
    wanted.extend([7; 16]);
    wanted.push(0);
    assert_eq!(record.encode(0).unwrap(), wanted);
}

#[test]
fn bad_frames_are_refused() {
    let good = MetadataRecord::from(NoOpRecord::default())
        .encode(0)
        .unwrap();
    assert_eq!(good, [1, 20, 0, 0].as_slice());
    for bad in [
        &[][..],
        &[0, 20, 0, 0],
        &[2, 20, 0, 0],
        &[1, 99, 0, 0],
        &[1, 20, 1, 0],
        &[1, 20, 0],
        &[1, 20, 0, 0, 0],
        &[1, 0xFF, 0xFF, 0xFF, 0x0F, 0],
    ] {
        assert!(
            MetadataRecord::decode(Bytes::copy_from_slice(bad)).is_err(),
            "{bad:?}"
        );
    }
    assert_eq!(
        MetadataRecord::max_version(6),
        None,
        "a type that was never used"
    );
    assert_eq!(MetadataRecord::max_version(20), Some(0));
    assert!(
        MetadataRecord::from(NoOpRecord::default())
            .encode(1)
            .is_err()
    );
    assert!(
        MetadataRecord::from(NoOpRecord::default())
            .encode(-1)
            .is_err()
    );
}
