//! `RemoveRaftVoterRequest`: API key 81, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::Uuid;
use crate::answer::Names;
use crate::answer::Subject;
use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Request;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `RemoveRaftVoterRequest`: API key 81, versions 0.
#[derive(Clone, PartialEq, Debug)]
pub struct RemoveRaftVoterRequest {
    /// Versions 0+, nullable 0+.
    pub cluster_id: Option<String>,
    /// Versions 0+.
    pub voter_id: i32,
    /// Versions 0+.
    pub voter_directory_id: Uuid,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for RemoveRaftVoterRequest {
    fn default() -> Self {
        Self {
            cluster_id: Some(String::new()),
            voter_id: 0,
            voter_directory_id: Uuid::ZERO,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for RemoveRaftVoterRequest {
    const NAME: &'static str = "RemoveRaftVoterRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.cluster_id = from.nullable_string(true)?;
        it.voter_id = from.i32()?;
        it.voter_directory_id = from.uuid()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(
            to.nullable_string(self.cluster_id.as_deref(), true),
            "RemoveRaftVoterRequest",
            "cluster_id",
        )?;
        to.i32(self.voter_id);
        to.uuid(self.voter_directory_id);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl RemoveRaftVoterRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.cluster_id = source.nullable(true, |source| source.string());
        }
        if source.sets() {
            it.voter_id = source.i32();
        }
        if source.sets() {
            it.voter_directory_id = source.uuid();
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for RemoveRaftVoterRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

impl Request for RemoveRaftVoterRequest {
    const KEY: i16 = 81;
    type Response = super::RemoveRaftVoterResponse;
}
