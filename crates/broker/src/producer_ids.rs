//! Producer ids to give away: a block of them at a time comes from the controller.

use ottla_metadata::controller::{Asked, Input, Reply};
use ottla_wire::{
    errors::{Code, Refusal},
    messages::AllocateProducerIdsRequest,
};
use tokio::sync::Mutex;

use crate::{broker::Broker, quorum::Controller};

/// The block that ids are taken from.
#[derive(Debug, Default)]
pub(crate) struct ProducerIds {
    /// The next id, and the end of the block.
    block: Mutex<(i64, i64)>,
}

impl ProducerIds {
    /// An id that nobody has.
    ///
    /// # Errors
    /// What the controller refuses a new block for.
    pub(crate) async fn next(
        &self,
        controller: &Controller,
        broker_id: i32,
        broker_epoch: i64,
    ) -> Result<i64, Refusal> {
        let mut block = self.block.lock().await;
        if block.0 == block.1 {
            *block = allocate(controller, broker_id, broker_epoch).await?;
        }
        let id = block.0;
        block.0 += 1;
        Ok(id)
    }
}

async fn allocate(
    controller: &Controller,
    broker_id: i32,
    broker_epoch: i64,
) -> Result<(i64, i64), Refusal> {
    let request = AllocateProducerIdsRequest {
        broker_id,
        broker_epoch,
        ..Default::default()
    };
    let asked = Asked {
        request,
        version: 0,
        principal: "User:ANONYMOUS".to_owned(),
        client_id: String::new(),
    };
    let Reply::AllocateProducerIds(response) =
        controller.ask(Input::AllocateProducerIds(asked)).await?
    else {
        return Err(Code::UNKNOWN_SERVER_ERROR.into());
    };
    match Code(response.error_code) {
        Code::NONE => {
            let start = response.producer_id_start;
            Ok((start, start + i64::from(response.producer_id_len)))
        }
        refused => Err(refused.into()),
    }
}

impl Broker {
    /// An id for a new idempotent producer.
    pub(crate) async fn next_producer_id(&self) -> Result<i64, Refusal> {
        let node_id = self.settings.node_id;
        let epoch = self
            .image()
            .broker(node_id)
            .map_or(-1, |broker| broker.epoch);
        self.producer_ids
            .next(&self.controller, node_id, epoch)
            .await
    }
}
