//! What answers say went wrong, and what it is about: a walk over the error codes of any answer.

use crate::Uuid;

/// What a code, or a request, is about: pairs of a noun (`topic`, `partition`, `group`, …) and which one.
pub type Names<'a> = &'a [(&'static str, Name<'a>)];

/// Which one of its kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Name<'a> {
    /// By its name; `None` is null on the wire.
    Text(Option<&'a str>),
    /// By its id; zero is none.
    Id(Uuid),
    /// By its number.
    Number(i64),
}

/// Where in an answer a code is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    /// Of the answer as a whole.
    Answer,
    /// Of one of the things in it.
    Part,
    /// Said beside the code of one of those things; Kafka does not count it.
    Aside,
}

/// Who looks at the codes of an answer.
pub trait SeesCodes {
    /// A code, `NONE` included.
    fn code(&mut self, level: Level, code: i16);

    /// The code before is not `NONE`: what it is about, and the answer's text for it, also if its version has no place
    /// for one.
    fn refused(&mut self, level: Level, about: Names<'_>, code: i16, text: Option<&str>);
}

/// An answer, as a place of codes. Implemented by generated code for every answer.
pub trait ErrorCodes: Sized {
    /// The answer that fails as a whole; `None` if this version of it has no code for the whole.
    fn failed(version: i16, code: i16) -> Option<Self>;

    /// Shows every code in it, the whole answer's first.
    fn error_codes<S: SeesCodes>(&self, to: &mut S);
}

/// A request, as what it is about. Implemented by generated code for every request.
pub trait Subject {
    /// Tells what the request as a whole is about.
    fn subject(&self, to: &mut dyn FnMut(Names<'_>));
}

/// Adds to each answer's text for this code.
pub trait AmendTexts {
    /// Calls `amend` with the text of every place that carries `code` and may carry a text.
    fn amend_texts(&mut self, code: i16, amend: &mut dyn FnMut(&mut Option<String>));
}

/// The codes of an answer as the walk shows them, those that are told to be refusals, and the answer as text.
#[cfg(test)]
pub(crate) struct Walked {
    codes: Vec<i16>,
    refused: Vec<i16>,
    text: String,
}

#[cfg(test)]
impl SeesCodes for Walked {
    fn code(&mut self, _: Level, code: i16) {
        self.codes.push(code);
    }

    fn refused(&mut self, _: Level, _: Names<'_>, code: i16, _: Option<&str>) {
        self.refused.push(code);
    }
}

/// Draws an answer of any version and walks over it.
#[cfg(test)]
pub(crate) fn walked<M: crate::Message + ErrorCodes>(
    draw: fn(&mut crate::random::Random, i16) -> M,
    source: &mut crate::random::Random,
) -> Walked {
    let versions = M::VERSIONS;
    let span = u64::from(versions.end().abs_diff(*versions.start())) + 1;
    let version = versions.start() + (source.below(span) as i16);
    let answer = draw(source, version);
    let mut walked = Walked {
        codes: Vec::new(),
        refused: Vec::new(),
        text: format!("{answer:?}"),
    };
    answer.error_codes(&mut walked);
    walked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::{
        CreateTopicsResponse, FetchResponse, HeartbeatRequest, ProduceResponse,
        create_topics_response::CreatableTopicResult,
        fetch_response::{FetchableTopicResponse, PartitionData},
    };

    #[derive(Default)]
    struct Seen(Vec<String>);

    impl SeesCodes for Seen {
        fn code(&mut self, level: Level, code: i16) {
            self.0.push(format!("{level:?} {code}"));
        }

        fn refused(&mut self, _: Level, about: Names<'_>, code: i16, text: Option<&str>) {
            self.0.push(format!("{about:?} {code} {text:?}"));
        }
    }

    fn seen(answer: &impl ErrorCodes) -> Vec<String> {
        let mut seen = Seen::default();
        answer.error_codes(&mut seen);
        seen.0
    }

    #[test]
    fn no_code_of_any_answer_escapes() {
        let mut source = crate::random::Random::new(7);
        let mut seen = 0;
        for answer in crate::messages::random::ANSWERS {
            for _ in 0..50 {
                let walked = answer(&mut source);
                let mut there: Vec<i16> = walked
                    .text
                    .split("error_code: ")
                    .skip(1)
                    .map(|rest| {
                        let end = rest.find([',', ' ', '}']).unwrap();
                        rest[..end].parse().unwrap()
                    })
                    .collect();
                let mut codes = walked.codes;
                let text = &walked.text;
                codes.sort_unstable();
                there.sort_unstable();
                assert_eq!(codes, there, "{text}");
                codes.retain(|code| *code != 0);
                let mut refused = walked.refused;
                refused.sort_unstable();
                assert_eq!(codes, refused, "{text}");
                seen += codes.len();
            }
        }
        assert!(seen > 5_000, "{seen}");
    }

    #[test]
    fn answers_with_a_code_for_the_whole_can_fail() {
        let failed = |version| FetchResponse::failed(version, -1).map(|answer| answer.error_code);
        assert_eq!((failed(6), failed(7)), (None, Some(-1)));
        assert_eq!(ProduceResponse::failed(9, -1), None);
    }

    #[test]
    fn every_code_is_shown_with_what_it_is_about() {
        let partition = |partition_index, error_code| PartitionData {
            partition_index,
            error_code,
            ..PartitionData::default()
        };
        let answer = FetchResponse {
            responses: vec![FetchableTopicResponse {
                topic: "orders".to_owned(),
                partitions: vec![partition(0, 0), partition(7, 1)],
                ..FetchableTopicResponse::default()
            }],
            ..FetchResponse::default()
        };
        let about = r#"[("topic", Text(Some("orders"))), ("topic_id", Id(AAAAAAAAAAAAAAAAAAAAAA)), ("partition", Number(7))]"#;
        assert_eq!(
            seen(&answer),
            [
                "Answer 0".to_owned(),
                "Part 0".to_owned(),
                "Part 1".to_owned(),
                format!("{about} 1 None"),
            ]
        );
        assert_eq!(seen(&ProduceResponse::default()), [""; 0]);
    }

    #[test]
    fn texts_are_shown_and_can_be_amended() {
        let mut answer = CreateTopicsResponse {
            topics: vec![CreatableTopicResult {
                name: "a".to_owned(),
                error_code: -1,
                error_message: Some("no".to_owned()),
                ..CreatableTopicResult::default()
            }],
            ..CreateTopicsResponse::default()
        };
        answer.amend_texts(-1, &mut |text| {
            text.get_or_insert_default().push_str(" (incident x)");
        });
        answer.amend_texts(3, &mut |text| *text = None);
        let shown = seen(&answer).join("; ");
        assert!(
            shown.starts_with(r#"Part -1; [("topic", Text(Some("a"))), "#),
            "{shown}"
        );
        assert!(
            shown.ends_with(r#"] -1 Some("no (incident x)"); Aside 0"#),
            "{shown}"
        );
    }

    #[test]
    fn requests_say_what_they_are_about() {
        let request = HeartbeatRequest {
            group_id: "readers".to_owned(),
            member_id: "m".to_owned(),
            ..HeartbeatRequest::default()
        };
        let mut told = String::new();
        request.subject(&mut |names| told = format!("{names:?}"));
        assert!(
            told.contains(r#"("group", Text(Some("readers")))"#),
            "{told}"
        );
        assert!(told.contains(r#"("member", Text(Some("m")))"#), "{told}");
    }
}
