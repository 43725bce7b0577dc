//! Record batches of all formats: as a log or a peer has them, and as a leader validates them.

use bytes::Bytes;
use ottla_wire::{
    random::Random,
    records::{
        Attributes, Batch, BatchBuilder, BatchError, Batches, Codec, ControlType, Header, Origin,
        Rules, TimestampType, Validated, batch::HEADER_SIZE, check_crc, compress, decompress, scan,
        validate,
    },
};

use super::{Choices, pick};
use crate::Target;

const CODECS: [Codec; 5] = [
    Codec::None,
    Codec::Gzip,
    Codec::Snappy,
    Codec::Lz4,
    Codec::Zstd,
];
const NOW: i64 = 1_700_000_000_000;
const MIB: u64 = 1 << 20;

/// A piece of a log: batches, one after the other.
pub(super) static BATCHES: Target = Target {
    name: "batches",
    valid: |source| {
        let mut log = Vec::new();
        for n in 0..1 + source.below(3) {
            let mut batch = batch(source);
            batch.set_base_offset(n as i64 * 100);
            log.extend_from_slice(&batch.to_bytes());
        }
        log
    },
    check: |input| read_all(&Bytes::copy_from_slice(input)),
};

/// Some records of one batch, sometimes large ones that compress to nearly nothing.
pub(super) fn batch(source: &mut Random) -> Batch {
    let mut builder = BatchBuilder::new(*pick(source, &CODECS));
    if source.bool() {
        let is_transactional = source.bool();
        builder = builder
            .producer(source.below(9) as i64, source.below(3) as i16, 0)
            .transactional(is_transactional);
    }
    for n in 0..1 + source.below(6) {
        let key = source.bool().then(|| source.bytes());
        let value = match source.below(9) {
            0 => None,
            1 => Some(vec![0; source.below(1 << 17) as usize].into()),
            _ => Some(source.bytes()),
        };
        let headers: Vec<_> = (0..source.below(3))
            .map(|_| Header {
                key: source.string().into(),
                value: source.bool().then(|| source.bytes()),
            })
            .collect();
        let at = NOW + n as i64 - source.below(1000) as i64;
        builder
            .append(at, key.as_deref(), value.as_deref(), &headers)
            .expect("it fits");
    }
    builder.build().expect("it has records")
}

/// Walks over everything: whether all of it is sound.
fn read_all(log: &Bytes) -> bool {
    let _ = Batch::first(log);
    let mut batches = Batches::new(log.clone());
    let mut sound = true;
    let mut whole = 0;
    for found in &mut batches {
        let Ok((head, bytes)) = found else {
            return false;
        };
        assert_eq!(head.size, bytes.len());
        whole += head.size;
        let _ = (
            head.last_sequence(),
            head.next_offset(),
            head.timestamp_type(),
        );
        sound &= check_crc(&bytes).is_ok();
        sound &= records(&bytes, MIB).is_ok();
    }
    assert_eq!(whole, batches.whole());
    sound && whole == log.len() && whole > 0
}

/// How many records a batch has, if all can be read.
fn records(batch: &Bytes, limit: u64) -> Result<usize, BatchError> {
    let (mut count, mut bytes) = (0, 0);
    for record in scan::records(batch, limit)? {
        let record = record?;
        let _ = ControlType::of_key(record.key.as_deref());
        let parts = [&record.key, &record.value];
        bytes += parts
            .iter()
            .filter_map(|part| part.as_ref())
            .map(Bytes::len)
            .sum::<usize>();
        count += 1;
    }
    assert!(bytes as u64 <= limit.max(batch.len() as u64));
    Ok(count)
}

/// Rules, and a batch. Its length, magic and checksum are made right, so that damage goes deeper than these.
pub(super) static VALIDATE: Target = Target {
    name: "validate",
    valid: |source| {
        let mut input = vec![0, source.below(6) as u8, source.bool().into()];
        input.extend_from_slice(&batch(source).to_bytes());
        input
    },
    check: |input| {
        let mut choices = Choices(input);
        let rules = rules(&mut choices);
        let bytes = choices.rest();
        let raw = validate(&bytes, &rules, NOW);
        let (header, payload) = bytes.split_at(bytes.len().min(HEADER_SIZE));
        let mut sealed = [0; HEADER_SIZE];
        sealed[..header.len()].copy_from_slice(header);
        let sealed = Batch::from_parts(sealed, Bytes::copy_from_slice(payload));
        let sealed = validate(&sealed.to_bytes(), &rules, NOW);
        for validated in [&raw, &sealed].into_iter().flatten() {
            is_appendable(validated, &rules, says_append_time(&bytes));
        }
        for refused in [&raw, &sealed]
            .into_iter()
            .filter_map(|result| result.as_ref().err())
        {
            let _ = (refused.code(), refused.to_string());
        }
        raw.is_ok()
    },
};

fn rules(choices: &mut Choices<'_>) -> Rules {
    let (origin, codec, kind) = (choices.byte(), choices.byte(), choices.byte());
    Rules {
        origin: match origin % 4 {
            0 => Origin::Client { zstd: true },
            1 => Origin::Client { zstd: false },
            2 => Origin::Coordinator,
            _ => Origin::RaftLeader { epoch: -1 },
        },
        // One more than there are: as it comes.
        codec: CODECS.get(usize::from(codec) % 6).copied(),
        level: None,
        timestamp_type: if kind & 1 == 0 {
            TimestampType::CreateTime
        } else {
            TimestampType::LogAppendTime
        },
        before_max_ms: if kind & 2 == 0 { i64::MAX } else { 1000 },
        after_max_ms: if kind & 2 == 0 { i64::MAX } else { 1000 },
        compact: kind & 4 != 0,
        max_batch: 1 << 20,
        max_record: 1 << 18,
    }
}

/// A client may not say so, and if a record has a timestamp it goes unnoticed, in Apache Kafka too: the largest timestamp
/// is then what the client says it is, and not what the records say.
fn says_append_time(bytes: &Bytes) -> bool {
    // Of damaged bytes too: only the attributes count.
    let attributes = bytes.get(21..23).and_then(|two| two.first_chunk::<2>());
    attributes.is_some_and(|two| {
        Attributes(i16::from_be_bytes(*two)).timestamp_type() == TimestampType::LogAppendTime
    })
}

/// What was validated can be read, by us as by everybody, and what it says of itself is so.
fn is_appendable(validated: &Validated, rules: &Rules, said_append_time: bool) {
    let batch = &validated.batch;
    assert!(batch.size_in_bytes() <= rules.max_batch);
    batch.check_crc().expect("a sealed batch");
    let Origin::Client { .. } = rules.origin else {
        return;
    };
    let records: Result<Vec<_>, _> = batch.records().expect("records").collect();
    let records = records.expect("sound records");
    assert_eq!(records.len() as i64, i64::from(batch.record_count()));
    assert_eq!(
        records.len() as i64,
        i64::from(batch.last_offset_delta()) + 1
    );
    let latest = records.iter().map(|record| record.timestamp).max();
    if !said_append_time {
        assert_eq!(
            latest.map(|time| time.max(-1)),
            Some(validated.max_timestamp)
        );
    }
    if batch.attributes().codec() != Some(Codec::None) || validated.recompressed {
        assert!(
            records
                .iter()
                .map(|record| record.offset)
                .eq(0..records.len() as i64)
        );
    }
    if rules.timestamp_type == TimestampType::CreateTime && !said_append_time {
        // What a topic is stored as does not depend on the version of Produce that it came in.
        let rules = Rules {
            origin: Origin::Client { zstd: true },
            ..*rules
        };
        let again = validate(&batch.to_bytes(), &rules, NOW).expect("the same batch");
        assert_eq!(again.batch, *batch);
        assert!(!again.recompressed);
    }
}

/// A codec, and bytes in its framing.
pub(super) static DECOMPRESS: Target = Target {
    name: "decompress",
    valid: |source| {
        let codec = *pick(source, &CODECS);
        let mut bytes = source.bytes().to_vec();
        bytes.resize(bytes.len() * source.below(4000) as usize, 7);
        bytes.extend_from_slice(&source.bytes());
        let mut input = vec![codec as u8];
        input.extend_from_slice(&compress(codec, None, &bytes));
        input
    },
    check: |input| {
        let mut choices = Choices(input);
        let codec = CODECS[usize::from(choices.byte()) % CODECS.len()];
        match decompress(codec, &choices.rest(), MIB) {
            Ok(bytes) => {
                assert!(bytes.len() as u64 <= MIB);
                let again = compress(codec, None, &bytes);
                assert_eq!(decompress(codec, &again, MIB), Ok(bytes));
                true
            }
            Err(_) => false,
        }
    },
};

/// Message sets of magic 0 and 1.
pub(super) static MESSAGE_SETS: Target = Target {
    name: "message_sets",
    valid: |source| {
        let mut set = Vec::new();
        for n in 0..1 + source.below(3) {
            let magic = source.below(2) as u8;
            let codec = *pick(source, &[Codec::None, Codec::Gzip, Codec::Snappy]);
            let value = if codec == Codec::None {
                source.bytes()
            } else {
                let inner: Vec<u8> = (0..1 + source.below(4))
                    .flat_map(|n| message(magic, Codec::None, n as i64, &source.bytes()))
                    .collect();
                compress(codec, None, &inner)
            };
            set.extend(message(magic, codec, 100 + n as i64, &value));
        }
        set
    },
    check: |input| read_all(&Bytes::copy_from_slice(input)),
};

fn message(magic: u8, codec: Codec, offset: i64, value: &[u8]) -> Vec<u8> {
    let mut rest = vec![magic, codec as u8];
    if magic == 1 {
        rest.extend_from_slice(&NOW.to_be_bytes());
    }
    rest.extend_from_slice(&(-1_i32).to_be_bytes());
    rest.extend_from_slice(&(value.len() as i32).to_be_bytes());
    rest.extend_from_slice(value);
    let mut message = offset.to_be_bytes().to_vec();
    message.extend_from_slice(&(rest.len() as i32 + 4).to_be_bytes());
    message.extend_from_slice(&[0; 4]);
    message.extend_from_slice(&rest);
    if let Err(BatchError::Crc { computed, .. }) = check_crc(&message) {
        message[12..16].copy_from_slice(&computed.to_be_bytes());
    }
    message
}
