//! Kafka Streams counts each word exactly once, while its instances and the broker are killed and started again.

use std::{collections::BTreeMap, env};

use ottla_interop::{
    oracle::{Home, compile, wait_until},
    server::{Kind, Node},
    words::{Application, Instance, LIMIT},
};

const LINES: usize = 300;
/// Every other one is of an instance, the rest are of the broker.
const KILLS: usize = 4;
/// Transactions of an instance that is not started again soon end soon.
const PROPERTIES: &[&str] = &["transaction.abort.timed.out.transaction.cleanup.interval.ms=1000"];

/// `$OTTLA_STREAMS_KILLS`, or [`KILLS`].
fn kills() -> usize {
    env::var("OTTLA_STREAMS_KILLS").map_or(KILLS, |text| text.parse().expect("a number"))
}

pub(crate) fn count_words() {
    compile(&Home::find()).expect("javac");
    let dir = tempfile::tempdir().expect("a folder");
    let properties = [crate::PROPERTIES, PROPERTIES].concat();
    let node = Node::new(&dir.path().join("node"), &properties);
    let mut server = node.start(Kind::under_test());
    let address = node.address();
    let mut app = Application::new(&address, dir.path(), "counting", "exactly_once_v2");
    app.feed(LINES);
    let mut instances = [app.start("state-0"), app.start("state-1")];
    for kill in 0..kills() {
        let found = app.counted(true).values().sum::<u64>();
        app.feed(LINES);
        // More of it is under way.
        let under_way = || app.counted(true).values().sum::<u64>() > found;
        assert!(wait_until(LIMIT, under_way), "kill {kill}: nobody counts");
        if kill % 2 == 0 {
            let place = kill / 2 % 2;
            instances[place].crash();
            app.feed(LINES);
            instances[place] = app.start(&format!("state-{place}"));
        } else {
            server.kill();
            server = node.start(Kind::under_test());
        }
        eprintln!("killed: {}", kill + 1);
    }
    app.feed(LINES);
    let mut counted = BTreeMap::new();
    let done = wait_until(LIMIT, || {
        counted = app.counted(true);
        instances.iter_mut().for_each(Instance::check);
        counted == app.expected
    });
    let mut words = app.expected.iter();
    let wrong = words.find(|(word, count)| counted.get(*word) != Some(count));
    let found = wrong.and_then(|(word, _)| counted.get(word));
    assert!(done, "{wrong:?}, found {found:?}");
    instances.into_iter().for_each(Instance::stop);
    assert_eq!(app.counted(true), app.expected);
    server.stop();
}
