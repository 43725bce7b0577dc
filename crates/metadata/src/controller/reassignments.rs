//! Partitions that move to other brokers.

use std::collections::BTreeSet;

use ottla_wire::{
    errors::{Code, Refusal},
    messages::{
        AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse,
        ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse,
        alter_partition_reassignments_response::{
            ReassignablePartitionResponse, ReassignableTopicResponse,
        },
        list_partition_reassignments_response::{
            OngoingPartitionReassignment, OngoingTopicReassignment,
        },
    },
};

use super::{
    Asked, Controller, Decision, MAX_RECORDS, message, nothing,
    partition_change::{Election, Turn},
    topics::too_many,
};
use crate::{
    Record,
    image::{Partition, Topic},
};

/// The ids of `all` that are not among `some`, ascending.
fn without(all: &[i32], some: &[i32]) -> Vec<i32> {
    let rest: BTreeSet<i32> = all
        .iter()
        .copied()
        .filter(|id| !some.contains(id))
        .collect();
    rest.into_iter().collect()
}

impl Controller {
    pub(super) fn alter_reassignments(
        &self,
        asked: &Asked<AlterPartitionReassignmentsRequest>,
    ) -> Decision<AlterPartitionReassignmentsResponse> {
        let request = &asked.request;
        let may_change_factor = request.allow_replication_factor_change;
        let mut records = Vec::new();
        let mut responses = Vec::new();
        for topic in &request.topics {
            let partitions = topic.partitions.iter().map(|of| {
                let index = of.partition_index;
                let moved = match &of.replicas {
                    Some(replicas) => self.moved(&topic.name, index, replicas, may_change_factor),
                    None => self.given_up(&topic.name, index),
                };
                let refusal = moved.as_ref().err();
                let response = ReassignablePartitionResponse {
                    partition_index: index,
                    error_code: refusal.map_or(0, |refusal| refusal.code.0),
                    error_message: refusal.and_then(message),
                    ..ReassignablePartitionResponse::default()
                };
                records.extend(moved.ok().flatten());
                response
            });
            responses.push(ReassignableTopicResponse {
                name: topic.name.clone(),
                partitions: partitions.collect(),
                ..ReassignableTopicResponse::default()
            });
        }
        if records.len() > MAX_RECORDS {
            let refusal = too_many(records.len());
            return nothing(AlterPartitionReassignmentsResponse {
                error_code: refusal.code.0,
                error_message: message(&refusal),
                ..AlterPartitionReassignmentsResponse::default()
            });
        }
        let answer = AlterPartitionReassignmentsResponse {
            allow_replication_factor_change: may_change_factor,
            error_message: None,
            responses,
            ..AlterPartitionReassignmentsResponse::default()
        };
        (records, answer)
    }

    fn moved(
        &self,
        name: &str,
        index: i32,
        target: &[i32],
        may_change_factor: bool,
    ) -> Result<Option<Record>, Refusal> {
        let (topic, partition) = self.partition(name, index)?;
        self.check_assignment(target, None)?;
        // While it moves, it still has the replicas that it is to lose.
        let factor = without(&partition.replicas, &partition.removing_replicas).len();
        if !may_change_factor && target.len() != factor {
            return Err(Code::INVALID_REPLICATION_FACTOR.because(format!(
                "{name}-{index} has {factor} replica(s), and would have {}: the request does not \
                 allow that",
                target.len()
            )));
        }
        let removing = without(&partition.replicas, target);
        // What an earlier move began to add is still being added. (Apache Kafka forgets it, and a move that takes
        // back such a replica never ends.)
        let original = without(&partition.replicas, &partition.adding_replicas);
        let mut change = self.change(topic, index, partition, Turn::default());
        change.election = Election::Online;
        change.replicas = target.iter().chain(&removing).copied().collect();
        change.removing = removing;
        change.adding = without(target, &original);
        Ok(change.build())
    }

    fn given_up(&self, name: &str, index: i32) -> Result<Option<Record>, Refusal> {
        let (topic, partition) = self.partition(name, index)?;
        if !partition.is_reassigning() {
            return Err(Code::NO_REASSIGNMENT_IN_PROGRESS
                .because(format!("{name}-{index} is not being reassigned")));
        }
        let stays = |id: &&i32| !partition.adding_replicas.contains(id);
        let replicas: Vec<i32> = partition.replicas.iter().filter(stays).copied().collect();
        let mut isr: Vec<i32> = partition.isr.iter().filter(stays).copied().collect();
        if isr.is_empty() {
            let first = replicas.first().ok_or_else(|| {
                Code::INVALID_REPLICA_ASSIGNMENT
                    .because(format!("all replicas of {name}-{index} are being added"))
            })?;
            if !self.elects_uncleanly(topic) {
                return Err(Code::INVALID_REPLICA_ASSIGNMENT.because(format!(
                    "none of the former replicas of {name}-{index} is in sync, and \
                     unclean.leader.election.enable is false"
                )));
            }
            isr = vec![*first];
        }
        let mut change = self.change(topic, index, partition, Turn::default());
        change.isr = isr;
        change.replicas = replicas;
        change.removing = Vec::new();
        change.adding = Vec::new();
        Ok(change.build())
    }

    pub(super) fn list_reassignments(
        &self,
        asked: &Asked<ListPartitionReassignmentsRequest>,
    ) -> Decision<ListPartitionReassignmentsResponse> {
        let image = self.ledger.committed();
        let mut topics = Vec::new();
        let mut add = |topic: &Topic, indexes: &mut dyn Iterator<Item = i32>| {
            let ongoing = indexes.filter_map(|index| {
                let partition = topic.partitions.get(&index)?;
                partition
                    .is_reassigning()
                    .then(|| ongoing(index, partition))
            });
            let partitions: Vec<_> = ongoing.collect();
            if !partitions.is_empty() {
                topics.push(OngoingTopicReassignment {
                    name: topic.name.to_string(),
                    partitions,
                    ..OngoingTopicReassignment::default()
                });
            }
        };
        match &asked.request.topics {
            Some(wanted) => {
                for of in wanted {
                    if let Some(topic) = image.topic(&of.name) {
                        add(topic, &mut of.partition_indexes.iter().copied());
                    }
                }
            }
            None => {
                for topic in image.topics() {
                    add(topic, &mut topic.partitions.keys().copied());
                }
            }
        }
        nothing(ListPartitionReassignmentsResponse {
            error_message: None,
            topics,
            ..ListPartitionReassignmentsResponse::default()
        })
    }
}

fn ongoing(index: i32, partition: &Partition) -> OngoingPartitionReassignment {
    OngoingPartitionReassignment {
        partition_index: index,
        replicas: partition.replicas.to_vec(),
        adding_replicas: partition.adding_replicas.to_vec(),
        removing_replicas: partition.removing_replicas.to_vec(),
        ..OngoingPartitionReassignment::default()
    }
}

#[cfg(test)]
mod tests {
    use ottla_wire::messages::{
        AlterPartitionRequest,
        alter_partition_reassignments_request::{ReassignablePartition, ReassignableTopic},
        alter_partition_request::{BrokerState, PartitionData, TopicData},
    };

    use super::super::{
        Input, Reply,
        testing::{World, asked},
    };
    use super::*;

    fn reassign(world: &mut World, replicas: Option<&[i32]>, may_change_factor: bool) -> Code {
        let partition = ReassignablePartition {
            replicas: replicas.map(<[i32]>::to_vec),
            ..ReassignablePartition::default()
        };
        let request = AlterPartitionReassignmentsRequest {
            allow_replication_factor_change: may_change_factor,
            topics: vec![ReassignableTopic {
                name: "t".to_owned(),
                partitions: vec![partition],
                ..ReassignableTopic::default()
            }],
            ..AlterPartitionReassignmentsRequest::default()
        };
        match world.ask(Input::AlterPartitionReassignments(asked(request, 1))) {
            Reply::AlterPartitionReassignments(answer) => {
                Code(answer.responses[0].partitions[0].error_code)
            }
            other => panic!("{other:?}"),
        }
    }

    fn in_sync(world: &mut World, isr: &[i32]) -> Code {
        let partition = world.partition("t");
        let leader = partition.leader;
        let state = |id: &i32| BrokerState {
            broker_id: *id,
            broker_epoch: -1,
            ..BrokerState::default()
        };
        let wanted = PartitionData {
            leader_epoch: partition.leader_epoch,
            partition_epoch: partition.partition_epoch,
            new_isr_with_epochs: isr.iter().map(state).collect(),
            ..PartitionData::default()
        };
        let request = AlterPartitionRequest {
            broker_id: leader,
            broker_epoch: world.image().broker(leader).unwrap().epoch,
            topics: vec![TopicData {
                topic_id: world.topic("t").id,
                partitions: vec![wanted],
                ..TopicData::default()
            }],
            ..AlterPartitionRequest::default()
        };
        match world.ask(Input::AlterPartition(asked(request, 3))) {
            Reply::AlterPartition(answer) => Code(answer.topics[0].partitions[0].error_code),
            other => panic!("{other:?}"),
        }
    }

    fn ongoing(world: &mut World) -> Vec<OngoingTopicReassignment> {
        let request = ListPartitionReassignmentsRequest {
            topics: None,
            ..ListPartitionReassignmentsRequest::default()
        };
        match world.ask(Input::ListPartitionReassignments(asked(request, 0))) {
            Reply::ListPartitionReassignments(answer) => answer.topics,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_partition_moves() {
        let mut world = World::with_brokers([1, 2, 3, 4]);
        world.create_on("t", &[1, 2]);
        assert_eq!(ongoing(&mut world), []);
        assert_eq!(reassign(&mut world, Some(&[3, 4]), true), Code::NONE);
        let partition = world.partition("t");
        assert_eq!(partition.replicas[..], [3, 4, 1, 2]);
        assert_eq!(
            (
                &partition.adding_replicas[..],
                &partition.removing_replicas[..]
            ),
            (&[3, 4][..], &[1, 2][..])
        );
        let listed = ongoing(&mut world);
        assert_eq!(
            (
                listed[0].name.as_str(),
                &listed[0].partitions[0].adding_replicas[..]
            ),
            ("t", &[3, 4][..])
        );

        assert_eq!(in_sync(&mut world, &[1, 2, 3]), Code::NONE);
        assert!(world.partition("t").is_reassigning());
        // The last one added is in sync: the leader goes with the end of the move.
        assert_eq!(in_sync(&mut world, &[1, 2, 3, 4]), Code::NEW_LEADER_ELECTED);
        let partition = world.partition("t");
        assert!(!partition.is_reassigning());
        assert_eq!(
            (&partition.replicas[..], &partition.isr[..]),
            (&[3, 4][..], &[3, 4][..])
        );
        assert_eq!(partition.leader, 3);
        assert_eq!(partition.directories.len(), 2);
    }

    #[test]
    fn a_move_is_given_up() {
        let mut world = World::with_brokers([1, 2, 3]);
        world.create_on("t", &[1, 2]);
        assert_eq!(
            reassign(&mut world, None, true),
            Code::NO_REASSIGNMENT_IN_PROGRESS
        );
        reassign(&mut world, Some(&[1, 3]), true);
        in_sync(&mut world, &[1]);
        assert_eq!(reassign(&mut world, None, true), Code::NONE);
        let partition = world.partition("t");
        assert_eq!(
            (&partition.replicas[..], partition.is_reassigning()),
            (&[1, 2][..], false)
        );
    }

    #[test]
    fn moves_that_are_refused() {
        let mut world = World::with_brokers([1, 2, 3]);
        world.create_on("t", &[1, 2]);
        let assignment = Code::INVALID_REPLICA_ASSIGNMENT;
        let table: &[(&[i32], bool, Code)] = &[
            (&[], true, assignment),
            (&[1, 1], true, assignment),
            (&[1, 9], true, assignment),
            (&[1, 2, 3], false, Code::INVALID_REPLICATION_FACTOR),
            (&[3, 2], false, Code::NONE),
            // Two replicas still, one of them on its way out.
            (&[3, 1], false, Code::NONE),
            (&[1, 2, 3], true, Code::NONE),
        ];
        for (replicas, may, code) in table {
            assert_eq!(
                reassign(&mut world, Some(replicas), *may),
                *code,
                "{replicas:?}"
            );
        }
        assert_eq!(world.partition("t").replicas[..], [1, 2, 3]);
    }
}
