//! CreateTopics (key 19, versions 2-7): creates topics, or only says whether they could be.
//!
//! The active controller decides, on a broker's listener as on its own. Versions: 4 leaves numbers of partitions and
//! replicas to the controller (-1); 5 answers with partitions, replicas and configurations; 7 with topic ids.
//!
//! Refuses, per topic: `TOPIC_ALREADY_EXISTS`, `INVALID_TOPIC_EXCEPTION`, `INVALID_PARTITIONS`,
//! `INVALID_REPLICATION_FACTOR`, `INVALID_REPLICA_ASSIGNMENT`, `INVALID_CONFIG`, `INVALID_REQUEST` (named twice, or
//! Kafka's own metadata topic), `THROTTLING_QUOTA_EXCEEDED` (from version 6), and for all of them what concerns the request as a whole: `REQUEST_TIMED_OUT`,
//! `NOT_CONTROLLER`.
//!
//! Differs from Apache Kafka: nothing known.
//!
//! Not yet: authorization.

use ottla_wire::{
    errors::Refusal,
    messages::{
        CreateTopicsRequest, CreateTopicsResponse, create_topics_response::CreatableTopicResult,
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
pub(crate) async fn handle(cx: &Cx, request: CreateTopicsRequest) -> Reply<CreateTopicsResponse> {
    let names: Vec<String> = request
        .topics
        .iter()
        .map(|topic| topic.name.clone())
        .collect();
    let caller = Caller::of(cx).within(request.timeout_ms);
    let answer = controller::create_topics(&cx.broker, caller, request).await;
    Reply::Now(answer.unwrap_or_else(|refusal| refused(names, &refusal)))
}

fn refused(names: Vec<String>, refusal: &Refusal) -> CreateTopicsResponse {
    let topic = |name| CreatableTopicResult {
        name,
        error_code: refusal.code.0,
        error_message: Some(refusal.text().to_owned()),
        ..CreatableTopicResult::default()
    };
    CreateTopicsResponse {
        topics: names.into_iter().map(topic).collect(),
        ..CreateTopicsResponse::default()
    }
}
