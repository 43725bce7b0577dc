//! What is refused, with which code; and what is changed in what is accepted.

use proptest::prelude::*;

use super::super::{ControlType, compress};
use super::*;

const NOW: i64 = 1_750_000_000_000;
const CODECS: [Codec; 5] = [
    Codec::None,
    Codec::Gzip,
    Codec::Snappy,
    Codec::Lz4,
    Codec::Zstd,
];

fn rules() -> Rules {
    Rules {
        origin: Origin::Client { zstd: true },
        codec: None,
        level: None,
        timestamp_type: TimestampType::CreateTime,
        before_max_ms: i64::MAX,
        after_max_ms: 3_600_000,
        compact: false,
        max_batch: 1 << 20,
        max_record: usize::MAX,
    }
}

fn builder(codec: Codec) -> BatchBuilder {
    let mut builder = BatchBuilder::new(codec);
    for i in 0..3 {
        let value = format!("value {i}");
        builder
            .append(NOW + i, Some(b"key"), Some(value.as_bytes()), &[])
            .unwrap();
    }
    builder
}

fn bytes(codec: Codec) -> Bytes {
    builder(codec).build().unwrap().to_bytes()
}

/// The batch with header bytes changed and the checksum right again.
fn patched(batch: &Bytes, at: usize, with: &[u8]) -> Bytes {
    let mut bytes = batch.to_vec();
    bytes[at..at + with.len()].copy_from_slice(with);
    let crc = super::super::batch::crc32c(&bytes[21..]);
    bytes[17..21].copy_from_slice(&crc.to_be_bytes());
    bytes.into()
}

fn code(records: &Bytes, rules: &Rules) -> i16 {
    validate(records, rules, NOW).map_or_else(|refused| refused.code().0, |_| 0)
}

#[test]
fn what_needs_no_change_is_not_touched() {
    for codec in CODECS {
        let records = bytes(codec);
        let validated = validate(&records, &rules(), NOW).unwrap();
        assert_eq!(validated.batch.to_bytes(), records);
        assert_eq!(validated.batch.payload().as_ptr(), records[61..].as_ptr());
        assert_eq!(validated.max_timestamp, NOW + 2);
        assert!(!validated.recompressed);
    }
}

#[test]
fn a_wrong_max_timestamp_is_corrected() {
    for codec in CODECS {
        let records = patched(&bytes(codec), 35, &7i64.to_be_bytes());
        let validated = validate(&records, &rules(), NOW).unwrap();
        assert_eq!(validated.batch.max_timestamp(), NOW + 2);
        assert_eq!(validated.batch.check_crc(), Ok(()));
        assert_eq!(validated.batch.payload().as_ptr(), records[61..].as_ptr());
    }
}

#[test]
fn log_append_time_is_now_for_all_records() {
    for codec in CODECS {
        let mut rules = rules();
        rules.timestamp_type = TimestampType::LogAppendTime;
        // Not looked at when the broker sets the time.
        rules.after_max_ms = 0;
        let records = bytes(codec);
        let validated = validate(&records, &rules, NOW - 10).unwrap();
        assert_eq!(validated.batch.payload().as_ptr(), records[61..].as_ptr());
        assert_eq!(validated.batch.check_crc(), Ok(()));
        assert_eq!(validated.max_timestamp, NOW - 10);
        for record in validated.batch.records().unwrap() {
            assert_eq!(record.unwrap().timestamp, NOW - 10);
        }
    }
}

#[test]
fn records_are_compressed_as_the_topic_asks() {
    for source in CODECS {
        for target in CODECS {
            let batch = builder(source)
                .producer(5, 6, 7)
                .transactional(true)
                .build()
                .unwrap();
            let mut rules = rules();
            rules.codec = Some(target);
            let validated = validate(&batch.to_bytes(), &rules, NOW).unwrap();
            let stored = &validated.batch;
            assert_eq!(validated.recompressed, source != target);
            assert_eq!(stored.attributes().codec(), Some(target));
            assert_eq!(stored.check_crc(), Ok(()));
            assert_eq!(stored.attributes().with_codec(source), batch.attributes());
            assert_eq!(stored.header()[23..61], batch.header()[23..61]);
            let read = |batch: &Batch| batch.records().unwrap().collect::<Vec<_>>();
            assert_eq!(read(stored), read(&batch));
        }
    }
}

#[test]
fn a_batch_that_grows_when_compressed_anew_may_be_too_large() {
    let mut builder = BatchBuilder::new(Codec::Gzip);
    builder.append(NOW, None, Some(&[0; 10_000]), &[]).unwrap();
    let records = builder.build().unwrap().to_bytes();
    let mut rules = rules();
    rules.max_batch = 1000;
    assert_eq!(code(&records, &rules), 0);
    rules.codec = Some(Codec::None);
    assert_eq!(code(&records, &rules), 10);
    rules.codec = None;
    rules.max_batch = records.len() - 1;
    assert_eq!(code(&records, &rules), 10);
}

#[test]
fn offsets_inside_a_batch_are_put_in_order_when_it_is_compressed_anew() {
    for codec in CODECS {
        // Deltas 0, 1, 3 in a batch of three.
        let mut gap = BatchBuilder::new(codec);
        for record in builder(codec).build().unwrap().records().unwrap() {
            let mut record = record.unwrap();
            record.offset += i64::from(record.offset == 2);
            gap.append_record(&record).unwrap();
        }
        let records = gap.build().unwrap().to_bytes();
        assert_eq!(code(&records, &rules()), 87, "the header says it");
        let records = patched(&records, 23, &2i32.to_be_bytes());
        let kept = validate(&records, &rules(), NOW);
        let mut other = rules();
        other.codec = Some(match codec {
            Codec::Gzip => Codec::Lz4,
            _ => Codec::Gzip,
        });
        let last = |validated: Validated| {
            let last = validated.batch.records().unwrap().last();
            last.unwrap().unwrap().offset
        };
        if codec == Codec::None {
            assert_eq!(last(kept.unwrap()), 3, "Kafka does not look at these");
        } else {
            assert_eq!(kept, Err(Refused::Offsets));
        }
        assert_eq!(last(validate(&records, &other, NOW).unwrap()), 2);
    }
}

#[test]
fn shapes_that_are_refused() {
    let one = bytes(Codec::None);
    let all = rules();
    let refused = |records: Bytes| validate(&records, &all, NOW).unwrap_err();
    assert_eq!(refused(Bytes::new()), Refused::NoBatch);
    assert_eq!(refused(one.slice(..one.len() - 1)), Refused::NoBatch);
    let two = Bytes::from([&one[..], &one[..]].concat());
    assert_eq!(refused(two.clone()), Refused::SeveralBatches);
    let tail = two.slice(..two.len() - 1);
    assert_eq!(validate(&tail, &all, NOW).unwrap().batch.to_bytes(), one);
    for (at, with, code) in [
        (16, &[1][..], 87),
        (16, &[0], 87),
        (16, &[3], 2),
        (16, &[0xFF], 2),
        (8, &[0xFF], 2),
        (8, &[0, 0, 0, 13], 2),
        (8, &[0, 0, 0, 40], 2),
        (20, &[one[20] ^ 1], 2),
        (70, &[one[70] ^ 1], 2),
    ] {
        let mut bad = one.to_vec();
        bad[at..at + with.len()].copy_from_slice(with);
        assert_eq!(refused(bad.into()).code().0, code, "{with:?} at {at}");
    }
    let mut offset = one.to_vec();
    offset[7] = 1;
    assert_eq!(refused(offset.into()), Refused::BaseOffset(1));
}

#[test]
fn what_is_no_batch_is_found_without_its_records() {
    let one = bytes(Codec::None);
    let framed = |records: &Bytes| check_framing(records, rules().origin);
    assert_eq!(framed(&Bytes::new()), Err(Refused::NoBatch));
    let two = Bytes::from([&one[..], &one[..]].concat());
    assert_eq!(framed(&two), Err(Refused::SeveralBatches));
    let mut other = one.to_vec();
    other[16] = 1;
    assert_eq!(framed(&other.into()), Err(Refused::Magic(1)));
    // Its checksum is not of the frame.
    let mut damaged = one.to_vec();
    damaged[20] ^= 1;
    assert_eq!(framed(&damaged.into()), Ok(()));
}

#[test]
fn headers_that_are_refused() {
    for codec in CODECS {
        let one = bytes(codec);
        let count = |last_offset_delta, count| Refused::Count {
            last_offset_delta,
            count,
        };
        let control = one[22] | 0x20;
        for (at, with, refused) in [
            (23, &(-1i32).to_be_bytes()[..], count(-1, 3)),
            (23, &1i32.to_be_bytes(), count(1, 3)),
            (23, &i32::MAX.to_be_bytes(), count(i32::MAX, 3)),
            (57, &0i32.to_be_bytes(), count(2, 0)),
            (57, &(-3i32).to_be_bytes(), count(2, -3)),
            (22, &[control], Refused::Control),
            (43, &9i64.to_be_bytes(), Refused::Sequence(-1)),
        ] {
            let records = patched(&one, at, with);
            assert_eq!(validate(&records, &rules(), NOW), Err(refused.clone()));
            assert_eq!(refused.code().0, 87);
        }
        // More, and fewer, than there are.
        for n in [2i32, 4] {
            let records = patched(&one, 57, &n.to_be_bytes());
            let records = patched(&records, 23, &(n - 1).to_be_bytes());
            let refused = validate(&records, &rules(), NOW).unwrap_err();
            assert!(matches!(refused, Refused::Malformed(_)), "{refused:?}");
            assert_eq!(refused.code().0, 87);
        }
    }
    let unknown = patched(&bytes(Codec::None), 22, &[6]);
    assert_eq!(code(&unknown, &rules()), -1);
    let garbage = patched(&bytes(Codec::None), 22, &[Codec::Gzip as u8]);
    assert_eq!(code(&garbage, &rules()), -1);
}

#[test]
fn zstd_needs_a_produce_that_knows_it() {
    let mut rules = rules();
    rules.origin = Origin::Client { zstd: false };
    assert_eq!(code(&bytes(Codec::Zstd), &rules), 76);
    assert_eq!(code(&bytes(Codec::Lz4), &rules), 0);
    rules.codec = Some(Codec::Zstd);
    assert_eq!(code(&bytes(Codec::Lz4), &rules), 0, "the topic may have it");
}

#[test]
fn a_compacted_topic_needs_keys() {
    for codec in CODECS {
        let mut builder = builder(codec);
        builder.append(NOW, None, None, &[]).unwrap();
        let records = builder.build().unwrap().to_bytes();
        let mut rules = rules();
        assert_eq!(code(&records, &rules), 0);
        rules.compact = true;
        let refused = validate(&records, &rules, NOW).unwrap_err();
        let expected = [RecordError {
            index: 3,
            fault: RecordFault::NullKey,
        }];
        assert_eq!(
            (refused.code().0, refused.record_errors()),
            (87, &expected[..])
        );
    }
}

#[test]
fn timestamps_must_be_near() {
    for (timestamp, before, after, expected) in [
        (NOW + 3_600_000, i64::MAX, 3_600_000, 0),
        (NOW + 3_600_001, i64::MAX, 3_600_000, 32),
        (NOW - 1000, 1000, 0, 0),
        (NOW - 1001, 1000, 0, 32),
        (0, i64::MAX, 0, 0),
        // No timestamp is near.
        (-1, 0, 0, 0),
    ] {
        let mut builder = BatchBuilder::new(Codec::None);
        builder.append(timestamp, None, None, &[]).unwrap();
        let records = builder.build().unwrap().to_bytes();
        let mut rules = rules();
        (rules.before_max_ms, rules.after_max_ms) = (before, after);
        assert_eq!(
            code(&records, &rules),
            expected,
            "{timestamp} {before} {after}"
        );
    }
    let mut rules = rules();
    rules.compact = true;
    let mut both = BatchBuilder::new(Codec::Snappy);
    both.append(NOW, None, None, &[]).unwrap();
    both.append(NOW * 2, Some(b"k"), None, &[]).unwrap();
    let refused = validate(&both.build().unwrap().to_bytes(), &rules, NOW).unwrap_err();
    assert_eq!((refused.code().0, refused.record_errors().len()), (32, 2));
}

#[test]
fn log_append_time_of_a_producer_passes_only_with_a_time_in_range() {
    let with_flag = patched(&bytes(Codec::None), 22, &[8]);
    let mut rules = rules();
    let validated = validate(&with_flag, &rules, NOW).unwrap();
    let kind = validated.batch.attributes().timestamp_type();
    assert_eq!(kind, TimestampType::CreateTime, "the flag is taken away");
    let no_time = patched(&with_flag, 35, &(-1i64).to_be_bytes());
    assert_eq!(code(&no_time, &rules), 32);
    rules.timestamp_type = TimestampType::LogAppendTime;
    assert_eq!(code(&with_flag, &rules), 32);
}

#[test]
fn large_records_and_bombs_are_refused() {
    for codec in CODECS {
        let mut builder = BatchBuilder::new(codec);
        builder.append(NOW, None, Some(&[0; 5000]), &[]).unwrap();
        let records = builder.build().unwrap().to_bytes();
        let mut rules = rules();
        rules.max_record = 4999;
        let expected = if codec == Codec::None { 0 } else { 87 };
        assert_eq!(code(&records, &rules), expected, "{codec:?}");
    }
    // zstd of a record that says it has 2 GiB − 1, of which there are 600 MB.
    let head = [
        0xFE, 0xFF, 0xFF, 0xFF, 0x0F, 0, 0, 0, 1, 0xE8, 0xFF, 0xFF, 0xFF, 0x0F,
    ];
    let chunk = vec![0; 60 << 20];
    let zeros = compress(Codec::Zstd, Some(1), &chunk);
    let mut payload = compress(Codec::Zstd, None, &head).to_vec();
    for _ in 0..10 {
        payload.extend_from_slice(&zeros);
    }
    let mut header = *builder(Codec::Zstd).build().unwrap().header();
    header[23..27].copy_from_slice(&0i32.to_be_bytes());
    header[57..61].copy_from_slice(&1i32.to_be_bytes());
    let bomb = Batch::from_parts(header, payload.into()).to_bytes();
    assert!(bomb.len() < 200_000);
    let refused = validate(&bomb, &rules(), NOW).unwrap_err();
    assert_eq!(
        refused,
        Refused::Grows {
            limit: DECOMPRESSED_LIMIT
        }
    );
    assert_eq!(refused.code().0, 10);
}

#[test]
fn only_so_many_records_are_named() {
    let mut builder = BatchBuilder::new(Codec::Lz4);
    for _ in 0..RECORD_ERRORS + 5 {
        builder.append(NOW, None, None, &[]).unwrap();
    }
    let mut rules = rules();
    rules.compact = true;
    let records = builder.build().unwrap().to_bytes();
    let refused = validate(&records, &rules, NOW).unwrap_err();
    assert_eq!(refused.record_errors().len(), RECORD_ERRORS);
    assert!(matches!(refused, Refused::Records { count, .. } if count == RECORD_ERRORS + 5));
}

#[test]
fn brokers_write_control_records_and_controllers_assign_offsets() {
    let mut marker = BatchBuilder::new(Codec::None)
        .producer(1, 0, -1)
        .transactional(true)
        .control(true)
        .leader_epoch(5);
    marker
        .append_control(NOW, ControlType::Commit, b"value")
        .unwrap();
    let marker = marker.base_offset(0).build().unwrap().to_bytes();
    let mut rules = rules();
    assert_eq!(code(&marker, &rules), 87);
    rules.origin = Origin::Coordinator;
    rules.codec = Some(Codec::Zstd);
    let validated = validate(&marker, &rules, NOW).unwrap();
    assert_eq!(validated.batch.to_bytes(), marker, "and is not compressed");
    rules.origin = Origin::RaftLeader { epoch: 5 };
    assert_eq!(code(&marker, &rules), 0);
    rules.origin = Origin::RaftLeader { epoch: 4 };
    assert_eq!(code(&marker, &rules), 87);
}

proptest! {
    #[test]
    fn hostile_batches_never_panic(
        codec in 0usize..5,
        target in 0usize..5,
        flips in proptest::collection::vec((any::<u16>(), any::<u8>()), 1..4),
        reseal in any::<bool>(),
        append_time in any::<bool>(),
    ) {
        let mut records = bytes(CODECS[codec]).to_vec();
        for (at, with) in flips {
            let at = usize::from(at) % records.len();
            records[at] ^= with;
        }
        let mut records = Bytes::from(records);
        if reseal {
            records = patched(&records, 21, &[0]);
        }
        let mut rules = rules();
        rules.codec = Some(CODECS[target]);
        rules.before_max_ms = 1 << 40;
        if append_time {
            rules.timestamp_type = TimestampType::LogAppendTime;
        }
        match validate(&records, &rules, NOW) {
            Ok(validated) => {
                prop_assert_eq!(validated.batch.check_crc(), Ok(()));
                let read: Result<Vec<_>, _> = validated.batch.records().unwrap().collect();
                let count = validated.batch.record_count() as usize;
                prop_assert_eq!(read.map(|read| read.len()), Ok(count));
            }
            Err(refused) => prop_assert!(!refused.to_string().is_empty()),
        }
    }
}
