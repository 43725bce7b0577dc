//! What Ottla's records are held to beside Apache Kafka's, and where they fall short.

use super::{
    cells,
    table::{Row, median, ratio, shown},
};

/// The beginning and the end of a row's name, and how many times better Ottla must be.
const TIMES: [(&str, &str, f64); 17] = [
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
    ("Java's producer", "records/s", 1.0),
    ("librdkafka's producer", "records/s", 1.0),
    ("Java's consumer", "MB/s", 1.0),
    ("librdkafka's consumer", "MB/s", 1.0),
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
/// How much more than the bare server Ottla may need where batches are large.
const ABOVE_FLOOR: f64 = 2.0;

/// Where Ottla's medians fall short.
pub(crate) fn shortfalls(rows: &[Row<'_>]) -> Vec<String> {
    let mut short = Vec::new();
    for row in rows {
        let parts = parts(row, rows);
        short.extend(of_row(row).into_iter().map(|line| line + &parts));
    }
    short
}

/// Of processor time and of the slowest answers: what each needs, the bare server too, which does nothing but move the
/// bytes; of processor time, how much is the program's own code and not the kernel's.
fn parts(row: &Row<'_>, rows: &[Row<'_>]) -> String {
    let of_cpu = row.what.strip_suffix(", CPU s a GB");
    if of_cpu.is_none() && !row.what.ends_with("p99, ms") {
        return String::new();
    }
    let own = of_cpu.and_then(|cell| {
        let wanted = format!("{cell}, user CPU s a GB");
        rows.iter().find(|of| of.what == wanted)
    });
    let said = |name: &str, all: &[f64], own: Option<&[f64]>| {
        let own = own.filter(|own| !own.is_empty()).map(median);
        let own = own.map_or_else(String::new, |own| format!(" (own code {})", shown(own)));
        (!all.is_empty()).then(|| format!("{name} {}{own}", shown(median(all))))
    };
    let said = [
        said("Ottla", &row.ottla, own.map(|of| &*of.ottla)),
        said("Apache Kafka", &row.kafka, own.map(|of| &*of.kafka)),
        said("the floor", &row.floor, None),
    ];
    let said: Vec<String> = said.into_iter().flatten().collect();
    format!("; {}", said.join(", "))
}

fn of_row(row: &Row<'_>) -> Vec<String> {
    let (ours, floor) = (median(&row.ottla), median(&row.floor));
    let mut short = Vec::new();
    if ours <= 0.0 {
        return short;
    }
    let what = row.what;
    // Of processor time, all of it counts.
    let part = what.ends_with("user CPU s a GB");
    let named = |start, end| what.starts_with(start) && what.ends_with(end) && !part;
    let ratio = ratio(row.better, &row.ottla, &row.kafka);
    for (start, end, times) in TIMES {
        if let Some(ratio) = ratio.filter(|ratio| *ratio < times && named(start, end)) {
            short.push(format!(
                "{what}: {ratio:.2} times as good as Apache Kafka, not {times}"
            ));
        }
    }
    let large = what.ends_with(", CPU s a GB") && cells::is_large(what);
    if floor > 0.0 && large && ours > floor * ABOVE_FLOOR {
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
    fn processor_time_that_falls_short_is_told_by_its_parts() {
        let rows = [
            row("read, x, CPU s a GB", Better::Less, [0.2, 0.3, 0.18]),
            row("read, x, user CPU s a GB", Better::Less, [0.01, 0.04, 0.0]),
        ];
        let expected = "read, x, CPU s a GB: 1.50 times as good as Apache Kafka, not 3; Ottla 0.2 (own code 0.01), Apache \
                        Kafka 0.3 (own code 0.04), the floor 0.18";
        assert_eq!(shortfalls(&rows), [expected]);
        let late = row("at 10 %, answer p99, ms", Better::Less, [0.5, 1.0, 0.3]);
        assert_eq!(
            shortfalls(&[late]),
            [
                "at 10 %, answer p99, ms: 2.00 times as good as Apache Kafka, not 4; Ottla 0.5, Apache Kafka 1, the floor 0.3"
            ]
        );
        assert_eq!(
            shortfalls(&[row("read, x, MB/s", Better::More, [0.9, 1.0, 0.0])]),
            ["read, x, MB/s: 0.90 times as good as Apache Kafka, not 1"]
        );
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
            1
        );
        assert_eq!(
            count(
                "write, lz4, batches of 128 KiB, CPU s a GB",
                Better::Less,
                [1.1, 4.0, 0.5]
            ),
            2
        );
        assert_eq!(
            count("write, x, user CPU s a GB", Better::Less, [1.1, 4.0, 0.0]),
            0
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
