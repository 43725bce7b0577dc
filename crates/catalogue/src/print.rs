//! Pages as text for a terminal, and the words that every form of them shares.

use std::fmt;

use crate::{Page, Sender, Sent, State};

const WIDTH: usize = 100;
const COLUMN: usize = 12;

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Served => f.write_str("served"),
            Self::NotShown => f.write_str("served, not shown"),
            Self::NotYet(part) => write!(f, "not yet: needs {}", part.name()),
            Self::ClientOnly => f.write_str("client only"),
            Self::Legacy => f.write_str("legacy: never raised by a 4.4 broker"),
        }
    }
}

impl fmt::Display for Sender {
    /// The request and its versions: the level is said once for all that share it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.api.name)?;
        match self.versions {
            None => Ok(()),
            Some((first, last)) if first == last => write!(f, " {first}"),
            Some((first, last)) => write!(f, " {first}-{last}"),
        }
    }
}

impl fmt::Display for Sent {
    /// Whom the code is sent to, e.g. `Produce 3-12, Fetch (partition); JoinGroup (answer)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.by.is_empty() {
            return f.write_str("every request");
        }
        for (at, sender) in self.by.iter().enumerate() {
            let next = self.by.get(at + 1);
            write!(f, "{sender}")?;
            match next {
                Some(next) if next.level == sender.level => f.write_str(", ")?,
                Some(_) => write!(f, " ({}); ", sender.level)?,
                None => write!(f, " ({})", sender.level)?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let info = self.info;
        writeln!(f, "{} {}\n{}\n", info.code.0, info.name, info.meaning)?;
        let class = format!("{}: {}", info.class.name(), info.class.advice());
        row(f, "class", &class)?;
        let retried = match (info.retriable, info.refreshes) {
            (true, true) => "retriable, after metadata or coordinator were looked up again",
            (true, false) => "retriable",
            (false, _) => "not retriable",
        };
        let facts = format!("{retried}; since {}; HTTP {}", info.since, info.http);
        row(f, "", &facts)?;
        row(f, "state", &self.state().to_string())?;
        if !self.also.is_empty() {
            row(f, "also", &self.also.join(", "))?;
        }
        writeln!(f)?;
        row(f, "means", &self.means)?;
        row(f, "client", &self.client)?;
        row(f, "operator", &self.operator)?;
        writeln!(f)?;
        let mut label = "sent by";
        for sent in &self.sent {
            row(f, label, &format!("{sent}: {}", sent.when))?;
            label = "";
        }
        if let Some(never) = self.never {
            row(f, "never", &format!("{}.", never.reason()))?;
        }
        for (name, texts) in [("rule", &self.rules), ("documents", &self.differs)] {
            for text in texts {
                row(f, name, text)?;
            }
        }
        let mut label = "shown by";
        for shown in &self.shown {
            let names: Vec<&str> = shown.requests.iter().map(|api| api.name).collect();
            row(f, label, &format!("{}: {}", shown.test, names.join(", ")))?;
            label = "";
        }
        for waits in &self.waits {
            let names: Vec<&str> = waits.requests.iter().map(|api| api.name).collect();
            row(
                f,
                "waits for",
                &format!("{}: {}", waits.part.name(), names.join(", ")),
            )?;
        }
        for cannot in &self.cannot {
            let names: Vec<&str> = cannot.requests.iter().map(|api| api.name).collect();
            row(
                f,
                "never by",
                &format!("{}: {}", names.join(", "), cannot.why),
            )?;
        }
        Ok(())
    }
}

/// A label, and beside it as many lines as the text needs.
fn row(f: &mut fmt::Formatter<'_>, label: &str, text: &str) -> fmt::Result {
    write!(f, "{label:COLUMN$}")?;
    let mut at = COLUMN;
    for (index, word) in text.split(' ').enumerate() {
        let len = word.chars().count();
        if index > 0 && at + 1 + len > WIDTH {
            write!(f, "\n{:COLUMN$}", "")?;
            at = COLUMN;
        } else if index > 0 {
            f.write_str(" ")?;
            at += 1;
        }
        f.write_str(word)?;
        at += len;
    }
    writeln!(f)
}

#[cfg(test)]
mod tests {
    use ottla_wire::errors::Code;

    use crate::{page, pages};

    #[test]
    fn a_page_says_what_to_do() {
        let text = page(Code::UNKNOWN_TOPIC_OR_PARTITION).unwrap().to_string();
        for part in [
            "3 UNKNOWN_TOPIC_OR_PARTITION\nthis broker ",
            "\nclass       refresh: ",
            "HTTP 404",
            "\nstate       served\n",
            "UnknownTopicOrPartitionException",
            "\nclient      Check the name.",
            "\nsent by     Metadata (topic): ",
            "Produce, Fetch, ListOffsets",
            "\nshown by    ",
        ] {
            assert!(text.contains(part), "{part:?} in\n{text}");
        }
    }

    #[test]
    fn pages_fit_a_terminal() {
        for page in pages() {
            let text = page.to_string();
            let longest = text.lines().map(|line| line.chars().count()).max();
            assert!(longest <= Some(105), "{longest:?} in\n{text}");
            assert!(!text.contains(" \n"), "{text}");
        }
    }

    #[test]
    fn versions_and_levels_are_said() {
        let page = page(Code::GROUP_ID_NOT_FOUND).unwrap();
        let sent: Vec<String> = page.sent.iter().map(ToString::to_string).collect();
        assert!(
            sent[0].contains("DeleteGroups (group); OffsetDelete (answer)"),
            "{sent:?}"
        );
        assert!(sent[1].starts_with("DescribeGroups 6, "), "{sent:?}");
        assert!(
            sent[2].starts_with("OffsetCommit 9-10 (partition)"),
            "{sent:?}"
        );
    }
}
