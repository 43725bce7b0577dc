//! The group coordinators: what metadata they must know of, and their records as batches of `__consumer_offsets`.

use std::{convert::Infallible, sync::Arc};

use bytes::Bytes;
use ottla_config::BrokerConfig;
use ottla_coordinator::group::{
    DeletedTopic, Entry, GroupCoordinator, Input, MetadataChange, Producer, Record, RecordError,
    Reply, Settings,
};
use ottla_machine::{Moment, Out, Ticket};
use ottla_metadata::{
    image::{ResourceType, Topic},
    loader::Change,
};
use ottla_wire::{
    errors::{Code, Refusal},
    records::{Batch, BatchBuilder, Codec, ControlType},
};
use tracing::warn;

use super::{Coordinator, Coordinators};
use crate::{
    api::topics::name::CONSUMER_OFFSETS,
    broker::Broker,
    markers::Marker,
    shard::{Ledger, Limits, Written},
};

impl Coordinator for GroupCoordinator {
    const TOPIC: &'static str = CONSUMER_OFFSETS;
    const OF: &'static str = "group";
    const WITHOUT_TOPIC: Code = Code::COORDINATOR_NOT_AVAILABLE;
    const LOAD_BUFFER: &'static str = "offsets.load.buffer.size";
    type Settings = Settings;

    fn all(broker: &Broker) -> &Coordinators<Self> {
        &broker.groups
    }

    fn new(broker: &Broker, settings: Arc<Settings>) -> Self {
        Self::new(settings, broker.image_arc(), broker.metadata_offset())
    }

    fn codec(config: &BrokerConfig) -> i32 {
        config.int("offsets.topic.compression.codec")
    }

    fn settings_changed(settings: Arc<Settings>) -> Input {
        Input::Settings(settings)
    }
}

impl Coordinators<GroupCoordinator> {
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

impl Ledger for GroupCoordinator {
    type Errand = Infallible;

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
                Some(of) => batch.producer(of.id, of.epoch, 0).transactional(true),
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

    fn errands(&mut self) -> Vec<Infallible> {
        Vec::new()
    }

    fn marker(marker: &Marker) -> Option<Record> {
        Some(Record {
            producer: Some(Producer {
                id: marker.producer_id,
                epoch: marker.producer_epoch,
            }),
            entry: Entry::EndTransaction {
                committed: marker.committed,
            },
        })
    }

    fn keep(kept: &mut Vec<Input>, input: Input) {
        let same = kept
            .iter_mut()
            .find(|is| std::mem::discriminant(*is) == std::mem::discriminant(&input));
        match (same, input) {
            (Some(Input::Metadata(is)), Input::Metadata(newer)) => is.merge(newer),
            (Some(is), newer) => *is = newer,
            (None, first) => kept.push(first),
        }
    }
}

fn written(batch: BatchBuilder) -> Result<Written, ottla_wire::records::BuildError> {
    let records = batch.len();
    Ok(Written {
        batch: batch.build()?,
        records,
    })
}
