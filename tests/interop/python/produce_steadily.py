"""produce_steadily.py ADDRESS TOPIC PARTITIONS RATE: by confluent-kafka's idempotent producer, until stdin ends.

RATE records a second to each partition; the value is `PARTITION:SEQUENCE`, the key SEQUENCE, which begins at 0. In the end
prints `end PARTITION COUNT` for each.
"""
import select
import sys

from confluent_kafka import Producer

address, topic, partitions, rate = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
failed = []


def told(error):
    if error.fatal():
        failed.append(str(error))


producer = Producer(
    {
        "error_cb": told,
        # A broker that is away is no news.
        "log_level": 2,
        "bootstrap.servers": address,
        "enable.idempotence": True,
        "linger.ms": 5,
        "message.timeout.ms": 120_000,
        "reconnect.backoff.ms": 20,
        "reconnect.backoff.max.ms": 200,
    }
)


def delivered(error, message):
    if error is not None:
        failed.append(str(error))
    elif message.key() != b"%d" % message.offset():
        failed.append(f"{message.key()} got offset {message.offset()} of {message.partition()}")


sent = 0
while not failed and not select.select([sys.stdin], [], [], 1 / rate)[0]:
    for partition in range(partitions):
        producer.produce(topic, b"%d:%d" % (partition, sent), b"%d" % sent, partition, on_delivery=delivered)
    sent += 1
    producer.poll(0)
left = producer.flush(60)
if failed or left:
    sys.exit(f"{len(failed)} failed, {left} not acknowledged: {failed[:3]}")
for partition in range(partitions):
    print("end", partition, sent)
