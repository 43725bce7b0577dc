//! Who takes part in a history, and what they do.

use std::rc::Rc;

use crate::{
    client::{Client, World},
    history::{Id, Outcome, Part, Producer, Seen},
    producer::{Transactional, Trouble},
    random::Chance,
    wire::Fate,
};

/// Timeouts (ms) from here on are not waited for.
pub(crate) const LONG_TIMEOUT: u64 = 10_000;
/// Beyond every log: nobody who has the right to says that a group is there.
const FAR: i64 = 1_000_000;

/// How a transaction ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Ending {
    Commit,
    Abort,
    /// The same twice.
    Twice(bool),
    /// This, then the other.
    Change(bool),
    /// As a producer of an epoch before, first.
    AsFormer,
    /// After the server must have ended it.
    Late,
    /// Never.
    Vanish,
}

impl Ending {
    fn choose(chance: &mut Chance) -> Self {
        match chance.below(100) {
            0..60 => Self::Commit,
            60..74 => Self::Abort,
            74..77 => Self::Twice(true),
            77..79 => Self::Twice(false),
            79..82 => Self::Change(true),
            82..85 => Self::Change(false),
            85..89 => Self::AsFormer,
            89..95 => Self::Late,
            _ => Self::Vanish,
        }
    }
}

/// Whether the actor goes on.
type GoesOn = bool;

/// Writes transactions, and now and then misbehaves.
pub(crate) async fn writer(mut producer: Transactional, rounds: usize, parts: Vec<Part>) {
    producer.client.pause(0, 60).await;
    if producer.init(false).await.is_err() {
        return;
    }
    for _ in 0..rounds {
        producer.client.pause(0, 25).await;
        producer.begin();
        let written = write_some(&mut producer, &parts).await;
        let goes_on = match written {
            Ok(()) => end(&mut producer).await,
            Err(trouble) => recover(&mut producer, trouble, &parts).await,
        };
        if !goes_on {
            return;
        }
    }
}

async fn write_some(producer: &mut Transactional, parts: &[Part]) -> Result<(), Trouble> {
    // Sometimes nothing.
    let batches = producer
        .client
        .chance
        .below(5)
        .min(producer.client.chance.below(20));
    for _ in 0..batches {
        let to = producer.client.chance.of(parts);
        misbehave(producer, to).await;
        let count = producer.client.chance.within(1, 4);
        let world = Rc::clone(&producer.client.world);
        let values = (0..count).map(|_| world.value(0)).collect();
        producer.write(to, values).await?;
        if producer.client.chance.permille(300) {
            producer.client.pause(0, 20).await;
        }
        if producer.client.chance.permille(80) {
            producer.send_again().await;
        }
        if producer.client.chance.permille(60) {
            producer.skip_sequences(to).await;
        }
    }
    Ok(())
}

async fn misbehave(producer: &mut Transactional, to: Part) {
    match producer.client.chance.below(100) {
        0..3 => producer.write_unadded(to).await,
        3..6 => {
            if let Some((former, next)) = producer.former_at(to) {
                producer.write_as(former, next, to).await;
            }
        }
        6..8 => {
            producer.write_as(stranger(producer), 0, to).await;
        }
        8..11 => producer.send_again().await,
        _ => {}
    }
}

/// With a producer id that nobody has.
fn stranger(instead_of: &Transactional) -> Producer {
    Producer {
        id: 1_000_000_000 + instead_of.id as i64,
        epoch: 0,
    }
}

async fn end(producer: &mut Transactional) -> GoesOn {
    let ending = Ending::choose(&mut producer.client.chance);
    let (Some(txn), Some(who)) = (producer.txn, producer.who) else {
        return false;
    };
    let first = match ending {
        Ending::Vanish => return false,
        Ending::Commit | Ending::Twice(true) | Ending::Change(true) => producer.end(true).await,
        Ending::Abort | Ending::Twice(false) | Ending::Change(false) => producer.end(false).await,
        Ending::AsFormer => {
            if let Some((former, _)) = producer.former {
                // A transaction that the former never had.
                let none = producer
                    .client
                    .world
                    .transaction(producer.id, &producer.client.name);
                producer.end_as(former, none, true).await;
            }
            producer.end(true).await
        }
        Ending::Late if producer.timeout() < LONG_TIMEOUT => {
            let timeout = producer.timeout();
            producer.client.pause(timeout, timeout + 400).await;
            producer.end(true).await
        }
        Ending::Late => producer.end(true).await,
    };
    match ending {
        Ending::Twice(commit) if first.is_ok() => {
            producer.end_as(who, txn, commit).await;
        }
        Ending::Change(commit) if first.is_ok() => {
            producer.end_as(who, txn, !commit).await;
        }
        _ => {}
    }
    match first {
        Ok(()) => true,
        Err(trouble) => recover(producer, trouble, &[]).await,
    }
}

/// Aborts; or, if another has the id, does what zombies do.
async fn recover(producer: &mut Transactional, trouble: Trouble, parts: &[Part]) -> GoesOn {
    match trouble {
        Trouble::GaveUp => return false,
        Trouble::Abort => match producer.recover().await {
            Ok(()) => return true,
            Err(Trouble::GaveUp) => return false,
            Err(_) => {}
        },
        Trouble::Fenced => {}
    }
    // A zombie: it does not know yet, or does not care.
    if let (Some(txn), Some(who)) = (producer.txn, producer.who) {
        if !parts.is_empty() && producer.client.chance.permille(400) {
            let to = producer.client.chance.of(parts);
            let value = vec![producer.client.world.value(0)];
            let _ = producer.write(to, value).await;
        }
        if producer.client.chance.permille(600) {
            producer.end_as(who, txn, true).await;
        }
    }
    producer.client.pause(0, 40).await;
    producer.client.chance.permille(600) && producer.init(false).await.is_ok()
}

/// Takes ids from those who have them.
pub(crate) async fn fencer(world: Rc<World>, mut chance: Chance, number: usize, parts: Vec<Part>) {
    let times = chance.within(1, 4);
    for turn in 0..times {
        let id = chance.below(world.ids.len());
        let dialect = world.dialects[id];
        let client = Client::new(&world, &format!("fencer-{number}-{turn}"), chance.branch());
        let mut producer = Transactional::new(client, id, dialect);
        producer.client.pause(0, 500).await;
        // The outcome is in the history.
        if producer.init(false).await.is_ok() && chance.permille(300) {
            producer.begin();
            let value = vec![world.value(0)];
            let written = producer.write(chance.of(&parts), value).await;
            if written.is_ok() && chance.permille(800) {
                let _ = producer.end(chance.permille(800)).await;
            }
        }
    }
}

/// Writes without transactions: with sequences, or without.
pub(crate) async fn plain(mut client: Client, idempotent: bool, parts: Vec<Part>) {
    let batches = client.chance.within(3, 12);
    let to = client.chance.of(&parts);
    let mut producer = None;
    while idempotent && producer.is_none() {
        producer = client.init_idempotent().await;
        client.pause(0, 20).await;
    }
    let mut sequence = 0;
    for _ in 0..batches {
        client.pause(0, 60).await;
        let count = client.chance.within(1, 4);
        let values: Vec<_> = (0..count).map(|_| client.world.value(0)).collect();
        loop {
            let fate = match client.chance.below(100) {
                0..4 => Fate::Lost,
                4..8 => Fate::Cut,
                _ => Fate::Read,
            };
            let whose = producer.map(|producer| (producer, sequence));
            let outcome = client.produce(None, to, whose, &values, fate).await;
            let done = match outcome {
                // Without sequences, again might be twice.
                Outcome::Ok(_) => true,
                Outcome::Unknown => !idempotent,
                Outcome::NotSent => false,
                Outcome::Refused(code) => ![3, 5, 6].contains(&code),
            };
            if done {
                break;
            }
            client.pause(5, 30).await;
        }
        sequence += count as i32;
        if idempotent && client.chance.permille(80) {
            let whose = producer.map(|producer| (producer, sequence - count as i32));
            client.produce(None, to, whose, &values, Fate::Read).await;
        }
        if idempotent && client.chance.permille(60) {
            let stray = vec![client.world.value(0)];
            let whose = producer.map(|producer| (producer, sequence + 2));
            client.produce(None, to, whose, &stray, Fate::Read).await;
        }
    }
}

/// Reads as long as others write.
pub(crate) async fn reader(mut client: Client, committed: bool, parts: Vec<Part>) {
    let mut positions: Vec<(Part, i64)> = parts.iter().map(|&part| (part, 0)).collect();
    while client.world.busy.get() > 0 {
        let at = client.chance.below(positions.len());
        let (partition, from) = positions[at];
        let most = client.chance.of(&[1, 150, 300, 600, 100_000]);
        let wait = client.chance.of(&[0, 10, 40]);
        let outcome = client.read(partition, committed, from, (wait, most)).await;
        match outcome {
            Outcome::Ok(seen) => positions[at].1 = seen.next,
            _ => client.pause(10, 40).await,
        }
        if client.chance.permille(60) {
            client.latest(partition, committed).await;
        }
        if client.chance.permille(40) {
            // Again, from anywhere.
            positions[at].1 = client.chance.within(0, positions[at].1 as u64 + 1) as i64;
        }
        client.pause(2, 40).await;
    }
}

/// Copies a group's input in transactions, as often as told.
pub(crate) async fn copier(mut producer: Transactional, group: usize, rounds: usize) {
    let mut idle = 0;
    let mut position = None;
    for _ in 0..rounds {
        if producer.who.is_none() && producer.init(false).await.is_err() {
            return;
        }
        let from = match position {
            Some(position) => position,
            None => {
                let Some(from) = committed_offset(&mut producer.client, group).await else {
                    return;
                };
                from
            }
        };
        let part = producer.client.world.groups[group].from;
        let most = producer.client.chance.of(&[1, 200, 600]);
        let read = producer.client.read(part, true, from, (30, most)).await;
        let Outcome::Ok(seen) = read else {
            producer.client.pause(10, 40).await;
            continue;
        };
        position = Some(seen.next);
        if seen.records.is_empty() {
            idle += 1;
            producer.client.pause(10, 50).await;
            if idle > 12 {
                return;
            }
            continue;
        }
        let copied = copy(&mut producer, group, (from, seen.next), &seen).await;
        if copied.is_ok() {
            continue;
        }
        // What was committed decides where to go on.
        position = None;
        let goes_on = match copied {
            Err(Some(trouble)) => recover(&mut producer, trouble, &[]).await,
            _ => false,
        };
        if !goes_on {
            return;
        }
    }
}

/// `None`: the client is gone.
async fn copy(
    producer: &mut Transactional,
    group: usize,
    range: (i64, i64),
    seen: &Seen,
) -> Result<(), Option<Trouble>> {
    let to = producer.client.world.groups[group].to;
    let world = Rc::clone(&producer.client.world);
    producer.begin();
    let offsets_first = producer.client.chance.permille(300);
    if offsets_first {
        commit_offset(producer, group, range).await.map_err(Some)?;
    }
    for piece in seen.records.chunks(3) {
        let values = piece
            .iter()
            .map(|(_, value)| world.value(value.number))
            .collect();
        producer.write(to, values).await.map_err(Some)?;
    }
    if !offsets_first {
        commit_offset(producer, group, range).await.map_err(Some)?;
    }
    match producer.client.chance.below(100) {
        0..8 => {
            producer.end(false).await.map_err(Some)?;
            Err(Some(Trouble::Abort))
        }
        8..12 => Err(None),
        12..17 => {
            producer.client.pause(0, 700).await;
            producer.end(true).await.map_err(Some)
        }
        _ => producer.end(true).await.map_err(Some),
    }
}

/// Says how far the group is; now and then others try to, or take the id before.
async fn commit_offset(
    producer: &mut Transactional,
    group: usize,
    range: (i64, i64),
) -> Result<(), Trouble> {
    let wrong = (range.0, range.1 + FAR);
    if producer.client.chance.permille(120) {
        let stranger = stranger(producer);
        producer.commit_offset_as(stranger, group, wrong).await;
    }
    if producer.client.chance.permille(60) {
        let world = Rc::clone(&producer.client.world);
        take_over(&world, producer.client.chance.branch(), producer.id).await;
    }
    producer.commit_offset(group, range).await?;
    if let Some((former, _)) = producer.former
        && producer.client.chance.permille(250)
    {
        producer.commit_offset_as(former, group, wrong).await;
    }
    Ok(())
}

/// Where the group goes on, once that is certain.
pub(crate) async fn committed_offset(client: &mut Client, group: usize) -> Option<i64> {
    let since = client.world.clock.now();
    while client.world.clock.now() - since < 40_000_000 {
        if client.chance.permille(150) {
            client.offset(group, false).await;
        }
        if let Outcome::Ok(offset) = client.offset(group, true).await {
            return Some(offset.max(0));
        }
        client.pause(5, 25).await;
    }
    None
}

/// A takeover of an id that nobody gives up by itself.
pub(crate) async fn take_over(world: &Rc<World>, chance: Chance, id: Id) {
    let client = Client::new(world, "heir", chance);
    let mut producer = Transactional::new(client, id, world.dialects[id]);
    let _ = producer.init(false).await;
}
