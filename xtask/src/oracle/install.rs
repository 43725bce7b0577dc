//! `cargo xtask oracle install`: jars by Maven, clients by the distribution, pip and npm; what is there already stays.

use std::{
    fmt::Write as _,
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use super::{
    archives,
    home::Home,
    packages,
    process::output,
    versions::{
        Artifact, BROKER_JARS, COPY_GOAL, NODE, OLDER_BROKER_JARS, OLDER_CLIENT_JARS, PYTHON,
        STREAMS_JARS, TOOL_JARS,
    },
};

/// What a part was installed from; equal to what is wanted means that it is in place.
const STAMP: &str = "installed-from";

/// Installs what is missing. Several processes may do so at once.
pub fn install(home: &Home) -> Result<(), String> {
    fs::create_dir_all(home.dir()).map_err(at(home.dir()))?;
    let _lock = lock(home)?;
    packages::install_missing()?;
    write_log_settings(home)?;
    let (broker, tools, streams) = (home.broker(), home.tools(), home.streams());
    let (older, python, node) = (home.older_client(), home.venv(), home.node_modules());
    thread::scope(|scope| {
        let parts = [
            scope.spawn(move || jars(&broker, BROKER_JARS)),
            scope.spawn(move || jars(&tools, TOOL_JARS)),
            scope.spawn(move || jars(&streams, STREAMS_JARS)),
            scope.spawn(move || jars(&older, OLDER_CLIENT_JARS)),
            scope.spawn(move || python_clients(&python)),
            scope.spawn(move || node_clients(&node)),
        ];
        let failed: Vec<String> = parts
            .into_iter()
            .filter_map(|part| match part.join() {
                Ok(outcome) => outcome.err(),
                Err(_) => Some("an installation panicked".to_owned()),
            })
            .collect();
        if failed.is_empty() {
            Ok(())
        } else {
            Err(failed.join("\n"))
        }
    })?;
    compile_locked(home)?;
    if let Err(why) = class_archives(home) {
        // Another java may have none; everything runs, and starts later.
        eprintln!("without archives of classes: {why}");
    }
    Ok(())
}

/// Installs the broker of [`Home::of_older_broker`], if it is missing: only what upgrades from it needs it.
pub fn install_older_broker(home: &Home) -> Result<(), String> {
    let _lock = lock(home)?;
    jars(&home.clone().of_older_broker().broker(), OLDER_BROKER_JARS)
}

fn class_archives(home: &Home) -> Result<(), String> {
    let poms = [BROKER_JARS, TOOL_JARS].map(pom);
    let wanted = archives::wanted(&poms.concat())?;
    install_part(&home.archives(), &wanted, |fresh| {
        archives::make(home, fresh)
    })
}

/// Compiles the project's own Java, if it changed.
pub fn compile(home: &Home) -> Result<(), String> {
    let _lock = lock(home)?;
    compile_locked(home)
}

fn lock(home: &Home) -> Result<File, String> {
    let path = home.dir().join("lock");
    let file = File::create(&path).map_err(at(&path))?;
    file.lock().map_err(at(&path))?;
    Ok(file)
}

fn jars(to: &Path, artifacts: &[Artifact]) -> Result<(), String> {
    let pom = pom(artifacts);
    install_part(to, &pom, |fresh| {
        let pom_file = fresh.join("pom.xml");
        fs::write(&pom_file, &pom).map_err(at(&pom_file))?;
        output(
            Command::new("mvn")
                .args(["-B", "-q", "-f"])
                .arg(&pom_file)
                .arg(COPY_GOAL)
                .arg("-DincludeScope=runtime")
                .arg(format!(
                    "-DoutputDirectory={}",
                    fresh.join("libs").display()
                )),
        )
        .map(|_| ())
    })
}

fn python_clients(to: &Path) -> Result<(), String> {
    // A Python environment names its own path in its scripts: it cannot be made elsewhere and moved.
    let wanted = PYTHON.join("\n");
    if fs::read_to_string(to.join(STAMP)).is_ok_and(|from| from == wanted) {
        return Ok(());
    }
    eprintln!("installing {}", to.display());
    remove(to)?;
    output(Command::new("python3").args(["-m", "venv"]).arg(to))?;
    output(
        Command::new(to.join("bin/python"))
            .args(["-m", "pip", "install", "-q"])
            .args(PYTHON),
    )?;
    fs::write(to.join(STAMP), &wanted).map_err(at(to))
}

fn node_clients(to: &Path) -> Result<(), String> {
    install_part(to, &NODE.join("\n"), |fresh| {
        output(
            Command::new("npm")
                .args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"])
                .arg(fresh)
                .args(NODE),
        )
        .map(|_| ())
    })
}

fn compile_locked(home: &Home) -> Result<(), String> {
    let mut sources = java_files(&Home::java_sources())?;
    sources.sort();
    if sources.is_empty() {
        return Ok(());
    }
    let mut wanted = String::new();
    for source in &sources {
        wanted += &fs::read_to_string(source).map_err(at(source))?;
    }
    // Where both have a class, the broker's is the newer.
    let (broker, streams) = (home.broker(), home.streams());
    let class_path = format!("{}/libs/*:{}/libs/*", broker.display(), streams.display());
    install_part(&home.classes(), &wanted, |fresh| {
        output(
            Command::new("javac")
                .args(["-nowarn", "--release", "17", "-proc:none", "-d"])
                .arg(fresh)
                .args(["-cp", &class_path])
                .args(&sources),
        )
        .map(|_| ())
    })
}

fn java_files(dir: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).map_err(at(dir))? {
        let path = entry.map_err(at(dir))?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "java")
        {
            files.push(path);
        }
    }
    Ok(files)
}

/// Fills a fresh folder and puts it in the place of `to`, unless `to` was made from the same `wanted`.
fn install_part(
    to: &Path,
    wanted: &str,
    fill: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<(), String> {
    if fs::read_to_string(to.join(STAMP)).is_ok_and(|from| from == wanted) {
        return Ok(());
    }
    eprintln!("installing {}", to.display());
    let fresh = to.with_extension("new");
    remove(&fresh)?;
    fs::create_dir_all(&fresh).map_err(at(&fresh))?;
    fill(&fresh)?;
    fs::write(fresh.join(STAMP), wanted).map_err(at(&fresh))?;
    remove(to)?;
    fs::rename(&fresh, to).map_err(at(to))
}

fn remove(dir: &Path) -> Result<(), String> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(at(dir)(error)),
        _ => Ok(()),
    }
}

fn pom(artifacts: &[Artifact]) -> String {
    let mut text = String::from(
        "<project xmlns=\"http://maven.apache.org/POM/4.0.0\">\n<modelVersion>4.0.0</modelVersion>\n\
         <groupId>ottla</groupId><artifactId>oracle</artifactId><version>1</version><packaging>pom</packaging>\n\
         <dependencies>\n",
    );
    for artifact in artifacts {
        let _ = write!(
            text,
            "<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version>",
            artifact.group, artifact.name, artifact.version
        );
        if !artifact.without.is_empty() {
            text += "<exclusions>";
            for name in artifact.without {
                let _ = write!(
                    text,
                    "<exclusion><groupId>{}</groupId><artifactId>{name}</artifactId></exclusion>",
                    artifact.group
                );
            }
            text += "</exclusions>";
        }
        text += "</dependency>\n";
    }
    text + "</dependencies>\n</project>\n"
}

fn write_log_settings(home: &Home) -> Result<(), String> {
    let files = [
        (home.broker_log_settings(), "info", "SYSTEM_OUT"),
        (home.tool_log_settings(), "warn", "SYSTEM_ERR"),
    ];
    for (path, level, target) in files {
        let text = format!(
            "status=error\nappender.console.type=Console\nappender.console.name=console\n\
             appender.console.target={target}\nappender.console.layout.type=PatternLayout\n\
             appender.console.layout.pattern=%d %p %c: %m%n\n\
             rootLogger.level={level}\nrootLogger.appenderRef.console.ref=console\n"
        );
        fs::write(&path, text).map_err(at(&path))?;
    }
    Ok(())
}

fn at(path: &Path) -> impl Fn(std::io::Error) -> String {
    move |error| format!("{}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_filled_once_and_again_when_what_is_wanted_changes() {
        let dir = std::env::temp_dir().join(format!("ottla-install-{}", std::process::id()));
        let part = dir.join("part");
        let mut filled = 0;
        for (wanted, expected) in [("a", 1), ("a", 1), ("b", 2)] {
            install_part(&part, wanted, |fresh| {
                filled += 1;
                fs::write(fresh.join("file"), wanted).map_err(|error| error.to_string())
            })
            .unwrap();
            assert_eq!(filled, expected);
            assert_eq!(fs::read_to_string(part.join("file")).unwrap(), wanted);
        }
        let refused = install_part(&part, "c", |_| Err("no".to_owned()));
        assert_eq!(refused, Err("no".to_owned()));
        assert_eq!(fs::read_to_string(part.join("file")).unwrap(), "b");
        fs::remove_dir_all(dir).unwrap();
    }
}
