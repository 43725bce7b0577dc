//! What the broker takes: processor time and memory, from /proc.

use std::{
    fs,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

/// Of one process.
#[derive(Clone, Copy, Debug)]
pub struct Gauge(u32);

/// What it had taken at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// On processors, in seconds, of all its threads, also those that ended.
    pub cpu_s: f64,
    /// The part of it that was not the kernel's.
    pub user_s: f64,
    /// Resident memory, in bytes.
    pub rss: u64,
}

/// The kernel's unit of a process's times.
const TICKS_PER_SECOND: f64 = 100.0;

impl Gauge {
    /// Of the process with this number.
    pub fn of(pid: u32) -> Self {
        Self(pid)
    }

    /// What it has taken until now.
    ///
    /// # Errors
    /// The process is gone.
    pub fn read(self) -> Result<Reading, String> {
        let read = |name: &str| {
            let path = format!("/proc/{}/{name}", self.0);
            fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))
        };
        let (user_s, system_s) = seconds(&read("stat")?).ok_or("stat: not as expected")?;
        let rss = resident(&read("status")?).ok_or("status: no VmRSS")?;
        Ok(Reading {
            cpu_s: user_s + system_s,
            user_s,
            rss,
        })
    }
}

impl Gauge {
    /// The peak of its memory is that of now.
    ///
    /// # Errors
    /// The process is gone, or another user's.
    pub fn forget_peak(self) -> Result<(), String> {
        let path = format!("/proc/{}/clear_refs", self.0);
        fs::write(&path, "5").map_err(|error| format!("{path}: {error}"))
    }

    /// The most resident memory that it had since, in bytes.
    ///
    /// # Errors
    /// The process is gone.
    pub fn peak(self) -> Result<u64, String> {
        let path = format!("/proc/{}/status", self.0);
        let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        of_status(&text, "VmHWM:").ok_or_else(|| format!("{path}: no VmHWM"))
    }
}

/// User and system time: the 14th and 15th field; the 2nd may have anything between its parentheses.
fn seconds(stat: &str) -> Option<(f64, f64)> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user / TICKS_PER_SECOND, system / TICKS_PER_SECOND))
}

fn resident(status: &str) -> Option<u64> {
    of_status(status, "VmRSS:")
}

fn of_status(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

/// This moment.
#[expect(
    clippy::disallowed_methods,
    reason = "measuring time is what this is for"
)]
pub fn now() -> Instant {
    Instant::now()
}

/// Milliseconds since 1970, with which another process can compare its own.
#[expect(
    clippy::disallowed_methods,
    reason = "measuring time is what this is for"
)]
pub fn wall_ms() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0.0, |since| since.as_secs_f64() * 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_writes_is_understood() {
        let stat = "7 (a b) c) S 1 7 7 0 -1 4194304 9 0 0 0 250 50 0 0 20 0 9 0 99 1 2";
        assert_eq!(seconds(stat), Some((2.5, 0.5)));
        assert_eq!(seconds("7 a"), None);
        assert_eq!(resident("Name:\tx\nVmRSS:\t   12 kB\n"), Some(12 << 10));
    }
}
