//! `docs/reference/errors.md` is what the table and the pages print.

use std::path::Path;

#[test]
fn the_reference_is_what_the_pages_print() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/errors.md");
    let printed = ottla_catalogue::reference();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &printed).expect("the reference can be written");
    }
    let written = std::fs::read_to_string(&path).expect("the reference is there");
    assert!(
        written == printed,
        "docs/reference/errors.md is stale: UPDATE_DOCS=1 cargo test -p ottla-catalogue"
    );
}
