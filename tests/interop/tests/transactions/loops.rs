//! Consume, transform, produce: the offsets go with what was made of the records, also where the program is killed.

use std::{collections::BTreeMap, time::Duration};

use ottla_interop::{
    offsets::{committed, create_topic},
    oracle::wait_until,
    plan::{Author, Plan},
    raw::Connection,
    transactional::{Client, Contents, Program},
};

use crate::{Place, isolation::settle_all};

const PARTITIONS: u32 = 3;
const LIMIT: Duration = Duration::from_secs(90);
/// Each so many-th transaction is aborted.
const ABORT_EVERY: usize = 4;
/// How many transactions end before it is killed, of each life.
const LIVES: [usize; 2] = [6, 9];

fn by_partition(contents: &Contents) -> BTreeMap<i32, Vec<String>> {
    let values =
        |records: &Vec<(i64, String)>| records.iter().map(|(_, value)| value.clone()).collect();
    contents
        .iter()
        .map(|(partition, records)| (*partition, values(records)))
        .collect()
}

/// The input has aborted transactions in it too.
pub(crate) fn transform(place: Place<'_>, client: Client) {
    let [input, output, group] =
        ["input", "output", "group"].map(|what| format!("{what}-{}", client.name()));
    let mut connection = Connection::new(place.address);
    for topic in [&input, &output] {
        create_topic(&mut connection, topic, PARTITIONS);
    }
    let start = |life| {
        Program::start(
            client,
            place.address,
            place.dir,
            &format!("{}-loop-{life}", client.name()),
        )
    };
    let mut program = start(0);
    let author = Author {
        name: "source",
        topic: &input,
        partitions: PARTITIONS,
        group: "nobody-else",
    };
    let plan = Plan::draw(&author, 3, 60);
    program.must(&[
        &format!("open source source-{input} none 600000"),
        "init source",
    ]);
    program.must(&plan.lines);
    settle_all(&mut connection, &input, PARTITIONS);
    let source = program.read(&input, PARTITIONS, "read_committed");
    assert_eq!(by_partition(&source), plan.committed);
    let open = [
        format!("open a transformer-{input} none 600000"),
        "init a".to_owned(),
    ];
    let run = format!("loop a {group} {input} {output} {ABORT_EVERY}");
    for (life, transactions) in LIVES.into_iter().enumerate() {
        program.must(&open);
        program.tell(&run);
        let got_on = wait_until(LIMIT, || {
            program.heard("committed") + program.heard("aborted") >= transactions
        });
        assert!(got_on, "life {life}: {program:?}");
        program.crash();
        program = start(life + 1);
    }
    program.must(&open);
    program.tell(&run);
    let last = |records: &Vec<(i64, String)>| records.last().map_or(-1, |(offset, _)| offset + 1);
    let goal: BTreeMap<i32, i64> = source
        .iter()
        .map(|(partition, records)| (*partition, last(records)))
        .collect();
    let mut found = BTreeMap::new();
    let done = wait_until(LIMIT, || {
        found = committed(&mut connection, &group, &input, PARTITIONS);
        found == goal
    });
    assert!(done, "{found:?}, not {goal:?}: {program:?}");
    // Any line ends the loop.
    let isolations = ["read_committed", "read_uncommitted"];
    program.tell(&format!("open b {output}-b none 600000"));
    assert_eq!(program.answer(), Ok(()), "the loop");
    assert_eq!(program.answer(), Ok(()), "the line that ended it");
    settle_all(&mut connection, &output, PARTITIONS);
    assert!(program.heard("aborted") > 0, "none was aborted");
    let [made, tried] = isolations.map(|isolation| program.read(&output, PARTITIONS, isolation));
    let upper = |values: &Vec<String>| {
        values
            .iter()
            .map(|value| value.to_uppercase())
            .collect::<Vec<_>>()
    };
    let expected: BTreeMap<i32, Vec<String>> = plan
        .committed
        .iter()
        .map(|(partition, values)| (*partition, upper(values)))
        .collect();
    assert_eq!(by_partition(&made), expected);
    let count = |contents: &Contents| contents.values().map(Vec::len).sum::<usize>();
    assert!(
        count(&tried) > count(&made),
        "nothing was aborted after it was written"
    );
}
