//! Kafka Streams counts words while its instances are restarted.

use std::{path::Path, thread, time::Duration};

use ottla_interop::{
    offsets::{committed, ends},
    oracle::wait_until,
    raw::Connection,
    words::{Application, LIMIT, PARTITIONS},
};

const LINES: usize = 1000;

/// Instances are killed, or stopped in order: how often each word was counted.
pub(crate) fn count_words(address: &str, dir: &Path, id: &str, crash: bool) {
    let mut app = Application::new(address, dir, id, "at_least_once");
    let mut connection = Connection::new(address);
    app.feed(LINES);
    let mut instances = vec![app.start("state-0")];
    app.feed(LINES);
    instances.push(app.start("state-1"));
    for place in 2..5 {
        app.feed(LINES);
        let mut instance = instances.remove(0);
        // Something is under way.
        thread::sleep(Duration::from_millis(400));
        if crash {
            instance.crash();
        } else {
            instance.stop();
        }
        app.feed(LINES);
        instances.push(app.start(&format!("state-{place}")));
    }
    processed(&app, &mut connection);
    for instance in instances {
        instance.stop();
    }
    let counted = app.counted(!crash);
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

/// Waits until nothing is left to process.
fn processed(app: &Application<'_>, connection: &mut Connection) {
    for topic in [app.input(), format!("{}-words-repartition", app.id)] {
        let mut state = Default::default();
        let done = wait_until(LIMIT, || {
            let ends = ends(connection, &topic, PARTITIONS);
            state = (committed(connection, app.id, &topic, PARTITIONS), ends);
            state.0 == state.1
        });
        assert!(done, "{topic}, committed and end: {state:?}");
    }
}
