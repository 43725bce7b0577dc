//! Writes the corpus anew: a few drawn inputs of each target. What once found a bug is not touched.
//! `cargo run -p ottla-fuzz --example corpus`.

use std::{fs, io, path::Path};

use ottla_fuzz::targets;
use ottla_wire::random::Random;

const EACH: u64 = 3;

fn main() -> io::Result<()> {
    for target in targets::ALL {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("corpus")
            .join(target.name);
        fs::create_dir_all(&folder)?;
        for seed in 0..EACH {
            let bytes = (target.valid)(&mut Random::new(1000 + seed));
            fs::write(folder.join(format!("valid-{seed}")), bytes)?;
        }
    }
    Ok(())
}
