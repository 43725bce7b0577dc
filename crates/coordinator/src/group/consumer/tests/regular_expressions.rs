//! Subscriptions by regular expression.

use super::*;

fn client(id: &str, regex: &str) -> Client {
    Client {
        regex: Some(regex.to_owned()),
        ..Client::new(id, &[])
    }
}

#[test]
fn topics_are_looked_up_right_after_the_heartbeat() {
    let mut world = world(&[("foo", 2), ("food", 1), ("bar", 1)]);
    let mut a = client("a", "foo.*");
    let records = written(&mut world, |world| {
        assert_eq!(a.join(world).member_epoch, 1);
    });
    assert_eq!(records, ["member", "current"]);
    assert_eq!(types(&world.pass(0)), ["regex", "epoch"]);
    a.beat(&mut world);
    assert_eq!(
        (a.epoch, a.indexes("foo"), a.indexes("food")),
        (2, vec![0, 1], vec![0])
    );
    assert_eq!(a.indexes("bar"), []);
    let group = describe(&mut world);
    assert_eq!(
        group.members[0].subscribed_topic_regex.as_deref(),
        Some("foo.*")
    );
    // Another member with the same expression need not wait.
    world.pass(1_000);
    let mut b = client("b", "foo.*");
    b.join(&mut world);
    assert_eq!(b.epoch, 3);
    let mut clients = [a, b];
    settle(&mut world, &mut clients);
    assert_eq!(
        clients[0].owned.values().flatten().count() + clients[1].owned.values().flatten().count(),
        3
    );
}

#[test]
fn new_topics_are_found_once_in_ten_seconds() {
    let mut world = world(&[("foo", 1)]);
    let mut a = client("a", "foo.*");
    a.join(&mut world);
    world.pass(0);
    a.beat(&mut world);
    world.pass(5_000);
    change_topics(&mut world, |image| add_topic(image, "food", 2), &["food"]);
    a.beat(&mut world);
    assert!(world.pass(0).is_empty(), "it was looked up just now");
    world.pass(5_001);
    a.beat(&mut world);
    assert_eq!(types(&world.pass(0)), ["regex", "epoch"]);
    a.beat(&mut world);
    assert_eq!(a.indexes("food"), [0, 1]);
    // Without new topics it is looked up again after the refresh interval alone.
    for _ in 0..59 {
        world.pass(10_000);
        a.beat(&mut world);
        assert!(world.pass(0).is_empty());
    }
    world.pass(10_001);
    a.beat(&mut world);
    assert_eq!(types(&world.pass(0)), ["regex"]);
}

#[test]
fn an_expression_goes_with_its_last_member() {
    let mut world = world(&[("foo", 1), ("bar", 1)]);
    let mut clients = [client("a", "foo"), client("b", "bar|foo")];
    clients[0].join(&mut world);
    world.pass(0);
    world.pass(11_000);
    clients[1].join(&mut world);
    assert_eq!(types(&world.pass(0)), ["regex", "regex", "epoch"]);
    settle(&mut world, &mut clients);
    // To a name, and back to nothing known.
    let change = ConsumerGroupHeartbeatRequest {
        subscribed_topic_names: Some(vec!["bar".to_owned()]),
        subscribed_topic_regex: Some(String::new()),
        ..clients[1].beating()
    };
    let records = written(&mut world, |world| {
        beat(world, change);
    });
    assert_eq!(records[..3], ["member", "no regex", "epoch"]);
    settle(&mut world, &mut clients);
    assert_eq!(
        (clients[0].indexes("foo"), clients[1].indexes("bar")),
        (vec![0], vec![0])
    );
    let records = written(&mut world, |world| {
        beat(world, clients[0].leaving(-1));
    });
    assert_eq!(
        records,
        ["no current", "no target", "no member", "no regex", "epoch"]
    );
}

#[test]
fn names_and_an_expression_go_together() {
    let mut world = world(&[("foo", 1), ("bar", 1)]);
    let mut a = Client {
        regex: Some("fo+".to_owned()),
        ..Client::new("a", &["bar"])
    };
    a.join(&mut world);
    assert_eq!(a.indexes("bar"), [0]);
    world.pass(1_000);
    a.beat(&mut world);
    assert_eq!((a.indexes("bar"), a.indexes("foo")), (vec![0], vec![0]));
}

#[test]
fn what_is_no_expression_is_refused() {
    let mut world = world(&[("foo", 1)]);
    let code = refused(&mut world, client("a", "fo(").joining());
    assert_eq!(code, Code::INVALID_REGULAR_EXPRESSION);
    assert!(world.log.is_empty());
}

#[test]
fn after_a_failover_expressions_are_known_and_looked_up_again() {
    let mut world = world(&[("foo", 1)]);
    let mut a = client("a", "foo.*");
    a.join(&mut world);
    world.pass(0);
    a.beat(&mut world);
    world.reload();
    assert_eq!(world.pass(0), []);
    a.beat(&mut world);
    assert_eq!(a.indexes("foo"), [0]);
    change_topics(&mut world, |image| add_topic(image, "food", 1), &["food"]);
    world.pass(11_000);
    a.beat(&mut world);
    world.pass(0);
    a.beat(&mut world);
    assert_eq!(a.indexes("food"), [0]);
}
