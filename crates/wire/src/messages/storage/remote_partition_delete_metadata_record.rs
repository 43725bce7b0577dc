//! `RemotePartitionDeleteMetadataRecord`: record type 2, versions 0. Written by `cargo xtask codegen`: do not edit.

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

/// `RemotePartitionDeleteMetadataRecord`: record type 2, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct RemotePartitionDeleteMetadataRecord {
    /// Versions 0+.
    pub topic_id_partition: TopicIdPartitionEntry,
    /// Versions 0+.
    pub broker_id: i32,
    /// Versions 0+.
    pub event_timestamp_ms: i64,
    /// Versions 0+.
    pub remote_partition_delete_state: i8,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for RemotePartitionDeleteMetadataRecord {
    const NAME: &'static str = "RemotePartitionDeleteMetadataRecord";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.topic_id_partition = TopicIdPartitionEntry::read(from, version)?;
        it.broker_id = from.i32()?;
        it.event_timestamp_ms = from.i64()?;
        it.remote_partition_delete_state = from.i8()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        self.topic_id_partition.write(to, version)?;
        to.i32(self.broker_id);
        to.i64(self.event_timestamp_ms);
        to.i8(self.remote_partition_delete_state);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl RemotePartitionDeleteMetadataRecord {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.topic_id_partition = TopicIdPartitionEntry::random(source, version);
        }
        if source.sets() {
            it.broker_id = source.i32();
        }
        if source.sets() {
            it.event_timestamp_ms = source.i64();
        }
        if source.sets() {
            it.remote_partition_delete_state = source.i8();
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`RemotePartitionDeleteMetadataRecord`], versions 0.
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

impl RemotePartitionDeleteMetadataRecord {
    /// The record type, as its frame says it.
    pub const KEY: i16 = 2;
}
