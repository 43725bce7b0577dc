//! The journal of refusals: what was answered with an error code, to whom, about what, and why. It is kept in memory,
//! bounded, for whoever asks why; and answers are counted by request and code.

pub(crate) mod advertised;
pub(crate) mod closed;
mod counts;
mod incidents;
mod ordinary;
mod reason;
mod ring;
mod told;

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

pub use counts::{Count, Counts};
use incidents::Incidents;
use parking_lot::Mutex;
use ring::Ring;
use tokio::sync::watch;
pub(crate) use told::{Again, Asked, Of, Reasons};

/// The longest reason that is kept, in bytes; of more, the beginning.
const REASON_MAX: usize = 1024;
/// The longest name that is kept, in bytes.
const NAME_MAX: usize = 256;

/// A refusal, and how often it was repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Counts all refusals of this run, repeats included: an entry that is repeated gets a new one.
    pub number: u64,
    /// When it was first, in milliseconds since 1970.
    pub first_ms: i64,
    /// When it was last.
    pub last_ms: i64,
    /// How often.
    pub count: u64,
    /// What the client calls itself.
    pub client_id: Option<Arc<str>>,
    /// Who it is.
    pub principal: Arc<str>,
    /// Where its last connection came from.
    pub peer: SocketAddr,
    /// The listener it came in on.
    pub listener: Arc<str>,
    /// API key and version; `None` if there was no request.
    pub request: Option<(i16, i16)>,
    /// What it is about: pairs of a noun (`topic`, `partition`, `group`, …) and which one.
    pub about: Vec<(&'static str, String)>,
    /// The code; 0 if the connection was closed without an answer.
    pub code: i16,
    /// Why.
    pub reason: String,
    /// Whether this happens while all is well, e.g. when a group rebalances.
    pub ordinary: bool,
    /// The number under which the log has more of it, if the fault is the broker's.
    pub incident: Option<String>,
}

impl Entry {
    /// An entry for tests.
    #[doc(hidden)]
    pub fn example() -> Self {
        Self {
            number: 0,
            first_ms: 0,
            last_ms: 0,
            count: 1,
            client_id: None,
            principal: "User:ANONYMOUS".into(),
            peer: (Ipv4Addr::LOCALHOST, 1).into(),
            listener: "PLAINTEXT".into(),
            request: Some((3, 12)),
            about: Vec::new(),
            code: 3,
            reason: String::new(),
            ordinary: false,
            incident: None,
        }
    }
}

/// The journal of a node.
#[derive(Debug)]
pub struct Journal {
    ring: Mutex<Ring>,
    last: watch::Sender<u64>,
    /// The counters of answers.
    pub counts: Counts,
    /// The broker's own faults that are in its log.
    incidents: Incidents,
}

impl Default for Journal {
    fn default() -> Self {
        Self {
            ring: Mutex::default(),
            last: watch::Sender::new(0),
            counts: Counts::default(),
            incidents: Incidents::default(),
        }
    }
}

impl Journal {
    /// Entries after number `after`, oldest first.
    pub fn after(&self, after: u64) -> Vec<Arc<Entry>> {
        self.ring.lock().after(after).cloned().collect()
    }

    /// Entries that had to make room for others since the start.
    pub fn dropped(&self) -> u64 {
        self.ring.lock().dropped()
    }

    /// The number of the last entry, and notice of further ones.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.last.subscribe()
    }

    /// Adds an entry.
    pub(crate) fn put(&self, mut entry: Entry) {
        cut(&mut entry.reason, REASON_MAX);
        for (_, which) in &mut entry.about {
            cut(which, NAME_MAX);
        }
        let mut ring = self.ring.lock();
        ring.put(entry);
        let last = ring.last();
        drop(ring);
        self.last.send_replace(last);
    }
}

/// Leaves the beginning, whole characters, and says that it is one.
fn cut(text: &mut String, max: usize) {
    if text.len() <= max {
        return;
    }
    text.truncate(text.floor_char_boundary(max - '…'.len_utf8()));
    text.push('…');
    text.shrink_to_fit();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_at_a_character() {
        let mut text = "ä".repeat(600);
        cut(&mut text, 1024);
        assert!(text.len() <= 1024 && text.ends_with("ä…"), "{text}");
        let mut short = "short".to_owned();
        cut(&mut short, 5);
        assert_eq!(short, "short");
    }

    #[test]
    fn who_waits_hears_of_the_next() {
        let journal = Journal::default();
        let mut watch = journal.watch();
        assert!(!watch.has_changed().unwrap());
        journal.put(Entry::example());
        assert!(watch.has_changed().unwrap());
        assert_eq!(*watch.borrow_and_update(), 1);
        assert_eq!(journal.after(0).len(), 1);
        assert_eq!(journal.after(1).len(), 0);
    }
}
