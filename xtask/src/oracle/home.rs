//! Where Apache Kafka and the other clients are installed, and the command lines that start them.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

/// A folder with everything that `cargo xtask oracle install` brings.
#[derive(Clone, Debug)]
pub struct Home {
    dir: PathBuf,
}

/// The root of the checkout that this was built from.
pub fn checkout() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new("."))
}

impl Home {
    /// `$OTTLA_KAFKA_DIR`, or `.kafka` in the checkout.
    pub fn find() -> Self {
        let dir = match env::var_os("OTTLA_KAFKA_DIR") {
            Some(dir) if !dir.is_empty() => PathBuf::from(dir),
            _ => checkout().join(".kafka"),
        };
        Self { dir }
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The broker's jars are in `libs` of it.
    pub fn broker(&self) -> PathBuf {
        self.dir.join("broker")
    }

    /// The tools' jars are in `libs` of it.
    pub fn tools(&self) -> PathBuf {
        self.dir.join("tools")
    }

    /// The jars of Kafka Streams are in `libs` of it.
    pub fn streams(&self) -> PathBuf {
        self.dir.join("streams")
    }

    /// The jars of the older Java client are in `libs` of it.
    pub fn older_client(&self) -> PathBuf {
        self.dir.join("older-client")
    }

    /// The clients of Node.js are in `node_modules` of it.
    pub fn node_modules(&self) -> PathBuf {
        self.dir.join("node")
    }

    /// The Python environment.
    pub fn venv(&self) -> PathBuf {
        self.dir.join("venv")
    }

    /// The project's own Java, compiled.
    pub fn classes(&self) -> PathBuf {
        self.dir.join("classes")
    }

    /// The project's own Java.
    pub fn java_sources() -> PathBuf {
        checkout().join("tests/interop/java")
    }

    pub(crate) fn broker_log_settings(&self) -> PathBuf {
        self.dir.join("log4j2-broker.properties")
    }

    pub(crate) fn tool_log_settings(&self) -> PathBuf {
        self.dir.join("log4j2-tools.properties")
    }

    /// Python with the clients in it.
    pub fn python(&self) -> Result<Command, String> {
        Ok(Command::new(self.present(self.venv().join("bin/python"))?))
    }

    /// Node.js with the clients where it looks for them.
    pub fn node(&self) -> Result<Command, String> {
        let modules = self.present(self.node_modules().join("node_modules"))?;
        let mut node = Command::new("node");
        node.env("NODE_PATH", modules);
        Ok(node)
    }

    /// One of the project's own classes that is an application of Kafka Streams.
    pub fn streams_class(&self, class: &str) -> Result<Command, String> {
        let mut java = self.small_java(&[self.streams(), self.classes()])?;
        java.arg(class);
        Ok(java)
    }

    /// One of the project's own classes that needs no more than a client, with the older Java client.
    pub fn class_with_older_client(&self, class: &str) -> Result<Command, String> {
        let mut java = self.small_java(&[self.older_client(), self.classes()])?;
        java.arg(class);
        Ok(java)
    }

    /// One of Apache Kafka's command-line tools, by class.
    pub fn tool(&self, class: &str) -> Result<Command, String> {
        let mut java = self.small_java(&[self.tools()])?;
        java.arg(class);
        Ok(java)
    }

    /// A class of the broker's version that is a program, or one of the project's own (compiled by [`super::compile`]).
    pub fn class(&self, class: &str) -> Result<Command, String> {
        let mut java = self.small_java(&[self.broker(), self.classes()])?;
        java.arg(class);
        Ok(java)
    }

    /// A server's java: `heap` as java writes it (`1g`), with the flags of Kafka's own start script.
    pub(crate) fn server(&self, heap: &str) -> Result<Command, String> {
        let mut java = self.java(&[self.broker()], &self.broker_log_settings())?;
        java.arg(format!("-Xmx{heap}"));
        java.arg(format!("-Xms{heap}"));
        java.args(["-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20"]);
        java.args([
            "-XX:InitiatingHeapOccupancyPercent=35",
            "-XX:+ExplicitGCInvokesConcurrent",
        ]);
        Ok(java)
    }

    fn small_java(&self, places: &[PathBuf]) -> Result<Command, String> {
        let mut java = self.java(places, &self.tool_log_settings())?;
        java.args(["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]);
        Ok(java)
    }

    fn java(&self, places: &[PathBuf], log_settings: &Path) -> Result<Command, String> {
        let mut path = Vec::new();
        for place in places {
            self.present(place.clone())?;
            path.push(format!("{}/libs/*", place.display()));
            path.push(place.display().to_string());
        }
        let mut java = Command::new("java");
        java.arg("-Djava.awt.headless=true");
        java.arg(format!(
            "-Dlog4j2.configurationFile={}",
            log_settings.display()
        ));
        java.args(["-cp", &path.join(":")]);
        Ok(java)
    }

    fn present(&self, path: PathBuf) -> Result<PathBuf, String> {
        if path.exists() {
            Ok(path)
        } else {
            Err(format!(
                "{} is missing: run `cargo xtask oracle install`",
                path.display()
            ))
        }
    }
}
