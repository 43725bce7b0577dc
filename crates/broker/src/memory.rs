//! Gives memory that was freed back to the system: glibc keeps what lies between pieces that are still in use, and after ten
//! thousand connections that is most of what they took.

/// Less than this is kept for what comes next.
const WORTH_IT: usize = 8 << 20;
/// Of this, too, when more was given back at the last look: connections that end together end before it and behind it.
const REST: usize = 1 << 20;

/// What is free since it was last given back.
#[derive(Debug, Default)]
pub(crate) struct Freed {
    /// Bytes that the allocator has free, and which the system has already.
    given: usize,
    /// The last look gave something back.
    goes_on: bool,
}

impl Freed {
    /// Whether it is worth it, now that the allocator has so many bytes free. If it is, they are given back.
    fn is_due(&mut self, free: usize) -> bool {
        // What was taken in use again is not with the system any more.
        self.given = self.given.min(free);
        let least = if self.goes_on { REST } else { WORTH_IT };
        self.goes_on = free - self.given >= least;
        if self.goes_on {
            self.given = free;
        }
        self.goes_on
    }

    /// Gives it back, if it is enough.
    #[cfg(target_env = "gnu")]
    #[expect(unsafe_code, reason = "glibc has no other way to ask for it")]
    pub(crate) fn give_back(&mut self) {
        // SAFETY: it only reads the allocator's own counters, under its own locks.
        let free = unsafe { libc::mallinfo2() }.fordblks;
        if self.is_due(free) {
            // SAFETY: it gives back pages in which nothing is allocated, under the allocator's own locks.
            unsafe { libc::malloc_trim(0) };
        }
    }

    /// Other allocators give back by themselves.
    #[cfg(not(target_env = "gnu"))]
    pub(crate) fn give_back(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_goes_back_once_and_again_only_after_it_was_used() {
        const MB: usize = 1 << 20;
        let mut freed = Freed::default();
        let asked = [1, 7, 9, 9, 16, 17, 3, 10, 11];
        let due: Vec<usize> = asked
            .into_iter()
            .filter(|mb| freed.is_due(mb * MB))
            .collect();
        // 17: eight more than the nine; 11: eight more than the three that were left.
        assert_eq!(due, [9, 17, 11]);
    }

    #[test]
    fn what_becomes_free_while_it_goes_back_goes_too() {
        let mut freed = Freed::default();
        let due = [9, 15, 16, 16, 17].map(|mb| freed.is_due(mb << 20));
        assert_eq!(due, [true, true, true, false, false]);
    }
}
