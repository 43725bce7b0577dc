//! `StreamsGroupMetadataValue`: record type 17, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::TagWriter;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `StreamsGroupMetadataValue`: record type 17, versions 0.
#[derive(Clone, PartialEq, Debug)]
pub struct StreamsGroupMetadataValue {
    /// Versions 0+.
    pub epoch: i32,
    /// Versions 0+.
    pub metadata_hash: i64,
    /// Versions 0+, tagged 0+; -1 by default.
    pub validated_topology_epoch: i32,
    /// Versions 0+, tagged 0+, nullable 0+.
    pub last_assignment_configs: Option<Vec<LastAssignmentConfig>>,
    /// Versions 0+, tagged 0+; -1 by default.
    pub stored_description_topology_epoch: i32,
    /// Versions 0+, tagged 0+; -1 by default.
    pub failed_description_topology_epoch: i32,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for StreamsGroupMetadataValue {
    fn default() -> Self {
        Self {
            epoch: 0,
            metadata_hash: 0,
            validated_topology_epoch: -1,
            last_assignment_configs: Some(Vec::new()),
            stored_description_topology_epoch: -1,
            failed_description_topology_epoch: -1,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for StreamsGroupMetadataValue {
    const NAME: &'static str = "StreamsGroupMetadataValue";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.epoch = from.i32()?;
        it.metadata_hash = from.i64()?;
        it.unknown_tags = from.tags(|tag, from| {
            match tag {
                0 => it.validated_topology_epoch = from.i32()?,
                1 => {
                    it.last_assignment_configs =
                        from.nullable_items(true, |from| LastAssignmentConfig::read(from, version))?
                }
                2 => it.stored_description_topology_epoch = from.i32()?,
                3 => it.failed_description_topology_epoch = from.i32()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.epoch);
        to.i64(self.metadata_hash);
        let mut tags = TagWriter::new(&self.unknown_tags, "StreamsGroupMetadataValue");
        if self.validated_topology_epoch != -1 {
            tags.field(0, |to| {
                to.i32(self.validated_topology_epoch);
                Ok(())
            })?;
        }
        if self
            .last_assignment_configs
            .as_ref()
            .is_none_or(|value| !value.is_empty())
        {
            tags.field(1, |to| {
                to.length(self.last_assignment_configs.as_ref().map(Vec::len), true);
                for item in self.last_assignment_configs.iter().flatten() {
                    item.write(to, version)?;
                }
                Ok(())
            })?;
        }
        if self.stored_description_topology_epoch != -1 {
            tags.field(2, |to| {
                to.i32(self.stored_description_topology_epoch);
                Ok(())
            })?;
        }
        if self.failed_description_topology_epoch != -1 {
            tags.field(3, |to| {
                to.i32(self.failed_description_topology_epoch);
                Ok(())
            })?;
        }
        tags.finish(to);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl StreamsGroupMetadataValue {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.epoch = source.i32();
        }
        if source.sets() {
            it.metadata_hash = source.i64();
        }
        if source.sets() {
            it.validated_topology_epoch = source.i32();
        }
        if source.sets() {
            it.last_assignment_configs = source.nullable(true, |source| {
                source.items(|source| LastAssignmentConfig::random(source, version))
            });
        }
        if source.sets() {
            it.stored_description_topology_epoch = source.i32();
        }
        if source.sets() {
            it.failed_description_topology_epoch = source.i32();
        }
        it.unknown_tags = source.tags();
        it
    }
}

/// Part of [`StreamsGroupMetadataValue`], versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct LastAssignmentConfig {
    /// Versions 0+.
    pub key: String,
    /// Versions 0+.
    pub value: String,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl LastAssignmentConfig {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.key = from.string(true)?;
        it.value = from.string(true)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.key, true), "LastAssignmentConfig", "key")?;
        place(
            to.string(&self.value, true),
            "LastAssignmentConfig",
            "value",
        )?;
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl LastAssignmentConfig {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.key = source.string();
        }
        if source.sets() {
            it.value = source.string();
        }
        it.unknown_tags = source.tags();
        it
    }
}
