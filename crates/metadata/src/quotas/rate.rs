//! How much there was in the last samples, per second; and how long to wait until it is within a bound.
//!
//! The arithmetic is that of Kafka's `Rate` over a `WindowedSum`, sample by sample, so that delays agree.

use ottla_machine::Time;

/// How long is looked back: so many samples of so many milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Window {
    /// Samples; one more is kept, which is the one that just ended.
    pub samples: u64,
    /// Milliseconds of a sample, at least 1.
    pub sample_ms: u64,
}

impl Window {
    /// All of it, in ms.
    pub fn total_ms(&self) -> u64 {
        self.samples.saturating_mul(self.sample_ms)
    }

    /// All of it, in seconds.
    pub(super) fn total_seconds(&self) -> f64 {
        self.samples as f64 * (self.sample_ms as f64 / 1000.0)
    }
}

#[derive(Clone, Copy, Debug)]
struct Sample {
    began: Time,
    last: Time,
    sum: f64,
}

impl Sample {
    fn new(now: Time) -> Self {
        Self {
            began: now,
            last: now,
            sum: 0.0,
        }
    }
}

/// What was recorded lately.
#[derive(Clone, Debug, Default)]
pub struct Rate {
    /// At most one more than the window has: the next is begun in the place of the oldest.
    samples: Vec<Sample>,
    current: usize,
}

fn between(from: Time, to: Time) -> u64 {
    to.0.saturating_sub(from.0)
}

impl Rate {
    /// Adds to the sample of now; negative values take back.
    pub fn record(&mut self, window: Window, value: f64, now: Time) {
        if self.samples.is_empty() {
            self.samples.push(Sample::new(now));
        }
        if between(self.samples[self.current].began, now) >= window.sample_ms {
            self.current = (self.current + 1) % (window.samples as usize + 1);
            if self.current < self.samples.len() {
                self.samples[self.current] = Sample::new(now);
            } else {
                self.samples.push(Sample::new(now));
                self.current = self.samples.len() - 1;
            }
        }
        let sample = &mut self.samples[self.current];
        sample.sum += value;
        sample.last = now;
    }

    /// Per second.
    pub fn per_second(&mut self, window: Window, now: Time) -> f64 {
        self.forget(window, now);
        let sum: f64 = self.samples.iter().map(|sample| sample.sum).sum();
        sum / (self.elapsed_ms(window, now) as f64 / 1000.0)
    }

    /// How long to wait so that the rate is within `bound` again; `None` if it is.
    pub fn wait_ms(&mut self, window: Window, bound: f64, now: Time) -> Option<u64> {
        let rate = self.per_second(window, now);
        if rate <= bound {
            return None;
        }
        Some(round(
            (rate - bound) / bound * self.elapsed_ms(window, now) as f64,
        ))
    }

    /// What the sum is divided by: the time since the oldest sample began, and no less than all samples but one.
    fn elapsed_ms(&self, window: Window, now: Time) -> u64 {
        let began = self.samples.iter().map(|sample| sample.began).min();
        let mut elapsed = began.map_or(0, |began| between(began, now));
        let (full, least) = (elapsed / window.sample_ms, window.samples.saturating_sub(1));
        if full < least {
            elapsed += (least - full) * window.sample_ms;
        }
        elapsed.max(1)
    }

    /// Begins samples anew that have seen nothing for the whole window.
    fn forget(&mut self, window: Window, now: Time) {
        if self.samples.is_empty() {
            self.samples.push(Sample::new(now));
        }
        for sample in &mut self.samples {
            if between(sample.last, now) >= window.total_ms() {
                *sample = Sample::new(now);
            }
        }
    }
}

/// Half up, as Java's `Math.round`.
pub(super) fn round(value: f64) -> u64 {
    (value + 0.5).floor().max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Window = Window {
        samples: 11,
        sample_ms: 1000,
    };

    #[test]
    fn a_burst_waits_for_its_share() {
        let mut rate = Rate::default();
        let now = Time(5_000);
        rate.record(WINDOW, 20_000.0, now);
        // 20000 in what counts as 10 seconds.
        assert_eq!(rate.per_second(WINDOW, now), 2000.0);
        assert_eq!(rate.wait_ms(WINDOW, 1000.0, now), Some(10_000));
        assert_eq!(rate.wait_ms(WINDOW, 2000.0, now), None);
        rate.record(WINDOW, -20_000.0, now);
        assert_eq!(rate.wait_ms(WINDOW, 1.0, now), None);
    }

    #[test]
    fn what_was_long_ago_does_not_count() {
        let mut rate = Rate::default();
        rate.record(WINDOW, 5000.0, Time(1000));
        assert!(rate.per_second(WINDOW, Time(11_999)) > 0.0);
        assert_eq!(rate.per_second(WINDOW, Time(12_000)), 0.0);
        for second in 20..200 {
            rate.record(WINDOW, 100.0, Time(second * 1000));
            assert!(rate.samples.len() <= 12);
        }
        // Eleven samples with the one that was begun, over the ten seconds since the first.
        let per_second = rate.per_second(WINDOW, Time(199_000));
        assert!((per_second - 110.0).abs() < 1e-9, "{per_second}");
    }
}
