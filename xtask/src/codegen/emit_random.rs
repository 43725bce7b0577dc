//! The bodies of `random`: a drawn value for every field that the version has.

use super::{
    emit::has_tags,
    model::{Condition, Field, Schema, Struct, Type},
};

pub(crate) fn body(schema: &Schema, part: &Struct) -> String {
    let mut out = String::new();
    for field in &part.fields {
        let assign = format!("it.{} = {};\n", field.rust(), value(field, part));
        // Records are always drawn: where null is not allowed, their default cannot be read back.
        if field.ty == Type::Records {
            out.push_str(&field.versions.within(part.versions).guard(&assign));
            continue;
        }
        out.push_str(&match field.versions.within(part.versions) {
            Condition::Always => format!("if source.sets() {{ {assign} }}\n"),
            Condition::Never => String::new(),
            Condition::When { holds, .. } => {
                format!("if {holds} && source.sets() {{ {assign} }}\n")
            }
        });
    }
    if has_tags(schema, part) {
        let tags = "it.unknown_tags = source.tags();";
        out.push_str(&match schema.flexible.within(part.versions) {
            Condition::When { .. } => format!("if flexible {{ {tags} }}\n"),
            _ => tags.to_owned(),
        });
    }
    if out.is_empty() {
        return "Self::default()".to_owned();
    }
    format!("let mut it = Self::default();\n{out}it\n")
}

fn value(field: &Field, part: &Struct) -> String {
    let plain = draw(&field.ty);
    if !field.optional() {
        return plain;
    }
    match field
        .nullable
        .within(field.versions.intersect(part.versions))
    {
        Condition::Always => format!("source.nullable(true, |source| {plain})"),
        Condition::Never => format!("Some({plain})"),
        Condition::When { holds, .. } => format!("source.nullable({holds}, |source| {plain})"),
    }
}

fn draw(ty: &Type) -> String {
    match ty {
        Type::Struct(name) => format!("{name}::random(source, version)"),
        Type::Array(item) => format!("source.items(|source| {})", draw(item)),
        other => format!("source.{}()", other.method()),
    }
}
