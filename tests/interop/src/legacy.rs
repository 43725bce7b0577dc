//! Message sets of magic 0 and 1, which only old releases wrote: as Apache Kafka's own classes make them, and in the place of
//! a log.

use std::{fs, path::Path};

use bytes::{Buf, Bytes};
use ottla_wire::records::Record;

use crate::oracle::{Home, compile, output};

/// How many there are: magic 0 in four codecs, magic 1 in four codecs and two timestamp types.
pub const SETS: usize = 12;
/// The offset of the first record of each.
pub const FIRST: i64 = 1000;
/// The offset after the last.
pub const END: i64 = 1050;

/// A message set.
#[derive(Clone, Debug)]
pub struct Set {
    /// As it is in a segment.
    pub bytes: Bytes,
    /// As Apache Kafka reads it.
    pub records: Vec<Record>,
}

/// All of them. `dir` is a folder for the tool's output.
///
/// # Panics
/// If Apache Kafka makes none.
pub fn sets(dir: &Path) -> Vec<Set> {
    let home = Home::find();
    compile(&home).expect("compiled");
    let file = dir.join("sets");
    let mut java = home.class("LegacySets").expect("java");
    output(java.arg(&file)).expect("LegacySets");
    let mut all = Bytes::from(fs::read(&file).expect("sets"));
    let mut sets = Vec::new();
    while all.has_remaining() {
        let bytes = sized(&mut all).expect("a set");
        let records = (0..all.get_i32()).map(|_| record(&mut all)).collect();
        sets.push(Set { bytes, records });
    }
    assert_eq!(sets.len(), SETS);
    sets
}

fn sized(from: &mut Bytes) -> Option<Bytes> {
    let len = usize::try_from(from.get_i32()).ok()?;
    Some(from.split_to(len))
}

fn record(from: &mut Bytes) -> Record {
    Record {
        offset: from.get_i64(),
        timestamp: from.get_i64(),
        sequence: -1,
        key: sized(from),
        value: sized(from),
        headers: Vec::new(),
    }
}

/// Puts a set in the place of all that was in the directory of a stopped partition. Nothing but the set and the topic's id is
/// there then.
///
/// # Panics
/// If files cannot be written.
pub fn plant(partition: &Path, set: &Set) {
    for entry in fs::read_dir(partition).expect("a partition") {
        let path = entry.expect("an entry").path();
        if !path.ends_with("partition.metadata") {
            fs::remove_file(path).expect("removed");
        }
    }
    let log = partition.join(format!("{FIRST:020}.log"));
    fs::write(log, &set.bytes).expect("written");
}
