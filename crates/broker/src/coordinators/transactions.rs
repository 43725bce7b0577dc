//! The transaction coordinators: their records as batches of `__transaction_state`, and the markers that they want
//! written.

use std::sync::Arc;

use bytes::Bytes;
use ottla_config::BrokerConfig;
use ottla_coordinator::transaction::{
    Input, Marked, Markers, Record, Reply, Settings, TransactionCoordinator,
};
use ottla_machine::{Moment, Out, Ticket};
use ottla_metadata::Image;
use ottla_wire::{
    errors::{Code, Refusal},
    records::{Batch, BatchBuilder, Codec},
};
use tracing::{info, warn};

use super::{Coordinator, Coordinators};
use crate::{
    api::topics::name::TRANSACTION_STATE,
    broker::Broker,
    markers::{self, Marker},
    shard::{Ledger, Limits, Shard, Written},
    task,
};

/// The feature whose level says how transactions go in this cluster.
const FEATURE: &str = "transaction.version";

/// What is set for transaction coordinators.
pub(crate) fn settings(config: &BrokerConfig, image: &Image) -> Settings {
    Settings::of(config, image.feature_level(FEATURE))
}

impl Coordinator for TransactionCoordinator {
    const TOPIC: &'static str = TRANSACTION_STATE;
    const OF: &'static str = "transactional id";
    const WITHOUT_TOPIC: Code = Code::NOT_COORDINATOR;
    const LOAD_BUFFER: &'static str = "transaction.state.log.load.buffer.size";
    type Settings = Settings;

    fn all(broker: &Broker) -> &Coordinators<Self> {
        &broker.transactions
    }

    fn new(_broker: &Broker, settings: Arc<Settings>) -> Self {
        Self::new(settings)
    }

    fn codec(_config: &BrokerConfig) -> i32 {
        // As in Apache Kafka, they are never compressed.
        0
    }

    fn settings_changed(settings: Arc<Settings>) -> Input {
        Input::Settings(settings)
    }

    /// Writes the markers of transactions whose end is decided, in the thread that decided it.
    fn attend(broker: &Arc<Broker>, shard: &Arc<Shard<Self>>) {
        loop {
            let errands = shard.take_errands();
            let Some(coordinator_epoch) = shard.partition().leader_epoch() else {
                return;
            };
            if errands.is_empty() {
                return;
            }
            let image = broker.image_arc();
            for errand in errands {
                match errand {
                    Errand::Markers(markers) => {
                        let marked = write_markers(broker, &image, coordinator_epoch, markers);
                        shard.tell(Input::Marked(marked));
                    }
                    Errand::ProducerId => fetch_producer_id(broker.clone(), shard.clone()),
                }
            }
            broker.transactions.mind(shard);
        }
    }
}

impl Coordinators<TransactionCoordinator> {
    /// The configuration or the metadata changed: tells the coordinators if it concerns them.
    pub(crate) fn changed(&self, config: &BrokerConfig, image: &Image) {
        let settings = settings(config, image);
        if settings != *self.settings() {
            self.reconfigure(settings);
        }
    }
}

/// What a transaction coordinator wants done outside its log.
pub(crate) enum Errand {
    /// Markers to write.
    Markers(Markers),
    /// A producer id that nobody has.
    ProducerId,
}

fn fetch_producer_id(broker: Arc<Broker>, shard: Arc<Shard<TransactionCoordinator>>) {
    task::spawn("fetch producer id", async move {
        match broker.next_producer_id().await {
            Ok(id) => {
                shard.tell(Input::ProducerId(id));
                TransactionCoordinator::attend(&broker, &shard);
                broker.transactions.mind(&shard);
            }
            // The coordinator asks again when it next looks at the transaction.
            Err(refusal) => warn!(
                target: "kafka.coordinator.transaction",
                "a transaction that has timed out needs a new producer id, and there is none: {}", refusal.text()
            ),
        }
    });
}

/// Writes markers to the partitions, all of which this broker leads.
fn write_markers(broker: &Broker, image: &Image, coordinator_epoch: i32, of: Markers) -> Marked {
    let marker = Marker {
        producer_id: of.producer_id,
        producer_epoch: of.producer_epoch,
        committed: of.committed,
        coordinator_epoch,
        transaction_version: of.transaction_version,
    };
    let mut marked = Marked {
        transactional_id: of.transactional_id,
        producer_id: of.producer_id,
        producer_epoch: of.producer_epoch,
        done: Vec::with_capacity(of.partitions.len()),
        again: Vec::new(),
        fenced: false,
    };
    for (topic, index) in of.partitions {
        match markers::write(broker, image, &topic, index, &marker) {
            Ok(()) => marked.done.push((topic, index)),
            // The partition was deleted, and the transaction's records with it.
            Err(refusal) if refusal.code == Code::UNKNOWN_TOPIC_OR_PARTITION => {
                info!(
                    target: "kafka.coordinator.transaction",
                    "{topic}-{index} is gone: the transaction of {:?} needs no marker there", marked.transactional_id
                );
                marked.done.push((topic, index));
            }
            Err(refusal)
                if matches!(
                    refusal.code,
                    Code::INVALID_PRODUCER_EPOCH | Code::TRANSACTION_COORDINATOR_FENCED
                ) =>
            {
                warn!(
                    target: "kafka.coordinator.transaction",
                    "the marker of {:?} is refused by {topic}-{index}, and given up: {}",
                    marked.transactional_id, refusal.text()
                );
                marked.fenced = true;
            }
            Err(refusal) => {
                warn!(
                    target: "kafka.coordinator.transaction",
                    "the marker of {:?} could not be written to {topic}-{index} and is tried again: {}",
                    marked.transactional_id, refusal.text()
                );
                marked.again.push((topic, index));
            }
        }
    }
    marked
}

impl Ledger for TransactionCoordinator {
    type Errand = Errand;

    fn write(records: &[Record], limits: &Limits) -> Result<Vec<Written>, Refusal> {
        let defect = |why: &dyn std::fmt::Display| {
            Code::UNKNOWN_SERVER_ERROR.because(format!("a record cannot be written: {why}"))
        };
        let mut batch = BatchBuilder::new(Codec::from_id(limits.codec).unwrap_or_default());
        for record in records {
            let (key, value) = record.encode().map_err(|why| defect(&why))?;
            batch
                .append(limits.now_ms, Some(&key), value.as_deref(), &[])
                .map_err(|why| defect(&why))?;
        }
        let records = batch.len();
        let batch = batch.build().map_err(|why| defect(&why))?;
        Ok(vec![Written { batch, records }])
    }

    fn read(batch: &Batch, each: &mut dyn FnMut(i64, Record)) -> Result<(), String> {
        let at = |offset: i64, what: &dyn std::fmt::Display| {
            format!("the record at offset {offset}: {what}")
        };
        if batch.attributes().is_control() {
            return Ok(());
        }
        let records = batch
            .records()
            .map_err(|error| at(batch.base_offset(), &error))?;
        for record in records {
            let record = record.map_err(|error| at(batch.base_offset(), &error))?;
            let key = record.key.unwrap_or_else(Bytes::new);
            match Record::decode(&key, record.value.as_ref()) {
                Ok(Some(decoded)) => each(record.offset, decoded),
                Ok(None) => warn!(
                    target: "kafka.coordinator.transaction",
                    "{}; it is left as it is", at(record.offset, &"its type is not known")
                ),
                Err(why) => return Err(at(record.offset, &why)),
            }
        }
        Ok(())
    }

    fn loaded(&mut self, moment: &mut Moment<'_>, out: &mut Out<Record, Reply>) {
        Self::loaded(self, moment, out);
    }

    fn unload(&mut self) -> Vec<(Ticket, Reply)> {
        Self::unload(self)
    }

    fn errands(&mut self) -> Vec<Errand> {
        let markers = self.markers().into_iter().map(Errand::Markers);
        let mut errands: Vec<_> = markers.collect();
        if self.needs_producer_id() {
            errands.push(Errand::ProducerId);
        }
        errands
    }

    fn marker(_marker: &Marker) -> Option<Record> {
        None
    }

    fn keep(kept: &mut Vec<Input>, input: Input) {
        // Only settings come without a question to a coordinator that has no transactions yet.
        *kept = vec![input];
    }
}
