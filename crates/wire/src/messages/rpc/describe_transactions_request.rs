//! `DescribeTransactionsRequest`: API key 65, versions 0. Written by `cargo xtask codegen`: do not edit.

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

/// `DescribeTransactionsRequest`: API key 65, versions 0.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DescribeTransactionsRequest {
    /// Versions 0+ (`transactionalId`).
    pub transactional_ids: Vec<String>,
    /// Tagged fields that this build does not know.
    pub unknown_tags: UnknownTags,
}

impl Message for DescribeTransactionsRequest {
    const NAME: &'static str = "DescribeTransactionsRequest";
    const VERSIONS: std::ops::RangeInclusive<i16> = 0..=0;
    const FLEXIBLE: Option<i16> = Some(0);

    fn read(from: &mut Reader, _version: i16) -> Result<Self, Malformed> {
        let mut it = Self::default();
        it.transactional_ids = from.items(true, |from| from.string(true))?;
        it.unknown_tags = from.tags(|_, _| Ok(false))?;
        Ok(it)
    }

    fn write(&self, to: &mut Writer, _version: i16) -> Result<(), Unencodable> {
        to.length(Some(self.transactional_ids.len()), true);
        for item in &self.transactional_ids {
            place(
                to.string(item, true),
                "DescribeTransactionsRequest",
                "transactional_ids",
            )?;
        }
        to.tags(&self.unknown_tags);
        Ok(())
    }
}

#[cfg(any(test, feature = "random"))]
impl DescribeTransactionsRequest {
    /// A value of `version`, every field of it drawn.
    pub fn random(source: &mut Random, _version: i16) -> Self {
        let mut it = Self::default();
        if source.sets() {
            it.transactional_ids = source.items(|source| source.string());
        }
        it.unknown_tags = source.tags();
        it
    }
}

impl Subject for DescribeTransactionsRequest {
    fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {
        to(&[]);
    }
}

impl Request for DescribeTransactionsRequest {
    const KEY: i16 = 65;
    type Response = super::DescribeTransactionsResponse;
}
