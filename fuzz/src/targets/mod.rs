//! What is fuzzed.

mod config;
mod coordinator;
mod files;
mod log;
mod messages;
mod metadata;
mod records;

use bytes::Bytes;
use ottla_wire::random::Random;

use crate::Target;

/// Everything that is fuzzed.
pub static ALL: &[&Target] = &[
    &messages::MESSAGE,
    &messages::REQUEST,
    &records::BATCHES,
    &records::VALIDATE,
    &records::DECOMPRESS,
    &records::MESSAGE_SETS,
    &config::PROPERTIES,
    &config::BROKER,
    &config::OWNED,
    &files::CHECKPOINT,
    &files::DIRECTORY,
    &log::OPEN,
    &log::VERIFY,
    &metadata::IMAGE,
    &metadata::CONTROL,
    &coordinator::REGEX,
    &coordinator::PROTOCOL,
    &coordinator::TRANSACTION_STATE,
    &coordinator::GROUP_STATE,
];

/// The target of that name.
///
/// # Panics
/// If there is none.
pub fn named(name: &str) -> &'static Target {
    let found = ALL.iter().find(|target| target.name == name);
    found.expect("a target of this name")
}

/// The front of an input: which of several things it is.
struct Choices<'a>(&'a [u8]);

impl<'a> Choices<'a> {
    /// The next byte; 0 at the end.
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    /// The next two.
    fn word(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    /// Bytes after their length of two bytes; what there is of them.
    fn piece(&mut self) -> &'a [u8] {
        let len = usize::from(self.word()).min(self.0.len());
        let (piece, rest) = self.0.split_at(len);
        self.0 = rest;
        piece
    }

    fn rest(self) -> Bytes {
        Bytes::copy_from_slice(self.0)
    }
}

/// Writes what [`Choices::piece`] reads.
fn put_piece(to: &mut Vec<u8>, piece: &[u8]) {
    let len = u16::try_from(piece.len()).expect("pieces are short");
    to.extend_from_slice(&len.to_be_bytes());
    to.extend_from_slice(piece);
}

/// A directory, in memory where there is such a place: inputs are many, and wait for no disk.
fn folder() -> tempfile::TempDir {
    let memory = std::path::Path::new("/dev/shm");
    let made = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    made.expect("a directory")
}

fn pick<'a, T>(source: &mut Random, from: &'a [T]) -> &'a T {
    &from[source.below(from.len() as u64) as usize]
}
