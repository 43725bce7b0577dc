//! `FindCoordinatorResponse`: API key 10, versions 0-6. Written by `cargo xtask codegen`: do not edit.

use crate::answer::AmendTexts;
use crate::answer::ErrorCodes;
use crate::answer::Level;
use crate::answer::Name;
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

/// `FindCoordinatorResponse`: API key 10, versions 0-6.
#[derive(Clone, PartialEq, Debug)]
pub struct FindCoordinatorResponse {
    /// Versions 1+.
    pub throttle_time_ms: i32,
    /// Versions 0-3.
    pub error_code: i16,
    /// Versions 1-3, nullable 1-3.
    pub error_message: Option<String>,
    /// Versions 0-3 (`brokerId`).
    pub node_id: i32,
    /// Versions 0-3.
    pub host: String,
    /// Versions 0-3.
    pub port: i32,
    /// Versions 4+.
    pub coordinators: Vec<Coordinator>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for FindCoordinatorResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: 0,
            error_message: Some(String::new()),
            node_id: 0,
            host: String::new(),
            port: 0,
            coordinators: Vec::new(),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Message for FindCoordinatorResponse {
    const NAME: &'static str = "FindCoordinatorResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=6;
    const FLEXIBLE: Option<i16> = Some(3);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 3;
        let mut it = Self::default();
        if version >= 1 {
            it.throttle_time_ms = from.i32()?;
        }
        if version <= 3 {
            it.error_code = from.i16()?;
        }
        if (1..=3).contains(&version) {
            it.error_message = from.nullable_string(flexible)?;
        }
        if version <= 3 {
            it.node_id = from.i32()?;
        }
        if version <= 3 {
            it.host = from.string(flexible)?;
        }
        if version <= 3 {
            it.port = from.i32()?;
        }
        if version >= 4 {
            it.coordinators = from.items(true, |from| Coordinator::read(from, version))?;
        }
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 3;
        if version >= 1 {
            to.i32(self.throttle_time_ms);
        }
        if version <= 3 {
            to.i16(self.error_code);
        } else {
            place(
                self.error_code == 0,
                "FindCoordinatorResponse",
                "error_code",
            )?;
        }
        if (1..=3).contains(&version) {
            place(
                to.nullable_string(self.error_message.as_deref(), flexible),
                "FindCoordinatorResponse",
                "error_message",
            )?;
        }
        if version <= 3 {
            to.i32(self.node_id);
        } else {
            place(self.node_id == 0, "FindCoordinatorResponse", "node_id")?;
        }
        if version <= 3 {
            place(
                to.string(&self.host, flexible),
                "FindCoordinatorResponse",
                "host",
            )?;
        } else {
            place(self.host.is_empty(), "FindCoordinatorResponse", "host")?;
        }
        if version <= 3 {
            to.i32(self.port);
        } else {
            place(self.port == 0, "FindCoordinatorResponse", "port")?;
        }
        if version >= 4 {
            to.length(Some(self.coordinators.len()), true);
            for item in &self.coordinators {
                item.write(to, version)?;
            }
        } else {
            place(
                self.coordinators.is_empty(),
                "FindCoordinatorResponse",
                "coordinators",
            )?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "FindCoordinatorResponse",
                "unknown_tags",
            )?;
        }
        Ok(())
    }

    fn throttle_time_ms(&mut self) -> Option<&mut i32> {
        Some(&mut self.throttle_time_ms)
    }
}

#[cfg(any(test, feature = "random"))]
impl FindCoordinatorResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 3;
        let mut it = Self::default();
        if version >= 1 && source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if version <= 3 && source.sets() {
            it.error_code = source.i16();
        }
        if (1..=3).contains(&version) && source.sets() {
            it.error_message = source.nullable(true, |source| source.string());
        }
        if version <= 3 && source.sets() {
            it.node_id = source.i32();
        }
        if version <= 3 && source.sets() {
            it.host = source.string();
        }
        if version <= 3 && source.sets() {
            it.port = source.i32();
        }
        if version >= 4 && source.sets() {
            it.coordinators = source.items(|source| Coordinator::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl ErrorCodes for FindCoordinatorResponse {
    fn failed(version: i16, code: i16) -> Option<Self> {
        (version <= 3).then(|| Self {
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
        for at0 in &self.coordinators {
            to.code(Level::Part, at0.error_code);
            if at0.error_code != 0 {
                to.refused(
                    Level::Part,
                    &[("key", Name::Text(Some(&at0.key)))],
                    at0.error_code,
                    at0.error_message.as_deref(),
                );
            }
        }
    }
}

impl AmendTexts for FindCoordinatorResponse {
    fn amend_texts(&mut self, code: i16, amend: &mut dyn FnMut(&mut Option<String>)) {
        if self.error_code == code {
            amend(&mut self.error_message);
        }
        for at0 in &mut self.coordinators {
            if at0.error_code == code {
                amend(&mut at0.error_message);
            }
        }
    }
}

/// Part of [`FindCoordinatorResponse`], versions 4-6.
#[derive(Clone, PartialEq, Debug)]
pub struct Coordinator {
    /// Versions 4+.
    pub key: String,
    /// Versions 4+ (`brokerId`).
    pub node_id: i32,
    /// Versions 4+.
    pub host: String,
    /// Versions 4+.
    pub port: i32,
    /// Versions 4+.
    pub error_code: i16,
    /// Versions 4+, nullable 4+.
    pub error_message: Option<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for Coordinator {
    fn default() -> Self {
        Self {
            key: String::new(),
            node_id: 0,
            host: String::new(),
            port: 0,
            error_code: 0,
            error_message: Some(String::new()),
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl Coordinator {
    pub(crate) fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.key = from.string(true)?;
        it.node_id = from.i32()?;
        it.host = from.string(true)?;
        it.port = from.i32()?;
        it.error_code = from.i16()?;
        it.error_message = from.nullable_string(true)?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        place(to.string(&self.key, true), "Coordinator", "key")?;
        to.i32(self.node_id);
        place(to.string(&self.host, true), "Coordinator", "host")?;
        to.i32(self.port);
        to.i16(self.error_code);
        place(
            to.nullable_string(self.error_message.as_deref(), true),
            "Coordinator",
            "error_message",
        )?;
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl Coordinator {
    pub(crate) fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.key = source.string();
        }
        if source.sets() {
            it.node_id = source.i32();
        }
        if source.sets() {
            it.host = source.string();
        }
        if source.sets() {
            it.port = source.i32();
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.error_message = source.nullable(true, |source| source.string());
        }
        it.unknown_tags = source.tags();
        it
    }
}
