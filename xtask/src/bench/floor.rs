//! The floor: a server that only moves bytes, started as a broker is.

use std::{
    fs,
    net::{Ipv4Addr, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use xtask::oracle::free_ports;

use super::{
    broker::Kind,
    load::{FLOOR, Loaded},
    node::Running,
    probe::POLL,
};

/// How often it is looked for, twice a millisecond.
const LOOKS: usize = 20_000;

/// The server; killed when dropped.
pub(crate) struct Floor {
    port: u16,
    running: Running,
    log: PathBuf,
}

impl Floor {
    /// One that answers each request for records with `bytes`.
    pub(crate) fn start(dir: &Path, bytes: usize) -> Result<Self, String> {
        fs::create_dir_all(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
        let [port] = free_ports()?;
        let mut command = Command::new(FLOOR.path());
        command
            .arg(dir)
            .arg(port.to_string())
            .arg(bytes.to_string());
        let log = dir.join("said.log");
        let running = Running::start(&mut command, &log)?;
        for _ in 0..LOOKS {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return Ok(Self { port, running, log });
            }
            thread::sleep(POLL);
        }
        Err("the floor does not listen".to_owned())
    }

    /// For a load generator.
    pub(crate) fn loaded(&self) -> Loaded {
        Loaded {
            kind: Kind::Floor,
            address: format!("127.0.0.1:{}", self.port),
            pid: self.running.id(),
            log: self.log.clone(),
        }
    }
}
