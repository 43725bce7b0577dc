//! What was measured, in the order in which it was first.

use std::collections::BTreeMap;

use super::{
    broker::Kind,
    table::{Better, Row, print},
};

/// One thing that was measured.
struct Entry {
    part: String,
    what: String,
    better: Better,
    values: BTreeMap<Kind, Vec<f64>>,
}

/// All of them.
#[derive(Default)]
pub(crate) struct Results {
    /// The part that values belong to now.
    pub(crate) part: String,
    entries: Vec<Entry>,
}

impl Results {
    /// Adds a value to those of the same thing. `what` ends with its unit, after a comma.
    pub(crate) fn add(&mut self, kind: Kind, what: String, better: Better, value: f64) {
        let mut entries = self.entries.iter();
        let at = entries.position(|of| of.what == what && of.part == self.part);
        let at = at.unwrap_or_else(|| {
            self.entries.push(Entry {
                part: self.part.clone(),
                what,
                better,
                values: BTreeMap::new(),
            });
            self.entries.len() - 1
        });
        self.entries[at].values.entry(kind).or_default().push(value);
    }

    /// Prints the table.
    pub(crate) fn print(&self) {
        print(&self.rows());
    }

    /// The table.
    pub(crate) fn rows(&self) -> Vec<Row<'_>> {
        let of = |values: &BTreeMap<Kind, Vec<f64>>, kind| values.get(&kind).cloned();
        let rows = self.entries.iter().map(|entry| Row {
            part: &entry.part,
            what: &entry.what,
            better: entry.better,
            ottla: of(&entry.values, Kind::Ottla).unwrap_or_default(),
            kafka: of(&entry.values, Kind::Kafka).unwrap_or_default(),
            floor: of(&entry.values, Kind::Floor).unwrap_or_default(),
        });
        rows.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_a_thing_come_together() {
        let mut results = Results::default();
        results.add(Kind::Ottla, "a".to_owned(), Better::Less, 1.0);
        results.add(Kind::Ottla, "b".to_owned(), Better::Less, 2.0);
        results.add(Kind::Kafka, "a".to_owned(), Better::Less, 3.0);
        results.add(Kind::Ottla, "a".to_owned(), Better::Less, 4.0);
        results.part = "other".to_owned();
        results.add(Kind::Ottla, "a".to_owned(), Better::Less, 5.0);
        let rows = results.rows();
        let seen: Vec<_> = rows.iter().map(|row| (row.part, row.what)).collect();
        assert_eq!(seen, [("", "a"), ("", "b"), ("other", "a")]);
        assert_eq!(
            (&rows[0].ottla[..], &rows[0].kafka[..]),
            (&[1.0, 4.0][..], &[3.0][..])
        );
    }
}
