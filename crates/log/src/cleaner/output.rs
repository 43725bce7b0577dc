//! Writing a cleaned segment.

use bytes::Bytes;
use ottla_wire::records::{Batch, BatchHead};

use crate::error::LogError;
use crate::segment::{Segment, Written};

/// Collects batches and writes them in large pieces.
pub(super) struct Output<'a> {
    segment: &'a Segment,
    interval: u32,
    piece: usize,
    bytes: Vec<u8>,
    batches: Vec<Written>,
}

impl<'a> Output<'a> {
    /// To a new segment, with an index entry every `interval` bytes.
    pub(super) fn new(segment: &'a Segment, interval: u32, piece: usize) -> Self {
        Self {
            segment,
            interval,
            piece,
            bytes: Vec::new(),
            batches: Vec::new(),
        }
    }

    /// A batch as it was.
    pub(super) fn copy(&mut self, head: &BatchHead, bytes: &Bytes) {
        self.bytes.extend_from_slice(bytes);
        self.batches.push(Written {
            last_offset: head.last_offset,
            max_timestamp: head.max_timestamp,
            size: bytes.len() as u32,
        });
    }

    /// A batch that was built anew.
    pub(super) fn push(&mut self, batch: &Batch) {
        self.bytes.extend_from_slice(batch.header());
        self.bytes.extend_from_slice(batch.payload());
        self.batches.push(Written {
            last_offset: batch.last_offset(),
            max_timestamp: batch.max_timestamp(),
            size: batch.size_in_bytes() as u32,
        });
    }

    /// Writes if there is much to write: how many bytes.
    pub(super) fn write_if_much(&mut self) -> Result<u64, LogError> {
        if self.bytes.len() < self.piece {
            return Ok(0);
        }
        self.write()
    }

    /// Writes what there is: how many bytes.
    pub(super) fn write(&mut self) -> Result<u64, LogError> {
        let len = self.bytes.len() as u64;
        if len > 0 {
            self.segment
                .append_written(&self.bytes, &self.batches, self.interval)?;
            self.bytes.clear();
            self.batches.clear();
        }
        Ok(len)
    }
}
