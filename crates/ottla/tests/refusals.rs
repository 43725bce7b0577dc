//! A node that cannot start ends with 1 and one sentence that names what is wrong and says what to do.

mod node;

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

use node::{
    Home,
    data::{batch, create_topic, produce, read_all},
    give_away, refusal, unprivileged,
};
use ottla_wire::{
    messages::{FeatureLevelRecord, MetadataRecord},
    records::{Batch, BatchBuilder, Codec},
};

/// The complaint has all of these words.
#[track_caller]
fn says(complaint: &str, words: &[&str]) {
    for word in words {
        assert!(complaint.contains(word), "no {word:?} in: {complaint}");
    }
}

#[test]
fn a_value_out_of_range_is_named_with_its_rule() {
    let home = Home::unformatted(&["num.io.threads=0"]);
    let complaint = home.refusal(&[]);
    says(&complaint, &["num.io.threads=0", "at least 1"]);
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
}

#[test]
fn every_bad_value_is_named() {
    let home = Home::unformatted(&["num.network.threads=-3", "log.segment.bytes=big"]);
    let complaint = home.refusal(&["auto.create.topics.enable=perhaps", "node.id=-7"]);
    says(&complaint, &["num.network.threads", "-3"]);
    says(&complaint, &["log.segment.bytes", "big"]);
    says(&complaint, &["auto.create.topics.enable", "perhaps"]);
    says(&complaint, &["node.id", "-7"]);
}

#[test]
fn an_unknown_key_is_a_warning() {
    let home = Home::new(&["num.io.thraeds=4"]);
    let mut node = home.start(&[]);
    node.check();
    says(&node.said(), &["WARN", "num.io.thraeds"]);
}

#[test]
fn overrides_are_pairs() {
    let home = Home::new(&[]);
    says(
        &home.refusal(&["num.io.threads"]),
        &["--override", "num.io.threads", "KEY=VALUE"],
    );
    says(&home.refusal(&["=5"]), &["--override", "=5", "KEY=VALUE"]);
}

#[test]
fn a_configuration_file_that_is_not_there_is_named() {
    let home = Home::new(&[]);
    let missing = home.path().join("missing.properties");
    let mut command = Command::new(env!("CARGO_BIN_EXE_ottla"));
    let complaint = refusal(command.arg("serve").arg(&missing));
    says(&complaint, &["missing.properties", "No such file"]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_ottla"));
    let complaint = refusal(command.arg("serve").arg(home.path()));
    says(
        &complaint,
        &[&home.path().display().to_string(), "directory"],
    );
}

#[test]
fn a_port_in_use_is_named() {
    let home = Home::new(&[]);
    let _taken = std::net::TcpListener::bind(home.address()).expect("the port");
    says(
        &home.refusal(&[]),
        &["PLAINTEXT", &home.address(), "in use", "listeners"],
    );
}

#[test]
fn an_address_that_is_not_here_is_named() {
    let home = Home::new(&[]);
    let listeners = format!(
        "listeners=PLAINTEXT://192.0.2.1:{},CONTROLLER://127.0.0.1:{}",
        home.port, home.controller_port
    );
    says(
        &home.refusal(&[&listeners]),
        &["PLAINTEXT", "192.0.2.1", "listeners"],
    );
    let listeners = listeners.replace("192.0.2.1", "no-such-host.invalid");
    says(
        &home.refusal(&[&listeners]),
        &["PLAINTEXT", "no-such-host.invalid", "resolve"],
    );
}

#[test]
fn a_directory_that_nobody_formatted_is_named() {
    let home = Home::unformatted(&[]);
    let data = home.data().display().to_string();
    says(
        &home.refusal(&[]),
        &[&data, "not formatted", "ottla format"],
    );
}

#[test]
fn a_directory_of_another_node_is_named() {
    let home = Home::new(&[]);
    let data = home.data().display().to_string();
    says(
        &home.refusal(&["node.id=2"]),
        &[&data, "node 1", "node 2", "node.id"],
    );
}

#[test]
fn directories_of_two_clusters_are_named() {
    let (home, other) = (Home::new(&[]), Home::unformatted(&[]));
    other.format("MkU3OEVBNTcwNTJENDM2Qk");
    let both = format!(
        "log.dirs={},{}",
        home.data().display(),
        other.data().display()
    );
    let complaint = home.refusal(&[&both]);
    says(
        &complaint,
        &[
            &other.data().display().to_string(),
            "MkU3OEVBNTcwNTJENDM2Qk",
        ],
    );
    says(&complaint, &["4L6g3nShT-eMCtK--X86sw"]);
}

#[test]
fn a_directory_in_use_is_named() {
    let home = Home::new(&[]);
    let mut node = home.start(&[]);
    let listeners = format!(
        "listeners=PLAINTEXT://127.0.0.1:{},CONTROLLER://127.0.0.1:{}",
        home.port + 1000,
        home.controller_port + 1000
    );
    let data = home.data().display().to_string();
    says(&home.refusal(&[&listeners]), &[&data, "in use"]);
    node.check();
    node.stop();
    assert!(home.data().join(".kafka_cleanshutdown").exists());
}

#[test]
fn a_directory_without_permission_is_named() {
    let home = Home::new(&[]);
    let data = home.data();
    // The user may read the configuration; the data belong to nobody whom it could be.
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).expect("permissions");
    fs::set_permissions(&data, fs::Permissions::from_mode(0o500)).expect("permissions");
    let complaint = refusal(unprivileged(&mut home.serve(&[])));
    fs::set_permissions(&data, fs::Permissions::from_mode(0o700)).expect("permissions");
    says(
        &complaint,
        &[
            &data.display().to_string(),
            "ermission denied",
            "give this process's user access",
        ],
    );
}

#[test]
fn a_directory_that_can_only_be_read_is_named() {
    let home = Home::new(&[]);
    let data = home.data();
    give_away(home.path());
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).expect("permissions");
    fs::set_permissions(home.metadata(), fs::Permissions::from_mode(0o555)).expect("permissions");
    let complaint = refusal(unprivileged(&mut home.serve(&[])));
    fs::set_permissions(home.metadata(), fs::Permissions::from_mode(0o755)).expect("permissions");
    says(
        &complaint,
        &[&home.metadata().display().to_string(), "ermission denied"],
    );
    fs::set_permissions(&data, fs::Permissions::from_mode(0o555)).expect("permissions");
    let complaint = refusal(unprivileged(&mut home.serve(&[])));
    fs::set_permissions(&data, fs::Permissions::from_mode(0o755)).expect("permissions");
    says(
        &complaint,
        &[&data.display().to_string(), "ermission denied"],
    );
}

/// A node that ran and was stopped, so that all its files are there.
fn stopped() -> Home {
    let home = Home::new(&[]);
    home.start(&[]).stop();
    home
}

#[test]
fn damaged_meta_properties_are_named() {
    let home = stopped();
    let file = home.data().join("meta.properties");
    let name = file.display().to_string();
    for (text, words) in [
        ("", vec!["version"]),
        ("\u{0}\u{1}\u{2}", vec!["version"]),
        ("version=7\n", vec!["version", "7"]),
        ("version=1\nnode.id=one\n", vec!["node.id", "one"]),
        ("version=1\nnode.id=1\n", vec!["cluster.id"]),
        (
            "version=1\nnode.id=1\ncluster.id=4L6g3nShT-eMCtK--X86sw\n",
            vec!["directory.id"],
        ),
        (
            "version=1\ncluster.id=x\ndirectory.id=none\n",
            vec!["directory.id", "none"],
        ),
    ] {
        fs::write(&file, text).expect("meta.properties");
        let complaint = home.refusal(&[]);
        says(&complaint, &[&name]);
        says(&complaint, &words);
    }
}

#[test]
fn a_damaged_election_state_is_named() {
    let home = stopped();
    let file = home.metadata().join("quorum-state");
    for text in ["", "{", "[]", "{\"data_version\":9}", "\u{0}\u{0}"] {
        fs::write(&file, text).expect("quorum-state");
        says(
            &home.refusal(&[]),
            &[&file.display().to_string(), "quorum state"],
        );
    }
}

/// As in Apache Kafka: what they say can be found again.
#[test]
fn a_damaged_checkpoint_of_offsets_is_named_and_written_anew() {
    for name in [
        "recovery-point-offset-checkpoint",
        "log-start-offset-checkpoint",
    ] {
        let home = Home::new(&[]);
        let node = home.start(&[]);
        assert_eq!(create_topic(&mut node.connect(), "kept", 1), 0);
        let records = batch(Codec::None, &[b"one", b"two"]).to_bytes();
        let answer = produce(&mut node.connect(), "kept", 0, records).expect("an answer");
        assert_eq!(answer.error_code, 0);
        node.stop();
        let file = home.data().join(name);
        for text in ["x\n", "0\n5\na 0 1\n", "9\n0\n", "0\n1\na b c\n"] {
            fs::write(&file, text).expect("a checkpoint");
            let mut node = home.start(&[]);
            let warned = format!("WARN {}", file.display());
            says(&node.said(), &[&warned]);
            let values = read_all(&mut node.connect(), "kept", 0);
            assert_eq!(values, [&b"one"[..], b"two"]);
            node.check();
            node.stop();
            let written = fs::read_to_string(&file).expect("a checkpoint");
            assert!(written.starts_with("0\n"), "{written:?}");
            fs::remove_file(home.path().join("ottla.log")).expect("the log");
        }
    }
}

#[test]
fn a_folder_that_is_no_partition_is_named() {
    let home = stopped();
    let stray = home.data().join("lost+found");
    fs::create_dir(&stray).expect("a folder");
    says(
        &home.refusal(&[]),
        &[&stray.display().to_string(), "topic-partition"],
    );
}

/// The snapshot that the format wrote.
fn snapshot(home: &Home) -> std::path::PathBuf {
    home.metadata()
        .join("00000000000000000000-0000000000.checkpoint")
}

fn overwrite(path: &Path, bytes: &[u8]) {
    fs::remove_file(path).expect("a file");
    fs::write(path, bytes).expect("a file");
}

#[test]
fn a_damaged_snapshot_is_named() {
    let home = stopped();
    let file = snapshot(&home);
    let good = fs::read(&file).expect("the snapshot");
    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 0x10;
    for bad in [&b""[..], &good[..good.len() - 1], &good[..40], &flipped] {
        overwrite(&file, bad);
        says(&home.refusal(&[]), &[&file.display().to_string()]);
    }
    overwrite(&file, &good);
    home.start(&[]).check();
}

/// Exchanges the records of the snapshot that the format wrote for this one.
fn with_record(home: &Home, value: &[u8]) {
    let file = snapshot(home);
    let mut bytes = bytes::Bytes::from(fs::read(&file).expect("the snapshot"));
    let mut changed = Vec::new();
    while let Ok(batch) = Batch::first(&bytes) {
        bytes = bytes.slice(batch.size_in_bytes()..);
        if batch.attributes().is_control() {
            changed.extend_from_slice(&batch.to_bytes());
            continue;
        }
        let mut builder = BatchBuilder::new(Codec::None).base_offset(batch.base_offset());
        builder.append(0, None, Some(value), &[]).expect("a record");
        // The offsets that come after do not matter to a reader of snapshots.
        changed.extend_from_slice(&builder.build().expect("a batch").to_bytes());
    }
    overwrite(&file, &changed);
}

/// Appends a record to the metadata log, as another program would have done.
fn append_to_log(home: &Home, value: &[u8]) {
    let file = home.metadata().join("00000000000000000000.log");
    let mut log = fs::read(&file).expect("the log");
    let mut bytes = bytes::Bytes::from(log.clone());
    let mut last = None;
    while let Ok(batch) = Batch::first(&bytes) {
        bytes = bytes.slice(batch.size_in_bytes()..);
        last = Some(batch);
    }
    let last = last.expect("a batch");
    let mut builder = BatchBuilder::new(Codec::None)
        .base_offset(last.next_offset())
        .leader_epoch(last.leader_epoch());
    builder.append(0, None, Some(value), &[]).expect("a record");
    log.extend_from_slice(&builder.build().expect("a batch").to_bytes());
    fs::write(&file, log).expect("the log");
}

#[test]
fn a_metadata_version_to_come_is_refused() {
    let home = stopped();
    let record = MetadataRecord::FeatureLevel(FeatureLevelRecord {
        name: "metadata.version".to_owned(),
        feature_level: 99,
        ..FeatureLevelRecord::default()
    });
    append_to_log(&home, &record.encode(0).expect("a record"));
    let log = home.metadata().display().to_string();
    says(
        &home.refusal(&[]),
        &[&log, "metadata.version", "99", "newer"],
    );
    let other = stopped();
    append_to_log(&other, &[1, 12, 9, 0, 0, 0]);
    let log = other.metadata().display().to_string();
    says(&other.refusal(&[]), &[&log, "version", "newer"]);
}

#[test]
fn a_record_of_a_version_to_come_is_refused() {
    let home = Home::new(&[]);
    // Frame version 1, FeatureLevelRecord (12) in version 9.
    with_record(&home, &[1, 12, 9, 0, 0, 0]);
    says(
        &home.refusal(&[]),
        &[&snapshot(&home).display().to_string(), "version", "newer"],
    );
    let other = Home::new(&[]);
    // A record that nobody knows.
    with_record(&other, &[1, 120, 0, 0]);
    says(
        &other.refusal(&[]),
        &[
            &snapshot(&other).display().to_string(),
            "record type",
            "newer",
        ],
    );
}

#[test]
fn a_log_whose_metadata_are_damaged_is_refused() {
    let home = stopped();
    let file = home.metadata().join("00000000000000000000.log");
    let mut bytes = fs::read(&file).expect("the log");
    // In the middle, and cleanly stopped: this is no torn end that recovery could cut.
    let at = bytes.len() / 3;
    bytes[at] ^= 0x40;
    fs::write(&file, bytes).expect("the log");
    let complaint = home.refusal(&[]);
    says(&complaint, &[&home.metadata().display().to_string()]);
}

#[test]
fn a_metadata_directory_that_is_none_and_a_last_one_are_named() {
    let home = Home::new(&[]);
    let data = home.data();
    let kept = data.with_extension("kept");
    fs::rename(&data, &kept).expect("renamed");
    fs::write(&data, "no directory").expect("a file");
    let name = data.display().to_string();
    let complaint = home.refusal(&[]);
    says(
        &complaint,
        &["the metadata log directory", &name, "cannot be used"],
    );
    fs::remove_file(&data).expect("removed");
    fs::rename(&kept, &data).expect("renamed");
    // The metadata are well; but there is no directory for partitions.
    let other = home.path().join("other");
    fs::write(&other, "no directory").expect("a file");
    let dirs = format!("log.dirs={}", other.display());
    let metadata = format!("metadata.log.dir={name}");
    let complaint = home.refusal(&[&dirs, &metadata]);
    let other = other.display().to_string();
    says(&complaint, &["none of log.dirs can be used", &other]);
}

#[test]
fn a_directory_and_its_copy_are_named() {
    let home = Home::new(&[]);
    let (data, copy) = (home.data(), home.path().join("copy"));
    fs::create_dir(&copy).expect("a folder");
    fs::copy(data.join("meta.properties"), copy.join("meta.properties")).expect("copied");
    let names = [data, copy].map(|path| path.display().to_string());
    let complaint = home.refusal(&[&format!("log.dirs={}", names.join(","))]);
    says(&complaint, &["directory.id", &names[0], &names[1], "copy"]);
}
