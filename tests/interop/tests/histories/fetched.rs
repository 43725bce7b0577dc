//! What a fetched piece of a log says, and what of it is for a reader of committed records.

use std::collections::BTreeSet;

use ottla_wire::{
    Records,
    messages::fetch_response::PartitionData,
    records::{self, Batches, ControlType, batch::NO_PRODUCER_ID},
};

use crate::history::{Batch, Producer, Seen, Value, What};

pub(crate) fn encode(value: Value) -> [u8; 8] {
    let mut bytes = [0; 8];
    bytes[..4].copy_from_slice(&value.number.to_be_bytes());
    bytes[4..].copy_from_slice(&value.copy_of.to_be_bytes());
    bytes
}

fn decode(bytes: &[u8]) -> Option<Value> {
    let number = bytes.first_chunk::<4>()?;
    let copy_of = bytes.get(4..8)?.first_chunk::<4>()?;
    Some(Value {
        number: u32::from_be_bytes(*number),
        copy_of: u32::from_be_bytes(*copy_of),
    })
}

/// The whole batches of a fetch.
///
/// # Errors
/// With what is wrong with them.
pub(crate) fn batches(data: &PartitionData) -> Result<Vec<Batch>, String> {
    let bytes = match &data.records {
        Some(Records::Bytes(bytes)) => bytes.clone(),
        Some(Records::Hole { .. }) => return Err("a hole".to_owned()),
        None => return Ok(Vec::new()),
    };
    let mut found = Vec::new();
    for next in Batches::new(bytes) {
        let (head, bytes) = next.map_err(|why| why.to_string())?;
        records::check_crc(&bytes).map_err(|why| why.to_string())?;
        let batch = records::Batch::first(&bytes).map_err(|why| why.to_string())?;
        let records = batch.records().map_err(|why| why.to_string())?;
        let records: Vec<records::Record> = records
            .collect::<Result<_, _>>()
            .map_err(|why| why.to_string())?;
        let producer = (head.producer_id != NO_PRODUCER_ID).then_some((
            Producer {
                id: head.producer_id,
                epoch: head.producer_epoch,
            },
            head.base_sequence,
        ));
        let what = if head.attributes.is_control() {
            let key = records.first().and_then(|record| record.key.as_deref());
            match ControlType::of_key(key).map_err(|why| why.to_string())? {
                ControlType::Commit => What::Marker(true),
                ControlType::Abort => What::Marker(false),
                other => return Err(format!("a control record {other:?}")),
            }
        } else {
            let values = records
                .iter()
                .map(|record| decode(record.value.as_deref()?));
            let values = values.collect::<Option<Vec<Value>>>();
            What::Data(values.ok_or_else(|| format!("foreign records: {records:?}"))?)
        };
        found.push(Batch {
            base: head.base_offset,
            last: head.last_offset,
            producer,
            transactional: head.attributes.is_transactional(),
            what,
        });
    }
    Ok(found)
}

/// What a client makes of a fetch from `from`.
///
/// # Errors
/// With what is wrong with the batches.
pub(crate) fn seen(data: &PartitionData, from: i64, committed: bool) -> Result<Seen, String> {
    let mut aborted: Vec<(i64, i64)> = data
        .aborted_transactions
        .iter()
        .flatten()
        .map(|aborted| (aborted.first_offset, aborted.producer_id))
        .collect();
    // The one that begins last is looked at last.
    aborted.sort_unstable_by(|a, b| b.cmp(a));
    let mut inside: BTreeSet<i64> = BTreeSet::new();
    let mut seen = Seen {
        high_watermark: data.high_watermark,
        last_stable: data.last_stable_offset,
        next: from,
        records: Vec::new(),
    };
    for batch in batches(data)? {
        while let Some((_, producer)) = aborted.pop_if(|(first, _)| *first <= batch.last) {
            inside.insert(producer);
        }
        let producer = batch.producer.map_or(NO_PRODUCER_ID, |(one, _)| one.id);
        match batch.what {
            What::Marker(false) => {
                inside.remove(&producer);
            }
            What::Marker(true) => {}
            What::Data(values) => {
                let hidden = committed && batch.transactional && inside.contains(&producer);
                let records = (batch.base..).zip(values);
                let wanted = records.filter(|(offset, _)| !hidden && *offset >= from);
                seen.records.extend(wanted);
            }
        }
        seen.next = seen.next.max(batch.last + 1);
    }
    Ok(seen)
}
