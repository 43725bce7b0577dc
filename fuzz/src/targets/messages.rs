//! Messages in every version, and what is around requests and responses.

use bytes::Bytes;
use ottla_wire::{
    apis::{self, Api},
    frame::{self, RequestFrame, Support},
    messages::random::TABLE,
    random::Entry,
};

use super::Choices;
use crate::Target;

/// A message, after which one it is and in which version.
pub(super) static MESSAGE: Target = Target {
    name: "message",
    valid: |source| {
        let index = source.below(TABLE.len() as u64) as u16;
        let entry = &TABLE[usize::from(index)];
        let version = source.below(entry.versions.clone().count() as u64) as u8;
        let mut input = index.to_be_bytes().to_vec();
        input.push(version);
        input.extend_from_slice(&(entry.random)(source, chosen_version(entry, version)));
        input
    },
    check: |input| {
        let mut choices = Choices(input);
        let entry = &TABLE[usize::from(choices.word()) % TABLE.len()];
        let version = chosen_version(entry, choices.byte());
        roundtrip(entry, version, choices.rest())
    },
};

fn chosen_version(entry: &Entry, choice: u8) -> i16 {
    let count = entry.versions.clone().count();
    entry.versions.start() + (usize::from(choice) % count) as i16
}

/// What is read is written, and reads as the same again.
fn roundtrip(entry: &Entry, version: i16, bytes: Bytes) -> bool {
    let name = entry.name;
    for other in [*entry.versions.start(), *entry.versions.end()] {
        let _ = (entry.convert)(bytes.clone(), version, other);
    }
    match (entry.roundtrip)(bytes, version) {
        Ok(written) => {
            let again = (entry.roundtrip)(written.clone(), version);
            assert_eq!(again, Ok(written), "{name} version {version}");
            true
        }
        Err(why) => {
            assert!(
                why.starts_with("malformed"),
                "{name} version {version}: {why}"
            );
            false
        }
    }
}

fn entry(api: &Api, suffix: &str) -> &'static Entry {
    let named = |entry: &&Entry| {
        let name = entry.name.strip_suffix(suffix);
        name == Some(api.name)
    };
    TABLE.iter().find(named).expect("a message for each API")
}

/// A frame without its size, as a broker or client gets it: the first byte says which of the two.
pub(super) static REQUEST: Target = Target {
    name: "request",
    valid: |source| {
        let live: Vec<_> = apis::all().iter().filter(|api| api.last >= 0).collect();
        let api = *super::pick(source, &live);
        let version = api.first + source.below((api.last - api.first + 1) as u64) as i16;
        let is_response = source.bool();
        let mut input = vec![u8::from(is_response)];
        input.extend_from_slice(&api.key.to_be_bytes());
        input.extend_from_slice(&version.to_be_bytes());
        input.extend_from_slice(&source.i32().to_be_bytes());
        let flexible = if is_response {
            api.response_header(version) >= 1
        } else {
            input.extend_from_slice(&[0, 2, b'm', b'e']);
            api.request_header(version) >= 2
        };
        if flexible {
            input.push(0);
        }
        let suffix = if is_response { "Response" } else { "Request" };
        let body = (entry(api, suffix).random)(source, version);
        input.extend_from_slice(&body);
        input
    },
    check: |input| {
        let mut choices = Choices(input);
        if choices.byte() & 1 == 0 {
            read_request(choices.rest())
        } else {
            let (key, version) = (choices.word() as i16, choices.word() as i16);
            read_response(key, version, choices.rest())
        }
    },
};

fn read_request(bytes: Bytes) -> bool {
    let Ok(request) = RequestFrame::read(bytes) else {
        return false;
    };
    let version = request.header.api_version;
    match (request.support(true), request.api) {
        (Support::Readable, Some(api)) => roundtrip(entry(api, "Request"), version, request.body),
        (Support::AnswerVersions, Some(_)) => {
            assert_eq!(request.answer_version(), 0);
            false
        }
        _ => false,
    }
}

fn read_response(key: i16, version: i16, bytes: Bytes) -> bool {
    let Ok((_, body)) = frame::read_response(key, version, bytes) else {
        return false;
    };
    match apis::api(key) {
        Some(api) if api.has(version, true) => roundtrip(entry(api, "Response"), version, body),
        _ => false,
    }
}
