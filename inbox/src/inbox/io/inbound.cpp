#include "inbox/io/inbound.hpp"

#include "inbox/core/digest.hpp"
#include "kafka/incoming.hpp"

namespace onceward::inbox_io {

namespace {

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
    in.what.key = kafka::bytes_of(m.key, m.key_len);
    in.what.payload = kafka::bytes_of(m.payload, m.len);
    in.what.headers = kafka::headers_of(m);
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
