"""A member of a group by kafka-python, `classic`; see group_member.py."""
from kafka import AsyncConsumerRebalanceListener, KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError

from group_member import Journal, Wish

wish, journal = Wish(), Journal()
assert wish.protocol == "classic", wish.protocol
consumer = KafkaConsumer(
    bootstrap_servers=wish.address,
    group_id=wish.group,
    group_instance_id=wish.instance,
    enable_auto_commit=False,
    auto_offset_reset="earliest",
    session_timeout_ms=wish.session_ms,
    heartbeat_interval_ms=500,
    fetch_max_wait_ms=100,
    reconnect_backoff_max_ms=500,
)


def uncommitted():
    offsets = journal.processed.items()
    return {TopicPartition(wish.topic, partition): OffsetAndMetadata(offset, "", -1) for partition, offset in offsets}


def committed(offsets):
    journal.committed({partition.partition: offset.offset for partition, offset in offsets.items()})


def commit():
    offsets = uncommitted()
    if not offsets:
        return
    try:
        consumer.commit(offsets)
    except KafkaError as error:
        journal.commit_failed(repr(error))
        return
    committed(offsets)


class Listener(AsyncConsumerRebalanceListener):
    """Called by the thread that sends and receives, while ours waits in poll: it may not wait for an answer itself."""

    async def on_partitions_revoked(self, revoked):
        offsets = uncommitted()
        if offsets:
            try:
                await consumer.commit_async(offsets)
                committed(offsets)
            except KafkaError as error:
                journal.commit_failed(repr(error))
        journal.partitions("revoked", [partition.partition for partition in revoked])

    async def on_partitions_assigned(self, assigned):
        journal.partitions("assigned", [partition.partition for partition in assigned])

    async def on_partitions_lost(self, lost):
        journal.partitions("lost", [partition.partition for partition in lost])


consumer.subscribe([wish.topic], listener=Listener())
while not wish.stopping:
    for partition, records in consumer.poll(timeout_ms=100).items():
        for record in records:
            journal.record(record.partition, record.offset, record.key, record.value)
    journal.flush()
    if journal.is_time_to_commit():
        commit()
consumer.close()
journal.left()
