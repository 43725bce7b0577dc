//! When a log directory fails while the node runs: exactly its partitions go offline, and the controller is told.

use std::{collections::BTreeSet, sync::Arc};

use tokio::sync::{mpsc, watch};
use tracing::warn;

use crate::{broker::Broker, log_dirs::LogDir, partitions::Offline, task};

/// Runs until `stop` says so. `failed` is told if the node cannot go on.
pub(crate) async fn run(
    broker: Arc<Broker>,
    mut stop: watch::Receiver<bool>,
    failed: mpsc::WeakSender<String>,
) {
    let mut done = BTreeSet::new();
    loop {
        for dir in broker.log_dirs.iter().filter(|dir| dir.has_failed()) {
            if done.insert(dir.path().to_owned()) {
                let (broker, dir) = (broker.clone(), dir.clone());
                // A panic in there was reported there.
                let _ = task::blocking(move || broker.take_offline(&dir)).await;
            }
        }
        if let Some(why) = broker.cannot_go_on() {
            tell(&failed, why);
        }
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            () = broker.log_dirs.failure() => {}
        }
    }
}

/// Says why the node cannot go on, unless somebody has said so before.
pub(crate) fn tell(failed: &mpsc::WeakSender<String>, why: String) {
    if let Some(failed) = failed.upgrade() {
        let _ = failed.try_send(why);
    }
}

impl Broker {
    /// A failed directory that the node cannot do without.
    pub(crate) fn cannot_go_on(&self) -> Option<String> {
        let of_metadata = self.log_dirs.at(&self.settings.metadata_log_dir);
        if let Some(dir) = of_metadata.filter(|dir| dir.has_failed()) {
            return Some(format!(
                "the metadata log directory {} has failed",
                dir.path().display()
            ));
        }
        let mut of_partitions = self.log_dirs.iter().filter(|dir| dir.takes_partitions);
        of_partitions
            .all(|dir| dir.has_failed())
            .then(|| "all log directories have failed".to_owned())
    }

    /// The partitions in a failed directory are served no more. Its files are left as they are.
    fn take_offline(&self, dir: &LogDir) {
        let _hosting = self.hosting.lock();
        for of in self.moves.all() {
            if of.partition.is_in(dir) || std::ptr::eq(Arc::as_ptr(&of.dir), dir) {
                drop(self.end_move(&of));
            }
        }
        let mut gone = self.partitions.all();
        gone.retain(|partition| partition.is_in(dir));
        for partition in &gone {
            self.partitions
                .set_offline(partition.topic_id, partition.index, Offline::Failed);
            self.resign(partition);
            drop(partition.take_log());
        }
        self.cleaner.directory_failed(dir, &gone);
        self.removals.forget(dir);
        warn!(
            target: "kafka.server.ReplicaManager",
            "{} partitions are offline because their log directory {} has failed", gone.len(), dir.path().display()
        );
        self.heartbeat_now.notify_one();
    }

    /// Tries those again for whose log there was no room.
    pub(crate) fn retry_full(&self) {
        let full = self.partitions.take_full();
        if full.is_empty() {
            return;
        }
        let _hosting = self.hosting.lock();
        let image = self.image_arc();
        for (topic_id, index) in full {
            let Some(topic) = image.topic_by_id(topic_id) else {
                continue;
            };
            if let Some(assignment) = topic.partitions.get(&index) {
                self.host(&image, topic, index, assignment);
                self.tell_directory(&image, topic, index, assignment);
            }
        }
    }
}
