//! What goes over the network.

use ottla_wire::errors::Code;

/// The partitions of the world: data, and one of `__consumer_offsets`.
pub(crate) const DATA: usize = 4;
pub(crate) const OFFSETS: usize = DATA;
pub(crate) const PARTITIONS: usize = DATA + 1;
/// Its transactional ids.
pub(crate) const IDS: [&str; 2] = ["a", "b"];
/// What processors read, and what they have read is committed for.
pub(crate) const INPUT: usize = 0;
pub(crate) const GROUP: &str = "g";

/// The name and number of a partition.
pub(crate) fn name_of(partition: usize) -> (&'static str, i32) {
    match partition {
        OFFSETS => ("__consumer_offsets", 0),
        data => ("t", data as i32),
    }
}

/// The partition of this name and number.
pub(crate) fn index_of(topic: &str, number: i32) -> usize {
    match topic {
        "t" => number as usize,
        _ => OFFSETS,
    }
}

/// Who asked, and which of his questions this answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct From {
    pub(crate) slot: usize,
    pub(crate) incarnation: u32,
    pub(crate) call: u32,
}

/// A producer as it names itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Writer {
    /// Which of [`IDS`].
    pub(crate) id: usize,
    pub(crate) producer_id: i64,
    pub(crate) epoch: i16,
    /// Whether it speaks transaction version 2.
    pub(crate) v2: bool,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Request {
    /// InitProducerId; `writer` says -1 at first.
    Init {
        writer: Writer,
        timeout_ms: i32,
    },
    /// AddPartitionsToTxn and AddOffsetsToTxn.
    Add {
        writer: Writer,
        partitions: Vec<usize>,
    },
    Produce {
        writer: Writer,
        partition: usize,
        sequence: i32,
        tag: u32,
        values: Vec<u32>,
    },
    /// TxnOffsetCommit.
    Commit {
        writer: Writer,
        tag: u32,
        offset: i64,
    },
    End {
        writer: Writer,
        committed: bool,
    },
    /// OffsetFetch, of stable offsets.
    FetchOffset,
}

impl Request {
    /// Whether the protocol bears that it comes late or twice. Up to version 1 nothing tells the end of one transaction
    /// from that of the next, nor their offsets.
    pub(crate) fn bears_repetition(&self) -> bool {
        match self {
            Self::Commit { writer, .. } | Self::End { writer, .. } => writer.v2,
            _ => true,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Answer {
    pub(crate) code: Code,
    pub(crate) producer_id: i64,
    pub(crate) epoch: i16,
    pub(crate) offset: i64,
}

impl Answer {
    pub(crate) fn of(code: Code) -> Self {
        Self {
            code,
            producer_id: -1,
            epoch: -1,
            offset: -1,
        }
    }
}
