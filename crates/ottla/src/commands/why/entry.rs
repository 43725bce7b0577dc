//! One refusal as the node tells it, and as it is shown.

use std::io::{self, Write};

use ottla_catalogue as catalogue;
use ottla_wire::errors::{Class, Code};
use serde_json::Value;

use crate::{logging::Timestamp, output::Stop};

/// Nouns in the order in which they are shown; others come after.
const NOUNS: [&str; 12] = [
    "topic",
    "partition",
    "group",
    "transactional_id",
    "resource_type",
    "resource",
    "member",
    "instance",
    "log_dir",
    "producer_id",
    "feature",
    "user",
];
/// Not worth a reader's time beside the others.
const UNSHOWN: [&str; 2] = ["topic_id", "key_type"];

/// A refusal.
#[derive(Debug)]
pub(super) struct Entry {
    line: String,
    value: Value,
    pub(super) number: u64,
}

impl Entry {
    pub(super) fn read(line: String) -> Result<Self, Stop> {
        let value: Value = serde_json::from_str(&line)
            .map_err(|error| Stop::Failed(format!("the node's answer: {error}")))?;
        let number = value["number"].as_u64().unwrap_or_default();
        Ok(Self {
            line,
            value,
            number,
        })
    }

    pub(super) fn client_id(&self) -> Option<&str> {
        self.value["client_id"].as_str()
    }

    pub(super) fn about(&self, noun: &str) -> Option<&str> {
        self.value["about"][noun].as_str()
    }

    pub(super) fn code(&self) -> i64 {
        self.value["code"].as_i64().unwrap_or_default()
    }

    pub(super) fn key(&self) -> Option<i64> {
        self.value["request"]["key"].as_i64()
    }

    pub(super) fn last_ms(&self) -> i64 {
        self.value["last_ms"].as_i64().unwrap_or_default()
    }

    pub(super) fn is_ordinary(&self) -> bool {
        self.value["ordinary"] == true
    }

    /// As the node told it, or for people.
    pub(super) fn print(&self, to: &mut impl Write, as_json: bool) -> io::Result<()> {
        if as_json {
            return writeln!(to, "{}", self.line);
        }
        let text = |name: &str| self.value[name].as_str().unwrap_or_default();
        let client = match self.client_id() {
            None | Some("") => "a client without id",
            Some(id) => id,
        };
        // Ports change with every connection.
        let peer = text("peer").rsplit_once(':').map_or("", |(host, _)| host);
        let what = match self.code() {
            0 if self.about("advertised").is_some() => "wrong advertised listener",
            0 if self.about("throttled").is_some() => "throttled by a quota",
            0 => "connection closed",
            _ => text("error"),
        };
        let time = Timestamp(self.last_ms());
        write!(to, "{time}  {what}  {client} from {peer}{}", self.subject())?;
        let count = self.value["count"].as_u64().unwrap_or(1);
        if count > 1 {
            let first = Timestamp(self.value["first_ms"].as_i64().unwrap_or_default());
            write!(to, "  ({count} times since {first})")?;
        }
        writeln!(to, "\n    why: {}", text("reason"))?;
        if let Some(incident) = self.value["incident"].as_str() {
            writeln!(to, "    log: look for incident {incident}")?;
        }
        match remedy(self.code()) {
            Some(remedy) => writeln!(to, "    do:  {remedy}"),
            None => Ok(()),
        }
    }

    /// The request, and what it was about.
    fn subject(&self) -> String {
        let mut words = String::new();
        if let Some(name) = self.value["request"]["name"].as_str() {
            let version = &self.value["request"]["version"];
            words = format!("  {name} v{version}");
        }
        let Some(about) = self.value["about"].as_object() else {
            return words;
        };
        let others = about
            .keys()
            .map(String::as_str)
            .filter(|noun| !NOUNS.contains(noun) && (!UNSHOWN.contains(noun) || about.len() == 1));
        let shown = NOUNS.into_iter().chain(others).filter_map(|noun| {
            let which = about.get(noun)?.as_str()?;
            Some(format!("{} {which}", noun.replace('_', " ")))
        });
        for (at, one) in shown.enumerate() {
            words.push_str(if at == 0 { "  " } else { ", " });
            words.push_str(&one);
        }
        words
    }
}

/// What the catalogue says to do, in one sentence: to whoever sent the request, or runs the brokers if it is their turn.
fn remedy(code: i64) -> Option<String> {
    let code = Code(i16::try_from(code).ok().filter(|code| *code != 0)?);
    let page = catalogue::page(code)?;
    let text = match page.info.class {
        Class::Server => &page.operator,
        _ => &page.client,
    };
    let first = text.split_inclusive(". ").next()?.trim();
    Some(format!("{first} More: ottla explain {}", page.info.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_says_who_what_and_why() {
        let line = r#"{"number":7,"first_ms":0,"last_ms":60000,"count":3,"client_id":"app","peer":"10.0.0.7:4000",
            "request":{"name":"Produce","key":0,"version":9},"about":{"partition":"3","topic":"orders","topic_id":"x"},
            "code":10,"error":"MESSAGE_TOO_LARGE","reason":"too large","ordinary":false}"#;
        let entry = Entry::read(line.to_owned()).unwrap();
        let mut to = Vec::new();
        entry.print(&mut to, false).unwrap();
        let text = String::from_utf8(to).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines[0],
            "1970-01-01 00:01:00,000  MESSAGE_TOO_LARGE  app from 10.0.0.7  Produce v9  topic orders, partition 3  \
             (3 times since 1970-01-01 00:00:00,000)"
        );
        assert_eq!(lines[1], "    why: too large");
        assert!(
            lines[2].starts_with("    do:  Make the records smaller"),
            "{}",
            lines[2]
        );
        assert!(lines[2].ends_with("ottla explain MESSAGE_TOO_LARGE"));
    }

    #[test]
    fn every_code_has_a_short_remedy() {
        for info in Code::TABLE.iter().filter(|info| info.code.0 != 0) {
            let remedy = remedy(info.code.0.into()).unwrap();
            assert!(remedy.len() < 260, "{}: {remedy}", info.name);
        }
        assert_eq!(remedy(0), None);
        assert_eq!(remedy(999), None);
    }
}
