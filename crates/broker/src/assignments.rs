//! Tells the controller in which log directories this broker's replicas are.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use ottla_metadata::{
    Image,
    controller::{Asked, Input, Reply},
};
use ottla_wire::{
    Uuid,
    errors::Code,
    messages::{
        AssignReplicasToDirsRequest, AssignReplicasToDirsResponse,
        assign_replicas_to_dirs_request::{DirectoryData, PartitionData, TopicData},
    },
};
use parking_lot::Mutex;
use tokio::sync::{Notify, watch};
use tracing::warn;

use crate::broker::Broker;

/// The most replicas of one request.
const REPLICAS_MAX: usize = 2250;
/// After a failure the next try comes this much later, twice that after the next, and so on.
const FIRST_WAIT: Duration = Duration::from_millis(100);
/// But no later than this.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

type Replica = (Uuid, i32);

/// What the controller is to be told: at most one directory for each partition of the cluster.
#[derive(Default)]
pub(crate) struct Assignments {
    wanted: Mutex<BTreeMap<Replica, Uuid>>,
    bell: Notify,
}

impl Assignments {
    /// The replica of a partition is in this directory; what was said before and not sent yet is forgotten.
    pub(crate) fn note(&self, topic_id: Uuid, index: i32, directory: Uuid) {
        let before = self.wanted.lock().insert((topic_id, index), directory);
        if before != Some(directory) {
            self.bell.notify_one();
        }
    }

    /// What is news to the controller; the rest is dropped.
    fn take(&self, image: &Image, node_id: i32) -> BTreeMap<Replica, Uuid> {
        let mut wanted = self.wanted.lock();
        let mut news = BTreeMap::new();
        while news.len() < REPLICAS_MAX
            && let Some(((topic_id, index), directory)) = wanted.pop_first()
        {
            let partition = image
                .topic_by_id(topic_id)
                .and_then(|topic| topic.partitions.get(&index));
            let known = partition.and_then(|partition| partition.directory(node_id));
            if known.is_some_and(|known| known != directory) {
                news.insert((topic_id, index), directory);
            }
        }
        news
    }

    /// These were not taken: they are said again, unless something newer is to be said.
    fn put_back(&self, replicas: BTreeMap<Replica, Uuid>) {
        let mut wanted = self.wanted.lock();
        for (replica, directory) in replicas {
            wanted.entry(replica).or_insert(directory);
        }
    }
}

/// Runs until `stop` says so.
pub(crate) async fn run(broker: Arc<Broker>, mut stop: watch::Receiver<bool>) {
    let mut wait = None;
    loop {
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            () = pause(wait) => {}
            () = broker.assignments.bell.notified(), if wait.is_none() => {}
        }
        wait = match send(&broker).await {
            Sent::All => None,
            Sent::More => Some(Duration::ZERO),
            Sent::Failed => Some(next_wait(wait)),
        };
    }
}

fn next_wait(last: Option<Duration>) -> Duration {
    (last.unwrap_or_default() * 2).clamp(FIRST_WAIT, LONGEST_WAIT)
}

async fn pause(wait: Option<Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}

enum Sent {
    /// There is nothing more to say.
    All,
    /// There may be more.
    More,
    /// Something is to be said again.
    Failed,
}

async fn send(broker: &Broker) -> Sent {
    let node_id = broker.settings.node_id;
    let news = broker.assignments.take(&broker.image(), node_id);
    if news.is_empty() {
        return Sent::All;
    }
    let asked = Asked {
        request: request(node_id, broker.epoch(), &news),
        version: 0,
        principal: "User:ANONYMOUS".to_owned(),
        client_id: String::new(),
    };
    let problem = match broker
        .controller
        .ask(Input::AssignReplicasToDirs(asked))
        .await
    {
        Ok(Reply::AssignReplicasToDirs(response)) if response.error_code == 0 => {
            let refused = refused(&response, news);
            if refused.is_empty() {
                return Sent::More;
            }
            let count = refused.len();
            broker.assignments.put_back(refused);
            format!("{count} replicas were refused")
        }
        Ok(Reply::AssignReplicasToDirs(response)) => {
            broker.assignments.put_back(news);
            format!("{:?}", Code(response.error_code))
        }
        Ok(other) => {
            broker.assignments.put_back(news);
            format!("{other:?}")
        }
        Err(refusal) => {
            broker.assignments.put_back(news);
            refusal.text().to_owned()
        }
    };
    warn!(target: "org.apache.kafka.server.AssignmentsManager", "the controller did not take the log directories of replicas, and is told again: {problem}");
    Sent::Failed
}

fn request(
    node_id: i32,
    epoch: i64,
    replicas: &BTreeMap<Replica, Uuid>,
) -> AssignReplicasToDirsRequest {
    let mut directories: BTreeMap<Uuid, BTreeMap<Uuid, Vec<PartitionData>>> = BTreeMap::new();
    for ((topic_id, index), directory) in replicas {
        let partition = PartitionData {
            partition_index: *index,
            ..PartitionData::default()
        };
        let topics = directories.entry(*directory).or_default();
        topics.entry(*topic_id).or_default().push(partition);
    }
    let topic = |(topic_id, partitions)| TopicData {
        topic_id,
        partitions,
        ..TopicData::default()
    };
    let directory = |(id, topics): (Uuid, BTreeMap<Uuid, Vec<PartitionData>>)| DirectoryData {
        id,
        topics: topics.into_iter().map(topic).collect(),
        ..DirectoryData::default()
    };
    AssignReplicasToDirsRequest {
        broker_id: node_id,
        broker_epoch: epoch,
        directories: directories.into_iter().map(directory).collect(),
        ..AssignReplicasToDirsRequest::default()
    }
}

/// Of what was sent, that which the answer does not say was taken.
fn refused(
    response: &AssignReplicasToDirsResponse,
    mut sent: BTreeMap<Replica, Uuid>,
) -> BTreeMap<Replica, Uuid> {
    for topic in response.directories.iter().flat_map(|of| &of.topics) {
        for partition in topic.partitions.iter().filter(|of| of.error_code == 0) {
            sent.remove(&(topic.topic_id, partition.partition_index));
        }
    }
    sent
}

#[cfg(test)]
mod tests {
    use ottla_metadata::image::Topic;
    use ottla_wire::messages::assign_replicas_to_dirs_response as answer;

    use super::*;

    const TOPIC: Uuid = Uuid::from_u128(7);

    #[test]
    fn a_request_has_each_directory_and_topic_once() {
        let [a, b] = [1000, 1001].map(Uuid::from_u128);
        let other = Uuid::from_u128(8);
        let replicas = [
            ((TOPIC, 0), a),
            ((TOPIC, 1), b),
            ((TOPIC, 2), a),
            ((other, 0), a),
        ];
        let request = request(3, 77, &replicas.into());
        assert_eq!((request.broker_id, request.broker_epoch), (3, 77));
        let shown: Vec<_> = request
            .directories
            .iter()
            .flat_map(|of| {
                of.topics
                    .iter()
                    .map(|topic| (of.id, topic.topic_id, topic.partitions.len()))
            })
            .collect();
        assert_eq!(shown, [(a, TOPIC, 2), (a, other, 1), (b, TOPIC, 1)]);
    }

    #[test]
    fn what_was_not_taken_is_said_again_unless_there_is_news() {
        let [a, b] = [1000, 1001].map(Uuid::from_u128);
        let sent: BTreeMap<_, _> = [((TOPIC, 0), a), ((TOPIC, 1), a), ((TOPIC, 2), a)].into();
        let partition = |index, error_code| answer::PartitionData {
            partition_index: index,
            error_code,
            ..Default::default()
        };
        let topic = answer::TopicData {
            topic_id: TOPIC,
            partitions: vec![partition(0, 0), partition(1, 3)],
            ..Default::default()
        };
        let directory = answer::DirectoryData {
            id: a,
            topics: vec![topic],
            ..Default::default()
        };
        let response = AssignReplicasToDirsResponse {
            directories: vec![directory],
            ..Default::default()
        };
        let left = refused(&response, sent);
        assert_eq!(left, [((TOPIC, 1), a), ((TOPIC, 2), a)].into());
        let assignments = Assignments::default();
        assignments.note(TOPIC, 2, b);
        assignments.put_back(left);
        let wanted = assignments.wanted.lock().clone();
        assert_eq!(wanted, [((TOPIC, 1), a), ((TOPIC, 2), b)].into());
    }

    #[test]
    fn what_the_controller_cannot_or_need_not_know_is_dropped() {
        let assignments = Assignments::default();
        assignments.note(TOPIC, 0, Uuid::from_u128(1000));
        assert_eq!(Topic::new("t", TOPIC).partitions.len(), 0);
        assert!(assignments.take(&Image::default(), 1).is_empty());
        assert!(assignments.wanted.lock().is_empty());
    }

    #[test]
    fn waits_grow_up_to_a_limit() {
        let mut wait = next_wait(Some(Duration::ZERO));
        assert_eq!(wait, FIRST_WAIT);
        for _ in 0..20 {
            wait = next_wait(Some(wait));
        }
        assert_eq!(wait, LONGEST_WAIT);
    }
}
