//! Fuzzing on stable Rust: a [`Target`] for everything that reads bytes which a peer, a disk or an operator may have
//! spoiled. `cargo test -p ottla-fuzz` gives each about a second; `cargo xtask fuzz --seconds N` gives it more.
//!
//! An input begins as a valid one (drawn, or kept in `corpus/`) and is damaged in a few places, since noise is
//! refused at the first byte. An input that fails is written to `target/fuzz-found/NAME`, as small as it could be made: move
//! it to `corpus/NAME/` once the bug has a name, and every run from then on begins with it.

mod corpus;
mod input;
pub mod targets;
mod watch;

use std::time::Duration;

use ottla_wire::random::Random;

pub use input::{Mutation, Recipe};

/// Something that reads bytes.
#[derive(Debug)]
pub struct Target {
    /// What it is called, as a test and as a folder of the corpus.
    pub name: &'static str,
    /// Draws an input that is accepted.
    pub valid: fn(&mut Random) -> Vec<u8>,
    /// Reads an input: whether it is accepted. Panics if what it finds cannot be.
    pub check: fn(&[u8]) -> bool,
}

/// How many drawn inputs must be accepted before any is damaged.
const DRAWN: u64 = 20;
/// What a file of the corpus is called if its input must be accepted.
const VALID: &str = "valid";

/// Replays what is kept of a target, then breaks inputs for `OTTLA_FUZZ_SECONDS` (1 if it is not set).
///
/// # Panics
/// If an input makes the target panic, or if a valid one is refused. The process aborts if an input takes too long or
/// too much memory.
pub fn fuzz(target: &'static Target) {
    let kept = corpus::kept(target.name);
    assert!(!kept.is_empty(), "{}: nothing is kept", target.name);
    for (name, bytes) in &kept {
        let accepted = watch::within_bounds(target, bytes);
        let may_be_refused = !name.starts_with(VALID);
        assert!(
            accepted || may_be_refused,
            "{}/{name} is refused",
            target.name
        );
    }
    for seed in 0..DRAWN {
        let bytes = (target.valid)(&mut Random::new(seed));
        let accepted = watch::within_bounds(target, &bytes);
        assert!(
            accepted,
            "{}: a drawn input is refused: seed {seed}",
            target.name
        );
    }
    let kept: Vec<Vec<u8>> = kept.into_iter().map(|(_, bytes)| bytes).collect();
    bolero::check!()
        .with_type::<Recipe>()
        .with_iterations(usize::MAX)
        .with_test_time(seconds())
        .for_each(|recipe: &Recipe| {
            watch::within_bounds(target, &recipe.input(target.valid, &kept));
        });
}

fn seconds() -> Duration {
    let seconds = std::env::var("OTTLA_FUZZ_SECONDS").ok();
    let seconds = seconds.map(|text| text.parse().expect("OTTLA_FUZZ_SECONDS is a whole number"));
    Duration::from_secs(seconds.unwrap_or(1))
}
