//! How long a group's assignment takes. `cargo bench -p ottla-coordinator -- --quick`.

use std::{
    collections::{BTreeMap, BTreeSet},
    hint::black_box,
    time::Duration,
};

use criterion::Criterion;
use ottla_coordinator::assign::{
    Assignment, Assignor, GroupSpec, MemberId, MemberSpec, SubscriptionType, Topics,
};
use ottla_wire::Uuid;

const MEMBERS: usize = 1000;
const TOPICS: u128 = 100;
const PARTITIONS: usize = 100;

struct Even;

impl Topics for Even {
    fn partitions(&self, _: Uuid) -> Option<usize> {
        Some(PARTITIONS)
    }
}

/// Members by number, what each subscribes to, and what it has.
type Group = BTreeMap<MemberId, (BTreeSet<Uuid>, Assignment)>;

fn group(members: usize, topics_of: impl Fn(usize) -> BTreeSet<Uuid>) -> Group {
    let members = (0..members).map(|n| {
        let id = format!("consumer-{n:08}").into();
        (id, (topics_of(n), Assignment::new()))
    });
    members.collect()
}

fn spec(group: &Group, subscription_type: SubscriptionType) -> GroupSpec<'_> {
    let members = group.iter().map(|(id, (subscribed, assigned))| {
        let spec = MemberSpec {
            instance_id: None,
            subscribed,
            assigned,
        };
        (id.clone(), spec)
    });
    GroupSpec {
        members: members.collect(),
        subscription_type,
    }
}

fn all(_: usize) -> BTreeSet<Uuid> {
    (0..TOPICS).map(Uuid::from_u128).collect()
}

/// Half of the topics, others for each member.
fn half(n: usize) -> BTreeSet<Uuid> {
    let of = |topic: &u128| (topic * 7 + n as u128) % 13 < 7;
    (0..TOPICS).filter(of).map(Uuid::from_u128).collect()
}

/// The first assignment, one in which nothing changes, and one after a tenth of the members left and others came.
fn bench(
    c: &mut Criterion,
    assignor: Assignor,
    kind: SubscriptionType,
    topics_of: impl Fn(usize) -> BTreeSet<Uuid> + Copy,
) {
    let name = format!(
        "{} {kind:?} {MEMBERS}x{}",
        assignor.name(),
        TOPICS * PARTITIONS as u128
    );
    let mut benches = c.benchmark_group(name);
    let assign = |group: &Group| {
        let targets = assignor.assign(&spec(group, kind), &Even);
        targets.expect("all topics exist")
    };
    let mut members = group(MEMBERS, topics_of);
    benches.bench_function("first", |b| b.iter(|| assign(black_box(&members))));
    for (id, target) in assign(&members) {
        members.get_mut(&id).expect("a member").1 = target;
    }
    benches.bench_function("again", |b| b.iter(|| assign(black_box(&members))));
    let mut changed = group(MEMBERS + MEMBERS / 10, topics_of);
    changed.retain(|id, _| !id.ends_with('3'));
    for (id, (_, assigned)) in &mut changed {
        if let Some((_, had)) = members.get(id) {
            assigned.clone_from(had);
        }
    }
    benches.bench_function("changed", |b| b.iter(|| assign(black_box(&changed))));
    benches.finish();
}

fn main() {
    let mut c = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    bench(
        &mut c,
        Assignor::Uniform,
        SubscriptionType::Homogeneous,
        all,
    );
    bench(
        &mut c,
        Assignor::Uniform,
        SubscriptionType::Heterogeneous,
        half,
    );
    bench(&mut c, Assignor::Range, SubscriptionType::Homogeneous, all);
    c.final_summary();
}
