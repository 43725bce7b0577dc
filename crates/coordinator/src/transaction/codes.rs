//! Every state with every request: the codes, as Apache Kafka 4.4 gives them, and whether something is written.

use ottla_wire::{errors::Code, messages::InitProducerIdRequest};

use super::{
    AddPartitions, Record, Settings,
    state::{EPOCH_BUMP, State, Transaction},
    testing::{BEGIN, World, add, end, init, init_of, settings},
};

/// The producer of the table: its epoch is 5, the one before was 4.
const ID: i64 = 7;
const EPOCH: i16 = 5;

/// A row is a request of a producer: `same` has the id and the epoch that the coordinator knows, `before` the epoch
/// before, `old` one before that, `after` the next one, `other` another id. A column is the state of the transactional
/// id, `-` if there is none. With a `+`, records are written.
const TABLE: &str = "
                        -        Empty      Ongoing    PrepareCommit PrepareAbort CompleteCommit CompleteAbort
init                    ok+      ok+        conc+      conc          conc         ok+            ok+
init same               ok+      ok+        conc+      conc          conc         ok+            ok+
init before             ok+      ok+        conc+      conc          conc         ok+            ok+
init old                ok+      fenced     conc+      conc          conc         fenced         fenced
init after              ok+      fenced     conc+      conc          conc         fenced         fenced
init other              ok+      fenced     fenced     conc          conc         fenced         fenced
init half               request  request    request    request       request      request        request
init short              timeout  timeout    timeout    timeout       timeout      timeout        timeout
init long               timeout  timeout    timeout    timeout       timeout      timeout        timeout
init two-phase          right    right      right      right         right        right          right
init keep               version  version    version    version       version      version        version
add same                mapping  ok+        ok         conc          conc         ok+            ok+
add-more same           mapping  ok+        ok+        conc          conc         ok+            ok+
add before              mapping  fenced     fenced     conc          conc         fenced         fenced
add after               mapping  fenced     fenced     conc          conc         fenced         fenced
add other               mapping  mapping    mapping    conc          conc         mapping        mapping
verify same             mapping  abortable  ok         conc          conc         abortable      abortable
verify-more same        mapping  abortable  abortable  conc          conc         abortable      abortable
verify before           mapping  fenced     fenced     fenced        fenced       fenced         fenced
verify after            mapping  fenced     fenced     fenced        fenced       fenced         fenced
verify other            mapping  mapping    mapping    mapping       mapping      mapping        mapping
commit-4 same           mapping  state      ok+        conc          conc         ok             state
commit-4 before         mapping  fenced     fenced     fenced        fenced       fenced         fenced
commit-4 after          mapping  fenced     fenced     fenced        fenced       fenced         fenced
commit-4 other          mapping  mapping    mapping    mapping       mapping      mapping        mapping
abort-4 same            mapping  state      ok+        conc          conc         state          ok
abort-4 before          mapping  fenced     fenced     fenced        fenced       fenced         fenced
abort-4 after           mapping  fenced     fenced     fenced        fenced       fenced         fenced
abort-4 other           mapping  mapping    mapping    mapping       mapping      mapping        mapping
commit-5 same           mapping  state      ok+        conc          conc         state          state
commit-5 before         mapping  fenced     fenced     conc          conc         ok             state
commit-5 old            mapping  fenced     fenced     conc          conc         fenced         fenced
commit-5 after          mapping  fenced     fenced     conc          conc         fenced         fenced
commit-5 other          mapping  mapping    mapping    conc          conc         mapping        mapping
abort-5 same            mapping  ok+        ok+        conc          conc         ok+            ok+
abort-5 before          mapping  fenced     fenced     conc          conc         state          ok
abort-5 old             mapping  fenced     fenced     conc          conc         fenced         fenced
abort-5 after           mapping  fenced     fenced     conc          conc         fenced         fenced
abort-5 other           mapping  mapping    mapping    conc          conc         mapping        mapping
";

fn short(code: i16) -> &'static str {
    match Code(code) {
        Code::NONE => "ok",
        Code::CONCURRENT_TRANSACTIONS => "conc",
        Code::PRODUCER_FENCED => "fenced",
        Code::INVALID_PRODUCER_ID_MAPPING => "mapping",
        Code::INVALID_TXN_STATE => "state",
        Code::TRANSACTION_ABORTABLE => "abortable",
        Code::INVALID_REQUEST => "request",
        Code::INVALID_TRANSACTION_TIMEOUT => "timeout",
        Code::TRANSACTIONAL_ID_AUTHORIZATION_FAILED => "right",
        Code::UNSUPPORTED_VERSION => "version",
        Code::UNKNOWN_SERVER_ERROR => "fault",
        other => panic!("{other}"),
    }
}

fn world(level: i16, state: Option<State>) -> World {
    let mut world = World::new(Settings {
        transaction_version: level,
        ..settings()
    });
    world.marks = false;
    let now = BEGIN as i64;
    let idle = Transaction::new(ID, 60_000, now).initialized(EPOCH, EPOCH - 1, 60_000, now);
    if let Some(state) = state {
        let open = idle.added([("t", 0)].into_iter(), 0, now);
        let of = match state {
            State::Empty => idle,
            State::Ongoing => open,
            State::PrepareCommit | State::PrepareAbort => Transaction { state, ..open },
            State::CompleteCommit | State::CompleteAbort => Transaction {
                started: now,
                // The epoch before is one that the same producer had.
                client_version: EPOCH_BUMP,
                state,
                ..idle
            },
        };
        world.append(vec![Record::of("x", &of, level)]);
        world.markers = world.machine.markers();
    }
    world
}

fn producer(relation: &str) -> (i64, i16) {
    match relation {
        "same" => (ID, EPOCH),
        "before" => (ID, EPOCH - 1),
        "old" => (ID, EPOCH - 2),
        "after" => (ID, EPOCH + 1),
        "other" => (ID + 1, EPOCH),
        other => panic!("{other}"),
    }
}

fn init_as(relation: &str) -> InitProducerIdRequest {
    let mut request = init("x");
    match relation {
        "" => {}
        "half" => request.producer_id = ID,
        "short" => request.transaction_timeout_ms = 0,
        "long" => request.transaction_timeout_ms = 900_001,
        "two-phase" => request.enable2_pc = true,
        "keep" => request.keep_prepared_txn = true,
        _ => {
            let (id, epoch) = producer(relation);
            request = init_of("x", id, epoch);
        }
    }
    request
}

/// The code, and `+` if something was written.
fn ask(world: &mut World, request: &str, client_version: i16) -> String {
    let before = world.log.len();
    let (what, relation) = request.split_once(' ').unwrap_or((request, ""));
    let partitions = |more: bool, verify_only| AddPartitions {
        verify_only,
        client_transaction_version: client_version,
        ..add("x", producer(relation), "t", if more { &[1] } else { &[0] })
    };
    let code = match what {
        "init" => world.init(init_as(relation)).error_code,
        "add" => world.add(partitions(false, false))[0],
        "add-more" => world.add(partitions(true, false))[0],
        "verify" => world.add(partitions(false, true))[0],
        "verify-more" => world.add(partitions(true, true))[0],
        _ => {
            let (what, version) = what.split_once('-').unwrap();
            let request = end("x", producer(relation), what == "commit");
            world.end(request, version.parse().unwrap()).error_code
        }
    };
    let written = if world.log.len() > before { "+" } else { "" };
    format!("{}{written}", short(code))
}

/// Rows and columns of [`TABLE`].
fn each_cell(mut each: impl FnMut(&str, Option<State>, &str)) {
    let mut lines = TABLE.lines().filter(|line| !line.is_empty());
    let columns: Vec<_> = lines.next().unwrap().split_whitespace().collect();
    assert_eq!(columns.len(), 1 + State::ALL.len());
    for line in lines {
        let (request, cells) = line.split_at(24);
        let cells: Vec<_> = cells.split_whitespace().collect();
        assert_eq!(cells.len(), columns.len(), "{line}");
        for (column, cell) in columns.iter().zip(cells) {
            each(request.trim(), State::named(column), cell);
        }
    }
}

#[test]
fn every_state_answers_every_request_as_kafka_does() {
    let mut wrong = Vec::new();
    let mut cells = 0;
    each_cell(|request, state, expected| {
        for (level, client_version) in [(0, 0), (1, 0), (1, 2), (2, 0), (2, 2)] {
            if level == 0 && request.contains("-5") {
                continue;
            }
            let got = ask(&mut world(level, state), request, client_version);
            cells += 1;
            if got != expected {
                let (state, at) = (state.map_or("-", State::name), (level, client_version));
                wrong.push(format!(
                    "{request} in {state} at {at:?}: {got}, not {expected}"
                ));
            }
        }
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cells > 1_000, "{cells}");
}

#[test]
fn version_2_needs_the_records_of_a_later_level_than_0() {
    each_cell(|request, state, expected| {
        let writes = expected.ends_with('+');
        let is_of_2 = request.starts_with("add") || request.contains("-5");
        let expected = if writes && is_of_2 {
            "version"
        } else {
            expected
        };
        let got = ask(&mut world(0, state), request, 2);
        assert_eq!(got, expected, "{request} in {state:?}");
    });
}

#[test]
fn requests_without_a_transactional_id_are_invalid() {
    let mut world = world(2, None);
    let nobody = InitProducerIdRequest {
        transactional_id: Some(String::new()),
        ..init("x")
    };
    assert_eq!(short(world.init(nobody).error_code), "request");
    assert_eq!(short(world.add(add("", (7, 5), "t", &[0]))[0]), "request");
    let verify = AddPartitions {
        verify_only: true,
        ..add("", (7, 5), "t", &[0])
    };
    assert_eq!(short(world.add(verify)[0]), "request");
    for version in [4, 5] {
        let answer = world.end(end("", (7, 5), true), version);
        assert_eq!(short(answer.error_code), "request");
    }
    assert_eq!(short(world.describe("").error_code), "request");
    let unknown = world.describe("x");
    assert_eq!(Code(unknown.error_code), Code::TRANSACTIONAL_ID_NOT_FOUND);
    assert!(world.log.is_empty());
}

/// The epochs at the end of their range: a producer gets 32,766 at most, and 32,767 fences it.
#[test]
fn the_last_epochs_are_as_in_kafka() {
    let at = |state: State, epoch| {
        let mut world = world(2, None);
        let now = BEGIN as i64;
        let idle = Transaction::new(ID, 60_000, now).initialized(epoch, -1, 60_000, now);
        let of = match state {
            State::Ongoing => idle.added([("t", 0)].into_iter(), 2, now),
            state => Transaction { state, ..idle },
        };
        world.append(vec![Record::of("x", &of, 2)]);
        world.marks = true;
        world
    };
    for (epoch, expected, then) in [
        (32_765, "ok", (ID, 32_766)),
        (32_766, "ok", (1_000, 0)),
        (32_767, "fault", (ID, 32_767)),
    ] {
        let mut world = at(State::Ongoing, epoch);
        let answer = world.end(end("x", (ID, epoch), true), 5);
        assert_eq!(short(answer.error_code), expected, "{epoch}");
        let of = world.describe("x");
        assert_eq!((of.producer_id, of.producer_epoch), then, "{epoch}");
    }
    for epoch in [32_766, 32_767] {
        // Another takes over: the open transaction is aborted with 32,767, and the producer id is given up.
        let mut world = at(State::Ongoing, epoch);
        assert_eq!(short(world.init(init("x")).error_code), "conc");
        assert_eq!(world.marked.last().unwrap().producer_epoch, 32_767);
        let answer = world.init(init("x"));
        assert_eq!((answer.producer_id, answer.producer_epoch), (1_000, 1));
    }
    let mut world = at(State::CompleteAbort, 32_767);
    assert_eq!(ask(&mut world, "init", 2), "ok+");
    let mut world = at(State::CompleteAbort, 32_767);
    let answer = world.init(init_of("x", ID, 32_766));
    assert_eq!(short(answer.error_code), "fault");
    // The same before version 2, where it is the next InitProducerId that gives it up.
    let mut world = at(State::Ongoing, 32_766);
    world.configure(|settings| settings.transaction_version = 1);
    assert_eq!(short(world.init(init("x")).error_code), "conc");
    assert_eq!(world.describe("x").producer_epoch, 32_767);
    let answer = world.init(init("x"));
    assert_eq!((answer.producer_id, answer.producer_epoch), (1_000, 0));
}

#[test]
fn a_participant_in_a_two_phase_commit_does_not_time_out() {
    let mut world = World::new(Settings {
        two_phase_commit: true,
        ..settings()
    });
    let request = InitProducerIdRequest {
        enable2_pc: true,
        // Whatever it says: it has no limit.
        transaction_timeout_ms: -1,
        ..init("x")
    };
    let answer = world.init(request.clone());
    assert_eq!((answer.error_code, answer.producer_epoch), (0, 0));
    world.add(add("x", (1_000, 0), "t", &[0]));
    world.pass(30 * 24 * 3_600_000);
    let of = world.describe("x");
    assert_eq!(of.transaction_state, "Ongoing");
    assert_eq!(of.transaction_timeout_ms, i32::MAX);
    let keeps = InitProducerIdRequest {
        keep_prepared_txn: true,
        ..request.clone()
    };
    assert_eq!(short(world.init(keeps).error_code), "version");
    assert_eq!(short(world.init(request).error_code), "conc");
    assert_eq!(world.describe("x").transaction_state, "CompleteAbort");
}
