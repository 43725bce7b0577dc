//! Limits of what users and clients may use in a time, and how long they wait who used more.
//!
//! Pure: time is an argument. Whoever runs it (the broker for bytes and request time, the controller for changes)
//! tells clients what comes out, and makes them wait.

mod bucket;
mod limits;
mod rate;

use std::collections::BTreeMap;

pub use bucket::Bucket;
use limits::{Counted, Limits};
use ottla_machine::Time;
pub use rate::{Rate, Window};

use crate::Image;

/// Bytes of Produce requests per second.
pub const PRODUCER_BYTE_RATE: &str = "producer_byte_rate";
/// Bytes of Fetch answers per second.
pub const CONSUMER_BYTE_RATE: &str = "consumer_byte_rate";
/// Time of threads, in percent of one.
pub const REQUEST_PERCENTAGE: &str = "request_percentage";
/// Partitions created and deleted per second.
pub const CONTROLLER_MUTATION_RATE: &str = "controller_mutation_rate";
/// Connections accepted per second.
pub const CONNECTION_CREATION_RATE: &str = "connection_creation_rate";

/// Users and clients that are told apart at a time, per key. Those beyond share one account until others were quiet for
/// a window.
pub const ACCOUNTS_MAX: usize = 20_000;

/// Who uses something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Who<'a> {
    /// The user's name, without its type.
    pub user: &'a str,
    /// The client id; empty if there is none.
    pub client_id: &'a str,
}

#[derive(Clone, Debug)]
struct Account<M> {
    meter: M,
    used: Time,
}

/// What was used lately, by user and client id.
#[derive(Clone, Debug)]
struct Accounts<M> {
    of: BTreeMap<(String, String), Account<M>>,
    others: Account<M>,
    /// Accounts that are quiet are looked for no sooner.
    sweep_after: Time,
}

impl<M: Default> Default for Accounts<M> {
    fn default() -> Self {
        Self {
            of: BTreeMap::new(),
            others: Account {
                meter: M::default(),
                used: Time(0),
            },
            sweep_after: Time(0),
        }
    }
}

impl<M: Default> Accounts<M> {
    fn get(&mut self, who: Counted<'_>, window: Window, now: Time) -> &mut M {
        if now >= self.sweep_after {
            // What has seen nothing for a whole window is as good as new.
            self.of
                .retain(|_, account| account.used.after(window.total_ms()) > now);
            self.sweep_after = now.after(window.total_ms());
        }
        let key = (who.user.to_owned(), who.client_id.to_owned());
        let is_full = self.of.len() >= ACCOUNTS_MAX && !self.of.contains_key(&key);
        let account = if is_full {
            &mut self.others
        } else {
            self.of.entry(key).or_insert_with(|| Account {
                meter: M::default(),
                used: now,
            })
        };
        account.used = now;
        &mut account.meter
    }
}

/// Limits of a rate: of bytes, or of time.
#[derive(Clone, Debug)]
pub struct RateQuota {
    key: &'static str,
    window: Window,
    limits: Limits,
    accounts: Accounts<Rate>,
}

impl RateQuota {
    /// Without limits.
    pub fn new(key: &'static str, window: Window) -> Self {
        Self {
            key,
            window,
            limits: Limits::default(),
            accounts: Accounts::default(),
        }
    }

    /// Takes over the limits of an image; whether there are any. What was used lately stays, as with Kafka.
    pub fn set_limits(&mut self, image: &Image) -> bool {
        self.limits = Limits::of(image, self.key);
        !self.limits.is_empty()
    }

    /// Counts a use, and says how many ms its user is to wait.
    pub fn record(&mut self, who: Who<'_>, value: f64, now: Time) -> u64 {
        if self.limits.is_empty() {
            return 0;
        }
        let counted = self.limits.counted(who.user, who.client_id);
        let limit = self.limits.limit(counted);
        let rate = self.accounts.get(counted, self.window, now);
        rate.record(self.window, value, now);
        limit
            .and_then(|limit| rate.wait_ms(self.window, limit, now))
            .unwrap_or(0)
    }

    /// Counts a use that nobody is to wait for, or with a negative value takes one back.
    pub fn note(&mut self, who: Who<'_>, value: f64, now: Time) {
        if !self.limits.is_empty() {
            let counted = self.limits.counted(who.user, who.client_id);
            let rate = self.accounts.get(counted, self.window, now);
            rate.record(self.window, value, now);
        }
    }

    /// The limit of a user and client, in a second.
    pub fn limit(&self, who: Who<'_>) -> Option<f64> {
        self.limits
            .limit(self.limits.counted(who.user, who.client_id))
    }

    /// The most that may be used in a window; `None` without limit.
    pub fn most(&self, who: Who<'_>) -> Option<f64> {
        let limit = self.limit(who)?;
        let samples = self.window.samples.saturating_sub(1);
        Some(limit * samples as f64 * (self.window.sample_ms / 1000) as f64)
    }
}

/// Limits of changes: partitions created and deleted.
#[derive(Clone, Debug)]
pub struct ChangeQuota {
    window: Window,
    limits: Limits,
    accounts: Accounts<Bucket>,
}

impl ChangeQuota {
    /// Without limits.
    pub fn new(window: Window) -> Self {
        Self {
            window,
            limits: Limits::default(),
            accounts: Accounts::default(),
        }
    }

    /// Takes over the limits of an image; whether there are any. What was used lately stays, as with Kafka.
    pub fn set_limits(&mut self, image: &Image) -> bool {
        self.limits = Limits::of(image, CONTROLLER_MUTATION_RATE);
        !self.limits.is_empty()
    }

    /// Takes permits. Strictly: unless some are owed already, then how many ms that lasts. Otherwise in any case, and
    /// how long it lasts until they are paid for is the delay.
    pub fn take(&mut self, who: Who<'_>, permits: f64, strict: bool, now: Time) -> Taken {
        let counted = self.limits.counted(who.user, who.client_id);
        let Some(limit) = self.limits.limit(counted) else {
            return Taken::Permitted { wait_ms: 0 };
        };
        let bucket = self.accounts.get(counted, self.window, now);
        if strict && let Some(wait_ms) = bucket.wait_ms(self.window, limit, now) {
            return Taken::Refused { wait_ms, limit };
        }
        bucket.take(self.window, limit, permits, now);
        let owed = (!strict).then(|| bucket.wait_ms(self.window, limit, now));
        Taken::Permitted {
            wait_ms: owed.flatten().unwrap_or(0),
        }
    }
}

/// What became of permits that were asked for.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Taken {
    /// They were given; the caller is to wait so long.
    Permitted {
        /// Milliseconds.
        wait_ms: u64,
    },
    /// They were not, for so long.
    Refused {
        /// Milliseconds.
        wait_ms: u64,
        /// The limit, per second.
        limit: f64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Window = Window {
        samples: 11,
        sample_ms: 1000,
    };

    fn who<'a>(user: &'a str, client_id: &'a str) -> Who<'a> {
        Who { user, client_id }
    }

    #[test]
    fn limits_come_and_go() {
        let mut quota = RateQuota::new(PRODUCER_BYTE_RATE, WINDOW);
        let now = Time(1_000_000);
        assert_eq!(quota.record(who("u", "c"), 1e9, now), 0);
        assert_eq!(quota.most(who("u", "c")), None);
        let image = limits::tests::image(PRODUCER_BYTE_RATE, &[("", "c", 1000.0)]);
        assert!(quota.set_limits(&image));
        assert_eq!(quota.most(who("u", "c")), Some(10_000.0));
        assert_eq!(quota.record(who("u", "c"), 15_000.0, now), 5000);
        // Clients are told apart, users are not.
        assert_eq!(quota.record(who("v", "c"), 5_000.0, now), 10_000);
        assert_eq!(quota.record(who("u", "d"), 1e9, now), 0);
        quota.note(who("u", "c"), -20_000.0, now);
        assert_eq!(quota.record(who("u", "c"), 10_000.0, now), 0);
        assert!(!quota.set_limits(&Image::default()));
        assert_eq!(quota.record(who("u", "c"), 1e9, now), 0);
    }

    #[test]
    fn strictly_a_debt_is_refused_and_otherwise_it_is_a_delay() {
        let mut quota = ChangeQuota::new(WINDOW);
        let now = Time(1_000_000);
        quota.set_limits(&limits::tests::image(
            CONTROLLER_MUTATION_RATE,
            &[("u", "", 1.0)],
        ));
        let free = Taken::Permitted { wait_ms: 0 };
        assert_eq!(quota.take(who("v", ""), 1e9, true, now), free);
        // A burst of 11, and what goes beyond is owed.
        assert_eq!(quota.take(who("u", "c"), 12.0, true, now), free);
        let refused = Taken::Refused {
            wait_ms: 1000,
            limit: 1.0,
        };
        assert_eq!(quota.take(who("u", "c"), 1.0, true, now), refused);
        let delayed = Taken::Permitted { wait_ms: 2000 };
        assert_eq!(quota.take(who("u", "d"), 1.0, false, now), delayed);
        assert_eq!(quota.take(who("u", "c"), 1.0, true, now.after(2000)), free);
    }

    #[test]
    fn accounts_are_limited_and_forgotten() {
        let mut quota = RateQuota::new(CONSUMER_BYTE_RATE, WINDOW);
        quota.set_limits(&limits::tests::image(
            CONSUMER_BYTE_RATE,
            &[("", "*", 1000.0)],
        ));
        let now = Time(1_000_000);
        for client in 0..ACCOUNTS_MAX {
            quota.record(who("u", &client.to_string()), 1.0, now);
        }
        assert_eq!(quota.record(who("u", "x"), 15_000.0, now), 5000);
        assert_eq!(quota.record(who("u", "y"), 5000.0, now), 10_000);
        assert_eq!(quota.accounts.of.len(), ACCOUNTS_MAX);
        let later = now.after(11_000);
        assert_eq!(quota.record(who("u", "y"), 10_000.0, later), 0);
        assert_eq!(quota.accounts.of.len(), 1);
    }
}
