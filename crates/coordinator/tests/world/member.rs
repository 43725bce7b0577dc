//! What all members have in common: who they are, what they own, what they have read, and their one connection.

use std::collections::{BTreeMap, BTreeSet};

use ottla_wire::Uuid;

use crate::{classic::Classic, consumer::Consumer};

pub(crate) type Partition = (Uuid, i32);

/// A member of the group, as it sees itself.
pub(crate) struct Member {
    /// Its number in the world.
    pub(crate) number: usize,
    pub(crate) is_alive: bool,
    pub(crate) instance_id: Option<String>,
    pub(crate) topics: BTreeSet<&'static str>,
    /// Subscribed by a pattern that all topics match, instead of by names.
    pub(crate) by_pattern: bool,
    /// What it works on, and up to where.
    pub(crate) positions: BTreeMap<Partition, i64>,
    /// What it has committed, or has been told is committed.
    pub(crate) committed: BTreeMap<Partition, i64>,
    pub(crate) connection: Connection,
    pub(crate) protocol: Protocol,
}

pub(crate) enum Protocol {
    Classic(Classic),
    Consumer(Consumer),
}

/// A connection carries one request at a time, in order; when it is given up, what it carried may still arrive.
#[derive(Default)]
pub(crate) struct Connection {
    /// Rises with each reconnect: answers to older ones are not heard.
    pub(crate) number: u64,
    /// The request under way is given up then.
    pub(crate) deadline: Option<u64>,
    /// No request of this member arrives before this time: order is kept, also across reconnects.
    pub(crate) busy_until: u64,
}

impl Member {
    pub(crate) fn group_member_id(&self) -> &str {
        match &self.protocol {
            Protocol::Classic(of) => &of.member_id,
            Protocol::Consumer(of) => &of.member_id,
        }
    }

    pub(crate) fn generation_or_epoch(&self) -> i32 {
        match &self.protocol {
            Protocol::Classic(of) => of.generation,
            Protocol::Consumer(of) => of.epoch,
        }
    }

    /// Gives up everything it works on.
    pub(crate) fn drop_all(&mut self) {
        self.positions.clear();
        self.committed.clear();
    }

    /// Whether it is settled: it has what it was given, and waits for nothing.
    pub(crate) fn is_settled(&self) -> bool {
        match &self.protocol {
            Protocol::Classic(of) => of.is_stable(),
            Protocol::Consumer(of) => of.is_settled(),
        }
    }
}
