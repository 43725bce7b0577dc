//! All transactional ids: every broker is asked for those that it coordinates.

use ottla_wire::messages::list_transactions_request::ListTransactionsRequest;

use super::{super::Admin, TransactionState};
use crate::{
    ClientError, Connection, Result, cluster::Scope, connection::request_name,
    coordinators::may_pass, runtime,
};

/// The first version of ListTransactions that filters by duration.
const FIRST_BY_DURATION: i16 = 1;
/// The first version of ListTransactions that filters by a pattern.
const FIRST_BY_PATTERN: i16 = 2;

/// Which transactional ids are listed; an empty filter lets all pass.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TransactionFilter {
    /// In these states.
    pub states: Vec<TransactionState>,
    /// Of these producer ids.
    pub producer_ids: Vec<i64>,
    /// Whose transaction has been open for longer than this, in milliseconds; a negative number lets all pass.
    pub duration_ms: Option<i64>,
    /// That this regular expression matches as a whole.
    pub id_pattern: Option<String>,
}

impl TransactionFilter {
    fn request(&self, connection: &Connection, version: i16) -> Result<ListTransactionsRequest> {
        let too_old = |first, what| {
            Err(ClientError::Unsupported {
                request: request_name::<ListTransactionsRequest>(),
                broker: connection.broker().clone(),
                ours: format!("version {first} to filter by {what}"),
                theirs: format!("versions up to {version}"),
            })
        };
        let duration_filter = self.duration_ms.filter(|limit| *limit >= 0).unwrap_or(-1);
        if duration_filter >= 0 && version < FIRST_BY_DURATION {
            return too_old(FIRST_BY_DURATION, "duration");
        }
        let pattern = self.id_pattern.clone().filter(|text| !text.is_empty());
        if pattern.is_some() && version < FIRST_BY_PATTERN {
            return too_old(FIRST_BY_PATTERN, "a pattern");
        }
        let names = self.states.iter().map(|state| state.name().to_owned());
        Ok(ListTransactionsRequest {
            state_filters: names.collect(),
            producer_id_filters: self.producer_ids.clone(),
            duration_filter,
            transactional_id_pattern: pattern,
            ..ListTransactionsRequest::default()
        })
    }
}

/// A transactional id in a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TransactionListing {
    /// The id.
    pub transactional_id: String,
    /// The node id of the broker that coordinates it.
    pub coordinator: i32,
    /// The producer id that it has now.
    pub producer_id: i64,
    /// Where its last transaction is.
    pub state: TransactionState,
}

/// What the brokers listed.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ListedTransactions {
    /// By coordinator, in the order of its answer.
    pub transactions: Vec<TransactionListing>,
    /// Brokers that did not answer, by node id.
    pub failures: Vec<(i32, ClientError)>,
}

impl Admin {
    /// Lists transactional ids.
    ///
    /// # Errors
    /// Those of asking which brokers there are; a broker that fails is listed with its failure.
    pub async fn list_transactions(
        &self,
        filter: &TransactionFilter,
    ) -> Result<ListedTransactions> {
        let deadline = runtime::now() + self.cluster.config().api_timeout;
        let brokers = self.cluster.retry("finding all brokers", deadline, || {
            self.cluster.refresh(&Scope::Brokers)
        });
        let (view, _) = brokers.await?;
        let brokers: Vec<i32> = view.brokers.keys().copied().collect();
        let what = "listing transactions";
        let answers = self.settle(what, brokers, may_pass, |brokers| async move {
            let mut answers = Vec::with_capacity(brokers.len());
            for broker in brokers {
                answers.push((broker, self.transactions_at(broker, filter).await));
            }
            Ok(answers)
        });
        let mut listed = ListedTransactions::default();
        for (broker, answer) in answers.await? {
            match answer {
                Ok(transactions) => listed.transactions.extend(transactions),
                Err(error) => listed.failures.push((broker, error)),
            }
        }
        Ok(listed)
    }

    async fn transactions_at(
        &self,
        broker: i32,
        filter: &TransactionFilter,
    ) -> Result<Vec<TransactionListing>> {
        let name = request_name::<ListTransactionsRequest>();
        let connection = self.cluster.connection(broker).await?;
        let version = connection.version::<ListTransactionsRequest>()?;
        let request = filter.request(&connection, version)?;
        let answer = connection.send_as(&request, version).await?;
        let (asked, code) = (connection.broker(), answer.error_code);
        if let Some(refusal) = ClientError::refusal(name, asked, "all transactions", code, None) {
            return Err(refusal);
        }
        let listing = answer.transaction_states.into_iter();
        let listing = listing.map(|one| TransactionListing {
            coordinator: broker,
            producer_id: one.producer_id,
            state: TransactionState::parse(&one.transaction_state),
            transactional_id: one.transactional_id,
        });
        Ok(listing.collect())
    }
}
