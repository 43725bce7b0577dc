//! Mistakes that take a second broker, another machine, another cluster, or a quota: one command names the cause of each.

use std::{fs, net::UdpSocket, path::Path, process::Command};

use ottla_interop::{
    oracle::wait_until,
    raw::Connection,
    server::{Node, ottla_binary},
};
use ottla_wire::{
    Uuid,
    messages::{
        AlterClientQuotasRequest, ApiVersionsRequest, BrokerHeartbeatRequest,
        BrokerRegistrationRequest, CreateTopicsRequest, MetadataRequest,
        alter_client_quotas_request as alter, broker_registration_request as register,
        create_topics_request as create,
    },
};

use crate::{
    mistakes::{NOW_MS, produce},
    site::{LIMIT, Site, ask, run, topic},
};

/// A second broker, which is only registered.
const SECOND: i32 = 2;

#[test]
fn too_few_in_sync() {
    let dir = tempfile::tempdir().expect("a folder");
    let node = Node::new(dir.path(), &["broker.session.timeout.ms=1800000"]);
    let site = Site::of(&node);
    let mut to = site.connect();
    let mut controller = Connection::new(&node.controller_address());
    let epoch = register(&mut to, &mut controller, node.cluster_id());
    let brokers = |to: &mut Connection| ask(to, 12, &MetadataRequest::default()).brokers.len();
    assert!(wait_until(LIMIT, || brokers(&mut to) == 2));
    let assignment = create::CreatableReplicaAssignment {
        partition_index: 0,
        broker_ids: vec![1, SECOND],
        ..create::CreatableReplicaAssignment::default()
    };
    let request = CreateTopicsRequest {
        topics: vec![create::CreatableTopic {
            assignments: vec![assignment],
            ..topic("precious", -1, -1, &[("min.insync.replicas", "2")])
        }],
        timeout_ms: 10_000,
        ..CreateTopicsRequest::default()
    };
    let created = ask(&mut to, 7, &request);
    assert_eq!(created.topics[0].error_code, 0, "{created:?}");
    // The second broker goes away.
    alive(&mut controller, epoch, true);
    assert!(wait_until(LIMIT, || brokers(&mut to) == 1));
    produce(&mut to, "precious", -1, b"x", NOW_MS);
    let words = [
        "NOT_ENOUGH_REPLICAS",
        "1 of the 2 replicas of precious-0 are in sync",
        "min.insync.replicas is 2",
    ];
    site.shows(&["--topic", "precious"], &words);
    site.server.stop();
}

/// Registers the second broker; its epoch.
fn register(to: &mut Connection, controller: &mut Connection, cluster_id: &str) -> i64 {
    let versions = ApiVersionsRequest {
        client_software_name: "interop".to_owned(),
        client_software_version: "1".to_owned(),
        ..ApiVersionsRequest::default()
    };
    let features = ask(to, 4, &versions).supported_features.into_iter();
    let features = features.map(|feature| register::Feature {
        name: feature.name,
        min_supported_version: feature.min_version,
        max_supported_version: feature.max_version,
        ..register::Feature::default()
    });
    let request = BrokerRegistrationRequest {
        broker_id: SECOND,
        cluster_id: cluster_id.to_owned(),
        incarnation_id: Uuid::from_u128(0x7777),
        listeners: vec![register::Listener {
            name: "PLAINTEXT".to_owned(),
            host: "127.0.0.1".to_owned(),
            port: 9,
            ..register::Listener::default()
        }],
        features: features.collect(),
        log_dirs: vec![Uuid::from_u128(0xd1d1)],
        ..BrokerRegistrationRequest::default()
    };
    let answer = ask(controller, 4, &request);
    assert_eq!(answer.error_code, 0, "{answer:?}");
    alive(controller, answer.broker_epoch, false);
    answer.broker_epoch
}

fn alive(controller: &mut Connection, epoch: i64, goes: bool) {
    let request = BrokerHeartbeatRequest {
        broker_id: SECOND,
        broker_epoch: epoch,
        current_metadata_offset: 1_000_000,
        want_fence: goes,
        ..BrokerHeartbeatRequest::default()
    };
    let answer = ask(controller, 1, &request);
    assert_eq!(answer.error_code, 0, "{answer:?}");
}

#[test]
fn throttled() {
    let dir = tempfile::tempdir().expect("a folder");
    let site = Site::start(dir.path(), &[]);
    site.create("busy", 1, &[]);
    let entity = alter::EntityData {
        entity_type: "client-id".to_owned(),
        entity_name: Some("interop".to_owned()),
        ..alter::EntityData::default()
    };
    let quota = alter::OpData {
        key: "producer_byte_rate".to_owned(),
        value: 5000.0,
        ..alter::OpData::default()
    };
    let request = AlterClientQuotasRequest {
        entries: vec![alter::EntryData {
            entity: vec![entity],
            ops: vec![quota],
            ..alter::EntryData::default()
        }],
        ..AlterClientQuotasRequest::default()
    };
    ask(&mut site.connect(), 1, &request);
    // The client sees no error, and that it is slow.
    let words = [
        "throttled by a quota",
        "its quota producer_byte_rate of 5000 a second",
        "`ottla quotas describe --user ANONYMOUS --client-id interop`",
    ];
    let shown = wait_until(LIMIT, || {
        produce(&mut site.connect(), "busy", 1, &[b'x'; 60_000], NOW_MS);
        let (out, _) = site.why(&["--client", "interop"]);
        words.iter().all(|word| out.contains(word))
    });
    assert!(shown, "{}", site.why(&[]).0);
    // The command that is named there says what holds.
    let address = site.server.address();
    let (out, _) = run(&["quotas", "--bootstrap-server", &address, "list"]);
    assert!(
        out.contains("producer_byte_rate") && out.contains("5000"),
        "{out}"
    );
    site.server.stop();
}

#[test]
fn sent_to_its_own_machine() {
    let dir = tempfile::tempdir().expect("a folder");
    // Of two lines the last counts.
    let node = Node::new(dir.path(), &[]);
    let port = |address: String| address.rsplit(':').next().unwrap_or_default().to_owned();
    let (port, controller) = (port(node.address()), port(node.controller_address()));
    let listeners = [
        format!("listeners=PLAINTEXT://0.0.0.0:{port},CONTROLLER://127.0.0.1:{controller}"),
        format!("advertised.listeners=PLAINTEXT://localhost:{port}"),
    ];
    let site = Site::of(&node.with_lines(&listeners));
    let mut to = Connection::new(&format!("{}:{port}", own_address()));
    ask(&mut to, 12, &MetadataRequest::default());
    let told = format!("is sent to localhost:{port}, which is its own machine");
    let words = [
        "wrong advertised listener",
        &told,
        "set advertised.listeners",
    ];
    site.shows(&[], &words);
    site.server.stop();
}

/// An address of this machine that is not of its loopback: nothing is sent to find it.
fn own_address() -> String {
    let socket = UdpSocket::bind("0.0.0.0:0").expect("a socket");
    let connected = socket.connect("198.51.100.1:9");
    connected
        .expect("this test takes a machine with a network: an address that is not of the loopback");
    socket.local_addr().expect("an address").ip().to_string()
}

#[test]
fn directories_of_others() {
    let dir = tempfile::tempdir().expect("a folder");
    let format = |name: &str, cluster: &str| {
        let properties = properties(dir.path(), name, 1, &[name]);
        let done = Command::new(ottla_binary().expect("a binary"))
            .args(["format", "--standalone", "--cluster-id", cluster, "-c"])
            .arg(&properties)
            .output()
            .expect("runs");
        assert!(done.status.success(), "{done:?}");
    };
    let (mine, theirs) = ("b3R0bGEtb3JhY2xlLTAwMA", "b3R0bGEtb3JhY2xlLTAwMQ");
    format("mine", mine);
    format("theirs", theirs);
    let serve = |properties: &Path| {
        let done = Command::new(ottla_binary().expect("a binary"))
            .arg("serve")
            .arg(properties)
            .output()
            .expect("runs");
        assert!(!done.status.success());
        String::from_utf8_lossy(&done.stderr).into_owned()
    };
    // A directory of another cluster.
    let said = serve(&properties(dir.path(), "both", 1, &["mine", "theirs"]));
    for word in [
        mine,
        theirs,
        "give the node only directories of one cluster",
    ] {
        assert!(said.contains(word), "{word}: {said}");
    }
    // The directory of another node.
    let said = serve(&properties(dir.path(), "other", 7, &["mine"]));
    for word in ["belongs to node 1, and this is node 7", "set node.id=1"] {
        assert!(said.contains(word), "{word}: {said}");
    }
}

/// The file of a node that has these directories.
fn properties(dir: &Path, name: &str, node: i32, dirs: &[&str]) -> std::path::PathBuf {
    let dirs: Vec<String> = dirs
        .iter()
        .map(|name| dir.join(name).display().to_string())
        .collect();
    let path = dir.join(format!("{name}.properties"));
    let text = format!(
        "process.roles=broker,controller\nnode.id={node}\n\
         listeners=PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0\n\
         controller.listener.names=CONTROLLER\ncontroller.quorum.bootstrap.servers=127.0.0.1:9\nlog.dirs={}\n",
        dirs.join(",")
    );
    fs::write(&path, text).expect("writes");
    path
}
