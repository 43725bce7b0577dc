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

use socket2::{Domain, Protocol, Socket, Type};
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
}

impl Listener {
    /// Binds `endpoint`. Must run on a runtime.
    ///
    /// # Errors
    /// One sentence that says what to do: the address does not resolve, is in use, or is not allowed.
    pub(crate) fn bind(endpoint: Endpoint, backlog: i32) -> Result<Self, String> {
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
        let socket = bind(address, backlog.max(BACKLOG_AT_LEAST))
            .map_err(|error| why_not_bound(&endpoint, address, &error))?;
        let port = socket
            .local_addr()
            .map_or(endpoint.port, |bound| bound.port());
        let endpoint = Arc::new(Endpoint { port, ..endpoint });
        Ok(Self { socket, endpoint })
    }

    /// What it is bound to; the port is the true one also when 0 was asked for.
    pub(crate) fn endpoint(&self) -> &Arc<Endpoint> {
        &self.endpoint
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
                    // Answers are whole frames: waiting to fill a packet only delays them.
                    let _ = stream.set_nodelay(true);
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

fn bind(address: SocketAddr, backlog: i32) -> io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    // So that a restart need not wait for the connections of the last run to be forgotten.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(backlog)?;
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
