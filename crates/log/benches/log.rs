//! How fast a partition's log is appended to, read, opened and compacted. `cargo bench -p ottla-log -- --quick`.
//!
//! What is written stays in the page cache: this measures the code, not the disk.

use std::{cell::RefCell, hint::black_box, path::Path, sync::Arc, time::Duration};

use criterion::{BatchSize, Criterion, Throughput};
use ottla_log::{
    Appended, CleanedLog, Cleaner, CleanerOptions, Leading, Log, LogConfig, LogToClean, Opening,
    Origin, Removal, UpperBound, VerificationGuard,
};
use ottla_wire::records::{Batch, BatchBuilder, Codec};

const NOW: i64 = 1_700_000_000_000;
const SIZES: [(&str, usize); 3] = [
    ("1KiB", 1 << 10),
    ("16KiB", 16 << 10),
    ("1MiB", (1 << 20) - 4096),
];

/// Records of 200 bytes, `size` bytes in all.
fn batch(size: usize, producer: Option<(i64, i32)>, at: i64) -> Batch {
    let mut builder = BatchBuilder::new(Codec::None);
    if let Some((id, sequence)) = producer {
        builder = builder.producer(id, 0, sequence);
    }
    let value = [b'v'; 190];
    while builder.is_empty() || builder.uncompressed_size() < size {
        builder
            .append(at, Some(b"key"), Some(&value), &[])
            .expect("it fits");
    }
    builder.build().expect("it has records")
}

fn open(dir: &Path, opening: &Opening) -> Log {
    Log::open(dir, Arc::new(LogConfig::default()), opening)
        .expect("a sound log")
        .0
}

fn append(log: &mut Log, batch: Batch) -> Appended {
    let how = Leading::new(1, Origin::Client, NOW).verified(VerificationGuard::TRUSTED);
    log.append_as_leader(vec![batch], &how)
        .expect("a sound batch")
}

/// A log of `total` bytes in batches of `size`, a second apart.
fn filled(dir: &Path, total: usize, size: usize) -> Log {
    let mut log = open(dir, &Opening::clean(NOW));
    for n in 0..total / size {
        append(&mut log, batch(size, None, NOW + n as i64 * 1000));
    }
    log
}

fn appending(c: &mut Criterion) {
    let mut group = c.benchmark_group("append");
    for (name, size) in SIZES {
        let plain = batch(size, None, NOW);
        group.throughput(Throughput::Bytes(plain.size_in_bytes() as u64));
        // A new log now and then: the disk need not hold all of it.
        group.bench_function(name, |b| {
            let mut made = None;
            b.iter_batched(
                || plain.clone(),
                |batch| {
                    let (log, _) = made.get_or_insert_with(|| {
                        let dir = tempfile::tempdir().expect("a directory");
                        (open(dir.path(), &Opening::clean(NOW)), dir)
                    });
                    if append(log, batch).rolled {
                        made = None;
                    }
                },
                BatchSize::SmallInput,
            );
        });
    }
    let first = batch(1 << 10, Some((7, 0)), NOW);
    let step = first.record_count();
    group.throughput(Throughput::Bytes(first.size_in_bytes() as u64));
    group.bench_function("1KiB of a producer", |b| {
        let dir = tempfile::tempdir().expect("a directory");
        let mut log = open(dir.path(), &Opening::clean(NOW));
        let mut sequence = 0;
        b.iter_batched(
            || {
                sequence += step;
                batch(1 << 10, Some((7, sequence - step)), NOW)
            },
            |batch| append(&mut log, batch),
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

fn reading(c: &mut Criterion) {
    const TOTAL: usize = 64 << 20;
    let dir = tempfile::tempdir().expect("a directory");
    let log = filled(dir.path(), TOTAL, 16 << 10);
    let reader = log.reader();
    let end = log.offsets().log_end;
    let per_batch = i64::from(batch(16 << 10, None, NOW).record_count());
    let mut group = c.benchmark_group("read");
    let mut seed = 1_u64;
    let mut random = move |below: i64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        ((seed >> 33) as i64) % below
    };
    let find = |offset| {
        let fetched = reader.read(black_box(offset), 1 << 20, true, UpperBound::LogEnd);
        fetched.expect("it is there").slice.expect("it is there")
    };
    group.bench_function("find in sequence", |b| {
        let mut offset = 0;
        b.iter(|| {
            offset = (offset + per_batch) % end;
            find(offset)
        });
    });
    group.bench_function("find at random", |b| b.iter(|| find(random(end))));
    group.bench_function("find by timestamp", |b| {
        b.iter(|| reader.offset_for_timestamp(NOW + random(TOTAL as i64 / (16 << 10) * 1000)));
    });
    group.throughput(Throughput::Bytes(1 << 20));
    group.bench_function("1MiB into memory", |b| {
        b.iter(|| find(random(end - 1000)).read().expect("it is there"));
    });
    group.finish();
}

fn opening(c: &mut Criterion) {
    let mut group = c.benchmark_group("open");
    group.sample_size(10);
    let crashed = Opening {
        clean: false,
        ..Opening::clean(NOW)
    };
    let dir = tempfile::tempdir().expect("a directory");
    drop(filled(dir.path(), 64 << 20, 16 << 10));
    group.throughput(Throughput::Bytes(64 << 20));
    group.bench_function("64MiB after a crash", |b| {
        b.iter(|| open(dir.path(), &crashed));
    });

    let dir = tempfile::tempdir().expect("a directory");
    let mut log = open(dir.path(), &Opening::clean(NOW));
    for id in 0..1000 {
        append(&mut log, batch(200, Some((id, 0)), NOW));
    }
    log.close(NOW).expect("it is written");
    group.throughput(Throughput::Elements(1000));
    group.bench_function("1000 producers after a clean stop", |b| {
        b.iter(|| open(dir.path(), &Opening::clean(NOW)));
    });
    group.bench_function("1000 producers after a crash", |b| {
        b.iter(|| open(dir.path(), &crashed));
    });
    group.finish();
}

/// A log that is cleaned.
struct Dirty(RefCell<Log>);

impl CleanedLog for Dirty {
    fn with_log<T>(&self, work: impl FnOnce(&mut Log) -> T) -> Option<T> {
        Some(work(&mut self.0.borrow_mut()))
    }

    fn passed(&mut self, _: u64) -> bool {
        true
    }

    fn replaced(&mut self, removal: Removal) {
        removal.run().expect("removed");
    }
}

/// A log of 64 MiB with values of 190 bytes: `keys` keys by turns, of which the last of each stays.
fn compacting(c: &mut Criterion) {
    const TOTAL: usize = 64 << 20;
    let mut group = c.benchmark_group("compact");
    group.sample_size(10);
    group.throughput(Throughput::Bytes(TOTAL as u64));
    let config = LogConfig {
        compact: true,
        ..LogConfig::default()
    };
    let made = |codec: Codec, keys: u64| {
        let dir = tempfile::tempdir().expect("a directory");
        let opening = Opening::clean(NOW);
        let opened = Log::open(dir.path(), Arc::new(config.clone()), &opening);
        let (mut log, _) = opened.expect("a sound log");
        let (mut size, mut n, value) = (0, 0_u64, [b'v'; 190]);
        while size < TOTAL {
            let mut builder = BatchBuilder::new(codec);
            while builder.is_empty() || builder.uncompressed_size() < 16 << 10 {
                n += 1;
                let key = n.wrapping_mul(7919) % keys;
                let key = key.to_be_bytes();
                builder
                    .append(NOW, Some(&key), Some(&value), &[])
                    .expect("it fits");
            }
            size += builder.uncompressed_size();
            append(&mut log, builder.build().expect("it has records"));
        }
        log.update_high_watermark(i64::MAX);
        log.roll(NOW).expect("a new segment");
        (dir, Dirty(RefCell::new(log)))
    };
    for (name, codec, keys) in [
        ("few keys", Codec::None, 1000),
        ("all keys once", Codec::None, u64::MAX),
        ("few keys, lz4", Codec::Lz4, 1000),
    ] {
        group.bench_function(name, |b| {
            b.iter_batched(
                || made(codec, keys),
                |(dir, mut log)| {
                    let reader = log.0.borrow().reader();
                    let dirty = LogToClean::of(&reader, &config, None, NOW).expect("a look");
                    let options = CleanerOptions {
                        map_bytes: 128 << 20,
                        load_factor: 0.9,
                        io_bytes: 256 << 10,
                        seed: [1, 2],
                    };
                    let mut cleaner = Cleaner::new(options).expect("a cleaner");
                    let cleaned = cleaner.clean(&mut log, &dirty, NOW).expect("cleaned");
                    (dir, log, cleaned)
                },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

fn main() {
    let mut c = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    appending(&mut c);
    reading(&mut c);
    opening(&mut c);
    compacting(&mut c);
    c.final_summary();
}
