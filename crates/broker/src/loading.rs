//! At the start: opens the logs of all partitions that are assigned to this broker, and sets aside what is not.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

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
    let names = dir.partitions()?;
    if !dir.clean && names.iter().any(|it| it.state == DirectoryState::Delete) {
        // They are removed soon: none of them may get its old name back after that.
        dir.directory().sync_names()?;
    }
    // With one directory and nothing on its way, every partition has one log.
    let is_plain = broker.log_dirs.only().is_some()
        && names.iter().all(|it| it.state != DirectoryState::Future);
    let read: Vec<_> = names
        .into_iter()
        .map(|name| (name, OnceLock::new()))
        .collect();
    task::in_parallel(broker.settings.recovery_threads, &read, |(name, id)| {
        if matches!(name.state, DirectoryState::Future | DirectoryState::Current) {
            let path = dir.directory().partition_path(name);
            // Each is read once.
            let _ = id.set(directory::read_topic_id(&path));
        }
    });
    for (name, id) in read {
        let id = match id.into_inner().transpose() {
            Ok(id) => id.flatten(),
            // It is for this partition to do without, when it is opened; where it belongs, its name says.
            Err(fault) if !fault.is_io() => None,
            Err(fault) => return Err(fault),
        };
        if sort_out(broker, dir, &name, id, image)? && !is_plain {
            found.add(dir, &name);
        }
    }
    Ok(())
}

/// Whether a directory is that of a partition of this broker; deals with it if it is not.
fn sort_out(
    broker: &Broker,
    dir: &Arc<LogDir>,
    name: &PartitionName,
    id: Option<Uuid>,
    image: &Image,
) -> Result<bool, LogError> {
    match name.state {
        DirectoryState::Delete => {
            let delay = broker
                .topic_settings(image, &name.topic)
                .log
                .file_delete_delay_ms;
            let path = dir.directory().partition_path(name);
            broker
                .removals
                .directory(path, clock::wall_ms().saturating_add(delay));
            return Ok(false);
        }
        DirectoryState::Stray => return Ok(false),
        DirectoryState::Future | DirectoryState::Current => {}
    }
    let assigned = image.topic(&name.topic).is_some_and(|topic| {
        let partition = topic.partitions.get(&name.partition);
        id.is_none_or(|id| id == topic.id)
            && partition
                .is_some_and(|partition| partition.replicas.contains(&broker.settings.node_id))
    });
    if !assigned {
        let renamed = dir.rename(name, DirectoryState::Stray, broker.unique())?;
        warn!(
            target: "kafka.log.LogManager",
            "{name} is no partition of this node: set aside as {}", dir.directory().partition_path(&renamed).display()
        );
    } else if id.is_none() {
        dir.contents.found_nameless(name);
    }
    Ok(assigned)
}
