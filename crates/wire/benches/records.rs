//! How fast batches are checked, read and built. `cargo bench -p ottla-wire --bench records -- --quick`.
//!
//! Throughput is in bytes before compression, so that codecs can be compared.

use std::{hint::black_box, time::Duration};

use bytes::Bytes;
use criterion::{BatchSize, BenchmarkGroup, Criterion, Throughput, measurement::WallTime};
use ottla_wire::records::{
    Batch, BatchBuilder, Codec, Origin, Rules, TimestampType, check_crc, validate,
};

const CODECS: [Codec; 5] = [
    Codec::None,
    Codec::Gzip,
    Codec::Snappy,
    Codec::Lz4,
    Codec::Zstd,
];
const SIZES: [(&str, usize); 2] = [("16KiB", 16 << 10), ("1MiB", 1 << 20)];
const NOW: i64 = 1_700_000_000_000;

const RULES: Rules = Rules {
    origin: Origin::Client { zstd: true },
    codec: None,
    level: None,
    timestamp_type: TimestampType::CreateTime,
    before_max_ms: i64::MAX,
    after_max_ms: 3_600_000,
    compact: false,
    max_batch: 2 << 20,
    max_record: 1 << 20,
};

/// Keys and lines of some 200 bytes, as a service logs them: much the same, never equal.
fn lines(size: usize) -> Vec<(String, String)> {
    let mut seed = 1_u64;
    let mut next = |bound: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) % bound
    };
    let levels = ["INFO", "INFO", "INFO", "DEBUG", "WARN", "ERROR"];
    let paths = ["/orders", "/orders/items", "/customers", "/health", "/pay"];
    let (mut lines, mut total) = (Vec::new(), 0);
    while total < size {
        let line = format!(
            "{{\"at\":\"2026-03-{:02}T{:02}:{:02}:{:02}.{:03}Z\",\"level\":\"{}\",\"service\":\"shop-{}\",\
             \"path\":\"{}\",\"customer\":{},\"trace\":\"{:016x}{:016x}\",\"ms\":{},\"text\":\"request served\"}}",
            1 + next(28),
            next(24),
            next(60),
            next(60),
            next(1000),
            levels[next(6) as usize],
            next(8),
            paths[next(5) as usize],
            next(1 << 20),
            next(u64::MAX),
            next(u64::MAX),
            next(900),
        );
        let key = format!("customer-{}", next(5000));
        total += line.len() + key.len() + 8;
        lines.push((key, line));
    }
    lines
}

fn build(lines: &[(String, String)], codec: Codec) -> Batch {
    let mut builder = BatchBuilder::new(codec).producer(7, 0, 0);
    for (n, (key, line)) in lines.iter().enumerate() {
        let (key, line) = (key.as_bytes(), line.as_bytes());
        builder
            .append(NOW + n as i64, Some(key), Some(line), &[])
            .expect("it fits");
    }
    builder.build().expect("it has records")
}

/// One benchmark: makes its input anew, so that what is handed out is owned by nobody else.
fn each(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: String,
    bytes: &Bytes,
    run: impl Fn(Bytes),
) {
    group.bench_function(name, |b| {
        b.iter_batched(|| bytes.clone(), &run, BatchSize::SmallInput);
    });
}

fn of_size(c: &mut Criterion, name: &str, size: usize) {
    let lines = lines(size);
    let plain = build(&lines, Codec::None).to_bytes();
    let throughput = Throughput::Bytes(plain.len() as u64);

    let mut group = c.benchmark_group("crc");
    group.throughput(throughput.clone());
    each(&mut group, name.to_owned(), &plain, |bytes| {
        check_crc(black_box(&bytes)).expect("a sound batch");
    });
    group.finish();

    for (what, rules) in [
        ("validate in place", RULES),
        (
            "validate and recompress to zstd",
            Rules {
                codec: Some(Codec::Zstd),
                ..RULES
            },
        ),
    ] {
        let mut group = c.benchmark_group(what);
        group.throughput(throughput.clone());
        for codec in CODECS {
            let bytes = build(&lines, codec).to_bytes();
            each(
                &mut group,
                format!("{}/{name}", codec.name()),
                &bytes,
                |bytes| {
                    black_box(validate(&bytes, &rules, NOW)).expect("a sound batch");
                },
            );
        }
        group.finish();
    }

    let mut group = c.benchmark_group("iterate");
    group.throughput(throughput.clone());
    for codec in CODECS {
        let bytes = build(&lines, codec).to_bytes();
        each(
            &mut group,
            format!("{}/{name}", codec.name()),
            &bytes,
            |bytes| {
                let batch = Batch::first(&bytes).expect("a sound batch");
                for record in batch.records().expect("sound records") {
                    black_box(record).expect("a sound record");
                }
            },
        );
    }
    group.finish();

    let mut group = c.benchmark_group("build");
    group.throughput(throughput);
    for codec in CODECS {
        group.bench_function(format!("{}/{name}", codec.name()), |b| {
            b.iter(|| build(black_box(&lines), codec));
        });
    }
    group.finish();
}

fn main() {
    let mut c = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    for (name, size) in SIZES {
        of_size(&mut c, name, size);
    }
    c.final_summary();
}
