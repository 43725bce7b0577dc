//! At the start: opens the logs of all partitions that are assigned to this broker, and sets aside what is not.

use std::{collections::BTreeMap, sync::Arc};

use ottla_log::{
    LogError, directory,
    names::{DirectoryState, PartitionName},
};
use ottla_metadata::Image;
use ottla_wire::Uuid;
use tracing::{info, warn};

use crate::{
    broker::Broker,
    clock,
    log_dirs::LogDir,
    moves::start::{self, Found},
    task,
};

/// Loads every log directory.
///
/// # Errors
/// One sentence that names what cannot be read.
pub(crate) fn load(broker: &Arc<Broker>, image: &Image) -> Result<(), String> {
    let mut found = Found::default();
    for dir in broker.log_dirs.iter().filter(|dir| !dir.has_failed()) {
        if let Err(fault) = sort_out_all(broker, dir, image, &mut found) {
            dir.noticed(&fault);
            // What the disk refuses is its directory's end; a strange name is for somebody to look at.
            if !dir.has_failed() {
                return Err(fault.to_string());
            }
        }
    }
    let copies = start::settle(broker, image, found)?;
    let mine: Vec<_> = image
        .partitions()
        .filter(|(_, _, partition)| partition.replicas.contains(&broker.settings.node_id))
        .map(|(topic, index, partition)| (topic.clone(), index, partition.clone()))
        .collect();
    let count = mine.len();
    let mut of_dirs: BTreeMap<Option<Uuid>, Vec<_>> = BTreeMap::new();
    for it in mine {
        let dir = it.2.directory(broker.settings.node_id);
        of_dirs.entry(dir).or_default().push(it);
    }
    let of_dirs: Vec<_> = of_dirs.into_values().collect();
    // Each directory has threads of its own: one disk does not wait for another.
    task::in_parallel(of_dirs.len(), &of_dirs, |mine| {
        task::in_parallel(
            broker.settings.recovery_threads,
            mine,
            |(topic, index, partition)| {
                broker.host(image, topic, *index, partition);
                broker.tell_directory(image, topic, *index, partition);
            },
        );
    });
    start::resume(broker, copies);
    if let Some(why) = broker.cannot_go_on() {
        return Err(why);
    }
    if count > 0 {
        info!(target: "kafka.log.LogManager", "loaded {count} logs");
    }
    Ok(())
}

fn sort_out_all(
    broker: &Broker,
    dir: &Arc<LogDir>,
    image: &Image,
    found: &mut Found,
) -> Result<(), LogError> {
    for name in dir.partitions()? {
        sort_out(broker, dir, &name, image, found)?;
    }
    Ok(())
}

/// Deals with a directory that is not that of a partition of this broker.
fn sort_out(
    broker: &Broker,
    dir: &Arc<LogDir>,
    name: &PartitionName,
    image: &Image,
    found: &mut Found,
) -> Result<(), LogError> {
    let path = dir.directory().partition_path(name);
    match name.state {
        DirectoryState::Delete => {
            let delay = broker
                .topic_settings(image, &name.topic)
                .log
                .file_delete_delay_ms;
            broker
                .removals
                .directory(path, clock::wall_ms().saturating_add(delay));
            return Ok(());
        }
        DirectoryState::Stray => return Ok(()),
        DirectoryState::Future | DirectoryState::Current => {}
    }
    let id = directory::read_topic_id(&path)?;
    let assigned = image.topic(&name.topic).is_some_and(|topic| {
        let partition = topic.partitions.get(&name.partition);
        id.is_none_or(|id| id == topic.id)
            && partition
                .is_some_and(|partition| partition.replicas.contains(&broker.settings.node_id))
    });
    if assigned {
        found.add(dir, name);
    } else {
        let renamed = dir.rename(name, DirectoryState::Stray, broker.unique())?;
        warn!(
            target: "kafka.log.LogManager",
            "{name} is no partition of this node: set aside as {}", dir.directory().partition_path(&renamed).display()
        );
    }
    Ok(())
}
