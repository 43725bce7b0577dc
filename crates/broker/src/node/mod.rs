//! A node from start to stop: directories, quorum, broker, listeners, in this order; and back.

mod endpoint;
mod registration;
mod settings;
#[cfg(test)]
mod tests;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

pub use endpoint::{Endpoint, ListenerKind};
use ottla_config::BrokerConfig;
use ottla_log::file;
use ottla_metadata::controller as machine;
use settings::data_directories;
pub(crate) use settings::{log_directories, metadata_directory};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};
use tracing::{error, info, warn};

use crate::{
    assignments,
    broker::Broker,
    cleaner, clock, coordinators,
    journal::{Journal, advertised},
    loading,
    log_dirs::{Checkpoints, LogDir, LogDirs},
    maintenance, moves,
    net::{Listener, Workers},
    offline,
    partition::Partition,
    quorum::{Controller, ControllerLoop, MetadataLog},
    task,
};

/// So many threads close the logs of a directory, or more.
const CLOSING_THREADS: usize = 16;
/// How long a stop waits for the controller to take leave.
const FAREWELL: Duration = Duration::from_secs(3);

/// A running node: broker, controller, and the only voter of its quorum.
pub struct Node {
    broker: Arc<Broker>,
    listening: Vec<Arc<Endpoint>>,
    stop_heartbeats: watch::Sender<bool>,
    stop_serving: watch::Sender<bool>,
    stop_controller: watch::Sender<bool>,
    workers: Arc<Workers>,
    accepting: Vec<JoinHandle<()>>,
    cleaner: JoinHandle<()>,
    mover: JoinHandle<()>,
    coordinators: std::thread::JoinHandle<()>,
    controller: std::thread::JoinHandle<()>,
    failed: mpsc::Receiver<String>,
}

impl Node {
    /// Starts a node. It serves when this returns.
    ///
    /// Must run on a tokio runtime, which goes on to accept connections and to do what is due from time to time.
    ///
    /// # Errors
    /// One sentence that says what is wrong and what to do.
    pub async fn start(config: BrokerConfig) -> Result<Self, String> {
        let now_ms = clock::wall_ms();
        // The other half is for connections.
        file::keep_open_at_most(file::raise_open_files() / 2);
        let seed = clock::seed().map_err(|error| format!("/dev/urandom: {error}"))?;
        let paths = log_directories(&config)?;
        let (log_dirs, identity) = LogDirs::open(
            &paths,
            &data_directories(&config)?,
            &metadata_directory(&config)?,
            config.node_id(),
        )?;
        let settings = settings::of(&config, &identity, seed)?;
        let listeners = settings
            .listeners
            .iter()
            .map(|endpoint| Listener::bind(endpoint.clone(), settings.sockets))
            .collect::<Result<Vec<_>, _>>()?;
        let listening: Vec<_> = listeners
            .iter()
            .map(|listener| listener.endpoint().clone())
            .collect();

        let (controller, mailbox) = Controller::new();
        let me = registration::voter(&settings, &log_dirs, &listening)?;
        let static_voters = registration::static_voters(&config);
        let clean = log_dirs
            .at(&settings.metadata_log_dir)
            .is_some_and(|dir| dir.clean);
        let bootstrap = settings::bootstrap_records(&settings.metadata_log_dir)?;
        let (log, loaded) = MetadataLog::open(&settings, me, static_voters, clean, now_ms)?;
        // Formatted, and never started.
        let is_new = loaded.snapshot.is_none() && loaded.batches.is_empty();
        let machine =
            machine::Controller::new(settings::of_controller(&config, &settings, &log, bootstrap));
        let mut quorum = ControllerLoop::start(machine, log, loaded, &controller, seed ^ 1)?;
        let clean_stop = log_dirs.all_clean();
        registration::register(&mut quorum, &settings, &log_dirs, &listening)?;

        let broker = Arc::new(Broker::new(
            settings,
            config,
            log_dirs,
            controller,
            seed ^ 2,
        ));
        broker.reconfigure(quorum.image());
        broker.set_quotas(quorum.image());
        loading::load(&broker, quorum.image())?;
        for dir in broker.log_dirs.iter().filter(|dir| !dir.has_failed()) {
            if let Err(fault) = dir.directory().clear_clean_shutdown() {
                // As long as it says so, the next start would believe what is half written now.
                dir.noticed(&fault);
                if !dir.has_failed() {
                    return Err(fault.to_string());
                }
            }
        }
        if let Some(why) = broker.cannot_go_on() {
            return Err(why);
        }
        if !clean_stop && !is_new {
            info!(target: "kafka.log.LogManager", "the last stop was not a clean one: logs were recovered");
        }
        registration::unfence(&mut quorum, &broker)?;
        broker.publish(Arc::new(quorum.image().clone()), quorum.offset());
        Self::serve(broker, quorum, mailbox, listeners, listening)
    }

    fn serve(
        broker: Arc<Broker>,
        quorum: ControllerLoop,
        mailbox: mpsc::Receiver<crate::quorum::Question>,
        listeners: Vec<Listener>,
        listening: Vec<Arc<Endpoint>>,
    ) -> Result<Self, String> {
        let (stop_heartbeats, living) = watch::channel(false);
        let (stop_serving, serving) = watch::channel(false);
        let (stop_controller, controlling) = watch::channel(false);
        let (fail, failed) = mpsc::channel(1);
        // Weak, so that the end of the controller is noticed.
        let may_fail = fail.downgrade();
        let text = |error: std::io::Error| format!("a thread could not be started: {error}");
        let controller = {
            let broker = broker.clone();
            task::thread("controller", move || {
                quorum.run(broker, mailbox, controlling, fail)
            })
            .map_err(text)?
        };
        let workers = Arc::new(
            Workers::start(broker.settings.network_threads, &broker, &serving).map_err(text)?,
        );
        let accepting = listeners
            .into_iter()
            .map(|listener| {
                let running = listener.run(workers.clone(), broker.clone(), serving.clone());
                task::spawn("listener", running)
            })
            .collect();
        let brokers = listening.iter();
        for endpoint in brokers.filter(|endpoint| endpoint.kind == ListenerKind::Broker) {
            let checking = advertised::check(broker.clone(), endpoint.clone());
            task::spawn("advertised listener", checking);
        }
        task::spawn(
            "heartbeats",
            registration::heartbeats(broker.clone(), living, may_fail.clone()),
        );
        task::spawn(
            "failed log directories",
            offline::run(broker.clone(), serving.clone(), may_fail),
        );
        task::spawn(
            "assignments",
            assignments::run(broker.clone(), serving.clone()),
        );
        task::spawn(
            "maintenance",
            maintenance::run(broker.clone(), serving.clone()),
        );
        let cleaner = task::spawn("cleaner", cleaner::run(broker.clone(), serving.clone()));
        let mover = task::spawn("mover", moves::run(broker.clone(), serving.clone()));
        let coordinators = {
            let broker = broker.clone();
            task::thread("coordinators", move || coordinators::run(broker, serving))
                .map_err(text)?
        };
        info!(target: "kafka.server.BrokerServer", "Transitioning from RECOVERY to RUNNING");
        info!(target: "kafka.server.KafkaRaftServer", "Kafka Server started");
        Ok(Self {
            broker,
            listening,
            stop_heartbeats,
            stop_serving,
            stop_controller,
            workers,
            accepting,
            cleaner,
            mover,
            coordinators,
            controller,
            failed,
        })
    }

    /// What it listens on.
    pub fn listening(&self) -> &[Arc<Endpoint>] {
        &self.listening
    }

    /// Its node id.
    pub fn id(&self) -> i32 {
        self.broker.settings.node_id
    }

    /// The cluster's id.
    pub fn cluster_id(&self) -> &str {
        &self.broker.settings.cluster_id
    }

    /// What it refused, and how often it gave which answer.
    pub fn journal(&self) -> &Arc<Journal> {
        &self.broker.journal
    }

    /// The directories that its data is in.
    pub fn data_directories(&self) -> Vec<String> {
        self.broker
            .settings
            .log_dirs
            .iter()
            .map(|path| path.display().to_string())
            .collect()
    }

    /// Waits until the node cannot go on, and says why.
    pub async fn failed(&mut self) -> String {
        match self.failed.recv().await {
            Some(why) => why,
            // The controller ended without a reason: it panicked, and that was reported.
            None => "the controller has ended".to_owned(),
        }
    }

    /// Stops cleanly: takes leave of the controller, closes every log, writes the checkpoints and the marker that says so.
    pub async fn stop(self) {
        info!(target: "kafka.server.KafkaRaftServer", "shutting down");
        // A heartbeat after the leave would admit the broker again.
        let _ = self.stop_heartbeats.send(true);
        let left = tokio::time::timeout(FAREWELL, registration::leave(&self.broker)).await;
        if !matches!(left, Ok(Ok(()))) {
            warn!(target: "kafka.server.BrokerServer", "the controller did not take the node's leave");
        }
        let broker_epoch = self.broker.epoch();
        let _ = self.stop_serving.send(true);
        let Self {
            broker,
            workers,
            accepting,
            cleaner,
            mover,
            stop_controller,
            coordinators,
            controller,
            ..
        } = self;
        for listener in accepting {
            // A panic there was reported there.
            let _ = listener.await;
        }
        let _ = cleaner.await;
        let _ = mover.await;
        let closed = task::blocking(move || {
            // Those who wait for a rebalance are told, so that their connections can end.
            broker.groups.close();
            broker.transactions.close();
            // A panic there was reported there.
            let _ = coordinators.join();
            // The listeners have ended, and nobody else holds them.
            if let Ok(workers) = Arc::try_unwrap(workers) {
                workers.join();
            }
            let _ = stop_controller.send(true);
            // A panic there was reported there.
            let _ = controller.join();
            close(&broker, broker_epoch)
        })
        .await;
        match closed {
            Ok(true) => info!(target: "kafka.server.KafkaRaftServer", "shut down cleanly"),
            _ => {
                error!(target: "kafka.server.KafkaRaftServer", "shut down, but not every log was closed: the next start recovers")
            }
        }
    }
}

/// Closes every log; whether all were.
fn close(broker: &Broker, broker_epoch: i64) -> bool {
    let hosted = broker.partitions.all();
    let dirs: Vec<_> = broker.log_dirs.iter().collect();
    let all = AtomicBool::new(true);
    task::in_parallel(dirs.len(), &dirs, |dir| {
        // What is in a failed directory is left as it is, for the next start to recover.
        if dir.has_failed() || !close_directory(broker, dir, &hosted, broker_epoch) {
            all.store(false, Ordering::Relaxed);
        }
    });
    all.into_inner()
}

fn close_directory(
    broker: &Broker,
    dir: &LogDir,
    hosted: &[Arc<Partition>],
    broker_epoch: i64,
) -> bool {
    let now_ms = clock::wall_ms();
    let mine: Vec<_> = hosted
        .iter()
        .filter(|partition| partition.is_in(dir))
        .cloned()
        .collect();
    let sound = AtomicBool::new(true);
    // They wait for the disk, which makes many syncs durable at once.
    let threads = broker.settings.recovery_threads.max(CLOSING_THREADS);
    task::in_parallel(threads, &mine, |partition| {
        if partition.flush().is_err() {
            sound.store(false, Ordering::Relaxed);
        }
    });
    let mut coming = broker.moves.all();
    coming.retain(|of| std::ptr::eq(Arc::as_ptr(&of.dir), dir));
    task::in_parallel(threads, &coming, |of| {
        if of.flush().is_err() {
            sound.store(false, Ordering::Relaxed);
        }
    });
    // Written with the logs open, and with what closing will have flushed.
    let written = dir.write_checkpoints(&mine, &coming, Checkpoints::ALL);
    if written.is_err() {
        sound.store(false, Ordering::Relaxed);
    }
    task::in_parallel(threads, &coming, |of| {
        // The next start goes on with it.
        if let Some(log) = of.take_log()
            && let Err(fault) = log.close(now_ms)
        {
            error!(%fault, "could not close the copy of a log");
            sound.store(false, Ordering::Relaxed);
        }
    });
    task::in_parallel(threads, &mine, |partition| {
        if let Some(log) = partition.take_log()
            && let Err(fault) = log.close(now_ms)
        {
            error!(topic = %partition.topic, partition = partition.index, %fault, "could not close the log");
            sound.store(false, Ordering::Relaxed);
        }
    });
    let mut sound = sound.into_inner();
    if sound && let Err(fault) = dir.directory().mark_clean_shutdown(broker_epoch) {
        error!(%fault, "could not mark the clean stop");
        sound = false;
    }
    if let Err(fault) = dir.directory().remove_lock() {
        warn!(%fault, "could not remove the lock file");
    }
    sound
}
