//! Copies of logs, and what a full disk leaves of a log.

use std::path::Path;
use std::sync::Arc;

use ottla_wire::records::Batches;

use super::*;
use crate::config::LogConfig;
use crate::file::{Op, faults};
use crate::log::tests::{NOW, append, open, small_segments};
use crate::names::Kind;
use crate::recovery::Opening;
use crate::testing::{self, batch, marker, old_message, produced};

/// All bytes from the log's start on.
fn bytes_of(log: &Log) -> Vec<u8> {
    let mut next = log.offsets().log_start;
    let mut all = Vec::new();
    while let Some(slice) = log
        .reader()
        .read(next, 5000, true, UpperBound::LogEnd)
        .unwrap()
        .slice
    {
        for batch in Batches::new(slice.read().unwrap()) {
            let (head, bytes) = batch.unwrap();
            all.extend_from_slice(&bytes);
            next = head.next_offset();
        }
    }
    all
}

fn catch_up(copy: &mut Log, source: &Log) -> u64 {
    let mut bytes = 0;
    for _ in 0..1000 {
        let copied = copy.copy_from(&source.reader(), 3000, NOW).unwrap();
        copied.removal.run().unwrap();
        bytes += copied.bytes;
        if copied.caught_up {
            return bytes;
        }
    }
    panic!("the copy never catches up");
}

fn aborted(log: &Log) -> Vec<crate::AbortedTransaction> {
    let upto = UpperBound::LastStable;
    let start = log.offsets().log_start;
    let read = log.reader().read(start, usize::MAX, true, upto).unwrap();
    read.aborted_transactions.unwrap()
}

#[test]
fn a_copy_is_the_log_while_it_grows_and_after() {
    let dirs = [testing::tempdir(), testing::tempdir()];
    let mut log = open(dirs[0].path(), small_segments());
    let one_segment = LogConfig::default();
    let mut copy = open(dirs[1].path(), one_segment.clone());
    for n in 0..300 {
        let (id, sequence) = (7 + n % 3, (n / 3) as i32);
        append(&mut log, produced(1, 1000 + n, id, 0, sequence, true)).unwrap();
        if n % 50 == 49 {
            append(&mut log, marker(id, 0, n % 100 == 49, 0, 1000 + n)).unwrap();
            copy.copy_from(&log.reader(), 2000, NOW).unwrap();
        }
        if n == 150 {
            // Retention goes on meanwhile, and cuts into a batch.
            log.update_high_watermark(140);
            append(&mut log, batch(5, 1, 10)).unwrap();
            log.update_high_watermark(log.offsets().log_end);
            log.delete_records_before(log.offsets().log_end - 2)
                .unwrap();
            log.delete_old_segments(NOW).unwrap().run().unwrap();
        }
    }
    log.update_high_watermark(log.offsets().log_end);
    assert!(catch_up(&mut copy, &log) > 0);
    assert_eq!(bytes_of(&copy), bytes_of(&log));
    // A transaction that began before the copy begins there.
    let ends = |log: &Log| {
        aborted(log)
            .iter()
            .map(|it| it.last_offset)
            .collect::<Vec<_>>()
    };
    assert_eq!(ends(&copy), ends(&log));
    assert!(!ends(&log).is_empty());
    let guard = log.start_verification(99, 0, 0, true, NOW).unwrap();
    log.assign_epoch(4, log.offsets().log_end);
    copy.succeed(&mut log).unwrap();
    assert_eq!(copy.offsets(), log.offsets());
    assert_eq!(copy.reader().latest_epoch(), Some(4));
    let sequences = |log: &Log| {
        let all = log.active_producers();
        all.map(|of| (of.producer_id, of.producer_epoch, of.last_sequence()))
            .collect::<Vec<_>>()
    };
    assert_eq!(sequences(&copy), sequences(&log));
    // A transaction that was being verified goes on in the copy.
    let how = crate::Leading::new(4, crate::Origin::Client, NOW).verified(guard);
    copy.append_as_leader(vec![produced(1, 9, 99, 0, 0, true)], &how)
        .unwrap();
    let end = copy.offsets();
    copy.close(NOW).unwrap();
    assert_eq!(
        open(dirs[1].path(), one_segment).offsets().log_end,
        end.log_end
    );
}

#[test]
fn what_the_log_has_not_or_not_any_more_leaves_the_copy() {
    let dirs = [testing::tempdir(), testing::tempdir()];
    let mut log = open(dirs[0].path(), small_segments());
    let mut copy = open(dirs[1].path(), small_segments());
    for n in 0..40 {
        append(&mut log, batch(1, n, 60)).unwrap();
    }
    catch_up(&mut copy, &log);
    // The end of the log was lost, and others were written in a newer epoch.
    log.truncate_to(25, NOW).unwrap().1.run().unwrap();
    for n in 0..30 {
        let how = crate::Leading::new(5, crate::Origin::Client, NOW);
        log.append_as_leader(vec![batch(1, 100 + n, 61)], &how)
            .unwrap();
    }
    catch_up(&mut copy, &log);
    assert_eq!(bytes_of(&copy), bytes_of(&log));
    assert_eq!(copy.reader().leader_epochs(), log.reader().leader_epochs());
    // Longer than the log, in the same epoch.
    log.truncate_to(50, NOW).unwrap().1.run().unwrap();
    catch_up(&mut copy, &log);
    assert_eq!(copy.offsets().log_end, 50);
    // All that the copy has is deleted in the log.
    for n in 0..30 {
        append(&mut log, batch(1, 200 + n, 60)).unwrap_or_else(|why| panic!("{why}"));
    }
    log.update_high_watermark(80);
    log.delete_records_before(70).unwrap();
    catch_up(&mut copy, &log);
    assert_eq!((copy.offsets().log_start, copy.offsets().log_end), (70, 80));
    assert_eq!(bytes_of(&copy), bytes_of(&log));
    append(&mut log, batch(1, 300, 10)).unwrap();
    let behind = copy.succeed(&mut log).unwrap_err();
    assert!(behind.to_string().contains("offset 80"), "{behind}");
}

#[test]
fn messages_of_old_formats_are_copied() {
    let dirs = [testing::tempdir(), testing::tempdir()];
    let messages: Vec<u8> = (0..50)
        .flat_map(|n| old_message(n, 1000 + n, &[b'o'; 40]))
        .collect();
    std::fs::write(dirs[0].path().join(Kind::Log.name(0)), &messages).unwrap();
    let dirty = Opening {
        clean: false,
        ..Opening::clean(NOW)
    };
    let config = Arc::new(small_segments());
    let (mut log, _) = Log::open(dirs[0].path(), config, &dirty).unwrap();
    append(&mut log, batch(3, 2000, 10)).unwrap();
    let mut copy = open(dirs[1].path(), small_segments());
    catch_up(&mut copy, &log);
    assert_eq!(copy.offsets().log_end, 53);
    assert!(copy.reader().segment_count() > 1);
    assert_eq!(bytes_of(&copy), bytes_of(&log));
    let at = |log: &Log| log.reader().offset_for_timestamp(1030).unwrap();
    assert_eq!(at(&copy), at(&log));
}

/// From the `fail_at`th call on, there is no room for anything.
fn fill_up(fail_at: u32) {
    let mut calls = 0;
    faults::set(Some(Box::new(move |op, path| {
        calls += 1;
        let takes_room = match op {
            Op::Open => !path.exists(),
            Op::Reserve => true,
            // That of aborted transactions is written where room was reserved.
            Op::Write => !path.to_string_lossy().ends_with("txnindex"),
            _ => false,
        };
        (calls > fail_at && takes_room).then(|| std::io::ErrorKind::StorageFull.into())
    })));
}

fn with_open_transactions(dir: &Path) -> Log {
    let mut log = open(dir, small_segments());
    for n in 0..30 {
        append(&mut log, produced(1, 1000 + n, 7, 0, n as i32, true)).unwrap();
        append(&mut log, batch(1, 1000 + n, 60)).unwrap();
    }
    log.flush(NOW).unwrap();
    log.rest().unwrap();
    log
}

#[test]
fn an_abort_is_whole_or_not_there_when_the_disk_is_full_at_any_call() {
    let mut refused = 0;
    for fail_at in 0.. {
        let dir = testing::tempdir();
        let mut log = with_open_transactions(dir.path());
        let end = log.offsets().log_end;
        fill_up(fail_at);
        let appended = append(&mut log, marker(7, 0, false, 0, 2000));
        faults::set(None);
        log.update_high_watermark(log.offsets().log_end);
        match appended {
            Err(why) => {
                assert!(
                    matches!(&why, AppendError::Log(fault) if fault.is_full()),
                    "{why}"
                );
                assert_eq!(log.offsets().log_end, end, "call {fail_at}");
                assert_eq!(log.offsets().last_stable, 0, "call {fail_at}");
                refused += 1;
                append(&mut log, marker(7, 0, false, 0, 2000)).unwrap();
                log.update_high_watermark(end + 1);
            }
            Ok(_) => assert_eq!(log.offsets().log_end, end + 1),
        }
        assert_eq!(log.offsets().last_stable, end + 1);
        let found = aborted(&log);
        assert_eq!(
            (found.len(), found[0].first_offset),
            (1, 0),
            "call {fail_at}"
        );
        if fail_at > 20 {
            break;
        }
    }
    assert!(refused > 2, "only {refused} were refused");
}

#[test]
fn records_are_deleted_on_a_full_disk() {
    let dir = testing::tempdir();
    let mut log = with_open_transactions(dir.path());
    log.assign_epoch(8, log.offsets().log_end);
    append(&mut log, batch(1, 3000, 60)).unwrap();
    let end = log.offsets().log_end;
    log.update_high_watermark(end);
    let segments = log.reader().segment_count();
    fill_up(0);
    assert_eq!(log.delete_records_before(-1).unwrap(), end);
    let removal = log.delete_old_segments(NOW).unwrap();
    assert_eq!(removal.segments, segments - 1);
    removal.run().unwrap();
    // Retention that would take the active segment too, which needs a new one, takes what it can.
    faults::set(None);
    for n in 0..40 {
        append(&mut log, batch(1, n, 60)).unwrap();
    }
    log.update_high_watermark(log.offsets().log_end);
    let segments = log.reader().segment_count();
    log.set_config(Arc::new(LogConfig {
        retention_ms: 10,
        ..small_segments()
    }));
    fill_up(0);
    let removal = log.delete_old_segments(NOW).unwrap();
    assert_eq!(removal.segments, segments - 1);
    faults::set(None);
    let offsets = log.offsets();
    drop(log);
    let opening = Opening {
        clean: false,
        log_start_offset: offsets.log_start,
        ..Opening::clean(NOW)
    };
    let (log, _) = Log::open(dir.path(), Arc::new(small_segments()), &opening).unwrap();
    assert_eq!(log.offsets().log_end, offsets.log_end);
    assert_eq!(log.offsets().log_start, offsets.log_start);
}
