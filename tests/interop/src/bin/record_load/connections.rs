//! Connections that do nothing: what they cost.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream},
    thread,
    time::Duration,
};

use ottla_interop::load::{Gauge, Plan};
use ottla_wire::messages::ApiVersionsRequest;
use rustix::process::{Resource, getrlimit, setrlimit};
use serde_json::{Value, json};
use socket2::{Domain, Socket, Type};

use super::{gauge::now, link::Link};

/// Files that are open beside the connections.
const OTHERS: u64 = 64;
/// Connections from one address: each takes a port, and there are about 28,000.
const OF_ONE_ADDRESS: usize = 20_000;

/// Options: count, seconds (idle).
pub(crate) fn run(plan: &Plan) -> Result<Value, String> {
    let count = plan.number("count")?;
    let seconds = plan.number("seconds")?;
    allow(count as u64 + OTHERS)?;
    let gauge = Gauge::of(plan.pid);
    let before = gauge.read()?;
    let start = now();
    let mut links = Vec::with_capacity(count);
    let hello = ApiVersionsRequest {
        client_software_name: "load".to_owned(),
        client_software_version: "1".to_owned(),
        ..ApiVersionsRequest::default()
    };
    for number in 0..count {
        let mut link = Link::over(open(&plan.address, number)?)?;
        link.ask(3, &hello)?;
        links.push(link);
    }
    let opened = start.elapsed().as_secs_f64();
    let settled = gauge.read()?;
    thread::sleep(Duration::from_secs(seconds as u64));
    let after = gauge.read()?;
    // Each still answers.
    for link in &mut links {
        link.ask(3, &hello)?;
    }
    Ok(json!({
        "opened_s": count as f64 / opened,
        "open_cpu_us": (settled.cpu_s - before.cpu_s) * 1e6 / count as f64,
        "bytes_each": after.rss.saturating_sub(before.rss) as f64 / count as f64,
        "rss_mb": after.rss as f64 / 1e6,
        "idle_cpu_share": (after.cpu_s - settled.cpu_s) / seconds.max(1) as f64,
    }))
}

/// Raises the limit of open files, if it is lower.
fn allow(files: u64) -> Result<(), String> {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= files) {
        return Ok(());
    }
    limit.current = Some(files);
    // Above this only root may go.
    limit.maximum = limit.maximum.map(|most| most.max(files));
    let raised = setrlimit(Resource::Nofile, limit);
    raised.map_err(|error| format!("{files} open files are wanted: {error}"))
}

/// A connection from one of many addresses of this machine.
fn open(address: &str, number: usize) -> Result<TcpStream, String> {
    let said = |error: std::io::Error| format!("connection {number}: {error}");
    let to: SocketAddr = address
        .parse()
        .map_err(|_| format!("{address}: not an address"))?;
    let Some(from) = source(number).filter(|_| to.ip().is_loopback() && to.is_ipv4()) else {
        return TcpStream::connect(to).map_err(said);
    };
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).map_err(said)?;
    // Ports of connections that ended a moment ago are taken, too.
    socket.set_reuse_address(true).map_err(said)?;
    socket
        .bind(&SocketAddr::new(from, 0).into())
        .map_err(said)?;
    socket.connect(&to.into()).map_err(said)?;
    Ok(socket.into())
}

/// The address of a connection; that of the first ones is for the kernel to choose.
fn source(number: usize) -> Option<IpAddr> {
    let of = u8::try_from(number / OF_ONE_ADDRESS).unwrap_or(u8::MAX);
    let last = of.saturating_add(1);
    (of > 0).then(|| Ipv4Addr::new(127, 0, 0, last).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_connections_come_from_many_addresses() {
        assert_eq!([0, 19_999].map(source), [None, None]);
        let all = [20_000, 9_000_000].map(|number| source(number).unwrap().to_string());
        assert_eq!(all, ["127.0.0.2", "127.0.0.255"]);
    }
}
