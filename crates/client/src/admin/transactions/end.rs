//! Ending transactions that their producers do not end: at the coordinator, or in one partition without it.

use ottla_wire::{
    errors::Code,
    messages::{
        init_producer_id_request::InitProducerIdRequest,
        write_txn_markers_request::{
            WritableTxnMarker, WritableTxnMarkerTopic, WriteTxnMarkersRequest,
        },
    },
};

use super::super::{Admin, Outcomes, coordinators::At, millis, outcome, topics::unanswered};
use crate::{
    ClientError, Connection, CoordinatorType, Result, TopicPartition, connection::request_name,
    coordinators::may_pass,
};

/// The last version of InitProducerId that says nothing of two-phase commit.
const LAST_OF_ONE_PHASE: i16 = 5;

/// A transaction in one partition that is to be aborted there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AbortTransaction {
    /// The partition.
    pub at: TopicPartition,
    /// The id of the producer.
    pub producer_id: i64,
    /// The epoch of the producer.
    pub producer_epoch: i16,
    /// The epoch of the coordinator that is said to write the marker; not less than that of the last one.
    pub coordinator_epoch: i32,
}

impl Admin {
    /// Aborts a transaction in one partition. The coordinator is not asked and learns nothing: this is for transactions
    /// that no coordinator knows.
    ///
    /// # Errors
    /// Those of asking; INVALID_PRODUCER_EPOCH if the producer has a newer epoch, TRANSACTION_COORDINATOR_FENCED if a
    /// newer coordinator has written.
    pub async fn abort_transaction(&self, abort: &AbortTransaction) -> Result<()> {
        let keys = vec![abort.at.clone()];
        let outcomes = self.settle("aborting a transaction", keys, passes, |keys| async move {
            let mut outcomes = Vec::with_capacity(1);
            for (connection, _) in self.by_leader(keys, |at| at, &mut outcomes).await? {
                let written = write_marker(&connection, abort).await;
                outcomes.push((abort.at.clone(), written));
            }
            self.forget_stale(&outcomes, |at| at);
            Ok(outcomes)
        });
        let outcomes = outcomes.await?;
        outcomes.into_iter().try_for_each(|(_, outcome)| outcome)
    }

    /// Fences the producers that use these transactional ids and ends what they left open: the ids and epochs that their
    /// successors may use.
    ///
    /// # Errors
    /// Those of asking; each id has its own outcome.
    pub async fn fence_producers(&self, ids: Vec<String>) -> Result<Outcomes<String, (i64, i16)>> {
        let timeout = millis(self.cluster.config().request_timeout);
        let passes = |error: &ClientError| {
            may_pass(error) || error.code() == Some(Code::CONCURRENT_TRANSACTIONS)
        };
        let kind = CoordinatorType::Transaction;
        self.at_coordinators("fencing producers", kind, ids, passes, |at, ids| {
            fence(at, ids, timeout)
        })
        .await
    }
}

fn passes(error: &ClientError) -> bool {
    match error {
        ClientError::Refused { code, .. } => matches!(
            *code,
            Code::NOT_LEADER_OR_FOLLOWER
                | Code::LEADER_NOT_AVAILABLE
                | Code::REPLICA_NOT_AVAILABLE
                | Code::BROKER_NOT_AVAILABLE
                | Code::UNKNOWN_TOPIC_OR_PARTITION
        ),
        error => error.is_retriable(),
    }
}

async fn write_marker(connection: &Connection, abort: &AbortTransaction) -> Result<()> {
    let name = request_name::<WriteTxnMarkersRequest>();
    let at = &abort.at;
    let marker = WritableTxnMarker {
        producer_id: abort.producer_id,
        producer_epoch: abort.producer_epoch,
        coordinator_epoch: abort.coordinator_epoch,
        topics: vec![WritableTxnMarkerTopic {
            name: at.topic.to_string(),
            partition_indexes: vec![at.partition],
            ..WritableTxnMarkerTopic::default()
        }],
        ..WritableTxnMarker::default()
    };
    let request = WriteTxnMarkersRequest {
        markers: vec![marker],
        ..WriteTxnMarkersRequest::default()
    };
    let answer = connection.send(&request).await?;
    let markers = answer.markers.iter();
    let mut found = markers
        .filter(|marker| marker.producer_id == abort.producer_id)
        .flat_map(|marker| &marker.topics)
        .filter(|topic| *topic.name == *at.topic)
        .flat_map(|topic| &topic.partitions)
        .filter(|partition| partition.partition_index == at.partition);
    match found.next() {
        Some(one) => outcome(name, connection.broker(), at, one.error_code, None, ()),
        None => Err(unanswered(name, connection.broker(), &at.to_string())),
    }
}

async fn fence(at: At, ids: Vec<String>, timeout: i32) -> Result<Outcomes<String, (i64, i16)>> {
    let name = request_name::<InitProducerIdRequest>();
    let version = at.connection.version::<InitProducerIdRequest>()?;
    let version = version.min(LAST_OF_ONE_PHASE);
    let mut outcomes = Vec::with_capacity(ids.len());
    for id in ids {
        let request = InitProducerIdRequest {
            transactional_id: Some(id.clone()),
            transaction_timeout_ms: timeout,
            ..InitProducerIdRequest::default()
        };
        let answer = at.connection.send_as(&request, version).await?;
        let identity = (answer.producer_id, answer.producer_epoch);
        let (broker, what) = (
            at.connection.broker(),
            format_args!("transactional id {id}"),
        );
        let fenced = outcome(name, broker, what, answer.error_code, None, identity);
        outcomes.push((id, fenced));
    }
    Ok(outcomes)
}
