//! What the files of a log say, as text in the shape of Apache Kafka's DumpLogSegments.

mod index;
mod json;
mod log;
mod records;
mod schemas;
mod text;

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

pub(crate) use records::Decoder;

use crate::output::Stop;

/// How much is printed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    /// Records, and not only batches.
    pub(crate) records: bool,
    /// Keys and values.
    pub(crate) data: bool,
    /// No offsets and sizes of records.
    pub(crate) skip_record_metadata: bool,
    /// Bytes of a log that are read.
    pub(crate) max_bytes: u64,
    /// How keys and values are read.
    pub(crate) decoder: Option<Decoder>,
}

/// What is said of a file besides its contents, with the file's path.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Remark {
    /// Something is wrong with it.
    Wrong(String),
    /// Offsets are missing: in a compacted log they are no fault.
    Gaps(String),
}

/// Prints a file by what its name says it is, and returns what there is to remark.
pub(crate) fn file(
    to: &mut impl Write,
    path: &Path,
    options: &Options,
) -> Result<Vec<Remark>, Stop> {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let suffix = name.rsplit_once('.').map_or("", |(_, suffix)| suffix);
    writeln!(to, "Dumping {}", path.display())?;
    let mut gaps = None;
    let outcome = match suffix {
        "log" | "checkpoint" => log::dump(to, path, &name, options).map(|found| {
            gaps = found;
            vec![]
        }),
        "index" => read(path).and_then(|bytes| index::offsets(to, path, &name, &bytes)),
        "timeindex" => read(path).and_then(|bytes| index::timestamps(to, &name, &bytes)),
        "txnindex" => read(path).and_then(|bytes| index::transactions(to, &bytes)),
        "snapshot" => read(path).and_then(|bytes| index::producers(to, &bytes)),
        _ if name == "leader-epoch-checkpoint" || name.ends_with("-offset-checkpoint") => {
            read(path).and_then(|bytes| index::checkpoint(to, &name, &bytes))
        }
        _ => Err(Trouble::Contents(
            "not a file that this command knows: .log, .checkpoint, .index, .timeindex, .txnindex, .snapshot, leader-epoch-checkpoint or *-offset-checkpoint".into(),
        )),
    };
    let of_file = |what: &str| format!("{}: {what}", path.display());
    match outcome {
        Ok(complaints) => Ok(complaints
            .iter()
            .map(|what| Remark::Wrong(of_file(what)))
            .chain(gaps.map(|gaps| Remark::Gaps(of_file(&gaps))))
            .collect()),
        Err(Trouble::Contents(what)) => Ok(vec![Remark::Wrong(of_file(&what))]),
        Err(Trouble::Reading(error)) => Err(Stop::file(path, &error)),
        Err(Trouble::Writing(error)) => Err(error.into()),
    }
}

/// Why a file could not be printed to its end.
enum Trouble {
    Reading(io::Error),
    Writing(io::Error),
    Contents(String),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Writing(error)
    }
}

type Outcome = Result<Vec<String>, Trouble>;

fn read(path: &Path) -> Result<Vec<u8>, Trouble> {
    fs::read(path).map_err(Trouble::Reading)
}

/// The offset that a file is named after.
fn offset_of(name: &str) -> Result<i64, Trouble> {
    let digits = name.split(['.', '-']).next().unwrap_or_default();
    digits
        .parse()
        .map_err(|_| Trouble::Contents("its name is not an offset".into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ottla_wire::records::{BatchBuilder, Codec, ControlType};

    const PLAIN: Options = Options {
        records: true,
        data: true,
        skip_record_metadata: false,
        max_bytes: u64::MAX,
        decoder: None,
    };

    fn dumped(name: &str, bytes: &[u8], options: &Options) -> (String, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let mut to = Vec::new();
        let remarks = file(&mut to, &path, options).unwrap();
        let texts = remarks.into_iter().map(|remark| match remark {
            Remark::Wrong(text) => text,
            Remark::Gaps(text) => format!("gaps: {text}"),
        });
        let complaints = texts.collect();
        let text = String::from_utf8(to).unwrap();
        let (first, rest) = text.split_once('\n').unwrap();
        assert_eq!(first, format!("Dumping {}", path.display()));
        (rest.to_owned(), complaints)
    }

    #[test]
    fn a_log_is_batches_and_records() {
        let mut batch = BatchBuilder::new(Codec::Gzip)
            .base_offset(5)
            .leader_epoch(2);
        batch.append(1_000, Some(b"k"), Some(b"v"), &[]).unwrap();
        batch.append(1_001, None, None, &[]).unwrap();
        let batch = batch.build().unwrap();
        let mut marker = BatchBuilder::default()
            .base_offset(7)
            .producer(9, 1, -1)
            .transactional(true)
            .control(true);
        marker
            .append_control(1_002, ControlType::Abort, &[0, 0, 0, 0, 0, 3])
            .unwrap();
        let marker = marker.build().unwrap();
        let bytes = [&batch.to_bytes()[..], &marker.to_bytes(), b"junk"].concat();
        let (text, complaints) = dumped("00000000000000000005.log", &bytes, &PLAIN);
        let size = batch.size_in_bytes();
        let expected = format!(
            "Log starting offset: 5\n\
             baseOffset: 5 lastOffset: 6 count: 2 baseSequence: -1 lastSequence: -1 producerId: -1 producerEpoch: -1 \
             partitionLeaderEpoch: 2 isTransactional: false isControl: false deleteHorizonMs: OptionalLong.empty position: 0 \
             CreateTime: 1001 size: {size} magic: 2 compresscodec: gzip crc: {} isvalid: true\n\
             | offset: 5 CreateTime: 1000 keySize: 1 valueSize: 1 sequence: -1 headerKeys: [] key: k payload: v\n\
             | offset: 6 CreateTime: 1001 keySize: -1 valueSize: -1 sequence: -1 headerKeys: []\n\
             baseOffset: 7 lastOffset: 7 count: 1 baseSequence: -1 lastSequence: -1 producerId: 9 producerEpoch: 1 \
             partitionLeaderEpoch: -1 isTransactional: true isControl: true deleteHorizonMs: OptionalLong.empty position: {size} \
             CreateTime: 1002 size: {} magic: 2 compresscodec: none crc: {} isvalid: true\n\
             | offset: 7 CreateTime: 1002 keySize: 4 valueSize: 6 sequence: -1 headerKeys: [] endTxnMarker: ABORT coordinatorEpoch: 3\n\
             Found 4 invalid bytes at the end of 00000000000000000005.log\n",
            batch.crc(),
            marker.size_in_bytes(),
            marker.crc(),
        );
        assert_eq!(text, expected);
        assert_eq!(complaints, Vec::<String>::new());
    }

    #[test]
    fn a_changed_byte_shows() {
        let mut batch = BatchBuilder::default();
        batch.append(0, None, Some(b"value"), &[]).unwrap();
        let mut bytes = batch.build().unwrap().to_bytes().to_vec();
        *bytes.last_mut().unwrap() ^= 1;
        let shallow = Options {
            records: false,
            ..PLAIN
        };
        let (text, _) = dumped("00000000000000000000.log", &bytes, &shallow);
        assert!(text.contains("isvalid: false"), "{text}");
    }

    #[test]
    fn offsets_that_are_missing_are_named() {
        let batch = |offset| {
            let mut batch = BatchBuilder::default().base_offset(offset);
            batch.append(0, None, None, &[]).unwrap();
            batch.build().unwrap().to_bytes()
        };
        let bytes = [batch(0), batch(4)].concat();
        let (_, complaints) = dumped("00000000000000000000.log", &bytes, &PLAIN);
        assert!(
            complaints[0].starts_with("gaps: ") && complaints[0].contains("0 is followed by 4"),
            "{complaints:?}"
        );
    }

    #[test]
    fn indexes_are_entries_until_the_preallocated_zeros() {
        let entry =
            |offset: u32, position: u32| [offset.to_be_bytes(), position.to_be_bytes()].concat();
        let bytes = [entry(3, 100), entry(9, 200), entry(0, 0)].concat();
        let (text, complaints) = dumped("00000000000000000010.index", &bytes, &PLAIN);
        assert_eq!(text, "offset: 13 position: 100\noffset: 19 position: 200\n");
        assert!(
            complaints[0].contains(".log"),
            "there is no log to compare with"
        );
        let entry = |at: i64, offset: u32| [&at.to_be_bytes()[..], &offset.to_be_bytes()].concat();
        let bytes = [entry(50, 1), entry(40, 2)].concat();
        let (text, complaints) = dumped("00000000000000000010.timeindex", &bytes, &PLAIN);
        assert_eq!(text, "timestamp: 50 offset: 11\ntimestamp: 40 offset: 12\n");
        assert!(complaints[0].contains("40"), "{complaints:?}");
        let (text, _) = dumped("00000000000000000010.index", b"", &PLAIN);
        assert!(text.ends_with("is empty.\n"), "{text}");
    }

    #[test]
    fn producers_have_a_last_batch_or_only_a_marker() {
        use ottla_wire::{
            Message,
            messages::producer_snapshot::{ProducerEntry, ProducerSnapshot},
            records::batch::crc32c,
        };
        let entry =
            |producer_id, last_offset, last_sequence, current_txn_first_offset| ProducerEntry {
                producer_id,
                epoch: 3,
                last_sequence,
                last_offset,
                offset_delta: if last_offset < 0 { 0 } else { 1 },
                timestamp: 50,
                coordinator_epoch: 4,
                current_txn_first_offset,
            };
        let mut snapshot = ProducerSnapshot {
            producer_entries: vec![entry(7, 9, 5, 8), entry(8, -1, -1, -1)],
            ..ProducerSnapshot::default()
        };
        let encoded = |snapshot: &ProducerSnapshot| {
            [&1_i16.to_be_bytes()[..], &snapshot.encode(1).unwrap()].concat()
        };
        snapshot.crc = crc32c(&encoded(&snapshot)[6..]);
        let bytes = encoded(&snapshot);
        let (text, complaints) = dumped("00000000000000000010.snapshot", &bytes, &PLAIN);
        assert_eq!(
            text,
            "producerId: 7 producerEpoch: 3 coordinatorEpoch: 4 currentTxnFirstOffset: OptionalLong[8] lastTimestamp: 50 \
             firstSequence: 4 lastSequence: 5 lastOffset: 9 offsetDelta: 1 timestamp: 50\n\
             producerId: 8 producerEpoch: 3 coordinatorEpoch: 4 currentTxnFirstOffset: OptionalLong.empty lastTimestamp: 50\n"
        );
        assert_eq!(complaints, Vec::<String>::new());
    }

    #[test]
    fn checkpoints_are_their_entries() {
        let (text, _) = dumped("leader-epoch-checkpoint", b"0\n2\n0 0\n3 17\n", &PLAIN);
        assert_eq!(text, "epoch: 0 startOffset: 0\nepoch: 3 startOffset: 17\n");
        let (text, _) = dumped("recovery-point-offset-checkpoint", b"0\n1\nt 2 9\n", &PLAIN);
        assert_eq!(text, "topic: t partition: 2 offset: 9\n");
        let (_, complaints) = dumped("leader-epoch-checkpoint", b"0\n5\n0 0\n", &PLAIN);
        assert!(complaints[0].contains("5"), "{complaints:?}");
    }

    #[test]
    fn unknown_and_hostile_files_are_complaints() {
        for (name, bytes) in [
            ("notes.txt", &b"x"[..]),
            ("x.log", b""),
            ("00000000000000000000.snapshot", b"\0\x01\0\0\0\0"),
            (
                "00000000000000000000.snapshot",
                b"\0\x01\0\0\0\0\x7F\xFF\xFF\xFF",
            ),
            ("00000000000000000000.txnindex", b"\0\0\0"),
        ] {
            let (_, complaints) = dumped(name, bytes, &PLAIN);
            assert_eq!(complaints.len(), 1, "{name}");
        }
    }
}
