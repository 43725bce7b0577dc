//! Records as JSON, by their definitions: the same text that Apache Kafka's tools print.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use ottla_wire::{Malformed, Reader};

/// A record's definition.
#[derive(Debug)]
pub(super) struct Schema {
    /// Its name, e.g. `TopicRecord`.
    pub(super) name: String,
    /// `metadata`, `coordinator-key`, `coordinator-value` or `data`.
    pub(super) kind: String,
    /// Its number among those of its kind.
    pub(super) id: Option<i16>,
    versions: Versions,
    flexible: Versions,
    fields: Vec<Field>,
    /// Structures that several fields use, by name.
    shared: BTreeMap<String, Vec<Field>>,
    /// Definitions of what is in fields of bytes, by field.
    embedded: BTreeMap<String, Self>,
}

#[derive(Clone, Copy, Debug)]
struct Versions {
    first: i16,
    last: i16,
}

impl Versions {
    const NONE: Self = Self { first: 0, last: -1 };

    fn parse(text: &str) -> Option<Self> {
        if text == "none" {
            return Some(Self::NONE);
        }
        if let Some(first) = text.strip_suffix('+') {
            let first = first.parse().ok()?;
            return Some(Self {
                first,
                last: i16::MAX,
            });
        }
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        Some(Self {
            first: first.parse().ok()?,
            last: last.parse().ok()?,
        })
    }

    fn has(self, version: i16) -> bool {
        (self.first..=self.last).contains(&version)
    }
}

#[derive(Clone, Debug)]
struct Field {
    /// As JSON has it.
    name: String,
    kind: String,
    array: bool,
    versions: Versions,
    nullable: Versions,
    tag: Option<u32>,
    fields: Vec<Self>,
}

impl Schema {
    /// From its text; `None` if that is not understood.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut lines = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .peekable();
        let mut words = lines.next()?.split_whitespace();
        let (kind, name) = (words.next()?.to_owned(), words.next()?.to_owned());
        let options: BTreeMap<&str, &str> = words.filter_map(|word| word.split_once('=')).collect();
        let fields = fields(&mut lines, 2)?;
        let mut shared = BTreeMap::new();
        while let Some(line) = lines.next() {
            let name = line.strip_prefix("struct ")?.split_whitespace().next()?;
            shared.insert(name.to_owned(), self::fields(&mut lines, 2)?);
        }
        Some(Self {
            name,
            kind,
            id: options.get("apiKey").and_then(|id| id.parse().ok()),
            versions: Versions::parse(options.get("versions")?)?,
            flexible: Versions::parse(options.get("flexible")?)?,
            fields,
            shared,
            embedded: BTreeMap::new(),
        })
    }

    /// The bytes of one version as JSON.
    pub(super) fn json(&self, bytes: Bytes, version: i16) -> Result<String, Malformed> {
        if !self.versions.has(version) {
            return Err(Malformed::new("version", 0));
        }
        let read = |embedded| {
            let decoding = Decoding {
                schema: self,
                version,
                flexible: self.flexible.has(version),
                embedded,
            };
            decoding.object(&self.fields, &mut Reader::new(bytes.clone()))
        };
        let plain = read(false)?;
        if !self.embedded.is_empty() && plain.starts_with(OF_CONSUMERS) {
            // What is inside is the clients' business: if it is not what they agreed on, its bytes are shown.
            return Ok(read(true).unwrap_or(plain));
        }
        Ok(plain)
    }

    /// Decodes a field of bytes by another definition where a group is one of consumers.
    pub(super) fn embed(&mut self, field: &str, schema: Self) {
        self.embedded.insert(field.to_owned(), schema);
    }
}

/// How the metadata of a classic group of consumers begins.
const OF_CONSUMERS: &str = "{\"protocolType\":\"consumer\"";

/// Reading one version of one definition.
struct Decoding<'a> {
    schema: &'a Schema,
    version: i16,
    flexible: bool,
    embedded: bool,
}

impl Decoding<'_> {
    fn object(&self, fields: &[Field], from: &mut Reader) -> Result<String, Malformed> {
        let has = |field: &Field| field.versions.has(self.version);
        let mut values: Vec<Option<String>> = vec![None; fields.len()];
        for (field, value) in fields.iter().zip(&mut values) {
            if field.tag.is_none() && has(field) {
                *value = Some(self.value(field, from)?);
            }
        }
        if self.flexible {
            from.tags(|tag, from| {
                let known = |field: &Field| field.tag == Some(tag) && has(field);
                let Some(at) = fields.iter().position(known) else {
                    return Ok(false);
                };
                values[at] = Some(self.value(&fields[at], from)?);
                Ok(true)
            })?;
        }
        let members: Vec<String> = fields
            .iter()
            .zip(values)
            .filter_map(|(field, value)| Some(format!("\"{}\":{}", field.name, value?)))
            .collect();
        Ok(format!("{{{}}}", members.join(",")))
    }

    fn value(&self, field: &Field, from: &mut Reader) -> Result<String, Malformed> {
        if !field.array {
            return self.one(field, from);
        }
        let items = from.nullable_items(self.flexible, |from| self.one(field, from))?;
        Ok(items.map_or_else(null, |items| format!("[{}]", items.join(","))))
    }

    fn one(&self, field: &Field, from: &mut Reader) -> Result<String, Malformed> {
        Ok(match field.kind.as_str() {
            "bool" => from.bool()?.to_string(),
            "int8" => from.i8()?.to_string(),
            "int16" => from.i16()?.to_string(),
            "int32" => from.i32()?.to_string(),
            "int64" => from.i64()?.to_string(),
            "uint16" => from.u16()?.to_string(),
            "uint32" => from.u32()?.to_string(),
            "float64" => format!("{:?}", from.f64()?),
            "uuid" => quoted(&from.uuid()?.to_string()),
            "string" => {
                let text = from.nullable_string(self.flexible)?;
                text.map_or_else(null, |text| quoted(&text))
            }
            "bytes" | "records" => match from.nullable_bytes(self.flexible)? {
                None => null(),
                Some(bytes) => self.bytes(field, bytes)?,
            },
            structure => self.structure(field, structure, from)?,
        })
    }

    fn bytes(&self, field: &Field, bytes: Bytes) -> Result<String, Malformed> {
        let embedded = self.schema.embedded.get(&field.name);
        let Some(inner) = embedded.filter(|_| self.embedded && !bytes.is_empty()) else {
            return Ok(quoted(&STANDARD.encode(&bytes)));
        };
        let mut from = Reader::new(bytes);
        let version = from.i16()?.min(inner.versions.last);
        inner.json(from.rest(), version)
    }

    fn structure(&self, field: &Field, name: &str, from: &mut Reader) -> Result<String, Malformed> {
        if field.nullable.has(self.version) && !field.array {
            let is_null = match field.tag {
                Some(_) => from.uvarint()? == 0,
                None => from.i8()? < 0,
            };
            if is_null {
                return Ok(null());
            }
        }
        let fields = if field.fields.is_empty() {
            self.schema.shared.get(name).map_or(&[][..], Vec::as_slice)
        } else {
            &field.fields
        };
        self.object(fields, from)
    }
}

fn null() -> String {
    "null".into()
}

/// A JSON string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The fields that are indented by `indent`.
fn fields<'a>(
    lines: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>,
    indent: usize,
) -> Option<Vec<Field>> {
    let mut found: Vec<Field> = Vec::new();
    while let Some(line) = lines.peek() {
        let depth = line.len() - line.trim_start().len();
        if depth < indent {
            break;
        }
        if depth > indent {
            let inner = fields(lines, depth)?;
            found.last_mut()?.fields = inner;
            continue;
        }
        found.push(field(line)?);
        lines.next();
    }
    Some(found)
}

/// `Name type versions [option=value | word]…`
fn field(line: &str) -> Option<Field> {
    let mut words = line.split_whitespace();
    let (name, kind, versions) = (words.next()?, words.next()?, words.next()?);
    let options: BTreeMap<&str, &str> = words.filter_map(|word| word.split_once('=')).collect();
    let (first, rest) = name.split_at(1);
    Some(Field {
        name: format!("{}{rest}", first.to_lowercase()),
        kind: kind.trim_start_matches("[]").to_owned(),
        array: kind.starts_with("[]"),
        versions: Versions::parse(versions)?,
        nullable: options
            .get("nullable")
            .map_or(Some(Versions::NONE), |text| Versions::parse(text))?,
        tag: options.get("tag").and_then(|tag| tag.parse().ok()),
        fields: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::{super::schemas, *};
    use ottla_wire::{
        Message, Uuid,
        messages::{
            partition_record::PartitionRecord,
            transaction_log_value::{PartitionsSchema, TransactionLogValue},
        },
    };

    fn schema(of: &[&str], name: &str) -> Schema {
        let parsed = of.iter().map(|text| Schema::parse(text).unwrap());
        parsed
            .into_iter()
            .find(|schema| schema.name == name)
            .unwrap()
    }

    #[test]
    fn every_definition_is_understood() {
        let all = [
            schemas::METADATA,
            schemas::GROUP,
            schemas::TRANSACTION,
            schemas::SHARE,
            schemas::CONTROL,
            &schemas::CONSUMER_PROTOCOL,
        ];
        for text in all.concat() {
            let schema = Schema::parse(text).unwrap_or_else(|| panic!("{text}"));
            let lines = text.lines().filter(|line| line.starts_with("  ")).count();
            fn count(fields: &[Field]) -> usize {
                fields.iter().map(|field| 1 + count(&field.fields)).sum()
            }
            let shared: usize = schema.shared.values().map(|fields| count(fields)).sum();
            assert_eq!(count(&schema.fields) + shared, lines, "{}", schema.name);
        }
    }

    #[test]
    fn tagged_fields_stand_in_their_place_and_only_if_they_are_set() {
        let schema = schema(schemas::METADATA, "PartitionRecord");
        let mut record = PartitionRecord {
            topic_id: Uuid::METADATA_TOPIC,
            replicas: vec![1, 2],
            isr: vec![1],
            leader: 1,
            ..PartitionRecord::default()
        };
        let json = |record: &PartitionRecord| schema.json(record.encode(0).unwrap(), 0).unwrap();
        let plain = "{\"partitionId\":-1,\"topicId\":\"AAAAAAAAAAAAAAAAAAAAAQ\",\"replicas\":[1,2],\"isr\":[1],\
                     \"removingReplicas\":[],\"addingReplicas\":[],\"leader\":1,";
        assert_eq!(
            json(&record),
            format!("{plain}\"leaderEpoch\":-1,\"partitionEpoch\":-1}}")
        );
        record.leader_recovery_state = 1;
        assert_eq!(
            json(&record),
            format!("{plain}\"leaderRecoveryState\":1,\"leaderEpoch\":-1,\"partitionEpoch\":-1}}")
        );
    }

    #[test]
    fn arrays_may_be_null_and_structures_nest() {
        let schema = schema(schemas::TRANSACTION, "TransactionLogValue");
        let mut value = TransactionLogValue::default();
        let json = |value: &TransactionLogValue| schema.json(value.encode(1).unwrap(), 1).unwrap();
        value.transaction_partitions = None;
        assert!(json(&value).contains("\"transactionPartitions\":null"));
        value.transaction_partitions = Some(vec![PartitionsSchema {
            topic: "a\"b".into(),
            partition_ids: vec![3],
            ..PartitionsSchema::default()
        }]);
        let text = json(&value);
        assert!(
            text.contains(r#"[{"topic":"a\"b","partitionIds":[3]}]"#),
            "{text}"
        );
        assert!(schema.json(Bytes::from_static(b"x"), 1).is_err());
        assert!(schema.json(Bytes::new(), 9).is_err());
    }
}
