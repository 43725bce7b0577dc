//! Appending and reading.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use ottla_wire::records::{Batch, Batches};

use super::*;
use crate::append::{AppendError, Appended, Leading};
use crate::producers::Origin;
use crate::recovery::Opening;
use crate::testing::{self, batch, marker, produced};
use crate::timestamps;
use crate::{ReadError, UpperBound};

pub(crate) const NOW: i64 = 1_000_000;

pub(crate) fn small_segments() -> LogConfig {
    LogConfig {
        segment_bytes: 2000,
        index_interval_bytes: 100,
        ..LogConfig::default()
    }
}

pub(crate) fn open(dir: &Path, config: LogConfig) -> Log {
    let (log, recovered) = Log::open(dir, Arc::new(config), &Opening::clean(NOW)).unwrap();
    assert_eq!(recovered.segments_scanned, 0);
    assert_eq!(log.reader().open_files(), 0);
    log
}

pub(crate) fn append(log: &mut Log, batch: Batch) -> Result<Appended, AppendError> {
    let guard = VerificationGuard::TRUSTED;
    let how = Leading::new(3, Origin::Client, NOW).verified(guard);
    log.append_as_leader(vec![batch], &how)
}

/// The base offsets of all batches from `from` on.
fn bases(log: &Log, from: i64, upto: UpperBound) -> Vec<i64> {
    let (mut next, mut found) = (from, Vec::new());
    while let Some(slice) = log.reader().read(next, 700, true, upto).unwrap().slice {
        for batch in Batches::new(slice.read().unwrap()) {
            let (head, _) = batch.unwrap();
            assert_eq!(head.leader_epoch, 3);
            found.push(head.base_offset);
            next = head.next_offset();
        }
    }
    found
}

#[test]
fn what_is_appended_is_read_over_all_segments() {
    let dir = testing::tempdir();
    let mut log = open(dir.path(), small_segments());
    let mut expected = Vec::new();
    for n in 0..200 {
        let appended = append(&mut log, batch(1 + n % 4, 5000 + i64::from(n), 100)).unwrap();
        expected.push(appended.first_offset);
        assert_eq!(
            appended.last_offset - appended.first_offset,
            i64::from(n % 4)
        );
        assert_eq!(appended.log_append_time, -1);
    }
    assert_eq!(log.offsets().log_end, 500);
    assert!(log.reader().segment_count() > 10);
    assert_eq!(bases(&log, 0, UpperBound::LogEnd), expected);
    assert_eq!(bases(&log, 0, UpperBound::HighWatermark), []);
    log.update_high_watermark(260);
    let replicated: Vec<i64> = expected.iter().copied().filter(|o| *o < 260).collect();
    assert_eq!(bases(&log, 0, UpperBound::HighWatermark), replicated);
    assert_eq!(log.update_high_watermark(9999), 500);
    assert_eq!(bases(&log, 0, UpperBound::HighWatermark), expected);
    log.rest().unwrap();
    assert_eq!(log.reader().open_files(), 0);
    assert_eq!(bases(&log, 0, UpperBound::LogEnd), expected);
    for offset in [-1, 501] {
        assert!(matches!(
            log.reader().read(offset, 1, true, UpperBound::LogEnd),
            Err(ReadError::OffsetOutOfRange {
                start: 0,
                end: 500,
                ..
            })
        ));
    }
    assert_eq!(log.close(NOW).unwrap(), 500);
    let mut log = open(dir.path(), small_segments());
    assert_eq!(log.offsets().log_end, 500);
    assert_eq!(bases(&log, 0, UpperBound::LogEnd), expected);
    assert_eq!(append(&mut log, batch(1, 1, 1)).unwrap().first_offset, 500);
}

#[test]
fn a_read_that_meets_damage_says_so() {
    use std::os::unix::fs::FileExt;

    let dir = testing::tempdir();
    let mut log = open(dir.path(), LogConfig::default());
    let sizes = [5000, 5001, 5002].map(|time| {
        let one = batch(1, time, 100);
        let size = one.size_in_bytes() as u64;
        append(&mut log, one).unwrap();
        size
    });
    log.update_high_watermark(3);
    let segment = dir.path().join("00000000000000000000.log");
    let file = std::fs::File::options().write(true).open(segment).unwrap();
    // The second batch is less than any is.
    file.write_all_at(&1_u32.to_be_bytes(), sizes[0] + 8)
        .unwrap();
    for offset in [1, 2] {
        let read = log
            .reader()
            .read(offset, 700, true, UpperBound::HighWatermark);
        let why = read.unwrap_err().to_string();
        assert!(why.contains(&format!("{}", sizes[0])), "{why}");
    }
    let before = log.reader().read(0, 700, true, UpperBound::HighWatermark);
    assert!(before.unwrap().slice.is_some());
}

#[test]
fn a_limit_cuts_a_read_unless_one_batch_is_asked_for() {
    let dir = testing::tempdir();
    let mut log = open(dir.path(), LogConfig::default());
    append(&mut log, batch(1, 1, 100)).unwrap();
    append(&mut log, batch(1, 1, 100)).unwrap();
    let reader = log.reader();
    let size = reader.size_in_bytes() as usize / 2;
    for (max, at_least_one, len, incomplete) in [
        (0, false, None, false),
        (10, false, Some(10), true),
        (10, true, Some(size), false),
        (size + 7, true, Some(size + 7), false),
        (9999, false, Some(2 * size), false),
    ] {
        let fetched = reader
            .read(0, max, at_least_one, UpperBound::LogEnd)
            .unwrap();
        assert_eq!(fetched.slice.map(|slice| slice.len), len, "{max} bytes");
        assert_eq!(fetched.first_entry_incomplete, incomplete, "{max} bytes");
    }
}

#[test]
fn what_is_too_large_is_refused() {
    let dir = testing::tempdir();
    let config = LogConfig {
        max_message_bytes: 300,
        segment_bytes: 500,
        ..LogConfig::default()
    };
    let mut log = open(dir.path(), config);
    let error = append(&mut log, batch(1, 1, 400)).unwrap_err();
    assert_eq!(error.code().0, 10);
    let how = Leading::new(0, Origin::Coordinator, NOW);
    let two = vec![batch(1, 1, 200), batch(1, 1, 200)];
    assert_eq!(log.append_as_leader(two, &how).unwrap_err().code().0, 18);
    assert_eq!(log.offsets().log_end, 0);
}

#[test]
fn a_producer_is_held_to_its_sequences_and_epochs() {
    let dir = testing::tempdir();
    let mut log = open(dir.path(), LogConfig::default());
    let send = |log: &mut Log, epoch, sequence, records| {
        append(log, produced(records, 1000, 7, epoch, sequence, false))
            .map(|a| (a.first_offset, a.duplicate))
            .map_err(|error| error.code().0)
    };
    for (epoch, sequence, records, expected) in [
        (0, 0, 2, Ok((0, false))),
        (0, 0, 2, Ok((0, true))),
        (0, 2, 1, Ok((2, false))),
        (0, 4, 1, Err(45)),
        (0, 0, 1, Err(45)),
        (0, 3, 1, Ok((3, false))),
        (0, 4, 1, Ok((4, false))),
        (0, 5, 1, Ok((5, false))),
        (0, 0, 2, Ok((0, true))),
        (0, 6, 1, Ok((6, false))),
        // Only five are remembered.
        (0, 0, 2, Err(45)),
        (0, 2, 1, Ok((2, true))),
        (1, 1, 1, Err(45)),
        (1, 0, 1, Ok((7, false))),
        (0, 7, 1, Err(47)),
        (0, 2, 1, Err(47)),
    ] {
        let found = send(&mut log, epoch, sequence, records);
        assert_eq!(found, expected, "epoch {epoch}, sequence {sequence}");
    }
    // A producer that is not known may begin anywhere, and sequences wrap.
    let unknown = produced(3, 1, 8, 5, i32::MAX - 1, false);
    assert!(!append(&mut log, unknown.clone()).unwrap().duplicate);
    assert!(append(&mut log, unknown).unwrap().duplicate);
    let next = produced(1, 1, 8, 5, 1, false);
    assert!(!append(&mut log, next).unwrap().duplicate);
    log.close(NOW).unwrap();
    let mut log = open(dir.path(), LogConfig::default());
    assert_eq!(log.active_producers().count(), 2);
    assert_eq!(
        send(&mut log, 1, 0, 1),
        Ok((7, true)),
        "a snapshot has the last batch"
    );
    assert_eq!(send(&mut log, 1, 1, 1), Ok((12, false)));
    const DAY: i64 = 24 * 60 * 60 * 1000;
    log.set_producer_expiry(3 * DAY);
    log.expire_producers(NOW + 2 * DAY);
    assert_eq!(log.active_producers().count(), 2);
    log.set_producer_expiry(DAY);
    log.expire_producers(NOW + 2 * DAY);
    assert_eq!(log.active_producers().count(), 0);
}

#[test]
fn a_transaction_is_unstable_until_its_marker_is_replicated() {
    let dir = testing::tempdir();
    let mut log = open(dir.path(), LogConfig::default());
    let stable = |log: &Log| log.offsets().last_stable;
    append(&mut log, batch(2, 1, 1)).unwrap();
    append(&mut log, produced(3, 1, 7, 0, 0, true)).unwrap();
    append(&mut log, produced(1, 1, 8, 0, 0, true)).unwrap();
    log.update_high_watermark(6);
    assert_eq!(stable(&log), 2);
    assert!(log.has_ongoing_transaction(7, 0));
    let error = append(&mut log, produced(1, 1, 7, 0, 3, false)).unwrap_err();
    assert_eq!(error.code().0, 48, "outside of its open transaction");

    let end = |log: &mut Log, producer, epoch, commit, coordinator, version| {
        let how = Leading {
            transaction_version: version,
            ..Leading::new(3, Origin::Coordinator, NOW)
        };
        log.append_as_leader(vec![marker(producer, epoch, commit, coordinator, 9)], &how)
            .map(|appended| appended.first_offset)
            .map_err(|error| error.code().0)
    };
    assert_eq!(
        end(&mut log, 7, 0, false, 4, 2),
        Err(47),
        "version 2 raises the epoch"
    );
    assert_eq!(end(&mut log, 7, 1, false, 4, 2), Ok(6));
    assert_eq!(stable(&log), 2, "the marker is not replicated");
    log.update_high_watermark(7);
    assert_eq!(stable(&log), 5);
    assert_eq!(end(&mut log, 7, 1, false, 3, 0), Err(52));
    assert_eq!(end(&mut log, 7, 1, false, 4, 2), Ok(7), "a second time");
    assert_eq!(end(&mut log, 8, 0, true, 4, 0), Ok(8));
    log.update_high_watermark(9);
    assert_eq!(stable(&log), 9);
    let fetched = log
        .reader()
        .read(0, 9999, true, UpperBound::LastStable)
        .unwrap();
    let aborted = fetched.aborted_transactions.unwrap();
    assert_eq!(aborted.len(), 1);
    assert_eq!((aborted[0].first_offset, aborted[0].last_offset), (2, 6));
    assert_eq!(aborted[0].last_stable_offset, 5);
}

#[test]
fn a_transaction_must_be_verified() {
    let dir = testing::tempdir();
    let mut log = open(dir.path(), LogConfig::default());
    let how = Leading::new(3, Origin::Client, NOW);
    let first = || vec![produced(1, 1, 7, 0, 0, true)];
    assert_eq!(
        log.append_as_leader(first(), &how).unwrap_err().code().0,
        48
    );
    let guard = log.start_verification(7, 0, 0, true, NOW).unwrap();
    assert_ne!(guard, VerificationGuard::NONE);
    assert_eq!(log.start_verification(7, 0, 0, true, NOW), Ok(guard));
    let later = vec![produced(1, 1, 7, 0, 5, true)];
    let error = log
        .append_as_leader(later, &how.verified(guard))
        .unwrap_err();
    assert_eq!(error.code().0, 45, "a batch overtook the verified one");
    log.append_as_leader(first(), &how.verified(guard)).unwrap();
    let open = log.start_verification(7, 1, 0, true, NOW).unwrap();
    assert_eq!(open, VerificationGuard::NONE, "its transaction is open");
    let second = vec![produced(1, 1, 7, 0, 1, true)];
    log.append_as_leader(second, &how).unwrap();
}

#[test]
fn a_follower_takes_what_the_leader_has() {
    let dir = testing::tempdir();
    let mut log = open(dir.path(), small_segments());
    let sent = |offset: i64, epoch: i32| {
        let mut batch = batch(2, 1000 + offset, 50);
        batch.set_base_offset(offset);
        batch.set_leader_epoch(epoch);
        batch
    };
    log.append_as_follower(&[sent(0, 0), sent(2, 0), sent(10, 4)], NOW)
        .unwrap();
    assert_eq!(log.offsets().log_end, 12);
    assert_eq!(log.reader().leader_epochs().entries(), [(0, 0), (4, 10)]);
    assert!(matches!(
        log.append_as_follower(&[sent(11, 4)], NOW),
        Err(AppendError::UnexpectedOffset {
            found: 11,
            expected: 12
        })
    ));
    assert!(matches!(
        log.append_as_follower(&[sent(12, 4), sent(12, 4)], NOW),
        Err(AppendError::OffsetsOutOfOrder {
            last: 13,
            found: 13
        })
    ));
    let mut bad = sent(12, 4);
    bad.set_max_timestamp(1);
    assert!(matches!(
        log.append_as_follower(&[bad], NOW),
        Err(AppendError::Corrupt(_))
    ));
    assert_eq!(log.offsets().log_end, 12);
    log.flush(NOW).unwrap();
    let text = std::fs::read_to_string(dir.path().join("leader-epoch-checkpoint")).unwrap();
    assert_eq!(text, "0\n2\n0 0\n4 10\n");
}

#[test]
fn segments_end_by_time_size_and_full_indexes() {
    let count = |config: LogConfig, batches: &[(i64, usize)]| {
        let dir = testing::tempdir();
        let mut log = open(dir.path(), config);
        for (timestamp, bytes) in batches {
            append(&mut log, batch(1, *timestamp, *bytes)).unwrap();
        }
        log.reader().segment_count()
    };
    let by_time = LogConfig {
        segment_ms: 100,
        ..LogConfig::default()
    };
    assert_eq!(count(by_time.clone(), &[(1000, 1), (1100, 1), (900, 1)]), 1);
    assert_eq!(count(by_time, &[(1000, 1), (1101, 1), (1102, 1)]), 2);
    let by_size = LogConfig {
        segment_bytes: 400,
        ..LogConfig::default()
    };
    assert_eq!(count(by_size, &[(1, 100), (1, 100), (1, 100)]), 2);
    let by_index = LogConfig {
        segment_index_bytes: 36,
        index_interval_bytes: 0,
        ..LogConfig::default()
    };
    // Room for two entries of the time index but the last: the first batch has none, then 2, then the segment ends.
    let batches: Vec<_> = (0..9).map(|n| (n, 1)).collect();
    assert_eq!(count(by_index, &batches), 3);
}

#[test]
fn a_rolled_segment_has_its_last_time_and_its_producers() {
    let dir = testing::tempdir();
    let mut log = open(dir.path(), LogConfig::default());
    append(&mut log, produced(2, 1000, 7, 0, 0, false)).unwrap();
    assert!(log.roll(NOW).unwrap());
    assert!(!log.roll(NOW).unwrap(), "an empty one stays");
    let name = |name: &str| dir.path().join(name);
    let index = std::fs::read(name("00000000000000000000.timeindex")).unwrap();
    assert_eq!(index, [0, 0, 0, 0, 0, 0, 3, 0xe9, 0, 0, 0, 1]);
    let snapshot = std::fs::metadata(name("00000000000000000002.snapshot")).unwrap();
    assert_eq!(snapshot.len(), 56);
    for kind in ["log", "index", "timeindex"] {
        let length = std::fs::metadata(name(&format!("00000000000000000002.{kind}")))
            .unwrap()
            .len();
        assert_eq!(length, 0);
    }
}

#[test]
fn times_are_found_across_segments() {
    let dir = testing::tempdir();
    let mut log = open(dir.path(), small_segments());
    for n in 0..100 {
        // Every fifth is out of order.
        let timestamp = if n % 5 == 0 { 50_000 } else { 1000 * n };
        append(&mut log, batch(2, timestamp, 60)).unwrap();
    }
    let find = |timestamp| {
        log.reader()
            .offset_for_timestamp(timestamp)
            .unwrap()
            .map(|found| (found.offset, found.timestamp))
    };
    assert_eq!(find(0), Some((0, 50_000)));
    assert_eq!(find(50_001), Some((1, 50_001)));
    assert_eq!(find(50_002), Some((102, 51_000)));
    assert_eq!(find(98_001), Some((197, 98_001)));
    assert_eq!(find(99_001), Some((199, 99_001)));
    assert_eq!(find(99_002), None);
    assert_eq!(find(timestamps::MAX_TIMESTAMP), Some((199, 99_001)));
    assert_eq!(find(timestamps::LATEST), Some((200, -1)));
    let empty = testing::tempdir();
    let log = open(empty.path(), LogConfig::default());
    assert_eq!(log.reader().offset_for_timestamp(0).unwrap(), None);
    assert_eq!(
        log.reader()
            .offset_for_timestamp(timestamps::MAX_TIMESTAMP)
            .unwrap(),
        None
    );
}

#[test]
fn readers_go_on_while_segments_are_appended_and_deleted() {
    let dir = testing::tempdir();
    let mut log = open(dir.path(), small_segments());
    append(&mut log, batch(1, 1, 100)).unwrap();
    let reader = log.reader();
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let (mut next, mut seen) = (0, 0);
                    while next < 2000 {
                        match reader.read(next, 1000, true, UpperBound::LogEnd) {
                            Ok(fetched) => {
                                let Some(slice) = fetched.slice else { continue };
                                let bytes: Bytes = slice.read().unwrap();
                                for batch in Batches::new(bytes) {
                                    let (head, bytes) = batch.unwrap();
                                    assert_eq!(head.base_offset, next);
                                    Batch::first(&bytes).unwrap().check_crc().unwrap();
                                    next = head.next_offset();
                                    seen += 1;
                                }
                            }
                            Err(ReadError::OffsetOutOfRange { start, .. }) => next = start,
                            Err(ReadError::Log(error)) => panic!("{error}"),
                        }
                    }
                    seen
                })
            })
            .collect();
        for n in 1..2000 {
            append(&mut log, batch(1, n, 100)).unwrap();
            if n % 500 == 0 {
                log.update_high_watermark(n);
                log.delete_records_before(n - 100).unwrap();
                log.delete_old_segments(NOW).unwrap().run().unwrap();
                log.rest().unwrap();
            }
        }
        for reader in readers {
            assert!(reader.join().unwrap() > 0);
        }
    });
}

#[test]
fn a_quiet_partition_costs_little() {
    // Paths and allocations come on top; the bulk is here.
    let sizes = [
        size_of::<Log>(),
        size_of::<crate::reader::Shared>(),
        size_of::<Segment>(),
    ];
    assert!(sizes.iter().sum::<usize>() < 800, "{sizes:?}");
}
