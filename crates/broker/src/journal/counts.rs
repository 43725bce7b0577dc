//! How often each request was answered with each code: Kafka's `ErrorsPerSec`, as counters that only grow.

use std::sync::{
    OnceLock,
    atomic::{AtomicU64, Ordering},
};

use ottla_wire::{
    Request, apis,
    errors::Code,
    messages::{
        AddPartitionsToTxnRequest, AssignReplicasToDirsRequest, FindCoordinatorRequest,
        MetadataRequest, OffsetFetchRequest, UnregisterBrokerRequest, UnregisterControllerRequest,
    },
};

/// Codes -1 to 136, and one place for all that this build does not know.
const CODES: usize = Code::TABLE.len() + 1;

type Row = Box<[AtomicU64; CODES]>;

/// The counters. A request's row takes 1 KiB from its first answer on.
#[derive(Debug)]
pub struct Counts {
    rows: Vec<OnceLock<Row>>,
}

/// How often a request was answered with a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// The API key.
    pub key: i16,
    /// The code; `None` for all that this build does not know.
    pub code: Option<Code>,
    /// How often since the start of the node.
    pub count: u64,
}

impl Default for Counts {
    fn default() -> Self {
        let keys = apis::all().len();
        Self {
            rows: (0..keys).map(|_| OnceLock::new()).collect(),
        }
    }
}

impl Counts {
    /// Counts `times` more answers with `code`.
    pub(crate) fn add(&self, key: i16, code: i16, times: u64) {
        let Some(row) = usize::try_from(key).ok().and_then(|at| self.rows.get(at)) else {
            return;
        };
        let row = row.get_or_init(|| Box::new([const { AtomicU64::new(0) }; CODES]));
        let at = usize::try_from(i32::from(code) + 1).unwrap_or(CODES);
        row[at.min(CODES - 1)].fetch_add(times, Ordering::Relaxed);
    }

    /// What was counted, by key and code; zeros are left out.
    pub fn all(&self) -> Vec<Count> {
        let mut all = Vec::new();
        for (key, row) in self.rows.iter().enumerate() {
            for (at, count) in row.get().into_iter().flat_map(|row| row.iter().enumerate()) {
                let count = count.load(Ordering::Relaxed);
                if count > 0 {
                    let code = Code::TABLE.get(at).map(|info| info.code);
                    let key = key as i16;
                    all.push(Count { key, code, count });
                }
            }
        }
        all
    }
}

/// The codes of one answer, on their way into the counters: as Kafka's `AbstractResponse.errorCounts` takes them.
#[derive(Debug)]
pub(super) struct Tally {
    key: i16,
    version: i16,
    top: Option<i16>,
    parts: u64,
    parts_ok: u64,
}

impl Tally {
    pub(super) fn new(key: i16, version: i16) -> Self {
        Self {
            key,
            version,
            top: None,
            parts: 0,
            parts_ok: 0,
        }
    }

    /// The code of the whole answer.
    pub(super) fn top(&mut self, code: i16) {
        self.top = Some(code);
    }

    /// The code of a part of it.
    pub(super) fn part(&mut self, counts: &Counts, code: i16) {
        self.parts += 1;
        if code == 0 {
            self.parts_ok += 1;
        } else if self.counts_parts() {
            counts.add(self.key, code, 1);
        }
    }

    /// After the last code.
    pub(super) fn finish(self, counts: &Counts) {
        if self.parts_ok > 0 && self.counts_parts() {
            counts.add(self.key, 0, self.parts_ok);
        }
        if let Some(code) = self.top.filter(|code| self.counts_top(*code)) {
            counts.add(self.key, code, 1);
        }
    }

    fn counts_parts(&self) -> bool {
        self.key != AssignReplicasToDirsRequest::KEY
    }

    /// Which versions have a code for the whole, and when Kafka leaves it out.
    fn counts_top(&self, code: i16) -> bool {
        match self.key {
            MetadataRequest::KEY => false,
            FindCoordinatorRequest::KEY => self.parts == 0,
            OffsetFetchRequest::KEY => (2..8).contains(&self.version),
            AddPartitionsToTxnRequest::KEY => self.version >= 4 || self.parts == 0,
            UnregisterBrokerRequest::KEY | UnregisterControllerRequest::KEY => code != 0,
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_has_a_place_and_unknown_ones_do_no_harm() {
        let counts = Counts::default();
        for key in -2..200 {
            for code in [i16::MIN, -1, 0, 136, 137, i16::MAX] {
                counts.add(key, code, 1);
            }
        }
        let all = counts.all();
        assert_eq!(all.len(), apis::all().len() * 4);
        let of = |code| {
            let found = all.iter().find(|one| one.key == 3 && one.code == code);
            found.map(|one| one.count)
        };
        assert_eq!(of(Some(Code::NONE)), Some(1));
        assert_eq!(of(Some(Code::UNKNOWN_SERVER_ERROR)), Some(1));
        assert_eq!(of(None), Some(3));
    }
}
