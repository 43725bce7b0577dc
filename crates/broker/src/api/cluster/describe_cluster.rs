//! DescribeCluster (key 60, versions 0-2): the nodes of the cluster, its id, and its controller.
//!
//! On a broker's listener the nodes are brokers, on a controller's they are controllers (KIP-919).
//! Versions: 1 the kind of nodes that the client expects; 2 fenced brokers on request.
//!
//! Refuses: `UNSUPPORTED_ENDPOINT_TYPE` (neither brokers nor controllers), `MISMATCHED_ENDPOINT_TYPE` (the other kind
//! than this listener's), `UNSUPPORTED_VERSION` (controllers, below metadata.version 3.7-IV0).
//!
//! Not yet: authorization.

use ottla_metadata::Image;
use ottla_wire::{
    apis::Listener,
    errors::{Code, Refusal},
    messages::{
        DescribeClusterRequest, DescribeClusterResponse,
        describe_cluster_response::DescribeClusterBroker,
    },
};

use crate::{
    api::{Cx, nodes, operations},
    reply::Reply,
};

const BROKERS: i8 = 1;
const CONTROLLERS: i8 = 2;

/// Serves the request.
pub(crate) async fn handle(
    cx: &Cx,
    request: DescribeClusterRequest,
) -> Reply<DescribeClusterResponse> {
    let image = cx.broker.image_arc();
    let mut response = match described(cx, &image, &request) {
        Ok(response) => response,
        Err(refusal) => return Reply::Now(refused(&refusal)),
    };
    response
        .cluster_id
        .clone_from(&cx.broker.settings.cluster_id);
    if request.include_cluster_authorized_operations {
        response.cluster_authorized_operations = operations::CLUSTER;
    }
    Reply::Now(response)
}

fn described(
    cx: &Cx,
    image: &Image,
    request: &DescribeClusterRequest,
) -> Result<DescribeClusterResponse, Refusal> {
    let kind = cx.endpoint.listener();
    if kind == Listener::Controller
        && !image
            .metadata_version_or_minimum()
            .has_controller_registration()
    {
        let version = image.metadata_version_or_minimum();
        return Err(Code::UNSUPPORTED_VERSION.because(format!(
            "controllers do not register with metadata.version {version}, which is below 3.7-IV0"
        )));
    }
    check(kind, request.endpoint_type, cx.version)?;
    let (nodes, controller) = match kind {
        Listener::Broker => (
            brokers(image, &cx.endpoint.name, request.include_fenced_brokers),
            nodes::any_alive(image, cx.correlation_id),
        ),
        Listener::Controller => (
            controllers(image, &cx.endpoint.name),
            cx.broker.controller.quorum().leader_id,
        ),
    };
    let is_known = nodes.iter().any(|node| node.broker_id == controller);
    Ok(DescribeClusterResponse {
        endpoint_type: of(kind),
        controller_id: if is_known { controller } else { -1 },
        brokers: nodes,
        ..DescribeClusterResponse::default()
    })
}

fn of(kind: Listener) -> i8 {
    match kind {
        Listener::Broker => BROKERS,
        Listener::Controller => CONTROLLERS,
    }
}

fn check(kind: Listener, asked: i8, version: i16) -> Result<(), Refusal> {
    let or_older = |code: Code| {
        if version == 0 {
            Code::INVALID_REQUEST
        } else {
            code
        }
    };
    let name = |endpoint_type| {
        if endpoint_type == BROKERS {
            "brokers"
        } else {
            "controllers"
        }
    };
    match asked {
        BROKERS | CONTROLLERS if asked == of(kind) => Ok(()),
        BROKERS | CONTROLLERS => Err(or_older(Code::MISMATCHED_ENDPOINT_TYPE).because(format!(
            "this is a listener of {}; {} are described by one of their own",
            name(of(kind)),
            name(asked)
        ))),
        other => Err(or_older(Code::UNSUPPORTED_ENDPOINT_TYPE).because(format!(
            "endpoint type {other} is neither 1 (brokers) nor 2 (controllers)"
        ))),
    }
}

fn brokers(image: &Image, listener: &str, fenced: bool) -> Vec<DescribeClusterBroker> {
    nodes::all(image, listener)
        .filter(|node| fenced || !node.fenced)
        .map(|node| DescribeClusterBroker {
            broker_id: node.id,
            host: node.host.to_owned(),
            port: node.port,
            rack: node.rack.map(str::to_owned),
            is_fenced: node.fenced,
            ..DescribeClusterBroker::default()
        })
        .collect()
}

fn controllers(image: &Image, listener: &str) -> Vec<DescribeClusterBroker> {
    let on_listener = image.controllers().filter_map(|controller| {
        let endpoint = controller
            .endpoints
            .iter()
            .find(|endpoint| endpoint.name == listener)?;
        Some((controller.id, endpoint))
    });
    on_listener
        .map(|(id, endpoint)| DescribeClusterBroker {
            broker_id: id,
            host: endpoint.host.clone(),
            port: endpoint.port.into(),
            ..DescribeClusterBroker::default()
        })
        .collect()
}

fn refused(refusal: &Refusal) -> DescribeClusterResponse {
    DescribeClusterResponse {
        error_code: refusal.code.0,
        error_message: Some(refusal.text().to_owned()),
        ..DescribeClusterResponse::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::nodes::tests::image;

    #[test]
    fn kinds_of_nodes() {
        let code =
            |kind, asked, version| check(kind, asked, version).map_err(|refusal| refusal.code.0);
        assert_eq!(code(Listener::Broker, 1, 0), Ok(()));
        assert_eq!(code(Listener::Controller, 2, 1), Ok(()));
        assert_eq!(code(Listener::Controller, 1, 0), Err(42));
        assert_eq!(code(Listener::Controller, 1, 1), Err(114));
        assert_eq!(code(Listener::Broker, 2, 1), Err(114));
        assert_eq!(code(Listener::Broker, 3, 2), Err(115));
    }

    #[test]
    fn fenced_brokers_on_request() {
        let image = image();
        let ids = |fenced| {
            brokers(&image, "INSIDE", fenced)
                .iter()
                .map(|node| node.broker_id)
                .collect::<Vec<_>>()
        };
        assert_eq!(ids(false), [1, 2]);
        assert_eq!(ids(true), [1, 2, 3]);
        assert!(brokers(&image, "INSIDE", true)[2].is_fenced);
        assert_eq!(controllers(&image, "INSIDE"), []);
    }
}
