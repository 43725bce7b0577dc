//! What formatting a node's directories writes: the features of a new cluster, and its first voters.
//!
//! Values only; whoever formats writes the bytes. Kafka 4.4 puts [`Formatted::records`] into the snapshot
//! `00000000000000000000-0000000000.checkpoint` of the metadata log of every controller. Up to 4.3 they are in
//! `bootstrap.checkpoint`, and the controller writes them to the log ([`crate::controller::Settings::bootstrap`]).
//! Both are read: records that the snapshot has are not written again.

use std::{collections::BTreeMap, fmt};

use ottla_wire::{
    Uuid,
    messages::{
        FeatureLevelRecord, UserScramCredentialRecord, VotersRecord,
        voters_record::{Endpoint, KRaftVersionFeature, Voter},
    },
};

use crate::{
    MetadataVersion, Record,
    features::{FEATURES, Feature, KRAFT_VERSION, METADATA_VERSION, supported},
    image::directory,
};

/// A voter of a new cluster.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InitialVoter {
    /// Its node id.
    pub id: i32,
    /// The id of the directory that holds its metadata log.
    pub directory_id: Uuid,
    /// Where its controller listener is.
    pub host: String,
    /// And its port.
    pub port: u16,
}

/// Who votes in a new cluster.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Quorum {
    /// `controller.quorum.voters` says.
    Static,
    /// These: `--standalone` or `--initial-controllers`.
    Initial(Vec<InitialVoter>),
    /// Others, who will let this node in: `--no-initial-controllers`.
    NotInitial,
}

/// What the format command is asked.
#[derive(Clone, PartialEq, Debug)]
pub struct Format {
    /// `--release-version`.
    pub release: Option<MetadataVersion>,
    /// `--feature NAME=LEVEL`.
    pub features: BTreeMap<String, i16>,
    /// Who votes.
    pub quorum: Quorum,
    /// The name of the controller listener.
    pub controller_listener: String,
    /// `--add-scram`.
    pub scram: Vec<UserScramCredentialRecord>,
}

/// What is to be written.
#[derive(Clone, PartialEq, Debug)]
pub struct Formatted {
    /// The cluster's `metadata.version`.
    pub metadata_version: MetadataVersion,
    /// The level of `kraft.version`: a control record of the snapshot, if it is not 0.
    pub kraft_version: i16,
    /// The voters: the snapshot's next control record.
    pub voters: Option<VotersRecord>,
    /// The metadata records.
    pub records: Vec<Record>,
}

/// Why a cluster cannot be formatted so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FormatError {
    /// The release is given twice: by `--release-version`, and as a feature.
    ReleaseTwice,
    /// No such feature.
    UnknownFeature(String),
    /// A level that this version does not have: feature, level, lowest, highest.
    UnknownLevel(String, i16, i16, i16),
    /// A feature needs a level of another: feature, level, the other, its level, the level needed.
    Dependency(String, i16, &'static str, i16, i16),
    /// `kraft.version` 0 has no dynamic quorum.
    NeedsDynamicQuorum,
    /// Voters can only be given to a dynamic quorum.
    HasDynamicQuorum(i16),
    /// The release has no SCRAM credentials.
    Scram(MetadataVersion),
    /// A controller that is not `ID@HOST:PORT:DIRECTORY`.
    Controller(String),
    /// A controller that is named twice.
    ControllerTwice(i32),
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReleaseTwice => write!(
                f,
                "--release-version and --feature {METADATA_VERSION} say the same thing: use one of them"
            ),
            Self::UnknownFeature(name) => {
                let names: Vec<_> = FEATURES.iter().map(|feature| feature.name).collect();
                write!(f, "{name} is not a feature; there are {}", names.join(", "))
            }
            Self::UnknownLevel(name, level, min, max) => {
                write!(
                    f,
                    "{name} has no level {level}: it is between {min} and {max}"
                )
            }
            Self::Dependency(name, level, other, has, needs) => write!(
                f,
                "{name} {level} needs {other} {needs}, which would be at {has}"
            ),
            Self::NeedsDynamicQuorum => write!(
                f,
                "{KRAFT_VERSION} cannot be 0 with --standalone, --initial-controllers or \
                 --no-initial-controllers: leave the feature out"
            ),
            Self::HasDynamicQuorum(level) => write!(
                f,
                "{KRAFT_VERSION} cannot be {level} with controller.quorum.voters: leave that out, and \
                 use --standalone, --initial-controllers or --no-initial-controllers"
            ),
            Self::Scram(version) => write!(
                f,
                "SCRAM credentials need {METADATA_VERSION} 3.5-IV2, and the cluster would be at {version}"
            ),
            Self::Controller(text) => {
                write!(
                    f,
                    "'{text}' is no controller: it must be ID@HOST:PORT:DIRECTORY_ID"
                )
            }
            Self::ControllerTwice(id) => write!(f, "controller {id} is named twice"),
        }
    }
}

impl std::error::Error for FormatError {}

impl Format {
    /// A new cluster with all features at their highest level.
    pub fn new(quorum: Quorum, controller_listener: impl Into<String>) -> Self {
        Self {
            release: None,
            features: BTreeMap::new(),
            quorum,
            controller_listener: controller_listener.into(),
            scram: Vec::new(),
        }
    }

    /// Works out what to write.
    pub fn run(&self) -> Result<Formatted, FormatError> {
        let version = self.version()?;
        let levels = self.levels(version)?;
        if !self.scram.is_empty() && !version.has_scram() {
            return Err(FormatError::Scram(version));
        }
        let scram = self.scram.iter().cloned().map(Record::from);
        let voters = match &self.quorum {
            Quorum::Initial(voters) => Some(voters_record(voters, &self.controller_listener)),
            Quorum::Static | Quorum::NotInitial => None,
        };
        Ok(Formatted {
            metadata_version: version,
            kraft_version: levels.get(KRAFT_VERSION).copied().unwrap_or(0),
            voters,
            records: feature_records(version, &levels).chain(scram).collect(),
        })
    }

    fn version(&self) -> Result<MetadataVersion, FormatError> {
        match (self.release, self.features.get(METADATA_VERSION)) {
            (Some(_), Some(_)) => Err(FormatError::ReleaseTwice),
            (Some(release), None) => Ok(release),
            (None, Some(level)) => {
                MetadataVersion::from_level(*level).ok_or_else(|| unknown(METADATA_VERSION, *level))
            }
            (None, None) => Ok(MetadataVersion::LATEST),
        }
    }

    /// The level of every feature but `metadata.version`.
    fn levels(&self, version: MetadataVersion) -> Result<BTreeMap<&'static str, i16>, FormatError> {
        let known = |name: &str| name == METADATA_VERSION || Feature::find(name).is_some();
        if let Some(name) = self.features.keys().find(|name| !known(name)) {
            return Err(FormatError::UnknownFeature(name.clone()));
        }
        let mut levels = BTreeMap::new();
        for feature in FEATURES {
            let given = self.features.get(feature.name).copied();
            let level = if feature.name == KRAFT_VERSION {
                self.kraft_version(given)?
            } else {
                given.unwrap_or_else(|| feature.default_level(version))
            };
            if !(0..=feature.max()).contains(&level) {
                return Err(unknown(feature.name, level));
            }
            levels.insert(feature.name, level);
        }
        let level_of = |name: &str| match name {
            METADATA_VERSION => version.level(),
            name => levels.get(name).copied().unwrap_or(0),
        };
        for feature in FEATURES {
            let level = level_of(feature.name);
            if let Some((other, has, needs)) = feature.missing(level, level_of) {
                let name = feature.name.to_owned();
                return Err(FormatError::Dependency(name, level, other, has, needs));
            }
        }
        Ok(levels)
    }

    fn kraft_version(&self, given: Option<i16>) -> Result<i16, FormatError> {
        let is_dynamic = self.quorum != Quorum::Static;
        match (given, is_dynamic) {
            (Some(0), true) => Err(FormatError::NeedsDynamicQuorum),
            (Some(level @ 1..), false) => Err(FormatError::HasDynamicQuorum(level)),
            (Some(level), _) => Ok(level),
            (None, is_dynamic) => Ok(i16::from(is_dynamic)),
        }
    }
}

fn unknown(name: &str, level: i16) -> FormatError {
    let (min, max) = supported(name);
    FormatError::UnknownLevel(name.to_owned(), level, min, max)
}

/// `metadata.version` first; what is at 0 has no record, and `kraft.version` never has.
fn feature_records(
    version: MetadataVersion,
    levels: &BTreeMap<&'static str, i16>,
) -> impl Iterator<Item = Record> {
    let has_record = |(name, level): &(&str, i16)| *level > 0 && *name != KRAFT_VERSION;
    let others = levels.iter().map(|(name, level)| (*name, *level));
    std::iter::once((METADATA_VERSION, version.level()))
        .chain(others.filter(has_record))
        .map(|(name, level)| {
            Record::from(FeatureLevelRecord {
                name: name.to_owned(),
                feature_level: level,
                ..FeatureLevelRecord::default()
            })
        })
}

/// What Kafka begins with if it finds nothing that was formatted: `metadata.version`, and no other feature.
pub fn without_format() -> Vec<Record> {
    feature_records(MetadataVersion::LATEST, &BTreeMap::new()).collect()
}

fn voters_record(voters: &[InitialVoter], listener: &str) -> VotersRecord {
    let (min, max) = supported(KRAFT_VERSION);
    let voter = |from: &InitialVoter| Voter {
        voter_id: from.id,
        voter_directory_id: from.directory_id,
        endpoints: vec![Endpoint {
            name: listener.to_owned(),
            host: from.host.clone(),
            port: from.port,
            ..Endpoint::default()
        }],
        kraft_version_feature: KRaftVersionFeature {
            min_supported_version: min,
            max_supported_version: max,
            ..KRaftVersionFeature::default()
        },
        ..Voter::default()
    };
    VotersRecord {
        voters: voters.iter().map(voter).collect(),
        ..VotersRecord::default()
    }
}

/// Reads `--initial-controllers`: `ID@HOST:PORT:DIRECTORY_ID`, separated by commas. An IPv6 host is in brackets.
pub fn parse_initial_controllers(text: &str) -> Result<Vec<InitialVoter>, FormatError> {
    let mut voters: Vec<InitialVoter> = Vec::new();
    for part in text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        let voter = parse_controller(part);
        let voter = voter.ok_or_else(|| FormatError::Controller(part.to_owned()))?;
        if voters.iter().any(|of| of.id == voter.id) {
            return Err(FormatError::ControllerTwice(voter.id));
        }
        voters.push(voter);
    }
    voters.sort_by_key(|voter| voter.id);
    if voters.is_empty() {
        return Err(FormatError::Controller(text.to_owned()));
    }
    Ok(voters)
}

fn parse_controller(text: &str) -> Option<InitialVoter> {
    let (id, rest) = text.split_once('@')?;
    let (address, directory_id) = rest.rsplit_once(':')?;
    let (host, port) = address.rsplit_once(':')?;
    let host = match host.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']')?,
        None => host,
    };
    let directory_id = Uuid::parse(directory_id).filter(|id| !directory::is_reserved(*id))?;
    let id = id.parse().ok().filter(|id| *id >= 0)?;
    (!host.is_empty()).then_some(InitialVoter {
        id,
        directory_id,
        host: host.to_owned(),
        port: port.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use ottla_wire::messages::MetadataRecord;

    use super::*;

    fn voter() -> InitialVoter {
        InitialVoter {
            id: 1,
            directory_id: Uuid::parse("Lo3iLNq1SDWqYL3ky3h4EQ").unwrap(),
            host: "127.0.0.1".to_owned(),
            port: 31411,
        }
    }

    fn levels(formatted: &Formatted) -> Vec<(String, i16)> {
        let level = |record: &Record| match &record.value {
            MetadataRecord::FeatureLevel(of) => (of.name.clone(), of.feature_level),
            other => panic!("{other:?}"),
        };
        formatted.records.iter().map(level).collect()
    }

    #[test]
    fn a_release_has_its_features() {
        let mut format = Format::new(Quorum::Initial(vec![voter()]), "CONTROLLER");
        for (release, expected) in [
            ("3.9", vec![21]),
            ("4.0", vec![25, 1, 2]),
            ("4.1", vec![27, 1, 1, 2]),
            ("4.3", vec![30, 1, 1, 1, 1, 2]),
            ("4.4", vec![33, 1, 1, 2, 1, 2]),
        ] {
            format.release = MetadataVersion::parse(release);
            let formatted = format.run().unwrap();
            let numbers: Vec<i16> = levels(&formatted).iter().map(|(_, level)| *level).collect();
            assert_eq!(numbers, expected, "{release}");
            assert_eq!(formatted.kraft_version, 1);
        }
        assert_eq!(levels(&format.run().unwrap())[0].0, METADATA_VERSION);
    }

    #[test]
    fn features_by_hand() {
        let mut format = Format::new(Quorum::Static, "CONTROLLER");
        format.features = [
            ("share.version".to_owned(), 0),
            ("group.version".to_owned(), 0),
        ]
        .into();
        let formatted = format.run().unwrap();
        assert_eq!(
            (formatted.kraft_version, formatted.voters.clone()),
            (0, None)
        );
        let names: Vec<_> = levels(&formatted)
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert!(!names.contains(&"share.version".to_owned()));
        assert!(names.contains(&"streams.version".to_owned()));
    }

    #[test]
    fn what_cannot_be() {
        let dynamic = || Format::new(Quorum::NotInitial, "C");
        let with = |mut format: Format, name: &str, level| {
            format.features.insert(name.to_owned(), level);
            format.run().unwrap_err()
        };
        let release = |text| Format {
            release: MetadataVersion::parse(text),
            ..dynamic()
        };
        let elr = "eligible.leader.replicas.version";
        assert_eq!(
            with(release("4.0"), METADATA_VERSION, 33),
            FormatError::ReleaseTwice
        );
        assert_eq!(
            with(dynamic(), METADATA_VERSION, 99),
            unknown(METADATA_VERSION, 99)
        );
        assert_eq!(
            with(dynamic(), "x", 1),
            FormatError::UnknownFeature("x".to_owned())
        );
        assert_eq!(
            with(dynamic(), "group.version", 2),
            unknown("group.version", 2)
        );
        assert_eq!(
            with(dynamic(), "group.version", -1),
            unknown("group.version", -1)
        );
        assert_eq!(
            with(release("3.9"), elr, 1),
            FormatError::Dependency(elr.to_owned(), 1, METADATA_VERSION, 21, 23)
        );
        assert_eq!(
            with(dynamic(), KRAFT_VERSION, 0),
            FormatError::NeedsDynamicQuorum
        );
        let fixed = Format::new(Quorum::Static, "C");
        assert_eq!(
            with(fixed, KRAFT_VERSION, 1),
            FormatError::HasDynamicQuorum(1)
        );
        let scram = Format {
            scram: vec![UserScramCredentialRecord::default()],
            ..release("3.4")
        };
        assert!(matches!(scram.run(), Err(FormatError::Scram(_))));
    }

    #[test]
    fn initial_controllers() {
        let text = "3@[::1]:9093:Lo3iLNq1SDWqYL3ky3h4EQ, 1@127.0.0.1:31411:Lo3iLNq1SDWqYL3ky3h4EQ";
        let voters = parse_initial_controllers(text).unwrap();
        assert_eq!(voters[0], voter());
        assert_eq!(
            (voters[1].id, voters[1].host.as_str(), voters[1].port),
            (3, "::1", 9093)
        );
        for wrong in [
            "",
            "1",
            "1@h:1",
            "1@h:x:Lo3iLNq1SDWqYL3ky3h4EQ",
            "x@h:1:Lo3iLNq1SDWqYL3ky3h4EQ",
            "-1@h:1:Lo3iLNq1SDWqYL3ky3h4EQ",
            "1@:1:Lo3iLNq1SDWqYL3ky3h4EQ",
            "1@h:1:AAAAAAAAAAAAAAAAAAAAAQ",
            "1@h:1:short",
        ] {
            let error = parse_initial_controllers(wrong).unwrap_err();
            assert_eq!(error, FormatError::Controller(wrong.to_owned()));
        }
        let twice = "1@h:1:Lo3iLNq1SDWqYL3ky3h4EQ,1@h:2:Lo3iLNq1SDWqYL3ky3h4EQ";
        assert_eq!(
            parse_initial_controllers(twice),
            Err(FormatError::ControllerTwice(1))
        );
    }
}
