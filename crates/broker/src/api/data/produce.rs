//! Produce: key 0, versions 3-13.
//!
//! Appends one record batch per partition, and answers once `acks` is satisfied.
//!
//! Versions: 3 record batches of format v2, transactional id; 5 log start offset; 7 zstd; 8 record errors and texts;
//! 9 flexible; 10 current leader and endpoints; 12 transactions of version 2; 13 topic ids.
//!
//! Refuses: `INVALID_REQUIRED_ACKS`, `TRANSACTIONAL_ID_AUTHORIZATION_FAILED` (all); `UNKNOWN_TOPIC_OR_PARTITION`,
//! `UNKNOWN_TOPIC_ID`, `INVALID_TOPIC_EXCEPTION`, `NOT_LEADER_OR_FOLLOWER`, `CORRUPT_MESSAGE`, `INVALID_RECORD`,
//! `INVALID_TIMESTAMP`, `MESSAGE_TOO_LARGE`, `RECORD_LIST_TOO_LARGE`, `UNSUPPORTED_COMPRESSION_TYPE`,
//! `OUT_OF_ORDER_SEQUENCE_NUMBER`, `INVALID_PRODUCER_EPOCH`, `INVALID_TXN_STATE`, `TRANSACTION_ABORTABLE`,
//! `INVALID_PRODUCER_ID_MAPPING`, `NOT_ENOUGH_REPLICAS` (too few are in sync for acks=all; the transaction's coordinator
//! cannot be asked just now), `KAFKA_STORAGE_ERROR` (partition).
//!
//! Differs from Apache Kafka: a refusal always says why where the version has room for it; records that are null are
//! refused as `INVALID_RECORD`, where Kafka never answers; of records that are no batch, where too few are in sync too, the
//! latter is said.

mod transaction;

use std::sync::Arc;

use bytes::Bytes;
use ottla_log::{AppendError, Appended, VerificationGuard};
use ottla_wire::{
    errors::Code,
    messages::{
        ProduceRequest, ProduceResponse,
        produce_request::{PartitionProduceData, TopicProduceData},
        produce_response::{
            BatchIndexAndErrorMessage, LeaderIdAndEpoch, NodeEndpoint, PartitionProduceResponse,
            TopicProduceResponse,
        },
    },
    records::{self, Batch, Origin, check_framing, validate},
};

use self::transaction::Verified;
use super::{TopicRef, hosted, last_of_each};
use crate::{
    api::{Cx, topics::name::is_internal},
    clock,
    partition::{Appender, NotAppended, Partition},
    reply::Reply,
};

/// Kafka's admin client may write to internal topics.
const ADMIN_CLIENT: &str = "__admin_client";

/// See the top of this file.
pub(crate) async fn handle(cx: &Cx, mut request: ProduceRequest) -> Reply<ProduceResponse> {
    last_batches(&mut request.topic_data);
    let acks = request.acks;
    let transaction = match transaction::of(cx, &request) {
        Ok(None) => Ok(None),
        Ok(Some(found)) => Ok(Some(transaction::verified(cx, &request, found).await)),
        Err(refused) => Err(refused),
    };
    let mut response = ProduceResponse::default();
    let mut failed = false;
    let mut unsynced = Vec::new();
    for topic in request.topic_data {
        let named = if cx.version >= 13 {
            TopicRef::Id(topic.topic_id)
        } else {
            TopicRef::Name(&topic.name)
        };
        let mut answers = Vec::with_capacity(topic.partition_data.len());
        for partition in topic.partition_data {
            let outcome = match &transaction {
                Err(refusal) => Err(Refused::of(refusal.code, refusal.text())),
                Ok(verified) => {
                    let checked = checked(cx, named, acks, &partition, verified.as_ref());
                    match checked {
                        Err(refused) => Err(refused),
                        Ok(one) if one.waits() => {
                            let writes = &cx.broker.disk_writes;
                            Box::pin(writes.run(|| one.append())).await
                        }
                        Ok(one) => one.append(),
                    }
                }
            };
            failed |= outcome.is_err();
            let outcome = outcome.map(|(appended, awaits)| {
                unsynced.extend(awaits.map(|partition| Unsynced {
                    partition,
                    last_offset: appended.last_offset,
                    topic: response.responses.len(),
                    place: answers.len(),
                }));
                appended
            });
            let mut answer = respond(partition.index, outcome);
            name_leader(cx, named, &mut answer, &mut response.node_endpoints);
            answers.push(answer);
        }
        response.responses.push(TopicProduceResponse {
            name: topic.name,
            topic_id: topic.topic_id,
            partition_responses: answers,
            ..TopicProduceResponse::default()
        });
    }
    if let Some(meter) = &cx.meter {
        let wait_ms = meter.produced(cx.size);
        meter.rest(wait_ms);
        if acks == 0 {
            meter.note(wait_ms, false);
        }
        response.throttle_time_ms = i32::try_from(wait_ms).unwrap_or(i32::MAX);
    }
    match acks {
        0 if failed => Reply::Unanswered(response),
        0 => Reply::Silent,
        // With one replica the high watermark has passed the batch already, so acks=all waits for nothing else.
        _ if unsynced.is_empty() => Reply::Now(response),
        _ => Reply::Later(Box::pin(after_syncs(response, unsynced))),
    }
}

/// A partition that must be synced before the answer leaves (`flush.messages`).
struct Unsynced {
    partition: Arc<Partition>,
    last_offset: i64,
    /// The place of its topic among those of the answer.
    topic: usize,
    /// Its own among those of the topic.
    place: usize,
}

/// The answer once all that it is about is on disk, or cannot be brought there.
async fn after_syncs(mut response: ProduceResponse, unsynced: Vec<Unsynced>) -> ProduceResponse {
    for one in unsynced {
        let Err(code) = one.partition.synced(one.last_offset).await else {
            continue;
        };
        let detail = match code {
            Code::KAFKA_STORAGE_ERROR => {
                let dir = one.partition.log_dir();
                let why = match dir.has_failed() {
                    true => "has failed",
                    false => "refused it, and the log of this broker says why",
                };
                let path = dir.path().display();
                format!(
                    "the records could not be synced (flush.messages): log directory {path} {why}"
                )
            }
            _ => "the partition was taken away before the records were synced".to_owned(),
        };
        let answer = &mut response.responses[one.topic].partition_responses[one.place];
        *answer = respond(answer.index, Err(Refused::of(code, detail)));
    }
    response
}

/// Of a partition that is named twice the last batch counts, and it is answered once, as by Kafka.
fn last_batches(topics: &mut Vec<TopicProduceData>) {
    last_of_each(
        topics,
        |of| (&of.name, of.topic_id),
        |of| &mut of.partition_data,
        |of| of.index,
    );
}

/// Why a partition's records were not appended.
struct Refused {
    code: Code,
    detail: String,
    log_start_offset: i64,
    records: Vec<BatchIndexAndErrorMessage>,
}

impl Refused {
    fn of(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            log_start_offset: -1,
            records: Vec::new(),
        }
    }
}

/// What there is to say of it before it is appended.
fn checked(
    cx: &Cx,
    topic: TopicRef<'_>,
    acks: i16,
    data: &PartitionProduceData,
    verified: Option<&Verified>,
) -> Result<Checked, Refused> {
    let partition =
        hosted(cx, topic, data.index).map_err(|code| not_here(cx, topic, code, data.index))?;
    let guard = match verified {
        None => VerificationGuard::NONE,
        Some(verified) => verified.guard(&partition, cx.version)?,
    };
    if !(-1..=1).contains(&acks) {
        let detail = format!("acks is {acks}, and must be -1 (all), 0 or 1");
        return Err(Refused::of(Code::INVALID_REQUIRED_ACKS, detail));
    }
    if is_internal(&partition.topic) && cx.client_id.as_deref() != Some(ADMIN_CLIENT) {
        let detail = format!(
            "{} is an internal topic: only brokers write to it",
            partition.topic
        );
        return Err(Refused::of(Code::INVALID_TOPIC_EXCEPTION, detail));
    }
    if acks == -1
        && let Err(refusal) = partition.enough_in_sync(&cx.broker.image())
    {
        // What is no batch at all is said before.
        check_framing(&bytes_of(data), origin(cx)).map_err(|why| invalid(&partition, &why))?;
        return Err(Refused {
            log_start_offset: partition.reader().offsets().log_start,
            ..Refused::of(refusal.code, refusal.text())
        });
    }
    let batch = check(cx, &partition, data)?;
    Ok(Checked {
        partition,
        batch,
        by: Appender::CLIENT.verified(guard),
    })
}

/// A batch that may be appended.
struct Checked {
    partition: Arc<Partition>,
    batch: Batch,
    by: Appender,
}

impl Checked {
    /// Whether that may take its time.
    fn waits(&self) -> bool {
        self.partition.log_dir().slowness.is_slow(clock::nanos)
    }

    fn append(self) -> Result<InLog, Refused> {
        let began = clock::instant();
        let done = append(&self.partition, self.batch, self.by);
        let dir = self.partition.log_dir();
        dir.slowness.wrote(began.elapsed(), clock::nanos);
        done
    }
}

fn not_here(cx: &Cx, topic: TopicRef<'_>, code: Code, index: i32) -> Refused {
    let broker = cx.broker.settings.node_id;
    let id = match topic {
        TopicRef::Name(name) => cx.broker.image().topic(name).map(|topic| topic.id),
        TopicRef::Id(id) => Some(id),
    };
    if let Some(why) = id.and_then(|id| cx.broker.partitions.why_unserved(id, index)) {
        let detail = format!("broker {broker} does not serve partition {index}: {why}");
        return Refused::of(code, detail);
    }
    let detail = match code {
        Code::KAFKA_STORAGE_ERROR => format!(
            "partition {index} of this topic is offline: its log directory on broker {broker} cannot be used"
        ),
        _ => format!("broker {broker} has no partition {index} of this topic"),
    };
    Refused::of(code, detail)
}

/// Validates the batch; what of it must change for this topic is changed.
fn check(cx: &Cx, partition: &Partition, data: &PartitionProduceData) -> Result<Batch, Refused> {
    let settings = partition.settings();
    let rules = settings.rules(origin(cx));
    let validated = validate(&bytes_of(data), &rules, clock::wall_ms());
    let validated = validated.map_err(|why| invalid(partition, &why))?;
    Ok(validated.batch)
}

fn bytes_of(data: &PartitionProduceData) -> Bytes {
    let records = data.records.as_ref().and_then(|records| records.bytes());
    records.cloned().unwrap_or_else(Bytes::new)
}

fn origin(cx: &Cx) -> Origin {
    Origin::Client {
        zstd: cx.version >= 7,
    }
}

fn invalid(partition: &Partition, why: &records::Refused) -> Refused {
    let records = why
        .record_errors()
        .iter()
        .map(|error| BatchIndexAndErrorMessage {
            batch_index: error.index,
            batch_index_error_message: Some(error.fault.to_string()),
            ..BatchIndexAndErrorMessage::default()
        });
    Refused {
        code: why.code(),
        detail: why.to_string(),
        log_start_offset: log_start_if_told(partition, why),
        records: records.collect(),
    }
}

/// Kafka tells the log start offset with what it finds inside a batch, and not with what it finds about it.
fn log_start_if_told(partition: &Partition, refused: &records::Refused) -> i64 {
    use records::Refused as R;
    match refused {
        R::NoBatch
        | R::SeveralBatches
        | R::Magic(_)
        | R::Zstd
        | R::Corrupt(_)
        | R::TooLarge { .. } => -1,
        _ => partition.reader().offsets().log_start,
    }
}

/// What was appended, and its partition if it must be synced before the answer.
type InLog = (Appended, Option<Arc<Partition>>);

fn append(partition: &Arc<Partition>, batch: Batch, by: Appender) -> Result<InLog, Refused> {
    let size = batch.size_in_bytes() as u64;
    match partition.append(batch, by) {
        Ok(appended) => {
            let awaits = partition.awaits_sync(appended.last_offset);
            Ok((appended, awaits.then(|| partition.clone())))
        }
        Err(NotAppended::Refused(Code::KAFKA_STORAGE_ERROR)) => Err(Refused::of(
            Code::KAFKA_STORAGE_ERROR,
            format!(
                "log directory {} has failed",
                partition.log_dir().path().display()
            ),
        )),
        Err(NotAppended::Refused(code)) => Err(Refused::of(
            code,
            format!(
                "this broker does not lead {}-{}",
                partition.topic, partition.index
            ),
        )),
        Err(NotAppended::Log(error)) => {
            let code = error.code();
            let mut refused = Refused::of(code, error.to_string());
            match &error {
                AppendError::Log(fault) if fault.is_full() => {
                    tracing::warn!(topic = %partition.topic, partition = partition.index, %fault, "could not append");
                    refused.detail = partition.log_dir().no_room_for(size);
                }
                AppendError::Log(fault) => {
                    tracing::error!(topic = %partition.topic, partition = partition.index, %fault, "could not append");
                    refused.detail = "the broker could not write to its log directory".to_owned();
                }
                _ => {}
            }
            if matches!(error, AppendError::Producer(_)) {
                refused.log_start_offset = partition.reader().offsets().log_start;
            }
            Err(refused)
        }
    }
}

fn respond(index: i32, outcome: Result<Appended, Refused>) -> PartitionProduceResponse {
    match outcome {
        Ok(appended) => PartitionProduceResponse {
            index,
            base_offset: appended.first_offset,
            log_append_time_ms: appended.log_append_time,
            log_start_offset: appended.log_start_offset,
            ..PartitionProduceResponse::default()
        },
        Err(refused) => PartitionProduceResponse {
            index,
            error_code: refused.code.0,
            base_offset: -1,
            log_append_time_ms: -1,
            log_start_offset: refused.log_start_offset,
            record_errors: refused.records,
            error_message: Some(refused.detail),
            ..PartitionProduceResponse::default()
        },
    }
}

/// From version 10 on, a producer that asked the wrong broker is told the right one.
fn name_leader(
    cx: &Cx,
    topic: TopicRef<'_>,
    answer: &mut PartitionProduceResponse,
    endpoints: &mut Vec<NodeEndpoint>,
) {
    if cx.version < 10 || answer.error_code != Code::NOT_LEADER_OR_FOLLOWER.0 {
        return;
    }
    let image = cx.broker.image();
    let topic = match topic {
        TopicRef::Name(name) => image.topic(name),
        TopicRef::Id(id) => image.topic_by_id(id),
    };
    let Some(partition) = topic.and_then(|topic| topic.partitions.get(&answer.index)) else {
        return;
    };
    answer.current_leader = LeaderIdAndEpoch {
        leader_id: partition.leader,
        leader_epoch: partition.leader_epoch,
        ..LeaderIdAndEpoch::default()
    };
    let Some(leader) = image.broker(partition.leader) else {
        return;
    };
    let Some(endpoint) = leader.endpoint(&cx.endpoint.name) else {
        return;
    };
    if !endpoints.iter().any(|known| known.node_id == leader.id) {
        endpoints.push(NodeEndpoint {
            node_id: leader.id,
            host: endpoint.host.clone(),
            port: i32::from(endpoint.port),
            rack: leader.rack.clone(),
            ..NodeEndpoint::default()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A topic and its partitions, each with a text for records.
    type Named<'a> = (&'a str, &'a [(i32, &'static str)]);

    fn topic(&(name, partitions): &Named<'_>) -> TopicProduceData {
        TopicProduceData {
            name: name.to_owned(),
            partition_data: partitions
                .iter()
                .map(|&(index, records)| PartitionProduceData {
                    index,
                    records: Some(ottla_wire::Records::Bytes(Bytes::from_static(
                        records.as_bytes(),
                    ))),
                    ..PartitionProduceData::default()
                })
                .collect(),
            ..TopicProduceData::default()
        }
    }

    #[test]
    fn of_a_partition_that_is_named_twice_the_last_counts() {
        let table: [(&[Named<'_>], &[Named<'_>]); 5] = [
            (&[], &[]),
            (
                &[("b", &[(1, "x")]), ("a", &[(0, "y"), (1, "z")])],
                &[("b", &[(1, "x")]), ("a", &[(0, "y"), (1, "z")])],
            ),
            (
                &[("a", &[(0, "first"), (1, "x"), (0, "last")])],
                &[("a", &[(1, "x"), (0, "last")])],
            ),
            (
                &[
                    ("b", &[(1, "first")]),
                    ("a", &[(0, "y")]),
                    ("b", &[(0, "x"), (1, "last")]),
                ],
                &[("b", &[(0, "x"), (1, "last")]), ("a", &[(0, "y")])],
            ),
            (&[("b", &[]), ("b", &[])], &[("b", &[])]),
        ];
        for (asked, kept) in table {
            let mut topics: Vec<_> = asked.iter().map(topic).collect();
            last_batches(&mut topics);
            assert_eq!(topics, kept.iter().map(topic).collect::<Vec<_>>());
        }
    }
}
