//! The bodies of `write`.

use super::{
    emit::{flexible, has_tags, is_default},
    model::{Condition, Field, Schema, Struct, Type, Versions},
};

/// Writes what the version has, and refuses a value that it has no place for unless that may be ignored.
pub(crate) fn body(schema: &Schema, part: &Struct) -> String {
    let mut out = String::new();
    for field in &part.fields {
        let lost = if field.ignorable {
            String::new()
        } else {
            place(part, field, &is_default(field).yes)
        };
        let condition = field.in_place().within(part.versions);
        let present = field.in_place().intersect(part.versions);
        let write = value(schema, part, field, present, false);
        if field.tagged.is_empty() {
            out.push_str(&condition.choose(&write, &lost));
        } else {
            out.push_str(&condition.guard(&write));
            out.push_str(&field.versions.within(part.versions).choose("", &lost));
        }
    }
    if has_tags(schema, part) {
        let condition = schema.flexible.within(part.versions);
        let tags = tags(schema, part);
        let lost = format!(
            "place(self.unknown_tags.is_empty(), {:?}, \"unknown_tags\")?;\n",
            part.name
        );
        out.push_str(&match condition {
            Condition::When { .. } => format!("if flexible {{ {tags} }} else {{ {lost} }}\n"),
            _ => tags,
        });
    }
    out + "Ok(())\n"
}

fn place(part: &Struct, field: &Field, condition: &str) -> String {
    format!(
        "place({condition}, {:?}, {:?})?;\n",
        part.name,
        field.plain()
    )
}

fn tags(schema: &Schema, part: &Struct) -> String {
    let known = schema.flexible.intersect(part.versions);
    let mut tagged: Vec<&Field> = part
        .fields
        .iter()
        .filter(|field| field.tag.is_some())
        .collect();
    tagged.sort_by_key(|field| field.tag);
    let mut out = String::new();
    for field in tagged {
        let present = field.tagged.intersect(known);
        let write = value(schema, part, field, present, true);
        let put = format!(
            "tags.field({}, |to| {{ {write} Ok(()) }})?;",
            field.tag.unwrap_or_default()
        );
        let set = is_default(field).no;
        out.push_str(&match field.tagged.within(known) {
            Condition::Always => format!("if {set} {{ {put} }}\n"),
            Condition::Never => String::new(),
            Condition::When { holds, .. } => format!("if {holds} && {set} {{ {put} }}\n"),
        });
    }
    if out.is_empty() {
        return "to.tags(&self.unknown_tags);\n".to_owned();
    }
    format!(
        "let mut tags = TagWriter::new(&self.unknown_tags, {:?});\n{out}tags.finish(to);\n",
        part.name
    )
}

/// The statements that write the field in `present` versions.
fn value(schema: &Schema, part: &Struct, field: &Field, present: Versions, tagged: bool) -> String {
    let it = format!("self.{}", field.rust());
    let flexible = if tagged {
        "true"
    } else {
        flexible(schema, field, present)
    };
    // Records are null by default even where null is not allowed: there, none are empty ones.
    if field.ty == Type::Records {
        return match field.nullable.within(present) {
            Condition::Always => format!("to.records({it}.as_ref(), {flexible});\n"),
            Condition::Never => {
                format!(
                    "to.records(Some({it}.as_ref().unwrap_or(&Records::default())), {flexible});\n"
                )
            }
            Condition::When { holds, .. } => format!(
                "match &{it} {{ None if {holds} => to.records(None, {flexible}),\n\
                 value => to.records(Some(value.as_ref().unwrap_or(&Records::default())), {flexible}), }}\n"
            ),
        };
    }
    if !field.optional() {
        return plain(part, field, &field.ty, &it, flexible);
    }
    let guard = match field.nullable.within(present) {
        Condition::Always => String::new(),
        Condition::Never => place(part, field, &format!("{it}.is_some()")),
        Condition::When { holds, .. } => place(part, field, &format!("{holds} || {it}.is_some()")),
    };
    let write = match &field.ty {
        Type::String => place(
            part,
            field,
            &format!("to.nullable_string({it}.as_deref(), {flexible})"),
        ),
        Type::Array(item) => format!(
            "to.length({it}.as_ref().map(Vec::len), {flexible});\nfor item in {it}.iter().flatten() {{ {} }}\n",
            item_writer(part, field, item, flexible)
        ),
        Type::Struct(_) => structure(field, present, &it, tagged),
        _ => format!("to.nullable_bytes({it}.as_deref(), {flexible});\n"),
    };
    guard + &write
}

fn structure(field: &Field, present: Versions, it: &str, tagged: bool) -> String {
    let (some, none) = if tagged {
        ("to.uvarint(1);", "to.uvarint(0)")
    } else {
        ("to.i8(1);", "to.i8(-1)")
    };
    match field.nullable.within(present) {
        Condition::Always => format!(
            "match &{it} {{ Some(value) => {{ {some} value.write(to, version)?; }}\nNone => {none}, }}\n"
        ),
        _ => format!("if let Some(value) = &{it} {{ value.write(to, version)?; }}\n"),
    }
}

fn plain(part: &Struct, field: &Field, ty: &Type, it: &str, flexible: &str) -> String {
    match ty {
        Type::Struct(_) => format!("{it}.write(to, version)?;\n"),
        Type::Array(item) => format!(
            "to.length(Some({it}.len()), {flexible});\nfor item in &{it} {{ {} }}\n",
            item_writer(part, field, item, flexible)
        ),
        Type::String => place(part, field, &format!("to.string(&{it}, {flexible})")),
        Type::Bytes => format!("to.bytes(&{it}, {flexible});\n"),
        fixed => format!("to.{}({it});\n", fixed.method()),
    }
}

fn item_writer(part: &Struct, field: &Field, item: &Type, flexible: &str) -> String {
    match item {
        Type::Struct(_) => "item.write(to, version)?;".to_owned(),
        Type::String => place(part, field, &format!("to.string(item, {flexible})")),
        fixed => format!("to.{}(*item);", fixed.method()),
    }
}
