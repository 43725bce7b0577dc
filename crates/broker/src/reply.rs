//! What a handler gives back: an answer now, an answer later, silence, or a closed connection.

use std::{future::Future, pin::Pin};

use ottla_log::FileSlice;
use ottla_wire::Encoded;

/// A future that a connection waits for in its turn.
pub(crate) type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What a handler gives back. The connection sends answers in the order of its requests.
pub(crate) enum Reply<T> {
    /// The answer.
    Now(T),
    /// The work is done or under way; the answer comes when something else has happened.
    Later(Later<T>),
    /// No answer: Produce with acks=0.
    Silent,
    /// An answer that the client has not asked for and does not get: the connection ends instead.
    Unanswered(T),
    /// No answer, and the connection ends, because of this.
    Close(Closed),
}

/// Why a connection is closed instead of answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Closed {
    /// An API key that this listener does not serve.
    UnknownApi(i16),
    /// A version of it that is not served.
    UnsupportedVersion(i16, i16),
    /// The body is not a message of its version.
    Malformed(ottla_wire::Malformed),
    /// An answer that its version cannot carry: a defect of ours.
    Unencodable(ottla_wire::Unencodable),
    /// The handler failed, and the answer has no place to say so.
    Failed,
    /// Produce with acks=0 failed, and closing is the only way to say so.
    UnansweredFailure,
}

impl std::fmt::Display for Closed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UnknownApi(key) => write!(f, "API key {key} is not served on this listener"),
            Self::UnsupportedVersion(key, version) => {
                write!(f, "version {version} of API key {key} is not served")
            }
            Self::Malformed(malformed) => write!(f, "the request is malformed: {malformed}"),
            Self::Unencodable(field) => write!(f, "the answer could not be written: {field}"),
            Self::Failed => write!(f, "the broker failed to serve the request"),
            Self::UnansweredFailure => write!(f, "a produce with acks=0 failed"),
        }
    }
}

impl<T: Send + 'static> Reply<T> {
    /// Turns the answer into another, when it is there.
    pub(crate) fn map<U>(self, f: impl FnOnce(T) -> U + Send + 'static) -> Reply<U> {
        match self {
            Self::Now(answer) => Reply::Now(f(answer)),
            Self::Later(answer) => Reply::Later(Box::pin(async move { f(answer.await) })),
            Self::Silent => Reply::Silent,
            Self::Unanswered(answer) => Reply::Unanswered(f(answer)),
            Self::Close(why) => Reply::Close(why),
        }
    }
}

impl<T> From<T> for Reply<T> {
    fn from(answer: T) -> Self {
        Self::Now(answer)
    }
}

/// An encoded answer, with the files that its holes are filled from.
#[derive(Debug, Default)]
pub(crate) struct Outgoing {
    /// The frame: its length, header and body.
    pub(crate) encoded: Encoded,
    /// The places of its holes, by slot.
    pub(crate) files: Vec<FileSlice>,
}
