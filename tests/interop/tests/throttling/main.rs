//! Quotas of clients: the same load on Apache Kafka and on Ottla waits as long, and is told so.

mod arithmetic;
mod load;

use std::{fmt::Write as _, thread};

use load::{Load, Seen};
use ottla_interop::{
    evidence::Evidence,
    server::{Kind, Node, Server},
};

/// On a busy machine an answer may be late by so much, in ms.
const LATE: f64 = 400.0;
/// Kafka closes connections that came too fast at its next look at the listener, which may be so much later.
const CLOSING: f64 = 600.0;

/// How often both are loaded: what a busy machine makes of a wait is not there each time, a difference of ours is.
const ATTEMPTS: usize = 3;

#[test]
fn waits_agree_with_apache_kafka() {
    let mut reports = Vec::new();
    while reports.len() < ATTEMPTS {
        let report = compared();
        if report.is_empty() {
            return;
        }
        eprintln!("{report}");
        reports.push(report);
    }
    panic!("each time:\n{}", reports.join("\n"));
}

/// Loads both; what differs.
fn compared() -> String {
    let dir = tempfile::tempdir().expect("temporary folder");
    let seen = thread::scope(|scope| {
        let run = |name: &str, kind: Kind| {
            let node = Node::new(&dir.path().join(name), load::SETTINGS);
            scope.spawn(move || {
                let server = node.start(kind);
                let mut load = Load::new(&node.address());
                load.run();
                Server::stop(server);
                (load.seen, load.evidence)
            })
        };
        let both = [
            run("kafka", Kind::Kafka),
            run("under-test", Kind::under_test()),
        ];
        both.map(|one| {
            one.join()
                .unwrap_or_else(|why| std::panic::resume_unwind(why))
        })
    });
    let [(kafka, _), (ours, answers)] = seen;
    let mut evidence = Evidence::default();
    for (request, answer) in &answers {
        evidence.note(request, answer.lines());
    }
    let mut report = evidence.missing("throttling::waits_agree_with_apache_kafka");
    assert!(kafka.len() > 20, "only {} were seen", kafka.len());
    assert_eq!(
        kafka.iter().map(|seen| &seen.what).collect::<Vec<_>>(),
        ours.iter().map(|seen| &seen.what).collect::<Vec<_>>()
    );
    for (kafka, ours) in kafka.iter().zip(&ours) {
        if let Some(why) = differs(kafka, ours) {
            let _ = writeln!(report, "{why}:\n  Kafka {kafka:?}\n  ours  {ours:?}");
        }
    }
    report + &in_sum(&kafka, &ours)
}

/// Of all that is waited for, which evens out what the time between two requests makes of each: what is told, and how long
/// connections rest, is within a tenth of Apache Kafka's, and what a busy machine adds.
fn in_sum(kafka: &[Seen], ours: &[Seen]) -> String {
    type Ms = fn(&Seen) -> f64;
    let told: Ms = |seen| f64::from(seen.told_ms);
    let rested: Ms = |seen| seen.waited_ms;
    let mut report = String::new();
    for of in ["", "produce", "fetch"] {
        for (what, ms, late) in [("told", told, 25.0), ("rested", rested, LATE / 2.0)] {
            let [theirs, own] = [kafka, ours].map(|seen| {
                let waits = seen.iter().filter(|seen| seen.mutes && seen.told_ms > 0);
                let waits = waits.filter(|seen| seen.what.starts_with(of));
                waits.map(ms).collect::<Vec<_>>()
            });
            let most = late * theirs.len() as f64;
            let [theirs, own] = [theirs, own].map(|all| all.iter().sum::<f64>());
            eprintln!("{what} in all of {of:?}: Kafka {theirs:.0} ms, ours {own:.0} ms");
            if theirs < 1000.0 || (theirs - own).abs() > theirs / 10.0 + most {
                let _ = writeln!(
                    report,
                    "{what} in all of {of:?}: Kafka {theirs:.0} ms, ours {own:.0} ms, which differs by more than a tenth \
                     and {most:.0} ms"
                );
            }
        }
    }
    report
}

fn differs(kafka: &Seen, ours: &Seen) -> Option<&'static str> {
    if kafka.code != ours.code {
        return Some("the code differs");
    }
    // What is told: within a tenth, and what the time between two requests makes of it on a busy machine.
    let told = f64::from(kafka.told_ms - ours.told_ms).abs();
    if told > f64::from(kafka.told_ms) / 10.0 + 100.0 {
        return Some("what is told differs");
    }
    let slack = match kafka.what.contains("closed") {
        true => CLOSING + LATE,
        false => LATE,
    };
    let wait = (kafka.waited_ms - ours.waited_ms).abs();
    if wait > kafka.waited_ms / 10.0 + slack {
        return Some("the wait differs");
    }
    // Nobody is served before the time that was told.
    let early = |seen: &Seen| seen.mutes && seen.waited_ms < f64::from(seen.told_ms) * 0.9 - 30.0;
    if early(ours) || early(kafka) {
        return Some("served too early");
    }
    None
}
