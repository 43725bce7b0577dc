//! A simulated world around exactly-once: transactional producers of both versions, zombies and processors, a network
//! that loses, delays and repeats, appends and markers that fail, brokers that go down and are loaded anew. The
//! coordinators of transactions and groups are the real ones, and so is the state of producers in partitions. Everything
//! follows from one seed.
//!
//! `OTTLA_SEEDS=1000000 cargo test --release -p ottla-coordinator --test exactly_once` runs that many, from
//! `OTTLA_FIRST` on if it is set; `OTTLA_SEED=7` replays one and prints what happened.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // All of this is a test.

mod broker;
mod client;
mod message;
mod partition;
mod seen;
mod truth;
mod world;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use seen::Seen;
use world::World;

/// Schedules of an ordinary run.
const SEEDS: u64 = 2_000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Runs schedules on all cores; panics with the first that failed, and with a fault that never happened.
#[test]
fn exactly_once() {
    if let Some(seed) = number("OTTLA_SEED") {
        World::new(seed, true).run();
        return;
    }
    let first = number("OTTLA_FIRST").unwrap_or(1);
    let seeds = number("OTTLA_SEEDS").unwrap_or(SEEDS);
    let threads = number("OTTLA_THREADS").map(|threads| threads as usize);
    let threads = threads.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
    let next = AtomicU64::new(first);
    let failed = Mutex::new(None::<u64>);
    let seen = Mutex::new(Seen::default());
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut here = Seen::default();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + seeds || failed.lock().unwrap().is_some() {
                        break;
                    }
                    match catch_unwind(AssertUnwindSafe(|| World::new(seed, false).run())) {
                        Ok(happened) => here.add(&happened),
                        Err(_) => *failed.lock().unwrap() = Some(seed),
                    }
                }
                seen.lock().unwrap().add(&here);
            });
        }
    });
    if let Some(seed) = failed.into_inner().unwrap() {
        panic!(
            "seed {seed} failed: OTTLA_SEED={seed} cargo test -p ottla-coordinator --test exactly_once -- --nocapture"
        );
    }
    // A fault that never happened, or a check that never looked, shows nothing.
    let seen = seen.into_inner().unwrap();
    println!("{seeds} schedules from {first} on:");
    for (text, count) in seen::TEXTS.iter().zip(seen.0) {
        println!("{count:>12} times {text}");
        assert!(count > 0, "{text}: that never happened");
    }
}
