//! A broker that stays while it is measured, and can be killed.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use xtask::oracle::{Home, Kafka, Settings, free_ports};

use super::{
    load::Loaded,
    node::Running,
    probe::{Question, wait_for},
    start::{HEAP, prepare_ottla},
};
use crate::test::ottla_binary;

/// Whose broker.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Kind {
    Ottla,
    Kafka,
    /// Only moves bytes.
    Floor,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ottla => "ottla",
            Self::Kafka => "kafka",
            Self::Floor => "floor",
        }
    }
}

/// A broker that serves; killed when dropped.
pub(crate) struct Broker {
    pub(crate) kind: Kind,
    dir: PathBuf,
    settings: Settings,
    running: Running,
}

impl Broker {
    /// On a directory that is formatted for it, with further lines of server.properties; it answers.
    pub(crate) fn start(kind: Kind, dir: &Path, properties: &[&str]) -> Result<Self, String> {
        let [port, controller_port] = free_ports()?;
        let mut settings = Settings::new(port, controller_port);
        HEAP.clone_into(&mut settings.heap);
        settings.properties = properties.iter().map(|&line| line.to_owned()).collect();
        let mut broker = Self {
            kind,
            dir: dir.to_owned(),
            running: spawn(kind, dir, &settings)?,
            settings,
        };
        let ready = wait_for(Question::Metadata, &mut broker.running, port);
        ready.map_err(|why| format!("{}: {why}\n{}", kind.name(), broker.said()))?;
        Ok(broker)
    }

    /// Ends it without warning, and starts it on the same data: it may not answer yet.
    pub(crate) fn kill_and_start(&mut self) -> Result<(), String> {
        self.running.kill()?;
        self.running = spawn(self.kind, &self.dir, &self.settings)?;
        Ok(())
    }

    /// Ends it properly: how long that took. It runs no more.
    pub(crate) fn stop(&mut self) -> Result<Duration, String> {
        self.running
            .end()
            .map_err(|why| format!("{why}\n{}", self.said()))
    }

    /// Starts it on the same data, after [`Broker::stop`]: it may not answer yet.
    pub(crate) fn start_again(&mut self) -> Result<(), String> {
        self.running = spawn(self.kind, &self.dir, &self.settings)?;
        Ok(())
    }

    /// Starts it on the same data if it has ended, and waits until it answers.
    pub(crate) fn revive(&mut self) -> Result<(), String> {
        if self.running.has_ended() {
            self.start_again()?;
        }
        let ready = wait_for(Question::Metadata, &mut self.running, self.settings.port);
        ready.map_err(|why| format!("{}: {why}\n{}", self.kind.name(), self.said()))
    }

    /// Its log directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    /// `host:port` for clients.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.settings.port)
    }

    /// The process.
    pub(crate) fn pid(&self) -> u32 {
        self.running.id()
    }

    /// The last lines that it wrote.
    pub(crate) fn said(&self) -> String {
        last_lines(&log(&self.dir))
    }

    /// Stops it in good order, and starts it on the same data: it may not answer yet.
    pub(crate) fn stop_and_start(self) -> Result<Self, String> {
        let Self {
            kind,
            dir,
            settings,
            running,
        } = self;
        running.stop()?;
        let running = spawn(kind, &dir, &settings)?;
        Ok(Self {
            kind,
            dir,
            settings,
            running,
        })
    }

    /// For a load generator.
    pub(crate) fn loaded(&self) -> Loaded {
        Loaded {
            kind: self.kind,
            address: self.address(),
            pid: self.pid(),
            log: log(&self.dir),
        }
    }
}

/// The end of a file.
pub(crate) fn last_lines(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let last = lines.get(lines.len().saturating_sub(20)..);
    last.unwrap_or(&[]).join("\n")
}

fn log(dir: &Path) -> PathBuf {
    dir.join("said.log")
}

fn spawn(kind: Kind, dir: &Path, settings: &Settings) -> Result<Running, String> {
    let mut command = match kind {
        Kind::Ottla => prepare_ottla(Path::new(&ottla_binary()), dir, settings)?,
        Kind::Floor => return Err("the floor is no broker".to_owned()),
        Kind::Kafka => Kafka::prepare(&Home::find().without_archives(), dir, settings)?,
    };
    Running::start(&mut command, &log(dir))
}

/// Milliseconds since 1970, with which another process can compare its own.
#[expect(
    clippy::disallowed_methods,
    reason = "measuring time is what this is for"
)]
pub(crate) fn wall_ms() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0.0, |since| since.as_secs_f64() * 1e3)
}
