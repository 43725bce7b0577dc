//! Groups by script: see [`crate::scripts`].
//!
//! The scripts are in `tests/scripts`; what came of a command is what was answered and written. Member ids are shown as
//! the name they begin with and a number, in order of appearance; times are ms since the script began. A request whose
//! answer comes later has a number: `#3 waits`, and later `#3: …`.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt::Write as _,
};

use bytes::Bytes;
use ottla_machine::Ticket;
use ottla_metadata::Image;
use ottla_wire::{
    Message,
    errors::Code,
    messages::{
        ConsumerProtocolSubscription, GroupMetadataValue, HeartbeatRequest, JoinGroupRequest,
        LeaveGroupRequest, OffsetCommitRequest, OffsetDeleteRequest, SyncGroupRequest,
        join_group_request::JoinGroupRequestProtocol,
        leave_group_request::MemberIdentity,
        offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic},
        offset_delete_request::{OffsetDeleteRequestPartition, OffsetDeleteRequestTopic},
        sync_group_request::SyncGroupRequestAssignment,
    },
};

use super::{
    Entry, Input, Producer, Reply,
    testing::{World, caller, settings},
};
use crate::{
    protocol::read_topics,
    scripts::{Arguments, check_all, perform_all},
};

#[test]
fn scripts_give_what_was_recorded() {
    check_all("scripts", |script| {
        let mut stage = Stage::new(World::new());
        stage.perform("settings", &Arguments::of(""));
        perform_all(script, |name, of| stage.perform(name, of))
    });
}

struct Stage {
    world: World,
    begin: u64,
    /// Member ids by what the script calls them, and the other way round.
    ids: BTreeMap<String, String>,
    labels: BTreeMap<String, String>,
    /// Requests without an answer yet, by number.
    open: VecDeque<(usize, Ticket)>,
    asked: usize,
}

impl Stage {
    fn new(world: World) -> Self {
        Self {
            begin: world.now.0,
            world,
            ids: BTreeMap::new(),
            labels: BTreeMap::new(),
            open: VecDeque::new(),
            asked: 0,
        }
    }

    fn perform(&mut self, name: &str, of: &Arguments<'_>) -> Vec<String> {
        let entries = match name {
            "settings" => return self.settings(of),
            "describe" => return self.describe(of.text("", "g")),
            "pass" => self.world.pass(of.number("", 0)),
            "reload" => self.world.reload(),
            "appends" => {
                self.world.append_fails = of.text("", "") == "fail";
                Vec::new()
            }
            _ => return self.ask(name, of),
        };
        self.outcome(entries)
    }

    fn settings(&mut self, of: &Arguments<'_>) -> Vec<String> {
        let mut settings = settings();
        settings.initial_rebalance_delay_ms = of.number("delay", 3_000);
        settings.classic_max_size = of.number("max_size", usize::MAX);
        settings.min_session_timeout_ms = of.number("min_session", 6_000);
        settings.max_session_timeout_ms = of.number("max_session", 1_800_000);
        if self.world.log.is_empty() {
            *self = Self::new(World::with(settings, Image::default()));
        } else {
            // A broker that is configured otherwise takes over with the next reload.
            self.world.settings = settings.into();
        }
        Vec::new()
    }

    fn ask(&mut self, name: &str, of: &Arguments<'_>) -> Vec<String> {
        let input = self.input(name, of);
        let (ticket, entries) = self.world.ask(input);
        self.asked += 1;
        let mut outcome = Vec::new();
        if let Some(reply) = self.world.answer(ticket) {
            outcome.push(self.show(&reply));
        } else if self.world.failed.contains(&ticket) {
            outcome.push("not written".to_owned());
        } else {
            outcome.push(format!("#{} waits", self.asked));
            self.open.push_back((self.asked, ticket));
        }
        outcome.extend(self.outcome(entries));
        outcome
    }

    fn input(&self, name: &str, of: &Arguments<'_>) -> Input {
        let caller = |version| caller(of.text("client", "c"), of.number("v", version));
        let group = of.text("group", "g").replace("(none)", "");
        let member = self.id(of.text("member", ""));
        let instance = of.maybe("instance").map(str::to_owned);
        match name {
            "join" => Input::JoinGroup(caller(9), self.join(group, member, instance, of)),
            "sync" => Input::SyncGroup(caller(5), self.sync(group, member, instance, of)),
            "beat" => Input::Heartbeat(
                caller(4),
                HeartbeatRequest {
                    group_id: group,
                    generation_id: of.number("generation", 1),
                    member_id: member,
                    group_instance_id: instance,
                    ..HeartbeatRequest::default()
                },
            ),
            "leave" => Input::LeaveGroup(caller(5), self.leave(group, member, of)),
            "commit" => Input::OffsetCommit(
                caller(9),
                OffsetCommitRequest {
                    group_id: group,
                    generation_id_or_member_epoch: of.number("generation", -1),
                    member_id: member,
                    group_instance_id: instance,
                    topics: vec![OffsetCommitRequestTopic {
                        name: "t".to_owned(),
                        partitions: vec![OffsetCommitRequestPartition::default()],
                        ..OffsetCommitRequestTopic::default()
                    }],
                    ..OffsetCommitRequest::default()
                },
            ),
            "txn-commit" => Input::TxnOffsetCommit(
                caller(4),
                Producer { id: 1, epoch: 0 },
                OffsetCommitRequest {
                    group_id: group,
                    generation_id_or_member_epoch: of.number("generation", -1),
                    member_id: member,
                    group_instance_id: instance,
                    topics: vec![OffsetCommitRequestTopic {
                        name: "t".to_owned(),
                        partitions: vec![OffsetCommitRequestPartition::default()],
                        ..OffsetCommitRequestTopic::default()
                    }],
                    ..OffsetCommitRequest::default()
                },
            ),
            "delete-offset" => Input::OffsetDelete(
                caller(0),
                OffsetDeleteRequest {
                    group_id: group,
                    topics: vec![OffsetDeleteRequestTopic {
                        name: of.text("topic", "t").to_owned(),
                        partitions: vec![OffsetDeleteRequestPartition::default()],
                    }],
                },
            ),
            "delete" => Input::DeleteGroups(caller(2), vec![group]),
            other => panic!("there is no command {other}"),
        }
    }

    fn join(
        &self,
        group_id: String,
        member_id: String,
        group_instance_id: Option<String>,
        of: &Arguments<'_>,
    ) -> JoinGroupRequest {
        let protocol = |(name, said): (&str, &str)| JoinGroupRequestProtocol {
            name: name.to_owned(),
            metadata: metadata(said),
            ..JoinGroupRequestProtocol::default()
        };
        let protocols: Vec<_> = match of.maybe("protocols") {
            None => vec![protocol(("range", "@t"))],
            Some(_) => of.list("protocols").map(protocol).collect(),
        };
        JoinGroupRequest {
            group_id,
            session_timeout_ms: of.number("session", 10_000),
            rebalance_timeout_ms: of.number("rebalance", 30_000),
            member_id,
            group_instance_id,
            protocol_type: of.text("type", "consumer").to_owned(),
            protocols,
            ..JoinGroupRequest::default()
        }
    }

    fn sync(
        &self,
        group_id: String,
        member_id: String,
        group_instance_id: Option<String>,
        of: &Arguments<'_>,
    ) -> SyncGroupRequest {
        let assignment = |(id, said): (&str, &str)| SyncGroupRequestAssignment {
            member_id: self.id(id),
            assignment: Bytes::from(said.to_owned()),
            ..SyncGroupRequestAssignment::default()
        };
        let names = |key, otherwise| Some(of.text(key, otherwise)).filter(|of| !of.is_empty());
        SyncGroupRequest {
            group_id,
            generation_id: of.number("generation", 1),
            member_id,
            group_instance_id,
            protocol_type: names("type", "consumer").map(str::to_owned),
            protocol_name: names("protocol", "range").map(str::to_owned),
            assignments: of.list("assign").map(assignment).collect(),
            ..SyncGroupRequest::default()
        }
    }

    fn leave(&self, group_id: String, member_id: String, of: &Arguments<'_>) -> LeaveGroupRequest {
        let leaving = |(id, instance): (&str, &str)| MemberIdentity {
            member_id: self.id(id),
            group_instance_id: Some(instance.to_owned()).filter(|of| !of.is_empty()),
            ..MemberIdentity::default()
        };
        LeaveGroupRequest {
            group_id,
            member_id,
            members: of.list("members").map(leaving).collect(),
            ..LeaveGroupRequest::default()
        }
    }

    /// The member id that the script calls so.
    fn id(&self, label: &str) -> String {
        self.ids.get(label).map_or(label, |id| id).to_owned()
    }

    /// What the script calls a member id.
    fn label(&mut self, id: &str) -> String {
        if id.len() < 37 || !id.is_char_boundary(id.len() - 37) {
            return id.to_owned();
        }
        if let Some(label) = self.labels.get(id) {
            return label.clone();
        }
        let name = &id[..id.len() - 37];
        let number = 1 + self.labels.keys().filter(|of| of.starts_with(name)).count();
        let label = format!("{name}.{number}");
        self.labels.insert(id.to_owned(), label.clone());
        self.ids.insert(label.clone(), id.to_owned());
        label
    }

    /// What was answered meanwhile, and what was written.
    fn outcome(&mut self, entries: Vec<Entry>) -> Vec<String> {
        let mut outcome = Vec::new();
        for (number, ticket) in std::mem::take(&mut self.open) {
            if let Some(reply) = self.world.answer(ticket) {
                outcome.push(format!("#{number}: {}", self.show(&reply)));
            } else if self.world.failed.contains(&ticket) {
                outcome.push(format!("#{number}: not written"));
            } else {
                self.open.push_back((number, ticket));
            }
        }
        for entry in &entries {
            outcome.push(self.written(entry));
        }
        outcome
    }

    fn show(&mut self, reply: &Reply) -> String {
        let mut text = String::new();
        match reply {
            Reply::JoinGroup(of) => {
                write!(
                    text,
                    "{} {}",
                    code(of.error_code),
                    self.label(&of.member_id)
                )
                .unwrap();
                if of.error_code == 0 {
                    write!(text, " generation={}", of.generation_id).unwrap();
                    write!(text, " leader={}", self.label(&of.leader)).unwrap();
                }
                let protocol = (&of.protocol_type, &of.protocol_name);
                write!(text, " {}/{}", said(protocol.0), said(protocol.1)).unwrap();
                if of.skip_assignment {
                    text.push_str(" skip");
                }
                for member in &of.members {
                    let label = self.label(&member.member_id);
                    write!(text, " {label}").unwrap();
                    if let Some(instance) = &member.group_instance_id {
                        write!(text, "({instance})").unwrap();
                    }
                    write!(text, ":{}", shown(&member.metadata)).unwrap();
                }
            }
            Reply::SyncGroup(of) => {
                let protocol = (said(&of.protocol_type), said(&of.protocol_name));
                write!(
                    text,
                    "{} {}/{}",
                    code(of.error_code),
                    protocol.0,
                    protocol.1
                )
                .unwrap();
                write!(text, " {}", shown(&of.assignment)).unwrap();
            }
            Reply::Heartbeat(of) => text.push_str(&code(of.error_code)),
            Reply::LeaveGroup(of) => {
                text.push_str(&code(of.error_code));
                for member in &of.members {
                    let label = self.label(&member.member_id);
                    write!(text, " {label}").unwrap();
                    if let Some(instance) = &member.group_instance_id {
                        write!(text, "({instance})").unwrap();
                    }
                    write!(text, "={}", code(member.error_code)).unwrap();
                }
            }
            Reply::OffsetCommit(of) => {
                text.push_str(&code(of.topics[0].partitions[0].error_code));
            }
            Reply::TxnOffsetCommit(of) => {
                text.push_str(&code(of.topics[0].partitions[0].error_code));
            }
            Reply::OffsetDelete(of) => {
                let partition = of.topics.first().map(|of| of.partitions[0].error_code);
                text.push_str(&code(partition.unwrap_or(of.error_code)));
            }
            Reply::DeleteGroups(of) => text.push_str(&code(of[0].error_code)),
            other => panic!("{other:?}"),
        }
        text
    }

    fn written(&mut self, entry: &Entry) -> String {
        match entry {
            Entry::GroupMetadata(key, Some(value)) => {
                format!("writes {}: {}", key.group, self.group(value))
            }
            Entry::GroupMetadata(key, None) => format!("writes {}: gone", key.group),
            Entry::OffsetCommit(key, value) => {
                let verb = if value.is_some() { "writes" } else { "forgets" };
                format!("{verb} an offset of {}", key.topic)
            }
            other => panic!("{other:?}"),
        }
    }

    fn group(&mut self, of: &GroupMetadataValue) -> String {
        let mut text = format!("{}/{}", of.protocol_type, said(&of.protocol));
        let since = of.current_state_timestamp - self.begin as i64;
        write!(text, " generation={} since={since}", of.generation).unwrap();
        if let Some(leader) = &of.leader {
            write!(text, " leader={}", self.label(leader)).unwrap();
        }
        for member in &of.members {
            write!(text, " {}", self.label(&member.member_id)).unwrap();
            if let Some(instance) = &member.group_instance_id {
                write!(text, "({instance})").unwrap();
            }
            let (from, host) = (&member.client_id, &member.client_host);
            write!(text, ":{from}@{host}").unwrap();
            let timeouts = (member.session_timeout, member.rebalance_timeout);
            write!(text, ":{}+{}", timeouts.0, timeouts.1).unwrap();
            let (told, got) = (shown(&member.subscription), shown(&member.assignment));
            write!(text, ":{told}>{got}").unwrap();
        }
        text
    }

    fn describe(&mut self, id: &str) -> Vec<String> {
        let asked = caller("c", 6);
        let input = Input::DescribeGroups(asked, vec![id.to_owned()]);
        let Reply::DescribeGroups(groups) = self.world.reply(input) else {
            panic!("not an answer to DescribeGroups");
        };
        let of = &groups[0];
        let (state, protocol) = (&of.group_state, &of.protocol_data);
        let code = code(of.error_code);
        let mut lines = vec![format!("{code} {state} {}/{protocol}", of.protocol_type)];
        for member in &of.members {
            let mut line = self.label(&member.member_id);
            if let Some(instance) = &member.group_instance_id {
                write!(line, "({instance})").unwrap();
            }
            write!(line, ":{}@{}", member.client_id, member.client_host).unwrap();
            let (told, got) = (&member.member_metadata, &member.member_assignment);
            write!(line, ":{}>{}", shown(told), shown(got)).unwrap();
            lines.push(line);
        }
        lines
    }
}

fn code(code: i16) -> String {
    Code(code).to_string()
}

fn said(text: &Option<String>) -> &str {
    match text.as_deref() {
        Some("") => "(empty)",
        Some(text) => text,
        None => "-",
    }
}

/// `@a+b` is a subscription to the topics a and b, all else is what it is.
fn metadata(said: &str) -> Bytes {
    let Some(topics) = said.strip_prefix('@') else {
        return Bytes::from(said.to_owned());
    };
    let subscription = ConsumerProtocolSubscription {
        topics: topics.split('+').map(str::to_owned).collect(),
        ..ConsumerProtocolSubscription::default()
    };
    [&[0, 3], &subscription.encode(3).unwrap()[..]]
        .concat()
        .into()
}

fn shown(bytes: &Bytes) -> String {
    match read_topics(bytes) {
        _ if bytes.is_empty() => "-".to_owned(),
        Ok(topics) => format!("@{}", topics.join("+")),
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    }
}
