//! Requests that can be read and whose values are anything: each gets an answer of its version or a closed
//! connection, and the node goes on, also after a restart.
#![allow(clippy::disallowed_methods)] // A test waits by the clock.

mod node;

use std::time::Duration;

use node::{
    Connection, Home, NoAnswer,
    data::{batch, create_topic, produce, read_all},
    frame, header,
};
use ottla_wire::{
    apis,
    messages::{ApiVersionsRequest, random::TABLE},
    random::Random,
    records::Codec,
};

/// For each request and version.
const VALUES: u64 = 6;

#[test]
fn drawn_values_of_every_request() {
    let home = Home::new(&[]);
    let mut node = home.start(&[]);
    assert_eq!(create_topic(&mut node.connect(), "kept", 1), 0);
    let records = batch(Codec::None, &[b"one"]).to_bytes();
    let answer = produce(&mut node.connect(), "kept", 0, records).expect("an answer");
    assert_eq!(answer.error_code, 0);
    let mut sent = 0;
    for api in apis::all() {
        let name = format!("{}Request", api.name);
        let Some(entry) = TABLE.iter().find(|entry| entry.name == name) else {
            // No version of it is left.
            assert!(api.first > api.last, "{name}");
            continue;
        };
        for version in api.first..=api.last {
            for seed in 0..VALUES {
                let mut random = match seed % 2 {
                    0 => Random::new(seed << 16 | version as u64),
                    _ => Random::sparse(seed << 16 | version as u64),
                };
                let body = (entry.random)(&mut random, version);
                for port in [home.port, home.controller_port] {
                    let address = format!("127.0.0.1:{port}");
                    // Some ask to wait for long.
                    let mut connection =
                        Connection::to(&address).patience(Duration::from_millis(40));
                    assert!(connection.send(&frame(&[&header(api.key, version, 5), &body])));
                    match connection.receive() {
                        Ok(answer) => assert_eq!(answer[..4], [0, 0, 0, 5], "{name} {version}"),
                        Err(NoAnswer::Closed | NoAnswer::Silence) => {}
                    }
                    sent += 1;
                }
                assert!(node.is_alive(), "{name} {version} {seed}: {}", node.said());
            }
            let answer = node.connect().ask(0, &ApiVersionsRequest::default());
            assert!(answer.is_ok(), "after {name} {version}: {}", node.said());
        }
    }
    assert!(sent > 1500, "{sent}");
    node.check();
    node.stop();
    let mut node = home.start(&[]);
    assert_eq!(read_all(&mut node.connect(), "kept", 0), [&b"one"[..]]);
    node.check();
}
