//! The only place that reads the clock, and the only one that draws a seed from the operating system.
#![allow(clippy::disallowed_methods)]

use std::{
    io::Read,
    sync::OnceLock,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use ottla_machine::Time;

struct Start {
    instant: Instant,
    wall_ms: u64,
}

static START: OnceLock<Start> = OnceLock::new();

fn start() -> &'static Start {
    START.get_or_init(|| Start {
        instant: Instant::now(),
        wall_ms: SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_millis() as u64),
    })
}

/// For machines: wall-clock milliseconds at the start of the process plus the time that ran since, so that it never
/// goes backwards.
pub fn now() -> Time {
    let start = start();
    Time(start.wall_ms + start.instant.elapsed().as_millis() as u64)
}

/// For records: wall-clock milliseconds since 1970, which may jump with the system's clock.
pub fn wall_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as i64)
}

/// Nanoseconds since the start of the process, to measure how long something takes.
pub fn nanos() -> u64 {
    start().instant.elapsed().as_nanos() as u64
}

/// A monotonic instant, for deadlines of waits.
pub fn instant() -> tokio::time::Instant {
    tokio::time::Instant::now()
}

/// A seed from the operating system.
///
/// # Errors
/// If `/dev/urandom` cannot be read.
pub fn seed() -> std::io::Result<u64> {
    let mut bytes = [0; 8];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(u64::from_be_bytes(bytes))
}
