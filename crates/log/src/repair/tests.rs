//! After a repair a check finds nothing, and what was removed is kept.

use std::collections::BTreeMap;
use std::fs;

use super::*;
use crate::log::tests::NOW;
use crate::testing;
use crate::verify::tests::{bases, change, check, closed, place, subject};

fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    file::list(dir, false)
        .unwrap()
        .into_iter()
        .map(|name| {
            let bytes = fs::read(dir.join(&name)).unwrap();
            (name, bytes)
        })
        .collect()
}

struct Case {
    _dir: tempfile::TempDir,
    keep: tempfile::TempDir,
    subject: Subject,
    sound: BTreeMap<String, Vec<u8>>,
}

impl Case {
    fn new(damage: impl FnOnce(&Path, &[i64])) -> Self {
        let dir = testing::tempdir();
        let log = closed(dir.path());
        let sound = files(&log);
        damage(&log, &bases(&log));
        Self {
            subject: subject(&log),
            keep: testing::tempdir(),
            _dir: dir,
            sound,
        }
    }

    fn repair(&self, truncate: bool, dry_run: bool) -> Repaired {
        let how = How {
            keep: self.keep.path().to_owned(),
            truncate,
            dry_run,
            now_ms: NOW,
        };
        partition(&self.subject, &check(&self.subject), &how).unwrap()
    }

    fn kept(&self) -> BTreeMap<String, Vec<u8>> {
        let folder = self.keep.path().join("topic-0");
        if folder.exists() {
            files(&folder)
        } else {
            BTreeMap::new()
        }
    }

    fn assert_clean(&self) {
        let checked = check(&self.subject);
        assert!(checked.findings.is_clean(), "{:?}", checked.findings.kept());
    }
}

fn of(base: i64, kind: FileKind) -> String {
    kind.name(base)
}

#[test]
fn what_can_be_rebuilt_is_as_it_was() {
    let damages: [fn(&Path, &[i64]) -> String; 8] = [
        |dir, bases| {
            let name = of(bases[1], FileKind::Index);
            change(&dir.join(&name), |bytes| bytes[7] ^= 1);
            name
        },
        |dir, bases| {
            let name = of(bases[1], FileKind::TimeIndex);
            change(&dir.join(&name), |bytes| bytes[7] ^= 1);
            name
        },
        |dir, bases| {
            let name = of(bases[1], FileKind::TxnIndex);
            change(&dir.join(&name), |bytes| bytes[17] ^= 1);
            name
        },
        |dir, bases| {
            let name = of(bases[2], FileKind::TxnIndex);
            fs::remove_file(dir.join(&name)).unwrap();
            name
        },
        |dir, bases| {
            let name = of(bases[0], FileKind::TimeIndex);
            fs::remove_file(dir.join(&name)).unwrap();
            name
        },
        |dir, _| {
            let name = of(120, FileKind::Snapshot);
            change(&dir.join(&name), |bytes| bytes[20] ^= 1);
            name
        },
        |dir, _| {
            for name in file::list(dir, false).unwrap() {
                if name.ends_with(".snapshot") {
                    fs::remove_file(dir.join(name)).unwrap();
                }
            }
            of(120, FileKind::Snapshot)
        },
        |dir, _| {
            fs::write(dir.join(checkpoint::LEADER_EPOCHS), "nonsense").unwrap();
            checkpoint::LEADER_EPOCHS.to_owned()
        },
    ];
    for (n, damage) in damages.iter().enumerate() {
        let mut name = String::new();
        let case = Case::new(|dir, bases| name = damage(dir, bases));
        let damaged = files(&case.subject.dir);
        let dry = case.repair(false, true);
        assert!(
            !dry.done.is_empty() && files(&case.subject.dir) == damaged,
            "{n}"
        );
        assert_eq!(case.kept(), BTreeMap::new(), "{n}");
        let repaired = case.repair(false, false);
        assert_eq!(repaired.left, Vec::<String>::new(), "{n}");
        assert_eq!(repaired.log_end, Some(120), "{n}");
        case.assert_clean();
        let now = files(&case.subject.dir);
        // The indexes of this log have more entries than those of a default configuration.
        if !name.ends_with("index") || name.ends_with(".txnindex") {
            assert_eq!(now[&name], case.sound[&name], "{n}: {name}");
        }
        if let Some(before) = damaged.get(&name) {
            assert_eq!(case.kept().get(&name), Some(before), "{n}: {name}");
        }
    }
}

#[test]
fn a_sound_log_is_not_touched() {
    let case = Case::new(|_, _| {});
    assert_eq!(case.repair(true, false), Repaired::default());
    assert_eq!(files(&case.subject.dir), case.sound);
    assert_eq!(case.kept(), BTreeMap::new());
}

#[test]
fn a_damaged_log_is_cut_only_if_that_is_asked_for_and_nothing_is_lost() {
    for at_first in [false, true] {
        let mut cut = (0, 0);
        let case = Case::new(|dir, bases| {
            let base = bases[2];
            let (at, size) = place(dir, base, if at_first { 0 } else { 3 });
            cut = (base, at);
            change(&dir.join(of(base, FileKind::Log)), |bytes| {
                bytes[at + size - 1] ^= 1
            });
        });
        let damaged = files(&case.subject.dir);
        let refused = case.repair(false, false);
        assert!(refused.left[0].contains("--truncate"), "{refused:?}");
        assert_eq!(files(&case.subject.dir), damaged);
        let repaired = case.repair(true, false);
        assert_eq!(repaired.left, Vec::<String>::new());
        case.assert_clean();
        let (base, at) = cut;
        let (now, kept) = (files(&case.subject.dir), case.kept());
        let name = of(base, FileKind::Log);
        if at_first {
            // The whole segment went; a new one may begin there.
            assert_eq!(kept[&name], damaged[&name]);
        } else {
            assert_eq!(now[&name], damaged[&name][..at]);
            assert_eq!(kept[&format!("{name}.from-{at}")], damaged[&name][at..]);
        }
        for (name, bytes) in &damaged {
            let is_later =
                names::parse(name).is_some_and(|(it, kind, _)| it > base && kind == FileKind::Log);
            if is_later {
                assert_eq!(kept.get(name), Some(bytes), "{name}");
                assert!(!now.contains_key(name));
            }
        }
        assert_eq!(repaired.log_end, Some(check(&case.subject).log_end));
    }
}

#[test]
fn a_torn_end_is_cut_as_a_start_would_and_kept() {
    let mut case = Case::new(|dir, bases| {
        let path = dir.join(of(*bases.last().unwrap(), FileKind::Log));
        change(&path, |bytes| bytes.truncate(bytes.len() - 5));
    });
    case.subject.clean = false;
    let repaired = case.repair(false, false);
    assert_eq!(repaired.left, Vec::<String>::new());
    assert!(case.kept().keys().any(|name| name.contains(".log.from-")));
    case.subject.clean = true;
    case.assert_clean();
}

#[test]
fn a_log_that_is_too_short_is_accepted_only_if_that_is_asked_for() {
    let mut case = Case::new(|_, _| {});
    case.subject.high_watermark = Some(130);
    assert_eq!(case.repair(false, false).left.len(), 1);
    let repaired = case.repair(true, false);
    assert_eq!((repaired.left.len(), repaired.log_end), (0, Some(120)));
}

#[test]
fn nothing_that_is_kept_is_written_over() {
    let case = Case::new(|dir, bases| {
        change(&dir.join(of(bases[1], FileKind::Index)), |bytes| {
            bytes[7] ^= 1
        });
    });
    let folder = case.keep.path().join("topic-0");
    fs::create_dir(&folder).unwrap();
    let name = of(bases(&case.subject.dir)[1], FileKind::Index);
    fs::write(folder.join(&name), b"precious").unwrap();
    let how = How {
        keep: case.keep.path().to_owned(),
        truncate: false,
        dry_run: false,
        now_ms: NOW,
    };
    let refused = partition(&case.subject, &check(&case.subject), &how).unwrap_err();
    assert!(refused.to_string().contains("written over"), "{refused}");
    assert_eq!(fs::read(folder.join(&name)).unwrap(), b"precious");
}

#[test]
fn a_topic_id_is_written_again_if_it_is_known_and_no_other_is_there() {
    let lose = |dir: &Path, _: &[i64]| {
        fs::write(dir.join(directory::PARTITION_METADATA), "version: 1").unwrap();
    };
    let mut case = Case::new(lose);
    let left = case.repair(false, false).left;
    assert!(left.len() == 1 && left[0].contains(NO_TOPIC_ID), "{left:?}");
    let id = directory::read_topic_id(&subject_of_sound(&case))
        .unwrap()
        .unwrap();
    case.subject.topic_id = Some(id);
    let would = case.repair(false, true);
    assert_eq!((would.done.len(), would.left.len()), (1, 0), "{would:?}");
    assert!(case.kept().is_empty());
    let done = case.repair(false, false);
    assert_eq!((done.done.len(), done.left.len()), (1, 0), "{done:?}");
    assert_eq!(files(&case.subject.dir), case.sound);
    assert_eq!(case.kept()[directory::PARTITION_METADATA], b"version: 1");
    case.assert_clean();
    // What another topic left is not taken for this one.
    let other = ottla_wire::Uuid::from_u128(7);
    case.subject.topic_id = Some(other);
    case.repair(false, false);
    assert_eq!(
        directory::read_topic_id(&case.subject.dir).unwrap(),
        Some(id)
    );
}

/// A directory with nothing but the sound `partition.metadata`.
fn subject_of_sound(case: &Case) -> PathBuf {
    let dir = case.keep.path().join("sound");
    fs::create_dir(&dir).unwrap();
    let name = directory::PARTITION_METADATA;
    fs::write(dir.join(name), &case.sound[name]).unwrap();
    dir
}
