#pragma once

/// @file
/// Messages of the output plugin pgoutput, protocol 1 (PostgreSQL documentation, "Logical
/// Replication Message Formats"), as views into the bytes that came.

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "onceward/result.hpp"
#include "relay/core/wire_reader.hpp"

namespace onceward::relay_core::pgoutput {

/// A committed transaction begins.
struct begin {
    lsn final_lsn = 0;  ///< Of its commit record.
};

struct commit {
    lsn commit_lsn = 0;  ///< Of its commit record, as `begin` has it.
    lsn end_lsn = 0;     ///< Behind the record: the place from which the next one is asked for.
};

struct column {
    std::string_view name;
    std::uint32_t type = 0;
};

/// What a table looks like; comes before its first row, and again when it has changed.
struct relation {
    std::uint32_t id = 0;
    std::string_view schema;
    std::string_view name;
    std::span<const column> columns;  ///< Valid until the next message is parsed.
};

/// One value of a row.
struct field {
    enum class form : char { null = 'n', text = 't', binary = 'b' };
    form is = form::null;
    std::string_view bytes;
};

struct insert {
    std::uint32_t relation = 0;
    std::span<const field> fields;  ///< Valid until the next message is parsed.
};

/// What `pg_logical_emit_message` wrote.
struct message {
    bool transactional = false;
    std::string_view prefix;
    std::string_view content;
};

/// Of no importance here: where a transaction came from, the name of a type.
struct note {};

using any = std::variant<begin, commit, relation, insert, message, note>;

/// Parses one message at a time.
class parser {
public:
    /// @return `fatal` when the bytes are no such message, or when they tell of anything but
    ///         inserts: an UPDATE, DELETE or TRUNCATE that is published means that the publication
    ///         is not the one that the migration has made.
    result<any> parse(std::string_view bytes);

private:
    result<any> parse_relation(wire_reader& in);
    result<any> parse_insert(wire_reader& in);

    std::vector<column> columns_;
    std::vector<field> fields_;  ///< Kept between rows for its memory.
};

}  // namespace onceward::relay_core::pgoutput
