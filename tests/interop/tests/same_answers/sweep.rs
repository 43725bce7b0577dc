//! Every request in every version, damaged in every way that can be generated: what is closed, and what is answered
//! with which codes.

use std::collections::BTreeMap;

use ottla_interop::raw::NoAnswer;
use ottla_wire::{
    Request,
    apis::{self, Listener},
    messages::{self, add_partitions_to_txn_request, random::TABLE},
    random::Random,
};

use crate::{both::Both, groups, transactions};

/// Nothing but this test changes anything.
pub(crate) const SETTINGS: &[&str] = &[
    "auto.leader.rebalance.enable=false",
    "log.initial.task.delay.ms=3600000",
    "group.initial.rebalance.delay.ms=0",
    "offsets.topic.num.partitions=1",
    "transaction.state.log.num.partitions=1",
    "connections.max.idle.ms=600000",
];

/// Of each request and version: so many places at which it is cut, and at which a byte is changed.
const PLACES: usize = 6;

/// What is done to a request.
const EMPTY: &str = "empty";
const CUT: &str = "cut short";
const CHANGED: &str = "a byte changed";
const TRAILING: &str = "trailing bytes";
const TAGGED: &str = "unknown tags";
const STRANGE: &str = "unknown versions";

/// Asks for everything that is served, and sees that nothing was left out.
pub(crate) fn ask(both: &mut Both) {
    groups::coordinators(both);
    transactions::coordinators(both);
    let mut asked = BTreeMap::new();
    each_request(both, Listener::Broker, &mut asked);
    both.at_controllers(|both| each_request(both, Listener::Controller, &mut asked));
    for api in apis::all() {
        for version in api.first..=api.latest(false) {
            for what in [EMPTY, CUT, CHANGED, TRAILING] {
                let count = asked.get(&(api.key, version, what)).copied();
                let has = count.unwrap_or(0) > 0 || !SWEPT.contains(&api.key);
                // Of some there is nothing to be cut or changed.
                let bare = matches!(what, CUT | CHANGED) && body_is_bare(api.name, version);
                assert!(has || bare, "{} {version} was not asked: {what}", api.name);
            }
        }
    }
}

fn body_is_bare(name: &str, version: i16) -> bool {
    full_body(name, version).len() <= 1
}

macro_rules! swept {
    ($($request:ident)*) => {
        /// The keys of what is swept.
        const SWEPT: &[i16] = &[messages::ProduceRequest::KEY, messages::AddPartitionsToTxnRequest::KEY, $(<messages::$request as Request>::KEY,)*];

        fn each_request(both: &mut Both, listener: Listener, asked: &mut Asked) {
            one(both, listener, asked, produce);
            one(both, listener, asked, add_partitions);
            $(one(both, listener, asked, |_| messages::$request::default());)*
        }
    };
}

swept! {
    FetchRequest ListOffsetsRequest MetadataRequest OffsetCommitRequest OffsetFetchRequest
    FindCoordinatorRequest JoinGroupRequest HeartbeatRequest LeaveGroupRequest SyncGroupRequest
    DescribeGroupsRequest ListGroupsRequest ApiVersionsRequest CreateTopicsRequest DeleteTopicsRequest
    DeleteRecordsRequest InitProducerIdRequest OffsetForLeaderEpochRequest
    AddOffsetsToTxnRequest EndTxnRequest WriteTxnMarkersRequest TxnOffsetCommitRequest DescribeConfigsRequest
    AlterConfigsRequest DescribeLogDirsRequest CreatePartitionsRequest DeleteGroupsRequest ElectLeadersRequest
    IncrementalAlterConfigsRequest AlterPartitionReassignmentsRequest ListPartitionReassignmentsRequest
    OffsetDeleteRequest DescribeQuorumRequest AlterPartitionRequest UpdateFeaturesRequest DescribeClusterRequest
    DescribeProducersRequest BrokerRegistrationRequest BrokerHeartbeatRequest UnregisterBrokerRequest
    DescribeTransactionsRequest ListTransactionsRequest AllocateProducerIdsRequest ConsumerGroupHeartbeatRequest
    ConsumerGroupDescribeRequest GetTelemetrySubscriptionsRequest PushTelemetryRequest
    AssignReplicasToDirsRequest ListConfigResourcesRequest DescribeTopicPartitionsRequest
    UnregisterControllerRequest DescribeClientQuotasRequest AlterClientQuotasRequest
}

/// With acks 0 nobody answers.
fn produce(_: i16) -> messages::ProduceRequest {
    messages::ProduceRequest {
        acks: 1,
        ..Default::default()
    }
}

/// A batch of no transactions is never answered by Kafka.
fn add_partitions(version: i16) -> messages::AddPartitionsToTxnRequest {
    let transaction = add_partitions_to_txn_request::AddPartitionsToTxnTransaction {
        transactional_id: "sweep".to_owned(),
        producer_id: 77_777,
        ..Default::default()
    };
    messages::AddPartitionsToTxnRequest {
        transactions: if version < 4 {
            vec![]
        } else {
            vec![transaction]
        },
        ..Default::default()
    }
}

/// How often a request was asked, by key, version and what was done to it.
type Asked = BTreeMap<(i16, i16, &'static str), u32>;

fn one<R: Request>(
    both: &mut Both,
    listener: Listener,
    asked: &mut Asked,
    plain: impl Fn(i16) -> R,
) {
    let api = apis::api(R::KEY).expect("a row");
    if !api.is_on(listener) {
        // The other listener does not know it.
        compare::<R>(
            both,
            &format!("{STRANGE}: on {listener:?}"),
            api.first,
            &[],
            &[0; 8],
        );
        return;
    }
    for version in [-1, api.first - 1, api.latest(true) + 1, i16::MAX] {
        // ApiVersions answers those with its table.
        if R::KEY != 18 {
            compare::<R>(
                both,
                &format!("{STRANGE}: {version}"),
                version,
                &[],
                &[0; 40],
            );
        }
    }
    for version in api.first..=api.latest(false) {
        let mut count = |what| *asked.entry((R::KEY, version, what)).or_default() += 1;
        let header = header(api.request_header(version), false);
        let Ok(body) = plain(version).encode(version) else {
            continue;
        };
        compare::<R>(both, EMPTY, version, &header, &body);
        count(EMPTY);
        let trailing = [&body[..], &[0; 4]].concat();
        compare::<R>(both, TRAILING, version, &header, &trailing);
        count(TRAILING);
        if api.is_flexible(version) {
            let unknown = [&body[..body.len() - 1], b"\x01\x7f\x02ab"].concat();
            compare::<R>(both, TAGGED, version, &header, &unknown);
            let tagged = self::header(api.request_header(version), true);
            compare::<R>(both, "unknown tags of the header", version, &tagged, &body);
            count(TAGGED);
        }
        for at in places(body.len()) {
            let mut changed = body.to_vec();
            changed[at] = 0xff;
            let what = format!("{CHANGED}: 255 at {at}");
            compare::<R>(both, &what, version, &header, &changed);
            count(CHANGED);
        }
        let full = full_body(api.name, version);
        for at in places(full.len()) {
            let what = format!("{CUT}: {at} of {}", full.len());
            compare::<R>(both, &what, version, &header, &full[..at]);
            count(CUT);
        }
    }
}

/// Some places of so many, the first and the last among them.
fn places(len: usize) -> impl Iterator<Item = usize> {
    let step = len.div_ceil(PLACES).max(1);
    let last = len.checked_sub(1).filter(|last| last % step != 0);
    (0..len).step_by(step).chain(last)
}

/// A client id, and what a flexible header adds.
fn header(version: i16, tagged: bool) -> Vec<u8> {
    let mut header = b"\0\x05sweep".to_vec();
    if version >= 2 {
        header.extend(if tagged {
            &b"\x01\x7f\x02ab"[..]
        } else {
            b"\0"
        });
    }
    header
}

/// A body in which everything is set, that is no matter of chance.
fn full_body(name: &str, version: i16) -> Vec<u8> {
    let name = format!("{name}Request");
    let entry = TABLE.iter().find(|entry| entry.name == name);
    let entry = entry.expect("a message");
    (entry.random)(
        &mut Random::new(u64::from(version.unsigned_abs()) + 5),
        version,
    )
    .to_vec()
}

/// Whether both close the connection, or answer with the same codes.
fn compare<R: Request>(both: &mut Both, what: &str, version: i16, header: &[u8], body: &[u8]) {
    both.once_bytes::<R>(what, version, header, body, |answer| match answer {
        Ok(answer) => {
            let text = format!("{answer:#?}");
            let codes = text.lines().map(str::trim);
            let codes = codes.filter(|line| line.contains("error_code: "));
            format!("answered\n{}", codes.collect::<Vec<_>>().join("\n"))
        }
        // What a version that nobody knows is answered in, nobody can read.
        Err(NoAnswer::Malformed(_)) => "answered".to_owned(),
        Err(why) => format!("{why:?}"),
    });
}
