//! Entries and counters as text: JSON lines, and the format of Prometheus.

use std::fmt::Write;

use ottla_broker::journal::{Count, Entry};
use ottla_wire::{apis, errors::Code};
use serde_json::{Map, Value, json};

fn request_name(key: i16) -> String {
    apis::api(key).map_or_else(|| key.to_string(), |api| api.name.to_owned())
}

fn code_name(code: i16) -> String {
    match Code(code).info() {
        Some(info) => info.name.to_owned(),
        None => code.to_string(),
    }
}

/// An entry as one line of JSON.
pub(crate) fn entry(entry: &Entry) -> String {
    let about: Map<String, Value> = entry
        .about
        .iter()
        .map(|(noun, which)| ((*noun).to_owned(), json!(which)))
        .collect();
    let mut value = json!({
        "number": entry.number,
        "first_ms": entry.first_ms,
        "last_ms": entry.last_ms,
        "count": entry.count,
        "client_id": entry.client_id.as_deref(),
        "principal": &*entry.principal,
        "peer": entry.peer.to_string(),
        "listener": &*entry.listener,
        "about": about,
        "code": entry.code,
        "error": code_name(entry.code),
        "reason": entry.reason,
        "ordinary": entry.ordinary,
    });
    if let Some((key, version)) = entry.request {
        value["request"] = json!({"name": request_name(key), "key": key, "version": version});
    }
    if let Some(incident) = &entry.incident {
        value["incident"] = json!(incident);
    }
    format!("{value}\n")
}

/// A counter as one line of JSON.
pub(crate) fn count(of: &Count) -> String {
    let value = json!({
        "request": request_name(of.key),
        "key": of.key,
        "error": of.code.map_or_else(|| "OTHER".to_owned(), |code| code_name(code.0)),
        "code": of.code.map(|code| code.0),
        "count": of.count,
    });
    format!("{value}\n")
}

/// All counters for Prometheus, under the name that exporters give to Kafka's `ErrorsPerSec`.
pub(crate) fn metrics(counts: &[Count], dropped: u64) -> String {
    const ERRORS: &str = "kafka_network_requestmetrics_errors_total";
    const DROPPED: &str = "ottla_journal_dropped_total";
    let mut text = format!(
        "# HELP {ERRORS} Codes in answers, NONE included, by request and code.\n# TYPE {ERRORS} counter\n"
    );
    for of in counts {
        let error = of
            .code
            .map_or_else(|| "OTHER".to_owned(), |code| code_name(code.0));
        let request = request_name(of.key);
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "{ERRORS}{{request=\"{request}\",error=\"{error}\"}} {}",
            of.count
        );
    }
    let _ = write!(
        text,
        "# HELP {DROPPED} Refusals that the journal had no room for any more.\n# TYPE {DROPPED} counter\n\
         {DROPPED} {dropped}\n"
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_one_line() {
        let example = Entry {
            about: vec![("topic", "a\nb\"".to_owned())],
            reason: "no\nsuch".to_owned(),
            incident: Some("00c0ffee".to_owned()),
            ..Entry::example()
        };
        let line = entry(&example);
        assert_eq!(line.lines().count(), 1);
        let value: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["error"], "UNKNOWN_TOPIC_OR_PARTITION");
        assert_eq!(value["request"]["name"], "Metadata");
        assert_eq!(value["about"]["topic"], "a\nb\"");
        assert_eq!(value["incident"], "00c0ffee");
    }

    #[test]
    fn counters_are_those_of_prometheus() {
        let counts = [
            Count {
                key: 0,
                code: Some(Code::NONE),
                count: 7,
            },
            Count {
                key: 1,
                code: None,
                count: 1,
            },
        ];
        let text = metrics(&counts, 3);
        let name = "kafka_network_requestmetrics_errors_total";
        assert!(text.contains(&format!(
            "\n{name}{{request=\"Produce\",error=\"NONE\"}} 7\n"
        )));
        assert!(text.contains(&format!(
            "\n{name}{{request=\"Fetch\",error=\"OTHER\"}} 1\n"
        )));
        assert!(text.ends_with("\nottla_journal_dropped_total 3\n"));
        assert!(count(&counts[0]).contains("\"error\":\"NONE\""));
    }
}
