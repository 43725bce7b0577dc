//! Every operation on a file goes through here: errors name the path, and tests can make any call fail.

use std::borrow::Cow;
use std::fs::{File, OpenOptions};
use std::io::{self, IoSlice};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bytes::Bytes;
use parking_lot::RwLock;

use crate::error::LogError;

/// The calls that can be made to fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Op {
    /// Opening or creating a file.
    Open,
    /// Writing bytes.
    Write,
    /// Reading bytes, or a file's length.
    Read,
    /// Making bytes durable.
    Sync,
    /// Giving a file another name.
    Rename,
    /// Removing a file or directory.
    Remove,
    /// Setting a file's length.
    Truncate,
    /// Asking for room that is written to later.
    Reserve,
    /// Keeping other processes out.
    Lock,
    /// Reading what is in memory. If it fails the same is read once more, where it may wait for the disk.
    Peek,
}

#[cfg(any(test, feature = "faults"))]
pub mod faults;
pub mod memory;

/// What knows the path of an open file. Putting a segment's path together takes as many instructions as a small append,
/// and only errors need it.
pub(crate) trait Named {
    /// The path.
    fn path(&self) -> Cow<'_, Path>;
}

impl Named for Path {
    fn path(&self) -> Cow<'_, Path> {
        self.into()
    }
}

impl Named for &Path {
    fn path(&self) -> Cow<'_, Path> {
        (*self).into()
    }
}

impl Named for PathBuf {
    fn path(&self) -> Cow<'_, Path> {
        self.as_path().into()
    }
}

/// A path that is put together when it is asked for.
pub(crate) struct OnDemand<F>(pub(crate) F);

impl<F: Fn() -> PathBuf> Named for OnDemand<F> {
    fn path(&self) -> Cow<'_, Path> {
        self.0().into()
    }
}

#[cfg(any(test, feature = "faults"))]
fn ask(
    op: Op,
    file: &(impl Named + ?Sized),
    some: impl FnOnce(usize) -> io::Result<()>,
) -> io::Result<()> {
    faults::ask(op, &file.path(), some)
}

#[cfg(not(any(test, feature = "faults")))]
#[inline(always)]
fn ask(
    _: Op,
    _: &(impl Named + ?Sized),
    _: impl FnOnce(usize) -> io::Result<()>,
) -> io::Result<()> {
    Ok(())
}

fn call<T>(
    op: Op,
    what: &'static str,
    path: &(impl Named + ?Sized),
    run: impl FnOnce() -> io::Result<T>,
) -> Result<T, LogError> {
    ask(op, path, |_| Ok(()))
        .and_then(|()| run())
        .map_err(|source| LogError::io(what, &path.path(), source))
}

/// As [`call`] for what writes; a test may have `some` write only so many bytes, and then fail.
fn call_to_write(
    path: &(impl Named + ?Sized),
    some: impl FnOnce(usize) -> io::Result<()>,
    run: impl FnOnce() -> io::Result<()>,
) -> Result<(), LogError> {
    ask(Op::Write, path, some)
        .and_then(|()| run())
        .map_err(|source| LogError::io("write", &path.path(), source))
}

/// Asks for a fault in reading a file that something else reads: sendfile.
pub fn about_to_read(file: &File) -> io::Result<()> {
    if cfg!(any(test, feature = "faults")) {
        return ask(Op::Read, &path_of(file), |_| Ok(()));
    }
    Ok(())
}

/// What an open file is called now; for what has only the open file when something goes wrong.
pub fn path_of(file: &File) -> PathBuf {
    use std::os::fd::AsRawFd;
    std::fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd()))
        .unwrap_or_else(|_| PathBuf::from("a segment"))
}

/// A path without symbolic links, as [`path_of`] has it; as it is, if the system does not say.
pub fn real_path(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// Opens for reading and writing.
pub(crate) fn open(path: &Path) -> Result<File, LogError> {
    call(Op::Open, "open", path, || {
        OpenOptions::new().read(true).write(true).open(path)
    })
}

/// Opens for reading only.
pub(crate) fn open_to_read(path: &Path) -> Result<File, LogError> {
    call(Op::Open, "open", path, || File::open(path))
}

/// Opens for reading and writing; makes an empty file where there is none.
pub(crate) fn create(path: &Path) -> Result<File, LogError> {
    call(Op::Open, "create", path, || {
        OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
    })
}

/// Makes an empty file, whatever was there.
pub(crate) fn create_empty(path: &Path) -> Result<File, LogError> {
    call(Op::Open, "create", path, || {
        OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(path)
    })
}

/// Writes all pieces, one after another, from `position` on.
pub(crate) fn write_vectored(
    file: &File,
    path: &(impl Named + ?Sized),
    position: u64,
    pieces: &mut [IoSlice<'_>],
) -> Result<(), LogError> {
    // Linux takes at most 1,024 pieces a call.
    const PIECES: usize = 1024;
    let some = |bytes| {
        let all: Vec<u8> = pieces.iter().flat_map(|piece| piece.to_vec()).collect();
        file.write_all_at(&all[..all.len().min(bytes)], position)
    };
    ask(Op::Write, path, some).map_err(|source| LogError::io("write", &path.path(), source))?;
    let run = || {
        let mut pieces = pieces;
        let mut at = position;
        IoSlice::advance_slices(&mut pieces, 0);
        while !pieces.is_empty() {
            let some = pieces.len().min(PIECES);
            match rustix::io::pwritev(file, &pieces[..some], at) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    at += written as u64;
                    IoSlice::advance_slices(&mut pieces, written);
                }
                Err(rustix::io::Errno::INTR) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
        Ok(())
    };
    run().map_err(|source| LogError::io("write", &path.path(), source))
}

/// Writes `bytes` at `position`.
pub(crate) fn write(
    file: &File,
    path: &(impl Named + ?Sized),
    position: u64,
    bytes: &[u8],
) -> Result<(), LogError> {
    call_to_write(
        path,
        |some| file.write_all_at(&bytes[..bytes.len().min(some)], position),
        || file.write_all_at(bytes, position),
    )
}

/// Reads until `buffer` is full or the file ends; how many bytes.
pub(crate) fn read(
    file: &File,
    path: &(impl Named + ?Sized),
    position: u64,
    buffer: &mut [u8],
) -> Result<usize, LogError> {
    let waits = memory::may_wait();
    let op = if waits { Op::Read } else { Op::Peek };
    let done = call(op, "read", path, || {
        let mut done = 0;
        while done < buffer.len() {
            let (rest, at) = (&mut buffer[done..], position + done as u64);
            let more = match waits {
                true => file.read_at(rest, at),
                false => memory::read_at(file, at, rest),
            };
            match more {
                Ok(0) => break,
                Ok(n) => done += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(done)
    });
    match done {
        Err(_) if !waits => Err(LogError::io("read", &path.path(), memory::gives_up())),
        done => done,
    }
}

/// Reads exactly `buffer.len()` bytes.
pub(crate) fn read_exact(
    file: &File,
    path: &(impl Named + ?Sized),
    position: u64,
    buffer: &mut [u8],
) -> Result<(), LogError> {
    if read(file, path, position, buffer)? == buffer.len() {
        return Ok(());
    }
    let end = io::Error::new(io::ErrorKind::UnexpectedEof, "the file ends before");
    Err(LogError::io("read", &path.path(), end))
}

/// The whole of a small file; `limit` bytes at most.
pub fn read_small(path: &Path, limit: u64) -> Result<Vec<u8>, LogError> {
    call(Op::Read, "read", path, || {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        if length > limit {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("it is larger than {limit} bytes"),
            ));
        }
        // A node with many partitions reads many of these: its length is known, so that one call is enough.
        let mut bytes = vec![0; length as usize];
        let mut there = 0;
        while there < bytes.len() {
            match file.read_at(&mut bytes[there..], there as u64) {
                Ok(0) => break,
                Ok(n) => there += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        bytes.truncate(there);
        Ok(bytes)
    })
}

/// A file's length in bytes.
pub(crate) fn length(file: &File, path: &(impl Named + ?Sized)) -> Result<u64, LogError> {
    call(Op::Read, "stat", path, || Ok(file.metadata()?.len()))
}

/// The length in bytes of the file at `path`.
pub fn size_of(path: &Path) -> Result<u64, LogError> {
    call(
        Op::Read,
        "stat",
        path,
        || Ok(std::fs::metadata(path)?.len()),
    )
}

/// When a file was last written, in milliseconds since 1970.
pub(crate) fn modified_ms(path: &Path) -> Result<i64, LogError> {
    use std::os::unix::fs::MetadataExt;
    call(Op::Read, "stat", path, || {
        let metadata = std::fs::metadata(path)?;
        Ok(metadata.mtime() * 1000 + metadata.mtime_nsec() / 1_000_000)
    })
}

/// Sets when a file was last written, in milliseconds since 1970.
pub(crate) fn set_modified_ms(path: &Path, at_ms: i64) -> Result<(), LogError> {
    use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, utimensat};
    let at = Timespec {
        tv_sec: at_ms.div_euclid(1000),
        tv_nsec: at_ms.rem_euclid(1000) * 1_000_000,
    };
    let times = Timestamps {
        last_access: at,
        last_modification: at,
    };
    call(Op::Write, "set the time of", path, || {
        Ok(utimensat(CWD, path, &times, AtFlags::empty())?)
    })
}

/// Cuts or extends a file.
pub(crate) fn set_length(
    file: &File,
    path: &(impl Named + ?Sized),
    length: u64,
) -> Result<(), LogError> {
    call(Op::Truncate, "truncate", path, || file.set_len(length))
}

/// Sees to it that `bytes` can be written from `position` on without asking for room again; the length stays. Where the
/// file system cannot say so, nothing happens.
pub(crate) fn reserve(
    file: &File,
    path: &(impl Named + ?Sized),
    position: u64,
    bytes: u64,
) -> Result<(), LogError> {
    use rustix::{fs::FallocateFlags, io::Errno};
    call(
        Op::Reserve,
        "reserve room in",
        path,
        || match rustix::fs::fallocate(file, FallocateFlags::KEEP_SIZE, position, bytes) {
            Err(errno) if ![Errno::OPNOTSUPP, Errno::NOSYS, Errno::INVAL].contains(&errno) => {
                Err(errno.into())
            }
            _ => Ok(()),
        },
    )
}

/// Makes a file's bytes and length durable.
pub(crate) fn sync(file: &File, path: &(impl Named + ?Sized)) -> Result<(), LogError> {
    call(Op::Sync, "fsync", path, || file.sync_all())
}

/// Makes a file's bytes durable, and of its attributes only the size.
pub(crate) fn sync_data(file: &File, path: &(impl Named + ?Sized)) -> Result<(), LogError> {
    call(Op::Sync, "fdatasync", path, || file.sync_data())
}

/// Makes a directory's names durable.
pub fn sync_dir(path: &Path) -> Result<(), LogError> {
    call(Op::Sync, "fsync", path, || File::open(path)?.sync_all())
}

/// Renames within one file system.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), LogError> {
    call(Op::Rename, "rename", from, || std::fs::rename(from, to))
}

/// Removes a file; whether it was there.
pub fn remove(path: &Path) -> Result<bool, LogError> {
    match call(Op::Remove, "remove", path, || std::fs::remove_file(path)) {
        Ok(()) => Ok(true),
        Err(e) if e.is_not_found() => Ok(false),
        Err(e) => Err(e),
    }
}

/// Removes a directory and all that is in it; fine if it is not there. It may be called again for what is left.
pub fn remove_dir(path: &Path) -> Result<(), LogError> {
    for dirs in [false, true] {
        let names = match list_with(path, |is_dir| is_dir == dirs) {
            Err(e) if e.is_not_found() => return Ok(()),
            other => other?,
        };
        for name in names {
            let path = path.join(name);
            match dirs {
                true => remove_dir(&path)?,
                false => remove(&path).map(drop)?,
            }
        }
    }
    match call(Op::Remove, "remove", path, || std::fs::remove_dir(path)) {
        Err(e) if !e.is_not_found() => Err(e),
        _ => Ok(()),
    }
}

/// Gives a file one more name. `false`: its file system or the number of its names does not allow it, or it is gone.
pub(crate) fn link(from: &Path, to: &Path) -> Result<bool, LogError> {
    use rustix::io::Errno;
    const NOT_HERE: [Errno; 8] = [
        Errno::MLINK,
        Errno::PERM,
        Errno::ACCESS,
        Errno::INVAL,
        Errno::XDEV,
        Errno::OPNOTSUPP,
        Errno::NOSYS,
        Errno::NOENT,
    ];
    call(Op::Rename, "link", to, || {
        match std::fs::hard_link(from, to) {
            Ok(()) => Ok(true),
            Err(error)
                if NOT_HERE
                    .iter()
                    .any(|it| error.raw_os_error() == Some(it.raw_os_error())) =>
            {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    })
}

/// Makes a directory, whose name is not durable before [`sync_dir`] of the one above it.
pub(crate) fn make_dir(path: &Path) -> Result<(), LogError> {
    call(Op::Open, "create directory", path, || {
        std::fs::create_dir_all(path)
    })
}

/// Makes a directory and those above it, unless it is there.
pub fn create_dir(path: &Path) -> Result<(), LogError> {
    if path.is_dir() {
        return Ok(());
    }
    call(Op::Open, "create directory", path, || {
        std::fs::create_dir_all(path)
    })?;
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_dir(parent),
        _ => Ok(()),
    }
}

/// The names of the regular files (or, with `dirs`, of the directories) in a directory, sorted.
pub fn list(path: &Path, dirs: bool) -> Result<Vec<String>, LogError> {
    call(Op::Read, "list", path, || {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(path)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if (dirs && kind.is_dir()) || (!dirs && kind.is_file()) {
                // A name that is not UTF-8 is none of ours.
                if let Ok(name) = entry.file_name().into_string() {
                    names.push(name);
                }
            }
        }
        names.sort();
        Ok(names)
    })
}

/// The names of what is in a directory, of those that are directories or are not, of any kind.
fn list_with(
    path: &Path,
    wanted: impl Fn(bool) -> bool,
) -> Result<Vec<std::ffi::OsString>, LogError> {
    call(Op::Read, "list", path, || {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(path)? {
            let entry = entry?;
            if wanted(entry.file_type()?.is_dir()) {
                names.push(entry.file_name());
            }
        }
        names.sort();
        Ok(names)
    })
}

/// The names of what is in a directory and is no regular file, sorted.
pub(crate) fn list_others(path: &Path) -> Result<Vec<String>, LogError> {
    call(Op::Read, "list", path, || {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(path)? {
            let entry = entry?;
            if !entry.file_type()?.is_file() {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        names.sort();
        Ok(names)
    })
}

/// Replaces a file in one step: a temporary file, made durable, renamed over it.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), LogError> {
    let mut new = NewFile::begin(path, ".tmp")?;
    new.write(bytes)?;
    new.put_in_place(false)
}

/// A file that is written under another name, and takes its place once it is durable. Unless it does, it is removed:
/// half a file takes room, and there may be none.
pub struct NewFile {
    file: File,
    path: PathBuf,
    temporary: PathBuf,
    written: u64,
    is_in_place: bool,
}

impl NewFile {
    /// Begins a new file at `path`, which has `suffix` behind its name until it is whole.
    pub fn begin(path: &Path, suffix: &str) -> Result<Self, LogError> {
        let mut temporary = path.as_os_str().to_owned();
        temporary.push(suffix);
        let temporary = PathBuf::from(temporary);
        Ok(Self {
            file: create_empty(&temporary)?,
            path: path.to_owned(),
            temporary,
            written: 0,
            is_in_place: false,
        })
    }

    /// Writes at its end.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), LogError> {
        write(&self.file, &self.temporary, self.written, bytes)?;
        self.written += bytes.len() as u64;
        Ok(())
    }

    /// Makes it durable, and gives it its name; if `read_only`, nobody can write to it any more.
    pub fn put_in_place(self, read_only: bool) -> Result<(), LogError> {
        let path = self.path.clone();
        self.name(read_only)?;
        match path.parent() {
            Some(dir) => sync_dir(dir),
            None => Ok(()),
        }
    }

    /// The same, but its name is not durable before [`sync_dir`].
    pub(crate) fn name(mut self, read_only: bool) -> Result<(), LogError> {
        sync(&self.file, &self.temporary)?;
        if read_only {
            use std::os::unix::fs::PermissionsExt;
            call(Op::Write, "protect", &self.temporary, || {
                let mode = std::fs::Permissions::from_mode(0o400);
                self.file.set_permissions(mode)
            })?;
        }
        rename(&self.temporary, &self.path)?;
        self.is_in_place = true;
        Ok(())
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.is_in_place {
            // Best effort: the next one is written over it.
            let _ = remove(&self.temporary);
        }
    }
}

/// Takes a lock on an open file that ends with it; `false`: another process, or another part of this one, has it.
pub(crate) fn lock(file: &File, path: &Path) -> Result<bool, LogError> {
    use rustix::{fs::FlockOperation, io::Errno};
    let operation = FlockOperation::NonBlockingLockExclusive;
    call(Op::Lock, "lock", path, || {
        // Apache Kafka takes a POSIX lock, which does not keep out this same process; the other kind does.
        let taken = rustix::fs::flock(file, operation)
            .and_then(|()| rustix::fs::fcntl_lock(file, operation));
        match taken {
            Ok(()) => Ok(true),
            Err(Errno::AGAIN | Errno::ACCESS) => Ok(false),
            Err(errno) => Err(errno.into()),
        }
    })
}

/// Bytes of the file system that `path` is on: all of them, and those that are free to this user.
pub fn space(path: &Path) -> Result<(u64, u64), LogError> {
    call(Op::Read, "ask for the free space of", path, || {
        let stat = rustix::fs::statvfs(path)?;
        Ok((stat.f_blocks * stat.f_frsize, stat.f_bavail * stat.f_frsize))
    })
}

/// Whether this process may list `path` and make files in it.
pub fn check_access(path: &Path) -> Result<(), LogError> {
    use rustix::fs::Access;
    let needed = Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK;
    call(Op::Open, "create files in", path, || {
        Ok(rustix::fs::access(path, needed)?)
    })
}

/// Files that this process keeps open between two uses, and how many it may.
static KEPT: AtomicUsize = AtomicUsize::new(0);
static KEPT_MAX: AtomicUsize = AtomicUsize::new(usize::MAX);

/// With so many files of logs open, others are opened for each use and closed after it.
pub fn keep_open_at_most(files: usize) {
    KEPT_MAX.store(files, Ordering::Relaxed);
}

/// Raises the number of files that this process may have open as far as it can without asking; how many that is.
pub fn raise_open_files() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let current = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    };
    // None: there is no limit.
    current.map_or(usize::MAX, |files| {
        usize::try_from(files).unwrap_or(usize::MAX)
    })
}

/// A file that is opened when it is first needed, and can be closed while nobody needs it.
#[derive(Default)]
pub(crate) struct LazyFile {
    file: RwLock<Option<Arc<File>>>,
    pinned: AtomicBool,
}

impl LazyFile {
    /// The open file; opens it at `path` (called only then). No lock is held while the system opens it.
    pub(crate) fn get(&self, path: impl FnOnce() -> PathBuf) -> Result<Arc<File>, LogError> {
        self.get_and_keep(path, false)
    }

    fn get_and_keep(
        &self,
        path: impl FnOnce() -> PathBuf,
        always: bool,
    ) -> Result<Arc<File>, LogError> {
        if let Some(file) = self.file.read().as_ref() {
            return Ok(file.clone());
        }
        let path = path();
        let opened = match open(&path) {
            // A reader may come late to a segment that is being deleted.
            Err(e) if e.is_not_found() => {
                let mut deleted = path.into_os_string();
                deleted.push(crate::names::DELETED);
                open(Path::new(&deleted)).map_err(|_| e)?
            }
            other => other?,
        };
        if !always && KEPT.load(Ordering::Relaxed) >= KEPT_MAX.load(Ordering::Relaxed) {
            return Ok(Arc::new(opened));
        }
        let mut slot = self.file.write();
        let keep = || {
            KEPT.fetch_add(1, Ordering::Relaxed);
            Arc::new(opened)
        };
        Ok(slot.get_or_insert_with(keep).clone())
    }

    /// Keeps an open file.
    pub(crate) fn set(&self, file: File) {
        if self.file.write().replace(Arc::new(file)).is_none() {
            KEPT.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Opens it, and keeps it open from now on: the file at `path` is about to be another.
    pub(crate) fn pin(&self, path: impl Fn() -> PathBuf) -> Result<(), LogError> {
        loop {
            self.get_and_keep(&path, true)?;
            let slot = self.file.write();
            if slot.is_some() {
                self.pinned.store(true, Ordering::Relaxed);
                return Ok(());
            }
        }
    }

    /// Closes it, once nobody reads from it.
    pub(crate) fn close(&self) {
        let mut slot = self.file.write();
        if !self.pinned.load(Ordering::Relaxed) && slot.take().is_some() {
            KEPT.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Whether it is open now.
    pub(crate) fn is_open(&self) -> bool {
        self.file.read().is_some()
    }
}

impl Drop for LazyFile {
    fn drop(&mut self) {
        if self.file.get_mut().is_some() {
            KEPT.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// A part of a `.log` file: what a fetch returns. Stays readable when the segment is deleted meanwhile.
#[derive(Clone, Debug)]
pub struct FileSlice {
    /// The open file.
    pub file: Arc<File>,
    /// First byte.
    pub position: u64,
    /// How many bytes.
    pub len: usize,
}

impl FileSlice {
    /// Its bytes, read into memory; fewer if the log was truncated meanwhile.
    pub fn read(&self) -> Result<Bytes, LogError> {
        let mut bytes = vec![0; self.len];
        let mut fault = about_to_read(&self.file).err();
        let mut there = 0;
        while there < bytes.len() && fault.is_none() {
            let at = self.position + there as u64;
            match self.file.read_at(&mut bytes[there..], at) {
                Ok(0) => break,
                Ok(n) => there += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => fault = Some(e),
            }
        }
        if let Some(source) = fault {
            return Err(self.fault(source));
        }
        bytes.truncate(there);
        Ok(bytes.into())
    }

    /// That it cannot be read.
    pub fn fault(&self, source: io::Error) -> LogError {
        LogError::io("read", &path_of(&self.file), source)
    }
}
