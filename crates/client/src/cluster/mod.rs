//! A cluster as a client sees it: connections by node, metadata, and calls that are tried again while it makes sense.

mod node;
pub mod view;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ottla_wire::{
    Request,
    errors::Code,
    messages::{
        metadata_request::{MetadataRequest, MetadataRequestTopic},
        metadata_response::MetadataResponse,
    },
};
use tokio::time::{self, Instant};

use crate::{
    ClientConfig, ClientError, Connection, Result, TopicPartition,
    connection::{Features, request_name},
    retry::{Attempts, Backoff, Next},
    runtime,
};
use node::Node;
use view::{Topic, View};

/// A cluster. Cheap to clone: clones share connections and metadata.
#[derive(Clone, Debug)]
pub struct Cluster {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    config: ClientConfig,
    state: Mutex<State>,
    /// One metadata request at a time.
    refreshing: tokio::sync::Mutex<Refreshed>,
}

/// When the last full refresh of each kind was begun.
#[derive(Debug, Default)]
struct Refreshed {
    begun: Option<(Instant, Scope)>,
}

#[derive(Debug, Default)]
struct State {
    view: Arc<View>,
    /// By address, so that a broker that moves gets a new connection.
    nodes: HashMap<String, Arc<Node>>,
    /// Which bootstrap server or broker is asked next.
    turn: usize,
    /// The newest finalized features that any broker told.
    features: Features,
}

/// What to ask about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Scope {
    /// Brokers only.
    Brokers,
    /// These topics; `create` lets the broker create missing ones, if it is configured so.
    Topics {
        /// Their names.
        names: Vec<Arc<str>>,
        /// Whether missing ones may be created.
        create: bool,
    },
    /// All topics.
    All,
}

impl Cluster {
    /// Of the brokers behind the configured addresses. Connects when something is asked.
    pub fn new(config: ClientConfig) -> Self {
        Self {
            shared: Arc::new(Shared {
                config,
                state: Mutex::default(),
                refreshing: tokio::sync::Mutex::default(),
            }),
        }
    }

    /// Its configuration.
    pub fn config(&self) -> &ClientConfig {
        &self.shared.config
    }

    /// What is known now; nothing is asked.
    pub fn view(&self) -> Arc<View> {
        Arc::clone(&self.state().view)
    }

    /// Pauses between attempts of a call.
    pub fn backoff(&self) -> Backoff {
        Backoff {
            initial: self.config().retry_backoff,
            max: self.config().retry_backoff_max,
        }
    }

    /// A connection to the node.
    ///
    /// # Errors
    /// [`ClientError::Connect`] and others if it cannot be reached or is not known (then its metadata is stale).
    pub async fn connection(&self, node: i32) -> Result<Arc<Connection>> {
        let address = {
            let state = self.state();
            let broker = state.view.brokers.get(&node);
            broker.map(|broker| broker.address.clone())
        };
        match address {
            Some(address) => self.connection_to(address).await,
            None => Err(ClientError::Connect {
                address: format!("broker {node}"),
                reason: "the cluster does not name it".into(),
            }),
        }
    }

    /// A connection to a broker whose address the caller knows, as `host:port`.
    ///
    /// # Errors
    /// As for [`Cluster::connection`].
    pub(crate) async fn connection_to(&self, address: String) -> Result<Arc<Connection>> {
        let connection = self.node(address).connection(self.config()).await?;
        let mut state = self.state();
        if connection.features().epoch > state.features.epoch {
            state.features = connection.features().clone();
        }
        drop(state);
        Ok(connection)
    }

    /// The finalized level of a feature, as the best informed broker said when it was connected to.
    pub fn feature(&self, name: &str) -> Option<i16> {
        self.state().features.levels.get(name).copied()
    }

    /// A connection to any broker: an open one if there is, else known brokers and bootstrap servers in turn.
    ///
    /// # Errors
    /// The last broker's, if none can be reached.
    pub async fn any(&self) -> Result<Arc<Connection>> {
        let mut last = None;
        for address in self.candidates() {
            match self.connection_to(address).await {
                Ok(connection) => return Ok(connection),
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or_else(|| ClientError::Config("no bootstrap server given".into())))
    }

    /// A connection to the broker that takes controller requests, or any if that is not known.
    ///
    /// # Errors
    /// As for [`Cluster::connection`].
    pub async fn controller(&self) -> Result<Arc<Connection>> {
        let controller = self.state().view.controller;
        match controller {
            Some(node) => self.connection(node).await,
            None => self.any().await,
        }
    }

    /// Asks once and keeps what was answered. A caller that had to wait for the same question of another gets that
    /// answer. Also the codes of the topics that were refused.
    ///
    /// # Errors
    /// Those of connecting and of the answer as a whole.
    pub async fn refresh(&self, scope: &Scope) -> Result<(Arc<View>, Vec<(String, i16)>)> {
        let asked_at = runtime::now();
        let mut refreshed = self.shared.refreshing.lock().await;
        if let Some((begun, last)) = &refreshed.begun
            && *begun >= asked_at
            && last == scope
        {
            return Ok((self.view(), Vec::new()));
        }
        let begun = runtime::now();
        let connection = self.any().await?;
        let answer = self.ask(&connection, scope).await?;
        if answer.error_code == Code::REBOOTSTRAP_REQUIRED.0 {
            let mut state = self.state();
            state.view = Arc::default();
            state.nodes.clear();
        }
        let refusal = ClientError::refusal(
            request_name::<MetadataRequest>(),
            connection.broker(),
            "the cluster",
            answer.error_code,
            None,
        );
        if let Some(refusal) = refusal {
            return Err(refusal);
        }
        let mut state = self.state();
        let (view, refused) = state
            .view
            .after(&answer, *scope == Scope::All, runtime::now());
        state.view = Arc::new(view);
        state.forget_unnamed(&self.config().bootstrap_servers);
        if refused.is_empty() {
            refreshed.begun = Some((begun, scope.clone()));
        }
        Ok((Arc::clone(&state.view), refused))
    }

    async fn ask(&self, connection: &Connection, scope: &Scope) -> Result<MetadataResponse> {
        let version = connection.version::<MetadataRequest>()?;
        let topic = |name: &Arc<str>| MetadataRequestTopic {
            name: Some(name.to_string()),
            ..MetadataRequestTopic::default()
        };
        let request = MetadataRequest {
            topics: match scope {
                Scope::All if version == 0 => Some(Vec::new()),
                Scope::All => None,
                Scope::Brokers => Some(Vec::new()),
                Scope::Topics { names, .. } => Some(names.iter().map(topic).collect()),
            },
            // Version 3 and older cannot say no.
            allow_auto_topic_creation: version < 4
                || matches!(scope, Scope::Topics { create: true, .. }),
            ..MetadataRequest::default()
        };
        connection.send_as(&request, version).await
    }

    /// A topic, from what is known if that is fresh enough. Tries again until `deadline` while the broker says that
    /// this may help; `create` lets it create the topic.
    ///
    /// # Errors
    /// [`ClientError::Refused`] at once if the topic does not exist and `create` is false.
    pub async fn topic(&self, name: &str, create: bool, deadline: Instant) -> Result<Arc<Topic>> {
        let fresh = self.state().view.topics.get(name).cloned();
        if let Some(topic) = fresh
            && runtime::now() < topic.learned_at + self.config().metadata_max_age
        {
            return Ok(topic);
        }
        let scope = Scope::Topics {
            names: vec![name.into()],
            create,
        };
        let answer = self.retry(name, deadline, || async {
            let (view, refused) = self.refresh(&scope).await?;
            if let Some(topic) = view.topics.get(name) {
                return Ok(Arc::clone(topic));
            }
            let code = refused
                .first()
                .map_or(Code::UNKNOWN_TOPIC_OR_PARTITION.0, |(_, code)| *code);
            let refusal = ClientError::Refused {
                request: request_name::<MetadataRequest>(),
                broker: "the cluster".into(),
                resource: format!("topic {name}"),
                code: Code(code),
                message: None,
            };
            if create || code != Code::UNKNOWN_TOPIC_OR_PARTITION.0 {
                Err(refusal)
            } else {
                Err(refusal.into_final())
            }
        });
        answer.await
    }

    /// Takes a leader, with its epoch, that a broker named instead of itself; whether that is news. `address` is where
    /// it listens, if the broker said so.
    pub(crate) fn take_leader(
        &self,
        at: &TopicPartition,
        leader: (i32, i32),
        address: Option<String>,
    ) -> bool {
        let mut state = self.state();
        match state.view.led_by(at, leader, address) {
            Some(view) => {
                state.view = Arc::new(view);
                true
            }
            None => false,
        }
    }

    /// Forgets what is known of a topic, so that the next question goes to a broker.
    pub fn forget_topic(&self, name: &str) {
        let mut state = self.state();
        if state.view.topics.contains_key(name) {
            Arc::make_mut(&mut state.view).topics.remove(name);
        }
    }

    /// Sends a request to the leader of a partition that the caller looked up, once.
    ///
    /// # Errors
    /// The connection's.
    pub async fn send_to<R: Request>(&self, node: i32, request: &R) -> Result<R::Response> {
        self.connection(node).await?.send(request).await
    }

    /// Tries until it succeeds, fails for good, or time is up. `what` is named in the error then.
    ///
    /// # Errors
    /// The first failure that is not retriable, or [`ClientError::Expired`] with the last one.
    pub async fn retry<T, F>(
        &self,
        what: &str,
        deadline: Instant,
        mut attempt: impl FnMut() -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let begun = runtime::now();
        let mut attempts = Attempts::new(self.backoff(), deadline);
        let mut last = None;
        loop {
            match time::timeout_at(deadline, attempt()).await {
                Ok(Ok(value)) => return Ok(value),
                Ok(Err(error)) if !error.is_retriable() => return Err(error),
                Ok(Err(error)) => last = Some(Box::new(error)),
                Err(_) => {}
            }
            match attempts.after_failure(runtime::now(), true, runtime::entropy()) {
                Next::Retry(pause) => time::sleep(pause).await,
                Next::Stop => {
                    return Err(ClientError::Expired {
                        what: what.to_owned(),
                        after: runtime::now() - begun,
                        last,
                    });
                }
            }
        }
    }

    fn node(&self, address: String) -> Arc<Node> {
        let mut state = self.state();
        let node = state
            .nodes
            .entry(address)
            .or_insert_with_key(|address| Arc::new(Node::new(address.clone())));
        Arc::clone(node)
    }

    /// Addresses worth trying, best first.
    fn candidates(&self) -> Vec<String> {
        let mut state = self.state();
        state.turn = state.turn.wrapping_add(1);
        let mut known: Vec<String> = state
            .view
            .brokers
            .values()
            .map(|broker| broker.address.clone())
            .collect();
        if !known.is_empty() {
            let by = state.turn % known.len();
            known.rotate_left(by);
        }
        let mut bootstrap = self.config().bootstrap_servers.clone();
        let by = state.turn % bootstrap.len().max(1);
        bootstrap.rotate_left(by);
        bootstrap.retain(|address| !known.contains(address));
        known.extend(bootstrap);
        known.sort_by_key(|address| {
            let open = state.nodes.get(address).is_some_and(|node| node.is_open());
            !open
        });
        known
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held, and each change is whole.
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Drops connections to addresses that the cluster does not name any more. Requests on their way keep theirs.
    fn forget_unnamed(&mut self, bootstrap: &[String]) {
        let Self { view, nodes, .. } = self;
        let named: HashSet<&str> = view
            .brokers
            .values()
            .map(|broker| broker.address.as_str())
            .chain(bootstrap.iter().map(String::as_str))
            .collect();
        nodes.retain(|address, _| named.contains(address.as_str()));
    }
}
