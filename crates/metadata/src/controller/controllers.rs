//! The quorum's controllers: registration, and its end.

use ottla_wire::{
    errors::Code,
    messages::{
        ControllerRegistrationRequest, ControllerRegistrationResponse, RegisterControllerRecord,
        UnregisterControllerRecord, UnregisterControllerRequest, UnregisterControllerResponse,
        register_controller_record::{ControllerEndpoint, ControllerFeature},
    },
};

use super::{Asked, Controller, Decision, message, nothing};
use crate::Record;

impl Controller {
    pub(super) fn register_controller(
        &mut self,
        asked: &Asked<ControllerRegistrationRequest>,
    ) -> Decision<ControllerRegistrationResponse> {
        let request = &asked.request;
        let version = self.ledger.latest().metadata_version_or_minimum();
        if !version.has_controller_registration() {
            let refusal = Code::UNSUPPORTED_VERSION.because(format!(
                "controllers register from metadata.version 3.7-IV0 on, and the cluster is at {version}"
            ));
            return nothing(ControllerRegistrationResponse {
                error_code: refusal.code.0,
                error_message: message(&refusal),
                ..ControllerRegistrationResponse::default()
            });
        }
        let endpoints = request.listeners.iter().map(|from| ControllerEndpoint {
            name: from.name.clone(),
            host: from.host.clone(),
            port: from.port,
            security_protocol: from.security_protocol,
            ..ControllerEndpoint::default()
        });
        let features = request.features.iter().map(|from| ControllerFeature {
            name: from.name.clone(),
            min_supported_version: from.min_supported_version,
            max_supported_version: from.max_supported_version,
            ..ControllerFeature::default()
        });
        let record = Record::from(RegisterControllerRecord {
            controller_id: request.controller_id,
            incarnation_id: request.incarnation_id,
            zk_migration_ready: false,
            end_points: endpoints.collect(),
            features: features.collect(),
            ..RegisterControllerRecord::default()
        });
        (vec![record], ControllerRegistrationResponse::default())
    }

    pub(super) fn unregister_controller(
        &mut self,
        asked: &Asked<UnregisterControllerRequest>,
    ) -> Decision<UnregisterControllerResponse> {
        let id = asked.request.controller_id;
        let image = self.ledger.latest();
        let version = image.metadata_version_or_minimum();
        let refusal = if id == self.settings.node_id {
            Code::INVALID_REQUEST.because(format!(
                "controller {id} is the active one: it cannot be unregistered before another has taken over"
            ))
        } else if !version.has_controller_unregistration() {
            Code::UNSUPPORTED_VERSION.because(format!(
                "controllers can be unregistered from metadata.version 4.4-IV2 on, and the \
                 cluster is at {version}"
            ))
        } else if image.controller(id).is_none() {
            Code::CONTROLLER_ID_NOT_REGISTERED.because(format!("controller {id} is not registered"))
        } else {
            let record = Record::from(UnregisterControllerRecord {
                controller_id: id,
                ..UnregisterControllerRecord::default()
            });
            return (vec![record], UnregisterControllerResponse::default());
        };
        nothing(UnregisterControllerResponse {
            error_code: refusal.code.0,
            error_message: message(&refusal),
            ..UnregisterControllerResponse::default()
        })
    }
}
