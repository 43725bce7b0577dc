//! The features that a cluster finalizes: their levels, what each needs, and what a new cluster gets.

use crate::version::MetadataVersion;

/// The name of the `metadata.version` feature.
pub const METADATA_VERSION: &str = "metadata.version";
/// The name of the `kraft.version` feature. Its level lives in the raft log, not among the metadata records.
pub const KRAFT_VERSION: &str = "kraft.version";
/// The name of the feature that keeps eligible leader replicas.
pub const ELIGIBLE_LEADER_REPLICAS: &str = "eligible.leader.replicas.version";

/// One feature.
#[derive(Debug)]
pub struct Feature {
    /// Kafka's name.
    pub name: &'static str,
    /// Its stable levels, from 0 up.
    pub levels: &'static [Level],
}

/// One level of a feature.
#[derive(Debug)]
pub struct Level {
    /// A new cluster gets this level from this `metadata.version` on.
    pub since: i16,
    /// Levels that other features must have reached.
    pub needs: &'static [(&'static str, i16)],
}

const fn since(since: i16) -> Level {
    Level { since, needs: &[] }
}

/// All but `metadata.version`, in alphabetical order.
pub const FEATURES: &[Feature] = &[
    Feature {
        name: ELIGIBLE_LEADER_REPLICAS,
        levels: &[
            since(7),
            Level {
                since: 26,
                needs: &[(METADATA_VERSION, 23)],
            },
        ],
    },
    Feature {
        name: "group.version",
        levels: &[since(7), since(22)],
    },
    Feature {
        name: KRAFT_VERSION,
        levels: &[since(7), since(21)],
    },
    Feature {
        name: "share.version",
        levels: &[since(7), since(28), since(31)],
    },
    Feature {
        name: "streams.version",
        levels: &[since(7), since(29)],
    },
    Feature {
        name: "transaction.version",
        levels: &[since(7), since(24), since(24)],
    },
];

impl Feature {
    /// By name; `None` for `metadata.version` and for what Kafka 4.4 does not have.
    pub fn find(name: &str) -> Option<&'static Self> {
        FEATURES.iter().find(|feature| feature.name == name)
    }

    /// The highest level.
    pub fn max(&self) -> i16 {
        i16::try_from(self.levels.len()).map_or(0, |len| len - 1)
    }

    /// The level of a cluster that is new at `version`.
    pub fn default_level(&self, version: MetadataVersion) -> i16 {
        let reached = |level: &Level| level.since <= version.level();
        let at = self.levels.iter().rposition(reached).unwrap_or(0);
        i16::try_from(at).unwrap_or(0)
    }

    /// What `level` needs and `levels` lacks: the feature, its level now, the level needed.
    pub fn missing(
        &self,
        level: i16,
        levels: impl Fn(&str) -> i16,
    ) -> Option<(&'static str, i16, i16)> {
        let needs = self.levels.get(usize::try_from(level).ok()?)?.needs;
        needs
            .iter()
            .map(|(name, needed)| (*name, levels(name), *needed))
            .find(|(_, now, needed)| now < needed)
    }
}

/// The levels of `name` that this build supports; `(0, 0)` for a feature it does not know.
pub fn supported(name: &str) -> (i16, i16) {
    if name == METADATA_VERSION {
        return (
            MetadataVersion::MINIMUM.level(),
            MetadataVersion::LATEST.level(),
        );
    }
    (0, Feature::find(name).map_or(0, Feature::max))
}

/// Every feature with the levels that this build supports: what a broker or controller registers with.
pub fn all_supported() -> impl Iterator<Item = (&'static str, i16, i16)> {
    let names = FEATURES.iter().map(|feature| feature.name);
    names.chain([METADATA_VERSION]).map(|name| {
        let (min, max) = supported(name);
        (name, min, max)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defaults(level: i16) -> Vec<(&'static str, i16)> {
        let version = MetadataVersion::from_level(level).unwrap();
        FEATURES
            .iter()
            .map(|feature| (feature.name, feature.default_level(version)))
            .collect()
    }

    #[test]
    fn new_clusters_get_kafkas_levels() {
        let levels = |level| defaults(level).iter().map(|(_, l)| *l).collect::<Vec<_>>();
        assert_eq!(levels(7), [0, 0, 0, 0, 0, 0]);
        assert_eq!(levels(21), [0, 0, 1, 0, 0, 0]);
        assert_eq!(levels(25), [0, 1, 1, 0, 0, 2]);
        assert_eq!(levels(27), [1, 1, 1, 0, 0, 2]);
        assert_eq!(levels(30), [1, 1, 1, 1, 1, 2]);
        assert_eq!(levels(33), [1, 1, 1, 2, 1, 2]);
    }

    #[test]
    fn dependencies() {
        let elr = Feature::find(ELIGIBLE_LEADER_REPLICAS).unwrap();
        assert_eq!(elr.missing(1, |_| 22), Some((METADATA_VERSION, 22, 23)));
        assert_eq!(elr.missing(1, |_| 23), None);
        assert_eq!(elr.missing(0, |_| 7), None);
        assert_eq!(supported("share.version"), (0, 2));
        assert_eq!(supported(METADATA_VERSION), (7, 33));
        assert_eq!(supported("nonsense"), (0, 0));
        assert_eq!(all_supported().count(), 7);
    }
}
