//! The records of `__transaction_state`: typed, and as bytes in Kafka's formats.

use bytes::{BufMut, Bytes, BytesMut};
use ottla_wire::{
    Message,
    messages::{TransactionLogKey, TransactionLogValue},
};

use super::{
    partitions::Partitions,
    state::{NO_EPOCH, State, Transaction},
};

/// The highest version of a value that this build reads and writes.
const HIGHEST: i16 = 1;

/// One record of the coordinator's log.
#[derive(Clone, PartialEq, Debug)]
pub struct Record {
    /// Whose.
    pub key: TransactionLogKey,
    /// Its state from then on; none if it is forgotten.
    pub value: Option<TransactionLogValue>,
    /// The version that the value is written in: 0, or from level 1 of `transaction.version` on 1.
    pub value_version: i16,
    /// The epoch before, if the producer named it. It is not written: as in Kafka, only the coordinator that decided
    /// knows it, and tells a retry of InitProducerId from a zombie by it.
    pub last_producer_epoch: i16,
}

impl Record {
    /// What is known of a transactional id from now on.
    pub(super) fn of(id: &str, of: &Transaction, transaction_version: i16) -> Self {
        let partitions = match of.state {
            State::Empty => None,
            _ => Some(of.partitions.to_record()),
        };
        Self {
            value: Some(TransactionLogValue {
                producer_id: of.producer_id,
                previous_producer_id: of.previous_producer_id,
                next_producer_id: of.next_producer_id,
                producer_epoch: of.epoch,
                transaction_timeout_ms: of.timeout_ms,
                transaction_status: of.state.number(),
                transaction_partitions: partitions,
                transaction_last_update_timestamp_ms: of.updated,
                transaction_start_timestamp_ms: of.started,
                client_transaction_version: of.client_version,
                ..TransactionLogValue::default()
            }),
            value_version: transaction_version.clamp(0, HIGHEST),
            last_producer_epoch: of.last_epoch,
            ..Self::tombstone(id)
        }
    }

    /// A transactional id is forgotten.
    pub(super) fn tombstone(id: &str) -> Self {
        Self {
            key: TransactionLogKey {
                transactional_id: id.to_owned(),
            },
            value: None,
            value_version: 0,
            last_producer_epoch: NO_EPOCH,
        }
    }

    /// What it says of its transactional id; `None` if that is forgotten.
    pub(super) fn transaction(&self) -> Option<Transaction> {
        let value = self.value.as_ref()?;
        let state = State::of(value.transaction_status)?;
        let partitions = value.transaction_partitions.as_deref().unwrap_or_default();
        Some(Transaction {
            partitions: match state {
                State::Empty => Partitions::default(),
                _ => Partitions::of(partitions),
            },
            producer_id: value.producer_id,
            previous_producer_id: value.previous_producer_id,
            next_producer_id: value.next_producer_id,
            started: value.transaction_start_timestamp_ms,
            updated: value.transaction_last_update_timestamp_ms,
            timeout_ms: value.transaction_timeout_ms,
            epoch: value.producer_epoch,
            last_epoch: self.last_producer_epoch,
            client_version: value.client_transaction_version,
            state,
        })
    }

    /// Key and value as they are written, the value in the version of the finalized `transaction.version`.
    ///
    /// # Errors
    /// If a text or an array is too long for its field.
    pub fn encode(&self) -> Result<(Bytes, Option<Bytes>), String> {
        let of = |why| format!("transactional id {}: {why}", self.key.transactional_id);
        let key = versioned(
            TransactionLogKey::KEY_TYPE,
            &self.key.encode(0).map_err(of)?,
        );
        let Some(value) = &self.value else {
            return Ok((key, None));
        };
        let body = match self.value_version {
            // What version 0 has no place for is known only until the coordinator moves.
            0 => TransactionLogValue {
                previous_producer_id: -1,
                next_producer_id: -1,
                next_producer_epoch: -1,
                client_transaction_version: 0,
                ..value.clone()
            }
            .encode(0),
            version => value.encode(version),
        };
        let body = body.map_err(of)?;
        Ok((key, Some(versioned(self.value_version, &body))))
    }

    /// Reads a record; `None` if its key is of a type, or its value of a version, that a later release may have.
    ///
    /// # Errors
    /// If its bytes do not fit its type.
    pub fn decode(key: &Bytes, value: Option<&Bytes>) -> Result<Option<Self>, String> {
        let Some((kind, body)) = split(key) else {
            return Err(format!(
                "a key has 2 bytes for its type; this one has {}",
                key.len()
            ));
        };
        if kind != TransactionLogKey::KEY_TYPE {
            return Ok(None);
        }
        let key = TransactionLogKey::decode(body, 0)
            .map_err(|why| format!("the key of a transactional id: {why}"))?;
        let of = |why: String| format!("transactional id {}: {why}", key.transactional_id);
        let Some(value) = value else {
            return Ok(Some(Self::tombstone(&key.transactional_id)));
        };
        let Some((version, body)) = split(value) else {
            let length = value.len();
            return Err(of(format!(
                "a value has 2 bytes for its version; this one has {length}"
            )));
        };
        if !(0..=HIGHEST).contains(&version) {
            return Ok(None);
        }
        let value =
            TransactionLogValue::decode(body, version).map_err(|why| of(why.to_string()))?;
        if State::of(value.transaction_status).is_none() {
            let last = State::ALL.len() - 1;
            return Err(of(format!(
                "states are numbered from 0 to {last}; this one is {}",
                value.transaction_status
            )));
        }
        Ok(Some(Self {
            value: Some(value),
            value_version: version,
            last_producer_epoch: NO_EPOCH,
            key,
        }))
    }
}

fn versioned(version: i16, body: &[u8]) -> Bytes {
    let mut bytes = BytesMut::with_capacity(2 + body.len());
    bytes.put_i16(version);
    bytes.put_slice(body);
    bytes.freeze()
}

fn split(bytes: &Bytes) -> Option<(i16, Bytes)> {
    let (head, _) = bytes.split_first_chunk::<2>()?;
    Some((i16::from_be_bytes(*head), bytes.slice(2..)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transaction() -> Transaction {
        let mut of = Transaction::new(7, 60_000, 5).initialized(3, 2, 60_000, 9);
        of = of.added([("t", 1), ("s", 0)].into_iter(), 2, 11);
        of.next_producer_id = 12;
        of
    }

    fn read(record: &Record) -> Record {
        let (key, value) = record.encode().unwrap();
        Record::decode(&key, value.as_ref()).unwrap().unwrap()
    }

    #[test]
    fn what_is_written_is_read() {
        let of = transaction();
        let record = Record::of("x", &of, 2);
        let forgotten = Transaction {
            last_epoch: -1,
            ..of.clone()
        };
        assert_eq!(read(&record).transaction(), Some(forgotten));
        let record = Record::tombstone("x");
        assert_eq!(read(&record), record);
        assert_eq!(record.transaction(), None);
    }

    #[test]
    fn version_0_is_written_without_what_it_has_no_place_for() {
        let record = Record::of("x", &transaction(), 0);
        let (_, value) = record.encode().unwrap();
        assert_eq!(value.unwrap()[..2], [0, 0]);
        let of = read(&record).transaction().unwrap();
        let ids = (of.previous_producer_id, of.next_producer_id);
        assert_eq!((ids, of.client_version), ((-1, -1), 0));
        assert_eq!(of.partitions, transaction().partitions);
        for level in [1, 2] {
            let (_, value) = Record::of("x", &transaction(), level).encode().unwrap();
            assert_eq!(value.unwrap()[..2], [0, 1]);
        }
    }

    #[test]
    fn an_idle_producer_has_no_list_of_partitions() {
        let of = Transaction::new(7, 1, 0).initialized(0, -1, 1, 0);
        let empty = Record::of("x", &of, 2);
        assert_eq!(empty.value.unwrap().transaction_partitions, None);
        let ended = of.added(std::iter::empty(), 2, 0);
        let partitions = Record::of("x", &ended, 2).value.unwrap();
        assert_eq!(partitions.transaction_partitions, Some(vec![]));
    }

    #[test]
    fn strange_bytes_are_refused_and_later_releases_are_not() {
        let bytes = |of: &[u8]| Bytes::copy_from_slice(of);
        let (key, value) = Record::of("x", &transaction(), 2).encode().unwrap();
        let value = value.unwrap();
        let later = Record::decode(&bytes(&[0, 1, 9]), None).unwrap();
        assert_eq!(later, None);
        let later = bytes(&[&[0, 2], &value[2..]].concat());
        assert_eq!(Record::decode(&key, Some(&later)).unwrap(), None);
        let errors = [
            (bytes(&[0]), None, "this one has 1"),
            (bytes(&[0, 0, 0]), None, "the key of a transactional id"),
            (key.clone(), Some(bytes(&[])), "this one has 0"),
            (
                key.clone(),
                Some(bytes(&value[..20])),
                "transactional id x: ",
            ),
            (
                key,
                Some(bytes(&[&value[..16], &[7, 0][..1], &value[17..]].concat())),
                "from 0 to 5; this one is 7",
            ),
        ];
        for (key, value, expected) in errors {
            let why = Record::decode(&key, value.as_ref()).unwrap_err();
            assert!(why.contains(expected), "{why}");
        }
    }
}
