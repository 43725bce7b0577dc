//! `PartitionRecord`: record type 3, versions 0-2. Written by `cargo xtask codegen`: do not edit.

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

/// `PartitionRecord`: record type 3, versions 0-2.
#[derive(Clone, PartialEq, Debug)]
pub struct PartitionRecord {
    /// Versions 0+; -1 by default.
    pub partition_id: i32,
    /// Versions 0+.
    pub topic_id: Uuid,
    /// Versions 0+ (`brokerId`).
    pub replicas: Vec<i32>,
    /// Versions 0+.
    pub isr: Vec<i32>,
    /// Versions 0+ (`brokerId`).
    pub removing_replicas: Vec<i32>,
    /// Versions 0+ (`brokerId`).
    pub adding_replicas: Vec<i32>,
    /// Versions 0+; -1 by default (`brokerId`).
    pub leader: i32,
    /// Versions 0+, tagged 0+; 0 by default.
    pub leader_recovery_state: i8,
    /// Versions 0+; -1 by default.
    pub leader_epoch: i32,
    /// Versions 0+; -1 by default.
    pub partition_epoch: i32,
    /// Versions 1+.
    pub directories: Vec<Uuid>,
    /// Versions 2+, tagged 2+, nullable 2+; null by default (`brokerId`).
    pub eligible_leader_replicas: Option<Vec<i32>>,
    /// Versions 2+, tagged 2+, nullable 2+; null by default (`brokerId`).
    pub last_known_elr: Option<Vec<i32>>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for PartitionRecord {
    fn default() -> Self {
        Self {
            partition_id: -1,
            topic_id: Uuid::ZERO,
            replicas: Vec::new(),
            isr: Vec::new(),
            removing_replicas: Vec::new(),
            adding_replicas: Vec::new(),
            leader: -1,
            leader_recovery_state: 0,
            leader_epoch: -1,
            partition_epoch: -1,
            directories: Vec::new(),
            eligible_leader_replicas: None,
            last_known_elr: None,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for PartitionRecord {
    const NAME: &'static str = "PartitionRecord";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=2;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.partition_id = from.i32()?;
        it.topic_id = from.uuid()?;
        it.replicas = from.items(true, Reader::i32)?;
        it.isr = from.items(true, Reader::i32)?;
        it.removing_replicas = from.items(true, Reader::i32)?;
        it.adding_replicas = from.items(true, Reader::i32)?;
        it.leader = from.i32()?;
        it.leader_epoch = from.i32()?;
        it.partition_epoch = from.i32()?;
        if version >= 1 {
            it.directories = from.items(true, Reader::uuid)?;
        }
        it.unknown_tags = from.tags(|tag, from| {
            match tag {
                0 => it.leader_recovery_state = from.i8()?,
                1 if version >= 2 => {
                    it.eligible_leader_replicas = from.nullable_items(true, Reader::i32)?
                }
                1 => return Err(from.malformed("tagged field of another version")),
                2 if version >= 2 => it.last_known_elr = from.nullable_items(true, Reader::i32)?,
                2 => return Err(from.malformed("tagged field of another version")),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.partition_id);
        to.uuid(self.topic_id);
        to.length(Some(self.replicas.len()), true);
        for item in &self.replicas {
            to.i32(*item);
        }
        to.length(Some(self.isr.len()), true);
        for item in &self.isr {
            to.i32(*item);
        }
        to.length(Some(self.removing_replicas.len()), true);
        for item in &self.removing_replicas {
            to.i32(*item);
        }
        to.length(Some(self.adding_replicas.len()), true);
        for item in &self.adding_replicas {
            to.i32(*item);
        }
        to.i32(self.leader);
        to.i32(self.leader_epoch);
        to.i32(self.partition_epoch);
        if version >= 1 {
            to.length(Some(self.directories.len()), true);
            for item in &self.directories {
                to.uuid(*item);
            }
        } else {
            place(
                self.directories.is_empty(),
                "PartitionRecord",
                "directories",
            )?;
        }
        if version < 2 {
            place(
                self.eligible_leader_replicas.is_none(),
                "PartitionRecord",
                "eligible_leader_replicas",
            )?;
        }
        if version < 2 {
            place(
                self.last_known_elr.is_none(),
                "PartitionRecord",
                "last_known_elr",
            )?;
        }
        let mut tags = TagWriter::new(&self.unknown_tags, "PartitionRecord");
        if self.leader_recovery_state != 0 {
            tags.field(0, |to| {
                to.i8(self.leader_recovery_state);
                Ok(())
            })?;
        }
        if version >= 2 && self.eligible_leader_replicas.is_some() {
            tags.field(1, |to| {
                to.length(self.eligible_leader_replicas.as_ref().map(Vec::len), true);
                for item in self.eligible_leader_replicas.iter().flatten() {
                    to.i32(*item);
                }
                Ok(())
            })?;
        }
        if version >= 2 && self.last_known_elr.is_some() {
            tags.field(2, |to| {
                to.length(self.last_known_elr.as_ref().map(Vec::len), true);
                for item in self.last_known_elr.iter().flatten() {
                    to.i32(*item);
                }
                Ok(())
            })?;
        }
        tags.finish(to);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl PartitionRecord {
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
            it.replicas = source.items(|source| source.i32());
        }
        if source.sets() {
            it.isr = source.items(|source| source.i32());
        }
        if source.sets() {
            it.removing_replicas = source.items(|source| source.i32());
        }
        if source.sets() {
            it.adding_replicas = source.items(|source| source.i32());
        }
        if source.sets() {
            it.leader = source.i32();
        }
        if source.sets() {
            it.leader_recovery_state = source.i8();
        }
        if source.sets() {
            it.leader_epoch = source.i32();
        }
        if source.sets() {
            it.partition_epoch = source.i32();
        }
        if version >= 1 && source.sets() {
            it.directories = source.items(|source| source.uuid());
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

impl PartitionRecord {
    /// The record type, as its frame says it.
    pub const KEY: i16 = 3;
}
