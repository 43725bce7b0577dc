//! Fetch sessions: begun, gone on with, ended; by names and by ids; in the wrong order.

use bytes::Bytes;
use ottla_wire::{
    Records, Uuid,
    messages::{
        CreateTopicsRequest, DeleteTopicsRequest, FetchRequest, FetchResponse, ProduceRequest,
        create_topics_request as create, delete_topics_request::DeleteTopicState,
        fetch_request as fetch, produce_request as produce,
    },
    records::{BatchBuilder, Codec},
};

use crate::both::{Both, Side};

const TOPICS: [&str; 2] = ["sessions", "sessions-too"];

pub(crate) fn ask(both: &mut Both) {
    for name in TOPICS {
        topic(both, name);
    }
    for version in 7..=18 {
        in_order(both, version);
        out_of_order(both, version);
    }
    for (first, then) in [(12, 13), (13, 12), (7, 18), (18, 11), (11, 12), (13, 14)] {
        mixed(both, first, then);
    }
    for version in [7, 11, 12, 13, 15, 16, 18] {
        vanishing(both, version);
    }
}

fn topic(both: &mut Both, name: &str) {
    both.once(name, 5, |_, _| CreateTopicsRequest {
        topics: vec![create::CreatableTopic {
            name: name.to_owned(),
            num_partitions: 2,
            replication_factor: 1,
            ..create::CreatableTopic::default()
        }],
        timeout_ms: 10_000,
        ..CreateTopicsRequest::default()
    });
    both.wait_for(name, 0);
    both.wait_for(name, 1);
    write(both, name, 0);
}

fn write(both: &mut Both, topic: &str, partition: i32) {
    let mut builder = BatchBuilder::new(Codec::None);
    let record = builder.append(1_750_000_000_000, None, Some(b"x"), &[]);
    record.expect("a record");
    let records: Bytes = builder.build().expect("a batch").to_bytes();
    both.once("one record", 9, |_, _| ProduceRequest {
        acks: 1,
        timeout_ms: 5000,
        topic_data: vec![produce::TopicProduceData {
            name: topic.to_owned(),
            partition_data: vec![produce::PartitionProduceData {
                index: partition,
                records: Some(Records::Bytes(records.clone())),
                ..produce::PartitionProduceData::default()
            }],
            ..produce::TopicProduceData::default()
        }],
        ..ProduceRequest::default()
    });
}

/// What a fetch asks: partitions with offsets, and partitions that are forgotten.
#[derive(Clone, Copy, Default)]
struct Ask<'a> {
    epoch: i32,
    wanted: &'a [(&'a str, i32, i64)],
    forgotten: &'a [(&'a str, i32)],
}

fn request(side: &mut Side, session: i64, ask: Ask<'_>) -> FetchRequest {
    let mut topics: Vec<fetch::FetchTopic> = Vec::new();
    for (name, partition, offset) in ask.wanted {
        topics.push(fetch::FetchTopic {
            topic: (*name).to_owned(),
            topic_id: id(side, name),
            partitions: vec![fetch::FetchPartition {
                partition: *partition,
                fetch_offset: *offset,
                partition_max_bytes: 1 << 20,
                ..fetch::FetchPartition::default()
            }],
            ..fetch::FetchTopic::default()
        });
    }
    let forgotten = ask.forgotten.iter();
    FetchRequest {
        max_bytes: 1 << 20,
        session_id: session as i32,
        session_epoch: ask.epoch,
        topics,
        forgotten_topics_data: forgotten
            .map(|(name, partition)| fetch::ForgottenTopic {
                topic: (*name).to_owned(),
                topic_id: id(side, name),
                partitions: vec![*partition],
                ..fetch::ForgottenTopic::default()
            })
            .collect(),
        ..FetchRequest::default()
    }
}

fn id(side: &mut Side, name: &str) -> Uuid {
    match name {
        "" => Uuid::ZERO,
        name => side.id(name),
    }
}

/// Fetches in a session of this name; the answer to one of epoch 0 begins it.
fn ask_in(both: &mut Both, what: &str, version: i16, session: &str, ask: Ask<'_>) {
    both.once_seen(
        what,
        version,
        |side, _| {
            let number = side.number(session).max(0);
            request(side, number, ask)
        },
        |side, answer: &mut FetchResponse| {
            if ask.epoch == 0 {
                side.remember(session, answer.session_id);
            }
            let known = i64::from(answer.session_id) == side.number(session);
            answer.session_id = match answer.session_id {
                0 => 0,
                _ if known => 1,
                _ => 2,
            };
        },
    );
}

const FIRST: (&str, i32, i64) = ("sessions", 0, 0);
const SECOND: (&str, i32, i64) = ("sessions", 1, 0);

/// What a consumer does.
fn in_order(both: &mut Both, version: i16) {
    let name = format!("of {version}");
    let asks: [(&str, Ask<'_>); 16] = [
        (
            "begins",
            Ask {
                epoch: 0,
                wanted: &[FIRST, SECOND],
                ..Ask::default()
            },
        ),
        (
            "goes on",
            Ask {
                epoch: 1,
                ..Ask::default()
            },
        ),
        (
            "further",
            Ask {
                epoch: 2,
                wanted: &[("sessions", 0, 1)],
                ..Ask::default()
            },
        ),
        (
            "nothing new",
            Ask {
                epoch: 3,
                ..Ask::default()
            },
        ),
        (
            "one more",
            Ask {
                epoch: 4,
                wanted: &[("sessions-too", 0, 0)],
                ..Ask::default()
            },
        ),
        (
            "the same again",
            Ask {
                epoch: 5,
                wanted: &[("sessions-too", 0, 0)],
                ..Ask::default()
            },
        ),
        (
            "no such partition",
            Ask {
                epoch: 6,
                wanted: &[("sessions-too", 9, 0)],
                ..Ask::default()
            },
        ),
        (
            "still none",
            Ask {
                epoch: 7,
                ..Ask::default()
            },
        ),
        (
            "no such topic",
            Ask {
                epoch: 8,
                wanted: &[("nothing", 0, 0)],
                ..Ask::default()
            },
        ),
        (
            "still no topic",
            Ask {
                epoch: 9,
                ..Ask::default()
            },
        ),
        (
            "forgets both",
            Ask {
                epoch: 10,
                forgotten: &[("sessions-too", 9), ("nothing", 0)],
                ..Ask::default()
            },
        ),
        (
            "forgets what it has not",
            Ask {
                epoch: 11,
                forgotten: &[("sessions", 7), ("none", 0)],
                ..Ask::default()
            },
        ),
        (
            "out of range",
            Ask {
                epoch: 12,
                wanted: &[("sessions", 0, 99)],
                ..Ask::default()
            },
        ),
        (
            "still out of range",
            Ask {
                epoch: 13,
                ..Ask::default()
            },
        ),
        (
            "forgets and adds one",
            Ask {
                epoch: 14,
                wanted: &[SECOND],
                forgotten: &[("sessions", 1)],
            },
        ),
        (
            "one twice",
            Ask {
                epoch: 15,
                wanted: &[FIRST, ("sessions", 0, 1)],
                ..Ask::default()
            },
        ),
    ];
    for (what, ask) in asks {
        ask_in(both, what, version, &name, ask);
    }
    let all = [("sessions", 0), ("sessions", 1), ("sessions-too", 0)];
    ask_in(
        both,
        "forgets all",
        version,
        &name,
        Ask {
            epoch: 16,
            forgotten: &all,
            ..Ask::default()
        },
    );
    ask_in(
        both,
        "after that",
        version,
        &name,
        Ask {
            epoch: 17,
            ..Ask::default()
        },
    );
}

/// What no consumer should do.
fn out_of_order(both: &mut Both, version: i16) {
    let name = format!("odd of {version}");
    let strange = format!("strange of {version}");
    let empty = |epoch| Ask {
        epoch,
        ..Ask::default()
    };
    let with = |epoch| Ask {
        epoch,
        wanted: &[FIRST],
        ..Ask::default()
    };
    ask_in(both, "begins with nothing", version, &name, empty(0));
    ask_in(both, "goes on without a session", version, &name, empty(1));
    ask_in(
        both,
        "no session, epoch 1, one partition",
        version,
        &strange,
        with(1),
    );
    ask_in(both, "no session, epoch -5", version, &strange, with(-5));
    ask_in(both, "begins", version, &name, with(0));
    for epoch in [2, 5, -2, i32::MAX, i32::MIN] {
        ask_in(
            both,
            &format!("epoch {epoch}"),
            version,
            &name,
            empty(epoch),
        );
    }
    ask_in(both, "the right epoch after all", version, &name, empty(1));
    ask_in(both, "the same epoch again", version, &name, empty(1));
    both.each_other_session(version, &name);
    ask_in(both, "ends", version, &name, with(-1));
    ask_in(both, "after its end", version, &name, empty(2));
    ask_in(both, "begins again", version, &name, with(0));
    ask_in(both, "begins anew", version, &name, with(0));
    ask_in(both, "goes on anew", version, &name, empty(1));
    ask_in(both, "ends with nothing", version, &name, empty(-1));
}

impl Both {
    /// In a session that nobody began.
    fn each_other_session(&mut self, version: i16, name: &str) {
        for (what, by) in [
            ("another session", 1),
            ("one of another sign", i64::from(i32::MIN)),
        ] {
            self.once(what, version, |side, _| {
                let session = side.number(name) + by;
                let ask = Ask {
                    epoch: 1,
                    wanted: &[FIRST],
                    ..Ask::default()
                };
                request(side, session, ask)
            });
        }
    }
}

/// Names and ids in one session.
fn mixed(both: &mut Both, first: i16, then: i16) {
    let name = format!("of {first}, then {then}");
    let with = |epoch| Ask {
        epoch,
        wanted: &[FIRST],
        ..Ask::default()
    };
    ask_in(both, &format!("{name}, begins"), first, &name, with(0));
    ask_in(both, &format!("{name}, goes on"), then, &name, with(1));
    ask_in(
        both,
        &format!("{name}, with nothing"),
        then,
        &name,
        Ask {
            epoch: 1,
            ..Ask::default()
        },
    );
    ask_in(both, &format!("{name}, as before"), first, &name, with(1));
    ask_in(
        both,
        &format!("{name}, as before again"),
        first,
        &name,
        with(2),
    );
    ask_in(both, &format!("{name}, ends"), then, &name, with(-1));
}

/// The topic goes while the session is there, and comes back as another one.
fn vanishing(both: &mut Both, version: i16) {
    let topic_name = format!("vanishes-{version}");
    topic(both, &topic_name);
    let name = format!("vanishing of {version}");
    let wanted = [(&*topic_name, 0, 0), FIRST];
    ask_in(
        both,
        "begins",
        version,
        &name,
        Ask {
            epoch: 0,
            wanted: &wanted,
            ..Ask::default()
        },
    );
    both.once("deleted", 5, |_, _| DeleteTopicsRequest {
        topic_names: vec![topic_name.clone()],
        topics: Vec::<DeleteTopicState>::new(),
        timeout_ms: 10_000,
        ..DeleteTopicsRequest::default()
    });
    let is_there = |said: &ottla_wire::messages::MetadataResponse| {
        let mut topics = said.topics.iter();
        topics.any(|topic| topic.name.as_deref() == Some(&*topic_name))
    };
    both.wait_for_metadata("it is gone", |said| !is_there(said));
    for epoch in [1, 2] {
        ask_in(
            both,
            "it is gone",
            version,
            &name,
            Ask {
                epoch,
                ..Ask::default()
            },
        );
    }
    ask_in(
        both,
        "asked again",
        version,
        &name,
        Ask {
            epoch: 3,
            wanted: &wanted,
            ..Ask::default()
        },
    );
    let before: Vec<Uuid> = both
        .sides()
        .iter_mut()
        .map(|side| side.id(&topic_name))
        .collect();
    both.forget(&topic_name);
    topic(both, &topic_name);
    for epoch in [4, 5] {
        ask_in(
            both,
            "it is another",
            version,
            &name,
            Ask {
                epoch,
                ..Ask::default()
            },
        );
    }
    ask_in(
        both,
        "asked anew",
        version,
        &name,
        Ask {
            epoch: 6,
            wanted: &wanted,
            ..Ask::default()
        },
    );
    ask_in(
        both,
        "goes on",
        version,
        &name,
        Ask {
            epoch: 7,
            ..Ask::default()
        },
    );
    for (side, id) in both.sides().iter_mut().zip(before) {
        side.assume(&topic_name, id);
    }
    ask_in(
        both,
        "as it was",
        version,
        &name,
        Ask {
            epoch: 8,
            wanted: &wanted,
            ..Ask::default()
        },
    );
    ask_in(
        both,
        "begins as it was",
        version,
        &name,
        Ask {
            epoch: 0,
            wanted: &wanted,
            ..Ask::default()
        },
    );
    both.forget(&topic_name);
}
