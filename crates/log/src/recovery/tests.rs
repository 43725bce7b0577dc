//! Opening after stops of all kinds.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bytes::Bytes;
use ottla_wire::records::{Batch, Batches};

use super::*;
use crate::file::{Op, faults};
use crate::log::tests::{NOW, append, open, small_segments};
use crate::testing::{self, batch, marker, old_message, produced};
use crate::{Leading, Origin, UpperBound};

fn reopen(dir: &Path, recovery_point: i64) -> (Log, Recovered) {
    let opening = Opening {
        clean: false,
        recovery_point,
        ..Opening::clean(NOW)
    };
    Log::open(dir, Arc::new(small_segments()), &opening).unwrap()
}

/// All bytes of a log from its start on.
fn all(log: &Log) -> Vec<Batch> {
    let (mut next, mut found) = (log.offsets().log_start, Vec::new());
    while let Some(slice) = log
        .reader()
        .read(next, 1 << 20, true, UpperBound::LogEnd)
        .unwrap()
        .slice
    {
        for entry in Batches::new(slice.read().unwrap()) {
            let (head, bytes) = entry.unwrap();
            found.push(Batch::first(&bytes).unwrap());
            next = head.next_offset();
        }
    }
    found
}

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

fn copy(from: &Path) -> tempfile::TempDir {
    let to = testing::tempdir();
    for (name, bytes) in files(from) {
        fs::write(to.path().join(name), bytes).unwrap();
    }
    to
}

/// A log with producers, transactions and several segments.
fn mixed(dir: &Path, batches: i32) -> Log {
    let mut log = open(dir, small_segments());
    let coordinator = Leading::new(3, Origin::Coordinator, NOW);
    for n in 0..batches {
        let timestamp = 1000 + i64::from(n);
        match n % 5 {
            0 => append(&mut log, batch(2, timestamp, 60)).unwrap(),
            4 => {
                let end = marker(9, 0, n % 2 == 0, 1, timestamp);
                log.append_as_leader(vec![end], &coordinator).unwrap()
            }
            k if k % 2 == 0 => append(&mut log, produced(1, timestamp, 9, 0, n / 5, true)).unwrap(),
            k => {
                let sequence = 2 * (n / 5) + i32::from(k == 3);
                append(&mut log, produced(1, timestamp, 7, 0, sequence, false)).unwrap()
            }
        };
    }
    log
}

fn producers(log: &Log) -> Vec<(i64, i16, i32, i64, Option<i64>)> {
    log.active_producers()
        .map(|p| {
            (
                p.producer_id,
                p.producer_epoch,
                p.last_sequence(),
                p.last_offset(),
                p.transaction_first_offset,
            )
        })
        .collect()
}

#[test]
fn missing_and_corrupt_indexes_are_rebuilt() {
    let dir = testing::tempdir();
    let log = mixed(dir.path(), 100);
    let (batches, state) = (all(&log), producers(&log));
    log.close(NOW).unwrap();
    let sound = files(dir.path());
    let last = |kind: &str| {
        sound
            .keys()
            .rfind(|name| name.ends_with(kind))
            .unwrap()
            .clone()
    };
    let first = |kind: &str| {
        let mut names = sound.keys().filter(|name| name.ends_with(kind));
        names.next().unwrap().clone()
    };
    let short = sound[&last(".index")][..3].to_vec();
    let backwards = vec![0xff; 8];
    for (name, bytes) in [
        (first(".index"), None),
        (last(".index"), None),
        (first(".timeindex"), None),
        (last(".index"), Some(short)),
        (last(".index"), Some(backwards)),
        (last(".timeindex"), Some(vec![1; 13])),
        (first(".txnindex"), Some(vec![0; 34 * 3])),
    ] {
        let dir = copy(dir.path());
        match bytes {
            Some(bytes) => fs::write(dir.path().join(&name), bytes).unwrap(),
            None => fs::remove_file(dir.path().join(&name)).unwrap(),
        }
        // A base offset above 0 shows what entries of a transaction index before it are.
        let corrupt_is_sound = name == first(".txnindex") && name.starts_with(&"0".repeat(20));
        let (log, recovered) =
            Log::open(dir.path(), Arc::new(small_segments()), &Opening::clean(NOW)).unwrap();
        if !corrupt_is_sound {
            assert_eq!(recovered.segments_scanned, 1, "{name}");
        }
        assert_eq!(recovered.bytes_truncated, 0, "{name}");
        assert_eq!(all(&log), batches, "{name}");
        assert_eq!(producers(&log), state, "{name}");
        log.close(NOW).unwrap();
        if !corrupt_is_sound {
            let rebuilt = files(dir.path());
            assert!(rebuilt[&name] == sound[&name], "{name}");
        }
    }
}

#[test]
fn an_index_without_its_log_is_removed() {
    let dir = testing::tempdir();
    mixed(dir.path(), 10).close(NOW).unwrap();
    let stray = dir.path().join(Kind::Index.name(5000));
    fs::write(&stray, [0; 8]).unwrap();
    let log = open(dir.path(), small_segments());
    assert!(!stray.exists());
    assert_eq!(
        log.reader().segment_count(),
        1 + log.view().floor(i64::MAX - 1)
    );
}

#[test]
fn what_is_before_the_recovery_point_is_not_read_again() {
    let dir = testing::tempdir();
    let mut log = mixed(dir.path(), 100);
    log.flush(NOW).unwrap();
    let (segments, end) = (log.reader().segment_count(), log.recovery_point());
    drop(log);
    let (log, recovered) = reopen(dir.path(), end);
    assert_eq!(recovered.segments_scanned, 1);
    drop(log);
    let (_, recovered) = reopen(dir.path(), 0);
    assert_eq!(recovered.segments_scanned, segments);
}

#[test]
fn a_damaged_batch_ends_the_log() {
    let dir = testing::tempdir();
    let log = mixed(dir.path(), 100);
    let batches = all(&log);
    let segments: Vec<i64> = log
        .view()
        .segments
        .iter()
        .map(|s| s.base_offset())
        .collect();
    drop(log);
    let middle = segments[segments.len() / 2];
    let path = dir.path().join(Kind::Log.name(middle));
    let mut bytes = fs::read(&path).unwrap();
    // Past the offset and epoch of some batch, which its checksum does not cover.
    let batch = Batches::new(bytes.clone().into()).nth(3).unwrap().unwrap();
    let at: usize = Batches::new(bytes.clone().into())
        .take(3)
        .map(|b| b.unwrap().0.size)
        .sum();
    bytes[at + batch.0.size - 1] ^= 0x40;
    fs::write(&path, bytes).unwrap();
    let (log, recovered) = reopen(dir.path(), 0);
    assert!(recovered.bytes_truncated > 0);
    assert_eq!(
        recovered.removal.segments,
        segments.len() - segments.len() / 2 - 1
    );
    let left = all(&log);
    assert_eq!(left, batches[..left.len()]);
    assert!(log.offsets().log_end > middle);
    assert_eq!(log.offsets().log_end, left.last().unwrap().next_offset());
    recovered.removal.run().unwrap();
    log.close(NOW).unwrap();
    let log = open(dir.path(), small_segments());
    assert_eq!(all(&log), left);
}

#[test]
fn a_segment_that_goes_on_beyond_the_next_one_ends_the_log() {
    let dir = tempfile::tempdir().unwrap();
    drop(mixed(dir.path(), 100));
    let names: Vec<_> = files(dir.path()).into_keys().collect();
    let first = names.iter().find(|name| name.ends_with(".log")).unwrap();
    let path = dir.path().join(first);
    let mut bytes = fs::read(&path).unwrap();
    let last = Batches::new(Bytes::from(bytes.clone())).last().unwrap();
    let (head, batch) = last.unwrap();
    let at = bytes.len() - batch.len();
    bytes[at..at + 8].copy_from_slice(&(head.base_offset + 8).to_be_bytes());
    fs::write(&path, &bytes).unwrap();
    let (log, recovered) = reopen(dir.path(), 0);
    assert_eq!(recovered.bytes_truncated, 0);
    assert!(recovered.removal.segments > 0);
    assert_eq!(log.offsets().log_end, head.next_offset() + 8);
    assert_eq!(
        all(&log).last().unwrap().next_offset(),
        log.offsets().log_end
    );
}

#[test]
fn a_log_that_lost_its_files_starts_where_it_should() {
    let dir = testing::tempdir();
    mixed(dir.path(), 20).close(NOW).unwrap();
    let opening = Opening {
        log_start_offset: 5000,
        ..Opening::clean(NOW)
    };
    let (log, recovered) = Log::open(dir.path(), Arc::new(small_segments()), &opening).unwrap();
    assert!(recovered.removal.segments > 0);
    let offsets = log.offsets();
    assert_eq!((offsets.log_start, offsets.log_end), (5000, 5000));
    assert_eq!(producers(&log), []);
}

#[test]
fn a_corrupt_snapshot_is_passed_over() {
    let dir = testing::tempdir();
    let log = mixed(dir.path(), 100);
    let state = producers(&log);
    log.close(NOW).unwrap();
    let at = snapshot::list(dir.path()).unwrap();
    for at in &at[at.len() - 2..] {
        fs::write(snapshot::path(dir.path(), *at), b"none").unwrap();
    }
    let log = open(dir.path(), small_segments());
    assert_eq!(producers(&log), state);
}

#[test]
fn an_interrupted_compaction_is_finished_or_undone() {
    let dir = testing::tempdir();
    let log = mixed(dir.path(), 60);
    let batches = all(&log);
    let bases: Vec<i64> = log
        .view()
        .segments
        .iter()
        .map(|s| s.base_offset())
        .collect();
    log.close(NOW).unwrap();
    let name = |kind: Kind, base: i64, suffix: &str| format!("{}{suffix}", kind.name(base));
    let kinds = [Kind::Log, Kind::Index, Kind::TimeIndex];

    // Swapping had begun: a cleaned segment 0 that replaces two is there, and both of them.
    let swapping = copy(dir.path());
    let kept: Vec<_> = batches
        .iter()
        .filter(|b| b.base_offset() < bases[2])
        .step_by(2)
        .chain(batches.iter().rfind(|b| b.base_offset() < bases[2]))
        .collect();
    let cleaned: Vec<u8> = kept.iter().flat_map(|b| b.to_bytes().to_vec()).collect();
    for kind in kinds {
        let bytes = if kind == Kind::Log { &cleaned[..] } else { &[] };
        fs::write(swapping.path().join(name(kind, 0, SWAP)), bytes).unwrap();
    }
    let (log, _) = reopen(swapping.path(), 0);
    let found: Vec<i64> = log
        .view()
        .segments
        .iter()
        .map(|s| s.base_offset())
        .collect();
    assert_eq!(found[..2], [0, bases[2]]);
    assert_eq!(log.view().segments[0].size() as usize, cleaned.len());
    assert_eq!(
        all(&log).len(),
        kept.len()
            + batches
                .iter()
                .filter(|b| b.base_offset() >= bases[2])
                .count()
    );

    // Cleaning was not finished: what it wrote goes.
    let cleaning = copy(dir.path());
    for kind in kinds {
        fs::write(cleaning.path().join(name(kind, 0, CLEANED)), &cleaned).unwrap();
        fs::write(cleaning.path().join(name(kind, bases[1], SWAP)), &cleaned).unwrap();
    }
    fs::write(
        cleaning.path().join("00000000000000000000.log.deleted"),
        b"x",
    )
    .unwrap();
    fs::write(
        cleaning
            .path()
            .join("00000000000000000299-0000000001.checkpoint.deleted"),
        b"x",
    )
    .unwrap();
    let (log, _) = reopen(cleaning.path(), 0);
    assert_eq!(all(&log), batches);
    let left: Vec<String> = files(cleaning.path())
        .into_keys()
        .filter(|name| [CLEANED, SWAP, DELETED].iter().any(|s| name.ends_with(s)))
        .collect();
    assert_eq!(left, ["00000000000000000299-0000000001.checkpoint.deleted"]);
}

/// A generator of numbers that look random: the same for the same seed.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 27)) % bound.max(1)
    }
}

/// Appends at random, flushing now and then; the log, and how much of it was flushed.
fn grow(dir: &Path, numbers: &mut Numbers) -> (Log, i64) {
    let mut log = open(dir, small_segments());
    let mut sequences = [0_i32; 3];
    let mut flushed = 0;
    for n in 0..20 + numbers.below(60) {
        let timestamp = 1000 + n as i64;
        let who = numbers.below(3) as usize;
        let producer = who as i64;
        match numbers.below(10) {
            0..4 => {
                let records = 1 + numbers.below(4) as i32;
                append(
                    &mut log,
                    batch(records, timestamp, numbers.below(200) as usize),
                )
                .unwrap();
            }
            // Producer 2 writes in transactions.
            8 => {
                let end = marker(2, 0, numbers.below(2) == 0, 1, timestamp);
                let how = Leading::new(3, Origin::Coordinator, NOW);
                log.append_as_leader(vec![end], &how).unwrap();
            }
            9 => {
                log.flush(NOW).unwrap();
                flushed = log.recovery_point();
            }
            _ => {
                let sequence = sequences[who];
                sequences[who] += 1;
                let sent = produced(1, timestamp, producer, 0, sequence, who == 2);
                append(&mut log, sent).unwrap();
            }
        }
    }
    (log, flushed)
}

/// What a crash may leave of a file that has `durable` bytes on disk for sure: any length from there on, with wrong
/// bytes in the rest.
fn tear(bytes: &mut Vec<u8>, durable: usize, numbers: &mut Numbers) {
    let rest = bytes.len() - durable;
    if rest == 0 {
        return;
    }
    let cut = durable + numbers.below(rest as u64 + 1) as usize;
    match numbers.below(3) {
        0 => bytes.truncate(cut),
        1 => bytes[cut..].fill(0),
        // Offset and epoch are not covered by a batch's checksum, so all that follows is wrong, not one byte.
        _ => {
            let wrong = 1 + numbers.below(255) as u8;
            bytes[cut..].iter_mut().for_each(|byte| *byte ^= wrong);
        }
    }
}

#[test]
fn a_crash_at_any_byte_loses_only_what_was_not_flushed() {
    let mut torn = 0;
    for seed in 0..60 {
        let numbers = &mut Numbers(seed);
        let dir = testing::tempdir();
        let (log, flushed) = grow(dir.path(), numbers);
        let batches = all(&log);
        // What was flushed is on disk; of all other bytes, any part may be.
        for segment in log.view().segments.iter() {
            let path = segment.path(Kind::Log);
            let durable = match segment.translate(flushed).unwrap() {
                Some(head) if head.base_offset >= flushed => head.position as usize,
                _ if segment.base_offset() >= flushed => 0,
                _ => segment.size() as usize,
            };
            let mut bytes = fs::read(&path).unwrap();
            tear(&mut bytes, durable, numbers);
            fs::write(&path, bytes).unwrap();
            if segment.base_offset() >= flushed || durable < segment.size() as usize {
                for kind in [Kind::Index, Kind::TimeIndex] {
                    let path = segment.path(kind);
                    let mut bytes = fs::read(&path).unwrap();
                    bytes.resize(bytes.len() + numbers.below(50) as usize, 0);
                    tear(&mut bytes, 0, numbers);
                    fs::write(&path, bytes).unwrap();
                }
            }
        }
        drop(log);
        let (log, recovered) = reopen(dir.path(), flushed);
        torn += usize::from(recovered.bytes_truncated > 0);
        let left = all(&log);
        assert!(left.len() <= batches.len(), "seed {seed}");
        assert!(left == batches[..left.len()], "seed {seed}: not a prefix");
        let end = log.offsets().log_end;
        assert!(end >= flushed, "seed {seed}: {end} < {flushed}");
        assert_eq!(
            end,
            left.last().map_or(0, Batch::next_offset),
            "seed {seed}"
        );
        // Every offset and time is found through the indexes as without them.
        for batch in &left {
            let (base, last) = (batch.base_offset(), batch.last_offset());
            let read = log
                .reader()
                .read(last, 1, true, UpperBound::LogEnd)
                .unwrap();
            let bytes = read.slice.unwrap().read().unwrap();
            assert_eq!(
                Batch::first(&bytes).unwrap().base_offset(),
                base,
                "seed {seed}"
            );
            let time = log
                .reader()
                .offset_for_timestamp(batch.max_timestamp())
                .unwrap();
            assert!(time.unwrap().offset <= last, "seed {seed}");
        }
        // The producer state is that of the same batches, appended by a follower.
        let other = testing::tempdir();
        let mut follower = open(other.path(), small_segments());
        follower.append_as_follower(&left, NOW).ok();
        if follower.offsets().log_end == end {
            assert_eq!(producers(&log), producers(&follower), "seed {seed}");
        } else {
            for batch in &left {
                let one = std::slice::from_ref(batch);
                follower.append_as_follower(one, NOW).unwrap();
            }
            assert_eq!(producers(&log), producers(&follower), "seed {seed}");
        }
        let undecided = follower.first_undecided_offset();
        assert_eq!(log.first_undecided_offset(), undecided, "seed {seed}");
        log.close(NOW).unwrap();
        let log = open(dir.path(), small_segments());
        assert_eq!(all(&log), left, "seed {seed}");
        assert_eq!(producers(&log), producers(&follower), "seed {seed}");
    }
    assert!(torn > 15, "only {torn} logs were torn");
}

#[test]
fn a_fault_at_any_call_leaves_a_log_that_opens() {
    let mut failed = 0;
    for fail_at in 0.. {
        let dir = testing::tempdir();
        let mut calls = 0;
        let mut log = open(dir.path(), small_segments());
        faults::set(Some(Box::new(move |op, _| {
            calls += 1;
            let fails = calls > fail_at && op != Op::Read;
            fails.then(|| std::io::ErrorKind::StorageFull.into())
        })));
        let mut acknowledged = 0;
        let mut error = None;
        for n in 0..40 {
            match append(&mut log, produced(1, 1000 + n, 7, 0, n as i32, false)) {
                Ok(appended) => {
                    assert_eq!(appended.first_offset, n);
                    acknowledged = n + 1;
                }
                Err(e) => {
                    error = Some(e);
                    break;
                }
            }
        }
        let end = log.offsets().log_end;
        faults::set(None);
        let Some(error) = error else {
            break;
        };
        failed += 1;
        assert_eq!(error.code().0, 56);
        assert!(error.to_string().contains("free space"), "{error}");
        assert_eq!(end, acknowledged, "call {fail_at}");
        // The disk has room again: the log goes on.
        let n = acknowledged;
        let again = produced(1, 1000 + n, 7, 0, n as i32, false);
        assert_eq!(append(&mut log, again).unwrap().first_offset, n);
        let batches = all(&log);
        drop(log);
        let (log, _) = reopen(dir.path(), 0);
        assert_eq!(all(&log), batches, "call {fail_at}");
    }
    assert!(failed > 30, "only {failed} calls failed");
}

/// Fills a log; then flushes it, cuts it at both ends, and closes it.
fn live(dir: &Path, before_faults: impl FnOnce()) -> Result<(), Box<dyn std::error::Error>> {
    let mut log = open(dir, small_segments());
    for n in 0..60 {
        append(&mut log, produced(1, 1000 + n, 7, 0, n as i32, n % 7 > 3)).ok();
        append(&mut log, batch(1, 1000 + n, 60)).unwrap();
    }
    before_faults();
    log.flush(NOW)?;
    let end = log.offsets().log_end;
    let (_, removal) = log.truncate_to(end - 30, NOW)?;
    removal.run()?;
    append(&mut log, batch(1, 5000, 60))?;
    log.update_high_watermark(end - 40);
    log.delete_records_before(25)?;
    log.delete_old_segments(NOW)?.run()?;
    log.rest()?;
    append(&mut log, batch(1, 5001, 60))?;
    log.truncate_to(end - 31, NOW)?.1.run()?;
    log.close(NOW)?;
    Ok(())
}

#[test]
fn a_fault_while_cutting_leaves_a_log_that_opens() {
    let whole = testing::tempdir();
    live(whole.path(), || {}).unwrap();
    let mut failed = 0;
    for fail_at in 0.. {
        let dir = testing::tempdir();
        let mut calls = 0;
        let result = live(dir.path(), || {
            faults::set(Some(Box::new(move |_, _| {
                calls += 1;
                (calls > fail_at).then(|| std::io::Error::other("a fault").into())
            })));
        });
        faults::set(None);
        let (log, _) = reopen(dir.path(), 0);
        let offsets = log.offsets();
        let left = all(&log);
        let mut next = left[0].base_offset();
        assert!(next <= 25, "call {fail_at}");
        for batch in &left {
            assert_eq!(batch.base_offset(), next, "call {fail_at}");
            batch.check_crc().unwrap();
            next = batch.next_offset();
        }
        assert_eq!(next, offsets.log_end, "call {fail_at}");
        if result.is_ok() {
            break;
        }
        assert!(result.unwrap_err().to_string().contains("a fault"));
        failed += 1;
    }
    assert!(failed > 50, "only {failed} calls failed");
}

#[test]
fn files_of_other_names_are_left_alone() {
    let dir = testing::tempdir();
    let log = mixed(dir.path(), 60);
    let (batches, state, end) = (all(&log), producers(&log), log.offsets().log_end);
    log.close(NOW).unwrap();
    let strange = [
        "7.log",
        "7.index",
        "0007.timeindex",
        "9.snapshot",
        "99999999999999999999.log",
        "-0000000000000000007.log",
        "notes.log",
        "00000000000000000007.log.bak",
        "00000000000000000007",
    ];
    for name in strange {
        fs::write(dir.path().join(name), "of somebody").unwrap();
    }
    fs::create_dir(dir.path().join("00000000000000000003.log")).unwrap();
    for clean in [true, false] {
        let opening = Opening {
            clean,
            ..Opening::clean(NOW)
        };
        let (log, _) = Log::open(dir.path(), Arc::new(small_segments()), &opening).unwrap();
        assert_eq!(log.offsets().log_end, end);
        assert_eq!(all(&log), batches);
        assert_eq!(producers(&log), state);
        log.close(NOW).unwrap();
    }
    for name in strange {
        let left = fs::read_to_string(dir.path().join(name)).unwrap();
        assert_eq!(left, "of somebody", "{name}");
    }
}

#[test]
fn segments_of_old_formats_are_read() {
    let dir = testing::tempdir();
    let messages: Vec<u8> = (0..50)
        .flat_map(|n| old_message(n, 1000 + n, &[b'o'; 40]))
        .collect();
    let path = dir.path().join(Kind::Log.name(0));
    fs::write(&path, &messages[..messages.len() - 3]).unwrap();
    let (mut log, recovered) = reopen(dir.path(), 0);
    assert_eq!(log.offsets().log_end, 49, "the last one is torn");
    assert!(recovered.bytes_truncated > 0);
    assert_eq!(log.reader().leader_epochs().entries(), []);
    let found = log.reader().offset_for_timestamp(1030).unwrap().unwrap();
    assert_eq!((found.offset, found.leader_epoch), (30, None));
    let read = log.reader().read(20, 1, true, UpperBound::LogEnd).unwrap();
    let bytes = read.slice.unwrap().read().unwrap();
    assert_eq!(bytes, old_message(20, 1020, &[b'o'; 40]));
    assert_eq!(
        append(&mut log, batch(1, 2000, 10)).unwrap().first_offset,
        49
    );
    log.close(NOW).unwrap();
    let log = open(dir.path(), small_segments());
    assert_eq!(log.offsets().log_end, 50);
}

/// Ends a log as `kill -9` does: what was written stays as it is.
fn crash(log: Log) {
    drop(log);
}

fn epochs(log: &Log) -> Vec<(i32, i64)> {
    log.reader().leader_epochs().entries().to_vec()
}

fn epochs_file(dir: &Path) -> Vec<(i32, i64)> {
    checkpoint::read_epochs(&dir.join(checkpoint::LEADER_EPOCHS)).unwrap()
}

#[test]
fn an_epoch_is_written_with_the_first_flush_of_its_records() {
    let dir = testing::tempdir();
    let mut log = open(dir.path(), small_segments());
    log.assign_epoch(3, 0);
    append(&mut log, batch(2, 1000, 10)).unwrap();
    assert_eq!(epochs_file(dir.path()), [], "nothing of it is durable");
    log.flush(NOW).unwrap();
    assert_eq!(epochs_file(dir.path()), [(3, 0)]);
    log.assign_epoch(4, 2);
    log.flush(NOW).unwrap();
    assert_eq!(epochs_file(dir.path()), [(3, 0)], "it has no records");
    log.close(NOW).unwrap();
    assert_eq!(epochs_file(dir.path()), [(3, 0)], "a start would drop it");
    let mut log = open(dir.path(), small_segments());
    assert_eq!(epochs(&log), [(3, 0)]);
    log.assign_epoch(6, 2);
    let how = Leading::new(6, Origin::Client, NOW);
    log.append_as_leader(vec![batch(1, 1001, 10)], &how)
        .unwrap();
    log.close(NOW).unwrap();
    assert_eq!(epochs_file(dir.path()), [(3, 0), (6, 2)]);
}

#[test]
fn an_epoch_that_moved_behind_the_recovery_point_is_written() {
    let dir = testing::tempdir();
    let mut log = open(dir.path(), small_segments());
    for epoch in [3, 4] {
        let how = Leading::new(epoch, Origin::Client, NOW);
        log.append_as_leader(vec![batch(4, 1000, 10)], &how)
            .unwrap();
    }
    log.update_high_watermark(8);
    // Records before the new start need no flush: the recovery point jumps.
    log.delete_records_before(6).unwrap();
    assert_eq!(log.recovery_point(), 6);
    assert_eq!(epochs_file(dir.path()), [(4, 6)]);
}

#[test]
fn a_compacted_log_has_its_epochs_written_first() {
    let dir = testing::tempdir();
    let mut log = open(dir.path(), small_segments());
    for n in 0..20 {
        append(&mut log, batch(1, 1000 + n, 200)).unwrap();
    }
    assert!(log.reader().segment_count() > 2);
    assert_eq!(epochs_file(dir.path()), []);
    let second = log.view().segments[1].base_offset();
    log.write_epochs_before(second).unwrap();
    assert_eq!(epochs_file(dir.path()), [(3, 0)]);
}

#[test]
fn a_full_disk_holds_the_recovery_point_back_and_refuses_nothing() {
    let dir = testing::tempdir();
    let mut log = open(dir.path(), small_segments());
    append(&mut log, batch(2, 1000, 10)).unwrap();
    let is_epochs = |path: &Path| path.to_string_lossy().contains(checkpoint::LEADER_EPOCHS);
    faults::set(Some(Box::new(move |op, path| {
        let fails = op == Op::Write && is_epochs(path);
        fails.then(|| std::io::ErrorKind::StorageFull.into())
    })));
    log.flush(NOW).unwrap();
    assert_eq!(log.recovery_point(), 0, "a start must read its batches");
    append(&mut log, batch(2, 1001, 10)).unwrap();
    faults::set(None);
    log.flush(NOW).unwrap();
    assert_eq!(log.recovery_point(), 4);
    assert_eq!(epochs_file(dir.path()), [(3, 0)]);
}

#[test]
fn opening_after_a_crash_makes_nothing_durable() {
    let dir = testing::tempdir();
    crash(mixed(dir.path(), 100));
    let syncs = std::rc::Rc::new(std::cell::Cell::new(0));
    let counted = syncs.clone();
    faults::set(Some(Box::new(move |op, _| {
        counted.set(counted.get() + u32::from(op == Op::Sync));
        None
    })));
    let (mut log, recovered) = reopen(dir.path(), 0);
    log.assign_epoch(9, log.offsets().log_end);
    assert!(recovered.segments_scanned > 3);
    assert_eq!(syncs.get(), 0);
    log.close(NOW).unwrap();
    faults::set(None);
    assert!(syncs.get() > 3, "a clean stop does");
}

/// Which directories some work makes durable: the log's own and that above it.
fn synced(dir: &Path, work: impl FnOnce()) -> (bool, bool) {
    let calls = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
    let noted = calls.clone();
    faults::set(Some(Box::new(move |op, path| {
        if op == Op::Sync {
            noted.borrow_mut().push(path.to_owned());
        }
        None
    })));
    work();
    faults::set(None);
    let calls = calls.borrow();
    let has = |path: &Path| calls.iter().any(|it| it == path);
    (has(dir), has(dir.parent().unwrap()))
}

#[test]
fn names_are_durable_before_the_first_flush_is_done() {
    let above = testing::tempdir();
    let dir = above.path().join("t-0");
    let mut log = open(&dir, small_segments());
    assert_eq!(synced(&dir, || log.flush(NOW).unwrap()), (false, false));
    log.close(NOW).unwrap();
    // A clean stop that had nothing to make durable left the names as they were.
    let mut log = open(&dir, small_segments());
    append(&mut log, batch(3, 1000, 100)).unwrap();
    assert_eq!(synced(&dir, || log.flush(NOW).unwrap()), (true, true));
    append(&mut log, batch(3, 1000, 100)).unwrap();
    assert_eq!(synced(&dir, || log.flush(NOW).unwrap()), (false, false));
    crash(log);
    // What a checkpoint says may have been said of a log that had this name before.
    let (mut log, _) = reopen(&dir, 6);
    assert_eq!(synced(&dir, || log.flush(NOW).unwrap()), (true, true));
    log.close(NOW).unwrap();
    let mut log = open(&dir, small_segments());
    append(&mut log, batch(3, 1000, 100)).unwrap();
    assert_eq!(synced(&dir, || log.flush(NOW).unwrap()), (false, false));
}

#[test]
fn names_are_durable_where_the_log_start_went_before_the_flush() {
    let above = testing::tempdir();
    let dir = above.path().join("t-0");
    let mut log = open(&dir, small_segments());
    append(&mut log, batch(3, 1000, 100)).unwrap();
    log.flush(NOW).unwrap();
    // A segment of which no flush knows, and records of it that nobody needs any more.
    log.roll(NOW).unwrap();
    append(&mut log, batch(3, 1000, 100)).unwrap();
    log.update_high_watermark(i64::MAX);
    log.delete_records_before(6).unwrap();
    assert_eq!(log.recovery_point(), 6);
    append(&mut log, batch(3, 1000, 100)).unwrap();
    assert_eq!(synced(&dir, || log.flush(NOW).unwrap()), (true, true));
    assert_eq!(log.recovery_point(), 9);
}

/// A leader that changes now and then, with records and without. No epoch comes twice.
fn lead(log: &mut Log, numbers: &mut Numbers, epoch: &mut i32, first_timestamp: i64) {
    for n in 0..20 + numbers.below(60) as i64 {
        match numbers.below(12) {
            0..2 => {
                *epoch += 1 + numbers.below(3) as i32;
                log.assign_epoch(*epoch, log.offsets().log_end);
            }
            2 => log.flush(NOW).unwrap(),
            3 => {
                let batches = all(log);
                let back = 1 + numbers.below(3) as usize;
                if let Some(batch) = batches.len().checked_sub(back).map(|at| &batches[at]) {
                    log.truncate_to(batch.base_offset(), NOW)
                        .unwrap()
                        .1
                        .run()
                        .unwrap();
                }
            }
            4 => {
                log.update_high_watermark(i64::MAX);
                let start = log.offsets().log_start;
                log.delete_records_before((start + 1).min(log.offsets().log_end))
                    .unwrap();
            }
            _ => {
                let records = 1 + numbers.below(3) as i32;
                let sent = batch(records, first_timestamp + n, numbers.below(100) as usize);
                let how = Leading::new(*epoch, Origin::Client, NOW);
                log.append_as_leader(vec![sent], &how).unwrap();
            }
        }
    }
}

/// What a crash of the machine leaves of a log's files; `point`: up to where it is on disk.
fn lose(log: &Log, point: i64, numbers: &mut Numbers) {
    for segment in log.view().segments.iter() {
        let path = segment.path(Kind::Log);
        let durable = match segment.translate(point).unwrap() {
            Some(head) if head.base_offset >= point => head.position as usize,
            _ if segment.base_offset() >= point => 0,
            _ => segment.size() as usize,
        };
        let mut bytes = fs::read(&path).unwrap();
        tear(&mut bytes, durable, numbers);
        fs::write(&path, bytes).unwrap();
    }
    let dir = log.dir();
    // No recovery makes a snapshot durable.
    for at in snapshot::list(&dir).unwrap() {
        let path = snapshot::path(&dir, at);
        let mut bytes = fs::read(&path).unwrap();
        tear(&mut bytes, 0, numbers);
        fs::write(&path, bytes).unwrap();
    }
}

#[test]
fn leader_epochs_survive_crash_after_crash() {
    let seeds = std::env::var("OTTLA_SEEDS").map_or(80, |text| text.parse().unwrap());
    let mut behind = 0;
    for seed in 0..seeds {
        let numbers = &mut Numbers(seed);
        let dir = testing::tempdir();
        let mut log = open(dir.path(), small_segments());
        let mut epoch = 0;
        for life in 0..4 {
            lead(&mut log, numbers, &mut epoch, 1000 * (life + 1));
            epoch += 1;
            let (known, batches) = (log.reader().leader_epochs(), all(&log));
            let (point, start) = (log.recovery_point(), log.offsets().log_start);
            lose(&log, point, numbers);
            // The next process dies before it has flushed anything, the one after goes on.
            for _ in 0..2 {
                let opening = Opening {
                    clean: false,
                    recovery_point: point,
                    log_start_offset: start,
                    ..Opening::clean(NOW)
                };
                let config = Arc::new(small_segments());
                let opened = Log::open(dir.path(), config, &opening).unwrap();
                log = opened.0;
                opened.1.removal.run().unwrap();
                let end = log.offsets().log_end;
                assert!(end >= point, "seed {seed}: {end} < {point}");
                let left = all(&log);
                assert!(left == batches[..left.len()], "seed {seed}: not a prefix");
                // The epoch in which a log was emptied may be there, and may not.
                let cut = |epochs: &LeaderEpochs| {
                    let mut epochs = epochs.clone();
                    epochs.truncate_from_end(end);
                    epochs
                };
                let found = cut(&log.reader().leader_epochs());
                assert_eq!(found, cut(&known), "seed {seed}, life {life}");
                behind += usize::from(epochs_file(dir.path()) != epochs(&log));
            }
        }
        let expected = epochs(&log);
        log.close(NOW).unwrap();
        let log = open(dir.path(), small_segments());
        let stored = LeaderEpochs::read(&dir.path().join(checkpoint::LEADER_EPOCHS)).unwrap();
        for found in [epochs(&log), stored.entries().to_vec()] {
            let end = log.offsets().log_end;
            let has_records = |(_, start): &&(i32, i64)| *start < end;
            let found: Vec<_> = found.iter().filter(has_records).copied().collect();
            let expected: Vec<_> = expected.iter().filter(has_records).copied().collect();
            assert_eq!(found, expected, "seed {seed}: after a clean stop");
        }
    }
    assert!(behind > 80, "the file was behind {behind} times only");
}
