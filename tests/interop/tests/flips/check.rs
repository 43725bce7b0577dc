//! What a server has against what it must have.

use std::collections::{BTreeMap, BTreeSet};

use ottla_interop::raw::Connection;
use ottla_wire::{
    messages::{
        DescribeConfigsRequest, OffsetFetchRequest,
        describe_configs_request::DescribeConfigsResource,
        offset_fetch_request::OffsetFetchRequestGroup,
    },
    records::{Batches, ControlType, DECOMPRESSED_LIMIT, scan},
};

use crate::{
    asks::{self, Fetched, Place},
    model::{Committed, Marker, Model, Outcome, Sort, Written},
};

const LATEST: i64 = -1;
const EARLIEST: i64 = -2;

/// What was counted: that little was checked would be a difference, too.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counted {
    pub(crate) records: usize,
    pub(crate) markers: usize,
    pub(crate) removed: usize,
    pub(crate) offsets: usize,
}

impl std::ops::AddAssign for Counted {
    fn add_assign(&mut self, other: Self) {
        self.records += other.records;
        self.markers += other.markers;
        self.removed += other.removed;
        self.offsets += other.offsets;
    }
}

/// Everything. After an unclean stop, records that were deleted may be back.
pub(crate) fn check(
    connection: &mut Connection,
    model: &mut Model,
    clean: bool,
    what: &str,
) -> Counted {
    check_topics(connection, model, what);
    let mut counted = Counted::default();
    for place in model.places() {
        let what = format!("{what}: {place:?}");
        check_offsets(connection, model, &place, clean, &what);
        counted += check_records(connection, model, &place, &what);
    }
    check_committed(connection, model, what);
    counted.offsets = model.offsets.len();
    check_configs(connection, model, what);
    counted
}

fn check_topics(connection: &mut Connection, model: &Model, what: &str) {
    let mut names = BTreeSet::new();
    for topic in asks::topics(connection, None) {
        assert!(!model.gone.contains(&topic.topic_id), "{what}: {topic:?}");
        if topic.is_internal {
            continue;
        }
        let name = topic.name.unwrap_or_default();
        let known = model.topics.get(&name);
        let known = known.unwrap_or_else(|| panic!("{what}: {name} was deleted"));
        assert_eq!(topic.topic_id, known.id, "{what}: {name}");
        let partitions = known.partitions.len();
        assert_eq!(topic.partitions.len(), partitions, "{what}: {name}");
        names.insert(name);
    }
    let all: BTreeSet<_> = model.topics.keys().cloned().collect();
    assert_eq!(names, all, "{what}: topics");
}

fn check_offsets(
    connection: &mut Connection,
    model: &mut Model,
    place: &Place,
    clean: bool,
    what: &str,
) {
    let sort = model.sort(place);
    let partition = model.partition_mut(place);
    let (_, start, _) = asks::offset(connection, place, EARLIEST, 0);
    let least = if clean {
        partition.start
    } else {
        partition.remembered_start
    };
    assert!(
        (least..=partition.start).contains(&start),
        "{what}: starts at {start}, not at {} ({least})",
        partition.start
    );
    partition.is_forgetful |= start < partition.start;
    partition.start = start;
    let (_, end, _) = asks::offset(connection, place, LATEST, 0);
    assert_eq!(end, partition.end, "{what}: end");
    let (_, stable, _) = asks::offset(connection, place, LATEST, 1);
    assert_eq!(stable, partition.last_stable(), "{what}: last stable");
    // Markers have times that the model does not know, and compaction takes records away.
    if !matches!(sort, Sort::Plain | Sort::AppendTime) || !partition.markers.is_empty() {
        return;
    }
    let records: Vec<_> = partition.records.range(start..).collect();
    for (_, wanted) in records.iter().step_by((records.len() / 4).max(1)) {
        let first = records
            .iter()
            .find(|(_, record)| record.timestamp >= wanted.timestamp);
        let (offset, record) = first.expect("itself");
        let expected = (record.timestamp, **offset, record.leader_epoch);
        let found = asks::offset(connection, place, wanted.timestamp, 0);
        assert_eq!(found, expected, "{what}: time {}", wanted.timestamp);
    }
}

/// What a partition gives its readers, by offset.
#[derive(Default)]
struct Found {
    records: BTreeMap<i64, Written>,
    markers: BTreeMap<i64, Marker>,
}

/// With `isolation` 1, what a client gives its application.
fn decode(read: &Fetched, from: i64, isolation: i8) -> Found {
    let mut found = Found::default();
    let mut aborted = read.aborted.clone();
    let mut skipped = Vec::new();
    for batch in Batches::new(read.bytes.clone()) {
        let (head, bytes) = batch.expect("a batch");
        aborted.retain(|(first, producer)| {
            let begins = *first <= head.last_offset;
            if begins {
                skipped.push(*producer);
            }
            !begins
        });
        let is_skipped = head.attributes.is_transactional() && skipped.contains(&head.producer_id);
        for record in scan::records(&bytes, DECOMPRESSED_LIMIT).expect("records") {
            let record = record.expect("a record");
            if record.offset < from {
                continue;
            }
            if head.attributes.is_control() {
                let kind = ControlType::of_key(record.key.as_deref()).expect("a control record");
                let marker = Marker {
                    producer_id: head.producer_id,
                    commits: kind == ControlType::Commit,
                };
                found.markers.insert(record.offset, marker);
            } else if isolation == 0 || !is_skipped {
                let written = Written {
                    timestamp: record.timestamp,
                    key: record.key,
                    value: record.value,
                    headers: record.headers,
                    leader_epoch: head.leader_epoch,
                    producer: (head.producer_id, head.producer_epoch, record.sequence),
                    transaction: None,
                };
                found.records.insert(record.offset, written);
            }
        }
        if head.attributes.is_control() {
            skipped.retain(|producer| *producer != head.producer_id);
        }
    }
    found
}

fn check_records(connection: &mut Connection, model: &Model, place: &Place, what: &str) -> Counted {
    let partition = model.partition(place);
    let is_compacted = model.sort(place).is_compacted();
    let mut counted = Counted::default();
    for isolation in [0, 1] {
        let what = format!("{what}, isolation {isolation}");
        let read = asks::fetch(connection, place, partition.start, isolation);
        assert_eq!(read.high_watermark, partition.end, "{what}");
        assert_eq!(read.last_stable, partition.last_stable(), "{what}");
        assert_eq!(read.log_start, partition.start, "{what}");
        let found = decode(&read, partition.start, isolation);
        let is_given = |offset: i64, record: &Written| {
            isolation == 0
                || offset < partition.last_stable() && model.outcome(record) == Outcome::Committed
        };
        let latest = latest(model, place);
        for (offset, record) in partition.records.range(partition.start..) {
            let (given, here) = (is_given(*offset, record), found.records.get(offset));
            match here {
                Some(here) if given => {
                    let expected = Written {
                        transaction: None,
                        ..record.clone()
                    };
                    assert_eq!(*here, expected, "{what}, offset {offset}");
                    counted.records += 1;
                }
                Some(here) => panic!("{what}, offset {offset} is not to be read: {here:?}"),
                None if !given => {}
                None => {
                    let may_go = is_compacted
                        && (latest.get(&record.key) != Some(offset) || record.value.is_none());
                    assert!(may_go, "{what}, offset {offset} is lost: {record:?}");
                    counted.removed += 1;
                }
            }
        }
        for offset in found.records.keys() {
            let known = partition.records.contains_key(offset);
            assert!(known, "{what}, offset {offset} was never written");
        }
        let end = if isolation == 1 {
            read.last_stable
        } else {
            partition.end
        };
        let markers = partition
            .markers
            .range(partition.start..end.max(partition.start));
        let expected: BTreeMap<_, _> = markers.map(|(at, marker)| (*at, *marker)).collect();
        if is_compacted {
            for (offset, marker) in &found.markers {
                assert_eq!(expected.get(offset), Some(marker), "{what}, {offset}");
            }
        } else {
            assert_eq!(found.markers, expected, "{what}: markers");
        }
        counted.markers += found.markers.len();
    }
    counted
}

/// Where the last record of each key is that was not aborted.
fn latest(model: &Model, place: &Place) -> BTreeMap<Option<bytes::Bytes>, i64> {
    let records = model.partition(place).records.iter();
    let records = records.filter(|(_, record)| model.outcome(record) != Outcome::Aborted);
    records
        .map(|(offset, record)| (record.key.clone(), *offset))
        .collect()
}

fn check_committed(connection: &mut Connection, model: &Model, what: &str) {
    let groups: BTreeSet<_> = model.offsets.keys().map(|(group, _)| group).collect();
    for group in groups {
        ottla_interop::offsets::committed(connection, group, "one", 1);
        let request = OffsetFetchRequest {
            groups: vec![OffsetFetchRequestGroup {
                group_id: group.clone(),
                topics: None,
                ..Default::default()
            }],
            ..Default::default()
        };
        let (answer, code) = connection.ask_settled(8, &request, |answer| {
            answer.groups.iter().map(|of| of.error_code).collect()
        });
        assert_eq!(code, 0, "{what}: {answer:?}");
        let topics = answer.groups.iter().flat_map(|group| &group.topics);
        let found = topics.flat_map(|topic| {
            topic.partitions.iter().map(|of| {
                let committed = Committed {
                    offset: of.committed_offset,
                    leader_epoch: of.committed_leader_epoch,
                    metadata: of.metadata.clone().unwrap_or_default(),
                };
                ((topic.name.clone(), of.partition_index), committed)
            })
        });
        let found: BTreeMap<Place, Committed> = found.collect();
        let of_group = model.offsets.iter().filter(|((name, _), _)| name == group);
        let expected = of_group.map(|((_, place), of)| (place.clone(), of.clone()));
        assert_eq!(found, expected.collect(), "{what}: {group}");
    }
}

fn check_configs(connection: &mut Connection, model: &Model, what: &str) {
    const TOPIC: i8 = 2;
    const BROKER: i8 = 4;
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
        ..Default::default()
    };
    let (answer, code) = connection.ask_settled(4, &request, |answer| {
        answer.results.iter().map(|of| of.error_code).collect()
    });
    assert_eq!(code, 0, "{what}: {answer:?}");
    for of in answer.results {
        // A topic's own; a broker's own; the cluster's default.
        let source = match (of.resource_type, of.resource_name.as_str()) {
            (TOPIC, _) => 1,
            (_, "") => 3,
            _ => 2,
        };
        // The controller itself sets the cluster's min.insync.replicas, where there are eligible leader replicas.
        let by_controller =
            |name: &str| of.resource_type == BROKER && name == "min.insync.replicas";
        let own = of.configs.iter().filter(|it| it.config_source == source);
        let own = own.filter(|it| !by_controller(&it.name));
        let found: BTreeMap<_, _> = own
            .map(|it| (it.name.clone(), it.value.clone().unwrap_or_default()))
            .collect();
        let expected = if of.resource_type == TOPIC {
            model.topics[&of.resource_name].configs.clone()
        } else {
            let configs = model.broker_configs.iter();
            let own = configs.filter(|((name, _), _)| *name == of.resource_name);
            own.map(|((_, key), value)| (key.clone(), value.clone()))
                .collect()
        };
        assert_eq!(found, expected, "{what}: {}", of.resource_name);
    }
}
