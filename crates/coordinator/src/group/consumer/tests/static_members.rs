//! Members with a `group.instance.id`.

use super::*;

fn client(id: &str, instance: &str) -> Client {
    Client {
        instance: Some(instance.to_owned()),
        ..Client::new(id, &["t"])
    }
}

#[test]
fn a_static_member_that_is_away_for_a_short_time_keeps_its_partitions() {
    let mut world = world(&[("t", 4)]);
    let mut clients = [client("a", "one"), client("b", "two")];
    clients[0].join(&mut world);
    clients[1].join(&mut world);
    settle(&mut world, &mut clients);
    let had = clients[0].owned.clone();
    let epoch = describe(&mut world).group_epoch;
    let records = written(&mut world, |world| {
        let answer = beat(world, clients[0].leaving(-2));
        assert_eq!((answer.error_code, answer.member_epoch), (0, -2));
    });
    assert_eq!(records, ["current"]);
    let group = describe(&mut world);
    assert_eq!(
        (group.group_epoch, group.members[0].member_epoch),
        (epoch, -2)
    );
    assert_eq!(group.group_state, "Reconciling");
    // Under its old id it is nobody until it comes back.
    assert_eq!(
        refused(&mut world, clients[0].beating()),
        Code::FENCED_MEMBER_EPOCH
    );
    world.pass(5_000);
    let mut back = client("a2", "one");
    let records = written(&mut world, |world| {
        back.join(world);
    });
    let replaced = [
        "no current",
        "no target",
        "no member",
        "member",
        "target",
        "current",
    ];
    assert_eq!(records[..6], replaced);
    assert_eq!(records[6..], ["current"]);
    assert_eq!((back.epoch, &back.owned), (epoch, &had));
    assert_eq!(describe(&mut world).group_epoch, epoch);
    assert_eq!(
        refused(&mut world, clients[0].leaving(-1)),
        Code::FENCED_INSTANCE_ID
    );
    let mut clients = [back, clients[1].clone()];
    settle(&mut world, &mut clients);
}

#[test]
fn the_same_id_may_come_back() {
    let mut world = world(&[("t", 2)]);
    let mut a = client("a", "one");
    a.join(&mut world);
    beat(&mut world, a.leaving(-2));
    a.join(&mut world);
    assert_eq!(a.indexes("t"), [0, 1]);
    world.pass(SESSION_MS - 1);
    a.beat(&mut world);
    world.pass(SESSION_MS - 1);
    assert_eq!(state(&mut world), "Stable");
    world.pass(1);
    assert_eq!(state(&mut world), "Empty");
}

#[test]
fn an_instance_that_did_not_leave_is_not_given_away() {
    let mut world = world(&[("t", 2)]);
    let mut a = client("a", "one");
    a.join(&mut world);
    let other = client("b", "one");
    assert_eq!(
        refused(&mut world, other.joining()),
        Code::UNRELEASED_INSTANCE_ID
    );
    let stranger = Client {
        epoch: a.epoch,
        ..other.clone()
    };
    assert_eq!(
        refused(&mut world, stranger.beating()),
        Code::FENCED_INSTANCE_ID
    );
    let nobody = Client {
        epoch: 1,
        ..client("c", "none")
    };
    assert_eq!(
        refused(&mut world, nobody.beating()),
        Code::UNKNOWN_MEMBER_ID
    );
    assert_eq!(
        refused(&mut world, nobody.leaving(-1)),
        Code::UNKNOWN_MEMBER_ID
    );
    // It waits until the one that crashed is given up.
    world.pass(SESSION_MS);
    let mut other = other;
    other.join(&mut world);
    assert_eq!(other.indexes("t"), [0, 1]);
}

#[test]
fn a_static_member_that_does_not_come_back_is_given_up() {
    let mut world = world(&[("t", 2)]);
    let mut clients = [client("a", "one"), client("b", "two")];
    clients[0].join(&mut world);
    clients[1].join(&mut world);
    settle(&mut world, &mut clients);
    beat(&mut world, clients[0].leaving(-2));
    for _ in 0..5 {
        world.pass(10_000);
        clients[1].beat(&mut world);
    }
    settle(&mut world, &mut clients[1..]);
    assert_eq!(clients[1].indexes("t"), [0, 1]);
    // For good, it leaves like any other.
    let records = written(&mut world, |world| {
        beat(world, clients[1].leaving(-1));
    });
    assert_eq!(
        records,
        [
            "no current",
            "no target",
            "no member",
            "epoch",
            "target epoch"
        ]
    );
}

#[test]
fn a_full_group_has_place_for_a_static_member_that_comes_back() {
    let mut world = world_with(&[("t", 2)], |settings| settings.consumer_max_size = 1);
    let mut a = client("a", "one");
    a.join(&mut world);
    beat(&mut world, a.leaving(-2));
    let stranger = client("b", "two");
    assert_eq!(
        refused(&mut world, stranger.joining()),
        Code::GROUP_MAX_SIZE_REACHED
    );
    assert_eq!(client("c", "one").join(&mut world).error_code, 0);
}

#[test]
fn a_replacement_that_is_not_written_did_not_happen() {
    let mut world = world(&[("t", 2)]);
    let mut a = client("a", "one");
    a.join(&mut world);
    beat(&mut world, a.leaving(-2));
    world.append_fails = true;
    let request = client("b", "one").joining();
    let input = Input::ConsumerGroupHeartbeat(caller("test", 1), request);
    let (ticket, _) = world.ask(input);
    assert!(world.failed.remove(&ticket));
    world.append_fails = false;
    assert_eq!(describe(&mut world).members[0].member_id, "a");
    world.pass(SESSION_MS);
    assert_eq!(state(&mut world), "Empty");
}
