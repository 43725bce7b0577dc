"""produce.py ADDRESS TOPIC CODEC FILE [numbered]: a record per line of FILE to partition 0, by kafka-python.

`numbered`: records also have timestamps a second apart (with some that go back), keys, and headers, null keys among them.
"""
import sys

from kafka import KafkaProducer

address, topic, codec, path = sys.argv[1:5]
numbered = sys.argv[5:] == ["numbered"]
producer = KafkaProducer(
    bootstrap_servers=address,
    acks="all",
    compression_type=None if codec == "none" else codec,
    enable_idempotence=False,
    linger_ms=20,
    max_request_size=1 << 20,
    max_in_flight_requests_per_connection=1,
)
sent = []
with open(path, "rb") as file:
    for number, line in enumerate(file):
        more = {}
        if numbered:
            back = 30_000 if number % 10 == 7 else 0
            more["timestamp_ms"] = 1_750_000_000_000 + number * 1000 - back
            more["key"] = None if number % 7 == 3 else b"key-%d" % (number % 100)
            more["headers"] = [("number", b"%d" % number), ("empty", b"")] if number % 10 == 0 else []
        sent.append(producer.send(topic, value=line.rstrip(b"\n"), partition=0, **more))
producer.flush()
for number, future in enumerate(sent):
    answer = future.get(timeout=30)
    if answer.offset != sent[0].get().offset + number:
        sys.exit(f"record {number} got offset {answer.offset}")
producer.close()
