//! Kafka Streams counts each word exactly once, while its instances and the broker are killed and started again.

use std::{
    collections::BTreeMap,
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command},
    thread,
    time::Duration,
};

use ottla_interop::{
    clients,
    members::{complaints, start},
    offsets::create_topic,
    oracle::{Home, compile, finish, signal, wait_until},
    raw::Connection,
    server::{Kind, Node},
};

const PARTITIONS: u32 = 3;
const LINES: usize = 300;
const LIMIT: Duration = Duration::from_secs(120);
const INPUT: &str = "lines";
const OUTPUT: &str = "counts";
/// Half of them of instances, half of the broker.
const KILLS: usize = 4;
/// An instance that is killed is missed soon.
const PROPERTIES: &[&str] = &[
    "transaction.abort.timed.out.transaction.cleanup.interval.ms=1000",
    "log.segment.bytes=1048576",
];

/// `$OTTLA_STREAMS_KILLS`, or [`KILLS`].
fn kills() -> usize {
    env::var("OTTLA_STREAMS_KILLS").map_or(KILLS, |text| {
        text.parse().expect("OTTLA_STREAMS_KILLS: a number")
    })
}

/// An application, its input, and what it must have counted.
struct Application<'a> {
    address: &'a str,
    dir: &'a Path,
    started: usize,
    fed: usize,
    expected: BTreeMap<String, u64>,
}

pub(crate) fn count_words() {
    compile(&Home::find()).expect("javac");
    let dir = tempfile::tempdir().expect("a folder");
    let properties = [crate::PROPERTIES, PROPERTIES].concat();
    let node = Node::new(&dir.path().join("node"), &properties);
    let mut server = node.start(Kind::under_test());
    let address = node.address();
    let mut app = Application {
        address: &address,
        dir: dir.path(),
        started: 0,
        fed: 0,
        expected: BTreeMap::new(),
    };
    let mut connection = Connection::new(&address);
    for topic in [INPUT, OUTPUT] {
        create_topic(&mut connection, topic, PARTITIONS);
    }
    app.feed();
    let mut instances = [app.start(0), app.start(1)];
    for kill in 0..kills() {
        let found = app.counted().values().sum::<u64>();
        app.feed();
        // Something of it is under way.
        let under_way = wait_until(LIMIT, || app.counted().values().sum::<u64>() > found);
        assert!(under_way, "kill {kill}: nothing is counted any more");
        if kill % 2 == 0 {
            let place = kill / 2 % 2;
            instances[place].crash();
            app.feed();
            instances[place] = app.start(place);
        } else {
            server.kill();
            server = node.start(Kind::under_test());
        }
    }
    app.feed();
    let mut counted = BTreeMap::new();
    let done = wait_until(LIMIT, || {
        counted = app.counted();
        instances.iter_mut().for_each(Instance::check);
        counted == app.expected
    });
    let wrong: Vec<_> = app
        .expected
        .iter()
        .filter(|(word, count)| counted.get(*word) != Some(count))
        .take(9)
        .collect();
    assert!(
        done,
        "of {} words {}; wrong: {wrong:?}",
        app.expected.len(),
        counted.len()
    );
    instances.into_iter().for_each(Instance::stop);
    assert_eq!(app.counted(), app.expected);
    server.stop();
}

impl Application<'_> {
    /// Sends lines to all partitions of the input.
    fn feed(&mut self) {
        let mut lines = String::new();
        for number in self.fed..self.fed + LINES {
            for place in 0..5 {
                // Some words often, some seldom.
                let word = format!("w{}", (number * 7 + place * 13) % (10 << (place * 2)));
                let _ = write!(lines, "{}{word}", if place > 0 { " " } else { "" });
                *self.expected.entry(word).or_default() += 1;
            }
            lines.push('\n');
        }
        self.fed += LINES;
        let file = clients::file(self.dir, &format!("fed-{}", self.fed), lines.as_bytes());
        let mut kcat = Command::new("kcat");
        kcat.args(["-P", "-b", self.address, "-t", INPUT, "-l"])
            .arg(&file);
        kcat.args(["-X", "acks=all", "-X", "sticky.partitioning.linger.ms=0"]);
        kcat.args(["-X", "enable.idempotence=true"]);
        clients::run(&kcat);
    }

    /// An instance whose state is in the place that one before it may have left.
    fn start(&mut self, place: usize) -> Instance {
        self.started += 1;
        let name = format!("instance-{}", self.started);
        let java = Home::find().streams_class("WordCount");
        let mut java = java.unwrap_or_else(|why| panic!("{why}"));
        java.args([self.address, "counting", INPUT, OUTPUT]);
        java.arg(self.dir.join(format!("state-{place}")));
        java.arg("exactly_once_v2");
        let (child, out) = start(&mut java, self.dir, &name);
        let mut instance = Instance { child, out, name };
        let runs = wait_until(LIMIT, || instance.says("running"));
        assert!(runs, "{} does not run", instance.name);
        instance
    }

    /// The last count of each word, of what is committed. They only grow: none is counted again.
    fn counted(&self) -> BTreeMap<String, u64> {
        let mut kcat = Command::new("kcat");
        kcat.args(["-C", "-q", "-e", "-b", self.address, "-t", OUTPUT]);
        kcat.args(["-o", "beginning", "-X", "isolation.level=read_committed"]);
        kcat.args(["-X", "fetch.wait.max.ms=50", "-f", "%k %s\n"]);
        let text = String::from_utf8(clients::run(&kcat)).expect("UTF-8");
        let mut counted = BTreeMap::new();
        for line in text.lines() {
            let (word, count) = line.split_once(' ').expect("word and count");
            let count: u64 = count.parse().expect("a number");
            let before = counted.insert(word.to_owned(), count);
            assert!(before < Some(count), "{line} after {before:?}");
        }
        counted
    }
}

/// A running program; killed when dropped.
struct Instance {
    child: Child,
    out: PathBuf,
    name: String,
}

impl Instance {
    fn said(&self) -> String {
        fs::read_to_string(&self.out).expect("its output")
    }

    /// Asserts that it runs.
    fn check(&mut self) {
        let ended = self.child.try_wait().expect("a status");
        assert!(
            ended.is_none(),
            "{}: {ended:?}\n{}",
            self.name,
            complaints(&self.out)
        );
    }

    fn says(&mut self, event: &str) -> bool {
        self.check();
        self.said().contains(event)
    }

    fn stop(mut self) {
        let status = finish(&mut self.child, LIMIT);
        let said = self.said();
        let left = said.ends_with("{\"event\":\"left\"}\n");
        assert!(
            left,
            "{}: {status:?}\n{said}{}",
            self.name,
            complaints(&self.out)
        );
    }

    fn crash(&mut self) {
        self.check();
        signal(self.child.id(), "KILL").unwrap_or_else(|why| panic!("{}: {why}", self.name));
        self.child.wait().expect("a status");
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("{} said: {}", self.name, complaints(&self.out));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
