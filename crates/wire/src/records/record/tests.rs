//! Records are read as they were built; what is damaged is an error.

use proptest::prelude::*;

use super::super::{Attributes, BatchBuilder, batch::HEADER_SIZE};
use super::*;

fn header(key: &[u8], value: Option<&[u8]>) -> Header {
    Header {
        key: Bytes::copy_from_slice(key),
        value: value.map(Bytes::copy_from_slice),
    }
}

fn with_payload(count: i32, payload: &[u8]) -> Batch {
    let mut header = [0; HEADER_SIZE];
    header[57..61].copy_from_slice(&count.to_be_bytes());
    header[53..57].copy_from_slice(&(-1i32).to_be_bytes());
    Batch::from_parts(header, Bytes::copy_from_slice(payload))
}

fn error(count: i32, payload: &[u8]) -> BatchError {
    let records = match with_payload(count, payload).records() {
        Ok(records) => records,
        Err(error) => return error,
    };
    records
        .collect::<Result<Vec<_>, _>>()
        .expect_err("the payload is unsound")
}

/// Size 6: attributes, timestamp 0, offset 0, null key, null value, no headers.
const SMALLEST: [u8; 7] = [12, 0, 0, 0, 1, 1, 0];

#[test]
fn keys_and_values_share_the_payload() {
    let mut builder = BatchBuilder::new(Codec::None);
    builder
        .append(5, Some(b"key"), Some(b"value"), &[])
        .unwrap();
    let batch = builder.build().unwrap();
    let record = batch.records().unwrap().next().unwrap().unwrap();
    let payload = batch.payload().as_ptr_range();
    assert!(payload.contains(&record.key.unwrap().as_ptr()));
    assert!(payload.contains(&record.value.unwrap().as_ptr()));
}

#[test]
fn the_smallest_record_is_all_nulls() {
    let batch = with_payload(1, &SMALLEST);
    let records: Vec<_> = batch.records().unwrap().map(Result::unwrap).collect();
    assert_eq!(records.len(), 1);
    assert_eq!((&records[0].key, &records[0].value), (&None, &None));
    assert_eq!(records[0].sequence, -1);
}

#[test]
fn what_disagrees_is_an_error() {
    let twice = [SMALLEST, SMALLEST].concat();
    for (count, payload) in [
        (-1, &SMALLEST[..]),
        // Fewer and more records than the header says.
        (2, &SMALLEST),
        (1, &twice),
        (1, &[]),
        // Sizes: negative, too long, too short, longer than a varint.
        (1, &[11, 0, 0, 0, 1, 1, 0]),
        (1, &[14, 0, 0, 0, 1, 1, 0]),
        (1, &[10, 0, 0, 0, 1, 1, 0]),
        (1, &[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0]),
        // A key, a number of headers and a header's name that are longer than the record.
        (1, &[12, 0, 0, 0, 20, 1, 0]),
        (1, &[12, 0, 0, 0, 1, 1, 4]),
        (1, &[16, 0, 0, 0, 1, 1, 2, 20, 1]),
        // Negative number of headers, negative length of a header's name.
        (1, &[12, 0, 0, 0, 1, 1, 1]),
        (1, &[16, 0, 0, 0, 1, 1, 2, 1, 1]),
    ] {
        let found = error(count, payload);
        assert!(
            matches!(found, BatchError::Record(_)),
            "{payload:?}: {found}"
        );
        if count == 1 && payload.len() < 14 {
            let payload = Bytes::copy_from_slice(payload);
            assert!(
                skim(&mut Slice::new(&payload), 1000).is_err(),
                "{payload:?}"
            );
        }
    }
    let unknown = with_payload(1, &SMALLEST);
    let mut unknown_codec = unknown.clone();
    unknown_codec.set_attributes(Attributes(7));
    assert_eq!(unknown_codec.records().err(), Some(BatchError::Codec(7)));
}

#[test]
fn log_append_time_is_the_max_timestamp() {
    let mut builder = BatchBuilder::new(Codec::Lz4).log_append_time(777);
    builder.append(5, None, None, &[]).unwrap();
    builder.append(6, None, None, &[]).unwrap();
    let batch = builder.build().unwrap();
    assert_eq!(batch.base_timestamp(), 5);
    for record in batch.records().unwrap() {
        assert_eq!(record.unwrap().timestamp, 777);
    }
}

#[test]
fn a_large_record_passes_through_small_chunks() {
    let value = vec![3; 5 * CHUNK];
    for codec in [Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd] {
        let mut builder = BatchBuilder::new(codec);
        for i in 0..3 {
            builder.append(i, None, Some(&value), &[]).unwrap();
        }
        let batch = builder.build().unwrap();
        let records: Result<Vec<_>, _> = batch.records().unwrap().collect();
        assert!(
            records
                .unwrap()
                .iter()
                .all(|r| r.value.as_deref() == Some(&value[..]))
        );
        let limit = 10 * CHUNK as u64;
        let cut: Vec<_> = batch.records_within(limit).unwrap().collect();
        assert_eq!(cut.last(), Some(&Err(BatchError::Grows { limit })));
        let most = 4 * CHUNK;
        let mut long = batch.records().unwrap().max_record(most);
        let refused = long.next().unwrap();
        assert!(matches!(refused, Err(BatchError::RecordSize { limit, .. }) if limit == most));
        assert_eq!(long.next(), None);
        let from = Decompressor::new(codec, batch.payload().clone(), u64::MAX).unwrap();
        let mut passing = Passing::new(from);
        for i in 0..3 {
            let skimmed = skim(&mut passing, usize::MAX).unwrap();
            assert_eq!(
                (skimmed.offset_delta, skimmed.timestamp_delta),
                (i, i64::from(i))
            );
        }
        assert_eq!(passing.at_end(), Ok(true));
    }
}

/// What is read byte by byte: nothing is ever at hand.
struct Bytewise<'a>(Slice<'a>);

impl Feed for Bytewise<'_> {
    fn byte(&mut self) -> Result<u8, BatchError> {
        self.0.byte()
    }

    fn skip(&mut self, len: usize) -> Result<(), BatchError> {
        self.0.skip(len)
    }

    fn position(&self) -> u64 {
        self.0.position()
    }

    fn at_end(&mut self) -> Result<bool, BatchError> {
        self.0.at_end()
    }

    fn at_hand(&self) -> &[u8] {
        &[]
    }

    fn pass(&mut self, _len: usize) {
        unreachable!("nothing was at hand");
    }
}

/// All records, and how the walk over them ended.
fn walked(from: &mut impl Feed) -> (Vec<Skimmed>, Result<bool, BatchError>) {
    let mut found = Vec::new();
    loop {
        match from.at_end() {
            Ok(false) => {}
            ended => return (found, ended),
        }
        match skim(from, usize::MAX) {
            Ok(skimmed) => found.push(skimmed),
            Err(error) => return (found, Err(error)),
        }
    }
}

#[test]
fn a_walk_is_the_same_however_the_bytes_come() {
    // Records that lie across the ends of blocks and chunks, and more of them than the largest block has.
    let whole = {
        let mut builder = BatchBuilder::new(Codec::None);
        for i in 0..9000i64 {
            let value = vec![i as u8; (i * 7919 % 1400) as usize];
            let key = (i % 3 > 0).then_some(&value[..value.len() / 100]);
            builder.append(i * i, key, Some(&value), &[]).unwrap();
        }
        builder.build().unwrap().payload().clone()
    };
    let total = whole.len() as u64;
    assert!(total > 4 << 20);
    let expected = walked(&mut Bytewise(Slice::new(&whole)));
    assert_eq!((expected.0.len(), &expected.1), (9000, &Ok(true)));
    assert_eq!(walked(&mut Slice::new(&whole)), expected);
    for codec in [Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd] {
        let small = crate::records::compress(codec, None, &whole);
        let walk = |limit| {
            let from = Decompressor::new(codec, small.clone(), limit).unwrap();
            walked(&mut Passing::new(from))
        };
        for limit in [total, total + 1, u64::MAX] {
            assert_eq!(walk(limit), expected, "{codec:?} {limit}");
        }
        for limit in [0, 100_000, (4 << 20) - 1, 4 << 20, total - 1] {
            let (found, ended) = walk(limit);
            assert_eq!(ended, Err(BatchError::Grows { limit }), "{codec:?}");
            assert!(expected.0.starts_with(&found));
        }
    }
}

fn any_record() -> impl Strategy<Value = Record> {
    let bytes = || proptest::option::of(proptest::collection::vec(any::<u8>(), 0..20));
    let headers = proptest::collection::vec(
        (proptest::collection::vec(any::<u8>(), 0..5), bytes()),
        0..3,
    );
    (bytes(), bytes(), headers, -1i64..1 << 50, 1i64..100).prop_map(
        |(key, value, headers, timestamp, gap)| Record {
            offset: gap,
            timestamp,
            sequence: -1,
            key: key.map(Bytes::from),
            value: value.map(Bytes::from),
            headers: headers
                .iter()
                .map(|(key, value)| header(key, value.as_deref()))
                .collect(),
        },
    )
}

fn built(codec: i16, base: i64, sequence: i32, records: &mut [Record]) -> Batch {
    let mut builder = BatchBuilder::new(Codec::from_id(codec).unwrap()).base_offset(base);
    if sequence >= 0 {
        builder = builder.producer(4, 0, sequence);
    }
    let mut offset = base - 1;
    for record in records {
        offset += record.offset;
        record.offset = offset;
        if sequence >= 0 {
            let at = i64::from(sequence) + offset - base;
            record.sequence = (at & i64::from(i32::MAX)) as i32;
        }
        builder.append_record(record).unwrap();
    }
    builder.build().unwrap()
}

proptest! {
    #[test]
    fn short_numbers_are_those_that_are_read_byte_by_byte(
        bytes in proptest::collection::vec(prop_oneof![any::<u8>(), Just(0x80), Just(0xff), Just(0)], 0..40),
        long in proptest::collection::vec(any::<bool>(), 40),
    ) {
        let bytes = Bytes::from(bytes);
        let (mut short, mut bytewise) = (Slice::new(&bytes), Bytewise(Slice::new(&bytes)));
        for long in long {
            let read = match long {
                true => (short.varlong(), bytewise.varlong()),
                false => (short.varint().map(i64::from), bytewise.varint().map(i64::from)),
            };
            prop_assert_eq!(&read.0, &read.1);
            if read.0.is_err() {
                break;
            }
            prop_assert_eq!(short.position(), bytewise.position());
        }
    }

    #[test]
    fn what_is_damaged_is_found_where_it_is_byte_by_byte(
        mut records in proptest::collection::vec(any_record(), 1..5),
        flips in proptest::collection::vec((any::<u16>(), any::<u8>()), 0..4),
        codec in 1i16..5,
    ) {
        let mut bytes = built(0, 0, -1, &mut records).payload().to_vec();
        for (at, with) in flips {
            let at = usize::from(at) % bytes.len();
            bytes[at] ^= with;
        }
        let bytes = Bytes::from(bytes);
        let expected = walked(&mut Bytewise(Slice::new(&bytes)));
        prop_assert_eq!(walked(&mut Slice::new(&bytes)), expected.clone());
        let codec = Codec::from_id(codec).unwrap();
        let small = crate::records::compress(codec, None, &bytes);
        let from = Decompressor::new(codec, small, u64::MAX).unwrap();
        prop_assert_eq!(walked(&mut Passing::new(from)), expected);
    }

    #[test]
    fn what_was_built_is_read(
        codec in 0i16..5,
        base in 0i64..1 << 40,
        sequence in -1i32..,
        mut records in proptest::collection::vec(any_record(), 1..20),
    ) {
        let batch = built(codec, base, sequence, &mut records);
        prop_assert_eq!(batch.check_crc(), Ok(()));
        let read: Result<Vec<_>, _> = batch.records().unwrap().collect();
        prop_assert_eq!(read.as_ref(), Ok(&records));
        prop_assert_eq!(batch.last_offset(), records.last().unwrap().offset);
        let max = records.iter().map(|record| record.timestamp).max();
        prop_assert_eq!(Some(batch.max_timestamp()), max);
        let again = Batch::first(&batch.to_bytes());
        prop_assert_eq!(again.as_ref(), Ok(&batch));
    }

    #[test]
    fn a_flipped_byte_is_noticed_or_harmless(
        codec in 0i16..5,
        mut records in proptest::collection::vec(any_record(), 1..5),
        at in any::<usize>(),
        with in 1u8..,
    ) {
        let sound = built(codec, 3, 0, &mut records);
        let mut bytes = sound.to_bytes().to_vec();
        let at = at % bytes.len();
        bytes[at] ^= with;
        if let Ok(flipped) = Batch::first(&Bytes::from(bytes)) {
            // Neither of these is covered by the checksum, and neither changes a record's bytes.
            let uncovered = at < 8 || (12..16).contains(&at);
            prop_assert_eq!(flipped.check_crc().is_ok(), uncovered);
            if let Ok(read) = flipped.records_within(1 << 20) {
                prop_assert!(read.count() <= flipped.record_count() as usize);
            }
        }
    }

    #[test]
    fn random_and_cut_payloads_never_panic(
        codec in 0i16..5,
        count in -2i32..10,
        payload in proptest::collection::vec(any::<u8>(), 0..60),
        cut in any::<usize>(),
        mut records in proptest::collection::vec(any_record(), 1..5),
    ) {
        let mut random = with_payload(count, &payload);
        random.set_attributes(Attributes(codec));
        if let Ok(read) = random.records_within(1 << 20) {
            prop_assert!(read.count() <= 10);
        }
        let sound = built(codec, 0, -1, &mut records);
        let cut = cut % sound.payload().len();
        let cut = Batch::from_parts(*sound.header(), sound.payload().slice(..cut));
        let read: Result<Vec<_>, _> = match cut.records() {
            Ok(read) => read.collect(),
            Err(error) => Err(error),
        };
        // An end mark that is cut off matters to no one when all records were before it.
        if let Ok(read) = read {
            prop_assert_eq!(read, records);
        }
    }
}
