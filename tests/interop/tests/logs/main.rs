//! Logs that Ottla wrote are opened by Apache Kafka's own classes, after a clean stop and after none, and hold the same;
//! what Apache Kafka leaves is opened by Ottla; both rebuild the same indexes.

mod damage;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use ottla_interop::oracle::{Home, compile, output};
use ottla_log::{Leading, Log, LogConfig, Opening, Origin, VerificationGuard, timestamps};
use ottla_wire::records::{Batch, BatchBuilder, Codec, ControlType};

const SEGMENT_BYTES: u32 = 3000;
const INDEX_INTERVAL: u32 = 200;

struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 27)) % bound
    }
}

fn config() -> Arc<LogConfig> {
    Arc::new(LogConfig {
        segment_bytes: SEGMENT_BYTES,
        index_interval_bytes: INDEX_INTERVAL,
        retention_ms: -1,
        ..LogConfig::default()
    })
}

fn open(dir: &Path, clean: bool, recovery_point: i64, log_start_offset: i64) -> Log {
    let opening = Opening {
        clean,
        recovery_point,
        log_start_offset,
        producer_expiry_ms: i64::MAX,
        ..Opening::clean(now_ms())
    };
    let (log, _) = Log::open(dir, config(), &opening).expect("open");
    log
}

#[expect(clippy::disallowed_methods, reason = "a test's clock")]
fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("after 1970").as_millis() as i64
}

fn data(numbers: &mut Numbers, timestamp: i64, producer: Option<(i64, i16, i32)>) -> Batch {
    let codecs = [
        Codec::None,
        Codec::Gzip,
        Codec::Lz4,
        Codec::Zstd,
        Codec::Snappy,
    ];
    let mut builder = BatchBuilder::new(codecs[numbers.below(5) as usize]);
    if let Some((id, epoch, sequence)) = producer {
        builder = builder
            .producer(id, epoch, sequence)
            .transactional(id >= 100);
    }
    for _ in 0..=numbers.below(5) {
        let value = vec![b'x'; numbers.below(300) as usize];
        let at = timestamp + numbers.below(500) as i64;
        builder
            .append(at, None, Some(&value), &[])
            .expect("a record");
    }
    builder.build().expect("a batch")
}

fn marker(producer: i64, epoch: i16, commit: bool, timestamp: i64) -> Batch {
    let kind = if commit {
        ControlType::Commit
    } else {
        ControlType::Abort
    };
    let mut builder = BatchBuilder::new(Codec::None)
        .producer(producer, epoch, -1)
        .transactional(true)
        .control(true);
    let value = [0, 0, 0, 0, 0, 5];
    builder
        .append_control(timestamp, kind, &value)
        .expect("a marker");
    builder.build().expect("a batch")
}

/// Fills a log: plain, idempotent and transactional producers, several leader epochs.
fn fill(log: &mut Log, numbers: &mut Numbers, start: i64) {
    let mut sequences = BTreeMap::new();
    for n in 0..60 + numbers.below(60) as i64 {
        let epoch = 2 * (n / 25) as i32;
        let timestamp = start + 100 * n;
        let how =
            |origin| Leading::new(epoch, origin, timestamp).verified(VerificationGuard::TRUSTED);
        let who = numbers.below(8);
        let (batch, origin) = match who {
            0..3 => (data(numbers, timestamp, None), Origin::Client),
            7 => {
                let producer = 100 + numbers.below(2) as i64;
                let commit = numbers.below(2) == 0;
                (marker(producer, 1, commit, timestamp), Origin::Coordinator)
            }
            _ => {
                // Producers from 100 on write in transactions.
                let producer = if who < 5 { 7 } else { 95 + who as i64 };
                let sequence = sequences.entry(producer).or_insert(0);
                let batch = data(numbers, timestamp, Some((producer, 1, *sequence)));
                *sequence += batch.record_count();
                (batch, Origin::Client)
            }
        };
        log.append_as_leader(vec![batch], &how(origin))
            .expect("append");
    }
}

/// What [`tell`] says, and Apache Kafka with it.
fn tell(log: &mut Log, times: &[i64]) -> String {
    let end = log.offsets().log_end;
    log.update_high_watermark(end);
    let (offsets, reader) = (log.offsets(), log.reader());
    let mut text = format!("{} {} {}\t", offsets.log_start, end, offsets.last_stable);
    let segments = segments(&log.dir());
    segments
        .iter()
        .for_each(|(base, size)| text += &format!("{base}:{size} "));
    text += "\t";
    for (epoch, start) in reader.leader_epochs().entries() {
        text += &format!("{epoch}:{start} ");
    }
    text += "\t";
    for p in log.active_producers() {
        text += &format!(
            "{}:{}:{}:{}:{}:{} ",
            p.producer_id,
            p.producer_epoch,
            p.last_sequence(),
            p.last_timestamp,
            p.coordinator_epoch,
            p.transaction_first_offset.unwrap_or(-1)
        );
    }
    text += "\t";
    for time in times {
        match reader.offset_for_timestamp(*time) {
            Ok(Some(found)) => {
                let epoch = found.leader_epoch.unwrap_or(-1);
                text += &format!("{}:{}:{epoch} ", found.timestamp, found.offset);
            }
            Ok(None) => text += "none ",
            Err(refusal) => return format!("refused: {refusal}"),
        }
    }
    text
}

fn segments(dir: &Path) -> Vec<(i64, u64)> {
    files(dir)
        .iter()
        .filter_map(|(name, bytes)| {
            let base = name.strip_suffix(".log")?.parse().ok()?;
            Some((base, bytes.len() as u64))
        })
        .collect()
}

fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(dir)
        .expect("a directory")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_file())
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy();
            (name.into_owned(), fs::read(&path).expect("a file"))
        })
        .collect()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for (name, bytes) in files(from) {
        fs::write(to.join(name), bytes).expect("a file");
    }
}

/// Has Apache Kafka open logs: (directory, clean, recovery point, log start); what it says of each.
fn ask_kafka(dir: &Path, logs: &[(PathBuf, bool, i64, i64)], times: &[i64]) -> Vec<String> {
    let home = Home::find();
    compile(&home).expect("compile");
    let orders: String = logs
        .iter()
        .map(|(log, clean, recovery_point, start)| {
            let mut line = format!(
                "{}\t{clean}\t{recovery_point}\t{start}\t{SEGMENT_BYTES}\t{INDEX_INTERVAL}",
                log.display()
            );
            times.iter().for_each(|time| line += &format!("\t{time}"));
            line + "\n"
        })
        .collect();
    let (orders_file, told_file) = (dir.join("orders"), dir.join("told"));
    fs::write(&orders_file, orders).expect("orders");
    let mut java = home.class("OpenLogs").expect("java");
    output(java.arg(&orders_file).arg(&told_file)).expect("OpenLogs");
    let told = fs::read_to_string(told_file).expect("what Apache Kafka says");
    told.lines().map(str::to_owned).collect()
}

#[test]
fn apache_kafka_and_ottla_see_the_same_in_each_others_logs() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let start = now_ms() - 1_000_000;
    let mut times = vec![
        timestamps::LATEST,
        timestamps::EARLIEST,
        timestamps::MAX_TIMESTAMP,
        timestamps::EARLIEST_LOCAL,
        timestamps::LATEST_TIERED,
        timestamps::EARLIEST_PENDING_UPLOAD,
    ];
    times.extend((0..20).map(|n| start + 617 * n));
    let (mut logs, mut expected) = (Vec::new(), Vec::new());
    for seed in 0..8 {
        let numbers = &mut Numbers(seed);
        let made = dir.path().join(format!("made-{seed}"));
        let mut log = open(&made, true, 0, 0);
        fill(&mut log, numbers, start);
        let end = log.offsets().log_end;
        log.update_high_watermark(end);
        let log_start = if seed % 2 == 0 { 0 } else { end / 3 };
        log.delete_records_before(log_start).expect("delete");
        log.delete_old_segments(now_ms())
            .expect("delete")
            .run()
            .expect("remove");
        let recovery_point = (end / 2).max(log_start);

        // As after a crash: nothing is closed, and the last segment lost a piece.
        let crashed = dir.path().join(format!("crashed{seed}-0"));
        copy(&made, &crashed);
        let (base, size) = *segments(&crashed).last().expect("a segment");
        let last = fs::File::options()
            .write(true)
            .open(crashed.join(format!("{base:020}.log")))
            .expect("the last segment");
        last.set_len(size - size.min(1 + numbers.below(90)))
            .expect("cut");
        let ours = dir.path().join(format!("crashed-ours{seed}-0"));
        copy(&crashed, &ours);
        let mut recovered = open(&ours, false, recovery_point, log_start);
        expected.push(tell(&mut recovered, &times));
        recovered.close(now_ms()).expect("close");
        logs.push((crashed, false, recovery_point, log_start));

        // As after a clean stop.
        log.close(now_ms()).expect("close");
        let closed = dir.path().join(format!("closed{seed}-0"));
        copy(&made, &closed);
        let mut log = open(&made, true, end, log_start);
        expected.push(tell(&mut log, &times));
        log.close(now_ms()).expect("close");
        logs.push((closed, true, end, log_start));
    }
    let told = ask_kafka(dir.path(), &logs, &times);
    assert_eq!(told.len(), expected.len());
    for ((log, told), expected) in logs.iter().zip(&told).zip(&expected) {
        assert_eq!(told, expected, "{}", log.0.display());
    }
    for (n, (theirs, clean, _, log_start)) in logs.iter().enumerate() {
        let seed = n / 2;
        let ours = dir.path().join(if *clean {
            format!("made-{seed}")
        } else {
            format!("crashed-ours{seed}-0")
        });
        let (ours, left) = (files(&ours), files(theirs));
        for (name, bytes) in &left {
            // Producers are in the order of Java's hash map.
            if name.ends_with(".snapshot") {
                assert_eq!(ours[name].len(), bytes.len(), "{}/{name}", theirs.display());
            } else if name != "partition.metadata" {
                assert!(ours[name] == *bytes, "{}/{name}", theirs.display());
            }
        }
        let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&ours), names(&left), "{}", theirs.display());
        // And back.
        let mut log = open(theirs, true, 0, *log_start);
        assert_eq!(tell(&mut log, &times), expected[n], "{}", theirs.display());
    }
}
