//! One connection to one broker: requests go out in the order they are submitted, answers come back in that order,
//! and many may be on their way at once.
//!
//! A connection never mends itself. When it breaks, every outstanding request fails, and the owner opens another.

use std::{
    collections::BTreeMap,
    fmt,
    marker::PhantomData,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicI32, Ordering},
    },
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use ottla_wire::{
    Encoded, Message, Request, Segment, errors::Code, frame,
    messages::api_versions_request::ApiVersionsRequest,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, BufReader, BufWriter},
    net::{TcpStream, tcp},
    sync::{Notify, mpsc, oneshot},
    time,
};

use crate::{ClientConfig, ClientError, Result, config::split_address, runtime};

/// What is read or written at once.
const IO_BUFFER: usize = 64 << 10;
/// What is reserved for an answer before its bytes arrive.
const RESERVE: usize = 1 << 20;

/// An open connection and the versions its broker supports. Closes when dropped and nothing waits for an answer.
#[derive(Debug)]
pub struct Connection {
    link: Link,
    versions: BTreeMap<i16, (i16, i16)>,
    features: Features,
}

/// The cluster's finalized features, as a broker knew them when it was connected to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Features {
    /// Grows with each change of a feature; -1 if the broker does not know any.
    pub epoch: i64,
    /// The finalized level of each feature.
    pub levels: BTreeMap<String, i16>,
}

impl Default for Features {
    fn default() -> Self {
        Self {
            epoch: -1,
            levels: BTreeMap::new(),
        }
    }
}

/// The way to the task that owns the socket.
#[derive(Clone, Debug)]
struct Link {
    broker: Arc<str>,
    client_id: Arc<str>,
    request_timeout: Duration,
    outbox: mpsc::Sender<Outgoing>,
    close: Arc<Notify>,
    reason: Arc<OnceLock<String>>,
    correlation: Arc<AtomicI32>,
}

/// A request on its way to the socket.
struct Outgoing {
    correlation: i32,
    frame: Encoded,
    answer: Option<oneshot::Sender<Bytes>>,
}

/// An answer that is awaited.
#[must_use = "an answer that nobody awaits is lost"]
pub struct Pending<R> {
    link: Link,
    version: i16,
    answer: oneshot::Receiver<Bytes>,
    timeout: Duration,
    request: PhantomData<fn() -> R>,
}

impl<R> fmt::Debug for Pending<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending")
            .field("broker", &self.link.broker)
            .finish_non_exhaustive()
    }
}

impl Connection {
    /// Connects to `address` (`host:port`) and asks which versions the broker supports.
    ///
    /// # Errors
    /// [`ClientError::Connect`] if nobody is there, and what a request can give.
    pub async fn open(address: &str, config: &ClientConfig) -> Result<Self> {
        let failed = |reason: String| ClientError::Connect {
            address: address.to_owned(),
            reason,
        };
        let stream = time::timeout(
            config.connect_timeout,
            TcpStream::connect(split_address(address)?),
        )
        .await
        .map_err(|_| failed(format!("no answer within {:?}", config.connect_timeout)))?
        .map_err(|error| failed(error.to_string()))?;
        stream
            .set_nodelay(true)
            .map_err(|error| failed(error.to_string()))?;
        let mut connection = Self {
            link: Link::start(stream, address, config),
            versions: BTreeMap::new(),
            features: Features::default(),
        };
        connection.negotiate().await?;
        Ok(connection)
    }

    /// `host:port` of the broker.
    pub fn broker(&self) -> &Arc<str> {
        &self.link.broker
    }

    /// Whether it has ended, so that nothing can be sent any more.
    pub fn is_closed(&self) -> bool {
        self.link.outbox.is_closed()
    }

    /// Lowest and highest version of each API key that the broker supports.
    pub fn versions(&self) -> &BTreeMap<i16, (i16, i16)> {
        &self.versions
    }

    /// The finalized features, as of when the connection was opened.
    pub fn features(&self) -> &Features {
        &self.features
    }

    /// The highest version of `R` that both sides know.
    ///
    /// # Errors
    /// [`ClientError::Unsupported`] if there is none.
    pub fn version<R: Request>(&self) -> Result<i16> {
        let (ours_min, ours_max) = (*R::VERSIONS.start(), *R::VERSIONS.end());
        let theirs = self.versions.get(&R::KEY).copied();
        if let Some((min, max)) = theirs {
            let version = ours_max.min(max);
            if version >= ours_min.max(min) {
                return Ok(version);
            }
        }
        Err(ClientError::Unsupported {
            request: request_name::<R>(),
            broker: Arc::clone(&self.link.broker),
            ours: format!("versions {ours_min} to {ours_max}"),
            theirs: theirs.map_or_else(
                || "no version of it".into(),
                |(min, max)| format!("versions {min} to {max}"),
            ),
        })
    }

    /// Sends a request in its highest common version and waits for the answer.
    ///
    /// # Errors
    /// The connection's and the codec's; an error code in the answer is the caller's business.
    pub async fn send<R: Request>(&self, request: &R) -> Result<R::Response> {
        self.send_as(request, self.version::<R>()?).await
    }

    /// Sends a request in a version chosen by the caller (see [`Connection::version`]) and waits for the answer.
    ///
    /// # Errors
    /// As for [`Connection::send`].
    pub async fn send_as<R: Request>(&self, request: &R, version: i16) -> Result<R::Response> {
        self.submit(request, version).await?.answer().await
    }

    /// Sends a request; its answer can be awaited later. Requests go out in the order of these calls, once their
    /// futures completed.
    ///
    /// # Errors
    /// [`ClientError::Disconnected`], or [`ClientError::Protocol`] for what this version cannot say.
    pub async fn submit<R: Request>(&self, request: &R, version: i16) -> Result<Pending<R>> {
        let (answer, awaited) = oneshot::channel();
        self.link.push(request, version, Some(answer)).await?;
        Ok(Pending {
            link: self.link.clone(),
            version,
            answer: awaited,
            timeout: self.link.request_timeout,
            request: PhantomData,
        })
    }

    /// Sends a request that the broker never answers (Produce with acks=0).
    ///
    /// # Errors
    /// As for [`Connection::submit`].
    pub async fn submit_unanswered<R: Request>(&self, request: &R, version: i16) -> Result<()> {
        self.link.push(request, version, None).await
    }

    /// Which versions? Asked in our newest version; a broker that does not know it says so in version 0.
    async fn negotiate(&mut self) -> Result<()> {
        let request = ApiVersionsRequest {
            client_software_name: "ottla".into(),
            client_software_version: env!("CARGO_PKG_VERSION").into(),
            ..ApiVersionsRequest::default()
        };
        let mut version = *ApiVersionsRequest::VERSIONS.end();
        let response = loop {
            let pending = self.submit(&request, version).await?;
            let frame = pending.frame().await?;
            // The header of this one answer is the correlation id alone, in every version.
            let code = frame.get(4..6);
            let unsupported = code == Some(&Code::UNSUPPORTED_VERSION.0.to_be_bytes());
            let answered_in = if unsupported { 0 } else { version };
            let response = self.link.decode::<ApiVersionsRequest>(frame, answered_in)?;
            if !unsupported || version == 0 {
                break response;
            }
            version = response
                .api_keys
                .iter()
                .find(|api| api.api_key == ApiVersionsRequest::KEY)
                .map_or(0, |api| api.max_version.clamp(0, version - 1));
        };
        let refusal = ClientError::refusal(
            request_name::<ApiVersionsRequest>(),
            &self.link.broker,
            "this connection",
            response.error_code,
            None,
        );
        if let Some(refusal) = refusal {
            return Err(refusal);
        }
        self.versions = response
            .api_keys
            .iter()
            .map(|api| (api.api_key, (api.min_version, api.max_version)))
            .collect();
        let levels = response.finalized_features.into_iter();
        self.features = Features {
            epoch: response.finalized_features_epoch,
            levels: levels
                .map(|feature| (feature.name, feature.max_version_level))
                .collect(),
        };
        Ok(())
    }
}

impl<R: Request> Pending<R> {
    /// Waits for the answer.
    ///
    /// # Errors
    /// [`ClientError::Disconnected`], [`ClientError::Timeout`] (which ends the connection, since answers come in
    /// order), [`ClientError::Protocol`].
    pub async fn answer(self) -> Result<R::Response> {
        let (link, version) = (self.link.clone(), self.version);
        let frame = self.frame().await?;
        link.decode::<R>(frame, version)
    }

    /// Waits longer, or shorter, than the connection's request timeout.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    async fn frame(self) -> Result<Bytes> {
        match time::timeout(self.timeout, self.answer).await {
            Ok(Ok(frame)) => Ok(frame),
            Ok(Err(_)) => Err(self.link.disconnected(request_name::<R>())),
            Err(_) => {
                self.link.close.notify_one();
                Err(ClientError::Timeout {
                    request: request_name::<R>(),
                    broker: self.link.broker,
                    after: self.timeout,
                })
            }
        }
    }
}

impl Link {
    fn start(stream: TcpStream, address: &str, config: &ClientConfig) -> Self {
        let (outbox, inbox) = mpsc::channel(config.max_in_flight);
        let link = Self {
            broker: address.into(),
            client_id: config.client_id.as_str().into(),
            request_timeout: config.request_timeout,
            outbox,
            close: Arc::new(Notify::new()),
            reason: Arc::new(OnceLock::new()),
            correlation: Arc::default(),
        };
        let (close, reason) = (Arc::clone(&link.close), Arc::clone(&link.reason));
        let (max_frame, max_in_flight) = (config.max_frame_size, config.max_in_flight);
        runtime::spawn(async move {
            let (read, write) = stream.into_split();
            let (expect, expected) = mpsc::channel(max_in_flight);
            let why = tokio::select! {
                biased;
                // What was answered is delivered before anything else ends the connection.
                why = read_answers(read, expected, max_frame) => why,
                why = write_requests(write, inbox, expect) => why,
                () = close.notified() => "a request timed out".into(),
            };
            // The first reason is the one that counts; nobody else sets it.
            let _ = reason.set(why);
        });
        link
    }

    async fn push<R: Request>(
        &self,
        request: &R,
        version: i16,
        answer: Option<oneshot::Sender<Bytes>>,
    ) -> Result<()> {
        // Answers come in the order of the requests, so an id need only be unlike its neighbours'.
        let correlation = self.correlation.fetch_add(1, Ordering::Relaxed) & i32::MAX;
        let frame = frame::request(version, correlation, Some(&self.client_id), request)
            .map_err(|error| self.protocol(request_name::<R>(), &error))?;
        let outgoing = Outgoing {
            correlation,
            frame,
            answer,
        };
        match self.outbox.send(outgoing).await {
            Ok(()) => Ok(()),
            Err(_) => Err(self.disconnected(request_name::<R>())),
        }
    }

    fn decode<R: Request>(&self, frame: Bytes, version: i16) -> Result<R::Response> {
        let (_, body) = frame::read_response(R::KEY, version, frame)
            .map_err(|error| self.protocol(request_name::<R>(), &error))?;
        R::Response::decode(body, version)
            .map_err(|error| self.protocol(request_name::<R>(), &error))
    }

    fn protocol(&self, request: &'static str, what: &dyn fmt::Display) -> ClientError {
        ClientError::Protocol {
            request,
            broker: Arc::clone(&self.broker),
            what: what.to_string(),
        }
    }

    fn disconnected(&self, request: &'static str) -> ClientError {
        ClientError::Disconnected {
            request,
            broker: Arc::clone(&self.broker),
            reason: self
                .reason
                .get()
                .cloned()
                .unwrap_or_else(|| "it was closed".into()),
        }
    }
}

/// Kafka's name of a request without the word itself: `Fetch`.
pub(crate) fn request_name<R: Request>() -> &'static str {
    R::NAME.strip_suffix("Request").unwrap_or(R::NAME)
}

type Expected = (i32, oneshot::Sender<Bytes>);

/// Writes until the connection ends; the value is the reason.
async fn write_requests(
    socket: tcp::OwnedWriteHalf,
    mut inbox: mpsc::Receiver<Outgoing>,
    expect: mpsc::Sender<Expected>,
) -> String {
    let mut socket = BufWriter::with_capacity(IO_BUFFER, socket);
    while let Some(outgoing) = inbox.recv().await {
        if let Some(answer) = outgoing.answer
            && expect.send((outgoing.correlation, answer)).await.is_err()
        {
            break;
        }
        let mut written = Ok(());
        for segment in &outgoing.frame.segments {
            if written.is_ok() {
                written = match segment {
                    Segment::Bytes(bytes) => socket.write_all(bytes).await,
                    Segment::Hole { .. } => return "a request referred to a file".into(),
                };
            }
        }
        if written.is_ok() && inbox.is_empty() {
            written = socket.flush().await;
        }
        if let Err(error) = written {
            return error.to_string();
        }
    }
    "it was closed".into()
}

/// Reads until the connection ends; the value is the reason.
async fn read_answers(
    socket: tcp::OwnedReadHalf,
    mut expected: mpsc::Receiver<Expected>,
    max_frame: usize,
) -> String {
    let mut socket = BufReader::with_capacity(IO_BUFFER, socket);
    loop {
        let frame = match read_frame(&mut socket, max_frame).await {
            Ok(frame) => frame,
            Err(why) => return why,
        };
        let correlation = frame
            .first_chunk::<4>()
            .map(|bytes| i32::from_be_bytes(*bytes));
        match expected.try_recv() {
            Ok((id, answer)) if Some(id) == correlation => {
                // Whoever asked may have gone; that is no trouble of ours.
                let _ = answer.send(frame);
            }
            Ok((id, _)) => {
                return format!("an answer carried correlation id {correlation:?}, not {id}");
            }
            Err(_) => return "an answer came that nobody asked for".into(),
        }
    }
}

async fn read_frame(
    socket: &mut BufReader<tcp::OwnedReadHalf>,
    max_frame: usize,
) -> Result<Bytes, String> {
    let length = match socket.read_i32().await {
        Ok(length) => length,
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            return Err("the broker closed it".into());
        }
        Err(error) => return Err(error.to_string()),
    };
    let length = usize::try_from(length)
        .ok()
        .filter(|length| (4..=max_frame).contains(length))
        .ok_or_else(|| format!("an answer of {length} bytes is outside 4 to {max_frame}"))?;
    let mut frame = BytesMut::with_capacity(length.min(RESERVE));
    let mut rest = socket.take(length as u64);
    while frame.len() < length {
        if frame.len() == frame.capacity() {
            frame.reserve((length - frame.len()).min(frame.len()));
        }
        match rest.read_buf(&mut frame).await {
            Ok(0) => return Err("the broker closed it in the middle of an answer".into()),
            Ok(_) => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    Ok(frame.freeze())
}

#[cfg(test)]
mod tests {
    use ottla_wire::{
        Writer,
        frame::RequestFrame,
        messages::{
            api_versions_response::{ApiVersion, ApiVersionsResponse},
            metadata_request::MetadataRequest,
            metadata_response::MetadataResponse,
        },
    };
    use tokio::net::TcpListener;

    use super::*;

    /// A broker for one connection: reads requests and sends what the test tells it.
    struct Broker {
        socket: TcpStream,
    }

    impl Broker {
        async fn accept(listener: &TcpListener) -> Self {
            let (socket, _) = listener.accept().await.unwrap();
            Self { socket }
        }

        async fn request(&mut self) -> RequestFrame {
            let length = self.socket.read_i32().await.unwrap();
            let mut frame = vec![0; length as usize];
            self.socket.read_exact(&mut frame).await.unwrap();
            RequestFrame::read(frame.into()).unwrap()
        }

        async fn answer<M: Message>(&mut self, request: &RequestFrame, version: i16, body: &M) {
            let header = &request.header;
            let frame =
                frame::response(header.api_key, version, header.correlation_id, body).unwrap();
            let bytes = frame.into_bytes().unwrap();
            self.socket.write_all(&bytes).await.unwrap();
        }

        /// Lets the client in, supporting these versions of Metadata.
        async fn welcome(&mut self, versions: (i16, i16)) {
            let request = self.request().await;
            let body = supported(versions);
            self.answer(&request, request.header.api_version, &body)
                .await;
        }
    }

    fn supported((min_version, max_version): (i16, i16)) -> ApiVersionsResponse {
        let api = |api_key, min_version, max_version| ApiVersion {
            api_key,
            min_version,
            max_version,
            ..ApiVersion::default()
        };
        ApiVersionsResponse {
            api_keys: vec![
                api(MetadataRequest::KEY, min_version, max_version),
                api(ApiVersionsRequest::KEY, 0, 2),
            ],
            ..ApiVersionsResponse::default()
        }
    }

    async fn listen() -> (TcpListener, String, ClientConfig) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let config = ClientConfig::new(&address).unwrap();
        (listener, address, config)
    }

    /// A connection and the broker at its other end.
    async fn pair(change: impl FnOnce(&mut ClientConfig)) -> (Connection, Broker) {
        let (listener, address, mut config) = listen().await;
        change(&mut config);
        let (connection, broker) = tokio::join!(Connection::open(&address, &config), async {
            let mut broker = Broker::accept(&listener).await;
            broker.welcome((4, 9)).await;
            broker
        });
        (connection.unwrap(), broker)
    }

    #[tokio::test]
    async fn an_older_broker_is_asked_again_in_a_version_it_knows() {
        let (listener, address, config) = listen().await;
        let (connection, ()) = tokio::join!(Connection::open(&address, &config), async {
            let mut broker = Broker::accept(&listener).await;
            let first = broker.request().await;
            assert_eq!(first.header.api_version, 5);
            let mut no = supported((0, 8));
            no.error_code = Code::UNSUPPORTED_VERSION.0;
            broker.answer(&first, 0, &no).await;
            let second = broker.request().await;
            assert_eq!(second.header.api_version, 2);
            broker.answer(&second, 2, &supported((0, 8))).await;
        });
        let connection = connection.unwrap();
        assert_eq!(connection.version::<MetadataRequest>().unwrap(), 8);
    }

    #[tokio::test]
    async fn no_common_version_is_an_error_that_names_both_sides() {
        let (listener, address, config) = listen().await;
        let (connection, ()) = tokio::join!(Connection::open(&address, &config), async {
            Broker::accept(&listener).await.welcome((90, 99)).await;
        });
        let error = connection
            .unwrap()
            .version::<MetadataRequest>()
            .unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("90 to 99") && text.contains("0 to 13"),
            "{text}"
        );
    }

    #[tokio::test]
    async fn requests_are_pipelined_and_answers_find_their_requests() {
        let (connection, mut broker) = pair(|_| {}).await;
        let (first, second) = (
            connection
                .submit(&MetadataRequest::default(), 9)
                .await
                .unwrap(),
            connection
                .submit(&MetadataRequest::default(), 4)
                .await
                .unwrap(),
        );
        let requests = [broker.request().await, broker.request().await];
        for (controller_id, request) in (1..).zip(&requests) {
            let body = MetadataResponse {
                controller_id,
                ..MetadataResponse::default()
            };
            broker
                .answer(request, request.header.api_version, &body)
                .await;
        }
        assert_eq!(second.answer().await.unwrap().controller_id, 2);
        assert_eq!(first.answer().await.unwrap().controller_id, 1);
    }

    #[tokio::test]
    async fn a_broken_connection_fails_what_waits_and_says_why() {
        let (connection, mut broker) = pair(|config| config.max_frame_size = 1000).await;
        let pending = connection
            .submit(&MetadataRequest::default(), 9)
            .await
            .unwrap();
        broker.request().await;
        broker
            .socket
            .write_all(&1001_i32.to_be_bytes())
            .await
            .unwrap();
        let error = pending.answer().await.unwrap_err();
        assert!(matches!(error, ClientError::Disconnected { .. }), "{error}");
        assert!(error.to_string().contains("1001 bytes"), "{error}");
        assert!(connection.is_closed() && error.is_retriable());
        assert!(connection.send(&MetadataRequest::default()).await.is_err());
    }

    #[tokio::test]
    async fn an_answer_to_another_request_ends_the_connection() {
        let (connection, mut broker) = pair(|_| {}).await;
        let pending = connection
            .submit(&MetadataRequest::default(), 9)
            .await
            .unwrap();
        let mut request = broker.request().await;
        request.header.correlation_id += 1;
        broker
            .answer(&request, 9, &MetadataResponse::default())
            .await;
        let error = pending.answer().await.unwrap_err();
        assert!(error.to_string().contains("correlation id"), "{error}");
    }

    #[tokio::test]
    async fn an_answer_that_is_no_answer_is_an_error() {
        let (connection, mut broker) = pair(|_| {}).await;
        let pending = connection
            .submit(&MetadataRequest::default(), 9)
            .await
            .unwrap();
        let request = broker.request().await;
        let mut to = Writer::frame(8);
        to.i32(request.header.correlation_id);
        to.i8(0);
        to.i32(0);
        to.raw(&[0xFF; 3]);
        let bytes = to.finish().into_bytes().unwrap();
        broker.socket.write_all(&bytes).await.unwrap();
        let error = pending.answer().await.unwrap_err();
        assert!(matches!(error, ClientError::Protocol { .. }), "{error}");
        assert!(!connection.is_closed(), "the next answer can still be read");
    }

    #[tokio::test]
    async fn no_answer_in_time_ends_the_connection() {
        let brief = Duration::from_millis(30);
        let (connection, mut broker) = pair(|_| {}).await;
        let pending = connection
            .submit(&MetadataRequest::default(), 9)
            .await
            .unwrap();
        let (outcome, _) = tokio::join!(pending.with_timeout(brief).answer(), broker.request());
        assert!(matches!(outcome, Err(ClientError::Timeout { .. })));
        assert_eq!(broker.socket.read(&mut [0]).await.unwrap(), 0, "closed");
        assert!(connection.send(&MetadataRequest::default()).await.is_err());
    }

    #[tokio::test]
    async fn nobody_listening_is_an_error_that_names_the_address() {
        let (listener, address, config) = listen().await;
        drop(listener);
        let error = Connection::open(&address, &config).await.unwrap_err();
        assert!(error.to_string().contains(&address), "{error}");
    }
}
