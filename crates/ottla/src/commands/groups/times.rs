//! Times as arguments: a date and time, or a duration back from now.

use std::time::{SystemTime, UNIX_EPOCH};

const DAY: i128 = 86_400_000_000_000;
const NANOS_PER_MS: i128 = 1_000_000;

/// Milliseconds since 1970 of e.g. `2026-01-31T23:59:59.000`, with `Z`, `+hh`, `+hhmm` or `+hh:mm` if it is not UTC.
pub(super) fn parse_datetime(text: &str) -> Result<i64, String> {
    datetime(text).ok_or_else(|| {
        format!("`{text}` is no date and time: write YYYY-MM-DDThh:mm:ss.sss, in UTC or with +hh:mm at the end")
    })
}

fn datetime(text: &str) -> Option<i64> {
    let (date, time) = text.split_once('T')?;
    let zone_at = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (time, zone) = time.split_at(zone_at);
    let [year, month, day] = fields(date, ['-', '-'], [4, 2, 2])?;
    let (time, millis) = time.split_once('.')?;
    let [hour, minute, second] = fields(time, [':', ':'], [2, 2, 2])?;
    let [millis] = fields(millis, [], [3])?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=days).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = ((days_since_1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    Some((seconds - offset_minutes(zone)? * 60) * 1000 + millis)
}

/// Numbers of so many digits with these characters between them.
fn fields<const N: usize, const M: usize>(
    mut text: &str,
    between: [char; M],
    digits: [usize; N],
) -> Option<[i64; N]> {
    let mut numbers = [0; N];
    for (place, number) in numbers.iter_mut().enumerate() {
        if place > 0 {
            text = text.strip_prefix(between[place - 1])?;
        }
        let (field, rest) = text.split_at_checked(digits[place])?;
        if !field.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *number = field.parse().ok()?;
        text = rest;
    }
    text.is_empty().then_some(numbers)
}

/// Days of the Gregorian calendar; the year begins in March, so that the leap day is its last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1 - 719_468
}

/// Minutes east of Greenwich.
fn offset_minutes(zone: &str) -> Option<i64> {
    let (sign, digits) = match zone.split_at_checked(1) {
        None | Some(("Z", "")) => return Some(0),
        Some(("+", digits)) => (1, digits),
        Some(("-", digits)) => (-1, digits),
        _ => return None,
    };
    let [hours, minutes] = fields(digits, [':'], [2, 2])
        .or_else(|| fields(digits, [], [2]).map(|[hours]| [hours, 0]))
        .or_else(|| {
            let (hours, minutes) = digits.split_at_checked(2)?;
            let ([hours], [minutes]) = (fields(hours, [], [2])?, fields(minutes, [], [2])?);
            Some([hours, minutes])
        })?;
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 60 + minutes))
}

/// A duration in nanoseconds, which may be negative.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Span(i128);

impl Span {
    /// Milliseconds since 1970 of the moment so long before now.
    pub(super) fn before_now(self) -> i64 {
        self.before(now())
    }

    fn before(self, now: i128) -> i64 {
        let at = (now - self.0).div_euclid(NANOS_PER_MS);
        i64::try_from(at).unwrap_or(if at < 0 { i64::MIN } else { i64::MAX })
    }
}

#[allow(clippy::disallowed_methods)]
fn now() -> i128 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i128::try_from(since.as_nanos()).unwrap_or(i128::MAX)
    })
}

/// An ISO 8601 duration of days, hours, minutes and seconds, e.g. `P1DT12H30M5.5S`; each part may have a sign.
pub(super) fn parse_span(text: &str) -> Result<Span, String> {
    span(text)
        .map(Span)
        .ok_or_else(|| format!("`{text}` is no duration: write PnDTnHnMnS, e.g. P7D or PT1H30M"))
}

fn span(text: &str) -> Option<i128> {
    let upper = text.to_ascii_uppercase();
    let (sign, rest) = match upper.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, upper.strip_prefix('+').unwrap_or(&upper)),
    };
    let (days, times) = match rest.strip_prefix('P')?.split_once('T') {
        Some((_, "")) => return None,
        Some((days, times)) => (days, times),
        None => (rest.strip_prefix('P')?, ""),
    };
    if days.is_empty() && times.is_empty() {
        return None;
    }
    let (days, rest) = part(days, 'D', DAY)?;
    if !rest.is_empty() {
        return None;
    }
    let (hours, rest) = part(times, 'H', DAY / 24)?;
    let (minutes, rest) = part(rest, 'M', DAY / 24 / 60)?;
    let (seconds, rest) = seconds(rest)?;
    rest.is_empty()
        .then_some(sign * (days + hours + minutes + seconds))
}

/// A number with a unit in front of the rest, or nothing.
fn part(text: &str, unit: char, nanos: i128) -> Option<(i128, &str)> {
    match text.split_once(unit) {
        Some((number, rest)) => {
            let number: i64 = number.parse().ok()?;
            Some((i128::from(number) * nanos, rest))
        }
        None => Some((0, text)),
    }
}

fn seconds(text: &str) -> Option<(i128, &str)> {
    let Some((number, rest)) = text.split_once('S') else {
        return Some((0, text));
    };
    let (whole, fraction) = number.split_once(['.', ',']).unwrap_or((number, ""));
    if fraction.len() > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds: i64 = whole.parse().ok()?;
    let nanos: i128 = format!("{fraction:0<9}").parse().ok()?;
    let sign = if whole.starts_with('-') { -1 } else { 1 };
    Some((i128::from(seconds) * 1_000_000_000 + sign * nanos, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_milliseconds_since_1970() {
        for (text, millis) in [
            ("1970-01-01T00:00:00.000", 0),
            ("2000-02-29T12:30:15.250", 951_827_415_250),
            ("2026-11-21T10:55:00.001Z", 1_795_258_500_001),
            ("2026-11-21T12:55:00.001+02:00", 1_795_258_500_001),
            ("2026-11-21T12:25:00.001+0130", 1_795_258_500_001),
            ("2026-11-21T05:55:00.001-05", 1_795_258_500_001),
            ("1969-12-31T23:59:59.999", -1),
        ] {
            assert_eq!(parse_datetime(text), Ok(millis), "{text}");
        }
        for wrong in [
            "",
            "2026-11-21",
            "2026-11-21T10:55:00",
            "2026-11-21T10:55:00.5",
            "2026-11-31T10:55:00.000",
            "2025-02-29T10:55:00.000",
            "2026-13-01T10:55:00.000",
            "2026-11-21T24:00:00.000",
            "2026-11-21T10:55:60.000",
            "2026-11-21T10:55:00.000+1",
            "2026-11-21T10:55:00.000Zulu",
            "2026-11-2\u{e9}T10:55:00.000",
        ] {
            assert!(parse_datetime(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn durations_are_those_of_iso_8601() {
        for (text, millis) in [
            ("P1D", 86_400_000),
            ("pt1h", 3_600_000),
            ("P1DT2H3M4.5S", 93_784_500),
            ("-PT1M", -60_000),
            ("PT-1M", -60_000),
            ("-PT-1M30S", 30_000),
            ("PT-0.5S", -500),
            ("PT0,25S", 250),
            ("PT0S", 0),
        ] {
            assert_eq!(parse_span(text), Ok(Span(millis * NANOS_PER_MS)), "{text}");
        }
        for wrong in [
            "", "P", "PT", "P1DT", "1D", "P1H", "PT1D", "PT1.5M", "PT1S1M", "P1Y", "PTS",
        ] {
            assert!(parse_span(wrong).is_err(), "{wrong}");
        }
        assert_eq!(
            Span(1).before(2 * NANOS_PER_MS),
            1,
            "rounded to what is past"
        );
        assert_eq!(Span(i128::from(i64::MAX) * DAY).before(0), i64::MIN);
    }
}
