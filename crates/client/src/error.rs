//! What can go wrong for a client. Every error names the request, the broker and the thing it is about.

use std::{sync::Arc, time::Duration};

use ottla_wire::errors::Code;

/// A failure of a call, a delivery or a connection.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub enum ClientError {
    /// A setting or an argument makes no sense.
    #[error("{0}")]
    Config(String),
    /// No connection could be made.
    #[error("cannot connect to {address}: {reason}; is a broker listening there?")]
    Connect {
        /// `host:port`.
        address: String,
        /// The system's reason.
        reason: String,
    },
    /// The connection ended before the answer came.
    #[error("{request}: lost the connection to {broker}: {reason}")]
    Disconnected {
        /// The request's name.
        request: &'static str,
        /// `host:port`.
        broker: Arc<str>,
        /// Why.
        reason: String,
    },
    /// No answer in time.
    #[error("{request}: no answer from {broker} within {} ms", after.as_millis())]
    Timeout {
        /// The request's name.
        request: &'static str,
        /// `host:port`.
        broker: Arc<str>,
        /// How long was waited.
        after: Duration,
    },
    /// The broker knows no version of the request that this client can use.
    #[error("{request}: {broker} supports {theirs}, this client {ours}: upgrade the older one")]
    Unsupported {
        /// The request's name.
        request: &'static str,
        /// `host:port`.
        broker: Arc<str>,
        /// This client's versions.
        ours: String,
        /// The broker's versions.
        theirs: String,
    },
    /// Bytes that are not what the protocol says.
    #[error("{request}: {broker} and this client do not understand each other: {what}")]
    Protocol {
        /// The request's name.
        request: &'static str,
        /// `host:port`.
        broker: Arc<str>,
        /// What was wrong.
        what: String,
    },
    /// The broker said no.
    #[error(
        "{request} of {resource}: {code} ({}): {}", .code.0,
        message.as_deref().unwrap_or_else(|| code.info().map_or("a code that this client does not know", |row| row.meaning))
    )]
    Refused {
        /// The request's name.
        request: &'static str,
        /// The broker, if one answered for all.
        broker: Arc<str>,
        /// The topic, partition, group… it is about.
        resource: String,
        /// The error code.
        code: Code,
        /// The broker's own words.
        message: Option<String>,
    },
    /// Time is up; `last` says what stood in the way.
    #[error(
        "{what} did not succeed within {} ms{}", after.as_millis(),
        last.as_ref().map(|last| format!("; last: {last}")).unwrap_or_default()
    )]
    Expired {
        /// What was tried.
        what: String,
        /// How long.
        after: Duration,
        /// The last failure, if there was one.
        last: Option<Box<Self>>,
    },
    /// A record that no request can carry.
    #[error(
        "a record for {topic} takes {size} bytes, more than the {limit} of max.request.size: make it smaller or raise the limit"
    )]
    RecordTooLarge {
        /// The topic.
        topic: Arc<str>,
        /// Bytes of the record.
        size: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// A failure that might pass, and that nobody waits for: a topic that does not exist may be created some day.
    #[error("{0}")]
    Final(Box<Self>),
    /// The transaction cannot be committed any more: abort it, and begin another with the same producer.
    #[error("the transaction of `{transactional_id}` can only be aborted: {why}")]
    MustAbort {
        /// The producer's transactional id.
        transactional_id: Arc<str>,
        /// What happened.
        why: Box<Self>,
    },
    /// The producer cannot do anything any more. [`ClientError::is_fenced`] tells whether another has taken its place.
    #[error("the producer `{transactional_id}` must be closed: {why}")]
    MustClose {
        /// The producer's transactional id.
        transactional_id: Arc<str>,
        /// What happened.
        why: Box<Self>,
    },
    /// The fate of a record that was not sent when its transaction was aborted.
    #[error("the transaction was aborted before the record was sent")]
    Aborted,
    /// The producer or consumer was closed.
    #[error("{0} is closed")]
    Closed(&'static str),
}

impl ClientError {
    /// A refusal, or `None` for code 0.
    pub(crate) fn refusal(
        request: &'static str,
        broker: &Arc<str>,
        resource: impl ToString,
        code: i16,
        message: Option<&str>,
    ) -> Option<Self> {
        (code != Code::NONE.0).then(|| Self::Refused {
            request,
            broker: Arc::clone(broker),
            resource: resource.to_string(),
            code: Code(code),
            message: message.filter(|text| !text.is_empty()).map(str::to_owned),
        })
    }

    /// The same failure, marked as one that is not tried again.
    pub(crate) fn into_final(self) -> Self {
        Self::Final(Box::new(self))
    }

    /// The broker's error code, if one was the cause.
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Refused { code, .. } => Some(*code),
            Self::Final(last)
            | Self::Expired {
                last: Some(last), ..
            }
            | Self::MustAbort { why: last, .. }
            | Self::MustClose { why: last, .. } => last.code(),
            _ => None,
        }
    }

    /// Whether another producer with the same transactional id has taken this one's place.
    pub fn is_fenced(&self) -> bool {
        let codes = [Code::PRODUCER_FENCED, Code::INVALID_PRODUCER_EPOCH];
        matches!(self, Self::MustClose { .. })
            && self.code().is_some_and(|code| codes.contains(&code))
    }

    /// Whether the same request may succeed later.
    pub fn is_retriable(&self) -> bool {
        match self {
            Self::Connect { .. } | Self::Disconnected { .. } | Self::Timeout { .. } => true,
            Self::Refused { code, .. } => code.is_retriable(),
            _ => false,
        }
    }

    /// Whether the client's idea of who leads what may be the cause, so that it must be asked for again.
    pub fn is_stale_metadata(&self) -> bool {
        match self {
            Self::Connect { .. } | Self::Disconnected { .. } | Self::Timeout { .. } => true,
            Self::Refused { code, .. } => {
                code.info().is_some_and(|row| row.refreshes) || STALE_TOO.contains(code)
            }
            _ => false,
        }
    }
}

/// Codes that fresh metadata can cure too, though Kafka's own client waits for the next answer to tell it.
const STALE_TOO: [Code; 2] = [Code::NOT_CONTROLLER, Code::UNKNOWN_LEADER_EPOCH];

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: i16) -> ClientError {
        ClientError::refusal("Produce", &"b:1".into(), "orders-3", code, Some("why")).unwrap()
    }

    #[test]
    fn a_refusal_says_what_of_what_and_why() {
        assert_eq!(
            refused(6).to_string(),
            "Produce of orders-3: NOT_LEADER_OR_FOLLOWER (6): why"
        );
        let silent = ClientError::refusal("Produce", &"b:1".into(), "orders-3", 6, None).unwrap();
        let meaning = Code::NOT_LEADER_OR_FOLLOWER.info().unwrap().meaning;
        assert!(silent.to_string().ends_with(meaning), "{silent}");
        assert_eq!(
            ClientError::refusal("Produce", &"b:1".into(), "", 0, None),
            None
        );
    }

    #[test]
    fn an_unknown_code_keeps_its_number_and_is_final() {
        let error = refused(9999);
        assert_eq!(error.code(), Some(Code(9999)));
        assert!(error.to_string().contains("9999"), "{error}");
        assert!(!error.is_retriable());
    }

    #[test]
    fn classes_of_codes() {
        for (code, retriable, stale) in [
            (3, true, true),
            (6, true, true),
            (7, true, false),
            (19, true, false),
            (10, false, false),
            (42, false, false),
            (74, true, true),
            (100, true, true),
        ] {
            let error = refused(code);
            assert_eq!(error.is_retriable(), retriable, "{code}");
            assert_eq!(error.is_stale_metadata(), stale, "{code}");
        }
    }
}
