//! A node of several log directories, and turns on it: what one program leaves is what the next one finds.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use ottla_interop::{
    legacy::{self, Set},
    raw::Connection,
    server::{Kind, Node, Server},
    takeover::picture::{Age, Picture},
};

use crate::{
    asks::Place,
    check::{self, Counted},
    files, look,
    model::Model,
    workload::{OLD, STAYING, Workload},
};

const PROPERTIES: &[&str] = &[
    "log.retention.ms=-1",
    "log.segment.bytes=1048576",
    "log.index.interval.bytes=2000",
    "offsets.topic.num.partitions=2",
    "transaction.state.log.num.partitions=2",
    "log.cleaner.backoff.ms=300",
    "log.initial.task.delay.ms=1500",
    "log.retention.check.interval.ms=1000",
    "metadata.log.max.record.bytes.between.snapshots=4000",
    "group.consumer.max.session.timeout.ms=600000",
    "group.consumer.session.timeout.ms=600000",
    "group.consumer.min.heartbeat.interval.ms=100",
    "group.consumer.heartbeat.interval.ms=300",
    "group.consumer.assignment.interval.ms=0",
];

/// A node with what is to be on it.
pub(crate) struct Site {
    pub(crate) node: Node,
    dir: PathBuf,
    model: Model,
    workload: Option<Workload>,
    seed: u64,
    /// The last turn, if there was one.
    last: Option<Last>,
    /// What was put on the disk since.
    planted: Vec<Place>,
    pub(crate) counted: Counted,
}

struct Last {
    picture: Picture,
    clean: bool,
}

impl Site {
    pub(crate) fn new(dir: &Path, seed: u64, properties: &[&str]) -> Self {
        let names = ["data", "second"].map(|name| dir.join(name));
        for path in &names {
            fs::create_dir_all(path).expect("a folder");
        }
        let names = names.map(|path| path.display().to_string());
        let dirs = format!("log.dirs={}", names.join(","));
        let mut lines = vec![dirs.as_str()];
        lines.extend(PROPERTIES);
        lines.extend(properties);
        Self {
            node: Node::new(dir, &lines),
            dir: dir.to_owned(),
            model: Model::default(),
            workload: None,
            seed,
            last: None,
            planted: Vec::new(),
            counted: Counted::default(),
        }
    }

    /// As it is, with another node.
    pub(crate) fn adjusted(mut self, adjust: impl FnOnce(Node) -> Node) -> Self {
        self.node = adjust(self.node);
        self
    }

    /// All log directories.
    pub(crate) fn dirs(&self) -> [PathBuf; 2] {
        ["data", "second"].map(|name| self.dir.join(name))
    }

    /// Starts a program, and has it compared with the model and with the last one's answers.
    #[expect(
        clippy::disallowed_methods,
        reason = "how long it took decides nothing"
    )]
    pub(crate) fn start(&mut self, kind: Kind, age: Age, what: &str) -> (Server, Connection) {
        let began = Instant::now();
        let server = self.node.start(kind);
        let mut connection = Connection::new(&self.node.address());
        let started = began.elapsed();
        if let (Some(last), Some(workload)) = (self.last.take(), &self.workload) {
            let after = look::look(&mut connection, &self.model, workload);
            let forgettable = self.forgettable(last.clean);
            let before = last.picture.without(&forgettable);
            before.is(&after.without(&forgettable), what);
            self.planted.clear();
            self.counted += check::check(&mut connection, &mut self.model, last.clean, what);
            self.model.is_taken_over();
        }
        match &mut self.workload {
            Some(workload) => workload.go_on(&mut connection, &mut self.model),
            None => {
                let seed = self.seed;
                let begun = Workload::begin(&mut connection, &mut self.model, age, seed);
                self.workload = Some(begun);
            }
        }
        eprintln!(
            "{what}: started in {started:.1?}, found all in {:.1?}",
            began.elapsed()
        );
        (server, connection)
    }

    /// What may be otherwise: after an unclean stop, records that were deleted may be back.
    fn forgettable(&self, clean: bool) -> Vec<String> {
        let places = self.model.places().into_iter();
        let is_trimmed = |place: &Place| !clean && self.model.partition(place).is_trimmed;
        places
            .filter(|place| is_trimmed(place) || self.planted.contains(place))
            .map(|place| look::beginnings(&place))
            .collect()
    }

    /// While nothing runs: some partitions have what an old release wrote.
    pub(crate) fn plant(&mut self, sets: &[Set]) {
        let partitions = self.model.topics[OLD].partitions.len();
        for (n, set) in sets
            .iter()
            .step_by(sets.len() / partitions)
            .enumerate()
            .take(partitions)
        {
            let name = format!("{OLD}-{n}");
            let dirs = self.dirs().map(|dir| dir.join(&name));
            let dir = dirs.iter().find(|dir| dir.is_dir());
            legacy::plant(dir.unwrap_or_else(|| panic!("{name} is nowhere")), set);
            let place = (OLD.to_owned(), n as i32);
            self.model.has_old(&place, &set.records);
            self.planted.push(place);
        }
    }

    /// So many things happen.
    pub(crate) fn happen(&mut self, connection: &mut Connection, times: usize) {
        let workload = self.workload.as_mut().expect("begun");
        workload.happen(connection, &mut self.model, times);
    }

    /// All features are there now.
    pub(crate) fn grow_up(&mut self, connection: &mut Connection) {
        let workload = self.workload.as_mut().expect("begun");
        workload.grow_up(connection);
    }

    /// What the running program answers is kept for the next one; it is stopped or killed.
    pub(crate) fn end(
        &mut self,
        server: Server,
        mut connection: Connection,
        clean: bool,
        what: &str,
    ) {
        let workload = self.workload.as_ref().expect("begun");
        let ends = format!("{what}, at its end");
        self.counted += check::check(&mut connection, &mut self.model, true, &ends);
        let picture = look::look(&mut connection, &self.model, workload);
        if clean {
            server.stop();
            let places = self.model.places().into_iter();
            let forgetful = places.filter(|place| self.model.partition(place).is_forgetful);
            let forgetful: Vec<_> = forgetful
                .map(|(topic, partition)| format!("{topic}-{partition}"))
                .collect();
            for dir in self.dirs() {
                files::verify(&dir, &forgetful, what);
            }
        } else {
            server.kill();
        }
        let picture = picture.without(&self.forgettable(clean));
        self.last = Some(Last { picture, clean });
    }

    /// The tools of both programs read every file that is there, and say the same.
    pub(crate) fn look_into_all_files(&self) {
        let [first, second] = self.dirs();
        for (dir, has_metadata) in [(&first, true), (&second, false)] {
            let checked = files::all_tools(dir, has_metadata);
            eprintln!("{}: {checked:?}", dir.display());
            assert!(
                checked.logs > 3 && checked.producer_states > 0,
                "{checked:?}"
            );
        }
        let info = files::storage_info(&self.dir.join("server.properties"));
        for dir in [&first, &second] {
            assert!(info.contains(&*dir.to_string_lossy()), "{info}");
        }
        // A snapshot need not have what came last.
        let ids = files::metadata_shell(&first, "/image/topics/byId");
        for (name, _) in STAYING {
            let id = self.model.topics[name].id.to_string();
            assert!(ids.contains(&id), "{name}, {id}: {ids:?}");
        }
    }
}
