//! The coordinators on this broker: one for each partition of the brokers' own topics that it leads.

pub(crate) mod groups;
pub(crate) mod transactions;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use ottla_config::BrokerConfig;
use ottla_coordinator::{group::GroupCoordinator, transaction::TransactionCoordinator};
use ottla_machine::Time;
use ottla_metadata::Image;
use ottla_wire::errors::{Code, Refusal};
use parking_lot::{Mutex, RwLock};
use tokio::{
    sync::{Notify, Semaphore, watch},
    time::sleep,
};

use crate::{
    api::groups::find_coordinator::partition_of,
    broker::Broker,
    clock,
    partition::Partition,
    shard::{Asked, Ledger, Shard},
    task,
};

/// Logs that are read at a time.
const LOADING_AT_A_TIME: usize = 2;

/// What is different from one kind of coordinator to another.
pub(crate) trait Coordinator: Ledger {
    /// The topic that its records are in.
    const TOPIC: &'static str;
    /// What it coordinates, by name.
    const OF: &'static str;
    /// What is answered while the topic does not exist.
    const WITHOUT_TOPIC: Code;
    /// The configuration key of the size of the buffer that its log is read with.
    const LOAD_BUFFER: &'static str;
    /// What the broker and its cluster set for it.
    type Settings: Send + Sync + 'static;

    /// This broker's, of this kind.
    fn all(broker: &Broker) -> &Coordinators<Self>;

    /// A machine to which nothing was replayed yet.
    fn new(broker: &Broker, settings: Arc<Self::Settings>) -> Self;

    /// The codec that its records are compressed with, by its number in Kafka's configuration.
    fn codec(config: &BrokerConfig) -> i32;

    /// Tells it of new settings.
    fn settings_changed(settings: Arc<Self::Settings>) -> Self::Input;

    /// Does what its decisions want done outside its own log. To be called after each question and wake, without locks.
    fn attend(_broker: &Arc<Broker>, _shard: &Arc<Shard<Self>>) {}
}

/// The coordinators of one kind.
pub(crate) struct Coordinators<M: Coordinator> {
    shards: RwLock<BTreeMap<i32, Arc<Shard<M>>>>,
    to_load: Mutex<VecDeque<Arc<Shard<M>>>>,
    settings: RwLock<Arc<M::Settings>>,
    /// Rung when something is due earlier than at `alarm_at`.
    alarm: Arc<Notify>,
    alarm_at: AtomicU64,
}

impl<M: Coordinator> Coordinators<M> {
    /// Without any.
    pub(crate) fn new(settings: M::Settings) -> Self {
        Self {
            shards: RwLock::default(),
            to_load: Mutex::default(),
            settings: RwLock::new(Arc::new(settings)),
            alarm: Arc::default(),
            alarm_at: AtomicU64::new(u64::MAX),
        }
    }

    /// This broker leads a partition: if it is one of the topic, what belongs to it is coordinated here.
    pub(crate) fn elect(&self, broker: &Broker, partition: &Arc<Partition>) {
        if &*partition.topic != M::TOPIC {
            return;
        }
        let mut shards = self.shards.write();
        if let Some(shard) = shards.get(&partition.index)
            && Arc::ptr_eq(shard.partition(), partition)
        {
            return;
        }
        let shard = Arc::new(Shard::new(
            partition.clone(),
            i16::try_from(M::codec(&broker.config())).unwrap_or(0),
            self.alarm.clone(),
            broker.unique() as u64,
        ));
        if let Some(old) = shards.insert(partition.index, shard.clone()) {
            old.close();
        }
        self.to_load.lock().push_back(shard);
        self.alarm.notify_one();
    }

    /// This broker does not lead a partition any more.
    pub(crate) fn resign(&self, partition: &Partition) {
        if &*partition.topic != M::TOPIC {
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

    /// Asks the coordinator of a key.
    pub(crate) fn ask(&self, broker: &Arc<Broker>, key: &str, input: M::Input) -> Asked<M::Reply> {
        match self.shard_of(&broker.image(), key) {
            Ok(shard) => self.ask_shard(broker, &shard, input),
            Err(refusal) => Asked::Now(Err(refusal)),
        }
    }

    /// Asks a shard, and sees to what follows from it.
    pub(crate) fn ask_shard(
        &self,
        broker: &Arc<Broker>,
        shard: &Arc<Shard<M>>,
        input: M::Input,
    ) -> Asked<M::Reply> {
        let asked = shard.ask(input);
        M::attend(broker, shard);
        self.mind(shard);
        asked
    }

    /// The shard of a key.
    ///
    /// # Errors
    /// [`Coordinator::WITHOUT_TOPIC`] without the topic, `NOT_COORDINATOR` if its partition is led elsewhere.
    pub(crate) fn shard_of(&self, image: &Image, key: &str) -> Result<Arc<Shard<M>>, Refusal> {
        let (name, of) = (M::TOPIC, M::OF);
        let Some(topic) = image.topic(name) else {
            return Err(M::WITHOUT_TOPIC.because(format!(
                "the topic {name} does not exist yet: ask for the {of}'s coordinator first"
            )));
        };
        let index = partition_of(key, topic.partitions.len());
        self.shard(index).ok_or_else(|| {
            Code::NOT_COORDINATOR.because(format!(
                "this broker does not lead {name}-{index}, which the {of} belongs to: ask for its coordinator"
            ))
        })
    }

    /// The shard of a partition.
    pub(crate) fn shard(&self, index: i32) -> Option<Arc<Shard<M>>> {
        self.shards.read().get(&index).cloned()
    }

    /// All shards, by partition.
    pub(crate) fn shards(&self) -> Vec<Arc<Shard<M>>> {
        self.shards.read().values().cloned().collect()
    }

    /// Sees to it that a shard is woken in time.
    pub(crate) fn mind(&self, shard: &Shard<M>) {
        if shard.wake_at() < self.alarm_at.load(Ordering::SeqCst) {
            self.alarm.notify_one();
        }
    }

    /// What is set for them now.
    pub(crate) fn settings(&self) -> Arc<M::Settings> {
        self.settings.read().clone()
    }

    /// What is set for them changed.
    pub(crate) fn reconfigure(&self, settings: M::Settings) {
        let settings = Arc::new(settings);
        *self.settings.write() = settings.clone();
        for shard in self.shards() {
            shard.tell(M::settings_changed(settings.clone()));
            self.mind(&shard);
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

/// Loads the coordinators and wakes them when something is due, until `stop` says so.
pub(crate) async fn run(broker: Arc<Broker>, stop: watch::Receiver<bool>) {
    tokio::join!(
        run_kind::<GroupCoordinator>(&broker, stop.clone()),
        run_kind::<TransactionCoordinator>(&broker, stop.clone()),
    );
}

async fn run_kind<M: Coordinator>(broker: &Arc<Broker>, mut stop: watch::Receiver<bool>) {
    let loading = Arc::new(Semaphore::new(LOADING_AT_A_TIME));
    let all = M::all(broker);
    loop {
        load_new::<M>(broker, &loading);
        let at = all.next_alarm();
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            () = all.alarm.notified() => {}
            () = until(at) => {}
        }
        let now = clock::now();
        for shard in all.shards() {
            shard.wake(now);
            M::attend(broker, &shard);
        }
    }
}

async fn until(at: Option<Time>) {
    match at {
        Some(at) => sleep(Duration::from_millis(at.0.saturating_sub(clock::now().0))).await,
        None => std::future::pending().await,
    }
}

fn load_new<M: Coordinator>(broker: &Arc<Broker>, loading: &Arc<Semaphore>) {
    loop {
        let Some(shard) = M::all(broker).to_load.lock().pop_front() else {
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

fn load<M: Coordinator>(broker: &Arc<Broker>, shard: &Arc<Shard<M>>) {
    let all = M::all(broker);
    let buffer = broker.config().int(M::LOAD_BUFFER);
    let machine = M::new(broker, all.settings());
    shard.load(machine, usize::try_from(buffer).unwrap_or(1));
    M::attend(broker, shard);
    all.alarm.notify_one();
}
