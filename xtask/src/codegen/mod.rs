//! Generates `crates/wire/src/messages` from `crates/wire/schemas`.
//!
//! Depends on nothing that it writes, so that broken output can be written again.

#[cfg(test)]
mod budget;
mod emit;
mod emit_codes;
mod emit_index;
mod emit_random;
mod emit_read;
mod emit_write;
mod model;
mod parser;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use model::Schema;

/// Paths below `messages/` and what is in them.
type Files = BTreeMap<PathBuf, String>;

/// Runs the command: writes the files that differ, or with `--check` only says whether any does.
pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let check = match args {
        [] => false,
        [flag] if flag == "--check" => true,
        _ => return Err("usage: cargo xtask codegen [--check]".to_owned()),
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .ok_or("no workspace")?;
    let wanted = formatted(root, &generate(&load(&root.join("crates/wire/schemas"))?)?)?;
    let target = root.join("crates/wire/src/messages");
    let mut present = Files::new();
    if target.exists() {
        collect(&target, &target, &mut present)?;
    }
    let stale: Vec<_> = wanted
        .iter()
        .filter(|(path, text)| present.get(*path) != Some(text))
        .map(|(path, _)| path.clone())
        .collect();
    let extra: Vec<_> = present
        .into_keys()
        .filter(|path| !wanted.contains_key(path))
        .collect();
    if check {
        return match stale.iter().chain(&extra).next() {
            None => Ok(()),
            Some(path) => Err(format!(
                "{} of the {} generated files differ, the first is {}: run cargo xtask codegen",
                stale.len() + extra.len(),
                wanted.len(),
                path.display()
            )),
        };
    }
    for path in &stale {
        write(&target.join(path), &wanted[path])?;
    }
    for path in &extra {
        let path = target.join(path);
        fs::remove_file(&path).map_err(|why| format!("{}: {why}", path.display()))?;
    }
    eprintln!(
        "{} files, {} written, {} removed",
        wanted.len(),
        stale.len(),
        extra.len()
    );
    Ok(())
}

/// All schemas by group, those without a version included.
fn load(directory: &Path) -> Result<Vec<Schema>, String> {
    let mut texts = Files::new();
    collect(directory, directory, &mut texts)?;
    let mut schemas = Vec::new();
    for (path, text) in &texts {
        let group = path.parent().and_then(Path::to_str).unwrap_or_default();
        let schema =
            parser::parse(group, text).map_err(|why| format!("{}: {why}", path.display()))?;
        if path.file_stem().and_then(|stem| stem.to_str()) != Some(schema.name.as_str()) {
            return Err(format!("{}: is about {}", path.display(), schema.name));
        }
        schemas.push(schema);
    }
    if schemas.is_empty() {
        return Err(format!("{}: no schemas", directory.display()));
    }
    Ok(schemas)
}

fn generate(schemas: &[Schema]) -> Result<Files, String> {
    let alive: Vec<&Schema> = schemas.iter().filter(|schema| schema.is_alive()).collect();
    let mut groups: BTreeMap<&str, Vec<&Schema>> = BTreeMap::new();
    let mut files = Files::new();
    for schema in &alive {
        groups.entry(&schema.group).or_default().push(schema);
        let path = Path::new(&schema.group).join(format!("{}.rs", schema.module()));
        files.insert(path, emit::module(schema));
    }
    for (group, members) in &groups {
        let directory = Path::new(group);
        files.insert(directory.join("mod.rs"), emit_index::group(group, members));
        if emit_index::is_metadata_log(group, members) {
            let path = directory.join("metadata_record.rs");
            files.insert(path, emit_index::metadata_record(members));
        }
    }
    let names: Vec<&str> = groups.keys().copied().collect();
    files.insert("mod.rs".into(), emit_index::root(&names));
    files.insert("random.rs".into(), emit_index::random_table(&alive));
    files.insert("requests.rs".into(), emit_index::requests(schemas)?);
    Ok(files)
}

/// Through rustfmt, in a scratch directory.
fn formatted(root: &Path, files: &Files) -> Result<Files, String> {
    let scratch = root.join(format!("target/codegen-{}", std::process::id()));
    if scratch.exists() {
        fs::remove_dir_all(&scratch).map_err(|why| format!("{}: {why}", scratch.display()))?;
    }
    for (path, text) in files {
        write(&scratch.join(path), text)?;
    }
    let status = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path"])
        .arg(root)
        .arg(scratch.join("mod.rs"))
        .status()
        .map_err(|why| format!("rustfmt: {why}"))?;
    if !status.success() {
        return Err(format!("rustfmt refuses what is in {}", scratch.display()));
    }
    let mut formatted = Files::new();
    collect(&scratch, &scratch, &mut formatted)?;
    fs::remove_dir_all(&scratch).map_err(|why| format!("{}: {why}", scratch.display()))?;
    Ok(formatted)
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    let directory = path.parent().ok_or("no directory")?;
    fs::create_dir_all(directory)
        .and_then(|()| fs::write(path, text))
        .map_err(|why| format!("{}: {why}", path.display()))
}

/// Every file below `directory`, by its path from `base`.
fn collect(base: &Path, directory: &Path, files: &mut Files) -> Result<(), String> {
    let fault = |why: std::io::Error| format!("{}: {why}", directory.display());
    for entry in fs::read_dir(directory).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        if path.is_dir() {
            collect(base, &path, files)?;
        } else {
            let text =
                fs::read_to_string(&path).map_err(|why| format!("{}: {why}", path.display()))?;
            let name = path.strip_prefix(base).map_err(|why| why.to_string())?;
            files.insert(name.to_owned(), text);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schemas() -> Vec<Schema> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        load(&root.join("../crates/wire/schemas")).unwrap()
    }

    #[test]
    fn no_honest_message_exceeds_the_memory_of_a_reader() {
        let excesses: Vec<_> = schemas().iter().flat_map(budget::excesses).collect();
        assert!(excesses.is_empty(), "{excesses:#?}");
        let codec =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/wire/src/codec/reader.rs");
        let said = format!(
            "const MEMORY_PER_BYTE: usize = {};",
            budget::MEMORY_PER_BYTE
        );
        assert!(fs::read_to_string(codec).unwrap().contains(&said));
    }

    #[test]
    fn what_is_checked_in_is_what_the_schemas_say() {
        run(&["--check".to_owned()]).unwrap();
    }
}
