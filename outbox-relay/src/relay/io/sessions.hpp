#pragma once

/// @file
/// The relay's PostgreSQL sessions and what each is set up for.

#include <chrono>
#include <string>

#include "onceward/relay.hpp"
#include "pg/connection.hpp"

namespace onceward::relay_core {

/// What one request to PostgreSQL or Kafka may take, connecting included.
inline constexpr std::chrono::seconds io_bound{45};

/// For reading the outbox. Plans must come from the indexes whatever the statistics say: a leaf
/// that was never analysed or was just truncated would else be sorted or read whole.
result<pg::connection> open_reader_session(const relay_options& options);

/// For the cursor row and what is set aside. Its commits are synchronous: what it stores is what a
/// successor trusts.
result<pg::connection> open_cursor_session(const relay_options& options);

/// For marks in the WAL, and for looking at the slot. A mark comes back when it is flushed, so
/// nobody has to wait for that.
result<pg::connection> open_mark_session(const relay_options& options);

/// For looking at the backlog: never long, never in anybody's way.
result<pg::connection> open_sampler_session(const relay_options& options);

}  // namespace onceward::relay_core
