//! Reads that do not wait for a disk: a thread that serves many connections leaves those that would to another thread.
//!
//! What is in the page cache is read at once, as ever. What is not makes [`without_waiting`] give up; the caller then asks
//! again where waiting hurts nobody.

use std::cell::Cell;
use std::fs::{File, OpenOptions};
use std::io::{self, IoSliceMut};
use std::os::unix::fs::FileExt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::io::{Errno, ReadWriteFlags};

use super::{OnDemand, Op, about_to_read, ask, path_of};

/// Linux fetches, and forgets, at least about so much at once.
const STRIDE: u64 = 128 << 10;

/// The file system (or the kernel) does not say what is in memory. Then everything is.
static UNKNOWN: AtomicBool = AtomicBool::new(false);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reads {
    MayWait,
    OnlyMemory,
    /// One would have waited.
    GaveUp,
}

thread_local! {
    static READS: Cell<Reads> = const { Cell::new(Reads::MayWait) };
}

/// Puts back what held before, also after a panic.
struct Before(Reads);

impl Drop for Before {
    fn drop(&mut self) {
        READS.set(self.0);
    }
}

/// Does `work`, in which this crate's reads of files do not wait for a disk. `None`: one would have, and what came of it is
/// worth nothing. A read that fails in any other way is such a one too: it fails again when it may wait.
pub fn without_waiting<T>(work: impl FnOnce() -> T) -> Option<T> {
    let _before = Before(READS.replace(Reads::OnlyMemory));
    let done = work();
    (READS.get() == Reads::OnlyMemory).then_some(done)
}

pub(super) fn may_wait() -> bool {
    READS.get() == Reads::MayWait
}

/// Tells [`without_waiting`], and gives the error that says so.
pub(super) fn gives_up() -> io::Error {
    READS.set(Reads::GaveUp);
    io::ErrorKind::WouldBlock.into()
}

/// Reads what is in memory at `position`, some of it at least; an error if its beginning is not.
pub(super) fn read_at(file: &File, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
    if !UNKNOWN.load(Ordering::Relaxed) {
        let mut to = [IoSliceMut::new(buffer)];
        match rustix::io::preadv2(file, &mut to, position, ReadWriteFlags::NOWAIT) {
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => UNKNOWN.store(true, Ordering::Relaxed),
            done => return Ok(done?),
        }
    }
    file.read_at(buffer, position)
}

/// Reads all of it without waiting; whether that was possible. For a piece that somebody else has found in an open file.
pub fn read_now(file: &File, position: u64, buffer: &mut [u8]) -> bool {
    let mut done = 0;
    if ask(Op::Peek, &OnDemand(|| path_of(file)), |_| Ok(())).is_err() {
        return false;
    }
    while done < buffer.len() {
        match read_at(file, position + done as u64, &mut buffer[done..]) {
            Ok(0) => return false,
            Ok(more) => done += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return false,
        }
    }
    true
}

/// Whether these bytes can be had without waiting, by a look at one in every [`STRIDE`].
pub fn is_there(file: &File, position: u64, len: usize) -> bool {
    if UNKNOWN.load(Ordering::Relaxed) || len == 0 {
        return true;
    }
    let last = position + len as u64 - 1;
    let mut at = position;
    loop {
        let mut byte = [0];
        // Behind the end there is nothing to wait for.
        if !read_now(file, at, &mut byte) {
            return file.metadata().is_ok_and(|of| of.len() <= at);
        }
        if at == last {
            return true;
        }
        at = last.min(at + STRIDE);
    }
}

/// Waits until these bytes are in memory: they are sent to nowhere, for which nothing is copied, and the disk is read ahead as
/// for anybody who reads in order.
pub fn bring(file: &File, position: u64, len: usize) -> io::Result<()> {
    static NOWHERE: OnceLock<Option<File>> = OnceLock::new();
    about_to_read(file)?;
    let open = || OpenOptions::new().write(true).open("/dev/null").ok();
    let Some(nowhere) = NOWHERE.get_or_init(open) else {
        // Then who sends them waits.
        return Ok(());
    };
    let (mut at, end) = (position, position + len as u64);
    while at < end {
        let left = (end - at) as usize;
        match rustix::fs::sendfile(nowhere, file, Some(&mut at), left) {
            Ok(0) => break,
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rustix::fs::Advice;

    use super::*;

    #[test]
    fn what_the_system_forgot_is_not_there_until_it_is_brought() {
        // Not where a file may live in memory.
        let dir = tempfile::tempdir_in("/var/tmp").unwrap();
        let path = dir.path().join("some.log");
        let (size, middle) = (1 << 20, 1 << 19);
        fs::write(&path, vec![7; size]).unwrap();
        let file = File::open(&path).unwrap();
        assert!(is_there(&file, 0, size));
        file.sync_all().unwrap();
        rustix::fs::fadvise(&file, 0, None, Advice::DontNeed).unwrap();
        assert!(!is_there(&file, 0, size));
        let mut buffer = [0; 10];
        let read = |buffer: &mut [u8]| super::super::read(&file, &path, middle, buffer);
        assert!(without_waiting(|| read(&mut buffer)).is_none());
        bring(&file, 0, size).unwrap();
        assert!(is_there(&file, 0, size));
        let all = without_waiting(|| read(&mut buffer));
        assert_eq!(all.unwrap().unwrap(), 10);
        assert_eq!(buffer, [7; 10]);
        // Behind the end nothing is missing, and a thread that may wait does so again.
        assert!(is_there(&file, size as u64, 10));
        rustix::fs::fadvise(&file, 0, None, Advice::DontNeed).unwrap();
        assert_eq!(read(&mut buffer).unwrap(), 10);
    }

    #[test]
    fn a_panic_leaves_no_thread_that_may_not_wait() {
        let outcome = std::panic::catch_unwind(|| without_waiting(|| panic!("of the work")));
        assert!(outcome.is_err() && may_wait());
    }
}
