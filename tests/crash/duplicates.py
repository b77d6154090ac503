"""Three ways in which messages come again: the relay goes back, a consumer goes back, the topic repeats."""
import kafka

REPEATED_MAX = 60


def put_cursor_back(producer, remembered):
    """Sets the relay's cursor to an earlier place and takes its lease away.

    Returns how many events lie between that place and where the cursor was.
    """
    if not remembered:
        return 0
    earlier = remembered[0]
    with producer.transaction() as cursor:
        cursor.execute("SELECT lo FROM onceward.relay_cursor WHERE shard = 0 FOR UPDATE")
        lo = cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM onceward.outbox WHERE pg_visible_in_snapshot(xid, %s::pg_snapshot) "
                       "AND NOT pg_visible_in_snapshot(xid, %s::pg_snapshot)", (lo, earlier))
        count = cursor.fetchone()[0]
        cursor.execute("SET LOCAL crash.reset = 'on'")
        cursor.execute("UPDATE onceward.relay_cursor SET lo = %s, hi = NULL, done_seq = 0, lease_id = NULL, "
                       "lease_until = NULL WHERE shard = 0", (earlier,))
    return count


def replay_partition(consumer, dice):
    """Puts a partition's position back and takes it from its owner. Returns how far, and which."""
    with consumer.transaction() as cursor:
        cursor.execute("SELECT partition FROM onceward.inbox_position ORDER BY partition")
        partitions = [row[0] for row in cursor.fetchall()]
        if not partitions:
            return 0, None
        partition = dice.choice(partitions)
        cursor.execute("SELECT next_off FROM onceward.inbox_position WHERE partition = %s FOR UPDATE", (partition,))
        folded = cursor.fetchone()[0]
        cursor.execute("SELECT coalesce(max(next_off), 0) FROM onceward.inbox_progress WHERE partition = %s",
                       (partition,))
        position = max(folded, cursor.fetchone()[0])
        back = min(position, dice.randint(1, REPEATED_MAX))
        cursor.execute("DELETE FROM onceward.inbox_progress WHERE partition = %s AND next_off > %s",
                       (partition, position - back))
        cursor.execute("UPDATE onceward.inbox_position SET next_off = %s, epoch = epoch + 1 WHERE partition = %s "
                       "RETURNING epoch", (position - back, partition))
        cursor.execute("INSERT INTO progress_log (partition, next_off, epoch, reset) VALUES (%s, %s, %s, true)",
                       (partition, position - back, cursor.fetchone()[0]))
    return back, partition


def last_messages(address, topic, partition, count):
    place = kafka.TopicPartition(topic, partition)
    consumer = kafka.KafkaConsumer(bootstrap_servers=address, enable_auto_commit=False, consumer_timeout_ms=3000)
    try:
        consumer.assign([place])
        end = consumer.end_offsets([place])[place]
        begin = max(0, end - count)
        consumer.seek(place, begin)
        messages = []
        while begin + len(messages) < end:
            messages.append(next(consumer))
        return messages
    except StopIteration:
        return messages
    finally:
        consumer.close()


def republish(address, topic, dice):
    """Copies a partition's last messages to its end, as they are. Returns how many, and where."""
    producer = kafka.KafkaProducer(bootstrap_servers=address, acks="all")
    try:
        partition = dice.choice(sorted(producer.partitions_for(topic)))
        messages = last_messages(address, topic, partition, dice.randint(1, REPEATED_MAX))
        for m in messages:
            producer.send(topic, m.value, m.key, m.headers, partition, m.timestamp)
        producer.flush(10)
        return len(messages), partition
    finally:
        producer.close(5)
