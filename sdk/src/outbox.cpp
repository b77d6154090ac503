#include "onceward/outbox.hpp"

#include <optional>

#include <fmt/format.h>
#include <pqxx/pqxx>

#include "core/header_codec.hpp"
#include "sql_literal.hpp"

namespace onceward {

namespace {

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

std::string bytes_sql(const std::optional<std::string>& bytes) {
    return bytes ? bytes_literal(*bytes) : "NULL";
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
    check_schema_name(schema_, "outbox_options.schema");
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
