//! `ottla` and `ottla serve`: runs a node until SIGTERM or SIGINT.

use std::{path::PathBuf, time::Duration};

use ottla_broker::{ListenerKind, Node, clock, format};
use ottla_config::{
    BrokerConfig, Loaded, Pairs, ProviderKind, Reference, properties, read_environment,
    zero_configuration,
};
use tokio::signal::unix::{SignalKind, signal};
use tracing::{Level, info, warn};

use crate::logging;

/// Run a node: with a server.properties, or without any configuration on 127.0.0.1:9092
#[derive(clap::Args, Debug, Default)]
pub(crate) struct Args {
    /// Kafka's server.properties; without it the node needs no configuration and formats ./ottla-data itself
    properties: Option<PathBuf>,
    /// A configuration value that goes before the file and the environment
    #[arg(long = "override", value_name = "KEY=VALUE")]
    overrides: Vec<String>,
}

/// How long a second signal is ignored: one Ctrl-C often comes twice.
const GRACE: Duration = Duration::from_millis(300);

/// Runs it.
pub(crate) fn run(args: &Args) -> Result<(), String> {
    let started = clock::now();
    let needs_nothing = args.properties.is_none();
    logging::start(if needs_nothing {
        Level::WARN
    } else {
        Level::INFO
    });
    let config = load(args.properties.as_ref(), &args.overrides)?;
    if needs_nothing {
        format::if_needed(&config)?;
    }
    raise_file_limit();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        // Maintenance does one thing at a time; the clean stop needs a thread too.
        .max_blocking_threads(4)
        .build()
        .map_err(|error| format!("cannot start: {error}"))?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate()).map_err(|error| error.to_string())?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(|error| error.to_string())?;
        let mut node = Node::start(config).await?;
        ottla_rest::serve(node.journal(), broker_ports(&node));
        let took = clock::now().0 - started.0;
        if needs_nothing {
            greet(&node, took);
        } else {
            info!("node {} of cluster {} started in {took} ms", node.id(), node.cluster_id());
        }
        let failed = tokio::select! {
            biased;
            _ = terminate.recv() => None,
            _ = interrupt.recv() => None,
            why = node.failed() => Some(why),
        };
        let impatient = async {
            tokio::time::sleep(GRACE).await;
            tokio::select! {
                biased;
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        tokio::select! {
            biased;
            () = node.stop() => {}
            () = impatient => return Err("stopped at once: the next start recovers the logs".to_owned()),
        }
        match failed {
            None => Ok(()),
            Some(why) => Err(format!("the node could not go on: {why}")),
        }
    })
}

fn broker_ports(node: &Node) -> impl Iterator<Item = u16> {
    let brokers = node.listening().iter();
    brokers
        .filter(|endpoint| endpoint.kind == ListenerKind::Broker)
        .map(|endpoint| endpoint.port)
}

/// The effective configuration; every refused key is named.
pub(crate) fn load(
    properties: Option<&PathBuf>,
    overrides: &[String],
) -> Result<BrokerConfig, String> {
    let base = match properties {
        Some(path) => read_properties(path)?,
        None => zero_configuration(),
    };
    let environment = read_environment(std::env::vars()).pairs;
    let overrides = overrides.iter().map(|pair| {
        let (key, value) = pair
            .split_once('=')
            .filter(|(key, _)| !key.trim().is_empty())
            .ok_or_else(|| format!("--override {pair}: write KEY=VALUE"))?;
        Ok((key.trim().to_owned(), value.to_owned()))
    });
    let overrides: Pairs = overrides.collect::<Result<_, String>>()?;
    let loaded = BrokerConfig::load(&[base, environment, overrides], &mut provide);
    let Loaded { config, warnings } = loaded.map_err(|refused| {
        let lines: Vec<_> = refused.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })?;
    for warning in warnings {
        warn!(target: "kafka.server.KafkaConfig", "{warning}");
    }
    let idle = config.set_without_effect();
    // What nobody wrote needs no warning.
    if !idle.is_empty() && properties.is_some() {
        warn!(target: "kafka.server.KafkaConfig", "known, and without effect in this version: {}", idle.join(", "));
    }
    Ok(config)
}

/// Reads a `.properties` file.
pub(crate) fn read_properties(path: &PathBuf) -> Result<Pairs, String> {
    let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    properties::parse(&properties::decode(&bytes))
        .map_err(|error| format!("{}: {error}", path.display()))
}

/// What `${env:NAME}`, `${file:PATH:KEY}` and `${dir:PATH:FILE}` refer to.
fn provide(reference: &Reference) -> Result<Option<String>, String> {
    let Reference {
        kind, path, key, ..
    } = reference;
    match kind {
        ProviderKind::Environment => Ok(std::env::var(key).ok()),
        ProviderKind::Directory => std::fs::read_to_string(PathBuf::from(path).join(key))
            .map(Some)
            .map_err(|error| format!("{path}/{key}: {error}")),
        ProviderKind::File => {
            let pairs = read_properties(&PathBuf::from(path))?;
            Ok(pairs
                .into_iter()
                .rev()
                .find(|(name, _)| name == key)
                .map(|(_, value)| value))
        }
    }
}

/// Connections and segments need descriptors: takes as many as the system allows.
fn raise_file_limit() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        warn!("the limit of open files stays as it is: {error}");
    }
}

#[allow(clippy::print_stdout)] // This is what the user started it to read.
fn greet(node: &Node, took_ms: u64) {
    let brokers = node
        .listening()
        .iter()
        .filter(|endpoint| endpoint.kind == ListenerKind::Broker);
    let addresses: Vec<_> = brokers
        .map(|endpoint| format!("{}:{}", endpoint.host, endpoint.port))
        .collect();
    println!(
        "Ottla {} serves Apache Kafka 4.4 on {} (node {}, cluster {}, started in {took_ms} ms).",
        env!("CARGO_PKG_VERSION"),
        addresses.join(", "),
        node.id(),
        node.cluster_id()
    );
    println!(
        "Its data is in {}, in Kafka's own format; Ctrl-C stops it cleanly.",
        node.data_directories().join(", ")
    );
    println!("Try: ottla topics create greetings --partitions 3");
}
