//! One schema → one Rust module: structures, their defaults, and the traits.

use super::{
    emit_codes, emit_random, emit_read, emit_write,
    model::{Condition, Field, Kind, Schema, Struct, Type, Versions},
};

/// What a module may import, and the word that says that it must.
const IMPORTS: &[(&str, &str)] = &[
    ("bytes::Bytes", "Bytes"),
    ("crate::Uuid", "Uuid"),
    ("crate::answer::AmendTexts", "AmendTexts"),
    ("crate::answer::ErrorCodes", "ErrorCodes"),
    ("crate::answer::Level", "Level"),
    ("crate::answer::Name", "Name"),
    ("crate::answer::Names", "Names"),
    ("crate::answer::SeesCodes", "SeesCodes"),
    ("crate::answer::Subject", "Subject"),
    ("crate::codec::Malformed", "Malformed"),
    ("crate::codec::Message", "Message"),
    ("crate::codec::Reader", "Reader"),
    ("crate::codec::Records", "Records"),
    ("crate::codec::Request", "Request"),
    ("crate::codec::TagWriter", "TagWriter"),
    ("crate::codec::Unencodable", "Unencodable"),
    ("crate::codec::UnknownTags", "UnknownTags"),
    ("crate::codec::Writer", "Writer"),
    ("crate::codec::place", "place"),
];

/// The line that begins every generated file.
pub(crate) fn heading(what: &str) -> String {
    format!("//! {what} Written by `cargo xtask codegen`: do not edit.\n\n")
}

/// The module of one message.
pub(crate) fn module(schema: &Schema) -> String {
    let mut body = String::new();
    for part in &schema.structs {
        body.push_str(&structure(schema, part));
        body.push_str(&default(schema, part));
        if part.name == schema.name {
            body.push_str(&message(schema, part));
            body.push_str(&emit_codes::implementations(schema, part));
        } else {
            body.push_str(&methods(schema, part));
        }
    }
    body.push_str(&key(schema));
    let mut out = heading(&title(schema));
    for (path, word) in IMPORTS {
        if has_word(&body, word) {
            out.push_str(&format!("use {path};\n"));
        }
    }
    out.push_str("#[cfg(any(test, feature = \"random\"))]\nuse crate::random::Random;\n\n");
    out + &body
}

fn title(schema: &Schema) -> String {
    let key = schema.key.unwrap_or_default();
    let versions = schema.versions;
    match schema.kind {
        Kind::Request | Kind::Response => {
            format!("`{}`: API key {key}, versions {versions}.", schema.name)
        }
        Kind::Metadata | Kind::CoordinatorKey | Kind::CoordinatorValue => {
            format!("`{}`: record type {key}, versions {versions}.", schema.name)
        }
        Kind::Header | Kind::Data => format!("`{}`: versions {versions}.", schema.name),
    }
}

fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let part = |c: char| c.is_alphanumeric() || c == '_';
        !text[..at].ends_with(part)
            // A field, or text.
            && !text[..at].ends_with(['.', '"'])
            && !text[at + word.len()..].starts_with(part)
    })
}

fn structure(schema: &Schema, part: &Struct) -> String {
    let doc = if part.name == schema.name {
        title(schema)
    } else {
        format!("Part of [`{}`], versions {}.", schema.name, part.versions)
    };
    let derived = if part.fields.iter().all(is_plain_default) {
        ", Default"
    } else {
        ""
    };
    let mut out = format!(
        "/// {doc}\n#[derive(Clone, PartialEq, Debug{derived})]\npub struct {} {{\n",
        part.name
    );
    for field in &part.fields {
        out.push_str(&format!(
            "/// {}\npub {}: {},\n",
            field_doc(field),
            field.rust(),
            field.rust_type()
        ));
    }
    if has_tags(schema, part) {
        out.push_str(
            "/// Tagged fields that this build does not know.\npub unknown_tags: UnknownTags,\n",
        );
    }
    out + "}\n\n"
}

fn field_doc(field: &Field) -> String {
    let mut doc = format!("Versions {}", field.versions);
    if !field.tagged.is_empty() {
        doc.push_str(&format!(", tagged {}", field.tagged));
    }
    if !field.nullable.is_empty() {
        doc.push_str(&format!(", nullable {}", field.nullable));
    }
    match field.default.as_deref() {
        Some("") => doc.push_str("; empty by default"),
        Some(value) => doc.push_str(&format!("; {value} by default")),
        None => {}
    }
    if let Some(entity) = &field.entity {
        doc.push_str(&format!(" (`{entity}`)"));
    }
    doc + "."
}

/// Whether a version of this structure can carry tagged fields.
pub(crate) fn has_tags(schema: &Schema, part: &Struct) -> bool {
    !schema.flexible.intersect(part.versions).is_empty()
}

/// Whether the field's default is that of its Rust type.
fn is_plain_default(field: &Field) -> bool {
    if field.optional() {
        return field.null_by_default();
    }
    matches!(
        field.default.as_deref(),
        None | Some("" | "0" | "false" | "0.0")
    )
}

/// The field's default as an expression.
fn default_value(field: &Field) -> String {
    if field.null_by_default() {
        return "None".to_owned();
    }
    let plain = match (&field.ty, field.default.as_deref()) {
        (Type::Bool, value) => value.unwrap_or("false").to_owned(),
        (Type::Float64, None) => "0.0".to_owned(),
        (Type::Uuid, _) => "Uuid::ZERO".to_owned(),
        (Type::String, None | Some("")) => "String::new()".to_owned(),
        (Type::String, Some(text)) => format!("{text:?}.to_owned()"),
        (Type::Bytes, _) => "Bytes::new()".to_owned(),
        (Type::Array(_), _) => "Vec::new()".to_owned(),
        (Type::Struct(name), _) => format!("{name}::default()"),
        (number, None) if number != &Type::Records => "0".to_owned(),
        (number, Some(value)) if number != &Type::Records => value.to_owned(),
        _ => "None".to_owned(),
    };
    if field.optional() {
        format!("Some({plain})")
    } else {
        plain
    }
}

fn default(schema: &Schema, part: &Struct) -> String {
    if part.fields.iter().all(is_plain_default) {
        return String::new();
    }
    let mut out = format!(
        "impl Default for {} {{ fn default() -> Self {{ Self {{\n",
        part.name
    );
    for field in &part.fields {
        out.push_str(&format!("{}: {},\n", field.rust(), default_value(field)));
    }
    if has_tags(schema, part) {
        out.push_str("unknown_tags: UnknownTags::default(),\n");
    }
    out + "} } }\n\n"
}

/// The condition under which the field has its default, as an expression of `self`.
pub(crate) fn is_default(field: &Field) -> Test {
    let it = format!("self.{}", field.rust());
    if field.optional() {
        if field.null_by_default() {
            return Test::new(format!("{it}.is_none()"), format!("{it}.is_some()"));
        }
        return match (&field.ty, field.default.as_deref().unwrap_or_default()) {
            (Type::String, text) => {
                Test::equal(format!("{it}.as_deref()"), format!("Some({text:?})"))
            }
            (Type::Struct(_), _) => Test::equal(it, default_value(field)),
            _ => Test::new(
                format!("{it}.as_ref().is_some_and(|value| value.is_empty())"),
                format!("{it}.as_ref().is_none_or(|value| !value.is_empty())"),
            ),
        };
    }
    match (&field.ty, field.default.as_deref().unwrap_or_default()) {
        (Type::Bool, "true") => Test::new(it.clone(), format!("!{it}")),
        (Type::Bool, _) => Test::new(format!("!{it}"), it),
        (Type::String, "") | (Type::Bytes | Type::Array(_), _) => {
            Test::new(format!("{it}.is_empty()"), format!("!{it}.is_empty()"))
        }
        (Type::String, text) => Test::equal(it, format!("{text:?}")),
        (Type::Uuid, _) => Test::new(format!("{it}.is_zero()"), format!("!{it}.is_zero()")),
        _ => Test::equal(it, default_value(field)),
    }
}

/// An expression and its opposite.
pub(crate) struct Test {
    pub(crate) yes: String,
    pub(crate) no: String,
}

impl Test {
    fn new(yes: String, no: String) -> Self {
        Self { yes, no }
    }

    fn equal(left: String, right: String) -> Self {
        Self::new(format!("{left} == {right}"), format!("{left} != {right}"))
    }
}

/// The `flexible` argument for a field in `present` versions of the structure.
pub(crate) fn flexible(schema: &Schema, field: &Field, present: Versions) -> &'static str {
    let versions = field.flexible.unwrap_or(schema.flexible);
    match versions.within(present) {
        Condition::Always => "true",
        Condition::Never => "false",
        Condition::When { .. } => "flexible",
    }
}

/// `let flexible = …;` if `body` asks for it.
fn with_flexible(schema: &Schema, part: &Struct, body: &str) -> String {
    match schema.flexible.within(part.versions) {
        Condition::When { holds, .. } if has_word(body, "flexible") => {
            format!("let flexible = {holds};\n{body}")
        }
        _ => body.to_owned(),
    }
}

fn parameter(body: &str) -> &'static str {
    if has_word(body, "version") {
        "version"
    } else {
        "_version"
    }
}

fn functions(schema: &Schema, part: &Struct, visible: &str) -> String {
    let read = with_flexible(schema, part, &emit_read::body(schema, part));
    let write = with_flexible(schema, part, &emit_write::body(schema, part));
    let from = if has_word(&read, "from") {
        "from"
    } else {
        "_from"
    };
    let to = if has_word(&write, "to") { "to" } else { "_to" };
    format!(
        "{visible}fn read({from}: &mut Reader, {}: i16) -> Result<Self, Malformed> {{\n{read}}}\n\n\
         {visible}fn write(&self, {to}: &mut Writer, {}: i16) -> Result<(), Unencodable> {{\n{write}}}\n",
        parameter(&read),
        parameter(&write)
    )
}

fn random(schema: &Schema, part: &Struct, visible: &str, doc: &str) -> String {
    let body = with_flexible(schema, part, &emit_random::body(schema, part));
    let source = if has_word(&body, "source") {
        "source"
    } else {
        "_source"
    };
    format!(
        "#[cfg(any(test, feature = \"random\"))]\nimpl {} {{\n{doc}\
         {visible} fn random({source}: &mut Random, {}: i16) -> Self {{\n{body}}}\n}}\n\n",
        part.name,
        parameter(&body)
    )
}

fn methods(schema: &Schema, part: &Struct) -> String {
    format!(
        "impl {} {{\n{}}}\n\n{}",
        part.name,
        functions(schema, part, "pub(crate) "),
        random(schema, part, "pub(crate)", "")
    )
}

/// The way to a field that every answer has where it has one, and that is set for all of them in one place.
fn throttle(part: &Struct) -> &'static str {
    if part.fields.iter().any(|of| of.name == "ThrottleTimeMs") {
        "\nfn throttle_time_ms(&mut self) -> Option<&mut i32> {\nSome(&mut self.throttle_time_ms)\n}\n"
    } else {
        ""
    }
}

fn message(schema: &Schema, part: &Struct) -> String {
    let Versions { first, last } = schema.versions;
    let flexible = match schema.flexible.intersect(schema.versions) {
        Versions::NONE => "None".to_owned(),
        versions => format!("Some({})", versions.first),
    };
    format!(
        "impl Message for {name} {{\nconst NAME: &'static str = \"{name}\";\n\
         const VERSIONS: std::ops::RangeInclusive<i16> = {first}..={last};\n\
         const FLEXIBLE: Option<i16> = {flexible};\n\n{}{}}}\n\n{}",
        functions(schema, part, ""),
        throttle(part),
        random(
            schema,
            part,
            "pub",
            "/// A value of `version`, every field of it drawn.\n"
        ),
        name = schema.name
    )
}

fn key(schema: &Schema) -> String {
    let (Some(key), name) = (schema.key, &schema.name) else {
        return String::new();
    };
    match schema.kind {
        Kind::Request => {
            let stem = name.trim_end_matches("Request");
            format!(
                "impl Request for {name} {{\nconst KEY: i16 = {key};\n\
                 type Response = super::{stem}Response;\n}}\n"
            )
        }
        Kind::CoordinatorKey => format!(
            "impl {name} {{\n/// The record type: what precedes the key's bytes.\n\
             pub const KEY_TYPE: i16 = {key};\n}}\n"
        ),
        Kind::Metadata => format!(
            "impl {name} {{\n/// The record type, as its frame says it.\n\
             pub const KEY: i16 = {key};\n}}\n"
        ),
        _ => String::new(),
    }
}
