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

fn append(partition: &Arc<Partition>) -> Result<i64, Code> {
    match partition.append(batch(100), Appender::CLIENT) {
        Ok(appended) => Ok(appended.first_offset),
        Err(NotAppended::Refused(code)) => Err(code),
        Err(NotAppended::Log(error)) => Err(error.code()),
    }
}

fn marker() -> Marker {
    Marker {
        producer_id: 7,
        producer_epoch: 0,
        committed: false,
        coordinator_epoch: 0,
        transaction_version: 0,
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
    let marker = marker();
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
    };
    let place = |wanted: &Placement<'_>| dirs.place(wanted).map(|dir| dir.id).ok();
    assert_eq!(place(&wanted), Some(a.id));
    let hosted = [partition(&a, 0)];
    assert_eq!(place(&wanted), Some(b.id));
    let other = [partition(&b, 1), partition(&b, 2)];
    assert_eq!(place(&wanted), Some(a.id));
    drop(other);
    assert_eq!(place(&wanted), Some(b.id), "what is gone does not count");
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

/// A partition with `flush.messages`, which leads.
fn flushed_every(dir: &Arc<LogDir>, messages: i64) -> Arc<Partition> {
    let partition = partition(dir, 0);
    let mut settings = TopicSettings::clone(&partition.settings());
    settings.log = Arc::new(ottla_log::LogConfig {
        flush_messages: messages,
        ..ottla_log::LogConfig::clone(&settings.log)
    });
    partition.configure(Arc::new(settings));
    partition
}

/// Syncs of `.log` files that wait until they are let go, one after the other.
struct HeldSyncs {
    /// Bytes of the `.log` file that each sync found, in the order in which they began.
    found: Mutex<Vec<u64>>,
    /// How many may go on, and whether they fail then.
    let_go: Mutex<(usize, bool)>,
    moved: parking_lot::Condvar,
}

impl HeldSyncs {
    fn below(path: &Path) -> (Arc<Self>, faults::Below) {
        let held = Arc::new(Self {
            found: Mutex::default(),
            let_go: Mutex::default(),
            moved: parking_lot::Condvar::new(),
        });
        let of = held.clone();
        let hook = move |op: Op, path: &Path| {
            if op != Op::Sync || path.extension().is_none_or(|it| it != "log") {
                return None;
            }
            let number = {
                let mut found = of.found.lock();
                found.push(std::fs::metadata(path).unwrap().len());
                found.len()
            };
            let mut let_go = of.let_go.lock();
            while let_go.0 < number {
                of.moved.wait(&mut let_go);
            }
            let_go.1.then(|| io::ErrorKind::Other.into())
        };
        (held.clone(), faults::below(path, Arc::new(hook)))
    }

    fn begun(&self) -> usize {
        self.found.lock().len()
    }

    fn let_go(&self, number: usize, fail: bool) {
        *self.let_go.lock() = (number, fail);
        self.moved.notify_all();
    }
}

async fn until(what: impl Fn() -> bool) {
    let deadline = clock::instant() + std::time::Duration::from_secs(60);
    while !what() {
        assert!(clock::instant() < deadline, "in vain");
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
}

fn high_watermark(partition: &Partition) -> i64 {
    partition.reader().offsets().high_watermark
}

#[tokio::test]
async fn appends_share_a_sync_and_are_neither_answered_nor_read_before_it() {
    let at = tempfile::tempdir().unwrap();
    let dirs = two_dirs(at.path());
    let partition = flushed_every(dirs.iter().next().unwrap(), 1);
    let (held, _below) = HeldSyncs::below(at.path());
    for offset in 0..10 {
        // The thread that appends is not held up.
        assert_eq!(append(&partition), Ok(offset));
        assert!(partition.awaits_sync(offset));
        until(|| held.begun() == 1).await;
    }
    assert_eq!(high_watermark(&partition), 0);
    let size = batch(100).size_in_bytes() as u64;
    let waiting: Vec<_> = (0..10)
        .map(|offset| {
            let (partition, held) = (partition.clone(), held.clone());
            crate::task::spawn("waits for a sync", async move {
                let outcome = partition.synced(offset).await;
                // What is answered has been in a sync that was let go.
                let let_go = held.let_go.lock().0;
                let synced = held.found.lock()[..let_go].iter().max().copied();
                assert!(synced.unwrap() >= (offset as u64 + 1) * size);
                outcome
            })
        })
        .collect();
    held.let_go(1, false);
    until(|| held.begun() == 2).await;
    assert_eq!(high_watermark(&partition), 1);
    assert!(!partition.awaits_sync(0) && partition.awaits_sync(1));
    held.let_go(2, false);
    for one in waiting {
        assert_eq!(one.await.unwrap(), Ok(()));
    }
    // Ten appends, two syncs.
    assert_eq!((held.begun(), high_watermark(&partition)), (2, 10));
    assert_eq!(partition.recovery_point(), Some(10));
    // With nothing under way, the next one has its own.
    held.let_go(3, false);
    assert_eq!(append(&partition), Ok(10));
    assert_eq!(partition.synced(10).await, Ok(()));
    assert_eq!((held.begun(), high_watermark(&partition)), (3, 11));
}

#[tokio::test]
async fn fewer_records_than_flush_messages_wait_for_nothing() {
    let at = tempfile::tempdir().unwrap();
    let dirs = two_dirs(at.path());
    let partition = flushed_every(dirs.iter().next().unwrap(), 3);
    let (held, _below) = HeldSyncs::below(at.path());
    for offset in 0..2 {
        assert_eq!(append(&partition), Ok(offset));
        assert!(!partition.awaits_sync(offset));
    }
    assert_eq!((held.begun(), high_watermark(&partition)), (0, 2));
    assert_eq!(append(&partition), Ok(2));
    assert!(partition.awaits_sync(2));
    until(|| held.begun() == 1).await;
    // It would need no sync of its own, and what is before it does.
    assert_eq!(append(&partition), Ok(3));
    assert!(partition.awaits_sync(3));
    held.let_go(1, false);
    assert_eq!(partition.synced(3).await, Ok(()));
    assert_eq!((held.begun(), high_watermark(&partition)), (1, 4));
    assert_eq!(partition.recovery_point(), Some(3));
}

#[tokio::test]
async fn a_sync_that_fails_is_told_to_all_who_wait_and_fails_the_directory() {
    let at = tempfile::tempdir().unwrap();
    let dirs = two_dirs(at.path());
    let dir = dirs.iter().next().unwrap();
    let partition = flushed_every(dir, 1);
    let (held, _below) = HeldSyncs::below(at.path());
    assert_eq!(append(&partition), Ok(0));
    until(|| held.begun() == 1).await;
    assert_eq!((append(&partition), append(&partition)), (Ok(1), Ok(2)));
    held.let_go(usize::MAX, true);
    for offset in 0..3 {
        let outcome = partition.synced(offset).await;
        assert_eq!(outcome, Err(Code::KAFKA_STORAGE_ERROR));
    }
    assert!(dir.has_failed());
    assert_eq!((held.begun(), high_watermark(&partition)), (1, 0));
    assert_eq!(append(&partition), Err(Code::KAFKA_STORAGE_ERROR));
}

#[tokio::test]
async fn a_log_that_is_taken_away_meanwhile_answers_those_who_wait() {
    let at = tempfile::tempdir().unwrap();
    let dirs = two_dirs(at.path());
    let partition = flushed_every(dirs.iter().next().unwrap(), 1);
    let (held, _below) = HeldSyncs::below(at.path());
    assert_eq!(append(&partition), Ok(0));
    until(|| held.begun() == 1).await;
    let waiting = partition.clone();
    let waits = crate::task::spawn("waits", async move { waiting.synced(0).await });
    tokio::task::yield_now().await;
    let log = partition.take_log();
    assert_eq!(waits.await.unwrap(), Err(Code::NOT_LEADER_OR_FOLLOWER));
    held.let_go(usize::MAX, false);
    assert!(log.is_some());
}

#[tokio::test]
async fn a_marker_is_on_disk_when_it_has_been_written() {
    let at = tempfile::tempdir().unwrap();
    let dirs = two_dirs(at.path());
    let partition = flushed_every(dirs.iter().next().unwrap(), 1);
    let (held, _below) = HeldSyncs::below(at.path());
    held.let_go(usize::MAX, false);
    let marker = marker();
    assert!(marker.append_to(&partition).is_ok());
    assert_eq!((held.begun(), high_watermark(&partition)), (1, 1));
    assert_eq!(partition.recovery_point(), Some(1));
}
