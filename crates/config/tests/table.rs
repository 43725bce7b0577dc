//! The tables against what Apache Kafka 4.4's own definitions print.

use std::collections::BTreeMap;

use ottla_config::{Kind, Preset};

const KAFKA: &str = include_str!("kafka-4.4-configs.csv");

/// Fields of a line of the fixture; quotes protect commas and are never escaped in it.
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    fields.push(field);
    fields
}

#[test]
fn the_tables_are_kafka_4_4s() {
    let mut expected = BTreeMap::new();
    for line in KAFKA.lines().skip(1) {
        let row = fields(line);
        assert_eq!(row.len(), 7, "{line}");
        expected.insert((row[0].clone(), row[1].clone()), row[2..].to_vec());
    }
    assert_eq!(expected.len(), 782);
    let mut found = BTreeMap::new();
    for kind in Kind::ALL {
        for key in kind.keys() {
            let default = match key.preset {
                Preset::Required => "(required)",
                Preset::Null => "null",
                Preset::Is(text) => text,
            };
            let row = [
                key.r#type.name(),
                default,
                &key.rule.to_string(),
                key.importance.name(),
                if key.internal { "internal" } else { "" },
            ];
            found.insert(
                (kind.name().to_owned(), key.name.to_owned()),
                row.map(String::from).to_vec(),
            );
        }
    }
    for (name, row) in &expected {
        assert_eq!(found.get(name), Some(row), "{name:?}");
    }
    assert_eq!(
        found.len(),
        expected.len(),
        "a key that Kafka does not have"
    );
}
