//! The KRaft quorum as a protocol machine.
