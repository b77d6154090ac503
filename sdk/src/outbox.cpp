#include "onceward/outbox.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "core/header_codec.hpp"
#include "pg/pqxx_compat.hpp"

namespace onceward {

namespace {

using pqxx_compat::binary;

constexpr std::string_view columns = "(id, topic, key, type, payload, content_type, headers)";

void check_schema(const std::string& name) {
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    if (name.empty() || name.size() > 63 || (name[0] >= '0' && name[0] <= '9') ||
        !std::all_of(name.begin(), name.end(), plain)) {
        throw std::invalid_argument("outbox_options.schema must be [a-z_][a-z0-9_]{0,62}");
    }
}

void check_limits(const event& e, std::size_t index, std::size_t count) {
    const std::string broken = broken_limit(e);
    if (broken.empty()) return;
    throw limit_exceeded(count == 1
                             ? broken + "; the transaction is still usable"
                             : fmt::format("event {} of {}: {}; none was sent, the transaction "
                                           "is still usable",
                                           index + 1, count, broken));
}

std::optional<std::string> headers_column(const event& e) {
    const auto headers = column_headers(e);
    if (headers.empty()) return std::nullopt;
    return encode_headers(headers);
}

/// A null or the value's text: a parameter that every libpqxx takes.
const char* or_null(const std::optional<std::string>& value) {
    return value ? value->c_str() : nullptr;
}

std::string hex(std::string_view bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text = "\\\\x";
    text.reserve(3 + 2 * bytes.size());
    for (const char c : bytes) {
        text += digits[static_cast<unsigned char>(c) >> 4];
        text += digits[static_cast<unsigned char>(c) & 0x0f];
    }
    return text;
}

/// One of the parallel arrays of a batch, in PostgreSQL's text form.
class array_text {
public:
    void add(std::string_view element) {
        separate();
        text_ += '"';
        for (const char c : element) {
            if (c == '"' || c == '\\') text_ += '\\';
            text_ += c;
        }
        text_ += '"';
    }
    void add_bytes(const std::optional<std::string>& element) {
        separate();
        text_ += element ? '"' + hex(*element) + '"' : "NULL";
    }
    void add_optional(const std::optional<std::string>& element) {
        if (element) return add(*element);
        separate();
        text_ += "NULL";
    }
    [[nodiscard]] std::string done() const { return text_ + '}'; }

private:
    void separate() {
        if (text_.size() > 1) text_ += ',';
    }
    std::string text_ = "{";
};

std::optional<std::string> non_empty(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace

outbox::outbox(outbox_options options) : serialize_(options.serialize) {
    check_schema(options.schema);
    insert_one_ = fmt::format(
        "INSERT INTO {}.outbox {} VALUES ($1::uuid, $2, $3::bytea, $4, $5::bytea, $6, $7::jsonb)",
        options.schema, columns);
    // unnest keeps the arrays' order, so the sequence numbers rise with it.
    insert_many_ = fmt::format(
        "INSERT INTO {}.outbox {} SELECT * FROM unnest($1::uuid[], $2::text[], $3::bytea[], "
        "$4::text[], $5::bytea[], $6::text[], $7::jsonb[])",
        options.schema, columns);
    lock_key_ = fmt::format("SELECT {}.lock_key($1, $2::bytea)", options.schema);
}

message_id outbox::add(pqxx::transaction_base& tx, const event& e) const {
    check_limits(e, 0, 1);
    const message_id id = e.id ? *e.id : new_message_id();
    if (serialize_ && e.key) pqxx_compat::exec(tx, lock_key_, e.topic, binary(*e.key));
    const auto headers = headers_column(e);
    const auto content_type = non_empty(e.content_type);
    const auto insert = [&](auto&& key, auto&& payload) {
        pqxx_compat::exec(tx, insert_one_, id.to_string(), e.topic, key, e.type, payload,
                          or_null(content_type), or_null(headers));
    };
    constexpr const char* null = nullptr;
    if (e.key && e.payload) insert(binary(*e.key), binary(*e.payload));
    if (e.key && !e.payload) insert(binary(*e.key), null);
    if (!e.key && e.payload) insert(null, binary(*e.payload));
    if (!e.key && !e.payload) insert(null, null);
    return id;
}

std::vector<message_id> outbox::add(pqxx::transaction_base& tx,
                                    std::span<const event> events) const {
    for (std::size_t i = 0; i < events.size(); ++i) check_limits(events[i], i, events.size());
    std::vector<message_id> ids;
    if (events.empty()) return ids;
    array_text id_array, topics, keys, types, payloads, content_types, headers;
    for (const auto& e : events) {
        ids.push_back(e.id ? *e.id : new_message_id());
        id_array.add(ids.back().to_string());
        topics.add(e.topic);
        keys.add_bytes(e.key);
        types.add(e.type);
        payloads.add_bytes(e.payload);
        content_types.add_optional(non_empty(e.content_type));
        headers.add_optional(headers_column(e));
        if (serialize_ && e.key) pqxx_compat::exec(tx, lock_key_, e.topic, binary(*e.key));
    }
    pqxx_compat::exec(tx, insert_many_, id_array.done(), topics.done(), keys.done(), types.done(),
                      payloads.done(), content_types.done(), headers.done());
    return ids;
}

}  // namespace onceward
