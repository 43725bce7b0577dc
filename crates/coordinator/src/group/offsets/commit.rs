//! Committing offsets, alone or as part of a transaction.

use ottla_machine::Ticket;
use ottla_wire::{
    errors::{Code, Refusal},
    messages::{
        OffsetCommitRequest, OffsetCommitResponse, OffsetCommitValue,
        offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic},
        offset_commit_response::{OffsetCommitResponsePartition, OffsetCommitResponseTopic},
    },
};

use super::entry;
use crate::group::{
    Caller, Entry, GroupCoordinator, Producer, Reply, Turn,
    classic::ClassicGroup,
    groups::{CommitCheck, Committer, Group},
};

/// From this version on members are told when their group is not there.
const SAYS_NO_GROUP: i16 = 9;
/// The same of TxnOffsetCommit, which then also knows `STALE_MEMBER_EPOCH`.
const TXN_SAYS_NO_GROUP: i16 = 6;

/// The offsets of a commit, and what is noted with all of them.
struct Commit<'a> {
    group: &'a str,
    topics: &'a [OffsetCommitRequestTopic],
    now_ms: i64,
    expires: i64,
}

impl GroupCoordinator {
    pub(in crate::group) fn offset_commit(
        &mut self,
        turn: &mut Turn<'_, '_>,
        ticket: Ticket,
        caller: &Caller,
        request: OffsetCommitRequest,
    ) {
        let by = Committer {
            member_id: &request.member_id,
            instance_id: request.group_instance_id.as_deref(),
            generation_or_epoch: request.generation_id_or_member_epoch,
            transactional: false,
            version: caller.version,
        };
        let commit = Commit {
            group: &request.group_id,
            topics: &request.topics,
            now_ms: turn.now_ms(),
            expires: match request.retention_time_ms {
                -1 => -1,
                retention => turn.now_ms().wrapping_add(retention),
            },
        };
        let says_no_group = caller.version >= SAYS_NO_GROUP;
        let topics = match self.commit(&commit, by, says_no_group) {
            Ok((topics, entries)) => {
                self.classic_committed(turn, &request.group_id, &request.member_id);
                entries.into_iter().for_each(|entry| turn.emit(entry));
                topics
            }
            Err(refusal) => refused(&request.topics, &refusal),
        };
        let answer = OffsetCommitResponse {
            topics,
            ..OffsetCommitResponse::default()
        };
        turn.answer(ticket, Reply::OffsetCommit(answer));
    }

    pub(in crate::group) fn txn_offset_commit(
        &mut self,
        turn: &mut Turn<'_, '_>,
        ticket: Ticket,
        caller: &Caller,
        producer: Producer,
        request: OffsetCommitRequest,
    ) {
        let by = Committer {
            member_id: &request.member_id,
            instance_id: request.group_instance_id.as_deref(),
            generation_or_epoch: request.generation_id_or_member_epoch,
            transactional: true,
            version: caller.version,
        };
        let topics = &request.topics;
        let commit = Commit {
            group: &request.group_id,
            topics,
            now_ms: turn.now_ms(),
            expires: -1,
        };
        let is_new = caller.version >= TXN_SAYS_NO_GROUP;
        let topics = match self.commit(&commit, by, is_new) {
            Ok((topics, entries)) => {
                for entry in entries {
                    turn.emit_of(producer, entry);
                }
                topics
            }
            Err(refusal) if refusal.code == Code::STALE_MEMBER_EPOCH && !is_new => {
                let older = Refusal {
                    code: Code::ILLEGAL_GENERATION,
                    ..refusal
                };
                refused(topics, &older)
            }
            Err(refusal) => refused(topics, &refusal),
        };
        let answer = OffsetCommitResponse {
            topics,
            ..OffsetCommitResponse::default()
        };
        turn.answer(ticket, Reply::TxnOffsetCommit(answer));
    }

    /// What is answered and written, unless the whole is refused.
    fn commit(
        &self,
        commit: &Commit<'_>,
        by: Committer<'_>,
        says_no_group: bool,
    ) -> Result<(Vec<OffsetCommitResponseTopic>, Vec<Entry>), Refusal> {
        let check = self.check_commit(commit, by, says_no_group)?;
        let mut entries = Vec::new();
        let mut topics = Vec::with_capacity(commit.topics.len());
        for topic in commit.topics {
            let mut partitions = Vec::with_capacity(topic.partitions.len());
            for partition in &topic.partitions {
                let index = partition.partition_index;
                let metadata = partition.committed_metadata.as_deref().unwrap_or("");
                let code = if self.is_too_large(metadata) {
                    Code::OFFSET_METADATA_TOO_LARGE
                } else {
                    check.check(&topic.name, topic.topic_id, index)?;
                    let value = value(commit, topic, partition, metadata);
                    entries.push(entry(commit.group, &topic.name, index, Some(value)));
                    Code::NONE
                };
                partitions.push(OffsetCommitResponsePartition {
                    partition_index: index,
                    error_code: code.0,
                    ..OffsetCommitResponsePartition::default()
                });
            }
            topics.push(OffsetCommitResponseTopic {
                name: topic.name.clone(),
                topic_id: topic.topic_id,
                partitions,
                ..OffsetCommitResponseTopic::default()
            });
        }
        Ok((topics, entries))
    }

    fn check_commit(
        &self,
        commit: &Commit<'_>,
        by: Committer<'_>,
        says_no_group: bool,
    ) -> Result<CommitCheck<'_>, Refusal> {
        if let Some(group) = self.groups.get(commit.group) {
            return group.check_commit(by);
        }
        if by.generation_or_epoch >= 0 {
            let code = match says_no_group {
                true => Code::GROUP_ID_NOT_FOUND,
                false => Code::ILLEGAL_GENERATION,
            };
            let (group, epoch) = (commit.group, by.generation_or_epoch);
            return Err(code.because(format!(
                "there is no group {group:?}, so it has no generation or epoch {epoch}"
            )));
        }
        // Whoever says of no generation commits in the name of a group that is nothing but its offsets. It is there as
        // soon as it has some.
        Group::Classic(ClassicGroup::simple(commit.now_ms))
            .check_commit(by)
            .map(|_| CommitCheck::Passed)
    }

    /// The limit is in UTF-16 units, as Kafka counts.
    fn is_too_large(&self, metadata: &str) -> bool {
        let most = self.settings.offset_metadata_max_bytes;
        metadata.len() > most && metadata.encode_utf16().count() > most
    }
}

fn value(
    commit: &Commit<'_>,
    topic: &OffsetCommitRequestTopic,
    partition: &OffsetCommitRequestPartition,
    metadata: &str,
) -> OffsetCommitValue {
    let mut value = OffsetCommitValue {
        offset: partition.committed_offset,
        metadata: metadata.to_owned(),
        commit_timestamp: commit.now_ms,
        expire_timestamp: commit.expires,
        ..OffsetCommitValue::default()
    };
    // A record that says when it expires is of a version that has no room for these.
    if commit.expires == -1 {
        value.leader_epoch = partition.committed_leader_epoch.max(-1);
        value.topic_id = topic.topic_id;
    }
    value
}

fn refused(
    topics: &[OffsetCommitRequestTopic],
    refusal: &Refusal,
) -> Vec<OffsetCommitResponseTopic> {
    let partition = |of: &OffsetCommitRequestPartition| OffsetCommitResponsePartition {
        partition_index: of.partition_index,
        error_code: refusal.code.0,
        ..OffsetCommitResponsePartition::default()
    };
    let topic = |of: &OffsetCommitRequestTopic| OffsetCommitResponseTopic {
        name: of.name.clone(),
        topic_id: of.topic_id,
        partitions: of.partitions.iter().map(partition).collect(),
        ..OffsetCommitResponseTopic::default()
    };
    topics.iter().map(topic).collect()
}
