//! `GetTelemetrySubscriptionsResponse`: API key 71, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::Uuid;
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

/// `GetTelemetrySubscriptionsResponse`: API key 71, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct GetTelemetrySubscriptionsResponse {
    /// Versions 0+.
    pub throttle_time_ms: i32,
    /// Versions 0+.
    pub error_code: i16,
    /// Versions 0+.
    pub client_instance_id: Uuid,
    /// Versions 0+.
    pub subscription_id: i32,
    /// Versions 0+.
    pub accepted_compression_types: Vec<i8>,
    /// Versions 0+.
    pub push_interval_ms: i32,
    /// Versions 0+.
    pub telemetry_max_bytes: i32,
    /// Versions 0+.
    pub delta_temporality: bool,
    /// Versions 0+.
    pub requested_metrics: Vec<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for GetTelemetrySubscriptionsResponse {
    const NAME: &'static str = "GetTelemetrySubscriptionsResponse";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.throttle_time_ms = from.i32()?;
        it.error_code = from.i16()?;
        it.client_instance_id = from.uuid()?;
        it.subscription_id = from.i32()?;
        it.accepted_compression_types = from.items(true, Reader::i8)?;
        it.push_interval_ms = from.i32()?;
        it.telemetry_max_bytes = from.i32()?;
        it.delta_temporality = from.bool()?;
        it.requested_metrics = from.items(true, |from| from.string(true))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.i32(self.throttle_time_ms);
        to.i16(self.error_code);
        to.uuid(self.client_instance_id);
        to.i32(self.subscription_id);
        to.length(Some(self.accepted_compression_types.len()), true);
        for item in &self.accepted_compression_types {
            to.i8(*item);
        }
        to.i32(self.push_interval_ms);
        to.i32(self.telemetry_max_bytes);
        to.bool(self.delta_temporality);
        to.length(Some(self.requested_metrics.len()), true);
        for item in &self.requested_metrics {
            place(
                to.string(item, true),
                "GetTelemetrySubscriptionsResponse",
                "requested_metrics",
            )?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }

    fn throttle_time_ms(&mut self) -> Option<&mut i32> {
        Some(&mut self.throttle_time_ms)
    }
}

#[cfg(any(test, feature = "random"))]
impl GetTelemetrySubscriptionsResponse {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.throttle_time_ms = source.i32();
        }
        if source.sets() {
            it.error_code = source.i16();
        }
        if source.sets() {
            it.client_instance_id = source.uuid();
        }
        if source.sets() {
            it.subscription_id = source.i32();
        }
        if source.sets() {
            it.accepted_compression_types = source.items(|source| source.i8());
        }
        if source.sets() {
            it.push_interval_ms = source.i32();
        }
        if source.sets() {
            it.telemetry_max_bytes = source.i32();
        }
        if source.sets() {
            it.delta_temporality = source.bool();
        }
        if source.sets() {
            it.requested_metrics = source.items(|source| source.string());
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl ErrorCodes for GetTelemetrySubscriptionsResponse {
    fn failed(_version: i16, code: i16) -> Option<Self> {
        Some(Self {
            error_code: code,
            ..Self::default()
        })
    }

    fn error_codes<S: SeesCodes>(&self, to: &mut S) {
        to.code(Level::Answer, self.error_code);
        if self.error_code != 0 {
            to.refused(Level::Answer, &[], self.error_code, None);
        }
    }
}

impl AmendTexts for GetTelemetrySubscriptionsResponse {
    fn amend_texts(&mut self, _code: i16, _amend: &mut dyn FnMut(&mut Option<String>)) {}
}
