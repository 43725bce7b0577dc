//! What the transaction coordinator is asked, what it answers, and what it wants written to partitions.

use std::sync::Arc;

use ottla_wire::messages::{
    EndTxnRequest, EndTxnResponse, InitProducerIdRequest, InitProducerIdResponse,
    add_partitions_to_txn_request::AddPartitionsToTxnTopic,
    add_partitions_to_txn_response::AddPartitionsToTxnResult, describe_transactions_response,
    list_transactions_response,
};

use super::{ListFilter, Settings};

/// A question for the transaction coordinator. Transactional ids in it belong to its partition.
#[derive(Clone, Debug)]
pub enum Input {
    /// A producer takes over a transactional id. Without a `fresh` producer id that nobody has, the answer may be
    /// [`Reply::ProducerIdNeeded`]: then the question comes again with one.
    InitProducerId {
        /// The question.
        request: InitProducerIdRequest,
        /// A producer id that nobody has.
        fresh: Option<i64>,
    },
    /// Partitions become part of a transaction, or somebody asks whether they are.
    AddPartitions(AddPartitions),
    /// A producer commits or aborts. About `fresh`: see [`Input::InitProducerId`].
    EndTransaction {
        /// The question.
        request: EndTxnRequest,
        /// The version of the request.
        version: i16,
        /// A producer id that nobody has.
        fresh: Option<i64>,
    },
    /// A transactional id is described.
    Describe(String),
    /// The transactional ids that pass the filters.
    List(Arc<ListFilter>),
    /// What became of [`Markers`]. Has no answer.
    Marked(Marked),
    /// A producer id that nobody has: see
    /// [`needs_producer_id`](super::TransactionCoordinator::needs_producer_id). Has no answer.
    ProducerId(i64),
    /// The broker's configuration, or the level of `transaction.version`, changed. Has no answer.
    Settings(Arc<Settings>),
}

/// Partitions for a transaction.
#[derive(Clone, Debug)]
pub struct AddPartitions {
    /// Whose.
    pub transactional_id: String,
    /// Its producer.
    pub producer_id: i64,
    /// The producer's epoch.
    pub producer_epoch: i16,
    /// Nothing is added: each partition is answered `NONE` if it is part of the transaction.
    pub verify_only: bool,
    /// The transaction version that the client speaks: 2 from AddPartitionsToTxn 4 on (so always if
    /// a broker asks for its Produce 12), else 0.
    pub client_transaction_version: i16,
    /// The partitions.
    pub topics: Vec<AddPartitionsToTxnTopic>,
}

/// An answer of the transaction coordinator.
#[derive(Clone, PartialEq, Debug)]
pub enum Reply {
    /// To [`Input::InitProducerId`].
    InitProducerId(InitProducerIdResponse),
    /// To [`Input::InitProducerId`] and [`Input::EndTransaction`]: the decision needs a fresh producer id.
    ProducerIdNeeded,
    /// To [`Input::AddPartitions`], in the order of the question.
    AddPartitions(AddPartitionsToTxnResult),
    /// To [`Input::EndTransaction`].
    EndTransaction(EndTxnResponse),
    /// To [`Input::Describe`].
    Describe(describe_transactions_response::TransactionState),
    /// To [`Input::List`].
    List(Vec<list_transactions_response::TransactionState>),
}

/// Markers to write: the end of one transaction on its partitions. Handed out once the decision is committed, until
/// [`Input::Marked`] says that all are written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Markers {
    /// Whose.
    pub transactional_id: Arc<str>,
    /// The producer.
    pub producer_id: i64,
    /// The epoch that the markers carry.
    pub producer_epoch: i16,
    /// Commit or abort.
    pub committed: bool,
    /// The transaction version of the producer: from 2 on, the markers' epoch is a raised one.
    pub transaction_version: i16,
    /// Topics and partitions.
    pub partitions: Vec<(Arc<str>, i32)>,
}

/// What became of [`Markers`]. It is for the coordinator that handed them out: not for one that was loaded since.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Marked {
    /// Whose.
    pub transactional_id: Arc<str>,
    /// The producer.
    pub producer_id: i64,
    /// The epoch that the markers carried.
    pub producer_epoch: i16,
    /// Partitions that have the marker, or do not exist any more.
    pub done: Vec<(Arc<str>, i32)>,
    /// Partitions that must be tried again later.
    pub again: Vec<(Arc<str>, i32)>,
    /// The coordinator has been replaced, or the producer's epoch is one that the partition refuses for good: nothing
    /// is tried again.
    pub fenced: bool,
}
