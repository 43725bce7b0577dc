//! `RemoteLogSegmentMetadataUpdateRecord`: record type 1, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::Uuid;
use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;
use bytes::Bytes;

/// `RemoteLogSegmentMetadataUpdateRecord`: record type 1, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct RemoteLogSegmentMetadataUpdateRecord {
    /// Versions 0+.
    pub remote_log_segment_id: RemoteLogSegmentIdEntry,
    /// Versions 0+.
    pub broker_id: i32,
    /// Versions 0+.
    pub event_timestamp_ms: i64,
    /// Versions 0+, nullable 0+; null by default.
    pub custom_metadata: Option<Bytes>,
    /// Versions 0+.
    pub remote_log_segment_state: i8,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for RemoteLogSegmentMetadataUpdateRecord {
    const NAME: &'static str = "RemoteLogSegmentMetadataUpdateRecord";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.remote_log_segment_id = RemoteLogSegmentIdEntry::read(from, version)?;
        it.broker_id = from.i32()?;
        it.event_timestamp_ms = from.i64()?;
        it.custom_metadata = from.nullable_bytes(true)?;
        it.remote_log_segment_state = from.i8()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        self.remote_log_segment_id.write(to, version)?;
        to.i32(self.broker_id);
        to.i64(self.event_timestamp_ms);
        to.nullable_bytes(self.custom_metadata.as_deref(), true);
        to.i8(self.remote_log_segment_state);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl RemoteLogSegmentMetadataUpdateRecord {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.remote_log_segment_id = RemoteLogSegmentIdEntry::random(source, version);
        }
        if source.sets() {
            it.broker_id = source.i32();
        }
        if source.sets() {
            it.event_timestamp_ms = source.i64();
        }
        if source.sets() {
            it.custom_metadata = source.nullable(true, |source| source.bytes());
        }
        if source.sets() {
            it.remote_log_segment_state = source.i8();
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`RemoteLogSegmentMetadataUpdateRecord`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct RemoteLogSegmentIdEntry {
    /// Versions 0+.
    pub topic_id_partition: TopicIdPartitionEntry,
    /// Versions 0+.
    pub id: Uuid,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl RemoteLogSegmentIdEntry {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.topic_id_partition = TopicIdPartitionEntry::read(from, version)?;
        it.id = from.uuid()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        self.topic_id_partition.write(to, version)?;
        to.uuid(self.id);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl RemoteLogSegmentIdEntry {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.topic_id_partition = TopicIdPartitionEntry::random(source, version);
        }
        if source.sets() {
            it.id = source.uuid();
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`RemoteLogSegmentMetadataUpdateRecord`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopicIdPartitionEntry {
    /// Versions 0+.
    pub name: String,
    /// Versions 0+.
    pub id: Uuid,
    /// Versions 0+.
    pub partition: i32,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl TopicIdPartitionEntry {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.name = from.string(true)?;
        it.id = from.uuid()?;
        it.partition = from.i32()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.name, true), "TopicIdPartitionEntry", "name")?;
        to.uuid(self.id);
        to.i32(self.partition);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl TopicIdPartitionEntry {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.id = source.uuid();
        }
        if source.sets() {
            it.partition = source.i32();
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl RemoteLogSegmentMetadataUpdateRecord {
    /// The record type, as its frame says it.
    pub const KEY: i16 = 1;
}
