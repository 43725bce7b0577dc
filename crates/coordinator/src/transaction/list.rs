//! The transactional ids of a coordinator that pass a request's filters.

use std::collections::BTreeSet;

use ottla_wire::{
    errors::{Code, Refusal},
    messages::{ListTransactionsRequest, list_transactions_response::TransactionState},
};

use super::{
    TransactionCoordinator,
    state::{State, Transaction},
};
use crate::regex::TextRegex;

/// What a ListTransactions request asks for, read once for all partitions of `__transaction_state`.
#[derive(Clone, Debug)]
pub struct ListFilter {
    producer_ids: BTreeSet<i64>,
    /// Those with names that are known; none if all are wanted.
    states: Option<BTreeSet<State>>,
    unknown_states: Vec<String>,
    /// Only those that began more than so many ms ago.
    duration_ms: Option<i64>,
    pattern: Option<TextRegex>,
}

impl ListFilter {
    /// Reads a request.
    ///
    /// # Errors
    /// INVALID_REGULAR_EXPRESSION if the pattern of transactional ids is none: as in Kafka, the whole request is
    /// answered with it.
    pub fn of(request: &ListTransactionsRequest) -> Result<Self, Refusal> {
        let pattern = request.transactional_id_pattern.as_deref();
        let pattern = match pattern.filter(|pattern| !pattern.is_empty()) {
            Some(pattern) => Some(TextRegex::compile(pattern).map_err(|why| {
                Code::INVALID_REGULAR_EXPRESSION
                    .because(format!("the pattern of transactional ids: {why}"))
            })?),
            None => None,
        };
        let mut states = BTreeSet::new();
        let mut unknown_states = BTreeSet::new();
        for name in &request.state_filters {
            match State::named(name) {
                Some(state) => {
                    states.insert(state);
                }
                None if State::NEVER_SEEN.contains(&name.as_str()) => {}
                None => {
                    unknown_states.insert(name.clone());
                }
            }
        }
        Ok(Self {
            producer_ids: request.producer_id_filters.iter().copied().collect(),
            states: Some(states).filter(|_| !request.state_filters.is_empty()),
            unknown_states: unknown_states.into_iter().collect(),
            duration_ms: Some(request.duration_filter).filter(|duration| *duration >= 0),
            pattern,
        })
    }

    /// The names of states that Kafka does not know, each once: the answer's `unknown_state_filters`.
    pub fn unknown_states(&self) -> &[String] {
        &self.unknown_states
    }

    fn passes(&self, id: &str, of: &Transaction, now: i64) -> bool {
        let is_long = |duration: &i64| now.saturating_sub(of.started) > *duration;
        (self.producer_ids.is_empty() || self.producer_ids.contains(&of.producer_id))
            && self
                .states
                .as_ref()
                .is_none_or(|all| all.contains(&of.state))
            && self.duration_ms.as_ref().is_none_or(is_long)
            && self.pattern.as_ref().is_none_or(|all| all.matches(id))
    }
}

impl TransactionCoordinator {
    pub(super) fn list(&self, filter: &ListFilter, now: i64) -> Vec<TransactionState> {
        let all = self.transactions.iter();
        let passing = all.filter(|(id, of)| filter.passes(id, of, now));
        let states = passing.map(|(id, of)| TransactionState {
            transactional_id: id.to_string(),
            producer_id: of.producer_id,
            transaction_state: of.state.name().to_owned(),
            ..TransactionState::default()
        });
        states.collect()
    }
}
