//! `ottla format` and `ottla random-uuid`: what Kafka's storage tool does.

use std::{collections::BTreeMap, io::Write, path::PathBuf};

use ottla_broker::format::{self, Format};
use ottla_config::BrokerConfig;
use ottla_metadata::{
    MetadataVersion,
    bootstrap::{self, Quorum},
};

use super::serve;
use crate::output::{Stop, stdout};

/// Format the log directories of a node
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Kafka's server.properties
    #[arg(short, long)]
    config: PathBuf,
    /// A configuration value that goes before the file and the environment
    #[arg(long = "override", value_name = "KEY=VALUE")]
    overrides: Vec<String>,
    /// The cluster's id; `ottla random-uuid` makes one
    #[arg(short = 't', long)]
    cluster_id: String,
    /// The only voter of a new dynamic quorum is this node
    #[arg(short, long, group = "quorum")]
    standalone: bool,
    /// The voters of a new dynamic quorum
    #[arg(
        short = 'I',
        long,
        group = "quorum",
        value_name = "ID@HOST:PORT:DIRECTORY,..."
    )]
    initial_controllers: Option<String>,
    /// The node joins a quorum that is there
    #[arg(short = 'N', long, group = "quorum")]
    no_initial_controllers: bool,
    /// The release whose features the cluster begins with, such as 4.3 or 4.4-IV2
    #[arg(short, long)]
    release_version: Option<String>,
    /// A feature's level
    #[arg(short, long = "feature", value_name = "NAME=LEVEL")]
    features: Vec<String>,
    /// Leave directories alone that are formatted already
    #[arg(short = 'g', long)]
    ignore_formatted: bool,
}

/// Formats.
pub(crate) fn run(args: &Args) -> Result<(), Stop> {
    let config = serve::load(Some(&args.config), &args.overrides).map_err(Stop::Failed)?;
    let format = plan(args, &config).map_err(Stop::Failed)?;
    let said = format::run(&config, &format).map_err(Stop::Failed)?;
    let mut out = stdout();
    for sentence in said {
        writeln!(out, "{sentence}")?;
    }
    Ok(out.flush()?)
}

/// Prints a new id.
pub(crate) fn random_uuid() -> Result<(), Stop> {
    let id = format::random_uuid().map_err(Stop::Failed)?;
    let mut out = stdout();
    writeln!(out, "{id}")?;
    Ok(out.flush()?)
}

fn plan(args: &Args, config: &BrokerConfig) -> Result<Format, String> {
    let listener = config
        .listeners()
        .controller_names
        .first()
        .cloned()
        .unwrap_or_default();
    let mut bootstrap = bootstrap::Format::new(quorum(args, config)?, listener);
    bootstrap.release = match &args.release_version {
        Some(text) => {
            let version = MetadataVersion::parse(text);
            Some(version.ok_or_else(|| {
                format!("--release-version {text}: no release up to 4.4 is called so")
            })?)
        }
        None => None,
    };
    bootstrap.features = features(&args.features)?;
    Ok(Format {
        cluster_id: args.cluster_id.clone(),
        bootstrap,
        ignore_formatted: args.ignore_formatted,
    })
}

fn quorum(args: &Args, config: &BrokerConfig) -> Result<Quorum, String> {
    let has_static_voters = !config.quorum_voters().is_empty();
    match &args.initial_controllers {
        Some(text) => bootstrap::parse_initial_controllers(text)
            .map(Quorum::Initial)
            .map_err(|error| error.to_string()),
        None if args.standalone => format::standalone(config),
        None if args.no_initial_controllers => Ok(Quorum::NotInitial),
        None if has_static_voters || !config.is_controller() => Ok(Quorum::Static),
        None => Err(
            "say who votes: --standalone (this node alone), --initial-controllers, or \
             --no-initial-controllers; or set controller.quorum.voters"
                .to_owned(),
        ),
    }
}

fn features(given: &[String]) -> Result<BTreeMap<String, i16>, String> {
    let one = |pair: &String| {
        let (name, level) = pair
            .split_once('=')
            .ok_or_else(|| format!("--feature {pair}: write NAME=LEVEL"))?;
        let level = level
            .parse()
            .map_err(|_| format!("--feature {pair}: {level} is no level"))?;
        Ok((name.to_owned(), level))
    };
    given.iter().map(one).collect()
}
