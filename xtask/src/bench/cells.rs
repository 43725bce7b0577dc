//! The shapes in which records are written and read.

/// A shape of records and requests.
pub(crate) struct Cell {
    pub(crate) name: &'static str,
    /// As `record_load` is told it.
    pub(crate) shape: &'static str,
    /// Of the megabytes of a cell: small batches take long.
    pub(crate) share: f64,
    /// Whether batches are so large that little but moving bytes is left.
    pub(crate) large: bool,
    /// Whether they are read again: what only differs in how it was written is read in the same way.
    pub(crate) read: bool,
}

const fn cell(name: &'static str, shape: &'static str) -> Cell {
    Cell {
        name,
        shape,
        share: 1.0,
        large: false,
        read: true,
    }
}

const fn large(name: &'static str, shape: &'static str) -> Cell {
    Cell {
        large: true,
        ..cell(name, shape)
    }
}

const fn small(name: &'static str, shape: &'static str, share: f64) -> Cell {
    Cell {
        share,
        ..cell(name, shape)
    }
}

const fn unread(cell: Cell) -> Cell {
    Cell {
        read: false,
        ..cell
    }
}

/// Each is acks=all, not compressed, to 6 partitions over one connection, unless it says something else.
pub(crate) const CELLS: [Cell; 22] = [
    cell(
        "1 KiB, batches of 16 KiB",
        "record_bytes=1024 batch_bytes=16384 partitions=6",
    ),
    large(
        "1 KiB, batches of 128 KiB",
        "record_bytes=1024 batch_bytes=131072 partitions=6",
    ),
    large(
        "1 KiB, batches of 1 MiB",
        "record_bytes=1024 batch_bytes=1000000 partitions=6",
    ),
    small(
        "1 KiB, one a batch",
        "record_bytes=1024 batch_bytes=1024 partitions=6 window=32",
        0.1,
    ),
    small(
        "100 B, batches of 16 KiB",
        "record_bytes=100 batch_bytes=16384 partitions=6",
        0.5,
    ),
    Cell {
        share: 0.5,
        ..large(
            "100 B, batches of 128 KiB",
            "record_bytes=100 batch_bytes=131072 partitions=6",
        )
    },
    large(
        "100 KiB, one a batch",
        "record_bytes=102400 batch_bytes=102400 partitions=6",
    ),
    large(
        "100 KiB, batches of 1 MiB",
        "record_bytes=102400 batch_bytes=1024000 partitions=6",
    ),
    cell(
        "lz4, batches of 16 KiB",
        "record_bytes=1024 batch_bytes=16384 partitions=6 codec=lz4",
    ),
    large(
        "lz4, batches of 128 KiB",
        "record_bytes=1024 batch_bytes=131072 partitions=6 codec=lz4",
    ),
    cell(
        "zstd, batches of 16 KiB",
        "record_bytes=1024 batch_bytes=16384 partitions=6 codec=zstd",
    ),
    large(
        "zstd, batches of 128 KiB",
        "record_bytes=1024 batch_bytes=131072 partitions=6 codec=zstd",
    ),
    cell(
        "1 partition, batches of 16 KiB",
        "record_bytes=1024 batch_bytes=16384 partitions=1",
    ),
    large(
        "1 partition, batches of 128 KiB",
        "record_bytes=1024 batch_bytes=131072 partitions=1",
    ),
    cell(
        "100 partitions, 25 batches of 16 KiB a request",
        "record_bytes=1024 batch_bytes=16384 partitions=100 spread=25",
    ),
    small(
        "100 partitions, 25 batches of 1 KiB a request",
        "record_bytes=1024 batch_bytes=1024 partitions=100 spread=25",
        0.2,
    ),
    cell(
        "6 connections, batches of 16 KiB",
        "record_bytes=1024 batch_bytes=16384 partitions=6 connections=6",
    ),
    unread(cell(
        "acks=1, batches of 16 KiB",
        "record_bytes=1024 batch_bytes=16384 partitions=6 acks=1",
    )),
    unread(large(
        "acks=1, batches of 128 KiB",
        "record_bytes=1024 batch_bytes=131072 partitions=6 acks=1",
    )),
    unread(small(
        "acks=1, one a batch",
        "record_bytes=1024 batch_bytes=1024 partitions=6 window=32 acks=1",
        0.1,
    )),
    unread(cell(
        "idempotent, batches of 16 KiB",
        "record_bytes=1024 batch_bytes=16384 partitions=6 idempotent=1",
    )),
    unread(large(
        "idempotent, batches of 128 KiB",
        "record_bytes=1024 batch_bytes=131072 partitions=6 idempotent=1",
    )),
];

/// Whether a row's name is that of a cell with large batches.
pub(crate) fn is_large(row: &str) -> bool {
    let cell = row.split_once(", ").and_then(|(_, rest)| {
        let (cell, _unit) = rest.rsplit_once(", ")?;
        CELLS.iter().find(|of| of.name == cell)
    });
    cell.is_some_and(|cell| cell.large)
}

/// Those of which the name contains one of the words; all, if there is none.
pub(crate) fn chosen(words: &[String]) -> impl Iterator<Item = &'static Cell> {
    CELLS
        .iter()
        .filter(|cell| words.is_empty() || words.iter().any(|word| cell.name.contains(&**word)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn cells_have_names_of_their_own_and_are_chosen_by_them() {
        let names: BTreeSet<&str> = CELLS.iter().map(|cell| cell.name).collect();
        assert_eq!(names.len(), CELLS.len());
        assert_eq!(chosen(&[]).count(), CELLS.len());
        let words = ["lz4".to_owned(), "100 KiB".to_owned()];
        assert_eq!(chosen(&words).count(), 4);
        assert_eq!(chosen(&["snappy".to_owned()]).count(), 0);
        assert!(is_large("write, lz4, batches of 128 KiB, CPU s a GB"));
        assert!(!is_large("write, lz4, batches of 16 KiB, CPU s a GB"));
        assert!(!is_large("10 readers, CPU s a GB"));
    }
}
