//! Members of the newer protocol by raw requests.

use std::{thread, time::Duration};

use ottla_wire::messages::{
    ConsumerGroupDescribeRequest, ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse,
    OffsetCommitRequest, consumer_group_heartbeat_request,
};

use super::{
    LONG_MS,
    classic::{Classic, commit, commits},
};
use crate::raw::Connection;

/// What it subscribes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wants {
    /// Of topics.
    Names(&'static [&'static str]),
    /// That names match.
    Expression(&'static str),
}

/// A member.
#[derive(Clone, Debug)]
pub struct Modern {
    /// Its group.
    pub group: String,
    /// Its id.
    pub member: String,
    /// If it is static.
    pub instance: Option<String>,
    /// Of the member.
    pub epoch: i32,
    owned: Vec<consumer_group_heartbeat_request::TopicPartitions>,
}

impl Modern {
    /// Its first heartbeat.
    pub fn join(
        connection: &mut Connection,
        group: &str,
        member: &str,
        instance: Option<&str>,
        wants: Wants,
    ) -> Self {
        let mut joined = Self {
            group: group.to_owned(),
            member: member.to_owned(),
            instance: instance.map(str::to_owned),
            epoch: 0,
            owned: Vec::new(),
        };
        let (names, expression) = match wants {
            Wants::Names(names) => {
                let names = names.iter().map(|&name| name.to_owned());
                (Some(names.collect()), None)
            }
            Wants::Expression(expression) => (None, Some(expression.to_owned())),
        };
        let request = ConsumerGroupHeartbeatRequest {
            rebalance_timeout_ms: LONG_MS,
            rack_id: Some("a-rack".to_owned()),
            subscribed_topic_names: names,
            subscribed_topic_regex: expression,
            server_assignor: Some("uniform".to_owned()),
            topic_partitions: Some(Vec::new()),
            ..joined.request()
        };
        for _ in 0..100 {
            let answer = connection.ask(1, &request).expect("an answer");
            if (14..=16).contains(&answer.error_code) {
                thread::sleep(Duration::from_millis(100));
                continue;
            }
            joined.take(answer);
            return joined;
        }
        panic!("no coordinator for {joined:?}");
    }

    fn request(&self) -> ConsumerGroupHeartbeatRequest {
        ConsumerGroupHeartbeatRequest {
            group_id: self.group.clone(),
            member_id: self.member.clone(),
            member_epoch: self.epoch,
            instance_id: self.instance.clone(),
            ..Default::default()
        }
    }

    fn take(&mut self, answer: ConsumerGroupHeartbeatResponse) {
        assert_eq!(answer.error_code, 0, "{self:?}: {answer:?}");
        self.epoch = answer.member_epoch;
        if let Some(assignment) = answer.assignment {
            let topics = assignment.topic_partitions.into_iter();
            self.owned = topics
                .map(|topic| consumer_group_heartbeat_request::TopicPartitions {
                    topic_id: topic.topic_id,
                    partitions: topic.partitions,
                    ..Default::default()
                })
                .collect();
        }
    }

    /// A heartbeat that acknowledges nothing: the epoch does not change by it.
    pub fn idle(&mut self, connection: &mut Connection) {
        let answer = connection.ask(1, &self.request()).expect("an answer");
        assert_eq!(answer.error_code, 0, "{self:?}: {answer:?}");
        assert_eq!(answer.member_epoch, self.epoch, "{self:?}: {answer:?}");
    }

    /// A heartbeat that takes in what it is to have, and does not say what it has.
    pub fn hear(&mut self, connection: &mut Connection) {
        let answer = connection.ask(1, &self.request()).expect("an answer");
        self.take(answer);
    }

    /// A heartbeat that says what it has, which is what it was told to have.
    pub fn keep_up(&mut self, connection: &mut Connection) {
        let request = ConsumerGroupHeartbeatRequest {
            topic_partitions: Some(self.owned.clone()),
            ..self.request()
        };
        let answer = connection.ask(1, &request).expect("an answer");
        self.take(answer);
    }

    /// Goes for good, as a static member too.
    pub fn leave(self, connection: &mut Connection) {
        let request = ConsumerGroupHeartbeatRequest {
            member_epoch: -1,
            ..self.request()
        };
        let answer = connection.ask(1, &request).expect("an answer");
        assert_eq!(answer.error_code, 0, "{self:?}: {answer:?}");
    }

    /// As a member.
    pub fn commit(&self, connection: &mut Connection, topic: &str, offset: i64) {
        let request = OffsetCommitRequest {
            generation_id_or_member_epoch: self.epoch,
            member_id: self.member.clone(),
            group_instance_id: self.instance.clone(),
            ..commit(&self.group, topic, offset)
        };
        commits(connection, 9, &request);
    }
}

/// All members do what they are told until nothing is left to do.
pub fn settle(connection: &mut Connection, modern: &mut [Modern], classic: &mut [Classic]) {
    let group = &modern.first().expect("a member").group.clone();
    for _ in 0..300 {
        for member in &mut *modern {
            member.keep_up(connection);
        }
        let mut moved = false;
        for member in &mut *classic {
            moved |= member.keep_up(connection);
        }
        let everybody_has = modern.iter().all(|member| !member.owned.is_empty());
        if !moved && everybody_has && state(connection, group) == "Stable" {
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!("{group} does not settle: {modern:?} {classic:?}");
}

/// Of a group of the newer protocol.
pub fn state(connection: &mut Connection, group: &str) -> String {
    let request = ConsumerGroupDescribeRequest {
        group_ids: vec![group.to_owned()],
        ..Default::default()
    };
    let answer = connection.ask(1, &request).expect("an answer");
    let group = &answer.groups[0];
    assert_eq!(group.error_code, 0, "{group:?}");
    group.group_state.clone()
}
