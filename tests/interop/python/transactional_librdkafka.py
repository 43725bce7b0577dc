"""Transactional producers and readers by confluent-kafka (librdkafka); see transactional.py."""
import os
import sys

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from transactional import Orders, failed, say, values

LIMIT = 60
address, orders, producers, consumers, failures = sys.argv[1], Orders(), {}, {}, {}


def open_producer(name, transactional_id, codec, timeout):
    producers[name] = Producer({
        "bootstrap.servers": address,
        "transactional.id": transactional_id,
        "compression.type": codec,
        "transaction.timeout.ms": int(timeout),
        "linger.ms": 2,
        "batch.size": 4096,
        "reconnect.backoff.max.ms": 500,
    })
    failures[name] = []


def delivered(name):
    return lambda error, _: failures[name].append(error) if error is not None else None


def send(name, topic, partition, text, count, size):
    for value in values(text, count, size):
        producers[name].produce(topic, value, partition=int(partition), on_delivery=delivered(name))
        producers[name].poll(0)


def flush(name):
    left = producers[name].flush(LIMIT)
    found, failures[name] = failures[name], []
    if found:
        raise KafkaException(found[0])
    assert left == 0, f"{left} records are not sent"


def offsets(name, group, topic, partition, offset):
    # What a consumer of that group says of itself, having no member; kept, as one is in a program that consumes.
    if group not in consumers:
        consumers[group] = Consumer({"bootstrap.servers": address, "group.id": group})
    where = TopicPartition(topic, int(partition), int(offset))
    producers[name].send_offsets_to_transaction([where], consumers[group].consumer_group_metadata(), LIMIT)


def reader(isolation, **more):
    return Consumer({
        "bootstrap.servers": address,
        "group.id": "nobody",
        "enable.auto.commit": False,
        "auto.offset.reset": "earliest",
        "isolation.level": isolation,
        "fetch.wait.max.ms": 100,
        "reconnect.backoff.max.ms": 500,
        **more,
    })


def read(path, topic, partitions, isolation):
    """Everything: this client says where a partition ends for it once it gets there."""
    consumer = reader(isolation, **{"enable.partition.eof": True})
    consumer.assign([TopicPartition(topic, partition, 0) for partition in range(int(partitions))])
    left = set(range(int(partitions)))
    with open(path, "wb") as out:
        while left:
            for message in consumer.consume(num_messages=500, timeout=0.1):
                if message.error() is None:
                    out.write(b"%d %d %s\n" % (message.partition(), message.offset(), message.value()))
                elif message.error().code() == KafkaError._PARTITION_EOF:
                    left.discard(message.partition())
                else:
                    raise KafkaException(message.error())
    consumer.close()


def loop(name, group, source, target, abort_every):
    """Transforms until it is told something else."""
    producer, transactions = producers[name], 0
    consumer = reader("read_committed", **{
        "group.id": group,
        "group.instance.id": group,
        "session.timeout.ms": 10000,
    })
    consumer.subscribe([source])
    while not orders.waiting():
        messages = consumer.consume(num_messages=20, timeout=0.1)
        for message in messages:
            if message.error() is not None:
                raise KafkaException(message.error())
        if not messages:
            continue
        producer.begin_transaction()
        try:
            positions = {}
            for message in messages:
                producer.produce(target, message.value().upper(), partition=message.partition())
                positions[message.partition()] = message.offset() + 1
            where = [TopicPartition(source, partition, offset) for partition, offset in positions.items()]
            producer.send_offsets_to_transaction(where, consumer.consumer_group_metadata(), LIMIT)
            transactions += 1
            if transactions % int(abort_every) == 0:
                producer.flush(LIMIT)
                abort_and_rewind(producer, consumer)
            else:
                producer.commit_transaction(LIMIT)
                say("committed")
        except KafkaException as error:
            if not error.args[0].txn_requires_abort():
                raise
            failed(error, "aborts")
            abort_and_rewind(producer, consumer)
    consumer.close()


def abort_and_rewind(producer, consumer):
    producer.abort_transaction(LIMIT)
    for where in consumer.committed(consumer.assignment(), LIMIT):
        where.offset = max(where.offset, 0)
        consumer.seek(where)
    say("aborted")


def obey(verb, name, *words):
    match verb:
        case "open":
            open_producer(name, *words)
        case "init":
            producers[name].init_transactions(LIMIT)
        case "begin":
            producers[name].begin_transaction()
        case "send":
            send(name, *words)
        case "flush":
            flush(name)
        case "offsets":
            offsets(name, *words)
        case "commit":
            producers[name].commit_transaction(LIMIT)
        case "abort":
            producers[name].abort_transaction(LIMIT)
        case "read":
            read(name, *words)
        case "loop":
            loop(name, *words)
        case _:
            raise ValueError(verb)


while (line := orders.next()) is not None:
    answer = "ok"
    try:
        obey(*line)
    except KafkaException as error:
        answer = failed(error, error.args[0].name())
    except SystemError as error:
        # A fatal error is raised inside of whatever callback is next.
        if not isinstance(error.__cause__, KafkaException):
            raise
        answer = failed(error, error.__cause__.args[0].name())
    say(answer)
# Without farewells: what is open stays open.
os._exit(0)
