//! IncrementalAlterConfigs (key 44, versions 0-1): sets, deletes, appends to and subtracts from configurations.
//!
//! The broker that is asked checks the request, and what concerns itself; the active controller decides about the rest.
//!
//! Refuses, per resource: `INVALID_REQUEST` (twice in the request, a key twice, no value, an unknown type or operation,
//! another broker than this one, a value that this broker could not live with), `INVALID_CONFIG`, `POLICY_VIOLATION`,
//! `UNKNOWN_TOPIC_OR_PARTITION`, and what concerns the request as a whole: `REQUEST_TIMED_OUT`, `NOT_CONTROLLER`.
//!
//! Differs from Apache Kafka: a broker has no loggers, so that changing one is `INVALID_CONFIG`.
//!
//! Not yet: authorization.

use ottla_wire::{
    apis::Listener,
    errors::Refusal,
    messages::{
        IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
        incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig},
        incremental_alter_configs_response::AlterConfigsResourceResponse,
    },
};

use super::changes::{self, Change, Entry, Mode};
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
    request: IncrementalAlterConfigsRequest,
) -> Reply<IncrementalAlterConfigsResponse> {
    let changes: Vec<Change<'_>> = request.resources.iter().map(change).collect();
    let outcomes = match cx.endpoint.listener() {
        Listener::Broker => changes::check(
            &changes,
            Mode::Incremental,
            &cx.broker.config(),
            &cx.broker.image_arc(),
        ),
        // Who speaks to the controller itself has nobody else's checks in between.
        Listener::Controller => changes::check_on_controller(&changes, &cx.broker.config()),
    };
    let left = request
        .resources
        .iter()
        .zip(&outcomes)
        .filter(|(_, outcome)| outcome.is_none());
    let forwarded = IncrementalAlterConfigsRequest {
        resources: left.map(|(resource, _)| resource.clone()).collect(),
        validate_only: request.validate_only,
        ..IncrementalAlterConfigsRequest::default()
    };
    let mut decided = if forwarded.resources.is_empty() {
        Ok(Vec::new())
    } else {
        let answer =
            controller::incremental_alter_configs(&cx.broker, Caller::of(cx), forwarded).await;
        answer.map(|response| response.responses)
    };
    let responses = request
        .resources
        .iter()
        .zip(outcomes)
        .map(|(resource, outcome)| match (outcome, &mut decided) {
            (Some(outcome), _) => respond(resource, outcome),
            (None, Err(refusal)) => respond(resource, Err(refusal.clone())),
            (None, Ok(decided)) => take(decided, resource),
        });
    Reply::Now(IncrementalAlterConfigsResponse {
        responses: responses.collect(),
        ..IncrementalAlterConfigsResponse::default()
    })
}

fn change(resource: &AlterConfigsResource) -> Change<'_> {
    Change {
        kind: resource.resource_type,
        name: &resource.resource_name,
        entries: resource.configs.iter().map(entry).collect(),
    }
}

fn entry(config: &AlterableConfig) -> Entry<'_> {
    Entry {
        key: &config.name,
        operation: config.config_operation,
        value: config.value.as_deref(),
    }
}

/// The controller's outcome of a resource.
fn take(
    decided: &mut Vec<AlterConfigsResourceResponse>,
    resource: &AlterConfigsResource,
) -> AlterConfigsResourceResponse {
    let is_its = |response: &AlterConfigsResourceResponse| {
        (response.resource_type, &response.resource_name)
            == (resource.resource_type, &resource.resource_name)
    };
    match decided.iter().position(is_its) {
        Some(at) => decided.swap_remove(at),
        None => respond(
            resource,
            Err(changes::unanswered(
                resource.resource_type,
                &resource.resource_name,
            )),
        ),
    }
}

fn respond(
    resource: &AlterConfigsResource,
    outcome: Result<(), Refusal>,
) -> AlterConfigsResourceResponse {
    let refusal = outcome.err();
    AlterConfigsResourceResponse {
        error_code: refusal.as_ref().map_or(0, |refusal| refusal.code.0),
        error_message: refusal.map(|refusal| refusal.text().to_owned()),
        resource_type: resource.resource_type,
        resource_name: resource.resource_name.clone(),
        ..AlterConfigsResourceResponse::default()
    }
}
