#pragma once

/// @file
/// The dead letters of the inbox, and what a person decides about them.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "onceward/result.hpp"
#include "pg/connection.hpp"

namespace onceward::cli {

/// Which ones; what is empty does not matter.
struct dead_filter {
    std::vector<std::int64_t> numbers{};
    std::optional<std::string> consumer{};
    std::optional<std::string> topic{};
    std::optional<std::string> kind{};   ///< refused or quarantined.
    std::optional<std::string> state{};  ///< dead, redrive, redriven or discarded.
    std::int64_t limit = 50;
};

/// One, without its content.
struct inbox_dead_letter {
    std::int64_t number = 0;
    std::string consumer{}, topic{};
    std::int64_t partition = 0, offset = 0;
    std::string id{}, type{}, kind{}, state{}, reason{}, sqlstate{};
    std::int64_t attempts = 0;
    std::string dead_at{};
};

/// What the message holds. Bytes are in base64.
struct dead_content {
    std::optional<std::string> key{};
    std::optional<std::string> payload{};
    std::string headers{};  ///< JSON.
};

/// What is to be put in its place.
struct dead_edit {
    bool payload = false;
    std::optional<std::string> new_payload{};  ///< Bytes; empty with `payload`: a tombstone.
    std::optional<std::string> new_headers{};  ///< JSON.
};

/// Decisions that are made together or not at all. Each row of one has its audit row.
class dead_letters {
public:
    dead_letters(pg::connection& c, const std::string& schema) : c_(c), schema_(schema) {}

    /// By number. A role with onceward_monitor may ask.
    result<std::vector<inbox_dead_letter>> list(const dead_filter& f);

    /// For the owner.
    /// @return Empty: there is no such number.
    result<std::optional<dead_content>> content(std::int64_t number);

    /// Makes sure that what follows is done as a whole, or with `dry_run` not at all.
    result<done> begin();
    result<done> end(bool dry_run);

    result<done> edit(std::int64_t number, const dead_edit& e);
    /// @return The id under which it will be applied.
    result<std::string> redrive(std::int64_t number, bool as_new);
    result<done> discard(std::int64_t number, const std::string& why);

private:
    result<pg::rows> exec(const std::string& sql, std::initializer_list<pg::text_value> params);

    pg::connection& c_;
    const std::string& schema_;
};

}  // namespace onceward::cli
