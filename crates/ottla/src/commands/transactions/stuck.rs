//! `ottla transactions stuck`: who holds the last stable offset of a partition back, since when, and what frees it.

use ottla_client::{
    Admin, TopicPartition,
    admin::{Holder, StuckPartition, TransactionState},
};
use serde_json::{Value, json};

use super::{as_lines, describe, describe_producers, now, partitions, table::table};
use crate::output::Stop;

/// In place of what nobody knows.
const NOTHING: &str = "-";
const DAY_MS: i64 = 86_400_000;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only this topic; all, the internal ones too, if not given
    #[arg(long)]
    topic: Option<String>,
    /// Only this partition of the topic
    #[arg(long, requires = "topic", value_parser = clap::value_parser!(i32).range(0..))]
    partition: Option<i32>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Args {
    /// All partitions.
    pub(super) fn of_all(json: bool) -> Self {
        Self {
            topic: None,
            partition: None,
            json,
        }
    }
}

pub(super) async fn run(admin: &Admin, args: Args, server: &str) -> Result<String, Stop> {
    let searched = match (args.topic.as_deref(), args.partition) {
        (Some(topic), Some(partition)) => vec![TopicPartition::new(topic, partition)],
        (topic, _) => partitions(admin, topic, None).await?,
    };
    let stuck = admin.find_stuck_partitions(searched).await?;
    let now = now();
    if args.json {
        let values = stuck.iter().map(|one| as_json(one, server));
        return Ok(as_lines(values.collect()));
    }
    let headers = [
        "Topic",
        "Partition",
        "LastStableOffset",
        "HighWatermark",
        "StartOffset",
        "ProducerId",
        "ProducerEpoch",
        "TransactionalId",
        "Coordinator",
        "State",
        "Since",
        "Age(s)",
        "Remedy",
    ];
    let rows: Vec<_> = stuck
        .iter()
        .flat_map(|one| (one.holders.iter()).map(|holder| row(one, holder, server, now)))
        .collect();
    Ok(table(headers, &rows))
}

fn row(one: &StuckPartition, holder: &Holder, server: &str, now: i64) -> [String; 13] {
    let known = holder.transaction.as_ref();
    let nothing = || NOTHING.to_owned();
    let since = since(one, holder);
    [
        one.at.topic.to_string(),
        one.at.partition.to_string(),
        one.last_stable_offset.to_string(),
        one.high_watermark.to_string(),
        holder.producer.transaction_start.unwrap_or(-1).to_string(),
        holder.producer.producer_id.to_string(),
        holder.producer.producer_epoch.to_string(),
        known.map_or_else(nothing, |known| known.transactional_id.clone()),
        known.map_or_else(nothing, |known| known.coordinator.id.to_string()),
        state(one, holder).to_owned(),
        datetime(since),
        ((now - since) / 1000).to_string(),
        remedy(one, holder, server).unwrap_or_else(nothing),
    ]
}

/// When the transaction was begun, as far as that is known; else when it last wrote.
fn since(one: &StuckPartition, holder: &Holder) -> i64 {
    let known = holder.transaction.as_ref();
    known
        .filter(|_| !holder.is_hanging(&one.at))
        .and_then(|known| known.start_ms)
        .unwrap_or(holder.producer.last_timestamp)
}

fn state(one: &StuckPartition, holder: &Holder) -> &'static str {
    match &holder.transaction {
        Some(known) if !holder.is_hanging(&one.at) => known.state.name(),
        _ => "Hanging",
    }
}

/// The command that frees the partition; `None` if the coordinator is about to do that.
fn remedy(one: &StuckPartition, holder: &Holder, server: &str) -> Option<String> {
    let server = quoted(server);
    let prefix = format!("ottla transactions --bootstrap-server {server}");
    if holder.is_hanging(&one.at) {
        let (topic, partition) = (quoted(&one.at.topic), one.at.partition);
        let start = holder.producer.transaction_start?;
        return Some(format!(
            "{prefix} abort --topic {topic} --partition {partition} --start-offset {start}"
        ));
    }
    let known = holder.transaction.as_ref()?;
    (known.state == TransactionState::Ongoing).then(|| {
        let id = quoted(&known.transactional_id);
        format!("{prefix} force-terminate --transactional-id {id}")
    })
}

/// As one word of a shell.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-:,/".contains(c);
    if !text.is_empty() && !text.starts_with('-') && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// Date and time in UTC, of milliseconds since 1970.
fn datetime(ms: i64) -> String {
    let (days, ms) = (ms.div_euclid(DAY_MS), ms.rem_euclid(DAY_MS));
    // The year begins in March, so that the leap day is its last; day 0 is the first of March of the year 0.
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, after) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    let year = era * 400 + year + after;
    let (seconds, ms) = (ms / 1000, ms % 1000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}

fn as_json(one: &StuckPartition, server: &str) -> Value {
    let holder = |holder: &Holder| {
        json!({
            "producer": describe_producers::as_json(&holder.producer),
            "transaction": holder.transaction.as_ref().map(describe::as_json),
            "hanging": holder.is_hanging(&one.at),
            "sinceMs": since(one, holder),
            "remedy": remedy(one, holder, server),
        })
    };
    json!({
        "topic": *one.at.topic,
        "partition": one.at.partition,
        "lastStableOffset": one.last_stable_offset,
        "highWatermark": one.high_watermark,
        "holders": one.holders.iter().map(holder).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use ottla_client::{
        admin::{ProducerState, TransactionDescription},
        view::Broker,
    };

    use super::*;

    fn held(partitions: &[i32], state: TransactionState) -> StuckPartition {
        let at = |index: &i32| TopicPartition::new("my topic", *index);
        StuckPartition {
            at: at(&0),
            last_stable_offset: 5,
            high_watermark: 9,
            holders: vec![Holder {
                producer: ProducerState {
                    producer_id: 7,
                    producer_epoch: 1,
                    last_sequence: 3,
                    last_timestamp: 2_000,
                    coordinator_epoch: None,
                    transaction_start: Some(5),
                },
                transaction: Some(TransactionDescription {
                    transactional_id: "it's".into(),
                    coordinator: Broker {
                        id: 3,
                        address: "a:1".into(),
                        rack: None,
                    },
                    state,
                    producer_id: 7,
                    producer_epoch: 1,
                    timeout_ms: 60_000,
                    start_ms: Some(1_000),
                    partitions: partitions.iter().map(at).collect(),
                }),
            }],
        }
    }

    fn told(one: &StuckPartition) -> (String, String, Option<String>) {
        let holder = &one.holders[0];
        let since = datetime(since(one, holder));
        let state = state(one, holder).to_owned();
        (state, since, remedy(one, holder, "a:1"))
    }

    #[test]
    fn the_remedy_is_with_the_coordinator_if_it_knows_and_else_in_the_partition() {
        let (state, since, remedy) = told(&held(&[1, 0], TransactionState::Ongoing));
        assert_eq!((&*state, &*since), ("Ongoing", "1970-01-01T00:00:01.000Z"));
        assert_eq!(
            remedy.unwrap(),
            r"ottla transactions --bootstrap-server a:1 force-terminate --transactional-id 'it'\''s'"
        );
        let (state, since, remedy) = told(&held(&[1], TransactionState::Ongoing));
        assert_eq!((&*state, &*since), ("Hanging", "1970-01-01T00:00:02.000Z"));
        assert_eq!(
            remedy.unwrap(),
            "ottla transactions --bootstrap-server a:1 abort --topic 'my topic' --partition 0 --start-offset 5"
        );
        let (state, _, remedy) = told(&held(&[0], TransactionState::PrepareCommit));
        assert_eq!((&*state, remedy), ("PrepareCommit", None));
    }

    #[test]
    fn times_are_dates() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_795_273_445_678, "2026-11-21T15:04:05.678Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(datetime(ms), text);
        }
    }
}
