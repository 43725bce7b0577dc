//! `ottla consume`: the records of a topic to standard output, byte for byte.

use std::{io::Write, time::Duration};

use ottla_client::{
    Cluster, Consumer, ConsumerConfig, ConsumerRecord, Isolation, OffsetReset, Start,
    TopicPartition,
};
use ottla_wire::records::TimestampType;
use tokio::time::Instant;

use crate::output::{self, Stop};

/// How long one wait for records may take before the time limit is looked at.
const TURN: Duration = Duration::from_millis(500);

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The topic
    topic: String,
    /// A partition; all if not given; may be repeated
    #[arg(long, value_parser = clap::value_parser!(i32).range(0..))]
    partition: Vec<i32>,
    /// Begin with the oldest record
    #[arg(long, group = "start")]
    from_beginning: bool,
    /// Begin at an offset: a number, earliest or latest
    #[arg(long, group = "start", value_parser = parse_offset)]
    offset: Option<Start>,
    /// Begin with the first record that is not older, in milliseconds since 1970
    #[arg(long, group = "start", value_name = "MS", value_parser = clap::value_parser!(i64).range(0..))]
    timestamp: Option<i64>,
    /// Stop after so many records
    #[arg(long, value_name = "N")]
    max_messages: Option<u64>,
    /// Stop when no record came for so long
    #[arg(long, value_name = "MS")]
    timeout_ms: Option<u64>,
    /// Leave out records of transactions that are not committed
    #[arg(long)]
    read_committed: bool,
    /// What to print of a record; it comes in the order below
    #[arg(long, value_delimiter = ',', default_value = "value")]
    print: Vec<Part>,
    /// What is between the parts of a record
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "\t",
        hide_default_value = true
    )]
    key_separator: String,
    /// What is after each record
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "\n",
        hide_default_value = true
    )]
    line_separator: String,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, clap::ValueEnum)]
enum Part {
    Timestamp,
    Partition,
    Offset,
    Epoch,
    Headers,
    Key,
    Value,
}

fn parse_offset(text: &str) -> Result<Start, String> {
    match text {
        "earliest" => Ok(Start::Earliest),
        "latest" => Ok(Start::Latest),
        number => match number.parse() {
            Ok(offset) if offset >= 0 => Ok(Start::Offset(offset)),
            _ => Err("write a number from 0, earliest or latest".into()),
        },
    }
}

pub(crate) async fn run(args: Args, cluster: Cluster) -> Result<(), Stop> {
    let start = match (args.from_beginning, args.offset, args.timestamp) {
        (true, ..) => Start::Earliest,
        (_, Some(start), _) => start,
        (_, _, Some(at)) => Start::Timestamp(at),
        _ => Start::Latest,
    };
    let config = ConsumerConfig {
        isolation: if args.read_committed {
            Isolation::ReadCommitted
        } else {
            Isolation::ReadUncommitted
        },
        offset_reset: match start {
            Start::Offset(_) => OffsetReset::Fail,
            Start::Latest => OffsetReset::Latest,
            _ => OffsetReset::Earliest,
        },
        ..ConsumerConfig::default()
    };
    let partitions = partitions(&cluster, &args).await?;
    let starts: Vec<_> = partitions.into_iter().map(|at| (at, start)).collect();
    let mut consumer = Consumer::new(cluster, config);
    consumer.assign(&starts).await?;
    let layout = Layout::new(&args);
    let mut left = args.max_messages.unwrap_or(u64::MAX);
    let patience = args.timeout_ms.map(Duration::from_millis);
    let mut last = Instant::now();
    while left > 0 {
        let records = consumer
            .poll(patience.map_or(TURN, |patience| patience.min(TURN)))
            .await?;
        if records.is_empty() {
            if patience.is_some_and(|patience| last.elapsed() >= patience) {
                break;
            }
            continue;
        }
        // Standard output is locked no longer than it is written to: the wait for records may end by ctrl-c.
        let mut to = output::stdout();
        for record in &records {
            if left == 0 {
                break;
            }
            layout.write(&mut to, record)?;
            left -= 1;
        }
        to.flush()?;
        last = Instant::now();
    }
    Ok(())
}

async fn partitions(cluster: &Cluster, args: &Args) -> Result<Vec<TopicPartition>, Stop> {
    let deadline = Instant::now() + cluster.config().api_timeout;
    let topic = cluster.topic(&args.topic, false, deadline).await?;
    if let Some(missing) = args
        .partition
        .iter()
        .find(|index| topic.partition(**index).is_none())
    {
        return Err(Stop::Failed(format!(
            "topic {} has no partition {missing}: it has {}, numbered from 0",
            topic.name,
            topic.partitions.len()
        )));
    }
    let all = topic.partitions.iter().map(|partition| partition.index);
    Ok(all
        .filter(|index| args.partition.is_empty() || args.partition.contains(index))
        .map(|index| TopicPartition::new(topic.name.clone(), index))
        .collect())
}

/// How a record is printed: its parts in the order of Kafka's console consumer.
struct Layout<'a> {
    parts: Vec<Part>,
    separator: &'a [u8],
    end: &'a [u8],
}

impl<'a> Layout<'a> {
    fn new(args: &'a Args) -> Self {
        let mut parts = args.print.clone();
        if !parts.contains(&Part::Value) {
            parts.push(Part::Value);
        }
        parts.sort();
        parts.dedup();
        Self {
            parts,
            separator: args.key_separator.as_bytes(),
            end: args.line_separator.as_bytes(),
        }
    }

    fn write(&self, to: &mut impl Write, record: &ConsumerRecord) -> std::io::Result<()> {
        for (place, part) in self.parts.iter().enumerate() {
            if place > 0 {
                to.write_all(self.separator)?;
            }
            match part {
                Part::Timestamp => write_timestamp(to, record)?,
                Part::Partition => write!(to, "Partition:{}", record.at.partition)?,
                Part::Offset => write!(to, "Offset:{}", record.offset)?,
                Part::Epoch => write!(to, "Epoch:{}", record.leader_epoch)?,
                Part::Headers => write_headers(to, record)?,
                Part::Key => to.write_all(record.key.as_deref().unwrap_or(b"null"))?,
                Part::Value => to.write_all(record.value.as_deref().unwrap_or(b"null"))?,
            }
        }
        to.write_all(self.end)
    }
}

fn write_timestamp(to: &mut impl Write, record: &ConsumerRecord) -> std::io::Result<()> {
    match record.timestamp_type {
        TimestampType::CreateTime => write!(to, "CreateTime:{}", record.timestamp),
        TimestampType::LogAppendTime => write!(to, "LogAppendTime:{}", record.timestamp),
    }
}

fn write_headers(to: &mut impl Write, record: &ConsumerRecord) -> std::io::Result<()> {
    if record.headers.is_empty() {
        return to.write_all(b"NO_HEADERS");
    }
    for (place, header) in record.headers.iter().enumerate() {
        if place > 0 {
            to.write_all(b",")?;
        }
        to.write_all(&header.key)?;
        to.write_all(b":")?;
        to.write_all(header.value.as_deref().unwrap_or(b"null"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use ottla_wire::records::Header;

    use super::*;

    fn printed(parts: &[Part], value: Option<&'static [u8]>) -> Vec<u8> {
        let header = |key: &'static str, value| Header {
            key: Bytes::from(key),
            value,
        };
        let record = ConsumerRecord {
            at: TopicPartition::new("t", 3),
            offset: 7,
            timestamp: 99,
            timestamp_type: TimestampType::CreateTime,
            leader_epoch: 5,
            key: None,
            value: value.map(Bytes::from_static),
            headers: vec![header("a", Some("1".into())), header("b", None)],
        };
        let layout = Layout {
            parts: parts.to_vec(),
            separator: b"\t",
            end: b"\n",
        };
        let mut to = Vec::new();
        layout.write(&mut to, &record).unwrap();
        to
    }

    #[test]
    fn a_value_is_printed_byte_for_byte() {
        assert_eq!(printed(&[Part::Value], Some(b"\xFF\0x")), b"\xFF\0x\n");
        assert_eq!(printed(&[Part::Value], None), b"null\n");
    }

    #[test]
    fn parts_are_printed_as_the_console_consumer_does() {
        use Part::*;
        let all = [Timestamp, Partition, Offset, Epoch, Headers, Key, Value];
        assert_eq!(
            String::from_utf8(printed(&all, Some(b"v"))).unwrap(),
            "CreateTime:99\tPartition:3\tOffset:7\tEpoch:5\ta:1,b:null\tnull\tv\n"
        );
    }

    #[test]
    fn offsets_are_numbers_or_ends() {
        assert_eq!(parse_offset("earliest"), Ok(Start::Earliest));
        assert_eq!(parse_offset("12"), Ok(Start::Offset(12)));
        assert!(parse_offset("-1").is_err());
    }
}
