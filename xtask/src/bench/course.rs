//! The course of a benchmark: step by step, with the time that is left; a step that fails is noted and the others go on; after
//! each, what is known is in a file.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use xtask::oracle::{KAFKA_TOOLS, KAFKA_VERSION, checkout, output};

use super::{
    broker::{Broker, Kind, wall_ms},
    document::{Document, Failure, date},
    machine,
    node::now,
    results::Results,
};
use crate::test::say;

/// Steps of a part that are to come, and what those that were taken took.
#[derive(Clone, PartialEq, Debug)]
struct Part {
    name: String,
    left: usize,
    /// A step's seconds, as long as none was taken.
    guess: f64,
    taken: usize,
    seconds: f64,
}

impl Part {
    fn seconds_left(&self) -> f64 {
        let each = match self.taken {
            0 => self.guess,
            taken => self.seconds / taken as f64,
        };
        self.left as f64 * each
    }
}

/// One run of a benchmark.
pub(crate) struct Course {
    bench: String,
    command: String,
    file: Option<PathBuf>,
    start: Instant,
    started_ms: f64,
    /// Of the checkout at the start: what is written of the results changes it.
    commit: String,
    parts: Vec<Part>,
    pub(crate) results: Results,
    failures: Vec<Failure>,
}

impl Course {
    /// Of `cargo xtask bench NAME ARGS`, to be written to `file`.
    pub(crate) fn new(bench: &str, args: &[String], file: Option<PathBuf>) -> Self {
        let command = [&["cargo xtask bench", bench], &*texts(args)].concat();
        Self {
            bench: bench.to_owned(),
            command: command.join(" "),
            file,
            start: now(),
            started_ms: wall_ms(),
            commit: commit(),
            parts: Vec::new(),
            results: Results::default(),
            failures: Vec::new(),
        }
    }

    /// Says how many steps are to come, and about how many seconds each takes.
    pub(crate) fn expect(&mut self, part: &str, steps: usize, seconds: f64) {
        let known = self.parts.iter_mut().find(|of| of.name == part);
        match known {
            Some(known) => known.left += steps,
            None => self.parts.push(Part {
                name: part.to_owned(),
                left: steps,
                guess: seconds,
                taken: 0,
                seconds: 0.0,
            }),
        }
    }

    /// Takes a step; what it adds does not count if it only prepares. Whether it went well.
    pub(crate) fn step(
        &mut self,
        part: &str,
        name: &str,
        counts: bool,
        work: impl FnOnce(&mut Results) -> Result<(), String>,
    ) -> bool {
        eprintln!("[{}] {part}: {name}", self.progress());
        let start = now();
        let mut ignored = Results::default();
        part.clone_into(&mut self.results.part);
        let outcome = match counts {
            true => work(&mut self.results),
            false => work(&mut ignored),
        };
        self.took(part, start.elapsed().as_secs_f64());
        if let Err(why) = &outcome {
            eprintln!("failed: {part}: {name}: {why}");
            self.failures.push(Failure {
                part: part.to_owned(),
                step: name.to_owned(),
                why: why.lines().take(2).collect::<Vec<_>>().join(": "),
            });
        }
        if let Err(why) = self.write(false) {
            eprintln!("{why}");
        }
        outcome.is_ok()
    }

    /// The same with a broker, in a round: the first only prepares. A broker that ended is started again.
    pub(crate) fn turn(
        &mut self,
        part: &str,
        broker: &mut Broker,
        round: usize,
        work: impl FnOnce(&mut Broker, &mut Results) -> Result<(), String>,
    ) {
        let name = match round {
            0 => format!("{}, before it counts", broker.kind.name()),
            round => format!("{}, round {round}", broker.kind.name()),
        };
        let went = self.step(part, &name, round > 0, |results| work(broker, results));
        if let (false, Err(why)) = (went, broker.revive()) {
            eprintln!("{why}");
        }
    }

    /// Those brokers that start.
    pub(crate) fn brokers(
        &mut self,
        kinds: &[Kind],
        dir: &Path,
        properties: &[&str],
    ) -> Vec<Broker> {
        let start = |kind: &Kind| {
            let start = || Broker::start(*kind, &dir.join(kind.name()), properties);
            self.given(&format!("start of {}", kind.name()), "a broker", start)
        };
        kinds.iter().filter_map(start).collect()
    }

    /// The same for what gives something that later steps need.
    pub(crate) fn given<T>(
        &mut self,
        part: &str,
        name: &str,
        work: impl FnOnce() -> Result<T, String>,
    ) -> Option<T> {
        let mut given = None;
        self.expect(part, 1, 2.0);
        self.step(part, name, true, |_| {
            given = Some(work()?);
            Ok(())
        });
        given
    }

    fn took(&mut self, part: &str, seconds: f64) {
        if let Some(of) = self.parts.iter_mut().find(|of| of.name == part) {
            of.left = of.left.saturating_sub(1);
            of.taken += 1;
            of.seconds += seconds;
        }
    }

    fn progress(&self) -> String {
        let count = |of: fn(&Part) -> usize| self.parts.iter().map(of).sum::<usize>();
        let (taken, left) = (count(|of| of.taken), count(|of| of.left));
        let seconds: f64 = self.parts.iter().map(Part::seconds_left).sum();
        let (gone, left_s) = (clock(self.start.elapsed().as_secs_f64()), clock(seconds));
        format!(
            "{}/{}, {gone} gone, about {left_s} left",
            taken + 1,
            taken + left
        )
    }

    fn document(&self, complete: bool) -> Document {
        let given = std::env::var_os("OTTLA_BIN").is_some();
        let of_release = if given {
            "binary of $OTTLA_BIN"
        } else {
            "release build"
        };
        Document {
            bench: self.bench.clone(),
            command: self.command.clone(),
            date: date(self.started_ms),
            complete,
            machine: machine::read(),
            versions: vec![
                ("ottla".to_owned(), format!("{}, {of_release}", self.commit)),
                ("kafka".to_owned(), KAFKA_VERSION.to_owned()),
                ("kafka_tools".to_owned(), KAFKA_TOOLS.to_owned()),
            ],
            parts: self
                .parts
                .iter()
                .map(|of| (of.name.clone(), of.seconds))
                .collect(),
            failures: self.failures.clone(),
            rows: self.results.rows().iter().map(Into::into).collect(),
        }
    }

    fn write(&self, complete: bool) -> Result<(), String> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let said = |error: std::io::Error| format!("{}: {error}", file.display());
        let text = self.document(complete).to_json().pretty();
        // Whoever looks meanwhile sees a whole file.
        let other = file.with_extension("json.new");
        fs::write(&other, text).map_err(said)?;
        fs::rename(&other, file).map_err(said)
    }

    /// Prints the table, how long each part took and what failed, which fails the run.
    pub(crate) fn end(self, note: &str) -> Result<(), String> {
        self.results.print();
        say(note);
        for part in &self.parts {
            let took = clock(part.seconds);
            say(&format!("{}: {} steps in {took}", part.name, part.taken));
        }
        let took = clock(self.start.elapsed().as_secs_f64());
        say(&format!("all of it: {took}"));
        self.write(true)?;
        let lines = self
            .failures
            .iter()
            .map(|of| format!("failed: {}: {}: {}", of.part, of.step, of.why));
        match lines.collect::<Vec<_>>() {
            none if none.is_empty() => Ok(()),
            lines => Err(lines.join("\n")),
        }
    }
}

/// That of the checkout, and whether there are changes to it; nothing outside of one.
fn commit() -> String {
    let mut git = Command::new("git");
    git.args(["describe", "--always", "--dirty"])
        .current_dir(checkout());
    let said = output(&mut git).unwrap_or_default();
    String::from_utf8_lossy(&said).trim().to_owned()
}

fn texts(args: &[String]) -> Vec<&str> {
    args.iter().map(String::as_str).collect()
}

/// Minutes and seconds.
fn clock(seconds: f64) -> String {
    let seconds = seconds.round().max(0.0) as u64;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{broker::Kind, json::Json, table::Better};

    #[test]
    fn a_step_that_fails_is_noted_and_the_others_go_on() {
        let dir = std::env::temp_dir().join(format!("ottla-course-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let file = dir.join("run.json");
        let mut course = Course::new("load", &["--quick".to_owned()], Some(file.clone()));
        course.expect("a", 3, 10.0);
        assert!(course.progress().ends_with("0:30 left"));
        let add = |results: &mut Results, value| {
            results.add(Kind::Ottla, "x, ms".to_owned(), Better::Less, value);
            Ok(())
        };
        assert!(course.step("a", "warm", false, |results| add(results, 9.0)));
        assert!(!course.step("a", "bad", true, |_| Err("broken\nat length".to_owned())));
        let read = || {
            let text = fs::read_to_string(&file).unwrap();
            Document::of_json(&Json::read(&text).unwrap()).unwrap()
        };
        let partial = read();
        assert!(!partial.complete && partial.rows.is_empty());
        assert_eq!(partial.failures[0].why, "broken: at length");
        assert!(course.step("a", "good", true, |results| add(results, 2.0)));
        assert!(course.progress().ends_with("0:00 left"));
        let why = course.end("").unwrap_err();
        assert_eq!(why, "failed: a: bad: broken: at length");
        let whole = read();
        assert!(whole.complete);
        assert_eq!(whole.command, "cargo xtask bench load --quick");
        assert_eq!(whole.rows[0].ottla, [2.0]);
        fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn seconds_are_shown_as_minutes() {
        assert_eq!([0.4, 61.0, 3599.6].map(clock), ["0:00", "1:01", "60:00"]);
    }
}
