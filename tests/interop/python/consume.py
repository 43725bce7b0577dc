"""consume.py ADDRESS TOPIC [full]: all records of partition 0, by kafka-python without a group.

A value per line; `full`: offset, timestamp and its type, key, headers and value instead, then what ListOffsets says.
"""
import sys

from kafka import KafkaConsumer, TopicPartition

address, topic = sys.argv[1:3]
full = sys.argv[3:] == ["full"]
partition = TopicPartition(topic, 0)
consumer = KafkaConsumer(bootstrap_servers=address, group_id=None, enable_auto_commit=False)
consumer.assign([partition])
consumer.seek_to_beginning(partition)
end = consumer.end_offsets([partition])[partition]
out = sys.stdout.buffer
timestamps = []
while consumer.position(partition) < end:
    for record in consumer.poll(timeout_ms=1000).get(partition, []):
        if full:
            timestamps.append(record.timestamp)
            kind = {0: "CreateTime", 1: "LogAppendTime"}[record.timestamp_type]
            fields = (record.offset, record.timestamp, kind, record.key, record.headers, record.value)
            out.write(repr(fields).encode() + b"\n")
        else:
            out.write(record.value + b"\n")
if full:
    print("from", consumer.beginning_offsets([partition])[partition], "to", end, flush=True)
    asked = [0, *sorted(set(timestamps))[:: max(1, len(timestamps) // 20)], max(timestamps), max(timestamps) + 1]
    for timestamp in asked:
        found = consumer.offsets_for_times({partition: timestamp})[partition]
        print("at", timestamp, "is", found and (found.offset, found.timestamp), flush=True)
