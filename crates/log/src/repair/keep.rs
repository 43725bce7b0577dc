//! The folder in which a repair keeps everything that it removes or rewrites.

use std::path::{Path, PathBuf};

use crate::error::LogError;
use crate::file;

/// Bytes that are copied at once.
const CHUNK: usize = 1 << 20;

/// The folder for what was in one directory.
#[derive(Debug)]
pub(super) struct Keep {
    folder: PathBuf,
}

impl Keep {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    fn place(&self, path: &Path, suffix: &str) -> Result<PathBuf, LogError> {
        file::create_dir(&self.folder)?;
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(suffix);
        let place = self.folder.join(name);
        if place.exists() {
            return Err(LogError::Invalid {
                path: place,
                problem: "it is there already, and nothing that was kept is written over: name another folder".to_owned(),
            });
        }
        Ok(place)
    }

    /// Copies the bytes of a file from `from` on.
    fn copy_from(&self, path: &Path, from: u64, to: &Path) -> Result<u64, LogError> {
        let source = file::open_to_read(path)?;
        let target = file::create_empty(to)?;
        let (mut buffer, mut copied) = (vec![0; CHUNK], 0);
        loop {
            let read = file::read(&source, path, from + copied, &mut buffer)?;
            if read == 0 {
                break;
            }
            file::write(&target, to, copied, &buffer[..read])?;
            copied += read as u64;
        }
        file::sync(&target, to)?;
        file::sync_dir(&self.folder)?;
        Ok(copied)
    }

    /// Keeps a copy of a file that will be rewritten, unless there is one.
    pub(super) fn copy(&self, path: &Path) -> Result<(), LogError> {
        let name = path.file_name().unwrap_or_default();
        if !path.exists() || self.folder.join(name).exists() {
            return Ok(());
        }
        let place = self.place(path, "")?;
        self.copy_from(path, 0, &place).map(|_| ())
    }

    /// Moves a file here.
    pub(super) fn take(&self, path: &Path) -> Result<(), LogError> {
        let place = self.place(path, "")?;
        // The folder may be on another file system; what is read back there is what counts.
        self.copy_from(path, 0, &place)?;
        file::remove(path).map(|_| ())
    }

    /// Keeps the bytes from `position` on, and cuts them off; how many.
    pub(super) fn cut(&self, path: &Path, position: u64) -> Result<u64, LogError> {
        let place = self.place(path, &format!(".from-{position}"))?;
        let kept = self.copy_from(path, position, &place)?;
        let opened = file::open(path)?;
        file::set_length(&opened, path, position)?;
        file::sync(&opened, path)?;
        Ok(kept)
    }
}
