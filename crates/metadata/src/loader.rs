//! From the batches of the metadata log to images and what changed.

use std::sync::Arc;

use ottla_wire::messages::MetadataRecord;

use crate::{
    delta::Delta,
    image::{ApplyError, Image, Partition, Topic},
};

/// Up to where an image goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Provenance {
    /// The offset of the last record in it; -1 for none.
    pub offset: i64,
    /// That record's leader epoch; -1 for none.
    pub epoch: i32,
    /// When it was appended, in milliseconds since 1970; -1 for never.
    pub timestamp: i64,
    /// Whether a batch of the log ends here: only then can a snapshot be taken.
    pub is_batch_aligned: bool,
}

impl Default for Provenance {
    fn default() -> Self {
        Self {
            offset: -1,
            epoch: -1,
            timestamp: -1,
            is_batch_aligned: true,
        }
    }
}

/// A batch of the log, decoded.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The offset of its first record.
    pub base_offset: i64,
    /// Its leader epoch.
    pub epoch: i32,
    /// When it was appended, in milliseconds since 1970.
    pub timestamp: i64,
    /// Its records; empty for a batch of control records, which `last_offset` still counts.
    pub records: Vec<MetadataRecord>,
    /// The offset of its last record.
    pub last_offset: i64,
}

/// One step from an image to the next.
#[derive(Clone, Debug)]
pub struct Change {
    /// The image before.
    pub previous: Image,
    /// The image now.
    pub image: Image,
    /// What was touched in between.
    pub delta: Delta,
    /// Where the image is in the log.
    pub provenance: Provenance,
    /// Whether the image is that of a snapshot, which took the place of the one before.
    pub is_snapshot: bool,
}

impl Change {
    /// Topics that came to be.
    pub fn created_topics(&self) -> impl Iterator<Item = &Arc<Topic>> {
        self.delta
            .topics
            .keys()
            .filter(|id| self.previous.topic_by_id(**id).is_none())
            .filter_map(|id| self.image.topic_by_id(*id))
    }

    /// Topics that are gone, as they were.
    pub fn deleted_topics(&self) -> impl Iterator<Item = &Arc<Topic>> {
        self.delta
            .topics
            .keys()
            .filter(|id| self.image.topic_by_id(**id).is_none())
            .filter_map(|id| self.previous.topic_by_id(*id))
    }

    /// Partitions that are new or differ, with what they were before. Not those of deleted topics.
    pub fn changed_partitions(
        &self,
    ) -> impl Iterator<Item = (&Arc<Topic>, i32, Option<&Arc<Partition>>, &Arc<Partition>)> {
        self.delta.topics.iter().flat_map(move |(id, indexes)| {
            let topic = self.image.topic_by_id(*id);
            indexes.iter().filter_map(move |index| {
                let now = topic?.partitions.get(index)?;
                let before = self.previous.partition(*id, *index);
                (before != Some(now)).then_some((topic?, *index, before, now))
            })
        })
    }
}

/// A record that could not be read into the image. Its log goes on without it.
#[derive(Clone, PartialEq, Debug)]
pub struct LoadFault {
    /// The record's offset.
    pub offset: i64,
    /// Kafka's name of its type.
    pub record: &'static str,
    /// What is wrong with it.
    pub cause: LoadError,
}

/// Why a record could not be read.
#[derive(Clone, PartialEq, Debug)]
pub enum LoadError {
    /// It does not fit the image.
    Apply(ApplyError),
    /// A transaction begins inside another.
    NestedTransaction,
    /// A transaction ends that did not begin.
    NoTransaction,
}

impl std::fmt::Display for LoadFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at offset {}: ", self.record, self.offset)?;
        match &self.cause {
            LoadError::Apply(cause) => cause.fmt(f),
            LoadError::NestedTransaction => {
                f.write_str("a metadata transaction begins inside another")
            }
            LoadError::NoTransaction => f.write_str("no metadata transaction has begun"),
        }
    }
}

impl std::error::Error for LoadFault {}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Transaction {
    #[default]
    None,
    /// It began, and has no record yet.
    Started,
    Continued,
    Ended,
    Aborted,
}

impl Transaction {
    fn is_open(self) -> bool {
        matches!(self, Self::Started | Self::Continued)
    }
}

/// Reads batches, and gives out images that never show half of a metadata transaction.
///
/// Feed it the committed batches that are there, then call [`Loader::flush`].
#[derive(Debug, Default)]
pub struct Loader {
    image: Image,
    provenance: Provenance,
    next: Image,
    delta: Delta,
    at: Provenance,
    batches: usize,
    transaction: Transaction,
}

impl Loader {
    /// At the beginning of the log.
    pub fn new() -> Self {
        Self::default()
    }

    /// After records that somebody else has made an image of: as one that has read them and given out all. No metadata
    /// transaction may be open there.
    pub fn resume(image: Image, at: Provenance) -> Self {
        let mut loader = Self {
            image,
            provenance: at,
            ..Self::default()
        };
        loader.reset();
        loader
    }

    /// The image as last given out.
    pub fn image(&self) -> &Image {
        &self.image
    }

    /// Where that image is in the log.
    pub fn provenance(&self) -> Provenance {
        self.provenance
    }

    /// Takes the place of everything read so far.
    pub fn load_snapshot<'a>(
        &mut self,
        records: impl IntoIterator<Item = &'a MetadataRecord>,
        at: Provenance,
        faults: &mut Vec<LoadFault>,
    ) -> Change {
        let mut image = Image::default();
        for record in records {
            if let Err(cause) = image.apply(record) {
                faults.push(LoadFault {
                    offset: at.offset,
                    record: record.name(),
                    cause: LoadError::Apply(cause),
                });
            }
        }
        let previous = std::mem::replace(&mut self.image, image.clone());
        self.provenance = at;
        self.reset();
        Change {
            delta: Delta::between(&previous, &image),
            previous,
            image,
            provenance: at,
            is_snapshot: true,
        }
    }

    fn reset(&mut self) {
        self.next = self.image.clone();
        self.delta = Delta::default();
        self.at = self.provenance;
        self.batches = 0;
        self.transaction = Transaction::None;
    }

    /// Reads a batch. Gives out what came before a transaction that begins in it; the rest waits for
    /// [`Loader::flush`].
    pub fn load(&mut self, batch: &Batch, faults: &mut Vec<LoadFault>) -> Option<Change> {
        let mut change = None;
        self.at.epoch = batch.epoch;
        self.at.timestamp = batch.timestamp;
        for (offset, record) in (batch.base_offset..).zip(&batch.records) {
            if let Err(cause) = self.apply(record) {
                faults.push(LoadFault {
                    offset,
                    record: record.name(),
                    cause,
                });
            }
            let is_first = offset == batch.base_offset;
            let has_more_before = !is_first || self.batches > 0;
            if self.transaction == Transaction::Started && has_more_before {
                self.at.is_batch_aligned = is_first;
                change = Some(self.publish());
                self.transaction = Transaction::Started;
            }
            self.at.offset = offset;
        }
        self.at.offset = batch.last_offset;
        self.batches += 1;
        change
    }

    /// Gives out what was read, unless a transaction is open or nothing was read.
    pub fn flush(&mut self) -> Option<Change> {
        if self.batches == 0 || self.transaction.is_open() {
            return None;
        }
        if self.transaction == Transaction::Aborted {
            self.next = self.image.clone();
            self.delta = Delta::default();
        }
        self.at.is_batch_aligned = true;
        Some(self.publish())
    }

    fn publish(&mut self) -> Change {
        let previous = std::mem::replace(&mut self.image, self.next.clone());
        self.provenance = self.at;
        let delta = std::mem::take(&mut self.delta);
        self.reset();
        Change {
            previous,
            image: self.image.clone(),
            delta,
            provenance: self.provenance,
            is_snapshot: false,
        }
    }

    fn apply(&mut self, record: &MetadataRecord) -> Result<(), LoadError> {
        let open = self.transaction.is_open();
        match record {
            MetadataRecord::BeginTransaction(_) if open => Err(LoadError::NestedTransaction),
            MetadataRecord::BeginTransaction(_) => {
                if self.transaction == Transaction::Aborted {
                    self.discard();
                }
                self.transaction = Transaction::Started;
                Ok(())
            }
            MetadataRecord::EndTransaction(_) | MetadataRecord::AbortTransaction(_) if !open => {
                Err(LoadError::NoTransaction)
            }
            MetadataRecord::EndTransaction(_) => {
                self.transaction = Transaction::Ended;
                Ok(())
            }
            MetadataRecord::AbortTransaction(_) => {
                self.transaction = Transaction::Aborted;
                Ok(())
            }
            _ => {
                match self.transaction {
                    Transaction::Started => self.transaction = Transaction::Continued,
                    Transaction::Ended => self.transaction = Transaction::None,
                    Transaction::Aborted => {
                        self.discard();
                        self.transaction = Transaction::None;
                    }
                    Transaction::None | Transaction::Continued => {}
                }
                self.delta.note(&self.next, record);
                self.next.apply(record).map_err(LoadError::Apply)
            }
        }
    }

    /// Forgets what an aborted transaction did. All before it was given out when it began.
    fn discard(&mut self) {
        self.next = self.image.clone();
        self.delta = Delta::default();
    }
}

#[cfg(test)]
mod tests {
    use ottla_wire::{
        Uuid,
        messages::{
            AbortTransactionRecord, BeginTransactionRecord, EndTransactionRecord, TopicRecord,
        },
    };

    use super::*;

    fn begin() -> MetadataRecord {
        BeginTransactionRecord::default().into()
    }

    fn end() -> MetadataRecord {
        EndTransactionRecord::default().into()
    }

    fn abort() -> MetadataRecord {
        AbortTransactionRecord::default().into()
    }

    fn topic(number: u8) -> MetadataRecord {
        TopicRecord {
            name: format!("t{number}"),
            topic_id: Uuid::from_u128(u128::from(number)),
            ..TopicRecord::default()
        }
        .into()
    }

    /// What each published image has, and up to where it goes, with a flush after each batch.
    fn run(batches: &[Vec<MetadataRecord>]) -> (Vec<(i64, bool, String)>, Vec<LoadError>) {
        let mut loader = Loader::new();
        let (mut faults, mut published, mut offset) = (Vec::new(), Vec::new(), 0);
        for records in batches {
            let last_offset = offset + records.len() as i64 - 1;
            let batch = Batch {
                base_offset: offset,
                epoch: 1,
                timestamp: 0,
                records: records.clone(),
                last_offset,
            };
            let early = loader.load(&batch, &mut faults);
            for change in early.into_iter().chain(loader.flush()) {
                let names: Vec<&str> = change.image.topics().map(|of| &*of.name).collect();
                let at = change.provenance;
                published.push((at.offset, at.is_batch_aligned, names.join(" ")));
            }
            offset = last_offset + 1;
        }
        let causes = faults.into_iter().map(|fault| fault.cause).collect();
        (published, causes)
    }

    #[test]
    fn transactions_show_as_a_whole_or_not_at_all() {
        let is = |offset, aligned, names: &str| (offset, aligned, names.to_owned());
        type Published = (i64, bool, String);
        let tables: &[(&[Vec<MetadataRecord>], &[Published])] = &[
            (
                &[vec![topic(1), topic(2)], vec![topic(3)]],
                &[is(1, true, "t1 t2"), is(2, true, "t1 t2 t3")],
            ),
            // In one batch.
            (&[vec![begin(), topic(1), end()]], &[is(2, true, "t1")]),
            // Over batches: nothing shows before the end.
            (
                &[vec![begin(), topic(1)], vec![topic(2)], vec![end()]],
                &[is(3, true, "t1 t2")],
            ),
            // What comes before it in its batch shows at once.
            (
                &[vec![topic(1), begin(), topic(2)], vec![end(), topic(3)]],
                &[is(0, false, "t1"), is(4, true, "t1 t2 t3")],
            ),
            // Aborted: as if it had not been.
            (
                &[vec![topic(9)], vec![begin(), topic(1)], vec![abort()]],
                &[is(0, true, "t9"), is(3, true, "t9")],
            ),
            (
                &[vec![begin(), topic(1)], vec![abort(), topic(2)]],
                &[is(3, true, "t2")],
            ),
            // Aborted and begun again in one batch.
            (
                &[
                    vec![begin(), topic(1)],
                    vec![abort(), begin(), topic(1), end()],
                ],
                &[is(2, false, ""), is(5, true, "t1")],
            ),
        ];
        for (batches, expected) in tables {
            let (published, faults) = run(batches);
            assert_eq!(published, *expected, "{batches:?}");
            assert_eq!(faults, []);
        }
    }

    #[test]
    fn who_resumes_goes_on_as_who_has_read_it_all() {
        let batch = |base_offset, records: Vec<MetadataRecord>| Batch {
            base_offset,
            epoch: 7,
            timestamp: 5,
            last_offset: base_offset + records.len() as i64 - 1,
            records,
        };
        let (mut faults, mut whole) = (Vec::new(), Loader::new());
        whole.load(
            &batch(0, vec![topic(1), begin(), topic(2), end()]),
            &mut faults,
        );
        whole.load(&batch(4, vec![topic(3)]), &mut faults);
        whole.flush();
        let mut resumed = Loader::resume(whole.image().clone(), whole.provenance());
        assert!(resumed.flush().is_none());
        for (base, records) in [(5, vec![topic(4)]), (6, vec![begin(), topic(5), abort()])] {
            let batch = batch(base, records);
            let [one, other] = [&mut whole, &mut resumed].map(|loader| {
                let early = loader.load(&batch, &mut faults);
                (format!("{early:?}"), format!("{:?}", loader.flush()))
            });
            assert_eq!(one, other);
        }
        assert_eq!(whole.image(), resumed.image());
        assert_eq!(whole.provenance(), resumed.provenance());
        assert_eq!(faults, []);
    }

    #[test]
    fn misplaced_marks_are_faults() {
        for (records, fault) in [
            (vec![end()], LoadError::NoTransaction),
            (vec![abort()], LoadError::NoTransaction),
            (vec![begin(), begin()], LoadError::NestedTransaction),
            (
                vec![topic(1), topic(1)],
                LoadError::Apply(ApplyError::TopicExists("t1".to_owned(), Uuid::from_u128(1))),
            ),
        ] {
            assert_eq!(run(&[records]).1, [fault]);
        }
    }

    #[test]
    fn nothing_read_is_nothing_new() {
        assert!(Loader::new().flush().is_none());
    }
}
