//! What Ottla's records are held to beside Apache Kafka's, and where they fall short.

use super::table::{Better, Row, median};
use crate::test::say;

/// A part of a row's name, how many times better Ottla must be, and what that is called.
const GOALS: [(&str, &str, f64); 5] = [
    ("write, ", "CPU s a GB", 4.0),
    ("read, ", "CPU s a GB", 3.0),
    ("write, ", "MB/s", 1.0),
    ("read, ", "MB/s", 1.0),
    ("at ", "p99, ms", 4.0),
];
/// How much more than the bare server Ottla may need.
const ABOVE_FLOOR: f64 = 2.0;
/// Memory under load, in MB.
const RESIDENT: f64 = 100.0;
/// To a reader at up to half of the capacity, in ms.
const TAIL: f64 = 5.0;

/// Says where Ottla's medians fall short.
pub(crate) fn tell(rows: &[Row<'_>]) {
    let short: Vec<String> = rows.iter().flat_map(shortfalls).collect();
    for line in &short {
        say(&format!("falls short: {line}"));
    }
    if short.is_empty() && !rows.is_empty() {
        say("nothing falls short");
    }
}

fn shortfalls(row: &Row<'_>) -> Vec<String> {
    let (ours, theirs, floor) = (median(&row.ottla), median(&row.kafka), median(&row.floor));
    let mut short = Vec::new();
    if ours <= 0.0 {
        return short;
    }
    let what = row.what;
    let ratio = match row.better {
        Better::Less => theirs / ours,
        Better::More => ours / theirs,
    };
    for (start, end, times) in GOALS {
        if theirs > 0.0 && what.starts_with(start) && what.ends_with(end) && ratio < times {
            short.push(format!("{what}: {ratio:.1} times better, not {times}"));
        }
    }
    if floor > 0.0 && what.ends_with("CPU s a GB") && ours > floor * ABOVE_FLOOR {
        let times = ours / floor;
        short.push(format!(
            "{what}: {times:.1} times the floor, not {ABOVE_FLOOR}"
        ));
    }
    if what.ends_with("MB resident")
        && (what.starts_with("write") || what.starts_with("read"))
        && ours > RESIDENT
    {
        short.push(format!("{what}: {ours:.0}, more than {RESIDENT}"));
    }
    let calm = what.starts_with("at 10 %") || what.starts_with("at 50 %");
    if calm && what.ends_with("p99, ms") && ours > TAIL {
        short.push(format!("{what}: {ours:.1}, more than {TAIL}"));
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(what: &str, better: Better, of: [f64; 3]) -> Row<'_> {
        let values = |value: f64| if value > 0.0 { vec![value] } else { Vec::new() };
        Row {
            what,
            better,
            ottla: values(of[0]),
            kafka: values(of[1]),
            floor: values(of[2]),
        }
    }

    #[test]
    fn what_falls_short_is_named() {
        let count = |what, better, of| shortfalls(&row(what, better, of)).len();
        assert_eq!(
            count("write, x, CPU s a GB", Better::Less, [1.0, 4.0, 0.5]),
            0
        );
        assert_eq!(
            count("write, x, CPU s a GB", Better::Less, [1.1, 4.0, 0.5]),
            2
        );
        assert_eq!(
            count("read, x, CPU s a GB", Better::Less, [1.1, 4.0, 0.0]),
            0
        );
        assert_eq!(count("read, x, MB/s", Better::More, [0.9, 1.0, 0.0]), 1);
        assert_eq!(
            count("read, x, MB resident", Better::Less, [101.0, 900.0, 0.0]),
            1
        );
        assert_eq!(
            count(
                "at 50 % of capacity, reader p99, ms",
                Better::Less,
                [5.1, 40.0, 0.0]
            ),
            1
        );
        assert_eq!(
            count(
                "at 80 % of capacity, reader p99, ms",
                Better::Less,
                [11.0, 40.0, 0.0]
            ),
            1
        );
        assert_eq!(
            count(
                "at 80 % of capacity, reader p99, ms",
                Better::Less,
                [9.0, 40.0, 0.0]
            ),
            0
        );
    }
}
