//! `PartitionChangeRecord`: record type 5, versions 0-2. Written by `cargo xtask codegen`: do not edit.

use crate::Uuid;
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

/// `PartitionChangeRecord`: record type 5, versions 0-2.
#[derive(Clone, PartialEq, Debug)]
pub struct PartitionChangeRecord {
    /// Versions 0+; -1 by default.
    pub partition_id: i32,
    /// Versions 0+.
    pub topic_id: Uuid,
    /// Versions 0+, tagged 0+, nullable 0+; null by default (`brokerId`).
    pub isr: Option<Vec<i32>>,
    /// Versions 0+, tagged 0+; -2 by default (`brokerId`).
    pub leader: i32,
    /// Versions 0+, tagged 0+, nullable 0+; null by default (`brokerId`).
    pub replicas: Option<Vec<i32>>,
    /// Versions 0+, tagged 0+, nullable 0+; null by default (`brokerId`).
    pub removing_replicas: Option<Vec<i32>>,
    /// Versions 0+, tagged 0+, nullable 0+; null by default (`brokerId`).
    pub adding_replicas: Option<Vec<i32>>,
    /// Versions 0+, tagged 0+; -1 by default.
    pub leader_recovery_state: i8,
    /// Versions 1+, tagged 1+, nullable 1+; null by default.
    pub directories: Option<Vec<Uuid>>,
    /// Versions 2+, tagged 2+, nullable 2+; null by default (`brokerId`).
    pub eligible_leader_replicas: Option<Vec<i32>>,
    /// Versions 2+, tagged 2+, nullable 2+; null by default (`brokerId`).
    pub last_known_elr: Option<Vec<i32>>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for PartitionChangeRecord {
    fn default() -> Self {
        Self {
            partition_id: -1,
            topic_id: Uuid::ZERO,
            isr: None,
            leader: -2,
            replicas: None,
            removing_replicas: None,
            adding_replicas: None,
            leader_recovery_state: -1,
            directories: None,
            eligible_leader_replicas: None,
            last_known_elr: None,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for PartitionChangeRecord {
    const NAME: &'static str = "PartitionChangeRecord";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=2;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.partition_id = from.i32()?;
        it.topic_id = from.uuid()?;
        it.unknown_tags = from.tags(|tag, from| {
            match tag {
                0 => it.isr = from.nullable_items(true, Reader::i32)?,
                1 => it.leader = from.i32()?,
                2 => it.replicas = from.nullable_items(true, Reader::i32)?,
                3 => it.removing_replicas = from.nullable_items(true, Reader::i32)?,
                4 => it.adding_replicas = from.nullable_items(true, Reader::i32)?,
                5 => it.leader_recovery_state = from.i8()?,
                8 if version >= 1 => it.directories = from.nullable_items(true, Reader::uuid)?,
                8 => return Err(from.malformed("tagged field of another version")),
                6 if version >= 2 => {
                    it.eligible_leader_replicas = from.nullable_items(true, Reader::i32)?
                }
                6 => return Err(from.malformed("tagged field of another version")),
                7 if version >= 2 => it.last_known_elr = from.nullable_items(true, Reader::i32)?,
                7 => return Err(from.malformed("tagged field of another version")),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.partition_id);
        to.uuid(self.topic_id);
        if version < 1 {
            place(
                self.directories.is_none(),
                "PartitionChangeRecord",
                "directories",
            )?;
        }
        if version < 2 {
            place(
                self.eligible_leader_replicas.is_none(),
                "PartitionChangeRecord",
                "eligible_leader_replicas",
            )?;
        }
        if version < 2 {
            place(
                self.last_known_elr.is_none(),
                "PartitionChangeRecord",
                "last_known_elr",
            )?;
        }
        let mut tags = TagWriter::new(&self.unknown_tags, "PartitionChangeRecord");
        if self.isr.is_some() {
            tags.field(0, |to| {
                to.length(self.isr.as_ref().map(Vec::len), true);
                for item in self.isr.iter().flatten() {
                    to.i32(*item);
                }
                Ok(())
            })?;
        }
        if self.leader != -2 {
            tags.field(1, |to| {
                to.i32(self.leader);
                Ok(())
            })?;
        }
        if self.replicas.is_some() {
            tags.field(2, |to| {
                to.length(self.replicas.as_ref().map(Vec::len), true);
                for item in self.replicas.iter().flatten() {
                    to.i32(*item);
                }
                Ok(())
            })?;
        }
        if self.removing_replicas.is_some() {
            tags.field(3, |to| {
                to.length(self.removing_replicas.as_ref().map(Vec::len), true);
                for item in self.removing_replicas.iter().flatten() {
                    to.i32(*item);
                }
                Ok(())
            })?;
        }
        if self.adding_replicas.is_some() {
            tags.field(4, |to| {
                to.length(self.adding_replicas.as_ref().map(Vec::len), true);
                for item in self.adding_replicas.iter().flatten() {
                    to.i32(*item);
                }
                Ok(())
            })?;
        }
        if self.leader_recovery_state != -1 {
            tags.field(5, |to| {
                to.i8(self.leader_recovery_state);
                Ok(())
            })?;
        }
        if version >= 2 && self.eligible_leader_replicas.is_some() {
            tags.field(6, |to| {
                to.length(self.eligible_leader_replicas.as_ref().map(Vec::len), true);
                for item in self.eligible_leader_replicas.iter().flatten() {
                    to.i32(*item);
                }
                Ok(())
            })?;
        }
        if version >= 2 && self.last_known_elr.is_some() {
            tags.field(7, |to| {
                to.length(self.last_known_elr.as_ref().map(Vec::len), true);
                for item in self.last_known_elr.iter().flatten() {
                    to.i32(*item);
                }
                Ok(())
            })?;
        }
        if version >= 1 && self.directories.is_some() {
            tags.field(8, |to| {
                to.length(self.directories.as_ref().map(Vec::len), true);
                for item in self.directories.iter().flatten() {
                    to.uuid(*item);
                }
                Ok(())
            })?;
        }
        tags.finish(to);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl PartitionChangeRecord {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.partition_id = source.i32();
        }
        if source.sets() {
            it.topic_id = source.uuid();
        }
        if source.sets() {
            it.isr = source.nullable(true, |source| source.items(|source| source.i32()));
        }
        if source.sets() {
            it.leader = source.i32();
        }
        if source.sets() {
            it.replicas = source.nullable(true, |source| source.items(|source| source.i32()));
        }
        if source.sets() {
            it.removing_replicas =
                source.nullable(true, |source| source.items(|source| source.i32()));
        }
        if source.sets() {
            it.adding_replicas =
                source.nullable(true, |source| source.items(|source| source.i32()));
        }
        if source.sets() {
            it.leader_recovery_state = source.i8();
        }
        if version >= 1 && source.sets() {
            it.directories = source.nullable(true, |source| source.items(|source| source.uuid()));
        }
        if version >= 2 && source.sets() {
            it.eligible_leader_replicas =
                source.nullable(true, |source| source.items(|source| source.i32()));
        }
        if version >= 2 && source.sets() {
            it.last_known_elr = source.nullable(true, |source| source.items(|source| source.i32()));
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl PartitionChangeRecord {
    /// The record type, as its frame says it.
    pub const KEY: i16 = 5;
}
