//! `ottla errors`: the list of error codes, filtered, as a table, JSON or the reference in Markdown.

use std::io::Write;

use ottla_catalogue::{self as catalogue, Page, State};
use ottla_wire::{
    apis::{self, Api},
    errors::Class,
};
use serde_json::{Value, json};

use super::explain;
use crate::output::{self, Stop};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only codes that ask the caller for this
    #[arg(long, value_parser = Class::ALL.map(Class::name))]
    class: Option<String>,
    /// Only codes that a request may be answered with, without those that all may
    #[arg(long, value_name = "NAME|KEY", value_parser = request)]
    request: Option<&'static Api>,
    /// Only codes that have come this far
    #[arg(long, value_parser = State::WORDS)]
    state: Option<String>,
    /// Only codes after which the same may be tried again
    #[arg(long)]
    retriable: bool,
    /// Print JSON: the pages whole, and the counts
    #[arg(long)]
    json: bool,
    /// Print docs/reference/errors.md, which has all codes
    #[arg(long, conflicts_with_all = ["json", "class", "request", "state", "retriable"])]
    markdown: bool,
}

pub(super) fn request(text: &str) -> Result<&'static Api, String> {
    let wanted = text.strip_suffix("Request").unwrap_or(text);
    let same = |api: &&Api| match wanted.parse::<i16>() {
        Ok(key) => api.key == key,
        Err(_) => api.name.eq_ignore_ascii_case(wanted),
    };
    let found = apis::all().iter().find(same);
    found.ok_or_else(|| "no request of Apache Kafka 4.4 has this name or key".to_owned())
}

impl Args {
    fn admits(&self, page: &Page) -> bool {
        let class = self.class.as_deref();
        let state = self.state.as_deref();
        class.is_none_or(|class| class == page.info.class.name())
            && state.is_none_or(|state| state == page.state().word())
            && self.request.is_none_or(|api| page.names(api))
            && (!self.retriable || page.info.retriable)
    }
}

pub(crate) fn run(args: &Args) -> Result<(), Stop> {
    let mut to = output::stdout();
    if args.markdown {
        to.write_all(catalogue::reference().as_bytes())?;
        to.flush()?;
        return Ok(());
    }
    let pages: Vec<&Page> = catalogue::pages()
        .iter()
        .filter(|page| args.admits(page))
        .collect();
    let counts = State::WORDS.map(|word| {
        let there = pages.iter().filter(|page| page.state().word() == word);
        (word, there.count())
    });
    if args.json {
        let all: Value = pages.iter().map(|page| explain::object(page)).collect();
        let counts: serde_json::Map<String, Value> = counts
            .iter()
            .map(|(word, count)| ((*word).to_owned(), json!(count)))
            .collect();
        writeln!(to, "{:#}", json!({"errors": all, "counts": counts}))?;
    } else {
        table(&mut to, &pages)?;
        let counts = counts.map(|(word, count)| format!("{count} {word}"));
        writeln!(to, "\n{} codes: {}", pages.len(), counts.join(", "))?;
    }
    to.flush()?;
    Ok(())
}

fn table(to: &mut impl Write, pages: &[&Page]) -> std::io::Result<()> {
    let longest = pages.iter().map(|page| page.info.name.len()).max();
    let name = longest.unwrap_or(0).max("NAME".len());
    writeln!(
        to,
        "CODE {:name$}  {:8} {:9} {:7} {:8} STATE",
        "NAME", "CLASS", "RETRIABLE", "REFRESH", "SINCE"
    )?;
    let yes = |is| if is { "yes" } else { "-" };
    for page in pages {
        let info = page.info;
        writeln!(
            to,
            "{:4} {:name$}  {:8} {:9} {:7} {:8} {}",
            info.code.0,
            info.name,
            info.class.name(),
            yes(info.retriable),
            yes(info.refreshes),
            info.since,
            page.state()
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_known_by_name_and_key() {
        for text in ["Fetch", "fetch", "FetchRequest", "1"] {
            assert_eq!(request(text).unwrap().key, 1, "{text}");
        }
        for text in ["", "Fetched", "-1", "95", "99999999"] {
            assert!(request(text).is_err(), "{text}");
        }
    }
}
