//! Formatting log directories, as Apache Kafka's storage tool does: identity, bootstrap records, first voters.

use std::path::Path;

use ottla_config::BrokerConfig;
use ottla_log::{directory::MetaProperties, file};
use ottla_machine::Entropy;
use ottla_metadata::bootstrap::{self, Formatted, InitialVoter, Quorum};
use ottla_raft::VoterSet;
use ottla_wire::Uuid;

use crate::{
    clock, node,
    quorum::{
        METADATA_DIRECTORY,
        snapshot::{self, Snapshot, SnapshotId},
    },
};

/// What to format.
#[derive(Clone, Debug)]
pub struct Format {
    /// The cluster's id.
    pub cluster_id: String,
    /// Its features and its first voters.
    pub bootstrap: bootstrap::Format,
    /// Leave directories alone that are formatted already.
    pub ignore_formatted: bool,
}

/// Formats the log directories of `config`; a sentence for each.
///
/// # Errors
/// One sentence: features that do not fit, a directory that is formatted already, is of another cluster or node, or
/// cannot be written.
pub fn run(config: &BrokerConfig, format: &Format) -> Result<Vec<String>, String> {
    let formatted = format.bootstrap.run().map_err(|error| error.to_string())?;
    let metadata_directory = node::metadata_directory(config)?;
    let mut blank = Vec::new();
    for path in node::log_directories(config)? {
        match identity(&path)? {
            None => blank.push(path),
            Some(meta) => check_formatted(&path, &meta, config, format)?,
        }
    }
    if blank.is_empty() {
        return Ok(vec![
            "All of the log directories are already formatted.".to_owned(),
        ]);
    }
    let mut entropy = entropy()?;
    let mut said = Vec::new();
    for path in blank {
        let mut id = random_id(&mut entropy);
        let mut what = "data";
        if path == metadata_directory && config.is_controller() {
            what = "metadata";
            if let Quorum::Initial(voters) = &format.bootstrap.quorum
                && let Some(voter) = voters.iter().find(|voter| voter.id == config.node_id())
            {
                what = "dynamic metadata voter";
                id = voter.directory_id;
            }
            write_metadata(&path, &formatted)?;
        }
        // Last: a directory with an identity is complete.
        write_identity(&path, id, config, format)?;
        let version = formatted.metadata_version;
        said.push(format!(
            "Formatting {what} directory {} with metadata.version {version}.",
            path.display()
        ));
    }
    Ok(said)
}

/// Formats the directories of a node that was started without configuration, unless they are formatted.
///
/// # Errors
/// As for [`run`].
pub fn if_needed(config: &BrokerConfig) -> Result<(), String> {
    for path in node::log_directories(config)? {
        if identity(&path)?.is_some() {
            return Ok(());
        }
    }
    let listener = config
        .listeners()
        .controller_names
        .first()
        .cloned()
        .unwrap_or_default();
    let format = Format {
        cluster_id: random_uuid()?.to_string(),
        bootstrap: bootstrap::Format::new(standalone(config)?, listener),
        ignore_formatted: false,
    };
    run(config, &format).map(|_| ())
}

/// This node as the only voter, in a directory of a new id: `--standalone`.
///
/// # Errors
/// If the node has no controller listener.
pub fn standalone(config: &BrokerConfig) -> Result<Quorum, String> {
    let endpoint = config
        .listeners()
        .advertised_controller()
        .into_iter()
        .next()
        .ok_or("--standalone needs a controller listener: name one in controller.listener.names")?;
    let host = if endpoint.host.is_empty() {
        "localhost".to_owned()
    } else {
        endpoint.host
    };
    let voter = InitialVoter {
        id: config.node_id(),
        directory_id: random_uuid()?,
        host,
        port: endpoint.port,
    };
    Ok(Quorum::Initial(vec![voter]))
}

fn entropy() -> Result<Entropy, String> {
    clock::seed()
        .map(Entropy::new)
        .map_err(|error| format!("/dev/urandom: {error}"))
}

/// An id as Kafka's storage tool prints one.
///
/// # Errors
/// If the system has no entropy to give.
pub fn random_uuid() -> Result<Uuid, String> {
    entropy().map(|mut entropy| random_id(&mut entropy))
}

fn random_id(entropy: &mut Entropy) -> Uuid {
    loop {
        if let Some(id) = Uuid::from_entropy(entropy.bytes16()) {
            return id;
        }
    }
}

fn identity(path: &Path) -> Result<Option<MetaProperties>, String> {
    MetaProperties::read(path).map_err(|error| error.to_string())
}

fn check_formatted(
    path: &Path,
    meta: &MetaProperties,
    config: &BrokerConfig,
    format: &Format,
) -> Result<(), String> {
    let path = path.display();
    if !format.ignore_formatted {
        return Err(format!(
            "{path} is formatted already; --ignore-formatted leaves such directories alone, and removing it begins anew"
        ));
    }
    if meta
        .cluster_id
        .as_deref()
        .is_some_and(|id| id != format.cluster_id)
    {
        let id = meta.cluster_id.as_deref().unwrap_or_default();
        return Err(format!(
            "{path} is of cluster {id}, not {}",
            format.cluster_id
        ));
    }
    match meta.node_id {
        Some(id) if id != config.node_id() => {
            Err(format!("{path} is of node {id}, not {}", config.node_id()))
        }
        _ => Ok(()),
    }
}

fn write_identity(
    path: &Path,
    id: Uuid,
    config: &BrokerConfig,
    format: &Format,
) -> Result<(), String> {
    let meta = MetaProperties {
        version: 1,
        cluster_id: Some(format.cluster_id.clone()),
        node_id: Some(config.node_id()),
        directory_id: Some(id),
    };
    file::create_dir(path).map_err(|fault| fault.to_string())?;
    meta.write(path, clock::wall_ms())
        .map_err(|error| error.to_string())
}

fn write_metadata(path: &Path, formatted: &Formatted) -> Result<(), String> {
    let log = path.join(METADATA_DIRECTORY);
    file::create_dir(&log).map_err(|fault| fault.to_string())?;
    let now_ms = clock::wall_ms();
    let first = Snapshot {
        last_contained_log_timestamp: now_ms,
        kraft_version: Some(formatted.kraft_version),
        voters: formatted.voters.as_ref().map(VoterSet::from_record),
        records: formatted.records.clone(),
    };
    snapshot::write(&log, SnapshotId::default(), &first, now_ms).map(|_| ())
}
