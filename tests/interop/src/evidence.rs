//! Which error codes the answers of a test carried: what the catalogue of errors says that it shows must be among them.

use std::collections::BTreeSet;

use ottla_catalogue as catalogue;

/// The codes that were in answers, each with its request.
#[derive(Debug, Default)]
pub struct Evidence {
    seen: BTreeSet<(&'static str, i16)>,
}

impl Evidence {
    /// Notes the codes of an answer, as `{:#?}` prints it, to a request of this name.
    pub fn note<'a>(&mut self, request: &'static str, answer: impl IntoIterator<Item = &'a str>) {
        let request = request.strip_suffix("Request").unwrap_or(request);
        for line in answer {
            if let Some((field, value)) = line.trim().split_once(": ")
                && field.ends_with("error_code")
                && let Ok(code) = value.trim_end_matches(',').parse()
            {
                self.seen.insert((request, code));
            }
        }
    }

    /// What the catalogue says that this test shows and no answer carried, one a line; nothing if all was there.
    ///
    /// With `OTTLA_EVIDENCE` set, prints what was there and the catalogue does not name.
    pub fn missing(&self, test: &str) -> String {
        let mut claimed = BTreeSet::new();
        for page in catalogue::pages() {
            let shown = page.shown.iter().filter(|shown| shown.test == test);
            let requests = shown.flat_map(|shown| &shown.requests);
            claimed.extend(requests.map(|api| (api.name, page.info.code.0)));
        }
        if std::env::var_os("OTTLA_EVIDENCE").is_some() {
            for (request, code) in self.seen.difference(&claimed) {
                eprintln!("shown {test} {request} {code}");
            }
        }
        let missing = claimed.difference(&self.seen);
        let lines = missing.map(|(request, code)| {
            format!("{request} was never answered with {code}, which the catalogue says that this shows\n")
        });
        lines.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_at_every_level_of_an_answer() {
        let mut evidence = Evidence::default();
        let answer = "{\n    error_code: 0,\n  partition_error_code: 3,\n  leader: 7,\n error_code: Some(9),\n}";
        evidence.note("ProduceRequest", answer.lines());
        assert_eq!(
            evidence.seen,
            BTreeSet::from([("Produce", 0), ("Produce", 3)])
        );
        let test = "same_answers::answers_are_the_same";
        let missing = evidence.missing(test);
        assert!(
            missing.contains("Fetch was never answered with 1,"),
            "{missing}"
        );
        assert!(
            !missing.contains("Produce was never answered with 3,"),
            "{missing}"
        );
    }
}
