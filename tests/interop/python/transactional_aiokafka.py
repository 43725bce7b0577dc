"""Transactional producers and readers by aiokafka; see transactional.py."""
import asyncio
import os
import sys

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError, ProducerFenced

from transactional import Orders, failed, say, values

LIMIT = 60
address, orders, producers, sent = sys.argv[1], Orders(), {}, {}


def open_producer(name, transactional_id, codec, timeout):
    producers[name] = AIOKafkaProducer(
        bootstrap_servers=address,
        transactional_id=transactional_id,
        compression_type=None if codec == "none" else codec,
        transaction_timeout_ms=int(timeout),
        linger_ms=2,
        max_batch_size=4096,
    )
    sent[name] = []


async def init(producer):
    await producer.start()
    # An empty transaction asks the coordinator for nothing but the producer's id.
    await asyncio.wait_for(producer.begin_transaction(), LIMIT)
    await producer.abort_transaction()


async def send(name, topic, partition, text, count, size):
    for value in values(text, count, size):
        sent[name].append(await producers[name].send(topic, value, partition=int(partition)))


async def flush(name):
    all_sent, sent[name] = sent[name], []
    for outcome in await asyncio.wait_for(asyncio.gather(*all_sent, return_exceptions=True), LIMIT):
        if isinstance(outcome, BaseException):
            raise outcome


async def reader(isolation, **more):
    consumer = AIOKafkaConsumer(
        bootstrap_servers=address,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level=isolation,
        fetch_max_wait_ms=100,
        **more,
    )
    return consumer


async def read(path, topic, partitions, isolation):
    """Everything up to where the partitions end for readers of that isolation: this client sees that by fetching."""
    consumer = await reader(isolation)
    await consumer.start()
    every = [TopicPartition(topic, partition) for partition in range(int(partitions))]
    consumer.assign(every)
    await consumer.seek_to_beginning(*every)

    async def at_end(partition):
        position = await consumer.position(partition)
        committed = isolation == "read_committed"
        end = consumer.last_stable_offset(partition) if committed else consumer.highwater(partition)
        return end is not None and end >= 0 and position >= end

    with open(path, "wb") as out:
        while not all([await at_end(partition) for partition in every]):
            for partition, records in (await consumer.getmany(timeout_ms=100)).items():
                for record in records:
                    out.write(b"%d %d %s\n" % (partition.partition, record.offset, record.value))
    await consumer.stop()


async def loop(name, group, source, target, abort_every):
    """Transforms until it is told something else."""
    producer, transactions = producers[name], 0
    consumer = await reader(
        "read_committed",
        group_id=group,
        group_instance_id=group,
        session_timeout_ms=10000,
        max_poll_records=20,
    )
    consumer.subscribe([source])
    await consumer.start()
    while not orders.waiting():
        batches = await consumer.getmany(timeout_ms=100)
        if not batches:
            continue
        await producer.begin_transaction()
        try:
            for partition, records in batches.items():
                for record in records:
                    await producer.send(target, record.value.upper(), partition=partition.partition)
            where = {partition: records[-1].offset + 1 for partition, records in batches.items()}
            await producer.send_offsets_to_transaction(where, group)
            transactions += 1
            if transactions % int(abort_every) == 0:
                await producer.flush()
                await abort_and_rewind(producer, consumer)
            else:
                await producer.commit_transaction()
                say("committed")
        except ProducerFenced:
            raise
        except KafkaError as error:
            failed(error, "aborts")
            await abort_and_rewind(producer, consumer)
    await consumer.stop()


async def abort_and_rewind(producer, consumer):
    await producer.abort_transaction()
    for partition in consumer.assignment():
        consumer.seek(partition, await consumer.committed(partition) or 0)
    say("aborted")


async def obey(verb, name, *words):
    match verb:
        case "open":
            open_producer(name, *words)
        case "init":
            await init(producers[name])
        case "begin":
            await producers[name].begin_transaction()
        case "send":
            await send(name, *words)
        case "flush":
            await flush(name)
        case "offsets":
            group, topic, partition, offset = words
            where = {TopicPartition(topic, int(partition)): int(offset)}
            await producers[name].send_offsets_to_transaction(where, group)
        case "commit":
            await producers[name].commit_transaction()
        case "abort":
            await producers[name].abort_transaction()
        case "read":
            await read(name, *words)
        case "loop":
            await loop(name, *words)
        case _:
            raise ValueError(verb)


async def main():
    # The loop goes on while it waits for the next line: connections are kept.
    while (line := await asyncio.to_thread(orders.next)) is not None:
        answer = "ok"
        try:
            await obey(*line)
        except (KafkaError, asyncio.TimeoutError) as error:
            answer = failed(error, type(error).__name__)
        say(answer)
    # Without farewells: what is open stays open.
    os._exit(0)


asyncio.run(main())
