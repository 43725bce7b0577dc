//! AlterReplicaLogDirs (key 34, versions 1-2): moves replicas of this broker to other log directories of it.
//!
//! The answer says whether a move was begun; DescribeLogDirs shows how far it is. Asking for another directory begins
//! anew, asking for the directory where the replica is ends the move. The directory of a replica that is not here is
//! remembered, in case it comes. Of a partition that is named twice, the last directory counts.
//!
//! Versions: 2 flexible.
//!
//! Refuses: `LOG_DIR_NOT_FOUND` (none of `log.dirs`, written as DescribeLogDirs does), `KAFKA_STORAGE_ERROR` (the
//! directory, that of the replica or, if a move is to begin, any has failed), `INVALID_REPLICA_ASSIGNMENT` (the directory
//! is cordoned), `UNKNOWN_TOPIC_OR_PARTITION`, `REPLICA_NOT_AVAILABLE` (the replica is not here),
//! `INVALID_TOPIC_EXCEPTION` (a name too long for the copy's directory).
//!
//! Differs from Apache Kafka: topics and partitions come sorted; of at most 10,000 replicas that are not here the
//! directory is remembered.
//!
//! Not yet: authorization.

use std::{collections::BTreeMap, sync::Arc};

use ottla_wire::{
    errors::Code,
    messages::{
        AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse,
        alter_replica_log_dirs_request::AlterReplicaLogDir,
        alter_replica_log_dirs_response::{
            AlterReplicaLogDirPartitionResult, AlterReplicaLogDirTopicResult,
        },
    },
};
use tracing::warn;

use crate::{
    api::{Cx, WithReasons},
    broker::Broker,
    journal::Reasons,
    reply::Reply,
    task,
};

/// See the top of this file.
pub(crate) async fn handle(
    cx: &Cx,
    request: AlterReplicaLogDirsRequest,
) -> Reply<WithReasons<AlterReplicaLogDirsResponse>> {
    let wanted = wanted(request.dirs);
    let broker = cx.broker.clone();
    let unknown = |partition: &(String, i32)| (partition.clone(), Code::UNKNOWN_SERVER_ERROR);
    let unknown = wanted.keys().map(unknown).collect();
    // Directories are made there. A panic in there was reported there.
    let (codes, reasons) = task::blocking(move || alter(&broker, &wanted))
        .await
        .unwrap_or((unknown, Reasons::default()));
    let message = answer(codes);
    WithReasons { message, reasons }.into()
}

/// The partitions, each with the path of a directory.
type Wanted = BTreeMap<(String, i32), Arc<str>>;

fn wanted(dirs: Vec<AlterReplicaLogDir>) -> Wanted {
    let mut wanted = Wanted::new();
    for dir in dirs {
        let path: Arc<str> = dir.path.into();
        for topic in dir.topics {
            for index in topic.partitions {
                wanted.insert((topic.name.clone(), index), path.clone());
            }
        }
    }
    wanted
}

fn alter(broker: &Broker, wanted: &Wanted) -> (BTreeMap<(String, i32), Code>, Reasons) {
    let mut reasons = Reasons::default();
    let codes = wanted.iter().map(|(partition, path)| {
        let (topic, index) = partition;
        let code = match broker.move_replica(topic, *index, path) {
            Ok(()) => Code::NONE,
            Err(refusal) => {
                warn!(
                    target: "kafka.server.ReplicaManager",
                    "{topic}-{index} is not moved to {path:?}: {}", refusal.text()
                );
                let code = refusal.code;
                reasons.of_partition(topic, *index, refusal);
                code
            }
        };
        (partition.clone(), code)
    });
    (codes.collect(), reasons)
}

fn answer(codes: BTreeMap<(String, i32), Code>) -> AlterReplicaLogDirsResponse {
    let mut results: Vec<AlterReplicaLogDirTopicResult> = Vec::new();
    for ((topic, partition_index), code) in codes {
        if results.last().is_none_or(|last| last.topic_name != topic) {
            results.push(AlterReplicaLogDirTopicResult {
                topic_name: topic,
                ..AlterReplicaLogDirTopicResult::default()
            });
        }
        if let Some(last) = results.last_mut() {
            last.partitions.push(AlterReplicaLogDirPartitionResult {
                partition_index,
                error_code: code.0,
                ..AlterReplicaLogDirPartitionResult::default()
            });
        }
    }
    AlterReplicaLogDirsResponse {
        results,
        ..AlterReplicaLogDirsResponse::default()
    }
}

#[cfg(test)]
mod tests {
    use ottla_wire::messages::alter_replica_log_dirs_request::AlterReplicaLogDirTopic;

    use super::*;

    fn dir(path: &str, topic: &str, partitions: &[i32]) -> AlterReplicaLogDir {
        AlterReplicaLogDir {
            path: path.to_owned(),
            topics: vec![AlterReplicaLogDirTopic {
                name: topic.to_owned(),
                partitions: partitions.to_vec(),
                ..AlterReplicaLogDirTopic::default()
            }],
            ..AlterReplicaLogDir::default()
        }
    }

    #[test]
    fn the_last_directory_counts() {
        let asked = vec![
            dir("/a", "t", &[0, 1]),
            dir("/b", "t", &[1]),
            dir("/a", "s", &[0]),
        ];
        let shown: Vec<_> = wanted(asked)
            .into_iter()
            .map(|((topic, index), path)| format!("{topic}-{index} {path}"))
            .collect();
        assert_eq!(shown, ["s-0 /a", "t-0 /a", "t-1 /b"]);
    }

    #[test]
    fn partitions_are_gathered_by_topic() {
        let key = |topic: &str, index| (topic.to_owned(), index);
        let codes = [
            (key("a", 0), Code::NONE),
            (key("a", 7), Code::LOG_DIR_NOT_FOUND),
            (key("b", 1), Code::REPLICA_NOT_AVAILABLE),
        ];
        let answer = answer(codes.into());
        let shown: Vec<_> = answer
            .results
            .iter()
            .flat_map(|topic| {
                let codes = topic.partitions.iter();
                codes.map(|of| (topic.topic_name.as_str(), of.partition_index, of.error_code))
            })
            .collect();
        assert_eq!(shown, [("a", 0, 0), ("a", 7, 57), ("b", 1, 9)]);
        assert_eq!(answer.results.len(), 2);
    }
}
