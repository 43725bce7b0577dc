//! Generates `crates/wire/src/messages` from `crates/wire/schemas`.

/// Runs the command.
pub(crate) fn run(_args: &[String]) -> Result<(), String> {
    Err("codegen: not built yet".to_owned())
}
