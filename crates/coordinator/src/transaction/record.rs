//! The records of `__transaction_state`: typed, and as bytes in Kafka's formats.

use bytes::Bytes;
use ottla_wire::messages::{TransactionLogKey, TransactionLogValue};

/// One record of the coordinator's log.
#[derive(Clone, PartialEq, Debug)]
pub struct Record {
    /// Whose.
    pub key: TransactionLogKey,
    /// Its state from then on; none if it is forgotten.
    pub value: Option<TransactionLogValue>,
}

impl Record {
    /// Key and value as they are written, the value in the version of the finalized `transaction.version`.
    ///
    /// # Errors
    /// If a text or an array is too long for its field.
    pub fn encode(&self) -> Result<(Bytes, Option<Bytes>), String> {
        Err("not written yet".to_owned())
    }

    /// Reads a record; `None` if its key is of a type that a later version may have.
    ///
    /// # Errors
    /// If its bytes do not fit its type.
    pub fn decode(_key: &Bytes, _value: Option<&Bytes>) -> Result<Option<Self>, String> {
        Ok(None)
    }
}
