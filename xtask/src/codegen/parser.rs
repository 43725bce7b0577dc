//! Schema text → model. A line is a header, `struct Name versions` in the first column, or a field whose
//! indentation says what it is in.

use super::model::{Field, Kind, Schema, Struct, Type, Versions};

/// Reads one schema of `group`; the error says which line is wrong and why.
pub(crate) fn parse(group: &str, text: &str) -> Result<Schema, String> {
    let mut lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty());
    let (_, header) = lines.next().ok_or("empty schema")?;
    let mut schema = parse_header(group, header).map_err(|why| format!("line 1: {why}"))?;
    schema.structs.push(Struct {
        name: schema.name.clone(),
        versions: schema.versions,
        fields: Vec::new(),
    });
    // The structure that each depth of indentation adds to.
    let mut open = vec![0];
    for (number, line) in lines {
        parse_line(&mut schema, &mut open, line)
            .map_err(|why| format!("line {}: {why}", number + 1))?;
    }
    check(&schema)?;
    Ok(schema)
}

fn parse_header(group: &str, line: &str) -> Result<Schema, String> {
    let mut words = line.split_whitespace();
    let kind = match words.next() {
        Some("request") => Kind::Request,
        Some("response") => Kind::Response,
        Some("header") => Kind::Header,
        Some("data") => Kind::Data,
        Some("metadata") => Kind::Metadata,
        Some("coordinator-key") => Kind::CoordinatorKey,
        Some("coordinator-value") => Kind::CoordinatorValue,
        other => return Err(format!("unknown kind {other:?}")),
    };
    let mut schema = Schema {
        group: group.to_owned(),
        kind,
        name: words.next().ok_or("no name")?.to_owned(),
        key: None,
        versions: Versions::NONE,
        flexible: Versions::NONE,
        listeners: Vec::new(),
        latest_unstable: false,
        structs: Vec::new(),
    };
    for word in words {
        match word.split_once('=').unwrap_or((word, "")) {
            ("apiKey", key) => schema.key = Some(key.parse().map_err(|_| "bad apiKey")?),
            ("versions", text) => schema.versions = versions(text)?,
            ("flexible", text) => schema.flexible = versions(text)?,
            ("listeners", text) => schema.listeners = text.split(',').map(str::to_owned).collect(),
            ("latestVersionUnstable", "") => schema.latest_unstable = true,
            _ => return Err(format!("unknown attribute {word}")),
        }
    }
    Ok(schema)
}

fn parse_line(schema: &mut Schema, open: &mut Vec<usize>, line: &str) -> Result<(), String> {
    if let Some(rest) = line.strip_prefix("struct ") {
        let (name, text) = rest.split_once(' ').ok_or("a struct needs versions")?;
        open.clear();
        open.push(schema.structs.len());
        schema.structs.push(Struct {
            name: name.to_owned(),
            versions: versions(text)?.intersect(schema.versions),
            fields: Vec::new(),
        });
        return Ok(());
    }
    let spaces = line.len() - line.trim_start().len();
    if spaces < 2 || !spaces.is_multiple_of(2) {
        return Err(format!("indented by {spaces}"));
    }
    let depth = spaces / 2;
    let field = parse_field(line.trim())?;
    open.truncate(depth);
    if open.len() < depth {
        // The line above is a field of structures: its structure begins here.
        let outer = *open.last().ok_or("no structure")?;
        let parent = &schema.structs[outer];
        let owner = parent.fields.last().ok_or("indented below nothing")?;
        let name = owner.ty.structure().ok_or("only structures have fields")?;
        let part = Struct {
            name: name.to_owned(),
            versions: parent.versions.intersect(owner.versions),
            fields: Vec::new(),
        };
        if depth != open.len() + 1 {
            return Err("indented by more than one level".to_owned());
        }
        open.push(schema.structs.len());
        schema.structs.push(part);
    }
    let target = *open.last().ok_or("no structure")?;
    schema.structs[target].fields.push(field);
    Ok(())
}

fn parse_field(line: &str) -> Result<Field, String> {
    let mut words = line.split_whitespace();
    let (Some(name), Some(ty), Some(text)) = (words.next(), words.next(), words.next()) else {
        return Err("a field is a name, a type and versions".to_owned());
    };
    let mut field = Field {
        name: name.to_owned(),
        ty: Type::parse(ty).ok_or_else(|| format!("unknown type {ty}"))?,
        versions: versions(text)?,
        nullable: Versions::NONE,
        tagged: Versions::NONE,
        tag: None,
        default: None,
        ignorable: false,
        flexible: None,
        entity: None,
    };
    for word in words {
        match word.split_once('=').unwrap_or((word, "")) {
            ("nullable", text) => field.nullable = versions(text)?,
            ("taggedVersions", text) => field.tagged = versions(text)?,
            ("tag", text) => field.tag = Some(text.parse().map_err(|_| "bad tag")?),
            ("default", text) => field.default = Some(text.trim_matches('"').to_owned()),
            ("flexible", text) => field.flexible = Some(versions(text)?),
            ("entity", text) => field.entity = Some(text.to_owned()),
            ("ignorable", "") => field.ignorable = true,
            // Kafka's collections index by keys and copy less; neither changes a byte.
            ("key" | "zeroCopy", "") => {}
            _ => return Err(format!("unknown attribute {word}")),
        }
    }
    Ok(field)
}

fn versions(text: &str) -> Result<Versions, String> {
    Versions::parse(text).ok_or_else(|| format!("bad versions {text}"))
}

/// What the emitters rely on.
fn check(schema: &Schema) -> Result<(), String> {
    for part in &schema.structs {
        let same = schema
            .structs
            .iter()
            .filter(|other| other.name == part.name);
        if same.count() > 1 {
            return Err(format!("two structures {}", part.name));
        }
        for field in &part.fields {
            let at = format!("{}.{}", part.name, field.name);
            if let Some(name) = field.ty.structure()
                && !schema.structs.iter().any(|part| part.name == name)
            {
                return Err(format!("{at}: no structure {name}"));
            }
            if field.tag.is_some() == field.tagged.is_empty() {
                return Err(format!("{at}: tag without taggedVersions or the reverse"));
            }
            if field.tag.is_some() && field.tagged.last != i16::MAX {
                return Err(format!("{at}: tagged versions are not open-ended"));
            }
            if field.tag.is_some() && field.ty == Type::Records {
                return Err(format!("{at}: records cannot be tagged"));
            }
            if field.default.as_deref() == Some("null")
                && field.nullable.intersect(field.versions) != field.versions
            {
                return Err(format!("{at}: null by default but not nullable everywhere"));
            }
            if matches!(&field.ty, Type::Array(item) if matches!(**item, Type::Array(_) | Type::Bytes | Type::Records))
            {
                return Err(format!("{at}: arrays of this type are not supported"));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indentation_nests() {
        let text = "request XRequest apiKey=3 versions=1-4 flexible=3+ listeners=broker\n  \
            A []One 0+\n    B []Two 2+\n      C int8 0+\n    D string 0+ nullable=1+\n  \
            E Shared 1+ tag=0 taggedVersions=3+\nstruct Shared 1+\n  F bool 1+\n";
        let schema = parse("rpc", text).unwrap();
        let names: Vec<_> = schema
            .structs
            .iter()
            .map(|part| {
                (
                    part.name.as_str(),
                    part.versions.to_string(),
                    part.fields.len(),
                )
            })
            .collect();
        assert_eq!(
            names,
            [
                ("XRequest", "1-4".to_owned(), 2),
                ("One", "1-4".to_owned(), 2),
                ("Two", "2-4".to_owned(), 1),
                ("Shared", "1-4".to_owned(), 1)
            ]
        );
    }

    #[test]
    fn nonsense_is_refused_with_its_line() {
        let bad = "data X versions=0 flexible=none\n  A int9 0+\n";
        assert_eq!(parse("rpc", bad).unwrap_err(), "line 2: unknown type int9");
        let bad = "data X versions=0 flexible=none\n  A Lost 0+\n";
        assert_eq!(parse("rpc", bad).unwrap_err(), "X.A: no structure Lost");
    }
}
