//! The group coordinators on this broker: one for each partition of `__consumer_offsets` that it leads.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use ottla_config::BrokerConfig;
use ottla_coordinator::group::{
    DeletedTopic, Entry, GroupCoordinator, Input, MetadataChange, Producer, Record, RecordError,
    Reply, Settings,
};
use ottla_machine::{Moment, Out, Ticket, Time};
use ottla_metadata::{
    Image,
    image::{ResourceType, Topic},
    loader::Change,
};
use ottla_wire::{
    errors::{Code, Refusal},
    records::{Batch, BatchBuilder, Codec, ControlType},
};
use parking_lot::{Mutex, RwLock};
use tokio::{
    sync::{Notify, Semaphore, watch},
    time::sleep,
};
use tracing::warn;

use crate::{
    api::{groups::find_coordinator::partition_of, topics::name::CONSUMER_OFFSETS},
    broker::Broker,
    clock,
    partition::Partition,
    shard::{Asked, Ledger, Limits, Shard, Written},
    task,
};

/// Logs that are read at a time.
const LOADING_AT_A_TIME: usize = 2;

type GroupShard = Shard<GroupCoordinator>;

/// The group coordinators of this broker.
pub(crate) struct Coordinators {
    shards: RwLock<BTreeMap<i32, Arc<GroupShard>>>,
    to_load: Mutex<VecDeque<Arc<GroupShard>>>,
    settings: RwLock<Arc<Settings>>,
    /// Rung when something is due earlier than at `alarm_at`.
    alarm: Arc<Notify>,
    alarm_at: AtomicU64,
}

impl Coordinators {
    /// Without any.
    pub(crate) fn new(config: &BrokerConfig) -> Self {
        Self {
            shards: RwLock::default(),
            to_load: Mutex::default(),
            settings: RwLock::new(Arc::new(Settings::of(Arc::new(config.clone())))),
            alarm: Arc::default(),
            alarm_at: AtomicU64::new(u64::MAX),
        }
    }

    /// This broker leads a partition: if it is one of `__consumer_offsets`, its groups are coordinated here.
    pub(crate) fn elect(&self, broker: &Broker, partition: &Arc<Partition>) {
        if &*partition.topic != CONSUMER_OFFSETS {
            return;
        }
        let mut shards = self.shards.write();
        if let Some(shard) = shards.get(&partition.index)
            && Arc::ptr_eq(shard.partition(), partition)
        {
            return;
        }
        let codec = broker.config().int("offsets.topic.compression.codec");
        let seed = broker.unique() as u64;
        let shard = Arc::new(Shard::new(
            partition.clone(),
            i16::try_from(codec).unwrap_or(0),
            self.alarm.clone(),
            seed,
        ));
        if let Some(old) = shards.insert(partition.index, shard.clone()) {
            old.close();
        }
        self.to_load.lock().push_back(shard);
        self.alarm.notify_one();
    }

    /// This broker does not lead a partition any more.
    pub(crate) fn resign(&self, partition: &Partition) {
        if &*partition.topic != CONSUMER_OFFSETS {
            return;
        }
        let mut shards = self.shards.write();
        let same = shards
            .get(&partition.index)
            .is_some_and(|shard| shard.partition().topic_id == partition.topic_id);
        if same && let Some(shard) = shards.remove(&partition.index) {
            shard.close();
        }
    }

    /// Asks the coordinator of a group.
    pub(crate) fn ask(&self, image: &Image, group: &str, input: Input) -> Asked<Reply> {
        match self.shard_of(image, group) {
            Ok(shard) => self.ask_shard(&shard, input),
            Err(refusal) => Asked::Now(Err(refusal)),
        }
    }

    /// Asks a shard, and sees to it that it is woken in time.
    pub(crate) fn ask_shard(&self, shard: &GroupShard, input: Input) -> Asked<Reply> {
        let asked = shard.ask(input);
        self.mind(shard);
        asked
    }

    /// The shard of a group.
    ///
    /// # Errors
    /// `COORDINATOR_NOT_AVAILABLE` without the topic, `NOT_COORDINATOR` if its partition is led elsewhere.
    pub(crate) fn shard_of(&self, image: &Image, group: &str) -> Result<Arc<GroupShard>, Refusal> {
        let Some(topic) = image.topic(CONSUMER_OFFSETS) else {
            return Err(Code::COORDINATOR_NOT_AVAILABLE
                .because(format!("the topic {CONSUMER_OFFSETS} does not exist yet: ask for the group's coordinator first")));
        };
        let index = partition_of(group, topic.partitions.len());
        self.shards.read().get(&index).cloned().ok_or_else(|| {
            Code::NOT_COORDINATOR.because(format!(
                "this broker does not lead {CONSUMER_OFFSETS}-{index}, which the group belongs to: ask for its coordinator"
            ))
        })
    }

    /// All shards, by partition.
    pub(crate) fn shards(&self) -> Vec<Arc<GroupShard>> {
        self.shards.read().values().cloned().collect()
    }

    fn mind(&self, shard: &GroupShard) {
        if shard.wake_at() < self.alarm_at.load(Ordering::SeqCst) {
            self.alarm.notify_one();
        }
    }

    /// The metadata changed.
    pub(crate) fn metadata_changed(&self, change: &Change) {
        let shards = self.shards();
        if shards.is_empty() {
            return;
        }
        let mut changed_topics: Vec<Arc<str>> = Vec::new();
        for id in change.delta.topics.keys() {
            let (was, is) = (
                change.previous.topic_by_id(*id),
                change.image.topic_by_id(*id),
            );
            if !has_same_replicas(was, is)
                && let Some(topic) = is.or(was)
            {
                changed_topics.push(topic.name.clone());
            }
        }
        let configs = change.delta.configs.iter();
        let groups_changed = configs.clone().any(|of| of.kind == ResourceType::GROUP);
        let racks_changed = !change.delta.brokers.is_empty();
        if changed_topics.is_empty() && !groups_changed && !racks_changed {
            return;
        }
        let deleted_topics: Vec<_> = change
            .deleted_topics()
            .map(|topic| DeletedTopic {
                name: topic.name.clone(),
                id: topic.id,
            })
            .collect();
        let image = Arc::new(change.image.clone());
        for shard in shards {
            shard.tell(Input::Metadata(MetadataChange {
                image: image.clone(),
                version: change.provenance.offset,
                changed_topics: changed_topics.clone(),
                deleted_topics: deleted_topics.clone(),
            }));
            self.mind(&shard);
        }
    }

    /// The broker's configuration changed.
    pub(crate) fn reconfigure(&self, config: &BrokerConfig) {
        let settings = Arc::new(Settings::of(Arc::new(config.clone())));
        *self.settings.write() = settings.clone();
        for shard in self.shards() {
            shard.tell(Input::Settings(settings.clone()));
        }
    }

    /// Closes all: everybody who waits is told that the coordinator moved.
    pub(crate) fn close(&self) {
        for shard in std::mem::take(&mut *self.shards.write()).into_values() {
            shard.close();
        }
    }

    fn next_alarm(&self) -> Option<Time> {
        // Until the alarm is set, whoever has something due rings.
        self.alarm_at.store(u64::MAX, Ordering::SeqCst);
        let shards = self.shards.read();
        let next = shards.values().map(|shard| shard.wake_at()).min();
        let next = next.filter(|at| *at != u64::MAX)?;
        self.alarm_at.store(next, Ordering::SeqCst);
        Some(Time(next))
    }
}

/// Loads coordinators and wakes them when something is due, until `stop` says so.
pub(crate) async fn run(broker: Arc<Broker>, mut stop: watch::Receiver<bool>) {
    let loading = Arc::new(Semaphore::new(LOADING_AT_A_TIME));
    loop {
        load_new(&broker, &loading);
        let groups = &broker.groups;
        let at = groups.next_alarm();
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            () = groups.alarm.notified() => {}
            () = until(at) => {}
        }
        let now = clock::now();
        for shard in groups.shards() {
            shard.wake(now);
        }
    }
}

/// Groups look at the number of a topic's partitions and at the racks that these are in.
fn has_same_replicas(was: Option<&Arc<Topic>>, is: Option<&Arc<Topic>>) -> bool {
    match (was, is) {
        (Some(was), Some(is)) => {
            was.partitions.len() == is.partitions.len()
                && was
                    .partitions
                    .values()
                    .zip(is.partitions.values())
                    .all(|(was, is)| was.replicas == is.replicas)
        }
        (was, is) => was.is_none() && is.is_none(),
    }
}

async fn until(at: Option<Time>) {
    match at {
        Some(at) => sleep(Duration::from_millis(at.0.saturating_sub(clock::now().0))).await,
        None => std::future::pending().await,
    }
}

fn load_new(broker: &Arc<Broker>, loading: &Arc<Semaphore>) {
    loop {
        let Some(shard) = broker.groups.to_load.lock().pop_front() else {
            return;
        };
        let offsets = shard.partition().reader().offsets();
        if offsets.log_start == offsets.log_end {
            load(broker, &shard);
            continue;
        }
        let (broker, loading) = (broker.clone(), loading.clone());
        task::spawn("load coordinator", async move {
            let Ok(_permit) = loading.acquire().await else {
                return;
            };
            // A panic in there was reported there.
            let _ = task::blocking(move || load(&broker, &shard)).await;
        });
    }
}

fn load(broker: &Broker, shard: &GroupShard) {
    let settings = broker.groups.settings.read().clone();
    let buffer = broker.config().int("offsets.load.buffer.size");
    let machine = GroupCoordinator::new(settings, broker.image_arc(), broker.metadata_offset());
    shard.load(machine, usize::try_from(buffer).unwrap_or(1));
    broker.groups.alarm.notify_one();
}

impl Ledger for GroupCoordinator {
    fn write(records: &[Record], limits: &Limits) -> Result<Vec<Written>, Refusal> {
        let producer = records.first().and_then(|record| record.producer);
        // What only forgets may be forgotten in several steps.
        let may_split = records.iter().all(|record| record.entry.is_tombstone());
        let defect = |why: &dyn std::fmt::Display| {
            Code::UNKNOWN_SERVER_ERROR.because(format!("a record cannot be written: {why}"))
        };
        let begin = || {
            let batch = BatchBuilder::new(Codec::from_id(limits.codec).unwrap_or_default());
            match producer {
                Some(of) => batch.producer(of.id, of.epoch, -1).transactional(true),
                None => batch,
            }
        };
        let (mut batches, mut batch) = (Vec::new(), begin());
        for record in records {
            let (key, value) = record
                .entry
                .encode()
                .map_err(|why| defect(&why))?
                .ok_or_else(|| defect(&"a transaction marker stands alone"))?;
            let size = batch.record_size(limits.now_ms, Some(&key), value.as_deref(), &[]);
            if may_split && !batch.is_empty() && batch.uncompressed_size() + size > limits.max_batch
            {
                let full = std::mem::replace(&mut batch, begin());
                batches.push(written(full).map_err(|why| defect(&why))?);
            }
            batch
                .append(limits.now_ms, Some(&key), value.as_deref(), &[])
                .map_err(|why| defect(&why))?;
        }
        batches.push(written(batch).map_err(|why| defect(&why))?);
        Ok(batches)
    }

    fn read(batch: &Batch, each: &mut dyn FnMut(i64, Record)) -> Result<(), String> {
        let at = |offset: i64, what: &dyn std::fmt::Display| {
            format!("the record at offset {offset}: {what}")
        };
        let attributes = batch.attributes();
        let producer =
            (attributes.is_transactional() || attributes.is_control()).then(|| Producer {
                id: batch.producer_id(),
                epoch: batch.producer_epoch(),
            });
        let records = batch
            .records()
            .map_err(|error| at(batch.base_offset(), &error))?;
        for record in records {
            let record = record.map_err(|error| at(batch.base_offset(), &error))?;
            let entry = if attributes.is_control() {
                match ControlType::of_key(record.key.as_deref()) {
                    Ok(ControlType::Commit) => Entry::EndTransaction { committed: true },
                    Ok(ControlType::Abort) => Entry::EndTransaction { committed: false },
                    _ => continue,
                }
            } else {
                let key = record.key.unwrap_or_else(Bytes::new);
                match Entry::decode(&key, record.value.as_ref()) {
                    Ok(entry) => entry,
                    Err(why @ RecordError::UnknownType(_)) => {
                        warn!(target: "kafka.coordinator", "{}; it is left as it is", at(record.offset, &why));
                        continue;
                    }
                    Err(why) => return Err(at(record.offset, &why)),
                }
            };
            each(record.offset, Record { producer, entry });
        }
        Ok(())
    }

    fn loaded(&mut self, moment: &mut Moment<'_>, out: &mut Out<Record, Reply>) {
        Self::loaded(self, moment, out);
    }

    fn unload(&mut self) -> Vec<(Ticket, Reply)> {
        Self::unload(self)
    }
}

fn written(batch: BatchBuilder) -> Result<Written, ottla_wire::records::BuildError> {
    let records = batch.len();
    Ok(Written {
        batch: batch.build()?,
        records,
    })
}
