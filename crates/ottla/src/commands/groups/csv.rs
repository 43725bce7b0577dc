//! Plans of a reset as CSV, which one command exports and another reads: `[group,]topic,partition,offset` a line.

use std::{collections::BTreeMap, fmt::Write as _};

use ottla_client::TopicPartition;

use super::logs::Offsets;

/// The longest text that Kafka's writer looks through for what needs quotes; it quotes longer ones anyway.
const QUOTES_BEYOND: usize = 24;

/// Offsets to set, by group.
pub(super) type Plan = BTreeMap<String, Offsets>;

/// A plan as text; a plan for one group that the command names does not repeat its id.
pub(super) fn write(plan: &Plan, with_group: bool) -> String {
    let mut text = String::new();
    for (group, offsets) in plan {
        for (at, offset) in offsets {
            if with_group {
                text.push_str(&quoted(group));
                text.push(',');
            }
            // Writing to a string does not fail.
            let _ = writeln!(text, "{},{},{offset}", quoted(&at.topic), at.partition);
        }
    }
    text
}

fn quoted(text: &str) -> String {
    let is_plain = text.chars().all(|one| one >= '-');
    if is_plain && text.encode_utf16().count() <= QUOTES_BEYOND {
        text.to_owned()
    } else {
        format!("\"{}\"", text.replace('"', "\"\""))
    }
}

/// Reads a plan. Rows without a group are about `group`, if the command names just one.
pub(super) fn read(text: &str, group: Option<&str>) -> Result<Plan, String> {
    let mut plan = Plan::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim().is_empty() {
            continue;
        }
        let (group, at, offset) =
            row(line, group).map_err(|what| format!("line {number}: {what}"))?;
        plan.entry(group).or_default().insert(at, offset);
    }
    Ok(plan)
}

fn row(line: &str, only: Option<&str>) -> Result<(String, TopicPartition, i64), String> {
    let cells = cells(line)?;
    let (group, topic, partition, offset) = match cells.as_slice() {
        [group, topic, partition, offset] => (group.as_str(), topic, partition, offset),
        [topic, partition, offset] => match only {
            Some(group) => (group, topic, partition, offset),
            None => return Err("there is no group: write group,topic,partition,offset".into()),
        },
        _ => {
            return Err(format!(
                "there are {} cells: write topic,partition,offset or group,topic,partition,offset",
                cells.len()
            ));
        }
    };
    let partition = match partition.trim().parse::<i32>() {
        Ok(index) if index >= 0 => index,
        _ => return Err(format!("`{partition}` is no number of a partition")),
    };
    let offset = offset
        .trim()
        .parse()
        .map_err(|_| format!("`{offset}` is no offset"))?;
    Ok((
        group.to_owned(),
        TopicPartition::new(topic.as_str(), partition),
        offset,
    ))
}

/// The cells of a line; one in quotes may have commas, and quotes twice.
fn cells(line: &str) -> Result<Vec<String>, String> {
    let mut cells = Vec::new();
    let mut rest = line;
    loop {
        let Some(inner) = rest.strip_prefix('"') else {
            let (cell, after) = rest
                .split_once(',')
                .map_or((rest, None), |(a, b)| (a, Some(b)));
            cells.push(cell.to_owned());
            match after {
                Some(after) => rest = after,
                None => return Ok(cells),
            }
            continue;
        };
        let (cell, after) = in_quotes(inner).ok_or("a quotation mark has no end")?;
        cells.push(cell);
        match after.strip_prefix(',') {
            Some(after) => rest = after,
            None if after.trim().is_empty() => return Ok(cells),
            None => return Err(format!("`{after}` comes after a quotation mark")),
        }
    }
}

fn in_quotes(text: &str) -> Option<(String, &str)> {
    let mut cell = String::new();
    let mut rest = text;
    loop {
        let (before, after) = rest.split_once('"')?;
        cell.push_str(before);
        match after.strip_prefix('"') {
            Some(more) => {
                cell.push('"');
                rest = more;
            }
            None => return Some((cell, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(rows: &[(&str, &str, i32, i64)]) -> Plan {
        let mut plan = Plan::new();
        for (group, topic, partition, offset) in rows {
            let at = TopicPartition::new(*topic, *partition);
            plan.entry((*group).to_owned())
                .or_default()
                .insert(at, *offset);
        }
        plan
    }

    #[test]
    fn plans_come_back_as_they_were() {
        let rows = [
            ("a", "t", 0, 5),
            ("a \"b\",c", "t", 1, 0),
            ("a \"b\",c", "a-topic-with-a-rather-long-name", 0, 7),
        ];
        let text = write(&plan(&rows), true);
        let expected = "a,t,0,5\n\
            \"a \"\"b\"\",c\",\"a-topic-with-a-rather-long-name\",0,7\n\
            \"a \"\"b\"\",c\",t,1,0\n";
        assert_eq!(text, expected);
        assert_eq!(read(&text, None), Ok(plan(&rows)));
        assert_eq!(read(&text, Some("other")), Ok(plan(&rows)));
    }

    #[test]
    fn one_group_need_not_be_repeated() {
        let one = plan(&[("g", "t", 0, 5), ("g", "t", 1, 6)]);
        let text = write(&one, false);
        assert_eq!(text, "t,0,5\nt,1,6\n");
        assert_eq!(read("t,0,5\r\n\"t\",1,6\n\n", Some("g")), Ok(one));
        let error = read(&text, None).unwrap_err();
        assert!(error.starts_with("line 1: there is no group"), "{error}");
    }

    #[test]
    fn rows_that_make_no_sense_are_refused_with_their_line() {
        for wrong in [
            "t",
            "t,0",
            "t,x,5",
            "t,-1,5",
            "t,0,",
            "g,t,0,5,6",
            "\"t,0,5",
            "\"t\"x,0,5",
        ] {
            let error = read(&format!("t,0,5\n{wrong}\n"), Some("g")).unwrap_err();
            assert!(error.starts_with("line 2: "), "{wrong}: {error}");
        }
    }
}
