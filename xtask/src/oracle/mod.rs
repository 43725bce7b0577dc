//! Apache Kafka and other people's clients: installs them, starts and stops them.

/// Runs the command.
pub(crate) fn run(_args: &[String]) -> Result<(), String> {
    Err("oracle: not built yet".to_owned())
}
