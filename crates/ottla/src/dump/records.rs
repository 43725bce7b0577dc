//! What is in a record: its bytes as text, or decoded by the definitions of the topic it belongs to.

use bytes::Bytes;
use ottla_wire::{
    Reader,
    records::{ControlType, Record},
};

use super::{json::Schema, schemas, text};

/// Whose records they are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Decoder {
    /// `__cluster_metadata`.
    Metadata,
    /// `__consumer_offsets`.
    Groups,
    /// `__transaction_state`.
    Transactions,
    /// `__share_group_state`.
    Share,
}

/// The version of the frame around a metadata record.
const METADATA_FRAME: u32 = 1;

/// Prints the contents of records.
#[derive(Debug)]
pub(super) struct Contents {
    decoder: Option<Decoder>,
    schemas: Vec<Schema>,
    control: Vec<Schema>,
}

impl Contents {
    pub(super) fn new(decoder: Option<Decoder>) -> Self {
        let texts = match decoder {
            None => &[],
            Some(Decoder::Metadata) => schemas::METADATA,
            Some(Decoder::Groups) => schemas::GROUP,
            Some(Decoder::Transactions) => schemas::TRANSACTION,
            Some(Decoder::Share) => schemas::SHARE,
        };
        let parse = |texts: &[&str]| -> Vec<Schema> {
            texts
                .iter()
                .filter_map(|text| Schema::parse(text))
                .collect()
        };
        let mut schemas = parse(texts);
        let classic = |schema: &&mut Schema| schema.name == "GroupMetadataValue";
        if let Some(schema) = schemas.iter_mut().find(classic)
            && let [assignment, subscription] = schemas::CONSUMER_PROTOCOL.map(Schema::parse)
            && let (Some(assignment), Some(subscription)) = (assignment, subscription)
        {
            schema.embed("assignment", assignment);
            schema.embed("subscription", subscription);
        }
        Self {
            decoder,
            schemas,
            control: parse(schemas::CONTROL),
        }
    }

    /// ` key: … payload: …`, as much as there is.
    pub(super) fn of(&self, record: &Record) -> String {
        match self.decoder {
            None => {
                let part = |name: &str, bytes: &Option<Bytes>| {
                    let text = bytes.as_deref().map(text::text);
                    text.map_or_else(String::new, |text| format!(" {name}: {text}"))
                };
                part("key", &record.key) + &part("payload", &record.value)
            }
            Some(Decoder::Metadata) => match &record.value {
                Some(value) => format!(" payload: {}", self.metadata(value, record.offset)),
                None => String::new(),
            },
            Some(_) => self.coordinator(record),
        }
    }

    fn metadata(&self, value: &Bytes, offset: i64) -> String {
        let mut from = Reader::new(value.clone());
        let mut framed = || {
            let numbers = (
                from.uvarint().ok()?,
                from.uvarint().ok()?,
                from.uvarint().ok()?,
            );
            Some((numbers, from.rest()))
        };
        let Some(((frame, id, version), body)) = framed() else {
            return format!("Error at {offset}: the value is cut short");
        };
        let (Ok(id), Ok(version)) = (i16::try_from(id), i16::try_from(version)) else {
            return format!("Error at {offset}: no such record type or version");
        };
        if frame != METADATA_FRAME {
            return format!("Error at {offset}: frame version {frame} is not known");
        }
        let Some(schema) = self.schemas.iter().find(|schema| schema.id == Some(id)) else {
            return format!("Error at {offset}: record type {id} is not known");
        };
        match schema.json(body, version) {
            Ok(data) => {
                let name = constant_case(&schema.name);
                format!("{{\"type\":\"{name}\",\"version\":{version},\"data\":{data}}}")
            }
            Err(error) => format!("Error at {offset}: {}: {error}", schema.name),
        }
    }

    fn coordinator(&self, record: &Record) -> String {
        let Some((id, key)) = record.key.as_ref().and_then(versioned) else {
            return format!(" key: Error at offset {}: no record type", record.offset);
        };
        let find = |kind: &str| {
            let wanted = |schema: &&Schema| schema.kind == kind && schema.id == Some(id);
            self.schemas.iter().find(wanted)
        };
        let (Some(of_key), Some(of_value)) = (find("coordinator-key"), find("coordinator-value"))
        else {
            return format!(" key: Unknown record type {id} at offset {}", record.offset);
        };
        let key = match of_key.json(key, 0) {
            Ok(data) => format!(" key: {{\"type\":\"{id}\",\"data\":{data}}}"),
            Err(error) => return format!(" key: Error at offset {}: {error}", record.offset),
        };
        let Some(value) = &record.value else {
            return format!("{key} payload: <DELETE>");
        };
        let decoded = versioned(value)
            .and_then(|(version, body)| Some((version, of_value.json(body, version).ok()?)));
        match decoded {
            Some((version, data)) => {
                format!("{key} payload: {{\"version\":\"{version}\",\"data\":{data}}}")
            }
            None => format!(
                "{key} payload: Error at offset {}: not a {}",
                record.offset, of_value.name
            ),
        }
    }

    /// What a control record says.
    pub(super) fn control(&self, record: &Record) -> String {
        let kind = match ControlType::of_key(record.key.as_deref()) {
            Ok(kind) => kind,
            Err(error) => return format!(" controlType: {error}"),
        };
        let value = record.value.clone().unwrap_or_default();
        let (title, name) = match kind {
            ControlType::Abort | ControlType::Commit => {
                let name = if kind == ControlType::Abort {
                    "ABORT"
                } else {
                    "COMMIT"
                };
                let epoch = value.get(2..6).and_then(|bytes| bytes.first_chunk::<4>());
                let epoch = epoch.map_or(-1, |bytes| i32::from_be_bytes(*bytes));
                return format!(" endTxnMarker: {name} coordinatorEpoch: {epoch}");
            }
            ControlType::LeaderChange => ("LeaderChange:", "LeaderChangeMessage"),
            ControlType::SnapshotHeader => ("SnapshotHeader", "SnapshotHeaderRecord"),
            ControlType::SnapshotFooter => ("SnapshotFooter", "SnapshotFooterRecord"),
            ControlType::KRaftVersion => ("KRaftVersion", "KRaftVersionRecord"),
            ControlType::KRaftVoters => ("KRaftVoters", "VotersRecord"),
            ControlType::Unknown(id) => return format!(" controlType: UNKNOWN({id})"),
        };
        // Their version is their own first field.
        let version = versioned(&value).map(|(version, _)| version);
        let schema = self.control.iter().find(|schema| schema.name == name);
        let json = version
            .zip(schema)
            .and_then(|(version, schema)| schema.json(value, version).ok());
        json.map_or_else(
            || format!(" {title} (not a {name})"),
            |json| format!(" {title} {json}"),
        )
    }
}

/// An i16, and what follows it.
fn versioned(bytes: &Bytes) -> Option<(i16, Bytes)> {
    let number = i16::from_be_bytes(*bytes.first_chunk::<2>()?);
    Some((number, bytes.slice(2..)))
}

/// `NoOpRecord` as `NO_OP_RECORD`.
fn constant_case(name: &str) -> String {
    let mut text = String::new();
    for (at, letter) in name.chars().enumerate() {
        if at > 0 && letter.is_uppercase() {
            text.push('_');
        }
        text.extend(letter.to_uppercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use ottla_wire::{Message, messages::feature_level_record::FeatureLevelRecord};

    fn record(key: Option<&'static [u8]>, value: Option<Bytes>) -> Record {
        Record {
            offset: 7,
            timestamp: 0,
            sequence: -1,
            key: key.map(Bytes::from_static),
            value,
            headers: vec![],
        }
    }

    #[test]
    fn metadata_is_its_type_version_and_data() {
        let body = FeatureLevelRecord {
            name: "metadata.version".into(),
            feature_level: 33,
            ..FeatureLevelRecord::default()
        };
        let framed = [&[1, 12, 0][..], &body.encode(0).unwrap()].concat();
        let contents = Contents::new(Some(Decoder::Metadata));
        assert_eq!(
            contents.of(&record(None, Some(framed.into()))),
            " payload: {\"type\":\"FEATURE_LEVEL_RECORD\",\"version\":0,\"data\":{\"name\":\"metadata.version\",\"featureLevel\":33}}"
        );
        for hostile in [
            &b""[..],
            b"\x01",
            b"\x02\x0C\x00",
            b"\x01\x63\x00",
            b"\x01\x0C\x09",
            b"\x01\x0C\x00\x09",
        ] {
            let text = contents.of(&record(None, Some(Bytes::from_static(hostile))));
            assert!(text.starts_with(" payload: Error at 7"), "{text}");
        }
    }

    #[test]
    fn coordinators_have_keys_values_and_tombstones() {
        let contents = Contents::new(Some(Decoder::Groups));
        let key = b"\x00\x02\x00\x01g";
        assert_eq!(
            contents.of(&record(Some(key), None)),
            " key: {\"type\":\"2\",\"data\":{\"group\":\"g\"}} payload: <DELETE>"
        );
        let unknown = contents.of(&record(Some(b"\x00\x63"), None));
        assert!(unknown.contains("Unknown record type 99"), "{unknown}");
        assert!(contents.of(&record(None, None)).contains("no record type"));
    }

    #[test]
    fn markers_and_bytes_are_printed() {
        let contents = Contents::new(None);
        let marker = record(
            Some(b"\0\0\0\x01"),
            Some(Bytes::from_static(b"\0\0\0\0\0\x05")),
        );
        assert_eq!(
            contents.control(&marker),
            " endTxnMarker: COMMIT coordinatorEpoch: 5"
        );
        assert_eq!(contents.of(&record(None, Some("v".into()))), " payload: v");
        assert_eq!(contents.of(&record(Some(b"k"), None)), " key: k");
    }

    #[test]
    fn names_become_constants() {
        assert_eq!(constant_case("NoOpRecord"), "NO_OP_RECORD");
    }
}
