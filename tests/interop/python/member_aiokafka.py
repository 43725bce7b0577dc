"""A member of a group by aiokafka, `classic`; see group_member.py."""
import asyncio

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError

from group_member import Journal, Wish

wish, journal = Wish(), Journal()
assert wish.protocol == "classic", wish.protocol


async def commit(consumer):
    offsets = dict(journal.processed)
    if not offsets:
        return
    try:
        await consumer.commit({TopicPartition(wish.topic, p): o for p, o in offsets.items()})
    except KafkaError as error:
        journal.commit_failed(repr(error))
        return
    journal.committed(offsets)


class Listener(ConsumerRebalanceListener):
    """Its callbacks run beside the loop: the lock keeps a batch from being processed after its partition went."""

    def __init__(self, consumer, lock):
        self.consumer, self.lock = consumer, lock

    async def on_partitions_revoked(self, revoked):
        async with self.lock:
            await commit(self.consumer)
            journal.partitions("revoked", [partition.partition for partition in revoked])

    async def on_partitions_assigned(self, assigned):
        async with self.lock:
            journal.partitions("assigned", [partition.partition for partition in assigned])


async def main():
    consumer = AIOKafkaConsumer(
        bootstrap_servers=wish.address,
        group_id=wish.group,
        group_instance_id=wish.instance,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        session_timeout_ms=wish.session_ms,
        heartbeat_interval_ms=500,
        fetch_max_wait_ms=100,
    )
    lock = asyncio.Lock()
    consumer.subscribe([wish.topic], listener=Listener(consumer, lock))
    await consumer.start()
    while not wish.stopping:
        await asyncio.sleep(0.02)
        async with lock:
            for partition, records in (await consumer.getmany(timeout_ms=0)).items():
                for record in records:
                    journal.record(record.partition, record.offset, record.key, record.value)
            journal.flush()
            if journal.is_time_to_commit():
                await commit(consumer)
    async with lock:
        await commit(consumer)
        journal.partitions("revoked", [partition.partition for partition in consumer.assignment()])
    await consumer.stop()
    journal.left()


asyncio.run(main())
