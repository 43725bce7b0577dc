//! What a client, a producer and a consumer can be told; the defaults are those of Kafka's own client.

use std::time::Duration;

use ottla_wire::records::Codec;

use crate::{ClientError, Result};

/// Connections, timeouts and retries.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// `host:port` of brokers to begin with.
    pub bootstrap_servers: Vec<String>,
    /// Name of this client in the broker's logs, quotas and metrics.
    pub client_id: String,
    /// How long one answer may take; the connection is given up afterwards.
    pub request_timeout: Duration,
    /// How long a call may take, retries included.
    pub api_timeout: Duration,
    /// How long connecting to one broker may take.
    pub connect_timeout: Duration,
    /// Metadata older than this is asked for again.
    pub metadata_max_age: Duration,
    /// Pause before the first retry; it doubles with each further one.
    pub retry_backoff: Duration,
    /// The longest pause before a retry.
    pub retry_backoff_max: Duration,
    /// Pause before the first reconnect to a broker that could not be reached.
    pub reconnect_backoff: Duration,
    /// The longest pause before a reconnect.
    pub reconnect_backoff_max: Duration,
    /// The largest answer that is read, in bytes.
    pub max_frame_size: usize,
    /// Requests that may wait for their answers on one connection.
    pub max_in_flight: usize,
}

impl ClientConfig {
    /// For the brokers in a list such as `host1:9092,host2:9092`.
    ///
    /// # Errors
    /// [`ClientError::Config`] if the list is empty or an entry is not `host:port`.
    pub fn new(bootstrap_servers: &str) -> Result<Self> {
        let servers: Vec<String> = bootstrap_servers
            .split(',')
            .map(str::trim)
            .filter(|server| !server.is_empty())
            .map(str::to_owned)
            .collect();
        if servers.is_empty() {
            return Err(ClientError::Config(
                "no bootstrap server given: name at least one broker as host:port".into(),
            ));
        }
        for server in &servers {
            split_address(server)?;
        }
        Ok(Self {
            bootstrap_servers: servers,
            client_id: "ottla".into(),
            request_timeout: Duration::from_secs(30),
            api_timeout: Duration::from_secs(60),
            connect_timeout: Duration::from_secs(10),
            metadata_max_age: Duration::from_secs(300),
            retry_backoff: Duration::from_millis(100),
            retry_backoff_max: Duration::from_secs(1),
            reconnect_backoff: Duration::from_millis(50),
            reconnect_backoff_max: Duration::from_secs(1),
            max_frame_size: 100 << 20,
            max_in_flight: 64,
        })
    }
}

/// Host and port of `host:port` or `[v6]:port`.
pub(crate) fn split_address(address: &str) -> Result<(&str, u16)> {
    let wrong = || {
        ClientError::Config(format!(
            "`{address}` is not the address of a broker: write host:port"
        ))
    };
    let (host, port) = address.rsplit_once(':').ok_or_else(wrong)?;
    let host = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    match port.parse() {
        Ok(port) if !host.is_empty() && port > 0 => Ok((host, port)),
        _ => Err(wrong()),
    }
}

/// Which acknowledgement a producer waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Acks {
    /// None: the broker never answers, and no offset is known.
    None,
    /// The leader has it.
    Leader,
    /// All in-sync replicas have it.
    #[default]
    All,
}

impl Acks {
    /// The wire's number.
    pub fn number(self) -> i16 {
        match self {
            Self::None => 0,
            Self::Leader => 1,
            Self::All => -1,
        }
    }

    /// From `0`, `1`, `-1` or `all`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "0" => Some(Self::None),
            "1" => Some(Self::Leader),
            "-1" | "all" => Some(Self::All),
            _ => None,
        }
    }
}

/// How a producer batches, compresses and insists.
#[derive(Clone, Debug)]
pub struct ProducerConfig {
    /// Whose acknowledgement a delivery waits for.
    pub acks: Acks,
    /// Whether the broker is to recognise retries, so that nothing is stored twice; needs [`Acks::All`].
    pub idempotence: bool,
    /// A batch is sent when its records have this many bytes…
    pub batch_size: usize,
    /// …or when its first record has waited this long.
    pub linger: Duration,
    /// How batches are compressed.
    pub compression: Codec,
    /// Bytes of records that may wait for their acknowledgement; [`crate::Producer::send`] waits beyond.
    pub buffer_memory: usize,
    /// How long [`crate::Producer::send`] may wait for room or for metadata.
    pub max_block: Duration,
    /// The largest record and the largest request, in bytes before compression.
    pub max_request_size: usize,
    /// Requests that may wait for their answers at one broker; at most 5 with idempotence.
    pub max_in_flight: usize,
    /// How long the broker may wait for the replicas.
    pub replication_timeout: Duration,
    /// From `send` to success or failure, all retries included.
    pub delivery_timeout: Duration,
    /// Makes the producer transactional, under this id: of two producers with the same one, the younger fences the
    /// older. Needs idempotence.
    pub transactional_id: Option<String>,
    /// How long a transaction may be open before the broker aborts it.
    pub transaction_timeout: Duration,
}

impl Default for ProducerConfig {
    fn default() -> Self {
        Self {
            acks: Acks::All,
            idempotence: true,
            batch_size: 16 << 10,
            linger: Duration::from_millis(5),
            compression: Codec::None,
            buffer_memory: 32 << 20,
            max_block: Duration::from_secs(60),
            max_request_size: 1 << 20,
            max_in_flight: 5,
            replication_timeout: Duration::from_secs(30),
            delivery_timeout: Duration::from_secs(120),
            transactional_id: None,
            transaction_timeout: Duration::from_secs(60),
        }
    }
}

impl ProducerConfig {
    pub(crate) fn check(&self) -> Result<()> {
        let wrong = |text: &str| Err(ClientError::Config(text.into()));
        if self.idempotence && self.acks != Acks::All {
            return wrong("an idempotent producer needs acks=all: set it, or turn idempotence off");
        }
        if self.max_in_flight == 0 || (self.idempotence && self.max_in_flight > 5) {
            return wrong(
                "max_in_flight must be 1 to 5 for an idempotent producer, else at least 1",
            );
        }
        if self.transactional_id.is_some() && !self.idempotence {
            return wrong("a transactional producer needs idempotence: turn it on");
        }
        if self.transactional_id.as_deref() == Some("") {
            return wrong(
                "the transactional id is empty: give the producer a name, or none at all",
            );
        }
        if self.buffer_memory < self.max_request_size {
            return wrong("buffer_memory must have room for one request of max_request_size");
        }
        Ok(())
    }
}

/// Which records of transactions a consumer sees.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Isolation {
    /// All.
    #[default]
    ReadUncommitted,
    /// Those of committed transactions, up to the last stable offset.
    ReadCommitted,
}

impl Isolation {
    /// The wire's number.
    pub fn number(self) -> i8 {
        match self {
            Self::ReadUncommitted => 0,
            Self::ReadCommitted => 1,
        }
    }
}

/// Where a consumer goes on when its offset is not in the log any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum OffsetReset {
    /// At the log start offset.
    Earliest,
    /// At the end.
    #[default]
    Latest,
    /// Nowhere: [`crate::Consumer::poll`] fails.
    Fail,
}

/// How a consumer fetches.
#[derive(Clone, Debug)]
pub struct ConsumerConfig {
    /// The group whose offsets it commits and begins at. It does not join: it reads what it is assigned.
    pub group: Option<String>,
    /// The broker answers when it has this many bytes…
    pub fetch_min_bytes: i32,
    /// …or after this long.
    pub fetch_max_wait: Duration,
    /// Bytes of one answer, unless its first batch is larger.
    pub fetch_max_bytes: i32,
    /// Bytes of one partition in one answer, unless its first batch is larger.
    pub partition_max_bytes: i32,
    /// Fetched bytes that may wait for [`crate::Consumer::poll`]; no fetch is begun beyond.
    pub buffer_memory: usize,
    /// The most records that one [`crate::Consumer::poll`] returns.
    pub max_poll_records: usize,
    /// Which records of transactions are seen.
    pub isolation: Isolation,
    /// Whether each batch's checksum is compared with its bytes.
    pub check_crcs: bool,
    /// What happens when an offset is out of range.
    pub offset_reset: OffsetReset,
}

impl Default for ConsumerConfig {
    fn default() -> Self {
        Self {
            group: None,
            fetch_min_bytes: 1,
            fetch_max_wait: Duration::from_millis(500),
            fetch_max_bytes: 50 << 20,
            partition_max_bytes: 1 << 20,
            buffer_memory: 32 << 20,
            max_poll_records: 500,
            isolation: Isolation::ReadUncommitted,
            check_crcs: true,
            offset_reset: OffsetReset::Latest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_host_and_port() {
        assert_eq!(split_address("a.b:9092").unwrap(), ("a.b", 9092));
        assert_eq!(split_address("[::1]:1").unwrap(), ("::1", 1));
        for wrong in ["a", "a:", ":1", "a:0", "a:70000", "a:b"] {
            assert!(split_address(wrong).is_err(), "{wrong}");
        }
        assert_eq!(
            ClientConfig::new(" a:1, b:2 ,").unwrap().bootstrap_servers,
            ["a:1", "b:2"]
        );
        assert!(ClientConfig::new(" ,").is_err());
    }

    #[test]
    fn producer_settings_must_agree() {
        let with = |change: fn(&mut ProducerConfig)| {
            let mut config = ProducerConfig::default();
            change(&mut config);
            config.check()
        };
        assert!(with(|_| {}).is_ok());
        assert!(with(|config| config.acks = Acks::Leader).is_err());
        assert!(with(|config| config.max_in_flight = 6).is_err());
        assert!(with(|config| config.buffer_memory = 1).is_err());
        assert!(with(|config| config.transactional_id = Some("t".into())).is_ok());
        assert!(with(|config| config.transactional_id = Some(String::new())).is_err());
        assert!(
            with(|config| {
                config.transactional_id = Some("t".into());
                config.idempotence = false;
            })
            .is_err()
        );
        assert!(
            with(|config| {
                config.acks = Acks::None;
                config.idempotence = false;
                config.max_in_flight = 6;
            })
            .is_ok()
        );
    }
}
