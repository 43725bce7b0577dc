//! The mover: copies logs into other directories, `num.replica.alter.log.dirs.threads` at a time, and puts the copies in
//! the places of the logs.

use std::{sync::Arc, time::Duration};

use ottla_log::{
    Copied, CopyError, Log, LogError, file,
    names::{DirectoryState, PartitionName},
};
use tokio::sync::watch;
use tracing::{debug, error, info, warn};

use super::Move;
use crate::{
    broker::Broker,
    clock,
    log_dirs::{Checkpoints, LogDir, no_room},
    partition::Replaced,
    task,
};

/// A slice is not larger, nor is what is copied while nobody can append; one batch may be.
const SLICE_MAX: usize = 1 << 20;
/// Of a throttled move, slices are for this part of a second.
const SLICE_SECONDS: f64 = 0.3;
/// But not smaller.
const SLICE_MIN: usize = 16 << 10;
/// A copy that has caught up looks this often for more, while the controller has not answered.
const IDLE: Duration = Duration::from_millis(50);
/// The controller is asked again after this.
const ASK_AGAIN: Duration = Duration::from_secs(5);
/// After trouble it is tried again after this.
const AFTER_TROUBLE: Duration = Duration::from_secs(30);
/// On a full disk, sooner.
const AFTER_FULL: Duration = Duration::from_secs(3);
/// Who waits for room says so again after this.
const TELL_AGAIN: Duration = Duration::from_secs(60);
/// Beside its segments, a log takes at most this part of their size for its indexes.
const INDEX_PART: u64 = 64;

/// Runs until `stop` says so, and nothing is being copied.
pub(crate) async fn run(broker: Arc<Broker>, stop: watch::Receiver<bool>) {
    let threads = broker.settings.mover_threads;
    let workers = (0..threads).map(|_| task::spawn("mover", worker(broker.clone(), stop.clone())));
    let workers: Vec<_> = workers.collect();
    for worker in workers {
        // A panic there was reported there.
        let _ = worker.await;
    }
}

async fn worker(broker: Arc<Broker>, mut stop: watch::Receiver<bool>) {
    let mut changes = broker.moves.changed.subscribe();
    let mut configurations = broker.moves.reconfigured.subscribe();
    while !*stop.borrow() {
        changes.mark_unchanged();
        configurations.mark_unchanged();
        let (wait, is_throttled) = match broker.moves.take(clock::instant()) {
            Ok(of) => {
                let working = broker.clone();
                // After a panic, which was reported there, the move stays taken.
                let worked = task::blocking(move || work_on(&working, &of)).await;
                (Some(worked.unwrap_or_default()), true)
            }
            Err(wait) => (wait, false),
        };
        if wait == Some(Duration::ZERO) {
            continue;
        }
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            _ = configurations.changed() => {}
            _ = changes.changed(), if !is_throttled => {}
            () = pause(wait) => {}
        }
    }
}

async fn pause(wait: Option<Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}

/// One slice of one move; how long whoever copied it must wait for the throttle.
fn work_on(broker: &Broker, of: &Arc<Move>) -> Duration {
    let rate = broker
        .config()
        .long("replica.alter.log.dirs.io.max.bytes.per.second") as f64;
    let mut throttled = Duration::ZERO;
    let pause = match step(broker, of, slice(rate)) {
        Ok(Step::Copied(bytes)) => {
            throttled = broker.moves.throttle.passed(bytes, rate, clock::instant());
            Duration::ZERO
        }
        Ok(Step::Idle) => IDLE,
        Ok(Step::Ended) => Duration::ZERO,
        Ok(Step::NoRoom(why)) => wait_for_room(of, &why),
        Err(problem) => trouble(of, &problem),
    };
    broker.moves.give_back(of, clock::instant() + pause);
    throttled
}

/// So many bytes at once.
fn slice(rate: f64) -> usize {
    ((rate * SLICE_SECONDS) as usize).clamp(SLICE_MIN, SLICE_MAX)
}

/// What was done.
#[derive(Debug)]
enum Step {
    /// So many bytes were copied, and there are more.
    Copied(u64),
    /// There was nothing to do.
    Idle,
    /// The copy is the log now, or the move was ended by somebody else.
    Ended,
    /// The rest of the log does not fit into the directory: which that is, and how much is missing.
    NoRoom(String),
}

fn step(broker: &Broker, of: &Arc<Move>, max_bytes: usize) -> Result<Step, CopyError> {
    if of.dir.has_failed() || of.partition.log_dir().has_failed() {
        // Those who deal with failed directories end it.
        return Ok(Step::Idle);
    }
    // What is being cleaned away would be missed, and a copy cannot be cleaned.
    if !broker.cleaner.hold(&of.partition) {
        return Ok(Step::Idle);
    }
    if !broker.moves.is_under_way(of) {
        // It was ended in between, and nobody else gives the log back to the cleaner.
        broker.cleaner.release(&of.partition);
        return Ok(Step::Ended);
    }
    if let Some(why) = lacks_room(of)? {
        if of.reader().size_in_bytes() == 0 {
            // There is nothing yet that a cleaned log would contradict.
            broker.cleaner.release(&of.partition);
        }
        return Ok(Step::NoRoom(why));
    }
    let Some(copied) = copy(broker, of, max_bytes)? else {
        return Ok(Step::Ended);
    };
    if !copied.caught_up {
        return Ok(Step::Copied(copied.bytes));
    }
    if !is_accepted(broker, of) {
        return Ok(match copied.bytes {
            0 => Step::Idle,
            bytes => Step::Copied(bytes),
        });
    }
    of.flush()?;
    match promote(broker, of)? {
        true => Ok(Step::Ended),
        false => Ok(Step::Copied(copied.bytes)),
    }
}

/// How many bytes of the log the copy does not have.
fn left(of: &Move) -> u64 {
    let whole = of.partition.reader().size_in_bytes();
    whole.saturating_sub(of.reader().size_in_bytes())
}

/// Why what is left of the log should not be copied, if there is no room for it. A move that took the last room, and
/// could not be brought to its end by it, would take it from the partitions that are there.
fn lacks_room(of: &Move) -> Result<Option<String>, LogError> {
    let left = left(of);
    let wanted = left + left / INDEX_PART;
    let (_, available) = file::space(of.dir.path())?;
    Ok((wanted > available).then(|| no_room(of.dir.path(), wanted)))
}

/// Copies a slice; `None` if the move has ended.
fn copy(broker: &Broker, of: &Move, max_bytes: usize) -> Result<Option<Copied>, CopyError> {
    let now_ms = clock::wall_ms();
    let settings = of.partition.settings();
    let copied = of.with_log(|log| -> Result<_, CopyError> {
        if !Arc::ptr_eq(log.config(), &settings.log) {
            log.set_config(settings.log.clone());
        }
        let recovery_point = log.recovery_point();
        let mut copied = log.copy_from(&of.partition.reader(), max_bytes, now_ms)?;
        broker
            .removals
            .segments(std::mem::take(&mut copied.removal));
        let below = log.delete_segments_below_start(now_ms)?;
        broker.removals.segments(below);
        Ok((copied, log.recovery_point() < recovery_point))
    });
    let Some((copied, was_cut)) = copied.transpose()? else {
        return Ok(None);
    };
    if was_cut {
        let which = Checkpoints {
            recovery_points: true,
            ..Checkpoints::default()
        };
        broker.write_checkpoints_of(&of.dir, which);
    }
    if copied.rolled {
        of.flush()?;
    }
    Ok(Some(copied))
}

/// Whether the controller knows of the new directory; it is told.
fn is_accepted(broker: &Broker, of: &Move) -> bool {
    let image = broker.image();
    if !image.metadata_version_or_minimum().has_directories() {
        return true;
    }
    let (topic_id, index) = of.key();
    let assignment = image
        .topic_by_id(topic_id)
        .and_then(|topic| topic.partitions.get(&index));
    if assignment.and_then(|it| it.directory(broker.settings.node_id)) == Some(of.dir.id) {
        // Should the move end now, that is to be taken back.
        of.asked.lock().get_or_insert_with(clock::instant);
        return true;
    }
    let mut asked = of.asked.lock();
    let now = clock::instant();
    if asked.is_none_or(|at| now.saturating_duration_since(at) >= ASK_AGAIN) {
        *asked = Some(now);
        broker.assignments.note(topic_id, index, of.dir.id);
    }
    false
}

/// Puts the copy in the place of the log, if it catches up with a last slice; whether the move has ended.
fn promote(broker: &Broker, of: &Arc<Move>) -> Result<bool, CopyError> {
    let _hosting = broker.hosting.lock();
    if !broker.moves.is_under_way(of) {
        return Ok(true);
    }
    let from = of.partition.log_dir().clone();
    if from.has_failed() || of.dir.has_failed() {
        return Ok(false);
    }
    let replaced = {
        let mut future = of.log.lock();
        of.partition
            .replace_log(&of.dir, &mut future, |current, future| {
                take_over(broker, of, current, future)
            })?
    };
    let old = match replaced {
        Replaced::Was(old) => *old,
        Replaced::NotYet => return Ok(false),
        Replaced::Closed => {
            // The log cannot be used before the next start.
            drop(broker.end_move(of));
            return Ok(true);
        }
    };
    // What the controller knows is so now.
    of.asked.lock().take();
    broker.moves.under_way.lock().remove(&of.key());
    broker.cleaner.moved(&of.partition, &from);
    broker.cleaner.release(&of.partition);
    retire(broker, of, &from, old);
    broker.write_checkpoints_of(&of.dir, Checkpoints::ALL);
    broker.write_checkpoints_of(&from, Checkpoints::ALL);
    of.partition.moved();
    info!(
        target: "kafka.log.LogManager",
        "{}-{} was moved from {} to {}", of.partition.topic, of.partition.index,
        from.path().display(), of.dir.path().display()
    );
    Ok(true)
}

/// Nobody appends meanwhile.
fn take_over(
    broker: &Broker,
    of: &Move,
    current: &mut Log,
    future: &mut Log,
) -> Result<bool, CopyError> {
    let now_ms = clock::wall_ms();
    let copied = future.copy_from(&current.reader(), SLICE_MAX, now_ms)?;
    broker.removals.segments(copied.removal);
    if !copied.caught_up {
        return Ok(false);
    }
    if current.recovery_point() > future.recovery_point() {
        // What was on disk before is on disk after.
        future.flush(now_ms)?;
    }
    future.succeed(current)?;
    let name = PartitionName::new(&of.partition.topic, of.partition.index);
    match of.dir.directory().rename(&of.name, &name) {
        Ok(path) => {
            future.moved(&path);
            future.set_config(current.config().clone());
            Ok(true)
        }
        Err(fault) => {
            current.resume(future);
            // It may have been renamed all the same.
            let _ = of.dir.directory().rename(&name, &of.name);
            Err(fault.into())
        }
    }
}

/// The log that was replaced is removed later.
fn retire(broker: &Broker, of: &Move, from: &LogDir, mut old: Log) {
    let name = PartitionName::new(&of.partition.topic, of.partition.index);
    match from.rename(&name, DirectoryState::Delete, broker.unique()) {
        Ok(renamed) => {
            let path = from.directory().partition_path(&renamed);
            // Those who read it go on.
            old.moved(&path);
            broker.remove_later(&of.partition, path);
        }
        Err(fault) => {
            from.noticed(&fault);
            error!(target: "kafka.log.LogManager", %fault, "the former log of {name} could not be removed");
        }
    }
}

/// Says now and then what is missing; when to look again.
fn wait_for_room(of: &Move, why: &str) -> Duration {
    let now = clock::instant();
    let mut told = of.told_of_room.lock();
    if told.is_none_or(|at| now.saturating_duration_since(at) >= TELL_AGAIN) {
        *told = Some(now);
        warn!(
            target: "kafka.server.ReplicaAlterLogDirsThread",
            "{}-{} is served from {} and waits for room to be moved to {}: {why}",
            of.partition.topic, of.partition.index,
            of.partition.log_dir().path().display(), of.dir.path().display()
        );
    }
    AFTER_FULL
}

/// Says what is wrong; when to try again.
fn trouble(of: &Move, problem: &CopyError) -> Duration {
    let full = |fault: &LogError| fault.is_full();
    let (pause, why) = match problem {
        CopyError::Write(fault) if full(fault) => {
            return wait_for_room(of, &no_room(of.dir.path(), left(of).max(1)));
        }
        CopyError::Write(fault) => {
            of.dir.noticed(fault);
            (AFTER_TROUBLE, problem.to_string())
        }
        CopyError::Read(ottla_log::ReadError::Log(fault)) => {
            of.partition.noticed(fault);
            (AFTER_TROUBLE, problem.to_string())
        }
        _ => (AFTER_TROUBLE, problem.to_string()),
    };
    if of.with_log(|_| ()).is_none() {
        debug!(target: "kafka.server.ReplicaAlterLogDirsThread", "{} ended meanwhile: {why}", of.name);
        return Duration::ZERO;
    }
    warn!(
        target: "kafka.server.ReplicaAlterLogDirsThread",
        "{}-{} cannot be moved to {} now, which is tried again in {} s: {why}",
        of.partition.topic, of.partition.index, of.dir.path().display(), pause.as_secs()
    );
    pause
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_fit_the_rate() {
        assert_eq!(slice(i64::MAX as f64), SLICE_MAX);
        assert_eq!(slice(0.0), SLICE_MIN);
        assert_eq!(slice(1e6), 300_000);
    }
}
