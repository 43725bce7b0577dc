//! Who votes: the voter set of KRaft (KIP-853), and its record.

use ottla_wire::{
    Uuid,
    messages::{VotersRecord, voters_record},
};

/// Where a voter listens for the other voters and for observers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VoterEndpoint {
    /// The listener's name.
    pub name: String,
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// One voter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Voter {
    /// Its node id.
    pub id: i32,
    /// The id of its metadata directory; zero where it is not known (`kraft.version` 0).
    pub directory: Uuid,
    /// Its controller listeners.
    pub endpoints: Vec<VoterEndpoint>,
    /// The lowest and the highest `kraft.version` that it supports.
    pub kraft_versions: (i16, i16),
}

/// All voters, by node id.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct VoterSet {
    voters: Vec<Voter>,
}

impl VoterSet {
    /// From voters in any order. A later voter of the same id replaces an earlier one.
    pub fn new(voters: impl IntoIterator<Item = Voter>) -> Self {
        let mut set = Self::default();
        for voter in voters {
            set.voters.retain(|other| other.id != voter.id);
            set.voters.push(voter);
        }
        set.voters.sort_by_key(|voter| voter.id);
        set
    }

    /// The voter of this node id.
    pub fn get(&self, id: i32) -> Option<&Voter> {
        self.voters.iter().find(|voter| voter.id == id)
    }

    /// All, by node id.
    pub fn iter(&self) -> impl Iterator<Item = &Voter> {
        self.voters.iter()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.voters.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.voters.is_empty()
    }

    /// With `voter` in the place of the one with its id.
    #[must_use]
    pub fn with(&self, voter: Voter) -> Self {
        Self::new(self.voters.iter().cloned().chain([voter]))
    }

    /// As the record that the log and snapshots hold.
    pub fn to_record(&self) -> VotersRecord {
        VotersRecord {
            version: 0,
            voters: self.voters.iter().map(Voter::to_record).collect(),
            ..VotersRecord::default()
        }
    }

    /// From the record.
    pub fn from_record(record: &VotersRecord) -> Self {
        Self::new(record.voters.iter().map(|voter| {
            Voter {
                id: voter.voter_id,
                directory: voter.voter_directory_id,
                endpoints: voter
                    .endpoints
                    .iter()
                    .map(|endpoint| VoterEndpoint {
                        name: endpoint.name.clone(),
                        host: endpoint.host.clone(),
                        port: endpoint.port,
                    })
                    .collect(),
                kraft_versions: (
                    voter.kraft_version_feature.min_supported_version,
                    voter.kraft_version_feature.max_supported_version,
                ),
            }
        }))
    }
}

impl Voter {
    fn to_record(&self) -> voters_record::Voter {
        voters_record::Voter {
            voter_id: self.id,
            voter_directory_id: self.directory,
            endpoints: self
                .endpoints
                .iter()
                .map(|endpoint| voters_record::Endpoint {
                    name: endpoint.name.clone(),
                    host: endpoint.host.clone(),
                    port: endpoint.port,
                    ..voters_record::Endpoint::default()
                })
                .collect(),
            kraft_version_feature: voters_record::KRaftVersionFeature {
                min_supported_version: self.kraft_versions.0,
                max_supported_version: self.kraft_versions.1,
                ..voters_record::KRaftVersionFeature::default()
            },
            ..voters_record::Voter::default()
        }
    }
}
