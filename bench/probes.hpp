#pragma once

/// @file
/// The probes, each a command of `onceward_bench` and a process of its own, so that its CPU counts
/// for it alone. They print figures and throw std::runtime_error.

#include <cstdint>
#include <string>

namespace onceward::bench {

/// What producing probes send: events of `payload` bytes with `keys` different keys.
struct load {
    std::string brokers;
    std::string topic;
    int partitions = 1;
    std::uint64_t events = 0;
    std::size_t payload = 0;
    std::uint64_t keys = 1;
};

/// Events that come at a steady pace, whether those before them have arrived or not.
struct pace {
    std::uint64_t per_second = 0;
    std::uint64_t seconds = 0;
};

/// COPY out of the outbox, in binary and in no order: what a reader can get at most.
void copy(const std::string& conninfo);

/// A bare idempotent producer without headers: what a publisher can send at most.
void produce(const load& l);

/// A bare transactional producer, `batch` messages a transaction.
void produce_in_transactions(const load& l, std::uint64_t batch);

/// From a producer that waits for nothing to a consumer: what an event takes at least.
void floor(const load& l, const pace& p);

/// From the INSERT of an event, a transaction each, through a running relay to a consumer.
void path(const std::string& conninfo, const load& l, const pace& p);

/// The relay that everybody writes first: SELECT ... SKIP LOCKED, produce, flush, DELETE.
/// Drains the table bench.naive.
void naive(const std::string& conninfo, const load& l);

/// A business transaction alone, with a hand-written INSERT of an event, and with outbox::add.
void writer(const std::string& conninfo, std::uint64_t transactions);

}  // namespace onceward::bench
