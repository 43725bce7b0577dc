//! Requests about the cluster, the quorum, coordinators and producers.

use ottla_interop::server::Kind;
use ottla_wire::{
    apis::{self, Listener},
    messages::{
        ApiVersionsRequest, ApiVersionsResponse, DescribeClusterRequest, DescribeQuorumRequest,
        FindCoordinatorRequest, InitProducerIdRequest, InitProducerIdResponse,
        ListConfigResourcesRequest, ListGroupsRequest, describe_quorum_request as quorum,
    },
};

use crate::both::Both;

/// Not yet served, and not said to be: transactions, shares, streams, security, and what only several nodes need.
const NOT_YET: &[i16] = &[
    17, 29, 30, 31, 34, 36, 38, 39, 40, 41, 50, 51, 76, 77, 78, 79, 80, 81, 83, 84, 85, 86, 87, 88,
    89, 90, 91, 92, 93,
];

pub(crate) fn ask(both: &mut Both) {
    let settle = |answer: &mut ApiVersionsResponse| {
        if Kind::under_test() == Kind::Ottla {
            // What Apache Kafka says of them is known; ours would show if it said something else.
            let table =
                |key| apis::api(key).and_then(|api| api.advertised(Listener::Broker, false));
            answer.api_keys.retain(|said| {
                !NOT_YET.contains(&said.api_key)
                    || table(said.api_key) != Some((said.min_version, said.max_version))
            });
        }
        answer.api_keys.sort_by_key(|key| key.api_key);
        answer
            .supported_features
            .sort_by(|a, b| a.name.cmp(&b.name));
        answer
            .finalized_features
            .sort_by(|a, b| a.name.cmp(&b.name));
    };
    both.each_then(
        "named",
        |_, _| ApiVersionsRequest {
            client_software_name: "interop".to_owned(),
            client_software_version: "1.0".to_owned(),
            ..ApiVersionsRequest::default()
        },
        settle,
    );
    both.each_then("no name", |_, _| ApiVersionsRequest::default(), settle);
    both.each_then(
        "a name that is none",
        |_, _| ApiVersionsRequest {
            client_software_name: "-a b-".to_owned(),
            client_software_version: "1".to_owned(),
            ..ApiVersionsRequest::default()
        },
        settle,
    );
    for endpoint_type in [1, 2, 3] {
        for include in [false, true] {
            both.each(
                &format!("endpoint type {endpoint_type}, {include}"),
                |_, _| DescribeClusterRequest {
                    endpoint_type,
                    include_cluster_authorized_operations: include,
                    include_fenced_brokers: include,
                    ..DescribeClusterRequest::default()
                },
            );
        }
    }
    both.each("unknown topic", |_, _| DescribeQuorumRequest {
        topics: vec![quorum::TopicData {
            topic_name: "nothing".to_owned(),
            partitions: vec![quorum::PartitionData::default()],
            ..quorum::TopicData::default()
        }],
        ..DescribeQuorumRequest::default()
    });
    both.each("all", |_, _| ListConfigResourcesRequest::default());
    both.each("none", |_, _| ListGroupsRequest::default());
    coordinators(both);
    producer_ids(both);
}

fn coordinators(both: &mut Both) {
    for key_type in [3, 99] {
        both.each(&format!("key type {key_type}"), |_, version| {
            FindCoordinatorRequest {
                key: if version < 4 {
                    "a".to_owned()
                } else {
                    String::new()
                },
                coordinator_keys: if version < 4 {
                    vec![]
                } else {
                    vec!["a".to_owned()]
                },
                key_type,
                ..FindCoordinatorRequest::default()
            }
        });
    }
    both.each("no keys", |_, version| FindCoordinatorRequest {
        key_type: i8::from(version > 0),
        ..FindCoordinatorRequest::default()
    });
}

fn producer_ids(both: &mut Both) {
    let settle = |answer: &mut InitProducerIdResponse| {
        // Which one is a matter of blocks.
        answer.producer_id = answer.producer_id.min(0);
    };
    both.each_then(
        "idempotent",
        |_, _| InitProducerIdRequest::default(),
        settle,
    );
    both.each_then(
        "idempotent, with a timeout of 0",
        |_, _| InitProducerIdRequest {
            transaction_timeout_ms: 0,
            ..InitProducerIdRequest::default()
        },
        settle,
    );
    both.each_then(
        "an empty transactional id",
        |_, _| InitProducerIdRequest {
            transactional_id: Some(String::new()),
            transaction_timeout_ms: 1000,
            ..InitProducerIdRequest::default()
        },
        settle,
    );
}
