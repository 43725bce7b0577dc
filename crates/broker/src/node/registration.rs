//! The node's dealings with the controller about itself: registering, heartbeats, taking leave.

use std::{sync::Arc, time::Duration};

use ottla_config::BrokerConfig;
use ottla_metadata::{
    controller::{Asked, Input, Reply},
    features,
};
use ottla_raft::{Voter, VoterEndpoint, VoterSet};
use ottla_wire::{
    Uuid,
    errors::Code,
    messages::{
        BrokerHeartbeatRequest, BrokerRegistrationRequest, ControllerRegistrationRequest,
        broker_registration_request as broker_registration,
        controller_registration_request as controller_registration,
    },
};
use tokio::{
    sync::{mpsc, watch},
    time::MissedTickBehavior,
};
use tracing::{info, warn};

use super::{Endpoint, ListenerKind};
use crate::{
    broker::Broker,
    clock,
    log_dirs::{LogDir, LogDirs},
    offline,
    quorum::ControllerLoop,
    settings::Settings,
};

/// The levels of `kraft.version` that this node supports.
const KRAFT_VERSIONS: (i16, i16) = (0, 1);
/// How often a leaving broker asks whether it may go.
const LEAVE_EVERY: Duration = Duration::from_millis(10);

/// This node as a voter.
pub(super) fn voter(
    settings: &Settings,
    dirs: &LogDirs,
    listening: &[Arc<Endpoint>],
) -> Result<Voter, String> {
    let dir = dirs
        .at(&settings.metadata_log_dir)
        .ok_or("the metadata log directory is none of log.dirs")?;
    let controllers = listening
        .iter()
        .filter(|endpoint| endpoint.kind == ListenerKind::Controller);
    let endpoints = controllers.map(|endpoint| VoterEndpoint {
        name: endpoint.name.clone(),
        host: endpoint.advertised_host.clone(),
        port: told_port(endpoint),
    });
    Ok(Voter {
        id: settings.node_id,
        directory: dir.id,
        endpoints: endpoints.collect(),
        kraft_versions: KRAFT_VERSIONS,
    })
}

/// `controller.quorum.voters`, which names voters without directories.
pub(super) fn static_voters(config: &BrokerConfig) -> VoterSet {
    let name = config
        .listeners()
        .controller_names
        .first()
        .cloned()
        .unwrap_or_default();
    VoterSet::new(config.quorum_voters().into_iter().map(|voter| Voter {
        id: voter.id,
        directory: Uuid::ZERO,
        endpoints: vec![VoterEndpoint {
            name: name.clone(),
            host: voter.host,
            port: voter.port,
        }],
        kraft_versions: (0, 0),
    }))
}

fn told_port(endpoint: &Endpoint) -> u16 {
    if endpoint.advertised_port == 0 {
        endpoint.port
    } else {
        endpoint.advertised_port
    }
}

/// Makes this node the active controller, and registers it as controller and as broker.
pub(super) fn register(
    quorum: &mut ControllerLoop,
    settings: &Settings,
    dirs: &LogDirs,
    listening: &[Arc<Endpoint>],
) -> Result<(), String> {
    let epoch = quorum.epoch();
    let activate = Input::Activate { epoch };
    let controller = Input::ControllerRegistration(asked(as_controller(settings, listening), 0));
    let broker = Input::BrokerRegistration(asked(as_broker(settings, dirs, listening), 4));
    for reply in quorum.decide(vec![activate, controller, broker])?.replies {
        let code = match reply {
            // Controllers of older versions of the metadata do not register.
            Some(Reply::ControllerRegistration(response))
                if Code(response.error_code) == Code::UNSUPPORTED_VERSION =>
            {
                Code::NONE
            }
            Some(Reply::ControllerRegistration(response)) => Code(response.error_code),
            Some(Reply::BrokerRegistration(response)) => Code(response.error_code),
            Some(Reply::Refused(refusal)) => {
                return Err(format!(
                    "the controller refused to start: {}",
                    refusal.text()
                ));
            }
            _ => Code::NONE,
        };
        if code != Code::NONE {
            return Err(format!(
                "the controller refused this node's registration: {code:?}"
            ));
        }
    }
    Ok(())
}

/// As a request of the node's own.
pub(super) fn asked<R>(request: R, version: i16) -> Asked<R> {
    Asked {
        request,
        version,
        principal: "User:ANONYMOUS".to_owned(),
        client_id: String::new(),
    }
}

fn as_controller(
    settings: &Settings,
    listening: &[Arc<Endpoint>],
) -> ControllerRegistrationRequest {
    let of = |kind| {
        listening
            .iter()
            .filter(move |endpoint| endpoint.kind == kind)
    };
    let listeners =
        of(ListenerKind::Controller).map(|endpoint| controller_registration::Listener {
            name: endpoint.name.clone(),
            host: endpoint.advertised_host.clone(),
            port: told_port(endpoint),
            security_protocol: endpoint.security_protocol,
            ..Default::default()
        });
    let features =
        features::all_supported().map(|(name, min, max)| controller_registration::Feature {
            name: name.to_owned(),
            min_supported_version: min,
            max_supported_version: max,
            ..Default::default()
        });
    ControllerRegistrationRequest {
        controller_id: settings.node_id,
        incarnation_id: settings.incarnation_id,
        zk_migration_ready: false,
        listeners: listeners.collect(),
        features: features.collect(),
        ..Default::default()
    }
}

fn as_broker(
    settings: &Settings,
    dirs: &LogDirs,
    listening: &[Arc<Endpoint>],
) -> BrokerRegistrationRequest {
    let brokers = listening
        .iter()
        .filter(|endpoint| endpoint.kind == ListenerKind::Broker);
    let listeners = brokers.map(|endpoint| broker_registration::Listener {
        name: endpoint.name.clone(),
        host: endpoint.advertised_host.clone(),
        port: told_port(endpoint),
        security_protocol: endpoint.security_protocol,
        ..Default::default()
    });
    let features = features::all_supported().map(|(name, min, max)| broker_registration::Feature {
        name: name.to_owned(),
        min_supported_version: min,
        max_supported_version: max,
        ..Default::default()
    });
    let of_logs = dirs
        .iter()
        .filter(|dir| dir.is_registered && settings.log_dirs.iter().any(|path| path == dir.path()));
    BrokerRegistrationRequest {
        broker_id: settings.node_id,
        cluster_id: settings.cluster_id.clone(),
        incarnation_id: settings.incarnation_id,
        listeners: listeners.collect(),
        features: features.collect(),
        rack: settings.rack.clone(),
        is_migrating_zk_broker: false,
        log_dirs: of_logs.map(|dir| dir.id).collect(),
        previous_broker_epoch: dirs.previous_broker_epoch(),
        ..Default::default()
    }
}

fn heartbeat(broker: &Broker, want_shut_down: bool) -> Input {
    let failed = broker
        .log_dirs
        .iter()
        .filter(|dir| dir.has_failed() && dir.is_registered)
        .map(|dir| dir.id);
    let request = BrokerHeartbeatRequest {
        broker_id: broker.settings.node_id,
        broker_epoch: broker.epoch(),
        current_metadata_offset: broker.metadata_offset(),
        want_fence: false,
        want_shut_down,
        offline_log_dirs: failed.collect(),
        cordoned_log_dirs: Some(cordoned(broker)),
        ..Default::default()
    };
    Input::BrokerHeartbeat(asked(request, 2))
}

/// The ids of `cordoned.log.dirs`.
fn cordoned(broker: &Broker) -> Vec<Uuid> {
    let config = broker.config();
    let named = config
        .cordoned_log_dirs()
        .iter()
        .filter_map(|path| std::path::absolute(path).ok());
    named
        .filter_map(|path| broker.log_dirs.at(&path).map(|dir| dir.id))
        .collect()
}

/// The first heartbeat: everything is open, so the node may lead.
pub(super) fn unfence(quorum: &mut ControllerLoop, broker: &Broker) -> Result<(), String> {
    broker.publish(Arc::new(quorum.image().clone()), quorum.offset());
    let decided = quorum.decide(vec![heartbeat(broker, false)])?;
    for change in &decided.changes {
        broker.apply(change);
    }
    match decided.replies.first() {
        Some(Some(Reply::BrokerHeartbeat(response)))
            if response.error_code == 0 && !response.is_fenced =>
        {
            Ok(())
        }
        other => Err(format!("the controller did not admit this node: {other:?}")),
    }
}

/// Tells the controller from time to time that the broker lives.
///
/// Ends the node, through `failed`, if the controller cannot be told of a log directory that failed
/// (`log.dir.failure.timeout.ms`).
pub(super) async fn heartbeats(
    broker: Arc<Broker>,
    mut stop: watch::Receiver<bool>,
    failed: mpsc::WeakSender<String>,
) {
    let mut ticks = tokio::time::interval(broker.settings.heartbeat_interval.max(LEAVE_EVERY));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            _ = ticks.tick() => {}
            () = broker.heartbeat_now.notified() => {}
        }
        let failures: Vec<_> = untold(&broker).cloned().collect();
        match broker.controller.ask(heartbeat(&broker, false)).await {
            Ok(Reply::BrokerHeartbeat(response)) if response.error_code == 0 => {
                failures.iter().for_each(|dir| dir.told_controller());
            }
            Ok(reply) => {
                warn!(target: "kafka.server.BrokerLifecycleManager", "a heartbeat was refused: {reply:?}")
            }
            Err(refusal) => {
                warn!(target: "kafka.server.BrokerLifecycleManager", "a heartbeat was lost: {}", refusal.text())
            }
        }
        if let Some(why) = late(&broker) {
            offline::tell(&failed, why);
        }
    }
}

/// The failed log directories that the controller does not know of.
fn untold(broker: &Broker) -> impl Iterator<Item = &Arc<LogDir>> {
    let dirs = broker.log_dirs.iter();
    dirs.filter(|dir| dir.has_failed() && !dir.is_controller_told())
}

/// Says so if the controller could not be told of a failed log directory for too long.
fn late(broker: &Broker) -> Option<String> {
    let limit = broker.config().long("log.dir.failure.timeout.ms");
    let limit = Duration::from_millis(u64::try_from(limit).unwrap_or(0));
    let now = clock::instant();
    let is_late = |dir: &&Arc<LogDir>| dir.failed_at().is_some_and(|at| now - at >= limit);
    untold(broker).find(is_late).map(|dir| {
        format!(
            "the controller could not be told within {} ms (log.dir.failure.timeout.ms) that log directory {} has failed",
            limit.as_millis(),
            dir.path().display()
        )
    })
}

/// Asks the controller to take over what this broker leads, until it may go.
pub(super) async fn leave(broker: &Broker) -> Result<(), String> {
    info!(target: "kafka.server.BrokerLifecycleManager", "beginning controlled shutdown");
    loop {
        match broker.controller.ask(heartbeat(broker, true)).await {
            Ok(Reply::BrokerHeartbeat(response)) if response.error_code != 0 => {
                return Err(format!("{:?}", Code(response.error_code)));
            }
            Ok(Reply::BrokerHeartbeat(response)) if response.should_shut_down => return Ok(()),
            Ok(Reply::BrokerHeartbeat(_)) => tokio::time::sleep(LEAVE_EVERY).await,
            Ok(reply) => return Err(format!("{reply:?}")),
            Err(refusal) => return Err(refusal.text().to_owned()),
        }
    }
}
