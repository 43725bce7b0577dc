//! `metadata.version`: its levels, their names, and what each of them made possible.

use std::fmt;

/// A level of the `metadata.version` feature: what records the cluster may write.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct MetadataVersion(i16);

/// Level, name, and whether records differ from those of the level before (if not, going back loses nothing).
const LEVELS: &[(i16, &str, bool)] = &[
    (7, "3.3-IV3", true),
    (8, "3.4-IV0", true),
    (9, "3.5-IV0", false),
    (10, "3.5-IV1", false),
    (11, "3.5-IV2", true),
    (12, "3.6-IV0", false),
    (13, "3.6-IV1", true),
    (14, "3.6-IV2", true),
    (15, "3.7-IV0", true),
    (16, "3.7-IV1", false),
    (17, "3.7-IV2", true),
    (18, "3.7-IV3", false),
    (19, "3.7-IV4", false),
    (20, "3.8-IV0", false),
    (21, "3.9-IV0", false),
    (22, "4.0-IV0", false),
    (23, "4.0-IV1", true),
    (24, "4.0-IV2", false),
    (25, "4.0-IV3", false),
    (26, "4.1-IV0", false),
    (27, "4.1-IV1", false),
    (28, "4.2-IV0", false),
    (29, "4.2-IV1", false),
    (30, "4.3-IV0", true),
    (31, "4.4-IV0", false),
    (32, "4.4-IV1", true),
    (33, "4.4-IV2", true),
];

impl MetadataVersion {
    /// The oldest that Kafka 4 reads: 3.3-IV3.
    pub const MINIMUM: Self = Self(7);
    /// The newest stable one of Kafka 4.4: 4.4-IV2. What a new cluster gets.
    pub const LATEST: Self = Self(33);

    /// The level, if it is between [`Self::MINIMUM`] and [`Self::LATEST`].
    pub fn from_level(level: i16) -> Option<Self> {
        (Self::MINIMUM.0..=Self::LATEST.0)
            .contains(&level)
            .then_some(Self(level))
    }

    /// Reads a name such as `4.4-IV2`, or a release such as `4.3` or `4.3.1`, which means its last level.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some((level, ..)) = LEVELS.iter().find(|(_, name, _)| *name == text) {
            return Some(Self(*level));
        }
        let mut parts = text.split('.');
        let (major, minor) = (parts.next()?, parts.next()?);
        let patch_is_number = parts.all(|part| part.parse::<u32>().is_ok());
        if text.contains('-') || !patch_is_number {
            return None;
        }
        let prefix = format!("{major}.{minor}-");
        let of_release = |(_, name, _): &&(i16, &str, bool)| name.starts_with(&prefix);
        LEVELS
            .iter()
            .rev()
            .find(of_release)
            .map(|(level, ..)| Self(*level))
    }

    /// Every known version, ascending.
    pub fn all() -> impl DoubleEndedIterator<Item = Self> {
        LEVELS.iter().map(|(level, ..)| Self(*level))
    }

    /// The feature level.
    pub fn level(self) -> i16 {
        self.0
    }

    /// Kafka's name, e.g. `4.4-IV2`.
    pub fn name(self) -> &'static str {
        LEVELS
            .iter()
            .find(|(level, ..)| *level == self.0)
            .map_or("unknown", |(_, name, _)| name)
    }

    /// Whether any version after the lower one, up to the higher one, changed the records.
    pub fn records_differ(self, other: Self) -> bool {
        let (low, high) = (self.min(other), self.max(other));
        LEVELS
            .iter()
            .any(|(level, _, changed)| *changed && *level > low.0 && *level <= high.0)
    }

    /// The leader epoch rises when the in-sync replicas shrink (older brokers rely on it).
    pub fn bumps_leader_epoch_on_isr_shrink(self) -> bool {
        self.0 < 12
    }

    /// BEGIN_TRANSACTION and its companions may be written.
    pub fn has_transactions(self) -> bool {
        self.0 >= 13
    }

    /// SCRAM credentials may be written.
    pub fn has_scram(self) -> bool {
        self.0 >= 11
    }

    /// Delegation tokens may be written.
    pub fn has_delegation_tokens(self) -> bool {
        self.0 >= 14
    }

    /// Controllers register.
    pub fn has_controller_registration(self) -> bool {
        self.0 >= 15
    }

    /// Replicas know their log directory.
    pub fn has_directories(self) -> bool {
        self.0 >= 17
    }

    /// Log directories can be cordoned.
    pub fn has_cordoned_directories(self) -> bool {
        self.0 >= 30
    }

    /// An ACL's host may be a CIDR range.
    pub fn has_cidr_acls(self) -> bool {
        self.0 >= 32
    }

    /// Controllers can be unregistered.
    pub fn has_controller_unregistration(self) -> bool {
        self.0 >= 33
    }

    /// The version of `RegisterBrokerRecord` to write.
    pub fn register_broker_record(self) -> i16 {
        match self.0 {
            30.. => 4,
            17.. => 3,
            8.. => 2,
            _ => 1,
        }
    }

    /// The version of `PartitionRecord` and `PartitionChangeRecord` to write.
    pub fn partition_record(self) -> i16 {
        match self.0 {
            23.. => 2,
            17.. => 1,
            _ => 0,
        }
    }
}

impl fmt::Display for MetadataVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_dense() {
        let levels: Vec<i16> = MetadataVersion::all().map(MetadataVersion::level).collect();
        assert_eq!(levels, (7..=33).collect::<Vec<_>>());
        assert!(
            MetadataVersion::from_level(6).is_none() && MetadataVersion::from_level(34).is_none()
        );
    }

    #[test]
    fn names_and_releases() {
        let level = |text| MetadataVersion::parse(text).map(MetadataVersion::level);
        assert_eq!(level("4.4-IV2"), Some(33));
        assert_eq!(level("4.4"), Some(33));
        assert_eq!(level("4.3.1"), Some(30));
        assert_eq!(level("4.0"), Some(25));
        assert_eq!(level("3.3"), Some(7));
        for wrong in ["", "4", "4.9", "4.4-IV9", "4.x", "4.3.x", "3.3-IV0"] {
            assert_eq!(level(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn going_back_loses_nothing_only_between_equal_records() {
        let at = |level| MetadataVersion::from_level(level).unwrap();
        assert!(!at(31).records_differ(at(30)));
        assert!(!at(30).records_differ(at(31)));
        assert!(at(30).records_differ(at(29)));
        assert!(!at(29).records_differ(at(23)));
        assert!(at(33).records_differ(at(7)));
        assert!(!at(33).records_differ(at(33)));
    }

    #[test]
    fn record_versions() {
        let versions: Vec<_> = [7, 8, 17, 23, 30, 33]
            .map(MetadataVersion)
            .map(|v| (v.register_broker_record(), v.partition_record()))
            .into();
        assert_eq!(versions, [(1, 0), (2, 0), (3, 1), (3, 2), (4, 2), (4, 2)]);
    }
}
