//! Apache Kafka and ottla side by side: one question to both, and where their answers differ.

use std::{
    io::{Read, Write},
    net::TcpStream,
    ops::RangeInclusive,
    time::Duration,
};

use bytes::Bytes;
use ottla_interop::evidence::Evidence;
use ottla_wire::{Message, Request, frame};

/// One connection.
pub(crate) struct Client {
    stream: TcpStream,
    correlation_id: i32,
}

impl Client {
    pub(crate) fn new(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("connects");
        stream
            .set_read_timeout(Some(Duration::from_secs(40)))
            .expect("a timeout");
        Self {
            stream,
            correlation_id: 0,
        }
    }

    pub(crate) fn ask<R: Request>(&mut self, version: i16, request: &R) -> R::Response {
        self.correlation_id += 1;
        let frame = frame::request(version, self.correlation_id, Some("me"), request)
            .expect("fits the version");
        self.stream
            .write_all(&frame.into_bytes().expect("bytes"))
            .expect("writes");
        let mut size = [0; 4];
        let name = R::NAME;
        self.stream
            .read_exact(&mut size)
            .unwrap_or_else(|why| panic!("{name} {version}: {why}"));
        let mut body = vec![0; u32::from_be_bytes(size) as usize];
        self.stream.read_exact(&mut body).expect("reads");
        let (id, body) =
            frame::read_response(R::KEY, version, Bytes::from(body)).expect("a header");
        assert_eq!(id, self.correlation_id);
        R::Response::decode(body, version).unwrap_or_else(|why| panic!("{name} {version}: {why}"))
    }
}

/// Apache Kafka and ottla.
pub(crate) struct Both {
    pub(crate) kafka: Client,
    pub(crate) ottla: Client,
    pub(crate) differences: Vec<String>,
    /// The codes of answers that were the same.
    pub(crate) evidence: Evidence,
}

impl Both {
    /// Apache Kafka answers a change before its own broker knows of it.
    pub(crate) fn settle(&self) {
        std::thread::sleep(Duration::from_millis(500));
    }

    /// The same question to both, in each of the versions.
    pub(crate) fn ask<R: Request>(
        &mut self,
        what: &str,
        versions: RangeInclusive<i16>,
        request: impl Fn(i16) -> R,
        tidy: impl Fn(&mut R::Response),
    ) {
        for version in versions {
            let request = request(version);
            let answers = [&mut self.kafka, &mut self.ottla].map(|client| {
                let mut answer = client.ask(version, &request);
                tidy(&mut answer);
                plain(&format!("{answer:#?}"))
            });
            if answers[0] != answers[1] {
                let name = R::NAME;
                let difference = difference(&answers[0], &answers[1]);
                self.differences
                    .push(format!("== {name} {version}, {what}\n{difference}"));
            } else {
                let answer = answers[1].iter().map(String::as_str);
                self.evidence.note(R::NAME, answer);
            }
        }
    }
}

/// Without what differs from run to run, and without the words of texts.
pub(crate) fn plain(answer: &str) -> Vec<String> {
    const DIFFERS: &[&str] = &[
        "port",
        "topic_id",
        "replica_directory_id",
        "client_instance_id",
        "subscription_id",
        "total_bytes",
        "usable_bytes",
        "log_dir",
        "last_fetch_timestamp",
        "last_caught_up_timestamp",
        "high_watermark",
        "log_end_offset",
        "finalized_features_epoch",
        "partition_size",
    ];
    const TEXTS: &[&str] = &["error_message", "documentation"];
    let mut lines = Vec::new();
    let mut text = answer.lines().map(str::trim);
    while let Some(line) = text.next() {
        let key = line.split(':').next().unwrap_or_default();
        if TEXTS.contains(&key) {
            // Also whether there is a text at all: Kafka leaves many out.
            if line.ends_with("Some(") {
                text.nth(1);
            }
            continue;
        }
        lines.push(match DIFFERS.contains(&key) {
            true if line.ends_with(": -1,") || line.ends_with(": 0,") => line.to_owned(),
            true => format!("{key}: something"),
            false => line.to_owned(),
        });
    }
    lines
}

pub(crate) fn difference(kafka: &[String], ottla: &[String]) -> String {
    let same_start = kafka.iter().zip(ottla).take_while(|(a, b)| a == b).count();
    let same_end = kafka[same_start..]
        .iter()
        .rev()
        .zip(ottla[same_start..].iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let context = &kafka[same_start.saturating_sub(12)..same_start];
    let cut = |lines: &[String]| {
        lines[same_start..lines.len() - same_end]
            .iter()
            .take(60)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n")
    };
    format!(
        "  after {}\n-- kafka\n{}\n-- ottla\n{}",
        context.join(" "),
        cut(kafka),
        cut(ottla)
    )
}

pub(crate) fn strings(items: &[&str]) -> Vec<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}
