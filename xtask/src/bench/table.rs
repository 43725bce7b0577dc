//! Prints what was measured, side by side.

use crate::test::say;

/// Which of two values is the better one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Better {
    Less,
    More,
}

/// One thing that was measured, in every run.
pub(crate) struct Row<'a> {
    pub(crate) part: &'a str,
    pub(crate) what: &'a str,
    pub(crate) better: Better,
    pub(crate) ottla: Vec<f64>,
    pub(crate) kafka: Vec<f64>,
    /// What a server that only moves bytes needed; empty where there is none.
    pub(crate) floor: Vec<f64>,
}

/// The middle of the values, or the mean of the two in the middle; 0 without values.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => 0.0,
        count if count % 2 == 1 => sorted[count / 2],
        count => (sorted[count / 2 - 1] + sorted[count / 2]) / 2.0,
    }
}

/// How many times better the first median is than the second, if both are there.
pub(crate) fn ratio(better: Better, ours: &[f64], theirs: &[f64]) -> Option<f64> {
    let (ours, theirs) = (median(ours), median(theirs));
    let both = ours > 0.0 && theirs > 0.0;
    both.then(|| match better {
        Better::Less => theirs / ours,
        Better::More => ours / theirs,
    })
}

/// A number as it is read: three digits that count, thousands apart.
pub(crate) fn shown(number: f64) -> String {
    let size = number.abs();
    let text = match size {
        100.0.. => format!("{number:.0}"),
        10.0.. => format!("{number:.1}"),
        1.0.. => format!("{number:.2}"),
        0.01.. => format!("{number:.3}"),
        _ => format!("{number:.5}"),
    };
    let text = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => &text,
    };
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    if size < 1000.0 {
        return text.to_owned();
    }
    let mut apart = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            apart.push(',');
        }
        apart.push(digit);
    }
    format!("{sign}{apart}")
}

/// The width of the names.
const NAME: usize = 48;

/// Prints a line per row: least, median and most of each, and how many times better Ottla's median is than Apache Kafka's.
pub(crate) fn print(rows: &[Row<'_>]) {
    let most = |of: fn(&Row<'_>) -> usize| rows.iter().map(of).max().unwrap_or(0);
    let runs = (most(|row| row.ottla.len()), most(|row| row.kafka.len()));
    let floor = match most(|row| row.floor.len()) {
        0 => "",
        _ => "     floor",
    };
    say(&format!(
        "{:<NAME$}{:>31}{:>31}{:>10}{floor}",
        "",
        format!("Ottla ({} runs)", runs.0),
        format!("Apache Kafka ({} runs)", runs.1),
        ""
    ));
    say(&format!(
        "{:<NAME$}{:>13}{:>9}{:>9}{:>13}{:>9}{:>9}{:>10}",
        "", "min", "median", "max", "min", "median", "max", "ratio"
    ));
    for row in rows {
        say(&line(row));
    }
}

fn line(row: &Row<'_>) -> String {
    let ratio = ratio(row.better, &row.ottla, &row.kafka)
        .map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.1}x"));
    let floor = match row.floor.is_empty() {
        true => String::new(),
        false => format!("{:>10.2}", median(&row.floor)),
    };
    format!(
        "{:<NAME$}{}{}{ratio:>10}{floor}",
        row.what,
        three(&row.ottla),
        three(&row.kafka)
    )
}

fn three(values: &[f64]) -> String {
    if values.is_empty() {
        return format!("{:>13}{:>9}{:>9}", "-", "-", "-");
    }
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    format!("{least:>13.1}{:>9.1}{most:>9.1}", median(values))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_are_in_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0]), 2.5);
        assert_eq!(median(&[]), 0.0);
        assert!(three(&[-2.5]).ends_with("     -2.5     -2.5"));
    }

    #[test]
    fn numbers_have_three_digits_that_count_and_thousands_apart() {
        let all = [0.0, 0.0123, 1.0, 12.34, 999.6, 1234.6, -1_234_567.0];
        let texts = all.map(shown);
        assert_eq!(
            texts,
            ["0", "0.012", "1", "12.3", "1000", "1,235", "-1,234,567"]
        );
    }

    #[test]
    fn a_line_has_every_number() {
        let row = Row {
            part: "",
            what: "ms",
            better: Better::Less,
            ottla: vec![3.0, 1.0, 2.0],
            kafka: vec![5.0],
            floor: Vec::new(),
        };
        let line = line(&row);
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(
            words,
            ["ms", "1.0", "2.0", "3.0", "5.0", "5.0", "5.0", "2.5x"]
        );
        let row = Row {
            better: Better::More,
            ..row
        };
        assert!(super::line(&row).ends_with("0.4x"));
    }
}
