//! What a leader accepts of a producer, what it refuses with which code, and what it makes of it: as Apache Kafka's own
//! validator, over sound and damaged batches.

use std::{collections::BTreeMap, fmt::Write as _, fs};

use bytes::{Buf, BufMut, Bytes};
use ottla_interop::oracle::{Home, compile, output};
use ottla_wire::{
    random::Random,
    records::{
        Batch, BatchBuilder, BatchError, Codec, Header, Origin, Record, Refused, Rules,
        TimestampType, Validated, batch::crc32c, validate,
    },
};

const NOW: i64 = 1_750_000_000_000;
/// `OTTLA_VALIDATION_CASES` asks for more, `OTTLA_VALIDATION_SEED` for others.
const CASES: u64 = 20_000;
const SEED: u64 = 441;
const PARTS: &str = "its parts disagree with its size";
const CODECS: [Codec; 5] = [
    Codec::None,
    Codec::Gzip,
    Codec::Snappy,
    Codec::Lz4,
    Codec::Zstd,
];

fn setting(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().expect(name),
        Err(_) => default,
    }
}

struct Case {
    rules: Rules,
    records: Bytes,
    what: String,
}

struct Answer {
    code: i16,
    at_fault: Vec<i32>,
    max_timestamp: i64,
    rebuilt: bool,
    batch: Bytes,
}

/// One of several, each as likely.
fn one<T: Copy>(random: &mut Random, of: &[T]) -> T {
    of[random.below(of.len() as u64) as usize]
}

fn rules(random: &mut Random) -> Rules {
    Rules {
        origin: Origin::Client {
            zstd: random.below(8) > 0,
        },
        codec: match random.below(3) {
            0 => Some(one(random, &CODECS)),
            _ => None,
        },
        level: None,
        timestamp_type: match random.below(4) {
            0 => TimestampType::LogAppendTime,
            _ => TimestampType::CreateTime,
        },
        before_max_ms: one(random, &[i64::MAX, i64::MAX, 1000, 0]),
        after_max_ms: one(random, &[3_600_000, i64::MAX, 1000, 0]),
        compact: random.below(4) == 0,
        max_batch: one(random, &[1 << 20, 1 << 20, 200, 100]),
        max_record: one(random, &[2_147_483_639, 2_147_483_639, 60, 20]),
    }
}

fn bytes(random: &mut Random, most: u64) -> Option<Bytes> {
    let len = random.below(most + 1);
    (len > 0 || random.below(2) == 0).then(|| (0..len).map(|i| i as u8).collect())
}

fn sound(random: &mut Random) -> Batch {
    let mut builder = BatchBuilder::new(one(random, &CODECS));
    if random.below(3) == 0 {
        builder = builder
            .producer(7, 1, one(random, &[0, 5, i32::MAX]))
            .transactional(random.below(2) == 0);
    }
    let mut offset = 0;
    for _ in 0..1 + random.below(4) {
        let near = NOW + random.below(3000) as i64 - 1500;
        let headers = (0..random.below(3))
            .map(|_| Header {
                key: Bytes::from_static(b"name"),
                value: bytes(random, 3),
            })
            .collect();
        let record = Record {
            offset,
            timestamp: one(random, &[near, near, near, NOW, -1, 0, 1 << 60]),
            sequence: -1,
            key: bytes(random, 5),
            value: bytes(random, 30),
            headers,
        };
        builder.append_record(&record).expect("a sound record");
        offset += one(random, &[1, 1, 1, 1, 1, 1, 2]);
    }
    builder.build().expect("a sound batch")
}

/// Damages a batch in one of the ways that validation tells apart, and says which.
fn damaged(random: &mut Random, batch: &Batch) -> (Vec<u8>, String) {
    let mut bytes = batch.to_bytes().to_vec();
    let len = bytes.len() as u64;
    let mut reseal = true;
    let what = match random.below(16) {
        0..6 => return (bytes, "sound".to_owned()),
        6 => {
            bytes.truncate(random.below(len) as usize);
            return (bytes, "cut".to_owned());
        }
        7 => {
            let more = bytes.clone();
            let cut = one(random, &[more.len(), more.len() - 1, 20, 10]);
            bytes.extend_from_slice(&more[..cut]);
            return (bytes, format!("followed by {cut} bytes of a batch"));
        }
        8 => {
            // Offset, length, epoch, magic and checksum.
            let at = random.below(21) as usize;
            bytes[at] = one(random, &[0, 1, 3, 0x40, 0x80, 0xFF]);
            reseal = false;
            format!("header byte {at}")
        }
        9 => {
            let attributes = one(random, &[0x08, 0x20, 0x28, 0x40, 0x80, 0x10]);
            bytes[22] |= attributes;
            format!("attributes {attributes:#x}")
        }
        10 => {
            bytes[22] = bytes[22] & !7 | random.below(8) as u8;
            format!("compression {}", bytes[22] & 7)
        }
        11 => {
            let at = one(random, &[23, 57]);
            let number = one(random, &[0, 1, 2, 3, 4, -1, i32::MAX, i32::MIN]);
            bytes[at..at + 4].copy_from_slice(&number.to_be_bytes());
            format!("{number} at {at}")
        }
        12 => {
            let at = one(random, &[27, 35, 43]);
            let number = one(random, &[-1, 0, NOW, 5, i64::MIN, i64::MAX, NOW + 3000]);
            bytes[at..at + 8].copy_from_slice(&number.to_be_bytes());
            format!("{number} at {at}")
        }
        13 => {
            bytes[53..57].copy_from_slice(&(-1i32).to_be_bytes());
            "sequence -1".to_owned()
        }
        _ => {
            let at = 61 + random.below(len - 61) as usize;
            let with = one(random, &[1, 2, 0x80, 0xFF]);
            bytes[at] ^= with;
            format!("record byte {at} flipped with {with:#x}")
        }
    };
    if reseal {
        let crc = crc32c(&bytes[21..]);
        bytes[17..21].copy_from_slice(&crc.to_be_bytes());
    }
    (bytes, what)
}

fn put(file: &mut Vec<u8>, case: &Case) {
    let rules = &case.rules;
    let old = rules.origin == Origin::Client { zstd: false };
    file.put_i16(if old { 6 } else { 9 });
    file.put_i8(rules.codec.map_or(-1, |codec| codec as i8));
    file.put_u8(u8::from(
        rules.timestamp_type == TimestampType::LogAppendTime,
    ));
    file.put_i64(rules.before_max_ms);
    file.put_i64(rules.after_max_ms);
    file.put_u8(u8::from(rules.compact));
    file.put_i32(rules.max_batch as i32);
    file.put_i32(rules.max_record as i32);
    file.put_i64(NOW);
    file.put_i32(case.records.len() as i32);
    file.put_slice(&case.records);
}

fn take(from: &mut Bytes) -> Answer {
    let code = from.get_i16();
    let at_fault = (0..from.get_i32()).map(|_| from.get_i32()).collect();
    let max_timestamp = from.get_i64();
    let rebuilt = from.get_u8() != 0;
    let len = from.get_i32() as usize;
    Answer {
        code,
        at_fault,
        max_timestamp,
        rebuilt,
        batch: from.split_to(len),
    }
}

/// How ours differs from Apache Kafka's; `None` if it does not.
fn difference(ours: &Result<Validated, Refused>, theirs: &Answer) -> Option<String> {
    let validated = match ours {
        Err(refused) => {
            let at_fault: Vec<i32> = refused.record_errors().iter().map(|e| e.index).collect();
            let same = refused.code().0 == theirs.code && at_fault == theirs.at_fault;
            return (!same).then(|| {
                format!(
                    "ours {} {at_fault:?} ({refused:?}), Apache Kafka's {} {:?}",
                    refused.code().0,
                    theirs.code,
                    theirs.at_fault
                )
            });
        }
        Ok(_) if theirs.code != 0 => {
            return Some(format!("ours accepted, Apache Kafka's {}", theirs.code));
        }
        Ok(validated) => validated,
    };
    if (validated.max_timestamp, validated.recompressed) != (theirs.max_timestamp, theirs.rebuilt) {
        return Some(format!("{validated:?} is not as Apache Kafka's"));
    }
    let mut ours = validated.batch.clone();
    // The validator of Apache Kafka assigns this too.
    ours.set_leader_epoch(0);
    let theirs = Batch::first(&theirs.batch).expect("Apache Kafka's batch");
    let compressed = theirs.attributes().codec() != Some(Codec::None);
    let same = if validated.recompressed && compressed {
        // Compressors differ, so length and checksum do.
        let read = |batch: &Batch| batch.records().map(|records| records.collect::<Vec<_>>());
        ours.header()[..8] == theirs.header()[..8]
            && ours.header()[21..] == theirs.header()[21..]
            && read(&ours) == read(&theirs)
    } else {
        ours.to_bytes() == theirs.to_bytes()
    };
    (!same).then(|| {
        format!(
            "ours {ours:?} {:?}, theirs {theirs:?}",
            validated.recompressed
        )
    })
}

/// What is known to differ, and why.
fn known(case: &Case, ours: &Result<Validated, Refused>, theirs: &Answer) -> Option<&'static str> {
    let source = case.records.get(22).map_or(0, |low| low & 7);
    let recompresses = case
        .rules
        .codec
        .is_some_and(|target| target != Codec::None && target as u8 != source);
    // In a compressed payload, a damaged byte may be found by the decompressor or by who reads the records.
    match ours {
        Err(Refused::Malformed(BatchError::Record(PARTS))) if source != 0 => {
            Some("Apache Kafka does not compare a compressed record's parts with its size")
        }
        Err(Refused::Unreadable(_) | Refused::Malformed(_)) if source != 0 && theirs.code != 0 => {
            Some("a damaged stream is noticed at another place")
        }
        Err(Refused::Unreadable(BatchError::Compression))
            if source == Codec::Gzip as u8 && case.records[64] & 0xE0 != 0 =>
        {
            Some("Apache Kafka's gzip ignores the flags that are reserved")
        }
        Err(Refused::TooLarge { .. }) if recompresses && theirs.code == 0 => {
            Some("compressors differ in how small they get")
        }
        Ok(validated) if recompresses && theirs.code == 10 && validated.recompressed => {
            Some("compressors differ in how small they get")
        }
        Ok(validated) if validated.recompressed && theirs.code == 0 => {
            let mut records = validated.batch.records().ok()?.flatten();
            let garbled = records.any(|record| {
                let mut headers = record.headers.iter();
                headers.any(|header| std::str::from_utf8(&header.key).is_err())
            });
            garbled.then_some("Apache Kafka rewrites header names that are not UTF-8")
        }
        _ => None,
    }
}

#[test]
fn what_is_accepted_and_refused_is_what_apache_kafka_accepts_and_refuses() {
    let home = Home::find();
    compile(&home).expect("compile");
    let dir = tempfile::tempdir().expect("temporary folder");
    let (cases_file, answers_file) = (dir.path().join("cases"), dir.path().join("answers"));
    let seed = setting("OTTLA_VALIDATION_SEED", SEED);
    let mut random = Random::new(seed);
    let mut file = Vec::new();
    let cases: Vec<Case> = (0..setting("OTTLA_VALIDATION_CASES", CASES))
        .map(|_| {
            let batch = sound(&mut random);
            let (records, what) = damaged(&mut random, &batch);
            let codec = batch.attributes().codec().expect("a known codec");
            let what = format!("{}, {what}", codec.name());
            let case = Case {
                rules: rules(&mut random),
                records: records.into(),
                what,
            };
            put(&mut file, &case);
            case
        })
        .collect();
    fs::write(&cases_file, file).expect("cases");
    let mut java = home.class("Validation").expect("java");
    java.args([&cases_file, &answers_file]);
    output(&mut java).expect("Validation");
    let mut answers = Bytes::from(fs::read(&answers_file).expect("answers"));

    let (mut report, mut differ, mut accepted) = (String::new(), 0, 0);
    let mut expected = BTreeMap::<&str, u32>::new();
    for (index, case) in cases.iter().enumerate() {
        let theirs = take(&mut answers);
        let ours = validate(&case.records, &case.rules, NOW);
        accepted += usize::from(theirs.code == 0);
        if let Some(why) = difference(&ours, &theirs) {
            if let Some(reason) = known(case, &ours, &theirs) {
                *expected.entry(reason).or_default() += 1;
                continue;
            }
            differ += 1;
            if differ <= 20 {
                let (what, rules) = (&case.what, &case.rules);
                let _ = writeln!(report, "case {index}: {what}: {why}\n    {rules:?}");
            }
        }
    }
    assert!(answers.is_empty());
    assert!(accepted > cases.len() / 10, "only {accepted} were accepted");
    assert_eq!(
        differ,
        0,
        "of {} (seed {seed})\n{report}\n{expected:?}",
        cases.len()
    );
}
