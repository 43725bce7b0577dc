//! Questions to the active controller: one function per request, from its message to its response.

use std::time::Duration;

use ottla_metadata::controller::{Asked, Describable, Input, Reply};
use ottla_wire::{
    errors::{Code, Refusal},
    messages::{
        AllocateProducerIdsRequest, AllocateProducerIdsResponse, AlterClientQuotasRequest,
        AlterClientQuotasResponse, AlterConfigsRequest, AlterConfigsResponse,
        AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse,
        AlterPartitionRequest, AlterPartitionResponse, AssignReplicasToDirsRequest,
        AssignReplicasToDirsResponse, BrokerHeartbeatRequest, BrokerHeartbeatResponse,
        BrokerRegistrationRequest, BrokerRegistrationResponse, ControllerRegistrationRequest,
        ControllerRegistrationResponse, CreatePartitionsRequest, CreatePartitionsResponse,
        CreateTopicsRequest, CreateTopicsResponse, DeleteTopicsRequest, DeleteTopicsResponse,
        ElectLeadersRequest, ElectLeadersResponse, IncrementalAlterConfigsRequest,
        IncrementalAlterConfigsResponse, ListPartitionReassignmentsRequest,
        ListPartitionReassignmentsResponse, UnregisterBrokerRequest, UnregisterBrokerResponse,
        UnregisterControllerRequest, UnregisterControllerResponse, UpdateFeaturesRequest,
        UpdateFeaturesResponse,
    },
};

use crate::{api::Cx, broker::Broker};

/// Who asks, in which version of the request, and how long the answer is waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller<'a> {
    /// E.g. `User:alice`.
    pub(crate) principal: &'a str,
    /// The client id; empty if there is none.
    pub(crate) client_id: &'a str,
    /// The version.
    pub(crate) version: i16,
    /// Milliseconds that the request gives; `None` if it gives none.
    pub(crate) patience_ms: Option<i32>,
}

impl<'a> Caller<'a> {
    /// The caller of a request.
    pub(crate) fn of(cx: &'a Cx) -> Self {
        Self {
            principal: &cx.principal,
            client_id: cx.client_id.as_deref().unwrap_or(""),
            version: cx.version,
            patience_ms: None,
        }
    }

    /// With the time that its request gives.
    pub(crate) fn within(self, patience_ms: i32) -> Self {
        Self {
            patience_ms: Some(patience_ms),
            ..self
        }
    }

    fn asked<R>(&self, request: R) -> Asked<R> {
        Asked {
            request,
            version: self.version,
            principal: self.principal.to_owned(),
            client_id: self.client_id.to_owned(),
        }
    }
}

/// Asks, and gives up when the request's time is over. What was asked may still happen then, unless there was no time
/// at all.
async fn ask(broker: &Broker, caller: Caller<'_>, input: Input) -> Result<Reply, Refusal> {
    let Some(patience) = caller.patience_ms else {
        return broker.controller.ask(input).await;
    };
    let late = || {
        Code::REQUEST_TIMED_OUT.because(format!(
            "the controller did not finish within {patience} ms"
        ))
    };
    let patience = u64::try_from(patience)
        .ok()
        .filter(|patience| *patience > 0)
        .ok_or_else(late)?;
    let asked = broker.controller.ask(input);
    tokio::time::timeout(Duration::from_millis(patience), asked)
        .await
        .map_err(|_| late())?
}

/// Asks for topics to be created.
pub(crate) async fn create_topics(
    broker: &Broker,
    caller: Caller<'_>,
    request: CreateTopicsRequest,
) -> Result<CreateTopicsResponse, Refusal> {
    let input = Input::CreateTopics(caller.asked(request), Describable::All);
    match ask(broker, caller, input).await? {
        Reply::CreateTopics(response) => Ok(response),
        other => Err(not_an_answer(other)),
    }
}

fn not_an_answer(reply: Reply) -> Refusal {
    match reply {
        Reply::Refused(refusal) => refusal,
        other => {
            tracing::error!(?other, "the controller answered another question");
            Code::UNKNOWN_SERVER_ERROR.because("the controller answered another question")
        }
    }
}

macro_rules! questions {
    ($($(#[$doc:meta])* $name:ident: $input:ident($request:ident) -> $response:ident;)*) => {$(
        $(#[$doc])*
        pub(crate) async fn $name(
            broker: &Broker,
            caller: Caller<'_>,
            request: $request,
        ) -> Result<$response, Refusal> {
            match ask(broker, caller, Input::$input(caller.asked(request))).await? {
                Reply::$input(response) => Ok(response),
                other => Err(not_an_answer(other)),
            }
        }
    )*};
}

questions! {
    /// Asks for topics to be deleted.
    delete_topics: DeleteTopics(DeleteTopicsRequest) -> DeleteTopicsResponse;
    /// Asks for more partitions.
    create_partitions: CreatePartitions(CreatePartitionsRequest) -> CreatePartitionsResponse;
    /// Asks for configurations to be replaced.
    alter_configs: AlterConfigs(AlterConfigsRequest) -> AlterConfigsResponse;
    /// Asks for configurations to be changed.
    incremental_alter_configs:
        IncrementalAlterConfigs(IncrementalAlterConfigsRequest) -> IncrementalAlterConfigsResponse;
    /// Asks for quotas to be changed.
    alter_client_quotas: AlterClientQuotas(AlterClientQuotasRequest) -> AlterClientQuotasResponse;
    /// Asks for feature levels to be changed.
    update_features: UpdateFeatures(UpdateFeaturesRequest) -> UpdateFeaturesResponse;
    /// Asks for leaders to be elected.
    elect_leaders: ElectLeaders(ElectLeadersRequest) -> ElectLeadersResponse;
    /// Asks for partitions to be moved.
    alter_partition_reassignments:
        AlterPartitionReassignments(AlterPartitionReassignmentsRequest) -> AlterPartitionReassignmentsResponse;
    /// Asks which partitions are moving.
    list_partition_reassignments:
        ListPartitionReassignments(ListPartitionReassignmentsRequest) -> ListPartitionReassignmentsResponse;
    /// Asks for a broker to be forgotten.
    unregister_broker: UnregisterBroker(UnregisterBrokerRequest) -> UnregisterBrokerResponse;
    /// Asks for a controller to be forgotten.
    unregister_controller: UnregisterController(UnregisterControllerRequest) -> UnregisterControllerResponse;
    /// A broker registers.
    broker_registration: BrokerRegistration(BrokerRegistrationRequest) -> BrokerRegistrationResponse;
    /// A broker says that it lives.
    broker_heartbeat: BrokerHeartbeat(BrokerHeartbeatRequest) -> BrokerHeartbeatResponse;
    /// A controller registers.
    controller_registration: ControllerRegistration(ControllerRegistrationRequest) -> ControllerRegistrationResponse;
    /// A broker wants producer ids.
    allocate_producer_ids: AllocateProducerIds(AllocateProducerIdsRequest) -> AllocateProducerIdsResponse;
    /// A leader's in-sync replicas changed.
    alter_partition: AlterPartition(AlterPartitionRequest) -> AlterPartitionResponse;
    /// A broker says in which directories its replicas are.
    assign_replicas_to_dirs: AssignReplicasToDirs(AssignReplicasToDirsRequest) -> AssignReplicasToDirsResponse;
}
