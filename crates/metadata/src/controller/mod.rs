//! The controller: the ledger machine that decides about the cluster's metadata.
//!
//! It is asked with an [`Input`] per request, decides by emitting [`Record`]s, and answers with the request's own
//! response once they are committed. One file per subject: brokers and controllers; topics, their partitions,
//! elections and moves; configurations, features, producer ids; entries, credentials and quotas. Its durable state is a
//! fold of its records (`state`); only who was heard of when (`sessions`) is not in the log, and is begun anew by each
//! new leader of the quorum.
//!
//! Whoever runs it checks who may ask (authorization, quotas), and may append the records of one decision in batches
//! of [`MAX_RECORDS`]: what must be atomic is never longer.

mod acls;
mod activation;
mod brokers;
mod client_quotas;
mod configs;
mod controllers;
mod elections;
mod features;
mod partition_change;
mod partitions;
mod permits;
mod producer_ids;
mod reassignments;
mod rules;
mod scram;
mod sessions;
mod settings;
#[cfg(test)]
mod simulation;
mod state;
#[cfg(test)]
mod testing;
mod topic_changes;
mod topics;

use std::collections::BTreeSet;

use ottla_machine::{Machine, Moment, Out, Revert, Ticket, Time, Timers};
use ottla_wire::{
    errors::{Code, Refusal},
    messages::{
        AllocateProducerIdsRequest, AllocateProducerIdsResponse, AlterClientQuotasRequest,
        AlterClientQuotasResponse, AlterConfigsRequest, AlterConfigsResponse,
        AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse,
        AlterPartitionRequest, AlterPartitionResponse, AlterUserScramCredentialsRequest,
        AlterUserScramCredentialsResponse, AssignReplicasToDirsRequest,
        AssignReplicasToDirsResponse, BrokerHeartbeatRequest, BrokerHeartbeatResponse,
        BrokerRegistrationRequest, BrokerRegistrationResponse, ControllerRegistrationRequest,
        ControllerRegistrationResponse, CreateAclsRequest, CreateAclsResponse,
        CreatePartitionsRequest, CreatePartitionsResponse, CreateTopicsRequest,
        CreateTopicsResponse, DeleteAclsRequest, DeleteAclsResponse, DeleteTopicsRequest,
        DeleteTopicsResponse, ElectLeadersRequest, ElectLeadersResponse,
        IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
        ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse, MetadataRecord,
        NoOpRecord, UnregisterBrokerRequest, UnregisterBrokerResponse, UnregisterControllerRequest,
        UnregisterControllerResponse, UpdateFeaturesRequest, UpdateFeaturesResponse,
    },
};

use crate::{Image, Record, loader::LoadFault, quotas::ChangeQuota};
pub use scram::ScramKeys;
use sessions::Sessions;
pub use settings::Settings;
use state::Ledger;

/// The most records of one atomic decision, and of one batch.
pub const MAX_RECORDS: usize = 10_000;

/// A request, and what of its header matters.
#[derive(Clone, PartialEq, Debug)]
pub struct Asked<R> {
    /// The request.
    pub request: R,
    /// The version it came in.
    pub version: i16,
    /// Who asks, e.g. `User:alice`; empty for a broker on its own account.
    pub principal: String,
    /// The client id; empty if there is none.
    pub client_id: String,
}

/// The topics whose configurations the asker may see.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Describable {
    /// Every topic.
    All,
    /// These.
    Only(BTreeSet<String>),
}

/// What the controller can be asked.
#[derive(Clone, PartialEq, Debug)]
pub enum Input {
    /// This node became the quorum's leader in this epoch, and all that is in the log was replayed.
    Activate {
        /// The quorum's leader epoch.
        epoch: i32,
    },
    /// This node is no longer the quorum's leader.
    Resign,
    /// The finalized level of `kraft.version`, which is not among the metadata records.
    KraftVersion(i16),
    /// The ids of the quorum's voters, when they change.
    Voters(Vec<i32>),
    /// A broker registers.
    BrokerRegistration(Asked<BrokerRegistrationRequest>),
    /// A broker lives.
    BrokerHeartbeat(Asked<BrokerHeartbeatRequest>),
    /// A broker is to be forgotten.
    UnregisterBroker(Asked<UnregisterBrokerRequest>),
    /// A controller registers.
    ControllerRegistration(Asked<ControllerRegistrationRequest>),
    /// A controller is to be forgotten.
    UnregisterController(Asked<UnregisterControllerRequest>),
    /// Create topics. The second: whose configurations the answer may show.
    CreateTopics(Asked<CreateTopicsRequest>, Describable),
    /// Delete topics, by name or id.
    DeleteTopics(Asked<DeleteTopicsRequest>),
    /// Add partitions to topics.
    CreatePartitions(Asked<CreatePartitionsRequest>),
    /// A leader's in-sync replicas changed.
    AlterPartition(Asked<AlterPartitionRequest>),
    /// Elect leaders.
    ElectLeaders(Asked<ElectLeadersRequest>),
    /// Move partitions to other brokers.
    AlterPartitionReassignments(Asked<AlterPartitionReassignmentsRequest>),
    /// Which partitions are moving?
    ListPartitionReassignments(Asked<ListPartitionReassignmentsRequest>),
    /// A broker says in which of its directories its replicas are.
    AssignReplicasToDirs(Asked<AssignReplicasToDirsRequest>),
    /// Change some configurations.
    IncrementalAlterConfigs(Asked<IncrementalAlterConfigsRequest>),
    /// Replace configurations.
    AlterConfigs(Asked<AlterConfigsRequest>),
    /// Change feature levels.
    UpdateFeatures(Asked<UpdateFeaturesRequest>),
    /// A broker wants producer ids to give away.
    AllocateProducerIds(Asked<AllocateProducerIdsRequest>),
    /// Set or remove client quotas.
    AlterClientQuotas(Asked<AlterClientQuotasRequest>),
    /// Set or remove SCRAM credentials. The second: the keys of each upsertion, in its order.
    AlterUserScramCredentials(Asked<AlterUserScramCredentialsRequest>, Vec<ScramKeys>),
    /// Add access control entries.
    CreateAcls(Asked<CreateAclsRequest>),
    /// Remove access control entries.
    DeleteAcls(Asked<DeleteAclsRequest>),
}

/// What the controller answers: the response to the [`Input`] of that name.
#[derive(Clone, PartialEq, Debug)]
pub enum Reply {
    /// To [`Input::Activate`], [`Input::Resign`], [`Input::KraftVersion`] and [`Input::Voters`].
    Done,
    /// The whole request is refused, e.g. with NOT_CONTROLLER: the handler puts the code where its response has it.
    Refused(Refusal),
    /// A registration.
    BrokerRegistration(BrokerRegistrationResponse),
    /// A heartbeat.
    BrokerHeartbeat(BrokerHeartbeatResponse),
    /// A broker was forgotten.
    UnregisterBroker(UnregisterBrokerResponse),
    /// A registration.
    ControllerRegistration(ControllerRegistrationResponse),
    /// A controller was forgotten.
    UnregisterController(UnregisterControllerResponse),
    /// Topics created.
    CreateTopics(CreateTopicsResponse),
    /// Topics deleted.
    DeleteTopics(DeleteTopicsResponse),
    /// Partitions added.
    CreatePartitions(CreatePartitionsResponse),
    /// In-sync replicas changed.
    AlterPartition(AlterPartitionResponse),
    /// Leaders elected.
    ElectLeaders(ElectLeadersResponse),
    /// Moves begun or given up.
    AlterPartitionReassignments(AlterPartitionReassignmentsResponse),
    /// Moves under way.
    ListPartitionReassignments(ListPartitionReassignmentsResponse),
    /// Directories noted.
    AssignReplicasToDirs(AssignReplicasToDirsResponse),
    /// Configurations changed.
    IncrementalAlterConfigs(IncrementalAlterConfigsResponse),
    /// Configurations replaced.
    AlterConfigs(AlterConfigsResponse),
    /// Feature levels changed.
    UpdateFeatures(UpdateFeaturesResponse),
    /// Producer ids.
    AllocateProducerIds(AllocateProducerIdsResponse),
    /// Quotas changed.
    AlterClientQuotas(AlterClientQuotasResponse),
    /// Credentials changed.
    AlterUserScramCredentials(AlterUserScramCredentialsResponse),
    /// Entries added.
    CreateAcls(CreateAclsResponse),
    /// Entries removed.
    DeleteAcls(DeleteAclsResponse),
}

/// What is done as time passes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Task {
    /// A broker has not been heard of for too long.
    Session(i32),
    /// The log must not stand still.
    NoOp,
    /// Preferred leaders should lead.
    PreferredLeaders,
    /// Partitions without a leader may get an unclean one.
    UncleanLeaders,
}

/// The controller.
#[derive(Debug)]
pub struct Controller {
    settings: Settings,
    ledger: Ledger,
    sessions: Sessions,
    timers: Timers<Task>,
    /// The epoch this node leads the quorum in.
    active: Option<i32>,
    kraft_version: i16,
    /// What clients changed lately. Soft state: a new leader begins with none.
    changes: ChangeQuota,
}

type Decision<A> = (Vec<Record>, A);

impl Controller {
    /// Before its log is replayed.
    pub fn new(settings: Settings) -> Self {
        Self {
            kraft_version: settings.kraft_version,
            changes: ChangeQuota::new(settings.change_window),
            settings,
            ledger: Ledger::default(),
            sessions: Sessions::default(),
            timers: Timers::default(),
            active: None,
        }
    }

    /// Takes a snapshot for the log up to `offset`, the last one that it contains.
    pub fn load_snapshot<'a>(
        &mut self,
        records: impl IntoIterator<Item = &'a Record>,
        offset: i64,
    ) {
        self.ledger.load_snapshot(records, offset);
    }

    /// Takes records of before the start with their offsets, all of which are committed.
    pub fn load<'a>(&mut self, records: impl IntoIterator<Item = (i64, &'a MetadataRecord)>) {
        self.ledger.load(records);
    }

    /// Whether a metadata transaction has begun and not ended.
    pub fn is_in_transaction(&self) -> bool {
        self.ledger.is_in_transaction()
    }

    /// The image after the last replayed record.
    pub fn image(&self) -> &Image {
        self.ledger.latest()
    }

    /// The image after the last committed record.
    pub fn committed_image(&self) -> &Image {
        self.ledger.committed()
    }

    /// Whether this node is the active controller, and in which epoch.
    pub fn active_epoch(&self) -> Option<i32> {
        self.active
    }

    /// The first record that did not fit. A controller with a fault decides nothing more.
    pub fn fault(&self) -> Option<&LoadFault> {
        self.ledger.fault()
    }

    /// What the settings make of `metadata.max.idle.interval.ms` and its like: arms everything that recurs.
    fn arm(&mut self, now: Time) {
        self.timers = Timers::default();
        let settings = &self.settings;
        let periods = [
            (Task::NoOp, settings.max_idle_interval_ms),
            (
                Task::PreferredLeaders,
                settings.leader_imbalance_check_interval_ms,
            ),
            (
                Task::UncleanLeaders,
                settings.unclean_leader_election_interval_ms,
            ),
        ];
        for (task, period) in periods {
            if period > 0 {
                self.timers.arm(task, now.after(period));
            }
        }
    }

    fn activate(&mut self, now: Time, epoch: i32) -> Decision<Reply> {
        self.active = Some(epoch);
        self.arm(now);
        self.sessions = Sessions::default();
        let brokers = self.ledger.latest().brokers();
        for broker in brokers.filter(|broker| !broker.fenced) {
            // This node's broker is heard of soon, or was the process before this one and is gone: who takes its place
            // need not wait for the end of a session.
            if broker.id != self.settings.node_id {
                self.sessions.heard(broker.id, broker.epoch, now);
            }
            let ends = now.after(self.settings.session_timeout_ms + 1);
            self.timers.arm(Task::Session(broker.id), ends);
        }
        (self.activation_records(), Reply::Done)
    }

    fn resign(&mut self) {
        self.active = None;
        self.timers = Timers::default();
        self.sessions = Sessions::default();
    }

    fn decide(&mut self, moment: &mut Moment<'_>, input: Input) -> Decision<Reply> {
        match input {
            Input::Activate { epoch } => return self.activate(moment.now, epoch),
            Input::Resign => {
                self.resign();
                return (Vec::new(), Reply::Done);
            }
            Input::KraftVersion(level) => {
                self.kraft_version = level;
                return (Vec::new(), Reply::Done);
            }
            Input::Voters(voters) => {
                self.settings.voters = voters;
                return (Vec::new(), Reply::Done);
            }
            _ => {}
        }
        if let Some(fault) = self.ledger.fault() {
            let detail = format!("the controller stopped deciding: {fault}");
            let refusal = Code::UNKNOWN_SERVER_ERROR.because(detail);
            return (Vec::new(), Reply::Refused(refusal));
        }
        if self.active.is_none() {
            let refusal = Code::NOT_CONTROLLER.because("this node is not the active controller");
            return (Vec::new(), Reply::Refused(refusal));
        }
        self.decide_request(moment, input)
    }

    fn decide_request(&mut self, moment: &mut Moment<'_>, input: Input) -> Decision<Reply> {
        match input {
            Input::BrokerRegistration(asked) => reply(
                self.register_broker(moment, &asked),
                Reply::BrokerRegistration,
            ),
            Input::BrokerHeartbeat(asked) => {
                reply(self.heartbeat(moment, &asked), Reply::BrokerHeartbeat)
            }
            Input::UnregisterBroker(asked) => {
                reply(self.unregister_broker(&asked), Reply::UnregisterBroker)
            }
            Input::ControllerRegistration(asked) => reply(
                self.register_controller(&asked),
                Reply::ControllerRegistration,
            ),
            Input::UnregisterController(asked) => reply(
                self.unregister_controller(&asked),
                Reply::UnregisterController,
            ),
            Input::CreateTopics(asked, describable) => {
                let mut permits = self.permits(&asked, moment.now);
                let (records, mut answer) =
                    self.create_topics(moment, &asked, &describable, &mut permits);
                answer.throttle_time_ms = self.settle(permits);
                (records, Reply::CreateTopics(answer))
            }
            Input::DeleteTopics(asked) => {
                let mut permits = self.permits(&asked, moment.now);
                let (records, mut answer) = self.delete_topics(&asked, &mut permits);
                answer.throttle_time_ms = self.settle(permits);
                (records, Reply::DeleteTopics(answer))
            }
            Input::CreatePartitions(asked) => {
                let mut permits = self.permits(&asked, moment.now);
                let (records, mut answer) = self.create_partitions(moment, &asked, &mut permits);
                answer.throttle_time_ms = self.settle(permits);
                (records, Reply::CreatePartitions(answer))
            }
            Input::AlterPartition(asked) => {
                reply(self.alter_partition(&asked), Reply::AlterPartition)
            }
            Input::ElectLeaders(asked) => reply(self.elect_leaders(&asked), Reply::ElectLeaders),
            Input::AlterPartitionReassignments(asked) => reply(
                self.alter_reassignments(&asked),
                Reply::AlterPartitionReassignments,
            ),
            Input::ListPartitionReassignments(asked) => reply(
                self.list_reassignments(&asked),
                Reply::ListPartitionReassignments,
            ),
            Input::AssignReplicasToDirs(asked) => {
                reply(self.assign_directories(&asked), Reply::AssignReplicasToDirs)
            }
            Input::IncrementalAlterConfigs(asked) => reply(
                self.incremental_alter_configs(&asked),
                Reply::IncrementalAlterConfigs,
            ),
            Input::AlterConfigs(asked) => reply(self.alter_configs(&asked), Reply::AlterConfigs),
            Input::UpdateFeatures(asked) => {
                reply(self.update_features(&asked), Reply::UpdateFeatures)
            }
            Input::AllocateProducerIds(asked) => reply(
                self.allocate_producer_ids(&asked),
                Reply::AllocateProducerIds,
            ),
            _ => self.decide_access(moment, input),
        }
    }

    /// Who may do what, and how much of it.
    fn decide_access(&mut self, moment: &mut Moment<'_>, input: Input) -> Decision<Reply> {
        match input {
            Input::AlterClientQuotas(asked) => {
                reply(self.alter_client_quotas(&asked), Reply::AlterClientQuotas)
            }
            Input::AlterUserScramCredentials(asked, keys) => reply(
                self.alter_scram(&asked, &keys),
                Reply::AlterUserScramCredentials,
            ),
            Input::CreateAcls(asked) => reply(self.create_acls(moment, &asked), Reply::CreateAcls),
            Input::DeleteAcls(asked) => reply(self.delete_acls(&asked), Reply::DeleteAcls),
            // Everything else was decided before.
            _ => nothing(Reply::Refused(Code::UNKNOWN_SERVER_ERROR.into())),
        }
    }

    /// One task that is due. The next waits for another wake, so that it sees what this one did.
    fn run(&mut self, now: Time, task: Task) -> Vec<Record> {
        let settings = &self.settings;
        let (records, again) = match task {
            // Once more, should the fencing not get into the log.
            Task::Session(broker) => {
                let records = self.end_session(broker, now);
                let again = !records.is_empty();
                (records, again.then_some(self.settings.session_timeout_ms))
            }
            Task::NoOp => (
                vec![Record::from(NoOpRecord::default())],
                Some(settings.max_idle_interval_ms),
            ),
            Task::PreferredLeaders => (
                self.preferred_leaders(),
                Some(settings.leader_imbalance_check_interval_ms),
            ),
            Task::UncleanLeaders => (
                self.unclean_leaders(),
                Some(settings.unclean_leader_election_interval_ms),
            ),
        };
        if let Some(period) = again {
            // There may be more than one decision's worth of elections.
            let full = records.len() >= elections::MAX_ELECTIONS;
            self.timers
                .arm(task, now.after(if full { 0 } else { period }));
        }
        records
    }
}

fn reply<A>((records, answer): Decision<A>, wrap: impl FnOnce(A) -> Reply) -> Decision<Reply> {
    (records, wrap(answer))
}

/// Nothing written, and the answer.
fn nothing<A>(answer: A) -> Decision<A> {
    (Vec::new(), answer)
}

/// The detail of a refusal for a field that has room for it.
fn message(refusal: &Refusal) -> Option<String> {
    Some(refusal.text().to_owned())
}

impl Machine for Controller {
    type Input = Input;
    type Record = Record;
    type Reply = Reply;

    fn handle(
        &mut self,
        moment: &mut Moment<'_>,
        ticket: Ticket,
        input: Input,
        out: &mut Out<Record, Reply>,
    ) {
        let (records, reply) = self.decide(moment, input);
        out.records.extend(records);
        out.replies.push((ticket, reply));
    }

    fn replay(&mut self, offset: i64, record: &Record) {
        self.ledger.replay(offset, record);
    }

    fn wake_at(&self) -> Option<Time> {
        self.timers.next()
    }

    fn wake(&mut self, moment: &mut Moment<'_>, out: &mut Out<Record, Reply>) {
        while out.records.is_empty() {
            let Some(task) = self.timers.pop_due(moment.now) else {
                return;
            };
            out.records.extend(self.run(moment.now, task));
        }
    }
}

impl Revert for Controller {
    fn commit(&mut self, offset: i64) {
        self.ledger.commit(offset);
    }

    fn revert(&mut self, offset: i64) {
        self.ledger.revert(offset);
    }
}
