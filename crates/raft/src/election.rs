//! What a voter must remember across restarts: the epoch, who leads in it, and whom it voted for (`quorum-state`).

use ottla_wire::Uuid;

/// The durable election state.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Election {
    /// The epoch.
    pub epoch: i32,
    /// Its leader, if known.
    pub leader: Option<i32>,
    /// Whom this voter voted for in it: node id and directory id (zero where it is not known).
    pub voted: Option<(i32, Uuid)>,
}
