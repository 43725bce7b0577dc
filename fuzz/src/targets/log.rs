//! A partition's directory as a crash, a disk or a careless hand may have left it.

use std::{fs, path::Path, sync::Arc};

use ottla_log::{
    Leading, Log, LogConfig, Opening, Origin, UpperBound, VerificationGuard, directory,
    repair::{self, How},
    timestamps,
    verify::{self, Subject},
};
use ottla_wire::{
    Uuid,
    random::Random,
    records::{Batch, BatchBuilder, Batches, Codec, ControlType, check_crc},
};

use super::{Choices, folder, pick, put_piece};
use crate::Target;

const NOW: i64 = 1_700_000_000_000;
/// No input has so many batches.
const MOST_READS: usize = 100_000;

/// Whether the stop is taken for a clean one, and the files of a partition: name and content of each.
pub(super) static OPEN: Target = Target {
    name: "log_open",
    valid: |source| {
        let folder = folder();
        let is_clean = source.bool();
        write_log(folder.path(), source, is_clean);
        let mut files: Vec<_> = fs::read_dir(folder.path())
            .expect("a directory")
            .map(|entry| entry.expect("an entry").path())
            .collect();
        files.sort();
        let mut input = vec![is_clean.into()];
        for path in files {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            put_piece(&mut input, name.as_bytes());
            put_piece(&mut input, &fs::read(&path).expect("it is there"));
        }
        input
    },
    check: |input| {
        let folder = folder();
        let is_clean = unpack(input, folder.path());
        open(folder.path(), is_clean)
    },
};

/// The same directory, checked and repaired. What a repair leaves is sound.
pub(super) static VERIFY: Target = Target {
    name: "log_verify",
    valid: OPEN.valid,
    check: |input| {
        let (folder, keep) = (folder(), folder());
        let subject = Subject {
            clean: unpack(input, folder.path()),
            ..Subject::new(folder.path())
        };
        if !folder.path().join("partition.metadata").exists() {
            directory::write_topic_id(folder.path(), &Uuid::from_u128(7)).expect("it is written");
        }
        let check = |subject: &Subject| verify::partition(subject, &mut |_, _| Ok(()));
        let Ok(checked) = check(&subject) else {
            return false;
        };
        for finding in checked.findings.kept() {
            assert!(finding.path.starts_with(folder.path()), "{finding}");
        }
        let how = How {
            keep: keep.path().to_owned(),
            truncate: true,
            dry_run: false,
            now_ms: NOW,
        };
        if let Ok(repaired) = repair::partition(&subject, &checked, &how)
            && repaired.left.is_empty()
        {
            let closed = Subject {
                clean: true,
                ..subject
            };
            let left = check(&closed).expect("it can be read").findings;
            assert!(left.is_clean(), "{:?}", left.kept());
        }
        checked.findings.worst().is_none()
    },
};

/// Writes the files; whether the stop is taken for a clean one.
fn unpack(input: &[u8], folder: &Path) -> bool {
    let mut choices = Choices(input);
    let is_clean = choices.byte() & 1 != 0;
    while !choices.0.is_empty() {
        let name = String::from_utf8_lossy(choices.piece()).into_owned();
        let content = choices.piece();
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "-.".contains(letter);
        if name.starts_with(char::is_alphanumeric) && name.len() < 100 && name.chars().all(plain) {
            fs::write(folder.join(name), content).expect("it is written");
        }
    }
    is_clean
}

fn config() -> Arc<LogConfig> {
    Arc::new(LogConfig {
        segment_bytes: 1500,
        index_interval_bytes: 100,
        segment_index_bytes: 120,
        ..LogConfig::default()
    })
}

fn batch(source: &mut Random, producer: i64, sequence: i32) -> Batch {
    let mut builder = BatchBuilder::new(*pick(source, &[Codec::None, Codec::Lz4]));
    if producer >= 0 {
        builder = builder
            .producer(producer, 0, sequence)
            .transactional(producer > 2);
    }
    for _ in 0..3 {
        let at = NOW + source.below(1 << 20) as i64;
        builder
            .append(at, Some(b"key"), Some(&source.bytes()), &[])
            .expect("it fits");
    }
    builder.build().expect("it has records")
}

fn marker(producer: i64, kind: ControlType) -> Batch {
    let mut builder = BatchBuilder::default()
        .producer(producer, 0, -1)
        .transactional(true)
        .control(true);
    builder
        .append_control(NOW, kind, &[0, 0, 0, 0, 0, 1])
        .expect("it fits");
    builder.build().expect("it has a record")
}

/// Some segments: of producers, with transactions that were committed, aborted, and are open.
fn write_log(path: &Path, source: &mut Random, is_clean: bool) {
    let (mut log, _) = Log::open(path, config(), &Opening::clean(NOW)).expect("a new log");
    let mut sequences = [0; 5];
    for n in 0..2 + source.below(24) {
        let producer = source.below(6) as usize;
        let append = match sequences.get_mut(producer) {
            Some(sequence) if *sequence > 0 && producer > 2 && source.bool() => {
                let kind = *pick(source, &[ControlType::Abort, ControlType::Commit]);
                (marker(producer as i64, kind), Origin::Coordinator)
            }
            Some(sequence) => {
                let batch = batch(source, producer as i64, *sequence);
                *sequence += 3;
                (batch, Origin::Client)
            }
            None => (batch(source, -1, -1), Origin::Client),
        };
        let (batch, origin) = append;
        let epoch = 3 + n as i32 / 8;
        let how = Leading::new(epoch, origin, NOW).verified(VerificationGuard::TRUSTED);
        log.append_as_leader(vec![batch], &how)
            .expect("it is sound");
    }
    if is_clean {
        log.close(NOW).expect("it is closed");
    }
}

/// Opens what is there, reads all of it, goes on with it, and opens it again.
fn open(path: &Path, is_clean: bool) -> bool {
    let opening = Opening {
        clean: is_clean,
        ..Opening::clean(NOW)
    };
    let (mut log, recovered) = match Log::open(path, config(), &opening) {
        Ok(opened) => opened,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return false;
        }
    };
    let offsets = log.offsets();
    assert!(offsets.log_start <= offsets.log_end);
    log.update_high_watermark(offsets.log_end);
    let reached = read(&log, UpperBound::LogEnd, !is_clean);
    read(&log, UpperBound::LastStable, !is_clean);
    if !is_clean {
        // All of it was read on opening, so that nothing may be missing now.
        assert_eq!(reached, offsets.log_end);
    }
    ask(&log);
    let whole = recovered.bytes_truncated == 0 && recovered.removal.is_empty();
    go_on(log, path, is_clean);
    whole && reached == offsets.log_end
}

/// Reads to the end: up to which offset. What was `recovered` must be sound.
fn read(log: &Log, upto: UpperBound, recovered: bool) -> i64 {
    let reader = log.reader();
    let mut next = log.offsets().log_start;
    for _ in 0..MOST_READS {
        let found = reader.read(next, 700, true, upto);
        assert!(found.is_ok() || !recovered, "{found:?}");
        let Some(slice) = found.ok().and_then(|found| found.slice) else {
            return next;
        };
        let bytes = slice.read();
        assert!(bytes.is_ok() || !recovered, "{bytes:?}");
        let before = next;
        for batch in Batches::new(bytes.unwrap_or_default()) {
            let Ok((head, batch)) = batch else {
                assert!(!recovered, "{batch:?}");
                return next;
            };
            if recovered {
                check_crc(&batch).expect("an intact batch");
                assert!(head.base_offset <= head.last_offset);
            }
            if head.last_offset < next || head.next_offset() <= next {
                assert!(!recovered, "offset {} after {next}", head.last_offset);
                return next;
            }
            next = head.next_offset();
        }
        if next == before {
            assert!(!recovered, "nothing follows {next}");
            return next;
        }
    }
    panic!("{MOST_READS} reads did not come to the end");
}

fn ask(log: &Log) {
    let reader = log.reader();
    for timestamp in [
        0,
        NOW,
        NOW + 1000,
        i64::MAX,
        timestamps::EARLIEST,
        timestamps::LATEST,
        timestamps::MAX_TIMESTAMP,
    ] {
        let _ = reader.offset_for_timestamp(timestamp);
    }
    for epoch in [-1, 0, 3, 4, i32::MAX] {
        let _ = reader.offset_for_leader_epoch(epoch);
    }
    let _ = (log.first_undecided_offset(), log.active_producers().count());
}

fn go_on(mut log: Log, path: &Path, is_clean: bool) {
    let epoch = log.reader().latest_epoch().unwrap_or(0);
    let how = Leading::new(epoch, Origin::Client, NOW).verified(VerificationGuard::TRUSTED);
    let batch = batch(&mut Random::new(1), -1, -1);
    let appended = log.append_as_leader(vec![batch], &how);
    let offsets = log.offsets();
    if let Ok(appended) = appended {
        assert_eq!(appended.last_offset + 1, offsets.log_end);
    }
    if log.close(NOW).is_err() {
        return;
    }
    let again = Log::open(path, config(), &Opening::clean(NOW));
    assert!(again.is_ok() || is_clean, "{again:?}");
    if let Ok((again, _)) = again {
        assert!(is_clean || again.offsets().log_end == offsets.log_end);
    }
}
