#include "onceward/outbox.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <pqxx/pqxx>

#include "core/header_codec.hpp"

namespace onceward {

namespace {

void check_schema(const std::string& name) {
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    if (name.empty() || name.size() > 63 || (name[0] >= '0' && name[0] <= '9') ||
        !std::all_of(name.begin(), name.end(), plain)) {
        throw std::invalid_argument("outbox_options.schema must be [a-z_][a-z0-9_]{0,62}");
    }
}

void check_limits(std::span<const event> events) {
    for (std::size_t i = 0; i < events.size(); ++i) {
        const std::string broken = broken_limit(events[i]);
        if (broken.empty()) continue;
        throw limit_exceeded(
            events.size() == 1
                ? broken + "; the transaction is still usable"
                : fmt::format("event {} of {}: {}; none was sent, the transaction is still usable",
                              i + 1, events.size(), broken));
    }
}

/// Bytes as an SQL expression without a backslash, whose meaning depends on a setting.
std::string bytes_sql(const std::optional<std::string>& bytes) {
    if (!bytes) return "NULL";
    constexpr char digits[] = "0123456789abcdef";
    std::string sql = "decode('";
    sql.reserve(sql.size() + 2 * bytes->size() + 8);
    for (const char c : *bytes) {
        sql += digits[static_cast<unsigned char>(c) >> 4];
        sql += digits[static_cast<unsigned char>(c) & 0x0f];
    }
    return sql + "','hex')";
}

std::string text_sql(const pqxx::transaction_base& tx, const std::string& text) {
    return text.empty() ? "NULL" : tx.quote(text);
}

std::string row_sql(const pqxx::transaction_base& tx, const message_id& id, const event& e) {
    const auto headers = column_headers(e);
    return fmt::format("('{}'::uuid,{},{},{},{},{},{})", id.to_string(), tx.quote(e.topic),
                       bytes_sql(e.key), tx.quote(e.type), bytes_sql(e.payload),
                       text_sql(tx, e.content_type),
                       headers.empty() ? "NULL" : tx.quote(encode_headers(headers)) + "::jsonb");
}

}  // namespace

outbox::outbox(outbox_options options)
    : schema_(std::move(options.schema)), serialize_(options.serialize) {
    check_schema(schema_);
}

message_id outbox::add(pqxx::transaction_base& tx, const event& e) const {
    return add(tx, std::span(&e, 1)).front();
}

// Statements go through `exec`, with quoted values: of libpqxx 6 it is the only call that looks
// whether the transaction is still there. After an error that a caller swallows it is not, and
// `exec_params` would then commit the event by itself, without the business rows.
std::vector<message_id> outbox::add(pqxx::transaction_base& tx,
                                    std::span<const event> events) const {
    check_limits(events);
    std::vector<message_id> ids;
    if (events.empty()) return ids;
    std::string sql = fmt::format(
        "INSERT INTO {}.outbox (id, topic, key, type, payload, content_type, headers) VALUES ",
        schema_);
    for (const auto& e : events) {
        if (serialize_ && e.key) {
            tx.exec(fmt::format("SELECT {}.lock_key({}, {})", schema_, tx.quote(e.topic),
                                bytes_sql(e.key)));
        }
        ids.push_back(e.id ? *e.id : new_message_id());
        if (ids.size() > 1) sql += ',';
        sql += row_sql(tx, ids.back(), e);
    }
    tx.exec(sql);
    return ids;
}

}  // namespace onceward
