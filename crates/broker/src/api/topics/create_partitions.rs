//! CreatePartitions (key 37, versions 0-3): gives topics more partitions, or only says whether they could have them.
//!
//! The active controller decides, on a broker's listener as on its own. Versions: 3 tells of quotas.
//!
//! Refuses, per topic: `UNKNOWN_TOPIC_OR_PARTITION`, `INVALID_PARTITIONS` (not more than there are),
//! `INVALID_REPLICA_ASSIGNMENT`, `INVALID_REPLICATION_FACTOR`, `INVALID_REQUEST` (named twice),
//! `THROTTLING_QUOTA_EXCEEDED` (from version 3), and for all of them: `REQUEST_TIMED_OUT`, `NOT_CONTROLLER`.
//!
//! Differs from Apache Kafka: nothing known.
//!
//! Not yet: authorization.

use ottla_wire::{
    errors::Refusal,
    messages::{
        CreatePartitionsRequest, CreatePartitionsResponse,
        create_partitions_response::CreatePartitionsTopicResult,
    },
};

use crate::{
    api::{
        Cx,
        controller::{self, Caller},
    },
    reply::Reply,
};

/// Serves the request.
pub(crate) async fn handle(
    cx: &Cx,
    request: CreatePartitionsRequest,
) -> Reply<CreatePartitionsResponse> {
    let names: Vec<String> = request
        .topics
        .iter()
        .map(|topic| topic.name.clone())
        .collect();
    let caller = Caller::of(cx).within(request.timeout_ms);
    let answer = controller::create_partitions(&cx.broker, caller, request).await;
    Reply::Now(answer.unwrap_or_else(|refusal| refused(names, &refusal)))
}

fn refused(names: Vec<String>, refusal: &Refusal) -> CreatePartitionsResponse {
    let topic = |name| CreatePartitionsTopicResult {
        name,
        error_code: refusal.code.0,
        error_message: Some(refusal.text().to_owned()),
        ..CreatePartitionsTopicResult::default()
    };
    CreatePartitionsResponse {
        results: names.into_iter().map(topic).collect(),
        ..CreatePartitionsResponse::default()
    }
}
