//! `cargo xtask oracle`: Apache Kafka and other people's clients: installs them, starts and stops them.

mod archives;
mod home;
mod install;
mod kafka;
mod packages;
mod process;
mod versions;
mod walk;

use std::path::Path;

pub use home::{Home, checkout};
pub use install::{compile, install, install_older_broker};
pub use kafka::{Kafka, Settings};
pub use process::{finish, free_ports, output, signal, wait_until};
pub use versions::{BROKER as KAFKA_VERSION, TOOLS as KAFKA_TOOLS};

const USAGE: &str = "usage: cargo xtask oracle <command>
  install                     put Apache Kafka and other people's clients in place (again: nothing to do)
  up DIR PORT [KEY=VALUE...]  format DIR if it is new and start one node on 127.0.0.1:PORT (controller: PORT + 1)
  down DIR                    stop that node cleanly
  walk [TEST] [--case NAME]   ask Apache Kafka and ottla the same, every case or one (walk --help says more)
  run CLASS ARGS...           run one of Apache Kafka's tools, e.g. org.apache.kafka.tools.TopicCommand
installs into .kafka in the checkout, or into $OTTLA_KAFKA_DIR";

/// Runs the command.
pub fn run(args: &[String]) -> Result<(), String> {
    let (command, rest) = args.split_first().ok_or(USAGE)?;
    match (command.as_str(), rest) {
        ("install", []) => install(&Home::find()),
        ("up", [dir, port, properties @ ..]) => up(dir, port, properties),
        ("down", [dir]) => kafka::stop(Path::new(dir)),
        ("walk", arguments) => walk::run(arguments),
        ("run", [class, arguments @ ..]) => run_tool(class, arguments),
        _ => Err(USAGE.to_owned()),
    }
}

fn up(dir: &str, port: &str, properties: &[String]) -> Result<(), String> {
    let port: u16 = port.parse().map_err(|_| format!("{port}: not a port"))?;
    let controller_port = port
        .checked_add(1)
        .ok_or("no port left for the controller")?;
    if let Some(wrong) = properties.iter().find(|property| !property.contains('=')) {
        return Err(format!("{wrong}: not KEY=VALUE\n{USAGE}"));
    }
    let mut settings = Settings::new(port, controller_port);
    settings.properties.extend_from_slice(properties);
    let kafka = Kafka::start(&Home::find(), Path::new(dir), &settings)?;
    process::print(&kafka.leave_running().to_string());
    Ok(())
}

fn run_tool(class: &str, arguments: &[String]) -> Result<(), String> {
    let mut tool = Home::find().tool(class)?;
    let status = tool
        .args(arguments)
        .status()
        .map_err(|error| format!("java: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{class}: {status}"))
    }
}
