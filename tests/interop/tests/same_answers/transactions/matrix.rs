//! Every request in every version about transactions in every state: by their producer and by others.

use ottla_wire::{Request, apis, messages::*};

use super::{
    asks::{
        add, add_offsets, batch, commit_offsets, end, init, produce, settle_added,
        settle_committed, transaction,
    },
    looks::{describe, group, partition, settle},
    states::{LONG, READ, State, Style, Txn, topics},
};
use crate::both::{Both, Producer, Side};

/// What is asked of a transactional id.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Ask {
    Add(i16),
    Verify(i16),
    AddOffsets(i16),
    CommitOffsets(i16),
    Produce(i16),
    /// With a gap before its sequence.
    ProduceGap(i16),
    Commit(i16),
    Abort(i16),
    /// By a producer that says who it is.
    Init(i16),
    InitAnew(i16),
}

/// As whom.
type Guise = (&'static str, fn(Producer) -> Producer);

const OTHERS: [Guise; 7] = [
    ("an older epoch", |(id, epoch)| (id, epoch - 1)),
    ("a later epoch", |(id, epoch)| (id, epoch + 1)),
    ("the last epoch", |(id, _)| (id, i16::MAX)),
    ("another producer", |(_, epoch)| (987_654, epoch)),
    ("no producer", |(_, epoch)| (-1, epoch)),
    ("no epoch", |(id, _)| (id, -1)),
    ("nobody", |_| (-1, -1)),
];

fn asks(style: Style, state: State, level: i16) -> Vec<Ask> {
    let mut asks = Vec::new();
    asks.extend((0..=5).map(Ask::Add));
    asks.extend((4..=5).map(Ask::Verify));
    asks.extend((0..=4).map(Ask::AddOffsets));
    asks.extend((0..=6).map(Ask::CommitOffsets));
    asks.extend((3..=13).map(Ask::Produce));
    asks.extend((11..=12).map(Ask::ProduceGap));
    asks.extend((0..=5).map(Ask::Commit));
    asks.extend((0..=5).map(Ask::Abort));
    asks.extend((3..=5).map(Ask::Init));
    asks.extend((0..=5).map(Ask::InitAnew));
    let usual = matches!(state, State::New | State::Open | State::Committed);
    if style == Style::New || !usual {
        // The versions before differ in what is in the request, which the rest shows.
        let newer = |ask: &Ask| match ask {
            Ask::Add(version) => *version > 2,
            Ask::AddOffsets(version) => *version > 3,
            Ask::CommitOffsets(version) => *version > 3,
            Ask::Produce(version) => *version > 10,
            Ask::Commit(version) | Ask::Abort(version) => *version > 3,
            Ask::InitAnew(version) => *version > 3,
            _ => true,
        };
        asks.retain(newer);
    }
    if level == 0 {
        asks.retain(|ask| !is_of_version_2(*ask));
    }
    asks
}

/// At level 0 of `transaction.version`, requests of clients that take it for 2 are too much for Apache Kafka: it fails to
/// write what it decided, and answers `CONCURRENT_TRANSACTIONS` to all that is asked of the transactional id from then on.
fn is_of_version_2(ask: Ask) -> bool {
    match ask {
        Ask::Add(version) => version > 3,
        Ask::CommitOffsets(version) | Ask::Commit(version) | Ask::Abort(version) => version > 4,
        Ask::Produce(version) | Ask::ProduceGap(version) => version > 11,
        Ask::Verify(_) | Ask::AddOffsets(_) | Ask::Init(_) | Ask::InitAnew(_) => false,
    }
}

/// Asks all in a cluster at this level of `transaction.version`; `name` tells apart what is left of several calls.
pub(super) fn ask(both: &mut Both, name: &str, level: i16, styles: &[Style], states: &[State]) {
    for &style in styles {
        for &state in states {
            let asks = asks(style, state, level);
            let topic = format!("{name}-{style:?}-{state:?}");
            let partitions = i32::try_from(asks.len()).expect("few");
            topics(both, &[&topic], partitions);
            for (ask, index) in asks.into_iter().zip(0..) {
                let id = format!("{name} {style:?} {state:?} {ask:?}");
                let mut txn = Txn::new(&id, style, &topic, index);
                txn.prepare(both, state);
                about(both, &txn, ask);
                finish(both, &mut txn);
            }
        }
    }
}

/// One id: asked about by others, then by its producer, and by it again.
fn about(both: &mut Both, txn: &Txn, ask: Ask) {
    let id = &txn.id;
    describe(both, &format!("{id}, prepared"), &[id]);
    for (who, guise) in OTHERS {
        // To start with the last epoch is to have it; what becomes of that is asked elsewhere.
        if !(matches!(ask, Ask::Init(_)) && who == "nobody") {
            one(both, txn, ask, who, guise);
        }
    }
    settle(both, id);
    describe(both, &format!("{id}, others asked"), &[id]);
    for time in ["its producer", "its producer again"] {
        one(both, txn, ask, time, |producer| producer);
        settle(both, id);
        describe(both, &format!("{id}, {time} asked"), &[id]);
    }
    partition(both, id, &txn.topic, txn.partition);
    if matches!(ask, Ask::AddOffsets(_) | Ask::CommitOffsets(_)) || id.contains("Offsets") {
        group(both, id, &txn.group(), READ, &[0, 1]);
    }
}

/// Aborts what is open, so that nothing of it is under way when the next is asked.
fn finish(both: &mut Both, txn: &mut Txn) {
    txn.init(both, LONG);
    let what = format!("{}, finished", txn.id);
    describe(both, &what, &[&txn.id]);
    partition(both, &what, &txn.topic, txn.partition);
}

fn one(both: &mut Both, txn: &Txn, ask: Ask, who: &str, guise: impl Fn(Producer) -> Producer) {
    let what = format!("{}, by {who}", txn.id);
    let id = &*txn.id;
    let mine = [(&*txn.topic, &[txn.partition][..])];
    let producer = |side: &Side| guise(side.producer(id));
    match ask {
        Ask::Add(version) => {
            let build = |side: &mut Side, version| add(version, id, producer(side), &mine);
            both.once_then(&what, version, build, settle_added);
        }
        Ask::Verify(version) => {
            let build = |side: &mut Side, _| AddPartitionsToTxnRequest {
                transactions: vec![transaction(id, producer(side), &mine, true)],
                ..AddPartitionsToTxnRequest::default()
            };
            both.once_then(&what, version, build, settle_added);
        }
        Ask::AddOffsets(version) => both.once(&what, version, |side, _| {
            add_offsets(id, producer(side), &txn.group())
        }),
        Ask::CommitOffsets(version) => {
            let build = |side: &mut Side, _| {
                let producer = producer(side);
                commit_offsets(side, id, producer, &txn.group(), &[(READ, &[1])])
            };
            both.once_then(&what, version, build, settle_committed);
        }
        Ask::Produce(version) => {
            both.once(&what, version, |side, _| txn.produce(side, producer(side)))
        }
        Ask::ProduceGap(version) => both.once(&what, version, |side, _| {
            let records = batch(producer(side), txn.sequence + 5, true);
            produce(side, Some(id), &[(&txn.topic, txn.partition, records)])
        }),
        Ask::Commit(version) => both.once(&what, version, |side, _| end(id, producer(side), true)),
        Ask::Abort(version) => both.once(&what, version, |side, _| end(id, producer(side), false)),
        Ask::Init(version) => both.once(&what, version, |side, _| {
            init(Some(id), LONG, producer(side))
        }),
        Ask::InitAnew(version) => both.once(&what, version, |_, _| init(Some(id), LONG, (-1, -1))),
    }
    settle(both, id);
}

/// The versions of a request that are not still subject to change.
pub(super) fn versions<R: Request>() -> std::ops::RangeInclusive<i16> {
    let api = apis::api(R::KEY).expect("a row");
    api.first..=api.latest(false)
}
