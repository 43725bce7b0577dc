//! The transactional producer of our client crate, with both versions of transactions: atomic across partitions, an abort
//! invisible, offsets part of it, zombies fenced, and a broker that is killed between the records and the commit.

use std::time::Duration;

use ottla_client::{
    Admin, ClientError, Consumer, ConsumerConfig, GroupMetadata, Isolation, Producer,
    ProducerConfig, TopicPartition, admin::CommittedOffset,
};
use ottla_interop::{
    clients::create_topic,
    own_client::{cluster, read, send_to, transactional},
    raw::Connection,
    server::{Kind, Node},
};
use ottla_wire::messages::update_features_request::{FeatureUpdateKey, UpdateFeaturesRequest};

const TOPIC: &str = "t";
const PARTITIONS: [i32; 3] = [0, 1, 2];

const PROPERTIES: [&str; 4] = [
    "transaction.state.log.num.partitions=3",
    "offsets.topic.num.partitions=3",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms=500",
    "group.initial.rebalance.delay.ms=0",
];

fn block_on<F: Future>(work: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(work)
}

async fn committed(address: &str) -> Vec<String> {
    values(address, Isolation::ReadCommitted).await
}

async fn values(address: &str, isolation: Isolation) -> Vec<String> {
    let read = read(address, isolation, TOPIC, &PARTITIONS).await;
    let mut values: Vec<String> = read.into_iter().map(|(_, value)| value).collect();
    values.sort();
    values
}

/// A commit is decided before the partitions know of it: what readers of committed records see is awaited.
async fn assert_committed(address: &str, expected: &[String], what: &str) {
    let mut seen = Vec::new();
    for _ in 0..100 {
        seen = committed(address).await;
        if seen == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(seen, expected, "{what}");
}

/// So often as there are partitions.
fn in_all(values: &[&str]) -> Vec<String> {
    let mut all: Vec<String> = values
        .iter()
        .flat_map(|value| PARTITIONS.map(|_| (*value).to_owned()))
        .collect();
    all.sort();
    all
}

fn offset(offset: i64) -> [(TopicPartition, CommittedOffset); 1] {
    let offset = CommittedOffset {
        offset,
        leader_epoch: None,
        metadata: "here".into(),
    };
    [(TopicPartition::new(TOPIC, 0), offset)]
}

/// What a group has committed, once no transaction is about to change it.
async fn group_offset(address: &str, group: &str) -> Option<i64> {
    let config = ConsumerConfig {
        group: Some(group.to_owned()),
        isolation: Isolation::ReadCommitted,
        ..ConsumerConfig::default()
    };
    let consumer = Consumer::new(cluster(address), config);
    let at = TopicPartition::new(TOPIC, 0);
    let committed = consumer.committed(std::slice::from_ref(&at)).await;
    let mut committed = committed.expect("offsets");
    committed.remove(&at).flatten().map(|one| one.offset)
}

async fn all_or_nothing(address: &str, prefix: &str) -> Vec<String> {
    let name = |what: &str| format!("{prefix}-{what}");
    let producer = transactional(address, &name("id")).await;
    let before = committed(address).await;

    producer.begin_transaction().expect("begun");
    send_to(&producer, TOPIC, &PARTITIONS, &name("kept")).await;
    assert_eq!(committed(address).await, before, "nothing is committed yet");
    producer.commit_transaction().await.expect("committed");
    let mut expected = in_all(&[&name("kept")]);
    expected.extend(before);
    expected.sort();
    assert_committed(address, &expected, "a commit shows all").await;

    producer.begin_transaction().expect("begun");
    send_to(&producer, TOPIC, &PARTITIONS, &name("dropped")).await;
    producer.abort_transaction().await.expect("aborted");
    assert_committed(address, &expected, "an abort shows nothing").await;
    let all = values(address, Isolation::ReadUncommitted).await;
    assert!(all.contains(&name("dropped")), "{all:?}");

    // Many small ones in a row, with sequences that go on or begin anew.
    for round in 0..10 {
        producer.begin_transaction().expect("begun");
        let value = name(&format!("round-{round}"));
        send_to(&producer, TOPIC, &PARTITIONS, &value).await;
        if round % 3 == 2 {
            producer.abort_transaction().await.expect("aborted");
        } else {
            producer.commit_transaction().await.expect("committed");
            expected.extend(in_all(&[&value]));
        }
    }
    expected.sort();
    assert_committed(address, &expected, "ten in a row").await;
    expected
}

async fn offsets_are_part_of_it(address: &str, prefix: &str) {
    let group = format!("{prefix}-group");
    let producer = transactional(address, &format!("{prefix}-offsets")).await;
    let member = GroupMetadata::of(group.as_str());
    producer.begin_transaction().expect("begun");
    producer
        .send_offsets(&offset(5), &member)
        .await
        .expect("sent");
    producer.commit_transaction().await.expect("committed");
    assert_eq!(group_offset(address, &group).await, Some(5));
    producer.begin_transaction().expect("begun");
    producer
        .send_offsets(&offset(9), &member)
        .await
        .expect("sent");
    producer.abort_transaction().await.expect("aborted");
    assert_eq!(group_offset(address, &group).await, Some(5));
    // Whoever says to be a member must be one.
    let stranger = GroupMetadata {
        generation: 3,
        member_id: "stranger".into(),
        ..member
    };
    producer.begin_transaction().expect("begun");
    let refused = producer.send_offsets(&offset(9), &stranger).await;
    let refused = refused.expect_err("no member");
    assert!(
        matches!(refused, ClientError::MustAbort { .. }),
        "{refused}"
    );
    assert!(producer.commit_transaction().await.is_err());
    producer.abort_transaction().await.expect("aborted");
    assert_eq!(group_offset(address, &group).await, Some(5));
}

async fn zombies_are_fenced(address: &str, prefix: &str, expected: &[String]) {
    let id = format!("{prefix}-zombie");
    let zombie = transactional(address, &id).await;
    zombie.begin_transaction().expect("begun");
    send_to(&zombie, TOPIC, &PARTITIONS, &format!("{prefix}-zombie")).await;
    let successor = transactional(address, &id).await;
    let error = zombie.commit_transaction().await.expect_err("fenced");
    assert!(error.is_fenced(), "{error}");
    assert!(zombie.begin_transaction().is_err());
    assert_committed(address, expected, "a zombie").await;
    successor.begin_transaction().expect("begun");
    successor.commit_transaction().await.expect("empty");
}

async fn what_takes_too_long_is_aborted(address: &str, prefix: &str, expected: &[String]) {
    let config = ProducerConfig {
        transactional_id: Some(format!("{prefix}-slow")),
        transaction_timeout: Duration::from_secs(1),
        ..ProducerConfig::default()
    };
    let slow = Producer::open(cluster(address), config)
        .await
        .expect("a producer");
    slow.init_transactions().await.expect("initialized");
    slow.begin_transaction().expect("begun");
    send_to(&slow, TOPIC, &PARTITIONS, &format!("{prefix}-slow")).await;
    let at = TopicPartition::new(TOPIC, 0);
    let admin = Admin::new(cluster(address));
    let mut tries = 0;
    while !(admin.find_stuck_partitions(vec![at.clone()]).await)
        .expect("asked")
        .is_empty()
    {
        tries += 1;
        assert!(
            tries < 100,
            "the transaction is held for longer than its timeout"
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let late = slow.commit_transaction().await.expect_err("too late");
    let is_told = matches!(
        late,
        ClientError::MustAbort { .. } | ClientError::MustClose { .. }
    );
    assert!(is_told, "{late}");
    assert_committed(address, expected, "too late").await;
}

/// Lowers the cluster's `transaction.version`.
fn downgrade(address: &str, level: i16) {
    let mut connection = Connection::new(address);
    let request = UpdateFeaturesRequest {
        timeout_ms: 10_000,
        feature_updates: vec![FeatureUpdateKey {
            feature: "transaction.version".into(),
            max_version_level: level,
            upgrade_type: 2,
            ..FeatureUpdateKey::default()
        }],
        ..UpdateFeaturesRequest::default()
    };
    let answer = connection.ask(1, &request).expect("an answer");
    assert_eq!(answer.error_code, 0, "{answer:?}");
}

#[test]
fn transactions_are_atomic_with_both_versions() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let server = Node::new(&dir.path().join("node"), &PROPERTIES).start(Kind::under_test());
    let address = server.address();
    create_topic(&address, TOPIC, 3, &[]);
    block_on(async {
        for version in [2, 1] {
            if version == 1 {
                downgrade(&address, 1);
            }
            let reached = cluster(&address);
            reached.any().await.expect("connected");
            assert_eq!(reached.feature("transaction.version"), Some(version));
            let prefix = format!("v{version}");
            let expected = all_or_nothing(&address, &prefix).await;
            offsets_are_part_of_it(&address, &prefix).await;
            zombies_are_fenced(&address, &prefix, &expected).await;
            what_takes_too_long_is_aborted(&address, &prefix, &expected).await;
        }
    });
    server.stop();
}

#[test]
fn a_broker_that_is_killed_before_the_commit_does_not_change_its_outcome() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let node = Node::new(&dir.path().join("node"), &PROPERTIES);
    let mut server = node.start(Kind::under_test());
    let address = node.address();
    create_topic(&address, TOPIC, 3, &[]);
    let mut expected = Vec::new();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let group = GroupMetadata::of("killed");
    let producer = runtime.block_on(transactional(&address, "killed"));
    for round in 0..4 {
        let value = format!("round-{round}");
        runtime.block_on(async {
            producer.begin_transaction().expect("begun");
            send_to(&producer, TOPIC, &PARTITIONS, &value).await;
            let offsets = offset(round);
            producer.send_offsets(&offsets, &group).await.expect("sent");
        });
        server.kill();
        server = node.start(Kind::under_test());
        runtime.block_on(async {
            if round % 2 == 0 {
                producer.commit_transaction().await.expect("committed");
                expected.extend(in_all(&[&value]));
            } else {
                producer.abort_transaction().await.expect("aborted");
            }
            assert_committed(&address, &expected, &value).await;
            let committed = round - round % 2;
            assert_eq!(group_offset(&address, "killed").await, Some(committed));
        });
    }
    server.stop();
}
