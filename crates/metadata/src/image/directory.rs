//! Log directory ids with a meaning of their own.

use ottla_wire::Uuid;

/// The replica is of a time before directories had ids.
pub const MIGRATING: Uuid = Uuid::ZERO;
/// No directory was chosen yet: the broker will choose.
pub const UNASSIGNED: Uuid = Uuid::from_u128(1);
/// The directory is offline.
pub const LOST: Uuid = Uuid::from_u128(2);

/// Whether a directory must not have this id: the first hundred have, or may get, a meaning. Kafka compares the
/// lower half as a signed number, so that the upper half of its range is reserved too.
pub fn is_reserved(id: Uuid) -> bool {
    let value = u128::from_be_bytes(id.0);
    value >> 64 == 0 && (value as u64).cast_signed() < 100
}
