//! DeleteTopics (key 20, versions 1-6): deletes topics, by name or from version 6 on by id.
//!
//! The active controller decides, on a broker's listener as on its own. Versions: 3 says `TOPIC_DELETION_DISABLED`;
//! 5 an error text; 6 topic ids.
//!
//! Refuses, per topic: `UNKNOWN_TOPIC_OR_PARTITION`, `UNKNOWN_TOPIC_ID`, `INVALID_REQUEST` (twice, name and id, neither),
//! `THROTTLING_QUOTA_EXCEEDED` (from version 5),
//! and for all of them: `TOPIC_DELETION_DISABLED` (`INVALID_REQUEST` before version 3), `REQUEST_TIMED_OUT`,
//! `NOT_CONTROLLER`.
//!
//! Differs from Apache Kafka: answers are not shuffled, since nothing is hidden without an authorizer.
//!
//! Not yet: authorization.

use ottla_wire::{
    errors::Refusal,
    messages::{
        DeleteTopicsRequest, DeleteTopicsResponse, delete_topics_response::DeletableTopicResult,
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
pub(crate) async fn handle(cx: &Cx, request: DeleteTopicsRequest) -> Reply<DeleteTopicsResponse> {
    let asked = asked(&request);
    let caller = Caller::of(cx).within(request.timeout_ms);
    let answer = controller::delete_topics(&cx.broker, caller, request).await;
    Reply::Now(answer.unwrap_or_else(|refusal| refused(asked, &refusal)))
}

/// The topics of the request, as the answer repeats them.
fn asked(request: &DeleteTopicsRequest) -> Vec<DeletableTopicResult> {
    let named = request
        .topic_names
        .iter()
        .map(|name| (Some(name.clone()), Default::default()));
    let topics = request
        .topics
        .iter()
        .map(|topic| (topic.name.clone(), topic.topic_id));
    named
        .chain(topics)
        .map(|(name, topic_id)| DeletableTopicResult {
            name,
            topic_id,
            ..DeletableTopicResult::default()
        })
        .collect()
}

fn refused(asked: Vec<DeletableTopicResult>, refusal: &Refusal) -> DeleteTopicsResponse {
    let topic = |topic| DeletableTopicResult {
        error_code: refusal.code.0,
        error_message: Some(refusal.text().to_owned()),
        ..topic
    };
    DeleteTopicsResponse {
        responses: asked.into_iter().map(topic).collect(),
        ..DeleteTopicsResponse::default()
    }
}

#[cfg(test)]
mod tests {
    use ottla_wire::{
        Message, Uuid, errors::Code, messages::delete_topics_request::DeleteTopicState,
    };

    use super::*;

    #[test]
    fn a_refusal_of_the_whole_is_one_of_each() {
        let id = Uuid::from_u128(7);
        let by_name = DeleteTopicsRequest {
            topic_names: vec!["a".into()],
            ..DeleteTopicsRequest::default()
        };
        let by_id = DeleteTopicsRequest {
            topics: vec![DeleteTopicState {
                name: None,
                topic_id: id,
                ..DeleteTopicState::default()
            }],
            ..DeleteTopicsRequest::default()
        };
        let refusal = Code::NOT_CONTROLLER.because("elsewhere");
        let answer = refused(asked(&by_name), &refusal);
        assert_eq!(
            (
                answer.responses[0].name.as_deref(),
                answer.responses[0].error_code
            ),
            (Some("a"), 41)
        );
        assert!((1..=5).all(|version| answer.encode(version).is_ok()));
        let answer = refused(asked(&by_id), &refusal);
        assert_eq!(
            (answer.responses[0].topic_id, answer.responses[0].error_code),
            (id, 41)
        );
        assert!(answer.encode(6).is_ok());
    }
}
