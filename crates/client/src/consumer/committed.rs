//! Offsets that a consumer commits for a group without being a member: it is told its partitions, and nobody checks that
//! no other consumer reads them too.

use std::collections::BTreeMap;

use super::{Consumer, Start, TopicPartition};
use crate::{Admin, ClientError, Isolation, OffsetReset, Result, admin::CommittedOffset, runtime};

impl Consumer {
    /// Commits the positions of all partitions: a consumer that begins at [`Start::Committed`] goes on with the records
    /// that [`Consumer::poll`] has not returned yet. So commit when what it returned is processed.
    ///
    /// # Errors
    /// As for [`Consumer::commit_offsets`].
    pub async fn commit(&self) -> Result<()> {
        let positions = self.partitions.iter().map(|(at, place)| {
            let committed = CommittedOffset {
                offset: place.position,
                leader_epoch: place.leader_epoch,
                metadata: String::new(),
            };
            (at.clone(), committed)
        });
        let positions: Vec<_> = positions.collect();
        self.commit_offsets(&positions).await
    }

    /// Commits offsets: each is that of the record to read next. They need not be of partitions that it reads.
    ///
    /// # Errors
    /// [`ClientError::Config`] without [`crate::ConsumerConfig::group`]; those of asking; the first partition's refusal:
    /// UNKNOWN_MEMBER_ID if the group has members, who alone may commit then. The others may have been committed.
    pub async fn commit_offsets(
        &self,
        offsets: &[(TopicPartition, CommittedOffset)],
    ) -> Result<()> {
        let group = self.group()?;
        if offsets.is_empty() {
            return Ok(());
        }
        let admin = Admin::new(self.cluster.clone());
        let outcomes = admin.alter_group_offsets(group, offsets).await?;
        outcomes.into_iter().try_for_each(|(_, outcome)| outcome)
    }

    /// The offsets that the group has committed; `None` where it has none. With [`Isolation::ReadCommitted`] it waits for
    /// transactions that are about to change them.
    ///
    /// # Errors
    /// [`ClientError::Config`] without [`crate::ConsumerConfig::group`]; those of asking; the first partition's refusal.
    pub async fn committed(
        &self,
        partitions: &[TopicPartition],
    ) -> Result<BTreeMap<TopicPartition, Option<CommittedOffset>>> {
        let group = self.group()?;
        if partitions.is_empty() {
            return Ok(BTreeMap::new());
        }
        let admin = &Admin::new(self.cluster.clone());
        let require_stable = self.config.isolation == Isolation::ReadCommitted;
        let deadline = runtime::now() + self.cluster.config().api_timeout;
        let asked = self
            .cluster
            .retry("reading committed offsets", deadline, || async {
                let question = vec![(group.to_owned(), Some(partitions.to_vec()))];
                let mut found: BTreeMap<_, _> =
                    partitions.iter().map(|at| (at.clone(), None)).collect();
                for (_, answer) in admin.list_group_offsets(question, require_stable).await? {
                    for (at, offset) in answer? {
                        found.insert(at, offset?);
                    }
                }
                Ok(found)
            });
        asked.await
    }

    /// Where partitions begin, once it is known where the group has got to; also the leader epoch before that, if known.
    pub(super) async fn begin(
        &self,
        partitions: &[(TopicPartition, Start)],
    ) -> Result<Vec<(TopicPartition, Start, Option<i32>)>> {
        let is_committed = |(_, start): &&(TopicPartition, Start)| *start == Start::Committed;
        let ask: Vec<_> = partitions
            .iter()
            .filter(is_committed)
            .map(|(at, _)| at.clone())
            .collect();
        let found = if ask.is_empty() {
            BTreeMap::new()
        } else {
            self.committed(&ask).await?
        };
        let begin = partitions.iter().map(|(at, start)| {
            if *start != Start::Committed {
                return Ok((at.clone(), *start, None));
            }
            let committed = found.get(at).and_then(Option::as_ref);
            let (start, epoch) = match (committed, self.config.offset_reset) {
                (Some(committed), _) => (Start::Offset(committed.offset), committed.leader_epoch),
                (None, OffsetReset::Earliest) => (Start::Earliest, None),
                (None, OffsetReset::Latest) => (Start::Latest, None),
                (None, OffsetReset::Fail) => {
                    return Err(ClientError::Config(format!(
                        "group {} has no offset of {at}, and no offset reset says where to begin",
                        self.group()?
                    )));
                }
            };
            Ok((at.clone(), start, epoch))
        });
        begin.collect()
    }

    fn group(&self) -> Result<&str> {
        self.config.group.as_deref().ok_or_else(|| {
            ClientError::Config(
                "this consumer has no group to commit offsets for: set ConsumerConfig::group"
                    .into(),
            )
        })
    }
}
