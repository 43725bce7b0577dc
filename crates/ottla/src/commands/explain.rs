//! `ottla explain`: what an error code means, found by number, name, a line of a log or words.

use std::io::Write;

use ottla_catalogue::{self as catalogue, Found, Page, Sent};
use ottla_wire::Code;
use serde_json::{Value, json};

use crate::output::{self, Stop};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A code, a name of it in any client, a line of a log, or words that describe it
    #[arg(
        required = true,
        value_name = "CODE|NAME|TEXT",
        allow_hyphen_values = true,
        trailing_var_arg = true
    )]
    text: Vec<String>,
    /// Print JSON: one array, best first
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Result<(), Stop> {
    let text = args.text.join(" ");
    let codes = match catalogue::find(&text) {
        Found::One(code) => vec![code],
        Found::Several(codes) => codes,
        Found::Nothing(nearest) => {
            let names: Vec<String> = named(&nearest).collect();
            let nearest = names.join(", ");
            return Err(Stop::Failed(format!(
                "no error code is {text:?}; the nearest are {nearest}"
            )));
        }
    };
    let pages: Vec<&Page> = codes
        .iter()
        .filter_map(|code| catalogue::page(*code))
        .collect();
    let mut to = output::stdout();
    match pages[..] {
        _ if args.json => {
            let all: Value = pages.iter().map(|page| object(page)).collect();
            writeln!(to, "{all:#}")?;
        }
        [page] => write!(to, "{page}")?,
        _ => {
            for page in &pages {
                writeln!(
                    to,
                    "{:>4} {}: {}",
                    page.info.code.0, page.info.name, page.info.meaning
                )?;
            }
            writeln!(to, "\n`ottla explain CODE` says more of one.")?;
        }
    }
    to.flush()?;
    Ok(())
}

fn named(codes: &[Code]) -> impl Iterator<Item = String> {
    codes.iter().map(|code| format!("{code} ({})", code.0))
}

/// A page as JSON.
pub(crate) fn object(page: &Page) -> Value {
    let info = page.info;
    let shown: Value = page
        .shown
        .iter()
        .map(|shown| {
            let requests: Vec<&str> = shown.requests.iter().map(|api| api.name).collect();
            json!({"test": shown.test, "requests": requests})
        })
        .collect();
    let names =
        |of: &[&ottla_wire::apis::Api]| -> Value { of.iter().map(|api| api.name).collect() };
    let waits = page.waits.iter();
    let waits = waits.map(|of| json!({"for": of.part.name(), "requests": names(&of.requests)}));
    let cannot = page.cannot.iter();
    let cannot = cannot.map(|of| json!({"requests": names(&of.requests), "why": of.why}));
    json!({
        "code": info.code.0,
        "name": info.name,
        "meaning": info.meaning,
        "class": info.class.name(),
        "retriable": info.retriable,
        "refreshes": info.refreshes,
        "http": info.http,
        "since": info.since,
        "state": page.state().word(),
        "state_text": page.state().to_string(),
        "also": page.also,
        "means": page.means,
        "client": page.client,
        "operator": page.operator,
        "sent": page.sent.iter().map(condition).collect::<Value>(),
        "rules": page.rules,
        "documents_differ": page.differs,
        "shown_by": shown,
        "waits": waits.collect::<Value>(),
        "never_by": cannot.collect::<Value>(),
    })
}

fn condition(sent: &Sent) -> Value {
    let requests: Value = sent
        .by
        .iter()
        .map(|sender| {
            let (first, last) = sender
                .versions
                .unwrap_or((sender.api.first, sender.api.last));
            json!({
                "request": sender.api.name,
                "key": sender.api.key,
                "first_version": first,
                "last_version": last,
                "level": sender.level,
            })
        })
        .collect();
    json!({"every_request": sent.by.is_empty(), "requests": requests, "when": sent.when})
}
