//! Whose turn it is, and a log that takes the place of another.

use std::collections::BTreeSet;

use ottla_log::UpperBound;

use super::*;
use crate::partition::{
    Appender, Replaced,
    tests::{batch, partition, two_dirs},
};

fn copy_of(partition: &Arc<Partition>, dir: &Arc<LogDir>) -> Move {
    let name = PartitionName::new("t", partition.index).renamed(DirectoryState::Future, 1);
    let path = dir.directory().partition_path(&name);
    let opening = Opening::clean(0);
    let (log, _) = Log::open(&path, partition.settings().log.clone(), &opening).unwrap();
    Move::new(partition.clone(), dir.clone(), name, log)
}

#[test]
fn moves_have_their_turns() {
    let at = tempfile::tempdir().unwrap();
    let dirs = two_dirs(at.path());
    let [a, b] = [0, 1].map(|n| dirs.iter().nth(n).unwrap().clone());
    let moves = Moves::new();
    let now = clock::instant();
    assert_eq!(moves.take(now).err(), Some(None));
    for index in 0..3 {
        moves.begin(copy_of(&partition(&a, index), &b));
    }
    let now = clock::instant();
    let taken: Vec<_> = (0..3).map(|_| moves.take(now).ok().unwrap()).collect();
    let indexes: BTreeSet<_> = taken.iter().map(|of| of.partition.index).collect();
    assert_eq!(indexes.len(), 3);
    // All are being worked on.
    assert_eq!(moves.take(now).err(), Some(None));
    moves.give_back(&taken[1], now);
    moves.give_back(&taken[0], now);
    // The first comes after the last.
    assert_eq!(moves.take(now).ok().unwrap().partition.index, 0);
    assert_eq!(moves.take(now).ok().unwrap().partition.index, 1);
    let second = Duration::from_secs(1);
    moves.give_back(&taken[2], now + 2 * second);
    moves.give_back(&taken[1], now + second);
    assert_eq!(moves.take(now).err(), Some(Some(second)));
    assert_eq!(moves.take(now + second).ok().unwrap().partition.index, 1);
}

#[test]
fn directories_asked_for_are_remembered_up_to_a_limit() {
    let moves = Moves::new();
    let [a, b] = [1, 2].map(Uuid::from_u128);
    for index in 0..PREFERRED_MAX as i32 {
        assert!(moves.prefer("t", index, a));
    }
    assert!(!moves.prefer("u", 0, a) && moves.prefer("t", 0, b));
    assert_eq!(moves.preferred("t", 0), Some(b));
    assert_eq!(moves.preferred("u", 0), None);
    moves.forget_preferred("t", 0);
    assert_eq!(moves.preferred("t", 0), None);
    assert!(moves.prefer("u", 0, a));
}

#[test]
fn a_log_takes_the_place_of_another() {
    let at = tempfile::tempdir().unwrap();
    let dirs = two_dirs(at.path());
    let [a, b] = [0, 1].map(|n| dirs.iter().nth(n).unwrap().clone());
    let partition = partition(&a, 0);
    partition.append(batch(100), Appender::CLIENT).unwrap();
    let before = partition.reader().clone();
    let of = copy_of(&partition, &b);
    let refused = partition.replace_log(&b, &mut of.log.lock(), |_, _| Err::<bool, _>("no"));
    assert_eq!(refused.err(), Some("no"));
    let not_yet = partition.replace_log(&b, &mut of.log.lock(), |_, _| Ok::<_, ()>(false));
    assert!(matches!(not_yet, Ok(Replaced::NotYet)));
    assert!(partition.is_in(&a) && of.with_log(|_| ()).is_some());
    let replaced = partition.replace_log(&b, &mut of.log.lock(), |current, future| {
        let copied = future.copy_from(&current.reader(), 1 << 20, 0).unwrap();
        assert!(copied.caught_up);
        future.succeed(current).map(|()| true)
    });
    let Ok(Replaced::Was(old)) = replaced else {
        panic!("{replaced:?}");
    };
    assert!(old.dir().starts_with(a.path()) && partition.is_in(&b));
    assert!(of.with_log(|_| ()).is_none());
    partition.append(batch(100), Appender::CLIENT).unwrap();
    assert_eq!(partition.reader().offsets().high_watermark, 2);
    // Who reads the former log goes on.
    assert_eq!(before.offsets().log_end, 1);
    let read = before.read(0, 1000, true, UpperBound::LogEnd).unwrap();
    assert!(!read.slice.unwrap().read().unwrap().is_empty());
}

#[test]
fn checkpoints_have_the_copies_too() {
    let at = tempfile::tempdir().unwrap();
    let dirs = two_dirs(at.path());
    let [a, b] = [0, 1].map(|n| dirs.iter().nth(n).unwrap().clone());
    let partition = partition(&a, 4);
    for _ in 0..3 {
        partition.append(batch(100), Appender::CLIENT).unwrap();
    }
    let of = Arc::new(copy_of(&partition, &b));
    of.with_log(|log| log.copy_from(&partition.reader(), 1 << 20, 0).unwrap());
    of.flush().unwrap();
    for dir in [&a, &b] {
        let (hosted, moves) = (std::slice::from_ref(&partition), std::slice::from_ref(&of));
        dir.write_checkpoints(hosted, moves, Checkpoints::ALL)
            .unwrap();
    }
    let lines = |dir: &LogDir, file| {
        let lines = ottla_log::checkpoint::read_offsets(&dir.path().join(file)).unwrap();
        let text = lines
            .iter()
            .map(|it| format!("{}-{} {}", it.topic, it.partition, it.offset));
        text.collect::<Vec<_>>()
    };
    use ottla_log::checkpoint::{HIGH_WATERMARKS, RECOVERY_POINTS};
    assert_eq!(lines(&a, RECOVERY_POINTS), ["t-4 0"]);
    assert_eq!(lines(&b, RECOVERY_POINTS), ["t-4 3"]);
    assert_eq!(lines(&b, HIGH_WATERMARKS), ["t-4 3"]);
}
