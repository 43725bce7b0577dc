//! What the group coordinator is asked, and what it answers.

use std::sync::Arc;

use ottla_metadata::Image;
use ottla_wire::{
    Uuid,
    messages::{
        ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, HeartbeatRequest,
        HeartbeatResponse, JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest,
        LeaveGroupResponse, ListGroupsRequest, OffsetCommitRequest, OffsetCommitResponse,
        OffsetDeleteRequest, OffsetDeleteResponse, SyncGroupRequest, SyncGroupResponse,
        consumer_group_describe_response, delete_groups_response::DeletableGroupResult,
        describe_groups_response, list_groups_response::ListedGroup,
        offset_fetch_request::OffsetFetchRequestGroup,
        offset_fetch_response::OffsetFetchResponseGroup,
    },
};

use super::{Producer, Settings};

/// Who asks.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// What the client calls itself; empty if it does not.
    pub client_id: String,
    /// Its address as Kafka writes it: `/127.0.0.1`.
    pub client_host: String,
    /// The version of its request.
    pub version: i16,
}

/// A change of the cluster's metadata.
#[derive(Clone, Debug)]
pub struct MetadataChange {
    /// The metadata from now on.
    pub image: Arc<Image>,
    /// The offset of the last metadata record in the image.
    pub version: i64,
    /// Names of topics that were created or deleted, or got more partitions or other replicas.
    pub changed_topics: Vec<Arc<str>>,
    /// Topics that were deleted: nobody needs their offsets any more.
    pub deleted_topics: Vec<DeletedTopic>,
}

impl MetadataChange {
    /// Adds a later change, so that the two become one.
    pub fn merge(&mut self, later: Self) {
        self.image = later.image;
        self.version = later.version;
        self.changed_topics.extend(later.changed_topics);
        self.changed_topics.sort();
        self.changed_topics.dedup();
        self.deleted_topics.extend(later.deleted_topics);
    }
}

/// A topic that is no more. One of the same name may be there already.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeletedTopic {
    /// Its name.
    pub name: Arc<str>,
    /// Its id.
    pub id: Uuid,
}

/// A question for the group coordinator. Groups in it belong to its partition.
#[derive(Clone, Debug)]
pub enum Input {
    /// A member of a classic group joins, or joins again.
    JoinGroup(Caller, JoinGroupRequest),
    /// A member of a classic group asks for its assignment; the leader brings all.
    SyncGroup(Caller, SyncGroupRequest),
    /// A member of a classic group is alive.
    Heartbeat(Caller, HeartbeatRequest),
    /// Members leave a classic group.
    LeaveGroup(Caller, LeaveGroupRequest),
    /// A member of a consumer group joins, is alive, or leaves.
    ConsumerGroupHeartbeat(Caller, ConsumerGroupHeartbeatRequest),
    /// Offsets are committed.
    OffsetCommit(Caller, OffsetCommitRequest),
    /// Offsets are committed with a producer's transaction. The caller's version is that of its TxnOffsetCommit.
    TxnOffsetCommit(Caller, Producer, OffsetCommitRequest),
    /// The offsets of one group are read. `require_stable`: not while a transaction may change them.
    OffsetFetch(Caller, FetchOffsets),
    /// Offsets are forgotten.
    OffsetDelete(Caller, OffsetDeleteRequest),
    /// The groups that pass the request's filters.
    ListGroups(Caller, ListGroupsRequest),
    /// Classic groups are described.
    DescribeGroups(Caller, Vec<String>),
    /// Consumer groups are described.
    ConsumerGroupDescribe(Caller, Vec<String>),
    /// Empty groups are deleted with their offsets.
    DeleteGroups(Caller, Vec<String>),
    /// The cluster's metadata changed. Has no answer.
    Metadata(MetadataChange),
    /// The broker's settings changed. Has no answer.
    Settings(Arc<Settings>),
}

/// See [`Input::OffsetFetch`].
#[derive(Clone, Debug, Default)]
pub struct FetchOffsets {
    /// The group, its member, and the topics that are asked for; all if `None`.
    pub group: OffsetFetchRequestGroup,
    /// Not while a transaction may change them.
    pub require_stable: bool,
}

/// An answer of the group coordinator.
#[derive(Clone, PartialEq, Debug)]
pub enum Reply {
    /// To [`Input::JoinGroup`].
    JoinGroup(JoinGroupResponse),
    /// To [`Input::SyncGroup`].
    SyncGroup(SyncGroupResponse),
    /// To [`Input::Heartbeat`].
    Heartbeat(HeartbeatResponse),
    /// To [`Input::LeaveGroup`].
    LeaveGroup(LeaveGroupResponse),
    /// To [`Input::ConsumerGroupHeartbeat`].
    ConsumerGroupHeartbeat(ConsumerGroupHeartbeatResponse),
    /// To [`Input::OffsetCommit`].
    OffsetCommit(OffsetCommitResponse),
    /// To [`Input::TxnOffsetCommit`].
    TxnOffsetCommit(OffsetCommitResponse),
    /// To [`Input::OffsetFetch`].
    OffsetFetch(OffsetFetchResponseGroup),
    /// To [`Input::OffsetDelete`].
    OffsetDelete(OffsetDeleteResponse),
    /// To [`Input::ListGroups`].
    ListGroups(Vec<ListedGroup>),
    /// To [`Input::DescribeGroups`], in the order of the question.
    DescribeGroups(Vec<describe_groups_response::DescribedGroup>),
    /// To [`Input::ConsumerGroupDescribe`], in the order of the question.
    ConsumerGroupDescribe(Vec<consumer_group_describe_response::DescribedGroup>),
    /// To [`Input::DeleteGroups`], in the order of the question.
    DeleteGroups(Vec<DeletableGroupResult>),
}
