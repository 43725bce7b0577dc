//! A simulated world around the group coordinator: members of both protocols, a network that loses, delays and repeats,
//! appends that fail, coordinators that crash and are loaded anew. Everything follows from one seed.
//!
//! `OTTLA_SEEDS=100000 cargo test --release -p ottla-coordinator --test world` runs that many;
//! `OTTLA_SEED=7` replays one and prints what happened.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // All of this is a test.

mod checker;
mod classic;
mod consumer;
mod member;
mod topics;
mod world;

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use world::{Mix, World};

/// Seeds of an ordinary run.
const SEEDS: u64 = 200;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Runs the seeds of a mix on all cores; panics with the first that failed, and with a fault that never happened.
fn run(mix: Mix) {
    if let Some(seed) = number("OTTLA_SEED") {
        World::new(seed, mix, true).run();
        return;
    }
    let seeds = number("OTTLA_SEEDS").unwrap_or(SEEDS);
    let next = AtomicU64::new(1);
    let failed = Mutex::new(None::<u64>);
    let seen = Mutex::new(BTreeMap::<&'static str, u64>::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed > seeds || failed.lock().unwrap().is_some() {
                        return;
                    }
                    let ran = catch_unwind(AssertUnwindSafe(|| World::new(seed, mix, false).run()));
                    match ran {
                        Ok(events) => {
                            let mut seen = seen.lock().unwrap();
                            for (event, count) in events {
                                *seen.entry(event).or_default() += count;
                            }
                        }
                        Err(_) => *failed.lock().unwrap() = Some(seed),
                    }
                }
            });
        }
    });
    if let Some(seed) = failed.into_inner().unwrap() {
        panic!(
            "seed {seed} failed: OTTLA_SEED={seed} cargo test -p ottla-coordinator --test world -- {mix:?} --nocapture"
        );
    }
    // A fault that never happened, or a check that never looked, shows nothing.
    let seen = seen.into_inner().unwrap();
    for wanted in world::WANTED.iter().chain(mix.wanted()) {
        assert!(
            seen.contains_key(wanted),
            "{wanted} never happened: {seen:?}"
        );
    }
}

#[test]
#[allow(non_snake_case)] // As the mix is printed, for the command that replays a seed.
fn Classic() {
    run(Mix::Classic);
}

#[test]
#[allow(non_snake_case)]
fn Consumer() {
    run(Mix::Consumer);
}

#[test]
#[allow(non_snake_case)]
fn Both() {
    run(Mix::Both);
}
