//! Requests about partitions and log directories, and what matters of their answers.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use ottla_interop::{
    offsets,
    raw::Connection,
    server::{Kind, Node, Server},
};
use ottla_wire::{
    Records,
    messages::{
        AlterReplicaLogDirsRequest, DeleteRecordsRequest, DescribeLogDirsRequest,
        DescribeLogDirsResponse, FetchRequest, IncrementalAlterConfigsRequest, ListOffsetsRequest,
        MetadataRequest, OffsetForLeaderEpochRequest, ProduceRequest,
        alter_replica_log_dirs_request as alter, delete_records_request as delete,
        fetch_request as fetch, incremental_alter_configs_request as configs,
        list_offsets_request as list,
        metadata_request::MetadataRequestTopic,
        offset_for_leader_epoch_request as epochs,
        produce_request::{PartitionProduceData, TopicProduceData},
    },
    records::{BatchBuilder, Codec},
};

/// A node with log directories `data`, `b` and `c`, the first of which has the metadata.
pub(crate) struct Site {
    pub(crate) node: Node,
    dir: PathBuf,
}

impl Site {
    pub(crate) fn new(dir: &Path, more: &[&str]) -> Self {
        let names = ["data", "b", "c"].map(|name| dir.join(name));
        for path in &names {
            fs::create_dir_all(path).expect("a folder");
        }
        let names = names.map(|path| path.display().to_string());
        let dirs = format!("log.dirs={}", names.join(","));
        let mut lines = vec![
            dirs.as_str(),
            "log.retention.ms=-1",
            "replica.high.watermark.checkpoint.interval.ms=500",
            "offsets.topic.num.partitions=1",
        ];
        lines.extend(more);
        Self {
            node: Node::new(dir, &lines),
            dir: dir.to_owned(),
        }
    }

    pub(crate) fn start(&self, kind: Kind) -> (Server, Asks) {
        let server = self.node.start(kind);
        let asks = Asks::of(&server);
        (server, asks)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }
}

/// Whoever asks.
pub(crate) struct Asks(pub(crate) Connection);

impl Asks {
    pub(crate) fn of(server: &Server) -> Self {
        Self(Connection::new(&server.address()))
    }

    pub(crate) fn create(&mut self, topic: &str, partitions: u32) {
        offsets::create_topic(&mut self.0, topic, partitions);
    }

    /// Appends one record; the offset, or the code and the text.
    pub(crate) fn produce(
        &mut self,
        topic: &str,
        index: i32,
        value: &[u8],
    ) -> Result<i64, (i16, String)> {
        let mut builder = BatchBuilder::new(Codec::None);
        builder
            .append(1_700_000_000_000, None, Some(value), &[])
            .expect("a record");
        let batch = builder.build().expect("a batch");
        let bytes = [batch.header().as_ref(), batch.payload().as_ref()].concat();
        let partition = PartitionProduceData {
            index,
            records: Some(Records::from(bytes::Bytes::from(bytes))),
            ..Default::default()
        };
        let request = ProduceRequest {
            acks: -1,
            timeout_ms: 5000,
            topic_data: vec![TopicProduceData {
                name: topic.to_owned(),
                partition_data: vec![partition],
                ..Default::default()
            }],
            ..Default::default()
        };
        let answer = self.0.ask(9, &request).expect("an answer");
        let answer = &answer.responses[0].partition_responses[0];
        match answer.error_code {
            0 => Ok(answer.base_offset),
            code => Err((code, answer.error_message.clone().unwrap_or_default())),
        }
    }

    /// The records' bytes from an offset on, or the code.
    pub(crate) fn fetch(&mut self, topic: &str, partition: i32, from: i64) -> Result<Vec<u8>, i16> {
        let partition = fetch::FetchPartition {
            partition,
            fetch_offset: from,
            partition_max_bytes: 1 << 20,
            ..Default::default()
        };
        let request = FetchRequest {
            max_wait_ms: 10,
            max_bytes: 1 << 20,
            session_epoch: -1,
            topics: vec![fetch::FetchTopic {
                topic: topic.to_owned(),
                partitions: vec![partition],
                ..Default::default()
            }],
            ..Default::default()
        };
        let answer = self.0.ask(11, &request).expect("an answer");
        let answer = &answer.responses[0].partitions[0];
        match answer.error_code {
            0 => Ok(answer
                .records
                .as_ref()
                .and_then(|records| records.bytes())
                .map(|bytes| bytes.to_vec())
                .unwrap_or_default()),
            code => Err(code),
        }
    }

    /// The offset at a timestamp (-1: the end, -2: the beginning), or the code.
    pub(crate) fn offset(&mut self, topic: &str, index: i32, timestamp: i64) -> Result<i64, i16> {
        let partition = list::ListOffsetsPartition {
            partition_index: index,
            timestamp,
            ..Default::default()
        };
        let request = ListOffsetsRequest {
            replica_id: -1,
            topics: vec![list::ListOffsetsTopic {
                name: topic.to_owned(),
                partitions: vec![partition],
                ..Default::default()
            }],
            ..Default::default()
        };
        let answer = self.0.ask(7, &request).expect("an answer");
        let answer = &answer.topics[0].partitions[0];
        match answer.error_code {
            0 => Ok(answer.offset),
            code => Err(code),
        }
    }

    /// Deletes the records before an offset; the code.
    pub(crate) fn delete_records(&mut self, topic: &str, index: i32, offset: i64) -> i16 {
        let partition = delete::DeleteRecordsPartition {
            partition_index: index,
            offset,
            ..Default::default()
        };
        let request = DeleteRecordsRequest {
            topics: vec![delete::DeleteRecordsTopic {
                name: topic.to_owned(),
                partitions: vec![partition],
                ..Default::default()
            }],
            timeout_ms: 5000,
            ..Default::default()
        };
        let answer = self.0.ask(2, &request).expect("an answer");
        answer.topics[0].partitions[0].error_code
    }

    pub(crate) fn end_of_epoch(&mut self, topic: &str, partition: i32) -> i16 {
        let partition = epochs::OffsetForLeaderPartition {
            partition,
            leader_epoch: 0,
            current_leader_epoch: -1,
            ..Default::default()
        };
        let request = OffsetForLeaderEpochRequest {
            replica_id: -1,
            topics: vec![epochs::OffsetForLeaderTopic {
                topic: topic.to_owned(),
                partitions: vec![partition],
                ..Default::default()
            }],
            ..Default::default()
        };
        let answer = self.0.ask(4, &request).expect("an answer");
        answer.topics[0].partitions[0].error_code
    }

    /// Of each partition: error code, leader, in-sync replicas, offline replicas.
    pub(crate) fn metadata(
        &mut self,
        topic: &str,
    ) -> BTreeMap<i32, (i16, i32, Vec<i32>, Vec<i32>)> {
        let request = MetadataRequest {
            topics: Some(vec![MetadataRequestTopic {
                name: Some(topic.to_owned()),
                ..Default::default()
            }]),
            ..Default::default()
        };
        let answer = self.0.ask(12, &request).expect("an answer");
        let partitions = answer.topics[0].partitions.iter();
        partitions
            .map(|of| {
                let row = (
                    of.error_code,
                    of.leader_id,
                    of.isr_nodes.clone(),
                    of.offline_replicas.clone(),
                );
                (of.partition_index, row)
            })
            .collect()
    }

    /// Asks for a replica to be moved to a log directory; the code.
    pub(crate) fn alter(&mut self, topic: &str, partition: i32, path: &Path) -> i16 {
        let topic = alter::AlterReplicaLogDirTopic {
            name: topic.to_owned(),
            partitions: vec![partition],
            ..Default::default()
        };
        let request = AlterReplicaLogDirsRequest {
            dirs: vec![alter::AlterReplicaLogDir {
                path: path.display().to_string(),
                topics: vec![topic],
                ..Default::default()
            }],
            ..Default::default()
        };
        let answer = self.0.ask(2, &request).expect("an answer");
        answer.results[0].partitions[0].error_code
    }

    /// Sets a configuration of a topic (2) or a broker (4).
    pub(crate) fn configure(&mut self, resource_type: i8, name: &str, key: &str, value: &str) {
        let request = IncrementalAlterConfigsRequest {
            resources: vec![configs::AlterConfigsResource {
                resource_type,
                resource_name: name.to_owned(),
                configs: vec![configs::AlterableConfig {
                    name: key.to_owned(),
                    value: Some(value.to_owned()),
                    ..Default::default()
                }],
                ..Default::default()
            }],
            ..Default::default()
        };
        let answer = self.0.ask(1, &request).expect("an answer");
        assert_eq!(answer.responses[0].error_code, 0, "{answer:?}");
    }

    /// No move is faster: so many bytes in a second.
    pub(crate) fn throttle(&mut self, rate: u64) {
        let key = "replica.alter.log.dirs.io.max.bytes.per.second";
        self.configure(4, "1", key, &rate.to_string());
    }

    /// How many offsets the copy of a replica in this directory lacks; `None` if there is no copy.
    pub(crate) fn lag(&mut self, topic: &str, index: i32, dir: &str) -> Option<i64> {
        let answer = self.describe();
        let mut dirs = answer.results.iter();
        let dir = dirs.find(|of| of.log_dir.ends_with(&format!("/{dir}")))?;
        let topic = dir.topics.iter().find(|of| of.name == topic)?;
        let mut partitions = topic.partitions.iter();
        let copy = partitions.find(|of| of.partition_index == index && of.is_future_key)?;
        Some(copy.offset_lag)
    }

    /// How many offsets the copy of a replica in this directory has at least; `None` if there is no copy.
    pub(crate) fn copied(&mut self, topic: &str, index: i32, dir: &str) -> Option<i64> {
        let end = self.offset(topic, index, -1).expect("an offset");
        self.lag(topic, index, dir).map(|lag| end - lag)
    }

    /// The directory that a replica is in.
    pub(crate) fn place(&mut self, topic: &str, index: i32) -> String {
        let name = format!("{topic}-{index}");
        let dirs = self.dirs();
        let mut dirs = dirs.iter().filter(|(_, (_, all))| all.contains(&name));
        dirs.next().map(|(dir, _)| dir.clone()).unwrap_or_default()
    }

    pub(crate) fn describe(&mut self) -> DescribeLogDirsResponse {
        let request = DescribeLogDirsRequest {
            topics: None,
            ..Default::default()
        };
        self.0.ask(4, &request).expect("an answer")
    }

    /// Of each log directory by its name: the code, and its replicas as `topic-partition`, those on their way with `->`.
    pub(crate) fn dirs(&mut self) -> BTreeMap<String, (i16, Vec<String>)> {
        let answer = self.describe();
        let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        let rows = answer.results.iter().map(|dir| {
            let replicas = dir.topics.iter().flat_map(|topic| {
                topic.partitions.iter().map(move |of| {
                    let arrow = if of.is_future_key { "->" } else { "" };
                    format!("{arrow}{}-{}", topic.name, of.partition_index)
                })
            });
            let mut replicas: Vec<_> = replicas.collect();
            replicas.sort();
            (name(&dir.log_dir), (dir.error_code, replicas))
        });
        rows.collect()
    }

    /// The partitions of a topic in a log directory.
    pub(crate) fn partitions_in(&mut self, topic: &str, dir: &str) -> Vec<i32> {
        let dirs = self.dirs();
        let prefix = format!("{topic}-");
        let numbers = dirs[dir]
            .1
            .iter()
            .filter_map(|name| name.strip_prefix(&prefix));
        let mut numbers: Vec<i32> = numbers.filter_map(|n| n.parse().ok()).collect();
        numbers.sort_unstable();
        numbers
    }
}
