//! Topics that go, and topics that get more partitions.

use std::collections::BTreeSet;

use ottla_machine::Moment;
use ottla_wire::{
    Uuid,
    errors::{Code, Refusal},
    messages::{
        CreatePartitionsRequest, CreatePartitionsResponse, DeleteTopicsRequest,
        DeleteTopicsResponse, RemoveTopicRecord, create_partitions_request::CreatePartitionsTopic,
        create_partitions_response::CreatePartitionsTopicResult,
        delete_topics_response::DeletableTopicResult,
    },
};

use super::{
    Asked, Controller, Decision, MAX_RECORDS, message, nothing,
    permits::Permits,
    topics::{duplicates, too_many},
};
use crate::{Record, image::Partition};

/// How a topic to delete is named.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Named {
    Name(String),
    Id(Uuid),
    Both(String, Uuid),
    Neither,
}

fn named(request: &DeleteTopicsRequest) -> Vec<Named> {
    let names = request.topic_names.iter().cloned().map(Named::Name);
    let topics = request.topics.iter().map(|topic| match &topic.name {
        Some(name) if topic.topic_id.is_zero() => Named::Name(name.clone()),
        Some(name) => Named::Both(name.clone(), topic.topic_id),
        None if topic.topic_id.is_zero() => Named::Neither,
        None => Named::Id(topic.topic_id),
    });
    names.chain(topics).collect()
}

impl Named {
    fn result(&self, error: Option<&Refusal>) -> DeletableTopicResult {
        let (name, topic_id) = match self {
            Self::Name(name) => (Some(name.clone()), Uuid::ZERO),
            Self::Id(id) => (None, *id),
            Self::Both(name, id) => (Some(name.clone()), *id),
            Self::Neither => (None, Uuid::ZERO),
        };
        DeletableTopicResult {
            name,
            topic_id,
            error_code: error.map_or(0, |refusal| refusal.code.0),
            error_message: error.and_then(message),
            ..DeletableTopicResult::default()
        }
    }
}

impl Controller {
    pub(super) fn delete_topics(
        &self,
        asked: &Asked<DeleteTopicsRequest>,
        permits: &mut Permits,
    ) -> Decision<DeleteTopicsResponse> {
        let all = named(&asked.request);
        if !self.settings.delete_topic_enable {
            let code = if asked.version < 3 {
                Code::INVALID_REQUEST
            } else {
                Code::TOPIC_DELETION_DISABLED
            };
            let refusal = code.because("delete.topic.enable=false: no topic can be deleted");
            let responses = all.iter().map(|of| of.result(Some(&refusal))).collect();
            return nothing(DeleteTopicsResponse {
                responses,
                ..DeleteTopicsResponse::default()
            });
        }
        let twice = duplicates(all.iter());
        let by_name = all.iter().filter_map(|of| match of {
            Named::Name(name) => self.ledger.latest().topic_id(name),
            _ => None,
        });
        let by_id = all.iter().filter_map(|of| match of {
            Named::Id(id) => Some(*id),
            _ => None,
        });
        let twice_by_id = duplicates(by_name.chain(by_id));
        let (mut records, mut responses) = (Vec::new(), Vec::new());
        let mut answered = BTreeSet::new();
        for topic in &all {
            if twice.contains(topic) {
                if answered.insert(topic) {
                    let refusal = Code::INVALID_REQUEST.because("the topic is named twice");
                    responses.push(topic.result(Some(&refusal)));
                }
                continue;
            }
            let deleted = self.deleted(topic, &twice_by_id).and_then(|(name, id)| {
                let topic = self.ledger.latest().topic_by_id(id);
                let partitions = topic.map_or(0, |topic| topic.partitions.len());
                permits.take(partitions, format_args!("deleting topic {name}"))?;
                Ok((name, id))
            });
            match deleted {
                Ok((name, id)) => {
                    records.push(Record::from(RemoveTopicRecord {
                        topic_id: id,
                        ..RemoveTopicRecord::default()
                    }));
                    responses.push(Named::Both(name, id).result(None));
                }
                Err(refusal) => responses.push(topic.result(Some(&refusal))),
            }
        }
        if records.len() > MAX_RECORDS {
            let refusal = too_many(records.len());
            responses = all.iter().map(|of| of.result(Some(&refusal))).collect();
            records.clear();
        }
        let answer = DeleteTopicsResponse {
            responses,
            ..DeleteTopicsResponse::default()
        };
        (records, answer)
    }

    fn deleted(&self, topic: &Named, twice: &BTreeSet<Uuid>) -> Result<(String, Uuid), Refusal> {
        let image = self.ledger.latest();
        match topic {
            Named::Neither => Err(Code::INVALID_REQUEST.because("a topic has neither name nor id")),
            Named::Both(name, id) => Err(Code::INVALID_REQUEST.because(format!(
                "topic {name} is named by its id {id} too: one of them is enough"
            ))),
            Named::Name(name) => {
                let id = image.topic_id(name).ok_or_else(|| {
                    let detail = format!("topic {name} does not exist");
                    Code::UNKNOWN_TOPIC_OR_PARTITION.because(detail)
                })?;
                if twice.contains(&id) {
                    return Err(Code::INVALID_REQUEST
                        .because(format!("topic {name} is named by its id {id} too")));
                }
                Ok((name.clone(), id))
            }
            Named::Id(id) => {
                let topic = image.topic_by_id(*id).ok_or_else(|| {
                    Code::UNKNOWN_TOPIC_ID.because(format!("no topic has the id {id}"))
                })?;
                if twice.contains(id) {
                    return Err(Code::INVALID_REQUEST
                        .because(format!("topic id {id} is named by its name too")));
                }
                Ok((topic.name.to_string(), *id))
            }
        }
    }

    pub(super) fn create_partitions(
        &self,
        moment: &mut Moment<'_>,
        asked: &Asked<CreatePartitionsRequest>,
        permits: &mut Permits,
    ) -> Decision<CreatePartitionsResponse> {
        let request = &asked.request;
        let result =
            |topic: &CreatePartitionsTopic, error: Option<&Refusal>| CreatePartitionsTopicResult {
                name: topic.name.clone(),
                error_code: error.map_or(0, |refusal| refusal.code.0),
                error_message: error.and_then(message),
                ..CreatePartitionsTopicResult::default()
            };
        let answer = |results| CreatePartitionsResponse {
            results,
            ..CreatePartitionsResponse::default()
        };
        let total: i64 = request.topics.iter().map(|topic| self.added(topic)).sum();
        if total > MAX_RECORDS as i64 {
            let refusal = too_many(usize::try_from(total).unwrap_or(usize::MAX));
            let results = request.topics.iter().map(|of| result(of, Some(&refusal)));
            return nothing(answer(results.collect()));
        }
        let twice = duplicates(request.topics.iter().map(|topic| &topic.name));
        let mut answered = BTreeSet::new();
        let (mut records, mut results) = (Vec::new(), Vec::new());
        for topic in &request.topics {
            if !answered.insert(&topic.name) {
                continue;
            }
            let added = if twice.contains(&topic.name) {
                Err(Code::INVALID_REQUEST
                    .because(format!("topic {} is named more than once", topic.name)))
            } else {
                self.partition_records(moment, topic, permits)
            };
            results.push(result(topic, added.as_ref().err()));
            records.extend(added.unwrap_or_default());
        }
        if request.validate_only {
            records.clear();
        }
        (records, answer(results))
    }

    /// How many partitions a topic would get.
    fn added(&self, topic: &CreatePartitionsTopic) -> i64 {
        let known = self.ledger.latest().topic(&topic.name);
        let now = known.map(|known| known.partitions.len() as i64);
        now.map_or(0, |now| (i64::from(topic.count) - now).max(0))
    }

    fn partition_records(
        &self,
        moment: &mut Moment<'_>,
        wanted: &CreatePartitionsTopic,
        permits: &mut Permits,
    ) -> Result<Vec<Record>, Refusal> {
        let image = self.ledger.latest();
        let name = &wanted.name;
        let topic = image.topic(name).ok_or_else(|| {
            Code::UNKNOWN_TOPIC_OR_PARTITION.because(format!("topic {name} does not exist"))
        })?;
        let now = i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX);
        if wanted.count <= now {
            return Err(Code::INVALID_PARTITIONS.because(format!(
                "topic {name} has {now} partition(s): {} would not be more",
                wanted.count
            )));
        }
        let additional = usize::try_from(wanted.count - now).unwrap_or(0);
        if let Some(assignments) = &wanted.assignments
            && assignments.len() != additional
        {
            return Err(Code::INVALID_REPLICA_ASSIGNMENT.because(format!(
                "topic {name} gets {additional} partition(s), and {} are assigned",
                assignments.len()
            )));
        }
        permits.take(
            additional,
            format_args!("adding {additional} partition(s) to topic {name}"),
        )?;
        let first = topic.partitions.values().next();
        let factor = first.map_or(0, |first| first.replicas.len());
        let partitions = match &wanted.assignments {
            Some(assignments) => {
                let partition = |(index, brokers): (i32, &[i32])| {
                    self.check_assignment(brokers, Some(factor))?;
                    self.assigned_partition(index, brokers)
                };
                let brokers = assignments.iter().map(|of| of.broker_ids.as_slice());
                let partitions = (now..).zip(brokers).map(partition);
                partitions.collect::<Result<Vec<Partition>, Refusal>>()?
            }
            None => {
                let factor = i16::try_from(factor).unwrap_or(i16::MAX);
                self.place(moment.entropy, additional, factor)?
            }
        };
        let version = image.metadata_version_or_minimum();
        let record = |(index, partition): (i32, Partition)| {
            partition.to_record(topic.id, index, version, image.keeps_elr())
        };
        Ok((now..).zip(partitions).map(record).collect())
    }
}

#[cfg(test)]
mod tests;
