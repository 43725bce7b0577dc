//! `ottla why`: what the node on this machine refused, to whom, and why; live, filtered, or counted.

mod entry;
mod filter;

use std::io::Write;

use entry::Entry;
use filter::{Filter, since};
use ottla_broker::clock;
use ottla_rest::{NoAnswer, get, nodes};
use ottla_wire::{apis::Api, errors::Code};

use crate::output::{self, Stop};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only refusals of this client id
    #[arg(long, value_name = "ID")]
    client: Option<String>,
    /// Only refusals about this topic
    #[arg(long)]
    topic: Option<String>,
    /// Only refusals about this group
    #[arg(long)]
    group: Option<String>,
    /// Only this error code, by name or number
    #[arg(long, value_name = "NAME|NUMBER", value_parser = code, allow_negative_numbers = true)]
    code: Option<Code>,
    /// Only answers to this request
    #[arg(long, value_name = "NAME|KEY", value_parser = super::errors::request)]
    request: Option<&'static Api>,
    /// Only refusals within this time, e.g. 90s, 10m, 2h, 1d
    #[arg(long, value_name = "TIME", value_parser = since)]
    since: Option<i64>,
    /// Also those that are part of how Kafka works, e.g. while a group rebalances
    #[arg(long)]
    all: bool,
    /// At most so many, the latest
    #[arg(short = 'n', long, value_name = "NUMBER", default_value_t = 20)]
    last: usize,
    /// Go on with what comes, until Ctrl-C
    #[arg(short, long)]
    follow: bool,
    /// Print JSON, a line for each refusal
    #[arg(long)]
    json: bool,
    /// Print how often each request was answered with each code since the node's start, NONE included
    #[arg(long, conflicts_with_all = ["follow", "since", "client", "topic", "group", "last"])]
    counts: bool,
    /// Print the counters for Prometheus
    #[arg(long, conflicts_with_all = [
        "counts", "json", "follow", "since", "client", "topic", "group", "code", "request", "last"
    ])]
    prometheus: bool,
}

fn code(text: &str) -> Result<Code, String> {
    let code = match text.parse() {
        Ok(number) => Some(Code(number)),
        Err(_) => Code::named(&text.to_ascii_uppercase()),
    };
    code.ok_or_else(|| "no error code of Apache Kafka 4.4 has this name".to_owned())
}

/// Runs it against the node that listens on the port of the first bootstrap server.
pub(crate) async fn run(args: Args, bootstrap_server: &str) -> Result<(), Stop> {
    let port = port(bootstrap_server)?;
    let ask = |target| async move {
        let answer = get(port, target).await;
        answer.map_err(|why| not_found(port, &why))
    };
    if args.prometheus {
        let mut answer = ask("/metrics").await?;
        let mut to = output::stdout();
        while let Some(line) = answer.line().await.map_err(|why| not_found(port, &why))? {
            writeln!(to, "{line}")?;
        }
        return Ok(to.flush()?);
    }
    if args.counts {
        let mut answer = ask("/v3/answers").await?;
        let mut lines = Vec::new();
        while let Some(line) = answer.line().await.map_err(|why| not_found(port, &why))? {
            lines.push(line);
        }
        return counts(&args, &lines);
    }
    let mut filter = Filter::new(&args, clock::wall_ms());
    let mut before = ask("/v3/refusals").await?;
    let mut found: Vec<Entry> = Vec::new();
    let (mut last, mut hidden) = (0, 0);
    while let Some(line) = before.line().await.map_err(|why| not_found(port, &why))? {
        let entry = Entry::read(line)?;
        last = entry.number;
        match filter.admits(&entry) {
            true => found.push(entry),
            false => hidden += u64::from(filter.hides(&entry)),
        }
    }
    show(&args, &found, hidden)?;
    if !args.follow {
        return Ok(());
    }
    filter.forget_since();
    let target = format!("/v3/refusals?after={last}&follow");
    let mut next = get(port, &target)
        .await
        .map_err(|why| not_found(port, &why))?;
    while let Some(line) = next.line().await.map_err(|why| not_found(port, &why))? {
        let entry = Entry::read(line)?;
        if filter.admits(&entry) {
            let mut to = output::stdout();
            entry.print(&mut to, args.json)?;
            to.flush()?;
        }
    }
    Err(Stop::Failed("the node has ended".to_owned()))
}

fn show(args: &Args, found: &[Entry], hidden: u64) -> Result<(), Stop> {
    let mut to = output::stdout();
    let shown = &found[found.len().saturating_sub(args.last)..];
    for entry in shown {
        entry.print(&mut to, args.json)?;
    }
    to.flush()?;
    if args.json || args.follow {
        return Ok(());
    }
    if shown.is_empty() {
        output::complain("nothing of this kind was refused since the node started");
    }
    let earlier = found.len() - shown.len();
    if earlier > 0 {
        output::complain(&format!(
            "{earlier} earlier ones are not shown: -n {}",
            found.len()
        ));
    }
    if hidden > 0 {
        output::complain(&format!(
            "{hidden} ordinary ones are not shown, as they come while all is well: --all"
        ));
    }
    Ok(())
}

fn counts(args: &Args, lines: &[String]) -> Result<(), Stop> {
    let mut to = output::stdout();
    if !args.json {
        writeln!(to, "{:32} {:38} {:>12}", "REQUEST", "CODE", "COUNT")?;
    }
    for line in lines {
        let count: serde_json::Value = serde_json::from_str(line)
            .map_err(|error| Stop::Failed(format!("the node's answer: {error}")))?;
        let key = count["key"].as_i64();
        let code = count["code"].as_i64();
        let other = args.request.is_some_and(|api| key != Some(api.key.into()))
            || args.code.is_some_and(|of| code != Some(of.0.into()));
        if other {
            continue;
        }
        if args.json {
            writeln!(to, "{line}")?;
            continue;
        }
        let text = |name: &str| count[name].as_str().unwrap_or_default().to_owned();
        let times = count["count"].as_u64().unwrap_or_default();
        writeln!(
            to,
            "{:32} {:38} {times:>12}",
            text("request"),
            text("error")
        )?;
    }
    Ok(to.flush()?)
}

/// The port of the first of them.
fn port(bootstrap_server: &str) -> Result<u16, Stop> {
    let first = bootstrap_server.split(',').next().unwrap_or_default();
    let port = first.trim().rsplit_once(':').map(|(_, port)| port.parse());
    match port {
        Some(Ok(port)) => Ok(port),
        _ => Err(Stop::Unable(format!(
            "--bootstrap-server {bootstrap_server}: write HOST:PORT, as clients of the node do"
        ))),
    }
}

/// What to do when the node does not answer.
fn not_found(port: u16, why: &NoAnswer) -> Stop {
    let text = match why {
        NoAnswer::NoNode => {
            let there = nodes();
            let there: Vec<_> = there.iter().map(u16::to_string).collect();
            let hint = match there.as_slice() {
                [] => "no node of Ottla runs on this machine, or it runs in another container: run this where the node \
                       runs (docker exec, kubectl exec), as the same user"
                    .to_owned(),
                ports => format!(
                    "nodes of this machine have port {}: ottla why --bootstrap-server 127.0.0.1:{}",
                    ports.join(", "),
                    ports[0]
                ),
            };
            format!("no node of Ottla has port {port} here; {hint}")
        }
        NoAnswer::Stranger => format!(
            "the node with port {port} runs as another user, and tells its journal to its own only: run this as that \
             user, or as root"
        ),
        other => format!("port {port}: {other}"),
    };
    Stop::Unable(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_that_of_the_first_server() {
        for (text, expected) in [
            ("127.0.0.1:9092", Some(9092)),
            ("[::1]:19092,b:1", Some(19092)),
            (" host:1 ", Some(1)),
            ("host", None),
            ("host:", None),
            ("host:99999", None),
            ("", None),
        ] {
            assert_eq!(port(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn codes_are_known_by_name_and_number() {
        for text in ["3", "unknown_topic_or_partition"] {
            assert_eq!(code(text), Ok(Code::UNKNOWN_TOPIC_OR_PARTITION));
        }
        assert!(code("frobnicated").is_err());
    }
}
