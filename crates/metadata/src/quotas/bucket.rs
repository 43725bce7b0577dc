//! Permits that come with time, up to a burst, and may be owed: Kafka's `TokenBucket`.

use ottla_machine::Time;

use super::rate::{Window, round};

/// What is left of the permits of one caller.
#[derive(Clone, Debug, Default)]
pub struct Bucket {
    permits: f64,
    filled: Time,
}

impl Bucket {
    /// What is left; less than 0 is owed. A window of permits is the most there can be.
    pub fn left(&mut self, window: Window, per_second: f64, now: Time) -> f64 {
        let burst = window.total_seconds() * per_second;
        let seconds = now.0.saturating_sub(self.filled.0) as f64 / 1000.0;
        self.permits = (self.permits + per_second * seconds).min(burst);
        self.filled = now;
        self.permits
    }

    /// Takes permits, also those that are not there.
    pub fn take(&mut self, window: Window, per_second: f64, permits: f64, now: Time) {
        let burst = window.total_seconds() * per_second;
        let left = self.left(window, per_second, now);
        self.permits = (left - permits).min(burst);
    }

    /// How long until nothing is owed; `None` if nothing is.
    pub fn wait_ms(&mut self, window: Window, per_second: f64, now: Time) -> Option<u64> {
        let left = self.left(window, per_second, now);
        (left < 0.0).then(|| round(-left / per_second * 1000.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_given_at_once_and_paid_for_later() {
        let window = Window {
            samples: 11,
            sample_ms: 1000,
        };
        let (mut bucket, now) = (Bucket::default(), Time(1_000_000));
        assert_eq!(bucket.left(window, 2.0, now), 22.0);
        bucket.take(window, 2.0, 32.0, now);
        assert_eq!(bucket.wait_ms(window, 2.0, now), Some(5000));
        assert_eq!(bucket.wait_ms(window, 2.0, now.after(4000)), Some(1000));
        assert_eq!(bucket.wait_ms(window, 2.0, now.after(5000)), None);
        assert_eq!(bucket.left(window, 2.0, now.after(3_600_000)), 22.0);
    }
}
