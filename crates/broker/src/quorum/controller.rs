//! The loop that drives the controller: take input or wake, decide, append, flush once, replay, publish, answer.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use ottla_machine::{Entropy, Machine, Moment, Out, Revert, Ticket, Time};
use ottla_metadata::{
    Record,
    controller::{self as machine, Input, Reply},
    loader::{self, Loader, Provenance},
};
use ottla_raft::VoterSet;
use ottla_wire::{
    errors::{Code, Refusal},
    messages::MetadataRecord,
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{sleep, timeout},
};
use tracing::{error, info, warn};

use super::metadata_log::{Loaded, MetadataLog, NotWritten};
use crate::{broker::Broker, clock, settings::Settings};

/// Questions that may wait for the controller.
const MAILBOX_MAX: usize = 1024;
/// Questions that are decided before one flush.
const DECISIONS_PER_FLUSH: usize = 64;
/// How long a caller waits when its request names no time.
const PATIENCE: Duration = Duration::from_secs(30);

/// A question and where its answer goes.
pub(crate) struct Question {
    input: Input,
    answer: oneshot::Sender<Reply>,
}

/// What DescribeQuorum tells.
#[derive(Clone, Debug, Default)]
pub(crate) struct QuorumStatus {
    pub(crate) leader_id: i32,
    pub(crate) leader_epoch: i32,
    pub(crate) high_watermark: i64,
    pub(crate) log_end_offset: i64,
    pub(crate) kraft_version: i16,
    pub(crate) voters: VoterSet,
}

/// The way to the active controller, which is on this node.
#[derive(Clone)]
pub(crate) struct Controller {
    to: mpsc::Sender<Question>,
    status: Arc<ArcSwap<QuorumStatus>>,
}

impl Controller {
    /// A way that leads to the returned mailbox.
    pub(crate) fn new() -> (Self, mpsc::Receiver<Question>) {
        let (to, mailbox) = mpsc::channel(MAILBOX_MAX);
        (
            Self {
                to,
                status: Arc::default(),
            },
            mailbox,
        )
    }

    /// Asks, and waits for the answer, which comes once its records are committed and the broker has taken them over.
    ///
    /// # Errors
    /// `REQUEST_TIMED_OUT` if the controller is too busy, `NOT_CONTROLLER` if it is stopping.
    pub(crate) async fn ask(&self, input: Input) -> Result<Reply, Refusal> {
        let (answer, answered) = oneshot::channel();
        let asked = async {
            self.to.send(Question { input, answer }).await.ok()?;
            answered.await.ok()
        };
        match timeout(PATIENCE, asked).await {
            Ok(Some(reply)) => Ok(reply),
            Ok(None) => Err(Refusal {
                code: Code::NOT_CONTROLLER,
                detail: Some("the controller on this node is stopping".into()),
            }),
            Err(_) => Err(Refusal {
                code: Code::REQUEST_TIMED_OUT,
                detail: Some("the controller did not answer within 30 s".into()),
            }),
        }
    }

    /// The state of the quorum.
    pub(crate) fn quorum(&self) -> Arc<QuorumStatus> {
        self.status.load_full()
    }
}

/// The controller, its log, and the image that follows it.
pub(crate) struct ControllerLoop {
    machine: machine::Controller,
    log: MetadataLog,
    loader: Loader,
    entropy: Entropy,
    status: Arc<ArcSwap<QuorumStatus>>,
    last_snapshot_ms: u64,
    /// There was no room for the last decision.
    is_full: bool,
}

/// What a round of decisions led to.
pub(crate) struct Decided {
    /// An answer per input, in order.
    pub(crate) replies: Vec<Option<Reply>>,
    /// What changed in the metadata, in order.
    pub(crate) changes: Vec<loader::Change>,
}

impl ControllerLoop {
    /// Reads what was in the log into the controller and the loader.
    ///
    /// # Errors
    /// If the log holds records that do not fit each other.
    pub(crate) fn start(
        mut machine: machine::Controller,
        log: MetadataLog,
        loaded: Loaded,
        controller: &Controller,
        seed: u64,
    ) -> Result<Self, String> {
        if let Some((records, at)) = &loaded.snapshot {
            machine.load_snapshot(records, at.offset);
        }
        let batches = loaded.batches.iter();
        machine.load(batches.flat_map(|batch| (batch.base_offset..).zip(&batch.records)));
        if let Some(fault) = machine.fault() {
            return Err(format!(
                "the metadata in {} cannot be used: {fault}; if a newer version wrote them, use that version",
                log.directory().display()
            ));
        }
        let loader = match machine.is_in_transaction() {
            // What it began is not to be seen.
            true => loader_of(&loaded),
            false => Loader::resume(machine.committed_image().clone(), end_of(&loaded)),
        };
        let started = Self {
            machine,
            log,
            loader,
            entropy: Entropy::new(seed),
            status: controller.status.clone(),
            last_snapshot_ms: clock::now().0,
            is_full: false,
        };
        started.tell_status();
        Ok(started)
    }

    /// The epoch in which this node leads the quorum.
    pub(crate) fn epoch(&self) -> i32 {
        self.log.epoch()
    }

    /// The image as of now.
    pub(crate) fn image(&self) -> &ottla_metadata::Image {
        self.loader.image()
    }

    /// Where that image is in the log.
    pub(crate) fn offset(&self) -> i64 {
        self.loader.provenance().offset
    }

    /// Decides on all inputs (or, without any, on the passing of time), and commits the decisions with one flush.
    ///
    /// # Errors
    /// If the metadata log fails: the node cannot go on.
    pub(crate) fn decide(&mut self, inputs: Vec<Input>) -> Result<Decided, String> {
        let before = self.log.next_offset();
        let mut replies = Vec::with_capacity(inputs.len());
        let mut batches = Vec::new();
        if inputs.is_empty() {
            let mut out = Out::default();
            let mut moment = moment(&self.log, &mut self.entropy);
            self.machine.wake(&mut moment, &mut out);
            let is_idle = out.records.iter().all(is_no_op);
            if !(is_idle && self.log.is_short_of_room()) {
                // Without room for it, what was due comes again.
                let _ = self.append(out.records, &mut batches)?;
            }
        }
        for input in inputs {
            let mut out = Out::default();
            let mut moment = moment(&self.log, &mut self.entropy);
            // The controller answers each question with the decision on it.
            self.machine
                .handle(&mut moment, Ticket::default(), input, &mut out);
            let reply = out.replies.pop().map(|(_, reply)| reply);
            replies.push(match self.append(out.records, &mut batches)? {
                Ok(()) => reply,
                Err(refusal) => Some(Reply::Refused(refusal)),
            });
        }
        if self.log.next_offset() == before {
            return Ok(Decided {
                replies,
                changes: Vec::new(),
            });
        }
        let committed = self.log.flush(clock::wall_ms())?;
        self.machine.commit(committed - 1);
        let mut faults = Vec::new();
        let mut changes = Vec::new();
        for batch in &batches {
            changes.extend(self.loader.load(batch, &mut faults));
        }
        changes.extend(self.loader.flush());
        if let Some(fault) = faults.first() {
            return Err(format!(
                "the controller wrote a record that cannot be read: {fault}"
            ));
        }
        self.tell_status();
        Ok(Decided { replies, changes })
    }

    /// Appends what was decided. On a full disk it is as if it had not been decided: the inner error.
    fn append(
        &mut self,
        records: Vec<Record>,
        batches: &mut Vec<loader::Batch>,
    ) -> Result<Result<(), Refusal>, String> {
        if records.is_empty() {
            return Ok(Ok(()));
        }
        let base_offset = self.log.next_offset();
        let timestamp = clock::wall_ms();
        let last_offset = match self.log.append(&records, timestamp) {
            Ok(last_offset) => last_offset,
            Err(NotWritten::Full(why)) => {
                if !self.is_full {
                    warn!(target: "kafka.server.KafkaRaftServer", "changes of metadata are refused: {why}");
                }
                self.is_full = true;
                return Ok(Err(Code::KAFKA_STORAGE_ERROR.because(why)));
            }
            Err(NotWritten::Failed(why)) => {
                self.machine.revert(base_offset - 1);
                return Err(why);
            }
        };
        if std::mem::take(&mut self.is_full) {
            info!(target: "kafka.server.KafkaRaftServer", "there is room for metadata again");
        }
        for (offset, record) in (base_offset..).zip(&records) {
            self.machine.replay(offset, record);
        }
        let epoch = self.log.epoch();
        let records = records.into_iter().map(|record| record.value).collect();
        batches.push(loader::Batch {
            base_offset,
            epoch,
            timestamp,
            records,
            last_offset,
        });
        Ok(Ok(()))
    }

    fn tell_status(&self) {
        let quorum = self.log.quorum();
        self.status.store(Arc::new(QuorumStatus {
            leader_id: quorum.me().id,
            leader_epoch: quorum.epoch(),
            high_watermark: quorum.high_watermark(),
            log_end_offset: self.log.next_offset(),
            kraft_version: self.log.kraft_version(),
            voters: quorum.voters().clone(),
        }));
    }

    /// Serves questions until `stop` says so, then closes the log. `failed` is told why if the log fails.
    pub(crate) async fn run(
        mut self,
        broker: Arc<Broker>,
        mut mailbox: mpsc::Receiver<Question>,
        mut stop: watch::Receiver<bool>,
        failed: mpsc::Sender<String>,
    ) {
        loop {
            let wake_at = self.machine.wake_at();
            let mut questions = Vec::new();
            tokio::select! {
                biased;
                count = mailbox.recv_many(&mut questions, DECISIONS_PER_FLUSH) => {
                    if count == 0 {
                        break;
                    }
                }
                _ = stop.wait_for(|stop| *stop) => break,
                () = until(wake_at) => {}
            }
            let (inputs, answers): (Vec<_>, Vec<_>) = questions
                .into_iter()
                .map(|question| (question.input, question.answer))
                .unzip();
            match self.decide(inputs) {
                Ok(decided) => {
                    for change in &decided.changes {
                        broker.apply(change);
                    }
                    for (answer, reply) in answers.into_iter().zip(decided.replies) {
                        if let Some(reply) = reply {
                            // A caller that went away is not an error.
                            let _ = answer.send(reply);
                        }
                    }
                }
                Err(why) => {
                    error!(target: "kafka.server.KafkaRaftServer", "the metadata log failed: {why}");
                    let _ = failed.send(why).await;
                    break;
                }
            }
            self.snapshot_if_due(&broker.settings);
        }
        self.log.close(clock::wall_ms());
    }

    fn snapshot_if_due(&mut self, settings: &Settings) {
        let now = clock::now().0;
        let by_size = self.log.unsnapshotted() >= settings.snapshot_after_bytes;
        let by_time = settings.snapshot_interval_ms > 0
            && self.log.unsnapshotted() > 0
            && now.saturating_sub(self.last_snapshot_ms) >= settings.snapshot_interval_ms;
        if !by_size && !by_time {
            return;
        }
        self.last_snapshot_ms = now;
        let records = self.loader.image().to_records().collect();
        if let Err(why) = self.log.write_snapshot(records, settings, clock::wall_ms()) {
            // The log still has everything; the next try comes with the next records.
            warn!("could not write a snapshot of the metadata: {why}");
        }
    }
}

/// A loader that has read it all by itself.
fn loader_of(loaded: &Loaded) -> Loader {
    let mut loader = Loader::new();
    // What does not fit was found by the controller.
    let mut known = Vec::new();
    if let Some((records, at)) = &loaded.snapshot {
        loader.load_snapshot(records.iter().map(|record| &record.value), *at, &mut known);
    }
    for batch in &loaded.batches {
        loader.load(batch, &mut known);
    }
    loader.flush();
    loader
}

/// Where in the log all of it ends.
fn end_of(loaded: &Loaded) -> Provenance {
    match (loaded.batches.last(), &loaded.snapshot) {
        (Some(last), _) => Provenance {
            offset: last.last_offset,
            epoch: last.epoch,
            timestamp: last.timestamp,
            is_batch_aligned: true,
        },
        (None, Some((_, at))) => *at,
        (None, None) => Provenance::default(),
    }
}

/// Whether a record only shows that the log goes on.
fn is_no_op(record: &Record) -> bool {
    matches!(record.value, MetadataRecord::NoOp(_))
}

fn moment<'a>(log: &MetadataLog, entropy: &'a mut Entropy) -> Moment<'a> {
    Moment {
        now: clock::now(),
        next_offset: log.next_offset(),
        entropy,
    }
}

async fn until(at: Option<Time>) {
    match at {
        Some(at) => sleep(Duration::from_millis(at.0.saturating_sub(clock::now().0))).await,
        None => std::future::pending().await,
    }
}
