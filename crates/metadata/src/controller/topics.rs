//! New topics: their names, configurations, partitions, and where the replicas go.

use std::collections::{BTreeMap, BTreeSet};

use ottla_config::{BrokerConfig, describe_created_topic};
use ottla_machine::{Entropy, Moment};
use ottla_wire::{
    Uuid,
    errors::{Code, Refusal},
    messages::{
        ConfigRecord, CreateTopicsRequest, CreateTopicsResponse, TopicRecord,
        create_topics_request::CreatableTopic,
        create_topics_response::{CreatableTopicConfigs, CreatableTopicResult},
    },
};

use super::{
    Asked, Controller, Decision, Describable, MAX_RECORDS, configs::clear_elr, message, nothing,
    partition_change::default_directory, permits::Permits, rules,
};
use crate::{
    Record,
    image::{ConfigResource, Configs, LeaderRecoveryState, Partition, ResourceType},
    placement::{Candidate, Unplaceable, place},
};

/// The topic of the metadata log itself.
const CLUSTER_METADATA: &str = "__cluster_metadata";
/// The longest name: with a partition's number it must still be a file name.
const MAX_NAME: usize = 249;

/// Whether a topic may have this name.
pub(super) fn check_name(name: &str) -> Result<(), Refusal> {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let why = if name.is_empty() {
        "a topic's name must not be empty".to_owned()
    } else if name == "." || name == ".." {
        format!("a topic must not be named '{name}'")
    } else if name.len() > MAX_NAME {
        format!(
            "a topic's name has at most {MAX_NAME} characters, and '{name}' has {}",
            name.chars().count()
        )
    } else if !name.chars().all(legal) {
        format!(
            "'{name}' is no topic name: only ASCII letters, digits, '.', '_' and '-' are allowed"
        )
    } else {
        return Ok(());
    };
    Err(Code::INVALID_TOPIC_EXCEPTION.because(why))
}

fn has_collision_chars(name: &str) -> bool {
    name.contains(['.', '_'])
}

/// Names that are equal like this would have metrics of one name.
fn unified(name: &str) -> String {
    name.replace('.', "_")
}

/// A topic that can be created: all that its records need.
struct Draft {
    id: Uuid,
    partitions: BTreeMap<i32, Partition>,
    configs: Configs,
}

impl Controller {
    pub(super) fn create_topics(
        &self,
        moment: &mut Moment<'_>,
        asked: &Asked<CreateTopicsRequest>,
        describable: &Describable,
        permits: &mut Permits,
    ) -> Decision<CreateTopicsResponse> {
        let request = &asked.request;
        if let Err(refusal) = self.check_total(request) {
            return nothing(refused_all(request, &refusal));
        }
        let names = request.topics.iter().map(|topic| topic.name.as_str());
        let twice = duplicates(names);
        let existing = self.colliding_names(request);
        // Only answers of version 5 and later show configurations.
        let config = (asked.version >= 5).then(|| self.broker_config());
        let mut records = Vec::new();
        let mut seen = BTreeSet::new();
        let mut topics = Vec::new();
        for topic in &request.topics {
            if !seen.insert(&topic.name) {
                continue;
            }
            let drafted = if twice.contains(topic.name.as_str()) {
                Err(Code::INVALID_REQUEST
                    .because(format!("topic {} is named more than once", topic.name)))
            } else {
                self.draft(moment.entropy, topic, &existing)
                    .and_then(|draft| {
                        let change = format_args!("creating topic {}", topic.name);
                        permits.take(draft.partitions.len(), change)?;
                        Ok(draft)
                    })
            };
            topics.push(match drafted {
                Ok(draft) => {
                    records.extend(self.topic_records(topic, &draft));
                    let shown = match describable {
                        Describable::All => true,
                        Describable::Only(names) => names.contains(&topic.name),
                    };
                    created(topic, &draft, config.as_ref(), shown)
                }
                Err(refusal) => refused(topic, &refusal),
            });
        }
        if records.len() > MAX_RECORDS {
            return nothing(refused_all(request, &too_many(records.len())));
        }
        let answer = CreateTopicsResponse {
            topics,
            ..CreateTopicsResponse::default()
        };
        if request.validate_only {
            return nothing(answer);
        }
        (records, answer)
    }

    /// One request must not make more partitions than one decision may have records.
    fn check_total(&self, request: &CreateTopicsRequest) -> Result<(), Refusal> {
        let count = |topic: &CreatableTopic| match topic.num_partitions {
            _ if !topic.assignments.is_empty() => topic.assignments.len() as i64,
            -1 => i64::from(self.settings.num_partitions),
            count => i64::from(count.max(0)),
        };
        let total: i64 = request.topics.iter().map(count).sum();
        if total > MAX_RECORDS as i64 {
            return Err(Code::POLICY_VIOLATION.because(format!(
                "{total} partitions in one request: at most {MAX_RECORDS} are allowed"
            )));
        }
        Ok(())
    }

    /// Existing names that a new one could collide with, by what they are unified to.
    fn colliding_names(&self, request: &CreateTopicsRequest) -> BTreeMap<String, String> {
        let mut new = request.topics.iter();
        if !new.any(|topic| has_collision_chars(&topic.name)) {
            return BTreeMap::new();
        }
        let names = self.ledger.latest().topic_names_from("");
        names
            .filter(|name| has_collision_chars(name))
            .map(|name| (unified(name), name.to_string()))
            .collect()
    }

    fn draft(
        &self,
        entropy: &mut Entropy,
        topic: &CreatableTopic,
        existing: &BTreeMap<String, String>,
    ) -> Result<Draft, Refusal> {
        let name = &topic.name;
        if name == CLUSTER_METADATA {
            return Err(Code::INVALID_REQUEST.because(format!(
                "{CLUSTER_METADATA} is the metadata log: it has no topic"
            )));
        }
        if self.ledger.latest().topic_id(name).is_some() {
            return Err(Code::TOPIC_ALREADY_EXISTS.because(format!("topic {name} exists already")));
        }
        check_name(name)?;
        if let Some(other) = existing
            .get(&unified(name))
            .filter(|_| has_collision_chars(name))
        {
            return Err(Code::INVALID_TOPIC_EXCEPTION.because(format!(
                "topic {name} would share its metrics' names with topic {other}: they differ in \
                 '.' and '_' only"
            )));
        }
        let configs = self.draft_configs(topic)?;
        let partitions = if topic.assignments.is_empty() {
            self.placed_partitions(entropy, topic)?
        } else {
            self.assigned_partitions(topic)?
        };
        Ok(Draft {
            id: self.new_topic_id(entropy),
            partitions,
            configs,
        })
    }

    fn draft_configs(&self, topic: &CreatableTopic) -> Result<Configs, Refusal> {
        let mut configs = Configs::new();
        let mut null = Vec::new();
        for config in &topic.configs {
            match &config.value {
                Some(value) => {
                    configs.insert(config.name.clone(), value.clone());
                }
                None => null.push(config.name.as_str()),
            }
        }
        if !null.is_empty() {
            return Err(Code::INVALID_CONFIG.because(format!(
                "configurations without a value: {}",
                null.join(", ")
            )));
        }
        if !configs.is_empty() {
            let resource = ConfigResource::topic(topic.name.as_str());
            super::configs::check_lengths(&configs)?;
            self.check_configs(&resource, &Configs::new(), &configs)?;
        }
        Ok(configs)
    }

    fn new_topic_id(&self, entropy: &mut Entropy) -> Uuid {
        loop {
            let id = Uuid::from_entropy(entropy.bytes16());
            if let Some(id) = id.filter(|id| self.ledger.latest().topic_by_id(*id).is_none()) {
                return id;
            }
        }
    }

    /// Partitions whose replicas the asker chose.
    fn assigned_partitions(
        &self,
        topic: &CreatableTopic,
    ) -> Result<BTreeMap<i32, Partition>, Refusal> {
        if topic.replication_factor != -1 || topic.num_partitions != -1 {
            return Err(Code::INVALID_REQUEST.because(format!(
                "topic {} has assignments: its partitions ({}) and replication factor ({}) must \
                 then be -1",
                topic.name, topic.num_partitions, topic.replication_factor
            )));
        }
        let mut partitions = BTreeMap::new();
        let mut factor = None;
        for assignment in &topic.assignments {
            let index = assignment.partition_index;
            if partitions.contains_key(&index) {
                return Err(Code::INVALID_REPLICA_ASSIGNMENT
                    .because(format!("partition {index} is assigned more than once")));
            }
            self.check_assignment(&assignment.broker_ids, factor)?;
            factor = Some(assignment.broker_ids.len());
            partitions.insert(
                index,
                self.assigned_partition(index, &assignment.broker_ids)?,
            );
        }
        let consecutive = partitions.keys().copied().eq(0..partitions.len() as i32);
        if !consecutive {
            return Err(Code::INVALID_REPLICA_ASSIGNMENT.because(format!(
                "the assignments of topic {} must be of partitions 0 to {}",
                topic.name,
                partitions.len() - 1
            )));
        }
        Ok(partitions)
    }

    /// A new partition on brokers that the asker chose.
    pub(super) fn assigned_partition(
        &self,
        index: i32,
        replicas: &[i32],
    ) -> Result<Partition, Refusal> {
        self.new_partition(replicas).ok_or_else(|| {
            Code::INVALID_REPLICA_ASSIGNMENT.because(format!(
                "none of the brokers {replicas:?} of partition {index} is serving: all are fenced \
                 or shutting down"
            ))
        })
    }

    /// Whether brokers can be a partition's replicas. `factor`: as many as the partitions before have.
    pub(super) fn check_assignment(
        &self,
        replicas: &[i32],
        factor: Option<usize>,
    ) -> Result<(), Refusal> {
        let refuse = |why: String| Err(Code::INVALID_REPLICA_ASSIGNMENT.because(why));
        if replicas.is_empty() {
            return refuse("a partition is assigned to no broker".to_owned());
        }
        let mut seen = BTreeSet::new();
        for id in replicas {
            let Some(broker) = self.ledger.latest().broker(*id) else {
                return refuse(format!("broker {id} is not registered"));
            };
            if !broker.takes_replicas() {
                return refuse(format!("all log directories of broker {id} are cordoned"));
            }
            if !seen.insert(id) {
                return refuse(format!("broker {id} is assigned twice to one partition"));
            }
        }
        match factor {
            Some(factor) if factor != replicas.len() => refuse(format!(
                "a partition is assigned to {} broker(s), and the others to {factor}",
                replicas.len()
            )),
            _ => Ok(()),
        }
    }

    /// Partitions whose replicas are placed by us.
    fn placed_partitions(
        &self,
        entropy: &mut Entropy,
        topic: &CreatableTopic,
    ) -> Result<BTreeMap<i32, Partition>, Refusal> {
        let factor = match topic.replication_factor {
            -1 => self.settings.default_replication_factor,
            factor @ 1.. => factor,
            factor => {
                return Err(Code::INVALID_REPLICATION_FACTOR.because(format!(
                    "a replication factor is at least 1, or -1 for the default; not {factor}"
                )));
            }
        };
        let count = match topic.num_partitions {
            -1 => self.settings.num_partitions,
            count @ 1.. => count,
            count => {
                return Err(Code::INVALID_PARTITIONS.because(format!(
                    "a topic has at least 1 partition, or -1 for the default; not {count}"
                )));
            }
        };
        let placed = self.place(entropy, usize::try_from(count).unwrap_or(0), factor)?;
        Ok((0..).zip(placed).collect())
    }

    /// New partitions on brokers that we choose.
    pub(super) fn place(
        &self,
        entropy: &mut Entropy,
        count: usize,
        factor: i16,
    ) -> Result<Vec<Partition>, Refusal> {
        let refuse = |why: &str| {
            Code::INVALID_REPLICATION_FACTOR.because(format!(
                "a partition cannot have {factor} replica(s): {why}"
            ))
        };
        let nobody = "all brokers are fenced or shutting down";
        let brokers = self.ledger.latest().brokers();
        let candidates: Vec<Candidate> = brokers
            .filter(|of| of.takes_replicas() && self.sessions.shutdown_offset(of.id).is_none())
            .map(|of| Candidate {
                id: of.id,
                rack: of.rack.clone(),
                fenced: of.fenced,
            })
            .collect();
        let placed = place(&candidates, count, factor, entropy).map_err(|why| match why {
            Unplaceable::NotPositive => refuse("it must be at least 1"),
            Unplaceable::TooFew(brokers) => refuse(&format!("there are {brokers} broker(s)")),
            Unplaceable::AllFenced => refuse(nobody),
        })?;
        let partition = |replicas: Vec<i32>| self.new_partition(&replicas);
        let partitions: Option<Vec<Partition>> = placed.into_iter().map(partition).collect();
        partitions.ok_or_else(|| refuse(nobody))
    }

    /// A new partition, led by the first of its replicas that serves; `None` if none does.
    fn new_partition(&self, replicas: &[i32]) -> Option<Partition> {
        let image = self.ledger.latest();
        let serving = replicas.iter().copied().filter(|id| image.is_active(*id));
        let isr: Box<[i32]> = serving.collect();
        Some(Partition {
            leader: *isr.first()?,
            isr,
            replicas: replicas.into(),
            directories: replicas
                .iter()
                .map(|id| default_directory(image, *id))
                .collect(),
            removing_replicas: Box::default(),
            adding_replicas: Box::default(),
            elr: Box::default(),
            last_known_elr: Box::default(),
            leader_recovery_state: LeaderRecoveryState::Recovered,
            leader_epoch: 0,
            partition_epoch: 0,
        })
    }

    fn topic_records(&self, topic: &CreatableTopic, draft: &Draft) -> Vec<Record> {
        let image = self.ledger.latest();
        let version = image.metadata_version_or_minimum();
        let mut records = vec![Record::from(TopicRecord {
            name: topic.name.clone(),
            topic_id: draft.id,
            ..TopicRecord::default()
        })];
        for (name, value) in &draft.configs {
            records.push(Record::from(ConfigRecord {
                resource_type: ResourceType::TOPIC.0,
                resource_name: topic.name.clone(),
                name: name.clone(),
                value: Some(value.clone()),
                ..ConfigRecord::default()
            }));
        }
        if image.keeps_elr() && draft.configs.contains_key(rules::MIN_ISR) {
            records.push(clear_elr(&topic.name));
        }
        let partitions = draft.partitions.iter();
        records.extend(partitions.map(|(index, partition)| {
            partition.to_record(draft.id, *index, version, image.keeps_elr())
        }));
        records
    }
}

/// What is there more than once.
pub(super) fn duplicates<T: Ord>(items: impl Iterator<Item = T>) -> BTreeSet<T> {
    let mut seen = BTreeSet::new();
    let mut twice = BTreeSet::new();
    for item in items {
        if let Some(again) = seen.replace(item) {
            twice.insert(again);
        }
    }
    twice
}

pub(super) fn too_many(records: usize) -> Refusal {
    Code::POLICY_VIOLATION.because(format!(
        "the request would change {records} things at once: at most {MAX_RECORDS} are allowed"
    ))
}

fn refused(topic: &CreatableTopic, refusal: &Refusal) -> CreatableTopicResult {
    CreatableTopicResult {
        name: topic.name.clone(),
        error_code: refusal.code.0,
        error_message: message(refusal),
        ..CreatableTopicResult::default()
    }
}

fn refused_all(request: &CreateTopicsRequest, refusal: &Refusal) -> CreateTopicsResponse {
    let topics = request.topics.iter();
    CreateTopicsResponse {
        topics: topics.map(|topic| refused(topic, refusal)).collect(),
        ..CreateTopicsResponse::default()
    }
}

fn created(
    topic: &CreatableTopic,
    draft: &Draft,
    config: Option<&BrokerConfig>,
    shown: bool,
) -> CreatableTopicResult {
    let mut result = CreatableTopicResult {
        name: topic.name.clone(),
        topic_id: draft.id,
        error_message: None,
        configs: Some(Vec::new()),
        ..CreatableTopicResult::default()
    };
    let Some(config) = config else {
        return result;
    };
    if !shown {
        result.topic_config_error_code = Code::TOPIC_AUTHORIZATION_FAILED.0;
        return result;
    }
    let factor = draft.partitions.values().next().map(|of| of.replicas.len());
    result.num_partitions = i32::try_from(draft.partitions.len()).unwrap_or(i32::MAX);
    result.replication_factor = i16::try_from(factor.unwrap_or(0)).unwrap_or(i16::MAX);
    let described = describe_created_topic(config, &draft.configs).into_iter();
    let mut configs: Vec<_> = described
        .map(|of| CreatableTopicConfigs {
            name: of.name,
            value: of.value,
            read_only: of.read_only,
            config_source: of.source as i8,
            is_sensitive: of.is_sensitive,
            ..CreatableTopicConfigs::default()
        })
        .collect();
    configs.sort_by(|a, b| a.name.cmp(&b.name));
    result.configs = Some(configs);
    result
}

#[cfg(test)]
mod tests;
