//! Each kind of finding about a log, and that whatever changes what is read is found.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use ottla_wire::Uuid;
use ottla_wire::records::Batches;
use ottla_wire::records::batch::crc32c;
use proptest::prelude::*;

use super::*;
use crate::log::tests::{NOW, open, small_segments};
use crate::testing::{self, batch, marker, produced};
use crate::{
    AbortedTransaction, Leading, Log, Opening, Origin, UpperBound, VerificationGuard, checkpoint,
    directory, names, snapshot,
};

type FileKind = names::Kind;

/// A closed log of several segments, epochs and producers, with transactions of either outcome.
pub(crate) fn closed(dir: &Path) -> PathBuf {
    let dir = dir.join("topic-0");
    fs::create_dir(&dir).unwrap();
    let mut log = open(&dir, small_segments());
    for n in 0..100 {
        let timestamp = 1000 + 10 * i64::from(n);
        let epoch = if n < 50 { 3 } else { 5 };
        let (batch, origin) = match n % 5 {
            0 => (batch(2, timestamp, 60), Origin::Client),
            4 => (marker(9, 0, n % 2 == 0, 1, timestamp), Origin::Coordinator),
            k if k % 2 == 0 => (produced(1, timestamp, 9, 0, n / 5, true), Origin::Client),
            k => {
                let sequence = 2 * (n / 5) + i32::from(k == 3);
                (
                    produced(1, timestamp, 7, 0, sequence, false),
                    Origin::Client,
                )
            }
        };
        let how = Leading::new(epoch, origin, NOW).verified(VerificationGuard::TRUSTED);
        log.append_as_leader(vec![batch], &how).unwrap();
    }
    log.close(NOW).unwrap();
    directory::write_topic_id(&dir, &Uuid::from_u128(77)).unwrap();
    dir
}

pub(crate) fn subject(dir: &Path) -> Subject {
    Subject {
        // The timestamps are of 1970.
        producer_expiry_ms: i64::MAX,
        ..Subject::new(dir)
    }
}

pub(crate) fn check(subject: &Subject) -> Checked {
    partition(subject, &mut |_, _| Ok(())).unwrap()
}

fn kinds(checked: &Checked) -> Vec<Kind> {
    checked.findings.kept().iter().map(|it| it.kind).collect()
}

pub(crate) fn bases(dir: &Path) -> Vec<i64> {
    let names = crate::file::list(dir, false).unwrap();
    let base = |name: &String| match names::parse(name)? {
        (base, FileKind::Log, "") => Some(base),
        _ => None,
    };
    names.iter().filter_map(base).collect()
}

/// Where the `n`th batch of a segment begins, and its size.
pub(crate) fn place(dir: &Path, base: i64, n: usize) -> (usize, usize) {
    let bytes = Bytes::from(fs::read(dir.join(FileKind::Log.name(base))).unwrap());
    let mut at = 0;
    for (number, batch) in Batches::new(bytes).enumerate() {
        let (head, _) = batch.unwrap();
        if number == n {
            return (at, head.size);
        }
        at += head.size;
    }
    panic!("no batch {n}");
}

pub(crate) fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

/// Damages a sound log and says what is found then.
fn after(damage: impl FnOnce(&Path, &[i64], &mut Subject)) -> Checked {
    let dir = testing::tempdir();
    let log = closed(dir.path());
    let mut subject = subject(&log);
    damage(&log, &bases(&log), &mut subject);
    check(&subject)
}

fn log_of(dir: &Path, base: i64) -> PathBuf {
    dir.join(FileKind::Log.name(base))
}

fn add_to_offset(dir: &Path, base: i64, n: usize, delta: i64) {
    let (at, _) = place(dir, base, n);
    change(&log_of(dir, base), |bytes| {
        let offset = i64::from_be_bytes(*bytes[at..].first_chunk().unwrap());
        bytes[at..at + 8].copy_from_slice(&(offset + delta).to_be_bytes());
    });
}

fn count(dir: &Path, base: i64) -> usize {
    let bytes = Bytes::from(fs::read(log_of(dir, base)).unwrap());
    Batches::new(bytes).count()
}

#[test]
fn a_sound_log_has_no_findings() {
    let checked = after(|_, bases, _| assert!(bases.len() > 4, "{bases:?}"));
    assert_eq!(checked.findings.kept(), []);
    assert_eq!(checked.findings.worst(), None);
    assert_eq!(checked.batches, 100);
    assert_eq!(checked.log_end, 120);
    // Nor has one that was not closed, or is empty.
    let dir = testing::tempdir();
    drop(open(&dir.path().join("new-0"), small_segments()));
    let mut unclean = subject(&dir.path().join("new-0"));
    unclean.clean = false;
    assert_eq!(check(&unclean).findings.kept(), []);
}

#[test]
fn a_damaged_batch_is_named_and_passed() {
    let mut expected = (0, 0);
    let checked = after(|dir, bases, _| {
        let (at, size) = place(dir, bases[2], 3);
        let bytes = Bytes::from(fs::read(log_of(dir, bases[2])).unwrap());
        let (head, _) = Batches::new(bytes).nth(3).unwrap().unwrap();
        expected = (at as u64, head.base_offset);
        change(&log_of(dir, bases[2]), |bytes| bytes[at + size - 1] ^= 0x10);
    });
    assert_eq!(kinds(&checked), [Kind::BatchCrc]);
    let finding = &checked.findings.kept()[0];
    assert_eq!(
        (finding.position, finding.offset),
        (Some(expected.0), Some(expected.1))
    );
    assert_eq!(checked.batches, 99, "what follows is read");
    assert!(
        finding.to_string().starts_with("damage batch-crc: /"),
        "{finding}"
    );
    let checked = after(|dir, bases, _| {
        let (at, _) = place(dir, bases[2], 3);
        change(&log_of(dir, bases[2]), |bytes| bytes[at + 16] = 9);
    });
    assert_eq!(kinds(&checked), [Kind::BatchStructure]);
    assert_eq!(checked.batches, 99);
    // A length that leads nowhere.
    let checked = after(|dir, bases, _| {
        let (at, _) = place(dir, bases[2], 3);
        change(&log_of(dir, bases[2]), |bytes| bytes[at + 9] ^= 0x01);
    });
    assert_eq!(kinds(&checked), [Kind::BatchStructure]);
    assert_eq!(checked.batches, 99);
}

#[test]
fn records_that_their_header_denies_are_named() {
    let checked = after(|dir, bases, _| {
        let (at, size) = place(dir, bases[1], 0);
        change(&log_of(dir, bases[1]), |bytes| {
            bytes[at + 60] += 1;
            let crc = crc32c(&bytes[at + 21..at + size]);
            bytes[at + 17..at + 21].copy_from_slice(&crc.to_be_bytes());
        });
    });
    assert_eq!(kinds(&checked), [Kind::Records]);
}

#[test]
fn offsets_that_do_not_follow_are_named() {
    for (delta, expected) in [
        (-1, Kind::OffsetOrder),
        (-1 << 40, Kind::OffsetOrder),
        (1 << 32, Kind::OffsetRange),
        (1 << 20, Kind::SegmentOverlap),
    ] {
        let checked = after(|dir, bases, _| add_to_offset(dir, bases[2], 3, delta));
        assert_eq!(kinds(&checked), [expected], "{delta}");
    }
    let checked = after(|dir, bases, _| {
        let last = *bases.last().unwrap();
        add_to_offset(dir, last, count(dir, last) - 1, 8);
    });
    assert_eq!(kinds(&checked)[0], Kind::OffsetGap);
    // Whole batches that are missing at the end of a segment.
    let checked = after(|dir, bases, _| {
        let (at, _) = place(dir, bases[2], count(dir, bases[2]) - 1);
        change(&log_of(dir, bases[2]), |bytes| bytes.truncate(at));
    });
    assert!(kinds(&checked).contains(&Kind::OffsetGap));
    // A segment that is missing.
    let missing = |dir: &Path, base| {
        for kind in FileKind::SEGMENT {
            let _ = fs::remove_file(dir.join(kind.name(base)));
        }
    };
    let checked = after(|dir, bases, _| missing(dir, bases[2]));
    assert_eq!(kinds(&checked), [Kind::OffsetGap]);
    let checked = after(|dir, bases, subject| {
        missing(dir, bases[2]);
        subject.compacted = true;
    });
    assert!(!kinds(&checked).contains(&Kind::OffsetGap));
}

#[test]
fn epochs_that_contradict_each_other_are_named() {
    let set = |dir: &Path, base, n, epoch: i32| {
        let (at, _) = place(dir, base, n);
        change(&log_of(dir, base), |bytes| {
            bytes[at + 12..at + 16].copy_from_slice(&epoch.to_be_bytes());
        });
    };
    // No leader has an epoch below 0.
    for epoch in [2, -1, i32::MIN] {
        let checked = after(|dir, bases, _| set(dir, bases[2], 3, epoch));
        assert_eq!(kinds(&checked), [Kind::EpochOrder], "{epoch}");
    }
    let checked = after(|dir, bases, _| {
        let last = *bases.last().unwrap();
        set(dir, last, count(dir, last) - 1, 6);
    });
    assert_eq!(kinds(&checked), [Kind::EpochCheckpoint]);
    for text in [
        "",
        "0\n0\n",
        "1\n0\n",
        "0\n1\n3 0\n",
        "0\n2\n3 0\n5 61\n",
        "0\n2\n5 0\n3 60\n",
        "0\n3\n3 0\n5 60\n6 500\n",
    ] {
        let checked = after(|dir, _, _| {
            let path = dir.join(checkpoint::LEADER_EPOCHS);
            assert_eq!(fs::read_to_string(&path).unwrap(), "0\n2\n3 0\n5 60\n");
            fs::write(path, text).unwrap();
        });
        assert_eq!(kinds(&checked), [Kind::EpochCheckpoint], "{text:?}");
    }
}

#[test]
fn a_log_that_is_too_short_is_named() {
    for set in [
        (|subject: &mut Subject| subject.recovery_point = Some(121)) as fn(&mut Subject),
        |subject| subject.high_watermark = Some(121),
        |subject| subject.log_start = Some(121),
    ] {
        let checked = after(|_, _, subject| set(subject));
        assert_eq!(kinds(&checked), [Kind::LogEnd]);
    }
    let checked = after(|_, _, subject| subject.cleaner_offset = Some(121));
    assert_eq!(kinds(&checked), [Kind::Checkpoint]);
    let checked = after(|_, _, subject| {
        (subject.recovery_point, subject.high_watermark) = (Some(120), Some(120));
        (subject.log_start, subject.cleaner_offset) = (Some(7), Some(120));
    });
    assert_eq!(kinds(&checked), []);
}

#[test]
fn a_torn_end_is_damage_only_where_it_was_flushed() {
    let torn = |clean: bool, flushed: bool| {
        after(|dir, bases, subject| {
            let last = *bases.last().unwrap();
            change(&log_of(dir, last), |bytes| bytes.truncate(bytes.len() - 5));
            subject.clean = clean;
            subject.recovery_point = Some(if flushed { 120 } else { last });
        })
    };
    assert_eq!(kinds(&torn(false, false))[0], Kind::TornTail);
    assert!(torn(false, false).findings.worst() == Some(Severity::Rebuildable));
    assert_eq!(kinds(&torn(false, true))[0], Kind::BatchStructure);
    assert_eq!(kinds(&torn(true, false))[0], Kind::BatchStructure);
}

#[test]
fn indexes_that_contradict_their_log_are_named() {
    let with = |kind: FileKind, edit: fn(&mut Vec<u8>)| {
        after(move |dir, bases, _| change(&dir.join(kind.name(bases[1])), edit))
    };
    for (kind, edit, expected) in [
        (
            FileKind::Index,
            (|bytes| bytes[7] ^= 1) as fn(&mut Vec<u8>),
            Kind::OffsetIndex,
        ),
        (FileKind::Index, |bytes| bytes[3] ^= 0x40, Kind::OffsetIndex),
        (
            FileKind::Index,
            |bytes| bytes.truncate(9),
            Kind::OffsetIndex,
        ),
        (
            FileKind::Index,
            |bytes| bytes.extend([0; 16]),
            Kind::OffsetIndex,
        ),
        (
            FileKind::Index,
            |bytes| bytes.extend([0xff; 8]),
            Kind::OffsetIndex,
        ),
        (FileKind::TimeIndex, |bytes| bytes[7] ^= 1, Kind::TimeIndex),
        (
            FileKind::TimeIndex,
            |bytes| bytes[11] ^= 0x40,
            Kind::TimeIndex,
        ),
        (
            FileKind::TimeIndex,
            |bytes| bytes.extend([0x7f; 12]),
            Kind::TimeIndex,
        ),
        (
            FileKind::TimeIndex,
            |bytes| bytes.truncate(bytes.len() - 12),
            Kind::TimeIndexShort,
        ),
        (
            FileKind::TxnIndex,
            |bytes| bytes[9] ^= 1,
            Kind::TransactionIndex,
        ),
        (
            FileKind::TxnIndex,
            |bytes| bytes[17] ^= 1,
            Kind::TransactionIndex,
        ),
        (
            FileKind::TxnIndex,
            |bytes| bytes[25] ^= 1,
            Kind::TransactionIndex,
        ),
        (
            FileKind::TxnIndex,
            |bytes| bytes[33] ^= 1,
            Kind::TransactionIndex,
        ),
        (
            FileKind::TxnIndex,
            |bytes| bytes[1] ^= 1,
            Kind::TransactionIndex,
        ),
        (FileKind::TxnIndex, Vec::clear, Kind::TransactionIndex),
    ] {
        assert_eq!(
            kinds(&with(kind, edit)),
            [expected],
            "{kind:?} {expected:?}"
        );
    }
    for (kind, expected) in [
        (FileKind::Index, Kind::IndexMissing),
        (FileKind::TimeIndex, Kind::IndexMissing),
        (FileKind::TxnIndex, Kind::TransactionIndex),
    ] {
        let checked =
            after(|dir, bases, _| fs::remove_file(dir.join(kind.name(bases[1]))).unwrap());
        assert_eq!(kinds(&checked), [expected]);
    }
    let checked =
        after(|dir, _, _| fs::write(dir.join(FileKind::Index.name(5000)), [0; 8]).unwrap());
    assert_eq!(kinds(&checked), [Kind::IndexWithoutLog]);
}

#[test]
fn snapshots_that_contradict_the_log_are_named() {
    let last = |dir: &Path| *snapshot::list(dir).unwrap().last().unwrap();
    let checked = after(|dir, _, _| {
        change(&snapshot::path(dir, last(dir)), |bytes| bytes[15] ^= 1);
    });
    assert_eq!(kinds(&checked), [Kind::ProducerSnapshot]);
    let edits: [fn(&mut Vec<crate::ProducerState>); 8] = [
        |states| states[0].producer_epoch += 1,
        |states| states[0].batches[0].last_sequence += 1,
        |states| states[0].batches[0].last_offset += 1,
        |states| states[0].batches[0].last_offset = 500,
        |states| states[0].producer_id += 100,
        |states| states[1].transaction_first_offset = Some(17),
        |states| states[1].coordinator_epoch += 1,
        |states| drop(states.pop()),
    ];
    for (n, edit) in edits.iter().enumerate() {
        let checked = after(|dir, _, _| {
            let path = snapshot::path(dir, last(dir));
            let mut states = snapshot::read(&path).unwrap();
            edit(&mut states);
            snapshot::write(&path, states.iter(), false).unwrap();
        });
        assert_eq!(kinds(&checked), [Kind::ProducerSnapshot], "{n}");
    }
    let none = |dir: &Path, least: i64| {
        for at in snapshot::list(dir).unwrap() {
            if at >= least {
                fs::remove_file(snapshot::path(dir, at)).unwrap();
            }
        }
    };
    let checked = after(|dir, _, _| none(dir, 0));
    assert_eq!(kinds(&checked), [Kind::SnapshotMissing]);
    // Its producers are forgotten by now.
    let checked = after(|dir, _, subject| {
        none(dir, 0);
        subject.producer_expiry_ms = 1000;
    });
    assert_eq!(kinds(&checked), []);
    // A start takes one from the log.
    let checked = after(|dir, _, subject| {
        none(dir, 120);
        subject.clean = false;
    });
    assert_eq!(kinds(&checked), []);
    let checked = after(|dir, _, _| {
        fs::copy(snapshot::path(dir, last(dir)), snapshot::path(dir, 5000)).unwrap();
    });
    assert_eq!(kinds(&checked), [Kind::ProducerSnapshot]);
}

#[test]
fn files_that_do_not_belong_are_named() {
    for (name, expected) in [
        ("notes.txt", Kind::UnexpectedFile),
        ("7.log", Kind::UnexpectedFile),
        ("quorum-state", Kind::UnexpectedFile),
        ("00000000000000000000.log.deleted", Kind::Leftover),
        ("00000000000000000000.log.cleaned", Kind::Leftover),
        ("leader-epoch-checkpoint.tmp", Kind::Leftover),
    ] {
        let checked = after(|dir, _, _| fs::write(dir.join(name), b"").unwrap());
        assert!(
            kinds(&checked).contains(&expected),
            "{name}: {:?}",
            kinds(&checked)
        );
        assert!(checked.findings.is_clean(), "{name}");
    }
    let checked = after(|dir, _, _| fs::create_dir(dir.join("folder")).unwrap());
    assert_eq!(kinds(&checked), [Kind::UnexpectedFile]);
    let checked = after(|dir, _, _| fs::remove_file(dir.join("partition.metadata")).unwrap());
    assert_eq!(kinds(&checked), [Kind::TopicId]);
    let checked =
        after(|dir, _, _| fs::write(dir.join("partition.metadata"), "version: 1").unwrap());
    assert_eq!(kinds(&checked), [Kind::TopicId]);
}

#[test]
fn a_compaction_that_was_interrupted_is_seen_as_it_will_be() {
    let checked = after(|dir, bases, subject| {
        // The second segment was written anew, with all that is in it.
        for kind in FileKind::SEGMENT {
            let path = dir.join(kind.name(bases[1]));
            fs::rename(&path, format!("{}.swap", path.display())).unwrap();
        }
        subject.compacted = true;
    });
    let [swap, leftover] = [Kind::UnfinishedSwap, Kind::Leftover];
    // The snapshot of what is replaced goes.
    assert_eq!(kinds(&checked), [leftover, swap, swap, swap, swap]);
    assert_eq!(checked.batches, 100);
}

#[test]
fn no_more_findings_are_kept_than_fit() {
    let mut findings = Findings::up_to(3);
    for n in 0..10 {
        let kind = if n < 8 {
            Kind::Leftover
        } else {
            Kind::BatchCrc
        };
        findings.push(Finding::new(kind, Path::new("x"), "", ""));
    }
    assert_eq!((findings.kept().len(), findings.dropped()), (5, 5));
    assert_eq!(findings.worst(), Some(Severity::Damage));
    findings.limit(1);
    assert_eq!((findings.kept().len(), findings.dropped()), (2, 8));
    assert!(!findings.is_clean());
}

mod data {
    use super::*;
    use crate::directory::MetaProperties;

    /// A log directory that was left properly, with one partition.
    fn data() -> tempfile::TempDir {
        let dir = testing::tempdir();
        closed(dir.path());
        let meta = MetaProperties {
            version: 1,
            cluster_id: Some("cluster".to_owned()),
            node_id: Some(1),
            directory_id: Some(Uuid::from_u128(5)),
        };
        meta.write(dir.path(), NOW).unwrap();
        fs::write(dir.path().join(".kafka_cleanshutdown"), "{}").unwrap();
        for name in CHECKPOINTS {
            fs::write(dir.path().join(name), "0\n1\ntopic 0 7\n").unwrap();
        }
        dir
    }

    fn after(damage: impl FnOnce(&Path)) -> Vec<Kind> {
        let dir = data();
        damage(dir.path());
        let found = DataDirectory::open(dir.path()).unwrap();
        found.findings.kept().iter().map(|it| it.kind).collect()
    }

    #[test]
    fn what_a_log_directory_says_is_checked() {
        let write = |name: &'static str, text: &'static str| {
            move |dir: &Path| fs::write(dir.join(name), text).unwrap()
        };
        let folder = |name: &'static str| move |dir: &Path| fs::create_dir(dir.join(name)).unwrap();
        assert_eq!(after(|_| {}), []);
        assert_eq!(
            after(|dir| fs::remove_file(dir.join("meta.properties")).unwrap()),
            [Kind::MetaProperties]
        );
        assert_eq!(
            after(write("meta.properties", "version=7\n")),
            [Kind::MetaProperties]
        );
        assert_eq!(
            after(write("meta.properties", "version=1\n")),
            [Kind::MetaProperties]
        );
        assert_eq!(
            after(|dir| fs::remove_file(dir.join(".kafka_cleanshutdown")).unwrap()),
            [Kind::UncleanStop]
        );
        for name in CHECKPOINTS {
            assert_eq!(
                after(write(name, "0\n2\ntopic 0 7\n")),
                [Kind::Checkpoint],
                "{name}"
            );
            assert_eq!(
                after(write(name, "0\n1\ntopic 0 -7\n")),
                [Kind::Checkpoint],
                "{name}"
            );
            assert_eq!(
                after(write(name, "0\n2\ntopic 0 7\ntopic 0 8\n")),
                [Kind::Checkpoint]
            );
            assert_eq!(
                after(write(name, "0\n1\ntopic 1 7\n")),
                [Kind::CheckpointEntry]
            );
        }
        assert_eq!(after(write("notes.txt", "")), [Kind::UnexpectedFile]);
        assert_eq!(
            after(write("cleaner-offset-checkpoint.tmp", "")),
            [Kind::Leftover]
        );
        assert_eq!(after(folder("holiday photos")), [Kind::UnexpectedFile]);
        assert_eq!(after(folder("remote-log-index-cache")), []);
        assert_eq!(
            after(folder("x-0.00000000000000000000000000000abc-delete")),
            [Kind::Leftover]
        );
        for state in ["future", "stray"] {
            let name = format!("x-0.00000000000000000000000000000abc-{state}");
            assert_eq!(
                after(|dir| fs::create_dir(dir.join(name)).unwrap()),
                [Kind::SetAside]
            );
        }
    }

    #[test]
    fn the_checkpoints_say_what_is_known_of_a_partition() {
        let dir = data();
        let found = DataDirectory::open(dir.path()).unwrap();
        let subject = found.subject(&found.partitions[0]);
        let seven = Some(7);
        assert_eq!(
            (subject.recovery_point, subject.high_watermark),
            (seven, seven)
        );
        assert_eq!((subject.log_start, subject.cleaner_offset), (seven, seven));
        assert!(subject.compacted && subject.clean && !subject.metadata);
    }

    #[test]
    fn a_directory_that_is_in_use_is_refused_and_one_that_is_not_stays_as_it_was() {
        let dir = data();
        let node = directory::LogDirectory::open(dir.path()).unwrap();
        let refused = DataDirectory::open(dir.path()).unwrap_err().to_string();
        assert!(refused.contains(".lock"), "{refused}");
        node.close().unwrap();
        let before = crate::file::list(dir.path(), false).unwrap();
        drop(DataDirectory::open(dir.path()).unwrap());
        assert_eq!(crate::file::list(dir.path(), false).unwrap(), before);
    }

    #[test]
    fn a_path_is_a_log_directory_or_a_partition_or_refused() {
        let dir = data();
        let path = fs::canonicalize(dir.path()).unwrap();
        let topic = path.join("topic-0");
        assert_eq!(target(&path).unwrap(), Target::Data(path.clone()));
        assert_eq!(
            target(&topic).unwrap(),
            Target::Partition(topic.clone(), Some(path.clone()))
        );
        fs::remove_file(path.join("meta.properties")).unwrap();
        assert_eq!(target(&topic).unwrap(), Target::Partition(topic, None));
        fs::create_dir(path.join("x")).unwrap();
        assert!(target(&path.join("x")).is_err());
        assert!(target(&path.join("nothing")).is_err());
    }
}

/// Everything that is read of a log.
fn read(dir: &Path) -> Option<(Vec<u8>, Vec<String>, Vec<AbortedTransaction>)> {
    let opened = Log::open(dir, Arc::new(small_segments()), &Opening::clean(NOW));
    let (mut log, recovered) = opened.ok()?;
    if recovered.bytes_truncated > 0 || !recovered.removal.is_empty() {
        return None;
    }
    let end = log.offsets().log_end;
    log.update_high_watermark(end);
    let (mut next, mut all) = (log.offsets().log_start, Vec::new());
    let mut aborted = Vec::new();
    while next < end {
        let fetched = log
            .reader()
            .read(next, 1 << 20, true, UpperBound::LogEnd)
            .ok()?;
        let bytes = fetched.slice?.read().ok()?;
        let mut batches = Batches::new(bytes.clone());
        let last = batches.by_ref().map_while(Result::ok).last()?;
        // An offset that was changed must not send the reader back for ever.
        let before = std::mem::replace(&mut next, last.0.next_offset());
        if next <= before {
            return None;
        }
        all.extend_from_slice(&bytes);
    }
    for segment in log.view().segments.iter() {
        segment.aborted(0, i64::MAX, &mut aborted).ok()?;
    }
    let mut said = vec![
        format!("{:?}", log.offsets()),
        format!("{:?}", log.reader().leader_epochs()),
        format!("{:?}", log.active_producers().collect::<Vec<_>>()),
    ];
    for time in (900..2200).step_by(37) {
        said.push(format!(
            "{:?}",
            log.reader().offset_for_timestamp(time).ok()?
        ));
    }
    Some((all, said, aborted))
}

fn copied(from: &Path, to: &Path) -> PathBuf {
    let to = to.join("topic-0");
    fs::create_dir(&to).unwrap();
    for name in crate::file::list(from, false).unwrap() {
        fs::copy(from.join(&name), to.join(&name)).unwrap();
    }
    to
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_changes_what_is_read_is_found(
        file: prop::sample::Index,
        flips in prop::collection::vec((any::<prop::sample::Index>(), 1..=255_u8), 1..4),
    ) {
        thread_local! {
            static SOUND: (tempfile::TempDir, PathBuf) = {
                let dir = testing::tempdir();
                let log = closed(dir.path());
                (dir, log)
            };
        }
        SOUND.with(|(_, sound)| {
            let mut names = crate::file::list(sound, false).unwrap();
            // Its id is compared with the cluster's metadata.
            names.retain(|name| name != "partition.metadata");
            let name = file.get(&names);
            let [unharmed, opened, checked] = [(); 3].map(|()| testing::tempdir());
            let expected = read(&copied(sound, unharmed.path()));
            assert!(expected.is_some());
            let damage = |dir: &Path| {
                change(&dir.join(name), |bytes| {
                    for (at, mask) in flips.iter().filter(|_| !bytes.is_empty()).collect::<Vec<_>>() {
                        let at = at.index(bytes.len());
                        bytes[at] ^= mask;
                    }
                });
            };
            let opened = copied(sound, opened.path());
            damage(&opened);
            let checked = copied(sound, checked.path());
            damage(&checked);
            let found = check(&subject(&checked));
            if read(&opened) != expected {
                assert!(found.findings.worst().is_some(), "{name}");
            }
        });
    }
}
