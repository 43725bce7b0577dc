//! Logs of all kinds by chance: what stays is what a naive model says, whatever happens on the way.

use std::collections::BTreeSet;
use std::io;

use super::*;
use crate::file::{Op, faults};

/// A small generator: the same seed, the same log.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

#[derive(Default)]
struct Producer {
    sequence: i32,
    open: bool,
}

fn one_batch(dice: &mut Dice, codec: Codec, producer: Option<(i64, i32, bool)>) -> Batch {
    let mut builder = BatchBuilder::new(codec);
    if let Some((id, sequence, transactional)) = producer {
        builder = builder
            .producer(id, 0, sequence)
            .transactional(transactional);
    }
    if dice.below(8) == 0 {
        builder = builder.log_append_time(MADE);
    }
    for _ in 0..=dice.below(4) {
        let key = format!("key {}", dice.below(12));
        let value = format!("{:01$}", dice.below(1000), dice.below(90) as usize);
        let key = Some(key.as_bytes()).filter(|_| dice.below(20) > 0);
        let value = Some(value.as_bytes()).filter(|_| dice.below(4) > 0);
        builder
            .append(MADE + dice.below(1000) as i64, key, value, &[])
            .unwrap();
    }
    builder.build().unwrap()
}

fn fill(owner: &Owner, dice: &mut Dice, producers: &mut [Producer], batches: u64) {
    const CODECS: [Codec; 5] = [
        Codec::None,
        Codec::Gzip,
        Codec::Snappy,
        Codec::Lz4,
        Codec::Zstd,
    ];
    for _ in 0..batches {
        let codec = CODECS[dice.below(10).min(4) as usize];
        let at = dice.below(producers.len() as u64 * 2) as usize;
        let Some(producer) = producers.get_mut(at) else {
            owner.append(one_batch(dice, codec, None));
            continue;
        };
        let id = 100 + at as i64;
        if producer.open && dice.below(2) == 0 {
            owner.append(marker(id, 0, dice.below(2) == 0, 1, MADE));
            producer.open = false;
            continue;
        }
        let transactional = producer.open || dice.below(2) == 0;
        let batch = one_batch(dice, codec, Some((id, producer.sequence, transactional)));
        producer.sequence += batch.record_count();
        producer.open = transactional;
        owner.append(batch);
    }
}

/// Key and value of what a consumer with `read_committed` has in the end, up to `until`.
fn committed(owner: &Owner, until: i64) -> BTreeMap<Bytes, Bytes> {
    let (batches, aborted) = read(&owner.reader(), 0, UpperBound::LastStable);
    let mut fold = BTreeMap::new();
    for (head, bytes) in batches {
        let is_aborted = |it: &AbortedTransaction| {
            it.producer_id == head.producer_id
                && (it.first_offset..=it.last_offset).contains(&head.last_offset)
        };
        let transactional = head.attributes.is_transactional();
        if head.attributes.is_control() || (transactional && aborted.iter().any(is_aborted)) {
            continue;
        }
        for record in scan::records(&bytes, DECOMPRESSED_LIMIT).unwrap() {
            let record = record.unwrap();
            match (record.key, record.value) {
                _ if record.offset >= until => {}
                (Some(key), Some(value)) => {
                    fold.insert(key, value);
                }
                (Some(key), None) => {
                    fold.remove(&key);
                }
                (None, _) => {}
            }
        }
    }
    fold
}

/// What a batch is for the model.
struct Fact {
    head: BatchHead,
    records: Vec<(i64, Option<Bytes>, Option<Bytes>)>,
    /// Data that was aborted; or a marker that no data precedes.
    idle: bool,
}

fn facts(owner: &Owner) -> Vec<Fact> {
    let mut all: Vec<Fact> = Vec::new();
    let mut open: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for (head, bytes) in owner.all() {
        let records: Vec<_> = scan::records(&bytes, DECOMPRESSED_LIMIT)
            .unwrap()
            .map(Result::unwrap)
            .map(|it| (it.offset, it.key, it.value))
            .collect();
        let mut idle = false;
        if head.attributes.is_control() {
            let data = open.remove(&head.producer_id).unwrap_or_default();
            idle = data.is_empty() || records.is_empty();
            let key = records.first().and_then(|it| it.1.clone());
            if ControlType::of_key(key.as_deref()) == Ok(ControlType::Abort) {
                for n in data {
                    all[n].idle = true;
                }
            }
        } else if head.attributes.is_transactional() {
            open.entry(head.producer_id).or_default().push(all.len());
        }
        all.push(Fact {
            head,
            records,
            idle,
        });
    }
    all
}

type Survivor = (
    i64,
    i64,
    Vec<(i64, Option<Bytes>, Option<Bytes>)>,
    Option<i64>,
);

/// What must be left of a log that is cleaned up to `end`, the keys of `[dirty, end)` being known.
fn model(owner: &Owner, dirty: i64, end: i64, segment_end: i64, now_ms: i64) -> Vec<Survivor> {
    let facts = facts(owner);
    let mut last: BTreeMap<Bytes, i64> = BTreeMap::new();
    for fact in facts
        .iter()
        .filter(|it| !it.head.attributes.is_control() && !it.idle)
    {
        for (offset, key, _) in &fact.records {
            if let Some(key) = key.clone().filter(|_| (dirty..end).contains(offset)) {
                last.insert(key, *offset);
            }
        }
    }
    let producers: BTreeMap<i64, i64> = owner
        .producers()
        .iter()
        .map(|it| (it.producer_id, it.last_offset()))
        .collect();
    let high_watermark = owner.reader().offsets().high_watermark;
    let mut left = Vec::new();
    for Fact {
        head,
        records,
        idle,
    } in facts
    {
        let mut horizon = head.delete_horizon();
        let past = horizon.is_some_and(|at| at <= now_ms);
        let is_control = head.attributes.is_control();
        if head.base_offset >= segment_end {
            left.push((head.base_offset, head.last_offset, records, horizon));
            continue;
        }
        let kept: Vec<_> = records
            .into_iter()
            .filter(|(offset, key, value)| {
                if is_control {
                    return !(idle && past);
                }
                let stays = match key {
                    _ if *offset >= end => true,
                    None => false,
                    Some(key) => {
                        last.get(key).is_none_or(|last| offset >= last)
                            && (value.is_some() || !past)
                    }
                };
                !idle && stays
            })
            .collect();
        let wants_horizon = is_control && idle || kept.iter().any(|it| it.2.is_none());
        if kept.is_empty() {
            let is_last = producers.get(&head.producer_id) == Some(&head.last_offset);
            if !is_last && head.next_offset() != high_watermark {
                continue;
            }
            horizon = None;
        } else if wants_horizon && horizon.is_none() {
            horizon = Some(now_ms + DAY);
        }
        left.push((head.base_offset, head.last_offset, kept, horizon));
    }
    left
}

fn survivors(owner: &Owner) -> Vec<Survivor> {
    facts(owner)
        .into_iter()
        .map(|it| {
            let horizon = it.head.delete_horizon();
            (
                it.head.base_offset,
                it.head.last_offset,
                it.records,
                horizon,
            )
        })
        .collect()
}

/// All that compaction must not change.
fn unchanged(owner: &Owner) -> impl PartialEq + std::fmt::Debug + use<> {
    let reader = owner.reader();
    (reader.offsets(), reader.leader_epochs(), owner.producers())
}

/// What must be known of producers after a start: id, epoch, last sequence, last offset, begin of the transaction.
fn known(owner: &Owner) -> Vec<(i64, i16, i32, i64, Option<i64>)> {
    let states = owner.producers();
    let of = |it: &ProducerState| {
        let (sequence, offset) = (it.last_sequence(), it.last_offset());
        let transaction = it.transaction_first_offset;
        (
            it.producer_id,
            it.producer_epoch,
            sequence,
            offset,
            transaction,
        )
    };
    states.iter().map(of).collect()
}

/// The end of the segment that `end` is in, or `end`: what is written again although its keys are not all known.
fn segment_end(owner: &Owner, end: i64) -> i64 {
    let view = owner.log(|log| log.view());
    let next = view.segments.iter().find(|it| it.base_offset() >= end);
    next.map_or(view.log_end, |it| it.base_offset())
}

#[test]
fn what_stays_is_what_the_model_says() {
    let (mut cleanings, mut full, mut emptied, mut horizons, mut markers) = (0, 0, 0, 0, 0);
    for seed in 1..=60 {
        let dir = testing::tempdir();
        let mut owner = Owner::open(dir.path(), config());
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
        let mut producers: Vec<Producer> = (0..4).map(|_| Producer::default()).collect();
        let (mut checkpoint, mut now_ms) = (None, NOW);
        for round in 0..5 {
            let batches = dice.below(60);
            fill(&owner, &mut dice, &mut producers, batches);
            if dice.below(2) == 0 {
                owner.roll();
            }
            let slots = if dice.below(3) == 0 { 5 } else { 1000 };
            let how = CleanerOptions {
                map_bytes: slots * offset_map::SLOT,
                load_factor: 1.0,
                io_bytes: 70 + dice.below(2000) as usize,
                seed: [seed, round],
            };
            let before = unchanged(&owner);
            let dirty = owner.dirty(checkpoint);
            if dirty.cleanable_bytes == 0 {
                continue;
            }
            let end = owner.reader().offsets().last_stable;
            let fold = committed(&owner, i64::MAX);
            let upto = dirty.first_uncleanable_offset;
            // The model is asked before, for the end that a map of that size will reach.
            let reach = reach(&owner, dirty.first_dirty_offset, upto, slots);
            let expected = model(
                &owner,
                dirty.first_dirty_offset,
                reach,
                segment_end(&owner, reach),
                now_ms,
            );
            let cleaned = owner.clean_with(how, checkpoint, now_ms).unwrap();
            assert_eq!(cleaned.end_offset, reach, "seed {seed} round {round}");
            assert_eq!(survivors(&owner), expected, "seed {seed} round {round}");
            assert_eq!(
                committed(&owner, i64::MAX),
                fold,
                "seed {seed} round {round}"
            );
            assert_eq!(unchanged(&owner), before);
            assert!(cleaned.end_offset <= end);
            cleanings += 1;
            full += usize::from(cleaned.stats.map_was_full);
            emptied += expected.iter().filter(|it| it.2.is_empty()).count();
            horizons += expected.iter().filter(|it| it.3.is_some()).count();
            let left = owner.all();
            markers += left
                .iter()
                .filter(|it| it.0.attributes.is_control())
                .count();
            checkpoint = Some(cleaned.end_offset);
            now_ms += dice.below(2) as i64 * DAY;
            owner.removals.drain(..).for_each(|it| it.run().unwrap());
            let clean = dice.below(2) == 0;
            let before = (
                known(&owner),
                owner.reader().offsets(),
                owner.reader().leader_epochs(),
            );
            owner = reopened(owner, dir.path(), clean);
            let after = (
                known(&owner),
                owner.reader().offsets(),
                owner.reader().leader_epochs(),
            );
            assert_eq!(after, before, "seed {seed} round {round} clean {clean}");
            assert_eq!(
                survivors(&owner),
                expected,
                "seed {seed} round {round} clean {clean}"
            );
            assert_eq!(
                owner.log(|log| log.first_undecided_offset().is_some()),
                producers.iter().any(|it| it.open)
            );
        }
    }
    // The dice throw everything.
    assert!(cleanings > 150 && full > 20, "{cleanings} {full}");
    assert!(
        emptied > 50 && horizons > 100 && markers > 100,
        "{emptied} {horizons} {markers}"
    );
}

fn reopened(owner: Owner, dir: &Path, clean: bool) -> Owner {
    let log = owner.log.into_inner().unwrap();
    if clean {
        log.close(NOW).unwrap();
        return Owner::open(dir, config());
    }
    drop(log);
    let opening = Opening {
        clean: false,
        ..Opening::clean(NOW)
    };
    Owner::open_as(dir, config(), &opening)
}

/// Where a map of so many slots is full, or `upto`.
fn reach(owner: &Owner, dirty: i64, upto: i64, slots: u64) -> i64 {
    let mut keys = BTreeSet::new();
    let mut latest = -1;
    for fact in facts(owner) {
        let head = &fact.head;
        if head.last_offset < dirty || head.base_offset >= upto {
            continue;
        }
        if !head.attributes.is_control() && !fact.idle {
            for (offset, key, _) in fact.records {
                let Some(key) = key.filter(|_| offset >= dirty) else {
                    continue;
                };
                if keys.len() as u64 >= slots {
                    return latest + 1;
                }
                keys.insert(key);
                latest = offset;
            }
        }
        latest = fact.head.last_offset;
        // The end of a segment counts as seen, whatever is there.
        let end = segment_end(owner, latest + 1);
        let is_last = !owner
            .all()
            .iter()
            .any(|(next, _)| next.base_offset > latest && next.base_offset < end);
        if is_last {
            latest = end.min(upto) - 1;
        }
    }
    upto
}

/// Runs a cleaning in which everything fails from the `nth` call that changes files on.
fn crash_at(nth: usize, owner: &mut Owner) -> bool {
    let mut calls = 0;
    faults::set(Some(Box::new(move |op, _| {
        if op != Op::Read && op != Op::Open {
            calls += 1;
        }
        (calls >= nth && op != Op::Read).then(|| io::Error::other("the power is gone").into())
    })));
    let result = owner.clean_with(options(), None, NOW);
    faults::set(None);
    result.is_err()
}

fn copied(from: &Path) -> tempfile::TempDir {
    let to = testing::tempdir();
    for name in file::list(from, false).unwrap() {
        std::fs::copy(from.join(&name), to.path().join(&name)).unwrap();
    }
    to
}

#[test]
fn a_crash_at_any_step_loses_nothing() {
    let origin = testing::tempdir();
    let owner = Owner::open(origin.path(), config());
    let mut dice = Dice(77);
    let mut producers: Vec<Producer> = (0..3).map(|_| Producer::default()).collect();
    fill(&owner, &mut dice, &mut producers, 40);
    for (id, _) in (100..).zip(&producers).filter(|(_, it)| it.open) {
        owner.append(marker(id, 0, true, 1, MADE));
    }
    owner.roll();
    assert!(owner.dirty(None).cleanable_bytes > 2000);
    let offsets = owner.reader().offsets();
    let epochs = owner.reader().leader_epochs();
    let fold = committed(&owner, i64::MAX);
    let last = known(&owner);
    drop(reopened(owner, origin.path(), true));
    let (mut nth, mut outcomes) = (1, BTreeSet::new());
    loop {
        let dir = copied(origin.path());
        let mut owner = Owner::open(dir.path(), config());
        let crashed = crash_at(nth, &mut owner);
        // Whoever reads on in the same process sees a whole log, too.
        assert_eq!(committed(&owner, i64::MAX), fold, "call {nth}");
        let owner = reopened(owner, dir.path(), false);
        assert_eq!(committed(&owner, i64::MAX), fold, "call {nth}");
        assert_eq!(owner.reader().offsets(), offsets, "call {nth}");
        assert_eq!(owner.reader().leader_epochs(), epochs, "call {nth}");
        assert_eq!(known(&owner), last, "call {nth}");
        let names = file::list(dir.path(), false).unwrap();
        let strange = |name: &String| name.ends_with(".swap") || name.ends_with(".cleaned");
        assert!(!names.iter().any(strange), "call {nth}: {names:?}");
        outcomes.insert(owner.records().len());
        if !crashed {
            break;
        }
        nth += 1;
    }
    assert!(nth > 40, "{nth} steps");
    assert!(
        outcomes.len() > 2,
        "groups are swapped one by one: {outcomes:?}"
    );
}
