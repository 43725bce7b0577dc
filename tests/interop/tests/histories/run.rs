//! One history: its plan from its seed, its clients, and its end.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use ottla_wire::messages::{CreateTopicsRequest, create_topics_request::CreatableTopic};
use tokio::task::JoinSet;

use crate::{
    actors::{self, LONG_TIMEOUT},
    client::{Client, Dialect, World},
    history::{Group, History, Log, Outcome, Part, TransactionalId},
    outages::Clock,
    producer::Transactional,
    random::Chance,
    wire::{Answer, Fate, Wire},
};

/// What is left open must end within its timeout and this (ms).
pub(crate) const GRACE: u64 = 10_000;
/// How long the end is waited for, in microseconds while the server is there.
const DRAIN_LIMIT: u64 = (2_000 + GRACE + 4_000) * 1000;
/// How long a history may take, with everything that can happen to it.
const HISTORY_LIMIT: Duration = Duration::from_secs(300);
const POLL: Duration = Duration::from_millis(40);

/// Runs the history of a seed.
///
/// # Panics
/// With what happened until then, if it does not end.
pub(crate) async fn run(seed: u64, address: &str, clock: &Arc<Clock>) -> History {
    let mut chance = Chance::new(seed);
    let world = Rc::new(plan(&mut chance, seed, address, clock));
    let play = play(seed, &world, chance);
    let ended = tokio::time::timeout(HISTORY_LIMIT, play).await;
    let mut history = history(seed, &world);
    match ended {
        Ok(logs) => {
            history.logs = logs;
            history
        }
        Err(_) => panic!("does not end: {}", history.text()),
    }
}

async fn play(seed: u64, world: &Rc<World>, mut chance: Chance) -> Vec<Log> {
    create_topics(world).await;
    let mut readers = JoinSet::new();
    let all: Vec<Part> = (0..world.partitions.len()).collect();
    world.busy.set(1);
    for number in 0..chance.within(1, 3) {
        let client = Client::new(world, &format!("committed-{number}"), chance.branch());
        readers.spawn_local(actors::reader(client, true, all.clone()));
    }
    let client = Client::new(world, "uncommitted", chance.branch());
    readers.spawn_local(actors::reader(client, false, all));
    let mut writers = writers(world, &mut chance);
    while let Some(ended) = writers.join_next().await {
        ended.unwrap_or_else(|why| panic!("seed {seed}: {why}"));
    }
    drain(world, &mut chance).await;
    world.busy.set(0);
    while let Some(ended) = readers.join_next().await {
        ended.unwrap_or_else(|why| panic!("seed {seed}: {why}"));
    }
    look(world, chance.branch()).await
}

fn history(seed: u64, world: &World) -> History {
    History {
        seed,
        events: world.events.take(),
        transactions: world.transactions.take(),
        ids: world.ids.clone(),
        partitions: world.partitions.clone(),
        groups: world.groups.clone(),
        outages: Vec::new(),
        logs: Vec::new(),
        again: Vec::new(),
    }
}

/// Reads everything once more, by clients that know nothing.
pub(crate) async fn run_again(history: &mut History, address: &str, clock: &Arc<Clock>) {
    let world = Rc::new(World {
        address: address.to_owned(),
        clock: Arc::clone(clock),
        events: RefCell::new(std::mem::take(&mut history.events)),
        transactions: RefCell::new(Vec::new()),
        ids: history.ids.clone(),
        dialects: Vec::new(),
        partitions: history.partitions.clone(),
        groups: history.groups.clone(),
        values: Cell::new(0),
        busy: Cell::new(0),
    });
    history.again = look(&world, Chance::new(history.seed)).await;
    history.events = world.events.take();
}

fn plan(chance: &mut Chance, seed: u64, address: &str, clock: &Arc<Clock>) -> World {
    let name = format!("{seed:016x}");
    let inputs = chance.within(1, 4) as usize;
    let mut partitions: Vec<(String, i32)> = match inputs {
        3 if chance.permille(500) => vec![
            (format!("in-{name}"), 0),
            (format!("in-{name}"), 1),
            (format!("also-{name}"), 0),
        ],
        _ => (0..inputs as i32)
            .map(|index| (format!("in-{name}"), index))
            .collect(),
    };
    let mut ids: Vec<TransactionalId> = (0..chance.within(1, 4))
        .map(|number| TransactionalId {
            name: format!("id-{name}-{number}"),
            timeout: chance.of(&[300, 600, 1200, 60_000]),
        })
        .collect();
    let mut groups = Vec::new();
    if chance.permille(600) {
        groups.push(Group {
            name: format!("group-{name}"),
            from: chance.below(inputs),
            to: partitions.len(),
        });
        partitions.push((format!("out-{name}"), 0));
        ids.push(TransactionalId {
            name: format!("copier-{name}"),
            timeout: chance.of(&[500, 1000, 60_000]),
        });
    }
    let dialect = |_| chance.of(&[Dialect::One, Dialect::Two, Dialect::Two]);
    let dialects = ids.iter().map(dialect).collect();
    World {
        address: address.to_owned(),
        clock: Arc::clone(clock),
        events: RefCell::default(),
        transactions: RefCell::default(),
        ids,
        dialects,
        partitions,
        groups,
        values: Cell::new(0),
        busy: Cell::new(0),
    }
}

async fn create_topics(world: &World) {
    let mut topics: Vec<CreatableTopic> = Vec::new();
    for (name, _) in &world.partitions {
        match topics.iter_mut().find(|topic| topic.name == **name) {
            Some(topic) => topic.num_partitions += 1,
            None => topics.push(CreatableTopic {
                name: name.as_str().into(),
                num_partitions: 1,
                replication_factor: 1,
                ..Default::default()
            }),
        }
    }
    let request = CreateTopicsRequest {
        topics,
        timeout_ms: 10_000,
        ..Default::default()
    };
    let mut wire = Wire::new(&world.address);
    /// TOPIC_ALREADY_EXISTS: an answer before got lost.
    const EXISTS: i16 = 36;
    loop {
        let answer = wire.ask(7, &request, Fate::Read).await;
        if let Answer::Got(answer) = answer {
            let made = |code: i16| [0, EXISTS].contains(&code);
            if answer.topics.iter().all(|topic| made(topic.error_code)) {
                return;
            }
        }
        tokio::time::sleep(POLL).await;
    }
}

fn writers(world: &Rc<World>, chance: &mut Chance) -> JoinSet<()> {
    let mut set = JoinSet::new();
    let own = |chance: &mut Chance, name: String| Client::new(world, &name, chance.branch());
    let outputs: Vec<Part> = world.groups.iter().map(|group| group.to).collect();
    let parts: Vec<Part> = (0..world.partitions.len())
        .filter(|part| !outputs.contains(part))
        .collect();
    let writer_ids = world.ids.len() - world.groups.len();
    for id in 0..writer_ids {
        // Sometimes two that do not know of each other.
        for turn in 0..chance.of(&[1, 1, 1, 2]) {
            let client = own(chance, format!("writer-{id}-{turn}"));
            let producer = Transactional::new(client, id, world.dialects[id]);
            let rounds = chance.within(2, 7) as usize;
            set.spawn_local(actors::writer(producer, rounds, parts.clone()));
        }
    }
    for (group, _) in world.groups.iter().enumerate() {
        for turn in 0..chance.within(1, 3) {
            let client = own(chance, format!("copier-{group}-{turn}"));
            let id = writer_ids + group;
            let producer = Transactional::new(client, id, world.dialects[id]);
            let wait = Duration::from_millis(turn * chance.within(20, 600));
            set.spawn_local(async move {
                tokio::time::sleep(wait).await;
                actors::copier(producer, group, 25).await;
            });
        }
    }
    for idempotent in [false, true] {
        if chance.permille(500) {
            let client = own(
                chance,
                if idempotent { "idempotent" } else { "plain" }.to_owned(),
            );
            set.spawn_local(actors::plain(client, idempotent, parts.clone()));
        }
    }
    if chance.permille(500) {
        set.spawn_local(actors::fencer(Rc::clone(world), chance.branch(), 0, parts));
    }
    set
}

/// Waits until the server has ended what clients left open.
async fn drain(world: &Rc<World>, chance: &mut Chance) {
    for (id, of) in world.ids.iter().enumerate() {
        if of.timeout >= LONG_TIMEOUT {
            actors::take_over(world, chance.branch(), id).await;
        }
    }
    let mut client = Client::new(world, "waiting", chance.branch());
    let since = world.clock.now();
    loop {
        let quiet = is_quiet(&mut client).await;
        let now = world.clock.now();
        let away: u64 = world
            .clock
            .outages()
            .into_iter()
            .map(|(from, until)| until.min(now).saturating_sub(from.max(since)))
            .sum();
        if quiet || now - since > DRAIN_LIMIT + away {
            return;
        }
        tokio::time::sleep(POLL).await;
    }
}

async fn is_quiet(client: &mut Client) -> bool {
    for partition in 0..client.world.partitions.len() {
        let read = client.read(partition, true, 0, (0, 1)).await;
        if !matches!(read, Outcome::Ok(seen) if seen.last_stable == seen.high_watermark) {
            return false;
        }
    }
    for id in 0..client.world.ids.len() {
        if client.settled(id).await != Outcome::Ok(true) {
            return false;
        }
    }
    true
}

/// The logs as they are, and everything that a reader of committed records sees of them.
async fn look(world: &Rc<World>, mut chance: Chance) -> Vec<Log> {
    let mut logs = Vec::new();
    for partition in 0..world.partitions.len() {
        let mut client = Client::new(world, "last", chance.branch());
        let log = persist(async || client.log(partition).await).await;
        let mut from = 0;
        while from < log.last_stable {
            let most = client.chance.of(&[1, 200, 400, 1 << 20]);
            match client.read(partition, true, from, (0, most)).await {
                // No way forward: the checker sees why.
                Outcome::Ok(seen) if seen.next == from => break,
                Outcome::Ok(seen) => from = seen.next,
                _ => tokio::time::sleep(POLL).await,
            }
        }
        for committed in [true, false] {
            persist(async || client.latest(partition, committed).await.ok().copied()).await;
        }
        logs.push(log);
    }
    for group in 0..world.groups.len() {
        let mut client = Client::new(world, "last", chance.branch());
        actors::committed_offset(&mut client, group).await;
    }
    logs
}

async fn persist<T>(mut what: impl AsyncFnMut() -> Option<T>) -> T {
    loop {
        if let Some(answer) = what().await {
            return answer;
        }
        tokio::time::sleep(POLL).await;
    }
}
