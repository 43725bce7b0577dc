//! The broker: what every handler can reach.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use arc_swap::{ArcSwap, Guard};
use ottla_config::BrokerConfig;
use ottla_metadata::Image;

use crate::{
    fetch_sessions::FetchSessions, log_dirs::LogDirs, partitions::Partitions, producer_ids::ProducerIds,
    quorum::Controller, settings::Settings,
};

/// A running broker.
pub struct Broker {
    /// Static settings.
    pub(crate) settings: Settings,
    /// The whole configuration, for those who describe it.
    pub(crate) config: BrokerConfig,
    image: ArcSwap<Image>,
    metadata_offset: AtomicI64,
    /// The partitions hosted here.
    pub(crate) partitions: Partitions,
    /// The log directories.
    pub(crate) log_dirs: LogDirs,
    /// The way to the active controller.
    pub(crate) controller: Controller,
    /// Incremental fetch sessions.
    pub(crate) fetch_sessions: FetchSessions,
    /// Producer ids to give away.
    pub(crate) producer_ids: ProducerIds,
}

impl Broker {
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
}
