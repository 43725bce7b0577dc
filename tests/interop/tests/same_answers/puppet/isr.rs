//! In-sync sets that change, replicas that move, leaders that are elected.

use ottla_wire::{
    Uuid,
    messages::{
        AlterPartitionReassignmentsRequest, AlterPartitionRequest, ElectLeadersRequest,
        ElectLeadersResponse, alter_partition_reassignments_request as moving,
        alter_partition_request as alter, elect_leaders_request::TopicPartitions,
    },
};

use super::{EPOCH, HERE, LEAVING, ONLY_HERE, ONLY_THERE, PUPPET, THERE, cluster::look};
use crate::both::{Both, Side};

/// What the second broker says of a partition.
#[derive(Clone, Copy)]
struct Change {
    topic: &'static str,
    partition: i32,
    leader_epoch: i32,
    partition_epoch: i32,
    isr: &'static [i32],
    /// What is told of the epoch of the second broker; its own is 0.
    ahead: i64,
    recovery: i8,
}

const SOUND: Change = Change {
    topic: THERE,
    partition: 0,
    leader_epoch: 0,
    partition_epoch: 0,
    isr: &[2, 1],
    ahead: 0,
    recovery: 0,
};

fn alter(side: &mut Side, version: i16, change: Change) -> AlterPartitionRequest {
    let epoch = side.number(EPOCH);
    let known = |id: &i32| alter::BrokerState {
        broker_id: *id,
        // Of the first broker nobody asks it.
        broker_epoch: if *id == PUPPET {
            epoch + change.ahead
        } else {
            -1
        },
        ..alter::BrokerState::default()
    };
    let has_epochs = version >= 3;
    AlterPartitionRequest {
        broker_id: PUPPET,
        broker_epoch: epoch,
        topics: vec![alter::TopicData {
            topic_id: match change.topic {
                "" => Uuid::ZERO,
                topic => side.id(topic),
            },
            partitions: vec![alter::PartitionData {
                partition_index: change.partition,
                leader_epoch: change.leader_epoch,
                new_isr: if has_epochs {
                    vec![]
                } else {
                    change.isr.to_vec()
                },
                new_isr_with_epochs: if has_epochs {
                    change.isr.iter().map(known).collect()
                } else {
                    vec![]
                },
                leader_recovery_state: change.recovery,
                partition_epoch: change.partition_epoch,
                ..alter::PartitionData::default()
            }],
            ..alter::TopicData::default()
        }],
        ..AlterPartitionRequest::default()
    }
}

fn changes(both: &mut Both, what: &str, change: Change) {
    both.each(what, |side, version| alter(side, version, change));
}

/// Changes that cannot be.
pub(super) fn refused(both: &mut Both) {
    for (what, change) in [
        (
            "an older epoch of the leader",
            Change {
                leader_epoch: -1,
                ..SOUND
            },
        ),
        (
            "a later epoch of the leader",
            Change {
                leader_epoch: 5,
                ..SOUND
            },
        ),
        (
            "an older epoch of the partition",
            Change {
                partition_epoch: -1,
                ..SOUND
            },
        ),
        (
            "a later epoch of the partition",
            Change {
                partition_epoch: 7,
                ..SOUND
            },
        ),
        (
            "no such topic",
            Change {
                topic: "nothing",
                ..SOUND
            },
        ),
        ("no topic", Change { topic: "", ..SOUND }),
        (
            "no such partition",
            Change {
                partition: 7,
                ..SOUND
            },
        ),
        (
            "not its leader",
            Change {
                topic: HERE,
                ..SOUND
            },
        ),
        (
            "no replica of it",
            Change {
                topic: ONLY_HERE,
                isr: &[1],
                ..SOUND
            },
        ),
        ("without its leader", Change { isr: &[1], ..SOUND }),
        ("nobody", Change { isr: &[], ..SOUND }),
        (
            "a stranger in sync",
            Change {
                isr: &[2, 1, 7],
                ..SOUND
            },
        ),
        (
            "twice the same",
            Change {
                isr: &[2, 2],
                ..SOUND
            },
        ),
        (
            "in recovery",
            Change {
                recovery: 1,
                ..SOUND
            },
        ),
        ("another epoch of its own", Change { ahead: 1, ..SOUND }),
    ] {
        changes(both, what, change);
    }
    both.each("of another epoch", |side, version| AlterPartitionRequest {
        broker_epoch: side.number(EPOCH) + 1,
        ..alter(side, version, SOUND)
    });
    both.each("of nobody", |side, version| AlterPartitionRequest {
        broker_id: 77,
        ..alter(side, version, SOUND)
    });
}

/// A set that shrinks and grows again.
pub(super) fn epochs_of_others(both: &mut Both) {
    changes(both, "as it is", SOUND);
    both.once("smaller", 3, |side, version| {
        alter(side, version, Change { isr: &[2], ..SOUND })
    });
    changes(both, "the epoch before", SOUND);
    both.once("larger", 2, |side, version| {
        let change = Change {
            partition_epoch: 1,
            ..SOUND
        };
        alter(side, version, change)
    });
}

fn reassign(both: &mut Both, what: &str, topic: &str, partition: i32, replicas: Option<&[i32]>) {
    both.each(what, |_, _| AlterPartitionReassignmentsRequest {
        timeout_ms: 10_000,
        topics: vec![moving::ReassignableTopic {
            name: topic.to_owned(),
            partitions: vec![moving::ReassignablePartition {
                partition_index: partition,
                replicas: replicas.map(<[i32]>::to_vec),
                ..moving::ReassignablePartition::default()
            }],
            ..moving::ReassignableTopic::default()
        }],
        ..AlterPartitionReassignmentsRequest::default()
    });
}

/// Replicas that move.
pub(super) fn moves(both: &mut Both) {
    for (what, topic, partition, replicas) in [
        ("given up, not moving", THERE, 0, None),
        ("to nobody", THERE, 0, Some(&[][..])),
        ("to a stranger", THERE, 0, Some(&[7])),
        ("to one twice", THERE, 0, Some(&[1, 1])),
        ("to a negative one", THERE, 0, Some(&[-1])),
        ("no such topic", "nothing", 0, Some(&[1])),
        ("no such partition", THERE, 5, Some(&[1])),
        ("where it is", THERE, 0, Some(&[2, 1])),
    ] {
        reassign(both, what, topic, partition, replicas);
    }
    for allow in [false, true] {
        both.once(&format!("fewer replicas, allowed: {allow}"), 1, |_, _| {
            AlterPartitionReassignmentsRequest {
                allow_replication_factor_change: allow,
                topics: vec![moving::ReassignableTopic {
                    name: ONLY_HERE.to_owned(),
                    partitions: vec![moving::ReassignablePartition {
                        replicas: Some(vec![1, 2]),
                        ..moving::ReassignablePartition::default()
                    }],
                    ..moving::ReassignableTopic::default()
                }],
                ..AlterPartitionReassignmentsRequest::default()
            }
        });
    }
    look(both, "moving");
    reassign(both, "given up", ONLY_HERE, 0, None);
    look(both, "given up");
    // The leader is not among those that it moves to: whoever completes the move does not lead any more.
    reassign(both, "from its leader", LEAVING, 0, Some(&[1]));
    look(both, "moving from its leader");
    both.at_controllers(|both| {
        for partition_epoch in 0..=3 {
            let what = format!("complete, partition epoch {partition_epoch}");
            both.once(&what, 3, |side, version| {
                let change = Change {
                    topic: LEAVING,
                    partition_epoch,
                    ..SOUND
                };
                alter(side, version, change)
            });
        }
    });
    both.wait_for(LEAVING, 0);
    look(both, "moved");
}

fn elect(both: &mut Both, what: &str, kind: i8, topics: Option<&[&str]>) {
    both.each_then(
        what,
        |_, version| ElectLeadersRequest {
            election_type: if version == 0 { 0 } else { kind },
            topic_partitions: topics.map(|topics| {
                let of = |name: &&str| TopicPartitions {
                    topic: (*name).to_owned(),
                    partitions: vec![0, 9],
                    ..TopicPartitions::default()
                };
                topics.iter().map(of).collect()
            }),
            timeout_ms: 10_000,
            ..ElectLeadersRequest::default()
        },
        |answer: &mut ElectLeadersResponse| {
            let results = &mut answer.replica_election_results;
            results.sort_by(|a, b| a.topic.cmp(&b.topic));
            for topic in results {
                topic.partition_result.sort_by_key(|one| one.partition_id);
            }
        },
    );
}

/// Elections while the second broker is down.
pub(super) fn elections(both: &mut Both) {
    let all = [HERE, THERE, ONLY_THERE, ONLY_HERE, "nothing"];
    for (what, kind) in [("preferred", 0), ("unclean", 1), ("unknown", 7)] {
        elect(both, what, kind, Some(&all));
        elect(both, &format!("{what}, all"), kind, None);
        elect(both, &format!("{what}, none"), kind, Some(&[]));
    }
}
