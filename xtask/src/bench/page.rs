//! `cargo xtask bench page`: the tables and plots of docs/reference/performance.md, from the files that runs left beside it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use xtask::oracle::checkout;

use super::{
    document::{Document, Line},
    goals,
    json::Json,
    svg::{self, Group, Panel},
    table::{Better, median, shown},
};
use crate::test::say;

const USAGE: &str = "usage: cargo xtask bench page [--check]
  --check  writes nothing, and fails if the page does not say what the JSON files say";
const PAGE: &str = "docs/reference/performance.md";
const DIR: &str = "docs/reference/performance";
/// What is shown, each between two marks of the page.
const BENCHES: [&str; 4] = ["load", "groups", "transactions", "log"];
/// A plot with more rows is one for each unit.
const ROWS_OF_A_PLOT: usize = 16;

/// Files, by their path in the checkout, and what they are to hold.
type Files = BTreeMap<String, String>;

/// Runs the command.
pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let files = generated(checkout())?;
    match args {
        [] => write(checkout(), &files),
        [only] if only == "--check" => check(checkout(), &files),
        _ => Err(USAGE.to_owned()),
    }
}

/// All that is generated.
fn generated(root: &Path) -> Result<Files, String> {
    let read = |path: &str| {
        let text = fs::read_to_string(root.join(path));
        text.map_err(|error| format!("{path}: {error}"))
    };
    let mut page = read(PAGE)?;
    let mut files = Files::new();
    for bench in BENCHES {
        let path = format!("{DIR}/{bench}.json");
        let mut text = "No run of it is kept here yet.\n".to_owned();
        if root.join(&path).exists() {
            let json = Json::read(&read(&path)?);
            let document = json.and_then(|json| Document::of_json(&json));
            let document = document.map_err(|why| format!("{path}: {why}"))?;
            let plots = plots(&document);
            text = region(&document, &plots);
            let svgs = plots.iter().map(|plot| {
                let title = format!("{bench}, {}", plot.part);
                (
                    format!("{DIR}/{}", plot.file),
                    svg::plot(&title, &plot.panels),
                )
            });
            files.extend(svgs);
        }
        page = replaced(&page, bench, &text)?;
    }
    files.insert(PAGE.to_owned(), page);
    Ok(files)
}

/// The page with what is between the marks of `bench` replaced.
fn replaced(page: &str, bench: &str, text: &str) -> Result<String, String> {
    let (begin, end) = (
        format!("<!-- generated: {bench} -->\n"),
        format!("<!-- end of generated: {bench} -->"),
    );
    let parts = page.split_once(&begin).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(&end)?;
        Some((before, after))
    });
    let (before, after) =
        parts.ok_or_else(|| format!("{PAGE} has no {} … {end}", begin.trim_end()))?;
    Ok(format!("{before}{begin}{text}{end}{after}"))
}

/// SVG files that are there.
fn plots_there(root: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(root.join(DIR)).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let svgs = names.filter(|name| name.ends_with(".svg"));
    svgs.map(|name| format!("{DIR}/{name}")).collect()
}

fn write(root: &Path, files: &Files) -> Result<(), String> {
    for old in plots_there(root)
        .iter()
        .filter(|of| !files.contains_key(*of))
    {
        fs::remove_file(root.join(old)).map_err(|error| format!("{old}: {error}"))?;
    }
    for (path, text) in files {
        fs::write(root.join(path), text).map_err(|error| format!("{path}: {error}"))?;
    }
    say(&format!("{} files written", files.len()));
    Ok(())
}

fn check(root: &Path, files: &Files) -> Result<(), String> {
    let mut stale: Vec<String> = plots_there(root)
        .into_iter()
        .filter(|of| !files.contains_key(of))
        .collect();
    for (path, text) in files {
        if fs::read_to_string(root.join(path)).ok().as_ref() != Some(text) {
            stale.push(path.clone());
        }
    }
    match stale.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "does not say what the JSON files say: {}; run `cargo xtask bench page`",
            stale.join(", ")
        )),
    }
}

struct Plot {
    part: String,
    file: String,
    panels: Vec<Panel>,
}

/// Rows of a part that are shown together: what is written, what is read, or all.
fn side(line: &Line) -> &'static str {
    let sides = ["write", "read"].into_iter();
    let found = sides.filter(|_| line.part == "records");
    let mut found = found.filter(|side| line.name.starts_with(&format!("{side}, ")));
    found.next().unwrap_or("")
}

fn plots(document: &Document) -> Vec<Plot> {
    let mut plots: Vec<Plot> = Vec::new();
    for (part, _) in &document.parts {
        let lines = document.rows.iter().filter(|line| line.part == *part);
        for of_side in ["", "write", "read"] {
            let lines: Vec<&Line> = lines.clone().filter(|of| side(of) == of_side).collect();
            let panels = panels(&lines);
            let name = [&document.bench, part.as_str(), of_side];
            let name: Vec<&str> = name.into_iter().filter(|word| !word.is_empty()).collect();
            let mut add = |name: &str, panels: Vec<Panel>| {
                plots.push(Plot {
                    part: part.clone(),
                    file: format!("{}.svg", slug(name)),
                    panels,
                });
            };
            let name = name.join("-");
            if lines.len() > ROWS_OF_A_PLOT {
                for panel in panels {
                    let unit = panel.title.split(" (").next().unwrap_or_default();
                    add(&format!("{name}-{unit}"), vec![panel.clone()]);
                }
            } else if !panels.is_empty() {
                add(&name, panels);
            }
        }
    }
    plots
}

/// One for each unit, in the order in which they come.
fn panels(lines: &[&Line]) -> Vec<Panel> {
    let mut panels: Vec<Panel> = Vec::new();
    for line in lines {
        let better = match line.better {
            Better::Less => "less",
            Better::More => "more",
        };
        let title = format!("{} ({better} is better)", line.unit);
        let value = |values: &[f64]| (!values.is_empty()).then(|| median(values));
        let name = match side(line) {
            "" => &line.name,
            side => &line.name[side.len() + 2..],
        };
        let group = Group {
            name: name.to_owned(),
            values: [value(&line.kafka), value(&line.ottla), value(&line.floor)],
        };
        match panels.iter_mut().find(|panel| panel.title == title) {
            Some(panel) => panel.groups.push(group),
            None => panels.push(Panel {
                title,
                groups: vec![group],
            }),
        }
    }
    panels
}

/// A name for a file.
fn slug(text: &str) -> String {
    let words = text.split(|of: char| !of.is_ascii_alphanumeric());
    let words: Vec<String> = words
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join("-")
}

/// What is between the marks.
fn region(document: &Document, plots: &[Plot]) -> String {
    let mut text = String::from("\n") + &about(document);
    // Small sizes and a busy machine are no ground to judge.
    if document.bench == "load" && !document.is_quick() {
        text += &short(document);
    }
    for (part, seconds) in &document.parts {
        let lines = document.rows.iter().filter(|line| line.part == *part);
        let lines: Vec<&Line> = lines.collect();
        if lines.is_empty() {
            continue;
        }
        text += &format!("**{part}** (took {} min)\n\n", shown(seconds / 60.0));
        for plot in plots.iter().filter(|plot| plot.part == *part) {
            let alt = plot.file.trim_end_matches(".svg").replace('-', " ");
            text += &format!("![{alt}](performance/{})\n", plot.file);
        }
        text += &format!("\n<details><summary>{part} as a table</summary>\n\n");
        text +=
            "| | unit | Ottla | Apache Kafka | better by | floor |\n|---|---|---|---|---|---|\n";
        for line in lines {
            text += &row(line);
        }
        text += "\n</details>\n\n";
    }
    text
}

/// Of which run the numbers are.
fn about(document: &Document) -> String {
    let machine = &document.machine;
    let versions = document.versions.iter();
    let versions: Vec<String> = versions.map(|(of, it)| format!("{of} {it}")).collect();
    let mut text = format!(
        "`{}`, {}: {} cores ({}), {} MB of memory, Linux {}; {}. Medians of all rounds that count, and the least and the \
         most where there is more than one.\n",
        document.command,
        document.date,
        machine.cores,
        machine.cpu,
        shown(machine.memory_mb as f64),
        machine.kernel,
        versions.join(", ")
    );
    if document.is_quick() {
        text += "\n**A quick run**, with small sizes and one round, while other programs used the machine: it shows that each part is \
                 measured, and little more.\n";
    }
    if !document.complete {
        text += "\nThe run was interrupted: what it had measured until then is shown.\n";
    }
    for of in &document.failures {
        let why = of.why.replace('|', "\\|");
        text += &format!("\n- Failed: {}, {}: {why}", of.part, of.step);
    }
    if !document.failures.is_empty() {
        text += "\n";
    }
    text + "\n"
}

/// Where Ottla is not what it is to be.
fn short(document: &Document) -> String {
    let names: Vec<String> = document.rows.iter().map(Line::what).collect();
    let rows = document.rows.iter().zip(&names);
    let rows: Vec<_> = rows.map(|(line, what)| line.row(what)).collect();
    let short = goals::shortfalls(&rows);
    if short.is_empty() {
        return "Nothing falls short of its goal.\n\n".to_owned();
    }
    let lines: Vec<String> = short.iter().map(|line| format!("- {line}")).collect();
    format!(
        "These fall short of their goals:\n\n{}\n\n",
        lines.join("\n")
    )
}

fn row(line: &Line) -> String {
    let of = |values: &[f64]| match values {
        [] => String::new(),
        [only] => shown(*only),
        values => {
            let least = values.iter().copied().fold(f64::INFINITY, f64::min);
            let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let middle = shown(median(values));
            format!("{middle} ({} – {})", shown(least), shown(most))
        }
    };
    let ratio = line.ratio();
    let ratio = ratio.map_or_else(String::new, |ratio| format!("{}x", shown(ratio)));
    format!(
        "| {} | {} | {} | {} | {ratio} | {} |\n",
        line.name.replace('|', "\\|"),
        line.unit,
        of(&line.ottla),
        of(&line.kafka),
        of(&line.floor)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::document::tests::document;

    #[test]
    fn the_page_says_what_the_files_say() {
        let files = generated(checkout()).unwrap();
        check(checkout(), &files).unwrap();
    }

    #[test]
    fn what_is_between_the_marks_is_replaced() {
        let page = "a\n<!-- generated: log -->\nold\n<!-- end of generated: log -->\nb\n";
        let new = replaced(page, "log", "new\n").unwrap();
        assert_eq!(new, page.replace("old", "new"));
        assert!(replaced(page, "load", "new\n").is_err());
    }

    #[test]
    fn a_run_is_shown_with_its_plots_its_tables_and_what_failed() {
        let document = document();
        let plots = plots(&document);
        let files: Vec<&str> = plots.iter().map(|plot| plot.file.as_str()).collect();
        // The part `start` comes from no step, so it is not shown.
        assert_eq!(files, ["load-records-write.svg"]);
        assert_eq!(plots[0].panels.len(), 2);
        assert_eq!(plots[0].panels[0].groups[0].name, "a & b");
        let text = region(&document, &plots);
        for part in [
            "| write, a & b | MB/s | 200 (100 – 300) | 50 | 4x | 900 |",
            "- Failed: cold, kafka: no \\| root",
            "- write, a & b, CPU s a GB: 3.00 times as good as Apache Kafka, not 4; Ottla 1, Apache Kafka 3, the floor 0.4\n",
            "](performance/load-records-write.svg)",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains("quick") && !text.contains("interrupted"));
    }

    #[test]
    fn many_rows_are_a_plot_for_each_unit() {
        let mut document = document();
        let rows = document.rows.clone();
        for number in 0..20 {
            let line = Line {
                name: format!("write, {number}"),
                ..rows[number % 2].clone()
            };
            document.rows.push(line);
        }
        let plots = plots(&document);
        let files: Vec<&str> = plots.iter().map(|plot| plot.file.as_str()).collect();
        let expected = [
            "load-records-write-mb-s.svg",
            "load-records-write-cpu-s-a-gb.svg",
        ];
        assert_eq!(files, expected);
    }
}
