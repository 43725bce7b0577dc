//! One node of Apache Kafka, broker and controller in one process.

use std::{
    fs,
    net::TcpStream,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use super::{
    home::Home,
    process::{finish, output, signal, wait_until},
};

const START_LIMIT: Duration = Duration::from_secs(120);
const STOP_LIMIT: Duration = Duration::from_secs(60);
/// What Kafka logs when it serves.
const STARTED: &str = "Kafka Server started";

/// How to start a node.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where clients connect, on 127.0.0.1.
    pub port: u16,
    /// Where controllers connect, on 127.0.0.1.
    pub controller_port: u16,
    /// Further lines of server.properties.
    pub properties: Vec<String>,
    /// Further arguments of the format, e.g. `--release-version 4.0`.
    pub format: Vec<String>,
    /// The voters are in the configuration, as before 3.9, and not in the metadata.
    pub static_voters: bool,
    /// The cluster id of a directory that is formatted.
    pub cluster_id: String,
    /// The heap, as java writes it.
    pub heap: String,
}

impl Settings {
    /// A node with nothing special about it.
    pub fn new(port: u16, controller_port: u16) -> Self {
        Self {
            port,
            controller_port,
            properties: Vec::new(),
            format: Vec::new(),
            static_voters: false,
            cluster_id: "b3R0bGEtb3JhY2xlLTAwMA".to_owned(),
            heap: "512m".to_owned(),
        }
    }

    fn voters(&self) -> String {
        let controller = self.controller_port;
        if self.static_voters {
            format!("controller.quorum.voters=1@127.0.0.1:{controller}")
        } else {
            format!("controller.quorum.bootstrap.servers=127.0.0.1:{controller}")
        }
    }

    /// What a format is told of voters.
    pub fn format_voters(&self) -> &'static [&'static str] {
        if self.static_voters {
            &[]
        } else {
            &["--standalone"]
        }
    }

    /// The text of server.properties, with `data` as `log.dirs`.
    pub fn server_properties(&self, data: &Path) -> String {
        let (port, controller) = (self.port, self.controller_port);
        let mut text = format!(
            "process.roles=broker,controller\nnode.id=1\n\
             listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}\n\
             advertised.listeners=PLAINTEXT://127.0.0.1:{port}\n\
             listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT\n\
             controller.listener.names=CONTROLLER\n\
             {}\nlog.dirs={}\n",
            self.voters(),
            data.display()
        );
        // One node cannot keep the three replicas that are the default of internal topics, and has nobody to wait for.
        for key in [
            "offsets.topic.replication.factor=1",
            "transaction.state.log.replication.factor=1",
            "transaction.state.log.min.isr=1",
            "share.coordinator.state.topic.replication.factor=1",
            "share.coordinator.state.topic.min.isr=1",
            "group.initial.rebalance.delay.ms=0",
        ] {
            text += key;
            text.push('\n');
        }
        for property in &self.properties {
            text += property;
            text.push('\n');
        }
        text
    }
}

/// A running node; stopped when dropped.
#[derive(Debug)]
pub struct Kafka {
    child: Option<Child>,
    dir: PathBuf,
    port: u16,
}

impl Kafka {
    /// Formats `dir/data` if it is new, and gives the command that starts a node on it. `dir` also gets
    /// `server.properties`.
    pub fn prepare(home: &Home, dir: &Path, settings: &Settings) -> Result<Command, String> {
        let said = |error: std::io::Error| format!("{}: {error}", dir.display());
        fs::create_dir_all(dir).map_err(said)?;
        let dir = fs::canonicalize(dir).map_err(said)?;
        let (data, properties) = (dir.join("data"), dir.join("server.properties"));
        write(&properties, &settings.server_properties(&data))?;
        if !data.join("meta.properties").exists() {
            format_data(home, &properties, settings)?;
        }
        let mut java = home.server(&settings.heap)?;
        java.arg("kafka.Kafka").arg(&properties);
        Ok(java)
    }

    /// As [`Kafka::prepare`]; then starts the node, and waits until it serves. `dir` also gets `broker.log` and `pid`.
    pub fn start(home: &Home, dir: &Path, settings: &Settings) -> Result<Self, String> {
        let mut java = Self::prepare(home, dir, settings)?;
        let dir = fs::canonicalize(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
        let log_path = dir.join("broker.log");
        let log = fs::File::create(&log_path)
            .map_err(|error| format!("{}: {error}", log_path.display()))?;
        let errors = log.try_clone().map_err(|error| error.to_string())?;
        let child = java
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .process_group(0)
            .spawn()
            .map_err(|error| format!("java: {error}"))?;
        let mut kafka = Self {
            child: Some(child),
            dir,
            port: settings.port,
        };
        write(&kafka.dir.join("pid"), &format!("{}\n", kafka.pid()))?;
        kafka.wait_until_it_serves(&log_path)?;
        Ok(kafka)
    }

    fn wait_until_it_serves(&mut self, log: &Path) -> Result<(), String> {
        let mut ended = None;
        let ready = wait_until(START_LIMIT, || {
            ended = self
                .child
                .as_mut()
                .and_then(|child| child.try_wait().ok().flatten());
            let said = fs::read_to_string(log).is_ok_and(|text| text.contains(STARTED));
            ended.is_some() || (said && TcpStream::connect(self.address()).is_ok())
        });
        if ready && ended.is_none() {
            return Ok(());
        }
        let text = fs::read_to_string(log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let last = lines.get(lines.len().saturating_sub(20)..).unwrap_or(&[]);
        let what = ended.map_or("does not serve".to_owned(), |status| status.to_string());
        Err(format!("Apache Kafka: {what}\n{}", last.join("\n")))
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().map_or(0, Child::id)
    }

    /// `host:port` for clients.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The folder it was started in; its data is in `data`.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Stops it as an operator would.
    pub fn stop(&mut self) -> Result<(), String> {
        self.child.take().map_or(Ok(()), |mut child| {
            finish(&mut child, STOP_LIMIT).map(|_| ())
        })
    }

    /// Kills it without warning.
    pub fn kill(&mut self) -> Result<(), String> {
        let Some(mut child) = self.child.take() else {
            return Ok(());
        };
        child.kill().map_err(|error| error.to_string())?;
        child.wait().map(|_| ()).map_err(|error| error.to_string())
    }

    /// Lets it run on when this process ends: the pid.
    pub(crate) fn leave_running(mut self) -> u32 {
        self.child.take().map_or(0, |child| child.id())
    }
}

impl Drop for Kafka {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = finish(&mut child, STOP_LIMIT);
        }
    }
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

fn format_data(home: &Home, properties: &Path, settings: &Settings) -> Result<(), String> {
    let mut tool = home.class("kafka.tools.StorageTool")?;
    tool.arg("format")
        .args(settings.format_voters())
        .arg("--cluster-id")
        .arg(&settings.cluster_id)
        .arg("--config")
        .arg(properties)
        .args(&settings.format);
    output(&mut tool).map(|_| ())
}

/// Stops the node that was started in `dir`.
pub(crate) fn stop(dir: &Path) -> Result<(), String> {
    let dir = fs::canonicalize(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    let file = dir.join("pid");
    let pid: u32 = fs::read_to_string(&file)
        .map_err(|error| format!("{}: {error}", file.display()))?
        .trim()
        .parse()
        .map_err(|_| format!("{}: not a number", file.display()))?;
    // The number may be another process's by now.
    let properties = dir.join("server.properties").display().to_string();
    let runs = || {
        fs::read_to_string(format!("/proc/{pid}/cmdline"))
            .is_ok_and(|line| line.contains("kafka.Kafka") && line.contains(&properties))
    };
    if runs() {
        signal(pid, "TERM")?;
        if !wait_until(STOP_LIMIT, || !runs()) {
            return Err(format!(
                "{pid} did not end in {} s after SIGTERM",
                STOP_LIMIT.as_secs()
            ));
        }
    }
    fs::remove_file(&file).map_err(|error| format!("{}: {error}", file.display()))
}
