//! Takes over what changed in the metadata: partitions that come, change and go, and configurations.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use ottla_coordinator::group;
use ottla_log::{
    Log, LogError, Opening, directory,
    names::{DirectoryState, PartitionName},
};
use ottla_metadata::{
    Image,
    image::{ConfigResource, Partition as Assignment, ResourceType, Topic, directory::LOST},
    loader::Change,
};
use tracing::{error, info, warn};

use crate::{
    broker::Broker,
    clock,
    log_dirs::{Checkpoints, LogDir, Placement},
    maintenance,
    node::ListenerKind,
    partition::Partition,
    partitions::Offline,
    topic_settings::TopicSettings,
};

/// How long a producer that writes nothing is remembered, in ms.
const PRODUCER_EXPIRY: &str = "producer.id.expiration.ms";

impl Broker {
    /// Takes over a change: what came is there before the image shows it, what went is gone after, unless its name comes again.
    pub(crate) fn apply(&self, change: &Change) {
        let _hosting = self.hosting.lock();
        let image = &change.image;
        if change
            .delta
            .configs
            .iter()
            .any(|of| of.kind == ResourceType::BROKER)
        {
            self.reconfigure(image);
        }
        // Another topic of the same name is to have directories of its own.
        let comes_again = |topic: &Arc<Topic>| image.topic(&topic.name).is_some();
        self.delete_topics(change.deleted_topics().filter(|topic| comes_again(topic)));
        for (topic, index, _, assignment) in change.changed_partitions() {
            self.host(image, topic, index, assignment);
        }
        self.reconfigure_topics(change);
        if !change.delta.client_quotas.is_empty() {
            self.set_quotas(image);
        }
        self.publish(Arc::new(image.clone()), change.provenance.offset);
        // What is told must be in the image that is known by then.
        for (topic, index, _, assignment) in change.changed_partitions() {
            self.tell_directory(image, topic, index, assignment);
        }
        self.moves.changed();
        self.groups.metadata_changed(change);
        self.transactions.changed(&self.config(), image);
        self.delete_topics(change.deleted_topics().filter(|topic| !comes_again(topic)));
    }

    fn delete_topics<'a>(&self, topics: impl Iterator<Item = &'a Arc<Topic>>) {
        let (mut gone, mut renamed, mut checkpointed) = (Vec::new(), Vec::new(), false);
        for topic in topics {
            for index in topic.partitions.keys() {
                checkpointed |= self
                    .partitions
                    .get(topic.id, *index)
                    .is_some_and(|partition| partition.is_checkpointed());
                gone.extend(self.delete(topic, *index, &mut renamed));
            }
        }
        if !gone.is_empty() {
            self.remove_renamed(renamed);
            self.cleaner.forget(&gone);
            // What is written down of them must not be believed of other topics of their names.
            if checkpointed {
                maintenance::write_checkpoints(self, Checkpoints::OTHERS);
            }
        }
    }

    /// Makes the new names of directories of deleted partitions durable, and has the directories removed when it is time. Not
    /// before: of what a loss of power gives its old name back, nothing may be missing.
    fn remove_renamed(&self, renamed: Vec<Renamed>) {
        for dir in self.log_dirs.iter() {
            let mut mine = renamed
                .iter()
                .filter(|it| Arc::ptr_eq(&it.dir, dir))
                .peekable();
            if mine.peek().is_none() {
                continue;
            }
            if let Err(fault) = dir.directory().sync_names() {
                dir.noticed(&fault);
                error!(target: "kafka.log.LogManager", %fault, "the deletion of partitions could not be made durable: they are removed after the next start");
                continue;
            }
            for Renamed { path, delay, .. } in mine {
                info!(target: "kafka.log.LogManager", "{} is removed in {delay} ms", path.display());
                self.removals
                    .directory(path.clone(), clock::wall_ms().saturating_add(*delay));
            }
        }
    }

    /// Hosts a partition if it is assigned to this broker, and leads it if it should.
    pub(crate) fn host(
        &self,
        image: &Image,
        topic: &Arc<Topic>,
        index: i32,
        assignment: &Assignment,
    ) {
        let me = self.settings.node_id;
        if !assignment.replicas.contains(&me) {
            return;
        }
        let partition = match self.partitions.get(topic.id, index) {
            Some(partition) => partition,
            // A log that cannot be used is not begun anew.
            None if self.partitions.is_lost(topic.id, index) => return,
            None => match self.open(image, topic, index, assignment) {
                Ok(partition) => partition,
                Err((why, offline)) => {
                    error!(target: "kafka.server.ReplicaManager", "{}-{index} is offline: {why}", topic.name);
                    self.partitions.set_offline(topic.id, index, offline);
                    return;
                }
            },
        };
        if assignment.leader != me {
            partition.follow(assignment.leader_epoch);
            self.resign(&partition);
        } else {
            if partition.leader_epoch() != Some(assignment.leader_epoch) {
                partition.lead(assignment.leader_epoch);
            }
            self.groups.elect(self, &partition);
            self.transactions.elect(self, &partition);
        }
    }

    /// The controller should know in which directory the replica is, or that it is in none that can be used: a node that
    /// was killed before it had told where the log is, or whose log is damaged, would else be its leader, and answer for
    /// nothing.
    pub(crate) fn tell_directory(
        &self,
        image: &Image,
        topic: &Topic,
        index: i32,
        assignment: &Assignment,
    ) {
        let is_in = match self.partitions.get(topic.id, index) {
            Some(partition) => partition.log_dir().id,
            None => match self.partitions.offline(topic.id, index) {
                Some(Offline::Damaged | Offline::OutOfSight) => LOST,
                _ => return,
            },
        };
        let told = assignment.directory(self.settings.node_id);
        // The controller knows of a move before it ends.
        let is_known = told == Some(is_in) || self.is_moving_to(topic.id, index, told);
        if image.metadata_version_or_minimum().has_directories() && !is_known {
            self.assignments.note(topic.id, index, is_in);
        }
    }

    pub(crate) fn resign(&self, partition: &Partition) {
        self.groups.resign(partition);
        self.transactions.resign(partition);
    }

    /// Whether a partition came after the start.
    fn is_new(&self, topic: &Topic, index: i32) -> bool {
        let image = self.image();
        let before = image.topic_by_id(topic.id);
        self.metadata_offset() >= 0 && !before.is_some_and(|it| it.partitions.contains_key(&index))
    }

    fn open(
        &self,
        image: &Image,
        topic: &Arc<Topic>,
        index: i32,
        assignment: &Assignment,
    ) -> Result<Arc<Partition>, (String, Offline)> {
        let name = PartitionName::new(&topic.name, index);
        let config = self.config();
        let wanted = Placement {
            name: &name,
            id: self
                .moves
                .preferred(&topic.name, index)
                .or_else(|| assignment.directory(self.settings.node_id))
                .unwrap_or_default(),
            is_new: self.is_new(topic, index),
            cordoned: config.cordoned_log_dirs(),
        };
        let dir = self.log_dirs.place(&wanted)?;
        let settings = self.settings_of_sibling(topic, index);
        let settings =
            settings.unwrap_or_else(|| Arc::new(self.topic_settings(image, &topic.name)));
        let partition = open_log(self, dir, topic, index, settings).map_err(|fault| {
            dir.noticed(&fault);
            (fault.to_string(), offline_after(&fault))
        })?;
        self.partitions.insert(partition.clone());
        self.moves.forget_preferred(&topic.name, index);
        Ok(partition)
    }

    fn delete(
        &self,
        topic: &Arc<Topic>,
        index: i32,
        renamed: &mut Vec<Renamed>,
    ) -> Option<Arc<Partition>> {
        if let Some(of) = self.moves.get(topic.id, index) {
            self.cancel_move(&of);
        }
        let partition = self.partitions.remove(topic.id, index)?;
        self.resign(&partition);
        let mut log = partition.take_log()?;
        let dir = partition.log_dir();
        let name = PartitionName::new(&topic.name, index);
        match dir.rename_for_now(&name, DirectoryState::Delete, self.unique()) {
            Ok(to) => {
                let path = dir.directory().partition_path(&to);
                log.moved(&path);
                let delay = partition.settings().log.file_delete_delay_ms;
                info!(target: "kafka.log.LogManager", "{name} is deleted: it is {} now", path.display());
                renamed.push(Renamed {
                    dir: dir.clone(),
                    path,
                    delay,
                });
            }
            Err(fault) => {
                dir.noticed(&fault);
                error!(target: "kafka.log.LogManager", %fault, "{name} could not be deleted")
            }
        }
        Some(partition)
    }

    /// Partitions of a topic share their settings. Should these have changed just now, all get the new ones after.
    fn settings_of_sibling(&self, topic: &Topic, index: i32) -> Option<Arc<TopicSettings>> {
        let mut siblings = [index - 1, 0].into_iter();
        let sibling = siblings.find_map(|index| self.partitions.get(topic.id, index))?;
        Some(sibling.settings())
    }

    /// The effective settings of a topic.
    pub(crate) fn topic_settings(&self, image: &Image, topic: &str) -> TopicSettings {
        TopicSettings::of(&self.config(), image.configs(&ConfigResource::topic(topic)))
    }

    fn reconfigure_topics(&self, change: &Change) {
        let all = change
            .delta
            .configs
            .iter()
            .any(|of| of.kind == ResourceType::BROKER);
        let image = &change.image;
        let names: Vec<Arc<str>> = if all {
            image.topics().map(|topic| topic.name.clone()).collect()
        } else {
            let topics = change
                .delta
                .configs
                .iter()
                .filter(|of| of.kind == ResourceType::TOPIC);
            topics.map(|of| of.name.as_str().into()).collect()
        };
        for name in names {
            let Some(topic) = image.topic(&name) else {
                continue;
            };
            let settings = Arc::new(self.topic_settings(image, &name));
            for index in topic.partitions.keys() {
                if let Some(partition) = self.partitions.get(topic.id, *index) {
                    partition.configure(settings.clone());
                }
            }
        }
    }

    /// Takes over the dynamic configurations of brokers.
    pub(crate) fn reconfigure(&self, image: &Image) {
        let of = |name: &str| -> BTreeMap<String, String> {
            let resource = ConfigResource::new(ResourceType::BROKER, name);
            image
                .configs(&resource)
                .iter()
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect()
        };
        let mine = self.settings.node_id.to_string();
        let (config, ignored) = self.config().with_dynamic(&of(""), &of(&mine));
        for invalid in ignored {
            warn!(target: "kafka.server.DynamicBrokerConfig", "a dynamic configuration is ignored: {invalid}");
        }
        for kind in [ListenerKind::Broker, ListenerKind::Controller] {
            let limits = self.settings.connection_limits(&config, kind);
            self.admission(kind).set_limits(limits);
        }
        let expiry_ms = i64::from(config.int(PRODUCER_EXPIRY));
        for of in self.moves.all() {
            of.with_log(|log| log.set_producer_expiry(expiry_ms));
        }
        for partition in self.partitions.all() {
            partition.with_log(|log| log.set_producer_expiry(expiry_ms));
        }
        self.groups
            .reconfigure(group::Settings::of(Arc::new(config.clone())));
        self.transactions.changed(&config, image);
        self.set_config(config);
        self.cleaner.reconfigured();
        self.moves.reconfigured();
    }

    /// `producer.id.expiration.ms`, as of now.
    pub(crate) fn producer_expiry_ms(&self) -> i64 {
        i64::from(self.config().int(PRODUCER_EXPIRY))
    }
}

/// The directory of a deleted partition.
struct Renamed {
    dir: Arc<LogDir>,
    path: PathBuf,
    /// After so many milliseconds it is removed.
    delay: i64,
}

/// How a partition is offline whose log cannot be opened.
fn offline_after(fault: &LogError) -> Offline {
    if fault.is_full() {
        Offline::Full
    } else if fault.is_io() {
        Offline::Failed
    } else {
        Offline::Damaged
    }
}

fn open_log(
    broker: &Broker,
    dir: &Arc<LogDir>,
    topic: &Arc<Topic>,
    index: i32,
    settings: Arc<TopicSettings>,
) -> Result<Arc<Partition>, LogError> {
    let name = PartitionName::new(&topic.name, index);
    let path: PathBuf = dir.directory().partition_path(&name);
    let is_new = !path.is_dir();
    // At the start it was read before, if there is anything to read.
    let is_named = !is_new && broker.metadata_offset() < 0 && !dir.contents.was_nameless(&name);
    let is_nameless = !is_named && !is_new && directory::read_topic_id(&path)?.is_none();
    let mut opening = Opening {
        producer_expiry_ms: broker.producer_expiry_ms(),
        ..Opening::clean(clock::wall_ms())
    };
    if !is_new {
        // What the checkpoints say of a new one was said of another topic of this name.
        opening.clean = dir.clean;
        opening.recovery_point = dir.recovery_point(&topic.name, index);
        opening.log_start_offset = dir.log_start(&topic.name, index);
    } else {
        // Until it has its file: what follows may fail, and be tried again.
        dir.contents.found_nameless(&name);
    }
    let (log, recovered) = Log::open(&path, settings.log.clone(), &opening)?;
    if is_new {
        dir.contents.begin_topic_id(&path, topic.id)?;
        dir.contents.named(&name);
    } else if is_nameless {
        directory::write_topic_id(&path, &topic.id)?;
        dir.contents.named(&name);
    }
    if recovered.bytes_truncated > 0 {
        warn!(
            target: "kafka.log.LogLoader",
            "{name}: {} bytes at the end were not whole batches and are cut off", recovered.bytes_truncated
        );
    }
    broker.removals.segments(recovered.removal);
    Ok(Arc::new(Partition::new(
        topic.name.clone(),
        topic.id,
        index,
        dir.clone(),
        log,
        settings,
    )))
}
