//! The two framings that Kafka's ecosystem shares with few others: xerial's around snappy, and lz4 frames as
//! Kafka restricts them.

use std::mem;

use bytes::Bytes;
use twox_hash::XxHash32;

use super::{BatchError, kept::Buffer};

/// What a framed snappy stream begins with: the magic, then two i32: the version and the oldest compatible one.
const SNAPPY_MAGIC: [u8; 8] = [0x82, b'S', b'N', b'A', b'P', b'P', b'Y', 0];
const SNAPPY_HEADER: usize = 16;
/// Uncompressed bytes in one snappy block that is written.
const SNAPPY_BLOCK: usize = 32 * 1024;
/// No snappy element yields more than 64 bytes for 3; a length beyond this is a lie.
const SNAPPY_MOST_PER_BYTE: usize = 32;

const LZ4_MAGIC: u32 = 0x184D_2204;
const LZ4_STORED: u32 = 0x8000_0000;
const LZ4_BLOCK: usize = 64 * 1024;
/// Version 1, independent blocks; none of the optional fields.
const LZ4_FLAGS: u8 = 0x60;
/// Blocks of 64 KiB.
const LZ4_DESCRIPTOR: u8 = 0x40;
/// No lz4 block yields more than this for a byte.
const LZ4_MOST_PER_BYTE: usize = 255;

/// Snappy in xerial's framing: the header, then blocks of at most 32 KiB, each after its compressed length.
pub(super) fn snappy(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(SNAPPY_HEADER + snap::raw::max_compress_len(bytes.len()));
    out.extend_from_slice(&SNAPPY_MAGIC);
    out.extend_from_slice(&1i32.to_be_bytes());
    out.extend_from_slice(&1i32.to_be_bytes());
    let mut encoder = snap::raw::Encoder::new();
    let mut block = vec![0; snap::raw::max_compress_len(SNAPPY_BLOCK.min(bytes.len()))];
    for chunk in bytes.chunks(SNAPPY_BLOCK) {
        let len = encoder
            .compress(chunk, &mut block)
            .expect("the block has room for the worst case");
        out.extend_from_slice(&(len as i32).to_be_bytes());
        out.extend_from_slice(&block[..len]);
    }
    out
}

/// One lz4 frame as Kafka writes it: independent blocks of 64 KiB, no checksum of blocks or content.
pub(super) fn lz4(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(64 + bytes.len() / 2);
    out.extend_from_slice(&LZ4_MAGIC.to_le_bytes());
    out.extend_from_slice(&[LZ4_FLAGS, LZ4_DESCRIPTOR]);
    out.push(descriptor_checksum(&[LZ4_FLAGS, LZ4_DESCRIPTOR]));
    let most = lz4_flex::block::get_maximum_output_size(LZ4_BLOCK.min(bytes.len()));
    let mut block = vec![0; most];
    for chunk in bytes.chunks(LZ4_BLOCK) {
        let len = lz4_flex::block::compress_into(chunk, &mut block)
            .expect("the block has room for the worst case");
        if len < chunk.len() {
            out.extend_from_slice(&(len as u32).to_le_bytes());
            out.extend_from_slice(&block[..len]);
        } else {
            out.extend_from_slice(&(chunk.len() as u32 | LZ4_STORED).to_le_bytes());
            out.extend_from_slice(chunk);
        }
    }
    out.extend_from_slice(&0u32.to_le_bytes());
    out
}

fn descriptor_checksum(descriptor: &[u8]) -> u8 {
    (XxHash32::oneshot(0, descriptor) >> 8) as u8
}

/// Input that is read from the front.
struct Input(Bytes);

impl Input {
    fn take(&mut self, len: usize) -> Result<Bytes, BatchError> {
        if len > self.0.len() {
            return Err(BatchError::Compression);
        }
        Ok(self.0.split_to(len))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], BatchError> {
        let mut array = [0; N];
        array.copy_from_slice(&self.take(N)?);
        Ok(array)
    }
}

/// One decompressed block, read from the front.
#[derive(Default)]
struct Block {
    bytes: Buffer,
    at: usize,
    end: usize,
}

impl Block {
    fn is_empty(&self) -> bool {
        self.at == self.end
    }

    /// Room for the next block, which says with `end` how long it is.
    fn room(&mut self, len: usize) -> &mut [u8] {
        (self.at, self.end) = (0, 0);
        self.bytes.room(len)
    }

    /// What is left of it, in exchange for memory for the next one; how many bytes.
    fn exchange(&mut self, into: &mut Buffer) -> usize {
        let len = self.end - self.at;
        if self.at > 0 {
            return self.read(into.room(len));
        }
        mem::swap(&mut self.bytes, into);
        self.end = 0;
        len
    }

    fn read(&mut self, into: &mut [u8]) -> usize {
        let len = into.len().min(self.end - self.at);
        into[..len].copy_from_slice(&self.bytes.bytes()[self.at..self.at + len]);
        self.at += len;
        len
    }
}

/// Reads snappy, framed or (as librdkafka and xerial's reader accept) one bare block.
pub(super) struct SnappyReader {
    input: Input,
    framed: bool,
    block: Block,
    limit: u64,
}

impl SnappyReader {
    pub(super) fn new(bytes: Bytes, limit: u64) -> Result<Self, BatchError> {
        let mut input = Input(bytes);
        let framed = input.0.len() >= SNAPPY_HEADER && input.0.starts_with(&SNAPPY_MAGIC);
        if framed {
            input.take(SNAPPY_MAGIC.len())?;
            Self::versions(&mut input)?;
        }
        Ok(Self {
            input,
            framed,
            block: Block::default(),
            limit,
        })
    }

    /// The two versions, which no reader looks at: there has been only one.
    fn versions(input: &mut Input) -> Result<(), BatchError> {
        input.take(8).map(|_| ())
    }

    /// Bytes into `into`; 0 at the end.
    pub(super) fn read(&mut self, into: &mut [u8]) -> Result<usize, BatchError> {
        while self.block.is_empty() {
            if self.input.0.is_empty() {
                return Ok(0);
            }
            let compressed = if self.framed {
                let head = self.input.array::<4>()?;
                // Streams may follow each other.
                if head == SNAPPY_MAGIC[..4] {
                    if self.input.array::<4>()? != SNAPPY_MAGIC[4..] {
                        return Err(BatchError::Compression);
                    }
                    Self::versions(&mut self.input)?;
                    continue;
                }
                let len = usize::try_from(i32::from_be_bytes(head))
                    .map_err(|_| BatchError::Compression)?;
                self.input.take(len)?
            } else {
                mem::take(&mut self.input.0)
            };
            self.decompress(&compressed)?;
        }
        Ok(self.block.read(into))
    }

    fn decompress(&mut self, compressed: &[u8]) -> Result<(), BatchError> {
        let len = snap::raw::decompress_len(compressed).map_err(|_| BatchError::Compression)?;
        if compressed.is_empty() || len > compressed.len().saturating_mul(SNAPPY_MOST_PER_BYTE) {
            return Err(BatchError::Compression);
        }
        if len as u64 > self.limit {
            return Err(BatchError::Grows { limit: self.limit });
        }
        self.block.end = snap::raw::Decoder::new()
            .decompress(compressed, self.block.room(len))
            .map_err(|_| BatchError::Compression)?;
        Ok(())
    }
}

/// Reads one lz4 frame. What follows it is not looked at, blocks must be independent, and a checksum of the
/// content is passed over: all as Kafka's reader does.
pub(super) struct Lz4Reader {
    input: Input,
    most: usize,
    block_checksums: bool,
    content_checksum: bool,
    block: Block,
    finished: bool,
}

impl Lz4Reader {
    /// No block is longer.
    pub(super) const BLOCK_MAX: usize = 4 << 20;

    /// `checked` is false for message sets of magic 0, whose writers got the descriptor's checksum wrong.
    pub(super) fn new(bytes: Bytes, checked: bool) -> Result<Self, BatchError> {
        let mut input = Input(bytes);
        if u32::from_le_bytes(input.array()?) != LZ4_MAGIC {
            return Err(BatchError::Compression);
        }
        let descriptor = input.0.clone();
        let [flags, sizes] = input.array()?;
        // Version 1 and independent blocks; the reserved bits are 0.
        if flags & 0b1110_0011 != LZ4_FLAGS || sizes & 0b1000_1111 != 0 || sizes >> 4 < 4 {
            return Err(BatchError::Compression);
        }
        let content_size = flags & 0b1000 != 0;
        if content_size {
            input.take(8)?;
        }
        let len = if content_size { 10 } else { 2 };
        let [checksum] = input.array()?;
        if checked && checksum != descriptor_checksum(&descriptor[..len]) {
            return Err(BatchError::Compression);
        }
        Ok(Self {
            input,
            most: 1 << (2 * (sizes >> 4) + 8),
            block_checksums: flags & 0b1_0000 != 0,
            content_checksum: flags & 0b100 != 0,
            block: Block::default(),
            finished: false,
        })
    }

    /// Bytes into `into`; 0 at the end.
    pub(super) fn read(&mut self, into: &mut [u8]) -> Result<usize, BatchError> {
        self.advance()?;
        Ok(self.block.read(into))
    }

    /// The rest of a block in `into`, without copying it; how many bytes, 0 at the end.
    pub(super) fn exchange(&mut self, into: &mut Buffer) -> Result<usize, BatchError> {
        self.advance()?;
        Ok(self.block.exchange(into))
    }

    /// To the next bytes, unless it is at the end.
    fn advance(&mut self) -> Result<(), BatchError> {
        while self.block.is_empty() && !self.finished {
            self.next_block()?;
        }
        Ok(())
    }

    fn next_block(&mut self) -> Result<(), BatchError> {
        let head = u32::from_le_bytes(self.input.array()?);
        let len = (head & !LZ4_STORED) as usize;
        if len == 0 {
            self.finished = true;
            if self.content_checksum {
                self.input.take(4)?;
            }
            return Ok(());
        }
        if len > self.most {
            return Err(BatchError::Compression);
        }
        let bytes = self.input.take(len)?;
        if self.block_checksums
            && u32::from_le_bytes(self.input.array()?) != XxHash32::oneshot(0, &bytes)
        {
            return Err(BatchError::Compression);
        }
        if head & LZ4_STORED != 0 {
            self.block.room(len).copy_from_slice(&bytes);
            self.block.end = len;
            return Ok(());
        }
        let room = self.most.min(len.saturating_mul(LZ4_MOST_PER_BYTE) + 64);
        self.block.end = lz4_flex::block::decompress_into(&bytes, self.block.room(room))
            .map_err(|_| BatchError::Compression)?;
        Ok(())
    }
}
