//! How long who used too much has to wait: as Kafka's own classes say, over random uses.

use std::{fmt::Write as _, fs};

use ottla_interop::oracle::{Home, compile, output};
use ottla_machine::Time;
use ottla_metadata::quotas::{Bucket, Rate, Window};
use ottla_wire::random::Random;

/// `OTTLA_QUOTA_HISTORIES` asks for more, `OTTLA_QUOTA_SEED` for others.
const HISTORIES: u64 = 500;
const SEED: u64 = 13;

fn setting(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().expect(name),
        Err(_) => default,
    }
}

enum Measure {
    Rate(Rate),
    Bucket(Bucket),
}

/// A history as Kafka is told it, and what we say to it.
fn history(random: &mut Random, told: &mut String, waits: &mut Vec<u64>) {
    let window = Window {
        samples: 1 + random.below(12),
        sample_ms: 1000 * (1 + random.below(3)),
    };
    let limit = [0.5, 3.0, 1000.0, 123_456.0][random.below(4) as usize];
    let mut measure = match random.below(2) {
        0 => Measure::Rate(Rate::default()),
        _ => Measure::Bucket(Bucket::default()),
    };
    let kind = match measure {
        Measure::Rate(_) => "rate",
        Measure::Bucket(_) => "bucket",
    };
    let seconds = window.sample_ms / 1000;
    writeln!(told, "{kind} {} {seconds} {limit}", window.samples).expect("room");
    let mut now = 1_760_000_000_000 + random.below(1000);
    for _ in 0..1 + random.below(60) {
        now += match random.below(8) {
            0 => 0,
            1 => random.below(20_000),
            2 => window.sample_ms * random.below(3),
            _ => random.below(1500),
        };
        let value = (random.below(3000) as f64) * limit / 500.0;
        let time = Time(now);
        let (how, wait) = match (&mut measure, random.below(6)) {
            (Measure::Rate(rate), 0) => {
                rate.record(window, -value / 4.0, time);
                ("note", 0)
            }
            (Measure::Rate(rate), _) => {
                rate.record(window, value, time);
                ("check", rate.wait_ms(window, limit, time).unwrap_or(0))
            }
            (Measure::Bucket(bucket), 0 | 1) => {
                bucket.take(window, limit, value, time);
                ("check", bucket.wait_ms(window, limit, time).unwrap_or(0))
            }
            (Measure::Bucket(bucket), _) => {
                let wait = bucket.wait_ms(window, limit, time);
                if wait.is_none() {
                    bucket.take(window, limit, value, time);
                }
                ("strict", wait.unwrap_or(0))
            }
        };
        let told_value = if how == "note" { -value / 4.0 } else { value };
        writeln!(told, "{how} {told_value} {now}").expect("room");
        waits.push(wait);
    }
}

#[test]
fn waits_are_those_of_apache_kafka() {
    let home = Home::find();
    compile(&home).expect("compile");
    let dir = tempfile::tempdir().expect("temporary folder");
    let (told_file, waits_file) = (dir.path().join("told"), dir.path().join("waits"));
    let mut random = Random::new(setting("OTTLA_QUOTA_SEED", SEED));
    let (mut told, mut waits) = (String::new(), Vec::new());
    for _ in 0..setting("OTTLA_QUOTA_HISTORIES", HISTORIES) {
        history(&mut random, &mut told, &mut waits);
    }
    fs::write(&told_file, &told).expect("what is told");
    let mut java = home.class("Quotas").expect("java");
    java.args([&told_file, &waits_file]);
    output(&mut java).expect("Quotas");
    let theirs = fs::read_to_string(&waits_file).expect("waits");
    let theirs: Vec<u64> = theirs
        .lines()
        .map(|line| line.parse().expect("ms"))
        .collect();
    assert_eq!(theirs.len(), waits.len());
    let differing = |(at, (theirs, ours)): (usize, (&u64, &u64))| {
        // The last bit of a sum may be another, and with it the rounding.
        (theirs.abs_diff(*ours) > 1).then(|| format!("use {at}: {theirs} ms, ours {ours} ms"))
    };
    let pairs = theirs.iter().zip(&waits).enumerate();
    let differences: Vec<String> = pairs.filter_map(differing).collect();
    assert!(
        differences.is_empty(),
        "{} of {} differ: {:?}",
        differences.len(),
        waits.len(),
        &differences[..differences.len().min(5)]
    );
    let waiting = waits.iter().filter(|wait| **wait > 0).count();
    assert!(
        waiting > waits.len() / 10 && waiting < waits.len() * 9 / 10,
        "{waiting} of {} wait",
        waits.len()
    );
}
