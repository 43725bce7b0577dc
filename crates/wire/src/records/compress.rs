//! Compressing and decompressing records in the framings of Kafka's clients and brokers.
//!
//! Decompression is a stream with a bound, so that a small batch that pretends to be a large one costs neither
//! memory nor time beyond the bound.

use std::io::{Read, Write};

use bytes::{Buf, Bytes, buf::Reader};
use flate2::{Compression, bufread::MultiGzDecoder, write::GzEncoder};
use zstd::stream::zio;

use super::{
    BatchError, Codec,
    framing::{self, Lz4Reader, SnappyReader},
    kept::{Buffer, ZstdContext},
};

/// How many bytes a batch may have when decompressed, unless its reader says otherwise: 512 MiB.
///
/// That is 512 times the default `max.message.bytes`: more than any batch that was compressed in earnest, and little
/// enough that a bomb is given up on within a second.
pub const DECOMPRESSED_LIMIT: u64 = 512 << 20;

/// Decompressed bytes are read this many at a time.
pub(super) const CHUNK: usize = 64 * 1024;

/// Compresses `bytes` in Kafka's framing; with [`Codec::None`], copies them.
///
/// `level` is Kafka's (`compression.gzip.level` and so on): gzip −1 (the default) or 1 to 9, zstd −131072 to 22 with 3
/// as the default. A level out of range is taken as the nearest one. It is accepted for lz4, and makes no
/// difference: this build has only lz4's fast mode. Snappy has no levels.
pub fn compress(codec: Codec, level: Option<i32>, bytes: &[u8]) -> Bytes {
    match codec {
        Codec::None => Bytes::copy_from_slice(bytes),
        Codec::Gzip => {
            let level = match level {
                None | Some(..0) => Compression::default(),
                Some(level) => Compression::new(level.clamp(1, 9) as u32),
            };
            let mut encoder = GzEncoder::new(Vec::with_capacity(64 + bytes.len() / 4), level);
            encoder
                .write_all(bytes)
                .and_then(|()| encoder.finish())
                .expect("memory takes what is written")
                .into()
        }
        Codec::Snappy => framing::snappy(bytes).into(),
        Codec::Lz4 => framing::lz4(bytes).into(),
        Codec::Zstd => {
            let level = level.unwrap_or(3).clamp(-131_072, 22);
            zstd::bulk::compress(bytes, level)
                .expect("zstd compresses anything that fits in memory")
                .into()
        }
    }
}

/// Decompresses all of `bytes`, to at most `limit` bytes.
pub fn decompress(codec: Codec, bytes: &Bytes, limit: u64) -> Result<Bytes, BatchError> {
    if codec == Codec::None {
        if bytes.len() as u64 > limit {
            return Err(BatchError::Grows { limit });
        }
        return Ok(bytes.clone());
    }
    Decompressor::new(codec, bytes.clone(), limit)?.read_all()
}

enum Stream {
    Plain(Reader<Bytes>),
    Gzip(Box<MultiGzDecoder<Reader<Bytes>>>),
    Snappy(Box<SnappyReader>),
    Lz4(Box<Lz4Reader>),
    Zstd(zio::Reader<Reader<Bytes>, ZstdContext>),
}

/// A stream of decompressed bytes that ends in an error when it grows past its limit.
pub struct Decompressor {
    stream: Stream,
    left: u64,
    limit: u64,
}

impl Decompressor {
    /// Of `bytes`, which may decompress to `limit` bytes.
    pub fn new(codec: Codec, bytes: Bytes, limit: u64) -> Result<Self, BatchError> {
        let stream = match codec {
            Codec::None => Stream::Plain(bytes.reader()),
            Codec::Gzip => Stream::Gzip(Box::new(MultiGzDecoder::new(bytes.reader()))),
            Codec::Snappy => Stream::Snappy(Box::new(SnappyReader::new(bytes, limit)?)),
            Codec::Lz4 => Stream::Lz4(Box::new(Lz4Reader::new(bytes, true)?)),
            Codec::Zstd => {
                let context = ZstdContext::new().map_err(|_| BatchError::Compression)?;
                Stream::Zstd(zio::Reader::new(bytes.reader(), context))
            }
        };
        Ok(Self::of(stream, limit))
    }

    /// As [`Decompressor::new`], for the value of a message of magic 0: the checksum of lz4's frame descriptor was
    /// computed over the wrong bytes then, and is not looked at.
    pub fn magic_v0(codec: Codec, bytes: Bytes, limit: u64) -> Result<Self, BatchError> {
        if codec == Codec::Lz4 {
            let reader = Lz4Reader::new(bytes, false)?;
            return Ok(Self::of(Stream::Lz4(Box::new(reader)), limit));
        }
        Self::new(codec, bytes, limit)
    }

    fn of(stream: Stream, limit: u64) -> Self {
        Self {
            stream,
            left: limit,
            limit,
        }
    }

    /// Bytes into `into`: how many, 0 at the end.
    pub fn read(&mut self, into: &mut [u8]) -> Result<usize, BatchError> {
        // One more than is allowed, to tell a stream that ends there from one that does not.
        let most = usize::try_from(self.left.saturating_add(1)).unwrap_or(usize::MAX);
        let len = into.len().min(most);
        let into = &mut into[..len];
        let failed = |_| BatchError::Compression;
        let read = match &mut self.stream {
            Stream::Plain(bytes) => bytes.read(into).map_err(failed)?,
            Stream::Gzip(gzip) => gzip.read(into).map_err(failed)?,
            Stream::Snappy(snappy) => snappy.read(into)?,
            Stream::Lz4(lz4) => lz4.read(into)?,
            Stream::Zstd(zstd) => zstd.read(into).map_err(failed)?,
        };
        self.left = self
            .left
            .checked_sub(read as u64)
            .ok_or(BatchError::Grows { limit: self.limit })?;
        Ok(read)
    }

    /// The next bytes in `into`, which may get other memory: how many, 0 at the end.
    pub(super) fn chunk(&mut self, into: &mut Buffer) -> Result<usize, BatchError> {
        match &mut self.stream {
            // Nearer to the limit, bytes count one by one.
            Stream::Lz4(lz4) if self.left >= Lz4Reader::BLOCK_MAX as u64 => {
                let len = lz4.exchange(into)?;
                self.left -= len as u64;
                Ok(len)
            }
            _ => self.read(into.room(CHUNK)),
        }
    }

    /// All that is left. Memory grows with what is there, doubling from one chunk.
    pub fn read_all(mut self) -> Result<Bytes, BatchError> {
        let mut whole = Vec::new();
        loop {
            let at = whole.len();
            whole.resize(at + at.max(CHUNK), 0);
            let mut end = at;
            while end < whole.len() {
                match self.read(&mut whole[end..])? {
                    0 => {
                        whole.truncate(end);
                        return Ok(whole.into());
                    }
                    len => end += len,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CODECS: [Codec; 5] = [
        Codec::None,
        Codec::Gzip,
        Codec::Snappy,
        Codec::Lz4,
        Codec::Zstd,
    ];

    fn noise(len: usize) -> Vec<u8> {
        let mut x = 1u64;
        (0..len)
            .map(|_| {
                x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (x >> 56) as u8
            })
            .collect()
    }

    #[test]
    fn what_was_compressed_comes_back() {
        for codec in CODECS {
            for len in [0, 1, 100, 32 * 1024, 64 * 1024, 64 * 1024 + 1, 200_000] {
                for bytes in [vec![7; len], noise(len)] {
                    for level in [None, Some(-1), Some(1), Some(99)] {
                        let small = compress(codec, level.filter(|l| len < 1000 || *l < 9), &bytes);
                        let back = decompress(codec, &small, len as u64);
                        assert_eq!(back.as_deref(), Ok(bytes.as_slice()), "{codec:?} {len}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_bomb_is_given_up_on_at_the_limit() {
        let bytes = vec![0; 4 << 20];
        for codec in CODECS {
            let small = compress(codec, None, &bytes);
            let limit = bytes.len() as u64 - 1;
            assert_eq!(
                decompress(codec, &small, limit),
                Err(BatchError::Grows { limit }),
                "{codec:?}"
            );
        }
    }

    #[test]
    fn snappy_may_be_bare_or_concatenated() {
        let bare = snap::raw::Encoder::new()
            .compress_vec(b"bare block")
            .unwrap();
        let read = decompress(Codec::Snappy, &bare.into(), 100);
        assert_eq!(read.as_deref(), Ok(&b"bare block"[..]));
        let mut twice = compress(Codec::Snappy, None, b"one ").to_vec();
        twice.extend_from_slice(&compress(Codec::Snappy, None, b"two"));
        let read = decompress(Codec::Snappy, &twice.into(), 100);
        assert_eq!(read.as_deref(), Ok(&b"one two"[..]));
        // A bare block that says it has 4 GiB.
        let lie = Bytes::from_static(&[0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0, 1]);
        assert_eq!(
            decompress(Codec::Snappy, &lie, u64::MAX),
            Err(BatchError::Compression)
        );
    }

    #[test]
    fn lz4_descriptors_are_checked_except_in_magic_v0() {
        let mut frame = compress(Codec::Lz4, None, b"some bytes").to_vec();
        frame[6] ^= 1;
        let frame = Bytes::from(frame);
        assert_eq!(
            decompress(Codec::Lz4, &frame, 100),
            Err(BatchError::Compression)
        );
        let mut old = Decompressor::magic_v0(Codec::Lz4, frame.clone(), 100).unwrap();
        let mut read = [0; 32];
        let len = old.read(&mut read).unwrap();
        assert_eq!(&read[..len], b"some bytes");
        let mut dependent = frame.to_vec();
        dependent[4] = 0x40;
        assert!(Decompressor::magic_v0(Codec::Lz4, dependent.into(), 100).is_err());
    }

    #[test]
    fn kafka_writes_these_very_frames() {
        // 0x82 is the checksum that every lz4 frame of Kafka's begins with.
        let lz4 = compress(Codec::Lz4, None, b"");
        assert_eq!(&lz4[..7], [0x04, 0x22, 0x4D, 0x18, 0x60, 0x40, 0x82]);
        let snappy = compress(Codec::Snappy, None, b"");
        assert_eq!(&snappy[..], b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01");
    }

    proptest! {
        #[test]
        fn hostile_bytes_are_an_error_or_bytes(
            codec in 1i16..=4,
            mut bytes in proptest::collection::vec(any::<u8>(), 0..300),
            flips in proptest::collection::vec((any::<u16>(), any::<u8>()), 0..4),
            from_real in any::<bool>(),
            cut in any::<u16>(),
        ) {
            let codec = Codec::from_id(codec).unwrap();
            if from_real {
                bytes = compress(codec, None, &bytes).to_vec();
                for (at, with) in flips {
                    let at = usize::from(at) % bytes.len();
                    bytes[at] ^= with;
                }
                bytes.truncate(bytes.len() - usize::from(cut) % bytes.len());
            }
            let read = decompress(codec, &bytes.into(), 1 << 16);
            if let Ok(read) = read {
                prop_assert!(read.len() <= 1 << 16);
            }
        }
    }
}
