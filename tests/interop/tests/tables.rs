//! Our tables of the protocol's surface equal Apache Kafka's own.

use std::fmt::Write as _;

use ottla_interop::oracle::{Home, compile, output};
use ottla_wire::{
    apis::{self, Api, Listener},
    errors::{Code, Info},
};

/// Apache Kafka's table of that name, a row a line.
fn kafka(table: &str) -> Vec<String> {
    let home = Home::find();
    compile(&home).expect("javac");
    let text = output(home.class("Tables").expect("java").arg(table)).expect("Tables");
    String::from_utf8(text)
        .expect("UTF-8")
        .lines()
        .map(str::to_owned)
        .collect()
}

fn compare(kafka: &[String], ours: &[String]) {
    let mut report = String::new();
    for row in kafka.iter().filter(|row| !ours.contains(row)) {
        let _ = writeln!(report, "Apache Kafka: {row}");
    }
    for row in ours.iter().filter(|row| !kafka.contains(row)) {
        let _ = writeln!(report, "ours:         {row}");
    }
    assert!(report.is_empty(), "\n{report}");
    assert_eq!(kafka, ours, "another order");
}

#[test]
fn requests() {
    let kafka = kafka("apis");
    assert_eq!(kafka.len(), 95);
    let ours: Vec<String> = apis::all().iter().map(request_row).collect();
    compare(&kafka, &ours);
}

#[test]
fn errors() {
    let kafka = kafka("errors");
    assert_eq!(kafka.len(), 138);
    let ours: Vec<String> = Code::TABLE.iter().map(error_row).collect();
    compare(&kafka, &ours);
}

fn error_row(info: &Info) -> String {
    let (code, name) = (info.code.0, info.name);
    format!("{code}\t{name}\t{}\t{}", info.retriable, info.refreshes)
}

fn request_row(api: &Api) -> String {
    let said = |listener| {
        api.advertised(listener, false)
            .map(|(first, last)| format!("{first}-{last}"))
            .unwrap_or_default()
    };
    let headers: Vec<String> = (api.first..=api.last)
        .map(|version| {
            let (request, response) = (api.request_header(version), api.response_header(version));
            format!("{request}/{response}")
        })
        .collect();
    [
        api.key.to_string(),
        api.name.to_owned(),
        api.first.to_string(),
        api.last.to_string(),
        api.latest_unstable.to_string(),
        api.is_forwarded().to_string(),
        said(Listener::Broker),
        said(Listener::Controller),
        headers.join(" "),
    ]
    .join("\t")
}
