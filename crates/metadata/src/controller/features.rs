//! Feature levels: what the whole cluster has agreed to do.

use std::collections::BTreeMap;

use ottla_wire::{
    errors::{Code, Refusal},
    messages::{
        ConfigRecord, FeatureLevelRecord, NoOpRecord, UpdateFeaturesRequest,
        UpdateFeaturesResponse, update_features_request::FeatureUpdateKey,
        update_features_response::UpdatableFeatureResult,
    },
};

use super::{Asked, Controller, Decision, message, nothing, rules};
use crate::{
    MetadataVersion, Record,
    features::{ELIGIBLE_LEADER_REPLICAS, Feature, KRAFT_VERSION, METADATA_VERSION, supported},
    image::{ConfigResource, ResourceType},
};

/// Which way a level may go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Way {
    Upgrade,
    SafeDowngrade,
    UnsafeDowngrade,
}

fn refuse(feature: &str, level: i16, why: impl std::fmt::Display) -> Refusal {
    Code::INVALID_UPDATE_VERSION.because(format!("{feature} cannot become {level}: {why}"))
}

fn level_record(feature: &str, level: i16) -> Record {
    Record::from(FeatureLevelRecord {
        name: feature.to_owned(),
        feature_level: level,
        ..FeatureLevelRecord::default()
    })
}

impl Controller {
    pub(super) fn update_features(
        &self,
        asked: &Asked<UpdateFeaturesRequest>,
    ) -> Decision<UpdateFeaturesResponse> {
        let request = &asked.request;
        let records = match self.feature_records(&request.feature_updates) {
            Ok(records) => records,
            // One level that cannot be is the end of all.
            Err(refusal) => {
                return nothing(UpdateFeaturesResponse {
                    error_code: refusal.code.0,
                    error_message: message(&refusal),
                    ..UpdateFeaturesResponse::default()
                });
            }
        };
        let mut answer = UpdateFeaturesResponse {
            error_message: None,
            ..UpdateFeaturesResponse::default()
        };
        if asked.version <= 1 {
            let updates = request.feature_updates.iter();
            let result = |update: &FeatureUpdateKey| UpdatableFeatureResult {
                feature: update.feature.clone(),
                // Kafka's words for "no error".
                error_message: Some("NONE".to_owned()),
                ..UpdatableFeatureResult::default()
            };
            answer.results = updates.map(result).collect();
        }
        if request.validate_only {
            return nothing(answer);
        }
        (records, answer)
    }

    fn feature_records(&self, updates: &[FeatureUpdateKey]) -> Result<Vec<Record>, Refusal> {
        let image = self.ledger.latest();
        let wanted: BTreeMap<&str, i16> = updates
            .iter()
            .map(|update| (update.feature.as_str(), update.max_version_level))
            .collect();
        let after = |name: &str| {
            let asked = wanted.get(name).copied();
            asked.unwrap_or_else(|| image.feature_level(name))
        };
        let mut records = Vec::new();
        if wanted
            .get(ELIGIBLE_LEADER_REPLICAS)
            .is_some_and(|level| *level > 0)
        {
            records.extend(self.elr_safety_records());
        }
        for update in updates {
            records.extend(self.feature_record(update, after)?);
        }
        Ok(records)
    }

    fn feature_record(
        &self,
        update: &FeatureUpdateKey,
        after: impl Fn(&str) -> i16,
    ) -> Result<Option<Record>, Refusal> {
        let (name, level) = (update.feature.as_str(), update.max_version_level);
        let way = match update.upgrade_type {
            1 => Way::Upgrade,
            2 => Way::SafeDowngrade,
            3 => Way::UnsafeDowngrade,
            other => {
                let why = format!("upgrade type {other} is none of 1, 2, 3");
                return Err(refuse(name, level, why));
            }
        };
        let now = match name {
            KRAFT_VERSION => self.kraft_version,
            name => self.ledger.latest().feature_level(name),
        };
        self.check_support(name, level)?;
        if level < now && way == Way::Upgrade {
            let why =
                format!("that is a downgrade from {now}, and the request asks for an upgrade");
            return Err(refuse(name, level, why));
        }
        if level > now && way != Way::Upgrade {
            let why =
                format!("that is an upgrade from {now}, and the request asks for a downgrade");
            return Err(refuse(name, level, why));
        }
        match name {
            METADATA_VERSION => self.check_metadata_version(level, way)?,
            KRAFT_VERSION if level == now => return Ok(Some(Record::from(NoOpRecord::default()))),
            KRAFT_VERSION => {
                let why = "its level is changed by the quorum, which does not do so yet";
                return Err(refuse(name, level, why));
            }
            _ => {
                let missing = Feature::find(name).and_then(|of| of.missing(level, after));
                if let Some((needs, has, needed)) = missing {
                    let why = format!("it needs {needs} {needed}, which is at {has}");
                    return Err(refuse(name, level, why));
                }
            }
        }
        Ok(Some(level_record(name, level)))
    }

    /// Every node must support a level before the cluster is on it.
    fn check_support(&self, name: &str, level: i16) -> Result<(), Refusal> {
        let check = |who: &str, (min, max): (i16, i16)| {
            if (min..=max).contains(&level) {
                Ok(())
            } else if max == 0 {
                Err(refuse(name, level, format!("{who} does not support it")))
            } else {
                Err(refuse(
                    name,
                    level,
                    format!("{who} supports {min} to {max}"),
                ))
            }
        };
        check("this controller", supported(name))?;
        let image = self.ledger.latest();
        for broker in image.brokers() {
            let range = broker.features.get(name).copied().unwrap_or((0, 0));
            check(&format!("broker {}", broker.id), range)?;
        }
        let version = image.metadata_version_or_minimum();
        if !version.has_controller_registration() {
            return Ok(());
        }
        let this = self.settings.node_id;
        for controller in image.controllers().filter(|of| of.id != this) {
            let range = controller.features.get(name).copied().unwrap_or((0, 0));
            check(&format!("controller {}", controller.id), range)?;
        }
        let mut voters = self.settings.voters.iter();
        match voters.find(|id| **id != this && image.controller(**id).is_none()) {
            Some(id) => {
                let why = format!("controller {id} has not registered, and may not support it");
                Err(refuse(name, level, why))
            }
            None => Ok(()),
        }
    }

    fn check_metadata_version(&self, level: i16, way: Way) -> Result<(), Refusal> {
        let now = self.ledger.latest().metadata_version_or_minimum();
        let next = MetadataVersion::from_level(level).ok_or_else(|| {
            let (min, max) = supported(METADATA_VERSION);
            refuse(
                METADATA_VERSION,
                level,
                format!("it is between {min} and {max}"),
            )
        })?;
        if next < now && next.records_differ(now) {
            let why = match way {
                Way::UnsafeDowngrade => {
                    "records of newer versions would have to be dropped, which \
                                         is not supported"
                }
                _ => "metadata that the older version cannot keep would be lost",
            };
            return Err(refuse(METADATA_VERSION, level, why));
        }
        Ok(())
    }

    /// With eligible leader replicas, all brokers go by one minimum.
    fn elr_safety_records(&self) -> Vec<Record> {
        let image = self.ledger.latest();
        let mut records = Vec::new();
        let all = ConfigResource::all_brokers();
        if image.config(&all, rules::MIN_ISR).is_none() {
            records.push(self.cluster_min_isr());
        }
        for (resource, configs) in image.all_configs() {
            let of_one = resource.kind == ResourceType::BROKER && !resource.name.is_empty();
            if of_one && configs.contains_key(rules::MIN_ISR) {
                records.push(Record::from(ConfigRecord {
                    resource_type: resource.kind.0,
                    resource_name: resource.name.clone(),
                    name: rules::MIN_ISR.to_owned(),
                    value: None,
                    ..ConfigRecord::default()
                }));
            }
        }
        records
    }
}

#[cfg(test)]
mod tests {
    use ottla_wire::messages::MetadataRecord;

    use super::super::{
        Input, Reply,
        testing::{World, asked, bootstrap, registration, settings},
    };
    use super::*;

    fn update(
        world: &mut World,
        version: i16,
        updates: &[(&str, i16, i8)],
    ) -> (Vec<MetadataRecord>, UpdateFeaturesResponse) {
        let update = |(feature, level, kind): &(&str, i16, i8)| FeatureUpdateKey {
            feature: (*feature).to_owned(),
            max_version_level: *level,
            upgrade_type: *kind,
            ..FeatureUpdateKey::default()
        };
        let request = UpdateFeaturesRequest {
            feature_updates: updates.iter().map(update).collect(),
            ..UpdateFeaturesRequest::default()
        };
        match world.decide(Input::UpdateFeatures(asked(request, version))) {
            (records, Reply::UpdateFeatures(answer)) => (records, answer),
            (_, other) => panic!("{other:?}"),
        }
    }

    fn at(level: i16) -> World {
        let mut settings = settings();
        settings.bootstrap = bootstrap(MetadataVersion::from_level(level).unwrap());
        let mut world = World::inactive(settings);
        world.ask(Input::Activate { epoch: 1 });
        world.start(1, 1);
        world
    }

    #[test]
    fn levels_go_up_and_where_nothing_is_lost_down() {
        let refused = Code::INVALID_UPDATE_VERSION;
        type Updates<'a> = &'a [(&'a str, i16, i8)];
        let table: &[(Updates<'_>, Code)] = &[
            (&[(METADATA_VERSION, 33, 1)], Code::NONE),
            (&[(METADATA_VERSION, 33, 1)], Code::NONE),
            (&[(METADATA_VERSION, 32, 1)], refused),
            (&[(METADATA_VERSION, 31, 2)], refused),
            (&[(METADATA_VERSION, 31, 3)], refused),
            (&[(METADATA_VERSION, 34, 1)], refused),
            (&[(METADATA_VERSION, 6, 2)], refused),
            (&[("no.such.feature", 1, 1)], refused),
            (&[("group.version", 2, 1)], refused),
            (&[("group.version", -1, 1)], refused),
            (&[("group.version", 0, 1)], refused),
            (&[("group.version", 0, 9)], refused),
            (&[("group.version", 0, 2)], Code::NONE),
            (&[("group.version", 1, 2)], refused),
            (&[("group.version", 1, 1)], Code::NONE),
            (&[("share.version", 2, 1), ("group.version", 5, 1)], refused),
            (&[(KRAFT_VERSION, 1, 1)], Code::NONE),
            (&[(KRAFT_VERSION, 0, 2)], refused),
        ];
        let mut world = at(30);
        for (at, (updates, code)) in table.iter().enumerate() {
            let before = world.image().clone();
            let (_, answer) = update(&mut world, 2, updates);
            assert_eq!(
                Code(answer.error_code),
                *code,
                "row {at}: {:?}",
                answer.error_message
            );
            if code.is_ok() {
                assert_eq!(answer.error_message, None);
            } else {
                assert_eq!(*world.image(), before, "row {at}");
            }
        }
        assert_eq!(world.image().feature_level("share.version"), 1);
        assert_eq!(
            world.image().metadata_version(),
            Some(MetadataVersion::LATEST)
        );
    }

    #[test]
    fn every_node_must_support_it() {
        let mut world = at(30);
        let mut old = registration(2, 1);
        let feature = old
            .features
            .iter_mut()
            .find(|of| of.name == METADATA_VERSION);
        feature.unwrap().max_supported_version = 31;
        assert_eq!(world.register(old).0, 0);
        let (_, answer) = update(&mut world, 2, &[(METADATA_VERSION, 32, 1)]);
        assert_eq!(Code(answer.error_code), Code::INVALID_UPDATE_VERSION);
        assert!(answer.error_message.unwrap().contains("broker 2"));
        assert_eq!(
            update(&mut world, 2, &[(METADATA_VERSION, 31, 1)])
                .1
                .error_code,
            0
        );

        let mut settings = settings();
        settings.voters = vec![1, 5];
        let mut world = World::inactive(settings);
        world.ask(Input::Activate { epoch: 1 });
        let (_, answer) = update(&mut world, 2, &[("group.version", 0, 2)]);
        assert!(answer.error_message.unwrap().contains("controller 5"));
    }

    #[test]
    fn dependencies_and_what_eligible_leader_replicas_bring() {
        let mut world = at(25);
        assert!(!world.image().keeps_elr());
        world.append(vec![Record::from(ConfigRecord {
            resource_type: ResourceType::BROKER.0,
            resource_name: "1".to_owned(),
            name: rules::MIN_ISR.to_owned(),
            value: Some("2".to_owned()),
            ..ConfigRecord::default()
        })]);
        let (records, answer) = update(&mut world, 1, &[(ELIGIBLE_LEADER_REPLICAS, 1, 1)]);
        assert_eq!(answer.error_code, 0);
        assert_eq!(answer.results[0].feature, ELIGIBLE_LEADER_REPLICAS);
        let names: Vec<_> = records.iter().map(MetadataRecord::name).collect();
        assert_eq!(
            names,
            ["CONFIG_RECORD", "CONFIG_RECORD", "FEATURE_LEVEL_RECORD"]
        );
        let image = world.image();
        assert!(image.keeps_elr());
        assert_eq!(
            image.config(&ConfigResource::all_brokers(), rules::MIN_ISR),
            Some("1")
        );
        assert_eq!(
            image.config(&ConfigResource::broker(1), rules::MIN_ISR),
            None
        );

        let mut world = at(21);
        let (_, answer) = update(&mut world, 2, &[(ELIGIBLE_LEADER_REPLICAS, 1, 1)]);
        assert_eq!(Code(answer.error_code), Code::INVALID_UPDATE_VERSION);
        // Together with what it needs.
        let both = [(ELIGIBLE_LEADER_REPLICAS, 1, 1), (METADATA_VERSION, 23, 1)];
        assert_eq!(update(&mut world, 2, &both).1.error_code, 0);
    }

    #[test]
    fn validation_only() {
        let mut world = at(30);
        let request = UpdateFeaturesRequest {
            feature_updates: vec![FeatureUpdateKey {
                feature: METADATA_VERSION.to_owned(),
                max_version_level: 33,
                ..FeatureUpdateKey::default()
            }],
            validate_only: true,
            ..UpdateFeaturesRequest::default()
        };
        let (records, _) = world.decide(Input::UpdateFeatures(asked(request, 2)));
        assert_eq!(records, []);
    }
}
