//! Which refusals are shown.

use super::{Args, Entry};

/// What an entry must be like.
#[derive(Debug)]
pub(super) struct Filter {
    client: Option<String>,
    topic: Option<String>,
    group: Option<String>,
    code: Option<i64>,
    key: Option<i64>,
    from_ms: Option<i64>,
    all: bool,
}

impl Filter {
    pub(super) fn new(args: &Args, now_ms: i64) -> Self {
        Self {
            client: args.client.clone(),
            topic: args.topic.clone(),
            group: args.group.clone(),
            code: args.code.map(|code| code.0.into()),
            key: args.request.map(|api| api.key.into()),
            from_ms: args.since.map(|since| now_ms - since),
            // Who names a code wants it, also if it is ordinary.
            all: args.all || args.code.is_some(),
        }
    }

    /// What comes from now on is new.
    pub(super) fn forget_since(&mut self) {
        self.from_ms = None;
    }

    /// Whether it is shown.
    pub(super) fn admits(&self, entry: &Entry) -> bool {
        (self.all || !entry.is_ordinary()) && self.fits(entry)
    }

    /// Whether it is not shown only because it is ordinary.
    pub(super) fn hides(&self, entry: &Entry) -> bool {
        !self.all && entry.is_ordinary() && self.fits(entry)
    }

    fn fits(&self, entry: &Entry) -> bool {
        let same = |wanted: &Option<String>, there: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| there == Some(wanted))
        };
        same(&self.client, entry.client_id())
            && same(&self.topic, entry.about("topic"))
            && same(&self.group, entry.about("group"))
            && self.code.is_none_or(|code| entry.code() == code)
            && self.key.is_none_or(|key| entry.key() == Some(key))
            && self.from_ms.is_none_or(|from| entry.last_ms() >= from)
    }
}

/// A span of time in milliseconds: `90s`, `10m`, `2h`, `1d`.
pub(super) fn since(text: &str) -> Result<i64, String> {
    let span = || {
        let unit = match text.chars().last()? {
            's' => 1_000,
            'm' => 60_000,
            'h' => 3_600_000,
            'd' => 86_400_000,
            _ => return None,
        };
        let count: u32 = text[..text.len() - 1].parse().ok()?;
        i64::from(count).checked_mul(unit)
    };
    span().ok_or_else(|| "write a number and s, m, h or d, e.g. 10m".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_units() {
        assert_eq!(since("90s"), Ok(90_000));
        assert_eq!(since("2h"), Ok(7_200_000));
        for wrong in ["", "s", "10", "-1m", "1.5h", "ä"] {
            assert!(since(wrong).is_err(), "{wrong}");
        }
    }
}
