"""A member of a group by confluent-kafka (librdkafka): `classic`, `cooperative` or `consumer`; see group_member.py."""
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from group_member import Journal, Wish

wish, journal = Wish(), Journal()
config = {
    "bootstrap.servers": wish.address,
    "group.id": wish.group,
    "enable.auto.commit": False,
    "auto.offset.reset": "earliest",
    "fetch.wait.max.ms": 100,
    "reconnect.backoff.max.ms": 500,
}
if wish.protocol == "consumer":
    config["group.protocol"] = "consumer"
else:
    config["session.timeout.ms"] = wish.session_ms
    config["heartbeat.interval.ms"] = 500
    cooperative = wish.protocol == "cooperative"
    config["partition.assignment.strategy"] = "cooperative-sticky" if cooperative else "range"
if wish.instance:
    config["group.instance.id"] = wish.instance
consumer = Consumer(config)


def numbers(partitions):
    return [partition.partition for partition in partitions]


def commit():
    offsets = dict(journal.processed)
    if not offsets:
        return
    wanted = [TopicPartition(wish.topic, partition, offset) for partition, offset in offsets.items()]
    try:
        answers = consumer.commit(offsets=wanted, asynchronous=False)
    except KafkaException as error:
        journal.commit_failed(error)
        return
    for answer in answers:
        if answer.error is not None:
            journal.commit_failed(answer.error)
    journal.committed({answer.partition: answer.offset for answer in answers if answer.error is None})


def assigned(_, partitions):
    journal.partitions("assigned", numbers(partitions))


def revoked(_, partitions):
    commit()
    journal.partitions("revoked", numbers(partitions))


def lost(_, partitions):
    journal.partitions("lost", numbers(partitions))


consumer.subscribe([wish.topic], on_assign=assigned, on_revoke=revoked, on_lost=lost)
while not wish.stopping:
    for message in consumer.consume(num_messages=100, timeout=0.1):
        if message.error() is None:
            journal.record(message.partition(), message.offset(), message.key(), message.value())
        elif message.error().fatal() or message.error().code() == KafkaError._AUTO_OFFSET_RESET:
            raise KafkaException(message.error())
    journal.flush()
    if journal.is_time_to_commit():
        commit()
consumer.close()
journal.left()
