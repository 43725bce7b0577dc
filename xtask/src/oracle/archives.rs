//! Archives of loaded classes (Java's class data sharing): a program of Kafka's starts with half the work.

use std::{fs, path::Path, process::Command, thread};

use super::{
    home::Home,
    kafka::{Kafka, Settings},
    process::{free_ports, output},
};

/// What a program that uses all clients is called.
const ALL_CLIENTS: &str = "AllClients.java";

/// Java's version and all else that an archive is only good for.
pub(crate) fn wanted(poms: &str) -> Result<String, String> {
    let mut java = Command::new("java");
    let version = output(java.args(["-Xinternalversion"]))?;
    let source = Home::java_sources().join(ALL_CLIENTS);
    let program =
        fs::read_to_string(&source).map_err(|error| format!("{}: {error}", source.display()))?;
    Ok(String::from_utf8_lossy(&version).into_owned() + poms + &program)
}

/// Fills `archives`: a node, and a program that uses all clients with the jars of the broker and with those of the tools,
/// write theirs when they end.
pub(crate) fn make(home: &Home, archives: &Path) -> Result<(), String> {
    let making = home.making_archives(archives);
    let [port, controller_port] = free_ports()?;
    let settings = Settings::new(port, controller_port);
    let node = archives.join("node");
    let mut kafka = Kafka::start(&making, &node, &settings)?;
    let address = kafka.address();
    // What is started most often.
    let places = [(home.broker(), "broker"), (home.tools(), "tools")];
    thread::scope(|scope| {
        let programs = places.iter().map(|(place, topic)| {
            let (making, address) = (&making, &address);
            scope.spawn(move || {
                let mut java = making.source(place, ALL_CLIENTS)?;
                output(java.args([address, *topic])).map(|_| ())
            })
        });
        let programs: Vec<_> = programs.collect();
        programs.into_iter().try_for_each(|program| {
            let outcome = program.join();
            outcome.unwrap_or_else(|_| Err("a program's thread panicked".to_owned()))
        })
    })?;
    kafka.stop()?;
    fs::remove_dir_all(&node).map_err(|error| format!("{}: {error}", node.display()))
}
