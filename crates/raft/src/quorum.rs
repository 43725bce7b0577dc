//! The quorum of one voter: elects itself at the start, commits what is flushed.

use std::fmt;

use crate::{Control, Election, Voter, VoterSet};

/// What is known when the node starts.
#[derive(Clone, Debug)]
pub struct Start {
    /// This node as a voter, with the endpoints that it listens on now.
    pub me: Voter,
    /// What `quorum-state` holds.
    pub election: Election,
    /// The voters: from the log or its snapshots, or (with `kraft.version` 0) from `controller.quorum.voters`.
    pub voters: VoterSet,
    /// `kraft.version`.
    pub kraft_version: i16,
    /// Whether the voters are in the log or in a snapshot other than the one that formatting writes.
    pub voters_in_log: bool,
    /// The epoch of the last batch of the log.
    pub last_epoch: i32,
    /// The end of the log.
    pub log_end: i64,
}

/// What must be done, in this order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Write this to `quorum-state` before anything else happens.
    Persist(Election),
    /// Append these as one control batch of this epoch; the next flush commits them.
    Append {
        /// The epoch.
        epoch: i32,
        /// The records.
        records: Vec<Control>,
    },
    /// Records below this offset are committed.
    HighWatermark(i64),
}

/// Why this node cannot take part in the quorum.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refused {
    /// There are no voters: the directory was formatted without any.
    NoVoters,
    /// There are several voters.
    SeveralVoters(usize),
    /// The only voter is another node, or another directory of this node.
    NotMe {
        /// Who it is.
        voter: Voter,
    },
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoVoters => write!(
                f,
                "the metadata log names no voters; format the directory with --standalone, or set controller.quorum.voters"
            ),
            Self::SeveralVoters(count) => write!(
                f,
                "the quorum has {count} voters; this version serves quorums of one voter, so start this node with Apache Kafka"
            ),
            Self::NotMe { voter } => write!(
                f,
                "the only voter of the quorum is node {} with directory {}; start the node that owns this metadata log",
                voter.id, voter.directory
            ),
        }
    }
}

impl std::error::Error for Refused {}

/// The leader of a quorum of one.
#[derive(Clone, Debug)]
pub struct Quorum {
    me: Voter,
    voters: VoterSet,
    epoch: i32,
    epoch_start: i64,
    high_watermark: i64,
}

impl Quorum {
    /// Elects this node.
    ///
    /// # Errors
    /// If this node is not the only voter.
    pub fn start(start: Start) -> Result<(Self, Vec<Effect>), Refused> {
        let Start {
            me,
            election,
            voters,
            kraft_version,
            voters_in_log,
            last_epoch,
            log_end,
        } = start;
        let voter = match voters.len() {
            0 => return Err(Refused::NoVoters),
            1 => voters.iter().next().cloned().ok_or(Refused::NoVoters)?,
            count => return Err(Refused::SeveralVoters(count)),
        };
        let directory_agrees = voter.directory.is_zero() || voter.directory == me.directory;
        if voter.id != me.id || !directory_agrees {
            return Err(Refused::NotMe { voter });
        }
        let epoch = election.epoch.max(last_epoch) + 1;
        // Candidacy and victory are one step for the only voter, so its vote for itself need not be remembered.
        let victory = Election {
            epoch,
            leader: Some(me.id),
            voted: None,
        };
        let mut records = vec![Control::LeaderChange {
            leader: me.id,
            voters: vec![me.id],
            granting: vec![me.id],
        }];
        let mut voters = voters;
        if kraft_version > 0 && (!voters_in_log || voter != me) {
            voters = voters.with(me.clone());
            records.push(Control::KraftVersion(kraft_version));
            records.push(Control::Voters(voters.clone()));
        }
        let effects = vec![Effect::Persist(victory), Effect::Append { epoch, records }];
        Ok((
            Self {
                me,
                voters,
                epoch,
                epoch_start: log_end,
                high_watermark: 0,
            },
            effects,
        ))
    }

    /// The log is flushed up to `log_end`.
    pub fn flushed(&mut self, log_end: i64) -> Vec<Effect> {
        // Nothing of an epoch is committed before its own first record is (KRaft's rule, as Raft's).
        if log_end <= self.epoch_start || log_end <= self.high_watermark {
            return Vec::new();
        }
        self.high_watermark = log_end;
        vec![Effect::HighWatermark(log_end)]
    }

    /// The epoch in which this node leads.
    pub fn epoch(&self) -> i32 {
        self.epoch
    }

    /// Records below this offset are committed.
    pub fn high_watermark(&self) -> i64 {
        self.high_watermark
    }

    /// The voters.
    pub fn voters(&self) -> &VoterSet {
        &self.voters
    }

    /// This node.
    pub fn me(&self) -> &Voter {
        &self.me
    }
}

#[cfg(test)]
mod tests {
    use ottla_wire::Uuid;

    use super::*;
    use crate::VoterEndpoint;

    fn voter(id: i32, port: u16) -> Voter {
        let endpoints = vec![VoterEndpoint {
            name: "CONTROLLER".into(),
            host: "127.0.0.1".into(),
            port,
        }];
        Voter {
            id,
            directory: Uuid::from_u128(id as u128 + 100),
            endpoints,
            kraft_versions: (0, 1),
        }
    }

    fn start(voters: &[Voter]) -> Start {
        Start {
            me: voter(1, 9093),
            election: Election::default(),
            voters: VoterSet::new(voters.iter().cloned()),
            kraft_version: 1,
            voters_in_log: false,
            last_epoch: 0,
            log_end: 0,
        }
    }

    #[test]
    fn the_first_start_writes_the_voters() {
        let (mut quorum, effects) = Quorum::start(start(&[voter(1, 9093)])).unwrap();
        let Some(Effect::Append { epoch: 1, records }) = effects.last() else {
            panic!("{effects:?}")
        };
        assert_eq!(
            records.iter().map(Control::kind).collect::<Vec<_>>(),
            [2, 5, 6]
        );
        assert_eq!(quorum.flushed(0), []);
        assert_eq!(quorum.flushed(3), [Effect::HighWatermark(3)]);
        assert_eq!(quorum.flushed(3), []);
    }

    #[test]
    fn a_later_start_writes_them_only_if_the_endpoint_moved() {
        let again = Start {
            election: Election {
                epoch: 4,
                leader: Some(1),
                voted: None,
            },
            voters_in_log: true,
            last_epoch: 4,
            log_end: 90,
            ..start(&[voter(1, 9093)])
        };
        let kinds = |effects: &[Effect]| match effects.last() {
            Some(Effect::Append { epoch, records }) => (*epoch, records.len()),
            _ => (0, 0),
        };
        assert_eq!(kinds(&Quorum::start(again.clone()).unwrap().1), (5, 1));
        let moved = Start {
            me: voter(1, 19093),
            ..again
        };
        let (quorum, effects) = Quorum::start(moved).unwrap();
        assert_eq!(kinds(&effects), (5, 3));
        assert_eq!(quorum.voters().get(1).unwrap().endpoints[0].port, 19093);
    }

    #[test]
    fn an_epoch_is_never_used_twice() {
        for (state, last) in [(3, 7), (7, 3)] {
            let election = Election {
                epoch: state,
                leader: None,
                voted: None,
            };
            let start = Start {
                election,
                last_epoch: last,
                ..start(&[voter(1, 9093)])
            };
            assert_eq!(Quorum::start(start).unwrap().0.epoch(), 8);
        }
    }

    #[test]
    fn refuses_what_it_cannot_serve() {
        let refused = |voters: &[Voter]| Quorum::start(start(voters)).unwrap_err();
        assert_eq!(refused(&[]), Refused::NoVoters);
        assert_eq!(
            refused(&[voter(1, 1), voter(2, 2)]),
            Refused::SeveralVoters(2)
        );
        assert!(matches!(refused(&[voter(2, 2)]), Refused::NotMe { .. }));
        let other_directory = Voter {
            directory: Uuid::from_u128(9),
            ..voter(1, 9093)
        };
        assert!(matches!(refused(&[other_directory]), Refused::NotMe { .. }));
    }

    #[test]
    fn control_records_read_back() {
        for control in [
            Control::LeaderChange {
                leader: 1,
                voters: vec![1, 2],
                granting: vec![1],
            },
            Control::SnapshotHeader {
                last_contained_log_timestamp: 7,
            },
            Control::SnapshotFooter,
            Control::KraftVersion(1),
            Control::Voters(VoterSet::new([voter(1, 9093), voter(2, 9094)])),
        ] {
            assert_eq!(
                Control::read(control.kind(), control.value().unwrap()),
                Ok(control)
            );
        }
    }
}
