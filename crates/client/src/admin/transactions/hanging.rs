//! Transactions that no coordinator will end, and what keeps readers of committed records from the rest of a partition.

use std::collections::{BTreeMap, BTreeSet};

use ottla_wire::errors::Code;

use super::{
    super::{Admin, OffsetSpec},
    ProducerState, TransactionDescription, TransactionFilter,
};
use crate::{ClientError, Isolation, Result, TopicPartition, runtime};

/// Partitions that are asked about at once.
const BATCH: usize = 500;

/// A transaction that is open in a partition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenTransaction {
    /// The partition.
    pub at: TopicPartition,
    /// The producer, whose `transaction_start` is set.
    pub producer: ProducerState,
}

/// A partition whose last stable offset is behind its high watermark.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StuckPartition {
    /// The partition.
    pub at: TopicPartition,
    /// Where readers of committed records stop.
    pub last_stable_offset: i64,
    /// Where other readers stop.
    pub high_watermark: i64,
    /// Who holds it back, the first first: the others hold it as soon as those before are gone.
    pub holders: Vec<Holder>,
}

/// Who holds a last stable offset back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holder {
    /// The producer as the partition knows it, whose `transaction_start` is set.
    pub producer: ProducerState,
    /// What the coordinator knows of its transactional id; `None` if no coordinator knows the producer id.
    pub transaction: Option<TransactionDescription>,
}

impl Holder {
    /// Whether no coordinator will end it, since none knows that it is open in the partition.
    pub fn is_hanging(&self, at: &TopicPartition) -> bool {
        let known = self.transaction.as_ref();
        !known.is_some_and(|transaction| transaction.partitions.contains(at))
    }
}

impl Admin {
    /// Transactions in these partitions that have written nothing for longer than `limit_ms`, and of which no coordinator
    /// knows that they are open there. `replica` asks the broker with that node id instead of the leaders.
    ///
    /// # Errors
    /// Those of asking, and the first partition's refusal.
    pub async fn find_hanging_transactions(
        &self,
        partitions: Vec<TopicPartition>,
        replica: Option<i32>,
        limit_ms: i64,
    ) -> Result<Vec<OpenTransaction>> {
        let now = runtime::wall_clock_ms();
        let mut open = self.open_transactions(partitions, replica).await?;
        open.retain(|one| now - one.producer.last_timestamp > limit_ms);
        let known = self.transactions_of(&open).await?;
        open.retain(|one| {
            let holder = Holder {
                producer: one.producer,
                transaction: known.get(&one.producer.producer_id).cloned(),
            };
            holder.is_hanging(&one.at)
        });
        Ok(open)
    }

    /// Of these partitions, those whose last stable offset is behind the high watermark, and who holds it back. What is
    /// written meanwhile may appear or not.
    ///
    /// # Errors
    /// Those of asking, and the first partition's refusal.
    pub async fn find_stuck_partitions(
        &self,
        partitions: Vec<TopicPartition>,
    ) -> Result<Vec<StuckPartition>> {
        let mut stuck = Vec::new();
        for some in partitions.chunks(BATCH) {
            let asked: Vec<_> = some
                .iter()
                .map(|at| (at.clone(), OffsetSpec::Latest))
                .collect();
            // The stable offset is asked for first: what ends between the questions is shown as stuck at the worst.
            let stable = self.list_offsets(&asked, Isolation::ReadCommitted).await?;
            let high = self
                .list_offsets(&asked, Isolation::ReadUncommitted)
                .await?;
            for ((at, stable), (_, high)) in stable.into_iter().zip(high) {
                let (stable, high) = (stable?.offset, high?.offset);
                if stable < high {
                    stuck.push(StuckPartition {
                        at,
                        last_stable_offset: stable,
                        high_watermark: high,
                        holders: Vec::new(),
                    });
                }
            }
        }
        let named = stuck.iter().map(|one| one.at.clone()).collect();
        let open = self.open_transactions(named, None).await?;
        let known = self.transactions_of(&open).await?;
        for one in open {
            if let Some(stuck) = stuck.iter_mut().find(|stuck| stuck.at == one.at) {
                stuck.holders.push(Holder {
                    transaction: known.get(&one.producer.producer_id).cloned(),
                    producer: one.producer,
                });
            }
        }
        for one in &mut stuck {
            (one.holders).sort_by_key(|holder| holder.producer.transaction_start);
        }
        // Whoever has no holder was only between two transactions.
        stuck.retain(|one| !one.holders.is_empty());
        Ok(stuck)
    }

    async fn open_transactions(
        &self,
        partitions: Vec<TopicPartition>,
        replica: Option<i32>,
    ) -> Result<Vec<OpenTransaction>> {
        let mut open = Vec::new();
        for some in partitions.chunks(BATCH) {
            for (at, producers) in self.describe_producers(some.to_vec(), replica).await? {
                let producers = producers?.into_iter();
                let with = producers.filter(|producer| producer.transaction_start.is_some());
                open.extend(with.map(|producer| OpenTransaction {
                    at: at.clone(),
                    producer,
                }));
            }
        }
        Ok(open)
    }

    /// What the coordinators know of the transactions of these producers, by producer id.
    async fn transactions_of(
        &self,
        open: &[OpenTransaction],
    ) -> Result<BTreeMap<i64, TransactionDescription>> {
        let ids: BTreeSet<i64> = open.iter().map(|one| one.producer.producer_id).collect();
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let filter = TransactionFilter {
            producer_ids: ids.iter().copied().collect(),
            ..TransactionFilter::default()
        };
        let listed = self.list_transactions(&filter).await?;
        if let Some((_, error)) = listed.failures.into_iter().next() {
            return Err(error);
        }
        let listed = listed.transactions.into_iter();
        let by_id: BTreeMap<String, i64> = listed
            .filter(|one| ids.contains(&one.producer_id))
            .map(|one| (one.transactional_id, one.producer_id))
            .collect();
        let asked = by_id.keys().cloned().collect();
        let mut known = BTreeMap::new();
        for (id, described) in self.describe_transactions(asked).await? {
            match described {
                Ok(described) => {
                    known.extend(by_id.get(&id).map(|producer| (*producer, described)));
                }
                Err(ClientError::Refused {
                    code: Code::TRANSACTIONAL_ID_NOT_FOUND,
                    ..
                }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(known)
    }
}
