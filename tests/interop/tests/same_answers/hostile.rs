//! Bytes that are no request, or one that nobody knows.

use ottla_wire::{Message, messages::ApiVersionsResponse};

use crate::both::Both;

/// A frame of these bytes.
fn frame(parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    [&(body.len() as u32).to_be_bytes()[..], &body].concat()
}

/// A request header of version 1 without client id.
fn header(key: i16, version: i16) -> Vec<u8> {
    let (key, version) = (key.to_be_bytes(), version.to_be_bytes());
    [
        &key[..],
        &version,
        &7_i32.to_be_bytes(),
        &(-1_i16).to_be_bytes(),
    ]
    .concat()
}

pub(crate) fn send(both: &mut Both) {
    versions_to_come(both);
    for key in [-1, 4, 5, 6, 7, 52, 95, 999, i16::MAX] {
        both.bytes(
            &format!("key {key}"),
            &frame(&[&header(key, 0), b"\0\0\0\0"]),
        );
    }
    for (key, version) in [
        (0, 2),
        (0, 14),
        (1, 3),
        (1, 19),
        (3, -1),
        (3, 14),
        (19, 1),
        (22, 6),
        (22, 7),
    ] {
        both.bytes(
            &format!("key {key} version {version}"),
            &frame(&[&header(key, version), &[0; 40]]),
        );
    }
    both.bytes("a frame of no size", &[0; 4]);
    both.bytes("a frame of negative size", &[0xff; 4]);
    both.bytes("a very large frame", &[0x7f, 0xff, 0xff, 0xff, 0, 3, 0, 0]);
    both.bytes("less than a header", &frame(&[b"\0\x03\0"]));
    both.bytes("Metadata cut short", &frame(&[&header(3, 4), b"\0\0"]));
    both.bytes(
        "Metadata with very many topics",
        &frame(&[&header(3, 4), &[0x7f, 0xff, 0xff, 0xff, 0]]),
    );
    both.bytes(
        "Metadata with a null name",
        &frame(&[&header(3, 4), b"\0\0\0\x01\xff\xff\0"]),
    );
    both.bytes(
        "Metadata with a name too long",
        &frame(&[&header(3, 4), b"\0\0\0\x01\x7f\xff\0"]),
    );
    both.bytes(
        "a name that is not UTF-8",
        &frame(&[&header(20, 1), b"\0\0\0\x01\0\x02\xc3\x28\0\0\0\0"]),
    );
    both.bytes("HTTP", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
}

/// A newer client asks which versions there are: the answer is that of version 0.
fn versions_to_come(both: &mut Both) {
    for version in [5, 77, i16::MAX] {
        let asked = frame(&[&header(18, version), &[0; 20]]);
        let said = both.sides().each_mut().map(|side| {
            let answer = side.connection.exchange(&asked);
            match answer.map(|answer| ApiVersionsResponse::decode(answer.slice(4..), 0)) {
                Ok(Ok(answer)) => format!("{answer:#?}"),
                other => format!("{other:?}"),
            }
        });
        let what = format!("v{version}, which is to come");
        both.compare("ApiVersionsRequest", &what, &said);
    }
}
