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
        self.held, self.is_over = set(), False

    async def on_partitions_revoked(self, revoked):
        async with self.lock:
            if not self.is_over:
                await commit(self.consumer)
                self.gives_back({partition.partition for partition in revoked})

    async def on_partitions_assigned(self, assigned):
        async with self.lock:
            if not self.is_over:
                partitions = {partition.partition for partition in assigned}
                self.held |= partitions
                journal.partitions("assigned", sorted(partitions))

    def gives_back(self, partitions):
        self.held -= partitions
        journal.partitions("revoked", sorted(partitions))

    def ends(self):
        """It leaves with what it was told to have; an assignment that is still on its way comes to nobody."""
        self.gives_back(set(self.held))
        self.is_over = True


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
    listener = Listener(consumer, lock)
    consumer.subscribe([wish.topic], listener=listener)
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
        listener.ends()
    await consumer.stop()
    journal.left()


asyncio.run(main())
