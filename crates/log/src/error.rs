//! What can go wrong with a log's files, each naming the path and what to do.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Trouble with the files of a log or a log directory.
#[derive(Debug, Error)]
pub enum LogError {
    /// The operating system refused.
    #[error("{what} {}: {source}{}", path.display(), advice(source))]
    Io {
        /// What was tried: `open`, `write`, …
        what: &'static str,
        /// On which file or directory.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
    /// A text file that does not say what it should.
    #[error("{} line {line}: {problem}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Its line, from 1; 0 for the file as a whole.
        line: usize,
        /// What is wrong with it, and what would be right.
        problem: String,
    },
    /// A binary file whose bytes contradict themselves.
    #[error("{} at byte {position}: {problem}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Where in it.
        position: u64,
        /// What is wrong.
        problem: String,
    },
    /// Another process uses the log directory.
    #[error("{} is in use by another process (it holds the lock on {}): stop that process, or give this one a log.dirs of its own", dir.display(), dir.join(".lock").display())]
    Locked {
        /// The log directory.
        dir: PathBuf,
    },
    /// A directory's name is not that of a partition.
    #[error("{} is not named topic-partition: a log directory may hold only partitions' directories; move it elsewhere", path.display())]
    Name {
        /// The directory.
        path: PathBuf,
    },
    /// Something was asked of a log that cannot be done.
    #[error("{}: {problem}", path.display())]
    Invalid {
        /// The partition's directory.
        path: PathBuf,
        /// Why not.
        problem: String,
    },
}

fn advice(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::StorageFull => ": free space on this file system",
        io::ErrorKind::PermissionDenied => ": give this process's user access to it",
        io::ErrorKind::ReadOnlyFilesystem => ": the file system is mounted read-only",
        _ => "",
    }
}

impl LogError {
    /// The system's refusal of `what` on `path`.
    pub(crate) fn io(what: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io {
            what,
            path: path.to_owned(),
            source,
        }
    }

    /// The same of something that was begun and can neither be ended nor taken back, so that even for want of room it
    /// is more than a refusal. The next start ends it.
    pub(crate) fn halfway(self, begun: &str) -> Self {
        match self {
            Self::Io { what, path, source } => Self::Io {
                what,
                path,
                source: io::Error::other(format!("{source}; {begun}: a restart puts it right")),
            },
            other => other,
        }
    }

    /// Whether it is that a file is not there.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }

    /// Whether nothing is wrong but that a disk would have been waited for, see [`crate::file::memory`].
    pub fn would_wait(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::WouldBlock)
    }

    /// Whether the operating system refused.
    pub fn is_io(&self) -> bool {
        matches!(self, Self::Io { .. })
    }

    /// Whether something was refused because the file system (or this user's quota on it) has no room left. A sync
    /// that fails for that is no refusal: what was written before may be lost.
    pub fn is_full(&self) -> bool {
        !self.is_sync()
            && matches!(
                self,
                Self::Io { source, .. } if matches!(
                    source.kind(),
                    io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
                )
            )
    }

    /// Whether something could not be made durable.
    pub(crate) fn is_sync(&self) -> bool {
        matches!(
            self,
            Self::Io {
                what: "fsync" | "fdatasync",
                ..
            }
        )
    }

    /// The file or directory that it is about.
    pub fn path(&self) -> &Path {
        match self {
            Self::Io { path, .. }
            | Self::Line { path, .. }
            | Self::Corrupt { path, .. }
            | Self::Name { path }
            | Self::Invalid { path, .. } => path,
            Self::Locked { dir } => dir,
        }
    }

    /// Whether it is reason to take the whole log directory offline: the operating system refused, and neither for want
    /// of room nor of something that this process has too much of. A sync that fails is always one: what was written
    /// before may be lost. A file that cannot be opened because it is gone is none: its segment may just have been
    /// deleted.
    pub fn fails_directory(&self) -> bool {
        use rustix::io::Errno;
        let Self::Io { what, source, .. } = self else {
            return false;
        };
        let of_process = [Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::INTR];
        let is_of_process = of_process
            .iter()
            .any(|errno| source.raw_os_error() == Some(errno.raw_os_error()));
        let is_gone = *what == "open" && self.is_not_found();
        !(is_of_process || is_gone || self.is_full())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_a_directory() {
        use rustix::io::Errno;
        let fails = |what: &'static str, errno: Errno| {
            LogError::io(what, Path::new("/d/t-0/x.log"), errno.into()).fails_directory()
        };
        assert!(
            fails("write", Errno::IO) && fails("read", Errno::IO) && fails("rename", Errno::ROFS)
        );
        assert!(fails("create", Errno::NOENT) && !fails("open", Errno::NOENT));
        assert!(!fails("write", Errno::NOSPC) && !fails("create", Errno::DQUOT));
        assert!(fails("fsync", Errno::NOSPC) && fails("fdatasync", Errno::IO));
        assert!(!fails("open", Errno::MFILE) && !fails("open", Errno::NFILE));
        let damaged = LogError::Corrupt {
            path: "/d/t-0/x.log".into(),
            position: 7,
            problem: "odd".to_owned(),
        };
        assert!(!damaged.fails_directory() && !damaged.is_full());
    }
}
