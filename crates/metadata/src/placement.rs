//! Where the replicas of new partitions go: in stripes over racks, and over the brokers of each rack.

use std::collections::BTreeMap;

use ottla_machine::Entropy;

/// A broker that can be given replicas.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Candidate {
    pub(crate) id: i32,
    pub(crate) rack: Option<String>,
    pub(crate) fenced: bool,
}

/// Why replicas cannot be placed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unplaceable {
    /// The replication factor is not positive.
    NotPositive,
    /// More replicas than brokers: how many brokers there are.
    TooFew(usize),
    /// There are brokers, and all are fenced.
    AllFenced,
}

/// Brokers in a circle. Each round starts one further on, and gives each broker once.
#[derive(Default)]
struct Ring {
    brokers: Vec<i32>,
    start: usize,
    taken: usize,
    round: usize,
}

impl Ring {
    fn begin(&mut self, entropy: &mut Entropy) {
        self.brokers.sort_unstable();
        self.start = below(entropy, self.brokers.len());
    }

    fn next(&mut self, round: usize) -> Option<i32> {
        if self.brokers.is_empty() {
            return None;
        }
        if self.round != round {
            self.round = round;
            self.taken = 0;
            self.start = (self.start + 1) % self.brokers.len();
        }
        if self.taken == self.brokers.len() {
            return None;
        }
        let at = (self.start + self.taken) % self.brokers.len();
        self.taken += 1;
        Some(self.brokers[at])
    }
}

#[derive(Default)]
struct Rack {
    serving: Ring,
    fenced: Ring,
}

/// A number below `n`, or 0 for none.
fn below(entropy: &mut Entropy, n: usize) -> usize {
    entropy.below(n as u64) as usize
}

fn shuffle<T>(list: &mut [T], entropy: &mut Entropy) {
    for at in (1..list.len()).rev() {
        list.swap(at, below(entropy, at + 1));
    }
}

/// Leaders go round the brokers that serve; each partition begins at the next rack, and takes a broker of each rack
/// before a second one of any. Fenced brokers are followers of last resort. When every broker had its turn, the
/// order is drawn anew, so that the same brokers do not always follow the same leader.
struct Stripes<'a> {
    racks: Vec<Rack>,
    serving: usize,
    round: usize,
    next_rack: usize,
    entropy: &'a mut Entropy,
}

impl<'a> Stripes<'a> {
    fn new(candidates: &[Candidate], entropy: &'a mut Entropy) -> Self {
        let mut racks: BTreeMap<&Option<String>, Rack> = BTreeMap::new();
        for candidate in candidates {
            let rack = racks.entry(&candidate.rack).or_default();
            let ring = if candidate.fenced {
                &mut rack.fenced
            } else {
                &mut rack.serving
            };
            ring.brokers.push(candidate.id);
        }
        let mut racks: Vec<Rack> = racks.into_values().collect();
        for rack in &mut racks {
            rack.fenced.begin(entropy);
            rack.serving.begin(entropy);
        }
        Self {
            serving: candidates.iter().filter(|of| !of.fenced).count(),
            round: 0,
            next_rack: below(entropy, racks.len()),
            racks,
            entropy,
        }
    }

    /// The replicas of one partition. There must be a broker that serves, and as many brokers as replicas.
    fn place(&mut self, replicas: usize) -> Vec<i32> {
        // With a single broker there is nothing to draw, and a round of one would never end.
        if self.round == self.serving && self.serving > 1 {
            shuffle(&mut self.racks, self.entropy);
            for rack in &mut self.racks {
                shuffle(&mut rack.fenced.brokers, self.entropy);
                shuffle(&mut rack.serving.brokers, self.entropy);
            }
            self.round = 0;
        }
        let count = self.racks.len();
        let first = self.next_rack % count;
        let mut placed = Vec::with_capacity(replicas);
        let mut leaders_rack = None;
        for at in (first..count).chain(0..first) {
            if let Some(leader) = self.racks[at].serving.next(self.round) {
                placed.push(leader);
                leaders_rack = Some(at);
                break;
            }
        }
        let mut at = first;
        while placed.len() < replicas {
            // The leader's rack has had its turn.
            if leaders_rack == Some(at) {
                leaders_rack = None;
            } else {
                let rack = &mut self.racks[at];
                let next = rack.serving.next(self.round);
                placed.extend(next.or_else(|| rack.fenced.next(self.round)));
            }
            at = (at + 1) % count;
        }
        self.round += 1;
        self.next_rack = first + 1;
        placed
    }
}

/// The replicas of `partitions` new partitions, the leader first.
pub(crate) fn place(
    candidates: &[Candidate],
    partitions: usize,
    replicas: i16,
    entropy: &mut Entropy,
) -> Result<Vec<Vec<i32>>, Unplaceable> {
    let replicas = usize::try_from(replicas).unwrap_or(0);
    if replicas == 0 {
        return Err(Unplaceable::NotPositive);
    }
    if candidates.iter().all(|of| of.fenced) {
        return Err(Unplaceable::AllFenced);
    }
    if replicas > candidates.len() {
        return Err(Unplaceable::TooFew(candidates.len()));
    }
    let mut stripes = Stripes::new(candidates, entropy);
    Ok((0..partitions).map(|_| stripes.place(replicas)).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn broker(id: i32, rack: &str, fenced: bool) -> Candidate {
        let rack = (!rack.is_empty()).then(|| rack.to_owned());
        Candidate { id, rack, fenced }
    }

    fn placed(candidates: &[Candidate], partitions: usize, replicas: i16) -> Vec<Vec<i32>> {
        place(candidates, partitions, replicas, &mut Entropy::new(3)).unwrap()
    }

    #[test]
    fn leaders_go_round_and_replicas_differ() {
        let brokers: Vec<_> = (0..6).map(|id| broker(id, "", false)).collect();
        let placed = placed(&brokers, 600, 3);
        for replicas in &placed {
            assert_eq!(replicas.iter().collect::<BTreeSet<_>>().len(), 3);
        }
        for id in 0..6 {
            let leads = placed.iter().filter(|of| of[0] == id).count();
            assert_eq!(leads, 100, "broker {id}");
        }
    }

    #[test]
    fn each_rack_before_a_second_of_any() {
        let brokers: Vec<_> = (0..9)
            .map(|id| broker(id, ["a", "b", "c"][id as usize % 3], false))
            .collect();
        for replicas in placed(&brokers, 100, 3) {
            let racks: BTreeSet<_> = replicas.iter().map(|id| id % 3).collect();
            assert_eq!(racks.len(), 3);
        }
        let leaders: BTreeSet<_> = placed(&brokers, 900, 3).iter().map(|of| of[0]).collect();
        assert_eq!(leaders.len(), 9);
    }

    #[test]
    fn fenced_brokers_follow_and_never_lead() {
        let brokers = [
            broker(0, "a", true),
            broker(1, "a", false),
            broker(2, "b", true),
        ];
        for replicas in placed(&brokers, 50, 3) {
            assert_eq!(replicas[0], 1);
            assert_eq!(replicas.iter().collect::<BTreeSet<_>>().len(), 3);
        }
        assert_eq!(placed(&[broker(7, "", false)], 5, 1), vec![vec![7]; 5]);
    }

    #[test]
    fn what_cannot_be_placed() {
        let serving = [broker(1, "", false), broker(2, "", true)];
        let fenced = [broker(2, "", true)];
        let mut entropy = Entropy::new(1);
        let mut why = |brokers: &[Candidate], replicas| {
            place(brokers, 1, replicas, &mut entropy).unwrap_err()
        };
        assert_eq!(why(&serving, 3), Unplaceable::TooFew(2));
        assert_eq!(why(&serving, 0), Unplaceable::NotPositive);
        assert_eq!(why(&serving, -1), Unplaceable::NotPositive);
        assert_eq!(why(&fenced, 1), Unplaceable::AllFenced);
        assert_eq!(why(&[], 1), Unplaceable::AllFenced);
    }
}
