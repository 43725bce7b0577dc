//! What a client knows of a cluster: brokers, topics and who leads each partition, as an immutable value.

use std::{collections::BTreeMap, sync::Arc};

use ottla_wire::{
    Uuid,
    errors::Code,
    messages::metadata_response::{
        MetadataResponse, MetadataResponsePartition, MetadataResponseTopic,
    },
};
use tokio::time::Instant;

use crate::TopicPartition;

/// A broker and where it listens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broker {
    /// Its node id.
    pub id: i32,
    /// Host and port that it advertises, as `host:port`.
    pub address: String,
    /// Its rack, if it says so.
    pub rack: Option<String>,
}

/// A partition's place in the cluster.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Partition {
    /// Its number.
    pub index: i32,
    /// The node id of its leader, if it has one.
    pub leader: Option<i32>,
    /// The leader's epoch; -1 if the broker is too old to say.
    pub leader_epoch: i32,
    /// Node ids of its replicas, the preferred leader first.
    pub replicas: Vec<i32>,
    /// Node ids of its in-sync replicas.
    pub isr: Vec<i32>,
    /// Node ids of replicas that are not there.
    pub offline: Vec<i32>,
}

/// A topic.
#[derive(Clone, PartialEq, Debug)]
pub struct Topic {
    /// Its name.
    pub name: Arc<str>,
    /// Its id; zero if the broker is too old to say.
    pub id: Uuid,
    /// Whether it belongs to the brokers.
    pub internal: bool,
    /// Its partitions by number.
    pub partitions: Vec<Partition>,
    /// When the broker said so.
    pub learned_at: Instant,
}

impl Topic {
    /// One of its partitions.
    pub fn partition(&self, index: i32) -> Option<&Partition> {
        let at = self
            .partitions
            .binary_search_by_key(&index, |partition| partition.index);
        at.ok().map(|at| &self.partitions[at])
    }
}

/// A cluster at a moment, as far as it was asked about.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct View {
    /// The cluster's id, once known.
    pub cluster_id: Option<String>,
    /// Brokers by node id.
    pub brokers: BTreeMap<i32, Broker>,
    /// The broker that takes controller requests.
    pub controller: Option<i32>,
    /// Topics by name.
    pub topics: BTreeMap<Arc<str>, Arc<Topic>>,
}

impl View {
    /// This view after an answer: brokers are replaced, topics that the answer names are, and with `all_topics`
    /// those that it does not name are gone. Also the codes of topics that the answer refuses.
    pub(crate) fn after(
        &self,
        answer: &MetadataResponse,
        all_topics: bool,
        now: Instant,
    ) -> (Self, Vec<(String, i16)>) {
        let mut view = Self {
            cluster_id: answer.cluster_id.clone(),
            brokers: answer
                .brokers
                .iter()
                .map(|broker| {
                    let known = Broker {
                        id: broker.node_id,
                        address: join_address(&broker.host, broker.port),
                        rack: broker.rack.clone(),
                    };
                    (broker.node_id, known)
                })
                .collect(),
            controller: (answer.controller_id >= 0).then_some(answer.controller_id),
            topics: if all_topics {
                BTreeMap::new()
            } else {
                self.topics.clone()
            },
        };
        let mut refused = Vec::new();
        for topic in &answer.topics {
            let name = topic.name.as_deref().unwrap_or_default();
            if topic.error_code == Code::NONE.0 {
                let topic = self.newer(topic, name, now);
                view.topics.insert(Arc::clone(&topic.name), Arc::new(topic));
            } else {
                view.topics.remove(name);
                refused.push((name.to_owned(), topic.error_code));
            }
        }
        (view, refused)
    }

    /// This view with the leader that a broker named instead of itself; `None` if it is not news. `address` is where
    /// the leader listens, if the broker said so.
    pub(crate) fn led_by(
        &self,
        at: &TopicPartition,
        (leader, epoch): (i32, i32),
        address: Option<String>,
    ) -> Option<Self> {
        let known = self.topics.get(&at.topic)?;
        let index = known
            .partitions
            .iter()
            .position(|partition| partition.index == at.partition)?;
        let is_reachable = address.is_some() || self.brokers.contains_key(&leader);
        if leader < 0 || epoch <= known.partitions[index].leader_epoch || !is_reachable {
            return None;
        }
        let mut topic = Topic::clone(known);
        topic.partitions[index].leader = Some(leader);
        topic.partitions[index].leader_epoch = epoch;
        let mut view = self.clone();
        view.topics.insert(Arc::clone(&topic.name), Arc::new(topic));
        if let Some(address) = address {
            let broker = view.brokers.entry(leader).or_insert_with(|| Broker {
                id: leader,
                address: String::new(),
                rack: None,
            });
            broker.address = address;
        }
        Some(view)
    }

    /// The topic of an answer. A partition whose leader epoch is older than what is known keeps what is known: the
    /// answer came from a broker that lags behind. A new topic id is a new topic.
    fn newer(&self, topic: &MetadataResponseTopic, name: &str, now: Instant) -> Topic {
        let known = self
            .topics
            .get(name)
            .filter(|known| known.id == topic.topic_id);
        let mut partitions: Vec<Partition> = topic
            .partitions
            .iter()
            .map(|partition| {
                let fresh = partition_of(partition);
                match known.and_then(|known| known.partition(fresh.index)) {
                    Some(known) if known.leader_epoch > fresh.leader_epoch => known.clone(),
                    _ => fresh,
                }
            })
            .collect();
        partitions.sort_by_key(|partition| partition.index);
        Topic {
            name: known.map_or_else(|| name.into(), |known| Arc::clone(&known.name)),
            id: topic.topic_id,
            internal: topic.is_internal,
            partitions,
            learned_at: now,
        }
    }
}

fn partition_of(partition: &MetadataResponsePartition) -> Partition {
    Partition {
        index: partition.partition_index,
        leader: (partition.leader_id >= 0).then_some(partition.leader_id),
        leader_epoch: partition.leader_epoch,
        replicas: partition.replica_nodes.clone(),
        isr: partition.isr_nodes.clone(),
        offline: partition.offline_replicas.clone(),
    }
}

/// `host:port`, with brackets around an IPv6 address.
pub(crate) fn join_address(host: &str, port: i32) -> String {
    if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(topic_id: u128, leader: i32, epoch: i32, error: i16) -> MetadataResponse {
        MetadataResponse {
            topics: vec![MetadataResponseTopic {
                name: Some("t".into()),
                topic_id: Uuid::from_u128(topic_id),
                error_code: error,
                partitions: vec![MetadataResponsePartition {
                    leader_id: leader,
                    leader_epoch: epoch,
                    ..MetadataResponsePartition::default()
                }],
                ..MetadataResponseTopic::default()
            }],
            ..MetadataResponse::default()
        }
    }

    fn leader(view: &View) -> Option<i32> {
        view.topics["t"].partition(0).unwrap().leader
    }

    #[test]
    fn an_older_epoch_is_not_believed_unless_the_topic_is_another() {
        let now = crate::runtime::now();
        let (view, _) = View::default().after(&answer(1, 3, 7, 0), false, now);
        assert_eq!(leader(&view), Some(3));
        let (view, _) = view.after(&answer(1, 2, 6, 0), false, now);
        assert_eq!(leader(&view), Some(3));
        let (view, _) = view.after(&answer(1, -1, 8, 0), false, now);
        assert_eq!(leader(&view), None);
        let (view, _) = view.after(&answer(2, 1, 0, 0), false, now);
        assert_eq!(leader(&view), Some(1));
    }

    #[test]
    fn refused_and_unnamed_topics_are_forgotten() {
        let now = crate::runtime::now();
        let (view, _) = View::default().after(&answer(1, 3, 7, 0), false, now);
        let (kept, _) = view.after(&MetadataResponse::default(), false, now);
        assert_eq!(kept.topics.len(), 1);
        let (none, _) = view.after(&MetadataResponse::default(), true, now);
        assert!(none.topics.is_empty());
        let (none, refused) = view.after(&answer(1, 3, 7, 3), false, now);
        assert!(none.topics.is_empty());
        assert_eq!(refused, [("t".to_owned(), 3)]);
    }

    #[test]
    fn a_named_leader_counts_if_it_is_news_and_can_be_reached() {
        let now = crate::runtime::now();
        let (view, _) = View::default().after(&answer(1, 3, 7, 0), false, now);
        let at = TopicPartition::new("t", 0);
        let somewhere = || Some("b:1".to_owned());
        let led = view.led_by(&at, (5, 8), somewhere()).unwrap();
        assert_eq!(leader(&led), Some(5));
        assert_eq!(led.brokers[&5].address, "b:1");
        assert!(view.led_by(&at, (5, 7), somewhere()).is_none(), "no news");
        assert!(
            view.led_by(&at, (5, 8), None).is_none(),
            "nobody knows where"
        );
        assert!(
            view.led_by(&at, (-1, 8), somewhere()).is_none(),
            "no leader"
        );
        let other = TopicPartition::new("t", 9);
        assert!(
            view.led_by(&other, (5, 8), somewhere()).is_none(),
            "no such partition"
        );
    }

    #[test]
    fn addresses_join() {
        assert_eq!(join_address("a", 1), "a:1");
        assert_eq!(join_address("::1", 1), "[::1]:1");
    }
}
