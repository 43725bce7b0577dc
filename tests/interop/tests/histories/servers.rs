//! Several servers at a time, each with a part of the histories.

use std::{
    env,
    path::Path,
    sync::{Mutex, PoisonError},
    thread,
};

use ottla_interop::server::Kind;
use tempfile::TempDir;

use crate::{
    damage::Damages,
    history::History,
    is_good,
    rounds::{Round, number, play},
    tally::Tally,
};

/// How many servers run at a time: one waits where another works.
const SERVERS: u64 = 3;
/// At most on one server: with what they left behind, its restarts take longer.
const A_ROUND: usize = 150;

/// The servers of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Servers {
    kind: Kind,
    at_a_time: usize,
    /// As in [`Round::outage_every`].
    pub outage_every: u64,
}

/// What a run showed.
#[derive(Debug, Default)]
pub(crate) struct Results {
    pub tally: Tally,
    pub damages: Damages,
    pub bad: usize,
}

/// What is still to be done, and what was shown so far.
struct Run<'a> {
    rounds: Vec<&'a [u64]>,
    results: Results,
}

impl Servers {
    pub(crate) fn new(kind: Kind) -> Self {
        // Apache Kafka takes long to start, and much memory.
        let (at_a_time, outage_every) = match kind {
            Kind::Kafka | Kind::OlderKafka => (1, 0),
            Kind::Ottla => (SERVERS, 1500),
        };
        Self {
            kind,
            at_a_time: number("OTTLA_SERVERS", at_a_time).max(1) as usize,
            outage_every: number("OTTLA_OUTAGE_MS", outage_every),
        }
    }

    /// Plays the histories of all seeds, and checks them.
    ///
    /// # Panics
    /// If a round does.
    pub(crate) fn play(self, seeds: &[u64]) -> Results {
        let size = seeds.len().div_ceil(self.at_a_time).clamp(1, A_ROUND);
        let run = Mutex::new(Run {
            rounds: seeds.chunks(size).rev().collect(),
            results: Results::default(),
        });
        thread::scope(|scope| {
            for _ in 0..self.at_a_time {
                scope.spawn(|| self.play_rounds(&run));
            }
        });
        run.into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .results
    }

    fn play_rounds(self, run: &Mutex<Run<'_>>) {
        // If one has panicked, the others go no further.
        let _stop = StopIfPanicking(run);
        let lock = || run.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let Some(seeds) = lock().rounds.pop() else {
                return;
            };
            let dir = tempdir();
            let round = Round {
                seeds: seeds.to_vec(),
                outage_every: self.outage_every,
                kind: self.kind,
            };
            let histories = play(&dir.path().join("node"), &round);
            assert_eq!(histories.len(), seeds.len());
            let good = histories.iter().filter(|history| is_good(history)).count();
            let mut damages = Damages::default();
            if good == histories.len() {
                damages.try_on(&histories);
            }
            let results = &mut lock().results;
            results.add(&histories, histories.len() - good, &damages);
            eprintln!("{}", results.tally);
        }
    }
}

impl Results {
    fn add(&mut self, histories: &[History], bad: usize, damages: &Damages) {
        for history in histories {
            self.tally.count(history);
        }
        self.bad += bad;
        self.damages.add(damages);
    }
}

struct StopIfPanicking<'a, 'b>(&'a Mutex<Run<'b>>);

impl Drop for StopIfPanicking<'_, '_> {
    fn drop(&mut self) {
        if thread::panicking() {
            let mut run = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            run.rounds.clear();
        }
    }
}

/// In memory if it can be: killed servers lose nothing of what they wrote to files, and start without waiting for a disk.
fn tempdir() -> TempDir {
    let memory = Path::new("/dev/shm");
    let dir = match env::var_os("OTTLA_HISTORIES_DIR") {
        Some(dir) => tempfile::tempdir_in(dir),
        None if memory.is_dir() => tempfile::tempdir_in(memory),
        None => tempfile::tempdir(),
    };
    dir.expect("temporary folder")
}
