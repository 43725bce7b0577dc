//! A transactional producer that retries as clients do, and can be made to misbehave.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    client::{Client, Dialect},
    history::{Id, Outcome, Part, Producer, Txn, Value},
    wire::Fate,
};

/// Codes after which a client asks again: leader not known yet, coordinator loading or busy with the transaction before.
const AGAIN: [i16; 6] = [3, 5, 6, 14, 51, 88];
/// INVALID_PRODUCER_EPOCH and PRODUCER_FENCED.
const FENCED: [i16; 2] = [47, 90];
/// How long a client tries, in microseconds while the server is there.
const PATIENCE: u64 = 12_000_000;

/// Why a step did not work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Trouble {
    /// Somebody else has the id, or the server ended the transaction.
    Fenced,
    /// The transaction can only be aborted.
    Abort,
    /// The client lost patience.
    GaveUp,
}

#[derive(Debug)]
pub(crate) struct Transactional {
    pub client: Client,
    pub id: Id,
    pub dialect: Dialect,
    pub who: Option<Producer>,
    /// What it was before, with the sequences that would have been next.
    pub former: Option<(Producer, BTreeMap<Part, i32>)>,
    pub txn: Option<Txn>,
    sequences: BTreeMap<Part, i32>,
    added: BTreeSet<Part>,
    /// By the last transaction before that had any.
    added_before: BTreeSet<Part>,
    groups: BTreeSet<usize>,
    /// A batch may or may not be there: the next must be of a new epoch.
    in_doubt: bool,
    last: Option<Sent>,
}

#[derive(Clone, Debug)]
struct Sent {
    txn: Txn,
    partition: Part,
    who: Producer,
    sequence: i32,
    values: Vec<Value>,
}

impl Transactional {
    pub(crate) fn new(client: Client, id: Id, dialect: Dialect) -> Self {
        Self {
            client,
            id,
            dialect,
            who: None,
            former: None,
            txn: None,
            sequences: BTreeMap::new(),
            added: BTreeSet::new(),
            added_before: BTreeSet::new(),
            groups: BTreeSet::new(),
            in_doubt: false,
            last: None,
        }
    }

    pub(crate) fn timeout(&self) -> u64 {
        self.client.world.ids[self.id].timeout
    }

    /// A fate for a request that may come late without harm if `late`.
    fn fate(&mut self, late: bool) -> Fate {
        match self.client.chance.below(100) {
            0..4 => Fate::Lost,
            4..7 if late => Fate::Cut,
            _ => Fate::Read,
        }
    }

    fn two(&self) -> bool {
        self.dialect == Dialect::Two
    }

    /// What to do after an outcome; `None`: the same again.
    async fn verdict<T>(&mut self, outcome: Outcome<T>, since: u64) -> Option<Result<T, Trouble>> {
        let code = match outcome {
            Outcome::Ok(value) => return Some(Ok(value)),
            Outcome::Refused(code) => code,
            Outcome::Unknown | Outcome::NotSent => AGAIN[0],
        };
        if FENCED.contains(&code) {
            return Some(Err(Trouble::Fenced));
        }
        if !AGAIN.contains(&code) {
            return Some(Err(Trouble::Abort));
        }
        let clock = &self.client.world.clock;
        if !clock.away_since(since) && clock.now() - since > PATIENCE {
            return Some(Err(Trouble::GaveUp));
        }
        self.client.pause(2, 15).await;
        None
    }

    /// Takes the id, or as its owner a new epoch.
    pub(crate) async fn init(&mut self, resume: bool) -> Result<(), Trouble> {
        let since = self.client.world.clock.now();
        let was = if resume { self.who } else { None };
        let next = loop {
            let fate = self.fate(true);
            let outcome = self.client.init(self.id, was, self.dialect, fate).await;
            if let Some(result) = self.verdict(outcome, since).await {
                break result?;
            }
        };
        self.become_(next);
        self.txn = None;
        if self.in_doubt {
            // Which sequence would be next, nobody knows.
            self.former = None;
        }
        self.in_doubt = false;
        Ok(())
    }

    fn become_(&mut self, next: Producer) {
        if self.who != Some(next) {
            let sequences = std::mem::take(&mut self.sequences);
            self.former = self.who.map(|who| (who, sequences));
        }
        self.who = Some(next);
    }

    pub(crate) fn begin(&mut self) -> Txn {
        let txn = self.client.world.transaction(self.id, &self.client.name);
        self.txn = Some(txn);
        if !self.added.is_empty() {
            self.added_before = std::mem::take(&mut self.added);
        }
        self.groups.clear();
        txn
    }

    /// The transaction that runs and whose it is.
    fn current(&self) -> Result<(Txn, Producer), Trouble> {
        self.txn.zip(self.who).ok_or(Trouble::Abort)
    }

    /// Writes a batch of the transaction.
    pub(crate) async fn write(&mut self, to: Part, values: Vec<Value>) -> Result<(), Trouble> {
        self.add(to).await?;
        let (txn, who) = self.current()?;
        let sequence = self.sequences.get(&to).copied().unwrap_or(0);
        let sent = Sent {
            txn,
            partition: to,
            who,
            sequence,
            values,
        };
        let since = self.client.world.clock.now();
        let mut doubt = false;
        loop {
            let outcome = self.send(&sent).await;
            doubt |= outcome == Outcome::Unknown;
            // Some clients do not ask again.
            if doubt && self.client.chance.permille(80) {
                self.in_doubt = true;
                return Err(Trouble::Abort);
            }
            match self.verdict(outcome, since).await {
                None => {}
                Some(Ok(_)) => break,
                Some(Err(trouble)) => {
                    self.in_doubt |= doubt;
                    return Err(trouble);
                }
            }
        }
        self.sequences
            .insert(to, sequence + sent.values.len() as i32);
        self.last = Some(sent);
        Ok(())
    }

    async fn send(&mut self, sent: &Sent) -> Outcome<i64> {
        let fate = self.fate(true);
        self.client
            .produce(
                Some((sent.txn, self.dialect)),
                sent.partition,
                Some((sent.who, sent.sequence)),
                &sent.values,
                fate,
            )
            .await
    }

    async fn add(&mut self, partition: Part) -> Result<(), Trouble> {
        if self.two() || self.added.contains(&partition) {
            return Ok(());
        }
        let (txn, who) = self.current()?;
        let since = self.client.world.clock.now();
        loop {
            let fate = self.fate(false);
            let outcome = self.client.add(txn, who, partition, fate).await;
            if let Some(result) = self.verdict(outcome, since).await {
                result?;
                break;
            }
        }
        self.added.insert(partition);
        Ok(())
    }

    /// Makes the group's progress part of the transaction.
    pub(crate) async fn commit_offset(
        &mut self,
        group: usize,
        range: (i64, i64),
    ) -> Result<(), Trouble> {
        let (txn, who) = self.current()?;
        let since = self.client.world.clock.now();
        while !self.two() && !self.groups.contains(&group) {
            let fate = self.fate(false);
            let outcome = self.client.add_offsets(txn, who, group, fate).await;
            if let Some(result) = self.verdict(outcome, since).await {
                result?;
                self.groups.insert(group);
            }
        }
        loop {
            let fate = self.fate(self.two());
            let whose = (txn, self.dialect);
            let outcome = self
                .client
                .commit_offset(whose, who, group, range, fate)
                .await;
            if let Some(result) = self.verdict(outcome, since).await {
                return result;
            }
        }
    }

    /// Commits or aborts.
    pub(crate) async fn end(&mut self, commit: bool) -> Result<(), Trouble> {
        let (txn, who) = self.current()?;
        let since = self.client.world.clock.now();
        let next = loop {
            let fate = self.fate(self.two());
            let outcome = self
                .client
                .end((txn, self.dialect), who, commit, fate)
                .await;
            if let Some(result) = self.verdict(outcome, since).await {
                break result?;
            }
        };
        self.become_(next);
        self.txn = None;
        Ok(())
    }

    /// Aborts, and does what is needed before another transaction.
    pub(crate) async fn recover(&mut self) -> Result<(), Trouble> {
        if self.txn.is_some() {
            match self.end(false).await {
                Err(trouble @ (Trouble::Fenced | Trouble::GaveUp)) => return Err(trouble),
                Ok(()) | Err(Trouble::Abort) => {}
            }
        }
        self.txn = None;
        if self.in_doubt || self.client.chance.permille(150) {
            self.init(true).await?;
        }
        Ok(())
    }

    // What follows, no good client does.

    /// Sends the last batch again, as it was.
    pub(crate) async fn send_again(&mut self) {
        if let Some(last) = self.last.clone() {
            self.send(&last).await;
        }
    }

    /// Leaves out sequences: only after a batch of the same epoch in the partition, or a server may not know.
    pub(crate) async fn skip_sequences(&mut self, to: Part) {
        let Ok((txn, who)) = self.current() else {
            return;
        };
        let known = self
            .last
            .as_ref()
            .is_some_and(|last| (last.txn, last.who, last.partition) == (txn, who, to));
        let next = self.sequences.get(&to).copied().unwrap_or(0);
        if known && next > 0 {
            let sent = Sent {
                txn,
                partition: to,
                who,
                sequence: next + self.client.chance.within(1, 4) as i32,
                values: vec![self.client.world.value(0)],
            };
            self.send(&sent).await;
        }
    }

    /// As what it was before, with the sequence that would have been next: once it has written to the partition as what it
    /// is now. Before, the end of the former's transaction may not be there yet, and servers take that for a part of it.
    pub(crate) fn former_at(&self, to: Part) -> Option<(Producer, i32)> {
        let (former, sequences) = self.former.as_ref()?;
        let last = self.last.as_ref()?;
        let is_over = self.who == Some(last.who) && last.partition == to;
        is_over.then(|| (*former, sequences.get(&to).copied().unwrap_or(0)))
    }

    /// Writes as somebody it is not: of an epoch before, or with a producer id that nobody has.
    pub(crate) async fn write_as(&mut self, who: Producer, sequence: i32, to: Part) {
        if let Ok((_, _)) = self.current() {
            let sent = Sent {
                // A transaction of its own: nothing of it may appear.
                txn: self.client.world.transaction(self.id, &self.client.name),
                partition: to,
                who,
                sequence,
                values: vec![self.client.world.value(0)],
            };
            self.send(&sent).await;
        }
    }

    /// Says how far the group is as somebody it is not: of an epoch before, or with a producer id that nobody has. As the
    /// former, once it has said so as what it is now: before, servers may take that for a part of the former's transaction.
    pub(crate) async fn commit_offset_as(
        &mut self,
        who: Producer,
        group: usize,
        range: (i64, i64),
    ) -> Outcome<()> {
        // A transaction of its own: nothing of it may appear.
        let none = self.client.world.transaction(self.id, &self.client.name);
        let whose = (none, self.dialect);
        self.client
            .commit_offset(whose, who, group, range, Fate::Read)
            .await
    }

    /// Writes to a partition that it did not add. If the transaction before had the partition, its end may not be there
    /// yet, and servers would take that for its own: with transaction version 1, nothing tells the two apart.
    pub(crate) async fn write_unadded(&mut self, to: Part) {
        let Ok((txn, who)) = self.current() else {
            return;
        };
        let unknown = !self.added.contains(&to) && !self.added_before.contains(&to);
        if !self.two() && unknown {
            let sequence = self.sequences.get(&to).copied().unwrap_or(0);
            let sent = Sent {
                txn,
                partition: to,
                who,
                sequence,
                values: vec![self.client.world.value(0)],
            };
            // Should it be taken, the sequence is used.
            if self.send(&sent).await.may_be_done() {
                self.in_doubt = true;
            }
        }
    }

    /// Ends the transaction as somebody it is not (any more).
    pub(crate) async fn end_as(
        &mut self,
        who: Producer,
        txn: Txn,
        commit: bool,
    ) -> Outcome<Producer> {
        let whose = (txn, self.dialect);
        self.client.end(whose, who, commit, Fate::Read).await
    }
}
