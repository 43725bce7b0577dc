//! Which refusals are part of how Kafka works: they come while all is well, and clients go on by themselves.

use ottla_wire::{
    Request,
    errors::Code,
    messages::{ApiVersionsRequest, MetadataRequest},
};

/// Whether a code in an answer to a request says nothing of a mistake.
pub(super) fn is_ordinary(key: i16, code: i16) -> bool {
    match Code(code) {
        // The first answer for a topic that is being created.
        Code::LEADER_NOT_AVAILABLE
        // Coordinators come up and move.
        | Code::COORDINATOR_LOAD_IN_PROGRESS
        | Code::COORDINATOR_NOT_AVAILABLE
        | Code::NOT_COORDINATOR
        // Members join, leave and are given other partitions.
        | Code::REBALANCE_IN_PROGRESS
        | Code::MEMBER_ID_REQUIRED
        | Code::STALE_MEMBER_EPOCH
        | Code::UNSTABLE_OFFSET_COMMIT
        // The transaction before is still being written out.
        | Code::CONCURRENT_TRANSACTIONS
        // Sessions are forgotten for room, and after a restart.
        | Code::FETCH_SESSION_ID_NOT_FOUND
        | Code::INVALID_FETCH_SESSION_EPOCH
        | Code::FETCH_SESSION_TOPIC_ID_ERROR
        // Leaders move.
        | Code::UNKNOWN_LEADER_EPOCH
        | Code::FENCED_LEADER_EPOCH
        | Code::ELECTION_NOT_NEEDED => true,
        // A newer client asks which versions there are.
        Code::UNSUPPORTED_VERSION => key == ApiVersionsRequest::KEY,
        // Ids of topics that were deleted.
        Code::UNKNOWN_TOPIC_ID => key == MetadataRequest::KEY,
        _ => false,
    }
}
