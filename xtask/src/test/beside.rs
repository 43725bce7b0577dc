//! Test binaries that mostly wait for other programs: several of them run at once, the longest first.

use std::{
    collections::VecDeque,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
};

use xtask::oracle::checkout;

use super::{
    count::{Heard, Tally},
    step::{cargo_heard, ended, limited, now, say},
};

/// How many run at once: what two cores and 8 GB bear.
const AT_ONCE: usize = 2;
/// The longest that one may take, in seconds: something hangs. Alone, none takes 240.
const LIMIT: &str = "1200";
/// Where the tests' package is.
const PACKAGE: &str = "tests/interop";
/// What takes minutes, the longest first, so that none is left over at the end. Others follow by name.
const LONGEST: &[&str] = &[
    "same_answers",
    "groups",
    "groups_command",
    "transactions",
    "clients",
    "flips",
    "answers",
    "crash",
    "commands",
    "groups_takeover",
    "transactions_command",
    "transactions_takeover",
];

/// A test binary.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Binary {
    /// How long it takes: its place in [`LONGEST`].
    place: usize,
    name: String,
    path: PathBuf,
}

/// Builds the test binaries of the package and runs them. Each one's output is shown whole when it has ended.
pub(super) fn run(tally: &mut Tally, step: &str) {
    let mut binaries = Vec::new();
    // Of the whole workspace: the dependencies are then those that the other tests were built with.
    let build = [
        "test",
        "--workspace",
        "--no-run",
        "--message-format=json-render-diagnostics",
    ];
    let built = cargo_heard(&build, |line| binaries.extend(Binary::of(line)));
    if built.is_err() || binaries.is_empty() {
        return tally.tests(step, Heard::default(), built);
    }
    binaries.sort();
    let (queue, tally) = (Mutex::new(VecDeque::from(binaries)), Mutex::new(tally));
    let lane = || {
        loop {
            let next = lock(&queue).pop_front();
            let Some(binary) = next else { return };
            let start = now();
            let (text, outcome) = binary.run();
            let seconds = start.elapsed().as_secs();
            let mut heard = Heard::default();
            text.lines().for_each(|line| heard.line(line));
            // Held while it is shown: two outputs never mix.
            let mut tally = lock(&tally);
            say(&format!("--- {step} {}\n{text}", binary.name));
            say(&format!("--- {step} {}: {seconds} s", binary.name));
            tally.tests(&format!("{step} {}", binary.name), heard, outcome);
        }
    };
    thread::scope(|scope| (0..AT_ONCE).for_each(|_| drop(scope.spawn(lane))));
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Binary {
    /// What a line of cargo's JSON names, if that is a test binary of the package.
    fn of(line: &str) -> Option<Self> {
        let of_package = format!("/{PACKAGE}/Cargo.toml\"");
        let (_, profile) = line.split_once("\"profile\":{")?;
        let (profile, _) = profile.split_once('}')?;
        if !line.contains(&of_package) || !profile.contains("\"test\":true") {
            return None;
        }
        let (_, target) = line.split_once("\"target\":{")?;
        let name = text_of(target, "name")?.to_owned();
        let place = LONGEST.iter().position(|long| *long == name);
        Some(Self {
            place: place.unwrap_or(LONGEST.len()),
            name,
            path: text_of(line, "executable")?.into(),
        })
    }

    /// Runs it to its end: all that it wrote, and how it ended.
    fn run(&self) -> (String, Result<(), String>) {
        let log = self.path.with_extension("log");
        let outcome = self.run_into(&log).map_err(|error| error.to_string());
        let text = fs::read(&log).unwrap_or_default();
        let outcome = outcome.and_then(|status| ended(status, LIMIT));
        (String::from_utf8_lossy(&text).into_owned(), outcome)
    }

    /// Runs it to its end, with what it writes in a file.
    fn run_into(&self, log: &Path) -> io::Result<ExitStatus> {
        let file = File::create(log)?;
        limited(LIMIT, &self.path)
            .arg("--test-threads=1")
            .current_dir(checkout().join(PACKAGE))
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .status()
    }
}

/// The value of the first `key` in `json` that has a text as its value, without escapes.
fn text_of<'a>(json: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = json.split_once(&format!("\"{key}\":\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// A line as cargo writes it.
    fn line(package: &str, name: &str, test: bool) -> String {
        format!(
            "{{\"reason\":\"compiler-artifact\",\"manifest_path\":\"/a/{package}/Cargo.toml\",\"target\":\
             {{\"kind\":[\"test\"],\"name\":\"{name}\",\"test\":true}},\"profile\":{{\"opt_level\":\"0\",\
             \"test\":{test}}},\"filenames\":[],\"executable\":\"/a/target/{name}-1\",\"fresh\":true}}"
        )
    }

    #[test]
    fn the_test_binaries_of_the_package_are_found_and_the_longest_is_first() {
        let lines = [
            line(PACKAGE, "answers", true),
            line(PACKAGE, "sample", true),
            line(PACKAGE, "legacy", true),
            line(PACKAGE, "groups", true),
            // A program that a test runs, and a test of another package.
            line(PACKAGE, "coordinator_load", false),
            line("crates/log", "sample", true),
            // A library has no program.
            line(PACKAGE, "lib", true).replace("\"/a/target/lib-1\"", "null"),
            "{\"reason\":\"build-finished\",\"success\":true}".to_owned(),
        ];
        let mut binaries: Vec<Binary> = lines.iter().filter_map(|line| Binary::of(line)).collect();
        binaries.sort();
        let names: Vec<&str> = binaries.iter().map(|binary| binary.name.as_str()).collect();
        assert_eq!(names, ["groups", "answers", "legacy", "sample"]);
        assert_eq!(binaries[0].path, Path::new("/a/target/groups-1"));
    }

    #[test]
    fn all_that_a_binary_writes_is_kept_in_order_and_how_it_ended() {
        let dir = std::env::temp_dir().join(format!("ottla-beside-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let path = dir.join("program");
        let binary = Binary {
            place: 0,
            name: "program".to_owned(),
            path: path.clone(),
        };
        assert!(binary.run().1.is_err(), "it is not there");
        let script = "#!/bin/sh\necho \"test a ... FAILED\"; echo $1 >&2; echo end; exit 101\n";
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let (text, outcome) = binary.run();
        assert_eq!(text, "test a ... FAILED\n--test-threads=1\nend\n");
        assert_eq!(outcome, Err("exit status: 101".to_owned()));
        fs::remove_dir_all(dir).unwrap();
    }
}
