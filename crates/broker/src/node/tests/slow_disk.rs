//! A disk that takes its time holds up those who use it, and nobody else on their thread.

use std::{
    sync::{Condvar, Mutex, PoisonError},
    thread,
};

use ottla_wire::messages::{ListOffsetsRequest, list_offsets_request as list};

use super::*;

/// A disk of which nothing is in memory, and that reads and writes no records before it is let.
#[derive(Default)]
struct Gate {
    state: Mutex<(usize, bool)>,
    changed: Condvar,
}

impl Gate {
    fn of(dir: &Path) -> (Arc<Self>, Below) {
        let gate = Arc::new(Self::default());
        let asked = gate.clone();
        let hook = move |op: Op, path: &Path| {
            let is_log = path.extension().is_some_and(|it| it == "log");
            match op {
                Op::Peek if is_log => return Some(io::ErrorKind::WouldBlock.into()),
                Op::Read | Op::Write if is_log => asked.pass(),
                _ => {}
            }
            None
        };
        let below = faults::below(dir, Arc::new(hook));
        (gate, below)
    }

    fn pass(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.0 += 1;
        while !state.1 {
            let woken = self.changed.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn has_come(&self) -> bool {
        self.state.lock().unwrap().0 > 0
    }

    fn open(&self) {
        self.state.lock().unwrap().1 = true;
        self.changed.notify_all();
    }
}

/// Opens the gate at the end, so that a test that fails ends too.
struct Opens(Arc<Gate>);

impl Drop for Opens {
    fn drop(&mut self) {
        self.0.open();
    }
}

/// The offset of the first record from a time on.
fn offset_at(client: &mut Client, partition_index: i32, timestamp: i64) -> Option<i64> {
    let partition = list::ListOffsetsPartition {
        partition_index,
        timestamp,
        current_leader_epoch: -1,
        ..Default::default()
    };
    let request = ListOffsetsRequest {
        replica_id: -1,
        topics: vec![list::ListOffsetsTopic {
            name: TOPIC.to_owned(),
            partitions: vec![partition],
            ..Default::default()
        }],
        ..Default::default()
    };
    let answer = client.ask(5, &request)?;
    let of = &answer.topics[0].partitions[0];
    (of.error_code == 0).then_some(of.offset)
}

/// Every write below a directory takes a moment longer than a disk may that is not slow.
fn make_slow(dir: &Path) -> Below {
    let hook = |op: Op, _: &Path| {
        if op == Op::Write {
            sleep(PAUSE);
        }
        None
    };
    faults::below(dir, Arc::new(hook))
}

/// `ask` asks for something of the slow disk, and says whether the answer is right.
async fn nobody_else_waits(
    bytes: usize,
    ask: impl FnOnce(&mut Client, i32) -> bool + Send + 'static,
) {
    let dir = tempfile::tempdir().unwrap();
    let b = dir.path().join("b");
    let one_thread = ("num.network.threads", "1");
    let node = Arc::new(start_with(dir.path(), &[one_thread]).await);
    let running = node.clone();
    task::blocking(move || {
        let mut client = Client::new(&running);
        client.create();
        let is_in_b = |it: &i32| b.join(format!("{TOPIC}-{it}")).is_dir();
        let of_b = (0..PARTITIONS).find(is_in_b).unwrap();
        let of_a = (0..PARTITIONS).find(|it| !is_in_b(it)).unwrap();
        let slow = make_slow(&b);
        for _ in 0..2 {
            assert_eq!(client.produce(of_b, bytes), 0);
        }
        drop(slow);
        let (gate, _below) = Gate::of(&b);
        let opens = Opens(gate.clone());
        let mut patient = Client::new(&running);
        let waits = thread::spawn(move || ask(&mut patient, of_b));
        settle(|| gate.has_come());
        // New connections and old ones, those who write and those who read.
        for _ in 0..3 {
            assert_eq!(client.produce(of_a, 10), 0);
            client.to = None;
            let bytes = client.fetch(of_a).unwrap().unwrap();
            client.assert_has_all(of_a, &bytes);
        }
        assert!(!waits.is_finished());
        drop(opens);
        assert!(waits.join().unwrap());
    })
    .await
    .unwrap();
    stop(node).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_fetch_from_memory_do_not_wait_for_it() {
    // Large answers go by sendfile, small ones are read into what is sent.
    for bytes in [1000, 100_000] {
        nobody_else_waits(bytes, move |client, partition| {
            let found = client.fetch(partition);
            found.is_some_and(|it| it.is_ok_and(|records| records.len() > bytes))
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_for_a_search_by_time() {
    // Every record has the time 5.
    nobody_else_waits(1000, |client, partition| {
        offset_at(client, partition, 5) == Some(0)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_for_a_write_once_it_is_known_to_be_slow() {
    nobody_else_waits(1000, |client, partition| client.produce(partition, 10) == 0).await;
}
