"""How fast librdkafka writes and reads: records of 1,000 bytes, all acknowledged, each counted; one line of JSON.

perf_librdkafka.py produce ADDRESS TOPIC RECORDS BATCH_BYTES
perf_librdkafka.py consume ADDRESS TOPIC RECORDS LAPS
"""
import gc
import json
import os
import sys
import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicPartition

SIZE = 1000
# As Kafka's own tool: a record waits for memory when so much is under way.
BUFFER_RECORDS = 32 * 1024 * 1024 // SIZE
LIMIT = 60


def produce(address, topic, records, batch):
    producer = Producer({
        "bootstrap.servers": address,
        "acks": "all",
        "linger.ms": 5,
        "batch.size": int(batch),
        "queue.buffering.max.messages": BUFFER_RECORDS,
    })
    value = os.urandom(SIZE)
    latencies, failures = [], []

    def delivered(error, message):
        if error is None:
            latencies.append(message.latency())
        else:
            failures.append(error)

    start = time.monotonic()
    for _ in range(int(records)):
        while True:
            try:
                producer.produce(topic, value, on_delivery=delivered)
                break
            except BufferError:
                producer.poll(0.01)
    left = producer.flush(LIMIT)
    seconds = time.monotonic() - start
    if failures or left or len(latencies) != int(records):
        raise SystemExit(f"{len(failures)} failed, {left} unanswered: {failures[:1]}")
    latencies.sort()
    return {
        "records_s": len(latencies) / seconds,
        "p99_ms": latencies[len(latencies) * 99 // 100] * 1e3,
        "p999_ms": latencies[len(latencies) * 999 // 1000] * 1e3,
    }


def consume(address, topic, records, laps):
    # It would take a fifth of the time, and finds nothing: what comes has no cycles.
    gc.disable()
    consumer = Consumer({
        "bootstrap.servers": address,
        "group.id": "perf",
        "enable.auto.commit": False,
        # When its queue is full librdkafka does not ask for a second, and then stands idle: the faster the broker, the longer.
        "fetch.queue.backoff.ms": 10,
    })
    partitions = consumer.list_topics(topic, LIMIT).topics[topic].partitions
    count, size, start = 0, 0, time.monotonic()
    for lap in range(1, int(laps) + 1):
        # From the beginning: what came beyond the last lap's end is forgotten.
        consumer.assign([TopicPartition(topic, index, OFFSET_BEGINNING) for index in partitions])
        while count < int(records) * lap:
            messages = consumer.consume(10_000, LIMIT)
            for message in messages:
                if message.error():
                    raise KafkaException(message.error())
                size += len(message.value())
            if not messages:
                raise SystemExit(f"{count} of {records} records came in lap {lap}")
            count += len(messages)
    seconds = time.monotonic() - start
    consumer.close()
    return {"records_s": count / seconds, "mb_s": size / seconds / 1e6}


print(json.dumps({"produce": produce, "consume": consume}[sys.argv[1]](*sys.argv[2:])))
