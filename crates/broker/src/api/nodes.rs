//! Where brokers listen, as the clients of one listener are told: by the address that each broker advertises for the
//! listener of the same name.

use ottla_metadata::{
    Image,
    image::{Broker, NO_LEADER, Partition},
};

/// A broker's address on a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Node<'a> {
    /// The broker's id.
    pub(crate) id: i32,
    /// Its host.
    pub(crate) host: &'a str,
    /// Its port.
    pub(crate) port: i32,
    /// Its rack.
    pub(crate) rack: Option<&'a str>,
    /// Whether it is fenced.
    pub(crate) fenced: bool,
}

/// A broker on a listener; `None` if it has no listener of that name.
pub(crate) fn of<'a>(broker: &'a Broker, listener: &str) -> Option<Node<'a>> {
    let endpoint = broker
        .endpoints
        .iter()
        .find(|endpoint| endpoint.name == listener)?;
    Some(Node {
        id: broker.id,
        host: &endpoint.host,
        port: endpoint.port.into(),
        rack: broker.rack.as_deref(),
        fenced: broker.fenced,
    })
}

/// Every broker that has the listener, by id; fenced ones too.
pub(crate) fn all<'a>(image: &'a Image, listener: &str) -> impl Iterator<Item = Node<'a>> {
    image
        .brokers()
        .filter_map(move |broker| of(broker, listener))
}

/// One broker, if it is not fenced and has the listener.
pub(crate) fn alive<'a>(image: &'a Image, id: i32, listener: &str) -> Option<Node<'a>> {
    of(image.broker(id)?, listener).filter(|node| !node.fenced)
}

/// The broker that clients are told is the controller: any that is alive, since every broker passes requests on.
/// `pick` chooses among them. -1 if there is none.
pub(crate) fn any_alive(image: &Image, pick: i32) -> i32 {
    let alive: Vec<i32> = image
        .brokers()
        .filter(|broker| !broker.fenced)
        .map(|broker| broker.id)
        .collect();
    match alive.len() {
        0 => -1,
        count => alive[pick.unsigned_abs() as usize % count],
    }
}

/// The leader's address on a listener: also of a leader that is fenced, as long as it is registered.
pub(crate) fn leader<'a>(
    image: &'a Image,
    partition: &Partition,
    listener: &str,
) -> Option<Node<'a>> {
    if partition.leader == NO_LEADER {
        return None;
    }
    of(image.broker(partition.leader)?, listener)
}

/// The replicas that cannot serve clients of a listener: not registered, fenced, without the listener, or with their
/// directory offline.
pub(crate) fn offline_replicas(image: &Image, partition: &Partition, listener: &str) -> Vec<i32> {
    let is_offline = |id: &i32| {
        let Some(broker) = image.broker(*id) else {
            return true;
        };
        let online = partition
            .directory(*id)
            .is_none_or(|directory| broker.has_online_directory(directory));
        broker.fenced || of(broker, listener).is_none() || !online
    };
    partition
        .replicas
        .iter()
        .copied()
        .filter(|id| is_offline(id))
        .collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use ottla_metadata::image::directory;
    use ottla_wire::{
        Uuid,
        messages::{
            MetadataRecord,
            partition_record::PartitionRecord,
            register_broker_record::{BrokerEndpoint, RegisterBrokerRecord},
            topic_record::TopicRecord,
        },
    };

    use super::*;

    /// An image of two brokers and a fenced third, with the topics `a` (two partitions), `b` (three) and
    /// `__consumer_offsets` (one). Broker 3 has no listener `OUTSIDE`. `b-1` has no leader.
    pub(crate) fn image() -> Image {
        let mut image = Image::default();
        for id in 1..=3 {
            let endpoint = |name: &str, port| BrokerEndpoint {
                name: name.to_owned(),
                host: format!("host{id}"),
                port,
                ..BrokerEndpoint::default()
            };
            let mut end_points = vec![endpoint("INSIDE", 9092)];
            if id != 3 {
                end_points.push(endpoint("OUTSIDE", 9093));
            }
            apply(
                &mut image,
                RegisterBrokerRecord {
                    broker_id: id,
                    broker_epoch: id.into(),
                    incarnation_id: Uuid::from_u128(1000 + id as u128),
                    end_points,
                    rack: (id == 1).then(|| "r1".to_owned()),
                    fenced: id == 3,
                    ..RegisterBrokerRecord::default()
                },
            );
        }
        topic(&mut image, "a", 500, &[1, 2]);
        topic(&mut image, "b", 501, &[2, NO_LEADER, 3]);
        topic(&mut image, "__consumer_offsets", 502, &[1]);
        image
    }

    fn topic(image: &mut Image, name: &str, id: u128, leaders: &[i32]) {
        let topic_id = Uuid::from_u128(id);
        apply(
            image,
            TopicRecord {
                name: name.to_owned(),
                topic_id,
                ..TopicRecord::default()
            },
        );
        for (index, leader) in leaders.iter().enumerate() {
            apply(
                image,
                PartitionRecord {
                    partition_id: index as i32,
                    topic_id,
                    replicas: vec![1, 2, 3],
                    isr: vec![1, 2],
                    leader: *leader,
                    leader_epoch: 7,
                    directories: vec![
                        directory::UNASSIGNED,
                        directory::LOST,
                        directory::UNASSIGNED,
                    ],
                    ..PartitionRecord::default()
                },
            );
        }
    }

    /// Applies a record.
    pub(crate) fn apply<R>(image: &mut Image, record: R)
    where
        MetadataRecord: From<R>,
    {
        image.apply(&MetadataRecord::from(record)).unwrap();
    }

    #[test]
    fn nodes_are_those_of_the_listener() {
        let image = image();
        let ids = |listener| {
            all(&image, listener)
                .map(|node| node.id)
                .collect::<Vec<_>>()
        };
        assert_eq!(ids("INSIDE"), [1, 2, 3]);
        assert_eq!(ids("OUTSIDE"), [1, 2]);
        assert_eq!(ids("outside"), [0; 0]);
        let node = alive(&image, 1, "OUTSIDE").unwrap();
        assert_eq!(
            (node.host, node.port, node.rack),
            ("host1", 9093, Some("r1"))
        );
        assert_eq!(alive(&image, 3, "INSIDE"), None);
    }

    #[test]
    fn any_alive_is_never_fenced() {
        let image = image();
        let picked: Vec<i32> = (-3..4).map(|pick| any_alive(&image, pick)).collect();
        assert!(picked.contains(&1) && picked.contains(&2) && !picked.contains(&3));
        assert_eq!(any_alive(&Image::default(), 7), -1);
        assert!(any_alive(&image, i32::MIN) > 0);
    }

    #[test]
    fn offline_are_the_fenced_and_those_without_a_directory() {
        let image = image();
        let partition = image.topic("a").unwrap().partitions[&0].clone();
        assert_eq!(offline_replicas(&image, &partition, "INSIDE"), [2, 3]);
        assert_eq!(offline_replicas(&image, &partition, "ELSEWHERE"), [1, 2, 3]);
    }
}
