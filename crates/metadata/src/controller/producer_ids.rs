//! Producer ids, given to brokers in blocks.

use ottla_wire::{
    errors::Code,
    messages::{AllocateProducerIdsRequest, AllocateProducerIdsResponse, ProducerIdsRecord},
};

use super::{Asked, Controller, Decision, brokers::broker_of_epoch, nothing};
use crate::Record;

/// How many ids a block has.
const BLOCK: i32 = 1_000;

impl Controller {
    pub(super) fn allocate_producer_ids(
        &self,
        asked: &Asked<AllocateProducerIdsRequest>,
    ) -> Decision<AllocateProducerIdsResponse> {
        let request = &asked.request;
        let image = self.ledger.latest();
        let refuse = |code: Code| {
            nothing(AllocateProducerIdsResponse {
                error_code: code.0,
                ..AllocateProducerIdsResponse::default()
            })
        };
        if let Err(refusal) = broker_of_epoch(image, request.broker_id, request.broker_epoch) {
            return refuse(refusal.code);
        }
        let first = image.next_producer_id();
        let Some(next) = first.checked_add(i64::from(BLOCK)) else {
            // Every id is given away.
            return refuse(Code::UNKNOWN_SERVER_ERROR);
        };
        let record = Record::from(ProducerIdsRecord {
            broker_id: request.broker_id,
            broker_epoch: request.broker_epoch,
            next_producer_id: next,
            ..ProducerIdsRecord::default()
        });
        let answer = AllocateProducerIdsResponse {
            producer_id_start: first,
            producer_id_len: BLOCK,
            ..AllocateProducerIdsResponse::default()
        };
        (vec![record], answer)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        Input, Reply,
        testing::{World, asked},
    };
    use super::*;

    fn allocate(world: &mut World, epoch: i64) -> (Code, i64, i32) {
        let request = AllocateProducerIdsRequest {
            broker_id: 1,
            broker_epoch: epoch,
            ..AllocateProducerIdsRequest::default()
        };
        match world.ask(Input::AllocateProducerIds(asked(request, 0))) {
            Reply::AllocateProducerIds(of) => (
                Code(of.error_code),
                of.producer_id_start,
                of.producer_id_len,
            ),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn blocks_follow_each_other() {
        let mut world = World::with_brokers([1]);
        let epoch = world.image().broker(1).unwrap().epoch;
        assert_eq!(allocate(&mut world, epoch), (Code::NONE, 0, 1_000));
        assert_eq!(allocate(&mut world, epoch), (Code::NONE, 1_000, 1_000));
        assert_eq!(world.image().next_producer_id(), 2_000);
        assert_eq!(allocate(&mut world, epoch + 1).0, Code::STALE_BROKER_EPOCH);
        world.append(vec![Record::from(ProducerIdsRecord {
            next_producer_id: i64::MAX - 999,
            ..ProducerIdsRecord::default()
        })]);
        assert_eq!(allocate(&mut world, epoch).0, Code::UNKNOWN_SERVER_ERROR);
    }
}
