//! A fault at every call that a node makes of its disk, one after another: nothing is lost, and nothing in silence.

mod disk;
mod model;
mod world;

use std::collections::BTreeSet;
use std::path::Path;

use self::disk::{Call, Disk, How};
use self::model::Model;
use self::world::{COMPACTED, DOOMED, PLAIN, Step, World};
use crate::LogError;
use crate::file::Op;
use crate::names::PartitionName;
use crate::testing;
use crate::verify::{self, Subject};

/// What the node does: the same in every run.
fn script() -> Vec<Step> {
    use Step::*;
    let mut steps = vec![Create(PLAIN), Create(COMPACTED), Create(DOOMED)];
    let mut n = 0;
    let mut more = |steps: &mut Vec<Step>, name, count| {
        for _ in 0..count {
            n += 1;
            steps.push(match n % 4 {
                0 => Append(name, n),
                1 => Transactional(name, n),
                _ => Idempotent(name, n),
            });
            if n % 9 == 0 {
                steps.push(End(name, n % 2 == 0));
            }
        }
    };
    more(&mut steps, PLAIN, 9);
    steps.extend([Flush(PLAIN), End(PLAIN, false), Epoch(PLAIN)]);
    more(&mut steps, COMPACTED, 9);
    steps.extend([Append(DOOMED, 1), Checkpoints, End(COMPACTED, false)]);
    more(&mut steps, PLAIN, 4);
    steps.extend([UncleanRestart, Roll(COMPACTED), Compact, Remove]);
    steps.extend([Read(PLAIN), DeleteRecords(PLAIN, 9)]);
    steps.extend([Retention(PLAIN, false), Remove, Delete(DOOMED)]);
    more(&mut steps, PLAIN, 4);
    steps.extend([Truncate(PLAIN, 5), Remove, Rest(PLAIN)]);
    more(&mut steps, PLAIN, 2);
    steps.extend([End(PLAIN, false), CleanRestart]);
    more(&mut steps, COMPACTED, 5);
    steps.extend([End(COMPACTED, true), Roll(COMPACTED), Compact, Remove]);
    more(&mut steps, PLAIN, 3);
    steps.extend([Retention(PLAIN, true), UncleanRestart, Epoch(COMPACTED)]);
    more(&mut steps, COMPACTED, 1);
    steps.extend([Read(COMPACTED), CleanRestart]);
    steps
}

/// A run with a fault, or without one.
struct Ran {
    calls: Vec<(Op, Call)>,
    /// What the node was told, the first time.
    error: Option<String>,
}

fn run(fail_at: Option<(usize, How)>) -> Ran {
    let temporary = testing::tempdir();
    let root = temporary.path().join("data");
    std::fs::create_dir(&root).unwrap();
    let disk = Disk::new(&root, fail_at);
    let (mut model, mut errors) = (Model::default(), Vec::new());
    let what = format!("{fail_at:?}");
    let mut world = None;
    let (mut is_over, mut has_restarted) = (false, false);
    match World::start(&root) {
        Ok(started) => world = Some(started),
        Err(fault) if fault.is_full() => {
            errors.push(fault);
            world = Some(World::start(&root).expect("room"));
        }
        Err(fault) => {
            errors.push(fault);
            is_over = true;
        }
    }
    for step in script() {
        if is_over {
            break;
        }
        let mut tries = 0;
        while let Err(fault) = World::take(&mut world, &root, &step, &mut model) {
            assert!(tries < 1, "{what}: {step:?}, with room: {fault}");
            // Full is only this moment; anything else is the end of the directory.
            is_over = fault.fails_directory() || !fault.is_full();
            errors.push(fault);
            if is_over {
                // Another process knows nothing of what this one was told.
                has_restarted = matches!(step, Step::CleanRestart | Step::UncleanRestart);
                break;
            }
            tries += 1;
        }
    }
    disk.end();
    if let Some((at, _)) = fail_at.filter(|(at, _)| only() == Some(*at)) {
        for (n, (_, call)) in disk.calls().iter().enumerate().skip(at.saturating_sub(100)) {
            eprintln!("{n}: {} {}", call.op, call.on);
        }
    }
    check_error(&errors, &disk, &root, &what);
    if let Some(fault) = errors.iter().find(|it| it.is_sync())
        && !has_restarted
        && let Some(world) = world.take()
    {
        never_a_success(world, fault, &what);
    }
    drop(world);
    if fail_at.is_some_and(|(_, how)| how.is_power_loss()) {
        let left = temporary.path().join("left");
        disk.after_power_loss(&left);
        check_after(&left, model, true, &what);
    } else {
        check_after(&root, model, false, &what);
    }
    Ran {
        calls: disk.calls(),
        error: errors.first().map(ToString::to_string),
    }
}

/// An error says on which file, and what kind it is.
fn check_error(errors: &[LogError], disk: &Disk, root: &Path, what: &str) {
    let (Some(error), Some(failed)) = (errors.first(), disk.failed()) else {
        return;
    };
    assert!(error.is_io(), "{what}: {error}");
    assert!(error.path().starts_with(root), "{what}: {error}");
    assert!(error.path() == failed, "{what}: {error}, not {failed:?}");
    assert!(
        error.fails_directory() || error.is_full(),
        "{what}: {error}"
    );
}

/// What could not be made durable is not taken for durable when the disk does not complain any more.
fn never_a_success(world: World, fault: &LogError, what: &str) {
    let of_log = fault.path().extension().is_some_and(|it| {
        ["log", "index", "timeindex", "txnindex"]
            .iter()
            .any(|of| it == *of)
    });
    if of_log {
        assert!(world.stop().is_err(), "{what}: {fault}, and then closed");
    }
}

/// Starts again, without faults: everything is there, and a check finds nothing.
fn check_after(root: &Path, mut model: Model, after_power_loss: bool, what: &str) {
    let world = World::start(root).unwrap_or_else(|fault| panic!("{what}: {fault}"));
    model.check(&world, after_power_loss, what);
    model.adopt(&world);
    let mut world = Some(world);
    for step in [Step::Create(PLAIN), Step::Idempotent(PLAIN, 900)] {
        World::take(&mut world, root, &step, &mut model).unwrap();
    }
    world.unwrap().stop().unwrap();
    for entry in std::fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if !path.is_dir() || PartitionName::parse(name).is_none() {
            continue;
        }
        let subject = Subject {
            compacted: name == COMPACTED,
            log_start: Some(model.logs[name].start),
            ..Subject::new(&path)
        };
        let checked = verify::partition(&subject, &mut |_, _| Ok(())).unwrap();
        let mut findings = checked.findings.kept().to_vec();
        // What began before the log's start is not known to whoever made the index anew.
        let starts = model.logs[name].start > 0;
        findings.retain(|it| !(starts && it.kind == verify::Kind::TransactionIndex));
        findings.retain(|it| it.kind.severity() != verify::Severity::Odd);
        assert!(findings.is_empty(), "{what}: {findings:?}");
    }
    let world = World::start(root).unwrap();
    model.check(&world, false, what);
}

/// Faults that nobody is told of, because nothing depends on the call.
fn is_harmless(how: How, call: &Call) -> bool {
    let is_full = matches!(how, How::Full | How::TornFull);
    match (call.op.as_str(), call.on.as_str()) {
        // Records can be deleted on a full disk: what this file has too much is cut the next time.
        (_, "leader-epoch-checkpoint.tmp") => is_full,
        _ => false,
    }
}

/// `OTTLA_FAULT`: the only call that is to fail, to see what led to it.
fn only() -> Option<usize> {
    let text = std::env::var("OTTLA_FAULT").ok()?;
    Some(text.parse().expect("OTTLA_FAULT: the number of a call"))
}

/// `OTTLA_FAULT_POINTS=all`: those that are at some calls only are at all.
fn every(nth: usize) -> usize {
    match std::env::var("OTTLA_FAULT_POINTS").as_deref() {
        Ok("all") => 1,
        _ if only().is_some() => 1,
        _ => nth,
    }
}

fn at_every_call(how: How) {
    at_every_nth_call(1, how);
}

fn at_every_nth_call(nth: usize, how: How) {
    let whole = run(None);
    assert_eq!(whole.error, None);
    let mut silent = BTreeSet::new();
    let mut told = 0;
    let can_fail = whole.calls.iter().enumerate();
    let can_fail = can_fail.filter(|(_, (op, _))| how.applies_to(*op));
    for (n, (_, call)) in can_fail.step_by(every(nth)) {
        if only().is_some_and(|only| only != n) {
            continue;
        }
        let ran = run(Some((n, how)));
        assert_eq!(ran.calls[n].1, *call, "the same node does the same");
        match ran.error {
            Some(_) => told += 1,
            None => drop(silent.insert(call.clone())),
        };
    }
    silent.retain(|call| !is_harmless(how, call));
    assert!(silent.is_empty(), "{how:?}: nobody was told of {silent:?}");
    eprintln!("{how:?}: of {} calls {told} failed", whole.calls.len());
    assert!(
        told > 100 || only().is_some(),
        "{how:?}: only {told} calls failed"
    );
}

#[test]
fn an_error_at_every_call() {
    at_every_call(How::Error);
}

#[test]
fn no_room_at_every_call() {
    at_every_call(How::Full);
}

#[test]
fn half_a_write_at_every_write() {
    at_every_call(How::Torn);
    at_every_call(How::TornFull);
}

#[test]
fn a_disk_that_is_gone_from_any_call_on() {
    at_every_call(How::Gone);
}

#[test]
fn a_loss_of_power_at_every_call() {
    at_every_call(How::Power);
}

#[test]
fn a_loss_of_power_that_leaves_names_without_content() {
    at_every_nth_call(3, How::PowerButNames);
}

#[test]
fn a_loss_of_power_that_leaves_directories_without_their_files() {
    at_every_nth_call(3, How::PowerButOuterNames);
}

#[test]
fn without_a_fault_all_is_well() {
    let ran = run(None);
    assert_eq!(ran.error, None);
    assert!(ran.calls.len() > 400, "{} calls", ran.calls.len());
}
