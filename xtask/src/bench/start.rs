//! `cargo xtask bench start`: starts Ottla and Apache Kafka in turns, each on a directory that was just formatted.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

use xtask::oracle::{Home, Kafka, Settings, checkout, free_ports, output};

use super::{
    Runs,
    broker::Kind,
    node::{Running, now, spent},
    probe::{Question, wait_for},
    table::{Better, Row, median, print},
};
use crate::test::{cargo, ottla_binary, say};

/// How long a node is left alone before its memory is read.
const IDLE: Duration = Duration::from_secs(5);
/// The longest that Ottla's first answer may take, in ms.
const FIRST_ANSWER_LIMIT: f64 = 50.0;
/// The most memory that an idle Ottla may have, in MB.
const RESIDENT_LIMIT: f64 = 15.0;
/// The heap of Apache Kafka's own start script.
pub(crate) const HEAP: &str = "1g";

/// What one run measured.
#[derive(Clone, Copy, Debug, Default)]
struct Measured {
    first_answer_ms: f64,
    metadata_ms: f64,
    stop_ms: f64,
    resident_mb: f64,
    idle_cpu_ms: f64,
}

type Column = (&'static str, fn(&Measured) -> f64);

const COLUMNS: [Column; 5] = [
    ("exec to first ApiVersions answer, ms", |it| {
        it.first_answer_ms
    }),
    ("exec to first Metadata answer, ms", |it| it.metadata_ms),
    ("SIGTERM to exit, ms", |it| it.stop_ms),
    ("resident after 5 s idle, MB", |it| it.resident_mb),
    ("processor time in 5 s idle, ms", |it| it.idle_cpu_ms),
];

/// Measures, prints the table, and holds Ottla to its limits.
pub(crate) fn run(runs: &Runs) -> Result<(), String> {
    if std::env::var_os("OTTLA_BIN").is_none() {
        cargo(&["build", "--release", "-p", "ottla"], |_| {})?;
    }
    let scratch = Scratch::new("start")?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for run in 0..runs.ottla.max(runs.kafka) {
        if run < runs.ottla {
            ours.push(of(Kind::Ottla, &scratch.0.join(format!("ottla-{run}")))?);
        }
        if run < runs.kafka {
            theirs.push(of(Kind::Kafka, &scratch.0.join(format!("kafka-{run}")))?);
        }
    }
    print(&COLUMNS.map(|(what, of)| Row {
        part: "",
        what,
        better: Better::Less,
        ottla: ours.iter().map(of).collect(),
        kafka: theirs.iter().map(of).collect(),
        floor: Vec::new(),
    }));
    say("1 MB = 1,000,000 bytes");
    within_limits(&ours)
}

/// All that is measured of one start, by name.
pub(crate) fn once(kind: Kind, dir: &Path) -> Result<[(&'static str, f64); 5], String> {
    let measured = of(kind, dir)?;
    Ok(COLUMNS.map(|(what, of)| (what, of(&measured))))
}

/// One start of a broker.
fn of(kind: Kind, dir: &Path) -> Result<Measured, String> {
    let measured = match kind {
        Kind::Ottla => {
            let ottla = PathBuf::from(ottla_binary());
            measure(dir, |dir, settings| prepare_ottla(&ottla, dir, settings))
        }
        Kind::Kafka => {
            let home = Home::find().without_archives();
            measure(dir, |dir, settings| Kafka::prepare(&home, dir, settings))
        }
        Kind::Floor => Err("it is no broker".to_owned()),
    };
    measured.map_err(|why| format!("{}: {why}", kind.name()))
}

fn within_limits(ours: &[Measured]) -> Result<(), String> {
    let limits: [(Column, f64); 2] = [
        (COLUMNS[0], FIRST_ANSWER_LIMIT),
        (COLUMNS[3], RESIDENT_LIMIT),
    ];
    let mut exceeded = String::new();
    for ((what, of), limit) in limits {
        let median = median(&ours.iter().map(of).collect::<Vec<_>>());
        if median > limit {
            exceeded += &format!("Ottla: {what}: {median:.1}, more than the {limit} allowed\n");
        }
    }
    match exceeded.trim_end() {
        "" => Ok(()),
        exceeded => Err(exceeded.to_owned()),
    }
}

/// Formats `dir`, starts a node there, and measures it to its end.
fn measure(
    dir: &Path,
    prepare: impl FnOnce(&Path, &Settings) -> Result<Command, String>,
) -> Result<Measured, String> {
    let [port, controller_port] = free_ports()?;
    let mut settings = Settings::new(port, controller_port);
    HEAP.clone_into(&mut settings.heap);
    let mut command = prepare(dir, &settings)?;
    let log = dir.join("said.log");
    measure_node(&mut command, &log, port).map_err(|why| {
        let said = fs::read_to_string(&log).unwrap_or_default();
        format!("{why}\n{said}")
    })
}

fn measure_node(command: &mut Command, log: &Path, port: u16) -> Result<Measured, String> {
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    let start = now();
    let mut node = Running::start(command, log)?;
    wait_for(Question::ApiVersions, &mut node, port)?;
    let first_answer = start.elapsed();
    wait_for(Question::Metadata, &mut node, port)?;
    let metadata = start.elapsed();
    let before = node.processor_time()?;
    thread::sleep(IDLE);
    let after = node.processor_time()?;
    let resident = node.resident()?;
    let stop = node.stop()?;
    Ok(Measured {
        first_answer_ms: milliseconds(first_answer),
        metadata_ms: milliseconds(metadata),
        stop_ms: milliseconds(stop),
        resident_mb: resident as f64 / 1e6,
        idle_cpu_ms: spent(&before, &after) as f64 / 1e6,
    })
}

/// Formats `dir/data` if it is new, and gives the command that starts a node there.
pub(crate) fn prepare_ottla(
    binary: &Path,
    dir: &Path,
    settings: &Settings,
) -> Result<Command, String> {
    let said = |error: std::io::Error| format!("{}: {error}", dir.display());
    fs::create_dir_all(dir).map_err(said)?;
    let properties = dir.join("server.properties");
    fs::write(&properties, settings.server_properties(&dir.join("data"))).map_err(said)?;
    if !dir.join("data/meta.properties").exists() {
        let mut format = Command::new(binary);
        format.args(["format", "--standalone", "--cluster-id"]);
        output(format.arg(&settings.cluster_id).arg("-c").arg(&properties))?;
    }
    let mut serve = Command::new(binary);
    serve.arg("serve").arg(properties);
    Ok(serve)
}

/// A folder on the disk that the checkout is on; removed when dropped.
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    pub(crate) fn new(what: &str) -> Result<Self, String> {
        let name = format!("target/bench-{what}-{}", std::process::id());
        let dir = checkout().join(name);
        fs::create_dir_all(&dir).map_err(|error| format!("{}: {error}", dir.display()))?;
        Ok(Self(dir))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_held_to_the_limits() {
        let fine = Measured {
            first_answer_ms: 50.0,
            resident_mb: 15.0,
            ..Measured::default()
        };
        let slow = Measured {
            first_answer_ms: 50.1,
            ..fine
        };
        let big = Measured {
            resident_mb: 15.1,
            ..fine
        };
        assert_eq!(within_limits(&[fine, slow, fine]), Ok(()));
        assert!(within_limits(&[fine, slow, slow]).is_err());
        assert!(within_limits(&[big]).is_err());
    }
}
