//! Gives memory that was freed back to the system: glibc keeps what lies between pieces that are still in use, and after ten
//! thousand connections that is most of what they took.

/// Less than this is kept for what comes next.
const WORTH_IT: usize = 8 << 20;
/// Of this, too, when more was given back at the last look: connections that end together end before it and behind it.
const REST: usize = 1 << 20;

/// What was kept when memory was last given back.
#[derive(Debug, Default)]
pub(crate) struct Freed {
    /// Bytes in memory that nothing used then, or at a later look that found fewer: stacks, tables, rests of pages.
    kept: usize,
    /// The last look gave something back.
    goes_on: bool,
}

/// What the process has, in bytes.
#[derive(Debug, Clone, Copy)]
struct Taken {
    /// In memory, files not counted.
    resident: usize,
    /// Allocated.
    used: usize,
    /// Kept by the allocator for what comes next. It may be with the system already.
    free: usize,
}

impl Freed {
    /// Whether it is worth it to give memory back.
    fn is_due(&mut self, taken: Taken) -> bool {
        let unused = taken.unused();
        self.kept = self.kept.min(unused);
        let least = if self.goes_on { REST } else { WORTH_IT };
        self.goes_on = taken.free.min(unused - self.kept) >= least;
        self.goes_on
    }

    /// Gives it back, if it is enough.
    #[cfg(target_env = "gnu")]
    #[expect(unsafe_code, reason = "glibc has no other way to ask for it")]
    pub(crate) fn give_back(&mut self) {
        // Without the count there is nothing to go by, and nothing is lost: it is asked again.
        let Some(taken) = Taken::now() else { return };
        if self.is_due(taken) {
            // SAFETY: it gives back pages in which nothing is allocated, under the allocator's own locks.
            unsafe { libc::malloc_trim(0) };
            self.kept = Taken::now().map_or(0, Taken::unused);
        }
    }

    /// Other allocators give back by themselves.
    #[cfg(not(target_env = "gnu"))]
    pub(crate) fn give_back(&mut self) {}
}

impl Taken {
    /// Bytes in memory that nothing uses.
    fn unused(self) -> usize {
        self.resident.saturating_sub(self.used)
    }

    #[cfg(target_env = "gnu")]
    #[expect(unsafe_code, reason = "glibc has no other way to ask for it")]
    fn now() -> Option<Self> {
        // SAFETY: it only reads the allocator's own counters, under its own locks.
        let heap = unsafe { libc::mallinfo2() };
        Some(Self {
            resident: resident()?,
            used: heap.uordblks + heap.hblkhd,
            free: heap.fordblks,
        })
    }
}

/// Bytes of this process that are in memory and belong to no file (proc_pid_status(5)).
#[cfg(target_env = "gnu")]
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let mut lines = status.lines();
    let anonymous = lines.find_map(|line| line.strip_prefix("RssAnon:"))?;
    let kib: usize = anonymous.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The looks at which memory goes back, of each the MB in memory, used and free; and then all that is unused is with the
    /// system.
    fn due(looks: &[[usize; 3]]) -> Vec<usize> {
        let mut freed = Freed::default();
        let mut due = Vec::new();
        for (number, look) in looks.iter().enumerate() {
            let [resident, used, free] = look.map(|mb| mb << 20);
            let taken = Taken {
                resident,
                used,
                free,
            };
            if freed.is_due(taken) {
                freed.kept = 0;
                due.push(number);
            }
        }
        due
    }

    #[test]
    fn memory_goes_back_once_and_again_only_after_it_was_used() {
        // Nine of 22 go. They stay free; seven of them are used and freed, then eight.
        let looks = [
            [20, 13, 7],
            [22, 13, 9],
            [13, 13, 9],
            [20, 13, 9],
            [21, 13, 9],
        ];
        assert_eq!(due(&looks), [1, 4]);
    }

    #[test]
    fn what_is_in_use_does_not_count() {
        // The heap grows into what was given back, and beyond.
        assert_eq!(due(&[[22, 13, 9], [26, 26, 1], [100, 93, 7]]), [0]);
    }

    #[test]
    fn what_becomes_free_while_it_goes_back_goes_too() {
        // Nine go, and one that became free meanwhile.
        assert_eq!(due(&[[24, 15, 9], [15, 14, 10], [14, 14, 10]]), [0, 1]);
    }

    #[cfg(target_env = "gnu")]
    #[test]
    fn what_is_in_memory_is_counted() {
        let before = Taken::now().expect("a count");
        let much = vec![1_u8; 64 << 20];
        let after = Taken::now().expect("a count");
        let resident = after.resident.saturating_sub(before.resident);
        let used = after.used.saturating_sub(before.used);
        // Other tests run beside this one.
        let least = much.len() / 2;
        assert!(resident >= least && used >= least, "{resident}, {used}");
    }
}
