//! Many histories at once on one server, which is killed now and then.

use std::{
    env,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use ottla_interop::{
    oracle::wait_until,
    raw::Connection,
    server::{Kind, Node, Server},
};
use ottla_wire::messages::{DescribeTransactionsRequest, FindCoordinatorRequest};
use tokio::{
    sync::Semaphore,
    task::{JoinSet, LocalSet},
};

use crate::{
    history::History,
    outages::Clock,
    random::Chance,
    run,
    wire::{Answer, Fate, Wire},
};

/// How many histories run at a time.
const AT_ONCE: u64 = 64;

/// How long a server may take to load its transactions, on a slow machine.
const LOAD_LIMIT: Duration = Duration::from_secs(60);

/// How a round is done.
#[derive(Clone, Debug)]
pub(crate) struct Round {
    pub seeds: Vec<u64>,
    /// A stop of the server every so many ms, on average; 0: never.
    pub outage_every: u64,
    pub kind: Kind,
}

/// The number in an environment variable.
///
/// # Panics
/// If it is none.
pub(crate) fn number(name: &str, otherwise: u64) -> u64 {
    match env::var(name) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{name}={text} is not a number")),
        Err(_) => otherwise,
    }
}

/// Runs a round on a new server in `dir`.
///
/// # Panics
/// If the server ends by itself, or does not come up again.
pub(crate) fn play(dir: &Path, round: &Round) -> Vec<History> {
    let node = Node::new(
        dir,
        &[
            "transaction.abort.timed.out.transaction.cleanup.interval.ms=100",
            "transaction.state.log.num.partitions=5",
            "offsets.topic.num.partitions=3",
        ],
    );
    let clock = Arc::new(Clock::new());
    let server = node.start(round.kind);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(coordinators(&node.address()));
    let over = AtomicBool::new(false);
    let mut histories = Vec::new();
    let server = thread::scope(|scope| {
        let keeper = scope.spawn(|| disturb(&node, server, round, &clock, &over));
        // Also if a history panics: the keeper must end, and the server with it.
        let _end = Over(&over);
        histories = runtime.block_on(LocalSet::new().run_until(all(round, &node, &clock)));
        over.store(true, Ordering::Relaxed);
        keeper.join().expect("the server's keeper")
    });
    // What a restart makes of it.
    clock.down();
    server.kill();
    let server = node.start(round.kind);
    loaded(&node.address());
    clock.up();
    let mut histories =
        runtime.block_on(LocalSet::new().run_until(again(histories, &node, &clock)));
    server.stop();
    let outages = clock.outages();
    for history in &mut histories {
        let (Some(first), Some(last)) = (
            history.events.iter().map(|event| event.invoked).min(),
            history.events.iter().map(|event| event.completed).max(),
        ) else {
            continue;
        };
        let during = |&(from, until): &(u64, u64)| until >= first && from <= last;
        history.outages = outages.iter().copied().filter(during).collect();
    }
    histories
}

/// Says when it goes that the round is over.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

async fn all(round: &Round, node: &Node, clock: &Arc<Clock>) -> Vec<History> {
    let turns = Arc::new(Semaphore::new(number("OTTLA_AT_ONCE", AT_ONCE) as usize));
    let mut running = JoinSet::new();
    for &seed in &round.seeds {
        let (turns, clock, address) = (Arc::clone(&turns), Arc::clone(clock), node.address());
        running.spawn_local(async move {
            let _turn = turns.acquire().await;
            run::run(seed, &address, &clock).await
        });
    }
    let mut histories = Vec::new();
    while let Some(history) = running.join_next().await {
        histories.push(history.unwrap_or_else(|why| panic!("{why}")));
    }
    histories
}

/// What the logs of all are after a kill.
async fn again(histories: Vec<History>, node: &Node, clock: &Arc<Clock>) -> Vec<History> {
    let mut reading = JoinSet::new();
    for mut history in histories {
        let (clock, address) = (Arc::clone(clock), node.address());
        reading.spawn_local(async move {
            run::run_again(&mut history, &address, &clock).await;
            history
        });
    }
    reading.join_all().await
}

/// Stops and starts the server until it is over: the server that runs then.
fn disturb(
    node: &Node,
    mut server: Server,
    round: &Round,
    clock: &Clock,
    over: &AtomicBool,
) -> Server {
    /// Between looks at whether it is over.
    const STEP: u64 = 10;
    let mut chance = Chance::new(round.seeds.first().copied().unwrap_or(0));
    loop {
        let mut wait = if round.outage_every == 0 {
            u64::MAX
        } else {
            chance.within(round.outage_every / 4, round.outage_every * 7 / 4)
        };
        while wait > 0 {
            if over.load(Ordering::Relaxed) {
                return server;
            }
            thread::sleep(Duration::from_millis(STEP));
            wait = wait.saturating_sub(STEP);
        }
        clock.down();
        if chance.permille(700) {
            server.kill();
        } else {
            server.stop();
        }
        server = node.start(round.kind);
        loaded(&node.address());
        clock.up();
    }
}

/// Waits until the transactions are loaded: until then, nothing can be ended.
fn loaded(address: &str) {
    /// Enough to be of every partition of `__transaction_state`.
    const IDS: usize = 40;
    let request = DescribeTransactionsRequest {
        transactional_ids: (0..IDS).map(|number| format!("nobody-{number}")).collect(),
        ..Default::default()
    };
    let mut connection = Connection::new(address);
    let all = wait_until(LOAD_LIMIT, || {
        connection.ask(0, &request).is_ok_and(|answer| {
            let codes = answer
                .transaction_states
                .iter()
                .map(|state| state.error_code);
            codes.filter(|code| [14, 15, 16].contains(code)).count() == 0
        })
    });
    assert!(all, "the transactions are not loaded");
}

/// Waits until transactions and groups have coordinators.
async fn coordinators(address: &str) {
    let mut wire = Wire::new(address);
    for key_type in [0, 1] {
        let request = FindCoordinatorRequest {
            key_type,
            coordinator_keys: vec!["any".to_owned()],
            ..Default::default()
        };
        loop {
            let answer = wire.ask(4, &request, Fate::Read).await;
            if matches!(answer, Answer::Got(answer) if answer.coordinators[0].error_code == 0) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
