//! The subscribers of one topic by load: who should get a partition next, and who should give one.

/// Hands out the least loaded members in turn, as though each got a partition, and the most loaded, as though each gave
/// one. The two ends are ranges of members in order of their load when this began; each range has a level, the load up
/// or down to which its members have been handed out.
pub(super) struct Balancer {
    /// By load, then by number.
    members: Vec<usize>,
    /// `members[..least_end]` had at most `least_level` when their round began.
    least_end: usize,
    least_level: isize,
    least_next: usize,
    /// `members[most_start..most_end]` had at least `most_level`; those after are excluded.
    most_start: usize,
    most_end: usize,
    most_level: isize,
    /// One after the next of that range; the range is used up where it begins.
    most_next: usize,
}

impl Balancer {
    /// Of `members`, at least one, with these `loads` by number.
    pub(super) fn new(members: &[usize], loads: &[usize]) -> Self {
        let mut members = members.to_vec();
        members.sort_by_key(|&member| (loads[member], member));
        let load = |member: Option<&usize>| member.map_or(0, |&it| loads[it] as isize);
        Self {
            least_end: 0,
            least_level: load(members.first()) - 1,
            least_next: 0,
            most_start: members.len(),
            most_end: members.len(),
            most_level: load(members.last()) + 1,
            most_next: members.len(),
            members,
        }
    }

    /// Whether no two loads differ by more than one. Only before members were handed out.
    pub(super) fn is_balanced(&self, loads: &[usize]) -> bool {
        let ends = self.members.first().zip(self.members.last());
        ends.is_none_or(|(&least, &most)| loads[most] - loads[least] <= 1)
    }

    /// Whether the two ends have met as far as they can.
    pub(super) fn levelled(&self) -> bool {
        self.most_level - self.least_level <= 1
    }

    fn has(&self, at: usize, level: isize, loads: &[usize]) -> bool {
        loads[self.members[at]] as isize == level
    }

    /// Who should get the next partition.
    pub(super) fn next_least_loaded(&mut self, loads: &[usize]) -> usize {
        if self.least_next >= self.least_end {
            // All of the range have as many: the next level, with those who have that many already.
            self.least_level += 1;
            while self.least_end < self.members.len()
                && self.has(self.least_end, self.least_level, loads)
            {
                self.least_end += 1;
            }
            self.least_next = 0;
        }
        self.least_next += 1;
        self.members[self.least_next - 1]
    }

    /// Who should give a partition next; `None` if nobody is left.
    pub(super) fn next_most_loaded(&mut self, loads: &[usize]) -> Option<usize> {
        if self.most_next <= self.most_start {
            if self.most_end <= self.most_start && self.most_start > 0 {
                // All of the range are excluded: go on with the most loaded of the rest.
                self.most_level = loads[self.members[self.most_start - 1]] as isize;
            } else {
                self.most_level -= 1;
            }
            while self.most_start > 0 && self.has(self.most_start - 1, self.most_level, loads) {
                self.most_start -= 1;
            }
            self.most_next = self.most_end;
        }
        self.most_next = self.most_next.checked_sub(1)?;
        Some(self.members[self.most_next])
    }

    /// Leaves out who was handed out last by [`Balancer::next_most_loaded`]: it has nothing to give.
    pub(super) fn exclude_most_loaded(&mut self) {
        self.most_end -= 1;
        self.members.swap(self.most_next, self.most_end);
    }
}
