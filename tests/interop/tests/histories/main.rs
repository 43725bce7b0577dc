//! Randomized histories of transactional clients against a real server, checked offline: all or nothing, in order,
//! nothing lost, nothing twice, nothing of what was aborted.
//!
//! `OTTLA_HISTORIES` says how many, `OTTLA_SEED` runs the history of one seed, `OTTLA_FIRST_SEED` says where they begin,
//! `OTTLA_AT_ONCE` how many run at a time, `OTTLA_OUTAGE_MS` how often the server is killed or stopped (0: never);
//! `OTTLA_INTEROP_SERVER=kafka` lets Apache Kafka serve. A bad history is written as text to where the test says.
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
mod tally;
mod wire;

use std::{env, fs, path::Path};

use history::History;
use ottla_interop::server::Kind;
use rounds::{Round, number, play};
use tally::Tally;

/// Unless `OTTLA_HISTORIES` says otherwise.
const HISTORIES: u64 = 300;
/// On one server.
const A_ROUND: usize = 400;
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
    // Apache Kafka takes long to start.
    let outage_every = number(
        "OTTLA_OUTAGE_MS",
        if kind == Kind::Kafka { 0 } else { 1500 },
    );
    let mut tally = Tally::default();
    let mut bad = 0;
    for seeds in seeds.chunks(A_ROUND) {
        let dir = tempfile::tempdir().expect("temporary folder");
        let round = Round {
            seeds: seeds.to_vec(),
            outage_every,
            kind,
        };
        let histories = play(&dir.path().join("node"), &round);
        assert_eq!(histories.len(), seeds.len());
        for history in &histories {
            tally.count(history);
            bad += usize::from(!is_good(history));
        }
        eprintln!("{tally}");
        if bad == 0 {
            damage::most_is_found(&histories);
        }
    }
    assert_eq!(bad, 0, "bad histories of {}", seeds.len());
    if seeds.len() >= 100 {
        tally.shows_everything(outage_every > 0);
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
