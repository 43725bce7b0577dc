//! A member of a classic group, and the ids that members get.

use std::sync::Arc;

use bytes::Bytes;
use ottla_machine::{Entropy, Ticket};
use ottla_wire::{
    errors::Code,
    messages::{
        JoinGroupResponse, SyncGroupResponse, group_metadata_value::MemberMetadata,
        join_group_request::JoinGroupRequestProtocol,
    },
};

use crate::group::{Reply, Turn};

/// A way to assign that a member knows, and what it tells the leader if that one is chosen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Protocol {
    pub(crate) name: String,
    pub(crate) metadata: Bytes,
}

/// A JoinGroup request that waits for its answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ParkedJoin {
    pub(crate) ticket: Ticket,
    /// The version of the request.
    pub(crate) version: i16,
}

/// A member of a classic group.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) id: Arc<str>,
    /// The instance id of a static member.
    pub(crate) instance_id: Option<String>,
    pub(crate) client_id: String,
    pub(crate) client_host: String,
    pub(crate) rebalance_timeout_ms: i32,
    pub(crate) session_timeout_ms: i32,
    /// By preference. Of a member that was loaded, the chosen one alone.
    pub(crate) protocols: Vec<Protocol>,
    /// What the leader gave it.
    pub(crate) assignment: Bytes,
    /// Whether it has never been through a rebalance: then waiting is no sign of life.
    pub(super) is_new: bool,
    /// Its JoinGroup that waits. Changed by the group alone, which counts them.
    pub(super) join: Option<ParkedJoin>,
    /// Its SyncGroup that waits.
    pub(super) sync: Option<Ticket>,
}

impl Member {
    pub(crate) fn new(id: Arc<str>, instance_id: Option<String>) -> Self {
        Self {
            id,
            instance_id,
            client_id: String::new(),
            client_host: String::new(),
            rebalance_timeout_ms: 0,
            session_timeout_ms: 0,
            protocols: Vec::new(),
            assignment: Bytes::new(),
            is_new: false,
            join: None,
            sync: None,
        }
    }

    /// As it is in the log.
    pub(super) fn loaded(of: &MemberMetadata, protocol: &str) -> Self {
        let mut member = Self::new(of.member_id.as_str().into(), of.group_instance_id.clone());
        member.client_id.clone_from(&of.client_id);
        member.client_host.clone_from(&of.client_host);
        member.write(of, protocol);
        member
    }

    /// Takes over what the log says of it, and keeps what the log does not know.
    pub(super) fn write(&mut self, of: &MemberMetadata, protocol: &str) {
        self.session_timeout_ms = of.session_timeout;
        // Up to version 0 of the record there was one timeout for both.
        self.rebalance_timeout_ms = match of.rebalance_timeout {
            -1 => of.session_timeout,
            timeout => timeout,
        };
        if self.metadata(protocol) != Some(&of.subscription) {
            self.protocols = vec![Protocol {
                name: protocol.to_owned(),
                metadata: owned(&of.subscription),
            }];
        }
        if self.assignment != of.assignment {
            self.assignment = owned(&of.assignment);
        }
    }

    /// As it is written to the log, with this assignment.
    pub(super) fn record(&self, protocol: &str, assignment: Bytes) -> MemberMetadata {
        MemberMetadata {
            member_id: self.id.as_ref().to_owned(),
            group_instance_id: self.instance_id.clone(),
            client_id: self.client_id.clone(),
            client_host: self.client_host.clone(),
            rebalance_timeout: self.rebalance_timeout_ms,
            session_timeout: self.session_timeout_ms,
            subscription: self.metadata(protocol).cloned().unwrap_or_default(),
            assignment,
            ..MemberMetadata::default()
        }
    }

    pub(crate) fn is_static(&self) -> bool {
        self.instance_id.is_some()
    }

    /// What it tells the leader with this protocol.
    pub(crate) fn metadata(&self, protocol: &str) -> Option<&Bytes> {
        let of = self.protocols.iter().find(|of| of.name == protocol)?;
        Some(&of.metadata)
    }

    /// Whether its waiting tells that it is alive.
    pub(super) fn waits(&self) -> bool {
        !self.is_new && (self.join.is_some() || self.sync.is_some())
    }

    /// How long it may be silent, in ms.
    pub(super) fn session_timeout(&self) -> u64 {
        u64::try_from(self.session_timeout_ms).unwrap_or(0)
    }

    /// Answers its SyncGroup, if one waits.
    pub(super) fn answer_sync(
        &mut self,
        turn: &mut Turn<'_, '_>,
        answer: SyncGroupResponse,
    ) -> bool {
        let Some(ticket) = self.sync.take() else {
            return false;
        };
        turn.answer(ticket, Reply::SyncGroup(answer));
        true
    }

    /// Refuses its SyncGroup, if one waits.
    pub(super) fn refuse_sync(&mut self, turn: &mut Turn<'_, '_>, code: Code) -> bool {
        self.answer_sync(turn, sync_refusal(code))
    }
}

/// The protocols of a request: each name once, in bytes of their own, so that no request is kept for them.
pub(super) fn protocols(of: &[JoinGroupRequestProtocol]) -> Vec<Protocol> {
    let mut protocols: Vec<Protocol> = Vec::with_capacity(of.len());
    for of in of {
        if protocols.iter().all(|known| known.name != of.name) {
            protocols.push(Protocol {
                name: of.name.clone(),
                metadata: owned(&of.metadata),
            });
        }
    }
    protocols
}

/// Bytes that do not keep the request or batch that they came with.
pub(super) fn owned(bytes: &Bytes) -> Bytes {
    Bytes::copy_from_slice(bytes)
}

/// An id for a new member: what it calls itself, and a random UUID.
pub(crate) fn new_id(entropy: &mut Entropy, name: &str) -> Arc<str> {
    let mut bytes = entropy.bytes16();
    bytes[6] = bytes[6] & 0x0F | 0x40;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    let n = u128::from_be_bytes(bytes);
    format!(
        "{name}-{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        n >> 96,
        n >> 80 & 0xFFFF,
        n >> 64 & 0xFFFF,
        n >> 48 & 0xFFFF,
        n & 0xFFFF_FFFF_FFFF
    )
    .into()
}

/// An answer to JoinGroup that refuses.
pub(crate) fn join_refusal(code: Code, member_id: &str) -> JoinGroupResponse {
    JoinGroupResponse {
        error_code: code.0,
        member_id: member_id.to_owned(),
        protocol_name: None,
        ..JoinGroupResponse::default()
    }
}

/// An answer to SyncGroup that refuses.
pub(crate) fn sync_refusal(code: Code) -> SyncGroupResponse {
    SyncGroupResponse {
        error_code: code.0,
        ..SyncGroupResponse::default()
    }
}

impl ParkedJoin {
    /// The answer: before version 7 a protocol that is not there is an empty one, from then on none.
    pub(crate) fn reply(self, mut answer: JoinGroupResponse) -> (Ticket, Reply) {
        if self.version < 7 {
            answer.protocol_name.get_or_insert_default();
        } else if answer.protocol_name.as_deref() == Some("") {
            answer.protocol_name = None;
        }
        (self.ticket, Reply::JoinGroup(answer))
    }

    /// Answers.
    pub(crate) fn answer(self, turn: &mut Turn<'_, '_>, answer: JoinGroupResponse) {
        let (ticket, reply) = self.reply(answer);
        turn.answer(ticket, reply);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_names_with_random_uuids() {
        let mut entropy = Entropy::new(3);
        let id = new_id(&mut entropy, "client");
        let uuid = id.strip_prefix("client-").unwrap();
        assert_eq!(uuid.len(), 36);
        let dashes: Vec<_> = uuid.match_indices('-').map(|(at, _)| at).collect();
        assert_eq!(dashes, [8, 13, 18, 23]);
        assert_eq!(&uuid[14..15], "4");
        assert!("89ab".contains(&uuid[19..20]));
        assert_ne!(id, new_id(&mut entropy, "client"));
    }
}
