//! What compaction keeps, and what it must not touch.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use bytes::Bytes;
use ottla_wire::records::batch::HEADER_SIZE;
use ottla_wire::records::{Batch, BatchBuilder, BatchHead, Batches, Codec, ControlType};

use super::*;
use crate::append::Leading;
use crate::checkpoint;
use crate::file::Op;
use crate::producers::{Origin, ProducerState, VerificationGuard};
use crate::recovery::Opening;
use crate::testing::{self, marker};
use crate::{AbortedTransaction, FileSlice, UpperBound};

mod random;

const NOW: i64 = 1_000_000_000;
const DAY: i64 = 24 * 60 * 60 * 1000;
/// When records were made: not long enough ago for their producers to be forgotten.
const MADE: i64 = NOW - DAY / 2;

fn config() -> LogConfig {
    LogConfig {
        segment_bytes: 1000,
        index_interval_bytes: 100,
        compact: true,
        delete: false,
        segment_ms: i64::MAX,
        file_delete_delay_ms: 0,
        ..LogConfig::default()
    }
}

fn options() -> CleanerOptions {
    CleanerOptions {
        map_bytes: 1 << 20,
        load_factor: 0.9,
        io_bytes: 300,
        seed: [1, 2],
    }
}

/// A log and who owns it.
struct Owner {
    log: RefCell<Option<Log>>,
    removals: Vec<Removal>,
    /// So many calls of `passed` are answered with yes.
    patience: usize,
    bytes: u64,
}

impl CleanedLog for Owner {
    fn with_log<T>(&self, work: impl FnOnce(&mut Log) -> T) -> Option<T> {
        self.log.borrow_mut().as_mut().map(work)
    }

    fn passed(&mut self, bytes: u64) -> bool {
        self.bytes += bytes;
        self.patience = self.patience.saturating_sub(1);
        self.patience > 0
    }

    fn replaced(&mut self, removal: Removal) {
        self.removals.push(removal);
    }
}

impl Owner {
    fn open(dir: &Path, config: LogConfig) -> Self {
        Self::open_as(dir, config, &Opening::clean(NOW))
    }

    fn open_as(dir: &Path, config: LogConfig, opening: &Opening) -> Self {
        let (mut log, _) = Log::open(dir, Arc::new(config), opening).unwrap();
        log.update_high_watermark(i64::MAX);
        Self {
            log: RefCell::new(Some(log)),
            removals: Vec::new(),
            patience: usize::MAX,
            bytes: 0,
        }
    }

    fn log<T>(&self, work: impl FnOnce(&mut Log) -> T) -> T {
        self.with_log(work).unwrap()
    }

    fn reader(&self) -> LogReader {
        self.log(|log| log.reader())
    }

    fn append(&self, batch: Batch) -> i64 {
        let origin = if batch.attributes().is_control() {
            Origin::Coordinator
        } else {
            Origin::Client
        };
        let how = Leading::new(3, origin, NOW).verified(VerificationGuard::TRUSTED);
        self.log(|log| {
            let appended = log.append_as_leader(vec![batch], &how).unwrap();
            log.update_high_watermark(i64::MAX);
            appended.first_offset
        })
    }

    fn roll(&self) {
        self.log(|log| log.roll(NOW)).unwrap();
    }

    fn dirty(&self, checkpoint: Option<i64>) -> LogToClean {
        let config = self.log(|log| log.config().clone());
        LogToClean::of(&self.reader(), &config, checkpoint, NOW).unwrap()
    }

    fn clean_with(
        &mut self,
        options: CleanerOptions,
        checkpoint: Option<i64>,
        now_ms: i64,
    ) -> Result<Cleaned, CleanError> {
        let dirty = self.dirty(checkpoint);
        Cleaner::new(options).unwrap().clean(self, &dirty, now_ms)
    }

    fn clean(&mut self, checkpoint: Option<i64>, now_ms: i64) -> Cleaned {
        self.clean_with(options(), checkpoint, now_ms).unwrap()
    }

    fn all(&self) -> Vec<(BatchHead, Bytes)> {
        let offsets = self.reader().offsets();
        read(&self.reader(), offsets.log_start, UpperBound::LogEnd).0
    }

    /// Offset, key and value of all records, without markers.
    fn records(&self) -> Vec<(i64, String, Option<String>)> {
        let text = |bytes: Bytes| String::from_utf8(bytes.to_vec()).unwrap();
        let mut found = Vec::new();
        for (head, bytes) in self.all() {
            if head.attributes.is_control() {
                continue;
            }
            for record in scan::records(&bytes, DECOMPRESSED_LIMIT).unwrap() {
                let record = record.unwrap();
                let key = record.key.map_or("-".to_owned(), text);
                found.push((record.offset, key, record.value.map(text)));
            }
        }
        found
    }

    fn producers(&self) -> Vec<ProducerState> {
        self.log(|log| log.active_producers().cloned().collect())
    }
}

/// All batches from `from` on, and the aborted transactions that came with them.
fn read(
    reader: &LogReader,
    from: i64,
    upto: UpperBound,
) -> (Vec<(BatchHead, Bytes)>, Vec<AbortedTransaction>) {
    let (mut next, mut found, mut aborted) = (from, Vec::new(), Vec::new());
    loop {
        let fetched = reader.read(next, 500, true, upto).unwrap();
        aborted.extend(fetched.aborted_transactions.unwrap_or_default());
        let Some(slice) = fetched.slice else {
            return (found, aborted);
        };
        for entry in Batches::new(FileSlice::read(&slice).unwrap()) {
            let (head, bytes) = entry.unwrap();
            next = head.next_offset();
            found.push((head, bytes));
        }
    }
}

fn plain(records: &[(&str, Option<&str>)]) -> Batch {
    build(BatchBuilder::new(Codec::None), records)
}

fn build(mut builder: BatchBuilder, records: &[(&str, Option<&str>)]) -> Batch {
    for (key, value) in records {
        let key = Some(key.as_bytes()).filter(|key| !key.is_empty());
        builder
            .append(MADE, key, value.map(str::as_bytes), &[])
            .unwrap();
    }
    builder.build().unwrap()
}

fn idempotent(producer: i64, sequence: i32, records: &[(&str, Option<&str>)]) -> Batch {
    let builder = BatchBuilder::new(Codec::None).producer(producer, 0, sequence);
    build(builder, records)
}

fn transactional(producer: i64, sequence: i32, records: &[(&str, Option<&str>)]) -> Batch {
    let builder = BatchBuilder::new(Codec::None)
        .producer(producer, 0, sequence)
        .transactional(true);
    build(builder, records)
}

fn keyed(records: &[(i64, &str, Option<&str>)]) -> Vec<(i64, String, Option<String>)> {
    records
        .iter()
        .map(|(offset, key, value)| (*offset, (*key).to_owned(), value.map(str::to_owned)))
        .collect()
}

#[test]
fn the_last_record_of_each_key_stays() {
    let dir = testing::tempdir();
    let mut owner = Owner::open(dir.path(), config());
    for n in 0..60 {
        let value = format!("{n:030}");
        owner.append(plain(&[
            (["a", "b", "c"][n % 3], Some(&value)),
            ("d", Some(&value)),
            ("", Some("nobody finds it")),
        ]));
    }
    let segments = owner.reader().segment_count();
    assert!(segments > 4);
    let active = owner.log(|log| log.view().active().base_offset());
    let dirty = owner.dirty(None);
    assert_eq!(
        (dirty.first_dirty_offset, dirty.first_uncleanable_offset),
        (0, active)
    );
    assert_eq!(
        (dirty.ratio(), dirty.delay_ms, dirty.clean_bytes),
        (Some(1.0), 0, 0)
    );
    assert!(dirty.is_due(&config()));
    let before = owner.records();
    let cleaned = owner.clean(None, NOW);
    assert_eq!(cleaned.end_offset, active);
    let mut last = BTreeMap::new();
    for record in before.iter().filter(|it| it.0 < active && it.1 != "-") {
        last.insert(record.1.clone(), record.clone());
    }
    let mut expected: Vec<_> = last.into_values().collect();
    expected.extend(before.iter().filter(|it| it.0 >= active).cloned());
    expected.sort();
    assert_eq!(owner.records(), expected);
    let stats = cleaned.stats;
    assert_eq!(stats.records_read, active as u64);
    assert_eq!(
        (stats.records_written, stats.records_without_key),
        (4, active as u64 / 3)
    );
    assert_eq!(stats.map_records_read, active as u64);
    assert!(owner.bytes > stats.bytes_read + stats.map_bytes_read);
    assert_eq!(
        owner.removals.iter().map(|it| it.segments).sum::<usize>(),
        segments - 1
    );
    for removal in &owner.removals {
        assert_eq!(removal.not_before_ms, NOW);
        removal.run().unwrap();
    }
    let left = file::list(dir.path(), false).unwrap();
    assert!(
        left.iter().all(|name| !name.ends_with(".deleted")),
        "{left:?}"
    );
    assert!(
        left.iter().all(|name| !name.ends_with(".cleaned")),
        "{left:?}"
    );
    // A second look finds nothing to do, a second cleaning changes nothing.
    let again = owner.dirty(Some(active));
    assert_eq!((again.cleanable_bytes, again.ratio()), (0, Some(0.0)));
    assert!(!again.is_due(&config()));
    owner.clean(None, NOW);
    assert_eq!(owner.records(), expected);
}

#[test]
fn tombstones_stay_until_their_horizon() {
    let dir = testing::tempdir();
    let mut owner = Owner::open(dir.path(), config());
    owner.append(plain(&[("a", Some("1")), ("b", Some("1"))]));
    owner.append(plain(&[("a", None)]));
    owner.roll();
    owner.append(plain(&[("z", Some("1"))]));
    owner.clean(None, NOW);
    let with_tombstone = keyed(&[(1, "b", Some("1")), (2, "a", None), (3, "z", Some("1"))]);
    assert_eq!(owner.records(), with_tombstone);
    let horizon = |owner: &Owner| {
        let all = owner.all();
        let of = all.iter().find(|(head, _)| head.base_offset == 2);
        of.and_then(|(head, _)| head.delete_horizon())
    };
    assert_eq!(horizon(&owner), Some(NOW + DAY));
    // A later pass does not move the horizon, and one after it removes the record.
    owner.clean(None, NOW + DAY - 1);
    assert_eq!(owner.records(), with_tombstone);
    assert_eq!(horizon(&owner), Some(NOW + DAY));
    owner.clean(None, NOW + DAY);
    assert_eq!(
        owner.records(),
        keyed(&[(1, "b", Some("1")), (3, "z", Some("1"))])
    );
}

#[test]
fn aborted_data_goes_and_its_marker_after_it() {
    let dir = testing::tempdir();
    let mut owner = Owner::open(dir.path(), config());
    owner.append(plain(&[("a", Some("old"))]));
    owner.append(transactional(7, 0, &[("a", Some("never"))]));
    owner.append(transactional(8, 0, &[("b", Some("yes"))]));
    owner.append(marker(7, 0, false, 1, NOW));
    owner.append(marker(8, 0, true, 1, NOW));
    // Both producers go on, so that their last data is elsewhere.
    owner.append(idempotent(7, 1, &[("c", Some("1"))]));
    owner.append(idempotent(8, 1, &[("b", Some("later"))]));
    owner.roll();
    owner.append(plain(&[("z", Some("1"))]));
    let aborted = |owner: &Owner| read(&owner.reader(), 0, UpperBound::LastStable).1;
    assert!(!aborted(&owner).is_empty());
    let markers = |owner: &Owner| -> Vec<(i64, Option<i64>)> {
        let all = owner.all();
        let of = all.iter().filter(|(head, _)| head.attributes.is_control());
        of.map(|(head, _)| (head.base_offset, head.delete_horizon()))
            .collect()
    };
    owner.clean(None, NOW);
    let expected = keyed(&[
        (0, "a", Some("old")),
        (5, "c", Some("1")),
        (6, "b", Some("later")),
        (7, "z", Some("1")),
    ]);
    assert_eq!(owner.records(), expected);
    // While a pass still saw data the markers stay, and the aborted transaction is listed.
    assert_eq!(markers(&owner), [(3, None), (4, None)]);
    assert!(aborted(&owner).iter().all(|it| it.producer_id == 7));
    assert!(dir.path().join("00000000000000000000.txnindex").exists());
    owner.clean(None, NOW + 10);
    assert_eq!(
        markers(&owner),
        [(3, Some(NOW + 10 + DAY)), (4, Some(NOW + 10 + DAY))]
    );
    assert_eq!(aborted(&owner), []);
    assert!(!dir.path().join("00000000000000000000.txnindex").exists());
    owner.clean(None, NOW + 10 + DAY);
    assert_eq!(markers(&owner), []);
    assert_eq!(owner.records(), expected);
}

#[test]
fn the_last_batch_of_a_producer_stays_without_its_records() {
    let dir = testing::tempdir();
    let mut owner = Owner::open(dir.path(), config());
    owner.append(idempotent(7, 0, &[("a", Some("1")), ("b", Some("1"))]));
    owner.append(idempotent(7, 2, &[("a", Some("2")), ("b", Some("2"))]));
    owner.append(transactional(8, 0, &[("b", Some("aborted"))]));
    owner.append(marker(8, 0, false, 1, NOW));
    owner.append(plain(&[("a", Some("3")), ("b", Some("3"))]));
    owner.roll();
    owner.append(plain(&[("z", Some("1"))]));
    let producers = owner.producers();
    owner.clean(None, NOW);
    let empty: Vec<_> = owner
        .all()
        .into_iter()
        .filter(|(head, _)| head.count == Some(0))
        .map(|(head, bytes)| {
            (
                head.producer_id,
                head.base_offset,
                head.last_offset,
                bytes.len(),
            )
        })
        .collect();
    assert_eq!(empty, [(7, 2, 3, HEADER_SIZE), (8, 4, 4, HEADER_SIZE)]);
    assert_eq!(
        owner.records(),
        keyed(&[
            (6, "a", Some("3")),
            (7, "b", Some("3")),
            (8, "z", Some("1"))
        ])
    );
    // The state that is rebuilt from nothing but the records knows the last sequence still.
    owner.log.borrow_mut().take();
    for name in file::list(dir.path(), false).unwrap() {
        if name.ends_with(".snapshot") {
            std::fs::remove_file(dir.path().join(name)).unwrap();
        }
    }
    let unclean = Opening {
        clean: false,
        ..Opening::clean(NOW)
    };
    let owner = Owner::open_as(dir.path(), config(), &unclean);
    let last = |states: &[ProducerState]| -> Vec<_> {
        states
            .iter()
            .map(|it| {
                (
                    it.producer_id,
                    it.producer_epoch,
                    it.last_sequence(),
                    it.last_offset(),
                )
            })
            .collect()
    };
    assert_eq!(last(&owner.producers()), last(&producers));
}

#[test]
fn a_full_map_ends_the_range() {
    let dir = testing::tempdir();
    let mut owner = Owner::open(dir.path(), config());
    for n in 0..40 {
        let key = format!("key {:02}", n % 20);
        owner.append(plain(&[(&key, Some("a value of some length"))]));
    }
    owner.roll();
    owner.append(plain(&[("z", None)]));
    let ten = CleanerOptions {
        map_bytes: 10 * offset_map::SLOT,
        load_factor: 1.0,
        ..options()
    };
    let first = owner.clean_with(ten, None, NOW).unwrap();
    assert_eq!((first.end_offset, first.stats.map_was_full), (10, true));
    assert_eq!(first.stats.map_utilization, 1.0);
    assert_eq!(
        owner.records().len(),
        41,
        "no key twice among the first ten"
    );
    let mut checkpoint = first.end_offset;
    for _ in 0..3 {
        checkpoint = owner
            .clean_with(ten, Some(checkpoint), NOW)
            .unwrap()
            .end_offset;
    }
    assert_eq!(checkpoint, 40);
    let offsets: Vec<_> = owner.records().iter().map(|it| it.0).collect();
    assert_eq!(offsets, (20..=40).collect::<Vec<_>>());
    assert!(
        Cleaner::new(CleanerOptions {
            map_bytes: 23,
            ..options()
        })
        .is_err()
    );
}

#[test]
fn what_was_aborted_before_the_dirty_part_hides_nothing_in_it() {
    let dir = testing::tempdir();
    let mut owner = Owner::open(dir.path(), config());
    owner.append(plain(&[("k", Some("old"))]));
    owner.append(transactional(7, 0, &[("x", Some("aborted"))]));
    owner.append(marker(7, 0, false, 1, NOW));
    let dirty = owner.append(transactional(7, 1, &[("k", None)]));
    owner.append(marker(7, 0, true, 1, NOW));
    owner.append(idempotent(7, 2, &[("y", Some("1"))]));
    owner.roll();
    owner.append(plain(&[("z", Some("1"))]));
    // Apache Kafka would take the tombstone for aborted, and so keep the old value beyond it.
    owner.clean(Some(dirty), NOW);
    owner.roll();
    owner.append(plain(&[("z", Some("2"))]));
    owner.clean(Some(6), NOW + DAY);
    let expected = [
        (5, "y", Some("1")),
        (6, "z", Some("1")),
        (7, "z", Some("2")),
    ];
    assert_eq!(owner.records(), keyed(&expected));
}

#[test]
fn young_and_undecided_records_are_left_alone() {
    let dir = testing::tempdir();
    let lagging = LogConfig {
        min_compaction_lag_ms: DAY,
        ..config()
    };
    let owner = Owner::open(dir.path(), lagging.clone());
    owner.append(plain(&[("a", Some("1"))]));
    owner.roll();
    owner.append(plain(&[("a", Some("2"))]));
    assert_eq!(
        owner.dirty(None).cleanable_bytes,
        0,
        "records of half a day ago"
    );
    let dirty = |owner: &Owner, config: &LogConfig| {
        LogToClean::of(&owner.reader(), config, None, NOW).unwrap()
    };
    let by_age = LogConfig {
        max_compaction_lag_ms: DAY / 2 - 5,
        min_cleanable_dirty_ratio: 1.0,
        ..config()
    };
    let found = dirty(&owner, &by_age);
    assert_eq!((found.delay_ms, found.ratio()), (5, Some(1.0)));
    assert!(found.is_due(&by_age));
    let patient = LogConfig {
        max_compaction_lag_ms: DAY / 2,
        ..by_age
    };
    assert!(!dirty(&owner, &patient).is_due(&patient));
    // An open transaction holds back all segments from its first record on.
    let first = owner.append(transactional(7, 0, &[("b", Some("?"))]));
    owner.roll();
    owner.append(plain(&[("c", Some("2"))]));
    owner.roll();
    owner.append(plain(&[("d", Some("2"))]));
    assert_eq!(first, 2);
    assert_eq!(dirty(&owner, &config()).first_uncleanable_offset, 1);
    owner.append(marker(7, 0, true, 1, NOW));
    assert_eq!(dirty(&owner, &config()).first_uncleanable_offset, 4);
}

#[test]
fn a_checkpoint_that_cannot_be_is_replaced() {
    let dir = testing::tempdir();
    let owner = Owner::open(dir.path(), config());
    for n in 0..20 {
        owner.append(plain(&[("a", Some(&format!("{n:060}")))]));
    }
    owner.log(|log| log.delete_records_before(5)).unwrap();
    let found = |checkpoint| {
        let dirty = owner.dirty(checkpoint);
        (dirty.first_dirty_offset, dirty.reset.is_some())
    };
    assert_eq!(found(None), (5, false));
    assert_eq!(found(Some(3)), (5, true));
    assert_eq!(found(Some(9)), (9, false));
    assert_eq!(found(Some(20)), (20, false));
    assert_eq!(found(Some(21)), (5, true));
    assert!(owner.dirty(Some(21)).reset.unwrap().contains("21"));
}

#[test]
fn a_cleaning_that_is_stopped_leaves_a_sound_log() {
    let dir = testing::tempdir();
    let mut owner = Owner::open(dir.path(), config());
    for n in 0..60 {
        owner.append(plain(&[("a", Some(&format!("{n:060}")))]));
    }
    let before = owner.records();
    for patience in 1..200 {
        owner.patience = patience;
        match owner.clean_with(options(), None, NOW) {
            Err(CleanError::Aborted) => {}
            Err(other) => panic!("{other}"),
            Ok(_) => {
                assert!(patience > 20);
                assert!(owner.records().len() < 20);
                return;
            }
        }
        let names = file::list(dir.path(), false).unwrap();
        assert!(
            names.iter().all(|name| !name.ends_with(".cleaned")),
            "{names:?}"
        );
        assert_eq!(owner.records().last(), before.last());
    }
    panic!("it never ended");
}

#[test]
fn a_log_that_is_cut_or_closed_meanwhile_stays_as_it_is() {
    /// Does something to the log when so many bytes have passed.
    struct Meddling(Owner, usize, fn(&mut Option<Log>));
    impl CleanedLog for Meddling {
        fn with_log<T>(&self, work: impl FnOnce(&mut Log) -> T) -> Option<T> {
            self.0.with_log(work)
        }
        fn passed(&mut self, bytes: u64) -> bool {
            self.1 = self.1.wrapping_sub(1);
            if self.1 == 0 {
                (self.2)(&mut self.0.log.borrow_mut());
            }
            self.0.passed(bytes)
        }
        fn replaced(&mut self, removal: Removal) {
            self.0.replaced(removal);
        }
    }
    let meddle: [fn(&mut Option<Log>); 3] = [
        |log| drop(log.take()),
        |log| {
            let log = log.as_mut().unwrap();
            let (_, removal) = log.truncate_to(12, NOW).unwrap();
            removal.run().unwrap();
        },
        |log| {
            let log = log.as_mut().unwrap();
            log.delete_records_before(20).unwrap();
            log.delete_old_segments(NOW).unwrap().run().unwrap();
        },
    ];
    for (n, change) in meddle.into_iter().enumerate() {
        for when in [1, 5, 20] {
            let dir = testing::tempdir();
            let owner = Owner::open(dir.path(), config());
            for n in 0..30 {
                owner.append(plain(&[("a", Some(&format!("{n:0100}")))]));
            }
            let dirty = owner.dirty(None);
            let mut meddling = Meddling(owner, when, change);
            let mut cleaner = Cleaner::new(options()).unwrap();
            let cleaned = cleaner.clean(&mut meddling, &dirty, NOW);
            // What retention takes before the first group is simply not there.
            let fine = matches!(cleaned, Err(CleanError::Aborted)) || (n == 2 && cleaned.is_ok());
            assert!(fine, "{n} {when}: {cleaned:?}");
            let names = file::list(dir.path(), false).unwrap();
            assert!(
                names.iter().all(|name| !name.ends_with(".cleaned")),
                "{names:?}"
            );
            if n > 0 {
                let end = [30, 12, 30][n];
                assert_eq!(meddling.0.reader().offsets().log_end, end);
                assert_eq!(meddling.0.records().last().map(|it| it.0), Some(end - 1));
            }
        }
    }
}

#[test]
fn readers_of_the_old_segments_are_not_misled() {
    let dir = testing::tempdir();
    let mut owner = Owner::open(dir.path(), config());
    for n in 0..6 {
        owner.append(transactional(7, n, &[("a", Some(&format!("{n:0100}")))]));
        owner.append(marker(7, 0, n % 2 == 1, 1, NOW));
    }
    owner.roll();
    owner.append(plain(&[("z", Some("1"))]));
    owner.log(|log| log.rest()).unwrap();
    let old = owner.log(|log| log.view());
    let slice = |view: &View| -> Vec<u8> {
        let segment = &view.segments[0];
        let mut bytes = vec![0; segment.size() as usize];
        file::read_exact(&segment.log_file().unwrap(), dir.path(), 0, &mut bytes).unwrap();
        bytes
    };
    let listed = |view: &View| {
        let mut found = Vec::new();
        view.segments[0].aborted(0, 1000, &mut found).unwrap();
        found
    };
    let (bytes, aborted) = (slice(&old), listed(&old));
    owner.log(|log| log.rest()).unwrap();
    for round in 0..3 {
        owner.clean(None, NOW + round * 2 * DAY);
        owner.removals.drain(..).for_each(|it| it.run().unwrap());
    }
    old.segments[0].rest().unwrap();
    assert_eq!((slice(&old), listed(&old)), (bytes, aborted));
    let new = owner.log(|log| log.view());
    assert_ne!(slice(&new), slice(&old));
    assert_eq!(listed(&new), []);
    assert!(new.swaps >= old.swaps + 6);
}

#[test]
fn segments_are_grouped_up_to_their_limits() {
    let dir = testing::tempdir();
    let mut owner = Owner::open(dir.path(), config());
    for n in 0..100 {
        let value = format!("{n:0100}");
        owner.append(plain(&[(&format!("{}", n % 50), Some(&value))]));
    }
    let modified = |owner: &Owner| -> Vec<i64> {
        let view = owner.log(|log| log.view());
        let inactive = &view.segments[..view.segments.len() - 1];
        inactive
            .iter()
            .map(|it| file::modified_ms(&it.path(Kind::Log)).unwrap())
            .collect()
    };
    let (count, last) = (
        owner.reader().segment_count(),
        *modified(&owner).last().unwrap(),
    );
    let first = owner.clean(None, NOW).stats;
    assert_eq!(
        first.segments_written,
        count - 1,
        "full segments stand alone"
    );
    let second = owner.clean(None, NOW).stats;
    assert!(second.segments_written <= count / 2 + 1, "{second:?}");
    let until = owner.dirty(None).first_uncleanable_offset;
    assert_eq!(owner.records().iter().filter(|it| it.0 < until).count(), 50);
    assert_eq!(*modified(&owner).last().unwrap(), last);
    for segment in owner.log(|log| log.view()).segments.iter() {
        assert!(segment.size() <= config().segment_bytes);
        segment.sanity_check(true).unwrap();
    }
}

#[test]
fn control_records_of_other_kinds_stay() {
    let dir = testing::tempdir();
    let mut owner = Owner::open(dir.path(), config());
    let mut builder = BatchBuilder::new(Codec::None).control(true);
    builder
        .append_control(NOW, ControlType::LeaderChange, b"version")
        .unwrap();
    let batch = builder.build().unwrap();
    owner.append(batch);
    owner.append(plain(&[("a", Some("1"))]));
    owner.roll();
    owner.append(plain(&[("a", Some("2"))]));
    for round in 0..3 {
        owner.clean(None, NOW + round * 2 * DAY);
    }
    let first = &owner.all()[0].0;
    assert_eq!(
        (first.base_offset, first.count, first.delete_horizon()),
        (0, Some(1), None)
    );
}

#[test]
fn nothing_is_synced_while_others_cannot_append() {
    struct Watched(Owner, Rc<Cell<bool>>);
    impl CleanedLog for Watched {
        fn with_log<T>(&self, work: impl FnOnce(&mut Log) -> T) -> Option<T> {
            self.1.set(true);
            let done = self.0.with_log(work);
            self.1.set(false);
            done
        }
        fn passed(&mut self, bytes: u64) -> bool {
            self.0.passed(bytes)
        }
        fn replaced(&mut self, removal: Removal) {
            self.0.replaced(removal);
        }
    }
    let dir = testing::tempdir();
    let owner = Owner::open(dir.path(), config());
    for n in 0..30 {
        owner.append(plain(&[("a", Some(&format!("{n:0100}")))]));
    }
    let epochs = dir.path().join(checkpoint::LEADER_EPOCHS);
    assert!(!epochs.exists());
    let dirty = owner.dirty(None);
    let is_locked = Rc::new(Cell::new(false));
    let synced: Rc<RefCell<Vec<(bool, PathBuf)>>> = Rc::default();
    let mut watched = Watched(owner, is_locked.clone());
    let notes = synced.clone();
    file::faults::set(Some(Box::new(move |op, path| {
        if op == Op::Sync {
            notes.borrow_mut().push((is_locked.get(), path.to_owned()));
        }
        None
    })));
    let cleaned = Cleaner::new(options())
        .unwrap()
        .clean(&mut watched, &dirty, NOW);
    file::faults::set(None);
    assert!(cleaned.is_ok(), "{cleaned:?}");
    assert!(epochs.exists());
    let synced = synced.take();
    assert!(!synced.is_empty());
    let locked: Vec<_> = synced.iter().filter(|(locked, _)| *locked).collect();
    assert!(locked.is_empty(), "{locked:?}");
}
