//! The reader allots 64 bytes of memory for each byte of a message (`MEMORY_PER_BYTE` in the wire's `codec.rs`).
//! That no honest message needs more is a property of the schemas, which this checks.

use super::model::{Field, Schema, Struct, Type};

pub(super) const MEMORY_PER_BYTE: usize = 64;

/// Elements of arrays that take more memory than their least bytes allow, and by how much.
pub(super) fn excesses(schema: &Schema) -> Vec<String> {
    let mut found = Vec::new();
    for part in &schema.structs {
        for field in &part.fields {
            let Type::Array(item) = &field.ty else {
                continue;
            };
            for version in schema.versions.first..=schema.versions.last {
                if !field.versions.has(version) || !part.versions.has(version) {
                    continue;
                }
                let (memory, bytes) = (size(schema, item), least(schema, item, version));
                if memory > bytes * MEMORY_PER_BYTE {
                    found.push(format!(
                        "{}.{} version {version}: an element takes {memory} bytes of memory and may have {bytes}",
                        part.name, field.name
                    ));
                }
            }
        }
    }
    found
}

/// The size in memory, never less than it is.
fn size(schema: &Schema, ty: &Type) -> usize {
    match ty {
        Type::Bool | Type::Int8 => 1,
        Type::Int16 | Type::Uint16 => 2,
        Type::Int32 | Type::Uint32 => 4,
        Type::Int64 | Type::Float64 => 8,
        Type::Uuid => 16,
        Type::String | Type::Array(_) => 24,
        Type::Bytes | Type::Records => 40,
        Type::Struct(name) => {
            // Eight for a null, and for alignment.
            let fields = fields(schema, name).map(|field| size(schema, &field.ty) + 8);
            fields.sum::<usize>() + 16
        }
    }
}

/// The fewest bytes that a value of this type has.
fn least(schema: &Schema, ty: &Type, version: i16) -> usize {
    let flexible = schema.flexible.has(version);
    match ty {
        Type::String => {
            if flexible {
                1
            } else {
                2
            }
        }
        Type::Bytes | Type::Records | Type::Array(_) => {
            if flexible {
                1
            } else {
                4
            }
        }
        Type::Struct(name) => {
            let present = fields(schema, name).filter(|field| field.in_place().has(version));
            let bytes = present.map(|field| match field.ty {
                Type::Struct(_) if field.nullable.has(version) => 1,
                _ => least(schema, &field.ty, version),
            });
            bytes.sum::<usize>() + usize::from(flexible)
        }
        fixed => size(schema, fixed),
    }
}

fn fields<'a>(schema: &'a Schema, name: &str) -> impl Iterator<Item = &'a Field> {
    let part: Option<&Struct> = schema.structs.iter().find(|part| part.name == name);
    part.into_iter().flat_map(|part| &part.fields)
}
