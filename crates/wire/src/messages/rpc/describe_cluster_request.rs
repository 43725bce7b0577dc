//! `DescribeClusterRequest`: API key 60, versions 0-2. Written by `cargo xtask codegen`: do not edit.

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

/// `DescribeClusterRequest`: API key 60, versions 0-2.
#[derive(Clone, PartialEq, Debug)]
pub struct DescribeClusterRequest {
    /// Versions 0+.
    pub include_cluster_authorized_operations: bool,
    /// Versions 1+; 1 by default.
    pub endpoint_type: i8,
    /// Versions 2+.
    pub include_fenced_brokers: bool,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for DescribeClusterRequest {
    fn default() -> Self {
        Self {
            include_cluster_authorized_operations: false,
            endpoint_type: 1,
            include_fenced_brokers: false,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for DescribeClusterRequest {
    const NAME: &'static str = "DescribeClusterRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=2;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.include_cluster_authorized_operations = from.bool()?;
        if version >= 1 {
            it.endpoint_type = from.i8()?;
        }
        if version >= 2 {
            it.include_fenced_brokers = from.bool()?;
        }
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.bool(self.include_cluster_authorized_operations);
        if version >= 1 {
            to.i8(self.endpoint_type);
        } else {
            place(
                self.endpoint_type == 1,
                "DescribeClusterRequest",
                "endpoint_type",
            )?;
        }
        if version >= 2 {
            to.bool(self.include_fenced_brokers);
        } else {
            place(
                !self.include_fenced_brokers,
                "DescribeClusterRequest",
                "include_fenced_brokers",
            )?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribeClusterRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.include_cluster_authorized_operations = source.bool();
        }
        if version >= 1 && source.sets() {
            it.endpoint_type = source.i8();
        }
        if version >= 2 && source.sets() {
            it.include_fenced_brokers = source.bool();
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for DescribeClusterRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

impl Request for DescribeClusterRequest {
    const KEY: i16 = 60;
    type Response = super::DescribeClusterResponse;
}
