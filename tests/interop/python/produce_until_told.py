"""produce_until_told.py ADDRESS TOPIC PARTITIONS: numbered records by confluent-kafka's idempotent producer, until stdin ends.

Prints `acked PARTITION OFFSET NUMBER` for each record that the server acknowledged, and in the end `done SENT`. The server
may be killed and started again meanwhile: the producer keeps trying.
"""
import select
import sys

from confluent_kafka import KafkaException, Producer

address, topic, partitions = sys.argv[1], sys.argv[2], int(sys.argv[3])
producer = Producer(
    {
        "bootstrap.servers": address,
        "enable.idempotence": True,
        "linger.ms": 5,
        "batch.num.messages": 500,
        "message.timeout.ms": 300_000,
        "retries": 2_000_000,
        "reconnect.backoff.ms": 20,
        "reconnect.backoff.max.ms": 200,
        "compression.type": "lz4",
        "queue.buffering.max.messages": 20_000,
    }
)
failed = []


def delivered(error, message):
    if error is not None:
        failed.append(str(error))
    else:
        number = message.value().split(b":", 1)[0].decode()
        print("acked", message.partition(), message.offset(), number)


sent = 0
while not select.select([sys.stdin], [], [], 0)[0] and not failed:
    for _ in range(50):
        value = b"%d:%s" % (sent, b"x" * (sent % 300))
        try:
            producer.produce(topic, value=value, partition=sent % partitions, on_delivery=delivered)
            sent += 1
        except BufferError:
            producer.poll(0.05)
        except KafkaException as error:
            failed.append(str(error))
    producer.poll(0.001)
left = producer.flush(120)
if failed or left:
    sys.exit(f"{len(failed)} failed, {left} not acknowledged: {failed[:3]}")
print("done", sent)
