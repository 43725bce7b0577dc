//! The broker: what every handler can reach.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use arc_swap::{ArcSwap, Guard};
use ottla_config::BrokerConfig;
use ottla_coordinator::{
    group::{self, GroupCoordinator},
    transaction::TransactionCoordinator,
};
use ottla_machine::Entropy;
use ottla_metadata::Image;
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::{
    api::{telemetry::Telemetry, topics::auto_create::UnderWay},
    assignments::Assignments,
    cleaner::LogCleaner,
    coordinators::{self, Coordinators},
    disk_turns::DiskTurns,
    fetch_sessions::FetchSessions,
    journal::Journal,
    log_dirs::LogDirs,
    maintenance::Removals,
    moves::Moves,
    net::Admission,
    node::ListenerKind,
    partitions::Partitions,
    producer_ids::ProducerIds,
    quorum::Controller,
    quotas::ClientQuotas,
    settings::Settings,
};

/// A running broker.
pub(crate) struct Broker {
    /// Static settings.
    pub(crate) settings: Settings,
    config: ArcSwap<BrokerConfig>,
    image: ArcSwap<Image>,
    metadata_offset: AtomicI64,
    /// The partitions hosted here.
    pub(crate) partitions: Partitions,
    /// Held while partitions come, go or move.
    pub(crate) hosting: Mutex<()>,
    /// What the controller is to know of where replicas are.
    pub(crate) assignments: Assignments,
    /// Rung when the controller should hear of this broker now.
    pub(crate) heartbeat_now: Notify,
    /// The log directories.
    pub(crate) log_dirs: LogDirs,
    /// Compaction.
    pub(crate) cleaner: LogCleaner,
    /// Replicas on their way to other log directories.
    pub(crate) moves: Moves,
    /// Files that are to be removed later.
    pub(crate) removals: Removals,
    /// The way to the active controller.
    pub(crate) controller: Controller,
    /// Turns to read what is not in memory.
    pub(crate) disk_reads: DiskTurns,
    /// Turns to write to a disk that is slow.
    pub(crate) disk_writes: DiskTurns,
    /// Incremental fetch sessions.
    pub(crate) fetch_sessions: FetchSessions,
    /// Producer ids to give away.
    pub(crate) producer_ids: ProducerIds,
    /// Topics that are being created because somebody asked about them.
    pub(crate) auto_created: UnderWay,
    /// The clients that send metrics, and what they sent last.
    pub(crate) telemetry: Telemetry,
    /// The coordinators of groups.
    pub(crate) groups: Coordinators<GroupCoordinator>,
    /// The coordinators of transactions.
    pub(crate) transactions: Coordinators<TransactionCoordinator>,
    /// What was refused, and how often.
    pub(crate) journal: Arc<Journal>,
    /// What clients may use in a time.
    pub(crate) quotas: ClientQuotas,
    /// Who may connect.
    pub(crate) admission: Arc<Admission>,
    /// Who may connect to a controller: the same limits, of its listeners alone.
    pub(crate) controller_admission: Arc<Admission>,
    entropy: Mutex<Entropy>,
}

impl Broker {
    /// A broker without partitions, at the beginning of the metadata.
    pub(crate) fn new(
        settings: Settings,
        config: BrokerConfig,
        log_dirs: LogDirs,
        controller: Controller,
        seed: u64,
    ) -> Self {
        let mut entropy = Entropy::new(seed);
        let sessions = FetchSessions::new(
            settings.fetch_session_slots,
            FETCH_SESSION_EVICTION_MS,
            entropy.draw(),
        );
        let telemetry = Telemetry::new(settings.telemetry_receiver);
        Self {
            groups: Coordinators::new(group::Settings::of(Arc::new(config.clone()))),
            transactions: Coordinators::new(coordinators::transactions::settings(
                &config,
                &Image::default(),
            )),
            quotas: ClientQuotas::new(&config),
            admission: Admission::new(settings.connection_limits(&config, ListenerKind::Broker)),
            controller_admission: Admission::new(
                settings.connection_limits(&config, ListenerKind::Controller),
            ),
            config: ArcSwap::from_pointee(config),
            image: ArcSwap::default(),
            metadata_offset: AtomicI64::new(-1),
            partitions: Partitions::default(),
            hosting: Mutex::default(),
            assignments: Assignments::default(),
            heartbeat_now: Notify::new(),
            cleaner: LogCleaner::new(&log_dirs),
            log_dirs,
            moves: Moves::new(),
            removals: Removals::default(),
            controller,
            disk_reads: DiskTurns::default(),
            disk_writes: DiskTurns::default(),
            fetch_sessions: sessions,
            producer_ids: ProducerIds::default(),
            auto_created: UnderWay::default(),
            telemetry,
            journal: Arc::default(),
            entropy: Mutex::new(entropy),
            settings,
        }
    }

    /// Who may connect to listeners of a kind.
    pub(crate) fn admission(&self, kind: ListenerKind) -> &Arc<Admission> {
        match kind {
            ListenerKind::Broker => &self.admission,
            ListenerKind::Controller => &self.controller_admission,
        }
    }

    /// Takes over the quotas of an image.
    pub(crate) fn set_quotas(&self, image: &Image) {
        self.quotas.set_limits(image);
        self.admission.set_quotas(image);
        self.controller_admission.set_quotas(image);
    }

    /// The cluster's metadata as of now. Hold it briefly, and never across an await: take [`Broker::image_arc`] there.
    pub(crate) fn image(&self) -> Guard<Arc<Image>> {
        self.image.load()
    }

    /// The cluster's metadata as of now, to keep.
    pub(crate) fn image_arc(&self) -> Arc<Image> {
        self.image.load_full()
    }

    /// The offset of the last metadata record that the image has: Kafka's epoch of finalized features.
    pub(crate) fn metadata_offset(&self) -> i64 {
        self.metadata_offset.load(Ordering::Acquire)
    }

    /// Takes over a newer image.
    pub(crate) fn publish(&self, image: Arc<Image>, offset: i64) {
        self.image.store(image);
        self.metadata_offset.store(offset, Ordering::Release);
    }

    /// The effective configuration, dynamic values included.
    pub(crate) fn config(&self) -> Arc<BrokerConfig> {
        self.config.load_full()
    }

    /// Takes over another configuration.
    pub(crate) fn set_config(&self, config: BrokerConfig) {
        self.config.store(Arc::new(config));
    }

    /// The epoch of this broker's registration; -1 before it is registered.
    pub(crate) fn epoch(&self) -> i64 {
        self.image()
            .broker(self.settings.node_id)
            .map_or(-1, |broker| broker.epoch)
    }

    /// A number that no other is like: for names of directories.
    pub(crate) fn unique(&self) -> u128 {
        u128::from_be_bytes(self.entropy.lock().bytes16())
    }
}

/// How long a fetch session is safe from being evicted (`min.incremental.fetch.session.eviction.ms`).
const FETCH_SESSION_EVICTION_MS: u64 = 120_000;
