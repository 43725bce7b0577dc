//! Registration, heartbeats, fencing, shutdown and restart.

use ottla_wire::messages::{
    ControllerRegistrationRequest, MetadataRecord, UnregisterControllerRequest,
};

use super::*;
use crate::controller::{
    Input, Reply,
    testing::{World, asked, directory, registration},
};
use crate::image::{LeaderRecoveryState, NO_LEADER};

/// Fenced, in controlled shutdown, and their change records' versions are Kafka's.
fn changes(records: &[MetadataRecord]) -> Vec<(i8, i8)> {
    let change = |record: &MetadataRecord| match record {
        MetadataRecord::BrokerRegistrationChange(of) => {
            Some((of.fenced, of.in_controlled_shutdown))
        }
        _ => None,
    };
    records.iter().filter_map(change).collect()
}

#[test]
fn a_broker_registers_fenced_and_serves_once_it_has_read_that() {
    let mut world = World::new();
    let epoch = world.next_offset();
    assert_eq!(world.register(registration(1, 1)), (0, epoch));
    let broker = world.image().broker(1).unwrap();
    assert!(broker.fenced && !broker.in_controlled_shutdown);
    assert_eq!(
        (broker.epoch, &broker.directories[..]),
        (epoch, &[directory(1, 0)][..])
    );

    let (records, answer) = world.beat_with(1, |of| of.current_metadata_offset = epoch - 1);
    assert_eq!(records, []);
    assert!(!answer.is_caught_up && answer.is_fenced);
    let (records, answer) = world.beat_with(1, |of| of.want_fence = true);
    assert_eq!(records, []);
    assert!(answer.is_caught_up && answer.is_fenced);
    let (records, answer) = world.beat_with(1, |_| {});
    assert_eq!(changes(&records), [(-1, 0)]);
    assert!(answer.is_caught_up && !answer.is_fenced && !answer.should_shut_down);
    assert!(world.image().is_active(1));
    assert_eq!(world.beat_with(1, |_| {}).0, [], "nothing new");
}

#[test]
fn registrations_that_are_refused() {
    type Spoil = fn(&mut BrokerRegistrationRequest);
    let table: &[(Spoil, Code)] = &[
        (
            |of| of.cluster_id = "x".to_owned(),
            Code::INCONSISTENT_CLUSTER_ID,
        ),
        (
            |of| of.is_migrating_zk_broker = true,
            Code::BROKER_ID_NOT_REGISTERED,
        ),
        (|of| of.log_dirs = Vec::new(), Code::INVALID_REGISTRATION),
        (
            |of| of.log_dirs.push(directory::LOST),
            Code::INVALID_REGISTRATION,
        ),
        (
            |of| of.log_dirs.push(directory(2, 0)),
            Code::INVALID_REGISTRATION,
        ),
        (
            |of| of.log_dirs.push(directory(1, 0)),
            Code::INVALID_REGISTRATION,
        ),
        (
            |of| of.listeners[0].security_protocol = 9,
            Code::INVALID_REGISTRATION,
        ),
        (
            |of| of.features.retain(|of| of.name != METADATA_VERSION),
            Code::INVALID_REGISTRATION,
        ),
        (
            |of| of.features.retain(|of| of.name != "group.version"),
            Code::UNSUPPORTED_VERSION,
        ),
        (
            |of| of.features.retain(|of| of.name != KRAFT_VERSION),
            Code::UNSUPPORTED_VERSION,
        ),
        (
            |of| {
                let feature = of
                    .features
                    .iter_mut()
                    .find(|of| of.name == METADATA_VERSION);
                feature.unwrap().max_supported_version = 30;
            },
            Code::UNSUPPORTED_VERSION,
        ),
        (|_| {}, Code::NONE),
    ];
    let mut world = World::with_brokers([1]);
    for (at, (spoil, code)) in table.iter().enumerate() {
        let mut request = registration(2, 1);
        spoil(&mut request);
        assert_eq!(world.register(request).0, code.0, "row {at}");
    }
}

#[test]
fn a_second_process_waits_for_the_session_of_the_first_to_end() {
    let mut world = World::with_brokers([1]);
    let first = world.image().broker(1).unwrap().epoch;
    assert_eq!(
        world.register(registration(1, 2)).0,
        Code::DUPLICATE_BROKER_REGISTRATION.0
    );
    // The first may register again: it stays what it is.
    assert_eq!(world.register(registration(1, 1)), (0, first));
    assert!(world.image().is_active(1));
    world.pass(9_001);
    let second = world.next_offset();
    assert_eq!(world.register(registration(1, 2)), (0, second));
    assert!(world.image().broker(1).unwrap().fenced);
}

#[test]
fn a_node_that_was_killed_need_not_wait_for_its_own_session_to_end() {
    // The controller is node 1.
    let mut world = World::with_brokers([1, 2]);
    world.ask(Input::Resign);
    world.ask(Input::Activate { epoch: 2 });
    assert_eq!(
        world.register(registration(2, 2)).0,
        Code::DUPLICATE_BROKER_REGISTRATION.0
    );
    assert_eq!(world.register(registration(1, 2)).0, 0);
    world.beat(1);
    assert_eq!(
        world.register(registration(1, 3)).0,
        Code::DUPLICATE_BROKER_REGISTRATION.0
    );
}

#[test]
fn a_broker_not_heard_of_is_fenced_and_leads_no_more() {
    let mut world = World::with_brokers([1, 2]);
    world.create_on("t", &[1, 2]);
    world.pass(5_000);
    world.beat(2);
    assert_eq!(
        world.pass(4_000),
        [],
        "exactly a session timeout is not too long"
    );
    let records = world.pass(1);
    assert_eq!(changes(&records), [(1, 0)]);
    let partition = world.partition("t");
    assert_eq!((partition.leader, &partition.isr[..]), (2, &[2][..]));
    assert_eq!(partition.leader_epoch, 1);
    assert_eq!(
        world.pass(60_000).len(),
        2,
        "and so does the other, with its partition"
    );
    assert_eq!(world.partition("t").leader, NO_LEADER);
}

/// As one node of Kafka that is stopped and started: the leader epoch rises by two.
#[test]
fn a_clean_restart_of_the_only_broker() {
    let mut world = World::with_brokers([1]);
    world.create_on("t", &[1]);
    let stopped_in = world.image().broker(1).unwrap().epoch;

    let (records, answer) = world.beat_with(1, |of| of.want_shut_down = true);
    assert_eq!(changes(&records), [(0, 1)]);
    assert!(!answer.should_shut_down && !answer.is_fenced);
    let partition = world.partition("t");
    assert_eq!((partition.leader, partition.leader_epoch), (NO_LEADER, 1));
    assert_eq!(
        (&partition.isr[..], &partition.elr[..]),
        (&[][..], &[1][..])
    );
    assert_eq!(partition.last_known_elr[..], [1]);

    let (records, answer) = world.beat_with(1, |of| of.want_shut_down = true);
    assert_eq!(changes(&records), [(1, 0)]);
    assert!(answer.should_shut_down && answer.is_fenced);

    // A combined node's controller is new, too.
    world.ask(Input::Resign);
    world.ask(Input::Activate { epoch: 2 });
    let mut request = registration(1, 2);
    request.previous_broker_epoch = stopped_in;
    assert_eq!(world.register(request).0, 0);
    assert!(!world.beat(1).is_fenced);
    let partition = world.partition("t");
    assert_eq!((partition.leader, partition.leader_epoch), (1, 2));
    assert_eq!(
        (&partition.isr[..], &partition.elr[..]),
        (&[1][..], &[][..])
    );
    assert!(partition.last_known_elr.is_empty());
    assert_eq!(
        partition.leader_recovery_state,
        LeaderRecoveryState::Recovered
    );
}

/// It may have lost what it had acknowledged: its leader is elected uncleanly, since nobody has more.
#[test]
fn an_unclean_restart_of_the_only_broker() {
    let mut world = World::with_brokers([1]);
    world.create_on("t", &[1]);
    world.pass(9_001);
    assert_eq!(world.register(registration(1, 2)).0, 0);
    let partition = world.partition("t");
    assert_eq!((&partition.isr[..], &partition.elr[..]), (&[][..], &[][..]));
    assert!(!world.beat(1).is_fenced);
    let partition = world.partition("t");
    assert_eq!((partition.leader, &partition.isr[..]), (1, &[1][..]));
    assert_eq!(
        partition.leader_recovery_state,
        LeaderRecoveryState::Recovering
    );
}

#[test]
fn a_controlled_shutdown_waits_for_the_others() {
    let mut world = World::with_brokers([1, 2]);
    world.create_on("t", &[1, 2]);
    let read = world.next_offset() - 1;
    let (records, answer) = world.beat_with(1, |of| of.want_shut_down = true);
    assert_eq!(changes(&records), [(0, 1)]);
    assert!(!answer.should_shut_down);
    assert_eq!(world.partition("t").leader, 2);
    // The other has not read of it.
    world.beat_with(2, |of| of.current_metadata_offset = read);
    let (_, answer) = world.beat_with(1, |of| of.want_shut_down = true);
    assert!(!answer.should_shut_down && !answer.is_fenced);
    world.beat(2);
    let (_, answer) = world.beat_with(1, |of| of.want_shut_down = true);
    assert!(answer.should_shut_down && answer.is_fenced);
}

#[test]
fn brokers_that_lead_nothing_stop_at_once() {
    for fence in [false, true] {
        let mut world = World::with_brokers([1, 2]);
        world.create_on("t", &[1]);
        let (records, answer) = world.beat_with(2, |of| {
            of.want_shut_down = true;
            of.want_fence = fence;
        });
        assert_eq!(changes(&records), [(1, 0)]);
        assert!(answer.should_shut_down);
        let (records, answer) = world.beat_with(1, |of| of.want_fence = true);
        assert_eq!(changes(&records), [(1, 0)]);
        assert!(answer.is_fenced && !answer.should_shut_down);
        let (records, answer) = world.beat_with(1, |of| of.want_shut_down = true);
        assert_eq!(changes(&records), [(1, 0)], "as Kafka: it says it again");
        assert!(answer.should_shut_down);
    }
}

#[test]
fn heartbeats_of_another_epoch() {
    let mut world = World::with_brokers([1]);
    let (records, answer) = world.beat_with(1, |of| of.broker_epoch += 1);
    assert_eq!(
        (records, answer.error_code),
        (vec![], Code::STALE_BROKER_EPOCH.0)
    );
    assert_eq!(world.beat(7).error_code, Code::STALE_BROKER_EPOCH.0);
    world.ask(Input::Resign);
    let input = Input::BrokerHeartbeat(asked(BrokerHeartbeatRequest::default(), 2));
    let Reply::Refused(refusal) = world.ask(input) else {
        panic!("not refused");
    };
    assert_eq!(refusal.code, Code::NOT_CONTROLLER);
}

#[test]
fn directories_that_fail_or_are_cordoned() {
    let mut world = World::new();
    let mut request = registration(1, 1);
    request.log_dirs.push(directory(1, 1));
    world.register(request);
    world.beat(1);
    world.start(2, 1);
    world.create_on("t", &[1, 2]);
    let assigned = world.partition("t").directories.clone();
    assert_eq!(assigned[..], [directory::UNASSIGNED, directory(2, 0)]);
    let (records, _) = world.beat_with(2, |of| of.cordoned_log_dirs = Some(vec![directory(2, 0)]));
    assert_eq!(records.len(), 1);
    assert!(!world.image().broker(2).unwrap().takes_replicas());
    let again = world
        .beat_with(2, |of| of.cordoned_log_dirs = Some(vec![directory(2, 0)]))
        .0;
    assert_eq!(again, []);
    let (records, _) = world.beat_with(1, |of| of.offline_log_dirs = vec![directory(1, 1)]);
    assert_eq!(records.len(), 1, "no replica was in it: {records:?}");
    assert_eq!(
        world.image().broker(1).unwrap().directories,
        [directory(1, 0)]
    );
    let (records, _) = world.beat_with(2, |of| of.offline_log_dirs = vec![directory(2, 0)]);
    assert_eq!(records.len(), 2);
    assert_eq!(world.partition("t").isr[..], [1]);
}

#[test]
fn unregistered_nodes_are_forgotten() {
    let mut world = World::with_brokers([1, 2]);
    world.create_on("t", &[1, 2]);
    let unregister = |id| {
        let request = UnregisterBrokerRequest {
            broker_id: id,
            ..UnregisterBrokerRequest::default()
        };
        Input::UnregisterBroker(asked(request, 0))
    };
    let code = |reply| match reply {
        Reply::UnregisterBroker(of) => of.error_code,
        other => panic!("{other:?}"),
    };
    assert_eq!(code(world.ask(unregister(1))), 0);
    assert!(world.image().broker(1).is_none());
    assert_eq!(
        (world.partition("t").leader, &world.partition("t").isr[..]),
        (2, &[2][..])
    );
    assert_eq!(
        code(world.ask(unregister(1))),
        Code::BROKER_ID_NOT_REGISTERED.0
    );

    let register = ControllerRegistrationRequest {
        controller_id: 3,
        ..ControllerRegistrationRequest::default()
    };
    world.ask(Input::ControllerRegistration(asked(register, 0)));
    assert!(world.image().controller(3).is_some());
    let unregister = UnregisterControllerRequest {
        controller_id: 3,
        ..UnregisterControllerRequest::default()
    };
    let mut codes = Vec::new();
    for _ in 0..2 {
        let input = Input::UnregisterController(asked(unregister.clone(), 0));
        let Reply::UnregisterController(of) = world.ask(input) else {
            panic!("another reply");
        };
        codes.push(Code(of.error_code));
    }
    assert_eq!(codes, [Code::NONE, Code::CONTROLLER_ID_NOT_REGISTERED]);
}
