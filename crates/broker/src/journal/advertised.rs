//! Whether clients can go on where the node sends them: a wrong `advertised.listeners` shows nowhere but at clients.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{net::TcpStream, time::timeout};

use crate::{
    api::{Caller, Cx},
    broker::Broker,
    node::Endpoint,
};

/// How long a connection to the node's own address may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often an address that was wrong is tried again.
const AGAIN: Duration = Duration::from_secs(60);
/// What the node calls itself when it is its own client.
const MYSELF: &str = "ottla-self-check";

/// Tries the address that a listener tells its clients, until it is found right.
pub(crate) async fn check(broker: Arc<Broker>, endpoint: Arc<Endpoint>) {
    loop {
        let Err(why) = reach(&endpoint).await else {
            return;
        };
        let reason = format!(
            "listener {} sends its clients to {}, and {why}: clients connect, and fail after; set advertised.listeners to \
             an address that clients can reach",
            endpoint.name,
            told(&endpoint)
        );
        tracing::warn!("{reason}");
        let here = SocketAddr::from(([127, 0, 0, 1], endpoint.port));
        note(
            &broker,
            &Caller::new(here, &endpoint),
            Some(MYSELF),
            &endpoint,
            reason,
        );
        tokio::time::sleep(AGAIN).await;
    }
}

/// A client of another machine that is sent to its own.
pub(crate) fn misled(cx: &Cx) {
    if !is_loopback(&cx.endpoint.advertised_host) || cx.peer.ip().to_canonical().is_loopback() {
        return;
    }
    let reason = format!(
        "the client came from {} and is sent to {}, which is its own machine unless it runs on this one: set \
         advertised.listeners to an address that clients can reach",
        cx.peer.ip(),
        told(&cx.endpoint)
    );
    note(&cx.broker, cx.caller(), None, &cx.endpoint, reason);
}

fn note(
    broker: &Broker,
    caller: &Caller,
    client_id: Option<&str>,
    endpoint: &Endpoint,
    reason: String,
) {
    let mut entry = caller.entry();
    entry.client_id = client_id.map(Into::into);
    entry.about = vec![("advertised", told(endpoint))];
    entry.reason = reason;
    broker.journal.put(entry);
}

fn told(endpoint: &Endpoint) -> String {
    format!("{}:{}", endpoint.advertised_host, port(endpoint))
}

fn port(endpoint: &Endpoint) -> u16 {
    match endpoint.advertised_port {
        0 => endpoint.port,
        port => port,
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|ip| ip.to_canonical().is_loopback())
}

/// Connects to it as a client would.
async fn reach(endpoint: &Endpoint) -> Result<(), String> {
    let address = (endpoint.advertised_host.as_str(), port(endpoint));
    match timeout(PATIENCE, TcpStream::connect(address)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(format!("this machine cannot connect there ({error})")),
        Err(_) => Err("this machine cannot connect there (no answer)".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_that_are_every_machine_are_known() {
        for host in ["localhost", "LocalHost", "127.0.0.1", "127.9.9.9", "::1"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["", "10.0.0.1", "localhost.example.org", "kafka"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
