//! A listener: what it is called, where it is bound, what it tells clients, and which requests it serves.

use ottla_wire::apis::{self, Listener};

/// Which of the two kinds of listener.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ListenerKind {
    /// For clients and other brokers.
    Broker,
    /// For controllers, brokers' registrations, and tools that ask the controller (`controller.listener.names`).
    Controller,
}

/// One listener of this node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Endpoint {
    /// Its name, e.g. `PLAINTEXT`.
    pub name: String,
    /// Of which kind.
    pub kind: ListenerKind,
    /// The host to bind; empty for all addresses.
    pub host: String,
    /// The port to bind; 0 for any free one, and then the true one once bound.
    pub port: u16,
    /// The host that clients are told.
    pub advertised_host: String,
    /// The port that clients are told; 0 for the one that is bound.
    pub advertised_port: u16,
    /// Kafka's number of the security protocol (0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL).
    pub security_protocol: i16,
}

impl Endpoint {
    /// The kind, in the words of the table of requests.
    pub(crate) fn listener(&self) -> Listener {
        match self.kind {
            ListenerKind::Broker => Listener::Broker,
            ListenerKind::Controller => Listener::Controller,
        }
    }

    /// Whether requests of this API key are served here.
    pub(crate) fn serves(&self, api_key: i16) -> bool {
        apis::api(api_key).is_some_and(|api| api.is_on(self.listener()))
    }
}
