//! The bodies of `read`.

use super::{
    emit::{flexible, has_tags},
    model::{Condition, Field, Schema, Struct, Type, Versions},
};

/// Reads into a default value what the version has.
pub(crate) fn body(schema: &Schema, part: &Struct) -> String {
    let mut out = String::new();
    for field in &part.fields {
        let present = field.in_place().intersect(part.versions);
        let value = value(schema, field, present, false);
        let condition = field.in_place().within(part.versions);
        out.push_str(&condition.guard(&format!("it.{} = {value};\n", field.rust())));
    }
    if has_tags(schema, part) {
        let condition = schema.flexible.within(part.versions);
        out.push_str(&match condition {
            Condition::When { .. } => format!("if flexible {{ {} }}\n", tags(schema, part)),
            _ => tags(schema, part),
        });
    }
    if out.is_empty() {
        return "Ok(Self::default())".to_owned();
    }
    format!("let mut it = Self::default();\n{out}Ok(it)\n")
}

fn tags(schema: &Schema, part: &Struct) -> String {
    let known = schema.flexible.intersect(part.versions);
    let mut arms = String::new();
    for field in &part.fields {
        let Some(tag) = field.tag else { continue };
        let value = value(schema, field, field.tagged.intersect(known), true);
        let assign = format!("it.{} = {value}", field.rust());
        let refuse =
            format!("{tag} => return Err(from.malformed(\"tagged field of another version\")),\n");
        match field.tagged.within(known) {
            Condition::Always => arms.push_str(&format!("{tag} => {assign},\n")),
            Condition::Never => arms.push_str(&refuse),
            Condition::When { holds, .. } => {
                arms.push_str(&format!("{tag} if {holds} => {assign},\n{refuse}"));
            }
        }
    }
    if arms.is_empty() {
        return "it.unknown_tags = from.tags(|_, _| Ok(false))?;\n".to_owned();
    }
    format!(
        "it.unknown_tags = from.tags(|tag, from| {{ match tag {{ {arms} _ => return Ok(false), }}\nOk(true) }})?;\n"
    )
}

/// The expression that reads the field in `present` versions.
fn value(schema: &Schema, field: &Field, present: Versions, tagged: bool) -> String {
    let flexible = if tagged {
        "true"
    } else {
        flexible(schema, field, present)
    };
    let plain = plain(&field.ty, flexible);
    if !field.optional() {
        return plain;
    }
    let some = format!("Some({plain})");
    let nullable = match &field.ty {
        Type::Struct(_) if tagged => {
            format!("if from.uvarint()? == 0 {{ None }} else {{ {some} }}")
        }
        Type::Struct(_) => format!("if from.i8()? < 0 {{ None }} else {{ {some} }}"),
        Type::Array(item) => format!(
            "from.nullable_items({flexible}, {})?",
            item_reader(item, flexible)
        ),
        other => format!("from.nullable_{}({flexible})?", other.method()),
    };
    match field.nullable.within(present) {
        Condition::Always => nullable,
        Condition::Never => some,
        Condition::When { holds, .. } => format!("if {holds} {{ {nullable} }} else {{ {some} }}"),
    }
}

fn plain(ty: &Type, flexible: &str) -> String {
    match ty {
        Type::Struct(name) => format!("{name}::read(from, version)?"),
        Type::Array(item) => format!("from.items({flexible}, {})?", item_reader(item, flexible)),
        Type::String | Type::Bytes | Type::Records => format!("from.{}({flexible})?", ty.method()),
        fixed => format!("from.{}()?", fixed.method()),
    }
}

fn item_reader(item: &Type, flexible: &str) -> String {
    match item {
        Type::Struct(name) => format!("|from| {name}::read(from, version)"),
        Type::String => format!("|from| from.string({flexible})"),
        fixed => format!("Reader::{}", fixed.method()),
    }
}
