//! The machine that was measured on, as /proc describes it.

use std::{fs, thread};

/// What numbers depend on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Machine {
    pub(crate) cores: usize,
    pub(crate) cpu: String,
    pub(crate) kernel: String,
    pub(crate) memory_mb: u64,
}

/// This one.
pub(crate) fn read() -> Machine {
    let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
    Machine {
        cores: thread::available_parallelism().map_or(1, usize::from),
        cpu: named(&text("/proc/cpuinfo"), "model name").unwrap_or_else(|| "unknown".to_owned()),
        kernel: text("/proc/sys/kernel/osrelease").trim().to_owned(),
        memory_mb: memory(&text("/proc/meminfo")).unwrap_or(0),
    }
}

/// The value of the first line with this name.
fn named(text: &str, name: &str) -> Option<String> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let (_, value) = line.split_once(':')?;
    Some(value.trim().to_owned())
}

/// In MB (1,000,000 bytes).
fn memory(text: &str) -> Option<u64> {
    let kib: u64 = named(text, "MemTotal")?
        .strip_suffix("kB")?
        .trim()
        .parse()
        .ok()?;
    Some(kib * 1024 / 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_says_is_understood() {
        let text = "processor\t: 0\nmodel name\t: A: B 9\nmodel name\t: C\n";
        assert_eq!(named(text, "model name"), Some("A: B 9".to_owned()));
        assert_eq!(memory("MemTotal:       1000000 kB\n"), Some(1024));
        assert_eq!(memory(""), None);
    }
}
