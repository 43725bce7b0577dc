//! Load on a broker's coordinators and logs, for `cargo xtask bench groups`, `transactions` and `log`: one phase, one line of JSON.
//!
//! `coordinator_load ADDRESS PID PHASE [KEY=NUMBER|KEY=WORD]...`. An answer that is not the one a settled group gets ends the
//! program with an error: what is counted was served. One thread for each connection, blocking; frames are built before
//! the clock starts.

mod classic;
mod consumer;
mod logs;
mod offsets;
mod steady;
mod transactions;
mod volley;

use std::process::ExitCode;

use ottla_interop::load::{Gauge, Plan, Reading, gauge, link};
use serde_json::{Value, json};

use self::volley::{Fleet, Rate};

/// Whether members speak the classic protocol.
fn is_classic(plan: &Plan) -> Result<bool, String> {
    match plan.text("protocol")? {
        "classic" => Ok(true),
        "consumer" => Ok(false),
        other => Err(format!("protocol={other}: classic or consumer")),
    }
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match Plan::of("coordinator_load", &args).and_then(|(plan, phase)| run(&plan, &phase)) {
        Ok(line) => {
            print(&line.to_string());
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("coordinator_load: {why}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "this is the program's output")]
fn print(line: &str) {
    println!("{line}");
}

fn run(plan: &Plan, phase: &str) -> Result<Value, String> {
    match phase {
        "heartbeats" => heartbeats(plan),
        "commits" => commits(plan),
        "join" => join(plan),
        "idle" => idle(plan),
        "fill" => offsets::fill(plan),
        "recover" => offsets::recover(plan),
        "count" => offsets::count(plan),
        "logs" => logs::fill(plan),
        "serving" => logs::serving(plan),
        "compact" => logs::compact(plan),
        "steady" => steady::steady(plan),
        "transactions" => transactions::commits(plan),
        "readers" => transactions::readers(plan),
        "ids" => transactions::ids(plan),
        "recover-ids" => transactions::recover(plan),
        _ => Err(format!("{phase}: no such phase")),
    }
}

/// Groups of settled members, and the frames that keep them alive.
fn settled(plan: &Plan) -> Result<Fleet, String> {
    if is_classic(plan)? {
        Fleet::of(plan, &classic::settle(plan)?, classic::heartbeat_shot)
    } else {
        Fleet::of(plan, &consumer::settle(plan)?, consumer::heartbeat_shot)
    }
}

/// As many heartbeats of settled members as the broker answers.
fn heartbeats(plan: &Plan) -> Result<Value, String> {
    let mut fleet = settled(plan)?;
    let rate = fleet.fire(plan)?;
    Ok(rate.json(json!({})))
}

/// As many commits of settled classic members as the broker answers.
fn commits(plan: &Plan) -> Result<Value, String> {
    let members = classic::settle(plan)?;
    let mut fleet = Fleet::of(plan, &members, |member| offsets::commit_shot(plan, member))?;
    let rate = fleet.fire(plan)?;
    Ok(rate.json(json!({})))
}

/// Members that join one group at once: until all have their assignment.
fn join(plan: &Plan) -> Result<Value, String> {
    let gauge = Gauge::of(plan.pid);
    let before = gauge.read()?;
    let took = if is_classic(plan)? {
        classic::join_at_once(plan)?
    } else {
        consumer::join_at_once(plan)?
    };
    let cpu = gauge.read()?.cpu_s - before.cpu_s;
    Ok(json!({"seconds": took.as_secs_f64(), "cpu_s": cpu}))
}

/// Many groups: what they take, and what their heartbeats cost at the pace of real members.
fn idle(plan: &Plan) -> Result<Value, String> {
    let gauge = Gauge::of(plan.pid);
    let before = gauge.read()?;
    let mut fleet = settled(plan)?;
    let settled: Reading = gauge.read()?;
    let Rate {
        answers,
        seconds,
        cpu_s,
        ..
    } = fleet.pace(plan)?;
    let members = plan.number("groups")? * plan.number("members")?;
    Ok(json!({
        "members": members,
        "settle_cpu_s": settled.cpu_s - before.cpu_s,
        "rss_before": before.rss,
        "rss": gauge.read()?.rss,
        "answers": answers,
        "seconds": seconds,
        "cpu_s": cpu_s,
    }))
}
