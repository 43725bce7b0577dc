//! Inputs that are kept: `corpus/TARGET/NAME`.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Names and bytes of what is kept of a target, in order.
pub(crate) fn kept(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target);
    let Ok(listing) = fs::read_dir(&folder) else {
        return Vec::new();
    };
    let mut kept: Vec<_> = listing
        .map(|entry| {
            let entry = entry.expect("the corpus can be listed");
            let bytes = fs::read(entry.path()).expect("the corpus can be read");
            (entry.file_name().to_string_lossy().into_owned(), bytes)
        })
        .collect();
    kept.sort();
    kept
}

/// Writes down an input that failed; where to.
pub(crate) fn note(target: &str, bytes: &[u8]) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/fuzz-found");
    let path = folder.join(target);
    if let Err(error) = fs::create_dir_all(&folder).and_then(|()| fs::write(&path, bytes)) {
        eprintln!("{}: {error}", path.display());
    }
    path
}
