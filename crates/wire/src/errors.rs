//! Every error code of the protocol, in one table.
//!
//! A row says all that is to be known of a code: the broker picks one, clients ask it what to do next, the REST
//! API asks it for a status, and the documentation is made from it.

use std::{borrow::Cow, fmt};

/// An error code as it travels: any number, known or not.
///
/// Not an enum, so that a code of a newer broker survives.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Code(pub i16);

/// What a caller should do about a code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// Nothing.
    Ok,
    /// Back off, and send the same to the same node.
    Retry,
    /// Look up again who leads, coordinates or controls, then retry.
    Refresh,
    /// Start over: join anew, get a new epoch, register again. What the caller was is over.
    Rejoin,
    /// Stop: another of the same identity has taken over.
    Fenced,
    /// Get the right, or other credentials.
    Denied,
    /// Ask for something else: this stays wrong.
    Invalid,
    /// Look at the broker: it failed.
    Server,
}

impl Class {
    /// All classes.
    pub const ALL: [Self; 8] = [
        Self::Ok,
        Self::Retry,
        Self::Refresh,
        Self::Rejoin,
        Self::Fenced,
        Self::Denied,
        Self::Invalid,
        Self::Server,
    ];

    /// Its name in lower case, e.g. `retry`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Retry => "retry",
            Self::Refresh => "refresh",
            Self::Rejoin => "rejoin",
            Self::Fenced => "fenced",
            Self::Denied => "denied",
            Self::Invalid => "invalid",
            Self::Server => "server",
        }
    }

    /// What a caller should do, in a phrase.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Ok => "go on",
            Self::Retry => "back off, and send the same to the same node",
            Self::Refresh => "look up again who leads, coordinates or controls, then retry",
            Self::Rejoin => "start over: join anew, get a new epoch, register again",
            Self::Fenced => "stop: another of the same identity has taken over",
            Self::Denied => "get the right, or other credentials",
            Self::Invalid => "ask for something else: this stays wrong",
            Self::Server => "look at the broker: it failed",
        }
    }
}

/// One row of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Info {
    /// The number.
    pub code: Code,
    /// Kafka's name, e.g. `OFFSET_OUT_OF_RANGE`.
    pub name: &'static str,
    /// Whether Kafka's Java client retries it.
    pub retriable: bool,
    /// Whether Kafka's Java client looks up leader or coordinator again.
    pub refreshes: bool,
    /// What a caller should do.
    pub class: Class,
    /// The HTTP status of a REST call that fails with it. Those that lead elsewhere (307) are 503 here: only the
    /// REST API knows where to.
    pub http: u16,
    /// The release of Kafka that first had it.
    pub since: &'static str,
    /// What it means, in a sentence without its full stop.
    pub meaning: &'static str,
}

macro_rules! errors {
    ($($code:literal $name:ident $retriable:ident $refreshes:ident $class:ident $http:literal $since:literal $meaning:literal;)*) => {
        impl Code {
            $(
                #[doc = concat!($meaning, ".")]
                pub const $name: Self = Self($code);
            )*

            /// The table, by code.
            pub const TABLE: &'static [Info] = &[
                $(Info {
                    code: Self($code),
                    name: stringify!($name),
                    retriable: errors!(@ $retriable),
                    refreshes: errors!(@ $refreshes),
                    class: Class::$class,
                    http: $http,
                    since: $since,
                    meaning: $meaning,
                },)*
            ];
        }
    };
    (@ yes) => { true };
    (@ no) => { false };
}

// code, name, retriable, refreshes, class, HTTP status, since, meaning
errors! {
     -1 UNKNOWN_SERVER_ERROR                       no  no  Server  500 "0.7"      "the broker hit a fault that it has no code for";
      0 NONE                                       no  no  Ok      200 "0.8.0"    "done";
      1 OFFSET_OUT_OF_RANGE                        no  no  Invalid 416 "0.7"      "the log holds no such offset";
      2 CORRUPT_MESSAGE                            yes no  Retry   422 "0.7"      "a batch is damaged: its checksum or length is wrong";
      3 UNKNOWN_TOPIC_OR_PARTITION                 yes yes Refresh 404 "0.7"      "this broker hosts no such partition";
      4 INVALID_FETCH_SIZE                         no  no  Invalid 400 "0.7"      "a fetch asks for a size that makes no sense";
      5 LEADER_NOT_AVAILABLE                       yes yes Refresh 503 "0.8.0"    "the partition is without a leader for now";
      6 NOT_LEADER_OR_FOLLOWER                     yes yes Refresh 503 "0.8.0"    "another broker leads this partition";
      7 REQUEST_TIMED_OUT                          yes no  Retry   504 "0.8.0"    "not done within the given time; it may still happen";
      8 BROKER_NOT_AVAILABLE                       no  no  Server  503 "0.8.0"    "the broker is not up";
      9 REPLICA_NOT_AVAILABLE                      yes yes Refresh 503 "0.8.0"    "the replica is not here or not reachable";
     10 MESSAGE_TOO_LARGE                          no  no  Invalid 413 "0.8.0"    "a batch is larger than the topic takes";
     11 STALE_CONTROLLER_EPOCH                     no  no  Fenced  409 "0.8.0"    "a newer controller has taken over from the sender";
     12 OFFSET_METADATA_TOO_LARGE                  no  no  Invalid 422 "0.8.1"    "the metadata of a committed offset is too long";
     13 NETWORK_EXCEPTION                          yes yes Refresh 502 "0.8.1"    "the connection broke before the answer";
     14 COORDINATOR_LOAD_IN_PROGRESS               yes no  Retry   503 "0.8.2.0"  "the coordinator has not read all of its log yet";
     15 COORDINATOR_NOT_AVAILABLE                  yes yes Refresh 503 "0.8.2.0"  "nobody coordinates this key at the moment";
     16 NOT_COORDINATOR                            yes yes Refresh 503 "0.8.2.0"  "another broker coordinates this key";
     17 INVALID_TOPIC_EXCEPTION                    no  no  Invalid 400 "0.8.2.0"  "the topic's name is not allowed, or not allowed for this";
     18 RECORD_LIST_TOO_LARGE                      no  no  Invalid 413 "0.8.2.0"  "a batch does not fit a log segment";
     19 NOT_ENOUGH_REPLICAS                        yes no  Retry   503 "0.8.2.0"  "fewer replicas are in sync than a write needs";
     20 NOT_ENOUGH_REPLICAS_AFTER_APPEND           yes no  Retry   503 "0.8.2.0"  "appended, then fewer replicas were in sync than a write needs";
     21 INVALID_REQUIRED_ACKS                      no  no  Invalid 400 "0.9.0.0"  "acks is none of -1, 0 and 1";
     22 ILLEGAL_GENERATION                         no  no  Rejoin  409 "0.9.0.0"  "the group has moved on to another generation";
     23 INCONSISTENT_GROUP_PROTOCOL                no  no  Invalid 409 "0.9.0.0"  "the member shares no protocol with its group";
     24 INVALID_GROUP_ID                           no  no  Invalid 400 "0.9.0.0"  "a group cannot have this id";
     25 UNKNOWN_MEMBER_ID                          no  no  Rejoin  404 "0.9.0.0"  "the group has no such member";
     26 INVALID_SESSION_TIMEOUT                    no  no  Invalid 422 "0.9.0.0"  "the session timeout is beyond the broker's bounds";
     27 REBALANCE_IN_PROGRESS                      no  no  Rejoin  409 "0.9.0.0"  "the group rebalances, its members join anew";
     28 INVALID_COMMIT_OFFSET_SIZE                 no  no  Invalid 422 "0.9.0.0"  "the offsets to commit do not fit one record";
     29 TOPIC_AUTHORIZATION_FAILED                 no  no  Denied  403 "0.9.0.0"  "the principal lacks the right on this topic";
     30 GROUP_AUTHORIZATION_FAILED                 no  no  Denied  403 "0.9.0.0"  "the principal lacks the right on this group";
     31 CLUSTER_AUTHORIZATION_FAILED               no  no  Denied  403 "0.9.0.0"  "the principal lacks the right on the cluster";
     32 INVALID_TIMESTAMP                          no  no  Invalid 422 "0.10.0.0" "a record's timestamp is further from the clock than the topic takes";
     33 UNSUPPORTED_SASL_MECHANISM                 no  no  Denied  401 "0.10.0.0" "the listener does not offer this SASL mechanism";
     34 ILLEGAL_SASL_STATE                         no  no  Invalid 400 "0.10.0.0" "this request does not belong at this point of the SASL exchange";
     35 UNSUPPORTED_VERSION                        no  no  Invalid 501 "0.10.0.0" "this version of the request, or what it asks for, is not spoken here";
     36 TOPIC_ALREADY_EXISTS                       no  no  Invalid 409 "0.10.1.0" "a topic of this name exists";
     37 INVALID_PARTITIONS                         no  no  Invalid 422 "0.10.1.0" "a topic cannot have this number of partitions";
     38 INVALID_REPLICATION_FACTOR                 no  no  Invalid 422 "0.10.1.0" "the brokers there are cannot hold this many replicas";
     39 INVALID_REPLICA_ASSIGNMENT                 no  no  Invalid 422 "0.10.1.0" "partitions cannot be placed on the brokers as listed";
     40 INVALID_CONFIG                             no  no  Invalid 422 "0.10.1.0" "a setting is unknown or its value is wrong";
     41 NOT_CONTROLLER                             yes no  Refresh 503 "0.10.1.0" "another node is the active controller";
     42 INVALID_REQUEST                            no  no  Invalid 400 "0.10.1.0" "the request contradicts itself or its purpose";
     43 UNSUPPORTED_FOR_MESSAGE_FORMAT             no  no  Invalid 422 "0.10.1.0" "the record format in the log lacks what is asked for";
     44 POLICY_VIOLATION                           no  no  Invalid 422 "0.10.2.0" "a policy of the cluster refuses this";
     45 OUT_OF_ORDER_SEQUENCE_NUMBER               no  no  Rejoin  409 "0.11.0.0" "batches of this producer are missing before this one";
     46 DUPLICATE_SEQUENCE_NUMBER                  no  no  Invalid 200 "0.11.0.0" "this batch was appended before";
     47 INVALID_PRODUCER_EPOCH                     no  no  Fenced  409 "0.11.0.0" "the producer's epoch is over";
     48 INVALID_TXN_STATE                          no  no  Invalid 409 "0.11.0.0" "the transaction is at a point that does not allow this";
     49 INVALID_PRODUCER_ID_MAPPING                no  no  Rejoin  409 "0.11.0.0" "the producer id is not the one of this transactional id";
     50 INVALID_TRANSACTION_TIMEOUT                no  no  Invalid 422 "0.11.0.0" "the transaction timeout is above what the broker allows";
     51 CONCURRENT_TRANSACTIONS                    yes no  Retry   409 "0.11.0.0" "an earlier step of this transaction has not finished";
     52 TRANSACTION_COORDINATOR_FENCED             no  no  Fenced  409 "0.11.0.0" "a newer transaction coordinator has taken over from the sender";
     53 TRANSACTIONAL_ID_AUTHORIZATION_FAILED      no  no  Denied  403 "0.11.0.0" "the principal lacks the right on this transactional id";
     54 SECURITY_DISABLED                          no  no  Invalid 501 "0.11.0.0" "no authorizer is configured";
     55 OPERATION_NOT_ATTEMPTED                    no  no  Invalid 409 "0.11.0.0" "left undone since another part of the request was refused";
     56 KAFKA_STORAGE_ERROR                        yes yes Refresh 503 "1.0.0"    "the log directory of the partition failed";
     57 LOG_DIR_NOT_FOUND                          no  no  Invalid 404 "1.0.0"    "the broker has no log directory of this path";
     58 SASL_AUTHENTICATION_FAILED                 no  no  Denied  401 "1.0.0"    "the credentials are wrong";
     59 UNKNOWN_PRODUCER_ID                        no  no  Rejoin  409 "1.0.0"    "nothing is known of this producer any more";
     60 REASSIGNMENT_IN_PROGRESS                   no  no  Invalid 409 "1.0.0"    "the partition is being reassigned";
     61 DELEGATION_TOKEN_AUTH_DISABLED             no  no  Invalid 501 "1.1.0"    "delegation tokens are not configured";
     62 DELEGATION_TOKEN_NOT_FOUND                 no  no  Invalid 404 "1.1.0"    "there is no such delegation token";
     63 DELEGATION_TOKEN_OWNER_MISMATCH            no  no  Denied  403 "1.1.0"    "neither the owner nor a renewer of the token asks";
     64 DELEGATION_TOKEN_REQUEST_NOT_ALLOWED       no  no  Denied  403 "1.1.0"    "tokens cannot be had over this connection";
     65 DELEGATION_TOKEN_AUTHORIZATION_FAILED      no  no  Denied  403 "1.1.0"    "the principal lacks the right to tokens of this owner";
     66 DELEGATION_TOKEN_EXPIRED                   no  no  Denied  410 "1.1.0"    "the delegation token's time is over";
     67 INVALID_PRINCIPAL_TYPE                     no  no  Invalid 422 "1.1.0"    "principals of this type are not served";
     68 NON_EMPTY_GROUP                            no  no  Invalid 409 "1.1.0"    "the group has members";
     69 GROUP_ID_NOT_FOUND                         no  no  Invalid 404 "1.1.0"    "there is no such group";
     70 FETCH_SESSION_ID_NOT_FOUND                 yes no  Retry   404 "1.1.0"    "the broker has forgotten this fetch session";
     71 INVALID_FETCH_SESSION_EPOCH                yes no  Retry   409 "1.1.0"    "the fetch session is at another epoch";
     72 LISTENER_NOT_FOUND                         yes yes Refresh 503 "2.0.0"    "the leader does not listen where the caller came in";
     73 TOPIC_DELETION_DISABLED                    no  no  Invalid 405 "2.1.0"    "the cluster is set not to delete topics";
     74 FENCED_LEADER_EPOCH                        yes yes Refresh 412 "2.1.0"    "the caller knows an older leader of the partition";
     75 UNKNOWN_LEADER_EPOCH                       yes no  Retry   503 "2.1.0"    "the caller knows a newer leader than this replica does";
     76 UNSUPPORTED_COMPRESSION_TYPE               no  no  Invalid 415 "2.1.0"    "the version or the topic does not take this compression";
     77 STALE_BROKER_EPOCH                         no  no  Rejoin  409 "2.2.0"    "the broker registered anew since";
     78 OFFSET_NOT_AVAILABLE                       yes no  Retry   503 "2.2.0"    "a new leader does not know this offset before its first commit";
     79 MEMBER_ID_REQUIRED                         no  no  Rejoin  400 "2.2.0"    "to be let in, join with the member id of this answer";
     80 PREFERRED_LEADER_NOT_AVAILABLE             yes yes Refresh 503 "2.2.0"    "the first replica cannot lead now";
     81 GROUP_MAX_SIZE_REACHED                     no  no  Invalid 409 "2.2.0"    "the group has as many members as it may";
     82 FENCED_INSTANCE_ID                         no  no  Fenced  409 "2.3.0"    "another member took over this group.instance.id";
     83 ELIGIBLE_LEADERS_NOT_AVAILABLE             yes yes Refresh 503 "2.4.0"    "none of the replicas may lead";
     84 ELECTION_NOT_NEEDED                        yes yes Refresh 204 "2.4.0"    "the leader is already the one wanted";
     85 NO_REASSIGNMENT_IN_PROGRESS                no  no  Invalid 404 "2.4.0"    "nothing is being reassigned here";
     86 GROUP_SUBSCRIBED_TO_TOPIC                  no  no  Invalid 409 "2.4.0"    "the group consumes this topic now";
     87 INVALID_RECORD                             no  no  Invalid 422 "2.4.0"    "a record breaks the rules of its topic";
     88 UNSTABLE_OFFSET_COMMIT                     yes no  Retry   409 "2.5.0"    "an open transaction may still move this offset";
     89 THROTTLING_QUOTA_EXCEEDED                  yes no  Retry   429 "2.7.0"    "the principal used up its quota of changes";
     90 PRODUCER_FENCED                            no  no  Fenced  409 "2.7.0"    "a newer producer took over this transactional id";
     91 RESOURCE_NOT_FOUND                         no  no  Invalid 404 "2.7.0"    "the thing named does not exist";
     92 DUPLICATE_RESOURCE                         no  no  Invalid 409 "2.7.0"    "a thing is named twice or exists already";
     93 UNACCEPTABLE_CREDENTIAL                    no  no  Invalid 422 "2.7.0"    "the credential is too weak or malformed";
     94 INCONSISTENT_VOTER_SET                     no  no  Invalid 409 "2.7.0"    "the caller's voters are not those of the quorum";
     95 INVALID_UPDATE_VERSION                     no  no  Invalid 412 "2.7.0"    "the version to update from or to is not acceptable";
     96 FEATURE_UPDATE_FAILED                      no  no  Server  500 "2.7.0"    "the controller could not change the feature level";
     97 PRINCIPAL_DESERIALIZATION_FAILURE          no  no  Invalid 400 "2.8.0"    "the principal of an envelope is unreadable";
     98 SNAPSHOT_NOT_FOUND                         no  no  Invalid 404 "2.8.0"    "this node has no such snapshot";
     99 POSITION_OUT_OF_RANGE                      no  no  Invalid 416 "2.8.0"    "the snapshot is shorter than this position";
    100 UNKNOWN_TOPIC_ID                           yes yes Refresh 404 "2.8.0"    "this broker knows no topic of this id";
    101 DUPLICATE_BROKER_REGISTRATION              no  no  Fenced  409 "2.8.0"    "a live broker holds this broker id";
    102 BROKER_ID_NOT_REGISTERED                   no  no  Rejoin  404 "2.8.0"    "no broker registered with this id";
    103 INCONSISTENT_TOPIC_ID                      yes yes Refresh 409 "2.8.0"    "the topic was made anew: its log has another id";
    104 INCONSISTENT_CLUSTER_ID                    no  no  Invalid 404 "2.8.0"    "this is another cluster";
    105 TRANSACTIONAL_ID_NOT_FOUND                 no  no  Invalid 404 "3.0.0"    "no transaction state is kept for this id";
    106 FETCH_SESSION_TOPIC_ID_ERROR               yes no  Retry   409 "3.1.0"    "a fetch session cannot turn from names to ids or back";
    107 INELIGIBLE_REPLICA                         no  no  Invalid 409 "3.3.0"    "a proposed in-sync replica is fenced or shutting down";
    108 NEW_LEADER_ELECTED                         no  no  Refresh 409 "3.3.0"    "the change made another broker the leader";
    109 OFFSET_MOVED_TO_TIERED_STORAGE             no  no  Invalid 503 "3.5.0"    "this offset is only in the remote tier";
    110 FENCED_MEMBER_EPOCH                        no  no  Rejoin  409 "3.5.0"    "the group has fenced the member at this epoch";
    111 UNRELEASED_INSTANCE_ID                     no  no  Fenced  409 "3.5.0"    "another live member holds this group.instance.id";
    112 UNSUPPORTED_ASSIGNOR                       no  no  Invalid 422 "3.5.0"    "the broker has no assignor of this name";
    113 STALE_MEMBER_EPOCH                         no  no  Rejoin  409 "3.6.0"    "the member is at another epoch by now";
    114 MISMATCHED_ENDPOINT_TYPE                   no  no  Invalid 400 "3.7.0"    "a broker was asked where a controller answers, or the reverse";
    115 UNSUPPORTED_ENDPOINT_TYPE                  no  no  Invalid 501 "3.7.0"    "nobody knows endpoints of this type";
    116 UNKNOWN_CONTROLLER_ID                      no  no  Invalid 404 "3.7.0"    "no controller has this id";
    117 UNKNOWN_SUBSCRIPTION_ID                    no  no  Rejoin  404 "3.7.0"    "the telemetry subscription has changed since";
    118 TELEMETRY_TOO_LARGE                        no  no  Invalid 413 "3.7.0"    "the telemetry push exceeds its limit";
    119 INVALID_REGISTRATION                       no  no  Invalid 422 "3.7.0"    "the controller does not take a registration like this";
    120 TRANSACTION_ABORTABLE                      no  no  Rejoin  409 "3.8.0"    "this transaction can only be aborted; the producer lives on";
    121 INVALID_RECORD_STATE                       no  no  Invalid 409 "3.9.0"    "the record is not in the caller's hands to acknowledge";
    122 SHARE_SESSION_NOT_FOUND                    yes no  Retry   404 "3.9.0"    "the broker has forgotten this share session";
    123 INVALID_SHARE_SESSION_EPOCH                yes no  Retry   409 "3.9.0"    "the share session is at another epoch";
    124 FENCED_STATE_EPOCH                         no  no  Fenced  409 "3.9.0"    "a newer share coordinator state has replaced the caller's";
    125 INVALID_VOTER_KEY                          no  no  Invalid 422 "3.9.0"    "the voter meant is another id or directory than this node's";
    126 DUPLICATE_VOTER                            no  no  Invalid 409 "3.9.0"    "the quorum has this voter";
    127 VOTER_NOT_FOUND                            no  no  Invalid 404 "3.9.0"    "the quorum has no such voter";
    128 INVALID_REGULAR_EXPRESSION                 no  no  Invalid 422 "4.0.0"    "the regular expression has a syntax error";
    129 REBOOTSTRAP_REQUIRED                       no  no  Rejoin  409 "4.0.0"    "what the client knows is too old: begin at the bootstrap servers";
    130 STREAMS_INVALID_TOPOLOGY                   no  no  Invalid 422 "4.1.0"    "the streams topology has an error";
    131 STREAMS_INVALID_TOPOLOGY_EPOCH             no  no  Invalid 409 "4.1.0"    "the topology's epoch does not follow the group's";
    132 STREAMS_TOPOLOGY_FENCED                    no  no  Fenced  409 "4.1.0"    "the group has gone on to a newer topology";
    133 SHARE_SESSION_LIMIT_REACHED                yes no  Retry   429 "4.1.0"    "the broker holds as many share sessions as it may";
    134 GROUP_DELETION_FAILED                      no  no  Server  409 "4.4.0"    "the group stays; the answer's text says why";
    135 STREAMS_TOPOLOGY_DESCRIPTION_UPDATE_FAILED no  no  Server  500 "4.4.0"    "the topology's description was not stored; the answer's text says why";
    136 CONTROLLER_ID_NOT_REGISTERED               no  no  Invalid 404 "4.4.0"    "no controller registered with this id";
}

impl Code {
    /// The row of this code; `None` for a code that this build does not know.
    pub fn info(self) -> Option<&'static Info> {
        let at = usize::try_from(i32::from(self.0) + 1).ok()?;
        Self::TABLE.get(at)
    }

    /// The code of a name, e.g. `NOT_CONTROLLER`.
    pub fn named(name: &str) -> Option<Self> {
        let row = Self::TABLE.iter().find(|row| row.name == name)?;
        Some(row.code)
    }

    /// Whether this is no error.
    pub fn is_ok(self) -> bool {
        self == Self::NONE
    }

    /// Whether the same request may succeed later.
    pub fn is_retriable(self) -> bool {
        self.info().is_some_and(|row| row.retriable)
    }

    /// What a caller should do; a code that this build does not know is the broker's failure.
    pub fn class(self) -> Class {
        self.info().map_or(Class::Server, |row| row.class)
    }

    /// This code, with a sentence for the caller.
    pub fn because(self, detail: impl Into<Cow<'static, str>>) -> Refusal {
        Refusal {
            code: self,
            detail: Some(detail.into()),
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.info() {
            Some(row) => f.write_str(row.name),
            None => write!(f, "UNKNOWN({})", self.0),
        }
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Code> for i16 {
    fn from(code: Code) -> Self {
        code.0
    }
}

/// An answer that says no: a code, and at most a sentence for the caller.
///
/// A value and not a failure: it goes into the place that the response has for it. The broker's own troubles
/// (I/O, corruption, bugs) are not refusals.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// The row.
    pub code: Code,
    /// Shown to the caller where the response's version has a place for text.
    pub detail: Option<Cow<'static, str>>,
}

impl Refusal {
    /// The detail, or what the code means.
    pub fn text(&self) -> &str {
        match (&self.detail, self.code.info()) {
            (Some(detail), _) => detail,
            (None, Some(row)) => row.meaning,
            (None, None) => "an unknown error",
        }
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self { code, detail: None }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_row_for_every_code() {
        assert_eq!(Code::TABLE.len(), 138);
        for (at, row) in Code::TABLE.iter().enumerate() {
            assert_eq!(i32::from(row.code.0), at as i32 - 1);
            assert_eq!(row.code.info(), Some(row));
            assert_eq!(Code::named(row.name), Some(row.code), "names are unique");
        }
        for unknown in [i16::MIN, -2, 137, i16::MAX] {
            assert_eq!(Code(unknown).info(), None);
        }
        assert_eq!(Code::named("NO_SUCH_CODE"), None);
    }

    #[test]
    fn classes_agree_with_what_kafkas_client_does() {
        for row in Code::TABLE {
            let wanted = match (row.retriable, row.refreshes) {
                (_, true) => row.class == Class::Refresh,
                // The controller is looked up again by the admin client alone.
                (true, false) => row.class == Class::Retry || row.code == Code::NOT_CONTROLLER,
                (false, false) => {
                    row.class != Class::Retry
                        && (row.class != Class::Refresh || row.code == Code::NEW_LEADER_ELECTED)
                }
            };
            assert!(wanted, "{row:?}");
            assert!(!row.refreshes || row.retriable, "{row:?}");
        }
        assert_eq!(Code::TABLE.iter().filter(|row| row.retriable).count(), 32);
        assert_eq!(Code::TABLE.iter().filter(|row| row.refreshes).count(), 15);
    }

    /// The codes of the rows that this holds for.
    fn codes(holds: impl Fn(&Info) -> bool) -> Vec<i16> {
        let rows = Code::TABLE.iter().filter(|row| holds(row));
        rows.map(|row| row.code.0).collect()
    }

    #[test]
    fn flags_are_those_of_kafkas_exceptions() {
        // By what the exceptions of 4.4 inherit from.
        let retriable = [
            2, 3, 5, 6, 7, 9, 13, 14, 15, 16, 19, 20, 41, 51, 56, 70, 71, 72, 74, 75, 78, 80, 83,
            84, 88, 89, 100, 103, 106, 122, 123, 133,
        ];
        let refreshing = [3, 5, 6, 9, 13, 15, 16, 56, 72, 74, 80, 83, 84, 100, 103];
        assert_eq!(codes(|row| row.retriable), retriable);
        assert_eq!(codes(|row| row.refreshes), refreshing);
    }

    #[test]
    fn classes_are_those_of_the_recovery_they_ask_for() {
        let fenced = [11, 47, 52, 82, 90, 101, 111, 124, 132];
        let rejoin = [22, 25, 27, 45, 49, 59, 77, 79, 102, 110, 113, 117, 120, 129];
        let denied = [29, 30, 31, 33, 53, 58, 63, 64, 65, 66];
        assert_eq!(codes(|row| row.class == Class::Fenced), fenced);
        assert_eq!(codes(|row| row.class == Class::Rejoin), rejoin);
        assert_eq!(codes(|row| row.class == Class::Denied), denied);
        assert_eq!(
            codes(|row| row.class == Class::Server),
            [-1, 8, 96, 134, 135]
        );
        assert_eq!(codes(|row| row.class == Class::Ok), [0]);
        let names: Vec<&str> = Class::ALL.map(Class::name).into();
        assert!(names.iter().all(|name| !name.is_empty()) && names.len() == 8);
    }

    #[test]
    fn statuses_are_those_that_fit_their_conditions() {
        for (status, wanted) in [
            (200, &[0, 46][..]),
            (204, &[84]),
            (400, &[4, 17, 21, 24, 34, 42, 79, 97, 114]),
            (401, &[33, 58]),
            (403, &[29, 30, 31, 53, 63, 64, 65]),
            (405, &[73]),
            (410, &[66]),
            (412, &[74, 95]),
            (413, &[10, 18, 118]),
            (415, &[76]),
            (416, &[1, 99]),
            (429, &[89, 133]),
            (500, &[-1, 96, 135]),
            (501, &[35, 54, 61, 115]),
            (502, &[13]),
            (504, &[7]),
        ] {
            assert_eq!(codes(|row| row.http == status), wanted, "{status}");
        }
        let rest = [(404, 18), (409, 41), (422, 20), (503, 17)];
        for (status, count) in rest {
            assert_eq!(codes(|row| row.http == status).len(), count, "{status}");
        }
    }

    #[test]
    fn rows_can_be_printed() {
        for row in Code::TABLE {
            assert!(
                (200..=504).contains(&row.http) && row.http != 307,
                "{row:?}"
            );
            assert_eq!(row.http < 300, matches!(row.code.0, 0 | 46 | 84), "{row:?}");
            assert!(
                !row.meaning.is_empty() && !row.meaning.ends_with('.'),
                "{row:?}"
            );
            assert!(
                row.since.starts_with(|c: char| c.is_ascii_digit()),
                "{row:?}"
            );
        }
    }

    #[test]
    fn codes_and_refusals_have_text() {
        assert_eq!(format!("{:?}", Code(999)), "UNKNOWN(999)");
        assert_eq!(Code::CORRUPT_MESSAGE.to_string(), "CORRUPT_MESSAGE");
        assert_eq!(Code(999).class(), Class::Server);
        assert!(Code::NOT_COORDINATOR.is_retriable() && !Code(999).is_retriable());
        let bare = Refusal::from(Code::NONE);
        assert_eq!((bare.text(), bare.code.is_ok()), ("done", true));
        let refusal = Code::INVALID_CONFIG.because("retention.ms is below -1");
        assert_eq!(
            refusal.to_string(),
            "INVALID_CONFIG: retention.ms is below -1"
        );
    }
}
