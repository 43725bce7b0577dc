//! `min.insync.replicas`: whether so many replicas are in sync as a write needs that all of them are to have.

use ottla_metadata::Image;
use ottla_wire::errors::{Code, Refusal};

use super::Partition;

impl Partition {
    /// Whether enough replicas are in sync; of a partition with fewer replicas than that, all of them.
    ///
    /// # Errors
    /// `NOT_ENOUGH_REPLICAS`.
    pub(crate) fn enough_in_sync(&self, image: &Image) -> Result<(), Refusal> {
        let wanted = self.settings().min_insync_replicas;
        if wanted <= 1 {
            return Ok(());
        }
        let found = image
            .topic_by_id(self.topic_id)
            .and_then(|topic| topic.partitions.get(&self.index));
        let (replicas, in_sync) = found.map_or((1, 1), |of| (of.replicas.len(), of.isr.len()));
        if in_sync >= wanted.min(replicas) {
            return Ok(());
        }
        Err(Code::NOT_ENOUGH_REPLICAS.because(format!(
            "{in_sync} of the {replicas} replicas of {}-{} are in sync, and min.insync.replicas is {wanted} for a write \
             with acks=all: start the brokers that are missing, or lower min.insync.replicas",
            self.topic, self.index
        )))
    }
}
