//! Files of a log that are damaged, gone or too many: Apache Kafka's own classes and Ottla make the same of them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use ottla_log::{Log, Opening};

use super::{Numbers, ask_kafka, config, copy, files, fill, now_ms, open, segments, tell};

/// What becomes of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum How {
    Removed,
    Emptied,
    /// The last three bytes are gone.
    Cut,
    /// A bit of the first byte, of that in the middle, of the last.
    FlippedFirst,
    FlippedMiddle,
    FlippedLast,
    /// Bytes follow that mean nothing.
    Longer,
    Senseless,
}

const EVERY_WAY: [How; 8] = [
    How::Removed,
    How::Emptied,
    How::Cut,
    How::FlippedFirst,
    How::FlippedMiddle,
    How::FlippedLast,
    How::Longer,
    How::Senseless,
];

impl How {
    fn inflict(self, path: &Path) {
        let mut bytes = fs::read(path).unwrap_or_default();
        let last = bytes.len().saturating_sub(1);
        let at = match self {
            Self::Removed => return fs::remove_file(path).expect("removed"),
            Self::FlippedFirst => Some(0),
            Self::FlippedMiddle => Some(last / 2),
            Self::FlippedLast => Some(last),
            _ => None,
        };
        match self {
            Self::Emptied => bytes.clear(),
            Self::Cut => bytes.truncate(bytes.len().saturating_sub(3)),
            Self::Longer => bytes.extend_from_slice(&[0xa5; 40]),
            Self::Senseless => bytes = b"what is this\n".to_vec(),
            _ => {}
        }
        if let Some(byte) = at.and_then(|at| bytes.get_mut(at)) {
            *byte ^= 1;
        }
        fs::write(path, bytes).expect("written");
    }
}

/// Something that happens to a log's directory.
struct Damage {
    what: String,
    inflict: Box<dyn Fn(&Path)>,
}

fn of_file(which: &str, file: &str, how: How) -> Damage {
    let name = file.to_owned();
    Damage {
        what: format!("{which} {how:?}"),
        inflict: Box::new(move |dir| how.inflict(&dir.join(&name))),
    }
}

fn other(what: &str, inflict: impl Fn(&Path) + 'static) -> Damage {
    Damage {
        what: what.to_owned(),
        inflict: Box::new(inflict),
    }
}

fn says(file: &str, text: &str) -> Damage {
    let (name, content) = (file.to_owned(), text.to_owned());
    other(&format!("{file} is {text:?}"), move |dir| {
        fs::write(dir.join(&name), &content).expect("written");
    })
}

fn copied(what: &str, from: &str, to: &str) -> Damage {
    let (from, to) = (from.to_owned(), to.to_owned());
    other(what, move |dir| {
        fs::copy(dir.join(&from), dir.join(&to)).expect("copied");
    })
}

/// All that is done to a log with these files.
fn damages(names: &[String], bases: &[i64]) -> Vec<Damage> {
    let name = |base: i64, kind: &str| format!("{base:020}.{kind}");
    let (middle, last) = (bases[bases.len() / 2], bases[bases.len() - 1]);
    let mut all = vec![other("nothing", |_| {})];
    for how in EVERY_WAY {
        for (which, base) in [("middle", middle), ("last", last)] {
            for kind in ["log", "index", "timeindex", "snapshot"] {
                all.push(of_file(&format!("{which} {kind}"), &name(base, kind), how));
            }
        }
        let aborted = names.iter().find(|name| name.ends_with(".txnindex"));
        all.push(of_file(
            "txnindex",
            aborted.expect("an aborted transaction"),
            how,
        ));
        let newest = names.iter().rfind(|name| name.ends_with(".snapshot"));
        all.push(of_file("newest snapshot", newest.expect("a snapshot"), how));
        all.push(of_file("epochs", "leader-epoch-checkpoint", how));
    }
    let epochs = "leader-epoch-checkpoint";
    all.extend([
        says(epochs, "0\n0\n"),
        says(epochs, "1\n0\n"),
        says(epochs, "0\n2\n0 0\n"),
        says(epochs, "0\n1\n0 0\n2 25\n"),
        says(epochs, "0\n1\n0 0 0\n"),
        says(epochs, "0\n1\nzero 0\n"),
        says(epochs, "0\n2\n0 0\n9 999999\n"),
        says(epochs, "0\n2\n4 50\n2 30\n"),
        says("a-note.txt", "for whom it may concern"),
        says("00000000000000999999.index", ""),
        says("00000000000000999999.timeindex", ""),
        says("00000000000000999999.txnindex", ""),
        says("00000000000000999999.snapshot", ""),
        says("00000000000000000001.snapshot", "what is this"),
        says("00000000000000000001.log.deleted", "what is this"),
        says("00000000000000000001.log.cleaned", "what is this"),
        says("00000000000000000001.index.swap", "what is this"),
        copied(
            "middle log as .swap",
            &name(middle, "log"),
            &name(middle, "log.swap"),
        ),
        copied(
            "middle log as .cleaned",
            &name(middle, "log"),
            &name(middle, "log.cleaned"),
        ),
        other("a directory", |dir| {
            fs::create_dir(dir.join("00000000000000999999.log")).expect("a directory");
        }),
    ]);
    all
}

/// Why the two need not say the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Why {
    /// Apache Kafka refuses the log, forgets records of it or does not find them by their times; Ottla has them all.
    KeepsMore,
    /// The log ends where it is not whole any more, if that was never flushed.
    EndsThere,
}

/// What is damaged (its beginning), after which stop (clean or not), and how that may differ.
const EXPLAINED: &[(&str, bool, Why)] = &[
    // The last stable offset of Apache Kafka is the next record that there is, of Ottla the one that is lost.
    ("middle log Removed", true, Why::KeepsMore),
    ("middle log Emptied", true, Why::KeepsMore),
    ("middle log Senseless", true, Why::KeepsMore),
    // Apache Kafka serves what comes after records that are lost. It is no continuation of what precedes them.
    ("middle log Removed", false, Why::EndsThere),
    ("middle log Emptied", false, Why::EndsThere),
    // No checksum covers the offset. Apache Kafka takes the segment for too large, and does not start.
    ("middle log FlippedFirst", false, Why::EndsThere),
    ("last log FlippedFirst", false, Why::EndsThere),
    // Apache Kafka takes an empty file in its place, or one that ends early, for the index.
    ("middle timeindex Removed", true, Why::KeepsMore),
    ("middle timeindex Cut", true, Why::KeepsMore),
    ("middle timeindex Longer", true, Why::KeepsMore),
    ("middle timeindex Senseless", true, Why::KeepsMore),
    ("middle log as .swap", true, Why::KeepsMore),
    // Apache Kafka goes on at the beginning of the segment, over what is there, or does not start.
    ("last log Cut", true, Why::KeepsMore),
    ("last log Longer", true, Why::KeepsMore),
    ("last log Senseless", true, Why::KeepsMore),
    ("last index FlippedLast", true, Why::KeepsMore),
    ("last index Longer", true, Why::KeepsMore),
    ("last index Senseless", true, Why::KeepsMore),
    // Apache Kafka does not start. The index is made anew of the log.
    ("txnindex FlippedFirst", true, Why::KeepsMore),
    ("txnindex FlippedFirst", false, Why::KeepsMore),
    ("txnindex Longer", true, Why::KeepsMore),
    ("txnindex Longer", false, Why::KeepsMore),
    // Epochs that are not there yet keep Apache Kafka from finding those that are.
    (
        "leader-epoch-checkpoint is \"0\\n2\\n0 0\\n9 999999\\n\"",
        false,
        Why::KeepsMore,
    ),
];

/// The end of the log, of what is said; `None` if it is refused.
fn end_in(said: &str) -> Option<i64> {
    said.split(' ').nth(1)?.parse().ok()
}

impl Why {
    /// Whether it is so. `ends`: where the log may end.
    fn holds(self, kafka: &str, ottla: &str, ends: &[i64]) -> bool {
        let Some(end) = end_in(ottla) else {
            return false;
        };
        match self {
            Self::KeepsMore => end_in(kafka).is_none_or(|theirs| theirs <= end),
            Self::EndsThere => ends.contains(&end),
        }
    }
}

/// What is left of the log itself.
fn left(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = files(dir);
    files.retain(|name, _| name.ends_with(".log"));
    files
}

/// What Ottla says of a log, as Apache Kafka says it.
fn ask_ottla(
    (dir, clean, recovery_point, start): &(PathBuf, bool, i64, i64),
    times: &[i64],
) -> String {
    let opening = Opening {
        clean: *clean,
        recovery_point: *recovery_point,
        log_start_offset: *start,
        producer_expiry_ms: i64::MAX,
        ..Opening::clean(now_ms())
    };
    match Log::open(dir, config(), &opening) {
        Ok((mut log, _)) => {
            let told = tell(&mut log, times);
            log.close(now_ms()).expect("close");
            told
        }
        Err(refusal) => format!("refused: {refusal}"),
    }
}

fn names_in(dir: &Path) -> Vec<String> {
    files(dir).into_keys().collect()
}

/// The words that differ.
fn apart(kafka: &str, ottla: &str) -> String {
    if kafka.starts_with("refused") || ottla.starts_with("refused") {
        return format!("\n  Kafka {kafka:.150}\n  Ottla {ottla:.150}");
    }
    let parts = kafka.split('\t').zip(ottla.split('\t'));
    let parts = parts.filter(|(kafka, ottla)| kafka != ottla);
    parts
        .map(|(kafka, ottla)| format!("\n  Kafka {kafka}\n  Ottla {ottla}"))
        .collect()
}

#[test]
fn damaged_files_mean_the_same_to_apache_kafka_and_to_ottla() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let start = now_ms() - 1_000_000;
    let times: Vec<i64> = (0..20).map(|n| start + 617 * n).collect();
    let made = dir.path().join("made");
    let mut log = open(&made, true, 0, 0);
    fill(&mut log, &mut Numbers(3), start);
    let end = log.offsets().log_end;
    log.update_high_watermark(end);
    log.close(now_ms()).expect("close");
    let names: Vec<String> = files(&made).into_keys().collect();
    let bases: Vec<i64> = segments(&made).iter().map(|(base, _)| *base).collect();
    assert!(bases.len() > 4, "{bases:?}");
    let damages = damages(&names, &bases);
    let (mut ours, mut theirs, mut titles) = (Vec::new(), Vec::new(), Vec::new());
    for (n, damage) in damages.iter().enumerate() {
        for clean in [true, false] {
            let recovery_point = if clean { end } else { end / 2 };
            for (whose, logs) in [("ours", &mut ours), ("theirs", &mut theirs)] {
                let to = dir.path().join(format!("{whose}{n}{clean}-0"));
                copy(&made, &to);
                (damage.inflict)(&to);
                logs.push((to, clean, recovery_point, 0));
            }
            titles.push((&damage.what, clean));
        }
    }
    let told = ask_kafka(dir.path(), &theirs, &times);
    assert_eq!(told.len(), theirs.len());
    let ends = [bases[bases.len() / 2], bases[bases.len() - 1]];
    let (mut different, mut used) = (Vec::new(), Vec::new());
    for (n, (what, clean)) in titles.iter().enumerate() {
        let said = ask_ottla(&ours[n], &times);
        let [(ours, ..), (theirs, ..)] = [&ours[n], &theirs[n]];
        let both_refuse = said.starts_with("refused") && told[n].starts_with("refused");
        let difference = match () {
            () if both_refuse => continue,
            () if said != told[n] => apart(&told[n], &said),
            () if left(ours) != left(theirs) => {
                format!("{:?} {:?}", names_in(theirs), names_in(ours))
            }
            () => continue,
        };
        let is_this = |(name, when, _): &&(&str, bool, Why)| *what == *name && when == clean;
        match EXPLAINED.iter().find(is_this) {
            Some((name, when, why)) if why.holds(&told[n], &said, &ends) => {
                used.push((*name, *when))
            }
            _ => different.push(format!("{what}, clean {clean}: {difference}")),
        }
    }
    assert!(
        different.is_empty(),
        "{} of {}:\n{}",
        different.len(),
        titles.len(),
        different.join("\n")
    );
    let unused: Vec<_> = EXPLAINED
        .iter()
        .filter(|(name, when, _)| !used.contains(&(*name, *when)))
        .collect();
    assert!(unused.is_empty(), "these are the same: {unused:?}");
}
