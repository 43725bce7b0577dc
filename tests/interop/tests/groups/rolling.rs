//! What happens to members: they come and go, crash, are restarted, and change from one protocol to the other and back.

use std::{collections::BTreeSet, time::Duration};

use ottla_interop::{journal::Event, oracle::wait_until, raw::Connection, scenario::Run};
use ottla_wire::messages::{
    IncrementalAlterConfigsRequest, ListGroupsRequest,
    incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig},
};

/// A restart takes less, on a slow machine too.
const LONG_SESSION: Duration = Duration::from_secs(60);
const INSTANCES: [&str; 3] = ["one", "two", "three"];

/// Three join one after another, one is killed, another joins, one leaves, and the others are restarted in turn.
pub(crate) fn come_and_go(run: &mut Run) {
    for number in 1..=3 {
        run.join(None);
        run.settle(&format!("member {number} joined"));
    }
    run.crash(1);
    run.settle("one crashed");
    run.join(None);
    run.settle("another joined");
    run.leave(0);
    run.settle("one left");
    for number in 1..=2 {
        run.leave(0);
        run.join(None);
        run.settle(&format!("restart {number}"));
    }
}

/// Each of three static members is restarted in turn: it has its partitions again, and the others notice nothing. Then one
/// crashes. The member that leads may ask for an assignment when it comes back: its client does if it hears of the topic
/// after it joined.
pub(crate) fn static_members(run: &mut Run) {
    run.group.session = LONG_SESSION;
    session_of_consumer_protocol(run, LONG_SESSION);
    for instance in INSTANCES {
        run.join(Some(instance));
        run.settle(instance);
    }
    run.leave(0);
    run.join(Some(INSTANCES[0]));
    run.settle("the first restarted");
    for instance in &INSTANCES[1..] {
        undisturbed(run, 0, instance, |run| run.leave(0));
    }
    if run.protocol == "consumer" {
        // Its place is kept for the member that had it, until the session ends.
        session_of_consumer_protocol(run, crate::SESSION);
        run.crash(0);
        run.settle("one crashed");
        run.join(Some(INSTANCES[0]));
        run.settle("it is back");
    } else {
        undisturbed(run, 1, INSTANCES[1], |run| run.crash(1));
    }
}

/// One of the members goes and comes back.
fn undisturbed(run: &mut Run, place: usize, instance: &str, go: impl Fn(&mut Run)) {
    let had = run.members[place].owned();
    let mut before = moves(run);
    before.remove(place);
    go(run);
    assert_eq!(moves(run), before, "{instance} went: others moved");
    run.join(Some(instance));
    run.settle(&format!("{instance} restarted"));
    let moved = moves(run);
    assert_eq!(moved[..2], before, "{instance} came: others moved");
    let has = run.members[2].owned();
    assert_eq!(has, had, "{instance} has other partitions than before");
}

/// All partitions that ever came or went, of each member.
fn moves(run: &mut Run) -> Vec<Vec<i32>> {
    let moved = |event: &Event| match event {
        Event::Assigned { partitions, .. }
        | Event::Revoked { partitions, .. }
        | Event::Lost { partitions, .. } => partitions.clone(),
        _ => Vec::new(),
    };
    let members = run.members.iter_mut();
    members
        .map(|member| member.events().iter().flat_map(moved).collect())
        .collect()
}

/// How long members of the newer protocol may be silent is the server's to say, for each group.
fn session_of_consumer_protocol(run: &Run, session: Duration) {
    const GROUP: i8 = 32;
    const SET: i8 = 0;
    let config = AlterableConfig {
        name: "consumer.session.timeout.ms".into(),
        config_operation: SET,
        value: Some(session.as_millis().to_string().as_str().into()),
        ..Default::default()
    };
    let resource = AlterConfigsResource {
        resource_type: GROUP,
        resource_name: run.group.id.as_str().into(),
        configs: vec![config],
        ..Default::default()
    };
    let request = IncrementalAlterConfigsRequest {
        resources: vec![resource],
        ..Default::default()
    };
    let answer = Connection::new(&run.group.address).ask(1, &request);
    let answer = answer.expect("an answer");
    assert_eq!(answer.responses[0].error_code, 0, "{answer:?}");
}

/// Members of the older protocol are replaced by ones of the newer, one at a time, and then again by ones of the older.
pub(crate) fn upgrade_and_downgrade(run: &mut Run) {
    let older = run.protocol;
    for number in 1..=2 {
        run.join(None);
        run.settle(&format!("member {number} joined"));
    }
    assert_eq!(group_type(run), "classic");
    replace_all(run, "consumer");
    replace_all(run, older);
    let classic = wait_until(Duration::from_secs(10), || group_type(run) == "classic");
    assert!(classic, "it is still {}", group_type(run));
}

fn replace_all(run: &mut Run, protocol: &'static str) {
    run.protocol = protocol;
    for number in 1..=2 {
        // They work side by side, then the older one leaves.
        run.join(None);
        run.settle(&format!("{protocol} member {number} joined"));
        assert_eq!(group_type(run), "consumer");
        let names: BTreeSet<String> = run
            .members
            .iter()
            .map(|one| one.name().to_owned())
            .collect();
        run.leave(0);
        run.settle(&format!("a member of {names:?} left"));
    }
}

fn group_type(run: &Run) -> String {
    let answer = Connection::new(&run.group.address).ask(5, &ListGroupsRequest::default());
    let groups = answer.expect("an answer").groups;
    let found = groups.iter().find(|group| *group.group_id == *run.group.id);
    let of = &found.expect("the group is listed").group_type;
    of.to_lowercase()
}
