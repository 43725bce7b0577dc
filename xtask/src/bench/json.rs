//! JSON as benchmarks leave it: written in a fixed order, and read again.

use std::fmt::Write as _;

/// A value. Members of an object stay in their order.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

/// Deeper than anything that is written here.
const DEEPEST: usize = 16;

impl Json {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn object<const N: usize>(members: [(&str, Self); N]) -> Self {
        Self::Object(
            members
                .map(|(name, value)| (name.to_owned(), value))
                .to_vec(),
        )
    }

    pub(crate) fn numbers(values: &[f64]) -> Self {
        Self::List(values.iter().copied().map(Self::Number).collect())
    }

    /// A member of an object.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else {
            return None;
        };
        let found = members.iter().find(|(of, _)| of == name);
        found.map(|(_, value)| value)
    }

    /// A text that must be there.
    pub(crate) fn text_of(&self, name: &str) -> Result<String, String> {
        match self.get(name) {
            Some(Self::Text(text)) => Ok(text.clone()),
            other => Err(format!("{name}: a text is wanted, not {other:?}")),
        }
    }

    /// A number that must be there.
    pub(crate) fn number_of(&self, name: &str) -> Result<f64, String> {
        match self.get(name) {
            Some(Self::Number(number)) => Ok(*number),
            other => Err(format!("{name}: a number is wanted, not {other:?}")),
        }
    }

    /// The values of a list; none, if it is not there.
    pub(crate) fn list_of(&self, name: &str) -> &[Self] {
        match self.get(name) {
            Some(Self::List(values)) => values,
            _ => &[],
        }
    }

    /// With a line for each member of the object and each object of a list in it.
    pub(crate) fn pretty(&self) -> String {
        let Self::Object(members) = self else {
            return format!("{}\n", self.line());
        };
        let lines = members.iter().map(|(name, value)| match value {
            Self::List(values) if values.iter().any(|of| matches!(of, Self::Object(_))) => {
                let rows: Vec<String> = values
                    .iter()
                    .map(|of| format!("    {}", of.line()))
                    .collect();
                format!("  {}: [\n{}\n  ]", quoted(name), rows.join(",\n"))
            }
            value => format!("  {}: {}", quoted(name), value.line()),
        });
        format!("{{\n{}\n}}\n", lines.collect::<Vec<_>>().join(",\n"))
    }

    /// In one line.
    pub(crate) fn line(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(yes) => yes.to_string(),
            Self::Number(number) => written(*number),
            Self::Text(text) => quoted(text),
            Self::List(values) => {
                let all: Vec<String> = values.iter().map(Self::line).collect();
                format!("[{}]", all.join(", "))
            }
            Self::Object(members) => {
                let all: Vec<String> = members
                    .iter()
                    .map(|(name, value)| format!("{}: {}", quoted(name), value.line()))
                    .collect();
                format!("{{{}}}", all.join(", "))
            }
        }
    }

    /// Reads one value and nothing behind it.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(0)?;
        reader.space();
        match reader.at == text.len() {
            true => Ok(value),
            false => Err(reader.wrong("the end")),
        }
    }
}

/// To six digits, which is more than is measured: a file does not change by rounding.
fn written(number: f64) -> String {
    if !number.is_finite() {
        return "null".to_owned();
    }
    let digits = match number.abs() {
        0.0 => 0,
        size => (5 - size.log10().floor() as i32).clamp(0, 12) as usize,
    };
    let text = format!("{number:.digits$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for of in text.chars() {
        match of {
            '"' | '\\' => quoted.extend(['\\', of]),
            '\n' => quoted += "\\n",
            of if u32::from(of) < 0x20 => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(of));
            }
            of => quoted.push(of),
        }
    }
    quoted.push('"');
    quoted
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn wrong(&self, wanted: &str) -> String {
        let line = self.text[..self.at].matches('\n').count() + 1;
        format!("JSON, line {line}: {wanted} is wanted")
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn takes(&mut self, word: &str) -> bool {
        self.space();
        let found = self.rest().starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    fn value(&mut self, depth: usize) -> Result<Json, String> {
        if depth > DEEPEST {
            return Err(self.wrong("something less deep"));
        }
        for (word, value) in [
            ("null", Json::Null),
            ("true", Json::Bool(true)),
            ("false", Json::Bool(false)),
        ] {
            if self.takes(word) {
                return Ok(value);
            }
        }
        if self.takes("[") {
            let mut values = Vec::new();
            self.members("]", |reader| {
                values.push(reader.value(depth + 1)?);
                Ok(())
            })?;
            return Ok(Json::List(values));
        }
        if self.takes("{") {
            let mut members = Vec::new();
            self.members("}", |reader| {
                let name = reader.quoted()?;
                if !reader.takes(":") {
                    return Err(reader.wrong("a colon"));
                }
                members.push((name, reader.value(depth + 1)?));
                Ok(())
            })?;
            return Ok(Json::Object(members));
        }
        if self.rest().starts_with('"') {
            return self.quoted().map(Json::Text);
        }
        let of_number = |of: char| of.is_ascii_digit() || "+-.eE".contains(of);
        let end = self.rest().find(|of| !of_number(of));
        let number = &self.rest()[..end.unwrap_or(self.rest().len())];
        let value = number.parse().map_err(|_| self.wrong("a value"))?;
        self.at += number.len();
        Ok(Json::Number(value))
    }

    fn members(
        &mut self,
        end: &str,
        mut each: impl FnMut(&mut Self) -> Result<(), String>,
    ) -> Result<(), String> {
        if self.takes(end) {
            return Ok(());
        }
        loop {
            self.space();
            each(self)?;
            if self.takes(end) {
                return Ok(());
            }
            if !self.takes(",") {
                return Err(self.wrong("a comma"));
            }
        }
    }

    fn quoted(&mut self) -> Result<String, String> {
        if !self.takes("\"") {
            return Err(self.wrong("a text"));
        }
        let mut text = String::new();
        let mut rest = self.text[self.at..].char_indices();
        while let Some((place, of)) = rest.next() {
            match of {
                '"' => {
                    self.at += place + 1;
                    return Ok(text);
                }
                '\\' => match rest.next().map(|(_, of)| of) {
                    Some('n') => text.push('\n'),
                    Some('u') => {
                        let digits: String = rest.by_ref().take(4).map(|(_, of)| of).collect();
                        let code = u32::from_str_radix(&digits, 16).ok();
                        text.extend(code.and_then(char::from_u32));
                    }
                    Some(of @ ('"' | '\\' | '/')) => text.push(of),
                    _ => return Err(self.wrong("a known escape")),
                },
                of => text.push(of),
            }
        }
        Err(self.wrong("the end of a text"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let value = Json::object([
            ("a \"b\"\n", Json::text("\\ \u{1} … ")),
            ("numbers", Json::numbers(&[0.0, -1.5, 1e9, 0.001_234_56])),
            ("none", Json::Null),
            (
                "rows",
                Json::List(vec![Json::object([("yes", Json::Bool(true))])]),
            ),
            ("empty", Json::List(Vec::new())),
        ]);
        assert_eq!(Json::read(&value.pretty()), Ok(value.clone()));
        assert_eq!(Json::read(&value.line()), Ok(value));
    }

    #[test]
    fn numbers_have_six_digits() {
        let all = [1234.56789, 0.1 + 0.2, 7_654_321.9, 100.0, f64::NAN];
        let texts = all.map(written);
        assert_eq!(texts, ["1234.57", "0.3", "7654322", "100", "null"]);
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for wrong in [
            "",
            "{",
            "[1,]",
            "{\"a\" 1}",
            "[1] 2",
            "\"a",
            "\"\\x\"",
            "nul",
            "1-",
        ] {
            assert!(Json::read(wrong).is_err(), "{wrong}");
        }
        let deep = "[".repeat(100);
        assert!(Json::read(&deep).unwrap_err().contains("less deep"));
        let why = Json::read("{\n\"a\": ?}").unwrap_err();
        assert_eq!(why, "JSON, line 2: a value is wanted");
    }
}
