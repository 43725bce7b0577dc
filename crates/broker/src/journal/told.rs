//! From an answer to the journal: looks at its codes on the way out, counts them, and notes what was refused.
//!
//! An answer without errors costs a look at each of its codes and one or two counters, and allocates nothing.

use std::{
    borrow::Cow,
    fmt::{self, Write},
    sync::Arc,
};

use bytes::Bytes;
use ottla_wire::{
    Request, Uuid,
    answer::{AmendTexts, ErrorCodes, Level, Name, Names, SeesCodes},
    errors::{Code, Refusal},
    messages::{FindCoordinatorRequest, ProduceRequest},
};

use super::{Entry, counts::Tally, incidents::Met, ordinary::is_ordinary, reason};
use crate::{api::Caller, broker::Broker, clock, quotas::Meter};

/// Refusals of one answer that get entries of their own; further ones of a code share one.
const OF_ONE_ANSWER_MAX: usize = 64;
/// How much of a request the log has for an incident, in bytes.
const SUMMARY_MAX: usize = 2048;

/// Why parts of an answer were refused, where the answer has no place for a text. Empty costs nothing.
#[derive(Debug, Default)]
pub(crate) struct Reasons(Vec<Reason>);

#[derive(Debug)]
struct Reason {
    of: Of,
    partition: Option<i32>,
    code: Code,
    why: Cow<'static, str>,
}

/// What a reason is about, as the answer names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    Anything,
    Topic(String),
    TopicId(Uuid),
    Group(String),
    Transaction(String),
}

impl Reasons {
    /// Why the whole answer, or anything in it, has this code.
    pub(crate) fn any(code: Code, why: impl Into<Cow<'static, str>>) -> Self {
        let mut reasons = Self::default();
        reasons.put(Of::Anything, None, code, why.into());
        reasons
    }

    /// Why a partition was refused, if the refusal says it.
    pub(crate) fn of_partition(&mut self, topic: &str, partition: i32, refusal: Refusal) {
        if let Some(why) = refusal.detail {
            let of = Of::Topic(topic.to_owned());
            self.put(of, Some(partition), refusal.code, why);
        }
    }

    /// Why a group was refused, if the refusal says it.
    pub(crate) fn of_group(&mut self, group: &str, refusal: &Refusal) {
        if let Some(why) = refusal.detail.clone() {
            self.put(Of::Group(group.to_owned()), None, refusal.code, why);
        }
    }

    /// Why what was asked about a transactional id was refused.
    pub(crate) fn of_transaction(&mut self, id: &str, code: Code, why: String) {
        self.put(Of::Transaction(id.to_owned()), None, code, why.into());
    }

    /// Why something has this code.
    pub(crate) fn put(
        &mut self,
        of: Of,
        partition: Option<i32>,
        code: Code,
        why: Cow<'static, str>,
    ) {
        if self.0.len() < OF_ONE_ANSWER_MAX {
            self.0.push(Reason {
                of,
                partition,
                code,
                why,
            });
        }
    }

    fn find(&self, about: Names<'_>, code: i16) -> Option<&str> {
        let fits = |reason: &&Reason| {
            // Older versions have one group or transaction, and name it in the request alone.
            let named = |noun| about.iter().any(|(of, _)| *of == noun);
            let text = |noun, name| about.contains(&(noun, Name::Text(Some(name))));
            let thing = match &reason.of {
                Of::Anything => true,
                Of::Topic(name) => text("topic", name),
                Of::TopicId(id) => about.contains(&("topic_id", Name::Id(*id))),
                Of::Group(id) => !named("group") || text("group", id),
                Of::Transaction(id) => !named("transactional_id") || text("transactional_id", id),
            };
            let partition = reason
                .partition
                .is_none_or(|index| about.contains(&("partition", Name::Number(index.into()))));
            reason.code.0 == code && thing && partition
        };
        self.0.iter().find(fits).map(|reason| &*reason.why)
    }
}

/// A request that is being answered: what the journal needs to know of it.
pub(crate) struct Asked {
    pub(crate) broker: Arc<Broker>,
    pub(crate) caller: Arc<Caller>,
    pub(crate) key: i16,
    pub(crate) version: i16,
    pub(crate) correlation_id: i32,
    /// The request, read again if something was refused. Of Produce there is none: it would hold all records in memory.
    pub(crate) body: Option<Bytes>,
    pub(crate) again: Again,
    /// The request's account, if anything is limited.
    pub(crate) meter: Option<Arc<Meter>>,
}

/// Reads a request again, to say what it is about and to show it.
#[derive(Clone, Copy)]
pub(crate) struct Again {
    subject: fn(Bytes, i16) -> Vec<(&'static str, String)>,
    summary: fn(Bytes, i16) -> String,
}

impl Again {
    /// For requests of one kind.
    pub(crate) const fn of<R: Request>() -> Self {
        Self {
            subject: |body, version| {
                let mut about = Vec::new();
                if let Ok(request) = R::decode(body, version) {
                    request.subject(&mut |names| about = owned(names));
                }
                about
            },
            summary: |body, version| match R::decode(body, version) {
                Ok(request) => {
                    let mut summary = Bounded(String::new());
                    // Full is full.
                    let _ = write!(summary, "{request:?}");
                    summary.0
                }
                Err(malformed) => malformed.to_string(),
            },
        }
    }
}

/// Text up to [`SUMMARY_MAX`] bytes; more is an error, so that nothing goes on writing.
struct Bounded(String);

impl Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = SUMMARY_MAX - self.0.len();
        if text.len() <= room {
            self.0.push_str(text);
            return Ok(());
        }
        self.0.push_str(&text[..text.floor_char_boundary(room)]);
        Err(fmt::Error)
    }
}

impl Asked {
    /// Whether a request's body may be kept until its answer.
    pub(crate) fn keeps_body(key: i16) -> bool {
        key != ProduceRequest::KEY
    }

    /// Looks at an answer before it leaves: counts its codes, and notes what was refused.
    pub(crate) fn tell<M: ErrorCodes + AmendTexts>(&self, answer: &mut M, reasons: &Reasons) {
        let mut look = Look {
            asked: self,
            reasons,
            tally: Tally::new(self.key, self.version),
            refused: Vec::new(),
            more: Vec::new(),
        };
        answer.error_codes(&mut look);
        let Look {
            tally,
            refused,
            more,
            ..
        } = look;
        tally.finish(&self.broker.journal.counts);
        if refused.is_empty() {
            return;
        }
        let incident = self.incident(&refused);
        if let Some(id) = &incident {
            let words = format!("incident {id}: the broker's log has more of it");
            answer.amend_texts(Code::UNKNOWN_SERVER_ERROR.0, &mut |text| match text {
                Some(text) if !text.is_empty() => {
                    text.push_str(" (");
                    text.push_str(&words);
                    text.push(')');
                }
                _ => *text = Some(words.clone()),
            });
        }
        self.note(refused, more, incident);
    }

    /// The request failed, and no answer says so.
    pub(crate) fn tell_fault(&self, why: &str) {
        let code = Code::UNKNOWN_SERVER_ERROR.0;
        let fault = Refused {
            about: Vec::new(),
            code,
            reason: format!("{why}; the connection was closed without an answer"),
        };
        self.broker.journal.counts.add(self.key, code, 1);
        let refused = vec![fault];
        let incident = self.incident(&refused);
        self.note(refused, Vec::new(), incident);
    }

    fn note(&self, refused: Vec<Refused>, more: Vec<(i16, usize)>, incident: Option<String>) {
        let subject = match (&self.body, refused.is_empty()) {
            (Some(body), false) => (self.again.subject)(body.clone(), self.version),
            _ => Vec::new(),
        };
        for one in refused {
            let mut entry = self.entry(one.code, one.reason);
            entry.about = one.about;
            for (noun, which) in &subject {
                if !entry.about.iter().any(|(of, _)| of == noun) {
                    entry.about.push((noun, which.clone()));
                }
            }
            in_words(self.key, &mut entry.about);
            if one.code == Code::UNKNOWN_SERVER_ERROR.0 {
                entry.incident.clone_from(&incident);
            }
            self.broker.journal.put(entry);
        }
        for (code, count) in more {
            let reason = format!("{count} more in the same answer");
            let mut entry = self.entry(code, reason);
            entry.about = vec![("others", count.to_string())];
            self.broker.journal.put(entry);
        }
    }

    fn entry(&self, code: i16, reason: String) -> Entry {
        Entry {
            request: Some((self.key, self.version)),
            code,
            reason,
            ordinary: is_ordinary(self.key, code),
            ..self.caller.entry()
        }
    }

    /// A fault of the broker's gets a number, and all there is to know of it goes to the log under that number; what
    /// comes again soon, for the same cause, has the number of the one before.
    fn incident(&self, refused: &[Refused]) -> Option<String> {
        let mut faults = refused
            .iter()
            .filter(|one| one.code == Code::UNKNOWN_SERVER_ERROR.0);
        let first = faults.next()?;
        let broker = &self.broker;
        let new_id = || format!("{:08x}", broker.unique() as u32);
        let met = broker
            .journal
            .incidents
            .meet(self.key, &first.reason, clock::now().0, new_id);
        let Met { id, is_new, others } = met;
        if !is_new {
            return Some(id);
        }
        if let Some((before, left_out)) = others {
            tracing::error!(
                incident = %before,
                left_out,
                "further answers with UNKNOWN_SERVER_ERROR for the same cause are not in this log"
            );
        }
        let request = match &self.body {
            Some(body) => (self.again.summary)(body.clone(), self.version),
            None => "not kept, as it has records".to_owned(),
        };
        tracing::error!(
            incident = %id,
            key = self.key,
            version = self.version,
            correlation_id = self.correlation_id,
            client_id = self.caller.client_id.as_deref().unwrap_or(""),
            principal = %self.caller.principal,
            peer = %self.caller.peer,
            about = ?first.about,
            others = faults.count(),
            request,
            "answered with UNKNOWN_SERVER_ERROR: {}",
            first.reason
        );
        Some(id)
    }
}

/// One refusal of an answer.
struct Refused {
    about: Vec<(&'static str, String)>,
    code: i16,
    reason: String,
}

/// A look at the codes of one answer.
struct Look<'a> {
    asked: &'a Asked,
    reasons: &'a Reasons,
    tally: Tally,
    refused: Vec<Refused>,
    more: Vec<(i16, usize)>,
}

impl SeesCodes for Look<'_> {
    fn code(&mut self, level: Level, code: i16) {
        match level {
            Level::Part => self.tally.part(&self.asked.broker.journal.counts, code),
            Level::Answer => self.tally.top(code),
            Level::Aside => {}
        }
    }

    #[cold]
    fn refused(&mut self, _: Level, names: Names<'_>, code: i16, text: Option<&str>) {
        if self.refused.len() >= OF_ONE_ANSWER_MAX {
            match self.more.iter_mut().find(|(of, _)| *of == code) {
                Some((_, count)) => *count += 1,
                None => self.more.push((code, 1)),
            }
            return;
        }
        let broker = &self.asked.broker;
        let mut about = owned(names);
        // A topic that is named by its id only has a name too.
        if !about.iter().any(|(noun, _)| *noun == "topic") {
            let id = names.iter().find_map(|(_, name)| match name {
                Name::Id(id) if !id.is_zero() => reason::topic_name(broker, *id),
                _ => None,
            });
            about.extend(id.map(|name| ("topic", name)));
        }
        let told = text.filter(|text| !text.is_empty());
        let told = told.or_else(|| self.reasons.find(names, code));
        let reason = match told {
            Some(told) => told.to_owned(),
            None => reason::of(self.asked, &about, code),
        };
        self.refused.push(Refused {
            about,
            code,
            reason,
        });
    }
}

/// A key of FindCoordinator, or the type of a resource, in words.
fn in_words(key: i16, about: &mut Vec<(&'static str, String)>) {
    let number = |about: &[(&str, String)], noun| {
        let found = about.iter().find(|(of, _)| *of == noun);
        found.and_then(|(_, number)| number.parse::<i8>().ok())
    };
    if key == FindCoordinatorRequest::KEY {
        let noun = match number(about, "key_type") {
            None | Some(0) => "group",
            Some(1) => "transactional_id",
            Some(_) => "key",
        };
        about.retain(|(of, _)| *of != "key_type");
        for one in about.iter_mut().filter(|(of, _)| *of == "key") {
            one.0 = noun;
        }
    }
    let noun = match number(about, "resource_type") {
        Some(2) => "topic",
        Some(4 | 8) => "broker",
        Some(16) => "client_metrics",
        Some(32) => "group",
        _ => return,
    };
    about.retain(|(of, _)| *of != "resource_type");
    for one in about.iter_mut().filter(|(of, _)| *of == "resource") {
        one.0 = noun;
    }
}

/// What is named; empty names and zero ids name nothing.
fn owned(names: Names<'_>) -> Vec<(&'static str, String)> {
    let one = |(noun, name): &(&'static str, Name<'_>)| {
        let which = match name {
            Name::Text(text) => text.filter(|text| !text.is_empty())?.to_owned(),
            Name::Id(id) if id.is_zero() => return None,
            Name::Id(id) => id.to_string(),
            Name::Number(number) => number.to_string(),
        };
        Some((*noun, which))
    };
    names.iter().filter_map(one).collect()
}
