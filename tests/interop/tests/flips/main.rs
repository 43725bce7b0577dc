//! One data directory, Apache Kafka and ottla taking turns on it: nothing lost, nothing doubled, every answer the same.
//!
//! `OTTLA_FLIPS_SEED` plays another workload; `OTTLA_FLIPS` says how often the program changes.

mod asks;
mod check;
mod files;
mod look;
mod model;
mod older;
mod producers;
mod site;
mod workload;

use std::env;

use ottla_interop::{legacy, lines::Numbers, server::Kind, takeover::picture::Age};
use site::Site;

const FLIPS: u64 = 10;
/// Things that happen between two flips.
const HAPPENINGS: usize = 40;

fn number(variable: &str) -> Option<u64> {
    let text = env::var(variable).ok()?;
    let number = text.parse();
    Some(number.unwrap_or_else(|_| panic!("{variable}={text}: not a number")))
}

/// Of all that happens by chance; said, so that it can be played again. Without a wish, a run says the same twice.
fn seed(usual: u64) -> u64 {
    let seed = number("OTTLA_FLIPS_SEED").unwrap_or(usual);
    eprintln!("OTTLA_FLIPS_SEED={seed}");
    seed
}

#[test]
fn each_takes_over_all_that_the_other_left() {
    let seed = seed(3);
    let flips = number("OTTLA_FLIPS").unwrap_or(FLIPS);
    let dir = tempfile::tempdir().expect("temporary folder");
    let numbers = &mut Numbers::new(seed + 1);
    let mut site = Site::new(&dir.path().join("node"), seed + 2, &[]);
    let kinds = [Kind::Kafka, Kind::under_test()];
    let first = numbers.below(2);
    let what = format!("seed {seed}, before all");
    let (server, connection) = site.start(Kind::under_test(), Age::Newer, &what);
    site.end(server, connection, true, &what);
    site.plant(&legacy::sets(dir.path()));
    for turn in 0..=flips {
        let kind = kinds[(first + turn as usize) % 2];
        // Both ways of stopping for both programs, and the last one leaves all in order.
        let clean = turn == flips || (turn / 2 + numbers.below(3) as u64 / 2).is_multiple_of(2);
        let what = format!("seed {seed}, turn {turn}, {kind:?}");
        let (server, mut connection) = site.start(kind, Age::Newer, &what);
        site.happen(&mut connection, HAPPENINGS);
        let how = if clean { "stopped" } else { "killed" };
        site.end(server, connection, clean, &format!("{what}, {how}"));
    }
    let counted = site.counted;
    eprintln!("{counted:?}");
    assert!(
        counted.records > 1000 && counted.markers > 50,
        "{counted:?}"
    );
    assert!(counted.removed > 20 && counted.offsets > 20, "{counted:?}");
    site.look_into_all_files();
}
