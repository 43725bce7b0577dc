//! What partitions' leaders and operators ask: in-sync replicas, elections, directories.

use ottla_wire::{
    errors::{Code, Refusal},
    messages::{
        AlterPartitionRequest, AlterPartitionResponse, AssignReplicasToDirsRequest,
        AssignReplicasToDirsResponse, ElectLeadersRequest, ElectLeadersResponse, MetadataRecord,
        alter_partition_request::{BrokerState, PartitionData},
        alter_partition_response::{PartitionData as PartitionAnswer, TopicData as TopicAnswer},
        assign_replicas_to_dirs_request::TopicData as AssignedTopic,
        assign_replicas_to_dirs_response::{
            DirectoryData as DirectoryAnswer, PartitionData as AssignedAnswer,
            TopicData as AssignedTopicAnswer,
        },
        elect_leaders_response::{PartitionResult, ReplicaElectionResult},
    },
};

use super::{
    Asked, Controller, Decision, MAX_RECORDS,
    brokers::broker_of_epoch,
    message, nothing,
    partition_change::{Election, Turn},
    topics::too_many,
};
use crate::{
    Record,
    image::{Broker, LeaderRecoveryState, NO_LEADER_CHANGE, Partition, Topic},
};

impl Controller {
    pub(super) fn alter_partition(
        &self,
        asked: &Asked<AlterPartitionRequest>,
    ) -> Decision<AlterPartitionResponse> {
        let request = &asked.request;
        let image = self.ledger.latest();
        if let Err(refusal) = broker_of_epoch(image, request.broker_id, request.broker_epoch) {
            return nothing(AlterPartitionResponse {
                error_code: refusal.code.0,
                ..AlterPartitionResponse::default()
            });
        }
        let (mut records, mut topics) = (Vec::new(), Vec::new());
        for wanted in &request.topics {
            let topic = image.topic_by_id(wanted.topic_id);
            let partitions = wanted.partitions.iter().map(|of| {
                let altered = match topic {
                    Some(topic) => self.altered(topic, request.broker_id, asked.version, of),
                    None => Err(Code::UNKNOWN_TOPIC_ID),
                };
                let (record, answer) = altered.unwrap_or_else(|code| (None, refused(of, code)));
                records.extend(record);
                answer
            });
            topics.push(TopicAnswer {
                topic_id: wanted.topic_id,
                partitions: partitions.collect(),
                ..TopicAnswer::default()
            });
        }
        let answer = AlterPartitionResponse {
            topics,
            ..AlterPartitionResponse::default()
        };
        (records, answer)
    }

    fn altered(
        &self,
        topic: &Topic,
        leader: i32,
        version: i16,
        wanted: &PartitionData,
    ) -> Result<(Option<Record>, PartitionAnswer), Code> {
        let index = wanted.partition_index;
        let partition = topic.partitions.get(&index);
        let partition = partition.ok_or(Code::UNKNOWN_TOPIC_OR_PARTITION)?;
        let isr: Vec<(i32, i64)> = if version < 3 {
            wanted.new_isr.iter().map(|id| (*id, -1)).collect()
        } else {
            let state = |of: &BrokerState| (of.broker_id, of.broker_epoch);
            wanted.new_isr_with_epochs.iter().map(state).collect()
        };
        let recovery = self.check_alteration(partition, leader, wanted, &isr)?;
        let mut change = self.change(topic, index, partition, Turn::default());
        change.isr = isr.iter().map(|(id, _)| *id).collect();
        change.recovery = recovery;
        let record = change.build();
        let changed = match record.as_ref().map(|record| &record.value) {
            Some(MetadataRecord::PartitionChange(change)) => {
                let moves = change.leader != leader && change.leader != NO_LEADER_CHANGE;
                if moves {
                    // The end of a reassignment took the leadership away: written, and still an error to the asker.
                    return Ok((record, refused(wanted, Code::NEW_LEADER_ELECTED)));
                }
                partition.changed(change)
            }
            _ => None,
        };
        let now = changed.as_ref().unwrap_or(partition);
        let answer = PartitionAnswer {
            partition_index: index,
            leader_id: now.leader,
            leader_epoch: now.leader_epoch,
            isr: now.isr.to_vec(),
            leader_recovery_state: now.leader_recovery_state.code(),
            partition_epoch: now.partition_epoch,
            ..PartitionAnswer::default()
        };
        Ok((record, answer))
    }

    /// Whether `leader` may change the in-sync replicas to `isr`: brokers and their epochs, -1 for any.
    fn check_alteration(
        &self,
        partition: &Partition,
        leader: i32,
        wanted: &PartitionData,
        isr: &[(i32, i64)],
    ) -> Result<LeaderRecoveryState, Code> {
        let (leader_epoch, epoch) = (partition.leader_epoch, partition.partition_epoch);
        // Whoever knows more than we do knows of another controller.
        if wanted.leader_epoch > leader_epoch || wanted.partition_epoch > epoch {
            return Err(Code::NOT_CONTROLLER);
        }
        if wanted.leader_epoch < leader_epoch {
            return Err(Code::FENCED_LEADER_EPOCH);
        }
        if leader != partition.leader {
            return Err(Code::INVALID_REQUEST);
        }
        if wanted.partition_epoch < epoch {
            return Err(Code::INVALID_UPDATE_VERSION);
        }
        let ids: std::collections::BTreeSet<i32> = isr.iter().map(|(id, _)| *id).collect();
        let are_replicas = ids.iter().all(|id| partition.replicas.contains(id));
        if ids.len() != isr.len() || !are_replicas || !ids.contains(&leader) {
            return Err(Code::INVALID_REQUEST);
        }
        let recovery = LeaderRecoveryState::from_code(wanted.leader_recovery_state);
        let recovery = recovery.ok_or(Code::INVALID_REQUEST)?;
        if recovery == LeaderRecoveryState::Recovering {
            // A leader that recovers is alone, and does not begin it by itself.
            let recovers = partition.leader_recovery_state == LeaderRecoveryState::Recovering;
            if isr.len() > 1 || !recovers {
                return Err(Code::INVALID_REQUEST);
            }
        }
        let is_eligible = |(id, epoch): &(i32, i64)| {
            let broker = self.ledger.latest().broker(*id);
            broker.is_some_and(|of| of.is_active() && (*epoch == -1 || *epoch == of.epoch))
        };
        if !isr.iter().all(is_eligible) {
            return Err(Code::INELIGIBLE_REPLICA);
        }
        Ok(recovery)
    }

    pub(super) fn elect_leaders(
        &self,
        asked: &Asked<ElectLeadersRequest>,
    ) -> Decision<ElectLeadersResponse> {
        let request = &asked.request;
        let election = match request.election_type {
            // Version 0 knows no other.
            0 => Election::Preferred,
            1 => Election::Unclean,
            _ => {
                return nothing(ElectLeadersResponse {
                    error_code: Code::INVALID_REQUEST.0,
                    ..ElectLeadersResponse::default()
                });
            }
        };
        let (mut records, mut results) = (Vec::new(), Vec::new());
        let image = self.ledger.latest();
        let mut add = |name: &str, indexes: &mut dyn Iterator<Item = i32>, all: bool| {
            let mut partition_result = Vec::new();
            for index in indexes {
                let elected = self.elected(name, index, election);
                let refusal = elected.as_ref().err();
                let needless = refusal.is_some_and(|of| of.code == Code::ELECTION_NOT_NEEDED);
                if !(all && needless) {
                    partition_result.push(PartitionResult {
                        partition_id: index,
                        error_code: refusal.map_or(0, |refusal| refusal.code.0),
                        error_message: refusal.and_then(message),
                        ..PartitionResult::default()
                    });
                }
                records.extend(elected.ok());
            }
            results.push(ReplicaElectionResult {
                topic: name.to_owned(),
                partition_result,
                ..ReplicaElectionResult::default()
            });
        };
        match &request.topic_partitions {
            Some(topics) => {
                for topic in topics {
                    add(&topic.topic, &mut topic.partitions.iter().copied(), false);
                }
            }
            None => {
                for topic in image.topics() {
                    add(&topic.name, &mut topic.partitions.keys().copied(), true);
                }
            }
        }
        if records.len() > MAX_RECORDS {
            return nothing(ElectLeadersResponse {
                error_code: too_many(records.len()).code.0,
                ..ElectLeadersResponse::default()
            });
        }
        let answer = ElectLeadersResponse {
            replica_election_results: results,
            ..ElectLeadersResponse::default()
        };
        (records, answer)
    }

    fn elected(&self, name: &str, index: i32, election: Election) -> Result<Record, Refusal> {
        let (topic, partition) = self.partition(name, index)?;
        let needless = match election {
            Election::Unclean => partition.has_leader(),
            _ => partition.leader == partition.preferred_leader(),
        };
        if needless {
            let why = format!("{name}-{index} is led by {}", partition.leader);
            return Err(Code::ELECTION_NOT_NEEDED.because(why));
        }
        let mut change = self.change(topic, index, partition, Turn::default());
        change.election = election;
        change.build().ok_or_else(|| match election {
            Election::Unclean => Code::ELIGIBLE_LEADERS_NOT_AVAILABLE.because(format!(
                "none of the replicas {:?} of {name}-{index} is serving",
                partition.replicas
            )),
            _ => Code::PREFERRED_LEADER_NOT_AVAILABLE.because(format!(
                "broker {} is not serving, or {name}-{index} is not in sync on it",
                partition.preferred_leader()
            )),
        })
    }

    /// A partition by its topic's name.
    pub(super) fn partition(
        &self,
        name: &str,
        index: i32,
    ) -> Result<(&Topic, &Partition), Refusal> {
        let unknown = |why: String| Code::UNKNOWN_TOPIC_OR_PARTITION.because(why);
        let topic = self.ledger.latest().topic(name);
        let topic = topic.ok_or_else(|| unknown(format!("topic {name} does not exist")))?;
        let partition = topic.partitions.get(&index);
        let partition =
            partition.ok_or_else(|| unknown(format!("topic {name} has no partition {index}")))?;
        Ok((topic, partition))
    }

    pub(super) fn assign_directories(
        &self,
        asked: &Asked<AssignReplicasToDirsRequest>,
    ) -> Decision<AssignReplicasToDirsResponse> {
        let request = &asked.request;
        let image = self.ledger.latest();
        let refuse = |code: Code| {
            nothing(AssignReplicasToDirsResponse {
                error_code: code.0,
                ..AssignReplicasToDirsResponse::default()
            })
        };
        if !image.metadata_version_or_minimum().has_directories() {
            return refuse(Code::UNSUPPORTED_VERSION);
        }
        let broker = match broker_of_epoch(image, request.broker_id, request.broker_epoch) {
            Ok(broker) => broker,
            Err(refusal) => return refuse(refusal.code),
        };
        let (mut records, mut directories) = (Vec::new(), Vec::new());
        for directory in &request.directories {
            let topics = directory.topics.iter().map(|wanted| {
                let (more, answer) = self.assigned_topic(broker, directory.id, wanted);
                records.extend(more);
                answer
            });
            directories.push(DirectoryAnswer {
                id: directory.id,
                topics: topics.collect(),
                ..DirectoryAnswer::default()
            });
        }
        let answer = AssignReplicasToDirsResponse {
            directories,
            ..AssignReplicasToDirsResponse::default()
        };
        (records, answer)
    }

    fn assigned_topic(
        &self,
        broker: &Broker,
        directory: ottla_wire::Uuid,
        wanted: &AssignedTopic,
    ) -> (Vec<Record>, AssignedTopicAnswer) {
        let topic = self.ledger.latest().topic_by_id(wanted.topic_id);
        let mut records = Vec::new();
        let mut assign = |index: i32| -> Result<(), Code> {
            let topic = topic.ok_or(Code::UNKNOWN_TOPIC_ID)?;
            let partition = topic.partitions.get(&index);
            let partition = partition.ok_or(Code::UNKNOWN_TOPIC_OR_PARTITION)?;
            if !partition.replicas.contains(&broker.id) {
                return Err(Code::NOT_LEADER_OR_FOLLOWER);
            }
            // A replica in a directory that is offline leaves with the same change.
            let online = broker.has_online_directory(directory);
            let turn = Turn {
                leaves: (!online).then_some(broker.id),
                ..Turn::default()
            };
            let mut change = self.change(topic, index, partition, turn);
            if online {
                change.election = Election::Online;
            }
            change.isr.retain(|id| Some(*id) != turn.leaves);
            change.directories.insert(broker.id, directory);
            records.extend(change.build());
            Ok(())
        };
        let partitions = wanted.partitions.iter().map(|of| AssignedAnswer {
            partition_index: of.partition_index,
            error_code: assign(of.partition_index).err().map_or(0, |code| code.0),
            ..AssignedAnswer::default()
        });
        let answer = AssignedTopicAnswer {
            topic_id: wanted.topic_id,
            partitions: partitions.collect(),
            ..AssignedTopicAnswer::default()
        };
        (records, answer)
    }
}

fn refused(wanted: &PartitionData, code: Code) -> PartitionAnswer {
    PartitionAnswer {
        partition_index: wanted.partition_index,
        error_code: code.0,
        ..PartitionAnswer::default()
    }
}

#[cfg(test)]
mod tests;
