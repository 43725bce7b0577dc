//! Batches of some KiB that decompress to more than any batch may have: they cost what the limit says and no more.

use bytes::Bytes;
use ottla_wire::records::{
    Batch, BatchBuilder, BatchError, Codec, DECOMPRESSED_LIMIT, Origin, Refused, Rules,
    TimestampType, batch::HEADER_SIZE, decompress, validate,
};

const BLOCK: usize = 128 << 10;

/// A zstd frame that begins with `start` and goes on with zeros: 4 bytes for each 128 KiB.
fn bomb(start: &[u8], size: u64) -> Bytes {
    // Magic, no size of the content, a window of 128 KiB.
    let mut frame = vec![0x28, 0xB5, 0x2F, 0xFD, 0, 7 << 3];
    let mut block = |kind: usize, len: usize, is_last: bool, content: &[u8]| {
        let head = usize::from(is_last) | kind << 1 | len << 3;
        frame.extend_from_slice(&head.to_le_bytes()[..3]);
        frame.extend_from_slice(content);
    };
    block(0, start.len(), false, start);
    for _ in 0..size / BLOCK as u64 {
        block(1, BLOCK, false, &[0]);
    }
    block(1, BLOCK, true, &[0]);
    frame.into()
}

/// A batch that says it has one record, and whose payload is `payload` in zstd.
fn batch(payload: Bytes) -> Batch {
    let mut builder = BatchBuilder::new(Codec::Zstd);
    builder.append(0, None, None, &[]).expect("it fits");
    let header: [u8; HEADER_SIZE] = *builder.build().expect("a batch").header();
    Batch::from_parts(header, payload)
}

fn rules(codec: Option<Codec>) -> Rules {
    Rules {
        origin: Origin::Client { zstd: true },
        codec,
        level: None,
        timestamp_type: TimestampType::CreateTime,
        before_max_ms: i64::MAX,
        after_max_ms: i64::MAX,
        compact: false,
        max_batch: 1 << 20,
        max_record: 1 << 20,
    }
}

#[test]
fn a_bomb_is_given_up_on() {
    let limit = DECOMPRESSED_LIMIT;
    let bytes = bomb(&[], 2 * limit);
    assert!(bytes.len() < 40_000);
    assert_eq!(
        decompress(Codec::Zstd, &bytes, limit),
        Err(BatchError::Grows { limit })
    );

    // A record that says it has nearly 2 GiB.
    let endless = batch(bomb(&[0xFE, 0xFF, 0xFF, 0xFF, 0x0F, 0, 0, 0, 1], 2 * limit));
    let mut records = endless.records().expect("records");
    assert!(matches!(
        records.next(),
        Some(Err(BatchError::Grows { .. }))
    ));
    assert_eq!(records.next(), None);
    for codec in [None, Some(Codec::Lz4)] {
        let refused = validate(&endless.to_bytes(), &rules(codec), 0);
        assert!(
            matches!(
                refused,
                Err(Refused::Malformed(BatchError::RecordSize { .. }))
            ),
            "{refused:?}"
        );
    }

    // One sound record, and after it more than there may be.
    let start = [14, 0, 0, 0, 1, 1, 0, 0];
    let trailing = validate(&batch(bomb(&start, 2 * limit)).to_bytes(), &rules(None), 0);
    assert!(
        matches!(trailing, Err(Refused::Malformed(_))),
        "{trailing:?}"
    );
}
