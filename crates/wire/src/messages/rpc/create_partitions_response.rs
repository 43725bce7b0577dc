//! `CreatePartitionsResponse`: API key 37, versions 0-3. Written by `cargo xtask codegen`: do not edit.

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

/// `CreatePartitionsResponse`: API key 37, versions 0-3.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct CreatePartitionsResponse {
    /// Versions 0+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub results: Vec<CreatePartitionsTopicResult>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for CreatePartitionsResponse {
    const NAME: &'static str = "CreatePartitionsResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=3;
    const FLEXIBLE: Option<i16> = Some(2);

    fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.throttle_time_ms = from.i32()?;
        it.results = from.items(flexible, |from| {
            CreatePartitionsTopicResult::read(from, version)
        })?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        to.i32(self.throttle_time_ms);
        to.length(Some(self.results.len()), flexible);
        for item in &self.results {
            item.write(to, version)?;
        }
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "CreatePartitionsResponse",
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
impl CreatePartitionsResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if source.sets() {
            it.results =
                source.items(|source| CreatePartitionsTopicResult::random(source, version));
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}

impl ErrorCodes for CreatePartitionsResponse {
    fn failed(_version: i16, _code: i16) -> Option<Self> {
        None
    }

    fn error_codes<S: SeesCodes>(&self, to: &mut S) {
        for at0 in &self.results {
            to.code(Level::Part, at0.error_code);
            if at0.error_code != 0 {
                to.refused(
                    Level::Part,
                    &[("topic", Name::Text(Some(&at0.name)))],
                    at0.error_code,
                    at0.error_message.as_deref(),
                );
            }
        }
    }
}

impl AmendTexts for CreatePartitionsResponse {
    fn amend_texts(&mut self, code: i16, amend: &mut dyn FnMut(&mut Option<String>)) {
        for at0 in &mut self.results {
            if at0.error_code == code {
                amend(&mut at0.error_message);
            }
        }
    }
}

/// Part of [`CreatePartitionsResponse`], versions 0-3.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct CreatePartitionsTopicResult {
    /// Versions 0+ (`topicName`).
    pub name: String,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+, nullable 0+; null by default.
    pub error_message: Option<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl CreatePartitionsTopicResult {
    pub(crate) fn read(from: &mut Reader, version: i16) -> Result<Self, Malformed> {
        let flexible = version >= 2;
        let mut it = Self::default();
        it.name = from.string(flexible)?;
        it.error_code = from.i16()?;
        it.error_message = from.nullable_string(flexible)?;
        if flexible {
            it.unknown_tags = from.tags(|_, _| Ok(false))?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
        let flexible = version >= 2;
        place(
            to.string(&self.name, flexible),
            "CreatePartitionsTopicResult",
            "name",
        )?;
        to.i16(self.error_code);
        place(
            to.nullable_string(self.error_message.as_deref(), flexible),
            "CreatePartitionsTopicResult",
            "error_message",
        )?;
        if flexible {
            to.tags(&self.unknown_tags);
        } else {
            place(
                self.unknown_tags.is_empty(),
                "CreatePartitionsTopicResult",
                "unknown_tags",
            )?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl CreatePartitionsTopicResult {
    pub(crate) fn random(source: &mut Random, version: i16) -> Self {
        let flexible = version >= 2;
        let mut it = Self::default();
        if source.sets() {
            it.name = source.string();
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.error_message = source.nullable(true, |source| source.string());
        }
        if flexible {
            it.unknown_tags = source.tags();
        }
        it
    }
}
