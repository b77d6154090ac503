"""Writes down what a run left behind, in the checker's files (tests/checker/README.md)."""
import json

import kafka

OUTBOX = """
  SELECT json_build_object('id', id, 'tx', p->>'tx', 'key', (p->>'k')::int, 'v', (p->>'v')::bigint)
  FROM (SELECT id, convert_from(payload, 'UTF8')::jsonb p FROM onceward.outbox) o"""
QUERIES = {
    "producer": {
        "business": "SELECT json_build_object('tx', tx, 'key', k, 'v', v) FROM journal",
        "accounts": "SELECT json_build_object('key', k, 'v', v) FROM account",
        "outbox": OUTBOX,
        "cursor": "SELECT json_build_object('n', n, 'epoch', epoch, 'lease_id', lease_id, 'incarnation', incarnation, "
                  "'lo', lo, 'reset', reset) FROM cursor_log",
    },
    "consumer": {
        "ledger": "SELECT json_build_object('n', n, 'id', id, 'tx', tx, 'key', k, 'v', v, 'at', "
                  "(extract(epoch FROM at) * 1000000000)::bigint) FROM ledger",
        "progress": "SELECT json_build_object('n', n, 'partition', partition, 'next_off', next_off, 'epoch', epoch, "
                    "'reset', reset) FROM progress_log",
    },
}
DEAD = {"producer": "SELECT json_build_object('id', id) FROM onceward.outbox_dead",
        "consumer": "SELECT json_build_object('id', id, 'reason', reason) FROM onceward.inbox_dead"}


def write(path, rows):
    with open(path, "w", encoding="utf-8") as out:
        out.writelines(json.dumps(row) + "\n" for row in rows)


def databases(world):
    dead = []
    for database in (world.producer, world.consumer):
        for name, sql in QUERIES[database.name].items():
            write(world.directory / f"{name}.jsonl", (row for row, in database.query(sql)))
        dead += [row for row, in database.query(DEAD[database.name])]
    write(world.directory / "dead.jsonl", dead)


def end_offsets(address, topic):
    consumer = kafka.KafkaConsumer(bootstrap_servers=address, enable_auto_commit=False)
    try:
        places = [kafka.TopicPartition(topic, p) for p in consumer.partitions_for_topic(topic)]
        return {place.partition: offset for place, offset in consumer.end_offsets(places).items()}
    finally:
        consumer.close()


def messages(address, topic):
    """All messages of a topic, from its first to what its end is now; partition by partition."""
    for partition, end in sorted(end_offsets(address, topic).items()):
        if end > 0:
            yield from messages_of(address, kafka.TopicPartition(topic, partition), end)


def messages_of(address, place, end):
    """A partition's messages. Nothing deletes them, so that each offset must be there."""
    consumer = kafka.KafkaConsumer(bootstrap_servers=address, enable_auto_commit=False, consumer_timeout_ms=20_000,
                                   max_partition_fetch_bytes=4 << 20)
    try:
        consumer.assign([place])
        consumer.seek(place, 0)
        for offset in range(end):
            message = next(consumer)
            if message.offset != offset:
                raise RuntimeError(f"partition {place.partition}: offset {message.offset} follows {offset - 1}")
            yield message
    except StopIteration:
        raise RuntimeError(f"partition {place.partition} could not be read to its end within 20 s") from None
    finally:
        consumer.close()


def topic(world):
    def row(m):
        change = json.loads(m.value)
        name = next(value.decode() for key, value in m.headers if key == "id")
        if m.key.decode() != str(change["k"]):
            raise RuntimeError(f"partition {m.partition} offset {m.offset}: key {m.key} for {change}")
        return {"partition": m.partition, "offset": m.offset, "id": name, "tx": change["tx"], "key": change["k"],
                "v": change["v"]}
    write(world.directory / "topic.jsonl", map(row, messages(world.broker.address, world.topic)))
