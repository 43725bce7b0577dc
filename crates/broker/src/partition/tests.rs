//! Partitions whose disk refuses.

use std::{collections::BTreeMap, io, path::Path};

use ottla_config::BrokerConfig;
use ottla_log::{
    Opening,
    directory::MetaProperties,
    file::{Op, faults},
    names::PartitionName,
};
use ottla_wire::records::{BatchBuilder, Codec};

use super::*;
use crate::{
    log_dirs::{LogDirs, Placement},
    markers::Marker,
};

fn format(path: &Path, id: u128) {
    let meta = MetaProperties {
        version: 1,
        cluster_id: Some("a cluster".to_owned()),
        node_id: Some(1),
        directory_id: Some(Uuid::from_u128(id)),
    };
    std::fs::create_dir_all(path).unwrap();
    meta.write(path, 0).unwrap();
}

/// Two directories, with ids 1000 and 1001.
pub(crate) fn two_dirs(at: &Path) -> LogDirs {
    let paths = ["a", "b"].map(|name| at.join(name));
    for (path, id) in paths.iter().zip(1000..) {
        format(path, id);
    }
    LogDirs::open(&paths, &paths, &paths[0], 1).unwrap().0
}

pub(crate) fn partition(dir: &Arc<LogDir>, index: i32) -> Arc<Partition> {
    let name = PartitionName::new("t", index);
    let path = dir.directory().partition_path(&name);
    let config = BrokerConfig::load(&[ottla_config::zero_configuration()], &mut |_| Ok(None))
        .unwrap()
        .config;
    let settings = Arc::new(TopicSettings::of(&config, &BTreeMap::new()));
    let (log, _) = Log::open(&path, settings.log.clone(), &Opening::clean(0)).unwrap();
    let (topic, id) = ("t".into(), Uuid::from_u128(7));
    let partition = Partition::new(topic, id, index, dir.clone(), log, settings);
    partition.lead(3);
    Arc::new(partition)
}

pub(crate) fn batch(bytes: usize) -> Batch {
    let mut builder = BatchBuilder::new(Codec::None);
    builder.append(5, None, Some(&vec![1; bytes]), &[]).unwrap();
    builder.build().unwrap()
}

fn append(partition: &Partition) -> Result<i64, Code> {
    match partition.append(batch(100), Appender::CLIENT) {
        Ok(appended) => Ok(appended.first_offset),
        Err(NotAppended::Refused(code)) => Err(code),
        Err(NotAppended::Log(error)) => Err(error.code()),
    }
}

/// From now on these calls fail.
fn fail(which: Op, kind: io::ErrorKind) {
    faults::set(Some(Box::new(move |op, _| {
        (op == which).then(|| kind.into())
    })));
}

#[test]
fn an_error_of_the_disk_fails_its_directory_and_no_other() {
    for op in [Op::Write, Op::Sync, Op::Open] {
        let at = tempfile::tempdir().unwrap();
        let dirs = two_dirs(at.path());
        let [a, b] = [0, 1].map(|n| dirs.iter().nth(n).unwrap());
        let (bad, good) = (partition(a, 0), partition(b, 0));
        assert_eq!((append(&bad), append(&good)), (Ok(0), Ok(0)));
        let roll = |partition: &Partition| {
            let rolled = partition.with_log(|log| log.roll(9)).unwrap();
            rolled.inspect_err(|fault| partition.noticed(fault)).ok()
        };
        fail(op, io::ErrorKind::Other);
        match op {
            Op::Write => assert_eq!(append(&bad), Err(Code::KAFKA_STORAGE_ERROR)),
            Op::Sync => assert!(bad.flush().is_err()),
            _ => assert_eq!(roll(&bad), None),
        }
        faults::set(None);
        assert!(a.has_failed() && !b.has_failed(), "{op:?}");
        assert!(a.failed_at().is_some() && !a.is_controller_told());
        // The disk may be well again: nobody knows what it has.
        assert_eq!(append(&bad), Err(Code::KAFKA_STORAGE_ERROR));
        assert_eq!(append(&good), Ok(1));
    }
}

#[test]
fn a_full_disk_refuses_and_goes_on_when_there_is_room() {
    let at = tempfile::tempdir().unwrap();
    let dirs = two_dirs(at.path());
    let dir = dirs.iter().next().unwrap();
    let partition = partition(dir, 0);
    assert_eq!(append(&partition), Ok(0));
    for op in [Op::Write, Op::Open] {
        fail(op, io::ErrorKind::StorageFull);
        if op == Op::Write {
            assert_eq!(append(&partition), Err(Code::KAFKA_STORAGE_ERROR));
        }
        let rolled = partition.with_log(|log| log.roll(9)).unwrap();
        assert!(rolled.is_err());
        partition.noticed(&rolled.unwrap_err());
        faults::set(None);
        assert!(!dir.has_failed(), "{op:?}");
    }
    assert_eq!(partition.reader().segment_count(), 1);
    assert_eq!(append(&partition), Ok(1));
    let marker = Marker {
        producer_id: 7,
        producer_epoch: 0,
        committed: false,
        coordinator_epoch: 0,
        transaction_version: 0,
    };
    fail(Op::Write, io::ErrorKind::StorageFull);
    let refused = marker.append_to(&partition).unwrap_err();
    faults::set(None);
    assert_eq!(refused.code, Code::KAFKA_STORAGE_ERROR);
    assert!(marker.append_to(&partition).is_ok());
    // The text says where and how much.
    let text = dir.no_room_for(u64::MAX);
    assert!(text.contains(&dir.path().display().to_string()), "{text}");
    assert!(
        text.contains("18446744073709551615 bytes are to be written"),
        "{text}"
    );
}

#[test]
fn new_logs_avoid_failed_and_cordoned_directories() {
    let at = tempfile::tempdir().unwrap();
    let dirs = two_dirs(at.path());
    let [a, b] = [0, 1].map(|n| dirs.iter().nth(n).unwrap().clone());
    let cordoned = [a.path().display().to_string()];
    let name = PartitionName::new("t", 5);
    let wanted = Placement {
        name: &name,
        id: Uuid::from_u128(1),
        is_new: true,
        cordoned: &[],
        hosted: &[],
    };
    let place = |wanted: &Placement<'_>| dirs.place(wanted).map(|dir| dir.id).ok();
    assert_eq!(place(&wanted), Some(a.id));
    let hosted = [partition(&a, 0)];
    assert_eq!(
        place(&Placement {
            hosted: &hosted,
            ..wanted
        }),
        Some(b.id)
    );
    assert_eq!(
        place(&Placement {
            cordoned: &cordoned,
            ..wanted
        }),
        Some(b.id)
    );
    let all = [cordoned[0].clone(), b.path().display().to_string()];
    assert_eq!(
        place(&Placement {
            cordoned: &all,
            ..wanted
        }),
        Some(a.id)
    );
    // Of two directories that have it, the one that the metadata name.
    for dir in [&a, &b] {
        std::fs::create_dir(dir.directory().partition_path(&name)).unwrap();
    }
    assert_eq!(place(&Placement { id: b.id, ..wanted }), Some(b.id));
    fail(Op::Sync, io::ErrorKind::Other);
    assert!(append(&hosted[0]).is_ok() && hosted[0].flush().is_err());
    faults::set(None);
    assert_eq!(place(&wanted), Some(b.id));
    assert_eq!(
        place(&Placement { id: a.id, ..wanted }),
        None,
        "nothing is begun anew"
    );
}
