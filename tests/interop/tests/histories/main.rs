//! Randomized histories of transactional clients against a real server, checked offline: all or nothing, in order,
//! nothing lost, nothing twice, nothing of what was aborted.
//!
//! `OTTLA_HISTORIES` says how many, `OTTLA_SEED` runs the history of one seed, `OTTLA_FIRST_SEED` says where they begin,
//! `OTTLA_AT_ONCE` how many run at a time on one server, `OTTLA_SERVERS` how many servers there are at a time,
//! `OTTLA_OUTAGE_MS` how often each is killed or stopped (0: never), `OTTLA_HISTORIES_DIR` in which folder they keep their
//! data (in memory if that can be); `OTTLA_INTEROP_SERVER=kafka` lets Apache Kafka serve. A bad history is written as text
//! to where the test says.
//!
//! Clients do what they do by their seed; when they do it, and when the server dies, is a matter of the machine.

mod actors;
mod check;
mod client;
mod damage;
mod fetched;
mod history;
mod outages;
mod producer;
mod random;
mod rounds;
mod run;
mod servers;
mod tally;
mod wire;

use std::{env, fs, path::Path};

use history::History;
use ottla_interop::server::Kind;
use rounds::number;
use servers::Servers;

/// Unless `OTTLA_HISTORIES` says otherwise.
const HISTORIES: u64 = 300;
/// Where seeds begin, unless `OTTLA_SEED` names one.
const FIRST_SEED: u64 = 1;

#[test]
fn no_history_is_bad() {
    let kind = Kind::under_test();
    let seeds: Vec<u64> = if env::var_os("OTTLA_SEED").is_some() {
        vec![number("OTTLA_SEED", 0)]
    } else {
        let first = number("OTTLA_FIRST_SEED", FIRST_SEED);
        (first..)
            .take(number("OTTLA_HISTORIES", HISTORIES) as usize)
            .collect()
    };
    let servers = Servers::new(kind);
    let results = servers.play(&seeds);
    assert_eq!(results.tally.histories(), seeds.len());
    assert_eq!(results.bad, 0, "bad histories of {}", seeds.len());
    results.damages.most_were_found();
    if seeds.len() >= 100 {
        results.tally.shows_everything(servers.outage_every > 0);
    }
}

/// Says what is wrong with a history that is not.
fn is_good(history: &History) -> bool {
    let breaches = check::check(history);
    if breaches.is_empty() {
        return true;
    }
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("histories");
    fs::create_dir_all(&dir).expect("a folder");
    let path = dir.join(format!("seed-{}.txt", history.seed));
    let lines: Vec<String> = breaches.iter().map(ToString::to_string).collect();
    let text = format!("{}\n\n{}", lines.join("\n"), history.text());
    fs::write(&path, text).expect("a file");
    eprintln!(
        "OTTLA_SEED={}: {} breaches, see {}\n{}",
        history.seed,
        breaches.len(),
        path.display(),
        lines[..lines.len().min(5)].join("\n")
    );
    false
}
