//! Frames: what is around a request and a response on a connection, after and with the size.

use bytes::Bytes;

use crate::{
    Encoded, Malformed, Message, Reader, Request, Unencodable, Writer,
    apis::{API_VERSIONS, Api, api},
};

/// Who asks what.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RequestHeader {
    /// The API key, known or not.
    pub api_key: i16,
    /// The version, known or not.
    pub api_version: i16,
    /// Comes back in the response.
    pub correlation_id: i32,
    /// How the caller calls itself.
    pub client_id: Option<String>,
}

/// What can be done about a request, going by its key and version alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Support {
    /// The body can be read.
    Readable,
    /// An ApiVersions request of a version to come: answer in version 0 with `UNSUPPORTED_VERSION` and what is
    /// supported; the body is not to be read.
    AnswerVersions,
    /// No such version: Kafka closes the connection.
    UnknownVersion,
    /// No such request: Kafka closes the connection.
    UnknownKey,
}

/// A request as it came: its header, and the bytes of its body.
#[derive(Clone, Debug)]
pub struct RequestFrame {
    /// The header. Of an unknown request only its first 8 bytes are known: the client id is `None`.
    pub header: RequestHeader,
    /// The row of the key.
    pub api: Option<&'static Api>,
    /// The body; what follows the first 8 bytes if the request is unknown.
    pub body: Bytes,
}

impl RequestFrame {
    /// Reads a frame without its size. An unknown key or version is no error: see [`RequestFrame::support`].
    pub fn read(frame: Bytes) -> Result<Self, Malformed> {
        let mut from = Reader::new(frame);
        let mut header = RequestHeader {
            api_key: from.i16()?,
            api_version: from.i16()?,
            correlation_id: from.i32()?,
            client_id: None,
        };
        let api = api(header.api_key);
        if let Some(api) = api {
            // Not compact in any version: a broker must be able to read it before it knows the version.
            header.client_id = from.nullable_string(false)?;
            if api.request_header(header.api_version) >= 2 {
                from.tags(|_, _| Ok(false))?;
            }
        }
        Ok(Self {
            header,
            api,
            body: from.rest(),
        })
    }

    /// What can be done about it; `unstable` admits versions that may still change.
    pub fn support(&self, unstable: bool) -> Support {
        match self.api {
            None => Support::UnknownKey,
            Some(api) if api.has(self.header.api_version, unstable) => Support::Readable,
            Some(api) if api.key == API_VERSIONS => Support::AnswerVersions,
            Some(_) => Support::UnknownVersion,
        }
    }

    /// The version to answer in: the request's, or 0 for an ApiVersions request of a version to come.
    pub fn answer_version(&self) -> i16 {
        match self.support(true) {
            Support::AnswerVersions => 0,
            _ => self.header.api_version,
        }
    }
}

/// A writer of a response's frame, its header written: write the body, then [`Writer::finish`] gives the frame
/// with its size. `capacity` is for the body.
pub fn response_head(key: i16, version: i16, correlation_id: i32, capacity: usize) -> Writer {
    let mut to = Writer::frame(capacity + 5);
    to.i32(correlation_id);
    if api(key).is_some_and(|api| api.response_header(version) >= 1) {
        to.uvarint(0);
    }
    to
}

/// The frame of a response to the request `key`, size included.
pub fn response<M: Message>(
    key: i16,
    version: i16,
    correlation_id: i32,
    body: &M,
) -> Result<Encoded, Unencodable> {
    let mut to = response_head(key, version, correlation_id, 64);
    put(body, &mut to, version)?;
    Ok(to.finish())
}

/// The frame of a request, size included. A client id of more than 32,767 bytes is refused.
pub fn request<R: Request>(
    version: i16,
    correlation_id: i32,
    client_id: Option<&str>,
    body: &R,
) -> Result<Encoded, Unencodable> {
    let mut to = Writer::frame(64);
    to.i16(R::KEY);
    to.i16(version);
    to.i32(correlation_id);
    if !to.nullable_string(client_id, false) {
        return Err(Unencodable {
            message: "RequestHeader",
            field: "client_id",
        });
    }
    if R::is_flexible(version) {
        to.uvarint(0);
    }
    put(body, &mut to, version)?;
    Ok(to.finish())
}

/// The correlation id and the body of a response's frame without its size.
pub fn read_response(key: i16, version: i16, frame: Bytes) -> Result<(i32, Bytes), Malformed> {
    let mut from = Reader::new(frame);
    let correlation_id = from.i32()?;
    if api(key).is_some_and(|api| api.response_header(version) >= 1) {
        from.tags(|_, _| Ok(false))?;
    }
    Ok((correlation_id, from.rest()))
}

fn put<M: Message>(body: &M, to: &mut Writer, version: i16) -> Result<(), Unencodable> {
    if !M::VERSIONS.contains(&version) {
        return Err(Unencodable {
            message: M::NAME,
            field: "version",
        });
    }
    body.write(to, version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Records, Segment,
        messages::{
            ApiVersionsRequest, ApiVersionsResponse, FetchResponse, HeartbeatRequest,
            fetch_response::{FetchableTopicResponse, PartitionData},
        },
    };

    fn read(bytes: &'static [u8]) -> RequestFrame {
        RequestFrame::read(Bytes::from_static(bytes)).unwrap()
    }

    #[test]
    fn a_header_of_each_version_is_read() {
        // Metadata 1: the header has no tags.
        let frame = read(&[0, 3, 0, 1, 0, 0, 0, 7, 0, 2, b'm', b'e', 9, 9]);
        assert_eq!(
            frame.header,
            RequestHeader {
                api_key: 3,
                api_version: 1,
                correlation_id: 7,
                client_id: Some("me".to_owned()),
            }
        );
        assert_eq!(
            (frame.support(false), &frame.body[..]),
            (Support::Readable, &[9, 9][..])
        );
        // Metadata 9: it has; one unknown tag is skipped. No client id.
        let frame = read(&[0, 3, 0, 9, 0, 0, 0, 7, 0xFF, 0xFF, 1, 5, 2, 1, 1, 8]);
        assert_eq!((frame.header.client_id, &frame.body[..]), (None, &[8][..]));
    }

    #[test]
    fn what_is_unknown_can_be_answered_or_closed() {
        let versions = read(&[0, 18, 0, 99, 0, 0, 0, 7, 0, 1, b'c', 0, 1, 2, 3]);
        assert_eq!(versions.support(false), Support::AnswerVersions);
        assert_eq!(
            (versions.answer_version(), versions.header.correlation_id),
            (0, 7)
        );
        let versions = read(&[0, 18, 0xFF, 0xFF, 0, 0, 0, 7, 0, 0]);
        assert_eq!(versions.support(false), Support::AnswerVersions);
        let unknown = read(&[0, 95, 0, 1, 0, 0, 0, 7, 1]);
        assert_eq!(unknown.support(false), Support::UnknownKey);
        assert_eq!(
            (unknown.header.api_key, unknown.header.correlation_id),
            (95, 7)
        );
        let old = read(&[0, 0, 0, 2, 0, 0, 0, 7, 0, 0]);
        assert_eq!(
            (old.support(false), old.answer_version()),
            (Support::UnknownVersion, 2)
        );
        let dead = read(&[0, 7, 0, 0, 0, 0, 0, 7, 0, 0]);
        assert_eq!(dead.support(true), Support::UnknownVersion);
        let unstable = read(&[0, 22, 0, 6, 0, 0, 0, 7, 0, 0, 0]);
        assert_eq!(unstable.support(false), Support::UnknownVersion);
        assert_eq!(unstable.support(true), Support::Readable);
    }

    #[test]
    fn a_short_header_is_malformed() {
        for bytes in [&[0_u8, 3, 0][..], &[0, 3, 0, 9, 0, 0, 0, 7, 0, 9, b'x']] {
            assert!(RequestFrame::read(Bytes::copy_from_slice(bytes)).is_err());
        }
    }

    #[test]
    fn a_request_is_read_as_it_was_written() {
        let body = HeartbeatRequest {
            group_id: "g".to_owned(),
            ..HeartbeatRequest::default()
        };
        for version in [0, 4] {
            let sent = request(version, 3, Some("me"), &body).unwrap();
            let sent = sent.into_bytes().unwrap();
            assert_eq!(&sent[..4], (sent.len() as i32 - 4).to_be_bytes());
            let frame = RequestFrame::read(sent.slice(4..)).unwrap();
            assert_eq!(frame.header.client_id.as_deref(), Some("me"));
            assert_eq!(
                HeartbeatRequest::decode(frame.body, version),
                Ok(body.clone())
            );
        }
        assert!(request(5, 3, None, &body).is_err(), "no such version");
        let long = "x".repeat(40_000);
        assert!(request(0, 3, Some(&long), &ApiVersionsRequest::default()).is_err());
    }

    #[test]
    fn a_response_has_its_size_and_header() {
        let body = ApiVersionsResponse {
            error_code: 35,
            ..ApiVersionsResponse::default()
        };
        let sent = response(API_VERSIONS, 0, 7, &body).unwrap();
        assert_eq!(
            sent.into_bytes().unwrap(),
            [0, 0, 0, 10, 0, 0, 0, 7, 0, 35, 0, 0, 0, 0].as_slice()
        );
        // Flexible, and still without tags in its header.
        let sent = response(API_VERSIONS, 3, 7, &body)
            .unwrap()
            .into_bytes()
            .unwrap();
        assert_eq!(
            sent,
            [0, 0, 0, 12, 0, 0, 0, 7, 0, 35, 1, 0, 0, 0, 0, 0].as_slice()
        );
        assert_eq!(
            read_response(API_VERSIONS, 3, sent.slice(4..)),
            Ok((7, sent.slice(8..)))
        );
    }

    #[test]
    fn a_response_around_records_has_the_size_of_all_of_it() {
        let records = Records::Hole { slot: 1, len: 1000 };
        let body = FetchResponse {
            responses: vec![FetchableTopicResponse {
                partitions: vec![PartitionData {
                    records: Some(records),
                    ..PartitionData::default()
                }],
                ..FetchableTopicResponse::default()
            }],
            ..FetchResponse::default()
        };
        for version in [4, 18] {
            let sent = response(1, version, 7, &body).unwrap();
            let Segment::Bytes(head) = &sent.segments[0] else {
                panic!("{sent:?}");
            };
            assert_eq!(head[..4], (sent.len() as i32 - 4).to_be_bytes());
            assert!(
                sent.segments
                    .contains(&Segment::Hole { slot: 1, len: 1000 })
            );
            assert_eq!(head[4..8], [0, 0, 0, 7]);
        }
    }
}
