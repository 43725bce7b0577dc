//! Transactions by script: see [`crate::scripts`].
//!
//! The scripts are in `tests/transactions`. What came of a command is the answer, what was written, and the markers that
//! were written to partitions. A producer is its id and its epoch, as in `1000/0`; times are ms since the script began.

use std::{fmt::Write as _, sync::Arc};

use ottla_wire::{
    errors::Code,
    messages::{
        InitProducerIdRequest, ListTransactionsRequest, TransactionLogValue,
        add_partitions_to_txn_request::AddPartitionsToTxnTopic,
    },
};

use super::{
    AddPartitions, Input, ListFilter, Markers, Record, Reply, Settings,
    state::State,
    testing::{BEGIN, World, end, init, settings},
};
use crate::scripts::{Arguments, check_all, perform_all};

#[test]
fn scripts_give_what_was_recorded() {
    check_all("transactions", |script| {
        let mut stage = Stage {
            world: World::new(settings()),
        };
        perform_all(script, |name, of| stage.perform(name, of))
    });
}

struct Stage {
    world: World,
}

impl Stage {
    fn perform(&mut self, name: &str, of: &Arguments<'_>) -> Vec<String> {
        let (written, marked) = (self.world.log.len(), self.world.marked.len());
        let held = self.world.markers.clone();
        let mut outcome = match name {
            "settings" => self.settings(of),
            "ids" => {
                self.world.next_id = of.text("", "").parse().ok();
                Vec::new()
            }
            "pass" => {
                self.world.pass(of.number("", 0));
                Vec::new()
            }
            "reload" => {
                self.world.reload();
                self.world.pass(0);
                Vec::new()
            }
            "appends" => {
                self.world.append_fails = of.text("", "") == "fail";
                Vec::new()
            }
            "markers" => {
                self.markers(of);
                Vec::new()
            }
            "log" => {
                let record = foreign(of);
                self.world.append(vec![record]);
                Vec::new()
            }
            "describe" => self.describe(of.text("", "x")),
            "list" => self.list(of),
            _ => self.ask(name, of),
        };
        let records = &self.world.log[written.min(self.world.log.len())..];
        outcome.extend(records.iter().map(shown));
        let marked = &self.world.marked[marked.min(self.world.marked.len())..];
        outcome.extend(marked.iter().map(|of| format!("marks {}", markers(of))));
        let holds = self.world.markers.iter().filter(|of| !held.contains(of));
        outcome.extend(holds.map(|of| format!("holds {}", markers(of))));
        outcome
    }

    fn settings(&mut self, of: &Arguments<'_>) -> Vec<String> {
        let standard = settings();
        let new = Settings {
            max_timeout_ms: of.number("max_timeout", standard.max_timeout_ms),
            id_expiration_ms: of.number("expiration", standard.id_expiration_ms),
            two_phase_commit: of.text("2pc", "no") == "yes",
            transaction_version: of.number("level", standard.transaction_version),
            ..standard
        };
        if self.world.log.is_empty() {
            self.world = World::new(new);
        } else {
            self.world.configure(|settings| *settings = new);
        }
        Vec::new()
    }

    fn ask(&mut self, name: &str, of: &Arguments<'_>) -> Vec<String> {
        let id = of.text("", "x");
        let producer = (of.number("id", 1_000), of.number("epoch", 0));
        let reply = match name {
            "init" => {
                let request = InitProducerIdRequest {
                    transaction_timeout_ms: of.number("timeout", 60_000),
                    producer_id: of.number("id", -1),
                    producer_epoch: of.number("epoch", -1),
                    enable2_pc: of.text("2pc", "no") == "yes",
                    keep_prepared_txn: of.text("keep", "no") == "yes",
                    ..init(id)
                };
                self.world.ask_with_id(|fresh| Input::InitProducerId {
                    request: request.clone(),
                    fresh,
                })
            }
            "add" | "verify" => self.world.ask(Input::AddPartitions(AddPartitions {
                transactional_id: id.to_owned(),
                producer_id: producer.0,
                producer_epoch: producer.1,
                verify_only: name == "verify",
                client_transaction_version: of.number("v", 2),
                topics: topics(of),
            })),
            "commit" | "abort" => {
                let request = end(id, producer, name == "commit");
                let version = of.number("v", 5);
                self.world.ask_with_id(|fresh| Input::EndTransaction {
                    request: request.clone(),
                    version,
                    fresh,
                })
            }
            other => panic!("there is no command {other}"),
        };
        vec![match reply {
            None => "no answer".to_owned(),
            Some(reply) => answer(&reply),
        }]
    }

    fn markers(&mut self, of: &Arguments<'_>) {
        match of.text("", "") {
            "hold" => self.world.marks = false,
            "write" => self.world.write_markers(),
            "work" => {
                self.world.marks = true;
                self.world.write_markers();
            }
            what => {
                let markers = self.world.markers.remove(0);
                let again = of.list("again").map(|(topic, partition)| {
                    let partition = partition.parse().unwrap();
                    (Arc::from(topic), partition)
                });
                let again: Vec<_> = again.collect();
                self.world.report(markers, again, what == "fence");
            }
        }
    }

    fn describe(&mut self, id: &str) -> Vec<String> {
        let of = self.world.describe(id);
        if of.error_code != 0 {
            return vec![Code(of.error_code).to_string()];
        }
        let mut text = format!(
            "{} {}/{}",
            of.transaction_state, of.producer_id, of.producer_epoch
        );
        let (timeout, begun) = (
            of.transaction_timeout_ms,
            since(of.transaction_start_time_ms),
        );
        write!(text, " timeout={timeout} began={begun}").unwrap();
        for topic in of.topics {
            write!(text, " {}:{}", topic.topic, numbers(&topic.partitions)).unwrap();
        }
        vec![text]
    }

    fn list(&mut self, of: &Arguments<'_>) -> Vec<String> {
        let request = ListTransactionsRequest {
            state_filters: of.list("states").map(|(name, _)| name.to_owned()).collect(),
            producer_id_filters: of.list("ids").map(|(id, _)| id.parse().unwrap()).collect(),
            duration_filter: of.number("longer", -1),
            transactional_id_pattern: of.maybe("pattern").map(str::to_owned),
            ..ListTransactionsRequest::default()
        };
        let filter = match ListFilter::of(&request) {
            Ok(filter) => Arc::new(filter),
            Err(refusal) => return vec![refusal.to_string()],
        };
        let unknown = filter.unknown_states().iter();
        let mut lines: Vec<_> = unknown.map(|name| format!("unknown: {name}")).collect();
        let Some(Reply::List(states)) = self.world.ask(Input::List(filter)) else {
            panic!("not an answer to ListTransactions");
        };
        let state = |of: ottla_wire::messages::list_transactions_response::TransactionState| {
            let (id, state) = (of.transactional_id, of.transaction_state);
            format!("{id} {} {state}", of.producer_id)
        };
        lines.extend(states.into_iter().map(state));
        lines
    }
}

/// `t:0+1,s:2` as partitions.
fn topics(of: &Arguments<'_>) -> Vec<AddPartitionsToTxnTopic> {
    let topic = |(name, numbers): (&str, &str)| AddPartitionsToTxnTopic {
        name: name.to_owned(),
        partitions: numbers.split('+').map(|of| of.parse().unwrap()).collect(),
        ..AddPartitionsToTxnTopic::default()
    };
    of.list("to").map(topic).collect()
}

/// A record that another broker wrote.
fn foreign(of: &Arguments<'_>) -> Record {
    let id = of.text("", "x");
    let mut record = Record::tombstone(id);
    let Some(state) = of.maybe("state") else {
        return record;
    };
    let partitions = topics(of).into_iter().map(|topic| {
        ottla_wire::messages::transaction_log_value::PartitionsSchema {
            topic: topic.name,
            partition_ids: topic.partitions,
            ..Default::default()
        }
    });
    record.value_version = 1;
    record.value = Some(TransactionLogValue {
        producer_id: of.number("id", 7),
        producer_epoch: of.number("epoch", 0),
        next_producer_id: of.number("next", -1),
        transaction_timeout_ms: of.number("timeout", 60_000),
        transaction_status: State::named(state).unwrap().number(),
        transaction_partitions: Some(partitions.collect()),
        transaction_last_update_timestamp_ms: of.number("at", 0) + BEGIN as i64,
        transaction_start_timestamp_ms: of.number("at", 0) + BEGIN as i64,
        client_transaction_version: of.number("client", 2),
        ..TransactionLogValue::default()
    });
    record
}

fn answer(reply: &Reply) -> String {
    let of = |code: i16, id: i64, epoch: i16| match (id, epoch) {
        (-1, -1) => Code(code).to_string(),
        _ => format!("{} {id}/{epoch}", Code(code)),
    };
    match reply {
        Reply::InitProducerId(answer) => {
            of(answer.error_code, answer.producer_id, answer.producer_epoch)
        }
        Reply::EndTransaction(answer) => {
            of(answer.error_code, answer.producer_id, answer.producer_epoch)
        }
        Reply::AddPartitions(answer) if answer.topic_results.is_empty() => "nothing".to_owned(),
        Reply::AddPartitions(answer) => {
            let topics = answer.topic_results.iter().map(|topic| {
                let partitions = topic.results_by_partition.iter().map(|of| {
                    let code = Code(of.partition_error_code);
                    format!("{}:{} {code}", topic.name, of.partition_index)
                });
                partitions.collect::<Vec<_>>().join(", ")
            });
            topics.collect::<Vec<_>>().join(", ")
        }
        other => panic!("{other:?}"),
    }
}

fn since(ms: i64) -> String {
    match ms {
        -1 => "never".to_owned(),
        ms => (ms - BEGIN as i64).to_string(),
    }
}

fn numbers(partitions: &[i32]) -> String {
    let texts: Vec<_> = partitions.iter().map(i32::to_string).collect();
    texts.join("+")
}

/// A record: what differs from the usual is said.
fn shown(record: &Record) -> String {
    let id = &record.key.transactional_id;
    let Some(of) = &record.value else {
        return format!("forgets {id}");
    };
    let state = State::of(of.transaction_status).unwrap().name();
    let mut text = format!(
        "writes {id}: {state} {}/{}",
        of.producer_id, of.producer_epoch
    );
    let times = (
        of.transaction_start_timestamp_ms,
        of.transaction_last_update_timestamp_ms,
    );
    write!(text, " began={} at={}", since(times.0), since(times.1)).unwrap();
    for topic in of.transaction_partitions.iter().flatten() {
        write!(text, " {}:{}", topic.topic, numbers(&topic.partition_ids)).unwrap();
    }
    if of.transaction_timeout_ms != 60_000 {
        write!(text, " timeout={}", of.transaction_timeout_ms).unwrap();
    }
    for (name, value) in [
        ("client", i64::from(of.client_transaction_version)),
        ("previous", of.previous_producer_id),
        ("next", of.next_producer_id),
    ] {
        if value > 0 && (name, value) != ("previous", of.producer_id) {
            write!(text, " {name}={value}").unwrap();
        }
    }
    if record.value_version == 0 {
        text.push_str(" version=0");
    }
    text
}

fn markers(of: &Markers) -> String {
    let what = if of.committed { "commit" } else { "abort" };
    let mut text = format!(
        "{}: {what} {}/{} version={}",
        of.transactional_id, of.producer_id, of.producer_epoch, of.transaction_version
    );
    for (topic, partition) in &of.partitions {
        write!(text, " {topic}:{partition}").unwrap();
    }
    text
}
