#include "inbox/io/inbound.hpp"

#include "inbox/core/digest.hpp"

namespace onceward::inbox_io {

namespace {

std::string text(const void* data, std::size_t size) {
    return data == nullptr ? std::string{} : std::string(static_cast<const char*>(data), size);
}

std::optional<std::string> optional_text(const void* data, std::size_t size) {
    return data == nullptr ? std::nullopt : std::optional{text(data, size)};
}

std::vector<header> read_headers(const rd_kafka_message_t& m) {
    std::vector<header> out;
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(&m, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return out;
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0;
         rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i) {
        out.push_back({name, text(value, size)});
    }
    return out;
}

message_id::time_point timestamp(const rd_kafka_message_t& m) {
    rd_kafka_timestamp_type_t type{};
    return message_id::time_point{std::chrono::milliseconds{rd_kafka_message_timestamp(&m, &type)}};
}

}  // namespace

std::size_t inbound::bytes() const {
    std::size_t sum = sizeof *this + what.topic.size() + what.type.size();
    if (what.key) sum += what.key->size();
    if (what.payload) sum += what.payload->size();
    for (const auto& h : what.headers) sum += sizeof h + h.name.size() + h.value.size();
    return sum;
}

inbound read_message(const rd_kafka_message_t& m) {
    inbound in;
    in.what.topic = rd_kafka_topic_name(m.rkt);
    in.what.partition = m.partition;
    in.what.offset = m.offset;
    in.what.key = optional_text(m.key, m.key_len);
    in.what.payload = optional_text(m.payload, m.len);
    in.what.headers = read_headers(m);
    in.what.created_at = timestamp(m);
    if (const auto* type = in.what.header_value("type")) in.what.type = *type;
    if (const auto* id = in.what.header_value("id")) {
        in.id_header = *id;
        in.what.id = message_id::parse(*id).value_or(message_id{});
    }
    in.payload_hash = inbox_core::payload_hash(in.what.payload);
    return in;
}

}  // namespace onceward::inbox_io
