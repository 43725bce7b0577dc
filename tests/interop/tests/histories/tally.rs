//! What happened in histories: a test in which nothing happens shows nothing.

use std::{
    collections::BTreeMap,
    fmt::{self, Display},
};

use crate::history::{Act, History, Outcome, What};

#[derive(Debug, Default)]
pub(crate) struct Tally {
    histories: usize,
    events: usize,
    counts: BTreeMap<&'static str, usize>,
}

impl Tally {
    pub(crate) fn histories(&self) -> usize {
        self.histories
    }

    pub(crate) fn count(&mut self, history: &History) {
        self.histories += 1;
        self.events += history.events.len();
        let mut add = |what, count: usize| *self.counts.entry(what).or_default() += count;
        add("outages", history.outages.len());
        for event in &history.events {
            let (done, refused, unknown) = match &event.act {
                Act::Produce { outcome, .. } => {
                    three(outcome, ["written", "writes refused", "writes in doubt"])
                }
                Act::End {
                    commit, outcome, ..
                } if *commit => three(outcome, ["commits", "commits refused", "commits in doubt"]),
                Act::End { outcome, .. } => {
                    three(outcome, ["aborts", "aborts refused", "aborts in doubt"])
                }
                Act::Init { outcome, .. } => three(
                    outcome,
                    ["takeovers", "takeovers delayed", "takeovers in doubt"],
                ),
                Act::CommitOffset { outcome, .. } => {
                    three(outcome, ["offsets", "offsets refused", "offsets in doubt"])
                }
                Act::Read {
                    committed: true,
                    outcome: Outcome::Ok(seen),
                    ..
                } if seen.last_stable < seen.high_watermark => (Some("reads held"), None, None),
                _ => (None, None, None),
            };
            for what in [done, refused, unknown].into_iter().flatten() {
                add(what, 1);
            }
        }
        for batch in history.logs.iter().flat_map(|log| &log.batches) {
            match batch.what {
                What::Data(_) => {}
                What::Marker(true) => add("commit markers", 1),
                What::Marker(false) => add("abort markers", 1),
            }
        }
        let outputs = history.groups.iter().map(|group| group.to);
        let copies = outputs.map(|to| history.logs[to].batches.len());
        add("batches copied", copies.sum());
    }

    /// Whether all that histories are about was there.
    ///
    /// # Panics
    /// With what was not.
    pub(crate) fn shows_everything(&self, outages: bool) {
        let mut wanted = vec![
            "written",
            "writes refused",
            "writes in doubt",
            "commits",
            "commits refused",
            "commits in doubt",
            "aborts",
            "aborts refused",
            "takeovers",
            "takeovers in doubt",
            "offsets",
            "offsets refused",
            "reads held",
            "commit markers",
            "abort markers",
            "batches copied",
        ];
        if outages {
            wanted.push("outages");
        }
        for what in wanted {
            let count = self.counts.get(what).copied().unwrap_or(0);
            // Whatever is rare is in one of ten histories.
            assert!(count * 10 >= self.histories, "{count} {what}: {self}");
        }
    }
}

type Counted = (
    Option<&'static str>,
    Option<&'static str>,
    Option<&'static str>,
);

fn three<T>(outcome: &Outcome<T>, [done, refused, unknown]: [&'static str; 3]) -> Counted {
    match outcome {
        Outcome::Ok(_) => (Some(done), None, None),
        Outcome::Refused(_) => (None, Some(refused), None),
        Outcome::Unknown => (None, None, Some(unknown)),
        Outcome::NotSent => (None, None, None),
    }
}

impl Display for Tally {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{} histories, {} requests", self.histories, self.events)?;
        for (what, count) in &self.counts {
            write!(to, ", {count} {what}")?;
        }
        Ok(())
    }
}
