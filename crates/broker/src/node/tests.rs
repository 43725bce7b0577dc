//! A whole node on two directories, one of which refuses a call of its disk: the other serves on, and nothing that was
//! acknowledged is lost.

use std::{
    collections::BTreeMap,
    env,
    io::{self, Read, Write},
    net::TcpStream,
    path::Path,
    sync::atomic::AtomicUsize,
    thread::sleep,
    time::Duration,
};

use ottla_log::file::{
    Op,
    faults::{self, Below},
};
use ottla_metadata::{
    controller::{Describable, Input, Reply},
    image::{Partition, directory},
};
use ottla_wire::{
    Message, Records, Request, frame,
    messages::{
        AssignReplicasToDirsRequest, CreateTopicsRequest, DeleteTopicsRequest, FetchRequest,
        FindCoordinatorRequest, OffsetCommitRequest, OffsetFetchRequest, ProduceRequest,
        assign_replicas_to_dirs_request as assign, create_topics_request as create,
        delete_topics_request as delete, fetch_request as fetch, offset_commit_request as commit,
        offset_fetch_request as committed, produce_request as produce,
    },
    records::{BatchBuilder, Codec},
};

use super::{registration::asked, *};

mod slow_disk;

const TOPIC: &str = "t";
const GROUP: &str = "g";
const PARTITIONS: i32 = 4;
/// Times that everything is asked while a call fails.
const ROUNDS: usize = 12;
/// Calls that are made to fail, unless `OTTLA_FAULT_POINTS` says how many, or `all`.
const POINTS: usize = 6;
const NOT_LEADER: i16 = 6;
const STORAGE_ERROR: i16 = 56;
/// 30 s in all.
const ATTEMPTS: usize = 600;
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(50);

/// Counts the calls on a directory, and has one of them fail.
#[derive(Default)]
struct Disk {
    calls: AtomicUsize,
    /// Which one fails, from 1; 0: none.
    fails: AtomicUsize,
}

impl Disk {
    /// Of what is below `dir`, as long as the second one is kept; only reads of logs, of which then nothing is in memory, or
    /// all calls.
    fn of(dir: &Path, only_reads: bool) -> (Arc<Self>, Below) {
        let disk = Arc::new(Self::default());
        let asked = disk.clone();
        let hook = move |op: Op, path: &Path| {
            let is_log = path.extension().is_some_and(|it| it == "log");
            if only_reads && op == Op::Peek && is_log {
                return Some(io::ErrorKind::WouldBlock.into());
            }
            if only_reads && !(op == Op::Read && is_log) {
                return None;
            }
            let call = asked.calls.fetch_add(1, Ordering::SeqCst) + 1;
            let refused = || io::Error::from_raw_os_error(5).into();
            (call == asked.fails.load(Ordering::SeqCst)).then(refused)
        };
        let below = faults::below(dir, Arc::new(hook));
        (disk, below)
    }

    fn begin(&self, fails: usize) {
        self.fails.store(fails, Ordering::SeqCst);
        self.calls.store(0, Ordering::SeqCst);
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

async fn start(dir: &Path) -> Node {
    start_with(dir, &[]).await
}

async fn start_with(dir: &Path, more: &[(&str, &str)]) -> Node {
    let [a, b] = ["a", "b"].map(|name| dir.join(name).display().to_string());
    let (dirs, listeners) = (
        format!("{a},{b}"),
        "PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0",
    );
    let pairs = [
        ("process.roles", "broker,controller"),
        ("node.id", "1"),
        ("listeners", listeners),
        ("controller.listener.names", "CONTROLLER"),
        ("controller.quorum.voters", "1@127.0.0.1:9093"),
        ("log.dirs", &dirs),
        ("metadata.log.dir", &a),
        ("offsets.topic.num.partitions", "1"),
        ("offsets.topic.replication.factor", "1"),
        ("log.retention.ms", "-1"),
        ("log.flush.interval.messages", "1"),
        ("replica.high.watermark.checkpoint.interval.ms", "100"),
    ];
    let pairs = pairs.iter().chain(more);
    let pairs = pairs.map(|&(key, value)| (key.to_owned(), value.to_owned()));
    let loaded = BrokerConfig::load(&[pairs.collect()], &mut |_| Ok(None));
    let config = loaded.unwrap().config;
    crate::format::if_needed(&config).unwrap();
    Node::start(config).await.unwrap()
}

fn has_failed(node: &Node) -> bool {
    node.broker.log_dirs.iter().any(|dir| dir.has_failed())
}

/// A client; what it knows was acknowledged.
struct Client {
    port: u16,
    to: Option<TcpStream>,
    produced: BTreeMap<i32, Vec<String>>,
    committed: BTreeMap<i32, i64>,
}

impl Client {
    fn new(node: &Node) -> Self {
        Self {
            port: node.listening()[0].port,
            to: None,
            produced: BTreeMap::new(),
            committed: BTreeMap::new(),
        }
    }

    /// `None` if the node closed the connection instead.
    fn ask<R: Request>(&mut self, version: i16, request: &R) -> Option<R::Response> {
        let frame = frame::request(version, 1, Some("test"), request).unwrap();
        let mut to = match self.to.take() {
            Some(to) => to,
            None => TcpStream::connect(("127.0.0.1", self.port)).unwrap(),
        };
        to.set_read_timeout(Some(PATIENCE)).unwrap();
        to.write_all(&frame.into_bytes().unwrap()).ok()?;
        let mut size = [0; 4];
        to.read_exact(&mut size).ok()?;
        let mut body = vec![0; u32::from_be_bytes(size) as usize];
        to.read_exact(&mut body).ok()?;
        self.to = Some(to);
        let (_, body) = frame::read_response(R::KEY, version, body.into()).unwrap();
        Some(R::Response::decode(body, version).unwrap())
    }

    fn create(&mut self) {
        let answer = self.ask(7, &creation(TOPIC)).unwrap();
        assert_eq!(answer.topics[0].error_code, 0, "{answer:?}");
        let request = FindCoordinatorRequest {
            coordinator_keys: vec![GROUP.to_owned()],
            ..Default::default()
        };
        settle(|| {
            let answer = self.ask(4, &request).unwrap();
            answer.coordinators[0].error_code == 0
        });
        for partition in 0..PARTITIONS {
            settle(|| self.produce(partition, 10) == 0);
            settle(|| self.commit(partition) == 0);
        }
    }

    /// Appends one record of at least so many bytes; the code, -1 if there is no answer.
    fn produce(&mut self, index: i32, bytes: usize) -> i16 {
        let number = self.produced.get(&index).map_or(0, Vec::len);
        let value = format!("record {number} of {index};{}", "x".repeat(bytes));
        let mut builder = BatchBuilder::new(Codec::None);
        builder
            .append(5, None, Some(value.as_bytes()), &[])
            .unwrap();
        let records = builder.build().unwrap().to_bytes();
        let partition = produce::PartitionProduceData {
            index,
            records: Some(Records::from(records)),
            ..Default::default()
        };
        let request = ProduceRequest {
            acks: -1,
            timeout_ms: 5000,
            topic_data: vec![produce::TopicProduceData {
                name: TOPIC.to_owned(),
                partition_data: vec![partition],
                ..Default::default()
            }],
            ..Default::default()
        };
        let Some(answer) = self.ask(9, &request) else {
            return -1;
        };
        let code = answer.responses[0].partition_responses[0].error_code;
        if code == 0 {
            self.produced.entry(index).or_default().push(value);
        }
        code
    }

    /// What the partition has; the code; `None` if there is no answer.
    fn fetch(&mut self, partition: i32) -> Option<Result<Vec<u8>, i16>> {
        let partition = fetch::FetchPartition {
            partition,
            partition_max_bytes: 1 << 20,
            ..Default::default()
        };
        let request = FetchRequest {
            max_wait_ms: 10,
            max_bytes: 1 << 20,
            session_epoch: -1,
            topics: vec![fetch::FetchTopic {
                topic: TOPIC.to_owned(),
                partitions: vec![partition],
                ..Default::default()
            }],
            ..Default::default()
        };
        let answer = self.ask(11, &request)?;
        let of = &answer.responses[0].partitions[0];
        let bytes = of.records.as_ref().and_then(|records| records.bytes());
        Some(match of.error_code {
            0 => Ok(bytes.map(|bytes| bytes.to_vec()).unwrap_or_default()),
            code => Err(code),
        })
    }

    /// Commits as many offsets as records were acknowledged; the code, -1 if there is no answer.
    fn commit(&mut self, partition_index: i32) -> i16 {
        let committed_offset = self.produced[&partition_index].len() as i64;
        let partition = commit::OffsetCommitRequestPartition {
            partition_index,
            committed_offset,
            ..Default::default()
        };
        let request = OffsetCommitRequest {
            group_id: GROUP.to_owned(),
            generation_id_or_member_epoch: -1,
            topics: vec![commit::OffsetCommitRequestTopic {
                name: TOPIC.to_owned(),
                partitions: vec![partition],
                ..Default::default()
            }],
            ..Default::default()
        };
        let Some(answer) = self.ask(8, &request) else {
            return -1;
        };
        let code = answer.topics[0].partitions[0].error_code;
        if code == 0 {
            self.committed.insert(partition_index, committed_offset);
        }
        code
    }

    /// Asks for everything; codes do not matter, acknowledgements do.
    fn round(&mut self) {
        for partition in 0..PARTITIONS {
            self.produce(partition, 10);
            if let Some(Ok(bytes)) = self.fetch(partition) {
                self.assert_has_all(partition, &bytes);
            }
            self.commit(partition);
        }
    }

    fn assert_has_all(&self, partition: i32, bytes: &[u8]) {
        for value in &self.produced[&partition] {
            let is_there = bytes.windows(value.len()).any(|it| it == value.as_bytes());
            assert!(is_there, "{value} was acknowledged and is not there");
        }
    }

    /// Everything that was acknowledged is there.
    fn assert_kept(&mut self) {
        for partition in 0..PARTITIONS {
            let mut bytes = Vec::new();
            settle(|| match self.fetch(partition) {
                Some(Ok(found)) => {
                    bytes = found;
                    true
                }
                _ => false,
            });
            self.assert_has_all(partition, &bytes);
        }
        let request = OffsetFetchRequest {
            groups: vec![committed::OffsetFetchRequestGroup {
                group_id: GROUP.to_owned(),
                topics: None,
                ..Default::default()
            }],
            ..Default::default()
        };
        let mut found = BTreeMap::new();
        settle(|| {
            let answer = self.ask(8, &request).unwrap();
            let group = &answer.groups[0];
            let partitions = group.topics.iter().flat_map(|topic| &topic.partitions);
            found = partitions
                .map(|of| (of.partition_index, of.committed_offset))
                .collect();
            group.error_code == 0
        });
        for (partition, offset) in &self.committed {
            let now = found.get(partition);
            assert!(
                now >= Some(offset),
                "{partition}: {offset} was committed, and it is {now:?}"
            );
        }
    }
}

/// Until it is so.
#[track_caller]
fn settle(mut is_so: impl FnMut() -> bool) {
    for _ in 0..ATTEMPTS {
        if is_so() {
            return;
        }
        sleep(PAUSE);
    }
    panic!("it does not come about");
}

/// The node's life while the call of this number on directory `b` fails; how many calls there were.
async fn live(fails: usize) -> usize {
    let dir = tempfile::tempdir().unwrap();
    let b = dir.path().join("b");
    let node = Arc::new(start(dir.path()).await);
    let running = node.clone();
    let (calls, mut client) = task::blocking(move || {
        let mut client = Client::new(&running);
        client.create();
        let in_b: Vec<bool> = (0..PARTITIONS)
            .map(|it| b.join(format!("{TOPIC}-{it}")).is_dir())
            .collect();
        assert!(in_b.contains(&true) && in_b.contains(&false), "{in_b:?}");
        let (disk, below) = Disk::of(&b, false);
        disk.begin(fails);
        for _ in 0..ROUNDS {
            client.round();
        }
        let calls = disk.calls();
        // Whatever the call was for, the other directory does not suffer.
        for (partition, _) in (0..).zip(&in_b).filter(|(_, in_b)| !**in_b) {
            assert_eq!(client.produce(partition, 10), 0, "call {fails}");
        }
        if has_failed(&running) {
            for (partition, _) in (0..).zip(&in_b).filter(|(_, in_b)| **in_b) {
                settle(|| client.produce(partition, 10) == STORAGE_ERROR);
                settle(|| client.fetch(partition) == Some(Err(STORAGE_ERROR)));
            }
        }
        drop(below);
        (calls, client)
    })
    .await
    .unwrap();
    let node = Arc::try_unwrap(node).unwrap_or_else(|_| panic!("it is still used"));
    node.stop().await;
    let node = start(dir.path()).await;
    (client.port, client.to) = (node.listening()[0].port, None);
    task::blocking(move || client.assert_kept()).await.unwrap();
    node.stop().await;
    calls
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_refuses_a_call_loses_nothing_and_the_other_serves_on() {
    let calls = live(0).await;
    eprintln!("{calls} calls");
    assert!(calls > 80, "{calls}");
    let points = match env::var("OTTLA_FAULT_POINTS").ok().as_deref() {
        Some("all") => calls,
        Some(number) => number.parse().unwrap(),
        None => POINTS,
    };
    for point in 0..points {
        live(1 + point * calls / points).await;
    }
}

/// The last read of a fetch is that of the socket's: nothing but the answer's bytes is missing then.
async fn cannot_be_read(bytes: usize) {
    let dir = tempfile::tempdir().unwrap();
    let b = dir.path().join("b");
    let node = Arc::new(start(dir.path()).await);
    let running = node.clone();
    task::blocking(move || {
        let mut client = Client::new(&running);
        client.create();
        let is_in_b = |it: &i32| b.join(format!("{TOPIC}-{it}")).is_dir();
        let of_b = (0..PARTITIONS).find(is_in_b).unwrap();
        let of_a = (0..PARTITIONS).find(|it| !is_in_b(it)).unwrap();
        assert_eq!(client.produce(of_b, bytes), 0);
        let (disk, _below) = Disk::of(&b, true);
        disk.begin(0);
        let whole = client.fetch(of_b).unwrap().unwrap();
        assert!(whole.len() > bytes);
        let reads = disk.calls();
        assert!(reads > 0, "nothing is read");
        disk.begin(reads);
        assert_eq!(client.fetch(of_b), None);
        settle(|| has_failed(&running));
        settle(|| client.fetch(of_b) == Some(Err(STORAGE_ERROR)));
        assert_eq!(client.produce(of_a, 10), 0);
    })
    .await
    .unwrap();
    let node = Arc::try_unwrap(node).unwrap_or_else(|_| panic!("it is still used"));
    node.stop().await;
}

/// Large answers go by sendfile, small ones are read into what is sent.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_for_an_answer_fails_its_directory() {
    for bytes in [1000, 100_000] {
        cannot_be_read(bytes).await;
    }
}

/// A node that was killed before it had said where a log is does not lead what it cannot look for, and does again.
#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_in_a_lost_directory_has_no_leader_until_it_is_back() {
    let dir = tempfile::tempdir().unwrap();
    let [b, kept] = ["b", "kept"].map(|name| dir.path().join(name));
    let node = Arc::new(start(dir.path()).await);
    let running = node.clone();
    let mut client = task::blocking(move || {
        let mut client = Client::new(&running);
        client.create();
        client
    })
    .await
    .unwrap();
    stop(node).await;
    let is_in_b = |it: &i32| kept.join(format!("{TOPIC}-{it}")).is_dir();
    std::fs::rename(&b, &kept).unwrap();
    std::fs::write(&b, "no directory").unwrap();
    let lost = (0..PARTITIONS).find(is_in_b).unwrap();

    let node = Arc::new(start(dir.path()).await);
    (client.port, client.to) = (node.listening()[0].port, None);
    forget_directory(&node, lost).await;
    for_partition(&node, lost, |of| {
        (of.leader, of.directory(1)) == (-1, Some(directory::LOST))
    })
    .await;
    let mut client = task::blocking(move || {
        settle(|| client.fetch(lost) == Some(Err(NOT_LEADER)));
        client
    })
    .await
    .unwrap();
    stop(node).await;
    std::fs::remove_file(&b).unwrap();
    std::fs::rename(&kept, &b).unwrap();

    let node = Arc::new(start(dir.path()).await);
    (client.port, client.to) = (node.listening()[0].port, None);
    let of_b = node.broker.log_dirs.at(&b).unwrap().id;
    for_partition(&node, lost, |of| {
        (of.leader, of.directory(1)) == (1, Some(of_b))
    })
    .await;
    task::blocking(move || client.assert_kept()).await.unwrap();
    stop(node).await;
}

/// The deletion of a topic and the creation of one of its name may be one change of the metadata.
#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_is_made_again_in_one_change_is_another() {
    let dir = tempfile::tempdir().unwrap();
    let node = Arc::new(start(dir.path()).await);
    let running = node.clone();
    let mut client = task::blocking(move || {
        let mut client = Client::new(&running);
        client.create();
        client
    })
    .await
    .unwrap();
    let broker = &node.broker;
    let before = broker.image().topic(TOPIC).unwrap().id;
    let offset = broker.metadata_offset();
    // The first change waits for this, and what is asked meanwhile becomes the next.
    let hosting = broker.hosting.lock();
    let first = ask_create(&node, "other");
    let rest = async {
        tokio::time::sleep(4 * PAUSE).await;
        let later = async {
            tokio::time::sleep(4 * PAUSE).await;
            drop(hosting);
        };
        tokio::join!(ask_delete(&node, TOPIC), ask_create(&node, TOPIC), later)
    };
    tokio::join!(first, rest);
    assert!(broker.metadata_offset() > offset);
    assert_ne!(broker.image().topic(TOPIC).unwrap().id, before);

    (client.produced, client.committed) = <_>::default();
    let mut client = task::blocking(move || {
        for partition in 0..PARTITIONS {
            assert_eq!(client.fetch(partition), Some(Ok(Vec::new())));
            assert_eq!(client.produce(partition, 10), 0);
        }
        client
    })
    .await
    .unwrap();
    stop(node).await;
    let node = Arc::new(start(dir.path()).await);
    (client.port, client.to) = (node.listening()[0].port, None);
    task::blocking(move || client.assert_kept()).await.unwrap();
    stop(node).await;
}

/// A topic of [`PARTITIONS`] is to be made.
fn creation(name: &str) -> CreateTopicsRequest {
    let topic = create::CreatableTopic {
        name: name.to_owned(),
        num_partitions: PARTITIONS,
        replication_factor: 1,
        ..Default::default()
    };
    CreateTopicsRequest {
        topics: vec![topic],
        timeout_ms: 30_000,
        ..Default::default()
    }
}

async fn ask_create(node: &Node, name: &str) {
    let input = Input::CreateTopics(asked(creation(name), 7), Describable::All);
    let Ok(Reply::CreateTopics(answer)) = node.broker.controller.ask(input).await else {
        panic!("another reply");
    };
    assert_eq!(answer.topics[0].error_code, 0, "{answer:?}");
}

async fn ask_delete(node: &Node, name: &str) {
    let request = DeleteTopicsRequest {
        topics: vec![delete::DeleteTopicState {
            name: Some(name.to_owned()),
            ..Default::default()
        }],
        timeout_ms: 30_000,
        ..Default::default()
    };
    let input = Input::DeleteTopics(asked(request, 6));
    let Ok(Reply::DeleteTopics(answer)) = node.broker.controller.ask(input).await else {
        panic!("another reply");
    };
    assert_eq!(answer.responses[0].error_code, 0, "{answer:?}");
}

async fn stop(node: Arc<Node>) {
    let node = Arc::try_unwrap(node).unwrap_or_else(|_| panic!("it is still used"));
    node.stop().await;
}

/// The controller has never heard where the log is.
async fn forget_directory(node: &Node, partition_index: i32) {
    let broker = &node.broker;
    let topic_id = broker.image().topic(TOPIC).unwrap().id;
    let partition = assign::PartitionData {
        partition_index,
        ..Default::default()
    };
    let topic = assign::TopicData {
        topic_id,
        partitions: vec![partition],
        ..Default::default()
    };
    let nowhere = assign::DirectoryData {
        id: directory::UNASSIGNED,
        topics: vec![topic],
        ..Default::default()
    };
    let request = AssignReplicasToDirsRequest {
        broker_id: 1,
        broker_epoch: broker.epoch(),
        directories: vec![nowhere],
        ..Default::default()
    };
    let asked = asked(request, 0);
    let reply = broker.controller.ask(Input::AssignReplicasToDirs(asked));
    let Ok(Reply::AssignReplicasToDirs(answer)) = reply.await else {
        panic!("another reply");
    };
    assert_eq!(answer.error_code, 0, "{answer:?}");
}

/// Until the cluster's metadata say so of a partition.
async fn for_partition(node: &Node, index: i32, is_so: impl Fn(&Partition) -> bool) {
    let now = || {
        let image = node.broker.image_arc();
        image.topic(TOPIC).unwrap().partitions[&index].clone()
    };
    for _ in 0..ATTEMPTS {
        if is_so(&now()) {
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
    panic!("it does not come about: {:?}", now());
}
