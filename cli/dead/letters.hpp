#pragma once

/// @file
/// The dead letters of an outbox, in the database.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dead/selection.hpp"
#include "onceward/result.hpp"

namespace onceward::cli {

struct outbox_dead_letter {
    std::string id;
    std::int64_t seq = 0;
    std::int64_t shard = 0;
    std::string topic, type, state, reason;
    std::string created_at, dead_at;  ///< As the server writes a time.
    double id_age_s = 0;              ///< How long ago its id was made.
    std::optional<std::string> key{};
    std::optional<std::int64_t> payload_bytes{};
    std::string content_type{};
    std::string headers{};                 ///< The column's JSON.
    std::optional<std::string> payload{};  ///< Only where it was asked for.
};

/// What to replace; empty: leave it.
struct outbox_dead_changes {
    std::string topic, content_type;
    std::optional<std::string> payload, headers;

    [[nodiscard]] bool any() const {
        return !topic.empty() || !content_type.empty() || payload || headers;
    }
};

/// The role must own the tables. Each deed is one statement: all of it or nothing.
class outbox_dead_letters {
public:
    outbox_dead_letters(pg::connection& session, std::string schema)
        : session_(session), schema_(std::move(schema)) {}

    /// In the order of their sequence numbers, at most `limit`; 0: all.
    result<std::vector<outbox_dead_letter>> find(const selection& which, int limit,
                                                 bool payloads = false);
    result<std::int64_t> count(const selection& which);

    result<done> edit(const outbox_dead_letter& which, const outbox_dead_changes& to);
    /// @return How many are in the outbox again.
    result<std::int64_t> redrive(const selection& which, bool as_new);
    /// @return How many are given up.
    result<std::int64_t> discard(const selection& which);

private:
    result<std::int64_t> call(const char* function, const char* more, const selection& which);

    pg::connection& session_;
    std::string schema_;
};

}  // namespace onceward::cli
