//! The server under test: the ottla binary, or Apache Kafka in its place.

use std::{
    env, fs,
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::oracle::{
    Home, Kafka, Settings, checkout, finish, free_ports, install_older_broker, output, wait_until,
};

const START_LIMIT: Duration = Duration::from_secs(30);
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// Which program serves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// The ottla binary: `$OTTLA_BIN`, or the release build of this checkout.
    Ottla,
    /// Apache Kafka.
    Kafka,
    /// Apache Kafka 3.9.
    OlderKafka,
}

impl Kind {
    /// What the tests are about: ottla, unless `OTTLA_INTEROP_SERVER=kafka` asks to try the tests themselves.
    pub fn under_test() -> Self {
        match env::var("OTTLA_INTEROP_SERVER") {
            Ok(name) if name == "kafka" => Self::Kafka,
            _ => Self::Ottla,
        }
    }
}

/// Where a node is and how it is configured: the same for either program, so that they can take turns on it.
#[derive(Clone, Debug)]
pub struct Node {
    dir: PathBuf,
    settings: Settings,
}

/// A running server; stopped when dropped.
#[derive(Debug)]
pub struct Server {
    running: Running,
    port: u16,
    log: PathBuf,
}

#[derive(Debug)]
enum Running {
    Ottla(Option<Child>),
    Kafka(Kafka),
}

impl Node {
    /// A node in `dir` on free ports, with further lines for its server.properties.
    pub fn new(dir: &Path, properties: &[&str]) -> Self {
        let [port, controller_port] = free_ports().expect("free ports");
        let mut settings = Settings::new(port, controller_port);
        settings.properties = properties.iter().map(|&line| line.to_owned()).collect();
        Self {
            dir: dir.to_owned(),
            settings,
        }
    }

    /// As it is, with further arguments when it is formatted.
    #[must_use]
    pub fn formatted_with(mut self, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|&argument| argument.to_owned());
        self.settings.format.extend(arguments);
        self
    }

    /// As it is, with further lines of configuration.
    #[must_use]
    pub fn with_lines(mut self, lines: &[String]) -> Self {
        self.settings.properties.extend_from_slice(lines);
        self
    }

    /// As it is, with its voter in the configuration.
    #[must_use]
    pub fn with_static_voters(mut self) -> Self {
        self.settings.static_voters = true;
        self
    }

    /// `host:port` for clients.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.settings.port)
    }

    /// `host:port` for controllers and brokers.
    pub fn controller_address(&self) -> String {
        format!("127.0.0.1:{}", self.settings.controller_port)
    }

    /// `cluster.id`.
    pub fn cluster_id(&self) -> &str {
        &self.settings.cluster_id
    }

    /// `log.dirs`.
    pub fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    /// Starts it, formatted if it is new, and waits until it serves.
    ///
    /// # Panics
    /// With the reason, if it does not.
    pub fn start(&self, kind: Kind) -> Server {
        self.try_start(kind).unwrap_or_else(|why| panic!("{why}"))
    }

    /// As [`Node::start`]; or the reason why it does not serve.
    pub fn try_start(&self, kind: Kind) -> Result<Server, String> {
        let running = match kind {
            Kind::Kafka => {
                Kafka::start(&Home::find(), &self.dir, &self.settings).map(Running::Kafka)
            }
            Kind::OlderKafka => {
                let home = Home::find();
                install_older_broker(&home).unwrap_or_else(|why| panic!("{why}"));
                Kafka::start(&home.of_older_broker(), &self.dir, &self.settings).map(Running::Kafka)
            }
            Kind::Ottla => self.start_ottla().map(|child| Running::Ottla(Some(child))),
        };
        Ok(Server {
            running: running?,
            port: self.settings.port,
            log: self.dir.join(match kind {
                Kind::Ottla => "ottla.log",
                Kind::Kafka | Kind::OlderKafka => "broker.log",
            }),
        })
    }

    fn start_ottla(&self) -> Result<Child, String> {
        let binary = ottla_binary()?;
        fs::create_dir_all(&self.dir).map_err(|error| error.to_string())?;
        let properties = self.dir.join("server.properties");
        let text = self.settings.server_properties(&self.data());
        fs::write(&properties, text).map_err(|error| error.to_string())?;
        if !self.data().join("meta.properties").exists() {
            output(
                Command::new(&binary)
                    .arg("format")
                    .args(self.settings.format_voters())
                    .arg("--cluster-id")
                    .arg(&self.settings.cluster_id)
                    .arg("-c")
                    .arg(&properties)
                    .args(&self.settings.format),
            )?;
        }
        let log =
            fs::File::create(self.dir.join("ottla.log")).map_err(|error| error.to_string())?;
        let errors = log.try_clone().map_err(|error| error.to_string())?;
        let mut child = Command::new(&binary)
            .arg("serve")
            .arg(&properties)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn()
            .map_err(|error| format!("{}: {error}", binary.display()))?;
        let mut ended = None;
        let ready = wait_until(START_LIMIT, || {
            ended = child.try_wait().ok().flatten();
            ended.is_some() || TcpStream::connect(self.address()).is_ok()
        });
        if ready && ended.is_none() {
            return Ok(child);
        }
        let _ = child.kill();
        let _ = child.wait();
        let what = ended.map_or("does not serve".to_owned(), |status| status.to_string());
        let said = last_lines(&self.dir.join("ottla.log"));
        Err(format!("ottla: {what}\n{said}"))
    }
}

fn last_lines(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines
        .get(lines.len().saturating_sub(20)..)
        .unwrap_or(&[])
        .join("\n")
}

/// The ottla binary.
pub fn ottla_binary() -> Result<PathBuf, String> {
    let path = env::var_os("OTTLA_BIN")
        .map_or_else(|| checkout().join("target/release/ottla"), PathBuf::from);
    if path.exists() {
        Ok(path)
    } else {
        Err(format!(
            "{} is missing: run `cargo build --release -p ottla`, or set OTTLA_BIN",
            path.display()
        ))
    }
}

impl Server {
    /// `host:port` for clients.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        match &self.running {
            Running::Ottla(child) => child.as_ref().map_or(0, Child::id),
            Running::Kafka(kafka) => kafka.pid(),
        }
    }

    /// Stops it as an operator would.
    ///
    /// # Panics
    /// If it does not end well.
    pub fn stop(mut self) {
        match &mut self.running {
            Running::Ottla(child) => {
                if let Some(mut child) = child.take() {
                    let status =
                        finish(&mut child, STOP_LIMIT).unwrap_or_else(|why| panic!("ottla {why}"));
                    assert!(
                        status.success(),
                        "ottla ended with {status}\n{}",
                        last_lines(&self.log)
                    );
                }
            }
            Running::Kafka(kafka) => kafka
                .stop()
                .unwrap_or_else(|why| panic!("Apache Kafka {why}")),
        }
    }

    /// Kills it without warning.
    ///
    /// # Panics
    /// If it ended before.
    pub fn kill(mut self) {
        match &mut self.running {
            Running::Ottla(child) => {
                let mut child = child.take().expect("running");
                assert!(
                    child.try_wait().expect("status").is_none(),
                    "ottla ended before it was killed\n{}",
                    last_lines(&self.log)
                );
                child.kill().expect("kill");
                child.wait().expect("wait");
            }
            Running::Kafka(kafka) => kafka
                .kill()
                .unwrap_or_else(|why| panic!("Apache Kafka {why}")),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // The test failed: what the server said last may say why.
            eprintln!("the server's last lines:\n{}", last_lines(&self.log));
        }
        if let Running::Ottla(Some(child)) = &mut self.running {
            let _ = finish(child, STOP_LIMIT);
        }
    }
}
