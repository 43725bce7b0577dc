//! A row for each message: how to draw one, and how to read and write it again. Written by `cargo xtask codegen`: do not edit.

use crate::random::{Entry, encoded, entry};

/// Every message.
pub static TABLE: &[Entry] = &[
    entry::<super::ConsumerGroupCurrentMemberAssignmentKey>("group", |source, version| {
        encoded(
            &super::ConsumerGroupCurrentMemberAssignmentKey::random(source, version),
            version,
        )
    }),
    entry::<super::ConsumerGroupCurrentMemberAssignmentValue>("group", |source, version| {
        encoded(
            &super::ConsumerGroupCurrentMemberAssignmentValue::random(source, version),
            version,
        )
    }),
    entry::<super::ConsumerGroupMemberMetadataKey>("group", |source, version| {
        encoded(
            &super::ConsumerGroupMemberMetadataKey::random(source, version),
            version,
        )
    }),
    entry::<super::ConsumerGroupMemberMetadataValue>("group", |source, version| {
        encoded(
            &super::ConsumerGroupMemberMetadataValue::random(source, version),
            version,
        )
    }),
    entry::<super::ConsumerGroupMetadataKey>("group", |source, version| {
        encoded(
            &super::ConsumerGroupMetadataKey::random(source, version),
            version,
        )
    }),
    entry::<super::ConsumerGroupMetadataValue>("group", |source, version| {
        encoded(
            &super::ConsumerGroupMetadataValue::random(source, version),
            version,
        )
    }),
    entry::<super::ConsumerGroupPartitionMetadataKey>("group", |source, version| {
        encoded(
            &super::ConsumerGroupPartitionMetadataKey::random(source, version),
            version,
        )
    }),
    entry::<super::ConsumerGroupPartitionMetadataValue>("group", |source, version| {
        encoded(
            &super::ConsumerGroupPartitionMetadataValue::random(source, version),
            version,
        )
    }),
    entry::<super::ConsumerGroupRegularExpressionKey>("group", |source, version| {
        encoded(
            &super::ConsumerGroupRegularExpressionKey::random(source, version),
            version,
        )
    }),
    entry::<super::ConsumerGroupRegularExpressionValue>("group", |source, version| {
        encoded(
            &super::ConsumerGroupRegularExpressionValue::random(source, version),
            version,
        )
    }),
    entry::<super::ConsumerGroupTargetAssignmentMemberKey>("group", |source, version| {
        encoded(
            &super::ConsumerGroupTargetAssignmentMemberKey::random(source, version),
            version,
        )
    }),
    entry::<super::ConsumerGroupTargetAssignmentMemberValue>("group", |source, version| {
        encoded(
            &super::ConsumerGroupTargetAssignmentMemberValue::random(source, version),
            version,
        )
    }),
    entry::<super::ConsumerGroupTargetAssignmentMetadataKey>("group", |source, version| {
        encoded(
            &super::ConsumerGroupTargetAssignmentMetadataKey::random(source, version),
            version,
        )
    }),
    entry::<super::ConsumerGroupTargetAssignmentMetadataValue>("group", |source, version| {
        encoded(
            &super::ConsumerGroupTargetAssignmentMetadataValue::random(source, version),
            version,
        )
    }),
    entry::<super::GroupMetadataKey>("group", |source, version| {
        encoded(&super::GroupMetadataKey::random(source, version), version)
    }),
    entry::<super::GroupMetadataValue>("group", |source, version| {
        encoded(&super::GroupMetadataValue::random(source, version), version)
    }),
    entry::<super::LegacyOffsetCommitKey>("group", |source, version| {
        encoded(
            &super::LegacyOffsetCommitKey::random(source, version),
            version,
        )
    }),
    entry::<super::LegacyOffsetCommitValue>("group", |source, version| {
        encoded(
            &super::LegacyOffsetCommitValue::random(source, version),
            version,
        )
    }),
    entry::<super::OffsetCommitKey>("group", |source, version| {
        encoded(&super::OffsetCommitKey::random(source, version), version)
    }),
    entry::<super::OffsetCommitValue>("group", |source, version| {
        encoded(&super::OffsetCommitValue::random(source, version), version)
    }),
    entry::<super::ShareGroupCurrentMemberAssignmentKey>("group", |source, version| {
        encoded(
            &super::ShareGroupCurrentMemberAssignmentKey::random(source, version),
            version,
        )
    }),
    entry::<super::ShareGroupCurrentMemberAssignmentValue>("group", |source, version| {
        encoded(
            &super::ShareGroupCurrentMemberAssignmentValue::random(source, version),
            version,
        )
    }),
    entry::<super::ShareGroupMemberMetadataKey>("group", |source, version| {
        encoded(
            &super::ShareGroupMemberMetadataKey::random(source, version),
            version,
        )
    }),
    entry::<super::ShareGroupMemberMetadataValue>("group", |source, version| {
        encoded(
            &super::ShareGroupMemberMetadataValue::random(source, version),
            version,
        )
    }),
    entry::<super::ShareGroupMetadataKey>("group", |source, version| {
        encoded(
            &super::ShareGroupMetadataKey::random(source, version),
            version,
        )
    }),
    entry::<super::ShareGroupMetadataValue>("group", |source, version| {
        encoded(
            &super::ShareGroupMetadataValue::random(source, version),
            version,
        )
    }),
    entry::<super::ShareGroupStatePartitionMetadataKey>("group", |source, version| {
        encoded(
            &super::ShareGroupStatePartitionMetadataKey::random(source, version),
            version,
        )
    }),
    entry::<super::ShareGroupStatePartitionMetadataValue>("group", |source, version| {
        encoded(
            &super::ShareGroupStatePartitionMetadataValue::random(source, version),
            version,
        )
    }),
    entry::<super::ShareGroupTargetAssignmentMemberKey>("group", |source, version| {
        encoded(
            &super::ShareGroupTargetAssignmentMemberKey::random(source, version),
            version,
        )
    }),
    entry::<super::ShareGroupTargetAssignmentMemberValue>("group", |source, version| {
        encoded(
            &super::ShareGroupTargetAssignmentMemberValue::random(source, version),
            version,
        )
    }),
    entry::<super::ShareGroupTargetAssignmentMetadataKey>("group", |source, version| {
        encoded(
            &super::ShareGroupTargetAssignmentMetadataKey::random(source, version),
            version,
        )
    }),
    entry::<super::ShareGroupTargetAssignmentMetadataValue>("group", |source, version| {
        encoded(
            &super::ShareGroupTargetAssignmentMetadataValue::random(source, version),
            version,
        )
    }),
    entry::<super::StreamsGroupCurrentMemberAssignmentKey>("group", |source, version| {
        encoded(
            &super::StreamsGroupCurrentMemberAssignmentKey::random(source, version),
            version,
        )
    }),
    entry::<super::StreamsGroupCurrentMemberAssignmentValue>("group", |source, version| {
        encoded(
            &super::StreamsGroupCurrentMemberAssignmentValue::random(source, version),
            version,
        )
    }),
    entry::<super::StreamsGroupMemberMetadataKey>("group", |source, version| {
        encoded(
            &super::StreamsGroupMemberMetadataKey::random(source, version),
            version,
        )
    }),
    entry::<super::StreamsGroupMemberMetadataValue>("group", |source, version| {
        encoded(
            &super::StreamsGroupMemberMetadataValue::random(source, version),
            version,
        )
    }),
    entry::<super::StreamsGroupMetadataKey>("group", |source, version| {
        encoded(
            &super::StreamsGroupMetadataKey::random(source, version),
            version,
        )
    }),
    entry::<super::StreamsGroupMetadataValue>("group", |source, version| {
        encoded(
            &super::StreamsGroupMetadataValue::random(source, version),
            version,
        )
    }),
    entry::<super::StreamsGroupTargetAssignmentMemberKey>("group", |source, version| {
        encoded(
            &super::StreamsGroupTargetAssignmentMemberKey::random(source, version),
            version,
        )
    }),
    entry::<super::StreamsGroupTargetAssignmentMemberValue>("group", |source, version| {
        encoded(
            &super::StreamsGroupTargetAssignmentMemberValue::random(source, version),
            version,
        )
    }),
    entry::<super::StreamsGroupTargetAssignmentMetadataKey>("group", |source, version| {
        encoded(
            &super::StreamsGroupTargetAssignmentMetadataKey::random(source, version),
            version,
        )
    }),
    entry::<super::StreamsGroupTargetAssignmentMetadataValue>("group", |source, version| {
        encoded(
            &super::StreamsGroupTargetAssignmentMetadataValue::random(source, version),
            version,
        )
    }),
    entry::<super::StreamsGroupTopologyKey>("group", |source, version| {
        encoded(
            &super::StreamsGroupTopologyKey::random(source, version),
            version,
        )
    }),
    entry::<super::StreamsGroupTopologyValue>("group", |source, version| {
        encoded(
            &super::StreamsGroupTopologyValue::random(source, version),
            version,
        )
    }),
    entry::<super::AbortTransactionRecord>("metadata", |source, version| {
        encoded(
            &super::AbortTransactionRecord::random(source, version),
            version,
        )
    }),
    entry::<super::AccessControlEntryRecord>("metadata", |source, version| {
        encoded(
            &super::AccessControlEntryRecord::random(source, version),
            version,
        )
    }),
    entry::<super::BeginTransactionRecord>("metadata", |source, version| {
        encoded(
            &super::BeginTransactionRecord::random(source, version),
            version,
        )
    }),
    entry::<super::BrokerRegistrationChangeRecord>("metadata", |source, version| {
        encoded(
            &super::BrokerRegistrationChangeRecord::random(source, version),
            version,
        )
    }),
    entry::<super::ClearElrRecord>("metadata", |source, version| {
        encoded(&super::ClearElrRecord::random(source, version), version)
    }),
    entry::<super::ClientQuotaRecord>("metadata", |source, version| {
        encoded(&super::ClientQuotaRecord::random(source, version), version)
    }),
    entry::<super::ConfigRecord>("metadata", |source, version| {
        encoded(&super::ConfigRecord::random(source, version), version)
    }),
    entry::<super::DelegationTokenRecord>("metadata", |source, version| {
        encoded(
            &super::DelegationTokenRecord::random(source, version),
            version,
        )
    }),
    entry::<super::EndTransactionRecord>("metadata", |source, version| {
        encoded(
            &super::EndTransactionRecord::random(source, version),
            version,
        )
    }),
    entry::<super::FeatureLevelRecord>("metadata", |source, version| {
        encoded(&super::FeatureLevelRecord::random(source, version), version)
    }),
    entry::<super::FenceBrokerRecord>("metadata", |source, version| {
        encoded(&super::FenceBrokerRecord::random(source, version), version)
    }),
    entry::<super::NoOpRecord>("metadata", |source, version| {
        encoded(&super::NoOpRecord::random(source, version), version)
    }),
    entry::<super::PartitionChangeRecord>("metadata", |source, version| {
        encoded(
            &super::PartitionChangeRecord::random(source, version),
            version,
        )
    }),
    entry::<super::PartitionRecord>("metadata", |source, version| {
        encoded(&super::PartitionRecord::random(source, version), version)
    }),
    entry::<super::ProducerIdsRecord>("metadata", |source, version| {
        encoded(&super::ProducerIdsRecord::random(source, version), version)
    }),
    entry::<super::RegisterBrokerRecord>("metadata", |source, version| {
        encoded(
            &super::RegisterBrokerRecord::random(source, version),
            version,
        )
    }),
    entry::<super::RegisterControllerRecord>("metadata", |source, version| {
        encoded(
            &super::RegisterControllerRecord::random(source, version),
            version,
        )
    }),
    entry::<super::RemoveAccessControlEntryRecord>("metadata", |source, version| {
        encoded(
            &super::RemoveAccessControlEntryRecord::random(source, version),
            version,
        )
    }),
    entry::<super::RemoveDelegationTokenRecord>("metadata", |source, version| {
        encoded(
            &super::RemoveDelegationTokenRecord::random(source, version),
            version,
        )
    }),
    entry::<super::RemoveTopicRecord>("metadata", |source, version| {
        encoded(&super::RemoveTopicRecord::random(source, version), version)
    }),
    entry::<super::RemoveUserScramCredentialRecord>("metadata", |source, version| {
        encoded(
            &super::RemoveUserScramCredentialRecord::random(source, version),
            version,
        )
    }),
    entry::<super::TopicRecord>("metadata", |source, version| {
        encoded(&super::TopicRecord::random(source, version), version)
    }),
    entry::<super::UnfenceBrokerRecord>("metadata", |source, version| {
        encoded(
            &super::UnfenceBrokerRecord::random(source, version),
            version,
        )
    }),
    entry::<super::UnregisterBrokerRecord>("metadata", |source, version| {
        encoded(
            &super::UnregisterBrokerRecord::random(source, version),
            version,
        )
    }),
    entry::<super::UnregisterControllerRecord>("metadata", |source, version| {
        encoded(
            &super::UnregisterControllerRecord::random(source, version),
            version,
        )
    }),
    entry::<super::UserScramCredentialRecord>("metadata", |source, version| {
        encoded(
            &super::UserScramCredentialRecord::random(source, version),
            version,
        )
    }),
    entry::<super::ZkMigrationStateRecord>("metadata", |source, version| {
        encoded(
            &super::ZkMigrationStateRecord::random(source, version),
            version,
        )
    }),
    entry::<super::QuorumStateData>("raft", |source, version| {
        encoded(&super::QuorumStateData::random(source, version), version)
    }),
    entry::<super::AbortedTxn>("rpc", |source, version| {
        encoded(&super::AbortedTxn::random(source, version), version)
    }),
    entry::<super::AddOffsetsToTxnRequest>("rpc", |source, version| {
        encoded(
            &super::AddOffsetsToTxnRequest::random(source, version),
            version,
        )
    }),
    entry::<super::AddOffsetsToTxnResponse>("rpc", |source, version| {
        encoded(
            &super::AddOffsetsToTxnResponse::random(source, version),
            version,
        )
    }),
    entry::<super::AddPartitionsToTxnRequest>("rpc", |source, version| {
        encoded(
            &super::AddPartitionsToTxnRequest::random(source, version),
            version,
        )
    }),
    entry::<super::AddPartitionsToTxnResponse>("rpc", |source, version| {
        encoded(
            &super::AddPartitionsToTxnResponse::random(source, version),
            version,
        )
    }),
    entry::<super::AddRaftVoterRequest>("rpc", |source, version| {
        encoded(
            &super::AddRaftVoterRequest::random(source, version),
            version,
        )
    }),
    entry::<super::AddRaftVoterResponse>("rpc", |source, version| {
        encoded(
            &super::AddRaftVoterResponse::random(source, version),
            version,
        )
    }),
    entry::<super::AllocateProducerIdsRequest>("rpc", |source, version| {
        encoded(
            &super::AllocateProducerIdsRequest::random(source, version),
            version,
        )
    }),
    entry::<super::AllocateProducerIdsResponse>("rpc", |source, version| {
        encoded(
            &super::AllocateProducerIdsResponse::random(source, version),
            version,
        )
    }),
    entry::<super::AlterClientQuotasRequest>("rpc", |source, version| {
        encoded(
            &super::AlterClientQuotasRequest::random(source, version),
            version,
        )
    }),
    entry::<super::AlterClientQuotasResponse>("rpc", |source, version| {
        encoded(
            &super::AlterClientQuotasResponse::random(source, version),
            version,
        )
    }),
    entry::<super::AlterConfigsRequest>("rpc", |source, version| {
        encoded(
            &super::AlterConfigsRequest::random(source, version),
            version,
        )
    }),
    entry::<super::AlterConfigsResponse>("rpc", |source, version| {
        encoded(
            &super::AlterConfigsResponse::random(source, version),
            version,
        )
    }),
    entry::<super::AlterPartitionReassignmentsRequest>("rpc", |source, version| {
        encoded(
            &super::AlterPartitionReassignmentsRequest::random(source, version),
            version,
        )
    }),
    entry::<super::AlterPartitionReassignmentsResponse>("rpc", |source, version| {
        encoded(
            &super::AlterPartitionReassignmentsResponse::random(source, version),
            version,
        )
    }),
    entry::<super::AlterPartitionRequest>("rpc", |source, version| {
        encoded(
            &super::AlterPartitionRequest::random(source, version),
            version,
        )
    }),
    entry::<super::AlterPartitionResponse>("rpc", |source, version| {
        encoded(
            &super::AlterPartitionResponse::random(source, version),
            version,
        )
    }),
    entry::<super::AlterReplicaLogDirsRequest>("rpc", |source, version| {
        encoded(
            &super::AlterReplicaLogDirsRequest::random(source, version),
            version,
        )
    }),
    entry::<super::AlterReplicaLogDirsResponse>("rpc", |source, version| {
        encoded(
            &super::AlterReplicaLogDirsResponse::random(source, version),
            version,
        )
    }),
    entry::<super::AlterShareGroupOffsetsRequest>("rpc", |source, version| {
        encoded(
            &super::AlterShareGroupOffsetsRequest::random(source, version),
            version,
        )
    }),
    entry::<super::AlterShareGroupOffsetsResponse>("rpc", |source, version| {
        encoded(
            &super::AlterShareGroupOffsetsResponse::random(source, version),
            version,
        )
    }),
    entry::<super::AlterUserScramCredentialsRequest>("rpc", |source, version| {
        encoded(
            &super::AlterUserScramCredentialsRequest::random(source, version),
            version,
        )
    }),
    entry::<super::AlterUserScramCredentialsResponse>("rpc", |source, version| {
        encoded(
            &super::AlterUserScramCredentialsResponse::random(source, version),
            version,
        )
    }),
    entry::<super::ApiVersionsRequest>("rpc", |source, version| {
        encoded(&super::ApiVersionsRequest::random(source, version), version)
    }),
    entry::<super::ApiVersionsResponse>("rpc", |source, version| {
        encoded(
            &super::ApiVersionsResponse::random(source, version),
            version,
        )
    }),
    entry::<super::AssignReplicasToDirsRequest>("rpc", |source, version| {
        encoded(
            &super::AssignReplicasToDirsRequest::random(source, version),
            version,
        )
    }),
    entry::<super::AssignReplicasToDirsResponse>("rpc", |source, version| {
        encoded(
            &super::AssignReplicasToDirsResponse::random(source, version),
            version,
        )
    }),
    entry::<super::BeginQuorumEpochRequest>("rpc", |source, version| {
        encoded(
            &super::BeginQuorumEpochRequest::random(source, version),
            version,
        )
    }),
    entry::<super::BeginQuorumEpochResponse>("rpc", |source, version| {
        encoded(
            &super::BeginQuorumEpochResponse::random(source, version),
            version,
        )
    }),
    entry::<super::BrokerHeartbeatRequest>("rpc", |source, version| {
        encoded(
            &super::BrokerHeartbeatRequest::random(source, version),
            version,
        )
    }),
    entry::<super::BrokerHeartbeatResponse>("rpc", |source, version| {
        encoded(
            &super::BrokerHeartbeatResponse::random(source, version),
            version,
        )
    }),
    entry::<super::BrokerRegistrationRequest>("rpc", |source, version| {
        encoded(
            &super::BrokerRegistrationRequest::random(source, version),
            version,
        )
    }),
    entry::<super::BrokerRegistrationResponse>("rpc", |source, version| {
        encoded(
            &super::BrokerRegistrationResponse::random(source, version),
            version,
        )
    }),
    entry::<super::ConsumerGroupDescribeRequest>("rpc", |source, version| {
        encoded(
            &super::ConsumerGroupDescribeRequest::random(source, version),
            version,
        )
    }),
    entry::<super::ConsumerGroupDescribeResponse>("rpc", |source, version| {
        encoded(
            &super::ConsumerGroupDescribeResponse::random(source, version),
            version,
        )
    }),
    entry::<super::ConsumerGroupHeartbeatRequest>("rpc", |source, version| {
        encoded(
            &super::ConsumerGroupHeartbeatRequest::random(source, version),
            version,
        )
    }),
    entry::<super::ConsumerGroupHeartbeatResponse>("rpc", |source, version| {
        encoded(
            &super::ConsumerGroupHeartbeatResponse::random(source, version),
            version,
        )
    }),
    entry::<super::ConsumerProtocolAssignment>("rpc", |source, version| {
        encoded(
            &super::ConsumerProtocolAssignment::random(source, version),
            version,
        )
    }),
    entry::<super::ConsumerProtocolSubscription>("rpc", |source, version| {
        encoded(
            &super::ConsumerProtocolSubscription::random(source, version),
            version,
        )
    }),
    entry::<super::ControlRecordTypeSchema>("rpc", |source, version| {
        encoded(
            &super::ControlRecordTypeSchema::random(source, version),
            version,
        )
    }),
    entry::<super::ControllerRegistrationRequest>("rpc", |source, version| {
        encoded(
            &super::ControllerRegistrationRequest::random(source, version),
            version,
        )
    }),
    entry::<super::ControllerRegistrationResponse>("rpc", |source, version| {
        encoded(
            &super::ControllerRegistrationResponse::random(source, version),
            version,
        )
    }),
    entry::<super::CreateAclsRequest>("rpc", |source, version| {
        encoded(&super::CreateAclsRequest::random(source, version), version)
    }),
    entry::<super::CreateAclsResponse>("rpc", |source, version| {
        encoded(&super::CreateAclsResponse::random(source, version), version)
    }),
    entry::<super::CreateDelegationTokenRequest>("rpc", |source, version| {
        encoded(
            &super::CreateDelegationTokenRequest::random(source, version),
            version,
        )
    }),
    entry::<super::CreateDelegationTokenResponse>("rpc", |source, version| {
        encoded(
            &super::CreateDelegationTokenResponse::random(source, version),
            version,
        )
    }),
    entry::<super::CreatePartitionsRequest>("rpc", |source, version| {
        encoded(
            &super::CreatePartitionsRequest::random(source, version),
            version,
        )
    }),
    entry::<super::CreatePartitionsResponse>("rpc", |source, version| {
        encoded(
            &super::CreatePartitionsResponse::random(source, version),
            version,
        )
    }),
    entry::<super::CreateTopicsRequest>("rpc", |source, version| {
        encoded(
            &super::CreateTopicsRequest::random(source, version),
            version,
        )
    }),
    entry::<super::CreateTopicsResponse>("rpc", |source, version| {
        encoded(
            &super::CreateTopicsResponse::random(source, version),
            version,
        )
    }),
    entry::<super::DefaultPrincipalData>("rpc", |source, version| {
        encoded(
            &super::DefaultPrincipalData::random(source, version),
            version,
        )
    }),
    entry::<super::DeleteAclsRequest>("rpc", |source, version| {
        encoded(&super::DeleteAclsRequest::random(source, version), version)
    }),
    entry::<super::DeleteAclsResponse>("rpc", |source, version| {
        encoded(&super::DeleteAclsResponse::random(source, version), version)
    }),
    entry::<super::DeleteGroupsRequest>("rpc", |source, version| {
        encoded(
            &super::DeleteGroupsRequest::random(source, version),
            version,
        )
    }),
    entry::<super::DeleteGroupsResponse>("rpc", |source, version| {
        encoded(
            &super::DeleteGroupsResponse::random(source, version),
            version,
        )
    }),
    entry::<super::DeleteRecordsRequest>("rpc", |source, version| {
        encoded(
            &super::DeleteRecordsRequest::random(source, version),
            version,
        )
    }),
    entry::<super::DeleteRecordsResponse>("rpc", |source, version| {
        encoded(
            &super::DeleteRecordsResponse::random(source, version),
            version,
        )
    }),
    entry::<super::DeleteShareGroupOffsetsRequest>("rpc", |source, version| {
        encoded(
            &super::DeleteShareGroupOffsetsRequest::random(source, version),
            version,
        )
    }),
    entry::<super::DeleteShareGroupOffsetsResponse>("rpc", |source, version| {
        encoded(
            &super::DeleteShareGroupOffsetsResponse::random(source, version),
            version,
        )
    }),
    entry::<super::DeleteShareGroupStateRequest>("rpc", |source, version| {
        encoded(
            &super::DeleteShareGroupStateRequest::random(source, version),
            version,
        )
    }),
    entry::<super::DeleteShareGroupStateResponse>("rpc", |source, version| {
        encoded(
            &super::DeleteShareGroupStateResponse::random(source, version),
            version,
        )
    }),
    entry::<super::DeleteTopicsRequest>("rpc", |source, version| {
        encoded(
            &super::DeleteTopicsRequest::random(source, version),
            version,
        )
    }),
    entry::<super::DeleteTopicsResponse>("rpc", |source, version| {
        encoded(
            &super::DeleteTopicsResponse::random(source, version),
            version,
        )
    }),
    entry::<super::DescribeAclsRequest>("rpc", |source, version| {
        encoded(
            &super::DescribeAclsRequest::random(source, version),
            version,
        )
    }),
    entry::<super::DescribeAclsResponse>("rpc", |source, version| {
        encoded(
            &super::DescribeAclsResponse::random(source, version),
            version,
        )
    }),
    entry::<super::DescribeClientQuotasRequest>("rpc", |source, version| {
        encoded(
            &super::DescribeClientQuotasRequest::random(source, version),
            version,
        )
    }),
    entry::<super::DescribeClientQuotasResponse>("rpc", |source, version| {
        encoded(
            &super::DescribeClientQuotasResponse::random(source, version),
            version,
        )
    }),
    entry::<super::DescribeClusterRequest>("rpc", |source, version| {
        encoded(
            &super::DescribeClusterRequest::random(source, version),
            version,
        )
    }),
    entry::<super::DescribeClusterResponse>("rpc", |source, version| {
        encoded(
            &super::DescribeClusterResponse::random(source, version),
            version,
        )
    }),
    entry::<super::DescribeConfigsRequest>("rpc", |source, version| {
        encoded(
            &super::DescribeConfigsRequest::random(source, version),
            version,
        )
    }),
    entry::<super::DescribeConfigsResponse>("rpc", |source, version| {
        encoded(
            &super::DescribeConfigsResponse::random(source, version),
            version,
        )
    }),
    entry::<super::DescribeDelegationTokenRequest>("rpc", |source, version| {
        encoded(
            &super::DescribeDelegationTokenRequest::random(source, version),
            version,
        )
    }),
    entry::<super::DescribeDelegationTokenResponse>("rpc", |source, version| {
        encoded(
            &super::DescribeDelegationTokenResponse::random(source, version),
            version,
        )
    }),
    entry::<super::DescribeGroupsRequest>("rpc", |source, version| {
        encoded(
            &super::DescribeGroupsRequest::random(source, version),
            version,
        )
    }),
    entry::<super::DescribeGroupsResponse>("rpc", |source, version| {
        encoded(
            &super::DescribeGroupsResponse::random(source, version),
            version,
        )
    }),
    entry::<super::DescribeLogDirsRequest>("rpc", |source, version| {
        encoded(
            &super::DescribeLogDirsRequest::random(source, version),
            version,
        )
    }),
    entry::<super::DescribeLogDirsResponse>("rpc", |source, version| {
        encoded(
            &super::DescribeLogDirsResponse::random(source, version),
            version,
        )
    }),
    entry::<super::DescribeProducersRequest>("rpc", |source, version| {
        encoded(
            &super::DescribeProducersRequest::random(source, version),
            version,
        )
    }),
    entry::<super::DescribeProducersResponse>("rpc", |source, version| {
        encoded(
            &super::DescribeProducersResponse::random(source, version),
            version,
        )
    }),
    entry::<super::DescribeQuorumRequest>("rpc", |source, version| {
        encoded(
            &super::DescribeQuorumRequest::random(source, version),
            version,
        )
    }),
    entry::<super::DescribeQuorumResponse>("rpc", |source, version| {
        encoded(
            &super::DescribeQuorumResponse::random(source, version),
            version,
        )
    }),
    entry::<super::DescribeShareGroupOffsetsRequest>("rpc", |source, version| {
        encoded(
            &super::DescribeShareGroupOffsetsRequest::random(source, version),
            version,
        )
    }),
    entry::<super::DescribeShareGroupOffsetsResponse>("rpc", |source, version| {
        encoded(
            &super::DescribeShareGroupOffsetsResponse::random(source, version),
            version,
        )
    }),
    entry::<super::DescribeTopicPartitionsRequest>("rpc", |source, version| {
        encoded(
            &super::DescribeTopicPartitionsRequest::random(source, version),
            version,
        )
    }),
    entry::<super::DescribeTopicPartitionsResponse>("rpc", |source, version| {
        encoded(
            &super::DescribeTopicPartitionsResponse::random(source, version),
            version,
        )
    }),
    entry::<super::DescribeTransactionsRequest>("rpc", |source, version| {
        encoded(
            &super::DescribeTransactionsRequest::random(source, version),
            version,
        )
    }),
    entry::<super::DescribeTransactionsResponse>("rpc", |source, version| {
        encoded(
            &super::DescribeTransactionsResponse::random(source, version),
            version,
        )
    }),
    entry::<super::DescribeUserScramCredentialsRequest>("rpc", |source, version| {
        encoded(
            &super::DescribeUserScramCredentialsRequest::random(source, version),
            version,
        )
    }),
    entry::<super::DescribeUserScramCredentialsResponse>("rpc", |source, version| {
        encoded(
            &super::DescribeUserScramCredentialsResponse::random(source, version),
            version,
        )
    }),
    entry::<super::ElectLeadersRequest>("rpc", |source, version| {
        encoded(
            &super::ElectLeadersRequest::random(source, version),
            version,
        )
    }),
    entry::<super::ElectLeadersResponse>("rpc", |source, version| {
        encoded(
            &super::ElectLeadersResponse::random(source, version),
            version,
        )
    }),
    entry::<super::EndQuorumEpochRequest>("rpc", |source, version| {
        encoded(
            &super::EndQuorumEpochRequest::random(source, version),
            version,
        )
    }),
    entry::<super::EndQuorumEpochResponse>("rpc", |source, version| {
        encoded(
            &super::EndQuorumEpochResponse::random(source, version),
            version,
        )
    }),
    entry::<super::EndTxnMarker>("rpc", |source, version| {
        encoded(&super::EndTxnMarker::random(source, version), version)
    }),
    entry::<super::EndTxnRequest>("rpc", |source, version| {
        encoded(&super::EndTxnRequest::random(source, version), version)
    }),
    entry::<super::EndTxnResponse>("rpc", |source, version| {
        encoded(&super::EndTxnResponse::random(source, version), version)
    }),
    entry::<super::EnvelopeRequest>("rpc", |source, version| {
        encoded(&super::EnvelopeRequest::random(source, version), version)
    }),
    entry::<super::EnvelopeResponse>("rpc", |source, version| {
        encoded(&super::EnvelopeResponse::random(source, version), version)
    }),
    entry::<super::ExpireDelegationTokenRequest>("rpc", |source, version| {
        encoded(
            &super::ExpireDelegationTokenRequest::random(source, version),
            version,
        )
    }),
    entry::<super::ExpireDelegationTokenResponse>("rpc", |source, version| {
        encoded(
            &super::ExpireDelegationTokenResponse::random(source, version),
            version,
        )
    }),
    entry::<super::FetchRequest>("rpc", |source, version| {
        encoded(&super::FetchRequest::random(source, version), version)
    }),
    entry::<super::FetchResponse>("rpc", |source, version| {
        encoded(&super::FetchResponse::random(source, version), version)
    }),
    entry::<super::FetchSnapshotRequest>("rpc", |source, version| {
        encoded(
            &super::FetchSnapshotRequest::random(source, version),
            version,
        )
    }),
    entry::<super::FetchSnapshotResponse>("rpc", |source, version| {
        encoded(
            &super::FetchSnapshotResponse::random(source, version),
            version,
        )
    }),
    entry::<super::FindCoordinatorRequest>("rpc", |source, version| {
        encoded(
            &super::FindCoordinatorRequest::random(source, version),
            version,
        )
    }),
    entry::<super::FindCoordinatorResponse>("rpc", |source, version| {
        encoded(
            &super::FindCoordinatorResponse::random(source, version),
            version,
        )
    }),
    entry::<super::GetTelemetrySubscriptionsRequest>("rpc", |source, version| {
        encoded(
            &super::GetTelemetrySubscriptionsRequest::random(source, version),
            version,
        )
    }),
    entry::<super::GetTelemetrySubscriptionsResponse>("rpc", |source, version| {
        encoded(
            &super::GetTelemetrySubscriptionsResponse::random(source, version),
            version,
        )
    }),
    entry::<super::HeartbeatRequest>("rpc", |source, version| {
        encoded(&super::HeartbeatRequest::random(source, version), version)
    }),
    entry::<super::HeartbeatResponse>("rpc", |source, version| {
        encoded(&super::HeartbeatResponse::random(source, version), version)
    }),
    entry::<super::IncrementalAlterConfigsRequest>("rpc", |source, version| {
        encoded(
            &super::IncrementalAlterConfigsRequest::random(source, version),
            version,
        )
    }),
    entry::<super::IncrementalAlterConfigsResponse>("rpc", |source, version| {
        encoded(
            &super::IncrementalAlterConfigsResponse::random(source, version),
            version,
        )
    }),
    entry::<super::InitProducerIdRequest>("rpc", |source, version| {
        encoded(
            &super::InitProducerIdRequest::random(source, version),
            version,
        )
    }),
    entry::<super::InitProducerIdResponse>("rpc", |source, version| {
        encoded(
            &super::InitProducerIdResponse::random(source, version),
            version,
        )
    }),
    entry::<super::InitializeShareGroupStateRequest>("rpc", |source, version| {
        encoded(
            &super::InitializeShareGroupStateRequest::random(source, version),
            version,
        )
    }),
    entry::<super::InitializeShareGroupStateResponse>("rpc", |source, version| {
        encoded(
            &super::InitializeShareGroupStateResponse::random(source, version),
            version,
        )
    }),
    entry::<super::JoinGroupRequest>("rpc", |source, version| {
        encoded(&super::JoinGroupRequest::random(source, version), version)
    }),
    entry::<super::JoinGroupResponse>("rpc", |source, version| {
        encoded(&super::JoinGroupResponse::random(source, version), version)
    }),
    entry::<super::KRaftVersionRecord>("rpc", |source, version| {
        encoded(&super::KRaftVersionRecord::random(source, version), version)
    }),
    entry::<super::LeaderChangeMessage>("rpc", |source, version| {
        encoded(
            &super::LeaderChangeMessage::random(source, version),
            version,
        )
    }),
    entry::<super::LeaveGroupRequest>("rpc", |source, version| {
        encoded(&super::LeaveGroupRequest::random(source, version), version)
    }),
    entry::<super::LeaveGroupResponse>("rpc", |source, version| {
        encoded(&super::LeaveGroupResponse::random(source, version), version)
    }),
    entry::<super::ListConfigResourcesRequest>("rpc", |source, version| {
        encoded(
            &super::ListConfigResourcesRequest::random(source, version),
            version,
        )
    }),
    entry::<super::ListConfigResourcesResponse>("rpc", |source, version| {
        encoded(
            &super::ListConfigResourcesResponse::random(source, version),
            version,
        )
    }),
    entry::<super::ListGroupsRequest>("rpc", |source, version| {
        encoded(&super::ListGroupsRequest::random(source, version), version)
    }),
    entry::<super::ListGroupsResponse>("rpc", |source, version| {
        encoded(&super::ListGroupsResponse::random(source, version), version)
    }),
    entry::<super::ListOffsetsRequest>("rpc", |source, version| {
        encoded(&super::ListOffsetsRequest::random(source, version), version)
    }),
    entry::<super::ListOffsetsResponse>("rpc", |source, version| {
        encoded(
            &super::ListOffsetsResponse::random(source, version),
            version,
        )
    }),
    entry::<super::ListPartitionReassignmentsRequest>("rpc", |source, version| {
        encoded(
            &super::ListPartitionReassignmentsRequest::random(source, version),
            version,
        )
    }),
    entry::<super::ListPartitionReassignmentsResponse>("rpc", |source, version| {
        encoded(
            &super::ListPartitionReassignmentsResponse::random(source, version),
            version,
        )
    }),
    entry::<super::ListTransactionsRequest>("rpc", |source, version| {
        encoded(
            &super::ListTransactionsRequest::random(source, version),
            version,
        )
    }),
    entry::<super::ListTransactionsResponse>("rpc", |source, version| {
        encoded(
            &super::ListTransactionsResponse::random(source, version),
            version,
        )
    }),
    entry::<super::MetadataRequest>("rpc", |source, version| {
        encoded(&super::MetadataRequest::random(source, version), version)
    }),
    entry::<super::MetadataResponse>("rpc", |source, version| {
        encoded(&super::MetadataResponse::random(source, version), version)
    }),
    entry::<super::OffsetCommitRequest>("rpc", |source, version| {
        encoded(
            &super::OffsetCommitRequest::random(source, version),
            version,
        )
    }),
    entry::<super::OffsetCommitResponse>("rpc", |source, version| {
        encoded(
            &super::OffsetCommitResponse::random(source, version),
            version,
        )
    }),
    entry::<super::OffsetDeleteRequest>("rpc", |source, version| {
        encoded(
            &super::OffsetDeleteRequest::random(source, version),
            version,
        )
    }),
    entry::<super::OffsetDeleteResponse>("rpc", |source, version| {
        encoded(
            &super::OffsetDeleteResponse::random(source, version),
            version,
        )
    }),
    entry::<super::OffsetFetchRequest>("rpc", |source, version| {
        encoded(&super::OffsetFetchRequest::random(source, version), version)
    }),
    entry::<super::OffsetFetchResponse>("rpc", |source, version| {
        encoded(
            &super::OffsetFetchResponse::random(source, version),
            version,
        )
    }),
    entry::<super::OffsetForLeaderEpochRequest>("rpc", |source, version| {
        encoded(
            &super::OffsetForLeaderEpochRequest::random(source, version),
            version,
        )
    }),
    entry::<super::OffsetForLeaderEpochResponse>("rpc", |source, version| {
        encoded(
            &super::OffsetForLeaderEpochResponse::random(source, version),
            version,
        )
    }),
    entry::<super::ProduceRequest>("rpc", |source, version| {
        encoded(&super::ProduceRequest::random(source, version), version)
    }),
    entry::<super::ProduceResponse>("rpc", |source, version| {
        encoded(&super::ProduceResponse::random(source, version), version)
    }),
    entry::<super::PushTelemetryRequest>("rpc", |source, version| {
        encoded(
            &super::PushTelemetryRequest::random(source, version),
            version,
        )
    }),
    entry::<super::PushTelemetryResponse>("rpc", |source, version| {
        encoded(
            &super::PushTelemetryResponse::random(source, version),
            version,
        )
    }),
    entry::<super::ReadShareGroupStateRequest>("rpc", |source, version| {
        encoded(
            &super::ReadShareGroupStateRequest::random(source, version),
            version,
        )
    }),
    entry::<super::ReadShareGroupStateResponse>("rpc", |source, version| {
        encoded(
            &super::ReadShareGroupStateResponse::random(source, version),
            version,
        )
    }),
    entry::<super::ReadShareGroupStateSummaryRequest>("rpc", |source, version| {
        encoded(
            &super::ReadShareGroupStateSummaryRequest::random(source, version),
            version,
        )
    }),
    entry::<super::ReadShareGroupStateSummaryResponse>("rpc", |source, version| {
        encoded(
            &super::ReadShareGroupStateSummaryResponse::random(source, version),
            version,
        )
    }),
    entry::<super::RemoveRaftVoterRequest>("rpc", |source, version| {
        encoded(
            &super::RemoveRaftVoterRequest::random(source, version),
            version,
        )
    }),
    entry::<super::RemoveRaftVoterResponse>("rpc", |source, version| {
        encoded(
            &super::RemoveRaftVoterResponse::random(source, version),
            version,
        )
    }),
    entry::<super::RenewDelegationTokenRequest>("rpc", |source, version| {
        encoded(
            &super::RenewDelegationTokenRequest::random(source, version),
            version,
        )
    }),
    entry::<super::RenewDelegationTokenResponse>("rpc", |source, version| {
        encoded(
            &super::RenewDelegationTokenResponse::random(source, version),
            version,
        )
    }),
    entry::<super::RequestHeader>("rpc", |source, version| {
        encoded(&super::RequestHeader::random(source, version), version)
    }),
    entry::<super::ResponseHeader>("rpc", |source, version| {
        encoded(&super::ResponseHeader::random(source, version), version)
    }),
    entry::<super::SaslAuthenticateRequest>("rpc", |source, version| {
        encoded(
            &super::SaslAuthenticateRequest::random(source, version),
            version,
        )
    }),
    entry::<super::SaslAuthenticateResponse>("rpc", |source, version| {
        encoded(
            &super::SaslAuthenticateResponse::random(source, version),
            version,
        )
    }),
    entry::<super::SaslHandshakeRequest>("rpc", |source, version| {
        encoded(
            &super::SaslHandshakeRequest::random(source, version),
            version,
        )
    }),
    entry::<super::SaslHandshakeResponse>("rpc", |source, version| {
        encoded(
            &super::SaslHandshakeResponse::random(source, version),
            version,
        )
    }),
    entry::<super::ShareAcknowledgeRequest>("rpc", |source, version| {
        encoded(
            &super::ShareAcknowledgeRequest::random(source, version),
            version,
        )
    }),
    entry::<super::ShareAcknowledgeResponse>("rpc", |source, version| {
        encoded(
            &super::ShareAcknowledgeResponse::random(source, version),
            version,
        )
    }),
    entry::<super::ShareFetchRequest>("rpc", |source, version| {
        encoded(&super::ShareFetchRequest::random(source, version), version)
    }),
    entry::<super::ShareFetchResponse>("rpc", |source, version| {
        encoded(&super::ShareFetchResponse::random(source, version), version)
    }),
    entry::<super::ShareGroupDescribeRequest>("rpc", |source, version| {
        encoded(
            &super::ShareGroupDescribeRequest::random(source, version),
            version,
        )
    }),
    entry::<super::ShareGroupDescribeResponse>("rpc", |source, version| {
        encoded(
            &super::ShareGroupDescribeResponse::random(source, version),
            version,
        )
    }),
    entry::<super::ShareGroupHeartbeatRequest>("rpc", |source, version| {
        encoded(
            &super::ShareGroupHeartbeatRequest::random(source, version),
            version,
        )
    }),
    entry::<super::ShareGroupHeartbeatResponse>("rpc", |source, version| {
        encoded(
            &super::ShareGroupHeartbeatResponse::random(source, version),
            version,
        )
    }),
    entry::<super::SnapshotFooterRecord>("rpc", |source, version| {
        encoded(
            &super::SnapshotFooterRecord::random(source, version),
            version,
        )
    }),
    entry::<super::SnapshotHeaderRecord>("rpc", |source, version| {
        encoded(
            &super::SnapshotHeaderRecord::random(source, version),
            version,
        )
    }),
    entry::<super::StreamsGroupDescribeRequest>("rpc", |source, version| {
        encoded(
            &super::StreamsGroupDescribeRequest::random(source, version),
            version,
        )
    }),
    entry::<super::StreamsGroupDescribeResponse>("rpc", |source, version| {
        encoded(
            &super::StreamsGroupDescribeResponse::random(source, version),
            version,
        )
    }),
    entry::<super::StreamsGroupHeartbeatRequest>("rpc", |source, version| {
        encoded(
            &super::StreamsGroupHeartbeatRequest::random(source, version),
            version,
        )
    }),
    entry::<super::StreamsGroupHeartbeatResponse>("rpc", |source, version| {
        encoded(
            &super::StreamsGroupHeartbeatResponse::random(source, version),
            version,
        )
    }),
    entry::<super::StreamsGroupTopologyDescriptionUpdateRequest>("rpc", |source, version| {
        encoded(
            &super::StreamsGroupTopologyDescriptionUpdateRequest::random(source, version),
            version,
        )
    }),
    entry::<super::StreamsGroupTopologyDescriptionUpdateResponse>("rpc", |source, version| {
        encoded(
            &super::StreamsGroupTopologyDescriptionUpdateResponse::random(source, version),
            version,
        )
    }),
    entry::<super::SyncGroupRequest>("rpc", |source, version| {
        encoded(&super::SyncGroupRequest::random(source, version), version)
    }),
    entry::<super::SyncGroupResponse>("rpc", |source, version| {
        encoded(&super::SyncGroupResponse::random(source, version), version)
    }),
    entry::<super::TxnOffsetCommitRequest>("rpc", |source, version| {
        encoded(
            &super::TxnOffsetCommitRequest::random(source, version),
            version,
        )
    }),
    entry::<super::TxnOffsetCommitResponse>("rpc", |source, version| {
        encoded(
            &super::TxnOffsetCommitResponse::random(source, version),
            version,
        )
    }),
    entry::<super::UnregisterBrokerRequest>("rpc", |source, version| {
        encoded(
            &super::UnregisterBrokerRequest::random(source, version),
            version,
        )
    }),
    entry::<super::UnregisterBrokerResponse>("rpc", |source, version| {
        encoded(
            &super::UnregisterBrokerResponse::random(source, version),
            version,
        )
    }),
    entry::<super::UnregisterControllerRequest>("rpc", |source, version| {
        encoded(
            &super::UnregisterControllerRequest::random(source, version),
            version,
        )
    }),
    entry::<super::UnregisterControllerResponse>("rpc", |source, version| {
        encoded(
            &super::UnregisterControllerResponse::random(source, version),
            version,
        )
    }),
    entry::<super::UpdateFeaturesRequest>("rpc", |source, version| {
        encoded(
            &super::UpdateFeaturesRequest::random(source, version),
            version,
        )
    }),
    entry::<super::UpdateFeaturesResponse>("rpc", |source, version| {
        encoded(
            &super::UpdateFeaturesResponse::random(source, version),
            version,
        )
    }),
    entry::<super::UpdateRaftVoterRequest>("rpc", |source, version| {
        encoded(
            &super::UpdateRaftVoterRequest::random(source, version),
            version,
        )
    }),
    entry::<super::UpdateRaftVoterResponse>("rpc", |source, version| {
        encoded(
            &super::UpdateRaftVoterResponse::random(source, version),
            version,
        )
    }),
    entry::<super::VoteRequest>("rpc", |source, version| {
        encoded(&super::VoteRequest::random(source, version), version)
    }),
    entry::<super::VoteResponse>("rpc", |source, version| {
        encoded(&super::VoteResponse::random(source, version), version)
    }),
    entry::<super::VotersRecord>("rpc", |source, version| {
        encoded(&super::VotersRecord::random(source, version), version)
    }),
    entry::<super::WriteShareGroupStateRequest>("rpc", |source, version| {
        encoded(
            &super::WriteShareGroupStateRequest::random(source, version),
            version,
        )
    }),
    entry::<super::WriteShareGroupStateResponse>("rpc", |source, version| {
        encoded(
            &super::WriteShareGroupStateResponse::random(source, version),
            version,
        )
    }),
    entry::<super::WriteTxnMarkersRequest>("rpc", |source, version| {
        encoded(
            &super::WriteTxnMarkersRequest::random(source, version),
            version,
        )
    }),
    entry::<super::WriteTxnMarkersResponse>("rpc", |source, version| {
        encoded(
            &super::WriteTxnMarkersResponse::random(source, version),
            version,
        )
    }),
    entry::<super::ShareSnapshotKey>("share", |source, version| {
        encoded(&super::ShareSnapshotKey::random(source, version), version)
    }),
    entry::<super::ShareSnapshotValue>("share", |source, version| {
        encoded(&super::ShareSnapshotValue::random(source, version), version)
    }),
    entry::<super::ShareUpdateKey>("share", |source, version| {
        encoded(&super::ShareUpdateKey::random(source, version), version)
    }),
    entry::<super::ShareUpdateValue>("share", |source, version| {
        encoded(&super::ShareUpdateValue::random(source, version), version)
    }),
    entry::<super::ProducerSnapshot>("storage", |source, version| {
        encoded(&super::ProducerSnapshot::random(source, version), version)
    }),
    entry::<super::RemoteLogSegmentMetadataRecord>("storage", |source, version| {
        encoded(
            &super::RemoteLogSegmentMetadataRecord::random(source, version),
            version,
        )
    }),
    entry::<super::RemoteLogSegmentMetadataSnapshotRecord>("storage", |source, version| {
        encoded(
            &super::RemoteLogSegmentMetadataSnapshotRecord::random(source, version),
            version,
        )
    }),
    entry::<super::RemoteLogSegmentMetadataUpdateRecord>("storage", |source, version| {
        encoded(
            &super::RemoteLogSegmentMetadataUpdateRecord::random(source, version),
            version,
        )
    }),
    entry::<super::RemotePartitionDeleteMetadataRecord>("storage", |source, version| {
        encoded(
            &super::RemotePartitionDeleteMetadataRecord::random(source, version),
            version,
        )
    }),
    entry::<super::TransactionLogKey>("transaction", |source, version| {
        encoded(&super::TransactionLogKey::random(source, version), version)
    }),
    entry::<super::TransactionLogValue>("transaction", |source, version| {
        encoded(
            &super::TransactionLogValue::random(source, version),
            version,
        )
    }),
];

/// Every answer, for the test of the walk over its codes.
#[cfg(test)]
pub(crate) static ANSWERS: &[fn(&mut crate::random::Random) -> crate::answer::Walked] = &[
    |source| crate::answer::walked(super::AddOffsetsToTxnResponse::random, source),
    |source| crate::answer::walked(super::AddPartitionsToTxnResponse::random, source),
    |source| crate::answer::walked(super::AddRaftVoterResponse::random, source),
    |source| crate::answer::walked(super::AllocateProducerIdsResponse::random, source),
    |source| crate::answer::walked(super::AlterClientQuotasResponse::random, source),
    |source| crate::answer::walked(super::AlterConfigsResponse::random, source),
    |source| crate::answer::walked(super::AlterPartitionReassignmentsResponse::random, source),
    |source| crate::answer::walked(super::AlterPartitionResponse::random, source),
    |source| crate::answer::walked(super::AlterReplicaLogDirsResponse::random, source),
    |source| crate::answer::walked(super::AlterShareGroupOffsetsResponse::random, source),
    |source| crate::answer::walked(super::AlterUserScramCredentialsResponse::random, source),
    |source| crate::answer::walked(super::ApiVersionsResponse::random, source),
    |source| crate::answer::walked(super::AssignReplicasToDirsResponse::random, source),
    |source| crate::answer::walked(super::BeginQuorumEpochResponse::random, source),
    |source| crate::answer::walked(super::BrokerHeartbeatResponse::random, source),
    |source| crate::answer::walked(super::BrokerRegistrationResponse::random, source),
    |source| crate::answer::walked(super::ConsumerGroupDescribeResponse::random, source),
    |source| crate::answer::walked(super::ConsumerGroupHeartbeatResponse::random, source),
    |source| crate::answer::walked(super::ControllerRegistrationResponse::random, source),
    |source| crate::answer::walked(super::CreateAclsResponse::random, source),
    |source| crate::answer::walked(super::CreateDelegationTokenResponse::random, source),
    |source| crate::answer::walked(super::CreatePartitionsResponse::random, source),
    |source| crate::answer::walked(super::CreateTopicsResponse::random, source),
    |source| crate::answer::walked(super::DeleteAclsResponse::random, source),
    |source| crate::answer::walked(super::DeleteGroupsResponse::random, source),
    |source| crate::answer::walked(super::DeleteRecordsResponse::random, source),
    |source| crate::answer::walked(super::DeleteShareGroupOffsetsResponse::random, source),
    |source| crate::answer::walked(super::DeleteShareGroupStateResponse::random, source),
    |source| crate::answer::walked(super::DeleteTopicsResponse::random, source),
    |source| crate::answer::walked(super::DescribeAclsResponse::random, source),
    |source| crate::answer::walked(super::DescribeClientQuotasResponse::random, source),
    |source| crate::answer::walked(super::DescribeClusterResponse::random, source),
    |source| crate::answer::walked(super::DescribeConfigsResponse::random, source),
    |source| crate::answer::walked(super::DescribeDelegationTokenResponse::random, source),
    |source| crate::answer::walked(super::DescribeGroupsResponse::random, source),
    |source| crate::answer::walked(super::DescribeLogDirsResponse::random, source),
    |source| crate::answer::walked(super::DescribeProducersResponse::random, source),
    |source| crate::answer::walked(super::DescribeQuorumResponse::random, source),
    |source| crate::answer::walked(super::DescribeShareGroupOffsetsResponse::random, source),
    |source| crate::answer::walked(super::DescribeTopicPartitionsResponse::random, source),
    |source| crate::answer::walked(super::DescribeTransactionsResponse::random, source),
    |source| crate::answer::walked(super::DescribeUserScramCredentialsResponse::random, source),
    |source| crate::answer::walked(super::ElectLeadersResponse::random, source),
    |source| crate::answer::walked(super::EndQuorumEpochResponse::random, source),
    |source| crate::answer::walked(super::EndTxnResponse::random, source),
    |source| crate::answer::walked(super::EnvelopeResponse::random, source),
    |source| crate::answer::walked(super::ExpireDelegationTokenResponse::random, source),
    |source| crate::answer::walked(super::FetchResponse::random, source),
    |source| crate::answer::walked(super::FetchSnapshotResponse::random, source),
    |source| crate::answer::walked(super::FindCoordinatorResponse::random, source),
    |source| crate::answer::walked(super::GetTelemetrySubscriptionsResponse::random, source),
    |source| crate::answer::walked(super::HeartbeatResponse::random, source),
    |source| crate::answer::walked(super::IncrementalAlterConfigsResponse::random, source),
    |source| crate::answer::walked(super::InitProducerIdResponse::random, source),
    |source| crate::answer::walked(super::InitializeShareGroupStateResponse::random, source),
    |source| crate::answer::walked(super::JoinGroupResponse::random, source),
    |source| crate::answer::walked(super::LeaveGroupResponse::random, source),
    |source| crate::answer::walked(super::ListConfigResourcesResponse::random, source),
    |source| crate::answer::walked(super::ListGroupsResponse::random, source),
    |source| crate::answer::walked(super::ListOffsetsResponse::random, source),
    |source| crate::answer::walked(super::ListPartitionReassignmentsResponse::random, source),
    |source| crate::answer::walked(super::ListTransactionsResponse::random, source),
    |source| crate::answer::walked(super::MetadataResponse::random, source),
    |source| crate::answer::walked(super::OffsetCommitResponse::random, source),
    |source| crate::answer::walked(super::OffsetDeleteResponse::random, source),
    |source| crate::answer::walked(super::OffsetFetchResponse::random, source),
    |source| crate::answer::walked(super::OffsetForLeaderEpochResponse::random, source),
    |source| crate::answer::walked(super::ProduceResponse::random, source),
    |source| crate::answer::walked(super::PushTelemetryResponse::random, source),
    |source| crate::answer::walked(super::ReadShareGroupStateResponse::random, source),
    |source| crate::answer::walked(super::ReadShareGroupStateSummaryResponse::random, source),
    |source| crate::answer::walked(super::RemoveRaftVoterResponse::random, source),
    |source| crate::answer::walked(super::RenewDelegationTokenResponse::random, source),
    |source| crate::answer::walked(super::SaslAuthenticateResponse::random, source),
    |source| crate::answer::walked(super::SaslHandshakeResponse::random, source),
    |source| crate::answer::walked(super::ShareAcknowledgeResponse::random, source),
    |source| crate::answer::walked(super::ShareFetchResponse::random, source),
    |source| crate::answer::walked(super::ShareGroupDescribeResponse::random, source),
    |source| crate::answer::walked(super::ShareGroupHeartbeatResponse::random, source),
    |source| crate::answer::walked(super::StreamsGroupDescribeResponse::random, source),
    |source| crate::answer::walked(super::StreamsGroupHeartbeatResponse::random, source),
    |source| {
        crate::answer::walked(
            super::StreamsGroupTopologyDescriptionUpdateResponse::random,
            source,
        )
    },
    |source| crate::answer::walked(super::SyncGroupResponse::random, source),
    |source| crate::answer::walked(super::TxnOffsetCommitResponse::random, source),
    |source| crate::answer::walked(super::UnregisterBrokerResponse::random, source),
    |source| crate::answer::walked(super::UnregisterControllerResponse::random, source),
    |source| crate::answer::walked(super::UpdateFeaturesResponse::random, source),
    |source| crate::answer::walked(super::UpdateRaftVoterResponse::random, source),
    |source| crate::answer::walked(super::VoteResponse::random, source),
    |source| crate::answer::walked(super::WriteShareGroupStateResponse::random, source),
    |source| crate::answer::walked(super::WriteTxnMarkersResponse::random, source),
];
