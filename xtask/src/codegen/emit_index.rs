//! What ties the modules together: the `mod.rs` files, the enum of metadata records, the table for random tests.

use super::{
    emit::heading,
    model::{Kind, Schema, snake},
};

/// The module of a group of messages.
pub(crate) fn group(name: &str, schemas: &[&Schema]) -> String {
    let mut out = heading(&format!("Messages of the group `{name}`."));
    for schema in schemas {
        out.push_str(&format!("pub mod {};\n", schema.module()));
    }
    if name == "metadata" {
        out.push_str("pub mod metadata_record;\n");
    }
    out.push('\n');
    for schema in schemas {
        out.push_str(&format!("pub use {}::{};\n", schema.module(), schema.name));
    }
    if name == "metadata" {
        out.push_str("pub use metadata_record::MetadataRecord;\n");
    }
    out
}

/// `messages/mod.rs`.
pub(crate) fn root(groups: &[&str]) -> String {
    let mut out = heading(
        "Every message of Apache Kafka 4.4: requests and responses, headers, control records, metadata\n\
         //! records, and what the coordinators, the tiers and the quorum keep.",
    );
    out.push_str(
        "#![allow(clippy::field_reassign_with_default, reason = \"a version sets some fields only\")]\n\n",
    );
    for group in groups {
        out.push_str(&format!("pub mod {group};\n"));
    }
    out.push_str("pub(crate) mod requests;\n");
    out.push_str("#[cfg(any(test, feature = \"random\"))]\npub mod random;\n\n");
    for group in groups {
        out.push_str(&format!("pub use {group}::*;\n"));
    }
    out
}

/// The enum over all metadata records, with the frame that they have in the log.
pub(crate) fn metadata_record(schemas: &[&Schema]) -> String {
    let mut records = schemas.to_vec();
    records.sort_by_key(|schema| schema.key);
    let each = |line: &dyn Fn(&Schema, &str) -> String| -> String {
        records
            .iter()
            .map(|schema| line(schema, schema.name.trim_end_matches("Record")))
            .collect()
    };
    let names: Vec<_> = records.iter().map(|schema| schema.name.as_str()).collect();
    let mut out = heading("Any record of the metadata log.");
    out.push_str(&format!(
        "use bytes::Bytes;\n\nuse super::{{ {} }};\nuse crate::codec::{{Malformed, Message, Reader, Unencodable, Writer}};\n\n",
        names.join(", ")
    ));
    out.push_str("/// Frames say this version.\nconst FRAME: u32 = 1;\n\n");
    out.push_str("/// A record of `__cluster_metadata`.\n#[derive(Clone, PartialEq, Debug)]\npub enum MetadataRecord {\n");
    out.push_str(&each(&|schema, variant| {
        format!(
            "/// Type {}.\n{variant}({}),\n",
            schema.key.unwrap_or_default(),
            schema.name
        )
    }));
    out.push_str("}\n\nimpl MetadataRecord {\n");
    out.push_str("/// The record's type.\npub fn key(&self) -> i16 { match self {\n");
    out.push_str(&each(&|schema, variant| {
        format!("Self::{variant}(_) => {}::KEY,\n", schema.name)
    }));
    out.push_str("} }\n\n/// Kafka's name of the type, e.g. `TOPIC_RECORD`.\npub fn name(&self) -> &'static str { match self {\n");
    out.push_str(&each(&|schema, variant| {
        format!(
            "Self::{variant}(_) => {:?},\n",
            snake(&schema.name).to_uppercase()
        )
    }));
    out.push_str("} }\n\n/// The newest version of a type; `None` if there is no such type.\npub fn max_version(key: i16) -> Option<i16> { match key {\n");
    out.push_str(&each(&|schema, _| {
        format!(
            "{} => Some({}),\n",
            schema.key.unwrap_or_default(),
            schema.versions.last
        )
    }));
    out.push_str("_ => None, } }\n\n/// Reads a framed record and the version that it was written in. Nothing may follow it.\npub fn decode(value: Bytes) -> Result<(Self, i16), Malformed> {\n");
    out.push_str(FRAME_READ);
    out.push_str("let record = match key {\n");
    out.push_str(&each(&|schema, variant| {
        let versions = schema.versions;
        format!(
            "{} if ({}..={}).contains(&version) => Self::{variant}({}::read(&mut from, version)?),\n",
            schema.key.unwrap_or_default(), versions.first, versions.last, schema.name
        )
    }));
    out.push_str("_ if Self::max_version(key).is_some() => return Err(from.malformed(\"metadata record version\")),\n\
                  _ => return Err(from.malformed(\"metadata record type\")), };\n\
                  if from.remaining() != 0 { return Err(from.malformed(\"metadata record: bytes after its end\")); }\n\
                  Ok((record, version)) }\n\n");
    out.push_str("/// Writes a framed record.\npub fn encode(&self, version: i16) -> Result<Bytes, Unencodable> {\n\
                  let mut to = Writer::default();\nto.uvarint(FRAME);\nto.uvarint(self.key() as u32);\n\
                  to.uvarint(u32::from(version.unsigned_abs()));\nmatch self {\n");
    out.push_str(&each(&|_, variant| {
        format!("Self::{variant}(record) => put(record, &mut to, version)?,\n")
    }));
    out.push_str("}\nto.finish().into_bytes().ok_or(Unencodable { message: \"MetadataRecord\", field: \"records\" }) }\n}\n\n");
    out.push_str(PUT);
    out.push_str(&each(&|schema, variant| {
        format!(
            "impl From<{0}> for MetadataRecord {{ fn from(record: {0}) -> Self {{ Self::{variant}(record) }} }}\n\n",
            schema.name
        )
    }));
    out
}

const FRAME_READ: &str = "let mut from = Reader::new(value);
if from.uvarint()? != FRAME { return Err(from.malformed(\"metadata record frame\")); }
let key = i16::try_from(from.uvarint()?).map_err(|_| from.malformed(\"metadata record type\"))?;
let version = i16::try_from(from.uvarint()?).map_err(|_| from.malformed(\"metadata record version\"))?;
";

const PUT: &str = "fn put<T: Message>(record: &T, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
if !T::VERSIONS.contains(&version) { return Err(Unencodable { message: T::NAME, field: \"version\" }); }
record.write(to, version) }

";

/// The table that random tests go through.
pub(crate) fn random_table(schemas: &[&Schema]) -> String {
    let mut out =
        heading("A row for each message: how to draw one, and how to read and write it again.");
    out.push_str("use crate::random::{Entry, encoded, entry};\n\n/// Every message.\npub static TABLE: &[Entry] = &[\n");
    for schema in schemas {
        out.push_str(&format!(
            "entry::<super::{0}>({1:?}, |source, version| encoded(&super::{0}::random(source, version), version)),\n",
            schema.name, schema.group
        ));
    }
    out.push_str(
        "];\n\n/// Every answer, for the test of the walk over its codes.\n#[cfg(test)]\n",
    );
    out.push_str("pub(crate) static ANSWERS: &[fn(&mut crate::random::Random) -> crate::answer::Walked] = &[\n");
    for schema in schemas
        .iter()
        .filter(|schema| schema.kind == Kind::Response)
    {
        out.push_str(&format!(
            "|source| crate::answer::walked(super::{0}::random, source),\n",
            schema.name
        ));
    }
    out + "];\n"
}

/// The facts of every request, in the order of their keys, which have no gaps.
pub(crate) fn requests(schemas: &[Schema]) -> Result<String, String> {
    let mut requests: Vec<&Schema> = schemas
        .iter()
        .filter(|schema| schema.kind == Kind::Request)
        .collect();
    requests.sort_by_key(|schema| schema.key);
    let mut rows = String::new();
    for (at, schema) in requests.iter().enumerate() {
        if schema.key != i16::try_from(at).ok() {
            return Err(format!("{}: API keys have a gap or a double", schema.name));
        }
        let flexible = match schema.flexible {
            versions if versions.is_empty() => "None".to_owned(),
            versions => format!("Some({})", versions.first),
        };
        let has = |listener: &str| schema.listeners.iter().any(|name| name == listener);
        rows.push_str(&format!(
            "Api {{ key: {at}, name: {:?}, first: {}, last: {}, flexible: {flexible}, latest_unstable: {}, \
             broker: {}, controller: {} }},\n",
            schema.name.trim_end_matches("Request"),
            schema.versions.first,
            schema.versions.last,
            schema.latest_unstable,
            has("broker"),
            has("controller"),
        ));
    }
    Ok(format!(
        "{}use crate::apis::Api;\n\n/// A row for each API key.\npub(crate) static TABLE: [Api; {}] = [\n{rows}];\n",
        heading("What the schemas say of each request."),
        requests.len()
    ))
}

/// Whether the group's messages are records with the metadata frame.
pub(crate) fn is_metadata_log(group: &str, schemas: &[&Schema]) -> bool {
    group == "metadata" && schemas.iter().all(|schema| schema.kind == Kind::Metadata)
}
