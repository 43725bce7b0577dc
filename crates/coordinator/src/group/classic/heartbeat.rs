//! Heartbeat: a member is alive, and learns whether it has to join again.

use ottla_wire::{
    errors::{Code, Refusal},
    messages::HeartbeatRequest,
};

use super::{OpenGroup, group::State};
use crate::group::Turn;

impl OpenGroup<'_> {
    pub(super) fn beat(
        &mut self,
        turn: &Turn<'_, '_>,
        request: &HeartbeatRequest,
    ) -> Result<(), Refusal> {
        let instance_id = request.group_instance_id.as_deref();
        self.group.check_member(&request.member_id, instance_id)?;
        self.group.check_generation(request.generation_id)?;
        self.heard(turn, &request.member_id);
        match self.group.state {
            State::PreparingRebalance => {
                Err(Code::REBALANCE_IN_PROGRESS.because("the group's members join again"))
            }
            _ => Ok(()),
        }
    }
}
