//! The metadata log of a real Kafka gives the image that Kafka had.

mod support;

use ottla_metadata::{
    Image,
    image::{ConfigResource, NO_LEADER, QuotaEntity, ResourceType},
    loader::{Change, Loader, Provenance},
};
use ottla_wire::Uuid;
use serde_json::Value;

fn load(loader: &mut Loader, batches: &[ottla_metadata::loader::Batch]) -> Vec<Change> {
    let mut faults = Vec::new();
    let mut changes = Vec::new();
    for batch in batches {
        changes.extend(loader.load(batch, &mut faults));
        changes.extend(loader.flush());
    }
    assert_eq!(faults, []);
    changes
}

fn from_log() -> Image {
    let mut loader = Loader::new();
    load(&mut loader, &support::batches(support::file("4.3.1.log")));
    loader.image().clone()
}

/// The end offset of the snapshot.
const SNAPSHOT: i64 = 299;

#[test]
fn snapshot_equals_the_log_before_it() {
    let batches = support::batches(support::file("4.3.1.log"));
    let at = batches.partition_point(|batch| batch.base_offset < SNAPSHOT);
    let mut by_log = Loader::new();
    load(&mut by_log, &batches[..at]);
    assert_eq!(by_log.provenance().offset, SNAPSHOT - 1);

    let mut by_snapshot = Loader::new();
    let mut faults = Vec::new();
    let records = support::records("4.3.1.checkpoint");
    let provenance = by_log.provenance();
    let change = by_snapshot.load_snapshot(&records, provenance, &mut faults);
    assert_eq!(faults, []);
    assert!(change.is_snapshot && change.created_topics().count() > 10);
    assert_eq!(by_snapshot.image(), by_log.image());

    load(&mut by_log, &batches[at..]);
    load(&mut by_snapshot, &batches[at..]);
    assert_eq!(by_snapshot.image(), by_log.image());
    assert_eq!(by_snapshot.provenance(), by_log.provenance());
    let last = batches.last().unwrap();
    assert_eq!(by_log.provenance().offset, last.last_offset);
    assert_eq!(by_log.provenance().epoch, last.epoch);
}

#[test]
fn snapshot_has_kafkas_records() {
    let records = support::records("4.3.1.checkpoint");
    let mut loader = Loader::new();
    let change = loader.load_snapshot(&records, Provenance::default(), &mut Vec::new());
    let sorted = |records: Vec<String>| {
        let mut records = records;
        records.sort();
        records
    };
    // In any order: Kafka's is that of its hash maps within each kind.
    let ours: Vec<_> = change.image.to_records().collect();
    let kinds = |keys: Vec<i16>| {
        let mut keys = keys;
        keys.dedup();
        keys
    };
    // A topic's record and its partitions' alternate.
    let flat = |key: i16| if key == 3 { 2 } else { key };
    assert_eq!(
        kinds(ours.iter().map(|of| flat(of.value.key())).collect()),
        kinds(records.iter().map(|of| flat(of.key())).collect()),
    );
    let ours = ours.iter().map(|of| format!("{:?}", of.value));
    let theirs = records.iter().map(|of| format!("{of:?}"));
    let (ours, theirs) = (sorted(ours.collect()), sorted(theirs.collect()));
    assert_eq!(ours.len(), theirs.len());
    for (ours, theirs) in ours.iter().zip(&theirs) {
        // A registration's features are in the order of a hash map, too.
        if !ours.starts_with("Register") {
            assert_eq!(ours, theirs);
        }
    }
}

#[test]
fn image_makes_itself_again() {
    let image = from_log();
    let mut again = Image::default();
    for record in image.to_records() {
        let bytes = record.value.encode(record.version).unwrap();
        let (value, version) = ottla_wire::messages::MetadataRecord::decode(bytes).unwrap();
        assert_eq!((&value, version), (&record.value, record.version));
        again.apply(&value).unwrap();
    }
    assert_eq!(again, image);
}

#[test]
fn image_is_what_kafka_told() {
    let image = from_log();
    let told: Value = serde_json::from_slice(&support::file("4.3.1.cluster.json")).unwrap();

    let topics = told["topics"].as_object().unwrap();
    assert_eq!(image.topic_count(), topics.len());
    for (name, told) in topics {
        let topic = image.topic(name).unwrap();
        assert_eq!(topic.id, Uuid::parse(told["id"].as_str().unwrap()).unwrap());
        let partitions = told["partitions"].as_u64().unwrap();
        assert_eq!(topic.partitions.len() as u64, partitions, "{name}");
        for partition in topic.partitions.values() {
            assert_eq!(*partition.replicas, [1]);
        }
    }
    assert!(image.topic("fx-gone").is_none());

    for (name, level) in told["features"].as_object().unwrap() {
        // It is a control record.
        if name != "kraft.version" {
            let level = level.as_i64().unwrap();
            assert_eq!(i64::from(image.feature_level(name)), level, "{name}");
        }
    }
    for (resource, told) in told["dynamicConfigs"].as_object().unwrap() {
        let (kind, name) = resource.split_once(' ').unwrap();
        let kind = match kind {
            "TOPIC" => ResourceType::TOPIC,
            "BROKER" => ResourceType::BROKER,
            "GROUP" => ResourceType::GROUP,
            "CLIENT_METRICS" => ResourceType::CLIENT_METRICS,
            other => panic!("{other}"),
        };
        let configs = image.configs(&ConfigResource::new(kind, name));
        for (key, value) in told.as_object().unwrap() {
            let (source, value) = value.as_str().unwrap().split_once('=').unwrap();
            let inherited = name == "1" && source == "DYNAMIC_DEFAULT_BROKER_CONFIG";
            let ours = configs.get(key).map(String::as_str);
            assert_eq!(ours, (!inherited).then_some(value), "{resource} {key}");
        }
    }
    assert_eq!(image.acls().len(), told["acls"].as_array().unwrap().len());
}

#[test]
fn credentials_and_quotas() {
    let image = from_log();
    assert_eq!(image.all_scram().len(), 2);
    let scram = image.scram(1, "alice").unwrap();
    assert_eq!(
        (&scram.salt[..], scram.iterations),
        (&b"fixture-salt-256"[..], 4096)
    );
    let alice = QuotaEntity([("user".to_owned(), Some("alice".to_owned()))].into());
    assert_eq!(
        image.quotas(&alice).unwrap()["producer_byte_rate"],
        1_048_576.0
    );
    let everyone = QuotaEntity([("client-id".to_owned(), None)].into());
    assert_eq!(
        image.quotas(&everyone).unwrap()["request_percentage"],
        250.0
    );
    assert!(image.next_producer_id() >= 2000);
}

/// The node was stopped and started: nobody led in between, and each leader epoch rose by two.
#[test]
fn changes_tell_what_happened() {
    let mut loader = Loader::new();
    let changes = load(&mut loader, &support::batches(support::file("4.3.1.log")));
    for pair in changes.windows(2) {
        assert_eq!(pair[0].image, pair[1].previous);
    }
    // The first image that has features has all of them: the bootstrap transaction is one step.
    let first = changes
        .iter()
        .find(|change| change.image.metadata_version().is_some())
        .unwrap();
    assert!(first.image.keeps_elr() && first.delta.features);
    let all_brokers = ConfigResource::all_brokers();
    assert_eq!(
        first.image.config(&all_brokers, "min.insync.replicas"),
        Some("1")
    );

    let gone: Vec<_> = changes
        .iter()
        .flat_map(|change| change.deleted_topics().map(|topic| topic.name.to_string()))
        .collect();
    assert_eq!(gone, ["fx-gone"]);

    let epochs: Vec<_> = changes
        .iter()
        .flat_map(Change::changed_partitions)
        .filter(|(topic, ..)| &*topic.name == "fx-epochs")
        .map(|(_, _, before, now)| {
            let before = before.map(|before| before.leader_epoch);
            (
                before,
                now.leader_epoch,
                now.leader,
                now.isr.len(),
                now.elr.len(),
            )
        })
        .collect();
    assert_eq!(
        epochs[..3],
        [
            (None, 0, 1, 1, 0),
            (Some(0), 1, NO_LEADER, 0, 1),
            (Some(1), 2, 1, 1, 0)
        ]
    );
}

/// What formatting writes is what Kafka's format command wrote, in its old place and its new one.
#[test]
fn formats_as_kafka_does() {
    use ottla_metadata::{
        MetadataVersion,
        bootstrap::{Format, InitialVoter, Quorum},
    };
    let voter = InitialVoter {
        id: 1,
        directory_id: Uuid::parse("Lo3iLNq1SDWqYL3ky3h4EQ").unwrap(),
        host: "127.0.0.1".to_owned(),
        port: 31411,
    };
    for (release, file) in [
        ("4.3", "4.3.1.bootstrap.checkpoint"),
        ("4.4", "4.4.0.format.checkpoint"),
    ] {
        let mut format = Format::new(Quorum::Initial(vec![voter.clone()]), "CONTROLLER");
        format.release = MetadataVersion::parse(release);
        let ours = format.run().unwrap().records;
        let ours: Vec<_> = ours.into_iter().map(|record| record.value).collect();
        assert_eq!(ours, support::records(file));
    }
}
