//! What is known of one transactional id.

use ottla_wire::{
    errors::Code,
    messages::describe_transactions_response::{TopicData, TransactionState},
};

use super::TransactionCoordinator;

impl TransactionCoordinator {
    pub(super) fn describe(&self, id: String) -> TransactionState {
        let Some(of) = self.transaction(&id) else {
            let code = match id.is_empty() {
                true => Code::INVALID_REQUEST,
                false => Code::TRANSACTIONAL_ID_NOT_FOUND,
            };
            return TransactionState {
                error_code: code.0,
                transactional_id: id,
                ..TransactionState::default()
            };
        };
        // While it is being ended, those that have their marker are not part of it any more.
        let partitions = self.ending.left(&id).unwrap_or(&of.partitions);
        let topic = |(topic, numbers): (&std::sync::Arc<str>, &[i32])| TopicData {
            topic: topic.to_string(),
            partitions: numbers.to_vec(),
            ..TopicData::default()
        };
        TransactionState {
            transaction_state: of.state.name().to_owned(),
            transaction_timeout_ms: of.timeout_ms,
            transaction_start_time_ms: of.started,
            producer_id: of.producer_id,
            producer_epoch: of.epoch,
            topics: partitions.topics().map(topic).collect(),
            transactional_id: id,
            ..TransactionState::default()
        }
    }
}
