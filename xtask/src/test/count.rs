//! Counting what ran: libtest's lines, and steps that are one thing each.

/// What ran so far.
#[derive(Default, Debug)]
pub(crate) struct Tally {
    passed: u64,
    failed: u64,
    /// What failed, by step and name.
    failures: Vec<String>,
    /// What could not run, and why.
    not_run: Vec<String>,
}

/// What one run of libtest's binaries said.
#[derive(Default, Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) failures: Vec<String>,
    pub(crate) ignored: Vec<String>,
}

impl Heard {
    /// Takes in one line of output.
    pub(crate) fn line(&mut self, line: &str) {
        if let Some(counts) = line.strip_prefix("test result: ") {
            self.passed += number_before(counts, " passed");
            self.failed += number_before(counts, " failed");
        } else if let Some((name, outcome)) = line
            .strip_prefix("test ")
            .and_then(|rest| rest.rsplit_once(" ... "))
        {
            if outcome.starts_with("FAILED") {
                self.failures.push(name.to_owned());
            } else if outcome.starts_with("ignored") {
                self.ignored.push(format!("{name}: {outcome}"));
            }
        }
    }
}

fn number_before(counts: &str, what: &str) -> u64 {
    counts
        .split(['.', ';'])
        .find_map(|part| part.trim().strip_suffix(what)?.parse().ok())
        .unwrap_or(0)
}

impl Tally {
    /// A step that is one thing.
    pub(crate) fn one(&mut self, step: &str, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => self.passed += 1,
            Err(why) => {
                self.failed += 1;
                self.failures.push(format!("{step}: {why}"));
            }
        }
    }

    /// A step of tests, and whether its program ended well.
    pub(crate) fn tests(&mut self, step: &str, heard: Heard, outcome: Result<(), String>) {
        self.passed += heard.passed;
        self.failed += heard.failed;
        let named = heard.failures.iter().map(|name| format!("{step}: {name}"));
        self.failures.extend(named);
        let ignored = heard.ignored.iter().map(|name| format!("{step}: {name}"));
        self.not_run.extend(ignored);
        match outcome {
            Ok(()) if heard.failed == 0 && heard.passed == 0 => {
                self.one(step, Err("no test ran".to_owned()));
            }
            // It did not compile, or ended before it could count.
            Err(why) if heard.failed == 0 => self.one(step, Err(why)),
            _ => {}
        }
    }

    /// A step that could not run.
    pub(crate) fn not_run(&mut self, step: &str, why: &str) {
        self.not_run.push(format!("{step}: {why}"));
    }

    /// What failed and what could not run, a line each, and how many passed and failed. With `strict`, what did not run
    /// has failed.
    pub(crate) fn report(&self, strict: bool) -> (Vec<String>, u64, u64) {
        let failed = self.failures.iter().map(|what| format!("failed: {what}"));
        let missing = self.not_run.iter().map(|what| format!("not run: {what}"));
        let counted = if strict { self.not_run.len() as u64 } else { 0 };
        let lines = failed.chain(missing).collect();
        (lines, self.passed, self.failed + counted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(text: &str) -> Heard {
        let mut heard = Heard::default();
        text.lines().for_each(|line| heard.line(line));
        heard
    }

    #[test]
    fn lines_of_several_binaries_add_up() {
        let heard = heard(
            "running 3 tests\ntest a::b ... ok\ntest a::c ... FAILED\ntest slow ... ignored, takes long\n\
             test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
             test result: ok. 41 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s\n",
        );
        assert_eq!((heard.passed, heard.failed), (42, 1));
        assert_eq!(heard.failures, ["a::c"]);
        assert_eq!(heard.ignored, ["slow: ignored, takes long"]);
    }

    #[test]
    fn what_ends_without_counting_has_failed() {
        let mut tally = Tally::default();
        tally.tests("unit", Heard::default(), Err("exit status: 101".to_owned()));
        tally.tests("interop", Heard::default(), Ok(()));
        let (lines, passed, failed) = tally.report(false);
        assert_eq!((passed, failed), (0, 2));
        assert_eq!(
            lines,
            [
                "failed: unit: exit status: 101",
                "failed: interop: no test ran"
            ]
        );
    }

    #[test]
    fn what_could_not_run_fails_only_where_that_is_asked_for() {
        let mut tally = Tally::default();
        tally.one("fmt", Ok(()));
        tally.not_run("clippy", "not installed");
        let lines = vec!["not run: clippy: not installed".to_owned()];
        assert_eq!(tally.report(false), (lines.clone(), 1, 0));
        assert_eq!(tally.report(true), (lines, 1, 1));
    }
}
