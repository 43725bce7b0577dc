//! One started process: what it takes, and how long it takes to end.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use xtask::oracle::signal;

use super::probe::POLL;

/// A node with very many partitions takes its time.
const STOP_LIMIT: Duration = Duration::from_secs(600);

/// A process that is killed when dropped.
#[derive(Debug)]
pub(crate) struct Running(Child);

impl Running {
    /// Starts it, with what it says in the file `log`.
    pub(crate) fn start(command: &mut Command, log: &Path) -> Result<Self, String> {
        let said = |error: std::io::Error| format!("{}: {error}", log.display());
        let out = fs::File::create(log).map_err(said)?;
        let errors = out.try_clone().map_err(said)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(errors)
            .spawn()
            .map_err(|error| format!("{}: {error}", command.get_program().display()))?;
        Ok(Self(child))
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Ends it without warning.
    pub(crate) fn kill(&mut self) -> Result<(), String> {
        let killed = self.0.kill().and_then(|()| self.0.wait());
        killed.map(|_| ()).map_err(|error| error.to_string())
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }

    /// The resident memory now, in bytes.
    pub(crate) fn resident(&self) -> Result<u64, String> {
        let path = format!("/proc/{}/status", self.0.id());
        let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        resident(&text).ok_or_else(|| format!("{path} has no VmRSS"))
    }

    /// Nanoseconds on a processor until now, by thread.
    pub(crate) fn processor_time(&self) -> Result<BTreeMap<u64, u64>, String> {
        processor_time(self.0.id())
    }

    /// Waits for its end, which was asked for: what it had said.
    pub(crate) fn ended_with(&mut self, log: &Path) -> Result<String, String> {
        let start = now();
        while !self.has_ended() {
            if start.elapsed() > STOP_LIMIT {
                return Err("does not end after SIGTERM".to_owned());
            }
            thread::sleep(POLL);
        }
        fs::read_to_string(log).map_err(|error| format!("{}: {error}", log.display()))
    }

    /// Asks it to end: how long that took. That includes the start of `kill`, a millisecond or two.
    pub(crate) fn stop(mut self) -> Result<Duration, String> {
        self.end()
    }

    /// The same of one that is kept.
    pub(crate) fn end(&mut self) -> Result<Duration, String> {
        let start = now();
        signal(self.0.id(), "TERM")?;
        loop {
            if let Some(status) = self.0.try_wait().map_err(|error| error.to_string())? {
                let took = start.elapsed();
                // Java ends with 128 + 15 also after a clean stop.
                return match status.code() {
                    Some(0 | 143) => Ok(took),
                    _ => Err(format!("ended with {status} after SIGTERM")),
                };
            }
            if start.elapsed() > STOP_LIMIT {
                return Err("does not end after SIGTERM".to_owned());
            }
            thread::sleep(POLL);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Nanoseconds on a processor until now, by thread.
fn processor_time(pid: u32) -> Result<BTreeMap<u64, u64>, String> {
    let dir = format!("/proc/{}/task", pid);
    let entries = fs::read_dir(&dir).map_err(|error| format!("{dir}: {error}"))?;
    let mut times = BTreeMap::new();
    for entry in entries.flatten() {
        // A thread may end while we look.
        let text = fs::read_to_string(entry.path().join("schedstat")).unwrap_or_default();
        let spent = text
            .split(' ')
            .next()
            .and_then(|number| number.parse().ok());
        let thread = entry.file_name().to_string_lossy().parse();
        if let (Ok(thread), Some(spent)) = (thread, spent) {
            times.insert(thread, spent);
        }
    }
    if times.is_empty() {
        return Err(format!("{dir}: no thread has a schedstat"));
    }
    Ok(times)
}

/// Seconds on a processor until now, also of threads that have ended, to a hundredth.
pub(crate) fn processor_seconds(pid: u32) -> Result<f64, String> {
    const TICKS_PER_SECOND: f64 = 100.0;
    let path = format!("/proc/{pid}/stat");
    let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    // The second field may have anything between its parentheses.
    let (_, rest) = text.rsplit_once(')').ok_or(path)?;
    let fields = rest.split_whitespace().skip(11).take(2);
    let ticks: f64 = fields.filter_map(|of| of.parse::<f64>().ok()).sum();
    Ok(ticks / TICKS_PER_SECOND)
}

/// Nanoseconds from one look to the next; a thread that came and went between them is missed.
pub(crate) fn spent(before: &BTreeMap<u64, u64>, after: &BTreeMap<u64, u64>) -> u64 {
    let more = after.iter().map(|(thread, spent)| {
        let earlier = before.get(thread).copied().unwrap_or(0);
        spent.saturating_sub(earlier)
    });
    more.sum()
}

fn resident(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[expect(
    clippy::disallowed_methods,
    reason = "measuring time is what this is for"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_writes_is_understood() {
        let status = "Name:\tottla\nVmHWM:\t   11000 kB\nVmRSS:\t   10240 kB\nThreads:\t9\n";
        assert_eq!(resident(status), Some(10 << 20));
        assert_eq!(resident("Name:\tzombie\n"), None);
        let before = BTreeMap::from([(1, 500), (2, 70)]);
        let after = BTreeMap::from([(1, 600), (3, 5)]);
        assert_eq!(spent(&before, &after), 105);
    }
}
