//! At the start: which of a partition's directories is its log, and which moves go on.

use std::{collections::BTreeMap, sync::Arc};

use ottla_log::{
    Log, LogError, Opening, directory,
    names::{DirectoryState, PartitionName},
};
use ottla_metadata::Image;
use ottla_wire::Uuid;
use tracing::{error, info, warn};

use super::Move;
use crate::{broker::Broker, clock, log_dirs::LogDir};

/// The directories of partitions that are assigned to this broker, as they were found.
#[derive(Default)]
pub(crate) struct Found {
    replicas: BTreeMap<(String, i32), Vec<Replica>>,
}

#[derive(Clone)]
struct Replica {
    dir: Arc<LogDir>,
    name: PartitionName,
}

impl Found {
    /// One more: a log, or the copy of one.
    pub(crate) fn add(&mut self, dir: &Arc<LogDir>, name: &PartitionName) {
        let key = (name.topic.clone(), name.partition);
        self.replicas.entry(key).or_default().push(Replica {
            dir: dir.clone(),
            name: name.clone(),
        });
    }
}

/// What the copies that were found are.
#[derive(PartialEq, Eq, Debug)]
enum Fate {
    /// The log, which is nowhere else.
    Promote,
    /// On their way: the move goes on.
    Resume,
    /// Of no use now. They may be at the next start.
    Leave,
    /// Of no use.
    SetAside,
}

/// What one of the copies is; `log` is the directory of the log, if it was found.
fn fate(copy: Uuid, log: Option<Uuid>, assigned: Option<Uuid>, has_failed: bool) -> Fate {
    match log {
        Some(log) if log == copy => Fate::SetAside,
        Some(_) => Fate::Resume,
        // The controller had agreed, or there is nothing that would be older.
        None if assigned == Some(copy) || !has_failed => Fate::Promote,
        None => Fate::Leave,
    }
}

/// Sees to it that every partition has one log, and at most one copy in another directory. Gives back the copies.
///
/// # Errors
/// One sentence that names what cannot be renamed, if that is not the end of its directory.
pub(crate) fn settle(broker: &Broker, image: &Image, found: Found) -> Result<Copies, String> {
    let mut copies = Copies::default();
    for ((topic, index), replicas) in found.replicas {
        let Some(topic) = image.topic(&topic) else {
            continue;
        };
        let assigned = topic
            .partitions
            .get(&index)
            .and_then(|it| it.directory(broker.settings.node_id));
        match settle_one(broker, replicas, assigned) {
            Ok(copy) => copies.0.extend(copy.map(|copy| (topic.id, index, copy))),
            Err(fault) => {
                broker.log_dirs.noticed(&fault);
                if !fault.fails_directory() {
                    return Err(fault.to_string());
                }
            }
        }
    }
    Ok(copies)
}

/// One partition: the copy whose move goes on.
fn settle_one(
    broker: &Broker,
    replicas: Vec<Replica>,
    assigned: Option<Uuid>,
) -> Result<Option<Replica>, LogError> {
    let has_failed = broker.log_dirs.iter().any(|dir| dir.has_failed());
    let is_log = |it: &Replica| it.name.state == DirectoryState::Current;
    let (logs, mut futures): (Vec<_>, Vec<_>) = replicas.into_iter().partition(is_log);
    let mut log = one_log(broker, logs, assigned)?;
    // That which the controller knows of is further.
    futures.sort_by_key(|it| Some(it.dir.id) != assigned);
    let mut copy = None;
    for future in futures {
        match fate(future.dir.id, log, assigned, has_failed) {
            Fate::Promote => {
                promote(&future)?;
                log = Some(future.dir.id);
            }
            Fate::Resume if copy.is_none() => copy = Some(future),
            Fate::Leave => {}
            Fate::Resume | Fate::SetAside => set_aside(broker, &future)?,
        }
    }
    Ok(copy)
}

/// The directory of the log. Of several, which a stop between two renames leaves, that which has more is the log, and the
/// others are set aside.
fn one_log(
    broker: &Broker,
    mut logs: Vec<Replica>,
    assigned: Option<Uuid>,
) -> Result<Option<Uuid>, LogError> {
    if logs.len() > 1 {
        let mut ends = Vec::new();
        for log in logs {
            let end = end_of(broker, &log)?;
            ends.push((end, log));
        }
        ends.sort_by_key(|(end, log)| (-end, Some(log.dir.id) != assigned));
        logs = ends.into_iter().map(|(_, log)| log).collect();
        for other in logs.drain(1..) {
            set_aside(broker, &other)?;
        }
    }
    Ok(logs.first().map(|log| log.dir.id))
}

fn end_of(broker: &Broker, replica: &Replica) -> Result<i64, LogError> {
    let (log, recovered) = open(broker, replica, Arc::default())?;
    broker.removals.segments(recovered.removal);
    Ok(log.offsets().log_end)
}

fn open(
    broker: &Broker,
    replica: &Replica,
    config: Arc<ottla_log::LogConfig>,
) -> Result<(Log, ottla_log::Recovered), LogError> {
    let Replica { dir, name } = replica;
    let opening = Opening {
        clean: dir.clean,
        recovery_point: dir.recovery_point(&name.topic, name.partition),
        log_start_offset: dir.log_start(&name.topic, name.partition),
        now_ms: clock::wall_ms(),
        producer_expiry_ms: broker.producer_expiry_ms(),
    };
    Log::open(&dir.directory().partition_path(name), config, &opening)
}

/// The copy is the log.
fn promote(of: &Replica) -> Result<(), LogError> {
    let name = PartitionName::new(&of.name.topic, of.name.partition);
    let path = of.dir.directory().rename(&of.name, &name)?;
    warn!(
        target: "kafka.log.LogManager",
        "{} was to become the log of {name}, which is nowhere else: it is now, as {}", of.name, path.display()
    );
    Ok(())
}

fn set_aside(broker: &Broker, of: &Replica) -> Result<(), LogError> {
    let renamed = of
        .dir
        .rename(&of.name, DirectoryState::Stray, broker.unique())?;
    warn!(
        target: "kafka.log.LogManager",
        "{} in {} is not needed, as the log is elsewhere: set aside as {renamed}, which can be removed",
        of.name, of.dir.path().display()
    );
    Ok(())
}

/// Copies whose moves go on.
#[derive(Default)]
pub(crate) struct Copies(Vec<(Uuid, i32, Replica)>);

/// Goes on with the moves, now that the logs are open.
pub(crate) fn resume(broker: &Broker, copies: Copies) {
    for (topic_id, index, replica) in copies.0 {
        // Without its log a copy waits for a better start.
        let Some(partition) = broker.partitions.get(topic_id, index) else {
            continue;
        };
        let opened = open(broker, &replica, partition.settings().log.clone()).and_then(|opened| {
            let path = replica.dir.directory().partition_path(&replica.name);
            if directory::read_topic_id(&path)?.is_none() {
                directory::write_topic_id(&path, &topic_id)?;
            }
            Ok(opened)
        });
        match opened {
            Ok((log, recovered)) => {
                broker.removals.segments(recovered.removal);
                info!(
                    target: "kafka.server.ReplicaManager",
                    "goes on with moving {}-{index} to {}", partition.topic, replica.dir.path().display()
                );
                let Replica { dir, name } = replica;
                broker.moves.begin(Move::new(partition, dir, name, log));
            }
            Err(fault) => {
                replica.dir.noticed(&fault);
                error!(
                    target: "kafka.server.ReplicaManager",
                    "{}-{index} is not moved to {} any more: {fault}", partition.topic, replica.dir.path().display()
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Uuid = Uuid::from_u128(1000);
    const B: Uuid = Uuid::from_u128(1001);

    #[test]
    fn what_becomes_of_a_copy() {
        // The log is there: whatever the controller knows, what the copy lacks is there only.
        for assigned in [None, Some(A), Some(B)] {
            for has_failed in [false, true] {
                assert_eq!(fate(B, Some(A), assigned, has_failed), Fate::Resume);
            }
        }
        assert_eq!(fate(B, Some(B), Some(B), false), Fate::SetAside);
        // The stop came between the renames, or somebody removed the log.
        assert_eq!(fate(B, None, Some(B), true), Fate::Promote);
        assert_eq!(fate(B, None, Some(A), false), Fate::Promote);
        // The log is where nobody can read it now.
        assert_eq!(fate(B, None, Some(A), true), Fate::Leave);
        assert_eq!(fate(B, None, None, true), Fate::Leave);
    }
}
