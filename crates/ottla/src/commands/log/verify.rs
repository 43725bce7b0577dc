//! `ottla log verify`: what is wrong in a directory, a finding a line.

use std::{fmt::Write as _, io::Write};

use ottla_broker::verify::{Finding, Findings, Kind, Severity, Verified};
use serde_json::{Value, json};

use crate::output::{self, Stop};

/// Check a log directory or a partition's directory that no node runs on
///
/// Prints a finding a line: how bad it is (damage, rebuildable or odd), what, where, what was expected and what was found.
/// Exits with 0 if there is no damage and nothing to rebuild, with 1 if there is, with 2 if it cannot be checked.
#[derive(Debug, clap::Args)]
#[command(after_long_help = kinds())]
pub(crate) struct Args {
    #[command(flatten)]
    directory: super::Directory,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// The table of findings.
fn kinds() -> String {
    let mut text = String::from("Findings:\n");
    for kind in Kind::ALL {
        let (name, severity) = (kind.name(), kind.severity().name());
        // A string takes everything.
        let _ = writeln!(text, "  {name:<18} {severity:<12} {}", kind.meaning());
    }
    text
}

pub(super) fn run(args: &Args) -> Result<(), Stop> {
    let verified = args.directory.check()?;
    let findings = verified.findings();
    let mut to = output::stdout();
    if args.json {
        writeln!(to, "{}", as_json(&verified, &findings))?;
    } else {
        for finding in findings.kept() {
            writeln!(to, "{finding}")?;
        }
        writeln!(to, "{}", summary(&verified, &findings))?;
    }
    to.flush()?;
    if findings.is_clean() {
        Ok(())
    } else {
        Err(Stop::Ended(1))
    }
}

fn count(findings: &Findings, severity: Severity) -> usize {
    let alike = |finding: &&Finding| finding.kind.severity() == severity;
    findings.kept().iter().filter(alike).count()
}

fn summary(verified: &Verified, findings: &Findings) -> String {
    let extent = verified.extent();
    let more = match findings.dropped() {
        0 => String::new(),
        dropped => format!(", {dropped} more findings"),
    };
    format!(
        "{} partitions, {} segments, {} batches, {} bytes: {} damage, {} rebuildable, {} odd{more}",
        extent.partitions,
        extent.segments,
        extent.batches,
        extent.bytes,
        count(findings, Severity::Damage),
        count(findings, Severity::Rebuildable),
        count(findings, Severity::Odd),
    )
}

fn as_json(verified: &Verified, findings: &Findings) -> Value {
    let extent = verified.extent();
    let one = |finding: &Finding| {
        json!({
            "severity": finding.kind.severity().name(),
            "kind": finding.kind.name(),
            "path": finding.path.to_string_lossy(),
            "position": finding.position,
            "offset": finding.offset,
            "expected": finding.expected,
            "found": finding.found,
        })
    };
    json!({
        "partitions": extent.partitions,
        "segments": extent.segments,
        "batches": extent.batches,
        "bytes": extent.bytes,
        "clean": findings.is_clean(),
        "moreFindings": findings.dropped(),
        "findings": findings.kept().iter().map(one).collect::<Vec<_>>(),
    })
}
