//! Connections that end without an answer: what the journal says of them.

use ottla_wire::{Request, apis, errors::Code, messages::SaslHandshakeRequest};

use crate::{
    api::{Caller, Cx},
    broker::Broker,
    reply::Closed,
};

/// A request was not answered, and the connection was closed.
pub(crate) fn without_answer(cx: &Cx, why: &Closed) {
    let (key, version) = (cx.key, cx.version);
    let name = apis::api(key).map(|api| api.name);
    let (code, reason) = match why {
        // What happened is in the journal already.
        Closed::UnansweredFailure | Closed::Failed => return,
        Closed::UnknownApi(_) if key == SaslHandshakeRequest::KEY => (
            Code::ILLEGAL_SASL_STATE,
            format!(
                "the client wants to log in with SASL, and listener {} has none: set the client's \
                 security.protocol to PLAINTEXT",
                cx.endpoint.name
            ),
        ),
        Closed::UnknownApi(_) => (Code::UNSUPPORTED_VERSION, why.to_string()),
        Closed::UnsupportedVersion(..) => {
            let served = apis::api(key).map_or_else(String::new, |api| {
                let direction = match version < api.first {
                    true => "older than Apache Kafka 2.1: upgrade it",
                    false => "newer than Apache Kafka 4.4, and does not ask for the versions first",
                };
                format!(
                    "; {} is served in versions {} to {}, so the client is {direction}",
                    api.name, api.first, api.last
                )
            });
            (Code::UNSUPPORTED_VERSION, format!("{why}{served}"))
        }
        Closed::Malformed(_) => (Code::INVALID_REQUEST, why.to_string()),
        Closed::Unencodable(_) => (Code::UNKNOWN_SERVER_ERROR, why.to_string()),
    };
    let mut entry = cx.caller().entry();
    entry.request = name.map(|_| (key, version));
    entry.code = code.0;
    entry.reason = format!("{reason}; the connection was closed without an answer");
    cx.broker.journal.put(entry);
}

/// What came is no request: a length out of bounds.
pub(crate) fn not_a_frame(cx: &Cx, length: i32, max: usize) -> String {
    let listener = &cx.endpoint.name;
    let reason = match stranger(length) {
        Some(Stranger::Tls) => format!(
            "a TLS handshake came to listener {listener}, which is plaintext: set the client's security.protocol to \
             PLAINTEXT, or let it connect to a listener with TLS"
        ),
        Some(Stranger::Http) => format!(
            "an HTTP request came to listener {listener}, which speaks Kafka's protocol: browsers, health checks and \
             scrapers need another port"
        ),
        None => format!(
            "a request of {length} bytes: socket.request.max.bytes is {max}; either the client sends too much at once, \
             or it does not speak Kafka's protocol"
        ),
    };
    let mut entry = cx.caller().entry();
    entry.reason.clone_from(&reason);
    cx.broker.journal.put(entry);
    reason
}

/// A connection was not taken.
pub(crate) fn not_admitted(broker: &Broker, caller: &Caller, limit: &str) {
    let mut entry = caller.entry();
    entry.reason = format!(
        "{limit} is reached: the connection was closed; close some, come slower, or raise the limit"
    );
    broker.journal.put(entry);
}

#[derive(Debug, PartialEq, Eq)]
enum Stranger {
    Tls,
    Http,
}

/// Who begins with these four bytes, read as a length.
fn stranger(length: i32) -> Option<Stranger> {
    match &length.to_be_bytes() {
        // A handshake record of SSL 3 to TLS 1.3.
        [0x16, 3, ..] => Some(Stranger::Tls),
        b"GET " | b"POST" | b"PUT " | b"HEAD" | b"DELE" | b"OPTI" | b"PATC" | b"CONN" | b"PRI " => {
            Some(Stranger::Http)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_are_known_by_their_first_bytes() {
        let of = |bytes: &[u8; 4]| stranger(i32::from_be_bytes(*bytes));
        assert_eq!(of(&[0x16, 3, 1, 2]), Some(Stranger::Tls));
        assert_eq!(of(b"GET "), Some(Stranger::Http));
        assert_eq!(of(b"PRI "), Some(Stranger::Http));
        assert_eq!(of(&[0, 0, 0, 20]), None);
        assert_eq!(of(&[0xff; 4]), None);
    }
}
