//! A consumer of partitions that it is given: fetches from their leaders ahead of the reader, within bounds.

mod committed;
mod fetch;
mod fetched;

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use ottla_wire::{
    codec::Records,
    errors::Code,
    messages::{fetch_request::FetchRequest, fetch_response::PartitionData},
    records::{Header, TimestampType},
};
use tokio::{
    task::JoinSet,
    time::{self, Instant},
};

use crate::{
    Admin, ClientError, Cluster, ConsumerConfig, OffsetReset, Result, TopicPartition,
    admin::OffsetSpec, connection::request_name, runtime, view::join_address,
};
use fetch::{Answer, Ask, METADATA, fetch, learn};
use fetched::{Fetched, Read};

/// Where reading a partition begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Start {
    /// At the log start offset.
    Earliest,
    /// At the end (with [`crate::Isolation::ReadCommitted`], at the last stable offset).
    Latest,
    /// At this offset.
    Offset(i64),
    /// At the first record that is not older than this, in milliseconds since 1970; at the end if there is none.
    Timestamp(i64),
    /// Where the group has got to ([`crate::ConsumerConfig::group`]); if it has committed nothing, where
    /// [`crate::ConsumerConfig::offset_reset`] says.
    Committed,
}

/// A record that was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConsumerRecord {
    /// Topic and partition.
    pub at: TopicPartition,
    /// Its offset.
    pub offset: i64,
    /// Milliseconds since 1970; -1 for none.
    pub timestamp: i64,
    /// Who set the timestamp.
    pub timestamp_type: TimestampType,
    /// The epoch of the leader that appended it.
    pub leader_epoch: i32,
    /// Its key.
    pub key: Option<Bytes>,
    /// Its value.
    pub value: Option<Bytes>,
    /// Its headers.
    pub headers: Vec<Header>,
}

/// A consumer.
#[derive(Debug)]
pub struct Consumer {
    cluster: Cluster,
    config: ConsumerConfig,
    partitions: BTreeMap<TopicPartition, Place>,
    /// What was fetched and not yet returned, first come first.
    ready: VecDeque<(TopicPartition, Fetched)>,
    buffered: usize,
    fetches: JoinSet<Answer>,
    /// Nodes that were asked and did not answer yet.
    asked: HashSet<i32>,
    failures: u32,
    not_before: Instant,
}

/// Where reading a partition has got to.
#[derive(Debug)]
struct Place {
    /// The offset of the next fetch.
    fetch: i64,
    /// The offset after what was returned.
    position: i64,
    /// The leader epoch of the record before the position, if known.
    leader_epoch: Option<i32>,
    /// The end of what may be read, as the last answer said.
    end: Option<i64>,
    /// Raised when the place is moved, so that answers to older fetches are told apart.
    generation: u64,
    in_flight: bool,
}

impl Consumer {
    /// A consumer without partitions.
    pub fn new(cluster: Cluster, config: ConsumerConfig) -> Self {
        Self {
            cluster,
            config,
            partitions: BTreeMap::new(),
            ready: VecDeque::new(),
            buffered: 0,
            fetches: JoinSet::new(),
            asked: HashSet::new(),
            failures: 0,
            not_before: runtime::now(),
        }
    }

    /// Reads these partitions from now on, and no others.
    ///
    /// # Errors
    /// Those of asking for offsets and leaders; then it reads what it did before.
    pub async fn assign(&mut self, partitions: &[(TopicPartition, Start)]) -> Result<()> {
        let mut ask = Vec::new();
        let mut places = BTreeMap::new();
        for (at, start, leader_epoch) in self.begin(partitions).await? {
            match offset_spec(start) {
                Ok(offset) => {
                    let mut place = Place::at(offset, self.next_generation());
                    place.leader_epoch = leader_epoch;
                    places.insert(at, place);
                }
                Err(spec) => ask.push((at, spec)),
            }
        }
        for (at, offset) in self.offsets(ask).await? {
            places.insert(at, Place::at(offset, self.next_generation()));
        }
        self.ready.clear();
        self.buffered = 0;
        self.partitions = places;
        Ok(())
    }

    /// The offset of the next record of a partition that [`Consumer::poll`] would return.
    pub fn position(&self, at: &TopicPartition) -> Option<i64> {
        self.partitions.get(at).map(|place| place.position)
    }

    /// The end of a partition as its leader last said: the high watermark, or the last stable offset with
    /// [`crate::Isolation::ReadCommitted`]. `None` before the first answer.
    pub fn end(&self, at: &TopicPartition) -> Option<i64> {
        self.partitions.get(at)?.end
    }

    /// The next records; none if there is nothing within `timeout`. Records of a partition come in order.
    ///
    /// # Errors
    /// [`ClientError::Refused`] for what waiting cannot cure, and [`ClientError::Protocol`] for bytes that are not sound.
    /// The position stays before what could not be read.
    pub async fn poll(&mut self, timeout: Duration) -> Result<Vec<ConsumerRecord>> {
        let deadline = runtime::now() + timeout;
        loop {
            self.begin_fetches();
            let records = self.take_records()?;
            if !records.is_empty() {
                return Ok(records);
            }
            let now = runtime::now();
            if self.fetches.is_empty() {
                let wake = if self.partitions.is_empty() {
                    deadline
                } else {
                    self.not_before
                        .max(now + Duration::from_millis(1))
                        .min(deadline)
                };
                time::sleep_until(wake).await;
            } else {
                match time::timeout_at(deadline, self.fetches.join_next()).await {
                    Ok(Some(Ok(answer))) => self.take_answer(answer).await?,
                    // A fetch never panics and is never cancelled.
                    Ok(_) => {}
                    Err(_) => return Ok(Vec::new()),
                }
            }
            if runtime::now() >= deadline && self.ready.is_empty() {
                return Ok(Vec::new());
            }
        }
    }

    /// Returns what is buffered, up to `max_poll_records`.
    fn take_records(&mut self) -> Result<Vec<ConsumerRecord>> {
        let mut records = Vec::new();
        while records.len() < self.config.max_poll_records
            && let Some((at, fetched)) = self.ready.front_mut()
        {
            let next = fetched.next();
            let mut place = self.partitions.get_mut(at);
            if let Some(place) = &mut place {
                place.position = place.position.max(fetched.position());
            }
            match next {
                Ok(Some(read)) => {
                    if let Some(place) = place {
                        place.leader_epoch = (read.leader_epoch >= 0).then_some(read.leader_epoch);
                    }
                    records.push(record(at, read));
                }
                Ok(None) => {
                    self.buffered -= fetched.size();
                    self.ready.pop_front();
                }
                Err(_) if !records.is_empty() => break,
                Err(error) => {
                    let broken = ClientError::Protocol {
                        request: request_name::<FetchRequest>(),
                        broker: "the leader".into(),
                        what: format!("{at} from offset {}: {error}", fetched.position()),
                    };
                    self.buffered -= fetched.size();
                    let at = at.clone();
                    self.ready.pop_front();
                    self.go_back(&at);
                    return Err(broken);
                }
            }
        }
        Ok(records)
    }

    /// Fetches again from the position: what is buffered of the partition is dropped.
    fn go_back(&mut self, at: &TopicPartition) {
        let generation = self.next_generation();
        if let Some(place) = self.partitions.get_mut(at) {
            let leader_epoch = place.leader_epoch;
            *place = Place::at(place.position, generation);
            place.leader_epoch = leader_epoch;
        }
        self.ready.retain(|(other, fetched)| {
            if other == at {
                self.buffered -= fetched.size();
            }
            other != at
        });
    }

    fn next_generation(&self) -> u64 {
        runtime::entropy()
    }

    /// Asks each leader that is not being asked, while the buffer has room.
    fn begin_fetches(&mut self) {
        let now = runtime::now();
        if self.buffered >= self.config.buffer_memory || now < self.not_before {
            return;
        }
        let view = self.cluster.view();
        let mut by_leader: BTreeMap<i32, Vec<Ask>> = BTreeMap::new();
        let mut unknown = HashSet::new();
        for (at, place) in self.partitions.iter().filter(|(_, place)| !place.in_flight) {
            let topic = view.topics.get(&at.topic);
            let fresh = topic
                .filter(|topic| now < topic.learned_at + self.cluster.config().metadata_max_age);
            let partition = fresh.and_then(|topic| topic.partition(at.partition));
            match partition.and_then(|partition| Some((partition, partition.leader?))) {
                Some((partition, leader)) if !self.asked.contains(&leader) => {
                    let ask = Ask {
                        at: at.clone(),
                        offset: place.fetch,
                        generation: place.generation,
                        leader_epoch: partition.leader_epoch,
                    };
                    by_leader.entry(leader).or_default().push(ask);
                }
                Some(_) => {}
                None => {
                    unknown.insert(Arc::clone(&at.topic));
                }
            }
        }
        for (node, partitions) in by_leader {
            self.asked.insert(node);
            for ask in &partitions {
                if let Some(place) = self.partitions.get_mut(&ask.at) {
                    place.in_flight = true;
                }
            }
            let (cluster, config) = (self.cluster.clone(), self.config.clone());
            self.fetches
                .spawn(async move { fetch(cluster, config, node, partitions).await });
        }
        if !unknown.is_empty() && self.asked.insert(METADATA) {
            let cluster = self.cluster.clone();
            self.fetches
                .spawn(async move { learn(cluster, unknown).await });
        }
    }

    async fn take_answer(&mut self, answer: Answer) -> Result<()> {
        self.asked.remove(&answer.node);
        for (at, generation) in &answer.asked {
            if let Some(place) = self.partitions.get_mut(at)
                && place.generation == *generation
            {
                place.in_flight = false;
            }
        }
        let response = match answer.result {
            Ok(response) => response,
            Err(error) => return self.failed(error, answer.asked.iter().map(|(at, _)| at)),
        };
        let name = request_name::<FetchRequest>();
        if let Some(refusal) = ClientError::refusal(
            name,
            &answer.broker,
            "all partitions",
            response.error_code,
            None,
        ) {
            return self.failed(refusal, answer.asked.iter().map(|(at, _)| at));
        }
        self.failures = 0;
        let addresses: HashMap<i32, String> = response
            .node_endpoints
            .iter()
            .map(|node| (node.node_id, join_address(&node.host, node.port)))
            .collect();
        for topic in response.responses {
            let topic_name = match answer.ids.get(&topic.topic_id) {
                Some(name) if topic.topic.is_empty() => Arc::clone(name),
                _ => topic.topic.as_str().into(),
            };
            for data in topic.partitions {
                let at = TopicPartition::new(Arc::clone(&topic_name), data.partition_index);
                let asked = answer.asked.iter().find(|(asked, _)| *asked == at);
                if let Some((at, generation)) = asked {
                    let leader = (
                        data.current_leader.leader_id,
                        data.current_leader.leader_epoch,
                    );
                    let address = addresses.get(&leader.0).cloned();
                    if data.error_code != 0 && self.cluster.take_leader(at, leader, address) {
                        // The next fetch goes there.
                        continue;
                    }
                    self.take_partition(at, *generation, data, &answer.broker)
                        .await?;
                }
            }
        }
        Ok(())
    }

    async fn take_partition(
        &mut self,
        at: &TopicPartition,
        generation: u64,
        data: PartitionData,
        broker: &Arc<str>,
    ) -> Result<()> {
        let Some(place) = self.partitions.get_mut(at) else {
            return Ok(());
        };
        if place.generation != generation {
            return Ok(());
        }
        if data.error_code == Code::OFFSET_OUT_OF_RANGE.0
            && self.config.offset_reset != OffsetReset::Fail
        {
            return self.reset(at).await;
        }
        let name = request_name::<FetchRequest>();
        let what = format_args!("{at} at offset {}", place.fetch);
        if let Some(refusal) = ClientError::refusal(name, broker, what, data.error_code, None) {
            return self.failed(refusal, [at]);
        }
        place.end = Some(
            if self.config.isolation == crate::Isolation::ReadCommitted {
                data.last_stable_offset
            } else {
                data.high_watermark
            },
        );
        let Some(Records::Bytes(bytes)) = data.records.filter(|records| !records.is_empty()) else {
            return Ok(());
        };
        let aborted = data.aborted_transactions.unwrap_or_default();
        let aborted = aborted
            .iter()
            .map(|one| (one.producer_id, one.first_offset));
        let begin = place.fetch;
        place.fetch = Fetched::end_of(&bytes, begin);
        let (isolation, check_crcs) = (self.config.isolation, self.config.check_crcs);
        let fetched = Fetched::new(bytes, begin, aborted, isolation, check_crcs);
        self.buffered += fetched.size();
        self.ready.push_back((at.clone(), fetched));
        Ok(())
    }

    /// Puts off all fetches for a while if the failure is one that time or fresh metadata cures.
    fn failed<'a>(
        &mut self,
        error: ClientError,
        about: impl IntoIterator<Item = &'a TopicPartition>,
    ) -> Result<()> {
        if !error.is_retriable() && !error.is_stale_metadata() {
            return Err(error);
        }
        if error.is_stale_metadata() {
            for at in about {
                self.cluster.forget_topic(&at.topic);
            }
        }
        self.failures = self.failures.saturating_add(1);
        let pause = self
            .cluster
            .backoff()
            .pause(self.failures, runtime::entropy());
        self.not_before = runtime::now() + pause;
        Ok(())
    }

    async fn reset(&mut self, at: &TopicPartition) -> Result<()> {
        let spec = match self.config.offset_reset {
            OffsetReset::Earliest => OffsetSpec::Earliest,
            _ => OffsetSpec::Latest,
        };
        let offsets = self.offsets(vec![(at.clone(), spec)]).await?;
        let generation = self.next_generation();
        for (at, offset) in offsets {
            self.partitions.insert(at, Place::at(offset, generation));
        }
        Ok(())
    }

    async fn offsets(
        &self,
        ask: Vec<(TopicPartition, OffsetSpec)>,
    ) -> Result<Vec<(TopicPartition, i64)>> {
        let admin = Admin::new(self.cluster.clone());
        let latest: Vec<_> = ask
            .iter()
            .map(|(at, _)| (at.clone(), OffsetSpec::Latest))
            .collect();
        let by_time = |spec: &OffsetSpec| matches!(spec, OffsetSpec::Timestamp(_));
        let with_ends = ask.iter().any(|(_, spec)| by_time(spec));
        let found = admin.list_offsets(&ask, self.config.isolation).await?;
        let ends = if with_ends {
            admin.list_offsets(&latest, self.config.isolation).await?
        } else {
            Vec::new()
        };
        let mut offsets = Vec::with_capacity(found.len());
        for (at, listed) in found {
            let listed = listed?;
            let offset = if listed.offset >= 0 {
                listed.offset
            } else {
                // No record is that young.
                match ends.iter().find(|(other, _)| *other == at) {
                    Some((_, Ok(end))) => end.offset,
                    Some((_, Err(error))) => return Err(error.clone()),
                    None => 0,
                }
            };
            offsets.push((at, offset));
        }
        Ok(offsets)
    }
}

impl Place {
    fn at(offset: i64, generation: u64) -> Self {
        Self {
            fetch: offset,
            position: offset,
            leader_epoch: None,
            end: None,
            generation,
            in_flight: false,
        }
    }
}

/// An offset, or what to ask a broker for.
fn offset_spec(start: Start) -> Result<i64, OffsetSpec> {
    match start {
        Start::Offset(offset) => Ok(offset),
        Start::Earliest => Err(OffsetSpec::Earliest),
        // What is committed was looked up before.
        Start::Latest | Start::Committed => Err(OffsetSpec::Latest),
        Start::Timestamp(at) => Err(OffsetSpec::Timestamp(at)),
    }
}

fn record(at: &TopicPartition, read: Read) -> ConsumerRecord {
    let Read {
        record,
        leader_epoch,
        timestamp_type,
    } = read;
    ConsumerRecord {
        at: at.clone(),
        offset: record.offset,
        timestamp: record.timestamp,
        timestamp_type,
        leader_epoch,
        key: record.key,
        value: record.value,
        headers: record.headers,
    }
}
