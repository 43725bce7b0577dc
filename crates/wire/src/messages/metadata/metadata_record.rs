//! Any record of the metadata log. Written by `cargo xtask codegen`: do not edit.

use bytes::Bytes;

use super::{
    AbortTransactionRecord, AccessControlEntryRecord, BeginTransactionRecord,
    BrokerRegistrationChangeRecord, ClearElrRecord, ClientQuotaRecord, ConfigRecord,
    DelegationTokenRecord, EndTransactionRecord, FeatureLevelRecord, FenceBrokerRecord, NoOpRecord,
    PartitionChangeRecord, PartitionRecord, ProducerIdsRecord, RegisterBrokerRecord,
    RegisterControllerRecord, RemoveAccessControlEntryRecord, RemoveDelegationTokenRecord,
    RemoveTopicRecord, RemoveUserScramCredentialRecord, TopicRecord, UnfenceBrokerRecord,
    UnregisterBrokerRecord, UnregisterControllerRecord, UserScramCredentialRecord,
    ZkMigrationStateRecord,
};
use crate::codec::{Malformed, Message, Reader, Unencodable, Writer};

/// Frames say this version.
const FRAME: u32 = 1;

/// A record of `__cluster_metadata`.
#[derive(Clone, PartialEq, Debug)]
pub enum MetadataRecord {
    /// Type 0.
    RegisterBroker(RegisterBrokerRecord),
    /// Type 1.
    UnregisterBroker(UnregisterBrokerRecord),
    /// Type 2.
    Topic(TopicRecord),
    /// Type 3.
    Partition(PartitionRecord),
    /// Type 4.
    Config(ConfigRecord),
    /// Type 5.
    PartitionChange(PartitionChangeRecord),
    /// Type 7.
    FenceBroker(FenceBrokerRecord),
    /// Type 8.
    UnfenceBroker(UnfenceBrokerRecord),
    /// Type 9.
    RemoveTopic(RemoveTopicRecord),
    /// Type 10.
    DelegationToken(DelegationTokenRecord),
    /// Type 11.
    UserScramCredential(UserScramCredentialRecord),
    /// Type 12.
    FeatureLevel(FeatureLevelRecord),
    /// Type 14.
    ClientQuota(ClientQuotaRecord),
    /// Type 15.
    ProducerIds(ProducerIdsRecord),
    /// Type 17.
    BrokerRegistrationChange(BrokerRegistrationChangeRecord),
    /// Type 18.
    AccessControlEntry(AccessControlEntryRecord),
    /// Type 19.
    RemoveAccessControlEntry(RemoveAccessControlEntryRecord),
    /// Type 20.
    NoOp(NoOpRecord),
    /// Type 21.
    ZkMigrationState(ZkMigrationStateRecord),
    /// Type 22.
    RemoveUserScramCredential(RemoveUserScramCredentialRecord),
    /// Type 23.
    BeginTransaction(BeginTransactionRecord),
    /// Type 24.
    EndTransaction(EndTransactionRecord),
    /// Type 25.
    AbortTransaction(AbortTransactionRecord),
    /// Type 26.
    RemoveDelegationToken(RemoveDelegationTokenRecord),
    /// Type 27.
    RegisterController(RegisterControllerRecord),
    /// Type 28.
    ClearElr(ClearElrRecord),
    /// Type 29.
    UnregisterController(UnregisterControllerRecord),
}

impl MetadataRecord {
    /// The record's type.
    pub fn key(&self) -> i16 {
        match self {
            Self::RegisterBroker(_) => RegisterBrokerRecord::KEY,
            Self::UnregisterBroker(_) => UnregisterBrokerRecord::KEY,
            Self::Topic(_) => TopicRecord::KEY,
            Self::Partition(_) => PartitionRecord::KEY,
            Self::Config(_) => ConfigRecord::KEY,
            Self::PartitionChange(_) => PartitionChangeRecord::KEY,
            Self::FenceBroker(_) => FenceBrokerRecord::KEY,
            Self::UnfenceBroker(_) => UnfenceBrokerRecord::KEY,
            Self::RemoveTopic(_) => RemoveTopicRecord::KEY,
            Self::DelegationToken(_) => DelegationTokenRecord::KEY,
            Self::UserScramCredential(_) => UserScramCredentialRecord::KEY,
            Self::FeatureLevel(_) => FeatureLevelRecord::KEY,
            Self::ClientQuota(_) => ClientQuotaRecord::KEY,
            Self::ProducerIds(_) => ProducerIdsRecord::KEY,
            Self::BrokerRegistrationChange(_) => BrokerRegistrationChangeRecord::KEY,
            Self::AccessControlEntry(_) => AccessControlEntryRecord::KEY,
            Self::RemoveAccessControlEntry(_) => RemoveAccessControlEntryRecord::KEY,
            Self::NoOp(_) => NoOpRecord::KEY,
            Self::ZkMigrationState(_) => ZkMigrationStateRecord::KEY,
            Self::RemoveUserScramCredential(_) => RemoveUserScramCredentialRecord::KEY,
            Self::BeginTransaction(_) => BeginTransactionRecord::KEY,
            Self::EndTransaction(_) => EndTransactionRecord::KEY,
            Self::AbortTransaction(_) => AbortTransactionRecord::KEY,
            Self::RemoveDelegationToken(_) => RemoveDelegationTokenRecord::KEY,
            Self::RegisterController(_) => RegisterControllerRecord::KEY,
            Self::ClearElr(_) => ClearElrRecord::KEY,
            Self::UnregisterController(_) => UnregisterControllerRecord::KEY,
        }
    }

    /// Kafka's name of the type, e.g. `TOPIC_RECORD`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::RegisterBroker(_) => "REGISTER_BROKER_RECORD",
            Self::UnregisterBroker(_) => "UNREGISTER_BROKER_RECORD",
            Self::Topic(_) => "TOPIC_RECORD",
            Self::Partition(_) => "PARTITION_RECORD",
            Self::Config(_) => "CONFIG_RECORD",
            Self::PartitionChange(_) => "PARTITION_CHANGE_RECORD",
            Self::FenceBroker(_) => "FENCE_BROKER_RECORD",
            Self::UnfenceBroker(_) => "UNFENCE_BROKER_RECORD",
            Self::RemoveTopic(_) => "REMOVE_TOPIC_RECORD",
            Self::DelegationToken(_) => "DELEGATION_TOKEN_RECORD",
            Self::UserScramCredential(_) => "USER_SCRAM_CREDENTIAL_RECORD",
            Self::FeatureLevel(_) => "FEATURE_LEVEL_RECORD",
            Self::ClientQuota(_) => "CLIENT_QUOTA_RECORD",
            Self::ProducerIds(_) => "PRODUCER_IDS_RECORD",
            Self::BrokerRegistrationChange(_) => "BROKER_REGISTRATION_CHANGE_RECORD",
            Self::AccessControlEntry(_) => "ACCESS_CONTROL_ENTRY_RECORD",
            Self::RemoveAccessControlEntry(_) => "REMOVE_ACCESS_CONTROL_ENTRY_RECORD",
            Self::NoOp(_) => "NO_OP_RECORD",
            Self::ZkMigrationState(_) => "ZK_MIGRATION_STATE_RECORD",
            Self::RemoveUserScramCredential(_) => "REMOVE_USER_SCRAM_CREDENTIAL_RECORD",
            Self::BeginTransaction(_) => "BEGIN_TRANSACTION_RECORD",
            Self::EndTransaction(_) => "END_TRANSACTION_RECORD",
            Self::AbortTransaction(_) => "ABORT_TRANSACTION_RECORD",
            Self::RemoveDelegationToken(_) => "REMOVE_DELEGATION_TOKEN_RECORD",
            Self::RegisterController(_) => "REGISTER_CONTROLLER_RECORD",
            Self::ClearElr(_) => "CLEAR_ELR_RECORD",
            Self::UnregisterController(_) => "UNREGISTER_CONTROLLER_RECORD",
        }
    }

    /// The newest version of a type; `None` if there is no such type.
    pub fn max_version(key: i16) -> Option<i16> {
        match key {
            0 => Some(4),
            1 => Some(0),
            2 => Some(0),
            3 => Some(2),
            4 => Some(0),
            5 => Some(2),
            7 => Some(0),
            8 => Some(0),
            9 => Some(0),
            10 => Some(0),
            11 => Some(0),
            12 => Some(0),
            14 => Some(0),
            15 => Some(0),
            17 => Some(3),
            18 => Some(0),
            19 => Some(0),
            20 => Some(0),
            21 => Some(0),
            22 => Some(0),
            23 => Some(0),
            24 => Some(0),
            25 => Some(0),
            26 => Some(0),
            27 => Some(0),
            28 => Some(0),
            29 => Some(0),
            _ => None,
        }
    }

    /// Reads a framed record and the version that it was written in. Nothing may follow it.
    pub fn decode(value: Bytes) -> Result<(Self, i16), Malformed> {
        let mut from = Reader::new(value);
        if from.uvarint()? != FRAME {
            return Err(from.malformed("metadata record frame"));
        }
        let key =
            i16::try_from(from.uvarint()?).map_err(|_| from.malformed("metadata record type"))?;
        let version = i16::try_from(from.uvarint()?)
            .map_err(|_| from.malformed("metadata record version"))?;
        let record = match key {
            0 if (0..=4).contains(&version) => {
                Self::RegisterBroker(RegisterBrokerRecord::read(&mut from, version)?)
            }
            1 if (0..=0).contains(&version) => {
                Self::UnregisterBroker(UnregisterBrokerRecord::read(&mut from, version)?)
            }
            2 if (0..=0).contains(&version) => Self::Topic(TopicRecord::read(&mut from, version)?),
            3 if (0..=2).contains(&version) => {
                Self::Partition(PartitionRecord::read(&mut from, version)?)
            }
            4 if (0..=0).contains(&version) => {
                Self::Config(ConfigRecord::read(&mut from, version)?)
            }
            5 if (0..=2).contains(&version) => {
                Self::PartitionChange(PartitionChangeRecord::read(&mut from, version)?)
            }
            7 if (0..=0).contains(&version) => {
                Self::FenceBroker(FenceBrokerRecord::read(&mut from, version)?)
            }
            8 if (0..=0).contains(&version) => {
                Self::UnfenceBroker(UnfenceBrokerRecord::read(&mut from, version)?)
            }
            9 if (0..=0).contains(&version) => {
                Self::RemoveTopic(RemoveTopicRecord::read(&mut from, version)?)
            }
            10 if (0..=0).contains(&version) => {
                Self::DelegationToken(DelegationTokenRecord::read(&mut from, version)?)
            }
            11 if (0..=0).contains(&version) => {
                Self::UserScramCredential(UserScramCredentialRecord::read(&mut from, version)?)
            }
            12 if (0..=0).contains(&version) => {
                Self::FeatureLevel(FeatureLevelRecord::read(&mut from, version)?)
            }
            14 if (0..=0).contains(&version) => {
                Self::ClientQuota(ClientQuotaRecord::read(&mut from, version)?)
            }
            15 if (0..=0).contains(&version) => {
                Self::ProducerIds(ProducerIdsRecord::read(&mut from, version)?)
            }
            17 if (0..=3).contains(&version) => Self::BrokerRegistrationChange(
                BrokerRegistrationChangeRecord::read(&mut from, version)?,
            ),
            18 if (0..=0).contains(&version) => {
                Self::AccessControlEntry(AccessControlEntryRecord::read(&mut from, version)?)
            }
            19 if (0..=0).contains(&version) => Self::RemoveAccessControlEntry(
                RemoveAccessControlEntryRecord::read(&mut from, version)?,
            ),
            20 if (0..=0).contains(&version) => Self::NoOp(NoOpRecord::read(&mut from, version)?),
            21 if (0..=0).contains(&version) => {
                Self::ZkMigrationState(ZkMigrationStateRecord::read(&mut from, version)?)
            }
            22 if (0..=0).contains(&version) => Self::RemoveUserScramCredential(
                RemoveUserScramCredentialRecord::read(&mut from, version)?,
            ),
            23 if (0..=0).contains(&version) => {
                Self::BeginTransaction(BeginTransactionRecord::read(&mut from, version)?)
            }
            24 if (0..=0).contains(&version) => {
                Self::EndTransaction(EndTransactionRecord::read(&mut from, version)?)
            }
            25 if (0..=0).contains(&version) => {
                Self::AbortTransaction(AbortTransactionRecord::read(&mut from, version)?)
            }
            26 if (0..=0).contains(&version) => {
                Self::RemoveDelegationToken(RemoveDelegationTokenRecord::read(&mut from, version)?)
            }
            27 if (0..=0).contains(&version) => {
                Self::RegisterController(RegisterControllerRecord::read(&mut from, version)?)
            }
            28 if (0..=0).contains(&version) => {
                Self::ClearElr(ClearElrRecord::read(&mut from, version)?)
            }
            29 if (0..=0).contains(&version) => {
                Self::UnregisterController(UnregisterControllerRecord::read(&mut from, version)?)
            }
            _ if Self::max_version(key).is_some() => {
                return Err(from.malformed("metadata record version"));
            }
            _ => return Err(from.malformed("metadata record type")),
        };
        if from.remaining() != 0 {
            return Err(from.malformed("metadata record: bytes after its end"));
        }
        Ok((record, version))
    }

    /// Writes a framed record.
    pub fn encode(&self, version: i16) -> Result<Bytes, Unencodable> {
        let mut to = Writer::default();
        to.uvarint(FRAME);
        to.uvarint(self.key() as u32);
        to.uvarint(u32::from(version.unsigned_abs()));
        match self {
            Self::RegisterBroker(record) => put(record, &mut to, version)?,
            Self::UnregisterBroker(record) => put(record, &mut to, version)?,
            Self::Topic(record) => put(record, &mut to, version)?,
            Self::Partition(record) => put(record, &mut to, version)?,
            Self::Config(record) => put(record, &mut to, version)?,
            Self::PartitionChange(record) => put(record, &mut to, version)?,
            Self::FenceBroker(record) => put(record, &mut to, version)?,
            Self::UnfenceBroker(record) => put(record, &mut to, version)?,
            Self::RemoveTopic(record) => put(record, &mut to, version)?,
            Self::DelegationToken(record) => put(record, &mut to, version)?,
            Self::UserScramCredential(record) => put(record, &mut to, version)?,
            Self::FeatureLevel(record) => put(record, &mut to, version)?,
            Self::ClientQuota(record) => put(record, &mut to, version)?,
            Self::ProducerIds(record) => put(record, &mut to, version)?,
            Self::BrokerRegistrationChange(record) => put(record, &mut to, version)?,
            Self::AccessControlEntry(record) => put(record, &mut to, version)?,
            Self::RemoveAccessControlEntry(record) => put(record, &mut to, version)?,
            Self::NoOp(record) => put(record, &mut to, version)?,
            Self::ZkMigrationState(record) => put(record, &mut to, version)?,
            Self::RemoveUserScramCredential(record) => put(record, &mut to, version)?,
            Self::BeginTransaction(record) => put(record, &mut to, version)?,
            Self::EndTransaction(record) => put(record, &mut to, version)?,
            Self::AbortTransaction(record) => put(record, &mut to, version)?,
            Self::RemoveDelegationToken(record) => put(record, &mut to, version)?,
            Self::RegisterController(record) => put(record, &mut to, version)?,
            Self::ClearElr(record) => put(record, &mut to, version)?,
            Self::UnregisterController(record) => put(record, &mut to, version)?,
        }
        to.finish().into_bytes().ok_or(Unencodable {
            message: "MetadataRecord",
            field: "records",
        })
    }
}

fn put<T: Message>(record: &T, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
    if !T::VERSIONS.contains(&version) {
        return Err(Unencodable {
            message: T::NAME,
            field: "version",
        });
    }
    record.write(to, version)
}

impl From<RegisterBrokerRecord> for MetadataRecord {
    fn from(record: RegisterBrokerRecord) -> Self {
        Self::RegisterBroker(record)
    }
}

impl From<UnregisterBrokerRecord> for MetadataRecord {
    fn from(record: UnregisterBrokerRecord) -> Self {
        Self::UnregisterBroker(record)
    }
}

impl From<TopicRecord> for MetadataRecord {
    fn from(record: TopicRecord) -> Self {
        Self::Topic(record)
    }
}

impl From<PartitionRecord> for MetadataRecord {
    fn from(record: PartitionRecord) -> Self {
        Self::Partition(record)
    }
}

impl From<ConfigRecord> for MetadataRecord {
    fn from(record: ConfigRecord) -> Self {
        Self::Config(record)
    }
}

impl From<PartitionChangeRecord> for MetadataRecord {
    fn from(record: PartitionChangeRecord) -> Self {
        Self::PartitionChange(record)
    }
}

impl From<FenceBrokerRecord> for MetadataRecord {
    fn from(record: FenceBrokerRecord) -> Self {
        Self::FenceBroker(record)
    }
}

impl From<UnfenceBrokerRecord> for MetadataRecord {
    fn from(record: UnfenceBrokerRecord) -> Self {
        Self::UnfenceBroker(record)
    }
}

impl From<RemoveTopicRecord> for MetadataRecord {
    fn from(record: RemoveTopicRecord) -> Self {
        Self::RemoveTopic(record)
    }
}

impl From<DelegationTokenRecord> for MetadataRecord {
    fn from(record: DelegationTokenRecord) -> Self {
        Self::DelegationToken(record)
    }
}

impl From<UserScramCredentialRecord> for MetadataRecord {
    fn from(record: UserScramCredentialRecord) -> Self {
        Self::UserScramCredential(record)
    }
}

impl From<FeatureLevelRecord> for MetadataRecord {
    fn from(record: FeatureLevelRecord) -> Self {
        Self::FeatureLevel(record)
    }
}

impl From<ClientQuotaRecord> for MetadataRecord {
    fn from(record: ClientQuotaRecord) -> Self {
        Self::ClientQuota(record)
    }
}

impl From<ProducerIdsRecord> for MetadataRecord {
    fn from(record: ProducerIdsRecord) -> Self {
        Self::ProducerIds(record)
    }
}

impl From<BrokerRegistrationChangeRecord> for MetadataRecord {
    fn from(record: BrokerRegistrationChangeRecord) -> Self {
        Self::BrokerRegistrationChange(record)
    }
}

impl From<AccessControlEntryRecord> for MetadataRecord {
    fn from(record: AccessControlEntryRecord) -> Self {
        Self::AccessControlEntry(record)
    }
}

impl From<RemoveAccessControlEntryRecord> for MetadataRecord {
    fn from(record: RemoveAccessControlEntryRecord) -> Self {
        Self::RemoveAccessControlEntry(record)
    }
}

impl From<NoOpRecord> for MetadataRecord {
    fn from(record: NoOpRecord) -> Self {
        Self::NoOp(record)
    }
}

impl From<ZkMigrationStateRecord> for MetadataRecord {
    fn from(record: ZkMigrationStateRecord) -> Self {
        Self::ZkMigrationState(record)
    }
}

impl From<RemoveUserScramCredentialRecord> for MetadataRecord {
    fn from(record: RemoveUserScramCredentialRecord) -> Self {
        Self::RemoveUserScramCredential(record)
    }
}

impl From<BeginTransactionRecord> for MetadataRecord {
    fn from(record: BeginTransactionRecord) -> Self {
        Self::BeginTransaction(record)
    }
}

impl From<EndTransactionRecord> for MetadataRecord {
    fn from(record: EndTransactionRecord) -> Self {
        Self::EndTransaction(record)
    }
}

impl From<AbortTransactionRecord> for MetadataRecord {
    fn from(record: AbortTransactionRecord) -> Self {
        Self::AbortTransaction(record)
    }
}

impl From<RemoveDelegationTokenRecord> for MetadataRecord {
    fn from(record: RemoveDelegationTokenRecord) -> Self {
        Self::RemoveDelegationToken(record)
    }
}

impl From<RegisterControllerRecord> for MetadataRecord {
    fn from(record: RegisterControllerRecord) -> Self {
        Self::RegisterController(record)
    }
}

impl From<ClearElrRecord> for MetadataRecord {
    fn from(record: ClearElrRecord) -> Self {
        Self::ClearElr(record)
    }
}

impl From<UnregisterControllerRecord> for MetadataRecord {
    fn from(record: UnregisterControllerRecord) -> Self {
        Self::UnregisterController(record)
    }
}
