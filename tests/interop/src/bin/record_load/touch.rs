//! Memory that the machine has before a load needs it.

use std::io::{self, Write};

use ottla_interop::load::Plan;
use serde_json::{Value, json};

/// Options: megabytes.
pub(crate) fn run(plan: &Plan) -> Result<Value, String> {
    let megabytes = plan.number("megabytes")?;
    touch(megabytes)?;
    Ok(json!({"megabytes": megabytes}))
}

/// Has so many megabytes in a file for a moment. A virtual machine gets memory from its host when it is first used, and gives it
/// back when it is free for a while: for new files that can take more time than all that a broker does, and says nothing of it.
pub(crate) fn touch(megabytes: usize) -> Result<(), String> {
    let touched = || -> io::Result<()> {
        let mut file = tempfile::tempfile()?;
        let one = vec![1; 1 << 20];
        (0..megabytes).try_for_each(|_| file.write_all(&one))
    };
    touched().map_err(|error| format!("touch: {error}"))
}
