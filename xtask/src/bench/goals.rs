//! What Ottla's records are held to beside Apache Kafka's, and where they fall short.

use super::table::{Row, median, ratio};

/// The beginning and the end of a row's name, and how many times better Ottla must be.
const TIMES: [(&str, &str, f64); 13] = [
    ("write, ", "CPU s a GB", 4.0),
    ("read, ", "CPU s a GB", 3.0),
    ("10 readers, ", "CPU s a GB", 3.0),
    ("read from disk, ", "CPU s a GB", 3.0),
    ("write, ", "MB/s", 1.0),
    ("read, ", "MB/s", 1.0),
    ("10 readers, ", "MB/s", 1.0),
    ("read from disk, ", "MB/s", 1.0),
    ("at ", "p99, ms", 4.0),
    ("Java's producer", "CPU s a GB", 4.0),
    ("librdkafka's producer", "CPU s a GB", 4.0),
    ("Java's consumer", "CPU s a GB", 3.0),
    ("librdkafka's consumer", "CPU s a GB", 3.0),
];
/// The same, and the most that it may be.
const MOST: [(&str, &str, f64); 9] = [
    ("write, ", "MB resident", 100.0),
    ("read, ", "MB resident", 100.0),
    ("10 readers, ", "MB resident", 100.0),
    ("at ", "MB resident", 100.0),
    ("at 10 %", "p99, ms", 5.0),
    ("at 50 %", "p99, ms", 5.0),
    ("new node, exec to first ApiVersions", "ms", 50.0),
    ("100000 partitions", "restarted in ms", 5000.0),
    ("100000 partitions", "MB resident", 500.0),
];
/// How much more than the bare server Ottla may need.
const ABOVE_FLOOR: f64 = 2.0;

/// Where Ottla's medians fall short.
pub(crate) fn shortfalls(rows: &[Row<'_>]) -> Vec<String> {
    rows.iter().flat_map(of_row).collect()
}

fn of_row(row: &Row<'_>) -> Vec<String> {
    let (ours, floor) = (median(&row.ottla), median(&row.floor));
    let mut short = Vec::new();
    if ours <= 0.0 {
        return short;
    }
    let what = row.what;
    let named = |start, end| what.starts_with(start) && what.ends_with(end);
    let ratio = ratio(row.better, &row.ottla, &row.kafka);
    for (start, end, times) in TIMES {
        if let Some(ratio) = ratio.filter(|ratio| *ratio < times && named(start, end)) {
            short.push(format!(
                "{what}: {ratio:.2} times as good as Apache Kafka, not {times}"
            ));
        }
    }
    if floor > 0.0 && what.ends_with("CPU s a GB") && ours > floor * ABOVE_FLOOR {
        let times = ours / floor;
        short.push(format!(
            "{what}: {times:.1} times the floor, not {ABOVE_FLOOR}"
        ));
    }
    for (start, end, most) in MOST {
        if named(start, end) && ours > most {
            short.push(format!("{what}: {ours:.1}, more than {most}"));
        }
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::table::Better;

    fn row(what: &str, better: Better, of: [f64; 3]) -> Row<'_> {
        let values = |value: f64| if value > 0.0 { vec![value] } else { Vec::new() };
        Row {
            part: "",
            what,
            better,
            ottla: values(of[0]),
            kafka: values(of[1]),
            floor: values(of[2]),
        }
    }

    #[test]
    fn what_falls_short_is_named() {
        let count = |what, better, of| of_row(&row(what, better, of)).len();
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
        for (what, most) in [
            ("100000 partitions, restarted in ms", 5000.0),
            ("100000 partitions, restarted MB resident", 500.0),
            ("new node, exec to first ApiVersions answer, ms", 50.0),
        ] {
            assert_eq!(count(what, Better::Less, [most, 0.0, 0.0]), 0, "{what}");
            assert_eq!(
                count(what, Better::Less, [most + 1.0, 0.0, 0.0]),
                1,
                "{what}"
            );
        }
    }
}
