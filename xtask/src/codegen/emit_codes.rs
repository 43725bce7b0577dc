//! The walks over the error codes of answers, and what requests are about.

use super::model::{Condition, Field, Kind, Schema, Struct, Type};

/// How a value is shown as a name.
fn name(field: &Field, of: &str) -> Option<(&'static str, String)> {
    let noun = noun(field)?;
    let at = format!("{of}.{}", field.rust());
    let value = match (&field.ty, field.optional()) {
        (Type::String, true) => format!("Name::Text({at}.as_deref())"),
        (Type::String, false) => format!("Name::Text(Some(&{at}))"),
        (Type::Uuid, false) => format!("Name::Id({at})"),
        (Type::Int8 | Type::Int16 | Type::Int32, false) => format!("Name::Number({at}.into())"),
        (Type::Int64, false) => format!("Name::Number({at})"),
        _ => return None,
    };
    Some((noun, value))
}

/// The noun for what a field names, if it names anything.
fn noun(field: &Field) -> Option<&'static str> {
    match field.entity.as_deref() {
        Some("topicName") => return Some("topic"),
        Some("groupId") => return Some("group"),
        Some("transactionalId") => return Some("transactional_id"),
        _ => {}
    }
    Some(match field.name.as_str() {
        "TopicId" => "topic_id",
        "PartitionIndex" | "PartitionId" | "Partition" => "partition",
        "Index" => "partition",
        "MemberId" => "member",
        "GroupInstanceId" | "InstanceId" => "instance",
        "ResourceType" => "resource_type",
        "ResourceName" => "resource",
        "Key" => "key",
        "KeyType" => "key_type",
        "LogDir" => "log_dir",
        "Feature" => "feature",
        "User" => "user",
        "ProducerId" => "producer_id",
        "BrokerId" => "broker",
        "ClientInstanceId" => "client_instance",
        _ => return None,
    })
}

fn names(part: &Struct, of: &str) -> Vec<String> {
    let pairs = part.fields.iter().filter_map(|field| name(field, of));
    pairs
        .map(|(noun, value)| format!("({noun:?}, {value})"))
        .collect()
}

fn is_code(field: &Field) -> bool {
    field.name.ends_with("ErrorCode") && field.ty == Type::Int16
}

/// Structures of `part` that can hold codes, by the field that holds them.
fn nested<'a>(schema: &'a Schema, part: &'a Struct) -> Vec<(&'a Field, &'a Struct)> {
    let item = |field: &'a Field| {
        let Type::Array(item) = &field.ty else {
            return None;
        };
        let of = item.structure()?;
        let structure = schema.structs.iter().find(|it| it.name == of)?;
        has_codes(schema, structure).then_some((field, structure))
    };
    part.fields.iter().filter_map(item).collect()
}

fn has_codes(schema: &Schema, part: &Struct) -> bool {
    part.fields.iter().any(is_code) || !nested(schema, part).is_empty()
}

fn text(part: &Struct) -> Option<&Field> {
    part.fields
        .iter()
        .find(|field| field.name == "ErrorMessage" && field.ty == Type::String)
}

fn walk(schema: &Schema, part: &Struct, of: &str, depth: usize, about: &[String]) -> String {
    let mut about = about.to_vec();
    if depth > 0 {
        about.extend(names(part, of));
    }
    let mut out = String::new();
    for code in part.fields.iter().filter(|field| is_code(field)) {
        let level = match (depth, code.name.as_str()) {
            (0, _) => "Answer",
            (_, "ErrorCode" | "PartitionErrorCode") => "Part",
            _ => "Aside",
        };
        let text = match text(part) {
            Some(field) if field.optional() => format!("{of}.{}.as_deref()", field.rust()),
            Some(field) => format!("Some(&{of}.{})", field.rust()),
            None => "None".to_owned(),
        };
        let value = format!("{of}.{}", code.rust());
        out.push_str(&format!(
            "to.code(Level::{level}, {value});\nif {value} != 0 {{ \
             to.refused(Level::{level}, &[{}], {value}, {text}); }}\n",
            about.join(", ")
        ));
    }
    for (field, structure) in nested(schema, part) {
        let item = format!("at{depth}");
        let list = match field.optional() {
            true => format!("{of}.{}.iter().flatten()", field.rust()),
            false => format!("&{of}.{}", field.rust()),
        };
        out.push_str(&format!(
            "for {item} in {list} {{\n{}}}\n",
            walk(schema, structure, &item, depth + 1, &about)
        ));
    }
    out
}

fn amend(schema: &Schema, part: &Struct, of: &str, depth: usize) -> String {
    let mut out = String::new();
    let code = part.fields.iter().find(|field| field.name == "ErrorCode");
    if let (Some(code), Some(text)) = (code, text(part))
        && text.optional()
    {
        out.push_str(&format!(
            "if {of}.{} == code {{ amend(&mut {of}.{}); }}\n",
            code.rust(),
            text.rust()
        ));
    }
    for (field, structure) in nested(schema, part) {
        let item = format!("at{depth}");
        let body = amend(schema, structure, &item, depth + 1);
        if body.is_empty() {
            continue;
        }
        let list = match field.optional() {
            true => format!("{of}.{}.iter_mut().flatten()", field.rust()),
            false => format!("&mut {of}.{}", field.rust()),
        };
        out.push_str(&format!("for {item} in {list} {{\n{body}}}\n"));
    }
    out
}

/// The answer whose code for the whole is given.
fn failed(schema: &Schema, part: &Struct) -> String {
    let top = part.fields.iter().find(|field| field.name == "ErrorCode");
    let condition = top.map_or(Condition::Never, |field| {
        field.in_place().within(schema.versions)
    });
    let made = "Self { error_code: code, ..Self::default() }";
    let (version, code, body) = match condition {
        Condition::Always => ("_version", "code", format!("Some({made})")),
        Condition::Never => ("_version", "_code", "None".to_owned()),
        Condition::When { holds, .. } => ("version", "code", format!("({holds}).then(|| {made})")),
    };
    format!("fn failed({version}: i16, {code}: i16) -> Option<Self> {{\n{body}\n}}\n\n")
}

/// The implementations for one message.
pub(crate) fn implementations(schema: &Schema, part: &Struct) -> String {
    let name = &schema.name;
    match schema.kind {
        Kind::Response => {
            let codes = walk(schema, part, "self", 0, &[]);
            let failed = failed(schema, part);
            let amended = amend(schema, part, "self", 0);
            let to = if codes.is_empty() { "_to" } else { "to" };
            let (code, with) = match amended.is_empty() {
                true => ("_code", "_amend"),
                false => ("code", "amend"),
            };
            format!(
                "impl ErrorCodes for {name} {{\n{failed}\
                 fn error_codes<S: SeesCodes>(&self, {to}: &mut S) {{\n{codes}}}\n}}\n\n\
                 impl AmendTexts for {name} {{\n\
                 fn amend_texts(&mut self, {code}: i16, {with}: &mut dyn FnMut(&mut Option<String>)) {{\n{amended}}}\n}}\n\n"
            )
        }
        Kind::Request => {
            let names = names(part, "self").join(", ");
            format!(
                "impl Subject for {name} {{\n\
                 fn subject(&self, to: &mut dyn FnMut(Names<'_>)) {{\nto(&[{names}]);\n}}\n}}\n\n"
            )
        }
        _ => String::new(),
    }
}
