//! The file that a run of a benchmark leaves, and what is read from it.

use super::{
    json::Json,
    machine::Machine,
    table::{Better, Row, median, ratio},
};

/// A step that failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Failure {
    pub(crate) part: String,
    pub(crate) step: String,
    pub(crate) why: String,
}

/// A row of the table.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Line {
    pub(crate) part: String,
    pub(crate) name: String,
    pub(crate) unit: String,
    pub(crate) better: Better,
    pub(crate) ottla: Vec<f64>,
    pub(crate) kafka: Vec<f64>,
    pub(crate) floor: Vec<f64>,
}

impl From<&Row<'_>> for Line {
    fn from(row: &Row<'_>) -> Self {
        let (name, unit) = row.what.rsplit_once(", ").unwrap_or((row.what, ""));
        Self {
            part: row.part.to_owned(),
            name: name.to_owned(),
            unit: unit.to_owned(),
            better: row.better,
            ottla: row.ottla.clone(),
            kafka: row.kafka.clone(),
            floor: row.floor.clone(),
        }
    }
}

/// One run.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Document {
    pub(crate) bench: String,
    pub(crate) command: String,
    /// When it began: `YYYY-MM-DDThh:mm:ssZ`.
    pub(crate) date: String,
    /// Whether it came to its end.
    pub(crate) complete: bool,
    pub(crate) machine: Machine,
    pub(crate) versions: Vec<(String, String)>,
    /// Seconds of each part.
    pub(crate) parts: Vec<(String, f64)>,
    pub(crate) failures: Vec<Failure>,
    pub(crate) rows: Vec<Line>,
}

impl Document {
    /// Whether it is only to show that all parts work.
    pub(crate) fn is_quick(&self) -> bool {
        self.command.split(' ').any(|word| word == "--quick")
    }

    pub(crate) fn to_json(&self) -> Json {
        let machine = Json::object([
            ("cores", Json::Number(self.machine.cores as f64)),
            ("cpu", Json::text(&self.machine.cpu)),
            ("kernel", Json::text(&self.machine.kernel)),
            ("memory_mb", Json::Number(self.machine.memory_mb as f64)),
        ]);
        let versions = self.versions.iter();
        let versions = versions.map(|(name, of)| (name.clone(), Json::text(of)));
        let parts = self.parts.iter().map(|(part, seconds)| {
            let seconds = Json::Number(seconds.round());
            Json::object([("part", Json::text(part)), ("seconds", seconds)])
        });
        let failures = self.failures.iter().map(|of| {
            Json::object([
                ("part", Json::text(&of.part)),
                ("step", Json::text(&of.step)),
                ("why", Json::text(&of.why)),
            ])
        });
        Json::object([
            ("bench", Json::text(&self.bench)),
            ("command", Json::text(&self.command)),
            ("date", Json::text(&self.date)),
            ("complete", Json::Bool(self.complete)),
            ("machine", machine),
            ("versions", Json::Object(versions.collect())),
            ("parts", Json::List(parts.collect())),
            ("failures", Json::List(failures.collect())),
            (
                "rows",
                Json::List(self.rows.iter().map(Line::to_json).collect()),
            ),
        ])
    }

    pub(crate) fn of_json(json: &Json) -> Result<Self, String> {
        let machine = json.get("machine").ok_or("machine is missing")?;
        let versions = match json.get("versions") {
            Some(Json::Object(all)) => all.clone(),
            _ => return Err("versions is missing".to_owned()),
        };
        let versions = versions.into_iter().map(|(name, value)| match value {
            Json::Text(text) => Ok((name, text)),
            other => Err(format!("{name}: a text is wanted, not {other:?}")),
        });
        let part = |of: &Json| Ok((of.text_of("part")?, of.number_of("seconds")?));
        let failure = |of: &Json| {
            Ok::<_, String>(Failure {
                part: of.text_of("part")?,
                step: of.text_of("step")?,
                why: of.text_of("why")?,
            })
        };
        let parts = json.list_of("parts").iter().map(part);
        let failures = json.list_of("failures").iter().map(failure);
        let rows = json.list_of("rows").iter().map(Line::of_json);
        Ok(Self {
            bench: json.text_of("bench")?,
            command: json.text_of("command")?,
            date: json.text_of("date")?,
            complete: json.get("complete") == Some(&Json::Bool(true)),
            machine: Machine {
                cores: machine.number_of("cores")? as usize,
                cpu: machine.text_of("cpu")?,
                kernel: machine.text_of("kernel")?,
                memory_mb: machine.number_of("memory_mb")? as u64,
            },
            versions: versions.collect::<Result<_, String>>()?,
            parts: parts.collect::<Result<_, String>>()?,
            failures: failures.collect::<Result<_, _>>()?,
            rows: rows.collect::<Result<_, _>>()?,
        })
    }
}

impl Line {
    fn to_json(&self) -> Json {
        let of = |values: &[f64]| {
            if values.is_empty() {
                return Json::Null;
            }
            let least = values.iter().copied().fold(f64::INFINITY, f64::min);
            let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            Json::object([
                ("values", Json::numbers(values)),
                ("median", Json::Number(median(values))),
                ("min", Json::Number(least)),
                ("max", Json::Number(most)),
            ])
        };
        let better = match self.better {
            Better::Less => "less",
            Better::More => "more",
        };
        Json::object([
            ("part", Json::text(&self.part)),
            ("name", Json::text(&self.name)),
            ("unit", Json::text(&self.unit)),
            ("better", Json::text(better)),
            ("ottla", of(&self.ottla)),
            ("kafka", of(&self.kafka)),
            ("floor", of(&self.floor)),
            ("ratio", self.ratio().map_or(Json::Null, Json::Number)),
        ])
    }

    fn of_json(json: &Json) -> Result<Self, String> {
        let values = |of: &str| -> Result<Vec<f64>, String> {
            let all = json.get(of).map_or(&[][..], |of| of.list_of("values"));
            let each = |value: &Json| match value {
                Json::Number(number) => Ok(*number),
                other => Err(format!("{of}: a number is wanted, not {other:?}")),
            };
            all.iter().map(each).collect()
        };
        Ok(Self {
            part: json.text_of("part")?,
            name: json.text_of("name")?,
            unit: json.text_of("unit")?,
            better: match json.text_of("better")?.as_str() {
                "less" => Better::Less,
                "more" => Better::More,
                other => return Err(format!("better: less or more, not {other}")),
            },
            ottla: values("ottla")?,
            kafka: values("kafka")?,
            floor: values("floor")?,
        })
    }

    /// How many times better Ottla's median is than Apache Kafka's.
    pub(crate) fn ratio(&self) -> Option<f64> {
        ratio(self.better, &self.ottla, &self.kafka)
    }

    /// As [`Row`] has it.
    pub(crate) fn what(&self) -> String {
        format!("{}, {}", self.name, self.unit)
    }

    /// As a row of a table on the terminal.
    pub(crate) fn row<'a>(&'a self, what: &'a str) -> Row<'a> {
        Row {
            part: &self.part,
            what,
            better: self.better,
            ottla: self.ottla.clone(),
            kafka: self.kafka.clone(),
            floor: self.floor.clone(),
        }
    }
}

/// Milliseconds since 1970 as a date, UTC.
pub(crate) fn date(ms: f64) -> String {
    let seconds = (ms / 1e3) as i64;
    let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Years begin in March here: the leap day is the last one.
    let day = days + 719_468;
    let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (year, month) = match month < 10 {
        true => (year + era * 400, month + 3),
        false => (year + era * 400 + 1, month - 9),
    };
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn document() -> Document {
        let line = |part: &str, name: &str, unit: &str, better, of: [f64; 3]| Line {
            part: part.to_owned(),
            name: name.to_owned(),
            unit: unit.to_owned(),
            better,
            ottla: vec![of[0], of[0] * 2.0, of[0] * 3.0],
            kafka: vec![of[1]; usize::from(of[1] > 0.0)],
            floor: vec![of[2]; usize::from(of[2] > 0.0)],
        };
        Document {
            bench: "load".to_owned(),
            command: "cargo xtask bench load".to_owned(),
            date: date(0.0),
            complete: true,
            machine: Machine {
                cores: 2,
                cpu: "a processor".to_owned(),
                kernel: "6.1".to_owned(),
                memory_mb: 8000,
            },
            versions: vec![("ottla".to_owned(), "1 <2>".to_owned())],
            parts: vec![("records".to_owned(), 60.0)],
            failures: vec![Failure {
                part: "cold".to_owned(),
                step: "kafka".to_owned(),
                why: "no | root".to_owned(),
            }],
            rows: vec![
                line(
                    "records",
                    "write, a & b",
                    "MB/s",
                    Better::More,
                    [100.0, 50.0, 900.0],
                ),
                line(
                    "records",
                    "write, a & b",
                    "CPU s a GB",
                    Better::Less,
                    [0.5, 3.0, 0.4],
                ),
                line("start", "first answer", "ms", Better::Less, [5.0, 0.0, 0.0]),
            ],
        }
    }

    #[test]
    fn what_a_run_leaves_is_read_again() {
        let document = document();
        let text = document.to_json().pretty();
        let read = Document::of_json(&Json::read(&text).unwrap());
        assert_eq!(read, Ok(document));
        assert!(text.contains("\"median\": 200, \"min\": 100, \"max\": 300"));
        assert!(Document::of_json(&Json::Null).is_err());
    }

    #[test]
    fn a_unit_is_what_follows_the_last_comma() {
        let row = Row {
            part: "p",
            what: "a, b, CPU s a GB",
            better: Better::Less,
            ottla: Vec::new(),
            kafka: Vec::new(),
            floor: Vec::new(),
        };
        let line = Line::from(&row);
        assert_eq!(
            (&*line.name, &*line.unit, &*line.what()),
            ("a, b", "CPU s a GB", row.what)
        );
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, expected) in [
            (0.0, "1970-01-01T00:00:00Z"),
            (951_782_399.0, "2000-02-28T23:59:59Z"),
            (951_782_400.0, "2000-02-29T00:00:00Z"),
            (1_795_305_600.0, "2026-11-22T00:00:00Z"),
        ] {
            assert_eq!(date(seconds * 1e3), expected);
        }
    }
}
