//! The settings of the transaction coordinator.

use ottla_config::BrokerConfig;

/// The broker's settings that coordinators of transactions act on. Times in ms.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// `transaction.max.timeout.ms`.
    pub max_timeout_ms: i32,
    /// `transactional.id.expiration.ms`.
    pub id_expiration_ms: i64,
    /// `transaction.remove.expired.transaction.cleanup.interval.ms`.
    pub remove_expired_interval_ms: u64,
    /// `transaction.abort.timed.out.transaction.cleanup.interval.ms`.
    pub abort_timed_out_interval_ms: u64,
    /// `transaction.two.phase.commit.enable`.
    pub two_phase_commit: bool,
    /// The finalized level of the feature `transaction.version`.
    pub transaction_version: i16,
}

impl Settings {
    /// Those of a broker in a cluster whose `transaction.version` is at this level.
    pub fn of(config: &BrokerConfig, transaction_version: i16) -> Self {
        let ms = |key| u64::try_from(config.int(key)).unwrap_or(0);
        Self {
            max_timeout_ms: config.int("transaction.max.timeout.ms"),
            id_expiration_ms: i64::from(config.int("transactional.id.expiration.ms")),
            remove_expired_interval_ms: ms(
                "transaction.remove.expired.transaction.cleanup.interval.ms",
            ),
            abort_timed_out_interval_ms: ms(
                "transaction.abort.timed.out.transaction.cleanup.interval.ms",
            ),
            two_phase_commit: config.boolean("transaction.two.phase.commit.enable"),
            transaction_version,
        }
    }
}
