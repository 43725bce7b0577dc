//! The `ottla` binary: one file per command, no logic.

fn main() {}
