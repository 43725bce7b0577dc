//! The definitions that `ottla log dump` decodes records by: those that the wire's messages are generated from.

macro_rules! schema {
    ($path:literal) => {
        include_str!(concat!("../../../wire/schemas/", $path, ".txt"))
    };
}

/// Records of `__cluster_metadata`.
pub(super) const METADATA: &[&str] = &[
    schema!("metadata/AbortTransactionRecord"),
    schema!("metadata/AccessControlEntryRecord"),
    schema!("metadata/BeginTransactionRecord"),
    schema!("metadata/BrokerRegistrationChangeRecord"),
    schema!("metadata/ClearElrRecord"),
    schema!("metadata/ClientQuotaRecord"),
    schema!("metadata/ConfigRecord"),
    schema!("metadata/DelegationTokenRecord"),
    schema!("metadata/EndTransactionRecord"),
    schema!("metadata/FeatureLevelRecord"),
    schema!("metadata/FenceBrokerRecord"),
    schema!("metadata/NoOpRecord"),
    schema!("metadata/PartitionChangeRecord"),
    schema!("metadata/PartitionRecord"),
    schema!("metadata/ProducerIdsRecord"),
    schema!("metadata/RegisterBrokerRecord"),
    schema!("metadata/RegisterControllerRecord"),
    schema!("metadata/RemoveAccessControlEntryRecord"),
    schema!("metadata/RemoveDelegationTokenRecord"),
    schema!("metadata/RemoveTopicRecord"),
    schema!("metadata/RemoveUserScramCredentialRecord"),
    schema!("metadata/TopicRecord"),
    schema!("metadata/UnfenceBrokerRecord"),
    schema!("metadata/UnregisterBrokerRecord"),
    schema!("metadata/UnregisterControllerRecord"),
    schema!("metadata/UserScramCredentialRecord"),
    schema!("metadata/ZkMigrationStateRecord"),
];

/// Keys and values of `__consumer_offsets`.
pub(super) const GROUP: &[&str] = &[
    schema!("group/ConsumerGroupCurrentMemberAssignmentKey"),
    schema!("group/ConsumerGroupCurrentMemberAssignmentValue"),
    schema!("group/ConsumerGroupMemberMetadataKey"),
    schema!("group/ConsumerGroupMemberMetadataValue"),
    schema!("group/ConsumerGroupMetadataKey"),
    schema!("group/ConsumerGroupMetadataValue"),
    schema!("group/ConsumerGroupPartitionMetadataKey"),
    schema!("group/ConsumerGroupPartitionMetadataValue"),
    schema!("group/ConsumerGroupRegularExpressionKey"),
    schema!("group/ConsumerGroupRegularExpressionValue"),
    schema!("group/ConsumerGroupTargetAssignmentMemberKey"),
    schema!("group/ConsumerGroupTargetAssignmentMemberValue"),
    schema!("group/ConsumerGroupTargetAssignmentMetadataKey"),
    schema!("group/ConsumerGroupTargetAssignmentMetadataValue"),
    schema!("group/GroupMetadataKey"),
    schema!("group/GroupMetadataValue"),
    schema!("group/LegacyOffsetCommitKey"),
    schema!("group/LegacyOffsetCommitValue"),
    schema!("group/OffsetCommitKey"),
    schema!("group/OffsetCommitValue"),
    schema!("group/ShareGroupCurrentMemberAssignmentKey"),
    schema!("group/ShareGroupCurrentMemberAssignmentValue"),
    schema!("group/ShareGroupMemberMetadataKey"),
    schema!("group/ShareGroupMemberMetadataValue"),
    schema!("group/ShareGroupMetadataKey"),
    schema!("group/ShareGroupMetadataValue"),
    schema!("group/ShareGroupStatePartitionMetadataKey"),
    schema!("group/ShareGroupStatePartitionMetadataValue"),
    schema!("group/ShareGroupTargetAssignmentMemberKey"),
    schema!("group/ShareGroupTargetAssignmentMemberValue"),
    schema!("group/ShareGroupTargetAssignmentMetadataKey"),
    schema!("group/ShareGroupTargetAssignmentMetadataValue"),
    schema!("group/StreamsGroupCurrentMemberAssignmentKey"),
    schema!("group/StreamsGroupCurrentMemberAssignmentValue"),
    schema!("group/StreamsGroupMemberMetadataKey"),
    schema!("group/StreamsGroupMemberMetadataValue"),
    schema!("group/StreamsGroupMetadataKey"),
    schema!("group/StreamsGroupMetadataValue"),
    schema!("group/StreamsGroupTargetAssignmentMemberKey"),
    schema!("group/StreamsGroupTargetAssignmentMemberValue"),
    schema!("group/StreamsGroupTargetAssignmentMetadataKey"),
    schema!("group/StreamsGroupTargetAssignmentMetadataValue"),
    schema!("group/StreamsGroupTopologyKey"),
    schema!("group/StreamsGroupTopologyValue"),
];

/// Keys and values of `__transaction_state`.
pub(super) const TRANSACTION: &[&str] = &[
    schema!("transaction/TransactionLogKey"),
    schema!("transaction/TransactionLogValue"),
];

/// Keys and values of `__share_group_state`.
pub(super) const SHARE: &[&str] = &[
    schema!("share/ShareSnapshotKey"),
    schema!("share/ShareSnapshotValue"),
    schema!("share/ShareUpdateKey"),
    schema!("share/ShareUpdateValue"),
];

/// Values of control records.
pub(super) const CONTROL: &[&str] = &[
    schema!("rpc/KRaftVersionRecord"),
    schema!("rpc/LeaderChangeMessage"),
    schema!("rpc/SnapshotFooterRecord"),
    schema!("rpc/SnapshotHeaderRecord"),
    schema!("rpc/VotersRecord"),
];

/// What the members of a classic group of consumers are given, and what they ask for.
pub(super) const CONSUMER_PROTOCOL: [&str; 2] = [
    schema!("rpc/ConsumerProtocolAssignment"),
    schema!("rpc/ConsumerProtocolSubscription"),
];
