//! `ApiVersionsRequest`: API key 18, versions 0-5. Written by `cargo xtask codegen`: do not edit.

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

/// `ApiVersionsRequest`: API key 18, versions 0-5.
#[derive(Clone, PartialEq, Debug)]
pub struct ApiVersionsRequest {
    /// Versions 3+.
    pub client_software_name: String,
    /// Versions 3+.
    pub client_software_version: String,
    /// Versions 5+, nullable 5+; null by default.
    pub cluster_id: Option<String>,
    /// Versions 5+; -1 by default.
    pub node_id: i32,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for ApiVersionsRequest {
    fn default() -> Self {
        Self {
            client_software_name: String::new(),
            client_software_version: String::new(),
            cluster_id: None,
            node_id: -1,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for ApiVersionsRequest {
    const NAME: &'static str = "ApiVersionsRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=5;
    const FLEXIBLE: Option<i16> = Some(3);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 3;
        let mut it = Self::default();
        if version >= 3 {
            it.client_software_name = from.string(true)?;
        }
        if version >= 3 {
            it.client_software_version = from.string(true)?;
        }
        if version >= 5 {
            it.cluster_id = from.nullable_string(true)?;
        }
        if version >= 5 {
            it.node_id = from.i32()?;
        }
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 3;
        if version >= 3 {
            place(
                to.string(&self.client_software_name, true),
                "ApiVersionsRequest",
                "client_software_name",
            )?;
        }
        if version >= 3 {
            place(
                to.string(&self.client_software_version, true),
                "ApiVersionsRequest",
                "client_software_version",
            )?;
        }
        if version >= 5 {
            place(
                to.nullable_string(self.cluster_id.as_deref(), true),
                "ApiVersionsRequest",
                "cluster_id",
            )?;
        }
        if version >= 5 {
            to.i32(self.node_id);
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "ApiVersionsRequest",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl ApiVersionsRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 3;
        let mut it = Self::default();
        if version >= 3 && source.sets() {
            it.client_software_name = source.string();
        }
        if version >= 3 && source.sets() {
            it.client_software_version = source.string();
        }
        if version >= 5 && source.sets() {
            it.cluster_id = source.nullable(true, |source| source.string());
        }
        if version >= 5 && source.sets() {
            it.node_id = source.i32();
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl Subject for ApiVersionsRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

impl Request for ApiVersionsRequest {
    const KEY: i16 = 18;
    type Response = super::ApiVersionsResponse;
}
