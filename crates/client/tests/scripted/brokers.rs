//! Two brokers, nodes 1 and 2, that answer each request about groups and transactions with the next answer of a script.
//! Of topic `t`, node 1 leads partition 0 and node 2 leads partition 1.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Arc, Mutex},
};

use ottla_client::{ClientConfig, Cluster};
use ottla_wire::{
    Encoded, Message, Request,
    frame::RequestFrame,
    messages::{
        api_versions_request::ApiVersionsRequest,
        api_versions_response::FinalizedFeatureKey,
        find_coordinator_request::FindCoordinatorRequest,
        metadata_request::MetadataRequest,
        metadata_response::{
            MetadataResponse, MetadataResponseBroker, MetadataResponsePartition,
            MetadataResponseTopic,
        },
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::broker::{TOPIC_ID, decode, reply, versions};

type Answer = Box<dyn FnOnce(&RequestFrame) -> Option<Encoded> + Send>;

/// What came, and what is to be answered.
#[derive(Default)]
struct Script {
    answers: HashMap<i16, VecDeque<Answer>>,
    came: Vec<(i32, RequestFrame)>,
    /// The highest version of some requests.
    newest: BTreeMap<i16, i16>,
    /// The finalized level of `transaction.version`, and how often it was set.
    transaction_version: (i16, i64),
}

/// The brokers; `None` as an answer closes the connection.
#[derive(Clone)]
pub(crate) struct Brokers {
    ports: [u16; 2],
    script: Arc<Mutex<Script>>,
}

impl Brokers {
    pub(crate) async fn start() -> Self {
        let one = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let two = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = |listener: &TcpListener| listener.local_addr().unwrap().port();
        let brokers = Self {
            ports: [port(&one), port(&two)],
            script: Arc::default(),
        };
        for (node, listener) in [(1, one), (2, two)] {
            let serving = brokers.clone();
            tokio::spawn(async move {
                while let Ok((socket, _)) = listener.accept().await {
                    let brokers = serving.clone();
                    tokio::spawn(async move { brokers.serve(node, socket).await });
                }
            });
        }
        brokers
    }

    /// A client that begins with node 1.
    pub(crate) fn cluster(&self) -> Cluster {
        let mut config = ClientConfig::new(&format!("127.0.0.1:{}", self.ports[0])).unwrap();
        config.retry_backoff = std::time::Duration::from_millis(2);
        config.retry_backoff_max = std::time::Duration::from_millis(10);
        config.reconnect_backoff = std::time::Duration::from_millis(2);
        config.api_timeout = std::time::Duration::from_secs(5);
        Cluster::new(config)
    }

    pub(crate) fn port(&self, node: i32) -> i32 {
        self.ports[usize::try_from(node).unwrap() - 1].into()
    }

    /// The brokers know a request up to this version only; -1: not at all.
    pub(crate) fn knows<R: Request>(&self, newest: i16) -> &Self {
        self.script.lock().unwrap().newest.insert(R::KEY, newest);
        self
    }

    /// The cluster has this version of transactions, for clients that connect from now on.
    pub(crate) fn finalizes(&self, transaction_version: i16) -> &Self {
        let mut script = self.script.lock().unwrap();
        script.transaction_version.0 = transaction_version;
        script.transaction_version.1 += 1;
        drop(script);
        self
    }

    /// The next request of this kind is answered so.
    pub(crate) fn then<R: Request>(
        &self,
        answer: impl FnOnce(R) -> R::Response + Send + 'static,
    ) -> &Self {
        self.push(
            R::KEY,
            Box::new(|request| reply(request, &answer(decode(request)))),
        )
    }

    /// The next request of this kind ends the connection.
    pub(crate) fn then_close<R: Request>(&self) -> &Self {
        self.push(R::KEY, Box::new(|_| None))
    }

    /// What came of a kind, with the node that it came to.
    pub(crate) fn came<R: Request>(&self) -> Vec<(i32, R)> {
        let script = self.script.lock().unwrap();
        let of_kind = script
            .came
            .iter()
            .filter(|(_, request)| request.header.api_key == R::KEY);
        of_kind
            .map(|(node, request)| (*node, decode(request)))
            .collect()
    }

    /// The keys of all requests but ApiVersions, Metadata and FindCoordinator, each with its version, as they came.
    pub(crate) fn order(&self) -> Vec<(i16, i16)> {
        let script = self.script.lock().unwrap();
        let headers = script.came.iter().map(|(_, request)| &request.header);
        let ways = [
            ApiVersionsRequest::KEY,
            MetadataRequest::KEY,
            FindCoordinatorRequest::KEY,
        ];
        headers
            .filter(|header| !ways.contains(&header.api_key))
            .map(|header| (header.api_key, header.api_version))
            .collect()
    }

    /// Whether all answers were used.
    pub(crate) fn is_done(&self) -> bool {
        let script = self.script.lock().unwrap();
        script.answers.values().all(VecDeque::is_empty)
    }

    fn push(&self, key: i16, answer: Answer) -> &Self {
        let mut script = self.script.lock().unwrap();
        script.answers.entry(key).or_default().push_back(answer);
        self
    }

    async fn serve(&self, node: i32, mut socket: TcpStream) {
        while let Ok(length) = socket.read_i32().await {
            let mut frame = vec![0; length as usize];
            if socket.read_exact(&mut frame).await.is_err() {
                return;
            }
            let request = RequestFrame::read(frame.into()).unwrap();
            let Some(answer) = self.answer(node, request) else {
                return;
            };
            let bytes = answer.into_bytes().unwrap();
            if socket.write_all(&bytes).await.is_err() {
                return;
            }
        }
    }

    fn answer(&self, node: i32, request: RequestFrame) -> Option<Encoded> {
        let mut script = self.script.lock().unwrap();
        let answer = match request.header.api_key {
            ApiVersionsRequest::KEY => {
                let mut known = versions();
                for api in &mut known.api_keys {
                    let newest = script.newest.get(&api.api_key).copied();
                    api.max_version = newest.unwrap_or(api.max_version);
                }
                known
                    .api_keys
                    .retain(|api| api.max_version >= api.min_version);
                let (level, epoch) = script.transaction_version;
                if level > 0 {
                    known.finalized_features_epoch = epoch;
                    known.finalized_features.push(FinalizedFeatureKey {
                        name: "transaction.version".into(),
                        max_version_level: level,
                        min_version_level: level,
                        ..FinalizedFeatureKey::default()
                    });
                }
                reply(&request, &known)
            }
            MetadataRequest::KEY => reply(&request, &self.metadata(&decode(&request))),
            key => {
                let next = script.answers.get_mut(&key).and_then(VecDeque::pop_front);
                let next = next.unwrap_or_else(|| panic!("nobody said how to answer {key} now"));
                next(&request)
            }
        };
        script.came.push((node, request));
        answer
    }

    fn metadata(&self, asked: &MetadataRequest) -> MetadataResponse {
        let partition = |partition_index| MetadataResponsePartition {
            partition_index,
            leader_id: partition_index + 1,
            replica_nodes: vec![1, 2],
            isr_nodes: vec![1, 2],
            ..MetadataResponsePartition::default()
        };
        let topics = asked.topics.iter().flatten();
        let topics = topics.map(|topic| MetadataResponseTopic {
            name: topic.name.clone(),
            topic_id: TOPIC_ID,
            partitions: vec![partition(0), partition(1)],
            ..MetadataResponseTopic::default()
        });
        let broker = |node_id| MetadataResponseBroker {
            node_id,
            host: "127.0.0.1".into(),
            port: self.port(node_id),
            ..MetadataResponseBroker::default()
        };
        MetadataResponse {
            brokers: vec![broker(1), broker(2)],
            controller_id: 1,
            topics: topics.collect(),
            ..MetadataResponse::default()
        }
    }
}

/// A message's default with some fields set: tests name only what they are about.
pub(crate) fn with<M: Message>(set: impl FnOnce(&mut M)) -> M {
    let mut message = M::default();
    set(&mut message);
    message
}
