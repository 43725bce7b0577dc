//! A broker of one topic, `t` with one partition, that keeps what it is sent and answers by a script.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use ottla_wire::{
    Encoded, Message, Records, Request, Uuid, apis, frame,
    frame::RequestFrame,
    messages::{
        api_versions_request::ApiVersionsRequest,
        api_versions_response::{ApiVersion, ApiVersionsResponse},
        create_topics_request::CreateTopicsRequest,
        create_topics_response::{CreatableTopicResult, CreateTopicsResponse},
        fetch_request::FetchRequest,
        fetch_response::{self, FetchResponse, FetchableTopicResponse, PartitionData},
        find_coordinator_request::FindCoordinatorRequest,
        find_coordinator_response::{Coordinator, FindCoordinatorResponse},
        init_producer_id_request::InitProducerIdRequest,
        init_producer_id_response::InitProducerIdResponse,
        list_offsets_request::ListOffsetsRequest,
        list_offsets_response::{
            ListOffsetsPartitionResponse, ListOffsetsResponse, ListOffsetsTopicResponse,
        },
        metadata_request::MetadataRequest,
        metadata_response::{
            MetadataResponse, MetadataResponseBroker, MetadataResponsePartition,
            MetadataResponseTopic,
        },
        offset_commit_request::OffsetCommitRequest,
        offset_commit_response::{
            OffsetCommitResponse, OffsetCommitResponsePartition, OffsetCommitResponseTopic,
        },
        offset_fetch_request::OffsetFetchRequest,
        offset_fetch_response::{
            OffsetFetchResponse, OffsetFetchResponseGroup, OffsetFetchResponsePartitions,
            OffsetFetchResponseTopics,
        },
        produce_request::ProduceRequest,
        produce_response::{self, PartitionProduceResponse, ProduceResponse, TopicProduceResponse},
    },
    records::Batch,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

pub(crate) const TOPIC_ID: Uuid = Uuid::from_u128(77);

/// What is done with a Produce, a Fetch or a CreateTopics.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Act {
    /// Answer with a code, and do nothing.
    Code(i16),
    /// Do nothing and close.
    Close,
    /// Do it and close without an answer.
    StoreAndClose,
    /// Do it when [`Broker::release`] is called.
    Hold,
    /// Say that [`World::elsewhere`] is the leader now, and do nothing.
    Redirect,
}

/// A batch as it came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Produced {
    pub(crate) value: String,
    pub(crate) epoch: i16,
    pub(crate) sequence: i32,
}

#[derive(Default)]
pub(crate) struct World {
    acts: VecDeque<Act>,
    always: Option<Act>,
    produced: Vec<Produced>,
    log: Vec<String>,
    /// First offset by epoch and sequence.
    stored: BTreeMap<(i16, i32), i64>,
    asked: Vec<i16>,
    fetched: Vec<(i64, Bytes)>,
    log_start: i64,
    elsewhere: String,
    /// The offset and leader epoch that a group has committed.
    committed: Option<(i64, i32)>,
}

impl World {
    /// The next requests are answered so, those after are carried out.
    pub(crate) fn answer_with(&mut self, acts: impl IntoIterator<Item = Act>) {
        self.acts = acts.into_iter().collect();
    }

    pub(crate) fn answer_always_with(&mut self, act: Act) {
        self.always = Some(act);
    }

    /// The broker that [`Act::Redirect`] names: node 2, leader in epoch 1.
    pub(crate) fn elsewhere(&mut self, broker: &Broker) {
        self.elsewhere = broker.address.clone();
    }

    /// What is in the partition, as (first offset, batch).
    pub(crate) fn holds(&mut self, batches: Vec<(i64, Bytes)>) {
        self.log_start = batches.first().map_or(0, |(offset, _)| *offset);
        self.fetched = batches;
    }

    fn act(&mut self) -> Option<Act> {
        self.acts.pop_front().or(self.always)
    }

    /// Stores a batch: its offset, or a code.
    fn store(&mut self, batch: &Batch) -> Result<i64, i16> {
        let (epoch, sequence) = (batch.producer_epoch(), batch.base_sequence());
        if sequence >= 0 {
            if let Some(offset) = self.stored.get(&(epoch, sequence)) {
                return Ok(*offset);
            }
            let expected: i32 = self
                .stored
                .keys()
                .filter(|(other, _)| *other == epoch)
                .count() as i32;
            if sequence != expected {
                return Err(45);
            }
        }
        let offset = self.log.len() as i64;
        self.stored.insert((epoch, sequence), offset);
        for record in batch.records().unwrap() {
            self.log.push(text(&record.unwrap().value.unwrap()));
        }
        Ok(offset)
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[derive(Clone)]
pub(crate) struct Broker {
    address: String,
    world: Arc<Mutex<World>>,
    release: Arc<Notify>,
}

impl Broker {
    pub(crate) async fn start(script: impl FnOnce(&mut World)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut world = World::default();
        script(&mut world);
        let broker = Self {
            address: listener.local_addr().unwrap().to_string(),
            world: Arc::new(Mutex::new(world)),
            release: Arc::default(),
        };
        let serving = broker.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let broker = serving.clone();
                tokio::spawn(async move { broker.serve(socket).await });
            }
        });
        broker
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn produced(&self) -> Vec<Produced> {
        self.world.lock().unwrap().produced.clone()
    }

    /// Values in the partition, in order.
    pub(crate) fn log(&self) -> Vec<String> {
        self.world.lock().unwrap().log.clone()
    }

    /// How many requests of a key came.
    pub(crate) fn count(&self, key: i16) -> usize {
        let world = self.world.lock().unwrap();
        world.asked.iter().filter(|other| **other == key).count()
    }

    pub(crate) fn release(&self) {
        self.release.notify_one();
    }

    /// Waits until something is so, at most five seconds.
    pub(crate) async fn until(&self, is_so: impl Fn(&Self) -> bool) {
        for _ in 0..500 {
            if is_so(self) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("it did not come to be");
    }

    /// Answers until somebody closes.
    async fn serve(&self, mut socket: TcpStream) {
        while let Ok(length) = socket.read_i32().await {
            let mut frame = vec![0; length as usize];
            if socket.read_exact(&mut frame).await.is_err() {
                return;
            }
            let request = RequestFrame::read(frame.into()).unwrap();
            let key = request.header.api_key;
            let act = {
                let mut world = self.world.lock().unwrap();
                world.asked.push(key);
                let scripted = [
                    ProduceRequest::KEY,
                    FetchRequest::KEY,
                    CreateTopicsRequest::KEY,
                ];
                scripted.contains(&key).then(|| world.act()).flatten()
            };
            if act == Some(Act::Hold) {
                self.release.notified().await;
            }
            let answer = self.answer(&request, act);
            if matches!(act, Some(Act::Close | Act::StoreAndClose)) {
                return;
            }
            if let Some(answer) = answer {
                let bytes = answer.into_bytes().unwrap();
                if socket.write_all(&bytes).await.is_err() {
                    return;
                }
            }
        }
    }

    fn answer(&self, request: &RequestFrame, act: Option<Act>) -> Option<Encoded> {
        match request.header.api_key {
            ApiVersionsRequest::KEY => reply(request, &versions()),
            MetadataRequest::KEY => reply(request, &self.metadata(&decode(request))),
            InitProducerIdRequest::KEY => {
                let producer_id = 9;
                let answer = InitProducerIdResponse {
                    producer_id,
                    ..InitProducerIdResponse::default()
                };
                reply(request, &answer)
            }
            ProduceRequest::KEY => {
                let body: ProduceRequest = decode(request);
                let answer = self.produce(&body, act);
                (body.acks != 0).then(|| reply(request, &answer)).flatten()
            }
            FetchRequest::KEY => reply(request, &self.fetch(&decode(request), act)),
            ListOffsetsRequest::KEY => reply(request, &self.list_offsets(&decode(request))),
            CreateTopicsRequest::KEY => reply(request, &create(&decode(request), act)),
            FindCoordinatorRequest::KEY => reply(request, &self.coordinator()),
            OffsetCommitRequest::KEY => reply(request, &self.commit(&decode(request))),
            OffsetFetchRequest::KEY => reply(request, &self.committed(&decode(request))),
            other => panic!("nobody said how to answer {other}"),
        }
    }

    fn metadata(&self, body: &MetadataRequest) -> MetadataResponse {
        let (host, port) = self.address.split_once(':').unwrap();
        let topic = |name: &str| MetadataResponseTopic {
            name: Some(name.into()),
            topic_id: if name == "t" { TOPIC_ID } else { Uuid::ZERO },
            error_code: if name == "t" { 0 } else { 3 },
            partitions: vec![MetadataResponsePartition {
                leader_id: 1,
                replica_nodes: vec![1],
                isr_nodes: vec![1],
                ..MetadataResponsePartition::default()
            }],
            ..MetadataResponseTopic::default()
        };
        let names = body
            .topics
            .iter()
            .flatten()
            .filter_map(|topic| topic.name.as_deref());
        MetadataResponse {
            brokers: vec![MetadataResponseBroker {
                node_id: 1,
                host: host.into(),
                port: port.parse().unwrap(),
                ..MetadataResponseBroker::default()
            }],
            controller_id: 1,
            topics: names.map(topic).collect(),
            ..MetadataResponse::default()
        }
    }

    fn coordinator(&self) -> FindCoordinatorResponse {
        let (host, port) = self.address.split_once(':').unwrap();
        let coordinator = Coordinator {
            key: "g".into(),
            node_id: 1,
            host: host.into(),
            port: port.parse().unwrap(),
            ..Coordinator::default()
        };
        FindCoordinatorResponse {
            coordinators: vec![coordinator],
            ..FindCoordinatorResponse::default()
        }
    }

    fn commit(&self, body: &OffsetCommitRequest) -> OffsetCommitResponse {
        let partition = &body.topics[0].partitions[0];
        let offset = (partition.committed_offset, partition.committed_leader_epoch);
        self.world.lock().unwrap().committed = Some(offset);
        OffsetCommitResponse {
            topics: vec![OffsetCommitResponseTopic {
                name: "t".into(),
                partitions: vec![OffsetCommitResponsePartition::default()],
                ..OffsetCommitResponseTopic::default()
            }],
            ..OffsetCommitResponse::default()
        }
    }

    /// One of transactions is not stable when it is first asked for.
    fn committed(&self, body: &OffsetFetchRequest) -> OffsetFetchResponse {
        let first = self.count(OffsetFetchRequest::KEY) == 1;
        let committed = self.world.lock().unwrap().committed;
        let (committed_offset, committed_leader_epoch) = committed.unwrap_or((-1, -1));
        OffsetFetchResponse {
            groups: vec![OffsetFetchResponseGroup {
                group_id: body.groups[0].group_id.clone(),
                topics: vec![OffsetFetchResponseTopics {
                    name: "t".into(),
                    partitions: vec![OffsetFetchResponsePartitions {
                        committed_offset,
                        committed_leader_epoch,
                        error_code: if body.require_stable && first { 88 } else { 0 },
                        ..OffsetFetchResponsePartitions::default()
                    }],
                    ..OffsetFetchResponseTopics::default()
                }],
                ..OffsetFetchResponseGroup::default()
            }],
            ..OffsetFetchResponse::default()
        }
    }

    fn produce(&self, body: &ProduceRequest, act: Option<Act>) -> ProduceResponse {
        let mut world = self.world.lock().unwrap();
        let Some(Records::Bytes(bytes)) = &body.topic_data[0].partition_data[0].records else {
            panic!("no records");
        };
        let batch = Batch::first(bytes).unwrap();
        batch.check_crc().unwrap();
        let first = batch.records().unwrap().next().unwrap().unwrap();
        world.produced.push(Produced {
            value: text(&first.value.unwrap()),
            epoch: batch.producer_epoch(),
            sequence: batch.base_sequence(),
        });
        let outcome = match act {
            Some(Act::Code(code)) => Err(code),
            Some(Act::Redirect) => Err(6),
            Some(Act::Close) => Err(0),
            _ => world.store(&batch),
        };
        let mut answer = ProduceResponse::default();
        let mut current_leader = produce_response::LeaderIdAndEpoch::default();
        if act == Some(Act::Redirect) {
            let (host, port) = world.elsewhere.split_once(':').unwrap();
            (current_leader.leader_id, current_leader.leader_epoch) = (2, 1);
            answer.node_endpoints.push(produce_response::NodeEndpoint {
                node_id: 2,
                host: host.into(),
                port: port.parse().unwrap(),
                ..produce_response::NodeEndpoint::default()
            });
        }
        ProduceResponse {
            responses: vec![TopicProduceResponse {
                topic_id: TOPIC_ID,
                partition_responses: vec![PartitionProduceResponse {
                    current_leader,
                    base_offset: outcome.unwrap_or(-1),
                    error_code: outcome.err().unwrap_or(0),
                    ..PartitionProduceResponse::default()
                }],
                ..TopicProduceResponse::default()
            }],
            ..answer
        }
    }

    fn fetch(&self, body: &FetchRequest, act: Option<Act>) -> FetchResponse {
        let world = self.world.lock().unwrap();
        let offset = body.topics[0].partitions[0].fetch_offset;
        let rest = world.fetched.iter().filter(|(first, batch)| {
            let count = i64::from(Batch::first(batch).unwrap().record_count());
            first + count > offset
        });
        let bytes: Vec<u8> = rest.flat_map(|(_, batch)| batch.to_vec()).collect();
        let mut answer = FetchResponse::default();
        let mut current_leader = fetch_response::LeaderIdAndEpoch::default();
        if act == Some(Act::Redirect) {
            let (host, port) = world.elsewhere.split_once(':').unwrap();
            (current_leader.leader_id, current_leader.leader_epoch) = (2, 1);
            answer.node_endpoints.push(fetch_response::NodeEndpoint {
                node_id: 2,
                host: host.into(),
                port: port.parse().unwrap(),
                ..fetch_response::NodeEndpoint::default()
            });
        }
        let error_code = match act {
            Some(Act::Code(code)) => code,
            Some(Act::Redirect) => 6,
            _ if offset < world.log_start => 1,
            _ => 0,
        };
        FetchResponse {
            responses: vec![FetchableTopicResponse {
                topic_id: TOPIC_ID,
                partitions: vec![PartitionData {
                    current_leader,
                    error_code,
                    high_watermark: 100,
                    records: (error_code == 0).then(|| Records::Bytes(bytes.into())),
                    ..PartitionData::default()
                }],
                ..FetchableTopicResponse::default()
            }],
            ..answer
        }
    }

    fn list_offsets(&self, body: &ListOffsetsRequest) -> ListOffsetsResponse {
        let earliest = body.topics[0].partitions[0].timestamp == -2;
        let log_start = self.world.lock().unwrap().log_start;
        ListOffsetsResponse {
            topics: vec![ListOffsetsTopicResponse {
                name: "t".into(),
                partitions: vec![ListOffsetsPartitionResponse {
                    offset: if earliest { log_start } else { 100 },
                    ..ListOffsetsPartitionResponse::default()
                }],
                ..ListOffsetsTopicResponse::default()
            }],
            ..ListOffsetsResponse::default()
        }
    }
}

pub(crate) fn decode<R: Request>(request: &RequestFrame) -> R {
    R::decode(request.body.clone(), request.header.api_version).unwrap()
}

pub(crate) fn reply<M: Message>(request: &RequestFrame, body: &M) -> Option<Encoded> {
    let header = &request.header;
    frame::response(
        header.api_key,
        header.api_version,
        header.correlation_id,
        body,
    )
    .ok()
}

/// Everything that this build knows.
pub(crate) fn versions() -> ApiVersionsResponse {
    let all = apis::all()
        .iter()
        .filter(|api| api.broker)
        .map(|api| ApiVersion {
            api_key: api.key,
            min_version: api.first,
            max_version: api.last,
            ..ApiVersion::default()
        });
    ApiVersionsResponse {
        api_keys: all.collect(),
        ..ApiVersionsResponse::default()
    }
}

fn create(body: &CreateTopicsRequest, act: Option<Act>) -> CreateTopicsResponse {
    let code = match act {
        Some(Act::Code(code)) => code,
        _ => 0,
    };
    let result = |name: &str| CreatableTopicResult {
        name: name.into(),
        error_code: code,
        error_message: Some("because".into()),
        ..CreatableTopicResult::default()
    };
    CreateTopicsResponse {
        topics: body
            .topics
            .iter()
            .map(|topic| result(&topic.name))
            .collect(),
        ..CreateTopicsResponse::default()
    }
}
