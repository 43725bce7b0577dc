//! The disk of these tests: counts the calls, makes one of them fail, and knows what a loss of power would leave.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::file::Op;
use crate::file::faults::{self, Fault};

/// How a call fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum How {
    /// An I/O error; all other calls go well.
    Error,
    /// There is no room, for this call only.
    Full,
    /// A write stops halfway, with an I/O error.
    Torn,
    /// A write stops halfway, because there is no room.
    TornFull,
    /// Nothing works from this call on.
    Gone,
    /// Nothing works from this call on, and what was not made durable is lost.
    Power,
    /// The same, but all names are as they were last: a file that was not made durable is empty, or what it was before.
    PowerButNames,
    /// The same for the names in the log directory; those in the partitions' directories are lost.
    PowerButOuterNames,
}

impl How {
    /// Whether such a call can fail like this.
    pub(super) fn applies_to(self, op: Op) -> bool {
        match self {
            Self::Torn | Self::TornFull => op == Op::Write,
            Self::Full => !matches!(op, Op::Read | Op::Lock | Op::Remove),
            Self::Error => true,
            // Before a call that changes nothing, the disk is as before the next one.
            Self::Gone | Self::Power | Self::PowerButNames | Self::PowerButOuterNames => {
                op != Op::Read
            }
        }
    }

    pub(super) fn is_power_loss(self) -> bool {
        matches!(
            self,
            Self::Power | Self::PowerButNames | Self::PowerButOuterNames
        )
    }

    fn fault(self, is_first: bool) -> Option<Fault> {
        let error = |kind: rustix::io::Errno| io::Error::from(kind);
        let (io, full) = (rustix::io::Errno::IO, rustix::io::Errno::NOSPC);
        match self {
            Self::Gone => Some(error(io).into()),
            _ if self.is_power_loss() => Some(error(io).into()),
            _ if !is_first => None,
            Self::Error => Some(error(io).into()),
            Self::Full => Some(error(full).into()),
            Self::Torn => Some(Fault::Torn(7, error(io))),
            Self::TornFull => Some(Fault::Torn(7, error(full))),
            Self::Power | Self::PowerButNames | Self::PowerButOuterNames => None,
        }
    }
}

/// What was done with a file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Call {
    /// What.
    pub(super) op: String,
    /// With which kind of file: its name without the offset.
    pub(super) on: String,
}

/// Names of files and directories, and their numbers.
type Names = BTreeMap<String, (u64, bool)>;

#[derive(Default)]
struct State {
    root: PathBuf,
    fail_at: Option<(usize, How)>,
    calls: Vec<(Op, Call)>,
    failed: Option<PathBuf>,
    /// The bytes of files, by their numbers, when they were made durable last.
    bytes: BTreeMap<u64, Vec<u8>>,
    /// What is in directories, by their numbers, when they were made durable last.
    names: BTreeMap<u64, Names>,
}

/// Watches all calls of this thread until it is dropped.
pub(super) struct Disk(Rc<RefCell<State>>);

impl Disk {
    /// Below `root`, the call of this number (from 0) fails.
    pub(super) fn new(root: &Path, fail_at: Option<(usize, How)>) -> Self {
        let state = Rc::new(RefCell::new(State {
            root: root.to_owned(),
            fail_at,
            ..State::default()
        }));
        let watching = state.clone();
        faults::set(Some(Box::new(move |op, path| {
            watching.borrow_mut().ask(op, path)
        })));
        Self(state)
    }

    /// No more faults: the disk is as it is.
    pub(super) fn end(&self) {
        faults::set(None);
    }

    /// All calls so far.
    pub(super) fn calls(&self) -> Vec<(Op, Call)> {
        self.0.borrow().calls.clone()
    }

    /// The file or directory of the call that failed first.
    pub(super) fn failed(&self) -> Option<PathBuf> {
        self.0.borrow().failed.clone()
    }

    /// Writes to `to` what a loss of power leaves: what was made durable, as it was then, and perhaps names.
    pub(super) fn after_power_loss(&self, to: &Path) {
        let state = self.0.borrow();
        let how = state.fail_at.map(|(_, how)| how);
        let mut names = state.names.clone();
        if how.is_some_and(|how| how != How::Power) {
            let root = note_names(&state.root, &mut names);
            let inner = root.iter().filter(|(_, (_, is_dir))| *is_dir);
            for (name, _) in inner.filter(|_| how == Some(How::PowerButNames)) {
                note_names(&state.root.join(name), &mut names);
            }
        }
        let root = fs::metadata(&state.root).unwrap().ino();
        state.restore(&names, root, to);
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        faults::set(None);
    }
}

impl State {
    fn ask(&mut self, op: Op, path: &Path) -> Option<Fault> {
        let number = self.calls.len();
        let call = Call {
            op: format!("{op:?}"),
            on: kind(path),
        };
        self.calls.push((op, call));
        let fault = self
            .fail_at
            .and_then(|(at, how)| (number >= at).then(|| how.fault(number == at)).flatten());
        if fault.is_some() {
            self.failed.get_or_insert_with(|| path.to_owned());
        } else if op == Op::Sync && self.is_for_power() {
            self.note_durable(path);
        }
        fault
    }

    fn is_for_power(&self) -> bool {
        self.fail_at.is_some_and(|(_, how)| how.is_power_loss())
    }

    fn note_durable(&mut self, path: &Path) {
        // What is not there cannot be made durable, and the call says so.
        let Ok(metadata) = fs::metadata(path) else {
            return;
        };
        if !metadata.is_dir() {
            self.bytes.insert(metadata.ino(), fs::read(path).unwrap());
            return;
        }
        note_names(path, &mut self.names);
    }

    fn restore(&self, names: &BTreeMap<u64, Names>, number: u64, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for (name, (number, is_dir)) in names.get(&number).into_iter().flatten() {
            let path = to.join(name);
            match is_dir {
                true => self.restore(names, *number, &path),
                false => {
                    fs::write(path, self.bytes.get(number).map_or(&[][..], |it| it)).unwrap();
                }
            }
        }
    }
}

/// What is in a directory now.
fn note_names(path: &Path, names: &mut BTreeMap<u64, Names>) -> Names {
    let entries = fs::read_dir(path).unwrap().map(|entry| {
        let entry = entry.unwrap();
        let is_dir = entry.file_type().unwrap().is_dir();
        let name = entry.file_name().into_string().unwrap();
        (name, (entry.metadata().unwrap().ino(), is_dir))
    });
    let entries: Names = entries.collect();
    names.insert(fs::metadata(path).unwrap().ino(), entries.clone());
    entries
}

/// A file's name without what differs from file to file of its kind.
fn kind(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match path.is_dir() {
        true => "a directory".to_owned(),
        false => name
            .trim_start_matches(|c: char| c.is_ascii_digit())
            .to_owned(),
    }
}
