//! Dynamic configurations: changed one by one, or replaced as a whole.

use std::collections::BTreeMap;

use ottla_wire::{
    errors::{Code, Refusal},
    messages::{
        AlterConfigsRequest, AlterConfigsResponse, ClearElrRecord, ConfigRecord,
        IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
        alter_configs_response::AlterConfigsResourceResponse,
        incremental_alter_configs_request::AlterableConfig,
        incremental_alter_configs_response::AlterConfigsResourceResponse as IncrementalResponse,
    },
};

use super::{
    Asked, Controller, Decision, MAX_RECORDS, message, rules,
    topics::{duplicates, too_many},
};
use crate::{
    Record,
    image::{ConfigResource, Configs, ResourceType},
};

/// What is asked of one key.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Change {
    Set(String),
    Delete,
    Append(String),
    Subtract(String),
}

impl Change {
    fn read(config: &AlterableConfig) -> Result<Self, Refusal> {
        let value = || {
            config.value.clone().ok_or_else(|| {
                Code::INVALID_REQUEST.because(format!("{} has no value", config.name))
            })
        };
        match config.config_operation {
            0 => Ok(Self::Set(value()?)),
            1 => Ok(Self::Delete),
            2 => Ok(Self::Append(value()?)),
            3 => Ok(Self::Subtract(value()?)),
            other => Err(Code::INVALID_REQUEST.because(format!(
                "{}: operation {other} is none of 0 SET, 1 DELETE, 2 APPEND, 3 SUBTRACT",
                config.name
            ))),
        }
    }
}

/// Eligible leader replicas were counted by a minimum that changes. No name means all topics.
pub(super) fn clear_elr(topic: &str) -> Record {
    Record::from(ClearElrRecord {
        topic_name: topic.to_owned(),
        ..ClearElrRecord::default()
    })
}

/// Java's strings of a record are at most so long.
pub(super) fn check_lengths(configs: &Configs) -> Result<(), Refusal> {
    for (key, value) in configs {
        let length = value.encode_utf16().count();
        if length > rules::MAX_VALUE {
            return Err(Code::INVALID_CONFIG.because(format!(
                "{key} has a value of {length} characters: at most {} are allowed",
                rules::MAX_VALUE
            )));
        }
    }
    Ok(())
}

impl Controller {
    pub(super) fn incremental_alter_configs(
        &self,
        asked: &Asked<IncrementalAlterConfigsRequest>,
    ) -> Decision<IncrementalAlterConfigsResponse> {
        let request = &asked.request;
        let resources = request.resources.iter().map(|of| {
            let kind = ResourceType(of.resource_type);
            let resource = ConfigResource::new(kind, of.resource_name.as_str());
            (resource, &of.configs)
        });
        let resources: Vec<_> = resources.collect();
        let (records, outcomes) =
            self.alter_all(&resources, request.validate_only, |resource, changes| {
                self.changed_one_by_one(resource, changes)
            });
        let response = |(resource, error): (ConfigResource, Option<Refusal>)| IncrementalResponse {
            error_code: error.as_ref().map_or(0, |refusal| refusal.code.0),
            error_message: error.as_ref().and_then(message),
            resource_type: resource.kind.0,
            resource_name: resource.name,
            ..IncrementalResponse::default()
        };
        let answer = IncrementalAlterConfigsResponse {
            responses: outcomes.into_iter().map(response).collect(),
            ..IncrementalAlterConfigsResponse::default()
        };
        (records, answer)
    }

    pub(super) fn alter_configs(
        &self,
        asked: &Asked<AlterConfigsRequest>,
    ) -> Decision<AlterConfigsResponse> {
        let request = &asked.request;
        let resources = request.resources.iter().map(|of| {
            let kind = ResourceType(of.resource_type);
            let resource = ConfigResource::new(kind, of.resource_name.as_str());
            (resource, &of.configs)
        });
        let resources: Vec<_> = resources.collect();
        let (records, outcomes) =
            self.alter_all(&resources, request.validate_only, |resource, configs| {
                let names = duplicates(configs.iter().map(|config| config.name.as_str()));
                check_named_once(resource, names.into_iter().next())?;
                let mut wanted = Configs::new();
                for config in configs.iter() {
                    let value = config.value.clone().ok_or_else(|| {
                        Code::INVALID_REQUEST.because(format!("{} has no value", config.name))
                    })?;
                    wanted.insert(config.name.clone(), value);
                }
                self.changed_as_a_whole(resource, &wanted)
            });
        let response =
            |(resource, error): (ConfigResource, Option<Refusal>)| AlterConfigsResourceResponse {
                error_code: error.as_ref().map_or(0, |refusal| refusal.code.0),
                error_message: error.as_ref().and_then(message),
                resource_type: resource.kind.0,
                resource_name: resource.name,
                ..AlterConfigsResourceResponse::default()
            };
        let answer = AlterConfigsResponse {
            responses: outcomes.into_iter().map(response).collect(),
            ..AlterConfigsResponse::default()
        };
        (records, answer)
    }

    /// Each resource by itself; what is asked of one twice is refused, and answered once.
    fn alter_all<C>(
        &self,
        resources: &[(ConfigResource, C)],
        validate_only: bool,
        alter: impl Fn(&ConfigResource, &C) -> Result<Vec<ConfigRecord>, Refusal>,
    ) -> Decision<Vec<(ConfigResource, Option<Refusal>)>> {
        let twice = duplicates(resources.iter().map(|(resource, _)| resource));
        let (mut changes, mut outcomes) = (Vec::new(), Vec::<(ConfigResource, _)>::new());
        for (resource, wanted) in resources {
            let altered = if !twice.contains(resource) {
                check_type(resource).and_then(|()| alter(resource, wanted))
            } else if outcomes.iter().any(|(answered, _)| answered == resource) {
                continue;
            } else {
                Err(Code::INVALID_REQUEST.because(format!("{resource} is named more than once")))
            };
            let refusal = altered.as_ref().err().cloned();
            changes.extend(altered.unwrap_or_default());
            outcomes.push((resource.clone(), refusal));
        }
        let mut records = self.elr_records(&changes);
        records.splice(0..0, changes.into_iter().map(Record::from));
        if records.len() > MAX_RECORDS {
            let refusal = too_many(records.len());
            for (_, outcome) in &mut outcomes {
                *outcome = Some(refusal.clone());
            }
            records.clear();
        }
        if validate_only {
            records.clear();
        }
        (records, outcomes)
    }

    fn elr_records(&self, changes: &[ConfigRecord]) -> Vec<Record> {
        if !self.ledger.latest().keeps_elr() {
            return Vec::new();
        }
        let of_min_isr = changes
            .iter()
            .filter(|change| change.name == rules::MIN_ISR);
        let clear = of_min_isr.map(|change| match ResourceType(change.resource_type) {
            ResourceType::TOPIC => clear_elr(&change.resource_name),
            _ => clear_elr(""),
        });
        clear.collect()
    }

    fn changed_one_by_one(
        &self,
        resource: &ConfigResource,
        changes: &[AlterableConfig],
    ) -> Result<Vec<ConfigRecord>, Refusal> {
        let names = duplicates(changes.iter().map(|config| config.name.as_str()));
        check_named_once(resource, names.into_iter().next())?;
        let now = self.ledger.latest().configs(resource);
        let mut wanted = BTreeMap::new();
        for config in changes {
            let key = config.name.as_str();
            let value = match Change::read(config)? {
                Change::Set(value) => Some(value),
                Change::Delete => None,
                Change::Append(value) => Some(with_items(resource, key, now, &value, true)?),
                Change::Subtract(value) => Some(with_items(resource, key, now, &value, false)?),
            };
            wanted.insert(key.to_owned(), value);
        }
        self.checked_records(resource, wanted)
    }

    /// Every key that is not named is deleted.
    fn changed_as_a_whole(
        &self,
        resource: &ConfigResource,
        wanted: &Configs,
    ) -> Result<Vec<ConfigRecord>, Refusal> {
        let now = self.ledger.latest().configs(resource);
        let deleted = now.keys().filter(|key| !wanted.contains_key(*key));
        let deleted = deleted.map(|key| (key.clone(), None));
        let set = wanted
            .iter()
            .map(|(key, value)| (key.clone(), Some(value.clone())));
        self.checked_records(resource, deleted.chain(set).collect())
    }

    fn checked_records(
        &self,
        resource: &ConfigResource,
        wanted: BTreeMap<String, Option<String>>,
    ) -> Result<Vec<ConfigRecord>, Refusal> {
        let now = self.ledger.latest().configs(resource);
        let mut after = now.clone();
        let mut records = Vec::new();
        for (key, value) in wanted {
            // Brokers read files again when a configuration is set to what it was.
            if now.get(&key) == value.as_ref() && resource.kind != ResourceType::BROKER {
                continue;
            }
            self.check_key(resource, &key, value.as_deref())?;
            match &value {
                Some(value) => after.insert(key.clone(), value.clone()),
                None => after.remove(&key),
            };
            records.push(ConfigRecord {
                resource_type: resource.kind.0,
                resource_name: resource.name.clone(),
                name: key,
                value,
                ..ConfigRecord::default()
            });
        }
        check_lengths(&after)?;
        self.check_configs(resource, now, &after)?;
        self.check_existence(resource)?;
        Ok(records)
    }

    /// Keys that the cluster's features rule.
    fn check_key(
        &self,
        resource: &ConfigResource,
        key: &str,
        value: Option<&str>,
    ) -> Result<(), Refusal> {
        if resource.kind != ResourceType::BROKER {
            return Ok(());
        }
        let image = self.ledger.latest();
        let of_all = resource.name.is_empty();
        if key == rules::MIN_ISR && image.keeps_elr() {
            if !of_all {
                return Err(Code::INVALID_CONFIG.because(format!(
                    "{key} cannot differ between brokers while eligible leader replicas are kept: \
                     set it for all brokers, or for a topic"
                )));
            }
            if value.is_none() {
                return Err(Code::INVALID_CONFIG.because(format!(
                    "{key} of all brokers cannot be deleted while eligible leader replicas are kept"
                )));
            }
        }
        let version = image.metadata_version_or_minimum();
        if key == rules::CORDONED && !version.has_cordoned_directories() {
            return Err(Code::INVALID_CONFIG.because(format!(
                "{key} needs metadata.version 4.3-IV0, and the cluster is at {version}"
            )));
        }
        Ok(())
    }

    fn check_existence(&self, resource: &ConfigResource) -> Result<(), Refusal> {
        let (image, name) = (self.ledger.latest(), &resource.name);
        match resource.kind {
            ResourceType::TOPIC if image.topic_id(name).is_none() => {
                Err(Code::UNKNOWN_TOPIC_OR_PARTITION
                    .because(format!("topic {name} does not exist")))
            }
            ResourceType::BROKER if !name.is_empty() => {
                let id = name.parse().unwrap_or(-1);
                let known = image.broker(id).is_some()
                    || image.controller(id).is_some()
                    || self.settings.voters.contains(&id);
                if known {
                    return Ok(());
                }
                Err(Code::BROKER_ID_NOT_REGISTERED.because(format!("node {id} is not registered")))
            }
            _ => Ok(()),
        }
    }
}

fn check_type(resource: &ConfigResource) -> Result<(), Refusal> {
    if resource.kind == ResourceType::BROKER_LOGGER {
        return Err(Code::INVALID_REQUEST
            .because("loggers are changed by their own broker, and not kept in the metadata"));
    }
    if rules::kind_of(resource.kind).is_none() {
        return Err(Code::UNSUPPORTED_VERSION.because(format!("{} is not known", resource.kind)));
    }
    Ok(())
}

fn check_named_once(resource: &ConfigResource, twice: Option<&str>) -> Result<(), Refusal> {
    match twice {
        Some(key) => Err(Code::INVALID_REQUEST.because(format!(
            "{resource} has {key} more than once in one request"
        ))),
        None => Ok(()),
    }
}

/// A list with items added or taken away.
fn with_items(
    resource: &ConfigResource,
    key: &str,
    now: &Configs,
    items: &str,
    add: bool,
) -> Result<String, Refusal> {
    if !rules::is_list(resource.kind, key) {
        return Err(Code::INVALID_CONFIG.because(format!(
            "{key} is not a list: nothing can be appended to or subtracted from it"
        )));
    }
    let inherited = || rules::kind_of(resource.kind).and_then(|kind| rules::default_of(kind, key));
    let value = now.get(key).cloned().or_else(inherited).unwrap_or_default();
    let mut list: Vec<&str> = value.split(',').filter(|item| !item.is_empty()).collect();
    for item in items.split(',') {
        let at = list.iter().position(|known| *known == item);
        match (at, add) {
            (None, true) => list.push(item),
            (Some(at), false) => {
                list.remove(at);
            }
            _ => {}
        }
    }
    Ok(list.join(","))
}

#[cfg(test)]
mod tests;
