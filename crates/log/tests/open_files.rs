//! A process with more logs in use than files that it may keep open: each is served all the same.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use ottla_log::{Leading, Log, LogConfig, Opening, Origin, file};
use ottla_wire::records::{Batch, BatchBuilder, Codec};

const LOGS: usize = 40;
const KEPT: usize = 10;

fn batch(value: &str) -> Batch {
    let mut builder = BatchBuilder::new(Codec::None);
    builder
        .append(1_000, None, Some(value.as_bytes()), &[])
        .unwrap();
    builder.build().unwrap()
}

/// Open files below a directory.
fn open_below(dir: &std::path::Path) -> usize {
    let fds = std::fs::read_dir("/proc/self/fd").unwrap();
    let names = fds.filter_map(|fd| std::fs::read_link(fd.unwrap().path()).ok());
    names.filter(|name| name.starts_with(dir)).count()
}

#[test]
fn files_are_not_kept_open_beyond_the_limit() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    file::keep_open_at_most(KEPT);
    let config = Arc::new(LogConfig::default());
    let mut logs: Vec<Log> = (0..LOGS)
        .map(|n| {
            let path = root.join(format!("t-{n}"));
            let opened = Log::open(&path, config.clone(), &Opening::clean(1_000));
            opened.unwrap().0
        })
        .collect();
    assert_eq!(open_below(&root), 0, "a new log is quiet");
    for round in 0..3 {
        for (n, log) in logs.iter_mut().enumerate() {
            let how = Leading::new(0, Origin::Client, 1_000);
            let batch = batch(&format!("{n} {round}"));
            log.append_as_leader(vec![batch], &how).unwrap();
            log.update_high_watermark(i64::MAX);
        }
        let open = open_below(&root);
        assert!((1..=KEPT).contains(&open), "{open} files are open");
    }
    for log in &mut logs {
        log.flush(1_000).unwrap();
        assert_eq!(log.recovery_point(), 3);
        assert_eq!(log.offsets().log_end, 3);
        log.rest().unwrap();
    }
    assert_eq!(open_below(&root), 0);
    // Quiet logs leave room for others.
    logs[LOGS - 1].flush(1_000).unwrap();
    let how = Leading::new(0, Origin::Client, 1_000);
    logs[LOGS - 1]
        .append_as_leader(vec![batch("more")], &how)
        .unwrap();
    assert!(open_below(&root) > 0);
}
