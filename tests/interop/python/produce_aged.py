"""produce_aged.py ADDRESS TOPIC PARTITION COUNT AGE_MS: records that claim to be so old, by kafka-python."""
import sys
import time

from kafka import KafkaProducer

address, topic = sys.argv[1:3]
partition, count, age = map(int, sys.argv[3:6])
producer = KafkaProducer(bootstrap_servers=address, acks="all", enable_idempotence=False)
timestamp = int(time.time() * 1000) - age
sent = [
    producer.send(topic, key=b"k", value=b"%d" % number, partition=partition, timestamp_ms=timestamp)
    for number in range(count)
]
for future in sent:
    future.get(timeout=30)
producer.close()
