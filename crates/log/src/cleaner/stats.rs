//! What one cleaning did.

/// Counts of one cleaning.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct CleanerStats {
    /// Bytes that were read to learn the last offset of each key.
    pub map_bytes_read: u64,
    /// Records that were read for that.
    pub map_records_read: u64,
    /// Bytes that were read to be cleaned.
    pub bytes_read: u64,
    /// Bytes of them that stayed.
    pub bytes_written: u64,
    /// Records that were read to be cleaned; those of batches that went as a whole are not counted.
    pub records_read: u64,
    /// Records of them that stayed.
    pub records_written: u64,
    /// Records without a key, which have no place in a compacted topic and are gone.
    pub records_without_key: u64,
    /// Segments that were read to be cleaned.
    pub segments_read: usize,
    /// Segments that took their place.
    pub segments_written: usize,
    /// The share of the offset map that was used, from 0 to 1.
    pub map_utilization: f64,
    /// The map was full before the end of the dirty part.
    pub map_was_full: bool,
}
