//! Every message in every version: what Apache Kafka's own classes write, we read and write again to the same bytes, and
//! the other way round.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use bytes::Bytes;
use ottla_interop::{
    frames,
    oracle::{Home, compile, output},
};
use ottla_wire::{
    messages::random::TABLE,
    random::{Entry, Random},
};

/// Values of each message and version, each way. `OTTLA_CODEC_VALUES` asks for more, `OTTLA_CODEC_SEED` for others.
const VALUES: u64 = 25;
const SEED: u64 = 440;

fn setting(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().expect(name),
        Err(_) => default,
    }
}

/// Apache Kafka's side, in Java.
fn codec(arguments: &[&str], file: Option<&Path>) -> Result<String, String> {
    let home = Home::find();
    compile(&home)?;
    let mut java = home.class("Codec")?;
    java.args(arguments).args(file);
    output(&mut java).map(|text| String::from_utf8_lossy(&text).into_owned())
}

#[test]
fn both_sides_know_the_same_messages_and_versions() {
    let kafka: BTreeMap<String, String> = codec(&["list"], None)
        .expect("Codec list")
        .lines()
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            (cells[0].to_owned(), format!("{}-{}", cells[1], cells[2]))
        })
        .collect();
    let ours: BTreeMap<String, String> = TABLE
        .iter()
        .map(|entry| {
            let (first, last) = (entry.versions.start(), entry.versions.end());
            (entry.name.to_owned(), format!("{first}-{last}"))
        })
        .collect();
    assert_eq!(ours.len(), TABLE.len(), "a name twice");
    assert!(kafka.len() >= 278, "Apache Kafka has {}", kafka.len());
    let mut report = String::new();
    for name in kafka.keys().chain(ours.keys()) {
        let (theirs, ours) = (kafka.get(name), ours.get(name));
        if theirs != ours {
            let _ = writeln!(report, "{name}: Apache Kafka {theirs:?}, ours {ours:?}");
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn what_apache_kafka_writes_we_read_and_write_to_the_same_bytes() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let file = dir.path().join("frames");
    let (seed, values) = (
        setting("OTTLA_CODEC_SEED", SEED),
        setting("OTTLA_CODEC_VALUES", VALUES),
    );
    codec(
        &["write", &seed.to_string(), &values.to_string()],
        Some(&file),
    )
    .expect("Codec write");
    let frames = frames::read(Bytes::from(fs::read(&file).expect("frames"))).expect("frames");
    assert!(
        frames.len() as u64 >= 744 * values,
        "only {} frames",
        frames.len()
    );

    let table: BTreeMap<&str, &Entry> = TABLE.iter().map(|entry| (entry.name, entry)).collect();
    let mut failed: BTreeMap<(String, i16), (u32, String)> = BTreeMap::new();
    for frame in frames {
        let again = match table.get(&*frame.name) {
            Some(entry) if entry.versions.contains(&frame.version) => {
                (entry.roundtrip)(frame.body.clone(), frame.version)
            }
            _ => Err("we have no such message or version".to_owned()),
        };
        let why = match again {
            Ok(bytes) if bytes == frame.body => continue,
            Ok(bytes) => format!("we write {}", hex(&bytes)),
            Err(why) => why,
        };
        failed
            .entry((frame.name, frame.version))
            .or_insert_with(|| (0, format!("{why}\n    of {}", hex(&frame.body))))
            .0 += 1;
    }
    let mut report = String::new();
    for ((name, version), (count, why)) in &failed {
        let _ = writeln!(
            report,
            "{name} v{version}: {count} values differ; first: {why}"
        );
    }
    assert!(
        failed.is_empty(),
        "{} messages and versions\n{report}",
        failed.len()
    );
}

#[test]
fn what_we_write_apache_kafka_reads_and_writes_to_the_same_bytes() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let path = dir.path().join("frames");
    let (seed, values) = (
        setting("OTTLA_CODEC_SEED", SEED),
        setting("OTTLA_CODEC_VALUES", VALUES),
    );
    let mut file = Vec::new();
    let mut count = 0;
    for entry in TABLE {
        for version in entry.versions.clone() {
            let mut random = Random::new(seed ^ (count << 8));
            for _ in 0..values {
                frames::write(
                    &mut file,
                    entry.name,
                    version,
                    &(entry.random)(&mut random, version),
                );
                count += 1;
            }
        }
    }
    fs::write(&path, file).expect("frames");
    let said = codec(&["check"], Some(&path)).unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(said, format!("{count} values\n"));
}

#[test]
fn a_value_has_a_place_in_the_same_versions_and_is_the_same_bytes_there() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let file = dir.path().join("frames");
    let seed = setting("OTTLA_CODEC_SEED", SEED).to_string();
    let values = setting("OTTLA_CODEC_VALUES", VALUES).to_string();
    codec(&["convert", &seed, &values], Some(&file)).expect("Codec convert");
    let frames = frames::read(Bytes::from(fs::read(&file).expect("frames"))).expect("frames");
    let table: BTreeMap<&str, &Entry> = TABLE.iter().map(|entry| (entry.name, entry)).collect();
    let mut failed: BTreeMap<(String, i16, i16), (u32, String)> = BTreeMap::new();
    let (mut places, mut refusals) = (0, 0);
    let mut value = None;
    for frame in frames {
        if frame.name != "=" && frame.name != "!" {
            value = Some(frame);
            continue;
        }
        let value = value.as_ref().expect("a value before its versions");
        let entry = table.get(&*value.name).expect("known");
        let ours = (entry.convert)(value.body.clone(), value.version, frame.version);
        let theirs = (frame.name == "=").then_some(frame.body);
        *(if theirs.is_some() {
            &mut places
        } else {
            &mut refusals
        }) += 1;
        if ours.as_ref().ok() != theirs.as_ref() {
            let why = format!(
                "Apache Kafka {:?}, ours {:?}\n    of {}",
                theirs.as_deref().map(hex),
                ours.as_deref().map(hex),
                hex(&value.body)
            );
            let which = (value.name.clone(), value.version, frame.version);
            failed.entry(which).or_insert((0, why)).0 += 1;
        }
    }
    let mut report = String::new();
    for ((name, from, to), (count, why)) in &failed {
        let _ = writeln!(
            report,
            "{name} v{from} as v{to}: {count} differ; first: {why}"
        );
    }
    assert!(failed.is_empty(), "{} conversions\n{report}", failed.len());
    assert!(
        places > 1000 && refusals > 1000,
        "{places} have a place, {refusals} have none"
    );
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
