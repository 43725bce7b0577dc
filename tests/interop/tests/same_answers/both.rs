//! Asking two servers the same, and comparing what they say.

use std::{collections::BTreeMap, fmt::Write as _, thread::sleep, time::Duration};

use bytes::Bytes;
use ottla_interop::{
    evidence::Evidence,
    oracle::wait_until,
    raw::{Connection, NoAnswer},
    server::{Kind, Node},
};
use ottla_wire::{
    Message, Request, Uuid, apis,
    messages::{
        ListOffsetsRequest, MetadataRequest, MetadataResponse,
        list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic},
        metadata_request::MetadataRequestTopic,
    },
};

use crate::walk::{Accepted, Walk, accepted};

/// One of the two servers, and what only it knows.
pub(crate) struct Side {
    pub(crate) connection: Connection,
    /// To the listener of controllers, or the other one while that is `connection`.
    other: Connection,
    pub(crate) cluster_id: String,
    ids: BTreeMap<String, Uuid>,
    learned: BTreeMap<String, String>,
    producers: BTreeMap<String, Producer>,
    /// Producer ids, by the first name that they had.
    labels: BTreeMap<i64, String>,
}

/// The id and epoch of a producer.
pub(crate) type Producer = (i64, i16);

/// The two servers, and the differences so far.
pub(crate) struct Both {
    sides: [Side; 2],
    /// Of each request: how often it was asked, and what differed.
    differences: BTreeMap<&'static str, (u32, Vec<String>)>,
    /// Where the answers may differ, and whether they did.
    accepted: Vec<(Accepted, bool)>,
    /// The codes of answers that were the same.
    evidence: Evidence,
    walk: Walk,
}

pub(crate) const READY_LIMIT: Duration = Duration::from_secs(30);
const MOMENT: Duration = Duration::from_millis(300);

/// Fields that two runs of the same program do not share, or that are words for people.
const OWN: &[&str] = &[
    "error_message:",
    "batch_index_error_message:",
    "throttle_time_ms:",
    "port:",
    "finalized_features_epoch:",
    "log_dir:",
    "total_bytes:",
    "usable_bytes:",
    "documentation:",
];
/// Times after this one are the servers' own; those of the tests are before.
const LONG_AGO: i64 = 1_760_000_000_000;
/// The servers do not get to give out this producer id.
const FIRST_OWN: i64 = 4000;
/// Ids: only whether there is one is the same.
const IDS: &[&str] = &["topic_id:", "replica_directory_id:", "voter_directory_id:"];

impl Side {
    /// The id of a topic; of one that there is not, an id that no topic has.
    pub(crate) fn id(&mut self, topic: &str) -> Uuid {
        if let Some(id) = self.ids.get(topic) {
            return *id;
        }
        let request = MetadataRequest {
            topics: Some(vec![MetadataRequestTopic {
                name: Some(topic.to_owned()),
                ..MetadataRequestTopic::default()
            }]),
            allow_auto_topic_creation: false,
            ..MetadataRequest::default()
        };
        let answer = self.connection.ask(12, &request);
        let id = answer
            .ok()
            .and_then(|answer| answer.topics.first().map(|topic| topic.topic_id));
        match id {
            Some(id) if id != Uuid::ZERO => {
                self.ids.insert(topic.to_owned(), id);
                id
            }
            _ => Uuid::from_u128(0xabcd),
        }
    }

    /// What this server called something, see [`Both::once_learn`]; of what it has not said, the name.
    pub(crate) fn recall(&self, name: &str) -> String {
        let learned = self.learned.get(name);
        learned.map_or(name, String::as_str).to_owned()
    }

    /// The producer that was given this name by [`Side::name`]; else one that nobody is.
    pub(crate) fn producer(&self, name: &str) -> Producer {
        self.producers.get(name).copied().unwrap_or((987_654, 0))
    }

    /// Gives a producer a name.
    pub(crate) fn name(&mut self, name: &str, producer: Producer) {
        let before = self.producers.insert(name.to_owned(), producer);
        // One that uses up its epochs gets another id.
        let place = if before.is_some() {
            "a later"
        } else {
            "the first"
        };
        let label = || format!("{place} of {name}");
        self.labels.entry(producer.0).or_insert_with(label);
    }

    /// Whose producer id it is: the same on both sides, though the ids are each server's own.
    pub(crate) fn label(&self, id: i64) -> String {
        match self.labels.get(&id) {
            Some(label) => label.clone(),
            // The tests' own.
            None if !(0..FIRST_OWN).contains(&id) => id.to_string(),
            None => "a producer's".to_owned(),
        }
    }

    /// What this server said, for [`Side::recall`].
    pub(crate) fn remember(&mut self, name: &str, said: impl ToString) {
        self.learned.insert(name.to_owned(), said.to_string());
    }

    /// The number that was remembered; else -1.
    pub(crate) fn number(&self, name: &str) -> i64 {
        let said = self.learned.get(name);
        said.and_then(|said| said.parse().ok()).unwrap_or(-1)
    }

    /// Takes this for the id of a topic.
    pub(crate) fn assume(&mut self, topic: &str, id: Uuid) {
        self.ids.insert(topic.to_owned(), id);
    }

    /// Forgets a topic that may have got another id.
    pub(crate) fn forget(&mut self, topic: &str) {
        self.ids.remove(topic);
    }

    /// What it answers, as it is compared; `None` if the version has no place for the request.
    pub(crate) fn said<R: Request>(
        &mut self,
        version: i16,
        request: &R,
        settle: impl Fn(&mut R::Response),
    ) -> Option<String> {
        let mut answer = self.connection.ask(version, request);
        if let Ok(answer) = &mut answer {
            settle(answer);
        }
        let was_sent = !matches!(answer, Err(NoAnswer::Unencodable));
        was_sent.then(|| masked(self, &answer))
    }
}

impl Both {
    pub(crate) fn new(kafka: &Node, other: &Node, test: &str) -> Self {
        let side = |node: &Node| Side {
            connection: Connection::new(&node.address()),
            other: Connection::new(&node.controller_address()),
            cluster_id: node.cluster_id().to_owned(),
            ids: BTreeMap::new(),
            learned: BTreeMap::new(),
            producers: BTreeMap::new(),
            labels: BTreeMap::new(),
        };
        Self {
            sides: [side(kafka), side(other)],
            differences: BTreeMap::new(),
            accepted: accepted(test.rsplit(':').next().unwrap_or_default())
                .into_iter()
                .map(|row| (row, false))
                .collect(),
            evidence: Evidence::default(),
            walk: Walk::new(),
        }
    }

    /// The two servers, one by one.
    pub(crate) fn sides(&mut self) -> &mut [Side; 2] {
        &mut self.sides
    }

    /// Asks the controllers' listeners meanwhile.
    pub(crate) fn at_controllers(&mut self, ask: impl FnOnce(&mut Self)) {
        let swap = |side: &mut Side| std::mem::swap(&mut side.connection, &mut side.other);
        self.sides.iter_mut().for_each(swap);
        ask(self);
        self.sides.iter_mut().for_each(swap);
    }

    /// Until both know what a change brought.
    pub(crate) fn wait_for_metadata(
        &mut self,
        what: &str,
        is_known: impl Fn(&MetadataResponse) -> bool,
    ) {
        let all = MetadataRequest {
            topics: None,
            ..MetadataRequest::default()
        };
        self.wait_for_answer(what, 12, &all, is_known);
    }

    /// Until both answer as those do that know what a change brought.
    pub(crate) fn wait_for_answer<R: Request>(
        &mut self,
        what: &str,
        version: i16,
        request: &R,
        is_known: impl Fn(&R::Response) -> bool,
    ) {
        for side in &mut self.sides {
            let known = wait_until(READY_LIMIT, || {
                let answer = side.connection.ask(version, request);
                answer.is_ok_and(|answer| is_known(&answer))
            });
            // A server that never knows shows in the answers.
            if !known {
                eprintln!("{:?} does not know: {what}", side.connection);
            }
        }
    }

    /// Until both have registered themselves.
    pub(crate) fn wait_until_ready(&mut self) {
        for side in &mut self.sides {
            let ready = wait_until(READY_LIMIT, || {
                let answer = side.connection.ask(12, &MetadataRequest::default());
                answer.is_ok_and(|answer| answer.brokers.len() == 1 && answer.controller_id == 1)
            });
            assert!(ready, "{:?} has no broker", side.connection);
        }
    }

    /// Until both lead this partition, and have what was changed before.
    pub(crate) fn wait_for(&mut self, topic: &str, partition: i32) {
        for side in &mut self.sides {
            let request = ListOffsetsRequest {
                replica_id: -1,
                topics: vec![ListOffsetsTopic {
                    name: topic.to_owned(),
                    partitions: vec![ListOffsetsPartition {
                        partition_index: partition,
                        timestamp: -1,
                        ..ListOffsetsPartition::default()
                    }],
                    ..ListOffsetsTopic::default()
                }],
                ..ListOffsetsRequest::default()
            };
            let leads = wait_until(READY_LIMIT, || {
                let answer = side.connection.ask(7, &request);
                answer.is_ok_and(|answer| answer.topics[0].partitions[0].error_code == 0)
            });
            // A server that never leads it shows in the answers.
            if !leads {
                eprintln!("{:?} does not lead {topic}-{partition}", side.connection);
            }
        }
        // A configuration that was changed has no sign of its own.
        sleep(MOMENT);
    }

    /// Until both have what was changed before and has no sign of its own.
    pub(crate) fn pause(&self) {
        sleep(MOMENT);
    }

    /// Asks both in every version that has a place for the request.
    pub(crate) fn each<R: Request>(&mut self, what: &str, build: impl Fn(&mut Side, i16) -> R) {
        self.each_then(what, build, |_| {});
    }

    /// As `each`; `settle` takes out what is in no order, or is each server's own.
    pub(crate) fn each_then<R: Request>(
        &mut self,
        what: &str,
        build: impl Fn(&mut Side, i16) -> R,
        settle: impl Fn(&mut R::Response),
    ) {
        let api = apis::api(R::KEY).expect("a row");
        for version in api.first..=api.latest(false) {
            self.once_then(what, version, &build, &settle);
        }
    }

    /// Asks both in one version.
    pub(crate) fn once<R: Request>(
        &mut self,
        what: &str,
        version: i16,
        build: impl Fn(&mut Side, i16) -> R,
    ) {
        self.once_then(what, version, build, |_| {});
    }

    pub(crate) fn once_then<R: Request>(
        &mut self,
        what: &str,
        version: i16,
        build: impl Fn(&mut Side, i16) -> R,
        settle: impl Fn(&mut R::Response),
    ) {
        self.once_learn(what, version, build, settle, |_| None);
    }

    /// As `once_then`; `learn` names a text of the answer that is each server's own: see [`Side::recall`].
    pub(crate) fn once_learn<R: Request>(
        &mut self,
        what: &str,
        version: i16,
        build: impl Fn(&mut Side, i16) -> R,
        settle: impl Fn(&mut R::Response),
        learn: impl Fn(&R::Response) -> Option<(String, String)>,
    ) {
        self.once_seen(what, version, build, |side, answer| {
            side.learned.extend(learn(answer));
            settle(answer);
        });
    }

    /// As `once_then`; `see` also knows the side.
    pub(crate) fn once_seen<R: Request>(
        &mut self,
        what: &str,
        version: i16,
        build: impl Fn(&mut Side, i16) -> R,
        see: impl Fn(&mut Side, &mut R::Response),
    ) {
        if self.walk.done {
            return;
        }
        let said = self.sides.each_mut().map(|side| {
            let request = build(side, version);
            let mut answer = side.connection.ask(version, &request);
            if let Ok(answer) = &mut answer {
                see(side, answer);
            }
            masked(side, &answer)
        });
        let unsent = format!("{:?}", NoAnswer::Unencodable);
        if said[0] != unsent || said[1] != unsent {
            self.compare(R::NAME, &format!("v{version}, {what}"), &said);
        }
    }

    /// The answers to what each was told before on a connection of its own.
    pub(crate) fn heard<R: Request>(
        &mut self,
        what: &str,
        version: i16,
        connections: &mut [Connection],
        settle: impl Fn(&mut R::Response),
    ) {
        if self.walk.done {
            return;
        }
        let mut said = self
            .sides
            .iter()
            .zip(connections)
            .map(|(side, connection)| {
                let mut answer = connection.answer::<R>(version);
                if let Ok(answer) = &mut answer {
                    settle(answer);
                }
                masked(side, &answer)
            });
        let said = [(); 2].map(|()| said.next().expect("a connection for each"));
        self.compare(R::NAME, &format!("v{version}, {what}"), &said);
    }

    /// Does the same to both without an answer.
    pub(crate) fn tell<R: Request>(&mut self, version: i16, build: impl Fn(&mut Side, i16) -> R) {
        for side in &mut self.sides {
            let request = build(side, version);
            side.connection.tell(version, &request).expect("sent");
        }
    }

    /// Sends the same bytes as such a request to both; `said` makes of the answer what is compared.
    pub(crate) fn once_bytes<R: Request>(
        &mut self,
        what: &str,
        version: i16,
        header: &[u8],
        body: &[u8],
        said: impl Fn(Result<R::Response, NoAnswer>) -> String,
    ) {
        if self.walk.done {
            return;
        }
        let said = self
            .sides
            .each_mut()
            .map(|side| said(side.connection.ask_bytes::<R>(version, header, body)));
        self.compare(R::NAME, &format!("v{version}, {what}"), &said);
    }

    /// Sends the same bytes to both.
    pub(crate) fn bytes(&mut self, what: &str, bytes: &[u8]) {
        let said = self.sides.each_mut().map(|side| {
            let answer = side.connection.exchange(bytes);
            answer.map_or_else(|why| format!("{why:?}"), |answer| format!("{answer:?}"))
        });
        self.compare("bytes", what, &said);
    }

    pub(crate) fn forget(&mut self, topic: &str) {
        for side in &mut self.sides {
            side.forget(topic);
        }
    }

    /// Prints a case whole: what was sent to each, and what each said.
    fn print(request: &str, what: &str, sent: &[Bytes; 2], said: &[String; 2]) {
        eprintln!("{request} {what}");
        for ((sent, who), said) in sent.iter().zip(["Apache Kafka", "ottla"]).zip(said) {
            let sent: Vec<String> = sent.iter().map(|byte| format!("{byte:02x}")).collect();
            eprintln!("-- to {who}, {} bytes: {}", sent.len(), sent.join(" "));
            eprintln!("{said}");
        }
        let same = if said[0] == said[1] {
            "the same"
        } else {
            "not the same"
        };
        eprintln!("-- the answers are {same}");
    }

    /// Notes whether both said the same.
    pub(crate) fn compare(&mut self, request: &'static str, what: &str, said: &[String; 2]) {
        let sent = self
            .sides
            .each_ref()
            .map(|side| side.connection.sent().clone());
        self.compare_sent(request, what, &sent, said);
    }

    /// As `compare`, of what was sent before.
    pub(crate) fn compare_sent(
        &mut self,
        request: &'static str,
        what: &str,
        sent: &[Bytes; 2],
        said: &[String; 2],
    ) {
        if self.walk.note(request, what, &said[0]) {
            Self::print(request, what, sent, said);
        }
        let (asked, differences) = self.differences.entry(request).or_default();
        *asked += 1;
        if said[0] == said[1] {
            self.evidence.note(request, said[1].lines());
            return;
        }
        let accepted = self
            .accepted
            .iter_mut()
            .find(|(row, _)| row.request == request && what.contains(row.part));
        if let Some((_, used)) = accepted {
            *used = true;
        } else {
            differences.push(format!("{what}:\n{}", unequal_lines(&said[0], &said[1])));
        }
    }

    /// What differed, per request, and what the catalogue of errors says that this test shows and it did not; nothing if
    /// all was the same.
    pub(crate) fn report(&self, test: &str) -> String {
        if self.walk.case.is_some() {
            // What was printed is all that was wanted.
            return String::new();
        }
        if let Some(name) = test.rsplit(':').next().filter(|name| !name.is_empty()) {
            self.walk.write(name);
        }
        let mut report = self.evidence.missing(test);
        let asked: u32 = self.differences.values().map(|(asked, _)| asked).sum();
        let differed: usize = self
            .differences
            .values()
            .map(|(_, differences)| differences.len())
            .sum();
        assert!(asked > 150, "only {asked} requests were asked");
        if differed > 0 {
            let _ = writeln!(report, "{differed} of {asked} answers differ");
        }
        for (Accepted { request, part }, used) in &self.accepted {
            if !*used && Kind::under_test() == Kind::Ottla {
                let _ = writeln!(
                    report,
                    "{request} {part}: differs no more, and is still accepted to differ"
                );
            }
        }
        for (request, (asked, differences)) in &self.differences {
            if !differences.is_empty() {
                let _ = writeln!(report, "{request}: {} of {asked} differ", differences.len());
            }
            for difference in differences {
                let _ = writeln!(report, "  {request} {difference}");
            }
        }
        report
    }
}

fn masked<M: Message>(side: &Side, answer: &Result<M, NoAnswer>) -> String {
    let text = match answer {
        Ok(answer) => format!("{answer:#?}"),
        Err(why) => return format!("{why:?}"),
    };
    let mut kept = String::new();
    let mut skip_until = None;
    for line in text.lines() {
        let field = line.trim_start();
        let indent = line.len() - field.len();
        if let Some(end) = skip_until {
            // `Some(` of a masked field goes on to its closing bracket.
            if indent == end {
                skip_until = None;
            }
            continue;
        }
        if OWN.iter().any(|own| field.starts_with(own)) {
            if field.ends_with('(') {
                skip_until = Some(indent);
            }
            continue;
        }
        if let Some(id) = IDS.iter().find(|id| field.starts_with(**id)) {
            let is_zero = field.contains("AAAAAAAAAAAAAAAAAAAAAA");
            let _ = writeln!(
                kept,
                "{:indent$}{id} {}",
                "",
                if is_zero { "zero" } else { "some" }
            );
            continue;
        }
        if let Some((name, value)) = field.split_once(": ")
            && let Ok(value) = value.trim_end_matches(',').parse::<i64>()
        {
            let value = match name {
                _ if name.ends_with("producer_id") => side.label(value),
                _ if value > LONG_AGO => "now".to_owned(),
                _ => value.to_string(),
            };
            let _ = writeln!(kept, "{:indent$}{name}: {value}", "");
            continue;
        }
        if !field.starts_with("unknown_tags: {}") {
            let _ = writeln!(kept, "{line}");
        }
    }
    kept
}

/// The first lines in which two texts differ, with the line before.
fn unequal_lines(kafka: &str, other: &str) -> String {
    let (kafka, other): (Vec<&str>, Vec<&str>) = (kafka.lines().collect(), other.lines().collect());
    let first = (0..)
        .find(|&at| kafka.get(at) != other.get(at))
        .unwrap_or(0);
    let part = |lines: &[&str]| {
        let from = first.saturating_sub(1).min(lines.len());
        let to = (first + 4).min(lines.len());
        lines[from..to]
            .iter()
            .map(|line| line.trim())
            .collect::<Vec<_>>()
            .join(" ")
    };
    format!(
        "      Kafka: {}\n      ours:  {}",
        clip(&part(&kafka)),
        clip(&part(&other))
    )
}

fn clip(text: &str) -> String {
    text.chars().take(400).collect()
}
