//! What a handler may know of the request it serves: who asks, from where, in which version; and the broker.

use std::{net::SocketAddr, sync::Arc};

use ottla_wire::frame::RequestHeader;
use parking_lot::Mutex;

use crate::{broker::Broker, clock, journal::Entry, net::Rest, node::Endpoint, quotas::Meter};

/// The context of one request. It belongs to its connection, which serves one request at a time up to its first wait.
pub(crate) struct Cx {
    /// The broker.
    pub(crate) broker: Arc<Broker>,
    /// The peer's address.
    pub(crate) peer: SocketAddr,
    /// The listener that the request came in on.
    pub(crate) endpoint: Arc<Endpoint>,
    /// The authenticated caller, as Kafka writes it.
    pub(crate) principal: Arc<str>,
    /// The API key.
    pub(crate) key: i16,
    /// Its version, which is one that is served (except for the answer that says so of `ApiVersions`).
    pub(crate) version: i16,
    /// The client's number for the request.
    pub(crate) correlation_id: i32,
    /// The size of the request, header included.
    pub(crate) size: usize,
    /// Until when the connection rests.
    pub(crate) rest: Arc<Rest>,
    /// The request's account, if anything is limited.
    pub(crate) meter: Option<Arc<Meter>>,
    /// What the client calls itself.
    pub(crate) client_id: Option<String>,
    software: Mutex<Software>,
    caller: Arc<Caller>,
}

/// Who asks, for whoever outlives the request.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The peer's address.
    pub(crate) peer: SocketAddr,
    /// The listener's name.
    pub(crate) listener: Arc<str>,
    /// The authenticated caller.
    pub(crate) principal: Arc<str>,
    /// What the client calls itself.
    pub(crate) client_id: Option<Arc<str>>,
}

impl Caller {
    /// Whoever is at `peer`, before anything is known of it: without an authenticated listener, Kafka's anonymous user.
    pub(crate) fn new(peer: SocketAddr, endpoint: &Endpoint) -> Self {
        Self {
            peer,
            listener: endpoint.name.as_str().into(),
            principal: "User:ANONYMOUS".into(),
            client_id: None,
        }
    }

    /// An entry of the journal about this caller, now.
    pub(crate) fn entry(&self) -> Entry {
        let now_ms = clock::wall_ms();
        Entry {
            number: 0,
            first_ms: now_ms,
            last_ms: now_ms,
            count: 1,
            client_id: self.client_id.clone(),
            principal: self.principal.clone(),
            peer: self.peer,
            listener: self.listener.clone(),
            request: None,
            about: Vec::new(),
            code: 0,
            reason: String::new(),
            ordinary: false,
            incident: None,
        }
    }
}

/// What a client is, as it says in ApiVersions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Software {
    /// E.g. `apache-kafka-java`.
    pub(crate) name: String,
    /// E.g. `4.4.0`.
    pub(crate) version: String,
}

impl Default for Software {
    /// Before the client says.
    fn default() -> Self {
        Self {
            name: "unknown".to_owned(),
            version: "unknown".to_owned(),
        }
    }
}

impl Cx {
    /// For a new connection.
    pub(crate) fn new(broker: Arc<Broker>, peer: SocketAddr, endpoint: Arc<Endpoint>) -> Self {
        let caller = Caller::new(peer, &endpoint);
        Self {
            broker,
            peer,
            endpoint,
            principal: caller.principal.clone(),
            caller: Arc::new(caller),
            key: -1,
            version: -1,
            correlation_id: 0,
            size: 0,
            rest: Arc::default(),
            meter: None,
            client_id: None,
            software: Mutex::default(),
        }
    }

    /// What the client is.
    pub(crate) fn software(&self) -> Software {
        self.software.lock().clone()
    }

    /// The client has said what it is.
    pub(crate) fn set_software(&self, software: Software) {
        *self.software.lock() = software;
    }

    /// Takes over the next request's header.
    pub(crate) fn take(&mut self, header: RequestHeader) {
        self.key = header.api_key;
        self.version = header.api_version;
        self.correlation_id = header.correlation_id;
        self.client_id = header.client_id;
        // A connection's client rarely changes its name.
        if self.caller.client_id.as_deref() != self.client_id.as_deref() {
            let client_id = self.client_id.as_deref().map(Into::into);
            self.caller = Arc::new(Caller {
                client_id,
                ..Caller::clone(&self.caller)
            });
        }
        self.meter = Meter::of(self);
    }

    /// Who asks, to keep.
    pub(crate) fn caller(&self) -> &Arc<Caller> {
        &self.caller
    }
}
