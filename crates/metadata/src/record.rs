//! A metadata record and the version to write it in.

use ottla_wire::messages::MetadataRecord;

/// One record of the metadata log.
#[derive(Clone, PartialEq, Debug)]
pub struct Record {
    /// What it says.
    pub value: MetadataRecord,
    /// The version of its schema: chosen by `metadata.version` when written, or as found in the log.
    pub version: i16,
}

impl Record {
    /// In a given version.
    pub fn new(value: impl Into<MetadataRecord>, version: i16) -> Self {
        Self {
            value: value.into(),
            version,
        }
    }
}

impl<R: Into<MetadataRecord>> From<R> for Record {
    /// In version 0, the only one of most records.
    fn from(value: R) -> Self {
        Self::new(value, 0)
    }
}
