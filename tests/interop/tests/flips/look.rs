//! All that a server answers of what it has, to be compared with what the next one answers.

use std::hash::{DefaultHasher, Hasher};

use ottla_interop::{
    raw::Connection,
    takeover::picture::{Age, Picture},
};
use ottla_wire::{
    messages::{
        ApiVersionsRequest, DescribeConfigsRequest, DescribeLogDirsRequest,
        DescribeTransactionsRequest, ListTransactionsRequest,
        describe_configs_request::DescribeConfigsResource,
    },
    records::Batches,
};

use crate::{
    asks::{self, Place},
    model::Model,
    workload::Workload,
};

const EARLIEST: i64 = -2;
const MAX_TIMESTAMP: i64 = -3;
const LATEST: i64 = -1;
const TOPIC: i8 = 2;
const BROKER: i8 = 4;

/// Everything, after it is loaded.
pub(crate) fn look(connection: &mut Connection, model: &Model, workload: &Workload) -> Picture {
    let age = workload.age();
    await_groups(connection, model);
    let mut picture = Picture::of(connection, age);
    topics(connection, &mut picture);
    for place in model.places() {
        partition(connection, model, &place, &mut picture);
    }
    transactions(connection, workload, &mut picture);
    configs(connection, model, age, &mut picture);
    features(connection, &mut picture);
    log_dirs(connection, model, &mut picture);
    picture
}

/// Names under which a partition's answers are.
pub(crate) fn beginnings((topic, partition): &Place) -> String {
    format!("partition {topic} {partition} ")
}

/// Waits until the offsets of all groups are loaded.
fn await_groups(connection: &mut Connection, model: &Model) {
    let groups = model.offsets.keys().map(|(group, _)| group.as_str());
    for group in groups.chain(["classic", "consumer"]) {
        ottla_interop::offsets::committed(connection, group, "one", 1);
    }
}

fn topics(connection: &mut Connection, picture: &mut Picture) {
    for topic in asks::topics(connection, None) {
        let partitions = topic.partitions.iter();
        let partitions: Vec<_> = partitions
            .map(|of| {
                let replicas = (&of.replica_nodes, &of.isr_nodes, &of.offline_replicas);
                format!("{} {replicas:?}", of.partition_index)
            })
            .collect();
        let (name, id) = (topic.name.unwrap_or_default(), topic.topic_id);
        let internal = topic.is_internal;
        picture.add(
            format!("topic {name}"),
            format!("{id} {internal} {partitions:?}"),
        );
    }
}

fn partition(connection: &mut Connection, model: &Model, place: &Place, picture: &mut Picture) {
    let of = model.partition(place);
    let mut add = |what: &str, answer: String| {
        picture.add(format!("{}{what}", beginnings(place)), answer);
    };
    let (_, end, _) = asks::offset(connection, place, LATEST, 0);
    let (_, stable, _) = asks::offset(connection, place, LATEST, 1);
    add("end", format!("{end} {stable}"));
    let (_, start, epoch) = asks::offset(connection, place, EARLIEST, 0);
    // An epoch without records gives its place to the next one.
    let epoch = (start < end).then_some(epoch);
    add("start", format!("{start} {epoch:?}"));
    let epochs = of.records.range(start..).map(|(_, it)| it.leader_epoch);
    for epoch in 0..=epochs.max().unwrap_or(-1) {
        let ends = asks::epoch_end(connection, place, epoch);
        add(&format!("epoch {epoch}"), format!("{ends:?}"));
    }
    if model.sort(place).is_compacted() {
        // It goes on between two answers.
        return;
    }
    let producers = asks::producers(connection, place);
    add("producers", format!("{producers:#?}"));
    let max = asks::offset(connection, place, MAX_TIMESTAMP, 0);
    add("max timestamp", format!("{max:?}"));
    // Some of the times that records have, and the milliseconds beside them.
    let step = (of.records.len() / 3).max(1);
    for record in of.records.values().step_by(step) {
        for time in [record.timestamp, record.timestamp + 1] {
            let found = asks::offset(connection, place, time.max(0), 0);
            picture_of_time(picture, place, time, &found);
        }
    }
    for isolation in [0, 1] {
        let read = asks::fetch(connection, place, of.start, isolation);
        let mut words = format!(
            "start {} high watermark {} stable {} aborted {:?} digest {:x}\n",
            read.log_start,
            read.high_watermark,
            read.last_stable,
            read.aborted,
            digest(&read.bytes)
        );
        for batch in Batches::new(read.bytes) {
            let (head, _) = batch.expect("a batch");
            words += &format!("{head:?}\n");
        }
        picture.add(format!("{}read {isolation}", beginnings(place)), words);
    }
}

fn digest(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

/// Several records may have the same time.
fn picture_of_time(picture: &mut Picture, place: &Place, time: i64, found: &(i64, i64, i32)) {
    let name = format!("{}time {time}", beginnings(place));
    picture.note(name, format!("{found:?}"));
}

fn transactions(connection: &mut Connection, workload: &Workload, picture: &mut Picture) {
    let ids = workload.transactional.iter().map(|it| it.id.clone());
    let request = DescribeTransactionsRequest {
        transactional_ids: ids.collect(),
        ..Default::default()
    };
    let (mut answer, code) = connection.ask_settled(0, &request, |answer| {
        let states = answer.transaction_states.iter();
        states.map(|of| of.error_code).collect()
    });
    assert_eq!(code, 0, "{answer:?}");
    for state in &mut answer.transaction_states {
        for topic in &mut state.topics {
            topic.partitions.sort_unstable();
        }
        state.topics.sort_by(|a, b| a.topic.cmp(&b.topic));
        if workload.age() == Age::Older && state.transaction_state == "Empty" {
            // Apache Kafka 3.9 writes down that none has begun, and remembers the last one until it is started again.
            state.transaction_start_time_ms = -1;
        }
        let name = format!("transaction {}", state.transactional_id);
        picture.add(name, format!("{state:#?}"));
    }
    let request = ListTransactionsRequest::default();
    let (mut answer, code) = connection.ask_settled(1, &request, |answer| vec![answer.error_code]);
    assert_eq!(code, 0, "{answer:?}");
    let states = &mut answer.transaction_states;
    states.sort_by(|a, b| a.transactional_id.cmp(&b.transactional_id));
    picture.add("transactions".to_owned(), format!("{states:#?}"));
}

fn configs(connection: &mut Connection, model: &Model, age: Age, picture: &mut Picture) {
    let resource = |(kind, name): (i8, &str)| DescribeConfigsResource {
        resource_type: kind,
        resource_name: name.to_owned(),
        configuration_keys: None,
        ..Default::default()
    };
    let topics = model.topics.keys().map(|name| (TOPIC, name.as_str()));
    let all = topics.chain([(BROKER, ""), (BROKER, "1")]);
    let request = DescribeConfigsRequest {
        resources: all.map(resource).collect(),
        include_synonyms: age == Age::Newer,
        ..Default::default()
    };
    let (answer, code) = connection.ask_settled(4, &request, |answer| {
        answer.results.iter().map(|of| of.error_code).collect()
    });
    assert_eq!(code, 0, "{answer:?}");
    for of in answer.results {
        let mut lines: Vec<String> = of
            .configs
            .iter()
            // What a broker was started with is the same file for both, and not on the disk; the defaults of releases differ.
            .filter(|config| match config.config_source {
                1..=3 => true,
                _ => of.resource_type == TOPIC && age == Age::Newer,
            })
            .map(|config| format!("{config:?}"))
            .collect();
        lines.sort();
        let name = format!("configs {} {}", of.resource_type, of.resource_name);
        picture.add(name, lines.join("\n"));
    }
}

fn features(connection: &mut Connection, picture: &mut Picture) {
    let request = ApiVersionsRequest {
        client_software_name: "interop".to_owned(),
        client_software_version: "1".to_owned(),
        ..Default::default()
    };
    let (mut answer, code) = connection.ask_settled(3, &request, |answer| vec![answer.error_code]);
    assert_eq!(code, 0, "{answer:?}");
    let features = &mut answer.finalized_features;
    features.sort_by(|a, b| a.name.cmp(&b.name));
    picture.add("features".to_owned(), format!("{features:?}"));
}

fn log_dirs(connection: &mut Connection, model: &Model, picture: &mut Picture) {
    let request = DescribeLogDirsRequest {
        topics: None,
        ..Default::default()
    };
    let (answer, code) = connection.ask_settled(4, &request, |answer| {
        let dirs = answer.results.iter().map(|of| of.error_code);
        dirs.chain([answer.error_code]).collect()
    });
    assert_eq!(code, 0, "{answer:?}");
    for dir in answer.results {
        for topic in dir.topics {
            for of in topic.partitions {
                let place = (topic.name.clone(), of.partition_index);
                let size = model.topics.get(&place.0).and_then(|topic| {
                    let start = topic.partitions.get(place.1 as usize)?.start;
                    // Segments may go at any time.
                    (start == 0 && !topic.sort.is_compacted()).then_some(of.partition_size)
                });
                let (lag, future) = (of.offset_lag, of.is_future_key);
                picture.add(
                    format!("{}directory", beginnings(&place)),
                    format!("{} {size:?} {lag} {future}", dir.log_dir),
                );
            }
        }
    }
}
