//! The markers that end transactions: written to every partition of a transaction once its end is decided.

use std::sync::Arc;

use ottla_log::Appended;
use ottla_metadata::Image;
use ottla_wire::{
    Message,
    errors::{Code, Refusal},
    messages::EndTxnMarker,
    records::{Batch, BatchBuilder, BuildError, Codec, ControlType},
};

use crate::{
    api::topics::name::CONSUMER_OFFSETS,
    broker::Broker,
    clock,
    partition::{Appender, NotAppended, Partition},
};

/// The end of a transaction, as it stands in a partition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Marker {
    /// The producer.
    pub(crate) producer_id: i64,
    /// The epoch that the marker carries: from transaction version 2 on, a raised one.
    pub(crate) producer_epoch: i16,
    /// Commit or abort.
    pub(crate) committed: bool,
    /// The epoch of the coordinator that decided.
    pub(crate) coordinator_epoch: i32,
    /// The transaction version of the producer.
    pub(crate) transaction_version: i16,
}

impl Marker {
    /// Appends it, as a control batch of its own.
    ///
    /// # Errors
    /// As the partition refuses it: `INVALID_PRODUCER_EPOCH`, `TRANSACTION_COORDINATOR_FENCED`,
    /// `NOT_LEADER_OR_FOLLOWER`, `KAFKA_STORAGE_ERROR`.
    pub(crate) fn append_to(&self, partition: &Arc<Partition>) -> Result<Appended, Refusal> {
        let defect = |why: &dyn std::fmt::Display| {
            Code::UNKNOWN_SERVER_ERROR
                .because(format!("a transaction marker cannot be written: {why}"))
        };
        let value = EndTxnMarker {
            coordinator_epoch: self.coordinator_epoch,
        };
        let value = value.encode(0).map_err(|why| defect(&why))?;
        let batch = self
            .batch(clock::wall_ms(), &value)
            .map_err(|why| defect(&why))?;
        let by = Appender::of_marker(self.transaction_version);
        partition.append(batch, by).map_err(|why| match why {
            NotAppended::Refused(code) => code.because(format!(
                "this broker does not lead {}-{}",
                partition.topic, partition.index
            )),
            NotAppended::Log(error) => error.code().because(error.to_string()),
        })
    }

    fn batch(&self, now_ms: i64, value: &[u8]) -> Result<Batch, BuildError> {
        let kind = match self.committed {
            true => ControlType::Commit,
            false => ControlType::Abort,
        };
        let mut versioned = vec![0; 2];
        versioned.extend_from_slice(value);
        let mut batch = BatchBuilder::new(Codec::None)
            .producer(self.producer_id, self.producer_epoch, -1)
            .transactional(true)
            .control(true);
        batch.append_control(now_ms, kind, &versioned)?;
        batch.build()
    }
}

/// Ends a transaction in one partition that this broker leads. With one replica it is committed when this returns.
///
/// # Errors
/// `UNKNOWN_TOPIC_OR_PARTITION` if the cluster has none, `NOT_LEADER_OR_FOLLOWER` if this broker does not lead it (or
/// does not coordinate its groups yet), `NOT_ENOUGH_REPLICAS`, and those of [`Marker::append_to`].
pub(crate) fn write(
    broker: &Broker,
    image: &Image,
    topic: &str,
    index: i32,
    marker: &Marker,
) -> Result<(), Refusal> {
    let unknown = || {
        Code::UNKNOWN_TOPIC_OR_PARTITION.because(format!(
            "there is no partition {index} of a topic {topic:?}"
        ))
    };
    let described = image.topic(topic).ok_or_else(unknown)?;
    if !described.partitions.contains_key(&index) {
        return Err(unknown());
    }
    if topic == CONSUMER_OFFSETS {
        let not_led = || {
            Code::NOT_LEADER_OR_FOLLOWER
                .because(format!("this broker does not lead {topic}-{index}"))
        };
        let shard = broker.groups.shard(index).ok_or_else(not_led)?;
        return match shard.write_marker(marker) {
            Err(refusal)
                if matches!(
                    refusal.code,
                    Code::COORDINATOR_LOAD_IN_PROGRESS | Code::NOT_COORDINATOR
                ) =>
            {
                Err(not_led())
            }
            other => other,
        };
    }
    match broker.partitions.get(described.id, index) {
        Some(partition) => {
            partition.enough_in_sync(image)?;
            marker.append_to(&partition).map(|_| ())
        }
        None if broker.partitions.is_offline(described.id, index) => Err(Code::KAFKA_STORAGE_ERROR
            .because(format!(
                "the log directory of {topic}-{index} cannot be used"
            ))),
        None => Err(Code::NOT_LEADER_OR_FOLLOWER
            .because(format!("this broker does not host {topic}-{index}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_a_control_batch_of_the_transaction() {
        let marker = Marker {
            producer_id: 7,
            producer_epoch: 3,
            committed: true,
            coordinator_epoch: 12,
            transaction_version: 2,
        };
        let value = EndTxnMarker {
            coordinator_epoch: 12,
        };
        let batch = marker.batch(5000, &value.encode(0).unwrap()).unwrap();
        assert!(batch.attributes().is_control() && batch.attributes().is_transactional());
        assert_eq!((batch.producer_id(), batch.producer_epoch()), (7, 3));
        let record = batch.records().unwrap().next().unwrap().unwrap();
        let kind = ControlType::of_key(record.key.as_deref()).unwrap();
        assert_eq!(kind, ControlType::Commit);
        assert_eq!(record.value.as_deref(), Some(&[0, 0, 0, 0, 0, 12][..]));
    }
}
