//! Truncation, retention, DeleteRecords.

use std::path::Path;

use super::*;
use crate::config::LogConfig;
use crate::log::tests::{NOW, append, open, small_segments};
use crate::testing::{self, batch, marker, produced};
use crate::{Leading, Origin, ReadError, UpperBound};

/// The names of a directory's files that end so.
fn names(dir: &Path, end: &str) -> Vec<String> {
    file::list(dir, false)
        .unwrap()
        .into_iter()
        .filter(|name| name.ends_with(end))
        .collect()
}

fn last_batch(log: &Log) -> (i64, i64) {
    let view = log.view();
    let head = view
        .segments
        .iter()
        .rev()
        .find_map(|segment| {
            let mut last = None;
            while let Some(head) = segment
                .translate(last.map_or(0, |h: crate::scan::Head| h.next_offset()))
                .unwrap()
            {
                last = Some(head);
            }
            last
        })
        .unwrap();
    (head.base_offset, head.last_offset)
}

#[test]
fn truncation_keeps_whole_batches_below_an_offset() {
    for (target, expected_last) in [(399, 392), (200, 196), (203, 196), (1, -1), (0, -1)] {
        let dir = testing::tempdir();
        let mut log = open(dir.path(), small_segments());
        for n in 0..100 {
            let mut sent = batch(4, 1000 + n, 60);
            sent.set_base_offset(4 * n);
            sent.set_leader_epoch((n / 30) as i32);
            log.append_as_follower(&[sent], NOW).unwrap();
        }
        log.update_high_watermark(300);
        log.flush(NOW).unwrap();
        let (changed, removal) = log.truncate_to(target, NOW).unwrap();
        assert!(changed);
        // Of 399 no whole segment goes.
        let due = if target > 380 { 0 } else { NOW + 60_000 };
        assert_eq!(removal.not_before_ms, due, "{target}");
        let offsets = log.offsets();
        assert_eq!(offsets.log_end, target);
        assert_eq!(offsets.high_watermark, target.min(300));
        assert!(log.recovery_point() <= target);
        if expected_last >= 0 {
            assert_eq!(last_batch(&log).0, expected_last, "{target}");
        } else {
            assert_eq!(log.reader().size_in_bytes(), 0);
        }
        let epochs = log.reader().leader_epochs();
        assert!(epochs.entries().iter().all(|(_, start)| *start < target));
        assert!(!names(dir.path(), ".deleted").is_empty() || target > 380);
        removal.run().unwrap();
        assert!(names(dir.path(), ".deleted").is_empty());
        // The log goes on, and times that were cut are not found.
        let appended = append(&mut log, batch(1, 500, 10)).unwrap();
        assert_eq!(appended.first_offset, target);
        assert_eq!(log.reader().offset_for_timestamp(2000).unwrap(), None);
        log.close(NOW).unwrap();
        let log = open(dir.path(), small_segments());
        assert_eq!(log.offsets().log_end, target + 1);
    }
}

#[test]
fn truncation_at_or_above_the_end_changes_nothing() {
    let dir = testing::tempdir();
    let mut log = open(dir.path(), LogConfig::default());
    append(&mut log, batch(3, 1, 1)).unwrap();
    log.assign_epoch(9, 3);
    assert!(!log.truncate_to(3, NOW).unwrap().0);
    assert_eq!(
        log.reader().latest_epoch(),
        Some(3),
        "epoch 9 has no records"
    );
    assert!(!log.truncate_to(99, NOW).unwrap().0);
    assert_eq!(log.offsets().log_end, 3);
    assert!(log.truncate_to(-1, NOW).is_err());
}

#[test]
fn truncation_takes_producers_and_transactions_back() {
    let dir = testing::tempdir();
    let mut log = open(dir.path(), LogConfig::default());
    let coordinator = Leading::new(3, Origin::Coordinator, NOW);
    append(&mut log, produced(1, 1, 7, 0, 0, true)).unwrap();
    log.roll(NOW).unwrap();
    append(&mut log, produced(1, 1, 7, 0, 1, true)).unwrap();
    log.append_as_leader(vec![marker(7, 0, false, 1, 1)], &coordinator)
        .unwrap();
    append(&mut log, produced(1, 1, 8, 0, 0, false)).unwrap();
    log.update_high_watermark(4);
    assert_eq!(log.offsets().last_stable, 4);
    assert_eq!(log.active_producers().count(), 2);
    let _ = log.truncate_to(2, NOW).unwrap();
    assert!(log.has_ongoing_transaction(7, 0), "its end was cut off");
    assert_eq!(log.offsets().last_stable, 0);
    let producers: Vec<_> = log.active_producers().collect();
    assert_eq!(producers.len(), 1);
    assert_eq!(producers[0].last_sequence(), 1);
    log.append_as_leader(vec![marker(7, 0, true, 1, 1)], &coordinator)
        .unwrap();
    log.update_high_watermark(3);
    let fetched = log
        .reader()
        .read(0, 9999, true, UpperBound::LastStable)
        .unwrap();
    assert_eq!(fetched.aborted_transactions.unwrap(), []);
}

#[test]
fn a_log_can_be_emptied_and_start_elsewhere() {
    let dir = testing::tempdir();
    let mut log = open(dir.path(), small_segments());
    for n in 0..50 {
        append(&mut log, produced(1, n, 7, 0, n as i32, false)).unwrap();
    }
    let removal = log.truncate_fully_and_start_at(1000, None, NOW).unwrap();
    removal.run().unwrap();
    let offsets = log.offsets();
    assert_eq!((offsets.log_start, offsets.log_end), (1000, 1000));
    assert_eq!(log.active_producers().count(), 0);
    assert_eq!(log.reader().leader_epochs().entries(), []);
    assert_eq!(append(&mut log, batch(1, 1, 1)).unwrap().first_offset, 1000);
    log.close(NOW).unwrap();
    let log = open(dir.path(), small_segments());
    assert_eq!(log.offsets().log_start, 1000);
    assert_eq!(log.offsets().log_end, 1001);
    assert_eq!(names(dir.path(), ".log"), ["00000000000000001000.log"]);
}

#[test]
fn deleted_records_are_gone_and_their_segments_follow() {
    let dir = testing::tempdir();
    let mut log = open(dir.path(), small_segments());
    for n in 0..100 {
        append(&mut log, batch(1, 1000 + n, 60)).unwrap();
    }
    log.update_high_watermark(90);
    for bad in [91, -2] {
        assert!(matches!(
            log.delete_records_before(bad),
            Err(DeleteError::OffsetOutOfRange {
                high_watermark: 90,
                ..
            })
        ));
    }
    assert_eq!(log.delete_records_before(50).unwrap(), 50);
    assert_eq!(log.delete_records_before(40).unwrap(), 50, "never back");
    assert_eq!(log.log_start_to_checkpoint(), Some(50));
    assert!(matches!(
        log.reader().read(49, 1, true, UpperBound::LogEnd),
        Err(ReadError::OffsetOutOfRange { start: 50, .. })
    ));
    assert_eq!(log.reader().leader_epochs().entries(), [(3, 50)]);
    let before = log.reader().segment_count();
    let removal = log.delete_old_segments(NOW).unwrap();
    assert!(removal.segments > 0);
    assert_eq!(log.reader().segment_count(), before - removal.segments);
    assert!(log.view().segments[0].base_offset() <= 50);
    assert!(log.view().segments[1].base_offset() > 50);
    assert_eq!(names(dir.path(), ".log.deleted").len(), removal.segments);
    assert_eq!(log.delete_records_before(-1).unwrap(), 90);
    let _ = log.delete_old_segments(NOW).unwrap();
    log.close(NOW).unwrap();
    // The files are still there when the process ends: the next one removes them.
    let log = open(dir.path(), small_segments());
    assert!(names(dir.path(), ".deleted").is_empty());
    assert_eq!(log.offsets().log_end, 100);
}

#[test]
fn retention_takes_what_is_too_much_or_too_old_and_replicated() {
    let fill = |config: LogConfig| {
        let dir = testing::tempdir();
        let mut log = open(dir.path(), config);
        for n in 0..100 {
            append(&mut log, batch(1, 1000 * n, 60)).unwrap();
        }
        (dir, log)
    };
    let by_size = LogConfig {
        retention_bytes: 5000,
        retention_ms: -1,
        ..small_segments()
    };
    let (_dir, mut log) = fill(by_size);
    let _ = log.delete_old_segments(NOW).unwrap();
    assert_eq!(log.offsets().log_start, 0, "nothing is replicated");
    log.update_high_watermark(100);
    let _ = log.delete_old_segments(NOW).unwrap();
    let size = log.reader().size_in_bytes();
    assert!((5000..7000).contains(&size), "{size} bytes left");
    assert_eq!(
        log.offsets().log_start,
        log.view().segments[0].base_offset()
    );
    assert_eq!(log.log_start_to_checkpoint(), None, "a file name says it");

    let by_time = LogConfig {
        retention_ms: 50_000,
        ..small_segments()
    };
    let (_dir, mut log) = fill(by_time.clone());
    log.update_high_watermark(100);
    let _ = log.delete_old_segments(90_000).unwrap();
    let start = log.offsets().log_start;
    assert!((20..=41).contains(&start), "{start}");
    // All too old: the log goes on empty.
    let _ = log.delete_old_segments(1_000_000).unwrap();
    let offsets = log.offsets();
    assert_eq!((offsets.log_start, offsets.log_end), (100, 100));
    assert_eq!(log.reader().segment_count(), 1);
    assert_eq!(log.reader().size_in_bytes(), 0);
    let _ = log.delete_old_segments(2_000_000).unwrap();
    assert_eq!(log.reader().segment_count(), 1, "an empty log stays");
    assert_eq!(append(&mut log, batch(1, 1, 1)).unwrap().first_offset, 100);

    let compacted = LogConfig {
        delete: false,
        compact: true,
        ..by_time
    };
    let (_dir, mut log) = fill(compacted);
    log.update_high_watermark(100);
    assert!(log.delete_old_segments(1_000_000).unwrap().is_empty());
}
