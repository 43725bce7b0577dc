//! `GetTelemetrySubscriptionsRequest`: API key 71, versions 0. Written by `cargo xtask codegen`: do not edit.

use crate::Uuid;
use crate::answer::Name;
use crate::answer::Names;
use crate::answer::Subject;
use crate::codec::Malformed;
use crate::codec::Message;
use crate::codec::Reader;
use crate::codec::Request;
use crate::codec::Unencodable;
use crate::codec::UnknownTags;
use crate::codec::Writer;
#[cfg(any(test, feature = "random"))]
use crate::random::Random;

/// `GetTelemetrySubscriptionsRequest`: API key 71, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct GetTelemetrySubscriptionsRequest {
    /// Versions 0+.
    pub client_instance_id: Uuid,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for GetTelemetrySubscriptionsRequest {
    const NAME: &'static str = "GetTelemetrySubscriptionsRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.client_instance_id = from.uuid()?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.uuid(self.client_instance_id);
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl GetTelemetrySubscriptionsRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.client_instance_id = source.uuid();
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for GetTelemetrySubscriptionsRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[("client_instance", Name::Id(self.client_instance_id))]);
    }
}

impl Request for GetTelemetrySubscriptionsRequest {
    const KEY: i16 = 71;
    type Response = super::GetTelemetrySubscriptionsResponse;
}
