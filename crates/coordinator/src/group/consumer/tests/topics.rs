//! Topics that come, grow and go; targets; the hash of topics.

use ottla_metadata::image::Topic;
use ottla_wire::messages::{
    ConsumerGroupPartitionMetadataKey, ConsumerGroupPartitionMetadataValue, RegisterBrokerRecord,
    RemoveTopicRecord,
};

use super::super::hash::{group_hash, topic_hash};
use super::*;
use crate::group::Record;

#[test]
fn new_partitions_are_assigned() {
    let mut world = world(&[("t", 1)]);
    let mut a = Client::new("a", &["t", "later"]);
    a.join(&mut world);
    world.pass(5_000);
    change_topics(&mut world, |image| add_topic(image, "t", 3), &["t"]);
    let records = written(&mut world, |world| {
        a.beat(world);
    });
    assert_eq!(records, ["epoch", "target", "target epoch", "current"]);
    assert_eq!(a.indexes("t"), [0, 1, 2]);
    world.pass(5_000);
    change_topics(&mut world, |image| add_topic(image, "later", 1), &["later"]);
    a.beat(&mut world);
    assert_eq!(a.indexes("later"), [0]);
    // Nobody is interested in others.
    change_topics(&mut world, |image| add_topic(image, "other", 1), &["other"]);
    assert!(
        written(&mut world, |world| {
            a.beat(world);
        })
        .is_empty()
    );
}

#[test]
fn a_deleted_topic_is_given_up() {
    let mut world = world(&[("t", 1), ("u", 2)]);
    let mut a = Client::new("a", &["t", "u"]);
    a.join(&mut world);
    world.pass(5_000);
    let remove = |image: &mut Image| {
        let topic_id = topic_id("t");
        let record = RemoveTopicRecord {
            topic_id,
            ..RemoveTopicRecord::default()
        };
        image.apply(&MetadataRecord::RemoveTopic(record)).unwrap();
    };
    change_topics(&mut world, remove, &["t"]);
    settle(&mut world, std::slice::from_mut(&mut a));
    assert_eq!((a.indexes("t"), a.indexes("u")), (vec![], vec![0, 1]));
    let group = describe(&mut world);
    assert_eq!(group.members[0].assignment.topic_partitions.len(), 1);
}

#[test]
fn a_change_that_could_not_be_written_is_seen_again() {
    let mut world = world(&[("t", 1)]);
    let mut a = Client::new("a", &["t"]);
    a.join(&mut world);
    a.beat(&mut world);
    world.pass(5_000);
    change_topics(&mut world, |image| add_topic(image, "t", 3), &["t"]);
    world.append_fails = true;
    world.ask(Input::ConsumerGroupHeartbeat(
        caller("test", 1),
        a.beating(),
    ));
    world.append_fails = false;
    a.beat(&mut world);
    assert_eq!(a.indexes("t"), [0, 1, 2]);
}

#[test]
fn targets_are_computed_no_more_often_than_the_interval() {
    let mut world = world(&[("t", 4)]);
    let mut clients = [
        Client::new("a", &["t"]),
        Client::new("b", &["t"]),
        Client::new("c", &["t"]),
    ];
    let first = written(&mut world, |world| {
        clients[0].join(world);
    });
    assert!(first.contains(&"target epoch"));
    for client in &mut clients[1..] {
        let records = written(&mut world, |world| {
            client.join(world);
        });
        assert_eq!(records, ["member", "epoch", "current"]);
        assert_eq!((client.epoch, client.owned.len()), (2, 0));
    }
    assert_eq!(state(&mut world), "Assigning");
    world.pass(1_000);
    settle(&mut world, &mut clients);
    let group = describe(&mut world);
    assert_eq!((group.group_epoch, group.assignment_epoch), (4, 4));
}

#[test]
fn the_assignor_that_most_prefer_assigns() {
    let mut world = world(&[("t", 2), ("u", 2)]);
    let mut clients: Vec<_> = ["a", "b", "c"]
        .map(|id| Client::new(id, &["t", "u"]))
        .into();
    for (client, assignor) in clients.iter_mut().zip([None, Some("range"), Some("range")]) {
        client.assignor = assignor.map(str::to_owned);
        client.join(&mut world);
        world.pass(1_000);
    }
    assert_eq!(describe(&mut world).assignor_name, "range");
    settle(&mut world, &mut clients);
    assert_eq!(clients[0].owned.len(), 2);
    assert_eq!(clients[2].owned.len(), 0);
    for client in &mut clients[1..] {
        let change = ConsumerGroupHeartbeatRequest {
            server_assignor: Some("uniform".to_owned()),
            ..client.beating()
        };
        let answer = beat(&mut world, change);
        client.take(answer);
        world.pass(1_000);
    }
    assert_eq!(describe(&mut world).assignor_name, "uniform");
    settle(&mut world, &mut clients);
    assert!(clients.iter().all(|client| !client.owned.is_empty()));
}

#[test]
fn what_kafka_kept_of_topics_before_is_taken_away() {
    let mut world = world(&[("t", 1)]);
    let mut a = Client::new("a", &["t"]);
    a.join(&mut world);
    let key = ConsumerGroupPartitionMetadataKey {
        group_id: GROUP.to_owned(),
    };
    let entry = Entry::ConsumerGroupPartitionMetadata(
        key,
        Some(ConsumerGroupPartitionMetadataValue::default()),
    );
    world.append(vec![Record {
        producer: None,
        entry,
    }]);
    change_topics(&mut world, |image| add_topic(image, "t", 2), &["t"]);
    world.pass(1_000);
    let records = written(&mut world, |world| {
        a.beat(world);
    });
    assert_eq!(records[..2], ["epoch", "no partition metadata"]);
    change_topics(&mut world, |image| add_topic(image, "t", 3), &["t"]);
    world.pass(1_000);
    let records = written(&mut world, |world| {
        a.beat(world);
    });
    assert!(!records.contains(&"no partition metadata"));
}

/// What `org.apache.kafka.coordinator.group.Utils` of Apache Kafka 4.4.0 says.
#[test]
fn hashes_are_kafkas() {
    let racks = [
        "rack-b", "rack-a", "zürich", "🚀", "\u{ffee}", "r0", "r1", "r2",
    ];
    let mut image = Image::default();
    for (id, rack) in (1..).zip(racks) {
        let record = RegisterBrokerRecord {
            broker_id: id,
            rack: Some(rack.to_owned()),
            ..RegisterBrokerRecord::default()
        };
        image
            .apply(&MetadataRecord::RegisterBroker(record))
            .unwrap();
    }
    let id = Uuid::from_u128(0x0123_4567_89ab_cdef_fedc_ba98_7654_3210);
    let topic = |name: &str, replicas: Vec<Vec<i32>>| {
        let partitions = replicas.into_iter().map(|replicas| PartitionRecord {
            directories: replicas.iter().map(|_| Uuid::from_u128(1 << 100)).collect(),
            replicas,
            ..PartitionRecord::default()
        });
        let partitions = partitions
            .map(|record| ottla_metadata::image::Partition::from_record(&record).unwrap());
        let mut topic = Topic::new(name, id);
        topic.partitions = (0..).zip(partitions.map(Arc::new)).collect();
        topic_hash(&topic, &image)
    };
    // 9 is no broker that is known.
    let bar = topic("bar", vec![vec![9], vec![]]);
    let foo = topic("foo", vec![vec![1, 2], vec![3, 4, 5, 9], vec![]]);
    let large = topic(
        "large.topic_1-x",
        (0..100).map(|at| vec![6 + at % 3]).collect(),
    );
    assert_eq!(bar, 3_589_745_832_474_457_692);
    assert_eq!(foo, 8_294_510_561_294_785_754);
    assert_eq!(large, 3_360_712_745_270_303_935);
    assert_eq!(group_hash([bar].into_iter()), 5_634_674_817_660_600_077);
    assert_eq!(
        group_hash([bar, foo, large].into_iter()),
        -2_025_718_711_947_629_329
    );
    assert_eq!(group_hash(std::iter::empty()), 0);
}
