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
        let adding = without(target, &partition.replicas);
        let mut change = self.change(topic, index, partition, Turn::default());
        change.election = Election::Online;
        change.replicas = target.iter().chain(&removing).copied().collect();
        if !removing.is_empty() {
            change.removing = removing;
        }
        if !adding.is_empty() {
            change.adding = adding;
        }
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
