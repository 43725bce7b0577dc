//! DescribeLogDirs (key 35, versions 1-5): the log directories of this broker, the space on them, and the partitions in
//! each.
//!
//! Every directory is in the answer, of the partitions those that are asked for (null is all). A replica on its way to
//! another directory is shown in both, in that as a future one, with the number of offsets that are still to be copied.
//! Versions: 3 an error for the whole; 4 total and usable bytes; 5 whether the directory is cordoned.
//!
//! Refuses: `KAFKA_STORAGE_ERROR` for a directory that has failed.
//!
//! Differs from Apache Kafka: topics and partitions come sorted.
//!
//! Not yet: authorization.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ottla_wire::{
    errors::Code,
    messages::{
        DescribeLogDirsRequest, DescribeLogDirsResponse,
        describe_log_dirs_request::DescribableLogDirTopic,
        describe_log_dirs_response::{
            DescribeLogDirsPartition, DescribeLogDirsResult, DescribeLogDirsTopic,
        },
    },
};

use crate::{api::Cx, log_dirs::LogDir, moves::Move, partition::Partition, reply::Reply};

/// Serves the request.
pub(crate) async fn handle(
    cx: &Cx,
    request: DescribeLogDirsRequest,
) -> Reply<DescribeLogDirsResponse> {
    let asked = asked(request.topics.as_deref());
    let (hosted, moves) = (cx.broker.partitions.all(), cx.broker.moves.all());
    let config = cx.broker.config();
    let cordons = cx
        .broker
        .image()
        .metadata_version_or_minimum()
        .has_cordoned_directories();
    let describe = |dir: &Arc<LogDir>| {
        let mut result = describe(dir, &hosted, &moves, asked.as_ref());
        let is_dir = |cordoned: &String| dir.path() == cordoned.as_str();
        result.is_cordoned =
            cordons && result.error_code == 0 && config.cordoned_log_dirs().iter().any(is_dir);
        result
    };
    let named = cx.broker.log_dirs.iter().filter(|dir| dir.takes_partitions);
    Reply::Now(DescribeLogDirsResponse {
        results: named.map(describe).collect(),
        ..DescribeLogDirsResponse::default()
    })
}

/// The partitions to show; `None` is all of them.
type Asked = Option<BTreeSet<(String, i32)>>;

fn asked(topics: Option<&[DescribableLogDirTopic]>) -> Asked {
    let partitions = topics?.iter().flat_map(|topic| {
        let indexes = topic.partitions.iter();
        indexes.map(move |index| (topic.topic.clone(), *index))
    });
    Some(partitions.collect())
}

fn describe(
    dir: &LogDir,
    hosted: &[Arc<Partition>],
    moves: &[Arc<Move>],
    asked: Option<&BTreeSet<(String, i32)>>,
) -> DescribeLogDirsResult {
    let log_dir = dir.absolute_path();
    let failed = |code: Code| DescribeLogDirsResult {
        error_code: code.0,
        log_dir: log_dir.clone(),
        ..DescribeLogDirsResult::default()
    };
    if dir.has_failed() {
        return failed(Code::KAFKA_STORAGE_ERROR);
    }
    let (total, usable) = match dir.space() {
        Ok(space) => space,
        Err(error) => {
            tracing::warn!(%error, "the space on {log_dir} cannot be read");
            return failed(Code::UNKNOWN_SERVER_ERROR);
        }
    };
    let is_asked = |partition: &&Arc<Partition>| {
        asked.is_none_or(|asked| asked.contains(&(partition.topic.to_string(), partition.index)))
    };
    let mine = hosted.iter().filter(|partition| partition.is_in(dir));
    let rows = mine
        .filter(is_asked)
        .map(|partition| (&*partition.topic, row(partition)));
    let coming = moves.iter().filter(|of| {
        // In the moment after its end, it is the replica.
        let is_mine = std::ptr::eq(Arc::as_ptr(&of.dir), dir) && !of.partition.is_in(dir);
        is_mine && is_asked(&&of.partition)
    });
    let coming = coming.map(|of| (&*of.partition.topic, future_row(of)));
    DescribeLogDirsResult {
        topics: by_topic(rows.chain(coming)),
        total_bytes: i64::try_from(total).unwrap_or(i64::MAX),
        usable_bytes: i64::try_from(usable).unwrap_or(i64::MAX),
        log_dir,
        ..DescribeLogDirsResult::default()
    }
}

fn row(partition: &Partition) -> DescribeLogDirsPartition {
    let offsets = partition.reader().offsets();
    DescribeLogDirsPartition {
        partition_index: partition.index,
        partition_size: i64::try_from(partition.reader().size_in_bytes()).unwrap_or(i64::MAX),
        offset_lag: (offsets.high_watermark - offsets.log_end).max(0),
        ..DescribeLogDirsPartition::default()
    }
}

fn future_row(of: &Move) -> DescribeLogDirsPartition {
    let end = of.partition.reader().offsets().log_end;
    DescribeLogDirsPartition {
        partition_index: of.partition.index,
        partition_size: i64::try_from(of.reader().size_in_bytes()).unwrap_or(i64::MAX),
        offset_lag: end - of.reader().offsets().log_end,
        is_future_key: true,
        ..DescribeLogDirsPartition::default()
    }
}

fn by_topic<'a>(
    rows: impl Iterator<Item = (&'a str, DescribeLogDirsPartition)>,
) -> Vec<DescribeLogDirsTopic> {
    let mut topics: BTreeMap<&str, Vec<DescribeLogDirsPartition>> = BTreeMap::new();
    for (topic, row) in rows {
        topics.entry(topic).or_default().push(row);
    }
    let topic = |(name, mut partitions): (&str, Vec<DescribeLogDirsPartition>)| {
        partitions.sort_by_key(|partition| partition.partition_index);
        DescribeLogDirsTopic {
            name: name.to_owned(),
            partitions,
            ..DescribeLogDirsTopic::default()
        }
    };
    topics.into_iter().map(topic).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_or_those_named() {
        assert_eq!(asked(None), None);
        assert_eq!(asked(Some(&[])), Some(BTreeSet::new()));
        let topic = DescribableLogDirTopic {
            topic: "a".to_owned(),
            partitions: vec![2, 0, 2],
            ..DescribableLogDirTopic::default()
        };
        assert_eq!(
            asked(Some(&[topic])),
            Some([("a".to_owned(), 0), ("a".to_owned(), 2)].into())
        );
    }

    #[test]
    fn partitions_are_gathered_by_topic() {
        let row = |index| DescribeLogDirsPartition {
            partition_index: index,
            ..DescribeLogDirsPartition::default()
        };
        let topics = by_topic([("b", row(1)), ("a", row(0)), ("b", row(0))].into_iter());
        let shown: Vec<_> = topics
            .iter()
            .map(|topic| {
                (
                    topic.name.as_str(),
                    topic
                        .partitions
                        .iter()
                        .map(|one| one.partition_index)
                        .collect::<Vec<_>>(),
                )
            })
            .collect();
        assert_eq!(shown, [("a", vec![0]), ("b", vec![0, 1])]);
    }
}
