//! What an input may cost: a watcher ends the process, and says why, if one takes too long or too much memory.

use std::{
    collections::HashMap,
    fs,
    panic::{self, AssertUnwindSafe},
    process,
    sync::{Mutex, MutexGuard, Once, PoisonError},
    thread::{self, ThreadId},
    time::{Duration, Instant},
};

use crate::{Target, corpus};

/// No input may take longer. (A machine that is busy with other things makes all of them slower.)
const LONGEST: Duration = Duration::from_secs(30);
/// The most memory that the process may have: inputs of a few KiB, of which each may decompress to 512 MiB in a buffer
/// that grows by doubling.
const MOST_MEMORY: u64 = 3 << 30;
const EVERY: Duration = Duration::from_millis(50);

struct Running {
    target: &'static str,
    input: Vec<u8>,
    since: Instant,
}

static RUNNING: Mutex<Option<HashMap<ThreadId, Running>>> = Mutex::new(None);
static WATCHER: Once = Once::new();

fn running() -> MutexGuard<'static, Option<HashMap<ThreadId, Running>>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long an input takes is what is measured here"
)]
fn now() -> Instant {
    Instant::now()
}

/// Reads an input, and writes it down if that panics.
pub(crate) fn within_bounds(target: &'static Target, input: &[u8]) -> bool {
    WATCHER.call_once(|| {
        thread::spawn(watch);
    });
    let here = thread::current().id();
    running().get_or_insert_default().insert(
        here,
        Running {
            target: target.name,
            input: input.to_vec(),
            since: now(),
        },
    );
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| (target.check)(input)));
    running().get_or_insert_default().remove(&here);
    outcome.unwrap_or_else(|panic| {
        corpus::note(target.name, input);
        panic::resume_unwind(panic)
    })
}

fn watch() {
    loop {
        thread::sleep(EVERY);
        let memory = resident();
        let running = running();
        let mut guilty: Vec<_> = running.iter().flat_map(HashMap::values).collect();
        if memory <= MOST_MEMORY {
            guilty.retain(|run| now().duration_since(run.since) > LONGEST);
        }
        if guilty.is_empty() {
            continue;
        }
        for run in guilty {
            let path = corpus::note(run.target, &run.input);
            let took = now().duration_since(run.since);
            eprintln!(
                "{}: {took:?}, {} MiB in this process: {}",
                run.target,
                memory >> 20,
                path.display()
            );
        }
        process::abort();
    }
}

/// Bytes of memory that the process has; 0 where the system does not say.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}
