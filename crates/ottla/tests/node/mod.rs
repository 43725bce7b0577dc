//! A node in a folder of its own, started as a user would start it, and connections that send it any bytes.
#![allow(dead_code, unreachable_pub)] // Each test file uses some of it.
#![allow(clippy::disallowed_methods)] // A test waits by the clock.

pub mod data;

use std::{
    fs,
    io::{ErrorKind, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use bytes::Bytes;
use ottla_wire::{
    Message, Request,
    frame::{read_response, request},
    messages::ApiVersionsRequest,
};
use tempfile::TempDir;

const BINARY: &str = env!("CARGO_BIN_EXE_ottla");
const START_LIMIT: Duration = Duration::from_secs(30);
const STOP_LIMIT: Duration = Duration::from_secs(15);
/// Nothing that is asked here takes this long, also on a machine that is busy with other tests.
pub const ANSWER_LIMIT: Duration = Duration::from_secs(10);
/// `nobody`.
const UNPRIVILEGED: u32 = 65534;

/// Where a node lives: a folder with its `server.properties` and its data.
pub struct Home {
    dir: TempDir,
    pub port: u16,
    pub controller_port: u16,
}

impl Home {
    /// A formatted node, with further lines for its `server.properties`.
    pub fn new(properties: &[&str]) -> Self {
        let home = Self::unformatted(properties);
        home.format("4L6g3nShT-eMCtK--X86sw");
        home
    }

    /// A node whose directory nobody formatted.
    pub fn unformatted(properties: &[&str]) -> Self {
        let (port, controller_port) = free_ports();
        let home = Self {
            dir: tempfile::tempdir().expect("a temporary folder"),
            port,
            controller_port,
        };
        let mut text = format!(
            "process.roles=broker,controller\nnode.id=1\n\
             listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}\n\
             controller.listener.names=CONTROLLER\n\
             controller.quorum.bootstrap.servers=127.0.0.1:{controller_port}\n\
             offsets.topic.replication.factor=1\nlog.dirs={}\n",
            home.data().display()
        );
        for line in properties {
            text.push_str(line);
            text.push('\n');
        }
        fs::write(home.properties(), text).expect("server.properties");
        home
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    /// The folder of the metadata log.
    pub fn metadata(&self) -> PathBuf {
        self.data().join("__cluster_metadata-0")
    }

    pub fn properties(&self) -> PathBuf {
        self.path().join("server.properties")
    }

    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub fn format(&self, cluster_id: &str) {
        let output = Command::new(BINARY)
            .args(["format", "--standalone", "--cluster-id", cluster_id, "-c"])
            .arg(self.properties())
            .output()
            .expect("ottla format");
        assert!(output.status.success(), "{output:?}");
    }

    /// `ottla serve server.properties`, not yet run.
    pub fn serve(&self, overrides: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command.arg("serve").arg(self.properties());
        for pair in overrides {
            command.args(["--override", pair]);
        }
        command.current_dir(self.path()).stdin(Stdio::null());
        command
    }

    /// Starts the node and waits until it serves.
    pub fn start(&self, overrides: &[&str]) -> Node {
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(self.path().join("ottla.log"))
            .expect("ottla.log");
        let mut child = self
            .serve(overrides)
            .stdout(log.try_clone().expect("ottla.log"))
            .stderr(log)
            .spawn()
            .expect("ottla");
        // A listener is bound before the logs are read: only an answer says that the node serves.
        let ready = wait_until(START_LIMIT, || {
            let ended = child.try_wait().expect("status").is_some();
            ended || answers(&self.address())
        });
        let ended = child.try_wait().expect("status");
        assert!(ready && ended.is_none(), "{ended:?}: {}", self.log());
        Node {
            child,
            address: self.address(),
            log: self.path().join("ottla.log"),
        }
    }

    /// What the node said so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.path().join("ottla.log")).unwrap_or_default()
    }

    /// Tries to start it, which must fail: the sentence it ends with, without `ottla: `.
    pub fn refusal(&self, overrides: &[&str]) -> String {
        refusal(&mut self.serve(overrides))
    }
}

fn answers(address: &str) -> bool {
    TcpStream::connect(address).is_ok() && {
        let asked = ApiVersionsRequest::default();
        Connection::to(address).ask(0, &asked).is_ok()
    }
}

/// Runs a command that must end with 1: what it complained of.
pub fn refusal(command: &mut Command) -> String {
    let output = run_limited(command);
    let errors = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(1), "{errors}");
    let at = errors
        .find("ottla: ")
        .unwrap_or_else(|| panic!("no complaint: {errors}"));
    assert!(!errors.contains("panicked"), "{errors}");
    errors[at + "ottla: ".len()..].trim_end().to_owned()
}

/// A command's output; one that does not end by itself is a failure.
pub fn run_limited(command: &mut Command) -> Output {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("ottla");
    if !wait_until(START_LIMIT, || child.try_wait().expect("status").is_some()) {
        let _ = child.kill();
        panic!("it does not end: {:?}", child.wait_with_output());
    }
    child.wait_with_output().expect("output")
}

/// Lets a command run as a user who may do little; root would be allowed everything.
pub fn unprivileged(command: &mut Command) -> &mut Command {
    if rustix::process::geteuid().is_root() {
        command.uid(UNPRIVILEGED).gid(UNPRIVILEGED);
    }
    command
}

/// Gives a folder and all in it to the user of [`unprivileged`].
pub fn give_away(path: &Path) {
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(path, Some(UNPRIVILEGED), Some(UNPRIVILEGED)).expect("chown");
        if path.is_dir() {
            for entry in fs::read_dir(path).expect("a folder") {
                give_away(&entry.expect("an entry").path());
            }
        }
    }
}

/// A running node; killed when dropped.
pub struct Node {
    child: Child,
    address: String,
    log: PathBuf,
}

impl Node {
    pub fn connect(&self) -> Connection {
        Connection::to(&self.address)
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it still runs.
    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().expect("status").is_none()
    }

    /// SIGTERM.
    pub fn terminate(&self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("SIGTERM");
    }

    /// SIGTERM, and waits: how long it took. It must end with 0.
    pub fn stop(mut self) -> Duration {
        let from = Instant::now();
        self.terminate();
        self.wait_for_end();
        from.elapsed()
    }

    /// After [`Node::terminate`].
    pub fn wait_for_end(&mut self) {
        let ended = wait_until(STOP_LIMIT, || !self.is_alive());
        assert!(ended, "it does not stop: {}", self.said());
        let status = self.child.wait().expect("status");
        assert!(status.success(), "{status}: {}", self.said());
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        assert!(self.is_alive(), "ended before: {}", self.said());
        self.child.kill().expect("SIGKILL");
        self.child.wait().expect("status");
    }

    pub fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Resident memory in KiB: `VmRSS` now, `VmHWM` at its highest.
    pub fn memory(&self, field: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("status");
        let line = status.lines().find_map(|line| line.strip_prefix(field));
        let number = line.and_then(|line| line.trim_start_matches(':').split_whitespace().next());
        number.and_then(|n| n.parse().ok()).expect("a number")
    }

    /// It runs, it answers, and no task of it panicked.
    pub fn check(&mut self) {
        assert!(self.is_alive(), "it ended: {}", self.said());
        let answer = self.connect().ask(0, &ApiVersionsRequest::default());
        let said = self.said();
        assert_eq!(answer.map(|answer| answer.error_code), Ok(0), "{said}");
        assert!(!said.contains("panicked"), "{said}");
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Why there is no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NoAnswer {
    /// The node closed the connection.
    Closed,
    /// Nothing came in time, and the connection is open.
    Silence,
}

/// A connection that sends anything.
pub struct Connection {
    pub stream: TcpStream,
    correlation_id: i32,
}

impl Connection {
    pub fn to(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_nodelay(true).expect("nodelay");
        stream
            .set_read_timeout(Some(ANSWER_LIMIT))
            .expect("a limit");
        stream
            .set_write_timeout(Some(ANSWER_LIMIT))
            .expect("a limit");
        Self {
            stream,
            correlation_id: 0,
        }
    }

    /// How long an answer may take from now on.
    pub fn patience(self, limit: Duration) -> Self {
        self.stream.set_read_timeout(Some(limit)).expect("a limit");
        self
    }

    /// Sends bytes; whether the node took them.
    pub fn send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    /// Says that nothing more will be sent, and goes on to listen.
    pub fn finish(&self) {
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// The next frame without its size.
    pub fn receive(&mut self) -> Result<Bytes, NoAnswer> {
        let mut size = [0; 4];
        self.fill(&mut size)?;
        let mut frame = vec![0; u32::from_be_bytes(size) as usize];
        self.fill(&mut frame)?;
        Ok(frame.into())
    }

    fn fill(&mut self, to: &mut [u8]) -> Result<(), NoAnswer> {
        self.stream
            .read_exact(to)
            .map_err(|error| match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut => NoAnswer::Silence,
                _ => NoAnswer::Closed,
            })
    }

    /// Sends a request and reads its answer.
    pub fn ask<R: Request>(&mut self, version: i16, body: &R) -> Result<R::Response, NoAnswer> {
        let frame = self.frame(version, body);
        if !self.send(&frame) {
            return Err(NoAnswer::Closed);
        }
        self.answer::<R>(version)
    }

    /// Reads an answer to a request of this kind.
    pub fn answer<R: Request>(&mut self, version: i16) -> Result<R::Response, NoAnswer> {
        let (_, body) = read_response(R::KEY, version, self.receive()?).expect("a response");
        Ok(R::Response::decode(body, version).expect("a response of its version"))
    }

    /// A request's frame with the next correlation id.
    pub fn frame<R: Request>(&mut self, version: i16, body: &R) -> Bytes {
        self.correlation_id += 1;
        request(version, self.correlation_id, Some("tests"), body)
            .expect("a request")
            .into_bytes()
            .expect("bytes")
    }
}

/// A frame of these bytes.
pub fn frame(parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    [&(body.len() as u32).to_be_bytes()[..], &body].concat()
}

/// The header of a request without client id, as its version wants it.
pub fn header(key: i16, version: i16, correlation_id: i32) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(key.to_be_bytes());
    bytes.extend(version.to_be_bytes());
    bytes.extend(correlation_id.to_be_bytes());
    bytes.extend((-1_i16).to_be_bytes());
    if ottla_wire::apis::api(key).is_some_and(|api| api.request_header(version) >= 2) {
        bytes.push(0);
    }
    bytes
}

/// Waits until something holds, in steps of a few milliseconds; whether it came to hold.
pub fn wait_until(limit: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let from = Instant::now();
    while !holds() {
        if from.elapsed() > limit {
            return false;
        }
        thread::sleep(Duration::from_millis(3));
    }
    true
}

/// Numbers that look random and are the same for the same seed.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    pub fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| (self.next() >> 24) as u8).collect()
    }
}

/// Ports that nobody uses, below those that the system gives to outgoing connections.
fn free_ports() -> (u16, u16) {
    let mut numbers = Numbers(
        u64::from(std::process::id()) << 32
            | u64::from(
                std::time::SystemTime::now()
                    .duration_since(std::time::UNIX_EPOCH)
                    .map_or(1, |since| since.subsec_nanos()),
            ),
    );
    loop {
        let port = 23_000 + numbers.below(4_000) as u16 * 2;
        let bound = [port, port + 1].map(|port| TcpListener::bind(("127.0.0.1", port)));
        if bound.iter().all(Result::is_ok) {
            return (port, port + 1);
        }
    }
}
