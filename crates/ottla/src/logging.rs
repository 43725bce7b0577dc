//! Log lines on stderr in the pattern of Kafka's own log: `[2026-11-21 00:19:32,123] INFO message (logger)`.

use std::fmt;

use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    EnvFilter,
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    registry::LookupSpan,
};

/// The variable that chooses levels, e.g. `OTTLA_LOG=debug` or `OTTLA_LOG=info,ottla_broker::net=debug`.
const LEVELS: &str = "OTTLA_LOG";

/// Starts logging at `default`, or as the `OTTLA_LOG` variable says.
pub(crate) fn start(default: Level) {
    let filter = EnvFilter::builder()
        .with_default_directive(default.into())
        .with_env_var(LEVELS)
        .from_env_lossy();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .event_format(KafkaPattern)
        .init();
}

struct KafkaPattern;

impl<S, N> FormatEvent<S, N> for KafkaPattern
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut to: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = Line::default();
        event.record(&mut line);
        let metadata = event.metadata();
        let now = Timestamp(ottla_broker::clock::wall_ms());
        let logger = metadata.target().replace("::", ".");
        writeln!(
            to,
            "[{now}] {} {}{} ({logger})",
            metadata.level(),
            line.message,
            line.fields
        )
    }
}

/// The message, and the other fields as ` name=value`.
#[derive(Default)]
struct Line {
    message: String,
    fields: String,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        use fmt::Write;
        // Writing to a string does not fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}

/// Milliseconds since 1970, printed as `2026-11-21 00:19:32,123` in UTC.
pub(crate) struct Timestamp(pub(crate) i64);

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, ms) = (self.0.div_euclid(1000), self.0.rem_euclid(1000));
        let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = civil(days);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02},{ms:03}"
        )
    }
}

/// Year, month and day of a number of days since 1970, in the Gregorian calendar.
fn civil(days: i64) -> (i64, i64, i64) {
    // Years that begin in March put the leap day at their end.
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_kafkas() {
        assert_eq!(
            Timestamp(1_795_220_372_123).to_string(),
            "2026-11-21 00:19:32,123"
        );
        assert_eq!(Timestamp(0).to_string(), "1970-01-01 00:00:00,000");
        assert_eq!(
            Timestamp(951_782_400_000).to_string(),
            "2000-02-29 00:00:00,000"
        );
    }
}
