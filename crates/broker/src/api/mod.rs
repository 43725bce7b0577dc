//! Every request: one folder per subject, one file per request, one line per request in the table below.
//!
//! Dispatch is the one place where every request passes: listener, version, decoding, encoding. What a handler gets
//! is a message of a version that is served; what it gives is a message.

mod answer;
pub(crate) mod cluster;
pub(crate) mod configs;
pub(crate) mod controller;
mod cx;
pub(crate) mod data;
pub(crate) mod groups;
pub(crate) mod nodes;
pub(crate) mod operations;
pub(crate) mod quorum;
pub(crate) mod quotas;
pub(crate) mod telemetry;
pub(crate) mod topics;
pub(crate) mod transactions;

use std::{future::Future, pin::Pin};

pub(crate) use answer::{WithFiles, WithReasons};
use bytes::Bytes;
pub(crate) use cx::{Caller, Cx, Software};
use ottla_wire::{
    Message, Request,
    frame::{RequestFrame, Support},
    messages::ApiVersionsRequest,
};

use crate::{
    journal::Again,
    quotas::Timed,
    reply::{Closed, Outgoing, Reply},
};

/// One request that this node serves.
pub(crate) struct Row {
    /// The API key.
    pub(crate) key: i16,
    serve: for<'a> fn(&'a Cx, Bytes) -> Serving<'a>,
}

type Serving<'a> = Pin<Box<dyn Future<Output = Reply<Outgoing>> + Send + 'a>>;

/// Builds the table: the request's message, and the module that serves it.
macro_rules! requests {
    ($($request:ident $subject:ident::$module:ident;)*) => {
        &[$(Row {
            key: <ottla_wire::messages::$request as Request>::KEY,
            serve: |cx, body| Box::pin(async move {
                const AGAIN: Again = Again::of::<ottla_wire::messages::$request>();
                let asked = answer::asked(cx, &body, AGAIN);
                match ottla_wire::messages::$request::decode(body, cx.version) {
                    Ok(request) => {
                        answer::serve(asked, $subject::$module::handle(cx, request)).await
                    }
                    Err(malformed) => Reply::Close(Closed::Malformed(malformed)),
                }
            }),
        },)*]
    };
}

/// The requests that this node serves, by key.
pub(crate) const REQUESTS: &[Row] = requests! {
    ProduceRequest                      data::produce;
    FetchRequest                        data::fetch;
    ListOffsetsRequest                  data::list_offsets;
    MetadataRequest                     topics::metadata;
    OffsetCommitRequest                 groups::offset_commit;
    OffsetFetchRequest                  groups::offset_fetch;
    FindCoordinatorRequest              groups::find_coordinator;
    JoinGroupRequest                    groups::join_group;
    HeartbeatRequest                    groups::heartbeat;
    LeaveGroupRequest                   groups::leave_group;
    SyncGroupRequest                    groups::sync_group;
    DescribeGroupsRequest               groups::describe_groups;
    ListGroupsRequest                   groups::list_groups;
    ApiVersionsRequest                  cluster::api_versions;
    CreateTopicsRequest                 topics::create_topics;
    DeleteTopicsRequest                 topics::delete_topics;
    DeleteRecordsRequest                data::delete_records;
    InitProducerIdRequest               transactions::init_producer_id;
    OffsetForLeaderEpochRequest         data::offset_for_leader_epoch;
    AddPartitionsToTxnRequest           transactions::add_partitions_to_txn;
    AddOffsetsToTxnRequest              transactions::add_offsets_to_txn;
    EndTxnRequest                       transactions::end_txn;
    WriteTxnMarkersRequest              transactions::write_txn_markers;
    TxnOffsetCommitRequest              transactions::txn_offset_commit;
    DescribeConfigsRequest              configs::describe_configs;
    AlterConfigsRequest                 configs::alter_configs;
    AlterReplicaLogDirsRequest          cluster::alter_replica_log_dirs;
    DescribeLogDirsRequest              cluster::describe_log_dirs;
    CreatePartitionsRequest             topics::create_partitions;
    DeleteGroupsRequest                 groups::delete_groups;
    ElectLeadersRequest                 topics::elect_leaders;
    IncrementalAlterConfigsRequest      configs::incremental_alter_configs;
    AlterPartitionReassignmentsRequest  topics::alter_partition_reassignments;
    ListPartitionReassignmentsRequest   topics::list_partition_reassignments;
    OffsetDeleteRequest                 groups::offset_delete;
    DescribeClientQuotasRequest         quotas::describe_client_quotas;
    AlterClientQuotasRequest            quotas::alter_client_quotas;
    DescribeQuorumRequest               quorum::describe_quorum;
    AlterPartitionRequest               topics::alter_partition;
    UpdateFeaturesRequest               cluster::update_features;
    DescribeClusterRequest              cluster::describe_cluster;
    DescribeProducersRequest            transactions::describe_producers;
    BrokerRegistrationRequest           cluster::broker_registration;
    BrokerHeartbeatRequest              cluster::broker_heartbeat;
    UnregisterBrokerRequest             cluster::unregister_broker;
    DescribeTransactionsRequest         transactions::describe_transactions;
    ListTransactionsRequest             transactions::list_transactions;
    AllocateProducerIdsRequest          cluster::allocate_producer_ids;
    ConsumerGroupHeartbeatRequest       groups::consumer_group_heartbeat;
    ConsumerGroupDescribeRequest        groups::consumer_group_describe;
    ControllerRegistrationRequest       cluster::controller_registration;
    GetTelemetrySubscriptionsRequest    telemetry::get_telemetry_subscriptions;
    PushTelemetryRequest                telemetry::push_telemetry;
    AssignReplicasToDirsRequest         topics::assign_replicas_to_dirs;
    ListConfigResourcesRequest          configs::list_config_resources;
    DescribeTopicPartitionsRequest      topics::describe_topic_partitions;
    UnregisterControllerRequest         cluster::unregister_controller;
};

/// Whether this node serves requests of this key at all.
pub(crate) fn serves(key: i16) -> bool {
    row(key).is_some()
}

fn row(key: i16) -> Option<&'static Row> {
    REQUESTS
        .binary_search_by_key(&key, |row| row.key)
        .ok()
        .map(|at| &REQUESTS[at])
}

/// From a frame to an answer.
pub(crate) async fn dispatch(cx: &mut Cx, frame: Bytes) -> Reply<Outgoing> {
    cx.size = frame.len();
    let frame = match RequestFrame::read(frame) {
        Ok(frame) => frame,
        Err(malformed) => return Reply::Close(Closed::Malformed(malformed)),
    };
    let (key, version, support) = (
        frame.header.api_key,
        frame.header.api_version,
        frame.support(cx.broker.settings.unstable_api_versions_enable),
    );
    let answer_version = frame.answer_version();
    cx.take(frame.header);
    let Some(row) = row(key).filter(|_| cx.endpoint.serves(key)) else {
        return Reply::Close(Closed::UnknownApi(key));
    };
    match support {
        Support::Readable => {
            let serving = (row.serve)(cx, frame.body);
            Timed::new(cx.meter.clone(), serving).await
        }
        Support::AnswerVersions => {
            cx.version = answer_version;
            let asked = answer::asked(cx, &frame.body, Again::of::<ApiVersionsRequest>());
            answer::encode(asked, cluster::api_versions::unsupported())
        }
        Support::UnknownVersion => Reply::Close(Closed::UnsupportedVersion(key, version)),
        Support::UnknownKey => Reply::Close(Closed::UnknownApi(key)),
    }
}

#[cfg(test)]
mod tests {
    use ottla_catalogue::{Part, State};

    use super::*;

    #[test]
    fn no_error_code_waits_for_what_is_served() {
        for page in ottla_catalogue::pages() {
            let name = page.info.name;
            let any = page.sent.iter().any(|sent| sent.by.is_empty());
            let mut senders = page.sent.iter().flat_map(|sent| &sent.by);
            let served = any || senders.any(|sender| serves(sender.api.key));
            match page.state() {
                State::Served | State::NotShown => assert!(served, "{name}: nobody sends it"),
                // Parts that begin with requests of their own.
                State::NotYet(Part::Forwarding | Part::Quorum | Part::Share) => {
                    assert!(!served, "{name}: a request that is served sends it");
                }
                _ => {}
            }
            for shown in &page.shown {
                let served = shown.requests.iter().all(|api| serves(api.key));
                assert!(served, "{name}: {}", shown.test);
            }
        }
    }

    /// `UPDATE_DOCS=1` takes out of the file what is shown by now; nothing is added to it but by hand.
    #[test]
    fn what_no_test_shows_can_only_become_less() {
        const FILE: &str = "../catalogue/unshown.txt";
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
        let text = std::fs::read_to_string(&path).expect("the list is there");
        let (head, known): (Vec<&str>, Vec<&str>) =
            text.lines().partition(|line| line.starts_with('#'));
        let now = ottla_catalogue::unshown(|api| serves(api.key));
        let new: Vec<_> = now
            .iter()
            .filter(|of| !known.contains(&of.as_str()))
            .collect();
        assert!(
            new.is_empty(),
            "no test shows these, and one did or should: {new:#?}"
        );
        if std::env::var_os("UPDATE_DOCS").is_some() {
            let lines: Vec<&str> = head
                .into_iter()
                .chain(now.iter().map(String::as_str))
                .collect();
            std::fs::write(&path, lines.join("\n") + "\n").expect("the list can be written");
        } else {
            let gone: Vec<_> = known
                .iter()
                .filter(|of| !now.iter().any(|now| now == *of))
                .collect();
            assert!(
                gone.is_empty(),
                "shown by now: UPDATE_DOCS=1 cargo test -p ottla-broker what_no_test_shows: {gone:#?}"
            );
        }
    }

    #[test]
    fn the_table_is_in_key_order() {
        assert!(REQUESTS.is_sorted_by(|a, b| a.key < b.key));
    }
}
