//! A log directory (one of `log.dirs`): its lock, its identity, whether it was left properly, and its partitions.

use std::fs::File;
use std::path::{Path, PathBuf};

use ottla_wire::Uuid;

use crate::error::LogError;
use crate::file::{self, NewFile};
use crate::names::PartitionName;

pub(crate) const LOCK: &str = ".lock";
pub(crate) const META: &str = "meta.properties";
pub(crate) const CLEAN_SHUTDOWN: &str = ".kafka_cleanshutdown";
pub(crate) const PARTITION_METADATA: &str = "partition.metadata";
/// A directory of Kafka's that is no partition: copies of indexes from remote storage.
pub(crate) const REMOTE_INDEX_CACHE: &str = "remote-log-index-cache";
/// These files are a few lines.
const LIMIT: u64 = 1 << 20;

/// A log directory that this process has to itself.
#[derive(Debug)]
pub struct LogDirectory {
    path: PathBuf,
    lock: Option<File>,
}

impl LogDirectory {
    /// Locks a log directory, making it if it is not there.
    pub fn open(path: &Path) -> Result<Self, LogError> {
        file::create_dir(path)?;
        let lock_path = path.join(LOCK);
        let lock = file::create(&lock_path)?;
        match file::lock(&lock, &lock_path)? {
            true => Ok(Self {
                path: path.to_owned(),
                lock: Some(lock),
            }),
            false => Err(LogError::Locked {
                dir: path.to_owned(),
            }),
        }
    }

    /// One that cannot be used, and of which only the name is known; nobody is kept out of it.
    pub fn unusable(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            lock: None,
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads `meta.properties`; `None`: the directory is not formatted.
    pub fn meta(&self) -> Result<Option<MetaProperties>, LogError> {
        MetaProperties::read(&self.path)
    }

    /// Whether the last process left it properly, and the epoch of its broker (-1: not known).
    pub fn clean_shutdown(&self) -> Result<Option<i64>, LogError> {
        let bytes = match file::read_small(&self.path.join(CLEAN_SHUTDOWN), LIMIT) {
            Err(error) if error.is_not_found() => return Ok(None),
            other => other?,
        };
        let text = String::from_utf8_lossy(&bytes);
        let epoch = text
            .split_once("\"brokerEpoch\"")
            .and_then(|(_, rest)| rest.trim_start().strip_prefix(':'))
            .map(|rest| {
                rest.trim_start()
                    .split(|c: char| c != '-' && !c.is_ascii_digit())
                    .next()
                    .unwrap_or_default()
            })
            .and_then(|number| number.parse().ok());
        Ok(Some(epoch.unwrap_or(-1)))
    }

    /// From now on the directory is in use: should the process die, the next one must recover.
    pub fn clear_clean_shutdown(&self) -> Result<(), LogError> {
        if file::remove(&self.path.join(CLEAN_SHUTDOWN))? {
            file::sync_dir(&self.path)?;
        }
        Ok(())
    }

    /// Everything is on disk and all logs are closed: the next process need not recover.
    pub fn mark_clean_shutdown(&self, broker_epoch: i64) -> Result<(), LogError> {
        let path = self.path.join(CLEAN_SHUTDOWN);
        file::replace(
            &path,
            format!("{{\"version\":0,\"brokerEpoch\":{broker_epoch}}}").as_bytes(),
        )
    }

    /// The directories of partitions, in order of their names. One that is named otherwise is an error.
    pub fn partitions(&self) -> Result<Vec<PartitionName>, LogError> {
        file::list(&self.path, true)?
            .into_iter()
            .filter(|name| name != REMOTE_INDEX_CACHE)
            .map(|name| {
                PartitionName::parse(&name).ok_or_else(|| LogError::Name {
                    path: self.path.join(&name),
                })
            })
            .collect()
    }

    /// The directory of a partition.
    pub fn partition_path(&self, name: &PartitionName) -> PathBuf {
        self.path.join(name.to_string())
    }

    /// Gives a partition's directory another name; the log in it must be told ([`crate::Log::moved`]).
    pub fn rename(&self, from: &PartitionName, to: &PartitionName) -> Result<PathBuf, LogError> {
        let path = self.rename_for_now(from, to)?;
        self.sync_names()?;
        Ok(path)
    }

    /// The same for one of many: the names are durable after [`LogDirectory::sync_names`].
    pub fn rename_for_now(
        &self,
        from: &PartitionName,
        to: &PartitionName,
    ) -> Result<PathBuf, LogError> {
        let path = self.partition_path(to);
        file::rename(&self.partition_path(from), &path)?;
        Ok(path)
    }

    /// Makes the names of its directories durable.
    pub fn sync_names(&self) -> Result<(), LogError> {
        file::sync_dir(&self.path)
    }

    /// Removes a partition's directory and all that is in it.
    pub fn remove(&self, name: &PartitionName) -> Result<(), LogError> {
        file::remove_dir(&self.partition_path(name))
    }

    /// Gives the directory free. Apache Kafka removes the lock file too.
    pub fn close(self) -> Result<(), LogError> {
        self.remove_lock()?;
        drop(self.lock);
        Ok(())
    }

    /// Removes the lock file, as the last act of a process that holds the directory until it ends.
    pub fn remove_lock(&self) -> Result<(), LogError> {
        file::remove(&self.path.join(LOCK)).map(|_| ())
    }
}

/// `meta.properties`: whose directory it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MetaProperties {
    /// Of the file: 0 (before KRaft) or 1.
    pub version: i32,
    /// The cluster it belongs to.
    pub cluster_id: Option<String>,
    /// The node it belongs to: `node.id`, or `broker.id` in version 0.
    pub node_id: Option<i32>,
    /// The directory itself.
    pub directory_id: Option<Uuid>,
}

impl MetaProperties {
    /// Reads the file in `dir`; `None`: there is none.
    pub fn read(dir: &Path) -> Result<Option<Self>, LogError> {
        let path = dir.join(META);
        let bytes = match file::read_small(&path, LIMIT) {
            Err(error) if error.is_not_found() => return Ok(None),
            other => other?,
        };
        let text = String::from_utf8_lossy(&bytes);
        let mut meta = Self {
            version: -1,
            cluster_id: None,
            node_id: None,
            directory_id: None,
        };
        for (n, line) in text.lines().enumerate() {
            let line = line.trim_start();
            if line.is_empty() || line.starts_with(['#', '!']) {
                continue;
            }
            let Some((key, value)) = line.split_once(['=', ':']) else {
                continue;
            };
            let (key, value) = (key.trim_end(), value.trim());
            let wrong = |expected: &str| LogError::Line {
                path: path.clone(),
                line: n + 1,
                problem: format!("{key} is {value:?}, expected {expected}"),
            };
            match key {
                "version" => {
                    meta.version = match value {
                        "0" => 0,
                        "1" => 1,
                        _ => return Err(wrong("0 or 1")),
                    }
                }
                "cluster.id" => meta.cluster_id = Some(value.to_owned()),
                "node.id" | "broker.id" => {
                    let id = value.parse().map_err(|_| wrong("a number"))?;
                    meta.node_id = Some(id);
                }
                "directory.id" => {
                    let id = Uuid::parse(value).ok_or_else(|| wrong("a UUID in base64"))?;
                    meta.directory_id = Some(id);
                }
                _ => {}
            }
        }
        if meta.version < 0 {
            return Err(LogError::Line {
                path,
                line: 0,
                problem: "it has no version: format the directory again, or restore the file"
                    .to_owned(),
            });
        }
        Ok(Some(meta))
    }

    /// Writes the file in `dir`, as the properties that it is.
    pub fn write(&self, dir: &Path, now_ms: i64) -> Result<(), LogError> {
        let mut text = format!("#\n#{}\n", java_date(now_ms));
        let node_key = if self.version == 0 {
            "broker.id"
        } else {
            "node.id"
        };
        if let Some(id) = self.node_id {
            text.push_str(&format!("{node_key}={id}\n"));
        }
        if let Some(id) = &self.directory_id {
            text.push_str(&format!("directory.id={id}\n"));
        }
        text.push_str(&format!("version={}\n", self.version));
        if let Some(id) = &self.cluster_id {
            text.push_str(&format!("cluster.id={id}\n"));
        }
        file::replace(&dir.join(META), text.as_bytes())
    }
}

/// Days since 1970-01-01 and the second of the day.
fn days(now_ms: i64) -> (i64, i64) {
    let seconds = now_ms.div_euclid(1000);
    (seconds.div_euclid(86_400), seconds.rem_euclid(86_400))
}

/// Year, month (from 0) and day of the month.
fn civil(days: i64) -> (i64, usize, i64) {
    // Days since 0000-03-01, in eras of 400 years.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12;
    let year = era * 400 + year_of_era + i64::from(month < 2);
    (year, month as usize, day)
}

/// As `java.util.Date` prints itself, in UTC.
fn java_date(now_ms: i64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (days, second) = days(now_ms);
    let (year, month, day) = civil(days);
    format!(
        "{} {} {day:02} {:02}:{:02}:{:02} UTC {year}",
        DAYS[days.rem_euclid(7) as usize],
        MONTHS[month],
        second / 3600,
        second / 60 % 60,
        second % 60,
    )
}

/// A moment in UTC as part of a file's name, such as `20261121-180455`.
pub fn compact_date(now_ms: i64) -> String {
    let (days, second) = days(now_ms);
    let (year, month, day) = civil(days);
    format!(
        "{year}{:02}{day:02}-{:02}{:02}{:02}",
        month + 1,
        second / 3600,
        second / 60 % 60,
        second % 60,
    )
}

/// Reads the topic id from `partition.metadata` in a partition's directory; `None`: there is no such file.
pub fn read_topic_id(partition_dir: &Path) -> Result<Option<Uuid>, LogError> {
    let path = partition_dir.join(PARTITION_METADATA);
    let bytes = match file::read_small(&path, LIMIT) {
        Err(error) if error.is_not_found() => return Ok(None),
        other => other?,
    };
    let wrong = |line, problem: &str| LogError::Line {
        path: path.clone(),
        line,
        problem: problem.to_owned(),
    };
    let text = String::from_utf8_lossy(&bytes);
    let mut lines = text.lines();
    let version = lines.next().and_then(|line| line.strip_prefix("version:"));
    if version.map(str::trim) != Some("0") {
        return Err(wrong(1, "expected `version: 0`"));
    }
    let id = lines
        .next()
        .and_then(|line| line.strip_prefix("topic_id:"))
        .and_then(|id| Uuid::parse(id.trim()))
        .filter(|id| !id.is_zero())
        .ok_or_else(|| wrong(2, "expected `topic_id: ` and a UUID in base64"))?;
    Ok(Some(id))
}

fn topic_id_text(topic_id: &Uuid) -> String {
    format!("version: 0\ntopic_id: {topic_id}")
}

/// Writes `partition.metadata` into a partition's directory.
pub fn write_topic_id(partition_dir: &Path, topic_id: &Uuid) -> Result<(), LogError> {
    file::replace(
        &partition_dir.join(PARTITION_METADATA),
        topic_id_text(topic_id).as_bytes(),
    )
}

/// The same for the directory of a log that was made just now: its first flush makes the names in it durable. What the
/// file says is durable before it has its name, so that no loss of power leaves an empty one. If `sibling`, the directory
/// of another partition of the topic on the same file system, has the file, it is given one more name instead.
pub fn begin_topic_id(
    partition_dir: &Path,
    topic_id: &Uuid,
    sibling: Option<&Path>,
) -> Result<(), LogError> {
    let path = partition_dir.join(PARTITION_METADATA);
    if let Some(sibling) = sibling
        && file::link(&sibling.join(PARTITION_METADATA), &path)?
    {
        return Ok(());
    }
    let mut new = NewFile::begin(&path, ".tmp")?;
    new.write(topic_id_text(topic_id).as_bytes())?;
    new.name(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::DirectoryState;

    #[test]
    fn partitions_of_a_topic_share_a_file_that_says_so() {
        use crate::file::faults::{self, Fault};
        use std::os::unix::fs::MetadataExt;
        let dir = tempfile::tempdir().unwrap();
        let [a, b, c] = ["t-0", "t-1", "t-2"].map(|name| dir.path().join(name));
        for path in [&a, &b, &c] {
            std::fs::create_dir(path).unwrap();
        }
        let id = Uuid::from_u128(77);
        begin_topic_id(&a, &id, None).unwrap();
        begin_topic_id(&b, &id, Some(&a)).unwrap();
        assert_eq!(read_topic_id(&b).unwrap(), Some(id));
        let links = |path: &Path| {
            let metadata = std::fs::metadata(path.join(PARTITION_METADATA)).unwrap();
            (metadata.ino(), metadata.nlink())
        };
        assert_eq!(links(&a), links(&b));
        assert_eq!(links(&a).1, 2);
        // One that is gone, or has as many names as it can have, is no reason to fail.
        begin_topic_id(&c, &id, Some(&dir.path().join("gone-0"))).unwrap();
        assert_eq!(read_topic_id(&c).unwrap(), Some(id));
        assert_eq!(links(&c).1, 1);
        // Whoever writes one writes it anew: the others stay as they are.
        let other = Uuid::from_u128(78);
        write_topic_id(&b, &other).unwrap();
        assert_eq!(read_topic_id(&a).unwrap(), Some(id));
        assert_eq!(read_topic_id(&b).unwrap(), Some(other));
        // A disk that refuses is.
        std::fs::remove_file(c.join(PARTITION_METADATA)).unwrap();
        let refuse = |op, _: &Path| {
            let refused = op == file::Op::Rename;
            refused.then(|| Fault::from(std::io::Error::from(rustix::io::Errno::IO)))
        };
        faults::set(Some(Box::new(refuse)));
        let refused = begin_topic_id(&c, &id, Some(&a));
        faults::set(None);
        assert!(refused.unwrap_err().fails_directory());
        assert_eq!(read_topic_id(&c).unwrap(), None);
    }

    #[test]
    fn a_directory_has_one_user() {
        let dir = tempfile::tempdir().unwrap();
        let first = LogDirectory::open(dir.path()).unwrap();
        let error = LogDirectory::open(dir.path()).unwrap_err();
        assert!(matches!(error, LogError::Locked { .. }));
        assert!(
            error
                .to_string()
                .contains(&dir.path().display().to_string())
        );
        first.close().unwrap();
        assert!(!dir.path().join(LOCK).exists());
        LogDirectory::open(dir.path()).unwrap();
    }

    #[test]
    fn a_clean_stop_is_marked() {
        let temporary = tempfile::tempdir().unwrap();
        let dir = LogDirectory::open(temporary.path()).unwrap();
        assert_eq!(dir.clean_shutdown().unwrap(), None);
        dir.mark_clean_shutdown(14).unwrap();
        let path = temporary.path().join(CLEAN_SHUTDOWN);
        assert_eq!(
            std::fs::read_to_string(&path).unwrap(),
            "{\"version\":0,\"brokerEpoch\":14}"
        );
        assert_eq!(dir.clean_shutdown().unwrap(), Some(14));
        std::fs::write(&path, "").unwrap();
        assert_eq!(
            dir.clean_shutdown().unwrap(),
            Some(-1),
            "an old release wrote nothing"
        );
        dir.clear_clean_shutdown().unwrap();
        assert_eq!(dir.clean_shutdown().unwrap(), None);
    }

    #[test]
    fn meta_properties_is_kafkas() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(MetaProperties::read(dir.path()).unwrap(), None);
        let text = "#\n#Sat Nov 21 00:19:32 UTC 2026\nnode.id=1\ndirectory.id=YNH90yj7Ryqz4uUBVOqzMg\nversion=1\n\
                    cluster.id=5L6g3nShT-eMCtK--X86sw\n";
        std::fs::write(dir.path().join(META), text).unwrap();
        let meta = MetaProperties::read(dir.path()).unwrap().unwrap();
        assert_eq!(meta.node_id, Some(1));
        assert_eq!(meta.cluster_id.as_deref(), Some("5L6g3nShT-eMCtK--X86sw"));
        meta.write(dir.path(), 1_795_220_372_000).unwrap();
        assert_eq!(
            std::fs::read_to_string(dir.path().join(META)).unwrap(),
            text
        );
        for (now, expected) in [
            (0, "Thu Jan 01 00:00:00 UTC 1970"),
            (951_782_400_000, "Tue Feb 29 00:00:00 UTC 2000"),
            (1_735_689_599_999, "Tue Dec 31 23:59:59 UTC 2024"),
        ] {
            assert_eq!(java_date(now), expected);
        }
        std::fs::write(dir.path().join(META), "version=0\nbroker.id=7\n").unwrap();
        let old = MetaProperties::read(dir.path()).unwrap().unwrap();
        assert_eq!((old.version, old.node_id), (0, Some(7)));
        for bad in [
            "version=2\n",
            "version=1\nnode.id=x\n",
            "node.id=1\n",
            "version=1\ndirectory.id=?\n",
        ] {
            std::fs::write(dir.path().join(META), bad).unwrap();
            let error = MetaProperties::read(dir.path()).unwrap_err().to_string();
            assert!(error.contains(META), "{error}");
        }
    }

    #[test]
    fn partitions_are_listed_renamed_and_removed() {
        let temporary = tempfile::tempdir().unwrap();
        let dir = LogDirectory::open(temporary.path()).unwrap();
        for name in ["b-1", "a-0", REMOTE_INDEX_CACHE] {
            std::fs::create_dir(temporary.path().join(name)).unwrap();
        }
        let (a, b) = (PartitionName::new("a", 0), PartitionName::new("b", 1));
        assert_eq!(dir.partitions().unwrap(), [a.clone(), b.clone()]);
        let doomed = b.renamed(DirectoryState::Delete, 7);
        let path = dir.rename(&b, &doomed).unwrap();
        assert!(path.is_dir());
        assert_eq!(dir.partitions().unwrap(), [a.clone(), doomed.clone()]);
        dir.remove(&doomed).unwrap();
        assert_eq!(dir.partitions().unwrap(), [a]);
        std::fs::create_dir(temporary.path().join("holiday photos")).unwrap();
        assert!(matches!(dir.partitions(), Err(LogError::Name { .. })));
    }

    #[test]
    fn partition_metadata_is_kafkas() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(read_topic_id(dir.path()).unwrap(), None);
        let text = "version: 0\ntopic_id: mMj3B_fCTu2uOrxhNlujEw";
        let path = dir.path().join(PARTITION_METADATA);
        std::fs::write(&path, text).unwrap();
        let id = read_topic_id(dir.path()).unwrap().unwrap();
        write_topic_id(dir.path(), &id).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        for bad in [
            "",
            "version: 1\n",
            "version: 0\n",
            "version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAA",
        ] {
            std::fs::write(&path, bad).unwrap();
            assert!(read_topic_id(dir.path()).is_err(), "{bad:?}");
        }
    }
}
