//! Faults for tests: hooks that are asked before each call, of one thread or of everything below a directory.

use std::cell::RefCell;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::RwLock;

use super::Op;

/// How a call fails.
#[derive(Debug)]
pub enum Fault {
    /// Nothing is done.
    Error(io::Error),
    /// So many bytes are written before; as [`Fault::Error`] for what does not write.
    Torn(usize, io::Error),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Error(error)
    }
}

impl From<io::ErrorKind> for Fault {
    fn from(kind: io::ErrorKind) -> Self {
        Self::Error(kind.into())
    }
}

/// Says how a call of this thread fails; `None`: it goes on.
pub type Hook = Box<dyn FnMut(Op, &Path) -> Option<Fault>>;

/// The same, asked by any thread.
pub type SharedHook = Arc<dyn Fn(Op, &Path) -> Option<Fault> + Send + Sync>;

thread_local! {
    static HOOK: RefCell<Option<Hook>> = const { RefCell::new(None) };
}

static BELOW: RwLock<Vec<(PathBuf, SharedHook)>> = RwLock::new(Vec::new());

/// Asks `hook` before each call that this thread makes; `None`: no faults any more.
pub fn set(hook: Option<Hook>) {
    HOOK.with(|slot| *slot.borrow_mut() = hook);
}

/// Asks `hook` before each call, of any thread, on a file below `dir`, until the answer is dropped.
#[must_use]
pub fn below(dir: &Path, hook: SharedHook) -> Below {
    BELOW.write().push((dir.to_owned(), hook.clone()));
    Below(hook)
}

/// Until it is dropped, a hook is asked.
pub struct Below(SharedHook);

impl Drop for Below {
    fn drop(&mut self) {
        BELOW
            .write()
            .retain(|(_, hook)| !Arc::ptr_eq(hook, &self.0));
    }
}

pub(super) fn ask(
    op: Op,
    path: &Path,
    some: impl FnOnce(usize) -> io::Result<()>,
) -> io::Result<()> {
    let fault = HOOK.with(|slot| {
        // A hook may look at files itself.
        let hook = slot.borrow_mut().take();
        let mut hook = hook?;
        let fault = hook(op, path);
        *slot.borrow_mut() = Some(hook);
        fault
    });
    let shared = || {
        // A hook may wait for what others do, and they for the list.
        let mine: Vec<SharedHook> = {
            let below = BELOW.read();
            let of_path = below.iter().filter(|(dir, _)| path.starts_with(dir));
            of_path.map(|(_, hook)| hook.clone()).collect()
        };
        mine.iter().find_map(|hook| hook(op, path))
    };
    match fault.or_else(shared) {
        None => Ok(()),
        Some(Fault::Error(error)) => Err(error),
        Some(Fault::Torn(bytes, error)) => {
            some(bytes)?;
            Err(error)
        }
    }
}
