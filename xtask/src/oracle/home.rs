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
    archives: Archives,
    /// The folder in `dir` with the broker.
    broker: &'static str,
}

/// The newest broker, and the one that directories are upgraded from.
const BROKER: &str = "broker";
const OLDER_BROKER: &str = "older-broker";

/// What java does with archives of classes.
#[derive(Clone, Debug)]
enum Archives {
    /// It starts from those that are there.
    Used,
    /// It writes them, into this folder.
    Made(PathBuf),
    /// It starts as Kafka's own scripts start it.
    Left,
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
        Self {
            dir,
            archives: Archives::Used,
            broker: BROKER,
        }
    }

    /// As it is, with Apache Kafka 3.9 as the broker; [`super::install_older_broker`] brings it.
    #[must_use]
    pub fn of_older_broker(mut self) -> Self {
        self.archives = Archives::Left;
        self.broker = OLDER_BROKER;
        self
    }

    /// As it is, with programs that start as Kafka's own scripts start them: for measuring.
    #[must_use]
    pub fn without_archives(mut self) -> Self {
        self.archives = Archives::Left;
        self
    }

    /// As it is, with programs that write archives of the classes that they loaded when they end.
    pub(crate) fn making_archives(&self, into: &Path) -> Self {
        Self {
            dir: self.dir.clone(),
            archives: Archives::Made(into.to_owned()),
            broker: self.broker,
        }
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The broker's jars are in `libs` of it.
    pub fn broker(&self) -> PathBuf {
        self.dir.join(self.broker)
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

    /// Archives of classes, by the name of the folder with the jars; the server's own is `server`.
    pub(crate) fn archives(&self) -> PathBuf {
        self.dir.join("archives")
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

    /// A command-line tool, by class, with the broker's jars where both have them: they know the newest metadata.
    pub fn newer_tool(&self, class: &str) -> Result<Command, String> {
        let mut java = self.small_java(&[self.broker(), self.tools()])?;
        java.arg(class);
        Ok(java)
    }

    /// A class of the broker's version that is a program, or one of the project's own (compiled by [`super::compile`]).
    pub fn class(&self, class: &str) -> Result<Command, String> {
        let mut java = self.small_java(&[self.broker(), self.classes()])?;
        java.arg(class);
        Ok(java)
    }

    /// One of the project's own programs from its source, with the jars of `place`.
    pub(crate) fn source(&self, place: &Path, name: &str) -> Result<Command, String> {
        let mut java = self.small_java(&[place.to_owned()])?;
        java.arg(Self::java_sources().join(name));
        Ok(java)
    }

    /// A server's java: `heap` as java writes it (`1g`), with the flags of Kafka's own start script.
    pub(crate) fn server(&self, heap: &str) -> Result<Command, String> {
        let mut java = self.java(&[self.broker()], &self.broker_log_settings(), "server")?;
        java.arg(format!("-Xmx{heap}"));
        java.arg(format!("-Xms{heap}"));
        java.args(["-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20"]);
        java.args([
            "-XX:InitiatingHeapOccupancyPercent=35",
            "-XX:+ExplicitGCInvokesConcurrent",
        ]);
        Ok(java)
    }

    /// The first of `places` has the jars that the archive is of.
    fn small_java(&self, places: &[PathBuf]) -> Result<Command, String> {
        let jars = places.first().and_then(|place| place.file_name());
        let archive = jars.unwrap_or_default().to_string_lossy();
        let mut java = self.java(places, &self.tool_log_settings(), &archive)?;
        java.args(["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]);
        Ok(java)
    }

    fn java(
        &self,
        places: &[PathBuf],
        log_settings: &Path,
        archive: &str,
    ) -> Result<Command, String> {
        let mut path = Vec::new();
        for place in places {
            self.present(place.clone())?;
            // Jars or classes: an archive cannot be made with folders of anything else in the path.
            path.push(if place.join("libs").exists() {
                format!("{}/libs/*", place.display())
            } else {
                place.display().to_string()
            });
        }
        let mut java = Command::new("java");
        java.arg("-Djava.awt.headless=true");
        java.arg(format!(
            "-Dlog4j2.configurationFile={}",
            log_settings.display()
        ));
        self.add_archive(&mut java, &format!("{archive}.jsa"));
        java.args(["-cp", &path.join(":")]);
        Ok(java)
    }

    fn add_archive(&self, java: &mut Command, name: &str) {
        let (flag, file) = match &self.archives {
            Archives::Used => ("SharedArchiveFile", self.archives().join(name)),
            Archives::Made(into) => ("ArchiveClassesAtExit", into.join(name)),
            Archives::Left => return,
        };
        if flag == "ArchiveClassesAtExit" || file.exists() {
            java.arg(format!("-XX:{flag}={}", file.display()));
            // An archive of other jars is not used, and that is said, but not among a tool's output.
            java.args(["-Xlog:disable", "-Xlog:all=warning:stderr"]);
        }
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// What java is told about archives.
    fn flags(home: &Home) -> Vec<String> {
        let java = home.tool("Tool").unwrap();
        let flags = java.get_args().map(|flag| flag.display().to_string());
        flags.filter(|flag| flag.contains(".jsa")).collect()
    }

    #[test]
    fn archives_are_used_where_they_are_and_made_or_left_where_that_is_asked_for() {
        let dir = env::temp_dir().join(format!("ottla-home-{}", std::process::id()));
        fs::create_dir_all(dir.join("tools/libs")).unwrap();
        let home = Home {
            dir: dir.clone(),
            archives: Archives::Used,
            broker: BROKER,
        };
        assert!(flags(&home).is_empty(), "there is none");
        let archive = home.archives().join("tools.jsa");
        fs::create_dir(home.archives()).unwrap();
        fs::write(&archive, "").unwrap();
        let archive = archive.display();
        assert_eq!(flags(&home), [format!("-XX:SharedArchiveFile={archive}")]);
        let making = home.making_archives(&home.archives());
        assert_eq!(
            flags(&making),
            [format!("-XX:ArchiveClassesAtExit={archive}")]
        );
        assert!(flags(&home.without_archives()).is_empty());
        fs::remove_dir_all(dir).unwrap();
    }
}
