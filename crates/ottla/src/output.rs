//! What a command says and how it ends: a closed pipe is no failure, and nothing here panics on one.

use std::io::{self, Write};

use ottla_client::ClientError;

/// Why a command ended before its work was done.
#[derive(Debug)]
pub(crate) enum Stop {
    /// With a sentence for whoever ran it.
    Failed(String),
    /// What was asked about cannot be looked at: exit code 2, as for wrong usage.
    Unable(String),
    /// With an exit code that says what was said already.
    Ended(u8),
    /// By ctrl-c.
    Interrupted,
    /// Nobody reads what it writes.
    ClosedPipe,
}

impl Stop {
    /// A failure to do something with a file.
    pub(crate) fn file(path: &std::path::Path, error: &io::Error) -> Self {
        Self::Failed(format!("{}: {error}", path.display()))
    }
}

impl From<ClientError> for Stop {
    fn from(error: ClientError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::ClosedPipe
        } else {
            Self::Failed(format!("cannot write the output: {error}"))
        }
    }
}

/// Standard output in large pieces; flush it before the end.
pub(crate) fn stdout() -> io::BufWriter<io::StdoutLock<'static>> {
    io::BufWriter::with_capacity(64 << 10, io::stdout().lock())
}

/// One line for people, on standard error.
pub(crate) fn complain(sentence: &str) {
    // If nobody reads it, nobody misses it.
    let _ = writeln!(io::stderr(), "ottla: {sentence}");
}
