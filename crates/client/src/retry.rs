//! When to try again, as a decision: it takes the time and a throw of the dice, and never waits.

use std::time::Duration;

use tokio::time::Instant;

/// Pauses that double from `initial` to `max`, spread by a fifth so that clients do not retry in step.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    /// The first pause.
    pub initial: Duration,
    /// The longest pause before spreading.
    pub max: Duration,
}

impl Backoff {
    /// The pause after `failures` failures in a row (1 is the first); `dice` is any number.
    pub fn pause(&self, failures: u32, dice: u64) -> Duration {
        let doublings = failures.saturating_sub(1).min(31);
        let pause = self.initial.saturating_mul(1 << doublings).min(self.max);
        // 0.8 … 1.2 in steps of a thousandth.
        pause.mul_f64(0.8 + 0.001 * (dice % 401) as f64)
    }
}

/// What to do after a failure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// Try again after this pause.
    Retry(Duration),
    /// Give up and report the failure.
    Stop,
}

/// The attempts of one call: bounded by a deadline, not by a count.
#[derive(Clone, Copy, Debug)]
pub struct Attempts {
    backoff: Backoff,
    deadline: Instant,
    failures: u32,
}

impl Attempts {
    /// None so far.
    pub fn new(backoff: Backoff, deadline: Instant) -> Self {
        Self {
            backoff,
            deadline,
            failures: 0,
        }
    }

    /// After one more failure at `now`: whether another attempt can begin before the deadline.
    pub fn after_failure(&mut self, now: Instant, retriable: bool, dice: u64) -> Next {
        self.failures = self.failures.saturating_add(1);
        let pause = self.backoff.pause(self.failures, dice);
        if retriable && now + pause < self.deadline {
            Next::Retry(pause)
        } else {
            Next::Stop
        }
    }

    /// When the call must be over.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Backoff = Backoff {
        initial: Duration::from_millis(100),
        max: Duration::from_secs(1),
    };

    #[test]
    fn pauses_double_up_to_the_limit() {
        let pauses: Vec<u128> = (1..8)
            .map(|failures| BACKOFF.pause(failures, 200).as_millis())
            .collect();
        assert_eq!(pauses, [100, 200, 400, 800, 1000, 1000, 1000]);
        assert_eq!(BACKOFF.pause(1, 0).as_millis(), 80);
        assert_eq!(BACKOFF.pause(1, 400).as_millis(), 120);
        assert_eq!(BACKOFF.pause(u32::MAX, 200).as_millis(), 1000);
    }

    #[test]
    fn only_retriable_failures_are_retried_and_only_before_the_deadline() {
        let start = crate::runtime::now();
        let mut attempts = Attempts::new(BACKOFF, start + Duration::from_millis(250));
        assert_eq!(
            attempts.after_failure(start, true, 200),
            Next::Retry(Duration::from_millis(100))
        );
        let later = start + Duration::from_millis(100);
        assert_eq!(attempts.after_failure(later, true, 200), Next::Stop);
        let mut attempts = Attempts::new(BACKOFF, start + Duration::from_secs(9));
        assert_eq!(attempts.after_failure(start, false, 200), Next::Stop);
    }
}
