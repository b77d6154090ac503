"""Reads every topic from beginning to end, with a client that shares no code with librdkafka."""
import json

import kafka

import settings

READ_SECONDS = 60


def connect(brokers):
    return kafka.KafkaConsumer(bootstrap_servers=brokers, api_version=(1, 0, 0), enable_auto_commit=False,
                               auto_offset_reset="earliest", consumer_timeout_ms=READ_SECONDS * 1000)


def all_partitions():
    return [kafka.TopicPartition(topic, partition)
            for topic in settings.TOPICS for partition in range(settings.PARTITIONS)]


def ends(brokers):
    """The end of each partition: {(topic, partition): offset}."""
    consumer = connect(brokers)
    try:
        return {(tp.topic, tp.partition): offset for tp, offset in consumer.end_offsets(all_partitions()).items()}
    finally:
        consumer.close()


def records(brokers):
    """Yields (topic, partition, offset, key, id, type, version) of everything in Kafka.

    @throws RuntimeError  The beginning or the end of a partition cannot be read.
    """
    consumer = connect(brokers)
    try:
        partitions = all_partitions()
        lost_heads = [tp for tp, offset in consumer.beginning_offsets(partitions).items() if offset > 0]
        if lost_heads:
            raise RuntimeError(f"the broker has dropped the beginning of {lost_heads}")
        waiting = {tp: end for tp, end in consumer.end_offsets(partitions).items() if end > 0}
        consumer.assign(list(waiting))
        while waiting:
            record = next(consumer, None)
            if record is None:
                raise RuntimeError(f"the broker did not give the rest of {waiting} within {READ_SECONDS} s")
            yield row_of(record)
            tp = kafka.TopicPartition(record.topic, record.partition)
            if record.offset + 1 >= waiting.get(tp, 0):
                waiting.pop(tp, None)
    finally:
        consumer.close()


def row_of(record):
    headers = dict(record.headers)
    version = json.loads(record.value).get("version") if record.topic == "orders" else None
    return (record.topic, record.partition, record.offset, record.key.decode(), headers["id"].decode(),
            headers["type"].decode(), version)
