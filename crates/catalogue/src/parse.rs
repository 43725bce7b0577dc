//! From the text of the pages to pages: whatever the notation does not have is an error.

use ottla_wire::{
    apis::{self, Api},
    errors::Code,
};

use crate::{Cannot, LEVELS, Never, Page, Part, Sender, Sent, Shown, Waits};

/// The pages of all files, by code.
///
/// # Errors
/// What is wrong, and on which page.
pub(super) fn pages(files: &[&str]) -> Result<Vec<Page>, String> {
    let mut pages = Vec::new();
    for file in files {
        for text in blocks(file) {
            let mut lines = text.into_iter();
            let title = lines.next().unwrap_or_default();
            pages.push(page(&title, lines).map_err(|why| format!("{title}: {why}"))?);
        }
    }
    pages.sort_by_key(|page| page.info.code);
    for (page, info) in pages.iter().zip(Code::TABLE) {
        if page.info != info {
            return Err(format!("the page of {} is missing or twice", info.name));
        }
    }
    match pages.len() == Code::TABLE.len() {
        true => Ok(pages),
        false => Err(format!("{} pages", pages.len())),
    }
}

/// The pages of a file as lines, further lines joined to those that they belong to. Comments are left out.
fn blocks(file: &str) -> Vec<Vec<String>> {
    let mut blocks: Vec<Vec<String>> = Vec::new();
    let mut begin = true;
    for line in file.lines().filter(|line| !line.starts_with('#')) {
        if line.is_empty() {
            begin = true;
        } else if begin {
            blocks.push(vec![line.to_owned()]);
            begin = false;
        } else if let Some(block) = blocks.last_mut() {
            match (line.strip_prefix("  "), block.last_mut()) {
                (Some(more), Some(last)) => {
                    last.push(' ');
                    last.push_str(more);
                }
                _ => block.push(line.to_owned()),
            }
        }
    }
    blocks
}

fn page(title: &str, lines: impl Iterator<Item = String>) -> Result<Page, String> {
    let (number, name) = title.split_once(' ').ok_or("a code and a name")?;
    let code = number.parse().map_err(|_| "a code")?;
    let info = Code(code)
        .info()
        .filter(|info| info.name == name)
        .ok_or("no such row in the table")?;
    let mut page = Page {
        info,
        also: Vec::new(),
        means: String::new(),
        client: String::new(),
        operator: String::new(),
        sent: Vec::new(),
        rules: Vec::new(),
        differs: Vec::new(),
        shown: Vec::new(),
        waits: Vec::new(),
        cannot: Vec::new(),
        needs: None,
        never: None,
    };
    for line in lines {
        let (field, value) = line.split_once(": ").ok_or(format!("no field: {line}"))?;
        let text = value.to_owned();
        match field {
            "also" => page.also = value.split(", ").map(str::to_owned).collect(),
            "means" => page.means = text,
            "client" => page.client = text,
            "operator" => page.operator = text,
            "sent" => page.sent.push(sent(value)?),
            "rule" => page.rules.push(text),
            "differs" => page.differs.push(text),
            "shown" => page.shown.push(shown(value)?),
            "waits" => page.waits.push(waits(value)?),
            "cannot" => page.cannot.push(cannot(value)?),
            "needs" => page.needs = Some(part(value)?),
            "never" => {
                let never = Never::ALL.iter().find(|(_, word)| *word == value);
                page.never = Some(never.ok_or(format!("no reason: {value}"))?.0);
            }
            _ => return Err(format!("no field: {field}")),
        }
    }
    Ok(page)
}

fn sent(value: &str) -> Result<Sent, String> {
    let (senders, when) = value.split_once(" | ").ok_or("no condition")?;
    let by: Result<Vec<Sender>, String> = match senders {
        "every request" => Ok(Vec::new()),
        named => named.split(", ").map(sender).collect(),
    };
    Ok(Sent {
        by: by?,
        when: when.to_owned(),
    })
}

fn sender(text: &str) -> Result<Sender, String> {
    let wrong = |what: &str| format!("{text}: {what}");
    let (request, level) = text.split_once('/').ok_or(wrong("no level"))?;
    let level = LEVELS
        .into_iter()
        .find(|known| *known == level)
        .ok_or(wrong("no such level"))?;
    let (name, versions) = match request.split_once(':') {
        Some((name, range)) => (name, Some(range)),
        None => (request, None),
    };
    let api = request_named(name)?;
    let versions = versions
        .map(|range| {
            let (first, last) = range.split_once('-')?;
            let range = (first.parse().ok()?, last.parse().ok()?);
            let is_part = range.0 <= range.1 && range.0 >= api.first && range.1 <= api.last;
            is_part.then_some(range)
        })
        .map(|range| range.ok_or(wrong("no range of its versions")))
        .transpose()?;
    Ok(Sender {
        api,
        // All versions need not be said.
        versions: versions.filter(|range| *range != (api.first, api.last)),
        level,
    })
}

fn part(word: &str) -> Result<Part, String> {
    let part = Part::ALL.iter().find(|(_, known, _)| *known == word);
    Ok(part.ok_or(format!("no part: {word}"))?.0)
}

fn waits(value: &str) -> Result<Waits, String> {
    let (word, requests) = value.split_once(" | ").ok_or("no requests")?;
    let requests: Result<_, _> = requests.split(", ").map(request_named).collect();
    Ok(Waits {
        part: part(word)?,
        requests: requests?,
    })
}

fn cannot(value: &str) -> Result<Cannot, String> {
    let (requests, why) = value.split_once(" | ").ok_or("no reason")?;
    let requests: Result<_, _> = requests.split(", ").map(request_named).collect();
    Ok(Cannot {
        requests: requests?,
        why: why.to_owned(),
    })
}

fn shown(value: &str) -> Result<Shown, String> {
    let (test, requests) = value.split_once(" | ").ok_or("no requests")?;
    let requests: Result<_, _> = requests.split(", ").map(request_named).collect();
    Ok(Shown {
        test: test.to_owned(),
        requests: requests?,
    })
}

fn request_named(name: &str) -> Result<&'static Api, String> {
    apis::by_name(name).ok_or(format!("no such request: {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Result<Page, String> {
        let mut lines = blocks(text).remove(0).into_iter();
        let title = lines.next().unwrap();
        page(&title, lines)
    }

    #[test]
    fn a_page_is_read_as_it_is_written() {
        let page = one(
            "# A file.\n\n1 OFFSET_OUT_OF_RANGE\nalso: A, B\nmeans: It is\n  so.\nsent: Fetch:7-18/partition, \
             Produce:3-13/topic | one\n  condition\nsent: every request | always\nneeds: security\n\
             waits: replication | Metadata, ListOffsets\ncannot: Heartbeat | it\n  is so\nshown: a::b | Fetch, Produce\n",
        )
        .unwrap();
        assert_eq!(page.also, ["A", "B"]);
        assert_eq!(page.means, "It is so.");
        assert_eq!(page.sent[0].when, "one condition");
        let senders: Vec<_> = page.sent[0]
            .by
            .iter()
            .map(|sender| (sender.api.name, sender.versions, sender.level))
            .collect();
        let fetch = ("Fetch", Some((7, 18)), "partition");
        assert_eq!(senders, [fetch, ("Produce", None, "topic")]);
        assert!(page.sent[1].by.is_empty());
        assert_eq!(page.needs, Some(Part::Security));
        assert_eq!(page.shown[0].requests.len(), 2);
        let api = |name| apis::by_name(name).unwrap();
        assert_eq!(page.waits_for(api("Metadata")), Some(Part::Replication));
        assert_eq!(page.waits_for(api("Heartbeat")), None);
        assert_eq!(page.never_by(api("Heartbeat")), Some("it is so"));
    }

    #[test]
    fn whatever_is_wrong_is_refused() {
        for wrong in [
            "1",
            "x OFFSET_OUT_OF_RANGE",
            "2 OFFSET_OUT_OF_RANGE",
            "1 OFFSET_OUT_OF_RANGE\nhello",
            "1 OFFSET_OUT_OF_RANGE\nhello: x",
            "1 OFFSET_OUT_OF_RANGE\nsent: Fetch/partition",
            "1 OFFSET_OUT_OF_RANGE\nsent: Fetch | x",
            "1 OFFSET_OUT_OF_RANGE\nsent: Fetch/planet | x",
            "1 OFFSET_OUT_OF_RANGE\nsent: Fetched/partition | x",
            "1 OFFSET_OUT_OF_RANGE\nsent: Fetch:1-2/partition | x",
            "1 OFFSET_OUT_OF_RANGE\nsent: Fetch:9/partition | x",
            "1 OFFSET_OUT_OF_RANGE\nneeds: luck",
            "1 OFFSET_OUT_OF_RANGE\nnever: mind",
            "1 OFFSET_OUT_OF_RANGE\nshown: a::b",
            "1 OFFSET_OUT_OF_RANGE\nwaits: luck | Fetch",
            "1 OFFSET_OUT_OF_RANGE\nwaits: security",
            "1 OFFSET_OUT_OF_RANGE\ncannot: Fetch",
            "1 OFFSET_OUT_OF_RANGE\ncannot: Fetched | so it is",
        ] {
            assert!(one(wrong).is_err(), "{wrong}");
        }
        assert!(pages(&["# None.\n"]).is_err());
    }
}
