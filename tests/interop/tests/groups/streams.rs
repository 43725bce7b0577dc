//! Kafka Streams counts words while its instances are restarted.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command},
    thread,
    time::Duration,
};

use ottla_interop::{
    clients::{self, kcat_consume},
    members::{complaints, start},
    offsets::{committed, create_topic, ends},
    oracle::{Home, finish, signal, wait_until},
    raw::Connection,
};

const PARTITIONS: u32 = 3;
const LINES: usize = 1000;
/// On a slow machine, with four virtual machines at once.
const LIMIT: Duration = Duration::from_secs(90);

/// An application of two instances, its input, and what it must have counted.
struct Application<'a> {
    address: &'a str,
    dir: &'a Path,
    id: &'a str,
    started: usize,
    fed: usize,
    expected: BTreeMap<String, u64>,
}

/// Instances are killed, or stopped in order: how often each word was counted.
pub(crate) fn count_words(address: &str, dir: &Path, id: &str, crash: bool) {
    let mut app = Application {
        address,
        dir,
        id,
        started: 0,
        fed: 0,
        expected: BTreeMap::new(),
    };
    let mut connection = Connection::new(address);
    for topic in [app.input(), app.output()] {
        create_topic(&mut connection, &topic, PARTITIONS);
    }
    app.feed();
    let mut instances = vec![app.start()];
    app.feed();
    instances.push(app.start());
    for _ in 0..3 {
        app.feed();
        let instance = instances.remove(0);
        // Something is under way.
        thread::sleep(Duration::from_millis(400));
        if crash {
            instance.crash();
        } else {
            instance.stop();
        }
        app.feed();
        instances.push(app.start());
    }
    app.processed(&mut connection);
    for instance in instances {
        instance.stop();
    }
    let counted = app.counted(crash);
    if crash {
        assert!(
            app.expected.keys().eq(counted.keys()),
            "words differ: {counted:?}"
        );
        let too_few = app
            .expected
            .iter()
            .find(|(word, count)| counted[*word] < **count);
        assert_eq!(too_few, None, "{counted:?}");
    } else {
        assert_eq!(counted, app.expected);
    }
}

impl Application<'_> {
    fn input(&self) -> String {
        format!("{}-input", self.id)
    }

    fn output(&self) -> String {
        format!("{}-output", self.id)
    }

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
        let file = self.dir.join(format!("{}-{}", self.id, self.fed));
        fs::write(&file, lines).expect("a file");
        let mut kcat = Command::new("kcat");
        kcat.args(["-P", "-b", self.address, "-t", &self.input(), "-l"])
            .arg(&file)
            .args(["-X", "acks=all", "-X", "sticky.partitioning.linger.ms=0"]);
        clients::run(&kcat);
    }

    fn start(&mut self) -> Instance {
        self.started += 1;
        let name = format!("{}-{}", self.id, self.started);
        let mut java = Home::find()
            .streams_class("WordCount")
            .unwrap_or_else(|why| panic!("{why}"));
        java.args([self.address, self.id, &self.input(), &self.output()]);
        java.arg(self.dir.join(&name));
        let (child, out) = start(&mut java, self.dir, &name);
        let mut instance = Instance { child, out, name };
        let runs = wait_until(LIMIT, || instance.said("running"));
        assert!(runs, "{} does not run", instance.name);
        instance
    }

    /// Waits until nothing is left to process.
    fn processed(&self, connection: &mut Connection) {
        for topic in [self.input(), format!("{}-words-repartition", self.id)] {
            let mut state = Default::default();
            let done = wait_until(LIMIT, || {
                let ends = ends(connection, &topic, PARTITIONS);
                state = (committed(connection, self.id, &topic, PARTITIONS), ends);
                state.0 == state.1
            });
            assert!(done, "{topic}, committed and end: {state:?}");
        }
    }

    /// The last count of each word. They only grow, except after a crash.
    fn counted(&self, crash: bool) -> BTreeMap<String, u64> {
        let mut counted = BTreeMap::new();
        for partition in 0..PARTITIONS {
            let text = kcat_consume(self.address, &self.output(), partition, "%k %s\n");
            for line in String::from_utf8(text).expect("UTF-8").lines() {
                let (word, count) = line.split_once(' ').expect("word and count");
                let count: u64 = count.parse().expect("a number");
                let before = counted.insert(word.to_owned(), count);
                assert!(crash || before < Some(count), "{line} after {before:?}");
            }
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
    fn said(&mut self, event: &str) -> bool {
        let ended = self.child.try_wait().expect("a status");
        let said = fs::read_to_string(&self.out).expect("its output");
        let complaints = complaints(&self.out);
        assert!(ended.is_none(), "{}: {ended:?}\n{complaints}", self.name);
        said.contains(event)
    }

    fn stop(mut self) {
        let status = finish(&mut self.child, LIMIT);
        let said = fs::read_to_string(&self.out).expect("its output");
        let complaints = complaints(&self.out);
        assert!(
            said.ends_with("{\"event\":\"left\"}\n"),
            "{}: {status:?}\n{said}{complaints}",
            self.name
        );
    }

    fn crash(mut self) {
        assert!(self.said("running"));
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
