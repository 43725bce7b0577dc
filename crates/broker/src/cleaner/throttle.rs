//! Keeps reading and writing below a rate: `log.cleaner.io.max.bytes.per.second` for all cleanings together,
//! `replica.alter.log.dirs.io.max.bytes.per.second` for all replicas that move to other directories.

use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

/// How often the rate is looked at, and for how long it may be taken at once.
const PERIOD: Duration = Duration::from_millis(300);

/// A rate of nothing is not waited for longer.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

struct Period {
    start: Instant,
    bytes: f64,
}

/// What passed since the rate was last looked at.
pub(crate) struct Throttle(Mutex<Period>);

impl Throttle {
    /// From now on.
    pub(crate) fn new(now: Instant) -> Self {
        Self(Mutex::new(Period {
            start: now,
            bytes: 0.0,
        }))
    }

    /// So many bytes passed: how long to wait before more do, if no more than `rate` may pass in a second.
    pub(crate) fn passed(&self, bytes: u64, rate: f64, now: Instant) -> Duration {
        let mut period = self.0.lock();
        period.bytes += bytes as f64;
        // The period begins later than now while somebody waits.
        let elapsed = now.saturating_duration_since(period.start);
        let burst = rate * PERIOD.as_secs_f64();
        if elapsed <= PERIOD && period.bytes <= burst {
            return Duration::ZERO;
        }
        let due = Duration::try_from_secs_f64(period.bytes / rate).unwrap_or(LONGEST);
        let wait = due.min(LONGEST).saturating_sub(elapsed);
        *period = Period {
            start: now + wait,
            bytes: 0.0,
        };
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    #[test]
    fn what_passes_in_the_long_run_is_the_rate() {
        let start = clock::instant();
        let throttle = Throttle::new(start);
        let (mut now, mut passed) = (start, 0);
        while passed < 10_000_000 {
            passed += 1000;
            now += Duration::from_micros(1) + throttle.passed(1000, 1e6, now);
        }
        let took = (now - start).as_secs_f64();
        assert!((9.0..10.5).contains(&took), "{took}");
        assert_eq!(
            Throttle::new(start).passed(u64::MAX, f64::MAX, now),
            Duration::ZERO
        );
    }

    #[test]
    fn what_is_slow_enough_never_waits() {
        let start = clock::instant();
        let throttle = Throttle::new(start);
        for n in 1..1000 {
            let now = start + Duration::from_millis(n);
            assert_eq!(throttle.passed(999, 1e6, now), Duration::ZERO);
        }
    }
}
