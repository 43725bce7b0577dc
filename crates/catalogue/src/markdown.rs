//! The reference of all codes as Markdown, printed from the table and the pages.

use std::fmt::Write;

use ottla_wire::errors::Class;

use crate::{Page, PairState, Part, count, pages, pairs};

/// The text of `docs/reference/errors.md`.
pub fn reference() -> String {
    let mut out = String::from(
        "# Error codes\n\n\
         Printed from `crates/wire/src/errors.rs` and `crates/catalogue/pages`, as `ottla errors --markdown` does; a test \
         keeps it so: `UPDATE_DOCS=1 cargo test -p ottla-catalogue` writes it anew. `ottla explain CODE` \
         shows one page; it also takes names, those of exceptions, and lines of a log.\n\n\
         Apache Kafka 4.4 decides what a code means and when it is sent; where documents say otherwise, the page says so.\n\n\
         ## States\n\n| state | codes | says |\n|---|---|---|\n",
    );
    for ((word, count), says) in count().iter().zip([
        "requests that are served answer it, and a test over TCP shows it",
        "requests that are served can answer it; no test shows it",
        "it waits for a part that does not exist yet",
        "clients make it up; it is in no answer",
        "no broker of 4.4 sends it, and Ottla neither",
    ]) {
        let _ = writeln!(out, "| {word} | {count} | {says} |");
    }
    let _ = writeln!(out, "| all | {} | |", pages().len());
    requests_and_codes(&mut out);
    out.push_str(
        "\nThe tests are in `tests/interop/tests`; most of them send the same to Apache Kafka 4.4 and compare.\n\n\
         ## Classes\n\n| class | asks the caller to |\n|---|---|\n",
    );
    for class in Class::ALL {
        let _ = writeln!(out, "| {} | {} |", class.name(), class.advice());
    }
    out.push_str(
        "\n## Codes\n\nRetriable and refresh are what Apache Kafka's Java client does: try again, and look up again who leads \
         or coordinates before. HTTP is the status of a REST call that fails with the code.\n\n\
         | code | name | class | retriable | refresh | HTTP | since | state |\n|---|---|---|---|---|---|---|---|\n",
    );
    for page in pages() {
        row(&mut out, page);
    }
    out.push_str("\n## Pages\n");
    for page in pages() {
        section(&mut out, page);
    }
    out
}

/// How many pairs of a request and a code are in each state.
fn requests_and_codes(out: &mut String) {
    out.push_str(
        "\nMost codes are answered to several requests. Of the codes that are served, each with each of the requests that are \
         said to answer it:\n\n| request and code | pairs | says |\n|---|---|---|\n",
    );
    let pairs = pairs();
    let mut line = |word: &str, state: PairState, says: &str| {
        let count = pairs.iter().filter(|(.., of)| *of == state).count();
        if count > 0 {
            let _ = writeln!(out, "| {word} | {count} | {says} |");
        }
    };
    line("shown", PairState::Shown, "a test over TCP shows it");
    line(
        "not shown",
        PairState::NotShown,
        "no test shows it yet, or the request is not served yet",
    );
    for (part, word, says) in Part::ALL {
        line(
            &format!("waits: {word}"),
            PairState::Waits(part),
            &format!("it waits for {says}"),
        );
    }
    line(
        "never",
        PairState::Never,
        "documents say it, and Apache Kafka 4.4 never does: the page says why",
    );
    let _ = writeln!(out, "| all | {} | |", pairs.len());
}

fn row(out: &mut String, page: &Page) {
    let info = page.info;
    let yes = |is| if is { "yes" } else { "" };
    let _ = writeln!(
        out,
        "| {} | [{}](#{}) | {} | {} | {} | {} | {} | {} |",
        info.code.0,
        info.name,
        anchor(page),
        info.class.name(),
        yes(info.retriable),
        yes(info.refreshes),
        info.http,
        info.since,
        page.state(),
    );
}

fn title(page: &Page) -> String {
    format!("{} {}", page.info.code.0, page.info.name)
}

/// As Markdown's readers make it of a title.
fn anchor(page: &Page) -> String {
    title(page).to_lowercase().replace(' ', "-")
}

fn section(out: &mut String, page: &Page) {
    let _ = write!(
        out,
        "\n### {}\n\n{} *State: {}.*\n\n- **Client:** {}\n- **Operator:** {}\n",
        title(page),
        escaped(&page.means),
        page.state(),
        escaped(&page.client),
        escaped(&page.operator)
    );
    for sent in &page.sent {
        let _ = writeln!(out, "- **Sent by** {sent}: {}", escaped(&sent.when));
    }
    if let Some(never) = page.never {
        let _ = writeln!(out, "- **Never:** {}.", never.reason());
    }
    for rule in &page.rules {
        let _ = writeln!(out, "- **Versions:** {}", escaped(rule));
    }
    for differs in &page.differs {
        let _ = writeln!(out, "- **Documents:** {}", escaped(differs));
    }
    for shown in &page.shown {
        let names: Vec<&str> = shown.requests.iter().map(|api| api.name).collect();
        let _ = writeln!(out, "- **Shown by** `{}`: {}", shown.test, names.join(", "));
    }
    for waits in &page.waits {
        let names: Vec<&str> = waits.requests.iter().map(|api| api.name).collect();
        let _ = writeln!(
            out,
            "- **Waits** for {}: {}",
            waits.part.name(),
            names.join(", ")
        );
    }
    for cannot in &page.cannot {
        let names: Vec<&str> = cannot.requests.iter().map(|api| api.name).collect();
        let _ = writeln!(
            out,
            "- **Never by** {}: {}",
            names.join(", "),
            escaped(&cannot.why)
        );
    }
    if !page.also.is_empty() {
        let names: Vec<String> = page.also.iter().map(|name| format!("`{name}`")).collect();
        let _ = writeln!(out, "- **Also** {}", names.join(", "));
    }
}

/// Underscores and stars of names are not to become emphasis.
fn escaped(text: &str) -> String {
    text.replace('_', "\\_").replace('*', "\\*")
}
