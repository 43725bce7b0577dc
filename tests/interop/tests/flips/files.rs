//! What the files of a stopped node are, to `ottla log verify` and to Apache Kafka's own tools.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use ottla_interop::{
    clients,
    dump::{self, Checked, assert_dumps_are_the_same},
    oracle::{Home, output},
};

/// The internal topics and those that are compacted, by the beginnings of their names.
const GAPPED: &[&str] = &[
    "__consumer_offsets",
    "__transaction_state",
    "Compact",
    "passing",
];

/// A clean stop leaves nothing to find but what waits for its removal. `forgetful` are partitions whose deletion of records
/// an unclean stop forgot, but not that their first epochs went with it.
pub(crate) fn verify(dir: &Path, forgetful: &[String], what: &str) {
    let mut ottla = clients::ottla(&["log", "verify"]);
    let done = ottla.arg(dir).output().expect("ottla");
    let said = String::from_utf8_lossy(&done.stdout);
    let errors = String::from_utf8_lossy(&done.stderr);
    let is_expected = |line: &&str| {
        let place = |name: &String| line.contains(&format!("/{name}/leader-epoch-checkpoint: "));
        line.starts_with("odd leftover: ")
            || line.starts_with("rebuildable epoch-checkpoint: ") && forgetful.iter().any(place)
    };
    let (last, findings) = match said.lines().collect::<Vec<_>>().split_last() {
        Some((last, findings)) => ((*last).to_owned(), findings.to_vec()),
        None => panic!("{what}: {}: {errors}", dir.display()),
    };
    let found: Vec<_> = findings.into_iter().filter(|it| !is_expected(it)).collect();
    assert!(
        found.is_empty() && last.contains(": 0 damage, "),
        "{what}: {last}\n{}{errors}",
        found.join("\n")
    );
}

/// Apache Kafka's tool reads every file; ours says the same of each.
pub(crate) fn all_tools(dir: &Path, has_metadata: bool) -> Checked {
    let checked = dump::check(dir, GAPPED).unwrap_or_else(|why| panic!("{why}"));
    let kinds = ["log", "index", "timeindex", "txnindex", "snapshot"];
    for (beginning, kinds, option) in [
        ("", &kinds[..], "--print-data-log"),
        ("__consumer_offsets-", &["log"], "--offsets-decoder"),
        (
            "__transaction_state-",
            &["log"],
            "--transaction-log-decoder",
        ),
        (
            "__cluster_metadata-",
            &["log", "checkpoint"],
            "--cluster-metadata-decoder",
        ),
    ] {
        let is_metadata = beginning == "__cluster_metadata-";
        if (has_metadata || !is_metadata) && has(dir, beginning) {
            assert_dumps_are_the_same(dir, beginning, kinds, option);
        }
    }
    checked
}

fn has(dir: &Path, beginning: &str) -> bool {
    let entries = fs::read_dir(dir).expect("a directory");
    entries
        .map(|entry| entry.expect("an entry").file_name())
        .any(|name| name.to_string_lossy().starts_with(beginning))
}

/// What `kafka-storage info` says.
pub(crate) fn storage_info(properties: &Path) -> String {
    let mut tool = Home::find()
        .class("kafka.tools.StorageTool")
        .unwrap_or_else(|why| panic!("{why}"));
    tool.args(["info", "--config"]).arg(properties);
    let said = output(&mut tool).unwrap_or_else(|why| panic!("{why}"));
    String::from_utf8(said).expect("UTF-8")
}

/// The names under a folder of the metadata, as `kafka-metadata-shell` lists them from the newest snapshot.
///
/// # Panics
/// If there are none.
pub(crate) fn metadata_shell(data: &Path, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(data.join("__cluster_metadata-0")).expect("the metadata");
    let snapshots = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|it| it == "checkpoint"));
    let newest: PathBuf = snapshots.max().expect("a snapshot");
    let mut tool: Command = Home::find()
        .newer_tool("org.apache.kafka.shell.MetadataShell")
        .unwrap_or_else(|why| panic!("{why}"));
    tool.arg("--snapshot").arg(&newest).args(["ls", folder]);
    let mut names = Vec::new();
    // The tool reads on a thread of its own, and on a busy machine it lists what there is before anything is read.
    let are_there = (0..30).any(|_| {
        let said = String::from_utf8(clients::run(&tool)).expect("UTF-8");
        names = said.split_whitespace().map(str::to_owned).collect();
        !names.is_empty()
    });
    assert!(are_there, "nothing in {folder} of {}", newest.display());
    names
}
