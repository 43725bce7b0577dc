//! The commands, and how one is run.

mod completion;
mod consume;
mod errors;
mod explain;
mod format;
mod groups;
mod log;
mod produce;
mod quotas;
mod serve;
mod topics;
mod transactions;
mod why;

use ottla_client::{ClientConfig, Cluster};

use crate::output::Stop;

/// Options that every command takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Globals {
    /// Brokers to connect to first, as host:port,...
    #[arg(
        long,
        global = true,
        value_name = "HOST:PORT",
        default_value = "127.0.0.1:9092"
    )]
    pub(crate) bootstrap_server: String,
}

impl Globals {
    /// What a client is to be like.
    fn client(&self) -> Result<ClientConfig, Stop> {
        Ok(ClientConfig::new(&self.bootstrap_server)?)
    }
}

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Run a node: with a server.properties, or without any configuration on 127.0.0.1:9092
    Serve(serve::Args),
    /// Format the log directories of a node
    Format(format::Args),
    /// Print a new id, for a cluster or a directory
    RandomUuid,
    /// List, describe, create, delete and alter topics
    #[command(subcommand)]
    Topics(topics::Command),
    /// List, describe and delete consumer groups, reset and delete their offsets
    Groups(groups::Args),
    /// List and describe transactions, find and end those that hang or hold readers back
    Transactions(transactions::Args),
    /// List, describe, set and remove quotas of users, clients and addresses
    #[command(subcommand)]
    Quotas(quotas::Command),
    /// Send each line of standard input as a record
    Produce(produce::Args),
    /// Print the records of a topic
    Consume(consume::Args),
    /// Say what an error code means and what to do, by number, name, a line of a log or words
    Explain(explain::Args),
    /// List the error codes of Apache Kafka and how far each has come here
    Errors(errors::Args),
    /// Say what the node on this machine refused, to whom, and why
    Why(why::Args),
    /// Look into the files of a log, check them, repair them
    #[command(subcommand)]
    Log(log::Command),
    /// Print the completion script of a shell
    Completion(completion::Args),
}

/// Runs a command to its end; without one, the node that needs no configuration.
pub(crate) fn run(globals: &Globals, command: Option<Command>) -> Result<(), Stop> {
    match command.unwrap_or_else(|| Command::Serve(serve::Args::default())) {
        Command::Serve(args) => serve::run(&args).map_err(Stop::Failed),
        Command::Format(args) => format::run(&args),
        Command::RandomUuid => format::random_uuid(),
        Command::Topics(command) => online(globals.client()?, |cluster| {
            until_ctrl_c(topics::run(command, cluster))
        }),
        Command::Groups(args) => {
            let mut config = globals.client()?;
            args.configure(&mut config);
            online(config, |cluster| until_ctrl_c(groups::run(args, cluster)))
        }
        Command::Transactions(args) => {
            let mut config = globals.client()?;
            args.configure(&mut config);
            let server = globals.bootstrap_server.as_str();
            online(config, |cluster| {
                until_ctrl_c(transactions::run(args, cluster, server))
            })
        }
        Command::Quotas(command) => online(globals.client()?, |cluster| {
            until_ctrl_c(quotas::run(command, cluster))
        }),
        Command::Produce(args) => online(globals.client()?, |cluster| produce::run(args, cluster)),
        Command::Consume(args) => online(globals.client()?, |cluster| {
            until_ctrl_c(consume::run(args, cluster))
        }),
        Command::Explain(args) => explain::run(&args),
        Command::Errors(args) => errors::run(&args),
        Command::Why(args) => offline(until_ctrl_c(why::run(args, &globals.bootstrap_server))),
        Command::Log(command) => log::run(command),
        Command::Completion(args) => completion::run(&args),
    }
}

/// Runs a command that talks to a cluster.
fn online<F>(config: ClientConfig, command: impl FnOnce(Cluster) -> F) -> Result<(), Stop>
where
    F: Future<Output = Result<(), Stop>>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Stop::Failed(format!("cannot start: {error}")))?;
    let outcome = runtime.block_on(async {
        let cluster = Cluster::new(config);
        tokio::select! {
            biased;
            // A wrong address shows at once, and not when all retries are used up.
            reached = cluster.any() => reached?,
            _ = tokio::signal::ctrl_c() => return Err(Stop::Interrupted),
        };
        command(cluster).await
    });
    // A thread may still wait for input that never comes.
    runtime.shutdown_background();
    outcome
}

/// Runs a command that needs a runtime, and no cluster.
fn offline(command: impl Future<Output = Result<(), Stop>>) -> Result<(), Stop> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Stop::Failed(format!("cannot start: {error}")))?;
    runtime.block_on(command)
}

/// Lets ctrl-c end work that leaves nothing behind.
async fn until_ctrl_c(work: impl Future<Output = Result<(), Stop>>) -> Result<(), Stop> {
    tokio::select! {
        biased;
        outcome = work => outcome,
        _ = tokio::signal::ctrl_c() => Err(Stop::Interrupted),
    }
}
