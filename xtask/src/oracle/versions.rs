//! Which Apache Kafka and which clients the tests run against: the one place to change.

/// The broker and its classes.
pub const BROKER: &str = "4.4.0";
/// The command-line tools, and what the broker needs of them: the newest that is published.
pub const TOOLS: &str = "4.3.1";
/// The last client that speaks transactions as brokers before 4.0 know them.
pub(crate) const OLDER_CLIENT: &str = "3.9.1";
/// The broker that directories are upgraded from: the last that reads what is older than 4.0.
pub(crate) const OLDER_BROKER: &str = "3.9.1";
/// Kafka logs through slf4j 1.7 to log4j 2.
const LOG4J: &str = "2.25.4";
/// What resolves and copies the jars.
pub(crate) const COPY_GOAL: &str =
    "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";

/// The Python clients, and the codecs that kafka-python takes from elsewhere.
pub(crate) const PYTHON: &[&str] = &[
    "aiokafka==0.14.0",
    "kafka-python==3.0.12",
    "confluent-kafka==2.16.1",
    "cramjam==2.14.0",
    "crc32c==2.9.post0",
    "lz4==4.4.5",
    "python-snappy==0.7.3",
    "zstandard==0.25.0",
];

/// The clients of Node.js.
pub(crate) const NODE: &[&str] = &["kafkajs@2.2.4"];

/// A jar and what comes with it.
pub(crate) struct Artifact {
    pub(crate) group: &'static str,
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    /// Artifacts of the same group that are left out.
    pub(crate) without: &'static [&'static str],
}

const fn kafka(name: &'static str, version: &'static str) -> Artifact {
    Artifact {
        group: "org.apache.kafka",
        name,
        version,
        without: &[],
    }
}

const fn log4j(name: &'static str) -> Artifact {
    Artifact {
        group: "org.apache.logging.log4j",
        name,
        version: LOG4J,
        without: &[],
    }
}

/// The broker's class path.
pub(crate) const BROKER_JARS: &[Artifact] = &[
    kafka("kafka_2.13", BROKER),
    kafka("kafka-tools-api", TOOLS),
    log4j("log4j-slf4j-impl"),
    log4j("log4j-1.2-api"),
];

/// The older broker's class path.
pub(crate) const OLDER_BROKER_JARS: &[Artifact] = &[
    kafka("kafka_2.13", OLDER_BROKER),
    log4j("log4j-slf4j-impl"),
    log4j("log4j-1.2-api"),
];

/// The tools' class path. Connect serves one tool only and brings a web server.
pub(crate) const TOOL_JARS: &[Artifact] = &[
    kafka("kafka_2.13", TOOLS),
    kafka("kafka-tools-api", TOOLS),
    Artifact {
        without: &["connect-runtime"],
        ..kafka("kafka-tools", TOOLS)
    },
    kafka("kafka-shell", TOOLS),
    log4j("log4j-slf4j-impl"),
    log4j("log4j-1.2-api"),
];

/// Kafka Streams and the client it was published with.
pub(crate) const STREAMS_JARS: &[Artifact] = &[
    kafka("kafka-streams", TOOLS),
    log4j("log4j-slf4j-impl"),
    log4j("log4j-1.2-api"),
];

/// The older Java client, alone.
pub(crate) const OLDER_CLIENT_JARS: &[Artifact] = &[
    kafka("kafka-clients", OLDER_CLIENT),
    log4j("log4j-slf4j-impl"),
];
