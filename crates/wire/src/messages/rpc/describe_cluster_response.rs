//! `DescribeClusterResponse`: API key 60, versions 0-2. Written by `cargo xtask codegen`: do not edit.

use crate::answer::AmendTexts;
use crate::answer::ErrorCodes;
use crate::answer::Level;
use crate::answer::SeesCodes;
use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
use crate::codec::place;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `DescribeClusterResponse`: API key 60, versions 0-2.
#[derive(Clone, PartialEq, Debug)]
pub struct DescribeClusterResponse {
    /// Versions 0+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+, nullable 0+; null by default.
    pub error_message: Option<String>,
    /// Versions 1+; 1 by default.
    pub endpoint_type: i8,
    /// Versions 0+.
    pub cluster_id: String,
    /// Versions 0+; -1 by default (`brokerId`).
    pub controller_id: i32,
    /// Versions 0+.
    pub brokers: Vec<DescribeClusterBroker>,
    /// Versions 0+; -2147483648 by default.
    pub cluster_authorized_operations: i32,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for DescribeClusterResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: 0,
            error_message: None,
            endpoint_type: 1,
            cluster_id: String::new(),
            controller_id: -1,
            brokers: Vec::new(),
            cluster_authorized_operations: -2147483648,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for DescribeClusterResponse {
    const NAME: &'static str = "DescribeClusterResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=2;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.throttle_time_ms = from.i32()?;
        it.error_code = from.i16()?;
        it.error_message = from.nullable_string(true)?;
        if version >= 1 {
            it.endpoint_type = from.i8()?;
        }
        it.cluster_id = from.string(true)?;
        it.controller_id = from.i32()?;
        it.brokers = from.items(true, |from| DescribeClusterBroker::read(from, version))?;
        it.cluster_authorized_operations = from.i32()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.throttle_time_ms);
        to.i16(self.error_code);
        place(
            to.nullable_string(self.error_message.as_deref(), true),
            "DescribeClusterResponse",
            "error_message",
        )?;
        if version >= 1 {
            to.i8(self.endpoint_type);
        } else {
            place(
                self.endpoint_type == 1,
                "DescribeClusterResponse",
                "endpoint_type",
            )?;
        }
        place(
            to.string(&self.cluster_id, true),
            "DescribeClusterResponse",
            "cluster_id",
        )?;
        to.i32(self.controller_id);
        to.length(Some(self.brokers.len()), true);
        for item in &self.brokers {
            item.write(to, version)?;
        }
        to.i32(self.cluster_authorized_operations);
        to.tags(&self.unknown_tags);
        Ok(())
    }

    fn throttle_time_ms(&mut self) -> Option<&mut i32> {
        Some(&mut self.throttle_time_ms)
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribeClusterResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.error_message = source.nullable(true, |source| source.string());
        }
        if version >= 1 && source.sets() {
            it.endpoint_type = source.i8();
        }
        if source.sets() {
            it.cluster_id = source.string();
        }
        if source.sets() {
            it.controller_id = source.i32();
        }
        if source.sets() {
            it.brokers = source.items(|source| DescribeClusterBroker::random(source, version));
        }
        if source.sets() {
            it.cluster_authorized_operations = source.i32();
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl ErrorCodes for DescribeClusterResponse {
    fn failed(_version: i16, code: i16) -> Option<Self> {
        Some(Self {
            error_code: code,
            ..Self::default()
        })
    }

    fn error_codes<S: SeesCodes>(&self, to: &mut S) {
        to.code(Level::Answer, self.error_code);
        if self.error_code != 0 {
            to.refused(
                Level::Answer,
                &[],
                self.error_code,
                self.error_message.as_deref(),
            );
        }
    }
}

impl AmendTexts for DescribeClusterResponse {
    fn amend_texts(&mut self, code: i16, amend: &mut dyn FnMut(&mut Option<String>)) {
        if self.error_code == code {
            amend(&mut self.error_message);
        }
    }
}

/// Part of [`DescribeClusterResponse`], versions 0-2.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DescribeClusterBroker {
    /// Versions 0+ (`brokerId`).
    pub broker_id: i32,
    /// Versions 0+.
    pub host: String,
    /// Versions 0+.
    pub port: i32,
    /// Versions 0+, nullable 0+; null by default.
    pub rack: Option<String>,
    /// Versions 2+.
    pub is_fenced: bool,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl DescribeClusterBroker {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.broker_id = from.i32()?;
        it.host = from.string(true)?;
        it.port = from.i32()?;
        it.rack = from.nullable_string(true)?;
        if version >= 2 {
            it.is_fenced = from.bool()?;
        }
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        to.i32(self.broker_id);
        place(to.string(&self.host, true), "DescribeClusterBroker", "host")?;
        to.i32(self.port);
        place(
            to.nullable_string(self.rack.as_deref(), true),
            "DescribeClusterBroker",
            "rack",
        )?;
        if version >= 2 {
            to.bool(self.is_fenced);
        } else {
            place(!self.is_fenced, "DescribeClusterBroker", "is_fenced")?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribeClusterBroker {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.broker_id = source.i32();
        }
        if source.sets() {
            it.host = source.string();
        }
        if source.sets() {
            it.port = source.i32();
        }
        if source.sets() {
            it.rack = source.nullable(true, |source| source.string());
        }
        if version >= 2 && source.sets() {
            it.is_fenced = source.bool();
        }
        it.unknown_tags = source.tags();
        it
    }
}
