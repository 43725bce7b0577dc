//! Accepts connections and spreads them over the threads that serve them.

use std::{
    io,
    net::{SocketAddr, ToSocketAddrs},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use ottla_config::BrokerConfig;
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc, watch},
};
use tracing::{debug, info, warn};

use super::{
    connection::{self, Accepted},
    limits::Turned,
};
use crate::{api::Caller, broker::Broker, journal::closed, node::Endpoint, task};

/// Connections on their way to one thread.
const HANDOVER_MAX: usize = 1024;
/// Connections of a listener that wait to be closed; more are closed at once.
const HELD_MAX: usize = 1024;
/// How long accepting rests when the process has no descriptor left.
const REST_WITHOUT_DESCRIPTORS: Duration = Duration::from_millis(100);
/// Fewer than this would make a burst of connections wait for a second try of their peers.
const BACKLOG_AT_LEAST: i32 = 1024;

/// What waits in a socket to be sent, unless the configuration says so: a few answers' worth of records, which the reader copies
/// while the processor's cache still has them. With as much as Linux would let it grow to, reading takes 1.5 times the processor
/// time; with Kafka's 100 KiB, 1.3 times (docs/reference/hot-path.md).
const SEND_BUFFER_BYTES: usize = 256 << 10;

/// What sockets are told. Names are those of the configuration keys, without `socket`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct SocketSettings {
    listen_backlog_size: i32,
    /// `None`: as the system does it, which lets it grow with what comes.
    receive_buffer_bytes: Option<usize>,
    send_buffer_bytes: Option<usize>,
}

impl SocketSettings {
    /// Buffers are of Kafka's default sizes only if the configuration says so.
    pub(crate) fn of(config: &BrokerConfig) -> Self {
        let bytes = |key: &str, without| match config.given(key) {
            Some(_) => usize::try_from(config.int(key)).ok(),
            None => without,
        };
        Self {
            listen_backlog_size: config.int("socket.listen.backlog.size"),
            receive_buffer_bytes: bytes("socket.receive.buffer.bytes", None),
            send_buffer_bytes: bytes("socket.send.buffer.bytes", Some(SEND_BUFFER_BYTES)),
        }
    }
}

/// The threads that serve connections: each connection stays on one of them.
pub(crate) struct Workers {
    to: Vec<mpsc::Sender<Accepted>>,
    next: AtomicUsize,
    threads: Vec<std::thread::JoinHandle<()>>,
}

impl Workers {
    /// Starts `count` threads, which end when `stop` says so.
    pub(crate) fn start(
        count: usize,
        broker: &Arc<Broker>,
        stop: &watch::Receiver<bool>,
    ) -> io::Result<Self> {
        let mut workers = Self {
            to: Vec::new(),
            next: AtomicUsize::new(0),
            threads: Vec::new(),
        };
        for index in 0..count.max(1) {
            let (to, mut from) = mpsc::channel::<Accepted>(HANDOVER_MAX);
            let (broker, mut stop) = (broker.clone(), stop.clone());
            let thread = task::thread(&format!("network-{index}"), move || async move {
                loop {
                    tokio::select! {
                        biased;
                        _ = stop.wait_for(|stop| *stop) => return,
                        accepted = from.recv() => match accepted {
                            Some(accepted) => {
                                task::spawn("connection", connection::serve(broker.clone(), accepted));
                            }
                            None => return,
                        },
                    }
                }
            })?;
            workers.to.push(to);
            workers.threads.push(thread);
        }
        Ok(workers)
    }

    async fn hand_over(&self, accepted: Accepted) {
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.to.len();
        // A thread that has ended is stopping, and so is everything else.
        let _ = self.to[turn].send(accepted).await;
    }

    /// Waits for the threads to end.
    pub(crate) fn join(self) {
        drop(self.to);
        for thread in self.threads {
            // A panic there was reported there.
            let _ = thread.join();
        }
    }
}

/// A bound socket.
pub(crate) struct Listener {
    socket: TcpListener,
    endpoint: Arc<Endpoint>,
    send_buffer_bytes: Option<usize>,
}

impl Listener {
    /// Binds `endpoint`. Must run on a runtime.
    ///
    /// # Errors
    /// One sentence that says what to do: the address does not resolve, is in use, or is not allowed.
    pub(crate) fn bind(endpoint: Endpoint, settings: SocketSettings) -> Result<Self, String> {
        let host = if endpoint.host.is_empty() {
            "0.0.0.0"
        } else {
            &endpoint.host
        };
        let address = (host, endpoint.port)
            .to_socket_addrs()
            .ok()
            .and_then(|mut all| all.next())
            .ok_or_else(|| {
                format!(
                    "listener {}: the host {host} does not resolve; change it in `listeners`",
                    endpoint.name
                )
            })?;
        let socket =
            bind(address, settings).map_err(|error| why_not_bound(&endpoint, address, &error))?;
        let port = socket
            .local_addr()
            .map_or(endpoint.port, |bound| bound.port());
        let endpoint = Arc::new(Endpoint { port, ..endpoint });
        Ok(Self {
            socket,
            endpoint,
            send_buffer_bytes: settings.send_buffer_bytes,
        })
    }

    /// What it is bound to; the port is the true one also when 0 was asked for.
    pub(crate) fn endpoint(&self) -> &Arc<Endpoint> {
        &self.endpoint
    }

    /// Tells the socket of a connection what it must know; one that is gone already will be noticed when it is read.
    fn prepare(&self, stream: &TcpStream) {
        // Answers are whole frames: waiting to fill a packet only delays them.
        let _ = stream.set_nodelay(true);
        if let Some(bytes) = self.send_buffer_bytes {
            let _ = SockRef::from(stream).set_send_buffer_size(bytes);
        }
    }

    /// Accepts until `stop` says so.
    pub(crate) async fn run(
        self,
        workers: Arc<Workers>,
        broker: Arc<Broker>,
        mut stop: watch::Receiver<bool>,
    ) {
        let held = Arc::new(Semaphore::new(HELD_MAX));
        let admission = broker.admission(self.endpoint.kind).clone();
        loop {
            let accepted = tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => return,
                accepted = self.socket.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => {
                    let admitted = tokio::select! {
                        biased;
                        _ = stop.wait_for(|stop| *stop) => return,
                        admitted = admission.admit(&self.endpoint.name, peer.ip()) => admitted,
                    };
                    let admitted = match admitted {
                        Ok(admitted) => admitted,
                        Err(turned) => {
                            let caller = Caller::new(peer, &self.endpoint);
                            turn(&broker, stream, &caller, turned, &held);
                            continue;
                        }
                    };
                    self.prepare(&stream);
                    let Ok(stream) = stream.into_std() else {
                        continue;
                    };
                    let endpoint = self.endpoint.clone();
                    workers
                        .hand_over(Accepted {
                            stream,
                            peer,
                            endpoint,
                            admitted,
                        })
                        .await;
                }
                Err(error) => {
                    warn!(listener = %self.endpoint.name, %error, "could not accept a connection");
                    tokio::time::sleep(REST_WITHOUT_DESCRIPTORS).await;
                }
            }
        }
    }
}

/// Closes a connection that is not admitted, now or in a while.
fn turn(
    broker: &Broker,
    stream: TcpStream,
    caller: &Caller,
    turned: Turned,
    held: &Arc<Semaphore>,
) {
    let peer = caller.peer;
    match turned {
        Turned::Away { max } => {
            info!(%peer, "refused: max.connections.per.ip is reached: {max} are there from this address");
            closed::not_admitted(broker, caller, "max.connections.per.ip");
        }
        Turned::Later { wait_ms } => {
            debug!(%peer, "refused in {wait_ms} ms: connection_creation_rate of its address is used up");
            closed::not_admitted(
                broker,
                caller,
                "the quota connection_creation_rate of the address",
            );
            if let Ok(place) = held.clone().try_acquire_owned() {
                task::spawn("connection to close", async move {
                    tokio::time::sleep(Duration::from_millis(wait_ms)).await;
                    drop((stream, place));
                });
            }
        }
    }
}

fn bind(address: SocketAddr, settings: SocketSettings) -> io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    // So that a restart need not wait for the connections of the last run to be forgotten.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    // Connections inherit it, and their windows are scaled by it: it must be said before they come.
    if let Some(bytes) = settings.receive_buffer_bytes {
        socket.set_recv_buffer_size(bytes)?;
    }
    socket.bind(&address.into())?;
    socket.listen(settings.listen_backlog_size.max(BACKLOG_AT_LEAST))?;
    TcpListener::from_std(socket.into())
}

fn why_not_bound(endpoint: &Endpoint, address: SocketAddr, error: &io::Error) -> String {
    let name = &endpoint.name;
    match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "listener {name}: {address} is in use by another process; stop it, or choose another port with \
             --override listeners=..."
        ),
        io::ErrorKind::PermissionDenied => format!(
            "listener {name}: no permission to listen on {address}; ports below 1024 need privileges, choose a higher one"
        ),
        io::ErrorKind::AddrNotAvailable => format!(
            "listener {name}: {address} is not an address of this machine; change the host in `listeners`"
        ),
        _ => format!("listener {name}: cannot listen on {address}: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::ListenerKind;

    fn config(given: &[(&str, &str)]) -> BrokerConfig {
        let given = given
            .iter()
            .map(|(key, value)| (key.to_string(), value.to_string()));
        let layers = [ottla_config::zero_configuration(), given.collect()];
        let loaded = BrokerConfig::load(&layers, &mut |_| Ok(None));
        loaded.unwrap().config
    }

    /// The buffers of a connection: what comes, what goes. Linux doubles what it is told, for what it keeps beside the bytes.
    async fn buffers(given: &[(&str, &str)]) -> (usize, usize) {
        let endpoint = Endpoint {
            name: "PLAINTEXT".to_owned(),
            kind: ListenerKind::Broker,
            host: "127.0.0.1".to_owned(),
            port: 0,
            advertised_host: String::new(),
            advertised_port: 0,
            security_protocol: 0,
        };
        let listener = Listener::bind(endpoint, SocketSettings::of(&config(given))).unwrap();
        let address = listener.socket.local_addr().unwrap();
        let (_peer, accepted) = tokio::join!(TcpStream::connect(address), listener.socket.accept());
        let (stream, _) = accepted.unwrap();
        listener.prepare(&stream);
        let socket = SockRef::from(&stream);
        (
            socket.recv_buffer_size().unwrap() / 2,
            socket.send_buffer_size().unwrap() / 2,
        )
    }

    #[tokio::test]
    async fn buffers_are_as_large_as_the_configuration_says() {
        let (ours, _) = buffers(&[("socket.send.buffer.bytes", "-1")]).await;
        assert_eq!(buffers(&[]).await, (ours, SEND_BUFFER_BYTES));
        let given = [
            ("socket.receive.buffer.bytes", "30000"),
            ("socket.send.buffer.bytes", "40000"),
        ];
        assert_eq!(buffers(&given).await, (30_000, 40_000));
        // Kafka's default, said by its own server.properties.
        let given = [("socket.send.buffer.bytes", "102400")];
        assert_eq!(buffers(&given).await, (ours, 102_400));
    }
}
