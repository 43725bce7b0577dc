//! `ottla produce`: each line of standard input becomes a record.

use std::{
    collections::VecDeque,
    io::{self, Read},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use ottla_client::{
    Acks, Cluster, Delivery, Producer, ProducerConfig, Record, RecordMetadata, TopicPartition,
};
use ottla_wire::records::{Codec, Header};
use tokio::sync::mpsc;

use super::topics::parse_pair;
use crate::output::Stop;

/// Bytes that are read from standard input at once.
const PIECE: usize = 64 << 10;
/// Records whose fate is not asked for yet.
const UNASKED: usize = 20_000;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The topic
    topic: String,
    /// What is between key and value; without it a line is a value
    #[arg(long, value_name = "TEXT")]
    key_separator: Option<String>,
    /// The partition of all records; by key if not given
    #[arg(long, value_parser = clap::value_parser!(i32).range(0..))]
    partition: Option<i32>,
    /// none, gzip, snappy, lz4 or zstd
    #[arg(long, default_value = "none", value_parser = parse_codec)]
    compression: Codec,
    /// 0, 1 or all
    #[arg(long, default_value = "all", value_parser = parse_acks)]
    acks: Acks,
    /// Send all lines as one transaction under this id: all are committed, or none
    #[arg(long, value_name = "ID")]
    transactional_id: Option<String>,
    /// A line, key or value that stands for null
    #[arg(long, value_name = "TEXT")]
    null_marker: Option<String>,
    /// A setting of Kafka's producer or line reader, e.g. linger.ms=5 or parse.headers=true
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_pair)]
    property: Vec<(String, String)>,
}

fn parse_codec(text: &str) -> Result<Codec, String> {
    Codec::from_name(text).ok_or_else(|| "choose none, gzip, snappy, lz4 or zstd".into())
}

fn parse_acks(text: &str) -> Result<Acks, String> {
    Acks::parse(text).ok_or_else(|| "choose 0, 1 or all".into())
}

pub(crate) async fn run(args: Args, cluster: Cluster) -> Result<(), Stop> {
    let mut config = ProducerConfig {
        acks: args.acks,
        idempotence: args.acks == Acks::All,
        compression: args.compression,
        linger: Duration::from_millis(20),
        transactional_id: args.transactional_id,
        ..ProducerConfig::default()
    };
    let mut format = Format {
        topic: TopicPartition::new(args.topic, args.partition.unwrap_or(-1)),
        key_separator: args.key_separator.map(Bytes::from),
        null_marker: args.null_marker.map(Bytes::from),
        ..Format::default()
    };
    for (key, value) in &args.property {
        apply(key, value, &mut config, &mut format).map_err(Stop::Failed)?;
    }
    let longest = config.max_request_size;
    let in_transaction = config.transactional_id.is_some();
    let producer = Producer::open(cluster, config).await?;
    if in_transaction {
        producer.init_transactions().await?;
        producer.begin_transaction()?;
    }
    let (lines, inbox) = mpsc::channel(16);
    tokio::task::spawn_blocking(move || read_lines(io::stdin().lock(), longest, &lines));
    let sent = tokio::select! {
        biased;
        sent = send_all(&producer, &format, inbox) => sent,
        _ = tokio::signal::ctrl_c() => Err(Stop::Interrupted),
    };
    if in_transaction {
        return end(&producer, sent).await;
    }
    // What was read is sent, whatever ended the reading; a second ctrl-c is for those who cannot wait.
    tokio::select! {
        biased;
        () = producer.flush() => {}
        _ = tokio::signal::ctrl_c() => return Err(Stop::Interrupted),
    }
    for delivery in sent? {
        delivery.await?;
    }
    Ok(())
}

/// Commits what was sent, or aborts it if not everything was.
async fn end(producer: &Producer, sent: Result<VecDeque<Delivery>, Stop>) -> Result<(), Stop> {
    let outcome = match sent {
        Ok(_) => match producer.commit_transaction().await {
            Ok(()) => return Ok(()),
            Err(error) => Stop::from(error),
        },
        Err(stop) => stop,
    };
    // If this fails too, the coordinator aborts it when its timeout is over.
    let _ = producer.abort_transaction().await;
    Err(outcome)
}

/// Sends each line until there are no more, or the first failure. What it returns may still fail.
async fn send_all(
    producer: &Producer,
    format: &Format,
    mut inbox: mpsc::Receiver<io::Result<Vec<Bytes>>>,
) -> Result<VecDeque<Delivery>, Stop> {
    let mut unasked: VecDeque<Delivery> = VecDeque::new();
    let mut oldest: Option<<Delivery as IntoFuture>::IntoFuture> = None;
    let mut number: u64 = 0;
    loop {
        if oldest.is_none() {
            oldest = unasked.pop_front().map(Delivery::into_future);
        }
        let read = tokio::select! {
            biased;
            // A failure shows while the next line is awaited.
            Some(fate) = fate(&mut oldest) => {
                fate?;
                oldest = None;
                continue;
            }
            read = inbox.recv(), if unasked.len() < UNASKED => read,
        };
        let Some(read) = read else { break };
        let lines =
            read.map_err(|error| Stop::Failed(format!("cannot read the input: {error}")))?;
        for line in lines {
            number += 1;
            let record = format
                .record(line)
                .map_err(|why| Stop::Failed(format!("line {number}: {why}")))?;
            unasked.push_back(producer.send(record).await?);
        }
    }
    producer.flush().await;
    if let Some(oldest) = oldest {
        oldest.await?;
    }
    Ok(unasked)
}

/// What became of a delivery; `None` at once if there is none.
async fn fate(
    oldest: &mut Option<<Delivery as IntoFuture>::IntoFuture>,
) -> Option<ottla_client::Result<RecordMetadata>> {
    Some(oldest.as_mut()?.await)
}

/// Sends lines without their ends. A last line without one counts too; one that is too long ends it.
fn read_lines(mut from: impl Read, longest: usize, to: &mpsc::Sender<io::Result<Vec<Bytes>>>) {
    let mut rest = BytesMut::new();
    loop {
        let filled = rest.len();
        rest.resize(filled + PIECE, 0);
        let read = match from.read(&mut rest[filled..]) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                rest.truncate(filled);
                continue;
            }
            Err(error) => {
                // Whoever waits for lines may have given up.
                let _ = to.blocking_send(Err(error));
                return;
            }
        };
        rest.truncate(filled + read);
        let mut lines = Vec::new();
        if read == 0 {
            if !rest.is_empty() {
                lines.push(rest.split().freeze());
            }
        } else if let Some(end) = rest[filled..].iter().rposition(|byte| *byte == b'\n') {
            let whole = rest.split_to(filled + end + 1).freeze();
            let mut start = 0;
            for (at, _) in whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n') {
                lines.push(whole.slice(start..at));
                start = at + 1;
            }
        } else if rest.len() > longest {
            let why = format!("a line is longer than the {longest} bytes of max.request.size");
            let _ = to.blocking_send(Err(io::Error::other(why)));
            return;
        }
        if (!lines.is_empty() && to.blocking_send(Ok(lines)).is_err()) || read == 0 {
            return;
        }
    }
}

/// How a line is taken apart: [headers] [key] value.
#[derive(Debug)]
struct Format {
    topic: TopicPartition,
    key_separator: Option<Bytes>,
    null_marker: Option<Bytes>,
    headers: bool,
    /// Between the headers and the rest.
    headers_delimiter: Bytes,
    /// Between headers.
    headers_separator: Bytes,
    /// Between a header's key and its value.
    headers_key_separator: Bytes,
}

impl Default for Format {
    fn default() -> Self {
        Self {
            topic: TopicPartition::new("", -1),
            key_separator: None,
            null_marker: None,
            headers: false,
            headers_delimiter: Bytes::from_static(b"\t"),
            headers_separator: Bytes::from_static(b","),
            headers_key_separator: Bytes::from_static(b":"),
        }
    }
}

impl Format {
    fn record(&self, line: Bytes) -> Result<Record, String> {
        let mut record = Record::to(self.topic.topic.clone());
        record.partition = (self.topic.partition >= 0).then_some(self.topic.partition);
        let mut rest = line;
        if self.headers {
            let (headers, after) = split(&rest, &self.headers_delimiter)
                .ok_or("no end of the headers; see headers.delimiter")?;
            record.headers = self.headers(headers)?;
            rest = after;
        }
        if let Some(separator) = &self.key_separator {
            let (key, value) = split(&rest, separator).ok_or("no key separator in it")?;
            record.key = self.unless_null(key);
            rest = value;
        }
        record.value = self.unless_null(rest);
        Ok(record)
    }

    fn headers(&self, text: Bytes) -> Result<Vec<Header>, String> {
        let mut headers = Vec::new();
        if self.unless_null(text.clone()).is_none() {
            return Ok(headers);
        }
        let mut rest = Some(text);
        while let Some(text) = rest {
            let (header, after) = match split(&text, &self.headers_separator) {
                Some((header, after)) => (header, Some(after)),
                None => (text, None),
            };
            let (key, value) = split(&header, &self.headers_key_separator)
                .ok_or("a header without a value; see headers.key.separator")?;
            headers.push(Header {
                key,
                value: self.unless_null(value),
            });
            rest = after;
        }
        Ok(headers)
    }

    fn unless_null(&self, bytes: Bytes) -> Option<Bytes> {
        (self.null_marker.as_ref() != Some(&bytes)).then_some(bytes)
    }
}

/// What is before and after the first `separator`.
fn split(bytes: &Bytes, separator: &Bytes) -> Option<(Bytes, Bytes)> {
    let at = bytes
        .windows(separator.len().max(1))
        .position(|window| window == separator)?;
    Some((bytes.slice(..at), bytes.slice(at + separator.len()..)))
}

/// One `--property`, by Kafka's name.
fn apply(
    key: &str,
    value: &str,
    config: &mut ProducerConfig,
    format: &mut Format,
) -> Result<(), String> {
    let wrong = || format!("{key}={value}: not a value for it");
    let number = || value.parse::<usize>().map_err(|_| wrong());
    let millis = || {
        value
            .parse()
            .map(Duration::from_millis)
            .map_err(|_| wrong())
    };
    let yes = || value.trim().parse::<bool>().map_err(|_| wrong());
    let text = || Bytes::copy_from_slice(value.as_bytes());
    match key {
        "parse.key" if !yes()? => format.key_separator = None,
        "parse.key" => {
            format
                .key_separator
                .get_or_insert(Bytes::from_static(b"\t"));
        }
        "key.separator" => format.key_separator = Some(text()),
        "null.marker" => format.null_marker = Some(text()),
        "parse.headers" => format.headers = yes()?,
        "headers.delimiter" => format.headers_delimiter = text(),
        "headers.separator" => format.headers_separator = text(),
        "headers.key.separator" => format.headers_key_separator = text(),
        "acks" => {
            config.acks = Acks::parse(value).ok_or_else(wrong)?;
            config.idempotence &= config.acks == Acks::All;
        }
        "enable.idempotence" => config.idempotence = yes()?,
        "compression.type" => config.compression = Codec::from_name(value).ok_or_else(wrong)?,
        "linger.ms" => config.linger = millis()?,
        "batch.size" => config.batch_size = number()?,
        "buffer.memory" => config.buffer_memory = number()?,
        "max.request.size" => config.max_request_size = number()?,
        "max.block.ms" => config.max_block = millis()?,
        "max.in.flight.requests.per.connection" => config.max_in_flight = number()?,
        "request.timeout.ms" => config.replication_timeout = millis()?,
        "delivery.timeout.ms" => config.delivery_timeout = millis()?,
        "transaction.timeout.ms" => config.transaction_timeout = millis()?,
        "transactional.id" => config.transactional_id = Some(value.to_owned()),
        _ => return Err(format!("{key}: no property of this command; see --help")),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(input: &[u8], longest: usize) -> Result<Vec<Vec<u8>>, String> {
        let (to, mut inbox) = mpsc::channel(1_000);
        read_lines(input, longest, &to);
        drop(to);
        let mut all = Vec::new();
        while let Some(read) = inbox.blocking_recv() {
            let read = read.map_err(|error| error.to_string())?;
            all.extend(read.iter().map(|line| line.to_vec()));
        }
        Ok(all)
    }

    #[test]
    fn lines_are_cut_at_newlines_and_nowhere_else() {
        assert_eq!(lines(b"", 9).unwrap(), Vec::<Vec<u8>>::new());
        assert_eq!(
            lines(b"a\n\nb\r\n\xFFc", 9).unwrap(),
            [&b"a"[..], b"", b"b\r", b"\xFFc"]
        );
        let long = [vec![7; 3 * PIECE], b"\nx\n".to_vec()].concat();
        assert_eq!(
            lines(&long, 4 * PIECE).unwrap(),
            [&[7; 3 * PIECE][..], b"x"]
        );
        assert!(
            lines(&long, PIECE)
                .unwrap_err()
                .contains("max.request.size")
        );
    }

    fn format(properties: &[(&str, &str)]) -> Format {
        let mut format = Format::default();
        let mut config = ProducerConfig::default();
        for (key, value) in properties {
            apply(key, value, &mut config, &mut format).unwrap();
        }
        format
    }

    #[test]
    fn a_line_is_headers_key_and_value_as_told() {
        let record = |format: &Format, line: &'static str| format.record(Bytes::from(line));
        let plain = record(&Format::default(), "k\tv").unwrap();
        assert_eq!((plain.key, plain.value), (None, Some(Bytes::from("k\tv"))));
        let keyed = format(&[("parse.key", "true"), ("null.marker", "NULL")]);
        let both = record(&keyed, "k\tv\tw").unwrap();
        assert_eq!(
            (both.key, both.value),
            (Some("k".into()), Some("v\tw".into()))
        );
        let tombstone = record(&keyed, "k\tNULL").unwrap();
        assert_eq!(tombstone.value, None);
        assert!(record(&keyed, "kv").is_err());
        let full = format(&[("parse.headers", "true"), ("key.separator", "=")]);
        let full = record(&full, "a:1,b:\tk=v").unwrap();
        assert_eq!(full.headers.len(), 2);
        assert_eq!(full.headers[1].value, Some(Bytes::new()));
        assert_eq!((full.key, full.value), (Some("k".into()), Some("v".into())));
    }

    #[test]
    fn properties_are_kafkas_and_checked() {
        let mut config = ProducerConfig::default();
        let mut of = |key, value| apply(key, value, &mut config, &mut Format::default());
        of("acks", "1").unwrap();
        of("linger.ms", "7").unwrap();
        assert!(of("linger.ms", "x").is_err() && of("lingerms", "7").is_err());
        assert!(!config.idempotence);
        assert_eq!(config.linger, Duration::from_millis(7));
    }
}
