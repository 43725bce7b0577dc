//! `docs/reference/configs.md` is what the tables print.

use std::path::Path;

#[test]
fn the_reference_is_what_the_tables_print() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/configs.md");
    let printed = ottla_config::reference();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a file is in a directory"))
            .expect("docs can be made");
        std::fs::write(&path, &printed).expect("the reference can be written");
    }
    let written = std::fs::read_to_string(&path).expect("the reference is there");
    assert!(
        written == printed,
        "docs/reference/configs.md is stale: UPDATE_DOCS=1 cargo test -p ottla-config"
    );
}
