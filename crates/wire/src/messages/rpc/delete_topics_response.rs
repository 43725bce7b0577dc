//! `DeleteTopicsResponse`: API key 20, versions 1-6. Written by `cargo xtask codegen`: do not edit.

use crate::Uuid;
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

/// `DeleteTopicsResponse`: API key 20, versions 1-6.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DeleteTopicsResponse {
    /// Versions 1+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub responses: Vec<DeletableTopicResult>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for DeleteTopicsResponse {
    const NAME: &'static str = "DeleteTopicsResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 1..=6;
    const FLEXIBLE: Option<i16> = Some(4);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 4;
        let mut it = Self::default();
        it.throttle_time_ms = from.i32()?;
        it.responses = from.items(flexible, |from| DeletableTopicResult::read(from, version))?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 4;
        to.i32(self.throttle_time_ms);
        to.length(Some(self.responses.len()), flexible);
        for item in &self.responses {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "DeleteTopicsResponse",
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
impl DeleteTopicsResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 4;
        let mut it = Self::default();
        if source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if source.sets() {
            it.responses = source.items(|source| DeletableTopicResult::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl ErrorCodes for DeleteTopicsResponse {
    fn failed(_version: i16, _code: i16) -> Option<Self> {
        None
    }

    fn error_codes<S: SeesCodes>(&self, to: &mut S) {
        for at0 in &self.responses {
            to.code(Level::Part, at0.error_code);
            if at0.error_code != 0 {
                to.refused(
                    Level::Part,
                    &[
                        ("topic", Name::Text(at0.name.as_deref())),
                        ("topic_id", Name::Id(at0.topic_id)),
                    ],
                    at0.error_code,
                    at0.error_message.as_deref(),
                );
            }
        }
    }
}

impl AmendTexts for DeleteTopicsResponse {
    fn amend_texts(&mut self, code: i16, amend: &mut dyn FnMut(&mut Option<String>)) {
        for at0 in &mut self.responses {
            if at0.error_code == code {
                amend(&mut at0.error_message);
            }
        }
    }
}

/// Part of [`DeleteTopicsResponse`], versions 1-6.
#[derive(Clone, PartialEq, Debug)]
pub struct DeletableTopicResult {
    /// Versions 0+, nullable 6+ (`topicName`).
    pub name: Option<String>,
    /// Versions 6+.
    pub topic_id: Uuid,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 5+, nullable 5+; null by default.
    pub error_message: Option<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Default for DeletableTopicResult {
    fn default() -> Self {
        Self {
            name: Some(String::new()),
            topic_id: Uuid::ZERO,
            error_code: 0,
            error_message: None,
            unknown_tags: UnknownTags::default(),
        }
    }
}

impl DeletableTopicResult {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 4;
        let mut it = Self::default();
        it.name = if version >= 6 {
            from.nullable_string(flexible)?
        } else {
            Some(from.string(flexible)?)
        };
        if version >= 6 {
            it.topic_id = from.uuid()?;
        }
        it.error_code = from.i16()?;
        if version >= 5 {
            it.error_message = from.nullable_string(true)?;
        }
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 4;
        place(
            version >= 6 || self.name.is_some(),
            "DeletableTopicResult",
            "name",
        )?;
        place(
            to.nullable_string(self.name.as_deref(), flexible),
            "DeletableTopicResult",
            "name",
        )?;
        if version >= 6 {
            to.uuid(self.topic_id);
        }
        to.i16(self.error_code);
        if version >= 5 {
            place(
                to.nullable_string(self.error_message.as_deref(), true),
                "DeletableTopicResult",
                "error_message",
            )?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "DeletableTopicResult",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DeletableTopicResult {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 4;
        let mut it = Self::default();
        if source.sets() {
            it.name = source.nullable(version >= 6, |source| source.string());
        }
        if version >= 6 && source.sets() {
            it.topic_id = source.uuid();
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        if version >= 5 && source.sets() {
            it.error_message = source.nullable(true, |source| source.string());
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}
