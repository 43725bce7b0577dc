//! The local socket of a node: where it is, and who may use it.
//!
//! It is an abstract Unix socket, named after the port of a Kafka listener. So it needs no configuration and no file (the
//! data directory has Kafka's files and no others), ends with the process, and is in the network namespace that the
//! port is in: whoever can reach `127.0.0.1:9092` inside a container finds the socket there too. Both ends check that
//! the other is a process of the same user.

use std::io;
#[cfg(target_os = "linux")]
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::SocketAddr;

use tokio::net::UnixStream;

/// What the names begin with; then comes the port.
pub(crate) const PREFIX: &str = "ottla-";

/// The socket of the node that listens on `port`.
#[cfg(target_os = "linux")]
pub(crate) fn address(port: u16) -> io::Result<SocketAddr> {
    SocketAddr::from_abstract_name(format!("{PREFIX}{port}"))
}

/// The socket of the node that listens on `port`: elsewhere there are no abstract ones.
#[cfg(not(target_os = "linux"))]
pub(crate) fn address(port: u16) -> io::Result<SocketAddr> {
    let uid = rustix::process::geteuid().as_raw();
    SocketAddr::from_pathname(std::env::temp_dir().join(format!("{PREFIX}{port}-{uid}.sock")))
}

/// Whether the process at the other end belongs to the same user, or to root.
pub(crate) fn is_own(stream: &UnixStream) -> bool {
    let me = rustix::process::geteuid().as_raw();
    stream
        .peer_cred()
        .is_ok_and(|peer| peer.uid() == me || peer.uid() == 0)
}
