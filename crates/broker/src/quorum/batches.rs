//! The metadata log's batches: records and control records, to and from their values.

use bytes::Bytes;
use ottla_metadata::Record;
use ottla_raft::Control;
use ottla_wire::{
    messages::MetadataRecord,
    records::{Batch, BatchBuilder, Codec, ControlType},
};

/// What a batch of the metadata log, or of a snapshot, holds.
#[derive(Debug)]
pub(crate) enum Content {
    /// Control records.
    Control(Vec<Control>),
    /// Metadata records with their offsets.
    Records(Vec<(i64, Record)>),
}

/// One batch of metadata records.
///
/// # Errors
/// If a record cannot be written in its version: a defect of the controller.
pub(crate) fn of_records(
    records: &[Record],
    base_offset: i64,
    epoch: i32,
    now_ms: i64,
) -> Result<Batch, String> {
    let mut batch = BatchBuilder::new(Codec::None)
        .base_offset(base_offset)
        .leader_epoch(epoch);
    for record in records {
        let value = record
            .value
            .encode(record.version)
            .map_err(|error| error.to_string())?;
        batch
            .append(now_ms, None, Some(&value), &[])
            .map_err(|error| error.to_string())?;
    }
    batch.build().map_err(|error| error.to_string())
}

/// One batch of control records.
///
/// # Errors
/// As for [`of_records`].
pub(crate) fn of_control(
    records: &[Control],
    base_offset: i64,
    epoch: i32,
    now_ms: i64,
) -> Result<Batch, String> {
    let mut batch = BatchBuilder::new(Codec::None)
        .base_offset(base_offset)
        .leader_epoch(epoch)
        .control(true);
    for record in records {
        let value = record.value().map_err(|error| error.to_string())?;
        let kind = ControlType::from_id(record.kind());
        batch
            .append_control(now_ms, kind, &value)
            .map_err(|error| error.to_string())?;
    }
    batch.build().map_err(|error| error.to_string())
}

/// What a batch holds.
///
/// # Errors
/// A sentence that names the offset and what is wrong, e.g. a record of a newer version than is known here.
pub(crate) fn read(batch: &Batch) -> Result<Content, String> {
    let at = |offset: i64, what: &dyn std::fmt::Display| {
        format!("the record at offset {offset}: {what}")
    };
    batch
        .check_crc()
        .map_err(|error| at(batch.base_offset(), &error))?;
    let records = batch
        .records()
        .map_err(|error| at(batch.base_offset(), &error))?;
    if batch.attributes().is_control() {
        let mut control = Vec::new();
        for record in records {
            let record = record.map_err(|error| at(batch.base_offset(), &error))?;
            let kind = ControlType::of_key(record.key.as_deref())
                .map_err(|error| at(record.offset, &error))?;
            let value = record.value.unwrap_or_default();
            let read = Control::read(kind.id(), value);
            control.push(read.map_err(|error| at(record.offset, &format!("{error:?}")))?);
        }
        return Ok(Content::Control(control));
    }
    let mut metadata = Vec::new();
    for record in records {
        let record = record.map_err(|error| at(batch.base_offset(), &error))?;
        let value: Bytes = record.value.unwrap_or_default();
        let (value, version) = MetadataRecord::decode(value).map_err(|error| {
            at(
                record.offset,
                &format!("{error}; if a newer version wrote it, use that version"),
            )
        })?;
        metadata.push((record.offset, Record { value, version }));
    }
    Ok(Content::Records(metadata))
}
