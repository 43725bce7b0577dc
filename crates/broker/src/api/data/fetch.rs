//! Fetch: key 1, versions 4-18.
//!
//! Answers with whole batches, by reference to the files that they are in. With less than `min_bytes` to answer it waits
//! for any of its partitions or for `max_wait_ms`, then reads once more.
//!
//! Versions: 4 isolation level; 5 log start offset; 6 `KAFKA_STORAGE_ERROR`; 7 sessions; 9 leader epochs; 12 flexible,
//! last fetched epoch and diverging epoch; 13 topic ids; 15 replica state; 16 leader endpoints; 17 directory ids;
//! 18 the follower's high watermark.
//!
//! Refuses: `FETCH_SESSION_ID_NOT_FOUND`, `INVALID_FETCH_SESSION_EPOCH`, `FETCH_SESSION_TOPIC_ID_ERROR` (all);
//! `OFFSET_OUT_OF_RANGE`, `UNKNOWN_TOPIC_OR_PARTITION`, `UNKNOWN_TOPIC_ID`, `INCONSISTENT_TOPIC_ID`,
//! `NOT_LEADER_OR_FOLLOWER`, `FENCED_LEADER_EPOCH`, `UNKNOWN_LEADER_EPOCH`, `KAFKA_STORAGE_ERROR`, `CORRUPT_MESSAGE` (partition).
//!
//! Differs from Apache Kafka: nothing known.
//! Not yet: followers and observers of the metadata log.

use std::{borrow::Cow, collections::HashMap, sync::Arc, time::Duration};

use ottla_log::{FileSlice, ReadError, UpperBound, file::memory};
use ottla_metadata::Image;
use ottla_wire::{
    Message, Records, Uuid,
    apis::Listener,
    errors::{Code, Refusal},
    messages::{
        FetchRequest, FetchResponse,
        fetch_response::{
            AbortedTransaction, EpochEndOffset, FetchableTopicResponse, LeaderIdAndEpoch,
            NodeEndpoint, PartitionData,
        },
    },
};
use tokio::sync::Notify;

use super::{TopicRef, hosted, names_twice};
use crate::{
    api::{Cx, WithFiles},
    broker::Broker,
    clock, deadline,
    fetch_sessions::{Asked, Context, NoContext, PartitionKey, SessionRequest, Told, TopicKey},
    journal::{Of, Reasons},
    partition::Partition,
    quotas::Meter,
    reply::Reply,
};

/// The replica id by which a broker reads for a replica that moves between its directories.
const MOVING_REPLICA: i32 = -3;
/// The topic of the metadata log.
const CLUSTER_METADATA: &str = "__cluster_metadata";

/// See the top of this file.
pub(crate) async fn handle(cx: &Cx, request: FetchRequest) -> Reply<WithFiles<FetchResponse>> {
    let at_controller = cx.endpoint.listener() == Listener::Controller;
    if at_controller && cx.version >= 7 && !is_of_metadata(&request) {
        let why = "a controller's listener has the partition of the metadata, and no other";
        return Reply::Now(refusal(Code::INVALID_REQUEST, why));
    }
    let reading = Reading::of(cx, &request);
    let is_follower = replica(cx.version, &request) >= 0;
    if is_follower && let Some(meter) = &cx.meter {
        meter.exempt();
    }
    let session = session_request(cx.version, request);
    let image = cx.broker.image();
    let name_of = |id| image.topic_by_id(id).map(|topic| topic.name.clone());
    let sessions = &cx.broker.fetch_sessions;
    let context = match sessions.context(session, clock::now().0, &name_of) {
        Ok(context) => context,
        Err(refused) => return Reply::Now(session_error(refused)),
    };
    let targets: Vec<Target> = context
        .asked()
        .iter()
        .map(|(key, asked)| target(cx, &image, &context, key, *asked))
        .collect();
    let fetch = Fetch {
        broker: cx.broker.clone(),
        listener: cx.endpoint.name.clone(),
        reading,
        context,
        targets,
        meter: cx.meter.clone().filter(|_| !is_follower),
    };
    match memory::without_waiting(|| fetch.read()) {
        Some(outcomes) if fetch.is_satisfied(&outcomes) => Reply::Now(fetch.answer(outcomes)),
        _ => Reply::Later(Box::pin(Arc::new(fetch).wait())),
    }
}

/// What of the request holds for all partitions.
struct Reading {
    version: i16,
    /// As which replica of its partitions it asks, and the epoch of that broker (-1: it does not say).
    follower: Option<(i32, i64)>,
    /// Whether any replica may answer it.
    anywhere: bool,
    upto: UpperBound,
    max_wait: Duration,
    min_bytes: i64,
    max_bytes: usize,
}

impl Reading {
    fn of(cx: &Cx, request: &FetchRequest) -> Self {
        let replica = replica(cx.version, request);
        let upto = match (replica, request.isolation_level) {
            (0.. | MOVING_REPLICA, _) => UpperBound::LogEnd,
            (_, 1) => UpperBound::LastStable,
            _ => UpperBound::HighWatermark,
        };
        let mut max_bytes = request
            .max_bytes
            .min(cx.broker.settings.fetch_max_bytes)
            .max(0);
        let limit = cx.meter.as_ref().filter(|_| replica < 0);
        if let Some(most) = limit.and_then(|meter| meter.fetch_at_most()) {
            max_bytes = max_bytes.min(i32::try_from(most).unwrap_or(i32::MAX));
        }
        Self {
            version: cx.version,
            follower: (replica >= 0).then_some((replica, request.replica_state.replica_epoch)),
            anywhere: replica == MOVING_REPLICA || (replica < 0 && cx.version >= 11),
            upto,
            max_wait: Duration::from_millis(request.max_wait_ms.max(0) as u64),
            min_bytes: i64::from(request.min_bytes.min(max_bytes)),
            max_bytes: max_bytes as usize,
        }
    }
}

/// Who fetches: a broker's id, or less than 0.
fn replica(version: i16, request: &FetchRequest) -> i32 {
    match version {
        15.. => request.replica_state.replica_id,
        _ => request.replica_id,
    }
}

fn session_request(version: i16, request: FetchRequest) -> SessionRequest {
    let uses_topic_ids = version >= 13;
    let topic_key = |name: String, id: Uuid| match uses_topic_ids {
        true => TopicKey::Id(id),
        false => TopicKey::Name(name.into()),
    };
    let mut asked = Vec::new();
    for topic in request.topics {
        let key = topic_key(topic.topic, topic.topic_id);
        for partition in topic.partitions {
            let asks = Asked {
                fetch_offset: partition.fetch_offset,
                current_leader_epoch: partition.current_leader_epoch,
                last_fetched_epoch: partition.last_fetched_epoch,
                max_bytes: partition.partition_max_bytes,
            };
            asked.push((
                PartitionKey {
                    topic: key.clone(),
                    partition: partition.partition,
                },
                asks,
            ));
        }
    }
    if names_twice(&asked, |(key, _)| key) {
        asked = last_asked(asked);
    }
    let mut forgotten = Vec::new();
    for topic in request.forgotten_topics_data {
        let key = topic_key(topic.topic, topic.topic_id);
        forgotten.extend(topic.partitions.into_iter().map(|partition| PartitionKey {
            topic: key.clone(),
            partition,
        }));
    }
    SessionRequest {
        id: request.session_id,
        epoch: request.session_epoch,
        uses_topic_ids,
        asked,
        forgotten,
    }
}

/// Of a partition that is named twice, what is asked last, in its first place.
fn last_asked(asked: Vec<(PartitionKey, Asked)>) -> Vec<(PartitionKey, Asked)> {
    let mut kept: Vec<(PartitionKey, Asked)> = Vec::new();
    let mut places = HashMap::new();
    for (key, asks) in asked {
        let place = *places.entry(key.clone()).or_insert(kept.len());
        match kept.get_mut(place) {
            Some(first) => first.1 = asks,
            None => kept.push((key, asks)),
        }
    }
    kept
}

/// Whether just the partition of the metadata is asked for.
fn is_of_metadata(request: &FetchRequest) -> bool {
    let [topic] = &request.topics[..] else {
        return false;
    };
    let is_it = topic.topic == CLUSTER_METADATA || topic.topic_id == Uuid::METADATA_TOPIC;
    is_it && matches!(&topic.partitions[..], [only] if only.partition == 0)
}

fn session_error(refused: NoContext) -> WithFiles<FetchResponse> {
    let (code, why) = match refused {
        NoContext::UnknownSession => (
            Code::FETCH_SESSION_ID_NOT_FOUND,
            "the fetch session was forgotten: the broker restarted, or others needed its slot",
        ),
        NoContext::WrongEpoch => (
            Code::INVALID_FETCH_SESSION_EPOCH,
            "the fetch is not the next of its session",
        ),
        NoContext::TopicIds => (
            Code::FETCH_SESSION_TOPIC_ID_ERROR,
            "the session began with the other way of naming topics",
        ),
    };
    refusal(code, why)
}

fn refusal(code: Code, why: &'static str) -> WithFiles<FetchResponse> {
    let message = FetchResponse {
        error_code: code.0,
        ..FetchResponse::default()
    };
    WithFiles {
        message,
        files: Vec::new(),
        reasons: Reasons::any(code, why),
    }
}

/// One partition of a fetch.
struct Target {
    key: PartitionKey,
    asked: Asked,
    partition: Result<Arc<Partition>, Code>,
}

impl Target {
    /// Whether its answer is one of those that say only that there is no such partition.
    fn is_absent(&self) -> bool {
        let absent = [Code::UNKNOWN_TOPIC_ID, Code::UNKNOWN_TOPIC_OR_PARTITION];
        matches!(&self.partition, Err(code) if absent.contains(code))
    }

    /// As Kafka orders them: what could be looked at, what has no name, what is not here.
    fn rank(&self, is_follower: bool) -> u8 {
        match &self.partition {
            _ if !self.is_absent() => 0,
            Err(Code::UNKNOWN_TOPIC_ID) if !is_follower => 1,
            _ => 2,
        }
    }
}

fn target(cx: &Cx, image: &Image, context: &Context, key: &PartitionKey, asked: Asked) -> Target {
    let partition = match &key.topic {
        TopicKey::Name(name) => hosted(cx, TopicRef::Name(name), key.partition),
        TopicKey::Id(id) => match context
            .name(*id)
            .filter(|_| image.topic_by_id(*id).is_none())
        {
            // The session knew it: what goes by its name now is another topic, or nothing.
            Some(name) => {
                let other = image.topic(&name);
                let there =
                    other.is_some_and(|other| other.partitions.contains_key(&key.partition));
                Err(match there {
                    true => Code::INCONSISTENT_TOPIC_ID,
                    false => Code::UNKNOWN_TOPIC_OR_PARTITION,
                })
            }
            None => hosted(cx, TopicRef::Id(*id), key.partition),
        },
    };
    Target {
        key: key.clone(),
        asked,
        partition,
    }
}

/// What reading one partition gave.
struct Outcome {
    data: PartitionData,
    slice: Option<FileSlice>,
    /// Why it was refused, if that is known here.
    why: Option<Cow<'static, str>>,
}

impl Outcome {
    /// The partition is not here: Kafka's answer for it has an empty list of aborted transactions.
    fn absent(index: i32, code: Code) -> Self {
        let data = PartitionData {
            partition_index: index,
            error_code: code.0,
            high_watermark: -1,
            records: Some(Records::default()),
            ..PartitionData::default()
        };
        Self {
            data,
            slice: None,
            why: None,
        }
    }

    /// The partition is here and cannot be read: Kafka's answer for it has none.
    fn failed(index: i32, refusal: Refusal) -> Self {
        let mut outcome = Self::absent(index, refusal.code);
        outcome.data.aborted_transactions = None;
        outcome.why = refusal.detail;
        outcome
    }

    fn size(&self) -> usize {
        self.slice.as_ref().map_or(0, |slice| slice.len)
    }

    fn told(&self) -> Told {
        Told {
            error_code: self.data.error_code,
            high_watermark: self.data.high_watermark,
            log_start_offset: self.data.log_start_offset,
            has_records: self.size() > 0,
            diverges: self.diverges(),
        }
    }

    fn diverges(&self) -> bool {
        self.data.diverging_epoch != EpochEndOffset::default()
    }
}

/// A fetch under way.
struct Fetch {
    broker: Arc<Broker>,
    listener: String,
    reading: Reading,
    context: Context,
    targets: Vec<Target>,
    /// The account of a consumer, if anything is limited.
    meter: Option<Arc<Meter>>,
}

impl Fetch {
    /// Reads every partition once, in order, until the answer is full.
    fn read(&self) -> Vec<Outcome> {
        let (mut room, mut at_least_one) = (self.reading.max_bytes, true);
        let read = |target: &Target| {
            let index = target.key.partition;
            let partition = match &target.partition {
                Ok(partition) => partition,
                Err(code) if target.is_absent() => return Outcome::absent(index, *code),
                Err(code) => return Outcome::failed(index, (*code).into()),
            };
            let max_bytes = room.min(target.asked.max_bytes.max(0) as usize);
            let outcome = self
                .read_one(partition, &target.asked, max_bytes, at_least_one)
                .unwrap_or_else(|refusal| Outcome::failed(index, refusal));
            at_least_one &= outcome.size() == 0;
            room = room.saturating_sub(outcome.size());
            outcome
        };
        self.targets.iter().map(read).collect()
    }

    fn read_one(
        &self,
        partition: &Partition,
        asked: &Asked,
        max_bytes: usize,
        at_least_one: bool,
    ) -> Result<Outcome, Refusal> {
        if partition.log_dir().has_failed() {
            return Err(Code::KAFKA_STORAGE_ERROR.into());
        }
        partition.check_epoch(asked.current_leader_epoch)?;
        if !self.reading.anywhere {
            partition.check_leader(asked.current_leader_epoch)?;
        }
        if let Some(follower) = self.reading.follower {
            self.check_follower(partition, follower, asked)?;
        }
        partition.touch();
        let mut data = PartitionData {
            partition_index: partition.index,
            records: Some(Records::default()),
            aborted_transactions: None,
            ..PartitionData::default()
        };
        if asked.last_fetched_epoch >= 0 {
            let (epoch, end_offset) = partition
                .reader()
                .offset_for_leader_epoch(asked.last_fetched_epoch)
                .ok_or(Code::OFFSET_OUT_OF_RANGE)?;
            if epoch < asked.last_fetched_epoch || end_offset < asked.fetch_offset {
                let offsets = partition.reader().offsets();
                data.high_watermark = offsets.high_watermark;
                data.last_stable_offset = offsets.last_stable;
                data.log_start_offset = offsets.log_start;
                data.diverging_epoch = EpochEndOffset {
                    epoch,
                    end_offset,
                    ..EpochEndOffset::default()
                };
                return Ok(Outcome {
                    data,
                    slice: None,
                    why: None,
                });
            }
        }
        let fetched = partition
            .reader()
            .read(
                asked.fetch_offset,
                max_bytes,
                at_least_one,
                self.reading.upto,
            )
            .map_err(|error| refused(partition, &error))?;
        data.high_watermark = fetched.high_watermark;
        data.last_stable_offset = fetched.last_stable_offset;
        data.log_start_offset = fetched.log_start_offset;
        data.aborted_transactions = fetched.aborted_transactions.map(|aborted| {
            let one = |of: &ottla_log::AbortedTransaction| AbortedTransaction {
                producer_id: of.producer_id,
                first_offset: of.first_offset,
                ..AbortedTransaction::default()
            };
            aborted.iter().map(one).collect()
        });
        // A batch that is cut short is of no use, and an empty answer lets the fetcher ask for more.
        let slice = fetched.slice.filter(|_| !fetched.first_entry_incomplete);
        Ok(Outcome {
            data,
            slice,
            why: None,
        })
    }

    /// Whether who asks as a replica is one of the partition's, and registered as it believes.
    fn check_follower(
        &self,
        partition: &Partition,
        (replica, epoch): (i32, i64),
        asked: &Asked,
    ) -> Result<(), Code> {
        let image = self.broker.image();
        let topic = image.topic_by_id(partition.topic_id);
        let assigned = topic.and_then(|topic| topic.partitions.get(&partition.index));
        let is_other = replica != self.broker.settings.node_id;
        if !is_other || !assigned.is_some_and(|assigned| assigned.replicas.contains(&replica)) {
            // With an epoch that is right, the news of a new replica may not have arrived yet.
            return Err(match asked.current_leader_epoch {
                -1 => Code::NOT_LEADER_OR_FOLLOWER,
                _ => Code::UNKNOWN_LEADER_EPOCH,
            });
        }
        match image.broker(replica) {
            Some(broker) if !broker.fenced && epoch != -1 && broker.epoch > epoch => {
                Err(Code::NOT_LEADER_OR_FOLLOWER)
            }
            _ => Ok(()),
        }
    }

    fn is_satisfied(&self, outcomes: &[Outcome]) -> bool {
        let bytes: usize = outcomes.iter().map(Outcome::size).sum();
        let nothing_to_wait_for = self.targets.iter().all(|target| target.partition.is_err());
        let failed = |(target, outcome): (&Target, &Outcome)| {
            !target.is_absent() && (outcome.data.error_code != 0 || outcome.diverges())
        };
        self.reading.max_wait.is_zero()
            || nothing_to_wait_for
            || bytes as i64 >= self.reading.min_bytes
            || self.targets.iter().zip(outcomes).any(failed)
    }

    /// As [`Fetch::read`], on a thread that may wait for the disk if that is necessary.
    async fn read_where_possible(self: &Arc<Self>) -> Vec<Outcome> {
        if let Some(outcomes) = memory::without_waiting(|| self.read()) {
            return outcomes;
        }
        let fetch = self.clone();
        self.broker.disk_reads.run(move || fetch.read()).await
    }

    /// Waits until there is enough, or the deadline.
    async fn wait(self: Arc<Self>) -> WithFiles<FetchResponse> {
        let deadline = clock::instant() + self.reading.max_wait;
        let waiter = Arc::new(Notify::new());
        let waiting: Vec<_> = self
            .targets
            .iter()
            .filter_map(|target| target.partition.as_ref().ok())
            .map(|partition| partition.wait(&waiter))
            .collect();
        loop {
            // What came before the registration wakes nobody: so read first, then wait.
            let outcomes = self.read_where_possible().await;
            if self.is_satisfied(&outcomes) || clock::instant() >= deadline {
                drop(waiting);
                return self.answer(outcomes);
            }
            drop(outcomes);
            // At the deadline the loop reads once more and answers.
            let _ = deadline::within(deadline, waiter.notified()).await;
        }
    }

    fn answer(&self, outcomes: Vec<Outcome>) -> WithFiles<FetchResponse> {
        if let Some(meter) = &self.meter {
            let wait_ms = meter.fetched(self.size(&outcomes));
            if wait_ms > 0 {
                return self.withheld(wait_ms);
            }
        }
        let mut message = FetchResponse {
            session_id: self.context.session_id(),
            ..FetchResponse::default()
        };
        let mut files = Vec::new();
        let mut reasons = Reasons::default();
        let is_follower = self.reading.follower.is_some();
        let mut ordered: Vec<_> = self.targets.iter().zip(outcomes).collect();
        ordered.sort_by_key(|(target, _)| target.rank(is_follower));
        for (target, mut outcome) in ordered {
            let told = outcome.told();
            if !self
                .broker
                .fetch_sessions
                .tell(&self.context, &target.key, told)
            {
                continue;
            }
            if let Some(slice) = outcome.slice.take() {
                let (slot, len) = (files.len() as u32, slice.len as u32);
                outcome.data.records = Some(Records::Hole { slot, len });
                files.push(slice);
            }
            self.name_leader(target, &mut outcome.data, &mut message.node_endpoints);
            if let Some(why) = outcome.why.take() {
                let topic = match &target.key.topic {
                    TopicKey::Name(name) => Of::Topic(name.to_string()),
                    TopicKey::Id(id) => Of::TopicId(*id),
                };
                let code = Code(outcome.data.error_code);
                reasons.put(topic, Some(target.key.partition), code, why);
            }
            put(&mut message.responses, &target.key.topic, outcome.data);
        }
        WithFiles {
            message,
            files,
            reasons,
        }
    }

    /// How large the answer would be: what its records have, and what is around them.
    fn size(&self, outcomes: &[Outcome]) -> usize {
        let sessions = &self.broker.fetch_sessions;
        let mut message = FetchResponse::default();
        let mut records = 0;
        for (target, outcome) in self.targets.iter().zip(outcomes) {
            if sessions.would_tell(&self.context, &target.key, outcome.told()) {
                records += outcome.size();
                let data = outcome.data.clone();
                put(&mut message.responses, &target.key.topic, data);
            }
        }
        let around = message.encode(self.reading.version);
        4 + around.map_or(0, |around| around.len()) + records
    }

    /// Nothing of what was read: the consumer is to wait, and to ask again. A session that would have begun does not.
    fn withheld(&self, wait_ms: u64) -> WithFiles<FetchResponse> {
        let session_id = match &self.context {
            Context::Full(_, id) => {
                self.broker.fetch_sessions.end(*id);
                0
            }
            context => context.session_id(),
        };
        let message = FetchResponse {
            session_id,
            throttle_time_ms: i32::try_from(wait_ms).unwrap_or(i32::MAX),
            ..FetchResponse::default()
        };
        WithFiles {
            message,
            files: Vec::new(),
            reasons: Reasons::default(),
        }
    }

    /// From version 16 on, a fetcher that asked the wrong broker is told the right one.
    fn name_leader(
        &self,
        target: &Target,
        data: &mut PartitionData,
        endpoints: &mut Vec<NodeEndpoint>,
    ) {
        if self.reading.version < 16 {
            if data.error_code == Code::KAFKA_STORAGE_ERROR.0 && self.reading.version <= 5 {
                data.error_code = Code::NOT_LEADER_OR_FOLLOWER.0;
            }
            return;
        }
        if ![Code::NOT_LEADER_OR_FOLLOWER.0, Code::FENCED_LEADER_EPOCH.0].contains(&data.error_code)
        {
            return;
        }
        let image = self.broker.image();
        let topic = match &target.key.topic {
            TopicKey::Name(name) => image.topic(name),
            TopicKey::Id(id) => image.topic_by_id(*id),
        };
        let Some(partition) = topic.and_then(|topic| topic.partitions.get(&target.key.partition))
        else {
            return;
        };
        data.current_leader = LeaderIdAndEpoch {
            leader_id: partition.leader,
            leader_epoch: partition.leader_epoch,
            ..LeaderIdAndEpoch::default()
        };
        if self.reading.follower.is_some() {
            // A broker knows where brokers are.
            return;
        }
        let leader = image.broker(partition.leader);
        let endpoint = leader.and_then(|broker| Some((broker, broker.endpoint(&self.listener)?)));
        if let Some((broker, endpoint)) = endpoint
            && !endpoints.iter().any(|known| known.node_id == broker.id)
        {
            endpoints.push(NodeEndpoint {
                node_id: broker.id,
                host: endpoint.host.clone(),
                port: i32::from(endpoint.port),
                rack: broker.rack.clone(),
                ..NodeEndpoint::default()
            });
        }
    }
}

fn refused(partition: &Partition, error: &ReadError) -> Refusal {
    match error {
        ReadError::OffsetOutOfRange { .. } => Code::OFFSET_OUT_OF_RANGE.because(error.to_string()),
        // It is read again, see `Fetch::read_where_possible`.
        ReadError::Log(fault) if fault.would_wait() => Code::KAFKA_STORAGE_ERROR.into(),
        ReadError::Log(fault) if fault.is_io() => {
            partition.noticed(fault);
            tracing::error!(topic = %partition.topic, partition = partition.index, %fault, "the log cannot be read");
            Code::KAFKA_STORAGE_ERROR.because(format!("the log cannot be read: {fault}"))
        }
        ReadError::Log(fault) => {
            tracing::error!(topic = %partition.topic, partition = partition.index, %fault, "the log is damaged");
            Code::CORRUPT_MESSAGE.because(format!("the log is damaged: {fault}"))
        }
    }
}

/// Adds a partition's data to its topic, if that is the last one named, as Kafka groups them.
fn put(responses: &mut Vec<FetchableTopicResponse>, topic: &TopicKey, data: PartitionData) {
    let (name, id) = match topic {
        TopicKey::Name(name) => (name.to_string(), Uuid::ZERO),
        TopicKey::Id(id) => (String::new(), *id),
    };
    match responses.last_mut() {
        Some(last) if last.topic == name && last.topic_id == id => last.partitions.push(data),
        _ => responses.push(FetchableTopicResponse {
            topic: name,
            topic_id: id,
            partitions: vec![data],
            ..FetchableTopicResponse::default()
        }),
    }
}
