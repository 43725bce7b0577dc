//! Transactions: what is sent between `begin_transaction` and `commit_transaction` becomes visible to readers of
//! committed records together, or not at all; offsets of a group can be part of it.
//!
//! What ends a transaction runs as a task of its own, so that a caller who stops waiting leaves nothing half done.

mod calls;
mod state;

use std::{sync::Arc, time::Duration};

use ottla_wire::errors::Code;
use tokio::{
    sync::{OwnedMutexGuard, watch},
    time,
};

pub(super) use calls::Identity;
pub(super) use state::Transaction;

use super::{CLOSED, Producer, sender::Shared};
use crate::{
    ClientError, Connection, CoordinatorType, Result, TopicPartition, admin::CommittedOffset,
    coordinators::look_up, retry::Backoff, runtime, view::Broker,
};
use calls::Call;
use state::Severity;

/// The feature that says which version of transactions a cluster has.
const TRANSACTION_VERSION: &str = "transaction.version";
/// The first pause when the last transaction is not over yet: it ends soon.
const CONCURRENT: Duration = Duration::from_millis(20);

/// A consumer's place in its group, for offsets that are part of a transaction: with it, the coordinator refuses those of
/// a consumer that has lost its partitions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupMetadata {
    /// The group's id.
    pub group: String,
    /// Generation, or member epoch, of the consumer; -1 if it is no member.
    pub generation: i32,
    /// Its member id; empty if it is no member.
    pub member_id: String,
    /// Its `group.instance.id`, if it is a static member.
    pub instance_id: Option<String>,
}

impl GroupMetadata {
    /// Of a consumer that keeps its offsets in a group without being a member.
    pub fn of(group: impl Into<String>) -> Self {
        Self {
            group: group.into(),
            generation: -1,
            member_id: String::new(),
            instance_id: None,
        }
    }
}

/// What changes a producer as a whole; of these, one at a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Operation {
    Init,
    Commit,
    Abort,
}

impl Operation {
    fn name(self) -> &'static str {
        match self {
            Self::Init => "init_transactions",
            Self::Commit => "commit_transaction",
            Self::Abort => "abort_transaction",
        }
    }
}

/// An operation whose outcome nobody has seen yet.
#[derive(Debug)]
pub(super) struct Underway {
    operation: Operation,
    outcome: watch::Receiver<Option<Result<()>>>,
}

/// Coordinators as far as they are known.
#[derive(Debug, Default)]
pub(super) struct Coordinators {
    transaction: Option<Broker>,
    group: Option<(String, Broker)>,
}

impl Coordinators {
    async fn connection(
        &mut self,
        shared: &Shared,
        (kind, key): (CoordinatorType, &str),
    ) -> Result<Arc<Connection>> {
        let known = match kind {
            CoordinatorType::Transaction => self.transaction.as_ref(),
            CoordinatorType::Group => {
                let of_key = |(group, _): &&(String, Broker)| group == key;
                self.group.as_ref().filter(of_key).map(|(_, broker)| broker)
            }
        };
        if let Some(broker) = known {
            return shared.cluster.connection_to(broker.address.clone()).await;
        }
        let found = look_up(&shared.cluster, kind, vec![key.to_owned()]).await?;
        let Some((key, found)) = found.into_iter().next() else {
            return Err(ClientError::Config("no coordinator was asked for".into()));
        };
        let broker = found?;
        let address = broker.address.clone();
        match kind {
            CoordinatorType::Transaction => self.transaction = Some(broker),
            CoordinatorType::Group => self.group = Some((key, broker)),
        }
        shared.cluster.connection_to(address).await
    }

    fn forget(&mut self, kind: CoordinatorType) {
        match kind {
            CoordinatorType::Transaction => self.transaction = None,
            CoordinatorType::Group => self.group = None,
        }
    }
}

/// The right to ask coordinators: of a producer's requests to them, one is on its way.
type Turn = OwnedMutexGuard<Coordinators>;

impl Producer {
    /// Fences older producers with the same transactional id, ends what they left open, and gets a producer id. Once,
    /// before the first transaction.
    ///
    /// # Errors
    /// [`ClientError::Config`] without [`crate::ProducerConfig::transactional_id`]; [`ClientError::Expired`] after
    /// `max_block`: then it goes on, and another call waits for it. After a refusal it may be tried again.
    pub async fn init_transactions(&self) -> Result<()> {
        self.operate(Operation::Init).await
    }

    /// Begins a transaction: no broker is asked.
    ///
    /// # Errors
    /// [`ClientError::Config`] if this is not the time for it, and [`ClientError::MustClose`].
    pub fn begin_transaction(&self) -> Result<()> {
        self.shared.change(|_, transaction| transaction.begin())
    }

    /// Makes offsets of a group a part of the transaction: each is that of the record to read next. They are committed
    /// if the transaction is.
    ///
    /// # Errors
    /// [`ClientError::MustAbort`] if the group knows better who reads what, [`ClientError::MustClose`], or
    /// [`ClientError::Expired`] after `max_block`: then the transaction waits for it at its end.
    pub async fn send_offsets(
        &self,
        offsets: &[(TopicPartition, CommittedOffset)],
        group: &GroupMetadata,
    ) -> Result<()> {
        let shared = &self.shared;
        shared.change(|_, transaction| transaction.may_send_offsets())?;
        if offsets.is_empty() {
            return Ok(());
        }
        let deadline = runtime::now() + shared.config.max_block;
        let expired = || expired("send_offsets", shared);
        let turn = Arc::clone(&shared.coordinators).lock_owned();
        let turn = time::timeout_at(deadline, turn)
            .await
            .map_err(|_| expired())?;
        shared.change(|_, transaction| transaction.may_send_offsets())?;
        let (offsets, group) = (offsets.to_vec(), group.clone());
        let task = Arc::clone(shared);
        let sent = runtime::spawn(async move { task.add_offsets(turn, &offsets, &group).await });
        match time::timeout_at(deadline, sent).await {
            Ok(Ok(outcome)) => outcome,
            // The task neither panics nor is cancelled, but for the end of the runtime.
            Ok(Err(_)) => Err(CLOSED),
            Err(_) => Err(expired()),
        }
    }

    /// Sends what was accepted and commits the transaction.
    ///
    /// # Errors
    /// [`ClientError::MustAbort`] if a record could not be stored: nothing is committed then. [`ClientError::MustClose`]
    /// if another producer has taken this one's place. [`ClientError::Expired`] after `max_block`: then it goes on, and
    /// only another call tells how it ended.
    pub async fn commit_transaction(&self) -> Result<()> {
        self.operate(Operation::Commit).await
    }

    /// Aborts the transaction. Records that were not sent yet are not sent.
    ///
    /// # Errors
    /// As for [`Producer::commit_transaction`], but for [`ClientError::MustAbort`].
    pub async fn abort_transaction(&self) -> Result<()> {
        self.operate(Operation::Abort).await
    }

    async fn operate(&self, operation: Operation) -> Result<()> {
        let shared = &self.shared;
        let deadline = runtime::now() + shared.config.max_block;
        let mut outcome = shared.begin(operation)?;
        let told = match time::timeout_at(deadline, outcome.wait_for(Option::is_some)).await {
            Ok(Ok(told)) => told.clone().unwrap_or(Err(CLOSED)),
            Ok(Err(_)) => return Err(CLOSED),
            Err(_) => return Err(expired(operation.name(), shared)),
        };
        let pending = &mut shared.state().pending;
        // Another who waited for the same may have seen it before, and begun something else.
        if (pending.as_ref()).is_some_and(|one| one.outcome.same_channel(&outcome)) {
            *pending = None;
        }
        told
    }
}

fn expired(what: &str, shared: &Shared) -> ClientError {
    let last = shared.state().trouble.clone();
    ClientError::Expired {
        what: what.into(),
        after: shared.config.max_block,
        last: last.map(Box::new),
    }
}

impl Shared {
    /// Changes the transaction, unless an operation stands in the way.
    pub(super) fn change<T>(
        &self,
        change: impl FnOnce(Option<Identity>, &mut Transaction) -> Result<T>,
    ) -> Result<T> {
        let mut state = self.state();
        if state.closed {
            return Err(CLOSED);
        }
        if let Some(pending) = &state.pending {
            let name = pending.operation.name();
            return Err(ClientError::Config(format!(
                "{name} is not over: call it again to learn how it ends"
            )));
        }
        let identity = state.identity;
        match &mut state.transaction {
            Some(transaction) => change(identity, transaction),
            None => Err(ClientError::Config(
                "this producer has no transactions: set ProducerConfig::transactional_id".into(),
            )),
        }
    }

    /// Begins an operation, or joins the one that is under way.
    fn begin(
        self: &Arc<Self>,
        operation: Operation,
    ) -> Result<watch::Receiver<Option<Result<()>>>> {
        if let Some(pending) = &self.state().pending
            && pending.operation == operation
        {
            return Ok(pending.outcome.clone());
        }
        self.change(|_, transaction| match operation {
            Operation::Init => transaction.begin_init(),
            Operation::Commit => transaction.begin_commit(),
            Operation::Abort => transaction.begin_abort(),
        })?;
        let (tell, outcome) = watch::channel(None);
        self.state().pending = Some(Underway {
            operation,
            outcome: outcome.clone(),
        });
        let shared = Arc::clone(self);
        runtime::spawn(async move {
            let outcome = match operation {
                Operation::Init => shared.init(None, Call::Init).await,
                Operation::Commit => shared.end(Call::Commit).await,
                Operation::Abort => {
                    shared.drop_unsent();
                    shared.end(Call::Abort).await
                }
            };
            tell.send_replace(Some(outcome));
        });
        Ok(outcome)
    }

    fn has_version2(&self) -> bool {
        let level = self.cluster.feature(TRANSACTION_VERSION);
        level.is_some_and(|level| level >= 2)
    }

    /// Gets a producer id, or the next epoch of the one that it has.
    async fn init(&self, turn: Option<Turn>, call: Call) -> Result<()> {
        let mut turn = match turn {
            Some(turn) => turn,
            None => Arc::clone(&self.coordinators).lock_owned().await,
        };
        let (id, current) = self.identity();
        let current = current.filter(|_| call == Call::Bump);
        let timeout = self.config.transaction_timeout.as_millis();
        let timeout = i32::try_from(timeout).unwrap_or(i32::MAX);
        let (identity, can_bump) = self
            .ask(&mut turn, CoordinatorType::Transaction, &id, call, |at| {
                let id = Arc::clone(&id);
                async move { calls::init(&at, &id, timeout, current).await }
            })
            .await?;
        let version2 = self.has_version2();
        let mut state = self.state();
        state.renew(identity);
        if let Some(transaction) = &mut state.transaction {
            transaction.initialized(version2, can_bump);
        }
        Ok(())
    }

    /// Adds the partitions that wait for it. What fails is the transaction's.
    pub(super) async fn add_partitions(self: Arc<Self>) {
        let mut turn = Arc::clone(&self.coordinators).lock_owned().await;
        let (partitions, is_first) = {
            let state = self.state();
            let transaction = state.transaction.as_ref();
            transaction.map_or((Vec::new(), false), |one| (one.joining(), one.is_first()))
        };
        let (id, identity) = self.identity();
        let mut outcome = Ok(());
        if let (false, Some(identity)) = (partitions.is_empty(), identity) {
            let call = Call::AddPartitions;
            outcome = self
                .ask_soon(
                    &mut turn,
                    CoordinatorType::Transaction,
                    &id,
                    call,
                    is_first,
                    |at| {
                        let (id, partitions) = (Arc::clone(&id), partitions.clone());
                        async move { calls::add_partitions(&at, &id, identity, &partitions).await }
                    },
                )
                .await;
        }
        let added = if outcome.is_ok() {
            partitions
        } else {
            Vec::new()
        };
        if let Some(transaction) = &mut self.state().transaction {
            transaction.added(added);
        }
        drop(turn);
        self.look();
    }

    async fn add_offsets(
        &self,
        mut turn: Turn,
        offsets: &[(TopicPartition, CommittedOffset)],
        group: &GroupMetadata,
    ) -> Result<()> {
        let (id, identity) = self.identity();
        let identity = identity.ok_or(CLOSED)?;
        let version2 = {
            let mut state = self.state();
            let transaction = state.transaction.as_mut().ok_or(CLOSED)?;
            if transaction.is_version2() {
                transaction.start();
            }
            transaction.is_version2()
        };
        if !version2 {
            let (kind, call) = (CoordinatorType::Transaction, Call::AddOffsets);
            self.ask(&mut turn, kind, &id, call, |at| {
                let id = Arc::clone(&id);
                async move { calls::add_offsets(&at, &id, identity, &group.group).await }
            })
            .await?;
            if let Some(transaction) = &mut self.state().transaction {
                transaction.start();
            }
        }
        let (kind, call) = (CoordinatorType::Group, Call::CommitOffsets);
        self.ask(&mut turn, kind, &group.group, call, |at| {
            let id = Arc::clone(&id);
            async move { calls::commit_offsets(&at, &id, identity, group, offsets, version2).await }
        })
        .await
    }

    /// Waits for the fate of every record, then tells the coordinator of the transaction's end.
    async fn end(&self, call: Call) -> Result<()> {
        self.flush().await;
        let mut turn = Arc::clone(&self.coordinators).lock_owned().await;
        let (is_started, version2) = {
            let state = self.state();
            let transaction = state.transaction.as_ref().ok_or(CLOSED)?;
            // A record that was not stored has made the commit impossible.
            transaction.check()?;
            (transaction.is_started(), transaction.is_version2())
        };
        let mut next = None;
        let (id, identity) = self.identity();
        if let (true, Some(identity)) = (is_started, identity) {
            let kind = CoordinatorType::Transaction;
            next = self
                .ask(&mut turn, kind, &id, call, |at| {
                    let id = Arc::clone(&id);
                    async move {
                        let is_commit = call == Call::Commit;
                        calls::end(&at, &id, identity, is_commit, version2).await
                    }
                })
                .await?;
        }
        let has_version2 = self.has_version2();
        let must_bump = {
            let mut state = self.state();
            if let Some(next) = next {
                state.renew(next);
            }
            let transaction = state.transaction.as_mut().ok_or(CLOSED)?;
            transaction.ended(has_version2)
        };
        if must_bump {
            self.init(Some(turn), Call::Bump).await?;
        }
        Ok(())
    }

    /// The transactional id and the producer's identity.
    fn identity(&self) -> (Arc<str>, Option<Identity>) {
        let state = self.state();
        let id = state.transaction.as_ref().map(|one| Arc::clone(one.id()));
        (id.unwrap_or_default(), state.identity)
    }

    async fn ask<T, F>(
        &self,
        turn: &mut Turn,
        kind: CoordinatorType,
        key: &str,
        call: Call,
        attempt: impl FnMut(Arc<Connection>) -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        self.ask_soon(turn, kind, key, call, false, attempt).await
    }

    /// Asks a coordinator until it says yes, or something that more attempts do not change. `soon` tells that the
    /// transaction before may still be ending, which does not take long.
    async fn ask_soon<T, F>(
        &self,
        turn: &mut Turn,
        kind: CoordinatorType,
        key: &str,
        call: Call,
        soon: bool,
        mut attempt: impl FnMut(Arc<Connection>) -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let mut failures = 0;
        loop {
            {
                let state = self.state();
                let transaction = state.transaction.as_ref().ok_or(CLOSED)?;
                if state.closed {
                    return Err(CLOSED);
                }
                transaction.check()?;
            }
            let outcome = match turn.connection(self, (kind, key)).await {
                Ok(connection) => attempt(connection).await,
                Err(error) => Err(error),
            };
            let error = match outcome {
                Ok(value) => {
                    self.state().trouble = None;
                    return Ok(value);
                }
                Err(error) => error,
            };
            if let Some(severity) = call.severity(&error) {
                return Err(self.fail(error, severity));
            }
            if call.looks_up(&error) {
                turn.forget(kind);
            }
            failures += 1;
            let mut backoff = self.cluster.backoff();
            if error.code() == Some(Code::CONCURRENT_TRANSACTIONS) {
                backoff = Backoff {
                    initial: CONCURRENT.min(backoff.initial),
                    max: if soon { CONCURRENT } else { backoff.initial },
                };
            }
            self.state().trouble = Some(error);
            time::sleep(backoff.pause(failures, runtime::entropy())).await;
        }
    }

    /// Takes a failure of a call: what its caller is told.
    fn fail(&self, error: ClientError, severity: Severity) -> ClientError {
        let mut state = self.state();
        let Some(transaction) = &mut state.transaction else {
            return error;
        };
        transaction.failed(error.clone(), severity);
        let told = transaction.check().err();
        self.sweep(&mut state);
        told.unwrap_or(error)
    }
}
