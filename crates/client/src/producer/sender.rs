//! What moves batches: one task that decides what goes where, and one per broker that sends in order.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use ottla_wire::{Uuid, messages::produce_request::ProduceRequest};
use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc},
    time::{self, Instant},
};

use super::{
    CLOSED,
    exchange::{self, Batches, Names},
    queue::{Appended, Batch, Outcome, Parts, Queue, Rules},
    transaction::{Coordinators, Identity, Transaction, Underway},
};
use crate::{
    Acks, ClientError, Cluster, Connection, ProducerConfig, Result, TopicPartition, cluster::Scope,
    connection::Pending, runtime, view::View,
};

/// The newest version of Produce that names topics instead of using their ids.
const LAST_BY_NAME: i16 = 12;
/// The last version of Produce that only verifies that a partition is in the transaction; later ones add it.
const LAST_VERIFYING: i16 = 11;
/// How long the deciding task sleeps when it knows of nothing to do.
const IDLE: Duration = Duration::from_secs(60);

/// What a producer's handle and its tasks share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) cluster: Cluster,
    pub(super) config: ProducerConfig,
    rules: Rules,
    /// Free bytes of the buffer.
    pub(super) room: Semaphore,
    state: Mutex<State>,
    /// Whoever holds it may ask them.
    pub(super) coordinators: Arc<tokio::sync::Mutex<Coordinators>>,
    /// Something may be sent.
    look: Notify,
    /// A batch was settled.
    settled: Notify,
}

#[derive(Debug, Default)]
pub(super) struct State {
    queues: HashMap<TopicPartition, Queue>,
    /// Ids of batches that are not settled.
    live: BTreeSet<u64>,
    next_id: u64,
    /// Batches below do not linger.
    flush_below: u64,
    /// Topics whose metadata proved wrong.
    stale: HashSet<Arc<str>>,
    refreshing: bool,
    pub(super) closed: bool,
    /// Producer id and first epoch, once known.
    pub(super) identity: Option<Identity>,
    /// Of a transactional producer.
    pub(super) transaction: Option<Transaction>,
    /// What changes the transaction now.
    pub(super) pending: Option<Underway>,
    /// Why the last request to a coordinator must be sent again.
    pub(super) trouble: Option<ClientError>,
}

impl State {
    /// Takes another producer id or epoch: sequences begin anew. Nothing is on its way then.
    pub(super) fn renew(&mut self, identity: Identity) {
        self.identity = Some(identity);
        self.queues.clear();
    }
}

/// Batches for one broker, with the right to one request.
struct Job {
    batches: Vec<(TopicPartition, Batch)>,
    _permit: OwnedSemaphorePermit,
}

/// The way to the task of one broker.
struct Lane {
    jobs: mpsc::UnboundedSender<Job>,
    permits: Arc<Semaphore>,
}

/// Starts the deciding task, which ends after [`Shared::close`].
pub(super) fn start(
    cluster: Cluster,
    config: ProducerConfig,
    rules: Rules,
    identity: Option<Identity>,
) -> Arc<Shared> {
    let id = config.transactional_id.as_deref();
    let state = State {
        identity,
        transaction: id.map(Transaction::new),
        ..State::default()
    };
    let shared = Arc::new(Shared {
        room: Semaphore::new(config.buffer_memory),
        cluster,
        config,
        rules,
        state: Mutex::new(state),
        coordinators: Arc::default(),
        look: Notify::new(),
        settled: Notify::new(),
    });
    runtime::spawn(decide(Arc::clone(&shared)));
    shared
}

impl Shared {
    /// Appends a record that holds `size` bytes of [`Shared::room`].
    pub(super) fn append(
        &self,
        at: &TopicPartition,
        record: Parts<'_>,
        size: usize,
    ) -> Result<Appended> {
        let now = runtime::now();
        let mut state = self.state();
        if state.closed {
            return Err(CLOSED);
        }
        if let Some(Err(error)) = state.transaction.as_ref().map(Transaction::may_send) {
            drop(state);
            self.room.add_permits(size);
            return Err(error);
        }
        let id = state.next_id;
        let queue = match state.queues.get_mut(at) {
            Some(queue) => queue,
            None => state.queues.entry(at.clone()).or_default(),
        };
        let appended = queue.append(record, size, id, now, &self.rules);
        match appended {
            Ok(appended) => {
                if appended.index == 0 {
                    state.live.insert(id);
                    state.next_id += 1;
                }
                let transaction = &mut state.transaction;
                let joins = transaction.as_mut().is_some_and(|one| one.accepted(at));
                drop(state);
                if appended.look || joins {
                    self.look.notify_one();
                }
                Ok(appended)
            }
            Err(error) => {
                drop(state);
                self.room.add_permits(size);
                Err(ClientError::Config(format!(
                    "a record for {at} cannot be sent: {error}"
                )))
            }
        }
    }

    pub(super) async fn flush(&self) {
        let below = {
            let mut state = self.state();
            state.flush_below = state.flush_below.max(state.next_id);
            state.next_id
        };
        self.look.notify_one();
        loop {
            let settled = self.settled.notified();
            {
                let state = self.state();
                if state.closed || state.live.first().is_none_or(|first| *first >= below) {
                    return;
                }
            }
            settled.await;
        }
    }

    pub(super) fn close(&self) {
        self.state().closed = true;
        self.room.close();
        self.look.notify_one();
        self.settled.notify_waiters();
    }

    /// Takes the fate of batches that were on their way.
    /// Those of partitions that were redirected have their new leader already.
    fn returned(
        &self,
        outcomes: impl IntoIterator<Item = (TopicPartition, Batch, Outcome)>,
        redirected: &HashSet<TopicPartition>,
    ) {
        let now = runtime::now();
        let mut state = self.state();
        for (at, batch, outcome) in outcomes {
            if let Err(error) = &outcome
                && error.is_stale_metadata()
                && !redirected.contains(&at)
            {
                state.stale.insert(Arc::clone(&at.topic));
            }
            let queue = state.queues.entry(at).or_default();
            let fate = queue.settle(batch, outcome, now, runtime::entropy(), &self.rules);
            if let Some((batch, outcome)) = fate {
                self.judge(&mut state, &batch, outcome);
            }
        }
        self.sweep(&mut state);
        drop(state);
        self.look.notify_one();
    }

    /// Settles a batch of which a broker, or its age, has decided; a failure is its transaction's too.
    fn judge(&self, state: &mut State, batch: &Batch, outcome: Outcome) {
        if let (Err(error), Some(transaction)) = (&outcome, &mut state.transaction) {
            transaction.batch_failed(error, batch.has_sequence());
        }
        self.settle(state, batch, outcome);
    }

    /// Drops what a transaction that failed has not sent.
    pub(super) fn sweep(&self, state: &mut State) {
        let Some(transaction) = &state.transaction else {
            return;
        };
        if let Err(error) = transaction.check() {
            let all = transaction.check_usable().is_err();
            self.drop_from(state, all, &error);
        }
    }

    /// Drops what an aborted transaction has not sent.
    pub(super) fn drop_unsent(&self) {
        self.drop_from(&mut self.state(), false, &ClientError::Aborted);
    }

    fn drop_from(&self, state: &mut State, all: bool, error: &ClientError) {
        let queues = state.queues.values_mut();
        let dropped: Vec<Batch> = queues.flat_map(|queue| queue.drop_unsent(all)).collect();
        for batch in dropped {
            self.settle(state, &batch, Err(error.clone()));
        }
    }

    /// Something may be sent.
    pub(super) fn look(&self) {
        self.look.notify_one();
    }

    fn settle(&self, state: &mut State, batch: &Batch, outcome: Outcome) {
        state.live.remove(&batch.id);
        self.room.add_permits(batch.held);
        batch.settle(outcome);
        self.settled.notify_waiters();
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held, and each change is whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Decides, again and again, what is sent to whom.
async fn decide(shared: Arc<Shared>) {
    let mut lanes: HashMap<i32, Lane> = HashMap::new();
    loop {
        let view = shared.cluster.view();
        let now = runtime::now();
        let (wake, unknown) = {
            let mut state = shared.state();
            if state.closed {
                // Unsettled batches are dropped with their queues: their deliveries see the producer closed.
                state.queues.clear();
                return;
            }
            expire(&shared, &mut state, now);
            if (state.transaction.as_mut()).is_some_and(Transaction::begin_adding) {
                runtime::spawn(Arc::clone(&shared).add_partitions());
            }
            dispatch(&shared, &mut state, &mut lanes, &view, now)
        };
        if !unknown.is_empty() {
            refresh(&shared, unknown);
        }
        tokio::select! {
            biased;
            () = shared.look.notified() => {}
            () = time::sleep_until(wake) => {}
        }
    }
}

fn expire(shared: &Shared, state: &mut State, now: Instant) {
    let mut late = Vec::new();
    for queue in state.queues.values_mut() {
        if queue.expires_at(&shared.rules).is_some_and(|at| at <= now) {
            late.extend(queue.expire(now, &shared.rules));
        }
    }
    for (batch, outcome) in late {
        shared.judge(state, &batch, outcome);
    }
    shared.sweep(state);
}

/// Gives each broker what may be sent to it now. Also when to look again, and topics whose leaders are not known.
fn dispatch(
    shared: &Arc<Shared>,
    state: &mut State,
    lanes: &mut HashMap<i32, Lane>,
    view: &View,
    now: Instant,
) -> (Instant, Vec<Arc<str>>) {
    let mut wake = now + IDLE;
    let mut unknown = HashSet::new();
    let mut by_leader: HashMap<i32, Vec<TopicPartition>> = HashMap::new();
    for (at, queue) in &state.queues {
        if let Some(expires) = queue.expires_at(&shared.rules) {
            wake = wake.min(expires);
        }
        let Some(next) = queue.next_at(state.flush_below, &shared.rules) else {
            continue;
        };
        if (state.transaction.as_ref()).is_some_and(|transaction| !transaction.is_in(at)) {
            continue;
        }
        let leader = view
            .topics
            .get(&at.topic)
            .filter(|_| !state.stale.contains(&at.topic))
            .and_then(|topic| topic.partition(at.partition))
            .and_then(|partition| partition.leader);
        match leader {
            None => {
                unknown.insert(Arc::clone(&at.topic));
            }
            Some(leader) if next <= now => by_leader.entry(leader).or_default().push(at.clone()),
            Some(_) => wake = wake.min(next),
        }
    }
    for (leader, ready) in by_leader {
        let lane = lanes
            .entry(leader)
            .or_insert_with(|| Lane::start(shared, leader));
        lane.fill(shared, state, ready, now);
    }
    (wake, unknown.into_iter().collect())
}

impl Lane {
    fn start(shared: &Arc<Shared>, node: i32) -> Self {
        let (jobs, mut inbox) = mpsc::unbounded_channel::<Job>();
        let shared = Arc::clone(shared);
        let permits = Arc::new(Semaphore::new(shared.config.max_in_flight));
        runtime::spawn(async move {
            while let Some(job) = inbox.recv().await {
                send(&shared, node, job).await;
            }
        });
        Self { jobs, permits }
    }

    /// Makes requests of what is ready while this broker may get more. What is left is looked at when an answer comes.
    fn fill(
        &self,
        shared: &Shared,
        state: &mut State,
        mut ready: Vec<TopicPartition>,
        now: Instant,
    ) {
        // Whoever was last in a full request is not always last.
        let first = runtime::entropy() as usize % ready.len().max(1);
        ready.rotate_left(first);
        while !ready.is_empty() {
            let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() else {
                return;
            };
            let mut batches = Vec::new();
            let mut size = 0;
            let (flush_below, identity) = (state.flush_below, state.identity);
            ready.retain(|at| {
                if size >= shared.config.max_request_size {
                    return true;
                }
                let queue = state.queues.get_mut(at);
                let Some(batch) =
                    queue.and_then(|queue| queue.take(now, flush_below, identity, &shared.rules))
                else {
                    return false;
                };
                size += batch.held;
                batches.push((at.clone(), batch));
                // One batch of a partition in a request, but perhaps more for the next.
                true
            });
            if batches.is_empty() {
                return;
            }
            // The task lives as long as this sender does.
            let _ = self.jobs.send(Job {
                batches,
                _permit: permit,
            });
        }
    }
}

/// Sends one request, in order after the one before, and lets a task of its own wait for the answer.
async fn send(shared: &Arc<Shared>, node: i32, job: Job) {
    let Job { batches, _permit } = job;
    match submit(shared, node, batches).await {
        Ok(Submitted {
            connection,
            pending,
            batches,
            names,
        }) => {
            let shared = Arc::clone(shared);
            let Some(pending) = pending else {
                // acks=0: once it is on its way, it is done.
                drop(_permit);
                let done = batches
                    .into_iter()
                    .map(|(at, batch)| (at, batch, Ok((-1, -1))));
                return shared.returned(done, &HashSet::new());
            };
            runtime::spawn(async move {
                let answer = pending.answer().await;
                drop(_permit);
                let broker = connection.broker();
                let redirected = exchange::redirected(&shared.cluster, &answer, &names);
                let outcomes = exchange::match_up(batches, &names, answer, broker);
                shared.returned(outcomes, &redirected);
            });
        }
        Err((error, batches)) => {
            drop(_permit);
            let failed = batches
                .into_iter()
                .map(|(at, batch)| (at, batch, Err(error.clone())));
            shared.returned(failed, &HashSet::new());
        }
    }
}

struct Submitted {
    connection: Arc<Connection>,
    /// None with acks=0.
    pending: Option<Pending<ProduceRequest>>,
    batches: Batches,
    names: Names,
}

async fn submit(
    shared: &Shared,
    node: i32,
    mut batches: Batches,
) -> Result<Submitted, (ClientError, Batches)> {
    let written = async {
        let connection = shared.cluster.connection(node).await?;
        let view = shared.cluster.view();
        let mut version = connection.version::<ProduceRequest>()?;
        let topic_id = |topic: &str| view.topics.get(topic).map_or(Uuid::ZERO, |topic| topic.id);
        if batches.iter().any(|(at, _)| topic_id(&at.topic).is_zero()) {
            version = version.min(LAST_BY_NAME);
        }
        if (shared.state().transaction.as_ref()).is_some_and(|one| !one.is_version2()) {
            version = version.min(LAST_VERIFYING);
        }
        let request = exchange::request(&shared.config, &mut batches, topic_id)?;
        let pending = if shared.config.acks == Acks::None {
            connection.submit_unanswered(&request, version).await?;
            None
        } else {
            Some(connection.submit(&request, version).await?)
        };
        let topics = request.topic_data.into_iter();
        let names = topics
            .map(|topic| (topic.topic_id, topic.name.as_str().into()))
            .collect();
        Ok((connection, pending, names))
    };
    match written.await {
        Ok((connection, pending, names)) => Ok(Submitted {
            connection,
            pending,
            batches,
            names,
        }),
        Err(error) => Err((error, batches)),
    }
}

/// Asks for the metadata of topics whose leaders are not known, once at a time, with a pause after a failure.
fn refresh(shared: &Arc<Shared>, topics: Vec<Arc<str>>) {
    {
        let mut state = shared.state();
        if state.refreshing {
            return;
        }
        state.refreshing = true;
    }
    let shared = Arc::clone(shared);
    runtime::spawn(async move {
        let scope = Scope::Topics {
            names: topics.clone(),
            create: false,
        };
        let answer = shared.cluster.refresh(&scope).await;
        let led = answer.is_ok_and(|(view, _)| {
            topics.iter().all(|name| {
                let topic = view.topics.get(name);
                topic.is_some_and(|topic| topic.partitions.iter().all(|p| p.leader.is_some()))
            })
        });
        if !led {
            time::sleep(shared.rules.backoff.pause(1, runtime::entropy())).await;
        }
        let mut state = shared.state();
        state.refreshing = false;
        for topic in &topics {
            state.stale.remove(topic);
        }
        drop(state);
        shared.look.notify_one();
    });
}
