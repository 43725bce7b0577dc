//! The committed data directory that Apache Kafka 4.3.1 wrote, and what it says of it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    oracle::{checkout, output},
    server::Node,
};

fn path(name: &str) -> PathBuf {
    checkout().join("tests/fixtures/kafka-4.3.1").join(name)
}

/// One file of `expected`.
///
/// # Panics
/// If there is no such file.
pub fn expected(name: &str) -> String {
    let path = path("expected").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The rows of a table of `expected`: cells by the names of their columns.
pub fn rows(name: &str) -> Vec<BTreeMap<String, String>> {
    let text = expected(name);
    let mut lines = text.lines().map(|line| line.split('\t').map(str::to_owned));
    let columns: Vec<String> = lines.next().into_iter().flatten().collect();
    lines
        .map(|cells| columns.iter().cloned().zip(cells).collect())
        .collect()
}

/// A node on a copy of the directory in `dir`, configured as it was, on other ports.
///
/// # Panics
/// If the archive cannot be unpacked.
pub fn node(dir: &Path) -> Node {
    let archive = fs::read(path("data.tar.zst")).expect("the archive");
    let tar = zstd::decode_all(&archive[..]).expect("zstd");
    fs::create_dir_all(dir).expect("a folder");
    let plain = dir.join("data.tar");
    fs::write(&plain, tar).expect("tar");
    let mut unpack = Command::new("tar");
    output(unpack.arg("-xf").arg(&plain).arg("-C").arg(dir)).unwrap_or_else(|why| panic!("{why}"));
    let properties = fs::read_to_string(dir.join("server.properties")).expect("server.properties");
    let mut lines: Vec<&str> = properties
        .lines()
        // Where it listens and keeps its data is the node's own.
        .filter(|line| {
            ![
                "listeners=",
                "advertised.listeners=",
                "controller.quorum.bootstrap.servers=",
                "log.dirs=",
            ]
            .iter()
            .any(|own| line.starts_with(own))
        })
        .collect();
    // So that what is there stays.
    lines.extend([
        "offsets.retention.minutes=2147483647",
        "log.cleaner.enable=false",
    ]);
    Node::new(dir, &lines)
}
